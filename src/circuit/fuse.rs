//! Fuses the operations of a circuit into fewer gates of few kinds, with the same effect.
//!
//! Every matrix on one qubit is a diagonal, a real rotation and a diagonal, so a circuit of gates on one
//! qubit, controlled gates and Pauli rotations comes down to two kinds of gates: **rotations**, which are real
//! and mix the amplitudes of one bit, and **diagonals**, which commute with each other, so
//! that all between two rotations of a bit become one; a controlled X is a Hadamard, a sign and a Hadamard, and
//! these Hadamards join the rotations before and after.
//!
//! What is fused depends on the kind of the operations alone. The numbers come later, from the parameters:
//! here are only the recipes.

use std::collections::BTreeSet;

use num_complex::Complex64;

use super::{Action, Operation};
use crate::bits::{mask_of, set_bits};
use crate::gates::{Base, Generator};
use crate::operator::PauliString;
use crate::progress::Progress;

/// A matrix on one bit, told by where its numbers come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Factor {
    /// What an operation does to its one target.
    Operation(usize),
    /// A Hadamard gate.
    Hadamard,
    /// `rx(pi/2)`, after which a Y is a Z; and its inverse.
    QuarterX(bool),
    /// The real rotation in the matrix of an operation, by half its angle; and its inverse.
    HalfRotation(usize, bool),
    /// A Pauli matrix: X, Z, or both.
    Pauli(bool, bool),
}

/// A diagonal, told by where its numbers come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece {
    /// The diagonal of an operation on its targets.
    Operation(usize),
    /// `exp(-+ i theta/2)` for the angle of an operation, by parity.
    PauliRotation(usize),
    /// `1, -1`.
    Sign,
    /// The diagonals after and before the real part of a rotation.
    AfterRotation(usize),
    /// As above.
    BeforeRotation(usize),
    /// The diagonals after and before the real rotation in the matrix of an operation.
    ControlledAfter(usize),
    /// As above.
    ControlledBefore(usize),
}

/// A product of unitary matrices on one bit, the first to act first.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotation {
    /// The matrices.
    pub factors: Vec<Factor>,
}

/// A product of diagonals.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagonal {
    /// Its targets, the first is the most significant bit of an entry's number.
    pub targets: Vec<u8>,
    /// Those in which an X has not been done yet, as bits of an entry's number.
    pub flipped: usize,
    /// Whether only the parity of the targets counts: then there are two entries.
    pub parity: bool,
    /// Where these bits have other values, it is one.
    pub controls: u64,
    /// The values.
    pub values: u64,
    /// The diagonals.
    pub pieces: Vec<Piece>,
}

/// A product of matrices on one bit or two, the first to act first.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// For each: on which of the bits, by their places, or on all in the order of the operation.
    pub factors: Vec<(Option<usize>, Factor)>,
}

/// A fused gate.
#[derive(Clone, Debug, PartialEq)]
pub enum FusedGate {
    /// A rotation, by its number, of this bit.
    Rotation(usize, u8),
    /// A diagonal, by its number.
    Diagonal(usize),
    /// A matrix, by its number, on these bits, of which the first is the most significant.
    Matrix(usize, Vec<u8>),
    /// An X on a bit, where the bits of a mask have these values.
    Flip(u8, u64, u64),
    /// Swaps two bits.
    Swap(u8, u8),
    /// An operation that is done by a kernel of its own.
    Direct(usize),
}

/// Which overlaps of two states are taken before a gate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observed {
    /// None.
    No,
    /// That with the parity of a diagonal, or with the Y of a rotation that is no more than a rotation about Y.
    One,
    /// Those with X, Y and Z of a rotation.
    Three,
}

/// The gates of a circuit, and the recipes for their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fused {
    /// The gates, in order.
    pub gates: Vec<FusedGate>,
    /// Which bits each gate touches, and on which it is not diagonal.
    pub masks: Vec<[u64; 2]>,
    /// The rotations.
    pub rotations: Vec<Rotation>,
    /// The diagonals.
    pub diagonals: Vec<Diagonal>,
    /// The matrices.
    pub matrices: Vec<Matrix>,
    /// Which overlaps of two states are taken before each gate; nothing for none.
    pub observed: Vec<Observed>,
}

/// What a frame puts off.
const X: Factor = Factor::Pauli(true, false);

/// A diagonal with more targets is not worth a table.
const DIAGONAL_BITS: usize = 6;

/// What fusing an operation takes, in nanoseconds, roughly.
const NANOS_TO_FUSE: f64 = 500.0;

/// How many operations ahead to look for the next one on a bit.
const LOOK_AHEAD: usize = 1000;

/// What is gathered for each bit, until something comes that does not commute.
#[derive(Clone, Default)]
struct Pending {
    /// Matrices, ...
    factors: Vec<Factor>,
    /// ... and before them diagonals.
    pieces: Vec<Piece>,
}

struct Builder<'a> {
    operations: &'a [Operation],
    /// The bits that qubits are.
    bits: &'a [u8],
    pending: Vec<Pending>,
    /// The bits in which an X is put off: what is diagonal finds 0 and 1 there swapped, and what comes next
    /// on the bit takes it along.
    frame: u64,
    /// Which operations are observed; nothing for none.
    observed: &'a [bool],
    fused: Fused,
}

impl Fused {
    /// Fuses operations on these bits; nothing if it is stopped. The overlap of two states is taken before each
    /// rotation or diagonal in which an operation is that is `observed`.
    pub fn new(
        operations: &[Operation],
        bits: &[u8],
        observed: &[bool],
        progress: &Progress<'_>,
    ) -> Option<Fused> {
        let mut builder = Builder::new(operations, bits, observed);
        for number in 0..operations.len() {
            builder.add(number);
            if !progress.advance(0.0, NANOS_TO_FUSE) {
                return None;
            }
        }
        for bit in 0..bits.len() as u8 {
            builder.finish(bit);
        }
        if !observed.is_empty() {
            builder.observe();
        }
        Some(builder.fused)
    }

    /// Each operation by itself, with a kernel of its own.
    pub fn direct(operations: &[Operation], bits: &[u8]) -> Fused {
        let mut builder = Builder::new(operations, bits, &[]);
        for number in 0..operations.len() {
            builder.push(FusedGate::Direct(number));
        }
        builder.fused
    }

    /// The rotations whose scale some gates leave to others, and those whose scale they do for others, which they
    /// then have to undo: true and the number of the rotation.
    pub fn unscaled(&self, gates: impl IntoIterator<Item = usize>) -> Vec<(bool, usize)> {
        let mut waiting = BTreeSet::new();
        let mut done = Vec::new();
        for gate in gates {
            match &self.gates[gate] {
                FusedGate::Rotation(number, _) => {
                    waiting.insert(*number);
                }
                FusedGate::Diagonal(number) => {
                    for piece in &self.diagonals[*number].pieces {
                        match piece {
                            Piece::AfterRotation(number) if !waiting.remove(number) => {
                                done.push((true, *number))
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        done.extend(waiting.into_iter().map(|number| (false, number)));
        done
    }

    /// Which overlaps are taken before a gate.
    pub fn observed(&self, gate: usize) -> Observed {
        self.observed.get(gate).copied().unwrap_or(Observed::No)
    }

    /// Whether some gates are one operator that has a kernel: a gate by itself, or rotations and diagonals of one bit.
    pub fn are_one(&self, gates: &[usize]) -> bool {
        if gates.iter().any(|&gate| self.observed(gate) != Observed::No) {
            return false;
        }
        let touched = gates.iter().fold(0, |mask, &gate| mask | self.masks[gate][0]);
        let of_one_bit = |&gate: &usize| match self.gates[gate] {
            FusedGate::Rotation(..) => true,
            FusedGate::Diagonal(number) => self.diagonals[number].targets.len() == 1,
            _ => false,
        };
        gates.len() == 1 || (touched.is_power_of_two() && gates.iter().all(of_one_bit))
    }
}

impl<'a> Builder<'a> {
    fn new(operations: &'a [Operation], bits: &'a [u8], observed: &'a [bool]) -> Builder<'a> {
        let pending = vec![Pending::default(); bits.len()];
        Builder { operations, bits, pending, frame: 0, observed, fused: Fused::default() }
    }

    /// Whether an operation is observed.
    fn wants(&self, operation: usize) -> bool {
        self.observed.get(operation).is_some_and(|&observed| observed)
    }

    /// Finds the gates before which overlaps are taken.
    fn observe(&mut self) {
        let gate = |gate: &FusedGate| match gate {
            FusedGate::Rotation(number, _) => {
                let factors = &self.fused.rotations[*number].factors;
                // Another rotation is one about Y between diagonals, but which these are is lost at angle 0.
                match (self.has_wanted(factors), &factors[..]) {
                    (false, _) => Observed::No,
                    (true, [Factor::Operation(number)]) if self.is_real_rotation(*number) => {
                        Observed::One
                    }
                    (true, _) => Observed::Three,
                }
            }
            FusedGate::Diagonal(number) => {
                let wanted = |piece: &Piece| match piece {
                    Piece::Operation(number) | Piece::PauliRotation(number) => self.wants(*number),
                    _ => false,
                };
                match self.fused.diagonals[*number].pieces.iter().any(wanted) {
                    true => Observed::One,
                    false => Observed::No,
                }
            }
            _ => Observed::No,
        };
        self.fused.observed = self.fused.gates.iter().map(gate).collect();
    }

    fn has_wanted(&self, factors: &[Factor]) -> bool {
        factors.iter().any(|factor| matches!(factor, Factor::Operation(number) if self.wants(*number)))
    }

    fn add(&mut self, number: usize) {
        let operation = &self.operations[number];
        let (targets, controls, values) = operation.site(self.bits);
        match &operation.action {
            Action::Gate(gate, _) => match (gate.base, &targets[..]) {
                (Base::Permutation(_), &[target]) => self.flip(number, target, controls, values),
                (Base::Permutation(_), &[a, b]) if controls == 0 => self.swap(a, b),
                (Base::Permutation(_), &[a, b]) => {
                    self.emit_flip(a, 1 << b, 1 << b);
                    self.emit_flip(b, controls | 1 << a, values | 1 << a);
                    self.emit_flip(a, 1 << b, 1 << b);
                }
                (Base::Diagonal(_), _) => self.diagonal_operation(number, targets, controls, values),
                (Base::Dense(_), &[target]) => self.dense(number, target, controls, values),
                (Base::Dense(_), _) => match gate.generator {
                    Generator::Pauli(letters) => {
                        let string = PauliString::of(letters).expect("the table has Pauli letters");
                        self.pauli_rotation(number, string, &targets, controls, values);
                    }
                    _ if controls == 0 && targets.len() == 2 => self.pair(number, targets),
                    _ => self.direct(number),
                },
                (Base::Permutation(_), _) => self.direct(number),
            },
            Action::Dense(matrix) => match targets[..] {
                [target] if is_unitary(matrix) => self.dense(number, target, controls, values),
                [_] if controls == 0 => self.alone(number, targets),
                [_, _] if controls == 0 => self.pair(number, targets),
                _ => self.direct(number),
            },
            Action::Diagonal(entries) => match targets.len() {
                k if k <= DIAGONAL_BITS && entries.iter().all(|entry| is_one(entry.norm_sqr())) => {
                    self.diagonal_operation(number, targets, controls, values);
                }
                1 if controls == 0 => self.alone(number, targets),
                2 if controls == 0 => self.pair(number, targets),
                _ => self.direct(number),
            },
            Action::Permutation(_, transpositions) => match targets[..] {
                [target] if !transpositions.is_empty() => self.flip(number, target, controls, values),
                [_] => {}
                [_, _] if controls == 0 => self.pair(number, targets),
                _ => self.direct(number),
            },
            Action::Pauli(string) if controls == 0 => {
                for (place, &bit) in targets.iter().rev().enumerate() {
                    let (x, z) = (string.x >> place & 1 == 1, string.z >> place & 1 == 1);
                    if x || z {
                        self.factor(bit, Factor::Pauli(x, z));
                    }
                }
            }
            Action::PauliRotation(string, _) => {
                self.pauli_rotation(number, *string, &targets, controls, values)
            }
            Action::Pauli(_) => self.direct(number),
            Action::Measure(..) | Action::Reset | Action::Kraus(_) | Action::If(..) => {
                unreachable!("segments of a script, not of a program")
            }
        }
    }

    /// A matrix on one bit that waits for others.
    fn factor(&mut self, bit: u8, factor: Factor) {
        let put_off = self.takes_frame(bit).then_some(X);
        let factors = &mut self.pending[usize::from(bit)].factors;
        for factor in put_off.into_iter().chain([factor]) {
            // Two Hadamards, of two controlled X, undo each other, and so do two X.
            let own_inverse = matches!(factor, Factor::Hadamard | Factor::Pauli(..));
            if own_inverse && factors.last() == Some(&factor) {
                factors.pop();
            } else {
                factors.push(factor);
            }
        }
    }

    /// Whether an X was put off in this bit, which it then is no more.
    fn takes_frame(&mut self, bit: u8) -> bool {
        let framed = self.frame >> bit & 1 == 1;
        self.frame &= !(1 << bit);
        framed
    }

    /// An X where controls hold, as a flip or, between matrices on its target, as a sign between
    /// Hadamards that join these.
    fn flip(&mut self, number: usize, target: u8, controls: u64, values: u64) {
        if controls == 0 {
            return self.factor(target, X);
        }
        if self.pending[usize::from(target)].factors.is_empty() || !self.single_follows(number, target) {
            return self.emit_flip(target, controls, values);
        }
        self.factor(target, Factor::Hadamard);
        self.diagonal(vec![target], false, controls, values, Piece::Sign);
        self.factor(target, Factor::Hadamard);
    }

    fn emit_flip(&mut self, target: u8, controls: u64, values: u64) {
        // An X that is put off in the target may wait on.
        self.close(target);
        self.emit_pieces(target);
        set_bits(controls).for_each(|bit| self.close(bit as u8));
        self.push(FusedGate::Flip(target, controls, values ^ self.frame & controls));
    }

    /// Whether the next operation on a bit is one on this bit alone.
    fn single_follows(&self, number: usize, bit: u8) -> bool {
        let mut later = self.operations[number + 1..].iter().take(LOOK_AHEAD);
        let touches = |&qubit: &usize| self.bits[qubit] == bit;
        later
            .find(|next| {
                let controls = next.controls.iter().map(|(qubit, _)| qubit);
                next.qubits.iter().chain(controls).any(touches)
            })
            .is_some_and(|next| next.qubits.len() == 1 && next.controls.is_empty())
    }

    fn swap(&mut self, a: u8, b: u8) {
        for bit in [a, b] {
            self.close(bit);
            self.emit_pieces(bit);
        }
        let framed = [a, b].map(|bit| u64::from(self.takes_frame(bit)));
        self.frame |= framed[0] << b | framed[1] << a;
        self.push(FusedGate::Swap(a, b));
    }

    fn diagonal_operation(&mut self, number: usize, targets: Vec<u8>, controls: u64, values: u64) {
        match targets[..] {
            [target] if controls == 0 => self.factor(target, Factor::Operation(number)),
            _ => self.diagonal(targets, false, controls, values, Piece::Operation(number)),
        }
    }

    /// A unitary matrix on one target where controls hold: a controlled rotation is half of it, a sign,
    /// half of it back, and a sign.
    fn dense(&mut self, number: usize, target: u8, controls: u64, values: u64) {
        if controls == 0 {
            return self.factor(target, Factor::Operation(number));
        }
        let diagonal = |builder: &mut Self, piece| {
            builder.diagonal(vec![target], false, controls, values, piece);
        };
        diagonal(self, Piece::ControlledBefore(number));
        diagonal(self, Piece::Sign);
        self.factor(target, Factor::HalfRotation(number, true));
        diagonal(self, Piece::Sign);
        self.factor(target, Factor::HalfRotation(number, false));
        diagonal(self, Piece::ControlledAfter(number));
    }

    /// A rotation about a Pauli string: in the basis where it is a parity, a diagonal.
    fn pauli_rotation(
        &mut self,
        number: usize,
        string: PauliString,
        targets: &[u8],
        controls: u64,
        values: u64,
    ) {
        let support = string.support(targets.len());
        let bit = |place: u8| targets[targets.len() - 1 - usize::from(place)];
        let is = |mask: u64, place: u8| mask >> place & 1 == 1;
        for back in [false, true] {
            for &place in support.iter().filter(|&&place| is(string.x, place)) {
                let factor = if is(string.z, place) { Factor::QuarterX(back) } else { Factor::Hadamard };
                self.factor(bit(place), factor);
            }
            if !back {
                let targets = support.iter().map(|&place| bit(place)).collect();
                self.diagonal(targets, true, controls, values, Piece::PauliRotation(number));
            }
        }
    }

    /// A matrix on two bits, with those that wait there.
    fn pair(&mut self, number: usize, targets: Vec<u8>) {
        let mut factors = Vec::new();
        for (place, &bit) in targets.iter().enumerate() {
            if self.has_wanted(&self.pending[usize::from(bit)].factors) {
                self.close(bit);
            }
            self.emit_pieces(bit);
            let put_off = self.takes_frame(bit).then_some(X);
            let waiting = std::mem::take(&mut self.pending[usize::from(bit)].factors);
            let waiting = put_off.into_iter().chain(waiting);
            factors.extend(waiting.map(|factor| (Some(place), factor)));
        }
        factors.push((None, Factor::Operation(number)));
        self.matrix(targets, factors);
    }

    /// A matrix that is not unitary, by itself: products of such may overflow where one after the other does
    /// not.
    fn alone(&mut self, number: usize, targets: Vec<u8>) {
        self.finish(targets[0]);
        self.matrix(targets, vec![(Some(0), Factor::Operation(number))]);
    }

    fn matrix(&mut self, bits: Vec<u8>, factors: Vec<(Option<usize>, Factor)>) {
        self.fused.matrices.push(Matrix { factors });
        self.push(FusedGate::Matrix(self.fused.matrices.len() - 1, bits));
    }

    fn direct(&mut self, number: usize) {
        let operation = &self.operations[number];
        let (targets, controls, _) = operation.site(self.bits);
        for bit in targets.into_iter().chain(set_bits(controls).map(|bit| bit as u8)) {
            self.finish(bit);
        }
        self.push(FusedGate::Direct(number));
    }

    /// A diagonal, before which the matrices on its bits are done; on one bit it joins the others there.
    fn diagonal(&mut self, targets: Vec<u8>, parity: bool, controls: u64, values: u64, piece: Piece) {
        for bit in targets.iter().copied().chain(set_bits(controls).map(|bit| bit as u8)) {
            self.close(bit);
        }
        match targets[..] {
            [target] if controls == 0 && self.frame >> target & 1 == 0 => {
                self.pending[usize::from(target)].pieces.push(piece);
            }
            _ => self.emit(targets, parity, controls, values, vec![piece]),
        }
    }

    /// A diagonal, which finds the bits in which an X is put off swapped.
    fn emit(&mut self, targets: Vec<u8>, parity: bool, controls: u64, values: u64, pieces: Vec<Piece>) {
        let framed = |&bit: &u8| (self.frame >> bit & 1) as usize;
        let flipped = match parity {
            true => targets.iter().fold(0, |flipped, bit| flipped ^ framed(bit)),
            false => targets.iter().fold(0, |flipped, bit| flipped << 1 | framed(bit)),
        };
        let values = values ^ self.frame & controls;
        self.fused.diagonals.push(Diagonal { targets, flipped, parity, controls, values, pieces });
        self.push(FusedGate::Diagonal(self.fused.diagonals.len() - 1));
    }

    /// Does all that waits on a bit.
    fn finish(&mut self, bit: u8) {
        self.close(bit);
        self.emit_pieces(bit);
        if self.takes_frame(bit) {
            self.rotation(bit, vec![X]);
            self.emit_pieces(bit);
        }
    }

    /// Does what waits on a bit, but for the last diagonal, which may wait on, or a last X, which is put off.
    fn close(&mut self, bit: u8) {
        let factors = std::mem::take(&mut self.pending[usize::from(bit)].factors);
        if factors.is_empty() {
            return;
        }
        if factors == [X] {
            self.emit_pieces(bit);
            debug_assert!(self.frame >> bit & 1 == 0, "the factors have taken it along");
            self.frame |= 1 << bit;
        } else if factors.iter().all(|&factor| self.is_diagonal(factor)) {
            for factor in factors {
                let piece = match factor {
                    Factor::Operation(number) => Piece::Operation(number),
                    _ => Piece::Sign,
                };
                self.pending[usize::from(bit)].pieces.push(piece);
            }
        } else {
            self.rotation(bit, factors);
        }
    }

    fn rotation(&mut self, bit: u8, factors: Vec<Factor>) {
        let number = self.fused.rotations.len();
        self.fused.rotations.push(Rotation { factors });
        self.pending[usize::from(bit)].pieces.push(Piece::BeforeRotation(number));
        self.emit_pieces(bit);
        self.push(FusedGate::Rotation(number, bit));
        self.pending[usize::from(bit)].pieces.push(Piece::AfterRotation(number));
    }

    fn emit_pieces(&mut self, bit: u8) {
        let pieces = std::mem::take(&mut self.pending[usize::from(bit)].pieces);
        if !pieces.is_empty() {
            self.emit(vec![bit], false, 0, 0, pieces);
        }
    }

    fn push(&mut self, gate: FusedGate) {
        let masks = match &gate {
            FusedGate::Rotation(_, bit) => [1 << bit; 2],
            FusedGate::Diagonal(number) => {
                let diagonal = &self.fused.diagonals[*number];
                [diagonal.controls | mask_of(&diagonal.targets), 0]
            }
            FusedGate::Matrix(_, bits) => [mask_of(bits); 2],
            FusedGate::Flip(target, controls, _) => [controls | 1 << target, 1 << target],
            FusedGate::Swap(a, b) => [1 << a | 1 << b; 2],
            FusedGate::Direct(number) => {
                let (targets, controls, _) = self.operations[*number].site(self.bits);
                [controls | mask_of(&targets); 2]
            }
        };
        self.fused.gates.push(gate);
        self.fused.masks.push(masks);
    }

    fn is_real_rotation(&self, operation: usize) -> bool {
        matches!(&self.operations[operation].action,
            Action::Gate(gate, _) if gate.generator == Generator::Pauli("Y"))
    }

    fn is_diagonal(&self, factor: Factor) -> bool {
        match factor {
            Factor::Operation(number) => match &self.operations[number].action {
                Action::Gate(gate, _) => matches!(gate.base, Base::Diagonal(_)),
                action => matches!(action, Action::Diagonal(_)),
            },
            Factor::Pauli(x, _) => !x,
            _ => false,
        }
    }
}

/// As near to one as a few roundings leave it.
fn is_one(x: f64) -> bool {
    (x - 1.0).abs() <= 16.0 * f64::EPSILON
}

/// Whether a matrix on one qubit is unitary, up to rounding.
fn is_unitary(matrix: &[Complex64]) -> bool {
    let [a, b, c, d] = matrix else { return false };
    let columns = (a.conj() * b + c.conj() * d).norm() <= 16.0 * f64::EPSILON;
    columns && is_one(a.norm_sqr() + c.norm_sqr()) && is_one(b.norm_sqr() + d.norm_sqr())
}
