//! Readings.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyComplex;

use super::args::{self, Place};
use super::door::{Access, Numbers, State, in_precision, leased};
use crate::error::Error;
use crate::exec;
use crate::observe;
use crate::simd::Isa;

/// One state to read.
fn source(name: &'static str, array: &Bound<'_, PyAny>, batch: i64) -> PyResult<State> {
    if batch != 0 {
        return Err(PyValueError::new_err(format!(
            "'batch' is {batch}; readings of batches are not supported yet: use batch=0 and loop over \
             the states"
        )));
    }
    State::new(name, array, 0, Access::Read)
}

fn plan(state: &State, threads: Option<i64>) -> PyResult<(Isa, f64, usize)> {
    let nanos = observe::nanos(state.layout.num_qubits());
    let limit = threads.map(exec::checked).transpose()?;
    Ok((Isa::chosen()?, nanos, exec::threads_for(nanos, limit)?))
}

/// The norm of a state, sqrt(sum(abs(state)**2)), summed in double precision.
///
/// The sum has one fixed order: the result has the same bits for any number of threads.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
/// batch : int
///     Number of leading batch axes; readings take one state yet, and 0 only.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float
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
#[pyfunction]
#[pyo3(signature = (state, /, *, batch=0, threads=None))]
pub fn norm(state: &Bound<'_, PyAny>, batch: i64, threads: Option<i64>) -> PyResult<f64> {
    let source = self::source("state", state, batch)?;
    let (isa, nanos, threads) = plan(&source, threads)?;
    Ok(in_precision!(source, T => {
        let view = source.view::<T>();
        leased(state.py(), nanos, [source.span], || observe::norm(view, isa, threads))?
    }))
}

/// The inner product of two states, sum(conj(bra) * ket), summed in double precision.
///
/// Qubit q of one meets qubit q of the other, however each lies in memory.
///
/// Parameters
/// ----------
/// bra, ket : ndarrays of one dtype, complex128 or complex64, shape (2**n,) or (2,) * n
/// batch : int
///     Number of leading batch axes; readings take one state yet, and 0 only.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// complex
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> plus = nk.ket("0").h(0).state
/// >>> round(abs(nk.inner(nk.zero_state(1), plus)) ** 2, 12)
/// 0.5
#[pyfunction]
#[pyo3(signature = (bra, ket, /, *, batch=0, threads=None))]
pub fn inner<'py>(
    bra: &Bound<'py, PyAny>,
    ket: &Bound<'py, PyAny>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyComplex>> {
    let left = source("bra", bra, batch)?;
    let right = source("ket", ket, batch)?;
    if left.precision != right.precision {
        return Err(PyTypeError::new_err(
            "'bra' and 'ket' have different dtypes; numket never converts a state: use \
             ket.astype(bra.dtype)",
        ));
    }
    let qubits = [left.layout.num_qubits(), right.layout.num_qubits()];
    if qubits[0] != qubits[1] {
        return Err(Error::SizeMismatch { left: qubits[0], right: qubits[1] }.into());
    }
    let (isa, nanos, threads) = plan(&left, threads)?;
    let product = in_precision!(left, T => {
        let (bra_view, ket_view) = (left.view::<T>(), right.view::<T>());
        leased(bra.py(), nanos, [left.span, right.span], || observe::inner(bra_view, ket_view, isa, threads))?
    });
    Ok(PyComplex::from_doubles(bra.py(), product.re, product.im))
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
/// out : ndarray of float64, shape (2**k,), optional
///     Where to write; a new array if not given.
/// batch : int
///     Number of leading batch axes; readings take one state yet, and 0 only.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of float64, shape (2**k,)
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
    let look = || -> PyResult<(State, Vec<u8>)> {
        let source = self::source("state", state, batch)?;
        let bits = match &wanted {
            None => source.layout.qubit_bits().map(|bit| bit as u8).collect(),
            Some(wanted) => {
                let mut place = Place::new();
                place.fill(&source.layout, &[], &[], wanted)?;
                place.targets().to_vec()
            }
        };
        Ok((source, bits))
    };
    let out = match out {
        Some(out) => out.clone(),
        None => py.import("numpy")?.call_method1("empty", (1usize << look()?.1.len(),))?,
    };
    // Making `out` may have run other code: what counts is the state from here on.
    let (source, bits) = look()?;
    let (isa, nanos, threads) = plan(&source, threads)?;
    let mut bins = Numbers::<f64>::write("out", &out)?;
    if bins.shape != [1 << bits.len()] {
        let shape = bins.shape.clone();
        return Err(Error::OperatorSize { argument: "out", shape, qubits: bits.len() }.into());
    }
    let spans = [source.span, bins.span];
    let slots = bins.as_mut_slice();
    in_precision!(source, T => {
        let view = source.view::<T>();
        leased(py, nanos, spans, || {
            slots.fill(0.0);
            observe::probabilities(view, &bits, slots, isa, threads);
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
    let source = self::source("state", state, 0)?;
    let (_, nanos, threads) = plan(&source, None)?;
    let best = in_precision!(source, T => {
        let view = source.view::<T>();
        leased(state.py(), nanos, [source.span], || observe::most_probable(view, count, threads))?
    });
    let numpy = state.py().import("numpy")?;
    let (indices, probabilities): (Vec<usize>, Vec<f64>) = best.into_iter().unzip();
    let array = |list: Bound<'py, PyAny>, dtype| numpy.call_method1("array", (list, dtype));
    Ok((
        array(indices.into_pyobject(state.py())?.into_any(), "int64")?,
        array(probabilities.into_pyobject(state.py())?.into_any(), "float64")?,
    ))
}
