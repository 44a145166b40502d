//! The most probable basis states, in one pass and without a copy of the state.

use std::cmp::Reverse;

use crate::exec;
use crate::kernels::Deltas;
use crate::kernels::read::indexed;
use crate::simd::Real;
use crate::state::StateRef;

/// A leaf has `2**LEAF_BITS` amplitudes and a list of candidates; larger than for sums, so that few lists are merged.
const LEAF_BITS: usize = 16;

/// A state at a glance.
pub struct Overview {
    /// The most probable basis states as `(index, probability)`, most probable first, and the lower index first
    /// among those that are equal but for rounding.
    pub best: Vec<(usize, f64)>,
    /// The sum of all probabilities.
    pub total: f64,
    /// How many basis states have more than rounding errors leave: about `4 * epsilon` of the norm.
    pub occupied: usize,
}

/// The `count` most probable basis states; see [`Overview::best`].
pub fn most_probable<T: Real>(
    state: StateRef<'_, T>,
    count: usize,
    threads: usize,
) -> Vec<(usize, f64)> {
    if count == 0 { Vec::new() } else { overview(state, count, threads).best }
}

/// A state at a glance, with the `count` most probable basis states, in one pass.
pub fn overview<T: Real>(state: StateRef<'_, T>, count: usize, threads: usize) -> Overview {
    let levels = state.layout().num_qubits().saturating_sub(LEAF_BITS) as u32;
    let leaf = |chunk| {
        let (mut best, mut sizes, mut total) = (Best::new(count), [0; SIZES], 0.0);
        for (index, amplitude) in indexed(state, &mut Deltas::empty(), chunk) {
            let probability = amplitude.norm_sqr();
            best.offer(Candidate::new::<T>(index, probability));
            sizes[size(probability)] += 1;
            total += probability;
        }
        (best, sizes, total)
    };
    let merge = |mut a: (Best, [usize; SIZES], f64), b: (Best, [usize; SIZES], f64)| {
        b.0.kept.into_iter().for_each(|candidate| a.0.offer(candidate));
        a.1.iter_mut().zip(b.1).for_each(|(a, b)| *a += b);
        (a.0, a.1, a.2 + b.2)
    };
    let (mut best, sizes, total) = exec::reduce(threads, levels, leaf, merge);
    best.shrink();
    let epsilon = if size_of::<T>() == 4 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let noise = if total.is_finite() { size(16.0 * epsilon * epsilon * total) } else { 0 };
    Overview {
        best: best.kept.iter().map(Candidate::index_and_probability).collect(),
        total,
        occupied: sizes[noise + 1..].iter().sum(),
    }
}

/// How many exponents a number can have.
const SIZES: usize = 1 << 11;

/// The exponent of a number: 0 for 0, the last for infinity and NaN.
#[inline]
fn size(number: f64) -> usize {
    (number.to_bits() >> 52) as usize & (SIZES - 1)
}

/// A basis state, ordered by what is to be shown first: the more probable, then the lower index.
/// A NaN comes before all numbers, so that a broken state is seen to be one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    /// The bits of the probability, which order as the non-negative numbers do; a NaN without its
    /// sign is above infinity. They are rounded, as what should be equal is so up to rounding errors.
    rounded: Reverse<u64>,
    index: usize,
    bits: u64,
}

/// Bits of a probability that rounding errors of some hundred operations may change, for both precisions.
const NOISE: [u32; 2] = [12, 38];

impl Candidate {
    #[inline]
    fn new<T>(index: usize, probability: f64) -> Candidate {
        let noise = NOISE[(size_of::<T>() == 4) as usize];
        let bits = probability.abs().to_bits();
        // A NaN stays above all others: it has room above infinity.
        let rounded = (bits + (1 << (noise - 1))) >> noise;
        Candidate { rounded: Reverse(rounded), index, bits }
    }

    fn index_and_probability(&self) -> (usize, f64) {
        (self.index, f64::from_bits(self.bits))
    }
}

/// The best candidates so far: up to `2 * count` of them, sorted and cut whenever it is full.
struct Best {
    count: usize,
    /// What a candidate must come before to be looked at.
    bar: Option<Candidate>,
    kept: Vec<Candidate>,
}

impl Best {
    fn new(count: usize) -> Best {
        Best { count, bar: None, kept: Vec::new() }
    }

    #[inline]
    fn offer(&mut self, candidate: Candidate) {
        if self.bar.is_none_or(|bar| candidate < bar) {
            self.kept.push(candidate);
            if self.kept.len() >= self.count.saturating_mul(2) {
                self.shrink();
                self.bar = self.kept.last().copied();
            }
        }
    }

    fn shrink(&mut self) {
        self.kept.sort_unstable();
        self.kept.truncate(self.count);
    }
}
