//! The most probable basis states, in one pass and without a copy of the state.

use std::cmp::Reverse;

use crate::exec;
use crate::kernels::Deltas;
use crate::kernels::read::indexed;
use crate::simd::Real;
use crate::state::StateRef;

/// A leaf has `2**LEAF_BITS` amplitudes and a list of candidates; larger than for sums, so that few lists are merged.
const LEAF_BITS: usize = 16;

/// The `count` most probable basis states as `(index, probability)`, most probable first, and the
/// lower index first among equals.
pub fn most_probable<T: Real>(
    state: StateRef<'_, T>,
    count: usize,
    threads: usize,
) -> Vec<(usize, f64)> {
    if count == 0 {
        return Vec::new();
    }
    let levels = state.layout().num_qubits().saturating_sub(LEAF_BITS) as u32;
    let leaf = |chunk| {
        let mut best = Best::new(count);
        for (index, amplitude) in indexed(state, &mut Deltas::empty(), chunk) {
            best.offer(Candidate::new(index, amplitude.norm_sqr()));
        }
        best
    };
    let merge = |mut a: Best, b: Best| {
        b.kept.into_iter().for_each(|candidate| a.offer(candidate));
        a
    };
    let mut best = exec::reduce(threads, levels, leaf, merge);
    best.shrink();
    best.kept.iter().map(Candidate::index_and_probability).collect()
}

/// A basis state, ordered by what is to be shown first: the more probable, then the lower index.
/// A NaN comes before all numbers, so that a broken state is seen to be one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    /// The bits of the probability, which order as the non-negative numbers do; a NaN without its
    /// sign is above infinity.
    bits: Reverse<u64>,
    index: usize,
}

impl Candidate {
    #[inline]
    fn new(index: usize, probability: f64) -> Candidate {
        Candidate { bits: Reverse(probability.abs().to_bits()), index }
    }

    fn index_and_probability(&self) -> (usize, f64) {
        (self.index, f64::from_bits(self.bits.0))
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
