//! The operators of expressions.

use std::rc::Rc;

use super::convert::{convert, rounded, wrapped};
use super::lex::Sym;
use super::value::Value::{Angle, Bool, Float, Int};
use super::value::{Affine, Bit, Cond, Kind, MAX_CASES, Value, as_bool, both, few, float, int, made_of};

/// An operator on one value.
pub fn unary(sym: Sym, value: &Value) -> Result<Value, String> {
    if let Value::Failed(why) = value {
        return Err(why.to_string());
    }
    if let (Sym::Flip, Value::Bits(bits)) = (sym, value) {
        let flip = |bit: &Bit| Bit::of(bit.value().each(|bit| Ok(Bool(!bit.truth()?)))?);
        return Ok(Value::Bits(bits.iter().map(flip).collect::<Result<_, _>>()?));
    }
    if sym == Sym::Not {
        return as_bool(value)?.each(|value| Ok(Bool(!value.truth()?)));
    }
    if value.is_open() {
        return value.each(|value| unary(sym, value));
    }
    match (sym, value) {
        (Sym::Minus, Float { value, single }) => Ok(Float { value: -value, single: *single }),
        (Sym::Minus, Int { value, signed, width }) => checked(-value, *signed, *width),
        (Sym::Minus, Bool(value)) => Ok(int(-i128::from(*value))),
        (Sym::Minus, Angle { value, width }) => Ok(masked(value.wrapping_neg(), *width)),
        (Sym::Minus, Value::Affine(affine)) => Ok(scaled(affine, -1.0)),
        (Sym::Flip, Int { value, signed, width }) => Ok(wrapped(!value, *signed, *width)),
        (Sym::Flip, Angle { value, width }) => Ok(masked(!value, *width)),
        (Sym::Flip, Bool(value)) => Ok(Bool(!value)),
        _ => Err(format!("'{}' is not for {}", if sym == Sym::Flip { "~" } else { "-" }, value.kind())),
    }
}

fn masked(value: u64, width: u32) -> Value {
    Angle { value: if width == 64 { value } else { value & ((1 << width) - 1) }, width }
}

/// The result of signed arithmetic must fit; that of unsigned arithmetic wraps.
fn checked(value: i128, signed: bool, width: Option<u32>) -> Result<Value, String> {
    let bits = width.unwrap_or(64);
    if signed && !(-(1i128 << (bits - 1))..1i128 << (bits - 1)).contains(&value) {
        return Err(format!("the result {value} does not fit a whole number of {bits} bits"));
    }
    Ok(wrapped(value, signed, width))
}

fn scaled(affine: &Affine, factor: f64) -> Value {
    let terms = affine.terms.iter().map(|&(place, by)| (place, by * factor)).collect();
    Value::Affine(Rc::new(Affine { offset: affine.offset * factor, terms }))
}

/// An operator on two values.
pub fn binary(sym: Sym, a: &Value, b: &Value) -> Result<Value, String> {
    use Sym::*;
    if let (Value::Failed(why), _) | (_, Value::Failed(why)) = (a, b) {
        return Err(why.to_string());
    }
    if matches!(a, Value::Unset) || matches!(b, Value::Unset) {
        return Err("a variable is used that has no value yet".to_owned());
    }
    if let And | Or = sym {
        let (a, b) = (as_bool(a)?, as_bool(b)?);
        return by_case(&a, &b, |a, b| {
            let (a, b) = (a.truth()?, b.truth()?);
            Ok(Bool(if sym == And { a && b } else { a || b }))
        });
    }
    let compares = matches!(sym, Same | Differs | Less | LessSame | Greater | GreaterSame);
    match (a, b) {
        (Value::Bits(one), Value::Bits(two)) => return bits_and_bits(sym, one, two),
        (Value::Bits(bits), Int { .. } | Bool(_)) if compares => return compare_with(sym, bits, b),
        (Int { .. } | Bool(_), Value::Bits(bits)) if compares => {
            return compare_with(turned(sym), bits, a);
        }
        (Value::Bits(bits), _) if matches!(sym, Left | Right) && !b.is_open() => {
            let by =
                b.whole().filter(|by| *by >= 0).ok_or("bits are shifted by a whole number of places")?;
            return Ok(shifted(bits, if sym == Left { -by } else { by }));
        }
        _ => {}
    }
    if a.is_open() || b.is_open() {
        return by_case(a, b, |a, b| binary(sym, a, b));
    }
    if let Value::Bits(bits) = a {
        let width = Some(bits.len() as u32);
        return binary(sym, &convert(a, Kind::Int { signed: false, width })?, b);
    }
    if let Value::Bits(bits) = b {
        let width = Some(bits.len() as u32);
        return binary(sym, a, &convert(b, Kind::Int { signed: false, width })?);
    }
    match (a, b) {
        (Value::Affine(_), _) | (_, Value::Affine(_)) => affine(sym, a, b),
        (Angle { .. }, _) | (_, Angle { .. }) => angles(sym, a, b),
        (Value::Time(one), Value::Time(two)) => times(sym, *one, *two),
        (Value::Time(Some(time)), _) | (_, Value::Time(Some(time))) => {
            let other = if matches!(a, Value::Time(_)) { b } else { a };
            match (sym, other.number(), matches!(a, Value::Time(_))) {
                (Times, Some(by), _) => Ok(Value::Time(Some(time * by))),
                (Over, Some(by), true) => Ok(Value::Time(Some(time / by))),
                _ => Err("times are added, subtracted, scaled and divided only".to_owned()),
            }
        }
        (Value::Time(None), _) | (_, Value::Time(None)) => Ok(Value::Time(None)),
        (Float { .. }, _) | (_, Float { .. }) => floats(sym, a, b),
        (Int { .. } | Bool(_), Int { .. } | Bool(_)) => ints(sym, a, b),
        _ => Err(format!("there is no such operator between {} and {}", a.kind(), b.kind())),
    }
}

/// The comparison with its sides exchanged.
fn turned(sym: Sym) -> Sym {
    match sym {
        Sym::Less => Sym::Greater,
        Sym::LessSame => Sym::GreaterSame,
        Sym::Greater => Sym::Less,
        Sym::GreaterSame => Sym::LessSame,
        other => other,
    }
}

fn by_case(
    a: &Value,
    b: &Value,
    work: impl Fn(&Value, &Value) -> Result<Value, String>,
) -> Result<Value, String> {
    let (one, two) = (a.cases()?, b.cases()?);
    if one.len() * two.len() > 16 * MAX_CASES {
        few(one.len() * two.len())?;
    }
    let mut cases = Vec::new();
    for (cond, a) in &one {
        for (also, b) in &two {
            if let Some(cond) = both(cond, also) {
                cases.push((cond, made_of(work(a, b))));
            }
        }
    }
    Value::of_cases(cases)
}

/// A number plus multiples of inputs, of a number or of such an expression.
fn as_affine(value: &Value) -> Option<Affine> {
    match value {
        Value::Affine(affine) => Some((**affine).clone()),
        other => other.number().map(|offset| Affine { offset, terms: Vec::new() }),
    }
}

fn affine(sym: Sym, a: &Value, b: &Value) -> Result<Value, String> {
    let limit =
        "an input is known only when the circuit runs: it can be added to and multiplied by numbers";
    let (Some(one), Some(two)) = (as_affine(a), as_affine(b)) else { return Err(limit.to_owned()) };
    match sym {
        Sym::Plus | Sym::Minus => {
            let sign = if sym == Sym::Plus { 1.0 } else { -1.0 };
            let mut sum = one;
            sum.offset += sign * two.offset;
            for (place, factor) in two.terms {
                match sum.terms.iter_mut().find(|(known, _)| *known == place) {
                    Some((_, known)) => *known += sign * factor,
                    None => sum.terms.push((place, sign * factor)),
                }
            }
            Ok(Value::Affine(Rc::new(sum)))
        }
        Sym::Times if one.terms.is_empty() => Ok(scaled(&two, one.offset)),
        Sym::Times if two.terms.is_empty() => Ok(scaled(&one, two.offset)),
        Sym::Over if two.terms.is_empty() && two.offset != 0.0 => {
            let terms = one.terms.iter().map(|&(place, by)| (place, by / two.offset)).collect();
            Ok(Value::Affine(Rc::new(Affine { offset: one.offset / two.offset, terms })))
        }
        _ => Err(limit.to_owned()),
    }
}

fn angles(sym: Sym, a: &Value, b: &Value) -> Result<Value, String> {
    use Sym::*;
    if let (Angle { value, width }, Int { value: by, .. }) = (a, b) {
        let by =
            u64::try_from(*by).map_err(|_| "an angle goes with whole numbers that are not negative")?;
        return match sym {
            Times => Ok(masked(value.wrapping_mul(by), *width)),
            Over if by != 0 => Ok(Angle { value: value / by, width: *width }),
            Over => Err("this divides by zero".to_owned()),
            Left => Ok(masked(if by < 64 { value << by } else { 0 }, *width)),
            Right => Ok(Angle { value: if by < 64 { value >> by } else { 0 }, width: *width }),
            _ => Err(
                "an angle is multiplied, divided and shifted by whole numbers; write 2.0 for a real one"
                    .to_owned(),
            ),
        };
    }
    if let (Int { .. }, Angle { .. }, Times) = (a, b, sym) {
        return angles(Times, b, a);
    }
    let width = match (a, b) {
        (Angle { width: one, .. }, Angle { width: two, .. }) => *one.max(two),
        (Angle { width, .. }, _) | (_, Angle { width, .. }) => *width,
        _ => 64,
    };
    if matches!((a, b), (Float { .. }, _) | (_, Float { .. })) && matches!(sym, Times | Over | Power) {
        return Err(
            "an angle is multiplied and divided by whole numbers only: declare it as float".to_owned()
        );
    }
    let to = Kind::Angle { width };
    let (Angle { value: one, .. }, Angle { value: two, .. }) = (convert(a, to)?, convert(b, to)?) else {
        return Err("this is no angle".to_owned());
    };
    Ok(match sym {
        Plus => masked(one.wrapping_add(two), width),
        Minus => masked(one.wrapping_sub(two), width),
        Over if two != 0 => Int { value: i128::from(one / two), signed: false, width: Some(width) },
        Over => return Err("this divides by zero".to_owned()),
        BitAnd => Angle { value: one & two, width },
        BitOr => Angle { value: one | two, width },
        Xor => Angle { value: one ^ two, width },
        _ => Bool(compared(sym, one.cmp(&two)).ok_or("this operator is not for angles")?),
    })
}

fn times(sym: Sym, a: Option<f64>, b: Option<f64>) -> Result<Value, String> {
    let both = a.zip(b);
    match sym {
        Sym::Plus => Ok(Value::Time(both.map(|(a, b)| a + b))),
        Sym::Minus => Ok(Value::Time(both.map(|(a, b)| a - b))),
        Sym::Over => both.map(|(a, b)| float(a / b)).ok_or("'dt' has no length in seconds".to_owned()),
        _ => Err("times are added, subtracted, scaled and divided only".to_owned()),
    }
}

fn compared(sym: Sym, order: std::cmp::Ordering) -> Option<bool> {
    Some(match sym {
        Sym::Same => order.is_eq(),
        Sym::Differs => order.is_ne(),
        Sym::Less => order.is_lt(),
        Sym::LessSame => order.is_le(),
        Sym::Greater => order.is_gt(),
        Sym::GreaterSame => order.is_ge(),
        _ => return None,
    })
}

fn floats(sym: Sym, a: &Value, b: &Value) -> Result<Value, String> {
    use Sym::*;
    let single = |value: &Value| match value {
        Float { single, .. } => Some(*single),
        _ => None,
    };
    let single = single(a).unwrap_or(true) && single(b).unwrap_or(true);
    let (Some(one), Some(two)) = (a.number(), b.number()) else {
        return Err(format!("there is no such operator between {} and {}", a.kind(), b.kind()));
    };
    let value = match sym {
        Plus => one + two,
        Minus => one - two,
        Times => one * two,
        Over if two == 0.0 => return Err("this divides by zero".to_owned()),
        Over => one / two,
        Power => one.powf(two),
        Remainder => return Err("'%' is for whole numbers: use mod(a, b)".to_owned()),
        _ => {
            let order = one.partial_cmp(&two).ok_or("this compares what is no number")?;
            return Ok(Bool(
                compared(sym, order).ok_or("bits of real numbers are not to be had: use int")?,
            ));
        }
    };
    match value.is_finite() {
        true => Ok(rounded(value, single)),
        false => Err("the result is no finite number".to_owned()),
    }
}

fn ints(sym: Sym, a: &Value, b: &Value) -> Result<Value, String> {
    use Sym::*;
    let facts = |value: &Value| match value {
        Int { value, signed, width } => (*value, *signed, *width),
        _ => (value.whole().unwrap_or(0), true, Some(1)),
    };
    let ((one, sign_a, width_a), (two, sign_b, width_b)) = (facts(a), facts(b));
    if matches!(sym, BitAnd | BitOr | Xor) && matches!((a, b), (Bool(_), Bool(_))) {
        return Ok(Bool(
            match sym {
                BitAnd => one & two,
                BitOr => one | two,
                _ => one ^ two,
            } == 1,
        ));
    }
    // The usual conversions of C99: the wider type, and of two as wide the one without a sign. A truth value
    // takes the type of the other side.
    let (signed, width) = match (a, b) {
        (Bool(_), Bool(_)) => (true, None),
        (Bool(_), _) => (sign_b, width_b),
        (_, Bool(_)) => (sign_a, width_a),
        _ => {
            let size = |width: Option<u32>| width.unwrap_or(64);
            let wider = if size(width_a) >= size(width_b) { width_a } else { width_b };
            let any = |signed: bool, width: Option<u32>| !signed && size(width) == size(wider);
            let width = if width_a.is_none() && size(wider) == 64 { None } else { wider };
            (!(any(sign_a, width_a) || any(sign_b, width_b)), width)
        }
    };
    let as_common = |value: i128| match wrapped(value, signed, width) {
        Int { value, .. } => value,
        _ => value,
    };
    if let Left | Right = sym {
        let by =
            u32::try_from(two).map_err(|_| "a number is shifted by places that are not negative")?;
        let value = match sym {
            Left if by < 64 => one << by,
            Left => 0,
            _ => one >> by.min(127),
        };
        let (signed, width) = if matches!(a, Bool(_)) { (true, None) } else { (sign_a, width_a) };
        return Ok(wrapped(value, signed, width));
    }
    let (one, two) = (as_common(one), as_common(two));
    let value = match sym {
        Plus => one + two,
        Minus => one - two,
        // What has no sign wraps.
        Times if !signed => return Ok(wrapped(product(one, two), signed, width)),
        Times => one.checked_mul(two).ok_or("the result has too many digits")?,
        Over | Remainder if two == 0 => return Err("this divides by zero".to_owned()),
        Over => one / two,
        Remainder => one % two,
        Power if two < 0 => {
            return floats(Power, &float(one as f64), &float(two as f64));
        }
        Power => {
            let exponent = u32::try_from(two).map_err(|_| "the power is too large")?;
            match (one, exponent) {
                (0 | 1, _) => {
                    if exponent == 0 {
                        1
                    } else {
                        one
                    }
                }
                (-1, _) => {
                    if exponent % 2 == 0 {
                        1
                    } else {
                        -1
                    }
                }
                _ if !signed => {
                    let (mut result, mut square, mut rest) = (1, one, exponent);
                    while rest > 0 {
                        if rest & 1 == 1 {
                            result = product(result, square);
                        }
                        (square, rest) = (product(square, square), rest >> 1);
                    }
                    return Ok(wrapped(result, signed, width));
                }
                _ => one.checked_pow(exponent).ok_or("the result has too many digits")?,
            }
        }
        BitAnd => one & two,
        BitOr => one | two,
        Xor => one ^ two,
        _ => {
            return Ok(Bool(
                compared(sym, one.cmp(&two)).ok_or("this operator is not for whole numbers")?,
            ));
        }
    };
    checked(value, signed, width)
}

/// The last 64 bits of a product of numbers without a sign.
fn product(a: i128, b: i128) -> i128 {
    (a as u128).wrapping_mul(b as u128) as i128 & ((1 << 64) - 1)
}

/// Operators between registers, bit by bit.
fn bits_and_bits(sym: Sym, a: &[Bit], b: &[Bit]) -> Result<Value, String> {
    use Sym::*;
    if matches!(sym, Same | Differs | Less | LessSame | Greater | GreaterSame) {
        if a.len() == b.len() {
            return compare_bits(sym, a, b);
        }
        return Err(format!(
            "registers of {} and {} bits are not compared: take a slice",
            a.len(),
            b.len()
        ));
    }
    if !matches!(sym, BitAnd | BitOr | Xor) {
        return Err("this operator is not for registers: convert them, as in int(c)".to_owned());
    }
    if a.len() != b.len() {
        return Err(format!(
            "registers of {} and {} bits do not go together: take a slice",
            a.len(),
            b.len()
        ));
    }
    let pairs = a.iter().zip(b);
    let made = pairs.map(|(a, b)| Bit::of(by_case(&a.value(), &b.value(), |a, b| ints(sym, a, b))?));
    Ok(Value::Bits(made.collect::<Result<_, _>>()?))
}

/// Bits moved by some places towards the first, or away from it if negative.
pub fn shifted(bits: &[Bit], by: i128) -> Value {
    let at = |place: usize| match usize::try_from(place as i128 + by) {
        Ok(from) if from < bits.len() => bits[from].clone(),
        _ => Bit::Known(false),
    };
    Value::Bits((0..bits.len()).map(at).collect())
}

/// Compares a register with a number.
fn compare_with(sym: Sym, bits: &[Bit], number: &Value) -> Result<Value, String> {
    let number = number.whole().ok_or("this is no whole number")?;
    let size = bits.len().min(127);
    if number < 0 || (size < 127 && number >= 1 << size) {
        let order = if number < 0 { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
        return Ok(Bool(compared(sym, order).ok_or("this is no comparison")?));
    }
    let wanted = |place: usize| Bit::Known(place < 127 && number >> place & 1 == 1);
    let other: Vec<Bit> = (0..bits.len()).map(wanted).collect();
    compare_bits(sym, bits, &other)
}

/// Compares two registers of one size, from the most significant bit on: once two bits differ, the rest does
/// not matter, so that a comparison with a number has one case for each bit and one more.
pub fn compare_bits(sym: Sym, a: &[Bit], b: &[Bit]) -> Result<Value, String> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let result = |order| compared(sym, order).map(Bool).ok_or("this is no comparison".to_owned());
    let mut same = vec![Cond::new()];
    let mut cases = Vec::new();
    for (a, b) in a.iter().zip(b).rev() {
        let pairs = by_case(&a.value(), &b.value(), |a, b| {
            Ok(int(match a.truth()?.cmp(&b.truth()?) {
                Less => -1,
                Equal => 0,
                Greater => 1,
            }))
        })?;
        let mut still = Vec::new();
        for cond in &same {
            for (also, order) in pairs.cases()? {
                let Some(cond) = both(cond, &also) else { continue };
                match order.whole() {
                    Some(0) => still.push(cond),
                    Some(1) => cases.push((cond, result(Greater)?)),
                    _ => cases.push((cond, result(Less)?)),
                }
            }
        }
        same = still;
        few(same.len() + cases.len())?;
    }
    for cond in same {
        cases.push((cond, result(Equal)?));
    }
    Value::of_cases(cases)
}
