//! The most probable basis states, in one pass and without a copy of the state.

use crate::exec;
use crate::kernels::Walk;
use crate::simd::Real;
use crate::state::StateRef;

/// A leaf keeps its own candidates; larger than for sums, so that few lists are merged.
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
    let weights = super::weights(&state);
    let layout = state.layout();
    let strides = || (0..layout.num_qubits()).map(|bit| [layout.stride(bit), weights[bit]]);
    let levels = layout.num_qubits().saturating_sub(LEAF_BITS) as u32;
    let leaf = |part| {
        let mut best = Best::new(count);
        for [stop, index] in Walk::new(strides(), [0, 0], part) {
            // SAFETY: the walk steps over the strides of this state.
            let amplitude = unsafe { state.at(stop) };
            let (re, im) = (amplitude.re.to_f64(), amplitude.im.to_f64());
            best.offer(index as usize, re * re + im * im);
        }
        best
    };
    let merge = |mut a: Best, b: Best| {
        b.kept.into_iter().for_each(|(index, probability)| a.offer(index, probability));
        a
    };
    let mut best = exec::reduce(threads, levels, leaf, merge);
    best.shrink();
    best.kept
}

/// The best candidates so far: up to `2 * count` of them, sorted and cut whenever it is full.
struct Best {
    count: usize,
    /// What a candidate must beat to be looked at.
    bar: f64,
    kept: Vec<(usize, f64)>,
}

impl Best {
    fn new(count: usize) -> Best {
        Best { count, bar: f64::NEG_INFINITY, kept: Vec::new() }
    }

    #[inline]
    fn offer(&mut self, index: usize, probability: f64) {
        if probability >= self.bar {
            self.kept.push((index, probability));
            if self.kept.len() >= self.count.saturating_mul(2) {
                self.shrink();
                self.bar = self.kept[self.kept.len() - 1].1;
            }
        }
    }

    fn shrink(&mut self) {
        self.kept.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        self.kept.truncate(self.count);
    }
}
