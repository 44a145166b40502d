//! Readings against their definitions, amplitude by amplitude.

use num_complex::{Complex, Complex64};
use proptest::prelude::*;

use super::*;
use crate::layout::Layout;
use crate::simd::Isa;

/// A state whose axes lie in the given order of bits, some of them flipped and with a hole after
/// each amplitude where `holes` says so: layout, memory, where basis state 0 lies in it, and the
/// amplitudes by basis index.
pub(super) struct Tensor {
    pub(super) layout: Layout,
    pub(super) memory: Vec<Complex64>,
    /// Where each amplitude lies in the memory, by basis index.
    places: Vec<usize>,
    pub(super) logical: Vec<Complex64>,
}

impl Tensor {
    pub(super) fn new(order: &[usize], flips: usize, holes: bool) -> Tensor {
        let n = order.len();
        let step = 1 + usize::from(holes);
        let sign = |bit: usize| if flips >> bit & 1 == 1 { -1 } else { 1 };
        let strides: Vec<isize> =
            order.iter().map(|&bit| sign(bit) * ((2 * step) << bit) as isize).collect();
        let shape = if n == 1 { vec![2, 1] } else { vec![2; n] };
        let padded = if n == 1 { vec![strides[0], 0] } else { strides };
        let layout = Layout::of_array("state", &shape, &padded, 0).unwrap();
        let memory: Vec<Complex64> =
            (0..step << n).map(|i| Complex64::new((i as f64).sin(), (i as f64 * 0.7).cos())).collect();
        // Qubit q is bit `order[q]` of the address, counted backwards where it is flipped.
        let positions: Vec<u8> = order.iter().map(|&bit| bit as u8).collect();
        let flips = flips & ((1 << n) - 1);
        let place = |index: usize| step * (crate::bits::scatter(index, &positions) ^ flips);
        let places: Vec<usize> = (0..1 << n).map(place).collect();
        let logical = places.iter().map(|&place| memory[place]).collect();
        Tensor { layout, memory, places, logical }
    }

    /// The amplitudes as they are now.
    pub(super) fn by_index(&self) -> Vec<Complex64> {
        self.places.iter().map(|&place| self.memory[place]).collect()
    }

    pub(super) fn state(&self) -> StateRef<'_, f64> {
        // SAFETY: the layout reaches every `step`-th amplitude of the memory.
        unsafe { StateRef::from_raw(self.memory.as_ptr().cast(), &self.layout) }
    }
}

pub(super) fn orders() -> impl Strategy<Value = Vec<usize>> {
    (2usize..=14).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle())
}

/// The plain sums that are compared with lose up to one epsilon per term, of terms that add up to
/// `scale` in magnitude.
pub(super) fn assert_near(got: f64, expected: f64, terms: usize, scale: f64) {
    let tolerance = f64::EPSILON * (terms + 4) as f64 * scale;
    assert!((got - expected).abs() <= tolerance, "{got} is not {expected}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_reading_is_its_definition(
        left in orders(), seed: u64, flips: [usize; 2], sparse: [bool; 2], turned: bool
    ) {
        let n = left.len();
        let right: Vec<usize> = (0..n).map(|q| left[(q + seed as usize) % n]).collect();
        // Half of the cases without a flip, so that long rows are read too.
        let flips = flips.map(|flips| if turned { flips } else { 0 });
        let (left, right) = (Tensor::new(&left, flips[0], sparse[0]), Tensor::new(&right, flips[1], sparse[1]));
        let (bra, ket) = (left.state(), right.state());
        let (bra_logical, ket_logical, bra_layout) = (&left.logical, &right.logical, &left.layout);
        let kept = (seed >> 8) as usize % (n + 1);
        let bits: Vec<u8> = bra_layout.qubit_bits().take(kept).map(|bit| bit as u8).collect();
        let mut bins = vec![0.0; 1 << kept];
        for (index, amplitude) in bra_logical.iter().enumerate() {
            bins[index >> (n - kept)] += amplitude.norm_sqr();
        }
        let product: Complex64 = bra_logical.iter().zip(ket_logical).map(|(b, k)| b.conj() * k).sum();
        let mut first: Option<(f64, Complex64, Vec<f64>)> = None;
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            for threads in 1..=3 {
                let crew = Crew { isa, threads };
                let got = (norm(bra, crew), inner(bra, ket, crew), {
                    let mut out = vec![0.0; 1 << kept];
                    probabilities(bra, &bits, &mut out, crew);
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
    fn a_density_matrix_is_its_definition(order in orders(), flips: usize, holes: bool, kept in 0usize..4) {
        let tensor = Tensor::new(&order, flips, holes);
        let n = order.len();
        let kept = kept.min(n);
        // The last qubits, in backward order.
        let mut bits: Vec<u8> = tensor.layout.qubit_bits().map(|bit| bit as u8).collect();
        bits.reverse();
        bits.truncate(kept);
        let row_of = |index: usize| (0..kept).fold(0, |row, i| row << 1 | index >> i & 1);
        let mut expected = vec![Complex64::ZERO; 1 << (2 * kept)];
        for (a, left) in tensor.logical.iter().enumerate() {
            for (b, right) in tensor.logical.iter().enumerate().skip(a >> kept << kept).take(1 << kept) {
                expected[row_of(a) << kept | row_of(b)] += left * right.conj();
            }
        }
        let total: f64 = tensor.logical.iter().map(Complex64::norm_sqr).sum();
        let one = density(tensor.state(), &bits, Crew { isa: Isa::Scalar, threads: 1 });
        for (got, expected) in one.iter().zip(&expected) {
            assert_near(got.re, expected.re, 2 << n, total);
            assert_near(got.im, expected.im, 2 << n, total);
        }
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            prop_assert_eq!(&density(tensor.state(), &bits, Crew { isa, threads: 2 }), &one);
        }
    }

    #[test]
    fn the_most_probable_come_first(order in orders(), flips: usize, holes: bool, count in 0usize..40) {
        let tensor = Tensor::new(&order, flips, holes);
        let mut expected: Vec<(usize, f64)> = tensor.logical.iter().map(Complex64::norm_sqr).enumerate().collect();
        expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        expected.truncate(count);
        let crews = Isa::ALL.into_iter().filter(|isa| isa.available());
        let mut found: Vec<_> = crews.flat_map(|isa| [1, 2].map(|threads| overview(tensor.state(), count, Crew { isa, threads }))).collect();
        found.push(one_by_one(tensor.state(), count, 1));
        for found in found {
            prop_assert_eq!(&found.best, &expected);
            prop_assert_eq!(found.occupied, tensor.logical.iter().filter(|a| a.norm_sqr() > 1e-20).count());
            let total: f64 = tensor.logical.iter().map(Complex64::norm_sqr).sum();
            prop_assert!((found.total - total).abs() <= 1e-12 * total);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn shots_do_not_depend_on_where_amplitudes_lie(
        order in orders(), flips: usize, holes: bool, kept in 0usize..15, key: u64, turned: bool
    ) {
        let n = order.len();
        let tensor = Tensor::new(&order, if turned { flips } else { 0 }, holes);
        // The same amplitudes in a row, and the first qubits listed backwards in both.
        let (flat, kept) = (Layout::flat(n), kept.min(n));
        let bits = |layout: &Layout| -> Vec<u8> {
            let mut bits: Vec<u8> = layout.qubit_bits().take(kept).map(|bit| bit as u8).collect();
            bits.reverse();
            bits
        };
        let state = StateRef::new(&tensor.logical, &flat);
        let reader = Reader::new(state, &bits(&flat), Crew { isa: Isa::Scalar, threads: 1 }).unwrap();
        let mut expected = vec![0; 500];
        reader.sample(state, key, 3, &mut expected, Crew { isa: Isa::Scalar, threads: 1 }).unwrap();
        let counts = reader.counts(state, key, 3, 1 << 40, Crew { isa: Isa::Scalar, threads: 1 }).unwrap();
        prop_assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 1 << 40);
        prop_assert!(counts.iter().all(|&(outcome, count)| outcome >> kept == 0 && count > 0));
        prop_assert!(counts.is_sorted());
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            for threads in 1..=3 {
                let crew = Crew { isa, threads };
                exec::force_threads(threads);
                let state = tensor.state();
                let reader = Reader::new(state, &bits(&tensor.layout), crew).unwrap().wary();
                let mut shots = vec![0; 500];
                reader.sample(state, key, 3, &mut shots, crew).unwrap();
                let found = reader.counts(state, key, 3, 1 << 40, crew).unwrap();
                exec::force_threads(0);
                prop_assert_eq!(&shots, &expected);
                prop_assert_eq!(&found, &counts);
            }
        }
    }
}

#[test]
fn a_state_that_has_changed_is_refused_where_it_is_looked_at() {
    let layout = Layout::flat(14);
    let mut psi = vec![Complex64::new(0.25, 0.5); 1 << 14];
    psi[5] = Complex64::ZERO;
    let bits: Vec<u8> = (0..14).rev().collect();
    let isa = Isa::Scalar;
    let reader =
        Reader::new(StateRef::new(&psi, &layout), &bits, Crew { isa, threads: 1 }).unwrap().wary();
    let draw = |psi: &[Complex64]| {
        let state = StateRef::new(psi, &layout);
        let mut shots = [0; 100];
        let sampled = reader.sample(state, 1, 0, &mut shots, Crew { isa, threads: 1 }).map(|()| shots);
        (sampled, reader.counts(state, 1, 0, 100, Crew { isa, threads: 1 }))
    };
    let (shots, counts) = draw(&psi);
    let (shots, counts) = (shots.unwrap(), counts.unwrap());
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 100);
    let turned: Vec<Complex64> = psi.iter().map(|amplitude| -amplitude.conj()).collect();
    assert_eq!(draw(&turned), (Ok(shots), Ok(counts)));
    // Two that change places leave the sum as it is; a NaN leaves none.
    for change in [
        |psi: &mut [Complex64]| psi.swap(5, 6),
        |psi: &mut [Complex64]| psi[9] = f64::NAN.into(),
        |psi: &mut [Complex64]| psi.swap(5, 8),
    ] {
        let mut other = psi.clone();
        change(&mut other);
        assert_eq!(draw(&other), (Err(Error::Changed), Err(Error::Changed)));
    }
}

const ALONE: Crew = Crew { isa: Isa::Scalar, threads: 1 };

/// All at once as one by one: where many are equal, grow, or are small, and whatever the norm and the layout.
#[test]
fn an_overview_of_many() {
    let n = 18;
    let flat = Layout::flat(n);
    let states: [fn(usize) -> f64; 6] = [
        |_| 1.0 / 512.0,
        |i| i as f64 * 1e-7,
        |i| (-(i as f64) * 0.01).exp(),
        |i| if i == 77_777 { 1.0 } else { 1e-16 * (i % 13) as f64 },
        |i| ((i * 7919) % 65_537) as f64 * 1e-150,
        |i| if i % 3 == 0 { 0.0 } else { 3e8 },
    ];
    for of in states {
        let psi: Vec<Complex64> =
            (0..1 << n).map(|i| Complex64::new(0.6 * of(i), 0.8 * of(i))).collect();
        let single: Vec<Complex<f32>> =
            psi.iter().map(|a| Complex::new(a.re as f32, a.im as f32)).collect();
        let expected = one_by_one(StateRef::new(&psi, &flat), 16, 1);
        let rounded = one_by_one(StateRef::new(&single, &flat), 16, 1);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            for threads in [1, 2] {
                let crew = Crew { isa, threads };
                let found = overview(StateRef::new(&psi, &flat), 16, crew);
                assert_eq!((&found.best, found.occupied), (&expected.best, expected.occupied));
                assert_near(found.total, expected.total, 1 << n, expected.total);
                let found = overview(StateRef::new(&single, &flat), 16, crew);
                assert_eq!((&found.best, found.occupied), (&rounded.best, rounded.occupied));
            }
        }
    }
}

#[test]
fn what_is_equal_but_for_rounding_comes_in_the_order_of_indices() {
    // Probabilities of 1/128, each with an error of some units in the last place.
    let noisy = |index: usize| (1.0 / 128.0f64).sqrt() * (1.0 + (index * 37 % 11) as f64 * f64::EPSILON);
    let psi: Vec<Complex64> = (0..128).map(|index| Complex64::new(0.0, noisy(index))).collect();
    let found = overview(StateRef::new(&psi, &Layout::flat(7)), 5, ALONE);
    assert!(found.best.iter().map(|&(index, _)| index).eq(0..5));
    assert!(found.best.iter().all(|&(index, probability)| probability == psi[index].norm_sqr()));
    // In single precision errors are larger.
    let single: Vec<Complex<f32>> = (0..128)
        .map(|index| Complex::new(0.3 * (1.0 + (index % 3) as f32 * f32::EPSILON), 0.0))
        .collect();
    let best = most_probable(StateRef::new(&single, &Layout::flat(7)), 5, ALONE);
    assert!(best.iter().map(|&(index, _)| index).eq(0..5));
}

#[test]
fn what_rounding_leaves_is_not_occupied() {
    let mut psi = vec![Complex64::ZERO; 128];
    (psi[3], psi[5], psi[7]) = (3.0.into(), 1e-20.into(), 1e-13.into());
    assert_eq!(overview(StateRef::new(&psi, &Layout::flat(7)), 2, ALONE).occupied, 2);
    psi[9] = f64::NAN.into();
    assert_eq!(overview(StateRef::new(&psi, &Layout::flat(7)), 2, ALONE).occupied, 4);
}

#[test]
fn a_nan_comes_first_wherever_it_is() {
    for (place, nan) in [(0, f64::NAN), (5, -f64::NAN), (127, f64::NAN)] {
        let mut psi = vec![Complex64::new(0.5, 0.0); 128];
        psi[place] = Complex64::new(0.0, nan);
        psi[3] = Complex64::new(f64::INFINITY, 0.0);
        let best = most_probable(StateRef::new(&psi, &Layout::flat(7)), 2, ALONE);
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
    let got = norm(StateRef::new(&psi, &layout), Crew { isa: Isa::Scalar, threads: 1 });
    let small = f64::from(1e-4f32);
    assert_near(got * got, 1.0 + 65535.0 * small * small, 1 << 16, 1.0);
}
