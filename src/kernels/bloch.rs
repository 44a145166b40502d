//! What Bloch vectors are made of, for many bits at a time: the overlaps of amplitudes that differ in one bit, and
//! how much more weight there is where a bit is 0. A tile of the state is copied into cache, where each of its
//! amplitudes meets the others:
//!
//! ```text
//! copy each row of a stretch; add the products within blocks, and the squares     add_inside, fold_squares
//! add the products between blocks of the stretch                                  add_across
//! add those between blocks of different stretches                                 add_across
//! ```
//!
//! Two bits between blocks are read at a time, with half the multiplications of one after the other (see `add_four`):
//! an amplitude and a bit take one addition and one fused multiply-add of real numbers.
//!
//! Rows and blocks are those of [`pauli_sum`](super::pauli_sum). The order of every addition is fixed, and products are
//! fused on every CPU, so that neither the CPU nor the thread count changes a bit.

use std::ops::Range;

use num_complex::Complex64;

use super::pauli_sum::{BLOCK, BLOCK_BITS, Block, MAX_BLOCKS, NEAR_BITS, Rows, total};
use crate::simd::{Kernel, Lanes, Real};
use crate::state::StateRef;

/// A tile has at most `2**MAX_TILE_BITS` rows.
pub const MAX_TILE_BITS: usize = 9;

/// How many bits number the blocks of a tile, at most.
const MAX_BITS_ACROSS: usize = MAX_TILE_BITS + MAX_BLOCKS.ilog2() as usize;

/// How many blocks a stretch has, which is worked on as soon as it is copied, while it is in L1.
const STRETCH: usize = 1 << NEAR_BITS;

/// At how many places of each stretch blocks are read together, which L1 holds.
const TOGETHER: usize = 2;

/// Where block `number` of a tile is kept. One is left out after each stretch: L1 holds but eight lines whose addresses
/// differ by multiples of 4 KiB.
#[inline(always)]
fn place(number: usize) -> usize {
    number + (number >> NEAR_BITS)
}

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
        let Tile { state, rows, first, below, bits, skipped, room } = self;
        // The same number; `min` lets the compiler know that it fits.
        let blocks = rows.blocks().min(MAX_BLOCKS);
        let len = blocks << bits;
        // Where there are fewer than four blocks, the others are 0.
        let size = place(len.max(4));
        if room.len() < size {
            room.resize(size, Block::ZERO);
        }
        let copies = &mut room[..size];
        copies[len.min(4)..4].fill(Block::ZERO);
        let all = len.ilog2() as usize;
        let stretch = len.min(STRETCH);
        let near = stretch.ilog2() as usize;
        // How many rows it has.
        let height = stretch / blocks;
        // The lowest bit of a block's number that is read.
        let lowest = skipped.saturating_sub(BLOCK_BITS);

        let mut inside = [Sums::ZERO; BLOCK_BITS];
        let mut across = [Sums::ZERO; MAX_BITS_ACROSS];
        let mut room_of_sums = [[0.0; BLOCK]; STRETCH / 4];
        let mut totals = [[0.0; BLOCK]; 1 << MAX_TILE_BITS];
        let mut z = [[0.0; BLOCK]; MAX_BITS_ACROSS];
        for number in 0..len / stretch {
            let copies = &mut copies[place(number * stretch)..][..stretch.max(4)];
            for (i, row) in copies[..stretch].chunks_exact_mut(blocks).enumerate() {
                let place = (number * height + i) as u64;
                // SAFETY: the caller's promise, and a row of the state.
                unsafe { rows.load::<L>(state.origin(), first + (place << below), row) };
            }
            // The next stretch is asked for in two halves, each of which comes while there is work.
            let (begin, end) = ((number + 1) * height, ((number + 2) * height).min(1 << bits));
            for place in begin..end.min(begin + height / 2) {
                rows.prefetch(state.origin(), first + ((place as u64) << below));
            }
            if skipped == 0 {
                add_inside(copies, &mut inside);
                totals[number] = fold_squares(copies, &mut room_of_sums, &mut z);
            }
            for place in begin + height / 2..end {
                rows.prefetch(state.origin(), first + ((place as u64) << below));
            }
            add_across(copies, lowest..near, (0, stretch), &mut across);
        }
        if all > near {
            for start in (0..STRETCH).step_by(TOGETHER) {
                add_across(copies, lowest.max(near)..all, (start, len), &mut across);
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
            tally.overlaps.extend(inside.iter().map(Sums::total));
        }
        tally.overlaps.extend(across[lowest..all].iter().map(Sums::total));
        tally
    }
}

/// Running sums of `conj(a) b`, times two.
#[derive(Clone, Copy)]
struct Sums {
    re: [f64; BLOCK],
    im: [f64; BLOCK],
}

impl Sums {
    const ZERO: Sums = Sums { re: [0.0; BLOCK], im: [0.0; BLOCK] };

    fn total(&self) -> Complex64 {
        0.5 * Complex64::new(total(self.re), total(self.im))
    }

    /// Adds what `add_four` has added up for two bits.
    #[inline(always)]
    fn add_pair<const N: usize>(low: &mut Sums, high: &mut Sums, own: &Pair<N>) {
        for i in 0..N {
            let (plus, minus) = (own[0][i] + own[1][i], own[2][i] + own[3][i]);
            low.re[i] += plus + minus;
            high.re[i] += plus - minus;
            let (plus, minus) = (own[4][i] - own[5][i], own[6][i] - own[7][i]);
            low.im[i] += plus + minus;
            high.im[i] += plus - minus;
        }
    }
}

/// The sums of `add_four`, side by side for `N` groups of amplitudes.
type Pair<const N: usize> = [[f64; N]; 8];

/// The products of amplitudes that differ in one of two bits: `x[b]` are those where the bits are `b`. Of all four
/// amplitudes `a` of a group,
///
/// ```text
/// conj(a0) a1 + conj(a2) a3  and  conj(a0) a2 + conj(a1) a3       have the sum and the difference
/// Re conj(a0 + a3) (a1 + a2) + i Im conj(a0 - a3) (a1 + a2),
/// Re conj(a0 - a3) (a1 - a2) + i Im conj(a0 + a3) (a1 - a2),
/// ```
///
/// with half as many multiplications.
#[inline(always)]
fn add_four<const N: usize>(re: [&[f64; N]; 4], im: [&[f64; N]; 4], sums: &mut Pair<N>) {
    for i in 0..N {
        let (s, d) = (re[0][i] + re[3][i], re[0][i] - re[3][i]);
        let (e, f) = (re[1][i] + re[2][i], re[1][i] - re[2][i]);
        let (s_im, d_im) = (im[0][i] + im[3][i], im[0][i] - im[3][i]);
        let (e_im, f_im) = (im[1][i] + im[2][i], im[1][i] - im[2][i]);
        sums[0][i] = s.mul_add(e, sums[0][i]);
        sums[1][i] = s_im.mul_add(e_im, sums[1][i]);
        sums[2][i] = d.mul_add(f, sums[2][i]);
        sums[3][i] = d_im.mul_add(f_im, sums[3][i]);
        sums[4][i] = d.mul_add(e_im, sums[4][i]);
        sums[5][i] = d_im.mul_add(e, sums[5][i]);
        sums[6][i] = s.mul_add(f_im, sums[6][i]);
        sums[7][i] = s_im.mul_add(f, sums[7][i]);
    }
}

/// The products of amplitudes that differ in a bit within a block.
#[inline(always)]
fn add_inside(copies: &[Block], sums: &mut [Sums; BLOCK_BITS]) {
    let [zero, one, two] = sums;
    add_flips::<1>(copies, zero);
    add_flips::<2>(copies, one);
    add_flips::<4>(copies, two);
}

/// The same for one bit, whose value is `FLIP`. Each pair of amplitudes is met from either side. Two blocks at a time:
/// three sums alone would wait for each other.
#[inline(always)]
fn add_flips<const FLIP: usize>(copies: &[Block], sums: &mut Sums) {
    let mut own = [[0.0; BLOCK]; 6];
    for [a, b] in copies.as_chunks::<2>().0 {
        for i in 0..BLOCK {
            own[0][i] = a.re[i].mul_add(a.re[i ^ FLIP], own[0][i]);
            own[1][i] = b.re[i].mul_add(b.re[i ^ FLIP], own[1][i]);
            own[2][i] = a.im[i].mul_add(a.im[i ^ FLIP], own[2][i]);
            own[3][i] = b.im[i].mul_add(b.im[i ^ FLIP], own[3][i]);
            own[4][i] = a.re[i].mul_add(a.im[i ^ FLIP], own[4][i]);
            own[5][i] = b.re[i].mul_add(b.im[i ^ FLIP], own[5][i]);
        }
    }
    for i in 0..BLOCK {
        let sign = if i & FLIP == 0 { 2.0 } else { -2.0 };
        sums.re[i] += (own[0][i] + own[1][i]) + (own[2][i] + own[3][i]);
        sums.im[i] += sign * (own[4][i] + own[5][i]);
    }
}

/// The products of blocks that differ in one of some bits of their number: of all `len` blocks of a stretch, or of those
/// of a tile at `TOGETHER` places in their stretches, from `start` on.
#[inline(always)]
fn add_across(copies: &[Block], bits: Range<usize>, (start, len): (usize, usize), sums: &mut [Sums]) {
    let mut low = bits.start;
    while low + 1 < bits.end {
        let own = match low {
            0 => groups::<2, 1>(copies, low, (start, len)),
            _ => groups::<2, TOGETHER>(copies, low, (start, len)),
        };
        let [low_sums, high_sums] = &mut sums[low..low + 2] else { unreachable!("two bits") };
        Sums::add_pair(low_sums, high_sums, &own);
        low += 2;
    }
    if low < bits.end {
        let mut own = groups::<1, 1>(copies, low, (start, len));
        // As if there were another bit in which nothing differs.
        [own[2], own[3], own[6], own[7]] = [own[0], own[1], own[4], own[5]];
        Sums::add_pair(&mut sums[low], &mut Sums { ..Sums::ZERO }, &own);
    }
}

/// The same for `COUNT` bits from `low` on. As many as `SIDE` groups have their blocks side by side.
#[inline(always)]
fn groups<const COUNT: usize, const SIDE: usize>(
    copies: &[Block],
    low: usize,
    (start, len): (usize, usize),
) -> Pair<BLOCK> {
    let mut sums = [[0.0; BLOCK]; 8];
    let (run, step) = if low < NEAR_BITS { (len, len) } else { (TOGETHER, STRETCH) };
    let mut from = start;
    while from < len >> COUNT {
        for group in (from..(from + run).min(len >> COUNT)).step_by(SIDE) {
            let first = (group & ((1 << low) - 1)) | group >> low << (low + COUNT);
            let blocks = |number: usize| &copies[place(first + (number << low))..][..SIDE];
            let (a, b) = (blocks(0), blocks(1));
            let (c, d) = if COUNT == 1 { (a, b) } else { (blocks(2), blocks(3)) };
            for i in 0..SIDE {
                let (a, b, c, d) = (&a[i], &b[i], &c[i], &d[i]);
                match COUNT {
                    1 => add_two(a, b, &mut sums),
                    _ => add_four([&a.re, &b.re, &c.re, &d.re], [&a.im, &b.im, &c.im, &d.im], &mut sums),
                }
            }
        }
        from += step;
    }
    sums
}

/// As `add_four`, for one bit.
#[inline(always)]
fn add_two(a: &Block, b: &Block, sums: &mut Pair<BLOCK>) {
    for i in 0..BLOCK {
        sums[0][i] = a.re[i].mul_add(b.re[i], sums[0][i]);
        sums[1][i] = a.im[i].mul_add(b.im[i], sums[1][i]);
        sums[4][i] = a.re[i].mul_add(b.im[i], sums[4][i]);
        sums[5][i] = a.im[i].mul_add(b.re[i], sums[5][i]);
    }
}

/// Adds up `|a|**2` of `2**k` blocks, four at least, by places. For each bit of their numbers, adds to `z` the sum over
/// those where it is 0, less that over the others. `room` has an entry for every four blocks.
//
// Squares are summed as they are made: written down first, LLVM computes those of several blocks at a time with
// gathers, which takes seven times as long. Sums are written together: one by one, LLVM takes them for what may overlap
// with the blocks, and goes number by number.
#[inline(always)]
fn fold_squares(copies: &[Block], room: &mut [[f64; BLOCK]], z: &mut [[f64; BLOCK]]) -> [f64; BLOCK] {
    let groups = copies.as_chunks::<4>().0;
    let room = &mut room[..groups.len()];
    let mut own = [z[0], z[1]];
    for (group, sum) in groups.iter().zip(room.iter_mut()) {
        let mut all = [0.0; BLOCK];
        for i in 0..BLOCK {
            let square = |block: &Block| block.re[i] * block.re[i] + block.im[i] * block.im[i];
            let [a, b, c, d] =
                [square(&group[0]), square(&group[1]), square(&group[2]), square(&group[3])];
            own[0][i] += (a - b) + (c - d);
            own[1][i] += (a + b) - (c + d);
            all[i] = (a + b) + (c + d);
        }
        *sum = all;
    }
    [z[0], z[1]] = own;
    fold(room, &mut z[2..])
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
