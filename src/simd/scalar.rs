//! One amplitude at a time: any CPU, any stride, and the textbook twin of the wider lanes. A real one counts as a
//! complex one whose imaginary part is 0.

use std::marker::PhantomData;

use num_complex::Complex;

use super::{Lanes, MAX_WIDTH, Real};

/// A single amplitude, which in memory is one `REAL` number or two.
#[derive(Clone, Copy)]
pub struct Scalar<T, const REAL: bool>(PhantomData<T>);

// SAFETY: needs no CPU feature; `load` and `store` touch exactly one amplitude.
unsafe impl<T: Real, const REAL: bool> Lanes for Scalar<T, REAL> {
    type Real = T;
    type Reg = Complex<T>;
    type Perm = ();
    type Mask = bool;
    const WIDTH: usize = 1;
    const FUSES: bool = false;

    #[inline(always)]
    unsafe fn load(from: *const T) -> Complex<T> {
        // SAFETY: the caller's promise.
        unsafe {
            match REAL {
                true => Complex::new(from.read(), T::default()),
                false => from.cast::<Complex<T>>().read(),
            }
        }
    }
    #[inline(always)]
    unsafe fn store(to: *mut T, register: Complex<T>) {
        // SAFETY: the caller's promise.
        unsafe {
            match REAL {
                true => to.write(register.re),
                false => to.cast::<Complex<T>>().write(register),
            }
        }
    }
    #[inline(always)]
    unsafe fn splat(pair: Complex<T>) -> Complex<T> {
        pair
    }
    #[inline(always)]
    unsafe fn mul(a: Complex<T>, b: Complex<T>) -> Complex<T> {
        Complex::new(a.re * b.re, a.im * b.im)
    }
    #[inline(always)]
    unsafe fn add(a: Complex<T>, b: Complex<T>) -> Complex<T> {
        Complex::new(a.re + b.re, a.im + b.im)
    }
    #[inline(always)]
    unsafe fn mul_add(a: Complex<T>, b: Complex<T>, c: Complex<T>) -> Complex<T> {
        // Not fused: without hardware support that would be a library call per number.
        Complex::new(a.re * b.re + c.re, a.im * b.im + c.im)
    }
    #[inline(always)]
    unsafe fn swap_re_im(a: Complex<T>) -> Complex<T> {
        Complex::new(a.im, a.re)
    }
    #[inline(always)]
    unsafe fn twice_re(a: Complex<T>) -> Complex<T> {
        Complex::new(a.re, a.re)
    }
    #[inline(always)]
    unsafe fn twice_im(a: Complex<T>) -> Complex<T> {
        Complex::new(a.im, a.im)
    }
    #[inline(always)]
    unsafe fn perm(_: [usize; MAX_WIDTH]) {}
    #[inline(always)]
    unsafe fn permute(a: Complex<T>, (): ()) -> Complex<T> {
        a
    }
    #[inline(always)]
    unsafe fn mask(lanes: u32) -> bool {
        lanes & 1 == 1
    }
    #[inline(always)]
    unsafe fn select(mask: bool, a: Complex<T>, b: Complex<T>) -> Complex<T> {
        if mask { a } else { b }
    }
    #[inline(always)]
    unsafe fn neg_mul_add(a: Complex<T>, b: Complex<T>, c: Complex<T>) -> Complex<T> {
        Complex::new(c.re - a.re * b.re, c.im - a.im * b.im)
    }
    #[inline(always)]
    unsafe fn unzip(a: Complex<T>, b: Complex<T>) -> (Complex<T>, Complex<T>) {
        (Complex::new(a.re, b.re), Complex::new(a.im, b.im))
    }
    #[inline(always)]
    unsafe fn unzip_in_order(a: Complex<T>, b: Complex<T>) -> (Complex<T>, Complex<T>) {
        // SAFETY: the caller's promise.
        unsafe { Self::unzip(a, b) }
    }
    #[inline(always)]
    unsafe fn zip(re: Complex<T>, im: Complex<T>) -> (Complex<T>, Complex<T>) {
        (Complex::new(re.re, im.re), Complex::new(re.im, im.im))
    }
    const ZIPPED: usize = 0;
    const REGISTER_BITS: usize = 3;
}
