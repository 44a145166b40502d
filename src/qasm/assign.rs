//! Assignments.

use std::rc::Rc;

use super::arithmetic::binary;
use super::ast::{Base, Operand, Source};
use super::convert::convert;
use super::declare::shaped;
use super::eval::here;
use super::functions::places;
use super::lex::Sym;
use super::scope::{Shape, Symbol};
use super::value::{Bit, Kind, Value, both, decide};
use super::walk::Walker;
use super::{Fault, Res};

impl<'a> Walker<'a> {
    /// The value of what stands on the right of `=`.
    pub(super) fn source(&mut self, source: &Source) -> Res<Value> {
        match source {
            Source::Expr(expr) => self.eval(expr),
            Source::Measure(operand) => {
                let (qubits, is_register) = self.qubits(operand)?;
                self.measured(operand.at, &qubits, is_register)
            }
        }
    }

    pub(super) fn assignment(
        &mut self,
        at: u32,
        target: &Operand,
        sym: Sym,
        source: &Source,
    ) -> Res<()> {
        let Base::Name(name) = target.base else {
            return Err(Fault::new(at, "a qubit is given no value"));
        };
        if let (Source::Measure(measured), Sym::Equals) = (source, sym) {
            let has_bits = match self.scopes.find(name) {
                Some(Symbol::Variable(number)) => !self.scopes.variables[*number].homes.is_empty(),
                _ => true,
            };
            if has_bits {
                let ((qubits, _), cells) = (self.qubits(measured)?, self.cells(target)?);
                return self.measure_into(at, &qubits, &cells);
            }
        }
        let mut value = self.source(source)?;
        // The place is computed once, for reading and for writing.
        let mut groups = Vec::with_capacity(target.index.len());
        for (index, _) in &target.index {
            groups.push((self.eval_all(index)?, index.at));
        }
        if let Some(operator) = compound(sym) {
            let mut old = self.value_of(name, target.at)?;
            for (index, at) in &groups {
                old = self.element(&old, index, *at)?;
            }
            self.work(at, old.weight() + value.weight())?;
            value = here(at, binary(operator, &old, &value))?;
        }
        self.work(at, value.weight())?;
        match self.scopes.find(name).cloned() {
            Some(Symbol::Variable(number)) => {
                if self.scopes.variables[number].constant {
                    return Err(Fault::new(
                        at,
                        format!(
                            "'{}' is constant or an input: it keeps its value",
                            self.parser.name(name)
                        ),
                    ));
                }
                let index: Vec<(&Value, u32)> = groups
                    .iter()
                    .flat_map(|(values, at)| values.iter().map(|value| (value, *at)))
                    .collect();
                let variable = &mut self.scopes.variables[number];
                let (Shape::Array(kind, _) | Shape::Scalar(kind)) = variable.shape;
                if self.output.always() {
                    match index.is_empty() {
                        true => variable.value = here(at, shaped(&value, &variable.shape))?,
                        false => update(&mut variable.value, &index, &value, kind, at)?,
                    }
                    return Ok(());
                }
                let (old, mut new) = (variable.value.clone(), variable.value.clone());
                match index.is_empty() {
                    true => new = here(at, shaped(&value, &variable.shape))?,
                    false => update(&mut new, &index, &value, kind, at)?,
                }
                self.work(at, (old.weight() + new.weight()) * self.output.path.len())?;
                let merged = here(at, self.merged(&old, new))?;
                self.scopes.variables[number].value = merged;
            }
            Some(Symbol::Bits(_)) => {
                let cells = self.cells(target)?;
                let value = here(at, convert(&value, Kind::Bits(cells.len())))?;
                for (place, &cell) in cells.iter().enumerate() {
                    let new = match &value {
                        Value::Bits(bits) => bits[place].value(),
                        other => other.clone(),
                    };
                    let merged =
                        here(at, self.merged(&self.bit_of(cell).value(), new).and_then(Bit::of))?;
                    self.write_bit(cell, merged);
                }
            }
            Some(symbol) => {
                return Err(Fault::new(
                    at,
                    format!("'{}' is {}: it is given no value", self.parser.name(name), symbol.kind()),
                ));
            }
            None => return Err(self.unknown(name, at)),
        }
        Ok(())
    }

    /// What a variable holds after it is given a value under the conditions of now.
    pub(super) fn merged(&self, old: &Value, new: Value) -> Result<Value, String> {
        if self.output.always() {
            return Ok(new);
        }
        if let (Value::Bits(old), Value::Bits(new)) = (old, &new) {
            let pairs = old.iter().zip(new.iter());
            let merged = pairs.map(|(old, new)| Bit::of(self.merged(&old.value(), new.value())?));
            return Ok(Value::Bits(merged.collect::<Result<_, String>>()?));
        }
        if let (Value::List(old), Value::List(new)) = (old, &new) {
            let pairs = old.iter().zip(new.iter());
            return Ok(Value::List(
                pairs.map(|(old, new)| self.merged(old, new.clone())).collect::<Result<_, _>>()?,
            ));
        }
        let mut cases = Vec::new();
        let otherwise = decide(&self.output.path, false, &mut 0)?;
        for (conds, value) in [(&self.output.path, &new), (&otherwise, old)] {
            for cond in conds {
                for (also, value) in value.cases()? {
                    cases.extend(both(cond, &also).map(|cond| (cond, value)));
                }
            }
        }
        Value::of_cases(cases)
    }
}

/// The operator of an assignment that has one.
fn compound(sym: Sym) -> Option<Sym> {
    Some(match sym {
        Sym::PlusEquals => Sym::Plus,
        Sym::MinusEquals => Sym::Minus,
        Sym::TimesEquals => Sym::Times,
        Sym::OverEquals => Sym::Over,
        Sym::RemainderEquals => Sym::Remainder,
        Sym::PowerEquals => Sym::Power,
        Sym::AndEquals => Sym::BitAnd,
        Sym::OrEquals => Sym::BitOr,
        Sym::XorEquals => Sym::Xor,
        Sym::LeftEquals => Sym::Left,
        Sym::RightEquals => Sym::Right,
        _ => return None,
    })
}

/// Gives a part of a value another: the part at these indices, of which each goes one level deeper.
fn update(value: &mut Value, index: &[(&Value, u32)], new: &Value, kind: Kind, at: u32) -> Res<()> {
    let Some((&(first, at), rest)) = index.split_first() else {
        *value = here(at, fitted_like(value, new, kind))?;
        return Ok(());
    };
    let is_one = !matches!(first, Value::Range(_) | Value::List(_));
    match value {
        Value::List(values) => {
            let found = here(at, places(first, values.len()))?;
            let parts = match new {
                _ if is_one => std::slice::from_ref(new),
                Value::List(parts) if parts.len() == found.len() => parts,
                other => {
                    return Err(Fault::new(
                        at,
                        format!("{} places of an array are given {}", found.len(), other.kind()),
                    ));
                }
            };
            let values = Rc::make_mut(values);
            for (place, part) in found.into_iter().zip(parts) {
                update(&mut values[place], rest, part, kind, at)?;
            }
            Ok(())
        }
        Value::Bits(bits) if rest.is_empty() => {
            let found = here(at, places(first, bits.len()))?;
            if is_one {
                let bit = here(at, convert(new, Kind::Bool).and_then(Bit::of))?;
                Rc::make_mut(bits)[found[0]] = bit;
                return Ok(());
            }
            let new = here(at, convert(new, Kind::Bits(found.len())))?;
            let Value::Bits(parts) = new else {
                return Err(Fault::new(at, "a slice of bits is given bits"));
            };
            let bits = Rc::make_mut(bits);
            for (place, bit) in found.into_iter().zip(parts.iter()) {
                bits[place] = bit.clone();
            }
            Ok(())
        }
        &mut Value::Int { width: Some(width), .. } | &mut Value::Angle { width, .. } => {
            let mut bits = here(at, convert(value, Kind::Bits(width as usize)))?;
            update(&mut bits, index, new, kind, at)?;
            *value = here(at, convert(&bits, kind))?;
            Ok(())
        }
        Value::Unset => {
            Err(Fault::new(at, "a part of a variable is given a value that has none itself"))
        }
        other => Err(Fault::new(at, format!("{} has no parts that can be given a value", other.kind()))),
    }
}

/// A value for a part of an array that has the shape of another value.
fn fitted_like(old: &Value, new: &Value, kind: Kind) -> Result<Value, String> {
    match (old, new) {
        (Value::List(old), Value::List(new)) if old.len() == new.len() => {
            let pairs = old.iter().zip(new.iter());
            Ok(Value::List(
                pairs.map(|(old, new)| fitted_like(old, new, kind)).collect::<Result<_, _>>()?,
            ))
        }
        (Value::List(old), _) => {
            Err(format!("an array of {} values is given {} of another shape", old.len(), new.kind()))
        }
        _ => convert(new, kind),
    }
}
