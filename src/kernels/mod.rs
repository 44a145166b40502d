//! The loops over amplitudes, each written once, generic over lanes and precision.
//!
//! All share one shape. Of the `n` bits of the address, an operator fixes some: its targets, its
//! controls, and the lowest ones that lie inside a register. A [`Walk`] counts through all settings
//! of the others; at each stop the kernel combines the amplitudes that differ in the target bits:
//!
//! ```text
//! for every setting of the free bits:           // Walk, cut into chunks for the threads
//!     x[j] = load(stop + offset of target setting j)      for all j
//!     y[i] = sum over j of m[i][j] * x[j]                  for all i
//!     store(stop + offset of target setting i, y[i])
//! ```
//!
//! A target bit inside a register (a *lane* bit) is no stop of its own: the partner amplitude sits
//! in the same register, and a permutation of lanes brings it over. Where a
//! control bit inside a register does not hold, the lane keeps what it had.

use std::mem::MaybeUninit;

use crate::bits::set_bits;
use crate::layout::{Layout, MAX_BITS};
use crate::simd::{Lanes, MAX_WIDTH, prefetch};

pub mod application;
pub mod bloch;
pub mod copy;
pub mod correlations;
pub mod cost;
pub mod dense;
pub mod diagonal;
pub mod draw;
pub mod pauli;
pub mod pauli_sum;
pub mod permutation;
pub mod phases;
pub mod read;
pub mod recurrence;
pub mod reduce;
pub mod registers;
mod site;
pub mod sweep;
pub mod tile;
pub mod top;

pub use site::{OwnedSite, Site};

/// The states of a batch that a kernel works on one after the other, with an operator each or one
/// for all.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a> {
    /// Where each begins, seen from the state that the kernel is given.
    pub offsets: &'a [isize],
    /// How many entries further the operator of the next one is; 0 where all have the same.
    pub stride: usize,
    /// Where several small states share one register, as if they were one state of more bits: how many
    /// bits one of them has. [`MAX_BITS`] where they do not.
    pub bits: usize,
}

impl Elements<'_> {
    /// The one state that the kernel is given.
    pub const ONE: Elements<'static> = Elements { offsets: &[0], stride: 0, bits: MAX_BITS };

    /// Checks that states which share one register fill it.
    ///
    /// # Panics
    /// Where they do not.
    #[inline(always)]
    fn check<L: Lanes>(&self, layout: &Layout) {
        assert!(self.bits == MAX_BITS || layout.num_qubits() == L::BITS, "states that fill no register");
    }

    /// Which of the states in one register a lane belongs to.
    #[inline(always)]
    fn of_lane(&self, lane: usize) -> usize {
        if self.bits == MAX_BITS { 0 } else { lane >> self.bits }
    }
}

/// What an operator does to the two parts of an amplitude. All but the first are for a real state, whose lowest qubit
/// tells the parts of a complex state of one qubit less apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Parts {
    /// Entries are complex numbers; where they are real, they act on both parts alike.
    Alike,
    /// Entries tell the parts apart: each of a diagonal is a factor for the real and one for the imaginary part, and each
    /// of a matrix is a real 2 x 2 matrix `[[a, b], [c, d]]` on the two, as `(a, d)` and `(b, c)`.
    Apart,
    /// Entries are real, and only real parts change.
    Re,
    /// Entries are real, and only imaginary parts change.
    Im,
}

impl Parts {
    /// Whether one part is kept.
    #[inline(always)]
    fn keep_one(self) -> bool {
        matches!(self, Parts::Re | Parts::Im)
    }

    /// What becomes of the register `old` of which `new` was computed: `new` in the lanes that are `active`, but for the
    /// part that is kept.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn changed<L: Lanes>(self, active: L::Mask, new: L::Reg, old: L::Reg) -> L::Reg {
        // SAFETY: the caller's promise.
        unsafe {
            let new = L::select(active, new, old);
            match self {
                Parts::Alike | Parts::Apart => new,
                Parts::Re => L::merge(new, old),
                Parts::Im => L::merge(old, new),
            }
        }
    }
}

/// States from this size on do not fit into L2, and their stops are prefetched.
const PREFETCH_MIN_BYTES: usize = 1 << 21;

/// How far ahead to prefetch, in bytes of each stream. Pairs 0.5 to 8 KiB apart, the worst, take 1.0 to 1.1 in-place
/// sweeps of 64 MiB with it on Zen 5, 1.35 to 1.65 with 1 KiB, 1.45 to 1.55 without, and 1.1 to 1.3 with 6 KiB and more. On Zen 4
/// 1, 4 and 12 KiB do as well.
const AHEAD_BYTES: usize = 4096;

/// One of the chunks into which the stops of a walk are cut.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// Number of this chunk.
    pub index: u64,
    /// Number of chunks.
    pub count: u64,
}

impl Chunk {
    /// The whole, uncut.
    pub const WHOLE: Chunk = Chunk { index: 0, count: 1 };

    /// The share of `total` items that is this chunk.
    #[inline(always)]
    pub fn range(self, total: u64) -> std::ops::Range<u64> {
        if self.count == 1 {
            return 0..total; // spares the smallest states two long divisions
        }
        let at = |index: u64| (u128::from(total) * u128::from(index) / u128::from(self.count)) as u64;
        at(self.index)..at(self.index + 1)
    }
}

/// Counts through all settings of some bits, lowest bit fastest, and yields the offset of each setting
/// in `N` arrays at once.
///
/// Going from setting `i - 1` to `i` sets one bit and clears all bits below it. So the offset changes
/// by one of few numbers, which are computed beforehand, one for each bit: `deltas[trailing_zeros(i)]`.
/// Each setting costs one count and one addition, whatever
/// the strides are, holes and batches included. (Depositing the bits of a counter between the fixed
/// ones, the usual way, needs powers of two for strides and takes one shift per fixed bit.)
///
/// ```
/// use numket::kernels::{Chunk, Deltas, Walk};
/// // Bits with strides 1 and 4: the settings 00, 01, 10, 11 are at 0, 1, 4, 5.
/// let mut deltas = Deltas::empty();
/// let walk = Walk::new(&mut deltas, [[1], [4]].into_iter(), [0], Chunk::WHOLE);
/// assert_eq!(walk.map(|[offset]| offset).collect::<Vec<_>>(), [0, 1, 4, 5]);
/// ```
#[derive(Clone, Copy)]
pub struct Walk<'a, const N: usize> {
    next: u64,
    end: u64,
    offsets: [isize; N],
    deltas: &'a [MaybeUninit<[isize; N]>; MAX_BITS],
}

/// Room for the deltas of a [`Walk`]. The caller keeps it, because copying a walk that held them would cost
/// more than all the rest for the smallest states; and it is not cleared, for the same reason.
pub struct Deltas<const N: usize>([MaybeUninit<[isize; N]>; MAX_BITS]);

impl<const N: usize> Deltas<N> {
    /// Room that is not yet filled.
    #[inline(always)]
    pub fn empty() -> Deltas<N> {
        Deltas([MaybeUninit::uninit(); MAX_BITS])
    }
}

impl<'a, const N: usize> Walk<'a, N> {
    /// A walk over the bits with these strides, from `origin`, reduced to a chunk.
    ///
    /// # Panics
    /// On 64 bits or more.
    #[inline(always)]
    pub fn new(
        Deltas(deltas): &'a mut Deltas<N>,
        strides: impl Iterator<Item = [isize; N]>,
        origin: [isize; N],
        chunk: Chunk,
    ) -> Walk<'a, N> {
        let mut below = [0; N];
        let mut bits = 0;
        for stride in strides {
            deltas[bits].write(std::array::from_fn(|i| stride[i] - below[i]));
            below = std::array::from_fn(|i| below[i] + stride[i]);
            bits += 1;
        }
        // The last stop reads one more.
        deltas[bits].write([0; N]);
        let std::ops::Range { start, end } = chunk.range(1 << bits);
        let mut offsets = origin;
        if start != 0 {
            // Setting `start` is reached from 0 by setting its bits from the lowest.
            let mut below = [0; N];
            for (bit, delta) in deltas.iter().enumerate().take(bits) {
                // SAFETY: the first `bits` deltas were written above.
                let delta = unsafe { delta.assume_init_ref() };
                let set = (start >> bit & 1) as isize;
                for i in 0..N {
                    let stride = delta[i] + below[i];
                    below[i] += stride;
                    offsets[i] += stride * set;
                }
            }
        }
        Walk { next: start, end, offsets, deltas }
    }
}

impl<const N: usize> Iterator for Walk<'_, N> {
    type Item = [isize; N];

    #[inline(always)]
    fn next(&mut self) -> Option<[isize; N]> {
        if self.next == self.end {
            return None;
        }
        let here = self.offsets;
        self.next += 1;
        // SAFETY: `next <= end <= 2**bits`, so this is one of the `bits + 1` deltas that `new` wrote.
        // (`% MAX_BITS` changes nothing; it spares the bounds check.)
        let delta =
            unsafe { self.deltas[self.next.trailing_zeros() as usize % MAX_BITS].assume_init_ref() };
        for i in 0..N {
            self.offsets[i] += delta[i];
        }
        Some(here)
    }
}

/// The stops of a kernel: a walk over a state, and for states that do not fit into L2 a second one
/// that runs ahead of the first and says what to prefetch.
///
/// Two interleaved streams in one page, some kilobytes apart, confuse the hardware prefetcher:
/// without this, H at 22 qubits costs up to 1.3 in-place sweeps on bits 6 to 8, with it at most
/// 1.1, and about 0.1 less on the others (2 cores, AVX-512). A fixed distance instead of a walk
/// serves as well for single targets, but fetches the wrong half where a control selects one: CZ on
/// bits 7 and 8 then took 0.56 sweeps.
#[derive(Clone, Copy)]
struct Stops<'a> {
    walk: Walk<'a, 1>,
    ahead: Walk<'a, 1>,
}

impl Stops<'_> {
    /// Whether there is nothing to do in this chunk.
    fn is_empty(&self) -> bool {
        self.walk.next == self.walk.end
    }

    /// The next stop, for a kernel that works on the registers at `at` plus each stop.
    #[inline(always)]
    fn next<T>(&mut self, at: &[*mut T]) -> Option<isize> {
        if let Some([ahead]) = self.ahead.next() {
            for &at in at {
                prefetch(at.wrapping_offset(ahead));
            }
        }
        self.walk.next().map(|[stop]| stop)
    }
}

/// As many stops as this, `2**ROW_BITS`, are taken in a row: a step from one to the next in an inner loop costs half
/// of what it costs in a walk.
const ROW_BITS: usize = 4;

/// The stops of a kernel, a row of neighbouring registers at a time where they fit into L2. Larger states
/// have rows of one, so that all that is prefetched is asked for in time.
#[derive(Clone, Copy)]
struct Rows<'a> {
    /// The first of each row.
    stops: Stops<'a>,
    /// How many there are in a row.
    len: usize,
    /// How far apart they are.
    step: isize,
}

/// A [`Site`] seen through registers of `L::WIDTH` amplitudes: what is inside a register and what
/// is between registers.
#[derive(Clone, Copy)]
struct Split<'a> {
    site: Site<'a>,
    layout: &'a Layout,
    /// How many bits are inside a register: they are the lowest.
    lane_bits: usize,
    /// How many targets are between registers.
    num_high: usize,
    /// How many targets are inside a register.
    num_low: usize,
    /// The lane bits, as a mask.
    lanes: u64,
    /// The bits of a row index whose target is flipped.
    flipped_rows: usize,
    /// The values that the control bits must have at an address.
    values: u64,
}

impl<'a> Split<'a> {
    #[inline(always)]
    fn new<L: Lanes>(site: Site<'a>, layout: &'a Layout) -> Split<'a> {
        let mut num_low = 0;
        for &bit in site.targets {
            num_low += usize::from((bit as usize) < L::BITS);
        }
        let num_high = site.targets.len() - num_low;
        let (lane_bits, lanes) = (L::BITS, L::WIDTH as u64 - 1);
        let mut split = Split {
            site,
            layout,
            lane_bits,
            num_high,
            num_low,
            lanes,
            flipped_rows: 0,
            values: site.values,
        };
        let flipped = layout.flipped();
        if flipped != 0 {
            split.values ^= flipped & site.controls;
            for &bit in site.targets {
                split.flipped_rows |= (flipped >> bit & 1) as usize * (1 << split.row_bit(bit));
            }
        }
        split
    }

    /// The targets between registers, in the order of the site.
    #[inline(always)]
    fn high(&self) -> impl Iterator<Item = u8> {
        self.site.targets.iter().copied().filter(|&bit| usize::from(bit) >= self.lane_bits)
    }

    /// The targets inside a register, in the order of the site.
    #[inline(always)]
    fn low(&self) -> impl Iterator<Item = u8> {
        self.site.targets.iter().copied().filter(|&bit| usize::from(bit) < self.lane_bits)
    }

    /// Whether some control is a lane bit.
    #[inline(always)]
    fn has_lane_controls(&self) -> bool {
        self.site.controls & self.lanes != 0
    }

    /// Whether the controls inside the register hold in this lane.
    #[inline(always)]
    fn active(&self, lane: usize) -> bool {
        (lane as u64 ^ self.values) & self.site.controls & self.lanes == 0
    }

    /// All lanes in which the controls inside the register hold.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn active_lanes<L: Lanes>(&self) -> L::Mask {
        // SAFETY: the caller's promise.
        unsafe {
            match self.has_lane_controls() {
                true => lanes_where::<L>(|lane| self.active(lane)),
                false => L::mask(u32::MAX),
            }
        }
    }

    /// Which bit of a row index a target is.
    #[inline(always)]
    fn row_bit(&self, target: u8) -> usize {
        let position = self.site.targets.iter().position(|&bit| bit == target);
        debug_assert!(position.is_some());
        self.site.targets.len() - 1 - position.unwrap_or(0)
    }

    /// The row index where the high targets have setting `i` and the low ones are all 0, at an
    /// address; to be combined with [`Split::row_of_lane`] by exclusive or, because of flips.
    #[inline(always)]
    fn row_of_high(&self, i: usize) -> usize {
        let values = (0..self.num_high).rev().map(|j| i >> j & 1);
        self.high()
            .zip(values)
            .fold(self.flipped_rows, |row, (bit, value)| row ^ value << self.row_bit(bit))
    }

    /// The bits of a row index that a lane contributes.
    #[inline(always)]
    fn row_of_lane(&self, lane: usize) -> usize {
        self.low().fold(0, |row, bit| row | (lane >> bit & 1) << self.row_bit(bit))
    }

    /// The lanes that differ from lane 0 by setting `s` of the low targets.
    #[inline(always)]
    fn lane_flip(&self, s: usize) -> usize {
        let values = (0..self.num_low).rev().map(|j| s >> j & 1);
        self.low().zip(values).fold(0, |lane, (bit, value)| lane | value << bit)
    }

    /// The rearrangement that brings over the lanes which differ by setting `s` of the low targets.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn flip<L: Lanes>(&self, s: usize) -> L::Perm {
        let mut from = [0; MAX_WIDTH];
        for (lane, from) in from.iter_mut().enumerate() {
            *from = (lane ^ self.lane_flip(s)) % L::WIDTH;
        }
        // SAFETY: the caller's promise.
        unsafe { L::perm(from) }
    }

    /// The offset of setting `i` of the high targets.
    #[inline(always)]
    fn offset(&self, i: usize) -> isize {
        let values = (0..self.num_high).rev().map(|j| (i >> j & 1) as isize);
        self.high().zip(values).map(|(bit, value)| self.layout.stride(bit.into()) * value).sum()
    }

    /// The offset where the controls between registers have their values.
    #[inline(always)]
    fn origin(&self) -> isize {
        set_bits(self.site.controls & self.values & !self.lanes).map(|bit| self.layout.stride(bit)).sum()
    }

    /// The bits that are neither lanes nor controls nor in `fixed`.
    #[inline(always)]
    fn free(&self, fixed: u64) -> impl Iterator<Item = usize> {
        set_bits(self.free_mask(fixed))
    }

    /// The same as a mask.
    #[inline(always)]
    fn free_mask(&self, fixed: u64) -> u64 {
        let all = (1 << self.layout.num_qubits()) - 1;
        all & !(fixed | self.site.controls | self.lanes)
    }

    /// The stops: all settings of the bits that are neither lanes, targets nor controls, where the
    /// controls between registers have their values.
    #[inline(always)]
    fn stops<'s, L: Lanes>(&self, deltas: &'s mut Deltas<1>, chunk: Chunk) -> Stops<'s> {
        self.rows_of::<L>(0, deltas, chunk).stops
    }

    /// The same in rows.
    #[inline(always)]
    fn rows<'s, L: Lanes>(&self, deltas: &'s mut Deltas<1>, chunk: Chunk) -> Rows<'s> {
        let mut bits = 0;
        if fits_in_cache::<L>(self.layout) {
            let in_a_row = self.layout.run().saturating_sub(self.lane_bits);
            let free = self.free_mask(self.high_mask()) >> self.lane_bits;
            bits = (free.trailing_ones() as usize).min(in_a_row).min(ROW_BITS);
        }
        self.rows_of::<L>(bits, deltas, chunk)
    }

    /// The same in rows of `2**bits`, which are the lowest bits of the walk.
    #[inline(always)]
    fn rows_of<'s, L: Lanes>(&self, bits: usize, deltas: &'s mut Deltas<1>, chunk: Chunk) -> Rows<'s> {
        let strides = self.free(self.high_mask()).skip(bits).map(|bit| [self.layout.stride(bit)]);
        let walk = Walk::new(deltas, strides, [self.origin()], chunk);
        let stops = Stops { walk, ahead: run_ahead::<L, 1>(self.layout, walk) };
        Rows { stops, len: 1 << bits, step: self.layout.unit() * L::WIDTH as isize }
    }

    /// The targets between registers, as a mask.
    #[inline(always)]
    fn high_mask(&self) -> u64 {
        self.high().fold(0, |mask, bit| mask | 1 << bit)
    }
}

/// Whether a state fits into L2.
#[inline(always)]
fn fits_in_cache<L: Lanes>(layout: &Layout) -> bool {
    layout.bytes::<L::Real>() < PREFETCH_MIN_BYTES
}

/// A second walk that runs ahead of the first; an empty one for states that fit into L2.
#[inline(always)]
fn run_ahead<'a, L: Lanes, const N: usize>(layout: &Layout, mut walk: Walk<'a, N>) -> Walk<'a, N> {
    let amplitude = layout.unit() as usize * size_of::<L::Real>();
    if !fits_in_cache::<L>(layout) {
        walk.by_ref().take(AHEAD_BYTES / (amplitude * L::WIDTH)).for_each(drop);
    } else {
        walk.next = walk.end;
    }
    walk
}

/// The choice of the lanes of which `chosen` is true.
///
/// # Safety
/// The CPU has the features of `L`.
#[inline(always)]
unsafe fn lanes_where<L: Lanes>(chosen: impl Fn(usize) -> bool) -> L::Mask {
    let mut lanes = 0;
    for lane in 0..L::WIDTH {
        lanes |= u32::from(chosen(lane)) << lane;
    }
    // SAFETY: the caller's promise.
    unsafe { L::mask(lanes) }
}

#[cfg(test)]
mod tests;
