//! Collapse: measurements, projections and resets.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::args;
use super::door::{Access, Numbers, State, in_precision, leased};
use super::observe::{array_of, same_shape, shape_of};
use crate::error::Error;
use crate::exec;
use crate::ket;
use crate::observe;
use crate::simd::Isa;

/// What is drawn for each state before the call looks at it for good.
struct Drawn<'py> {
    state: State,
    /// The bits of the qubits.
    bits: Vec<u8>,
    /// Numbers in [0, 1).
    uniforms: Vec<f64>,
    /// Where results go.
    out: Bound<'py, PyAny>,
}

/// Draws a number for each of some qubits of each state. Drawing runs other code: the state is looked at
/// before, to refuse what can be refused, and anew after it.
fn draw<'py>(
    array: &Bound<'py, PyAny>,
    qubits: Option<&[i64]>,
    rng: Option<&Bound<'py, PyAny>>,
    batch: i64,
) -> PyResult<Drawn<'py>> {
    let py = array.py();
    let numpy = py.import("numpy")?;
    let generator = numpy.getattr("random")?.call_method1("default_rng", (rng,))?;
    let look = || args::state_and_bits(array, batch, Access::Write, qubits);
    let (state, bits) = look()?;
    let shape = shape_of(&state, &[bits.len()]);
    let drawn = generator.call_method1("random", (PyTuple::new(py, &shape)?,))?;
    let drawn = Numbers::<f64>::array("rng", &drawn)?;
    let out = array_of::<i8>(py, &shape)?;
    let (state, bits) = look()?;
    same_shape(&shape, &state, &[bits.len()])?;
    let drawn = Numbers::<f64>::of_array("rng", &drawn)?;
    if drawn.shape != shape {
        return Err(PyValueError::new_err(
            "'rng' drew another number of numbers than it was asked for; there must be one for each qubit \
             of each state: use np.random.default_rng()",
        ));
    }
    // A copy, because nobody knows whose memory the generator has returned.
    Ok(Drawn { state, bits, uniforms: drawn.as_slice().to_vec(), out })
}

/// Measures qubits, and resets them if they are to be: the array of bits.
fn measured<'py>(
    array: &Bound<'py, PyAny>,
    qubits: Option<&[i64]>,
    rng: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
    reset: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let limit = threads.map(exec::checked).transpose()?;
    let Drawn { mut state, bits, uniforms, out } = draw(array, qubits, rng, batch)?;
    let mut found = Numbers::<i8>::write("rng", &out)?;
    let isa = Isa::chosen()?;
    let nanos = observe::nanos_to_collapse(&state.layout);
    let threads = exec::threads_for(nanos, limit)?;
    let spans = [state.span, found.span];
    let found = found.as_mut_slice();
    in_precision!(state, T => {
        let mut view = state.view_mut::<T>();
        // SAFETY: the span of the state is that of the whole batch, and leased.
        leased(array.py(), nanos, spans, || unsafe {
            observe::measure(&mut view, &bits, &uniforms, found, reset, isa, threads)
        })?
    })?;
    Ok(out)
}

/// Measures qubits, in place: draws their values with the probabilities that these have, and leaves the
/// state as it is after that. The norm stays what it was.
///
/// The values are those that Circuit.measure gives for the same rng: the first listed qubit is drawn first.
/// The state is read once and written once, however many qubits are listed.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// qubits : int or sequence of int, optional
///     The k distinct qubits; all in order if not given.
/// rng : None, int or numpy.random.Generator, optional
///     What np.random.default_rng takes; a Generator is advanced by one number for each qubit of each state,
///     which are drawn before the state is looked at: also if it is then refused for its norm or because
///     another call is using it.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of int8, shape (k,) after the batch's shape
///     The values in the order listed. If qubits is an int, there is no axis for it, as with an index in
///     NumPy: an int, or an array of the batch's shape.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///     Before anything is written.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> bell = nk.ket("00").h(0).cx(0, 1).state
/// >>> nk.measure(bell, 0, rng=7)
/// 0
/// >>> nk.measure(bell)
/// array([0, 0], dtype=int8)
#[pyfunction]
#[pyo3(signature = (state, /, qubits=None, *, rng=None, batch=0, threads=None))]
pub fn measure<'py>(
    state: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    rng: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let (listed, single) = args::outcome_qubits(qubits)?;
    let found = measured(state, listed.as_deref(), rng, batch, threads, false)?;
    match (single, batch) {
        (true, 0) => found.call_method0("item"),
        (true, _) => found.call_method1("squeeze", (-1,)),
        _ => Ok(found),
    }
}

/// Resets qubits to |0>, in place: measures them, and flips those that are 1. The norm stays what it was.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place.
/// qubits : int or sequence of int
///     The distinct qubits.
/// rng : None, int or numpy.random.Generator, optional
///     As for numket.measure.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///     Before anything is written.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.ket("011").h(0).state
/// >>> nk.reset(psi, [0, 2], rng=1)
/// >>> nk.probabilities(psi, (0, 1, 2)).round(12).argmax()
/// np.int64(2)
#[pyfunction]
#[pyo3(signature = (state, qubits, /, *, rng=None, batch=0, threads=None))]
pub fn reset(
    state: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    rng: Option<&Bound<'_, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<()> {
    let listed = args::qubits(qubits)?;
    measured(state, Some(&listed), rng, batch, threads, true)?;
    Ok(())
}

/// An outcome of `num_bits` qubits: an int is its number, a string or a sequence is its bits.
fn outcome_of(given: &Bound<'_, PyAny>, num_bits: usize) -> PyResult<u64> {
    let refused = |given: String| Error::OutcomeRange { given, num_bits };
    let bits = |label: &str| {
        ket::index_of(label, num_bits)
            .map_err(|_| refused(format!("{label:?}")))
            .map(|index| index as u64)
    };
    if let Ok(label) = given.cast::<PyString>() {
        return Ok(bits(&label.to_string())?);
    }
    match args::index("outcome", given) {
        Ok(number) => {
            let fits = |number: &u64| num_bits >= 63 || number >> num_bits == 0;
            let found = u64::try_from(number).ok().filter(fits);
            Ok(found.ok_or_else(|| refused(given.to_string()))?)
        }
        Err(error) if !error.is_instance_of::<PyTypeError>(given.py()) => Err(error),
        Err(_) => {
            let values = args::whole_numbers("outcome", given)?;
            // A digit each; what is no bit becomes what is no digit.
            let digit = |&bit: &i64| char::from_digit(bit.try_into().unwrap_or(9), 2).unwrap_or('?');
            Ok(bits(&values.iter().map(digit).collect::<String>())?)
        }
    }
}

/// Projects qubits to an outcome, in place, as if a measurement had found it. The norm stays what it was.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place.
/// qubits : int or sequence of int
///     The k distinct qubits.
/// outcome : int, str or sequence of int
///     An int is the number of the outcome, in which the first listed qubit is the most significant bit; a
///     string or a sequence is k bits in the order listed. One outcome for all states of a batch.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float, or ndarray of float64 of the batch's shape
///     The probability that the outcome had.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///     Before anything is written; a ValueError where the outcome has probability 0.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> bell = nk.ket("00").h(0).cx(0, 1).state
/// >>> round(nk.project(bell, 1, 1), 12)
/// 0.5
/// >>> bell.real.round(12)
/// array([0., 0., 0., 1.])
#[pyfunction]
#[pyo3(signature = (state, qubits, outcome, /, *, batch=0, threads=None))]
pub fn project<'py>(
    state: &Bound<'py, PyAny>,
    qubits: &Bound<'py, PyAny>,
    outcome: &Bound<'py, PyAny>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = state.py();
    let limit = threads.map(exec::checked).transpose()?;
    let listed = args::qubits(qubits)?;
    let outcome = outcome_of(outcome, listed.len())?;
    let look = || args::state_and_bits(state, batch, Access::Write, Some(&listed));
    let shape = shape_of(&look()?.0, &[]);
    let out = array_of::<f64>(py, &shape)?;
    let (mut source, bits) = look()?;
    same_shape(&shape, &source, &[])?;
    let mut found = Numbers::<f64>::write("state", &out)?;
    let isa = Isa::chosen()?;
    let nanos = observe::nanos_to_collapse(&source.layout);
    let threads = exec::threads_for(nanos, limit)?;
    let spans = [source.span, found.span];
    let found = found.as_mut_slice();
    in_precision!(source, T => {
        let mut view = source.view_mut::<T>();
        // SAFETY: the span of the state is that of the whole batch, and leased.
        leased(py, nanos, spans, || unsafe {
            observe::project(&mut view, &bits, outcome, found, isa, threads)
        })?
    })?;
    if batch == 0 { out.call_method0("item") } else { Ok(out) }
}
