//! Collapse: measurements, projections and resets.

use pyo3::prelude::*;

use super::super::args::{self, batch_axes, bits::basis_index, random};
use super::super::door::{Access, Limit, Numbers, check_first, settled, shape_of, work};
use super::super::invoke::Invoke;
use crate::error::Error;
use crate::observe;

/// Measures qubits, and resets them if they are to be: the array of bits.
fn measured<'py>(
    array: &Bound<'py, PyAny>,
    qubits: Option<&[i64]>,
    rng: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<Limit>,
    reset: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = array.py();
    let generator = random::generator(py, rng)?;
    let ((mut state, bits), (uniforms, mut found)) = settled(
        || args::state_and_bits(array, batch, Access::Write, qubits),
        |(state, bits)| shape_of(state, &[bits.len()]),
        |shape, _| Ok((random::uniforms(&generator, shape)?, Numbers::<i8>::empty(py, shape)?)),
    )?;
    let nanos = observe::nanos_to_collapse(&state.layout);
    work!(py, nanos, threads, state.changing(), found.filling(), |(mut states, found), crew| {
        observe::measure(&mut states, &bits, &uniforms, found, reset, crew)
    })??;
    Ok(found.into_array())
}

/// Measures qubits in the Z basis, in place: draws an outcome, and projects the state to it.
///
/// The norm of the state stays what it was. The first listed qubit is drawn first; for the same
/// `rng`, Circuit.measure draws the same values. The state is read once and written once, however
/// many qubits are listed.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// qubits : int or sequence of int, optional
///     The k distinct qubits; all in order if not given.
/// rng : None, int or numpy.random.Generator, optional
///     What np.random.default_rng takes. A Generator is advanced by one number for each qubit of
///     each state. They are drawn first: also if the call is then refused because the state has
///     no norm or is in use.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of int8, shape (k,) after the batch axes
///     The values 0 and 1 in the order listed. Where `qubits` is an int, its axis is left out, as
///     with an index in NumPy: an int, or an array of the batch axes.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, or a state has norm 0
///     or is not finite. As with every error, nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// See Also
/// --------
/// numket.sample : Outcomes of a state that stays as it is.
/// numket.project : For an outcome of one's own choice.
///
/// Notes
/// -----
/// A projective measurement: M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum
/// Information (Cambridge University Press, 2010), section 2.2.5.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> bell = nk.ket("00").h(0).cx(0, 1).state
/// >>> nk.measure(bell, 0, rng=7)
/// 0
/// >>> nk.measure(bell)
/// array([0, 0], dtype=int8)
#[pyfunction(signature = (state, qubits=None, *, rng=None, batch=0, threads=None))]
pub fn measure<'py>(
    state: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    rng: Option<&Bound<'py, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    check_first("state", state)?;
    let (listed, single) = args::outcome_qubits(qubits)?;
    let found = measured(state, listed.as_deref(), rng, batch, threads, false)?;
    match (single, batch) {
        (true, 0) => found.invoke_method("item", ()),
        (true, _) => found.invoke_method("squeeze", (-1,)),
        _ => Ok(found),
    }
}

/// Resets qubits to |0>, in place: measures them, and flips those that are 1.
///
/// The norm of the state stays what it was.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
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
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, or a state has norm 0
///     or is not finite. As with every error, nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.basis_state(2, "11")
/// >>> nk.reset(psi, 0)
/// >>> psi.real  # |01>
/// array([0., 1., 0., 0.])
#[pyfunction(signature = (state, qubits, *, rng=None, batch=0, threads=None))]
pub fn reset(
    state: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    rng: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<()> {
    check_first("state", state)?;
    let listed = args::qubits(qubits)?;
    measured(state, Some(&listed), rng, batch, threads, true)?;
    Ok(())
}

/// Projects qubits to an outcome, in place, as if a measurement had found it.
///
/// Amplitudes of other outcomes become 0, and the rest is scaled so that the norm stays what it
/// was.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// qubits : int or sequence of int
///     The k distinct qubits.
/// outcome : int, str or sequence of int
///     An int is the number of the outcome, in which the first listed qubit is the most
///     significant bit. A string or a sequence has k bits in the order listed. All states of a
///     batch have the same outcome.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// float, or ndarray of float64 of the batch axes
///     The probability that the outcome had.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, there is no such
///     outcome, or it has probability 0. As with every error, nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// See Also
/// --------
/// numket.measure : For an outcome that is drawn.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> bell = nk.ket("00").h(0).cx(0, 1).state
/// >>> round(nk.project(bell, 1, 1), 12)
/// 0.5
/// >>> bell.real.round(12)
/// array([0., 0., 0., 1.])
#[pyfunction(signature = (state, qubits, outcome, *, batch=0, threads=None))]
pub fn project<'py>(
    state: &Bound<'py, PyAny>,
    qubits: &Bound<'py, PyAny>,
    outcome: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = state.py();
    check_first("state", state)?;
    let listed = args::qubits(qubits)?;
    let num_bits = listed.len();
    let refused = |given| Error::OutcomeRange { given, num_bits };
    let outcome = basis_index("outcome", outcome, num_bits, refused)? as u64;
    let ((mut source, bits), mut found) = settled(
        || args::state_and_bits(state, batch, Access::Write, Some(&listed)),
        |(source, _)| shape_of(source, &[]),
        |shape, _| Numbers::<f64>::empty(py, shape),
    )?;
    let nanos = observe::nanos_to_collapse(&source.layout);
    work!(py, nanos, threads, source.changing(), found.filling(), |(mut states, found), crew| {
        observe::project(&mut states, &bits, outcome, found, crew)
    })??;
    Ok(found.into_result())
}
