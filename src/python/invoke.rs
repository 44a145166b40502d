//! Python code that Rust runs, in a way that a thread may die in it.
//!
//! When the interpreter ends, CPython before 3.14 ends each daemon thread where it asks for the interpreter: in
//! Python code, or in code of NumPy's that had released it. `pthread_exit` then unwinds the thread's stack, and
//! Rust aborts the process where that meets a frame of its own. So whatever may run such code is asked for
//! through this trait, never through `call`, `getattr`, `extract` and their kin, which `clippy.toml` lists: the thread
//! stays where it is, and the process ends around it. PyO3 does the same where Rust itself asks for the interpreter.

use std::ffi::c_int;

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

/// Calls a function of CPython's, all of whose arguments are objects, as one that may unwind.
macro_rules! unwinding {
    (@object $_argument:expr) => { *mut ffi::PyObject };
    ($function:ident($($argument:expr),+) -> $made:ty) => {{
        type Function = extern "C-unwind" fn($(unwinding!(@object $argument)),+) -> $made;
        let hold = Hold;
        // Opaque to the compiler, which would see through the other type.
        let function = std::hint::black_box(ffi::$function as *const ());
        // SAFETY: it is what it is called as, but for the promise that nothing unwinds out of it. The caller holds
        // the interpreter and the objects.
        let made = unsafe {
            let function: Function = std::mem::transmute(function);
            function($($argument),+)
        };
        std::mem::forget(hold);
        made
    }};
}

/// The same where an object is made, or an error is set.
macro_rules! making {
    ($py:expr, $function:ident($($argument:expr),+)) => {{
        let made = unwinding!($function($($argument),+) -> *mut ffi::PyObject);
        // SAFETY: a new reference, or none.
        unsafe { Bound::from_owned_ptr_or_err($py, made) }
    }};
}

/// Reads an object of a type of Python's own, which runs nobody's code: text, a tuple, an int that is no other.
#[expect(clippy::disallowed_methods, reason = "of Python's own types")]
pub fn plain<'a, 'py, T: FromPyObject<'a, 'py>>(given: &'a Bound<'py, PyAny>) -> Result<T, T::Error> {
    given.extract()
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

    /// The int that it stands for, of no subclass: what `operator.index` makes of it.
    fn whole(&self) -> PyResult<Bound<'py, PyAny>>;

    /// The number that it stands for, as `math` reads it.
    fn real(&self) -> PyResult<f64>;

    /// Whether it counts as true.
    fn truth(&self) -> PyResult<bool>;

    /// What `isinstance` says of it.
    fn is_one_of(&self, class: &Bound<'py, PyAny>) -> PyResult<bool>;

    /// What `repr` says of it.
    fn represented(&self) -> PyResult<Bound<'py, PyAny>>;

    /// What `str` says of it.
    fn spelled(&self) -> PyResult<Bound<'py, PyAny>>;

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
        making!(self.py(), PyObject_Call(self.as_ptr(), args.as_ptr(), keywords))
    }

    fn attribute<N>(&self, name: N) -> PyResult<Bound<'py, PyAny>>
    where
        N: IntoPyObject<'py, Target = PyString>,
    {
        let name = name.into_pyobject(self.py()).map_err(Into::into)?;
        making!(self.py(), PyObject_GetAttr(self.as_ptr(), name.as_ptr()))
    }

    fn item(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        making!(self.py(), PyObject_GetItem(self.as_ptr(), key.as_ptr()))
    }

    fn whole(&self) -> PyResult<Bound<'py, PyAny>> {
        making!(self.py(), PyNumber_Index(self.as_ptr()))
    }

    fn real(&self) -> PyResult<f64> {
        match unwinding!(PyFloat_AsDouble(self.as_ptr()) -> f64) {
            -1.0 => PyErr::take(self.py()).map_or(Ok(-1.0), Err),
            number => Ok(number),
        }
    }

    fn truth(&self) -> PyResult<bool> {
        asked(self.py(), unwinding!(PyObject_IsTrue(self.as_ptr()) -> c_int))
    }

    fn is_one_of(&self, class: &Bound<'py, PyAny>) -> PyResult<bool> {
        asked(self.py(), unwinding!(PyObject_IsInstance(self.as_ptr(), class.as_ptr()) -> c_int))
    }

    fn represented(&self) -> PyResult<Bound<'py, PyAny>> {
        making!(self.py(), PyObject_Repr(self.as_ptr()))
    }

    fn spelled(&self) -> PyResult<Bound<'py, PyAny>> {
        making!(self.py(), PyObject_Str(self.as_ptr()))
    }

    fn iterate(&self) -> PyResult<Items<'py>> {
        making!(self.py(), PyObject_GetIter(self.as_ptr())).map(Items)
    }
}

/// The answer of a function that says yes, no, or that an error is set.
fn asked(py: Python<'_>, answer: c_int) -> PyResult<bool> {
    match answer {
        -1 => Err(PyErr::fetch(py)),
        answer => Ok(answer == 1),
    }
}

/// What a dict has for a key, whose hash and comparisons may be anybody's.
pub fn found<'py>(
    dict: &Bound<'py, PyDict>,
    key: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let found = unwinding!(PyDict_GetItemWithError(dict.as_ptr(), key.as_ptr()) -> *mut ffi::PyObject);
    // SAFETY: a reference that the dict holds, or none.
    match unsafe { Bound::from_borrowed_ptr_or_opt(dict.py(), found) } {
        Some(found) => Ok(Some(found)),
        None => PyErr::take(dict.py()).map_or(Ok(None), Err),
    }
}

/// The items of an iterable.
pub struct Items<'py>(Bound<'py, PyAny>);

impl<'py> Iterator for Items<'py> {
    type Item = PyResult<Bound<'py, PyAny>>;

    fn next(&mut self) -> Option<Self::Item> {
        let py = self.0.py();
        let next = unwinding!(PyIter_Next(self.0.as_ptr()) -> *mut ffi::PyObject);
        // SAFETY: a new reference, or none. At its end, an iterator gives nothing, and sets no error.
        let next = unsafe { Bound::from_owned_ptr_or_opt(py, next) };
        next.map(Ok).or_else(|| PyErr::take(py).map(Err))
    }
}
