//! The loops over amplitudes, each written once, generic over lanes and precision.
//!
//! All share one shape. Of the `n` bits of the address, an operator fixes some: its targets, its
//! controls, and the lowest ones that lie inside a register. A [`Walk`] counts through all settings
//! of the others; at each stop the kernel combines the amplitudes that differ in the target bits:
//!
//! ```text
//! for every setting of the free bits:           // Walk, cut into parts for the threads
//!     x[j] = load(stop + offset of target setting j)      for all j
//!     y[i] = sum over j of m[i][j] * x[j]                  for all i
//!     store(stop + offset of target setting i, y[i])
//! ```
//!
//! A target bit inside a register (a *lane* bit) is no stop of its own: the partner amplitude sits
//! in the same register, and a permutation of lanes brings it over. A control bit inside a register
//! turns into coefficients 1 and 0 in the lanes where it does not hold.

use crate::layout::MAX_BITS;
use crate::simd::{Lanes, MAX_WIDTH};

pub mod dense;
pub mod diagonal;
pub mod permutation;
pub mod reduce;
pub mod sweep;

/// Which bits an operator acts on and under which condition.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Target bits; the first is the most significant bit of a row index of the operator.
    pub targets: &'a [usize],
    /// Control bits, as a mask.
    pub controls: u64,
    /// The values that the control bits must have.
    pub values: u64,
}

/// One of the parts into which the stops of a walk are cut.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Number of this part.
    pub index: u64,
    /// Number of parts.
    pub count: u64,
}

impl Part {
    /// The whole, uncut.
    pub const WHOLE: Part = Part { index: 0, count: 1 };

    /// The share of `total` items that is this part.
    #[inline(always)]
    pub fn range(self, total: u64) -> std::ops::Range<u64> {
        let at = |index: u64| (u128::from(total) * u128::from(index) / u128::from(self.count)) as u64;
        at(self.index)..at(self.index + 1)
    }
}

/// Counts through all settings of some bits, lowest bit fastest, and tells the offset of each in
/// `N` arrays at once.
///
/// Going from setting `i - 1` to `i` sets one bit and clears all below it, so one step per bit is
/// known beforehand: `steps[trailing_zeros(i)]`. The cost is one count and one addition whatever
/// the strides are, holes and batches included. (Depositing the bits of a counter between the fixed
/// ones, the usual way, needs powers of two for strides and takes one shift per fixed bit.)
///
/// ```
/// use numket::kernels::{Part, Walk};
/// // Bits with strides 1 and 4: the settings 00, 01, 10, 11 are at 0, 1, 4, 5.
/// let walk = Walk::new([[1], [4]].into_iter(), [0], Part::WHOLE);
/// assert_eq!(walk.map(|[offset]| offset).collect::<Vec<_>>(), [0, 1, 4, 5]);
/// ```
pub struct Walk<const N: usize> {
    next: u64,
    end: u64,
    offsets: [isize; N],
    steps: [[isize; N]; MAX_BITS],
}

impl<const N: usize> Walk<N> {
    /// A walk over the bits with these strides, from `origin`, reduced to a part.
    #[inline(always)]
    pub fn new(
        strides: impl Iterator<Item = [isize; N]>,
        origin: [isize; N],
        part: Part,
    ) -> Walk<N> {
        let mut steps = [[0; N]; MAX_BITS];
        let mut below = [0; N];
        let mut bits = 0;
        for stride in strides {
            for i in 0..N {
                steps[bits][i] = stride[i] - below[i];
                below[i] += stride[i];
            }
            bits += 1;
        }
        let std::ops::Range { start, end } = part.range(1 << bits);
        let mut offsets = origin;
        let mut below = [0; N];
        for (bit, step) in steps.iter().enumerate().take(bits) {
            for i in 0..N {
                let stride = step[i] + below[i];
                below[i] += stride;
                offsets[i] += stride * (start >> bit & 1) as isize;
            }
        }
        Walk { next: start, end, offsets, steps }
    }
}

impl<const N: usize> Iterator for Walk<N> {
    type Item = [isize; N];

    #[inline(always)]
    fn next(&mut self) -> Option<[isize; N]> {
        if self.next == self.end {
            return None;
        }
        let here = self.offsets;
        self.next += 1;
        // `% MAX_BITS` is never taken; it spares the bounds check.
        let step = &self.steps[self.next.trailing_zeros() as usize % MAX_BITS];
        for i in 0..N {
            self.offsets[i] += step[i];
        }
        Some(here)
    }
}

/// A [`Site`] seen through registers of `L::WIDTH` amplitudes: what is inside a register and what
/// is between registers.
struct Split<'a> {
    site: Site<'a>,
    strides: &'a [isize],
    /// Target bits above the lane bits, in the order of the site.
    high: [usize; MAX_BITS],
    num_high: usize,
    /// Target bits that are lane bits, in the order of the site.
    low: [usize; MAX_WIDTH],
    num_low: usize,
    lane_bits: usize,
}

impl<'a> Split<'a> {
    #[inline(always)]
    fn new<L: Lanes>(site: Site<'a>, strides: &'a [isize]) -> Split<'a> {
        let (mut high, mut low) = ([0; MAX_BITS], [0; MAX_WIDTH]);
        let (mut num_high, mut num_low) = (0, 0);
        for &bit in site.targets {
            if bit >= L::BITS {
                high[num_high] = bit;
                num_high += 1;
            } else {
                low[num_low] = bit;
                num_low += 1;
            }
        }
        Split { site, strides, high, num_high, low, num_low, lane_bits: L::BITS }
    }

    /// The targets between registers.
    #[inline(always)]
    fn high(&self) -> &[usize] {
        &self.high[..self.num_high]
    }

    /// The targets inside a register.
    #[inline(always)]
    fn low(&self) -> &[usize] {
        &self.low[..self.num_low]
    }

    /// Whether some control is a lane bit.
    #[inline(always)]
    fn has_lane_controls(&self) -> bool {
        self.site.controls & self.lane_mask() != 0
    }

    #[inline(always)]
    fn lane_mask(&self) -> u64 {
        (1 << self.lane_bits) - 1
    }

    /// Whether the controls inside the register hold in this lane.
    #[inline(always)]
    fn active(&self, lane: usize) -> bool {
        (lane as u64 ^ self.site.values) & self.site.controls & self.lane_mask() == 0
    }

    /// The bits of a row index that setting `i` of the high targets contributes.
    #[inline(always)]
    fn row_of_high(&self, i: usize) -> usize {
        self.row_of(self.high(), |j| i >> (self.num_high - 1 - j) & 1)
    }

    /// The bits of a row index that a lane contributes.
    #[inline(always)]
    fn row_of_lane(&self, lane: usize) -> usize {
        self.row_of(self.low(), |j| lane >> self.low[j] & 1)
    }

    #[inline(always)]
    fn row_of(&self, bits: &[usize], value: impl Fn(usize) -> usize) -> usize {
        let k = self.site.targets.len();
        let mut row = 0;
        let mut next = 0;
        for (position, target) in self.site.targets.iter().enumerate() {
            if next < bits.len() && *target == bits[next] {
                row |= value(next) << (k - 1 - position);
                next += 1;
            }
        }
        row
    }

    /// The lanes that differ from lane 0 by setting `s` of the low targets.
    #[inline(always)]
    fn lane_flip(&self, s: usize) -> usize {
        crate::bits::scatter(s, self.low())
    }

    /// The offset of setting `i` of the high targets.
    #[inline(always)]
    fn offset(&self, i: usize) -> isize {
        let top = self.num_high.wrapping_sub(1);
        let stride = |(j, &bit): (usize, &usize)| self.strides[bit] * (i >> (top - j) & 1) as isize;
        self.high().iter().enumerate().map(stride).sum()
    }

    /// The stops: all settings of the bits that are neither lanes, targets nor controls, where the
    /// controls between registers have their values.
    #[inline(always)]
    fn walk(&self, part: Part) -> Walk<1> {
        let controls = self.site.controls & !self.lane_mask();
        let fixed = self.high().iter().fold(controls | self.lane_mask(), |mask, bit| mask | 1 << bit);
        let mut origin = 0;
        let mut set = controls & self.site.values;
        while set != 0 {
            origin += self.strides[set.trailing_zeros() as usize];
            set &= set - 1;
        }
        let free = |&(bit, _): &(usize, &isize)| fixed >> bit & 1 == 0;
        let strides = self.strides.iter().enumerate().filter(free).map(|(_, &stride)| [stride]);
        Walk::new(strides, [origin], part)
    }
}

#[cfg(test)]
mod tests;
