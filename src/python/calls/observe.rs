//! Readings, and norm 1.

use num_complex::Complex64;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::super::args::{self, batch_axes};
use super::super::door::{
    Access, Limit, Numbers, Precision, State, aligned, check_first, in_precision, settled, shape_of,
    work, worked,
};
use crate::error::{Error, Tuple};
use crate::layout::Batch;
use crate::memory::room_for_each;
use crate::observe;

/// The work of reading all states once, in nanoseconds of one thread.
fn nanos_to_read(state: &State) -> f64 {
    state.layout.states() as f64 * observe::nanos_to_read(state.layout.num_qubits())
}

/// The inner products of the states of two arrays, the shape of their batch, and the machine epsilon of their
/// precision. `check` is told the numbers of qubits.
fn products(
    names: [&'static str; 2],
    arrays: [&Bound<'_, PyAny>; 2],
    batch: i64,
    threads: Option<Limit>,
    check: impl FnOnce([usize; 2], [&Batch; 2]) -> PyResult<()>,
) -> PyResult<(Vec<Complex64>, Vec<usize>, f64)> {
    let mut copies = [None, None];
    let [one, other] = &mut copies;
    let left = aligned(names[0], arrays[0], one)?;
    let right = aligned(names[1], arrays[1], other)?;
    let left = State::new(names[0], left, batch, Access::Read)?;
    let right = State::new(names[1], right, batch, Access::Read)?;
    if !left.has_dtype_of(&right) {
        let [one, other] = names;
        return Err(PyTypeError::new_err(format!(
            "'{one}' and '{other}' have different dtypes; numket never converts a state: use \
             {other}.astype({one}.dtype)"
        )));
    }
    let [qubits, others] = [&left, &right].map(|state| state.layout.num_qubits());
    let batches = [left.layout.batch_or_one(), right.layout.batch_or_one()];
    check([qubits, others], batches)?;
    let [pairs, _] = Batch::matched(batches[0], batches[1])?;
    let mut products = vec![Complex64::ZERO; room_for_each(&pairs.shape, size_of::<Complex64>())?];
    let nanos = products.len() as f64 * observe::nanos_to_read(qubits);
    in_precision!(left, T => {
        let lent = (left.reading::<T>(), right.reading::<T>());
        worked(arrays[0].py(), nanos, threads, lent, |(left, right), crew| {
            observe::inners(left, right, &mut products, crew)
        })??
    });
    let epsilon = match left.precision {
        Precision::Double => f64::EPSILON,
        Precision::Single => f32::EPSILON.into(),
    };
    Ok((products, pairs.shape, epsilon))
}

/// The norm of a state: sqrt(sum(abs(state)**2)).
///
/// The sum is in double precision and in one fixed order: the result has the same bits for any
/// number of threads. It is also right where squares of amplitudes are too large or too small for
/// a float.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Only read. Qubit q is axis q of state.reshape((2,) * n).
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float, or ndarray of float64 of the batch axes
///     The norm, or that of each state.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where the shape of the state is another.
/// BufferInUseError
///     Where another call is changing the state.
///
/// Examples
/// --------
/// >>> import numpy as np, numket as nk
/// >>> nk.norm(np.array([3, 4j]))
/// 5.0
/// >>> nk.norm(np.array([[3, 4j], [0, 2]]), batch=1)
/// array([5., 2.])
#[pyfunction(signature = (state, *, batch=0, threads=None))]
pub fn norm<'py>(
    state: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut copy = None;
    let state = aligned("state", state, &mut copy)?;
    let py = state.py();
    let source = State::new("state", state, batch, Access::Read)?;
    if batch == 0 {
        // Without room for results, which takes longer than reading the smallest states.
        let norm = work!(py, nanos_to_read(&source), threads, source.reading(), |states, crew| {
            observe::norm(states.first(), crew)
        })?;
        return Ok(norm.into_pyobject(py)?.into_any());
    }
    let mut norms = vec![0.0; source.layout.states()];
    work!(py, nanos_to_read(&source), threads, source.reading(), |states, crew| {
        observe::norms(states, &mut norms, crew);
    })?;
    Numbers::result(py, &norms, source.batch_shape())
}

/// Scales a state to norm 1, in place.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where the shape is another, or a state has norm 0, a NaN or an infinity. As with every
///     error, nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// Examples
/// --------
/// >>> import numpy as np, numket as nk
/// >>> psi = np.array([3, 4j])
/// >>> nk.normalize(psi)
/// >>> psi
/// array([0.6+0.j , 0. +0.8j])
#[pyfunction(signature = (state, *, batch=0, threads=None))]
pub fn normalize(
    state: &Bound<'_, PyAny>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<()> {
    let mut source = State::new("state", state, batch, Access::Write)?;
    let nanos = observe::nanos_to_normalize(&source.layout);
    work!(state.py(), nanos, threads, source.changing(), |mut states, crew| {
        observe::normalize(&mut states, crew)
    })??;
    Ok(())
}

/// The inner product of two states: sum(conj(bra) * ket).
///
/// The sum is in double precision. Qubit q of one meets qubit q of the other, however each lies
/// in memory.
///
/// Parameters
/// ----------
/// bra : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     The state that is conjugated. Only read.
/// ket : ndarray of the same dtype, shape (2**n,) or (2,) * n
///     The other state. Only read.
/// batch : int
///     Number of leading axes of both that count states. An axis of length 1 broadcasts.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// complex, or ndarray of complex128 of the batch axes
///     The product, or that of each pair.
///
/// Raises
/// ------
/// TypeError
///     Where a state is no ndarray of these dtypes, or their dtypes differ.
/// ValueError
///     Where a shape is another, the numbers of qubits differ, or batch axes do not broadcast.
/// BufferInUseError
///     Where another call is changing one of the states.
///
/// See Also
/// --------
/// numket.fidelity : The square of its absolute value.
///
/// Examples
/// --------
/// >>> import numpy as np, numket as nk
/// >>> plus = nk.ket("0").h(0).state
/// >>> round(abs(nk.inner(nk.zero_state(1), plus)) ** 2, 12)
/// 0.5
/// >>> nk.inner(np.array([[1, 0j]]), np.array([[1, 0j], [0, 1], [3, 4]]), batch=1)
/// array([1.+0.j, 0.+0.j, 3.+0.j])
#[pyfunction(signature = (bra, ket, *, batch=0, threads=None))]
pub fn inner<'py>(
    bra: &Bound<'py, PyAny>,
    ket: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    let check = |[left, right]: [usize; 2], _: [&Batch; 2]| match left == right {
        true => Ok(()),
        false => Err(Error::SizeMismatch { left, right }.into()),
    };
    let (products, shape, _) = products(["bra", "ket"], [bra, ket], batch, threads, check)?;
    Numbers::result(bra.py(), &products, &shape)
}

/// The probabilities of the outcomes of measuring some qubits, as float64 for both precisions.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Only read. Qubit q is axis q of state.reshape((2,) * n).
/// qubits : int or sequence of int, optional
///     The k distinct qubits to measure, the first being the most significant bit of an outcome;
///     all in order if not given.
/// out : ndarray of float64, shape (2**k,) after the batch axes, optional
///     Where to write the result; a new array if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of float64, shape (2**k,) after the batch axes
///     For each outcome the sum of abs(amplitude)**2; all add up to norm(state)**2.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where a shape does not fit, or a qubit is out of range or listed twice.
/// BufferInUseError
///     Where another call is changing the state, or using `out`.
///
/// See Also
/// --------
/// numket.sample : Outcomes at random.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> bell = nk.ket("00").h(0).cx(0, 1).state
/// >>> nk.probabilities(bell).round(12)
/// array([0.5, 0. , 0. , 0.5])
/// >>> nk.probabilities(nk.basis_state(3, "110"), (2, 0))  # of qubit 2, then qubit 0
/// array([0., 1., 0., 0.])
#[pyfunction(signature = (state, qubits=None, *, out=None, batch=0, threads=None))]
pub fn probabilities<'py>(
    state: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    out: Option<&Bound<'py, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    check_first("state", state)?;
    let mut copy = None;
    let state = aligned("state", state, &mut copy)?;
    let (py, wanted) = (state.py(), qubits.map(args::qubits).transpose()?);
    let look = || args::state_and_bits(state, batch, Access::Read, wanted.as_deref());
    let shape = |(source, bits): &(State, Vec<u8>)| shape_of(source, &[1 << bits.len()]);
    let ((source, bits), mut bins) = match out {
        Some(out) => (look()?, Numbers::<f64>::write("out", out)?),
        None => settled(look, shape, |shape, _| Numbers::empty(py, shape))?,
    };
    let outcomes = 1 << bits.len();
    if bins.shape != shape_of(&source, &[outcomes]) {
        let shape = bins.shape.clone();
        return Err(Error::OutShape { shape, batch: shape_of(&source, &[]), outcomes }.into());
    }
    let nanos = nanos_to_read(&source);
    work!(py, nanos, threads, source.reading(), bins.filling(), |(states, bins), crew| {
        observe::all_probabilities(states, &bits, bins, crew);
    })?;
    Ok(bins.into_array())
}

/// A state at a glance, for display: the indices of its most probable basis states and their probabilities, most
/// probable first and the lower index first among those that are equal but for rounding; the sum of all
/// probabilities; and how many basis states have more than rounding leaves. One pass, no copy of the state.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> from numket import _core
/// >>> _core.overview(nk.basis_state(3, "110"), 1)
/// (array([6]), array([1.]), 1.0, 1)
#[pyfunction(signature = (state, count, /))]
pub fn overview<'py>(
    state: &Bound<'py, PyAny>,
    count: usize,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>, f64, usize)> {
    let (py, source) = (state.py(), State::new("state", state, 0, Access::Read)?);
    let found = work!(py, nanos_to_read(&source), None, source.reading(), |states, crew| {
        observe::overview(states.first(), count, crew)
    })?;
    let (indices, probabilities): (Vec<i64>, Vec<f64>) =
        found.best.into_iter().map(|(index, probability)| (index as i64, probability)).unzip();
    let shape = [indices.len()];
    let indices = Numbers::result(py, &indices, &shape)?;
    Ok((indices, Numbers::result(py, &probabilities, &shape)?, found.total, found.occupied))
}

/// The density matrix of some qubits of a state, the others traced out.
///
/// It is computed in double precision.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Only read. Qubit q is axis q of state.reshape((2,) * n).
/// qubits : int or sequence of int
///     The k distinct qubits that stay, the first being the most significant bit of a row index.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of complex128, shape (2**k, 2**k) after the batch axes
///     Hermitian, with trace norm(state)**2.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where the shape is another, or a qubit is out of range or listed twice.
/// BufferInUseError
///     Where another call is changing the state.
///
/// Notes
/// -----
/// M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum Information (Cambridge
/// University Press, 2010), section 2.4.3.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> bell = nk.ket("00").h(0).cx(0, 1).state
/// >>> nk.reduced_density_matrix(bell, 1).round(12).real
/// array([[0.5, 0. ],
///        [0. , 0.5]])
#[pyfunction(signature = (state, qubits, *, batch=0, threads=None))]
pub fn reduced_density_matrix<'py>(
    state: &Bound<'py, PyAny>,
    qubits: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    check_first("state", state)?;
    let mut copy = None;
    let state = aligned("state", state, &mut copy)?;
    let (py, wanted) = (state.py(), args::qubits(qubits)?);
    let ((source, bits), mut matrices) = settled(
        || args::state_and_bits(state, batch, Access::Read, Some(&wanted)),
        |(source, bits)| shape_of(source, &[1 << bits.len(); 2]),
        |shape, _| Numbers::<Complex64>::empty(py, shape),
    )?;
    let nanos = observe::nanos_to_reduce(&source.layout, bits.len());
    work!(py, nanos, threads, source.reading(), matrices.filling(), |(states, matrices), crew| {
        observe::densities(states, &bits, matrices, crew);
    })?;
    Ok(matrices.into_array())
}

/// The fidelity of two pure states: abs(inner(a, b))**2.
///
/// It is computed in double precision.
///
/// Parameters
/// ----------
/// a : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     A state of norm 1. Only read.
/// b : ndarray of the same dtype, shape (2**n,) or (2,) * n
///     The other state of norm 1. Only read.
/// batch : int
///     Number of leading axes of both that count states. They have the same lengths.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float, or ndarray of float64 of the batch axes
///     The fidelity, or that of each pair. It is not divided by the norms, but where it is above 1
///     by rounding, which is up to 1024 times the machine epsilon of the dtype, it is 1.
///
/// Raises
/// ------
/// TypeError
///     Where a state is no ndarray of these dtypes, or their dtypes differ.
/// ValueError
///     Where a shape is another, or the numbers of qubits or the batch axes differ.
/// BufferInUseError
///     Where another call is changing one of the states.
///
/// Notes
/// -----
/// R. Jozsa, "Fidelity for mixed quantum states", Journal of Modern Optics 41, 2315 (1994). Some
/// authors, such as Nielsen and Chuang, call its square root so.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> round(nk.fidelity(nk.zero_state(1), nk.ket("0").ry(0.2, 0).state), 6)  # cos(0.1)**2
/// 0.990033
#[pyfunction(signature = (a, b, *, batch=0, threads=None))]
pub fn fidelity<'py>(
    a: &Bound<'py, PyAny>,
    b: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    let check = |[one, other]: [usize; 2], [ones, others]: [&Batch; 2]| match one == other
        && ones.shape == others.shape
    {
        true => Ok(()),
        false if one != other => Err(PyValueError::new_err(format!(
            "'a' has {one} qubits and 'b' has {other}; a fidelity needs as many on both sides: pass states of \
             one size"
        ))),
        false => Err(PyValueError::new_err(format!(
            "'a' has batch axes of shape {} and 'b' of shape {}; states are compared one by one: pass as many \
             on both sides",
            Tuple(&ones.shape),
            Tuple(&others.shape)
        ))),
    };
    let (products, shape, epsilon) = products(["a", "b"], [a, b], batch, threads, check)?;
    let fidelities = products.iter().map(|product| observe::at_most_one(product.norm_sqr(), epsilon));
    let fidelities: Vec<f64> = fidelities.collect();
    Numbers::result(a.py(), &fidelities, &shape)
}
