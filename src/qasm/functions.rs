//! The functions that OpenQASM defines ("Built-in constant expression functions").

use std::rc::Rc;

use super::arithmetic::binary;
use super::convert::convert;
use super::lex::Sym;
use super::value::{Bit, Kind, Value, float, made_of};

/// Calls a function by its name; nothing if there is none of this name. In OpenQASM 2 there are fewer.
pub fn call(name: &str, version: u32, args: &[Value]) -> Option<Result<Value, String>> {
    let known: &[(&str, usize)] = match version {
        2 => &[
            ("sin", 1),
            ("cos", 1),
            ("tan", 1),
            ("exp", 1),
            ("ln", 1),
            ("sqrt", 1),
            ("asin", 1),
            ("acos", 1),
            ("atan", 1),
        ],
        _ => &[
            ("sin", 1),
            ("cos", 1),
            ("tan", 1),
            ("exp", 1),
            ("log", 1),
            ("sqrt", 1),
            ("arcsin", 1),
            ("arccos", 1),
            ("arctan", 1),
            ("ceiling", 1),
            ("floor", 1),
            ("mod", 2),
            ("pow", 2),
            ("popcount", 1),
            ("rotl", 2),
            ("rotr", 2),
            ("sizeof", 0),
        ],
    };
    let &(_, count) = known.iter().find(|(known, _)| *known == name)?;
    if count > 0 && args.len() != count {
        return Some(Err(format!("'{name}' takes {count} values, not {}", args.len())));
    }
    Some(by_case(args, &|args| one(name, args)))
}

/// Calls it in each case that outcomes may bring.
fn by_case(args: &[Value], work: &dyn Fn(&[Value]) -> Result<Value, String>) -> Result<Value, String> {
    let Some(open) = args.iter().position(Value::is_open) else { return work(args) };
    let mut cases = Vec::new();
    for (cond, value) in args[open].cases()? {
        let mut args = args.to_vec();
        args[open] = value;
        let made = made_of(by_case(&args, work));
        for (also, value) in made.cases()? {
            cases.extend(super::value::both(&cond, &also).map(|cond| (cond, value)));
        }
    }
    Value::of_cases(cases)
}

fn one(name: &str, args: &[Value]) -> Result<Value, String> {
    match (name, args) {
        ("sizeof", [array, rest @ ..]) => return sizeof(array, rest),
        ("popcount", [value]) => {
            let count = bits(value)?.iter().filter(|bit| **bit == Bit::Known(true)).count();
            return Ok(Value::Int { value: count as i128, signed: false, width: None });
        }
        ("rotl" | "rotr", [value, by]) => return rotated(value, by, name == "rotl"),
        ("mod", [a, b]) if a.whole().is_some() && b.whole().is_some() => {
            return binary(Sym::Remainder, a, b);
        }
        ("pow", [a, b]) => return binary(Sym::Power, a, b),
        _ => {}
    }
    let numbers: Option<Vec<f64>> = args.iter().map(Value::number).collect();
    let Some(numbers) = numbers else {
        return Err(match args.iter().find(|value| value.number().is_none()) {
            Some(Value::Affine(_)) => {
                format!("'{name}' of an input is not read: it is known only when the circuit runs")
            }
            Some(other) => format!("'{name}' is not for {}", other.kind()),
            None => format!("'{name}' needs a value"),
        });
    };
    let value = match (name, &numbers[..]) {
        ("sin", [x]) => x.sin(),
        ("cos", [x]) => x.cos(),
        ("tan", [x]) => x.tan(),
        ("exp", [x]) => x.exp(),
        ("ln" | "log", [x]) => x.ln(),
        ("sqrt", [x]) => x.sqrt(),
        ("arcsin" | "asin", [x]) => x.asin(),
        ("arccos" | "acos", [x]) => x.acos(),
        ("arctan" | "atan", [x]) => x.atan(),
        ("ceiling", [x]) => x.ceil(),
        ("floor", [x]) => x.floor(),
        ("mod", [x, y]) => x % y,
        _ => return Err(format!("'{name}' takes other values")),
    };
    match value.is_finite() {
        true => Ok(float(value)),
        false => Err(format!("'{name}' has no finite value here")),
    }
}

fn sizeof(array: &Value, rest: &[Value]) -> Result<Value, String> {
    let dimension = match rest {
        [] => 0,
        [dimension] => dimension.whole().ok_or("the second value of 'sizeof' is a whole number")?,
        _ => return Err("'sizeof' takes an array and one of its dimensions".to_owned()),
    };
    let mut inner = array;
    for _ in 0..dimension {
        match inner {
            Value::List(values) if !values.is_empty() => inner = &values[0],
            _ => return Err(format!("the array has no dimension {dimension}")),
        }
    }
    match inner {
        Value::List(values) if dimension >= 0 => {
            Ok(Value::Int { value: values.len() as i128, signed: false, width: None })
        }
        other => Err(format!("'sizeof' is for arrays, not for {}", other.kind())),
    }
}

fn bits(value: &Value) -> Result<Rc<[Bit]>, String> {
    match value {
        Value::Bits(bits) => Ok(bits.clone()),
        &Value::Int { width: Some(width), .. } | &Value::Angle { width, .. } => {
            match convert(value, Kind::Bits(width as usize))? {
                Value::Bits(bits) => Ok(bits),
                _ => Err("this has no bits".to_owned()),
            }
        }
        &Value::Int { value, .. } if value >= 0 => {
            Ok((0..64).map(|place| Bit::Known(value >> place & 1 == 1)).collect())
        }
        Value::Bool(value) => Ok([Bit::Known(*value)].into()),
        other => Err(format!("{} without a size has no bits", other.kind())),
    }
}

fn rotated(value: &Value, by: &Value, left: bool) -> Result<Value, String> {
    let by = by.whole().ok_or("a rotation is by a whole number of places")?;
    let bits = match value {
        Value::Int { width: None, .. } => {
            return Err("a whole number without a size is not rotated: declare it as uint[n]".to_owned());
        }
        _ => bits(value)?,
    };
    let size = bits.len() as i128;
    let by = if left { -by } else { by };
    let turned: Rc<[Bit]> =
        (0..size).map(|place| bits[(place + by).rem_euclid(size) as usize].clone()).collect();
    match *value {
        Value::Int { signed, width, .. } => convert(&Value::Bits(turned), Kind::Int { signed, width }),
        Value::Angle { width, .. } => convert(&Value::Bits(turned), Kind::Angle { width }),
        _ => Ok(Value::Bits(turned)),
    }
}

/// The positions that an index names in something of this length: negative ones count from the end.
pub fn places(index: &Value, size: usize) -> Result<Vec<usize>, String> {
    let place = |value: i128| {
        let from = if value < 0 { value + size as i128 } else { value };
        match usize::try_from(from) {
            Ok(place) if place < size => Ok(place),
            _ => Err(format!(
                "the index {value} is out of range: it goes from 0 to {}",
                size.saturating_sub(1)
            )),
        }
    };
    match index {
        Value::Range([start, step, stop]) => {
            let step = step.unwrap_or(1);
            let last = size as i128 - 1;
            let (first, end) = if step > 0 { (0, last) } else { (last, 0) };
            let turn = |value: Option<i128>, other| match value {
                Some(value) if value < 0 => value + size as i128,
                Some(value) => value,
                None => other,
            };
            let values = range(turn(*start, first), step, turn(*stop, end), size.saturating_add(1))?;
            match values.is_empty() {
                true => Err("this range is empty: a register needs at least one place".to_owned()),
                false => values.into_iter().map(place).collect(),
            }
        }
        Value::List(values) => values
            .iter()
            .map(|value| place(value.whole().ok_or("an index is a whole number")?))
            .collect(),
        other => match other.whole() {
            Some(value) => Ok(vec![place(value)?]),
            None if other.is_open() => {
                Err("an index that depends on outcomes is not read: use 'if' or 'switch'".to_owned())
            }
            None => Err(format!("an index is a whole number, a range or a set, not {}", other.kind())),
        },
    }
}

/// The numbers of a range, both ends included; at most `most` of them.
pub fn range(start: i128, step: i128, stop: i128, most: usize) -> Result<Vec<i128>, String> {
    if step == 0 {
        return Err("the step of a range is not 0".to_owned());
    }
    let rounds = (stop - start) / step;
    if (stop - start).signum() * step.signum() < 0 {
        return Ok(Vec::new());
    }
    match usize::try_from(rounds) {
        Ok(rounds) if rounds < most => Ok((0..=rounds as i128).map(|i| start + i * step).collect()),
        _ => Err(format!("this range has more than {most} places")),
    }
}

/// What a range that a loop goes through is made of.
pub fn bounds(range: &[Option<i128>; 3]) -> Result<(i128, i128, i128), String> {
    match *range {
        [Some(start), step, Some(stop)] => Ok((start, step.unwrap_or(1), stop)),
        _ => Err("a range that a loop goes through has a start and a stop".to_owned()),
    }
}
