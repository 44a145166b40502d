//! The only door from raw memory to kernels: a pointer, with the layout that says which amplitudes
//! lie behind it.

use std::marker::PhantomData;

use num_complex::Complex;

use crate::layout::Layout;

/// A state to read.
#[derive(Clone, Copy)]
pub struct StateRef<'a, T> {
    origin: *const T,
    layout: &'a Layout,
}

/// A state to change in place. Holding one is the proof that nobody else uses the memory through
/// numket.
pub struct StateMut<'a, T> {
    origin: *mut T,
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
    /// Where `layout` is not that of `amplitudes.len()` amplitudes in a row, in whatever order.
    pub fn new(amplitudes: &'a mut [Complex<T>], layout: &'a Layout) -> Self {
        assert!(is_one_row(layout, amplitudes.len()), "one amplitude per basis state, in a row");
        // SAFETY: the layout spans exactly this slice, borrowed mutably for 'a.
        unsafe { Self::from_raw(amplitudes.as_mut_ptr().cast(), layout) }
    }

    /// The state behind a pointer.
    ///
    /// # Safety
    /// For all of `'a`, every amplitude that `layout` reaches from `origin`, the one with the lowest
    /// address, is valid memory, aligned for its type, and used by nobody else through numket.
    #[inline]
    pub unsafe fn from_raw(origin: *mut T, layout: &'a Layout) -> Self {
        StateMut { origin, layout, exclusive: PhantomData }
    }

    /// The amplitude with the lowest address.
    #[inline]
    pub fn origin(&self) -> *mut T {
        self.origin
    }

    /// Where the amplitudes lie.
    #[inline]
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// The state that begins `offset` further, with the same layout.
    ///
    /// # Safety
    /// There is one, held as this one is; of two that overlap only one is in use at a time.
    #[inline]
    pub unsafe fn shifted(&self, offset: isize) -> StateMut<'_, T> {
        // SAFETY: the caller's promise.
        unsafe { StateMut::from_raw(self.origin.offset(offset), self.layout) }
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
    /// As there.
    pub fn new(amplitudes: &'a [Complex<T>], layout: &'a Layout) -> Self {
        assert!(is_one_row(layout, amplitudes.len()), "one amplitude per basis state, in a row");
        // SAFETY: the layout spans exactly this slice, borrowed for 'a.
        unsafe { Self::from_raw(amplitudes.as_ptr().cast(), layout) }
    }

    /// The state behind a pointer.
    ///
    /// # Safety
    /// For all of `'a`, every amplitude that `layout` reaches from `origin`, the one with the lowest
    /// address, is valid memory, aligned
    /// for its type, and written by nobody through numket.
    #[inline]
    pub unsafe fn from_raw(origin: *const T, layout: &'a Layout) -> Self {
        StateRef { origin, layout }
    }

    /// The amplitude with the lowest address.
    #[inline]
    pub fn origin(&self) -> *const T {
        self.origin
    }

    /// Where the amplitudes lie.
    #[inline]
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// The state that begins `offset` further, with the same layout.
    ///
    /// # Safety
    /// There is one, held as this one is.
    #[inline]
    pub unsafe fn shifted(&self, offset: isize) -> StateRef<'a, T> {
        // SAFETY: the caller's promise.
        unsafe { StateRef::from_raw(self.origin.offset(offset), self.layout) }
    }

    /// The amplitude at `offset` from the origin.
    ///
    /// # Safety
    /// `offset` is a sum of distinct strides of the layout.
    #[inline(always)]
    pub unsafe fn at(&self, offset: isize) -> Complex<T>
    where
        T: Copy,
    {
        // SAFETY: the caller's promise, and that of `from_raw`.
        unsafe { self.origin.offset(offset).cast::<Complex<T>>().read() }
    }
}

fn is_one_row(layout: &Layout, len: usize) -> bool {
    layout.run() == layout.num_qubits() && layout.num_qubits() < 63 && len == 1 << layout.num_qubits()
}
