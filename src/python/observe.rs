//! Readings, and norm 1.

use num_complex::Complex64;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyTuple};

use super::args::{self, Place};
use super::door::{Access, Element, Numbers, State, in_precision, leased};
use super::expectation;
use crate::apply::nanos_to_sweep;
use crate::error::Error;
use crate::exec;
use crate::layout::Batch;
use crate::observe;
use crate::simd::Isa;
use crate::state::StateRef;

/// The lanes, the work in nanoseconds of one thread, and the threads to read all states of a batch.
fn plan(state: &State, threads: Option<i64>) -> PyResult<(Isa, f64, usize)> {
    let nanos = states_of(state) as f64 * observe::nanos_to_read(state.layout.num_qubits());
    let limit = threads.map(exec::checked).transpose()?;
    Ok((Isa::chosen()?, nanos, exec::threads_for(nanos, limit)?))
}

/// How many states there are.
pub fn states_of(state: &State) -> usize {
    state.layout.batch().map_or(1, Batch::len)
}

/// The shape of the batch, and `last` after it.
pub fn shape_of(state: &State, last: &[usize]) -> Vec<usize> {
    let batch = state.layout.batch().map_or(&[][..], |batch| &batch.shape);
    [batch, last].concat()
}

/// A new array for results, which are not set yet.
pub fn array_of<'py, T: Element>(py: Python<'py>, shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    py.import("numpy")?.call_method1("empty", (PyTuple::new(py, shape)?, T::DTYPE))
}

/// Making an array may have run other code: what was looked at must still hold.
pub fn same_shape(shape: &[usize], state: &State, last: &[usize]) -> PyResult<()> {
    if shape_of(state, last) == shape {
        return Ok(());
    }
    Err(PyValueError::new_err(
        "'state' has got another shape while the results were prepared; it must stand still during a call: \
         do not change it from another thread or from the generator",
    ))
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
    let (name, py) = ("state", state.py());
    let source = State::new(name, state, batch, Access::Read)?;
    if source.layout.batch().is_none() {
        let (isa, nanos, threads) = plan(&source, threads)?;
        let norm = in_precision!(source, T => {
            let view = source.view::<T>();
            leased(py, nanos, [source.span], || observe::norm(view, isa, threads))?
        });
        return Ok(norm.into_pyobject(py)?.into_any());
    }
    let shape = shape_of(&source, &[]);
    let out = array_of::<f64>(py, &shape)?;
    let source = State::new(name, state, batch, Access::Read)?;
    same_shape(&shape, &source, &[])?;
    let (isa, nanos, threads) = plan(&source, threads)?;
    let mut norms = Numbers::<f64>::write("norm", &out)?;
    let spans = [source.span, norms.span];
    let norms = norms.as_mut_slice();
    in_precision!(source, T => {
        let view = source.view::<T>();
        // SAFETY: the span of the state is that of the whole batch, and leased.
        leased(py, nanos, spans, || unsafe { observe::norms(view, norms, isa, threads) })?;
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
    let (isa, nanos, _) = plan(&source, threads)?;
    let nanos = nanos + states_of(&source) as f64 * nanos_to_sweep(source.layout.num_qubits());
    let threads = exec::threads_for(nanos, threads.map(exec::checked).transpose()?)?;
    let spans = [source.span];
    in_precision!(source, T => {
        let mut view = source.view_mut::<T>();
        // SAFETY: the span of the state is that of the whole batch, and leased.
        leased(state.py(), nanos, spans, || unsafe { observe::normalize(&mut view, isa, threads) })?
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
        Ok((left, right))
    };
    let (left, right) = look()?;
    if left.layout.batch().is_none() {
        let (isa, nanos, threads) = plan(&left, threads)?;
        let product = in_precision!(left, T => {
            let (bra_view, ket_view) = (left.view::<T>(), right.view::<T>());
            leased(py, nanos, [left.span, right.span], || observe::inner(bra_view, ket_view, isa, threads))?
        });
        return Ok(PyComplex::from_doubles(py, product.re, product.im).into_any());
    }
    let shape = matched(&left, &right)?[0].shape.clone();
    let out = array_of::<Complex64>(py, &shape)?;
    let (left, right) = look()?;
    let [bras, kets] = matched(&left, &right)?;
    if bras.shape != shape {
        return Err(PyValueError::new_err(
            "'bra' or 'ket' has got another shape while the results were prepared; both must stand still \
             during a call: do not change them from another thread",
        ));
    }
    let nanos = bras.len() as f64 * observe::nanos_to_read(left.layout.num_qubits());
    let isa = Isa::chosen()?;
    let threads = exec::threads_for(nanos, threads.map(exec::checked).transpose()?)?;
    let mut products = Numbers::<Complex64>::write("inner", &out)?;
    let spans = [left.span, right.span, products.span];
    let products = products.as_mut_slice();
    in_precision!(left, T => {
        let (bra_view, ket_view) = (left.view::<T>(), right.view::<T>());
        // SAFETY: the spans of the states are those of the whole batches, and leased.
        leased(py, nanos, spans, || unsafe {
            observe::inners(bra_view, ket_view, [&bras, &kets], products, isa, threads)
        })?;
    });
    Ok(out)
}

/// The batches of two states, broadcast against each other: of one shape, with steps of 0 along axes of
/// length 1 that meet longer ones.
fn matched(left: &State, right: &State) -> Result<[Batch; 2], Error> {
    let batches =
        [&left.layout, &right.layout].map(|layout| layout.batch().cloned().unwrap_or_default());
    let lens = || batches[0].shape.iter().zip(&batches[1].shape);
    if lens().any(|(a, b)| a != b && *a != 1 && *b != 1) {
        let [bra, ket] = batches.map(|batch| batch.shape);
        return Err(Error::Broadcast { argument: "bra", shape: bra, batch: ket });
    }
    let shape: Vec<usize> = lens().map(|(&a, &b)| if a == 1 { b } else { a }).collect();
    Ok(batches.map(|batch| {
        let axes = batch.shape.iter().zip(&batch.strides);
        let strides = axes.map(|(&len, &stride)| if len == 1 { 0 } else { stride }).collect();
        Batch { shape: shape.clone(), strides }
    }))
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
    let out = match out {
        Some(out) => out.clone(),
        None => {
            let (source, bits) = look()?;
            array_of::<f64>(py, &shape_of(&source, &[1 << bits.len()]))?
        }
    };
    // Making `out` may have run other code: what counts is the state from here on.
    let (source, bits) = look()?;
    let (isa, nanos, threads) = plan(&source, threads)?;
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
    let spans = [source.span, bins.span];
    let slots = bins.as_mut_slice();
    in_precision!(source, T => {
        let view = source.view::<T>();
        // SAFETY: the span of the state is that of the whole batch, and leased.
        leased(py, nanos, spans, || unsafe {
            observe::all_probabilities(view, &bits, slots, isa, threads);
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
    let py = state.py();
    let wanted = args::qubits(qubits)?;
    let limit = threads.map(exec::checked).transpose()?;
    let look = || -> PyResult<(State, Vec<u8>)> {
        let source = State::new("state", state, batch, Access::Read)?;
        let mut place = Place::new();
        place.fill(&source.layout, &[], &[], &wanted)?;
        Ok((source, place.targets().to_vec()))
    };
    let (source, bits) = look()?;
    let dim = 1usize << bits.len();
    let mut shape = source.layout.batch().map_or(Vec::new(), |batch| batch.shape.clone());
    shape.extend([dim, dim]);
    let out = py.import("numpy")?.call_method1("empty", (PyTuple::new(py, &shape)?, "complex128"))?;
    // Making `out` may have run other code: what counts is the state from here on.
    let (source, bits) = look()?;
    let mut matrices = Numbers::<Complex64>::write("out", &out)?;
    let states = source.layout.batch().map_or(1, Batch::len);
    if matrices.as_slice().len() != states * dim * dim {
        return Err(PyValueError::new_err(
            "'state' has got another shape while its matrices were made; it must stand still during a call: \
             do not change it meanwhile",
        ));
    }
    let isa = Isa::chosen()?;
    let nanos = observe::nanos(source.layout.num_qubits() + bits.len());
    let threads = exec::threads_for(states as f64 * nanos, limit)?;
    let spans = [source.span, matrices.span];
    let found = in_precision!(source, T => {
        let first = source.view::<T>();
        leased(py, states as f64 * nanos, spans, || {
            let read = |state: StateRef<'_, T>, _, threads| observe::density(state, &bits, isa, threads);
            // SAFETY: the span of the state is that of the whole batch, and leased.
            unsafe { observe::each_state(first, nanos, threads, read) }
        })?
    });
    for (to, matrix) in matrices.as_mut_slice().chunks_exact_mut(dim * dim).zip(found) {
        to.copy_from_slice(&matrix);
    }
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
    let limit = threads.map(exec::checked).transpose()?;
    let left = State::new("a", a, batch, Access::Read)?;
    let right = State::new("b", b, batch, Access::Read)?;
    if left.precision != right.precision {
        return Err(PyTypeError::new_err(
            "'a' and 'b' have different dtypes; numket never converts a state: use b.astype(a.dtype)",
        ));
    }
    let one = Batch::default();
    let [lefts, rights] = [&left, &right].map(|state| state.layout.batch().unwrap_or(&one));
    let qubits = [left.layout.num_qubits(), right.layout.num_qubits()];
    if qubits[0] != qubits[1] || lefts.shape != rights.shape {
        return Err(PyValueError::new_err(format!(
            "'a' has {} qubits and batch axes {:?}, 'b' has {} and {:?}; states are compared one by one: pass \
             as many states of one size",
            qubits[0], lefts.shape, qubits[1], rights.shape
        )));
    }
    let nanos = 2.0 * observe::nanos(qubits[0]);
    let total = lefts.len() as f64 * nanos;
    let (isa, threads) = (Isa::chosen()?, exec::threads_for(total, limit)?);
    let offsets: Vec<isize> = rights.offsets(0..rights.len(), 1).collect();
    let values = in_precision!(left, T => {
        let (first, second) = (left.view::<T>(), right.view::<T>());
        leased(a.py(), total, [left.span, right.span], || {
            let read = |bra: StateRef<'_, T>, number: usize, threads| {
                // SAFETY: a state of the batch of `b`, which is leased.
                let ket = unsafe {
                    StateRef::from_raw(second.origin().offset(offsets[number]), second.layout())
                };
                observe::inner(bra, ket, isa, threads).norm_sqr().into()
            };
            // SAFETY: the span of the state is that of the whole batch, and leased.
            unsafe { observe::each_state(first, nanos, threads, read) }
        })?
    });
    expectation::result(a.py(), &values, true, left.layout.batch())
}
