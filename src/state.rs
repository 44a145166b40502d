//! The only door from raw memory to kernels: a pointer, with the layout that says which amplitudes
//! lie behind it.

use std::marker::PhantomData;

use num_complex::Complex;

use crate::error::{Error, Result};
use crate::layout::Layout;

/// A state to read.
#[derive(Clone, Copy)]
pub struct StateRef<'a, T> {
    origin: *const Complex<T>,
    layout: &'a Layout,
}

/// A state to change in place. Holding one is the proof that nobody else uses the memory through
/// numket.
pub struct StateMut<'a, T> {
    origin: *mut Complex<T>,
    layout: &'a Layout,
    exclusive: PhantomData<&'a mut T>,
}

// SAFETY: both are borrows of plain numbers; threads that share one write disjoint groups of
// amplitudes, which the walks of `kernels` hand out.
unsafe impl<T: Send> Send for StateMut<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for StateMut<'_, T> {}
// SAFETY: as above, and only read.
unsafe impl<T: Sync> Send for StateRef<'_, T> {}
// SAFETY: as above, and only read.
unsafe impl<T: Sync> Sync for StateRef<'_, T> {}

impl<'a, T> StateMut<'a, T> {
    /// The state in a flat vector.
    ///
    /// # Panics
    /// Where `amplitudes` and `layout` differ in size; `layout` is `Layout::flat(n)`.
    pub fn new(amplitudes: &'a mut [Complex<T>], layout: &'a Layout) -> Self {
        assert_eq!(amplitudes.len(), 1 << layout.num_qubits(), "one amplitude per basis state");
        // SAFETY: the layout spans exactly this slice, borrowed mutably for 'a.
        unsafe { Self::from_raw(amplitudes.as_mut_ptr(), layout) }
    }

    /// The state behind a pointer.
    ///
    /// # Safety
    /// For all of `'a`, every amplitude that `layout` reaches from `origin` is valid memory, aligned
    /// for its type, and used by nobody else through numket.
    #[inline]
    pub unsafe fn from_raw(origin: *mut Complex<T>, layout: &'a Layout) -> Self {
        StateMut { origin, layout, exclusive: PhantomData }
    }

    /// The amplitude at offset 0.
    #[inline]
    pub fn origin(&self) -> *mut Complex<T> {
        self.origin
    }

    /// Where the amplitudes lie.
    #[inline]
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// Writes the amplitude `index` places from the origin.
    ///
    /// # Panics
    /// Where there is no such amplitude.
    pub fn set(&mut self, index: usize, amplitude: Complex<T>) {
        assert!(index < 1 << self.layout.run(), "inside the block");
        // SAFETY: the first `2**run` amplitudes lie in a row from the origin.
        unsafe { *self.origin.add(index) = amplitude }
    }

    /// The same state, to read.
    #[inline]
    pub fn as_ref(&self) -> StateRef<'_, T> {
        StateRef { origin: self.origin, layout: self.layout }
    }
}

impl<'a, T> StateRef<'a, T> {
    /// The state in a flat vector; see [`StateMut::new`].
    ///
    /// # Panics
    /// Where `amplitudes` and `layout` differ in size.
    pub fn new(amplitudes: &'a [Complex<T>], layout: &'a Layout) -> Self {
        assert_eq!(amplitudes.len(), 1 << layout.num_qubits(), "one amplitude per basis state");
        // SAFETY: the layout spans exactly this slice, borrowed for 'a.
        unsafe { Self::from_raw(amplitudes.as_ptr(), layout) }
    }

    /// The state behind a pointer.
    ///
    /// # Safety
    /// For all of `'a`, every amplitude that `layout` reaches from `origin` is valid memory, aligned
    /// for its type, and written by nobody through numket.
    #[inline]
    pub unsafe fn from_raw(origin: *const Complex<T>, layout: &'a Layout) -> Self {
        StateRef { origin, layout }
    }

    /// The amplitude at offset 0.
    #[inline]
    pub fn origin(&self) -> *const Complex<T> {
        self.origin
    }

    /// Where the amplitudes lie.
    #[inline]
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// The amplitude `offset` places from the origin.
    ///
    /// # Safety
    /// `offset` is a sum of distinct strides of the layout.
    #[inline(always)]
    pub unsafe fn at(&self, offset: isize) -> Complex<T>
    where
        T: Copy,
    {
        // SAFETY: the caller's promise, and that of `from_raw`.
        unsafe { *self.origin.offset(offset) }
    }
}

/// The number of qubits of a flat vector of `len` amplitudes.
///
/// # Errors
/// [`Error::Shape`] where `len` is no power of two.
pub fn qubits_of_len(len: usize) -> Result<usize> {
    if len.is_power_of_two() {
        Ok(len.trailing_zeros() as usize)
    } else {
        Err(Error::Shape { argument: "state", shape: vec![len] })
    }
}
