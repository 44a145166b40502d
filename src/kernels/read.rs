//! Amplitudes one by one, for readings that gain nothing from registers.

use num_complex::Complex64;

use super::{Chunk, Deltas, Walk};
use crate::bits::bit_of;
use crate::layout::{Layout, MAX_BITS};
use crate::simd::Real;
use crate::state::StateRef;

/// The basis index at the lowest address, and how it changes with each bit of the address.
pub fn weights(layout: &Layout) -> (isize, [isize; MAX_BITS]) {
    let (mut first, mut weights) = (0, [0; MAX_BITS]);
    for (qubit, bit) in layout.qubit_bits().enumerate() {
        let weight = 1 << bit_of(qubit, layout.num_qubits());
        let flipped = layout.flipped() >> bit & 1 == 1;
        weights[bit] = if flipped { -weight } else { weight };
        first += if flipped { weight } else { 0 };
    }
    (first, weights)
}

/// The amplitudes of a chunk of a state, each with its basis index, in the order of their addresses.
#[inline]
pub fn indexed<'a, T: Real>(
    state: StateRef<'a, T>,
    deltas: &'a mut Deltas<2>,
    chunk: Chunk,
) -> impl Iterator<Item = (usize, Complex64)> {
    let layout = state.layout();
    let (first, weights) = weights(layout);
    let strides = (0..layout.num_qubits()).map(|bit| [layout.stride(bit), weights[bit]]);
    let walk = Walk::new(deltas, strides, [0, first], chunk);
    walk.map(move |[stop, index]| {
        // SAFETY: the walk adds up distinct strides of the layout.
        let amplitude = unsafe { state.at(stop) };
        (index as usize, Complex64::new(amplitude.re.to_f64(), amplitude.im.to_f64()))
    })
}

/// The entries of a density matrix on n qubits: a state of 2n qubits, of which the first n number its rows
/// and the others its columns.
pub struct Entries<'a, T> {
    state: StateRef<'a, T>,
    num_qubits: usize,
    /// Where each row begins, and how far each column lies from there.
    rows: Vec<isize>,
    columns: Vec<isize>,
}

impl<'a, T: Real> Entries<'a, T> {
    /// Those of a state.
    ///
    /// # Panics
    /// Where the number of its qubits is odd.
    pub fn new(state: StateRef<'a, T>) -> Entries<'a, T> {
        let layout = state.layout();
        assert!(layout.num_qubits().is_multiple_of(2), "as many qubits for rows as for columns");
        let num_qubits = layout.num_qubits() / 2;
        let bits: Vec<usize> = layout.qubit_bits().collect();
        let (rows, columns) = bits.split_at(num_qubits);
        // The origin is the lowest address; entry 0 lies above it by what is flipped.
        let rows = offsets(layout, rows, -layout.lowest());
        Entries { state, num_qubits, rows, columns: offsets(layout, columns, 0) }
    }

    /// The qubits that number the rows.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// An entry.
    ///
    /// # Panics
    /// Where there is no such row or column.
    #[inline]
    pub fn at(&self, row: usize, column: usize) -> Complex64 {
        // SAFETY: rows and columns have different bits, so these two offsets add up distinct strides.
        let entry = unsafe { self.state.at(self.rows[row] + self.columns[column]) };
        Complex64::new(entry.re.to_f64(), entry.im.to_f64())
    }
}

/// The offset of each setting of some bits, the first of which is the most significant.
fn offsets(layout: &Layout, bits: &[usize], first: isize) -> Vec<isize> {
    let mut offsets = vec![first];
    for &bit in bits.iter().rev() {
        let stride = layout.signed_stride(bit);
        let known = offsets.len();
        offsets.extend_from_within(..);
        offsets[known..].iter_mut().for_each(|offset| *offset += stride);
    }
    offsets
}
