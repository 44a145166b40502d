//! Sums of Pauli strings, applied to states out of place.
//!
//! The strings are sorted into flips, and these into passes: see [`kernels::application`](crate::kernels::application).
//! Where the rows of a state are copied together, each tile that strings take amplitudes from has a pass, as the
//! copies are in cache then. Where they are read in place, a tile from which only a few flips take has none of its own.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::pauli_sum::{Grouped, grouped};
use crate::bits::sign;
use crate::exec::{self, Crew};
use crate::kernels::Chunk;
use crate::kernels::application::{
    Application, CHUNK, CHUNK_BITS, CHUNKS, FEW_PATTERNS, Filling, Flip, Form, Numbers, Pass, Places,
    Purpose, ROW, ROW_BITS, Run, Scratch, Sum, Table, Term, place_of,
};
use crate::kernels::pauli_sum::{BLOCK, Rows, signed_sums};
use crate::layout::Layout;
use crate::pauli_sum::PauliSum;
use crate::simd::{Real, on_widest};
use crate::state::{StateMut, StateRef};

/// Bits that number the rows of a tile, at most: so a tile of complex amplitudes has 256 KiB. There are two in cache,
/// what is taken and what comes of it.
pub(super) const TILE_BITS: usize = 6;

/// A state is cut into `2**LEAF_LEVELS` tiles at least, for threads to share, unless they have too few rows:
/// `2**LEAST_BITS`.
const LEAF_LEVELS: usize = 3;
const LEAST_BITS: usize = 2;

/// As many flips from a tile as this have a pass of their own, where rows are read in place. A pass reads and writes the
/// results, which costs as much as three flips; the others read the tile from L3 again.
const MANY_FLIPS: usize = 4;

/// How many tables are known before, at most: 128 KiB. The others are filled for each row, which takes as long as to
/// read them from L3.
const MAX_TABLES: usize = 64;

/// How many tables are filled at a time, for a row: 12 KiB.
const MAX_FILLED: usize = 6;

/// Estimates for an amplitude: for copying it together or reading it, and writing the result; for each pass, flip, and
/// table that is filled.
const NANOS_PER_AMPLITUDE: f64 = 0.8;
const NANOS_PER_PASS: f64 = 0.3;
const NANOS_PER_FLIP: f64 = 0.1;
const NANOS_PER_TABLE: f64 = 0.4;

/// What is done with the result: see [`Purpose`].
pub(super) enum What<'a, T> {
    Write(&'a StateMut<'a, T>),
    Square(f64),
    Mean,
}

/// How a sum is applied to states of one layout.
#[derive(Clone, Debug)]
pub(super) struct Applying {
    rows: Rows,
    /// Whether rows are read in place.
    direct: bool,
    row_bits: usize,
    tile: usize,
    sum: Sum,
}

impl Applying {
    pub(super) fn new(groups: &Grouped, layout: &Layout, tile_bits: usize) -> Applying {
        let n = layout.num_qubits();
        let (low, row_bits) = (ROW_BITS.min(n), n.saturating_sub(ROW_BITS));
        let direct = layout.run() == n && n >= CHUNK_BITS;
        let mut tile = row_bits.min(tile_bits);
        if direct {
            tile = tile.min(row_bits.saturating_sub(LEAF_LEVELS).max(LEAST_BITS));
        }
        let unit = layout.unit() as usize;
        let mut sum = Sum::default();
        let mut tiles: BTreeMap<u64, Vec<(Kind, Flip)>> = BTreeMap::new();
        for (&(x, odd), strings) in groups {
            // The sign that a string has is that of the amplitude it is brought to.
            let strings = strings.iter().map(|&(z, coef)| (z, coef * sign(x & z))).collect();
            let (form, flip) = flip(&mut sum, x, strings, 1 << low, unit);
            let kind = (flip.within % BLOCK, odd, form);
            tiles.entry(flip.rows >> tile << tile).or_default().push((kind, flip));
        }
        let mut own = tiles.remove(&0).unwrap_or_default();
        for (distance, flips) in tiles {
            if direct && flips.len() < MANY_FLIPS {
                own.extend(flips);
            } else {
                sum.add_passes(distance, flips);
            }
        }
        sum.add_passes(0, own);
        let strides: Vec<isize> = (0..n).map(|bit| layout.stride(bit)).collect();
        let rows = Rows::new(&strides, low, 0, layout.unit());
        Applying { rows, direct, row_bits, tile, sum }
    }

    pub(super) fn run<T: Real>(&self, state: StateRef<'_, T>, what: What<'_, T>, crew: Crew) -> f64 {
        thread_local! {
            static SCRATCH: RefCell<Scratch> = RefCell::default();
        }
        let rows = match &what {
            What::Write(out) => Some(self.rows_like(state.layout(), out.layout())),
            _ => None,
        };
        let leaf = |chunk: Chunk| {
            SCRATCH.with_borrow_mut(|scratch| {
                let application = Application {
                    state,
                    rows: &self.rows,
                    direct: self.direct,
                    purpose: match (&what, &rows) {
                        (What::Write(out), Some(rows)) => Purpose::Write(out, rows),
                        (What::Square(shift), _) => Purpose::Square(*shift),
                        _ => Purpose::Mean,
                    },
                    first: chunk.index << self.tile,
                    bits: self.tile,
                    sum: &self.sum,
                    scratch,
                };
                on_widest(crew.isa, application)
            })
        };
        exec::reduce(crew.threads, (self.row_bits - self.tile) as u32, leaf, |a, b| a + b)
    }

    /// The rows of a state of another layout that hold the same qubits as those of this one.
    fn rows_like(&self, layout: &Layout, other: &Layout) -> Rows {
        let mut strides = vec![0; layout.num_qubits()];
        let mut origin = 0;
        for (bit, to) in layout.qubit_bits().zip(other.qubit_bits()) {
            let against = (layout.flipped() >> bit ^ other.flipped() >> to) & 1 == 1;
            let stride = other.stride(to);
            strides[bit] = if against { -stride } else { stride };
            origin += if against { stride } else { 0 };
        }
        Rows::new(&strides, ROW_BITS.min(strides.len()), origin, layout.unit())
    }

    pub(super) fn nanos(&self, num_qubits: usize) -> f64 {
        let passes = &self.sum.passes;
        let flips: usize = passes.iter().map(|pass| pass.flips.len()).sum();
        let each = NANOS_PER_AMPLITUDE
            + passes.len() as f64 * if self.direct { NANOS_PER_PASS } else { NANOS_PER_AMPLITUDE }
            + flips as f64 * NANOS_PER_FLIP
            + self.sum.fillings.len() as f64 * NANOS_PER_TABLE;
        (1i64 << num_qubits) as f64 * each
    }
}

/// What the inner loop is compiled for: the X within a block, whether i is a factor, and the form of the numbers.
type Kind = (usize, bool, Form);

impl Sum {
    /// Adds the passes of the flips that take from one tile.
    fn add_passes(&mut self, distance: u64, mut flips: Vec<(Kind, Flip)>) {
        let is_filled = |flip: &Flip| matches!(flip.numbers, Numbers::Filled(_));
        flips.sort_by_key(|(kind, flip)| (is_filled(flip), *kind, flip.rows, flip.within));
        let (mut filled, others): (Vec<_>, Vec<_>) =
            flips.into_iter().partition(|(_, flip)| is_filled(flip));
        // The others come with the last tables, or alone.
        let last = filled.split_off(filled.len().saturating_sub(1) / MAX_FILLED * MAX_FILLED);
        let mut rest = filled.into_iter().peekable();
        while rest.peek().is_some() {
            let flips = rest.by_ref().take(MAX_FILLED).collect();
            self.passes.push(pass(distance, flips));
        }
        self.passes.push(pass(distance, last.into_iter().chain(others).collect()));
    }
}

/// A pass of some flips.
fn pass(distance: u64, mut flips: Vec<(Kind, Flip)>) -> Pass {
    flips.sort_by_key(|(kind, flip)| (*kind, flip.rows, flip.within));
    let mut pass = Pass { distance, ..Pass::default() };
    for (kind @ (lanes, odd, form), flip) in flips {
        pass.fillings += usize::from(matches!(flip.numbers, Numbers::Filled(_)));
        let end = pass.flips.len() + 1;
        match pass.runs.last_mut() {
            Some(run) if (run.lanes, run.odd, run.form) == kind => run.flips.end = end,
            _ => pass.runs.push(Run { lanes, odd, form, flips: end - 1..end }),
        }
        pass.flips.push(flip);
    }
    pass
}

/// The flip of some strings with the same X, told by their Z and coefficients; what it refers to is added to the sum.
fn flip(sum: &mut Sum, x: u64, strings: Vec<(u64, f64)>, len: usize, unit: usize) -> (Form, Flip) {
    let within = |z: u64| z as usize % ROW;
    let of_chunks = |z: u64| within(z) % (1 << CHUNK_BITS) == 0;
    // The number that a string adds to that of each chunk.
    let of_each = |z: u64, coef: f64| {
        std::array::from_fn::<_, CHUNKS, _>(|chunk| {
            coef * sign((within(z) >> CHUNK_BITS) as u64 & chunk as u64)
        })
    };
    let mut flip = Flip {
        rows: x >> ROW_BITS,
        within: within(x),
        fixed: [0.0; CHUNKS],
        terms: 0..0,
        numbers: Numbers::OfChunks,
    };
    let mut masks: Vec<u64> =
        strings.iter().filter(|(z, _)| !of_chunks(*z)).map(|(z, _)| z >> ROW_BITS).collect();
    masks.sort_unstable();
    masks.dedup();
    let plain = masks.is_empty();
    let inside = |z: u64| within(z) % CHUNK;
    if !plain && strings.iter().all(|&(z, _)| inside(z) == inside(strings[0].0)) {
        let mut signs = [0.0; CHUNK];
        for amplitude in 0..CHUNK {
            signs[place_of(amplitude, unit)] = sign((amplitude & inside(strings[0].0)) as u64);
        }
        let known = sum.signs.iter().position(|known| *known == signs);
        flip.numbers = Numbers::Signed(known.unwrap_or_else(|| {
            sum.signs.push(signs);
            sum.signs.len() - 1
        }));
        let start = sum.terms.len();
        let terms =
            strings.iter().map(|&(z, coef)| Term { rows: z >> ROW_BITS, coefs: of_each(z, coef) });
        sum.terms.extend(terms);
        flip.terms = start..sum.terms.len();
        return (Form::Signed, flip);
    }
    masks.retain(|&mask| mask != 0);
    let known = !plain && masks.len() <= 2 && sum.tables.len() + (1 << masks.len()) <= MAX_TABLES;
    if !plain && !known {
        flip.numbers = Numbers::Filled(sum.fillings.len());
        sum.fillings.push(filling(&mut sum.strings, &strings, unit));
        return (Form::Table, flip);
    }
    // What changes from row to row as no table does.
    let start = sum.terms.len();
    let mut tabled = Vec::new();
    for (z, coef) in strings {
        let rows = z >> ROW_BITS;
        if known && (rows == 0 || masks.contains(&rows)) {
            tabled.push((z, coef));
        } else if rows == 0 {
            let coefs = of_each(z, coef);
            flip.fixed.iter_mut().zip(coefs).for_each(|(sum, coef)| *sum += coef);
        } else {
            sum.terms.push(Term { rows, coefs: of_each(z, coef) });
        }
    }
    flip.terms = start..sum.terms.len();
    if plain {
        return (Form::OfChunks, flip);
    }
    let mask = |number: usize| masks.get(number).copied().unwrap_or_default();
    flip.numbers = Numbers::Known { masks: [mask(0), mask(1)], first: sum.tables.len() };
    for signs in 0..1usize << masks.len() {
        let mut sums = [0.0; ROW];
        for &(z, coef) in &tabled {
            let minus = masks
                .iter()
                .position(|&mask| mask == z >> ROW_BITS)
                .is_some_and(|bit| signs >> bit & 1 == 1);
            sums[within(z)] += if minus { -coef } else { coef };
        }
        sum.tables.push(table(sums, len, unit));
    }
    let form = match flip.terms.is_empty() {
        true if tabled.iter().all(|(z, _)| z % BLOCK as u64 == 0) => Form::OfBlocks,
        true => Form::Table,
        false => Form::Both,
    };
    (form, flip)
}

/// The table of strings of Z within a row of `len` amplitudes, by their coefficients.
fn table(mut coefs: [f64; ROW], len: usize, unit: usize) -> Table {
    signed_sums(&mut coefs[..len]);
    let mut table = Table { numbers: Places([0.0; ROW]), chunks: 0 };
    for (amplitude, &number) in coefs[..len].iter().enumerate() {
        table.numbers.0[place_of(amplitude, unit)] = number;
        table.chunks |= u8::from(number != 0.0) << (amplitude >> CHUNK_BITS);
    }
    table
}

/// How the tables of some strings are filled.
fn filling(all: &mut Vec<(u64, f64)>, strings: &[(u64, f64)], unit: usize) -> Filling {
    let mut patterns: BTreeMap<usize, Vec<(u64, f64)>> = BTreeMap::new();
    for &(z, coef) in strings {
        patterns.entry(place_of(z as usize % ROW, unit)).or_default().push((z >> ROW_BITS, coef));
    }
    let patterns = patterns.into_iter().map(|(z, strings)| {
        let start = all.len();
        all.extend(strings);
        (z, start..all.len())
    });
    let patterns: Vec<_> = patterns.collect();
    let mut signs = Vec::new();
    if patterns.len() <= FEW_PATTERNS {
        let of_blocks = |z: usize| std::array::from_fn(|block| sign(((z / BLOCK) & block) as u64));
        signs.extend(patterns.iter().map(|(z, _)| of_blocks(*z)));
    }
    Filling { patterns, signs }
}

/// A sum, prepared to be applied to states of one layout.
pub struct SumApplier {
    applying: Applying,
    /// What is i times real, on real states.
    imaginary: Option<Applying>,
    num_qubits: usize,
}

impl SumApplier {
    /// Prepares it.
    ///
    /// # Panics
    /// Where the sum has another number of qubits.
    pub fn new(sum: &PauliSum, layout: &Layout) -> SumApplier {
        SumApplier::with_tiles(sum, layout, TILE_BITS)
    }

    fn with_tiles(sum: &PauliSum, layout: &Layout, tile_bits: usize) -> SumApplier {
        assert_eq!(sum.num_qubits(), layout.num_qubits(), "a sum for this state");
        let mut groups = grouped(sum, layout);
        let mut imaginary = Grouped::new();
        if layout.is_real() {
            let (odd, even) = groups.into_iter().partition::<Grouped, _>(|((_, odd), _)| *odd);
            imaginary = odd.into_iter().map(|((x, _), strings)| ((x, false), strings)).collect();
            groups = even;
        }
        let applying = |groups: &Grouped| Applying::new(groups, layout, tile_bits);
        SumApplier {
            applying: applying(&groups),
            imaginary: (!imaginary.is_empty()).then(|| applying(&imaginary)),
            num_qubits: layout.num_qubits(),
        }
    }

    /// Estimate for a state.
    pub fn nanos(&self) -> f64 {
        let nanos = |applying: &Applying| applying.nanos(self.num_qubits);
        nanos(&self.applying) + self.imaginary.as_ref().map_or(0.0, nanos)
    }

    /// Writes `sum|state>` to `out`: the real part of it, where both are real.
    ///
    /// Qubit by qubit the two may lie differently in memory.
    ///
    /// # Panics
    /// Where `out` has another number of qubits.
    pub fn apply<T: Real>(&self, state: StateRef<'_, T>, out: &mut StateMut<'_, T>, crew: Crew) {
        assert_eq!(out.layout().num_qubits(), self.num_qubits, "a result for each amplitude");
        self.applying.run(state, What::Write(out), crew);
    }

    /// The square of the norm of `(sum - shift)|state>`, without writing that down anywhere: the variance,
    /// where `shift` is the expectation value.
    pub fn norm_sqr<T: Real>(&self, state: StateRef<'_, T>, shift: f64, crew: Crew) -> f64 {
        let square = self.applying.run(state, What::Square(shift), crew);
        let imaginary = self.imaginary.as_ref();
        square + imaginary.map_or(0.0, |applying| applying.run(state, What::Square(0.0), crew))
    }
}

#[cfg(test)]
mod tests;
