//! The face for Rust against products of matrices, entry by entry, and what it refuses.

use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, proptest};

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
        let mut circuit = Circuit::new(N);
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
            let mut circuit = Circuit::new(N);
            all(&mut circuit.controlled_on(controls), kind, &matrix, &permutation, &letters, theta, qubits);
            circuit.run(&mut State::new(&mut run).unwrap(), ()).unwrap();
            prop_assert!(close(&run, &expected), "{kind}");
        }
    }

    /// Derivatives by named parameters, against differences.
    #[test]
    fn gradients_are_differences(a in -3.0..3.0f64, b in -3.0..3.0f64) {
        let mut circuit = Circuit::new(3);
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
    assert_eq!(psi.probability("1101").unwrap(), 1.0);
    let before = psi.clone();
    let out = Error::QubitRange { qubit: 4, num_qubits: 4 };
    assert_eq!(psi.h([0, 4]).unwrap_err(), out);
    assert_eq!(psi.h(1..usize::MAX).unwrap_err(), out);
    assert_eq!(psi.h([0, 1, 0]).unwrap_err(), Error::RepeatedQubit { qubit: 0 });
    assert_eq!(psi.controlled(1).h([0, 1]).unwrap_err(), Error::RepeatedQubit { qubit: 1 });
    assert_eq!(psi.controlled([1, 1]).h(0).unwrap_err(), Error::RepeatedQubit { qubit: 1 });
    assert_eq!(psi.controlled(1).controlled(2).h(2..4).unwrap_err(), Error::RepeatedQubit { qubit: 2 });
    assert_eq!(psi.rx(f64::NAN, ..).unwrap_err(), Error::NotFinite { argument: "theta" });
    assert_eq!(psi, before);
    let mut circuit = Circuit::new(4);
    assert_eq!(
        circuit.controlled(1).rx("theta", [0, 1]).unwrap_err(),
        Error::RepeatedQubit { qubit: 1 }
    );
    assert!(circuit.rx("theta", 4).is_err() && circuit.rx(f64::NAN * parameter("theta"), 0).is_err());
    assert_eq!(circuit, Circuit::new(4));
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
    let mut circuit = Circuit::new(2);
    assert_eq!(circuit.apply(&bad, 0).unwrap_err(), Error::NotFinite { argument: "matrix" });
    assert!(circuit.is_empty());
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
    let mut circuit = Circuit::new(2);
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
    let mut circuit = Circuit::new(2);
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
    let mut circuit = Circuit::new(1);
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
    assert_eq!(Circuit::new(2).compose(&circuit, ..).unwrap_err(), listed);
}

#[test]
fn a_circuit_that_changes_is_planned_anew() {
    let mut circuit = Circuit::new(1);
    circuit.ry("theta", 0).unwrap();
    let copy = circuit.clone();
    assert!((circuit.gradient("Z", [0.3]).unwrap().1[0] + 0.3f64.sin()).abs() < 1e-15);
    circuit.ry("theta", 0).unwrap();
    assert!((circuit.gradient("Z", [0.3]).unwrap().1[0] + 2.0 * 0.6f64.sin()).abs() < 1e-14);
    assert!((copy.gradient("Z", [0.3]).unwrap().1[0] + 0.3f64.sin()).abs() < 1e-15);
    let mut longer = Circuit::new(1);
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
    let mut circuit = Circuit::new(2);
    circuit.apply(&[Complex64::ONE; 16], ..).unwrap().rx("theta", 0).unwrap();
    let shown = format!("{circuit:?}");
    assert_eq!(shown, "Circuit { num_qubits: 2, operations: 2, parameters: [\"theta\"] }");
}
