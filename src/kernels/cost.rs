//! Phases of a real diagonal, `exp(-i gamma C)`: computed where they are needed, so no table of them is kept.

use num_complex::Complex;

use super::{Chunk, Deltas, Site, Split, Walk};
use crate::phase::phases;
use crate::simd::{Coef, Kernel, Lanes, MAX_WIDTH, Real};
use crate::state::StateMut;

/// Registers whose phases are computed together: with fewer, the lanes that compute them are not full.
const TOGETHER: usize = 8;

/// `exp(-i gamma C)` on the targets of a site, for one state, or for two of which a bit tells the first, `a`, from the
/// second, `b`. For two the result is `Im <b|C|a>`, which the phases do not change; for one it is 0.
pub struct Phases<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// Where.
    pub site: Site<'a>,
    /// The diagonal of C.
    pub costs: &'a [f64],
    /// gamma.
    pub gamma: f64,
    /// The bit that tells two states apart: no target, no control and in no register.
    pub pair: Option<u8>,
    /// Which share of the work.
    pub chunk: Chunk,
}

impl<T: Real> Kernel for Phases<'_, T> {
    type Real = T;
    type Out = f64;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> f64 {
        let Phases { state, site, costs, gamma, pair, chunk } = self;
        let split = Split::new::<L>(site, state.layout());
        assert!(
            pair.is_none_or(|bit| usize::from(bit) >= L::BITS),
            "the bit of two states is in no register"
        );
        assert_eq!(costs.len(), 1 << site.targets.len(), "a cost for each setting");
        // A step along a target bit is a step along the costs, backwards where it is flipped.
        let stride = |bit: usize| match site.targets.contains(&(bit as u8)) {
            true => {
                let stride = 1isize << split.row_bit(bit as u8);
                if split.layout.flipped() >> bit & 1 == 0 { stride } else { -stride }
            }
            false => 0,
        };
        let walked = split.free(pair.map_or(0, |bit| 1 << bit));
        let walked = walked.map(|bit| [split.layout.stride(bit), stride(bit)]);
        let apart = pair.map_or(0, |bit| split.layout.stride(bit.into()));
        let (mut lanes, mut counts) = ([0; MAX_WIDTH], [0.0; MAX_WIDTH]);
        for lane in 0..L::WIDTH {
            lanes[lane] = split.row_of_lane(lane);
            counts[lane] = f64::from(u8::from(split.active(lane)));
        }
        let mut sums = [0.0; MAX_WIDTH];
        let mut deltas = Deltas::empty();
        let origin = [split.origin(), split.flipped_rows as isize];
        let mut walk = Walk::new(&mut deltas, walked, origin, chunk);
        let mut stops = [0; TOGETHER];
        let mut own = [[0.0; MAX_WIDTH]; TOGETHER];
        let mut angles = [0.0; TOGETHER * MAX_WIDTH];
        let mut factors = [Complex::ONE; TOGETHER * MAX_WIDTH];
        loop {
            let mut count = 0;
            while count < TOGETHER
                && let Some([stop, row]) = walk.next()
            {
                stops[count] = stop;
                for lane in 0..L::WIDTH {
                    own[count][lane] = costs[row as usize ^ lanes[lane]];
                    angles[count * L::WIDTH + lane] = -gamma * own[count][lane];
                }
                count += 1;
            }
            if count == 0 {
                return sums.iter().sum();
            }
            phases(&angles[..count * L::WIDTH], &mut factors);
            for number in 0..count {
                let mut factor = [Complex::ONE; MAX_WIDTH];
                factor[..L::WIDTH].copy_from_slice(&factors[number * L::WIDTH..][..L::WIDTH]);
                // SAFETY: the CPU has the features; each stop is a register of the state, and of both where there are
                // two, which no other chunk has.
                unsafe {
                    let active = split.active_lanes::<L>();
                    let coef = Coef::<L>::new(factor);
                    let at = state.origin().offset(stops[number]);
                    let a = L::load(at);
                    L::store(at, L::select(active, coef.mul(a, L::swap_re_im(a)), a));
                    if pair.is_none() {
                        continue;
                    }
                    let at = at.offset(apart);
                    let b = L::load(at);
                    L::store(at, L::select(active, coef.mul(b, L::swap_re_im(b)), b));
                    let (mut left, mut right) =
                        ([[T::default(); 2]; MAX_WIDTH], [[T::default(); 2]; MAX_WIDTH]);
                    L::store(left.as_mut_ptr().cast(), a);
                    L::store(right.as_mut_ptr().cast(), b);
                    for lane in 0..L::WIDTH {
                        let [[x, y], [u, v]] = [left[lane], right[lane]].map(|z| z.map(T::to_f64));
                        sums[lane] += counts[lane] * own[number][lane] * (u * y - v * x);
                    }
                }
            }
        }
    }
}
