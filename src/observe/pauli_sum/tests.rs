//! Sums of Pauli strings against their definition, with rows and sets of all sizes.

use proptest::prelude::*;

use super::super::tests::{Tensor, assert_near, orders};
use num_complex::Complex64;

use super::*;
use crate::operator::PauliString;
use crate::simd::Isa;

/// `sum|state>` amplitude by amplitude.
pub(in crate::observe) fn textbook(sum: &PauliSum, state: &[Complex64]) -> Vec<Complex64> {
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
pub(in crate::observe) fn terms() -> impl Strategy<Value = Vec<(u64, u64, f64, f64)>> {
    let mask = || prop_oneof![any::<u64>(), Just(0), (0u32..14).prop_map(|bit| 1 << bit)];
    prop::collection::vec((mask(), mask(), -1.0..1.0, -1.0..1.0), 0..40)
}

pub(in crate::observe) fn sum(n: usize, terms: &[(u64, u64, f64, f64)], hermitian: bool) -> PauliSum {
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
    fn readings_are_their_definitions(
        order in orders(), flips: usize, holes: bool, turned: bool, terms in terms(),
        (row, set) in (1usize..=MAX_ROW_BITS, 1usize..6)
    ) {
        let n = order.len();
        let tensor = Tensor::new(&order, if turned { flips } else { 0 }, holes);
        let (state, sum) = (tensor.state(), sum(n, &terms, true));
        let expected = textbook(&sum, &tensor.logical);
        let weight: f64 = sum.terms().iter().map(|(_, c)| c.norm()).sum();
        let total: f64 = tensor.logical.iter().map(Complex64::norm_sqr).sum();
        let value: Complex64 = tensor.logical.iter().zip(&expected).map(|(a, b)| a.conj() * b).sum();
        for sizes in [Sizes { row, set }, SIZES] {
            let reading = Reading::new(&sum, &tensor.layout, sizes);
            let mut first: Option<f64> = None;
            for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
                for threads in 1..=3 {
                    let read = reading.run(state, Crew { isa, threads });
                    prop_assert_eq!(first.get_or_insert(read).to_bits(), read.to_bits(), "bits differ");
                }
            }
            assert_near(first.unwrap(), value.re, (sum.terms().len() + 1) << n, weight * total);
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
