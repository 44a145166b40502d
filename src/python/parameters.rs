//! Parameters of circuits, and their values.

use indexmap::IndexSet;
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyTuple};

use super::args;
use super::door::Numbers;
use super::progress::LONG;
use crate::circuit::{Action, Angle, Circuit};
use crate::error::Error;
use crate::exec;
use crate::layout::Batch;

/// The names of parameters, which also are numbered.
pub type Names = IndexSet<String>;

/// The values of parameters.
pub struct Values {
    /// All numbers given.
    numbers: Vec<f64>,
    /// For each parameter, where its numbers begin, and by which of the places states find theirs.
    columns: Vec<(usize, usize)>,
    /// Where each state of a batch finds its own.
    places: Vec<Batch>,
}

impl Values {
    /// Of no parameters.
    pub const NONE: Values = Values { numbers: Vec::new(), columns: Vec::new(), places: Vec::new() };

    /// The values of all parameters: one row, or one for each state of a batch.
    pub fn given<'py>(
        names: &Names,
        py: Python<'py>,
        params: Option<&Bound<'py, PyAny>>,
        batch: Option<&Batch>,
    ) -> PyResult<Values> {
        let listed = || names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let Some(given) = params else {
            return match names.is_empty() {
                true => Ok(Values::NONE),
                false => Err(PyValueError::new_err(format!(
                    "'params' is missing; the circuit has the parameters {}: give a value for each",
                    listed()
                ))),
            };
        };
        if let Ok(dict) = given.cast::<PyDict>() {
            let mut columns: Vec<Option<Bound<'_, PyAny>>> = vec![None; names.len()];
            // A copy, because names and values may run code that changes it.
            let parameter = py.import("numket.parameter")?.getattr("Parameter")?;
            for (key, value) in dict.copy()? {
                let name: String = match key.is_instance(&parameter)? {
                    true => key.getattr("name")?.extract()?,
                    false => key.extract().map_err(|_| {
                        PyTypeError::new_err(
                            "'params' has a key that is no parameter; use names or Parameters",
                        )
                    })?,
                };
                match names.get_index_of(&name) {
                    Some(place) if columns[place].is_some() => {
                        return Err(PyValueError::new_err(format!(
                            "'params' has two values for {name:?}: a parameter and its name are the same"
                        )));
                    }
                    Some(place) => columns[place] = Some(value),
                    None => {
                        return Err(PyKeyError::new_err(format!(
                            "'params' has a value for {name:?}, which the circuit has not; its parameters \
                             are: {}",
                            listed()
                        )));
                    }
                }
            }
            let mut values = Values::NONE;
            for (column, name) in columns.into_iter().zip(names) {
                let Some(column) = column else {
                    return Err(PyKeyError::new_err(format!(
                        "'params' has no value for {name:?}; the circuit has the parameters {}: give all",
                        listed()
                    )));
                };
                let numbers = Numbers::<f64>::read("params", &column)?;
                let spread = numbers.broadcast("params", 0, batch)?;
                values.add(numbers.as_slice(), 1, spread)?;
            }
            return Ok(values);
        }
        let numbers = Numbers::<f64>::read("params", given)?;
        if numbers.shape.last() != Some(&names.len()) {
            let shape = PyTuple::new(py, &numbers.shape)?.repr()?;
            return Err(PyValueError::new_err(format!(
                "'params' has shape {shape} for {} parameters ({}); its last axis must have one place for \
                 each: use a dict, or the order of circuit.parameters",
                names.len(),
                listed()
            )));
        }
        let spread = numbers.broadcast("params", 1, batch)?;
        let mut values = Values::NONE;
        values.add(numbers.as_slice(), names.len(), spread)?;
        Ok(values)
    }

    /// Adds the numbers of `count` parameters, which lie side by side.
    fn add(&mut self, numbers: &[f64], count: usize, places: Batch) -> PyResult<()> {
        if !numbers.iter().all(|value| value.is_finite()) {
            return Err(Error::NotFinite { argument: "params" }.into());
        }
        let first = self.numbers.len();
        self.columns.extend((0..count).map(|column| (first + column, self.places.len())));
        self.numbers.extend_from_slice(numbers);
        self.places.push(places);
        Ok(())
    }

    /// For a run that takes `nanos` for each of so many states, and `binds` to compute numbers: the threads that
    /// it is worth, and its nanoseconds in all. Numbers for all states are computed once and on one thread,
    /// others for each state.
    pub fn work(
        &self,
        nanos: f64,
        binds: f64,
        states: usize,
        limit: Option<usize>,
    ) -> PyResult<(usize, f64)> {
        let (once, to_bind) = if self.alike() { (binds, 0.0) } else { (0.0, binds) };
        let nanos = (nanos + to_bind) * states as f64;
        Ok((exec::threads_for(nanos, limit)?, once + nanos))
    }

    /// Whether all states have the same.
    pub fn alike(&self) -> bool {
        self.places.iter().all(|places| places.strides.iter().all(|&stride| stride == 0))
    }

    /// Sees to it that all angles of a circuit are finite for all states; others may run meanwhile.
    pub fn check(&self, py: Python<'_>, core: &Circuit, states: usize) -> PyResult<()> {
        let check = || {
            let rows = if self.alike() { 1 } else { states };
            (0..rows).try_for_each(|state| core.check(&self.of(state)))
        };
        let long = core.operations().len().saturating_mul(states) >= LONG;
        Ok(if long { py.detach(check) } else { check() }?)
    }

    /// The values for one state.
    pub fn of(&self, state: usize) -> Vec<f64> {
        let at = |places: &Batch| places.offsets(state..state + 1, 1).next().unwrap_or_default();
        let offsets: Vec<usize> = self.places.iter().map(|places| at(places) as usize).collect();
        self.columns.iter().map(|&(first, places)| self.numbers[first + offsets[places]]).collect()
    }
}

/// Gives the parameters of an action, which are places in `names`, their places in `parameters`.
pub fn move_parameters(action: &mut Action, names: &Names, parameters: &mut Names) {
    if let Action::If(_, action) = action {
        return move_parameters(action, names, parameters);
    }
    let angles = match action {
        Action::Gate(_, angles) => &mut angles[..],
        Action::PauliRotation(_, theta) => std::slice::from_mut(theta),
        _ => &mut [],
    };
    for (place, _) in angles.iter_mut().flat_map(|angle| &mut angle.terms) {
        *place = place_of(parameters, &names[*place]);
    }
}

/// The place of a name, which is added if it is new.
fn place_of(names: &mut Names, name: &str) -> usize {
    names.get_index_of(name).unwrap_or_else(|| names.insert_full(name.to_owned()).0)
}

/// An angle of a circuit: a number, or an expression of parameters, which get places in `names`.
pub fn angle(names: &mut Names, name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<Angle> {
    if given.is_exact_instance_of::<PyFloat>() {
        return Ok(args::angle(name, given)?.into());
    }
    let expression = given.py().import("numket.parameter")?.getattr("Expression")?;
    if !given.is_instance(&expression)? {
        return Ok(args::angle(name, given)?.into());
    }
    let offset = args::angle(name, &given.getattr("offset")?)?;
    let mut terms = Vec::new();
    for item in given.getattr("terms")?.call_method0("items")?.try_iter()? {
        let (parameter, factor): (String, f64) = item?.extract()?;
        if !factor.is_finite() {
            return Err(Error::NotFinite { argument: name }.into());
        }
        terms.push((place_of(names, &parameter), factor));
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
        terms.set_item(&names[place], factor)?;
    }
    py.import("numket.parameter")?.getattr("expression")?.call1((angle.offset, terms))
}
