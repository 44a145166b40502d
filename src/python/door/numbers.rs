//! Arrays of plain numbers: matrices, diagonals, permutations, angles, and room for results.

use num_complex::Complex;
use numpy::npyffi::{flags, types::NPY_TYPES};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::Lend;
use super::header::{Header, check, is_array, is_plain_array};
use super::refusals::{read_only, wrong_dtype};
use crate::error::Error;
use crate::layout::Batch;
use crate::lease::{Access, Span};

/// An array of plain numbers in one row: a matrix, a diagonal, a permutation, an output.
pub struct Numbers<'py, T> {
    data: *mut T,
    len: usize,
    /// The shape of the array.
    pub shape: Vec<usize>,
    /// What a call on it must lease.
    pub span: Span,
    _array: Bound<'py, PyAny>,
}

/// Numbers that an argument can be read as.
pub trait Element: Copy + Send + 'static {
    /// NumPy's name for it.
    const DTYPE: &'static str;
    /// NumPy's number for it.
    const TYPE_NUM: NPY_TYPES;
    /// NumPy's letters for the kinds of numbers that are read as it.
    const KINDS: &'static str;
}

impl Element for Complex<f64> {
    const DTYPE: &'static str = "complex128";
    const TYPE_NUM: NPY_TYPES = NPY_TYPES::NPY_CDOUBLE;
    const KINDS: &'static str = "biufc";
}

impl Element for Complex<f32> {
    const DTYPE: &'static str = "complex64";
    const TYPE_NUM: NPY_TYPES = NPY_TYPES::NPY_CFLOAT;
    const KINDS: &'static str = "biufc";
}

impl Element for f64 {
    const DTYPE: &'static str = "float64";
    const TYPE_NUM: NPY_TYPES = NPY_TYPES::NPY_DOUBLE;
    const KINDS: &'static str = "biuf";
}

impl Element for i64 {
    const DTYPE: &'static str = "int64";
    // Where C's long has 64 bits, NumPy calls that its int64.
    const TYPE_NUM: NPY_TYPES =
        if size_of::<std::ffi::c_long>() == 8 { NPY_TYPES::NPY_LONG } else { NPY_TYPES::NPY_LONGLONG };
    const KINDS: &'static str = "iu";
}

impl Element for i8 {
    const DTYPE: &'static str = "int8";
    const TYPE_NUM: NPY_TYPES = NPY_TYPES::NPY_BYTE;
    const KINDS: &'static str = "i";
}

impl<'py, T: Element> Numbers<'py, T> {
    /// Reads anything that `np.asarray` understands; an array that already fits is not copied.
    pub fn read(name: &'static str, given: &Bound<'py, PyAny>) -> PyResult<Self> {
        Self::of_array(name, &Self::array(name, given)?)
    }

    /// An array that fits, of anything that `np.asarray` understands; one that fits is not copied.
    pub fn array(name: &'static str, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = given.py();
        if is_array(given) {
            check(name, given)?;
        }
        if Self::of(given, Access::Read).is_some() {
            return Ok(given.clone());
        }
        let numpy = py.import("numpy")?;
        let refused = |error: PyErr| {
            if !error.is_instance_of::<PyTypeError>(py) && !error.is_instance_of::<PyValueError>(py) {
                return error; // the user's own
            }
            PyTypeError::new_err(format!(
                "'{name}' cannot be read as an array of {}: {}; pass an array of numbers",
                T::DTYPE,
                error.value(py)
            ))
        };
        let array = numpy.call_method1("asarray", (given,)).map_err(refused)?;
        let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
        if !T::KINDS.contains(&kind) {
            return Err(wrong_dtype(name, &array, T::DTYPE, T::DTYPE));
        }
        array.call_method1("astype", (numpy.getattr(T::DTYPE)?, "C"))
    }

    /// The numbers of an array that fits. Runs no Python code.
    pub fn of_array(name: &'static str, array: &Bound<'py, PyAny>) -> PyResult<Self> {
        Self::of(array, Access::Read).ok_or_else(|| wrong_dtype(name, array, T::DTYPE, T::DTYPE))
    }

    /// The array itself, to be written to.
    pub fn write(name: &'static str, array: &Bound<'py, PyAny>) -> PyResult<Self> {
        check(name, array)?;
        let header = Header::of(array);
        if !header.has(flags::NPY_ARRAY_WRITEABLE) {
            return Err(read_only(name));
        }
        if header.type_num != T::TYPE_NUM as i32 {
            return Err(wrong_dtype(name, array, T::DTYPE, T::DTYPE));
        }
        Self::of(array, Access::Write).ok_or_else(|| {
            PyValueError::new_err(format!(
                "'{name}' is not one row of {dtype}; results are written in place: use \
                 np.empty(size, dtype=np.{dtype})",
                dtype = T::DTYPE
            ))
        })
    }

    /// The array, if it is one row of `T` as it stands.
    fn of(array: &Bound<'py, PyAny>, access: Access) -> Option<Self> {
        let fits = |header: &Header| {
            header.type_num == T::TYPE_NUM as i32
                && header.native
                && header.has(flags::NPY_ARRAY_ALIGNED)
                && header.has(flags::NPY_ARRAY_C_CONTIGUOUS)
        };
        if !is_plain_array(array) && !is_array(array) {
            return None;
        }
        let header = Header::of(array);
        if !fits(&header) {
            return None;
        }
        let shape = header.shape();
        let len = shape.iter().product();
        let start = header.data as usize;
        let span = Span::row(start, len * size_of::<T>(), access);
        Some(Numbers { data: header.data.cast(), len, shape, span, _array: array.clone() })
    }

    /// One row of numbers for each state of a batch, the last `core` axes being the row: the batch
    /// axes of the numbers, broadcast by NumPy's rules, with strides in numbers.
    pub fn broadcast(&self, name: &'static str, core: usize, batch: &[usize]) -> Result<Batch, Error> {
        let (shape, row) = self.shape.split_at(self.shape.len() - core);
        Batch::in_c_order(shape, row.iter().product()).broadcast(batch).ok_or_else(|| Error::Broadcast {
            argument: name,
            shape: shape.to_vec(),
            batch: batch.to_vec(),
        })
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: `of` checked type, alignment and contiguity; the array is held.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }

    /// The numbers, to be written by the work of a call; only after [`Numbers::write`].
    pub fn filling(&mut self) -> Filling<'_, 'py, T> {
        assert!(self.span.writes());
        Filling(self)
    }
}

/// Numbers that the work of a call writes.
pub struct Filling<'a, 'py, T>(&'a mut Numbers<'py, T>);

impl<T: Element> Lend for Filling<'_, '_, T> {
    type Lent<'a> = &'a mut [T];

    fn spans(&self) -> impl Iterator<Item = Span> + Clone {
        std::iter::once(self.0.span)
    }

    unsafe fn lend<'a>(&mut self) -> &'a mut [T] {
        // SAFETY: `of` checked type, alignment and contiguity; the array is held, and leased.
        unsafe { std::slice::from_raw_parts_mut(self.0.data, self.0.len) }
    }
}
