//! Copies a state to another, which may lie differently.

use super::reduce::Span;
use super::{Chunk, Deltas};
use crate::state::{StateMut, StateRef};

/// Copies the amplitudes of a chunk, row by row: `span` tells the strides of both states.
pub(crate) fn copy<T: Copy>(
    from: StateRef<'_, T>,
    to: &StateMut<'_, T>,
    span: Span<'_, 2>,
    chunk: Chunk,
) {
    let len = (from.layout().unit() as usize) << span.run;
    let (from, to) = (from.origin(), to.origin());
    for [source, target] in span.walk(&mut Deltas::empty(), chunk) {
        // SAFETY: a row of each state, and the states are held by different borrows.
        unsafe { std::ptr::copy_nonoverlapping(from.offset(source), to.offset(target), len) };
    }
}
