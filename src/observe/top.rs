//! The most probable basis states, in one pass and without a copy of the state.

use std::sync::atomic::AtomicU64;

use crate::exec::{self, Crew};
use crate::kernels::Deltas;
use crate::kernels::read::{indexed, weights};
use crate::kernels::reduce::Span;
use crate::kernels::top::{Best, Candidate, ROW_BITS, Scan, Scanned};
use crate::simd::{Real, on_widest};
use crate::state::StateRef;

/// A leaf has `2**LEAF_BITS` amplitudes and a list of candidates; larger than for sums, so that few lists are merged.
const LEAF_BITS: usize = 16;

/// A state at a glance.
#[derive(Clone, Debug)]
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
pub fn most_probable<T: Real>(state: StateRef<'_, T>, count: usize, crew: Crew) -> Vec<(usize, f64)> {
    if count == 0 { Vec::new() } else { overview(state, count, crew).best }
}

/// A state at a glance, with the `count` most probable basis states, in one pass; in two where the norm is below 0.7
/// or from 1.4 on.
pub fn overview<T: Real>(state: StateRef<'_, T>, count: usize, crew: Crew) -> Overview {
    let layout = state.layout();
    let (first, weights) = weights(layout);
    let strides: Vec<[isize; 2]> =
        (0..layout.num_qubits()).map(|bit| [layout.stride(bit), weights[bit]]).collect();
    let span = Span { strides: &strides, run: layout.run().min(ROW_BITS), origin: [0, first] };
    let levels = layout.num_qubits().saturating_sub(LEAF_BITS) as u32;
    let scan = |exponents: [usize; 2]| {
        let bounds = exponents.map(|exponent| f64::from_bits((exponent as u64 + 1) << 52));
        let shared = &AtomicU64::new(0);
        let leaf = |chunk| on_widest(crew.isa, Scan { state, span, chunk, count, bounds, shared });
        exec::reduce(crew.threads, levels, leaf, Scanned::and)
    };
    // What rounding leaves depends on the norm, which is mostly 1, or just below.
    let guessed = [noise_of::<T>(0.75), noise_of::<T>(1.5)];
    let Scanned { best, total, at_least } = scan(guessed);
    if !total.is_finite() {
        return one_by_one(state, count, crew.threads);
    }
    let noise = noise_of::<T>(total);
    let occupied = match guessed.iter().position(|&guess| guess == noise) {
        Some(place) => at_least[place],
        None => scan([noise; 2]).at_least[0],
    };
    Overview { best: best.sorted(), total, occupied: occupied as usize }
}

/// The same, amplitude by amplitude.
pub fn one_by_one<T: Real>(state: StateRef<'_, T>, count: usize, threads: usize) -> Overview {
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
        a.0.add(b.0);
        a.1.iter_mut().zip(b.1).for_each(|(a, b)| *a += b);
        (a.0, a.1, a.2 + b.2)
    };
    let (best, sizes, total) = exec::reduce(threads, levels, leaf, merge);
    let noise = if total.is_finite() { noise_of::<T>(total) } else { 0 };
    Overview { best: best.sorted(), total, occupied: sizes[noise + 1..].iter().sum() }
}

/// How many exponents a number can have.
const SIZES: usize = 1 << 11;

/// The exponent of a number: 0 for 0, the last for infinity and NaN.
#[inline]
fn size(number: f64) -> usize {
    (number.to_bits() >> 52) as usize & (SIZES - 1)
}

/// The largest exponent of a probability that rounding may have left, where all add up to `total`.
fn noise_of<T>(total: f64) -> usize {
    let epsilon = if size_of::<T>() == 4 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    size(16.0 * epsilon * epsilon * total)
}
