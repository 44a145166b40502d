//! Runs a plan: sweep by sweep, tile by tile.

use std::cell::RefCell;

use num_complex::{Complex, Complex64};

use super::fuse::cost;
use super::ir::{Body, Op};
use super::plan::{Plan, ROW_BITS, plan};
use crate::apply::{apply, apply_part, nanos};
use crate::exec;
use crate::kernels::{Part, Site, Steps, Walk, set_bits};
use crate::layout::Layout;
use crate::operator::{Operator, PauliString};
use crate::simd::{Isa, Real};
use crate::state::StateMut;

/// Bits of a tile: `2**14` amplitudes are 256 KiB in double precision, half of a common L2 cache.
const TILE_BITS: usize = 14;

/// What is to be done to a state of some layout: ops, and the sweeps in which they are done.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    num_qubits: usize,
    ops: Vec<Op>,
    plan: Plan,
}

impl Program {
    /// Plans ops for states of this layout.
    pub fn new(ops: Vec<Op>, layout: &Layout) -> Program {
        Program::with_tiles(ops, layout, TILE_BITS)
    }

    /// As [`Program::new`], with tiles of another size.
    pub(super) fn with_tiles(ops: Vec<Op>, layout: &Layout, tile_bits: usize) -> Program {
        let num_qubits = layout.num_qubits();
        let row_bits = ROW_BITS.min(tile_bits.saturating_sub(2));
        let tiles = layout.run() >= row_bits && layout.flipped() == 0 && num_qubits > tile_bits;
        let plan = match tiles {
            true => plan(&ops, num_qubits, tile_bits, row_bits),
            false => Plan::one_by_one(ops.len()),
        };
        Program { num_qubits, ops, plan }
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
        self.ops.iter().map(|op| nanos(self.num_qubits, &op.operator(), &op.site())).sum()
    }

    /// Does it, in place, on at most `threads` threads.
    ///
    /// # Panics
    /// Where the state has another number of qubits.
    pub fn run<T: Real>(&self, state: &mut StateMut<'_, T>, isa: Isa, threads: usize) {
        assert_eq!(state.layout().num_qubits(), self.num_qubits, "a state of another size");
        for sweep in &self.plan.sweeps {
            let ops: Vec<&Op> = sweep.ops.iter().map(|&place| &self.ops[place]).collect();
            if sweep.tile != 0 {
                run_on_tiles(state, &ops, sweep.tile, isa, threads);
                continue;
            }
            for op in ops {
                let (operator, site) = (op.operator(), op.site());
                let threads = exec::worth(nanos(self.num_qubits, &operator, &site), threads);
                apply(state, &operator, site, isa, threads);
            }
        }
    }
}

/// An op as it acts inside a tile.
struct Local<'a> {
    op: &'a Op,
    /// The target bits of the tile, in the order of the op's.
    targets: Vec<u8>,
    /// Controls inside the tile.
    controls: u64,
    values: u64,
    /// Where the targets of a diagonal or a Pauli string lie that are not in the tile: bit of the
    /// address, bit of a row index.
    outside: Vec<(u8, usize)>,
    /// The same for those inside: bit of a row index, from the most significant.
    inside: Vec<usize>,
}

impl<'a> Local<'a> {
    fn new(op: &'a Op, tile: u64) -> Local<'a> {
        let inner = |bit: usize| (tile & ((1 << bit) - 1)).count_ones() as u8;
        let map = |mask: u64| set_bits(mask & tile).fold(0u64, |mapped, bit| mapped | 1 << inner(bit));
        let (mut targets, mut outside, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        for (place, &bit) in op.targets.iter().rev().enumerate().rev() {
            if tile >> bit & 1 == 1 {
                targets.push(inner(bit.into()));
                inside.push(place);
            } else {
                outside.push((bit, place));
            }
        }
        let (controls, values) = (map(op.controls), map(op.values & op.controls));
        Local { op, targets, controls, values, outside, inside }
    }

    /// Applies it to the tile at the settings `base` of the bits outside.
    fn apply<T: Real>(
        &self,
        tile: &StateMut<'_, T>,
        base: u64,
        outer: u64,
        scratch: &mut Vec<Complex64>,
        isa: Isa,
    ) {
        if (base ^ self.op.values) & self.op.controls & outer != 0 {
            return;
        }
        let site = Site { targets: &self.targets, controls: self.controls, values: self.values };
        let mut string = PauliString::default();
        let operator = match &self.op.body {
            Body::Diagonal(entries) if !self.outside.is_empty() => {
                let fixed =
                    self.outside.iter().fold(0, |row, &(bit, place)| row | (base >> bit & 1) << place);
                let rows = (0..1usize << self.inside.len()).map(|setting| {
                    let set = self.inside.iter().rev().enumerate();
                    set.fold(fixed as usize, |row, (i, &place)| row | (setting >> i & 1) << place)
                });
                scratch.clear();
                scratch.extend(rows.map(|row| entries[row]));
                if scratch.iter().all(|&entry| entry == Complex64::ONE) {
                    return;
                }
                Operator::Diagonal(scratch)
            }
            Body::Pauli(whole, coefs) if !self.outside.is_empty() => {
                let odd = self.outside.iter().fold(0, |odd, &(bit, _)| odd ^ (base >> bit & 1)) == 1;
                for &place in &self.inside {
                    string.x = string.x << 1 | whole.x >> place & 1;
                    string.z = string.z << 1 | whole.z >> place & 1;
                }
                scratch.clear();
                scratch.extend([coefs[0], if odd { -coefs[1] } else { coefs[1] }]);
                Operator::Pauli(string, scratch)
            }
            _ => self.op.operator(),
        };
        apply_part(tile, &operator, site, isa, Part::WHOLE);
    }
}

/// A cache line of numbers, so that tiles begin at one.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code, reason = "only its memory is used")] [u8; 64]);

thread_local! {
    /// Room for a tile, kept from one sweep to the next.
    static TILE: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Applies ops to each tile: copies it together, does all there, and copies it back.
fn run_on_tiles<T: Real>(state: &mut StateMut<'_, T>, ops: &[&Op], tile: u64, isa: Isa, threads: usize) {
    let layout = state.layout();
    let bits = layout.num_qubits();
    let outer = ((1u64 << bits) - 1) & !tile;
    let local: Vec<Local<'_>> = ops.iter().map(|op| Local::new(op, tile)).collect();
    let row_bits = tile.trailing_ones().min(layout.run() as u32) as usize;
    let row = 2usize << row_bits;
    let inner = Layout::flat(tile.count_ones() as usize);
    let rows = tile & !((1u64 << row_bits) - 1);
    let strides = |mask: u64| set_bits(mask).map(|bit| [layout.stride(bit)]);
    let state: &StateMut<'_, T> = state;
    let work: f64 = ops.iter().map(|op| cost(op)).sum::<f64>() + 2.0;
    let threads = exec::worth(work * (1u64 << bits) as f64 * 0.6, threads);
    exec::run(threads, |part| {
        TILE.with_borrow_mut(|room| {
            let lines = (size_of::<Complex<T>>() << inner.num_qubits()).div_ceil(64);
            if room.len() < lines {
                room.resize(lines, Line([0; 64]));
            }
            let first = room.as_mut_ptr().cast::<T>();
            let mut scratch = Vec::new();
            let (mut outer_steps, mut row_steps) = (Steps::empty(), Steps::empty());
            let range = part.range(1 << outer.count_ones());
            let walk = Walk::new(&mut outer_steps, strides(outer), [0], part);
            let all_rows = Walk::new(&mut row_steps, strides(rows), [0], Part::WHOLE);
            for (number, [offset]) in range.zip(walk) {
                // SAFETY: rows of the state at distinct settings of its bits, of which this part has its
                // own, and a tile with room for all of them.
                let inside = unsafe {
                    let origin = state.origin().offset(offset);
                    for (place, [at]) in all_rows.enumerate() {
                        origin.offset(at).copy_to_nonoverlapping(first.add(place * row), row);
                    }
                    StateMut::from_raw(first, &inner)
                };
                let base = set_bits(outer)
                    .enumerate()
                    .fold(0, |base, (place, bit)| base | (number >> place & 1) << bit);
                for op in &local {
                    op.apply(&inside, base, outer, &mut scratch, isa);
                }
                // SAFETY: as above.
                unsafe {
                    let origin = state.origin().offset(offset);
                    for (place, [at]) in all_rows.enumerate() {
                        first.add(place * row).copy_to_nonoverlapping(origin.offset(at), row);
                    }
                }
            }
        });
    });
}
