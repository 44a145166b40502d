//! The circuit that is made: its operations, conditions and classical bits.

use std::collections::HashSet;
use std::rc::Rc;

use super::value::{Bit, Cond, Literal, MAX_CASES, both, decide};
use super::{Fault, Options, Program, Register, Res};
use crate::circuit::{Action, Angle, Circuit, MAX_CLASSICAL, Named, Names, Operation};

/// How many operations loops, gates and registers may make beyond the one that each part of the text makes.
const MAX_OPERATIONS: usize = 4_000_000;

/// How many qubits a text may declare.
pub const MAX_QUBITS: usize = 1 << 20;

/// A circuit in the making.
pub struct Output {
    operations: Vec<Operation>,
    /// How large they are together, and may be: an operation counts more with its qubits and conditions.
    size: usize,
    limit: usize,
    /// How many qubits there are.
    pub num_qubits: usize,
    /// Whether qubits are physical ones, which nobody declares.
    pub physical: bool,
    /// The registers of qubits.
    pub qubits: Vec<Register>,
    /// How many bits the text has declared.
    pub num_declared: usize,
    /// The registers of classical bits, with where they are declared, and the variables that they are.
    pub bits: Vec<(Register, u32, usize)>,
    /// For each classical bit of the circuit, how often it has been written.
    versions: Vec<u32>,
    /// Under which conditions operations are done now: one of these holds.
    path: Vec<Cond>,
    /// When none of them does, once somebody has asked.
    otherwise: Option<Rc<[Cond]>>,
    /// The phase that gates have left over.
    phase: Angle,
}

impl Output {
    /// Nothing yet, for a text of this length.
    pub fn new(text: usize) -> Output {
        Output {
            operations: Vec::new(),
            size: 0,
            limit: MAX_OPERATIONS.max(text),
            num_qubits: 0,
            physical: false,
            qubits: Vec::new(),
            num_declared: 0,
            bits: Vec::new(),
            versions: Vec::new(),
            path: vec![Cond::new()],
            otherwise: None,
            phase: Angle::default(),
        }
    }

    /// Whether operations are done in any case.
    pub fn always(&self) -> bool {
        matches!(&self.path[..], [cond] if cond.is_empty())
    }

    /// New classical bits of the circuit.
    pub fn new_bits(&mut self, at: u32, count: usize) -> Res<Vec<u32>> {
        let first = self.versions.len();
        if first.saturating_add(count) > MAX_CLASSICAL {
            return Err(Fault::new(
                at,
                format!(
                    "this makes more than {MAX_CLASSICAL} classical bits, the most that a circuit has"
                ),
            ));
        }
        self.versions.resize(first + count, 0);
        Ok((first as u32..(first + count) as u32).collect())
    }

    /// The conditions of what comes now, as pairs of bits and values.
    fn conditions(&self, at: u32) -> Res<Vec<Vec<(usize, bool)>>> {
        let pair = |literal: &Literal| {
            if self.versions[literal.bit as usize] != literal.version {
                return Err(Fault::new(
                    at,
                    "this depends on an outcome whose bit has been measured into again since: numket keeps \
                     one outcome for each bit; measure into another bit",
                ));
            }
            Ok((literal.bit as usize, literal.value))
        };
        self.path.iter().map(|cond| cond.iter().map(pair).collect()).collect()
    }

    /// Adds an operation, under the conditions of now.
    pub fn push(&mut self, at: u32, operation: Operation) -> Res<()> {
        let conditions: usize = self.path.iter().map(Vec::len).sum();
        let one = size_of(&operation);
        self.size = self.size.saturating_add(one * self.path.len() + conditions / 4);
        if self.size > self.limit {
            return Err(Fault::new(
                at,
                format!(
                    "this makes more than {} operations: shorten the loops or registers",
                    self.limit
                ),
            ));
        }
        if self.always() {
            self.operations.push(operation);
            return Ok(());
        }
        for condition in self.conditions(at)? {
            let Operation { action, qubits, controls } = operation.clone();
            self.operations.push(Operation { action: action.only_if(condition), qubits, controls });
        }
        Ok(())
    }

    /// Adds a phase of a gate: once, at the end, where nothing depends on it.
    pub fn push_phase(&mut self, at: u32, phase: Angle, controls: Vec<(usize, bool)>) -> Res<()> {
        if !controls.is_empty() || !self.always() {
            return self.push(at, Operation::phase(&phase, controls));
        }
        self.phase.offset += phase.offset;
        for (place, factor) in phase.terms {
            match self.phase.terms.iter_mut().find(|(known, _)| *known == place) {
                Some((_, known)) => *known += factor,
                None => self.phase.terms.push((place, factor)),
            }
        }
        Ok(())
    }

    /// Measures qubits into bits of the circuit, and gives what these hold then. `before` is what the
    /// variables hold that have these homes.
    pub fn measure(
        &mut self,
        at: u32,
        qubits: Vec<usize>,
        bits: &[u32],
        before: &[Bit],
    ) -> Res<Vec<Bit>> {
        let reads = self.path.iter().flatten().any(|literal| bits.contains(&literal.bit));
        if reads && self.path.len() > 1 {
            return Err(Fault::new(
                at,
                "this measures into a bit that decides, with others, whether it measures at all: measure into \
                 another bit",
            ));
        }
        let into = bits.iter().map(|&bit| bit as usize).collect();
        self.push(at, Operation { action: Action::Measure(into, None), qubits, controls: Vec::new() })?;
        let always = self.always();
        let after = bits.iter().zip(before).map(|(&bit, before)| {
            // Where it is not measured, the circuit's bit keeps what it had: that must be what the variable had.
            let version = &mut self.versions[bit as usize];
            let keeps = match *before {
                _ if always => true,
                Bit::Known(false) => *version == 0,
                Bit::Outcome(known, of) => known == bit && of == *version,
                _ => false,
            };
            *version += 1;
            match keeps {
                true => Ok(Bit::Outcome(bit, *version)),
                false => Err(Fault::new(
                    at,
                    "this measurement depends on an outcome, and its bit holds something else that numket \
                     would lose: measure into another bit",
                )),
            }
        });
        after.collect()
    }

    /// Adds conditions, of which one must hold too. Gives the conditions before, for `widen`; nothing, and
    /// changes nothing, where these contradict them.
    pub fn narrow(&mut self, at: u32, conds: &[Cond]) -> Res<Option<Vec<Cond>>> {
        if self.path.len() * conds.len() > 16 * MAX_CASES {
            return Err(too_many(at));
        }
        let pairs = self.path.iter().flat_map(|one| conds.iter().filter_map(move |two| both(one, two)));
        let path: Vec<Cond> = pairs.collect();
        if path.len() > MAX_CASES {
            return Err(too_many(at));
        }
        if path.is_empty() {
            return Ok(None);
        }
        self.otherwise = None;
        Ok(Some(std::mem::replace(&mut self.path, path)))
    }

    /// Goes back to the conditions that `narrow` gave.
    pub fn widen(&mut self, path: Vec<Cond>) {
        self.path = path;
        self.otherwise = None;
    }

    /// Under which conditions operations are done now: one of these holds.
    pub fn path(&self) -> &[Cond] {
        &self.path
    }

    /// The conditions of which one holds when none of those of now does.
    pub fn otherwise(&mut self) -> Result<Rc<[Cond]>, String> {
        if let Some(known) = &self.otherwise {
            return Ok(known.clone());
        }
        let made: Rc<[Cond]> = decide(&self.path, false, &mut 0)?.into();
        self.otherwise = Some(made.clone());
        Ok(made)
    }

    /// The circuit, for bits of the text that hold these values in the end.
    pub fn finish(mut self, held: &[Vec<Bit>], parameters: Names, options: &Options) -> Res<Program> {
        let (order, num_bits) = self.order_of_bits(held)?;
        if self.num_qubits == 0 {
            return Err(Fault::new(
                usize::MAX,
                "there are no qubits in this text: declare some, as in 'qubit[2] q;'",
            ));
        }
        self.phase.terms.retain(|&(_, factor)| factor != 0.0);
        self.phase.offset %= std::f64::consts::TAU;
        if self.phase != Angle::default() {
            self.operations.push(Operation::phase(&self.phase, Vec::new()));
        }
        if !options.final_measurements {
            drop_final_measurements(&mut self.operations);
        }
        if order.iter().enumerate().any(|(place, &bit)| place != bit) {
            self.operations.iter_mut().for_each(|operation| rename_bits(&mut operation.action, &order));
        }
        self.operations.shrink_to_fit();
        let circuit = Circuit::with_operations(self.num_qubits, num_bits, self.operations)
            .map_err(|error| Fault::new(usize::MAX, error.to_string()))?;
        let bits = self.bits.into_iter().map(|(register, ..)| register).collect();
        Ok(Program { circuit: Named::new(circuit, parameters), qubits: self.qubits, bits })
    }

    /// For each bit of the circuit as it was made, the place that it gets: those of the text's registers first.
    /// And how many bits there are then.
    fn order_of_bits(&mut self, held: &[Vec<Bit>]) -> Res<(Vec<usize>, usize)> {
        const NONE: usize = usize::MAX;
        let mut order = vec![NONE; self.versions.len()];
        let mut next = 0;
        for ((register, at, _), held) in self.bits.iter().zip(held) {
            for (place, bit) in held.iter().enumerate() {
                let refused = |what: &str| {
                    Err(Fault::new(
                        *at,
                        format!(
                            "the bit {place} of '{}' holds {what} in the end: numket's bits are 0 at first, and \
                             written by measurements only; take it away, or hold it in a 'bool' or 'int'",
                            register.name
                        ),
                    ))
                };
                let of = match *bit {
                    Bit::Outcome(bit, version) if self.versions[bit as usize] == version => bit as usize,
                    Bit::Outcome(..) | Bit::Cases(_) => {
                        return refused("what is computed from outcomes");
                    }
                    Bit::Known(true) => return refused("a 1 that was not measured"),
                    Bit::Known(false) => {
                        self.versions.push(0);
                        order.push(NONE);
                        order.len() - 1
                    }
                };
                if order[of] != NONE {
                    return refused("the same outcome as another bit");
                }
                (order[of], next) = (next, next + 1);
            }
        }
        // The text's own bits in-between come after these, if anything was measured into them.
        for (place, version) in order.iter_mut().zip(&self.versions) {
            if *place == NONE && *version > 0 {
                (*place, next) = (next, next + 1);
            }
        }
        Ok((order, next))
    }
}

/// How many simple operations take as much memory as one.
pub fn size_of(operation: &Operation) -> usize {
    let terms: usize = operation.angles().iter().map(|angle| angle.terms.len()).sum();
    1 + (operation.qubits.len() + operation.controls.len() + terms) / 4
}

fn too_many(at: u32) -> Fault {
    Fault::new(
        at,
        format!(
            "this is done for outcomes in more than {MAX_CASES} ways: look at fewer bits in one condition"
        ),
    )
}

/// Takes away the measurements after which nothing is done to their qubits, or depends on their bits.
fn drop_final_measurements(operations: &mut Vec<Operation>) {
    let (mut touched, mut read) = (HashSet::new(), HashSet::new());
    let mut kept = Vec::with_capacity(operations.len());
    for mut operation in operations.drain(..).rev() {
        if let Action::Measure(bits, _) = operation.action.split_condition().1 {
            let pairs: Vec<(usize, usize)> =
                operation.qubits.iter().copied().zip(bits.iter().copied()).collect();
            let matters =
                |&(qubit, bit): &(usize, usize)| touched.contains(&qubit) || read.contains(&bit);
            let (qubits, bits): (Vec<_>, Vec<_>) = pairs.into_iter().filter(matters).unzip();
            if qubits.is_empty() {
                continue;
            }
            let condition = operation.action.split_condition().0.to_vec();
            operation = Operation {
                action: Action::Measure(bits, None).only_if(condition),
                qubits,
                ..operation
            };
        }
        if let Action::Measure(bits, _) = &operation.action {
            // What they held before is lost here.
            read.retain(|bit| !bits.contains(bit));
        }
        touched.extend(operation.qubits.iter().copied());
        touched.extend(operation.controls.iter().map(|&(qubit, _)| qubit));
        read.extend(operation.action.split_condition().0.iter().map(|&(bit, _)| bit));
        kept.push(operation);
    }
    kept.reverse();
    *operations = kept;
}

/// Gives the bits of an action their places.
fn rename_bits(action: &mut Action, places: &[usize]) {
    match action {
        Action::Measure(bits, _) => bits.iter_mut().for_each(|bit| *bit = places[*bit]),
        Action::If(condition, action) => {
            condition.iter_mut().for_each(|(bit, _)| *bit = places[*bit]);
            condition.sort_unstable();
            rename_bits(action, places);
        }
        _ => {}
    }
}
