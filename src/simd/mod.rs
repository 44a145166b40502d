//! Lanes: a register of complex amplitudes and the few operations that kernels need on it.
//!
//! A kernel is written once, generic over [`Lanes`]; `dispatch` runs it on the widest lanes that
//! the CPU has and that the state can fill. It is called *inside* each task, so that the whole loop
//! is compiled with the CPU's features: passing such a loop through a thread pool from outside
//! would leave every intrinsic as a call.

use std::ops::{Add, Mul, Neg, Sub};
use std::sync::atomic::{AtomicU8, Ordering};

use num_complex::Complex;

use crate::error::{Error, Result};
use crate::layout::Layout;

mod scalar;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

/// The most amplitudes that a register of any CPU holds: eight of single precision in 512 bits.
pub const MAX_WIDTH: usize = 8;

/// The real numbers of a precision, `f32` or `f64`, with the registers that hold its amplitudes.
pub trait Real:
    Copy
    + Default
    + PartialEq
    + Send
    + Sync
    + std::fmt::Debug
    + Add<Output = Self>
    + Mul<Output = Self>
    + Sub<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// One amplitude at a time, on any CPU.
    #[doc(hidden)]
    type Scalar: Lanes<Real = Self>;
    /// The same where an amplitude in memory is one real number.
    #[doc(hidden)]
    type RealScalar: Lanes<Real = Self>;
    /// 256-bit registers.
    #[doc(hidden)]
    #[cfg(target_arch = "x86_64")]
    type Avx2: Lanes<Real = Self>;
    /// 512-bit registers.
    #[doc(hidden)]
    #[cfg(target_arch = "x86_64")]
    type Avx512: Lanes<Real = Self>;
    /// 128-bit registers.
    #[doc(hidden)]
    #[cfg(target_arch = "aarch64")]
    type Neon: Lanes<Real = Self>;
    /// How many of the lowest bits lie inside a register of `isa`; none where the CPU has not got it.
    #[doc(hidden)]
    fn lane_bits(isa: Isa) -> usize {
        match isa {
            _ if !isa.available() => 0,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => Self::Avx512::BITS,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => Self::Avx2::BITS,
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => Self::Neon::BITS,
            _ => Self::Scalar::BITS,
        }
    }
    /// Rounds to this precision.
    #[doc(hidden)]
    fn from_f64(x: f64) -> Self;
    /// Widens, exactly.
    #[doc(hidden)]
    fn to_f64(self) -> f64;
}

macro_rules! real {
    ($real:ty) => {
        impl Real for $real {
            type Scalar = scalar::Scalar<$real, false>;
            type RealScalar = scalar::Scalar<$real, true>;
            #[cfg(target_arch = "x86_64")]
            type Avx2 = avx2::Avx2<$real>;
            #[cfg(target_arch = "x86_64")]
            type Avx512 = avx512::Avx512<$real>;
            #[cfg(target_arch = "aarch64")]
            type Neon = neon::Neon<$real>;
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $real
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    };
}
real!(f32);
real!(f64);

/// A register of `WIDTH` amplitudes, real and imaginary parts interleaved as NumPy stores them.
///
/// # Safety
/// Every function requires that the CPU has the features of the implementation; `dispatch` is the
/// proof. `load` and `store` require `WIDTH` valid amplitudes at the pointer, of any alignment that
/// the element type has.
#[allow(clippy::missing_safety_doc, reason = "the section above holds for every function")]
pub unsafe trait Lanes: Copy + 'static {
    /// The precision.
    type Real: Real;
    /// The register: in memory, `WIDTH` pairs of real numbers.
    type Reg: Copy;
    /// An arbitrary rearrangement of the lanes, prepared.
    type Perm: Copy;
    /// A choice of lanes, prepared.
    type Mask: Copy;
    /// Amplitudes in a register, a power of two up to [`MAX_WIDTH`].
    const WIDTH: usize;
    /// Whether `f64::mul_add` is one instruction where these lanes are.
    const FUSES: bool;
    /// `log2(WIDTH)`: how many of the lowest bits lie inside a register.
    const BITS: usize = Self::WIDTH.trailing_zeros() as usize;

    /// Reads `WIDTH` amplitudes.
    unsafe fn load(from: *const Self::Real) -> Self::Reg;
    /// Writes `WIDTH` amplitudes.
    unsafe fn store(to: *mut Self::Real, register: Self::Reg);
    /// The same pair of numbers in every lane.
    unsafe fn splat(pair: Complex<Self::Real>) -> Self::Reg;
    /// `a * b`, real by real.
    unsafe fn mul(a: Self::Reg, b: Self::Reg) -> Self::Reg;
    /// `a + b`, real by real.
    unsafe fn add(a: Self::Reg, b: Self::Reg) -> Self::Reg;
    /// `a * b + c`, real by real.
    unsafe fn mul_add(a: Self::Reg, b: Self::Reg, c: Self::Reg) -> Self::Reg;
    /// `(re, im)` becomes `(im, re)` in every lane.
    unsafe fn swap_re_im(a: Self::Reg) -> Self::Reg;
    /// `(re, im)` becomes `(re, re)` in every lane.
    unsafe fn twice_re(a: Self::Reg) -> Self::Reg;
    /// `(re, im)` becomes `(im, im)` in every lane.
    unsafe fn twice_im(a: Self::Reg) -> Self::Reg;
    /// Prepares the rearrangement in which lane `j` takes what lane `from[j]` holds.
    unsafe fn perm(from: [usize; MAX_WIDTH]) -> Self::Perm;
    /// Rearranges the lanes.
    unsafe fn permute(a: Self::Reg, perm: Self::Perm) -> Self::Reg;
    /// Prepares the choice of the lanes whose bit in `lanes` is set.
    unsafe fn mask(lanes: u32) -> Self::Mask;
    /// Lane by lane, `a` where chosen and `b` elsewhere.
    unsafe fn select(mask: Self::Mask, a: Self::Reg, b: Self::Reg) -> Self::Reg;
    /// `c - a * b`, real by real.
    unsafe fn neg_mul_add(a: Self::Reg, b: Self::Reg, c: Self::Reg) -> Self::Reg;
    /// The real parts of two registers, and the imaginary parts, both in the order of [`real_lane`].
    unsafe fn unzip(a: Self::Reg, b: Self::Reg) -> (Self::Reg, Self::Reg);
    /// The same in the order of the amplitudes.
    unsafe fn unzip_in_order(a: Self::Reg, b: Self::Reg) -> (Self::Reg, Self::Reg);
    /// Undoes [`Lanes::unzip`].
    unsafe fn zip(re: Self::Reg, im: Self::Reg) -> (Self::Reg, Self::Reg);
    /// The real parts of one register with the imaginary parts of another.
    #[inline(always)]
    unsafe fn merge(re: Self::Reg, im: Self::Reg) -> Self::Reg {
        // SAFETY: the caller's promise.
        unsafe { Self::zip(Self::unzip(re, im).0, Self::unzip(im, re).1).0 }
    }
    /// Writes `WIDTH` amplitudes past the caches, to an address that is a multiple of their size; [`fence`]
    /// must follow before anything else is done with them.
    #[inline(always)]
    unsafe fn stream(to: *mut Self::Real, register: Self::Reg) {
        // SAFETY: the caller's promise.
        unsafe { Self::store(to, register) }
    }
    /// For each of eight numbers, how many of others are at most as large.
    #[inline(always)]
    unsafe fn at_most_each(others: &[f64], numbers: &[f64; 8]) -> [u64; 8] {
        let mut found = [0; 8];
        for (found, &number) in found.iter_mut().zip(numbers) {
            *found = others.iter().filter(|&&other| other <= number).count() as u64;
        }
        found
    }
    /// How many of eight numbers, the least of which is the first, are at most `number`.
    #[inline(always)]
    unsafe fn at_most(sorted: &[f64; 8], number: f64) -> usize {
        sorted.iter().map(|&other| usize::from(other <= number)).sum()
    }
    /// Which bit of a real's place in an unzipped register tells the two registers apart.
    const ZIPPED: usize;
    /// Bits of an address that are worth holding in registers at a time, two registers to a setting.
    const REGISTER_BITS: usize;
}

/// Which bit of a real's place in an unzipped register a bit of the address is: one of the lowest
/// `L::BITS + 1`.
pub fn real_lane<L: Lanes>(bit: usize) -> usize {
    match bit {
        _ if bit == L::BITS => L::ZIPPED,
        _ if bit < L::ZIPPED => bit,
        _ => bit + 1,
    }
}

/// A coefficient in the precision of a state.
#[inline(always)]
pub fn rounded<T: Real>(value: Complex<f64>) -> Complex<T> {
    Complex::new(T::from_f64(value.re), T::from_f64(value.im))
}

/// A complex coefficient per lane, prepared for multiplication: `c x = re x + im swap(x)` with
/// `re = (re c, re c)` and `im = (-im c, im c)`. The sign sits in the coefficient, so that a plain
/// fused multiply-add serves every CPU and the swap is shared by all rows of a matrix.
#[derive(Clone, Copy)]
pub struct Coef<L: Lanes> {
    re: L::Reg,
    im: L::Reg,
}

impl<L: Lanes> Coef<L> {
    /// From the coefficient of each lane.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn new(values: [Complex<f64>; MAX_WIDTH]) -> Self {
        let mut pairs = [Complex::<L::Real>::default(); MAX_WIDTH];
        for lane in 0..L::WIDTH {
            pairs[lane] = rounded(values[lane]);
        }
        // SAFETY: there are at least WIDTH pairs; the rest is the caller's promise.
        unsafe { Coef::of(L::load(pairs.as_ptr().cast())) }
    }

    /// From a register that holds the coefficient of each lane.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn of(values: L::Reg) -> Self {
        let one = L::Real::from_f64(1.0);
        // SAFETY: the caller's promise.
        unsafe {
            let sign = L::splat(Complex::new(-one, one));
            Coef { re: L::twice_re(values), im: L::mul(L::twice_im(values), sign) }
        }
    }

    /// The same coefficient in every lane: a broadcast instead of a table.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn splat(value: Complex<f64>) -> Self {
        let (re, im) = (L::Real::from_f64(value.re), L::Real::from_f64(value.im));
        // SAFETY: the caller's promise.
        unsafe { Coef { re: L::splat(Complex::new(re, re)), im: L::splat(Complex::new(-im, im)) } }
    }

    /// A real 2 x 2 matrix on real and imaginary part, in every lane: `(beside.re im, beside.im re)` is added to
    /// `(own.re re, own.im im)`.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn splat_block(own: Complex<f64>, beside: Complex<f64>) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Coef { re: L::splat(rounded(own)), im: L::splat(rounded(beside)) } }
    }

    /// The same for each lane, from registers.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn of_blocks(own: L::Reg, beside: L::Reg) -> Self {
        Coef { re: own, im: beside }
    }

    /// The product with `x`, given `swapped = swap_re_im(x)`.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn mul(self, x: L::Reg, swapped: L::Reg) -> L::Reg {
        // SAFETY: the caller's promise.
        unsafe { L::mul_add(self.im, swapped, L::mul(self.re, x)) }
    }

    /// The product of its real part with `x`, added to `sum`.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn mul_add_re(self, x: L::Reg, sum: L::Reg) -> L::Reg {
        // SAFETY: the caller's promise.
        unsafe { L::mul_add(self.re, x, sum) }
    }

    /// The product of its imaginary part, times i, with `x`, given `swapped = swap_re_im(x)`, added to `sum`.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn mul_add_im(self, swapped: L::Reg, sum: L::Reg) -> L::Reg {
        // SAFETY: the caller's promise.
        unsafe { L::mul_add(self.im, swapped, sum) }
    }

    /// The product with `x`, added to `sum`.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub unsafe fn mul_add(self, x: L::Reg, swapped: L::Reg, sum: L::Reg) -> L::Reg {
        // SAFETY: the caller's promise.
        unsafe { L::mul_add(self.im, swapped, L::mul_add(self.re, x, sum)) }
    }
}

/// Asks for the cache line at `at`: a hint, whatever the address.
#[inline(always)]
pub fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of x86-64, and a prefetch never faults.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Sees to it that what was written past the caches comes before all that follows.
#[inline(always)]
pub fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of x86-64.
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

/// A loop over amplitudes, written once for all lanes.
pub trait Kernel {
    /// The precision it runs in.
    type Real: Real;
    /// What it returns.
    type Out;
    /// The loop. Mark it `#[inline(always)]`: it must be compiled inside `dispatch`.
    ///
    /// # Safety
    /// The CPU has the features of `L`, and at least `L::BITS` of the lowest bits of the state are
    /// contiguous.
    unsafe fn run<L: Lanes<Real = Self::Real>>(self) -> Self::Out;
}

/// An instruction set, from the narrowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// One amplitude at a time.
    Scalar,
    /// AArch64 NEON, 128 bits.
    Neon,
    /// AVX2 and FMA, 256 bits.
    Avx2,
    /// AVX-512F, 512 bits.
    Avx512,
}

impl Isa {
    /// All, from the narrowest.
    pub const ALL: [Isa; 4] = [Isa::Scalar, Isa::Neon, Isa::Avx2, Isa::Avx512];

    /// The name that `NUMKET_SIMD` uses.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Scalar => "scalar",
            Isa::Neon => "neon",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }

    /// Whether this CPU has it.
    pub fn available(self) -> bool {
        match self {
            Isa::Scalar => true,
            Isa::Neon => cfg!(target_arch = "aarch64"),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => is_x86_feature_detected!("avx512f") && Isa::Avx2.available(),
            #[cfg(not(target_arch = "x86_64"))]
            Isa::Avx2 | Isa::Avx512 => false,
        }
    }

    /// The lanes in use: the widest of this CPU, or what `NUMKET_SIMD` forces; read once.
    ///
    /// # Errors
    /// [`Error::Setting`] where `NUMKET_SIMD` names none, or one that this CPU has not.
    #[inline(always)]
    pub fn chosen() -> Result<Isa> {
        // A byte, because every call asks: 0 until chosen, then 1 + its place in `ALL`.
        static CHOSEN: AtomicU8 = AtomicU8::new(0);
        #[cold]
        fn choose() -> Result<Isa> {
            let isa = Isa::choose(std::env::var("NUMKET_SIMD").ok().as_deref())?;
            CHOSEN.store(isa as u8 + 1, Ordering::Relaxed);
            Ok(isa)
        }
        match CHOSEN.load(Ordering::Relaxed) {
            0 => choose(),
            place => Ok(Isa::ALL[usize::from(place - 1) % Isa::ALL.len()]),
        }
    }

    fn choose(forced: Option<&str>) -> Result<Isa> {
        let available = || Isa::ALL.into_iter().filter(|isa| isa.available());
        match forced {
            None | Some("") => Ok(available().next_back().unwrap_or(Isa::Scalar)),
            Some(name) => available().find(|isa| isa.name() == name).ok_or_else(|| Error::Setting {
                name: "NUMKET_SIMD",
                value: name.to_owned(),
                accepted: available().map(Isa::name).collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

/// The features of this CPU that matter here, for reports.
pub fn cpu_features() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    let features = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx", is_x86_feature_detected!("avx")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512dq", is_x86_feature_detected!("avx512dq")),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let features = [("neon", Isa::Neon.available())];
    features.into_iter().filter(|feature| feature.1).map(|feature| feature.0).collect()
}

/// A computation on plain numbers. It is compiled for the CPU's features, where it is inlined as a whole.
pub trait Plain {
    /// What it returns.
    type Out;

    /// Runs it; `L` are the lanes that the CPU has beside.
    fn run<L: Lanes>(self) -> Self::Out;
}

/// Runs a computation on plain numbers, compiled for the features of `isa`.
pub(crate) fn compiled_for<P: Plain>(isa: Isa, plain: P) -> P::Out {
    struct Computation<P>(P);

    impl<P: Plain> Kernel for Computation<P> {
        type Real = f64;
        type Out = P::Out;

        #[inline(always)]
        unsafe fn run<L: Lanes<Real = f64>>(self) -> P::Out {
            self.0.run::<L>()
        }
    }

    on_widest(isa, Computation(plain))
}

/// Runs `kernel` on the widest lanes up to `isa` that the `2**run` amplitudes in a row fill. A state
/// of `2**bits` amplitudes must fill two registers: with one, everything is a rearrangement of
/// lanes, and setting that up costs more than two amplitudes one by one.
#[inline]
pub(crate) fn dispatch<K: Kernel>(isa: Isa, run: usize, bits: usize, kernel: K) -> K::Out {
    debug_assert!(run <= bits);
    // The guards compare the lanes with the run, and ask the CPU.
    let fill = |lanes: usize| run >= lanes && bits > lanes && isa.available();
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 if fill(<K::Real as Real>::Avx512::BITS) => {
            // SAFETY: as above.
            unsafe { on_avx512(kernel) }
        }
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 | Isa::Avx2 if fill(<K::Real as Real>::Avx2::BITS) => {
            // SAFETY: as above.
            unsafe { on_avx2(kernel) }
        }
        #[cfg(target_arch = "aarch64")]
        Isa::Neon if fill(<K::Real as Real>::Neon::BITS) => {
            // SAFETY: as above.
            unsafe { kernel.run::<<K::Real as Real>::Neon>() }
        }
        _ => {
            // SAFETY: one amplitude at a time needs neither features nor a run.
            unsafe { kernel.run::<<K::Real as Real>::Scalar>() }
        }
    }
}

/// As [`dispatch`] on states of a layout, as if they had `spare` bits more: one amplitude at a time where they are
/// real.
#[inline]
pub(crate) fn dispatch_on<K: Kernel>(isa: Isa, layout: &Layout, spare: usize, kernel: K) -> K::Out {
    if layout.is_real() {
        return on_reals(kernel);
    }
    dispatch(isa, layout.run(), layout.num_qubits() + spare, kernel)
}

/// Runs a kernel on real amplitudes; not inlined, as complex ones would pay for its room on the stack.
#[inline(never)]
fn on_reals<K: Kernel>(kernel: K) -> K::Out {
    // SAFETY: one amplitude at a time needs neither features nor a run.
    unsafe { kernel.run::<<K::Real as Real>::RealScalar>() }
}

/// Runs a kernel that takes no registers of its own, compiled for `isa` whatever the state.
pub(crate) fn on_widest<K: Kernel>(isa: Isa, kernel: K) -> K::Out {
    dispatch(isa, usize::MAX - 1, usize::MAX, kernel)
}

/// # Safety
/// The CPU has AVX-512F; see [`Kernel::run`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn on_avx512<K: Kernel>(kernel: K) -> K::Out {
    // SAFETY: the caller's promise.
    unsafe { kernel.run::<<K::Real as Real>::Avx512>() }
}

/// # Safety
/// The CPU has AVX2 and FMA; see [`Kernel::run`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn on_avx2<K: Kernel>(kernel: K) -> K::Out {
    // SAFETY: the caller's promise.
    unsafe { kernel.run::<<K::Real as Real>::Avx2>() }
}

#[cfg(test)]
mod tests;
