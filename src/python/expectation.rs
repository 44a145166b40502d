//! Expectation values and variances of whatever is an observable.

use num_complex::Complex64;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyFloat, PyString, PyTuple};

use super::args::{self, Place};
use super::door::{Access, Numbers, Span, State, in_precision, leased};
use super::operators::finite;
use super::pauli_sum::{PauliSum, embedded};
use crate::error::Error;
use crate::exec;
use crate::layout::Batch;
use crate::observe::{self, SumApplier, SumReader, each_state};
use crate::operator::PauliString;
use crate::pauli_sum::PauliSum as Core;
use crate::simd::{Isa, Real};
use crate::state::StateRef;

/// What is observed.
pub enum Observable<'py> {
    /// A sum of Pauli strings.
    Sum(Core),
    /// The letters of one string.
    Letters(String),
    /// The entries of a Hermitian matrix.
    Matrix(Numbers<'py, Complex64>),
    /// Those of a diagonal one.
    Diagonal(Numbers<'py, f64>),
}

/// How far a matrix may be from Hermitian, in units of its largest entry and of the machine epsilon.
const ROUNDINGS: f64 = 64.0;

/// A matrix of numbers of this precision that is not Hermitian beyond rounding is refused.
fn hermitian(matrix: &Numbers<'_, Complex64>, epsilon: f64) -> PyResult<()> {
    let (entries, dim) = (matrix.as_slice(), matrix.shape[0]);
    let largest = entries.iter().map(|entry| entry.norm()).fold(0.0, f64::max);
    let accepted = ROUNDINGS * epsilon * largest;
    let mut deviation: f64 = 0.0;
    for row in 0..dim {
        for column in 0..=row {
            let other = entries[column * dim + row].conj();
            deviation = deviation.max((entries[row * dim + column] - other).norm());
        }
    }
    if deviation <= accepted {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "'observable' is not Hermitian: it differs from its adjoint by up to {deviation:.1e}, where rounding \
         explains {accepted:.1e}; only Hermitian matrices have real expectation values: use (m + m.conj().T) / 2"
    )))
}

impl<'py> Observable<'py> {
    /// Reads what was given; this may run Python code.
    fn of(given: &Bound<'py, PyAny>) -> PyResult<Observable<'py>> {
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
                    hermitian(&matrix, if single { f32::EPSILON.into() } else { f64::EPSILON })?;
                }
                Ok(Observable::Matrix(matrix))
            }
            _ => Err(PyTypeError::new_err(
                "'observable' is neither a PauliSum, a str, a matrix nor the diagonal of one; these are what \
                 can be observed: use one of them",
            )),
        }
    }

    fn span(&self) -> Span {
        match self {
            Observable::Sum(_) | Observable::Letters(_) => Span::NOWHERE,
            Observable::Matrix(matrix) => matrix.span,
            Observable::Diagonal(diagonal) => diagonal.span,
        }
    }
}

/// What is read of each state.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    Value,
    Spread,
}

/// A string of letters, as a sum.
fn single(letters: &str, qubits: usize) -> PyResult<Core> {
    let string = PauliString::of(letters)?;
    if letters.len() != qubits {
        return Err(Error::PauliLength { letters: letters.len(), qubits }.into());
    }
    Ok(Core::new(qubits, [(string, Complex64::ONE)])?)
}

/// Checks that all axes of an operator are those of an operator on `qubits` qubits.
fn fits(shape: &[usize], qubits: usize) -> Result<(), Error> {
    match shape.iter().all(|&len| Some(len) == 1usize.checked_shl(qubits as u32)) {
        true => Ok(()),
        false => Err(Error::OperatorSize { argument: "observable", shape: shape.to_vec(), qubits }),
    }
}

/// An observable on the qubits of states of one layout, ready to be read.
enum Prepared<'a> {
    /// The real and the imaginary part of a sum.
    Sum(Box<[SumReader; 2]>, Option<Box<SumApplier>>),
    Matrix(&'a [Complex64], &'a [u8]),
    Diagonal(&'a [f64], &'a [u8]),
}

impl Prepared<'_> {
    fn nanos(&self, num_qubits: usize) -> f64 {
        match self {
            Prepared::Sum(parts, applier) => {
                let read: f64 = parts.iter().map(SumReader::nanos).sum();
                read + applier.as_ref().map_or(0.0, |applier| applier.nanos())
            }
            Prepared::Matrix(_, bits) => observe::nanos(num_qubits + bits.len()),
            Prepared::Diagonal(..) => 2.0 * observe::nanos(num_qubits),
        }
    }

    fn read<T: Real>(
        &self,
        state: StateRef<'_, T>,
        reading: Reading,
        isa: Isa,
        threads: usize,
    ) -> Complex64 {
        match self {
            Prepared::Sum(parts, applier) => {
                let [re, im] = &**parts;
                let re = re.expectation(state, isa, threads);
                match applier {
                    None => Complex64::new(re, im.expectation(state, isa, threads)),
                    Some(applier) => applier.spread(state, re, isa, threads).into(),
                }
            }
            Prepared::Matrix(matrix, bits) => {
                let dim = 1 << bits.len();
                let density = observe::density(state, bits, isa, threads);
                let mean = trace_of_product(matrix, &density, dim);
                match reading {
                    Reading::Value => mean.into(),
                    Reading::Spread => {
                        trace_of_product(&squared(matrix, mean, dim), &density, dim).into()
                    }
                }
            }
            Prepared::Diagonal(weights, bits) => {
                let mean = observe::weighted(state, bits, weights, None, isa, threads);
                match reading {
                    Reading::Value => mean.into(),
                    Reading::Spread => {
                        observe::weighted(state, bits, weights, Some(mean), isa, threads).into()
                    }
                }
            }
        }
    }
}

/// The trace of the product of two Hermitian matrices.
fn trace_of_product(a: &[Complex64], b: &[Complex64], dim: usize) -> f64 {
    (0..dim * dim).map(|i| (a[i] * b[i % dim * dim + i / dim]).re).sum()
}

/// `(matrix - mean)**2`.
fn squared(matrix: &[Complex64], mean: f64, dim: usize) -> Vec<Complex64> {
    let mut shifted = ndarray::ArrayView2::from_shape((dim, dim), matrix).expect("a square").to_owned();
    shifted.diag_mut().mapv_inplace(|entry| entry - mean);
    shifted.dot(&shifted).into_iter().collect()
}

/// What both calls do: checks, reads, and makes the result.
fn read<'py>(
    state: &Bound<'py, PyAny>,
    observable: impl FnOnce() -> PyResult<Observable<'py>>,
    qubits: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
    reading: Reading,
) -> PyResult<Bound<'py, PyAny>> {
    let py = state.py();
    let qubits = qubits.map(args::qubits).transpose()?;
    let limit = threads.map(exec::checked).transpose()?;
    let observable = observable()?;
    let source = State::new("state", state, batch, Access::Read)?;
    let n = source.layout.num_qubits();
    let mut place = Place::new();
    let all: Vec<u8>;
    let bits = match &qubits {
        Some(qubits) => {
            place.fill(&source.layout, &[], &[], qubits)?;
            place.targets()
        }
        None => {
            all = source.layout.qubit_bits().map(|bit| bit as u8).collect();
            &all
        }
    };
    let mut hermitian = true;
    let prepared = match &observable {
        Observable::Matrix(matrix) => {
            fits(&matrix.shape, bits.len())?;
            Prepared::Matrix(matrix.as_slice(), bits)
        }
        Observable::Diagonal(diagonal) => {
            fits(&diagonal.shape, bits.len())?;
            Prepared::Diagonal(diagonal.as_slice(), bits)
        }
        Observable::Sum(_) | Observable::Letters(_) => {
            let sum = match &observable {
                Observable::Letters(letters) => &single(letters, bits.len())?,
                Observable::Sum(sum) => sum,
                _ => unreachable!("matched above"),
            };
            sum.check(bits.len())?;
            let sum = match &qubits {
                None => sum.clone(),
                Some(_) => {
                    // The number among the qubits that each bit has, axes of length 1 left out.
                    let order: Vec<usize> = source.layout.qubit_bits().collect();
                    let number = |&bit: &u8| {
                        order.iter().position(|&own| own == usize::from(bit)).unwrap_or(0) as i64
                    };
                    let numbers: Vec<i64> = bits.iter().map(number).collect();
                    let term = |&(string, value): &(PauliString, Complex64)| {
                        Ok((embedded(string, &numbers, n)?, value))
                    };
                    let terms = sum.terms().iter().map(term).collect::<Result<Vec<_>, Error>>()?;
                    Core::new(n, terms)?
                }
            };
            hermitian = sum.is_hermitian();
            if !hermitian && reading == Reading::Spread {
                return Err(PyValueError::new_err(
                    "'observable' is not Hermitian: it has coefficients that are not real; a variance needs \
                     real outcomes: use (sum + sum.adjoint()) / 2",
                ));
            }
            let parts = sum.parts().map(|part| SumReader::new(&part, &source.layout));
            let spread = reading == Reading::Spread;
            Prepared::Sum(
                Box::new(parts),
                spread.then(|| Box::new(SumApplier::new(&sum, &source.layout))),
            )
        }
    };
    let isa = Isa::chosen()?;
    let nanos = prepared.nanos(n);
    let states = source.layout.batch().map_or(1, Batch::len) as f64;
    let threads = exec::threads_for(states * nanos, limit)?;
    let spans = [source.span, observable.span()];
    let values = in_precision!(source, T => {
        let first = source.view::<T>();
        leased(py, states * nanos, spans, || {
            let read = |state: StateRef<'_, T>, _, threads| prepared.read(state, reading, isa, threads);
            // SAFETY: the span of the state is that of the whole batch, and leased.
            unsafe { each_state(first, nanos, threads, read) }
        })?
    });
    result(py, &values, hermitian, source.layout.batch())
}

/// One number, or an array of the shape of the batch.
pub fn result<'py>(
    py: Python<'py>,
    values: &[Complex64],
    real: bool,
    batch: Option<&Batch>,
) -> PyResult<Bound<'py, PyAny>> {
    let number = |value: Complex64| match real {
        true => PyFloat::new(py, value.re).into_any(),
        false => PyComplex::from_doubles(py, value.re, value.im).into_any(),
    };
    let Some(batch) = batch else { return Ok(number(values[0])) };
    let numpy = py.import("numpy")?;
    let shape = PyTuple::new(py, &batch.shape)?;
    let array = numpy.call_method1("empty", (shape, if real { "float64" } else { "complex128" }))?;
    if real {
        let mut numbers = Numbers::<f64>::write("out", &array)?;
        numbers.as_mut_slice().iter_mut().zip(values).for_each(|(to, value)| *to = value.re);
    } else {
        Numbers::<Complex64>::write("out", &array)?.as_mut_slice().copy_from_slice(values);
    }
    Ok(array)
}

pub fn value<'py>(
    state: &Bound<'py, PyAny>,
    observable: impl FnOnce() -> PyResult<Observable<'py>>,
    qubits: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    read(state, observable, qubits, batch, threads, Reading::Value)
}

pub fn spread<'py>(
    state: &Bound<'py, PyAny>,
    observable: impl FnOnce() -> PyResult<Observable<'py>>,
    qubits: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    read(state, observable, qubits, batch, threads, Reading::Spread)
}

/// The expectation value <state|observable|state>, in double precision. It is not divided by the square
/// of the norm. Has the same bits for any number of threads.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read.
/// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
///     A sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real diagonal of
///     one. The first qubit is the most significant bit of a row index.
/// qubits : int or sequence of int, optional
///     The k qubits that the observable acts on; all in order if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float, or complex for a sum that is not Hermitian; with batch axes, an array of their shape
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///     ValueError also for a matrix that is not Hermitian beyond rounding.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.ket("00").h(0).cx(0, 1).state
/// >>> round(nk.expectation(psi, "XX"), 12), round(nk.expectation(psi, [[0, 1], [1, 0]], qubits=1), 12)
/// (1.0, 0.0)
/// >>> round(nk.expectation(psi, [0, 1, 2, 3]), 12)  # the mean basis index
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
    value(state, || Observable::of(observable), qubits, batch, threads)
}

/// The variance of an observable: the square of the norm of (O - <O>)|state>, which for a state of norm 1 is
/// <O**2> - <O>**2, without the cancellation.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read; its norm is taken to be 1.
/// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
///     A Hermitian sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real
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
/// float; with batch axes, an array of their shape
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///     ValueError also for what is not Hermitian.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.variance(nk.basis_state(2, "10"), "XZ"), nk.variance(nk.basis_state(2, "10"), "ZZ")
/// (1.0, 0.0)
#[pyfunction]
#[pyo3(signature = (state, observable, /, *, qubits=None, batch=0, threads=None))]
pub fn variance<'py>(
    state: &Bound<'py, PyAny>,
    observable: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    spread(state, || Observable::of(observable), qubits, batch, threads)
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
    let py = rho.py();
    let limit = threads.map(exec::checked).transpose()?;
    let observable = Observable::of(observable)?;
    let source = State::new("rho", rho, 0, Access::Read)?;
    let n = source.layout.num_qubits() / 2;
    let mut hermitian = true;
    let letters;
    let (matrix, diagonal, sum) = match &observable {
        Observable::Matrix(matrix) => {
            fits(&matrix.shape, n)?;
            (Some(matrix.as_slice()), None, None)
        }
        Observable::Diagonal(diagonal) => {
            fits(&diagonal.shape, n)?;
            (None, Some(diagonal.as_slice()), None)
        }
        Observable::Letters(given) => {
            letters = single(given, n)?;
            (None, None, Some(&letters))
        }
        Observable::Sum(sum) => {
            sum.check(n)?;
            hermitian = sum.is_hermitian();
            (None, None, Some(sum))
        }
    };
    let entries = matrix.map_or(sum.map_or(1, |sum| sum.terms().len()) << n, <[_]>::len);
    let nanos = 2.0 * entries as f64;
    let threads = exec::threads_for(nanos, limit)?;
    let spans = [source.span, observable.span()];
    let value = in_precision!(source, T => {
        let view = source.view::<T>();
        leased(py, nanos, spans, || match (matrix, diagonal, sum) {
            (Some(matrix), ..) => observe::trace_of_matrix(view, matrix, threads),
            (_, Some(diagonal), _) => observe::trace_of_diagonal(view, diagonal, threads),
            (.., Some(sum)) => observe::trace_of_sum(view, sum, threads),
            (None, None, None) => Complex64::ZERO,
        })?
    });
    result(py, &[value], hermitian, None)
}
