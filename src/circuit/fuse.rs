//! Fuses the operations of a circuit into fewer gates of few kinds, with the same effect.
//!
//! Every unitary matrix on one qubit is a diagonal, a real rotation and a diagonal:
//!
//! ```text
//! U = diag(after) [[cos, -sin], [sin, cos]] diag(before)             as in rz(phi) ry(theta) rz(lam)
//! ```
//!
//! So nearly all circuits consist of two kinds of gates. **Rotations** are real and mix the amplitudes of one
//! bit. **Diagonals** only multiply amplitudes, so they commute with each other: all diagonals on a bit between two
//! rotations of that bit become one. For example:
//!
//! ```text
//! h(0) rz(0) ry(0)     one rotation of bit 0, with a diagonal before and after it
//! rz(0) cz(0, 1) t(0)  two diagonals: rz times t, and cz
//! cx(0, 1)             h(1) cz(0, 1) h(1), if a gate on bit 1 comes before and after: each h joins one of them
//! ```
//!
//! What is fused depends only on the kinds of the operations, not on their angles. So this module makes recipes
//! ([`Factor`], [`Piece`]) that say how to compute the numbers of each fused gate, and
//! [`evaluate`](super::evaluate) computes them once the parameters have values.
//!
//! An X costs nothing where it can wait: the builder keeps it as a bit of a *Pauli frame* instead of applying it.
//! Later diagonals are then written with the entries for 0 and 1 exchanged, until some gate takes the X along.

use num_complex::Complex64;
use smallvec::{SmallVec, smallvec};

use super::blocks::Blocks;
use super::{Action, Operation};
use crate::bits::{mask_of, set_bits};
use crate::gates::{Base, Generator};
use crate::operator::PauliString;
use crate::progress::Progress;

/// Bits of the address.
pub type Bits = SmallVec<[u8; 16]>;

/// The recipe for a matrix on one bit. Operations are named by their index in the circuit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Factor {
    /// The matrix of an operation with one target.
    Operation(usize),
    /// The matrix of H.
    Hadamard,
    /// The matrix of `rx(pi/2)`, which takes Y to Z; with `true`, its inverse.
    QuarterX(bool),
    /// The real rotation in the matrix of an operation, by half its angle; with `true`, its inverse.
    HalfRotation(usize, bool),
    /// X with `(true, false)`, Z with `(false, true)`, Y with `(true, true)`.
    Pauli(bool, bool),
}

/// The recipe for a diagonal. Operations are named by their index in the circuit, rotations by theirs in
/// [`Fused::rotations`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece {
    /// The diagonal of an operation.
    Operation(usize),
    /// `exp(-i theta/2)` where the parity of the targets is even, `exp(i theta/2)` where it is odd; theta is the
    /// angle of the operation.
    PauliRotation(usize),
    /// `diag(1, -1)`.
    Sign,
    /// `diag(after)` of a rotation.
    AfterRotation(usize),
    /// `diag(before)` of a rotation.
    BeforeRotation(usize),
    /// `diag(after)` of the matrix of a controlled operation.
    ControlledAfter(usize),
    /// `diag(before)` of the matrix of a controlled operation.
    ControlledBefore(usize),
}

/// The recipe for a rotation: a product of unitary matrices on one bit, of which the real rotation is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotation {
    /// The matrices, in the order in which they act.
    pub factors: SmallVec<[Factor; 2]>,
}

impl Rotation {
    /// Whether it is that of an X, which moves amplitudes and does not mix them.
    pub fn is_flip(&self) -> bool {
        self.factors[..] == [X]
    }
}

/// The recipe for a diagonal: a product of diagonals on the same bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagonal {
    /// Its targets. The first is the most significant bit of an entry's index.
    pub targets: Bits,
    /// The targets that have an X in the Pauli frame, as bits of an entry's index: entry `i` of the operation is
    /// found at `i ^ flipped`.
    pub flipped: usize,
    /// Whether only the parity of the targets counts: then there are two entries, for even and for odd.
    pub parity: bool,
    /// The control bits, as a mask: where they do not have their values, the diagonal is 1.
    pub controls: u64,
    /// The values of the controls.
    pub values: u64,
    /// The factors of the product.
    pub pieces: SmallVec<[Piece; 2]>,
}

/// The recipe for a matrix on one bit or two: a product of matrices.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// The matrices, in the order in which they act.
    pub factors: Vec<Part>,
    /// Whether it is a block: many factors, all of them unitary up to rounding.
    pub is_block: bool,
}

/// A factor of a matrix on one bit or two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// A matrix on the bit at this position.
    One(usize, Factor),
    /// An operation on both bits, which it has in this order or, with `true`, in the other one.
    Both(usize, bool),
}

/// A fused gate.
#[derive(Clone, Debug, PartialEq)]
pub enum FusedGate {
    /// A rotation, by its index in [`Fused::rotations`], of this bit.
    Rotation(usize, u8),
    /// A diagonal, by its index in [`Fused::diagonals`].
    Diagonal(usize),
    /// A matrix, by its index in [`Fused::matrices`], on these bits, of which the first is the most significant.
    Matrix(usize, Bits),
    /// An X on a bit, where the control bits (a mask) have these values.
    Flip(u8, u64, u64),
    /// Swaps two bits.
    Swap(u8, u8),
    /// An operation, by its index in the circuit, that is applied by a kernel of its own.
    Direct(usize),
}

/// Which overlaps a gradient takes before a gate: see [`adjoint`](super::adjoint).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observed {
    /// None.
    No,
    /// One: with the parity of a diagonal, or with Y of a rotation that was made of one `ry`.
    One,
    /// Three: with X, Y and Z of a rotation.
    Three,
}

/// The fused gates of a circuit, and the recipes for their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fused {
    /// The gates, in order.
    pub gates: Vec<FusedGate>,
    /// For each gate two masks: the bits that it touches, and those of them on which it is not diagonal.
    pub masks: Vec<[u64; 2]>,
    /// The rotations.
    pub rotations: Vec<Rotation>,
    /// The diagonals.
    pub diagonals: Vec<Diagonal>,
    /// The matrices.
    pub matrices: Vec<Matrix>,
    /// Which overlaps are taken before each gate; empty if none are.
    pub observed: Vec<Observed>,
}

/// An X, which the Pauli frame keeps.
const X: Factor = Factor::Pauli(true, false);

/// A diagonal with more targets gets no phase table: it is applied by a kernel of its own.
const DIAGONAL_BITS: usize = 6;

/// Estimate for fusing one operation.
const NANOS_TO_FUSE: f64 = 500.0;

/// How many operations ahead to look for the next one on a bit.
const LOOK_AHEAD: usize = 1000;

/// Recipes, each with the operation that it comes from; None for the phases that rotations leave.
type Traced<R> = SmallVec<[(R, Option<usize>); 2]>;

/// The gates on one bit that wait for more to fuse with: they act after all gates that were pushed, first the
/// pieces, then the factors.
#[derive(Clone, Default)]
struct Pending {
    factors: Traced<Factor>,
    pieces: Traced<Piece>,
}

/// Fuses one operation after the other.
struct Builder<'a> {
    operations: &'a [Operation],
    /// The bit of the address that each qubit is.
    bits: &'a [u8],
    /// The operation that is being fused.
    number: Option<usize>,
    /// For each bit, the gates that wait.
    pending: Vec<Pending>,
    /// The Pauli frame: the bits on which an X waits, as a mask. No pieces wait there: diagonals that come after
    /// the X are pushed at once, as they would act before it.
    frame: u64,
    /// For each bit in the frame, the operation that its X comes from.
    framed: Vec<Option<usize>>,
    /// Which operations have overlaps taken; empty if none have.
    observed: &'a [bool],
    /// Which operations become one matrix.
    blocks: Blocks,
    /// Whether the state is real, and so must be all gates.
    real: bool,
    fused: Fused,
    /// For each gate, the operations that it is made of, if that is asked for.
    origins: Option<Vec<Vec<usize>>>,
    /// Operations of which one has undone a factor of the other.
    undone: Vec<[usize; 2]>,
}

impl Fused {
    /// Fuses operations, where qubit `q` is the bit `bits[q]` of the address; None if it is stopped. Overlaps are
    /// taken before each rotation or diagonal that contains an operation which is `observed`. For a `real` state,
    /// operations that are real become gates that are.
    pub fn new(
        operations: &[Operation],
        bits: &[u8],
        observed: &[bool],
        real: bool,
        progress: &Progress<'_>,
    ) -> Option<Fused> {
        let mut builder = Builder { real, ..Builder::new(operations, bits, observed) };
        if observed.is_empty() {
            builder.blocks = Blocks::new(operations, bits, progress)?;
        }
        if !builder.add_all(progress) {
            return None;
        }
        if !observed.is_empty() {
            builder.observe();
        }
        Some(builder.fused)
    }

    /// Fuses nothing: each operation is applied by a kernel of its own.
    pub fn direct(operations: &[Operation], bits: &[u8]) -> Fused {
        let mut builder = Builder::new(operations, bits, &[]);
        for number in 0..operations.len() {
            builder.push(FusedGate::Direct(number), [Some(number)]);
        }
        builder.fused
    }

    /// For each gate of [`Fused::new`] the operations that it is made of, but for the phases that a rotation leaves to
    /// diagonals. Operations that undo each other are in none.
    pub fn origins(operations: &[Operation], bits: &[u8], real: bool) -> Vec<Vec<usize>> {
        let mut builder = Builder { real, ..Builder::new(operations, bits, &[]) };
        builder.origins = Some(Vec::new());
        let progress = Progress::unwatched();
        builder.blocks = Blocks::new(operations, bits, &progress).unwrap_or_else(Blocks::none);
        builder.add_all(&progress);
        let mut origins = builder.origins.unwrap_or_default();
        let mut last = vec![None; operations.len()];
        for (gate, from) in origins.iter().enumerate() {
            from.iter().for_each(|&operation| last[operation] = Some(gate));
        }
        // One of which others have undone all belongs to what is left of these, if that is anything.
        let mut open = builder.undone;
        loop {
            let before = open.len();
            open.retain(|&[one, other]| {
                let (found, lost) = match (last[one], last[other]) {
                    (Some(gate), None) => (gate, other),
                    (None, Some(gate)) => (gate, one),
                    (None, None) => return true,
                    (Some(_), Some(_)) => return false,
                };
                last[lost] = Some(found);
                origins[found].push(lost);
                false
            });
            if open.len() == before {
                return origins;
            }
        }
    }

    /// Which overlaps are taken before a gate, by its index.
    pub fn observed(&self, gate: usize) -> Observed {
        self.observed.get(gate).copied().unwrap_or(Observed::No)
    }

    /// Whether some gates can be applied as one operator by one kernel: a single gate, or rotations and diagonals
    /// of one bit, whose product is a 2 x 2 matrix.
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
        Builder {
            operations,
            bits,
            number: None,
            pending: vec![Pending::default(); bits.len()],
            frame: 0,
            framed: vec![None; bits.len()],
            observed,
            blocks: Blocks::none(),
            real: false,
            fused: Fused::default(),
            origins: None,
            undone: Vec::new(),
        }
    }

    /// Fuses all operations; false if it is stopped.
    fn add_all(&mut self, progress: &Progress<'_>) -> bool {
        for number in 0..self.operations.len() {
            self.add(number);
            if !progress.advance(0.0, NANOS_TO_FUSE) {
                return false;
            }
        }
        for bit in 0..self.bits.len() as u8 {
            self.finish(bit);
        }
        true
    }

    /// Whether overlaps are wanted for an operation.
    fn wants(&self, operation: usize) -> bool {
        self.observed.get(operation).is_some_and(|&observed| observed)
    }

    /// Notes before which gates overlaps are taken.
    fn observe(&mut self) {
        let gate = |gate: &FusedGate| match gate {
            FusedGate::Rotation(number, _) => {
                let factors = &self.fused.rotations[*number].factors;
                // Any other rotation is one about Y too, between two diagonals. But at angle 0 these two cannot be
                // told apart, so Y alone would not do.
                match (self.has_wanted(factors.iter()), &factors[..]) {
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

    /// Whether overlaps are wanted for one of these factors.
    fn has_wanted<'f>(&self, mut factors: impl Iterator<Item = &'f Factor>) -> bool {
        factors.any(|factor| matches!(factor, Factor::Operation(number) if self.wants(*number)))
    }

    /// Fuses the next operation.
    fn add(&mut self, number: usize) {
        self.number = Some(number);
        if let Some(members) = self.blocks.ends_with(number) {
            let members = members.to_vec();
            return self.block(&members);
        }
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
            // Of one with two Y, each is imaginary.
            Action::Pauli(string) if controls == 0 && !(self.real && string.x & string.z != 0) => {
                for (letter, &bit) in targets.iter().rev().enumerate() {
                    let (x, z) = (string.x >> letter & 1 == 1, string.z >> letter & 1 == 1);
                    if x || z {
                        self.factor(bit, Factor::Pauli(x, z));
                    }
                }
            }
            // Its Y would be taken to Z by matrices that are not real.
            Action::PauliRotation(..) if self.real => self.direct(number),
            Action::PauliRotation(string, _) => {
                self.pauli_rotation(number, *string, &targets, controls, values)
            }
            Action::Pauli(_) | Action::Phase(..) => self.direct(number),
            Action::Measure(..) | Action::Reset | Action::Kraus(_) | Action::If(..) => {
                unreachable!("segments of a script, not of a program")
            }
        }
    }

    /// Lets a matrix on one bit wait for others.
    fn factor(&mut self, bit: u8, factor: Factor) {
        let framed = self.take_frame(bit);
        let factors = &mut self.pending[usize::from(bit)].factors;
        for traced in framed.into_iter().chain([(factor, self.number)]) {
            // H H = 1, as from two controlled X in a row, and X X = 1.
            let own_inverse = matches!(traced.0, Factor::Hadamard | Factor::Pauli(..));
            if own_inverse && factors.last().is_some_and(|last| last.0 == traced.0) {
                if let (Some((_, Some(one))), Some(other), Some(_)) =
                    (factors.pop(), traced.1, &self.origins)
                {
                    self.undone.push([one, other]);
                }
            } else {
                factors.push(traced);
            }
        }
    }

    /// Takes the X of a bit out of the Pauli frame, if there is one.
    fn take_frame(&mut self, bit: u8) -> Option<(Factor, Option<usize>)> {
        let framed = self.frame >> bit & 1 == 1;
        self.frame &= !(1 << bit);
        framed.then(|| (X, self.framed[usize::from(bit)]))
    }

    /// The operations whose X waits on some bits.
    fn framers(&self, bits: u64) -> SmallVec<[Option<usize>; 4]> {
        set_bits(bits & self.frame).map(|bit| self.framed[bit]).collect()
    }

    /// Puts the X of an operation into the Pauli frame.
    fn put_frame(&mut self, bit: u8, from: Option<usize>) {
        self.frame |= 1 << bit;
        self.framed[usize::from(bit)] = from;
    }

    /// An X with controls: a flip. Between matrices on its target it is instead a controlled Z between two Hadamards,
    /// which join those matrices. Between two X it stays a flip, so that permutations are exact.
    fn flip(&mut self, number: usize, target: u8, controls: u64, values: u64) {
        if controls == 0 {
            return self.factor(target, X);
        }
        let factors = &self.pending[usize::from(target)].factors;
        let is_x = |next: &Operation| match &next.action {
            Action::Gate(gate, _) => matches!(gate.base, Base::Permutation(_)),
            _ => false,
        };
        let joins = match self.single_after(number, target) {
            Some(next) if matches!(factors[..], [(X, _)]) => !is_x(next),
            Some(_) => !factors.is_empty(),
            None => false,
        };
        if !joins {
            return self.emit_flip(target, controls, values);
        }
        self.factor(target, Factor::Hadamard);
        self.diagonal(smallvec![target], false, controls, values, Piece::Sign);
        self.factor(target, Factor::Hadamard);
    }

    fn emit_flip(&mut self, target: u8, controls: u64, values: u64) {
        // An X in the frame of the target may stay there: it commutes with the flip.
        self.close(target);
        self.emit_pieces(target);
        set_bits(controls).for_each(|bit| self.close(bit as u8));
        let mut origins = self.framers(controls);
        origins.push(self.number);
        self.push(FusedGate::Flip(target, controls, values ^ self.frame & controls), origins);
    }

    /// The next operation on a bit, if that is one on this bit alone.
    fn single_after(&self, number: usize, bit: u8) -> Option<&'a Operation> {
        let mut later = self.operations[number + 1..].iter().take(LOOK_AHEAD);
        let touches = |&qubit: &usize| self.bits[qubit] == bit;
        later
            .find(|next| {
                let controls = next.controls.iter().map(|(qubit, _)| qubit);
                next.qubits.iter().chain(controls).any(touches)
            })
            .filter(|next| next.qubits.len() == 1 && next.controls.is_empty())
    }

    fn swap(&mut self, a: u8, b: u8) {
        for bit in [a, b] {
            self.close(bit);
            self.emit_pieces(bit);
        }
        let framed = [a, b].map(|bit| self.take_frame(bit));
        for (framed, to) in framed.into_iter().zip([b, a]) {
            framed.into_iter().for_each(|(_, from)| self.put_frame(to, from));
        }
        self.push(FusedGate::Swap(a, b), [self.number]);
    }

    fn diagonal_operation(&mut self, number: usize, targets: Bits, controls: u64, values: u64) {
        match targets[..] {
            [target] if controls == 0 => self.factor(target, Factor::Operation(number)),
            _ => self.diagonal(targets, false, controls, values, Piece::Operation(number)),
        }
    }

    /// A unitary matrix on one target, with controls. The two diagonals in it become controlled diagonals. The
    /// rotation R between them becomes
    ///
    /// ```text
    /// controlled Z,  R by half its angle, backwards,  controlled Z,  R by half its angle
    /// ```
    ///
    /// as `Z R(-x) Z = R(x)`: where the controls hold, the halves add up to R, elsewhere they undo each other.
    fn dense(&mut self, number: usize, target: u8, controls: u64, values: u64) {
        if controls == 0 {
            return self.factor(target, Factor::Operation(number));
        }
        let diagonal = |builder: &mut Self, piece| {
            builder.diagonal(smallvec![target], false, controls, values, piece);
        };
        diagonal(self, Piece::ControlledBefore(number));
        diagonal(self, Piece::Sign);
        self.factor(target, Factor::HalfRotation(number, true));
        diagonal(self, Piece::Sign);
        self.factor(target, Factor::HalfRotation(number, false));
        diagonal(self, Piece::ControlledAfter(number));
    }

    /// A rotation about a Pauli string. H takes X to Z, and `rx(pi/2)` takes Y to Z; so between these and their
    /// inverses it is a rotation about a string of Z, which is a diagonal that depends on a parity.
    fn pauli_rotation(
        &mut self,
        number: usize,
        string: PauliString,
        targets: &[u8],
        controls: u64,
        values: u64,
    ) {
        let support = string.support(targets.len());
        let bit = |letter: u8| targets[targets.len() - 1 - usize::from(letter)];
        let is = |mask: u64, letter: u8| mask >> letter & 1 == 1;
        for back in [false, true] {
            for &letter in support.iter().filter(|&&letter| is(string.x, letter)) {
                let factor =
                    if is(string.z, letter) { Factor::QuarterX(back) } else { Factor::Hadamard };
                self.factor(bit(letter), factor);
            }
            if !back {
                let targets = support.iter().map(|&letter| bit(letter)).collect();
                self.diagonal(targets, true, controls, values, Piece::PauliRotation(number));
            }
        }
    }

    /// An operation on two bits as a matrix.
    fn pair(&mut self, number: usize, targets: Bits) {
        self.pair_of(targets, [Part::Both(number, false)], false);
    }

    /// Some operations on a pair of bits as one matrix.
    fn block(&mut self, members: &[usize]) {
        let Some(&last) = members.last() else { return };
        let pair = self.touched_in_order(last);
        let parts = members.iter().map(|&member| match self.touched_in_order(member)[..] {
            [bit] => Part::One(usize::from(bit != pair[0]), Factor::Operation(member)),
            [first, ..] => Part::Both(member, first != pair[0]),
            [] => unreachable!("it acts on one bit or two"),
        });
        let parts: Vec<Part> = parts.collect();
        self.pair_of(pair, parts, true);
    }

    /// The bits of an operation, first those of its qubits, then those of its controls.
    fn touched_in_order(&self, number: usize) -> Bits {
        let operation = &self.operations[number];
        let controls = operation.controls.iter().map(|(qubit, _)| qubit);
        operation.qubits.iter().chain(controls).map(|&qubit| self.bits[qubit]).collect()
    }

    /// A matrix on two bits, which takes along the matrices that wait on them.
    fn pair_of(&mut self, targets: Bits, parts: impl IntoIterator<Item = Part>, is_block: bool) {
        let mut factors = Vec::new();
        let mut origins = Vec::new();
        for (position, &bit) in targets.iter().enumerate() {
            let waiting = self.pending[usize::from(bit)].factors.iter();
            if self.has_wanted(waiting.map(|(factor, _)| factor)) {
                self.close(bit);
            }
            self.emit_pieces(bit);
            let framed = self.take_frame(bit);
            let waiting = std::mem::take(&mut self.pending[usize::from(bit)].factors);
            for (factor, from) in framed.into_iter().chain(waiting) {
                factors.push(Part::One(position, factor));
                origins.push(from);
            }
        }
        for part in parts {
            origins.push(match part {
                Part::One(_, Factor::Operation(number)) | Part::Both(number, _) => Some(number),
                Part::One(..) => None,
            });
            factors.push(part);
        }
        self.matrix(targets, Matrix { factors, is_block }, origins);
    }

    /// A matrix that is not unitary. It is fused with nothing: a product of such matrices may overflow where
    /// applying one after the other does not.
    fn alone(&mut self, number: usize, targets: Bits) {
        self.finish(targets[0]);
        let factors = vec![Part::One(0, Factor::Operation(number))];
        self.matrix(targets, Matrix { factors, is_block: false }, vec![Some(number)]);
    }

    fn matrix(&mut self, bits: Bits, matrix: Matrix, origins: Vec<Option<usize>>) {
        self.fused.matrices.push(matrix);
        self.push(FusedGate::Matrix(self.fused.matrices.len() - 1, bits), origins);
    }

    /// An operation that is applied by a kernel of its own.
    fn direct(&mut self, number: usize) {
        let operation = &self.operations[number];
        let (targets, controls, _) = operation.site(self.bits);
        for bit in targets.into_iter().chain(set_bits(controls).map(|bit| bit as u8)) {
            self.finish(bit);
        }
        self.push(FusedGate::Direct(number), [Some(number)]);
    }

    /// A diagonal: first come the matrices that wait on its bits. If it has one bit, it then waits with the other
    /// diagonals there.
    fn diagonal(&mut self, targets: Bits, parity: bool, controls: u64, values: u64, piece: Piece) {
        for bit in targets.iter().copied().chain(set_bits(controls).map(|bit| bit as u8)) {
            self.close(bit);
        }
        match targets[..] {
            [target] if controls == 0 && self.frame >> target & 1 == 0 => {
                self.pending[usize::from(target)].pieces.push((piece, self.number));
            }
            _ => self.emit(targets, parity, controls, values, smallvec![(piece, self.number)]),
        }
    }

    /// Pushes a diagonal. On bits with an X in the Pauli frame it acts with 0 and 1 exchanged.
    fn emit(&mut self, targets: Bits, parity: bool, controls: u64, values: u64, pieces: Traced<Piece>) {
        let framed = |&bit: &u8| (self.frame >> bit & 1) as usize;
        let flipped = match parity {
            true => targets.iter().fold(0, |flipped, bit| flipped ^ framed(bit)),
            false => targets.iter().fold(0, |flipped, bit| flipped << 1 | framed(bit)),
        };
        let values = values ^ self.frame & controls;
        let mut origins = self.framers(mask_of(&targets) | controls);
        origins.extend(pieces.iter().map(|&(_, from)| from));
        let pieces = pieces.iter().map(|&(piece, _)| piece).collect();
        self.fused.diagonals.push(Diagonal { targets, flipped, parity, controls, values, pieces });
        self.push(FusedGate::Diagonal(self.fused.diagonals.len() - 1), origins);
    }

    /// Pushes all gates that wait on a bit.
    fn finish(&mut self, bit: u8) {
        self.close(bit);
        self.emit_pieces(bit);
        if let Some(framed) = self.take_frame(bit) {
            self.rotation(bit, smallvec![framed]);
            self.emit_pieces(bit);
        }
    }

    /// Pushes the matrices that wait on a bit, so that only diagonals wait there. A product of diagonal matrices
    /// joins these diagonals, and a single X goes into the Pauli frame.
    fn close(&mut self, bit: u8) {
        let factors = std::mem::take(&mut self.pending[usize::from(bit)].factors);
        if factors.is_empty() {
            return;
        }
        if let [(X, from)] = factors[..] {
            self.emit_pieces(bit);
            debug_assert!(self.frame >> bit & 1 == 0, "the factors have taken it out of the frame");
            self.put_frame(bit, from);
        } else if factors.iter().all(|&(factor, _)| self.is_diagonal(factor)) {
            for (factor, from) in factors {
                let piece = match factor {
                    Factor::Operation(number) => Piece::Operation(number),
                    _ => Piece::Sign,
                };
                self.pending[usize::from(bit)].pieces.push((piece, from));
            }
        } else {
            self.rotation(bit, factors);
        }
    }

    /// Pushes a rotation after the diagonals that wait on its bit; the diagonal after it waits.
    fn rotation(&mut self, bit: u8, factors: Traced<Factor>) {
        let number = self.fused.rotations.len();
        let origins = factors.iter().map(|&(_, from)| from);
        let factors = factors.iter().map(|&(factor, _)| factor).collect();
        self.fused.rotations.push(Rotation { factors });
        self.pending[usize::from(bit)].pieces.push((Piece::BeforeRotation(number), None));
        self.emit_pieces(bit);
        self.push(FusedGate::Rotation(number, bit), origins);
        self.pending[usize::from(bit)].pieces.push((Piece::AfterRotation(number), None));
    }

    /// Pushes the diagonals that wait on a bit, as one.
    fn emit_pieces(&mut self, bit: u8) {
        let pieces = std::mem::take(&mut self.pending[usize::from(bit)].pieces);
        if !pieces.is_empty() {
            self.emit(smallvec![bit], false, 0, 0, pieces);
        }
    }

    /// Adds a fused gate, made of some operations, after all others.
    fn push(&mut self, gate: FusedGate, origins: impl IntoIterator<Item = Option<usize>>) {
        if let Some(all) = &mut self.origins {
            all.push(origins.into_iter().flatten().collect());
        }
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
                let operation = &self.operations[*number];
                let (targets, controls, _) = operation.site(self.bits);
                let touched = controls | mask_of(&targets);
                [touched, if matches!(operation.action, Action::Phase(..)) { 0 } else { touched }]
            }
        };
        self.fused.gates.push(gate);
        self.fused.masks.push(masks);
    }

    /// Whether an operation is `ry`.
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

/// Whether a number is 1, up to a few roundings.
pub fn is_one(x: f64) -> bool {
    (x - 1.0).abs() <= 16.0 * f64::EPSILON
}

/// Whether a matrix is unitary, up to rounding.
pub fn is_unitary(matrix: &[Complex64]) -> bool {
    let dim = matrix.len().isqrt();
    let product = |a: usize, b: usize| -> Complex64 {
        (0..dim).map(|row| matrix[row * dim + a].conj() * matrix[row * dim + b]).sum()
    };
    (0..dim).all(|a| {
        let others = (0..a).all(|b| product(a, b).norm() <= 16.0 * f64::EPSILON);
        others && is_one(product(a, a).re)
    })
}
