//! Parameters of circuits, and their values, from Python's objects.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyTuple};

use super::super::door::Numbers;
use super::super::error::kind_of;
use super::super::invoke::{Invoke, plain};
use super::super::package::{EXPRESSION, MAKE_EXPRESSION, PARAMETER, numpy};
use super::super::progress::LONG;
use super::{angle as number, radians};
use crate::circuit::{Angle, Circuit, Names, Values};
use crate::error::{Error, Tuple};
use crate::layout::Rows;

/// Values of parameters as they were given, read and not yet shared out to states.
pub struct Given<'py> {
    columns: Vec<Column<'py>>,
    /// How many axes of a column are parameters: none where there is a column for each, or the last.
    core: usize,
}

enum Column<'py> {
    /// The same for all states.
    Number(f64),
    Array(Numbers<'py, f64>),
}

impl<'py> Column<'py> {
    fn of(given: &Bound<'py, PyAny>) -> PyResult<Column<'py>> {
        Ok(match given.cast_exact::<PyFloat>() {
            Ok(number) => Column::Number(number.value()),
            Err(_) => Column::Array(Numbers::of_array("params", &radians("params", given)?)?),
        })
    }
}

impl<'py> Given<'py> {
    /// Reads the values of all parameters: one row of them, or a column for each. This may run Python code.
    pub fn of(
        names: &Names,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Given<'py>> {
        let Some(given) = params else {
            return match names.iter().next() {
                None => Ok(Given { columns: Vec::new(), core: 0 }),
                Some(name) => {
                    Err(Error::NoValue { name: name.to_owned(), known: names.listed() }.into())
                }
            };
        };
        if let Ok(dict) = given.cast::<PyDict>() {
            let (mut keys, mut columns) = (Vec::new(), Vec::new());
            let parameter = PARAMETER.get(py)?;
            // A copy, because names and values may run code that changes it.
            for (key, column) in dict.copy()? {
                let key = if key.is_one_of(parameter)? { key.attribute("name")? } else { key };
                keys.push(plain::<String>(&key).map_err(|_| {
                    PyTypeError::new_err(format!(
                        "'params' has a key that is a {}; keys name parameters: use a str or a Parameter",
                        kind_of(&key)
                    ))
                })?);
                columns.push(column);
            }
            let places = names.places_in(&keys)?;
            let columns = places.into_iter().map(|place| Column::of(&columns[place]));
            return Ok(Given { columns: columns.collect::<PyResult<_>>()?, core: 0 });
        }
        let row = Numbers::<f64>::of_array("params", &radians("params", given)?)?;
        if row.shape.last() != Some(&names.len()) {
            let shape = Tuple(&row.shape);
            return Err(PyValueError::new_err(match names.is_empty() {
                true => {
                    format!("'params' has shape {shape}; the circuit has no parameters: leave it out")
                }
                false => format!(
                    "'params' has shape {shape}; the circuit has parameters ({}), in this order, and the \
                     last axis of an array is as long as the list: use {}, or a dict",
                    names.listed(),
                    if names.len() == 1 {
                        "one value in it".to_owned()
                    } else {
                        format!("{} values in it", names.len())
                    },
                ),
            }));
        }
        Ok(Given { columns: vec![Column::Array(row)], core: 1 })
    }

    /// The shape of the batch that they tell together, by NumPy's rules.
    pub fn batch(&self, py: Python<'py>) -> PyResult<Vec<usize>> {
        let shapes = self.columns.iter().filter_map(|column| match column {
            Column::Number(_) => None,
            Column::Array(numbers) => Some(&numbers.shape[..numbers.shape.len() - self.core]),
        });
        let shapes: Vec<&[usize]> = shapes.filter(|shape| !shape.is_empty()).collect();
        if shapes.len() <= 1 {
            return Ok(shapes.concat());
        }
        let shapes = shapes.into_iter().map(|shape| PyTuple::new(py, shape));
        let shapes = PyTuple::new(py, shapes.collect::<PyResult<Vec<_>>>()?)?;
        plain(&numpy(py)?.attribute("broadcast_shapes")?.invoke(shapes)?)
    }

    /// For one row of values with more axes than that, as those of an `np.matrix`, where there is one state.
    fn not_a_row(&self, shape: &[usize], batch: &[usize]) -> Option<PyErr> {
        let is_row =
            self.core == 1 && batch.is_empty() && shape[..shape.len() - 1].iter().all(|&len| len == 1);
        is_row.then(|| {
            PyValueError::new_err(format!(
                "'params' has shape {} for one state, whose values are one row: use \
                 np.asarray(params).reshape(-1)",
                Tuple(shape)
            ))
        })
    }

    /// The values for the states of a batch: one row, or one for each, for all of which all angles of the circuit are
    /// finite. Arrays are looked at anew, and no Python code is run, though others may run meanwhile.
    pub fn values(&self, py: Python<'_>, circuit: &Circuit, batch: &[usize]) -> PyResult<Values> {
        let mut values = Values::NONE;
        let number = |column: &Column<'_>| match column {
            Column::Number(number) => Some(*number),
            Column::Array(_) => None,
        };
        if let Some(row) = self.columns.iter().map(number).collect::<Option<Vec<_>>>() {
            values.add(&Rows::one(&row))?;
        } else {
            for column in &self.columns {
                match column {
                    Column::Number(number) => values.add(&Rows::one(&[*number]))?,
                    Column::Array(numbers) => {
                        let numbers = numbers.again("params")?;
                        values.add(&numbers.rows(self.core, batch).map_err(|error| {
                            self.not_a_row(&numbers.shape, batch).unwrap_or_else(|| error.into())
                        })?)?;
                    }
                }
            }
        }
        let states = batch.iter().product();
        let check = || values.check(circuit, states);
        let long = circuit.operations().len().saturating_mul(states) >= LONG;
        if long { py.detach(check) } else { check() }?;
        Ok(values)
    }
}

/// An angle of a circuit: a number, or an expression of parameters, which get places in `names`.
pub fn angle(names: &mut Names, name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<Angle> {
    if given.is_exact_instance_of::<PyFloat>() {
        return Ok(number(name, given)?.into());
    }
    if !given.is_one_of(EXPRESSION.get(given.py())?)? {
        return Ok(number(name, given)?.into());
    }
    let offset = number(name, &given.attribute("offset")?)?;
    let mut terms = Vec::new();
    for item in given.attribute("terms")?.invoke_method("items", ())?.iterate()? {
        let (parameter, factor): (String, Bound<'_, PyAny>) = plain(&item?)?;
        let factor = factor.real()?;
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
