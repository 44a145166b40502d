//! Every kernel on every instruction set against the textbook: the amplitude of each basis state
//! is looked up by its index, one by one, with no stride, walk or register in sight.

use crate::exec::Crew;
use num_complex::Complex64;
use proptest::prelude::*;

use super::Site;
use crate::apply::{apply, apply_phases_to_pair};
use crate::layout::Layout;
use crate::operator::{Operator, PauliString, transpositions};
use crate::simd::{Isa, Real};
use crate::state::StateMut;

/// What an operator does, by definition: `new[i] = sum over rows j of m[row(i)][j] old[i with j]`.
fn textbook(old: &[Complex64], operator: &Operator<'_>, site: Site<'_>) -> Vec<Complex64> {
    let dim = 1usize << site.targets.len();
    let entry = |row: usize, column: usize| match *operator {
        Operator::Dense(matrix) => matrix[row * dim + column],
        Operator::Diagonal(diagonal) if row == column => diagonal[row],
        Operator::Permutation(transpositions) => {
            let mut order: Vec<usize> = (0..dim).collect();
            transpositions.iter().for_each(|&(a, b)| order.swap(a, b));
            Complex64::new(f64::from(order[row] == column), 0.0)
        }
        Operator::Pauli(string, coefs) => {
            // The product of the 2 x 2 matrices, letter by letter.
            let factor = |place: usize| {
                let (r, c) = (row >> place & 1, column >> place & 1);
                match (string.x >> place & 1, string.z >> place & 1) {
                    (0, 0) => Complex64::from(f64::from(r == c)),
                    (1, 0) => Complex64::from(f64::from(r != c)),
                    (0, _) => Complex64::from(f64::from(r == c)) * (1.0 - 2.0 * r as f64),
                    _ if r == c => Complex64::ZERO,
                    _ => Complex64::new(0.0, 2.0 * r as f64 - 1.0),
                }
            };
            let product: Complex64 = (0..site.targets.len()).map(factor).product();
            coefs[0] * f64::from(row == column) + coefs[1] * product
        }
        Operator::Phases(costs, gamma) if row == column => Complex64::cis(-gamma * costs[row]),
        _ => Complex64::ZERO,
    };
    let targets = crate::bits::scatter(dim - 1, site.targets);
    (0..old.len())
        .map(|i| {
            if (i as u64 ^ site.values) & site.controls != 0 {
                return old[i];
            }
            let row = crate::bits::gather(i, site.targets);
            let with = |j| old[i & !targets | crate::bits::scatter(j, site.targets)];
            (0..dim).map(|j| entry(row, j) * with(j)).sum()
        })
        .collect()
}

fn random_state(n: usize, seed: u64) -> Vec<Complex64> {
    // A linear congruential generator: any numbers do, as long as all differ.
    let mut x = seed | 1;
    let mut next = || {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (x >> 33) as f64 / 2f64.powi(31) - 0.5
    };
    (0..1 << n).map(|_| Complex64::new(next(), next())).collect()
}

/// How a state lies in memory: its flipped bits, and the bit from which strides are three times those
/// of a flat vector.
#[derive(Clone, Copy, Debug)]
struct Lie {
    flips: usize,
    hole: usize,
}

impl Lie {
    const FLAT: Lie = Lie { flips: 0, hole: usize::MAX };

    fn stride(self, bit: usize) -> usize {
        (if bit >= self.hole { 3 } else { 1 }) << bit
    }

    /// Where the amplitude of basis state `index` lies, seen from the lowest one.
    fn place(self, n: usize, index: usize) -> usize {
        (0..n).map(|bit| ((index ^ self.flips) >> bit & 1) * self.stride(bit)).sum()
    }

    fn layout(self, n: usize) -> Layout {
        let sign = |bit: usize| if self.flips >> bit & 1 == 1 { -2 } else { 2 };
        let mut strides: Vec<isize> =
            (0..n).rev().map(|bit| sign(bit) * self.stride(bit) as isize).collect();
        let mut shape = vec![2; n];
        if n == 1 {
            (shape, strides) = (vec![2, 1], vec![strides[0], 0]);
        }
        Layout::of_array("state", &shape, &strides, 0).unwrap()
    }
}

/// Applies the operator in precision `T` on every instruction set and thread count, between guards
/// that must survive, and compares.
fn check<T: Real>(n: usize, operator: &Operator<'_>, site: Site<'_>, epsilon: f64, lie: Lie) {
    let old: Vec<Complex64> = random_state(n, 7 + n as u64);
    let convert = |z: &Complex64| num_complex::Complex::new(T::from_f64(z.re), T::from_f64(z.im));
    let rounded: Vec<_> = old.iter().map(convert).collect();
    let widened: Vec<_> = rounded.iter().map(|z| Complex64::new(z.re.to_f64(), z.im.to_f64())).collect();
    let expected = textbook(&widened, operator, site);
    let layout = lie.layout(n);
    let places: Vec<usize> = (0..1 << n).map(|index| 1 + lie.place(n, index)).collect();
    // A row of a matrix is a sum of 2**k products, each rounded a few times.
    let tolerance = epsilon * 8.0 * (1 << site.targets.len()) as f64;
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        let mut of_one_thread = None;
        for threads in 1..=3 {
            let crew = Crew { isa, threads };
            let guard = num_complex::Complex::new(T::from_f64(77.0), T::from_f64(-77.0));
            let mut buffer = vec![guard; places.iter().max().unwrap() + 2];
            for (&place, &amplitude) in places.iter().zip(&rounded) {
                buffer[place] = amplitude;
            }
            // SAFETY: the layout reaches the places listed above, all inside the buffer.
            let mut state = unsafe { StateMut::from_raw(buffer[1..].as_mut_ptr().cast::<T>(), &layout) };
            apply(&mut state, operator, &site, crew);
            for (&place, expected) in places.iter().zip(&expected) {
                let got = Complex64::new(buffer[place].re.to_f64(), buffer[place].im.to_f64());
                let off = (got - expected).norm();
                assert!(
                    off <= tolerance,
                    "{isa:?}, {threads} threads, {site:?}, {lie:?}: off by {off:e}"
                );
            }
            let first = of_one_thread.get_or_insert_with(|| buffer.clone());
            assert_eq!(*first, buffer, "{isa:?}: {threads} threads changed the bits");
            places.iter().for_each(|&place| buffer[place] = guard);
            assert!(buffer.iter().all(|&other| other == guard), "wrote outside");
        }
    }
}

fn check_lie(n: usize, operator: &Operator<'_>, site: Site<'_>, lie: Lie) {
    check::<f64>(n, operator, site, f64::EPSILON, lie);
    check::<f32>(n, operator, site, f64::from(f32::EPSILON), lie);
}

fn check_both(n: usize, operator: &Operator<'_>, site: Site<'_>) {
    check_lie(n, operator, site, Lie::FLAT);
}

/// Flat as often as not, else with holes, flips or both.
fn lies() -> impl Strategy<Value = Lie> {
    let (some, holes) = (0..1usize << 9, 0..9usize);
    prop_oneof![
        3 => Just(Lie::FLAT),
        1 => holes.clone().prop_map(|hole| Lie { flips: 0, hole }),
        1 => some.clone().prop_map(|flips| Lie { flips, hole: usize::MAX }),
        1 => (some, holes).prop_map(|(flips, hole)| Lie { flips, hole }),
    ]
}

/// Some bits of `n` in some order, of which the first `k` are targets and others controls.
fn sites() -> impl Strategy<Value = (usize, Vec<u8>, u64, u64)> {
    (1usize..=9)
        .prop_flat_map(|n| {
            let bits = Just((0..n as u8).collect::<Vec<_>>()).prop_shuffle();
            (Just(n), bits, 1..=n.min(5), 0usize..=3, any::<u64>())
        })
        .prop_map(|(n, bits, k, controls, values)| {
            let controls = bits[k..].iter().take(controls).fold(0u64, |mask, bit| mask | 1 << bit);
            (n, bits[..k].to_vec(), controls, values & controls)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn dense((n, targets, controls, values) in sites(), seed: u64, lie in lies()) {
        let matrix = random_state(2 * targets.len(), seed);
        check_lie(n, &Operator::Dense(&matrix), Site { targets: &targets, controls, values }, lie);
    }

    #[test]
    fn diagonal((n, targets, controls, values) in sites(), seed: u64, ones: u32, lie in lies()) {
        let mut diagonal = random_state(targets.len(), seed);
        // Entries of exactly 1 are skipped, so there must be some.
        for (i, entry) in diagonal.iter_mut().enumerate() {
            if ones >> (i % 32) & 1 == 1 {
                *entry = Complex64::ONE;
            }
        }
        check_lie(n, &Operator::Diagonal(&diagonal), Site { targets: &targets, controls, values }, lie);
    }

    #[test]
    fn permutation(
        ((n, targets, controls, values), order) in sites().prop_flat_map(|site| {
            let order: Vec<i64> = (0..1 << site.1.len()).collect();
            (Just(site), Just(order).prop_shuffle())
        }),
        lie in lies()
    ) {
        let transpositions = transpositions(&order).unwrap();
        let operator = Operator::Permutation(&transpositions);
        check_lie(n, &operator, Site { targets: &targets, controls, values }, lie);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn pauli((n, targets, controls, values) in sites(), x: u64, z: u64, rotates: bool, lie in lies()) {
        let mask = (1 << targets.len()) - 1;
        let string = PauliString { x: x & mask, z: z & mask };
        let own = if rotates { Complex64::new(0.6, 0.1) } else { Complex64::ZERO };
        let coefs = [own, Complex64::new(-0.3, 0.8)];
        let operator = Operator::Pauli(string, &coefs);
        check_lie(n, &operator, Site { targets: &targets, controls, values }, lie);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn phases((n, targets, controls, values) in sites(), seed: u64, gamma in -9.0..9.0f64, lie in lies()) {
        let costs: Vec<f64> = random_state(targets.len(), seed).iter().map(|z| 3.0 * z.re).collect();
        let operator = Operator::Phases(&costs, gamma);
        check_lie(n, &operator, Site { targets: &targets, controls, values }, lie);
    }

    #[test]
    fn phases_of_a_pair(n in 1usize..9, all: bool, seed: u64, gamma in -9.0..9.0f64) {
        let targets: Vec<u8> = (0..if all { n } else { n.div_ceil(2) } as u8).collect();
        let (controls, values) = if all { (0, 0) } else { (1 << (n - 1) & !1, seed & 1 << (n - 1) & !1) };
        let targets: Vec<u8> = targets.into_iter().filter(|bit| controls >> bit & 1 == 0).collect();
        let costs: Vec<f64> = random_state(targets.len(), seed).iter().map(|z| 3.0 * z.re).collect();
        let site = Site { targets: &targets, controls, values };
        let both = random_state(n + 1, seed ^ 5);
        let (a, b) = both.split_at(1 << n);
        let expected: f64 = (0..1usize << n)
            .filter(|&i| (i as u64 ^ values) & controls == 0)
            .map(|i| costs[crate::bits::gather(i, &targets)] * (b[i].conj() * a[i]).im)
            .sum();
        let turned = textbook(&both, &Operator::Phases(&costs, gamma), site);
        let layout = Layout::flat(n + 1);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            let mut of_one_thread = None;
            for threads in 1..=3 {
                let mut states = both.clone();
                let mut state = StateMut::new(&mut states, &layout);
                let found = apply_phases_to_pair(&mut state, (&costs, gamma), site, Crew { isa, threads });
                prop_assert!((found - expected).abs() < 1e-11, "{isa:?} {found} {expected}");
                prop_assert!(states.iter().zip(&turned).all(|(a, b)| (a - b).norm() < 1e-13));
                prop_assert_eq!(*of_one_thread.get_or_insert(found), found);
            }
        }
    }
}

/// Exhaustive where it is cheap: every target and every control of every gate shape of the table.
#[test]
fn every_placement_of_one_and_two_targets() {
    let (one, two) = (random_state(2, 1), random_state(4, 2));
    for n in 1..=6 {
        for a in 0..n as u8 {
            for c in 0..n as u8 {
                let controls = if c == a { 0 } else { 1 << c };
                for values in [0, controls] {
                    let site = Site { targets: &[a], controls, values };
                    check_both(n, &Operator::Dense(&one), site);
                    check_both(n, &Operator::Diagonal(&one[..2]), site);
                    check_both(n, &Operator::Permutation(&[(0, 1)]), site);
                }
                if c != a {
                    let site = Site { targets: &[a, c], controls: 0, values: 0 };
                    check_both(n, &Operator::Dense(&two), site);
                    check_both(n, &Operator::Diagonal(&two[..4]), site);
                    check_both(n, &Operator::Permutation(&[(1, 2)]), site);
                }
            }
        }
    }
}

/// With three targets the tiled loop begins: every number of targets inside a register, of free bits
/// to change places with, and of neighbouring stops; with a control inside a register or without.
#[test]
fn every_placement_of_three_targets() {
    let matrix = random_state(6, 4);
    for n in 3..=8 {
        for set in (0..1u64 << n).filter(|set| set.count_ones() == 3) {
            let mut targets: Vec<u8> = (0..n as u8).filter(|bit| set >> bit & 1 == 1).collect();
            targets.rotate_left(n % 3);
            let lowest_other = (!set & (set + 1)) & ((1 << n) - 1);
            for (controls, values) in [(0, 0), (lowest_other, 0), (lowest_other, lowest_other)] {
                check_both(n, &Operator::Dense(&matrix), Site { targets: &targets, controls, values });
            }
        }
    }
}

#[test]
fn no_targets() {
    let phase = random_state(0, 5);
    for controls in [0, 1, 4] {
        let site = Site { targets: &[], controls, values: controls };
        check_both(4, &Operator::Dense(&phase), site);
    }
}

#[test]
fn wide_matrices() {
    for (k, others) in [(6, 1), (6, 4), (9, 1), (9, 4)] {
        let matrix = random_state(2 * k, 3);
        let targets: Vec<u8> = (0..k as u8).rev().collect();
        let site = Site { targets: &targets, controls: 0, values: 0 };
        check_both(k + others, &Operator::Dense(&matrix), site);
    }
}
