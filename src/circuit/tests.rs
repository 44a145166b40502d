//! Fused, planned and run on tiles against gate by gate.

use crate::exec::Crew;
use crate::progress::Progress;
use num_complex::Complex64;
use proptest::prelude::*;

use super::fuse::{Fused, FusedGate};
use super::plan::{Level, Levels};
use super::*;
use crate::apply::apply;
use crate::gates::GATES;
use crate::layout::Layout;
use crate::simd::{Isa, Real};
use crate::state::StateMut;

/// An operation of any kind on `n` qubits.
fn operations(n: usize) -> impl Strategy<Value = Operation> {
    let order = Just((0..n).collect::<Vec<_>>()).prop_shuffle();
    let numbers = prop::collection::vec(-1.0..1.0f64, 64);
    (order, numbers, 0..GATES.len() + 6, 0..3usize, any::<u64>()).prop_map(
        move |(order, numbers, kind, controls, random)| {
            let complex = |count: usize| -> Vec<Complex64> {
                (0..count).map(|i| Complex64::new(numbers[i % 61], numbers[(7 * i + 3) % 64])).collect()
            };
            let string = PauliString { x: random & 7, z: random >> 3 & 7 };
            let (action, k) = match kind.checked_sub(GATES.len()) {
                None => {
                    let gate = GATES[kind];
                    let angles = (0..gate.params.len()).map(|i| Angle {
                        offset: numbers[i],
                        terms: vec![(i % 2, 1.0 + numbers[i + 4])],
                    });
                    (Action::Gate(gate, angles.collect()), gate.qubits.len())
                }
                Some(0) => (Action::Dense(complex(4).into()), 1),
                Some(1) => (Action::Dense(complex(64).into()), 3),
                Some(2) => (Action::Diagonal(complex(8).into()), 3),
                Some(3) => (Operation::permutation(&[3, 0, 7, 1, 2, 6, 4, 5]).unwrap(), 3),
                Some(4) => (Action::Pauli(string), 3),
                _ => (Action::PauliRotation(string, Angle { offset: 0.3, terms: vec![(1, 2.0)] }), 3),
            };
            let free = (n - k).min(controls);
            let controls = order[k..k + free].iter().map(|&qubit| (qubit, random >> qubit & 1 == 1));
            Operation { action, qubits: order[..k].to_vec(), controls: controls.collect() }
        },
    )
}

const PARAMS: [f64; 2] = [0.7, -0.4];

/// With tiles of `2**bits` amplitudes, and smaller blocks of them.
fn small<T: Real>(circuit: &Circuit, layout: &Layout, isa: Isa, bits: usize) -> Program {
    let (tile, progress) = (Level { bits, row_bits: 1, always: 0 }, Progress::unwatched());
    Program::with_levels::<T>(circuit, layout, isa, tile, bits - 1, &[], &progress).unwrap()
}

fn state(n: usize) -> Vec<Complex64> {
    let at = |i: usize| Complex64::new((i as f64 * 0.37).sin(), (i as f64 * 0.61).cos());
    (0..1 << n).map(|i| at(i) / f64::from(1 << (n / 2))).collect()
}

/// Gate by gate, each by a kernel.
fn gate_by_gate(circuit: &Circuit, layout: &Layout, psi: &mut [Complex64]) {
    let bits: Vec<u8> = layout.qubit_bits().map(|bit| bit as u8).collect();
    for operation in circuit.operations() {
        let op = Op::of(operation, &PARAMS, &bits);
        apply(
            &mut StateMut::new(psi, layout),
            &op.operator(),
            &op.site(),
            Crew { isa: Isa::Scalar, threads: 1 },
        );
    }
}

fn assert_near(got: &[Complex64], expected: &[Complex64], steps: usize) {
    let norm = expected.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    let error = got.iter().zip(expected).map(|(a, b)| (a - b).norm_sqr()).sum::<f64>().sqrt();
    // Each step rounds each of up to eight products once.
    assert!(error <= 16.0 * steps as f64 * f64::EPSILON * norm.max(1.0), "{error:e}");
}

/// Gates that are diagonal or change places, which fusing moves most, and one that does neither.
fn classical(n: usize) -> impl Strategy<Value = Operation> {
    use crate::gates::named;
    let kinds =
        [&named::x, &named::x, &named::cx, &named::cz, &named::swap, &named::t, &named::rzz, &named::h];
    let order = Just((0..n).collect::<Vec<_>>()).prop_shuffle();
    (order, 0..=kinds.len(), 0..2usize, any::<bool>()).prop_map(move |(order, kind, controls, value)| {
        let Some(gate) = kinds.get(kind) else {
            let string = PauliString { x: order[2] as u64 & 7, z: order[3] as u64 & 7 };
            let action = Action::Pauli(string);
            return Operation { action, qubits: order[..3].to_vec(), controls: vec![] };
        };
        let k = gate.qubits.len();
        let angles = gate.params.iter().map(|_| Angle::from(0.3)).collect();
        let controls = order[k..k + controls].iter().map(|&qubit| (qubit, value)).collect();
        Operation::gate(gate, angles, order[..k].to_vec(), controls)
    })
}

#[test]
fn an_x_is_put_off_until_something_takes_it_along() {
    use crate::gates::named;
    let gate = |gate, qubits: &[usize]| Operation::gate(gate, vec![], qubits.to_vec(), vec![]);
    let (x, h, cx, cz) = (&named::x, &named::h, &named::cx, &named::cz);
    let open = [gate(x, &[0]), gate(cx, &[0, 1]), gate(x, &[0])];
    let progress = Progress::unwatched();
    let fused = Fused::new(&open, &[0, 1], &[], false, &progress).unwrap();
    assert_eq!(fused.gates, [FusedGate::Flip(1, 1, 0)]);
    let taken = [gate(x, &[0]), gate(cz, &[0, 1]), gate(h, &[0])];
    let fused = Fused::new(&taken, &[0, 1], &[], false, &progress).unwrap();
    assert_eq!(fused.rotations.len(), 1);
    assert_eq!((fused.diagonals[0].controls, fused.diagonals[0].values), (1, 0));
    let left = Fused::new(&open[..2], &[0, 1], &[], false, &progress).unwrap();
    assert!(matches!(left.gates[..], [FusedGate::Flip(1, 1, 0), _, FusedGate::Rotation(0, 0), _]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn programs_do_what_gates_do(
        list in prop_oneof![
            prop::collection::vec(operations(8), 0..40),
            prop::collection::vec(classical(8), 0..40),
        ],
        tile_bits in 3usize..9,
    ) {
        let (n, layout) = (8, Layout::flat(8));
        let mut circuit = Circuit::new(n);
        for operation in list {
            circuit.push(operation).unwrap();
        }
        let mut expected = state(n);
        gate_by_gate(&circuit, &layout, &mut expected);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            let program = small::<f64>(&circuit, &layout, isa, tile_bits);
            let bound = program.bind(&PARAMS);
            let mut results = Vec::new();
            for threads in 1..4 {
                let crew = Crew { isa, threads };
                let mut psi = state(n);
                program.run(&bound, &mut StateMut::new(&mut psi, &layout), crew);
                assert_near(&psi, &expected, 4 + 3 * circuit.operations().len());
                results.push(psi);
            }
            prop_assert_eq!(&results[0], &results[1]);
            prop_assert_eq!(&results[0], &results[2]);
        }
    }

    #[test]
    fn every_operation_is_in_one_sweep_or_has_no_effect(
        list in prop_oneof![
            prop::collection::vec(operations(8), 0..60),
            prop::collection::vec(classical(8), 0..60),
        ],
        tile_bits in 3usize..9,
    ) {
        let (n, layout, isa) = (8, Layout::flat(8), Isa::Scalar);
        let (mut circuit, mut effective) = (Circuit::new(n), Circuit::new(n));
        for operation in list {
            circuit.push(operation).unwrap();
        }
        let program = small::<f64>(&circuit, &layout, isa, tile_bits);
        let sweeps = program.sweeps();
        let mut done: Vec<usize> = sweeps.iter().flat_map(|sweep| sweep.operations.clone()).collect();
        done.sort_unstable();
        prop_assert!(done.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(sweeps.iter().map(|sweep| sweep.steps).sum::<usize>(), program.steps());
        for number in done {
            effective.push(circuit.operations()[number].clone()).unwrap();
        }
        let (mut expected, mut found) = (state(n), state(n));
        gate_by_gate(&circuit, &layout, &mut expected);
        gate_by_gate(&effective, &layout, &mut found);
        assert_near(&found, &expected, 4 + 3 * circuit.operations().len());
    }

    #[test]
    fn every_gate_is_done_once_and_none_overtakes_what_it_does_not_commute_with(
        list in prop::collection::vec(operations(9), 0..60),
        tile_bits in 4usize..9,
    ) {
        let mut circuit = Circuit::new(9);
        for operation in list {
            circuit.push(operation).unwrap();
        }
        let bits: Vec<u8> = (0..9).collect();
        let progress = Progress::unwatched();
        let fused = Fused::new(circuit.operations(), &bits, &[], false, &progress).unwrap();
        let level = |bits, row_bits| Level { bits, row_bits, always: 0 };
        let levels =
            Levels { tile: level(tile_bits, 2), block: level(4, 1), registers: level(3, 1) };
        let mut order = Vec::new();
        for sweep in Plan::new(&fused, 9, &levels, &progress).unwrap().sweeps {
            let tiles = match sweep {
                Sweep::Tiles(tiles) => tiles,
                Sweep::Direct(gates) => {
                    order.extend(gates);
                    continue;
                }
            };
            prop_assert_eq!(tiles.tile.count_ones() as usize, tile_bits);
            let mut seen = Vec::new();
            for block in &tiles.blocks {
                prop_assert_eq!(block.bits & !tiles.tile, 0);
                let gates: Vec<usize> = block.inner.iter().flat_map(|group| group.gates.clone()).collect();
                let mut sorted = gates.clone();
                sorted.sort_unstable();
                prop_assert_eq!(&sorted, &block.gates);
                for group in &block.inner {
                    prop_assert_eq!(group.bits & !block.bits, 0);
                    let mixed = group.gates.iter().fold(0, |all, &gate| all | tiles.gates[gate].masks[1]);
                    prop_assert_eq!(mixed & !group.bits, 0);
                }
                seen.extend(gates);
            }
            for (i, &first) in seen.iter().enumerate() {
                for &second in seen[i + 1..].iter().filter(|&&second| second < first) {
                    let [[a, mixed_a], [b, mixed_b]] = [first, second].map(|gate| tiles.gates[gate].masks);
                    prop_assert_eq!(mixed_a & b | a & mixed_b, 0);
                }
            }
            order.extend(tiles.gates.iter().map(|placed| placed.gate));
        }
        let mut done = order.clone();
        done.sort_unstable();
        done.dedup();
        prop_assert_eq!(done.len(), order.len());
        // A swap of bits may be no more than a change of places.
        let left_out = (0..fused.gates.len()).filter(|gate| done.binary_search(gate).is_err());
        for gate in left_out {
            prop_assert!(matches!(fused.gates[gate], FusedGate::Swap(..)));
        }
    }

    #[test]
    fn inverses_undo(list in prop::collection::vec(operations(6), 0..20)) {
        let unitary = |operation: &Operation| !matches!(operation.action, Action::Dense(_) | Action::Diagonal(_));
        let (n, layout) = (6, Layout::flat(6));
        let mut circuit = Circuit::new(n);
        for operation in list.into_iter().filter(unitary) {
            circuit.push(operation).unwrap();
        }
        let mut psi = state(n);
        gate_by_gate(&circuit, &layout, &mut psi);
        gate_by_gate(&circuit.inverse(), &layout, &mut psi);
        assert_near(&psi, &state(n), 4 + 6 * circuit.operations().len());
    }
}

/// A state of `n` qubits somewhere: each qubit has its own bit of the address, some are flipped, and from some bit on
/// there are holes.
fn somewhere(n: usize) -> impl Strategy<Value = (Layout, Vec<usize>)> {
    let order = Just((0..n).collect::<Vec<_>>()).prop_shuffle();
    (order, any::<u64>(), 0..2 * n).prop_map(move |(order, flips, hole)| {
        let step = |bit: usize| (if bit >= hole { 3isize } else { 1 }) << bit;
        let stride = |qubit: usize| {
            if flips >> qubit & 1 == 1 { -step(order[qubit]) } else { step(order[qubit]) }
        };
        let strides: Vec<isize> = (0..n).map(stride).collect();
        let lowest: isize = strides.iter().map(|stride| stride.min(&0)).sum();
        let at = |index: usize| {
            let set = (0..n).filter(|qubit| index >> (n - 1 - qubit) & 1 == 1);
            (set.map(|qubit| strides[qubit]).sum::<isize>() - lowest) as usize
        };
        let places = (0..1 << n).map(at).collect();
        let strides: Vec<isize> = strides.iter().map(|stride| 2 * stride).collect();
        (Layout::of_array("state", &vec![2; n], &strides, 0).unwrap(), places)
    })
}

/// Runs a circuit as a program with tiles of so many bits on each set of lanes, on a state somewhere; compares it with
/// the textbook, and looks at what lies between the amplitudes.
fn assert_runs<T: Real>(
    circuit: &Circuit,
    layout: &Layout,
    places: &[usize],
    tile_bits: usize,
    epsilon: f64,
) {
    let (n, steps) = (circuit.num_qubits(), circuit.operations().len());
    let convert = |z: &Complex64| num_complex::Complex::new(T::from_f64(z.re), T::from_f64(z.im));
    let widen = |z: &num_complex::Complex<T>| Complex64::new(z.re.to_f64(), z.im.to_f64());
    let before: Vec<_> = state(n).iter().map(convert).collect();
    let start: Vec<Complex64> = before.iter().map(widen).collect();
    let expected = circuit
        .operations()
        .iter()
        .fold(start, |psi, operation| textbook::applied(operation, &PARAMS, n, &psi));
    let norm = expected.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt().max(1.0);
    let guard = num_complex::Complex::new(T::from_f64(77.0), T::from_f64(-77.0));
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        let program = small::<T>(circuit, layout, isa, tile_bits);
        let bound = program.bind::<T>(&PARAMS);
        let mut first: Option<Vec<_>> = None;
        for threads in [1, 3] {
            let mut memory = vec![guard; places.iter().max().unwrap() + 1];
            places.iter().zip(&before).for_each(|(&place, &amplitude)| memory[place] = amplitude);
            // SAFETY: the layout reaches the places, which are inside `memory`, and nothing else.
            let mut psi = unsafe { StateMut::from_raw(memory.as_mut_ptr().cast(), layout) };
            program.run(&bound, &mut psi, Crew { isa, threads });
            let got: Vec<_> = places.iter().map(|&place| memory[place]).collect();
            let off =
                got.iter().zip(&expected).map(|(a, b)| (widen(a) - b).norm_sqr()).sum::<f64>().sqrt();
            // As in `assert_near`.
            assert!(off <= 16.0 * (4 + 3 * steps) as f64 * epsilon * norm, "{isa:?}: {off:e}");
            places.iter().for_each(|&place| memory[place] = guard);
            assert!(memory.iter().all(|&other| other == guard), "{isa:?}: wrote outside");
            assert!(
                first.get_or_insert_with(|| got.clone()) == &got,
                "{isa:?}: {threads} threads changed the bits"
            );
        }
    }
}

proptest! {
    /// As many cases as `PROPTEST_CASES` says.
    #[test]
    fn fuzz_programs_do_what_matrices_do(
        (list, (layout, places)) in (4usize..8).prop_flat_map(|n| {
            let lists = prop_oneof![
                prop::collection::vec(operations(n), 0..24),
                prop::collection::vec(classical(n), 0..24),
                prop::collection::vec(prop_oneof![operations(n), classical(n)], 0..24),
            ];
            (lists, somewhere(n))
        }),
        tile_bits in 3usize..8,
        single: bool,
    ) {
        let mut circuit = Circuit::new(layout.num_qubits());
        list.into_iter().for_each(|operation| circuit.push(operation).unwrap());
        if single {
            assert_runs::<f32>(&circuit, &layout, &places, tile_bits, f32::EPSILON.into());
        } else {
            assert_runs::<f64>(&circuit, &layout, &places, tile_bits, f64::EPSILON);
        }
    }
}

#[test]
fn a_phase_is_a_rotation_about_no_letters() {
    let gamma = Angle { offset: 0.3, terms: vec![(1, 2.0)] };
    let phase = Operation::phase(&gamma, vec![(2, true)]);
    assert_eq!(phase.gamma(), Some(gamma.clone()));
    assert_eq!(phase.inverse().gamma(), Some(gamma.negated()));
    let letters = Action::PauliRotation(PauliString { x: 0, z: 0 }, gamma.clone());
    assert_eq!(Operation { action: letters, qubits: vec![0], controls: vec![] }.gamma(), None);
    let layout = Layout::flat(3);
    let (isa, before) = (Isa::chosen().unwrap(), state(3));
    let factor = Complex64::cis(gamma.value(&PARAMS));
    for (controls, holds) in [(vec![], 0), (vec![(2, true)], 1)] {
        let mut circuit = Circuit::new(3);
        circuit.push(Operation::phase(&gamma, controls)).unwrap();
        let mut psi = before.clone();
        let program = Program::new::<f64>(&circuit, &layout, isa);
        program.run(
            &program.bind(&PARAMS),
            &mut StateMut::new(&mut psi, &layout),
            Crew { isa, threads: 1 },
        );
        let expected: Vec<Complex64> =
            (0..8).map(|i| if i & holds == holds { factor * before[i] } else { before[i] }).collect();
        assert_near(&psi, &expected, 4);
    }
}

#[test]
fn what_one_kernel_can_do_is_one_sweep_without_tiles() {
    use crate::gates::named;
    let layout = Layout::flat(3);
    let gate = |gate: &'static crate::gates::Gate, qubits: &[usize]| {
        let angles = gate.params.iter().map(|_| Angle::from(0.4)).collect();
        Operation::gate(gate, angles, qubits.to_vec(), vec![])
    };
    let rotation = Action::PauliRotation(PauliString { x: 0, z: 5 }, 0.7.into());
    let rotation = Operation { action: rotation, qubits: vec![0, 1, 2], controls: vec![] };
    for operations in [
        vec![gate(&named::h, &[1]), gate(&named::rz, &[1]), gate(&named::ry, &[1])],
        vec![gate(&named::rz, &[1]), gate(&named::t, &[1])],
        vec![gate(&named::cx, &[2, 0]), gate(&named::x, &[1]), gate(&named::x, &[1])],
        vec![gate(&named::swap, &[2, 0]), gate(&named::x, &[1]), gate(&named::x, &[1])],
        vec![gate(&named::cu, &[2, 0])],
        vec![gate(&named::rzz, &[1, 0]), gate(&named::x, &[2]), gate(&named::x, &[2])],
        vec![gate(&named::iswap, &[2, 1]), gate(&named::x, &[0]), gate(&named::x, &[0])],
        vec![rotation, gate(&named::x, &[1]), gate(&named::x, &[1])],
        vec![gate(&named::cp, &[0, 2]), gate(&named::x, &[1]), gate(&named::x, &[1])],
    ] {
        let mut circuit = Circuit::new(3);
        operations.into_iter().for_each(|operation| circuit.push(operation).unwrap());
        let mut expected = state(3);
        gate_by_gate(&circuit, &layout, &mut expected);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            let program = Program::new::<f64>(&circuit, &layout, isa);
            assert!(matches!(program.plan().sweeps[..], [plan::Sweep::Direct(_)]), "{circuit:?}");
            let mut psi = state(3);
            program.run(
                &program.bind(&PARAMS),
                &mut StateMut::new(&mut psi, &layout),
                Crew { isa, threads: 1 },
            );
            assert_near(&psi, &expected, 4);
        }
    }
}

/// `<psi|O|psi>` after a circuit, with `O = sum of (1 + i) * |i><i|` over basis states, and X on all qubits.
fn observed(states: &mut [Complex64]) -> f64 {
    let half = states.len() / 2;
    let (x, eta) = states.split_at_mut(half);
    for (i, eta) in eta.iter_mut().enumerate() {
        *eta = x[i] * (1.0 + i as f64) / half as f64 + x[half - 1 - i];
    }
    x.iter().zip(eta).map(|(x, eta)| (x.conj() * *eta).re).sum()
}

fn unitary(action: &Action) -> bool {
    !matches!(action, Action::Dense(_) | Action::Diagonal(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn gradients_are_differences(list in prop::collection::vec(operations(5), 0..24), n in 5usize..7) {
        let mut circuit = Circuit::new(n);
        for operation in list.into_iter().filter(|operation| unitary(&operation.action)) {
            circuit.push(operation).unwrap();
        }
        let start = state(n);
        let mut states = vec![Complex64::ZERO; 2 << n];
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            let (layout, doubled, progress) = (Layout::flat(n), Layout::flat(n + 1), Progress::unwatched());
            let program = Program::new::<f64>(&circuit, &layout, isa);
            let adjoint = Adjoint::<f64>::new(&circuit, isa).unwrap();
            let mut at = |params: &[f64]| {
                states[..1 << n].copy_from_slice(&start);
                let mut state = StateMut::new(&mut states[..1 << n], &layout);
                program.run(&program.bind(params), &mut state, Crew { isa, threads: 1 });
                let value = observed(&mut states);
                let mut gradient = [0.0; 2];
                let mut both = StateMut::new(&mut states, &doubled);
                adjoint.pull_back(params, &mut both, Crew { isa, threads: 1 }, &mut gradient, &progress);
                let inner: Complex64 = start.iter().zip(&states).map(|(a, b)| a.conj() * b).sum();
                let turned: Vec<Complex64> = start.iter().map(|a| a * inner / inner.norm()).collect();
                assert_near(&states[..1 << n], &turned, 8 + 8 * circuit.operations().len());
                (value, gradient)
            };
            let (_, gradient) = at(&PARAMS);
            for place in 0..2 {
                // The central difference of fourth order.
                let shifted = |by: f64| {
                    let mut params = PARAMS;
                    params[place] += by;
                    params
                };
                let step = 1e-3;
                let mut value = |by: f64| at(&shifted(by * step)).0;
                let difference =
                    (8.0 * (value(1.0) - value(-1.0)) - (value(2.0) - value(-2.0))) / (12.0 * step);
                let limit = 1e-7 * (1.0 + circuit.operations().len() as f64);
                prop_assert!((gradient[place] - difference).abs() < limit, "{gradient:?} {difference}");
            }
        }
    }
}

#[test]
fn wherever_a_run_is_stopped_it_keeps_the_norm() {
    use crate::gates::named::{cp, cx, h, ry};
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (n, isa) = (12, Isa::chosen().unwrap());
    let mut mixed = Circuit::new(n);
    let add = |circuit: &mut Circuit, gate: &'static crate::gates::Gate, qubits: &[usize]| {
        let angles = gate.params.iter().map(|_| Angle::from(3.0)).collect();
        circuit.push(Operation::gate(gate, angles, qubits.to_vec(), vec![])).unwrap();
    };
    for i in 0..20_000 {
        let (a, b) = (i * i % n, (i * i + 1 + i % (n - 1)) % n);
        add(&mut mixed, &h, &[a]);
        add(&mut mixed, &cp, &[a, b]);
    }
    // One qubit is turned, and then left alone.
    let mut idle = Circuit::new(n);
    add(&mut idle, &ry, &[0]);
    for i in 0..20_000 {
        let (a, b) = (1 + i * i % (n - 1), 1 + (i * i + 1 + i % (n - 2)) % (n - 1));
        add(&mut idle, &ry, &[a]);
        add(&mut idle, &cx, &[a, b]);
    }
    let layout = Layout::flat(n);
    for circuit in [mixed, idle] {
        for tile_bits in [n, 8] {
            let program = small::<f64>(&circuit, &layout, isa, tile_bits);
            let binding = program.bind(&[]);
            for stop in 0..6 {
                let asked = AtomicUsize::new(0);
                let go_on = |_| asked.fetch_add(1, Ordering::Relaxed) < stop;
                let progress = Progress::new(&go_on);
                let mut psi = state(n);
                let mut before = StateMut::new(&mut psi, &layout);
                let norm = crate::observe::norm(before.as_ref(), Crew { isa, threads: 1 });
                program.run_watched(&binding, &mut before, Crew { isa, threads: 1 }, &progress);
                assert!(progress.stopped());
                let drift = crate::observe::norm(before.as_ref(), Crew { isa, threads: 1 }) / norm - 1.0;
                assert!(drift.abs() < 1e-10, "{tile_bits} {stop}: {drift}");
            }
        }
    }
}

#[test]
fn planning_can_be_stopped() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let mut circuit = Circuit::new(20);
    for i in 0..4000 {
        let cx = Operation::gate(
            &crate::gates::named::cx,
            vec![],
            vec![7 * i % 20, (7 * i + 9) % 20],
            vec![],
        );
        circuit.push(cx).unwrap();
        let h = Operation::gate(&crate::gates::named::h, vec![], vec![i % 20], vec![]);
        circuit.push(h).unwrap();
    }
    let (layout, isa) = (Layout::flat(20), Isa::chosen().unwrap());
    let asked = AtomicUsize::new(0);
    let go_on = |_| asked.fetch_add(1, Ordering::Relaxed) < 2;
    assert!(Program::watched::<f64>(&circuit, &layout, isa, &Progress::new(&go_on)).is_none());
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[test]
fn single_precision_runs_on_tiles_too() {
    let layout = Layout::flat(8);
    let mut circuit = Circuit::new(8);
    for qubit in 0..8 {
        circuit.push(Operation::gate(&crate::gates::named::h, vec![], vec![qubit], vec![])).unwrap();
    }
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        let program = small::<f32>(&circuit, &layout, isa, 6);
        let mut psi = vec![num_complex::Complex32::default(); 256];
        psi[0] = 1.0f32.into();
        program.run(&program.bind(&[]), &mut StateMut::new(&mut psi, &layout), Crew { isa, threads: 1 });
        assert!(psi.iter().all(|a| (a.re - 0.0625).abs() < 8.0 * f32::EPSILON && a.im == 0.0));
    }
}

#[test]
fn long_products_neither_overflow_nor_lose_the_norm() {
    let (layout, isa) = (Layout::flat(5), Isa::chosen().unwrap());
    for angle in [0.1, 1.5, 2.0, 3.1, std::f64::consts::PI] {
        let mut circuit = Circuit::new(5);
        for i in 0..3000 {
            let ry = Operation::gate(&crate::gates::named::ry, vec![angle.into()], vec![i % 5], vec![]);
            circuit.push(ry).unwrap();
            let cz = Operation::gate(&crate::gates::named::cz, vec![], vec![i % 5, (i + 1) % 5], vec![]);
            circuit.push(cz).unwrap();
        }
        let program = Program::new::<f32>(&circuit, &layout, isa);
        let mut psi = vec![num_complex::Complex32::default(); 32];
        psi[0] = 1.0f32.into();
        program.run(&program.bind(&[]), &mut StateMut::new(&mut psi, &layout), Crew { isa, threads: 1 });
        let norm: f32 = psi.iter().map(|a| a.norm_sqr()).sum();
        assert!((norm - 1.0).abs() < 3000.0 * f32::EPSILON, "{angle}: {norm}");
    }
}

#[test]
fn depth_does_not_drift() {
    use crate::gates::named::{cx, h, rx, rxx, ry, ryy, rz};
    let (layout, rounds) = (Layout::flat(2), 2000);
    let add =
        |circuit: &mut Circuit, gate: &'static crate::gates::Gate, angle: f64, qubits: &[usize]| {
            let angles = gate.params.iter().map(|_| angle.into()).collect();
            circuit.push(Operation::gate(gate, angles, qubits.to_vec(), vec![])).unwrap();
        };
    for kind in 0..3 {
        let mut circuit = Circuit::new(2);
        for round in 0..rounds {
            // Another angle each time, so that roundings have either sign.
            let angle = f64::from(round).sin() * 3.0;
            let add = |circuit: &mut Circuit, gate, qubits: &[usize]| add(circuit, gate, angle, qubits);
            match kind {
                0 => [&ry, &cx, &ry].iter().for_each(|gate| {
                    add(&mut circuit, gate, if gate.qubits.len() == 2 { &[0, 1] } else { &[1] });
                }),
                1 => {
                    add(&mut circuit, &rxx, &[0, 1]);
                    add(&mut circuit, &rz, &[0]);
                }
                _ => {
                    add(&mut circuit, &ryy, &[0, 1]);
                    add(&mut circuit, &h, &[0]);
                    add(&mut circuit, &rx, &[1]);
                }
            }
        }
        let norm = |psi: &[Complex64]| psi.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            let program = Program::new::<f64>(&circuit, &layout, isa);
            let mut psi = state(2);
            let before = norm(&psi);
            program.run(
                &program.bind(&[]),
                &mut StateMut::new(&mut psi, &layout),
                Crew { isa, threads: 1 },
            );
            // What has no angle of its own is rounded to the same side every time: a turn of the third kind.
            // Hadamards that undo each other only up to rounding had a drift of 1.6 in each round.
            let drift = (norm(&psi) / before - 1.0).abs() / f64::EPSILON;
            assert!(drift < 1.4 * f64::from(rounds), "{kind} {isa:?}: {drift}");
        }
    }
}

#[test]
fn entries_without_a_direction_are_left_out() {
    let (layout, isa) = (Layout::flat(2), Isa::chosen().unwrap());
    // Two qubits, so that it is not done as one matrix.
    for theta in [1e-320, 1e-323, 5e-324, 1e-300, 1e-160, 1e-130, 1e-20] {
        for shift in [0.0, std::f64::consts::PI] {
            let angles = [theta + shift, 0.8, 0.3].map(Angle::from).to_vec();
            let mut circuit = Circuit::new(2);
            circuit.push(Operation::gate(&crate::gates::named::u, angles, vec![0], vec![])).unwrap();
            circuit.push(Operation::gate(&crate::gates::named::x, vec![], vec![0], vec![])).unwrap();
            circuit.push(Operation::gate(&crate::gates::named::h, vec![], vec![1], vec![])).unwrap();
            let mut expected = state(2);
            gate_by_gate(&circuit, &layout, &mut expected);
            let mut psi = state(2);
            let program = Program::new::<f64>(&circuit, &layout, isa);
            program.run(
                &program.bind(&[]),
                &mut StateMut::new(&mut psi, &layout),
                Crew { isa, threads: 1 },
            );
            assert_near(&psi, &expected, 3);
        }
    }
}

#[test]
#[should_panic(expected = "the numbers of another program")]
fn numbers_of_another_program_are_refused() {
    let (layout, isa) = (Layout::flat(3), Isa::chosen().unwrap());
    let (one, two) = (Circuit::new(3), Circuit::new(3));
    let [one, two] = [one, two].map(|circuit| Program::new::<f64>(&circuit, &layout, isa));
    let mut psi = state(3);
    one.run(&two.bind(&[]), &mut StateMut::new(&mut psi, &layout), Crew { isa, threads: 1 });
}

#[test]
fn plans_are_kept_until_the_circuit_changes() {
    let (isa, layout, progress) = (Isa::chosen().unwrap(), Layout::flat(1), Progress::unwatched());
    let gate = |gate: &'static Gate| Action::Gate(gate, vec![]);
    let none = Names::default();
    let mut circuit = Named::sized(1, 0).unwrap();
    circuit.push(gate(&crate::gates::named::h), &none, vec![0], vec![]).unwrap();
    let planned = circuit.compiled::<f64>(&layout, Start::Given, isa, &progress).unwrap().unwrap();
    circuit.adjoint::<f64>(isa, &progress).unwrap().unwrap();

    let copy = circuit.clone();
    circuit.push(gate(&crate::gates::named::x), &none, vec![0], vec![]).unwrap();
    assert!(
        circuit.known::<f64>(&layout, Start::Given).is_none()
            && circuit.known_adjoint::<f64>().is_none()
    );
    assert!(
        Arc::ptr_eq(&copy.known(&layout, Start::Given).unwrap(), &planned)
            && copy.known_adjoint::<f64>().is_some()
    );
    assert!(copy.known::<f32>(&layout, Start::Given).is_none() && copy.known_adjoint::<f32>().is_none());
    assert!(copy.known::<f64>(&Layout::flat(2), Start::Given).is_none());
    copy.compiled::<f32>(&layout, Start::Given, isa, &progress).unwrap().unwrap();
    assert!(
        Arc::ptr_eq(&copy.known(&layout, Start::Given).unwrap(), &planned),
        "one for each precision"
    );
}

#[test]
fn what_adds_no_operation_adds_no_parameter() {
    let mut names = Names::default();
    let rx = Action::Gate(&crate::gates::named::rx, vec![names.angle("theta")]);
    let mut circuit = Named::sized(2, 0).unwrap();
    for (qubits, controls) in [(vec![2], vec![]), (vec![0, 0], vec![]), (vec![0], vec![(0, true)])] {
        assert!(circuit.push(rx.clone(), &names, qubits, controls).is_err());
    }
    circuit.push(rx.clone(), &names, vec![], vec![]).unwrap();
    assert_eq!((circuit.operations().len(), circuit.names().len()), (0, 0));

    circuit.push(rx, &names, vec![1, 0], vec![]).unwrap();
    let declared = Named::new(Circuit::new(2), ["phi".to_owned()].into_iter().collect());
    assert!(circuit.compose(&declared, &[0], &[]).is_err());
    assert_eq!((circuit.operations().len(), circuit.names().len()), (2, 1));
    circuit.compose(&declared, &[1, 0], &[]).unwrap();
    assert_eq!(circuit.names().iter().collect::<Vec<_>>(), ["theta", "phi"]);
}
