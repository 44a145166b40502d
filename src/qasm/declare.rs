//! Declarations: qubits, classical variables, inputs, outputs and aliases.

use std::rc::Rc;

use super::ast::{Expr, Operand, Source, Type};
use super::convert::convert;
use super::eval::here;
use super::lex::Name;
use super::output::MAX_QUBITS;
use super::scope::{Shape, Symbol};
use super::value::{Affine, Bit, Kind, Value};
use super::walk::{Walker, distinct};
use super::{Fault, Register, Res};

impl<'a> Walker<'a> {
    pub(super) fn declare_qubits(&mut self, name: Name, size: Option<&Expr>, at: u32) -> Res<()> {
        if self.output.physical {
            return Err(Fault::new(
                at,
                "declared qubits beside physical ones are not read: declare all or none",
            ));
        }
        let start = self.output.num_qubits;
        let left = MAX_QUBITS - start;
        let len = match size {
            Some(size) => self.constant_size(size, MAX_QUBITS)?,
            None => 1,
        };
        if len > left {
            return Err(Fault::new(at, format!("this declares more than {MAX_QUBITS} qubits")));
        }
        let symbol = match size {
            Some(_) => Symbol::Qubits((start..start + len).collect()),
            None => Symbol::Qubit(start),
        };
        self.declare(name, symbol, at)?;
        self.output.num_qubits += len;
        self.output.qubits.push(Register { name: self.parser.name(name).to_owned(), start, len });
        Ok(())
    }

    pub(super) fn declaration(
        &mut self,
        at: u32,
        constant: bool,
        ty: &Type,
        name: Name,
        source: Option<&Source>,
    ) -> Res<()> {
        let shape = self.shape(ty, at)?;
        if let Shape::Array(..) = shape {
            self.only_global(at, "a declaration of an array")?;
        }
        if self.in_gate {
            return Err(Fault::new(at, "a gate declares no variables: make it a subroutine"));
        }
        let is_bits = matches!(ty, Type::Bit(_));
        if let (Some(Source::Measure(measured)), true) = (source, is_bits && !constant) {
            let (qubits, _) = self.qubits(measured)?;
            let number = self.declare_bits(at, name, shape)?;
            let cells = self.cells_of(number);
            return self.measure_into(at, &qubits, &cells);
        }
        let value = match source {
            Some(source) => {
                match source {
                    Source::Expr(expr) if constant => {
                        self.is_constant(expr, "the value of a constant")?
                    }
                    Source::Measure(_) if constant => {
                        return Err(Fault::new(at, "an outcome is not constant: take 'const' away"));
                    }
                    _ => {}
                }
                let value = self.source(source)?;
                if let (true, Value::Float { .. }, Shape::Scalar(Kind::Int { .. })) =
                    (constant, &value, &shape)
                {
                    return Err(Fault::new(at, "a constant loses nothing: convert it, as in int(2.5)"));
                }
                here(at, shaped(&value, &shape))?
            }
            None if is_bits => return self.declare_bits(at, name, shape).map(drop),
            None => empty(&shape),
        };
        if is_bits && !constant {
            let number = self.declare_bits(at, name, shape)?;
            self.scopes.variables[number].value = value;
            return Ok(());
        }
        self.declare_variable(name, shape, value, constant, at)?;
        Ok(())
    }

    /// Declares a bit or a register, which is 0; a global one is one of the circuit's.
    pub(super) fn declare_bits(&mut self, at: u32, name: Name, shape: Shape) -> Res<usize> {
        let (value, len) = match shape {
            Shape::Scalar(Kind::Bits(size)) => (Value::Bits(vec![Bit::Known(false); size].into()), size),
            _ => (Value::Bool(false), 1),
        };
        let number = self.declare_variable(name, shape, value, false, at)?;
        if self.scopes.is_global() {
            let start = self.output.num_declared;
            self.output.num_declared += len;
            let register = Register { name: self.parser.name(name).to_owned(), start, len };
            self.output.bits.push((register, at, number));
        }
        Ok(number)
    }

    pub(super) fn io(&mut self, at: u32, is_input: bool, ty: &Type, name: Name) -> Res<()> {
        self.only_global(at, if is_input { "an input" } else { "an output" })?;
        let shown = self.parser.name(name).to_owned();
        match (is_input, ty) {
            (true, Type::Float(_) | Type::Angle(_)) => {
                let shape = self.shape(ty, at)?;
                let place = self.parameters.len();
                let value = Value::Affine(Rc::new(Affine { offset: 0.0, terms: vec![(place, 1.0)] }));
                self.declare_variable(name, shape, value, true, at)?;
                self.parameters.push(shown);
                Ok(())
            }
            (true, _) => Err(Fault::new(
                at,
                format!(
                    "the input '{shown}' is neither a float nor an angle, and only these become parameters of a \
                     circuit: write its value into the text, as in 'const int {shown} = 1;'"
                ),
            )),
            (false, Type::Bit(_)) => {
                let shape = self.shape(ty, at)?;
                self.declare_bits(at, name, shape).map(drop)
            }
            (false, _) => Err(Fault::new(
                at,
                format!(
                    "the output '{shown}' is not made of bits, and only these come out of a circuit: drop 'output'"
                ),
            )),
        }
    }

    pub(super) fn alias(&mut self, at: u32, parts: &[Operand]) -> Res<Symbol> {
        let mut qubits: Vec<usize> = Vec::new();
        let mut cells: Vec<(usize, usize)> = Vec::new();
        let mut is_one = false;
        for part in parts {
            match self.operand(part)? {
                Value::Qubit(qubit) => {
                    is_one = true;
                    qubits.push(qubit);
                }
                Value::Qubits(more) => qubits.extend_from_slice(&more),
                _ => cells.extend(self.cells(part)?),
            }
        }
        if !qubits.is_empty() && !cells.is_empty() {
            return Err(Fault::new(at, "qubits and classical bits do not make one register"));
        }
        self.work(at, 4 * (qubits.len() + cells.len()))?;
        if qubits.is_empty() {
            return Ok(Symbol::Bits(cells.into()));
        }
        distinct(at, &qubits)?;
        match (is_one, &qubits[..]) {
            (true, &[qubit]) => Ok(Symbol::Qubit(qubit)),
            _ => Ok(Symbol::Qubits(qubits.into())),
        }
    }
}

/// A variable of this shape without a value.
pub fn empty(shape: &Shape) -> Value {
    match shape {
        Shape::Scalar(_) => Value::Unset,
        Shape::Array(_, sizes) => {
            sizes.iter().rev().fold(Value::Unset, |inner, &size| Value::List(vec![inner; size].into()))
        }
    }
}

/// A value for a variable of this shape.
pub fn shaped(value: &Value, shape: &Shape) -> Result<Value, String> {
    match shape {
        Shape::Scalar(kind) => match value {
            Value::Unset => Err("this gives no value".to_owned()),
            _ => convert(value, *kind),
        },
        Shape::Array(kind, sizes) => fitted(value, *kind, sizes),
    }
}

pub fn fitted(value: &Value, kind: Kind, sizes: &[usize]) -> Result<Value, String> {
    match (value, sizes) {
        (_, []) => convert(value, kind),
        (Value::List(values), [size, rest @ ..]) if values.len() == *size => Ok(Value::List(
            values.iter().map(|value| fitted(value, kind, rest)).collect::<Result<_, _>>()?,
        )),
        (Value::List(values), [size, ..]) => {
            Err(format!("an array of {} values does not fit one of {size}", values.len()))
        }
        _ => Err(format!("an array is given an array, not {}", value.kind())),
    }
}
