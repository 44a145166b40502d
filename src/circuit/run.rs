//! Runs a plan: sweep by sweep, tile by tile.

use std::cell::RefCell;
use std::sync::Arc;

use num_complex::Complex64;

use super::fuse::cost;
use super::ir::{Body, Op};
use super::plan::{Level, Plan, Sweep};
use super::watch::Watch;
use crate::apply::{apply, apply_part, nanos};
use crate::bits::scatter;
use crate::exec;
use crate::kernels::{Part, Site, Steps, Walk, set_bits};
use crate::layout::{Batch, Layout};
use crate::operator::Operator;
use crate::simd::{Isa, Real};
use crate::state::StateMut;

/// A tile in L2: 512 KiB in double precision.
const L2: Level = Level { bits: 15, row_bits: 4, cost: 2.0 };

/// A part of a tile, in L1: 16 KiB.
const L1: Level = Level { bits: 10, row_bits: 3, cost: 0.6 };

/// Tiles have gaps of `GAP` amplitudes after each `2**GAP_BITS`. Without them, rows some power of two
/// apart all fall into the same few sets of L1.
const GAP_BITS: usize = 9;
const GAP: usize = 32;

/// What an op of cost 1 takes for each amplitude in cache, in nanoseconds of one thread.
const NANOS_PER_COST: f64 = 0.5;

/// What is to be done to a state of some layout: ops, and the sweeps in which they are done.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    layout: Layout,
    ops: Vec<Op>,
    plan: Plan,
}

impl Program {
    /// Plans ops for states of this layout.
    pub fn new(ops: Vec<Op>, layout: &Layout) -> Program {
        // Four tiles at least, for the threads, once there is enough to share.
        let bits = layout.num_qubits();
        let shared = bits > 12;
        let l2 = Level { bits: if shared { L2.bits.min(bits - 2) } else { L2.bits }, ..L2 };
        Program::with_levels(ops, layout, &[l2, L1])
    }

    /// As [`Program::new`], with tiles of other sizes.
    pub(super) fn with_levels(ops: Vec<Op>, layout: &Layout, levels: &[Level]) -> Program {
        let num_qubits = layout.num_qubits();
        let in_rows = levels.iter().all(|level| layout.run() >= level.row_bits);
        let tiles = in_rows && layout.flipped() == 0 && num_qubits > levels[levels.len() - 1].bits;
        let plan = match tiles {
            true => Plan::new(&ops, num_qubits, levels),
            false => Plan::one_by_one(ops.len()),
        };
        Program { layout: layout.clone(), ops, plan }
    }

    /// The ops.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The sweeps.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What one thread needs for all, in nanoseconds, roughly.
    pub fn nanos(&self) -> f64 {
        self.ops.iter().map(|op| nanos(self.layout.num_qubits(), &op.operator(), &op.site())).sum()
    }

    /// Does it, in place, on at most `threads` threads.
    ///
    /// # Panics
    /// Where the state has another layout.
    pub fn run<T: Real>(&self, state: &mut StateMut<'_, T>, isa: Isa, threads: usize) {
        self.run_watched(state, isa, threads, &Watch::new(&|_| true));
    }

    /// As [`Program::run`], until it is stopped: then some ops are done on some tiles, all of them whole,
    /// so that unitary ops have kept the norm.
    ///
    /// # Panics
    /// As there.
    pub fn run_watched<T: Real>(
        &self,
        state: &mut StateMut<'_, T>,
        isa: Isa,
        threads: usize,
        watch: &Watch<'_>,
    ) {
        assert!(*state.layout() == self.layout, "a state of another layout");
        for sweep in &self.plan.sweeps {
            if watch.stopped() {
                return;
            }
            if sweep.tile != 0 {
                self.run_on_tiles(state, sweep, isa, threads, watch);
                continue;
            }
            for op in sweep.ops.iter().map(|&place| &self.ops[place]) {
                let (operator, site) = (op.operator(), op.site());
                let threads = exec::worth(nanos(self.layout.num_qubits(), &operator, &site), threads);
                apply(state, &operator, site, isa, threads);
            }
            watch.tick(sweep.ops.len(), 1);
        }
    }

    /// Applies the ops of a sweep to each tile: copies it together, does all there, and copies it back.
    fn run_on_tiles<T: Real>(
        &self,
        state: &mut StateMut<'_, T>,
        sweep: &Sweep,
        isa: Isa,
        threads: usize,
        watch: &Watch<'_>,
    ) {
        let layout = state.layout();
        let (bits, tile) = (layout.num_qubits(), sweep.tile);
        let outer = ((1u64 << bits) - 1) & !tile;
        let outer_bits = from_highest(outer);
        let inside = Inside::new(tile);
        let passes: Vec<Pass<'_>> =
            sweep.inner.iter().map(|inner| Pass::new(&self.ops, inner, tile, &inside)).collect();
        let row_bits = (tile.trailing_ones() as usize).min(layout.run()).min(GAP_BITS);
        let row = 2usize << row_bits;
        let rows: Vec<[isize; 2]> = set_bits(tile)
            .enumerate()
            .skip(row_bits)
            .map(|(place, bit)| [layout.stride(bit), inside.strides[place]])
            .collect();
        let state: &StateMut<'_, T> = state;
        let work: f64 = sweep.ops.iter().map(|&place| cost(&self.ops[place])).sum::<f64>() + L2.cost;
        let nanos = work * NANOS_PER_COST * (1u64 << bits) as f64;
        exec::run(exec::worth(nanos, threads), |part| {
            with_room::<T>(inside.size, |first| {
                let (mut outer_steps, mut row_steps) = (Steps::empty(), Steps::empty());
                let mut scratch = Vec::new();
                let strides = set_bits(outer).map(|bit| [layout.stride(bit)]);
                let all_rows = Walk::new(&mut row_steps, rows.iter().copied(), [0, 0], Part::WHOLE);
                let numbers = part.range(1 << outer.count_ones());
                if watch.stopped() {
                    return;
                }
                for (number, [offset]) in numbers.zip(Walk::new(&mut outer_steps, strides, [0], part)) {
                    let base = scatter(number as usize, &outer_bits) as u64;
                    // SAFETY: rows of the state at distinct settings of its bits, of which this part has
                    // its own, and a tile with room for all of them.
                    unsafe {
                        let origin = state.origin().offset(offset);
                        for [from, to] in all_rows {
                            origin.offset(from).copy_to_nonoverlapping(first.offset(to), row);
                        }
                        for pass in &passes {
                            pass.run(first, base, &mut scratch, isa);
                        }
                        for [to, from] in all_rows {
                            first.offset(from).copy_to_nonoverlapping(origin.offset(to), row);
                        }
                    }
                    if !watch.tick(sweep.ops.len(), 1 << outer.count_ones()) {
                        return;
                    }
                }
            });
        });
    }
}

/// Runs a program on each state of the batch of which `first` is the first: `program` tells which, and
/// `one` is one of them, by which it is decided what threads share.
///
/// # Safety
/// `first` holds the memory of all states of the batch that its layout tells.
pub unsafe fn run_batch<T: Real>(
    first: &mut StateMut<'_, T>,
    one: &Program,
    program: impl Fn(usize) -> Arc<Program> + Sync,
    isa: Isa,
    threads: usize,
    watch: &Watch<'_>,
) {
    let single = Batch::default();
    let batch = first.layout().batch().unwrap_or(&single);
    let first: &StateMut<'_, T> = first;
    // Threads share a state where it is large, and the batch where it is not.
    let inside = exec::worth(one.nanos(), threads);
    exec::run(if inside > 1 { 1 } else { threads }, |part| {
        let range = part.range(batch.len() as u64);
        let range = range.start as usize..range.end as usize;
        for (number, offset) in range.clone().zip(batch.offsets(range, 1)) {
            if watch.stopped() {
                return;
            }
            // SAFETY: the caller's promise; each state is taken once.
            let mut state = unsafe { first.shifted(offset) };
            program(number).run_watched(&mut state, isa, inside, watch);
        }
    });
}

/// The bits that are set, from the highest.
fn from_highest(mask: u64) -> Vec<u8> {
    let mut bits: Vec<u8> = set_bits(mask).map(|bit| bit as u8).collect();
    bits.reverse();
    bits
}

/// How amplitudes lie in a tile.
struct Inside {
    /// The stride of each bit of the tile.
    strides: Vec<isize>,
    /// How many real numbers it has room for.
    size: usize,
}

impl Inside {
    fn new(tile: u64) -> Inside {
        let bits = tile.count_ones() as usize;
        let stride = |bit: usize| match bit.checked_sub(GAP_BITS) {
            None => 2 << bit,
            Some(high) => ((1 << GAP_BITS) + GAP as isize) << (high + 1),
        };
        let strides: Vec<isize> = (0..bits).map(stride).collect();
        let size = 2 + strides.iter().sum::<isize>() as usize;
        Inside { strides, size }
    }
}

/// Ops that are done to one part of a tile after the other.
struct Pass<'a> {
    ops: Vec<Local<'a>>,
    /// The bits of a tile that tell its parts apart, from the highest, and their strides there, from the
    /// lowest.
    outer: Vec<u8>,
    strides: Vec<[isize; 1]>,
    /// How amplitudes lie in a part.
    layout: Layout,
}

impl<'a> Pass<'a> {
    fn new(ops: &'a [Op], sweep: &Sweep, tile: u64, inside: &Inside) -> Pass<'a> {
        let part = if sweep.tile == 0 { tile } else { sweep.tile };
        let strides_of = |mask: u64| {
            let of_tile = set_bits(tile).zip(&inside.strides);
            of_tile.filter(move |(bit, _)| mask >> bit & 1 == 1).map(|(_, &stride)| stride)
        };
        Pass {
            ops: sweep.ops.iter().map(|&place| Local::new(&ops[place], part)).collect(),
            outer: from_highest(tile & !part),
            strides: strides_of(tile & !part).map(|stride| [stride]).collect(),
            layout: Layout::of_strides(&strides_of(part).collect::<Vec<_>>()),
        }
    }

    /// Does it to the tile at the settings `base` of the bits outside.
    ///
    /// # Safety
    /// `first` is a tile that is ours.
    unsafe fn run<T: Real>(&self, first: *mut T, base: u64, scratch: &mut Vec<Complex64>, isa: Isa) {
        let mut steps = Steps::empty();
        let parts = Walk::new(&mut steps, self.strides.iter().copied(), [0], Part::WHOLE);
        for (number, [offset]) in (0..).zip(parts) {
            // SAFETY: a part of the tile, one at a time.
            let part = unsafe { StateMut::from_raw(first.offset(offset), &self.layout) };
            let base = base | scatter(number, &self.outer) as u64;
            for op in &self.ops {
                op.apply(&part, base, scratch, isa);
            }
        }
    }
}

/// An op as it acts on a tile or a part of one.
struct Local<'a> {
    op: &'a Op,
    /// Its target bits there, in the order of the op's.
    targets: Vec<u8>,
    /// Controls there.
    controls: u64,
    values: u64,
    /// Controls elsewhere.
    outer_controls: u64,
    /// Targets elsewhere, of a diagonal or a Pauli string: bit of the address, bit of a row index.
    outside: Vec<(u8, usize)>,
    /// Bits of a row index of the targets there, from the most significant.
    inside: Vec<u8>,
}

impl<'a> Local<'a> {
    fn new(op: &'a Op, tile: u64) -> Local<'a> {
        let inner = |bit: usize| (tile & ((1 << bit) - 1)).count_ones() as u8;
        let map = |mask: u64| set_bits(mask & tile).fold(0u64, |mapped, bit| mapped | 1 << inner(bit));
        let (mut targets, mut outside, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        for (place, &bit) in op.targets.iter().rev().enumerate().rev() {
            if tile >> bit & 1 == 1 {
                targets.push(inner(bit.into()));
                inside.push(place as u8);
            } else {
                outside.push((bit, place));
            }
        }
        let (controls, values) = (map(op.controls), map(op.values & op.controls));
        Local { op, targets, controls, values, outer_controls: op.controls & !tile, outside, inside }
    }

    /// Applies it to the tile at the settings `base` of the bits elsewhere.
    fn apply<T: Real>(&self, tile: &StateMut<'_, T>, base: u64, scratch: &mut Vec<Complex64>, isa: Isa) {
        if (base ^ self.op.values) & self.outer_controls != 0 {
            return;
        }
        let site = Site { targets: &self.targets, controls: self.controls, values: self.values };
        let operator = match &self.op.body {
            Body::Diagonal(entries) if !self.outside.is_empty() => {
                let fixed =
                    self.outside.iter().fold(0, |row, &(bit, place)| row | (base >> bit & 1) << place);
                scratch.clear();
                let row = |setting| fixed as usize | scatter(setting, &self.inside);
                scratch.extend((0..1 << self.inside.len()).map(|setting| entries[row(setting)]));
                if scratch.iter().all(|&entry| entry == Complex64::ONE) {
                    return;
                }
                Operator::Diagonal(scratch)
            }
            Body::Pauli(whole, coefs) if !self.outside.is_empty() => {
                let odd = self.outside.iter().fold(0, |odd, &(bit, _)| odd ^ (base >> bit & 1)) == 1;
                scratch.clear();
                scratch.extend([coefs[0], if odd { -coefs[1] } else { coefs[1] }]);
                Operator::Pauli(whole.at(&self.inside), scratch)
            }
            _ => self.op.operator(),
        };
        apply_part(tile, &operator, site, isa, Part::WHOLE);
    }
}

/// Calls `body` with room for `size` real numbers that begins at a cache line, kept by each thread from
/// one sweep to the next.
fn with_room<T: Real>(size: usize, body: impl FnOnce(*mut T)) {
    thread_local! {
        static ROOM: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    }
    // Taken, not borrowed, because a run may be watched by code that starts another.
    let mut room = ROOM.take();
    let words = (size * size_of::<T>() + 64).div_ceil(size_of::<u64>());
    if room.len() < words {
        room.resize(words, 0);
    }
    let first = room.as_ptr().align_offset(64);
    body(room[first..].as_mut_ptr().cast());
    ROOM.set(room);
}
