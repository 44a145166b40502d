//! The fluent native handle.

use num_complex::Complex64;

use crate::apply::{apply, nanos};
use crate::bits::mask_of;
use crate::error::{Error, Result};
use crate::exec::Crew;
use crate::gates::Gate;
use crate::kernels::Site;
use crate::layout::Layout;
use crate::state::StateMut;

/// A state of its own with gates as chainable methods. Qubit 0 is the first character of a label.
///
/// ```
/// use numket::ket;
/// let bell = ket("00").h(0).cx(0, 1);
/// assert!((bell.probability("11") - 0.5).abs() < 1e-15);
/// ```
#[derive(Clone, Debug)]
pub struct Ket {
    amplitudes: Vec<Complex64>,
    layout: Layout,
}

/// The basis state with this label of zeros and ones.
///
/// # Panics
/// Where the label holds anything else, or is too long for memory.
pub fn ket(label: &str) -> Ket {
    let index = index_of(label, label.len()).unwrap_or_else(|error| panic!("{error}"));
    let mut amplitudes = vec![Complex64::ZERO; 1 << label.len()];
    amplitudes[index] = Complex64::ONE;
    Ket { layout: Layout::flat(label.len()), amplitudes }
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

impl Ket {
    /// The amplitudes, one per basis index.
    pub fn amplitudes(&self) -> &[Complex64] {
        &self.amplitudes
    }

    /// The probability of the basis state with this label.
    ///
    /// # Panics
    /// Where there is no such basis state.
    pub fn probability(&self, label: &str) -> f64 {
        let index = index_of(label, self.layout.num_qubits()).unwrap_or_else(|error| panic!("{error}"));
        self.amplitudes[index].norm_sqr()
    }

    /// X on `target` where `control` is 1; the name of `cx` in the original ket notation.
    pub fn cnot(self, control: usize, target: usize) -> Ket {
        self.cx(control, target)
    }

    /// Applies a gate of the table to `qubits`.
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`] and [`Error::NotFinite`].
    ///
    /// # Panics
    /// Where the numbers of parameters or qubits are not those of the gate.
    pub fn gate(&mut self, gate: &Gate, params: &[f64], qubits: &[usize]) -> Result<()> {
        assert_eq!((gate.params.len(), gate.qubits.len()), (params.len(), qubits.len()));
        if let Some(position) = params.iter().position(|param| !param.is_finite()) {
            return Err(Error::NotFinite { argument: gate.params[position] });
        }
        let mut bits = [0; 3];
        let mut seen = 0u64;
        for (bit, &qubit) in bits.iter_mut().zip(qubits) {
            *bit = self.layout.bit_of(qubit as i64)? as u8;
            if seen >> *bit & 1 == 1 {
                return Err(Error::RepeatedQubit { qubit });
            }
            seen |= 1 << *bit;
        }
        let (controls, targets) = bits[..qubits.len()].split_at(gate.controls);
        let controls = mask_of(controls);
        let site = Site { targets, controls, values: controls };
        let mut entries = Default::default();
        let operator = gate.operator(params, &mut entries);
        let crew = Crew::new(nanos(self.layout.num_qubits(), &operator, &site), None)?;
        let mut state = StateMut::new(&mut self.amplitudes, &self.layout);
        apply(&mut state, &operator, site, crew);
        Ok(())
    }
}

macro_rules! methods {
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal, [$($row:literal),+], $source:literal;)+) => {
        impl Ket {$(
            #[doc = $doc]
            ///
            /// # Panics
            /// Where a qubit is out of range or listed twice, or an angle is no finite number.
            #[allow(clippy::too_many_arguments, reason = "cu has four angles and two qubits")]
            pub fn $name(mut self $(, $param: f64)* $(, $qubit: usize)+) -> Ket {
                match self.gate(&crate::gates::named::$name, &[$($param),*], &[$($qubit),+]) {
                    Ok(()) => self,
                    Err(error) => panic!("{error}"),
                }
            }
        )+}
    };
}
crate::with_gates!(methods);
