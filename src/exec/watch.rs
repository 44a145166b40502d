//! Calls that can be stopped: wherever the work of a watched call is cut, it is asked whether to go on.
//!
//! A call that is stopped unwinds, as if it had panicked, from the place where it was cut to [`watched`]. So no
//! verb has to tell its caller that its result is worth nothing, and none can forget it. Verbs that change
//! states must be sound at each cut; work that must not end half done is done as a [`whole`].

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::progress::Progress;

/// Work of one thread, in nanoseconds, after which to ask: seldom enough that it costs nothing to speak of. A
/// call that has to wait for memory, as that of a file, takes a hundred times as long, and is still asked in time.
const CHUNK_NANOS: f64 = 100_000.0;

/// Chunks that are made of a call at most.
const MAX_CHUNKS: u64 = 1 << 16;

/// How a call is watched.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    progress: &'a Progress<'a>,
    chunks: u64,
}

thread_local! {
    /// The watch over what this thread does.
    static CURRENT: Cell<Option<Watch<'static>>> = const { Cell::new(None) };
}

/// Has a thread watched, or not, until it is dropped.
struct Watching {
    before: Option<Watch<'static>>,
}

impl Watching {
    fn begin(watch: Option<Watch<'static>>) -> Watching {
        Watching { before: CURRENT.replace(watch) }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

/// What a call unwinds with that is stopped.
struct Stopped;

/// Does work of `nanos` on this thread and others, and asks `progress` wherever it is cut. None if it is stopped.
pub fn watched<R>(progress: &Progress<'_>, nanos: f64, work: impl FnOnce() -> R) -> Option<R> {
    let chunks = ((nanos / CHUNK_NANOS) as u64).clamp(1, MAX_CHUNKS);
    let watch = Watch { progress, chunks };
    // SAFETY: nobody can have the watch when this function is left: `Watching` takes it back, and what has got
    // it from this thread, in `each`, ends before.
    let watching =
        Watching::begin(Some(unsafe { std::mem::transmute::<Watch<'_>, Watch<'static>>(watch) }));
    let done = catch_unwind(AssertUnwindSafe(work));
    drop(watching);
    match done {
        Ok(made) => Some(made),
        Err(reason) if reason.is::<Stopped>() => None,
        Err(panic) => resume_unwind(panic),
    }
}

/// Asks whether to go on, where this thread's work is watched: for loops that nothing else cuts.
pub fn ask() {
    if let Some(watch) = Watch::of_this_thread() {
        watch.go_on();
        watch.end_if_stopped();
    }
}

/// Does some work without asking, to its end.
pub fn whole<R>(work: impl FnOnce() -> R) -> R {
    let _watching = Watching::begin(None);
    work()
}

impl Watch<'_> {
    /// The watch over what this thread does, if any.
    #[inline]
    pub fn of_this_thread() -> Option<Watch<'static>> {
        CURRENT.get()
    }

    /// How many chunks its work is cut into.
    pub fn chunks(self) -> u64 {
        self.chunks
    }

    /// Whether to go on.
    pub fn go_on(self) -> bool {
        self.progress.ask()
    }

    /// Unwinds if the call is stopped.
    pub fn end_if_stopped(self) {
        if self.progress.stopped() {
            // No panic: no hook is called, and nothing is printed.
            resume_unwind(Box::new(Stopped));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::{reduce, run, split};
    use super::*;

    /// A token that stops at the `n`th question.
    fn stop_at(n: usize, asked: &AtomicUsize) -> impl Fn(f64) -> bool + Sync {
        move |_| asked.fetch_add(1, Ordering::Relaxed) + 1 < n
    }

    #[test]
    fn work_ends_where_it_is_stopped_and_only_there() {
        for threads in [1, 2, 3] {
            let (asked, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let stop = stop_at(3, &asked);
            let count = |_| {
                done.fetch_add(1, Ordering::Relaxed);
            };
            let made = watched(&Progress::new(&stop), 100.0 * CHUNK_NANOS, || run(threads, count));
            assert_eq!(made, None);
            // Workers may have done any chunk before the caller was asked for the third time.
            assert!(threads > 1 || done.load(Ordering::Relaxed) == 2);
            let made = watched(&Progress::unwatched(), 100.0 * CHUNK_NANOS, || run(threads, |_| ()));
            assert_eq!(made, Some(()));
            run(threads, |_| ());
        }
    }

    #[test]
    fn every_cut_asks_and_whole_work_does_not() {
        for threads in [1, 2] {
            let asked = AtomicUsize::new(0);
            let stop = stop_at(1, &asked);
            let stopped = |work: &dyn Fn()| watched(&Progress::new(&stop), 1e9, work).is_none();
            assert!(stopped(&|| run(threads, |_| ())));
            assert!(stopped(&|| assert_eq!(reduce(threads, 10, |_| 0, |a, b| a + b), 0)));
            assert!(stopped(&|| split(threads, 100, &mut [0; 100], |_, _| ())));
            let asked_before = asked.load(Ordering::Relaxed);
            assert!(!stopped(&|| whole(|| run(threads, |_| ()))));
            assert_eq!(asked.load(Ordering::Relaxed), asked_before);
        }
    }

    #[test]
    fn a_panic_is_no_stop() {
        let caught = catch_unwind(|| watched(&Progress::unwatched(), 0.0, || panic!("its own")));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"its own"));
        assert!(Watch::of_this_thread().is_none());
    }
}
