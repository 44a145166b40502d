//! AVX2 and FMA: two amplitudes of double precision or four of single precision.
//!
//! Any rearrangement of lanes is one `vpermps` with a prepared index: it moves 32-bit units across
//! the whole register, four to an amplitude of double precision and two to one of single precision.

use std::arch::x86_64::*;
use std::marker::PhantomData;

use num_complex::Complex;

use super::{Lanes, MAX_WIDTH};

/// A 256-bit register of amplitudes of precision `T`.
#[derive(Clone, Copy)]
pub struct Avx2<T>(PhantomData<T>);

/// The index of `vpermps` for a rearrangement of lanes of `UNITS` 32-bit units each.
///
/// # Safety
/// The CPU has AVX2.
#[inline(always)]
unsafe fn perm_units<const UNITS: usize>(from: [usize; MAX_WIDTH]) -> __m256i {
    let unit: [i32; 8] = std::array::from_fn(|u| (UNITS * from[u / UNITS] + u % UNITS) as i32);
    // SAFETY: the caller's promise; `unit` is 32 bytes.
    unsafe { _mm256_loadu_si256(unit.as_ptr().cast()) }
}

/// All bits set in the 32-bit units of the chosen lanes.
///
/// # Safety
/// The CPU has AVX2.
#[inline(always)]
unsafe fn mask_units<const UNITS: usize>(lanes: u32) -> __m256i {
    let unit: [i32; 8] = std::array::from_fn(|u| -((lanes >> (u / UNITS) & 1) as i32));
    // SAFETY: the caller's promise; `unit` is 32 bytes.
    unsafe { _mm256_loadu_si256(unit.as_ptr().cast()) }
}

// SAFETY: the caller's CPU has AVX2 and FMA; `load` and `store` are unaligned and 32 bytes wide,
// which is WIDTH amplitudes.
unsafe impl Lanes for Avx2<f64> {
    type Real = f64;
    type Reg = __m256d;
    type Perm = __m256i;
    type Mask = __m256i;
    const WIDTH: usize = 2;
    const FUSES: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f64) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_loadu_pd(from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f64, register: __m256d) {
        // SAFETY: the caller's promise.
        unsafe { _mm256_storeu_pd(to, register) }
    }
    #[inline(always)]
    unsafe fn splat(pair: Complex<f64>) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_setr_pd(pair.re, pair.im, pair.re, pair.im) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m256d, b: __m256d) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_mul_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn add(a: __m256d, b: __m256d) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_add_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn mul_add(a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_fmadd_pd(a, b, c) }
    }
    #[inline(always)]
    unsafe fn swap_re_im(a: __m256d) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_permute_pd::<0b0101>(a) }
    }
    #[inline(always)]
    unsafe fn twice_re(a: __m256d) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_movedup_pd(a) }
    }
    #[inline(always)]
    unsafe fn twice_im(a: __m256d) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_permute_pd::<0xf>(a) }
    }
    #[inline(always)]
    unsafe fn perm(from: [usize; MAX_WIDTH]) -> __m256i {
        // SAFETY: the caller's promise.
        unsafe { perm_units::<4>(from) }
    }
    #[inline(always)]
    unsafe fn permute(a: __m256d, perm: __m256i) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(a), perm)) }
    }
    #[inline(always)]
    unsafe fn mask(lanes: u32) -> __m256i {
        // SAFETY: the caller's promise.
        unsafe { mask_units::<4>(lanes) }
    }
    #[inline(always)]
    unsafe fn select(mask: __m256i, a: __m256d, b: __m256d) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_blendv_pd(b, a, _mm256_castsi256_pd(mask)) }
    }
    #[inline(always)]
    unsafe fn neg_mul_add(a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        // SAFETY: the caller's promise.
        unsafe { _mm256_fnmadd_pd(a, b, c) }
    }
    #[inline(always)]
    unsafe fn unzip(a: __m256d, b: __m256d) -> (__m256d, __m256d) {
        // SAFETY: the caller's promise.
        unsafe { (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b)) }
    }
    #[inline(always)]
    unsafe fn unzip_in_order(a: __m256d, b: __m256d) -> (__m256d, __m256d) {
        // SAFETY: the caller's promise.
        unsafe {
            let (re, im) = Self::unzip(a, b);
            (_mm256_permute4x64_pd::<0xd8>(re), _mm256_permute4x64_pd::<0xd8>(im))
        }
    }
    #[inline(always)]
    unsafe fn zip(re: __m256d, im: __m256d) -> (__m256d, __m256d) {
        // SAFETY: the caller's promise.
        unsafe { (_mm256_unpacklo_pd(re, im), _mm256_unpackhi_pd(re, im)) }
    }
    #[inline(always)]
    unsafe fn stream(to: *mut f64, register: __m256d) {
        // SAFETY: the caller's promise.
        unsafe { _mm256_stream_pd(to, register) }
    }
    #[inline(always)]
    unsafe fn at_most_each(others: &[f64], numbers: &[f64; 8]) -> [u64; 8] {
        let mut out = [0; 8];
        // SAFETY: four numbers begin at each pointer; the rest is the caller's promise.
        unsafe {
            let from = numbers.as_ptr();
            let (low, high) = (_mm256_loadu_pd(from), _mm256_loadu_pd(from.add(4)));
            let mut found = [_mm256_setzero_si256(); 2];
            for &other in others {
                let other = _mm256_set1_pd(other);
                // All bits of a lane are set, which is -1, where it is so.
                let below =
                    [_mm256_cmp_pd::<_CMP_LE_OQ>(other, low), _mm256_cmp_pd::<_CMP_LE_OQ>(other, high)];
                found[0] = _mm256_sub_epi64(found[0], _mm256_castpd_si256(below[0]));
                found[1] = _mm256_sub_epi64(found[1], _mm256_castpd_si256(below[1]));
            }
            let to = out.as_mut_ptr();
            _mm256_storeu_si256(to.cast(), found[0]);
            _mm256_storeu_si256(to.add(4).cast(), found[1]);
        }
        out
    }
    #[inline(always)]
    unsafe fn at_most(sorted: &[f64; 8], number: f64) -> usize {
        // SAFETY: four numbers begin at each pointer; the rest is the caller's promise.
        unsafe {
            let number = _mm256_set1_pd(number);
            let low = _mm256_cmp_pd::<_CMP_LE_OQ>(_mm256_loadu_pd(sorted.as_ptr()), number);
            let high = _mm256_cmp_pd::<_CMP_LE_OQ>(_mm256_loadu_pd(sorted.as_ptr().add(4)), number);
            let found = _mm256_movemask_pd(low) | _mm256_movemask_pd(high) << 4;
            found.trailing_ones() as usize
        }
    }
    const ZIPPED: usize = 0;
    const REGISTER_BITS: usize = 2;
}

// SAFETY: as for double precision.
unsafe impl Lanes for Avx2<f32> {
    type Real = f32;
    type Reg = __m256;
    type Perm = __m256i;
    type Mask = __m256i;
    const WIDTH: usize = 4;
    const FUSES: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, register: __m256) {
        // SAFETY: the caller's promise.
        unsafe { _mm256_storeu_ps(to, register) }
    }
    #[inline(always)]
    unsafe fn splat(pair: Complex<f32>) -> __m256 {
        let unit = u64::from(pair.im.to_bits()) << 32 | u64::from(pair.re.to_bits());
        // SAFETY: the caller's promise.
        unsafe { _mm256_castsi256_ps(_mm256_set1_epi64x(unit as i64)) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m256, b: __m256) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_mul_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn add(a: __m256, b: __m256) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn swap_re_im(a: __m256) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_permute_ps::<0b10_11_00_01>(a) }
    }
    #[inline(always)]
    unsafe fn twice_re(a: __m256) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_moveldup_ps(a) }
    }
    #[inline(always)]
    unsafe fn twice_im(a: __m256) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_movehdup_ps(a) }
    }
    #[inline(always)]
    unsafe fn perm(from: [usize; MAX_WIDTH]) -> __m256i {
        // SAFETY: the caller's promise.
        unsafe { perm_units::<2>(from) }
    }
    #[inline(always)]
    unsafe fn permute(a: __m256, perm: __m256i) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_permutevar8x32_ps(a, perm) }
    }
    #[inline(always)]
    unsafe fn mask(lanes: u32) -> __m256i {
        // SAFETY: the caller's promise.
        unsafe { mask_units::<2>(lanes) }
    }
    #[inline(always)]
    unsafe fn select(mask: __m256i, a: __m256, b: __m256) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_blendv_ps(b, a, _mm256_castsi256_ps(mask)) }
    }
    #[inline(always)]
    unsafe fn neg_mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_fnmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn unzip(a: __m256, b: __m256) -> (__m256, __m256) {
        // SAFETY: the caller's promise.
        unsafe { (_mm256_shuffle_ps::<0x88>(a, b), _mm256_shuffle_ps::<0xdd>(a, b)) }
    }
    #[inline(always)]
    unsafe fn unzip_in_order(a: __m256, b: __m256) -> (__m256, __m256) {
        // SAFETY: the caller's promise.
        unsafe {
            let (re, im) = Self::unzip(a, b);
            let (re, im) = (_mm256_castps_pd(re), _mm256_castps_pd(im));
            let (re, im) = (_mm256_permute4x64_pd::<0xd8>(re), _mm256_permute4x64_pd::<0xd8>(im));
            (_mm256_castpd_ps(re), _mm256_castpd_ps(im))
        }
    }
    #[inline(always)]
    unsafe fn zip(re: __m256, im: __m256) -> (__m256, __m256) {
        // SAFETY: the caller's promise.
        unsafe { (_mm256_unpacklo_ps(re, im), _mm256_unpackhi_ps(re, im)) }
    }
    #[inline(always)]
    unsafe fn stream(to: *mut f32, register: __m256) {
        // SAFETY: the caller's promise.
        unsafe { _mm256_stream_ps(to, register) }
    }
    const ZIPPED: usize = 1;
    const REGISTER_BITS: usize = 2;
}
