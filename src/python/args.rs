//! Qubits, angles and options, from Python's objects.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

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
    if given.is_exact_instance_of::<PyInt>() || !given.is_instance_of::<PyBool>() {
        if let Ok(value) = given.extract::<i64>() {
            return Ok(value);
        }
        // Beyond 64 bits is still a whole number, only out of any range.
        if given.is_instance_of::<PyInt>() {
            return Ok(if given.lt(0)? { i64::MIN } else { i64::MAX });
        }
    }
    Err(wrong_type(name, given, "a whole number", "use an int"))
}

/// An angle in radians: a finite real number.
#[inline]
pub fn angle(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<f64> {
    let value = match given.cast_exact::<PyFloat>() {
        Ok(float) => float.value(),
        Err(_) if given.is_instance_of::<PyString>() => return Err(no_angle(name, given)),
        Err(_) => given.extract::<f64>().map_err(|_| no_angle(name, given))?,
    };
    if value.is_finite() { Ok(value) } else { Err(Error::NotFinite { argument: name }.into()) }
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

/// Targets and controls, being collected and checked.
pub struct Place {
    bits: [usize; MAX_BITS],
    targets: usize,
    seen: u64,
    controls: u64,
    values: u64,
}

impl Place {
    /// No qubits yet.
    #[inline]
    pub fn new() -> Place {
        Place { bits: [0; MAX_BITS], targets: 0, seen: 0, controls: 0, values: 0 }
    }

    /// The checked place.
    #[inline]
    pub fn site(&self) -> Site<'_> {
        Site { targets: self.targets(), controls: self.controls, values: self.values }
    }

    /// The target bits.
    #[inline]
    pub fn targets(&self) -> &[usize] {
        &self.bits[..self.targets]
    }

    #[inline]
    fn fresh_bit(&mut self, name: &str, layout: &Layout, given: &Bound<'_, PyAny>) -> PyResult<usize> {
        let qubit = index(name, given)?;
        let bit = layout.bit_of(qubit)?;
        if self.seen >> bit & 1 == 1 {
            return Err(Error::RepeatedQubit { qubit: qubit as usize }.into());
        }
        self.seen |= 1 << bit;
        Ok(bit)
    }

    /// One more target.
    #[inline]
    pub fn target(&mut self, name: &str, layout: &Layout, given: &Bound<'_, PyAny>) -> PyResult<()> {
        self.bits[self.targets] = self.fresh_bit(name, layout, given)?;
        self.targets += 1;
        Ok(())
    }

    /// All targets of a sequence, or the one qubit that `given` is.
    pub fn all_targets(&mut self, layout: &Layout, given: &Bound<'_, PyAny>) -> PyResult<()> {
        if index("qubits", given).is_ok() {
            return self.target("qubits", layout, given);
        }
        for qubit in sequence("qubits", given)? {
            self.target("qubits", layout, &qubit?)?;
        }
        Ok(())
    }

    /// One more control.
    #[inline]
    pub fn control(&mut self, name: &str, layout: &Layout, given: &Bound<'_, PyAny>, value: bool) -> PyResult<()> {
        let bit = self.fresh_bit(name, layout, given)?;
        self.controls |= 1 << bit;
        self.values |= u64::from(value) << bit;
        Ok(())
    }

    /// The controls that the options add.
    #[inline]
    pub fn options(&mut self, layout: &Layout, options: &Options<'_, '_>) -> PyResult<()> {
        if options.controls.is_none() && options.control_values.is_none() {
            return Ok(());
        }
        let list = |name, given: Option<&Bound<'_, PyAny>>| -> PyResult<Option<Vec<Py<PyAny>>>> {
            let Some(given) = given else { return Ok(None) };
            let items = sequence(name, given)?.map(|item| item.map(Bound::unbind));
            items.collect::<PyResult<_>>().map(Some)
        };
        let controls = list("controls", options.controls)?.unwrap_or_default();
        let values = list("control_values", options.control_values)?;
        if let Some(values) = &values
            && values.len() != controls.len()
        {
            return Err(Error::ControlValues { controls: controls.len(), values: values.len() }.into());
        }
        for (i, control) in controls.iter().enumerate() {
            let py = options.controls.or(options.control_values).map(|given| given.py());
            let Some(py) = py else { break };
            let value = match &values {
                None => 1,
                Some(values) => {
                    let given = values[i].bind(py);
                    let truth = given.cast_exact::<PyBool>().map(|truth| i64::from(truth.is_true()));
                    truth.or_else(|_| index("control_values", given))?
                }
            };
            if value != 0 && value != 1 {
                return Err(Error::ControlValue { value }.into());
            }
            self.control("controls", layout, control.bind(py), value == 1)?;
        }
        Ok(())
    }
}

/// The items of a sequence that is no string.
pub fn sequence<'py>(
    name: &str,
    given: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, pyo3::types::PyIterator>> {
    let refused = || wrong_type(name, given, "a sequence of ints", "use a tuple or a list");
    if given.is_instance_of::<PyString>() {
        return Err(refused());
    }
    given.try_iter().map_err(|_| refused())
}
