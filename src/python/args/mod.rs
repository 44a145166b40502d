//! Qubits, angles and options, from Python's objects.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyDict, PyDictItems, PyDictKeys, PyDictValues, PyFloat, PyFrozenSet, PyList, PyRange, PySet,
    PyString, PyTuple,
};

pub mod bits;
pub mod parameters;
pub mod random;

use super::door::{
    Access, Limit, Numbers, State, axes_of, exact_int, is_array, is_of_bools, is_plain_array,
    kind_of_numbers,
};
use super::error::{attempt, is_of_the_user, kind_of, optional, own_or, told, wrong_type};
use super::invoke::{Invoke, plain};
use super::package::{EXPRESSION, numpy};
use crate::error::{Error, Result};
use crate::exec;
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
#[pyfunction(name = "whole_number", signature = (name, given, /))]
pub fn index(name: &str, given: &Bound<'_, PyAny>) -> PyResult<i64> {
    if let Some(value) = exact_int(given) {
        return Ok(value);
    }
    if !given.is_instance_of::<PyBool>() {
        match given.whole() {
            Ok(number) => return exact_int(&number).ok_or_else(|| too_far(name, &number)),
            Err(error) if is_of_the_user(given.py(), &error) => return Err(error),
            Err(_) => {}
        }
    }
    Err(wrong_type(name, given, "a whole number", "use an int"))
}

/// For a whole number that is out of any range.
#[cold]
fn too_far(name: &str, number: &Bound<'_, PyAny>) -> PyErr {
    let shown = || -> PyResult<String> {
        let bits: usize = plain(&number.invoke_method("bit_length", ())?)?;
        Ok(if bits <= 256 { number.to_string() } else { format!("a number of {bits} bits") })
    };
    let shown = shown().unwrap_or_else(|_| "a number".to_owned());
    PyValueError::new_err(format!(
        "'{name}' is {shown}, which is out of range: numbers have up to 64 bits here; use one nearer to 0"
    ))
}

/// The argument `batch`: a number of axes.
pub fn batch_axes(given: &Bound<'_, PyAny>) -> PyResult<i64> {
    index("batch", given)
}

/// A number of threads, at least 1.
pub fn thread_count(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(exec::checked(name, index(name, given)?)?)
}

impl<'py> FromPyObject<'_, 'py> for Limit {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Limit> {
        Ok(Limit(thread_count("threads", &given)?))
    }
}

/// A str.
pub fn text<'a, 'py>(
    name: &str,
    given: &'a Bound<'py, PyAny>,
    remedy: &str,
) -> PyResult<&'a Bound<'py, PyString>> {
    given.cast().map_err(|_| wrong_type(name, given, "a str", remedy))
}

/// The letters of a Pauli string, the argument `pauli`.
pub fn letters<'a>(given: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    text("pauli", given, "use a letter I, X, Y or Z for each qubit, as \"XIZ\"")?.to_str()
}

/// An angle that is no float: whatever has a `__float__`, except a complex number, whose imaginary part
/// NumPy would drop with a warning.
fn converted(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<f64> {
    let py = given.py();
    check_radians(name, given, 3)?;
    let complex = numpy(py)?.attribute("complexfloating")?;
    if given.is_instance_of::<PyString>() || given.is_one_of(&complex)? {
        return Err(no_angle(name, given));
    }
    if is_array(given) && !"biuf".contains(&kind_of_numbers(given)?) {
        return Err(no_angle(name, given));
    }
    given.real().map_err(|error| match () {
        () if error.is_instance_of::<PyOverflowError>(py) => Error::NotFinite { argument: name }.into(),
        () if is_of_the_user(py, &error) => error,
        () => no_angle(name, given),
    })
}

/// Refuses what Python would make numbers of that are no radians: bools, and quantities in other units; also in
/// lists, and lists of those, three deep.
fn check_radians(name: &str, given: &Bound<'_, PyAny>, levels: usize) -> PyResult<()> {
    if given.is_exact_instance_of::<PyFloat>() || exact_int(given).is_some() {
        return Ok(());
    }
    if levels > 0 && (given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>()) {
        return given.iterate()?.try_for_each(|item| check_radians(name, &item?, levels - 1));
    }
    if is_plain_array(given) && !is_of_bools(given) {
        return Ok(());
    }
    // NumPy's own bool looks like an array without axes.
    let numpy_bool = || given.get_type().name().is_ok_and(|name| name == "bool" || name == "bool_");
    if given.is_instance_of::<PyBool>() || is_of_bools(given) || numpy_bool() {
        return Err(no_angle(name, given));
    }
    let unit = match optional(given, "units")? {
        None => optional(given, "unit")?,
        units => units,
    };
    let Some(unit) = unit else { return Ok(()) };
    let unit = told(&unit)?;
    match ["rad", "radian", "radians", "dimensionless", ""].contains(&&*unit) {
        true => Ok(()),
        false => Err(PyTypeError::new_err(format!(
            "'{name}' has the unit {unit}; an angle is in radians, or has no unit: use {name}.to(\"rad\")"
        ))),
    }
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

/// An array of angles in radians, of anything that `np.asarray` understands.
pub fn radians<'py>(name: &'static str, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    check_radians(name, given, 3)?;
    if given.is_one_of(EXPRESSION.get(given.py())?)? {
        return Err(no_angle(name, given));
    }
    Numbers::<f64>::array(name, given)
}

/// Angles in radians, each one number for all states of a batch or an array of them: finite real
/// numbers.
pub fn angles<'py>(
    names: &[&'static str],
    given: &[&Bound<'py, PyAny>],
) -> PyResult<Vec<Numbers<'py, f64>>> {
    // Making arrays may run other code; all are made before the first is looked at.
    let arrays = names.iter().zip(given).map(|(name, given)| radians(name, given));
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
    let py = given.py();
    let described = || -> PyResult<PyErr> {
        let is_one = || Ok::<_, PyErr>(attempt(py, given.invoke_method("__len__", ()))?.is_none());
        let remedy = match () {
            () if given.is_one_of(EXPRESSION.get(py)?)? => {
                "use a float, or a Circuit, which takes Parameters"
            }
            () if given.is_instance_of::<PyString>() => {
                "use a float, or in a circuit nk.Parameter(name)"
            }
            () if is_one()? => "use a float",
            () => {
                "use one float; several need batch= and one for each state, or in a circuit a Parameter"
            }
        };
        let shape = match optional(given, "shape")? {
            Some(shape) => format!(" of shape {}", told(&shape)?),
            None => String::new(),
        };
        Ok(PyTypeError::new_err(format!(
            "'{name}' is a {}{shape}; it must be a real number in radians: {remedy}",
            kind_of(given)
        )))
    };
    described().unwrap_or_else(|error| error)
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
#[pyfunction(name = "qubit_numbers", signature = (given, /))]
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
            Err(error) if !error.is_instance_of::<PyTypeError>(given.py()) => return Err(error),
            Err(_) => {}
        }
    }
    let remedy = match given.is_instance_of::<PyFloat>() {
        true => "use an int or a list; angles come before qubits",
        false => "use an int or a list",
    };
    let limit = ("a whole number or a sequence of these", remedy);
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

/// The bits of a sequence.
pub fn whole_numbers(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    let limit = ("a whole number, a str of 0 and 1, or a sequence of these", "use an int or a str");
    some_numbers(name, given, MAX_BITS, limit)
}

/// Whether it is a set, or a dict or a view of one: what these give first is not what somebody wrote first.
fn is_unordered(given: &Bound<'_, PyAny>) -> bool {
    given.is_instance_of::<PySet>()
        || given.is_instance_of::<PyFrozenSet>()
        || given.is_instance_of::<PyDict>()
        || given.is_instance_of::<PyDictKeys>()
        || given.is_instance_of::<PyDictValues>()
        || given.is_instance_of::<PyDictItems>()
}

fn some_numbers(
    name: &str,
    given: &Bound<'_, PyAny>,
    most: usize,
    (limit, remedy): (&str, &str),
) -> PyResult<Vec<i64>> {
    let refused = || wrong_type(name, given, limit, remedy);
    if given.is_instance_of::<PyString>() {
        return Err(wrong_type(name, given, limit, "use a list, as [0, 1]"));
    }
    if is_unordered(given) {
        let remedy = format!("use sorted({name}), or a list");
        return Err(wrong_type(name, given, "a sequence, because the order counts", &remedy));
    }
    if is_array(given) && axes_of(given) > 1 {
        let remedy = format!("use np.asarray({name}).reshape(-1)");
        return Err(wrong_type(name, given, "one row", &remedy));
    }
    let items = given.iterate().map_err(|error| own_or(given.py(), error, refused))?;
    // One more than there can be: enough to be refused, and an endless iterator ends.
    items.take(most + 1).map(|item| index(name, &item?)).collect()
}

/// The argument 'state', and the bits that the listed qubits are, or all in order. Runs no code of the user's
/// own, so that it can be looked at anew after such code has run.
pub fn state_and_bits<'a>(
    array: &'a Bound<'a, PyAny>,
    batch: i64,
    access: Access,
    listed: Option<&[i64]>,
) -> PyResult<(State<'a>, Vec<u8>)> {
    let state = State::new("state", array, batch, access)?;
    let bits = bits_of(&state.layout, listed)?;
    Ok((state, bits))
}
