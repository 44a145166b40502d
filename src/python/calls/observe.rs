//! Readings, and norm 1.

use num_complex::Complex64;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyComplex;

use super::super::args::{self, limit};
use super::super::door::{Access, Numbers, State, array_of, in_precision, leased, settled, shape_of};
use super::reading::result;
use crate::apply::nanos_to_sweep;
use crate::error::Error;
use crate::exec::{Crew, each_state};
use crate::layout::Batch;
use crate::observe;

/// The work of reading all states once, in nanoseconds of one thread, and the crew for it.
fn plan(state: &State, threads: Option<i64>) -> PyResult<(f64, Crew)> {
    let nanos = state.layout.states() as f64 * observe::nanos_to_read(state.layout.num_qubits());
    Ok((nanos, Crew::new(nanos, limit(threads)?)?))
}

/// Refuses two states of different precisions.
fn same_precision(names: [&str; 2], states: [&State; 2]) -> PyResult<()> {
    if states[0].precision == states[1].precision {
        return Ok(());
    }
    let [one, other] = names;
    Err(PyTypeError::new_err(format!(
        "'{one}' and '{other}' have different dtypes; numket never converts a state: use \
         {other}.astype({one}.dtype)"
    )))
}

/// The norm of a state: sqrt(sum(abs(state)**2)).
///
/// The sum is in double precision and in one fixed order: the result has the same bits for any
/// number of threads. It is also right where squares of amplitudes are too large or too small for
/// a float.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
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
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
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
#[pyfunction]
#[pyo3(signature = (state, /, *, batch=0, threads=None))]
pub fn norm<'py>(
    state: &Bound<'py, PyAny>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = state.py();
    let look = || State::new("state", state, batch, Access::Read);
    if batch == 0 {
        let source = look()?;
        let (nanos, crew) = plan(&source, threads)?;
        let norm = in_precision!(source, T => {
            leased(py, nanos, source.reading::<T>(), |states| observe::norm(states.first(), crew))?
        });
        return Ok(norm.into_pyobject(py)?.into_any());
    }
    let shape = |source: &State| shape_of(source, &[]);
    let (source, out) = settled(look, shape, |shape, _| array_of::<f64>(py, shape))?;
    let (nanos, crew) = plan(&source, threads)?;
    let mut norms = Numbers::<f64>::write("norm", &out)?;
    in_precision!(source, T => {
        leased(py, nanos, (source.reading::<T>(), norms.filling()), |(states, norms)| {
            observe::norms(states, norms, crew);
        })?;
    });
    Ok(out)
}

/// Scales a state to norm 1, in place.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
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
#[pyfunction]
#[pyo3(signature = (state, /, *, batch=0, threads=None))]
pub fn normalize(state: &Bound<'_, PyAny>, batch: i64, threads: Option<i64>) -> PyResult<()> {
    let mut source = State::new("state", state, batch, Access::Write)?;
    let states = source.layout.states() as f64;
    let nanos = plan(&source, threads)?.0 + states * nanos_to_sweep(source.layout.num_qubits());
    let crew = Crew::new(nanos, limit(threads)?)?;
    in_precision!(source, T => {
        leased(state.py(), nanos, source.changing::<T>(), |mut states| {
            observe::normalize(&mut states, crew)
        })?
    })?;
    Ok(())
}

/// The inner product of two states: sum(conj(bra) * ket).
///
/// The sum is in double precision. Qubit q of one meets qubit q of the other, however each lies
/// in memory.
///
/// Parameters
/// ----------
/// bra : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
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
///     Where a state is no ndarray of complex128 or complex64, or their dtypes differ.
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
#[pyfunction]
#[pyo3(signature = (bra, ket, /, *, batch=0, threads=None))]
pub fn inner<'py>(
    bra: &Bound<'py, PyAny>,
    ket: &Bound<'py, PyAny>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = bra.py();
    let look = || -> PyResult<(State, State)> {
        let left = State::new("bra", bra, batch, Access::Read)?;
        let right = State::new("ket", ket, batch, Access::Read)?;
        same_precision(["bra", "ket"], [&left, &right])?;
        let qubits = [left.layout.num_qubits(), right.layout.num_qubits()];
        if qubits[0] != qubits[1] {
            return Err(Error::SizeMismatch { left: qubits[0], right: qubits[1] }.into());
        }
        Batch::matched(left.layout.batch_or_one(), right.layout.batch_or_one())?;
        Ok((left, right))
    };
    if batch == 0 {
        let (left, right) = look()?;
        let (nanos, crew) = plan(&left, threads)?;
        let product = in_precision!(left, T => {
            leased(py, nanos, (left.reading::<T>(), right.reading::<T>()), |(left, right)| {
                observe::inner(left.first(), right.first(), crew)
            })?
        });
        return Ok(PyComplex::from_doubles(py, product.re, product.im).into_any());
    }
    let shape = |(left, right): &(State, State)| {
        let pairs = Batch::matched(left.layout.batch_or_one(), right.layout.batch_or_one());
        pairs.map_or(Vec::new(), |[pairs, _]| pairs.shape)
    };
    let ((left, right), out) = settled(look, shape, |shape, _| array_of::<Complex64>(py, shape))?;
    let mut products = Numbers::<Complex64>::write("inner", &out)?;
    let pairs = products.as_slice().len() as f64;
    let nanos = pairs * observe::nanos_to_read(left.layout.num_qubits());
    let crew = Crew::new(nanos, limit(threads)?)?;
    in_precision!(left, T => {
        let lent = ((left.reading::<T>(), right.reading::<T>()), products.filling());
        leased(py, nanos, lent, |((left, right), products)| {
            left.pairs(right).map(|pairs| observe::inners(&pairs, products, crew))
        })??;
    });
    Ok(out)
}

/// The probabilities of the outcomes of measuring some qubits, as float64 for both precisions.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
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
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
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
#[pyfunction]
#[pyo3(signature = (state, /, qubits=None, *, out=None, batch=0, threads=None))]
pub fn probabilities<'py>(
    state: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    out: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let wanted = qubits.map(args::qubits).transpose()?;
    let py = state.py();
    let look = || args::state_and_bits(state, batch, Access::Read, wanted.as_deref());
    let shape = |(source, bits): &(State, Vec<u8>)| shape_of(source, &[1 << bits.len()]);
    let ((source, bits), out) = match out {
        Some(out) => (look()?, out.clone()),
        None => settled(look, shape, |shape, _| array_of::<f64>(py, shape))?,
    };
    let (nanos, crew) = plan(&source, threads)?;
    let mut bins = Numbers::<f64>::write("out", &out)?;
    let outcomes = 1 << bits.len();
    if bins.shape != shape_of(&source, &[outcomes]) {
        let shape = bins.shape.clone();
        return Err(match source.layout.batch() {
            None => Error::OperatorSize { argument: "out", shape, qubits: bits.len() },
            Some(batch) => Error::OutShape { shape, batch: batch.shape.clone(), outcomes },
        }
        .into());
    }
    in_precision!(source, T => {
        leased(py, nanos, (source.reading::<T>(), bins.filling()), |(states, bins)| {
            observe::all_probabilities(states, &bits, bins, crew);
        })?;
    });
    Ok(out)
}

/// The most probable basis states, for display: indices and probabilities, most probable first,
/// the lower index first among equals. One pass, no copy of the state.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> from numket import _core
/// >>> _core.most_probable(nk.basis_state(3, "110"), 1)
/// (array([6]), array([1.]))
#[pyfunction]
#[pyo3(signature = (state, count, /))]
pub fn most_probable<'py>(
    state: &Bound<'py, PyAny>,
    count: usize,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let source = State::new("state", state, 0, Access::Read)?;
    let (nanos, crew) = plan(&source, None)?;
    let best = in_precision!(source, T => {
        leased(state.py(), nanos, source.reading::<T>(), |states| {
            observe::most_probable(states.first(), count, crew.threads)
        })?
    });
    let numpy = state.py().import("numpy")?;
    let (indices, probabilities): (Vec<usize>, Vec<f64>) = best.into_iter().unzip();
    let array = |list: Bound<'py, PyAny>, dtype| numpy.call_method1("array", (list, dtype));
    Ok((
        array(indices.into_pyobject(state.py())?.into_any(), "int64")?,
        array(probabilities.into_pyobject(state.py())?.into_any(), "float64")?,
    ))
}

/// The density matrix of some qubits of a state, the others traced out.
///
/// It is computed in double precision.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
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
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
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
#[pyfunction]
#[pyo3(signature = (state, qubits, /, *, batch=0, threads=None))]
pub fn reduced_density_matrix<'py>(
    state: &Bound<'py, PyAny>,
    qubits: &Bound<'py, PyAny>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, limit) = (state.py(), limit(threads)?);
    let wanted = args::qubits(qubits)?;
    let ((source, bits), out) = settled(
        || args::state_and_bits(state, batch, Access::Read, Some(&wanted)),
        |(source, bits)| shape_of(source, &[1 << bits.len(); 2]),
        |shape, _| array_of::<Complex64>(py, shape),
    )?;
    let mut matrices = Numbers::<Complex64>::write("out", &out)?;
    let nanos = observe::nanos(source.layout.num_qubits() + bits.len());
    let total = source.layout.states() as f64 * nanos;
    let (across, inside) = Crew::new(total, limit)?.shared_out(nanos);
    in_precision!(source, T => {
        leased(py, total, (source.reading::<T>(), matrices.filling()), |(states, matrices)| {
            each_state(states, across, matrices, |_, state, matrix| {
                matrix.copy_from_slice(&observe::density(state, &bits, inside));
            });
        })?;
    });
    Ok(out)
}

/// The fidelity of two pure states: abs(inner(a, b))**2.
///
/// It is computed in double precision.
///
/// Parameters
/// ----------
/// a : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
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
///     The fidelity, or that of each pair. It is not divided by the norms.
///
/// Raises
/// ------
/// TypeError
///     Where a state is no ndarray of complex128 or complex64, or their dtypes differ.
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
#[pyfunction]
#[pyo3(signature = (a, b, /, *, batch=0, threads=None))]
pub fn fidelity<'py>(
    a: &Bound<'py, PyAny>,
    b: &Bound<'py, PyAny>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let limit = limit(threads)?;
    let left = State::new("a", a, batch, Access::Read)?;
    let right = State::new("b", b, batch, Access::Read)?;
    same_precision(["a", "b"], [&left, &right])?;
    let [lefts, rights] = [&left, &right].map(|state| &state.layout.batch_or_one().shape);
    let qubits = [left.layout.num_qubits(), right.layout.num_qubits()];
    if qubits[0] != qubits[1] || lefts != rights {
        return Err(PyValueError::new_err(format!(
            "'a' has {} qubits and batch axes {lefts:?}, 'b' has {} and {rights:?}; states are compared one by \
             one: pass as many states of one size",
            qubits[0], qubits[1]
        )));
    }
    let nanos = 2.0 * observe::nanos(qubits[0]);
    let total = left.layout.states() as f64 * nanos;
    let crew = Crew::new(total, limit)?;
    let mut products = vec![Complex64::ZERO; left.layout.states()];
    in_precision!(left, T => {
        leased(a.py(), total, (left.reading::<T>(), right.reading::<T>()), |(left, right)| {
            left.pairs(right).map(|pairs| observe::inners(&pairs, &mut products, crew))
        })??;
    });
    products.iter_mut().for_each(|product| *product = product.norm_sqr().into());
    result(a.py(), &products, true, left.batch_shape())
}
