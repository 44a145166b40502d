//! Where an operator acts: its target bits, and its controls with their values.

use crate::error::{Error, Result};
use crate::layout::{Layout, MAX_BITS};
use crate::operator::PauliString;

/// Which bits an operator acts on and under which condition.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Target bits; the first is the most significant bit of a row index of the operator.
    pub targets: &'a [u8],
    /// Control bits, as a mask.
    pub controls: u64,
    /// The values that the control qubits must have.
    pub values: u64,
}

impl Site<'_> {
    /// Sees to it that targets and controls are distinct bits of a state.
    ///
    /// # Panics
    /// Where they are not.
    #[inline]
    pub fn check(&self, layout: &Layout) {
        let mut taken = self.controls;
        for &bit in self.targets {
            assert!(usize::from(bit) < MAX_BITS && taken >> bit & 1 == 0, "a bit is named twice");
            taken |= 1 << bit;
        }
        assert!(taken >> layout.num_qubits() == 0, "a bit is not one of the state");
    }
}

/// Targets and controls on the bits of one state, found and checked; kernels take it as a [`Site`].
//
// Filled where it stands: handing up a Result of it costs as much as the checks.
pub struct OwnedSite {
    targets: [u8; MAX_BITS],
    num_targets: usize,
    seen: u64,
    controls: u64,
    values: u64,
}

impl Default for OwnedSite {
    fn default() -> OwnedSite {
        OwnedSite::new()
    }
}

impl OwnedSite {
    /// No targets and no controls.
    #[inline(always)]
    pub fn new() -> OwnedSite {
        OwnedSite { targets: [0; MAX_BITS], num_targets: 0, seen: 0, controls: 0, values: 0 }
    }

    /// Targets and controls of an operator: the same as [`OwnedSite::fill`] fills.
    ///
    /// # Errors
    /// As there.
    pub fn of(layout: &Layout, controls: &[(i64, bool)], targets: &[i64]) -> Result<OwnedSite> {
        let mut site = OwnedSite::new();
        site.fill(layout, &[], controls, targets)?;
        Ok(site)
    }

    /// Where a product of Pauli operators on some qubits acts, on all in order if none are listed: the
    /// qubits whose letter is not I, and the string of those letters. The others may be controls.
    ///
    /// # Errors
    /// As for [`OwnedSite::fill`], and [`Error::PauliLength`] where there is not a letter for each qubit.
    pub fn of_pauli(
        layout: &Layout,
        string: PauliString,
        letters: usize,
        qubits: Option<&[i64]>,
        controls: &[(i64, bool)],
    ) -> Result<(OwnedSite, PauliString)> {
        // Axes of length 1 are no qubits.
        let all = || (0..MAX_BITS as i64).filter(|&axis| layout.bit_of(axis).is_ok()).collect();
        let qubits = qubits.map_or_else(all, <[i64]>::to_vec);
        if letters != qubits.len() {
            return Err(Error::PauliLength { letters, qubits: qubits.len() });
        }
        // Every qubit must be there once; those with an I are then left to the controls.
        OwnedSite::of(layout, &[], &qubits)?;
        let support = string.support(letters);
        let target = |&place: &u8| qubits[letters - 1 - usize::from(place)];
        let targets: Vec<i64> = support.iter().map(target).collect();
        Ok((OwnedSite::of(layout, controls, &targets)?, string.at(&support)))
    }

    /// Adds qubits of a layout. The gate's own controls must be 1, further ones have the values given.
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::FrozenAxis`], and [`Error::RepeatedQubit`].
    #[inline(always)]
    pub fn fill(
        &mut self,
        layout: &Layout,
        own_controls: &[i64],
        controls: &[(i64, bool)],
        targets: &[i64],
    ) -> Result<()> {
        for &qubit in own_controls {
            let bit = self.fresh_bit(layout, qubit)?;
            self.controls |= 1 << bit;
            self.values |= 1 << bit;
        }
        for &(qubit, value) in controls {
            let bit = self.fresh_bit(layout, qubit)?;
            self.controls |= 1 << bit;
            self.values |= u64::from(value) << bit;
        }
        for &qubit in targets {
            let bit = self.fresh_bit(layout, qubit)?;
            self.targets[self.num_targets] = bit as u8;
            self.num_targets += 1;
        }
        Ok(())
    }

    #[inline(always)]
    fn fresh_bit(&mut self, layout: &Layout, qubit: i64) -> Result<usize> {
        let bit = layout.bit_of(qubit)?;
        if self.seen >> bit & 1 == 1 {
            return Err(Error::RepeatedQubit { qubit: qubit as usize });
        }
        self.seen |= 1 << bit;
        Ok(bit)
    }

    /// As kernels take it.
    #[inline]
    pub fn as_site(&self) -> Site<'_> {
        Site { targets: self.targets(), controls: self.controls, values: self.values }
    }

    /// The target bits.
    #[inline]
    pub fn targets(&self) -> &[u8] {
        &self.targets[..self.num_targets]
    }
}
