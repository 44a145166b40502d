//! What expressions, types and operands come to.

use std::f64::consts::{E, PI, TAU};
use std::rc::Rc;

use super::arithmetic::{binary, unary};
use super::ast::{Base, Expr, Instr, Operand, Type};
use super::convert::convert;
use super::functions::{self, places};
use super::lex::{Name, Sym, word};
use super::scope::{Shape, Symbol};
use super::value::{Bit, Kind, Value, float, int};
use super::walk::Walker;
use super::{Fault, Res};

/// The largest number of elements of an array.
const MAX_ELEMENTS: usize = 1 << 20;

/// Says where something is wrong.
pub fn here<T>(at: u32, result: Result<T, String>) -> Res<T> {
    result.map_err(|what| Fault::new(at, what))
}

impl<'a> Walker<'a> {
    /// The value of an expression.
    pub fn eval(&mut self, expr: &Expr) -> Res<Value> {
        // Most are one number.
        match expr.code[..] {
            [Instr::Float(value)] => return Ok(float(value)),
            [Instr::Int(value)] if value.abs() < 1 << 62 => return Ok(int(value)),
            _ => {}
        }
        let mut values = self.eval_all(expr)?;
        let value = values.pop().ok_or_else(|| Fault::new(expr.at, "there is no value here"))?;
        if let Value::Cases(cases) = &value {
            let failed = cases.iter().find_map(|(_, value)| match value {
                Value::Failed(why) => Some(why.to_string()),
                _ => None,
            });
            if let Some(why) = failed {
                return Err(Fault::new(expr.at, why));
            }
        }
        Ok(value)
    }

    /// All values that an expression leaves.
    pub fn eval_all(&mut self, expr: &Expr) -> Res<Vec<Value>> {
        self.work(expr.at, expr.code.len())?;
        let mut stack: Vec<Value> = Vec::with_capacity(4);
        for instr in &expr.code {
            let value = match instr {
                Instr::Int(value) if *value < i128::from(i64::MIN) => {
                    return Err(Fault::new(
                        expr.at,
                        format!("the whole number {value} has more than 64 bits"),
                    ));
                }
                Instr::Int(value) => int(*value),
                Instr::Float(value) => float(*value),
                Instr::Bool(value) => Value::Bool(*value),
                Instr::Bits(bits) => {
                    self.work(expr.at, bits.len())?;
                    Value::Bits(bits.iter().map(|&bit| Bit::Known(bit)).collect())
                }
                Instr::Time(time) => Value::Time(*time),
                &Instr::Name(name, at) => self.value_of(name, at)?,
                &Instr::Physical(number, at) => Value::Qubit(self.physical(number, at)?),
                &Instr::Unary(sym, at) => {
                    let value = pop(&mut stack, at)?;
                    self.work(at, value.weight())?;
                    here(at, unary(sym, &value))?.given(self.output.path())
                }
                &Instr::Binary(sym, at) => {
                    let (b, mut a) = (pop(&mut stack, at)?, pop(&mut stack, at)?);
                    if let (true, Sym::Over) = (self.in_power, sym) {
                        a = here(at, dividend_of_power(a, &b))?;
                    }
                    self.work(at, a.weight() + b.weight())?;
                    here(at, binary(sym, &a, &b))?.given(self.output.path())
                }
                &Instr::Call(name, count, at) => {
                    let args = stack.split_off(stack.len() - count as usize);
                    self.work(at, args.iter().map(Value::weight).sum())?;
                    self.function(name, args, at)?.given(self.output.path())
                }
                Instr::Cast(ty, at) => {
                    let value = pop(&mut stack, *at)?;
                    let Shape::Scalar(kind) = self.shape(ty, *at)? else {
                        return Err(Fault::new(*at, "nothing becomes an array"));
                    };
                    self.work(*at, value.weight())?;
                    here(*at, convert(&value, kind))?.given(self.output.path())
                }
                &Instr::Index(count, at) => {
                    let index = stack.split_off(stack.len() - count as usize);
                    let value = pop(&mut stack, at)?;
                    self.element(&value, &index, at)?
                }
                &Instr::Range(has, at) => {
                    let mut parts = [None; 3];
                    for (part, has) in parts.iter_mut().zip(has).rev() {
                        if has {
                            let value = pop(&mut stack, at)?;
                            *part = Some(whole(
                                &value,
                                at,
                                "the ends and the step of a range are whole numbers",
                            )?);
                        }
                    }
                    Value::Range(parts)
                }
                &Instr::List(count) => Value::List(stack.split_off(stack.len() - count as usize).into()),
            };
            stack.push(value);
        }
        Ok(stack)
    }

    /// What a name stands for, as a value.
    pub(super) fn value_of(&mut self, name: Name, at: u32) -> Res<Value> {
        match self.scopes.find(name) {
            Some(Symbol::Variable(number)) => {
                let value = &self.scopes.variables[*number].value;
                match value {
                    Value::Unset => Err(Fault::new(
                        at,
                        format!(
                            "'{}' has no value yet: give it one where it is declared",
                            self.parser.name(name)
                        ),
                    )),
                    Value::Cases(cases) => {
                        let (value, work) = (value.clone(), cases.len() * self.output.path().len());
                        self.work(at, work)?;
                        Ok(value.given(self.output.path()))
                    }
                    _ => Ok(value.clone()),
                }
            }
            Some(Symbol::Qubit(qubit)) => Ok(Value::Qubit(*qubit)),
            Some(Symbol::Qubits(qubits)) => Ok(Value::Qubits(qubits.clone())),
            Some(Symbol::Bits(cells)) => {
                let cells = cells.clone();
                self.work(at, cells.len())?;
                Ok(Value::Bits(cells.iter().map(|&cell| self.bit_of(cell)).collect()))
            }
            Some(symbol @ (Symbol::Gate(_) | Symbol::Def(_))) => Err(Fault::new(
                at,
                format!("'{}' is {}, which has no value", self.parser.name(name), symbol.kind()),
            )),
            None => match name {
                word::PI => Ok(float(PI)),
                word::TAU if self.parser.version() == 3 => Ok(float(TAU)),
                word::EULER if self.parser.version() == 3 => Ok(float(E)),
                _ => Err(self.unknown(name, at)),
            },
        }
    }

    /// The refusal of a name.
    pub fn unknown(&self, name: Name, at: u32) -> Fault {
        let shown = self.parser.name(name);
        Fault::new(
            at,
            match self.scopes.is_out_of_sight(name) {
                true => format!(
                    "'{shown}' cannot be seen here: gates and subroutines see their parameters, constants, gates and \
                     subroutines; make it a parameter"
                ),
                false => format!("'{shown}' is not declared: declare it before it is used"),
            },
        )
    }

    /// A bit of a variable.
    pub fn bit_of(&self, (variable, place): (usize, usize)) -> Bit {
        match &self.scopes.variables[variable].value {
            Value::Bits(bits) => bits[place].clone(),
            other => Bit::of(other.clone()).unwrap_or(Bit::Known(false)),
        }
    }

    /// The qubit of a physical number.
    fn physical(&mut self, number: u32, at: u32) -> Res<usize> {
        let number = number as usize;
        if !self.output.qubits.is_empty() {
            return Err(Fault::new(
                at,
                format!(
                    "the physical qubit ${number} beside declared qubits is not read: declare all or none"
                ),
            ));
        }
        if number >= super::output::MAX_QUBITS {
            return Err(Fault::new(
                at,
                format!(
                    "the physical qubit ${number} is one of more than {} qubits",
                    super::output::MAX_QUBITS
                ),
            ));
        }
        self.output.physical = true;
        self.output.num_qubits = self.output.num_qubits.max(number + 1);
        Ok(number)
    }

    /// An element of something, or several.
    pub(super) fn element(&mut self, value: &Value, index: &[Value], at: u32) -> Res<Value> {
        if let (Value::List(values), [first, rest @ ..]) = (value, index) {
            let found = here(at, places(first, values.len()))?;
            self.work(at, found.len())?;
            let is_one = !matches!(first, Value::Range(_) | Value::List(_));
            let mut made = Vec::with_capacity(found.len());
            for place in found {
                made.push(match rest {
                    [] => values[place].clone(),
                    _ => self.element(&values[place], rest, at)?,
                });
            }
            return Ok(if is_one { made.swap_remove(0) } else { Value::List(made.into()) });
        }
        let [index] = index else {
            return Err(Fault::new(at, format!("{} has one index, not {}", value.kind(), index.len())));
        };
        let is_one = !matches!(index, Value::Range(_) | Value::List(_));
        let find = |size: usize| here(at, places(index, size));
        match value {
            Value::Qubits(qubits) => {
                let found = find(qubits.len())?;
                self.work(at, found.len())?;
                Ok(match is_one {
                    true => Value::Qubit(qubits[found[0]]),
                    false => Value::Qubits(found.into_iter().map(|place| qubits[place]).collect()),
                })
            }
            Value::Bits(bits) => {
                let found = find(bits.len())?;
                self.work(at, found.len())?;
                Ok(match is_one {
                    true => bits[found[0]].value(),
                    false => Value::Bits(found.into_iter().map(|place| bits[place].clone()).collect()),
                })
            }
            Value::Qubit(_) => Err(Fault::new(at, "a single qubit has no index")),
            Value::Int { .. } | Value::Angle { .. } => {
                let width = match *value {
                    Value::Int { width: Some(width), .. } | Value::Angle { width, .. } => width,
                    _ => {
                        return Err(Fault::new(
                            at,
                            "the bits of a whole number without a size are not to be had: declare it as int[n]",
                        ));
                    }
                };
                let bits = here(at, convert(value, Kind::Bits(width as usize)))?;
                self.element(&bits, std::slice::from_ref(index), at)
            }
            Value::Cases(cases) => {
                let mut made = Vec::with_capacity(cases.len());
                for (cond, value) in cases.iter() {
                    made.push((cond.clone(), self.element(value, std::slice::from_ref(index), at)?));
                }
                here(at, Value::of_cases(made))
            }
            other => Err(Fault::new(at, format!("{} has no index", other.kind()))),
        }
    }

    /// A function of the language, or a subroutine.
    fn function(&mut self, name: Name, args: Vec<Value>, at: u32) -> Res<Value> {
        if let Some(Symbol::Def(definition)) = self.scopes.find(name) {
            let definition = definition.clone();
            return self.subroutine(&definition, args, at);
        }
        let shown = self.parser.name(name);
        match functions::call(shown, self.parser.version(), &args) {
            Some(value) => here(at, value),
            None => Err(match self.scopes.find(name) {
                Some(Symbol::Gate(_)) => {
                    Fault::new(at, format!("'{shown}' is a gate: it needs qubits after its angles"))
                }
                Some(symbol) => {
                    Fault::new(at, format!("'{shown}' is {}, not a function", symbol.kind()))
                }
                None => Fault::new(
                    at,
                    format!("there is no function '{shown}': define it with 'def' before"),
                ),
            }),
        }
    }

    /// A type with its sizes.
    pub fn shape(&mut self, ty: &Type, at: u32) -> Res<Shape> {
        let scalar = |kind| Ok(Shape::Scalar(kind));
        match ty {
            Type::Bool | Type::Bit(None) => scalar(Kind::Bool),
            Type::Bit(Some(size)) => scalar(Kind::Bits(self.constant_size(size, 1 << 20)?)),
            Type::Int(signed, size) => {
                let width = size.as_ref().map(|size| self.constant_size(size, 64)).transpose()?;
                scalar(Kind::Int { signed: *signed, width: width.map(|width| width as u32) })
            }
            Type::Float(None) => scalar(Kind::Float { single: false }),
            Type::Float(Some(size)) => match self.constant_size(size, 1 << 20)? {
                64 => scalar(Kind::Float { single: false }),
                32 => scalar(Kind::Float { single: true }),
                other => Err(Fault::new(
                    size.at,
                    format!("real numbers of {other} bits are not read: use float[32] or float[64]"),
                )),
            },
            Type::Angle(size) => {
                let width = size.as_ref().map(|size| self.constant_size(size, 64)).transpose()?;
                scalar(Kind::Angle { width: width.unwrap_or(64) as u32 })
            }
            Type::Time => scalar(Kind::Time),
            Type::Qubit(_) => Err(Fault::new(at, "a qubit is no classical value")),
            Type::Reference(_, ty) => self.shape(ty, at),
            Type::Array(element, sizes) => {
                let Shape::Scalar(kind) = self.shape(element, at)? else {
                    return Err(Fault::new(at, "an array of arrays is written with several sizes"));
                };
                if let Type::Bit(_) = **element {
                    return Err(Fault::new(
                        at,
                        "there are no arrays of bits: use bit[n], or an array of bool",
                    ));
                }
                let sizes = sizes.iter().map(|size| self.size_or_none(size, MAX_ELEMENTS));
                let sizes: Rc<[usize]> = sizes.collect::<Res<_>>()?;
                let elements = sizes.iter().try_fold(1usize, |all, &size| all.checked_mul(size));
                match elements {
                    Some(elements) if elements <= MAX_ELEMENTS && sizes.len() <= 7 => {
                        Ok(Shape::Array(kind, sizes))
                    }
                    _ => Err(Fault::new(
                        at,
                        format!("an array has at most {MAX_ELEMENTS} elements and 7 dimensions"),
                    )),
                }
            }
        }
    }

    fn size_or_none(&mut self, size: &Expr, most: usize) -> Res<usize> {
        let value = self.eval(size)?;
        match value.whole().and_then(|value| usize::try_from(value).ok()) {
            Some(value) if value <= most => Ok(value),
            _ => Err(Fault::new(size.at, format!("a size is a whole number from 0 to {most}"))),
        }
    }

    /// A size in a declaration: one that is constant.
    pub fn constant_size(&mut self, size: &Expr, most: usize) -> Res<usize> {
        self.is_constant(size, "a size")?;
        self.size(size, most)
    }

    /// Sees to it that an expression is constant: that it uses no variables that may change.
    pub fn is_constant(&self, expr: &Expr, what: &str) -> Res<()> {
        for instr in &expr.code {
            let (Instr::Name(name, at) | Instr::Call(name, _, at)) = *instr else { continue };
            let changes = match self.scopes.find(name) {
                Some(Symbol::Variable(number)) => !self.scopes.variables[*number].constant,
                Some(Symbol::Def(_) | Symbol::Bits(_)) => true,
                _ => false,
            };
            if changes {
                let shown = self.parser.name(name);
                return Err(Fault::new(
                    at,
                    format!("{what} is constant, and '{shown}' is not: declare it with 'const'"),
                ));
            }
        }
        Ok(())
    }

    /// A size: a known whole number from 1 on.
    pub fn size(&mut self, size: &Expr, most: usize) -> Res<usize> {
        let value = self.eval(size)?;
        match value.whole().and_then(|value| usize::try_from(value).ok()) {
            Some(value) if (1..=most).contains(&value) => Ok(value),
            Some(value) => {
                Err(Fault::new(size.at, format!("the size {value} is not one from 1 to {most}")))
            }
            None => Err(Fault::new(size.at, format!("a size is a known whole number from 1 to {most}"))),
        }
    }

    /// What an operand names: qubits, or something else that has a value.
    pub fn operand(&mut self, operand: &Operand) -> Res<Value> {
        let mut value = match operand.base {
            Base::Name(name) => self.value_of(name, operand.at)?,
            Base::Physical(number) => Value::Qubit(self.physical(number, operand.at)?),
        };
        for (index, _) in &operand.index {
            // Most are one number.
            if let ([Instr::Int(place)], Value::Qubits(qubits)) = (&index.code[..], &value)
                && let Some(&qubit) = usize::try_from(*place).ok().and_then(|place| qubits.get(place))
            {
                value = Value::Qubit(qubit);
                continue;
            }
            let given = self.eval_all(index)?;
            value = self.element(&value, &given, index.at)?;
        }
        Ok(value)
    }

    /// The qubits that an operand names, and whether it is a register.
    pub fn qubits(&mut self, operand: &Operand) -> Res<(Rc<[usize]>, bool)> {
        match self.operand(operand)? {
            Value::Qubit(qubit) => Ok(([qubit].into(), false)),
            Value::Qubits(qubits) => Ok((qubits, true)),
            other => Err(Fault::new(
                operand.at,
                format!("a qubit should stand here, and this is {}", other.kind()),
            )),
        }
    }
}

/// What a power divides: the stdgates.inc of OpenQASM 3.0 writes the square root as `pow(1/2)`, so that one
/// over a whole number is a real number there. Other quotients that are not whole could mean either.
fn dividend_of_power(a: Value, b: &Value) -> Result<Value, String> {
    match (&a, b) {
        (&Value::Int { value, .. }, &Value::Int { value: by, .. }) if by != 0 && value % by != 0 => {
            match value.abs() {
                1 => Ok(float(value as f64)),
                _ => Err(format!(
                    "{value}/{by} is {} among whole numbers: write {value}.0/{by} for the real number",
                    value / by
                )),
            }
        }
        _ => Ok(a),
    }
}

fn pop(stack: &mut Vec<Value>, at: u32) -> Res<Value> {
    stack.pop().ok_or_else(|| Fault::new(at, "there is no value here"))
}

/// A known whole number.
pub fn whole(value: &Value, at: u32, what: &str) -> Res<i128> {
    match value.whole() {
        Some(value) => Ok(value),
        None if value.is_open() => Err(Fault::new(
            at,
            format!(
                "{what}, and this one depends on outcomes, which are known only when the circuit runs"
            ),
        )),
        None => Err(Fault::new(at, format!("{what}, and this is {}", value.kind()))),
    }
}
