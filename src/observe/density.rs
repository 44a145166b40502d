//! Traces with density matrices: a density matrix on n qubits is a state of 2n, whose first half are rows.
//!
//! What is observed reads few entries, `2**n` for each X of a sum: nothing here needs registers.

use std::collections::BTreeMap;

use num_complex::Complex64;

use crate::bits::sign;
use crate::exec;
use crate::layout::Layout;
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
    fn sum(&self, threads: usize, value: impl Fn(usize) -> Complex64 + Sync) -> Complex64 {
        let levels = self.num_qubits.saturating_sub(LEAF_BITS);
        let leaf = |part: crate::kernels::Part| {
            let range = part.range(1 << self.num_qubits);
            (range.start as usize..range.end as usize).map(&value).sum()
        };
        exec::reduce(threads, levels as u32, leaf, |a: Complex64, b| a + b)
    }

    fn at<T: Real>(&self, rho: StateRef<'_, T>, row: usize, column: usize) -> Complex64 {
        // SAFETY: places of a row and of a column add up to distinct strides.
        let entry = unsafe { rho.at(self.rows[row] + self.columns[column]) };
        Complex64::new(entry.re.to_f64(), entry.im.to_f64())
    }
}

/// The trace of `rho * sum`.
///
/// # Panics
/// Where the sum does not have half of the qubits.
pub fn trace_of_sum<T: Real>(rho: StateRef<'_, T>, sum: &PauliSum, threads: usize) -> Complex64 {
    let entries = Entries::new(rho.layout());
    assert_eq!(sum.num_qubits(), entries.num_qubits, "a sum for this matrix");
    let mut groups: BTreeMap<u64, Vec<(u64, Complex64)>> = BTreeMap::new();
    for &(string, coefficient) in sum.terms() {
        groups.entry(string.x).or_default().push((string.z, coefficient * string.phase()));
    }
    entries.sum(threads, |row| {
        let value = |(x, terms): (&u64, &Vec<(u64, Complex64)>)| {
            let factor: Complex64 = terms.iter().map(|&(z, c)| c * sign(row as u64 & z)).sum();
            factor * entries.at(rho, row, row ^ *x as usize)
        };
        groups.iter().map(value).sum()
    })
}

/// The trace of `rho * matrix`, the entries of which are given row by row.
///
/// # Panics
/// Where the two are of different sizes.
pub fn trace_of_matrix<T: Real>(
    rho: StateRef<'_, T>,
    matrix: &[Complex64],
    threads: usize,
) -> Complex64 {
    let entries = Entries::new(rho.layout());
    let dim = 1 << entries.num_qubits;
    assert_eq!(matrix.len(), dim * dim, "a matrix of the same size");
    let value = |row, column| entries.at(rho, row, column) * matrix[column * dim + row];
    entries.sum(threads, |row| (0..dim).map(|column| value(row, column)).sum())
}

/// The trace of `rho` times a diagonal matrix.
///
/// # Panics
/// Where the two are of different sizes.
pub fn trace_of_diagonal<T: Real>(rho: StateRef<'_, T>, diagonal: &[f64], threads: usize) -> Complex64 {
    let entries = Entries::new(rho.layout());
    assert_eq!(diagonal.len(), 1 << entries.num_qubits, "a diagonal of the same size");
    entries.sum(threads, |row| entries.at(rho, row, row) * diagonal[row])
}
