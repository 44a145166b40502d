//! Sweeps over tiles: which tiles are visited, and which of their rows, blocks and groups of registers.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use num_complex::Complex64;

use super::super::bind::{Aligned, BoundPasses};
use super::super::known::KnownBits;
use super::super::phase_table::Arena;
use super::super::plan::Tiles;
use super::super::tile::{BlockProgram, TileProgram};
use super::{Binding, Program};
use crate::bits::{mask_of, scatter, set_bits};
use crate::exec::{self, Crew};
use crate::kernels::registers::Pass;
use crate::kernels::tile::Copying;
use crate::kernels::{Chunk, Deltas, Walk};
use crate::progress::Progress;
use crate::simd::{Kernel, Lanes, Real, dispatch};
use crate::state::StateMut;

/// The tiles of a sweep that takes overlaps are cut into up to `2**OVERLAP_LEVELS` chunks, whose overlaps are added
/// up in a fixed tree.
const OVERLAP_LEVELS: usize = 5;

impl Program {
    /// Runs a sweep: copies each tile together, runs all passes on the copy, and copies it back; if it is `fresh`, the
    /// first of a state that was not cleared, from |0...0> in one tile. Returns the bits that
    /// tell tiles apart and turn out to be the same in all that are not 0.
    #[allow(clippy::too_many_arguments, reason = "the sweep, its numbers, the state, and how to run")]
    pub(super) fn run_on_tiles<T: Real>(
        &self,
        (plan, program): (&Tiles, &TileProgram),
        binding: &Binding<T>,
        state: &mut StateMut<'_, T>,
        fresh: bool,
        known: KnownInTiles<'_>,
        overlaps: &mut [f64],
        crew: Crew,
        progress: &Progress<'_>,
    ) -> KnownBits {
        let bits = self.layout.num_qubits();
        let state: &StateMut<'_, T> = state;
        let outer = mask_of(&program.outer);
        // The order in which overlaps are added up depends on the number of tiles.
        let decided = if overlaps.is_empty() { known.before.within(outer) } else { KnownBits::NONE };
        let open: Vec<u8> =
            program.outer.iter().copied().filter(|bit| decided.mask >> bit & 1 == 0).collect();
        let nanos = program.nanos * (1u64 << (bits - program.outer.len() + open.len())) as f64;
        let threads = if open.is_empty() { 1 } else { crew.worth(nanos).threads };
        let known_rows = known.before.mask & plan.tile != 0;
        let parts = (known_rows || known.uncleared).then(|| {
            let tile: Vec<u8> = set_bits(plan.tile).map(|bit| bit as u8).collect();
            let load = (known_rows && !fresh).then(|| {
                let value = |bit: u8| known.before.value(tile[usize::from(bit)]);
                match known.uncleared {
                    // Also what lies within a row may not have been written.
                    true => program.load.split(known.before.mask.trailing_zeros() as usize).only(value),
                    false => program.load.only(value),
                }
            });
            // Elsewhere there are zeros already, or what nobody reads.
            let after = if known.uncleared { known.after } else { known.before.common(known.after) };
            let end = |bit: u8| plan.ends[usize::from(tile[usize::from(bit)])];
            (load, program.store.only(|bit| after.value(end(bit))))
        });
        let visit = Visit {
            open: &open,
            decided,
            fresh,
            every: known.uncleared,
            load: parts.as_ref().and_then(|(load, _)| load.as_ref()),
            store: parts.as_ref().map_or(&program.store, |(_, store)| store),
            passes: known.passes,
            found: Found::default(),
        };
        let on_tiles = |chunk: Chunk, overlaps: &mut [f64]| {
            with_scratch(program.size, &self.arena, |scratch| {
                let visit = &visit;
                let tiles = OnTiles {
                    program,
                    binding,
                    state,
                    visit,
                    scratch,
                    overlaps,
                    progress,
                    nanos,
                    chunk,
                };
                dispatch(crew.isa, self.in_lanes, self.in_lanes, tiles);
            });
        };
        if overlaps.is_empty() {
            exec::run(threads, |chunk| on_tiles(chunk, &mut []));
            return visit.found.known(outer);
        }
        // The order of additions does not depend on the number of threads.
        let levels = program.outer.len().min(OVERLAP_LEVELS) as u32;
        let leaf = |chunk| {
            let mut own = vec![0.0; overlaps.len()];
            on_tiles(chunk, &mut own);
            own
        };
        let add = |mut a: Vec<f64>, b: Vec<f64>| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        };
        let sums = exec::reduce(threads, levels, leaf, add);
        overlaps.iter_mut().zip(sums).for_each(|(overlap, sum)| *overlap += sum);
        visit.found.known(outer)
    }
}

/// What is known during a sweep.
#[derive(Clone, Copy)]
pub(super) struct KnownInTiles<'a> {
    pub before: KnownBits,
    /// Before each pass over the tiles; empty if nothing is known.
    pub passes: &'a [KnownBits],
    pub after: KnownBits,
    /// Whether the state was not cleared: what can differ from 0 by what is known has been written, and nothing else.
    pub uncleared: bool,
}

/// Which tiles a sweep goes to, and which rows of them it copies.
struct Visit<'a> {
    /// The bits of the address that tell these tiles apart, from the highest.
    open: &'a [u8],
    /// The other bits that tell tiles apart, with their values.
    decided: KnownBits,
    /// Whether they are not copied together, because the state begins as |0...0> in the first.
    fresh: bool,
    /// Whether all are copied back, also those that are 0.
    every: bool,
    /// How they are copied together, if some rows are known to be 0.
    load: Option<&'a Copying>,
    /// How they are copied back.
    store: &'a Copying,
    /// What is known before each pass; empty if nothing is.
    passes: &'a [KnownBits],
    /// Where the state is not 0.
    found: Found,
}

/// The bits of all addresses at which something is.
struct Found {
    any: AtomicU64,
    all: AtomicU64,
}

impl Default for Found {
    fn default() -> Found {
        Found { any: AtomicU64::new(0), all: AtomicU64::new(u64::MAX) }
    }
}

impl Found {
    fn add(&self, any: u64, all: u64) {
        self.any.fetch_or(any, Ordering::Relaxed);
        self.all.fetch_and(all, Ordering::Relaxed);
    }

    /// Those of some bits that are the same at all addresses.
    fn known(&self, bits: u64) -> KnownBits {
        let (any, all) = (self.any.load(Ordering::Relaxed), self.all.load(Ordering::Relaxed));
        KnownBits { mask: !(any ^ all), values: any & all }.within(bits)
    }
}

/// A sweep over the tiles of a chunk.
struct OnTiles<'a, T> {
    program: &'a TileProgram,
    binding: &'a Binding<T>,
    state: &'a StateMut<'a, T>,
    visit: &'a Visit<'a>,
    scratch: &'a mut Scratch,
    overlaps: &'a mut [f64],
    progress: &'a Progress<'a>,
    nanos: f64,
    chunk: Chunk,
}

/// Memory that each thread keeps from one sweep to the next, for both precisions.
#[derive(Default)]
struct Scratch {
    /// The copy of a tile.
    copy: Aligned<f64>,
    /// The phase tables that vary.
    tables: Aligned<f64>,
    /// The sums of overlaps.
    sums: Aligned<f64>,
    /// Where each phase table of a pass begins.
    firsts: Vec<*const ()>,
    /// Scratch for computing a phase table.
    products: Vec<Complex64>,
}

impl<T: Real> Kernel for OnTiles<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let OnTiles { program, binding, state, visit, scratch, overlaps, progress, nanos, chunk } = self;
        let layout = state.layout();
        let copy: *mut T = scratch.copy.as_mut_ptr().cast();
        let stride = |bit: usize| layout.signed_stride(bit);
        let strides: Vec<isize> = visit.open.iter().rev().map(|&bit| stride(bit.into())).collect();
        let decided: isize = set_bits(visit.decided.values).map(stride).sum();
        let zero = state.origin().wrapping_offset(decided - layout.lowest());
        let count = 1u64 << strides.len();
        let (mut any, mut all) = (0, u64::MAX);
        let mut deltas = Deltas::empty();
        let walk = Walk::new(&mut deltas, strides.iter().map(|&stride| [stride]), [0], chunk);
        for (number, [offset]) in chunk.range(count).zip(walk) {
            if progress.stopped() && !visit.fresh && !visit.every {
                return;
            }
            let tile = zero.wrapping_offset(offset);
            let base = scatter(number as usize, visit.open) as u64 | visit.decided.values;
            // SAFETY: a tile of the state, which no other chunk has, and a copy that `with_scratch` made large enough.
            unsafe {
                let load = visit.load.unwrap_or(&program.load);
                if visit.fresh || visit.every || !load.is_zero(tile) {
                    if visit.fresh || visit.load.is_some() {
                        copy.write_bytes(0, program.size);
                    }
                    match visit.fresh {
                        true => *copy = T::from_f64(1.0),
                        false => load.load::<L>(tile, copy),
                    }
                    let mut rest = visit.passes;
                    for block in &program.blocks {
                        let (known, others) = rest.split_at(block.passes.len().min(rest.len()));
                        rest = others;
                        let real = layout.is_real();
                        block.run::<L>(binding, real, copy, base, known, scratch, overlaps);
                    }
                    visit.store.store::<L>(tile, copy);
                    (any, all) = (any | base, all & base);
                }
            }
            progress.advance(program.len as f64 / count as f64, nanos / count as f64);
        }
        visit.found.add(any, all);
    }
}

impl BlockProgram {
    /// Runs its passes on each block of a copy that can differ from 0, by what is known before each of them, if anything
    /// is; `real` tells that amplitudes are real numbers. `base` are the bits of the address that are the same in the
    /// whole tile.
    ///
    /// # Safety
    /// The CPU has the features of `L`, for which the program was planned; nobody else uses the copy, which has the
    /// size that the program asks for.
    #[inline(always)]
    #[allow(
        clippy::too_many_arguments,
        reason = "the block, its numbers, the copy, and what is known of it"
    )]
    unsafe fn run<L: Lanes>(
        &self,
        binding: &Binding<L::Real>,
        real: bool,
        copy: *mut L::Real,
        base: u64,
        known: &[KnownBits],
        scratch: &mut Scratch,
        overlaps: &mut [f64],
    ) {
        let BoundPasses { instructions, ends, coefs, .. } = &binding.passes;
        let coefs = coefs.as_ptr();
        let width = 2 * L::WIDTH;
        let reals = if real { width } else { 2 * width };
        let (tables, sums) = (scratch.tables.as_mut_ptr(), scratch.sums.as_mut_ptr());
        for &(begin, own) in &self.begins {
            if !known.first().copied().unwrap_or_default().allow(self.between, own) {
                continue;
            }
            let base = base | own;
            for (number, pass) in self.passes.iter().enumerate() {
                scratch.firsts.clear();
                for table in &pass.phase_tables {
                    // SAFETY: `at` and `further` are places that the arena has given to this table.
                    let first = unsafe {
                        match table.varies {
                            false => coefs.add(table.at + table.further(base)),
                            true => {
                                let first = tables.cast::<L::Real>().add(table.at);
                                let out = std::slice::from_raw_parts_mut(first, table.len());
                                table.write(
                                    &binding.passes.diagonals(),
                                    base,
                                    &mut scratch.products,
                                    width,
                                    out,
                                );
                                first.cast_const()
                            }
                        }
                    };
                    scratch.firsts.push(first.cast());
                }
                let known = known.get(number).copied().unwrap_or_default().within(pass.positioned);
                let bound = Pass {
                    positions: &pass.positions,
                    bases: &pass.bases,
                    base,
                    known: [known.mask, known.values],
                    offsets: &pass.offsets,
                    instructions: &instructions[ends[pass.number]..ends[pass.number + 1]],
                    coefs,
                    conditions: &pass.conditions,
                    tables: &scratch.firsts,
                    table_offsets: &pass.table_offsets,
                    parities: &pass.parities,
                    sums: sums.cast(),
                };
                // SAFETY: a block of the copy, and places for coefficients, tables and sums that the arena has given
                // to this pass.
                unsafe {
                    let block = copy.add(begin as usize);
                    if number == 0 && bound.finds_nothing(block, 1 << pass.register_bits, reals) {
                        break;
                    }
                    if !pass.overlaps.is_empty() {
                        bound.sums.write_bytes(0, pass.num_sums);
                    }
                    match (pass.register_bits, pass.overlaps.is_empty()) {
                        (0, _) if real => bound.run::<L, 1, false, 1>(block),
                        (1, _) if real => bound.run::<L, 2, false, 1>(block),
                        (2, _) if real => bound.run::<L, 4, false, 1>(block),
                        (_, _) if real => bound.run::<L, 8, false, 1>(block),
                        (0, _) => bound.run::<L, 1, false, 2>(block),
                        (1, true) => bound.run::<L, 2, false, 2>(block),
                        (2, true) => bound.run::<L, 4, false, 2>(block),
                        (_, true) => bound.run::<L, 8, false, 2>(block),
                        (1, false) => bound.run::<L, 2, true, 2>(block),
                        (2, false) => bound.run::<L, 4, true, 2>(block),
                        (_, false) => bound.run::<L, 8, true, 2>(block),
                    }
                    pass.add_overlaps(std::slice::from_raw_parts(bound.sums, pass.num_sums), overlaps);
                }
            }
        }
    }
}

/// Calls `body` with memory for the copy of a tile, for tables and for overlaps.
fn with_scratch(copy: usize, most: &Arena, body: impl FnOnce(&mut Scratch)) {
    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::default();
    }
    // Taken, not borrowed: a callback that watches this run may start another run.
    let mut scratch = SCRATCH.take();
    scratch.copy.fit(copy);
    scratch.tables.fit(most.most_varying);
    scratch.sums.fit(most.most_sums);
    body(&mut scratch);
    SCRATCH.set(scratch);
}
