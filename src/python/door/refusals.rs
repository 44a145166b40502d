//! What the door says to arrays that it refuses: argument, fact, limit, and remedy.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::super::error::kind_of;
use super::super::invoke::Invoke;

/// For what is no array.
#[cold]
pub fn not_an_array(name: &str, given: &Bound<'_, PyAny>) -> PyErr {
    let kind = kind_of(given);
    PyTypeError::new_err(format!(
        "'{name}' is a {kind}; numket works in place on a numpy.ndarray: use np.array({name}, dtype=np.complex128)"
    ))
}

/// For numbers of another kind.
#[cold]
pub fn wrong_dtype(name: &str, array: &Bound<'_, PyAny>, accepted: &str, remedy: &str) -> PyErr {
    let text = array.py().get_type::<PyString>();
    let dtype =
        array.getattr("dtype").and_then(|dtype| text.invoke((dtype,))).map(|text| text.to_string());
    let dtype = dtype.unwrap_or_else(|_| "unknown".to_owned());
    let remedy = if remedy.starts_with("np.") { remedy.to_owned() } else { format!("np.{remedy}") };
    PyTypeError::new_err(format!(
        "'{name}' has dtype {dtype}; numket works on {accepted} in native byte order: use {name}.astype({remedy})"
    ))
}

/// For an array that must not be written to.
#[cold]
pub fn read_only(name: &str) -> PyErr {
    PyValueError::new_err(format!(
        "'{name}' is read-only; numket works in place: use a writeable array, for instance {name}.copy()"
    ))
}

/// For amplitudes that do not lie where the CPU can take them.
#[cold]
pub fn misaligned(name: &str) -> PyErr {
    PyValueError::new_err(format!(
        "'{name}' is misaligned: its address or a stride is no multiple of what its dtype needs; \
         numket works on aligned amplitudes: use {name}.copy()"
    ))
}
