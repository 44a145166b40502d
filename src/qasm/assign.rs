//! Assignments.

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
        if let Some(operator) = compound(sym) {
            let old = self.operand(target)?;
            value = here(at, binary(operator, &old, &value))?;
        }
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
                let mut index = Vec::new();
                for (expr, _) in &target.index {
                    index.extend(self.eval_all(expr)?.into_iter().map(|value| (value, expr.at)));
                }
                let variable = &self.scopes.variables[number];
                let old = variable.value.clone();
                let new = match index.is_empty() {
                    true => here(at, shaped(&value, &variable.shape))?,
                    false => updated(&old, &index, &value, &variable.shape)?,
                };
                let new = here(at, self.merged(&old, new))?;
                self.scopes.variables[number].value = new;
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
        let otherwise = decide(&self.output.path, false)?;
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

/// A value with some of its parts replaced.
fn updated(old: &Value, index: &[(Value, u32)], new: &Value, shape: &Shape) -> Res<Value> {
    let [(first, at), rest @ ..] = index else {
        let (Shape::Array(kind, _) | Shape::Scalar(kind)) = shape;
        return here(
            0,
            match new {
                Value::List(_) => Ok(new.clone()),
                _ => convert(new, *kind),
            },
        );
    };
    let at = *at;
    let is_one = !matches!(first, Value::Range(_) | Value::List(_));
    match old {
        Value::List(values) => {
            let mut values = values.to_vec();
            let found = here(at, places(first, values.len()))?;
            for (i, &place) in found.iter().enumerate() {
                let part = match new {
                    Value::List(parts) if !is_one => parts.get(i).cloned().ok_or_else(|| {
                        Fault::new(
                            at,
                            format!("{} values do not fit {} places", parts.len(), found.len()),
                        )
                    })?,
                    _ if !is_one => return Err(Fault::new(at, "a slice of an array is given an array")),
                    _ => new.clone(),
                };
                let inner = match (&values[place], shape, rest) {
                    (Value::Unset, Shape::Array(kind, _), []) => here(at, convert(&part, *kind))?,
                    (Value::List(inner), _, []) => {
                        let same = matches!(&part, Value::List(parts) if parts.len() == inner.len());
                        match same {
                            true => part,
                            false => return Err(Fault::new(at, "what is assigned has another shape")),
                        }
                    }
                    (inner, Shape::Array(kind, _), []) if !matches!(inner, Value::List(_)) => {
                        here(at, convert(&part, *kind))?
                    }
                    (inner, ..) => updated(inner, rest, &part, shape)?,
                };
                values[place] = inner;
            }
            Ok(Value::List(values.into()))
        }
        Value::Bits(bits) if rest.is_empty() => {
            let mut bits = bits.to_vec();
            let found = here(at, places(first, bits.len()))?;
            if is_one {
                bits[found[0]] = here(at, convert(new, Kind::Bool).and_then(Bit::of))?;
                return Ok(Value::Bits(bits.into()));
            }
            let new = here(at, convert(new, Kind::Bits(found.len())))?;
            let Value::Bits(parts) = new else {
                return Err(Fault::new(at, "a slice of bits is given bits"));
            };
            for (place, bit) in found.into_iter().zip(parts.iter()) {
                bits[place] = bit.clone();
            }
            Ok(Value::Bits(bits.into()))
        }
        &Value::Int { width: Some(width), .. } | &Value::Angle { width, .. } => {
            let bits = here(at, convert(old, Kind::Bits(width as usize)))?;
            let changed = updated(&bits, index, new, shape)?;
            let kind = match *old {
                Value::Int { signed, width, .. } => Kind::Int { signed, width },
                _ => Kind::Angle { width },
            };
            here(at, convert(&changed, kind))
        }
        Value::Unset => {
            Err(Fault::new(at, "a part of a variable is given a value that has none itself"))
        }
        other => Err(Fault::new(at, format!("{} has no parts that can be given a value", other.kind()))),
    }
}
