//! Arrays that are only read may lie anywhere: those that do not lie where the CPU can take them are copied.

use numpy::npyffi::flags;
use pyo3::prelude::*;

use super::super::invoke::Invoke;
use super::super::package::numpy;
use super::handle::unwrapped;
use super::header::{Header, check, is_array, is_plain_array};

/// What is to be read, or a copy of it where it is misaligned, as are arrays that one process of Dask sent to another.
///
/// This is the one copy of a state that a reading makes: no slice of numbers may lie like that.
#[inline]
pub fn aligned<'a, 'py>(
    name: &'static str,
    given: &'a Bound<'py, PyAny>,
    copy: &'a mut Option<Bound<'py, PyAny>>,
) -> PyResult<&'a Bound<'py, PyAny>> {
    let array = if is_plain_array(given) { given } else { unwrapped(given) };
    if !is_array(array) || Header::of(array).has(flags::NPY_ARRAY_ALIGNED) {
        return Ok(given);
    }
    check(name, array)?;
    Ok(copy.insert(numpy(array.py())?.attribute("array")?.invoke((array,))?))
}
