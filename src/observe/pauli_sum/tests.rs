//! Sums of Pauli strings against their definition, with rows, sets and tiles of all sizes.

use proptest::prelude::*;

use super::super::tests::{Tensor, assert_near, orders};
use super::*;
use crate::operator::PauliString;
use crate::simd::Isa;

/// `sum|state>` amplitude by amplitude.
fn textbook(sum: &PauliSum, state: &[Complex64]) -> Vec<Complex64> {
    let mut result = vec![Complex64::ZERO; state.len()];
    for &(string, coefficient) in sum.terms() {
        for (index, amplitude) in state.iter().enumerate() {
            let sign = crate::bits::sign(index as u64 & string.z);
            result[index ^ string.x as usize] += coefficient * string.phase() * sign * amplitude;
        }
    }
    result
}

/// Terms as random numbers; the masks are cut to the qubits that there are, and some to few bits.
fn terms() -> impl Strategy<Value = Vec<(u64, u64, f64, f64)>> {
    let mask = || prop_oneof![any::<u64>(), Just(0), (0u32..14).prop_map(|bit| 1 << bit)];
    prop::collection::vec((mask(), mask(), -1.0..1.0, -1.0..1.0), 0..40)
}

fn sum(n: usize, terms: &[(u64, u64, f64, f64)], hermitian: bool) -> PauliSum {
    let cut = (1 << n) - 1;
    let term = |&(x, z, re, im): &(u64, u64, f64, f64)| {
        let im = if hermitian { 0.0 } else { im };
        (PauliString { x: x & cut, z: z & cut }, Complex64::new(re, im))
    };
    PauliSum::new(n, terms.iter().map(term)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn readings_and_results_are_their_definitions(
        order in orders(), flips: usize, holes: bool, turned: bool, terms in terms(), hermitian: bool,
        (row, set, tile) in (1usize..=MAX_ROW_BITS, 1usize..6, 0usize..6), scale in -2.0..2.0
    ) {
        let n = order.len();
        let tensor = Tensor::new(&order, if turned { flips } else { 0 }, holes);
        let (state, sum) = (tensor.state(), sum(n, &terms, hermitian));
        let expected = textbook(&sum, &tensor.logical);
        let weight: f64 = sum.terms().iter().map(|(_, c)| c.norm()).sum();
        let total: f64 = tensor.logical.iter().map(Complex64::norm_sqr).sum();
        let value: Complex64 = tensor.logical.iter().zip(&expected).map(|(a, b)| a.conj() * b).sum();
        let mut first: Option<(f64, Vec<Complex64>, Overlaps)> = None;
        // Where the results lie differs from where the state does.
        let mut out = Tensor::new(&(0..n).map(|q| order[(q + 1) % n]).collect::<Vec<_>>(), flips >> 3, turned);
        let shift = if hermitian { value.re } else { 0.25 };
        let magnitude = weight + shift.abs();
        let near = |got, expected| assert_near(got, expected, (sum.terms().len() + 1) << n, magnitude * total);
        for sizes in [Sizes { row, set, tile }, SIZES] {
            let applying = Applying::new(&sum, &tensor.layout, sizes);
            let reading = hermitian.then(|| Reading::new(&sum, &tensor.layout, sizes));
            for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
                for threads in 1..=3 {
                    let crew = Crew { isa, threads };
                    let read = reading.as_ref().map_or(0.0, |reading| reading.run(state, crew));
                    out.memory.fill(Complex64::new(f64::NAN, 7.0));
                    // SAFETY: the layout reaches every `step`-th amplitude of the memory.
                    let mut to = unsafe { StateMut::from_raw(out.memory.as_mut_ptr().cast(), &out.layout) };
                    let overlaps = applying.run(state, Some((&mut to, scale)), shift, crew);
                    let got = (read, out.memory.clone(), overlaps);
                    let bits = |got: &(f64, Vec<Complex64>, Overlaps)| format!("{got:?}");
                    let one = first.get_or_insert_with(|| got.clone());
                    prop_assert_eq!(bits(one), bits(&got), "bits differ");
                }
            }
            let (read, _, overlaps) = first.take().unwrap();
            if hermitian {
                near(read, value.re);
            }
            let after = out.by_index();
            let mut square = 0.0;
            for ((after, expected), own) in after.iter().zip(&expected).zip(&tensor.logical) {
                let expected = expected - shift * own;
                near(after.re, scale * expected.re);
                near(after.im, scale * expected.im);
                square += expected.norm_sqr();
            }
            near(overlaps.inner.re, value.re - shift * total);
            near(overlaps.inner.im, value.im);
            assert_near(overlaps.square, square, (sum.terms().len() + 1) << n, magnitude * magnitude * total);
        }
    }

    #[test]
    fn cosets_hold_every_row_once(rows in prop::collection::vec(0u64..64, 0..5)) {
        let mut basis = Vec::new();
        rows.iter().for_each(|&row| extend(&mut basis, row));
        prop_assert!(rows.iter().all(|&row| reduced(&basis, row) == 0));
        prop_assert!(basis.is_sorted_by_key(|vector| vector.ilog2()));
        let highest = basis.iter().fold(0u64, |mask, vector| mask | 1 << vector.ilog2());
        for vector in &basis {
            prop_assert_eq!((vector & highest).count_ones(), 1);
        }
    }
}

#[test]
fn a_chain_takes_one_space_for_every_few_of_its_high_bits() {
    let n = 22;
    let x = (0..n).map(|q| (PauliString { x: 1 << q, z: 0 }, Complex64::ONE));
    let zz = (1..n).map(|q| (PauliString { x: 0, z: 0b11 << (q - 1) }, Complex64::ONE));
    let sum = PauliSum::new(n, x.chain(zz)).unwrap();
    let reading = Reading::new(&sum, &Layout::flat(n), SIZES);
    assert_eq!(reading.spaces.len(), 2);
    // Z within rows needs no group, Z between rows one, and ZZ across the border one more.
    let groups = |space: &Space| space.pass.groups.len();
    assert_eq!(reading.spaces.iter().map(groups).sum::<usize>(), 2);
    let flips = |space: &Space| space.plain.flips.iter().filter(|factor| **factor == 2.0).count();
    assert_eq!(reading.spaces.iter().map(flips).sum::<usize>(), n);
    let applying = Applying::new(&sum, &Layout::flat(n), SIZES);
    assert_eq!(applying.sources.last().map(|source| source.0), Some(0));
    assert_eq!(applying.sources.len(), 1 + n - SIZES.row - SIZES.tile);
}

#[test]
fn a_chain_is_its_definition_whatever_is_met_in_registers() {
    // Blocks of a set have up to 1, 2, 3, 6, 7, 8 and more bits: see `NEAR_BITS` and `CUBE_BITS`.
    for (n, sizes) in [
        (1, SIZES),
        (4, SIZES),
        (6, SIZES),
        (9, Sizes { row: 2, ..SIZES }),
        (14, Sizes { row: 6, ..SIZES }),
        (17, Sizes { set: 6, ..SIZES }),
        (18, SIZES),
    ] {
        let amplitude =
            |i: u64| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / (1 << 24) as f64 - 0.5;
        let psi: Vec<_> = (0..1u64 << n).map(|i| Complex64::new(amplitude(i), amplitude(!i))).collect();
        let x = (0..n).map(|q| (PauliString { x: 1 << q, z: 0 }, Complex64::from(0.1 + q as f64)));
        let zz =
            (1..n).map(|q| (PauliString { x: 0, z: 0b11 << (q - 1) }, Complex64::from(-0.3 * q as f64)));
        let sum = PauliSum::new(n, x.chain(zz)).unwrap();
        let expected: f64 = psi.iter().zip(textbook(&sum, &psi)).map(|(a, b)| (a.conj() * b).re).sum();
        let layout = Layout::flat(n);
        let reading = Reading::new(&sum, &layout, sizes);
        let read = |crew| reading.run(StateRef::new(&psi, &layout), crew);
        let one = read(Crew { isa: Isa::Scalar, threads: 1 });
        let scale = (n * n) as f64 * (1u64 << n) as f64;
        assert!((one - expected).abs() <= 1e-14 * scale, "{n}: {one} is not {expected}");
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            assert_eq!(read(Crew { isa, threads: 2 }).to_bits(), one.to_bits(), "{n} qubits, {isa:?}");
        }
    }
}
