//! Qubits, angles and options, from Python's objects.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use super::door::{Access, Numbers, State, exact_int, is_array};
use crate::error::{Error, Result};
use crate::exec;
use crate::kernels::Site;
use crate::layout::{Layout, MAX_BITS};

/// The options that every function takes.
#[derive(Clone, Copy)]
pub struct Options<'a, 'py> {
    pub controls: Option<&'a Bound<'py, PyAny>>,
    pub control_values: Option<&'a Bound<'py, PyAny>>,
    pub batch: i64,
    pub threads: Option<i64>,
}

impl Options<'_, '_> {
    /// The caller's own limit on threads.
    pub fn threads(&self) -> Result<Option<usize>> {
        self.threads.map(exec::checked).transpose()
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
fn is_of_the_user(py: Python<'_>, error: &PyErr) -> bool {
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
    let mut angles = Vec::with_capacity(arrays.len());
    for (&name, array) in names.iter().zip(&arrays) {
        let numbers = Numbers::<f64>::of_array(name, array)?;
        if !numbers.as_slice().iter().all(|angle| angle.is_finite()) {
            return Err(Error::NotFinite { argument: name }.into());
        }
        angles.push(numbers);
    }
    Ok(angles)
}

#[cold]
fn no_angle(name: &str, given: &Bound<'_, PyAny>) -> PyErr {
    wrong_type(name, given, "a real number in radians", "use a float")
}

#[cold]
fn wrong_type(name: &str, given: &Bound<'_, PyAny>, limit: &str, remedy: &str) -> PyErr {
    let kind = given.get_type();
    let kind = kind.name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("'{name}' is a {kind}; it must be {limit}: {remedy}"))
}

/// Further controls, as `controls` and `control_values` give them: qubit and value.
pub fn controls(options: &Options<'_, '_>) -> PyResult<Vec<(i64, bool)>> {
    let list = |name, given: Option<&Bound<'_, PyAny>>| given.map(|given| whole_numbers(name, given));
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
    match index("qubits", given) {
        Ok(qubit) => Ok((Some(vec![qubit]), true)),
        Err(error) if is_of_the_user(given.py(), &error) => Err(error),
        Err(_) => Ok((Some(whole_numbers("qubits", given)?), false)),
    }
}

/// The whole numbers of a sequence, or the one that `given` is: no more of them than one above `most`.
pub fn one_or_more(name: &str, given: &Bound<'_, PyAny>, most: usize) -> PyResult<Vec<i64>> {
    match index(name, given) {
        Ok(number) => Ok(vec![number]),
        Err(error) if is_of_the_user(given.py(), &error) => Err(error),
        Err(_) => some_numbers(name, given, most),
    }
}

/// Targets and controls on the bits of one state.
//
// Filled where it stands: handing up a Result of it costs as much as the checks.
pub struct Place {
    targets: [u8; MAX_BITS],
    num_targets: usize,
    seen: u64,
    controls: u64,
    values: u64,
}

impl Place {
    /// No targets and no controls.
    #[inline(always)]
    pub fn new() -> Place {
        Place { targets: [0; MAX_BITS], num_targets: 0, seen: 0, controls: 0, values: 0 }
    }

    /// Checks that all qubits exist and are distinct. The gate's own controls must be 1.
    #[inline(always)]
    pub fn fill(
        &mut self,
        layout: &Layout,
        own_controls: &[i64],
        controls: &[(i64, bool)],
        targets: &[i64],
    ) -> Result<()> {
        for &qubit in own_controls {
            let bit = self.fresh_bit(layout, qubit)?;
            self.controls |= 1 << bit;
            self.values |= 1 << bit;
        }
        for &(qubit, value) in controls {
            let bit = self.fresh_bit(layout, qubit)?;
            self.controls |= 1 << bit;
            self.values |= u64::from(value) << bit;
        }
        for &qubit in targets {
            let bit = self.fresh_bit(layout, qubit)?;
            self.targets[self.num_targets] = bit as u8;
            self.num_targets += 1;
        }
        Ok(())
    }

    #[inline(always)]
    fn fresh_bit(&mut self, layout: &Layout, qubit: i64) -> Result<usize> {
        let bit = layout.bit_of(qubit)?;
        if self.seen >> bit & 1 == 1 {
            return Err(Error::RepeatedQubit { qubit: qubit as usize });
        }
        self.seen |= 1 << bit;
        Ok(bit)
    }

    /// The checked place.
    #[inline]
    pub fn site(&self) -> Site<'_> {
        Site { targets: self.targets(), controls: self.controls, values: self.values }
    }

    /// The target bits.
    #[inline]
    pub fn targets(&self) -> &[u8] {
        &self.targets[..self.num_targets]
    }
}

/// The bits of some distinct qubits, in the order listed; of all qubits in order where none are listed.
pub fn bits_of(layout: &Layout, qubits: Option<&[i64]>) -> Result<Vec<u8>> {
    let Some(qubits) = qubits else { return Ok(layout.qubit_bits().map(|bit| bit as u8).collect()) };
    let mut place = Place::new();
    place.fill(layout, &[], &[], qubits)?;
    Ok(place.targets().to_vec())
}

/// The whole numbers of a sequence.
pub fn whole_numbers(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    some_numbers(name, given, MAX_BITS)
}

fn some_numbers(name: &str, given: &Bound<'_, PyAny>, most: usize) -> PyResult<Vec<i64>> {
    let refused = || wrong_type(name, given, "a sequence of ints", "use a tuple or a list");
    if given.is_instance_of::<PyString>() {
        return Err(refused());
    }
    let items = given.try_iter().map_err(|error| match is_of_the_user(given.py(), &error) {
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
