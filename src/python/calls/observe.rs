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

/// The norm of a state, sqrt(sum(abs(state)**2)), summed in double precision.
///
/// The sum has one fixed order: the result has the same bits for any number of threads. Amplitudes whose
/// squares would be out of range are summed as well as others.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float, or ndarray of float64 of the batch's shape
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
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
/// TypeError, ValueError, BufferInUseError
///     Before anything is written; a ValueError where a state has norm 0, or a NaN or an infinity.
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

/// The inner product of two states, sum(conj(bra) * ket), summed in double precision.
///
/// Qubit q of one meets qubit q of the other, however each lies in memory.
///
/// Parameters
/// ----------
/// bra, ket : ndarrays of one dtype, complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read.
/// batch : int
///     Number of leading axes of both that count states. A batch axis of length 1 meets all states along
///     that axis of the other.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// complex, or ndarray of complex128 of the batch's shape
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
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
///     Only read.
/// qubits : int or sequence of int, optional
///     The k qubits to measure, the first being the most significant bit of an outcome; all in
///     order if not given.
/// out : ndarray of float64, shape (2**k,), after the batch's shape, optional
///     Where to write; a new array if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of float64, shape (2**k,), after the batch's shape
///     Sums of abs(amplitude)**2; they add up to norm(state)**2.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///     Before anything is written.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.probabilities(nk.basis_state(3, "110"), (2, 0))
/// array([0., 1., 0., 0.])
/// >>> states = nk.zero_state(3).reshape(2, 4)
/// >>> nk.probabilities(states, 0, batch=1)
/// array([[1., 0.],
///        [0., 0.]])
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

/// The density matrix of some qubits, the others traced out: sum of |psi><psi| over their settings, in
/// double precision.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read.
/// qubits : int or sequence of int
///     The k qubits that stay, the first being the most significant bit of a row index.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of complex128, shape (2**k, 2**k), after the batch axes
///     Hermitian; its trace is norm(state)**2.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
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

/// The fidelity of two pure states, abs(inner(a, b))**2, in double precision.
///
/// Parameters
/// ----------
/// a, b : ndarrays of one dtype, complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read; their norms are taken to be 1.
/// batch : int
///     Number of leading axes of both that count states, of the same lengths: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float; with batch axes, an array of their shape
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> round(nk.fidelity(nk.zero_state(1), nk.ket("0").ry(0.2, 0).state), 6)
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
