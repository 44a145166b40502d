//! The largest amplitudes of a chunk, in the same loop that adds up all probabilities and counts those that are large.

use std::cmp::Reverse;

use super::reduce::{SUMS, Span, reals, total};
use super::{Chunk, Deltas};
use crate::simd::{Kernel, Lanes, Real};
use crate::state::StateRef;

/// A row has up to `2**ROW_BITS` amplitudes. Only in a row that has one of the largest are they looked at one by one.
pub const ROW_BITS: usize = 6;

/// Reads a chunk of a state.
pub struct Scan<'a, T> {
    /// The state, which is complex.
    pub state: StateRef<'a, T>,
    /// Its bits; the second array is that of the basis indices. A run has up to [`ROW_BITS`].
    pub span: Span<'a, 2>,
    /// Which chunk.
    pub chunk: Chunk,
    /// How many of the most probable basis states are wanted.
    pub count: usize,
    /// Probabilities from these on are counted; the first is not above the second.
    pub bounds: [f64; 2],
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
        let Scan { state, span, chunk, count, bounds } = self;
        let inside = &span.strides[..span.run];
        // How far the lowest index of a row is from that of its first amplitude.
        let lowest: isize = inside.iter().map(|&[_, weight]| weight.min(0)).sum();
        let (mut best, mut sums, mut at_least) = (Best::new(count), [0.0; SUMS], [0; 2]);
        let square = |[re, im]: [T; 2]| re.to_f64() * re.to_f64() + im.to_f64() * im.to_f64();
        for [stop, index] in span.walk(&mut Deltas::empty(), chunk) {
            // SAFETY: every stop is the first of a contiguous row of the state.
            let row = unsafe { reals(&state, stop, span.run) };
            let amplitudes = row.as_chunks::<2>().0;
            let (least, most) = range(row, &mut sums);
            if least >= bounds[1] {
                at_least.iter_mut().for_each(|count| *count += amplitudes.len() as u64);
            } else if most >= bounds[0] {
                for (count, bound) in at_least.iter_mut().zip(bounds) {
                    let above = |&amplitude: &[T; 2]| u64::from(square(amplitude) >= bound);
                    *count += amplitudes.iter().map(above).sum::<u64>();
                }
            }
            if most < best.bar::<T>((index + lowest) as usize) {
                continue;
            }
            for (number, &amplitude) in amplitudes.iter().enumerate() {
                let weights = inside.iter().enumerate();
                let weighed = weights.map(|(bit, &[_, weight])| (number >> bit & 1) as isize * weight);
                let index = index + weighed.sum::<isize>();
                best.offer(Candidate::new::<T>(index as usize, square(amplitude)));
            }
        }
        Scanned { best, total: total(sums), at_least }
    }
}

/// The least and the largest probability of a row, which are also added up. A NaN shows in the sums alone.
#[inline(always)]
fn range<T: Real>(row: &[T], sums: &mut [f64; SUMS]) -> (f64, f64) {
    let (mut least, mut most) = ([f64::INFINITY; SUMS], [f64::NEG_INFINITY; SUMS]);
    let (blocks, rest) = row.as_chunks::<SUMS>();
    for block in blocks {
        let squares = block.map(|x| x.to_f64() * x.to_f64());
        for i in 0..SUMS {
            sums[i] += squares[i];
            let probability = squares[i] + squares[i ^ 1];
            // As one instruction each, which `f64::min` is not.
            least[i] = if probability < least[i] { probability } else { least[i] };
            most[i] = if probability > most[i] { probability } else { most[i] };
        }
    }
    for (i, [re, im]) in rest.as_chunks::<2>().0.iter().enumerate() {
        let squares = [re.to_f64() * re.to_f64(), im.to_f64() * im.to_f64()];
        sums[2 * i] += squares[0];
        sums[2 * i + 1] += squares[1];
        least[i] = squares[0] + squares[1];
        most[i] = least[i];
    }
    let (mut low, mut high) = (least[0], most[0]);
    for i in 1..SUMS {
        low = if least[i] < low { least[i] } else { low };
        high = if most[i] > high { most[i] } else { high };
    }
    (low, high)
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
    kept: Vec<Candidate>,
}

impl Best {
    /// None so far, of which `count` are wanted.
    pub fn new(count: usize) -> Best {
        Best { count, bar: None, kept: Vec::new() }
    }

    /// A probability such that none below it is looked at, if its index is `lowest` or above.
    #[inline]
    fn bar<T>(&self, lowest: usize) -> f64 {
        let Some(bar) = self.bar else { return f64::NEG_INFINITY };
        // Among those that are equal but for rounding, the lower index comes first.
        let least = bar.rounded.0 + u64::from(lowest > bar.index);
        let half = 1 << (noise::<T>() - 1);
        f64::from_bits((least << noise::<T>()).saturating_sub(half))
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
