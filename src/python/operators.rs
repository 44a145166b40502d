//! Operators that the user brings: matrices, diagonals, permutations.

use num_complex::Complex64;
use pyo3::prelude::*;

use super::args::{Options, Place};
use super::door::{Access, Numbers, State};
use super::gates::run;
use crate::error::Error;
use crate::operator::{Operator, exchanges};

/// State and place of a call, checked.
fn placed(
    array: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    options: &Options<'_, '_>,
) -> PyResult<(State, Place, Option<usize>)> {
    let state = State::new("state", array, options.batch, Access::Write)?;
    let mut place = Place::new();
    place.all_targets(&state.layout, qubits)?;
    place.options(&state.layout, options)?;
    let threads = options.threads()?;
    Ok((state, place, threads))
}

/// Numbers of the shape that `k` qubits need; `power` is 2 for a matrix.
fn sized<'py, T: super::door::Element>(
    argument: &'static str,
    given: &Bound<'py, PyAny>,
    qubits: usize,
    power: usize,
) -> PyResult<Numbers<'py, T>> {
    let numbers = Numbers::read(argument, given)?;
    let dim = 1usize.checked_shl(qubits as u32).unwrap_or(0);
    let shape = numbers.shape.as_slice();
    let tensor = shape.len() == power * qubits && shape.iter().all(|&len| len == 2);
    if (shape.len() == power && shape.iter().all(|&len| len == dim)) || (tensor && power == 2) {
        Ok(numbers)
    } else {
        Err(Error::OperatorSize { argument, shape: shape.to_vec(), qubits }.into())
    }
}

fn finite(argument: &'static str, entries: &[Complex64]) -> PyResult<()> {
    if entries.iter().all(|entry| entry.is_finite()) {
        Ok(())
    } else {
        Err(Error::NotFinite { argument }.into())
    }
}

/// Applies any matrix to qubits of a state, in place.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
///     Unitary or not. The first qubit is the most significant bit of a row index, so that
///     np.kron(A, B) is A on the first qubit and B on the second.
/// qubits : int or sequence of int
///     The k distinct qubits.
/// controls, control_values : sequences of int, optional
///     Qubits that must have the given values, 0 or 1 (all 1 if not given).
/// batch : int
///     Number of leading batch axes; only 0 is supported yet.
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
/// >>> import numpy as np, numket as nk
/// >>> psi = nk.zero_state(2)
/// >>> nk.apply(psi, np.kron([[0, 1], [1, 0]], np.eye(2)), (0, 1))
/// >>> psi.real
/// array([0., 0., 1., 0.])
#[pyfunction]
#[pyo3(signature = (state, matrix, qubits, /, *, controls=None, control_values=None, batch=0, threads=None))]
#[allow(clippy::too_many_arguments, reason = "the arguments and the options")]
pub fn apply(
    state: &Bound<'_, PyAny>,
    matrix: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    let (mut leased, place, threads) = placed(state, qubits, &options)?;
    let matrix = sized("matrix", matrix, place.targets().len(), 2)?;
    finite("matrix", matrix.as_slice())?;
    run(state.py(), &mut leased, &Operator::Dense(matrix.as_slice()), place.site(), threads)
}

/// Multiplies a state by a diagonal matrix on some of its qubits, in place.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// diagonal : array_like, shape (2**k,)
///     Entry i belongs to the basis state whose bits, the first qubit's first, spell i.
/// qubits : int or sequence of int
///     The k distinct qubits.
/// controls, control_values : sequences of int, optional
///     Qubits that must have the given values, 0 or 1 (all 1 if not given).
/// batch : int
///     Number of leading batch axes; only 0 is supported yet.
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
/// >>> psi = nk.basis_state(2, "11")
/// >>> nk.apply_diagonal(psi, [1, 1, 1, -1], (0, 1))
/// >>> psi.real
/// array([ 0.,  0.,  0., -1.])
#[pyfunction]
#[pyo3(signature = (state, diagonal, qubits, /, *, controls=None, control_values=None, batch=0, threads=None))]
#[allow(clippy::too_many_arguments, reason = "the arguments and the options")]
pub fn apply_diagonal(
    state: &Bound<'_, PyAny>,
    diagonal: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    let (mut leased, place, threads) = placed(state, qubits, &options)?;
    let diagonal = sized("diagonal", diagonal, place.targets().len(), 1)?;
    finite("diagonal", diagonal.as_slice())?;
    run(state.py(), &mut leased, &Operator::Diagonal(diagonal.as_slice()), place.site(), threads)
}

/// Moves the amplitudes of a state as a permutation of basis states says, in place.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// permutation : array_like of int, shape (2**k,)
///     Basis state i of the listed qubits becomes basis state permutation[i]:
///     new[permutation[i]] = old[i]. The first qubit is the most significant bit of i.
/// qubits : int or sequence of int
///     The k distinct qubits.
/// controls, control_values : sequences of int, optional
///     Qubits that must have the given values, 0 or 1 (all 1 if not given).
/// batch : int
///     Number of leading batch axes; only 0 is supported yet.
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
/// >>> psi = nk.basis_state(2, 3)
/// >>> nk.apply_permutation(psi, [1, 2, 3, 0], (0, 1))  # add 1 modulo 4
/// >>> psi.real
/// array([1., 0., 0., 0.])
#[pyfunction]
#[pyo3(signature = (state, permutation, qubits, /, *, controls=None, control_values=None, batch=0, threads=None))]
#[allow(clippy::too_many_arguments, reason = "the arguments and the options")]
pub fn apply_permutation(
    state: &Bound<'_, PyAny>,
    permutation: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    let (mut leased, place, threads) = placed(state, qubits, &options)?;
    let permutation = sized("permutation", permutation, place.targets().len(), 1)?;
    let exchanges = exchanges(permutation.as_slice())?;
    run(state.py(), &mut leased, &Operator::Permutation(&exchanges), place.site(), threads)
}
