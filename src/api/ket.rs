//! States that own their amplitudes, and labels of basis states.

use num_complex::{Complex, Complex64};

use super::State;
use crate::error::{Error, Result};
use crate::memory::room_for_state;
use crate::simd::Real;

/// A [`State`] that owns its amplitudes.
///
/// ```
/// use numket::prelude::*;
/// let mut bell = Ket::zero(2)?;
/// bell.h(0)?.cx(0, 1)?;
/// assert!((bell.probability("11")? - 0.5).abs() < 1e-15);
/// # Ok::<(), Error>(())
/// ```
pub type Ket = State<Vec<Complex64>>;

/// The basis state with this label of zeros and ones; qubit 0 is the first character.
///
/// ```
/// use numket::prelude::*;
/// let mut ghz = ket("000")?;
/// ghz.h(0)?.cnot(0, 1)?.cnot(1, 2)?;
/// assert!((ghz.probability("111")? - 0.5).abs() < 1e-15);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`Error::BasisState`] where the label holds anything else, and [`Error::Memory`].
pub fn ket(label: &str) -> Result<Ket> {
    room::<f64>(label.len())?;
    basis_state(label.len(), index_of(label, label.len())?)
}

impl<T: Real> State<Vec<Complex<T>>> {
    /// The basis state |0...0>.
    ///
    /// # Errors
    /// [`Error::Memory`] where there is no room for so many qubits.
    pub fn zero(num_qubits: usize) -> Result<Self> {
        basis_state(num_qubits, 0)
    }
}

/// Sees to it that there is room for so many qubits.
fn room<T: Real>(num_qubits: usize) -> Result<()> {
    // No memory holds 64 qubits, and the size of more could overflow.
    room_for_state((size_of::<Complex<T>>() as u128) << num_qubits.min(64))
}

fn basis_state<T: Real>(num_qubits: usize, index: usize) -> Result<State<Vec<Complex<T>>>> {
    room::<T>(num_qubits)?;
    let zero = Complex::new(T::default(), T::default());
    let mut amplitudes = vec![zero; 1 << num_qubits];
    amplitudes[index].re = T::from_f64(1.0);
    State::from_vec(amplitudes)
}

/// The basis index of a label of `num_qubits` zeros and ones.
///
/// # Errors
/// [`Error::BasisState`] where it is none.
pub fn index_of(label: &str, num_qubits: usize) -> Result<usize> {
    let refused = || Error::BasisState { given: format!("{label:?}"), num_qubits };
    if label.len() != num_qubits || num_qubits >= usize::BITS as usize {
        return Err(refused());
    }
    label.bytes().try_fold(0, |index, digit| match digit {
        b'0' | b'1' => Ok(index << 1 | usize::from(digit == b'1')),
        _ => Err(refused()),
    })
}

/// The label of a basis index.
pub(super) fn label_of(index: usize, num_qubits: usize) -> String {
    (0..num_qubits).rev().map(|bit| if index >> bit & 1 == 1 { '1' } else { '0' }).collect()
}
