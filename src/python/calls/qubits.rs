//! Readings of all qubits at once: Bloch vectors and correlations.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::super::args::batch_axes;
use super::super::door::{Access, Limit, Numbers, State, aligned, check_first, settled, shape_of, work};
use super::super::error::{kind_of, shown};
use super::super::invoke::plain;
use crate::observe::{self, Letter};

/// A state, and room for an array of float64 of a shape that follows from the number of its qubits.
fn with_room<'a, 'py>(
    state: &'a Bound<'py, PyAny>,
    batch: i64,
    last: impl Fn(usize) -> [usize; 2],
) -> PyResult<(State<'a>, Numbers<'py, f64>)> {
    check_first("state", state)?;
    let shape = |source: &State<'_>| shape_of(source, &last(source.layout.num_qubits()));
    settled(
        || State::new("state", state, batch, Access::Read),
        shape,
        |shape, _| Numbers::<f64>::empty(state.py(), shape),
    )
}

/// The Bloch vectors of all qubits: the expectation values of X, Y and Z of each.
///
/// All are read together: up to 15 qubits in one pass over the state, and 9 more in each further one.
/// They are summed in double precision and in one fixed order: the result has the same bits for any
/// number of threads.
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
/// ndarray of float64, shape (n, 3) after the batch axes
///     Row q is (<X>, <Y>, <Z>) of qubit q, not divided by norm(state)**2. In a state of norm 1 its
///     length is 1 where the qubit is not entangled, and 0 where it is as much as can be.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes.
/// ValueError
///     Where the shape is another.
/// BufferInUseError
///     Where another call is changing the state.
///
/// See Also
/// --------
/// numket.qubit_entropies : How entangled each qubit is, from these.
/// numket.correlations : Of pairs of qubits.
/// numket.expectation : Of any Pauli string.
///
/// Notes
/// -----
/// M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum Information (Cambridge
/// University Press, 2010), sections 1.2 and 2.4.2.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.bloch_vectors(nk.ket("010").h(2).state).round(12)
/// array([[ 0.,  0.,  1.],
///        [ 0.,  0., -1.],
///        [ 1.,  0.,  0.]])
/// >>> bell = nk.ket("00").h(0).cx(0, 1).state
/// >>> float(abs(nk.bloch_vectors(bell)).max().round(12))  # each qubit alone is fully mixed
/// 0.0
#[pyfunction(signature = (state, *, batch=0, threads=None))]
pub fn bloch_vectors<'py>(
    state: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut copy = None;
    let state = aligned("state", state, &mut copy)?;
    let (source, mut vectors) = with_room(state, batch, |n| [n, 3])?;
    let nanos = observe::nanos_to_bloch_vectors(&source.layout);
    work!(state.py(), nanos, threads, source.reading(), vectors.filling(), |(states, out), crew| {
        observe::bloch_vectors(states, out, crew);
    })?;
    Ok(vectors.into_array())
}

/// The Pauli operator that a string of one letter names.
fn letter_of(given: &Bound<'_, PyAny>) -> PyResult<Letter> {
    let Ok(letter) = plain::<String>(given) else {
        let found = kind_of(given);
        return Err(PyTypeError::new_err(format!("'pauli' is a {found}; use 'X', 'Y' or 'Z'")));
    };
    match letter.as_str() {
        "X" => Ok(Letter::X),
        "Y" => Ok(Letter::Y),
        "Z" => Ok(Letter::Z),
        _ => Err(PyValueError::new_err(format!("'pauli' is {}; use 'X', 'Y' or 'Z'", shown(given)?))),
    }
}

/// The expectation values of ZZ, or XX or YY, for all pairs of qubits.
///
/// Those of Z are read in one pass over the state, however many pairs there are; those of X and of Y
/// pair by pair. They are summed in double precision and in one fixed order: the result has the same
/// bits for any number of threads.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Only read. Qubit q is axis q of state.reshape((2,) * n).
/// pauli : str
///     The operator on both qubits: "X", "Y" or "Z".
/// connected : bool
///     Whether to subtract the product of both expectation values: what is left are the covariances
///     of outcomes +1 and -1, which are 0 for qubits that know nothing of each other.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of float64, shape (n, n) after the batch axes
///     Symmetric, and not divided by norm(state)**2, which is what the diagonal holds without
///     `connected`.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or `pauli` no str.
/// ValueError
///     Where the shape is another, or `pauli` is none of the three letters.
/// BufferInUseError
///     Where another call is changing the state.
///
/// See Also
/// --------
/// numket.bloch_vectors : Of single qubits.
/// numket.expectation : Of any Pauli string.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> bell = nk.ket("000").h(0).cx(0, 1).state
/// >>> nk.correlations(bell).round(12)
/// array([[1., 1., 0.],
///        [1., 1., 0.],
///        [0., 0., 1.]])
/// >>> float(nk.correlations(bell, "Y")[0, 1].round(12))
/// -1.0
#[pyfunction(
    signature = (state, pauli=Letter::Z, *, connected=false, batch=0, threads=None),
    text_signature = "(state, pauli='Z', *, connected=False, batch=0, threads=None)"
)]
pub fn correlations<'py>(
    state: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = letter_of)] pauli: Letter,
    connected: bool,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut copy = None;
    let state = aligned("state", state, &mut copy)?;
    let (source, mut pairs) = with_room(state, batch, |n| [n, n])?;
    let nanos = observe::nanos_to_correlations(&source.layout, pauli);
    work!(state.py(), nanos, threads, source.reading(), pairs.filling(), |(states, out), crew| {
        observe::correlations(states, pauli, connected, out, crew);
    })?;
    Ok(pairs.into_array())
}
