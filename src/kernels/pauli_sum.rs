//! Expectation values of sums of Pauli strings, on a set of rows of amplitudes that are copied together in cache. The set is chosen so
//! that strings take each of its rows to another of them.
//!
//! Write a string as Z applied before X, with Y = iXZ. It takes basis state `j` to `j ^ x`, times
//! `i**(number of Y) * (-1)**(ones in j & z)`. All strings with the same `x` are a [`Group`]: together they take `j` to
//! `j ^ x` times one real number `g(j)`, or i times a real number.
//!
//! The index `j` is that of a row, followed by `row_bits` bits within the row; so `x` and `z` act between rows and
//! within them. There are two ways to compute `g`. If all strings of a group have the same `z` within rows, `g` is one
//! number for each row, times a [`Pattern`] of signs. If they have many, a Walsh-Hadamard transform of the products
//! of a row sums them with all possible patterns of signs at once, in `row_bits` additions for each amplitude:
//!
//! ```text
//! copy the rows
//! for every row A, for every group, with B the row that A is taken to:
//!     q = Re or Im of conj(B moved by x) * A                    // each pair of rows once
//!     result += g(A) * sum of q with signs,  or  sum over strings k of c[k] * transformed q[z[k]]
//! ```
//!
//! A string with one X and nothing else needs no signs, nor do strings of Z within rows, which have one real number
//! for each place in a row: these are [`Plain`]. For one X, the products `Re(conj(b) a)` of amplitudes that differ in
//! one bit are summed; for bits between blocks this is done for three bits at a time, on a cube of eight blocks in
//! registers.
//!
//! The order of every addition is fixed and nothing is fused, so that neither the CPU nor the thread count
//! changes a bit. All sums are in double precision.

use std::ops::Range;

use crate::bits::{set_bits, sign};
use crate::simd::{Kernel, Lanes, Real, prefetch};
use crate::state::StateRef;

/// How many bits number the amplitudes of a block.
pub(super) const BLOCK_BITS: usize = 3;

/// Amplitudes of a block, whose numbers are worked on side by side: one 512-bit register of doubles.
pub const BLOCK: usize = 1 << BLOCK_BITS;

/// A row of a set has at most `2**MAX_ROW_BITS` amplitudes.
pub const MAX_ROW_BITS: usize = 7;

/// How many blocks a row has, at most.
pub(super) const MAX_BLOCKS: usize = 1 << (MAX_ROW_BITS - BLOCK_BITS);

/// A number for each amplitude of a row.
type RowBuffer = [[f64; BLOCK]; MAX_BLOCKS];

/// The real parts of some amplitudes, and their imaginary parts.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Block {
    pub(super) re: [f64; BLOCK],
    pub(super) im: [f64; BLOCK],
}

impl Block {
    /// Not `default()`, which is not inlined where it counts.
    pub(super) const ZERO: Block = Block { re: [0.0; BLOCK], im: [0.0; BLOCK] };
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// How many rows ahead to prefetch.
pub(super) const ROWS_AHEAD: usize = 4;

/// How many bits between blocks are worked on at a time, on eight blocks in registers.
pub(super) const CUBE_BITS: usize = 3;

/// Each stretch of `2**NEAR_BITS` blocks, 8 KiB, is worked on as soon as it is copied, while it is in L1.
pub(super) const NEAR_BITS: usize = 6;

/// Where the rows of a state lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// How many bits number the amplitudes of a row: at least `BLOCK_BITS`, even where a smaller state leaves some
    /// amplitudes of a block missing.
    bits: usize,
    /// Where each amplitude of a row lies, as seen from the first; empty where they are contiguous.
    within: Vec<isize>,
    /// How many amplitudes of a row there are.
    len: usize,
    /// For each bit of a row's number, how far apart two rows lie that differ in it.
    strides: Vec<isize>,
    /// Where row 0 begins.
    origin: isize,
    /// How many real numbers an amplitude is.
    unit: usize,
}

impl Rows {
    /// The rows of `2**bits` amplitudes, of `unit` real numbers, of a state whose bits have these strides.
    ///
    pub fn new(strides: &[isize], bits: usize, origin: isize, unit: isize) -> Rows {
        let (low, high) = strides.split_at(bits.min(strides.len()));
        let contiguous = low.iter().enumerate().all(|(bit, &stride)| stride == unit << bit);
        let offset = |index: u64| set_bits(index).map(|bit| low[bit]).sum();
        let within = if contiguous { Vec::new() } else { (0..1 << low.len()).map(offset).collect() };
        let (bits, len, strides) = (bits.max(BLOCK_BITS), 1 << low.len(), high.to_vec());
        Rows { bits, within, len, strides, origin, unit: unit as usize }
    }

    /// How many bits number the amplitudes of a row, missing ones included.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// How many blocks a row has.
    pub fn blocks(&self) -> usize {
        1 << (self.bits - BLOCK_BITS)
    }

    /// Where a row begins.
    #[inline(always)]
    fn offset(&self, row: u64) -> isize {
        let mut offset = self.origin;
        for bit in set_bits(row) {
            offset += self.strides[bit];
        }
        offset
    }

    /// Asks for the lines of a row.
    #[inline(always)]
    pub(super) fn prefetch<T>(&self, state: *const T, row: u64) {
        if self.within.is_empty() {
            let first = state.wrapping_offset(self.offset(row)).cast::<u8>();
            let mut byte = 0;
            while byte < self.unit * self.len * size_of::<T>() {
                prefetch(first.wrapping_add(byte));
                byte += LINE;
            }
        }
    }

    /// Copies a row.
    ///
    /// # Safety
    /// The CPU has the features of `L`. It is a row of the state at `state`, and `to` has its blocks.
    #[inline(always)]
    pub(super) unsafe fn load<L: Lanes>(&self, state: *const L::Real, row: u64, to: &mut [Block]) {
        debug_assert_eq!(to.len(), self.blocks());
        // SAFETY: the caller's promise.
        unsafe {
            let first = state.offset(self.offset(row));
            if self.within.is_empty() && self.len >= BLOCK {
                if self.unit == 1 {
                    for number in 0..to.len() {
                        let reals = first.add(number * BLOCK).cast::<[L::Real; BLOCK]>().read();
                        let mut block = Block::ZERO;
                        for i in 0..BLOCK {
                            block.re[i] = reals[i].to_f64();
                        }
                        to[number] = block;
                    }
                    return;
                }
                let width = 2 * L::WIDTH;
                if size_of::<L::Real>() == size_of::<f64>() && BLOCK.is_multiple_of(width) {
                    for (number, block) in to.iter_mut().enumerate() {
                        let from = first.add(number * 2 * BLOCK);
                        for i in (0..BLOCK).step_by(width) {
                            let (low, high) = (from.add(2 * i), from.add(2 * i + width));
                            let (re, im) = L::unzip_in_order(L::load(low), L::load(high));
                            L::store(block.re.as_mut_ptr().add(i).cast(), re);
                            L::store(block.im.as_mut_ptr().add(i).cast(), im);
                        }
                    }
                    return;
                }
                for number in 0..to.len() {
                    // Reads all before it writes anything: otherwise the compiler must assume that `to` overlaps
                    // with the state, and goes amplitude by amplitude.
                    let reals = first.add(number * 2 * BLOCK).cast::<[L::Real; 2 * BLOCK]>().read();
                    let mut block = Block::ZERO;
                    for i in 0..BLOCK {
                        block.re[i] = reals[2 * i].to_f64();
                        block.im[i] = reals[2 * i + 1].to_f64();
                    }
                    to[number] = block;
                }
                return;
            }
            for (number, block) in to.iter_mut().enumerate() {
                *block = Block::ZERO;
                for i in 0..BLOCK.min(self.len) {
                    let at = first.offset(self.amplitude_offset(number * BLOCK + i));
                    block.re[i] = at.read().to_f64();
                    if self.unit == 2 {
                        block.im[i] = at.add(1).read().to_f64();
                    }
                }
            }
        }
    }

    /// Where an amplitude of a row lies, as seen from the first.
    #[inline(always)]
    fn amplitude_offset(&self, index: usize) -> isize {
        if self.within.is_empty() { (self.unit * index) as isize } else { self.within[index] }
    }

    /// How many amplitudes a row has.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Where a row begins, if its amplitudes are contiguous.
    #[inline(always)]
    pub(super) fn contiguous(&self, row: u64) -> Option<isize> {
        self.within.is_empty().then(|| self.offset(row))
    }

    /// Copies the reals of a row.
    ///
    /// # Safety
    /// It is one of the state at `state`.
    #[inline(always)]
    pub(super) unsafe fn copy<T: Real>(&self, state: *const T, row: u64, to: &mut [f64]) {
        let (unit, to) = (self.unit, &mut to[..self.unit * self.len]);
        // SAFETY: the caller's promise.
        unsafe {
            let first = state.offset(self.offset(row));
            if self.within.is_empty() {
                for i in 0..to.len() {
                    to[i] = first.add(i).read().to_f64();
                }
                return;
            }
            for (index, to) in to.chunks_exact_mut(unit).enumerate() {
                let at = first.offset(self.within[index]);
                for part in 0..unit {
                    to[part] = at.add(part).read().to_f64();
                }
            }
        }
    }

    /// Writes the reals of a row.
    ///
    /// # Safety
    /// It is one of the state at `state`, and nobody else uses it meanwhile.
    #[inline(always)]
    pub(super) unsafe fn write<T: Real>(&self, state: *mut T, row: u64, from: &[f64]) {
        let unit = self.unit;
        // SAFETY: the caller's promise.
        unsafe {
            let first = state.offset(self.offset(row));
            for (index, from) in from[..unit * self.len].chunks_exact(unit).enumerate() {
                let at = first.offset(self.amplitude_offset(index));
                for part in 0..unit {
                    at.add(part).write(T::from_f64(from[part]));
                }
            }
        }
    }
}

/// The strings of all groups. Each array has one entry for each string.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// The Zs among the bits of a row's number, as a mask.
    pub rows: Vec<u64>,
    /// The same in the coordinates of the rows of a set: as a row changes its coordinates, its sign changes with the
    /// parity of the ones that it has in common with these.
    pub coordinates: Vec<u32>,
    /// The Zs within a row, as a mask.
    pub within: Vec<u16>,
    /// The coefficients.
    pub coefs: Vec<f64>,
}

impl Terms {
    /// Writes the coefficients with the signs that they have at row `first`, whose coordinates are all 0.
    #[inline(always)]
    fn signed(&self, first: u64, out: &mut Vec<f64>) {
        out.clear();
        for term in 0..self.coefs.len() {
            out.push(sign(self.rows[term] & first) * self.coefs[term]);
        }
    }

    /// Adds the strings of a group without a pattern, from the products `q` of a row.
    #[inline(always)]
    fn add_transformed(
        &self,
        group: &Group,
        place: usize,
        coefs: &[f64],
        q: &mut [[f64; BLOCK]],
        sums: &mut [[f64; BLOCK]],
    ) {
        transform(q);
        for term in group.terms.start..group.terms.end {
            let coef = with_parity_sign(coefs[term], self.coordinates[term] & place as u32);
            let within = usize::from(self.within[term]);
            add_signed(&mut sums[within % BLOCK], coef, q[(within >> BLOCK_BITS) % q.len()]);
        }
    }
}

/// Strings with the same X, which together multiply amplitudes by real numbers, or by i times real numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The Xs between rows, as a mask of coordinates: the row at `place` is taken to `place ^ partner`.
    pub partner: usize,
    /// The Xs within a row, as a mask.
    pub x: usize,
    /// Whether the numbers are i times real ones.
    pub odd: bool,
    /// Its strings among the terms.
    pub terms: Range<usize>,
    /// The signs within a row, if all strings have the same.
    pub pattern: Option<Pattern>,
    /// Where its running sums are among those of all groups: one, or where there is no pattern one for each
    /// setting of Zs within a block.
    pub sums: Range<usize>,
}

/// Strings with one X and nothing else, and strings of Z within rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plain {
    /// For X on each of the bits within a row, and then on each coordinate of rows, twice its coefficient (as each
    /// pair of amplitudes is met once), or 0. May end early.
    pub flips: Vec<f64>,
    /// For each place in a row, what the strings of Z within rows multiply `|a|**2` by; empty without such strings.
    pub squares: Vec<f64>,
}

impl Plain {
    /// What X on a bit is multiplied by.
    #[inline(always)]
    fn factor(&self, bit: usize) -> f64 {
        self.flips.get(bit).copied().unwrap_or_default()
    }

    /// Whether there is an X on some of these bits.
    #[inline(always)]
    fn has_flips(&self, bits: Range<usize>) -> bool {
        for bit in bits {
            if self.factor(bit) != 0.0 {
                return true;
            }
        }
        false
    }
}

/// The bits that number the blocks of a set, [`CUBE_BITS`] of them to a round: [`cubes`] takes the bits of a round
/// together.
#[derive(Clone, Copy)]
struct Rounds {
    bits: usize,
}

impl Rounds {
    /// How many there are.
    #[inline(always)]
    fn len(self) -> usize {
        self.bits.div_ceil(CUBE_BITS)
    }

    /// How many rounds, from the first on, have only bits that tell apart blocks of one stretch.
    #[inline(always)]
    fn near(self) -> usize {
        let mut near = 0;
        while near < self.len() {
            let (low, count) = self.bits_of(near);
            if low + count > NEAR_BITS {
                break;
            }
            near += 1;
        }
        near
    }

    /// The lowest bit of a round, and how many bits it has.
    #[inline(always)]
    fn bits_of(self, round: usize) -> (usize, usize) {
        let low = round * CUBE_BITS;
        (low, CUBE_BITS.min(self.bits - low))
    }
}

/// Adds the products of blocks that differ in one bit of their number, to one sum for each of the `count` bits from
/// `low` on. These bits tell apart the corners of a cube of blocks; `chunk` says which cubes.
#[inline(always)]
fn cubes(
    copies: &[Block],
    (low, count): (usize, usize),
    chunk: Range<usize>,
    sums: &mut [[f64; BLOCK]; CUBE_BITS],
) {
    match count {
        1 => cubes_of::<1>(copies, low, chunk, sums),
        2 => cubes_of::<2>(copies, low, chunk, sums),
        _ => cubes_of::<CUBE_BITS>(copies, low, chunk, sums),
    }
}

#[inline(always)]
fn cubes_of<const COUNT: usize>(
    copies: &[Block],
    low: usize,
    chunk: Range<usize>,
    sums: &mut [[f64; BLOCK]; CUBE_BITS],
) {
    let mut own = *sums;
    for t in chunk {
        let first = (t & ((1 << low) - 1)) | t >> low << (low + COUNT);
        let mut cube = [Block::ZERO; 1 << CUBE_BITS];
        for corner in 0..1 << COUNT {
            cube[corner] = copies[first + (corner << low)];
        }
        for bit in 0..COUNT {
            for corner in 0..1 << COUNT {
                if corner >> bit & 1 == 0 {
                    let q = product::<0, false>(&cube[corner], &cube[corner | 1 << bit]);
                    add_signed(&mut own[bit], 1.0, q);
                }
            }
        }
    }
    *sums = own;
}

/// Adds the products of amplitudes that differ in one bit, `X`, within a block.
//
// Over half of a block: in a whole one each product comes twice; LLVM then computes it once and shuffles it, which
// takes five times as long.
#[inline(always)]
fn flips<const X: usize>(block: &Block, sums: &mut [f64; BLOCK / 2]) {
    for i in 0..BLOCK / 2 {
        let low = i + (i & !(X - 1));
        sums[i] += block.re[low] * block.re[low + X] + block.im[low] * block.im[low + X];
    }
}

/// Writes `|a|**2` of a row to `q`, adds it to sums over rows, and returns the sum over its blocks.
//
// All in one loop: the order of the sum over blocks keeps LLVM from vectorizing across blocks with gathers. As two
// loops it took 15 ms where this takes 2, for 22 qubits.
#[inline(always)]
fn squares_of(row: &[Block], q: &mut RowBuffer, sums: &mut RowBuffer) -> [f64; BLOCK] {
    let mut all = [0.0; BLOCK];
    for block in 0..row.len() {
        q[block] = product::<0, false>(&row[block], &row[block]);
        add_signed(&mut sums[block], 1.0, q[block]);
        add_signed(&mut all, 1.0, q[block]);
    }
    all
}

/// What strings of Z add up to at each setting of the bits, from the coefficients of all strings: entry `z` is that
/// of the string with Zs at `z`. It is the Walsh-Hadamard transform.
pub fn signed_sums(numbers: &mut [f64]) {
    let mut half = 1;
    while half < numbers.len() {
        for both in numbers.chunks_exact_mut(2 * half) {
            let (low, high) = both.split_at_mut(half);
            for (low, high) in low.iter_mut().zip(high) {
                (*low, *high) = (*low + *high, *low - *high);
            }
        }
        half *= 2;
    }
}

/// The signs within a row: the sign of each block, times that of each place in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    blocks: [f64; MAX_BLOCKS],
    lanes: [f64; BLOCK],
    /// Whether any sign is -1.
    signed: bool,
    /// If rows meet themselves, a bit of the number of a block: only blocks where it is 0 are taken, so that each pair
    /// is met once. 0 to take all.
    pivot: usize,
}

impl Group {
    /// The highest bit of `x` among the numbers of blocks if rows meet themselves, else 0. A pair of amplitudes would
    /// be met twice, once from each of two blocks that differ in this bit.
    pub fn pivot(partner: usize, x: usize) -> usize {
        match x >> BLOCK_BITS {
            0 => 0,
            _ if partner != 0 => 0,
            blocks => 1 << blocks.ilog2(),
        }
    }

    /// Whether it has Z alone.
    fn is_diagonal(&self) -> bool {
        self.partner == 0 && self.x == 0 && !self.odd
    }

    /// The running sums of a group that follows those of `others`.
    pub fn sums_after(others: &[Group], pattern: &Option<Pattern>) -> Range<usize> {
        let start = others.last().map_or(0, |last| last.sums.end);
        start..start + if pattern.is_some() { 1 } else { BLOCK }
    }
}

impl Pattern {
    /// The pattern of Zs within a row.
    pub fn new(z: usize, pivot: usize) -> Pattern {
        Pattern {
            blocks: std::array::from_fn(|block| sign((block & z >> BLOCK_BITS) as u64)),
            lanes: SIGNS[z % BLOCK],
            signed: z != 0,
            pivot,
        }
    }
}

/// The coefficient times `(-1)**(number of ones)`.
#[inline(always)]
fn with_parity_sign(coef: f64, ones: u32) -> f64 {
    let mut parity = ones ^ ones >> 16;
    parity ^= parity >> 8;
    parity ^= parity >> 4;
    parity ^= parity >> 2;
    parity ^= parity >> 1;
    f64::from_bits(coef.to_bits() ^ u64::from(parity & 1) << 63)
}

/// What a group with a pattern multiplies the row at `place` by, up to that pattern: the sum of its signed coefficients.
#[inline(always)]
fn weight(terms: &Terms, coefs: &[f64], group: &Group, place: usize) -> f64 {
    let mut weight = 0.0;
    for term in group.terms.start..group.terms.end {
        weight += with_parity_sign(coefs[term], terms.coordinates[term] & place as u32);
    }
    weight
}

/// For each setting of Zs within a block, the sign of each place.
pub(super) const SIGNS: [[f64; BLOCK]; BLOCK] = {
    let mut signs = [[1.0; BLOCK]; BLOCK];
    let mut at = 0;
    while at < BLOCK * BLOCK {
        if ((at / BLOCK) & (at % BLOCK)).count_ones() % 2 == 1 {
            signs[at / BLOCK][at % BLOCK] = -1.0;
        }
        at += 1;
    }
    signs
};

/// Calls a function that is generic over the X within a block and over [`Group::odd`].
macro_rules! by_lanes {
    ($x:expr, $odd:expr, $name:ident $arguments:tt) => {
        match ($x % BLOCK, $odd) {
            (0, false) => $name::<0, false> $arguments,
            (1, false) => $name::<1, false> $arguments,
            (2, false) => $name::<2, false> $arguments,
            (3, false) => $name::<3, false> $arguments,
            (4, false) => $name::<4, false> $arguments,
            (5, false) => $name::<5, false> $arguments,
            (6, false) => $name::<6, false> $arguments,
            (7, false) => $name::<7, false> $arguments,
            (0, true) => $name::<0, true> $arguments,
            (1, true) => $name::<1, true> $arguments,
            (2, true) => $name::<2, true> $arguments,
            (3, true) => $name::<3, true> $arguments,
            (4, true) => $name::<4, true> $arguments,
            (5, true) => $name::<5, true> $arguments,
            (6, true) => $name::<6, true> $arguments,
            _ => $name::<7, true> $arguments,
        }
    };
}

/// The real part of `conj(b) a`, or of `i conj(b) a`, where `b` is moved by `X` within the block.
#[inline(always)]
fn product<const X: usize, const ODD: bool>(a: &Block, b: &Block) -> [f64; BLOCK] {
    let mut q = [0.0; BLOCK];
    for i in 0..BLOCK {
        let (re, im) = (b.re[i ^ X], b.im[i ^ X]);
        q[i] = if ODD { im * a.re[i] - re * a.im[i] } else { re * a.re[i] + im * a.im[i] };
    }
    q
}

/// Adds a block times a sign.
#[inline(always)]
fn add_signed(sums: &mut [f64; BLOCK], sign: f64, q: [f64; BLOCK]) {
    for i in 0..BLOCK {
        sums[i] += sign * q[i];
    }
}

/// The sum of the products of two rows, with the signs of the blocks.
///
/// # Safety
/// The rows have as many blocks, a power of two beyond `x >> BLOCK_BITS`.
#[inline(always)]
unsafe fn sum_of_products<const X: usize, const ODD: bool>(
    a: &[Block],
    b: &[Block],
    x: usize,
    pattern: &Pattern,
) -> [f64; BLOCK] {
    let across = x >> BLOCK_BITS;
    // `t + (t & above)` is `t` with a 0 inserted at the bit of the pivot.
    let (count, above) = match pattern.pivot {
        0 => (a.len(), 0),
        pivot => (a.len() / 2, !(pivot - 1)),
    };
    // Two running sums, as each addition would have to wait for the one before.
    let (mut even, mut odd) = ([0.0; BLOCK], [0.0; BLOCK]);
    let mut t = 0;
    // SAFETY: `t + (t & above)` is below the number of blocks for `t` below `count`.
    unsafe {
        macro_rules! add {
            ($sums:ident, $block:expr) => {
                let block = $block;
                let q = product::<X, ODD>(a.get_unchecked(block), b.get_unchecked(block ^ across));
                add_signed(&mut $sums, *pattern.blocks.get_unchecked(block), q);
            };
        }
        if above == 0 {
            while t + 1 < count {
                add!(even, t);
                add!(odd, t + 1);
                t += 2;
            }
        } else {
            while t + 1 < count {
                add!(even, t + (t & above));
                add!(odd, (t + 1) + ((t + 1) & above));
                t += 2;
            }
        }
        if t < count {
            add!(even, t + (t & above));
        }
    }
    for i in 0..BLOCK {
        even[i] += odd[i];
    }
    even
}

/// The products of two rows.
//
// Bounds checks stay, here and in the other loops over blocks: without them, LLVM vectorizes across blocks with
// gathers, which is a third as fast.
#[inline(always)]
fn products<const X: usize, const ODD: bool>(a: &[Block], b: &[Block], x: usize, q: &mut RowBuffer) {
    let across = x >> BLOCK_BITS;
    for block in 0..a.len() {
        q[block] = product::<X, ODD>(&a[block], &b[block ^ across]);
    }
}

/// The Walsh-Hadamard transform across blocks: block `m` becomes the sum of all blocks `i`, each times `(-1)**(ones in
/// i & m)`. The signs within a block are left to [`SIGNS`].
#[inline(always)]
pub(super) fn transform(numbers: &mut [[f64; BLOCK]]) {
    let mut half = 1;
    while half < numbers.len() {
        for t in 0..numbers.len() / 2 {
            let low = t + (t & !(half - 1));
            let (a, b) = (numbers[low], numbers[low + half]);
            let (mut sum, mut difference) = ([0.0; BLOCK], [0.0; BLOCK]);
            for i in 0..BLOCK {
                sum[i] = a[i] + b[i];
                difference[i] = a[i] - b[i];
            }
            numbers[low] = sum;
            numbers[low + half] = difference;
        }
        half *= 2;
    }
}

/// Adds eight numbers in a fixed tree.
#[inline(always)]
pub(super) fn total(s: [f64; BLOCK]) -> f64 {
    ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
}

/// Memory for copies of rows and for signed coefficients, kept from call to call.
#[derive(Default)]
pub struct Room {
    blocks: Vec<Block>,
    coefs: Vec<f64>,
    weights: Vec<f64>,
}

/// `<state| sum |state>` over a set of rows, each of which meets each other.
pub struct Expectation<'a, T> {
    /// The rows, and the strings.
    pub set: Set<'a, T>,
    /// Memory for the copies.
    pub room: &'a mut Room,
}

/// The rows and strings of an [`Expectation`].
pub struct Set<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// Its rows.
    pub rows: &'a Rows,
    /// The number of each row of the set, `xor` that of the first, by its coordinates.
    pub members: &'a [u64],
    /// The number of the first row, whose coordinates are all 0.
    pub first: u64,
    /// The first row of the set that will be read next, which is prefetched meanwhile.
    pub next: Option<u64>,
    /// The strings that need no signs.
    pub plain: &'a Plain,
    /// All other strings, in groups. Those of Z alone come first.
    pub groups: &'a [Group],
    /// The strings of the groups. Where pairs of amplitudes are met once, coefficients are doubled.
    pub terms: &'a Terms,
}

/// A set whose strings have the signs that they have there. What its functions add up they are given one by one,
/// not as a struct: LLVM keeps no part of a struct in registers once an array in it is indexed, which would cost
/// states of few qubits a tenth.
struct Work<'a, T> {
    set: Set<'a, T>,
    /// How many blocks a row has.
    blocks: usize,
    rounds: Rounds,
    /// The coefficients of all terms, with their signs at the first row.
    coefs: &'a [f64],
    /// How many groups have Z alone.
    diagonals: usize,
    /// For each of them that has a pattern, what it multiplies each row by, up to that pattern.
    weights: &'a [f64],
}

impl<T: Real> Kernel for Expectation<'_, T> {
    type Real = T;
    type Out = f64;

    /// In four phases, the first two for one stretch of rows after the other, while it is in L1:
    ///
    /// ```text
    /// copy each row; add the products within it              add_flips, add_diagonals
    /// add the products between blocks of the stretch         add_cubes
    /// add those between blocks further apart, and of rows    add_cubes, add_pairs
    /// multiply the sums by coefficients, and add them up     total
    /// ```
    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> f64 {
        let Expectation { set, room } = self;
        let Room { blocks: copies, coefs, weights, .. } = room;
        // The same number; `min` lets the compiler know that it fits the arrays that are as long as a row.
        let blocks = set.rows.blocks().min(MAX_BLOCKS);
        let len = set.members.len();
        set.terms.signed(set.first, coefs);
        copies.resize(len * blocks, Block::ZERO);
        let copies = &mut copies[..len * blocks];
        let diagonals = set.weigh_rows(coefs, weights);
        let rounds = Rounds { bits: copies.len().ilog2() as usize };
        let work = Work { set, blocks, rounds, coefs, diagonals, weights };

        // The running sums of all groups, one group after the other as [`Group::sums`] tells.
        let mut sums = vec![[0.0; BLOCK]; work.set.groups.last().map_or(0, |last| last.sums.end)];
        // The products of amplitudes that differ in one bit within a block, for each such bit.
        let mut inside = [[0.0; BLOCK / 2]; BLOCK_BITS];
        // The products of blocks that differ in one bit of their number, for each bit of each round.
        let mut across = vec![[[0.0; BLOCK]; CUBE_BITS]; rounds.len()];
        // `|a|**2` over all rows, for each place in a row.
        let mut squares = [[0.0; BLOCK]; MAX_BLOCKS];
        // The products of the row or the pair of rows that is being worked on.
        let mut products = [[0.0; BLOCK]; MAX_BLOCKS];

        let flips_inside = work.set.plain.has_flips(0..BLOCK_BITS);
        let near_rounds = rounds.near();
        let near = 1 << rounds.bits.min(NEAR_BITS).max(blocks.ilog2() as usize);
        for start in (0..copies.len()).step_by(near) {
            for place in start / blocks..(start + near) / blocks {
                let row = &mut copies[place * blocks..(place + 1) * blocks];
                // SAFETY: the caller's promise.
                unsafe { work.copy_row::<L>(place, row) };
                if flips_inside {
                    add_flips(row, &mut inside);
                }
                work.add_diagonals(place, row, &mut sums, &mut squares, &mut products);
            }
            for round in 0..near_rounds {
                work.add_cubes(&copies[start..start + near], round, (0, 1), &mut across);
            }
        }
        for place in 0..len {
            work.prefetch_next(place);
            for round in near_rounds..rounds.len() {
                work.add_cubes(copies, round, (place, len), &mut across);
            }
            work.add_pairs(place, copies, &mut sums, &mut products);
        }
        work.total(&sums, &inside, &across, &squares)
    }
}

impl<T: Real> Set<'_, T> {
    /// Tells how many groups have Z alone, and writes what those of them with a pattern multiply each row by: for
    /// each group the weights of all rows.
    #[inline(always)]
    fn weigh_rows(&self, coefs: &[f64], weights: &mut Vec<f64>) -> usize {
        let len = self.members.len();
        let count = self.groups.iter().take_while(|group| group.is_diagonal()).count();
        weights.clear();
        weights.resize(count * len, 0.0);
        for (group, weights) in self.groups.iter().zip(weights.chunks_exact_mut(len)) {
            if group.pattern.is_some() {
                for term in group.terms.start..group.terms.end {
                    weights[self.terms.coordinates[term] as usize] += coefs[term];
                }
                signed_sums(weights);
            }
        }
        count
    }
}

/// X on one bit within blocks: the products of amplitudes of a row that differ there.
#[inline(always)]
fn add_flips(row: &[Block], inside: &mut [[f64; BLOCK / 2]; BLOCK_BITS]) {
    let mut sums = *inside;
    for block in row {
        flips::<1>(block, &mut sums[0]);
        flips::<2>(block, &mut sums[1]);
        flips::<4>(block, &mut sums[2]);
    }
    *inside = sums;
}

impl<T: Real> Work<'_, T> {
    /// Copies a row of the set, and asks for one that comes some rows later.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn copy_row<L: Lanes<Real = T>>(&self, place: usize, to: &mut [Block]) {
        let Set { state, rows, members, first, .. } = &self.set;
        if let Some(member) = members.get(place + ROWS_AHEAD) {
            rows.prefetch(state.origin(), first ^ member);
        }
        // SAFETY: the caller's promise, and a row of the state.
        unsafe { rows.load::<L>(state.origin(), first ^ members[place], to) };
    }

    /// Asks for a row of the next set.
    #[inline(always)]
    fn prefetch_next(&self, place: usize) {
        if let Some(next) = self.set.next {
            self.set.rows.prefetch(self.set.state.origin(), next ^ self.set.members[place]);
        }
    }

    /// Strings of Z alone: they need the squares of each row only.
    #[inline(always)]
    fn add_diagonals(
        &self,
        place: usize,
        row: &[Block],
        sums: &mut [[f64; BLOCK]],
        squares: &mut RowBuffer,
        products: &mut RowBuffer,
    ) {
        if self.diagonals == 0 && self.set.plain.squares.is_empty() {
            return;
        }
        let all = squares_of(row, products, squares);
        for number in 0..self.diagonals {
            let group = &self.set.groups[number];
            let sums = &mut sums[group.sums.start..group.sums.end];
            if let Some(pattern) = &group.pattern {
                let mut signed = all;
                if pattern.signed {
                    signed = [0.0; BLOCK];
                    for block in 0..row.len() {
                        add_signed(&mut signed, pattern.blocks[block], products[block]);
                    }
                }
                let weight = self.weights[number * self.set.members.len() + place];
                add_signed(&mut sums[0], weight, signed);
            } else {
                let products = &mut products[..row.len()];
                self.set.terms.add_transformed(group, place, self.coefs, products, sums);
            }
        }
    }

    /// X on one bit between blocks: the products of blocks that differ in the bits of a round, for the share
    /// `index` of `shares` of all cubes.
    #[inline(always)]
    fn add_cubes(
        &self,
        copies: &[Block],
        round: usize,
        (index, shares): (usize, usize),
        across: &mut [[[f64; BLOCK]; CUBE_BITS]],
    ) {
        let (low, count) = self.rounds.bits_of(round);
        if self.set.plain.has_flips(BLOCK_BITS + low..BLOCK_BITS + low + count) {
            let all = copies.len() >> count;
            let share = all * index / shares..all * (index + 1) / shares;
            cubes(copies, (low, count), share, &mut across[round]);
        }
    }

    /// All other strings: the products of a row with the row where each group takes it, each pair of rows once.
    #[inline(always)]
    fn add_pairs(&self, place: usize, copies: &[Block], sums: &mut [[f64; BLOCK]], q: &mut RowBuffer) {
        let Work { set: Set { groups, terms, .. }, blocks, coefs, .. } = self;
        let a = &copies[place * blocks..(place + 1) * blocks];
        for group in &groups[self.diagonals..] {
            let other = place ^ group.partner;
            if other < place {
                continue;
            }
            let b = &copies[other * blocks..(other + 1) * blocks];
            let sums = &mut sums[group.sums.start..group.sums.end];
            if let Some(pattern) = &group.pattern {
                let weight = weight(terms, coefs, group, place);
                // SAFETY: `x` is within a row.
                let row =
                    unsafe { by_lanes!(group.x, group.odd, sum_of_products(a, b, group.x, pattern)) };
                add_signed(&mut sums[0], weight, row);
            } else {
                by_lanes!(group.x, group.odd, products(a, b, group.x, q));
                terms.add_transformed(group, place, coefs, &mut q[..*blocks], sums);
            }
        }
    }

    /// All sums, with the signs of places within a block and the coefficients that are still missing.
    #[inline(always)]
    fn total(
        &self,
        sums: &[[f64; BLOCK]],
        inside: &[[f64; BLOCK / 2]; BLOCK_BITS],
        across: &[[[f64; BLOCK]; CUBE_BITS]],
        squares: &RowBuffer,
    ) -> f64 {
        let Set { groups, plain, .. } = &self.set;
        let mut result = 0.0;
        for group in *groups {
            let sums = &sums[group.sums.start..group.sums.end];
            for slot in 0..sums.len() {
                let signs = match &group.pattern {
                    Some(pattern) => &pattern.lanes,
                    None => &SIGNS[slot],
                };
                result += weighted_total(signs, &sums[slot]);
            }
        }
        for (bit, sums) in inside.iter().enumerate() {
            let factor = plain.factor(bit);
            if factor != 0.0 {
                result += factor * ((sums[0] + sums[1]) + (sums[2] + sums[3]));
            }
        }
        for (bit, sums) in across.as_flattened().iter().enumerate() {
            let factor = plain.factor(BLOCK_BITS + bit);
            if factor != 0.0 {
                result += factor * total(*sums);
            }
        }
        for (sums, weights) in squares.iter().zip(plain.squares.as_chunks::<BLOCK>().0) {
            result += weighted_total(weights, sums);
        }
        result
    }
}

/// The total of eight numbers, each times a weight.
#[inline(always)]
fn weighted_total(weights: &[f64; BLOCK], numbers: &[f64; BLOCK]) -> f64 {
    let mut weighted = [0.0; BLOCK];
    for i in 0..BLOCK {
        weighted[i] = weights[i] * numbers[i];
    }
    total(weighted)
}
