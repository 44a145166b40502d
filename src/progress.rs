//! How far a run is, and whether it goes on: the one token by which a run is watched and stopped.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ThreadId};

/// Work after which it is worth asking whether to go on, in nanoseconds.
const ASK_NANOS: f64 = 1e6;

/// Asks the thread that started a run, every now and then, whether to go on, and tells it how many
/// operations are done.
pub struct Progress<'a> {
    caller: ThreadId,
    go_on: &'a (dyn Fn(f64) -> bool + Sync),
    stopped: AtomicBool,
    /// The bits of a number: nanoseconds of work on the caller's thread since it was asked.
    since: AtomicU64,
    /// The bits of a number: how many operations are done.
    done: AtomicU64,
}

impl Progress<'_> {
    /// Nobody is asked, and nothing is stopped.
    pub fn unwatched() -> Progress<'static> {
        Progress::new(&|_| true)
    }
}

impl<'a> Progress<'a> {
    /// Of runs that this thread starts. `go_on` is called on it alone, with the operations done.
    pub fn new(go_on: &'a (dyn Fn(f64) -> bool + Sync)) -> Progress<'a> {
        Progress {
            caller: thread::current().id(),
            go_on,
            stopped: AtomicBool::new(false),
            since: AtomicU64::new(0),
            done: AtomicU64::new(0),
        }
    }

    /// How many operations are done.
    pub fn done(&self) -> f64 {
        f64::from_bits(self.done.load(Ordering::Relaxed))
    }

    /// Notes that some operations are done, which took about `nanos`, and tells whether to go on.
    pub fn advance(&self, operations: f64, nanos: f64) -> bool {
        let add = |done| Some((f64::from_bits(done) + operations).to_bits());
        // It always succeeds.
        let _ = self.done.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        if self.stopped() || thread::current().id() != self.caller {
            return !self.stopped();
        }
        // Only the caller's thread comes here.
        let since = f64::from_bits(self.since.load(Ordering::Relaxed)) + nanos;
        let due = since >= ASK_NANOS;
        self.since.store(if due { 0 } else { since.to_bits() }, Ordering::Relaxed);
        !due || self.ask()
    }

    /// Asks whether to go on, and tells it; on other threads than the caller's, tells what it was told last.
    pub fn ask(&self) -> bool {
        let asks = !self.stopped() && thread::current().id() == self.caller;
        if asks && !(self.go_on)(self.done()) {
            self.stopped.store(true, Ordering::Relaxed);
        }
        !self.stopped()
    }

    /// Whether the run has been stopped.
    pub fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
