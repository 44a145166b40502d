//! Runs from |0...0> that leave nearly all amplitudes 0, as those of chains of CX and of circuits that permute basis
//! states: a list of the others goes through the operations, and the state is written once.

use num_complex::Complex64;
use smallvec::{SmallVec, smallvec};

use super::op::Op;
use super::{Action, Operation};
use crate::gates::Base;
use crate::kernels::Site;
use crate::operator::Operator;

/// The list has at most `2**MAX_BRANCHES` amplitudes.
const MAX_BRANCHES: u32 = 5;

/// A state has so many times more amplitudes, as a power of two: otherwise a tile is as fast.
const SPARE_BITS: u32 = 3;

/// Whether the operations leave few amplitudes of |0...0> that are not 0, whatever the values of parameters.
///
/// # Panics
/// Where one is not unitary, or under a condition.
pub fn few_amplitudes(operations: &[Operation], num_qubits: usize) -> bool {
    let most = MAX_BRANCHES.min((num_qubits as u32).saturating_sub(SPARE_BITS));
    let mut branches = 0;
    operations.iter().all(|operation| {
        branches += branches_of(operation);
        branches <= most
    })
}

/// An operation makes up to `2**branches` amplitudes of one.
fn branches_of(operation: &Operation) -> u32 {
    match &operation.action {
        Action::Gate(gate, _) => match gate.base {
            Base::Dense(_) => (operation.qubits.len() - gate.controls) as u32,
            Base::Diagonal(_) | Base::Permutation(_) => 0,
        },
        Action::Dense(_) => operation.qubits.len() as u32,
        Action::PauliRotation(string, _) => u32::from(string.x != 0),
        Action::Permutation(..) | Action::Diagonal(_) | Action::Phase(..) | Action::Pauli(_) => 0,
        Action::Measure(..) | Action::Reset | Action::Kraus(_) | Action::If(..) => {
            unreachable!("segments of a script, not of a program")
        }
    }
}

/// The amplitudes that are not 0, each with the bits of its address.
pub type Amplitudes = SmallVec<[(u64, Complex64); 4]>;

/// What operations make of |0...0>.
pub fn amplitudes(ops: &[Op]) -> Amplitudes {
    let mut amplitudes: Amplitudes = smallvec![(0, Complex64::ONE)];
    let mut others = Amplitudes::new();
    for op in ops {
        let site = op.site();
        if !matches!(op.operator(), Operator::Dense(_) | Operator::Pauli(..)) {
            for (address, amplitude) in &mut amplitudes {
                change(&op.operator(), &site, address, amplitude);
            }
            continue;
        }
        for (address, amplitude) in amplitudes.drain(..) {
            match (address ^ site.values) & site.controls {
                0 => spread(&op.operator(), &site, (address, amplitude), &mut others),
                _ => add(&mut others, address, amplitude),
            }
        }
        std::mem::swap(&mut amplitudes, &mut others);
    }
    amplitudes
}

/// Applies what takes an amplitude to one other.
fn change(operator: &Operator<'_>, site: &Site<'_>, address: &mut u64, amplitude: &mut Complex64) {
    if (*address ^ site.values) & site.controls != 0 {
        return;
    }
    let row = row(site, *address);
    match *operator {
        Operator::Diagonal(entries) => *amplitude *= entries[row],
        Operator::Phases(costs, gamma) => *amplitude *= Complex64::cis(-gamma * costs[row]),
        Operator::Permutation(transpositions) => {
            let to = transpositions.iter().fold(row, |row, &(a, b)| match row {
                _ if row == a => b,
                _ if row == b => a,
                _ => row,
            });
            *address = with_row(site, *address, to);
        }
        Operator::Dense(_) | Operator::Pauli(..) => unreachable!("these are spread"),
    }
}

/// Adds what an amplitude becomes, where the controls hold.
fn spread(
    operator: &Operator<'_>,
    site: &Site<'_>,
    (address, amplitude): (u64, Complex64),
    out: &mut Amplitudes,
) {
    let from = row(site, address);
    let mut to = |row: usize, entry: Complex64| {
        if entry != Complex64::ZERO {
            add(out, with_row(site, address, row), entry * amplitude);
        }
    };
    match *operator {
        Operator::Dense(matrix) => {
            let dim = 1 << site.targets.len();
            (0..dim).for_each(|row| to(row, matrix[row * dim + from]));
        }
        Operator::Pauli(string, coefs) => {
            let odd = (string.z & from as u64).count_ones() % 2 == 1;
            let entry = coefs[1] * string.phase();
            to(from, coefs[0]);
            to(from ^ string.x as usize, if odd { -entry } else { entry });
        }
        _ => unreachable!("others change amplitudes one by one"),
    }
}

fn add(amplitudes: &mut Amplitudes, address: u64, amplitude: Complex64) {
    match amplitudes.iter_mut().find(|(other, _)| *other == address) {
        Some((_, sum)) => *sum += amplitude,
        None => amplitudes.push((address, amplitude)),
    }
}

/// The setting of the targets, of which the first is the most significant bit.
fn row(site: &Site<'_>, address: u64) -> usize {
    site.targets.iter().fold(0, |row, &bit| row << 1 | (address >> bit & 1) as usize)
}

fn with_row(site: &Site<'_>, address: u64, row: usize) -> u64 {
    let targets = site.targets.iter().rev().enumerate();
    targets
        .fold(address, |address, (place, &bit)| address & !(1 << bit) | (row as u64 >> place & 1) << bit)
}
