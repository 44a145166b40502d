//! Circuits that measure or have noise: unitary programs, and random draws between them.
//!
//! ```text
//! operations --cut--> segments --fuse, plan--> script --bind angles, draw numbers, run--> state and bits
//! ```
//!
//! To measure a qubit, the state is read once, which gives the probability of 1, and written once: the amplitudes of
//! the other outcome become 0, and the rest is scaled so that the state keeps its norm. A reset also moves the rest to
//! where the qubit is 0. For a channel, the density matrix of its qubits is read (unless the probabilities are the
//! same for all states), and then one Kraus operator is applied (unless it changes nothing).
//!
//! ```
//! use numket::circuit::{Action, Circuit, Operation, Script};
//! use num_complex::Complex64;
//! use numket::{exec::Crew, gates::named, layout::Layout, progress::Progress, state::StateMut};
//!
//! let mut circuit = Circuit::new(2);
//! circuit.push(Operation::gate(&named::h, vec![], vec![0], vec![])).unwrap();
//! circuit.push(Operation { action: Action::Measure(vec![0], None), qubits: vec![0], controls: vec![] }).unwrap();
//! let flip = Action::Gate(&named::x, vec![]).only_if(vec![(0, true)]);
//! circuit.push(Operation { action: flip, qubits: vec![1], controls: vec![] }).unwrap();
//!
//! let mut psi = [1.0, 0.0, 0.0, 0.0].map(|x| Complex64::new(x, 0.0));
//! let (layout, mut bits) = (Layout::flat(2), [0]);
//! let crew = Crew::alone().unwrap();
//! let script = Script::new::<f64>(&circuit, &layout, crew.isa);
//! let (state, progress) = (&mut StateMut::new(&mut psi, &layout), Progress::unwatched());
//! script.run(&script.bind(&[]), state, &[0.3], &mut bits, crew, &progress).unwrap();
//! assert_eq!(bits, [1]); // 0.3 is below the probability of 1
//! assert!((psi[3].re - 1.0).abs() < 1e-15);
//! ```

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use super::facts::SweepFacts;
use super::run::Start;
use super::{Action, Binding, Circuit, Operation, Program};
use crate::error::{Error, Result};
use crate::exec::{Crew, each_state, each_state_mut};
use crate::layout::Layout;
use crate::observe::{self, Channel};
use crate::progress::Progress;
use crate::simd::{Isa, Real};
use crate::state::{StateMut, StatesMut};

/// How many classical bits a circuit can have.
pub const MAX_CLASSICAL: usize = 1 << 20;

/// A segment of a circuit, with its unitary operations in the form `U`: a circuit, or a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment<U> {
    /// The index of its first operation in the circuit.
    pub operation: usize,
    /// It is skipped unless these classical bits have these values before its first operation.
    pub condition: Vec<(usize, bool)>,
    /// What it does.
    pub work: Work<U>,
}

/// What a segment does.
#[derive(Clone, Debug, PartialEq)]
pub enum Work<U> {
    /// Applies unitary operations.
    Unitary(U),
    /// Measures a qubit into a classical bit; with None, resets it.
    Draw(usize, Option<usize>),
    /// A readout error: flips a classical bit, with one probability if it is 0 and another if it is 1.
    Misread(usize, [f64; 2]),
    /// Applies one Kraus operator of a channel, drawn at random, on some qubits.
    Kraus(Arc<Channel>, Vec<usize>),
}

/// The operation at which a state of a batch turned out to have norm 0 or no finite norm; None where it had from
/// the start, and nothing has been written to any state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoNormAt(pub Option<usize>);

impl NoNormAt {
    /// Where in the circuit that was found, and what the state is then, if anything has been written.
    pub fn note(self, circuit: &Circuit) -> Option<String> {
        let place = self.0?;
        let name = circuit.operations()[place].name();
        Some(format!(
            "operation {place} of the circuit, '{name}', found that; the state holds what the operations before it \
             made of it: check their matrices"
        ))
    }
}

/// Classical bits in ascending order, each listed once.
pub(super) fn distinct_bits(
    argument: &'static str,
    bits: &mut dyn Iterator<Item = usize>,
) -> Result<Vec<usize>> {
    let mut bits: Vec<usize> = bits.collect();
    bits.sort_unstable();
    match bits.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::RepeatedBit { argument, bit: pair[0] }),
        None => Ok(bits),
    }
}

impl Circuit {
    /// Makes sure that there are at least `num_bits` classical bits. They are 0 until they are measured.
    ///
    /// # Errors
    /// [`Error::BitRange`].
    pub fn declare_bits(&mut self, num_bits: usize) -> Result<()> {
        if num_bits > MAX_CLASSICAL {
            let bit = num_bits.min(i64::MAX as usize) as i64 - 1;
            return Err(Error::BitRange { bit, limit: MAX_CLASSICAL });
        }
        self.measured.resize(num_bits.max(self.measured.len()), false);
        Ok(())
    }

    /// The index after the highest classical bit that has been measured.
    pub fn next_bit(&self) -> usize {
        self.measured.iter().rposition(|&measured| measured).map_or(0, |bit| bit + 1)
    }

    /// Checks the classical bits of an operation, and notes which it measures.
    pub(super) fn take_bits(&mut self, operation: &Operation) -> Result<()> {
        let (condition, action) = operation.action.split_condition();
        let nested = matches!(action, Action::If(..));
        if nested || operation.draws() && !operation.controls.is_empty() {
            return Err(Error::Unconditional { name: operation.name() });
        }
        distinct_bits("condition", &mut condition.iter().map(|&(bit, _)| bit))?;
        if let Some(&(bit, _)) = condition.iter().find(|(bit, _)| self.measured.get(*bit) != Some(&true))
        {
            return Err(Error::UnmeasuredBit { bit });
        }
        let Action::Measure(bits, readout) = action else { return Ok(()) };
        if let Some([p01, p10]) = *readout
            && !((0.0..=1.0).contains(&p01) && (0.0..=1.0).contains(&p10))
        {
            return Err(Error::ReadoutError { p01, p10 });
        }
        if bits.len() != operation.qubits.len() {
            return Err(Error::OutcomeBits { qubits: operation.qubits.len(), bits: bits.len() });
        }
        let bits = distinct_bits("bits", &mut bits.iter().copied())?;
        self.declare_bits(bits.last().map_or(0, |&bit| bit.saturating_add(1)))?;
        bits.into_iter().for_each(|bit| self.measured[bit] = true);
        Ok(())
    }

    /// How many random numbers a run draws: one for each qubit that is measured or reset, one more for each with a
    /// readout error, and one for each channel.
    pub fn num_draws(&self) -> usize {
        let draws = |operation: &Operation| match operation.action.split_condition().1 {
            Action::Measure(_, Some(_)) => 2 * operation.qubits.len(),
            Action::Measure(_, None) | Action::Reset => operation.qubits.len(),
            Action::Kraus(_) => 1,
            _ => 0,
        };
        self.operations.iter().map(draws).sum()
    }

    /// Checks that the circuit has an inverse.
    ///
    /// # Errors
    /// [`Error::Irreversible`].
    pub fn undoable(&self) -> Result<()> {
        match self.operations.iter().position(Operation::draws) {
            Some(operation) => {
                let name = self.operations[operation].name();
                Err(Error::Irreversible { name, operation })
            }
            None => Ok(()),
        }
    }

    /// Cuts the circuit into runs of unitary operations under one condition, and single draws.
    pub fn segments(&self) -> Vec<Segment<Circuit>> {
        let mut segments: Vec<Segment<Circuit>> = Vec::new();
        for (index, operation) in self.operations.iter().enumerate() {
            let (condition, action) = operation.action.split_condition();
            let segment = |work| Segment { operation: index, condition: condition.to_vec(), work };
            match action {
                Action::Measure(bits, readout) => {
                    for (&qubit, &bit) in operation.qubits.iter().zip(bits) {
                        segments.push(segment(Work::Draw(qubit, Some(bit))));
                        segments.extend(readout.map(|changes| segment(Work::Misread(bit, changes))));
                    }
                }
                Action::Kraus(channel) => {
                    segments.push(segment(Work::Kraus(channel.clone(), operation.qubits.clone())));
                }
                Action::Reset => {
                    segments
                        .extend(operation.qubits.iter().map(|&qubit| segment(Work::Draw(qubit, None))));
                }
                _ => {
                    let goes_on = segments.last().is_some_and(|last| {
                        matches!(last.work, Work::Unitary(_)) && last.condition == condition
                    });
                    if !goes_on {
                        segments.push(segment(Work::Unitary(Circuit::new(self.num_qubits))));
                    }
                    if let Some(Segment { work: Work::Unitary(circuit), .. }) = segments.last_mut() {
                        let controls = operation.controls.clone();
                        let (action, qubits) = (action.clone(), operation.qubits.clone());
                        Arc::make_mut(&mut circuit.operations).push(Operation {
                            action,
                            qubits,
                            controls,
                        });
                    }
                }
            }
        }
        segments
    }
}

/// A circuit planned for states of one layout and precision, as a [`Program`] is, but with draws between unitary
/// programs.
#[derive(Debug)]
pub struct Script {
    segments: Vec<Segment<Program>>,
    /// The bit of the address that each qubit is.
    address: Vec<u8>,
}

impl Script {
    /// Plans a circuit for states of this layout, in this precision, for these lanes.
    ///
    /// # Panics
    /// Where the layout has not as many qubits.
    pub fn new<T: Real>(circuit: &Circuit, layout: &Layout, isa: Isa) -> Script {
        let script = Script::watched::<T>(circuit, layout, isa, &Progress::unwatched());
        script.expect("nobody stops it")
    }

    /// As [`Script::new`], unless it is stopped.
    ///
    /// # Panics
    /// As there.
    pub fn watched<T: Real>(
        circuit: &Circuit,
        layout: &Layout,
        isa: Isa,
        progress: &Progress<'_>,
    ) -> Option<Script> {
        let planned = |Segment { operation, condition, work }: Segment<Circuit>| {
            let work = match work {
                Work::Unitary(circuit) => {
                    Work::Unitary(Program::watched::<T>(&circuit, layout, isa, progress)?)
                }
                Work::Draw(qubit, bit) => Work::Draw(qubit, bit),
                Work::Misread(bit, changes) => Work::Misread(bit, changes),
                Work::Kraus(channel, qubits) => Work::Kraus(channel, qubits),
            };
            Some(Segment { operation, condition, work })
        };
        let address = layout.qubit_bits().map(|bit| bit as u8).collect();
        let segments = circuit.segments().into_iter().map(planned).collect::<Option<_>>()?;
        Some(Script { segments, address })
    }

    /// Binds each of its programs to some values of the parameters.
    ///
    /// # Panics
    /// Where a parameter is missing.
    pub fn bind<T: Real>(&self, params: &[f64]) -> Vec<Binding<T>> {
        self.programs().map(|program| program.bind(params)).collect()
    }

    /// As [`Script::bind`], in place of other bindings. Returns false if it was stopped.
    ///
    /// # Panics
    /// As there.
    pub fn rebind<T: Real>(
        &self,
        bindings: &mut Vec<Binding<T>>,
        params: &[f64],
        progress: &Progress<'_>,
    ) -> bool {
        bindings.resize_with(self.programs().count(), Binding::default);
        let mut each = self.programs().zip(bindings);
        each.all(|(program, binding)| program.rebind(binding, params, progress))
    }

    fn programs(&self) -> impl Iterator<Item = &Program> {
        self.segments.iter().filter_map(|segment| match &segment.work {
            Work::Unitary(program) => Some(program),
            _ => None,
        })
    }

    /// The number of its steps: those of programs, and one for each draw.
    pub fn len(&self) -> usize {
        self.segments.iter().map(|segment| segment.work.len()).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of passes of all programs.
    pub fn passes(&self) -> usize {
        self.programs().map(Program::passes).sum()
    }

    /// How many arithmetic instructions all programs take for each register of real numbers.
    pub fn work(&self) -> usize {
        self.programs().map(Program::work).sum()
    }

    /// What is to be told of each sweep. Their steps add up to [`Script::len`]; a sweep that only reads, to draw, does
    /// none. That which looks before the run whether the state has a norm is not told of.
    pub fn sweeps(&self) -> Vec<SweepFacts> {
        let reading = observe::nanos(self.address.len());
        let of = |segment: &Segment<Program>| {
            let (reads, qubits) = match &segment.work {
                Work::Unitary(program) => {
                    let mut sweeps = program.sweeps();
                    for sweep in &mut sweeps {
                        sweep.operations.iter_mut().for_each(|number| *number += segment.operation);
                        sweep.known_bits = 0;
                    }
                    return sweeps;
                }
                Work::Misread(..) => return Vec::new(),
                Work::Draw(qubit, _) => (true, vec![*qubit]),
                Work::Kraus(channel, qubits) => (channel.reads(), qubits.clone()),
            };
            let nanos = self.nanos_to_draw(&segment.work);
            let read = SweepFacts {
                nanos: reading.min(nanos),
                draw: Some((segment.operation, qubits)),
                only_reads: true,
                ..SweepFacts::default()
            };
            let written = SweepFacts {
                steps: 1,
                operations: vec![segment.operation],
                nanos: if reads { nanos - read.nanos } else { nanos },
                only_reads: false,
                ..read.clone()
            };
            if reads { vec![read, written] } else { vec![written] }
        };
        let mut sweeps: Vec<SweepFacts> = self.segments.iter().flat_map(of).collect();
        SweepFacts::keep_last(&mut sweeps);
        sweeps
    }

    /// How often the whole state is read or written, at most.
    pub fn ways(&self) -> usize {
        let of = |segment: &Segment<Program>| match &segment.work {
            Work::Unitary(program) => program.ways(),
            Work::Draw(..) => 3,
            Work::Kraus(channel, _) => 2 + usize::from(channel.reads()),
            Work::Misread(..) => 0,
        };
        self.segments.iter().map(of).sum()
    }

    /// Estimate for binding it.
    pub fn nanos_to_bind(&self) -> f64 {
        self.programs().map(Program::nanos_to_bind).sum()
    }

    /// Estimate for a run.
    pub fn nanos(&self) -> f64 {
        let of = |segment: &Segment<Program>| match &segment.work {
            Work::Unitary(program) => program.nanos(),
            work => self.nanos_to_draw(work),
        };
        self.segments.iter().map(of).sum::<f64>() + observe::nanos(self.address.len())
    }

    /// Estimate for a segment that is no program.
    fn nanos_to_draw(&self, work: &Work<Program>) -> f64 {
        let n = self.address.len();
        match work {
            // Read once, and written once.
            Work::Draw(..) => 3.0 * observe::nanos(n),
            Work::Kraus(channel, qubits) => {
                observe::nanos_of_one_kraus(n, channel, &self.targets(qubits))
            }
            Work::Misread(..) | Work::Unitary(_) => 0.0,
        }
    }

    /// The bits of the address that qubits are.
    fn targets(&self, qubits: &[usize]) -> Vec<u8> {
        qubits.iter().map(|&qubit| self.address[qubit]).collect()
    }

    /// Runs it on a state, in place. Each draw takes one of `uniforms`, which are numbers in [0, 1); `bits` are the
    /// classical bits.
    ///
    /// # Errors
    /// [`NoNormAt`] where a draw finds that the state has norm 0, or no finite norm.
    ///
    /// # Panics
    /// Where the state has another layout, or where there are fewer bindings than programs, fewer `uniforms` than
    /// draws, or fewer bits than the circuit has.
    #[allow(clippy::too_many_arguments, reason = "the numbers, the state, the draws, and how to run")]
    pub fn run<T: Real>(
        &self,
        bindings: &[Binding<T>],
        state: &mut StateMut<'_, T>,
        uniforms: &[f64],
        bits: &mut [i8],
        crew: Crew,
        progress: &Progress<'_>,
    ) -> std::result::Result<(), NoNormAt> {
        let (mut bindings, mut uniforms) = (bindings.iter(), uniforms.iter());
        let (mut holds, mut looked_for) = (true, None);
        for segment in &self.segments {
            if progress.stopped() {
                return Ok(());
            }
            // Once for each operation: a measurement of several qubits may write to the bits of its own condition.
            if looked_for != Some(segment.operation) {
                holds = segment.condition.iter().all(|&(bit, value)| bits[bit] == i8::from(value));
                looked_for = Some(segment.operation);
            }
            match &segment.work {
                Work::Unitary(program) => {
                    let binding = bindings.next().expect("the numbers of each program");
                    if holds {
                        program.run_watched(binding, state, crew, progress);
                    }
                }
                Work::Draw(qubit, bit) => {
                    // Taken even if it is not used, so that later draws do not depend on what is skipped.
                    let uniform = *uniforms.next().expect("a number for each draw");
                    if holds {
                        let (target, reset) = (self.address[*qubit], bit.is_none());
                        let one = observe::draw(state, target, reset, uniform, crew)
                            .ok_or(NoNormAt(Some(segment.operation)))?;
                        if let Some(bit) = bit {
                            bits[*bit] = i8::from(one);
                        }
                        progress.advance(1.0, self.nanos_to_draw(&segment.work));
                    }
                }
                Work::Misread(bit, changes) => {
                    let uniform = *uniforms.next().expect("a number for each readout");
                    // Probability 0 never happens and probability 1 always does, whatever the number.
                    let probability = if holds { changes[usize::from(bits[*bit] == 1)] } else { 0.0 };
                    if probability >= 1.0 || (probability > 0.0 && uniform < probability) {
                        bits[*bit] ^= 1;
                    }
                }
                Work::Kraus(channel, qubits) => {
                    let uniform = *uniforms.next().expect("a number for each channel");
                    if holds {
                        observe::apply_one_kraus(state, channel, &self.targets(qubits), uniform, crew)
                            .ok_or(NoNormAt(Some(segment.operation)))?;
                        progress.advance(1.0, self.nanos_to_draw(&segment.work));
                    }
                }
            }
            if !holds {
                progress.advance(segment.work.len() as f64, 0.0);
            }
        }
        Ok(())
    }
}

impl Work<Program> {
    /// The number of its steps.
    fn len(&self) -> usize {
        match self {
            Work::Unitary(program) => program.steps(),
            Work::Draw(..) | Work::Kraus(..) => 1,
            Work::Misread(..) => 0,
        }
    }
}

/// Runs a script on each state of a batch. `bindings` returns the numbers for each state, which takes an estimated
/// `to_bind` nanoseconds, or None if it is stopped. Each state has its own share of `uniforms` and of `bits`, one after
/// the other; all bits must be 0 at first.
///
/// Before anything is written, all states are read once, to see that they have a norm.
///
/// # Errors
/// [`NoNormAt`] of the first state that has norm 0, or no finite norm. All other states are done.
///
/// # Panics
/// As [`Script::run`].
#[allow(clippy::too_many_arguments, reason = "the states, the script, the draws, and how to run")]
pub(super) fn run_scripts<T: Real, B: Deref<Target = Vec<Binding<T>>>>(
    states: &mut StatesMut<'_, T>,
    start: Start,
    script: &Script,
    bindings: impl Fn(usize) -> Option<B> + Sync,
    to_bind: f64,
    uniforms: &[f64],
    bits: &mut [i8],
    crew: Crew,
    progress: &Progress<'_>,
) -> std::result::Result<(), NoNormAt> {
    let draws = uniforms.len() / states.len().max(1);
    let bytes = states.layout().bytes::<T>();
    let (across, inside) = crew.shared_out_for_sweeps(script.nanos(), states.len(), bytes);
    if start == Start::Given {
        let reading = inside.worth(observe::nanos(states.layout().num_qubits()));
        let mut weighed = vec![true; states.len()];
        each_state(states.as_ref(), across, &mut weighed, |_, state, weighed| {
            weighed[0] = progress.stopped() || observe::has_weight(state, reading);
        });
        if weighed.contains(&false) {
            return Err(NoNormAt(None));
        }
    }
    let failed: Mutex<Option<(usize, NoNormAt)>> = Mutex::new(None);
    each_state_mut(states, across, bits, progress, |number, state, bits| {
        let uniforms = &uniforms[number * draws..][..draws];
        let Some(bindings) = bindings(number) else { return };
        progress.advance(0.0, to_bind);
        start.begin(state, inside, progress);
        if let Err(at) = script.run(&bindings, state, uniforms, bits, inside, progress) {
            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
            if failed.is_none_or(|(known, _)| number < known) {
                *failed = Some((number, at));
            }
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map_or(Ok(()), |(_, at)| Err(at))
}

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::*;
    use crate::gates::named;

    fn gate(qubit: usize) -> Operation {
        Operation::gate(&named::h, vec![], vec![qubit], vec![])
    }

    fn on(action: Action, qubits: &[usize]) -> Operation {
        Operation { action, qubits: qubits.to_vec(), controls: vec![] }
    }

    /// The channel on some qubits that does nothing.
    fn nothing(qubits: usize) -> Channel {
        let dim = 1 << qubits;
        let entry = |i| Complex64::from(f64::from(i % (dim + 1) == 0));
        Channel::new(&(0..dim * dim).map(entry).collect::<Vec<_>>(), dim).unwrap()
    }

    #[test]
    fn runs_of_one_condition_are_one_segment() {
        let mut circuit = Circuit::new(3);
        let flip = |condition: &[(usize, bool)]| {
            on(Action::Gate(&named::x, vec![]).only_if(condition.to_vec()), &[2])
        };
        for operation in [
            gate(0),
            gate(1),
            on(Action::Measure(vec![4, 1], None), &[1, 0]),
            flip(&[(4, true)]),
            flip(&[(4, true)]),
            flip(&[(4, true), (1, false)]),
            gate(0),
            on(Action::Reset.only_if(vec![(1, true)]), &[0, 2]),
            on(Action::Measure(vec![0, 3], Some([0.1, 0.0])).only_if(vec![(1, false)]), &[1, 0]),
            on(Action::Kraus(nothing(1).into()).only_if(vec![(3, true)]), &[2]),
        ] {
            circuit.push(operation).unwrap();
        }
        let segments: Vec<_> = circuit
            .segments()
            .into_iter()
            .map(|segment| match segment.work {
                Work::Unitary(unitary) => {
                    (segment.operation, segment.condition.len(), unitary.operations.len())
                }
                Work::Draw(qubit, _) => (segment.operation, segment.condition.len(), 100 + qubit),
                Work::Misread(bit, _) => (segment.operation, segment.condition.len(), 200 + bit),
                Work::Kraus(_, qubits) => (segment.operation, segment.condition.len(), 300 + qubits[0]),
            })
            .collect();
        let expected = [
            (0, 0, 2),
            (2, 0, 101),
            (2, 0, 100),
            (3, 1, 2),
            (5, 2, 1),
            (6, 0, 1),
            (7, 1, 100),
            (7, 1, 102),
            (8, 1, 101),
            (8, 1, 200),
            (8, 1, 100),
            (8, 1, 203),
            (9, 1, 302),
        ];
        assert_eq!(segments, expected);
        assert_eq!((circuit.num_bits(), circuit.num_draws()), (5, 9));
        assert!(!circuit.is_unitary());
        assert_eq!(circuit.undoable(), Err(Error::Irreversible { name: "measure", operation: 2 }));
    }

    #[test]
    fn declared_bits_stay() {
        let mut circuit = Circuit::new(2);
        circuit.declare_bits(3).unwrap();
        circuit.declare_bits(1).unwrap();
        circuit.push(gate(0)).unwrap();
        assert_eq!((circuit.num_bits(), circuit.next_bit(), circuit.inverse().num_bits()), (3, 0, 3));
        assert!(circuit.is_unitary());
        circuit.push(on(Action::Measure(vec![1], None), &[0])).unwrap();
        assert_eq!((circuit.num_bits(), circuit.next_bit()), (3, 2));
        let unmeasured = on(Action::Reset.only_if(vec![(2, true)]), &[0]);
        assert_eq!(circuit.push(unmeasured), Err(Error::UnmeasuredBit { bit: 2 }));
        circuit.push(on(Action::Measure(vec![4], None), &[0])).unwrap();
        assert_eq!((circuit.num_bits(), circuit.next_bit()), (5, 5));
        for (num_bits, bit) in [((1 << 20) + 1, 1 << 20), (usize::MAX, i64::MAX - 1)] {
            let refused = circuit.declare_bits(num_bits);
            assert_eq!(refused, Err(Error::BitRange { bit, limit: 1 << 20 }));
            assert_eq!(circuit.num_bits(), 5);
        }
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let mut circuit = Circuit::new(2);
        circuit.push(on(Action::Measure(vec![1], None), &[0])).unwrap();
        let before = circuit.clone();
        let nested =
            Action::If(vec![(1, true)], Box::new(Action::If(vec![(1, true)], Action::Reset.into())));
        let controlled = Operation { controls: vec![(1, true)], ..on(Action::Reset, &[0]) };
        for (operation, error) in [
            (on(Action::Measure(vec![0], None), &[0, 1]), Error::OutcomeBits { qubits: 2, bits: 1 }),
            (
                on(Action::Measure(vec![3, 3], None), &[0, 1]),
                Error::RepeatedBit { argument: "bits", bit: 3 },
            ),
            (on(Action::Measure(vec![0], None), &[2]), Error::QubitRange { qubit: 2, num_qubits: 2 }),
            (
                on(Action::Measure(vec![1 << 20], None), &[0]),
                Error::BitRange { bit: 1 << 20, limit: 1 << 20 },
            ),
            (on(Action::Reset.only_if(vec![(0, true)]), &[0]), Error::UnmeasuredBit { bit: 0 }),
            (
                on(Action::Reset.only_if(vec![(1, true), (1, true)]), &[0]),
                Error::RepeatedBit { argument: "condition", bit: 1 },
            ),
            (
                // It is not yet measured when the condition is looked at.
                on(Action::Measure(vec![0], None).only_if(vec![(0, true)]), &[0]),
                Error::UnmeasuredBit { bit: 0 },
            ),
            (on(nested, &[0]), Error::Unconditional { name: "if" }),
            (controlled, Error::Unconditional { name: "reset" }),
            (
                Operation { controls: vec![(1, true)], ..on(Action::Measure(vec![0], None), &[0]) },
                Error::Unconditional { name: "measure" },
            ),
            (
                Operation { controls: vec![(1, true)], ..on(Action::Kraus(nothing(1).into()), &[0]) },
                Error::Unconditional { name: "apply_kraus" },
            ),
            (
                on(Action::Kraus(nothing(2).into()), &[0]),
                Error::OperatorSize { argument: "operation", shape: vec![4], qubits: 1 },
            ),
            (
                on(Action::Measure(vec![0], Some([0.5, 1.5])), &[0]),
                Error::ReadoutError { p01: 0.5, p10: 1.5 },
            ),
        ] {
            assert_eq!(circuit.push(operation), Err(error));
            assert_eq!(circuit, before);
        }
    }
}
