//! Programs: a circuit planned for states of one layout and precision, which can be bound to values of its
//! parameters and run, sweep by sweep and tile by tile.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use num_complex::Complex64;

use self::visit::KnownInTiles;
use super::bind::BoundPasses;
use super::evaluate::{Evaluated, Zyz};
use super::facts::SweepFacts;
use super::fuse::{Fused, FusedGate};
use super::known::KnownBits;
use super::op::Op;
use super::phase_table::Arena;
use super::plan::{Level, Levels, Plan, Sweep};
use super::sparse::{amplitudes, few_amplitudes};
use super::tile::{PassProgram, TileProgram};
use super::{Circuit, Operation};
use crate::apply::{apply, apply_phases_to_pair, nanos, nanos_to_sweep, sweep};
use crate::bits::mask_of;
use crate::exec::{self, Crew, each_state_mut};
use crate::kernels::registers::Shape;
use crate::kernels::sweep::Task;
use crate::layout::Layout;
use crate::operator::Operator;
use crate::progress::Progress;
use crate::simd::{Isa, Lanes, Plain, Real, compiled_for};
use crate::state::{StateMut, StatesMut};

mod visit;

/// Bytes of a tile, in L2. On one thread with 1 MiB of L2, tiles of 256 KiB, 512 KiB and 1 MiB take brickwork 129,
/// 109 and 118 ms on 20 qubits, and 587, 527 and 510 ms on 22.
const TILE_BYTES: usize = 1 << 19;

/// Bytes of a block, in L1. With 4, 8, 16, 32 and 64 KiB, brickwork on 20 qubits takes one thread 111, 106, 109, 106
/// and 106 ms.
const BLOCK_BYTES: usize = 1 << 14;

/// Bytes of a row: a tile is copied together from rows. Longer rows come faster from memory, but fix more of the
/// bits of a tile. With 256 and 512 bytes, 1 and 2 KiB, two threads take 35, 29, 27 and 29 ms for GHZ on 22 qubits,
/// and 74, 57, 60 and 63 ms for brickwork on 20.
const ROW_BYTES: usize = 512;

/// States up to this size are not cleared for a run from |0...0>, where its sweeps write all of them: until these
/// are done, the run cannot be stopped.
const UNCLEARED_BYTES: usize = 1 << 26;

/// Estimate for an amplitude and an operation with a kernel of its own.
const NANOS_DIRECT: f64 = 1.5;

/// Estimate for binding one operation.
const NANOS_TO_BIND: f64 = 150.0;

/// Estimate for computing one coefficient of a phase table.
const NANOS_PER_COEFFICIENT: f64 = 2.0;

/// Estimate for making one micro-op.
const NANOS_TO_PLACE: f64 = 500.0;

/// A circuit planned for states of one layout and precision, and for the lanes of one instruction set. It does not
/// depend on the values of parameters: these are in a [`Binding`].
#[derive(Debug)]
pub struct Program {
    /// An identifier, which its bindings carry too.
    id: u64,
    /// The instruction set.
    isa: Isa,
    /// The bytes of a real number: 4 or 8.
    real_bytes: usize,
    /// How many of the lowest bits may lie in lanes.
    in_lanes: usize,
    layout: Layout,
    pub(super) operations: Arc<Vec<Operation>>,
    /// The bit of the address that each qubit is.
    bits: Vec<u8>,
    pub(super) fused: Fused,
    pub(super) plan: Plan,
    /// The program of each sweep that goes tile by tile, in order.
    pub(super) tiles: Vec<TileProgram>,
    /// For each of them what is known before each of its passes in a run from |0...0>; empty unless one tile holds the
    /// state: what else is known is found on the way.
    from_zeros: Vec<Vec<KnownBits>>,
    /// How many sweeps of a run from |0...0> write all of the state, which need not be cleared then; 0 if it has to be.
    pub(super) uncleared: usize,
    /// Whether a run from |0...0> leaves few amplitudes that are not 0.
    pub(super) sparse: bool,
    shape: Shape,
    /// How much room its coefficients, tables and overlaps take.
    arena: Arena,
    /// For each sweep that goes straight over two states, where the overlap that it takes goes, if it takes one.
    pub(super) direct_overlaps: Vec<Option<usize>>,
    /// The number of steps of all sweeps.
    steps: usize,
    /// Estimate for a run.
    nanos: f64,
}

/// The numbers of a program for some values of the parameters.
#[derive(Debug, Default)]
pub struct Binding<T> {
    /// The identifier of the program; None if binding was stopped.
    program: Option<u64>,
    passes: BoundPasses<T>,
    /// The operators that have kernels of their own, in order.
    direct: Vec<Op>,
    /// All operations, where few amplitudes of |0...0> become others than 0.
    sparse: Vec<Op>,
    /// The rotations: a gradient needs them, and the next binding uses their memory again.
    pub(super) rotations: Vec<Zyz>,
}

/// Bindings that nobody uses any more. A run with other values takes one of them, so that it need not allocate.
#[derive(Debug)]
pub struct BindingPool<B>(Mutex<Vec<B>>);

impl<B> Default for BindingPool<B> {
    fn default() -> BindingPool<B> {
        BindingPool(Mutex::default())
    }
}

/// A binding that goes back to its pool when it is dropped.
pub struct BindingGuard<'a, B: Default> {
    binding: B,
    pool: &'a BindingPool<B>,
}

impl<B: Default> BindingPool<B> {
    /// A binding from the pool, or a new one; its numbers are still to be computed.
    pub fn lend(&self) -> BindingGuard<'_, B> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        BindingGuard { binding: spare.unwrap_or_default(), pool: self }
    }
}

impl<B: Default> Deref for BindingGuard<'_, B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.binding
    }
}

impl<B: Default> DerefMut for BindingGuard<'_, B> {
    fn deref_mut(&mut self) -> &mut B {
        &mut self.binding
    }
}

impl<B: Default> Drop for BindingGuard<'_, B> {
    fn drop(&mut self) {
        // No more are kept than our own threads can use at a time: Python may run any number of threads. Counted once,
        // as every run comes here.
        static KEPT: OnceLock<usize> = OnceLock::new();
        let kept = *KEPT.get_or_init(|| exec::limit_of_process().unwrap_or(1));
        let mut others = self.pool.0.lock().unwrap_or_else(PoisonError::into_inner);
        if others.len() < kept {
            others.push(std::mem::take(&mut self.binding));
        }
    }
}

/// What a run starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// The state as it is.
    Given,
    /// |0...0>: the state is written and not read.
    Zeros,
}

impl Start {
    /// Writes |0...0> to a state, if that is the start, and tells which bits are known.
    pub(super) fn begin<T: Real>(
        self,
        state: &mut StateMut<'_, T>,
        crew: Crew,
        progress: &Progress<'_>,
    ) -> KnownBits {
        if self == Start::Given {
            return KnownBits::NONE;
        }
        let bits = state.layout().num_qubits();
        let nanos = nanos_to_sweep(bits);
        let zeros = Task::Write(&[(0, Complex64::ONE)]);
        exec::watched(progress, nanos, || sweep(state, zeros, crew.worth(nanos)));
        KnownBits::zeros(bits)
    }
}

/// The level of a tile for states of this many bits, and the bits of a block. An amplitude is `parts` real numbers.
fn sizes<T>(bits: usize, parts: usize) -> (Level, usize) {
    let log2 = |bytes: usize| (bytes / (parts * size_of::<T>())).ilog2() as usize;
    // Above 12 bits there are at least four tiles, which threads can share: see `PARALLEL_MIN_NANOS`.
    let tile = log2(TILE_BYTES);
    let tile = if bits > 12 { tile.min(bits - 2) } else { tile };
    (Level { bits: tile, row_bits: log2(ROW_BYTES), always: 0 }, log2(BLOCK_BYTES))
}

impl Program {
    /// Fuses and plans a circuit for states of this layout, in this precision, for these lanes.
    ///
    /// # Panics
    /// Where the layout has not as many qubits.
    pub fn new<T: Real>(circuit: &Circuit, layout: &Layout, isa: Isa) -> Program {
        let program = Program::watched::<T>(circuit, layout, isa, &Progress::unwatched());
        program.expect("nobody stops it")
    }

    /// As [`Program::new`], unless it is stopped.
    ///
    /// # Panics
    /// As there.
    pub fn watched<T: Real>(
        circuit: &Circuit,
        layout: &Layout,
        isa: Isa,
        progress: &Progress<'_>,
    ) -> Option<Program> {
        let (tile, block_bits) = sizes::<T>(layout.num_qubits(), layout.unit() as usize);
        Program::with_levels::<T>(circuit, layout, isa, tile, block_bits, &[], progress)
    }

    /// As [`Program::watched`], for two flat states one after the other: the first qubit tells them apart, and no
    /// operation acts on it. Overlaps of the two are taken for the operations that are `observed`.
    pub(super) fn doubled<T: Real>(
        circuit: &Circuit,
        isa: Isa,
        observed: &[bool],
        progress: &Progress<'_>,
    ) -> Option<Program> {
        let bits = circuit.num_qubits();
        let (tile, block_bits) = sizes::<T>(bits, 2);
        let tile = Level { always: 1 << (bits - 1), ..tile };
        Program::with_levels::<T>(
            circuit,
            &Layout::flat(bits),
            isa,
            tile,
            block_bits,
            observed,
            progress,
        )
    }

    /// As [`Program::watched`], with tiles and blocks of other sizes. Overlaps are taken for the operations that are
    /// `observed`: of two states, which the bit of `tile.always` tells apart.
    pub(super) fn with_levels<T: Real>(
        circuit: &Circuit,
        layout: &Layout,
        isa: Isa,
        tile: Level,
        block_bits: usize,
        observed: &[bool],
        progress: &Progress<'_>,
    ) -> Option<Program> {
        let num_bits = layout.num_qubits();
        assert_eq!(num_bits, circuit.num_qubits(), "a state of another size");
        let bits: Vec<u8> = layout.qubit_bits().map(|bit| bit as u8).collect();
        let operations = circuit.operations.clone();
        let in_lanes = num_bits - tile.always.count_ones() as usize;
        let shape = Shape::new::<T>(isa, in_lanes, layout.unit() as usize);
        let row_bits = shape.lanes.len();
        // Each level has room for a matrix on two bits.
        let always = tile.always;
        let level = |bits: usize, rows: usize| {
            let least = rows + 2 + always.count_ones() as usize;
            Level { bits: bits.max(least), row_bits: rows, always }
        };
        let levels = Levels {
            tile: level(tile.bits, tile.row_bits.max(row_bits)),
            block: level(block_bits, row_bits),
            registers: level(row_bits + shape.register_bits, row_bits),
        };
        // A single operation is applied as it is; so are all operations on states without qubits.
        let fused = match (operations.len() <= 1 && observed.is_empty()) || num_bits == 0 {
            true => Fused::direct(&operations, &bits),
            false => Fused::new(&operations, &bits, observed, layout.is_real(), progress)?,
        };
        let plan = Plan::new(&fused, num_bits, &levels, progress)?;
        let mut arena = Arena::default();
        let tiles = plan.sweeps.iter().filter_map(|sweep| match sweep {
            Sweep::Direct(_) => None,
            Sweep::Tiles(tiles) => {
                let program = TileProgram::new(tiles, &fused, layout, &shape, &mut arena);
                let go_on = progress.advance(0.0, NANOS_TO_PLACE * program.len as f64);
                Some(go_on.then_some(program))
            }
        });
        let tiles: Vec<TileProgram> = tiles.collect::<Option<_>>()?;
        let direct = plan.sweeps.len() - tiles.len();
        let direct_overlaps = plan.sweeps.iter().filter_map(|sweep| match sweep {
            Sweep::Direct(gates) => Some(gates.iter().find_map(|&gate| match fused.gates[gate] {
                FusedGate::Direct(number) if observed.get(number) == Some(&true) => {
                    arena.overlaps += 1;
                    Some(arena.overlaps - 1)
                }
                _ => None,
            })),
            Sweep::Tiles(_) => None,
        });
        let direct_overlaps = direct_overlaps.collect();
        let in_one_tile = tiles.iter().all(|tiles| tiles.outer.is_empty());
        let from_zeros =
            if in_one_tile { known_from_zeros(&plan, &fused, num_bits) } else { Vec::new() };
        let small = layout.bytes::<T>() <= UNCLEARED_BYTES && !in_one_tile && observed.is_empty();
        let uncleared = if small { sweeps_until_written(&plan, &fused, num_bits, row_bits) } else { 0 };
        let sparse = observed.is_empty() && few_amplitudes(&operations, num_bits);
        let steps = direct + tiles.iter().map(|tiles| tiles.len).sum::<usize>();
        let amplitudes = (1u64 << num_bits) as f64 * layout.unit() as f64 / 2.0;
        let nanos = amplitudes
            * (NANOS_DIRECT * direct as f64 + tiles.iter().map(|tiles| tiles.nanos).sum::<f64>());
        // Instructions hold places among the coefficients as u32.
        assert!(
            u32::try_from(arena.coefs.max(arena.most_varying)).is_ok(),
            "more coefficients than can be told apart"
        );
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let layout = layout.clone();
        let (id, real_bytes) = (NEXT.fetch_add(1, Ordering::Relaxed), size_of::<T>());
        Some(Program {
            id,
            isa,
            real_bytes,
            in_lanes,
            layout,
            operations,
            bits,
            fused,
            plan,
            tiles,
            from_zeros,
            uncleared,
            sparse,
            shape,
            arena,
            direct_overlaps,
            steps,
            nanos,
        })
    }

    /// The plan: its sweeps, in order.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The number of operations.
    pub fn num_operations(&self) -> usize {
        self.operations.len()
    }

    /// What is to be told of each sweep. Their steps and nanoseconds add up to [`Program::steps`] and
    /// [`Program::nanos`].
    pub fn sweeps(&self) -> Vec<SweepFacts> {
        let num_bits = self.layout.num_qubits();
        let origins = match self.operations.len() <= 1 || num_bits == 0 {
            true => (0..self.operations.len()).map(|number| vec![number]).collect(),
            false => Fused::origins(&self.operations, &self.bits, self.layout.is_real()),
        };
        let amplitudes = (1u64 << num_bits) as f64;
        let (mut programs, mut known) = (self.tiles.iter(), KnownBits::zeros(num_bits));
        let of = |sweep: &Sweep| {
            let mut facts = SweepFacts::default();
            let gates: Vec<usize> = match sweep {
                Sweep::Direct(gates) => {
                    (facts.steps, facts.nanos) = (1, amplitudes * NANOS_DIRECT);
                    known = known.after_direct(&self.fused, gates);
                    gates.clone()
                }
                Sweep::Tiles(tiles) => {
                    let program = programs.next().expect("one for each such sweep");
                    (facts.tile, facts.steps) = (tiles.tile, program.len);
                    facts.nanos = amplitudes * program.nanos;
                    facts.known_bits = known.within(mask_of(&program.outer)).mask.count_ones();
                    known = known.through_tiles(&self.fused, tiles).1;
                    let placed = tiles.gates.iter().map(|placed| placed.gate);
                    placed.chain(tiles.swaps.iter().copied()).collect()
                }
            };
            facts.operations =
                gates.into_iter().flat_map(|gate| origins[gate].iter().copied()).collect();
            facts
        };
        let mut sweeps: Vec<SweepFacts> = self.plan.sweeps.iter().map(of).collect();
        SweepFacts::keep_last(&mut sweeps);
        sweeps
    }

    /// How often the whole state is read or written, at most.
    pub fn ways(&self) -> usize {
        2 * self.plan.sweeps.len()
    }

    /// The number of passes of all sweeps.
    pub fn passes(&self) -> usize {
        self.tiles.iter().map(|tiles| tiles.passes().count()).sum()
    }

    /// How many arithmetic instructions all passes take for each register of real numbers.
    pub fn work(&self) -> usize {
        self.tiles.iter().flat_map(TileProgram::passes).map(PassProgram::work).sum()
    }

    /// The number of steps of all sweeps: micro-ops, and operations with kernels of their own.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Computes the numbers for some values of the parameters, in the precision that the program is for.
    ///
    /// # Panics
    /// Where a parameter is missing, or the precision is another.
    pub fn bind<T: Real>(&self, params: &[f64]) -> Binding<T> {
        let mut binding = Binding::default();
        self.rebind(&mut binding, params, &Progress::unwatched());
        binding
    }

    /// As [`Program::bind`], in place of the numbers of a binding. Returns false if it was stopped.
    ///
    /// # Panics
    /// As there.
    pub fn rebind<T: Real>(
        &self,
        binding: &mut Binding<T>,
        params: &[f64],
        progress: &Progress<'_>,
    ) -> bool {
        assert_eq!(self.real_bytes, size_of::<T>(), "a program for another precision");
        compiled_for(self.isa, Rebind { program: self, binding, params, progress });
        binding.program = Some(self.id).filter(|_| !progress.stopped());
        binding.program.is_some()
    }

    /// Estimate for binding it.
    pub fn nanos_to_bind(&self) -> f64 {
        NANOS_TO_BIND * self.operations.len() as f64 + NANOS_PER_COEFFICIENT * self.arena.coefs as f64
    }

    /// Estimate for a run.
    pub fn nanos(&self) -> f64 {
        self.nanos
    }

    /// Runs the program on a state, in place.
    ///
    /// # Panics
    /// Where the state has another layout, the crew another instruction set, or the binding is one of another program.
    pub fn run<T: Real>(&self, binding: &Binding<T>, state: &mut StateMut<'_, T>, crew: Crew) {
        self.run_watched(binding, state, crew, &Progress::unwatched());
    }

    /// As [`Program::run`], until it is stopped. Some sweeps, and for the last one some tiles, are then done and others
    /// are not; as each tile is done whole, a unitary circuit has kept the norm.
    ///
    /// # Panics
    /// As there.
    pub fn run_watched<T: Real>(
        &self,
        binding: &Binding<T>,
        state: &mut StateMut<'_, T>,
        crew: Crew,
        progress: &Progress<'_>,
    ) {
        self.run_from(Start::Given, binding, state, crew, progress);
    }

    /// As [`Program::run_watched`], from a start.
    ///
    /// # Panics
    /// As there.
    pub(super) fn run_from<T: Real>(
        &self,
        start: Start,
        binding: &Binding<T>,
        state: &mut StateMut<'_, T>,
        crew: Crew,
        progress: &Progress<'_>,
    ) {
        let overlaps = self.run_overlaps(start, binding, state, crew, progress);
        debug_assert!(overlaps.is_empty(), "overlaps that nobody wants");
    }

    /// As [`Program::run_from`]; returns the overlaps that were taken.
    ///
    /// # Panics
    /// As there.
    pub(super) fn run_overlaps<T: Real>(
        &self,
        start: Start,
        binding: &Binding<T>,
        state: &mut StateMut<'_, T>,
        crew: Crew,
        progress: &Progress<'_>,
    ) -> Vec<f64> {
        assert!(*state.layout() == self.layout, "a state of another layout");
        assert!(
            crew.isa == self.isa && binding.program == Some(self.id),
            "other lanes, or the numbers of another program"
        );
        if self.sparse && start == Start::Zeros {
            let nanos = nanos_to_sweep(self.layout.num_qubits());
            let amplitudes = amplitudes(&binding.sparse);
            let task = Task::Write(&amplitudes);
            exec::watched(progress, nanos, || sweep(state, task, crew.worth(nanos)));
            progress.advance(self.steps as f64, nanos);
            return Vec::new();
        }
        let mut direct = binding.direct.iter().zip(&self.direct_overlaps);
        let mut tiles = self.tiles.iter();
        let mut overlaps = vec![0.0; self.arena.overlaps];
        // Where one tile holds the state, the copy can begin as |0...0>, and what is known of a run is known before.
        let one_tile = self.tiles.iter().all(|tiles| tiles.outer.is_empty());
        let uncleared = if start == Start::Zeros { self.uncleared } else { 0 };
        let mut fresh = uncleared > 0
            || one_tile
                && start == Start::Zeros
                && matches!(self.plan.sweeps.first(), Some(Sweep::Tiles(_)));
        let mut known = match fresh {
            true => KnownBits::zeros(self.layout.num_qubits()),
            false => start.begin(state, crew, progress),
        };
        if one_tile {
            known = KnownBits::NONE;
        }
        let mut from_zeros = self.from_zeros.iter().filter(|_| start == Start::Zeros);
        for (number, sweep) in self.plan.sweeps.iter().enumerate() {
            let uncleared = number < uncleared;
            // What begins fresh has to be written.
            if progress.stopped() && !fresh && !uncleared {
                break;
            }
            match sweep {
                Sweep::Direct(gates) => {
                    let (op, overlap) = direct.next().expect("one for each such sweep");
                    let (operator, site) = (op.operator(), op.site());
                    let nanos = nanos(self.layout.num_qubits(), &operator, &site);
                    let crew = crew.worth(nanos);
                    match (operator, overlap) {
                        (Operator::Phases(costs, gamma), &Some(overlap)) => {
                            overlaps[overlap] = apply_phases_to_pair(state, (costs, gamma), site, crew);
                        }
                        _ => apply(state, &operator, &site, crew),
                    }
                    progress.advance(1.0, nanos);
                    known = known.after_direct(&self.fused, gates);
                }
                Sweep::Tiles(plan) => {
                    let program = tiles.next().expect("one for each such sweep");
                    let (passes, after) = known.through_tiles(&self.fused, plan);
                    let passes = from_zeros.next().unwrap_or(&passes);
                    let known_in = KnownInTiles { before: known, passes, after, uncleared };
                    let found = self.run_on_tiles(
                        (plan, program),
                        binding,
                        state,
                        std::mem::take(&mut fresh),
                        known_in,
                        &mut overlaps,
                        crew,
                        progress,
                    );
                    // No tile has what tells tiles apart changed.
                    known = after.and(found);
                }
            }
        }
        overlaps
    }
}

/// How many sweeps there are until no bit is known, in a run from |0...0>; 0 if one of them goes straight over the
/// state, or cannot leave out what a known bit tells, which is one of the `row_bits` lowest.
fn sweeps_until_written(plan: &Plan, fused: &Fused, num_bits: usize, row_bits: usize) -> usize {
    let mut known = KnownBits::zeros(num_bits);
    for (number, sweep) in plan.sweeps.iter().enumerate() {
        let Sweep::Tiles(tiles) = sweep else { return 0 };
        known = known.through_tiles(fused, tiles).1;
        match known.mask.trailing_zeros() as usize {
            64 => return number + 1,
            lowest if lowest < row_bits => return 0,
            _ => {}
        }
    }
    0
}

/// What is known before each pass of each sweep over tiles, in a run from |0...0>.
fn known_from_zeros(plan: &Plan, fused: &Fused, num_bits: usize) -> Vec<Vec<KnownBits>> {
    let mut known = KnownBits::zeros(num_bits);
    let sweeps = plan.sweeps.iter().filter_map(|sweep| match sweep {
        Sweep::Direct(gates) => {
            known = known.after_direct(fused, gates);
            None
        }
        Sweep::Tiles(tiles) => {
            let (passes, after) = known.through_tiles(fused, tiles);
            known = after;
            Some(passes)
        }
    });
    sweeps.collect()
}

/// The computation of all numbers of a binding.
struct Rebind<'a, T> {
    program: &'a Program,
    binding: &'a mut Binding<T>,
    params: &'a [f64],
    progress: &'a Progress<'a>,
}

impl<T: Real> Plain for Rebind<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Rebind {
            program: Program { fused, operations, bits, plan, tiles, arena, shape, .. },
            params,
            ..
        } = self;
        let Binding { program, passes, direct, sparse, rotations } = self.binding;
        *program = None;
        let room = std::mem::take(rotations);
        let evaluated = Evaluated::new::<T, L>(fused, operations, self.params, room, self.progress);
        direct.clear();
        direct.extend(plan.sweeps.iter().filter_map(|sweep| match sweep {
            Sweep::Direct(gates) => Some(evaluated.op(gates, fused, bits)),
            Sweep::Tiles(_) => None,
        }));
        sparse.clear();
        if self.program.sparse {
            sparse.extend(operations.iter().map(|operation| Op::of(operation, params, bits)));
        }
        passes.fill::<L>(fused, &evaluated, tiles.iter(), arena, shape, self.progress);
        *rotations = evaluated.rotations;
    }
}

/// Runs a program on each state of a batch. `bindings` returns the numbers for each state, or None if it is stopped;
/// `differ` says that it has to compute them for each.
pub(super) fn run_batch<T: Real, B: Deref<Target = Binding<T>>>(
    states: &mut StatesMut<'_, T>,
    start: Start,
    program: &Program,
    bindings: impl Fn(usize) -> Option<B> + Sync,
    differ: bool,
    crew: Crew,
    progress: &Progress<'_>,
) {
    // Threads share a state where it is large. They share the batch where it is not, or where binding takes longer.
    let to_bind = if differ { program.nanos_to_bind() } else { 0.0 };
    let (across, inside) = match to_bind > program.nanos() {
        true => (crew.threads, Crew { threads: 1, ..crew }),
        false => {
            let bytes = states.layout().bytes::<T>();
            crew.shared_out_for_sweeps(program.nanos(), states.len(), bytes)
        }
    };
    each_state_mut(states, across, &mut [(); 0], progress, |number, state, _| {
        if let Some(binding) = bindings(number) {
            program.run_from(start, &binding, state, inside, progress);
        }
    });
}
