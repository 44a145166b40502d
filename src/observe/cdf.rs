//! What is kept of a state to draw from it: the sums of `|a|**2` over blocks of 4096 amplitudes.
//!
//! Amplitudes are numbered in the order of outcomes: the qubits that are asked for are the most significant bits,
//! the others follow. So the outcome is the upper part of an amplitude's number, and outcomes need no table. All
//! sums are taken in the order of these numbers, so they do not depend on the layout, on threads, or on lanes.

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::exec::{self, Crew};
use crate::kernels::reduce::{BlockSum, Blocks, MAX_BESIDE, Squares};
use crate::kernels::{Chunk, Deltas, Walk};
use crate::layout::Layout;
use crate::simd::{Isa, Real, on_widest};
use crate::state::StateRef;

/// A block has `2**BLOCK_BITS` amplitudes: 64 KiB, and its squares fill an L1 cache.
pub const BLOCK_BITS: usize = 12;

/// How the amplitudes of a state are numbered, and where they lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The stride of each bit of a number, the least significant first; negative for a flipped bit.
    strides: Vec<[isize; 1]>,
    /// How many of the lowest bits number amplitudes in a row, within a block.
    run: usize,
    /// Where amplitude 0 lies, as seen from the lowest address.
    origin: isize,
    /// How many bits number the amplitudes of a block; they are the lowest.
    inside: usize,
    /// How many bits are the outcome; they are the highest.
    outcome: usize,
}

impl Order {
    /// The order for outcomes of `bits`, the first of which is the most significant.
    pub fn new(layout: &Layout, bits: &[u8]) -> Order {
        let others = layout.qubit_bits().filter(|&bit| !bits.contains(&(bit as u8)));
        let numbered: Vec<usize> = bits.iter().map(|&bit| bit.into()).chain(others).collect();
        let strides: Vec<[isize; 1]> =
            numbered.iter().rev().map(|&bit| [layout.signed_stride(bit)]).collect();
        let inside = strides.len().min(BLOCK_BITS);
        let unit = layout.unit();
        let in_a_row =
            strides[..inside].iter().enumerate().take_while(|(bit, [stride])| *stride == unit << bit);
        Order { run: in_a_row.count(), origin: -layout.lowest(), inside, outcome: bits.len(), strides }
    }

    /// How many bits number the blocks.
    pub fn block_bits(&self) -> usize {
        self.strides.len() - self.inside
    }

    /// How many bits number the amplitudes of a block.
    pub fn inside_bits(&self) -> usize {
        self.inside
    }

    /// How many bits an outcome has.
    pub fn outcome_bits(&self) -> usize {
        self.outcome
    }

    /// How many bits of an amplitude's number are left out of its outcome; they are the lowest.
    pub fn others(&self) -> usize {
        self.strides.len() - self.outcome
    }

    /// Where a block begins.
    fn block_offset(&self, block: usize) -> isize {
        let above = self.strides[self.inside..].iter().enumerate();
        self.origin + above.map(|(bit, [stride])| (block >> bit & 1) as isize * stride).sum::<isize>()
    }

    /// The sums over all blocks.
    pub fn sums<T: Real>(&self, state: StateRef<'_, T>, crew: Crew) -> Vec<BlockSum> {
        let above = &self.strides[self.inside..];
        // If the lowest bits of the address number blocks, these blocks take turns along the addresses, and are read
        // together.
        let unit = state.layout().unit();
        let lowest = |bit: usize| above.iter().position(|[stride]| stride.abs() == unit << bit);
        let beside: Vec<usize> = (0..MAX_BESIDE).map_while(lowest).collect();
        let rest = above.iter().enumerate().filter(|(bit, _)| !beside.contains(bit));
        let rest: Vec<[isize; 2]> = rest.map(|(bit, [stride])| [*stride, 1 << bit]).collect();
        // At the lowest address, those of them that are flipped are 1.
        let flipped: Vec<usize> = beside.iter().copied().filter(|&bit| above[bit][0] < 0).collect();
        let origin = self.origin + flipped.iter().map(|&bit| above[bit][0]).sum::<isize>();
        let flips: usize = flipped.iter().map(|bit| 1 << bit).sum();
        let number = |index: usize| -> usize {
            beside.iter().enumerate().map(|(i, bit)| (index >> i & 1) << bit).sum::<usize>() ^ flips
        };
        let numbers: Vec<usize> = (0..1 << beside.len()).map(number).collect();
        let mut sums = vec![BlockSum::default(); 1 << above.len()];
        let out = Mutex::new(&mut sums);
        exec::run(crew.threads, |chunk: Chunk| {
            let (mut deltas, mut own) = (Deltas::empty(), Vec::new());
            for [stop, first] in Walk::new(&mut deltas, rest.iter().copied(), [origin, 0], chunk) {
                let (inside, run) = (&self.strides[..self.inside], self.run);
                let blocks = Blocks { state, inside, run, origin: stop, beside: beside.len() };
                let found = on_widest(crew.isa, blocks);
                own.extend(numbers.iter().map(|number| first as usize | number).zip(found));
            }
            let mut sums = out.lock().unwrap_or_else(PoisonError::into_inner);
            own.into_iter().for_each(|(block, sum)| sums[block] = sum);
        });
        sums
    }

    /// The sum over one block.
    pub fn sum<T: Real>(&self, state: StateRef<'_, T>, block: usize, isa: Isa) -> BlockSum {
        let (inside, run) = (&self.strides[..self.inside], self.run);
        on_widest(isa, Blocks { state, inside, run, origin: self.block_offset(block), beside: 0 })[0]
    }

    /// `|a|**2` of the amplitudes of one block.
    pub fn squares<T: Real>(&self, state: StateRef<'_, T>, block: usize, isa: Isa, out: &mut [f64]) {
        assert_eq!(out.len(), 1 << self.inside, "one number for each amplitude");
        let (inside, run) = (&self.strides[..self.inside], self.run);
        on_widest(isa, Squares { state, inside, run, origin: self.block_offset(block), out });
    }
}

/// The sums over the blocks of a state, and their cumulative sums.
#[derive(Clone, Debug)]
pub struct Cdf {
    /// How amplitudes are numbered.
    pub order: Order,
    /// The sum over each block.
    pub sums: Vec<BlockSum>,
    /// For each block, the sum over all blocks up to it, itself included.
    pub cumulative: Vec<f64>,
}

impl Cdf {
    /// Reads a state.
    ///
    /// # Errors
    /// [`Error::NoNorm`] where it has norm 0, or a NaN or an infinity.
    pub fn new<T: Real>(state: StateRef<'_, T>, bits: &[u8], crew: Crew) -> Result<Cdf> {
        let order = Order::new(state.layout(), bits);
        let sums = order.sums(state, crew);
        let mut sum = 0.0;
        let mut add = |block: &BlockSum| {
            sum += block.total;
            sum
        };
        let cumulative: Vec<f64> = sums.iter().map(&mut add).collect();
        match cumulative.last() {
            Some(total) if total.is_finite() && *total > 0.0 => Ok(Cdf { order, sums, cumulative }),
            _ => Err(Error::NoNorm),
        }
    }

    /// The binary tree of sums over the blocks.
    pub fn tree(&self) -> Vec<f64> {
        let mut tree = vec![0.0; 2 * self.sums.len()];
        let leaves = &mut tree[self.sums.len()..];
        leaves.iter_mut().zip(&self.sums).for_each(|(leaf, sum)| *leaf = sum.total);
        grow(&mut tree);
        tree
    }
}

/// Adds up a tree from its leaves, its second half: node `i` has the children `2 i` and `2 i + 1`.
pub fn grow(tree: &mut [f64]) {
    for node in (1..tree.len() / 2).rev() {
        tree[node] = tree[2 * node] + tree[2 * node + 1];
    }
}

/// Whether a qubit whose values have these weights is found to be 1, with `uniform` in [0, 1).
///
/// A value with weight 0 is never found, whatever the number and whatever is rounded.
#[inline]
pub fn is_one(weights: [f64; 2], uniform: f64) -> bool {
    weights[0] <= 0.0 || (weights[1] > 0.0 && uniform * (weights[0] + weights[1]) < weights[1])
}

/// Goes down a tree from its root, one level for each uniform number, and returns the node.
pub fn go_down(tree: &[f64], uniforms: &[f64]) -> usize {
    uniforms.iter().fold(1, |node, &uniform| {
        let weights = [tree[2 * node], tree[2 * node + 1]];
        2 * node + usize::from(is_one(weights, uniform))
    })
}
