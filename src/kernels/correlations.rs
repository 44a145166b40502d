//! The means of Z and of products of two Z, over a leaf of a state: its squares are folded bit by bit, and so are their
//! differences, which takes about four additions for each amplitude, however many pairs of bits there are.
//!
//! ```text
//! for each bit, from the highest:        s[i] where it is 0, s[j] where it is 1
//!     d = s[i] - s[j];  s = s[i] + s[j]
//!     for each lower bit:                 the same, with d for s
//!         add up the differences: the mean of the product of both bits
//! ```
//!
//! The order of every addition is fixed and nothing is fused.

use super::reduce::{SUMS, Squares, total};
use crate::simd::{Kernel, Lanes, Real};
use crate::state::StateRef;

/// A leaf has at most `2**MAX_LEAF_BITS` amplitudes.
pub const MAX_LEAF_BITS: usize = 11;

/// Sums of `|a|**2` with signs, over some bits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signed {
    /// With no sign.
    pub total: f64,
    /// For each bit from the lowest: negative where it is 1.
    pub z: Vec<f64>,
    /// For each bit the sums with each lower bit, one after the other: negative where they differ.
    pub zz: Vec<f64>,
}

impl Signed {
    /// The sums of both, with one bit more, which is 0 in the first and 1 in the second.
    pub fn joined(mut self, other: Signed) -> Signed {
        for (a, b) in self.zz.iter_mut().zip(&other.zz) {
            *a += b;
        }
        self.zz.extend(self.z.iter().zip(&other.z).map(|(a, b)| a - b));
        for (a, b) in self.z.iter_mut().zip(&other.z) {
            *a += b;
        }
        self.z.push(self.total - other.total);
        self.total += other.total;
        self
    }
}

/// Memory for the squares of a leaf, and for their differences.
pub struct Room {
    squares: [f64; 1 << MAX_LEAF_BITS],
    differences: [f64; 1 << (MAX_LEAF_BITS - 1)],
}

impl Room {
    /// Nothing in it.
    pub const EMPTY: Room =
        Room { squares: [0.0; 1 << MAX_LEAF_BITS], differences: [0.0; 1 << (MAX_LEAF_BITS - 1)] };
}

/// The sums of one leaf.
pub struct Leaf<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// The strides of the bits of the leaf, from the lowest; at most [`MAX_LEAF_BITS`].
    pub strides: &'a [[isize; 1]],
    /// How many of them are contiguous.
    pub run: usize,
    /// Where the leaf begins.
    pub origin: isize,
    /// Memory to work in.
    pub room: &'a mut Room,
}

impl<T: Real> Kernel for Leaf<'_, T> {
    type Real = T;
    type Out = Signed;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> Signed {
        let Leaf { state, strides, run, origin, room: Room { squares, differences } } = self;
        let bits = strides.len();
        let out = &mut squares[..1 << bits];
        // SAFETY: the same features.
        unsafe { Squares { state, inside: strides, run, origin, out: &mut *out }.run::<L>() };
        let mut sums =
            Signed { total: 0.0, z: vec![0.0; bits], zz: vec![0.0; bits * bits.saturating_sub(1) / 2] };
        for bit in (0..bits).rev() {
            let own = bit * bit.saturating_sub(1) / 2;
            let (low, high) = out[..2 << bit].split_at_mut(1 << bit);
            let differences = &mut differences[..1 << bit];
            for i in 0..low.len() {
                differences[i] = low[i] - high[i];
                low[i] += high[i];
            }
            for lower in (0..bit).rev() {
                let (low, high) = differences[..2 << lower].split_at_mut(1 << lower);
                sums.zz[own + lower] = halve(low, high);
            }
            sums.z[bit] = differences[0];
        }
        sums.total = out[0];
        sums
    }
}

/// Adds the second half to the first, and adds up their differences.
#[inline(always)]
fn halve(low: &mut [f64], high: &[f64]) -> f64 {
    let mut sums = [0.0; SUMS];
    let ((low, low_rest), (high, high_rest)) = (low.as_chunks_mut::<SUMS>(), high.as_chunks::<SUMS>());
    for (low, high) in low.iter_mut().zip(high) {
        for i in 0..SUMS {
            sums[i] += low[i] - high[i];
            low[i] += high[i];
        }
    }
    for (i, (low, high)) in low_rest.iter_mut().zip(high_rest).enumerate() {
        sums[i] += *low - high;
        *low += high;
    }
    total(sums)
}
