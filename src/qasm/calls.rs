//! Calling and defining gates.

use std::rc::Rc;

use super::ast::{Base, Definition, GateCall, Modifier, Statement, StatementKind};
use super::eval::here;
use super::gates::{Body, Gate};
use super::lex::{Name, word};
use super::library;
use super::output::size_of;
use super::powers;
use super::scope::{Shape, Symbol};
use super::value::{Kind, Value, float};
use super::walk::{Walker, distinct, has_twice};
use super::{Fault, Res};
use crate::circuit::{Angle, Operation};
use crate::gates::Gate as Native;

/// A gate cannot be controlled by more qubits than this.
const MAX_CONTROLS: usize = 1 << 10;

/// How many operations may wait for a modifier.
const MAX_WAITING: usize = 1 << 20;

/// `inv @` or `pow(k) @`.
enum Power {
    Inverse,
    Of(f64),
}

impl<'a> Walker<'a> {
    /// A gate, on qubits or registers.
    pub(super) fn call(&mut self, at: u32, call: &GateCall) -> Res<()> {
        let gate = self.resolve(call.name, at)?;
        if call.args.len() != gate.num_params {
            let shown = self.parser.name(call.name);
            return Err(Fault::new(
                at,
                format!(
                    "the gate '{shown}' takes {} angle(s), not {}",
                    gate.num_params,
                    call.args.len()
                ),
            ));
        }
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            let value = self.eval(arg)?;
            args.push(match value {
                Value::Float { .. } | Value::Affine(_) => value,
                _ if value.is_open() => value,
                _ => match value.number() {
                    Some(number) if !matches!(value, Value::Bool(_)) => float(number),
                    _ => {
                        return Err(Fault::new(
                            arg.at,
                            format!("an angle should stand here, and this is {}", value.kind()),
                        ));
                    }
                },
            });
        }
        let mut powers = Vec::new();
        let mut controls = Vec::new();
        for modifier in &call.modifiers {
            match modifier {
                Modifier::Inverse => powers.push(Power::Inverse),
                Modifier::Power(exponent) => {
                    self.in_power = true;
                    let value = self.eval(exponent)?;
                    self.in_power = false;
                    let Some(number) = value.number() else {
                        return Err(Fault::new(
                            exponent.at,
                            format!("a power is a known number, and this is {}", value.kind()),
                        ));
                    };
                    if value.whole().is_some_and(|whole| whole.abs() > 1 << 53) {
                        return Err(Fault::new(exponent.at, "a whole power has at most 53 bits"));
                    }
                    powers.push(Power::Of(number));
                }
                Modifier::Control(on, count) => {
                    let count = match count {
                        Some(count) => self.size(count, MAX_CONTROLS)?,
                        None => 1,
                    };
                    controls.extend(std::iter::repeat_n(*on, count));
                }
            }
        }
        let wanted = controls.len() + gate.num_qubits;
        if call.operands.len() != wanted {
            let shown = self.parser.name(call.name);
            let with = if controls.is_empty() { "" } else { " with its controls" };
            return Err(Fault::new(
                at,
                format!("the gate '{shown}'{with} takes {wanted} qubit(s), not {}", call.operands.len()),
            ));
        }
        let mut operands = Vec::with_capacity(wanted);
        let mut length = None;
        for operand in &call.operands {
            let (qubits, is_register) = self.qubits(operand)?;
            // In OpenQASM 2 a register of one qubit goes with others as a qubit does.
            if is_register && (qubits.len() > 1 || self.parser.version() == 3) {
                match length {
                    Some(known) if known != qubits.len() => {
                        return Err(Fault::new(
                            operand.at,
                            format!(
                                "registers of {known} and {} qubits do not go together in one gate: give slices of \
                                 one length",
                                qubits.len()
                            ),
                        ));
                    }
                    _ => length = Some(qubits.len()),
                }
            }
            operands.push(qubits);
        }
        let mut qubits = vec![0; wanted];
        for i in 0..length.unwrap_or(1) {
            for (qubit, operand) in qubits.iter_mut().zip(&operands) {
                *qubit = if operand.len() == 1 { operand[0] } else { operand[i] };
            }
            distinct(at, &qubits)?;
            let (controlling, targets) = qubits.split_at(controls.len());
            let controlled: Vec<(usize, bool)> =
                controlling.iter().copied().zip(controls.iter().copied()).collect();
            self.in_each_case(at, &gate, &args, targets, &powers, &controlled)?;
        }
        Ok(())
    }

    /// A gate whose angles may depend on outcomes.
    fn in_each_case(
        &mut self,
        at: u32,
        gate: &Rc<Gate>,
        args: &[Value],
        qubits: &[usize],
        powers: &[Power],
        controls: &[(usize, bool)],
    ) -> Res<()> {
        let Some(open) = args.iter().position(Value::is_open) else {
            return self.modified(at, gate, args, qubits, powers, controls);
        };
        for (cond, value) in here(at, args[open].cases())? {
            let Some(number) = value.number().filter(|_| !matches!(value, Value::Bool(_))) else {
                return Err(Fault::new(
                    at,
                    format!("an angle should stand here, and this is {}", value.kind()),
                ));
            };
            let Some(before) = self.output.narrow(at, &[cond])? else { continue };
            let mut args = args.to_vec();
            args[open] = float(number);
            self.in_each_case(at, gate, &args, qubits, powers, controls)?;
            self.output.widen(before);
        }
        Ok(())
    }

    /// A gate with its modifiers.
    fn modified(
        &mut self,
        at: u32,
        gate: &Rc<Gate>,
        args: &[Value],
        qubits: &[usize],
        powers: &[Power],
        controls: &[(usize, bool)],
    ) -> Res<()> {
        if powers.is_empty() && controls.is_empty() {
            return self.apply(at, gate, args, qubits);
        }
        if self.sink.is_none() {
            self.waiting = 0;
        }
        let before = self.sink.replace(Vec::new());
        self.apply(at, gate, args, qubits)?;
        let mut operations = std::mem::replace(&mut self.sink, before).unwrap_or_default();
        for power in powers.iter().rev() {
            operations = match power {
                Power::Inverse => powers::inverse(operations),
                Power::Of(exponent) => {
                    let size = operations.iter().map(size_of).max().unwrap_or(1);
                    powers::power(at, operations, *exponent, MAX_WAITING / size)?
                }
            };
            self.work(at, operations.len())?;
        }
        let size: usize =
            operations.iter().map(|operation| size_of(operation) + controls.len() / 4).sum();
        if size > MAX_WAITING {
            return Err(too_long(at));
        }
        for mut operation in operations {
            operation.controls.splice(0..0, controls.iter().copied());
            self.emit(at, operation, self.in_gate)?;
        }
        Ok(())
    }

    /// A gate without modifiers.
    fn apply(&mut self, at: u32, gate: &Rc<Gate>, args: &[Value], qubits: &[usize]) -> Res<()> {
        let definition = match &gate.body {
            Body::Defined(definition) => definition,
            Body::Opaque => {
                let shown = self.parser.name(gate.name);
                return Err(Fault::new(
                    at,
                    format!("the gate '{shown}' is opaque: nobody says what it does; define it"),
                ));
            }
            body => {
                let angles = args.iter().map(|arg| angle_of(arg, at)).collect::<Res<Vec<Angle>>>()?;
                let operation = body.operation(&angles, qubits);
                let operation =
                    operation.ok_or_else(|| Fault::new(at, "this gate does nothing known"))?;
                return self.emit(at, operation, self.in_gate);
            }
        };
        self.deeper(at)?;
        self.work(at, 4)?;
        let before = self.scopes.enter_call();
        let was = (self.in_gate, self.in_library, self.num_gates);
        (self.in_gate, self.in_library, self.num_gates) = (true, gate.included, gate.serial - 1);
        for (&(_, name), arg) in definition.params.iter().zip(args) {
            let shape = Shape::Scalar(Kind::Float { single: false });
            self.declare_variable(name, shape, arg.clone(), true, definition.at)?;
        }
        for (&name, &qubit) in definition.qubits.iter().zip(qubits) {
            self.declare(name, Symbol::Qubit(qubit), definition.at)?;
        }
        let done = self.gate_body(&definition.body);
        // Places in a standard file are none in the text.
        done.map_err(|fault| if gate.included { Fault { at: at as usize, ..fault } } else { fault })?;
        (self.in_gate, self.in_library, self.num_gates) = was;
        self.scopes.leave_call(before);
        self.higher();
        Ok(())
    }

    /// An operation: to the modifiers that wait for it, or to the circuit. A phase that a gate makes on the
    /// way joins others.
    fn emit(&mut self, at: u32, operation: Operation, on_the_way: bool) -> Res<()> {
        if let Some(sink) = &mut self.sink {
            self.waiting += size_of(&operation);
            if self.waiting > MAX_WAITING {
                return Err(too_long(at));
            }
            sink.push(operation);
            return Ok(());
        }
        match operation.gamma() {
            Some(phase) if on_the_way => self.output.push_phase(at, phase, operation.controls),
            _ => self.output.push(at, operation),
        }
    }

    /// The gate that a name stands for.
    fn resolve(&mut self, name: Name, at: u32) -> Res<Rc<Gate>> {
        if self.is_phase(name) {
            return Ok(self.gphase.clone());
        }
        if self.in_library
            && let Some(native) = Native::named(self.parser.name(name))
        {
            return Ok(native_gate(name, native));
        }
        match self.scopes.find(name) {
            Some(Symbol::Gate(gate)) if gate.serial <= self.num_gates => Ok(gate.clone()),
            Some(Symbol::Gate(_)) | None => Err(self.no_gate(name, at)),
            Some(symbol) => {
                let kind = symbol.kind();
                Err(Fault::new(at, format!("'{}' is {kind}, not a gate", self.parser.name(name))))
            }
        }
    }

    /// The refusal of a gate that nothing declares.
    fn no_gate(&self, name: Name, at: u32) -> Fault {
        let shown = self.parser.name(name);
        if self.scopes.find(name).is_some() {
            return Fault::new(
                at,
                format!("the gate '{shown}' is defined only after the gate that uses it here"),
            );
        }
        let version = self.parser.version();
        let other = match shown {
            "cnot" | "CNOT" => "cx".to_owned(),
            "toffoli" | "ccnot" => "ccx".to_owned(),
            _ => shown.to_lowercase(),
        };
        let remedy = match (library::file_of(shown, version), super::write::definition(shown)) {
            (Some(file), _) => format!("begin with 'include \"{file}\";'"),
            (_, Some((definition, _))) if version == 3 => {
                format!("stdgates.inc does not have it; define it before, as in '{definition}'")
            }
            _ if library::file_of(&other, version).is_some() => format!("did you mean '{other}'?"),
            _ => "define it with 'gate' before it is used, or name the dialect (dialect=, --dialect)"
                .to_owned(),
        };
        Fault::new(at, format!("the gate '{shown}' is not declared: {remedy}"))
    }

    /// Defines a gate.
    pub(super) fn define(&mut self, definition: &Rc<Definition>) -> Res<()> {
        let at = definition.at;
        let mut names: Vec<Name> = definition.params.iter().map(|&(_, name)| name).collect();
        names.extend_from_slice(&definition.qubits);
        if has_twice(&names) {
            return Err(Fault::new(at, "two parameters of this gate have one name"));
        }
        let mut known = definition.qubits.clone();
        self.check_body(&definition.body, &mut known)?;
        let body = self.known_body(definition).unwrap_or_else(|| Body::Defined(definition.clone()));
        let gate = self.gate(definition.name, definition.params.len(), definition.qubits.len(), body);
        self.declare(definition.name, Symbol::Gate(gate), at)
    }

    /// Sees to it that a gate uses gates only that are known, on its own qubits.
    fn check_body(&mut self, body: &[Statement], known: &mut Vec<Name>) -> Res<()> {
        for statement in body {
            let at = statement.at;
            match &statement.kind {
                StatementKind::Call(call) => {
                    self.resolve(call.name, at)?;
                    self.check_qubits(&call.operands, known)?;
                }
                StatementKind::Idle(operands) => self.check_qubits(operands, known)?,
                StatementKind::Block(inner)
                | StatementKind::While(_, inner)
                | StatementKind::For(_, inner) => {
                    self.check_body(inner, &mut known.clone())?;
                }
                StatementKind::If(chain, otherwise) => {
                    for body in chain.iter().map(|(_, body)| body).chain([otherwise]) {
                        self.check_body(body, &mut known.clone())?;
                    }
                }
                StatementKind::Alias(name, parts) => {
                    self.check_qubits(parts, known)?;
                    known.push(*name);
                }
                StatementKind::Break | StatementKind::Continue => {}
                _ => {
                    return Err(Fault::new(
                        at,
                        "a gate is made of gates, and of loops of them: make it a subroutine with 'def'",
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_qubits(&self, operands: &[super::ast::Operand], known: &[Name]) -> Res<()> {
        for operand in operands {
            match operand.base {
                Base::Name(name) if known.contains(&name) => {}
                Base::Name(name) => {
                    let shown = self.parser.name(name);
                    return Err(Fault::new(
                        operand.at,
                        format!("'{shown}' is no qubit of this gate: add it to the gate's qubits"),
                    ));
                }
                Base::Physical(_) => {
                    return Err(Fault::new(
                        operand.at,
                        "a gate uses no physical qubits: add a qubit to the gate's own",
                    ));
                }
            }
        }
        Ok(())
    }

    /// What a definition says in one gate of numket's: a standard file names such gates, and a text that numket
    /// writes defines those that no standard file has.
    fn known_body(&mut self, definition: &Definition) -> Option<Body> {
        if self.in_library {
            let [Statement { kind: StatementKind::Call(call), .. }] = &definition.body[..] else {
                return None;
            };
            let native = Native::named(self.parser.name(call.name))?;
            let same_params = call.args.iter().zip(&definition.params).all(|(arg, &(_, param))| {
                matches!(arg.code[..], [super::ast::Instr::Name(name, _)] if name == param)
            });
            let same_qubits = call.operands.iter().zip(&definition.qubits).all(|(operand, &qubit)| {
                matches!(operand.base, Base::Name(name) if name == qubit) && operand.index.is_empty()
            });
            let same_counts = call.args.len() == definition.params.len()
                && call.operands.len() == definition.qubits.len();
            return (call.modifiers.is_empty() && same_params && same_qubits && same_counts)
                .then_some(Body::Native(native));
        }
        let text = &self.parser.text()[definition.at as usize..];
        let (body, uses) = super::write::known_definition(self.parser.name(definition.name), text)?;
        // What its lines use must mean what it meant when it was written.
        if self.scopes.find(word::PI).is_some() {
            return None;
        }
        let is_native = |name: &&str| {
            let number = self.parser.number_of(name);
            match number.and_then(|number| self.scopes.find(number)) {
                Some(Symbol::Gate(gate)) => {
                    matches!(gate.body, Body::Native(native) if native.name == *name)
                }
                _ => false,
            }
        };
        uses.iter().all(is_native).then_some(body)
    }
}

fn too_long(at: u32) -> Fault {
    Fault::new(at, format!("a gate with modifiers has at most {MAX_WAITING} operations"))
}

/// A gate of the table under some name.
fn native_gate(name: Name, native: &'static Native) -> Rc<Gate> {
    let (num_params, num_qubits) = (native.params.len(), native.qubits.len());
    Rc::new(Gate { name, num_params, num_qubits, body: Body::Native(native), included: true, serial: 0 })
}

/// The one gate without qubits.
pub fn phase_gate() -> Rc<Gate> {
    Rc::new(Gate {
        name: word::GPHASE,
        num_params: 1,
        num_qubits: 0,
        body: Body::Phase,
        included: true,
        serial: 0,
    })
}

/// An angle of an operation.
fn angle_of(value: &Value, at: u32) -> Res<Angle> {
    match value {
        Value::Affine(affine) => Ok(Angle { offset: affine.offset, terms: affine.terms.clone() }),
        other => {
            let number = other.number().filter(|number| number.is_finite());
            number.map(Angle::from).ok_or_else(|| Fault::new(at, "an angle must be a finite number"))
        }
    }
}
