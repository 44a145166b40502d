//! How far a run is, and whether it goes on.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyBool;

use super::error::wrong_type;
use super::invoke::Invoke;
use super::package::BAR;
use crate::progress::Progress;

/// From so many operations on, others may run while something is done for each.
pub const LONG: usize = 1000;

/// Who is told how far a run is.
pub struct Reporter {
    /// What is called with done and total.
    pub call: Option<Py<PyAny>>,
    /// Whether it is a bar of ours, to be closed.
    bar: bool,
}

impl Reporter {
    /// Tells nobody.
    pub const SILENT: Reporter = Reporter { call: None, bar: false };

    /// Refuses what is neither a bool nor a callable.
    pub fn check(progress: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        match progress {
            Some(given) if !given.is_instance_of::<PyBool>() && !given.is_callable() => {
                let remedy = "use True, or a function of done and total";
                Err(wrong_type("progress", given, "a bool or a callable", remedy))
            }
            _ => Ok(()),
        }
    }

    /// One for a run that reads and writes so many bytes.
    pub fn new(py: Python<'_>, progress: Option<&Bound<'_, PyAny>>, bytes: u128) -> PyResult<Reporter> {
        let bar = progress.is_some_and(|given| given.is_instance_of::<PyBool>());
        let call = match progress {
            Some(given) if bar && given.truth()? => {
                Some(BAR.get(py)?.invoke(("operation", bytes))?.unbind())
            }
            Some(given) if !bar => Some(given.clone().unbind()),
            _ => None,
        };
        Ok(Reporter { bar: bar && call.is_some(), call })
    }

    fn tell(&self, py: Python<'_>, done: usize, total: usize) -> PyResult<()> {
        match &self.call {
            Some(call) => call.bind(py).invoke((done, total)).map(drop),
            None => Ok(()),
        }
    }

    /// Closes the bar, whatever has come of the run.
    pub fn end<R>(&self, py: Python<'_>, result: PyResult<R>) -> PyResult<R> {
        match &self.call {
            Some(bar) if self.bar => {
                let closed = bar.bind(py).invoke_method("close", ());
                result.and_then(|made| closed.map(|_| made))
            }
            _ => result,
        }
    }
}

/// What is watched, for the note of an error that stops it.
#[derive(Clone, Copy)]
pub enum Task {
    /// A circuit is planned.
    Plan,
    /// A circuit of `operations`, over all states, runs as `steps` of a program.
    Run { operations: usize, steps: usize },
    /// A state is read.
    Read,
    /// A call of its own changes states.
    Change,
    /// States go from one time to another.
    Evolve { from: f64, to: f64, states: usize },
}

impl Task {
    /// How many operations there are, and how many are done after so many steps.
    fn progress(self, steps_done: f64) -> (usize, usize) {
        if let Task::Evolve { states, .. } = self {
            return ((steps_done as usize).min(states), states);
        }
        let Task::Run { operations, steps } = self else { return (0, 0) };
        let done = (steps_done * operations as f64 / steps.max(1) as f64) as usize;
        (done.min(operations), operations)
    }

    /// What has come of it, for the note.
    fn note(self, done: usize) -> String {
        let (when, what) = match self {
            Task::Plan | Task::Run { operations: 0, .. } => {
                ("while it planned the circuit".to_owned(), "nothing was written")
            }
            Task::Run { operations, .. } => (
                format!("after about {done} of {operations} operations"),
                "the state holds what they made of it",
            ),
            Task::Evolve { from, to, states } => {
                let when = format!("on the way from t = {from:?} to t = {to:?}");
                let what = match (states, done) {
                    (_, 0) => format!("the state is that of t = {from:?}"),
                    (_, done) => format!(
                        "the first {done} of {states} states are those of t = {to:?}, the others of t = {from:?}"
                    ),
                };
                return format!("numket stopped {when}; {what}");
            }
            Task::Change => {
                ("in the middle of the call".to_owned(), "the state holds what it made of it")
            }
            Task::Read => ("before the call had ended".to_owned(), "nothing was changed"),
        };
        format!("numket stopped {when}; {what}")
    }
}

/// How often to ask: a signal is answered within this, and a sweep of one operation.
const ASKED_EVERY: Duration = Duration::from_millis(40);

/// Does some work on this thread and others, while Python answers signals and the reporter is told how far
/// it is; an error of either stops the work, and is what comes of it.
pub fn watched<R>(
    reporter: &Reporter,
    task: Task,
    work: impl FnOnce(&Progress<'_>) -> PyResult<R>,
) -> PyResult<R> {
    // When it was last asked, and what stopped the work.
    let state: Mutex<(Option<Instant>, Option<PyErr>)> = Mutex::new((None, None));
    let go_on = |steps_done: f64| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0.get_or_insert_with(Instant::now).elapsed() < ASKED_EVERY {
            return true;
        }
        let (done, total) = task.progress(steps_done);
        let asked = Python::attach(|py| py.check_signals().and(reporter.tell(py, done, total)));
        state.0 = Some(Instant::now());
        let Err(error) = asked else { return true };
        // A failure to add the note must not hide the error itself.
        let note = task.note(done);
        let _ = Python::attach(|py| error.value(py).invoke_method("add_note", (note,)).map(drop));
        state.1 = Some(error);
        false
    };
    let made = work(&Progress::new(&go_on))?;
    if let Some(error) = state.into_inner().unwrap_or_else(PoisonError::into_inner).1 {
        return Err(error);
    }
    if reporter.call.is_some() {
        let (total, _) = task.progress(f64::INFINITY);
        Python::attach(|py| reporter.tell(py, total, total))?;
    }
    Ok(made)
}

/// Reads a state, unless a signal stops it.
pub fn stoppable<R>(work: impl FnOnce(&Progress<'_>) -> PyResult<R>) -> PyResult<R> {
    watched(&Reporter::SILENT, Task::Read, work)
}
