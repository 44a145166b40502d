//! Diagonal matrices: every amplitude is multiplied where it stands.

use num_complex::Complex;

use super::{Elements, Part, Site, Split, Steps, Walk};
use crate::simd::{Coef, Kernel, Lanes, MAX_WIDTH, Real};
use crate::state::StateMut;

/// A diagonal of `2**k` entries on the `k` targets of a site.
pub struct Diagonal<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// Where.
    pub site: Site<'a>,
    /// The entries, or those of all elements one after the other.
    pub diagonal: &'a [Complex<f64>],
    /// The states of a batch.
    pub elements: Elements<'a>,
    /// Which share of the work on each.
    pub part: Part,
}

/// Registers per stop that a walk multiplies with coefficients held in registers.
const TERMS: usize = 4;

impl<T: Real> Kernel for Diagonal<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let split = Split::new::<L>(self.site, self.state.layout());
        // SAFETY: the caller's promise.
        unsafe {
            if split.num_high <= TERMS.trailing_zeros() as usize {
                self.held::<L>(&split);
            } else {
                for (element, &offset) in self.elements.offsets.iter().enumerate() {
                    let state = &self.state.shifted(offset);
                    let diagonal = &self.diagonal[element * self.elements.step..];
                    Diagonal { state, diagonal, elements: Elements::ONE, ..self }.streamed::<L>(&split);
                }
            }
        }
    }
}

impl<T: Real> Diagonal<'_, T> {
    /// Up to two targets between registers. Registers whose entries are all 1 are not touched: Z
    /// costs half a sweep, CZ a quarter.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    #[inline(always)]
    unsafe fn held<L: Lanes<Real = T>>(&self, split: &Split<'_>) {
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            let origin = self.state.origin();
            let mut rows = [0; TERMS];
            let mut places = [origin; TERMS];
            for i in 0..1 << split.num_high {
                rows[i] = split.row_of_high(i);
                places[i] = origin.offset(split.offset(i));
            }
            let mut lane_rows = [0; MAX_WIDTH];
            for lane in 0..L::WIDTH {
                lane_rows[lane] = split.row_of_lane(lane);
            }
            let mut at = [origin; TERMS];
            let mut coefs = [Coef::<L>::splat(Complex::ONE); TERMS];
            let mut steps = Steps::empty();
            let first = split.stops::<L>(&mut steps, self.part);
            for (element, &offset) in self.elements.offsets.iter().enumerate() {
                let diagonal = &self.diagonal[element * self.elements.step..];
                let mut used = 0;
                for i in 0..1 << split.num_high {
                    let mut lanes = [Complex::ONE; MAX_WIDTH];
                    for lane in 0..L::WIDTH {
                        if split.active(lane) {
                            lanes[lane] = diagonal[rows[i] ^ lane_rows[lane]];
                        }
                    }
                    if lanes != [Complex::ONE; MAX_WIDTH] {
                        at[used] = places[i].offset(offset);
                        coefs[used] = Coef::new(lanes);
                        used += 1;
                    }
                }
                let (at, coefs) = (&at[..used], &coefs[..used]);
                let mut stops = first;
                while let Some(stop) = stops.next(at) {
                    for (at, coef) in at.iter().zip(coefs) {
                        let at = at.offset(stop);
                        let x = L::load(at);
                        L::store(at, coef.mul(x, L::swap_re_im(x)));
                    }
                }
            }
        }
    }

    /// Any number of targets: the walk steps through the state and the diagonal together, the
    /// targets among the bits walked. No table is built, however long the diagonal is.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    #[inline(always)]
    unsafe fn streamed<L: Lanes<Real = T>>(&self, split: &Split<'_>) {
        // A step along a target bit is a step along the diagonal, backwards where it is flipped; one
        // along another bit is none.
        let step = |bit: usize| match self.site.targets.contains(&(bit as u8)) {
            true => {
                let step = 1isize << split.place(bit as u8);
                if split.layout.flipped() >> bit & 1 == 0 { step } else { -step }
            }
            false => 0,
        };
        let walked = split.free(0).map(|bit| [split.layout.stride(bit), step(bit)]);
        let mut lanes = [0; MAX_WIDTH];
        for lane in 0..L::WIDTH {
            lanes[lane] = split.row_of_lane(lane);
        }
        // SAFETY: the CPU has the features; every stop is a register of the state.
        unsafe {
            let mut steps = Steps::empty();
            for [stop, row] in
                Walk::new(&mut steps, walked, [split.origin(), split.flipped_rows as isize], self.part)
            {
                let at = self.state.origin().offset(stop);
                let mut factors = [Complex::ONE; MAX_WIDTH];
                for lane in 0..L::WIDTH {
                    if split.active(lane) {
                        factors[lane] = self.diagonal[row as usize ^ lanes[lane]];
                    }
                }
                let x = L::load(at);
                L::store(at, Coef::<L>::new(factors).mul(x, L::swap_re_im(x)));
            }
        }
    }
}
