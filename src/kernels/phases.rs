//! Phases of the angles of a batch.

use num_complex::Complex64;

use crate::phase::phases;
use crate::simd::{Isa, Kernel, Lanes, on_widest};

/// Writes `exp(i x)` of some angles.
pub struct Phases<'a> {
    /// The angles, in radians.
    pub angles: &'a [f64],
    /// Room for as many phases.
    pub out: &'a mut [Complex64],
}

impl Kernel for Phases<'_> {
    type Real = f64;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = f64>>(self) {
        phases(self.angles, self.out);
    }
}

impl Phases<'_> {
    /// Does so with the lanes of `isa`.
    pub fn write(self, isa: Isa) {
        on_widest(isa, self);
    }
}
