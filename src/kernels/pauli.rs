//! Pauli strings: every amplitude is combined with one other.

use num_complex::Complex;

use super::{Chunk, Deltas, Elements, Site, Split, Walk, run_ahead};
use crate::bits::set_bits;
use crate::operator::PauliString;
use crate::simd::{Coef, Kernel, Lanes, MAX_WIDTH, Real, prefetch};
use crate::state::StateMut;

/// `c[0] + c[1] P` with a Pauli string `P` on the targets of a site.
///
/// With Z applied before X and Y = iXZ, `P` takes basis state `j` to `j ^ x` times
/// `i**(number of Y) * (-1)**(ones in j & z)`. So one walk over the registers A whose highest X bit
/// is 0 meets every pair once:
///
/// ```text
/// for every A, with B the register whose X bits are the others:
///     A, B = c[0] A + sign(B) P B,  c[0] B + sign(A) P A
/// ```
pub struct Pauli<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// Where; the first target belongs to the most significant bits of the string.
    pub site: Site<'a>,
    /// The string.
    pub string: PauliString,
    /// The two coefficients, or those of all elements one after the other.
    pub coefs: &'a [Complex<f64>],
    /// The states of a batch.
    pub elements: Elements<'a>,
    /// Which share of the work on each.
    pub chunk: Chunk,
}

impl<T: Real> Kernel for Pauli<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let layout = self.state.layout();
        // No target needs a setting of its own: the string tells what happens to each bit.
        let split = Split::new::<L>(Site { targets: &[], ..self.site }, layout);
        let (mut x, mut z) = (0u64, 0u64);
        for (place, &bit) in self.site.targets.iter().rev().enumerate() {
            x |= (self.string.x >> place & 1) << bit;
            z |= (self.string.z >> place & 1) << bit;
        }
        let (lane_x, lane_z) = ((x & split.lanes) as usize, (z & split.lanes) as usize);
        let (x, z) = (x & !split.lanes, z & !split.lanes);
        let pivot = if x == 0 { 0 } else { 1 << (63 - x.leading_zeros()) };
        // Offsets of A and of B, and the number of ones under Z in A.
        let strides = split.free(pivot).map(|bit| {
            let stride = layout.stride(bit);
            [stride, if x >> bit & 1 == 1 { -stride } else { stride }, (z >> bit & 1) as isize]
        });
        let origin = split.origin();
        let across: isize = set_bits(x).map(|bit| layout.stride(bit)).sum();
        // Flipped bits are 1 where the walk counts 0.
        let ones = (layout.flipped() & (z | lane_z as u64)).count_ones() as isize;
        let partner_ones = (x & z).count_ones() & 1;
        // SAFETY: the CPU has the features; every stop is a register of the state.
        unsafe {
            let mut deltas = Deltas::empty();
            let first = Walk::new(&mut deltas, strides, [origin, origin + across, ones], self.chunk);
            let first_ahead = run_ahead::<L, 3>(layout, first);
            let mut from = [0; MAX_WIDTH];
            for (lane, from) in from.iter_mut().enumerate() {
                *from = (lane ^ lane_x) % L::WIDTH;
            }
            let across_lanes = L::perm(from);
            let active = split.active_lanes::<L>();
            for (element, &offset) in self.elements.offsets.iter().enumerate() {
                let coefs = &self.coefs[element * self.elements.stride..];
                let (own, other) = (coefs[0], coefs[1] * self.string.phase());
                let only_other = own == Complex::ZERO;
                // What comes from a register with an even and with an odd number of ones.
                let mut other_lanes = [[Complex::ZERO; MAX_WIDTH]; 2];
                for lane in 0..L::WIDTH {
                    let odd = ((lane ^ lane_x) & lane_z).count_ones() as usize & 1;
                    other_lanes[odd][lane] = other;
                    other_lanes[1 - odd][lane] = -other;
                }
                let own = Coef::<L>::splat(own);
                let other = [Coef::<L>::new(other_lanes[0]), Coef::<L>::new(other_lanes[1])];
                let at = self.state.origin().offset(offset);
                let mut ahead = first_ahead;
                for [a, b, ones] in first {
                    if let Some([a, b, _]) = ahead.next() {
                        prefetch(at.wrapping_offset(a));
                        if pivot != 0 {
                            prefetch(at.wrapping_offset(b));
                        }
                    }
                    let (a, b) = (at.offset(a), at.offset(b));
                    let odd = ones as usize & 1;
                    let from_a = other[odd];
                    let from_b = other[odd ^ partner_ones as usize];
                    let old_a = L::load(a);
                    let flat_a = L::permute(old_a, across_lanes);
                    // Without an X between registers, A and B are the same.
                    let (mut old_b, mut flat_b) = (old_a, flat_a);
                    if pivot != 0 {
                        old_b = L::load(b);
                        flat_b = L::permute(old_b, across_lanes);
                    }
                    let mut new_a = from_b.mul(flat_b, L::swap_re_im(flat_b));
                    if !only_other {
                        new_a = own.mul_add(old_a, L::swap_re_im(old_a), new_a);
                    }
                    L::store(a, L::select(active, new_a, old_a));
                    if pivot != 0 {
                        let mut new_b = from_a.mul(flat_a, L::swap_re_im(flat_a));
                        if !only_other {
                            new_b = own.mul_add(old_b, L::swap_re_im(old_b), new_b);
                        }
                        L::store(b, L::select(active, new_b, old_b));
                    }
                }
            }
        }
    }
}
