//! Expectation values and variances of whatever is an observable.

use std::borrow::Cow;

use num_complex::Complex64;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::super::args::{self, batch_axes};
use super::super::door::{
    Access, Limit, Numbers, Precision, Region, State, aligned, as_array, axes_of, check, check_first,
    in_numbers, in_precision, is_array, kind_of_numbers, work, worked,
};
use super::super::invoke::{Invoke, plain};
use super::super::pauli_sum::PauliSum;
use crate::error::Error;
use crate::observe::{self, Observable as Core, PreparedSum, Reading, hermitian};

/// What is observed, as it was given.
pub enum Observable<'py> {
    /// A sum of Pauli strings.
    Sum(Bound<'py, PauliSum>),
    /// The letters of one string.
    Letters(String),
    /// The entries of a Hermitian matrix.
    Matrix(Numbers<'py, Complex64>),
    /// Those of a diagonal one.
    Diagonal(Numbers<'py, f64>),
}

/// Whether it is a dict, list or tuple whose first entry is a str.
fn is_of_strings(given: &Bound<'_, PyAny>) -> bool {
    let list = given.cast::<PyList>().ok().and_then(|list| list.get_item(0).ok());
    let tuple = given.cast::<PyTuple>().ok().and_then(|tuple| tuple.get_item(0).ok());
    let first = list.or(tuple);
    given.is_instance_of::<PyDict>() || first.is_some_and(|first| first.is_instance_of::<PyString>())
}

impl<'py> Observable<'py> {
    /// Reads what was given; this may run Python code.
    pub fn of(given: &Bound<'py, PyAny>) -> PyResult<Observable<'py>> {
        if let Ok(sum) = given.cast::<PauliSum>() {
            return Ok(Observable::Sum(sum.clone()));
        }
        if let Ok(letters) = given.cast::<PyString>() {
            return Ok(Observable::Letters(letters.to_str()?.to_owned()));
        }
        if is_array(given) {
            check("observable", given)?; // before NumPy makes a plain array of it
        }
        if is_of_strings(given) {
            return Err(PyTypeError::new_err(
                "'observable' lists strings; one str is a Pauli string, and a sum of several has coefficients: \
                 use nk.PauliSum({letters: coefficient, ...})",
            ));
        }
        let array = as_array("observable", given, "numbers")?;
        let single = ["complex64", "float32", "float16"]
            .contains(&plain::<String>(&array.attribute("dtype")?.attribute("name")?)?.as_str());
        // An operator of another library may be a sequence of objects to NumPy.
        let axes = if kind_of_numbers(&array)? == "O" && in_numbers("observable", given).is_some() {
            0
        } else {
            axes_of(&array)
        };
        match axes {
            1 => {
                let diagonal = Numbers::<f64>::read("observable", &array)?;
                diagonal.check_finite()?;
                Ok(Observable::Diagonal(diagonal))
            }
            2 => {
                let matrix = Numbers::<Complex64>::read("observable", &array)?;
                matrix.check_finite()?;
                if matrix.shape[0] == matrix.shape[1] {
                    let epsilon = if single { f32::EPSILON.into() } else { f64::EPSILON };
                    hermitian(matrix.as_slice(), epsilon)?;
                }
                Ok(Observable::Matrix(matrix))
            }
            _ => Err(PyTypeError::new_err(format!(
                "'observable' is neither a PauliSum, a str, a matrix nor the diagonal of one; these are what \
                 can be observed: use {}",
                in_numbers("observable", given).unwrap_or_else(|| "one of them".to_owned())
            ))),
        }
    }

    /// The same, looked at anew after code that may have changed its array. Runs no Python code.
    pub fn again(&self) -> PyResult<Observable<'py>> {
        Ok(match self {
            Observable::Sum(sum) => Observable::Sum(sum.clone()),
            Observable::Letters(letters) => Observable::Letters(letters.clone()),
            Observable::Matrix(matrix) => Observable::Matrix(matrix.again("observable")?),
            Observable::Diagonal(diagonal) => Observable::Diagonal(diagonal.again("observable")?),
        })
    }

    /// The same on `qubits` qubits, as the core takes it.
    pub fn on(&self, qubits: usize) -> Result<Core<'_>, Error> {
        match self {
            Observable::Sum(sum) => Ok(Core::Sum(&sum.get().core)),
            Observable::Letters(letters) => Ok(Core::Letters(letters)),
            Observable::Matrix(matrix) => Core::Matrix(matrix.as_slice()).shaped(&matrix.shape, qubits),
            Observable::Diagonal(row) => Core::Diagonal(row.as_slice()).shaped(&row.shape, qubits),
        }
    }

    /// The memory that it takes.
    pub fn region(&self) -> Region<'_> {
        match self {
            Observable::Sum(_) | Observable::Letters(_) => Region::NOWHERE,
            Observable::Matrix(matrix) => matrix.region(),
            Observable::Diagonal(diagonal) => diagonal.region(),
        }
    }
}

/// What all calls do: checks, reads, and makes the result.
fn read<'py>(
    state: &Bound<'py, PyAny>,
    observable: impl FnOnce() -> PyResult<Observable<'py>>,
    qubits: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<Limit>,
    reading: Reading,
) -> PyResult<Bound<'py, PyAny>> {
    check_first("state", state)?;
    let mut copy = None;
    let state = aligned("state", state, &mut copy)?;
    let py = state.py();
    let qubits = qubits.map(args::qubits).transpose()?;
    let observable = observable()?;
    let (source, bits) = args::state_and_bits(state, batch, Access::Read, qubits.as_deref())?;
    let core = observable.on(bits.len())?;
    let prepared = core.prepare(&source.layout, qubits.is_some().then_some(&bits[..]), reading)?;
    let mut values = vec![Complex64::ZERO; source.layout.states()];
    let nanos = values.len() as f64 * prepared.nanos();
    let others = &[observable.region()][..];
    work!(py, nanos, threads, source.reading(), others, |(states, ()), crew| {
        prepared.read_all(states, &mut values, crew);
    })?;
    result(py, &values, core.is_hermitian(), source.batch_shape())
}

/// One number, or an array of the shape of the batch.
pub fn result<'py>(
    py: Python<'py>,
    values: &[Complex64],
    real: bool,
    batch: &[usize],
) -> PyResult<Bound<'py, PyAny>> {
    if real {
        Numbers::result(py, &values.iter().map(|value| value.re).collect::<Vec<_>>(), batch)
    } else {
        Numbers::result(py, values, batch)
    }
}

/// The expectation value of an observable O in a state: <state|O|state>.
///
/// It is computed in double precision, and has the same bits for any number of threads. It is not
/// divided by the square of the norm.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
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
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
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
#[pyfunction(name = "expectation", signature = (state, observable, qubits=None, *, batch=0, threads=None))]
pub fn expectation<'py>(
    state: &Bound<'py, PyAny>,
    observable: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
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
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
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
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
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
#[pyfunction(signature = (state, observable, qubits=None, *, batch=0, threads=None))]
pub fn variance<'py>(
    state: &Bound<'py, PyAny>,
    observable: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    read(state, || Observable::of(observable), qubits, batch, threads, Reading::Variance)
}

/// The trace of a density matrix times an observable, for `numket.density`: the density matrix is a tensor
/// of 2n qubits, those of its rows first.
#[pyfunction(signature = (rho, observable, /, *, threads=None))]
pub fn expectation_in_density<'py>(
    rho: &Bound<'py, PyAny>,
    observable: &Bound<'py, PyAny>,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    check_first("rho", rho)?;
    let observable = Observable::of(observable)?;
    let source = State::new("rho", rho, 0, Access::Read)?;
    if !source.layout.num_qubits().is_multiple_of(2) {
        return Err(PyTypeError::new_err(format!(
            "'rho' has {} qubits; a density matrix has as many for rows as for columns: use shape (2**n, 2**n)",
            source.layout.num_qubits()
        )));
    }
    let core = observable.on(source.layout.num_qubits() / 2)?;
    let nanos = observe::nanos_to_trace(&source.layout, core);
    let others = &[observable.region()][..];
    let value = work!(rho.py(), nanos, threads, source.reading(), others, |(states, ()), crew| {
        observe::trace(states.first(), core, crew)
    })??;
    result(rho.py(), &[value], core.is_hermitian(), &[])
}

/// What a sum does with states.
#[pymethods]
impl PauliSum {
    /// The expectation value of the sum in a state: <state|sum|state>.
    ///
    /// It is computed in double precision, and has the same bits for any number of threads. It is not
    /// divided by the square of the norm. No memory of the state's size is taken.
    ///
    /// Parameters
    /// ----------
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
    ///     Only read. Qubit q is axis q of state.reshape((2,) * n).
    /// batch : int
    ///     Number of leading axes of the state that count states: (B, 2**n) has 1.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// float, or ndarray of float64 of the batch axes
    ///     The value, or that of each state; complex where the sum is not Hermitian.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where the state is no ndarray of these dtypes, or another argument has a wrong
    ///     type.
    /// ValueError
    ///     Where the state has not as many qubits as the sum.
    /// BufferInUseError
    ///     Where another call is changing the state.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> bell = nk.ket("00").h(0).cx(0, 1).state
    /// >>> round(nk.PauliSum({"XX": 0.5, "ZZ": 0.25, "ZI": 7}).expectation(bell), 12)
    /// 0.75
    #[pyo3(signature = (state, *, batch=0, threads=None))]
    fn expectation<'py>(
        slf: &Bound<'py, Self>,
        state: &Bound<'py, PyAny>,
        #[pyo3(from_py_with = batch_axes)] batch: i64,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        read(state, || Ok(Observable::Sum(slf.clone())), None, batch, threads, Reading::Mean)
    }

    /// The variance of the sum in a state of norm 1: <sum**2> - <sum>**2.
    ///
    /// It is computed as the square of the norm of (sum - <sum>)|state>, which does not lose digits
    /// as a difference of two large numbers would. No memory of the state's size is taken.
    ///
    /// Parameters
    /// ----------
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
    ///     A state of norm 1. Only read.
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
    ///     Where the state is no ndarray of these dtypes, or another argument has a wrong
    ///     type.
    /// ValueError
    ///     Where the state has not as many qubits as the sum, or the sum is not Hermitian.
    /// BufferInUseError
    ///     Where another call is changing the state.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.PauliSum({"X": 2}).variance(nk.zero_state(1))
    /// 4.0
    #[pyo3(signature = (state, *, batch=0, threads=None))]
    fn variance<'py>(
        slf: &Bound<'py, Self>,
        state: &Bound<'py, PyAny>,
        #[pyo3(from_py_with = batch_axes)] batch: i64,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        read(state, || Ok(Observable::Sum(slf.clone())), None, batch, threads, Reading::Variance)
    }

    /// Writes the product of the sum, as a matrix, and a state to another array.
    ///
    /// Parameters
    /// ----------
    /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
    ///     Only read. Qubit q is axis q of state.reshape((2,) * n).
    /// out : ndarray of the same dtype, shape (2**n,) or (2,) * n
    ///     Where to write. It shares no memory with the state, and may have another shape and other
    ///     strides.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an array is no ndarray of these dtypes, or their dtypes differ.
    /// ValueError
    ///     Where an array has not as many qubits as the sum, or `out` is read-only. As with every
    ///     error, nothing has been written.
    /// BufferInUseError
    ///     Where the arrays share memory, or another call is using it.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> out = nk.empty_state(2)
    /// >>> nk.PauliSum({"XI": 1, "ZZ": 2}).apply(nk.zero_state(2), out)
    /// >>> out.real
    /// array([2., 0., 1., 0.])
    #[pyo3(signature = (state, out, *, threads=None))]
    fn apply(
        &self,
        state: &Bound<'_, PyAny>,
        out: &Bound<'_, PyAny>,
        threads: Option<Limit>,
    ) -> PyResult<()> {
        let source = State::new("state", state, 0, Access::Read)?;
        let mut target = State::new("out", out, 0, Access::Write)?;
        if !source.has_dtype_of(&target) {
            return Err(PyTypeError::new_err(
                "'state' and 'out' have different dtypes; numket never converts a state: use \
                 np.empty_like(state)",
            ));
        }
        self.core.check(source.layout.num_qubits())?;
        if source.layout.is_real() {
            self.core.check_real()?;
        }
        let reach = Core::Sum(&self.core).reach();
        if source.precision == Precision::Single && !(reach as f32).is_finite() {
            return Err(Error::TooLarge { holder: "the sum".to_owned() }.into());
        }
        if target.layout.num_qubits() != source.layout.num_qubits() {
            return Err(PyValueError::new_err(format!(
                "'out' has {} qubits and 'state' has {}; there must be room for every amplitude: use \
                 np.empty_like(state)",
                target.layout.num_qubits(),
                source.layout.num_qubits()
            )));
        }
        let prepared = PreparedSum::of(&Cow::Borrowed(&self.core), &source.layout);
        let applier = prepared.applier(&self.core);
        in_precision!(source, T => {
            let lent = (source.reading::<T>(), target.changing::<T>());
            worked(state.py(), applier.nanos(), threads, lent, |(from, mut to), crew| {
                applier.apply(from.first(), &mut to.first(), crew);
            })
        })
    }
}
