//! One step of a recurrence with a Hermitian sum of Pauli strings, on vectors that are the crate's own:
//!
//! ```text
//! next = scale * sum * current - older * next
//! total += a * current + b * next
//! ```
//!
//! A vector is cut into rows of [`ROW`] amplitudes, real and imaginary parts apart. In a vector of real states, a row
//! has twice as many amplitudes: those whose bit [`ROW_BITS`] is 1 are in the place of imaginary parts, and what strings
//! do to that bit mixes the two parts ([`Mix`]). All strings with the same X are a
//! *flip*: they bring amplitude `j ^ x` to `j`, times a number `g(j)`, or i times that. The numbers are one for each
//! row (all strings of XX, or of X alone; and XX + YY between rows, which is 0 in half of them), or a table for the
//! places in a row, with parts that change from row to row. The results of four registers are added up in registers
//! over all flips, and each row is written once.

use std::ops::Range;

use num_complex::Complex;

use crate::bits::sign;
use crate::kernels::pauli_sum::signed_sums;
use crate::simd::{Kernel, Lanes, MAX_WIDTH, Real};

/// How many bits number the amplitudes of a row.
pub const ROW_BITS: usize = 7;

/// Amplitudes of a row.
pub const ROW: usize = 1 << ROW_BITS;

/// Registers of real parts whose sums are kept in registers, beside as many of imaginary parts.
const HELD: usize = 4;

/// Some amplitudes of a vector.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Row<T> {
    /// The real parts.
    pub re: [T; ROW],
    /// The imaginary parts.
    pub im: [T; ROW],
}

impl<T: Real> Row<T> {
    /// So many rows of zeros.
    pub fn zeros(count: usize) -> Vec<Row<T>> {
        vec![Row { re: [T::default(); ROW], im: [T::default(); ROW] }; count]
    }

    /// All real parts, then all imaginary parts: the amplitudes of a real state in order.
    pub fn numbers(&self) -> impl Iterator<Item = &T> {
        self.re.iter().chain(&self.im)
    }

    /// The same, to be changed.
    pub fn numbers_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.re.iter_mut().chain(&mut self.im)
    }
}

/// Strings with the same X.
#[derive(Clone, Debug)]
pub struct Flip {
    /// The X between rows.
    pub rows: usize,
    /// The X within a row, but for those within a register.
    pub within: usize,
    /// Where its numbers are.
    pub numbers: Numbers,
}

/// The numbers by which a flip multiplies.
#[derive(Clone, Debug)]
pub enum Numbers {
    /// One for each row: the sum of the coefficients of these terms, with their signs there, and of `fixed`.
    OfRow {
        /// The sum of all that have no Z between rows.
        fixed: f64,
        /// Those that have.
        terms: Range<usize>,
    },
    /// One for each place in a row, which is the table of this number.
    Table(usize),
}

/// What the two parts of an amplitude become, before they are multiplied by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mix {
    /// What they were.
    Kept,
    /// i times the amplitude: -im and re.
    TimesI,
    /// In a vector of real states, Z: re and -im.
    Conjugate,
    /// In a vector of real states, X: im and re.
    Exchanged,
}

/// Flips that are alike but for their numbers and the X beyond a register.
#[derive(Clone, Debug)]
pub struct Run {
    /// The X within a register, as a mask of reals.
    pub lanes: usize,
    /// What becomes of the two parts.
    pub mix: Mix,
    /// Whether the numbers are tables.
    pub tables: bool,
    /// Which flips.
    pub flips: Range<usize>,
}

/// Numbers for each place in a row.
#[derive(Clone, Debug)]
pub struct Table<T> {
    /// What strings without Z between rows add up to.
    pub fixed: Row128<T>,
    /// Signs within a row, and the strings that have them.
    pub patterns: Vec<(Row128<T>, Range<usize>)>,
    /// Strings with too many different signs for that; their sums are those of a Walsh-Hadamard transform.
    pub transformed: Range<usize>,
}

/// A number for each place in a row.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Row128<T>(pub [T; ROW]);

/// A sum on vectors of one length, prepared for registers of `1 << lane_bits` reals.
#[derive(Clone, Debug)]
pub struct Sum<T> {
    /// How many bits lie within a register.
    pub lane_bits: usize,
    /// All flips, and what they have in common.
    pub runs: Vec<Run>,
    /// The flips.
    pub flips: Vec<Flip>,
    /// The tables.
    pub tables: Vec<Table<T>>,
    /// The Z between rows of each term that has some.
    pub rows: Vec<usize>,
    /// The Z of each within a row.
    pub within: Vec<u16>,
    /// The coefficient of each.
    pub coefs: Vec<f64>,
}

impl<T: Real> Sum<T> {
    /// The sum of the coefficients of some terms, with the signs that they have in a row.
    #[inline(always)]
    fn weight(&self, terms: Range<usize>, row: usize) -> f64 {
        let mut weight = 0.0;
        for term in terms {
            weight += sign((self.rows[term] & row) as u64) * self.coefs[term];
        }
        weight
    }

    /// Writes the numbers of a table in a row.
    #[inline(always)]
    fn fill(&self, table: &Table<T>, row: usize, out: &mut Row128<T>) {
        *out = table.fixed;
        for (signs, terms) in &table.patterns {
            let weight = T::from_f64(self.weight(terms.clone(), row));
            for place in 0..ROW {
                out.0[place] = out.0[place] + weight * signs.0[place];
            }
        }
        if !table.transformed.is_empty() {
            let mut sums = [0.0; ROW];
            for term in table.transformed.clone() {
                sums[usize::from(self.within[term])] +=
                    sign((self.rows[term] & row) as u64) * self.coefs[term];
            }
            signed_sums(&mut sums);
            for place in 0..ROW {
                out.0[place] = out.0[place] + T::from_f64(sums[place]);
            }
        }
    }
}

impl<T> Table<T> {
    /// Whether it is the same in all rows.
    fn is_fixed(&self) -> bool {
        self.patterns.is_empty() && self.transformed.is_empty()
    }
}

/// What is added up beside: `a * current`, and `b` or `-i b` times `next`.
#[derive(Clone, Copy)]
pub struct Total<T> {
    /// Where.
    pub to: *mut Row<T>,
    /// Whether what is there does not count.
    pub first: bool,
    /// `a`.
    pub current: f64,
    /// `b`.
    pub next: f64,
    /// Whether -i is a factor of `b`.
    pub turned: bool,
}

/// A step on some rows.
pub struct Step<'a, T> {
    /// The sum.
    pub sum: &'a Sum<T>,
    /// All rows of the vector that it is applied to.
    pub current: *const Row<T>,
    /// Those of the vector that is changed.
    pub next: *mut Row<T>,
    /// What the sum is multiplied by.
    pub scale: f64,
    /// What `next` is multiplied by, to be subtracted; with 0 it is not read.
    pub older: f64,
    /// What is added up.
    pub total: Option<Total<T>>,
    /// The rows to do.
    pub rows: Range<usize>,
}

/// What a step of a recurrence reads beside.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Products {
    /// The real part of `<current|next>`.
    pub inner: f64,
    /// `<next|next>`.
    pub square: f64,
}

/// A flip in one row.
struct Active<T> {
    /// The row that it takes from.
    from: *const T,
    /// The X within that row.
    within: usize,
    /// The number.
    weight: T,
    /// The numbers of places.
    table: *const T,
}

/// Adds to some registers what flips bring there.
///
/// # Safety
/// The CPU has the features of `L`; `at` is a multiple of a register, and the pointers are those of rows.
#[inline(always)]
unsafe fn add<L: Lanes, const SWAP: bool, const PERM: bool, const TABLE: bool>(
    held: (&mut [L::Reg; HELD], &mut [L::Reg; HELD]),
    active: &[Active<L::Real>],
    at: usize,
    perm: L::Perm,
    mix: Mix,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match mix {
            Mix::Kept => add_mixed::<L, SWAP, PERM, TABLE, KEPT>(held, active, at, perm),
            Mix::TimesI => add_mixed::<L, SWAP, PERM, TABLE, TIMES_I>(held, active, at, perm),
            Mix::Conjugate => add_mixed::<L, SWAP, PERM, TABLE, CONJUGATE>(held, active, at, perm),
            Mix::Exchanged => add_mixed::<L, SWAP, PERM, TABLE, EXCHANGED>(held, active, at, perm),
        }
    }
}

const KEPT: u8 = Mix::Kept as u8;
const TIMES_I: u8 = Mix::TimesI as u8;
const CONJUGATE: u8 = Mix::Conjugate as u8;
const EXCHANGED: u8 = Mix::Exchanged as u8;

/// The same where it is known how parts are mixed.
///
/// # Safety
/// As above.
#[inline(always)]
unsafe fn add_mixed<L: Lanes, const SWAP: bool, const PERM: bool, const TABLE: bool, const MIX: u8>(
    (re, im): (&mut [L::Reg; HELD], &mut [L::Reg; HELD]),
    active: &[Active<L::Real>],
    at: usize,
    perm: L::Perm,
) {
    // SAFETY: the caller's promise.
    unsafe {
        for flip in active {
            let weight = L::splat(Complex::new(flip.weight, flip.weight));
            for held in 0..HELD {
                let place = at + held * 2 * L::WIDTH;
                let from = flip.from.add(place ^ flip.within);
                let (mut a, mut b) = (L::load(from), L::load(from.add(ROW)));
                if PERM {
                    (a, b) = (L::permute(a, perm), L::permute(b, perm));
                }
                if SWAP {
                    (a, b) = (L::swap_re_im(a), L::swap_re_im(b));
                }
                let g = if TABLE { L::load(flip.table.add(place)) } else { weight };
                if MIX == TIMES_I || MIX == EXCHANGED {
                    (a, b) = (b, a);
                }
                re[held] = if MIX == TIMES_I {
                    L::neg_mul_add(g, a, re[held])
                } else {
                    L::mul_add(g, a, re[held])
                };
                im[held] = if MIX == CONJUGATE {
                    L::neg_mul_add(g, b, im[held])
                } else {
                    L::mul_add(g, b, im[held])
                };
            }
        }
    }
}

/// Calls `add` for what is known of a run only when it runs.
macro_rules! by_kind {
    ($lanes:expr, $tables:expr, $add:ident::<$L:ident> $arguments:tt) => {
        match ($lanes & 1 != 0, $lanes > 1, $tables) {
            (false, false, false) => $add::<$L, false, false, false> $arguments,
            (false, false, true) => $add::<$L, false, false, true> $arguments,
            (false, true, false) => $add::<$L, false, true, false> $arguments,
            (false, true, true) => $add::<$L, false, true, true> $arguments,
            (true, false, false) => $add::<$L, true, false, false> $arguments,
            (true, false, true) => $add::<$L, true, false, true> $arguments,
            (true, true, false) => $add::<$L, true, true, false> $arguments,
            (true, true, true) => $add::<$L, true, true, true> $arguments,
        }
    };
}

impl<T: Real> Kernel for Step<'_, T> {
    type Real = T;
    type Out = Products;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> Products {
        let Step { sum, current, next, scale, older, total, rows } = self;
        let width = 2 * L::WIDTH;
        assert_eq!(1 << sum.lane_bits, width, "a sum prepared for these lanes");
        let pair = |number: f64| Complex::new(T::from_f64(number), T::from_f64(number));
        let mut numbers = vec![Row128([T::default(); ROW]); sum.tables.len()];
        for (numbers, table) in numbers.iter_mut().zip(&sum.tables) {
            *numbers = table.fixed;
        }
        // SAFETY: the CPU has the features of `L`, as the caller promises.
        let perms: Vec<L::Perm> = (sum.runs.iter())
            .map(|run| unsafe {
                L::perm(std::array::from_fn::<_, MAX_WIDTH, _>(|lane| {
                    (lane ^ run.lanes >> 1) % L::WIDTH
                }))
            })
            .collect();
        let mut active: Vec<Active<T>> = Vec::with_capacity(sum.flips.len());
        let mut bounds = vec![0; sum.runs.len() + 1];
        let mut products = Products::default();
        for row in rows {
            for (numbers, table) in numbers.iter_mut().zip(&sum.tables) {
                if !table.is_fixed() {
                    sum.fill(table, row, numbers);
                }
            }
            active.clear();
            for (run, bound) in sum.runs.iter().zip(&mut bounds[1..]) {
                for flip in &sum.flips[run.flips.clone()] {
                    let (weight, table) = match &flip.numbers {
                        Numbers::OfRow { fixed, terms } => {
                            (T::from_f64(fixed + sum.weight(terms.clone(), row)), std::ptr::null())
                        }
                        Numbers::Table(number) => (T::default(), numbers[*number].0.as_ptr()),
                    };
                    if table.is_null() && weight == T::default() {
                        continue;
                    }
                    let from = current.wrapping_add(row ^ flip.rows).cast();
                    active.push(Active { from, within: flip.within, weight, table });
                }
                *bound = active.len();
            }
            let own = current.wrapping_add(row).cast::<T>();
            let to = next.wrapping_add(row).cast::<T>();
            // SAFETY: rows of the vectors; nobody else has those of `next` and of the total. The CPU has the features.
            unsafe {
                let (mut inner, mut square) = (L::splat(pair(0.0)), L::splat(pair(0.0)));
                let (scale, older_factor) = (L::splat(pair(scale)), L::splat(pair(older)));
                for at in (0..ROW).step_by(HELD * width) {
                    let mut re = [L::splat(pair(0.0)); HELD];
                    let mut im = [L::splat(pair(0.0)); HELD];
                    for (number, run) in sum.runs.iter().enumerate() {
                        let active = &active[bounds[number]..bounds[number + 1]];
                        let (held, perm) = ((&mut re, &mut im), perms[number]);
                        by_kind!(run.lanes, run.tables, add::<L>(held, active, at, perm, run.mix));
                    }
                    for held in 0..HELD {
                        let place = at + held * width;
                        let (mut a, mut b) = (L::mul(scale, re[held]), L::mul(scale, im[held]));
                        if older != 0.0 {
                            a = L::neg_mul_add(older_factor, L::load(to.add(place)), a);
                            b = L::neg_mul_add(older_factor, L::load(to.add(ROW + place)), b);
                        }
                        L::store(to.add(place), a);
                        L::store(to.add(ROW + place), b);
                        let (x, y) = (L::load(own.add(place)), L::load(own.add(ROW + place)));
                        inner = L::mul_add(x, a, L::mul_add(y, b, inner));
                        square = L::mul_add(a, a, L::mul_add(b, b, square));
                        let Some(total) = total else { continue };
                        let sums = total.to.wrapping_add(row).cast::<T>();
                        let factor = L::splat(pair(total.current));
                        let (mut u, mut v) = (L::mul(factor, x), L::mul(factor, y));
                        if !total.first {
                            u = L::mul_add(factor, x, L::load(sums.add(place)));
                            v = L::mul_add(factor, y, L::load(sums.add(ROW + place)));
                        }
                        let factor = L::splat(pair(total.next));
                        if total.turned {
                            u = L::mul_add(factor, b, u);
                            v = L::neg_mul_add(factor, a, v);
                        } else {
                            u = L::mul_add(factor, a, u);
                            v = L::mul_add(factor, b, v);
                        }
                        L::store(sums.add(place), u);
                        L::store(sums.add(ROW + place), v);
                    }
                }
                products.inner += added::<L>(inner);
                products.square += added::<L>(square);
            }
        }
        products
    }
}

/// The sum of all reals of a register.
///
/// # Safety
/// The CPU has the features of `L`.
#[inline(always)]
unsafe fn added<L: Lanes>(register: L::Reg) -> f64 {
    let mut reals = [L::Real::default(); 2 * MAX_WIDTH];
    // SAFETY: there is room for any register.
    unsafe { L::store(reals.as_mut_ptr(), register) };
    let mut sum = 0.0;
    for real in &reals[..2 * L::WIDTH] {
        sum += real.to_f64();
    }
    sum
}

/// The square of the norm of some rows.
pub struct Square<'a, T>(pub &'a [Row<T>]);

impl<T: Real> Kernel for Square<'_, T> {
    type Real = T;
    type Out = f64;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> f64 {
        let mut sum = 0.0;
        for row in self.0 {
            // SAFETY: the CPU has the features, and a row is a number of registers.
            unsafe {
                let mut square = L::splat(Complex::default());
                for place in (0..ROW).step_by(2 * L::WIDTH) {
                    let (a, b) = (L::load(&raw const row.re[place]), L::load(&raw const row.im[place]));
                    square = L::mul_add(a, a, L::mul_add(b, b, square));
                }
                sum += added::<L>(square);
            }
        }
        sum
    }
}

/// `to += (re + i im) * from` on some rows; what comes of it is the square of the norm of the new `to`.
pub struct Combine<'a, T> {
    /// The rows to change.
    pub to: &'a mut [Row<T>],
    /// As many others.
    pub from: &'a [Row<T>],
    /// The real part of the factor.
    pub re: f64,
    /// Its imaginary part.
    pub im: f64,
}

impl<T: Real> Kernel for Combine<'_, T> {
    type Real = T;
    type Out = f64;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> f64 {
        let (re, im) = (T::from_f64(self.re), T::from_f64(self.im));
        let mut sum = 0.0;
        for (to, from) in self.to.iter_mut().zip(self.from) {
            // SAFETY: the CPU has the features, and a row is a number of registers.
            unsafe {
                let (re, im) = (L::splat(Complex::new(re, re)), L::splat(Complex::new(im, im)));
                let mut square = L::splat(Complex::default());
                for place in (0..ROW).step_by(2 * L::WIDTH) {
                    let (a, b) =
                        (L::load(&raw const from.re[place]), L::load(&raw const from.im[place]));
                    let (x, y) = (&raw mut to.re[place], &raw mut to.im[place]);
                    let u = L::neg_mul_add(im, b, L::mul_add(re, a, L::load(x)));
                    let v = L::mul_add(im, a, L::mul_add(re, b, L::load(y)));
                    square = L::mul_add(u, u, L::mul_add(v, v, square));
                    L::store(x, u);
                    L::store(y, v);
                }
                sum += added::<L>(square);
            }
        }
        sum
    }
}

/// `<bra|ket>` on some rows.
pub struct Inner<'a, T>(pub &'a [Row<T>], pub &'a [Row<T>]);

impl<T: Real> Kernel for Inner<'_, T> {
    type Real = T;
    type Out = [f64; 2];

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for (bra, ket) in self.0.iter().zip(self.1) {
            // SAFETY: the CPU has the features, and a row is a number of registers.
            unsafe {
                let (mut re, mut im) = (L::splat(Complex::default()), L::splat(Complex::default()));
                for place in (0..ROW).step_by(2 * L::WIDTH) {
                    let (a, b) = (L::load(&raw const bra.re[place]), L::load(&raw const bra.im[place]));
                    let (x, y) = (L::load(&raw const ket.re[place]), L::load(&raw const ket.im[place]));
                    re = L::mul_add(a, x, L::mul_add(b, y, re));
                    im = L::neg_mul_add(b, x, L::mul_add(a, y, im));
                }
                sums[0] += added::<L>(re);
                sums[1] += added::<L>(im);
            }
        }
        sums
    }
}
