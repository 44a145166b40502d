//! Expectation values after circuits, and their gradients.

use num_complex::{Complex, Complex64};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::super::args::parameters::Given;
use super::super::args::{self, batch_axes, random};
use super::super::calls::arrays::amplitudes;
use super::super::calls::reading::{Observable, result};
use super::super::door::{
    Access, Element, Limit, Numbers, Precision, Region, State, aligned, in_precision, leased, moved,
    shape_of, unwrapped,
};
use super::super::error::{own_or, wrong_type};
use super::super::invoke::Invoke;
use super::super::package::SWEEP;
use super::super::pauli_sum::PauliSum;
use super::super::progress::{Reporter, Task, stoppable, watched};
use super::Circuit;
use super::plans::{adjoint, compiled};
use super::run::no_norm;
use crate::circuit::{Expectation, Gradient, Named, Operation, Start, Values};
use crate::error::Tuple;
use crate::exec::Crew;
use crate::layout::Layout;
use crate::memory::room_for_each;
use crate::observe::{Observable as Core, Reading};
use crate::simd::Real;

#[pymethods]
impl Circuit {
    /// The expectation value of an observable after the circuit.
    ///
    /// A circuit that measures, resets or has a Kraus channel is run once, with fresh random numbers;
    /// `trajectories` gives means over many runs.
    ///
    /// Parameters
    /// ----------
    /// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
    ///     As numket.expectation takes it.
    /// params : dict or array_like, optional
    ///     The values of the parameters in radians, as `run` takes them. With batch axes and no
    ///     state, they tell the shape of the batch.
    /// qubits : int or sequence of int, optional
    ///     The k qubits that the observable acts on; all in order if not given.
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, optional
    ///     What the circuit starts from; |0...0> in complex128 if not given. Only read: the circuit
    ///     runs on a copy, which is complex.
    /// batch : int
    ///     Number of leading axes of the state, or else of the values of parameters, that count
    ///     states.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// float, or ndarray of float64 of the batch axes
    ///     The value, or that of each state; complex where a PauliSum is not Hermitian.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// ValueError
    ///     Where a shape does not fit, a value is not finite, a qubit is out of range or
    ///     listed twice, or a matrix is not Hermitian (rounding errors aside).
    /// KeyError
    ///     Where `params` names a parameter that the circuit lacks, or misses one that it has.
    /// MemoryError
    ///     Where there is too little memory for the copy.
    /// BufferInUseError
    ///     Where another call is changing the state.
    ///
    /// See Also
    /// --------
    /// numket.expectation : In a state.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
    /// >>> round(circuit.expectation("ZI", {"theta": 0.3}), 6)  # cos(0.3)
    /// 0.955336
    #[pyo3(signature = (observable, params=None, qubits=None, *, state=None, batch=0, threads=None))]
    fn expectation<'py>(
        slf: &Bound<'py, Self>,
        observable: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        qubits: Option<&Bound<'py, PyAny>>,
        state: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = batch_axes)] batch: i64,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (observables, mut copy) = ([Observable::of(observable)?], None);
        let state = start(state, &mut copy)?;
        let job = Job::new(slf, &observables, qubits, params, state, batch, threads)?;
        in_precision!(job, T => job.expectation::<T>())
    }

    /// The expectation value of an observable after the circuit, and its derivatives by all parameters.
    ///
    /// They are computed by adjoint differentiation: in the time of a few runs, however many
    /// parameters there are, and with memory for two states.
    ///
    /// Parameters
    /// ----------
    /// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
    ///     As numket.expectation takes it; Hermitian.
    /// params : dict or array_like, optional
    ///     The values of the parameters in radians, as `run` takes them. With batch axes and no
    ///     state, they tell the shape of the batch.
    /// qubits : int or sequence of int, optional
    ///     The k qubits that the observable acts on; all in order if not given.
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, optional
    ///     What the circuit starts from; |0...0> in complex128 if not given. Only read.
    /// batch : int
    ///     Number of leading axes of the state, or else of the values of parameters, that count
    ///     states.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// value : float, or ndarray of float64 of the batch axes
    ///     The expectation value, or that of each state.
    /// gradient : ndarray of float64, shape (number of parameters,) after the batch axes
    ///     The derivatives by radians, in the order of `parameters`.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// ValueError
    ///     Where a shape does not fit, a value is not finite, a qubit is out of range or
    ///     listed twice, the observable is not Hermitian, or the circuit measures, resets, or has a
    ///     Kraus channel or a matrix that is not unitary: nothing undoes these.
    /// KeyError
    ///     Where `params` names a parameter that the circuit lacks, or misses one that it has.
    /// MemoryError
    ///     Where there is too little memory for two states.
    /// BufferInUseError
    ///     Where another call is changing the state.
    ///
    /// Notes
    /// -----
    /// T. Jones and J. Gacon, "Efficient calculation of gradients in classical simulations of
    /// variational quantum algorithms", arXiv:2009.02823 (2020).
    ///
    /// Matrices of yours are undone by their adjoints, so each that is not quite unitary changes the
    /// derivatives before it, relatively, by up to the largest entry of abs(M.conj().T @ M - 1), which
    /// may be 1e-6: a thousand matrices that were rounded to complex64 by up to 1e-4 in all.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
    /// >>> value, gradient = circuit.gradient("ZI", [0.3])
    /// >>> round(value, 6), gradient.round(6)  # cos(0.3) and -sin(0.3)
    /// (0.955336, array([-0.29552]))
    #[pyo3(signature = (observable, params=None, qubits=None, *, state=None, batch=0, threads=None))]
    fn gradient<'py>(
        slf: &Bound<'py, Self>,
        observable: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        qubits: Option<&Bound<'py, PyAny>>,
        state: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = batch_axes)] batch: i64,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (observables, mut copy) = ([Observable::of(observable)?], None);
        let state = start(state, &mut copy)?;
        let job = Job::new(slf, &observables, qubits, params, state, batch, threads)?;
        in_precision!(job, T => job.gradient::<T>(&[1.0], &[]))
    }

    /// The expectation values of several observables, and the gradient of their weighted sum.
    ///
    /// This is a vector-Jacobian product, at the cost of one gradient.
    ///
    /// Parameters
    /// ----------
    /// observables : sequence
    ///     Each as `gradient` takes it, on all qubits.
    /// weights : array_like of float
    ///     One for each observable.
    /// params : dict or array_like, optional
    ///     The values of the parameters in radians, as `run` takes them. With batch axes and no
    ///     state, they tell the shape of the batch.
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, optional
    ///     What the circuit starts from; |0...0> in complex128 if not given. Only read.
    /// batch : int
    ///     Number of leading axes of the state, or else of the values of parameters, that count
    ///     states.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// values : ndarray of float64, shape (number of observables,) after the batch axes
    ///     The expectation values.
    /// gradient : ndarray of float64, shape (number of parameters,) after the batch axes
    ///     The derivatives of the weighted sum by radians, in the order of `parameters`.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where `observables` is no sequence, or an argument has a wrong type.
    /// ValueError
    ///     Where there is not one finite weight for each observable, or where `gradient` raises it.
    /// KeyError
    ///     Where `params` names a parameter that the circuit lacks, or misses one that it has.
    /// MemoryError
    ///     Where there is too little memory for two states, and a third for several observables.
    /// BufferInUseError
    ///     Where another call is changing the state.
    ///
    /// See Also
    /// --------
    /// numket.Circuit.gradient : For one observable, with the source of the algorithm.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> circuit = nk.Circuit(1).ry(nk.Parameter("theta"), 0)
    /// >>> values, gradient = circuit.vjp(["Z", "X"], [1, 2], [0.3])
    /// >>> values.round(6), gradient.round(6)  # -sin(0.3) + 2 cos(0.3)
    /// (array([0.955336, 0.29552 ]), array([1.615153]))
    #[pyo3(signature = (observables, weights, params=None, *, state=None, batch=0, threads=None))]
    fn vjp<'py>(
        slf: &Bound<'py, Self>,
        observables: &Bound<'py, PyAny>,
        weights: &Bound<'py, PyAny>,
        params: Option<&Bound<'py, PyAny>>,
        state: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = batch_axes)] batch: i64,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if observables.is_instance_of::<PyString>() || observables.is_instance_of::<PauliSum>() {
            let remedy = "use a list, or gradient for one";
            return Err(wrong_type("observables", observables, "several", remedy));
        }
        let remedy = "use a list of what expectation takes";
        let wrong = || wrong_type("observables", observables, "several", remedy);
        let list = observables
            .iterate()
            .map_err(|error| own_or(slf.py(), error, wrong))?
            .map(|one| Observable::of(&one?));
        let list = list.collect::<PyResult<Vec<_>>>()?;
        let numbers = Numbers::<f64>::read("weights", weights)?;
        if numbers.shape != [list.len()] {
            return Err(PyValueError::new_err(format!(
                "'weights' has shape {} and {} observables are given: give one number for each{}",
                Tuple(&numbers.shape),
                list.len(),
                match numbers.as_slice().len() == list.len() {
                    true => ", as np.asarray(weights).reshape(-1)",
                    false => "",
                }
            )));
        }
        numbers.check_finite()?;
        let weights = numbers.as_slice().to_vec();
        let mut copy = None;
        let state = start(state, &mut copy)?;
        let job = Job::new(slf, &list, None, params, state, batch, threads)?;
        in_precision!(job, T => job.gradient::<T>(&weights, &[list.len()]))
    }

    /// The expectation values of an observable, and its gradients, over a table of parameters.
    ///
    /// Without an executor, that is `expectation` or `gradient` of a batch, in parts between which `progress`
    /// is told. With one, its workers do up to 64 blocks of the table; the numbers have the same bits.
    ///
    /// Parameters
    /// ----------
    /// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
    ///     As numket.expectation takes it.
    /// params : dict or array_like
    ///     The values of the parameters in radians: a dict by name or Parameter, whose values broadcast
    ///     against each other, or an array that has the parameters in its last axis, in the order of
    ///     `parameters`. All other axes are those of the table.
    /// qubits : int or sequence of int, optional
    ///     The k qubits that the observable acts on; all in order if not given.
    /// gradient : bool
    ///     Whether to give the derivatives by all parameters too.
    /// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n, optional
    ///     What the circuit starts from at each point; |0...0> in complex128 if not given. Only read.
    /// executor : concurrent.futures.Executor, optional
    ///     A ThreadPoolExecutor, a ProcessPoolExecutor, joblib's loky, Dask's `client.get_executor()`, an
    ///     MPIPoolExecutor, or any other. Circuit, observable and state are sent with each block.
    /// threads : int, optional
    ///     At most this many threads; all if not given. In each worker of an executor: 1 if not given.
    /// progress : bool or callable
    ///     True shows a bar (needs tqdm). A callable is given the number of points that are done, and
    ///     of all.
    ///
    /// Returns
    /// -------
    /// values : ndarray of float64 of the axes of the table, or float
    ///     The expectation values; complex where a PauliSum is not Hermitian.
    /// gradients : ndarray of float64, shape (number of parameters,) after those axes
    ///     The derivatives by radians; only with `gradient`.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type, or cannot be sent to another process.
    /// ValueError
    ///     Where a shape does not fit, a value is not finite, a qubit is out of range or listed twice, the
    ///     observable is not Hermitian (rounding errors aside), or the circuit measures, resets or has a
    ///     Kraus channel: use `trajectories` at each point.
    /// KeyError
    ///     Where `params` names a parameter that the circuit lacks, or misses one that it has.
    /// MemoryError
    ///     Where there is too little memory for the runs.
    /// BufferInUseError
    ///     Where another call is changing the state.
    /// KeyboardInterrupt
    ///     On Ctrl-C. As with whatever `progress` or a worker raises, blocks that have not begun are cancelled.
    ///
    /// See Also
    /// --------
    /// numket.Circuit.expectation : Of one point, or of a batch of states.
    /// numket.Circuit.trajectories : The mean over many runs with noise, with executors too.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> circuit = nk.Circuit(2).ry(nk.Parameter("a"), 0).cx(0, 1).rz(nk.Parameter("b"), 1)
    /// >>> table = {"a": np.linspace(0, np.pi, 3)[:, np.newaxis], "b": [0.1, 0.2]}
    /// >>> circuit.sweep("ZI", table).round(6) + 0  # cos(a)
    /// array([[ 1.,  1.],
    ///        [ 0.,  0.],
    ///        [-1., -1.]])
    /// >>> from concurrent.futures import ThreadPoolExecutor
    /// >>> with ThreadPoolExecutor(2) as executor:
    /// ...     values, gradients = circuit.sweep("ZI", table, gradient=True, executor=executor)
    /// >>> gradients.shape
    /// (3, 2, 2)
    #[pyo3(signature = (observable, params, qubits=None, *, gradient=false, state=None, executor=None, threads=None, progress=None))]
    fn sweep<'py>(
        slf: &Bound<'py, Self>,
        observable: &Bound<'py, PyAny>,
        params: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        gradient: bool,
        state: Option<&Bound<'py, PyAny>>,
        executor: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        Reporter::check(progress)?;
        let (observables, mut copy) = ([Observable::of(observable)?], None);
        let listed = qubits.map(args::qubits).transpose()?;
        let given = Given::of(slf.get().taken().names(), py, Some(params))?;
        let job = Job::new(
            slf,
            &observables,
            qubits,
            Some(params),
            None,
            given.batch(py)?.len() as i64,
            threads,
        )?;
        let core = &job.taken;
        if let Some(draws) = core.operations().iter().position(Operation::draws) {
            return Err(PyValueError::new_err(format!(
                "operation {draws} of the circuit, '{}', draws random numbers; a sweep is over circuits that do \
                 not: use trajectories at each point",
                core.operations()[draws].name()
            )));
        }
        let state = start(state, &mut copy)?.map(unwrapped);
        if let Some(array) = state {
            core.fits(&State::complex("state", array, 0, Access::Read)?.layout)?;
        }
        let table: Vec<f64> =
            (0..job.states).flat_map(|point| job.values.of(point).into_owned()).collect();
        let table = Numbers::result(py, &table, &[job.states, core.names().len()])?;
        let shape = PyTuple::new(py, &job.shape)?;
        let threads = threads.map(|limit| limit.0);
        SWEEP.get(py)?.invoke((
            slf, observable, table, shape, listed, gradient, state, executor, threads, progress,
        ))
    }
}

/// Takes two states back through a circuit, in place and up to a global phase, for states over several ranks. They are
/// a flat state of one more qubit: what the circuit made of a state, and behind it what an observable makes of that.
/// Returns the derivatives of the expectation value.
///
/// >>> import numpy as np, numket as nk
/// >>> circuit = nk.Circuit(1).rx(nk.Parameter("theta"), 0)
/// >>> states = np.zeros((2, 2), complex)
/// >>> circuit.prepare(states[0], [0.3])
/// >>> states[1] = states[0] * [1, -1]  # Z
/// >>> nk._core.pull_back(circuit, states.reshape(-1), [0.3]).round(6)  # -sin(0.3)
/// array([-0.29552])
#[pyfunction(signature = (circuit, states, params, /, *, threads=None))]
pub fn pull_back<'py>(
    circuit: &Bound<'py, Circuit>,
    states: &Bound<'py, PyAny>,
    params: Option<&Bound<'py, PyAny>>,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, taken) = (circuit.py(), circuit.get().taken());
    let values = Given::of(taken.names(), py, params)?.values(py, &taken, &[])?;
    let look = || State::complex("states", states, 0, Access::Write);
    in_precision!(look()?, T => {
        let adjoint = adjoint::<T>(py, &taken)?;
        let mut derivatives = Numbers::<f64>::empty(py, &[taken.names().len()])?;
        let (mut both, flat) = (look()?, Layout::flat(taken.num_qubits() + 1));
        if both.layout != flat || (both.precision == Precision::Double) != (size_of::<T>() == 8) {
            return Err(PyValueError::new_err(
                "'states' is no flat state of one more qubit than the circuit; it must hold two states, one \
                 after the other: use an array of shape (2 * 2**n,)",
            ));
        }
        let lent = (both.changing::<T>(), derivatives.filling());
        watched(&Reporter::SILENT, Task::Change, |progress| {
            let crew = Crew::new(adjoint.nanos(), threads.map(|limit| limit.0))?;
            leased(py, adjoint.nanos(), lent, |(mut states, out)| {
                out.fill(0.0);
                let mut one = states.first();
                adjoint.pull_back(&values.of(0), &mut one, crew, out, progress);
            })
        })?;
        Ok(derivatives.into_array())
    })
}

/// What runs start from, where the CPU can take it.
fn start<'a, 'py>(
    state: Option<&'a Bound<'py, PyAny>>,
    copy: &'a mut Option<Bound<'py, PyAny>>,
) -> PyResult<Option<&'a Bound<'py, PyAny>>> {
    match state {
        Some(given) => aligned("state", given, copy).map(Some),
        None => Ok(None),
    }
}

/// Observables after runs of a circuit from some states: all arguments, read and checked.
struct Job<'a, 'py> {
    py: Python<'py>,
    /// The circuit as it was found.
    taken: Named,
    observables: &'a [Observable<'py>],
    /// The bits of a flat state that the observables act on, all in order if none are listed.
    bits: Option<Vec<u8>>,
    /// What the runs start from, and how many of its axes count states.
    state: Option<&'a Bound<'py, PyAny>>,
    batch: i64,
    /// What the state was when it was looked at.
    found: Option<(Layout, Precision)>,
    /// The shape of the batch, how many states it has, and their precision.
    shape: Vec<usize>,
    states: usize,
    precision: Precision,
    values: Values,
    threads: Option<Limit>,
}

impl<'a, 'py> Job<'a, 'py> {
    fn new(
        circuit: &'a Bound<'py, Circuit>,
        observables: &'a [Observable<'py>],
        qubits: Option<&Bound<'py, PyAny>>,
        params: Option<&Bound<'py, PyAny>>,
        state: Option<&'a Bound<'py, PyAny>>,
        batch: i64,
        threads: Option<Limit>,
    ) -> PyResult<Job<'a, 'py>> {
        let (py, taken) = (circuit.py(), circuit.get().taken());
        let layout = Layout::flat(taken.num_qubits());
        let listed = qubits.map(args::qubits).transpose()?;
        let bits = listed.map(|listed| args::bits_of(&layout, Some(&listed))).transpose()?;
        let count = bits.as_ref().map_or(layout.num_qubits(), Vec::len);
        for observable in observables {
            observable.again()?.on(count)?.check(count)?;
        }
        let found = state.map(|array| State::new("state", array, batch, Access::Read)).transpose()?;
        let given = Given::of(taken.names(), py, params)?;
        let shape = match &found {
            Some(found) => {
                taken.fits(&found.layout)?;
                shape_of(found, &[])
            }
            None => given.batch(py)?,
        };
        if found.is_none() && shape.len() as i64 != batch {
            return Err(PyValueError::new_err(format!(
                "'batch' is {batch} and 'params' has {count} batch axes: without a state, these tell the \
                 shape of the batch: use batch={count}",
                count = shape.len()
            )));
        }
        let found = found.map(|found| (found.layout, found.precision));
        let precision = found.as_ref().map_or(Precision::Double, |found| found.1);
        let states = room_for_each(&shape, size_of::<Complex64>())?;
        let values = given.values(py, &taken, &shape)?;
        Ok(Job {
            py,
            taken,
            observables,
            bits,
            state,
            batch,
            found,
            shape,
            states,
            precision,
            values,
            threads,
        })
    }
}

impl<'py> Job<'_, 'py> {
    /// What runs start from: a state that is given, or |0...0>.
    fn begins(&self) -> Start {
        if self.state.is_some() { Start::Given } else { Start::Zeros }
    }

    /// What runs start from, and the observables, looked at anew after all that may have run Python code.
    fn settled(&self) -> PyResult<(Option<State<'_>>, Vec<Observable<'py>>)> {
        let look = |array| State::new("state", array, self.batch, Access::Read);
        let start = self.state.map(look).transpose()?;
        let facts = start.as_ref().map(|state| (state.layout.clone(), state.precision));
        if facts != self.found {
            return Err(moved("state"));
        }
        Ok((start, self.observables.iter().map(Observable::again).collect::<PyResult<_>>()?))
    }

    /// Room for so many amplitudes, if any.
    fn room<T: Real>(&self, count: usize) -> PyResult<Option<Numbers<'py, Complex<T>>>>
    where
        Complex<T>: Element,
    {
        if count == 0 {
            return Ok(None);
        }
        let room = amplitudes(self.py, count as u128, <Complex<T> as Element>::DTYPE)?;
        Numbers::write("state", &room).map(Some)
    }

    /// Observables on those qubits that they act on.
    fn on_qubits<'o>(&self, observables: &'o [Observable<'py>]) -> PyResult<Vec<Core<'o>>> {
        let count = self.bits.as_ref().map_or(self.taken.num_qubits(), Vec::len);
        Ok(observables.iter().map(|observable| observable.on(count)).collect::<Result<_, _>>()?)
    }

    /// The expectation value of the only observable, after each run.
    fn expectation<T: Real>(&self) -> PyResult<Bound<'py, PyAny>>
    where
        Complex<T>: Element,
    {
        let (py, core) = (self.py, &self.taken);
        let layout = Layout::flat(core.num_qubits());
        let mut room = self.room::<T>(Expectation::<T>::room_for(layout.num_qubits()))?;
        let uniforms = match core.num_draws() {
            0 => Vec::new(),
            draws => random::uniforms(&random::generator(py, None)?, &[self.states, draws])?,
        };
        let compiled = compiled::<T>(py, core, &layout, self.begins())?;
        let (start, observables) = self.settled()?;
        let observable = self.on_qubits(&observables)?[0];
        let prepared = observable.prepare(&layout, self.bits.as_deref(), Reading::Mean)?;
        let mut out = vec![Complex64::ZERO; self.states];
        let expectation = Expectation::new(core, &compiled, prepared);
        let (nanos, others) = (out.len() as f64 * expectation.nanos(), [observables[0].region()]);
        let given = &self.values;
        let room = room.as_mut().map(Numbers::filling);
        let lent = ((start.as_ref().map(State::reading::<T>), room), &others[..]);
        let done = stoppable(|progress| {
            let crew = Crew::new(nanos, self.threads.map(|limit| limit.0))?;
            leased(py, nanos, lent, |((start, room), ())| {
                let room = room.unwrap_or_default();
                expectation.run_all(start, given, &uniforms, room, &mut out, crew, progress)
            })
        })?;
        done.map_err(|found| no_norm(py, core, found))?;
        result(py, &out, observable.is_hermitian(), &self.shape)
    }

    /// The expectation values of all observables after each run, as an array of this shape for each state, and
    /// the derivatives of their sum with weights.
    fn gradient<T: Real>(&self, weights: &[f64], shape: &[usize]) -> PyResult<Bound<'py, PyAny>>
    where
        Complex<T>: Element,
    {
        let (py, core) = (self.py, &self.taken);
        let (n, states) = (core.num_qubits(), self.states);
        let (_, observables) = self.settled()?;
        Gradient::<T>::check(&self.on_qubits(&observables)?, weights)?;
        core.undoable()?;
        let mut room = self.room::<T>(Gradient::<T>::room_for(n, weights.len()))?;
        let adjoint = adjoint::<T>(py, core)?;
        let forward = compiled::<T>(py, core, &Layout::flat(n), self.begins())?;
        let row = [core.names().len()];
        let mut values = Numbers::<f64>::empty(py, &[&self.shape, shape].concat())?;
        let mut derivatives = Numbers::<f64>::empty(py, &[&self.shape[..], &row].concat())?;
        let (start, observables) = self.settled()?;
        let others: Vec<Region<'_>> = observables.iter().map(Observable::region).collect();
        let observables = self.on_qubits(&observables)?;
        let gradient =
            Gradient::new(n, &forward, &adjoint, &observables, self.bits.as_deref(), weights)?;
        let (nanos, given) = (states as f64 * gradient.nanos(), &self.values);
        let lent = (
            (start.as_ref().map(State::reading::<T>), room.as_mut().map(Numbers::filling)),
            ((values.filling(), derivatives.filling()), &others[..]),
        );
        stoppable(|progress| {
            let crew = Crew::new(nanos, self.threads.map(|limit| limit.0))?;
            leased(py, nanos, lent, |((start, room), ((out, slopes), ()))| {
                let room = room.unwrap_or_default();
                gradient.run_all(start, given, states, room, out, slopes, crew, progress);
            })
        })?;
        Ok((values.into_result(), derivatives.into_array()).into_pyobject(py)?.into_any())
    }
}
