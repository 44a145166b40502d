//! Gates as methods, for all that takes gates: states, circuits, and either under controls.

use num_complex::Complex64;

use super::qubits::{Qubits, check, first, listed};
use crate::error::{Error, Result};
use crate::gates::{Gate, named};
use crate::operator::PauliString;

/// An operator that is handed over.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Act<'a, A> {
    /// A gate of the table with its angles.
    Gate(&'static Gate, &'a [A]),
    /// A matrix, row by row.
    Dense(&'a [Complex64]),
    /// A diagonal.
    Diagonal(&'a [Complex64]),
    /// `new[permutation[i]] = old[i]`.
    Permutation(&'a [i64]),
    /// A product of Pauli operators.
    Pauli(PauliString),
    /// `exp(-i theta/2 P)`.
    PauliRotation(PauliString, &'a A),
}

impl<A> Act<'_, A> {
    /// Sees to it that it is one on `qubits` qubits, of finite numbers.
    pub(super) fn check(&self, qubits: usize) -> Result<()> {
        let (argument, len, factor) = match self {
            Act::Dense(entries) => ("matrix", entries.len(), 2),
            Act::Diagonal(entries) => ("diagonal", entries.len(), 1),
            Act::Permutation(entries) => ("permutation", entries.len(), 1),
            Act::Gate(..) | Act::Pauli(_) | Act::PauliRotation(..) => return Ok(()),
        };
        if 1usize.checked_shl((factor * qubits) as u32) != Some(len) {
            return Err(Error::OperatorSize { argument, shape: vec![len], qubits });
        }
        match self {
            Act::Dense(entries) | Act::Diagonal(entries) if !entries.iter().all(|z| z.is_finite()) => {
                Err(Error::NotFinite { argument })
            }
            _ => Ok(()),
        }
    }
}

/// A method for each gate of the table: a gate on one qubit takes several.
macro_rules! methods {
    (one $name:ident ($($param:ident)*) ($qubit:ident) $doc:literal [$($row:literal)+] $source:literal) => {
        #[doc = $doc]
        ///
        /// ```text
        $(#[doc = $row])+
        /// ```
        #[doc = concat!("Convention: ", $source, ".")]
        fn $name(&mut self $(, $param: impl Into<Self::Angle>)*, qubits: impl Qubits) -> Result<&mut Self> {
            self.on_each(&named::$name, &[$($param.into()),*], qubits)
        }
    };
    (one $name:ident ($($param:ident)*) ($($qubit:ident)+) $doc:literal [$($row:literal)+] $source:literal) => {
        #[doc = $doc]
        ///
        /// ```text
        $(#[doc = $row])+
        /// ```
        #[doc = concat!("Convention: ", $source, ".")]
        #[allow(clippy::too_many_arguments, reason = "cu has four angles and two qubits")]
        fn $name(
            &mut self $(, $param: impl Into<Self::Angle>)* $(, $qubit: usize)+
        ) -> Result<&mut Self> {
            self.act(Act::Gate(&named::$name, &[$($param.into()),*]), &[$($qubit),+], &[])?;
            Ok(self)
        }
    };
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal, [$($row:literal),+], $source:literal;)+) => {
        $(methods! { one $name ($($param)*) ($($qubit)+) $doc [$($row)+] $source })+
    };
}

/// Who may have gates.
pub trait Sealed {}

/// Gates as methods, which return what they were called on: of a [`State`](crate::State), which they
/// change at once, of a [`Circuit`](crate::Circuit), which takes them in, and of either under controls.
///
/// Conventions are those of OpenQASM 3, angles are in radians. A gate on one qubit takes several too,
/// and `..` is all of them. What is refused has changed nothing.
///
/// ```
/// use numket::prelude::*;
///
/// /// The same layer for states and circuits.
/// fn layer(on: &mut impl Gates<Angle: From<f64>>) -> Result<()> {
///     on.h(..)?.rz(0.3, [0, 2])?.cx(0, 1)?.controlled([0, 1]).x(2)?;
///     Ok(())
/// }
///
/// let mut psi = ket("000")?;
/// layer(&mut psi)?;
/// let mut circuit = Circuit::new(3)?;
/// layer(&mut circuit)?;
/// let mut other = ket("000")?;
/// circuit.run(&mut other, ())?;
/// assert!((psi.inner(&other)?.norm() - 1.0).abs() < 1e-15);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// All methods: [`Error::QubitRange`] and [`Error::RepeatedQubit`], and [`Error::NotFinite`] for angles and
/// entries that are NaN or infinite.
pub trait Gates: Sealed + Sized {
    /// What angles are: `f64` for states, [`Angle`](crate::Angle) for circuits.
    type Angle;

    /// Number of qubits.
    fn num_qubits(&self) -> usize;

    #[doc(hidden)]
    fn act(
        &mut self,
        act: Act<'_, Self::Angle>,
        qubits: &[usize],
        controls: &[(usize, bool)],
    ) -> Result<()>;

    /// Checks qubits that get one gate each.
    #[doc(hidden)]
    fn check(&self, qubits: impl Iterator<Item = usize>, controls: &[(usize, bool)]) -> Result<()> {
        check(qubits, controls, self.num_qubits())
    }

    /// A gate of the table on each of some qubits.
    #[doc(hidden)]
    fn on_each(
        &mut self,
        gate: &'static Gate,
        angles: &[Self::Angle],
        qubits: impl Qubits,
    ) -> Result<&mut Self> {
        let mut list = qubits.list(self.num_qubits());
        if list.size_hint() != (1, Some(1)) {
            self.check(list.clone(), &[])?;
        }
        list.try_for_each(|qubit| self.act(Act::Gate(gate, angles), &[qubit], &[]))?;
        Ok(self)
    }

    /// What does gates where all these qubits are 1.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut psi = ket("110")?;
    /// psi.controlled([0, 1]).x(2)?;
    /// assert_eq!(psi.probability("111")?, 1.0);
    /// # Ok::<(), Error>(())
    /// ```
    fn controlled(&mut self, qubits: impl Qubits) -> Controlled<'_, Self> {
        let qubits = qubits.list(self.num_qubits());
        self.controlled_on(qubits.map(|qubit| (qubit, true)))
    }

    /// What does gates where each of these qubits has the value that comes with it.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut psi = ket("100")?;
    /// psi.controlled_on([(0, true), (1, false)]).x(2)?;
    /// assert_eq!(psi.probability("101")?, 1.0);
    /// # Ok::<(), Error>(())
    /// ```
    fn controlled_on(
        &mut self,
        controls: impl IntoIterator<Item = (usize, bool)>,
    ) -> Controlled<'_, Self> {
        let controls = first(controls, self.num_qubits());
        Controlled { on: self, controls }
    }

    /// Applies a `2**k x 2**k` matrix, given row by row, to `k` qubits. It need not be unitary. The first
    /// qubit is the most significant bit of a row index.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut psi = ket("00")?;
    /// psi.apply(&[0.6, -0.8, 0.8, 0.6].map(Complex64::from), 1)?;
    /// assert_eq!(psi.amplitudes()[1].re, 0.8);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// Also [`Error::OperatorSize`].
    fn apply(&mut self, matrix: &[Complex64], qubits: impl Qubits) -> Result<&mut Self> {
        self.on_all(Act::Dense(matrix), qubits)
    }

    /// Multiplies by the `2**k` entries of a diagonal on `k` qubits.
    ///
    /// # Errors
    /// Also [`Error::OperatorSize`].
    fn apply_diagonal(&mut self, diagonal: &[Complex64], qubits: impl Qubits) -> Result<&mut Self> {
        self.on_all(Act::Diagonal(diagonal), qubits)
    }

    /// Permutes the `2**k` basis states of `k` qubits: `new[permutation[i]] = old[i]`.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut psi = ket("011")?;
    /// psi.apply_permutation(&[1, 2, 3, 4, 5, 6, 7, 0], ..)?; // adds 1
    /// assert_eq!(psi.probability("100")?, 1.0);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// Also [`Error::OperatorSize`] and [`Error::NotAPermutation`].
    fn apply_permutation(&mut self, permutation: &[i64], qubits: impl Qubits) -> Result<&mut Self> {
        self.on_all(Act::Permutation(permutation), qubits)
    }

    /// Applies a product of Pauli operators: a letter I, X, Y or Z for each qubit.
    ///
    /// # Errors
    /// Also [`Error::PauliLetter`] and [`Error::PauliLength`].
    fn apply_pauli(&mut self, pauli: &str, qubits: impl Qubits) -> Result<&mut Self> {
        let qubits = listed(qubits, self.num_qubits())?;
        self.act(Act::Pauli(PauliString::lettered(pauli, qubits.len())?), &qubits, &[])?;
        Ok(self)
    }

    /// Rotates about a product of Pauli operators: `exp(-i theta/2 P)`.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut psi = ket("00")?;
    /// psi.pauli_rotation(std::f64::consts::PI, "XY", ..)?; // -i X Y|00> = |11>
    /// assert!((psi.amplitudes()[3].re - 1.0).abs() < 1e-15);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// Also [`Error::PauliLetter`] and [`Error::PauliLength`].
    fn pauli_rotation(
        &mut self,
        theta: impl Into<Self::Angle>,
        pauli: &str,
        qubits: impl Qubits,
    ) -> Result<&mut Self> {
        let qubits = listed(qubits, self.num_qubits())?;
        let string = PauliString::lettered(pauli, qubits.len())?;
        self.act(Act::PauliRotation(string, &theta.into()), &qubits, &[])?;
        Ok(self)
    }

    /// An operator on some qubits together.
    #[doc(hidden)]
    fn on_all(&mut self, act: Act<'_, Self::Angle>, qubits: impl Qubits) -> Result<&mut Self> {
        self.act(act, &listed(qubits, self.num_qubits())?, &[])?;
        Ok(self)
    }

    /// [`cx`](Gates::cx) by its name in many textbooks.
    fn cnot(&mut self, control: usize, target: usize) -> Result<&mut Self> {
        self.cx(control, target)
    }

    crate::with_gates!(methods);
}

/// A state or a circuit under controls; see [`Gates::controlled`].
#[derive(Debug)]
#[must_use = "controls do nothing without a gate"]
pub struct Controlled<'a, G> {
    on: &'a mut G,
    controls: Vec<(usize, bool)>,
}

impl<G> Sealed for Controlled<'_, G> {}

impl<G: Gates> Gates for Controlled<'_, G> {
    type Angle = G::Angle;

    fn num_qubits(&self) -> usize {
        self.on.num_qubits()
    }

    fn act(&mut self, act: Act<'_, G::Angle>, qubits: &[usize], more: &[(usize, bool)]) -> Result<()> {
        if more.is_empty() {
            return self.on.act(act, qubits, &self.controls);
        }
        self.on.act(act, qubits, &[&self.controls, more].concat())
    }

    fn check(&self, qubits: impl Iterator<Item = usize>, more: &[(usize, bool)]) -> Result<()> {
        self.on.check(qubits, &[&self.controls, more].concat())
    }
}
