//! Samples and counts of outcomes, without collapse.
//!
//! ```text
//! sample:   shot i has two uniform numbers of its own, from Philox with counter i. The first finds a block among the
//!           cumulative sums over blocks; the second finds an amplitude in it, among its squares, which are read anew
//! counts:   all shots begin at the root of a tree of sums; at each node, a binomial number of them goes left
//! ```
//!
//! The numbers of a shot depend on its counter only, not on the shots before it. So several are made side by side, and
//! the number of threads changes nothing. Each block is read once for many shots:
//!
//! ```text
//! heaps     shots find their blocks, and each heap of them is sorted by block: they lie in a cache meanwhile
//! blocks    the shots of a block, from one heap after the other, find their amplitudes
//! heaps     the outcomes of a heap are put in the order of its shots
//! ```

use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

use super::binomial::binomial;
use super::cdf::{BLOCK_BITS, Cdf, Order, go_down, grow};
use super::nanos;
use crate::error::{Error, Result};
use crate::exec::{self, Crew, each_state};
use crate::kernels::Chunk;
use crate::kernels::draw::{Draw, InARow, Inside, Ladder, Listed, Places};
use crate::layout::Layout;
use crate::philox::{Keyed, Purpose};
use crate::simd::{Isa, Real, on_widest};
use crate::state::{StateRef, States};

/// Estimate for one shot of so many qubits: of some that one block holds, or of more.
fn nanos_per_shot(num_qubits: usize) -> f64 {
    if num_qubits <= BLOCK_BITS { 7.0 } else { 25.0 }
}

/// Estimate for the count of one outcome.
const NANOS_PER_SPLIT: f64 = 200.0;

/// How many shots are sorted at a time: 6 MB of their numbers and places. More for states of many blocks, so that each block is
/// read for several shots.
const SHOTS_AT_ONCE: usize = 1 << 20;

/// How many shots for each block are sorted at a time, at least.
const SHOTS_PER_BLOCK: usize = 64;

/// How many shots a heap has, at least: their numbers and outcomes are 768 KB, which an L2 cache holds.
const SHOTS_PER_HEAP: usize = 1 << 16;

/// How many of them for each block, at least: the ends of blocks take no more room than the shots.
const SHOTS_PER_BLOCK_OF_HEAP: usize = 4;

/// The counts of this many blocks are made at a time.
const BLOCKS_AT_ONCE: usize = 256;

/// Estimate for drawing `shots` from each state of a layout.
pub fn nanos_to_sample(layout: &Layout, shots: usize) -> f64 {
    let n = layout.num_qubits();
    layout.states() as f64 * (1.5 * nanos(n) + 500.0 + shots as f64 * nanos_per_shot(n))
}

/// Estimate for counting `shots` of some qubits of each state.
pub fn nanos_to_count(layout: &Layout, qubits: usize, shots: u64) -> f64 {
    let splits = (1i64 << qubits) as f64;
    let one = 1.5 * nanos(layout.num_qubits()) + 500.0;
    layout.states() as f64 * (one + splits.min(shots as f64 * qubits as f64) * NANOS_PER_SPLIT)
}

/// A state that was read to be drawn from.
///
/// ```
/// use num_complex::Complex64;
/// use numket::{exec::Crew, layout::Layout, observe::Reader, state::StateRef};
///
/// let psi = [0.6, 0.0, 0.0, 0.8].map(|x| Complex64::new(x, 0.0));
/// let (layout, crew) = (Layout::flat(2), Crew::alone()?);
/// let state = StateRef::new(&psi, &layout);
/// let reader = Reader::new(state, &[1, 0], crew)?; // qubits 0 and 1
/// let mut shots = [0; 1000];
/// reader.sample(state, 7, 0, &mut shots, crew)?;
/// assert!(shots.iter().all(|&shot| shot == 0 || shot == 3));
/// let counts = reader.counts(state, 7, 0, 1_000_000_000_000, crew)?;
/// assert_eq!(counts.iter().map(|&(_, count)| count).sum::<u64>(), 1_000_000_000_000);
/// assert!((counts[1].1 as f64 / 1e12 - 0.64).abs() < 1e-5);
/// # Ok::<(), numket::error::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader {
    cdf: Cdf,
    /// Whether blocks are compared with what they were when the state was read.
    wary: bool,
}

impl Reader {
    /// Reads a state, whose outcomes are those of `bits`, the first of which is the most significant.
    ///
    /// # Errors
    /// [`Error::NoNorm`] where it has norm 0, or a NaN or an infinity.
    pub fn new<T: Real>(state: StateRef<'_, T>, bits: &[u8], crew: Crew) -> Result<Reader> {
        Ok(Reader { cdf: Cdf::new(state, bits, crew)?, wary: false })
    }

    /// The same, for a state that others may write to between draws: a draw is then refused if the sum over a block
    /// that it reads has changed.
    pub fn wary(self) -> Reader {
        Reader { wary: true, ..self }
    }

    /// How many bits an outcome has.
    pub fn outcome_bits(&self) -> usize {
        self.cdf.order.outcome_bits()
    }

    /// Whether states of this layout, and outcomes of these bits, are numbered as those that were read.
    pub fn fits(&self, layout: &Layout, bits: &[u8]) -> bool {
        self.cdf.order == Order::new(layout, bits)
    }

    /// Whether another reader has found the same in the same order: it draws the same.
    pub fn same_as(&self, other: &Reader) -> bool {
        self.cdf.order == other.cdf.order && self.cdf.sums == other.cdf.sums
    }

    /// How many shots are drawn before it is asked again whether to go on.
    pub fn shots_at_once(&self) -> usize {
        SHOTS_AT_ONCE.max(SHOTS_PER_BLOCK << self.cdf.order.block_bits())
    }

    /// Draws an outcome for each element of `shots`, with the random numbers of state `number` of a batch.
    ///
    /// # Errors
    /// [`Error::Changed`] where the state is another than was read.
    #[allow(clippy::too_many_arguments, reason = "the state, the random numbers, and how to run")]
    pub fn sample<T: Real>(
        &self,
        state: StateRef<'_, T>,
        key: u64,
        number: usize,
        shots: &mut [i64],
        crew: Crew,
    ) -> Result<()> {
        let (random, order) = (Keyed::new(key, number), &self.cdf.order);
        if order.block_bits() == 0 && !shots.is_empty() {
            return Inside::with(order.inside_bits(), |inside| {
                self.read(state, 0, inside, crew.isa)?;
                sample_block(inside, order, random, shots, crew);
                Ok(())
            });
        }
        let mut first = 0;
        let mut heaps = Vec::new();
        for shots in shots.chunks_mut(self.shots_at_once()) {
            exec::ask();
            self.sample_some(state, random, first, shots, &mut heaps, crew)?;
            first += shots.len() as u64;
        }
        Ok(())
    }

    /// Draws the shots from number `first`.
    #[allow(clippy::too_many_arguments, reason = "as above")]
    fn sample_some<T: Real>(
        &self,
        state: StateRef<'_, T>,
        random: Keyed,
        first: u64,
        shots: &mut [i64],
        heaps: &mut Vec<Heap>,
        crew: Crew,
    ) -> Result<()> {
        let Cdf { order, cumulative, .. } = &self.cdf;
        let Crew { isa, threads } =
            crew.worth(shots.len() as f64 * nanos_per_shot(order.inside_bits() + order.block_bits()));
        let shift = order.others() as u32;
        let blocks = Ladder::new(cumulative);
        let draw = Draw { places: &blocks, random, first, shift: 0 };
        if order.outcome_bits() <= order.block_bits() {
            let shift = shift - BLOCK_BITS as u32;
            in_a_row(threads, isa, Draw { shift, ..draw }, shots);
            return Ok(());
        }
        // The shots are dealt out to heaps, of which each is sorted by block.
        let count = shots.len();
        let size = SHOTS_PER_HEAP.max(SHOTS_PER_BLOCK_OF_HEAP * cumulative.len());
        heaps.resize_with(count.div_ceil(size), Heap::default);
        let out: Vec<Mutex<&mut [i64]>> = shots.chunks_mut(size).map(Mutex::new).collect();
        exec::split(threads, heaps.len(), heaps, |range, heaps| {
            for (heap, number) in heaps.iter_mut().zip(range) {
                let out = &mut *out[number].lock().unwrap_or_else(PoisonError::into_inner);
                let first = first + (number * size) as u64;
                on_widest(isa, InARow { draw: Draw { first, ..draw }, out });
                heap.sort(out, cumulative.len());
            }
        });
        // How many shots fall to the blocks up to each.
        let mut ends = vec![0; cumulative.len()];
        for heap in heaps.iter() {
            ends.iter_mut().zip(&heap.ends).for_each(|(sum, &end)| *sum += end as usize);
        }
        let failed: Mutex<Result<()>> = Mutex::new(Ok(()));
        exec::run(threads, |chunk| {
            let share = chunk.range(count as u64);
            let (begin, end) = (share.start as usize, share.end as usize);
            let blocks = ends.partition_point(|&end| end <= begin)..ends.len();
            let found = Inside::with(order.inside_bits(), |inside| {
                for block in blocks {
                    let mut at = if block == 0 { 0 } else { ends[block - 1] };
                    if at >= end {
                        break;
                    }
                    if at == ends[block] {
                        continue;
                    }
                    self.read(state, block, inside, isa)?;
                    for (number, heap) in heaps.iter().enumerate() {
                        // Those of them that are in this chunk's share.
                        let of = heap.of(block);
                        let of_share = |bound: usize| of.start + bound.saturating_sub(at).min(of.len());
                        let own = of_share(begin)..of_share(end);
                        at += of.len();
                        let (shots, out) = (&heap.shots[own.clone()], &heap.found[own]);
                        let first = first + (number * size) as u64;
                        let draw = Draw { places: &*inside, random, first, shift: 0 };
                        on_widest(isa, Listed { draw, shots, out });
                    }
                }
                Ok(())
            });
            if found.is_err() {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = found;
            }
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        exec::each(threads, heaps.len() as u64, |number| {
            let number = number as usize;
            let out = &mut *out[number].lock().unwrap_or_else(PoisonError::into_inner);
            heaps[number].outcomes(shift, out);
        });
        Ok(())
    }

    /// Reads a block, so that amplitudes can be found in it.
    fn read<T: Real>(
        &self,
        state: StateRef<'_, T>,
        block: usize,
        inside: &mut Inside,
        isa: Isa,
    ) -> Result<()> {
        let Cdf { order, sums, .. } = &self.cdf;
        if self.wary && order.sum(state, block, isa) != sums[block] {
            return Err(Error::Changed);
        }
        order.squares(state, block, isa, inside.squares());
        inside.add_up();
        Ok(())
    }

    /// How often each outcome occurs in `shots` shots, in the order of outcomes and without those that do not occur,
    /// with the random numbers of state `number` of a batch. The time does not grow with the shots.
    ///
    /// # Errors
    /// [`Error::Changed`] where the state is another than was read.
    #[allow(clippy::too_many_arguments, reason = "the state, the random numbers, and how to run")]
    pub fn counts<T: Real>(
        &self,
        state: StateRef<'_, T>,
        key: u64,
        number: usize,
        shots: u64,
        crew: Crew,
    ) -> Result<Vec<(u64, u64)>> {
        let Cdf { order, .. } = &self.cdf;
        let random = Keyed::new(key, number);
        let (above, bits) = (order.block_bits(), order.outcome_bits());
        let mut counts = Vec::new();
        let tree = self.cdf.tree();
        let top = bits.min(above);
        let mut found = |node: u64, count| counts.push((node - (1 << top), count));
        split_up(random, &tree, Node::ROOT, shots, top, &mut found);
        if bits <= above {
            return Ok(counts);
        }
        // Outcomes are finer than blocks: the shots of each block are split up over its amplitudes.
        let blocks = std::mem::take(&mut counts);
        for some in blocks.chunks(BLOCKS_AT_ONCE) {
            // Each result has a slot, so that they are in order whichever thread makes them.
            let nanos = some.len() as f64 * NANOS_PER_SPLIT * 100.0;
            let Crew { isa, threads } = crew.worth(nanos);
            let results: Vec<_> = some.iter().map(|_| Mutex::new(Ok(Vec::new()))).collect();
            exec::run(threads, |chunk: Chunk| {
                let size = 1 << order.inside_bits();
                let mut tree = vec![0.0; 2 * size];
                for index in chunk.range(some.len() as u64) {
                    let (block, count) = some[index as usize];
                    let made = self.counts_of(state, random, block, count, &mut tree, isa);
                    *results[index as usize].lock().unwrap_or_else(PoisonError::into_inner) = made;
                }
            });
            for result in results {
                counts.extend(result.into_inner().unwrap_or_else(PoisonError::into_inner)?);
            }
        }
        Ok(counts)
    }

    /// The counts inside one block.
    fn counts_of<T: Real>(
        &self,
        state: StateRef<'_, T>,
        random: Keyed,
        block: u64,
        count: u64,
        tree: &mut [f64],
        isa: Isa,
    ) -> Result<Vec<(u64, u64)>> {
        let Cdf { order, sums, .. } = &self.cdf;
        if self.wary && order.sum(state, block as usize, isa) != sums[block as usize] {
            return Err(Error::Changed);
        }
        let size = tree.len() / 2;
        order.squares(state, block as usize, isa, &mut tree[size..]);
        grow(tree);
        let (above, bits) = (order.block_bits(), order.outcome_bits());
        let root = Node { inside: 1, id: 1 << above | block };
        let mut counts = Vec::new();
        let mut found = |node: u64, count| counts.push((node - (1 << bits), count));
        split_up(random, tree, root, count, bits - above, &mut found);
        Ok(counts)
    }

    /// The outcome that is drawn bit by bit, from the most significant, with one uniform number for each: a bit is 1 if
    /// its number is below the probability of 1. Returns also the weights of all outcomes and of this one.
    pub(super) fn descend<T: Real>(
        &self,
        state: StateRef<'_, T>,
        uniforms: &[f64],
        isa: Isa,
    ) -> (u64, [f64; 2]) {
        let order = &self.cdf.order;
        let tree = self.cdf.tree();
        let (above, below) = uniforms.split_at(uniforms.len().min(order.block_bits()));
        let mut node = go_down(&tree, above);
        let mut weight = tree[node];
        if !below.is_empty() {
            let block = node - self.cdf.sums.len();
            let size = 1 << order.inside_bits();
            let mut inside = vec![0.0; 2 * size];
            order.squares(state, block, isa, &mut inside[size..]);
            grow(&mut inside);
            let found = go_down(&inside, below);
            weight = inside[found];
            node = (node << below.len()) | (found - (1 << below.len()));
        }
        (node as u64 - (1 << uniforms.len()), [tree[1], weight])
    }
}

/// A node of a tree.
#[derive(Clone, Copy)]
struct Node {
    /// Its index in this tree.
    inside: usize,
    /// Its index in the tree of the whole state.
    id: u64,
}

impl Node {
    const ROOT: Node = Node { inside: 1, id: 1 };
}

/// Splits shots up over the nodes that lie `depth` levels below one, and calls `found` for each that gets some, in
/// order.
fn split_up(
    random: Keyed,
    tree: &[f64],
    node: Node,
    shots: u64,
    depth: usize,
    found: &mut impl FnMut(u64, u64),
) {
    if shots == 0 {
        return;
    }
    if depth == 0 {
        return found(node.id, shots);
    }
    let child = |side| Node { inside: 2 * node.inside + side, id: 2 * node.id + side as u64 };
    let (left, right) = (child(0), child(1));
    let uniforms = |attempt| random.uniforms(Purpose::Split, node.id, attempt);
    let to_left = binomial(shots, tree[left.inside], tree[right.inside], uniforms);
    split_up(random, tree, left, to_left, depth - 1, found);
    split_up(random, tree, right, shots - to_left, depth - 1, found);
}

/// Some shots, sorted by block.
#[derive(Default)]
struct Heap {
    /// Their numbers, from that of the heap's first.
    shots: Vec<u32>,
    /// The place in its block that each finds.
    found: Vec<AtomicU16>,
    /// Where those of each block end.
    ends: Vec<u32>,
}

impl Heap {
    /// A counting sort of shots, for each of which its block is given.
    fn sort(&mut self, of: &[i64], blocks: usize) {
        let Heap { shots, ends, found } = self;
        shots.resize(of.len(), 0);
        found.resize_with(of.len(), AtomicU16::default);
        ends.clear();
        ends.resize(blocks + 1, 0);
        // First they are where the shots begin, and end where those of the block before it do.
        of.iter().for_each(|&block| ends[block as usize + 1] += 1);
        (1..blocks).for_each(|block| ends[block] += ends[block - 1]);
        for (shot, &block) in of.iter().enumerate() {
            let at = &mut ends[block as usize];
            shots[*at as usize] = shot as u32;
            *at += 1;
        }
    }

    /// Where the shots of a block are.
    fn of(&self, block: usize) -> Range<usize> {
        let begin = if block == 0 { 0 } else { self.ends[block - 1] };
        begin as usize..self.ends[block] as usize
    }

    /// Writes the outcome of each shot, in their order.
    fn outcomes(&self, shift: u32, out: &mut [i64]) {
        for block in 0..self.ends.len() - 1 {
            let (of, base) = (self.of(block), (block as u64) << BLOCK_BITS);
            for (&shot, found) in self.shots[of.clone()].iter().zip(&self.found[of]) {
                out[shot as usize] = ((base + u64::from(found.load(Ordering::Relaxed))) >> shift) as i64;
            }
        }
    }
}

/// Draws an outcome for each element of `shots` from a state that one block holds.
fn sample_block(places: &Inside, order: &Order, random: Keyed, shots: &mut [i64], crew: Crew) {
    let shift = order.others() as u32;
    let mut first = 0;
    for shots in shots.chunks_mut(SHOTS_AT_ONCE) {
        exec::ask();
        let crew = crew.worth(shots.len() as f64 * nanos_per_shot(order.inside_bits()));
        in_a_row(crew.threads, crew.isa, Draw { places, random, first, shift }, shots);
        first += shots.len() as u64;
    }
}

/// Draws for shots in a row, on several threads.
fn in_a_row<P: Places + Sync>(threads: usize, isa: Isa, draw: Draw<'_, P>, shots: &mut [i64]) {
    exec::split(threads, shots.len(), shots, |range, out| {
        let first = draw.first + range.start as u64;
        on_widest(isa, InARow { draw: Draw { first, ..draw }, out });
    });
}

/// Draws outcomes of `bits` in each state: as many for each, one state after the other in C order.
///
/// # Errors
/// [`Error::NoNorm`] where a state has none.
///
/// # Panics
/// Where `out` has not as many elements for each state.
pub fn sample<T: Real>(
    states: States<'_, T>,
    bits: &[u8],
    key: u64,
    out: &mut [i64],
    crew: Crew,
) -> Result<()> {
    let (layout, count) = (states.layout(), states.len().max(1));
    let (across, inside) = crew.shared_out(nanos_to_sample(layout, out.len() / count) / count as f64);
    let reading = inside.worth(nanos(layout.num_qubits()));
    let failed = Mutex::new(Ok(()));
    let lock = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    let order = Order::new(layout, bits);
    each_state(states, across, out, |number, state, own| {
        if lock().is_err() {
            return;
        }
        let drawn = if order.block_bits() == 0 {
            // The sums over blocks would be one number.
            Inside::with(order.inside_bits(), |places| {
                order.squares(state, 0, inside.isa, places.squares());
                match places.add_up() {
                    total if total.is_finite() && total > 0.0 => {
                        sample_block(places, &order, Keyed::new(key, number), own, inside);
                        Ok(())
                    }
                    _ => Err(Error::NoNorm),
                }
            })
        } else {
            let reader = Reader::new(state, bits, reading);
            reader.and_then(|reader| reader.sample(state, key, number, own, inside))
        };
        if drawn.is_err() {
            *lock() = drawn;
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Counts the outcomes of `bits` in `shots` shots of each state, in C order.
///
/// # Errors
/// [`Error::NoNorm`] where a state has none.
pub fn counts<T: Real>(
    states: States<'_, T>,
    bits: &[u8],
    key: u64,
    shots: u64,
    crew: Crew,
) -> Result<Vec<Vec<(u64, u64)>>> {
    let layout = states.layout();
    let one = nanos_to_count(layout, bits.len(), shots) / states.len().max(1) as f64;
    let (across, inside) = crew.shared_out(one);
    let reading = inside.worth(nanos(layout.num_qubits()));
    let mut all: Vec<Result<Vec<(u64, u64)>>> = vec![Ok(Vec::new()); states.len()];
    each_state(states, across, &mut all, |number, state, out| {
        out[0] = Reader::new(state, bits, reading)
            .and_then(|reader| reader.counts(state, key, number, shots, inside));
    });
    all.into_iter().collect()
}
