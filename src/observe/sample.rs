//! Samples and counts of outcomes, without collapse.
//!
//! ```text
//! sample:   shot i has two uniform numbers of its own, from Philox with counter i. The first finds a block among the
//!           cumulative sums over blocks; the second finds an amplitude in it, among its squares, which are read anew
//! counts:   all shots begin at the root of a tree of sums; at each node, a binomial number of them goes left
//! ```
//!
//! Shots are sorted by block, so that each block is read once for many of them. The numbers of a shot depend on its
//! counter only, not on the shots before it, so the number of threads changes nothing.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::binomial::binomial;
use super::cdf::{BLOCK_BITS, Cdf, Order, go_down, grow, inverse_cdf};
use super::nanos;
use super::philox::{Keyed, Purpose};
use crate::error::{Error, Result};
use crate::exec::{self, Crew, each_state};
use crate::kernels::Chunk;
use crate::layout::Layout;
use crate::simd::{Isa, Real};
use crate::state::{StateRef, States};

/// Estimate for one shot.
const NANOS_PER_SHOT: f64 = 60.0;

/// Estimate for the count of one outcome.
const NANOS_PER_SPLIT: f64 = 200.0;

/// How many shots are sorted at a time: 4 MB of their numbers. More for states of many blocks, so that each block is
/// read for several shots.
const SHOTS_AT_ONCE: usize = 1 << 20;

/// How many shots for each block are sorted at a time, at least.
const SHOTS_PER_BLOCK: usize = 64;

/// The counts of this many blocks are made at a time.
const BLOCKS_AT_ONCE: usize = 256;

/// Estimate for drawing `shots` from each state of a layout.
pub fn nanos_to_sample(layout: &Layout, shots: usize) -> f64 {
    let one = 1.5 * nanos(layout.num_qubits()) + 500.0 + shots as f64 * NANOS_PER_SHOT;
    layout.states() as f64 * one
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
        let random = Keyed::new(key, number);
        let mut first = 0;
        let mut ids = Vec::new();
        for shots in shots.chunks_mut(self.shots_at_once()) {
            exec::ask();
            self.sample_some(state, random, first, shots, &mut ids, crew)?;
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
        ids: &mut Vec<u32>,
        crew: Crew,
    ) -> Result<()> {
        let Cdf { order, cumulative, .. } = &self.cdf;
        let total = cumulative.last().copied().unwrap_or_default();
        let Crew { isa, threads } = crew.worth(shots.len() as f64 * NANOS_PER_SHOT);
        let uniforms = |shot: u64| random.uniforms(Purpose::Shot, first + shot, 0);
        if order.block_bits() == 0 {
            let mut inside = Inside::new(order);
            self.read(state, 0, &mut inside, isa)?;
            exec::split(threads, shots.len(), shots, |range, shots| {
                for (shot, id) in shots.iter_mut().zip(range) {
                    *shot = order.outcome_of(inside.find(uniforms(id as u64)[1]) as u64) as i64;
                }
            });
            return Ok(());
        }
        let whole = order.outcome_bits() <= order.block_bits();
        exec::split(threads, shots.len(), shots, |range, shots| {
            for (shot, id) in shots.iter_mut().zip(range) {
                let block = inverse_cdf(cumulative, uniforms(id as u64)[0] * total) as u64;
                *shot = if whole { order.outcome_of(block << BLOCK_BITS) } else { block } as i64;
            }
        });
        if whole {
            return Ok(());
        }
        // A counting sort: `starts` is where the shots of each block begin, then where they end.
        let mut starts = vec![0u32; cumulative.len() + 1];
        shots.iter().for_each(|&block| starts[block as usize + 1] += 1);
        (1..starts.len()).for_each(|block| starts[block] += starts[block - 1]);
        ids.clear();
        ids.resize(shots.len(), 0);
        for (id, &block) in shots.iter().enumerate() {
            let start = &mut starts[block as usize];
            ids[*start as usize] = id as u32;
            *start += 1;
        }
        let ends = starts;
        let failed = Mutex::new(Ok(()));
        let out = exec::atomics(shots);
        exec::run(threads, |chunk| {
            // Whole blocks, as many as have this chunk's share of the shots.
            let share = chunk.range(ids.len() as u64);
            let block_at = |shot: u64| ends.partition_point(|&end| u64::from(end) <= shot);
            let last =
                if chunk.index + 1 == chunk.count { cumulative.len() } else { block_at(share.end) };
            let first = if chunk.index == 0 { 0 } else { block_at(share.start) };
            let mut inside = Inside::new(order);
            for block in first..last {
                let start = if block == 0 { 0 } else { ends[block - 1] as usize };
                let ids = &ids[start..ends[block] as usize];
                if ids.is_empty() {
                    continue;
                }
                if let Err(error) = self.read(state, block, &mut inside, isa) {
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Err(error);
                    return;
                }
                for &id in ids {
                    let index = inside.find(uniforms(id.into())[1]);
                    let outcome = order.outcome_of((block << BLOCK_BITS | index) as u64);
                    out[id as usize].store(outcome as i64, Ordering::Relaxed);
                }
            }
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner)
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
        order.squares(state, block, isa, &mut inside.cumulative);
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

/// Squares are added up within groups of this many amplitudes, then over groups.
const GROUP: usize = 64;

/// The cumulative sums of the squares of a block: within each group, and over the groups.
struct Inside {
    cumulative: Vec<f64>,
    groups: Vec<f64>,
}

impl Inside {
    fn new(order: &Order) -> Inside {
        let size: usize = 1 << order.inside_bits();
        Inside { cumulative: vec![0.0; size], groups: vec![0.0; size.div_ceil(GROUP)] }
    }

    fn add_up(&mut self) {
        // Several groups side by side: in one sum, each addition would wait for the one before.
        const BESIDE: usize = 8;
        for groups in self.cumulative.chunks_mut(BESIDE * GROUP) {
            if groups.len() == BESIDE * GROUP {
                let mut sums = [0.0; BESIDE];
                for i in 0..GROUP {
                    for group in 0..BESIDE {
                        sums[group] += groups[group * GROUP + i];
                        groups[group * GROUP + i] = sums[group];
                    }
                }
            } else {
                for group in groups.chunks_mut(GROUP) {
                    running(group);
                }
            }
        }
        for (sum, group) in self.groups.iter_mut().zip(self.cumulative.chunks(GROUP)) {
            *sum = group.last().copied().unwrap_or_default();
        }
        running(&mut self.groups);
    }

    /// The index of the amplitude that a uniform number finds.
    #[inline]
    fn find(&self, uniform: f64) -> usize {
        let total = self.groups.last().copied().unwrap_or_default();
        let number = uniform * total;
        let group = inverse_cdf(&self.groups, number);
        let before = if group == 0 { 0.0 } else { self.groups[group - 1] };
        let end = self.cumulative.len().min((group + 1) * GROUP);
        group * GROUP + inverse_cdf(&self.cumulative[group * GROUP..end], number - before)
    }
}

/// Replaces numbers by their cumulative sums.
fn running(numbers: &mut [f64]) {
    let mut sum = 0.0;
    for number in numbers {
        sum += *number;
        *number = sum;
    }
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
    each_state(states, across, out, |number, state, own| {
        if lock().is_err() {
            return;
        }
        let drawn = Reader::new(state, bits, reading)
            .and_then(|reader| reader.sample(state, key, number, own, inside));
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
