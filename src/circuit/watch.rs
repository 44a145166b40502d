//! Watching a run, and stopping it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ThreadId};

/// Asks the thread that started a run, every now and then, whether to go on, and tells it how many ops
/// are done.
pub struct Watch<'a> {
    caller: ThreadId,
    go_on: &'a (dyn Fn(f64) -> bool + Sync),
    stopped: AtomicBool,
    /// The bits of a number: how many ops are done.
    done: AtomicU64,
}

impl<'a> Watch<'a> {
    /// Watches runs that this thread starts. `go_on` is called on it alone.
    pub fn new(go_on: &'a (dyn Fn(f64) -> bool + Sync)) -> Watch<'a> {
        Watch {
            caller: thread::current().id(),
            go_on,
            stopped: AtomicBool::new(false),
            done: AtomicU64::new(0),
        }
    }

    /// How many ops are done.
    pub fn done(&self) -> f64 {
        f64::from_bits(self.done.load(Ordering::Relaxed))
    }

    /// Notes that one of `tiles` parts of some ops is done, and tells whether to go on.
    pub(super) fn tick(&self, ops: usize, tiles: u64) -> bool {
        let more = ops as f64 / tiles as f64;
        let add = |done| Some((f64::from_bits(done) + more).to_bits());
        // It always succeeds.
        let _ = self.done.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        if !self.stopped() && thread::current().id() == self.caller && !(self.go_on)(self.done()) {
            self.stopped.store(true, Ordering::Relaxed);
        }
        !self.stopped()
    }

    /// Whether the run has been stopped.
    pub fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
