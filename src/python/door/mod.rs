//! The door: what NumPy says about an array, read once, checked, and leased for the call.
//!
//! rust-numpy's own guards are not used for states. They miss overlaps (an array and its `.imag`,
//! shifted views, two `np.frombuffer` of one buffer), can abort the process when another thread
//! changes a dtype during a detached call, and cost more than a small gate. Here the header is
//! copied once and the object is never looked at again; what is leased is an interval of
//! addresses, and what is released is that same interval, whatever has become of the object.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use numpy::npyffi::{self, flags, types::NPY_TYPES};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::invoke::Invoke;
use crate::layout::Layout;
pub use crate::lease::Access;
use crate::lease::{self, Span};
use crate::simd::Real;
use crate::state::{States, StatesMut};

mod aligned;
mod handle;
mod header;
mod numbers;
mod refusals;
mod region;
mod work;

pub use aligned::aligned;
pub use handle::{Ket, unwrapped};
use header::{Header, NDARRAY};
pub use header::{address_of, axes_of, check, exact_int, is_array, is_of_bools, is_plain_array};
pub use numbers::{Element, Numbers, as_array, kind_of_numbers};
pub use refusals::accepted;
pub use refusals::in_numbers;
use refusals::{misaligned, read_only, wrong_dtype};
pub use region::Region;
use work::FREE_THREADED;
pub(super) use work::work;
pub use work::{Limit, interruptible, leased, moved, settled, shape_of, worked};

/// The two precisions.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Precision {
    /// complex64 or float32
    Single,
    /// complex128 or float64
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

/// A state that came through the door: checked, and with the interval of addresses that it takes.
pub struct State<'a> {
    data: *mut u8,
    /// That of its real numbers.
    pub precision: Precision,
    /// Where the amplitudes of one state lie.
    pub layout: Layout,
    /// What a call on it must lease.
    pub region: Region<'a>,
}

impl<'a> State<'a> {
    /// Checks `array`, the argument called `name`, whose amplitudes are complex or real.
    //
    // Inlined by force: a `PyResult<State>` that is handed up by copies costs as much as the checks.
    #[inline(always)]
    pub fn new(
        name: &'static str,
        array: &'a Bound<'a, PyAny>,
        batch: i64,
        access: Access,
    ) -> PyResult<State<'a>> {
        State::checked(name, array, batch, access, true)
    }

    /// The same for a call that needs complex amplitudes.
    #[inline(always)]
    pub fn complex(
        name: &'static str,
        array: &'a Bound<'a, PyAny>,
        batch: i64,
        access: Access,
    ) -> PyResult<State<'a>> {
        State::checked(name, array, batch, access, false)
    }

    #[inline(always)]
    fn checked(
        name: &'static str,
        array: &'a Bound<'a, PyAny>,
        batch: i64,
        access: Access,
        reals: bool,
    ) -> PyResult<State<'a>> {
        let array = if is_plain_array(array) { array } else { opened(name, array)? };
        let header = Header::of(array);
        let (precision, shift) = match header.type_num {
            n if n == NPY_TYPES::NPY_CDOUBLE as i32 && header.native => (Precision::Double, 4),
            n if n == NPY_TYPES::NPY_CFLOAT as i32 && header.native => (Precision::Single, 3),
            n if n == NPY_TYPES::NPY_DOUBLE as i32 && header.native && reals => (Precision::Double, 3),
            n if n == NPY_TYPES::NPY_FLOAT as i32 && header.native && reals => (Precision::Single, 2),
            _ => return Err(wrong_dtype(name, array, array, accepted(reals), "complex128")),
        };
        if access == Access::Write && !header.has(flags::NPY_ARRAY_WRITEABLE) {
            return Err(read_only(name));
        }
        let real = shift == if precision == Precision::Double { 3 } else { 2 };
        // A flat vector, which most states are, is never moved once it is made here: reading together what was
        // just written apart costs more than all the checks.
        let State { data, precision, layout, region } = match header.flat(shift, batch) {
            Some(n) => {
                let layout = if real { Layout::flat_of_reals(n) } else { Layout::flat(n) };
                let span = Span::row(header.data as usize, 1 << shift << n, access);
                State { data: header.data, precision, layout, region: Region::new(span, array) }
            }
            None => {
                let mut layout = header.layout(name, shift, batch)?;
                let span = Span::of(header.data as usize, &layout, shift - 1, access);
                let data = header.data.wrapping_offset(layout.lowest() << (shift - 1));
                if real {
                    layout = layout.in_reals().ok_or_else(|| misaligned(name))?;
                }
                State { data, precision, layout, region: Region::new(span, array) }
            }
        };
        Ok(State { data, precision, layout, region })
    }

    /// Whether two states are of one dtype.
    pub fn has_dtype_of(&self, other: &State<'_>) -> bool {
        self.precision == other.precision && self.layout.is_real() == other.layout.is_real()
    }

    /// The lengths of the axes that count states.
    pub fn batch_shape(&self) -> &[usize] {
        &self.layout.batch_or_one().shape
    }

    /// The states to be read by the work of a call, in the precision `T`, which is theirs.
    #[inline]
    pub fn reading<T: Real>(&self) -> Reading<'_, T> {
        assert_eq!(size_of::<T>() == 8, self.precision == Precision::Double);
        Reading(self, PhantomData)
    }

    /// The states to be changed by the work of a call, in the precision `T`, which is theirs.
    #[inline]
    pub fn changing<T: Real>(&mut self) -> Changing<'_, 'a, T> {
        assert!(
            (size_of::<T>() == 8) == (self.precision == Precision::Double) && self.region.span.writes()
        );
        Changing(self, PhantomData)
    }
}

/// Refuses what is no array, before the other arguments of a call are read: one of them may have been given
/// in its place.
#[inline]
pub fn check_first(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<()> {
    if is_plain_array(given) { Ok(()) } else { opened(name, given).map(drop) }
}

/// What is no plain array: that of a handle, or an array of a subclass.
#[cold]
fn opened<'a, 'py>(name: &'static str, given: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyAny>> {
    let array = unwrapped(given);
    check(name, array)?;
    Ok(array)
}

/// What can be lent to the work of a call, for as long as its addresses are leased: this is the only way to
/// the memory of arrays.
pub trait Lend {
    /// What the work is given.
    type Lent<'a>: Send;

    /// Whether the work changes states.
    const CHANGES: bool = false;

    /// The addresses to lease, and to keep in place.
    fn regions(&self) -> impl Iterator<Item = Region<'_>> + Clone;

    /// Hands it out.
    ///
    /// # Safety
    /// For all of `'a`, the addresses are leased, or the interpreter is held, and `self` is left alone.
    unsafe fn lend<'a>(&self) -> Self::Lent<'a>;
}

/// States that the work of a call reads.
pub struct Reading<'s, T>(&'s State<'s>, PhantomData<T>);

/// States that the work of a call changes.
pub struct Changing<'s, 'a, T>(&'s mut State<'a>, PhantomData<T>);

impl<T: Real> Lend for Reading<'_, T> {
    type Lent<'a> = States<'a, T>;

    #[inline]
    fn regions(&self) -> impl Iterator<Item = Region<'_>> + Clone {
        std::iter::once(self.0.region)
    }

    #[inline]
    unsafe fn lend<'a>(&self) -> States<'a, T> {
        let layout: *const Layout = &self.0.layout;
        // SAFETY: NumPy's memory, alive while the caller holds the array, checked against the layout, and
        // leased. The state outlives the work, so its layout does.
        unsafe { States::from_raw(self.0.data.cast::<T>(), &*layout) }
    }
}

impl<T: Real> Lend for Changing<'_, '_, T> {
    type Lent<'a> = StatesMut<'a, T>;
    const CHANGES: bool = true;

    #[inline]
    fn regions(&self) -> impl Iterator<Item = Region<'_>> + Clone {
        std::iter::once(self.0.region)
    }

    #[inline]
    unsafe fn lend<'a>(&self) -> StatesMut<'a, T> {
        let layout: *const Layout = &self.0.layout;
        // SAFETY: as above; what is leased for writing is so for this call alone.
        unsafe { StatesMut::from_raw(self.0.data.cast::<T>(), &*layout) }
    }
}

impl<L: Lend> Lend for Option<L> {
    type Lent<'a> = Option<L::Lent<'a>>;
    const CHANGES: bool = L::CHANGES;

    #[inline]
    fn regions(&self) -> impl Iterator<Item = Region<'_>> + Clone {
        self.iter().flat_map(L::regions)
    }

    #[inline]
    unsafe fn lend<'a>(&self) -> Self::Lent<'a> {
        // SAFETY: the caller's promise.
        self.as_ref().map(|lent| unsafe { lent.lend() })
    }
}

/// Memory that the work of a call reads through slices that it has already.
impl Lend for &[Region<'_>] {
    type Lent<'a> = ();

    #[inline]
    fn regions(&self) -> impl Iterator<Item = Region<'_>> + Clone {
        self.iter().copied()
    }

    #[inline]
    unsafe fn lend<'a>(&self) -> Self::Lent<'a> {}
}

impl<A: Lend, B: Lend> Lend for (A, B) {
    type Lent<'a> = (A::Lent<'a>, B::Lent<'a>);
    const CHANGES: bool = A::CHANGES || B::CHANGES;

    #[inline]
    fn regions(&self) -> impl Iterator<Item = Region<'_>> + Clone {
        self.0.regions().chain(self.1.regions())
    }

    #[inline]
    unsafe fn lend<'a>(&self) -> Self::Lent<'a> {
        // SAFETY: the caller's promise, for each.
        unsafe { (self.0.lend(), self.1.lend()) }
    }
}

/// A forked child has none of its parent's threads, so nothing is in flight in it.
#[pyfunction]
fn _clear_leases() {
    lease::forget();
}

/// Finds out whether there may be no global lock and where NumPy's array type is, and has the leases
/// cleared in every forked child.
pub fn prepare(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // SAFETY: attached to the interpreter; the type lives as long as the process.
    let ndarray = unsafe { npyffi::get_type_object(module.py(), npyffi::NpyTypes::PyArray_Type) };
    NDARRAY.store(ndarray, Ordering::Relaxed);
    // Not whether there is a lock now: who imports numket may hold it for that time only.
    let version = module.py().import("sys")?.attribute("version")?;
    let free = version.invoke_method("__contains__", ("free-threading",))?.truth()?;
    FREE_THREADED.store(free, Ordering::Relaxed);
    let os = module.py().import("os")?;
    if let Ok(register) = os.attribute("register_at_fork") {
        let options = PyDict::new(module.py());
        options.set_item("after_in_child", wrap_pyfunction!(_clear_leases, module)?)?;
        register.invoke_with((), Some(&options))?;
    }
    Ok(())
}
