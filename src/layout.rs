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
///
/// A flat vector is two numbers, so that the smallest states pay nothing for the largest tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Number of bits, that is of axes of length 2.
    bits: u32,
    /// Number of axes as the user counts them: bits and axes of length 1.
    axes: u32,
    /// For tensors: the bit that each axis is, [`FROZEN`] for an axis of length 1. A flat vector has
    /// its qubits in order, the most significant bit first.
    bit_of_axis: Option<Box<[u8]>>,
}

/// In `bit_of_axis`: an axis of length 1, which is no qubit.
const FROZEN: u8 = u8::MAX;

impl Layout {
    /// A flat vector of `2**n` amplitudes in one block.
    #[inline]
    pub fn flat(n: usize) -> Layout {
        debug_assert!(n < MAX_BITS);
        Layout { bits: n as u32, axes: n as u32, bit_of_axis: None }
    }

    /// Reads `shape` and `strides` (in amplitudes) of the array named `argument`.
    ///
    /// Accepts `(2**n,)` and tensors with axes of length 2 and 1, in any order, that fill one block
    /// without holes. Everything else is refused.
    ///
    /// # Errors
    /// [`Error::Shape`] and [`Error::Strides`].
    #[inline(always)]
    pub fn of_elements(argument: &'static str, shape: &[usize], strides: &[isize]) -> Result<Layout> {
        debug_assert_eq!(shape.len(), strides.len());
        match (shape, strides) {
            (&[len], &[stride]) if len.is_power_of_two() && (stride == 1 || len == 1) => {
                Ok(Layout::flat(len.trailing_zeros() as usize))
            }
            (&[len], &[stride]) if len.is_power_of_two() => Err(refused(argument, strides, stride)),
            (&[_], _) => Err(Error::Shape { argument, shape: shape.to_vec() }),
            _ => Layout::of_tensor(argument, shape, strides),
        }
    }

    fn of_tensor(argument: &'static str, shape: &[usize], strides: &[isize]) -> Result<Layout> {
        if shape.len() > MAX_BITS || shape.iter().any(|&len| len != 1 && len != 2) {
            return Err(Error::Shape { argument, shape: shape.to_vec() });
        }
        let mut by_stride: Vec<usize> = (0..shape.len()).filter(|&axis| shape[axis] == 2).collect();
        by_stride.sort_by_key(|&axis| strides[axis]);
        let mut bit_of_axis = vec![FROZEN; shape.len()].into_boxed_slice();
        for (bit, &axis) in by_stride.iter().enumerate() {
            if strides[axis] != 1 << bit {
                return Err(refused(argument, strides, strides[axis]));
            }
            bit_of_axis[axis] = bit as u8;
        }
        let (bits, axes) = (by_stride.len() as u32, shape.len() as u32);
        Ok(Layout { bits, axes, bit_of_axis: Some(bit_of_axis) })
    }

    /// Number of qubits.
    #[inline]
    pub fn num_qubits(&self) -> usize {
        self.bits as usize
    }

    /// Stride of a bit in amplitudes.
    #[inline]
    pub fn stride(&self, bit: usize) -> isize {
        debug_assert!(bit < self.num_qubits());
        1 << bit
    }

    /// The bits of all qubits, qubit 0 first.
    pub fn qubit_bits(&self) -> impl Iterator<Item = usize> {
        (0..i64::from(self.axes)).filter_map(|axis| self.bit_of(axis).ok())
    }

    /// The bit that qubit (axis) `qubit` is.
    ///
    /// # Errors
    /// [`Error::QubitRange`] where there is no such axis, [`Error::FrozenAxis`] where it has length 1.
    #[inline(always)]
    pub fn bit_of(&self, qubit: i64) -> Result<usize> {
        let axes = self.axes as usize;
        match (usize::try_from(qubit), &self.bit_of_axis) {
            (Ok(axis), None) if axis < axes => Ok(axes - 1 - axis),
            (Ok(axis), Some(bits)) if axis < axes && bits[axis] != FROZEN => Ok(bits[axis] as usize),
            (Ok(axis), Some(_)) if axis < axes => Err(Error::FrozenAxis { axis }),
            _ => Err(Error::QubitRange { qubit, num_qubits: axes }),
        }
    }

    /// How many of the lowest bits have strides 1, 2, 4, ...: `2**run` amplitudes lie in a row.
    #[inline]
    pub fn run(&self) -> usize {
        self.num_qubits()
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
