//! Qubits, angles and options, from Python's objects.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyRange, PyString, PyTuple};

pub mod bits;
pub mod parameters;
pub mod random;

use super::door::{Access, Limit, Numbers, State, exact_int, is_array};
use super::error::wrong_type;
use super::invoke::Invoke;
use crate::error::{Error, Result};
use crate::kernels::OwnedSite;
use crate::layout::{Layout, MAX_BITS};

/// The options that every function takes.
#[derive(Clone, Copy)]
pub struct Options<'a, 'py> {
    pub controls: Option<&'a Bound<'py, PyAny>>,
    pub control_values: Option<&'a Bound<'py, PyAny>>,
    pub batch: i64,
    pub threads: Option<Limit>,
}

impl Options<'_, '_> {
    /// The caller's own limit on threads.
    pub fn limit(&self) -> Option<usize> {
        self.threads.map(|limit| limit.0)
    }
}

/// A whole number: anything with `__index__` except a bool.
#[inline]
pub fn index(name: &str, given: &Bound<'_, PyAny>) -> PyResult<i64> {
    if let Some(value) = exact_int(given) {
        return Ok(value);
    }
    if !given.is_instance_of::<PyBool>() {
        match given.extract::<i64>() {
            Ok(value) => return Ok(value),
            Err(error) if is_of_the_user(given.py(), &error) => return Err(error),
            Err(_) => {}
        }
        // Beyond 64 bits is still a whole number, only out of any range.
        if given.is_instance_of::<PyInt>() {
            return Ok(if given.lt(0)? { i64::MIN } else { i64::MAX });
        }
    }
    Err(wrong_type(name, given, "a whole number", "use an int"))
}

/// Whether a conversion failed for a reason of the user's own, which is theirs to see.
#[cold]
pub fn is_of_the_user(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyTypeError>(py)
        && !error.is_instance_of::<PyValueError>(py)
        && !error.is_instance_of::<PyOverflowError>(py)
}

/// An angle that is no float: whatever has a `__float__`, except a complex number, whose imaginary part
/// NumPy would drop with a warning.
fn converted(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<f64> {
    let py = given.py();
    let complex = py.import("numpy")?.getattr("complexfloating")?;
    if given.is_instance_of::<PyString>() || given.is_instance(&complex)? {
        return Err(no_angle(name, given));
    }
    if is_array(given)
        && !"biuf".contains(&given.getattr("dtype")?.getattr("kind")?.extract::<String>()?)
    {
        return Err(no_angle(name, given));
    }
    given.extract::<f64>().map_err(|error| match () {
        () if error.is_instance_of::<PyOverflowError>(py) => Error::NotFinite { argument: name }.into(),
        () if is_of_the_user(py, &error) => error,
        () => no_angle(name, given),
    })
}

/// An angle in radians: a finite real number.
#[inline]
pub fn angle(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<f64> {
    let value = match given.cast::<PyFloat>() {
        Ok(float) => float.value(),
        Err(_) => converted(name, given)?,
    };
    if value.is_finite() { Ok(value) } else { Err(Error::NotFinite { argument: name }.into()) }
}

/// Angles in radians, each one number for all states of a batch or an array of them: finite real
/// numbers.
pub fn angles<'py>(
    names: &[&'static str],
    given: &[&Bound<'py, PyAny>],
) -> PyResult<Vec<Numbers<'py, f64>>> {
    // Making arrays may run other code; all are made before the first is looked at.
    let arrays = names.iter().zip(given).map(|(name, given)| Numbers::<f64>::array(name, given));
    let arrays = arrays.collect::<PyResult<Vec<_>>>()?;
    let read = |(&name, array)| {
        let numbers = Numbers::<f64>::of_array(name, array)?;
        numbers.check_finite()?;
        Ok(numbers)
    };
    names.iter().zip(&arrays).map(read).collect()
}

/// Angles for one state: each is one number, whatever it is wrapped in.
pub fn single_angles<'py>(
    names: &[&'static str],
    given: &[&Bound<'py, PyAny>],
) -> PyResult<Vec<Numbers<'py, f64>>> {
    let number = |(name, given): (&&'static str, &&Bound<'py, PyAny>)| {
        Ok(PyFloat::new(given.py(), angle(name, given)?).into_any())
    };
    let numbers = names.iter().zip(given).map(number).collect::<PyResult<Vec<_>>>()?;
    angles(names, &numbers.iter().collect::<Vec<_>>())
}

#[cold]
fn no_angle(name: &str, given: &Bound<'_, PyAny>) -> PyErr {
    wrong_type(name, given, "a real number in radians", "use a float")
}

/// Further controls, as `controls` and `control_values` give them: qubit and value.
pub fn controls(options: &Options<'_, '_>) -> PyResult<Vec<(i64, bool)>> {
    if options.controls.is_none() && options.control_values.is_none() {
        return Ok(Vec::new());
    }
    let list =
        |name, given: Option<&Bound<'_, PyAny>>| given.map(|given| one_or_more(name, given, MAX_BITS));
    let controls = list("controls", options.controls).transpose()?.unwrap_or_default();
    let values = list("control_values", options.control_values).transpose()?;
    let values = values.unwrap_or_else(|| vec![1; controls.len()]);
    if values.len() != controls.len() {
        return Err(Error::ControlValues { controls: controls.len(), values: values.len() }.into());
    }
    let pair = |(qubit, value)| match value {
        0 | 1 => Ok((qubit, value == 1)),
        _ => Err(Error::ControlValue { value }.into()),
    };
    controls.into_iter().zip(values).map(pair).collect()
}

/// The qubits of a sequence, or the one that `given` is.
pub fn qubits(given: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    one_or_more("qubits", given, MAX_BITS)
}

/// The qubits whose outcomes are asked for, none for all, and whether `given` is one alone.
pub fn outcome_qubits(given: Option<&Bound<'_, PyAny>>) -> PyResult<(Option<Vec<i64>>, bool)> {
    let Some(given) = given else { return Ok((None, false)) };
    Ok(match ints("qubits", given, MAX_BITS)? {
        Ints::One(qubit) => (Some(vec![qubit]), true),
        Ints::Several(qubits) => (Some(qubits), false),
    })
}

/// One whole number, or several.
pub enum Ints {
    One(i64),
    Several(Vec<i64>),
}

/// A whole number or those of a sequence: no more of them than one above `most`.
pub fn ints(name: &str, given: &Bound<'_, PyAny>, most: usize) -> PyResult<Ints> {
    if let Some(number) = exact_int(given) {
        return Ok(Ints::One(number));
    }
    // What is often given is not asked first whether it is a number.
    let is_sequence = given.is_exact_instance_of::<PyTuple>()
        || given.is_exact_instance_of::<PyList>()
        || given.is_exact_instance_of::<PyRange>();
    if !is_sequence {
        match index(name, given) {
            Ok(number) => return Ok(Ints::One(number)),
            Err(error) if is_of_the_user(given.py(), &error) => return Err(error),
            Err(_) => {}
        }
    }
    let limit = ("a whole number or a sequence of these", "use an int or a list");
    some_numbers(name, given, most, limit).map(Ints::Several)
}

/// The whole numbers of a sequence, or the one that `given` is: no more of them than one above `most`.
pub fn one_or_more(name: &str, given: &Bound<'_, PyAny>, most: usize) -> PyResult<Vec<i64>> {
    Ok(match ints(name, given, most)? {
        Ints::One(number) => vec![number],
        Ints::Several(numbers) => numbers,
    })
}

/// The bits of some distinct qubits, in the order listed; of all qubits in order where none are listed.
pub fn bits_of(layout: &Layout, qubits: Option<&[i64]>) -> Result<Vec<u8>> {
    let Some(qubits) = qubits else { return Ok(layout.qubit_bits().map(|bit| bit as u8).collect()) };
    let mut site = OwnedSite::new();
    site.fill(layout, &[], &[], qubits)?;
    Ok(site.targets().to_vec())
}

/// The whole numbers of a sequence.
pub fn whole_numbers(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    some_numbers(name, given, MAX_BITS, ("a sequence of ints", "use a tuple or a list"))
}

fn some_numbers(
    name: &str,
    given: &Bound<'_, PyAny>,
    most: usize,
    (limit, remedy): (&str, &str),
) -> PyResult<Vec<i64>> {
    let refused = || wrong_type(name, given, limit, remedy);
    if given.is_instance_of::<PyString>() {
        return Err(refused());
    }
    let items = given.iterate().map_err(|error| match is_of_the_user(given.py(), &error) {
        true => error,
        false => refused(),
    })?;
    // One more than there can be: enough to be refused, and an endless iterator ends.
    items.take(most + 1).map(|item| index(name, &item?)).collect()
}

/// The argument 'state', and the bits that the listed qubits are, or all in order. Runs no code of the user's
/// own, so that it can be looked at anew after such code has run.
pub fn state_and_bits(
    array: &Bound<'_, PyAny>,
    batch: i64,
    access: Access,
    listed: Option<&[i64]>,
) -> PyResult<(State, Vec<u8>)> {
    let state = State::new("state", array, batch, access)?;
    let bits = bits_of(&state.layout, listed)?;
    Ok((state, bits))
}
