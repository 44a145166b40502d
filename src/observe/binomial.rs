//! How many of some shots fall to one side, in constant time, the same on every computer.
//!
//! - Up to four shots are drawn one by one.
//! - Where fewer than ten are expected on the rarer side, the distribution is summed up from 0 until it
//!   passes a uniform number (inversion).
//! - Otherwise by rejection from a hat (Hoermann, "The generation of binomial random variates", 1993,
//!   algorithm BTRS), whose acceptance is always decided by the true ratio of probabilities, to an error of
//!   about `1e-14` in the logarithm: the deviances are computed from the distance to the mean, so that
//!   nothing large is subtracted (Loader, "Fast and accurate computation of binomial probabilities", 2000).
//!
//! With uniform numbers of 53 bits, each draw is then within about `1e-13` of the exact distribution in total
//! variation. Logarithms and exponentials come from `libm`, which computes them without the system's: those
//! of the system differ between computers.

use libm::{exp, log, log1p};

/// More shots than this are not counted exactly by floating point numbers.
pub const MAX_SHOTS: u64 = 1 << 53;

/// Draws from the binomial distribution of `shots` trials, with `left` and `right` in proportion to the
/// probabilities of success and failure, neither negative nor both 0. `uniforms` gives two numbers in
/// [0, 1) for each attempt.
///
/// What has no probability never happens.
pub fn binomial(shots: u64, left: f64, right: f64, uniforms: impl Fn(u32) -> [f64; 2]) -> u64 {
    debug_assert!(shots <= MAX_SHOTS && left >= 0.0 && right >= 0.0 && left + right > 0.0);
    if left <= 0.0 || shots == 0 {
        return 0;
    }
    if right <= 0.0 {
        return shots;
    }
    let sum = left + right;
    if shots <= 4 {
        let success = |i: u64| uniforms(i as u32 / 2)[i as usize % 2] < left / sum;
        return (0..shots).filter(|&i| success(i)).count() as u64;
    }
    // The rarer side is counted.
    let rare = |p: f64| {
        let n = shots as f64;
        if n * p < 10.0 { inversion(n, p, uniforms) } else { rejection(n, p, uniforms) }
    };
    if left <= right { rare(left / sum) } else { shots - rare(right / sum) }
}

/// Adds up probabilities from 0 until they pass a uniform number; `n p < 10`.
fn inversion(n: f64, p: f64, uniforms: impl Fn(u32) -> [f64; 2]) -> u64 {
    let odds = p / (1.0 - p);
    let mut rest = uniforms(0)[0];
    let mut term = exp(n * log1p(-p));
    let mut k = 0.0;
    // Beyond 150 there is less than 1e-100: only rounding leads there.
    while rest >= term && k < n.min(150.0) {
        rest -= term;
        k += 1.0;
        term *= (n - k + 1.0) / k * odds;
    }
    k as u64
}

/// Hoermann's BTRS, without its squeeze; `n p >= 10` and `p <= 0.5`.
fn rejection(n: f64, p: f64, uniforms: impl Fn(u32) -> [f64; 2]) -> u64 {
    let (mean, deviation) = (n * p, (n * p * (1.0 - p)).sqrt());
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let alpha = (2.83 + 5.1 / b) * deviation;
    let at_mode = log_probability(((n + 1.0) * p).floor(), n, p);
    for attempt in 0.. {
        let [u, v] = uniforms(attempt);
        let (u, us) = (u - 0.5, 0.5 - (u - 0.5).abs());
        let k = ((2.0 * a / us + b) * u + mean + 0.5).floor();
        if !(0.0..=n).contains(&k) {
            continue;
        }
        if log(v * alpha / (a / (us * us) + b)) <= log_probability(k, n, p) - at_mode {
            return k as u64;
        }
    }
    unreachable!("more than half of all attempts succeed")
}

/// The logarithm of the probability of `k` of `n`, but for a constant that depends on `n` alone.
fn log_probability(k: f64, n: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    if k <= 0.0 {
        return n * log1p(-p);
    }
    if k >= n {
        return n * log(p);
    }
    let distance = k - n * p;
    let deviances = deviance(distance, n * p) + deviance(-distance, n * q);
    // sqrt(n / (2 pi k (n - k))) by Stirling's formula, with what that leaves out.
    stirling(n) - stirling(k) - stirling(n - k) - deviances - 0.5 * (LN_2_PI + log(k) + log1p(-k / n))
}

/// ln(2 pi).
const LN_2_PI: f64 = 1.837_877_066_409_345_3;

/// `x ln(x / m) + m - x` for `x = m + distance`: what makes `x` where `m` is expected unlikely.
fn deviance(distance: f64, m: f64) -> f64 {
    let e = distance / m;
    if e.abs() > 0.1 {
        return m * ((1.0 + e) * log1p(e) - e);
    }
    // (1 + e) ln(1 + e) - e = e^2 / 2 - e^3 / 6 + e^4 / 12 - ... = sum (-e)^j / (j (j - 1))
    let mut sum = 0.0;
    for j in (2..18).rev() {
        sum = 1.0 / f64::from(j * (j - 1)) - e * sum;
    }
    m * e * e * sum
}

/// `ln(n!)` less Stirling's `(n + 1/2) ln n - n + ln(2 pi) / 2`.
fn stirling(n: f64) -> f64 {
    if n < 16.0 {
        return STIRLING[n as usize];
    }
    let square = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square)
            / square)
        / n
}

/// [`stirling`] of the first numbers; that of 0 is never taken.
const STIRLING: [f64; 16] = [
    0.0,
    0.08106146679532726,
    0.0413406959554093,
    0.02767792568499834,
    0.020790672103765093,
    0.016644691189821193,
    0.013876128823070748,
    0.01189670994589177,
    0.010411265261972096,
    0.009255462182712733,
    0.00833056343336287,
    0.007573675487951841,
    0.00694284010720953,
    0.006408994188004207,
    0.0059513701127588475,
    0.005554733551962801,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::philox::{Keyed, Purpose};

    fn draw(number: u64, shots: u64, left: f64, right: f64) -> u64 {
        let random = Keyed::new(2026, 0);
        binomial(shots, left, right, |attempt| random.uniforms(Purpose::Split, number, attempt))
    }

    /// `ln(n!)`, added up.
    fn ln_factorial(n: u64) -> f64 {
        (2..=n).map(|i| (i as f64).ln()).sum()
    }

    #[test]
    fn the_logarithm_of_a_probability_is_its_definition() {
        for (n, p) in [(1u64, 0.5), (7, 0.3), (40, 0.5), (100, 1e-3), (3000, 0.25)] {
            for k in 0..=n {
                let ways = ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
                let expected = ways + k as f64 * f64::ln(p) + (n - k) as f64 * f64::ln_1p(-p);
                let got = log_probability(k as f64, n as f64, p);
                assert!((got - expected).abs() < 1e-11 * (1.0 + expected.abs()), "{k} of {n} at {p}");
            }
        }
        // Near the mean of 10**15, where each logarithm is 3e16: a step of one deviation is -1/2.
        let (n, deviation) = (1e15, 0.5e15f64.sqrt() / 2f64.sqrt());
        let step =
            log_probability(n / 2.0 + deviation.floor(), n, 0.5) - log_probability(n / 2.0, n, 0.5);
        assert!((step + 0.5 * (deviation.floor() / deviation).powi(2)).abs() < 1e-12);
    }

    /// Chi-square over bins with an expectation of at least 20. With f degrees of freedom, more than
    /// f + 2 sqrt(f x) + 2 x has at most the probability exp(-x) (Laurent and Massart, 2000): with x = 14,
    /// a case is false in one of a million seeds.
    #[test]
    fn draws_have_the_distribution() {
        const DRAWS: usize = 40_000;
        for (case, (n, left, right)) in [
            (3u64, 1.0, 2.0),
            (5, 1.0, 1.0),
            (30, 1.0, 3.0),
            (30, 3.0, 1.0),
            (21, 1.0, 1.0),
            (40, 0.26, 0.74),
            (1000, 1.0, 150.0),
            (1000, 1e-200, 1e-200),
            (5000, 4e-308, 1e-308),
            (1_000_000, 1.2e-5, 1.0),
            (100_000, 0.3, 0.7),
        ]
        .into_iter()
        .enumerate()
        {
            let p = left / (left + right);
            let mut drawn: Vec<u64> =
                (0..DRAWS).map(|i| draw((case * DRAWS + i) as u64, n, left, right)).collect();
            drawn.sort_unstable();
            assert!(*drawn.last().unwrap() <= n);
            let (mut statistic, mut bins, mut expected, mut from) = (0.0, 0.0, 0.0, 0);
            let mut left_over = DRAWS as f64;
            for k in 0..=n {
                expected += DRAWS as f64 * log_probability(k as f64, n as f64, p).exp();
                if expected >= 20.0 && left_over - expected >= 20.0 {
                    let to = drawn.partition_point(|&d| d <= k);
                    statistic += ((to - from) as f64 - expected).powi(2) / expected;
                    (from, left_over, expected) = (to, left_over - expected, 0.0);
                    bins += 1.0;
                }
            }
            statistic += ((DRAWS - from) as f64 - left_over).powi(2) / left_over;
            let limit = bins + 2.0 * f64::sqrt(14.0 * bins) + 28.0;
            assert!(statistic < limit, "{n} at {p}: {statistic} of {bins}");
        }
    }

    /// Mean and variance of the deviation from the mean, in its own units: within five deviations each.
    #[test]
    fn many_shots_have_mean_and_variance() {
        for (n, p) in [(1u64 << 30, 0.5), (1_000_000_000_000, 0.37), (MAX_SHOTS, 1e-9), (MAX_SHOTS, 0.5)]
        {
            let deviation = (n as f64 * p * (1.0 - p)).sqrt();
            let drawn = (0..20_000).map(|i| (draw(i, n, p, 1.0 - p) as f64 - n as f64 * p) / deviation);
            let (sum, squares) = drawn.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
            assert!(sum.abs() < 5.0 * 20_000f64.sqrt(), "{n} at {p}: {sum}");
            assert!((squares - 20_000.0).abs() < 5.0 * 40_000f64.sqrt(), "{n} at {p}: {squares}");
        }
    }

    #[test]
    fn extremes() {
        for uniform in [0.0, 0.5, 1.0 - f64::EPSILON / 2.0] {
            let draw = |shots, left, right| binomial(shots, left, right, |_| [uniform, 0.5]);
            for shots in [0, 1, 4, 5, 1000, MAX_SHOTS] {
                assert_eq!(draw(shots, 0.0, 1.0), 0);
                assert_eq!(draw(shots, 1.0, 0.0), shots);
                assert_eq!(draw(shots, 0.0, 5e-324), 0);
            }
            for (shots, p) in [(5, 0.5), (5, 0.1), (1000, 1e-300), (1000, 0.009)] {
                assert!(draw(shots, p, 1.0 - p) <= shots.min(150));
            }
        }
    }
}
