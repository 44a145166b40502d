//! Pauli strings on a state.

use pyo3::prelude::*;

use super::super::args::{self, Options, batch_axes};
use super::super::door::{Access, Limit, Numbers, Region, State, check_first};
use super::gates::run;
use crate::apply::Operators;
use crate::error::{Error, shortened};
use crate::kernels::OwnedSite;
use crate::operator::PauliString;

/// What both calls here do: read the arguments, then the state, check, and run. Without angles, the
/// string itself is applied.
fn call(
    state: &Bound<'_, PyAny>,
    theta: Option<&Bound<'_, PyAny>>,
    pauli: &Bound<'_, PyAny>,
    qubits: Option<&Bound<'_, PyAny>>,
    options: &Options<'_, '_>,
) -> PyResult<()> {
    check_first("state", state)?;
    let letters = args::letters(pauli)?;
    let string = PauliString::of(letters)?;
    let qubits = qubits.map(args::qubits).transpose()?;
    let controls = args::controls(options)?;
    let angles: Option<Numbers<'_, f64>> = match theta {
        Some(theta) if options.batch == 0 => args::single_angles(&["theta"], &[theta])?.pop(),
        Some(theta) => args::angles(&["theta"], &[theta])?.pop(),
        None => None,
    };
    let mut state = State::new("state", state, options.batch, Access::Write)?;
    let (site, string) =
        OwnedSite::of_pauli(&state.layout, string, letters.len(), qubits.as_deref(), &controls)?;
    // Strings with an odd number of Y are imaginary, and rotations about those are real.
    if state.layout.is_real() && string.is_real() == theta.is_some() {
        let what = if theta.is_some() { "a rotation about" } else { "the product" };
        return Err(Error::NotRealOperator { operator: format!("{what} {}", shortened(letters)) }.into());
    }
    let rows = angles.as_ref().map(|angles| angles.rows(0, state.batch_shape())).transpose()?;
    if state.layout.states() == 0 {
        return Ok(());
    }
    let read: Vec<Region<'_>> = angles.iter().map(Numbers::region).collect();
    let mut entries = Default::default();
    let operators = Operators::of_pauli(string, rows, &mut entries);
    run(pauli.py(), &mut state, &read, &operators, &site, options.threads)
}

/// Applies a product of Pauli operators to a state, in place and in one pass.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// pauli : str
///     A letter I, X, Y or Z for each qubit.
/// qubits : int or sequence of int, optional
///     The qubits of the letters; all in order if not given.
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
///     Where the state is no ndarray of these dtypes, or is real and the operator is not, or
///     another argument has a wrong type.
/// ValueError
///     Where a shape does not fit, there is another letter, a qubit is out of range or listed
///     twice, or there is not one for each letter. As with every error, nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// See Also
/// --------
/// numket.PauliSum.apply : The same for a sum of such products.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.basis_state(3, "001")
/// >>> nk.apply_pauli(psi, "XIZ")  # X on qubit 0, Z on qubit 2
/// >>> psi.real
/// array([ 0.,  0.,  0.,  0.,  0., -1.,  0.,  0.])
#[pyfunction(signature = (state, pauli, qubits=None, *, controls=None, control_values=None, batch=0, threads=None))]
pub fn apply_pauli(
    state: &Bound<'_, PyAny>,
    pauli: &Bound<'_, PyAny>,
    qubits: Option<&Bound<'_, PyAny>>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    call(state, None, pauli, qubits, &options)
}

/// Rotates a state about a product P of Pauli operators: exp(-i theta/2 P), in place and in one pass.
///
/// As P is its own inverse, this is cos(theta/2) - i sin(theta/2) P.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// theta : float or array_like
///     The angle in radians. An array, with `batch`, broadcasts against the batch axes.
/// pauli : str
///     A letter I, X, Y or Z for each qubit.
/// qubits : int or sequence of int, optional
///     The qubits of the letters; all in order if not given.
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
///     Where the state is no ndarray of these dtypes, or is real and the operator is not, or
///     another argument has a wrong type.
/// ValueError
///     Where a shape does not fit, the angle is not finite, there is another letter, a qubit is
///     out of range or listed twice, or there is not one for each letter. As with every error,
///     nothing has been written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// Notes
/// -----
/// M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum Information (Cambridge
/// University Press, 2010), section 4.2, exercise 4.2.
///
/// Examples
/// --------
/// >>> import numpy as np, numket as nk
/// >>> psi = nk.zero_state(2)
/// >>> nk.pauli_rotation(psi, np.pi / 2, "YX")
/// >>> psi.round(3)
/// array([0.707+0.j, 0.   +0.j, 0.   +0.j, 0.707+0.j])
#[pyfunction(signature = (state, theta, pauli, qubits=None, *, controls=None, control_values=None, batch=0, threads=None))]
pub fn pauli_rotation(
    state: &Bound<'_, PyAny>,
    theta: &Bound<'_, PyAny>,
    pauli: &Bound<'_, PyAny>,
    qubits: Option<&Bound<'_, PyAny>>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    call(state, Some(theta), pauli, qubits, &options)
}
