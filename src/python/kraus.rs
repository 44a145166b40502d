//! Kraus channels: one step of a quantum trajectory.

use num_complex::Complex64;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::args::{self, Options, Place};
use super::door::{Access, Numbers, State, in_precision, leased};
use super::operators::finite;
use crate::error::Error;
use crate::exec;
use crate::observe::{self, Channel};
use crate::simd::Isa;

/// The channel of operators on so many qubits.
pub fn channel(numbers: &Numbers<'_, Complex64>, qubits: usize) -> PyResult<Channel> {
    let dim = 1usize.checked_shl(qubits as u32).unwrap_or(0);
    if numbers.shape.len() != 3 || numbers.shape[0] == 0 || numbers.shape[1..] != [dim, dim] {
        let shape = numbers.shape.clone();
        return Err(Error::OperatorSize { argument: "operators", shape, qubits }.into());
    }
    finite("operators", numbers.as_slice())?;
    Ok(Channel::new(numbers.as_slice(), dim)?)
}

/// Applies one operator of a channel, drawn with the probability that it has, and keeps the norm: one
/// step of a quantum trajectory, in place. Averaged over many, states evolve as
/// rho -> sum of K rho K^dagger.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
/// operators : array_like, shape (m, 2**k, 2**k)
///     The Kraus operators; the sum of K^dagger K is the identity.
/// qubits : int or sequence of int
///     The k distinct qubits.
/// rng : None, int or numpy.random.Generator, optional
///     What np.random.default_rng takes; a Generator is advanced by one number for each state, which
///     are drawn before the state itself is looked at: also if it is then refused for its norm or
///     because another call is using it.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// int, or ndarray of int64 of the batch's shape
///     The number of the operator that was applied.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
///     Before anything is written.
///
/// Examples
/// --------
/// >>> import numpy as np, numket as nk
/// >>> decay = [[[1, 0], [0, np.sqrt(0.75)]], [[0, 0.5], [0, 0]]]
/// >>> psi = nk.basis_state(1, "1")
/// >>> [nk.apply_kraus(psi, decay, 0, rng=seed) for seed in (3, 5, 8)]
/// [0, 1, 0]
/// >>> psi.real
/// array([1., 0.])
#[pyfunction]
#[pyo3(signature = (state, operators, qubits, /, *, rng=None, batch=0, threads=None))]
pub fn apply_kraus<'py>(
    state: &Bound<'py, PyAny>,
    operators: &Bound<'py, PyAny>,
    qubits: &Bound<'py, PyAny>,
    rng: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = state.py();
    let options = Options { controls: None, control_values: None, batch, threads };
    let targets = args::qubits(qubits)?;
    let threads = options.threads()?;
    let array = Numbers::<Complex64>::array("operators", operators)?;
    let numpy = py.import("numpy")?;
    let generator = numpy.getattr("random")?.call_method1("default_rng", (rng,))?;
    let look = || -> PyResult<_> {
        let numbers = Numbers::<Complex64>::of_array("operators", &array)?;
        let channel = channel(&numbers, targets.len())?;
        let state = State::new("state", state, batch, Access::Write)?;
        let mut place = Place::new();
        place.fill(&state.layout, &[], &[], &targets)?;
        Ok((numbers, state, place, channel))
    };
    let shape = look()?.1.layout.batch().map_or(Vec::new(), |batch| batch.shape.clone());
    // One number for each state. Drawing runs other code, so all is looked at anew after it.
    let drawn = generator.call_method1("random", (PyTuple::new(py, &shape)?,))?;
    let drawn = Numbers::<f64>::array("rng", &drawn)?;
    let chosen = numpy.call_method1("zeros", (PyTuple::new(py, &shape)?, "int64"))?;
    let (_, mut state, place, channel) = look()?;
    let drawn = Numbers::<f64>::of_array("rng", &drawn)?;
    if state.layout.batch().map_or(&[][..], |batch| &batch.shape) != shape {
        return Err(PyValueError::new_err(
            "'state' has got another shape while 'rng' drew numbers for it; both must stand still during a \
             call: do not change the array from the generator",
        ));
    }
    if drawn.shape != shape {
        return Err(PyValueError::new_err(
            "'rng' drew another number of numbers than it was asked for; there must be one for each state: \
             use np.random.default_rng()",
        ));
    }
    let mut numbers = Numbers::<i64>::write("rng", &chosen)?;
    // A copy, because nobody knows whose memory the generator has returned.
    let uniforms = drawn.as_slice().to_vec();
    let isa = Isa::chosen()?;
    let site = place.site();
    let nanos = observe::nanos_to_step(&state.layout, &channel, &site);
    let threads = exec::threads_for(nanos, threads)?;
    let spans = [state.span, numbers.span];
    let numbers = numbers.as_mut_slice();
    in_precision!(state, T => {
        let mut view = state.view_mut::<T>();
        // SAFETY: the span of the state is that of the whole batch, and leased.
        leased(py, nanos, spans, || unsafe {
            observe::trajectory_step(&mut view, &channel, site.targets, &uniforms, numbers, isa, threads)
        })?
    })?;
    if shape.is_empty() { chosen.call_method0("item") } else { Ok(chosen) }
}
