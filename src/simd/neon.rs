//! NEON: one amplitude of double precision or two of single precision.

use std::arch::aarch64::*;
use std::marker::PhantomData;

use num_complex::Complex;

use super::{Lanes, MAX_WIDTH};

/// A 128-bit register of amplitudes of precision `T`.
#[derive(Clone, Copy)]
pub struct Neon<T>(PhantomData<T>);

// SAFETY: every AArch64 CPU has NEON; `load` and `store` are unaligned and 16 bytes wide, which is
// WIDTH amplitudes.
unsafe impl Lanes for Neon<f64> {
    type Real = f64;
    type Reg = float64x2_t;
    type Perm = ();
    type Mask = bool;
    const WIDTH: usize = 1;
    const FUSES: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f64) -> float64x2_t {
        // SAFETY: the caller's promise.
        unsafe { vld1q_f64(from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f64, register: float64x2_t) {
        // SAFETY: the caller's promise.
        unsafe { vst1q_f64(to, register) }
    }
    #[inline(always)]
    unsafe fn splat(pair: Complex<f64>) -> float64x2_t {
        // SAFETY: `pair` is 16 bytes.
        unsafe { vld1q_f64((&raw const pair).cast()) }
    }
    #[inline(always)]
    unsafe fn mul(a: float64x2_t, b: float64x2_t) -> float64x2_t {
        // SAFETY: the caller's promise.
        unsafe { vmulq_f64(a, b) }
    }
    #[inline(always)]
    unsafe fn add(a: float64x2_t, b: float64x2_t) -> float64x2_t {
        // SAFETY: the caller's promise.
        unsafe { vaddq_f64(a, b) }
    }
    #[inline(always)]
    unsafe fn mul_add(a: float64x2_t, b: float64x2_t, c: float64x2_t) -> float64x2_t {
        // SAFETY: the caller's promise.
        unsafe { vfmaq_f64(c, a, b) }
    }
    #[inline(always)]
    unsafe fn swap_re_im(a: float64x2_t) -> float64x2_t {
        // SAFETY: the caller's promise.
        unsafe { vextq_f64::<1>(a, a) }
    }
    #[inline(always)]
    unsafe fn twice_re(a: float64x2_t) -> float64x2_t {
        // SAFETY: the caller's promise.
        unsafe { vtrn1q_f64(a, a) }
    }
    #[inline(always)]
    unsafe fn twice_im(a: float64x2_t) -> float64x2_t {
        // SAFETY: the caller's promise.
        unsafe { vtrn2q_f64(a, a) }
    }
    #[inline(always)]
    unsafe fn perm(_: [usize; MAX_WIDTH]) {}
    #[inline(always)]
    unsafe fn permute(a: float64x2_t, (): ()) -> float64x2_t {
        a
    }
    #[inline(always)]
    unsafe fn mask(lanes: u32) -> bool {
        lanes & 1 == 1
    }
    #[inline(always)]
    unsafe fn select(mask: bool, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        if mask { a } else { b }
    }
    #[inline(always)]
    unsafe fn neg_mul_add(a: float64x2_t, b: float64x2_t, c: float64x2_t) -> float64x2_t {
        // SAFETY: the caller's promise.
        unsafe { vfmsq_f64(c, a, b) }
    }
    #[inline(always)]
    unsafe fn unzip(a: float64x2_t, b: float64x2_t) -> (float64x2_t, float64x2_t) {
        // SAFETY: the caller's promise.
        unsafe { (vuzp1q_f64(a, b), vuzp2q_f64(a, b)) }
    }
    #[inline(always)]
    unsafe fn unzip_in_order(a: float64x2_t, b: float64x2_t) -> (float64x2_t, float64x2_t) {
        // SAFETY: the caller's promise.
        unsafe { Self::unzip(a, b) }
    }
    #[inline(always)]
    unsafe fn zip(re: float64x2_t, im: float64x2_t) -> (float64x2_t, float64x2_t) {
        // SAFETY: the caller's promise.
        unsafe { (vzip1q_f64(re, im), vzip2q_f64(re, im)) }
    }
    const ZIPPED: usize = 0;
    const REGISTER_BITS: usize = 3;
}

// SAFETY: as for double precision.
unsafe impl Lanes for Neon<f32> {
    type Real = f32;
    type Reg = float32x4_t;
    type Perm = uint8x16_t;
    type Mask = uint32x4_t;
    const WIDTH: usize = 2;
    const FUSES: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vld1q_f32(from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, register: float32x4_t) {
        // SAFETY: the caller's promise.
        unsafe { vst1q_f32(to, register) }
    }
    #[inline(always)]
    unsafe fn splat(pair: Complex<f32>) -> float32x4_t {
        let unit = [pair, pair];
        // SAFETY: `unit` is 16 bytes.
        unsafe { vld1q_f32(unit.as_ptr().cast()) }
    }
    #[inline(always)]
    unsafe fn mul(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vmulq_f32(a, b) }
    }
    #[inline(always)]
    unsafe fn add(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vaddq_f32(a, b) }
    }
    #[inline(always)]
    unsafe fn mul_add(a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vfmaq_f32(c, a, b) }
    }
    #[inline(always)]
    unsafe fn swap_re_im(a: float32x4_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vrev64q_f32(a) }
    }
    #[inline(always)]
    unsafe fn twice_re(a: float32x4_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vtrn1q_f32(a, a) }
    }
    #[inline(always)]
    unsafe fn twice_im(a: float32x4_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vtrn2q_f32(a, a) }
    }
    #[inline(always)]
    unsafe fn perm(from: [usize; MAX_WIDTH]) -> uint8x16_t {
        let unit: [u8; 16] = std::array::from_fn(|u| (8 * from[u / 8] + u % 8) as u8);
        // SAFETY: `unit` is 16 bytes.
        unsafe { vld1q_u8(unit.as_ptr()) }
    }
    #[inline(always)]
    unsafe fn permute(a: float32x4_t, perm: uint8x16_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vreinterpretq_f32_u8(vqtbl1q_u8(vreinterpretq_u8_f32(a), perm)) }
    }
    #[inline(always)]
    unsafe fn mask(lanes: u32) -> uint32x4_t {
        let unit: [u32; 4] = std::array::from_fn(|u| (lanes >> (u / 2) & 1).wrapping_neg());
        // SAFETY: `unit` is 16 bytes.
        unsafe { vld1q_u32(unit.as_ptr()) }
    }
    #[inline(always)]
    unsafe fn select(mask: uint32x4_t, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vbslq_f32(mask, a, b) }
    }
    #[inline(always)]
    unsafe fn neg_mul_add(a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vfmsq_f32(c, a, b) }
    }
    #[inline(always)]
    unsafe fn unzip(a: float32x4_t, b: float32x4_t) -> (float32x4_t, float32x4_t) {
        // SAFETY: the caller's promise.
        unsafe { (vuzp1q_f32(a, b), vuzp2q_f32(a, b)) }
    }
    #[inline(always)]
    unsafe fn unzip_in_order(a: float32x4_t, b: float32x4_t) -> (float32x4_t, float32x4_t) {
        // SAFETY: the caller's promise.
        unsafe { Self::unzip(a, b) }
    }
    #[inline(always)]
    unsafe fn zip(re: float32x4_t, im: float32x4_t) -> (float32x4_t, float32x4_t) {
        // SAFETY: the caller's promise.
        unsafe { (vzip1q_f32(re, im), vzip2q_f32(re, im)) }
    }
    const ZIPPED: usize = 1;
    const REGISTER_BITS: usize = 3;
}
