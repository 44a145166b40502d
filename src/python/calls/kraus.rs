//! Kraus channels: one step of a quantum trajectory.

use num_complex::Complex64;
use pyo3::prelude::*;

use super::super::args::{self, batch_axes, random};
use super::super::door::{Access, Limit, Numbers, check_first, settled, shape_of, work};
use crate::error::Error;
use crate::kernels::Site;
use crate::observe::{self, Channel};
use crate::operator::are_real;

/// Applies one of the operators of a Kraus channel, drawn at random: one step of a quantum trajectory.
///
/// In place. Operator K is drawn with the probability norm(K state)**2 / norm(state)**2, and the
/// result is scaled to the norm that the state had. Averaged over many such states, the density
/// matrix rho becomes the sum of K rho K^dagger.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// operators : array_like, shape (m, 2**k, 2**k)
///     The m Kraus operators, of which the sum of K^dagger K is the identity. numket.channels has
///     some.
/// qubits : int or sequence of int
///     The k distinct qubits, the first being the most significant bit of a row index.
/// rng : None, int or numpy.random.Generator, optional
///     What np.random.default_rng takes. A Generator is advanced by one number for each state.
///     They are drawn first: also if the call is then refused because the state has no norm or is
///     in use.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// int, or ndarray of int64 of the batch axes
///     The number of the operator that was applied, from 0.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or is real and the operators are not, or
///     another argument has a wrong type.
/// ValueError
///     Where a shape does not fit, a qubit is out of range or listed twice, the operators are not
///     finite or no channel, or a state has norm 0. As with every error, nothing has been
///     written.
/// BufferInUseError
///     Where another call is using the memory of the state.
///
/// See Also
/// --------
/// numket.Circuit.trajectories : Means over many trajectories.
/// numket.channels : The usual channels.
///
/// Notes
/// -----
/// J. Dalibard, Y. Castin and K. Mølmer, "Wave-function approach to dissipative processes in
/// quantum optics", Physical Review Letters 68, 580 (1992).
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> decay = nk.channels.amplitude_damping(0.25)
/// >>> psi = nk.basis_state(1, "1")
/// >>> [nk.apply_kraus(psi, decay, 0, rng=seed) for seed in (3, 5, 8)]
/// [0, 1, 0]
/// >>> psi.real
/// array([1., 0.])
#[pyfunction(signature = (state, operators, qubits, *, rng=None, batch=0, threads=None))]
pub fn apply_kraus<'py>(
    state: &Bound<'py, PyAny>,
    operators: &Bound<'py, PyAny>,
    qubits: &Bound<'py, PyAny>,
    rng: Option<&Bound<'py, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = state.py();
    check_first("state", state)?;
    let targets = args::qubits(qubits)?;
    let array = Numbers::<Complex64>::array("operators", operators)?;
    let generator = random::generator(py, rng)?;
    let look = || -> PyResult<_> {
        let numbers = Numbers::<Complex64>::of_array("operators", &array)?;
        let channel = Channel::of_array(numbers.as_slice(), &numbers.shape, targets.len())?;
        let (state, bits) = args::state_and_bits(state, batch, Access::Write, Some(&targets))?;
        if state.layout.is_real() && !are_real(numbers.as_slice()) {
            return Err(Error::NotRealOperator { operator: "'operators'".to_owned() }.into());
        }
        Ok((state, bits, channel))
    };
    let ((mut state, bits, channel), (uniforms, mut chosen)) = settled(
        look,
        |(state, ..)| shape_of(state, &[]),
        |shape, _| Ok((random::uniforms(&generator, shape)?, Numbers::<i64>::empty(py, shape)?)),
    )?;
    let site = Site { targets: &bits, controls: 0, values: 0 };
    let nanos = observe::nanos_of_trajectory_step(&state.layout, &channel, &site);
    work!(py, nanos, threads, state.changing(), chosen.filling(), |(mut states, chosen), crew| {
        observe::trajectory_step(&mut states, &channel, &bits, &uniforms, chosen, crew)
    })??;
    Ok(chosen.into_result())
}
