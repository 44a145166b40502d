//! The door: what NumPy says about an array, read once, checked, and leased for the call.
//!
//! rust-numpy's own guards are not used for states. They miss overlaps (an array and its `.imag`,
//! shifted views, two `np.frombuffer` of one buffer), can abort the process when another thread
//! changes a dtype during a detached call, and cost more than a small gate. Here the header is
//! copied once and the object is never looked at again; what is leased is an interval of
//! addresses, and what is released is that same interval, whatever has become of the object.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use num_complex::Complex;
use numpy::npyffi::{self, flags, types::NPY_TYPES};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use super::error::BufferInUseError;
use crate::error::Error;
use crate::layout::{Batch, Layout};
use crate::simd::Real;
use crate::state::{StateMut, StateRef};

/// The two precisions.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
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

/// What a call does with an array. (A whole word, so that a [`Span`] is copied without a stall.)
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Access {
    Read,
    Write,
}

/// How NumPy marks numbers whose bytes are in the order that is not the machine's. The machine's own
/// has three marks: '=', '|', and what `newbyteorder` leaves behind.
const OTHER_BYTE_ORDER: u8 = if cfg!(target_endian = "little") { b'>' } else { b'<' };

/// The header of an array, read once. Nothing that runs Python code may come between reading it and
/// the end of the work: an `__index__` could shrink the array meanwhile.
struct Header {
    data: *mut u8,
    shape: *const npyffi::npy_intp,
    strides: *const npyffi::npy_intp,
    ndim: usize,
    flags: i32,
    type_num: i32,
    native: bool,
}

impl Header {
    /// Reads the header of an array; `check` has seen that it is one.
    //
    // Neither an Option nor a Result: taking those apart byte by byte costs more than reading.
    #[inline(always)]
    fn of(array: &Bound<'_, PyAny>) -> Header {
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
            }
        }
    }

    fn has(&self, flag: i32) -> bool {
        self.flags & flag != 0
    }

    /// Length and stride in bytes of an axis.
    fn axis(&self, axis: usize) -> (usize, isize) {
        debug_assert!(axis < self.ndim);
        // SAFETY: shape and strides have `ndim` entries and stand still while attached.
        unsafe { (*self.shape.add(axis) as usize, *self.strides.add(axis)) }
    }

    fn shape(&self) -> Vec<usize> {
        (0..self.ndim).map(|axis| self.axis(axis).0).collect()
    }

    /// The layout of amplitudes of `2**shift` bytes and the batch axes before it. (A shift, because
    /// a division costs as much as all the rest of the door.)
    #[inline(always)]
    fn layout(&self, name: &'static str, shift: u32, batch: i64) -> PyResult<Layout> {
        // Strides count reals, two to an amplitude.
        let shift = shift - 1;
        if self.ndim == 1 {
            let (len, stride) = self.axis(0);
            // As below: the stride of an axis of length 1 is never taken.
            let stride = if len == 1 { 0 } else { stride };
            if !self.has(flags::NPY_ARRAY_ALIGNED) || stride >> shift << shift != stride {
                return Err(misaligned(name));
            }
            return Ok(Layout::of_array(name, &[len], &[stride >> shift], batch)?);
        }
        self.tensor(name, shift, batch)
    }

    fn tensor(&self, name: &'static str, shift: u32, batch: i64) -> PyResult<Layout> {
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

/// A state that came through the door: checked, and with the interval of addresses that it takes.
pub struct State {
    data: *mut u8,
    /// complex64 or complex128.
    pub precision: Precision,
    /// Where the amplitudes of one state lie.
    pub layout: Layout,
    /// What a call on it must lease.
    pub span: Span,
}

impl State {
    /// Checks `array`, the argument called `name`.
    //
    // Inlined by force: a `PyResult<State>` that is handed up by copies costs as much as the checks.
    #[inline(always)]
    pub fn new(
        name: &'static str,
        array: &Bound<'_, PyAny>,
        batch: i64,
        access: Access,
    ) -> PyResult<State> {
        check(name, array)?;
        let header = Header::of(array);
        let (precision, shift) = match header.type_num {
            n if n == NPY_TYPES::NPY_CDOUBLE as i32 && header.native => (Precision::Double, 4),
            n if n == NPY_TYPES::NPY_CFLOAT as i32 && header.native => (Precision::Single, 3),
            _ => return Err(wrong_dtype(name, array, "complex128 or complex64", "np.complex128")),
        };
        if access == Access::Write && !header.has(flags::NPY_ARRAY_WRITEABLE) {
            return Err(read_only(name));
        }
        let layout = header.layout(name, shift, batch)?;
        let span = if layout.is_flat() {
            let start = header.data as usize;
            Span {
                start,
                end: start + (1 << shift << layout.num_qubits()),
                period: 0,
                extent: 0,
                access,
            }
        } else {
            Span::of(header.data as usize, &layout, shift - 1, access)
        };
        let data = header.data.wrapping_offset(layout.lowest() << (shift - 1));
        Ok(State { data, precision, layout, span })
    }

    /// The state to read, as `T` says; that is the precision it has.
    #[inline]
    pub fn view<T: Real>(&self) -> StateRef<'_, T> {
        debug_assert_eq!(size_of::<T>() == 8, self.precision == Precision::Double);
        // SAFETY: NumPy's memory, alive while the caller holds the array, checked against the
        // layout; the caller works on it inside `leased`.
        unsafe { StateRef::from_raw(self.data.cast::<T>(), &self.layout) }
    }

    /// The state to change, as `T` says; that is the precision it has.
    #[inline]
    pub fn view_mut<T: Real>(&mut self) -> StateMut<'_, T> {
        debug_assert_eq!(size_of::<T>() == 8, self.precision == Precision::Double);
        debug_assert!(self.span.access == Access::Write);
        // SAFETY: as for `view`; the lease is exclusive and `self` is borrowed mutably.
        unsafe { StateMut::from_raw(self.data.cast::<T>(), &self.layout) }
    }
}

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
pub trait Element: Copy {
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
        let span = Span { start, end: start + len * size_of::<T>(), period: 0, extent: 0, access };
        Some(Numbers { data: header.data.cast(), len, shape, span, _array: array.clone() })
    }

    /// One row of numbers for each state of a batch, the last `core` axes being the row: the batch
    /// axes of the numbers, broadcast by NumPy's rules, with strides in numbers.
    pub fn broadcast(
        &self,
        name: &'static str,
        core: usize,
        batch: Option<&Batch>,
    ) -> Result<Batch, Error> {
        let batch = batch.unwrap_or(const { &Batch { shape: Vec::new(), strides: Vec::new() } });
        let (shape, row) = self.shape.split_at(self.shape.len() - core);
        let refused =
            || Error::Broadcast { argument: name, shape: shape.to_vec(), batch: batch.shape.clone() };
        let missing = batch.shape.len().checked_sub(shape.len()).ok_or_else(refused)?;
        let mut strides = vec![0; batch.shape.len()];
        let mut stride = row.iter().product::<usize>() as isize;
        for axis in (0..shape.len()).rev() {
            match shape[axis] {
                1 => {}
                len if len == batch.shape[missing + axis] => strides[missing + axis] = stride,
                _ => return Err(refused()),
            }
            stride *= shape[axis] as isize;
        }
        Ok(Batch { shape: batch.shape.clone(), strides })
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: `of` checked type, alignment and contiguity; the array is held.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }

    /// The numbers, to write; only after [`Numbers::write`].
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as above; the caller works on it inside `leased`.
        unsafe { std::slice::from_raw_parts_mut(self.data, self.len) }
    }
}

/// Work above this many nanoseconds releases the interpreter: taking it back while other threads
/// want it costs up to some ten microseconds, more than a small gate.
const DETACH_MIN_NANOS: f64 = 20_000.0;

/// Without a global lock, other Python threads run during every call; set when the module loads.
static FREE_THREADED: AtomicBool = AtomicBool::new(false);

/// Runs `work` on the memory of `spans`, with the interpreter released if the work is worth it.
///
/// While the interpreter is released, the spans are leased, and a call that overlaps them is
/// refused. Work too small for that needs no lease of its own: no other call can begin meanwhile.
///
/// ```text
/// nk.h(a, 0) while nk.h(a, 1) runs in another thread      refused
/// nk.h(a, 0) while nk.norm(a) runs                        refused
/// nk.norm(a) while nk.norm(a) runs                        allowed: both only read
/// nk.h(a[:8], 0) while nk.h(a[8:], 0) runs                allowed: disjoint
/// a[0] = 1 while nk.h(a, 0) runs                          not seen: that is NumPy's write
/// ```
#[inline]
pub fn leased<const N: usize, R: Send>(
    py: Python<'_>,
    nanos: f64,
    spans: [Span; N],
    work: impl FnOnce() -> R + Send,
) -> PyResult<R> {
    let clash = |i: usize| spans[..i].iter().any(|span| span.conflicts(&spans[i]));
    if (1..N).any(clash) {
        return Err(in_use());
    }
    if nanos >= DETACH_MIN_NANOS || FREE_THREADED.load(Ordering::Relaxed) {
        let _lease = Lease::take(spans)?;
        Ok(py.detach(work))
    } else if HELD.load(Ordering::Acquire) == 0 || !conflict(&leases(), &spans) {
        Ok(work())
    } else {
        Err(in_use())
    }
}

/// What calls are working on with the interpreter released.
static LEASES: Mutex<Vec<Span>> = Mutex::new(Vec::new());

/// How many spans [`LEASES`] holds, to be looked at without the lock.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Addresses and what is done with them: an interval, of which only a comb may be meant.
#[derive(Clone, Copy, PartialEq)]
pub struct Span {
    start: usize,
    end: usize,
    /// The teeth begin at `start` plus multiples of this, so that columns of one array can be worked
    /// on side by side; 0 for an interval without gaps.
    period: usize,
    /// The length of a tooth.
    extent: usize,
    access: Access,
}

impl Span {
    /// No address.
    pub const NOWHERE: Span = Span { start: 0, end: 0, period: 0, extent: 0, access: Access::Read };

    /// The places of a state or a batch of them whose basis state 0 is at `data`; a real number has
    /// `2**shift` bytes.
    #[cold]
    fn of(data: usize, layout: &Layout, shift: u32, access: Access) -> Span {
        let bits = (0..layout.num_qubits()).map(|bit| (2, layout.stride(bit)));
        let none = Batch::default();
        let batch = layout.batch().unwrap_or(&none);
        let counted = batch.shape.iter().copied().zip(batch.strides.iter().copied());
        let mut axes: Vec<(usize, isize)> = bits.chain(counted).filter(|&(len, _)| len != 1).collect();
        if batch.is_empty() {
            return Span { start: data, end: data, period: 0, extent: 0, access };
        }
        let reach = |&(len, stride): &(usize, isize)| (len as isize - 1) * stride;
        let lowest = layout.lowest() + axes.iter().map(reach).filter(|&reach| reach < 0).sum::<isize>();
        axes.iter_mut().for_each(|(_, stride)| *stride = stride.abs());
        axes.sort_by_key(|&(_, stride)| stride);
        let mut span = Span { start: 0, end: 0, period: 0, extent: 0, access };
        // The axes below a cut make a tooth, those above it repeat it; the sparsest comb is kept.
        let mut tooth = 2usize;
        for (cut, axis) in axes.iter().enumerate() {
            let above = axes[cut..].iter().fold(0, |gcd, axis| greatest_divisor(gcd, axis.1 as usize));
            if tooth < above && (span.period == 0 || tooth * span.period < span.extent * above) {
                (span.period, span.extent) = (above, tooth);
            }
            tooth += reach(axis) as usize;
        }
        span.start = data.wrapping_add_signed(lowest << shift);
        span.end = span.start + (tooth << shift);
        (span.period, span.extent) = (span.period << shift, span.extent << shift);
        span
    }

    fn conflicts(&self, other: &Span) -> bool {
        let writes = self.access == Access::Write || other.access == Access::Write;
        writes && self.start < other.end && other.start < self.end && !self.is_between(other)
    }

    /// Whether the teeth of one comb lie in the gaps of the other.
    fn is_between(&self, other: &Span) -> bool {
        let period = greatest_divisor(self.period, other.period);
        if period == 0 {
            return false;
        }
        let extent = |span: &Span| if span.period == 0 { span.end - span.start } else { span.extent };
        let ahead = (other.start % period + period - self.start % period) % period;
        ahead >= extent(self) && period - ahead >= extent(other)
    }
}

/// The greatest common divisor; that of 0 and a number is the number.
fn greatest_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

fn conflict(held: &[Span], wanted: &[Span]) -> bool {
    held.iter().any(|held| wanted.iter().any(|wanted| held.conflicts(wanted)))
}

fn leases() -> MutexGuard<'static, Vec<Span>> {
    // No code that can panic runs under the lock, so a poisoned one is still sound.
    LEASES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to some intervals of addresses, given back when dropped. What is given back is what
/// was taken, whatever has become of the arrays.
struct Lease<const N: usize>([Span; N]);

impl<const N: usize> Lease<N> {
    fn take(spans: [Span; N]) -> PyResult<Lease<N>> {
        let mut held = leases();
        if conflict(&held, &spans) {
            return Err(in_use());
        }
        held.extend(spans);
        HELD.store(held.len(), Ordering::Release);
        Ok(Lease(spans))
    }
}

impl<const N: usize> Drop for Lease<N> {
    fn drop(&mut self) {
        let mut held = leases();
        for span in self.0 {
            if let Some(at) = held.iter().rposition(|held| *held == span) {
                held.swap_remove(at);
            }
        }
        HELD.store(held.len(), Ordering::Release);
    }
}

/// A forked child has none of its parent's threads, so nothing is in flight in it.
#[pyfunction]
fn _clear_leases() {
    leases().clear();
    HELD.store(0, Ordering::Release);
}

/// Finds out whether there is a global lock and where NumPy's array type is, and has the leases
/// cleared in every forked child.
pub fn prepare(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // SAFETY: attached to the interpreter; the type lives as long as the process.
    let ndarray = unsafe { npyffi::get_type_object(module.py(), npyffi::NpyTypes::PyArray_Type) };
    NDARRAY.store(ndarray, Ordering::Relaxed);
    if let Ok(locked) = module.py().import("sys")?.call_method0("_is_gil_enabled") {
        FREE_THREADED.store(!locked.is_truthy()?, Ordering::Relaxed);
    }
    let os = module.py().import("os")?;
    if let Ok(register) = os.getattr("register_at_fork") {
        let options = PyDict::new(module.py());
        options.set_item("after_in_child", wrap_pyfunction!(_clear_leases, module)?)?;
        register.call((), Some(&options))?;
    }
    Ok(())
}

/// NumPy's array type, kept at hand because every call asks for it; set when the module loads.
static NDARRAY: AtomicPtr<ffi::PyTypeObject> = AtomicPtr::new(std::ptr::null_mut());

/// Whether it is an array, and of no subclass.
#[inline(always)]
fn is_plain_array(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: attached to the interpreter, and an object has a type.
    unsafe { ffi::Py_TYPE(object.as_ptr()) == NDARRAY.load(Ordering::Relaxed) }
}

pub fn is_array(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: attached to the interpreter.
    unsafe { npyffi::PyArray_Check(object.py(), object.as_ptr()) != 0 }
}

/// An `int`, and of no subclass, as a number; beyond 64 bits the nearest one.
#[inline(always)]
pub fn exact_int(object: &Bound<'_, PyAny>) -> Option<i64> {
    // SAFETY: attached to the interpreter; reading an int runs no code of the user's and cannot fail.
    unsafe {
        if ffi::PyLong_CheckExact(object.as_ptr()) == 0 {
            return None;
        }
        let mut overflow = 0;
        let value = ffi::PyLong_AsLongLongAndOverflow(object.as_ptr(), &mut overflow);
        Some(match overflow {
            0 => value,
            1 => i64::MAX,
            _ => i64::MIN,
        })
    }
}

/// Checks that a call can work on the elements of `array`, the argument called `name`. Runs no
/// Python code.
#[inline(always)]
fn check(name: &'static str, array: &Bound<'_, PyAny>) -> PyResult<()> {
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
        let Some(module) = modules.get_item("numpy.ma")? else { return Ok(()) };
        let Ok(masked) = module.getattr("MaskedArray") else { return Ok(()) };
        let _ = MASKED.set(py, masked.cast_into()?.unbind());
    }
    let masked = MASKED.get(py).is_some_and(|masked| {
        // SAFETY: attached to the interpreter, and both are types.
        unsafe { ffi::PyType_IsSubtype(ffi::Py_TYPE(array.as_ptr()), masked.as_ptr().cast()) != 0 }
    });
    if masked {
        return Err(PyTypeError::new_err(format!(
            "'{name}' is a MaskedArray; numket works on every amplitude and knows no mask: use {name}.data"
        )));
    }
    Ok(())
}

#[cold]
fn in_use() -> PyErr {
    BufferInUseError::new_err(
        "the array overlaps memory that is being worked on, by a call in flight or as another argument; \
         one call at a time may change a buffer: wait for the other call, or use arrays of their own",
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

/// The error of a state too large, for the functions that make one.
pub fn out_of_memory(needed: u128, free: Option<u64>) -> PyErr {
    Error::Memory { needed, free }.into()
}
