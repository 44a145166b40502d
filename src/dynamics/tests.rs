//! The evolution of small states, against a Taylor series of the matrix.

use num_complex::{Complex, Complex64};
use proptest::prelude::*;

use super::*;
use crate::error::Error;
use crate::exec::Crew;
use crate::layout::Layout;
use crate::operator::PauliString;
use crate::pauli_sum::PauliSum;
use crate::progress::Progress;
use crate::simd::{Isa, Real};
use crate::state::StatesMut;

/// `sum |state>`, from the definition.
fn applied(sum: &PauliSum, state: &[Complex64]) -> Vec<Complex64> {
    let mut out = vec![Complex64::ZERO; state.len()];
    for &(string, value) in sum.terms() {
        let (x, z) = (string.x as usize, string.z as usize);
        for (from, amplitude) in state.iter().enumerate() {
            let sign = if (from & z).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
            out[from ^ x] += value * string.phase() * sign * amplitude;
        }
    }
    out
}

/// `exp(factor * sum) |state>` in so many steps of a Taylor series.
fn exact(sum: &PauliSum, state: &[Complex64], factor: Complex64, steps: usize) -> Vec<Complex64> {
    let mut state = state.to_vec();
    for _ in 0..steps {
        let mut term = state.clone();
        for k in 1..40 {
            let scale = factor / (steps * k) as f64;
            term = applied(sum, &term).iter().map(|a| a * scale).collect();
            state.iter_mut().zip(&term).for_each(|(a, b)| *a += b);
        }
    }
    state
}

fn norm(state: &[Complex64]) -> f64 {
    state.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt()
}

fn distance(a: &[Complex64], b: &[Complex64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).norm_sqr()).sum::<f64>().sqrt()
}

fn kind(imaginary: bool) -> Kind {
    if imaginary { Kind::Imaginary } else { Kind::Unitary }
}

/// A state that is nothing special, of norm 1.
fn some_state(n: usize) -> Vec<Complex64> {
    let state = (0..1 << n).map(|i| {
        let x = f64::from(i) * 0.7 + 0.3;
        Complex64::new((x * x).sin(), (1.3 * x).cos())
    });
    let state: Vec<Complex64> = state.collect();
    let norm = norm(&state);
    state.iter().map(|a| a / norm).collect()
}

fn evolved<T: Real>(
    sum: &PauliSum,
    state: &[Complex64],
    (time, imaginary, tol): (f64, bool, f64),
    isa: Isa,
    threads: usize,
) -> Vec<Complex64> {
    let layout = Layout::flat(sum.num_qubits());
    let mut amplitudes: Vec<Complex<T>> =
        state.iter().map(|a| Complex::new(T::from_f64(a.re), T::from_f64(a.im))).collect();
    let evolution = Evolution::<T>::new(sum, &layout, time, kind(imaginary), tol, isa).unwrap();
    let mut states = StatesMut::new(&mut amplitudes, &layout);
    evolution.run(&mut states, Crew { isa, threads }, &Progress::unwatched()).unwrap();
    amplitudes.iter().map(|a| Complex64::new(a.re.to_f64(), a.im.to_f64())).collect()
}

fn isas() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.available())
}

fn sums(n: usize, terms: usize) -> impl Strategy<Value = PauliSum> {
    let masks = 0..1u64 << n;
    let term = (masks.clone(), masks, -2.0..2.0f64)
        .prop_map(|(x, z, value)| (PauliString { x, z }, Complex64::from(value)));
    prop::collection::vec(term, 0..terms).prop_map(move |terms| PauliSum::new(n, terms).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn it_is_the_exponential_of_the_matrix(
        sum in (1usize..11).prop_flat_map(|n| sums(n, 12)),
        time in -1.5..1.5f64,
    ) {
        let state = some_state(sum.num_qubits());
        let steps = 30;
        let expected = exact(&sum, &state, Complex64::new(0.0, -time), steps);
        let mut cooled = exact(&sum, &state, Complex64::new(-time, 0.0), steps);
        let length = norm(&cooled);
        cooled.iter_mut().for_each(|a| *a /= length);
        for isa in isas() {
            let real = evolved::<f64>(&sum, &state, (time, false, 1e-13), isa, 1);
            prop_assert!(distance(&real, &expected) < 3e-12, "{isa:?} {}", distance(&real, &expected));
            let single = evolved::<f32>(&sum, &state, (time, false, 1e-8), isa, 1);
            prop_assert!(distance(&single, &expected) < 2e-5);
            let imaginary = evolved::<f64>(&sum, &state, (time, true, 1e-13), isa, 1);
            prop_assert!(distance(&imaginary, &cooled) < 1e-10, "{isa:?} {}", distance(&imaginary, &cooled));
        }
    }
}

fn general(
    sum: &PauliSum,
    state: &[Complex64],
    time: f64,
    isa: Isa,
) -> crate::error::Result<Vec<Complex64>> {
    let layout = Layout::flat(sum.num_qubits());
    let evolution = Evolution::<f64>::new(sum, &layout, time, Kind::General, 1e-13, isa)?;
    let mut state = state.to_vec();
    let mut states = StatesMut::new(&mut state, &layout);
    evolution.run(&mut states, Crew { isa, threads: 1 }, &Progress::unwatched())?;
    Ok(state)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn it_is_that_of_operators_that_are_not_hermitian_too(
        (real, skew) in (1usize..9).prop_flat_map(|n| (sums(n, 8), sums(n, 5))),
        damping in prop_oneof![Just(1e-3), Just(0.1), Just(1.0), Just(3.0)],
        time in -1.5..1.5f64,
    ) {
        let sum = real.plus(&skew.scaled(Complex64::new(0.0, damping)).unwrap()).unwrap();
        let state = some_state(sum.num_qubits());
        let expected = exact(&sum, &state, Complex64::new(0.0, -time), 100);
        // What rounding grows with.
        let reach: f64 = skew.terms().iter().map(|(_, value)| value.re.abs()).sum();
        let scale = (reach * damping * time.abs()).exp();
        for isa in isas() {
            let found = general(&sum, &state, time, isa).unwrap();
            prop_assert!(distance(&found, &expected) < 1e-11 * scale, "{isa:?} {}", distance(&found, &expected));
        }
    }
}

#[test]
fn decay_and_growth_are_taken_as_far_as_numbers_go() {
    let isa = Isa::chosen().unwrap();
    let decay =
        PauliSum::of([("I", Complex64::new(0.0, -50.0)), ("Z", Complex64::new(0.0, 50.0))]).unwrap();
    let found = general(&decay, &[0.6.into(), 0.8.into()], 1.0, isa).unwrap();
    assert!((found[0] - 0.6).norm() < 1e-12 && found[1].norm() < 1e-12, "{found:?}");
    let growth = PauliSum::of([("X", Complex64::new(0.0, 500.0))]).unwrap();
    assert_eq!(general(&growth, &[0.6.into(), 0.8.into()], 2.0, isa), Err(Error::Grown));
    let larger = PauliSum::of([("I", Complex64::new(0.0, 800.0))]).unwrap();
    assert_eq!(general(&larger, &[0.6.into(), 0.8.into()], 1.0, isa), Err(Error::Grown));
}

/// Many strings, with more patterns of signs within a row than are summed one by one.
#[test]
fn sums_of_many_strings_are_applied_as_a_whole() {
    let n = 9;
    let mut terms = Vec::new();
    for a in 0..n {
        for b in 0..a {
            let value = Complex64::from(1.0 / (a * a + b + 1) as f64);
            terms.push((PauliString { x: 0, z: 1 << a | 1 << b }, value));
            terms.push((PauliString { x: 1 << b, z: 1 << a | 1 << b }, value));
        }
    }
    let sum = PauliSum::new(n, terms).unwrap();
    let state = some_state(n);
    let expected = exact(&sum, &state, Complex64::new(0.0, -0.7), 20);
    for isa in isas() {
        let found = evolved::<f64>(&sum, &state, (0.7, false, 1e-13), isa, 1);
        assert!(distance(&found, &expected) < 1e-12);
    }
}

fn ising(n: usize) -> PauliSum {
    let pairs = (0..n - 1).map(|q| ("ZZ", vec![q, q + 1], -1.0));
    PauliSum::on(n, pairs.chain((0..n).map(|q| ("X", vec![q], -0.9)))).unwrap()
}

#[test]
fn threads_change_no_bit_and_time_goes_back() {
    let sum = ising(13);
    let state = some_state(13);
    let isa = Isa::chosen().unwrap();
    let there = evolved::<f64>(&sum, &state, (20.0, false, 1e-13), isa, 1);
    assert_eq!(there, evolved::<f64>(&sum, &state, (20.0, false, 1e-13), isa, 3));
    assert!((norm(&there) - 1.0).abs() < 1e-12);
    let back = evolved::<f64>(&sum, &there, (-20.0, false, 1e-13), isa, 2);
    assert!(distance(&back, &state) < 1e-11, "{}", distance(&back, &state));
    let cooled = evolved::<f64>(&sum, &state, (3.0, true, 1e-13), isa, 1);
    assert_eq!(cooled, evolved::<f64>(&sum, &state, (3.0, true, 1e-13), isa, 2));
}

#[test]
fn a_state_that_is_stopped_is_as_it_was() {
    let sum = ising(12);
    let before = some_state(12);
    let mut state = before.clone();
    let layout = Layout::flat(12);
    let isa = Isa::chosen().unwrap();
    let evolution = Evolution::<f64>::new(&sum, &layout, 50.0, Kind::Unitary, 1e-12, isa).unwrap();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let go_on = |_| asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 20;
    let progress = Progress::new(&go_on);
    let mut states = StatesMut::new(&mut state, &layout);
    let made = crate::exec::watched(&progress, evolution.nanos_of_step(), || {
        evolution.run(&mut states, Crew { isa, threads: 2 }, &progress)
    });
    assert_eq!(made, None);
    assert_eq!(state, before);
}

#[test]
fn states_of_a_batch_are_those_alone() {
    let isa = Isa::chosen().unwrap();
    for n in [3, 11] {
        let sum = ising(n);
        let alone: Vec<Vec<Complex64>> = (0..7)
            .map(|k| some_state(n).iter().map(|a| a * Complex64::cis(f64::from(k)) * 2.0).collect())
            .collect();
        let layout = Layout::of_array("state", &[7, 1 << n], &[2 << n, 2], 1).unwrap();
        for imaginary in [false, true] {
            for threads in [1, 3] {
                let mut together = alone.concat();
                let evolution =
                    Evolution::<f64>::new(&sum, &layout, 1.5, kind(imaginary), 1e-12, isa).unwrap();
                let mut states = StatesMut::new(&mut together, &layout);
                evolution.run(&mut states, Crew { isa, threads }, &Progress::unwatched()).unwrap();
                for (state, found) in alone.iter().zip(together.chunks_exact(1 << n)) {
                    assert_eq!(found, evolved::<f64>(&sum, state, (1.5, imaginary, 1e-12), isa, 1));
                }
                together[1 << n..2 << n].fill(Complex64::ZERO);
                let before = together.clone();
                let mut states = StatesMut::new(&mut together, &layout);
                let made = evolution.run(&mut states, Crew { isa, threads }, &Progress::unwatched());
                assert_eq!(made, if imaginary { Err(Error::NoNorm) } else { Ok(()) });
                assert_eq!(together == before, imaginary);
            }
        }
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let layout = Layout::flat(2);
    let isa = Isa::chosen().unwrap();
    let made = |sum: &PauliSum, time: f64, tol: f64| {
        Evolution::<f64>::new(sum, &layout, time, Kind::Unitary, tol, isa).map(drop)
    };
    let sum = PauliSum::of([("XX", 1.0)]).unwrap();
    let turned = sum.scaled(Complex64::new(1.0, 1e-3)).unwrap();
    assert_eq!(made(&turned, 1.0, 1e-9), Err(Error::NotHermitianSum { deviation: 2e-3 }));
    assert_eq!(made(&sum, f64::NAN, 1e-9), Err(Error::NotFinite { argument: "t" }));
    for tol in [0.0, -1.0, 1.0, f64::NAN] {
        assert!(matches!(made(&sum, 1.0, tol), Err(Error::Tolerance { .. })));
    }
    assert!(matches!(made(&sum, 1e8, 1e-9), Err(Error::TooLong { .. })));
    let other = PauliSum::of([("XXX", 1.0)]).unwrap();
    assert!(matches!(made(&other, 1.0, 1e-9), Err(Error::SumSize { .. })));
}

/// The lowest eigenvalues and eigenstates.
fn lowest<T: Real>(sum: &PauliSum, count: usize, threads: usize) -> (Vec<f64>, Vec<Vec<Complex64>>) {
    let n = sum.num_qubits();
    let layout = Layout::of_array("state", &[count, 1 << n], &[2 << n, 2], 1).unwrap();
    let isa = Isa::chosen().unwrap();
    let mut amplitudes = vec![Complex::<T>::new(T::default(), T::default()); count << n];
    let ground = Ground::<T>::new(sum, &layout, false, 1e-11, isa).unwrap();
    let mut states = StatesMut::new(&mut amplitudes, &layout);
    let energies = ground.run(&mut states, Crew { isa, threads }).unwrap();
    let wide = |a: &Complex<T>| Complex64::new(a.re.to_f64(), a.im.to_f64());
    (energies, amplitudes.chunks_exact(1 << n).map(|state| state.iter().map(wide).collect()).collect())
}

fn residual(sum: &PauliSum, state: &[Complex64], energy: f64) -> f64 {
    let scaled: Vec<Complex64> = state.iter().map(|a| a * energy).collect();
    distance(&applied(sum, state), &scaled)
}

/// The open chain in a field as strong as its coupling: P. Pfeuty, Annals of Physics 57, 79 (1970).
#[test]
fn the_ground_state_of_a_chain_has_the_exact_energy() {
    for n in [1, 2, 5, 9, 12] {
        let pairs = (0..n - 1).map(|q| ("ZZ", vec![q, q + 1], -1.0));
        let sum = PauliSum::on(n, pairs.chain((0..n).map(|q| ("X", vec![q], -1.0)))).unwrap();
        let exact = 1.0 - 1.0 / (std::f64::consts::PI / (4 * n + 2) as f64).sin();
        let (energies, states) = lowest::<f64>(&sum, 1, 1);
        assert!((energies[0] - exact).abs() < 1e-11, "{n}: {} {exact}", energies[0]);
        assert!(residual(&sum, &states[0], exact) < 1e-9);
        assert!((norm(&states[0]) - 1.0).abs() < 1e-12);
        let (single, _) = lowest::<f32>(&sum, 1, 1);
        assert!((single[0] - exact).abs() < 1e-4);
    }
}

#[test]
fn degenerate_levels_come_as_often_as_they_are() {
    // A ring of three spins: two doublets at -3 and a quadruplet at 3.
    let pairs = [(0, 1), (1, 2), (2, 0)];
    let terms = ["XX", "YY", "ZZ"].into_iter().flat_map(|p| pairs.map(|(a, b)| (p, vec![a, b], 1.0)));
    let sum = PauliSum::on(3, terms).unwrap();
    let (energies, states) = lowest::<f64>(&sum, 8, 2);
    let expected = [-3.0, -3.0, -3.0, -3.0, 3.0, 3.0, 3.0, 3.0];
    for (energy, expected) in energies.iter().zip(expected) {
        assert!((energy - expected).abs() < 1e-10, "{energies:?}");
    }
    for (i, a) in states.iter().enumerate() {
        assert!(residual(&sum, a, energies[i]) < 1e-9);
        for b in &states[..i] {
            let inner: Complex64 = a.iter().zip(b).map(|(a, b)| a.conj() * b).sum();
            assert!(inner.norm() < 1e-10);
        }
    }
    let constant = PauliSum::of([("II", 2.5)]).unwrap();
    assert_eq!(lowest::<f64>(&constant, 4, 1).0, [2.5; 4]);
}

#[test]
fn threads_change_no_bit_of_eigenstates() {
    let sum = ising(12);
    assert_eq!(lowest::<f64>(&sum, 2, 1), lowest::<f64>(&sum, 2, 3));
}

/// Sums of strings with an even number of Y.
fn real_sums(n: usize, terms: usize) -> impl Strategy<Value = PauliSum> {
    sums(n, terms).prop_map(|sum| {
        let real = sum.terms().iter().copied().filter(|(string, _)| string.phase().im == 0.0);
        PauliSum::new(sum.num_qubits(), real).unwrap()
    })
}

/// What `change` makes of a real state, in memory as large as it.
fn in_reals<T: Real>(state: &[f64], change: impl FnOnce(&mut StatesMut<'_, T>)) -> Vec<f64> {
    let layout = Layout::flat(state.len().ilog2() as usize).in_reals().unwrap();
    let mut numbers: Vec<T> = state.iter().map(|&x| T::from_f64(x)).collect();
    // SAFETY: a real state, which nobody else uses.
    change(&mut unsafe { StatesMut::from_raw(numbers.as_mut_ptr(), &layout) });
    numbers.iter().map(|x| x.to_f64()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn real_states_are_cooled_as_complex_ones(
        sum in (0usize..11).prop_flat_map(|n| real_sums(n, 24)),
        time in -1.5..1.5f64,
    ) {
        let n = sum.num_qubits();
        let state: Vec<f64> = some_state(n).iter().map(|a| a.re).collect();
        let complex: Vec<Complex64> = state.iter().map(|&x| x.into()).collect();
        let layout = Layout::flat(n).in_reals().unwrap();
        for isa in isas() {
            let crew = Crew { isa, threads: 2 };
            let expected = evolved::<f64>(&sum, &complex, (time, true, 1e-13), isa, 1);
            let evolution =
                Evolution::<f64>::new(&sum, &layout, time, Kind::Imaginary, 1e-13, isa).unwrap();
            let found = in_reals::<f64>(&state, |states| {
                evolution.run(states, crew, &Progress::unwatched()).unwrap();
            });
            let found: Vec<Complex64> = found.into_iter().map(Complex64::from).collect();
            prop_assert!(distance(&found, &expected) < 1e-11, "{isa:?} {}", distance(&found, &expected));
            let (energies, _) = lowest::<f64>(&sum, 1, 1);
            let ground = Ground::<f64>::new(&sum, &layout, true, 1e-11, isa).unwrap();
            let mut energy = f64::NAN;
            let found = in_reals::<f64>(&state, |states| energy = ground.run(states, crew).unwrap()[0]);
            let found: Vec<Complex64> = found.into_iter().map(Complex64::from).collect();
            prop_assert!(residual(&sum, &found, energy) < 1e-8);
            prop_assert!((energy - energies[0]).abs() < 1e-9, "{energy} {energies:?}");
        }
    }
}

#[test]
fn sums_that_are_not_real_are_refused_for_real_states() {
    let layout = Layout::flat(2).in_reals().unwrap();
    let isa = Isa::chosen().unwrap();
    let sum = PauliSum::of([("XY", 1.0)]).unwrap();
    let refused = Error::NotRealOperator { operator: "the sum".to_owned() };
    let made = Evolution::<f64>::new(&sum, &layout, 1.0, Kind::Imaginary, 1e-9, isa).map(drop);
    assert_eq!(made, Err(refused.clone()));
    assert_eq!(Ground::<f32>::new(&sum, &layout, false, 1e-9, isa).map(drop), Err(refused));
}
