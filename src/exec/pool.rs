//! The workers, which all calls of a process share, one call at a time.

#[cfg(target_os = "linux")]
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

#[cfg(target_os = "linux")]
use super::lock;

/// A pool of workers.
pub struct Pool {
    /// The process that started them.
    process: u32,
    pub workers: rayon::ThreadPool,
    /// Whether a call is using it.
    taken: AtomicBool,
    #[cfg(target_os = "linux")]
    placed: Mutex<Placed>,
}

/// Which workers know which CPU they must leave to the caller.
#[cfg(target_os = "linux")]
#[derive(Default)]
struct Placed {
    /// The workers that have started.
    workers: std::sync::Arc<Mutex<Vec<rustix::thread::Pid>>>,
    /// The CPU of the last call, and how many workers were told to leave it.
    left: Option<(usize, usize)>,
}

/// The pool while one call uses it.
pub struct Taken {
    pub pool: &'static Pool,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.pool.taken.store(false, Ordering::Release);
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
    pub fn leave_this_cpu(&self) {
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
    pub fn leave_this_cpu(&self) {}
}
