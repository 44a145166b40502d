//! The handle that passes for the array it holds.

use pyo3::prelude::*;

/// A handle on a state: gates as methods that can be chained, in place on the wrapped array.
///
/// Gates, `apply` and its kin, `measure`, `reset`, `project` and the readings are methods, as functions
/// of the same names without the state. Gates and operators return the handle. It passes for its array
/// wherever a state is an argument, and in NumPy.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     The array to work on, which is not copied.
///
/// Attributes
/// ----------
/// state : ndarray
///     The very array that was given.
/// num_qubits : int
///     The number of qubits.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes.
/// ValueError
///     Where its shape is another, or it is read-only.
///
/// See Also
/// --------
/// numket.ket : A handle on a new basis state.
/// numket.Circuit : The same calls put down once, and applied faster.
///
/// Examples
/// --------
/// >>> import numpy as np, numket as nk
/// >>> psi = np.zeros(4, dtype=np.complex128)
/// >>> psi[0] = 1
/// >>> handle = nk.Ket(psi).h(0).cx(0, 1)
/// >>> handle.state is psi
/// True
/// >>> np.round(psi.real, 3)
/// array([0.707, 0.   , 0.   , 0.707])
#[pyclass(module = "numket", frozen)]
pub struct Ket {
    /// The array.
    pub state: Py<PyAny>,
}

/// The array that a handle holds; anything else is what it is.
pub fn unwrapped<'a, 'py>(given: &'a Bound<'py, PyAny>) -> &'a Bound<'py, PyAny> {
    match given.cast::<Ket>() {
        Ok(handle) => handle.get().state.bind(given.py()),
        Err(_) => given,
    }
}
