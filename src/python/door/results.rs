//! Results: new arrays, made between two looks at the arguments.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::{Element, State};

/// The shape of the batch, and `last` after it.
pub fn shape_of(state: &State, last: &[usize]) -> Vec<usize> {
    [&state.layout.batch_or_one().shape, last].concat()
}

/// A new array for results, which are not set yet.
pub fn array_of<'py, T: Element>(py: Python<'py>, shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    py.import("numpy")?.call_method1("empty", (PyTuple::new(py, shape)?, T::DTYPE))
}

/// Looks at arrays, does what may run Python code for what was seen, and looks at them anew: `facts` are
/// what must be the same at both times.
///
/// Making an array, or drawing numbers, may run other code, which may change the arrays of the call. What
/// counts is what they are after it.
pub fn settled<S, F: PartialEq, M>(
    look: impl Fn() -> PyResult<S>,
    facts: impl Fn(&S) -> F,
    prepare: impl FnOnce(&F, S) -> PyResult<M>,
) -> PyResult<(S, M)> {
    let before = look()?;
    let seen = facts(&before);
    let made = prepare(&seen, before)?;
    let after = look()?;
    if facts(&after) == seen {
        return Ok((after, made));
    }
    Err(PyValueError::new_err(
        "'state' has got another shape or dtype while the call was prepared; an array must stand still during \
         a call: do not change it from another thread, from 'rng', or from values of 'params'",
    ))
}
