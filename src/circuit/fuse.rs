//! Fewer ops with the same effect.
//!
//! Matrices on one bit are multiplied up until an op on two takes them in; diagonals that nothing
//! separates become one. Both only where that is cheaper than one after the other.

use num_complex::Complex64;

use super::ir::{Body, Op};
use crate::bits::scatter;
use crate::kernels::set_bits;

/// Targets that a fused diagonal may have: its entries are looked up one by one.
const DIAGONAL_BITS: u32 = 6;

/// How many ops back a diagonal looks for another one to join.
const LOOK_BACK: usize = 64;

/// What an op costs on a tile in cache, in passes of a matrix on one bit. Measured on 2**14 amplitudes
/// with AVX-512.
pub fn cost(op: &Op) -> f64 {
    let whole = match &op.body {
        Body::Dense(_) => [0.6, 1.0, 1.5, 3.0, 6.0][op.targets.len().min(4)],
        Body::Diagonal(entries) => {
            let idle = entries.iter().filter(|&&entry| entry == Complex64::ONE).count();
            match op.targets.len() {
                0..=2 => 0.8 * (1.0 - idle as f64 / entries.len() as f64),
                _ => 0.95,
            }
        }
        Body::Permutation(exchanges) => exchanges.len() as f64 * 2.0 / (1u64 << op.targets.len()) as f64,
        Body::Pauli(..) => 1.2,
    };
    whole * op.share()
}

/// Ops with the same effect, in order.
pub fn fuse(ops: Vec<Op>) -> Vec<Op> {
    let mut fused = Fused { ops: Vec::with_capacity(ops.len()), last: [0; 64], last_mixed: [0; 64] };
    for op in ops {
        fused.push(op);
    }
    fused.ops.into_iter().flatten().collect()
}

struct Fused {
    /// What is there so far; None where an op has joined another.
    ops: Vec<Option<Op>>,
    /// One more than the place of the last op that touches each bit, ...
    last: [usize; 64],
    /// ... and of the last that does so otherwise than diagonally.
    last_mixed: [usize; 64],
}

impl Fused {
    fn push(&mut self, op: Op) {
        let support = op.support();
        match (support.count_ones(), op.mixed()) {
            (1, _) if self.joins_single(&op, support) => {}
            (_, 0) if self.joins_diagonal(&op, support) => {}
            (2, mixed) if mixed != 0 && self.takes_singles(&op, support) => {}
            _ => self.append(op),
        }
    }

    fn append(&mut self, op: Op) {
        self.ops.push(None);
        for bit in set_bits(op.support()) {
            self.last[bit] = self.ops.len();
        }
        for bit in set_bits(op.mixed()) {
            self.last_mixed[bit] = self.ops.len();
        }
        *self.ops.last_mut().expect("pushed above") = Some(op);
    }

    /// The place of the last op on a bit, if it touches no other.
    fn single(&self, bit: usize) -> Option<usize> {
        let place = self.last[bit].checked_sub(1)?;
        (self.ops[place].as_ref()?.support() == 1 << bit).then_some(place)
    }

    /// Multiplies an op on one bit with the one before it there.
    fn joins_single(&mut self, op: &Op, support: u64) -> bool {
        let bit = support.trailing_zeros() as usize;
        let Some(place) = self.single(bit) else { return false };
        let Some(before) = &self.ops[place] else { return false };
        let mut product = op.after(&[before], &[bit as u8]);
        let mixed = op.mixed() | before.mixed() != 0;
        if !product.is_finite() {
            return false;
        }
        if mixed {
            self.last_mixed[bit] = place + 1;
        } else {
            product = diagonal(product);
        }
        self.ops[place] = Some(product);
        true
    }

    /// Multiplies a diagonal into an earlier one, if nothing between them touches its bits otherwise.
    fn joins_diagonal(&mut self, op: &Op, support: u64) -> bool {
        let barrier = set_bits(support).map(|bit| self.last_mixed[bit]).max().unwrap_or(0);
        let barrier = barrier.max(self.ops.len().saturating_sub(LOOK_BACK));
        for place in (barrier..self.ops.len()).rev() {
            let Some(other) = &self.ops[place] else { continue };
            let bits = other.support() | support;
            if other.mixed() != 0 || bits.count_ones() > DIAGONAL_BITS {
                continue;
            }
            let bits: Vec<u8> = set_bits(bits).map(|bit| bit as u8).collect();
            let product = diagonal_of(&[op, other], &bits);
            if product.is_finite() && cost(&product) <= cost(op) + cost(other) {
                self.ops[place] = Some(product);
                for bit in set_bits(support) {
                    self.last[bit] = self.last[bit].max(place + 1);
                }
                return true;
            }
        }
        false
    }

    /// Makes one matrix of an op on two bits and those on one before it.
    fn takes_singles(&mut self, op: &Op, support: u64) -> bool {
        let places: Vec<usize> = set_bits(support).filter_map(|bit| self.single(bit)).collect();
        let singles: Vec<&Op> = places.iter().filter_map(|&place| self.ops[place].as_ref()).collect();
        let bits: Vec<u8> = set_bits(support).map(|bit| bit as u8).collect();
        let product = op.after(&singles, &bits);
        let apart = cost(op) + singles.iter().map(|op| cost(op)).sum::<f64>();
        if !product.is_finite() || cost(&product) >= apart {
            return false;
        }
        for place in places {
            self.ops[place] = None;
        }
        self.append(product);
        true
    }
}

/// The diagonal of a matrix that has nothing else.
fn diagonal(op: Op) -> Op {
    match op.body {
        Body::Dense(matrix) => {
            let dim = 1 << op.targets.len();
            Op { body: Body::Diagonal(matrix.iter().copied().step_by(dim + 1).collect()), ..op }
        }
        _ => op,
    }
}

/// The product of diagonal ops on these bits.
fn diagonal_of(ops: &[&Op], bits: &[u8]) -> Op {
    let entries = (0..1 << bits.len()).map(|row| {
        let index = scatter(row, bits) as u64;
        ops.iter().map(|op| op.entry(index, index)).product()
    });
    Op { body: Body::Diagonal(entries.collect()), targets: bits.to_vec(), controls: 0, values: 0 }
}
