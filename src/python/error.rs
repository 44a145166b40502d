//! From causes to Python's exceptions: one match.

use pyo3::exceptions::{PyKeyError, PyMemoryError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::error::Error;

pyo3::create_exception!(
    numket,
    BufferInUseError,
    PyRuntimeError,
    "An array overlaps memory that another numket call is working on.\n\n\
     Raised before anything is written. Wait for the other call, or give each thread an array of its own."
);

impl From<Error> for PyErr {
    fn from(error: Error) -> PyErr {
        let message = error.to_string();
        match error {
            Error::InUse => BufferInUseError::new_err(message),
            Error::Memory { .. } | Error::Results { .. } => PyMemoryError::new_err(message),
            Error::UnknownParameter { .. } | Error::NoValue { .. } => PyKeyError::new_err(message),
            // What was given cannot be: all other causes.
            _ => PyValueError::new_err(message),
        }
    }
}
