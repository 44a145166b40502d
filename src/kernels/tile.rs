//! Copies a tile of a state together, real and imaginary parts unzipped as
//! [`registers`](super::registers) has them, and back.

use super::{Chunk, Deltas, Walk};
use crate::layout::MAX_BITS;
use crate::simd::{Lanes, Real, fence, prefetch};

/// Where the amplitudes of a tile lie in the state and in the copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Copying {
    /// How far the amplitudes that differ in a bit are apart, in the state and in the copy, for each bit
    /// that counts rows.
    pub strides: Vec<[isize; 2]>,
    /// Amplitudes in a row, which are neighbours in the state and fill registers in the copy, or one.
    pub row: usize,
    /// How far the real and the imaginary part of an amplitude are apart in the copy.
    pub width: usize,
    /// Whether the state is so large that it will not be found in a cache again.
    pub streams: bool,
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// How many rows ahead to prefetch. To read 64 MiB in rows of 256 bytes, 32 KiB apart, takes one thread 24 ms
/// without, 12.3 with 4, 12.0 with 8 and 13.4 with 16.
const ROWS_AHEAD: usize = 4;

impl Copying {
    #[inline(always)]
    fn rows<'a>(&self, deltas: &'a mut Deltas<2>) -> Walk<'a, 2> {
        debug_assert!(self.strides.len() < MAX_BITS);
        Walk::new(deltas, self.strides.iter().copied(), [0, 0], Chunk::WHOLE)
    }

    /// The rows, and those that lie some way ahead.
    #[inline(always)]
    fn rows_ahead<'a>(&self, deltas: &'a mut Deltas<2>) -> (Walk<'a, 2>, Walk<'a, 2>) {
        let rows = self.rows(deltas);
        let mut ahead = rows;
        ahead.by_ref().take(ROWS_AHEAD).for_each(drop);
        (rows, ahead)
    }

    /// Asks for the lines of a row of the state.
    #[inline(always)]
    fn prefetch<T>(&self, state: *const T, row: Option<[isize; 2]>) {
        let Some([offset, _]) = row else { return };
        let first = state.wrapping_offset(offset).cast::<u8>();
        for line in 0..self.row * size_of::<[T; 2]>() / LINE {
            prefetch(first.wrapping_add(line * LINE));
        }
    }

    /// Whether all amplitudes are zero, of either sign: then linear operators leave them as they are.
    ///
    /// # Safety
    /// `state` is a tile.
    #[inline(always)]
    pub unsafe fn is_zero<T: Real>(&self, state: *const T) -> bool {
        let mut deltas = Deltas::empty();
        let (rows, mut ahead) = self.rows_ahead(&mut deltas);
        for [from, _] in rows {
            self.prefetch(state, ahead.next());
            // SAFETY: a row of the tile.
            if !unsafe { all_zero(state.offset(from), 2 * self.row) } {
                return false;
            }
        }
        true
    }

    /// Copies a tile together.
    ///
    /// # Safety
    /// The CPU has the features of `L`; `state` is a tile, and `copy` has room for it.
    #[inline(always)]
    pub unsafe fn load<L: Lanes>(&self, state: *const L::Real, copy: *mut L::Real) {
        let (mut deltas, width) = (Deltas::empty(), 2 * L::WIDTH);
        // SAFETY: the caller's promise.
        unsafe {
            let (rows, mut ahead) = self.rows_ahead(&mut deltas);
            for [from, to] in rows {
                let (from, to) = (state.offset(from), copy.offset(to));
                if self.row == 1 {
                    *to = *from;
                    *to.add(self.width) = *from.add(1);
                }
                self.prefetch(state, ahead.next());
                for block in 0..self.row / width {
                    let (from, to) = (from.add(2 * block * width), to.add(2 * block * width));
                    let (re, im) = L::unzip(L::load(from), L::load(from.add(width)));
                    L::store(to, re);
                    L::store(to.add(width), im);
                }
            }
        }
    }

    /// Copies a tile back.
    ///
    /// # Safety
    /// As for [`Copying::load`].
    #[inline(always)]
    pub unsafe fn store<L: Lanes>(&self, state: *mut L::Real, copy: *const L::Real) {
        let (mut deltas, width) = (Deltas::empty(), 2 * L::WIDTH);
        // SAFETY: the caller's promise.
        unsafe {
            let size = size_of::<L::Reg>();
            for [to, from] in self.rows(&mut deltas) {
                let (to, from) = (state.offset(to), copy.offset(from));
                // Each row by itself: they may be any distance apart.
                let aligned = self.streams && to.addr() % size == 0;
                if self.row == 1 {
                    *to = *from;
                    *to.add(1) = *from.add(self.width);
                }
                for block in 0..self.row / width {
                    let (to, from) = (to.add(2 * block * width), from.add(2 * block * width));
                    let (low, high) = L::zip(L::load(from), L::load(from.add(width)));
                    if aligned {
                        L::stream(to, low);
                        L::stream(to.add(width), high);
                    } else {
                        L::store(to, low);
                        L::store(to.add(width), high);
                    }
                }
            }
            if self.streams {
                fence();
            }
        }
    }
}

/// Whether some numbers are all zero, of either sign. Looks at all, so that lanes do it.
///
/// # Safety
/// There are `len` of them.
#[inline(always)]
pub(super) unsafe fn all_zero<T: Real>(first: *const T, len: usize) -> bool {
    let mut any = false;
    for i in 0..len {
        // SAFETY: the caller's promise.
        any |= unsafe { *first.add(i) } != T::default();
    }
    !any
}
