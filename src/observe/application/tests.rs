//! What sums make of states against its definition, on tiles of all sizes, in place and from copies.

use num_complex::{Complex, Complex64};
use proptest::prelude::*;

use super::super::pauli_sum::tests::{sum, terms, textbook};
use super::super::tests::{Tensor, assert_near, orders};
use super::*;
use crate::operator::PauliString;
use crate::simd::Isa;

/// All kinds of lanes, with one thread or more.
fn crews() -> impl Iterator<Item = Crew> {
    let available = Isa::ALL.into_iter().filter(|isa| isa.available());
    available.flat_map(|isa| (1..=3).map(move |threads| Crew { isa, threads }))
}

/// What a sum makes of amplitudes that lie in a row, and the square of the norm of `(sum - shift)|state>`: with the same
/// bits for all crews.
fn applied<T: Real>(
    applier: &SumApplier,
    amplitudes: &[T],
    layout: &Layout,
    shift: f64,
) -> (Vec<T>, f64) {
    let mut first: Option<(Vec<T>, f64)> = None;
    // SAFETY: the layouts reach all amplitudes, and no others.
    let state = unsafe { StateRef::from_raw(amplitudes.as_ptr(), layout) };
    for crew in crews() {
        let mut out = vec![T::from_f64(7.0); amplitudes.len()];
        // SAFETY: as above.
        let mut to = unsafe { StateMut::from_raw(out.as_mut_ptr(), layout) };
        applier.apply(state, &mut to, crew);
        let got = (out, applier.norm_sqr(state, shift, crew));
        let one = first.get_or_insert_with(|| got.clone());
        assert_eq!(format!("{one:?}"), format!("{got:?}"), "bits differ");
    }
    first.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn results_are_their_definitions(
        order in orders(), flips: usize, holes: bool, turned: bool, terms in terms(), hermitian: bool,
        tile_bits in 0usize..6
    ) {
        let n = order.len();
        let tensor = Tensor::new(&order, if turned { flips } else { 0 }, holes);
        let (state, sum) = (tensor.state(), sum(n, &terms, hermitian));
        let expected = textbook(&sum, &tensor.logical);
        let weight: f64 = sum.terms().iter().map(|(_, c)| c.norm()).sum();
        let total: f64 = tensor.logical.iter().map(Complex64::norm_sqr).sum();
        // Where the results lie differs from where the state does.
        let order: Vec<usize> = (0..n).map(|q| order[(q + 1) % n]).collect();
        let mut out = Tensor::new(&order, flips >> 3, turned);
        let shift = 0.25;
        let magnitude = weight + shift;
        let square: f64 =
            expected.iter().zip(&tensor.logical).map(|(a, b)| (a - shift * b).norm_sqr()).sum();
        for tile_bits in [tile_bits, TILE_BITS] {
            let applier = SumApplier::with_tiles(&sum, &tensor.layout, tile_bits);
            let mut first: Option<(Vec<Complex64>, f64)> = None;
            for crew in crews() {
                out.memory.fill(Complex64::new(f64::NAN, 7.0));
                // SAFETY: the layout reaches every `step`-th amplitude of the memory.
                let mut to = unsafe { StateMut::from_raw(out.memory.as_mut_ptr().cast(), &out.layout) };
                applier.apply(state, &mut to, crew);
                let got = (out.memory.clone(), applier.norm_sqr(state, shift, crew));
                let one = first.get_or_insert_with(|| got.clone());
                prop_assert_eq!(format!("{one:?}"), format!("{got:?}"), "bits differ");
            }
            let near = |got, expected| assert_near(got, expected, (sum.terms().len() + 1) << n, magnitude * total);
            for (after, expected) in out.by_index().iter().zip(&expected) {
                near(after.re, expected.re);
                near(after.im, expected.im);
            }
            let got = first.unwrap().1;
            assert_near(got, square, (sum.terms().len() + 1) << n, magnitude * magnitude * total);
        }
    }
}

/// XX + YY, with some ZZ and fields, on pairs of qubits near and far; and more strings than tables are known.
fn lattice(n: usize, extra: usize) -> PauliSum {
    let mut terms = Vec::new();
    for first in 0..n {
        for distance in [1, 2, 5] {
            if first + distance < n {
                let pair = 1u64 << first | 1 << (first + distance);
                let coupling = Complex64::from(0.5 + first as f64);
                terms.push((PauliString { x: pair, z: 0 }, coupling));
                terms.push((PauliString { x: pair, z: pair }, coupling * (distance % 2) as f64));
                terms.push((PauliString { x: 0, z: pair }, Complex64::from(0.25 * distance as f64)));
            }
        }
        terms.push((PauliString { x: 0, z: 1 << first }, Complex64::from(-0.75)));
    }
    for number in 0..extra as u64 {
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let cut = |mask: u64| mask & ((1 << n) - 1);
        terms.push((PauliString { x: cut(mixed >> 20), z: cut(mixed >> 40) }, Complex64::from(0.125)));
    }
    PauliSum::new(n, terms).unwrap()
}

#[test]
fn lattices_are_their_definitions_in_all_precisions() {
    for (n, extra) in [(1, 0), (3, 4), (5, 0), (6, 9), (7, 0), (8, 50), (11, 0), (12, 200), (15, 0)] {
        let sum = lattice(n, extra);
        let number =
            |i: u64| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / (1 << 24) as f64 - 0.5;
        let psi: Vec<_> = (0..1u64 << n).map(|i| Complex64::new(number(i), number(!i))).collect();
        let real: Vec<Complex64> = psi.iter().map(|a| a.re.into()).collect();
        let weight: f64 = sum.terms().iter().map(|(_, c)| c.norm()).sum();
        let shift = 0.5;
        let check = |state: &[Complex64], got: &[Complex64], square: f64, epsilon: f64| {
            let expected = textbook(&sum, state);
            for (got, expected) in got.iter().zip(&expected) {
                let expected = if square < 0.0 { Complex64::from(expected.re) } else { *expected };
                assert!((got - expected).norm() <= 16.0 * epsilon * weight, "{got} is not {expected}");
            }
            let norm: f64 = expected.iter().zip(state).map(|(a, b)| (a - shift * b).norm_sqr()).sum();
            let scale = (weight + shift) * (weight + shift) * state.len() as f64;
            assert!((square.abs() - norm).abs() <= 16.0 * epsilon * scale, "{square} is not {norm}");
        };
        let layout = Layout::flat(n);
        let applier = SumApplier::new(&sum, &layout);
        let reals: Vec<f64> = psi.iter().flat_map(|a| [a.re, a.im]).collect();
        let pairs = |out: &[f64]| out.chunks(2).map(|a| Complex::new(a[0], a[1])).collect::<Vec<_>>();
        let (out, square) = applied(&applier, &reals, &layout, shift);
        check(&psi, &pairs(&out), square, f64::EPSILON);
        let single: Vec<f32> = reals.iter().map(|&a| a as f32).collect();
        let (out, square) = applied(&applier, &single, &layout, shift);
        let out: Vec<f64> = out.into_iter().map(f64::from).collect();
        let rounded: Vec<_> =
            psi.iter().map(|a| Complex64::new((a.re as f32).into(), (a.im as f32).into())).collect();
        check(&rounded, &pairs(&out), square, f32::EPSILON.into());
        let layout = layout.in_reals().unwrap();
        let applier = SumApplier::new(&sum, &layout);
        let reals: Vec<f64> = psi.iter().map(|a| a.re).collect();
        let (out, square) = applied(&applier, &reals, &layout, shift);
        let out: Vec<Complex64> = out.into_iter().map(Complex64::from).collect();
        check(&real, &out, -square, f64::EPSILON);
    }
}

#[test]
fn half_of_the_chunks_of_a_pair_are_left_out() {
    let n = 16;
    let pair = |first: u64| 0b11u64 << first;
    let terms = (0..n as u64 - 1)
        .flat_map(|first| [0, pair(first)].map(|z| (PauliString { x: pair(first), z }, Complex64::ONE)));
    let sum = PauliSum::new(n, terms).unwrap();
    let applier = SumApplier::new(&sum, &Layout::flat(n));
    let [pass] = &applier.applying.sum.passes[..] else { panic!("more passes than one") };
    let tables = &applier.applying.sum.tables;
    let by_blocks = |run: &&Run| run.form == Form::OfBlocks;
    assert_eq!(pass.runs.iter().filter(by_blocks).map(|run| run.flips.len()).sum::<usize>(), 2);
    let left_out = |flip: &Flip| match &flip.numbers {
        Numbers::Known { first, .. } => tables[*first].chunks.count_ones() < 8,
        _ => true,
    };
    assert_eq!(pass.flips.iter().filter(|flip| left_out(flip)).count(), n - 1 - CHUNK_BITS);
    assert_eq!(pass.fillings, 0);
}
