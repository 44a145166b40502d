//! What the door says to arrays that it refuses: argument, fact, limit, and remedy.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::super::error::{attempt, kind_of, told};
use super::super::invoke::{Invoke, plain};
use super::header::is_array;
use super::numbers::kind_of_numbers;

/// What gives the numbers that an object of another library stands for, found by the name of its module: nothing
/// is imported.
#[cold]
pub fn in_numbers(name: &str, given: &Bound<'_, PyAny>) -> Option<String> {
    let module: String = plain(&given.get_type().attribute("__module__").ok()?).ok()?;
    let is_of = |library: &str| {
        module.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match () {
        () if is_of("scipy.sparse") => Some(format!("{name}.toarray()")),
        () if is_of("qutip") => Some(format!("{name}.full()")),
        () if is_of("qiskit.quantum_info") => Some(format!("{name}.data")),
        () if is_of("cirq.ops.linear_combinations") && name != "state" => {
            Some(format!("{name}.matrix()"))
        }
        () if is_of("cirq") && name != "state" => Some(format!("cirq.unitary({name})")),
        () => None,
    }
}

/// For what is no array.
#[cold]
pub fn not_an_array(name: &str, given: &Bound<'_, PyAny>) -> PyErr {
    if given.is_none() && name == "state" {
        return PyTypeError::new_err(
            "'state' is None; gates change a state in place and return None: write nk.h(state, 0), not \
             state = nk.h(state, 0)",
        );
    }
    let kind = kind_of(given);
    let listed = given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>();
    let remedy = match in_numbers(name, given) {
        Some(numbers) if name == "state" => format!("use {numbers}.astype(np.complex128).reshape(-1)"),
        Some(numbers) => format!("use {numbers}"),
        None if listed && name == "out" => "use np.empty(size, dtype=np.float64)".to_owned(),
        None if listed => format!("use np.array({name}, dtype=np.complex128)"),
        None => "give one here, as nk.zero_state(n) makes".to_owned(),
    };
    PyTypeError::new_err(format!(
        "'{name}' is a {kind}; numket works in place on a numpy.ndarray: {remedy}"
    ))
}

/// The dtypes that a call takes, which may work on real states or not.
pub fn accepted(reals: bool) -> &'static str {
    match reals {
        true => "complex128 or complex64 (float64 or float32 where all is real)",
        false => "complex128 or complex64",
    }
}

/// For numbers of another kind: `array` is what NumPy made of the argument.
#[cold]
pub fn wrong_dtype(
    name: &str,
    given: &Bound<'_, PyAny>,
    array: &Bound<'_, PyAny>,
    accepted: &str,
    dtype: &str,
) -> PyErr {
    let refused = || -> PyResult<PyErr> {
        let found = told(&array.attribute("dtype")?)?;
        let kind = kind_of_numbers(array)?;
        let size: usize = plain(&array.attribute("size")?)?;
        // What NumPy cannot convert, no remedy may ask it to.
        let converts = || -> PyResult<bool> {
            Ok(match kind.as_str() {
                "c" => dtype.starts_with("complex"),
                "b" | "i" | "u" | "f" => true,
                _ => {
                    let made = || attempt(array.py(), array.invoke_method("astype", (dtype,)));
                    size <= 1 << 16 && made()?.is_some()
                }
            })
        };
        let remedy = match in_numbers(name, given) {
            Some(numbers) => format!("use {numbers}"),
            None if kind == "c" && dtype == "float64" => {
                format!("use np.real({name}) where it is real")
            }
            None if given.is_none() || !converts()? => "give numbers".to_owned(),
            None if is_array(given) => format!("use {name}.astype(np.{dtype})"),
            None => format!("use np.array({name}, dtype=np.{dtype})"),
        };
        Ok(PyTypeError::new_err(format!(
            "'{name}' has dtype {found}; numket works on {accepted} in native byte order: {remedy}"
        )))
    };
    refused().unwrap_or_else(|error| error)
}

/// For an array that must not be written to.
#[cold]
pub fn read_only(name: &str) -> PyErr {
    PyValueError::new_err(format!(
        "'{name}' is read-only; numket works in place: use a writeable array, for instance {name}.copy()"
    ))
}

/// For amplitudes that do not lie where the CPU can take them.
#[cold]
pub fn misaligned(name: &str) -> PyErr {
    PyValueError::new_err(format!(
        "'{name}' is misaligned: its address or a stride is no multiple of what its dtype needs; \
         numket works on aligned amplitudes: use np.require({name}, requirements=[\"A\", \"W\"])"
    ))
}
