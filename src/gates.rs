//! What a gate is. Each gate is one row of `with_gates!`; the functions, the methods of `Gates` and of Python's
//! `Ket` and `Circuit`, and the tests follow from it.
//!
//! Angles are in radians. A controlled gate is its base operator with the first qubits as controls,
//! so that `cx` moves a quarter of the amplitudes up and down instead of multiplying by a 4 x 4
//! matrix.

use std::f64::consts::FRAC_1_SQRT_2;

use num_complex::Complex64;

use crate::operator::{Operator, are_real};
use crate::phase::phase;

/// Entries of a matrix or a diagonal on up to two qubits; the first ones count.
pub type Entries = [Complex64; 16];

/// No gate has more parameters.
pub const MAX_PARAMS: usize = 4;

/// Writes the entries of some operators one after the other, each from the phases of its parameters:
/// `exp(i theta/2)` of one that is called theta, `exp(i x)` of any other.
pub type Write = fn(&[Complex64], &mut [Complex64]);

/// The base operator of a gate.
#[derive(Clone, Copy, Debug)]
pub enum Base {
    /// A dense matrix, row by row.
    Dense(Write),
    /// A diagonal.
    Diagonal(Write),
    /// A permutation, as transpositions.
    Permutation(&'static [(usize, usize)]),
}

/// How the inverse of a gate is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inverse {
    /// The gate itself.
    Own,
    /// Another gate.
    Gate(&'static str),
    /// The gate itself with every parameter negated.
    Negated,
    /// The gate itself, parameters `(theta, phi, lam, ...)` becoming `(-theta, -lam, -phi, ...)`.
    Euler,
    /// No gate of the table; the adjoint matrix.
    Adjoint,
}

/// What a gate with one parameter is the exponential of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Generator {
    /// `exp(-i theta / 2 P)` with this Pauli string `P` on the targets.
    Pauli(&'static str),
    /// `exp(i theta |1...1><1...1|)` on the targets.
    Ones,
    /// No single exponential.
    None,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Its name, in Python and in OpenQASM.
    pub name: &'static str,
    /// Its parameters, all in radians.
    pub params: &'static [&'static str],
    /// Its qubits: controls, then targets.
    pub qubits: &'static [&'static str],
    /// How many of the qubits are controls.
    pub controls: usize,
    /// What happens on the targets.
    pub base: Base,
    /// How it is undone.
    pub inverse: Inverse,
    /// What it is the exponential of.
    pub generator: Generator,
    /// One line on what it does.
    pub doc: &'static str,
}

impl PartialEq for Gate {
    /// Rows of the table are the same if their names are.
    fn eq(&self, other: &Gate) -> bool {
        self.name == other.name
    }
}

impl Gate {
    /// By what each parameter is multiplied before its phase is taken.
    #[inline]
    pub fn factors(&self) -> impl Iterator<Item = f64> {
        self.params.iter().map(|&name| if name == "theta" { 0.5 } else { 1.0 })
    }

    /// The operator on the targets; `entries` is room for its numbers.
    #[inline]
    pub fn operator<'a>(&self, params: &[f64], entries: &'a mut Entries) -> Operator<'a> {
        let mut phases = [ONE; MAX_PARAMS];
        for ((to, &param), factor) in phases.iter_mut().zip(params).zip(self.factors()) {
            *to = phase(factor * param);
        }
        let (phases, entries) = (&phases[..params.len()], &mut entries[..self.num_entries()]);
        match self.base {
            Base::Dense(write) => {
                write(phases, entries);
                Operator::Dense(entries)
            }
            Base::Diagonal(write) => {
                write(phases, entries);
                Operator::Diagonal(entries)
            }
            Base::Permutation(transpositions) => Operator::Permutation(transpositions),
        }
    }

    /// Whether real states stay real, whatever the parameters are.
    ///
    /// ```
    /// use numket::gates::named;
    /// assert!(named::h.is_real() && named::cry.is_real() && !named::rx.is_real() && !named::u.is_real());
    /// ```
    pub fn is_real(&self) -> bool {
        // The phases of some angles.
        let phases = [(0.6, 0.8), (0.28, 0.96), (-0.8, 0.6), (-0.96, 0.28)];
        let phases = phases.map(|(re, im)| Complex64::new(re, im));
        let mut entries = Entries::default();
        self.write(&phases[..self.params.len()], &mut entries[..self.num_entries()]);
        are_real(&entries)
    }

    /// The number of entries of its operator; none for a permutation.
    #[inline]
    pub fn num_entries(&self) -> usize {
        let size = 1 << (self.qubits.len() - self.controls);
        match self.base {
            Base::Dense(_) => size * size,
            Base::Diagonal(_) => size,
            Base::Permutation(_) => 0,
        }
    }

    /// Writes the entries of as many operators as there is room for, one after the other, from the
    /// phases of their parameters, each times its factor.
    #[inline]
    pub fn write(&self, phases: &[Complex64], entries: &mut [Complex64]) {
        match self.base {
            Base::Dense(write) | Base::Diagonal(write) => write(phases, entries),
            Base::Permutation(_) => {}
        }
    }

    /// The structure of the operator on the targets.
    pub fn structure(&self) -> &'static str {
        match self.base {
            Base::Dense(_) => "dense",
            Base::Diagonal(_) => "diagonal",
            Base::Permutation(_) => "permutation",
        }
    }

    /// The whole matrix, controls included, row by row.
    pub fn matrix(&self, params: &[f64]) -> Vec<Complex64> {
        let dim = 1usize << self.qubits.len();
        let size = 1usize << (self.qubits.len() - self.controls);
        let mut entries = Entries::default();
        let operator = self.operator(params, &mut entries);
        let mut matrix = vec![Complex64::ZERO; dim * dim];
        for row in 0..dim {
            matrix[row * dim + row] = Complex64::ONE;
        }
        let corner = dim - size;
        let at = |row: usize, column: usize| (corner + row) * dim + corner + column;
        match operator {
            Operator::Dense(entries) => {
                (0..size * size).for_each(|i| matrix[at(i / size, i % size)] = entries[i]);
            }
            Operator::Diagonal(entries) => (0..size).for_each(|i| matrix[at(i, i)] = entries[i]),
            Operator::Pauli(..) | Operator::Phases(..) => {
                unreachable!("no gate of the table is one")
            }
            Operator::Permutation(transpositions) => {
                for &(a, b) in transpositions {
                    for column in 0..size {
                        matrix.swap(at(a, column), at(b, column));
                    }
                }
            }
        }
        matrix
    }

    /// The gate of this name.
    pub fn named(name: &str) -> Option<&'static Gate> {
        GATES.iter().copied().find(|gate| gate.name == name)
    }
}

const ZERO: Complex64 = Complex64::ZERO;
const ONE: Complex64 = Complex64::ONE;
const I: Complex64 = Complex64::I;

const fn real(x: f64) -> Complex64 {
    Complex64::new(x, 0.0)
}

const fn imag(x: f64) -> Complex64 {
    Complex64::new(0.0, x)
}

/// Operators with parameters.
#[inline]
fn each<const P: usize, const N: usize>(
    phases: &[Complex64],
    out: &mut [Complex64],
    entries: fn([Complex64; P]) -> [Complex64; N],
) {
    for (out, phases) in out.as_chunks_mut::<N>().0.iter_mut().zip(phases.as_chunks::<P>().0) {
        *out = entries(*phases);
    }
}

/// Operators without.
#[inline]
fn all<const N: usize>(out: &mut [Complex64], entries: [Complex64; N]) {
    out.as_chunks_mut::<N>().0.fill(entries);
}

/// `exp(i gamma)` times `u(theta, phi, lam)`.
#[inline]
fn euler([half, phi, lam, gamma]: [Complex64; 4]) -> [Complex64; 4] {
    let (sin, cos) = (half.im, half.re);
    // Products of phases, not phases of sums: a sum of large angles has lost what matters.
    [gamma * cos, -gamma * lam * sin, gamma * phi * sin, gamma * phi * lam * cos]
}

const HADAMARD: [Complex64; 4] = {
    let r = real(FRAC_1_SQRT_2);
    [r, r, r, real(-FRAC_1_SQRT_2)]
};

const PAULI_Y: [Complex64; 4] = [ZERO, imag(-1.0), I, ZERO];

const PAULI_Z: [Complex64; 2] = [ONE, real(-1.0)];

/// `diag(1, exp(i lam))`.
#[inline]
fn phase_shift([lam]: [Complex64; 1]) -> [Complex64; 2] {
    [ONE, lam]
}

#[inline]
fn rotate_x([half]: [Complex64; 1]) -> [Complex64; 4] {
    let (c, s) = (real(half.re), imag(-half.im));
    [c, s, s, c]
}

#[inline]
fn rotate_y([half]: [Complex64; 1]) -> [Complex64; 4] {
    let (c, s) = (half.re, half.im);
    [real(c), real(-s), real(s), real(c)]
}

#[inline]
fn rotate_z([half]: [Complex64; 1]) -> [Complex64; 2] {
    [half.conj(), half]
}

/// The square root of X and its inverse.
const fn sqrt_x(sign: f64) -> [Complex64; 4] {
    let (near, far) = (Complex64::new(0.5, 0.5 * sign), Complex64::new(0.5, -0.5 * sign));
    [near, far, far, near]
}

/// The rotations about XX and YY, which mix |00> with |11>, by `corner`, and |01> with |10>.
#[inline]
fn rotate_pair(half: Complex64, corner: f64) -> [Complex64; 16] {
    let (c, outer, inner) = (real(half.re), imag(-half.im * corner), imag(-half.im));
    #[rustfmt::skip]
    let rows = [
        c,     ZERO,  ZERO,  outer,
        ZERO,  c,     inner, ZERO,
        ZERO,  inner, c,     ZERO,
        outer, ZERO,  ZERO,  c,
    ];
    rows
}

#[inline]
fn rotate_zx([half]: [Complex64; 1]) -> [Complex64; 16] {
    let (c, s) = (real(half.re), imag(half.im));
    #[rustfmt::skip]
    let rows = [
        c,    -s,   ZERO, ZERO,
        -s,   c,    ZERO, ZERO,
        ZERO, ZERO, c,    s,
        ZERO, ZERO, s,    c,
    ];
    rows
}

#[rustfmt::skip]
const IMAGINARY_SWAP: [Complex64; 16] = [
    ONE,  ZERO, ZERO, ZERO,
    ZERO, ZERO, I,    ZERO,
    ZERO, I,    ZERO, ZERO,
    ZERO, ZERO, ZERO, ONE,
];

const ECHOED_CROSS_RESONANCE: [Complex64; 16] = {
    let (r, i, j) = (real(FRAC_1_SQRT_2), imag(FRAC_1_SQRT_2), imag(-FRAC_1_SQRT_2));
    #[rustfmt::skip]
    let rows = [
        ZERO, ZERO, r,    i,
        ZERO, ZERO, i,    r,
        r,    j,    ZERO, ZERO,
        j,    r,    ZERO, ZERO,
    ];
    rows
};

macro_rules! table {
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal, [$($row:literal),+], $source:literal;)+) => {
        /// Each gate under its name.
        pub mod named {
            #![allow(non_upper_case_globals)]
            use super::*;
            $(
                #[doc = $doc]
                ///
                /// ```text
                $(#[doc = $row])+
                /// ```
                ///
                #[doc = concat!("Convention: ", $source, ".")]
                pub static $name: Gate = Gate {
                    name: stringify!($name),
                    params: &[$(stringify!($param)),*],
                    qubits: &[$(stringify!($qubit)),+],
                    controls: $controls,
                    base: $base,
                    inverse: $inverse,
                    generator: $generator,
                    doc: $doc,
                };
            )+
        }

        /// All gates, in the order of the table.
        pub static GATES: &[&Gate] = &[$(&named::$name),+];
    };
}
crate::with_gates!(table);

#[cfg(test)]
mod tests {
    use super::*;

    const ANGLES: [f64; 4] = [0.7, -1.9, 2.3, 0.4];

    fn params(gate: &Gate) -> &'static [f64] {
        &ANGLES[..gate.params.len()]
    }

    fn product(a: &[Complex64], b: &[Complex64]) -> Vec<Complex64> {
        let dim = a.len().isqrt();
        let entry = |i| (0..dim).map(|j| a[i / dim * dim + j] * b[j * dim + i % dim]).sum();
        (0..dim * dim).map(entry).collect()
    }

    fn adjoint(a: &[Complex64]) -> Vec<Complex64> {
        let dim = a.len().isqrt();
        (0..dim * dim).map(|i| a[i % dim * dim + i / dim].conj()).collect()
    }

    fn identity(dim: usize) -> Vec<Complex64> {
        (0..dim * dim).map(|i| if i / dim == i % dim { ONE } else { ZERO }).collect()
    }

    fn assert_close(name: &str, a: &[Complex64], b: &[Complex64]) {
        let worst = a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
        assert!(worst < 16.0 * f64::EPSILON, "{name}: off by {worst:e}");
    }

    #[test]
    fn every_gate_is_unitary() {
        for gate in GATES {
            let matrix = gate.matrix(params(gate));
            let dim = matrix.len().isqrt();
            assert_close(gate.name, &product(&adjoint(&matrix), &matrix), &identity(dim));
        }
    }

    #[test]
    fn every_inverse_undoes_its_gate() {
        for gate in GATES {
            let given = params(gate);
            let mut undo: Vec<f64> = given.iter().map(|x| -x).collect();
            let inverse = match gate.inverse {
                Inverse::Own => gate.matrix(given),
                Inverse::Gate(name) => Gate::named(name).unwrap().matrix(given),
                Inverse::Negated => gate.matrix(&undo),
                Inverse::Euler => {
                    undo.swap(1, 2);
                    gate.matrix(&undo)
                }
                Inverse::Adjoint => adjoint(&gate.matrix(given)),
            };
            let matrix = gate.matrix(given);
            let dim = matrix.len().isqrt();
            assert_close(gate.name, &product(&inverse, &matrix), &identity(dim));
        }
    }

    #[test]
    fn the_structure_flag_is_the_structure_of_the_matrix() {
        for gate in GATES {
            let matrix = gate.matrix(params(gate));
            let dim = matrix.len().isqrt();
            let off_diagonal = |i: usize| i / dim != i % dim;
            let diagonal = (0..dim * dim).all(|i| !off_diagonal(i) || matrix[i] == ZERO);
            let moves = matrix.iter().all(|&entry| entry == ZERO || entry == ONE);
            let expected = match (diagonal, moves) {
                (true, _) => "diagonal",
                (false, true) => "permutation",
                (false, false) => "dense",
            };
            assert_eq!(gate.structure(), expected, "{}", gate.name);
        }
    }

    #[test]
    fn every_generator_gives_its_gate_back() {
        let letter = |letter| match letter {
            'X' => [ZERO, ONE, ONE, ZERO],
            'Y' => [ZERO, -I, I, ZERO],
            _ => [ONE, ZERO, ZERO, -ONE],
        };
        for gate in GATES {
            let theta = ANGLES[0];
            let size = 1usize << (gate.qubits.len() - gate.controls);
            let expected: Vec<Complex64> = match gate.generator {
                Generator::None => {
                    let single = gate.params.len() == 1;
                    assert!(!single, "{} has one parameter and no generator", gate.name);
                    continue;
                }
                // P * P = 1, so exp(-i theta/2 P) = cos(theta/2) - i sin(theta/2) P.
                Generator::Pauli(string) => {
                    let entry = |row: usize, column: usize| {
                        let bits = string.chars().rev().enumerate();
                        let factor = |(bit, c)| letter(c)[(row >> bit & 1) * 2 + (column >> bit & 1)];
                        bits.map(factor).product::<Complex64>()
                    };
                    let (sin, cos) = (theta / 2.0).sin_cos();
                    let term = |i| entry(i / size, i % size) * imag(-sin);
                    let one = |i| if i / size == i % size { real(cos) } else { ZERO };
                    (0..size * size).map(|i| one(i) + term(i)).collect()
                }
                Generator::Ones => {
                    let mut matrix = identity(size);
                    matrix[size * size - 1] = phase(theta);
                    matrix
                }
            };
            let matrix = gate.matrix(&[theta]);
            let dim = matrix.len().isqrt();
            let corner = |i: usize| matrix[(dim - size + i / size) * dim + dim - size + i % size];
            let got: Vec<Complex64> = (0..size * size).map(corner).collect();
            assert_close(gate.name, &got, &expected);
        }
    }
}
