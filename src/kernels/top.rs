//! The largest amplitudes of a chunk, in the same loop that adds up all probabilities and counts those that are large.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU64, Ordering};

use super::reduce::{SUMS, Span, reals, total};
use super::{Chunk, Deltas};
use crate::simd::{Kernel, Lanes, Real};
use crate::state::StateRef;

/// A row has up to `2**ROW_BITS` amplitudes. Only in a row that has one of the largest are they looked at one by one.
pub const ROW_BITS: usize = 8;

/// Reads a chunk of a state.
pub struct Scan<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// Its bits; the second array is that of the basis indices. A run has up to [`ROW_BITS`].
    pub span: Span<'a, 2>,
    /// Which chunk.
    pub chunk: Chunk,
    /// How many of the most probable basis states are wanted.
    pub count: usize,
    /// Probabilities from these on are counted; the first is not above the second.
    pub bounds: [f64; 2],
    /// A bar that other chunks have set: what is below it in one is not wanted in any; see `Best::bar`.
    pub shared: &'a AtomicU64,
}

/// What is found there.
pub struct Scanned {
    /// The most probable basis states.
    pub best: Best,
    /// The sum of all probabilities.
    pub total: f64,
    /// How many probabilities are at least as large as each bound.
    pub at_least: [u64; 2],
}

impl Scanned {
    /// Of two chunks.
    pub fn and(mut self, other: Scanned) -> Scanned {
        self.best.add(other.best);
        self.total += other.total;
        self.at_least[0] += other.at_least[0];
        self.at_least[1] += other.at_least[1];
        self
    }
}

impl<T: Real> Kernel for Scan<'_, T> {
    type Real = T;
    type Out = Scanned;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> Scanned {
        let Scan { state, span, chunk, count, bounds, shared } = self;
        let inside = &span.strides[..span.run];
        // How far the lowest index of a row is from that of its first amplitude.
        let lowest: isize = inside.iter().map(|&[_, weight]| weight.min(0)).sum();
        let (mut best, mut sums, mut at_least) = (Best::new(count), [0.0; SUMS], [0; 2]);
        best.shared = shared.load(Ordering::Relaxed);
        let mut room = [0.0; 1 << ROW_BITS];
        let probabilities = &mut room[..1 << span.run];
        for [stop, index] in span.walk(&mut Deltas::empty(), chunk) {
            // SAFETY: every stop is the first of a contiguous row of the state.
            let row = unsafe { reals(&state, stop, span.run) };
            if state.layout().is_real() {
                squares::<T, 1>(row, probabilities);
            } else {
                squares::<T, 2>(row, probabilities);
            }
            let (least, most) = range(probabilities, &mut sums);
            if least >= bounds[1] {
                at_least.iter_mut().for_each(|count| *count += probabilities.len() as u64);
            } else if most >= bounds[0] {
                for (count, bound) in at_least.iter_mut().zip(bounds) {
                    let above = |&probability| u64::from(probability >= bound);
                    *count += probabilities.iter().map(above).sum::<u64>();
                }
            }
            let bar = best.bar::<T>((index + lowest) as usize);
            if most < bar {
                continue;
            }
            for (number, &probability) in probabilities.iter().enumerate() {
                if probability < bar {
                    continue;
                }
                let weights = inside.iter().enumerate();
                let weighed = weights.map(|(bit, &[_, weight])| (number >> bit & 1) as isize * weight);
                let index = index + weighed.sum::<isize>();
                best.offer(Candidate::new::<T>(index as usize, probability));
            }
        }
        shared.fetch_max(best.reached(), Ordering::Relaxed);
        Scanned { best, total: total(sums), at_least }
    }
}

/// Writes the probabilities of a row, whose amplitudes are `PARTS` real numbers each.
#[inline(always)]
fn squares<T: Real, const PARTS: usize>(row: &[T], probabilities: &mut [f64]) {
    let amplitudes = &row.as_chunks::<PARTS>().0[..probabilities.len()];
    for i in 0..probabilities.len() {
        let mut probability = 0.0;
        for part in amplitudes[i] {
            probability += part.to_f64() * part.to_f64();
        }
        probabilities[i] = probability;
    }
}

/// The least and the largest of some probabilities, which are also added up. A NaN shows in the sums alone.
#[inline(always)]
fn range(probabilities: &[f64], sums: &mut [f64; SUMS]) -> (f64, f64) {
    if probabilities.len() < SUMS {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for &probability in probabilities {
            sums[0] += probability;
            (least, most) = (least.min(probability), most.max(probability));
        }
        return (least, most);
    }
    let (mut least, mut most) = ([f64::INFINITY; SUMS], [f64::NEG_INFINITY; SUMS]);
    let mut own = *sums;
    for block in probabilities.as_chunks::<SUMS>().0 {
        for i in 0..SUMS {
            own[i] += block[i];
            // As one instruction each, which `f64::min` is not.
            least[i] = if block[i] < least[i] { block[i] } else { least[i] };
            most[i] = if block[i] > most[i] { block[i] } else { most[i] };
        }
    }
    *sums = own;
    // Halves at a time: one after the other took half as long as a row of 64 amplitudes.
    let mut half = SUMS / 2;
    while half > 0 {
        for i in 0..half {
            let (low, high) = (least[i + half], most[i + half]);
            least[i] = if low < least[i] { low } else { least[i] };
            most[i] = if high > most[i] { high } else { most[i] };
        }
        half /= 2;
    }
    (least[0], most[0])
}

/// A basis state, ordered by what is to be shown first: the more probable, then the lower index.
/// A NaN comes before all numbers, so that a broken state is seen to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The bits of the probability, which order as the non-negative numbers do; a NaN without its
    /// sign is above infinity. They are rounded, as what should be equal is so up to rounding errors.
    rounded: Reverse<u64>,
    index: usize,
    bits: u64,
}

/// Bits of a probability that rounding errors of some hundred operations may change.
#[inline]
fn noise<T>() -> u32 {
    if size_of::<T>() == 4 { 38 } else { 12 }
}

impl Candidate {
    /// A basis state with its probability.
    #[inline]
    pub fn new<T>(index: usize, probability: f64) -> Candidate {
        let bits = probability.abs().to_bits();
        // A NaN stays above all others: it has room above infinity.
        let rounded = (bits + (1 << (noise::<T>() - 1))) >> noise::<T>();
        Candidate { rounded: Reverse(rounded), index, bits }
    }

    /// Its index and its probability.
    pub fn index_and_probability(&self) -> (usize, f64) {
        (self.index, f64::from_bits(self.bits))
    }
}

/// The best candidates so far: up to `2 * count` of them, sorted and cut whenever it is full.
pub struct Best {
    count: usize,
    /// What a candidate must come before to be looked at.
    bar: Option<Candidate>,
    /// The rounded probability of some candidate that as many as are wanted come before, in some list.
    shared: u64,
    kept: Vec<Candidate>,
}

impl Best {
    /// None so far, of which `count` are wanted.
    pub fn new(count: usize) -> Best {
        Best { count, bar: None, shared: 0, kept: Vec::new() }
    }

    /// A probability such that none below it is looked at, if its index is `lowest` or above.
    #[inline]
    fn bar<T>(&self, lowest: usize) -> f64 {
        // Among those that are equal but for rounding, the lower index comes first.
        let own = self.bar.map_or(0, |bar| bar.rounded.0 + u64::from(lowest > bar.index));
        let half = 1 << (noise::<T>() - 1);
        f64::from_bits((own.max(self.shared) << noise::<T>()).saturating_sub(half))
    }

    /// The rounded probability below which this list wants none; see `shared`.
    fn reached(&self) -> u64 {
        self.bar.map_or(self.shared, |bar| bar.rounded.0.max(self.shared))
    }

    /// Looks at a candidate.
    #[inline]
    pub fn offer(&mut self, candidate: Candidate) {
        if self.bar.is_none_or(|bar| candidate < bar) {
            self.kept.push(candidate);
            if self.kept.len() >= self.count.saturating_mul(2) {
                self.shrink();
                self.bar = self.kept.last().copied();
            }
        }
    }

    /// Those of another list too.
    pub fn add(&mut self, other: Best) {
        other.kept.into_iter().for_each(|candidate| self.offer(candidate));
    }

    fn shrink(&mut self) {
        self.kept.sort_unstable();
        self.kept.truncate(self.count);
    }

    /// The best, the first of them first.
    pub fn sorted(mut self) -> Vec<(usize, f64)> {
        self.shrink();
        self.kept.iter().map(Candidate::index_and_probability).collect()
    }
}
