//! Collapse: outcomes that are drawn or chosen, and the state after them, of the norm that it had.
//!
//! A state is read once, which tells the weights, and written once: what did not happen becomes 0, and what
//! did is scaled. Qubits that are reset are moved to 0 as well.

use num_complex::Complex64;

use super::table::{go_down, grow};
use super::{FEW_BINS, Norms, Reader, batch_of, factors, nanos, probabilities, shared_out};
use crate::apply::apply;
use crate::error::{Error, Result};
use crate::exec;
use crate::kernels::Site;
use crate::layout::Layout;
use crate::operator::Operator;
use crate::simd::{Isa, Real};
use crate::state::{StateMut, StateRef};

/// What one thread needs to measure or project each state of a layout, in nanoseconds, roughly.
pub fn nanos_to_collapse(layout: &Layout) -> f64 {
    batch_of(layout).len() as f64 * (3.0 * nanos(layout.num_qubits()) + 300.0)
}

/// An outcome, and the roots of its weight and that of all.
#[derive(Clone, Copy, Default)]
struct Outcome {
    bits: u64,
    norm: f64,
    of: f64,
}

/// Measures the qubit that a bit of the address is, and moves it to 0 if it is to be reset: whether it was
/// 1, or None for a state that has no norm.
pub fn draw<T: Real>(
    state: &mut StateMut<'_, T>,
    target: u8,
    reset: bool,
    uniform: f64,
    isa: Isa,
    threads: usize,
) -> Option<bool> {
    let reading = exec::worth(nanos(state.layout().num_qubits()), threads);
    let outcome = drawn(state.as_ref(), &[target], &[uniform], isa, reading).ok()?;
    collapse(state, &[target], outcome, reset, isa, threads);
    Some(outcome.bits == 1)
}

/// The outcome that one uniform number for each bit leads to.
fn drawn<T: Real>(
    state: StateRef<'_, T>,
    bits: &[u8],
    uniforms: &[f64],
    isa: Isa,
    threads: usize,
) -> Result<Outcome> {
    let (outcome, [total, weight]) = if bits.len() <= FEW_BINS {
        let outcomes = 1 << bits.len();
        let mut tree = [0.0; 2 << FEW_BINS];
        let tree = &mut tree[..2 * outcomes];
        probabilities(state, bits, &mut tree[outcomes..], isa, threads);
        grow(tree);
        if !tree[1].is_finite() || tree[1] <= 0.0 {
            return Err(Error::NoNorm);
        }
        let node = go_down(tree, uniforms);
        ((node - outcomes) as u64, [tree[1], tree[node]])
    } else {
        Reader::new(state, bits, isa, threads)?.descend(state, uniforms, isa)
    };
    Ok(Outcome { bits: outcome, norm: weight.sqrt(), of: total.sqrt() })
}

/// Brings about an outcome of `bits`, and moves them to 0 if they are to be reset.
fn collapse<T: Real>(
    state: &mut StateMut<'_, T>,
    bits: &[u8],
    outcome: Outcome,
    reset: bool,
    isa: Isa,
    threads: usize,
) {
    let n = state.layout().num_qubits();
    let mut act = |operator: &Operator<'_>, site: Site<'_>| {
        let threads = exec::worth(crate::apply::nanos(n, operator, &site), threads);
        apply(state, operator, site, isa, threads);
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
        // A second factor, where one is too large or too small.
        for scale in scales {
            act(&Operator::Diagonal(&[scale, scale]), site);
        }
        return;
    }
    // From the highest bit of the address: the half in which it is not as found, then that half of what is
    // left, and so on. Together that is one sweep.
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
        // What is left changes places with where all are 0.
        let exchange = [(0, outcome.bits as usize)];
        act(&Operator::Permutation(&exchange), Site { targets: bits, controls: 0, values: 0 });
    }
}

/// Measures the qubits that `bits` are in each state of the batch of which `first` is the first, and resets
/// them if they are to be. `uniforms` has one number in [0, 1) for each bit of each state, and `found` gets the values.
///
/// All is drawn before anything is changed.
///
/// # Errors
/// [`Error::NoNorm`] where a state has none.
///
/// # Panics
/// Where `uniforms` or `found` has not as many elements, or `bits` are not distinct bits of the state.
///
/// # Safety
/// `first` holds the memory of all states of the batch that its layout tells.
///
/// ```
/// use num_complex::Complex64;
/// use numket::{layout::Layout, observe, simd::Isa, state::StateMut};
///
/// let mut bell = [0.6, 0.0, 0.0, 0.8].map(|x| Complex64::new(x, 0.0));
/// let (layout, mut found) = (Layout::flat(2), [0]);
/// let mut state = StateMut::new(&mut bell, &layout);
/// // SAFETY: one state, borrowed mutably.
/// unsafe { observe::measure(&mut state, &[0], &[0.3], &mut found, false, Isa::chosen()?, 1)? };
/// assert_eq!(found, [1]); // 0.3 is below the probability of 1, 0.64
/// assert!((bell[3].re - 1.0).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
pub unsafe fn measure<T: Real>(
    first: &mut StateMut<'_, T>,
    bits: &[u8],
    uniforms: &[f64],
    found: &mut [i8],
    reset: bool,
    isa: Isa,
    threads: usize,
) -> Result<()> {
    let (layout, batch) = (first.layout(), batch_of(first.layout()));
    let k = bits.len();
    Site { targets: bits, controls: 0, values: 0 }.check(layout);
    assert_eq!([uniforms.len(), found.len()], [k * batch.len(); 2], "a number for each bit and state");
    let one = nanos_to_collapse(layout) / batch.len().max(1) as f64;
    let (across, inside) = shared_out(one, threads);
    let reading = exec::worth(nanos(layout.num_qubits()), inside);
    let choose = |state: StateRef<'_, T>, number: usize| {
        drawn(state, bits, &uniforms[number * k..][..k], isa, reading)
    };
    // SAFETY: the caller's promise.
    let outcomes = unsafe {
        in_all(
            first,
            choose,
            |state, outcome| collapse(state, bits, outcome, reset, isa, inside),
            across,
        )?
    };
    for (found, outcome) in found.chunks_exact_mut(k.max(1)).zip(outcomes) {
        for (i, found) in found.iter_mut().enumerate() {
            *found = (outcome.bits >> (k - 1 - i) & 1) as i8;
        }
    }
    Ok(())
}

/// Projects each state of the batch of which `first` is the first to an outcome of `bits`, the first of
/// which is the most significant. `out` gets the probability that it had.
///
/// All states are read before anything is changed.
///
/// # Errors
/// [`Error::NoNorm`] where a state has none, and [`Error::Impossible`] where it never has that outcome.
///
/// # Panics
/// Where `out` has not one element for each state, or `bits` are not distinct bits of the state.
///
/// # Safety
/// `first` holds the memory of all states of the batch that its layout tells.
pub unsafe fn project<T: Real>(
    first: &mut StateMut<'_, T>,
    bits: &[u8],
    outcome: u64,
    out: &mut [f64],
    isa: Isa,
    threads: usize,
) -> Result<()> {
    let (layout, batch) = (first.layout(), batch_of(first.layout()));
    Site { targets: bits, controls: 0, values: 0 }.check(layout);
    assert_eq!(out.len(), batch.len(), "a number for each state");
    let one = nanos_to_collapse(layout) / batch.len().max(1) as f64;
    let (across, inside) = shared_out(one, threads);
    let reading = exec::worth(nanos(layout.num_qubits()), inside);
    let (whole, part) = (Norms::new(layout), Norms::of_outcome(layout, bits, outcome));
    let weigh = |state: StateRef<'_, T>, _: usize| {
        let of = whole.of(state, isa, reading);
        let norm = part.of(state, isa, reading);
        let found = Outcome { bits: outcome, norm, of };
        match () {
            () if !of.is_finite() || of <= 0.0 => Err(Error::NoNorm),
            () if found.probability() <= 0.0 => Err(Error::Impossible { outcome, num_bits: bits.len() }),
            () => Ok(found),
        }
    };
    let change = |state: &mut StateMut<'_, T>, found| collapse(state, bits, found, false, isa, inside);
    // SAFETY: the caller's promise.
    let found = unsafe { in_all(first, weigh, change, across)? };
    out.iter_mut().zip(found).for_each(|(out, found)| *out = found.probability());
    Ok(())
}

impl Outcome {
    fn probability(&self) -> f64 {
        // The squares alone might be out of range.
        (self.norm / self.of).powi(2).min(1.0)
    }
}

/// Looks at each state of a batch, and only then, if none is refused, changes them: on `across` threads.
///
/// # Safety
/// `first` holds the memory of all states of the batch that its layout tells.
unsafe fn in_all<T: Real>(
    first: &mut StateMut<'_, T>,
    look: impl Fn(StateRef<'_, T>, usize) -> Result<Outcome> + Sync,
    change: impl Fn(&mut StateMut<'_, T>, Outcome) + Sync,
    across: usize,
) -> Result<Vec<Outcome>> {
    let batch = batch_of(first.layout());
    let mut outcomes = vec![Ok(Outcome::default()); batch.len()];
    let first: &StateMut<'_, T> = first;
    exec::split(across, batch.len(), &mut outcomes, |range, outcomes| {
        for ((number, offset), outcome) in range.clone().zip(batch.offsets(range, 1)).zip(outcomes) {
            // SAFETY: the caller's promise.
            *outcome = look(unsafe { first.as_ref().shifted(offset) }, number);
        }
    });
    let mut outcomes = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
    exec::split(across, batch.len(), &mut outcomes, |range, outcomes| {
        for (offset, outcome) in batch.offsets(range, 1).zip(outcomes) {
            // SAFETY: the caller's promise; each state is taken once.
            change(&mut unsafe { first.shifted(offset) }, *outcome);
        }
    });
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_probability_is_never_drawn() {
        let layout = Layout::flat(1);
        for (amplitudes, expected) in [([1e-160, 0.0], false), ([0.0, 1e-160], true)] {
            for uniform in [0.0, 0.5, 1.0 - f64::EPSILON / 2.0, 1.0, f64::NAN] {
                let mut psi = amplitudes.map(Complex64::from);
                let mut state = StateMut::new(&mut psi, &layout);
                let one = draw(&mut state, 0, false, uniform, Isa::Scalar, 1);
                assert_eq!(one, Some(expected), "{amplitudes:?} {uniform}");
                assert_eq!(psi, amplitudes.map(Complex64::from));
            }
        }
    }
}
