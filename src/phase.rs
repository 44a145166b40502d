//! Phases, `exp(i x)`, of which the entries of all gates with parameters are made.

use std::f64::consts::FRAC_2_PI;

use num_complex::Complex64;

/// Up to here three pieces of pi/2 are enough to reduce an angle: a multiple of the first two is
/// exact up to `2**27`.
const REDUCED_TO: f64 = 1e6;

/// `exp(i x)` for an angle in radians, each part within `2**-52` of its value.
///
/// After subtracting the nearest multiple of pi/2, two polynomials, and no branch but one: a loop
/// over many angles is compiled to the lanes of the CPU around it, and gives the same bits. With
/// AVX-512 an angle takes 2 ns, the two calls of the standard library 15, and `f64x8::sin_cos` of the
/// crate `wide`, whose lanes are chosen when it is compiled, 9 to 12.
///
/// The reduction is that of Cody and Waite, Software Manual for the Elementary Functions (1980); the
/// coefficients are those of S. Moshier's Cephes library.
///
/// ```
/// use numket::phase::phase;
/// assert_eq!(phase(0.0), num_complex::Complex64::ONE);
/// assert!((phase(1.0).re - 1f64.cos()).abs() < 2e-16);
/// ```
#[inline(always)]
pub fn phase(x: f64) -> Complex64 {
    if x.abs() <= REDUCED_TO { reduced(x) } else { Complex64::cis(x) }
}

/// Writes the phases of some angles, at most as many as there is room for.
#[inline(always)]
pub fn phases(angles: &[f64], out: &mut [Complex64]) {
    if angles.iter().fold(true, |all, x| all & (x.abs() <= REDUCED_TO)) {
        angles.iter().zip(out).for_each(|(&x, out)| *out = reduced(x));
    } else {
        angles.iter().zip(out).for_each(|(&x, out)| *out = phase(x));
    }
}

#[inline(always)]
fn reduced(x: f64) -> Complex64 {
    /// Adding it rounds a number to an integer, which stands in the lowest bits of the sum.
    const TO_INTEGER: f64 = 6_755_399_441_055_744.0;
    const HALF_PI: [f64; 3] =
        [1.570_796_310_901_641_8, 1.589_325_471_229_585_7e-8, 6.123_233_995_736_766e-17];
    const SIN: [f64; 6] = [
        1.589_623_015_765_465_6e-10,
        -2.505_074_776_285_780_7e-8,
        2.755_731_362_138_572_2e-6,
        -1.984_126_982_958_954e-4,
        8.333_333_333_322_118e-3,
        -1.666_666_666_666_663e-1,
    ];
    const COS: [f64; 6] = [
        -1.135_853_652_138_768_2e-11,
        2.087_570_084_197_473e-9,
        -2.755_731_417_929_674e-7,
        2.480_158_728_885_170_5e-5,
        -1.388_888_888_887_305_6e-3,
        4.166_666_666_666_659_5e-2,
    ];
    let sum = x * FRAC_2_PI + TO_INTEGER;
    let (quadrant, turns) = (sum.to_bits(), sum - TO_INTEGER);
    let x = ((x - turns * HALF_PI[0]) - turns * HALF_PI[1]) - turns * HALF_PI[2];
    let square = x * x;
    let polynomial = |of: [f64; 6]| of.into_iter().fold(0.0, |sum, next| sum * square + next);
    let sin = x + x * square * polynomial(SIN);
    let cos = 1.0 - 0.5 * square + square * square * polynomial(COS);
    let (re, im) = if quadrant & 1 == 0 { (cos, sin) } else { (sin, cos) };
    let signed = |value: f64, quadrant: u64| f64::from_bits(value.to_bits() ^ (quadrant >> 1 & 1) << 63);
    Complex64::new(signed(re, quadrant.wrapping_add(1)), signed(im, quadrant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_near(x: f64) {
        let (got, expected) = (phase(x), Complex64::cis(x));
        for (got, expected) in [(got.re, expected.re), (got.im, expected.im)] {
            assert!((got - expected).abs() <= f64::EPSILON, "{x}: {got} is not {expected}");
        }
    }

    proptest! {
        #[test]
        fn phases_are_those_of_the_standard_library(x in prop_oneof![-10.0..10.0f64, -2e6..2e6f64, any::<f64>()]) {
            prop_assume!(x.is_finite());
            assert_near(x);
            assert_near((x % 1e6 / std::f64::consts::FRAC_PI_2).round() * std::f64::consts::FRAC_PI_2);
        }

        #[test]
        fn many_are_the_same_as_each(angles in prop::collection::vec(-2e6..2e6f64, 0..20)) {
            let mut out = vec![Complex64::ZERO; angles.len()];
            phases(&angles, &mut out);
            prop_assert_eq!(out, angles.iter().map(|&x| phase(x)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn both_sides_of_the_largest_angle_that_is_reduced() {
        for x in [REDUCED_TO, REDUCED_TO.next_up(), -REDUCED_TO, REDUCED_TO.next_down(), 1e22, f64::MAX]
        {
            assert_near(x);
        }
    }

    #[test]
    fn the_smallest_angles_are_their_own_sine() {
        for x in [0.0, f64::MIN_POSITIVE, 1e-300, 1e-20] {
            assert_eq!((phase(x).im, phase(-x).im), (x, -x));
        }
    }
}
