//! Expectation values after a circuit, and their gradients.
//!
//! The state after the circuit and what the observables make of it lie side by side, as one state of one
//! qubit more. Both are taken back through the circuit together (`adjoint`), and each parameter reads its
//! derivative on the way.

use std::borrow::Cow;
use std::sync::Arc;

use num_complex::{Complex, Complex64};

use super::{Adjoint, Circuit, Compiled, NoNormAt, Start, Values};
use crate::apply::{apply, copy, nanos, nanos_to_sweep};
use crate::error::{Error, Result};
use crate::exec::{self, Crew};
use crate::kernels::Site;
use crate::layout::Layout;
use crate::observe::{self, Observable, Prepared, PreparedSum, Reading};
use crate::operator::Operator;
use crate::pauli_sum::PauliSum;
use crate::progress::Progress;
use crate::simd::Real;
use crate::state::{StateMut, StateRef, States, StatesMut};

/// What a run in `psi` starts from: a copy of `start`, or |0...0>. None if it is stopped.
fn begin<T: Real>(
    start: Option<StateRef<'_, T>>,
    psi: &mut [Complex<T>],
    crew: Crew,
    progress: &Progress<'_>,
) -> Option<Start> {
    let Some(start) = start else { return Some(Start::Zeros) };
    let layout = Layout::flat(psi.len().ilog2() as usize);
    let nanos = nanos_to_sweep(layout.num_qubits());
    let crew = crew.worth(nanos);
    exec::watched(progress, nanos, || copy(start, &mut StateMut::new(psi, &layout), crew))?;
    Some(Start::Given)
}

/// One of the states that runs start from, if they do not start from |0...0>.
fn nth<T>(start: Option<States<'_, T>>, number: usize) -> Option<StateRef<'_, T>> {
    start.and_then(|states| states.part(number..number + 1).next())
}

/// What computes the expectation value of an observable after runs of a circuit.
///
/// ```
/// use num_complex::Complex64;
/// use numket::circuit::{Circuit, Compiled, Expectation, Operation, Values};
/// use numket::observe::{Observable, Reading};
/// use numket::{exec::Crew, gates::named, layout::Layout, progress::Progress};
///
/// let mut circuit = Circuit::new(1);
/// circuit.push(Operation::gate(&named::h, vec![], vec![0], vec![]))?;
/// let (layout, crew, progress) = (Layout::flat(1), Crew::alone()?, Progress::unwatched());
/// let forward = Compiled::<f64>::new(&circuit, &layout, crew.isa, &progress).unwrap();
/// let x = Observable::Letters("X").prepare(&layout, None, Reading::Mean)?;
/// let (mut room, mut values) = ([Complex64::ZERO; 2], [Complex64::ZERO]);
/// let expectation = Expectation::new(&circuit, &forward, x);
/// expectation.run_all(None, &Values::NONE, &[], &mut room, &mut values, crew, &progress).unwrap();
/// assert!((values[0].re - 1.0).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
pub struct Expectation<'a, T> {
    circuit: &'a Circuit,
    forward: &'a Compiled<T>,
    observable: Prepared<'a>,
}

impl<'a, T: Real> Expectation<'a, T> {
    /// Prepares it for a circuit that is compiled, and an observable that is prepared, for flat states.
    pub fn new(
        circuit: &'a Circuit,
        forward: &'a Compiled<T>,
        observable: Prepared<'a>,
    ) -> Expectation<'a, T> {
        Expectation { circuit, forward, observable }
    }

    /// What one thread needs for a run, in nanoseconds.
    pub fn nanos(&self) -> f64 {
        self.forward.nanos() + self.observable.nanos()
    }

    /// The amplitudes that runs on so many qubits are to be lent: none where they are few, for which runs make
    /// room themselves.
    pub fn room_for(num_qubits: usize) -> usize {
        lent::<T>(1 << num_qubits)
    }

    /// Runs the circuit from each state of `start`, or from |0...0>, in a copy that `room` holds, and writes
    /// the expectation value to its element of `out`. If it is stopped, what it has written means nothing.
    ///
    /// # Errors
    /// As [`Compiled::run`].
    ///
    /// # Panics
    /// As there, and where `room` or `start` has not as many elements as there are.
    #[allow(clippy::too_many_arguments, reason = "what goes in, what comes out, and by whom")]
    pub fn run_all(
        &self,
        start: Option<States<'_, T>>,
        values: &Values,
        uniforms: &[f64],
        room: &mut [Complex<T>],
        out: &mut [Complex64],
        crew: Crew,
        progress: &Progress<'_>,
    ) -> std::result::Result<(), NoNormAt> {
        let draws = self.circuit.num_draws();
        let (across, inside) = crew.shared_out(self.nanos());
        let mut out: Vec<_> = out.iter_mut().map(|out| (out, Ok(()))).collect();
        in_rooms(across, 1 << self.circuit.num_qubits(), room, &mut out, |state, (out, done), room| {
            if !progress.stopped() {
                let (start, uniforms) = (nth(start, state), &uniforms[state * draws..][..draws]);
                let run = self.run(start, &values.of(state), uniforms, room, inside, progress);
                *done = run.map(|value| **out = value.unwrap_or_default());
            }
        });
        out.into_iter().try_for_each(|(_, done)| done)
    }

    /// The expectation value after one run, unless it is stopped.
    fn run(
        &self,
        start: Option<StateRef<'_, T>>,
        values: &[f64],
        uniforms: &[f64],
        room: &mut [Complex<T>],
        crew: Crew,
        progress: &Progress<'_>,
    ) -> std::result::Result<Option<Complex64>, NoNormAt> {
        let Some(start) = begin(start, room, crew, progress) else { return Ok(None) };
        let layout = Layout::flat(self.circuit.num_qubits());
        let mut bits = vec![0; self.circuit.num_bits()];
        let mut one = StatesMut::new(room, &layout);
        let inside = crew.worth(self.forward.nanos());
        self.forward.run_alike(&mut one, start, values, uniforms, &mut bits, inside, progress)?;
        if progress.stopped() {
            return Ok(None);
        }
        let (psi, nanos) = (StateRef::new(room, &layout), self.observable.nanos());
        Ok(exec::watched(progress, nanos, || self.observable.read(psi, crew.worth(nanos))))
    }
}

/// Runs make room for up to so many bytes themselves.
const OWN_ROOM: usize = 1 << 20;

/// The amplitudes that are to be lent to runs which need so many.
fn lent<T>(each: usize) -> usize {
    if each.saturating_mul(size_of::<Complex<T>>()) <= OWN_ROOM { 0 } else { each }
}

/// Does something for each element of `out`, `across` at a time, in memory for `each` amplitudes: in `room`, or
/// where that is not enough in memory of its own.
fn in_rooms<T: Real, V: Send>(
    across: usize,
    each: usize,
    room: &mut [Complex<T>],
    out: &mut [V],
    body: impl Fn(usize, &mut V, &mut [Complex<T>]) + Sync,
) {
    if across == 1 && room.len() == each {
        return out.iter_mut().enumerate().for_each(|(number, out)| body(number, out, room));
    }
    exec::split(across, out.len(), out, |range, out| {
        let mut room = vec![Complex::new(T::default(), T::default()); each];
        range.zip(out).for_each(|(number, out)| body(number, out, &mut room));
    });
}

/// What computes expectation values after a circuit, and the gradient of their sum with weights.
///
/// ```
/// use num_complex::Complex64;
/// use numket::circuit::{Adjoint, Circuit, Compiled, Gradient, Names, Operation};
/// use numket::observe::Observable;
/// use numket::{exec::Crew, gates::named, layout::Layout, progress::Progress};
///
/// let mut names = Names::default();
/// let mut circuit = Circuit::new(1);
/// circuit.push(Operation::gate(&named::rx, vec![names.angle("theta")], vec![0], vec![]))?;
/// let (crew, progress) = (Crew::alone()?, Progress::unwatched());
/// let forward = Compiled::<f64>::new(&circuit, &Layout::flat(1), crew.isa, &progress).unwrap();
/// let adjoint = Adjoint::new(&circuit, crew.isa)?;
///
/// let gradient = Gradient::new(1, &forward, &adjoint, &[Observable::Letters("Z")], None, &[1.0])?;
/// let mut room = vec![Complex64::ZERO; gradient.room_of_one()];
/// let (mut values, mut derivatives) = ([0.0], [0.0]);
/// gradient.run(None, &[0.3], &mut room, &mut values, &mut derivatives, crew, &progress);
/// assert!((values[0] - 0.3f64.cos()).abs() < 1e-15);
/// assert!((derivatives[0] + 0.3f64.sin()).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
pub struct Gradient<'a, T> {
    forward: &'a Compiled<T>,
    adjoint: &'a Adjoint<T>,
    observables: Vec<Applied<'a>>,
    weights: &'a [f64],
    layout: Layout,
    /// That of the two states side by side.
    both: Layout,
}

impl<'a, T: Real> Gradient<'a, T> {
    /// Prepares it for a circuit of so many qubits, which is compiled for flat states: for observables on the
    /// qubits that `bits` are, or on all, with a weight for each.
    ///
    /// # Errors
    /// As [`Observable::check`], and [`crate::error::Error::NotReal`] for a sum that is not Hermitian.
    ///
    /// # Panics
    /// Where there are not as many weights as observables.
    pub fn new(
        num_qubits: usize,
        forward: &'a Compiled<T>,
        adjoint: &'a Adjoint<T>,
        observables: &[Observable<'a>],
        bits: Option<&[u8]>,
        weights: &'a [f64],
    ) -> Result<Gradient<'a, T>> {
        assert_eq!(observables.len(), weights.len(), "a weight for each observable");
        let (layout, both) = (Layout::flat(num_qubits), Layout::flat(num_qubits + 1));
        let applied = |observable: &Observable<'a>| Applied::new(observable, &layout, bits);
        let observables = observables.iter().map(applied).collect::<Result<_>>()?;
        Ok(Gradient { forward, adjoint, observables, weights, layout, both })
    }

    /// Sees to it that there is a gradient of these observables, with a weight for each, that can be computed.
    ///
    /// # Errors
    /// [`Error::NotReal`] for a sum that is not Hermitian, and [`Error::Reach`].
    pub fn check(observables: &[Observable<'_>], weights: &[f64]) -> Result<()> {
        let mut reach = 0.0;
        for (observable, weight) in observables.iter().zip(weights) {
            observable.check_real()?;
            reach += weight.abs() * observable.reach();
        }
        // What is taken back is twice as large at most.
        let limit = if size_of::<T>() == 4 { f32::MAX.into() } else { f64::MAX } / 4.0;
        if reach <= limit { Ok(()) } else { Err(Error::Reach { reach, limit }) }
    }

    /// The amplitudes that runs with so many qubits and observables are to be lent: none where they are few, for
    /// which runs make room themselves.
    pub fn room_for(num_qubits: usize, observables: usize) -> usize {
        lent::<T>(room_of_one(num_qubits, observables))
    }

    /// The amplitudes that a run needs to work in: two states, and a third for several observables.
    pub fn room_of_one(&self) -> usize {
        room_of_one(self.layout.num_qubits(), self.observables.len())
    }

    /// What one thread needs for a run, in nanoseconds.
    pub fn nanos(&self) -> f64 {
        let observables: f64 = self.observables.iter().map(|applied| applied.nanos(&self.layout)).sum();
        self.forward.nanos() + observables + self.adjoint.nanos()
    }

    /// Steps of a run, as a [`Progress`] is told of them.
    pub fn steps(&self) -> usize {
        self.forward.steps() + self.adjoint.steps()
    }

    /// As [`Gradient::run`], from each state of `start` or as often from |0...0>: with the values of each, and
    /// as many elements of `values` and `derivatives`, which are set.
    ///
    /// # Panics
    /// As there.
    #[allow(clippy::too_many_arguments, reason = "what goes in, what comes out, and by whom")]
    pub fn run_all(
        &self,
        start: Option<States<'_, T>>,
        params: &Values,
        states: usize,
        room: &mut [Complex<T>],
        values: &mut [f64],
        derivatives: &mut [f64],
        crew: Crew,
        progress: &Progress<'_>,
    ) {
        derivatives.fill(0.0);
        let (observables, parameters) = (self.weights.len(), derivatives.len() / states.max(1));
        let (across, inside) = crew.shared_out(self.nanos());
        let (mut values, mut derivatives) = (values, derivatives);
        let own = |_| {
            let values = values.split_off_mut(..observables).expect("as many for each state");
            (values, derivatives.split_off_mut(..parameters).expect("as many for each state"))
        };
        let mut out: Vec<_> = (0..states).map(own).collect();
        in_rooms(across, self.room_of_one(), room, &mut out, |state, (values, derivatives), room| {
            if !progress.stopped() {
                let (start, row) = (nth(start, state), params.of(state));
                self.run(start, &row, room, values, derivatives, inside, progress);
            }
        });
    }

    /// Runs the circuit from `start`, or from |0...0>, for these parameters; writes the expectation value of
    /// each observable, and adds the derivatives of their sum with the weights to `derivatives`. If it is
    /// stopped, what it has written means nothing.
    ///
    /// # Panics
    /// Where `room`, `values`, `params` or `derivatives` has not as many elements as there are.
    #[allow(clippy::too_many_arguments, reason = "what goes in, what comes out, and by whom")]
    pub fn run(
        &self,
        start: Option<StateRef<'_, T>>,
        params: &[f64],
        room: &mut [Complex<T>],
        values: &mut [f64],
        derivatives: &mut [f64],
        crew: Crew,
        progress: &Progress<'_>,
    ) {
        assert_eq!(
            (room.len(), values.len()),
            (self.room_of_one(), self.weights.len()),
            "room for results"
        );
        let size = 1 << self.layout.num_qubits();
        let (both, more) = room.split_at_mut(2 * size);
        let (psi, eta) = both.split_at_mut(size);
        let Some(start) = begin(start, psi, crew, progress) else { return };
        let mut states = StatesMut::new(psi, &self.layout);
        let inside = crew.worth(self.forward.nanos());
        let run = self.forward.run_alike(&mut states, start, params, &[], &mut [], inside, progress);
        debug_assert!(run.is_ok(), "a circuit that draws has no gradient");
        let psi = StateRef::new(psi, &self.layout);
        let alone = more.is_empty();
        for (number, (applied, &weight)) in self.observables.iter().zip(self.weights).enumerate() {
            if progress.stopped() {
                return;
            }
            let out = if alone { &mut *eta } else { &mut *more };
            let nanos = applied.nanos(&self.layout);
            let mut result = StateMut::new(out, &self.layout);
            let read = exec::watched(progress, nanos, || applied.apply(psi, &mut result, crew));
            let Some(value) = read else { return };
            values[number] = value;
            // In double precision, and rounded once.
            let scaled = |z: Complex<T>| {
                Complex::new(T::from_f64(z.re.to_f64() * weight), T::from_f64(z.im.to_f64() * weight))
            };
            if alone {
                if weight != 1.0 {
                    eta.iter_mut().for_each(|eta| *eta = scaled(*eta));
                }
            } else if number == 0 {
                eta.iter_mut().zip(more.iter()).for_each(|(eta, more)| *eta = scaled(*more));
            } else {
                for (eta, more) in eta.iter_mut().zip(more.iter()) {
                    let more = scaled(*more);
                    *eta = Complex::new(eta.re + more.re, eta.im + more.im);
                }
            }
        }
        if self.observables.is_empty() {
            eta.fill(Complex::new(T::default(), T::default()));
        }
        let mut both = StateMut::new(both, &self.both);
        let inside = crew.worth(self.adjoint.nanos());
        self.adjoint.pull_back(params, &mut both, inside, derivatives, progress);
    }
}

fn room_of_one(num_qubits: usize, observables: usize) -> usize {
    (if observables > 1 { 3 } else { 2 }) << num_qubits
}

/// An observable that is read and applied in one go, on flat states.
enum Applied<'a> {
    Sum(Arc<PreparedSum>, Cow<'a, PauliSum>),
    /// A matrix or a diagonal, which is read first, and then applied to a copy.
    Entries {
        prepared: Prepared<'a>,
        entries: Entries<'a>,
        bits: Vec<u8>,
    },
}

enum Entries<'a> {
    Matrix(&'a [Complex64]),
    Diagonal(Vec<Complex64>),
}

impl<'a> Applied<'a> {
    fn new(observable: &Observable<'a>, layout: &Layout, bits: Option<&[u8]>) -> Result<Applied<'a>> {
        observable.check(bits.map_or(layout.num_qubits(), <[u8]>::len))?;
        observable.check_real()?;
        let entries = match *observable {
            Observable::Matrix(entries) => Entries::Matrix(entries),
            Observable::Diagonal(entries) => {
                Entries::Diagonal(entries.iter().map(|&entry| entry.into()).collect())
            }
            Observable::Sum(_) | Observable::Letters(_) => {
                let sum = observable.sum(layout, bits)?.expect("a sum");
                return Ok(Applied::Sum(PreparedSum::of(&sum, layout), sum));
            }
        };
        let prepared = observable.prepare(layout, bits, Reading::Mean)?;
        let all = || layout.qubit_bits().map(|bit| bit as u8).collect();
        Ok(Applied::Entries { prepared, entries, bits: bits.map_or_else(all, <[u8]>::to_vec) })
    }

    fn operator<'s>(entries: &'s Entries<'_>, bits: &'s [u8]) -> (Operator<'s>, Site<'s>) {
        let operator = match entries {
            Entries::Matrix(entries) => Operator::Dense(entries),
            Entries::Diagonal(entries) => Operator::Diagonal(entries),
        };
        (operator, Site { targets: bits, controls: 0, values: 0 })
    }

    fn nanos(&self, layout: &Layout) -> f64 {
        match self {
            Applied::Sum(prepared, sum) => {
                prepared.applier(sum).nanos() + 2.0 * observe::nanos(layout.num_qubits())
            }
            Applied::Entries { prepared, entries, bits } => {
                let (operator, site) = Applied::operator(entries, bits);
                let n = layout.num_qubits();
                prepared.nanos() + observe::nanos(n) + nanos(n, &operator, &site)
            }
        }
    }

    /// Writes what it makes of a state to `out`, and returns the expectation value.
    fn apply<T: Real>(&self, psi: StateRef<'_, T>, out: &mut StateMut<'_, T>, crew: Crew) -> f64 {
        let n = psi.layout().num_qubits();
        let reading = observe::nanos(n);
        match self {
            Applied::Sum(prepared, sum) => {
                let applier = prepared.applier(sum);
                applier.apply(psi, out, crew.worth(applier.nanos()));
                observe::inner(psi, out.as_ref(), crew.worth(reading)).re
            }
            Applied::Entries { prepared, entries, bits } => {
                let value = prepared.read(psi, crew.worth(prepared.nanos())).re;
                copy(psi, out, crew.worth(reading));
                let (operator, site) = Applied::operator(entries, bits);
                apply(out, &operator, &site, crew.worth(nanos(n, &operator, &site)));
                value
            }
        }
    }
}
