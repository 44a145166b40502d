//! From causes to Python's exceptions: one match, and one sentence about types.

use std::borrow::Cow;

use pyo3::exceptions::{
    PyAttributeError, PyBaseException, PyException, PyKeyError, PyMemoryError, PyOverflowError,
    PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::invoke::Invoke;
use crate::error::{Error, shortened, shortened_to};

pyo3::create_exception!(
    numket,
    BufferInUseError,
    PyRuntimeError,
    "An array overlaps memory that another numket call is working on.\n\n\
     Raised before anything is written. Wait for the other call, or give each thread an array of its own."
);

pyo3::create_exception!(
    numket,
    ParameterError,
    PyKeyError,
    "Values of a circuit's parameters have other names than the parameters.\n\n\
     Raised before anything is written. Give a value for each of `circuit.parameters`, and no others."
);

/// Has a [`ParameterError`] print as it reads: a `KeyError` prints the `repr` of its text.
pub fn prepare(py: Python<'_>) -> PyResult<()> {
    let plain = py.get_type::<PyBaseException>().attribute("__str__")?;
    #[expect(clippy::disallowed_methods, reason = "of a type of ours")]
    py.get_type::<ParameterError>().setattr("__str__", plain)
}

impl From<Error> for PyErr {
    fn from(error: Error) -> PyErr {
        let message = format!("{error}{}", remedy(&error));
        match error {
            Error::NotRealOperator { .. } => PyTypeError::new_err(message),
            Error::InUse => BufferInUseError::new_err(message),
            Error::Memory { .. } | Error::Results { .. } => PyMemoryError::new_err(message),
            Error::UnknownParameter { .. } | Error::NoValue { .. } => ParameterError::new_err(message),
            Error::NotConverged { .. } => PyRuntimeError::new_err(message),
            // What was given cannot be: all other causes.
            _ => PyValueError::new_err(message),
        }
    }
}

/// What a user of Python may write, to be added to the remedy in words of any language.
fn remedy(error: &Error) -> String {
    let text = match error {
        Error::Shape { argument, shape, batch } => {
            return format!("; use {}", shape_remedy(argument, shape, *batch));
        }
        Error::OperatorSize { argument, shape, qubits } => {
            return operator_remedy(argument, shape, *qubits).unwrap_or_default();
        }
        Error::QubitRange { num_qubits: 0, .. } => {
            ", one of shape (2**n,) with n > 0 after the axes that count states"
        }
        Error::NotRealOperator { .. } => ", as state.astype(complex)",
        Error::NotHermitian { .. } => ", in NumPy (m + m.conj().T) / 2",
        Error::NoNorm => ", as by nk.zero_state or nk.normalize",
        Error::Impossible { .. } => ", one of the nonzero entries of nk.probabilities",
        Error::FrozenAxes => ", by np.squeeze(np.asarray(state))",
        Error::FrozenAxis { .. } => ", or use np.squeeze(np.asarray(state))",
        Error::NotAPermutation { .. } => ": check with np.sort(permutation)",
        Error::Memory { .. } => ", dtype=np.complex64",
        _ => "",
    };
    text.to_owned()
}

/// What shape an operator on so many qubits has, and what gives it to an array with as many entries.
fn operator_remedy(argument: &str, shape: &[usize], qubits: usize) -> Option<String> {
    let size: usize = shape.iter().product();
    let row = 1usize.checked_shl(qubits as u32)?;
    let square = row.checked_mul(row)?;
    let (wanted, given) = match argument {
        "matrix" => (format!("({row}, {row})"), (size == square).then(|| format!("({row}, {row})"))),
        "operators" => (
            format!("(m, {row}, {row})"),
            (size > 0 && size.is_multiple_of(square))
                .then(|| format!("({}, {row}, {row})", size / square)),
        ),
        "observable" if size == square => (String::new(), Some(format!("({row}, {row})"))),
        "observable" => (format!("({row}, {row}) or ({row},)"), (size == row).then(|| "-1".to_owned())),
        _ => (format!("({row},)"), (size == row).then(|| "-1".to_owned())),
    };
    Some(match given {
        // An np.matrix stays one, with its two axes, until it is an array.
        Some(shape) => format!(", or use np.asarray({argument}).reshape({shape})"),
        None => format!(", or give it the shape {wanted}"),
    })
}

/// What makes a state, or some states, of an array of this shape after its batch axes. Cutting axes into pieces
/// never needs a copy, whatever the strides are; joining them may.
fn shape_remedy(argument: &str, shape: &[usize], batch: usize) -> String {
    let is_state = |shape: &[usize]| match *shape {
        [len] => len.is_power_of_two() && len > 1,
        _ => shape.iter().all(|&len| len == 1 || len == 2) && shape.contains(&2),
    };
    let counted = (1..shape.len()).find(|&axes| is_state(&shape[axes..])).map(|axes| batch + axes);
    let cut = shape.len() > 1 && shape.iter().all(|len| len.is_power_of_two());
    let n: u32 = shape.iter().map(|len| len.trailing_zeros()).sum();
    let counts = if batch > 0 { format!("{argument}.shape[:{batch}] + ") } else { String::new() };
    let cut = cut.then(|| format!("np.asarray({argument}).reshape({counts}(2,) * {n})"));
    match (cut, counted, shape) {
        (Some(cut), Some(axes), _) => {
            format!("{cut} for one state, or batch={axes} for one in each row")
        }
        (Some(cut), None, _) => cut,
        (None, Some(axes), _) => format!("batch={axes}, where the leading axes count states"),
        (None, None, &[len]) if len > 0 => format!("{} amplitudes", len.next_power_of_two()),
        (None, None, _) => "2**n amplitudes for each state".to_owned(),
    }
}

/// What type an object has, by name.
pub fn kind_of(given: &Bound<'_, PyAny>) -> String {
    let name = given.get_type().name();
    name.map_or_else(|_| "object".to_owned(), |name| shortened(&name.to_string_lossy()).into_owned())
}

/// What `repr` says of an object, as messages quote it: short, or its type instead.
#[pyfunction(signature = (given, /))]
pub fn shown(given: &Bound<'_, PyAny>) -> PyResult<String> {
    quoted(given, given.represented(), shortened)
}

/// The same of what `str` says.
pub fn told(given: &Bound<'_, PyAny>) -> PyResult<String> {
    quoted(given, given.spelled(), shortened)
}

/// The same of the text of an error, which is longer.
pub fn fact(error: &Bound<'_, PyAny>) -> PyResult<String> {
    quoted(error, error.spelled(), |text| shortened_to(text, 400))
}

fn quoted(
    given: &Bound<'_, PyAny>,
    made: PyResult<Bound<'_, PyAny>>,
    short: impl Fn(&str) -> Cow<'_, str>,
) -> PyResult<String> {
    let made = attempt(given.py(), made)?;
    Ok(match made.as_ref().and_then(|made| made.cast::<PyString>().ok()) {
        Some(text) => short(&text.to_string_lossy()).into_owned(),
        None => format!("a {}", kind_of(given)),
    })
}

/// Whether a conversion failed for a reason of the user's own, which is theirs to see.
#[cold]
pub fn is_of_the_user(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyTypeError>(py)
        && !error.is_instance_of::<PyValueError>(py)
        && !error.is_instance_of::<PyOverflowError>(py)
}

/// The error of a conversion: the user's own, or a refusal in its place.
#[cold]
pub fn own_or(py: Python<'_>, error: PyErr, refused: impl FnOnce() -> PyErr) -> PyErr {
    if is_of_the_user(py, &error) { error } else { refused() }
}

/// What came of something that may fail; Ctrl-C, and what else is no `Exception`, is an error all the same.
pub fn attempt<T>(py: Python<'_>, made: PyResult<T>) -> PyResult<Option<T>> {
    match made {
        Ok(made) => Ok(Some(made)),
        Err(error) if error.is_instance_of::<PyException>(py) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An attribute, if there is one.
pub fn optional<'py>(given: &Bound<'py, PyAny>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    match given.attribute(name) {
        Err(error) if error.is_instance_of::<PyAttributeError>(given.py()) => Ok(None),
        found => found.map(Some),
    }
}

/// For an argument of a type that it cannot have.
#[cold]
pub fn wrong_type(name: &str, given: &Bound<'_, PyAny>, limit: &str, remedy: &str) -> PyErr {
    PyTypeError::new_err(format!("'{name}' is a {}; it must be {limit}: {remedy}", kind_of(given)))
}
