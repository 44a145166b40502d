//! Arrays of plain numbers: matrices, diagonals, permutations, angles, and room for results.

use num_complex::Complex;
use numpy::npyffi::{flags, types::NPY_TYPES};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyFloat, PyInt, PyTuple};

use super::super::error::{fact, is_of_the_user};
use super::super::invoke::{Invoke, plain};
use super::super::package::{EMPTY, numpy};
use super::header::{Header, INT64, check, is_array, is_plain_array};
use super::refusals::{read_only, wrong_dtype};
use super::work::moved;
use super::{Lend, Precision, Region, leased};
use crate::error::Error;
use crate::layout::Rows;
use crate::lease::{Access, Span};

/// An array of plain numbers in one row: a matrix, a diagonal, a permutation, an output.
pub struct Numbers<'py, T> {
    /// The argument that it was given as.
    name: &'static str,
    data: *mut T,
    len: usize,
    /// The shape of the array.
    pub shape: Vec<usize>,
    /// What a call on it must lease.
    span: Span,
    array: Bound<'py, PyAny>,
}

/// Numbers that an argument can be read as.
pub trait Element: Copy + Send + Sync + 'static {
    /// NumPy's name for it.
    const DTYPE: &'static str;
    /// NumPy's number for it.
    const TYPE_NUM: NPY_TYPES;
    /// NumPy's letters for the kinds of numbers that are read as it.
    const KINDS: &'static str;

    /// Whether it is neither NaN nor infinite.
    fn finite(self) -> bool;

    /// Whether complex64 holds it.
    fn fits_single(self) -> bool;

    /// Whether it has no imaginary part but 0.
    fn is_real(self) -> bool;

    /// As Python has it.
    fn number(self, py: Python<'_>) -> Bound<'_, PyAny>;
}

macro_rules! elements {
    ($($T:ty, $dtype:literal, $type_num:expr, $kinds:literal, $finite:expr, $single:expr, $real:expr, $number:expr;)+) => {$(
        impl Element for $T {
            const DTYPE: &'static str = $dtype;
            const TYPE_NUM: NPY_TYPES = $type_num;
            const KINDS: &'static str = $kinds;

            fn finite(self) -> bool {
                $finite(self)
            }

            fn fits_single(self) -> bool {
                $single(self)
            }

            fn is_real(self) -> bool {
                $real(self)
            }

            fn number(self, py: Python<'_>) -> Bound<'_, PyAny> {
                $number(py, self).into_any()
            }
        }
    )+};
}
elements! {
    Complex<f64>, "complex128", NPY_TYPES::NPY_CDOUBLE, "biufc", Complex::is_finite,
        |z: Self| (z.re as f32).is_finite() && (z.im as f32).is_finite(),
        |z: Self| z.im == 0.0, |py, z: Self| PyComplex::from_doubles(py, z.re, z.im);
    Complex<f32>, "complex64", NPY_TYPES::NPY_CFLOAT, "biufc", Complex::is_finite, |_| true,
        |z: Self| z.im == 0.0, |py, z: Self| PyComplex::from_doubles(py, z.re.into(), z.im.into());
    f64, "float64", NPY_TYPES::NPY_DOUBLE, "biuf", f64::is_finite, |z| (z as f32).is_finite(), |_| true,
        PyFloat::new;
    i64, "int64", INT64, "iu", |_| true, |_| true, |_| true, PyInt::new;
    i8, "int8", NPY_TYPES::NPY_BYTE, "i", |_| true, |_| true, |_| true, PyInt::new;
}

/// What `np.asarray` makes of an argument.
pub fn as_array<'py>(name: &str, given: &Bound<'py, PyAny>, of: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = given.py();
    numpy(py)?.invoke_method("asarray", (given,)).map_err(|error| {
        if is_of_the_user(py, &error) {
            return error; // the user's own
        }
        fact(error.value(py)).map_or_else(
            |error| error,
            |fact| {
                PyTypeError::new_err(format!(
                    "'{name}' cannot be read as an array of {of}: {fact}; pass an array of numbers"
                ))
            },
        )
    })
}

/// NumPy's letter for the kind of numbers that an array has.
pub fn kind_of_numbers(array: &Bound<'_, PyAny>) -> PyResult<String> {
    plain(&array.attribute("dtype")?.attribute("kind")?)
}

impl<'py, T: Element> Numbers<'py, T> {
    /// Reads anything that `np.asarray` understands; an array that already fits is not copied.
    pub fn read(name: &'static str, given: &Bound<'py, PyAny>) -> PyResult<Self> {
        Self::of_array(name, &Self::array(name, given)?)
    }

    /// An array that fits, of anything that `np.asarray` understands; one that fits is not copied.
    pub fn array(name: &'static str, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if is_array(given) {
            check(name, given)?;
        }
        if Self::of(name, given, Access::Read).is_some() {
            return Ok(given.clone());
        }
        let array = as_array(name, given, T::DTYPE)?;
        if !T::KINDS.contains(&kind_of_numbers(&array)?) {
            return Err(wrong_dtype(name, given, &array, T::DTYPE, T::DTYPE));
        }
        array.invoke_method("astype", (T::DTYPE, "C"))
    }

    /// The numbers of an array that fits. Runs no Python code.
    pub fn of_array(name: &'static str, array: &Bound<'py, PyAny>) -> PyResult<Self> {
        Self::of(name, array, Access::Read)
            .ok_or_else(|| wrong_dtype(name, array, array, T::DTYPE, T::DTYPE))
    }

    /// Looks at the array anew, after code that may have changed it. Runs no Python code.
    pub fn again(&self, name: &'static str) -> PyResult<Self> {
        match Self::of(name, &self.array, Access::Read) {
            Some(now) if now.shape == self.shape => Ok(now),
            _ => Err(moved(name)),
        }
    }

    /// Room for results, which are not set yet. What is made last, before arrays are looked at for good,
    /// nobody else has.
    pub fn empty(py: Python<'py>, shape: &[usize]) -> PyResult<Self> {
        let shape = PyTuple::new(py, shape)?;
        Self::write("out", &EMPTY.get(py)?.invoke((shape, T::DTYPE))?)
    }

    /// The array itself.
    pub fn into_array(self) -> Bound<'py, PyAny> {
        self.array
    }

    /// The array, or what it holds where it has no axes.
    pub fn into_result(self) -> Bound<'py, PyAny> {
        if self.shape.is_empty() { self.as_slice()[0].number(self.array.py()) } else { self.array }
    }

    /// These numbers as a new array of this shape, or the one that they are where it has no axes.
    pub fn result(py: Python<'py>, numbers: &[T], shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
        if shape.is_empty() {
            return Ok(numbers[0].number(py));
        }
        let mut out = Self::empty(py, shape)?;
        leased(py, 0.0, out.filling(), |out| out.copy_from_slice(numbers))?;
        Ok(out.into_array())
    }

    /// The array itself, to be written to.
    pub fn write(name: &'static str, array: &Bound<'py, PyAny>) -> PyResult<Self> {
        check(name, array)?;
        let header = Header::of(array);
        if !header.has(flags::NPY_ARRAY_WRITEABLE) {
            return Err(read_only(name));
        }
        if header.type_num != T::TYPE_NUM as i32 {
            return Err(wrong_dtype(name, array, array, T::DTYPE, T::DTYPE));
        }
        Self::of(name, array, Access::Write).ok_or_else(|| {
            PyValueError::new_err(format!(
                "'{name}' is not one row of {dtype}; results are written in place: use \
                 np.empty(size, dtype=np.{dtype})",
                dtype = T::DTYPE
            ))
        })
    }

    /// The array, if it is one row of `T` as it stands.
    fn of(name: &'static str, array: &Bound<'py, PyAny>, access: Access) -> Option<Self> {
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
        Some(Numbers { name, data: header.data.cast(), len, shape, span, array: array.clone() })
    }

    /// What a call on it must lease.
    pub fn region(&self) -> Region<'_> {
        Region::new(self.span, &self.array)
    }

    /// Rows of numbers for the states of a batch: the last `core` axes are those of a row.
    pub fn rows(&self, core: usize, batch: &[usize]) -> Result<Rows<'_, T>, Error> {
        Rows::new(self.name, self.as_slice(), &self.shape, core, batch)
    }

    /// Refuses NaNs and infinities.
    pub fn check_finite(&self) -> Result<(), Error> {
        match self.as_slice().iter().all(|number| number.finite()) {
            true => Ok(()),
            false => Err(Error::NotFinite { argument: self.name }),
        }
    }

    /// Refuses entries of an operator that states of this precision cannot hold.
    pub fn check_fits(&self, precision: Precision) -> Result<(), Error> {
        self.check_finite()?;
        match precision == Precision::Double || self.as_slice().iter().all(|number| number.fits_single())
        {
            true => Ok(()),
            false => Err(Error::TooLarge { holder: format!("'{}'", self.name) }),
        }
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

    fn regions(&self) -> impl Iterator<Item = Region<'_>> + Clone {
        std::iter::once(self.0.region())
    }

    unsafe fn lend<'a>(&self) -> &'a mut [T] {
        // SAFETY: `of` checked type, alignment and contiguity; the array is held, and leased.
        unsafe { std::slice::from_raw_parts_mut(self.0.data, self.0.len) }
    }
}
