//! Bessel functions of all orders at once, by Miller's algorithm.
//!
//! The recurrence `f[k - 1] = 2 k / x * f[k] -+ f[k + 1]` is stable downwards, from an order so high that the function
//! is 0 there, and a sum over all orders tells what the result must be divided by: NIST Digital Library of Mathematical
//! Functions, sections 10.74(iv), 10.23.3 and 10.35.5.

/// A number that is larger than this has all scaled down: its square must be finite.
const LARGE: f64 = 1e100;

/// An order from which on both functions are 0 in double precision.
fn highest(x: f64) -> usize {
    (x + 18.0 * x.cbrt()) as usize + 50
}

/// `J[k](x)` for all k that matter, for x > 0.
pub fn j(x: f64) -> Vec<f64> {
    let mut values = downwards(x, -1.0);
    let squares: f64 = values.iter().skip(1).map(|value| value * value).sum();
    let norm = (values[0] * values[0] + 2.0 * squares).sqrt();
    values.iter_mut().for_each(|value| *value /= norm);
    values
}

/// `exp(-x) I[k](x)` for all k that matter, for x > 0.
pub fn scaled_i(x: f64) -> Vec<f64> {
    let mut values = downwards(x, 1.0);
    let sum = values[0] + 2.0 * values.iter().skip(1).sum::<f64>();
    values.iter_mut().for_each(|value| *value /= sum);
    values
}

fn downwards(x: f64, sign: f64) -> Vec<f64> {
    let highest = highest(x);
    let mut values = vec![0.0; highest + 2];
    values[highest] = 1.0;
    for k in (1..=highest).rev() {
        values[k - 1] = 2.0 * k as f64 / x * values[k] + sign * values[k + 1];
        if values[k - 1].abs() > LARGE {
            let scale = 1.0 / values[k - 1].abs();
            values[k - 1..].iter_mut().for_each(|value| *value *= scale);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The power series, with terms that cancel only a little for small x.
    fn series(k: usize, x: f64, sign: f64) -> f64 {
        let mut term = (1..=k).fold(1.0, |term, i| term * x / 2.0 / i as f64);
        let mut sum = 0.0;
        for m in 1..200 {
            sum += term;
            term *= sign * x * x / 4.0 / (m * (m + k)) as f64;
        }
        sum
    }

    #[test]
    fn they_are_the_power_series() {
        for x in [1e-6, 0.03, 0.5, 1.0, 2.5, 4.0] {
            let (j, i) = (j(x), scaled_i(x));
            for k in 0..40 {
                assert!((j[k] - series(k, x, -1.0)).abs() < 4e-15, "J {k} {x}");
                assert!((i[k] - (-x).exp() * series(k, x, 1.0)).abs() < 4e-15, "I {k} {x}");
            }
        }
    }

    /// `exp(i x cos a) = J0 + 2 sum i**k Jk cos(k a)`, and the same without i.
    #[test]
    fn they_add_up_to_exponentials() {
        for x in [0.1, 3.0, 40.0, 1000.0, 30_000.0] {
            for a in [0.0, 0.3, 1.1, 2.9] {
                let cos = |k: usize| (k as f64 * a).cos();
                let values = j(x);
                let even = |k: usize| if k.is_multiple_of(4) { 2.0 } else { -2.0 };
                let sum: f64 = (2..values.len()).step_by(2).map(|k| even(k) * values[k] * cos(k)).sum();
                let error = (values[0] + sum - (x * a.cos()).cos()).abs();
                assert!(error < 1e-14 + 1e-15 * x, "{x} {a} {error}");
                let values = scaled_i(x);
                let sum: f64 = (1..values.len()).map(|k| 2.0 * values[k] * cos(k)).sum();
                let error = (values[0] + sum - (x * a.cos() - x).exp()).abs();
                assert!(error < 1e-14 + 1e-16 * x, "{x} {a} {error}");
            }
        }
    }
}
