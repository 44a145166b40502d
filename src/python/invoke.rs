//! Python code that Rust runs, in a way that a thread may die in it.
//!
//! When the interpreter ends, CPython before 3.14 ends each daemon thread where it asks for the interpreter: in
//! Python code, or in code of NumPy's that had released it. `pthread_exit` then unwinds the thread's stack, and
//! Rust aborts the process where that meets a frame of its own. So whatever may run such code is asked for
//! through this trait, never through `call`, `try_iter` and their kin: the thread stays where it is, and the
//! process ends around it. PyO3 does the same where Rust itself asks for the interpreter.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use pyo3::{BoundObject, ffi};

/// Is dropped only where a thread is unwound, and then holds it.
struct Hold;

impl Drop for Hold {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

/// Calls a function of CPython's, all of whose arguments are objects, as one that may unwind: what it makes, or
/// none.
macro_rules! unwinding {
    (@object $_argument:expr) => { *mut ffi::PyObject };
    ($py:expr, $function:ident($($argument:expr),+)) => {{
        type Function = extern "C-unwind" fn($(unwinding!(@object $argument)),+) -> *mut ffi::PyObject;
        let hold = Hold;
        // Opaque to the compiler, which would see through the other type.
        let function = std::hint::black_box(ffi::$function as *const ());
        // SAFETY: it is what it is called as, but for the promise that nothing unwinds out of it. The caller holds
        // the interpreter and the objects, and is given a new reference or none.
        let made = unsafe {
            let function: Function = std::mem::transmute(function);
            Bound::from_owned_ptr_or_opt($py, function($($argument),+))
        };
        std::mem::forget(hold);
        made
    }};
}

/// What may run Python code.
pub trait Invoke<'py> {
    /// Calls it with arguments and keywords.
    fn invoke_with<A>(
        &self,
        args: A,
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>>
    where
        A: IntoPyObject<'py, Target = PyTuple>;

    /// Calls it with arguments.
    fn invoke<A>(&self, args: A) -> PyResult<Bound<'py, PyAny>>
    where
        A: IntoPyObject<'py, Target = PyTuple>,
    {
        self.invoke_with(args, None)
    }

    /// Calls one of its methods.
    fn invoke_method<A>(&self, name: &str, args: A) -> PyResult<Bound<'py, PyAny>>
    where
        A: IntoPyObject<'py, Target = PyTuple>,
    {
        self.attribute(name)?.invoke(args)
    }

    /// An attribute, which may be a property. Its name is a `&str`, or, where each 0.1 us counts, `intern!` of one.
    fn attribute<N>(&self, name: N) -> PyResult<Bound<'py, PyAny>>
    where
        N: IntoPyObject<'py, Target = PyString>;

    /// What a mapping has for a key.
    fn item(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>;

    /// Its items, one by one.
    fn iterate(&self) -> PyResult<Items<'py>>;
}

impl<'py> Invoke<'py> for Bound<'py, PyAny> {
    fn invoke_with<A>(
        &self,
        args: A,
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>>
    where
        A: IntoPyObject<'py, Target = PyTuple>,
    {
        let args = args.into_pyobject(self.py()).map_err(Into::into)?.into_bound();
        let keywords = keywords.map_or(std::ptr::null_mut(), Bound::as_ptr);
        let called = unwinding!(self.py(), PyObject_Call(self.as_ptr(), args.as_ptr(), keywords));
        called.ok_or_else(|| PyErr::fetch(self.py()))
    }

    fn attribute<N>(&self, name: N) -> PyResult<Bound<'py, PyAny>>
    where
        N: IntoPyObject<'py, Target = PyString>,
    {
        let name = name.into_pyobject(self.py()).map_err(Into::into)?;
        let found = unwinding!(self.py(), PyObject_GetAttr(self.as_ptr(), name.as_ptr()));
        found.ok_or_else(|| PyErr::fetch(self.py()))
    }

    fn item(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let found = unwinding!(self.py(), PyObject_GetItem(self.as_ptr(), key.as_ptr()));
        found.ok_or_else(|| PyErr::fetch(self.py()))
    }

    fn iterate(&self) -> PyResult<Items<'py>> {
        let iterator = unwinding!(self.py(), PyObject_GetIter(self.as_ptr()));
        iterator.map(Items).ok_or_else(|| PyErr::fetch(self.py()))
    }
}

/// The items of an iterable.
pub struct Items<'py>(Bound<'py, PyAny>);

impl<'py> Iterator for Items<'py> {
    type Item = PyResult<Bound<'py, PyAny>>;

    fn next(&mut self) -> Option<Self::Item> {
        let py = self.0.py();
        // At its end, an iterator gives nothing, and sets no error.
        unwinding!(py, PyIter_Next(self.0.as_ptr())).map(Ok).or_else(|| PyErr::take(py).map(Err))
    }
}
