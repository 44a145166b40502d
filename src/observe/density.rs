//! Traces with density matrices: a density matrix on n qubits is a state of 2n, whose first half are rows.
//!
//! What is observed reads few entries, `2**n` for each X of a sum: nothing here needs registers.

use std::collections::BTreeMap;

use num_complex::Complex64;

use super::Observable;
use crate::bits::sign;
use crate::error::Result;
use crate::exec::{self, Crew};
use crate::layout::Layout;
use crate::operator::PauliString;
use crate::pauli_sum::PauliSum;
use crate::simd::Real;
use crate::state::StateRef;

/// A leaf of a sum has `2**LEAF_BITS` rows.
const LEAF_BITS: usize = 8;

/// Where the rows of a density matrix lie, and where the columns, as seen from each other.
struct Entries {
    num_qubits: usize,
    rows: Vec<isize>,
    columns: Vec<isize>,
}

impl Entries {
    fn new(layout: &Layout) -> Entries {
        assert!(layout.num_qubits().is_multiple_of(2), "as many qubits for rows as for columns");
        let n = layout.num_qubits() / 2;
        let bits: Vec<usize> = layout.qubit_bits().collect();
        let places = |bits: &[usize], first: isize| {
            let mut places = vec![first];
            for &bit in bits.iter().rev() {
                let stride = layout.signed_stride(bit);
                places.extend_from_within(..);
                let half = places.len() / 2;
                places[half..].iter_mut().for_each(|place| *place += stride);
            }
            places
        };
        // The origin is the lowest address; entry 0 lies above it by what is flipped.
        let (rows, columns) = bits.split_at(n);
        Entries { num_qubits: n, rows: places(rows, -layout.lowest()), columns: places(columns, 0) }
    }

    /// The sum of what `value` makes of each row.
    fn sum(&self, crew: Crew, value: impl Fn(usize) -> Complex64 + Sync) -> Complex64 {
        let levels = self.num_qubits.saturating_sub(LEAF_BITS);
        let leaf = |chunk: crate::kernels::Chunk| {
            let range = chunk.range(1 << self.num_qubits);
            (range.start as usize..range.end as usize).map(&value).sum()
        };
        exec::reduce(crew.threads, levels as u32, leaf, |a: Complex64, b| a + b)
    }

    fn at<T: Real>(&self, rho: StateRef<'_, T>, row: usize, column: usize) -> Complex64 {
        // SAFETY: places of a row and of a column add up to distinct strides.
        let entry = unsafe { rho.at(self.rows[row] + self.columns[column]) };
        Complex64::new(entry.re.to_f64(), entry.im.to_f64())
    }
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
    let entries = Entries::new(rho.layout());
    observable.check(entries.num_qubits)?;
    let dim = 1 << entries.num_qubits;
    Ok(match observable {
        Observable::Matrix(matrix) => {
            let value = |row, column| entries.at(rho, row, column) * matrix[column * dim + row];
            entries.sum(crew, |row| (0..dim).map(|column| value(row, column)).sum())
        }
        Observable::Diagonal(diagonal) => {
            entries.sum(crew, |row| entries.at(rho, row, row) * diagonal[row])
        }
        Observable::Sum(sum) => trace_of_sum(rho, &entries, sum, crew),
        Observable::Letters(letters) => {
            let term = (PauliString::of(letters)?, Complex64::ONE);
            trace_of_sum(rho, &entries, &PauliSum::new(entries.num_qubits, [term])?, crew)
        }
    })
}

/// What one thread needs for [`trace`], in nanoseconds.
pub fn nanos_to_trace(layout: &Layout, observable: Observable<'_>) -> f64 {
    let terms = match observable {
        Observable::Matrix(matrix) => return 2.0 * matrix.len() as f64,
        Observable::Diagonal(_) | Observable::Letters(_) => 1,
        Observable::Sum(sum) => sum.terms().len(),
    };
    2.0 * (terms << (layout.num_qubits() / 2)) as f64
}

fn trace_of_sum<T: Real>(
    rho: StateRef<'_, T>,
    entries: &Entries,
    sum: &PauliSum,
    crew: Crew,
) -> Complex64 {
    let mut groups: BTreeMap<u64, Vec<(u64, Complex64)>> = BTreeMap::new();
    for &(string, coefficient) in sum.terms() {
        groups.entry(string.x).or_default().push((string.z, coefficient * string.phase()));
    }
    entries.sum(crew, |row| {
        let value = |(x, terms): (&u64, &Vec<(u64, Complex64)>)| {
            let factor: Complex64 = terms.iter().map(|&(z, c)| c * sign(row as u64 & z)).sum();
            factor * entries.at(rho, row, row ^ *x as usize)
        };
        groups.iter().map(value).sum()
    })
}
