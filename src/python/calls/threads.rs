//! The thread limit, as Python sets it.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use super::super::args::thread_count;
use super::super::invoke::{Invoke, plain};
use crate::exec;
use crate::simd::Isa;

/// Sets how many threads numket may use from now on, in all of this process.
///
/// Parameters
/// ----------
/// count : int
///     At least 1.
///
/// Raises
/// ------
/// TypeError
///     Where `count` is no int.
/// ValueError
///     Where it is less than 1.
///
/// See Also
/// --------
/// numket.threads : For some lines only.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> before = nk.get_num_threads()
/// >>> nk.set_num_threads(1)
/// >>> nk.get_num_threads()
/// 1
/// >>> nk.set_num_threads(before)
#[pyfunction]
pub fn set_num_threads(count: &Bound<'_, PyAny>) -> PyResult<()> {
    Ok(exec::set_num_threads(thread_count("count", count)? as i64)?)
}

/// How many threads a call may use here.
///
/// That is what numket.threads or set_num_threads says; else the environment variable
/// NUMKET_NUM_THREADS; else OMP_NUM_THREADS, which joblib, Dask and Ray set in their workers; else the
/// number of CPUs of this process, by its affinity and control group. `numket info` tells which.
///
/// Returns
/// -------
/// int
///     At least 1.
///
/// Raises
/// ------
/// ValueError
///     Where NUMKET_NUM_THREADS is no positive number.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.get_num_threads() >= 1
/// True
#[pyfunction]
pub fn get_num_threads() -> PyResult<usize> {
    Ok(exec::num_threads()?)
}

/// A context in which calls use at most so many threads.
///
/// It holds for this Python thread and, under asyncio, for this task.
///
/// Parameters
/// ----------
/// count : int
///     At least 1.
///
/// Raises
/// ------
/// TypeError
///     Where `count` is no int.
/// ValueError
///     Where it is less than 1.
///
/// See Also
/// --------
/// numket.set_num_threads : For the whole process.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> with nk.threads(1):
/// ...     nk.get_num_threads()
/// 1
#[allow(non_camel_case_types, reason = "reads as a verb: with nk.threads(1)")]
#[pyclass(module = "numket", frozen)]
pub struct threads {
    count: usize,
}

#[pymethods]
impl threads {
    #[new]
    fn new(count: &Bound<'_, PyAny>) -> PyResult<threads> {
        Ok(threads { count: thread_count("count", count)? })
    }

    fn __repr__(&self) -> String {
        format!("threads({})", self.count)
    }

    fn __enter__(&self, py: Python<'_>) -> PyResult<()> {
        let scope = scope(py)?;
        let before = scope.invoke_method("get", ())?;
        scope.invoke_method("set", ((self.count, before),)).map(drop)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        let scope = scope(_exception.py())?;
        match plain::<Option<Limits<'_>>>(&scope.invoke_method("get", ())?)? {
            Some((_, before)) => scope.invoke_method("set", (before,)).map(drop),
            None => Ok(()),
        }
    }
}

/// A limit, and what was there before it.
type Limits<'py> = (usize, Bound<'py, PyAny>);

/// The context variable that holds the limits of [`threads`]: each task of asyncio and each thread has its own.
fn scope(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static SCOPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = || -> PyResult<_> {
        let options = PyDict::new(py);
        options.set_item("default", py.None())?;
        let class = py.import("contextvars")?.attribute("ContextVar")?;
        Ok(class.invoke_with(("numket.threads",), Some(&options))?.unbind())
    };
    Ok(SCOPE.get_or_try_init(py, make)?.bind(py))
}

/// The same for C: by this symbol threadpoolctl knows the library.
#[unsafe(no_mangle)]
pub extern "C" fn numket_num_threads() -> usize {
    exec::limit_of_process().unwrap_or(1)
}

/// Has the thread policy ask for the limit of the context, and refuses wrong settings at once.
pub fn prepare() -> PyResult<()> {
    exec::set_scope(|| {
        Python::attach(|py| {
            let limits = scope(py).and_then(|scope| scope.invoke_method("get", ()));
            Some(plain::<Option<Limits<'_>>>(&limits.ok()?).ok()??.0)
        })
    });
    exec::setting()?;
    Isa::chosen()?;
    Ok(())
}
