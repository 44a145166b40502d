//! Making arrays: plain ndarrays, 64-byte aligned, first touched by the threads that will use them.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::args::{index, whole_numbers};
use super::door::{Access, State, in_precision, leased, out_of_memory};
use crate::apply::{nanos_to_sweep, sweep};
use crate::error::Error;
use crate::kernels::sweep::Task;
use crate::simd::Isa;
use crate::{exec, ket};

/// The alignment of a cache line and of the widest register.
const ALIGNMENT: usize = 64;

/// Bytes that the system could hand out now, where it tells.
pub fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    let free = kib.checked_mul(1024)?;
    // A container may have less than the machine.
    let number = |file| std::fs::read_to_string(file).ok()?.trim().parse::<u64>().ok();
    let limit = number("/sys/fs/cgroup/memory.max");
    let used = number("/sys/fs/cgroup/memory.current");
    Some(limit.zip(used).map_or(free, |(limit, used)| free.min(limit.saturating_sub(used))))
}

/// A fresh flat array of `2**num_qubits` amplitudes, not yet written to.
fn allocate<'py>(
    py: Python<'py>,
    num_qubits: i64,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let numpy = py.import("numpy")?;
    let dtype = match dtype {
        Some(dtype) => numpy.call_method1("dtype", (dtype,))?,
        None => numpy.call_method1("dtype", ("complex128",))?,
    };
    let name: String = dtype.getattr("name")?.extract()?;
    if (name != "complex128" && name != "complex64") || !dtype.getattr("isnative")?.extract()? {
        return Err(PyTypeError::new_err(format!(
            "'dtype' is {name}; a state is complex128 or complex64 in native byte order: use \
             np.complex128"
        )));
    }
    let Ok(shift) = u32::try_from(num_qubits) else {
        return Err(pyo3::exceptions::PyValueError::new_err(format!(
            "'n' is {num_qubits}; a state has 0 qubits or more: use a whole number from 0"
        )));
    };
    let itemsize: u128 = dtype.getattr("itemsize")?.extract()?;
    let needed = itemsize.checked_shl(shift).filter(|_| shift < 100).unwrap_or(u128::MAX);
    let free = free_memory();
    if needed > isize::MAX as u128 / 2 || free.is_some_and(|free| needed > u128::from(free)) {
        return Err(out_of_memory(needed, free));
    }
    // NumPy advises huge pages for large arrays; only the alignment is ours to add.
    let bytes = needed as usize;
    let raw = numpy.call_method1("empty", (bytes + ALIGNMENT, "uint8"))?;
    let address: usize = raw.getattr("ctypes")?.getattr("data")?.extract()?;
    let skip = address.next_multiple_of(ALIGNMENT) - address;
    let options = PyDict::new(py);
    options.set_item("buffer", raw)?;
    options.set_item("offset", skip)?;
    numpy.getattr("ndarray")?.call(((1usize << shift,), dtype), Some(&options))
}

/// Writes zeros, in parallel: the first touch decides where the pages lie.
fn clear(array: &Bound<'_, PyAny>) -> PyResult<()> {
    let mut state = State::new("state", array, 0, Access::Write)?;
    let nanos = nanos_to_sweep(state.layout.num_qubits());
    let (isa, threads) = (Isa::chosen()?, exec::threads_for(nanos, None)?);
    let spans = [state.span];
    in_precision!(state, T => {
        let mut view = state.view_mut::<T>();
        leased(array.py(), nanos, spans, || sweep(&mut view, Task::Clear, isa, threads))?;
    });
    Ok(())
}

/// A fresh state of n qubits whose amplitudes are not set: plain, flat, 64-byte aligned.
///
/// Parameters
/// ----------
/// n : int
///     Number of qubits.
/// dtype : complex128 (default) or complex64
///
/// Returns
/// -------
/// ndarray, shape (2**n,)
///
/// Raises
/// ------
/// TypeError, ValueError
/// MemoryError
///     Naming the GiB needed and free, before anything is allocated.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.empty_state(3).shape
/// (8,)
#[pyfunction]
#[pyo3(signature = (n, dtype=None))]
pub fn empty_state<'py>(
    py: Python<'py>,
    n: i64,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    allocate(py, n, dtype)
}

/// The state |0...0> of n qubits: plain, flat, 64-byte aligned.
///
/// Parameters
/// ----------
/// n : int
///     Number of qubits.
/// dtype : complex128 (default) or complex64
///
/// Returns
/// -------
/// ndarray, shape (2**n,)
///
/// Raises
/// ------
/// TypeError, ValueError
/// MemoryError
///     Naming the GiB needed and free, before anything is allocated.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.zero_state(2).real
/// array([1., 0., 0., 0.])
#[pyfunction]
#[pyo3(signature = (n, dtype=None))]
pub fn zero_state<'py>(
    py: Python<'py>,
    n: i64,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let state = allocate(py, n, dtype)?;
    clear(&state)?;
    state.set_item(0, 1.0)?;
    Ok(state)
}

/// One basis state of n qubits: plain, flat, 64-byte aligned.
///
/// Parameters
/// ----------
/// n : int
///     Number of qubits.
/// index_or_bits : int, str or sequence of int
///     An int is a basis index; a string or a sequence is n bits, qubit 0 first.
/// dtype : complex128 (default) or complex64
///
/// Returns
/// -------
/// ndarray, shape (2**n,)
///
/// Raises
/// ------
/// TypeError, ValueError
/// MemoryError
///     Naming the GiB needed and free, before anything is allocated.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> [int(nk.basis_state(2, which).argmax()) for which in (2, "10", (1, 0))]
/// [2, 2, 2]
#[pyfunction]
#[pyo3(signature = (n, index_or_bits, dtype=None))]
pub fn basis_state<'py>(
    py: Python<'py>,
    n: i64,
    index_or_bits: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let num_qubits = usize::try_from(n).unwrap_or(0);
    let index = if let Ok(label) = index_or_bits.cast::<PyString>() {
        ket::index_of(&label.to_string(), num_qubits)?
    } else if let Ok(index) = index("index_or_bits", index_or_bits) {
        let fits = |&index: &usize| num_qubits >= 63 || index >> num_qubits == 0;
        let refused = || Error::BasisState { given: index.to_string(), num_qubits };
        usize::try_from(index).ok().filter(fits).ok_or_else(refused)?
    } else {
        let bits = whole_numbers("index_or_bits", index_or_bits)?;
        // A digit each; what is no bit becomes what is no digit.
        let digit = |&bit: &i64| char::from_digit(bit.try_into().unwrap_or(9), 2).unwrap_or('?');
        ket::index_of(&bits.iter().map(digit).collect::<String>(), num_qubits)?
    };
    let state = allocate(py, n, dtype)?;
    clear(&state)?;
    state.set_item(index, 1.0)?;
    Ok(state)
}

/// The same state seen in little-endian qubit order, as Qiskit has it: a view, never a copy.
///
/// Qubit q of the result is the q-th *least* significant bit of the flat index.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///
/// Returns
/// -------
/// ndarray, shape (2,) * n
///     state.reshape((2,) * n).T
///
/// Raises
/// ------
/// TypeError, ValueError
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.zero_state(3)
/// >>> nk.x(nk.little_endian(psi), 0)  # Qiskit's qubit 0
/// >>> int(psi.argmax())
/// 1
#[pyfunction]
#[pyo3(signature = (state, /))]
pub fn little_endian<'py>(state: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let leased = State::new("state", state, 0, Access::Read)?;
    let ndim: usize = state.getattr("ndim")?.extract()?;
    if ndim != 1 {
        return state.getattr("T");
    }
    let shape = pyo3::types::PyTuple::new(state.py(), vec![2; leased.layout.num_qubits()])?;
    state.call_method1("reshape", (shape,))?.getattr("T")
}
