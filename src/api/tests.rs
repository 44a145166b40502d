//! The face for Rust against products of matrices, entry by entry, and what it refuses.

use std::ops::RangeInclusive;

use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, proptest};

use crate::PauliString;
use crate::gates::{GATES, Gate};
use crate::prelude::*;

const N: usize = 4;

/// `matrix` on `qubits` of a state, where `controls` hold, from its definition.
fn textbook(
    psi: &[Complex64],
    matrix: &[Complex64],
    qubits: &[usize],
    controls: &[(usize, bool)],
) -> Vec<Complex64> {
    let bit = |index: usize, qubit: usize| index >> (N - 1 - qubit) & 1;
    let row = |index: usize| qubits.iter().fold(0, |row, &qubit| row << 1 | bit(index, qubit));
    let others = |index: usize| qubits.iter().fold(index, |rest, &qubit| rest & !(1 << (N - 1 - qubit)));
    let dim = 1 << qubits.len();
    let entry = |to: usize| {
        if controls.iter().any(|&(qubit, value)| bit(to, qubit) != usize::from(value)) {
            return psi[to];
        }
        let from = (0..psi.len()).filter(|&from| others(from) == others(to));
        from.map(|from| matrix[row(to) * dim + row(from)] * psi[from]).sum()
    };
    (0..psi.len()).map(entry).collect()
}

/// Any state: what it is does not matter, if no two amplitudes are alike.
fn some_state() -> Vec<Complex64> {
    (0..1 << N).map(|i| Complex64::new((0.3 + i as f64).sin(), (1.1 * i as f64).cos())).collect()
}

fn close(a: &[Complex64], b: &[Complex64]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).norm() < 1e-13)
}

/// A gate with angles and distinct qubits: its own, and controls with their values.
#[derive(Clone, Debug)]
struct Case {
    gate: &'static Gate,
    angles: Vec<f64>,
    qubits: Vec<usize>,
    controls: Vec<(usize, bool)>,
}

fn case() -> impl Strategy<Value = Case> {
    let order = Just((0..N).collect::<Vec<_>>()).prop_shuffle();
    let angles = prop::collection::vec(-4.0..4.0, 4);
    let controls = prop::collection::vec(prop::bool::ANY, 0..=N);
    (0..GATES.len(), angles, order, controls).prop_map(|(gate, mut angles, mut order, values)| {
        let gate = GATES[gate];
        angles.truncate(gate.params.len());
        let controls = order.split_off(gate.qubits.len()).into_iter().zip(values).collect();
        Case { gate, angles, qubits: order, controls }
    })
}

macro_rules! methods {
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal, [$($row:literal),+], $source:literal;)+) => {
        /// Calls the method that a gate has its name from.
        fn call<G: Gates<Angle: From<f64>>>(on: &mut G, case: &Case) -> Result<()> {
            match case.gate.name {
                $(stringify!($name) => {
                    let [$($param),*] = case.angles[..] else { panic!("angles") };
                    let [$($qubit),+] = case.qubits[..] else { panic!("qubits") };
                    on.$name($($param,)* $($qubit),+)?;
                })+
                _ => panic!("no gate of the table"),
            }
            Ok(())
        }
    };
}
crate::with_gates!(methods);

proptest! {
    /// Methods of all gates, under controls, on a slice and in a circuit that also undoes them.
    #[test]
    fn gates_are_their_matrices(cases in prop::collection::vec(case(), 1..6)) {
        let mut expected = some_state();
        let (mut direct, mut run) = (some_state(), some_state());
        let mut circuit = Circuit::new(N).unwrap();
        for case in &cases {
            let matrix = case.gate.matrix(&case.angles);
            expected = textbook(&expected, &matrix, &case.qubits, &case.controls);
            call(&mut State::new(&mut direct).unwrap().controlled_on(case.controls.clone()), case).unwrap();
            call(&mut circuit.controlled_on(case.controls.clone()), case).unwrap();
        }
        prop_assert!(close(&direct, &expected));
        circuit.run(&mut State::new(&mut run).unwrap(), ()).unwrap();
        prop_assert!(close(&run, &expected));
        circuit.inverse().unwrap().run(&mut State::new(&mut run).unwrap(), ()).unwrap();
        prop_assert!(close(&run, &some_state()));
    }

    /// Operators of the user's own.
    #[test]
    fn operators_are_their_matrices(
        order in Just((0..N).collect::<Vec<_>>()).prop_shuffle(),
        permutation in Just(vec![0i64, 1, 2, 3]).prop_shuffle(),
        numbers in prop::collection::vec(-1.0..1.0, 16),
        letters in "[IXYZ]{2}",
    ) {
        let (qubits, controls) = ([order[0], order[1]], [(order[2], false), (order[3], true)]);
        let matrix: Vec<Complex64> = numbers.iter().map(|&x| Complex64::new(x, 0.5 - x * x)).collect();
        let square = |entry: &dyn Fn(usize, usize) -> Complex64| -> Vec<Complex64> {
            (0..16).map(|i| entry(i / 4, i % 4)).collect()
        };
        let theta = numbers[0];
        let pauli = |row: usize, column: usize| -> Complex64 {
            let factor = |(letter, bits): (char, (usize, usize))| match (letter, bits) {
                ('I', (0, 0) | (1, 1)) | ('X', (0, 1) | (1, 0)) | ('Z', (0, 0)) => Complex64::ONE,
                ('Z', (1, 1)) => -Complex64::ONE,
                ('Y', (0, 1)) => -Complex64::I,
                ('Y', (1, 0)) => Complex64::I,
                _ => Complex64::ZERO,
            };
            let bits = [(row >> 1, column >> 1), (row & 1, column & 1)];
            letters.chars().zip(bits).map(factor).product()
        };
        let one = |row, column| if row == column { Complex64::ONE } else { Complex64::ZERO };
        let (sin, cos) = (theta / 2.0).sin_cos();
        let moved = |row, column: usize| if permutation[column] == row as i64 { Complex64::ONE } else { Complex64::ZERO };
        let matrices = [
            matrix.clone(),
            square(&|row, column| matrix[row] * one(row, column)),
            square(&moved),
            square(&pauli),
            square(&|row, column| cos * one(row, column) - Complex64::I * sin * pauli(row, column)),
        ];
        fn all<G: Gates<Angle: From<f64>>>(
            on: &mut G, kind: usize, matrix: &[Complex64], permutation: &[i64], letters: &str, theta: f64, qubits: [usize; 2],
        ) {
            match kind {
                0 => on.apply(matrix, qubits),
                1 => on.apply_diagonal(&matrix[..4], qubits),
                2 => on.apply_permutation(permutation, qubits),
                3 => on.apply_pauli(letters, qubits),
                _ => on.pauli_rotation(theta, letters, qubits),
            }.unwrap();
        }
        for (kind, expected) in matrices.iter().enumerate() {
            let expected = textbook(&some_state(), expected, &qubits, &controls);
            let (mut direct, mut run) = (some_state(), some_state());
            let mut psi = State::new(&mut direct).unwrap();
            all(&mut psi.controlled_on(controls), kind, &matrix, &permutation, &letters, theta, qubits);
            prop_assert!(close(&direct, &expected), "{kind}");
            let mut circuit = Circuit::new(N).unwrap();
            all(&mut circuit.controlled_on(controls), kind, &matrix, &permutation, &letters, theta, qubits);
            circuit.run(&mut State::new(&mut run).unwrap(), ()).unwrap();
            prop_assert!(close(&run, &expected), "{kind}");
        }
    }

    /// Derivatives by named parameters, against differences.
    #[test]
    fn gradients_are_differences(a in -3.0..3.0f64, b in -3.0..3.0f64) {
        let mut circuit = Circuit::new(3).unwrap();
        circuit.h(..).unwrap().rx("a", 0).unwrap().cry(2.0 * parameter("b") - parameter("a"), 0, 2).unwrap();
        circuit.cx(0, 1).unwrap().pauli_rotation("b", "XYZ", ..).unwrap().rz(0.5 + parameter("a"), 1).unwrap();
        let energy = PauliSum::of([("ZXI", 1.0), ("YYZ", -0.5), ("IIX", 0.7)]).unwrap();
        let at = |a: f64, b: f64| circuit.expectation(&energy, [("b", b), ("a", a)]).unwrap();
        let (value, gradient) = circuit.gradient(&energy, [a, b]).unwrap();
        prop_assert!((value - at(a, b)).abs() < 1e-13);
        let step = 1e-5;
        let differences = [at(a + step, b) - at(a - step, b), at(a, b + step) - at(a, b - step)];
        for (derivative, difference) in gradient.iter().zip(differences) {
            prop_assert!((derivative - difference / (2.0 * step)).abs() < 1e-8);
        }
        let from = circuit.gradient_from(&ket("000").unwrap(), &energy, [a, b]).unwrap();
        prop_assert_eq!(from, (value, gradient));
    }
}

#[test]
fn a_gate_takes_many_qubits_or_none_of_them() {
    let mut psi = ket("0000").unwrap();
    psi.x([0, 2]).unwrap().x(1..3).unwrap().x(3..=3).unwrap().x(Vec::new()).unwrap();
    psi.x(1..).unwrap().x(4..).unwrap().x(..2).unwrap().x(..=0).unwrap().x(1..).unwrap().x(1).unwrap();
    assert_eq!(psi.probability("1101").unwrap(), 1.0);
    let before = psi.clone();
    let out = Error::QubitRange { qubit: 4, num_qubits: 4 };
    assert_eq!(psi.h([0, 4]).unwrap_err(), out);
    assert_eq!(psi.h(1..usize::MAX).unwrap_err(), out);
    assert_eq!(psi.h(..5).unwrap_err(), out);
    assert_eq!(psi.h(..=4).unwrap_err(), out);
    assert_eq!(psi.h(5..).unwrap_err(), Error::QubitRange { qubit: 5, num_qubits: 4 });
    assert_eq!(psi.h([0, 1, 0]).unwrap_err(), Error::RepeatedQubit { qubit: 0 });
    assert_eq!(psi.controlled(1).h([0, 1]).unwrap_err(), Error::RepeatedQubit { qubit: 1 });
    assert_eq!(psi.controlled([1, 1]).h(0).unwrap_err(), Error::RepeatedQubit { qubit: 1 });
    assert_eq!(psi.controlled(1).controlled(2).h(2..4).unwrap_err(), Error::RepeatedQubit { qubit: 2 });
    assert_eq!(psi.rx(f64::NAN, ..).unwrap_err(), Error::NotFinite { argument: "theta" });
    assert_eq!(psi, before);
    let mut circuit = Circuit::new(4).unwrap();
    assert_eq!(
        circuit.controlled(1).rx("theta", [0, 1]).unwrap_err(),
        Error::RepeatedQubit { qubit: 1 }
    );
    assert!(circuit.rx("theta", 4).is_err() && circuit.rx(f64::NAN * parameter("theta"), 0).is_err());
    assert_eq!(circuit, Circuit::new(4).unwrap());
}

#[test]
fn what_is_no_operator_is_refused() {
    let mut psi = ket("00").unwrap();
    let bad = [Complex64::from(f64::INFINITY); 4];
    let size = |argument, len, qubits| Error::OperatorSize { argument, shape: vec![len], qubits };
    assert_eq!(psi.apply(&bad[..3], 0).unwrap_err(), size("matrix", 3, 1));
    assert_eq!(psi.apply_diagonal(&bad, 0).unwrap_err(), size("diagonal", 4, 1));
    assert_eq!(psi.apply_permutation(&[0, 1], ..).unwrap_err(), size("permutation", 2, 2));
    assert_eq!(psi.apply(&bad, 0).unwrap_err(), Error::NotFinite { argument: "matrix" });
    assert_eq!(psi.apply_pauli("XYZ", ..).unwrap_err(), Error::PauliLength { letters: 3, qubits: 2 });
    assert!(matches!(psi.apply_permutation(&[0, 0], 0), Err(Error::NotAPermutation { .. })));
    assert_eq!(psi, ket("00").unwrap());
    let mut circuit = Circuit::new(2).unwrap();
    assert_eq!(circuit.apply(&bad, 0).unwrap_err(), Error::NotFinite { argument: "matrix" });
    assert!(circuit.is_empty());
}

#[test]
fn what_single_precision_cannot_hold_is_refused() {
    let large = [1e300, 0.0, 0.0, 1.0].map(Complex64::from);
    let mut amplitudes = vec![Complex32::ONE, Complex32::ZERO];
    let mut psi = State::new(&mut amplitudes).unwrap();
    let refused = |holder: &str| Error::TooLarge { holder: holder.to_owned() };
    assert_eq!(psi.apply(&large, 0).unwrap_err(), refused("'matrix'"));
    assert_eq!(psi.apply_diagonal(&large[..2], 0).unwrap_err(), refused("'diagonal'"));
    let mut circuit = Circuit::new(1).unwrap();
    circuit.h(0).unwrap().apply_diagonal(&large[..2], 0).unwrap();
    for _ in 0..2 {
        assert_eq!(circuit.run(&mut psi, ()), Err(refused("operation 1 of the circuit")));
    }
    assert_eq!(amplitudes, [Complex32::ONE, Complex32::ZERO]);
    let mut double = ket("0").unwrap();
    circuit.run(&mut double, ()).unwrap();
    double.apply(&large, 0).unwrap();
    assert!(double.amplitudes()[0].re > 1e299);
}

#[test]
fn memory_of_any_length_that_is_a_power_of_two_is_a_state() {
    let mut amplitudes = [Complex64::ONE; 8];
    assert_eq!(State::new(&mut amplitudes[..4]).unwrap().num_qubits(), 2);
    assert_eq!(State::view(&amplitudes[..1]).unwrap().norm(), Ok(1.0));
    for len in [0, 3, 6] {
        let refused = Error::Shape { argument: "amplitudes", shape: vec![len], batch: 0 };
        assert_eq!(State::new(&mut amplitudes[..len]).unwrap_err(), refused);
    }
    let mut single = vec![Complex32::default(); 4];
    single[0] = 1.0.into();
    let mut psi = State::new(&mut single).unwrap();
    psi.h(0).unwrap().cx(0, 1).unwrap();
    let mut circuit = Circuit::new(2).unwrap();
    circuit.cx(0, 1).unwrap().h(0).unwrap().ry("theta", 0).unwrap();
    let (value, gradient) = circuit.gradient_from(&psi, "ZI", [0.3]).unwrap();
    assert!((value - 0.3f64.cos()).abs() < 1e-6 && (gradient[0] + 0.3f64.sin()).abs() < 1e-6);
    circuit.run(&mut psi, [0.0]).unwrap();
    assert!((single[0].re - 1.0).abs() < 1e-6);
    assert!(matches!(Ket::zero(100), Err(Error::Memory { .. })));
    assert!(matches!(ket("0a"), Err(Error::BasisState { .. })));
}

#[test]
fn outcomes_follow_from_the_seed() {
    let mut ghz = ket("000").unwrap();
    ghz.h(0).unwrap().cx(0, 1).unwrap().cx(1, 2).unwrap();
    let drawn = ghz.sample([0, 2], 1000, 3).unwrap();
    assert!(drawn.iter().all(|&outcome| outcome == 0 || outcome == 3));
    assert_eq!(drawn, ghz.sample([0, 2], 1000, 3).unwrap());
    let ones = drawn.iter().filter(|&&outcome| outcome == 3).count();
    assert!((400..600).contains(&ones), "{ones}");
    assert_eq!(ghz.sample([], 2, 3).unwrap(), [0, 0]);
    assert_eq!(ghz.counts([], 5, 3).unwrap(), [(String::new(), 5)].into());
    assert!(matches!(ghz.counts(.., u64::MAX, 3), Err(Error::Shots { .. })));

    let ones = (0..1000).filter(|&seed| ghz.clone().measure(.., seed).unwrap() == [true; 3]).count();
    assert!((400..600).contains(&ones), "{ones}");
    let mut measured = ghz.clone();
    assert_eq!(measured.measure_with(.., || 0.4).unwrap(), [true; 3]);
    assert!((measured.probability("111").unwrap() - 1.0).abs() < 1e-15);
    measured.reset([1, 2], 0).unwrap();
    assert!((measured.probability("100").unwrap() - 1.0).abs() < 1e-15);
    assert_eq!(measured.project(0, "0"), Err(Error::Impossible { outcome: 0, num_bits: 1 }));
    assert!(matches!(measured.project(0, "00"), Err(Error::BasisState { .. })));
    let mut nothing = State::from_vec(vec![Complex64::ZERO; 2]).unwrap();
    assert_eq!(nothing.measure(0, 0), Err(Error::NoNorm));
    assert_eq!(nothing.normalize().unwrap_err(), Error::NoNorm);
}

#[test]
fn circuits_that_draw_need_a_seed() {
    let mut circuit = Circuit::new(2).unwrap();
    circuit.h(0).unwrap().measure(0).unwrap().only_if([(0, true)]).x(1).unwrap();
    circuit.reset(0).unwrap().measure_into([1], &[2]).unwrap();
    assert_eq!((circuit.num_bits(), circuit.len()), (3, 5));
    let mut psi = ket("00").unwrap();
    assert_eq!(circuit.run(&mut psi, ()), Err(Error::NeedsSeed));
    assert_eq!(circuit.expectation("ZZ", ()), Err(Error::NeedsSeed));
    assert!(matches!(circuit.gradient("ZZ", ()), Err(Error::Irreversible { .. })));
    assert!(matches!(circuit.inverse(), Err(Error::Irreversible { .. })));
    let mut ones = 0;
    for seed in 0..100 {
        let mut psi = ket("00").unwrap();
        let bits = circuit.run_seeded(&mut psi, (), seed).unwrap();
        assert_eq!((bits.len(), bits[0], bits[1]), (3, bits[2], false));
        let label = if bits[0] { "01" } else { "00" };
        assert!((psi.probability(label).unwrap() - 1.0).abs() < 1e-14);
        ones += usize::from(bits[0]);
    }
    assert!((25..75).contains(&ones), "{ones}");
    assert!(matches!(circuit.only_if([(1, true)]).x(0), Err(Error::UnmeasuredBit { bit: 1 })));
}

#[test]
fn values_are_those_of_the_parameters() {
    let mut circuit = Circuit::new(1).unwrap();
    circuit.ry("a", 0).unwrap().rz(parameter("b") / 2.0 - "a", 0).unwrap();
    let known = || "a, b".to_owned();
    let refused = |values: &[(&str, f64)]| circuit.expectation("Z", values).unwrap_err();
    let unknown = Error::UnknownParameter { name: "c".to_owned(), known: known() };
    assert_eq!(refused(&[("c", 0.1)]), unknown);
    assert_eq!(refused(&[("a", 0.1)]), Error::NoValue { name: "b".to_owned(), known: known() });
    assert_eq!(refused(&[("a", 0.1), ("a", 0.1)]), Error::TwoValues { name: "a".to_owned() });
    let count = Error::ValueCount { given: 0, wanted: 2, known: known() };
    assert_eq!(circuit.expectation("Z", ()), Err(count));
    assert_eq!(circuit.expectation("Z", [0.1, f64::NAN]), Err(Error::NotFinite { argument: "params" }));
    let map = std::collections::HashMap::from([("a".to_owned(), 0.1), ("b".to_owned(), 0.2)]);
    assert_eq!(circuit.expectation("Z", &map), circuit.expectation("Z", vec![0.1, 0.2]));
    let mut psi = ket("00").unwrap();
    let size = Error::CircuitSize { circuit: 1, state: 2 };
    assert_eq!(circuit.run(&mut psi, [0.1, 0.2]), Err(size));
    let listed = Error::OneForEach { argument: "qubits", listed: 2, wanted: 1 };
    assert_eq!(Circuit::new(2).unwrap().compose(&circuit, ..).unwrap_err(), listed);
}

#[test]
fn a_circuit_that_changes_is_planned_anew() {
    let mut circuit = Circuit::new(1).unwrap();
    circuit.ry("theta", 0).unwrap();
    let copy = circuit.clone();
    assert!((circuit.gradient("Z", [0.3]).unwrap().1[0] + 0.3f64.sin()).abs() < 1e-15);
    let beyond = circuit.gradient(Observable::Diagonal(&[f64::MAX, 1.0]), [0.3]);
    assert!(matches!(beyond, Err(Error::Reach { .. })));
    circuit.ry("theta", 0).unwrap();
    assert!((circuit.gradient("Z", [0.3]).unwrap().1[0] + 2.0 * 0.6f64.sin()).abs() < 1e-14);
    assert!((copy.gradient("Z", [0.3]).unwrap().1[0] + 0.3f64.sin()).abs() < 1e-15);
    let mut longer = Circuit::new(1).unwrap();
    longer.rz("phi", 0).unwrap().compose(&circuit, 0).unwrap();
    assert_eq!(longer.parameters().collect::<Vec<_>>(), ["phi", "theta"]);
    assert_eq!(Circuit::from_qasm(&longer.to_qasm().unwrap()).unwrap(), longer);
}

#[test]
fn observables_are_hermitian_and_fit() {
    let psi = ket("01").unwrap();
    let y = [Complex64::ZERO, -Complex64::I, Complex64::I, Complex64::ZERO];
    assert_eq!(psi.expectation_on(Observable::Matrix(&y), 1), Ok(0.0));
    assert_eq!(psi.variance("XI"), Ok(1.0));
    let skew = [Complex64::ZERO, Complex64::I, Complex64::I, Complex64::ZERO];
    let refused = psi.expectation_on(Observable::Matrix(&skew), 1);
    assert!(matches!(refused, Err(Error::NotHermitian { .. })));
    let refused = psi.expectation_on(Observable::Matrix(&skew[..3]), 1);
    assert!(matches!(refused, Err(Error::OperatorSize { .. })));
    let imaginary = PauliSum::of([("ZZ", Complex64::I)]).unwrap();
    assert_eq!(psi.expectation(&imaginary), Err(Error::NotReal));
    assert_eq!(
        psi.expectation(Observable::Diagonal(&[f64::NAN; 4])),
        Err(Error::NotFinite { argument: "observable" })
    );
    assert_eq!(psi.expectation("Z"), Err(Error::PauliLength { letters: 1, qubits: 2 }));
    assert_eq!(PauliSum::on(2, [("ZZ", [1, 1], 1.0)]), Err(Error::RepeatedQubit { qubit: 1 }));
    assert_eq!(
        PauliSum::on(2, [("ZZ", [1, 2], 1.0)]),
        Err(Error::QubitRange { qubit: 2, num_qubits: 2 })
    );
    assert_eq!(PauliSum::on(3, [("XZ", [2, 0], 1.0)]), PauliSum::of([("ZIX", 1.0)]));
    assert!(PauliSum::of([("ZZ", 1.0), ("Z", 1.0)]).is_err());
}

#[test]
fn a_state_is_shown_in_a_few_lines() {
    let mut psi = Ket::zero(10).unwrap();
    psi.h(..).unwrap();
    let shown = format!("{psi:?}");
    assert!(
        shown.starts_with("State { num_qubits: 10, most_probable: [(0.031250+0.000000i)|0000000000>, "),
        "{shown}"
    );
    assert!(format!("{psi:#?}").lines().count() < 12);
    let mut circuit = Circuit::new(2).unwrap();
    circuit.apply(&[Complex64::ONE; 16], ..).unwrap().rx("theta", 0).unwrap();
    let shown = format!("{circuit:?}");
    assert_eq!(shown, "Circuit { num_qubits: 2, operations: 2, parameters: [\"theta\"] }");
    let sum = PauliSum::of([("XI", 0.5), ("ZZ", -1.0)]).unwrap();
    assert_eq!(format!("{sum:?}"), "PauliSum { num_qubits: 2, terms: [(0.5+0i) XI, (-1+0i) ZZ] }");
    assert_eq!(format!("{:?}", parameter("a") - 1.0), "Angle { offset: -1.0, terms: [1 \"a\"] }");

    let angle: Angle = (0..1000).map(|i| parameter(format!("theta[{i}]"))).sum();
    circuit.rx(&angle, 0).unwrap();
    let sum = PauliSum::on(64, (0..64).map(|q| ("X", [q], 1.0))).unwrap();
    let numbers = vec![Complex64::ONE; 1 << 12];
    let long = [
        format!("{angle:?}"),
        format!("{circuit:?}"),
        format!("{:?}", circuit.only_if((0..1000).map(|bit| (bit, true)))),
        format!("{:?}", circuit.controlled(..)),
        format!("{sum:?}"),
        format!("{:?}", Observable::from(&sum)),
        format!("{:?}", Observable::Matrix(&numbers)),
        format!("{:?}", Observable::Diagonal(&[1.0; 4096])),
        circuit.expectation("ZZ", ()).unwrap_err().to_string(),
    ];
    assert!(long.iter().all(|shown| shown.len() < 1000), "{long:#?}");
}

#[test]
fn angles_have_arithmetic() {
    let (a, b) = (parameter("a"), parameter("b"));
    let (name, text) = ("b", String::from("b"));
    let [a_, b_] = [0.3, 0.7];
    let angles = [
        (&a + &b, a_ + b_),
        (&a + b.clone() - 0.5, a_ + b_ - 0.5),
        (a.clone() - &text, a_ - b_),
        (-&a - name, -a_ - b_),
        (2.0 * &a / 4.0, a_ / 2.0),
        (&a * 3.0 - text.clone(), a_ * 3.0 - b_),
        (1.0 + &a, 1.0 + a_),
        (1.0 - &a, 1.0 - a_),
        (1.0 - (-a.clone()), 1.0 + a_),
        (["a", "b", "a"].into_iter().sum(), 2.0 * a_ + b_),
        ([&a, &b].into_iter().sum::<Angle>() + text, a_ + 2.0 * b_),
    ];
    let mut sum = Angle::from(1.0);
    sum += &a;
    sum -= "b";
    for (angle, value) in angles.into_iter().chain([(sum, 1.0 + a_ - b_)]) {
        let mut circuit = Circuit::new(1).unwrap();
        circuit.rz(0.0 * &a + 0.0 * &b, 0).unwrap().ry(&angle, 0).unwrap();
        let mean = circuit.expectation("Z", [("a", a_), ("b", b_)]).unwrap();
        assert!((mean - value.cos()).abs() < 1e-15, "{angle:?}");
    }
    let huge = f64::MAX * &a;
    let refused = Error::NotFinite { argument: "theta" };
    assert_eq!(Circuit::new(1).unwrap().rx(&huge + &huge, 0).unwrap_err(), refused);
    assert_eq!(Circuit::new(1).unwrap().rx(a / 0.0, 0).unwrap_err(), refused);
}

#[test]
fn sums_have_arithmetic() {
    let sum = |terms: &[(&str, f64)]| PauliSum::of(terms.iter().copied()).unwrap();
    let (a, b) = (sum(&[("XI", 1.0), ("ZZ", 2.0)]), sum(&[("XI", 3.0)]));
    assert_eq!(&a + &b, sum(&[("XI", 4.0), ("ZZ", 2.0)]));
    assert_eq!(a.clone() - &b, sum(&[("XI", -2.0), ("ZZ", 2.0)]));
    assert_eq!(&a * b.clone(), a.times(&b).unwrap());
    assert_eq!(
        a.clone() * b.clone() - &b * &a,
        PauliSum::of([("YZ", Complex64::new(0.0, 12.0))]).unwrap()
    );
    assert_eq!(0.5 * &a, sum(&[("XI", 0.5), ("ZZ", 1.0)]));
    assert_eq!(-&a / 2.0, a.clone() * -0.5);
    assert_eq!(Complex64::I * a.clone() / Complex64::I, a);
    assert_eq!(&a - 1.0, sum(&[("XI", 1.0), ("ZZ", 2.0), ("II", -1.0)]));
    assert_eq!(1.0 - &a, -(&a - 1.0));
    assert_eq!(Complex64::I + &a, &a + Complex64::I);
    let mut total = a.clone();
    total += &b;
    total += b.clone();
    total -= 2.0;
    assert_eq!(total, &a + &b + &b - 2.0);
    assert_eq!([&a, &b, &b].into_iter().sum::<PauliSum>() - 2.0, total);
    assert_eq!([&a; 0].into_iter().sum::<PauliSum>(), PauliSum::on(0, [("", [], 0.0)]).unwrap());
    let panicked = std::panic::catch_unwind(|| &a + sum(&[("X", 1.0)])).unwrap_err();
    let message = panicked.downcast_ref::<String>().unwrap();
    assert!(message.starts_with("the sum of Pauli strings has 2 qubits and what it meets"), "{message}");
}

#[test]
fn texts_and_circuits_are_refused_alike() {
    fn both(text: &str) -> Result<Circuit> {
        let mut circuit = Circuit::from_qasm(text)?;
        circuit.x(1)?;
        Ok(circuit)
    }
    assert_eq!(both("qreg q[1];"), Err(Error::QubitRange { qubit: 1, num_qubits: 1 }));
    let Err(Error::Qasm { line: 2, column: 3, reason }) = both("qreg q[2];\nh r;") else {
        panic!("refused")
    };
    assert_eq!(both("qreg q[2];\nh r;").unwrap_err().to_string(), format!("line 2, column 3: {reason}"));
    let mut circuit = both("qreg q[2];").unwrap();
    circuit.apply(&[Complex64::ONE; 4], 0).unwrap();
    let unwritable = circuit.to_qasm().unwrap_err();
    assert!(matches!(unwritable, Error::Unwritable { .. }));
    assert!(unwritable.to_string().contains("'apply'"));
}

#[test]
fn the_inverse_of_what_is_not_unitary_is_its_adjoint() {
    let matrix = [1.0, 2.0, 0.0, 1.0].map(|x| Complex64::new(x, x));
    let mut circuit = Circuit::new(1).unwrap();
    circuit.apply(&matrix, 0).unwrap();
    let mut psi = ket("0").unwrap();
    circuit.inverse().unwrap().run(&mut psi, ()).unwrap();
    assert_eq!(psi.amplitudes(), [matrix[0].conj(), matrix[1].conj()]);
}

/// Numbers at and around all limits.
const ODD: [usize; 10] = [0, 1, 2, 3, 62, 64, 65, 1 << 32, usize::MAX - 1, usize::MAX];

/// What all that takes qubits says to these.
fn calls<G: Gates<Angle: From<f64>>>(on: &mut G, qubits: RangeInclusive<usize>) -> Vec<Option<Error>> {
    let (q, numbers) = (|| qubits.clone(), [Complex64::ONE; 4]);
    let mut refused = vec![
        on.h(q()).err(),
        on.rx(0.1, q()).err(),
        on.apply(&numbers, q()).err(),
        on.apply(&[], q()).err(),
        on.apply_diagonal(&numbers, q()).err(),
        on.apply_diagonal(&[], q()).err(),
        on.apply_permutation(&[1, 0], q()).err(),
        on.apply_permutation(&[i64::MAX, i64::MIN], q()).err(),
        on.apply_permutation(&[], q()).err(),
        on.controlled(q()).z(0).err(),
        on.controlled(q()).h(..).err(),
        on.controlled(0).controlled(q()).h(q()).err(),
        on.controlled_on(std::iter::repeat((1, true))).x(0).err(),
    ];
    for pauli in ["", "X", "XYZ", &"Z".repeat(62), &"Z".repeat(65), "\u{e9}"] {
        refused.extend([on.apply_pauli(pauli, q()).err(), on.pauli_rotation(0.1, pauli, q()).err()]);
    }
    refused
}

/// Nothing panics, or takes time or memory for what is not there, whatever the numbers.
fn numbers_are_taken_or_refused(n: usize, qubits: RangeInclusive<usize>) {
    let q = || qubits.clone();
    let mut psi = Ket::zero(n.min(3)).unwrap();
    let mut circuit = Circuit::new(n).unwrap();
    let mut refused = calls(&mut psi, q());
    refused.extend([
        psi.probabilities(q()).err(),
        psi.sample(q(), 3, 7).err(),
        psi.counts(q(), 3, 7).err(),
        psi.expectation_on("Z", q()).err(),
        psi.expectation_on(Observable::Matrix(&[]), q()).err(),
        psi.expectation_on(Observable::Diagonal(&[]), q()).err(),
        psi.project(q(), "0").err(),
        psi.reset(q(), 7).err(),
    ]);
    for uniform in [f64::NAN, -1.0, 2.0, f64::INFINITY] {
        refused.push(psi.measure_with(q(), || uniform).err());
    }
    refused.extend(calls(&mut circuit, q()));
    refused.extend([
        circuit.measure(q()).err(),
        circuit.measure_into(q(), &[usize::MAX]).err(),
        circuit.reset(q()).err(),
        circuit.compose(&Circuit::new(1).unwrap(), q()).err(),
    ]);
    refused.extend(calls(&mut circuit.only_if(std::iter::repeat((0, true))), q()));
    refused.extend(calls(&mut circuit.only_if([(usize::MAX, true)]), q()));
    if !qubits.is_empty() && *qubits.end() >= n {
        assert!(refused.iter().all(Option::is_some), "{n} {qubits:?} {refused:?}");
        assert_eq!((&psi, &circuit), (&Ket::zero(n.min(3)).unwrap(), &Circuit::new(n).unwrap()));
    }
    let _ = circuit.run_seeded(&mut psi, (), 7).err();
    let _ = circuit.expectation("Z", ()).err();
    let _ = circuit.gradient("Z", ()).err();
    let _ = circuit.to_qasm().err();
}

#[test]
fn numbers_at_the_limits_are_done_or_refused() {
    for n in [0, 1, 3, 62] {
        for start in ODD {
            for end in ODD {
                numbers_are_taken_or_refused(n, start..=end);
            }
        }
    }
    for n in [63, 64, 1 << 32, usize::MAX] {
        assert!(matches!(Circuit::new(n), Err(Error::CircuitQubits { limit: 62, .. })));
        assert!(matches!(Ket::zero(n), Err(Error::Memory { .. })));
        assert!(PauliSum::on(n, [("X", [n], 1.0)]).is_err());
    }
    assert!(matches!(ket(&"0".repeat(100)), Err(Error::Memory { .. })));
    let psi = ket("01").unwrap();
    assert!(matches!(psi.sample(.., usize::MAX, 7), Err(Error::Results { .. })));
    assert_eq!(psi.most_probable(usize::MAX).unwrap().len(), 4);
    assert_eq!(psi.most_probable(0).unwrap(), []);

    // Strings on more qubits than there are bits in a mask.
    let mut wide = Circuit::from_qasm("qreg q[65];").unwrap();
    let refused = Error::TooManyQubits { num_qubits: 65, limit: 64 };
    assert_eq!(wide.apply_pauli(&"X".repeat(65), ..).unwrap_err(), refused);
    assert_eq!(wide.apply_pauli(&"X".repeat(64), 1..).unwrap().len(), 1);
    assert_eq!(psi.expectation(&"X".repeat(65)), Err(refused));
    let string = PauliString { x: u64::MAX, z: 0 };
    let refused = Error::PauliLength { letters: 64, qubits: 1 };
    assert_eq!(PauliSum::new(1, [(string, Complex64::ONE)]), Err(refused));
    assert_eq!(string.letters(66), format!("II{}", "X".repeat(64)));
}

/// Texts are for users of any language.
#[test]
fn errors_know_no_python() {
    let mut psi = ket("00").unwrap();
    let mut zero = State::from_vec(vec![Complex64::ZERO; 2]).unwrap();
    let skew = [Complex64::ZERO, Complex64::I, Complex64::I, Complex64::ZERO];
    let texts = [
        State::view(&skew[..3]).unwrap_err(),
        psi.apply(&skew, ..).unwrap_err(),
        psi.apply_permutation(&[0, 0], 0).unwrap_err(),
        psi.expectation_on(Observable::Matrix(&skew), 0).unwrap_err(),
        psi.project(0, "1").unwrap_err(),
        psi.sample(0, usize::MAX, 0).unwrap_err(),
        zero.normalize().unwrap_err(),
        Ket::zero(60).unwrap_err(),
        Circuit::new(1).unwrap().run(&mut psi, ()).unwrap_err(),
        crate::set_num_threads(0).unwrap_err(),
        Error::FrozenAxes,
    ];
    for text in texts.map(|error| error.to_string()) {
        let python = ["nk.", "np.", "reshape", "dtype", "None", ".conj", "(2,) *", "batch"];
        assert!(!python.iter().any(|word| text.contains(word)), "{text}");
    }
}
