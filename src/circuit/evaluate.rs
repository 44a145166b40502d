//! Computes the numbers of fused gates, from their recipes and the values of the parameters.

use num_complex::Complex64;

use super::fuse::{Diagonal, Factor, Fused, FusedGate, Matrix, Part, Piece};
use super::op::{Body, Op};
use super::{Action, Operation};
use crate::gates::Entries;
use crate::operator::{Operator, PauliString};
use crate::phase::phase;
use crate::progress::Progress;
use crate::simd::{Lanes, Real};

/// What single operators are computed with: no lanes.
type Alone = <f64 as Real>::Scalar;

/// A matrix on one bit, row by row.
pub type Two = [Complex64; 4];

const ONE: Complex64 = Complex64::ONE;
const ZERO: Complex64 = Complex64::ZERO;

/// A unitary matrix on one bit, as `scale diag(after) R diag(1, before)` with a real matrix R. A rotation is
///
/// ```text
/// [[cos, -sin], [sin, cos]]  =  cos [[1, -tan], [tan, 1]]          R = [[1, a], [b, 1]], a = -tan, b = tan
///                            =  sin diag(-1, 1) [[-cot, 1], [1, cot]]      if tan is above 1: swapped
/// ```
///
/// So with the scale left to others, each row of R takes one multiplication instead of two. Without it, R makes a state
/// longer by up to the root of 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zyz {
    /// Whether R is `[[a, 1], [1, b]]` instead of `[[1, a], [b, 1]]`.
    pub swapped: bool,
    /// See `swapped`.
    pub a: f64,
    /// See `swapped`.
    pub b: f64,
    /// The scale, and what rounding has taken from it.
    pub scale: [f64; 2],
    /// The diagonal after R.
    pub after: [Complex64; 2],
    /// The second entry of the diagonal before R.
    pub before: Complex64,
}

/// The modulus of an entry of a unitary matrix; no care is taken of very large and very small numbers.
#[inline(always)]
fn modulus(z: Complex64) -> f64 {
    // Most entries are real or imaginary, and a square root takes as long as five products. It would give the same.
    if z.re == 0.0 || z.im == 0.0 { z.re.abs() + z.im.abs() } else { z.norm_sqr().sqrt() }
}

/// Whether an entry is so small that it changes no sum, and that its modulus would underflow.
fn is_nothing(z: Complex64) -> bool {
    z.norm_sqr() < 1e-280
}

/// The product of two numbers, and what rounding has taken from it (T. J. Dekker, 1971).
#[inline(always)]
fn exact_product<L: Lanes>(x: f64, y: f64) -> [f64; 2] {
    let product = x * y;
    if L::FUSES {
        return [product, x.mul_add(y, -product)];
    }
    /// Times this, less what that adds, a number has half its digits.
    const SPLIT: f64 = 134_217_729.0;
    let halves = |x: f64| {
        let high = x * SPLIT - (x * SPLIT - x);
        [high, x - high]
    };
    let ([a, b], [c, d]) = (halves(x), halves(y));
    [product, ((a * c - product) + a * d + b * c) + b * d]
}

/// `1 - x**2 - y**2`, to all digits where this is about 0.
#[inline(always)]
fn missing<L: Lanes>(x: f64, y: f64) -> f64 {
    // No branch, which no CPU could predict.
    let [large, small] = [x.abs().max(y.abs()), x.abs().min(y.abs())].map(|x| exact_product::<L>(x, x));
    1.0 - large[0] - small[0] - (large[1] + small[1])
}

/// `1 / sqrt(1 + t**2)`, which makes columns of `[[1, -t], [t, 1]]` unit vectors, and what rounding has taken from it.
/// `near` is the same but for rounding.
///
/// The root of a sum near 1 is mostly rounded down, and so norms would grow from gate to gate. A step of Newton's method
/// has no side.
#[inline(always)]
fn scale_for<L: Lanes>(t: f64, near: f64) -> [f64; 2] {
    let [other, rest] = exact_product::<L>(near, t);
    let step = near * (0.5 * missing::<L>(near, other) - other * rest);
    let scale = near + step;
    [scale, step - (scale - near)]
}

/// A number of modulus 1 from one that has it but for rounding, by a step as in [`scale_for`].
#[inline(always)]
fn unit(z: Complex64) -> Complex64 {
    match (z.re, z.im) {
        // Exactly 1, -1, i or -i.
        (re, 0.0) => Complex64::new(re.signum(), 0.0),
        (0.0, im) => Complex64::new(0.0, im.signum()),
        (re, im) => {
            let (large, small) = (re.abs().max(im.abs()), re.abs().min(im.abs()));
            z + z * (0.5 * ((1.0 - large) * (1.0 + large) - small * small))
        }
    }
}

impl Zyz {
    /// Decomposes a unitary matrix, which is `diag(after) [[c, -s], [s, c]] diag(1, before)`, for states of a precision:
    /// R has that precision, and the scale is the one that makes this R unitary.
    #[inline(always)]
    pub fn of<T: Real, L: Lanes>(matrix: Two) -> Zyz {
        let ([cos, mut sin], mut after, mut before) = zyz_diagonals(matrix);
        if before.re < 0.0 {
            // With the other sign of `sin`, `before` may be 1, which costs nothing.
            (sin, after[1], before) = (-sin, -after[1], -before);
        }
        let swapped = sin.abs() > cos;
        let (ratio, near) = if swapped { (cos / sin, sin.abs()) } else { (sin / cos, cos) };
        let ratio = T::from_f64(ratio).to_f64();
        if swapped {
            let negative = usize::from(sin < 0.0);
            after[negative] = -after[negative];
        }
        if cos == 0.0 {
            // R exchanges the two amplitudes, so what comes before it may as well come after.
            after[0] *= std::mem::replace(&mut before, ONE);
        }
        Zyz { swapped, a: -ratio, b: ratio, scale: scale_for::<L>(ratio, near), after, before }
    }
}

/// The moduli `c, s` of the first column of a unitary matrix, which is `diag(after) [[c, -s], [s, c]] diag(1, before)`,
/// with `after` and `before`.
#[inline(always)]
fn zyz_diagonals([a, b, c, d]: Two) -> ([f64; 2], [Complex64; 2], Complex64) {
    let (cos, sin) = (modulus(a), modulus(c));
    if a.im == 0.0 && c.im == 0.0 && d.im == 0.0 && !is_nothing(a) && !is_nothing(c) {
        // A rotation about Y, as it mostly is: all three are 1 or -1, which takes no division to find out.
        let [first, second, last] = [a, c, d].map(|entry| Complex64::from(entry.re.signum()));
        return ([cos, sin], [first, second], second * last);
    }
    // The columns have the same moduli. The direction of what is nothing does not matter.
    if cos >= sin {
        let by = cos.recip();
        let second = if is_nothing(c) { d * by } else { c * sin.recip() };
        let after = [unit(a * by), unit(second)];
        ([cos, sin], after, unit(after[1].conj() * d * by))
    } else {
        let by = sin.recip();
        let first = if is_nothing(a) { -b * by } else { a * cos.recip() };
        let after = [unit(first), unit(c * by)];
        ([cos, sin], after, unit(-after[0].conj() * b * by))
    }
}

/// The product of two matrices, of which the right one acts first.
#[inline(always)]
pub fn product(left: &Two, right: &Two) -> Two {
    std::array::from_fn(|i| left[i & 2] * right[i & 1] + left[(i & 2) + 1] * right[(i & 1) + 2])
}

/// A matrix that is unitary but for the rounding of many products, with columns that are orthonormal to the last digits:
/// a step of Newton's method, `U - U (U^dagger U - 1) / 2`.
fn orthonormal(u: &[Complex64; 16]) -> [Complex64; 16] {
    let mut deviation = [ZERO; 16];
    for (a, b) in (0..4).flat_map(|a| (0..=a).map(move |b| (a, b))) {
        // From -1 on, sums stay small, and so does what they lose.
        let first = if a == b { -ONE } else { ZERO };
        let product = (0..4).fold(first, |sum, row| sum + u[4 * row + a].conj() * u[4 * row + b]);
        deviation[4 * a + b] = product;
        deviation[4 * b + a] = product.conj();
    }
    std::array::from_fn(|i| {
        let row = &u[i / 4 * 4..][..4];
        let change: Complex64 = (0..4).map(|j| row[j] * deviation[4 * j + i % 4]).sum();
        u[i] - 0.5 * change
    })
}

/// The scale that a state lacks between rotations and what makes up for them, to twice the digits of a number.
///
/// What rounding leaves of it when it is applied remains lacking, until it is applied the next time. So norms do not
/// drift, however often the same scale is rounded to the same side.
pub struct Lacking([f64; 2]);

impl Lacking {
    /// A state that lacks nothing.
    pub fn nothing() -> Lacking {
        Lacking([1.0, 0.0])
    }

    /// A rotation comes, without its scale.
    #[inline(always)]
    pub fn add<L: Lanes>(&mut self, rotation: &Zyz) {
        let ([high, low], [scale, rest]) = (self.0, rotation.scale);
        let [product, lost] = exact_product::<L>(high, scale);
        self.0 = [product, lost + high * rest + low * scale];
    }

    /// Diagonals come, the entries of which are too short by this much.
    pub fn add_short(&mut self, short: f64) {
        self.0[1] += self.0[0] * short;
    }

    /// The factor that makes up for it, in a precision.
    #[inline(always)]
    pub fn take<T: Real, L: Lanes>(&mut self) -> f64 {
        let [high, low] = self.0;
        let factor = T::from_f64(high + low).to_f64();
        let quotient = high / factor;
        let [product, lost] = exact_product::<L>(quotient, factor);
        self.0 = [quotient, (high - product - lost + low) / factor];
        factor
    }
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

    /// Computes the rotations, for states of a precision; `rotations` is a vector to use again. If it is stopped, the remaining ones are
    /// identities.
    #[inline(always)]
    pub fn new<T: Real, L: Lanes>(
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
                Zyz::of::<T, L>(matrix.expect("a rotation of something"))
            }));
            if !progress.advance(0.0, NANOS_PER_ROTATION * some.len() as f64) {
                rotations.resize(fused.rotations.len(), Zyz::of::<T, L>([ONE, ZERO, ZERO, ONE]));
                break;
            }
        }
        evaluated.rotations = rotations;
        evaluated
    }

    /// The operator that some gates are together, if [`Fused::are_one`] says so; qubit `q` is bit `bits[q]`.
    pub fn op(&self, gates: &[usize], fused: &Fused, bits: &[u8]) -> Op {
        let plain = |body, targets: &[u8]| Op { body, targets: targets.into(), controls: 0, values: 0 };
        let gate = &fused.gates[gates[0]];
        if gates.len() > 1 || matches!(gate, FusedGate::Rotation(..)) {
            let scale = gates.iter().fold(1.0, |scale, &gate| match fused.gates[gate] {
                FusedGate::Rotation(number, _) => scale * self.rotations[number].scale[0],
                _ => scale,
            });
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
                self.entries::<Alone>(diagonal, &mut entries);
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
                    self.entries::<Alone>(&fused.diagonals[number], &mut entries);
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
        if let [Part::One(0, factor)] = matrix.factors[..] {
            whole[..4].copy_from_slice(&self.factor(factor));
            return whole;
        }
        (0..4).for_each(|i| whole[5 * i] = ONE);
        for &part in &matrix.factors {
            whole = match part {
                Part::One(position, factor) => {
                    let (m, bit) = (self.factor(factor), 2 >> position);
                    std::array::from_fn(|i| {
                        let (row, column) = (i / 4, i % 4);
                        let two = usize::from(row & bit != 0) * 2;
                        m[two] * whole[(row & !bit) * 4 + column]
                            + m[two + 1] * whole[(row | bit) * 4 + column]
                    })
                }
                Part::Both(number, exchanged) => {
                    let next = self.pair_of(number);
                    let place = |i: usize| if exchanged { [0, 2, 1, 3][i] } else { i };
                    std::array::from_fn(|i| {
                        let row = 4 * place(i / 4);
                        (0..4).map(|j| next[row + place(j)] * whole[j * 4 + i % 4]).sum()
                    })
                }
            };
        }
        if matrix.is_block { orthonormal(&whole) } else { whole }
    }

    /// The matrix of an operation on two bits: those of its qubits, then those of its controls.
    fn pair_of(&self, number: usize) -> [Complex64; 16] {
        let operation = &self.operations[number];
        let mut whole = [ZERO; 16];
        let own = match operation.action {
            Action::Gate(gate, _) => gate.controls,
            _ => 0,
        };
        // The bit of a row that is the control, its value, and the bit that is the target.
        let control = match (own, &operation.controls[..]) {
            (0, &[]) => None,
            (0, &[(_, value)]) => Some((1, value, 2)),
            _ => Some((2, true, 1)),
        };
        if let Some((control, value, target)) = control {
            let m = match operation.action {
                Action::PauliRotation(..) => unreachable!("a string of one letter is in no block"),
                _ => self.matrix_of(number),
            };
            for row in 0..4 {
                match (row & control != 0) == value {
                    true => {
                        let two = usize::from(row & target != 0) * 2;
                        whole[row * 4 + (row & !target)] = m[two];
                        whole[row * 4 + (row | target)] = m[two + 1];
                    }
                    false => whole[5 * row] = ONE,
                }
            }
            return whole;
        }
        let mut entries = Entries::default();
        match operation.operator(self.params, &mut entries) {
            Operator::Dense(matrix) => whole.copy_from_slice(matrix),
            Operator::Permutation(transpositions) => {
                let mut at = [0, 1, 2, 3];
                transpositions.iter().for_each(|&(a, b)| at.swap(a, b));
                at.iter().enumerate().for_each(|(to, from)| whole[4 * to + from] = ONE);
            }
            Operator::Diagonal(entries) => (0..4).for_each(|i| whole[5 * i] = entries[i]),
            Operator::Pauli(string, coefs) => {
                let (x, z) = (string.x as usize, string.z as usize);
                let power = |n: u32| [ONE, Complex64::I, -ONE, -Complex64::I][n as usize % 4];
                for column in 0..4 {
                    let phase = power((x & z).count_ones() + 2 * (column & z).count_ones());
                    whole[5 * column] += coefs[0];
                    whole[4 * (column ^ x) + column] += coefs[1] * phase;
                }
            }
            Operator::Phases(..) => unreachable!("no matrix on two bits"),
        }
        whole
    }

    /// What a state lacks after a block, on average: rounded to a precision, the columns of its matrix are not of norm 1. 0
    /// for other matrices, which are taken as they are.
    #[inline(always)]
    pub fn short<T: Real>(&self, matrix: &Matrix, entries: &[Complex64; 16]) -> f64 {
        if !matrix.is_block {
            return 0.0;
        }
        let rounded = |x: f64| T::from_f64(x).to_f64();
        let [mut sum, mut lost] = [0.0; 2];
        for x in entries.iter().flat_map(|entry| [entry.re, entry.im]) {
            let [square, rest] = exact_product::<Alone>(rounded(x), rounded(x));
            let next = sum + square;
            // What the sum loses (D. E. Knuth's two-sum).
            let kept = next - sum;
            lost += (sum - (next - kept)) + (square - kept) + rest;
            sum = next;
        }
        0.125 * ((4.0 - sum) - lost)
    }

    /// Appends the entries of a diagonal to `out`. Returns what a state lacks after it, on average: the entries have
    /// modulus 1, but for rounding.
    #[inline(always)]
    pub fn entries<L: Lanes>(&self, diagonal: &Diagonal, out: &mut Vec<Complex64>) -> f64 {
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
                Piece::ControlledAfter(number) => multiply(zyz_diagonals(self.matrix_of(number)).1),
                Piece::ControlledBefore(number) => {
                    multiply([ONE, zyz_diagonals(self.matrix_of(number)).2])
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
        // Entries of the user are taken as they are.
        let given = |piece: &Piece| match piece {
            Piece::Operation(number) => matches!(self.operations[*number].action, Action::Diagonal(_)),
            _ => false,
        };
        if diagonal.pieces.iter().any(given) {
            return 0.0;
        }
        let mut short = 0.0;
        // Conjugates lack the same, and so have the two entries of a rotation about Z one and the same sum.
        let (mut before, mut lacks) = (ONE, 0.0);
        for entry in &mut out[first..] {
            if diagonal.pieces.len() > 1 {
                *entry = unit(*entry);
            }
            if entry.re != 0.0 && entry.im != 0.0 {
                if before.re != entry.re || before.im.abs() != entry.im.abs() {
                    (before, lacks) = (*entry, missing::<L>(entry.re, entry.im));
                }
                short += lacks;
            }
        }
        0.5 * short / (rows << diagonal.controls.count_ones()) as f64
    }
}
