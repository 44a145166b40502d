//! One reading of each state of a batch.

use std::sync::Mutex;

use crate::exec;
use crate::layout::Batch;
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
    let layout = first.layout();
    let one = Batch::default();
    let batch = layout.batch().unwrap_or(&one);
    let inside = exec::worth(nanos, threads);
    let across = if inside > 1 { 1 } else { threads };
    let values = Mutex::new(vec![V::default(); batch.len()]);
    exec::run(across, |part| {
        let range = part.range(batch.len() as u64);
        let range = range.start as usize..range.end as usize;
        let mut own = Vec::with_capacity(range.len());
        for (offset, number) in batch.offsets(range.clone(), 1).zip(range.clone()) {
            // SAFETY: a state of the batch.
            let state = unsafe { StateRef::from_raw(first.origin().offset(offset), layout) };
            own.push(read(state, number, inside));
        }
        values.lock().expect("nothing panics under the lock")[range].clone_from_slice(&own);
    });
    values.into_inner().expect("nothing panics under the lock")
}
