//! Runs of circuits.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::super::args::{self, index, parameters, random};
use super::super::door::{Access, Numbers, State, in_precision, leased, settled, shape_of};
use super::super::progress::{Reporter, Task, watched};
use super::plans::fits;
use super::{Circuit, Inner};
use crate::circuit::{Action, Circuit as Core, Compiled, NoNormAt, Values};
use crate::error::Error;
use crate::simd::{Isa, Real};

/// What `Circuit.run` takes beside the state.
struct RunOptions<'a, 'py> {
    params: Option<&'a Bound<'py, PyAny>>,
    batch: i64,
    limit: Option<usize>,
    progress: Option<&'a Bound<'py, PyAny>>,
    rng: Option<&'a Bound<'py, PyAny>>,
}

#[pymethods]
impl Circuit {
    /// Applies all operations to a state, in place and in one call.
    ///
    /// Parameters
    /// ----------
    /// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
    ///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    /// params : dict or array_like, optional
    ///     The values of the parameters in radians: by name or Parameter, or in the order of
    ///     `parameters`. With batch axes, each value of a dict broadcasts against them, and an
    ///     array has the parameters in its last axis.
    /// batch : int
    ///     Number of leading axes of the state that count states: (B, 2**n) has 1.
    /// threads : int, optional
    ///     At most this many threads for this call.
    /// progress : bool or callable
    ///     True shows a bar (needs tqdm); a callable is given the number of operations done and
    ///     that of all.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes, for circuits that measure, reset or have a Kraus
    ///     channel; others do not look at it. A Generator is advanced by one number for each qubit
    ///     that is measured or reset, one more where it has a readout error, and one for each
    ///     channel; for each state, also where a condition does not hold. They are drawn before
    ///     anything is written.
    ///
    /// Returns
    /// -------
    /// None, or ndarray of int8, shape batch + (num_bits,)
    ///     The classical bits of each state, 0 where nothing was measured; None for a circuit
    ///     without classical bits. The same for any number of threads.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, KeyError, BufferInUseError
    ///     Before anything is written. One exception: where operators of the user's own have left a
    ///     state without norm, which is found at the next measurement, or channel that reads it, as the note
    ///     says.
    /// KeyboardInterrupt
    ///     On Ctrl-C, and whatever a signal handler or `progress` raises: the run stops, its note
    ///     says how far it got, and the state keeps its norm if all operations are unitary.
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
    #[pyo3(signature = (state, params=None, *, batch=0, threads=None, progress=None, rng=None))]
    #[allow(clippy::too_many_arguments, reason = "the options of a run")]
    fn run<'py>(
        slf: &Bound<'py, Self>,
        state: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        batch: i64,
        threads: Option<i64>,
        progress: Option<&Bound<'py, PyAny>>,
        rng: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let options = RunOptions { params, batch, limit: args::limit(threads)?, progress, rng };
        run_circuit(slf, state, &options)
    }

    /// Runs the circuit `n` times, each from the same state, and estimates the mean of an observable:
    /// with noise from Kraus channels, that in the mixed state which the channels make.
    ///
    /// Parameters
    /// ----------
    /// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
    ///     Where each run starts. Only read; it must stand still meanwhile. Each worker has a
    ///     state of its own for its runs, allocated as by numket.empty_state.
    /// observable : callable, PauliSum, str, or array_like
    ///     A function of a state that returns a real number, an object that has one as its method
    ///     `expectation`, or what numket.expectation takes. A function may change the array, but
    ///     the next run of the worker writes to it too. Workers call it at the same time.
    /// n : int
    ///     The number of runs, at least 1.
    /// params : dict or array_like, optional
    ///     The values of the parameters, as `run` takes them.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes; run i draws from the i-th generator that its `spawn`
    ///     gives, so that the result is the same whoever does the runs.
    /// executor : concurrent.futures.Executor, optional
    ///     Whose threads do the runs; if left out, threads that end with the call.
    /// threads : int, optional
    ///     At most this many threads, all of them if left out: one for each run while states are
    ///     small. With an executor, at most so many for each run, one if left out.
    /// progress : bool or callable
    ///     True shows a bar (needs tqdm); a callable is given the number of runs done and that of
    ///     all.
    ///
    /// Returns
    /// -------
    /// numket.trajectories.Estimate
    ///     The mean, its standard error, and n. The error is the sample's standard deviation over
    ///     sqrt(n): 0 without noise, NaN for one run.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, KeyError, MemoryError
    ///     As `run` does, and whatever the observable raises. `state` is as it was.
    /// KeyboardInterrupt
    ///     On Ctrl-C: runs in flight stop, the others are not begun, and `state` is as it was.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> circuit = nk.Circuit(1).x(0).apply_kraus(nk.channels.amplitude_damping(0.25), 0)
    /// >>> mean, error, n = circuit.trajectories(nk.zero_state(1), "Z", 1000, rng=1)
    /// >>> abs(mean + 0.5) < 4 * error < 0.12
    /// True
    #[pyo3(signature = (state, observable, n, params=None, *, rng=None, executor=None, threads=None, progress=None))]
    #[allow(clippy::too_many_arguments, reason = "the options of many runs")]
    fn trajectories<'py>(
        slf: &Bound<'py, Self>,
        state: &Bound<'py, PyAny>,
        observable: &Bound<'py, PyAny>,
        n: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        rng: Option<&Bound<'py, PyAny>>,
        executor: Option<&Bound<'py, PyAny>>,
        threads: Option<i64>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Reporter::check(progress)?;
        let (n, threads) = (index("n", n)?, args::limit(threads)?);
        let given = (slf, state, observable, n, params, rng, executor, threads, progress);
        slf.py().import("numket.trajectories")?.call_method1("run", given)
    }
}

/// What `Circuit.run` does.
fn run_circuit<'py>(
    slf: &Bound<'py, Circuit>,
    array: &Bound<'py, PyAny>,
    options: &RunOptions<'_, 'py>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let (py, batch) = (slf.py(), options.batch);
    Reporter::check(options.progress)?;
    let taken = slf.get().taken();
    let drawing = !taken.core.is_unitary();
    let generator = drawing.then(|| random::generator(py, options.rng)).transpose()?;
    let mut state = State::new("state", array, batch, Access::Write)?;
    fits(&taken.core, &state.layout)?;
    in_precision!(state, T => {
        if let (None, true, None, None, 0, Some(known)) = (
            options.params,
            taken.parameters.is_empty(),
            options.progress,
            &generator,
            taken.core.num_bits(),
            taken.known::<T>(&state.layout),
        ) {
            // Nothing has run since the state was looked at.
            let (values, silent) = (Values::NONE, Reporter::SILENT);
            run_all(py, &mut state, &taken, &known, &values, &[], None, options.limit, &silent)?;
            return Ok(None);
        }
        run_prepared::<T>(slf, &taken, array, generator.as_ref(), options)
    })
}

/// The classical bits of a circuit for all states, still 0.
fn zero_bits<'py>(py: Python<'py>, core: &Core, state: &State) -> PyResult<Bound<'py, PyAny>> {
    let shape = PyTuple::new(py, shape_of(state, &[core.num_bits()]))?;
    py.import("numpy")?.call_method1("zeros", (shape, "int8"))
}

/// What is made for a run before the state is looked at for good.
struct Prepared<'py, T> {
    values: Values,
    uniforms: Vec<f64>,
    bits: Option<Bound<'py, PyAny>>,
    /// None where there are no states.
    compiled: Option<Arc<Compiled<T>>>,
}

/// A run for which values are read, numbers drawn, or the circuit planned.
fn run_prepared<'py, T: Real>(
    slf: &Bound<'py, Circuit>,
    taken: &Inner,
    array: &Bound<'py, PyAny>,
    generator: Option<&Bound<'py, PyAny>>,
    options: &RunOptions<'_, 'py>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let (py, core, isa) = (slf.py(), &taken.core, Isa::chosen()?);
    let mut reporter = Reporter::SILENT;
    let look = || State::new("state", array, options.batch, Access::Write);
    let prepare = |_: &_, state: State| {
        let (layout, states) = (&state.layout, state.layout.states());
        let values = parameters::given(&taken.parameters, py, options.params, state.batch_shape())?;
        parameters::check(py, &values, core, states)?;
        let drawn = |generator| random::uniforms(generator, &shape_of(&state, &[core.num_draws()]));
        let uniforms = generator.map_or(Ok(Vec::new()), drawn)?;
        let bits = (core.num_bits() > 0).then(|| zero_bits(py, core, &state)).transpose()?;
        let compiled = match states {
            0 => None,
            _ => Some(slf.get().compiled::<T>(py, taken, layout, isa)?),
        };
        reporter = Reporter::new(py, options.progress)?;
        Ok(Prepared { values, uniforms, bits, compiled })
    };
    let settled = settled(look, |state| (state.layout.clone(), state.precision), prepare);
    let result = settled.and_then(|(mut state, made)| {
        let Prepared { values, uniforms, bits, compiled } = made;
        let Some(compiled) = compiled else { return Ok(bits) };
        let mut written = bits.as_ref().map(|bits| Numbers::<i8>::write("bits", bits)).transpose()?;
        let (numbers, limit) = (written.as_mut(), options.limit);
        run_all(py, &mut state, taken, &compiled, &values, &uniforms, numbers, limit, &reporter)?;
        Ok(bits)
    });
    reporter.end(py, result)
}

/// The last step of a run: everything is checked, nothing can fail but the lease, and the norm at a draw.
#[allow(clippy::too_many_arguments, reason = "all that the run needs")]
#[inline]
fn run_all<T: Real>(
    py: Python<'_>,
    state: &mut State,
    taken: &Inner,
    compiled: &Compiled<T>,
    values: &Values,
    uniforms: &[f64],
    bits: Option<&mut Numbers<'_, i8>>,
    limit: Option<usize>,
    reporter: &Reporter,
) -> PyResult<()> {
    let states = state.layout.states();
    let (crew, nanos) = compiled.crew(values, states, limit)?;
    // Code of the user's own may run meanwhile, so the state is leased however small it is.
    let nanos = if reporter.call.is_some() { f64::INFINITY } else { nanos };
    let operations = taken.core.operations().len() * states;
    let task = Task::Run { operations, steps: compiled.steps() * states };
    let done = watched(reporter, task, |progress| {
        let lent = (state.changing::<T>(), bits.map(Numbers::filling));
        leased(py, nanos, lent, |(mut states, bits)| {
            compiled.run(&mut states, values, uniforms, bits.unwrap_or_default(), crew, progress)
        })
    })?;
    done.map_err(|NoNormAt(operation)| no_norm(py, &taken.core, operation))
}

/// The error of a state without norm, with a note that tells where in the circuit that was found.
pub(super) fn no_norm(py: Python<'_>, core: &Core, operation: Option<usize>) -> PyErr {
    let error = PyErr::from(Error::NoNorm);
    if let Some(place) = operation {
        let name = match core.operations()[place].action.split_condition().1 {
            Action::Measure(..) => "measure",
            Action::Kraus(_) => "apply_kraus",
            _ => "reset",
        };
        let note = format!(
            "operation {place} of the circuit, '{name}', found that; the state holds what the operations \
             before it made of it: check their matrices"
        );
        // A failure to add the note must not hide the error itself.
        let _ = error.value(py).call_method1("add_note", (note,));
    }
    error
}
