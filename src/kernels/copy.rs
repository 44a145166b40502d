//! Copies a state to another, which may lie differently, and be complex where the first is real.

use super::reduce::Span;
use super::{Chunk, Deltas};
use crate::simd::Real;
use crate::state::{StateMut, StateRef};

/// Copies the amplitudes of a chunk, row by row: `span` tells the strides of both states.
pub(crate) fn copy<T: Real>(
    from: StateRef<'_, T>,
    to: &StateMut<'_, T>,
    span: Span<'_, 2>,
    chunk: Chunk,
) {
    let len = (from.layout().unit() as usize) << span.run;
    let widened = from.layout().is_real() && !to.layout().is_real();
    let (from, to) = (from.origin(), to.origin());
    for [source, target] in span.walk(&mut Deltas::empty(), chunk) {
        // SAFETY: a row of each state, and the states are held by different borrows.
        unsafe {
            let (from, to) = (from.offset(source), to.offset(target));
            if widened {
                for i in 0..len {
                    to.add(2 * i).write(from.add(i).read());
                    to.add(2 * i + 1).write(T::default());
                }
            } else {
                std::ptr::copy_nonoverlapping(from, to, len);
            }
        }
    }
}
