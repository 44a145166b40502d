//! Shape and strides of an array, read as a relabelling: which *bit* of the address each qubit is.
//!
//! A state of `n` qubits is `2**n` places in memory, and qubit `q` is a stride between them. Sorted
//! by stride, the qubits are the **bits** of the address: bit 0 has the smallest stride. Kernels
//! speak of bits only; a transposed tensor is a flat vector whose qubits have other names.
//!
//! ```
//! use numket::layout::Layout;
//! let flat = Layout::flat(3);
//! assert_eq!(flat.bit_of(0).unwrap(), 2); // qubit 0 is the most significant bit
//! // The transpose of the (2, 2, 2) tensor: qubit 0 is now the least significant one.
//! let turned = Layout::of_elements("state", &[2, 2, 2], &[1, 2, 4]).unwrap();
//! assert_eq!(turned.bit_of(0).unwrap(), 0);
//! ```

use crate::error::{Error, Result};

/// No NumPy array has more axes, and no address space more bits.
pub const MAX_BITS: usize = 64;

/// Where the amplitudes of a state lie, in units of one amplitude.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Number of bits, that is of axes of length 2.
    bits: usize,
    /// Number of axes as the user counts them: bits and axes of length 1.
    axes: usize,
    /// Stride of each bit, ascending; the first `bits` count.
    strides: [isize; MAX_BITS],
    /// The bit that each axis is, [`FROZEN`] for an axis of length 1; the first `axes` count.
    bit_of_axis: [u8; MAX_BITS],
}

/// In `bit_of_axis`: an axis of length 1, which is no qubit.
const FROZEN: u8 = u8::MAX;

impl Layout {
    /// A flat vector of `2**n` amplitudes in one block.
    pub fn flat(n: usize) -> Layout {
        debug_assert!(n < MAX_BITS);
        let mut layout = Layout::empty();
        layout.bits = n;
        layout.axes = n;
        for bit in 0..n {
            layout.strides[bit] = 1 << bit;
            layout.bit_of_axis[n - 1 - bit] = bit as u8;
        }
        layout
    }

    fn empty() -> Layout {
        Layout { bits: 0, axes: 0, strides: [0; MAX_BITS], bit_of_axis: [FROZEN; MAX_BITS] }
    }

    /// Reads `shape` and `strides` (in amplitudes) of the array named `argument`.
    ///
    /// Accepts `(2**n,)` and tensors with axes of length 2 and 1, in any order, that fill one block
    /// without holes. Everything else is refused.
    pub fn of_elements(argument: &'static str, shape: &[usize], strides: &[isize]) -> Result<Layout> {
        debug_assert_eq!(shape.len(), strides.len());
        if let (&[len], &[stride]) = (shape, strides) {
            if !len.is_power_of_two() {
                return Err(Error::Shape { argument, shape: shape.to_vec() });
            }
            if stride != 1 && len > 1 {
                return Err(refused(argument, strides, stride));
            }
            return Ok(Layout::flat(len.trailing_zeros() as usize));
        }
        if shape.len() > MAX_BITS || shape.iter().any(|&len| len != 1 && len != 2) {
            return Err(Error::Shape { argument, shape: shape.to_vec() });
        }
        // Insertion sort by stride: there are few axes, and mostly they are in order already.
        let mut layout = Layout::empty();
        layout.axes = shape.len();
        let mut axis_of_bit = [0u8; MAX_BITS];
        for axis in (0..shape.len()).rev().filter(|&axis| shape[axis] == 2) {
            let mut bit = layout.bits;
            while bit > 0 && layout.strides[bit - 1] > strides[axis] {
                layout.strides[bit] = layout.strides[bit - 1];
                axis_of_bit[bit] = axis_of_bit[bit - 1];
                bit -= 1;
            }
            layout.strides[bit] = strides[axis];
            axis_of_bit[bit] = axis as u8;
            layout.bits += 1;
        }
        for bit in 0..layout.bits {
            if layout.strides[bit] != 1 << bit {
                return Err(refused(argument, strides, layout.strides[bit]));
            }
            layout.bit_of_axis[axis_of_bit[bit] as usize] = bit as u8;
        }
        Ok(layout)
    }

    /// Number of qubits.
    #[inline]
    pub fn num_qubits(&self) -> usize {
        self.bits
    }

    /// Stride of each bit in amplitudes, ascending.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        &self.strides[..self.bits]
    }

    /// The bits of all qubits, qubit 0 first.
    pub fn qubit_bits(&self) -> impl Iterator<Item = usize> {
        self.bit_of_axis[..self.axes].iter().filter(|&&bit| bit != FROZEN).map(|&bit| bit as usize)
    }

    /// The bit that qubit (axis) `qubit` is.
    ///
    /// # Errors
    /// [`Error::QubitRange`] where there is no such axis, [`Error::FrozenAxis`] where it has length 1.
    #[inline]
    pub fn bit_of(&self, qubit: i64) -> Result<usize> {
        match usize::try_from(qubit) {
            Ok(axis) if axis < self.axes => match self.bit_of_axis[axis] {
                FROZEN => Err(Error::FrozenAxis { axis }),
                bit => Ok(bit as usize),
            },
            _ => Err(Error::QubitRange { qubit, num_qubits: self.axes }),
        }
    }

    /// How many of the lowest bits have strides 1, 2, 4, ...: `2**run` amplitudes lie in a row.
    #[inline]
    pub fn run(&self) -> usize {
        self.strides().iter().enumerate().take_while(|&(bit, &stride)| stride == 1 << bit).count()
    }
}

#[cold]
fn refused(argument: &'static str, strides: &[isize], stride: isize) -> Error {
    let fact = match stride {
        0 => "and with a stride of 0 several elements share memory",
        i if i < 0 => "and a negative one is not supported yet",
        _ => "which overlap or leave holes between the amplitudes, not supported yet",
    };
    let strides = strides.to_vec();
    Error::Strides { argument, strides, fact }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn axes_of_length_one_are_no_qubits() {
        let layout = Layout::of_elements("state", &[2, 1, 2], &[2, 77, 1]).unwrap();
        assert_eq!(layout.num_qubits(), 2);
        assert_eq!(layout.bit_of(0), Ok(1));
        assert_eq!(layout.bit_of(1), Err(Error::FrozenAxis { axis: 1 }));
        assert_eq!(layout.bit_of(2), Ok(0));
        assert_eq!(layout.bit_of(3), Err(Error::QubitRange { qubit: 3, num_qubits: 3 }));
    }

    #[test]
    fn what_is_no_dense_block_is_refused() {
        for (shape, strides) in [
            (&[2, 2][..], &[2, 2][..]), // two axes over the same memory
            (&[2, 2], &[4, 1]),         // a hole
            (&[2, 2], &[2, -1]),        // flipped
            (&[2, 2], &[0, 1]),         // broadcast
            (&[8], &[2]),
        ] {
            let got = Layout::of_elements("state", shape, strides);
            assert!(matches!(got, Err(Error::Strides { .. })), "{shape:?} {strides:?}");
        }
        for shape in [&[3][..], &[0], &[2, 3], &[2, 4]] {
            let got = Layout::of_elements("state", shape, &vec![1; shape.len()]);
            assert!(matches!(got, Err(Error::Shape { .. })), "{shape:?}");
        }
    }

    proptest! {
        /// Axis `a` of a permuted tensor steps over exactly the stride of the bit it is said to be.
        #[test]
        fn every_permutation_is_a_relabelling(
            order in (1usize..20).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle())
        ) {
            let strides: Vec<isize> = order.iter().map(|&bit| 1 << bit).collect();
            let layout = Layout::of_elements("state", &vec![2; order.len()], &strides).unwrap();
            for (axis, &bit) in order.iter().enumerate() {
                prop_assert_eq!(layout.bit_of(axis as i64).unwrap(), bit);
            }
            prop_assert_eq!(layout.run(), order.len());
        }
    }
}
