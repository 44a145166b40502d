//! From causes to Python's exceptions: one match, and one sentence about types.

use pyo3::exceptions::{
    PyBaseException, PyKeyError, PyMemoryError, PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;

use crate::error::Error;

pyo3::create_exception!(
    numket,
    BufferInUseError,
    PyRuntimeError,
    "An array overlaps memory that another numket call is working on.\n\n\
     Raised before anything is written. Wait for the other call, or give each thread an array of its own."
);

pyo3::create_exception!(
    numket,
    ParameterError,
    PyKeyError,
    "Values of a circuit's parameters have other names than the parameters.\n\n\
     Raised before anything is written. Give a value for each of `circuit.parameters`, and no others."
);

/// Has a [`ParameterError`] print as it reads: a `KeyError` prints the `repr` of its text.
pub fn prepare(py: Python<'_>) -> PyResult<()> {
    let plain = py.get_type::<PyBaseException>().getattr("__str__")?;
    py.get_type::<ParameterError>().setattr("__str__", plain)
}

impl From<Error> for PyErr {
    fn from(error: Error) -> PyErr {
        let message = error.to_string();
        match error {
            Error::InUse => BufferInUseError::new_err(message),
            Error::Memory { .. } | Error::Results { .. } => PyMemoryError::new_err(message),
            Error::UnknownParameter { .. } | Error::NoValue { .. } => ParameterError::new_err(message),
            // What was given cannot be: all other causes.
            _ => PyValueError::new_err(message),
        }
    }
}

/// What type an object has, by name.
pub fn kind_of(given: &Bound<'_, PyAny>) -> String {
    given.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

/// For an argument of a type that it cannot have.
#[cold]
pub fn wrong_type(name: &str, given: &Bound<'_, PyAny>, limit: &str, remedy: &str) -> PyErr {
    PyTypeError::new_err(format!("'{name}' is a {}; it must be {limit}: {remedy}", kind_of(given)))
}
