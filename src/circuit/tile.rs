//! Turns the gates of a sweep into programs for the kernels.
//!
//! A sweep copies one tile of the state at a time into L2, with real and imaginary parts apart; works on one block
//! of it at a time, in L1; and each pass over a block loads a few registers, runs its micro-ops on them and stores
//! them (see [`registers`](crate::kernels::registers)). So each bit of the address has one role in a pass:
//!
//! ```text
//! lane          it tells apart the reals inside one register
//! register      it tells apart the registers of a group
//! position      it tells apart the groups of a block
//! block, outer  it is constant while a block, or a whole tile, is worked on
//! ```
//!
//! A rotation or matrix needs its bits in the first two roles, which the plan has seen to. A diagonal or a control
//! may have any: here it is worked out what each gate does in each lane, register and position.

use super::fuse::{Diagonal, Fused, FusedGate, Observed};
use super::phase_table::{Arena, PhaseTable};
use super::plan::{Group, PlacedGate, Tiles};
use crate::bits::{mask_of, scatter, set_bits};
use crate::kernels::registers::{Condition, MAX_REGISTER_BITS, Parity, Shape};
use crate::kernels::tile::Copying;
use crate::layout::Layout;
use crate::simd::Real;

/// A copy has a gap of `GAP` amplitudes after each `2**GAP_BITS`. Without gaps, rows whose distance is a power of
/// two would all compete for the same few sets of L1.
const GAP_BITS: usize = 9;
const GAP: usize = 32;

/// How many bits outside of the registers a phase table may depend on: each doubles its entries. From 0 to 5, the
/// TFIM chain on 20 qubits takes 128, 87, 74, 68, 67 and 64 ms on one thread, and brickwork 129, 114, 112, 110,
/// 120 and 108; from 4 on, tables leave no room in L1.
const TABLE_BITS: u32 = 3;

/// How many gates of a pass are put in order at a time.
const WINDOW: usize = 256;

/// States of this many bits and more are written to memory past the caches: one thread writes 16 MiB in rows of
/// 512 bytes in 1.9 ms so, and in 2.5 ms through the caches; 64 MiB in 6.8 and 10.2 ms. Smaller states are written
/// to the caches, where the next sweep may still find them.
const STREAM_MIN_BITS: usize = 17;

/// How a sweep works on each tile.
#[derive(Clone, Debug, PartialEq)]
pub struct TileProgram {
    /// The bits of the address that tell tiles apart, from the highest.
    pub outer: Vec<u8>,
    /// How a tile is copied together.
    pub load: Copying,
    /// How it is copied back.
    pub store: Copying,
    /// How many real numbers the copy has room for.
    pub size: usize,
    /// What is done to the blocks of the copy, one program after the other.
    pub blocks: Vec<BlockProgram>,
    /// The number of micro-ops of all passes.
    pub len: usize,
    /// Estimate for each amplitude. For dense states of 10 to 20 qubits in double precision with AVX-512 it is within
    /// a quarter of what one thread takes.
    pub nanos: f64,
}

/// The passes over each block of a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockProgram {
    /// The bits of the address that tell blocks apart, as a mask.
    pub between: u64,
    /// For each block, where it begins in the copy, and the values of these bits.
    pub begins: Vec<(u32, u64)>,
    /// The passes, in order.
    pub passes: Vec<PassProgram>,
}

/// A pass over a block.
#[derive(Clone, Debug, PartialEq)]
pub struct PassProgram {
    /// How many bits tell registers apart.
    pub register_bits: usize,
    /// Where each group of registers begins in a block.
    pub positions: Vec<u32>,
    /// The bits of the address that tell positions apart, as a mask.
    pub positioned: u64,
    /// For each position, the values of these bits.
    pub bases: Vec<u64>,
    /// Where each register of a group lies, as seen from its position.
    pub offsets: [u32; 1 << MAX_REGISTER_BITS],
    /// Its index among all passes of the program.
    pub number: usize,
    /// The micro-ops, in order, each with the place where its coefficients begin.
    pub micro_ops: Vec<(MicroOp, usize)>,
    /// The conditions of flips.
    pub conditions: Vec<Condition>,
    /// The phase tables.
    pub phase_tables: Vec<PhaseTable>,
    /// For each phase table, how much further the entries for each position begin; empty if all positions have the
    /// same entries.
    pub table_offsets: Vec<Vec<u32>>,
    /// The overlaps that a gradient takes here.
    pub overlaps: Vec<Overlap>,
    /// The parities of those that are taken with a parity.
    pub parities: Vec<Parity>,
    /// How many real numbers the overlaps are summed in: for each, one in each lane.
    pub num_sums: usize,
}

/// An overlap `Im <eta|P|x>` of the two states of a gradient, taken before a gate. The highest bit of the address
/// tells the states apart: where it is 0 lies x, where it is 1 eta. The operator P depends on the gate:
///
/// ```text
/// rotation of bit b                     X, Y and Z of b, or Y alone: three overlaps or one
/// diagonal on targets t                 Z of each t, a parity: the sign is (-1)**(number of ones)
///   the same with controls, by parity   this parity where the controls have their values, 0 elsewhere
///   the same with controls, one target  1 where the controls have their values and the target is 1, 0 elsewhere
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Overlap {
    /// The index of the gate among the fused gates.
    pub gate: usize,
    /// Where its results begin among those of all overlaps.
    pub at: usize,
    /// How many results it has: 3 or 1.
    pub len: usize,
    /// For each result, the weight of each lane when the lanes are added up: 1 or -1, or 0 where a control in the
    /// lanes does not hold.
    pub weights: Vec<f64>,
}

/// Where a bit lies that a gate mixes; bits are counted from 0 in each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slot {
    /// It tells registers apart.
    Register(u8),
    /// It lies inside a register.
    Lane(u8),
}

/// The operators of an [`Overlap`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OverlapKind {
    /// X, Y and Z of a bit.
    Xyz(Slot),
    /// Y of a bit.
    Y(Slot),
    /// A parity, by its index in [`PassProgram::parities`].
    Parity(usize),
}

/// A fused gate with the slots of its bits; with its coefficients, it becomes an instruction.
#[derive(Clone, Debug, PartialEq)]
pub enum MicroOp {
    /// A rotation, by its index in [`Fused::rotations`], of a bit.
    Rotation(usize, Slot),
    /// A matrix, by its index in [`Fused::matrices`], on bits of which the first is the most significant.
    Matrix(usize, Vec<Slot>),
    /// Many diagonals at once, by the index of their table in [`PassProgram::phase_tables`].
    PhaseTable(usize),
    /// Flips a bit: in the lanes of a mask, or in all; where a condition holds, by its index in
    /// [`PassProgram::conditions`].
    Flip(Slot, Option<u32>, usize),
    /// Multiplies all amplitudes by the scale that rotations have left out since the last phase table.
    Scale,
    /// Takes an overlap, by its index in [`PassProgram::overlaps`].
    Overlap(usize, OverlapKind),
}

/// The numbers below `count` that are `wanted`, as a mask.
fn chosen(count: usize, wanted: impl Fn(usize) -> bool) -> u32 {
    (0..count).fold(0, |mask, number| mask | u32::from(wanted(number)) << number)
}

/// The bits of a mask, from the highest.
fn from_highest(mask: u64) -> Vec<u8> {
    let mut bits: Vec<u8> = set_bits(mask).map(|bit| bit as u8).collect();
    bits.reverse();
    bits
}

/// The stride of each bit of a tile in its copy, from the lowest bit. With four lane bits, for example, 16 real
/// parts are followed by the 16 imaginary parts, so bit 4 has the stride 32; from bit `GAP_BITS` on, strides include
/// the gaps.
fn strides(bits: usize, shape: &Shape) -> Vec<isize> {
    let parts = shape.parts as isize;
    let stride = |bit: usize| match (shape.lanes.iter().position(|&lane| usize::from(lane) == bit), bit)
    {
        (Some(lane), _) => 1 << lane,
        (None, bit) if bit < GAP_BITS => parts << bit,
        (None, bit) => (parts * ((1 << GAP_BITS) + GAP as isize)) << (bit - GAP_BITS),
    };
    (0..bits).map(stride).collect()
}

/// The offset at a setting of some bits: the sum of the strides of those that are set in `number`.
fn offset(strides: &[isize], number: usize) -> u32 {
    strides.iter().enumerate().map(|(bit, &stride)| (number >> bit & 1) as u32 * stride as u32).sum()
}

impl TileProgram {
    /// Makes the programs of a sweep, and takes room for their numbers from the arena.
    pub fn new(
        tiles: &Tiles,
        fused: &Fused,
        layout: &Layout,
        shape: &Shape,
        arena: &mut Arena,
    ) -> TileProgram {
        let bits: Vec<u8> = set_bits(tiles.tile).map(|bit| bit as u8).collect();
        let inside = strides(bits.len(), shape);
        let source = Source { tiles, fused, shape, strides: bits.iter().copied().zip(inside).collect() };
        let outer = ((1 << layout.num_qubits()) - 1) & !tiles.tile;
        let width = 1 << shape.lanes.len();
        let streams = layout.num_qubits() >= STREAM_MIN_BITS;
        let copying = |ends: &dyn Fn(u8) -> u8| {
            let (bits, parts) = (source.strides.iter(), shape.parts as isize);
            let all = bits.map(|&(bit, inside)| [layout.signed_stride(ends(bit).into()), inside]);
            let all: Vec<[isize; 2]> = all.collect();
            let row_bits = all.iter().enumerate().take(GAP_BITS);
            let row_bits = row_bits.take_while(|(bit, [stride, _])| *stride == parts << bit).count();
            let row_bits = if row_bits >= shape.lanes.len() { row_bits } else { 0 };
            Copying::new(&all, row_bits, width, shape.parts, streams)
        };
        let blocks = tiles.blocks.iter().map(|block| {
            let elsewhere = from_highest(tiles.tile & !block.bits);
            let between = source.strides_of(tiles.tile & !block.bits);
            let begin = |number| (offset(&between, number), scatter(number, &elsewhere) as u64);
            let passes = block.inner.iter().map(|group| PassProgram::new(&source, block, group, arena));
            let passes = passes.collect();
            BlockProgram {
                between: mask_of(&elsewhere),
                begins: (0..1 << elsewhere.len()).map(begin).collect(),
                passes,
            }
        });
        let mut blocks: Vec<BlockProgram> = blocks.collect();
        // A run may be stopped after any sweep, so each keeps the norm.
        let micro_ops = blocks.iter().flat_map(|block| &block.passes).flat_map(|pass| &pass.micro_ops);
        let lacks_scale = micro_ops.fold(false, |lacks, (micro_op, _)| match micro_op {
            MicroOp::Rotation(..) => true,
            MicroOp::Matrix(number, _) => lacks || fused.matrices[*number].is_block,
            MicroOp::PhaseTable(_) => false,
            _ => lacks,
        });
        let last = blocks.last_mut().and_then(|block| block.passes.last_mut());
        if let Some(last) = last.filter(|_| lacks_scale) {
            last.micro_ops.push((MicroOp::Scale, Arena::take(&mut arena.coefs, 1)));
        }
        let passes = || blocks.iter().flat_map(|block| &block.passes);
        let copies = if outer == 0 { 0.5 } else { 3.7 };
        let nanos = copies + passes().map(PassProgram::nanos).sum::<f64>();
        let len = passes().map(PassProgram::len).sum();
        let size = source.strides.iter().map(|(_, stride)| stride).sum::<isize>();
        TileProgram {
            outer: from_highest(outer),
            load: copying(&|bit| bit),
            store: copying(&|bit| tiles.ends[usize::from(bit)]),
            size: 2 * width + size as usize,
            blocks,
            len,
            nanos,
        }
    }

    /// The passes of all blocks.
    pub fn passes(&self) -> impl Iterator<Item = &PassProgram> {
        self.blocks.iter().flat_map(|block| &block.passes)
    }
}

/// All that the programs of a sweep are made from.
struct Source<'a> {
    tiles: &'a Tiles,
    fused: &'a Fused,
    shape: &'a Shape,
    /// The bits of a tile, each with its stride in a copy.
    strides: Vec<(u8, isize)>,
}

impl Source<'_> {
    /// The strides of the bits of a mask.
    fn strides_of(&self, mask: u64) -> Vec<isize> {
        let wanted = self.strides.iter().filter(|(bit, _)| mask >> bit & 1 == 1);
        wanted.map(|&(_, stride)| stride).collect()
    }
}

impl PassProgram {
    fn new(source: &Source<'_>, block: &Group, group: &Group, arena: &mut Arena) -> PassProgram {
        let shape = source.shape;
        let registers = group.bits & !mask_of(&shape.lanes);
        let free = block.bits & !group.bits;
        let (between, apart) = (source.strides_of(free), source.strides_of(registers));
        let settings = 0..1usize << between.len();
        let highest_first = from_highest(free);
        let number = arena.passes;
        arena.passes += 1;
        let mut builder = PassBuilder {
            source,
            inside: group.bits,
            block: block.bits,
            registers: set_bits(registers).map(|bit| bit as u8).collect(),
            positioned: set_bits(free).map(|bit| bit as u8).collect(),
            micro_ops: Vec::new(),
            conditions: Vec::new(),
            phase_tables: Vec::new(),
            table_offsets: Vec::new(),
            overlaps: Vec::new(),
            parities: Vec::new(),
        };
        for gates in group.gates.chunks(WINDOW) {
            let mut rest = gates.to_vec();
            while !rest.is_empty() {
                builder.take_diagonals(&mut rest, arena);
                builder.take_others(&mut rest, arena);
            }
        }
        arena.most_varying = arena.most_varying.max(std::mem::take(&mut arena.varying));
        let PassBuilder {
            registers,
            micro_ops,
            mut conditions,
            phase_tables,
            table_offsets,
            overlaps,
            mut parities,
            ..
        } = builder;
        let width = 1 << shape.lanes.len();
        let mut sums = 0;
        let micro_ops = micro_ops.into_iter().map(|micro_op: MicroOp| {
            let at = Arena::take(&mut arena.coefs, micro_op.room(shape));
            if let MicroOp::Flip(_, _, number) = micro_op {
                conditions[number].at = at as u32;
            }
            if let MicroOp::Overlap(number, kind) = micro_op {
                let at = Arena::take(&mut sums, overlaps[number].len * width);
                if let OverlapKind::Parity(parity) = kind {
                    parities[parity].condition.at = at as u32;
                }
                return (micro_op, at);
            }
            (micro_op, at)
        });
        let micro_ops = micro_ops.collect();
        arena.most_sums = arena.most_sums.max(sums);
        PassProgram {
            register_bits: registers.len(),
            positions: settings.clone().map(|number| offset(&between, number)).collect(),
            positioned: free,
            bases: settings.map(|number| scatter(number, &highest_first) as u64).collect(),
            offsets: std::array::from_fn(|r| if r >> apart.len() == 0 { offset(&apart, r) } else { 0 }),
            number,
            micro_ops,
            conditions,
            phase_tables,
            table_offsets,
            overlaps,
            parities,
            num_sums: sums,
        }
    }

    /// Adds up the lanes of the sums of its overlaps, and adds the results to those of the program.
    #[inline]
    pub fn add_overlaps<T: Real>(&self, sums: &[T], to: &mut [f64]) {
        let mut rest = sums;
        for overlap in &self.overlaps {
            let width = overlap.weights.len() / overlap.len;
            let own = rest[..overlap.weights.len()].chunks_exact(width);
            for (number, (sums, weights)) in own.zip(overlap.weights.chunks_exact(width)).enumerate() {
                let weighted = sums.iter().zip(weights).map(|(sum, weight)| sum.to_f64() * weight);
                to[overlap.at + number] += weighted.sum::<f64>();
            }
            rest = &rest[overlap.weights.len().next_multiple_of(16)..];
        }
    }

    /// The number of micro-ops.
    pub fn len(&self) -> usize {
        self.micro_ops.len()
    }

    /// Arithmetic instructions for each register of real numbers.
    pub fn work(&self) -> usize {
        self.micro_ops.iter().map(|(micro_op, _)| micro_op.work()).sum()
    }

    /// Estimate for each amplitude.
    fn nanos(&self) -> f64 {
        let of_one = |(micro_op, _): &(MicroOp, usize)| match micro_op {
            MicroOp::Matrix(_, slots) if slots.len() == 2 => 0.8,
            _ => 0.13,
        };
        0.35 + self.micro_ops.iter().map(of_one).sum::<f64>()
    }
}

/// Puts the gates of a pass in order: in turns, all diagonals that may come next as phase tables, then all other
/// gates that may come next. A gate may come next if it commutes with all gates before it that are still left.
struct PassBuilder<'a> {
    source: &'a Source<'a>,
    /// The lane and register bits, as a mask.
    inside: u64,
    /// The bits of the block, as a mask.
    block: u64,
    /// The bits that tell registers apart, from the lowest.
    registers: Vec<u8>,
    /// The bits that tell positions apart, from the lowest.
    positioned: Vec<u8>,
    micro_ops: Vec<MicroOp>,
    conditions: Vec<Condition>,
    phase_tables: Vec<PhaseTable>,
    table_offsets: Vec<Vec<u32>>,
    overlaps: Vec<Overlap>,
    parities: Vec<Parity>,
}

impl PassBuilder<'_> {
    /// Makes phase tables of all diagonals in `rest` that may come next. One table is *steady*: it has entries for
    /// up to [`TABLE_BITS`] bits outside of the registers, and is computed once. Diagonals with more such bits go into
    /// a second one, which may *vary*: then it is computed anew for each block.
    fn take_diagonals(&mut self, rest: &mut Vec<usize>, arena: &mut Arena) {
        let Source { tiles, fused, shape, .. } = *self.source;
        let (mut steady, mut varying) = (Vec::new(), Vec::new());
        let (mut more, mut held) = (0u64, 0u64);
        rest.retain(|&number| {
            let placed = &tiles.gates[number];
            let [support, mixed] = placed.masks;
            let FusedGate::Diagonal(diagonal) = fused.gates[placed.gate] else {
                held |= mixed;
                return true;
            };
            if support & held != 0 {
                return true;
            }
            if fused.observed(placed.gate) != Observed::No {
                self.observe_diagonal(placed, &fused.diagonals[diagonal], arena);
            }
            let others = support & !self.inside;
            if (more | others).count_ones() <= TABLE_BITS {
                more |= others;
                steady.push((diagonal, placed));
            } else {
                varying.push((diagonal, placed));
            }
            false
        });
        let local: Vec<u8> = shape.lanes.iter().chain(&self.registers).copied().collect();
        for (diagonals, others) in [(steady, more & !self.block), (varying, 0)] {
            if !diagonals.is_empty() {
                self.micro_ops.push(MicroOp::PhaseTable(self.phase_tables.len()));
                let (table, further) =
                    PhaseTable::new(&diagonals, fused, &local, &self.positioned, others, arena);
                self.phase_tables.push(table);
                self.table_offsets.push(further);
            }
        }
    }

    /// Takes all other gates in `rest` that may come next.
    fn take_others(&mut self, rest: &mut Vec<usize>, arena: &mut Arena) {
        let Source { tiles, fused, .. } = *self.source;
        let (mut held_any, mut held) = (0u64, 0u64);
        rest.retain(|&number| {
            let placed = &tiles.gates[number];
            let [support, mixed] = placed.masks;
            let free = mixed & held_any == 0 && support & held == 0;
            let micro_op = match &fused.gates[placed.gate] {
                FusedGate::Rotation(rotation, bit) if free => {
                    let slot = self.slot(placed.now(*bit));
                    let observed = fused.observed(placed.gate);
                    if observed != Observed::No {
                        self.observe_rotation(placed, slot, observed == Observed::One, arena);
                    }
                    MicroOp::Rotation(*rotation, slot)
                }
                FusedGate::Matrix(matrix, bits) if free => {
                    let slots = bits.iter().map(|&bit| self.slot(placed.now(bit)));
                    MicroOp::Matrix(*matrix, slots.collect())
                }
                FusedGate::Flip(target, controls, values) if free => {
                    self.flip(placed, *target, *controls, *values)
                }
                _ => {
                    held_any |= support;
                    held |= mixed;
                    return true;
                }
            };
            self.micro_ops.push(micro_op);
            false
        });
    }

    /// An X with controls. Depending on where they lie, they select lanes, registers, or positions and blocks.
    fn flip(&mut self, placed: &PlacedGate, target: u8, controls: u64, values: u64) -> MicroOp {
        let (mut lanes, mut condition) = (u32::MAX, Condition::ALWAYS);
        for bit in set_bits(controls) {
            let (value, bit) = (values >> bit & 1, placed.now(bit as u8));
            let holds = |number: usize, bit: u8| number as u64 >> bit & 1 == value;
            if self.inside >> bit & 1 == 0 {
                condition.bits |= 1 << bit;
                condition.values |= value << bit;
                continue;
            }
            match self.slot(bit) {
                Slot::Lane(lane) => lanes &= chosen(32, |at| holds(at, lane)),
                Slot::Register(register) => {
                    condition.registers &= chosen(8, |at| holds(at, register)) as u8;
                }
            }
        }
        self.conditions.push(condition);
        let lanes = (lanes != u32::MAX).then_some(lanes);
        MicroOp::Flip(self.slot(placed.now(target)), lanes, self.conditions.len() - 1)
    }

    /// Takes the overlaps before a rotation, with X, Y and Z of its bit or with Y. If the bit lies in the lanes, their
    /// signs are left to the weights.
    fn observe_rotation(&mut self, placed: &PlacedGate, slot: Slot, only_y: bool, arena: &mut Arena) {
        let width = 1usize << self.source.shape.lanes.len();
        let sign = |lane: usize| match slot {
            Slot::Lane(bit) if lane >> bit & 1 == 1 => -1.0,
            _ => 1.0,
        };
        let (x, z) = (vec![1.0; width], (0..width).map(sign).collect::<Vec<f64>>());
        let y = match slot {
            Slot::Lane(_) => z.iter().map(|sign| -sign).collect(),
            Slot::Register(_) => vec![1.0; width],
        };
        let weights = if only_y { y } else { [x, y, z].concat() };
        let kind = if only_y { OverlapKind::Y(slot) } else { OverlapKind::Xyz(slot) };
        self.overlap(placed.gate, kind, weights, arena);
    }

    /// Takes the overlap before a diagonal: see [`Overlap`]. Each bit adds a sign, or a control, to the lanes, the
    /// registers, or the positions and blocks, wherever it lies.
    fn observe_diagonal(&mut self, placed: &PlacedGate, diagonal: &Diagonal, arena: &mut Arena) {
        let lanes = self.source.shape.lanes.len();
        // The target of a controlled diagonal is treated as a control that must be 1.
        let rotates = diagonal.parity || diagonal.controls == 0;
        let (mut controls, mut values, mut parity) = (diagonal.controls, diagonal.values, 0);
        for (row, &bit) in diagonal.targets.iter().rev().enumerate() {
            match rotates {
                true => parity |= 1 << bit,
                false => {
                    controls |= 1 << bit;
                    values |= u64::from(diagonal.flipped >> row & 1 == 0) << bit;
                }
            }
        }
        let sign = if rotates && diagonal.flipped.count_ones() % 2 == 1 { -1.0 } else { 1.0 };
        let mut weights = vec![sign; 1 << lanes];
        let mut found = Parity { condition: Condition::ALWAYS, negative: 0, bits: 0 };
        for bit in set_bits(controls | parity) {
            let (is_control, value) = (controls >> bit & 1 == 1, values >> bit & 1);
            let bit = placed.now(bit as u8);
            if self.inside >> bit & 1 == 0 {
                match is_control {
                    true => {
                        found.condition.bits |= 1 << bit;
                        found.condition.values |= value << bit;
                    }
                    false => found.bits |= 1 << bit,
                }
                continue;
            }
            let is_set = |number: usize, bit: u8| number >> bit & 1 == 1;
            match self.slot(bit) {
                Slot::Lane(lane) => {
                    for (number, weight) in weights.iter_mut().enumerate() {
                        match (is_control, is_set(number, lane)) {
                            (true, set) if set != (value == 1) => *weight = 0.0,
                            (false, true) => *weight = -*weight,
                            _ => {}
                        }
                    }
                }
                Slot::Register(register) => {
                    let holds = chosen(8, |number| is_set(number, register) == (value == 1)) as u8;
                    match is_control {
                        true => found.condition.registers &= holds,
                        false => found.negative ^= chosen(8, |number| is_set(number, register)) as u8,
                    }
                }
            }
        }
        self.parities.push(found);
        self.overlap(placed.gate, OverlapKind::Parity(self.parities.len() - 1), weights, arena);
    }

    /// Adds the micro-op that takes an overlap.
    fn overlap(&mut self, gate: usize, kind: OverlapKind, weights: Vec<f64>, arena: &mut Arena) {
        let len = weights.len() >> self.source.shape.lanes.len();
        self.micro_ops.push(MicroOp::Overlap(self.overlaps.len(), kind));
        self.overlaps.push(Overlap { gate, at: arena.overlaps, len, weights });
        arena.overlaps += len;
    }

    /// Where a bit lies that is inside the registers.
    fn slot(&self, bit: u8) -> Slot {
        match self.source.shape.lanes.iter().position(|&lane| lane == bit) {
            Some(lane) => Slot::Lane(lane as u8),
            None => {
                let register = self.registers.iter().position(|&known| known == bit);
                Slot::Register(register.expect("a gate mixes only bits in registers") as u8)
            }
        }
    }
}

impl MicroOp {
    /// Arithmetic instructions for each register of real numbers, shuffles of lanes included.
    fn work(&self) -> usize {
        match self {
            MicroOp::Rotation(_, Slot::Register(_)) | MicroOp::Scale => 1,
            MicroOp::Rotation(_, Slot::Lane(_)) | MicroOp::PhaseTable(_) => 2,
            MicroOp::Matrix(_, slots) => {
                let lanes = slots.iter().filter(|slot| matches!(slot, Slot::Lane(_))).count();
                (2 << slots.len()) + (1 << lanes) - 1
            }
            MicroOp::Flip(Slot::Register(_), None, _) => 0,
            MicroOp::Flip(..) | MicroOp::Overlap(_, OverlapKind::Xyz(_)) => 3,
            MicroOp::Overlap(..) => 1,
        }
    }

    /// How many coefficients it has; a phase table takes its own room.
    fn room(&self, shape: &Shape) -> usize {
        let width = 1usize << shape.lanes.len();
        match self {
            MicroOp::Scale => 1,
            MicroOp::Rotation(_, Slot::Register(_)) => 2,
            MicroOp::Rotation(_, Slot::Lane(_)) => width,
            MicroOp::Matrix(_, slots) => match slots[..] {
                [Slot::Register(_)] => 8,
                [_] => 4 * width,
                [Slot::Register(_), Slot::Register(_)] => 32,
                [Slot::Lane(_), Slot::Lane(_)] => 8 * width,
                _ => 16 * width,
            },
            MicroOp::Flip(Slot::Register(_), None, _)
            | MicroOp::PhaseTable(_)
            | MicroOp::Overlap(..) => 0,
            MicroOp::Flip(..) => 2 * width,
        }
    }
}
