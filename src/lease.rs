//! Leases: which addresses are being worked on, so that two calls never do so at once.
//!
//! ```text
//! nk.h(a, 0) while nk.h(a, 1) runs in another thread      refused
//! nk.h(a, 0) while nk.norm(a) runs                        refused
//! nk.norm(a) while nk.norm(a) runs                        allowed: both only read
//! nk.h(a[:8], 0) while nk.h(a[8:], 0) runs                allowed: disjoint
//! a[0] = 1 while nk.h(a, 0) runs                          not seen: that is NumPy's write
//! ```
//!
//! What is leased are addresses, and what is given back are those same addresses, whatever has become of
//! the arrays in between.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::layout::Layout;

/// What a call does with an array. (A whole word, so that a [`Span`] is copied without a stall.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Access {
    /// It only reads.
    Read,
    /// It writes, and may read.
    Write,
}

/// Addresses and what is done with them: an interval, of which only a comb may be meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    start: usize,
    end: usize,
    /// The teeth begin at `start` plus multiples of this, so that columns of one array can be worked
    /// on side by side; 0 for an interval without gaps.
    period: usize,
    /// The length of a tooth.
    extent: usize,
    access: Access,
}

impl Span {
    /// No address.
    pub const NOWHERE: Span = Span { start: 0, end: 0, period: 0, extent: 0, access: Access::Read };

    /// The places of a state or a batch of them whose basis state 0 is at `data`; a real number has
    /// `2**shift` bytes.
    #[cold]
    pub fn of(data: usize, layout: &Layout, shift: u32, access: Access) -> Span {
        let bits = (0..layout.num_qubits()).map(|bit| (2, layout.stride(bit)));
        let batch = layout.batch_or_one();
        let counted = batch.shape.iter().copied().zip(batch.strides.iter().copied());
        let mut axes: Vec<(usize, isize)> = bits.chain(counted).filter(|&(len, _)| len != 1).collect();
        if batch.is_empty() {
            return Span { start: data, end: data, period: 0, extent: 0, access };
        }
        let reach = |&(len, stride): &(usize, isize)| (len as isize - 1) * stride;
        let lowest = layout.lowest() + axes.iter().map(reach).filter(|&reach| reach < 0).sum::<isize>();
        axes.iter_mut().for_each(|(_, stride)| *stride = stride.abs());
        axes.sort_by_key(|&(_, stride)| stride);
        let mut span = Span { start: 0, end: 0, period: 0, extent: 0, access };
        // The axes below a cut make a tooth, those above it repeat it; the sparsest comb is kept.
        let mut tooth = 2usize;
        for (cut, axis) in axes.iter().enumerate() {
            let above = axes[cut..].iter().fold(0, |gcd, axis| greatest_divisor(gcd, axis.1 as usize));
            if tooth < above && (span.period == 0 || tooth * span.period < span.extent * above) {
                (span.period, span.extent) = (above, tooth);
            }
            tooth += reach(axis) as usize;
        }
        span.start = data.wrapping_add_signed(lowest << shift);
        span.end = span.start + (tooth << shift);
        (span.period, span.extent) = (span.period << shift, span.extent << shift);
        span
    }

    /// Those of `len` bytes in a row.
    #[inline]
    pub fn row(start: usize, len: usize, access: Access) -> Span {
        Span { start, end: start + len, period: 0, extent: 0, access }
    }

    /// Whether all of it lies between these addresses.
    pub fn lies_in(&self, start: usize, end: usize) -> bool {
        start <= self.start && self.end <= end
    }

    /// Whether it is for writing.
    pub fn writes(&self) -> bool {
        self.access == Access::Write
    }

    /// Whether two calls with these spans must not run at once: one writes what the other uses.
    pub fn conflicts(&self, other: &Span) -> bool {
        let writes = self.access == Access::Write || other.access == Access::Write;
        writes && self.start < other.end && other.start < self.end && !self.is_between(other)
    }

    /// Whether the teeth of one comb lie in the gaps of the other.
    fn is_between(&self, other: &Span) -> bool {
        let period = greatest_divisor(self.period, other.period);
        if period == 0 {
            return false;
        }
        let extent = |span: &Span| if span.period == 0 { span.end - span.start } else { span.extent };
        let ahead = (other.start % period + period - self.start % period) % period;
        ahead >= extent(self) && period - ahead >= extent(other)
    }
}

/// The greatest common divisor; that of 0 and a number is the number.
fn greatest_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

/// What calls are working on.
static LEASES: Mutex<Vec<Span>> = Mutex::new(Vec::new());

/// How many spans [`LEASES`] holds, to be looked at without the lock.
static HELD: AtomicUsize = AtomicUsize::new(0);

fn leases() -> MutexGuard<'static, Vec<Span>> {
    // No code that can panic runs under the lock, so a poisoned one is still sound.
    LEASES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn conflict(held: &[Span], wanted: impl Iterator<Item = Span> + Clone) -> bool {
    held.iter().any(|held| wanted.clone().any(|wanted| held.conflicts(&wanted)))
}

/// Sees to it that the spans of one call do not conflict with each other.
///
/// # Errors
/// [`Error::InUse`].
#[inline]
pub fn distinct(mut spans: impl Iterator<Item = Span> + Clone) -> Result<()> {
    while let Some(span) = spans.next() {
        if spans.clone().any(|other| other.conflicts(&span)) {
            return Err(Error::InUse);
        }
    }
    Ok(())
}

/// Sees to it that no lease conflicts with these spans now.
///
/// # Errors
/// [`Error::InUse`].
#[inline]
pub fn free(spans: impl Iterator<Item = Span> + Clone) -> Result<()> {
    match HELD.load(Ordering::Acquire) == 0 || !conflict(&leases(), spans) {
        true => Ok(()),
        false => Err(Error::InUse),
    }
}

/// Forgets all leases: for a forked child, which has none of its parent's threads.
pub fn forget() {
    leases().clear();
    HELD.store(0, Ordering::Release);
}

/// The right to some addresses, given back when it is dropped.
pub struct Lease<S: Iterator<Item = Span> + Clone>(S);

impl<S: Iterator<Item = Span> + Clone> Lease<S> {
    /// Takes it.
    ///
    /// # Errors
    /// [`Error::InUse`] where another lease conflicts with it.
    pub fn take(spans: S) -> Result<Lease<S>> {
        let mut held = leases();
        if conflict(&held, spans.clone()) {
            return Err(Error::InUse);
        }
        held.extend(spans.clone());
        HELD.store(held.len(), Ordering::Release);
        Ok(Lease(spans))
    }
}

impl<S: Iterator<Item = Span> + Clone> Drop for Lease<S> {
    fn drop(&mut self) {
        let mut held = leases();
        for span in self.0.clone() {
            if let Some(at) = held.iter().rposition(|held| *held == span) {
                held.swap_remove(at);
            }
        }
        HELD.store(held.len(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(shape: &[usize], strides: &[isize], access: Access) -> Span {
        let batch = shape.len() as i64 - 1;
        // Reals of 8 bytes, as `Span::of` takes them.
        let layout = Layout::of_array("state", shape, strides, batch).unwrap();
        Span::of(1 << 20, &layout, 3, access)
    }

    #[test]
    fn columns_of_one_array_are_worked_on_side_by_side() {
        let column = |first: usize| {
            let layout = Layout::of_array("state", &[4], &[6], 0).unwrap();
            Span::of((1 << 20) + 16 * first, &layout, 3, Access::Write)
        };
        for (one, two) in [(0, 1), (0, 2), (1, 2), (2, 0)] {
            assert!(!column(one).conflicts(&column(two)), "columns {one} and {two}");
            assert!(column(one).conflicts(&column(one)));
        }
        let both = span(&[3, 4], &[2, 6], Access::Read);
        assert!(column(1).conflicts(&both) && both.conflicts(&column(1)));
    }

    #[test]
    fn readers_share_and_writers_do_not() {
        let row = |start, access| Span::row(start, 64, access);
        for (one, two, expected) in [
            (row(0, Access::Read), row(0, Access::Read), false),
            (row(0, Access::Read), row(63, Access::Write), true),
            (row(0, Access::Write), row(64, Access::Write), false),
            (row(0, Access::Write), Span::NOWHERE, false),
        ] {
            assert_eq!((one.conflicts(&two), two.conflicts(&one)), (expected, expected));
            assert_eq!(distinct([one, two].into_iter()).is_err(), expected);
        }
    }

    #[test]
    fn a_lease_keeps_others_away_until_it_is_dropped() {
        // Addresses of this test's own, as tests run side by side.
        let wanted = [Span::row(1 << 40, 64, Access::Write)];
        let lease = Lease::take(wanted.into_iter()).unwrap();
        assert_eq!(free(wanted.into_iter()), Err(Error::InUse));
        assert!(Lease::take(wanted.into_iter()).is_err());
        drop(lease);
        assert_eq!(free(wanted.into_iter()), Ok(()));
    }

    proptest! {
        /// Two spans that do not conflict have no byte in common.
        #[test]
        fn fuzz_no_two_calls_share_a_byte(
            starts in prop::array::uniform2(0usize..40),
            strides in prop::array::uniform2(prop::collection::vec(1isize..12, 1..4)),
            flips in prop::array::uniform2(0u8..8),
        ) {
            let lie = |number: usize| {
                let signed = |(axis, stride): (usize, &isize)| {
                    if flips[number] >> axis & 1 == 1 { -2 * stride } else { 2 * stride }
                };
                let strides: Vec<isize> = strides[number].iter().enumerate().map(signed).collect();
                let (shape, mut all) = (vec![2; strides.len()], strides.clone());
                // A single axis of length 2 is a vector, as it stands.
                let layout = Layout::of_array("state", &shape, &all, 0).ok()?;
                all.push(0);
                let start = (1usize << 12) + 16 * starts[number];
                let mut bytes = Vec::new();
                for index in 0..1usize << strides.len() {
                    let at = |axis: usize| (index >> axis & 1) as isize * strides[axis];
                    let first = start.wrapping_add_signed(8 * (0..strides.len()).map(at).sum::<isize>());
                    bytes.extend(first..first + 16);
                }
                Some((Span::of(start, &layout, 3, Access::Write), bytes))
            };
            if let (Some((one, used)), Some((two, others))) = (lie(0), lie(1))
                && !one.conflicts(&two)
            {
                prop_assert!(used.iter().all(|byte| !others.contains(byte)));
            }
        }
    }
}
