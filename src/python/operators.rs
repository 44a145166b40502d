//! Operators that the user brings: matrices, diagonals, permutations.

use num_complex::Complex64;
use pyo3::prelude::*;

use super::args::{self, Options, Place};
use super::door::{Access, Element, Numbers, State};
use super::gates::run;
use crate::error::Error;
use crate::operator::{Operator, exchanges};

/// What all calls here do: read the arguments, then the state, check, and run.
fn call<T: Element>(
    state: &Bound<'_, PyAny>,
    argument: &'static str,
    given: &Bound<'_, PyAny>,
    qubits: &Bound<'_, PyAny>,
    options: &Options<'_, '_>,
    run: impl FnOnce(&mut State, &Numbers<'_, T>, &Place, Option<usize>) -> PyResult<()>,
) -> PyResult<()> {
    let targets = args::qubits(qubits)?;
    let controls = args::controls(options)?;
    let threads = options.threads()?;
    let numbers = Numbers::read(argument, given)?;
    let mut state = State::new("state", state, options.batch, Access::Write)?;
    let mut place = Place::new();
    for (qubit, value) in controls {
        place.control(&state.layout, qubit, value)?;
    }
    for &qubit in &targets {
        place.target(&state.layout, qubit)?;
    }
    check_size(argument, &numbers.shape, targets.len())?;
    run(&mut state, &numbers, &place, threads)
}

/// Checks that numbers have the shape that `qubits` qubits need.
fn check_size(argument: &'static str, shape: &[usize], qubits: usize) -> PyResult<()> {
    let dim = 1usize.checked_shl(qubits as u32).unwrap_or(0);
    let square = shape == [dim, dim];
    let tensor = shape.len() == 2 * qubits && shape.iter().all(|&len| len == 2);
    let fits = if argument == "matrix" { square || tensor } else { shape == [dim] };
    if fits {
        Ok(())
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
    call(state, "matrix", matrix, qubits, &options, |leased, matrix, place, threads| {
        finite("matrix", matrix.as_slice())?;
        let operator = Operator::Dense(matrix.as_slice());
        let spans = [leased.span, matrix.span];
        run(state.py(), leased, spans, &operator, place.site(), threads)
    })
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
    call(state, "diagonal", diagonal, qubits, &options, |leased, diagonal, place, threads| {
        finite("diagonal", diagonal.as_slice())?;
        let operator = Operator::Diagonal(diagonal.as_slice());
        let spans = [leased.span, diagonal.span];
        run(state.py(), leased, spans, &operator, place.site(), threads)
    })
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
    call(state, "permutation", permutation, qubits, &options, |leased, permutation, place, threads| {
        let exchanges = exchanges(permutation.as_slice())?;
        let operator = Operator::Permutation(&exchanges);
        let spans = [leased.span];
        run(state.py(), leased, spans, &operator, place.site(), threads)
    })
}
