//! Circuits: handed over in one call, fused, planned, and run tile by tile in cache.
//!
//! ```text
//! operations --fuse--> steps --plan--> sweeps over tiles --bind angles--> numbers --run--> the state
//! ```
//!
//! A gate by itself is one sweep over memory; a sweep of a plan loads a tile of the state into cache and
//! does there all that touches only its bits. What is one operator goes straight over the state.
//!
//! Where qubits are measured, reset or go through channels, and under conditions, the circuit is cut into
//! segments (`script`): each run of unitary operations is a program of its own.
//!
//! ```
//! use numket::circuit::{Circuit, Operation, Program};
//! use num_complex::Complex64;
//! use numket::{exec::Crew, gates::named, layout::Layout, state::StateMut};
//!
//! let mut circuit = Circuit::new(2);
//! circuit.push(Operation::gate(&named::h, vec![], vec![0], vec![])).unwrap();
//! circuit.push(Operation::gate(&named::cx, vec![], vec![0, 1], vec![])).unwrap();
//! let mut psi = [1.0, 0.0, 0.0, 0.0].map(|x| Complex64::new(x, 0.0));
//! let layout = Layout::flat(2);
//! let crew = Crew::alone().unwrap();
//! let program = Program::new::<f64>(&circuit, &layout, crew.isa);
//! program.run(&program.bind(&[]), &mut StateMut::new(&mut psi, &layout), crew);
//! assert!((psi[0].re - 0.5f64.sqrt()).abs() < 1e-15 && psi[0] == psi[3]);
//! ```

use std::sync::Arc;

use num_complex::Complex64;

use crate::error::{Error, Result};
use crate::gates::{Gate, Inverse};
use crate::layout::Layout;
use crate::observe::Channel;
use crate::operator::{PauliString, are_real, fit_single, transpositions};
use crate::simd::Real;

mod adjoint;
mod bind;
mod blocks;
mod compiled;
mod differentiate;
mod evaluate;
mod facts;
mod fuse;
mod known;
mod mixed;
mod named;
mod op;
mod phase_table;
mod plan;
mod run;
mod script;
mod segments;
mod sparse;
mod tile;
mod trotter;
mod values;
mod zeros;

pub use adjoint::Adjoint;
pub use compiled::Compiled;
pub use differentiate::{Expectation, Gradient};
pub use facts::SweepFacts;
pub use mixed::Mixed;
pub use named::Named;
pub use op::{Body, Op};
pub use plan::{Plan, Sweep};
pub use run::{Binding, BindingGuard, BindingPool, Program, Start};
pub use script::{MAX_CLASSICAL, NoNormAt, Script, Segment, Work};
pub use segments::{LocalSegment, Parts, Segments};
pub use trotter::trotter;
pub use values::{Names, Values};

/// The qubits of a circuit at most: no address space holds a state of more.
pub const MAX_QUBITS: usize = 62;

/// An angle in radians: a number plus multiples of parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Angle {
    /// The number.
    pub offset: f64,
    /// Parameters, by their places, and their factors.
    pub terms: Vec<(usize, f64)>,
}

impl Angle {
    /// Its value for these parameters.
    ///
    /// # Panics
    /// Where a parameter is missing.
    pub fn value(&self, params: &[f64]) -> f64 {
        self.terms.iter().fold(self.offset, |sum, &(place, factor)| sum + factor * params[place])
    }

    /// A multiple of it.
    pub fn times(&self, by: f64) -> Angle {
        let terms = self.terms.iter().map(|&(place, factor)| (place, by * factor)).collect();
        Angle { offset: by * self.offset, terms }
    }

    /// The angle of the inverse.
    fn negated(&self) -> Angle {
        self.times(-1.0)
    }
}

impl From<f64> for Angle {
    fn from(offset: f64) -> Angle {
        Angle { offset, terms: Vec::new() }
    }
}

/// A real diagonal, of which [`Action::Phase`] makes phases.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    values: Box<[f64]>,
    reach: f64,
}

impl Cost {
    /// That of these numbers.
    pub fn new(values: &[f64]) -> Cost {
        let reach = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        Cost { values: values.into(), reach }
    }

    /// The numbers.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The largest absolute value.
    pub fn reach(&self) -> f64 {
        self.reach
    }
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A gate of the table, with its parameters.
    Gate(&'static Gate, Vec<Angle>),
    /// A matrix, row by row.
    Dense(Arc<[Complex64]>),
    /// A diagonal.
    Diagonal(Arc<[Complex64]>),
    /// A permutation, `new[permutation[i]] = old[i]`, and the same as transpositions.
    Permutation(Arc<[i64]>, Arc<[(usize, usize)]>),
    /// A product of Pauli operators.
    Pauli(PauliString),
    /// `exp(-i theta/2 P)`. On no qubits, where P is 1, a phase: see [`Operation::phase`].
    PauliRotation(PauliString, Angle),
    /// `exp(-i gamma C)` for a real diagonal C.
    Phase(Arc<Cost>, Angle),
    /// A measurement of each qubit in the Z basis, into the classical bit at its place; and with which
    /// probabilities 0 is then recorded as 1, and 1 as 0, if not always as it is.
    Measure(Vec<usize>, Option<[f64; 2]>),
    /// A measurement of each qubit, and a flip where that gives 1.
    Reset,
    /// One of the operators of a channel, drawn with the probability that it has.
    Kraus(Arc<Channel>),
    /// What is done only if classical bits have these values before it begins.
    If(Vec<(usize, bool)>, Box<Action>),
}

impl Action {
    /// This under a condition, in ascending order of its bits; itself where there is none.
    pub fn only_if(self, mut condition: Vec<(usize, bool)>) -> Action {
        condition.sort_unstable();
        if condition.is_empty() { self } else { Action::If(condition, self.into()) }
    }

    /// The condition, empty for most, and what is done under it.
    pub fn split_condition(&self) -> (&[(usize, bool)], &Action) {
        match self {
            Action::If(condition, action) => (condition, action),
            action => (&[], action),
        }
    }
}

/// An entry of a circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What it does.
    pub action: Action,
    /// To which qubits: those of a gate in its order, its own controls first.
    pub qubits: Vec<usize>,
    /// Further controls, and the values that they must have.
    pub controls: Vec<(usize, bool)>,
}

impl Operation {
    /// A gate of the table.
    pub fn gate(
        gate: &'static Gate,
        params: Vec<Angle>,
        qubits: Vec<usize>,
        controls: Vec<(usize, bool)>,
    ) -> Operation {
        Operation { action: Action::Gate(gate, params), qubits, controls }
    }

    /// The factor `exp(i gamma)` where controls hold: a rotation by `-2 gamma` about no letters.
    pub fn phase(gamma: &Angle, controls: Vec<(usize, bool)>) -> Operation {
        let action = Action::PauliRotation(PauliString { x: 0, z: 0 }, gamma.times(-2.0));
        Operation { action, qubits: Vec::new(), controls }
    }

    /// The `gamma` of [`Operation::phase`], if it is one.
    pub fn gamma(&self) -> Option<Angle> {
        match self.action.split_condition().1 {
            Action::PauliRotation(_, theta) if self.qubits.is_empty() => Some(theta.times(-0.5)),
            _ => None,
        }
    }

    /// The name of what it does: of the gate, or of the verb that does the same to a state.
    pub fn name(&self) -> &'static str {
        match self.action.split_condition().1 {
            Action::Gate(gate, _) => gate.name,
            Action::Dense(_) => "apply",
            Action::Diagonal(_) => "apply_diagonal",
            Action::Permutation(..) => "apply_permutation",
            Action::Pauli(_) => "apply_pauli",
            Action::PauliRotation(..) if self.qubits.is_empty() => "gphase",
            Action::PauliRotation(..) => "pauli_rotation",
            Action::Phase(..) => "phase",
            Action::Measure(..) => "measure",
            Action::Reset => "reset",
            Action::Kraus(_) => "apply_kraus",
            Action::If(..) => "if",
        }
    }

    /// Whether a number is drawn for it, or may be.
    pub(crate) fn draws(&self) -> bool {
        matches!(self.action.split_condition().1, Action::Measure(..) | Action::Reset | Action::Kraus(_))
    }

    /// A permutation of basis states.
    ///
    /// # Errors
    /// [`Error::NotAPermutation`].
    pub fn permutation(permutation: &[i64]) -> Result<Action> {
        Ok(Action::Permutation(permutation.into(), transpositions(permutation)?.into()))
    }

    /// Its angles.
    pub fn angles(&self) -> &[Angle] {
        match self.action.split_condition().1 {
            Action::Gate(_, angles) => angles,
            Action::PauliRotation(_, angle) | Action::Phase(_, angle) => std::slice::from_ref(angle),
            _ => &[],
        }
    }

    /// The operation that undoes this one.
    ///
    /// # Panics
    /// Where nothing does: for measurements, resets, channels, and what is done under a condition.
    pub fn inverse(&self) -> Operation {
        let adjoint = |matrix: &[Complex64]| {
            let dim = matrix.len().isqrt();
            (0..matrix.len()).map(|i| matrix[i % dim * dim + i / dim].conj()).collect()
        };
        let mut qubits = self.qubits.clone();
        let mut controls = self.controls.clone();
        let action = match &self.action {
            Action::Gate(gate, params) => match gate.inverse {
                Inverse::Own => Action::Gate(gate, params.clone()),
                Inverse::Gate(name) => Action::Gate(
                    Gate::named(name).expect("the table names gates of its own"),
                    params.clone(),
                ),
                Inverse::Negated => Action::Gate(gate, params.iter().map(Angle::negated).collect()),
                Inverse::Euler => {
                    let mut params: Vec<Angle> = params.iter().map(Angle::negated).collect();
                    params.swap(1, 2);
                    Action::Gate(gate, params)
                }
                Inverse::Adjoint => {
                    // The matrix acts on the targets; the gate's own controls join the others.
                    let own: Vec<usize> = qubits.drain(..gate.controls).collect();
                    controls.extend(own.into_iter().map(|qubit| (qubit, true)));
                    let mut entries = Default::default();
                    let values: Vec<f64> = params.iter().map(|angle| angle.offset).collect();
                    gate.operator(&values, &mut entries);
                    Action::Dense(adjoint(&entries[..gate.num_entries()]))
                }
            },
            Action::Dense(matrix) => Action::Dense(adjoint(matrix)),
            Action::Diagonal(diagonal) => {
                Action::Diagonal(diagonal.iter().map(|entry| entry.conj()).collect())
            }
            Action::Permutation(permutation, transpositions) => {
                let mut inverse = vec![0; permutation.len()];
                for (from, &to) in permutation.iter().enumerate() {
                    inverse[to as usize] = from as i64;
                }
                Action::Permutation(inverse.into(), transpositions.iter().rev().copied().collect())
            }
            Action::Pauli(string) => Action::Pauli(*string),
            Action::PauliRotation(string, theta) => Action::PauliRotation(*string, theta.negated()),
            Action::Phase(cost, gamma) => Action::Phase(cost.clone(), gamma.negated()),
            Action::Measure(..) | Action::Reset | Action::Kraus(_) | Action::If(..) => {
                panic!("nothing undoes this")
            }
        };
        Operation { action, qubits, controls }
    }
}

/// A list of operations on `num_qubits` qubits.
#[derive(Clone, Debug, PartialEq)]
pub struct Circuit {
    num_qubits: usize,
    /// Shared with what was planned from them.
    operations: Arc<Vec<Operation>>,
    /// Which of the classical bits have been measured, with those that are declared.
    measured: Vec<bool>,
    /// Whether all operations are unitary and done in any case.
    unitary: bool,
}

impl Circuit {
    /// No operations yet.
    pub fn new(num_qubits: usize) -> Circuit {
        Circuit { num_qubits, operations: Arc::default(), measured: Vec::new(), unitary: true }
    }

    /// No operations yet, with at least so many classical bits.
    ///
    /// # Errors
    /// [`Error::CircuitQubits`] and [`Error::CircuitBits`] where there cannot be as many.
    pub fn sized(num_qubits: i64, num_bits: i64) -> Result<Circuit> {
        let Ok(qubits @ 0..=MAX_QUBITS) = usize::try_from(num_qubits) else {
            return Err(Error::CircuitQubits { num_qubits, limit: MAX_QUBITS });
        };
        let mut circuit = Circuit::new(qubits);
        match usize::try_from(num_bits).map(|bits| circuit.declare_bits(bits)) {
            Ok(Ok(())) => Ok(circuit),
            _ => Err(Error::CircuitBits { num_bits, limit: MAX_CLASSICAL }),
        }
    }

    /// Sees to it that the circuit is one for states of this layout.
    ///
    /// # Errors
    /// [`Error::CircuitSize`], and [`Error::FrozenAxes`] where the layout has axes of length 1.
    pub fn fits(&self, layout: &Layout) -> Result<()> {
        let (circuit, state) = (self.num_qubits, layout.num_qubits());
        if circuit != state {
            return Err(Error::CircuitSize { circuit, state });
        }
        match (0..circuit as i64).all(|axis| layout.bit_of(axis).is_ok()) {
            true => Ok(()),
            false => Err(Error::FrozenAxes),
        }
    }

    /// Sees to it that the precision `T` holds the entries of all matrices and diagonals.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn fits_precision<T: Real>(&self) -> Result<()> {
        let is_large = |operation: &Operation| match operation.action.split_condition().1 {
            Action::Dense(entries) | Action::Diagonal(entries) => !fit_single(entries),
            _ => false,
        };
        let single = size_of::<T>() == 4;
        match self.operations.iter().position(|operation| single && is_large(operation)) {
            Some(place) => Err(Error::TooLarge { holder: format!("operation {place} of the circuit") }),
            None => Ok(()),
        }
    }

    /// Sees to it that all operations keep real states real, whatever the parameters are.
    ///
    /// # Errors
    /// [`Error::NotRealOperator`].
    pub fn check_real(&self) -> Result<()> {
        let is_real = |operation: &Operation| match operation.action.split_condition().1 {
            Action::Gate(gate, _) => gate.is_real(),
            Action::Dense(entries) | Action::Diagonal(entries) => are_real(entries),
            Action::Kraus(channel) => are_real(channel.entries()),
            Action::Pauli(string) => string.is_real(),
            // A rotation about a real string has the imaginary unit before its sine.
            Action::PauliRotation(string, _) => !string.is_real(),
            Action::Phase(..) => false,
            Action::Permutation(..) | Action::Measure(..) | Action::Reset | Action::If(..) => true,
        };
        match self.operations.iter().position(|operation| !is_real(operation)) {
            Some(place) => {
                let name = self.operations[place].name();
                let operator = format!("operation {place} of the circuit, {name},");
                Err(Error::NotRealOperator { operator })
            }
            None => Ok(()),
        }
    }

    /// The number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The number of classical bits: as many as are declared, or one more than the highest that is measured.
    pub fn num_bits(&self) -> usize {
        self.measured.len()
    }

    /// Whether there are no measurements, resets, channels and conditions.
    pub fn is_unitary(&self) -> bool {
        self.unitary
    }

    /// The operations.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Appends an operation.
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], and [`Error::OperatorSize`] where the action is
    /// not one on as many qubits. Those of classical bits: [`Error::OutcomeBits`], [`Error::BitRange`],
    /// [`Error::RepeatedBit`], [`Error::ReadoutError`], [`Error::UnmeasuredBit`] and
    /// [`Error::Unconditional`].
    pub fn push(&mut self, operation: Operation) -> Result<()> {
        self.note(&operation)?;
        Arc::make_mut(&mut self.operations).push(operation);
        Ok(())
    }

    /// Appends an operation on one qubit for each of some distinct ones: all of them or, where it cannot, none.
    ///
    /// ```
    /// use numket::circuit::{Action, Circuit};
    /// use numket::gates::named;
    /// let mut circuit = Circuit::new(3);
    /// circuit.push_each(&Action::Gate(&named::h, vec![]), &[0, 2], &[])?;
    /// assert_eq!(circuit.operations()[1].qubits, [2]);
    /// assert!(circuit.push_each(&Action::Gate(&named::h, vec![]), &[1, 3], &[]).is_err());
    /// assert_eq!(circuit.operations().len(), 2);
    /// # Ok::<(), numket::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Circuit::push`].
    pub fn push_each(
        &mut self,
        action: &Action,
        qubits: &[usize],
        controls: &[(usize, bool)],
    ) -> Result<()> {
        self.distinct(qubits, controls)?;
        let on = |&qubit| Operation {
            action: action.clone(),
            qubits: vec![qubit],
            controls: controls.to_vec(),
        };
        let operations: Vec<Operation> = qubits.iter().map(on).collect();
        let mut noted = Circuit { operations: Arc::default(), ..self.clone() };
        operations.iter().try_for_each(|operation| noted.note(operation))?;
        (self.measured, self.unitary) = (noted.measured, noted.unitary);
        Arc::make_mut(&mut self.operations).extend(operations);
        Ok(())
    }

    /// The circuit of some operations, with at least so many classical bits.
    ///
    /// # Errors
    /// As [`Circuit::push`], for the first that cannot be taken.
    pub fn with_operations(
        num_qubits: usize,
        num_bits: usize,
        operations: Vec<Operation>,
    ) -> Result<Circuit> {
        let mut circuit = Circuit::new(num_qubits);
        circuit.declare_bits(num_bits)?;
        operations.iter().try_for_each(|operation| circuit.note(operation))?;
        circuit.operations = Arc::new(operations);
        Ok(circuit)
    }

    /// A circuit on the same qubits and classical bits with some of the operations. These may ask for bits that
    /// others, which it does not have, measure: they are 0.
    ///
    /// # Errors
    /// As [`Circuit::push`].
    pub fn part(&self, operations: Vec<Operation>) -> Result<Circuit> {
        let mut circuit = Circuit::new(self.num_qubits);
        circuit.declare_bits(self.num_bits())?;
        for &(bit, _) in operations.iter().flat_map(|operation| operation.action.split_condition().0) {
            circuit.measured[bit] = true;
        }
        operations.iter().try_for_each(|operation| circuit.note(operation))?;
        circuit.operations = Arc::new(operations);
        Ok(circuit)
    }

    /// Sees to it that an operation can be one of the circuit, and notes the bits that it measures.
    fn note(&mut self, operation: &Operation) -> Result<()> {
        let k = operation.qubits.len();
        let dim = 1usize.checked_shl(k as u32).unwrap_or(0);
        let (size, expected) = match operation.action.split_condition().1 {
            Action::Gate(gate, angles) => {
                (angles.len() << 8 | k, gate.params.len() << 8 | gate.qubits.len())
            }
            Action::Dense(entries) => (entries.len(), dim * dim),
            Action::Diagonal(entries) => (entries.len(), dim),
            Action::Permutation(permutation, _) => (permutation.len(), dim),
            Action::Phase(cost, _) => (cost.values().len(), dim),
            Action::Pauli(string) | Action::PauliRotation(string, _) => {
                ((string.x | string.z).checked_shr(k as u32).unwrap_or(0) as usize, 0)
            }
            Action::Kraus(channel) => (channel.dim(), dim),
            // Whose bits are looked at below.
            Action::Measure(..) | Action::Reset | Action::If(..) => (0, 0),
        };
        if size != expected {
            return Err(Error::OperatorSize { argument: "operation", shape: vec![size], qubits: k });
        }
        self.distinct(&operation.qubits, &operation.controls)?;
        self.take_bits(operation)?;
        self.unitary &= !matches!(
            operation.action,
            Action::Measure(..) | Action::Reset | Action::Kraus(_) | Action::If(..)
        );
        Ok(())
    }

    /// Sees to it that qubits and controls are distinct qubits of the circuit.
    ///
    /// # Errors
    /// [`Error::QubitRange`] and [`Error::RepeatedQubit`].
    #[inline]
    pub fn distinct(&self, qubits: &[usize], controls: &[(usize, bool)]) -> Result<()> {
        // Few are compared with each other, many are looked up.
        let all = || qubits.iter().chain(controls.iter().map(|(qubit, _)| qubit));
        let count = qubits.len() + controls.len();
        let mut seen = vec![false; if count > 16 { self.num_qubits } else { 0 }];
        for (place, &qubit) in all().enumerate() {
            if qubit >= self.num_qubits {
                let qubit = i64::try_from(qubit).unwrap_or(i64::MAX);
                return Err(Error::QubitRange { qubit, num_qubits: self.num_qubits });
            }
            let twice = match seen.get_mut(qubit) {
                Some(seen) => std::mem::replace(seen, true),
                None => all().take(place).any(|&other| other == qubit),
            };
            if twice {
                return Err(Error::RepeatedQubit { qubit });
            }
        }
        Ok(())
    }

    /// Qubits as a circuit counts them.
    ///
    /// # Errors
    /// [`Error::QubitRange`] for those below 0.
    pub fn qubits(&self, qubits: &[i64]) -> Result<Vec<usize>> {
        let refused = |qubit| Error::QubitRange { qubit, num_qubits: self.num_qubits };
        qubits.iter().map(|&qubit| usize::try_from(qubit).map_err(|_| refused(qubit))).collect()
    }

    /// The circuit that undoes this one.
    ///
    /// # Panics
    /// Where nothing does; see [`Circuit::undoable`].
    pub fn inverse(&self) -> Circuit {
        let operations = self.operations.iter().rev().map(Operation::inverse).collect();
        Circuit { operations: Arc::new(operations), ..self.clone() }
    }

    /// Sees to it that all angles are finite for these parameters.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    ///
    /// # Panics
    /// Where a parameter is missing.
    pub fn check(&self, params: &[f64]) -> Result<()> {
        let is_finite = |operation: &Operation| {
            let reach = match operation.action.split_condition().1 {
                Action::Phase(cost, _) => cost.reach().max(1.0),
                _ => 1.0,
            };
            operation.angles().iter().all(|angle| (angle.value(params) * reach).is_finite())
        };
        match self.operations.iter().all(is_finite) {
            true => Ok(()),
            false => Err(Error::NotFinite { argument: "params" }),
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod textbook;
