//! Passes: groups of amplitudes are held in registers while many steps are done to them.
//!
//! A pass works on a state whose real and imaginary parts are *unzipped*: blocks of `W` real parts are
//! followed by the `W` imaginary parts, so that no step has to bring them together. Of its bits the lowest
//! lie inside a register (in the order of [`real_lane`](crate::simd::real_lane)), up to three tell `R`
//! registers apart, and for every setting of the others:
//!
//! ```text
//! x[r] = load(position + offset of r)             for all r, a register each of real and imaginary parts
//! for step in steps: x = step(x)                  a small interpreter: which step is the same for all
//! store(position + offset of r, x[r])             positions, so that its branches are predicted
//! ```

use std::marker::PhantomData;

use num_complex::Complex;

use super::tile::all_zero;
use crate::simd::{Isa, Kernel, Lanes, MAX_WIDTH, Real, dispatch, real_lane};

/// No pass has more bits that tell registers apart.
pub const MAX_REGISTER_BITS: usize = 3;

/// Bits of a real's place in the widest register.
const MAX_LANE_BITS: usize = MAX_WIDTH.ilog2() as usize + 1;

/// How the CPU holds amplitudes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The bits of the address that lie inside a register: bit `i` of a lane's number is bit `lanes[i]` of the
    /// address.
    pub lanes: Vec<u8>,
    /// How many further bits are worth holding in registers at a time.
    pub register_bits: usize,
}

impl Shape {
    /// That of states of which `bits` bits may lie in lanes.
    pub fn new<T: Real>(isa: Isa, bits: usize) -> Shape {
        dispatch(isa, bits, bits, Shaped::<T>(PhantomData))
    }
}

/// Tells the shape of the lanes that are chosen for it.
struct Shaped<T>(PhantomData<T>);

impl<T: Real> Kernel for Shaped<T> {
    type Real = T;
    type Out = Shape;

    unsafe fn run<L: Lanes<Real = T>>(self) -> Shape {
        let mut lanes = vec![0; L::BITS + 1];
        (0..=L::BITS).for_each(|bit| lanes[real_lane::<L>(bit)] = bit as u8);
        Shape { lanes, register_bits: L::REGISTER_BITS }
    }
}

/// What a step does to pairs `(x0, x1)` that differ in one bit, or to all amplitudes by themselves. The
/// number of a bit is that of a bit of `r`, or of a bit of a lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opcode {
    /// `(x0 + a x1, x1 + b x0)`, with real `a, b`.
    Rotation(u8),
    /// `(a x0 + x1, x0 + b x1)`, with real `a, b`.
    SwappedRotation(u8),
    /// A matrix.
    Dense(u8),
    /// `x + a flip(x)`, where flip exchanges the lanes that differ in a bit; real `a` for each lane.
    LaneRotation(u8),
    /// `a x + flip(x)`.
    LaneSwappedRotation(u8),
    /// `a x + b flip(x)`, with complex `a, b` for each lane.
    LaneDense(u8),
    /// A matrix on two bits of `r`, of which the first is the lower one.
    Pair(u8, u8),
    /// A matrix on a bit of `r`, which is the upper one, and a bit of a lane: four coefficients for each lane
    /// in the order `m[i][j][flipped]`, for register `i` from register `j`.
    LanePair(u8, u8),
    /// A matrix on two bits of a lane: four coefficients for each lane, by which bits are flipped.
    LanesPair(u8, u8),
    /// `a x`, with real `a`.
    Scale,
    /// A factor for each lane and register, from a table for each position.
    PhaseTable,
    /// `(x1, x0)` where the condition holds.
    Flip(u8),
    /// `(a x0 + b x1, a x1 + b x0)` where the condition holds, with real `a, b` for each lane.
    FlipLanes(u8),
    /// `a x + b flip(x)` where the condition holds, with real `a, b` for each lane.
    LaneFlip(u8),
    /// Adds up `Im <eta|P|x>` for the Pauli matrices X, Y and Z of a bit, or Y alone, where eta is in the upper
    /// half of the registers and x in the lower one.
    Overlap(u8, bool),
    /// As above, of a bit of a lane: `eta* flip(x)`, imaginary and real part, and `Im eta* x`, which then are
    /// to be given the signs of their lanes.
    LaneOverlap(u8, bool),
    /// Adds up `Im eta* x`, with the signs and where the condition of a parity says.
    ParityOverlap,
}

/// A step of a pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instruction {
    /// What it does.
    pub opcode: Opcode,
    /// Where its coefficients begin; for a diagonal, its number among the tables; for what has a condition,
    /// the number of that.
    pub at: u32,
}

/// Where a step is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// To these registers, as a mask.
    pub registers: u8,
    /// Bits of the address that tell positions apart or lie outside, as a mask, ...
    pub bits: u64,
    /// ... and the values that they must have.
    pub values: u64,
    /// Where its coefficients begin.
    pub at: u32,
}

impl Condition {
    /// Everywhere.
    pub const ALWAYS: Condition = Condition { registers: u8::MAX, bits: 0, values: 0, at: 0 };

    /// The registers in which it holds at an address.
    #[inline(always)]
    fn at(&self, base: u64) -> u8 {
        if (base ^ self.values) & self.bits == 0 { self.registers } else { 0 }
    }
}

/// The sign of a parity, where a condition holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parity {
    /// Where; and where the sums begin.
    pub condition: Condition,
    /// The registers in which the sign is negative, as a mask, ...
    pub negative: u8,
    /// ... and bits of the address that invert it, as a mask.
    pub bits: u64,
}

/// A pass over part of a state.
pub struct Pass<'a, T> {
    /// Where the groups of registers begin.
    pub positions: &'a [u32],
    /// In which bits of the address they differ.
    pub bases: &'a [u64],
    /// The bits of the address outside.
    pub base: u64,
    /// Where each register of a group lies, seen from there.
    pub offsets: &'a [u32; 1 << MAX_REGISTER_BITS],
    /// The steps.
    pub instructions: &'a [Instruction],
    /// Their coefficients.
    pub coefs: *const T,
    /// Conditions of steps.
    pub conditions: &'a [Condition],
    /// Where the table of each diagonal step begins, ...
    pub tables: &'a [*const ()],
    /// ... and how much further that of each position does; nothing if all have the same.
    pub table_offsets: &'a [Vec<u32>],
    /// The overlaps that are parities.
    pub parities: &'a [Parity],
    /// Where overlaps are added up.
    pub sums: *mut T,
}

/// Registers of real parts and of imaginary parts.
type Registers<L, const R: usize> = [[<L as Lanes>::Reg; R]; 2];

impl<T: Real> Pass<'_, T> {
    /// Whether all amplitudes are zero, of either sign: then its steps leave them as they are.
    ///
    /// # Safety
    /// As for [`Pass::run`], with lanes of `width` reals.
    #[inline(always)]
    pub unsafe fn finds_nothing(&self, block: *const T, registers: usize, width: usize) -> bool {
        for &position in self.positions {
            for &offset in &self.offsets[..registers] {
                // SAFETY: the caller's promise.
                if !unsafe { all_zero(block.add((position + offset) as usize), 2 * width) } {
                    return false;
                }
            }
        }
        true
    }

    /// Does it, with `R` registers to a group; `OVERLAPS` tells whether any are taken.
    ///
    /// # Safety
    /// The CPU has the features of `L`; `block` plus any position plus any of the first `R` offsets is a block
    /// of `2 * L::WIDTH` real parts and as many imaginary ones; steps find their coefficients and tables, and
    /// name bits below `log2(R)` and those of a lane.
    #[inline(always)]
    pub unsafe fn run<L: Lanes<Real = T>, const R: usize, const OVERLAPS: bool>(&self, block: *mut T) {
        let width = 2 * L::WIDTH;
        // SAFETY: the caller's promise.
        unsafe {
            let mut flips = [Flip::<L>::new(0); MAX_LANE_BITS];
            for bit in 1..MAX_LANE_BITS {
                flips[bit] = Flip::new(bit as u8);
            }
            let flip = |bit: u8| flips[usize::from(bit) % MAX_LANE_BITS];
            for (number, &position) in self.positions.iter().enumerate() {
                let at = block.add(position as usize);
                let base = self.base | self.bases[number];
                let zero = L::splat(Complex::default());
                let mut x: Registers<L, R> = [[zero; R]; 2];
                for r in 0..R {
                    let from = at.add(self.offsets[r] as usize);
                    x[0][r] = L::load(from);
                    x[1][r] = L::load(from.add(width));
                }
                for instruction in self.instructions {
                    let coefs = self.coefs.wrapping_add(instruction.at as usize);
                    match instruction.opcode {
                        Opcode::Rotation(0) => rotate::<L, R, 0, false>(&mut x, coefs),
                        Opcode::Rotation(1) => rotate::<L, R, 1, false>(&mut x, coefs),
                        Opcode::Rotation(_) => rotate::<L, R, 2, false>(&mut x, coefs),
                        Opcode::SwappedRotation(0) => rotate::<L, R, 0, true>(&mut x, coefs),
                        Opcode::SwappedRotation(1) => rotate::<L, R, 1, true>(&mut x, coefs),
                        Opcode::SwappedRotation(_) => rotate::<L, R, 2, true>(&mut x, coefs),
                        Opcode::Scale => scale::<L, R>(&mut x, coefs),
                        Opcode::Dense(0) => dense::<L, R, 0>(&mut x, coefs),
                        Opcode::Dense(1) => dense::<L, R, 1>(&mut x, coefs),
                        Opcode::Dense(_) => dense::<L, R, 2>(&mut x, coefs),
                        Opcode::LaneRotation(bit) => {
                            lane_rotate::<L, R, false>(&mut x, coefs, flip(bit))
                        }
                        Opcode::LaneSwappedRotation(bit) => {
                            lane_rotate::<L, R, true>(&mut x, coefs, flip(bit))
                        }
                        Opcode::LaneDense(bit) => lane_dense::<L, R>(&mut x, coefs, flip(bit)),
                        Opcode::Pair(0, 1) => x = pair::<L, R, 0, 1>(x, coefs),
                        Opcode::Pair(0, _) => x = pair::<L, R, 0, 2>(x, coefs),
                        Opcode::Pair(..) => x = pair::<L, R, 1, 2>(x, coefs),
                        Opcode::LanePair(0, bit) => x = lane_pair::<L, R, 0>(x, coefs, flip(bit)),
                        Opcode::LanePair(1, bit) => x = lane_pair::<L, R, 1>(x, coefs, flip(bit)),
                        Opcode::LanePair(_, bit) => x = lane_pair::<L, R, 2>(x, coefs, flip(bit)),
                        Opcode::LanesPair(low, high) => {
                            x = lanes_pair::<L, R>(x, coefs, flip(low), flip(high));
                        }
                        Opcode::Flip(_) | Opcode::FlipLanes(_) | Opcode::LaneFlip(_) => {
                            let condition = &self.conditions[instruction.at as usize];
                            let registers = condition.at(base);
                            let coefs = self.coefs.add(condition.at as usize);
                            match instruction.opcode {
                                Opcode::Flip(0) => flip_pairs::<L, R, 0>(&mut x, registers),
                                Opcode::Flip(1) => flip_pairs::<L, R, 1>(&mut x, registers),
                                Opcode::Flip(_) => flip_pairs::<L, R, 2>(&mut x, registers),
                                Opcode::FlipLanes(0) => flip_lanes::<L, R, 0>(&mut x, coefs, registers),
                                Opcode::FlipLanes(1) => flip_lanes::<L, R, 1>(&mut x, coefs, registers),
                                Opcode::FlipLanes(_) => flip_lanes::<L, R, 2>(&mut x, coefs, registers),
                                Opcode::LaneFlip(bit) => {
                                    lane_flip::<L, R>(&mut x, coefs, flip(bit), registers)
                                }
                                _ => {}
                            }
                        }
                        Opcode::Overlap(..) | Opcode::LaneOverlap(..) | Opcode::ParityOverlap
                            if !OVERLAPS => {}
                        Opcode::Overlap(bit, only_y) => {
                            let sums = self.sums.add(instruction.at as usize);
                            match (bit, only_y) {
                                (0, false) => overlap::<L, R, 0, false>(&x, sums),
                                (0, true) => overlap::<L, R, 0, true>(&x, sums),
                                (_, false) => overlap::<L, R, 1, false>(&x, sums),
                                (_, true) => overlap::<L, R, 1, true>(&x, sums),
                            }
                        }
                        Opcode::LaneOverlap(bit, only_y) => {
                            let sums = self.sums.add(instruction.at as usize);
                            match only_y {
                                false => lane_overlap::<L, R, false>(&x, sums, flip(bit)),
                                true => lane_overlap::<L, R, true>(&x, sums, flip(bit)),
                            }
                        }
                        Opcode::ParityOverlap => {
                            let Parity { condition, negative, bits } =
                                &self.parities[instruction.at as usize];
                            let inverted = if (base & bits).count_ones() % 2 == 1 { u8::MAX } else { 0 };
                            let sums = self.sums.add(condition.at as usize);
                            parity_overlap::<L, R>(&x, sums, condition.at(base), negative ^ inverted);
                        }
                        Opcode::PhaseTable => {
                            let table: *const T = self.tables[instruction.at as usize].cast();
                            let offset = self.table_offsets[instruction.at as usize]
                                .get(number)
                                .copied()
                                .unwrap_or(0);
                            phase_table::<L, R>(&mut x, table.add(offset as usize));
                        }
                    }
                }
                for r in 0..R {
                    let to = at.add(self.offsets[r] as usize);
                    L::store(to, x[0][r]);
                    L::store(to.add(width), x[1][r]);
                }
            }
        }
    }
}

// SAFETY of all that follows: the CPU has the features of `L`, and `coefs` begins with the coefficients
// that the opcode tells. Loops, not closures: a closure that is not inlined is compiled without the CPU's
// features, and every intrinsic in it is a call.

/// The same number in all lanes.
#[inline(always)]
unsafe fn all<L: Lanes>(at: *const L::Real) -> L::Reg {
    // SAFETY: see above.
    unsafe { L::splat(Complex::new(at.read(), at.read())) }
}

/// A complex number for each lane, or the same for all.
#[derive(Clone, Copy)]
struct Multiplier<L: Lanes> {
    re: L::Reg,
    im: L::Reg,
}

impl<L: Lanes> Multiplier<L> {
    #[inline(always)]
    unsafe fn splat(at: *const L::Real) -> Self {
        // SAFETY: see above.
        unsafe { Multiplier { re: all::<L>(at), im: all::<L>(at.add(1)) } }
    }

    #[inline(always)]
    unsafe fn lanes(at: *const L::Real) -> Self {
        // SAFETY: see above.
        unsafe { Multiplier { re: L::load(at), im: L::load(at.add(2 * L::WIDTH)) } }
    }

    #[inline(always)]
    unsafe fn mul(self, [re, im]: [L::Reg; 2]) -> [L::Reg; 2] {
        // SAFETY: see above.
        unsafe {
            let (x, y) = (L::mul(self.re, re), L::mul(self.re, im));
            [L::neg_mul_add(self.im, im, x), L::mul_add(self.im, re, y)]
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, [re, im]: [L::Reg; 2], [x, y]: [L::Reg; 2]) -> [L::Reg; 2] {
        // SAFETY: see above.
        unsafe {
            let (x, y) = (L::mul_add(self.re, re, x), L::mul_add(self.re, im, y));
            [L::neg_mul_add(self.im, im, x), L::mul_add(self.im, re, y)]
        }
    }
}

/// Exchanges the reals of an unzipped register that differ in a bit of their place.
#[derive(Clone, Copy)]
struct Flip<L: Lanes> {
    lowest: bool,
    perm: L::Perm,
}

impl<L: Lanes> Flip<L> {
    #[inline(always)]
    unsafe fn new(bit: u8) -> Self {
        let mut from = [0; MAX_WIDTH];
        for (lane, from) in from.iter_mut().enumerate() {
            *from = (lane ^ (1 << bit >> 1)) % L::WIDTH;
        }
        // SAFETY: see above.
        Flip { lowest: bit == 0, perm: unsafe { L::perm(from) } }
    }

    #[inline(always)]
    unsafe fn of(self, x: L::Reg) -> L::Reg {
        // SAFETY: see above.
        unsafe { if self.lowest { L::swap_re_im(x) } else { L::permute(x, self.perm) } }
    }
}

#[inline(always)]
unsafe fn rotate<L: Lanes, const R: usize, const B: usize, const SWAPPED: bool>(
    x: &mut Registers<L, R>,
    coefs: *const L::Real,
) {
    // SAFETY: see above.
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

#[inline(always)]
unsafe fn scale<L: Lanes, const R: usize>(x: &mut Registers<L, R>, coefs: *const L::Real) {
    // SAFETY: see above.
    unsafe {
        let a = all::<L>(coefs);
        for x in x {
            for i in 0..R {
                x[i] = L::mul(a, x[i]);
            }
        }
    }
}

#[inline(always)]
unsafe fn dense<L: Lanes, const R: usize, const B: usize>(
    x: &mut Registers<L, R>,
    coefs: *const L::Real,
) {
    // SAFETY: see above.
    unsafe {
        let (a, b) = (Multiplier::<L>::splat(coefs), Multiplier::<L>::splat(coefs.add(2)));
        let (c, d) = (Multiplier::<L>::splat(coefs.add(4)), Multiplier::<L>::splat(coefs.add(6)));
        for i in 0..R {
            let j = i ^ 1 << B;
            if i < j && j < R {
                let (low, high) = ([x[0][i], x[1][i]], [x[0][j], x[1][j]]);
                [x[0][i], x[1][i]] = b.mul_add(high, a.mul(low));
                [x[0][j], x[1][j]] = d.mul_add(high, c.mul(low));
            }
        }
    }
}

#[inline(always)]
unsafe fn lane_rotate<L: Lanes, const R: usize, const SWAPPED: bool>(
    x: &mut Registers<L, R>,
    coefs: *const L::Real,
    flip: Flip<L>,
) {
    // SAFETY: see above.
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

#[inline(always)]
unsafe fn lane_dense<L: Lanes, const R: usize>(
    x: &mut Registers<L, R>,
    coefs: *const L::Real,
    flip: Flip<L>,
) {
    // SAFETY: see above.
    unsafe {
        let (a, b) = (Multiplier::<L>::lanes(coefs), Multiplier::<L>::lanes(coefs.add(4 * L::WIDTH)));
        for i in 0..R {
            let here = [x[0][i], x[1][i]];
            let there = [flip.of(here[0]), flip.of(here[1])];
            [x[0][i], x[1][i]] = b.mul_add(there, a.mul(here));
        }
    }
}

#[inline(always)]
unsafe fn pair<L: Lanes, const R: usize, const B: usize, const C: usize>(
    mut x: Registers<L, R>,
    coefs: *const L::Real,
) -> Registers<L, R> {
    // SAFETY: see above.
    unsafe {
        for first in 0..R {
            if first >> B & 1 == 1 || first >> C & 1 == 1 || first + (1 << B) + (1 << C) >= R {
                continue;
            }
            let place = [first, first + (1 << B), first + (1 << C), first + (1 << B) + (1 << C)];
            let old = place.map(|i| [x[0][i], x[1][i]]);
            for row in 0..4 {
                let coefs = coefs.add(8 * row);
                let mut sum = Multiplier::<L>::splat(coefs).mul(old[0]);
                for column in 1..4 {
                    sum = Multiplier::<L>::splat(coefs.add(2 * column)).mul_add(old[column], sum);
                }
                [x[0][place[row]], x[1][place[row]]] = sum;
            }
        }
        x
    }
}

#[inline(always)]
unsafe fn lane_pair<L: Lanes, const R: usize, const B: usize>(
    mut x: Registers<L, R>,
    coefs: *const L::Real,
    flip: Flip<L>,
) -> Registers<L, R> {
    // SAFETY: see above.
    unsafe {
        for i in 0..R {
            let j = i ^ 1 << B;
            if i >= j || j >= R {
                continue;
            }
            let [low, high] = [[x[0][i], x[1][i]], [x[0][j], x[1][j]]];
            let low_flipped = [flip.of(low[0]), flip.of(low[1])];
            let high_flipped = [flip.of(high[0]), flip.of(high[1])];
            let old = [low, low_flipped, high, high_flipped];
            for row in 0..2 {
                let coefs = coefs.add(16 * row * L::WIDTH);
                let mut sum = Multiplier::<L>::lanes(coefs).mul(old[0]);
                for column in 1..4 {
                    sum = Multiplier::<L>::lanes(coefs.add(4 * column * L::WIDTH))
                        .mul_add(old[column], sum);
                }
                let to = if row == 0 { i } else { j };
                [x[0][to], x[1][to]] = sum;
            }
        }
        x
    }
}

#[inline(always)]
unsafe fn lanes_pair<L: Lanes, const R: usize>(
    mut x: Registers<L, R>,
    coefs: *const L::Real,
    low: Flip<L>,
    high: Flip<L>,
) -> Registers<L, R> {
    // SAFETY: see above.
    unsafe {
        for i in 0..R {
            let here = [x[0][i], x[1][i]];
            let first = [low.of(here[0]), low.of(here[1])];
            let second = [high.of(here[0]), high.of(here[1])];
            let both = [high.of(first[0]), high.of(first[1])];
            let mut sum = Multiplier::<L>::lanes(coefs).mul(here);
            for (number, old) in [first, second, both].into_iter().enumerate() {
                sum = Multiplier::<L>::lanes(coefs.add(4 * (number + 1) * L::WIDTH)).mul_add(old, sum);
            }
            [x[0][i], x[1][i]] = sum;
        }
        x
    }
}

#[inline(always)]
unsafe fn phase_table<L: Lanes, const R: usize>(x: &mut Registers<L, R>, table: *const L::Real) {
    // SAFETY: see above.
    unsafe {
        for i in 0..R {
            let factor = Multiplier::<L>::lanes(table.add(4 * i * L::WIDTH));
            [x[0][i], x[1][i]] = factor.mul([x[0][i], x[1][i]]);
        }
    }
}

#[inline(always)]
unsafe fn flip_pairs<L: Lanes, const R: usize, const B: usize>(x: &mut Registers<L, R>, registers: u8) {
    for i in 0..R {
        let j = i ^ 1 << B;
        if i < j && j < R && registers >> i & 1 == 1 {
            x[0].swap(i, j);
            x[1].swap(i, j);
        }
    }
}

#[inline(always)]
unsafe fn flip_lanes<L: Lanes, const R: usize, const B: usize>(
    x: &mut Registers<L, R>,
    coefs: *const L::Real,
    registers: u8,
) {
    // SAFETY: see above.
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

#[inline(always)]
unsafe fn lane_flip<L: Lanes, const R: usize>(
    x: &mut Registers<L, R>,
    coefs: *const L::Real,
    flip: Flip<L>,
    registers: u8,
) {
    // SAFETY: see above.
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

// Overlaps: eta is in the upper half of the registers, the other state in the lower one.

/// `sum + Im(eta* x)`, or minus that.
#[inline(always)]
unsafe fn add_im<L: Lanes, const MINUS: bool>(
    sum: L::Reg,
    [eta_re, eta_im]: [L::Reg; 2],
    [re, im]: [L::Reg; 2],
) -> L::Reg {
    // SAFETY: see above.
    unsafe {
        match MINUS {
            false => L::neg_mul_add(eta_im, re, L::mul_add(eta_re, im, sum)),
            true => L::neg_mul_add(eta_re, im, L::mul_add(eta_im, re, sum)),
        }
    }
}

/// `sum + Re(eta* x)`, or minus that.
#[inline(always)]
unsafe fn add_re<L: Lanes, const MINUS: bool>(
    sum: L::Reg,
    [eta_re, eta_im]: [L::Reg; 2],
    [re, im]: [L::Reg; 2],
) -> L::Reg {
    // SAFETY: see above.
    unsafe {
        match MINUS {
            false => L::mul_add(eta_im, im, L::mul_add(eta_re, re, sum)),
            true => L::neg_mul_add(eta_im, im, L::neg_mul_add(eta_re, re, sum)),
        }
    }
}

/// The sums of X, Y and Z, or of Y alone.
#[inline(always)]
unsafe fn load_sums<L: Lanes, const ONLY_Y: bool>(sums: *const L::Real) -> [L::Reg; 3] {
    let width = if ONLY_Y { 0 } else { 2 * L::WIDTH };
    // SAFETY: see above.
    unsafe { [L::load(sums), L::load(sums.add(width)), L::load(sums.add(2 * width))] }
}

#[inline(always)]
unsafe fn store_sums<L: Lanes, const ONLY_Y: bool>(sums: *mut L::Real, [x, y, z]: [L::Reg; 3]) {
    let width = 2 * L::WIDTH;
    // SAFETY: see above.
    unsafe {
        if ONLY_Y {
            return L::store(sums, y);
        }
        L::store(sums, x);
        L::store(sums.add(width), y);
        L::store(sums.add(2 * width), z);
    }
}

#[inline(always)]
unsafe fn overlap<L: Lanes, const R: usize, const B: usize, const ONLY_Y: bool>(
    x: &Registers<L, R>,
    sums: *mut L::Real,
) {
    // SAFETY: see above.
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

#[inline(always)]
unsafe fn lane_overlap<L: Lanes, const R: usize, const ONLY_Y: bool>(
    x: &Registers<L, R>,
    sums: *mut L::Real,
    flip: Flip<L>,
) {
    // SAFETY: see above.
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

#[inline(always)]
unsafe fn parity_overlap<L: Lanes, const R: usize>(
    x: &Registers<L, R>,
    sums: *mut L::Real,
    registers: u8,
    negative: u8,
) {
    // SAFETY: see above.
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
