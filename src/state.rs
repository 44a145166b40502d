//! The only door from raw memory to kernels: a pointer, with the layout that says which amplitudes
//! lie behind it.
//!
//! [`StatesMut`] and [`States`] hold one state or all states of a batch, and whoever has one may use
//! that memory. [`StateMut`] and [`StateRef`] are single states of them, which kernels take.

use std::marker::PhantomData;
use std::ops::Range;

use num_complex::Complex;

use crate::error::{Error, Result};
use crate::layout::{Batch, Layout, MAX_BITS};

/// A state to read.
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

/// One state, or all states of a batch, to read.
pub struct States<'a, T> {
    first: StateRef<'a, T>,
}

/// One state, or all states of a batch, to change in place. Holding one is the proof that nobody
/// else uses their memory through numket.
pub struct StatesMut<'a, T> {
    first: StateMut<'a, T>,
}

// SAFETY: all are borrows of plain numbers; threads that share one write disjoint groups of
// amplitudes, which the walks of `kernels` hand out.
unsafe impl<T: Send> Send for StateMut<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for StateMut<'_, T> {}
// SAFETY: as above, and only read.
unsafe impl<T: Sync> Send for StateRef<'_, T> {}
// SAFETY: as above, and only read.
unsafe impl<T: Sync> Sync for StateRef<'_, T> {}

impl<T> Clone for StateRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StateRef<'_, T> {}

impl<T> Clone for States<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for States<'_, T> {}

impl<'a, T> StatesMut<'a, T> {
    /// The one state in a flat vector, or as many states as it holds one after the other.
    ///
    /// # Panics
    /// Where `layout` is not that of `amplitudes.len()` amplitudes in a row, the qubits of each state
    /// in whatever order.
    pub fn new(amplitudes: &'a mut [Complex<T>], layout: &'a Layout) -> Self {
        assert!(are_one_row(layout, amplitudes.len()), "one amplitude per basis state, in a row");
        // SAFETY: the layout spans exactly this slice, borrowed mutably for 'a.
        unsafe { Self::from_raw(amplitudes.as_mut_ptr().cast(), layout) }
    }

    /// The states behind a pointer.
    ///
    /// # Safety
    /// For all of `'a`, every amplitude that `layout` reaches from `origin`, the lowest one of the
    /// first state, in all states of its batch, is valid memory, aligned for its type, and used by
    /// nobody else through numket.
    #[inline]
    pub unsafe fn from_raw(origin: *mut T, layout: &'a Layout) -> Self {
        // SAFETY: the caller's promise, of which this is the part about the first state.
        StatesMut { first: unsafe { StateMut::from_raw(origin, layout) } }
    }

    /// Where the amplitudes lie.
    #[inline]
    pub fn layout(&self) -> &'a Layout {
        self.first.layout
    }

    /// How many states there are.
    pub fn len(&self) -> usize {
        self.layout().states()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same states, to read.
    #[inline]
    pub fn as_ref(&self) -> States<'_, T> {
        States { first: self.first.as_ref() }
    }

    /// The first state.
    ///
    /// # Panics
    /// Where there is none.
    #[inline]
    pub fn first(&mut self) -> StateMut<'_, T> {
        assert!(self.layout().is_flat() || !self.is_empty(), "a batch of no states has no first");
        // SAFETY: the first state, which nobody uses while it is lent.
        unsafe { self.first.shifted(0) }
    }

    /// Some states, counted in C order.
    ///
    /// # Safety
    /// Of two such ranges in use at a time, by whatever threads, no state is in both.
    pub unsafe fn part(&self, range: Range<usize>) -> impl Iterator<Item = StateMut<'_, T>> {
        assert!(range.end <= self.len(), "states of this batch");
        self.layout().batch_or_one().offsets(range, 1).map(|offset| {
            // SAFETY: a state of the batch, which nobody else is working on.
            unsafe { self.first.shifted(offset) }
        })
    }

    /// One of the states, by its number in C order.
    ///
    /// # Panics
    /// Where there are not as many.
    pub fn at(&mut self, number: usize) -> StateMut<'_, T> {
        // SAFETY: nobody else has a state of the batch meanwhile.
        unsafe { self.part(number..number + 1) }.next().expect("one state")
    }

    /// Hands all states out, a power of two of them at a time as one larger state, with the bit of it
    /// that each bit of theirs is: what is done to all alike is done to larger states.
    pub fn merged(&mut self, mut body: impl FnMut(&mut StateMut<'_, T>, &[u8; MAX_BITS])) {
        let (layout, origin) = (self.layout(), self.first.origin);
        layout.batch_or_one().blocks(|offset, strides| {
            let (merged, bits) = layout.with_bits(strides);
            // `origin` is the lowest amplitude of the first state, the merged state begins at that of all.
            let offset = offset + merged.lowest() - layout.lowest();
            // SAFETY: these are states of the batch, one block of them at a time.
            body(&mut unsafe { StateMut::from_raw(origin.offset(offset), &merged) }, &bits);
        });
    }

    /// Real states as complex ones of one qubit less, whose layout is `pairs`.
    ///
    /// # Panics
    /// Where `pairs` is not [`Layout::pairs`] of their layout.
    pub fn in_pairs<'b>(&'b mut self, pairs: &'b Layout) -> StatesMut<'b, T> {
        StatesMut { first: self.first.in_pairs(pairs) }
    }

    /// The first `2**k` states as one larger state, whose layout is `merged`.
    ///
    /// # Panics
    /// Where `merged` is not the layout of `2**k` flat states in a row.
    pub fn in_a_row<'b>(&'b mut self, merged: &'b Layout) -> StateMut<'b, T> {
        let (own, all) = (self.layout().num_qubits(), merged.num_qubits());
        let rows = |layout: &Layout| layout.run() == layout.num_qubits() && !layout.is_real();
        let further = all.checked_sub(own).filter(|&k| k < 63 && self.len() >> k > 0);
        let apart = self.layout().batch_or_one().stride() == Some(2 << own);
        assert!(
            rows(self.layout()) && rows(merged) && further.is_some_and(|k| k == 0 || apart),
            "flat states in a row"
        );
        // SAFETY: it ends where the last of these states ends.
        unsafe { StateMut::from_raw(self.first.origin, merged) }
    }
}

impl<'a, T> States<'a, T> {
    /// The states in a flat vector; see [`StatesMut::new`].
    ///
    /// # Panics
    /// As there.
    pub fn new(amplitudes: &'a [Complex<T>], layout: &'a Layout) -> Self {
        assert!(are_one_row(layout, amplitudes.len()), "one amplitude per basis state, in a row");
        // SAFETY: the layout spans exactly this slice, borrowed for 'a.
        unsafe { Self::from_raw(amplitudes.as_ptr().cast(), layout) }
    }

    /// The states behind a pointer.
    ///
    /// # Safety
    /// For all of `'a`, every amplitude that `layout` reaches from `origin`, the lowest one of the
    /// first state, in all states of its batch, is valid memory, aligned for its type, and written by
    /// nobody through numket.
    #[inline]
    pub unsafe fn from_raw(origin: *const T, layout: &'a Layout) -> Self {
        // SAFETY: the caller's promise, of which this is the part about the first state.
        States { first: unsafe { StateRef::from_raw(origin, layout) } }
    }

    /// Where the amplitudes lie.
    #[inline]
    pub fn layout(&self) -> &'a Layout {
        self.first.layout
    }

    /// How many states there are.
    pub fn len(&self) -> usize {
        self.layout().states()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first state.
    ///
    /// # Panics
    /// Where there is none.
    #[inline]
    pub fn first(&self) -> StateRef<'a, T> {
        assert!(self.layout().is_flat() || !self.is_empty(), "a batch of no states has no first");
        self.first
    }

    /// Some states, counted in C order.
    ///
    /// # Panics
    /// Where there are not as many.
    pub fn part(self, range: Range<usize>) -> impl Iterator<Item = StateRef<'a, T>> {
        assert!(range.end <= self.len(), "states of this batch");
        let first = self.first;
        first.layout.batch_or_one().offsets(range, 1).map(move |offset| {
            // SAFETY: a state of the batch.
            unsafe { StateRef::from_raw(first.origin.offset(offset), first.layout) }
        })
    }

    /// Each of these states with the one of others that it meets, where batch axes are broadcast
    /// against each other: an axis of length 1 meets all states along that axis of the other.
    ///
    /// # Errors
    /// [`Error::SizeMismatch`] and [`Error::Broadcast`].
    pub fn pairs(self, others: States<'a, T>) -> Result<Pairs<'a, T>> {
        let [left, right] = [self, others].map(|states| states.layout());
        if left.num_qubits() != right.num_qubits() {
            return Err(Error::SizeMismatch { left: left.num_qubits(), right: right.num_qubits() });
        }
        let batches = Batch::matched(left.batch_or_one(), right.batch_or_one())?;
        Ok(Pairs { states: [self, others], batches })
    }
}

/// States of two batches that meet each other; see [`States::pairs`].
pub struct Pairs<'a, T> {
    states: [States<'a, T>; 2],
    batches: [Batch; 2],
}

impl<'a, T> Pairs<'a, T> {
    /// The lengths of the axes that count pairs.
    pub fn shape(&self) -> &[usize] {
        &self.batches[0].shape
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.batches[0].len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the amplitudes of each side lie.
    pub fn layouts(&self) -> [&'a Layout; 2] {
        self.states.map(|states| states.layout())
    }

    /// Some pairs, counted in C order.
    ///
    /// # Panics
    /// Where there are not as many.
    pub fn part(&self, range: Range<usize>) -> impl Iterator<Item = [StateRef<'a, T>; 2]> {
        assert!(range.end <= self.len(), "pairs of these batches");
        let [left, right] = self.states.map(|states| states.first);
        let [lefts, rights] = self.batches.each_ref().map(|batch| batch.offsets(range.clone(), 1));
        lefts.zip(rights).map(move |offsets| {
            let at = |state: StateRef<'a, T>, offset| {
                // SAFETY: the batches are those of the states, repeated where they have one.
                unsafe { StateRef::from_raw(state.origin.offset(offset), state.layout) }
            };
            [at(left, offsets.0), at(right, offsets.1)]
        })
    }
}

impl<'a, T> StateMut<'a, T> {
    /// The state in a flat vector.
    ///
    /// # Panics
    /// Where `layout` is not that of `amplitudes.len()` amplitudes in a row, in whatever order.
    pub fn new(amplitudes: &'a mut [Complex<T>], layout: &'a Layout) -> Self {
        assert!(layout.batch().is_none(), "the layout of one state");
        StatesMut::new(amplitudes, layout).first
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

    /// A real state as a complex one of one qubit less, whose layout is `pairs`.
    ///
    /// # Panics
    /// Where `pairs` is not [`Layout::pairs`] of its layout.
    pub fn in_pairs<'b>(&'b mut self, pairs: &'b Layout) -> StateMut<'b, T> {
        assert!(self.layout.pairs().as_ref() == Some(pairs), "the pairs of a real state");
        // SAFETY: the same memory, which nobody uses while it is lent.
        unsafe { StateMut::from_raw(self.origin, pairs) }
    }

    /// The state that begins `offset` further, with the same layout.
    ///
    /// # Safety
    /// There is one, held as this one is; of two that overlap only one is in use at a time.
    #[inline]
    pub(crate) unsafe fn shifted(&self, offset: isize) -> StateMut<'_, T> {
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
        assert!(layout.batch().is_none(), "the layout of one state");
        States::new(amplitudes, layout).first
    }

    /// The state behind a pointer.
    ///
    /// # Safety
    /// For all of `'a`, every amplitude that `layout` reaches from `origin`, the one with the lowest
    /// address, is valid memory, aligned for its type, and written by nobody through numket.
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

    /// The amplitude at `offset` from the origin.
    ///
    /// # Safety
    /// `offset` is a sum of distinct strides of the layout.
    #[inline(always)]
    pub(crate) unsafe fn at(&self, offset: isize) -> Complex<T>
    where
        T: Copy + Default,
    {
        let at = self.origin.wrapping_offset(offset);
        // SAFETY: the caller's promise, and that of `from_raw`.
        unsafe {
            match self.layout.is_real() {
                true => Complex::new(at.read(), T::default()),
                false => at.cast::<Complex<T>>().read(),
            }
        }
    }
}

/// Whether a layout is that of states of `len` amplitudes in all, in a row.
fn are_one_row(layout: &Layout, len: usize) -> bool {
    let n = layout.num_qubits();
    let apart = layout.batch_or_one().stride();
    !layout.is_real()
        && layout.run() == n
        && n < 63
        && layout.states().checked_mul(1 << n) == Some(len)
        && (layout.states() <= 1 || apart == Some(2 << n))
}
