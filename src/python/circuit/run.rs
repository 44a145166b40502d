//! Runs of circuits.

use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::super::args::parameters::Given;
use super::super::args::{batch_axes, index, random};
use super::super::door::{
    Access, Limit, Numbers, State, check_first, in_precision, leased, settled, shape_of, unwrapped,
};
use super::super::invoke::Invoke;
use super::super::package::{ADVISE, RUN_MAPPED, TRAJECTORIES};
use super::super::progress::{Reporter, Task, watched};
use super::Circuit;
use super::plans::compiled;
use crate::apply::nanos_to_sweep;
use crate::circuit::{Compiled, Named, Names, NoNormAt, Start, Values};
use crate::error::Error;
use crate::simd::Real;
use crate::state::StatesMut;

#[pymethods]
impl Circuit {
    /// Applies all operations to a state, in place and in one call.
    ///
    /// Parameters
    /// ----------
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
    ///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    /// params : dict or array_like, optional
    ///     The values of the parameters in radians: a dict by name or Parameter, or an array in the
    ///     order of `parameters`. With batch axes, each value of a dict broadcasts against them, and
    ///     an array has the parameters in its last axis.
    /// batch : int
    ///     Number of leading axes of the state that count states: (B, 2**n) has 1.
    /// threads : int, optional
    ///     At most this many threads for this call.
    /// progress : bool or callable
    ///     True shows a bar (needs tqdm). A callable is given the number of operations that are done,
    ///     and of all.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes, for circuits that measure, reset or have a Kraus
    ///     channel; others do not look at it. For each state, a Generator is advanced by one number
    ///     for each qubit that is measured or reset, one more for a readout error, and one for each
    ///     channel, even where a condition does not hold. They are drawn before anything is written.
    /// memory : int or str, optional
    ///     For a state in a numpy.memmap that is larger than memory, how much of that to use: bytes, or a number with
    ///     a unit as "8GiB". The circuit then runs as on a numket.FileState.
    ///
    /// Returns
    /// -------
    /// ndarray of int8, shape (num_bits,) after the batch axes
    ///     The classical bits of each state, 0 where nothing was measured; None for a circuit that
    ///     has none. The same for any number of threads.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where the state is no ndarray of these dtypes, or is real and an operation is not, or
    ///     another argument has a wrong type.
    /// ValueError
    ///     Where a shape does not fit, a value is not finite, or a state has norm 0 when
    ///     it is measured or a channel reads it. As with every error, nothing has been written; but
    ///     where the user's own operators have taken the norm from the state on its way, that is
    ///     found only then, and the note of the error says where.
    /// KeyError
    ///     Where `params` names a parameter that the circuit lacks, or misses one that it has.
    /// BufferInUseError
    ///     Where another call is using the memory of the state.
    /// KeyboardInterrupt
    ///     On Ctrl-C. As with whatever a signal handler or `progress` raises, the run stops, the note
    ///     of the error says how far it got, and the state keeps its norm if all operations are
    ///     unitary.
    ///
    /// See Also
    /// --------
    /// numket.Circuit.expectation : The mean of an observable after the circuit.
    /// numket.Circuit.trajectories : The mean over many runs with noise.
    /// numket.FileState : A state in a file, larger than memory.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> circuit = nk.Circuit(1).rx(nk.Parameter("theta"), 0)
    /// >>> states = np.array([[1, 0], [1, 0]], complex)
    /// >>> circuit.run(states, {"theta": [0, np.pi]}, batch=1)
    /// >>> states.round(3)
    /// array([[1.+0.j, 0.+0.j],
    ///        [0.+0.j, 0.-1.j]])
    ///
    /// Twice the same outcome, and the second qubit back in 0:
    ///
    /// >>> circuit = nk.Circuit(2).h(0).measure(0).cx(0, 1).measure(1).x(1, condition=1)
    /// >>> psi = nk.zero_state(2)
    /// >>> circuit.run(psi, rng=3)
    /// array([1, 1], dtype=int8)
    /// >>> psi.round(3).real
    /// array([0., 0., 1., 0.])
    #[pyo3(signature = (state, params=None, *, batch=0, threads=None, progress=None, rng=None, memory=None))]
    fn run<'py>(
        slf: &Bound<'py, Self>,
        state: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = batch_axes)] batch: i64,
        threads: Option<Limit>,
        progress: Option<&Bound<'py, PyAny>>,
        rng: Option<&Bound<'py, PyAny>>,
        memory: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(memory) = memory {
            if batch != 0 {
                return Err(PyValueError::new_err(
                    "'memory' is given with a batch; a file holds one state: leave 'batch' out",
                ));
            }
            let threads = threads.map(|limit| limit.0);
            RUN_MAPPED.get(slf.py())?.invoke((slf, state, params, threads, progress, memory))?;
            return Ok(None);
        }
        run_from(slf, Start::Given, state, params, batch, threads, progress, rng)
    }

    /// Writes what the circuit makes of |0...0> to a state, which is not read.
    ///
    /// As `run` on `zero_state`, but for rounding. It takes less time, as amplitudes that are still
    /// 0 are left out: qubits cost nothing before their first gate, nor do controls that are known.
    ///
    /// Parameters
    /// ----------
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
    ///     Overwritten, whatever it holds. Qubit q is axis q of state.reshape((2,) * n).
    /// params : dict or array_like, optional
    ///     The values of the parameters in radians, as `run` takes them.
    /// batch : int
    ///     Number of leading axes of the state that count states: (B, 2**n) has 1.
    /// threads : int, optional
    ///     At most this many threads for this call.
    /// progress : bool or callable
    ///     As for `run`.
    /// rng : None, int or numpy.random.Generator, optional
    ///     As for `run`.
    ///
    /// Returns
    /// -------
    /// ndarray of int8, shape (num_bits,) after the batch axes
    ///     The classical bits of each state, as `run` returns them; None for a circuit that has none.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, KeyError, BufferInUseError
    ///     Where `run` raises them. Nothing has been written then.
    /// KeyboardInterrupt
    ///     On Ctrl-C. As with whatever a signal handler or `progress` raises, the run stops: the state
    ///     then holds what some of the operations made of |0...0>, or is not yet wholly overwritten.
    ///
    /// See Also
    /// --------
    /// numket.Circuit.run : From the state as it is.
    /// numket.zero_state : |0...0> in a new array.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> psi = nk.empty_state(2)
    /// >>> nk.Circuit(2).h(0).cx(0, 1).prepare(psi)
    /// >>> psi.round(3).real
    /// array([0.707, 0.   , 0.   , 0.707])
    ///
    /// A batch, with a value of the parameter for each state:
    ///
    /// >>> states = np.empty((3, 2), complex)
    /// >>> nk.Circuit(1).ry(nk.Parameter("theta"), 0).prepare(states, [[0], [np.pi / 2], [np.pi]], batch=1)
    /// >>> states.round(3).real
    /// array([[1.   , 0.   ],
    ///        [0.707, 0.707],
    ///        [0.   , 1.   ]])
    #[pyo3(signature = (state, params=None, *, batch=0, threads=None, progress=None, rng=None))]
    fn prepare<'py>(
        slf: &Bound<'py, Self>,
        state: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = batch_axes)] batch: i64,
        threads: Option<Limit>,
        progress: Option<&Bound<'py, PyAny>>,
        rng: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        run_from(slf, Start::Zeros, state, params, batch, threads, progress, rng)
    }

    /// The mean of an observable over many runs, each from the same state.
    ///
    /// With noise from Kraus channels, it estimates the expectation value in the mixed state that the
    /// channels make.
    ///
    /// Parameters
    /// ----------
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
    ///     Where each run starts. Only read; it must not change meanwhile. The runs have states of their
    ///     own: one of more than 4 MiB, 16 of less, and more as long as they fit in 2 MiB; with a
    ///     ThreadPoolExecutor, in 32 MiB.
    /// observable : callable, PauliSum, str, or array_like
    ///     A function of a state that returns a real number, an object that has one as its method
    ///     `expectation`, or what numket.expectation takes. A function may change its array, to which
    ///     later runs write. PauliSum and str take least time: they are read in many states at once.
    /// shots : int
    ///     The number of runs, at least 1.
    /// params : dict or array_like, optional
    ///     The values of the parameters in radians, as `run` takes them.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes. The runs draw from it one after the other, as so many calls
    ///     of `run` would; the result is the same for any number of threads, and on any executor.
    /// executor : concurrent.futures.Executor, optional
    ///     The threads of a ThreadPoolExecutor call the function that `observable` is, each on a state of
    ///     its own; if not given, the caller's does. All others do the runs too, in up to 64 blocks, as
    ///     those of processes and clusters: a ProcessPoolExecutor, joblib's loky, Dask's
    ///     `client.get_executor()` or an MPIPoolExecutor. Circuit, state, observable and generator are
    ///     sent to them with each block.
    /// threads : int, optional
    ///     Run on at most this many threads; all if not given. Small states have one thread for each run.
    ///     In each worker of an executor: 1 if not given.
    /// progress : bool or callable
    ///     True shows a bar (needs tqdm). A callable is given the number of runs that are done, and
    ///     of all.
    /// n : int
    ///     An older name of `shots`.
    ///
    /// Returns
    /// -------
    /// numket.trajectories.Estimate
    ///     The mean, its standard error, and the number of runs. The error is the standard deviation
    ///     of the sample over the square root of that number: 0 without noise, NaN for one run.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where the state is no ndarray of these dtypes, or is real and an operation is not, or
    ///     another argument has a wrong type.
    /// ValueError
    ///     Where `shots` is less than 1, or where `run` raises it.
    /// KeyError
    ///     Where `params` names a parameter that the circuit lacks, or misses one that it has.
    /// MemoryError
    ///     Where there is too little memory for the states of the runs.
    /// BufferInUseError
    ///     Where another call is changing the state.
    /// KeyboardInterrupt
    ///     On Ctrl-C: runs stop where they are. As with every error, the state is as it was.
    ///
    /// See Also
    /// --------
    /// numket.channels : The usual channels.
    ///
    /// Notes
    /// -----
    /// J. Dalibard, Y. Castin and K. Mølmer, "Wave-function approach to dissipative processes in
    /// quantum optics", Physical Review Letters 68, 580 (1992).
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> circuit = nk.Circuit(1).x(0).apply_kraus(nk.channels.amplitude_damping(0.25), 0)
    /// >>> mean, error, shots = circuit.trajectories(nk.zero_state(1), "Z", 1000, rng=1)
    /// >>> abs(mean + 0.5) < 4 * error < 0.12
    /// True
    #[pyo3(signature = (state, observable, shots=None, params=None, *, rng=None, executor=None, threads=None, progress=None, n=None))]
    fn trajectories<'py>(
        slf: &Bound<'py, Self>,
        state: &Bound<'py, PyAny>,
        observable: &Bound<'py, PyAny>,
        shots: Option<&Bound<'py, PyAny>>,
        params: Option<&Bound<'py, PyAny>>,
        rng: Option<&Bound<'py, PyAny>>,
        executor: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
        progress: Option<&Bound<'py, PyAny>>,
        n: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Reporter::check(progress)?;
        check_first("state", state)?;
        let Some(shots) = shots.xor(n) else {
            return Err(PyTypeError::new_err(
                "'shots' is missing, or given twice, also as 'n'; it is the number of runs: give it once",
            ));
        };
        let (shots, threads) = (index("shots", shots)?, threads.map(|limit| limit.0));
        // Those of one run: an array of them is no batch of runs.
        let taken = slf.get().taken();
        let values =
            Given::of(taken.names(), slf.py(), params)?.values(slf.py(), &taken, &[])?.of(0).to_vec();
        let params = (!values.is_empty()).then_some(values);
        let rng = random::generator(slf.py(), rng)?;
        let draws = taken.num_draws();
        let state = unwrapped(state);
        let given = (slf, state, observable, shots, params, rng, draws, executor, threads, progress);
        TRAJECTORIES.get(slf.py())?.invoke(given)
    }
}

/// States of so many amplitudes may be larger than memory.
const LARGE: usize = 1 << 26;

/// What a run needs beside the state.
struct Prepared<'py, T> {
    values: Values,
    uniforms: Vec<f64>,
    /// The classical bits of all states, for a circuit that has any.
    bits: Option<Numbers<'py, i8>>,
    compiled: Arc<Compiled<T>>,
}

/// A run.
#[inline]
#[allow(clippy::too_many_arguments, reason = "those of the methods")]
fn run_from<'py>(
    circuit: &Bound<'py, Circuit>,
    start: Start,
    state: &Bound<'py, PyAny>,
    params: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<Limit>,
    progress: Option<&Bound<'py, PyAny>>,
    rng: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = circuit.py();
    Reporter::check(progress)?;
    let taken = circuit.get().taken();
    let drawing = !taken.is_unitary();
    let generator = drawing.then(|| random::generator(py, rng)).transpose()?;
    let mut found = State::new("state", state, batch, Access::Write)?;
    taken.fits(&found.layout)?;
    if found.layout.states() << found.layout.num_qubits() >= LARGE {
        ADVISE.get(py)?.invoke((unwrapped(state),))?;
        found = State::new("state", state, batch, Access::Write)?;
        taken.fits(&found.layout)?;
    }
    in_precision!(found, T => {
        if let (None, true, None, None, 0, Some(compiled)) = (
            params,
            taken.names().is_empty(),
            progress,
            &generator,
            taken.num_bits(),
            taken.known::<T>(&found.layout, start),
        ) {
            // Nothing has run since the state was looked at.
            let mut made = Prepared { values: Values::NONE, uniforms: Vec::new(), bits: None, compiled };
            run_all(py, &mut found, start, &taken, &mut made, threads, &Reporter::SILENT)?;
            return Ok(None);
        }
        let generator = generator.as_ref();
        run_prepared::<T>(py, &taken, state, start, generator, params, batch, threads, progress)
    })
}

/// A run for which values are read, numbers drawn, or the circuit planned.
fn run_prepared<'py, T: Real>(
    py: Python<'py>,
    taken: &Named,
    array: &Bound<'py, PyAny>,
    start: Start,
    generator: Option<&Bound<'py, PyAny>>,
    params: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<Limit>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let mut reporter = Reporter::SILENT;
    let look = || State::new("state", array, batch, Access::Write);
    let prepare = |_: &_, state: State| {
        let values = Given::of(taken.names(), py, params)?.values(py, taken, state.batch_shape())?;
        let drawn = |generator| random::uniforms(generator, &shape_of(&state, &[taken.num_draws()]));
        let uniforms = generator.map_or(Ok(Vec::new()), drawn)?;
        let compiled = compiled::<T>(py, taken, &state.layout, start)?;
        let amplitudes = (state.layout.states() as u128) << state.layout.num_qubits();
        let size = if state.layout.is_real() { size_of::<T>() } else { size_of::<[T; 2]>() };
        let bytes = compiled.ways() as u128 * amplitudes * size as u128;
        reporter = Reporter::new(py, progress, bytes)?;
        let bits = || Numbers::empty(py, &shape_of(&state, &[taken.num_bits()]));
        let bits = (taken.num_bits() > 0).then(bits).transpose()?;
        Ok(Prepared { values, uniforms, bits, compiled })
    };
    let settled = settled(look, |state| (state.layout.clone(), state.precision), prepare);
    let result = settled.and_then(|(mut state, mut made)| {
        run_all(py, &mut state, start, taken, &mut made, threads, &reporter)?;
        Ok(made.bits.map(Numbers::into_array))
    });
    reporter.end(py, result)
}

/// The last step of a run: everything is checked, nothing can fail but the lease, and the norm at a draw.
#[inline]
fn run_all<'py, T: Real>(
    py: Python<'py>,
    state: &mut State,
    start: Start,
    taken: &Named,
    made: &mut Prepared<'py, T>,
    threads: Option<Limit>,
    reporter: &Reporter,
) -> PyResult<()> {
    let Prepared { values, uniforms, bits, compiled } = made;
    let states = state.layout.states();
    if states == 0 {
        return Ok(());
    }
    let (crew, nanos) = compiled.crew(values, states, threads.map(|limit| limit.0))?;
    let nanos = match start {
        Start::Given => nanos,
        Start::Zeros => nanos + states as f64 * nanos_to_sweep(state.layout.num_qubits()),
    };
    // Code of the user's own may run meanwhile, so the state is leased however small it is.
    let nanos = if reporter.call.is_some() { f64::INFINITY } else { nanos };
    let operations = taken.operations().len() * states;
    let task = Task::Run { operations, steps: compiled.steps() * states };
    let done = watched(reporter, task, |progress| {
        let run = |states: &mut StatesMut<'_, T>, bits: &mut [i8]| {
            compiled.run(states, start, values, uniforms, bits, crew, progress)
        };
        // The state by itself where there are no bits: lent with an Option of them, 4 qubits take 310 ns, not 235.
        let Some(bits) = bits else {
            return leased(py, nanos, state.changing::<T>(), |mut states| run(&mut states, &mut []));
        };
        leased(py, nanos, (state.changing::<T>(), bits.filling()), |(mut states, bits)| {
            bits.fill(0);
            run(&mut states, bits)
        })
    })?;
    done.map_err(|found| no_norm(py, taken, found))
}

/// The error of a state without norm, with a note that tells where in the circuit that was found.
pub(super) fn no_norm(py: Python<'_>, circuit: &Named, found: NoNormAt) -> PyErr {
    let error = PyErr::from(Error::NoNorm);
    if let Some(note) = found.note(circuit) {
        // A failure to add the note must not hide the error itself.
        let _ = error.value(py).invoke_method("add_note", (note,));
    }
    error
}

/// What a circuit does to density matrices, for `numket.density`: as a circuit on both sides of them, and how many
/// qubits before these are classical bits.
///
/// >>> import numket as nk
/// >>> both, bits = nk._core.on_density(nk.Circuit(1).h(0).measure(0, 3).x(0, condition=3), None)
/// >>> len(both), both.num_qubits, bits
/// (5, 3, 1)
#[pyfunction(signature = (circuit, params, /))]
pub fn on_density<'py>(
    circuit: &Bound<'py, Circuit>,
    params: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Circuit, usize)> {
    let (py, taken) = (circuit.py(), circuit.get().taken());
    let values = Given::of(taken.names(), py, params)?.values(py, &taken, &[])?;
    let mixed = taken.on_density(&values.of(0))?;
    Ok((Circuit::of(Named::new(mixed.circuit, Names::default())), mixed.outcomes))
}
