//! What the door says to arrays that it refuses: argument, fact, limit, and remedy.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use super::super::error::kind_of;
use super::super::invoke::Invoke;
use super::header::is_array;

/// For what is no array.
#[cold]
pub fn not_an_array(name: &str, given: &Bound<'_, PyAny>) -> PyErr {
    let kind = kind_of(given);
    let remedy = match given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        true if name == "out" => "use np.empty(size, dtype=np.float64)".to_owned(),
        true => format!("use np.array({name}, dtype=np.complex128)"),
        false => "give one here, as nk.zero_state(n) makes".to_owned(),
    };
    PyTypeError::new_err(format!(
        "'{name}' is a {kind}; numket works in place on a numpy.ndarray: {remedy}"
    ))
}

/// For numbers of another kind: `array` is what NumPy made of the argument.
#[cold]
pub fn wrong_dtype(
    name: &str,
    given: &Bound<'_, PyAny>,
    array: &Bound<'_, PyAny>,
    accepted: &str,
    dtype: &str,
) -> PyErr {
    let told = || -> PyResult<(String, String, usize)> {
        let found = array.getattr("dtype")?;
        Ok((
            found.py().get_type::<PyString>().invoke((&found,))?.to_string(),
            found.getattr("kind")?.extract()?,
            array.getattr("size")?.extract()?,
        ))
    };
    let (found, kind, size) = told().unwrap_or_else(|_| ("unknown".to_owned(), "V".to_owned(), 0));
    // What NumPy cannot convert, no remedy may ask it to.
    let converts = || match kind.as_str() {
        "c" => dtype.starts_with("complex"),
        "b" | "i" | "u" | "f" => true,
        _ => size <= 1 << 16 && array.invoke_method("astype", (dtype,)).is_ok(),
    };
    let remedy = match () {
        () if kind == "c" && dtype == "float64" => format!("use np.real({name}) where it is real"),
        () if given.is_none() || !converts() => "give numbers".to_owned(),
        () if is_array(given) => format!("use {name}.astype(np.{dtype})"),
        () => format!("use np.array({name}, dtype=np.{dtype})"),
    };
    PyTypeError::new_err(format!(
        "'{name}' has dtype {found}; numket works on {accepted} in native byte order: {remedy}"
    ))
}

/// For numbers that complex64 cannot hold.
#[cold]
pub fn too_large(what: &str) -> PyErr {
    PyValueError::new_err(format!(
        "{what} holds a number that complex64, the dtype of the state, cannot hold: it reaches {:.1e}; use a \
         state of complex128, or scale the numbers",
        f32::MAX
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
