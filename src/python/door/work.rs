//! The last steps of a call: arrays are looked at for good, and leased for the work.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::super::progress::{Reporter, Task, watched};
use super::{Lend, Region, State};
use crate::exec::{self, Crew};
use crate::lease::{self, Lease};

/// Work above this many nanoseconds releases the interpreter: taking it back while other threads
/// want it costs up to some ten microseconds, more than a small gate.
const DETACH_MIN_NANOS: f64 = 20_000.0;

/// Without a global lock, other Python threads run during every call; set when the module loads.
pub static FREE_THREADED: AtomicBool = AtomicBool::new(false);

/// Runs `work` on what is lent to it, with the interpreter released if the work is worth it.
///
/// While the interpreter is released, the memory is leased, and a call that overlaps it is refused, as NumPy
/// refuses to free it. Work too
/// small for that needs no lease of its own: no other call can begin meanwhile.
#[inline]
pub fn leased<L: Lend, R: Send>(
    py: Python<'_>,
    nanos: f64,
    lent: L,
    work: impl for<'a> FnOnce(L::Lent<'a>) -> R + Send,
) -> PyResult<R> {
    let spans = lent.regions().map(|region| region.span);
    lease::distinct(spans.clone())?;
    if nanos >= DETACH_MIN_NANOS || FREE_THREADED.load(Ordering::Relaxed) {
        let _lease = Lease::take(spans)?;
        let _holds = lent.regions().map(Region::hold).collect::<PyResult<Vec<_>>>()?;
        // SAFETY: leased until the work has ended.
        let views = unsafe { lent.lend() };
        Ok(py.detach(|| work(views)))
    } else {
        lease::free(spans)?;
        // SAFETY: the interpreter is held until the work has ended.
        Ok(work(unsafe { lent.lend() }))
    }
}

/// Work above this many nanoseconds can be stopped by a signal wherever it is cut; less has ended before a person
/// notices, also where it takes a hundred times as long because the memory is that of a file.
const WATCH_MIN_NANOS: f64 = 1e6;

/// As [`leased`], for work that a signal can stop.
#[inline]
pub fn interruptible<L: Lend, R: Send>(
    py: Python<'_>,
    nanos: f64,
    lent: L,
    work: impl for<'a> FnOnce(L::Lent<'a>) -> R + Send,
) -> PyResult<R> {
    if nanos < WATCH_MIN_NANOS {
        return leased(py, nanos, lent, work);
    }
    let made =
        watched(&Reporter::SILENT, if L::CHANGES { Task::Change } else { Task::Read }, |progress| {
            leased(py, nanos, lent, |lent| exec::watched(progress, nanos, || work(lent)))
        })?;
    Ok(made.expect("only a signal stops it"))
}

/// The caller's own limit on threads, the argument `threads`.
#[derive(Clone, Copy)]
pub struct Limit(pub usize);

/// As [`interruptible`], by the crew that the work is worth, up to the caller's own limit.
#[inline]
pub fn worked<L: Lend, R: Send>(
    py: Python<'_>,
    nanos: f64,
    threads: Option<Limit>,
    lent: L,
    work: impl for<'a> FnOnce(L::Lent<'a>, Crew) -> R + Send,
) -> PyResult<R> {
    let crew = Crew::new(nanos, threads.map(|limit| limit.0))?;
    interruptible(py, nanos, lent, |lent| work(lent, crew))
}

/// Has work done on states that are read, or changed, and on what else is lent to it: in the precision that
/// the states have, by the crew that so many nanoseconds are worth, up to the limit in `threads`.
macro_rules! work {
    ($py:expr, $nanos:expr, $threads:expr, $state:ident.$how:ident(), $work:expr) => {
        $crate::python::door::in_precision!($state, T => {
            $crate::python::door::worked($py, $nanos, $threads, $state.$how::<T>(), $work)
        })
    };
    ($py:expr, $nanos:expr, $threads:expr, $state:ident.$how:ident(), $others:expr, $work:expr) => {
        $crate::python::door::in_precision!($state, T => {
            $crate::python::door::worked($py, $nanos, $threads, ($state.$how::<T>(), $others), $work)
        })
    };
}
pub(in super::super) use work;

/// The shape of the batch, and `last` after it.
pub fn shape_of(state: &State<'_>, last: &[usize]) -> Vec<usize> {
    [&state.layout.batch_or_one().shape, last].concat()
}

/// Looks at arrays, does what may run Python code for what was seen, and looks at them anew: `facts` are
/// what must be the same at both times.
///
/// Making an array, or drawing numbers, may run other code, which may change the arrays of the call. What
/// counts is what they are after it.
pub fn settled<S, F: PartialEq, M>(
    look: impl Fn() -> PyResult<S>,
    facts: impl Fn(&S) -> F,
    prepare: impl FnOnce(&F, S) -> PyResult<M>,
) -> PyResult<(S, M)> {
    let before = look()?;
    let seen = facts(&before);
    let made = prepare(&seen, before)?;
    let after = look()?;
    if facts(&after) == seen { Ok((after, made)) } else { Err(moved("state")) }
}

/// The error of an array that has become another while a call was prepared.
#[cold]
pub fn moved(name: &str) -> PyErr {
    PyValueError::new_err(format!(
        "'{name}' has got another shape or dtype while the call was prepared; an array must stand still during \
         a call: do not change it from another thread, from 'rng', or from values of 'params'"
    ))
}
