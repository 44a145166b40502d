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
use super::value::{Bit, Cond, Kind, Value, both};
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
        let ways = if self.output.always() { 1 } else { 4 * self.output.path().len() };
        self.work(at, (1 + value.weight()).saturating_mul(ways))?;
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
                let merge = here(at, self.merging())?;
                let variable = &mut self.scopes.variables[number];
                let (Shape::Array(kind, _) | Shape::Scalar(kind)) = variable.shape;
                if index.is_empty() {
                    let new = here(at, shaped(&value, &variable.shape))?;
                    variable.value = here(at, merge.of(&variable.value, new))?;
                } else {
                    update(&mut variable.value, &index, &value, kind, at, &merge)?;
                }
            }
            Some(Symbol::Bits(_)) => {
                let cells = self.cells(target)?;
                let value = here(at, convert(&value, Kind::Bits(cells.len())))?;
                let merge = here(at, self.merging())?;
                for (place, &cell) in cells.iter().enumerate() {
                    let new = match &value {
                        Value::Bits(bits) => bits[place].value(),
                        other => other.clone(),
                    };
                    let merged = here(at, merge.of(&self.bit_of(cell).value(), new).and_then(Bit::of))?;
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

    /// What makes of an old and a new value what a variable holds after an assignment that is done under the
    /// conditions of now.
    fn merging(&mut self) -> Result<Merge, String> {
        if self.output.always() {
            return Ok(Merge(None));
        }
        let otherwise = self.output.otherwise()?;
        Ok(Merge(Some((self.output.path().to_vec(), otherwise))))
    }
}

/// The conditions under which something is assigned, and those under which it is not; none if it always is.
struct Merge(Option<(Vec<Cond>, Rc<[Cond]>)>);

impl Merge {
    fn of(&self, old: &Value, new: Value) -> Result<Value, String> {
        let Some((path, otherwise)) = &self.0 else { return Ok(new) };
        if let (Value::Bits(old), Value::Bits(new)) = (old, &new) {
            let pairs = old.iter().zip(new.iter());
            let merged = pairs.map(|(old, new)| Bit::of(self.of(&old.value(), new.value())?));
            return Ok(Value::Bits(merged.collect::<Result<_, String>>()?));
        }
        if let (Value::List(old), Value::List(new)) = (old, &new) {
            let pairs = old.iter().zip(new.iter());
            let merged = pairs.map(|(old, new)| self.of(old, new.clone()));
            return Ok(Value::List(merged.collect::<Result<_, String>>()?));
        }
        let mut cases = Vec::new();
        for (conds, value) in [(&path[..], &new), (&otherwise[..], old)] {
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
fn update(
    value: &mut Value,
    index: &[(&Value, u32)],
    new: &Value,
    kind: Kind,
    at: u32,
    merge: &Merge,
) -> Res<()> {
    let Some((&(first, at), rest)) = index.split_first() else {
        let new = here(at, fitted_like(value, new, kind))?;
        *value = here(at, merge.of(value, new))?;
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
                update(&mut values[place], rest, part, kind, at, merge)?;
            }
            Ok(())
        }
        Value::Bits(bits) if rest.is_empty() => {
            let found = here(at, places(first, bits.len()))?;
            if is_one {
                let new = here(at, convert(new, Kind::Bool))?;
                let bit = &mut Rc::make_mut(bits)[found[0]];
                *bit = here(at, merge.of(&bit.value(), new).and_then(Bit::of))?;
                return Ok(());
            }
            let new = here(at, convert(new, Kind::Bits(found.len())))?;
            let Value::Bits(parts) = new else {
                return Err(Fault::new(at, "a slice of bits is given bits"));
            };
            let bits = Rc::make_mut(bits);
            for (place, bit) in found.into_iter().zip(parts.iter()) {
                let merged = merge.of(&bits[place].value(), bit.value());
                bits[place] = here(at, merged.and_then(Bit::of))?;
            }
            Ok(())
        }
        &mut Value::Int { width: Some(width), .. } | &mut Value::Angle { width, .. } => {
            let mut bits = here(at, convert(value, Kind::Bits(width as usize)))?;
            update(&mut bits, index, new, kind, at, merge)?;
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
