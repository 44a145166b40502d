//! Computes the numbers of fused gates, from their recipes and the values of the parameters.

use num_complex::Complex64;

use super::Operation;
use super::fuse::{Diagonal, Factor, Fused, FusedGate, Matrix, Piece};
use super::op::{Body, Op};
use crate::gates::Entries;
use crate::operator::{Operator, PauliString};
use crate::phase::phase;
use crate::progress::Progress;

/// A matrix on one bit, row by row.
pub type Two = [Complex64; 4];

const ONE: Complex64 = Complex64::ONE;
const ZERO: Complex64 = Complex64::ZERO;

/// A unitary matrix on one bit, as `diag(after) R diag(1, before)` with a real matrix R. A rotation is
///
/// ```text
/// [[cos, -sin], [sin, cos]]  =  cos [[1, -tan], [tan, 1]]          R = [[1, a], [b, 1]], a = -tan, b = tan
///                            =  diag(-sin, sin) [[-cot, 1], [1, cot]]      if tan is large: swapped
/// ```
///
/// So with the scale, `cos` or `-sin, sin`, in `after`, each row of R takes one multiplication instead of two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zyz {
    /// Whether R is `[[a, 1], [1, b]]` instead of `[[1, a], [b, 1]]`.
    pub swapped: bool,
    /// See `swapped`.
    pub a: f64,
    /// See `swapped`.
    pub b: f64,
    /// The diagonal after R, with its scale.
    pub after: [Complex64; 2],
    /// The second entry of the diagonal before R.
    pub before: Complex64,
}

/// Up to this tangent a rotation is not swapped. Without its scale, R makes amplitudes larger by up to this factor
/// (for each bit of a tile) until the diagonal after it is applied. Rounding errors are the same in both forms.
const MAX_TANGENT: f64 = 16.0;

/// The modulus of an entry of a unitary matrix; no care is taken of very large and very small numbers.
fn modulus(z: Complex64) -> f64 {
    z.norm_sqr().sqrt()
}

/// Whether an entry is so small that it changes no sum, and that its modulus would underflow.
fn is_nothing(z: Complex64) -> bool {
    z.norm_sqr() < 1e-280
}

/// `z / |z|`; 1 for zero.
fn direction(z: Complex64) -> Complex64 {
    match (z.re, z.im) {
        (0.0, 0.0) => ONE,
        // Exactly 1, -1, i or -i.
        (re, 0.0) => Complex64::new(re.signum(), 0.0),
        (0.0, im) => Complex64::new(0.0, im.signum()),
        // Its direction does not matter, but must have modulus 1.
        _ if is_nothing(z) => ONE,
        _ => z * z.norm_sqr().sqrt().recip(),
    }
}

impl Zyz {
    /// Decomposes a unitary matrix, which is `diag(after) [[c, -s], [s, c]] diag(1, before)`.
    pub fn of(matrix: Two) -> Zyz {
        let [a, _, c, _] = matrix;
        // Divided by `norm`, which is 1 up to rounding, so that errors do not grow in products of many matrices.
        let norm = (a.norm_sqr() + c.norm_sqr()).sqrt();
        let (cos, mut sin) = (modulus(a) / norm, modulus(c) / norm);
        let (mut after, mut before) = zyz_diagonals(matrix);
        if before.re < 0.0 {
            // With the other sign of `sin`, `before` may be 1, which costs nothing.
            (sin, after[1], before) = (-sin, -after[1], -before);
        }
        let swapped = sin.abs() > MAX_TANGENT * cos;
        let (scales, a, b) = match swapped {
            false => ([cos, cos], -sin / cos, sin / cos),
            true => ([-sin, sin], -cos / sin, cos / sin),
        };
        after[0] *= scales[0];
        after[1] *= scales[1];
        if cos == 0.0 {
            // R exchanges the two amplitudes, so what comes before it may as well come after.
            after[0] *= std::mem::replace(&mut before, ONE);
        }
        Zyz { swapped, a, b, after, before }
    }
}

/// `after` and `before` of a unitary matrix, which is `diag(after) [[c, -s], [s, c]] diag(1, before)` with the moduli
/// `c, s` of its first column.
fn zyz_diagonals([a, b, c, d]: Two) -> ([Complex64; 2], Complex64) {
    if a.norm_sqr() >= c.norm_sqr() {
        let after = [direction(a), direction(if is_nothing(c) { d } else { c })];
        (after, after[1].conj() * direction(d))
    } else {
        let after = [direction(if is_nothing(a) { -b } else { a }), direction(c)];
        (after, -after[0].conj() * direction(b))
    }
}

/// The product of two matrices, of which the right one acts first.
pub fn product(left: &Two, right: &Two) -> Two {
    std::array::from_fn(|i| left[i & 2] * right[i & 1] + left[(i & 2) + 1] * right[(i & 1) + 2])
}

/// How many rotations are computed before it is asked again whether to go on.
const ROTATIONS_AT_A_TIME: usize = 256;

/// Estimate for computing one rotation.
const NANOS_PER_ROTATION: f64 = 200.0;

/// The fused gates of a program, evaluated for some values of the parameters.
pub struct Evaluated<'a> {
    operations: &'a [Operation],
    params: &'a [f64],
    /// The rotations.
    pub rotations: Vec<Zyz>,
}

impl<'a> Evaluated<'a> {
    /// With rotations that have been computed before.
    pub fn of(operations: &'a [Operation], params: &'a [f64], rotations: Vec<Zyz>) -> Evaluated<'a> {
        Evaluated { operations, params, rotations }
    }

    /// Computes the rotations; `rotations` is a vector to use again. If it is stopped, the remaining ones are
    /// identities.
    pub fn new(
        fused: &Fused,
        operations: &'a [Operation],
        params: &'a [f64],
        mut rotations: Vec<Zyz>,
        progress: &Progress<'_>,
    ) -> Evaluated<'a> {
        rotations.clear();
        let mut evaluated = Evaluated::of(operations, params, Vec::new());
        for some in fused.rotations.chunks(ROTATIONS_AT_A_TIME) {
            rotations.extend(some.iter().map(|rotation| {
                let matrices = rotation.factors.iter().map(|&factor| evaluated.factor(factor));
                let matrix = matrices.reduce(|before, then| product(&then, &before));
                Zyz::of(matrix.expect("a rotation of something"))
            }));
            if !progress.advance(0.0, NANOS_PER_ROTATION * some.len() as f64) {
                rotations.resize(fused.rotations.len(), Zyz::of([ONE, ZERO, ZERO, ONE]));
                break;
            }
        }
        evaluated.rotations = rotations;
        evaluated
    }

    /// The factor that makes up for the scales of some rotations: see [`Fused::unscaled`].
    pub fn scale(&self, unscaled: &[(bool, usize)]) -> f64 {
        unscaled.iter().fold(1.0, |scale, &(done, number)| {
            let own = self.rotations[number].after[0].norm();
            if done { scale / own } else { scale * own }
        })
    }

    /// The operator that some gates are together, if [`Fused::are_one`] says so; qubit `q` is bit `bits[q]`.
    pub fn op(&self, gates: &[usize], fused: &Fused, bits: &[u8]) -> Op {
        let plain =
            |body, targets: &[u8]| Op { body, targets: targets.to_vec(), controls: 0, values: 0 };
        let scale = self.scale(&fused.unscaled(gates.iter().copied()));
        let gate = &fused.gates[gates[0]];
        if gates.len() > 1 || matches!(gate, FusedGate::Rotation(..)) {
            let matrix = self.product(gates, fused).map(|entry| entry * scale);
            let touched = gates.iter().fold(0, |mask, &gate| mask | fused.masks[gate][0]);
            return plain(Body::Dense(matrix.into()), &[touched.trailing_zeros() as u8]);
        }
        match gate {
            FusedGate::Rotation(..) => unreachable!("a product of one"),
            FusedGate::Direct(number) => Op::of(&self.operations[*number], self.params, bits),
            FusedGate::Matrix(number, bits) => {
                let matrix = self.matrix(&fused.matrices[*number]);
                plain(Body::Dense(matrix[..1 << (2 * bits.len())].into()), bits)
            }
            FusedGate::Flip(target, controls, values) => {
                let (controls, values) = (*controls, *values);
                Op { controls, values, ..plain(Body::Permutation([(0, 1)].into()), &[*target]) }
            }
            FusedGate::Swap(a, b) => plain(Body::Permutation([(1, 2)].into()), &[*a, *b]),
            FusedGate::Diagonal(number) => {
                let diagonal = &fused.diagonals[*number];
                let mut entries = Vec::new();
                self.entries(diagonal, &mut entries);
                entries.iter_mut().for_each(|entry| *entry *= scale);
                let body = match (diagonal.parity, &entries[..]) {
                    (true, &[even, odd]) => {
                        let string = PauliString { x: 0, z: (1 << diagonal.targets.len()) - 1 };
                        Body::Pauli(string, [0.5 * (even + odd), 0.5 * (even - odd)])
                    }
                    _ => Body::Diagonal(entries.into()),
                };
                Op {
                    controls: diagonal.controls,
                    values: diagonal.values,
                    ..plain(body, &diagonal.targets)
                }
            }
        }
    }

    /// The product of some gates, all rotations or diagonals of one bit.
    fn product(&self, gates: &[usize], fused: &Fused) -> Two {
        let real = |x: f64| Complex64::new(x, 0.0);
        gates.iter().fold([ONE, ZERO, ZERO, ONE], |before, &gate| {
            let then = match fused.gates[gate] {
                FusedGate::Rotation(number, _) => {
                    let Zyz { swapped, a, b, .. } = self.rotations[number];
                    if swapped { [a, 1.0, 1.0, b] } else { [1.0, a, b, 1.0] }.map(real)
                }
                FusedGate::Diagonal(number) => {
                    let mut entries = Vec::new();
                    self.entries(&fused.diagonals[number], &mut entries);
                    [entries[0], ZERO, ZERO, entries[1]]
                }
                _ => unreachable!("rotations and diagonals of one bit"),
            };
            product(&then, &before)
        })
    }

    /// The matrix of a recipe.
    pub fn factor(&self, factor: Factor) -> Two {
        let real = |x: f64| Complex64::new(x, 0.0);
        match factor {
            Factor::Operation(number) => self.matrix_of(number),
            Factor::Hadamard => [1.0, 1.0, 1.0, -1.0].map(|x| real(x * std::f64::consts::FRAC_1_SQRT_2)),
            Factor::QuarterX(back) => {
                let sin = if back {
                    std::f64::consts::FRAC_1_SQRT_2
                } else {
                    -std::f64::consts::FRAC_1_SQRT_2
                };
                let (cos, sin) = (real(sin.abs()), Complex64::new(0.0, sin));
                [cos, sin, sin, cos]
            }
            Factor::HalfRotation(number, back) => {
                let [a, _, c, _] = self.matrix_of(number);
                // With `cos >= 0`, neither of these half-angle formulas loses digits.
                let (cos, sin) = (modulus(a), modulus(c));
                let (cos, sin) = ((0.5 * (1.0 + cos)).sqrt(), sin / (2.0 * (1.0 + cos)).sqrt());
                let sin = if back { -sin } else { sin };
                [real(cos), real(-sin), real(sin), real(cos)]
            }
            Factor::Pauli(x, z) => match (x, z) {
                (true, true) => [ZERO, -Complex64::I, Complex64::I, ZERO],
                (true, false) => [ZERO, ONE, ONE, ZERO],
                _ => [ONE, ZERO, ZERO, -ONE],
            },
        }
    }

    /// The matrix of an operation with one target.
    fn matrix_of(&self, number: usize) -> Two {
        let mut entries = Entries::default();
        match self.operations[number].operator(self.params, &mut entries) {
            Operator::Dense(m) => [m[0], m[1], m[2], m[3]],
            Operator::Diagonal(d) => [d[0], ZERO, ZERO, d[1]],
            _ => [ZERO, ONE, ONE, ZERO],
        }
    }

    /// A matrix on one bit or two, row by row.
    pub fn matrix(&self, matrix: &Matrix) -> [Complex64; 16] {
        let mut whole = [ZERO; 16];
        let single = matrix.factors.iter().all(|(place, _)| *place == Some(0));
        if single {
            let factors = matrix.factors.iter().map(|&(_, factor)| self.factor(factor));
            let all =
                factors.reduce(|before, then| product(&then, &before)).unwrap_or([ONE, ZERO, ZERO, ONE]);
            whole[..4].copy_from_slice(&all);
            return whole;
        }
        (0..4).for_each(|i| whole[5 * i] = ONE);
        for &(place, factor) in &matrix.factors {
            let next: [Complex64; 16] = match (place, factor) {
                (Some(place), factor) => {
                    let m = self.factor(factor);
                    let bit = 1 - place;
                    std::array::from_fn(|i| {
                        let (row, column) = (i / 4, i % 4);
                        let same = (row ^ column) & (2 >> bit) == 0;
                        if same { m[(row >> bit & 1) * 2 + (column >> bit & 1)] } else { ZERO }
                    })
                }
                (None, Factor::Operation(number)) => self.pair_of(number),
                (None, _) => unreachable!("only operations act on two bits"),
            };
            whole = std::array::from_fn(|i| {
                (0..4).map(|j| next[i / 4 * 4 + j] * whole[j * 4 + i % 4]).sum()
            });
        }
        whole
    }

    /// The matrix of an operation with two targets.
    fn pair_of(&self, number: usize) -> [Complex64; 16] {
        let mut entries = Entries::default();
        let mut whole = [ZERO; 16];
        match self.operations[number].operator(self.params, &mut entries) {
            Operator::Dense(matrix) => whole.copy_from_slice(matrix),
            Operator::Permutation(transpositions) => {
                let mut at = [0, 1, 2, 3];
                transpositions.iter().for_each(|&(a, b)| at.swap(a, b));
                at.iter().enumerate().for_each(|(to, from)| whole[4 * to + from] = ONE);
            }
            Operator::Diagonal(entries) => (0..4).for_each(|i| whole[5 * i] = entries[i]),
            Operator::Pauli(..) => unreachable!("a Pauli string is no matrix on two bits"),
        }
        whole
    }

    /// Appends the entries of a diagonal to `out`.
    pub fn entries(&self, diagonal: &Diagonal, out: &mut Vec<Complex64>) {
        let first = out.len();
        let rows = if diagonal.parity { 2 } else { 1 << diagonal.targets.len() };
        out.resize(first + rows, ONE);
        let mut entries = Entries::default();
        for &piece in &diagonal.pieces {
            let out = &mut out[first..];
            let mut multiply = |[zero, one]: [Complex64; 2]| {
                out[0] *= zero;
                out[1] *= one;
            };
            match piece {
                Piece::Sign => multiply([ONE, -ONE]),
                Piece::AfterRotation(number) => multiply(self.rotations[number].after),
                Piece::BeforeRotation(number) => multiply([ONE, self.rotations[number].before]),
                Piece::ControlledAfter(number) => multiply(zyz_diagonals(self.matrix_of(number)).0),
                Piece::ControlledBefore(number) => {
                    multiply([ONE, zyz_diagonals(self.matrix_of(number)).1])
                }
                Piece::PauliRotation(number) => {
                    let theta = &self.operations[number].angles()[0];
                    let half = phase(0.5 * theta.value(self.params));
                    multiply([half.conj(), half]);
                }
                Piece::Operation(number) => {
                    let Operator::Diagonal(entries) =
                        self.operations[number].operator(self.params, &mut entries)
                    else {
                        unreachable!("the operation is a diagonal")
                    };
                    out.iter_mut().zip(entries).for_each(|(out, entry)| *out *= entry);
                }
            }
        }
        if diagonal.flipped != 0 {
            let out = &mut out[first..];
            (0..rows)
                .filter(|row| row ^ diagonal.flipped > *row)
                .for_each(|row| out.swap(row, row ^ diagonal.flipped));
        }
    }
}
