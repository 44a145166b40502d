//! Collapse: an outcome is drawn or chosen, and the state becomes what it is after it, with its norm as before.
//!
//! A state is read once, for the weights of outcomes, and written once: the amplitudes of other outcomes become 0,
//! and those of the outcome are scaled. If qubits are reset, these move to where the qubits are 0.

use num_complex::Complex64;

use super::cdf::{go_down, grow};
use super::{FEW_BINS, Norms, Reader, factors, nanos, probabilities};
use crate::apply::apply;
use crate::error::{Error, Result};
use crate::exec::{Crew, each_state, each_state_mut, whole};
use crate::kernels::Site;
use crate::layout::Layout;
use crate::operator::Operator;
use crate::progress::Progress;
use crate::simd::Real;
use crate::state::{StateMut, StateRef, StatesMut};

/// Estimate for measuring or projecting each state of a layout.
pub fn nanos_to_collapse(layout: &Layout) -> f64 {
    layout.states() as f64 * (3.0 * nanos(layout.num_qubits()) + 300.0)
}

/// An outcome, with the norm of its part of the state (the root of its weight) and the norm of the whole state.
#[derive(Clone, Copy, Default)]
struct Outcome {
    bits: u64,
    norm: f64,
    of: f64,
}

/// Measures the qubit that is bit `target` of the address, and resets it to 0 if asked to. Returns whether it was 1,
/// or None if the state has norm 0, or no finite norm.
pub fn draw<T: Real>(
    state: &mut StateMut<'_, T>,
    target: u8,
    reset: bool,
    uniform: f64,
    crew: Crew,
) -> Option<bool> {
    let reading = crew.worth(nanos(state.layout().num_qubits()));
    let outcome = drawn(state.as_ref(), &[target], &[uniform], reading).ok()?;
    collapse(state, &[target], outcome, reset, crew);
    Some(outcome.bits == 1)
}

/// Draws an outcome, with one uniform number for each bit.
fn drawn<T: Real>(state: StateRef<'_, T>, bits: &[u8], uniforms: &[f64], crew: Crew) -> Result<Outcome> {
    let (outcome, [total, weight]) = if bits.len() <= FEW_BINS {
        let outcomes = 1 << bits.len();
        let mut tree = [0.0; 2 << FEW_BINS];
        let tree = &mut tree[..2 * outcomes];
        probabilities(state, bits, &mut tree[outcomes..], crew);
        grow(tree);
        if !tree[1].is_finite() || tree[1] <= 0.0 {
            return Err(Error::NoNorm);
        }
        let node = go_down(tree, uniforms);
        ((node - outcomes) as u64, [tree[1], tree[node]])
    } else {
        Reader::new(state, bits, crew)?.descend(state, uniforms, crew.isa)
    };
    Ok(Outcome { bits: outcome, norm: weight.sqrt(), of: total.sqrt() })
}

/// Changes a state to what it is after an outcome of `bits`, and resets these to 0 if asked to.
fn collapse<T: Real>(
    state: &mut StateMut<'_, T>,
    bits: &[u8],
    outcome: Outcome,
    reset: bool,
    crew: Crew,
) {
    let n = state.layout().num_qubits();
    let mut act = |operator: &Operator<'_>, site: Site<'_>| {
        let nanos = crate::apply::nanos(n, operator, &site);
        apply(state, operator, &site, crew.worth(nanos));
    };
    let mut scales = factors::<T>(outcome.of, outcome.norm).map(Complex64::from);
    let zero = Complex64::ZERO;
    if let &[bit] = bits {
        let scale = scales.next().unwrap_or(Complex64::ONE);
        let operator = match (outcome.bits == 1, reset) {
            (false, _) => Operator::Diagonal(&[scale, zero]),
            (true, false) => Operator::Diagonal(&[zero, scale]),
            (true, true) => Operator::Dense(&[zero, scale, zero, zero]),
        };
        let site = Site { targets: &[bit], controls: 0, values: 0 };
        act(&operator, site);
        // The second factor, if there is one.
        for scale in scales {
            act(&Operator::Diagonal(&[scale, scale]), site);
        }
        return;
    }
    // Clears the half of the state where the highest of the bits is not as found, then half of the rest for the next
    // bit, and so on: one sweep in all.
    let k = bits.len();
    let mut found: Vec<(u8, u64)> =
        bits.iter().enumerate().map(|(i, &bit)| (bit, outcome.bits >> (k - 1 - i) & 1)).collect();
    found.sort_unstable_by_key(|&(bit, _)| std::cmp::Reverse(bit));
    let (mut controls, mut values) = (0, 0);
    for &(bit, value) in &found {
        controls |= 1 << bit;
        let others = values | (value ^ 1) << bit;
        act(&Operator::Diagonal(&[zero]), Site { targets: &[], controls, values: others });
        values |= value << bit;
    }
    for scale in scales {
        act(&Operator::Diagonal(&[scale]), Site { targets: &[], controls, values });
    }
    if reset && outcome.bits != 0 {
        // The rest is exchanged with the part where all bits are 0.
        let exchange = [(0, outcome.bits as usize)];
        act(&Operator::Permutation(&exchange), Site { targets: bits, controls: 0, values: 0 });
    }
}

/// Measures the qubits `bits` of each state, and resets them if asked to. `uniforms` has one number in [0, 1) for each
/// bit of each state, and `found` gets the values.
///
/// All outcomes are drawn before any state is changed.
///
/// # Errors
/// [`Error::NoNorm`] where a state has none.
///
/// # Panics
/// Where `uniforms` or `found` has not as many elements, or `bits` are not distinct bits of the state.
///
/// ```
/// use num_complex::Complex64;
/// use numket::{exec::Crew, layout::Layout, observe, state::StatesMut};
///
/// let mut bell = [0.6, 0.0, 0.0, 0.8].map(|x| Complex64::new(x, 0.0));
/// let (layout, mut found) = (Layout::flat(2), [0]);
/// let mut states = StatesMut::new(&mut bell, &layout);
/// observe::measure(&mut states, &[0], &[0.3], &mut found, false, Crew::alone()?)?;
/// assert_eq!(found, [1]); // 0.3 is below the probability of 1, 0.64
/// assert!((bell[3].re - 1.0).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
pub fn measure<T: Real>(
    states: &mut StatesMut<'_, T>,
    bits: &[u8],
    uniforms: &[f64],
    found: &mut [i8],
    reset: bool,
    crew: Crew,
) -> Result<()> {
    let layout = states.layout();
    let k = bits.len();
    Site { targets: bits, controls: 0, values: 0 }.check(layout);
    assert_eq!([uniforms.len(), found.len()], [k * states.len(); 2], "a number for each bit and state");
    let one = nanos_to_collapse(layout) / states.len().max(1) as f64;
    let (across, inside) = crew.shared_out(one);
    let reading = inside.worth(nanos(layout.num_qubits()));
    let choose = |state: StateRef<'_, T>, number: usize| {
        drawn(state, bits, &uniforms[number * k..][..k], reading)
    };
    let change = |state: &mut StateMut<'_, T>, outcome| collapse(state, bits, outcome, reset, inside);
    let outcomes = in_all(states, choose, change, across)?;
    for (found, outcome) in found.chunks_exact_mut(k.max(1)).zip(outcomes) {
        for (i, found) in found.iter_mut().enumerate() {
            *found = (outcome.bits >> (k - 1 - i) & 1) as i8;
        }
    }
    Ok(())
}

/// Projects each state to an outcome of `bits`, the first of which is the most significant. `out` gets the
/// probability that it had.
///
/// All states are read before anything is changed.
///
/// # Errors
/// [`Error::NoNorm`] where a state has none, and [`Error::Impossible`] where it never has that outcome.
///
/// # Panics
/// Where `out` has not one element for each state, or `bits` are not distinct bits of the state.
pub fn project<T: Real>(
    states: &mut StatesMut<'_, T>,
    bits: &[u8],
    outcome: u64,
    out: &mut [f64],
    crew: Crew,
) -> Result<()> {
    let layout = states.layout();
    Site { targets: bits, controls: 0, values: 0 }.check(layout);
    assert_eq!(out.len(), states.len(), "a number for each state");
    let one = nanos_to_collapse(layout) / states.len().max(1) as f64;
    let (across, inside) = crew.shared_out(one);
    let reading = inside.worth(nanos(layout.num_qubits()));
    let (whole, part) = (Norms::new(layout), Norms::of_outcome(layout, bits, outcome));
    let weigh = |state: StateRef<'_, T>, _: usize| {
        let of = whole.of(state, reading);
        let norm = part.of(state, reading);
        let found = Outcome { bits: outcome, norm, of };
        match () {
            () if !of.is_finite() || of <= 0.0 => Err(Error::NoNorm),
            () if found.probability() <= 0.0 => Err(Error::Impossible { outcome, num_bits: bits.len() }),
            () => Ok(found),
        }
    };
    let change = |state: &mut StateMut<'_, T>, found| collapse(state, bits, found, false, inside);
    let found = in_all(states, weigh, change, across)?;
    out.iter_mut().zip(found).for_each(|(out, found)| *out = found.probability());
    Ok(())
}

impl Outcome {
    fn probability(&self) -> f64 {
        // The squares alone might be out of range.
        (self.norm / self.of).powi(2).min(1.0)
    }
}

/// Calls `look` for each state, and then, if it has refused none, `change`: on `across` threads.
fn in_all<T: Real>(
    states: &mut StatesMut<'_, T>,
    look: impl Fn(StateRef<'_, T>, usize) -> Result<Outcome> + Sync,
    change: impl Fn(&mut StateMut<'_, T>, Outcome) + Sync,
    across: usize,
) -> Result<Vec<Outcome>> {
    let mut outcomes = vec![Ok(Outcome::default()); states.len()];
    each_state(states.as_ref(), across, &mut outcomes, |number, state, outcome| {
        outcome[0] = look(state, number);
    });
    let mut outcomes = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
    each_state_mut(states, across, &mut outcomes, &Progress::unwatched(), |_, state, outcome| {
        whole(|| change(state, outcome[0]));
    });
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Isa;

    #[test]
    fn what_has_no_probability_is_never_drawn() {
        let layout = Layout::flat(1);
        for (amplitudes, expected) in [([1e-160, 0.0], false), ([0.0, 1e-160], true)] {
            for uniform in [0.0, 0.5, 1.0 - f64::EPSILON / 2.0, 1.0, f64::NAN] {
                let mut psi = amplitudes.map(Complex64::from);
                let mut state = StateMut::new(&mut psi, &layout);
                let one = draw(&mut state, 0, false, uniform, Crew { isa: Isa::Scalar, threads: 1 });
                assert_eq!(one, Some(expected), "{amplitudes:?} {uniform}");
                assert_eq!(psi, amplitudes.map(Complex64::from));
            }
        }
    }
}
