//! The door: what NumPy says about an array, read once, checked, and leased for the call.
//!
//! rust-numpy's own guards are not used for states. They miss overlaps (an array and its `.imag`,
//! shifted views, two `np.frombuffer` of one buffer), can abort the process when another thread
//! changes a dtype during a detached call, and cost more than a small gate. Here the header is
//! copied once and the object is never looked at again; what is leased is an interval of
//! addresses, and what is released is that same interval, whatever has become of the object.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use numpy::npyffi::{self, flags, types::NPY_TYPES};
use num_complex::Complex;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::error::BufferInUseError;
use crate::error::Error;
use crate::layout::{Layout, MAX_BITS};
use crate::simd::Real;
use crate::state::{StateMut, StateRef};

/// The two precisions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// complex64
    Single,
    /// complex128
    Double,
}

/// Runs `$body` with `$T` as the precision of `$state`.
macro_rules! in_precision {
    ($state:expr, $T:ident => $body:expr) => {
        match $state.precision {
            $crate::python::door::Precision::Double => {
                type $T = f64;
                $body
            }
            $crate::python::door::Precision::Single => {
                type $T = f32;
                $body
            }
        }
    };
}
pub(super) use in_precision;

/// What a call does with an array.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// The header of an array, copied once.
struct Header {
    data: *mut u8,
    shape: [usize; MAX_BITS],
    strides: [isize; MAX_BITS],
    ndim: usize,
    flags: i32,
    type_num: i32,
    native: bool,
}

impl Header {
    fn shape(&self) -> &[usize] {
        &self.shape[..self.ndim]
    }

    fn strides(&self) -> &[isize] {
        &self.strides[..self.ndim]
    }

    fn has(&self, flag: i32) -> bool {
        self.flags & flag != 0
    }

    /// Copies the header of an array, if it is one.
    #[inline]
    fn of(array: &Bound<'_, PyAny>) -> Option<Header> {
        let py = array.py();
        // SAFETY: attached to the interpreter; the type is checked before any field is read; shape
        // and strides have `nd` entries, which NumPy limits to 64.
        unsafe {
            if npyffi::PyArray_Check(py, array.as_ptr()) == 0 {
                return None;
            }
            let fields = &*npyffi::_PyArray_GET_ITEM_DATA(array.as_ptr().cast());
            let descr = &*npyffi::_PyDataType_GET_ITEM_DATA(fields.descr);
            let ndim = fields.nd as usize;
            let mut header = Header {
                data: fields.data.cast(),
                shape: [0; MAX_BITS],
                strides: [0; MAX_BITS],
                ndim,
                flags: fields.flags,
                type_num: descr.type_num,
                native: matches!(descr.byteorder as u8, b'=' | b'|'),
            };
            for axis in 0..ndim.min(MAX_BITS) {
                header.shape[axis] = *fields.dimensions.add(axis) as usize;
                header.strides[axis] = *fields.strides.add(axis);
            }
            Some(header)
        }
    }
}

/// A state that came through the door: checked and leased until it is dropped.
pub struct State {
    data: *mut u8,
    /// complex64 or complex128.
    pub precision: Precision,
    /// Where the amplitudes lie.
    pub layout: Layout,
    access: Access,
    _lease: Lease,
}

impl State {
    /// Checks `array`, the argument called `name`, and takes a lease on its memory.
    #[inline]
    pub fn new(name: &'static str, array: &Bound<'_, PyAny>, batch: i64, access: Access) -> PyResult<State> {
        let Some(header) = Header::of(array) else { return Err(not_an_array(name, array)) };
        refuse_masked(name, array)?;
        let (precision, size) = match header.type_num {
            n if n == NPY_TYPES::NPY_CDOUBLE as i32 && header.native => (Precision::Double, 16),
            n if n == NPY_TYPES::NPY_CFLOAT as i32 && header.native => (Precision::Single, 8),
            _ => return Err(wrong_dtype(name, array, "complex128 or complex64", "np.complex128")),
        };
        if batch != 0 {
            return Err(no_batch(batch));
        }
        if access == Access::Write && !header.has(flags::NPY_ARRAY_WRITEABLE) {
            return Err(read_only(name));
        }
        let mut strides = [0; MAX_BITS];
        let mut whole = header.has(flags::NPY_ARRAY_ALIGNED);
        for (axis, stride) in header.strides().iter().enumerate() {
            strides[axis] = stride / size;
            whole &= stride % size == 0;
        }
        if !whole {
            return Err(misaligned(name));
        }
        let layout = Layout::of_elements(name, header.shape(), &strides[..header.ndim])?;
        let start = header.data as usize;
        let lease = Lease::take(start..start + ((size as usize) << layout.num_qubits()), access)?;
        Ok(State { data: header.data, precision, layout, access, _lease: lease })
    }

    /// The state to read, as `T` says; that is the precision it has.
    #[inline]
    pub fn view<T: Real>(&self) -> StateRef<'_, T> {
        debug_assert_eq!(size_of::<T>() == 8, self.precision == Precision::Double);
        // SAFETY: NumPy's memory, alive while the caller holds the array, checked against the
        // layout and leased until `self` is dropped.
        unsafe { StateRef::from_raw(self.data.cast::<Complex<T>>(), &self.layout) }
    }

    /// The state to change, as `T` says; that is the precision it has.
    #[inline]
    pub fn view_mut<T: Real>(&mut self) -> StateMut<'_, T> {
        debug_assert_eq!(size_of::<T>() == 8, self.precision == Precision::Double);
        debug_assert!(self.access == Access::Write);
        // SAFETY: as for `view`; the lease is exclusive and `self` is borrowed mutably.
        unsafe { StateMut::from_raw(self.data.cast::<Complex<T>>(), &self.layout) }
    }
}

/// An array of plain numbers in one row: a matrix, a diagonal, a permutation, an output.
pub struct Numbers<'py, T> {
    data: *mut T,
    len: usize,
    /// The shape of the array.
    pub shape: Vec<usize>,
    _array: Bound<'py, PyAny>,
    _lease: Lease,
}

/// Numbers that an argument can be read as.
pub trait Element: Copy {
    /// NumPy's name for it.
    const DTYPE: &'static str;
    /// NumPy's number for it.
    const TYPE_NUM: NPY_TYPES;
}

impl Element for Complex<f64> {
    const DTYPE: &'static str = "complex128";
    const TYPE_NUM: NPY_TYPES = NPY_TYPES::NPY_CDOUBLE;
}

impl Element for f64 {
    const DTYPE: &'static str = "float64";
    const TYPE_NUM: NPY_TYPES = NPY_TYPES::NPY_DOUBLE;
}

impl Element for i64 {
    const DTYPE: &'static str = "int64";
    const TYPE_NUM: NPY_TYPES = NPY_TYPES::NPY_LONGLONG;
}

impl<'py, T: Element> Numbers<'py, T> {
    /// Reads anything that `np.asarray` understands; an array that already fits is not copied.
    pub fn read(name: &'static str, given: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = given.py();
        if let Some(numbers) = Self::of(given, Access::Read)? {
            return Ok(numbers);
        }
        let numpy = py.import("numpy")?;
        let refused = |error: PyErr| {
            PyTypeError::new_err(format!(
                "'{name}' cannot be read as an array of {}: {}; pass an array of numbers",
                T::DTYPE,
                error.value(py)
            ))
        };
        let array = numpy.call_method1("asarray", (given,)).map_err(refused)?;
        let kinds = if T::DTYPE == "int64" { "iu" } else { "iufc" };
        let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
        if !kinds.contains(&kind) {
            return Err(wrong_dtype(name, &array, T::DTYPE, T::DTYPE));
        }
        let dtype = numpy.getattr(T::DTYPE)?;
        let array = array.call_method1("astype", (dtype, "C"))?;
        Self::of(&array, Access::Read)?.ok_or_else(|| wrong_dtype(name, &array, T::DTYPE, T::DTYPE))
    }

    /// The array itself, to be written to.
    pub fn write(name: &'static str, array: &Bound<'py, PyAny>) -> PyResult<Self> {
        let Some(header) = Header::of(array) else { return Err(not_an_array(name, array)) };
        refuse_masked(name, array)?;
        if !header.has(flags::NPY_ARRAY_WRITEABLE) {
            return Err(read_only(name));
        }
        Self::of(array, Access::Write)?.ok_or_else(|| {
            PyValueError::new_err(format!(
                "'{name}' is not one row of {dtype}; results are written in place: use \
                 np.empty(size, dtype=np.{dtype})",
                dtype = T::DTYPE
            ))
        })
    }

    /// The array, if it is one row of `T` as it stands.
    fn of(array: &Bound<'py, PyAny>, access: Access) -> PyResult<Option<Self>> {
        let fits = |header: &Header| {
            let number = header.type_num == T::TYPE_NUM as i32
                || (T::DTYPE == "int64" && header.type_num == NPY_TYPES::NPY_LONG as i32 && size_of::<std::ffi::c_long>() == 8);
            number
                && header.native
                && header.has(flags::NPY_ARRAY_ALIGNED)
                && header.has(flags::NPY_ARRAY_C_CONTIGUOUS)
        };
        let Some(header) = Header::of(array).filter(fits) else { return Ok(None) };
        let len = header.shape().iter().product();
        let start = header.data as usize;
        Ok(Some(Numbers {
            data: header.data.cast(),
            len,
            shape: header.shape().to_vec(),
            _array: array.clone(),
            _lease: Lease::take(start..start + len * size_of::<T>(), access)?,
        }))
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: `of` checked type, alignment and contiguity; the array is held and leased.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }

    /// The numbers, to write; only after [`Numbers::write`].
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as above; the lease is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.data, self.len) }
    }
}

/// Intervals of addresses that calls are working on.
///
/// ```text
/// nk.h(a, 0) while nk.h(a, 1) runs in another thread      refused
/// nk.h(a, 0) while nk.norm(a) runs                        refused
/// nk.norm(a) while nk.norm(a) runs                        allowed: both only read
/// nk.h(a[:8], 0) while nk.h(a[8:], 0) runs                allowed: disjoint
/// a[0] = 1 while nk.h(a, 0) runs                          not seen: that is NumPy's write
/// ```
static LEASES: Mutex<Vec<Span>> = Mutex::new(Vec::new());

#[derive(Clone, PartialEq)]
struct Span {
    range: Range<usize>,
    access: Access,
}

/// The right to an interval of addresses, given back when dropped.
struct Lease(Span);

fn leases() -> MutexGuard<'static, Vec<Span>> {
    // No code that can panic runs under the lock, so a poisoned one is still sound.
    LEASES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lease {
    #[inline]
    fn take(range: Range<usize>, access: Access) -> PyResult<Lease> {
        let wanted = Span { range, access };
        let mut held = leases();
        let conflict = held.iter().any(|span| {
            span.range.start < wanted.range.end
                && wanted.range.start < span.range.end
                && (span.access == Access::Write || access == Access::Write)
        });
        if conflict {
            drop(held);
            return Err(in_use());
        }
        held.push(wanted.clone());
        Ok(Lease(wanted))
    }
}

impl Drop for Lease {
    #[inline]
    fn drop(&mut self) {
        let mut held = leases();
        if let Some(at) = held.iter().rposition(|span| *span == self.0) {
            held.swap_remove(at);
        }
    }
}

/// A forked child has none of its parent's threads, so nothing is in flight in it.
#[pyfunction]
fn _clear_leases() {
    leases().clear();
}

/// Has the leases cleared in every forked child.
pub fn clear_leases_after_fork(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let os = module.py().import("os")?;
    if let Ok(register) = os.getattr("register_at_fork") {
        let options = pyo3::types::PyDict::new(module.py());
        options.set_item("after_in_child", wrap_pyfunction!(_clear_leases, module)?)?;
        register.call((), Some(&options))?;
    }
    Ok(())
}

/// A masked array's mask would be ignored, so it is refused.
#[inline]
fn refuse_masked(name: &str, array: &Bound<'_, PyAny>) -> PyResult<()> {
    static MASKED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = array.py();
    // SAFETY: attached to the interpreter, and `array` is an object.
    if unsafe { npyffi::PyArray_CheckExact(py, array.as_ptr()) } != 0 {
        return Ok(());
    }
    let load = || py.import("numpy.ma")?.getattr("MaskedArray").map(Bound::unbind);
    if array.is_instance(MASKED.get_or_try_init(py, load)?.bind(py))? {
        return Err(PyTypeError::new_err(format!(
            "'{name}' is a MaskedArray; numket works on every amplitude and knows no mask: use {name}.data"
        )));
    }
    Ok(())
}

#[cold]
fn in_use() -> PyErr {
    BufferInUseError::new_err(
        "the array overlaps memory that another call is working on; one call at a time may change a \
         buffer: wait for the other call, or give each thread an array of its own",
    )
}

#[cold]
fn not_an_array(name: &str, given: &Bound<'_, PyAny>) -> PyErr {
    let kind = given.get_type();
    let kind = kind.name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!(
        "'{name}' is a {kind}; numket works in place on a numpy.ndarray: use np.array({name}, dtype=np.complex128)"
    ))
}

#[cold]
fn wrong_dtype(name: &str, array: &Bound<'_, PyAny>, accepted: &str, remedy: &str) -> PyErr {
    let dtype = array.getattr("dtype").and_then(|dtype| dtype.str().map(|text| text.to_string()));
    let dtype = dtype.unwrap_or_else(|_| "unknown".to_owned());
    let remedy = if remedy.starts_with("np.") { remedy.to_owned() } else { format!("np.{remedy}") };
    PyTypeError::new_err(format!(
        "'{name}' has dtype {dtype}; numket works on {accepted} in native byte order: use {name}.astype({remedy})"
    ))
}

#[cold]
fn read_only(name: &str) -> PyErr {
    PyValueError::new_err(format!(
        "'{name}' is read-only; numket works in place: use a writeable array, for instance {name}.copy()"
    ))
}

#[cold]
fn misaligned(name: &str) -> PyErr {
    PyValueError::new_err(format!(
        "'{name}' is misaligned: its address or a stride is no multiple of what its dtype needs; \
         numket works on aligned amplitudes: use {name}.copy()"
    ))
}

#[cold]
fn no_batch(batch: i64) -> PyErr {
    PyValueError::new_err(format!(
        "'batch' is {batch}; batch axes are not supported yet: use batch=0 and loop over the states"
    ))
}

/// The error of a state too large, for the functions that make one.
pub fn out_of_memory(needed: u128, free: Option<u64>) -> PyErr {
    Error::Memory { needed, free }.into()
}
