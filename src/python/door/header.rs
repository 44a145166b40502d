//! The header of an array, read once, and whether it is an array at all.

use std::sync::atomic::{AtomicPtr, Ordering};

use numpy::npyffi::{self, flags, types::NPY_TYPES};
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyType};

use super::super::invoke::{Invoke, found};
use super::refusals::{misaligned, not_an_array};
use crate::layout::Layout;
use crate::lease::Span;

/// NumPy's number for int64: where C's long has 64 bits, that is it.
pub const INT64: NPY_TYPES =
    if size_of::<std::ffi::c_long>() == 8 { NPY_TYPES::NPY_LONG } else { NPY_TYPES::NPY_LONGLONG };

/// How NumPy marks numbers whose bytes are in the order that is not the machine's. The machine's own
/// has three marks: '=', '|', and what `newbyteorder` leaves behind.
const OTHER_BYTE_ORDER: u8 = if cfg!(target_endian = "little") { b'>' } else { b'<' };

/// The header of an array, read once. Nothing that runs Python code may come between reading it and
/// the end of the work: an `__index__` could shrink the array meanwhile.
pub struct Header<'a, 'py> {
    /// Where its first element is.
    pub data: *mut u8,
    shape: *const npyffi::npy_intp,
    strides: *const npyffi::npy_intp,
    ndim: usize,
    flags: i32,
    /// NumPy's number for the dtype.
    pub type_num: i32,
    /// Whether numbers have the machine's own byte order.
    pub native: bool,
    /// What its memory rests on, unless that is its own.
    pub base: Option<Borrowed<'a, 'py, PyAny>>,
}

impl<'a, 'py> Header<'a, 'py> {
    /// Reads the header of an array; `check` has seen that it is one.
    //
    // Neither an Option nor a Result: taking those apart byte by byte costs more than reading.
    #[inline(always)]
    pub fn of(array: &'a Bound<'py, PyAny>) -> Header<'a, 'py> {
        debug_assert!(is_plain_array(array) || is_array(array));
        // SAFETY: attached to the interpreter, and it is an array.
        unsafe {
            let fields = &*npyffi::_PyArray_GET_ITEM_DATA(array.as_ptr().cast());
            let descr = &*npyffi::_PyDataType_GET_ITEM_DATA(fields.descr);
            Header {
                data: fields.data.cast(),
                shape: fields.dimensions,
                strides: fields.strides,
                ndim: fields.nd as usize,
                flags: fields.flags,
                type_num: descr.type_num,
                native: descr.byteorder as u8 != OTHER_BYTE_ORDER,
                base: Borrowed::from_ptr_or_opt(array.py(), fields.base),
            }
        }
    }

    /// Whether a flag of NumPy's is set.
    pub fn has(&self, flag: i32) -> bool {
        self.flags & flag != 0
    }

    /// Length and stride in bytes of an axis.
    fn axis(&self, axis: usize) -> (usize, isize) {
        debug_assert!(axis < self.ndim);
        // SAFETY: shape and strides have `ndim` entries and stand still while attached.
        unsafe { (*self.shape.add(axis) as usize, *self.strides.add(axis)) }
    }

    /// The lengths of all axes.
    pub fn shape(&self) -> Vec<usize> {
        (0..self.ndim).map(|axis| self.axis(axis).0).collect()
    }

    /// Whether its elements take all these addresses, or more.
    pub fn covers(&self, span: &Span) -> bool {
        let (mut first, mut last) = (self.data as isize, self.data as isize);
        for (len, stride) in (0..self.ndim).map(|axis| self.axis(axis)) {
            let reach = (len as isize - 1) * stride;
            if reach < 0 { first += reach } else { last += reach }
        }
        // Of the types that calls use.
        let size = match self.type_num {
            n if n == NPY_TYPES::NPY_CDOUBLE as i32 => 16,
            n if n == NPY_TYPES::NPY_BYTE as i32 => 1,
            n if n == NPY_TYPES::NPY_FLOAT as i32 => 4,
            n if [NPY_TYPES::NPY_CFLOAT as i32, NPY_TYPES::NPY_DOUBLE as i32, INT64 as i32]
                .contains(&n) =>
            {
                8
            }
            _ => 0,
        };
        span.lies_in(first as usize, last as usize + size)
    }

    /// The number of qubits of a flat vector of amplitudes of `2**shift` bytes, which is no batch. (A shift,
    /// because a division costs as much as all the rest of the door.)
    #[inline(always)]
    pub fn flat(&self, shift: u32, batch: i64) -> Option<usize> {
        if self.ndim != 1 || batch != 0 || !self.has(flags::NPY_ARRAY_ALIGNED) {
            return None;
        }
        let (len, stride) = self.axis(0);
        let flat = len.is_power_of_two() && (stride == 1 << shift || len == 1);
        flat.then_some(len.trailing_zeros() as usize)
    }

    /// The layout of amplitudes of `2**shift` bytes and the batch axes before it.
    #[cold]
    pub fn layout(&self, name: &'static str, shift: u32, batch: i64) -> PyResult<Layout> {
        // Strides count halves of an amplitude.
        let shift = shift - 1;
        let axes: Vec<(usize, isize)> = (0..self.ndim).map(|axis| self.axis(axis)).collect();
        // The stride of an axis of length 1 is never taken, and NumPy lets it be anything.
        let strides: Vec<isize> =
            axes.iter().map(|&(len, stride)| if len == 1 { 0 } else { stride }).collect();
        let whole = strides.iter().all(|stride| stride >> shift << shift == *stride);
        if !whole || !self.has(flags::NPY_ARRAY_ALIGNED) {
            return Err(misaligned(name));
        }
        let strides: Vec<isize> = strides.iter().map(|stride| stride >> shift).collect();
        Ok(Layout::of_array(name, &self.shape(), &strides, batch)?)
    }
}

/// NumPy's array type, kept at hand because every call asks for it; set when the module loads.
pub static NDARRAY: AtomicPtr<ffi::PyTypeObject> = AtomicPtr::new(std::ptr::null_mut());

/// Whether it is an array, and of no subclass.
#[inline(always)]
pub fn is_plain_array(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: attached to the interpreter, and an object has a type.
    unsafe { ffi::Py_TYPE(object.as_ptr()) == NDARRAY.load(Ordering::Relaxed) }
}

pub fn is_array(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: attached to the interpreter.
    unsafe { npyffi::PyArray_Check(object.py(), object.as_ptr()) != 0 }
}

/// Checks that a call can work on the elements of `array`, the argument called `name`. Runs no
/// Python code.
#[inline(always)]
pub fn check(name: &'static str, array: &Bound<'_, PyAny>) -> PyResult<()> {
    if is_plain_array(array) { Ok(()) } else { check_subclass(name, array) }
}

#[cold]
fn check_subclass(name: &'static str, array: &Bound<'_, PyAny>) -> PyResult<()> {
    if !is_array(array) {
        return Err(not_an_array(name, array));
    }
    refuse_masked(name, array)
}

/// A masked array's mask would be ignored, so it is refused. Asks for the type and not with
/// `isinstance`, which reads `__class__` and so may run the user's code between two headers.
#[cold]
fn refuse_masked(name: &str, array: &Bound<'_, PyAny>) -> PyResult<()> {
    static MASKED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = array.py();
    if MASKED.get(py).is_none() {
        // SAFETY: attached to the interpreter; a borrowed reference to a dict.
        let modules =
            unsafe { Borrowed::from_ptr(py, ffi::PyImport_GetModuleDict()).cast_unchecked::<PyDict>() };
        // Where numpy.ma was never imported, nothing is masked.
        let Some(module) = found(&modules, PyString::new(py, "numpy.ma").as_any())? else {
            return Ok(());
        };
        let Ok(masked) = module.attribute("MaskedArray") else { return Ok(()) };
        let _ = MASKED.set(py, masked.cast_into()?.unbind());
    }
    let ancestors = array.get_type().mro();
    if MASKED.get(py).is_some_and(|masked| ancestors.iter().any(|ancestor| ancestor.is(masked))) {
        return Err(PyTypeError::new_err(format!(
            "'{name}' is a MaskedArray; numket works on every amplitude and knows no mask: use {name}.data"
        )));
    }
    Ok(())
}

/// Where the memory of an array begins; `check` has seen that it is one.
pub fn address_of(array: &Bound<'_, PyAny>) -> usize {
    Header::of(array).data as usize
}

/// How many axes an array has; `check` has seen that it is one.
pub fn axes_of(array: &Bound<'_, PyAny>) -> usize {
    Header::of(array).ndim
}

/// Whether an array holds bools.
pub fn is_of_bools(array: &Bound<'_, PyAny>) -> bool {
    is_array(array) && Header::of(array).type_num == NPY_TYPES::NPY_BOOL as i32
}

/// An `int`, and of no subclass, as a number, unless it is beyond 64 bits.
#[inline(always)]
pub fn exact_int(object: &Bound<'_, PyAny>) -> Option<i64> {
    // SAFETY: attached to the interpreter; reading an int runs no code of the user's and cannot fail.
    unsafe {
        if ffi::PyLong_CheckExact(object.as_ptr()) == 0 {
            return None;
        }
        let mut overflow = 0;
        let value = ffi::PyLong_AsLongLongAndOverflow(object.as_ptr(), &mut overflow);
        (overflow == 0).then_some(value)
    }
}
