//! Calling subroutines.

use std::rc::Rc;

use super::ast::{Definition, Type};
use super::declare::shaped;
use super::eval::here;
use super::output::MAX_QUBITS;
use super::scope::{Shape, Symbol};
use super::value::Value;
use super::walk::{Flow, Walker, distinct, out_of_loop};
use super::{Fault, Res};

impl<'a> Walker<'a> {
    /// Calls a subroutine.
    pub(super) fn subroutine(
        &mut self,
        definition: &Rc<Definition>,
        args: Vec<Value>,
        at: u32,
    ) -> Res<Value> {
        let shown = self.parser.name(definition.name);
        if self.in_gate {
            return Err(Fault::new(at, format!("'{shown}' is a subroutine: gates use only gates")));
        }
        if args.len() != definition.params.len() {
            let (wanted, given) = (definition.params.len(), args.len());
            return Err(Fault::new(at, format!("'{shown}' takes {wanted} arguments, not {given}")));
        }
        self.deeper(at)?;
        self.work(at, self.output.path().len())?;
        let before = self.scopes.enter_call();
        let mut used: Vec<usize> = Vec::new();
        for ((ty, name), arg) in definition.params.iter().zip(args) {
            let Some(ty) = ty else { continue };
            let symbol = match (ty, arg) {
                (Type::Qubit(None), Value::Qubit(qubit)) => Symbol::Qubit(qubit),
                (Type::Qubit(Some(size)), Value::Qubits(qubits)) => {
                    let size = self.size(size, MAX_QUBITS)?;
                    if size != qubits.len() {
                        return Err(Fault::new(
                            at,
                            format!(
                                "'{shown}' takes a register of {size} qubits here, not of {}",
                                qubits.len()
                            ),
                        ));
                    }
                    Symbol::Qubits(qubits)
                }
                (Type::Qubit(_), other) => {
                    return Err(Fault::new(
                        at,
                        format!("'{shown}' takes qubits of another kind here than {}", other.kind()),
                    ));
                }
                (Type::Reference(true, _), _) => {
                    return Err(Fault::new(
                        at,
                        "a subroutine that changes an array of its caller's is not read: return a value",
                    ));
                }
                (Type::Reference(false, ty), value @ Value::List(_)) => {
                    let (Shape::Array(kind, _) | Shape::Scalar(kind)) = self.shape(ty, at)?;
                    let shape = Shape::Array(kind, sizes_of(&value).into());
                    self.declare_variable(*name, shape, value, true, at)?;
                    continue;
                }
                (_, arg) => {
                    let shape = self.shape(ty, at)?;
                    let value = here(at, shaped(&arg, &shape))?;
                    self.declare_variable(*name, shape, value, false, at)?;
                    continue;
                }
            };
            match &symbol {
                Symbol::Qubit(qubit) => used.push(*qubit),
                Symbol::Qubits(qubits) => used.extend_from_slice(qubits),
                _ => {}
            }
            self.declare(*name, symbol, at)?;
        }
        distinct(at, &used)?;
        let in_power = std::mem::replace(&mut self.in_power, false);
        let called = self.called.replace(self.output.path().to_vec());
        let flow = self.statements(&definition.body)?;
        (self.called, self.in_power) = (called, in_power);
        let value = match (flow, &definition.returns) {
            (Flow::Return(at, Some(value)), Some(ty)) => {
                let shape = self.shape(ty, at)?;
                here(at, shaped(&value, &shape))?
            }
            (Flow::Next | Flow::Return(_, None), None) => Value::Unset,
            (Flow::Return(at, Some(_)), None) => {
                return Err(Fault::new(
                    at,
                    format!("'{shown}' returns nothing: say what, as in 'def {shown}(...) -> bit'"),
                ));
            }
            (Flow::Next | Flow::Return(_, None), Some(_)) => {
                return Err(Fault::new(
                    definition.at,
                    format!("'{shown}' ends here without the value that it should return"),
                ));
            }
            (Flow::Break(at) | Flow::Continue(at), _) => return Err(out_of_loop(at)),
            (Flow::End, _) => {
                return Err(Fault::new(
                    at,
                    "'end' in a subroutine is not read: end in the program itself",
                ));
            }
        };
        self.scopes.leave_call(before);
        self.higher();
        Ok(value)
    }
}

/// The sizes of an array.
fn sizes_of(value: &Value) -> Vec<usize> {
    let mut sizes = Vec::new();
    let mut inner = Some(value);
    while let Some(Value::List(values)) = inner {
        sizes.push(values.len());
        inner = values.first();
    }
    sizes
}
