//! Walking through statements: what is known is computed, and the rest becomes operations.

use std::collections::HashSet;
use std::rc::Rc;

use super::arithmetic::binary;
use super::ast::{Statement, StatementKind};
use super::calls::phase_gate;
use super::eval::{here, whole};
use super::gates::{Body, Gate};
use super::lex::{Name, Sym, word};
use super::measure::NO_HOME;
use super::output::Output;
use super::parse::Parser;
use super::scope::{Scopes, Shape, Symbol, Variable};
use super::value::{self, Bit, Cond, Kind, Value};
use super::{Dialect, Fault, Options, Program, Res, library};
use crate::circuit::{Action, Operation};

/// How deep gates, subroutines and blocks may stand in each other while they are walked.
const MAX_DEPTH: usize = 250;

/// Steps of expressions and statements, for each round that loops may have. A text that needs more does not
/// seem to end.
const WORK_PER_ROUND: u64 = 64;

/// After this many steps it is asked again whether to go on.
const ASKED_EVERY: u64 = 1 << 14;

/// How many bits, numbers and elements all variables may hold together.
const MAX_VALUES: usize = 1 << 22;

/// What comes after a statement.
pub enum Flow {
    Next,
    Break(u32),
    Continue(u32),
    Return(u32, Option<Value>),
    End,
}

/// A text being walked.
pub struct Walker<'a> {
    pub(super) parser: Parser<'a>,
    pub(super) scopes: Scopes,
    pub(super) output: Output,
    pub(super) options: &'a Options,
    go_on: &'a mut (dyn FnMut() -> bool + 'a),
    /// Steps done, and how many are allowed.
    done: u64,
    limit: u64,
    pub(super) rounds: u64,
    pub(super) parameters: Vec<String>,
    depth: usize,
    /// Where operations go while modifiers wait for them.
    pub(super) sink: Option<Vec<Operation>>,
    /// How large these are together.
    pub(super) waiting: usize,
    /// How many gates have been defined; inside a gate, how many were when it was.
    pub(super) num_gates: usize,
    /// Whether a standard file is read, or a gate of one is walked.
    pub(super) in_library: bool,
    /// Whether a gate is walked.
    pub(super) in_gate: bool,
    /// Under which conditions the subroutine that is walked was called.
    pub(super) called: Option<Vec<Cond>>,
    /// The gate without qubits.
    pub(super) gphase: Rc<Gate>,
    /// Whether a power is computed, where one over a whole number is a real number.
    pub(super) in_power: bool,
}

/// Reads a text.
pub fn read(text: &str, options: &Options, go_on: &mut dyn FnMut() -> bool) -> Res<Program> {
    let mut parser = Parser::new(text, 2)?;
    let version = parser.version_line()?;
    let rounds = options.max_rounds.max(Options::default().max_rounds);
    let mut walker = Walker {
        parser,
        scopes: Scopes::new(),
        output: Output::new(text.len()),
        options,
        go_on,
        done: 0,
        limit: WORK_PER_ROUND.saturating_mul(rounds) + 8 * text.len() as u64,
        rounds: 0,
        parameters: Vec::new(),
        depth: 0,
        sink: None,
        waiting: 0,
        num_gates: 0,
        in_library: false,
        in_gate: false,
        called: None,
        gphase: phase_gate(),
        in_power: false,
    };
    let program = walker.start(version).and_then(|()| walker.program());
    program.map_err(|mut fault| {
        if version.is_none() {
            fault.what += " (without a version line this is read as OpenQASM 2; for 3, begin with 'OPENQASM 3.0;')";
        }
        fault
    })
}

impl<'a> Walker<'a> {
    /// Knows what is known before the first statement.
    fn start(&mut self, version: Option<u32>) -> Res<()> {
        let version = match version {
            Some(version) => version,
            None => {
                self.include(0, library::QELIB1)?;
                2
            }
        };
        self.include(0, if version == 2 { library::BUILT_IN_2 } else { library::BUILT_IN_3 })?;
        match (self.options.dialect, version) {
            (Dialect::Standard, _) => Ok(()),
            (Dialect::Braket, 3) => self.include(0, library::BRAKET),
            (Dialect::Qibo, 2) => self.include(0, library::QIBO),
            (Dialect::Braket, _) => {
                Err(Fault::new(0, "Braket's dialect is one of OpenQASM 3: begin with 'OPENQASM 3.0;'"))
            }
            (Dialect::Qibo, _) => {
                Err(Fault::new(0, "Qibo's dialect is one of OpenQASM 2: begin with 'OPENQASM 2.0;'"))
            }
        }
    }

    /// Walks through the text, and gives what has come of it.
    fn program(&mut self) -> Res<Program> {
        let mut ended = false;
        while let Some(statement) = self.parser.statement()? {
            if ended {
                continue; // It must still be a statement.
            }
            match self.statement(&statement)? {
                Flow::Next => {}
                Flow::End => ended = true,
                Flow::Return(at, _) => {
                    return Err(Fault::new(at, "'return' stands outside of a subroutine"));
                }
                Flow::Break(at) | Flow::Continue(at) => return Err(out_of_loop(at)),
            }
        }
        let output = std::mem::replace(&mut self.output, Output::new(0));
        let held: Vec<Vec<Bit>> = output
            .bits
            .iter()
            .map(|(register, _, variable)| {
                (0..register.len).map(|place| self.bit_of((*variable, place))).collect()
            })
            .collect();
        output.finish(&held, std::mem::take(&mut self.parameters).into_iter().collect(), self.options)
    }

    /// Counts steps, and asks now and then whether to go on.
    #[inline]
    pub(super) fn work(&mut self, at: u32, steps: usize) -> Res<()> {
        let before = self.done;
        self.done += 1 + steps as u64;
        if before / ASKED_EVERY == self.done / ASKED_EVERY {
            return Ok(());
        }
        if !(self.go_on)() {
            return Err(Fault::new(at, "reading was stopped"));
        }
        match self.done > self.limit {
            true => Err(Fault::new(
                at,
                "reading this takes too many steps: shorten the loops, or allow more by max_rounds (--max-rounds)",
            )),
            false => Ok(()),
        }
    }

    /// Reads a file of the library; what is wrong with that is wrong at the place `at` of the text.
    fn include(&mut self, at: u32, text: &'a str) -> Res<()> {
        let left = self.parser.enter(text, 3)?;
        let before = std::mem::replace(&mut self.in_library, true);
        while let Some(statement) = self.parser.statement()? {
            self.statement(&statement).map_err(|fault| Fault { at: at as usize, ..fault })?;
        }
        self.in_library = before;
        self.parser.resume(left);
        Ok(())
    }

    /// Goes one level deeper.
    pub(super) fn deeper(&mut self, at: u32) -> Res<()> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(Fault::new(
                at,
                format!("gates, subroutines and blocks stand in each other more than {MAX_DEPTH} deep"),
            )),
            false => Ok(()),
        }
    }

    pub(super) fn higher(&mut self) {
        self.depth -= 1;
    }

    /// Declares a name.
    pub(super) fn declare(&mut self, name: Name, symbol: Symbol, at: u32) -> Res<()> {
        if matches!(name, word::PI | word::TAU | word::EULER)
            && self.scopes.is_global()
            && self.parser.version() == 3
        {
            let shown = self.parser.name(name);
            return Err(Fault::new(at, format!("'{shown}' is a number already: take another name")));
        }
        self.scopes.declare(name, symbol).map_err(|known| {
            let shown = self.parser.name(name);
            Fault::new(
                at,
                format!("'{shown}' is declared already, as {}: take another name", known.kind()),
            )
        })
    }

    /// Declares a classical variable.
    pub(super) fn declare_variable(
        &mut self,
        name: Name,
        shape: Shape,
        value: Value,
        constant: bool,
        at: u32,
    ) -> Res<usize> {
        let (number, len) = (self.scopes.variables.len(), shape.len());
        self.work(at, len / 4)?;
        if self.scopes.size + len > MAX_VALUES {
            return Err(Fault::new(
                at,
                format!(
                    "the variables of this text hold more than {MAX_VALUES} values: make them smaller"
                ),
            ));
        }
        self.scopes.size += len;
        let homes = match shape {
            Shape::Scalar(Kind::Bool) => vec![NO_HOME],
            Shape::Scalar(Kind::Bits(size)) => vec![NO_HOME; size],
            _ => Vec::new(),
        };
        self.declare(name, Symbol::Variable(number), at)?;
        self.scopes.variables.push(Variable { shape, value, constant, homes });
        Ok(number)
    }

    pub(super) fn only_global(&self, at: u32, what: &str) -> Res<()> {
        match self.scopes.is_global() {
            true => Ok(()),
            false => Err(Fault::new(at, format!("{what} stands outside of all blocks: move it there"))),
        }
    }

    /// Walks through statements in a scope of their own.
    fn block(&mut self, statements: &[Statement]) -> Res<Flow> {
        self.scopes.enter();
        let flow = self.statements(statements)?;
        self.scopes.leave();
        Ok(flow)
    }

    pub(super) fn gate_body(&mut self, statements: &[Statement]) -> Res<()> {
        match self.statements(statements)? {
            Flow::Next => Ok(()),
            Flow::Break(at) | Flow::Continue(at) => Err(out_of_loop(at)),
            Flow::Return(at, _) => Err(Fault::new(at, "a gate returns nothing")),
            Flow::End => Err(Fault::new(
                statements.first().map_or(0, |first| first.at),
                "a gate does not end the program",
            )),
        }
    }

    pub(super) fn statements(&mut self, statements: &[Statement]) -> Res<Flow> {
        for statement in statements {
            match self.statement(statement)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &Statement) -> Res<Flow> {
        let at = statement.at;
        self.work(at, 1)?;
        match &statement.kind {
            StatementKind::Call(call) => self.call(at, call)?,
            StatementKind::Measure(measured, target) => {
                let (qubits, is_register) = self.qubits(measured)?;
                match target {
                    Some(target) => {
                        let cells = self.cells(target)?;
                        self.measure_into(at, &qubits, &cells)?;
                    }
                    None => drop(self.measured(at, &qubits, is_register)?),
                }
            }
            StatementKind::Reset(operand) => {
                let (qubits, _) = self.qubits(operand)?;
                distinct(operand.at, &qubits)?;
                let operation =
                    Operation { action: Action::Reset, qubits: qubits.to_vec(), controls: Vec::new() };
                self.output.push(at, operation)?;
            }
            StatementKind::Idle(operands) => {
                for operand in operands {
                    self.qubits(operand)?;
                }
            }
            &StatementKind::Include(from, to) => {
                self.only_global(at, "'include'")?;
                match self.parser.slice(from, to) {
                    "qelib1.inc" => {
                        self.include(at, library::QELIB1)?;
                        if self.options.dialect == Dialect::Qibo {
                            self.include(at, library::QIBO)?; // some of whose gates are others
                        }
                    }
                    "stdgates.inc" => self.include(at, library::STDGATES)?,
                    other => {
                        return Err(Fault::new(
                            at,
                            format!(
                                "the file {other:?} is not included: numket has qelib1.inc and stdgates.inc; write \
                                 the lines of others into this text"
                            ),
                        ));
                    }
                }
            }
            StatementKind::Gate(definition) => {
                self.only_global(at, "a definition of a gate")?;
                self.define(definition)?;
            }
            StatementKind::Opaque(definition) => {
                // Qiskit writes waiting so.
                let body = match self.parser.name(definition.name) {
                    "delay" => Body::Defined(definition.clone()),
                    _ => Body::Opaque,
                };
                let gate =
                    self.gate(definition.name, definition.params.len(), definition.qubits.len(), body);
                self.declare(definition.name, Symbol::Gate(gate), at)?;
            }
            StatementKind::Def(definition) => {
                self.only_global(at, "a definition of a subroutine")?;
                self.declare(definition.name, Symbol::Def(definition.clone()), at)?;
            }
            StatementKind::Qubits(name, size) => {
                self.only_global(at, "a declaration of qubits")?;
                self.declare_qubits(*name, size.as_ref(), at)?;
            }
            StatementKind::Declare(constant, ty, name, source) => {
                self.declaration(at, *constant, ty, *name, source.as_ref())?;
            }
            StatementKind::Io(is_input, ty, name) => self.io(at, *is_input, ty, *name)?,
            StatementKind::Alias(name, parts) => {
                let symbol = self.alias(at, parts)?;
                self.declare(*name, symbol, at)?;
            }
            StatementKind::Assign(target, sym, source) => self.assignment(at, target, *sym, source)?,
            StatementKind::Block(statements) => return self.nested(at, statements),
            StatementKind::If(chain, otherwise) => return self.chain(at, chain, otherwise),
            StatementKind::For(head, body) => return self.for_loop(at, head, body),
            StatementKind::While(condition, body) => {
                self.work(at, self.output.path().len())?;
                let path = self.output.path().to_vec();
                loop {
                    let value = self.eval(condition)?;
                    let value = here(condition.at, value::as_bool(&value))?;
                    let Value::Bool(goes_on) = value else {
                        return Err(Fault::new(
                            condition.at,
                            "how often this loop runs depends on outcomes, and a circuit has no loops: use a 'for' \
                             loop of so many rounds, with an 'if' inside",
                        ));
                    };
                    if !goes_on {
                        break;
                    }
                    self.round(at)?;
                    match self.nested(at, body)? {
                        Flow::Next => {}
                        Flow::Continue(at) => self.same_path(at, &path, "continue")?,
                        Flow::Break(at) => {
                            self.same_path(at, &path, "break")?;
                            break;
                        }
                        flow => return Ok(flow),
                    }
                }
            }
            StatementKind::Switch(value, cases) => {
                let place = value.at;
                let value = self.eval(value)?;
                if let Value::Float { .. } | Value::Angle { .. } | Value::Affine(_) = value {
                    return Err(Fault::new(
                        place,
                        format!("a 'switch' is on a whole number, and this is {}", value.kind()),
                    ));
                }
                let mut seen: HashSet<i128> = HashSet::new();
                let mut any = Value::Bool(false);
                let mut branches = Vec::new();
                for (labels, body) in cases {
                    let mut this = Value::Bool(labels.is_empty());
                    for label in labels {
                        let known = self.eval(label)?;
                        let number = whole(&known, label.at, "a label of a 'switch' is a whole number")?;
                        if !seen.insert(number) {
                            return Err(Fault::new(
                                label.at,
                                format!("the label {number} stands here a second time"),
                            ));
                        }
                        let same = here(label.at, binary(Sym::Same, &value, &known))?;
                        this = here(label.at, binary(Sym::Or, &this, &same))?;
                    }
                    let conds = match labels.is_empty() {
                        true => self.when(at, &any, false)?,
                        false => self.when(at, &this, true)?,
                    };
                    any = here(at, binary(Sym::Or, &any, &this))?;
                    branches.push((conds, body));
                }
                let branches: Vec<_> =
                    branches.iter().map(|(conds, body)| (&conds[..], *body)).collect();
                return self.branches(at, &branches);
            }
            StatementKind::Break => return Ok(Flow::Break(at)),
            StatementKind::Continue => return Ok(Flow::Continue(at)),
            StatementKind::Return(source) => {
                let Some(called) = self.called.clone() else {
                    return Err(Fault::new(at, "'return' stands outside of a subroutine"));
                };
                self.same_path(at, &called, "return")?;
                let value = source.as_ref().map(|source| self.source(source)).transpose()?;
                return Ok(Flow::Return(at, value));
            }
            StatementKind::End => {
                self.same_path(at, &[Cond::new()], "end")?;
                return Ok(Flow::End);
            }
            StatementKind::Expr(expr) => drop(self.eval_all(expr)?),
            &StatementKind::Pragma(from, to) => self.pragma(at, from, to)?,
        }
        Ok(Flow::Next)
    }

    /// A block inside another.
    pub(super) fn nested(&mut self, at: u32, statements: &[Statement]) -> Res<Flow> {
        self.deeper(at)?;
        let flow = self.block(statements)?;
        self.higher();
        Ok(flow)
    }

    /// A gate with a name of its own.
    pub(super) fn gate(
        &mut self,
        name: Name,
        num_params: usize,
        num_qubits: usize,
        body: Body,
    ) -> Rc<Gate> {
        self.num_gates += 1;
        let included = self.in_library;
        Rc::new(Gate { name, num_params, num_qubits, body, included, serial: self.num_gates })
    }

    /// The name of a keyword that is also the one gate without qubits.
    pub(super) fn is_phase(&self, name: Name) -> bool {
        name == word::GPHASE && (self.parser.version() == 3 || self.in_library)
    }
}

pub fn out_of_loop(at: u32) -> Fault {
    Fault::new(at, "'break' and 'continue' stand only inside of loops")
}

/// Whether something stands in a list twice.
pub fn has_twice<T: Copy + Ord>(items: &[T]) -> bool {
    if items.len() <= 16 {
        return (1..items.len()).any(|i| items[..i].contains(&items[i]));
    }
    let mut sorted = items.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// Sees to it that no qubit stands twice.
pub fn distinct(at: u32, qubits: &[usize]) -> Res<()> {
    match has_twice(qubits) {
        true => Err(Fault::new(at, "a qubit stands here twice: give different ones")),
        false => Ok(()),
    }
}
