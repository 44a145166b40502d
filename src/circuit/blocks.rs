//! Blocks: operations in a row on one pair of bits, which become one 4 x 4 matrix where that costs less.
//!
//! As rotations and phase tables, a block takes as long as it has operations; as a matrix, always the same. Operations on
//! other bits may stand between those of a block: they commute with it.

use super::fuse::{is_one, is_unitary};
use super::{Action, Operation};
use crate::bits::set_bits;
use crate::gates::{Base, Generator};
use crate::operator::PauliString;
use crate::progress::Progress;

/// How many rotations and phase tables take as long as a matrix on two bits. On one thread, blocks of `u`, `u` and `cx`
/// take 0.75, 1.1 and 1.4 times as long as a matrix if they are repeated 2, 3 and 4 times, on 10 and on 16 qubits and in
/// both precisions; `rxx`, `ryy` and `rzz` on a pair take 1.03 to 1.1 times as long.
const OF_A_MATRIX: usize = 9;

/// Which operations are together.
pub struct Blocks {
    /// For each operation, the block that it belongs to, if any; those after the last block are left out.
    of: Vec<Option<usize>>,
    /// The operations of each block, in order.
    members: Vec<Vec<usize>>,
}

/// How many operations are looked at before it is asked again whether to go on.
const AT_A_TIME: usize = 256;

/// Estimate for looking at one operation.
const NANOS_TO_LOOK: f64 = 100.0;

/// What an operation is fused into.
#[derive(Clone, Copy)]
enum Kind {
    /// Nothing that takes time: a diagonal on one bit, an X.
    Free,
    /// A diagonal on two bits.
    Diagonal,
    /// A matrix on one bit.
    Mixes,
    /// A controlled X: a diagonal between matrices on this bit.
    Flip(u64),
    /// A diagonal between matrices on the bits of a mask.
    Between(u64),
    /// Twice a diagonal and a matrix on this bit, as a controlled matrix is.
    Controlled(u64),
    /// An exchange of the two bits.
    Swap,
    /// A matrix on two bits.
    Matrix,
}

/// A block that may still grow.
#[derive(Default)]
struct Open {
    bits: u64,
    members: Vec<usize>,
    /// How many of the members there are up to the last that acts on both bits.
    len: usize,
    /// Whether these cost more than a matrix.
    worth: bool,
    /// How many rotations and phase tables all members become.
    cost: usize,
    /// The bits that a matrix has mixed since the last diagonal.
    mixed: u64,
    /// Whether a diagonal came last.
    diagonal: bool,
    /// Whether an operation mixes amplitudes. Those that only move them are exact, and stay as they are.
    mixes: bool,
}

impl Open {
    /// A new block, on these bits; on some of them a matrix waits. Memory is used again.
    fn begin(&mut self, bits: u64, waiting: u64) {
        let mut members = std::mem::take(&mut self.members);
        members.clear();
        let (cost, mixes) = (waiting.count_ones() as usize, waiting != 0);
        *self = Open { bits, members, cost, mixed: waiting, mixes, ..Open::default() };
    }

    fn mix(&mut self, bits: u64) {
        self.cost += (bits & !self.mixed).count_ones() as usize;
        self.mixed |= bits;
        self.diagonal = false;
    }

    fn table(&mut self) {
        self.cost += usize::from(!self.diagonal);
        (self.mixed, self.diagonal) = (0, true);
    }

    fn add(&mut self, number: usize, bits: u64, kind: Kind) {
        self.members.push(number);
        match kind {
            Kind::Free => {}
            Kind::Diagonal => self.table(),
            Kind::Mixes => self.mix(bits),
            Kind::Flip(mixed) | Kind::Between(mixed) => {
                self.mix(mixed);
                self.table();
                self.mix(mixed);
            }
            Kind::Controlled(target) => {
                for _ in 0..2 {
                    self.table();
                    self.mix(target);
                }
            }
            Kind::Swap => {
                if self.mixed.count_ones() == 1 {
                    self.mixed = self.bits & !self.mixed;
                }
            }
            Kind::Matrix => {
                self.cost += OF_A_MATRIX;
                (self.mixed, self.diagonal) = (0, false);
            }
        }
        self.mixes |=
            matches!(kind, Kind::Mixes | Kind::Between(_) | Kind::Controlled(_) | Kind::Matrix);
        if bits == self.bits {
            self.len = self.members.len();
            self.worth = self.len > 1 && self.mixes && self.cost >= OF_A_MATRIX;
        }
    }
}

impl Blocks {
    /// No operations are together.
    pub fn none() -> Blocks {
        Blocks { of: Vec::new(), members: Vec::new() }
    }

    /// Finds those that are worth it, where qubit `q` is the bit `bits[q]` of the address; None if it is stopped.
    pub fn new(operations: &[Operation], bits: &[u8], progress: &Progress<'_>) -> Option<Blocks> {
        let mut found = Blocks::none();
        // Each open block is at the place of its lowest bit, which `block_of` has for both. On the bits of `waiting` a
        // matrix waits that a block would take along.
        let mut open: Vec<Open> = (0..bits.len()).map(|_| Open::default()).collect();
        let mut block_of: Vec<Option<usize>> = vec![None; bits.len()];
        let mut waiting = 0;
        for (number, operation) in operations.iter().enumerate() {
            if number % AT_A_TIME == 0 && !progress.advance(0.0, NANOS_TO_LOOK * AT_A_TIME as f64) {
                return None;
            }
            let controls = operation.controls.iter().map(|(qubit, _)| qubit);
            let touched = operation
                .qubits
                .iter()
                .chain(controls)
                .fold(0u64, |mask, &qubit| mask | 1 << bits[qubit]);
            if touched == 0 {
                continue;
            }
            let kind = if touched.count_ones() <= 2 { kind(operation, bits, touched) } else { None };
            let block = block_of[touched.trailing_zeros() as usize];
            match (kind, block.filter(|&block| touched & !open[block].bits == 0)) {
                (Some(kind), Some(block)) => open[block].add(number, touched, kind),
                (Some(_), None) if touched.is_power_of_two() => {}
                (kind, _) => {
                    for bit in set_bits(touched) {
                        if let Some(block) = block_of[bit] {
                            found.close(&open[block]);
                            set_bits(open[block].bits).for_each(|bit| block_of[bit] = None);
                        }
                    }
                    if let Some(kind) = kind {
                        let block = touched.trailing_zeros() as usize;
                        open[block].begin(touched, waiting & touched);
                        open[block].add(number, touched, kind);
                        set_bits(touched).for_each(|bit| block_of[bit] = Some(block));
                    }
                }
            }
            match kind {
                Some(Kind::Mixes) => waiting |= touched,
                Some(Kind::Free) => {}
                _ => waiting &= !touched,
            }
        }
        for (bit, block) in block_of.iter().enumerate() {
            if *block == Some(bit) {
                found.close(&open[bit]);
            }
        }
        Some(found)
    }

    /// The operations of the block whose last one this is; nothing if the operation is another one of a block, and None
    /// if it is in no block.
    pub fn ends_with(&self, operation: usize) -> Option<&[usize]> {
        let members = &self.members[(*self.of.get(operation)?)?];
        Some(if members.last() == Some(&operation) { members } else { &[] })
    }

    /// No more operations fit into a block.
    fn close(&mut self, block: &Open) {
        let members = &block.members[..block.len];
        let Some(last) = members.last().filter(|_| block.worth) else { return };
        if self.of.len() <= *last {
            self.of.resize(last + 1, None);
        }
        members.iter().for_each(|&member| self.of[member] = Some(self.members.len()));
        self.members.push(members.to_vec());
    }
}

/// What an operation that touches one bit or two does; None if it can be in no block.
fn kind(operation: &Operation, bits: &[u8], touched: u64) -> Option<Kind> {
    let target = 1 << bits[*operation.qubits.last()?];
    let alone = touched.is_power_of_two();
    let single = |gate_controls: usize| operation.qubits.len() == 1 + gate_controls;
    let diagonal = if alone { Kind::Free } else { Kind::Diagonal };
    let dense = |single: bool| match (single, alone) {
        (true, true) => Kind::Mixes,
        (true, false) => Kind::Controlled(target),
        (false, _) => Kind::Matrix,
    };
    let of_string = |string: PauliString| {
        let letters = operation.qubits.iter().rev().enumerate();
        let mixed = letters.filter(|(letter, _)| string.x >> letter & 1 == 1);
        let mixed = mixed.fold(0, |mask, (_, &qubit)| mask | 1 << bits[qubit]);
        if mixed == 0 { Kind::Diagonal } else { Kind::Between(mixed) }
    };
    Some(match &operation.action {
        Action::Gate(gate, _) => match gate.base {
            Base::Diagonal(_) => diagonal,
            Base::Permutation(_) if alone => Kind::Free,
            Base::Permutation(_) if single(gate.controls) => Kind::Flip(target),
            Base::Permutation(_) => Kind::Swap,
            Base::Dense(_) if single(gate.controls) => dense(true),
            Base::Dense(_) => match gate.generator {
                Generator::Pauli(letters) => of_string(PauliString::of(letters).ok()?),
                _ => Kind::Matrix,
            },
        },
        Action::Dense(matrix) if is_unitary(matrix) => dense(single(0)),
        Action::Diagonal(entries) if entries.iter().all(|entry| is_one(entry.norm_sqr())) => diagonal,
        Action::PauliRotation(string, _) if operation.qubits.len() == 2 => of_string(*string),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::fuse::{Fused, FusedGate, Part};
    use crate::gates::{Gate, named};

    fn gate(gate: &'static Gate, angles: &[f64], qubits: &[usize]) -> Operation {
        let angles = angles.iter().map(|&angle| angle.into()).collect();
        Operation::gate(gate, angles, qubits.to_vec(), vec![])
    }

    fn found(operations: &[Operation]) -> Vec<Vec<usize>> {
        Blocks::new(operations, &[2, 1, 0], &Progress::unwatched()).unwrap().members
    }

    /// Turns of both qubits and a CX between them, so often.
    fn turns(times: usize) -> Vec<Operation> {
        let once = [
            gate(&named::ry, &[0.1], &[0]),
            gate(&named::ry, &[0.2], &[1]),
            gate(&named::cx, &[], &[0, 1]),
        ];
        std::iter::repeat_n(once, times).flatten().collect()
    }

    #[test]
    fn from_what_a_matrix_costs() {
        // Each time two rotations and a phase table, and the last CX leaves an H.
        assert_eq!(found(&turns(2)), [[0; 0]; 0]);
        assert_eq!(found(&turns(3)), [[2, 3, 4, 5, 6, 7, 8]]);
        let others = [gate(&named::h, &[], &[2]), gate(&named::rxx, &[0.3], &[1, 2])];
        let mut all: Vec<Operation> = turns(3);
        all.splice(4..4, [others[0].clone()]);
        assert_eq!(found(&all), [[2, 3, 5, 6, 7, 8, 9]], "what commutes may stand between");
        all.insert(4, others[1].clone());
        assert_eq!(found(&all), [[0; 0]; 0], "what does not commute ends a block");
    }

    #[test]
    fn permutations_stay_exact() {
        let flips: Vec<Operation> =
            (0..20).map(|i| gate(&named::cx, &[], &[i % 2, 1 - i % 2])).collect();
        assert_eq!(found(&flips), [[0; 0]; 0]);
        let mut with_a_turn = flips.clone();
        with_a_turn.push(gate(&named::h, &[], &[0]));
        assert_eq!(found(&with_a_turn), [[0; 0]; 0], "it comes after the last");
        with_a_turn.insert(5, gate(&named::h, &[], &[0]));
        assert_eq!(found(&with_a_turn), [(0..21).collect::<Vec<_>>()]);
    }

    #[test]
    fn a_block_takes_along_what_waits() {
        let operations = turns(3);
        let fused = Fused::new(&operations, &[2, 1, 0], &[], false, &Progress::unwatched()).unwrap();
        assert_eq!(fused.gates, [FusedGate::Matrix(0, [2, 1].into_iter().collect())]);
        let factors = &fused.matrices[0].factors;
        assert_eq!(factors.len(), 9);
        assert_eq!(factors.iter().filter(|part| matches!(part, Part::Both(_, false))).count(), 3);
    }
}
