//! Readings against their definitions, amplitude by amplitude.

use num_complex::{Complex, Complex64};
use proptest::prelude::*;

use super::*;
use crate::layout::Layout;

/// A state whose axes lie in the given order of bits, with its amplitudes by basis index.
fn tensor(order: &[usize]) -> (Layout, Vec<Complex64>, Vec<Complex64>) {
    let n = order.len();
    let strides: Vec<isize> = order.iter().map(|&bit| 1 << bit).collect();
    let layout = Layout::of_elements("state", &vec![2; n], &strides).unwrap();
    let memory: Vec<Complex64> =
        (0..1 << n).map(|i| Complex64::new((i as f64).sin(), (i as f64 * 0.7).cos())).collect();
    // Character q of the label, qubit q, is bit `order[q]` of the address.
    let positions: Vec<u8> = order.iter().map(|&bit| bit as u8).collect();
    let by_index = |index: usize| memory[crate::bits::scatter(index, &positions)];
    let logical = (0..1 << n).map(by_index).collect();
    (layout, memory, logical)
}

fn orders() -> impl Strategy<Value = Vec<usize>> {
    (2usize..=14).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle())
}

/// The plain sums that are compared with lose up to one epsilon per term, of terms that add up to
/// `scale` in magnitude.
fn assert_near(got: f64, expected: f64, terms: usize, scale: f64) {
    let tolerance = f64::EPSILON * (terms + 4) as f64 * scale;
    assert!((got - expected).abs() <= tolerance, "{got} is not {expected}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_reading_is_its_definition(left in orders(), seed: u64) {
        let n = left.len();
        let right: Vec<usize> = (0..n).map(|q| left[(q + seed as usize) % n]).collect();
        let ((bra_layout, bra, bra_logical), (ket_layout, ket, ket_logical)) =
            (tensor(&left), tensor(&right));
        let (bra, ket) = (StateRef::new(&bra, &bra_layout), StateRef::new(&ket, &ket_layout));
        let kept = (seed >> 8) as usize % (n + 1);
        let bits: Vec<u8> = bra_layout.qubit_bits().take(kept).map(|bit| bit as u8).collect();
        let mut bins = vec![0.0; 1 << kept];
        for (index, amplitude) in bra_logical.iter().enumerate() {
            bins[index >> (n - kept)] += amplitude.norm_sqr();
        }
        let product: Complex64 = bra_logical.iter().zip(&ket_logical).map(|(b, k)| b.conj() * k).sum();
        let mut first: Option<(f64, Complex64, Vec<f64>)> = None;
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            for threads in 1..=3 {
                let got = (norm(bra, isa, threads), inner(bra, ket, isa, threads), {
                    let mut out = vec![0.0; 1 << kept];
                    probabilities(bra, &bits, &mut out, isa, threads);
                    out
                });
                let total: f64 = bra_logical.iter().map(Complex64::norm_sqr).sum();
                assert_near(got.0 * got.0, total, 1 << n, total);
                assert_near(got.1.re, product.re, 2 << n, total);
                assert_near(got.1.im, product.im, 2 << n, total);
                got.2.iter().zip(&bins).for_each(|(&got, &bin)| assert_near(got, bin, 1 << n, bin));
                prop_assert_eq!(first.get_or_insert_with(|| got.clone()), &got, "bits differ");
            }
        }
    }

    #[test]
    fn the_most_probable_come_first(order in orders(), count in 0usize..40) {
        let (layout, memory, logical) = tensor(&order);
        let mut expected: Vec<(usize, f64)> = logical.iter().map(Complex64::norm_sqr).enumerate().collect();
        expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        expected.truncate(count);
        for threads in 1..=2 {
            prop_assert_eq!(&most_probable(StateRef::new(&memory, &layout), count, threads), &expected);
        }
    }
}

#[test]
fn a_nan_comes_first_wherever_it_is() {
    for (place, nan) in [(0, f64::NAN), (5, -f64::NAN), (127, f64::NAN)] {
        let mut psi = vec![Complex64::new(0.5, 0.0); 128];
        psi[place] = Complex64::new(0.0, nan);
        psi[3] = Complex64::new(f64::INFINITY, 0.0);
        let best = most_probable(StateRef::new(&psi, &Layout::flat(7)), 2, 1);
        assert!(best[0].0 == place && best[0].1.is_nan(), "{best:?}");
        assert_eq!(best[1], (3, f64::INFINITY));
    }
}

#[test]
fn single_precision_is_summed_in_double() {
    // 2**16 times 1e-4 squared is below what single precision could add to 1.
    let mut psi = vec![Complex::<f32>::new(1e-4, 0.0); 1 << 16];
    psi[0] = Complex::new(1.0, 0.0);
    let layout = Layout::flat(16);
    let got = norm(StateRef::new(&psi, &layout), Isa::Scalar, 1);
    let small = f64::from(1e-4f32);
    assert_near(got * got, 1.0 + 65535.0 * small * small, 1 << 16, 1.0);
}
