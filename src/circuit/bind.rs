//! Binds a program: micro-ops become instructions, and the numbers of fused gates their coefficients.

use num_complex::Complex64;

use super::evaluate::{Evaluated, Lacking, Zyz};
use super::fuse::Fused;
use super::phase_table::{Arena, DiagonalEntries};
use super::tile::{MicroOp, OverlapKind, Slot, TileProgram};
use crate::kernels::registers::{Instruction, Opcode, Shape};
use crate::progress::Progress;
use crate::simd::{Lanes, Real};

/// The instructions of all passes of a program, with their coefficients in the precision of the state.
#[derive(Debug, Default)]
pub struct BoundPasses<T> {
    /// The instructions, pass after pass.
    pub instructions: Vec<Instruction>,
    /// Those of pass `i` are the ones from `ends[i]` to `ends[i + 1]`.
    pub ends: Vec<usize>,
    /// The coefficients and steady phase tables.
    pub coefs: Aligned<T>,
    /// The entries of all diagonals, one diagonal after the other.
    entries: Vec<Complex64>,
    /// Where the entries of each diagonal begin, and where the last ones end.
    first: Vec<usize>,
    /// What a state lacks after each diagonal: see [`Evaluated::entries`].
    short: Vec<f64>,
    /// The factor in front of each phase table, by its number.
    scales: Vec<f64>,
    /// Scratch for the products of a phase table.
    products: Vec<Complex64>,
}

/// How many diagonals are computed before it is asked again whether to go on.
const DIAGONALS_AT_A_TIME: usize = 256;

/// Estimate for the entries of one diagonal.
const NANOS_PER_DIAGONAL: f64 = 100.0;

/// Estimate for the coefficients of one pass.
const NANOS_PER_PASS: f64 = 5000.0;

/// An array that begins at a cache line.
#[derive(Debug, Default)]
pub struct Aligned<T> {
    values: Vec<T>,
    first: usize,
}

impl<T: Real> Aligned<T> {
    /// Makes room for `len` numbers; their values do not matter.
    pub fn fit(&mut self, len: usize) {
        let spare = 64 / size_of::<T>();
        if self.values.len() < len + spare {
            self.values = vec![T::default(); len + spare];
            self.first = self.values.as_ptr().align_offset(64);
        }
    }

    /// A pointer to the first number.
    pub fn as_ptr(&self) -> *const T {
        self.values[self.first..].as_ptr()
    }

    /// A pointer to the first number, to write.
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.values[self.first..].as_mut_ptr()
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.values[self.first..]
    }
}

impl<T: Real> BoundPasses<T> {
    /// Computes everything anew for the evaluated gates, until it is stopped. Memory is used again.
    #[inline(always)]
    pub fn fill<'a, L: Lanes>(
        &mut self,
        fused: &Fused,
        evaluated: &Evaluated<'_>,
        tiles: impl Iterator<Item = &'a TileProgram>,
        arena: &Arena,
        shape: &Shape,
        progress: &Progress<'_>,
    ) {
        let BoundPasses { instructions, ends, coefs, entries, first, short, scales, products } = self;
        instructions.clear();
        ends.clear();
        ends.push(0);
        entries.clear();
        first.clear();
        first.push(0);
        short.clear();
        scales.clear();
        coefs.fit(arena.coefs);
        let mut lacking = Lacking::nothing();
        for some in fused.diagonals.chunks(DIAGONALS_AT_A_TIME) {
            for diagonal in some {
                short.push(evaluated.entries::<L>(diagonal, entries));
                first.push(entries.len());
            }
            if !progress.advance(0.0, NANOS_PER_DIAGONAL * some.len() as f64) {
                return;
            }
        }
        for pass in tiles.flat_map(TileProgram::passes) {
            for (micro_op, at) in &pass.micro_ops {
                let (coefs, at) = (coefs.as_mut_slice(), *at);
                let own = coefs.get_mut(at..).unwrap_or_default();
                let at = at as u32;
                let instruction = match micro_op {
                    MicroOp::Rotation(number, slot) => {
                        let zyz = &evaluated.rotations[*number];
                        lacking.add::<L>(zyz);
                        rotation(zyz, *slot, at, shape, own)
                    }
                    MicroOp::Matrix(number, slots) => {
                        let recipe = &fused.matrices[*number];
                        let matrix = evaluated.matrix(recipe);
                        lacking.add_short(evaluated.short::<T>(recipe, &matrix));
                        dense(&matrix, slots, at, shape, own)
                    }
                    MicroOp::PhaseTable(number) => {
                        let (table, width) = (&pass.phase_tables[*number], 1 << shape.lanes.len());
                        lacking.add_short(table.diagonals().map(|diagonal| short[diagonal]).sum());
                        scales.push(lacking.take::<T, L>());
                        let diagonals = DiagonalEntries { entries, first, scales };
                        if !table.varies {
                            let out = &mut coefs[table.at..];
                            let (ones, short) = table.write(&diagonals, 0, products, width, out);
                            lacking.add_short(short);
                            if ones {
                                continue;
                            }
                        }
                        Instruction { opcode: Opcode::PhaseTable, at: *number as u32 }
                    }
                    MicroOp::Scale => {
                        own[0] = T::from_f64(lacking.take::<T, L>());
                        Instruction { opcode: Opcode::Scale, at }
                    }
                    MicroOp::Overlap(_, kind) => match *kind {
                        OverlapKind::Xyz(Slot::Register(bit)) => {
                            Instruction { opcode: Opcode::Overlap(bit, false), at }
                        }
                        OverlapKind::Y(Slot::Register(bit)) => {
                            Instruction { opcode: Opcode::Overlap(bit, true), at }
                        }
                        OverlapKind::Xyz(Slot::Lane(bit)) => {
                            Instruction { opcode: Opcode::LaneOverlap(bit, false), at }
                        }
                        OverlapKind::Y(Slot::Lane(bit)) => {
                            Instruction { opcode: Opcode::LaneOverlap(bit, true), at }
                        }
                        OverlapKind::Parity(parity) => {
                            Instruction { opcode: Opcode::ParityOverlap, at: parity as u32 }
                        }
                    },
                    MicroOp::Flip(slot, lanes, condition) => {
                        flip(*slot, *lanes, *condition as u32, shape, own)
                    }
                };
                instructions.push(instruction);
            }
            ends.push(instructions.len());
            if !progress.advance(0.0, NANOS_PER_PASS) {
                return;
            }
        }
    }

    /// The entries of all diagonals, and the factors of all phase tables, to look up.
    pub fn diagonals(&self) -> DiagonalEntries<'_> {
        DiagonalEntries { entries: &self.entries, first: &self.first, scales: &self.scales }
    }
}

/// Writes the coefficients of a rotation, and returns its instruction.
fn rotation<T: Real>(zyz: &Zyz, slot: Slot, at: u32, shape: &Shape, coefs: &mut [T]) -> Instruction {
    let [a, b] = [zyz.a, zyz.b].map(T::from_f64);
    let opcode = match (slot, zyz.swapped) {
        (Slot::Register(bit), false) => Opcode::Rotation(bit),
        (Slot::Register(bit), true) => Opcode::SwappedRotation(bit),
        (Slot::Lane(bit), false) => Opcode::LaneRotation(bit),
        (Slot::Lane(bit), true) => Opcode::LaneSwappedRotation(bit),
    };
    match slot {
        Slot::Register(_) => coefs[..2].copy_from_slice(&[a, b]),
        Slot::Lane(bit) => {
            for (lane, coef) in coefs[..1 << shape.lanes.len()].iter_mut().enumerate() {
                *coef = if lane >> bit & 1 == 1 { b } else { a };
            }
        }
    }
    Instruction { opcode, at }
}

/// Writes for each lane whether a flip acts there, as coefficients 0 and 1, and returns its instruction.
fn flip<T: Real>(
    slot: Slot,
    lanes: Option<u32>,
    condition: u32,
    shape: &Shape,
    coefs: &mut [T],
) -> Instruction {
    let opcode = match (slot, lanes) {
        (Slot::Register(bit), None) => return Instruction { opcode: Opcode::Flip(bit), at: condition },
        (Slot::Register(bit), Some(_)) => Opcode::FlipLanes(bit),
        (Slot::Lane(bit), _) => Opcode::LaneFlip(bit),
    };
    let width = 1 << shape.lanes.len();
    for lane in 0..width {
        let flips = lanes.unwrap_or(u32::MAX) >> lane & 1;
        coefs[lane] = T::from_f64(f64::from(1 - flips));
        coefs[width + lane] = T::from_f64(f64::from(flips));
    }
    Instruction { opcode, at: condition }
}

/// Writes the coefficients of a matrix on one bit or two, and returns its instruction.
fn dense<T: Real>(
    matrix: &[Complex64; 16],
    slots: &[Slot],
    at: u32,
    shape: &Shape,
    coefs: &mut [T],
) -> Instruction {
    let width = 1usize << shape.lanes.len();
    let mut splat = |number: usize, entry: Complex64| {
        coefs[2 * number] = T::from_f64(entry.re);
        coefs[2 * number + 1] = T::from_f64(entry.im);
    };
    match *slots {
        [Slot::Register(bit)] => {
            (0..4).for_each(|i| splat(i, matrix[i]));
            return Instruction { opcode: Opcode::Dense(bit), at };
        }
        [Slot::Register(high), Slot::Register(low)] => {
            // The instruction takes the lower bit of a register's index as the lower bit of a row.
            let row = |row: usize| if high > low { row } else { [0, 2, 1, 3][row] };
            (0..16).for_each(|i| splat(i, matrix[4 * row(i / 4) + row(i % 4)]));
            return Instruction { opcode: Opcode::Pair(high.min(low), high.max(low)), at };
        }
        _ => {}
    }
    let mut lanes = |number: usize, entry: &dyn Fn(usize) -> Complex64| {
        let (re, im) = coefs[2 * number * width..][..2 * width].split_at_mut(width);
        for (lane, (re, im)) in re.iter_mut().zip(im).enumerate() {
            let entry = entry(lane);
            (*re, *im) = (T::from_f64(entry.re), T::from_f64(entry.im));
        }
    };
    let opcode = match *slots {
        [Slot::Lane(bit)] => {
            for flipped in 0..2 {
                lanes(flipped, &|lane| {
                    let row = lane >> bit & 1;
                    matrix[2 * row + (row ^ flipped)]
                });
            }
            Opcode::LaneDense(bit)
        }
        [Slot::Lane(high), Slot::Lane(low)] => {
            for flipped in 0..4 {
                lanes(flipped, &|lane| {
                    let row = (lane >> high & 1) << 1 | lane >> low & 1;
                    matrix[4 * row + (row ^ flipped)]
                });
            }
            Opcode::LanesPair(low, high)
        }
        [first, second] => {
            let (register, lane_bit, upper) = match (first, second) {
                (Slot::Register(register), Slot::Lane(lane)) => (register, lane, true),
                (Slot::Lane(lane), Slot::Register(register)) => (register, lane, false),
                _ => unreachable!("the other slots are above"),
            };
            let row = |i: usize, lane: usize| if upper { 2 * i + lane } else { i + 2 * lane };
            for number in 0..8 {
                let (i, j, flipped) = (number >> 2, number >> 1 & 1, number & 1);
                lanes(number, &|lane| {
                    let value = lane >> lane_bit & 1;
                    matrix[4 * row(i, value) + row(j, value ^ flipped)]
                });
            }
            Opcode::LanePair(register, lane_bit)
        }
        _ => unreachable!("matrices on one bit or two"),
    };
    Instruction { opcode, at }
}
