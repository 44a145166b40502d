//! What each instruction of a pass does to the registers of one group.
//!
//! Numbers for all lanes fill registers of `2 * L::WIDTH` reals; complex ones two, the real parts first. Loops, not
//! closures: a closure that is not inlined is compiled without the CPU's features, and every intrinsic in it is a
//! call.

use num_complex::Complex;

use crate::simd::{Lanes, MAX_WIDTH};

/// Registers of real parts and of imaginary parts, or for real amplitudes the former alone.
pub(super) type Registers<L, const R: usize, const PARTS: usize> = [[<L as Lanes>::Reg; R]; PARTS];

/// The parts of one of them.
#[inline(always)]
fn parts<L: Lanes, const R: usize, const PARTS: usize>(
    x: &Registers<L, R, PARTS>,
    i: usize,
) -> [L::Reg; PARTS] {
    let mut found = [x[0][i]; PARTS];
    for part in 1..PARTS {
        found[part] = x[part][i];
    }
    found
}

/// Sets the parts of one of them.
#[inline(always)]
fn put<L: Lanes, const R: usize, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    i: usize,
    to: [L::Reg; PARTS],
) {
    for part in 0..PARTS {
        x[part][i] = to[part];
    }
}

/// The same number in all lanes.
///
/// # Safety
/// The CPU has the features of `L`, and there is a number at `at`.
#[inline(always)]
unsafe fn all<L: Lanes>(at: *const L::Real) -> L::Reg {
    // SAFETY: the features and the number are promised.
    unsafe { L::splat(Complex::new(at.read(), at.read())) }
}

/// A complex number for each lane, or the same for all.
#[derive(Clone, Copy)]
struct Multiplier<L: Lanes> {
    re: L::Reg,
    im: L::Reg,
}

impl<L: Lanes> Multiplier<L> {
    /// A number at `at`: its real part, then its imaginary part.
    ///
    /// # Safety
    /// The CPU has the features of `L`, and there are these two reals.
    #[inline(always)]
    unsafe fn splat(at: *const L::Real) -> Self {
        // SAFETY: the features and both reals are promised.
        unsafe { Multiplier { re: all::<L>(at), im: all::<L>(at.add(1)) } }
    }

    /// The real parts of all lanes at `at`, then the imaginary parts.
    ///
    /// # Safety
    /// The CPU has the features of `L`, and there are two registers of reals.
    #[inline(always)]
    unsafe fn lanes(at: *const L::Real) -> Self {
        // SAFETY: the features and both registers are promised.
        unsafe { Multiplier { re: L::load(at), im: L::load(at.add(2 * L::WIDTH)) } }
    }

    /// The product with complex numbers, `[re, im]`, or that of its real part with real ones.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn mul<const PARTS: usize>(self, x: [L::Reg; PARTS]) -> [L::Reg; PARTS] {
        let mut product = x;
        // SAFETY: the features are promised.
        unsafe {
            for part in 0..PARTS {
                product[part] = L::mul(self.re, x[part]);
            }
            if PARTS == 2 {
                product[0] = L::neg_mul_add(self.im, x[1], product[0]);
                product[1] = L::mul_add(self.im, x[0], product[1]);
            }
        }
        product
    }

    /// The same, plus `sum`.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn mul_add<const PARTS: usize>(
        self,
        x: [L::Reg; PARTS],
        mut sum: [L::Reg; PARTS],
    ) -> [L::Reg; PARTS] {
        // SAFETY: the features are promised.
        unsafe {
            for part in 0..PARTS {
                sum[part] = L::mul_add(self.re, x[part], sum[part]);
            }
            if PARTS == 2 {
                sum[0] = L::neg_mul_add(self.im, x[1], sum[0]);
                sum[1] = L::mul_add(self.im, x[0], sum[1]);
            }
        }
        sum
    }
}

/// Exchanges the reals of an unzipped register whose places differ in one bit.
#[derive(Clone, Copy)]
pub(super) struct Flip<L: Lanes> {
    lowest: bool,
    perm: L::Perm,
}

impl<L: Lanes> Flip<L> {
    /// The exchange for this bit of a real's place.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    pub(super) unsafe fn new(bit: u8) -> Self {
        let mut from = [0; MAX_WIDTH];
        for (lane, from) in from.iter_mut().enumerate() {
            *from = (lane ^ (1 << bit >> 1)) % L::WIDTH;
        }
        // SAFETY: the features are promised, and `% L::WIDTH` names lanes.
        Flip { lowest: bit == 0, perm: unsafe { L::perm(from) } }
    }

    /// A register with its lanes exchanged.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn of(self, x: L::Reg) -> L::Reg {
        // SAFETY: the features are promised.
        unsafe { if self.lowest { L::swap_re_im(x) } else { L::permute(x, self.perm) } }
    }

    /// The same for each part.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn of_parts<const PARTS: usize>(self, mut x: [L::Reg; PARTS]) -> [L::Reg; PARTS] {
        for part in 0..PARTS {
            // SAFETY: the features are promised.
            x[part] = unsafe { self.of(x[part]) };
        }
        x
    }
}

/// `Opcode::Rotation` of bit `B` of `r`, or `Opcode::SwappedRotation`.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with `a` and `b`.
#[inline(always)]
pub(super) unsafe fn rotate<
    L: Lanes,
    const R: usize,
    const B: usize,
    const SWAPPED: bool,
    const PARTS: usize,
>(
    x: &mut Registers<L, R, PARTS>,
    coefs: *const L::Real,
) {
    // SAFETY: the features and both coefficients are promised.
    unsafe {
        let (a, b) = (all::<L>(coefs), all::<L>(coefs.add(1)));
        for x in x {
            for i in 0..R {
                let j = i ^ 1 << B;
                if i < j && j < R {
                    let (low, high) = if SWAPPED { (x[j], x[i]) } else { (x[i], x[j]) };
                    (x[i], x[j]) = (L::mul_add(a, high, low), L::mul_add(b, low, high));
                }
            }
        }
    }
}

/// `Opcode::Scale`.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with `a`.
#[inline(always)]
pub(super) unsafe fn scale<L: Lanes, const R: usize, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    coefs: *const L::Real,
) {
    // SAFETY: the features and the coefficient are promised.
    unsafe {
        let a = all::<L>(coefs);
        for x in x {
            for i in 0..R {
                x[i] = L::mul(a, x[i]);
            }
        }
    }
}

/// `Opcode::Dense` of bit `B` of `r`.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with four complex numbers, row by row.
#[inline(always)]
pub(super) unsafe fn dense<L: Lanes, const R: usize, const B: usize, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    coefs: *const L::Real,
) {
    // SAFETY: the features are promised, and four numbers of two reals.
    unsafe {
        let (a, b) = (Multiplier::<L>::splat(coefs), Multiplier::<L>::splat(coefs.add(2)));
        let (c, d) = (Multiplier::<L>::splat(coefs.add(4)), Multiplier::<L>::splat(coefs.add(6)));
        for i in 0..R {
            let j = i ^ 1 << B;
            if i < j && j < R {
                let (low, high) = (parts::<L, R, PARTS>(x, i), parts::<L, R, PARTS>(x, j));
                put::<L, R, PARTS>(x, i, b.mul_add(high, a.mul(low)));
                put::<L, R, PARTS>(x, j, d.mul_add(high, c.mul(low)));
            }
        }
    }
}

/// `Opcode::LaneRotation`, or `Opcode::LaneSwappedRotation`.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with a register of `a`.
#[inline(always)]
pub(super) unsafe fn lane_rotate<L: Lanes, const R: usize, const SWAPPED: bool, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    coefs: *const L::Real,
    flip: Flip<L>,
) {
    // SAFETY: the features and one register of coefficients are promised.
    unsafe {
        let a = L::load(coefs);
        for x in x {
            for i in 0..R {
                let (here, there) = (x[i], flip.of(x[i]));
                x[i] = if SWAPPED { L::mul_add(a, here, there) } else { L::mul_add(a, there, here) };
            }
        }
    }
}

/// `Opcode::LaneDense`.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with `a` and `b`, of two registers each.
#[inline(always)]
pub(super) unsafe fn lane_dense<L: Lanes, const R: usize, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    coefs: *const L::Real,
    flip: Flip<L>,
) {
    // SAFETY: the features are promised; a register has `2 * L::WIDTH` reals, so `b` begins at `4 * L::WIDTH`.
    unsafe {
        let (a, b) = (Multiplier::<L>::lanes(coefs), Multiplier::<L>::lanes(coefs.add(4 * L::WIDTH)));
        for i in 0..R {
            let here = parts::<L, R, PARTS>(x, i);
            let there = flip.of_parts(here);
            put::<L, R, PARTS>(x, i, b.mul_add(there, a.mul(here)));
        }
    }
}

/// `Opcode::Pair` of bits `B` and `C` of `r`.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with 16 complex numbers, row by row.
#[inline(always)]
pub(super) unsafe fn pair<
    L: Lanes,
    const R: usize,
    const B: usize,
    const C: usize,
    const PARTS: usize,
>(
    mut x: Registers<L, R, PARTS>,
    coefs: *const L::Real,
) -> Registers<L, R, PARTS> {
    // SAFETY: the features are promised, and four rows of four numbers of two reals.
    unsafe {
        for first in 0..R {
            if first >> B & 1 == 1 || first >> C & 1 == 1 || first + (1 << B) + (1 << C) >= R {
                continue;
            }
            let place = [first, first + (1 << B), first + (1 << C), first + (1 << B) + (1 << C)];
            let mut old = [parts::<L, R, PARTS>(&x, first); 4];
            for row in 1..4 {
                old[row] = parts::<L, R, PARTS>(&x, place[row]);
            }
            for row in 0..4 {
                let coefs = coefs.add(8 * row);
                let mut sum = Multiplier::<L>::splat(coefs).mul(old[0]);
                for column in 1..4 {
                    sum = Multiplier::<L>::splat(coefs.add(2 * column)).mul_add(old[column], sum);
                }
                put::<L, R, PARTS>(&mut x, place[row], sum);
            }
        }
        x
    }
}

/// `Opcode::LanePair` of bit `B` of `r`.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with eight numbers of two registers each.
#[inline(always)]
pub(super) unsafe fn lane_pair<L: Lanes, const R: usize, const B: usize, const PARTS: usize>(
    mut x: Registers<L, R, PARTS>,
    coefs: *const L::Real,
    flip: Flip<L>,
) -> Registers<L, R, PARTS> {
    // SAFETY: the features are promised, and eight numbers of `4 * L::WIDTH` reals.
    unsafe {
        for i in 0..R {
            let j = i ^ 1 << B;
            if i >= j || j >= R {
                continue;
            }
            let [low, high] = [parts::<L, R, PARTS>(&x, i), parts::<L, R, PARTS>(&x, j)];
            let old = [low, flip.of_parts(low), high, flip.of_parts(high)];
            for row in 0..2 {
                let coefs = coefs.add(16 * row * L::WIDTH);
                let mut sum = Multiplier::<L>::lanes(coefs).mul(old[0]);
                for column in 1..4 {
                    sum = Multiplier::<L>::lanes(coefs.add(4 * column * L::WIDTH))
                        .mul_add(old[column], sum);
                }
                let to = if row == 0 { i } else { j };
                put::<L, R, PARTS>(&mut x, to, sum);
            }
        }
        x
    }
}

/// `Opcode::LanesPair`.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with four numbers of two registers each.
#[inline(always)]
pub(super) unsafe fn lanes_pair<L: Lanes, const R: usize, const PARTS: usize>(
    mut x: Registers<L, R, PARTS>,
    coefs: *const L::Real,
    low: Flip<L>,
    high: Flip<L>,
) -> Registers<L, R, PARTS> {
    // SAFETY: the features are promised, and four numbers of `4 * L::WIDTH` reals.
    unsafe {
        for i in 0..R {
            let here = parts::<L, R, PARTS>(&x, i);
            let (first, second) = (low.of_parts(here), high.of_parts(here));
            let both = high.of_parts(first);
            let mut sum = Multiplier::<L>::lanes(coefs).mul(here);
            for (number, old) in [first, second, both].into_iter().enumerate() {
                sum = Multiplier::<L>::lanes(coefs.add(4 * (number + 1) * L::WIDTH)).mul_add(old, sum);
            }
            put::<L, R, PARTS>(&mut x, i, sum);
        }
        x
    }
}

/// `Opcode::PhaseTable`.
///
/// # Safety
/// The CPU has the features of `L`; `table` begins with `R` numbers of two registers each.
#[inline(always)]
pub(super) unsafe fn phase_table<L: Lanes, const R: usize, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    table: *const L::Real,
) {
    // SAFETY: the features are promised, and `R` numbers of `4 * L::WIDTH` reals.
    unsafe {
        for i in 0..R {
            let factor = Multiplier::<L>::lanes(table.add(4 * i * L::WIDTH));
            let product = factor.mul(parts::<L, R, PARTS>(x, i));
            put::<L, R, PARTS>(x, i, product);
        }
    }
}

/// `Opcode::Flip` of bit `B` of `r`, in some registers.
#[inline(always)]
pub(super) fn flip_pairs<L: Lanes, const R: usize, const B: usize, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    registers: u8,
) {
    for i in 0..R {
        let j = i ^ 1 << B;
        if i < j && j < R && registers >> i & 1 == 1 {
            for x in &mut *x {
                x.swap(i, j);
            }
        }
    }
}

/// `Opcode::FlipLanes` of bit `B` of `r`, in some registers.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with a register of `a` and one of `b`.
#[inline(always)]
pub(super) unsafe fn flip_lanes<L: Lanes, const R: usize, const B: usize, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    coefs: *const L::Real,
    registers: u8,
) {
    // SAFETY: the features and two registers of coefficients are promised.
    unsafe {
        let (a, b) = (L::load(coefs), L::load(coefs.add(2 * L::WIDTH)));
        for x in x {
            for i in 0..R {
                let j = i ^ 1 << B;
                if i < j && j < R && registers >> i & 1 == 1 {
                    let (low, high) = (L::mul(a, x[i]), L::mul(a, x[j]));
                    (x[i], x[j]) = (L::mul_add(b, x[j], low), L::mul_add(b, x[i], high));
                }
            }
        }
    }
}

/// `Opcode::LaneFlip` in some registers.
///
/// # Safety
/// The CPU has the features of `L`; `coefs` begins with a register of `a` and one of `b`.
#[inline(always)]
pub(super) unsafe fn lane_flip<L: Lanes, const R: usize, const PARTS: usize>(
    x: &mut Registers<L, R, PARTS>,
    coefs: *const L::Real,
    flip: Flip<L>,
    registers: u8,
) {
    // SAFETY: the features and two registers of coefficients are promised.
    unsafe {
        let (a, b) = (L::load(coefs), L::load(coefs.add(2 * L::WIDTH)));
        for x in x {
            for i in 0..R {
                if registers >> i & 1 == 1 {
                    x[i] = L::mul_add(b, flip.of(x[i]), L::mul(a, x[i]));
                }
            }
        }
    }
}

// Overlaps: eta is in the upper half of the registers, the other state in the lower one. Both are complex.

/// `sum + Im(eta* x)`, or minus that.
///
/// # Safety
/// The CPU has the features of `L`.
#[inline(always)]
unsafe fn add_im<L: Lanes, const MINUS: bool>(
    sum: L::Reg,
    [eta_re, eta_im]: [L::Reg; 2],
    [re, im]: [L::Reg; 2],
) -> L::Reg {
    // SAFETY: the features are promised.
    unsafe {
        match MINUS {
            false => L::neg_mul_add(eta_im, re, L::mul_add(eta_re, im, sum)),
            true => L::neg_mul_add(eta_re, im, L::mul_add(eta_im, re, sum)),
        }
    }
}

/// `sum + Re(eta* x)`, or minus that.
///
/// # Safety
/// The CPU has the features of `L`.
#[inline(always)]
unsafe fn add_re<L: Lanes, const MINUS: bool>(
    sum: L::Reg,
    [eta_re, eta_im]: [L::Reg; 2],
    [re, im]: [L::Reg; 2],
) -> L::Reg {
    // SAFETY: the features are promised.
    unsafe {
        match MINUS {
            false => L::mul_add(eta_im, im, L::mul_add(eta_re, re, sum)),
            true => L::neg_mul_add(eta_im, im, L::neg_mul_add(eta_re, re, sum)),
        }
    }
}

/// The sums of X, Y and Z, or of Y alone.
///
/// # Safety
/// The CPU has the features of `L`; `sums` begins with a register for each.
#[inline(always)]
unsafe fn load_sums<L: Lanes, const ONLY_Y: bool>(sums: *const L::Real) -> [L::Reg; 3] {
    let width = if ONLY_Y { 0 } else { 2 * L::WIDTH };
    // SAFETY: the features are promised, and three registers of sums; with Y alone, one, loaded thrice.
    unsafe { [L::load(sums), L::load(sums.add(width)), L::load(sums.add(2 * width))] }
}

/// Writes them back.
///
/// # Safety
/// As for [`load_sums`].
#[inline(always)]
unsafe fn store_sums<L: Lanes, const ONLY_Y: bool>(sums: *mut L::Real, [x, y, z]: [L::Reg; 3]) {
    let width = 2 * L::WIDTH;
    // SAFETY: the features are promised, and one register of sums or three.
    unsafe {
        if ONLY_Y {
            return L::store(sums, y);
        }
        L::store(sums, x);
        L::store(sums.add(width), y);
        L::store(sums.add(2 * width), z);
    }
}

/// `Opcode::Overlap` of bit `B` of `r`.
///
/// # Safety
/// The CPU has the features of `L`; `sums` begins with a register for each of X, Y and Z, or for Y alone.
#[inline(always)]
pub(super) unsafe fn overlap<
    L: Lanes,
    const R: usize,
    const B: usize,
    const ONLY_Y: bool,
    const PARTS: usize,
>(
    x: &Registers<L, R, PARTS>,
    sums: *mut L::Real,
) {
    // SAFETY: the features and the sums are promised.
    unsafe {
        let mut sum = load_sums::<L, ONLY_Y>(sums);
        for i in 0..R / 2 {
            let j = i ^ 1 << B;
            if i < j && j < R / 2 {
                let (low, high) = ([x[0][i], x[1][i]], [x[0][j], x[1][j]]);
                let (i, j) = (i + R / 2, j + R / 2);
                let (eta_low, eta_high) = ([x[0][i], x[1][i]], [x[0][j], x[1][j]]);
                sum[1] = add_re::<L, false>(add_re::<L, true>(sum[1], eta_low, high), eta_high, low);
                if !ONLY_Y {
                    sum[0] =
                        add_im::<L, false>(add_im::<L, false>(sum[0], eta_low, high), eta_high, low);
                    sum[2] = add_im::<L, true>(add_im::<L, false>(sum[2], eta_low, low), eta_high, high);
                }
            }
        }
        store_sums::<L, ONLY_Y>(sums, sum);
    }
}

/// `Opcode::LaneOverlap`.
///
/// # Safety
/// The CPU has the features of `L`; `sums` begins with a register for each of X, Y and Z, or for Y alone.
#[inline(always)]
pub(super) unsafe fn lane_overlap<L: Lanes, const R: usize, const ONLY_Y: bool, const PARTS: usize>(
    x: &Registers<L, R, PARTS>,
    sums: *mut L::Real,
    flip: Flip<L>,
) {
    // SAFETY: the features and the sums are promised.
    unsafe {
        let mut sum = load_sums::<L, ONLY_Y>(sums);
        for i in 0..R / 2 {
            let (here, eta) = ([x[0][i], x[1][i]], [x[0][i + R / 2], x[1][i + R / 2]]);
            let there = [flip.of(here[0]), flip.of(here[1])];
            sum[1] = add_re::<L, false>(sum[1], eta, there);
            if !ONLY_Y {
                sum[0] = add_im::<L, false>(sum[0], eta, there);
                sum[2] = add_im::<L, false>(sum[2], eta, here);
            }
        }
        store_sums::<L, ONLY_Y>(sums, sum);
    }
}

/// `Opcode::ParityOverlap`, in some registers, of which some have the sign -1.
///
/// # Safety
/// The CPU has the features of `L`; `sums` begins with a register.
#[inline(always)]
pub(super) unsafe fn parity_overlap<L: Lanes, const R: usize, const PARTS: usize>(
    x: &Registers<L, R, PARTS>,
    sums: *mut L::Real,
    registers: u8,
    negative: u8,
) {
    // SAFETY: the features and one register of sums are promised.
    unsafe {
        let mut sum = L::load(sums);
        for i in 0..R / 2 {
            let (here, eta) = ([x[0][i], x[1][i]], [x[0][i + R / 2], x[1][i + R / 2]]);
            match (registers >> i & 1, negative >> i & 1) {
                (0, _) => {}
                (_, 0) => sum = add_im::<L, false>(sum, eta, here),
                _ => sum = add_im::<L, true>(sum, eta, here),
            }
        }
        L::store(sums, sum);
    }
}
