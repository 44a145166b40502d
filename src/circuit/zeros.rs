//! What is left of a circuit that begins with |0...0>: operations that change nothing there are left out.
//!
//! A qubit on which nothing has acted is 0, and so controls on it do not hold, and phases of its 1 count for nothing. The
//! Fourier transform of |0...0> is left with nothing but its H.

use num_complex::Complex64;

use super::{Action, Operation};
use crate::gates::{Base, Entries, Generator};
use crate::operator::Operator;

/// The operations that can change something, if these are not all of them.
///
/// # Panics
/// Where one is not unitary, or under a condition.
pub fn effective(operations: &[Operation], num_qubits: usize) -> Option<Vec<Operation>> {
    let mut values = Values(vec![Some(false); num_qubits]);
    let kept = operations.iter().filter(|operation| values.change(operation));
    let kept: Vec<&Operation> = kept.collect();
    (kept.len() < operations.len()).then(|| kept.into_iter().cloned().collect())
}

/// For each qubit the value that it has wherever the state is not 0, if it has one.
struct Values(Vec<Option<bool>>);

impl Values {
    /// Follows an operation; tells whether it can change something.
    fn change(&mut self, operation: &Operation) -> bool {
        let own = match operation.action {
            Action::Gate(gate, _) => gate.controls,
            _ => 0,
        };
        let (own, targets) = operation.qubits.split_at(own);
        let own = own.iter().map(|&qubit| (qubit, true));
        let mut hold = true;
        for (qubit, value) in own.chain(operation.controls.iter().copied()) {
            match self.0[qubit] {
                Some(known) if known != value => return false,
                known => hold &= known.is_some(),
            }
        }
        match &operation.action {
            Action::Gate(gate, angles) => match gate.base {
                Base::Diagonal(_) if gate.generator == Generator::Ones => {
                    return targets.iter().all(|&qubit| self.0[qubit] != Some(false));
                }
                Base::Diagonal(_) if angles.is_empty() => {
                    let mut entries = Entries::default();
                    let Operator::Diagonal(entries) = gate.operator(&[], &mut entries) else {
                        unreachable!("the gate is a diagonal")
                    };
                    return !self.is_one(targets, entries);
                }
                Base::Diagonal(_) => {}
                Base::Permutation(_) => match *targets {
                    [target] => self.flip(target, hold),
                    [a, b] if hold => self.0.swap(a, b),
                    _ => self.forget(targets),
                },
                Base::Dense(_) => self.forget(targets),
            },
            Action::Dense(_) | Action::Permutation(..) => self.forget(targets),
            Action::Phase(..) => {}
            Action::Diagonal(entries) => return !self.is_one(targets, entries),
            Action::Pauli(string) => {
                for (letter, &qubit) in targets.iter().rev().enumerate() {
                    if string.x >> letter & 1 == 1 {
                        self.flip(qubit, hold);
                    }
                }
            }
            Action::PauliRotation(string, _) => {
                for (letter, &qubit) in targets.iter().rev().enumerate() {
                    if string.x >> letter & 1 == 1 {
                        self.0[qubit] = None;
                    }
                }
            }
            Action::Measure(..) | Action::Reset | Action::Kraus(_) | Action::If(..) => {
                unreachable!("segments of a script, not of a program")
            }
        }
        true
    }

    fn flip(&mut self, qubit: usize, hold: bool) {
        self.0[qubit] = self.0[qubit].filter(|_| hold).map(|value| !value);
    }

    fn forget(&mut self, qubits: &[usize]) {
        qubits.iter().for_each(|&qubit| self.0[qubit] = None);
    }

    /// Whether the entries of a diagonal are 1 for all values that its targets can have, of which the first is the most
    /// significant bit.
    fn is_one(&self, targets: &[usize], entries: &[Complex64]) -> bool {
        let bits = targets.iter().rev().enumerate();
        let (mut known, mut value) = (0, 0);
        for (bit, &qubit) in bits {
            if let Some(one) = self.0[qubit] {
                known |= 1 << bit;
                value |= usize::from(one) << bit;
            }
        }
        let mut possible = entries.iter().enumerate().filter(|(index, _)| index & known == value);
        possible.all(|(_, entry)| *entry == Complex64::ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::{Gate, named};

    fn gate(gate: &'static Gate, angles: &[f64], qubits: &[usize]) -> Operation {
        let angles = angles.iter().map(|&angle| angle.into()).collect();
        Operation::gate(gate, angles, qubits.to_vec(), vec![])
    }

    /// How many operations are left of some.
    fn left(operations: &[Operation]) -> usize {
        effective(operations, 3).map_or(operations.len(), |kept| kept.len())
    }

    #[test]
    fn a_fourier_transform_of_zeros_is_all_h() {
        let mut all = Vec::new();
        for q in 0..3 {
            all.push(gate(&named::h, &[], &[q]));
            (q + 1..3).for_each(|r| all.push(gate(&named::cp, &[0.5], &[r, q])));
        }
        all.push(gate(&named::swap, &[], &[0, 2]));
        assert_eq!(left(&all), 4);
        all.sort_by_key(|operation| operation.qubits.len() > 1);
        assert_eq!(left(&all), 7, "after all H, phases stay");
    }

    #[test]
    fn controls_are_decided_and_values_followed() {
        let (x, cx, swap) = (&named::x, &named::cx, &named::swap);
        assert_eq!(left(&[gate(cx, &[], &[0, 1])]), 0);
        assert_eq!(left(&[gate(x, &[], &[0]), gate(cx, &[], &[0, 1]), gate(cx, &[], &[1, 2])]), 3);
        assert_eq!(left(&[gate(x, &[], &[0]), gate(swap, &[], &[0, 2]), gate(cx, &[], &[0, 1])]), 2);
        assert_eq!(
            left(&[gate(&named::h, &[], &[0]), gate(cx, &[], &[0, 1]), gate(cx, &[], &[1, 2])]),
            3
        );
        let mut open = gate(x, &[], &[1]);
        open.controls.push((0, false));
        assert_eq!(left(&[open.clone(), gate(cx, &[], &[1, 2])]), 2);
        open.controls[0].1 = true;
        assert_eq!(left(&[open]), 0);
    }

    #[test]
    fn diagonals_that_are_1_where_the_state_is() {
        let x = gate(&named::x, &[], &[1]);
        for fixed in [&named::z, &named::s, &named::t] {
            assert_eq!(left(&[gate(fixed, &[], &[1])]), 0);
            assert_eq!(left(&[x.clone(), gate(fixed, &[], &[1])]), 2);
        }
        assert_eq!(left(&[gate(&named::rz, &[0.3], &[0])]), 1, "a global phase");
        let entries = |last| [Complex64::ONE, Complex64::ONE, Complex64::ONE, last].into();
        let diagonal = |last| Operation {
            action: Action::Diagonal(entries(last)),
            qubits: vec![0, 1],
            controls: vec![],
        };
        assert_eq!(left(&[x.clone(), diagonal(Complex64::I)]), 1);
        assert_eq!(left(&[x, gate(&named::h, &[], &[0]), diagonal(Complex64::I)]), 3);
    }
}
