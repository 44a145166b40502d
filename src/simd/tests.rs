//! Every operation of every available instruction set against its one-line definition.

use super::*;

/// Runs the whole trait on one register and compares with plain arithmetic, exactly: every input
/// is a small integer, so that no rounding can hide a wrong lane.
struct Check<T>(std::marker::PhantomData<T>);

impl<T: Real> Kernel for Check<T> {
    type Real = T;
    type Out = usize;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> usize {
        let value = |seed: usize| {
            move |lane: usize| {
                let x = |part: usize| T::from_f64(((seed * 31 + lane * 7 + part * 3) % 11) as f64 - 5.0);
                Complex::new(x(0), x(1))
            }
        };
        let read = |reg: L::Reg| {
            let mut out = [Complex::<T>::default(); MAX_WIDTH];
            // SAFETY: room for MAX_WIDTH amplitudes; inside `dispatch`.
            unsafe { L::store(out.as_mut_ptr().cast(), reg) };
            out
        };
        let (a, b, c) = (value(1), value(2), value(3));
        let pair = |re: T, im: T| Complex::new(re, im);
        let width = L::WIDTH;
        // SAFETY: inside `dispatch`.
        unsafe {
            let [ra, rb, rc] = [1, 2, 3].map(|seed| {
                let lanes: [Complex<T>; MAX_WIDTH] = std::array::from_fn(value(seed));
                L::load(lanes.as_ptr().cast())
            });
            let (sum, product) = (read(L::mul_add(ra, rb, rc)), read(L::mul(ra, rb)));
            let (swapped, splat) = (read(L::swap_re_im(ra)), read(L::splat(a(0))));
            let (twice_re, twice_im) = (read(L::twice_re(ra)), read(L::twice_im(ra)));
            for lane in 0..width {
                let (a, b, c) = (a(lane), b(lane), c(lane));
                assert_eq!(product[lane], pair(a.re * b.re, a.im * b.im));
                assert_eq!(sum[lane], pair(a.re * b.re + c.re, a.im * b.im + c.im));
                assert_eq!(swapped[lane], pair(a.im, a.re));
                assert_eq!(twice_re[lane], pair(a.re, a.re));
                assert_eq!(twice_im[lane], pair(a.im, a.im));
                assert_eq!(splat[lane], value(1)(0));
            }
            let difference = read(L::neg_mul_add(ra, rb, rc));
            for lane in 0..width {
                let (a, b, c) = (a(lane), b(lane), c(lane));
                assert_eq!(difference[lane], pair(c.re - a.re * b.re, c.im - a.im * b.im));
            }
            // The reals of amplitude `i` of two registers in a row are at the place that `real_lane` tells.
            let (re, im) = L::unzip(ra, rb);
            let parts = [re, im].map(|part| read(part).map(|pair| [pair.re, pair.im]).concat());
            for i in 0..2 * width {
                let place = (0..=L::BITS).fold(0, |at, bit| at | (i >> bit & 1) << real_lane::<L>(bit));
                let amplitude = if i < width { a(i) } else { b(i - width) };
                assert_eq!([parts[0][place], parts[1][place]], [amplitude.re, amplitude.im]);
            }
            let (re_in_order, im_in_order) = L::unzip_in_order(ra, rb);
            let parts = [re_in_order, im_in_order]
                .map(|part| read(part).map(|pair| [pair.re, pair.im]).concat());
            for i in 0..2 * width {
                let amplitude = if i < width { a(i) } else { b(i - width) };
                assert_eq!([parts[0][i], parts[1][i]], [amplitude.re, amplitude.im]);
            }
            let (low, high) = L::zip(re, im);
            assert_eq!((read(low), read(high)), (read(ra), read(rb)));
            let sorted: [f64; 8] = std::array::from_fn(|i| (i / 2) as f64);
            let numbers: [f64; 8] = std::array::from_fn(|i| i as f64 - 1.5);
            let fewer =
                |number: f64| sorted[..5].iter().filter(|&&other| other <= number).count() as u64;
            assert_eq!(L::at_most_each(&sorted[..5], &numbers), numbers.map(fewer));
            for number in [-1.0, 0.0, 0.5, 1.0, 2.0, 2.5, 3.0, f64::INFINITY] {
                let expected = sorted.iter().filter(|&&other| other <= number).count();
                assert_eq!(L::at_most(&sorted, number), expected);
            }
            for shift in 0..width {
                let from = std::array::from_fn(|lane| (3 * lane + shift) % width);
                let got = read(L::permute(ra, L::perm(from)));
                (0..width).for_each(|lane| assert_eq!(got[lane], a(from[lane])));
            }
            for lanes in 0..1u32 << width {
                let got = read(L::select(L::mask(lanes), ra, rb));
                for lane in 0..width {
                    assert_eq!(got[lane], if lanes >> lane & 1 == 1 { a(lane) } else { b(lane) });
                }
            }
        }
        width
    }
}

#[test]
fn every_operation_on_every_instruction_set() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        for run in 0..=4 {
            let double = dispatch(isa, run, run, Check::<f64>(std::marker::PhantomData));
            let single = dispatch(isa, run, run, Check::<f32>(std::marker::PhantomData));
            assert!(double <= 1 << run && single <= 1 << run, "wider than the contiguous run");
        }
    }
}

#[test]
fn a_setting_is_honoured_or_refused() {
    assert_eq!(Isa::choose(Some("scalar")), Ok(Isa::Scalar));
    let refused = Isa::choose(Some("mmx")).unwrap_err().to_string();
    assert!(refused.contains("NUMKET_SIMD") && refused.contains("scalar"), "{refused}");
}
