//! Making arrays: plain ndarrays, 64-byte aligned, first touched by the threads that will use them.

use num_complex::{Complex32, Complex64};
use numpy::PyArray1;
use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PySlice, PyString, PyTuple};

use super::super::args::bits::basis_index;
use super::super::args::index;
use super::super::door::{
    Access, Element, State, accepted, address_of, axes_of, settled, unwrapped, work,
};
use super::super::error::{is_of_the_user, told};
use super::super::invoke::{Invoke, plain};
use super::super::package::{EMPTY, NDARRAY, numpy};
use crate::apply::{copy, nanos_to_sweep, sweep};
use crate::error::Error;
use crate::kernels::sweep::Task;
use crate::memory::room_for_state;

/// The alignment of a cache line and of the widest register.
const ALIGNMENT: usize = 64;

/// The argument `n`: a number of qubits, from 0.
fn num_qubits(n: &Bound<'_, PyAny>) -> PyResult<usize> {
    let count = index("n", n)?;
    if count > 100 {
        return Err(PyMemoryError::new_err(format!(
            "'n' is {count}; a state of n qubits needs 2**(n - 26) GiB: use fewer qubits"
        )));
    }
    usize::try_from(count).map_err(|_| {
        PyValueError::new_err(format!(
            "'n' is {count}; a state has 0 qubits or more: use a whole number from 0"
        ))
    })
}

/// A fresh flat array of `2**num_qubits` amplitudes, not yet written to.
fn allocate<'py>(
    py: Python<'py>,
    num_qubits: usize,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let count = 1u128.checked_shl(num_qubits as u32).unwrap_or(u128::MAX);
    amplitudes(py, count, &dtype_name(py, dtype)?)
}

/// The name of the dtype of a state.
pub fn dtype_name(py: Python<'_>, dtype: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
    let Some(dtype) = dtype else { return Ok(Complex64::DTYPE.to_owned()) };
    let refused = |name: String| {
        PyTypeError::new_err(format!(
            "'dtype' is {name}; a state is {} in native byte order: use np.complex128",
            accepted(true)
        ))
    };
    let dtype = match numpy(py)?.invoke_method("dtype", (dtype,)) {
        Ok(dtype) => dtype,
        // Of some letters NumPy says that they are no Python.
        Err(error) if is_of_the_user(py, &error) && !dtype.is_instance_of::<PyString>() => {
            return Err(error);
        }
        Err(_) => return Err(refused(told(dtype)?)),
    };
    let name: String = plain(&dtype.attribute("name")?)?;
    let known = ["complex128", "complex64", "float64", "float32"].contains(&name.as_str());
    match known && dtype.attribute("isnative")?.truth()? {
        true => Ok(name),
        false => Err(refused(told(&dtype)?)),
    }
}

/// Room for so many amplitudes of this dtype, aligned as a state is, and not yet written to. NumPy advises
/// huge pages for large arrays; only the alignment is ours to add.
pub fn amplitudes<'py>(py: Python<'py>, count: u128, dtype: &str) -> PyResult<Bound<'py, PyAny>> {
    let (size, fresh): (u128, Fresh) = match dtype {
        "complex128" => (16, fresh::<Complex64>),
        "complex64" => (8, fresh::<Complex32>),
        "float64" => (8, fresh::<f64>),
        _ => (4, fresh::<f32>),
    };
    let needed = count.saturating_mul(size);
    if needed <= SMALL
        && let Some(array) = fresh(py, count)
    {
        return Ok(array);
    }
    room_for_state(needed)?;
    let raw = EMPTY.get(py)?.invoke((needed as usize + ALIGNMENT, "uint8"))?;
    let address = address_of(&raw);
    let offset = address.next_multiple_of(ALIGNMENT) - address;
    NDARRAY.get(py)?.invoke(((count as usize,), dtype, raw, offset))
}

/// What makes a small array.
type Fresh = for<'py> fn(Python<'py>, u128) -> Option<Bound<'py, PyAny>>;

/// Arrays of up to so many bytes are made at once, which costs less than a call of NumPy's function.
const SMALL: u128 = 1 << 16;

/// Room that is not yet written to, aligned as a state is, where that is at an element. For arrays of zeros, NumPy
/// would let go of the interpreter, which a thread may not do here where Python ends: see `invoke`.
fn fresh<T: numpy::Element>(py: Python<'_>, count: u128) -> Option<Bound<'_, PyAny>> {
    let (count, size) = (count as usize, size_of::<T>());
    // SAFETY: any bits are numbers. Who asks for `empty_state` writes before reading, as with np.empty.
    let raw = unsafe { PyArray1::<T>::new(py, count + ALIGNMENT / size, false) }.into_any();
    let address = address_of(&raw);
    let before = address.next_multiple_of(ALIGNMENT) - address;
    let first = before / size;
    let own = PySlice::new(py, first as isize, (first + count) as isize, 1);
    if before.is_multiple_of(size) { raw.item(own.as_any()).ok() } else { None }
}

/// A fresh basis state. Zeros are written in parallel: the first touch decides where the pages lie.
fn basis<'py>(
    py: Python<'py>,
    num_qubits: usize,
    index: usize,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let array = allocate(py, num_qubits, dtype)?;
    let mut state = State::new("state", &array, 0, Access::Write)?;
    let nanos = nanos_to_sweep(state.layout.num_qubits());
    work!(py, nanos, None, state.changing(), |mut states, crew| {
        sweep(&mut states.first(), Task::Write(&[]), crew);
    })?;
    #[expect(clippy::disallowed_methods, reason = "of an array that was made here")]
    array.set_item(index, 1.0)?;
    Ok(array)
}

/// A copy of a state in an array of its own, of the same shape.
pub fn copied<'py>(state: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let (py, look) = (state.py(), || State::new("state", state, 0, Access::Read));
    let facts = |source: &State| (source.layout.clone(), source.precision);
    let (source, out) = settled(look, facts, |(layout, _), _| {
        let flat = allocate(py, layout.num_qubits(), Some(&state.attribute("dtype")?))?;
        flat.invoke_method("reshape", (state.attribute("shape")?,))
    })?;
    let mut target = State::new("state", &out, 0, Access::Write)?;
    let nanos = nanos_to_sweep(source.layout.num_qubits());
    work!(py, nanos, None, source.reading(), target.changing(), |(from, mut to), crew| {
        copy(from.first(), &mut to.first(), crew)
    })?;
    Ok(out)
}

/// A fresh state of n qubits whose amplitudes are not set.
///
/// Its memory starts at a multiple of 64 bytes, a cache line; otherwise it is an array as
/// np.empty makes it.
///
/// Parameters
/// ----------
/// n : int
///     The number of qubits.
/// dtype : complex128 (default), complex64, float64 or float32
///     The type of the amplitudes.
///
/// Returns
/// -------
/// ndarray, shape (2**n,)
///     Whatever was in the memory.
///
/// Raises
/// ------
/// TypeError
///     Where `n` is no int, or `dtype` is another.
/// ValueError
///     Where `n` is negative.
/// MemoryError
///     Where there is too little memory, before any is taken; the message says how many GiB are
///     needed and free.
///
/// See Also
/// --------
/// numket.zero_state : The state |0...0>.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.empty_state(2)
/// >>> psi[:] = [0.5, 0.5, -0.5, 0.5]
/// >>> nk.norm(psi)
/// 1.0
#[pyfunction(signature = (n, dtype=None))]
pub fn empty_state<'py>(
    py: Python<'py>,
    n: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    allocate(py, num_qubits(n)?, dtype)
}

/// The state |0...0> of n qubits, as a new array.
///
/// Its memory starts at a multiple of 64 bytes, a cache line; otherwise it is an array as
/// np.zeros makes it.
///
/// Parameters
/// ----------
/// n : int
///     The number of qubits.
/// dtype : complex128 (default), complex64, float64 or float32
///     The type of the amplitudes.
///
/// Returns
/// -------
/// ndarray, shape (2**n,)
///     The amplitudes: 1 and then 0.
///
/// Raises
/// ------
/// TypeError
///     Where `n` is no int, or `dtype` is another.
/// ValueError
///     Where `n` is negative.
/// MemoryError
///     Where there is too little memory, before any is taken; the message says how many GiB are
///     needed and free.
///
/// See Also
/// --------
/// numket.basis_state : Any other basis state.
/// numket.ket : A basis state with gates as methods.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.zero_state(2).real
/// array([1., 0., 0., 0.])
#[pyfunction(signature = (n, dtype=None))]
pub fn zero_state<'py>(
    py: Python<'py>,
    n: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    basis(py, num_qubits(n)?, 0, dtype)
}

/// One basis state of n qubits, as a new array.
///
/// Its memory starts at a multiple of 64 bytes, a cache line; otherwise it is an array as
/// np.zeros makes it.
///
/// Parameters
/// ----------
/// n : int
///     The number of qubits.
/// index_or_bits : int, str or sequence of int
///     An int is the index of the amplitude that is 1. A string or a sequence has the value of
///     each qubit, 0 or 1, qubit 0 first.
/// dtype : complex128 (default), complex64, float64 or float32
///     The type of the amplitudes.
///
/// Returns
/// -------
/// ndarray, shape (2**n,)
///     The amplitudes.
///
/// Raises
/// ------
/// TypeError
///     Where an argument has a wrong type, or `dtype` is another.
/// ValueError
///     Where `n` is negative, or n qubits have no such basis state.
/// MemoryError
///     Where there is too little memory, before any is taken; the message says how many GiB are
///     needed and free.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.basis_state(2, "10").real
/// array([0., 0., 1., 0.])
/// >>> nk.basis_state(2, 2).real  # 10 in binary
/// array([0., 0., 1., 0.])
#[pyfunction(signature = (n, index_or_bits, dtype=None))]
pub fn basis_state<'py>(
    py: Python<'py>,
    n: &Bound<'py, PyAny>,
    index_or_bits: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let num_qubits = num_qubits(n)?;
    labelled(py, num_qubits, index_or_bits, dtype)
}

/// The basis state of so many qubits with this index, or these bits.
pub fn labelled<'py>(
    py: Python<'py>,
    num_qubits: usize,
    index_or_bits: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let refused = |given: String| Error::BasisState { given, num_qubits };
    let index = basis_index("index_or_bits", index_or_bits, num_qubits, refused)?;
    basis(py, num_qubits, index, dtype)
}

/// The same state with its qubits in reverse order, as Qiskit counts them: a view, never a copy.
///
/// Qubit q of the result is the q-th *least* significant bit of the flat index.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     The state, with any strides.
///
/// Returns
/// -------
/// ndarray, shape (2,) * n
///     The view state.reshape((2,) * n).T.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes.
/// ValueError
///     Where its shape is another.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.zero_state(3)
/// >>> nk.x(nk.little_endian(psi), 0)  # Qiskit's qubit 0
/// >>> int(psi.argmax())
/// 1
#[pyfunction]
pub fn little_endian<'py>(state: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let state = unwrapped(state);
    let found = State::new("state", state, 0, Access::Read)?;
    if axes_of(state) != 1 {
        return state.attribute("T");
    }
    let shape = PyTuple::new(state.py(), vec![2; found.layout.num_qubits()])?;
    state.invoke_method("reshape", (shape,))?.attribute("T")
}
