//! What a sum of Pauli strings makes of a state, row by row.
//!
//! A row is [`ROW`] amplitudes, a chunk [`CHUNK`] of them. All strings with the same X are a [`Flip`]: together they
//! bring amplitude `j ^ x` to `j`, times a number `g(j)`, or i times that. The numbers are one for each chunk, as for X
//! and for XX + YY beyond it; or a table for the places in a row, which is known before or filled for each row. Chunks
//! whose numbers are 0, as half of those of XX + YY are, are left out.
//!
//! ```text
//! for every row: for every flip, the numbers of its chunks
//!     for every chunk, in registers:
//!         result = sum over flips of g(j) * state[j ^ x]
//!         write it, or add its square, or its product with the state
//! ```
//!
//! Rows are read where they lie, if all amplitudes of the state are contiguous. Else they are copied together, one tile
//! of rows after the other. The order of every addition is fixed and nothing is fused, so that neither the CPU nor the
//! thread count changes a bit. All sums are in double precision.

use std::ops::Range;

use num_complex::Complex;

use crate::kernels::pauli_sum::{BLOCK, Rows, SIGNS, total, transform};
use crate::simd::{Kernel, Lanes, MAX_WIDTH, Real};
use crate::state::{StateMut, StateRef};

/// How many bits number the amplitudes of a row.
pub const ROW_BITS: usize = 8;

/// Amplitudes of a row.
pub const ROW: usize = 1 << ROW_BITS;

/// How many bits number the amplitudes of a chunk.
pub const CHUNK_BITS: usize = 5;

/// Amplitudes of a chunk.
pub const CHUNK: usize = 1 << CHUNK_BITS;

/// Chunks of a row.
pub const CHUNKS: usize = ROW / CHUNK;

/// Registers whose sums are kept at a time, for complex states; half as many for real ones.
const HELD: usize = 8;

/// A number for each place in a row.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub struct Places(pub [f64; ROW]);

/// Numbers that are known before, in the order of [`place_of`].
#[derive(Clone, Debug)]
pub struct Table {
    /// The numbers.
    pub numbers: Places,
    /// The chunks in which some are not 0, as a mask.
    pub chunks: u8,
}

/// Where in a table the number of an amplitude is: for complex states such that [`Lanes::zip`] of two equal registers
/// of any width puts each number twice, in order.
pub fn place_of(amplitude: usize, unit: usize) -> usize {
    match unit {
        1 => amplitude,
        _ => amplitude & !7 | amplitude >> 2 & 1 | (amplitude & 3) << 1,
    }
}

/// The numbers of chunks that a string without Z within chunks adds, but for the sign of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Its Z between rows.
    pub rows: u64,
    /// Its coefficient, with the sign of each chunk.
    pub coefs: [f64; CHUNKS],
}

/// What the tables of a flip are made of that are filled for each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Filling {
    /// The Z within a row, as a mask of places in a table, and the strings that have it.
    pub patterns: Vec<(usize, Range<usize>)>,
    /// For few patterns, the signs of the blocks of each.
    pub signs: Vec<[f64; ROW / BLOCK]>,
}

/// Where the numbers of a flip come from, beside its terms.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// From nowhere else.
    OfChunks,
    /// All of them times signs: those of this table at its beginning.
    Signed(usize),
    /// From one of the tables from `first` on: the sign of a row in each of two masks tells which.
    Known {
        /// The masks, 0 for none.
        masks: [u64; 2],
        /// The first table.
        first: usize,
    },
    /// From a table that is filled for each row: see the filling of this number.
    Filled(usize),
}

/// All strings with the same X.
#[derive(Clone, Debug, PartialEq)]
pub struct Flip {
    /// The X between rows.
    pub rows: u64,
    /// The X within a row.
    pub within: usize,
    /// The numbers of chunks that are the same in all rows.
    pub fixed: [f64; CHUNKS],
    /// What is added to them.
    pub terms: Range<usize>,
    /// What else there is.
    pub numbers: Numbers,
}

/// How an inner loop gets the numbers of a flip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// One for a chunk.
    OfChunks,
    /// A table, which has one for each block.
    OfBlocks,
    /// One for a chunk, times signs within chunks, which are a table of [`CHUNK`] places.
    Signed,
    /// A table.
    Table,
    /// The sum of one for a chunk and a table.
    Both,
}

/// Flips that are alike for the inner loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The X within a block, as a mask.
    pub lanes: usize,
    /// Whether i is a factor.
    pub odd: bool,
    /// How it gets numbers.
    pub form: Form,
    /// Which flips.
    pub flips: Range<usize>,
}

/// Flips that are done together, while what they need is in cache.
#[derive(Clone, Debug, Default)]
pub struct Pass {
    /// The tile that rows are copied from, as the `xor` of its first row with that of the tile of the results.
    pub distance: u64,
    /// The flips.
    pub flips: Vec<Flip>,
    /// The same by kind.
    pub runs: Vec<Run>,
    /// How many of them have tables that are filled.
    pub fillings: usize,
}

/// A sum of Pauli strings.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// The last has the distance 0.
    pub passes: Vec<Pass>,
    /// Of all flips.
    pub terms: Vec<Term>,
    /// The tables that are known.
    pub tables: Vec<Table>,
    /// Signs of the places of a chunk.
    pub signs: Vec<[f64; CHUNK]>,
    /// What other tables are made of.
    pub fillings: Vec<Filling>,
    /// The Z between rows of each string of those, and its coefficient.
    pub strings: Vec<(u64, f64)>,
}

/// Memory that is kept from call to call.
#[derive(Default)]
pub struct Scratch {
    copies: Vec<Places>,
    results: Vec<Places>,
    filled: Vec<Places>,
    active: Vec<Active>,
    bounds: Vec<usize>,
}

/// What becomes of results.
pub enum Purpose<'a, T> {
    /// They are written to a state, which has these rows.
    Write(&'a StateMut<'a, T>, &'a Rows),
    /// The square of the norm is returned, after a number times the state was subtracted.
    Square(f64),
    /// The real part of the inner product with the state is returned.
    Mean,
}

/// `sum |state>` on a tile, which is `2**bits` rows with numbers in a row.
pub struct Application<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// Its rows.
    pub rows: &'a Rows,
    /// Whether all its amplitudes are contiguous, and enough for a chunk.
    pub direct: bool,
    /// What for.
    pub purpose: Purpose<'a, T>,
    /// The first row.
    pub first: u64,
    /// How many bits number the rows of a tile.
    pub bits: usize,
    /// The strings.
    pub sum: &'a Sum,
    /// Memory.
    pub scratch: &'a mut Scratch,
}

/// A flip in one row.
struct Active {
    /// Where the row begins that it takes from, in reals.
    from: usize,
    /// The X within that row, but for those within a register.
    within: usize,
    /// The numbers of chunks.
    weights: [f64; CHUNKS],
    /// The numbers of places.
    table: *const f64,
    /// The chunks in which some of these are not 0.
    chunks: u8,
}

/// The sign bit of a term in a row.
#[inline(always)]
fn sign_bit(mask: u64, row: u64) -> u64 {
    u64::from((mask & row).count_ones() & 1) << 63
}

/// A number with its sign changed by [`sign_bit`].
#[inline(always)]
fn signed(number: f64, sign: u64) -> f64 {
    f64::from_bits(number.to_bits() ^ sign)
}

/// Whether some numbers are all 0.
#[inline(always)]
fn are_zero(weights: &[f64; CHUNKS]) -> bool {
    let mut bits = 0;
    for chunk in 0..CHUNKS {
        bits |= weights[chunk].to_bits();
    }
    bits << 1 == 0
}

impl Sum {
    /// The numbers of chunks of a flip in a row.
    #[inline(always)]
    fn weights(&self, flip: &Flip, row: u64) -> [f64; CHUNKS] {
        let mut weights = flip.fixed;
        for term in &self.terms[flip.terms.clone()] {
            let sign = sign_bit(term.rows, row);
            for chunk in 0..CHUNKS {
                weights[chunk] += signed(term.coefs[chunk], sign);
            }
        }
        weights
    }

    /// Fills a table for a row.
    #[inline(always)]
    fn fill(&self, filling: &Filling, row: u64, out: &mut Places) {
        let weight = |strings: &Range<usize>| {
            let mut weight = 0.0;
            for &(rows, coef) in &self.strings[strings.clone()] {
                weight += signed(coef, sign_bit(rows, row));
            }
            weight
        };
        let (blocks, _) = out.0.as_chunks_mut::<BLOCK>();
        blocks.fill([0.0; BLOCK]);
        for ((z, strings), signs) in filling.patterns.iter().zip(&filling.signs) {
            let (weight, lanes) = (weight(strings), &SIGNS[z % BLOCK]);
            for block in 0..blocks.len() {
                let weight = weight * signs[block];
                for i in 0..BLOCK {
                    blocks[block][i] += weight * lanes[i];
                }
            }
        }
        if filling.signs.is_empty() {
            for (z, strings) in &filling.patterns {
                let (weight, lanes, block) =
                    (weight(strings), &SIGNS[z % BLOCK], z / BLOCK % (ROW / BLOCK));
                for i in 0..BLOCK {
                    blocks[block][i] += weight * lanes[i];
                }
            }
            transform(blocks);
        }
    }
}

/// The reals of some rows.
#[inline(always)]
fn reals_of(rows: &mut [Places]) -> &mut [f64] {
    // SAFETY: they are nothing but reals, one after the other.
    unsafe { std::slice::from_raw_parts_mut(rows.as_mut_ptr().cast(), rows.len() * ROW) }
}

/// Where a row begins, if chunks of it can be written as a whole.
#[inline(always)]
fn place_in(rows: &Rows, row: u64) -> Option<isize> {
    if rows.len() < CHUNK { None } else { rows.contiguous(row) }
}

/// With more patterns of signs within a row than this, a table is the Walsh-Hadamard transform of their weights.
pub const FEW_PATTERNS: usize = 3;

/// Reads the reals of a register.
///
/// # Safety
/// They are there, and the CPU has the features of `L`.
#[inline(always)]
unsafe fn load<L: Lanes<Real = f64>, F: Real>(from: *const F) -> L::Reg {
    // SAFETY: the caller's promise.
    unsafe {
        if size_of::<F>() == size_of::<f64>() {
            return L::load(from.cast());
        }
        let mut reals = [0.0; 2 * MAX_WIDTH];
        for i in 0..2 * L::WIDTH {
            reals[i] = from.add(i).read().to_f64();
        }
        L::load(reals.as_ptr())
    }
}

/// Writes them.
///
/// # Safety
/// There is room for them, and the CPU has the features of `L`.
#[inline(always)]
unsafe fn store<L: Lanes<Real = f64>, F: Real>(to: *mut F, register: L::Reg) {
    // SAFETY: the caller's promise.
    unsafe {
        if size_of::<F>() == size_of::<f64>() {
            return L::store(to.cast(), register);
        }
        let mut reals = [0.0; 2 * MAX_WIDTH];
        L::store(reals.as_mut_ptr(), register);
        for i in 0..2 * L::WIDTH {
            to.add(i).write(F::from_f64(reals[i]));
        }
    }
}

/// Adds to some registers of the chunk of this number, from the place `at` in the row on, what flips bring there.
/// `FORM` is that of the [`Run`]; with `SWAP`, neighbouring reals are swapped, as the factor i does.
///
/// # Safety
/// The CPU has the features of `L`, and the rows that flips take from are there.
#[inline(always)]
unsafe fn add<
    L: Lanes<Real = f64>,
    F: Real,
    const REAL: bool,
    const HELD: usize,
    const SWAP: bool,
    const PERM: bool,
    const FORM: usize,
>(
    sums: &mut [L::Reg; HELD],
    base: *const F,
    active: &[Active],
    (chunk, at): (usize, usize),
    perm: L::Perm,
) {
    const OF_CHUNKS: usize = Form::OfChunks as usize;
    const OF_BLOCKS: usize = Form::OfBlocks as usize;
    const SIGNED: usize = Form::Signed as usize;
    const BOTH: usize = Form::Both as usize;
    let (unit, per) = if REAL { (1, 2 * L::WIDTH) } else { (2, L::WIDTH) };
    // SAFETY: the caller's promise.
    unsafe {
        let turned = L::splat(Complex::new(-1.0, 1.0));
        for flip in active {
            let weight = flip.weights[chunk];
            if if FORM == OF_CHUNKS || FORM == SIGNED {
                weight == 0.0
            } else {
                flip.chunks >> chunk & 1 == 0
            } {
                continue;
            }
            let signed = SWAP && !REAL && FORM <= OF_BLOCKS;
            let splat =
                |weight: f64| L::splat(Complex::new(if signed { -weight } else { weight }, weight));
            let weight = splat(weight);
            // The register `held` takes from the one of the number `held ^ x`, told by sums: the compiler would
            // compute `xor` in registers of the sums' kind, and bring the addresses back one by one.
            let x = flip.within / per % HELD;
            let from =
                base.add(flip.from + unit * (at ^ (flip.within & !(HELD * per - 1))) + x * 2 * L::WIDTH);
            let step = |bit: usize| ((2 * L::WIDTH) << bit) as isize * (1 - 2 * (x >> bit & 1) as isize);
            let steps = [step(0), step(1), step(2)];
            macro_rules! add {
                ($held:expr, $number:expr) => {
                    let held = $held;
                    let mut offset = 0;
                    for bit in 0..3 {
                        if held >> bit & 1 == 1 {
                            offset += steps[bit];
                        }
                    }
                    let mut x = load::<L, F>(from.offset(offset));
                    if PERM {
                        x = L::permute(x, perm);
                    }
                    if SWAP {
                        x = L::swap_re_im(x);
                    }
                    sums[held] = L::add(sums[held], L::mul($number, x));
                };
            }
            let table = flip.table.wrapping_add(if FORM == SIGNED { at % CHUNK } else { at });
            if FORM == OF_CHUNKS {
                for held in 0..HELD {
                    add!(held, weight);
                }
            } else if FORM == OF_BLOCKS {
                for block in 0..HELD * per / BLOCK {
                    let number = table.add(block * BLOCK).read();
                    if number != 0.0 {
                        let number = splat(number);
                        for held in 0..BLOCK / per {
                            add!(block * (BLOCK / per) + held, number);
                        }
                    }
                }
            } else if REAL {
                for held in 0..HELD {
                    let mut g = L::load(table.add(held * per));
                    if FORM == BOTH {
                        g = L::add(g, weight);
                    } else if FORM == SIGNED {
                        g = L::mul(g, weight);
                    }
                    add!(held, g);
                }
            } else {
                for pair in 0..HELD / 2 {
                    let half = BLOCK / 2 / L::WIDTH;
                    let low = pair / half * 2 * half + pair % half;
                    let mut g = L::load(table.add(pair * 2 * L::WIDTH));
                    if FORM == BOTH {
                        g = L::add(g, weight);
                    } else if FORM == SIGNED {
                        g = L::mul(g, weight);
                    }
                    let (mut g, mut h) = L::zip(g, g);
                    if SWAP {
                        (g, h) = (L::mul(turned, g), L::mul(turned, h));
                    }
                    add!(low, g);
                    add!(low + half, h);
                }
            }
        }
    }
}

/// Calls `add` for what is known of a run only when it runs.
macro_rules! by_kind {
    ($swap:expr, $perm:expr, $form:expr, $add:ident::<$L:ident, $F:ident, $REAL:ident, $HELD:ident> $arguments:tt) => {
        match ($swap, $perm, $form) {
            (false, false, Form::OfChunks) => $add::<$L, $F, $REAL, $HELD, false, false, 0> $arguments,
            (false, false, Form::OfBlocks) => $add::<$L, $F, $REAL, $HELD, false, false, 1> $arguments,
            (false, false, Form::Signed) => $add::<$L, $F, $REAL, $HELD, false, false, 2> $arguments,
            (false, false, Form::Table) => $add::<$L, $F, $REAL, $HELD, false, false, 3> $arguments,
            (false, false, Form::Both) => $add::<$L, $F, $REAL, $HELD, false, false, 4> $arguments,
            (false, true, Form::OfChunks) => $add::<$L, $F, $REAL, $HELD, false, true, 0> $arguments,
            (false, true, Form::OfBlocks) => $add::<$L, $F, $REAL, $HELD, false, true, 1> $arguments,
            (false, true, Form::Signed) => $add::<$L, $F, $REAL, $HELD, false, true, 2> $arguments,
            (false, true, Form::Table) => $add::<$L, $F, $REAL, $HELD, false, true, 3> $arguments,
            (false, true, Form::Both) => $add::<$L, $F, $REAL, $HELD, false, true, 4> $arguments,
            (true, false, Form::OfChunks) => $add::<$L, $F, $REAL, $HELD, true, false, 0> $arguments,
            (true, false, Form::OfBlocks) => $add::<$L, $F, $REAL, $HELD, true, false, 1> $arguments,
            (true, false, Form::Signed) => $add::<$L, $F, $REAL, $HELD, true, false, 2> $arguments,
            (true, false, Form::Table) => $add::<$L, $F, $REAL, $HELD, true, false, 3> $arguments,
            (true, false, Form::Both) => $add::<$L, $F, $REAL, $HELD, true, false, 4> $arguments,
            (true, true, Form::OfChunks) => $add::<$L, $F, $REAL, $HELD, true, true, 0> $arguments,
            (true, true, Form::OfBlocks) => $add::<$L, $F, $REAL, $HELD, true, true, 1> $arguments,
            (true, true, Form::Signed) => $add::<$L, $F, $REAL, $HELD, true, true, 2> $arguments,
            (true, true, Form::Table) => $add::<$L, $F, $REAL, $HELD, true, true, 3> $arguments,
            (true, true, Form::Both) => $add::<$L, $F, $REAL, $HELD, true, true, 4> $arguments,
        }
    };
}

impl<T: Real> Application<'_, T> {
    /// See [`Kernel::run`]. Rows are read from `F`: where they lie, or from copies.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn work<L: Lanes<Real = f64>, F: Real, const REAL: bool, const HELD: usize>(self) -> f64 {
        let Application { state, rows, direct, purpose, first, bits, sum, scratch } = self;
        let Scratch { copies, results, filled, active, bounds } = scratch;
        let (unit, per) = if REAL { (1, 2 * L::WIDTH) } else { (2, L::WIDTH) };
        let (len, reals) = (1usize << bits, unit * ROW);
        const ZEROS: Places = Places([0.0; ROW]);
        if !direct {
            copies.resize(len * unit, ZEROS);
        }
        let last = sum.passes.len() - 1;
        if last > 0 {
            results.resize(len * unit, ZEROS);
        }
        let base: *const F = if direct { state.origin().cast() } else { copies.as_ptr().cast() };
        let own = len as u64 - 1;
        let chunks = rows.len().div_ceil(CHUNK);
        // Running sums of eight amplitudes side by side.
        // SAFETY: the CPU has the features.
        let mut totals = [unsafe { L::splat(Complex::default()) }; BLOCK];
        let mut buffer = [0.0; 2 * ROW];
        // SAFETY: the CPU has the features.
        let perms: [L::Perm; BLOCK] = std::array::from_fn(|lanes| unsafe {
            let lanes = if REAL { lanes >> 1 } else { lanes };
            L::perm(std::array::from_fn::<_, MAX_WIDTH, _>(|lane| (lane ^ lanes) % L::WIDTH))
        });
        for (number, pass) in sum.passes.iter().enumerate() {
            if !direct && (number == 0 || sum.passes[number - 1].distance != pass.distance) {
                for place in 0..len {
                    let to = reals_of(&mut copies[place * unit..(place + 1) * unit]);
                    if rows.len() < CHUNK {
                        to.fill(0.0); // what a small state leaves of a chunk
                    }
                    // SAFETY: a row of the state.
                    unsafe { rows.copy(state.origin(), first ^ pass.distance | place as u64, to) };
                }
            }
            bounds.clear();
            bounds.resize(pass.runs.len() + 1, 0);
            filled.resize(pass.fillings.max(filled.len()), ZEROS);
            for place in 0..len {
                let row = first | place as u64;
                active.clear();
                let mut fills = 0;
                for (run, bound) in pass.runs.iter().zip(&mut bounds[1..]) {
                    for flip in &pass.flips[run.flips.clone()] {
                        let weights = sum.weights(flip, row);
                        let (mut table, mut chunks) = (std::ptr::null(), u8::MAX);
                        match &flip.numbers {
                            Numbers::OfChunks | Numbers::Signed(_) if are_zero(&weights) => continue,
                            Numbers::OfChunks => {}
                            Numbers::Signed(number) => table = sum.signs[*number].as_ptr(),
                            Numbers::Known { masks, first } => {
                                let [low, high] = masks.map(|mask| (sign_bit(mask, row) >> 63) as usize);
                                let known = &sum.tables[first + low + 2 * high];
                                table = known.numbers.0.as_ptr();
                                if run.form != Form::Both {
                                    chunks = known.chunks;
                                }
                            }
                            Numbers::Filled(number) => {
                                sum.fill(&sum.fillings[*number], row, &mut filled[fills]);
                                table = filled[fills].0.as_ptr();
                                fills += 1;
                            }
                        }
                        let from = if direct { row ^ flip.rows } else { (row ^ flip.rows) & own };
                        let (from, within) = (from as usize * reals, flip.within & !(per - 1));
                        active.push(Active { from, within, weights, table, chunks });
                    }
                    *bound = active.len();
                }
                for chunk in 0..chunks {
                    for at in (chunk * CHUNK..(chunk + 1) * CHUNK).step_by(HELD * per) {
                        // SAFETY: the CPU has the features; rows of the state or of copies, which the flips do not
                        // leave, of the results, and of `out`, which no other tile has.
                        unsafe {
                            let mut sums = [L::splat(Complex::default()); HELD];
                            let result = results
                                .as_mut_ptr()
                                .cast::<f64>()
                                .wrapping_add(place * reals + unit * at);
                            if number > 0 {
                                for held in 0..HELD {
                                    sums[held] = L::load(result.add(unit * held * per));
                                }
                            }
                            for (number, run) in pass.runs.iter().enumerate() {
                                let active = &active[bounds[number]..bounds[number + 1]];
                                let lanes = run.lanes & (per - 1);
                                let (swap, perm) = if REAL {
                                    (lanes & 1 == 1, lanes > 1)
                                } else {
                                    (run.odd, lanes > 0)
                                };
                                let (sums, at, perms) = (&mut sums, (chunk, at), perms[lanes]);
                                by_kind!(
                                    swap,
                                    perm,
                                    run.form,
                                    add::<L, F, REAL, HELD>(sums, base, active, at, perms)
                                );
                            }
                            if number < last {
                                for held in 0..HELD {
                                    L::store(result.add(unit * held * per), sums[held]);
                                }
                                continue;
                            }
                            if let Purpose::Write(out, rows) = &purpose {
                                let to = match place_in(rows, row) {
                                    Some(offset) => out.origin().offset(offset).add(unit * at),
                                    None => std::ptr::null_mut(),
                                };
                                let beside = buffer.as_mut_ptr().add(unit * at);
                                for held in 0..HELD {
                                    let place = unit * held * per;
                                    if to.is_null() {
                                        L::store(beside.add(place), sums[held]);
                                    } else {
                                        store::<L, T>(to.add(place), sums[held]);
                                    }
                                }
                                continue;
                            }
                            let shift = if let Purpose::Square(shift) = purpose { -shift } else { 0.0 };
                            let shift = L::splat(Complex::new(shift, shift));
                            let row = if direct { row } else { place as u64 };
                            let from = base.add(row as usize * reals + unit * at);
                            for held in 0..HELD {
                                let own = load::<L, F>(from.add(unit * held * per));
                                let mut factor = own;
                                if let Purpose::Square(_) = purpose {
                                    sums[held] = L::add(sums[held], L::mul(shift, own));
                                    factor = sums[held];
                                }
                                let total = &mut totals[held % (BLOCK / per)];
                                *total = L::add(*total, L::mul(sums[held], factor));
                            }
                        }
                    }
                }
                if let Purpose::Write(out, rows) = &purpose
                    && number == last
                    && place_in(rows, row).is_none()
                {
                    // SAFETY: a row of `out`, which no other tile has.
                    unsafe { rows.write(out.origin(), row, &buffer[..reals]) };
                }
            }
        }
        let mut reals = [0.0; 2 * BLOCK];
        for (number, total) in totals.iter().take(BLOCK / per).enumerate() {
            // SAFETY: the CPU has the features, and there is room for all of them.
            unsafe { L::store(reals.as_mut_ptr().add(number * 2 * L::WIDTH), *total) };
        }
        match unit {
            1 => total(std::array::from_fn(|i| reals[i])),
            _ => total(std::array::from_fn(|i| reals[2 * i] + reals[2 * i + 1])),
        }
    }
}

impl<T: Real> Kernel for Application<'_, T> {
    type Real = f64;
    type Out = f64;

    /// The number that is asked for, if one is.
    #[inline(always)]
    unsafe fn run<L: Lanes<Real = f64>>(self) -> f64 {
        const HALF: usize = HELD / 2;
        // SAFETY: the caller's promise.
        unsafe {
            match (self.state.layout().is_real(), self.direct) {
                (false, true) => self.work::<L, T, false, HELD>(),
                (false, false) => self.work::<L, f64, false, HELD>(),
                (true, true) => self.work::<L, T, true, HALF>(),
                (true, false) => self.work::<L, f64, true, HALF>(),
            }
        }
    }
}
