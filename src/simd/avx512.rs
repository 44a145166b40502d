//! AVX-512F: four amplitudes of double precision or eight of single precision.
//!
//! Any rearrangement of lanes is one `vpermpd`/`vpermps`-class instruction with a prepared index:
//! an amplitude of single precision is one 64-bit unit, one of double precision two.

use std::arch::x86_64::*;
use std::marker::PhantomData;

use num_complex::Complex;

use super::{Lanes, MAX_WIDTH};

/// A 512-bit register of amplitudes of precision `T`.
#[derive(Clone, Copy)]
pub struct Avx512<T>(PhantomData<T>);

// SAFETY: the caller's CPU has AVX-512F; `load` and `store` are unaligned and 64 bytes wide, which
// is WIDTH amplitudes.
unsafe impl Lanes for Avx512<f64> {
    type Real = f64;
    type Reg = __m512d;
    type Perm = __m512i;
    type Mask = __mmask8;
    const WIDTH: usize = 4;
    const FUSES: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f64) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_loadu_pd(from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f64, register: __m512d) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_storeu_pd(to, register) }
    }
    #[inline(always)]
    unsafe fn splat(pair: Complex<f64>) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe {
            let (re, im) = (pair.re, pair.im);
            _mm512_setr_pd(re, im, re, im, re, im, re, im)
        }
    }
    #[inline(always)]
    unsafe fn mul(a: __m512d, b: __m512d) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_mul_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn add(a: __m512d, b: __m512d) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_add_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn mul_add(a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_fmadd_pd(a, b, c) }
    }
    #[inline(always)]
    unsafe fn swap_re_im(a: __m512d) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_permute_pd::<0b0101_0101>(a) }
    }
    #[inline(always)]
    unsafe fn twice_re(a: __m512d) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_movedup_pd(a) }
    }
    #[inline(always)]
    unsafe fn twice_im(a: __m512d) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_permute_pd::<0xff>(a) }
    }
    #[inline(always)]
    unsafe fn perm(from: [usize; MAX_WIDTH]) -> __m512i {
        let unit: [i64; 8] = std::array::from_fn(|u| (2 * from[u / 2] + u % 2) as i64);
        // SAFETY: the caller's promise; `unit` is 64 bytes.
        unsafe { _mm512_loadu_si512(unit.as_ptr().cast()) }
    }
    #[inline(always)]
    unsafe fn permute(a: __m512d, perm: __m512i) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_permutexvar_pd(perm, a) }
    }
    #[inline(always)]
    unsafe fn mask(lanes: u32) -> __mmask8 {
        (0..4).filter(|lane| lanes >> lane & 1 == 1).fold(0, |mask, lane| mask | 0b11 << (2 * lane))
    }
    #[inline(always)]
    unsafe fn select(mask: __mmask8, a: __m512d, b: __m512d) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_mask_blend_pd(mask, b, a) }
    }
    #[inline(always)]
    unsafe fn neg_mul_add(a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        // SAFETY: the caller's promise.
        unsafe { _mm512_fnmadd_pd(a, b, c) }
    }
    #[inline(always)]
    unsafe fn unzip(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
        // SAFETY: the caller's promise.
        unsafe { (_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b)) }
    }
    #[inline(always)]
    unsafe fn unzip_in_order(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
        // SAFETY: the caller's promise.
        unsafe {
            let re = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
            let im = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
            (_mm512_permutex2var_pd(a, re, b), _mm512_permutex2var_pd(a, im, b))
        }
    }
    #[inline(always)]
    unsafe fn zip(re: __m512d, im: __m512d) -> (__m512d, __m512d) {
        // SAFETY: the caller's promise.
        unsafe { (_mm512_unpacklo_pd(re, im), _mm512_unpackhi_pd(re, im)) }
    }
    #[inline(always)]
    unsafe fn stream(to: *mut f64, register: __m512d) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_stream_pd(to, register) }
    }
    #[inline(always)]
    unsafe fn at_most_each(others: &[f64], numbers: &[f64; 8]) -> [u64; 8] {
        let mut out = [0; 8];
        // SAFETY: eight numbers begin at each pointer; the rest is the caller's promise.
        unsafe {
            let numbers = _mm512_loadu_pd(numbers.as_ptr());
            let (mut found, one) = (_mm512_setzero_si512(), _mm512_set1_epi64(1));
            for &other in others {
                let below = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(_mm512_set1_pd(other), numbers);
                found = _mm512_mask_add_epi64(found, below, found, one);
            }
            _mm512_storeu_si512(out.as_mut_ptr().cast(), found);
        }
        out
    }
    #[inline(always)]
    unsafe fn at_most(sorted: &[f64; 8], number: f64) -> usize {
        // SAFETY: eight numbers begin at the pointer; the rest is the caller's promise.
        unsafe {
            let sorted = _mm512_loadu_pd(sorted.as_ptr());
            let found = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(sorted, _mm512_set1_pd(number));
            u32::from(found).trailing_ones() as usize
        }
    }
    const ZIPPED: usize = 0;
    const REGISTER_BITS: usize = 3;
}

// SAFETY: as for double precision.
unsafe impl Lanes for Avx512<f32> {
    type Real = f32;
    type Reg = __m512;
    type Perm = __m512i;
    type Mask = __mmask8;
    const WIDTH: usize = 8;
    const FUSES: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, register: __m512) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_storeu_ps(to, register) }
    }
    #[inline(always)]
    unsafe fn splat(pair: Complex<f32>) -> __m512 {
        let unit = u64::from(pair.im.to_bits()) << 32 | u64::from(pair.re.to_bits());
        // SAFETY: the caller's promise.
        unsafe { _mm512_castsi512_ps(_mm512_set1_epi64(unit as i64)) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn mul_add(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn swap_re_im(a: __m512) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_permute_ps::<0b10_11_00_01>(a) }
    }
    #[inline(always)]
    unsafe fn twice_re(a: __m512) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_moveldup_ps(a) }
    }
    #[inline(always)]
    unsafe fn twice_im(a: __m512) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_movehdup_ps(a) }
    }
    #[inline(always)]
    unsafe fn perm(from: [usize; MAX_WIDTH]) -> __m512i {
        let unit: [i64; 8] = from.map(|lane| lane as i64);
        // SAFETY: the caller's promise; `unit` is 64 bytes.
        unsafe { _mm512_loadu_si512(unit.as_ptr().cast()) }
    }
    #[inline(always)]
    unsafe fn permute(a: __m512, perm: __m512i) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_castpd_ps(_mm512_permutexvar_pd(perm, _mm512_castps_pd(a))) }
    }
    #[inline(always)]
    unsafe fn mask(lanes: u32) -> __mmask8 {
        lanes as u8
    }
    #[inline(always)]
    unsafe fn select(mask: __mmask8, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe {
            let (a, b) = (_mm512_castps_pd(a), _mm512_castps_pd(b));
            _mm512_castpd_ps(_mm512_mask_blend_pd(mask, b, a))
        }
    }
    #[inline(always)]
    unsafe fn neg_mul_add(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the caller's promise.
        unsafe { _mm512_fnmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn unzip(a: __m512, b: __m512) -> (__m512, __m512) {
        // SAFETY: the caller's promise.
        unsafe { (_mm512_shuffle_ps::<0x88>(a, b), _mm512_shuffle_ps::<0xdd>(a, b)) }
    }
    #[inline(always)]
    unsafe fn unzip_in_order(a: __m512, b: __m512) -> (__m512, __m512) {
        // SAFETY: the caller's promise.
        unsafe {
            let re = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let im = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            (_mm512_permutex2var_ps(a, re, b), _mm512_permutex2var_ps(a, im, b))
        }
    }
    #[inline(always)]
    unsafe fn zip(re: __m512, im: __m512) -> (__m512, __m512) {
        // SAFETY: the caller's promise.
        unsafe { (_mm512_unpacklo_ps(re, im), _mm512_unpackhi_ps(re, im)) }
    }
    #[inline(always)]
    unsafe fn stream(to: *mut f32, register: __m512) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_stream_ps(to, register) }
    }
    const ZIPPED: usize = 1;
    const REGISTER_BITS: usize = 3;
}
