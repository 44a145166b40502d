//! The thread limit, as Python sets it.

use pyo3::prelude::*;

use crate::exec;

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
pub fn set_num_threads(count: i64) -> PyResult<()> {
    Ok(exec::set_num_threads(count)?)
}

/// How many threads a call may use here.
///
/// That is what numket.threads or set_num_threads says; else the environment variable
/// NUMKET_NUM_THREADS; else the number of CPUs of this process.
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

/// A context in which calls of this Python thread use at most so many threads.
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
    fn new(count: i64) -> PyResult<threads> {
        Ok(threads { count: exec::checked(count)? })
    }

    fn __enter__(&self) {
        exec::enter(self.count);
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        exec::leave();
    }
}
