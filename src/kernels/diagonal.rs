//! Diagonal matrices: every amplitude is multiplied where it stands.

use num_complex::Complex;

use super::{Chunk, Deltas, Elements, PREFETCH_MIN_BYTES, Parts, Site, Split, Walk};
use crate::simd::{Coef, Kernel, Lanes, MAX_WIDTH, Real, rounded};
use crate::state::StateMut;

/// A diagonal of `2**k` entries on the `k` targets of a site.
pub struct Diagonal<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// Where.
    pub site: Site<'a>,
    /// The entries, or those of all elements one after the other.
    pub diagonal: &'a [Complex<f64>],
    /// What its entries are.
    pub parts: Parts,
    /// The states of a batch.
    pub elements: Elements<'a>,
    /// Which share of the work on each.
    pub chunk: Chunk,
}

/// Registers per stop that a walk multiplies with coefficients held in registers.
const TERMS: usize = 4;

/// A state that fits into cache is walked over up to `2**GROUP_BITS` times, for [`TERMS`] registers of each stop
/// at a time: five targets then take 0.6 of what looking up their entries one by one takes. A larger
/// state would have to be loaded from memory for each walk.
const GROUP_BITS: usize = 4;

impl<T: Real> Kernel for Diagonal<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let split = Split::new::<L>(self.site, self.state.layout());
        // SAFETY: the caller's promise.
        unsafe {
            let few = TERMS.trailing_zeros() as usize;
            let cached = (2 * size_of::<T>()) << split.layout.num_qubits() < PREFETCH_MIN_BYTES;
            if split.num_high <= few || cached && split.num_high <= few + GROUP_BITS {
                self.held::<L>(&split);
            } else {
                for (element, &offset) in self.elements.offsets.iter().enumerate() {
                    let state = &self.state.shifted(offset);
                    let diagonal = &self.diagonal[element * self.elements.stride..];
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
            self.elements.check::<L>(split.layout);
            let origin = self.state.origin();
            let one = if self.parts == Parts::Apart { Complex::new(1.0, 1.0) } else { Complex::ONE };
            let registers = TERMS.min(1 << split.num_high);
            let controlled = split.has_lane_controls() || self.parts.keep_one();
            let uniform = split.num_low == 0;
            let active = split.active_lanes::<L>();
            // What lanes add to the number of the entry that they take.
            let mut picks = [0; MAX_WIDTH];
            for lane in 0..L::WIDTH {
                picks[lane] =
                    split.row_of_lane(lane) | self.elements.of_lane(lane) << self.site.targets.len();
            }
            let mut deltas = Deltas::empty();
            let walked = split.rows::<L>(&mut deltas, self.chunk);
            for group in (0..1 << split.num_high).step_by(registers) {
                let mut rows = [0; TERMS];
                let mut places = [origin; TERMS];
                for i in 0..registers {
                    rows[i] = split.row_of_high(group + i);
                    places[i] = origin.offset(split.offset(group + i));
                }
                let mut at = [origin; TERMS];
                let mut coefs = [Coef::<L>::splat(Complex::ONE); TERMS];
                for (element, &offset) in self.elements.offsets.iter().enumerate() {
                    let diagonal = &self.diagonal[element * self.elements.stride..];
                    let mut used = 0;
                    for i in 0..registers {
                        let mut entries = L::splat(rounded(diagonal[rows[i]]));
                        let mut idle = diagonal[rows[i]] == one;
                        if !uniform {
                            idle = true;
                            let lanes = (&raw mut entries).cast::<Complex<T>>();
                            for lane in 0..L::WIDTH {
                                let entry = diagonal[rows[i] ^ picks[lane]];
                                idle &= entry == one || !split.active(lane);
                                lanes.add(lane).write(rounded(entry));
                            }
                        }
                        if !idle {
                            at[used] = places[i].offset(offset);
                            coefs[used] = self.coef::<L>(entries);
                            used += 1;
                        }
                    }
                    let (at, coefs) = (&at[..used], &coefs[..used]);
                    let mut stops = walked.stops;
                    while let Some(stop) = stops.next(at) {
                        for (at, coef) in at.iter().zip(coefs) {
                            let mut at = at.offset(stop);
                            for _ in 0..walked.len {
                                let x = L::load(at);
                                let mut y = coef.mul(x, L::swap_re_im(x));
                                if controlled {
                                    y = self.parts.changed::<L>(active, y, x);
                                }
                                L::store(at, y);
                                at = at.wrapping_offset(walked.step);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Any number of targets: the walk goes through the state and the diagonal together, the
    /// targets among the bits walked. No table is built, however long the diagonal is.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    #[inline(always)]
    unsafe fn streamed<L: Lanes<Real = T>>(&self, split: &Split<'_>) {
        // A step along a target bit is a step along the diagonal, backwards where it is flipped; one
        // along another bit is none.
        let stride = |bit: usize| match self.site.targets.contains(&(bit as u8)) {
            true => {
                let stride = 1isize << split.row_bit(bit as u8);
                if split.layout.flipped() >> bit & 1 == 0 { stride } else { -stride }
            }
            false => 0,
        };
        let walked = split.free(0).map(|bit| [split.layout.stride(bit), stride(bit)]);
        let mut lanes = [0; MAX_WIDTH];
        for lane in 0..L::WIDTH {
            lanes[lane] = split.row_of_lane(lane);
        }
        // SAFETY: the CPU has the features; every stop is a register of the state.
        unsafe {
            let active = split.active_lanes::<L>();
            let mut deltas = Deltas::empty();
            for [stop, row] in
                Walk::new(&mut deltas, walked, [split.origin(), split.flipped_rows as isize], self.chunk)
            {
                let at = self.state.origin().offset(stop);
                let mut factors = L::splat(Complex::default());
                let to = (&raw mut factors).cast::<Complex<T>>();
                for lane in 0..L::WIDTH {
                    to.add(lane).write(rounded(self.diagonal[row as usize ^ lanes[lane]]));
                }
                let x = L::load(at);
                let y = self.coef::<L>(factors).mul(x, L::swap_re_im(x));
                L::store(at, self.parts.changed::<L>(active, y, x));
            }
        }
    }

    /// What multiplies by the entries of a register.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    #[inline(always)]
    unsafe fn coef<L: Lanes<Real = T>>(&self, entries: L::Reg) -> Coef<L> {
        // SAFETY: the caller's promise.
        unsafe {
            match self.parts {
                Parts::Apart => Coef::of_blocks(entries, L::splat(Complex::default())),
                _ => Coef::of(entries),
            }
        }
    }
}
