//! Between which numbers all eigenvalues of a Hermitian sum of Pauli strings lie.
//!
//! The strings are shared out to clusters of few qubits. The least eigenvalue of a sum of Hermitian matrices is at
//! least the sum of their least eigenvalues, and each of those is that of a small matrix (P. W. Anderson, Physical
//! Review 83, 1260 (1951)). So the bounds are proven, whatever the state is. For a chain they are far closer than the
//! sum of the absolute values of all coefficients, which multiplies the length of a series: 2.0 times for Heisenberg's
//! model, 1.5 times for Ising's in a transverse field.

use std::collections::HashMap;

use num_complex::Complex64;

use crate::bits::{set_bits, sign};
use crate::operator::PauliString;
use crate::pauli_sum::PauliSum;

/// Qubits of a cluster, for sums on many qubits and on few: a matrix of 64 rows takes 0.4 ms, one of 16 rows 10 us.
const CLUSTER: usize = 6;
const SMALL_CLUSTER: usize = 4;

/// Sums on so many qubits are worth larger clusters.
const LARGE: usize = 12;

/// By how much rounding may move an eigenvalue, for each row of a matrix, in units of the sum of all coefficients.
const MARGIN: f64 = 16.0 * f64::EPSILON;

/// What tells clusters apart: the X and Z bits of each string, and those of its coefficient.
type Key = Vec<(u64, u64, u64)>;

/// The coefficients of some strings.
type Strings = Vec<(PauliString, f64)>;

/// An interval that holds all eigenvalues of a Hermitian sum.
pub fn spectrum(sum: &PauliSum) -> (f64, f64) {
    let limit = if sum.num_qubits() < LARGE { SMALL_CLUSTER } else { CLUSTER };
    let mut known: HashMap<Key, (f64, f64)> = HashMap::new();
    let (mut low, mut high) = (0.0, 0.0);
    for (mask, strings) in clusters(sum, limit) {
        let (least, most) = match &strings[..] {
            [(string, value)] if *string == PauliString::default() => (*value, *value),
            [(_, value)] => (-value.abs(), value.abs()),
            _ => {
                let qubits: Vec<usize> = set_bits(mask).collect();
                let local = |mask: u64| {
                    let ones = |(i, qubit): (usize, &usize)| (mask >> qubit & 1) << i;
                    qubits.iter().enumerate().map(ones).sum::<u64>()
                };
                let key = |(string, value): &(PauliString, f64)| {
                    (local(string.x), local(string.z), value.to_bits())
                };
                let strings: Vec<_> = strings.iter().map(key).collect();
                let extremes = || extremes(&strings, qubits.len());
                *known.entry(strings.clone()).or_insert_with(extremes)
            }
        };
        low += least;
        high += most;
    }
    (low, high)
}

/// Shares out the strings: each to the cluster with which it has most qubits in common, if there is room, else to
/// one of its own. Those on more qubits than a cluster has stay alone.
fn clusters(sum: &PauliSum, limit: usize) -> Vec<(u64, Strings)> {
    let mut terms: Strings = sum.terms().iter().map(|&(string, value)| (string, value.re)).collect();
    let support = |string: &PauliString| string.x | string.z;
    terms.sort_by_key(|(string, _)| (support(string).leading_zeros(), *string));
    let mut clusters: Vec<(u64, Strings)> = Vec::new();
    // The clusters that each qubit belongs to.
    let mut with: Vec<Vec<usize>> = vec![Vec::new(); 64];
    for term in terms {
        let mask = support(&term.0);
        let open = mask.count_ones() as usize <= limit;
        let near = set_bits(mask).flat_map(|qubit| &with[qubit]).filter(|_| open);
        let room = |&&number: &&usize| (clusters[number].0 | mask).count_ones() as usize <= limit;
        let common = |&&number: &&usize| (clusters[number].0 & mask).count_ones();
        let best = near.filter(room).max_by_key(common).copied();
        let number = best.unwrap_or_else(|| {
            clusters.push((0, Vec::new()));
            clusters.len() - 1
        });
        let cluster = &mut clusters[number];
        for qubit in set_bits(mask & !cluster.0).filter(|_| open) {
            with[qubit].push(number);
        }
        cluster.0 |= mask;
        cluster.1.push(term);
    }
    clusters
}

/// A bound on the least and on the largest eigenvalue of a sum of strings on few qubits: that eigenvalue, but for
/// rounding, for which there is a margin.
fn extremes(strings: &[(u64, u64, u64)], qubits: usize) -> (f64, f64) {
    let dim = 1usize << qubits;
    let mut matrix = vec![Complex64::ZERO; dim * dim];
    let mut all = 0.0;
    for &(x, z, bits) in strings {
        let value = f64::from_bits(bits);
        let phase = PauliString { x, z }.phase() * value;
        all += value.abs();
        for column in 0..dim {
            let row = column ^ x as usize;
            matrix[row * dim + column] += phase * sign(column as u64 & z);
        }
    }
    let (diagonal, beside) = tridiagonal(&mut matrix, dim);
    let margin = MARGIN * dim as f64 * all;
    let least = eigenvalue(&diagonal, &beside, 0, all) - margin;
    let most = eigenvalue(&diagonal, &beside, dim - 1, all) + margin;
    (least.max(-all), most.min(all))
}

/// Makes a Hermitian matrix tridiagonal and real by Householder's reflections (G. H. Golub and C. F. Van Loan, Matrix
/// Computations, 4th edition (Johns Hopkins, 2013), section 8.3.1): the diagonal, and the squares of the numbers
/// beside it.
fn tridiagonal(a: &mut [Complex64], dim: usize) -> (Vec<f64>, Vec<f64>) {
    let mut beside = vec![0.0; dim.saturating_sub(1)];
    let (mut v, mut p) = (vec![Complex64::ZERO; dim], vec![Complex64::ZERO; dim]);
    for k in 0..dim.saturating_sub(1) {
        let square: f64 = (k + 1..dim).map(|i| a[i * dim + k].norm_sqr()).sum();
        beside[k] = square;
        let first = a[(k + 1) * dim + k];
        if square == 0.0 || k + 2 == dim {
            continue;
        }
        let norm = square.sqrt();
        let turn = if first.norm() == 0.0 { Complex64::ONE } else { first / first.norm() };
        for i in k + 1..dim {
            v[i] = a[i * dim + k];
        }
        v[k + 1] += turn * norm;
        // Twice the inverse of the square of v.
        let tau = 1.0 / (norm * (norm + first.norm()));
        for i in k + 1..dim {
            let row = &a[i * dim + k + 1..(i + 1) * dim];
            p[i] = row.iter().zip(&v[k + 1..]).map(|(a, v)| a * v).sum::<Complex64>() * tau;
        }
        let inner: Complex64 = (k + 1..dim).map(|i| v[i].conj() * p[i]).sum();
        for i in k + 1..dim {
            p[i] -= v[i] * (0.5 * tau * inner.re);
        }
        for i in k + 1..dim {
            for j in k + 1..dim {
                a[i * dim + j] -= v[i] * p[j].conj() + p[i] * v[j].conj();
            }
        }
    }
    ((0..dim).map(|i| a[i * dim + i].re).collect(), beside)
}

/// An eigenvalue of a tridiagonal matrix, by its number from the least, by bisection (Golub and Van Loan, section
/// 8.4.1). All lie within `reach`.
pub fn eigenvalue(diagonal: &[f64], beside: &[f64], number: usize, reach: f64) -> f64 {
    let below = |x: f64| {
        let (mut count, mut d) = (0, 1.0f64);
        for (i, &a) in diagonal.iter().enumerate() {
            let coupled = if i == 0 { 0.0 } else { beside[i - 1] / d };
            d = a - x - coupled;
            if d.abs() < f64::MIN_POSITIVE {
                d = f64::MIN_POSITIVE;
            }
            count += usize::from(d < 0.0);
        }
        count
    };
    let (mut low, mut high) = (-1.01 * reach, 1.01 * reach);
    while high - low > f64::EPSILON * reach {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) > number { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain with the same strings on all neighbours, and on all qubits.
    fn chain(n: usize, pairs: &[(&str, f64)], singles: &[(&str, f64)]) -> PauliSum {
        let pairs = pairs
            .iter()
            .flat_map(|&(letters, value)| (0..n - 1).map(move |q| (letters, vec![q, q + 1], value)));
        let singles =
            singles.iter().flat_map(|&(letters, value)| (0..n).map(move |q| (letters, vec![q], value)));
        PauliSum::on(n, pairs.chain(singles)).unwrap()
    }

    #[test]
    fn small_sums_have_their_extreme_eigenvalues() {
        // A triplet and a singlet.
        let (low, high) = spectrum(&chain(2, &[("XX", 1.0), ("YY", 1.0), ("ZZ", 1.0)], &[]));
        assert!((low + 3.0).abs() < 1e-12 && (high - 1.0).abs() < 1e-12);
        // Two spins in a field along a slanted axis.
        let sum = PauliSum::of([("XI", 3.0), ("YI", 4.0), ("IZ", -2.0), ("II", 0.5)]).unwrap();
        let (low, high) = spectrum(&sum);
        assert!((low + 6.5).abs() < 1e-12 && (high - 7.5).abs() < 1e-12, "{low} {high}");
    }

    /// Bounds of open chains, whose exact least eigenvalue is known: P. Pfeuty, Annals of Physics 57, 79 (1970).
    #[test]
    fn the_bounds_of_a_chain_are_close_and_hold() {
        for n in [4, 8, 13, 20] {
            let (low, high) = spectrum(&chain(n, &[("ZZ", -1.0)], &[("X", -1.0)]));
            let exact = 1.0 - 1.0 / (std::f64::consts::PI / (4 * n + 2) as f64).sin();
            assert!(low <= exact && low > 1.09 * exact, "{n}: {low} {exact}");
            assert!((low + high).abs() < 1e-9);
        }
        let (low, high) = spectrum(&chain(20, &[("XX", 1.0), ("YY", 1.0), ("ZZ", 1.0)], &[]));
        assert!(high > 18.999 && high < 19.001 && low > -2.1 * 19.0, "{low} {high}");
    }

    #[test]
    fn strings_on_many_qubits_count_with_their_coefficients() {
        let sum = PauliSum::of([("XXXXXXXX", 0.5), ("ZZZZZZZZ", -0.25)]).unwrap();
        assert_eq!(spectrum(&sum), (-0.75, 0.75));
        assert_eq!(spectrum(&PauliSum::of([("III", 2.0)]).unwrap()), (2.0, 2.0));
    }
}
