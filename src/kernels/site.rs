//! Where an operator acts: its target bits, and its controls with their values.

use crate::error::{Error, Result};
use crate::layout::{Layout, MAX_BITS};

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
