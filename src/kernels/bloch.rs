//! What Bloch vectors are made of, for many bits at a time: the overlaps of amplitudes that differ in one bit, and
//! how much more weight there is where a bit is 0. A tile of the state is copied into cache, where each of its
//! amplitudes meets the others:
//!
//! ```text
//! copy each row of a stretch; add the products within blocks, and the squares     add_inside, fold_squares
//! add the products between blocks of the stretch                                  add_cubes
//! add those between blocks further apart                                          add_cubes
//! ```
//!
//! As in [`pauli_sum`](super::pauli_sum), whose rows and blocks these are, the order of every addition is fixed and
//! nothing is fused, so that neither the CPU nor the thread count changes a bit.

use std::ops::Range;

use num_complex::Complex64;

use super::pauli_sum::{
    BLOCK, BLOCK_BITS, Block, CUBE_BITS, MAX_BLOCKS, NEAR_BITS, ROWS_AHEAD, Rows, total,
};
use crate::simd::{Kernel, Lanes, Real};
use crate::state::StateRef;

/// A tile has at most `2**MAX_TILE_BITS` rows.
pub const MAX_TILE_BITS: usize = 9;

/// How many bits number the blocks of a tile, at most.
const MAX_BITS_ACROSS: usize = MAX_TILE_BITS + MAX_BLOCKS.ilog2() as usize;

/// How many blocks a stretch has: it is in L1 while it is worked on.
const STRETCH: usize = 1 << NEAR_BITS;

/// Real and imaginary parts of running sums.
type Sums = [[f64; BLOCK]; 2];

/// What amplitudes that differ in one bit have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// The sum of `|a|**2`; 0 where bits are left out.
    pub total: f64,
    /// For each bit from the lowest, the sum of `|a|**2` where it is 0, less that where it is 1.
    pub z: Vec<f64>,
    /// For each bit that is read, the sum of `conj(a) b` over all pairs, `a` where the bit is 0.
    pub overlaps: Vec<Complex64>,
}

/// The tally of one tile.
pub struct Tile<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// Its rows.
    pub rows: &'a Rows,
    /// The number of the first row of the tile.
    pub first: u64,
    /// The first row of the tile that will be read next, which is prefetched meanwhile.
    pub next: Option<u64>,
    /// Row `i` of the tile is number `first + (i << below)`.
    pub below: usize,
    /// How many bits number the rows of the tile.
    pub bits: usize,
    /// How many of the bits inside the tile are left out, from the lowest: none, or all within a block and maybe more.
    /// Squares are added up where none is.
    pub skipped: usize,
    /// Memory for the copy, kept from call to call.
    pub room: &'a mut Vec<Block>,
}

impl<T: Real> Kernel for Tile<'_, T> {
    type Real = T;
    type Out = Tally;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> Tally {
        let Tile { state, rows, first, next, below, bits, skipped, room } = self;
        // The same number; `min` lets the compiler know that it fits.
        let blocks = rows.blocks().min(MAX_BLOCKS);
        let len = blocks << bits;
        if room.len() < len {
            room.resize(len, Block::ZERO);
        }
        let copies = &mut room[..len];
        let all = len.ilog2() as usize;
        let stretch = len.min(STRETCH).max(blocks);
        let near = stretch.ilog2() as usize;
        // The lowest bit of a block's number that is read.
        let lowest = skipped.saturating_sub(BLOCK_BITS);

        let mut inside = [[[0.0; BLOCK / 2]; BLOCK_BITS]; 2];
        let mut across = [[[0.0; BLOCK]; 2]; MAX_BITS_ACROSS];
        let mut room_of_sums = [[0.0; BLOCK]; STRETCH / 2];
        let mut totals = [[0.0; BLOCK]; 1 << MAX_TILE_BITS];
        let mut z = [[0.0; BLOCK]; MAX_BITS_ACROSS];
        for (number, copies) in copies.chunks_exact_mut(stretch).enumerate() {
            for (i, row) in copies.chunks_exact_mut(blocks).enumerate() {
                let place = number * (stretch / blocks) + i;
                if place + ROWS_AHEAD < 1 << bits {
                    rows.prefetch(state.origin(), first + (((place + ROWS_AHEAD) as u64) << below));
                }
                // SAFETY: a row of the state.
                unsafe { rows.load(state.origin(), first + ((place as u64) << below), row) };
            }
            if skipped == 0 {
                add_inside::<false>(copies, &mut inside[0]);
                add_inside::<true>(copies, &mut inside[1]);
                totals[number] = fold_squares(copies, &mut room_of_sums, &mut z);
            }
            let mut low = lowest;
            while low < near {
                let count = CUBE_BITS.min(near - low);
                add_cubes(copies, (low, count), 0..stretch >> count, &mut across[low..]);
                low += count;
            }
        }
        // In shares, so that what is prefetched meanwhile comes a few rows at a time.
        let shares = len / stretch;
        for share in 0..shares {
            if let Some(next) = next {
                for place in share * (stretch / blocks)..(share + 1) * (stretch / blocks) {
                    rows.prefetch(state.origin(), next + ((place as u64) << below));
                }
            }
            let mut low = lowest.max(near);
            while low < all {
                let count = CUBE_BITS.min(all - low);
                let cubes = len >> count;
                let range = cubes * share / shares..cubes * (share + 1) / shares;
                add_cubes(copies, (low, count), range, &mut across[low..]);
                low += count;
            }
        }

        let mut tally = Tally::default();
        if skipped == 0 {
            let lanes = fold(&mut totals[..len / stretch], &mut z[near..]);
            tally.total = total(lanes);
            for bit in 0..BLOCK_BITS {
                let sign = |lane: usize| if lane >> bit & 1 == 0 { 1.0 } else { -1.0 };
                tally.z.push(total(std::array::from_fn(|lane| sign(lane) * lanes[lane])));
            }
            tally.z.extend(z[..all].iter().map(|&z| total(z)));
            let four = |s: [f64; BLOCK / 2]| (s[0] + s[1]) + (s[2] + s[3]);
            let [re, im] = inside;
            let parts = re.into_iter().zip(im);
            tally.overlaps.extend(parts.map(|(re, im)| Complex64::new(four(re), four(im))));
        }
        let sums = across[lowest..all].iter();
        tally.overlaps.extend(sums.map(|&[re, im]| Complex64::new(total(re), total(im))));
        tally
    }
}

/// The products of amplitudes that differ in one bit within a block, for each such bit: their real parts, or with
/// `IMAG` their imaginary parts.
//
// One after the other, over halves of blocks: together, LLVM takes the real and the imaginary part of an amplitude side
// by side, and then two of them at a time. That took 0.9 ns for each amplitude instead of 0.5 (AVX-512).
#[inline(always)]
fn add_inside<const IMAG: bool>(copies: &[Block], sums: &mut [[f64; BLOCK / 2]; BLOCK_BITS]) {
    let mut own = *sums;
    for block in copies {
        add_halves::<IMAG>(block, [0, 4, 2, 6], 1, &mut own[0]);
        add_halves::<IMAG>(block, [0, 1, 4, 5], 2, &mut own[1]);
        add_halves::<IMAG>(block, [0, 1, 2, 3], 4, &mut own[2]);
    }
    *sums = own;
}

/// The products of the amplitudes at some places with those `apart` places further.
#[inline(always)]
fn add_halves<const IMAG: bool>(
    block: &Block,
    places: [usize; BLOCK / 2],
    apart: usize,
    sums: &mut [f64; BLOCK / 2],
) {
    for i in 0..BLOCK / 2 {
        let (low, high) = (places[i], places[i] + apart);
        sums[i] += if IMAG {
            block.re[low] * block.im[high] - block.im[low] * block.re[high]
        } else {
            block.re[low] * block.re[high] + block.im[low] * block.im[high]
        };
    }
}

/// The products of blocks that differ in one bit of their number, for each of the `count` bits from `low` on. These
/// bits tell apart the corners of a cube of blocks; `range` says which cubes.
#[inline(always)]
fn add_cubes(copies: &[Block], (low, count): (usize, usize), range: Range<usize>, sums: &mut [Sums]) {
    match count {
        1 => add_cubes_of::<1>(copies, low, range, sums),
        2 => add_cubes_of::<2>(copies, low, range, sums),
        _ => add_cubes_of::<CUBE_BITS>(copies, low, range, sums),
    }
}

#[inline(always)]
fn add_cubes_of<const COUNT: usize>(
    copies: &[Block],
    low: usize,
    range: Range<usize>,
    sums: &mut [Sums],
) {
    let mut own = [[[0.0; BLOCK]; 2]; CUBE_BITS];
    own[..COUNT].copy_from_slice(&sums[..COUNT]);
    for t in range {
        let first = (t & ((1 << low) - 1)) | t >> low << (low + COUNT);
        let mut cube = [Block::ZERO; 1 << CUBE_BITS];
        for corner in 0..1 << COUNT {
            cube[corner] = copies[first + (corner << low)];
        }
        for bit in 0..COUNT {
            for corner in 0..1 << COUNT {
                if corner >> bit & 1 == 0 {
                    add_product(&cube[corner], &cube[corner | 1 << bit], &mut own[bit]);
                }
            }
        }
    }
    sums[..COUNT].copy_from_slice(&own[..COUNT]);
}

/// Adds `conj(a) b`.
#[inline(always)]
fn add_product(a: &Block, b: &Block, [re, im]: &mut Sums) {
    for i in 0..BLOCK {
        re[i] += a.re[i] * b.re[i] + a.im[i] * b.im[i];
        im[i] += a.re[i] * b.im[i] - a.im[i] * b.re[i];
    }
}

/// Adds up `|a|**2` of `2**k` blocks, by places. For each bit of their numbers, adds to `z` the sum over those where it
/// is 0, less that over the others. `room` has an entry for every two blocks.
//
// Squares are summed as they are made: written down first, LLVM computes those of several blocks at a time with
// gathers, which takes seven times as long.
#[inline(always)]
fn fold_squares(copies: &[Block], room: &mut [[f64; BLOCK]], z: &mut [[f64; BLOCK]]) -> [f64; BLOCK] {
    let half = copies.len() / 2;
    if half == 0 {
        return squares(&copies[0]);
    }
    let room = &mut room[..half];
    let mut sum = [0.0; BLOCK];
    for t in 0..half {
        let (low, high) = (squares(&copies[t]), squares(&copies[t + half]));
        let mut both = [0.0; BLOCK];
        for i in 0..BLOCK {
            sum[i] += low[i] - high[i];
            both[i] = low[i] + high[i];
        }
        room[t] = both;
    }
    let highest = &mut z[half.ilog2() as usize];
    for i in 0..BLOCK {
        highest[i] += sum[i];
    }
    fold(room, z)
}

/// `|a|**2` of a block.
#[inline(always)]
fn squares(block: &Block) -> [f64; BLOCK] {
    let mut squares = [0.0; BLOCK];
    for i in 0..BLOCK {
        squares[i] = block.re[i] * block.re[i] + block.im[i] * block.im[i];
    }
    squares
}

/// As [`fold_squares`], of numbers that are there: they become sums.
#[inline(always)]
fn fold(entries: &mut [[f64; BLOCK]], z: &mut [[f64; BLOCK]]) -> [f64; BLOCK] {
    let mut half = entries.len() / 2;
    while half > 0 {
        let z = &mut z[half.ilog2() as usize];
        let mut sum = *z;
        for t in 0..half {
            let (low, high) = (entries[t], entries[t + half]);
            let mut both = [0.0; BLOCK];
            for i in 0..BLOCK {
                sum[i] += low[i] - high[i];
                both[i] = low[i] + high[i];
            }
            entries[t] = both;
        }
        *z = sum;
        half /= 2;
    }
    entries[0]
}
