//! Pauli strings on a state.

use std::ops::Range;

use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::super::args::{self, Options};
use super::super::door::{Access, Numbers, State};
use super::gates::{run, run_batch};
use crate::apply::Operators;
use crate::error::Error;
use crate::kernels::OwnedSite;
use crate::layout::Batch;
use crate::lease::Span;
use crate::operator::{Operator, PauliString};

/// What both calls here do: read the arguments, then the state, check, and run. Without angles, the
/// string itself is applied.
fn call(
    state: &Bound<'_, PyAny>,
    theta: Option<&Bound<'_, PyAny>>,
    pauli: &Bound<'_, PyString>,
    qubits: Option<&Bound<'_, PyAny>>,
    options: &Options<'_, '_>,
) -> PyResult<()> {
    let letters = pauli.to_str()?;
    let string = PauliString::of(letters)?;
    let qubits = qubits.map(args::qubits).transpose()?;
    let (controls, limit) = (args::controls(options)?, options.limit()?);
    let angles: Option<Numbers<'_, f64>> = match theta {
        Some(theta) if options.batch == 0 => {
            // As for every gate: one number, whatever it is wrapped in.
            let theta = args::angle("theta", theta)?.into_pyobject(state.py())?;
            args::angles(&["theta"], &[&theta])?.pop()
        }
        Some(theta) => args::angles(&["theta"], &[theta])?.pop(),
        None => None,
    };
    let mut state = State::new("state", state, options.batch, Access::Write)?;
    let num_qubits = state.layout.num_qubits();
    let qubits = match qubits {
        Some(qubits) => qubits,
        // Axes of length 1 are no qubits.
        None => (0..64).filter(|&axis| state.layout.bit_of(axis).is_ok()).collect(),
    };
    if letters.len() != qubits.len() {
        return Err(Error::PauliLength { letters: letters.len(), qubits: qubits.len() }.into());
    }
    // Every qubit must be there once; those with an I are then left to the controls.
    OwnedSite::new().fill(&state.layout, &[], &[], &qubits)?;
    debug_assert!(qubits.len() <= num_qubits);
    let support = string.support(qubits.len());
    let targets: Vec<i64> =
        support.iter().map(|&place| qubits[qubits.len() - 1 - usize::from(place)]).collect();
    let kept = string.at(&support);
    let mut site = OwnedSite::new();
    site.fill(&state.layout, &[], &controls, &targets)?;
    let places = match &angles {
        Some(angles) => angles.broadcast("theta", 0, state.batch_shape())?,
        None => Batch::default(),
    };
    if state.layout.states() == 0 {
        return Ok(());
    }
    let spans = [angles.as_ref().map_or(Span::NOWHERE, |angles| angles.span)];
    let angles = angles.as_ref().map_or(&[][..], Numbers::as_slice);
    let first = match angles {
        [] => [Complex64::ZERO, Complex64::ONE],
        [theta, ..] => PauliString::rotation(*theta),
    };
    let operator = Operator::Pauli(kept, &first);
    let py = pauli.py();
    if state.layout.batch().is_none() {
        return run(py, &mut state, spans, &operator, site.as_site(), limit);
    }
    let fill = |range: Range<usize>, out: &mut [Complex64]| {
        for (out, at) in out.as_chunks_mut::<2>().0.iter_mut().zip(places.offsets(range, 1)) {
            *out = PauliString::rotation(angles[at as usize]);
        }
    };
    let operators = match angles.len() {
        0 | 1 => Operators::Shared(operator),
        _ => Operators::Each { like: operator, fill: &fill },
    };
    run_batch(py, &mut state, spans, &operators, site.as_site(), limit)
}

/// Applies a product of Pauli operators to a state, in place and in one pass.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// pauli : str
///     A letter I, X, Y or Z for each qubit.
/// qubits : int or sequence of int, optional
///     The qubits of the letters; all in order if not given.
/// controls : sequence of int, optional
///     Further qubits, on whose values it depends whether anything is done.
/// control_values : sequence of int, optional
///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
///     type.
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
#[pyfunction]
#[pyo3(signature = (state, pauli, /, qubits=None, *, controls=None, control_values=None, batch=0, threads=None))]
pub fn apply_pauli(
    state: &Bound<'_, PyAny>,
    pauli: &Bound<'_, PyString>,
    qubits: Option<&Bound<'_, PyAny>>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    batch: i64,
    threads: Option<i64>,
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
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// theta : float or array_like
///     The angle in radians. An array, with `batch`, broadcasts against the batch axes.
/// pauli : str
///     A letter I, X, Y or Z for each qubit.
/// qubits : int or sequence of int, optional
///     The qubits of the letters; all in order if not given.
/// controls : sequence of int, optional
///     Further qubits, on whose values it depends whether anything is done.
/// control_values : sequence of int, optional
///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
///     type.
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
#[pyfunction]
#[pyo3(signature = (state, theta, pauli, /, qubits=None, *, controls=None, control_values=None, batch=0, threads=None))]
#[allow(clippy::too_many_arguments, reason = "the arguments and the options")]
pub fn pauli_rotation(
    state: &Bound<'_, PyAny>,
    theta: &Bound<'_, PyAny>,
    pauli: &Bound<'_, PyString>,
    qubits: Option<&Bound<'_, PyAny>>,
    controls: Option<&Bound<'_, PyAny>>,
    control_values: Option<&Bound<'_, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<()> {
    let options = Options { controls, control_values, batch, threads };
    call(state, Some(theta), pauli, qubits, &options)
}
