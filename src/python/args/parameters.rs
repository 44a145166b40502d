//! Parameters of circuits, and their values, from Python's objects.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat};

use super::super::door::Numbers;
use super::super::error::kind_of;
use super::super::invoke::Invoke;
use super::super::package::{EXPRESSION, MAKE_EXPRESSION, PARAMETER};
use super::super::progress::LONG;
use super::{angle as number, radians};
use crate::circuit::{Angle, Circuit, Names, Values};
use crate::error::{Error, Tuple};

/// The values of all parameters: one row, or one for each state of a batch.
pub fn given<'py>(
    names: &Names,
    py: Python<'py>,
    params: Option<&Bound<'py, PyAny>>,
    batch: &[usize],
) -> PyResult<Values> {
    let Some(given) = params else {
        return match names.iter().next() {
            None => Ok(Values::NONE),
            Some(name) => Err(Error::NoValue { name: name.to_owned(), known: names.listed() }.into()),
        };
    };
    let mut values = Values::NONE;
    if let Ok(dict) = given.cast::<PyDict>() {
        let (mut keys, mut columns) = (Vec::new(), Vec::new());
        let parameter = PARAMETER.get(py)?;
        // A copy, because names and values may run code that changes it.
        for (key, column) in dict.copy()? {
            let key = if key.is_instance(parameter)? { key.attribute("name")? } else { key };
            keys.push(key.extract::<String>().map_err(|_| {
                PyTypeError::new_err(format!(
                    "'params' has a key that is a {}; keys name parameters: use a str or a Parameter",
                    kind_of(&key)
                ))
            })?);
            columns.push(column);
        }
        for place in names.places_in(&keys)? {
            let numbers = Numbers::<f64>::of_array("params", &radians("params", &columns[place])?)?;
            values.add(&numbers.rows(0, batch)?)?;
        }
        return Ok(values);
    }
    let numbers = Numbers::<f64>::of_array("params", &radians("params", given)?)?;
    if numbers.shape.last() != Some(&names.len()) {
        let shape = Tuple(&numbers.shape);
        return Err(PyValueError::new_err(match names.is_empty() {
            true => format!("'params' has shape {shape}; the circuit has no parameters: leave it out"),
            false => format!(
                "'params' has shape {shape}; the circuit has parameters ({}), in this order, and the last \
                 axis of an array is as long as the list: use {}, or a dict",
                names.listed(),
                if names.len() == 1 {
                    "one value in it".to_owned()
                } else {
                    format!("{} values in it", names.len())
                },
            ),
        }));
    }
    values.add(&numbers.rows(1, batch)?)?;
    Ok(values)
}

/// Sees to it that all angles of a circuit are finite for all states; others may run meanwhile.
pub fn check(py: Python<'_>, values: &Values, core: &Circuit, states: usize) -> PyResult<()> {
    let check = || values.check(core, states);
    let long = core.operations().len().saturating_mul(states) >= LONG;
    Ok(if long { py.detach(check) } else { check() }?)
}

/// An angle of a circuit: a number, or an expression of parameters, which get places in `names`.
pub fn angle(names: &mut Names, name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<Angle> {
    if given.is_exact_instance_of::<PyFloat>() {
        return Ok(number(name, given)?.into());
    }
    if !given.is_instance(EXPRESSION.get(given.py())?)? {
        return Ok(number(name, given)?.into());
    }
    let offset = number(name, &given.attribute("offset")?)?;
    let mut terms = Vec::new();
    for item in given.attribute("terms")?.invoke_method("items", ())?.iterate()? {
        let (parameter, factor): (String, f64) = item?.extract()?;
        if !factor.is_finite() {
            return Err(Error::NotFinite { argument: name }.into());
        }
        terms.push((names.add(&parameter), factor));
    }
    Ok(Angle { offset, terms })
}

/// As Python sees an angle.
pub fn shown<'py>(py: Python<'py>, names: &Names, angle: &Angle) -> PyResult<Bound<'py, PyAny>> {
    if angle.terms.is_empty() {
        return Ok(PyFloat::new(py, angle.offset).into_any());
    }
    let terms = PyDict::new(py);
    for &(place, factor) in &angle.terms {
        terms.set_item(names.name(place), factor)?;
    }
    MAKE_EXPRESSION.get(py)?.invoke((angle.offset, terms))
}
