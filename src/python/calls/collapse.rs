//! Collapse: measurements, projections and resets.

use pyo3::prelude::*;

use super::super::args::{self, bits::basis_index, random};
use super::super::door::{Access, Numbers, array_of, in_precision, leased, settled, shape_of};
use crate::error::Error;
use crate::exec::Crew;
use crate::observe;

/// Measures qubits, and resets them if they are to be: the array of bits.
fn measured<'py>(
    array: &Bound<'py, PyAny>,
    qubits: Option<&[i64]>,
    rng: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
    reset: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, limit) = (array.py(), args::limit(threads)?);
    let generator = random::generator(py, rng)?;
    let ((mut state, bits), (uniforms, out)) = settled(
        || args::state_and_bits(array, batch, Access::Write, qubits),
        |(state, bits)| shape_of(state, &[bits.len()]),
        |shape, _| Ok((random::uniforms(&generator, shape)?, array_of::<i8>(py, shape)?)),
    )?;
    let mut found = Numbers::<i8>::write("rng", &out)?;
    let nanos = observe::nanos_to_collapse(&state.layout);
    let crew = Crew::new(nanos, limit)?;
    in_precision!(state, T => {
        leased(py, nanos, (state.changing::<T>(), found.filling()), |(mut states, found)| {
            observe::measure(&mut states, &bits, &uniforms, found, reset, crew)
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
    let limit = args::limit(threads)?;
    let listed = args::qubits(qubits)?;
    let num_bits = listed.len();
    let refused = |given| Error::OutcomeRange { given, num_bits };
    let outcome = basis_index("outcome", outcome, num_bits, refused)? as u64;
    let ((mut source, bits), out) = settled(
        || args::state_and_bits(state, batch, Access::Write, Some(&listed)),
        |(source, _)| shape_of(source, &[]),
        |shape, _| array_of::<f64>(py, shape),
    )?;
    let mut found = Numbers::<f64>::write("state", &out)?;
    let nanos = observe::nanos_to_collapse(&source.layout);
    let crew = Crew::new(nanos, limit)?;
    in_precision!(source, T => {
        leased(py, nanos, (source.changing::<T>(), found.filling()), |(mut states, found)| {
            observe::project(&mut states, &bits, outcome, found, crew)
        })?
    })?;
    if batch == 0 { out.call_method0("item") } else { Ok(out) }
}
