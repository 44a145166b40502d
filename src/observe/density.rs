//! Traces with density matrices: a density matrix on n qubits is a state of 2n, whose first half are rows.
//!
//! Observables read few entries, `2**n` for each X of a sum, so nothing here needs registers.

use std::collections::BTreeMap;

use num_complex::Complex64;

use super::Observable;
use crate::bits::sign;
use crate::error::Result;
use crate::exec::{self, Crew};
use crate::kernels::Chunk;
use crate::kernels::read::Entries;
use crate::layout::Layout;
use crate::operator::PauliString;
use crate::pauli_sum::PauliSum;
use crate::simd::Real;
use crate::state::StateRef;

/// A leaf of a sum has `2**LEAF_BITS` rows.
const LEAF_BITS: usize = 8;

/// The sum of what `value` makes of each row, in a fixed tree.
fn sum_of_rows(num_qubits: usize, crew: Crew, value: impl Fn(usize) -> Complex64 + Sync) -> Complex64 {
    let levels = num_qubits.saturating_sub(LEAF_BITS);
    let leaf = |chunk: Chunk| {
        let range = chunk.range(1 << num_qubits);
        (range.start as usize..range.end as usize).map(&value).sum()
    };
    exec::reduce(crew.threads, levels as u32, leaf, |a: Complex64, b| a + b)
}

/// The trace of a density matrix times an observable on as many qubits as it has rows for.
///
/// # Errors
/// As [`Observable::check`].
pub fn trace<T: Real>(
    rho: StateRef<'_, T>,
    observable: Observable<'_>,
    crew: Crew,
) -> Result<Complex64> {
    let entries = Entries::new(rho);
    let n = entries.num_qubits();
    observable.check(n)?;
    Ok(match observable {
        Observable::Matrix(matrix) => {
            let value = |row, column| entries.at(row, column) * matrix[(column << n) + row];
            sum_of_rows(n, crew, |row| (0..1 << n).map(|column| value(row, column)).sum())
        }
        Observable::Diagonal(diagonal) => {
            sum_of_rows(n, crew, |row| entries.at(row, row) * diagonal[row])
        }
        Observable::Sum(sum) => trace_of_sum(&entries, sum, crew),
        Observable::Letters(letters) => {
            let term = (PauliString::of(letters)?, Complex64::ONE);
            trace_of_sum(&entries, &PauliSum::new(n, [term])?, crew)
        }
    })
}

/// Estimate for [`trace`].
pub fn nanos_to_trace(layout: &Layout, observable: Observable<'_>) -> f64 {
    let terms = match observable {
        Observable::Matrix(matrix) => return 2.0 * matrix.len() as f64,
        Observable::Diagonal(_) | Observable::Letters(_) => 1,
        Observable::Sum(sum) => sum.terms().len(),
    };
    2.0 * (terms << (layout.num_qubits() / 2)) as f64
}

fn trace_of_sum<T: Real>(entries: &Entries<'_, T>, sum: &PauliSum, crew: Crew) -> Complex64 {
    let mut groups: BTreeMap<u64, Vec<(u64, Complex64)>> = BTreeMap::new();
    for &(string, coefficient) in sum.terms() {
        groups.entry(string.x).or_default().push((string.z, coefficient * string.phase()));
    }
    sum_of_rows(entries.num_qubits(), crew, |row| {
        let value = |(x, terms): (&u64, &Vec<(u64, Complex64)>)| {
            let factor: Complex64 = terms.iter().map(|&(z, c)| c * sign(row as u64 & z)).sum();
            factor * entries.at(row, row ^ *x as usize)
        };
        groups.iter().map(value).sum()
    })
}
