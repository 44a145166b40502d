//! Values as values of other types, by the casts of OpenQASM 3 ("Casting specifics").

use std::f64::consts::TAU;

use super::value::Value::{Angle, Bool, Float, Int};
use super::value::{Bit, Kind, Value, as_bool};

/// A whole number in this many bits.
pub fn wrapped(value: i128, signed: bool, width: Option<u32>) -> Value {
    let bits = width.unwrap_or(64);
    let low = value & ((1i128 << bits) - 1);
    let value = if signed && low >> (bits - 1) & 1 == 1 { low - (1i128 << bits) } else { low };
    Int { value, signed, width }
}

pub fn rounded(value: f64, single: bool) -> Value {
    Float { value: if single { f64::from(value as f32) } else { value }, single }
}

/// The nearest angle, ties to even; an angle in radians may be any number.
fn to_angle(radians: f64, width: u32) -> Value {
    // The remainder is exact.
    let part = (radians % TAU) / TAU;
    let part = if part < 0.0 { 1.0 + part } else { part };
    let units = (part * 2f64.powi(width as i32)).round_ties_even();
    let value = if units >= 2f64.powi(width as i32) { 0 } else { units as u64 };
    Angle { value, width }
}

/// An angle with another width.
fn resized(value: u64, from: u32, to: u32) -> Value {
    if to >= from {
        return Angle { value: value << (to - from), width: to };
    }
    let shift = from - to;
    let (kept, rest, half) = (value >> shift, value & ((1 << shift) - 1), 1u64 << (shift - 1));
    let up = rest > half || (rest == half && kept & 1 == 1);
    let mask = if to == 64 { u64::MAX } else { (1 << to) - 1 };
    Angle { value: (kept + u64::from(up)) & mask, width: to }
}

/// Bits of a number in two's complement, the least significant first.
fn bits_of(value: i128, width: u32) -> Value {
    Value::Bits((0..width).map(|place| Bit::Known(value >> place.min(127) & 1 == 1)).collect())
}

/// A value as one of a type, by the casts of OpenQASM 3 ("Casting specifics").
pub fn convert(value: &Value, to: Kind) -> Result<Value, String> {
    if matches!(value, Value::Unset) {
        return Ok(Value::Unset);
    }
    if let Value::Failed(why) = value {
        return Err(why.to_string());
    }
    if let (Value::Bits(bits), Kind::Bits(size)) = (value, to) {
        return match bits.len() == size {
            true => Ok(value.clone()),
            false => Err(format!(
                "a register of {} bits does not fit one of {size}: take a slice of the longer one",
                bits.len()
            )),
        };
    }
    if let (Value::Bits(bits), Kind::Bool) = (value, to) {
        return if bits.len() == 1 { Ok(bits[0].value()) } else { as_bool(value) };
    }
    if let Value::Affine(_) = value {
        return match to {
            Kind::Float { single: false } | Kind::Angle { width: 64 } => Ok(value.clone()),
            Kind::Float { .. } | Kind::Angle { .. } => Err(
                "an input is known only when the circuit runs, and cannot be rounded: leave the size of the type out"
                    .to_owned(),
            ),
            _ => Err(format!(
                "{} is a real number that is known only when the circuit runs",
                value.kind()
            )),
        };
    }
    if value.is_open() {
        if let (Value::Cases(_), Kind::Bits(size)) = (value, to) {
            return open_bits(value, size);
        }
        return value.each(|value| convert(value, to));
    }
    let refused = |limit: &str| Err(format!("{} does not become {limit}", value.kind()));
    match (value, to) {
        (
            Value::List(_)
            | Value::Range(_)
            | Value::Qubit(_)
            | Value::Qubits(_)
            | Value::Unset
            | Value::Affine(_)
            | Value::Cases(_)
            | Value::Failed(_),
            _,
        )
        | (Value::Bits(_), Kind::Bits(_)) => refused("that"),
        (Value::Time(_), Kind::Time) => Ok(value.clone()),
        (Value::Time(_), _) | (_, Kind::Time) => refused("a time, or a time anything else"),
        (_, Kind::Bool) => value.truth().map(Bool),
        (Angle { value, width }, Kind::Angle { width: to }) => Ok(resized(*value, *width, to)),
        (Angle { value, width }, Kind::Bits(size)) if *width as usize == size => {
            Ok(bits_of(i128::from(*value), *width))
        }
        (Angle { .. }, _) => refused("that: an angle becomes only a bool, or as many bits as it has"),
        (Value::Bits(bits), Kind::Angle { width }) if bits.len() == width as usize => {
            let value = value.whole().ok_or("an angle has at most 64 bits")?;
            Ok(Angle { value: value as u64, width })
        }
        (Value::Bits(bits), Kind::Int { signed, width }) => {
            let size = bits.len();
            let Some(whole) = value.whole() else {
                return Err(format!("{size} bits are too many for a whole number: take a slice"));
            };
            match width {
                Some(width) if (width as usize) < size => {
                    Err(format!("{size} bits do not fit a whole number of {width}: take a slice"))
                }
                _ => Ok(wrapped(whole, signed, width)),
            }
        }
        (Value::Bits(_), Kind::Float { .. } | Kind::Angle { .. }) => {
            refused("that: convert it to int or uint first")
        }
        (Float { value, .. }, Kind::Angle { width }) => Ok(to_angle(*value, width)),
        (Int { value: 0, .. }, Kind::Angle { width }) => Ok(Angle { value: 0, width }),
        (Bool(_) | Int { .. }, Kind::Angle { .. }) => {
            refused("an angle: write it with a point, as in 2.0")
        }
        (Float { value, .. }, Kind::Int { signed, width }) => {
            let range = 2f64.powi(width.unwrap_or(64) as i32);
            let whole = value.trunc();
            match whole > -range && whole < range {
                true => Ok(wrapped(whole as i128, signed, width)),
                false => Err(format!("{value} is out of the range of a whole number")),
            }
        }
        (Float { .. }, Kind::Bits(_)) => refused("bits: convert it to int or uint first"),
        (Bool(bit), Kind::Bits(size)) => {
            let rest = std::iter::repeat_n(Bit::Known(false), size.saturating_sub(1));
            Ok(Value::Bits(std::iter::once(Bit::Known(*bit)).chain(rest).take(size).collect()))
        }
        (Int { value, width, .. }, Kind::Bits(size)) => {
            let fits = match width {
                Some(width) => *width as usize == size,
                None => size >= 64 || (0..1i128 << size).contains(value),
            };
            let width = u32::try_from(size).unwrap_or(u32::MAX);
            match fits {
                true => Ok(bits_of(*value, width)),
                false => Err(format!("the whole number {value} is not one of {size} bits")),
            }
        }
        (_, Kind::Int { signed, width }) => {
            Ok(wrapped(value.whole().ok_or("this is no whole number")?, signed, width))
        }
        (_, Kind::Float { single }) => Ok(rounded(value.number().ok_or("this is no number")?, single)),
    }
}

/// Bits, each by itself, of what depends on outcomes.
fn open_bits(value: &Value, size: usize) -> Result<Value, String> {
    let cases = value.cases()?;
    let made = cases.iter().map(|(cond, value)| match convert(value, Kind::Bits(size))? {
        Value::Bits(bits) => Ok((cond, bits)),
        _ => Err("this does not become bits".to_owned()),
    });
    let made = made.collect::<Result<Vec<_>, String>>()?;
    let bit = |place: usize| {
        let cases = made.iter().map(|(cond, bits)| ((*cond).clone(), bits[place].value()));
        Bit::of(Value::of_cases(cases.collect())?)
    };
    Ok(Value::Bits((0..size).map(bit).collect::<Result<_, _>>()?))
}
