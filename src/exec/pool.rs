//! The workers, which all calls of a process share, one call at a time.
//!
//! Nobody waits for a worker that has not begun. On a busy machine, or after a pause, a worker may come
//! milliseconds after it was called, when the caller has long done all by itself: it then finds the job closed,
//! and never touches what belongs to the caller.

use std::any::Any;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::lock;

/// How often the caller looks whether the last workers are done before it sleeps: some microseconds.
const LOOKS: usize = 200;

/// A pool of workers.
pub struct Pool {
    /// The process that started them.
    process: u32,
    workers: rayon::ThreadPool,
    /// Whether a call is using it.
    taken: AtomicBool,
    /// What that call has to be done.
    job: Mutex<Option<Arc<Job>>>,
    /// Workers that have been called and have not come yet. They join whatever job there is then.
    called: AtomicUsize,
    #[cfg(target_os = "linux")]
    placed: Mutex<Placed>,
}

/// Work that workers may join until it is closed.
struct Job {
    door: Mutex<Door>,
    /// How many workers are at work; it changes while the door is locked.
    inside: AtomicUsize,
    /// Is told when the last worker has left.
    left: Condvar,
}

/// Who may join a job, and what has come of it.
struct Door {
    /// Borrowed from the caller, who waits until nobody is inside; none once the job is closed.
    work: Option<&'static (dyn Fn() + Sync)>,
    /// How many more may join.
    places: usize,
    /// What a worker panicked with.
    panic: Option<Box<dyn Any + Send>>,
}

impl Job {
    /// Joins the work, if it is not closed and there is a place.
    fn join(&self) {
        let mut door = lock(&self.door);
        let Some(work) = door.work.filter(|_| door.places > 0) else { return };
        door.places -= 1;
        self.inside.fetch_add(1, Ordering::Relaxed);
        drop(door);
        let done = catch_unwind(AssertUnwindSafe(work));
        let mut door = lock(&self.door);
        if let Err(panic) = done {
            door.panic = Some(panic);
        }
        if self.inside.fetch_sub(1, Ordering::Release) == 1 {
            self.left.notify_one();
        }
    }

    /// Lets nobody in any more, and waits for those inside.
    fn close(&self) {
        lock(&self.door).work = None;
        let all_left = || self.inside.load(Ordering::Acquire) == 0;
        for _ in 0..LOOKS {
            if all_left() {
                return;
            }
            spin_loop();
        }
        let mut door = lock(&self.door);
        while !all_left() {
            door = self.left.wait(door).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Which workers know which CPU they must leave to the caller.
#[cfg(target_os = "linux")]
#[derive(Default)]
struct Placed {
    /// The workers that have started.
    workers: Arc<Mutex<Vec<rustix::thread::Pid>>>,
    /// The CPU of the last call, and how many workers were told to leave it.
    left: Option<(usize, usize)>,
}

/// The pool while one call uses it.
pub struct Taken {
    pool: &'static Pool,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.pool.taken.store(false, Ordering::Release);
    }
}

impl Taken {
    /// Does `work` on this thread, and on up to so many workers as long as this thread is at it.
    pub fn run(self, workers: usize, work: &(dyn Fn() + Sync)) {
        /// Closes the job, also where the work panics.
        struct Closing<'a>(&'a Pool, &'a Job);
        impl Drop for Closing<'_> {
            fn drop(&mut self) {
                self.1.close();
                *lock(&self.0.job) = None;
            }
        }
        let pool = self.pool;
        pool.leave_this_cpu();
        // SAFETY: nobody has it any more once the job is closed, which it is when this function is left.
        let work_of_job =
            unsafe { std::mem::transmute::<&(dyn Fn() + Sync), &'static (dyn Fn() + Sync)>(work) };
        let door = Door { work: Some(work_of_job), places: workers, panic: None };
        let (door, inside) = (Mutex::new(door), AtomicUsize::new(0));
        let job = Arc::new(Job { door, inside, left: Condvar::new() });
        *lock(&pool.job) = Some(job.clone());
        let closing = Closing(pool, &job);
        for _ in pool.called.load(Ordering::Acquire)..workers {
            pool.called.fetch_add(1, Ordering::AcqRel);
            pool.workers.spawn(|| pool.come());
        }
        work();
        drop(closing);
        if let Some(panic) = lock(&job.door).panic.take() {
            resume_unwind(panic);
        }
    }
}

impl Pool {
    /// The pool for one call. None while it serves another, whose work may keep all workers until it
    /// ends: waiting for them could take longer than doing the work. None too where the system refuses
    /// to start threads.
    pub fn take(workers: usize) -> Option<Taken> {
        let pool = Pool::with(workers)?;
        let free = pool.taken.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
        free.is_ok().then_some(Taken { pool })
    }

    /// The pool, with at least `workers` threads: built when first needed, anew when more are asked
    /// for and after a fork, whose child has none of its parent's threads. The one before is left
    /// behind for good: its threads may be at work for another caller, or belong to another process.
    /// It is built for the next power of two, so that all that are left behind are no more than those
    /// in use.
    fn with(workers: usize) -> Option<&'static Pool> {
        static POOL: AtomicPtr<Pool> = AtomicPtr::new(std::ptr::null_mut());
        loop {
            let current = POOL.load(Ordering::Acquire);
            // SAFETY: null or leaked below, never freed.
            if let Some(pool) = unsafe { current.as_ref() }
                && pool.process == std::process::id()
                && pool.workers.current_num_threads() >= workers
            {
                return Some(pool);
            }
            let fresh = Box::into_raw(Box::new(Pool::start(workers.next_power_of_two())?));
            if POOL.compare_exchange(current, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
                // SAFETY: nobody else has seen it.
                drop(unsafe { Box::from_raw(fresh) });
            }
        }
    }

    /// What a worker does that has been called.
    fn come(&self) {
        self.called.fetch_sub(1, Ordering::AcqRel);
        let job = lock(&self.job).clone();
        if let Some(job) = job {
            job.join();
        }
    }

    fn start(workers: usize) -> Option<Pool> {
        let builder = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .thread_name(|index| format!("numket-{index}"));
        #[cfg(target_os = "linux")]
        let placed = Placed::default();
        #[cfg(target_os = "linux")]
        let builder = builder.start_handler({
            let started = placed.workers.clone();
            move |_| lock(&started).push(rustix::thread::gettid())
        });
        Some(Pool {
            process: std::process::id(),
            workers: builder.build().ok()?,
            taken: AtomicBool::new(false),
            job: Mutex::new(None),
            called: AtomicUsize::new(0),
            #[cfg(target_os = "linux")]
            placed: Mutex::new(placed),
        })
    }

    /// Tells the workers to run on any CPU that the caller may use but the one it is on.
    ///
    /// Otherwise Linux may wake a worker on the caller's own CPU, where it waits for the caller's
    /// time slice to end: on a virtual machine with 2 CPUs, after 1 to 200 ms of rest, a worker
    /// started 2 to 4 ms after it was called, and GHZ at 18 qubits kept 1.0 cores busy. With this,
    /// it starts after 20 to 70 us. Costs 13 us when the caller has moved to another CPU, else 30 ns.
    #[cfg(target_os = "linux")]
    fn leave_this_cpu(&self) {
        use rustix::thread::{sched_getaffinity, sched_getcpu, sched_setaffinity};
        // Only whoever has taken the pool comes here.
        let Ok(mut placed) = self.placed.try_lock() else { return };
        let cpu = sched_getcpu();
        let expected = self.workers.current_num_threads();
        if placed.left == Some((cpu, expected)) {
            return;
        }
        let Ok(mut cpus) = sched_getaffinity(None) else { return };
        let others = cpus.count() > 1;
        if others {
            cpus.unset(cpu);
        }
        let told = {
            let workers = lock(&placed.workers);
            for &worker in workers.iter() {
                // A refusal leaves the worker where the system puts it.
                let _ = sched_setaffinity(Some(worker), &cpus);
            }
            workers.len()
        };
        // A caller bound to one CPU may be let free, and stay where it is.
        placed.left = others.then_some((cpu, told));
    }

    #[cfg(not(target_os = "linux"))]
    fn leave_this_cpu(&self) {}
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn fresh(workers: usize) -> &'static Pool {
        let pool = Box::leak(Box::new(Pool::start(workers).unwrap()));
        pool.taken.store(true, Ordering::Release);
        pool
    }

    #[test]
    fn nobody_waits_for_a_worker_that_has_not_begun() {
        let pool = fresh(1);
        let (release, released) = mpsc::channel::<()>();
        pool.workers.spawn(move || released.recv().unwrap());
        let count = AtomicUsize::new(0);
        for _ in 0..3 {
            Taken { pool }.run(1, &|| {
                count.fetch_add(1, Ordering::Relaxed);
            });
        }
        assert_eq!(count.load(Ordering::Relaxed), 3);
        // It was called once for all three, and finds nothing to do.
        assert_eq!(pool.called.load(Ordering::Relaxed), 1);
        release.send(()).unwrap();
        while pool.called.load(Ordering::Relaxed) > 0 {
            std::thread::yield_now();
        }
        assert_eq!(count.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_late_worker_joins_the_job_of_the_day_and_no_more_than_may() {
        let pool = fresh(3);
        let (most, now) = (AtomicUsize::new(0), AtomicUsize::new(0));
        for _ in 0..200 {
            Taken { pool }.run(1, &|| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
            });
            assert_eq!(now.load(Ordering::SeqCst), 0, "whoever is inside is waited for");
        }
        assert!(most.into_inner() <= 2);
    }

    #[test]
    fn a_panic_of_a_worker_is_the_callers() {
        let pool = fresh(1);
        let caller = std::thread::current().id();
        for _ in 0..2 {
            let joined = AtomicBool::new(false);
            let work = || {
                if std::thread::current().id() != caller {
                    joined.store(true, Ordering::Release);
                    panic!("in a worker");
                }
                while !joined.load(Ordering::Acquire) {
                    std::thread::yield_now();
                }
            };
            let caught = catch_unwind(AssertUnwindSafe(|| Taken { pool }.run(1, &work)));
            assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"in a worker"));
        }
    }
}
