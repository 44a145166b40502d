//! Evolution in time, and the lowest eigenstates.

use std::mem;

use num_complex::Complex64;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::super::args::{batch_axes, index};
use super::super::door::{
    Access, Limit, Numbers, State, check_first, in_precision, is_array, leased, moved, shape_of, work,
};
use super::super::error::wrong_type;
use super::super::invoke::Invoke;
use super::super::package::EVOLUTION;
use super::super::pauli_sum::PauliSum;
use super::super::progress::{Reporter, Task, watched};
use super::arrays;
use super::reading::{Observable, result};
use crate::dynamics::{Evolution, Ground, Kind};
use crate::exec::{self, Crew};
use crate::memory::room_for_each;
use crate::observe::Reading;

/// The Hamiltonian, which is a sum.
fn hamiltonian<'a, 'py>(given: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PauliSum>> {
    given.cast::<PauliSum>().map_err(|_| {
        let remedy = "use nk.PauliSum, PauliSum.from_qiskit or PauliSum.from_openfermion; for a matrix on few qubits \
                      np.linalg.eigh(matrix)";
        wrong_type("hamiltonian", given, "a PauliSum", remedy)
    })
}

/// What takes states from one time to another.
enum Advance<'a, 'py> {
    /// A sum, which may have to be Hermitian.
    Sum { sum: &'a PauliSum, kind: Kind, tol: f64 },
    /// A function of Python's: of the state and both times.
    Function(Bound<'py, PyAny>),
}

impl<'a, 'py> Advance<'a, 'py> {
    fn of(
        given: &'a Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        (imaginary, hermitian): (bool, bool),
        tol: Option<f64>,
        longest: f64,
        batch: i64,
        threads: Option<Limit>,
    ) -> PyResult<Advance<'a, 'py>> {
        if let Ok(sum) = given.cast::<PauliSum>() {
            if qubits.is_some() {
                return Err(PyValueError::new_err(
                    "'qubits' is given with a PauliSum, whose terms name their own; they are for a matrix or a \
                     diagonal: leave it out",
                ));
            }
            let kind = match (imaginary, hermitian) {
                (true, true) => Kind::Imaginary,
                (false, true) => Kind::Unitary,
                (false, false) => Kind::General,
                (true, false) => {
                    return Err(PyValueError::new_err(
                        "'imaginary' and 'hermitian=False' are given together; imaginary time keeps the norm, which is \
                         for Hermitian sums: use -1j * hamiltonian with hermitian=False for exp(-H t)",
                    ));
                }
            };
            return Ok(Advance::Sum { sum: sum.get(), kind, tol: tol.unwrap_or(TOLERANCE) });
        }
        if !hermitian {
            return Err(PyValueError::new_err(
                "'hermitian=False' is for a PauliSum: for a matrix on few qubits use nk.apply(state, \
                 scipy.linalg.expm(-1j * t * matrix), qubits), for a diagonal nk.apply_diagonal",
            ));
        }
        let py = given.py();
        let threads = threads.map(|limit| limit.0);
        let advance =
            EVOLUTION.get(py)?.invoke((given, qubits, imaginary, tol, longest, batch, threads))?;
        if advance.is_none() {
            let remedy = "use nk.PauliSum, a Hermitian NumPy matrix or a real diagonal on few qubits, a list of pairs \
                          (function of time, PauliSum), or a matrix or LinearOperator of scipy.sparse; for a Qobj \
                          qobj.full()";
            return Err(wrong_type("hamiltonian", given, "a Hamiltonian", remedy));
        }
        Ok(Advance::Function(advance))
    }

    /// Refuses the longest of several steps if it is too long, before the first is done.
    fn check(&self, states: &State<'_>, longest: f64) -> PyResult<()> {
        let &Advance::Sum { sum, kind, tol } = self else { return Ok(()) };
        in_precision!(states, T => {
            Evolution::<T>::new(&sum.core, &states.layout, longest, kind, tol, Crew::alone()?.isa)?;
        });
        Ok(())
    }
}

/// The longest of the steps through some times, from the time 0 on.
fn longest_step(times: &[f64]) -> f64 {
    let mut before = 0.0;
    times
        .iter()
        .fold(0.0, |longest: f64, &time| longest.max((time - mem::replace(&mut before, time)).abs()))
}

/// A bound on what is left out of the series of a sum, where none is given.
const TOLERANCE: f64 = 1e-12;

/// What is read at each time: one observable, or several.
fn observables<'py>(given: &Bound<'py, PyAny>) -> PyResult<(Vec<Observable<'py>>, bool)> {
    if given.is_instance_of::<PauliSum>() || given.is_instance_of::<PyString>() {
        return Ok((vec![Observable::of(given)?], true));
    }
    if is_array(given) {
        return Err(PyTypeError::new_err(
            "'observables' is one array, whose rows would be taken one by one: use [array] for one observable, \
             or list(array)",
        ));
    }
    let mut found = Vec::new();
    for each in given.iterate()? {
        found.push(Observable::of(&each?)?);
    }
    Ok((found, false))
}

/// The states that are evolved, which may be real where they stay so.
fn changed<'a>(
    state: &'a Bound<'_, PyAny>,
    batch: i64,
    access: Access,
    imaginary: bool,
) -> PyResult<State<'a>> {
    match imaginary {
        true => State::new("state", state, batch, access),
        false => State::complex("state", state, batch, access),
    }
}

/// Takes all states from one time to another.
fn evolve_states(
    state: &Bound<'_, PyAny>,
    sum: &PauliSum,
    (from, to): (f64, f64),
    (kind, tol): (Kind, f64),
    batch: i64,
    threads: Option<Limit>,
) -> PyResult<()> {
    let mut source = changed(state, batch, Access::Write, kind == Kind::Imaginary)?;
    let states = source.layout.states();
    in_precision!(source, T => {
        let isa = Crew::alone()?.isa;
        let evolution = Evolution::<T>::new(&sum.core, &source.layout, to - from, kind, tol, isa)?;
        if states == 0 {
            return Ok(());
        }
        let step = evolution.nanos_of_step();
        // What a batch is worth, where its states are shared out.
        let crew = Crew::new(step * states as f64, threads.map(|limit| limit.0))?;
        let nanos = states as f64 * evolution.nanos();
        let made = watched(&Reporter::SILENT, Task::Evolve { from, to, states }, |progress| {
            leased(state.py(), nanos, source.changing::<T>(), |mut lent| {
                exec::watched(progress, step, || evolution.run(&mut lent, crew, progress))
            })
        })?;
        Ok(made.expect("only a signal stops it")?)
    })
}

/// Evolves a state in time under a Hamiltonian H, in place: exp(-i H t).
///
/// For a `PauliSum` it adds up a series of Chebyshev polynomials of H, with proven bounds on its
/// spectrum, in one call. The state is written at the end only, so a call that is refused or stopped
/// leaves it as it was.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place; in imaginary time also one of float64 or float32. Qubit q is axis q of
///     state.reshape((2,) * n).
/// hamiltonian : PauliSum, array_like, or sequence of (callable, PauliSum)
///     A Hermitian sum on all n qubits. Or a Hermitian matrix on few qubits, shape (2**k, 2**k), or a
///     real diagonal, shape (2**k,): then each time costs one pass over the state, by the eigenvectors
///     of the matrix. Or a matrix or LinearOperator of scipy.sparse on all qubits, by steps in Krylov
///     spaces of 24 vectors, which are kept. Or a Hamiltonian of time, the sum of f(t) * P over pairs
///     (f, P): f is a function of the time of this call, which begins at 0, or a number.
/// t : float or array_like of shape (T,)
///     The time, with hbar = 1; negative to go back. Or several times, seen from the time 0 of the
///     call, which the state goes through one after the other; it ends at the last.
/// observables : PauliSum, str, or a sequence of what `numket.expectation` takes, optional
///     What to read at each time.
/// callback : callable, optional
///     Called with each time and the state, which it may also change.
/// imaginary : bool
///     Apply exp(-H t) instead, which takes a state to the ground state, and keep its norm. A real
///     state stays real under a real H, as a PauliSum whose strings have an even number of Y each,
///     and takes half the memory and time.
/// qubits : int or sequence of int, optional
///     For a matrix or a diagonal the k qubits that it acts on; all in order if not given. The first is
///     the most significant bit of a row index.
/// hermitian : bool
///     False takes a PauliSum that is not Hermitian too, as that of a Lindblad equation. The norm then
///     changes.
/// tol : float, optional
///     A bound on the norm of what is left out of the series, for a state of norm 1 and each time:
///     1e-12 if not given. What rounding adds is of the order of the machine epsilon of the dtype
///     times the number of terms. For a Hamiltonian of time an estimate of the error, 1e-8 if not
///     given; steps are as short as that takes, and 1e-14 for each of them is all that is reached.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// None, or ndarray of float64
///     The expectation values, if there are observables. The axes are those of the times, of the
///     observables and of the batch; without the first for a single time, and without the second
///     for one observable that is not in a sequence. Complex where a PauliSum is not Hermitian.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
///     type. A real state is refused in real time, and under an H that is not real.
/// ValueError
///     Where a shape does not fit, H is not Hermitian or has another number of qubits, a time is
///     not finite or so long that a series would have more than ten million terms, or `tol` is
///     less than rounding leaves. In imaginary time, also where a state has norm 0. As with every
///     error, nothing has been written for the first time.
/// MemoryError
///     Where there is no room for three more states.
/// RuntimeError
///     Where `tol` is not reached for a Hamiltonian of time, however short the steps are.
/// BufferInUseError
///     Where another call is using the memory of the state.
/// KeyboardInterrupt
///     On Ctrl-C. As with whatever a signal handler raises, the note of the error says of which time
///     the state is.
///
/// See Also
/// --------
/// numket.pauli_rotation : For one string, exactly.
/// numket.PauliSum.linear_operator : For SciPy's expm_multiply.
///
/// Notes
/// -----
/// A series has about r t + 3 (r t)**(1/3) + 20 terms for double precision, where r is half the width of
/// the bounds on the spectrum. Each term is one product of H and a state. The work takes three
/// states more than the one given, and three again for a Hamiltonian of time. Results have the same
/// bits for any number of threads.
///
/// Krylov spaces, for operators of SciPy's: Y. Saad, SIAM Journal on Numerical Analysis 29, 209 (1992).
///
/// Steps under a Hamiltonian of time are of order 4, two exponentials each, and are compared with two
/// of half the length: S. Blanes and P. C. Moan, Applied Numerical Mathematics 56, 1519 (2006).
///
/// H. Tal-Ezer and R. Kosloff, "An accurate and efficient scheme for propagating the time dependent
/// Schroedinger equation", Journal of Chemical Physics 81, 3967 (1984). Bounds: P. W. Anderson,
/// Physical Review 83, 1260 (1951).
///
/// Examples
/// --------
/// Rabi oscillations: the spin has turned after half a period.
///
/// >>> import numpy as np, numket as nk
/// >>> psi = nk.zero_state(1)
/// >>> nk.evolve(psi, nk.PauliSum({"X": 0.5}), np.pi)
/// >>> nk.probabilities(psi).round(12)
/// array([0., 1.])
///
/// The magnetization on the way:
///
/// >>> psi = nk.zero_state(1)
/// >>> times = np.linspace(0, np.pi, 5)
/// >>> nk.evolve(psi, nk.PauliSum({"X": 0.5}), times, observables="Z").round(3) + 0.0
/// array([ 1.   ,  0.707,  0.   , -0.707, -1.   ])
///
/// The ground state of two spins, by imaginary time:
///
/// >>> heisenberg = nk.PauliSum({"XX": 1, "YY": 1, "ZZ": 1})
/// >>> psi = nk.basis_state(2, "01")
/// >>> round(nk.evolve(psi, heisenberg, 10, observables=heisenberg, imaginary=True), 12)
/// -3.0
///
/// A pulse, whose area is pi:
///
/// >>> psi = nk.zero_state(1)
/// >>> pulse = [(lambda t: np.sqrt(np.pi) * np.exp(-((t - 6) ** 2)), nk.PauliSum({"X": 0.5}))]
/// >>> nk.evolve(psi, pulse, 12)
/// >>> nk.probabilities(psi).round(6) + 0.0
/// array([0., 1.])
#[pyfunction(signature = (
    state, hamiltonian, t, *, observables=None, callback=None, imaginary=false, qubits=None, hermitian=true, tol=None,
    batch=0, threads=None
))]
pub fn evolve<'py>(
    state: &Bound<'py, PyAny>,
    hamiltonian: &Bound<'py, PyAny>,
    t: &Bound<'py, PyAny>,
    observables: Option<&Bound<'py, PyAny>>,
    callback: Option<&Bound<'py, PyAny>>,
    imaginary: bool,
    qubits: Option<&Bound<'py, PyAny>>,
    hermitian: bool,
    tol: Option<f64>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    check_first("state", state)?;
    let py = state.py();
    let given = Numbers::<f64>::read("t", t)?;
    given.check_finite()?;
    let (times, shape) = (given.as_slice().to_vec(), given.shape.clone());
    if shape.len() > 1 {
        return Err(PyTypeError::new_err(format!(
            "'t' has {} axes; it is one time, or a sequence of times: use np.ravel(t)",
            shape.len()
        )));
    }
    let longest = longest_step(&times);
    let advance =
        Advance::of(hamiltonian, qubits, (imaginary, hermitian), tol, longest, batch, threads)?;
    if let Some(given) = callback.filter(|given| !given.is_callable()) {
        return Err(wrong_type(
            "callback",
            given,
            "callable",
            "use a function of the time and the state",
        ));
    }
    let (observed, single) = match observables {
        Some(given) => self::observables(given)?,
        None => (Vec::new(), true),
    };
    let found = changed(state, batch, Access::Write, imaginary)?;
    advance.check(&found, longest)?;
    let (states, qubits, axes) =
        (found.layout.states(), found.layout.num_qubits(), shape_of(&found, &[]));
    let mut real = true;
    for observable in &observed {
        let core = observable.on(qubits)?;
        core.check(qubits)?;
        real &= core.is_hermitian();
    }
    let numbers = [times.len(), observed.len(), states];
    let mut values = Vec::with_capacity(room_for_each(&numbers, size_of::<Complex64>())?);
    let mut before = 0.0;
    for &time in &times {
        match &advance {
            &Advance::Sum { sum, kind, tol } => {
                evolve_states(state, sum, (before, time), (kind, tol), batch, threads)?;
            }
            Advance::Function(advance) => {
                advance.invoke((state, before, time))?;
            }
        }
        before = time;
        for observable in &observed {
            let observable = observable.again()?;
            let source = changed(state, batch, Access::Read, imaginary)?;
            if shape_of(&source, &[]) != axes {
                return Err(moved("state"));
            }
            let core = observable.on(source.layout.num_qubits())?;
            let prepared = core.prepare(&source.layout, None, Reading::Mean)?;
            let mut read = vec![Complex64::ZERO; source.layout.states()];
            let nanos = read.len() as f64 * prepared.nanos();
            let others = &[observable.region()][..];
            work!(py, nanos, threads, source.reading(), others, |(states, ()), crew| {
                prepared.read_all(states, &mut read, crew);
            })?;
            values.extend(read);
        }
        if let Some(callback) = callback {
            callback.invoke((time, state))?;
        }
    }
    if observables.is_none() {
        return Ok(None);
    }
    let mut out = shape;
    if !single {
        out.push(observed.len());
    }
    out.extend(axes);
    Ok(Some(result(py, &values, real, &out)?))
}

/// The lowest eigenstates of a Hamiltonian H: the ground state, and with `k` also those above it.
///
/// It is Lanczos's method on three vectors, all in one call, with no matrix. Of degenerate levels
/// each state comes, with equal energies. Where H is real, as a sum whose strings have an even number
/// of Y each, so are the vectors, but where a complex state is given to start from.
///
/// Parameters
/// ----------
/// hamiltonian : PauliSum
///     A Hermitian sum on n qubits.
/// k : int
///     How many eigenstates, those with the lowest energies.
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, optional
///     The state to start from, which the ground state is written to; for k=1. A real one is for a real
///     H. What the start has no part of, as by a symmetry, is found by rounding or not at all: it is
///     then the ground state of a sector. A new array, from a random start with a fixed seed, if not
///     given.
/// tol : float
///     A bound on the norm of H v - E v for each eigenstate v, in units of half the width of the
///     spectrum. The error of an energy is about the square of that, divided by the gap. complex64
///     reaches 1e-5.
/// dtype : complex128 (default), complex64, float64 or float32
///     Of the states, if none is given; real ones for a real H.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// energy : float, or for k > 1 ndarray of float64, shape (k,)
///     The lowest eigenvalues, in ascending order.
/// state : ndarray, shape (2**n,), or for k > 1 (k, 2**n)
///     The eigenstates, of norm 1; or the array that was given.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or is real and H is not, or another argument has
///     a wrong type.
/// ValueError
///     Where H is not Hermitian, a shape does not fit, k is not from 1 to 2**n, the state to start from
///     has norm 0, or `tol` is less than rounding leaves. As with every error, nothing has been
///     written.
/// RuntimeError
///     Where `tol` is not reached, as for levels very close to each other; it says what is.
/// MemoryError
///     Where there is no room for two states more than those that are returned.
/// BufferInUseError
///     Where another call is using the memory of the state.
/// KeyboardInterrupt
///     On Ctrl-C. As with whatever a signal handler raises, nothing has been written.
///
/// See Also
/// --------
/// numket.evolve : With imaginary time, towards the ground state.
/// numket.PauliSum.variance : 0 in an eigenstate.
/// numket.PauliSum.linear_operator : For SciPy's eigsh.
///
/// Notes
/// -----
/// The vectors of the recurrence are not kept. They are made a second time to be added up, so each step
/// costs two products of H and a state. For k > 1, each further eigenstate is sought in what is
/// orthogonal to those before.
///
/// C. Lanczos, Journal of Research of the National Bureau of Standards 45, 255 (1950). C. C. Paige, Linear
/// Algebra and its Applications 34, 235 (1980).
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> heisenberg = nk.PauliSum({"XX": 1, "YY": 1, "ZZ": 1})
/// >>> energy, singlet = nk.ground_state(heisenberg)
/// >>> round(energy, 10), round(heisenberg.variance(singlet), 10) + 0.0
/// (-3.0, 0.0)
/// >>> energies, states = nk.ground_state(heisenberg, k=4)  # the triplet is degenerate
/// >>> energies.round(10)
/// array([-3.,  1.,  1.,  1.])
/// >>> nk.ground_state(heisenberg, dtype=float)[1].dtype  # in half the memory
/// dtype('float64')
#[pyfunction(signature = (hamiltonian, k=None, state=None, *, tol=1e-10, dtype=None, threads=None))]
pub fn ground_state<'py>(
    hamiltonian: &Bound<'py, PyAny>,
    k: Option<&Bound<'py, PyAny>>,
    state: Option<&Bound<'py, PyAny>>,
    tol: f64,
    dtype: Option<&Bound<'py, PyAny>>,
    threads: Option<Limit>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let py = hamiltonian.py();
    let sum = &self::hamiltonian(hamiltonian)?.get().core;
    let qubits = sum.num_qubits();
    let wanted = k.map_or(Ok(1), |k| index("k", k))?;
    let count = usize::try_from(wanted).ok().filter(|&k| k > 0 && k.ilog2() as usize <= qubits);
    let Some(count) = count.filter(|&k| k.ilog2() < qubits as u32 || k.is_power_of_two()) else {
        return Err(PyValueError::new_err(format!(
            "'k' is {wanted}; on {qubits} qubits there are 2**{qubits} eigenstates: use a number from 1 to that"
        )));
    };
    let array = match state {
        Some(given) if count == 1 => {
            check_first("state", given)?;
            given.clone()
        }
        Some(_) => {
            return Err(PyValueError::new_err(
                "'state' is one state to start from, and several eigenstates are asked for: leave 'state' out, or \
                 use k=1",
            ));
        }
        None => {
            let name = arrays::dtype_name(py, dtype)?;
            let amplitudes =
                1u128.checked_shl(qubits as u32).and_then(|size| size.checked_mul(count as u128));
            let flat = arrays::amplitudes(py, amplitudes.unwrap_or(u128::MAX), &name)?;
            match count {
                1 => flat,
                _ => flat.invoke_method("reshape", ((count, 1usize << qubits),))?,
            }
        }
    };
    let (batch, start) = (if count == 1 { 0 } else { 1 }, state.is_some());
    let mut target = State::new("state", &array, batch, Access::Write)?;
    let energies = in_precision!(target, T => {
        let isa = Crew::alone()?.isa;
        let ground = Ground::<T>::new(sum, &target.layout, start, tol, isa)?;
        let step = ground.nanos_of_step();
        let crew = Crew::new(step, threads.map(|limit| limit.0))?;
        // Some tens of steps, at least.
        let made = watched(&Reporter::SILENT, Task::Read, |progress| {
            leased(py, 100.0 * step, target.changing::<T>(), |mut lent| {
                exec::watched(progress, step, || ground.run(&mut lent, crew))
            })
        })?;
        made.expect("only a signal stops it")?
    });
    let shape: &[usize] = if count == 1 { &[] } else { &[count] };
    Ok((Numbers::result(py, &energies, shape)?, array))
}
