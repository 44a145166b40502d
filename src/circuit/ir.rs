//! Operations with numbers for angles and bits for qubits.

use std::sync::Arc;

use num_complex::Complex64;

use super::{Action, Operation};
use crate::bits::{gather, scatter};
use crate::kernels::{Site, set_bits};
use crate::operator::{Operator, PauliString};

/// What an op does to its targets.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A matrix, row by row.
    Dense(Arc<[Complex64]>),
    /// A diagonal.
    Diagonal(Arc<[Complex64]>),
    /// A permutation, as exchanges.
    Permutation(Arc<[(usize, usize)]>),
    /// `c[0] + c[1] P`.
    Pauli(PauliString, [Complex64; 2]),
}

/// An operator on bits of the address.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// What it does.
    pub body: Body,
    /// Target bits; the first is the most significant bit of a row index.
    pub targets: Vec<u8>,
    /// Control bits, as a mask.
    pub controls: u64,
    /// The values that they must have.
    pub values: u64,
}

impl Op {
    /// An operation for these parameters, on the bits that qubits are.
    pub fn of(operation: &Operation, params: &[f64], bits: &[u8]) -> Op {
        let own_controls = match operation.action {
            Action::Gate(gate, _) => gate.controls,
            _ => 0,
        };
        let (own, targets) = operation.qubits.split_at(own_controls);
        let (mut controls, mut values) = (0, 0);
        for (qubit, value) in
            own.iter().map(|&qubit| (qubit, true)).chain(operation.controls.iter().copied())
        {
            controls |= 1 << bits[qubit];
            values |= u64::from(value) << bits[qubit];
        }
        let mut targets: Vec<u8> = targets.iter().map(|&qubit| bits[qubit]).collect();
        let mut pauli = |string: PauliString, coefs| {
            // Qubits with an I are left alone.
            let busy = string.busy(targets.len());
            targets =
                busy.iter().map(|&place| targets[targets.len() - 1 - usize::from(place)]).collect();
            Body::Pauli(string.at(&busy), coefs)
        };
        let body = match &operation.action {
            Action::Gate(gate, angles) => {
                let values: Vec<f64> = angles.iter().map(|angle| angle.value(params)).collect();
                let mut entries = Default::default();
                match gate.operator(&values, &mut entries) {
                    Operator::Dense(entries) => Body::Dense(entries.into()),
                    Operator::Diagonal(entries) => Body::Diagonal(entries.into()),
                    Operator::Permutation(exchanges) => Body::Permutation(exchanges.into()),
                    Operator::Pauli(..) => unreachable!("no gate of the table is a Pauli string"),
                }
            }
            Action::Dense(matrix) => Body::Dense(matrix.clone()),
            Action::Diagonal(diagonal) => Body::Diagonal(diagonal.clone()),
            Action::Permutation(_, exchanges) => Body::Permutation(exchanges.clone()),
            Action::Pauli(string) => pauli(*string, [Complex64::ZERO, Complex64::ONE]),
            Action::PauliRotation(string, theta) => {
                pauli(*string, PauliString::rotation(theta.value(params)))
            }
            Action::Measure(_) | Action::Reset | Action::If(..) => {
                unreachable!("steps, not ops of a program")
            }
        };
        Op { body, targets, controls, values }
    }

    /// As kernels take it.
    pub fn operator(&self) -> Operator<'_> {
        match &self.body {
            Body::Dense(entries) => Operator::Dense(entries),
            Body::Diagonal(entries) => Operator::Diagonal(entries),
            Body::Permutation(exchanges) => Operator::Permutation(exchanges),
            Body::Pauli(string, coefs) => Operator::Pauli(*string, coefs),
        }
    }

    /// Where kernels apply it.
    pub fn site(&self) -> Site<'_> {
        Site { targets: &self.targets, controls: self.controls, values: self.values }
    }

    /// The targets, as a mask.
    pub fn target_mask(&self) -> u64 {
        self.targets.iter().fold(0, |mask, bit| mask | 1 << bit)
    }

    /// The share of the amplitudes for which its controls hold.
    pub fn share(&self) -> f64 {
        0.5f64.powi(self.controls.count_ones() as i32)
    }

    /// All bits that it touches.
    pub fn support(&self) -> u64 {
        self.target_mask() | self.controls
    }

    /// The bits that it touches otherwise than diagonally: these must lie in a tile, and on these it
    /// commutes with nothing.
    pub fn mixed(&self) -> u64 {
        match &self.body {
            Body::Diagonal(_) => 0,
            Body::Pauli(string, _) => {
                let last = self.targets.len().wrapping_sub(1);
                set_bits(string.x).fold(0, |mask, place| mask | 1 << self.targets[last - place])
            }
            Body::Dense(_) | Body::Permutation(_) => self.target_mask(),
        }
    }

    /// Whether all its entries are finite: a product of the user's own matrices may not be.
    pub fn is_finite(&self) -> bool {
        match &self.body {
            Body::Dense(entries) | Body::Diagonal(entries) => {
                entries.iter().all(|entry| entry.is_finite())
            }
            Body::Permutation(_) | Body::Pauli(..) => true,
        }
    }

    /// The entry of its matrix from the basis state `from` to the basis state `to`, of which only the
    /// bits that it touches count.
    pub fn entry(&self, to: u64, from: u64) -> Complex64 {
        let bit = |same: bool| if same { Complex64::ONE } else { Complex64::ZERO };
        if (from ^ self.values) & self.controls != 0 || (from ^ to) & self.controls != 0 {
            return bit((from ^ to) & self.support() == 0);
        }
        let (row, column) = (gather(to as usize, &self.targets), gather(from as usize, &self.targets));
        match &self.body {
            Body::Dense(entries) => entries[(row << self.targets.len()) + column],
            Body::Diagonal(entries) if row == column => entries[row],
            Body::Diagonal(_) => Complex64::ZERO,
            Body::Permutation(exchanges) => {
                let moved = exchanges.iter().fold(column, |at, &(a, b)| match at {
                    _ if at == a => b,
                    _ if at == b => a,
                    _ => at,
                });
                bit(moved == row)
            }
            Body::Pauli(string, coefs) => {
                let mut sum = bit(row == column) * coefs[0];
                if row == column ^ string.x as usize {
                    let odd = (column as u64 & string.z).count_ones() % 2 == 1;
                    sum += coefs[1] * string.phase() * if odd { -1.0 } else { 1.0 };
                }
                sum
            }
        }
    }

    /// This op after another, as one matrix on all bits that they touch; `bits` are these.
    pub fn after(&self, others: &[&Op], bits: &[u8]) -> Op {
        let dim = 1usize << bits.len();
        let index = |row: usize| scatter(row, bits) as u64;
        let matrix_of = |op: &Op| -> Vec<Complex64> {
            let outside = !op.support();
            (0..dim * dim)
                .map(|i| {
                    let (to, from) = (index(i / dim), index(i % dim));
                    if (to ^ from) & outside == 0 { op.entry(to, from) } else { Complex64::ZERO }
                })
                .collect()
        };
        let mut matrix = matrix_of(self);
        for other in others.iter().rev() {
            let right = matrix_of(other);
            let entry = |i: usize| -> Complex64 {
                (0..dim).map(|j| matrix[i / dim * dim + j] * right[j * dim + i % dim]).sum()
            };
            matrix = (0..dim * dim).map(entry).collect();
        }
        Op { body: Body::Dense(matrix.into()), targets: bits.to_vec(), controls: 0, values: 0 }
    }
}
