use num_complex::Complex64;
use proptest::prelude::*;

use super::value::{Cond, Literal, both, decide};
use super::{Dialect, Options, library, powers, read, write};
use crate::circuit::textbook::applied;
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

/// The matrix of operations on qubits 0 to n-1, by the textbook, column by column.
fn matrix(operations: &[Operation], n: usize) -> Vec<Complex64> {
    let column = |index: usize| {
        let mut basis = vec![Complex64::ZERO; 1 << n];
        basis[index] = Complex64::ONE;
        operations.iter().fold(basis, |psi, operation| applied(operation, &[], n, &psi))
    };
    (0..1 << n).flat_map(column).collect()
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

/// What texts are made of.
const WORDS: &[&str] = &[
    "OPENQASM 2.0;",
    "OPENQASM 3.0;",
    "include \"qelib1.inc\";",
    "include \"stdgates.inc\";",
    "qreg q[3];",
    "qubit[3] q;",
    "qubit r;",
    "creg c[3];",
    "bit[3] c;",
    "bit b;",
    "h q[0];",
    "cx q[0], q[1];",
    "U(0.1, pi/2, -x) q[2];",
    "rz(2*pi/3) q;",
    "ctrl @ inv @ s q[0], q[1];",
    "pow(0.5) @ x q[1];",
    "negctrl(2) @ x q[0], q[1], q[2];",
    "measure q -> c;",
    "c = measure q;",
    "c[1] = measure q[2];",
    "reset q[1];",
    "barrier q;",
    "gphase(pi/4);",
    "if (c == 2) x q[0];",
    "if (c[0] && !c[1]) { x q[0]; } else { y q[1]; }",
    "for int i in [0:2] { h q[i]; }",
    "while (false) { x q[0]; }",
    "gate g(a) x0, x1 { cx x0, x1; rz(a) x1; }",
    "g(0.3) q[0], q[2];",
    "input float x;",
    "const int n = 3;",
    "int[8] n = 5;",
    "let s = q[0:1];",
    "def f(qubit p) { h p; }",
    "f(q[0]);",
    "switch (n) { case 1 { x q[0]; } default { y q[0]; } }",
    "#pragma braket unitary([[0, 1], [1, 0]]) q[0]",
    "opaque o a;",
    "uint[4] u = 7;",
    "float f2 = 1.5e3;",
    "angle[8] t = pi;",
    "complex z = 1.0 + 2.0im;",
    "array[int[8], 2] k = {1, 2};",
    "break;",
    "continue;",
    "return;",
    "box { x q[0]; }",
    "delay[10ns] q[0];",
    "end;",
    "u++;",
    "n += 2;",
    "q",
    "c",
    "x",
    "n",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ";",
    ",",
    "->",
    "==",
    "=",
    "+",
    "-",
    "*",
    "/",
    "**",
    "<<",
    "!",
    "~",
    "&&",
    "@",
    "0",
    "1",
    "2",
    "3.5",
    "1e400",
    "99999999999999999999",
    "0b101",
    "0xff",
    "pi",
    "tau",
    "im",
    "\"",
    "//",
    "/*",
    "*/",
    "\n",
    "ψ",
    "\u{feff}",
    "sin(",
    "ctrl @",
    "inv @",
    "pow(2) @",
    "measure",
    "reset",
    "if (",
    "for",
    "in",
    "gate",
    "def",
    "extern",
];

/// Words in any order; and the text of a program of which a few characters are cut or doubled.
fn texts() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec(0..WORDS.len(), 0..24);
    let program = (
        any::<bool>(),
        proptest::collection::vec(10..53usize, 0..16),
        proptest::collection::vec((any::<proptest::sample::Index>(), 0..4usize, any::<bool>()), 0..4),
    );
    let program = program.prop_map(|(newer, words, edits)| {
        let head = if newer { [1, 3, 5, 8] } else { [0, 2, 4, 7] };
        let text: Vec<&str> = head.iter().chain(&words).map(|&word| WORDS[word]).collect();
        let mut text: Vec<char> = text.join(" ").chars().collect();
        for (place, count, doubled) in edits {
            let start = place.index(text.len());
            let end = (start + count).min(text.len());
            let part = text[start..end].to_vec();
            text.splice(start..end, if doubled { [&part[..], &part].concat() } else { Vec::new() });
        }
        text.into_iter().collect()
    });
    let free =
        words.prop_map(|words| words.into_iter().map(|word| WORDS[word]).collect::<Vec<_>>().join(" "));
    prop_oneof![free, program]
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

    /// Whatever a text says: it is read, or refused with a place in it, and never anything else. What is read
    /// is written as a text that says the same.
    #[test]
    fn fuzz_a_text_is_read_or_refused(text in texts(), dialect in 0..3usize) {
        let dialect = [Dialect::Standard, Dialect::Braket, Dialect::Qibo][dialect];
        let options = Options { dialect, max_rounds: 200, ..Options::default() };
        match read(&text, &options, &mut || true) {
            Err(error) => {
                prop_assert!((1..=text.lines().count().max(1) + 1).contains(&error.line), "{error}\n{text}");
                prop_assert!(error.column >= 1 && !error.reason.is_empty(), "{error}\n{text}");
            }
            Ok(program) => if let Ok(written) = write(&program.circuit) {
                let again = read(&written, &Options::default(), &mut || true);
                let again = again.unwrap_or_else(|error| panic!("{error}\n{text}\n{written}"));
                prop_assert!(again.circuit == program.circuit, "{text}\n{written}");
            },
        }
    }
}
