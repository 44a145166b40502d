//! Classical bits, conditions, outcomes and basis states, from Python's objects.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::super::door::Numbers;
use super::super::error::{optional, own_or, shown, wrong_type};
use super::super::invoke::{Invoke, plain};
use super::{index, one_or_more, whole_numbers};
use crate::api::index_of;
use crate::circuit::MAX_CLASSICAL;
use crate::error::{Error, Tuple};

/// A classical bit.
pub fn bit(given: i64) -> Result<usize, Error> {
    let refused = Error::BitRange { bit: given, limit: MAX_CLASSICAL };
    usize::try_from(given).ok().filter(|&bit| bit < MAX_CLASSICAL).ok_or(refused)
}

/// A condition: a mapping of classical bits to values, or one bit that must be 1.
pub fn condition(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<(usize, bool)>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let refused = match index("condition", given) {
        Ok(number) => return Ok(vec![(bit(number)?, true)]),
        Err(error) => error,
    };
    let py = given.py();
    if !refused.is_instance_of::<PyTypeError>(py) {
        return Err(refused); // the user's own
    }
    let no_mapping = || {
        let limit = "a classical bit, or a mapping of these to 0 or 1";
        wrong_type("condition", given, limit, "use an int or a dict")
    };
    // A copy, because reading keys and values may run code that changes it.
    let items = match given.cast::<PyDict>() {
        Ok(dict) => dict.copy()?.invoke_method("items", ())?,
        Err(_) => {
            let items = optional(given, "items")?.ok_or_else(no_mapping)?;
            items.invoke(()).map_err(|error| own_or(py, error, no_mapping))?
        }
    };
    let mut condition = Vec::new();
    for item in items.iterate()?.take(MAX_CLASSICAL + 1) {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) =
            plain(&item?).map_err(|error| own_or(py, error, no_mapping))?;
        let bit = bit(index("condition", &key)?)?;
        match index("condition", &value)? {
            value @ (0 | 1) => condition.push((bit, value == 1)),
            value => return Err(Error::BitValue { value }.into()),
        }
    }
    Ok(condition)
}

/// The probabilities of recording 0 as 1, and 1 as 0.
pub fn readout(given: &Bound<'_, PyAny>) -> PyResult<[f64; 2]> {
    let numbers = Numbers::<f64>::read("readout_error", given)?;
    match (&numbers.shape[..], numbers.as_slice()) {
        ([2], &[p01, p10]) => Ok([p01, p10]),
        (shape, _) => Err(PyValueError::new_err(format!(
            "'readout_error' has shape {}; it must be two probabilities, of recording 0 as 1 and 1 as 0: use \
             (p01, p10)",
            Tuple(shape)
        ))),
    }
}

/// What the bits of a circuit become in another, as `bits` says.
pub fn bits_for(count: usize, bits: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<usize>> {
    let Some(given) = bits else { return Ok((0..count).collect()) };
    let bits = one_or_more("bits", given, count)?;
    Ok(bits.into_iter().map(bit).collect::<Result<_, _>>()?)
}

/// A number of `num_bits` bits, the first of which is the most significant: an int is the number itself, a
/// string or a sequence is its bits. `refused` makes the error that shows what was given.
pub fn basis_index(
    name: &str,
    given: &Bound<'_, PyAny>,
    num_bits: usize,
    refused: impl Fn(String) -> Error,
) -> PyResult<usize> {
    // Anything but 0 and 1 is spelled as a character that no label has.
    let spell = |&bit: &i64| match bit {
        0 => '0',
        1 => '1',
        _ => '?',
    };
    let label = match given.cast::<PyString>() {
        Ok(label) => label.to_string_lossy().into_owned(),
        Err(_) => match index(name, given) {
            Ok(number) => {
                let fits = |number: &usize| num_bits >= 63 || number >> num_bits == 0;
                let found = usize::try_from(number).ok().filter(fits);
                return Ok(found.ok_or_else(|| refused(number.to_string()))?);
            }
            Err(error) if error.is_instance_of::<PyValueError>(given.py()) => {
                return Err(refused(shown(given)?).into()); // beyond 64 bits
            }
            Err(error) if !error.is_instance_of::<PyTypeError>(given.py()) => return Err(error),
            Err(_) => whole_numbers(name, given)?.iter().map(spell).collect(),
        },
    };
    Ok(index_of(&label, num_bits).map_err(|_| refused(format!("{label:?}")))?)
}
