//! Operators that the user brings: matrices, diagonals, permutations.

use pyo3::prelude::*;

use super::super::args::{self, Options, batch_axes};
use super::super::door::{Access, Element, Limit, Numbers, State, check_first};
use super::gates::run;
use crate::apply::Operators;
use crate::error::Error;
use crate::kernels::OwnedSite;
use crate::layout::Rows;
use crate::operator::{Operator, core_axes, transpositions};

/// What all calls here do: read the arguments, then the state, check, and run what `operators` makes of
/// the numbers, with room for transpositions.
fn call<T: Element>(
    state: &Bound<'_, PyAny>,
    argument: &'static str,
    given: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    options: &Options<'_, '_>,
    operators: impl for<'a> FnOnce(Rows<'a, T>, &'a mut Vec<(usize, usize)>) -> Result<Operators<'a>, Error>,
) -> PyResult<()> {
    check_first("state", state)?;
    let (targets, controls) = (args::qubits(qubits)?, args::controls(options)?);
    let numbers = Numbers::read(argument, given)?;
    let mut state = State::new("state", state, options.batch, Access::Write)?;
    let site = OwnedSite::of(&state.layout, &controls, &targets)?;
    let core = core_axes(argument, &numbers.shape, targets.len(), state.layout.batch().is_some())?;
    let rows = numbers.rows(core, state.batch_shape())?;
    if state.layout.states() == 0 {
        return Ok(());
    }
    numbers.check_fits(state.precision)?;
    if state.layout.is_real() && !numbers.as_slice().iter().all(|&number| T::is_real(number)) {
        return Err(Error::NotRealOperator { operator: format!("'{argument}'") }.into());
    }
    let mut room = Vec::new();
    let operators = operators(rows, &mut room)?;
    run(qubits.py(), &mut state, &[numbers.region()], &operators, &site, options.threads)
}

/// Applies any matrix to qubits of a state, in place.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
///     The matrix, unitary or not. The first qubit is the most significant bit of a row index, so
///     that np.kron(A, B) is A on the first qubit and B on the second. With batch axes, axes
///     before these count matrices and broadcast against the batch.
/// qubits : int or sequence of int
///     The k distinct qubits.
/// controls : int or sequence of int, optional
///     Qubits that must have their control values; other amplitudes stay as they are.
/// control_values : int or sequence of int, optional
///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or is real and the numbers of the operator
///     are not, or another argument has a wrong type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, or the matrix is not
///     finite. As with every error, nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// Examples
/// --------
/// >>> import numpy as np, numket as nk
/// >>> X, Y = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]])
/// >>> psi = nk.zero_state(2)
/// >>> nk.apply(psi, X, 0)
/// >>> nk.apply(psi, np.kron(X, Y), (0, 1))
/// >>> psi
/// array([0.+0.j, 0.+1.j, 0.+0.j, 0.+0.j])
#[pyfunction(signature = (state, matrix, qubits, *, controls=None, control_values=None, batch=0, threads=None))]
pub fn apply(
    state: &Bound<'_, PyAny>,
    matrix: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    call(state, "matrix", matrix, qubits, &options, |rows, _| {
        Ok(Operators::of_entries(rows, Operator::Dense))
    })
}

/// Multiplies a state by a diagonal matrix on some of its qubits, in place.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// diagonal : array_like, shape (2**k,)
///     Entry i belongs to the basis state whose bits spell i, the first qubit's first. With batch
///     axes, axes before this one count diagonals and broadcast against the batch.
/// qubits : int or sequence of int
///     The k distinct qubits.
/// controls : int or sequence of int, optional
///     Qubits that must have their control values; other amplitudes stay as they are.
/// control_values : int or sequence of int, optional
///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or is real and the numbers of the operator
///     are not, or another argument has a wrong type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, or an entry is not
///     finite. As with every error, nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.basis_state(2, "11")
/// >>> nk.apply_diagonal(psi, [1, 1, 1, -1], (0, 1))  # as cz
/// >>> psi.real
/// array([ 0.,  0.,  0., -1.])
#[pyfunction(signature = (state, diagonal, qubits, *, controls=None, control_values=None, batch=0, threads=None))]
pub fn apply_diagonal(
    state: &Bound<'_, PyAny>,
    diagonal: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    call(state, "diagonal", diagonal, qubits, &options, |rows, _| {
        Ok(Operators::of_entries(rows, Operator::Diagonal))
    })
}

/// Moves the amplitudes of a state as a permutation of basis states says, in place.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// permutation : array_like of int, shape (2**k,)
///     Basis state i of the listed qubits becomes basis state permutation[i]: new[permutation[i]]
///     = old[i]. The first qubit is the most significant bit of i. All states of a batch share
///     it.
/// qubits : int or sequence of int
///     The k distinct qubits.
/// controls : int or sequence of int, optional
///     Qubits that must have their control values; other amplitudes stay as they are.
/// control_values : int or sequence of int, optional
///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or is real and the numbers of the operator
///     are not, or another argument has a wrong type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, or `permutation` does
///     not list each of 0 to 2**k - 1 once. As with every error, nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.basis_state(2, 3)
/// >>> nk.apply_permutation(psi, [1, 2, 3, 0], (0, 1))  # add 1 modulo 4
/// >>> psi.real
/// array([1., 0., 0., 0.])
#[pyfunction(signature = (state, permutation, qubits, *, controls=None, control_values=None, batch=0, threads=None))]
pub fn apply_permutation(
    state: &Bound<'_, PyAny>,
    permutation: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    call(state, "permutation", permutation, qubits, &options, |rows, room| {
        *room = transpositions(rows.first())?;
        Ok(Operators::Shared(Operator::Permutation(room)))
    })
}
