//! Expectation values and variances of whatever is an observable.

use num_complex::Complex64;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyFloat, PyString, PyTuple};

use super::super::args;
use super::super::door::{Access, Numbers, State, in_precision, leased};
use super::super::pauli_sum::PauliSum;
use super::operators::finite;
use crate::error::Error;
use crate::exec::{Crew, each_state};
use crate::lease::Span;
use crate::observe::{self, Observable as Core, Reading, hermitian};
use crate::pauli_sum::PauliSum as Sum;

/// What is observed, as it was given.
pub enum Observable<'py> {
    /// A sum of Pauli strings.
    Sum(Sum),
    /// The letters of one string.
    Letters(String),
    /// The entries of a Hermitian matrix.
    Matrix(Numbers<'py, Complex64>),
    /// Those of a diagonal one.
    Diagonal(Numbers<'py, f64>),
}

impl<'py> Observable<'py> {
    /// Reads what was given; this may run Python code.
    pub fn of(given: &Bound<'py, PyAny>) -> PyResult<Observable<'py>> {
        if let Ok(sum) = given.cast::<PauliSum>() {
            return Ok(Observable::Sum(sum.get().core.clone()));
        }
        if let Ok(letters) = given.cast::<PyString>() {
            return Ok(Observable::Letters(letters.to_str()?.to_owned()));
        }
        let array = given.py().import("numpy")?.call_method1("asarray", (given,))?;
        let single = ["complex64", "float32", "float16"]
            .contains(&array.getattr("dtype")?.getattr("name")?.extract::<String>()?.as_str());
        match array.getattr("ndim")?.extract::<usize>()? {
            1 => {
                let diagonal = Numbers::<f64>::read("observable", &array)?;
                if !diagonal.as_slice().iter().all(|entry| entry.is_finite()) {
                    return Err(Error::NotFinite { argument: "observable" }.into());
                }
                Ok(Observable::Diagonal(diagonal))
            }
            2 => {
                let matrix = Numbers::<Complex64>::read("observable", &array)?;
                finite("observable", matrix.as_slice())?;
                if matrix.shape[0] == matrix.shape[1] {
                    let epsilon = if single { f32::EPSILON.into() } else { f64::EPSILON };
                    hermitian(matrix.as_slice(), epsilon)?;
                }
                Ok(Observable::Matrix(matrix))
            }
            _ => Err(PyTypeError::new_err(
                "'observable' is neither a PauliSum, a str, a matrix nor the diagonal of one; these are what \
                 can be observed: use one of them",
            )),
        }
    }

    /// The same on `qubits` qubits, as the core takes it.
    pub fn on(&self, qubits: usize) -> Result<Core<'_>, Error> {
        let fits = |shape: &[usize]| match shape
            .iter()
            .all(|&len| Some(len) == 1usize.checked_shl(qubits as u32))
        {
            true => Ok(()),
            false => Err(Error::OperatorSize { argument: "observable", shape: shape.to_vec(), qubits }),
        };
        Ok(match self {
            Observable::Sum(sum) => Core::Sum(sum),
            Observable::Letters(letters) => Core::Letters(letters),
            Observable::Matrix(matrix) => {
                fits(&matrix.shape)?;
                Core::Matrix(matrix.as_slice())
            }
            Observable::Diagonal(diagonal) => {
                fits(&diagonal.shape)?;
                Core::Diagonal(diagonal.as_slice())
            }
        })
    }

    /// The memory that it takes.
    pub fn span(&self) -> Span {
        match self {
            Observable::Sum(_) | Observable::Letters(_) => Span::NOWHERE,
            Observable::Matrix(matrix) => matrix.span,
            Observable::Diagonal(diagonal) => diagonal.span,
        }
    }
}

/// What both calls do: checks, reads, and makes the result.
pub fn read<'py>(
    state: &Bound<'py, PyAny>,
    observable: impl FnOnce() -> PyResult<Observable<'py>>,
    qubits: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
    reading: Reading,
) -> PyResult<Bound<'py, PyAny>> {
    let py = state.py();
    let qubits = qubits.map(args::qubits).transpose()?;
    let limit = args::limit(threads)?;
    let observable = observable()?;
    let (source, bits) = args::state_and_bits(state, batch, Access::Read, qubits.as_deref())?;
    let core = observable.on(bits.len())?;
    let prepared = core.prepare(&source.layout, qubits.is_some().then_some(&bits[..]), reading)?;
    let (states, nanos) = (source.layout.states(), prepared.nanos());
    let (across, inside) = Crew::new(states as f64 * nanos, limit)?.shared_out(nanos);
    let mut values = vec![Complex64::ZERO; states];
    in_precision!(source, T => {
        let lent = (source.reading::<T>(), [observable.span()]);
        leased(py, states as f64 * nanos, lent, |(states, ())| {
            each_state(states, across, &mut values, |_, state, value| {
                value[0] = prepared.read(state, inside);
            });
        })?;
    });
    result(py, &values, core.is_hermitian(), source.batch_shape())
}

/// One number, or an array of the shape of the batch.
pub fn result<'py>(
    py: Python<'py>,
    values: &[Complex64],
    real: bool,
    batch: &[usize],
) -> PyResult<Bound<'py, PyAny>> {
    let number = |value: Complex64| match real {
        true => PyFloat::new(py, value.re).into_any(),
        false => PyComplex::from_doubles(py, value.re, value.im).into_any(),
    };
    if batch.is_empty() {
        return Ok(number(values[0]));
    }
    let numpy = py.import("numpy")?;
    let shape = PyTuple::new(py, batch)?;
    let array = numpy.call_method1("empty", (shape, if real { "float64" } else { "complex128" }))?;
    if real {
        let mut out = Numbers::<f64>::write("out", &array)?;
        leased(py, 0.0, out.filling(), |out| {
            out.iter_mut().zip(values).for_each(|(to, value)| *to = value.re);
        })?;
    } else {
        let mut out = Numbers::<Complex64>::write("out", &array)?;
        leased(py, 0.0, out.filling(), |out| out.copy_from_slice(values))?;
    }
    Ok(array)
}

/// The expectation value of an observable O in a state: <state|O|state>.
///
/// It is computed in double precision, and has the same bits for any number of threads. It is not
/// divided by the square of the norm.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read. Qubit q is axis q of state.reshape((2,) * n).
/// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
///     A sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real
///     diagonal of one. The first qubit is the most significant bit of a row index.
/// qubits : int or sequence of int, optional
///     The k qubits that the observable acts on; all in order if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float, or ndarray of float64 of the batch axes
///     The value, or that of each state; complex where a PauliSum is not Hermitian.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
///     type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, or a matrix is not
///     Hermitian (rounding errors aside) or not finite.
/// BufferInUseError
///     Where another call is changing the state.
///
/// See Also
/// --------
/// numket.variance : How far measured values scatter.
/// numket.Circuit.expectation : After a circuit.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> bell = nk.ket("00").h(0).cx(0, 1).state
/// >>> round(nk.expectation(bell, "XX"), 12)
/// 1.0
/// >>> round(nk.expectation(bell, [[0, 1], [1, 0]], qubits=1), 12)
/// 0.0
/// >>> round(nk.expectation(bell, [0, 1, 2, 3]), 12)  # the mean basis index
/// 1.5
#[pyfunction(name = "expectation")]
#[pyo3(signature = (state, observable, /, *, qubits=None, batch=0, threads=None))]
pub fn expectation<'py>(
    state: &Bound<'py, PyAny>,
    observable: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    read(state, || Observable::of(observable), qubits, batch, threads, Reading::Mean)
}

/// The variance of an observable O in a state of norm 1: <O**2> - <O>**2.
///
/// It is computed as the square of the norm of (O - <O>)|state>, which does not lose digits as a
/// difference of two large numbers would.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     A state of norm 1. Only read.
/// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
///     A Hermitian sum of Pauli strings, the letters of one string, a Hermitian matrix, or the
///     real diagonal of one. The first qubit is the most significant bit of a row index.
/// qubits : int or sequence of int, optional
///     The k qubits that the observable acts on; all in order if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float, or ndarray of float64 of the batch axes
///     The variance, or that of each state.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
///     type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, or the observable is
///     not Hermitian or not finite.
/// BufferInUseError
///     Where another call is changing the state.
///
/// See Also
/// --------
/// numket.expectation : The mean.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.basis_state(2, "10")
/// >>> nk.variance(psi, "ZZ"), nk.variance(psi, "XZ")
/// (0.0, 1.0)
#[pyfunction]
#[pyo3(signature = (state, observable, /, *, qubits=None, batch=0, threads=None))]
pub fn variance<'py>(
    state: &Bound<'py, PyAny>,
    observable: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    read(state, || Observable::of(observable), qubits, batch, threads, Reading::Variance)
}

/// The trace of a density matrix times an observable, for `numket.density`: the density matrix is a tensor
/// of 2n qubits, those of its rows first.
#[pyfunction]
#[pyo3(signature = (rho, observable, /, *, threads=None))]
pub fn expectation_in_density<'py>(
    rho: &Bound<'py, PyAny>,
    observable: &Bound<'py, PyAny>,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, limit) = (rho.py(), args::limit(threads)?);
    let observable = Observable::of(observable)?;
    let source = State::new("rho", rho, 0, Access::Read)?;
    let core = observable.on(source.layout.num_qubits() / 2)?;
    let nanos = observe::nanos_to_trace(&source.layout, core);
    let crew = Crew::new(nanos, limit)?;
    let value = in_precision!(source, T => {
        leased(py, nanos, (source.reading::<T>(), [observable.span()]), |(states, ())| {
            observe::trace(states.first(), core, crew)
        })??
    });
    result(py, &[value], core.is_hermitian(), &[])
}
