//! The textbook, for tests: every operation is written out as a matrix, and each amplitude is a sum over the
//! columns of its row. Nothing is shared with the kernels but the matrices of the gates, which Python's tests hold to
//! theirs.

use num_complex::Complex64;

use super::{Action, Operation};
use crate::operator::PauliString;

/// The matrix of `letters` Pauli operators, row by row, from those of the letters.
fn pauli(string: PauliString, letters: usize) -> Vec<Complex64> {
    let (zero, one, i) = (Complex64::ZERO, Complex64::ONE, Complex64::I);
    let letter = |place: usize, row: usize, column: usize| {
        let matrix = match (string.x >> place & 1, string.z >> place & 1) {
            (0, 0) => [one, zero, zero, one],
            (1, 0) => [zero, one, one, zero],
            (0, _) => [one, zero, zero, -one],
            _ => [zero, -i, i, zero],
        };
        matrix[2 * (row >> place & 1) + (column >> place & 1)]
    };
    let dim = 1usize << letters;
    let entry = |row, column| (0..letters).map(|place| letter(place, row, column)).product();
    (0..dim * dim).map(|index| entry(index / dim, index % dim)).collect()
}

/// The matrix of an operation on its `k` qubits, without its controls, row by row.
fn matrix(action: &Action, k: usize, params: &[f64]) -> Vec<Complex64> {
    let dim = 1usize << k;
    let fill = |entry: &dyn Fn(usize, usize) -> Complex64| {
        (0..dim * dim).map(|index| entry(index / dim, index % dim)).collect()
    };
    let on_diagonal = |row: usize, column: usize, value: Complex64| {
        if row == column { value } else { Complex64::ZERO }
    };
    match action {
        Action::Gate(gate, angles) => {
            let angles: Vec<f64> = angles.iter().map(|angle| angle.value(params)).collect();
            gate.matrix(&angles)
        }
        Action::Dense(entries) => entries.to_vec(),
        Action::Diagonal(entries) => fill(&|row, column| on_diagonal(row, column, entries[row])),
        Action::Permutation(to, _) => {
            fill(&|row, column| Complex64::from(f64::from(to[column] as usize == row)))
        }
        Action::Pauli(string) => pauli(*string, k),
        Action::PauliRotation(string, theta) => {
            let (half, string) = (theta.value(params) / 2.0, pauli(*string, k));
            fill(&|row, column| {
                let product = string[row * dim + column];
                on_diagonal(row, column, half.cos().into()) - Complex64::I * half.sin() * product
            })
        }
        Action::Phase(cost, gamma) => {
            let gamma = gamma.value(params);
            fill(&|row, column| on_diagonal(row, column, Complex64::cis(-gamma * cost.values()[row])))
        }
        _ => panic!("{action:?} has no matrix"),
    }
}

/// The state of `n` qubits after an operation: qubit `q` is bit `n - 1 - q` of the index.
pub fn applied(operation: &Operation, params: &[f64], n: usize, old: &[Complex64]) -> Vec<Complex64> {
    let k = operation.qubits.len();
    let (dim, entries) = (1usize << k, matrix(&operation.action, k, params));
    let bit = |index: usize, qubit: usize| index >> (n - 1 - qubit) & 1;
    let row_of =
        |index: usize| operation.qubits.iter().fold(0, |row, &qubit| row << 1 | bit(index, qubit));
    let with = |index: usize, column: usize| {
        operation.qubits.iter().enumerate().fold(index, |index, (place, &qubit)| {
            let mask = 1 << (n - 1 - qubit);
            if column >> (k - 1 - place) & 1 == 1 { index | mask } else { index & !mask }
        })
    };
    let holds = |index: usize| {
        operation.controls.iter().all(|&(qubit, value)| (bit(index, qubit) == 1) == value)
    };
    let sum = |index: usize| -> Complex64 {
        (0..dim).map(|column| entries[row_of(index) * dim + column] * old[with(index, column)]).sum()
    };
    (0..old.len()).map(|index| if holds(index) { sum(index) } else { old[index] }).collect()
}
