//! Permutations of basis states: amplitudes move, nothing is multiplied.

use num_complex::Complex;

use super::{Chunk, Deltas, Rows, Site, Split};
use crate::simd::{Kernel, Lanes, MAX_WIDTH, Real};
use crate::state::StateMut;

/// Exchanges two registers in memory.
///
/// # Safety
/// The CPU has the features of `L`; both are registers of a state that is ours.
#[inline(always)]
unsafe fn swap_registers<L: Lanes>(a: *mut L::Real, b: *mut L::Real) {
    // SAFETY: the caller's promise.
    unsafe {
        let (x, y) = (L::load(a), L::load(b));
        L::store(a, y);
        L::store(b, x);
    }
}

/// A permutation of the settings of the targets of a site, as a product of transpositions: X is the
/// transposition of 0 and 1, SWAP that of 1 and 2.
pub struct Permutation<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// Where.
    pub site: Site<'a>,
    /// Pairs of settings to swap, one after the other.
    pub transpositions: &'a [(usize, usize)],
    /// Which share of the work.
    pub chunk: Chunk,
}

impl<T: Real> Kernel for Permutation<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let split = Split::new::<L>(self.site, self.state.layout());
        // SAFETY: the caller's promise; `lanes` is told the right number of registers.
        unsafe {
            match (split.num_high, split.num_low) {
                (_, 0) if !split.has_lane_controls() => self.registers::<L>(&split),
                (0, 0..=2) => self.lanes::<L, 1>(&split),
                (1, 0..=1) => self.lanes::<L, 2>(&split),
                (2, 0) => self.lanes::<L, 4>(&split),
                _ => {
                    let split = Split::new::<T::Scalar>(split.site, split.layout);
                    self.registers::<T::Scalar>(&split);
                }
            }
        }
    }
}

impl<T: Real> Permutation<'_, T> {
    /// All targets and controls between registers: whole registers change places.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    #[inline(always)]
    unsafe fn registers<L: Lanes<Real = T>>(&self, split: &Split<'_>) {
        let origin = self.state.origin();
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            let place = |row: usize| origin.offset(split.offset(row ^ split.flipped_rows));
            let mut deltas = Deltas::empty();
            let Rows { mut stops, len, step } = split.rows::<L>(&mut deltas, self.chunk);
            if let &[(a, b)] = self.transpositions {
                let (a, b) = (place(a), place(b));
                while let Some(first) = stops.next(&[a, b]) {
                    let mut stop = first;
                    for _ in 0..len {
                        swap_registers::<L>(a.offset(stop), b.offset(stop));
                        stop += step;
                    }
                }
            } else if !stops.is_empty() {
                let places: Vec<_> =
                    self.transpositions.iter().map(|&(a, b)| (place(a), place(b))).collect();
                let touched: Vec<_> = (0..1 << split.num_high).map(place).collect();
                while let Some(first) = stops.next(&touched) {
                    let mut stop = first;
                    for _ in 0..len {
                        for (a, b) in &places {
                            swap_registers::<L>(a.offset(stop), b.offset(stop));
                        }
                        stop += step;
                    }
                }
            }
        }
    }

    /// One or two targets, some of them or of the controls inside a register: each of the `R`
    /// registers of a stop is put together from lanes of all of them.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `R = 2**high` for the targets of `split`.
    #[inline(always)]
    unsafe fn lanes<L: Lanes<Real = T>, const R: usize>(&self, split: &Split<'_>) {
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            let mut moves = [[None; R]; R];
            for i in 0..R {
                for j in 0..R {
                    let mut lanes = 0u32;
                    let mut map = [0; MAX_WIDTH];
                    for lane in 0..L::WIDTH {
                        let (register, source) = self.source(split, i, lane);
                        if register == j {
                            lanes |= 1 << lane;
                            map[lane] = source;
                        }
                    }
                    if lanes != 0 {
                        moves[i][j] = Some((L::mask(lanes), L::perm(map)));
                    }
                }
            }
            let mut at = [self.state.origin(); R];
            for i in 0..R {
                at[i] = self.state.origin().offset(split.offset(i));
            }
            let mut deltas = Deltas::empty();
            let Rows { mut stops, len, step } = split.rows::<L>(&mut deltas, self.chunk);
            while let Some(first) = stops.next(&at) {
                let mut stop = first;
                for _ in 0..len {
                    let mut x = [L::splat(Complex::default()); R];
                    for j in 0..R {
                        x[j] = L::load(at[j].offset(stop));
                    }
                    for i in 0..R {
                        let mut y = x[i];
                        for j in 0..R {
                            if let Some((mask, perm)) = moves[i][j] {
                                let moved = L::permute(x[j], perm);
                                // Of one register, all lanes come from there.
                                y = if R == 1 { moved } else { L::select(mask, moved, y) };
                            }
                        }
                        L::store(at[i].offset(stop), y);
                    }
                    stop += step;
                }
            }
        }
    }

    /// Where lane `lane` of register `i` comes from: a register and a lane.
    #[inline(always)]
    fn source(&self, split: &Split<'_>, i: usize, lane: usize) -> (usize, usize) {
        if !split.active(lane) {
            return (i, lane);
        }
        let mut row = split.row_of_high(i) ^ split.row_of_lane(lane);
        for &(a, b) in self.transpositions.iter().rev() {
            row = match row {
                _ if row == a => b,
                _ if row == b => a,
                _ => row,
            };
        }
        let value = |bit: u8| (row ^ split.flipped_rows) >> split.row_bit(bit) & 1;
        let register = split.high().fold(0, |j, bit| j << 1 | value(bit));
        let lane = split.low().fold(lane, |lane, bit| lane & !(1 << bit) | value(bit) << bit);
        (register, lane)
    }
}
