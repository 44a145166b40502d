//! Copies a tile of a state together, and back. In the copy, real and imaginary parts are unzipped, as
//! [`registers`](super::registers) describes.

use super::{Chunk, Deltas, Walk};
use crate::layout::MAX_BITS;
use crate::simd::{Lanes, Real, fence, prefetch};

/// Where the amplitudes of a tile lie in the state and in the copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Copying {
    /// For each bit that numbers rows, in the order in which they are counted, how far apart two amplitudes lie that
    /// differ in this bit: in the state, and in the copy.
    pub strides: Vec<[isize; 2]>,
    /// Which bit of the tile each of them is, from the lowest.
    pub bits: Vec<u8>,
    /// Where the first row begins, in the state and in the copy.
    pub first: [isize; 2],
    /// How many amplitudes a row has: they are neighbours in the state, and fill registers in the copy. Where
    /// there are no such rows, 1.
    pub row: usize,
    /// How far the real and the imaginary part of an amplitude are apart in the copy.
    pub width: usize,
    /// How many real numbers an amplitude is.
    pub parts: usize,
    /// Whether to write past the caches, because the state is too large to be found there again.
    pub streams: bool,
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// As many real numbers take one or two cache lines.
const LINE_REALS: usize = 16;

/// How many rows ahead to prefetch. To read 64 MiB in rows of 256 bytes, 32 KiB apart, takes one thread 24 ms
/// without, 12.3 with 4, 12.0 with 8 and 13.4 with 16.
const ROWS_AHEAD: usize = 4;

impl Copying {
    #[inline(always)]
    fn rows<'a>(&self, deltas: &'a mut Deltas<2>) -> Walk<'a, 2> {
        debug_assert!(self.strides.len() < MAX_BITS);
        Walk::new(deltas, self.strides.iter().copied(), self.first, Chunk::WHOLE)
    }

    /// How rows are copied of which each bit has these strides; the lowest `row_bits` of them make a row.
    ///
    /// Rows of one amplitude are taken in another order, so that all those of a cache line of the state come one after the
    /// other: the Fourier transform of 16 qubits, which turns the order of its qubits round, takes three quarters of
    /// the time.
    pub fn new(
        all: &[[isize; 2]],
        row_bits: usize,
        width: usize,
        parts: usize,
        streams: bool,
    ) -> Copying {
        let mut bits: Vec<u8> = (row_bits..all.len()).map(|bit| bit as u8).collect();
        if row_bits == 0 {
            bits.sort_by_key(|&bit| match all[usize::from(bit)][0].unsigned_abs() {
                near if near < LINE_REALS => near,
                _ => LINE_REALS,
            });
        }
        let strides = bits.iter().map(|&bit| all[usize::from(bit)]).collect();
        Copying { strides, bits, first: [0, 0], row: 1 << row_bits, width, parts, streams }
    }

    /// The same with rows of `2**bits` amplitudes at most, which have to fill registers.
    pub fn split(&self, bits: usize) -> Copying {
        let mut part = self.clone();
        let inside = bits..self.row.ilog2() as usize;
        if !inside.is_empty() {
            part.row = 1 << bits;
            // Amplitudes of a row are neighbours, in the state and, register by register, in the copy.
            let stride = |bit| [(self.parts << bit) as isize; 2];
            part.strides.splice(..0, inside.clone().map(stride));
            part.bits.splice(..0, inside.map(|bit| bit as u8));
        }
        part
    }

    /// The same for some of the rows: those where the bits of the tile have their values, if they have any.
    pub fn only(&self, value: impl Fn(u8) -> Option<bool>) -> Copying {
        let mut part = Copying { strides: Vec::new(), bits: Vec::new(), ..self.clone() };
        for (&strides, &bit) in self.strides.iter().zip(&self.bits) {
            match value(bit) {
                None => {
                    part.strides.push(strides);
                    part.bits.push(bit);
                }
                Some(false) => {}
                Some(true) => part.first = [0, 1].map(|i| part.first[i] + strides[i]),
            }
        }
        part
    }

    /// The rows, and the same rows from [`ROWS_AHEAD`] on, to prefetch.
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
        for line in 0..self.row * self.parts * size_of::<T>() / LINE {
            prefetch(first.wrapping_add(line * LINE));
        }
    }

    /// Whether all amplitudes of a tile are 0 or -0: then linear operators leave them as they are.
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
            if !unsafe { all_zero(state.offset(from), self.parts * self.row) } {
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
                    if self.parts == 2 {
                        *to.add(self.width) = *from.add(1);
                    }
                }
                self.prefetch(state, ahead.next());
                if self.parts == 1 {
                    for block in 0..self.row / width {
                        L::store(to.add(block * width), L::load(from.add(block * width)));
                    }
                    continue;
                }
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
                // Asked for each row: rows may be any distance apart.
                let aligned = self.streams && to.addr() % size == 0;
                if self.row == 1 {
                    *to = *from;
                    if self.parts == 2 {
                        *to.add(1) = *from.add(self.width);
                    }
                }
                if self.parts == 1 {
                    for block in 0..self.row / width {
                        let (to, register) = (to.add(block * width), L::load(from.add(block * width)));
                        if aligned { L::stream(to, register) } else { L::store(to, register) }
                    }
                    continue;
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

/// Whether `len` numbers are all 0 or -0. Does not stop early, so that the compiler can compare many at a time.
///
/// # Safety
/// There are as many numbers.
#[inline(always)]
pub(super) unsafe fn all_zero<T: Real>(first: *const T, len: usize) -> bool {
    let mut any = false;
    for i in 0..len {
        // SAFETY: the caller's promise.
        any |= unsafe { *first.add(i) } != T::default();
    }
    !any
}
