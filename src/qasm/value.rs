//! Classical values: what is known while a text is read, and what depends on outcomes of measurements.
//!
//! A value that depends on outcomes is a list of cases: conditions, of which exactly one holds, and the value
//! that each makes. An operation on such values is done case by case, so that there is one arithmetic.

use std::collections::HashMap;
use std::f64::consts::TAU;
use std::rc::Rc;

/// A classical bit of the circuit as it was after this many measurements into it, and the value that it must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    /// The bit.
    pub bit: u32,
    /// How often it had been written.
    pub version: u32,
    /// The value.
    pub value: bool,
}

/// What must all hold, in ascending order of the bits.
pub type Cond = Vec<Literal>;

/// Cases, of which exactly one holds.
pub type Cases = Rc<[(Cond, Value)]>;

/// The number of cases, at most: more would be more operations than a circuit should have for one line.
pub const MAX_CASES: usize = 4096;

/// How many literals may be looked at to decide one condition.
const MAX_EFFORT: usize = 1 << 20;

const TOO_HARD: &str = "this depends on too many outcomes at once: compare fewer bits at a time";

/// A bit of a register.
#[derive(Clone, Debug, PartialEq)]
pub enum Bit {
    /// Known while reading.
    Known(bool),
    /// What was measured into a bit of the circuit: that bit, and how often it had been written.
    Outcome(u32, u32),
    /// Something that depends on outcomes.
    Cases(Cases),
}

impl Bit {
    /// As a truth value.
    pub fn value(&self) -> Value {
        match self {
            Bit::Known(value) => Value::Bool(*value),
            Bit::Cases(cases) => Value::Cases(cases.clone()),
            &Bit::Outcome(bit, version) => {
                let case = |value| (vec![Literal { bit, version, value }], Value::Bool(value));
                Value::Cases([case(false), case(true)].into())
            }
        }
    }

    /// Of a truth value.
    pub fn of(value: Value) -> Result<Bit, String> {
        match value {
            Value::Bool(known) => Ok(Bit::Known(known)),
            Value::Cases(cases) => match &cases[..] {
                [(zero, Value::Bool(false)), (one, Value::Bool(true))]
                    if zero.len() == 1
                        && one.len() == 1
                        && (zero[0].bit, zero[0].version) == (one[0].bit, one[0].version)
                        && one[0].value =>
                {
                    Ok(Bit::Outcome(one[0].bit, one[0].version))
                }
                _ => Ok(Bit::Cases(cases)),
            },
            other => Err(format!("a bit cannot be {}", other.kind())),
        }
    }
}

/// A number plus multiples of inputs, in the order of their names.
#[derive(Clone, Debug, PartialEq)]
pub struct Affine {
    /// The number.
    pub offset: f64,
    /// The places of inputs, and their factors.
    pub terms: Vec<(usize, f64)>,
}

/// A classical value, or the qubits that an operand names.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A truth value, and a single bit.
    Bool(bool),
    /// A whole number; without a width, of 64 bits.
    Int { value: i128, signed: bool, width: Option<u32> },
    /// A real number, of single precision or not.
    Float { value: f64, single: bool },
    /// An angle, as a fraction of the whole circle in units of `2^-width`.
    Angle { value: u64, width: u32 },
    /// A register of bits.
    Bits(Rc<[Bit]>),
    /// An expression of inputs.
    Affine(Rc<Affine>),
    /// What depends on outcomes.
    Cases(Cases),
    /// An array or a list.
    List(Rc<[Value]>),
    /// Of a range: start, step and stop.
    Range([Option<i128>; 3]),
    /// A time, in seconds where it is known.
    Time(Option<f64>),
    /// A qubit.
    Qubit(usize),
    /// A register of qubits.
    Qubits(Rc<[usize]>),
    /// A variable without a value.
    Unset,
    /// A case that has no value, and why. It may turn out that it cannot be.
    Failed(Rc<str>),
}

use Value::{Angle, Bool, Float, Int};

/// A whole number as it is written.
pub fn int(value: i128) -> Value {
    Int { value, signed: value <= i64::MAX as i128, width: None }
}

/// A real number.
pub fn float(value: f64) -> Value {
    Float { value, single: false }
}

/// A type of classical values, with sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `bool`, and `bit` without a size.
    Bool,
    /// `int` and `uint`.
    Int { signed: bool, width: Option<u32> },
    /// `float`; whether it has 32 bits.
    Float { single: bool },
    /// `angle`.
    Angle { width: u32 },
    /// `bit[size]`.
    Bits(usize),
    /// `duration`.
    Time,
}

impl Value {
    /// What it is, for messages.
    pub fn kind(&self) -> String {
        match self {
            Bool(_) => "a truth value".to_owned(),
            Int { .. } => "a whole number".to_owned(),
            Float { .. } => "a real number".to_owned(),
            Angle { width, .. } => format!("an angle of {width} bits"),
            Value::Bits(bits) => format!("a register of {} bits", bits.len()),
            Value::Affine(_) => "an expression of inputs".to_owned(),
            Value::Cases(_) => "what depends on outcomes of measurements".to_owned(),
            Value::List(_) => "an array".to_owned(),
            Value::Range(_) => "a range".to_owned(),
            Value::Time(_) => "a time".to_owned(),
            Value::Qubit(_) => "a qubit".to_owned(),
            Value::Qubits(qubits) => format!("a register of {} qubits", qubits.len()),
            Value::Unset => "a variable without a value".to_owned(),
            Value::Failed(_) => "nothing".to_owned(),
        }
    }

    /// As a truth value, if it is known.
    pub fn truth(&self) -> Result<bool, String> {
        match self {
            Bool(value) => Ok(*value),
            Int { value, .. } => Ok(*value != 0),
            Float { value, .. } => Ok(*value != 0.0),
            Angle { value, .. } => Ok(*value != 0),
            Value::Failed(why) => Err(why.to_string()),
            other => Err(format!("{} is not true or false", other.kind())),
        }
    }

    /// As a number, if it is known: an angle in radians.
    pub fn number(&self) -> Option<f64> {
        match self {
            Bool(value) => Some(f64::from(u8::from(*value))),
            Int { value, .. } => Some(*value as f64),
            Float { value, .. } => Some(*value),
            Angle { value, width } => Some(TAU * (*value as f64 / 2f64.powi(*width as i32))),
            _ => None,
        }
    }

    /// As a whole number, if it is one and known.
    pub fn whole(&self) -> Option<i128> {
        match self {
            Bool(value) => Some(i128::from(*value)),
            Int { value, .. } => Some(*value),
            Value::Bits(bits) if bits.len() <= 64 => {
                bits.iter().rev().try_fold(0, |value, bit| match bit {
                    Bit::Known(bit) => Some(value << 1 | i128::from(*bit)),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// Its cases; one that always holds where it does not depend on outcomes.
    pub fn cases(&self) -> Result<Vec<(Cond, Value)>, String> {
        match self {
            Value::Cases(cases) => Ok(cases.to_vec()),
            Value::Bits(bits) if bits.iter().any(|bit| !matches!(bit, Bit::Known(_))) => {
                let mut cases = vec![(Cond::new(), Vec::new())];
                for bit in bits.iter() {
                    let mut next = Vec::new();
                    for (cond, known) in &cases {
                        for (also, value) in bit.value().cases()? {
                            if let Some(cond) = both(cond, &also) {
                                next.push((cond, [&known[..], &[Bit::Known(value.truth()?)]].concat()));
                            }
                        }
                    }
                    few(next.len())?;
                    cases = next;
                }
                Ok(cases.into_iter().map(|(cond, bits)| (cond, Value::Bits(bits.into()))).collect())
            }
            other => Ok(vec![(Cond::new(), other.clone())]),
        }
    }

    /// Of some cases, of which exactly one holds: without those that make no difference.
    pub fn of_cases(cases: Vec<(Cond, Value)>) -> Result<Value, String> {
        few(cases.len())?;
        if cases.iter().map(|(cond, _)| cond.len()).sum::<usize>() > MAX_EFFORT / 8 {
            return Err(TOO_HARD.to_owned());
        }
        match cases.split_first() {
            None => Err("this never comes to be computed".to_owned()),
            Some(((_, first), rest)) if rest.iter().all(|(_, value)| value == first) => match first {
                Value::Failed(why) => Err(why.to_string()),
                _ => Ok(first.clone()),
            },
            Some(_) => Ok(Value::Cases(cases.into())),
        }
    }

    /// The same where some condition holds: without the cases that cannot be.
    pub fn given(self, path: &[Cond]) -> Value {
        match self {
            Value::Cases(cases) if path.iter().all(|cond| !cond.is_empty()) => {
                let may_be =
                    |(cond, _): &&(Cond, Value)| path.iter().any(|path| both(path, cond).is_some());
                let left: Vec<_> = cases.iter().filter(may_be).cloned().collect();
                Value::of_cases(left).unwrap_or(Value::Cases(cases))
            }
            other => other,
        }
    }

    /// Does something with each case.
    pub fn each(&self, work: impl Fn(&Value) -> Result<Value, String>) -> Result<Value, String> {
        let cases = self.cases()?.into_iter().map(|(cond, value)| (cond, made_of(work(&value))));
        Value::of_cases(cases.collect())
    }

    /// About how much work it is to do something with it.
    pub fn weight(&self) -> usize {
        match self {
            Value::Cases(cases) => {
                cases.len() + cases.iter().map(|(cond, _)| cond.len()).sum::<usize>() / 16
            }
            Value::Bits(bits) => bits.len(),
            Value::List(values) => values.len(),
            Value::Qubits(qubits) => qubits.len() / 4,
            _ => 0,
        }
    }

    /// Whether it depends on outcomes.
    pub fn is_open(&self) -> bool {
        match self {
            Value::Cases(_) => true,
            Value::Bits(bits) => bits.iter().any(|bit| !matches!(bit, Bit::Known(_))),
            _ => false,
        }
    }
}

/// What a case makes, or why it makes nothing.
pub fn made_of(result: Result<Value, String>) -> Value {
    result.unwrap_or_else(|why| Value::Failed(why.into()))
}

pub fn few(count: usize) -> Result<(), String> {
    match count > MAX_CASES {
        true => Err(format!(
            "this depends on outcomes in more than {MAX_CASES} ways: compare fewer bits at a time"
        )),
        false => Ok(()),
    }
}

/// Both conditions, unless they contradict each other.
pub fn both(one: &Cond, two: &Cond) -> Option<Cond> {
    if two.is_empty() {
        return Some(one.clone());
    }
    let mut all = Cond::with_capacity(one.len() + two.len());
    let (mut i, mut j) = (0, 0);
    while i < one.len() && j < two.len() {
        let (a, b) = (one[i], two[j]);
        match (a.bit, a.version).cmp(&(b.bit, b.version)) {
            std::cmp::Ordering::Less => (all.push(a), i += 1).1,
            std::cmp::Ordering::Greater => (all.push(b), j += 1).1,
            std::cmp::Ordering::Equal if a.value != b.value => return None,
            std::cmp::Ordering::Equal => (all.push(a), i += 1, j += 1).2,
        }
    }
    all.extend_from_slice(&one[i..]);
    all.extend_from_slice(&two[j..]);
    Some(all)
}

/// The conditions under which a truth value is `wanted`, of which at most one holds at a time. `effort` counts
/// the work.
pub fn when(value: &Value, wanted: bool, effort: &mut usize) -> Result<Vec<Cond>, String> {
    let truth = as_bool(value)?;
    if let Bool(known) = truth {
        return Ok(if known == wanted { vec![Cond::new()] } else { Vec::new() });
    }
    let mut true_in = Vec::new();
    for (cond, value) in truth.cases()? {
        if value.truth()? {
            true_in.push(cond);
        }
    }
    decide(&true_in, wanted, effort)
}

/// The conditions under which one of some holds, or none, by deciding bit by bit: first the bit that most of
/// them look at. `effort` counts the literals that are looked at.
pub fn decide(conds: &[Cond], holds: bool, effort: &mut usize) -> Result<Vec<Cond>, String> {
    fn of(conds: &[Cond], holds: bool, effort: &mut usize, limit: usize) -> Result<Vec<Cond>, String> {
        *effort += 16 + conds.iter().map(Vec::len).sum::<usize>();
        if *effort > limit {
            return Err(TOO_HARD.to_owned());
        }
        if conds.iter().any(|cond| cond.is_empty()) {
            return Ok(if holds { vec![Cond::new()] } else { Vec::new() });
        }
        let mut counts: HashMap<(u32, u32), usize> = HashMap::new();
        for literal in conds.iter().flatten() {
            *counts.entry((literal.bit, literal.version)).or_default() += 1;
        }
        let most = counts.iter().max_by_key(|&(bit, count)| (*count, std::cmp::Reverse(*bit)));
        let Some((&(bit, version), _)) = most else {
            return Ok(if holds { Vec::new() } else { vec![Cond::new()] });
        };
        let mut half = |value: bool| {
            let contradicts = |cond: &Cond| cond.contains(&Literal { bit, version, value: !value });
            let rest = |cond: &Cond| -> Cond {
                cond.iter().filter(|it| (it.bit, it.version) != (bit, version)).copied().collect()
            };
            let left: Vec<Cond> = conds.iter().filter(|cond| !contradicts(cond)).map(rest).collect();
            of(&left, holds, effort, limit)
        };
        let (zero, one) = (half(false)?, half(true)?);
        if zero == one {
            return Ok(zero);
        }
        let with = |value: bool, conds: Vec<Cond>| {
            conds.into_iter().map(move |mut cond| {
                cond.push(Literal { bit, version, value });
                cond
            })
        };
        Ok(with(false, zero).chain(with(true, one)).collect())
    }
    if let [cond] = conds {
        if holds {
            return Ok(vec![cond.clone()]);
        }
        // The first literals hold, and the next does not.
        *effort += cond.len() * cond.len() / 2;
        let until = |place: usize| {
            let last = Literal { value: !cond[place].value, ..cond[place] };
            [&cond[..place], &[last]].concat()
        };
        return Ok((0..cond.len()).map(until).collect());
    }
    let limit = *effort + MAX_EFFORT;
    let mut decided = of(conds, holds, effort, limit)?;
    decided.iter_mut().for_each(|cond| cond.sort_unstable());
    Ok(decided)
}

/// Whether any of some bits is 1: once one is, the others do not matter.
fn any(bits: &[Bit]) -> Result<Value, String> {
    let mut zero = vec![Cond::new()];
    let mut cases = Vec::new();
    for bit in bits.iter().rev() {
        let mut still = Vec::new();
        for cond in &zero {
            for (also, value) in bit.value().cases()? {
                let Some(cond) = both(cond, &also) else { continue };
                match value.truth()? {
                    true => cases.push((cond, Bool(true))),
                    false => still.push(cond),
                }
            }
        }
        zero = still;
        few(zero.len() + cases.len())?;
    }
    cases.extend(zero.into_iter().map(|cond| (cond, Bool(false))));
    Value::of_cases(cases)
}

/// A truth value of something.
pub fn as_bool(value: &Value) -> Result<Value, String> {
    match value {
        Bool(_) => Ok(value.clone()),
        Value::Bits(bits) => any(bits),
        Value::Cases(_) => value.each(|value| match value {
            Value::Bits(_) => as_bool(value),
            _ => value.truth().map(Bool),
        }),
        _ => value.truth().map(Bool),
    }
}
