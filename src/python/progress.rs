//! How far a run is, and whether it goes on.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBool;

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
                let kind = given.get_type().name()?;
                Err(PyTypeError::new_err(format!(
                    "'progress' is a {kind}; it must be a bool or a callable: use True, or a function of \
                     done and total"
                )))
            }
            _ => Ok(()),
        }
    }

    pub fn new(py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Reporter> {
        let bar = progress.is_some_and(|given| given.is_instance_of::<PyBool>());
        let call = match progress {
            Some(given) if bar && given.is_truthy()? => {
                Some(py.import("numket.circuit")?.getattr("Bar")?.call0()?.unbind())
            }
            Some(given) if !bar => Some(given.clone().unbind()),
            _ => None,
        };
        Ok(Reporter { bar: bar && call.is_some(), call })
    }

    fn tell(&self, py: Python<'_>, done: usize, total: usize) -> PyResult<()> {
        match &self.call {
            Some(call) => call.call1(py, (done, total)).map(drop),
            None => Ok(()),
        }
    }

    /// Closes the bar, whatever has come of the run.
    pub fn end(&self, py: Python<'_>, result: PyResult<()>) -> PyResult<()> {
        match &self.call {
            Some(bar) if self.bar => result.and(bar.call_method0(py, "close").map(drop)),
            _ => result,
        }
    }
}

/// Lets Python answer signals, and tells the reporter how far a run is, on the thread that started it.
pub struct Asker<'a> {
    reporter: &'a Reporter,
    /// Operations of the circuit, over all states, and ops that these have become; none while it is planned.
    total: usize,
    ops: usize,
    /// When it was last asked, and what stopped the run.
    state: Mutex<(Option<Instant>, Option<PyErr>)>,
}

/// How often to ask: a signal is answered within this, and a sweep of one operation.
const ASKED_EVERY: Duration = Duration::from_millis(40);

impl<'a> Asker<'a> {
    pub fn new(reporter: &'a Reporter, total: usize, ops: usize) -> Asker<'a> {
        Asker { reporter, total, ops, state: Mutex::new((None, None)) }
    }

    /// Asks while a circuit is planned.
    pub fn planning() -> Asker<'a> {
        static SILENT: Reporter = Reporter::SILENT;
        Asker::new(&SILENT, 0, 0)
    }

    pub fn go_on(&self, ops: f64) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0.get_or_insert_with(Instant::now).elapsed() < ASKED_EVERY {
            return true;
        }
        let done = (ops * self.total as f64 / self.ops.max(1) as f64) as usize;
        let done = done.min(self.total);
        let asked =
            Python::attach(|py| py.check_signals().and(self.reporter.tell(py, done, self.total)));
        state.0 = Some(Instant::now());
        let Err(error) = asked else { return true };
        Python::attach(|py| {
            let note = match self.total {
                0 => "numket stopped while it planned the circuit; nothing was written".to_owned(),
                total => format!(
                    "numket stopped after about {done} of {total} operations; the state holds what they made \
                     of it"
                ),
            };
            // A failure to add the note must not hide the error itself.
            let _ = error.value(py).call_method1("add_note", (note,));
        });
        state.1 = Some(error);
        false
    }

    /// The error that stopped the run, if one did; otherwise the last report.
    pub fn stopped_by(self) -> PyResult<()> {
        match self.state.into_inner().unwrap_or_else(PoisonError::into_inner).1 {
            Some(error) => Err(error),
            None if self.reporter.call.is_none() => Ok(()),
            None => Python::attach(|py| self.reporter.tell(py, self.total, self.total)),
        }
    }
}
