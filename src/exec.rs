//! How work is cut and who runs it: the only room that names rayon, and the one thread policy.
//!
//! A call is cut into equal chunks, which the calling thread and the workers of the pool take one by
//! one. The calling thread starts at once: a worker that wakes late finds less to do, or the work done, and nobody
//! waits for it longer than for its last chunk.
//!
//! **Estimates.** All functions and constants of the crate with `nanos` in their names estimate how many
//! nanoseconds one thread takes. They are rough, and are used only to choose the number of threads, to
//! decide whether to release Python's interpreter, and to show progress. No result depends on them.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::kernels::Chunk;
use crate::progress::Progress;
use crate::simd::Isa;
use crate::state::{StateMut, StateRef, States, StatesMut};

mod pool;
mod watch;

use pool::Pool;
use watch::Watch;
pub use watch::{ask, watched, whole};

/// Work below this many nanoseconds of one thread runs on the calling thread.
///
/// A worker wakes up in 20 to 70 us, so work of 30 us is as fast alone and work of 190 us is done in 110
/// by two. `numket bench batch` on 2 cores, with AVX-512: 27 us for CX on 17 qubits alone, 38 on two
/// threads; 192 for H on 18, 112 on two. Over 6 to 22 qubits, what this chooses takes 0.96 to 1.08 times
/// what the better of one and two threads takes.
const PARALLEL_MIN_NANOS: f64 = 60_000.0;

/// Chunks per thread: enough to even out a late worker, few enough that setting them up costs nothing to
/// speak of.
const CHUNKS_PER_THREAD: u64 = 4;

/// A state of so many bytes stays in the caches while a circuit runs on it. Noisy circuits took 35 ms instead of 56 on
/// 18 qubits where each of two threads had a run of its own, 171 instead of 190 on 20, and 780 instead of 476 on 22. Lower
/// than where the two are even, as caches differ.
const IN_CACHES: usize = 1 << 22;

/// From so many states for each thread on, it does not matter that the last thread has one more.
const EVEN: usize = 4;

/// More threads than this are never started: a limit of a million is a limit, not a wish.
const MAX_THREADS: usize = 256;

/// Levels of a [`reduce`] whose subtrees may run side by side: at least so many, more where it is watched.
const SUBTREE_LEVELS: u32 = 6;

/// The limit for all threads: 0 until it is set.
static LIMIT: AtomicUsize = AtomicUsize::new(0);

/// Tells the limit for whoever calls: a context of Python's has one of its own.
static SCOPE: OnceLock<fn() -> Option<usize>> = OnceLock::new();

/// Has `limit` asked, once and for all, for the limit of whoever calls; it goes before that of
/// [`set_num_threads`].
pub fn set_scope(limit: fn() -> Option<usize>) {
    // The first stays: a process has one Python.
    let _ = SCOPE.set(limit);
}

/// How many threads a call may use: what [`set_scope`] or [`set_num_threads`] says, else
/// `NUMKET_NUM_THREADS`, else `OMP_NUM_THREADS`, else the CPUs that this process may run on.
///
/// # Errors
/// [`Error::Setting`] where `NUMKET_NUM_THREADS` is no positive number.
pub fn num_threads() -> Result<usize> {
    SCOPE.get().and_then(|limit| limit()).map_or_else(limit_of_process, Ok)
}

/// The same whoever calls.
///
/// # Errors
/// As [`num_threads`].
pub fn limit_of_process() -> Result<usize> {
    match LIMIT.load(Ordering::Relaxed) {
        0 => default_threads(),
        limit => Ok(limit),
    }
}

fn default_threads() -> Result<usize> {
    Ok(setting()?.or_else(setting_of_openmp).unwrap_or_else(cpus))
}

/// What decides how many threads a call may use.
///
/// # Errors
/// As [`num_threads`].
pub fn decided_by() -> Result<&'static str> {
    Ok(match () {
        () if SCOPE.get().and_then(|limit| limit()).is_some() => "numket.threads",
        () if LIMIT.load(Ordering::Relaxed) > 0 => "numket.set_num_threads",
        () if setting()?.is_some() => "NUMKET_NUM_THREADS",
        () if setting_of_openmp().is_some() => "OMP_NUM_THREADS",
        () => "the CPUs of the process",
    })
}

/// What `OMP_NUM_THREADS` says, read once: joblib, Dask, Ray and scripts for Slurm set it for each of several workers
/// on a machine. Of a list, whose further numbers are for nested regions, it is the first. What makes no sense is
/// left alone, as OpenMP does: the variable is not numket's.
fn setting_of_openmp() -> Option<usize> {
    static SETTING: OnceLock<Option<usize>> = OnceLock::new();
    *SETTING.get_or_init(|| first_of_list(&std::env::var("OMP_NUM_THREADS").ok()?))
}

fn first_of_list(list: &str) -> Option<usize> {
    list.split(',').next()?.trim().parse().ok().filter(|&count| count >= 1)
}

/// What `NUMKET_NUM_THREADS` says, read once.
///
/// # Errors
/// [`Error::Setting`] where that is no positive number.
pub fn setting() -> Result<Option<usize>> {
    static SETTING: OnceLock<Result<Option<usize>>> = OnceLock::new();
    let read = || match std::env::var("NUMKET_NUM_THREADS") {
        Ok(value) if !value.trim().is_empty() => match value.trim().parse() {
            Ok(count) if count >= 1 => Ok(Some(count)),
            _ => Err(Error::Setting {
                name: "NUMKET_NUM_THREADS",
                value,
                accepted: "a whole number from 1".to_owned(),
            }),
        },
        _ => Ok(None),
    };
    SETTING.get_or_init(read).clone()
}

/// The CPUs that this process may run on, and that its control group grants it: asked anew after this long,
/// because both can change, and because the answer is read from files.
const CPUS_HOLD: Duration = Duration::from_secs(1);

fn cpus() -> usize {
    static KNOWN: Mutex<Option<(Instant, usize)>> = Mutex::new(None);
    // Who finds it locked, as the child of a fork may, asks by itself.
    let mut known = KNOWN.try_lock().ok();
    if let Some(Some((when, count))) = known.as_deref()
        && when.elapsed() < CPUS_HOLD
    {
        return *count;
    }
    let count = std::thread::available_parallelism().map_or(1, |count| count.get());
    if let Some(known) = &mut known {
        **known = Some((Instant::now(), count));
    }
    count
}

/// Checks a thread count given by a user, as the argument called `argument`.
///
/// # Errors
/// [`Error::Threads`] below 1.
pub fn checked(argument: &'static str, count: i64) -> Result<usize> {
    let found = usize::try_from(count).ok().filter(|&count| count >= 1);
    found.ok_or(Error::Threads { argument, count })
}

/// Sets how many threads calls of this process may use from now on.
///
/// # Errors
/// [`Error::Threads`] below 1.
pub fn set_num_threads(threads: i64) -> Result<()> {
    LIMIT.store(checked("threads", threads)?, Ordering::Relaxed);
    Ok(())
}

/// The thread policy: how many threads `nanos` of work of one thread are worth, given the caller's
/// own limit.
///
/// # Errors
/// As for [`num_threads`].
#[inline]
pub fn threads_for(nanos: f64, limit: Option<usize>) -> Result<usize> {
    if worth(nanos, 2) == 1 {
        return Ok(1);
    }
    match FORCED.load(Ordering::Relaxed) {
        // A thread more for each time that one alone would be worth it.
        0 => {
            let worthwhile = (nanos / PARALLEL_MIN_NANOS) as usize + 1;
            Ok(limit.map_or_else(num_threads, Ok)?.min(worthwhile).min(MAX_THREADS))
        }
        forced => Ok(forced.min(MAX_THREADS)),
    }
}

/// The threads that every call uses while the thread policy is measured: 0 otherwise.
static FORCED: AtomicUsize = AtomicUsize::new(0);

/// Has every call use `count` threads, worth it or not; with 0, lets the policy decide again.
pub fn force_threads(count: usize) {
    FORCED.store(count, Ordering::Relaxed);
}

/// How many of `threads` a piece of work is worth that takes one thread `nanos`.
#[inline]
pub fn worth(nanos: f64, threads: usize) -> usize {
    if nanos < PARALLEL_MIN_NANOS && FORCED.load(Ordering::Relaxed) == 0 { 1 } else { threads }
}

/// Who does the work of a call: the lanes of each thread, and how many threads at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crew {
    /// The instruction set.
    pub isa: Isa,
    /// How many threads may work, the calling one among them.
    pub threads: usize,
}

impl Crew {
    /// The crew for `nanos` of work of one thread, given the caller's own limit.
    ///
    /// # Errors
    /// [`Error::Setting`] where an environment variable asks for what there is not.
    #[inline]
    pub fn new(nanos: f64, limit: Option<usize>) -> Result<Crew> {
        Ok(Crew { isa: Isa::chosen()?, threads: threads_for(nanos, limit)? })
    }

    /// The calling thread alone, with the widest lanes.
    ///
    /// # Errors
    /// As [`Crew::new`].
    pub fn alone() -> Result<Crew> {
        Ok(Crew { isa: Isa::chosen()?, threads: 1 })
    }

    /// As many of the crew as a piece of work is worth that takes one thread `nanos`.
    #[inline]
    pub fn worth(self, nanos: f64) -> Crew {
        Crew { threads: worth(nanos, self.threads), ..self }
    }

    /// Shares the crew out over a batch of which each state takes one thread `nanos`: how many states are
    /// worked on at a time, and the crew of each. Threads share a state where it is large, and the batch
    /// where it is not.
    pub fn shared_out(self, nanos: f64) -> (usize, Crew) {
        let inside = self.worth(nanos);
        (if inside.threads > 1 { 1 } else { self.threads }, inside)
    }

    /// As [`Crew::shared_out`], for many sweeps over states of so many bytes. Where the batch has work for all threads
    /// and the state of each fits in its caches, threads share the batch even so: then they need not meet after each
    /// sweep, and read what they wrote.
    pub fn shared_out_for_sweeps(self, nanos: f64, states: usize, bytes: usize) -> (usize, Crew) {
        let even = states.is_multiple_of(self.threads) || states >= EVEN * self.threads;
        match even && bytes <= IN_CACHES {
            true => (self.threads, Crew { threads: 1, ..self }),
            false => self.shared_out(nanos),
        }
    }
}

/// Calls `read` for each state of a batch, with the number of the state in C order, the state, and its share of
/// `out`. All shares have the same length.
///
/// # Panics
/// Where `out` cannot be shared out like that.
pub fn each_state<T: Sync, V: Send>(
    states: States<'_, T>,
    threads: usize,
    out: &mut [V],
    read: impl Fn(usize, StateRef<'_, T>, &mut [V]) + Sync,
) {
    if states.layout().batch().is_none() {
        return read(0, states.first(), out);
    }
    split(threads, states.len(), out, |range, mut out| {
        let size = out.len() / range.len().max(1);
        for (number, state) in range.clone().zip(states.part(range)) {
            read(number, state, out.split_off_mut(..size).expect("as many for each state"));
        }
    });
}

/// As [`each_state`], to change the states; no more of them once it is stopped.
///
/// # Panics
/// As there.
pub fn each_state_mut<T: Send + Sync, V: Send>(
    states: &mut StatesMut<'_, T>,
    threads: usize,
    out: &mut [V],
    progress: &Progress<'_>,
    change: impl Fn(usize, &mut StateMut<'_, T>, &mut [V]) + Sync,
) {
    // One state alone: on the smallest, the walk through a batch takes 20 ns of 330.
    if states.layout().batch().is_none() {
        if !progress.stopped() {
            change(0, &mut states.first(), out);
        }
        return;
    }
    let states: &StatesMut<'_, T> = states;
    split(threads, states.len(), out, |range, mut out| {
        let size = out.len() / range.len().max(1);
        // SAFETY: each range is handed out once, and the states of it one by one.
        for (number, mut state) in range.clone().zip(unsafe { states.part(range) }) {
            if progress.stopped() {
                return;
            }
            change(number, &mut state, out.split_off_mut(..size).expect("as many for each state"));
        }
    });
}

/// Runs `body` on all chunks of its work, on `threads` threads including the calling one.
#[inline]
pub fn run(threads: usize, body: impl Fn(Chunk) + Sync) {
    match chunks(threads) {
        1 => body(Chunk::WHOLE),
        count => each(threads, count, |index| body(Chunk { index, count })),
    }
}

/// How many chunks are made of work for `threads` threads: one alone makes one, but where it is watched.
#[inline]
fn chunks(threads: usize) -> u64 {
    let shared = if threads <= 1 { 1 } else { threads as u64 * CHUNKS_PER_THREAD };
    Watch::of_this_thread().map_or(shared, |watch| watch.chunks().max(shared))
}

/// Cuts `count` items into ranges and runs `body` on each, with the elements of `out` that belong to its items.
/// All items have the same number of elements.
///
/// # Panics
/// Where `out` cannot be shared out like that.
pub fn split<V: Send>(
    threads: usize,
    count: usize,
    out: &mut [V],
    body: impl Fn(Range<usize>, &mut [V]) + Sync,
) {
    let chunks = chunks(threads).min(count as u64);
    if chunks <= 1 {
        return body(0..count, out);
    }
    let size = out.len() / count;
    assert_eq!(out.len(), size * count, "as many elements for each item");
    let mut rest = out;
    let shares: Vec<_> = (0..chunks)
        .map(|index| {
            let range = Chunk { index, count: chunks }.range(count as u64);
            let range = range.start as usize..range.end as usize;
            let (own, others) = std::mem::take(&mut rest).split_at_mut(range.len() * size);
            rest = others;
            Mutex::new((range, own))
        })
        .collect();
    each(threads, chunks, |index| {
        let (range, own) = &mut *lock(&shares[index as usize]);
        body(range.clone(), own);
    });
}

/// Combines the results of `2**levels` leaves in a fixed binary tree: the same bits whatever the
/// number of threads.
pub fn reduce<V: Send>(
    threads: usize,
    levels: u32,
    leaf: impl Fn(Chunk) -> V + Sync,
    combine: impl Fn(V, V) -> V + Sync,
) -> V {
    /// The subtree of `levels` levels over the leaves from `first`.
    fn subtree<V>(first: u64, levels: u32, leaf: &impl Fn(u64) -> V, combine: &impl Fn(V, V) -> V) -> V {
        if levels == 0 {
            return leaf(first);
        }
        let half = |first| subtree(first, levels - 1, leaf, combine);
        combine(half(first), half(first + (1 << (levels - 1))))
    }
    let count = 1u64 << levels;
    let leaf = |index| leaf(Chunk { index, count });
    let chunks = chunks(threads);
    if chunks == 1 {
        return subtree(0, levels, &leaf, &combine);
    }
    let top = levels.min(SUBTREE_LEVELS.max(chunks.ilog2()));
    let below = levels - top;
    let slots: Vec<Mutex<Option<V>>> = (0..1u64 << top).map(|_| Mutex::new(None)).collect();
    let slot = |index: u64| lock(&slots[index as usize]);
    each(threads, 1 << top, |index| {
        let value = subtree(index << below, below, &leaf, &combine);
        *slot(index) = Some(value);
    });
    let take = |index| slot(index).take().expect("every subtree was computed");
    subtree(0, top, &take, &combine)
}

/// Runs `body` on the numbers below `count`, handed out one by one to the calling thread and to
/// `threads - 1` workers. Where the call is watched, each of them looks before each number whether to go on.
pub fn each(threads: usize, count: u64, body: impl Fn(u64) + Sync) {
    let watch = Watch::of_this_thread();
    let go_on = || watch.is_none_or(Watch::go_on);
    let next = AtomicU64::new(0);
    let work = || {
        while go_on() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            body(index);
        }
    };
    match if threads <= 1 { None } else { Pool::take(threads - 1) } {
        Some(taken) => taken.run(threads - 1, &work),
        None => work(),
    }
    if let Some(watch) = watch {
        watch.end_if_stopped();
    }
}

/// The lock, also where a panic in work that several threads share has poisoned it: that panic goes on to the
/// caller, who sees nothing of what is locked here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn every_part_runs_once_whatever_the_thread_count() {
        for threads in 1..5 {
            let done = AtomicU64::new(0);
            run(threads, |part| {
                let range = part.range(1000);
                done.fetch_add(range.map(|i| i + 1).sum(), Ordering::Relaxed);
            });
            assert_eq!(done.into_inner(), 500_500);
        }
    }

    #[test]
    fn a_reduction_has_the_same_bits_whatever_the_thread_count() {
        let value = |part: Chunk| 1.0 / (part.index as f64 + 1.0);
        for levels in [0, 1, 5, 6, 7, 12] {
            let one = reduce(1, levels, value, |a, b| a + b);
            for threads in 2..5 {
                let many = reduce(threads, levels, value, |a, b| a + b);
                assert_eq!(one.to_bits(), many.to_bits(), "{levels} levels");
            }
        }
    }

    #[test]
    fn every_item_is_done_once_with_what_is_its_own() {
        for (threads, count) in [(1, 7), (2, 0), (2, 1), (2, 7), (3, 100)] {
            let mut out = vec![0; 3 * count];
            split(threads, count, &mut out, |range, own| {
                for (item, own) in range.zip(own.chunks_exact_mut(3)) {
                    own.iter_mut().for_each(|element| *element += item + 1);
                }
            });
            let expected: Vec<usize> = (0..3 * count).map(|i| i / 3 + 1).collect();
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_panic_in_a_part_reaches_the_caller_and_the_pool_lives_on() {
        let caught = std::panic::catch_unwind(|| run(2, |part| assert!(part.index != 3)));
        assert!(caught.is_err());
        run(2, |_| {});
    }

    #[test]
    fn parts_run_side_by_side() {
        // Ends only if two threads are inside at once; another test may hold the pool for a while.
        let met = (0..1000).any(|_| {
            let (inside, met) = (AtomicU64::new(0), AtomicBool::new(false));
            each(2, 2, |_| {
                inside.fetch_add(1, Ordering::SeqCst);
                let start = std::time::Instant::now();
                while inside.load(Ordering::SeqCst) < 2 && start.elapsed().as_millis() < 50 {
                    std::hint::spin_loop();
                }
                met.fetch_or(
                    inside.load(Ordering::SeqCst) == 2 && start.elapsed().as_millis() < 50,
                    Ordering::SeqCst,
                );
            });
            met.into_inner()
        });
        assert!(met);
    }

    #[test]
    fn a_call_that_finds_the_pool_taken_does_its_work_alone() {
        let done = AtomicU64::new(0);
        each(2, 8, |_| {
            each(2, 8, |_| {
                done.fetch_add(1, Ordering::Relaxed);
            });
        });
        assert_eq!(done.into_inner(), 64);
    }

    #[test]
    fn the_first_number_of_a_list_is_that_of_openmp() {
        for (list, count) in [("1", Some(1)), (" 4,2", Some(4)), ("3 , 1", Some(3))] {
            assert_eq!(first_of_list(list), count);
        }
        for list in ["", "0", "-1", "two", "1.5", ",2"] {
            assert_eq!(first_of_list(list), None);
        }
    }

    #[test]
    fn small_work_stays_on_the_calling_thread() {
        assert_eq!(threads_for(PARALLEL_MIN_NANOS - 1.0, Some(7)), Ok(1));
        assert_eq!(threads_for(PARALLEL_MIN_NANOS, Some(7)), Ok(2));
        assert_eq!(threads_for(PARALLEL_MIN_NANOS * 1e3, Some(7)), Ok(7));
        assert_eq!(checked("threads", 0), Err(Error::Threads { argument: "threads", count: 0 }));
    }
}
