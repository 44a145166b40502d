use num_complex::Complex64;
use proptest::prelude::*;

use super::value::{Cond, Literal, both, decide};
use super::{Dialect, Options, library, powers, read, write};
use crate::circuit::{Action, Angle, Circuit, Named, Names, Operation};
use crate::gates::{GATES, Gate};

fn circuit(text: &str) -> Named {
    let program = read(text, &Options::default(), &mut || true);
    program.unwrap_or_else(|error| panic!("{error}\n{text}")).circuit
}

fn refusal(text: &str) -> (usize, usize, String) {
    let error = read(text, &Options::default(), &mut || true).expect_err(text);
    (error.line, error.column, error.reason)
}

/// The matrix of operations on qubits 0 to n-1, by the textbook.
fn matrix(operations: &[Operation], n: usize) -> Vec<Complex64> {
    let dim = 1usize << n;
    let mut product = vec![Complex64::ZERO; dim * dim];
    (0..dim).for_each(|i| product[i * dim + i] = Complex64::ONE);
    for operation in operations {
        let (entries, targets) = match &operation.action {
            Action::Gate(gate, angles) => {
                let angles: Vec<f64> = angles.iter().map(|angle| angle.offset).collect();
                (gate.matrix(&angles), operation.qubits.clone())
            }
            Action::Dense(entries) => (entries.to_vec(), operation.qubits.clone()),
            _ => {
                let gamma = operation.gamma().expect("a gate, a matrix or a phase").offset;
                (vec![Complex64::cis(gamma)], Vec::new())
            }
        };
        let (k, size) = (targets.len(), 1usize << targets.len());
        let bit = |index: usize, qubit: usize| index >> (n - 1 - qubit) & 1;
        let row_of = |index: usize| targets.iter().fold(0, |row, &qubit| row << 1 | bit(index, qubit));
        let mut next = product.clone();
        for row in 0..dim {
            if operation.controls.iter().any(|&(qubit, value)| (bit(row, qubit) == 1) != value) {
                continue;
            }
            for column in 0..dim {
                next[row * dim + column] = (0..size)
                    .map(|inner| {
                        let from = (0..k).fold(row, |index, place| {
                            let mask = 1 << (n - 1 - targets[place]);
                            let value = inner >> (k - 1 - place) & 1;
                            if value == 1 { index | mask } else { index & !mask }
                        });
                        entries[row_of(row) * size + inner] * product[from * dim + column]
                    })
                    .sum();
            }
        }
        product = next;
    }
    product
}

fn distance(a: &[Complex64], b: &[Complex64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
}

#[test]
fn every_gate_of_a_library_is_read() {
    let texts = [
        (2, library::QELIB1, Dialect::Standard, "include \"qelib1.inc\";"),
        (3, library::STDGATES, Dialect::Standard, "include \"stdgates.inc\";"),
        (3, library::BRAKET, Dialect::Braket, ""),
        (2, library::QIBO, Dialect::Qibo, "include \"qelib1.inc\";"),
    ];
    for (version, library, dialect, include) in texts {
        let mut count = 0;
        for line in library.lines().filter_map(|line| line.strip_prefix("gate ")) {
            let head = line.split('{').next().unwrap();
            let (name, rest) = head.split_at(head.find([' ', '(']).unwrap());
            let num_params = rest.find(')').map_or(0, |close| rest[..close].matches(',').count() + 1);
            let num_qubits = rest.rsplit(')').next().unwrap().matches(',').count() + 1;
            let angles: Vec<String> = (1..=num_params).map(|i| format!("0.{i}")).collect();
            let angles =
                if angles.is_empty() { String::new() } else { format!("({})", angles.join(",")) };
            let qubits: Vec<String> = (0..num_qubits).map(|i| format!("q[{i}]")).collect();
            let qubits = qubits.join(",");
            let register = if version == 2 { "qreg q[9];" } else { "qubit[9] q;" };
            let text =
                format!("OPENQASM {version}.0; {include} {register} {name}{angles} {qubits}; h q[8];");
            let options = Options { dialect, ..Options::default() };
            let program = read(&text, &options, &mut || true);
            let circuit = program.unwrap_or_else(|error| panic!("{error}\n{text}")).circuit;
            assert!(circuit.operations().iter().any(|operation| operation.qubits == [8]), "{text}");
            count += 1;
        }
        assert!(count > 30, "{count} gates");
    }
}

#[test]
fn errors_tell_the_place_in_characters() {
    let (line, column, reason) = refusal("OPENQASM 3.0;\nqubit ψ; /* ψψψ */ U(0, 0, λ) ψ;");
    assert_eq!((line, column), (2, 28));
    assert!(reason.starts_with("'λ' is not declared"), "{reason}");
    let (line, column, _) = refusal("\u{feff}qreg q[1];\r\nh q[1];");
    assert_eq!((line, column), (2, 5));
    let (line, column, _) = refusal("OPENQASM 3.0;\nqubit q;\nU(0, 0, 0) q\n\n\n");
    assert_eq!((line, column), (3, 13)); // where the text ends, without what is white
}

#[test]
fn reading_stops_where_it_is_asked_to() {
    let text = "OPENQASM 3.0; qubit q; for int i in [0:999999] { U(0, 0, 0) q; }";
    let mut asked = 0;
    let mut go_on = || {
        asked += 1;
        asked < 3
    };
    let error = read(text, &Options::default(), &mut go_on).unwrap_err();
    assert_eq!((asked, error.reason.as_str()), (3, "reading was stopped"));
}

#[test]
fn a_text_says_the_same_as_the_core() {
    let mut expected = Circuit::new(2);
    expected.push(Operation::gate(Gate::named("h").unwrap(), vec![], vec![0], vec![])).unwrap();
    let into = Action::Measure(vec![0, 1], None);
    expected.push(Operation { action: into, qubits: vec![0, 1], controls: vec![] }).unwrap();
    let flip = Action::Gate(Gate::named("x").unwrap(), vec![]).only_if(vec![(0, true), (1, false)]);
    expected.push(Operation { action: flip, qubits: vec![1], controls: vec![] }).unwrap();
    let expected = Named::new(expected, Names::default());
    let text = "OPENQASM 3; include 'stdgates.inc'; qubit[2] q; bit[2] c;
        h q[0]; c = measure q; if (c[0] && !c[1]) x q[1];";
    assert_eq!(circuit(text), expected);
    let written = write(&expected).unwrap();
    assert_eq!(circuit(&written), expected);
}

fn literals() -> impl Strategy<Value = Vec<Cond>> {
    let literal = (0u32..6, any::<bool>()).prop_map(|(bit, value)| Literal { bit, version: 1, value });
    let cond = proptest::collection::btree_map(0u32..6, literal, 0..4).prop_map(|literals| {
        let mut cond: Cond =
            literals.into_iter().map(|(bit, literal)| Literal { bit, ..literal }).collect();
        cond.sort_unstable();
        cond
    });
    proptest::collection::vec(cond, 0..6)
}

fn holds(cond: &Cond, bits: u32) -> bool {
    cond.iter().all(|literal| (bits >> literal.bit & 1 == 1) == literal.value)
}

proptest! {
    #[test]
    fn decisions_are_right_and_exclude_each_other(conds in literals()) {
        for wanted in [true, false] {
            let decided = decide(&conds, wanted, &mut 0).unwrap();
            for bits in 0..64 {
                let count = decided.iter().filter(|cond| holds(cond, bits)).count();
                prop_assert_eq!(count, usize::from(conds.iter().any(|cond| holds(cond, bits)) == wanted));
            }
        }
    }

    #[test]
    fn both_conditions_hold_where_each_does(conds in literals()) {
        for one in &conds {
            for two in &conds {
                for bits in 0..64 {
                    let together = both(one, two).is_some_and(|cond| holds(&cond, bits));
                    prop_assert_eq!(together, holds(one, bits) && holds(two, bits));
                }
            }
        }
    }

    /// A root that is taken as often as it says is the gate; a root is the principal one: applied to gates near
    /// the identity it is near the identity.
    #[test]
    fn roots_are_roots(which in 0..GATES.len(), angles in [-6.0..6.0f64, -3.0..3.0, -3.0..3.0, -3.0..3.0], n in 2u32..6) {
        let gate = GATES[which];
        let qubits: Vec<usize> = (0..gate.qubits.len()).collect();
        let params: Vec<Angle> = gate.params.iter().zip(angles).map(|(_, angle)| angle.into()).collect();
        let operation = Operation::gate(gate, params, qubits, vec![]);
        let size = gate.qubits.len();
        if let Ok(root) = powers::power(0, vec![operation.clone()], 1.0 / f64::from(n), 100) {
            let again: Vec<Operation> = (0..n).flat_map(|_| root.clone()).collect();
            let error = distance(&matrix(&again, size), &matrix(std::slice::from_ref(&operation), size));
            prop_assert!(error < 1e-13, "{} to 1/{n}: {error}", gate.name);
        }
        for power in [-3i32, -1, 0, 2, 5, 200] {
            let made = powers::power(0, vec![operation.clone()], f64::from(power), 1000).unwrap();
            let one = if power < 0 { operation.inverse() } else { operation.clone() };
            let repeated = vec![one; power.unsigned_abs() as usize];
            let error = distance(&matrix(&made, size), &matrix(&repeated, size));
            prop_assert!(error < 1e-12, "{} to {power}: {error}", gate.name);
        }
    }
}
