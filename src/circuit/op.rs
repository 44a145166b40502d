//! Operations as kernels take them: with numbers for parameters, and bits of the address for qubits.

use std::sync::Arc;

use num_complex::Complex64;

use super::fuse::Bits;
use super::{Action, Cost, Operation};
use crate::gates::Entries;
use crate::kernels::Site;
use crate::operator::{Operator, PauliString};

/// The operator of an op, with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A matrix, row by row.
    Dense(Arc<[Complex64]>),
    /// A diagonal.
    Diagonal(Arc<[Complex64]>),
    /// A permutation, as transpositions.
    Permutation(Arc<[(usize, usize)]>),
    /// `c[0] + c[1] P`.
    Pauli(PauliString, [Complex64; 2]),
    /// `exp(-i gamma C)`.
    Phases(Arc<Cost>, f64),
}

/// An operator on some bits of the address, to be applied by a kernel of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// The operator.
    pub body: Body,
    /// Target bits; the first is the most significant bit of a row index.
    pub targets: Bits,
    /// Control bits, as a mask.
    pub controls: u64,
    /// The values that the controls must have.
    pub values: u64,
}

impl Operation {
    /// Its target bits, and two masks: its control bits, and the values of these. Qubit `q` is bit `bits[q]`.
    pub(super) fn site(&self, bits: &[u8]) -> (Bits, u64, u64) {
        let own_controls = match self.action {
            Action::Gate(gate, _) => gate.controls,
            _ => 0,
        };
        let (own, targets) = self.qubits.split_at(own_controls);
        let (mut controls, mut values) = (0, 0);
        let own = own.iter().map(|&qubit| (qubit, true));
        for (qubit, value) in own.chain(self.controls.iter().copied()) {
            controls |= 1 << bits[qubit];
            values |= u64::from(value) << bits[qubit];
        }
        (targets.iter().map(|&qubit| bits[qubit]).collect(), controls, values)
    }

    /// Its operator for some values of the parameters; `entries` is room for the numbers.
    pub(super) fn operator<'a>(&'a self, params: &[f64], entries: &'a mut Entries) -> Operator<'a> {
        match &self.action {
            Action::Gate(gate, angles) => {
                let mut values = [0.0; crate::gates::MAX_PARAMS];
                for (value, angle) in values.iter_mut().zip(angles) {
                    *value = angle.value(params);
                }
                gate.operator(&values[..angles.len()], entries)
            }
            Action::Dense(matrix) => Operator::Dense(matrix),
            Action::Diagonal(diagonal) => Operator::Diagonal(diagonal),
            Action::Permutation(_, transpositions) => Operator::Permutation(transpositions),
            Action::Pauli(string) => {
                entries[..2].copy_from_slice(&[Complex64::ZERO, Complex64::ONE]);
                Operator::Pauli(*string, &entries[..2])
            }
            Action::PauliRotation(string, theta) => {
                entries[..2].copy_from_slice(&PauliString::rotation(theta.value(params)));
                Operator::Pauli(*string, &entries[..2])
            }
            Action::Phase(cost, gamma) => Operator::Phases(cost.values(), gamma.value(params)),
            Action::Measure(..) | Action::Reset | Action::Kraus(_) | Action::If(..) => {
                unreachable!("segments of a script, not of a program")
            }
        }
    }
}

impl Op {
    /// An operation for some values of the parameters; qubit `q` is bit `bits[q]`.
    pub fn of(operation: &Operation, params: &[f64], bits: &[u8]) -> Op {
        let (mut targets, controls, values) = operation.site(bits);
        if let Action::Phase(cost, gamma) = &operation.action {
            let body = Body::Phases(cost.clone(), gamma.value(params));
            return Op { body, targets, controls, values };
        }
        let mut entries = Entries::default();
        let body = match operation.operator(params, &mut entries) {
            Operator::Dense(entries) => Body::Dense(entries.into()),
            Operator::Diagonal(entries) => Body::Diagonal(entries.into()),
            Operator::Permutation(transpositions) => Body::Permutation(transpositions.into()),
            Operator::Pauli(string, coefs) => {
                // Qubits with an I are no targets.
                let support = string.support(targets.len());
                let last = targets.len().wrapping_sub(1);
                targets = support.iter().map(|&letter| targets[last - usize::from(letter)]).collect();
                Body::Pauli(string.at(&support), [coefs[0], coefs[1]])
            }
            Operator::Phases(..) => unreachable!("shared above"),
        };
        Op { body, targets, controls, values }
    }

    /// The operator, as kernels take it.
    pub fn operator(&self) -> Operator<'_> {
        match &self.body {
            Body::Dense(entries) => Operator::Dense(entries),
            Body::Diagonal(entries) => Operator::Diagonal(entries),
            Body::Permutation(transpositions) => Operator::Permutation(transpositions),
            Body::Pauli(string, coefs) => Operator::Pauli(*string, coefs),
            Body::Phases(cost, gamma) => Operator::Phases(cost.values(), *gamma),
        }
    }

    /// Its bits, as kernels take them.
    pub fn site(&self) -> Site<'_> {
        Site { targets: &self.targets, controls: self.controls, values: self.values }
    }
}
