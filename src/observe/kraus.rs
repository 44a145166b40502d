//! Trajectories: one operator of a Kraus channel at random, with the probability that it has.

use std::ops::Range;

use ndarray::ArrayView2;
use num_complex::Complex64;

use crate::apply::{Operators, apply_batch, batch_nanos};
use crate::error::{Error, Result};
use crate::exec;
use crate::kernels::Site;
use crate::layout::{Batch, Layout};
use crate::operator::Operator;
use crate::simd::{Isa, Real};
use crate::state::StateMut;

/// How far the sum of `K^dagger K` may be from the identity.
const ACCEPTED: f64 = 1e-8;

/// A set of Kraus operators, `rho -> sum of K rho K^dagger`.
pub struct Channel {
    operators: Vec<Complex64>,
    /// `K^dagger K` of each, whose expectation value is its probability.
    effects: Vec<Complex64>,
    /// Entries of one operator.
    size: usize,
}

impl Channel {
    /// The channel of some `dim` by `dim` matrices, one after the other.
    ///
    /// # Errors
    /// [`Error::NotAChannel`] where the sum of `K^dagger K` is not the identity.
    pub fn new(operators: &[Complex64], dim: usize) -> Result<Channel> {
        let size = dim * dim;
        let mut effects = Vec::with_capacity(operators.len());
        for k in operators.chunks_exact(size) {
            let k = ArrayView2::from_shape((dim, dim), k).expect("a chunk of this size");
            effects.extend(k.t().mapv(|entry| entry.conj()).dot(&k));
        }
        let mut deviation: f64 = 0.0;
        for entry in 0..size {
            let sum: Complex64 = effects.chunks_exact(size).map(|effect| effect[entry]).sum();
            deviation = deviation.max((sum - f64::from(entry % (dim + 1) == 0)).norm());
        }
        if deviation > ACCEPTED {
            return Err(Error::NotAChannel { deviation, accepted: ACCEPTED });
        }
        Ok(Channel { operators: operators.to_vec(), effects, size })
    }

    /// One of the operators.
    ///
    /// # Panics
    /// Where there is none of this number.
    pub fn operator(&self, number: usize) -> Operator<'_> {
        Operator::Dense(&self.operators[number * self.size..][..self.size])
    }

    /// The number of an operator, drawn with `uniform` in [0, 1) for qubits of this density matrix,
    /// and its probability. None for a state that has no norm.
    fn outcome(&self, density: &[Complex64], uniform: f64) -> Option<(usize, f64)> {
        let dim = self.size.isqrt();
        let probability = |effect: &[Complex64]| -> f64 {
            // The trace of K^dagger K times the density matrix.
            let term = |i: usize| (effect[i] * density[i % dim * dim + i / dim]).re;
            (0..self.size).map(term).sum::<f64>().max(0.0)
        };
        let probabilities: Vec<f64> = self.effects.chunks_exact(self.size).map(probability).collect();
        let total: f64 = probabilities.iter().sum();
        if !total.is_finite() || total <= 0.0 {
            return None;
        }
        let mut rest = uniform * total;
        let mut chosen = None;
        for (number, &probability) in probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            chosen = Some((number, probability / total));
            if rest < probability {
                break;
            }
            rest -= probability;
        }
        chosen
    }
}

/// What one thread needs for that, in nanoseconds, roughly.
pub fn nanos_to_step(layout: &Layout, channel: &Channel, site: &Site<'_>) -> f64 {
    let states = layout.batch().map_or(1, Batch::len) as f64;
    // A density matrix takes half a nanosecond for each product, and 300 to set up.
    let products = (channel.size.isqrt() << layout.num_qubits()) as f64;
    states * (300.0 + 0.5 * products)
        + batch_nanos(layout, &Operators::Shared(channel.operator(0)), site)
}

/// Applies one operator of the channel to the qubits that `targets` are, in each of the states of
/// which `first` is the first, and keeps their norms. `numbers` tells which.
///
/// All is drawn before anything is changed.
///
/// # Errors
/// [`Error::NoNorm`] where a state has none.
///
/// # Panics
/// Where there is not one of `uniforms` and `numbers` for each state, or `targets` are not distinct bits, as
/// many as the operators act on.
///
/// # Safety
/// `first` holds the memory of all states of the batch that its layout tells.
pub unsafe fn trajectory_step<T: Real>(
    first: &mut StateMut<'_, T>,
    channel: &Channel,
    targets: &[u8],
    uniforms: &[f64],
    numbers: &mut [i64],
    isa: Isa,
    threads: usize,
) -> Result<()> {
    let layout = first.layout();
    let one = Batch::default();
    let batch = layout.batch().unwrap_or(&one);
    let site = Site { targets, controls: 0, values: 0 };
    site.check(layout);
    assert!(uniforms.len() == batch.len() && numbers.len() == batch.len(), "a number for each state");
    assert_eq!(channel.size, 1 << (2 * targets.len()), "operators on the targets");
    let offsets = batch.offsets(0..batch.len(), 1);
    let inside = exec::worth(super::nanos(layout.num_qubits()), threads);
    let mut scales = Vec::with_capacity(uniforms.len());
    for ((offset, &uniform), number) in offsets.zip(uniforms).zip(numbers.iter_mut()) {
        // SAFETY: a state of the batch, one at a time.
        let state = unsafe { first.shifted(offset) };
        let density = super::density(state.as_ref(), targets, isa, inside);
        let (chosen, probability) = channel.outcome(&density, uniform).ok_or(Error::NoNorm)?;
        *number = chosen as i64;
        scales.push(probability.sqrt().recip());
    }
    let fill = |range: Range<usize>, out: &mut [Complex64]| {
        for (out, state) in out.chunks_exact_mut(channel.size).zip(range) {
            let operator = &channel.operators[numbers[state] as usize * channel.size..];
            out.iter_mut().zip(operator).for_each(|(out, entry)| *out = entry * scales[state]);
        }
    };
    let operators = Operators::Each { like: channel.operator(0), fill: &fill };
    // SAFETY: the caller's promise.
    unsafe { apply_batch(first, &operators, site, isa, threads) };
    Ok(())
}
