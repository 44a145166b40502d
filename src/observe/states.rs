//! One reading of each state of a batch.

use super::{batch_of, shared_out};
use crate::exec;
use crate::simd::Real;
use crate::state::StateRef;

/// What `read` tells of each state of the batch of which `first` is the first, in C order. It is given the
/// number of the state and how many threads it may use: a state takes one thread `nanos`, and threads share
/// a state where that is worth it, and the batch where it is not.
///
/// # Safety
/// `first` holds the memory of all states of the batch that its layout tells.
pub unsafe fn each_state<T: Real, V: Clone + Default + Send>(
    first: StateRef<'_, T>,
    nanos: f64,
    threads: usize,
    read: impl Fn(StateRef<'_, T>, usize, usize) -> V + Sync,
) -> Vec<V> {
    let batch = batch_of(first.layout());
    let (across, inside) = shared_out(nanos, threads);
    let mut values = vec![V::default(); batch.len()];
    exec::split(across, batch.len(), &mut values, |range, values| {
        for ((value, offset), number) in
            values.iter_mut().zip(batch.offsets(range.clone(), 1)).zip(range)
        {
            // SAFETY: the caller's promise.
            *value = read(unsafe { first.shifted(offset) }, number, inside);
        }
    });
    values
}
