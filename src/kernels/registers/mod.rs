//! Passes: groups of amplitudes are held in registers while many instructions act on them.
//!
//! Loading and storing amplitudes costs more than the arithmetic of one gate. So a pass loads a few registers,
//! does all its instructions on them, and only then stores them:
//!
//! ```text
//! for position in positions:                      where a group of R registers begins
//!     x[r] = load(position + offset of r)         for all r, a register of real and one of imaginary parts
//!     for instruction in instructions:
//!         x = instruction(x)                      a small interpreter
//!     store(position + offset of r, x[r])         for all r
//! ```
//!
//! The interpreter is cheap: all positions go through the same instructions, so the CPU predicts its branches.
//!
//! The state is *unzipped*: `W` real parts are followed by the `W` imaginary parts of the same amplitudes, so that
//! no instruction has to sort them. Real amplitudes have no second parts, and instructions leave these out. A bit of the address is thus in one of three places. The lowest bits tell
//! apart the reals inside a register (in the order of [`real_lane`](crate::simd::real_lane)); up to three bits
//! tell apart the `R` = 1, 2, 4 or 8 registers of a group; all others tell positions apart.

use std::marker::PhantomData;

use num_complex::Complex;

use self::instructions::{
    Flip, Registers, dense, flip_lanes, flip_pairs, lane_dense, lane_flip, lane_overlap, lane_pair,
    lane_rotate, lanes_pair, overlap, pair, parity_overlap, phase_table, rotate, scale,
};
use super::tile::all_zero;
use crate::simd::{Isa, Kernel, Lanes, MAX_WIDTH, Real, dispatch, real_lane};

mod instructions;

/// No pass has more bits that tell registers apart.
pub const MAX_REGISTER_BITS: usize = 3;

/// Bits of a real's place in the widest register.
const MAX_LANE_BITS: usize = MAX_WIDTH.ilog2() as usize + 1;

/// How the CPU holds amplitudes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// How many real numbers an amplitude is.
    pub parts: usize,
    /// The bits of the address that lie inside a register: bit `i` of a lane's number is bit `lanes[i]` of the
    /// address.
    pub lanes: Vec<u8>,
    /// How many further bits are worth holding in registers at a time.
    pub register_bits: usize,
}

impl Shape {
    /// That of states of which `bits` bits may lie in lanes, and each amplitude is `parts` real numbers.
    pub fn new<T: Real>(isa: Isa, bits: usize, parts: usize) -> Shape {
        dispatch(isa, bits, bits, Shaped::<T>(parts, PhantomData))
    }
}

/// Tells the shape of the lanes that are chosen for it.
struct Shaped<T>(usize, PhantomData<T>);

impl<T: Real> Kernel for Shaped<T> {
    type Real = T;
    type Out = Shape;

    unsafe fn run<L: Lanes<Real = T>>(self) -> Shape {
        let mut lanes: Vec<u8> = (0..=L::BITS as u8).collect();
        if self.0 == 2 {
            (0..=L::BITS).for_each(|bit| lanes[real_lane::<L>(bit)] = bit as u8);
        }
        Shape { parts: self.0, lanes, register_bits: L::REGISTER_BITS }
    }
}

/// What an instruction does: to each pair `(x0, x1)` of amplitudes that differ in one bit, or to each amplitude
/// `x` by itself. Bits are counted from 0, those of `r` and those of a lane apart. `flip(x)` exchanges the lanes
/// that differ in a bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opcode {
    /// `(x0 + a x1, x1 + b x0)`, with real `a, b`.
    Rotation(u8),
    /// `(a x0 + x1, x0 + b x1)`, with real `a, b`.
    SwappedRotation(u8),
    /// A 2 x 2 matrix.
    Dense(u8),
    /// `x + a flip(x)`, with real `a` for each lane.
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
    /// Adds up `Im <eta|P|x>` for P = X, Y and Z of a bit, or for Y alone: the lower half of the registers holds
    /// the state x, the upper half the state eta. Changes neither.
    Overlap(u8, bool),
    /// The same for a bit of a lane: adds up `Im` and `Re` of `conj(eta) flip(x)`, and `Im conj(eta) x`, in each
    /// lane. The lanes still have to be added with their signs.
    LaneOverlap(u8, bool),
    /// Adds up `Im conj(eta) x`, with the sign of a [`Parity`] and where its condition holds.
    ParityOverlap,
}

/// An instruction of a pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instruction {
    /// What it does.
    pub opcode: Opcode,
    /// Where its coefficients begin, or its sums for an overlap. For [`Opcode::PhaseTable`] an index into
    /// [`Pass::tables`], for flips one into [`Pass::conditions`], and for [`Opcode::ParityOverlap`] one into
    /// [`Pass::parities`].
    pub at: u32,
}

/// Where an instruction with controls acts: in which registers, and at which positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// The registers, as a mask.
    pub registers: u8,
    /// The controls among all other bits of the address, as a mask.
    pub bits: u64,
    /// The values that these must have.
    pub values: u64,
    /// Where the coefficients of the instruction begin, or its sums.
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

/// A sign, -1 where an odd number of some bits is 1, and a condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parity {
    /// Where it counts.
    pub condition: Condition,
    /// The registers with the sign -1, as a mask, if all of `bits` are 0.
    pub negative: u8,
    /// The other bits of the address that count, as a mask: each that is 1 changes all signs.
    pub bits: u64,
}

/// A pass over a block: a piece of a state, unzipped.
pub struct Pass<'a, T> {
    /// Where each group of registers begins in the block.
    pub positions: &'a [u32],
    /// For each position, the bits of the address in which it differs from the first, with their values.
    pub bases: &'a [u64],
    /// The values of the bits of the address that are the same in the whole block.
    pub base: u64,
    /// Bits that tell positions apart, as a mask, and their values wherever the block is not 0: other positions are
    /// left out.
    pub known: [u64; 2],
    /// Where each register of a group lies, as seen from its position.
    pub offsets: &'a [u32; 1 << MAX_REGISTER_BITS],
    /// The instructions, in order.
    pub instructions: &'a [Instruction],
    /// The coefficients of all.
    pub coefs: *const T,
    /// The conditions of those that have one.
    pub conditions: &'a [Condition],
    /// Where each phase table begins.
    pub tables: &'a [*const ()],
    /// For each phase table, how much further the entries for each position begin; empty where all positions
    /// have the same entries.
    pub table_offsets: &'a [Vec<u32>],
    /// The parities of overlaps.
    pub parities: &'a [Parity],
    /// Where overlaps are added up, one sum for each lane of each.
    pub sums: *mut T,
}

impl<T: Real> Pass<'_, T> {
    /// Whether all amplitudes of the block are 0 or -0: then no instruction would change them.
    ///
    /// # Safety
    /// As for [`Pass::run`], with `registers` amplitudes to a group that take `reals` real numbers each.
    #[inline(always)]
    pub unsafe fn finds_nothing(&self, block: *const T, registers: usize, reals: usize) -> bool {
        for &position in self.positions {
            for &offset in &self.offsets[..registers] {
                // SAFETY: the registers of all parts, as promised.
                if !unsafe { all_zero(block.add((position + offset) as usize), reals) } {
                    return false;
                }
            }
        }
        true
    }

    /// Runs the pass, with `R` registers to a group, on amplitudes of `PARTS` real numbers; `OVERLAPS` tells whether it
    /// takes any overlaps, which are those of complex states.
    ///
    /// # Safety
    /// - The CPU has the features of `L`.
    /// - At `block` plus any position plus any of the first `R` offsets lie `2 * L::WIDTH` real parts and, if there are
    ///   two `PARTS`, as many imaginary parts, which nobody else uses meanwhile.
    /// - Each instruction finds at its place as many coefficients, table entries or sums as its opcode takes.
    #[inline(always)]
    pub unsafe fn run<L: Lanes<Real = T>, const R: usize, const OVERLAPS: bool, const PARTS: usize>(
        &self,
        block: *mut T,
    ) {
        let width = 2 * L::WIDTH;
        // SAFETY: the features, what is loaded and stored at each position, and that each instruction finds its
        // coefficients, table or sums, are what the caller promises.
        unsafe {
            let mut flips = [Flip::<L>::new(0); MAX_LANE_BITS];
            for bit in 1..MAX_LANE_BITS {
                flips[bit] = Flip::new(bit as u8);
            }
            let flip = |bit: u8| flips[usize::from(bit) % MAX_LANE_BITS];
            let [known, known_values] = self.known;
            for (number, &position) in self.positions.iter().enumerate() {
                let at = block.add(position as usize);
                let base = self.base | self.bases[number];
                if (base ^ known_values) & known != 0 {
                    continue;
                }
                let zero = L::splat(Complex::default());
                let mut x: Registers<L, R, PARTS> = [[zero; R]; PARTS];
                for r in 0..R {
                    let from = at.add(self.offsets[r] as usize);
                    for part in 0..PARTS {
                        x[part][r] = L::load(from.add(part * width));
                    }
                }
                for instruction in self.instructions {
                    let coefs = self.coefs.wrapping_add(instruction.at as usize);
                    match instruction.opcode {
                        Opcode::Rotation(0) => rotate::<L, R, 0, false, PARTS>(&mut x, coefs),
                        Opcode::Rotation(1) => rotate::<L, R, 1, false, PARTS>(&mut x, coefs),
                        Opcode::Rotation(_) => rotate::<L, R, 2, false, PARTS>(&mut x, coefs),
                        Opcode::SwappedRotation(0) => rotate::<L, R, 0, true, PARTS>(&mut x, coefs),
                        Opcode::SwappedRotation(1) => rotate::<L, R, 1, true, PARTS>(&mut x, coefs),
                        Opcode::SwappedRotation(_) => rotate::<L, R, 2, true, PARTS>(&mut x, coefs),
                        Opcode::Scale => scale::<L, R, PARTS>(&mut x, coefs),
                        Opcode::Dense(0) => dense::<L, R, 0, PARTS>(&mut x, coefs),
                        Opcode::Dense(1) => dense::<L, R, 1, PARTS>(&mut x, coefs),
                        Opcode::Dense(_) => dense::<L, R, 2, PARTS>(&mut x, coefs),
                        Opcode::LaneRotation(bit) => {
                            lane_rotate::<L, R, false, PARTS>(&mut x, coefs, flip(bit))
                        }
                        Opcode::LaneSwappedRotation(bit) => {
                            lane_rotate::<L, R, true, PARTS>(&mut x, coefs, flip(bit))
                        }
                        Opcode::LaneDense(bit) => lane_dense::<L, R, PARTS>(&mut x, coefs, flip(bit)),
                        Opcode::Pair(0, 1) => x = pair::<L, R, 0, 1, PARTS>(x, coefs),
                        Opcode::Pair(0, _) => x = pair::<L, R, 0, 2, PARTS>(x, coefs),
                        Opcode::Pair(..) => x = pair::<L, R, 1, 2, PARTS>(x, coefs),
                        Opcode::LanePair(0, bit) => x = lane_pair::<L, R, 0, PARTS>(x, coefs, flip(bit)),
                        Opcode::LanePair(1, bit) => x = lane_pair::<L, R, 1, PARTS>(x, coefs, flip(bit)),
                        Opcode::LanePair(_, bit) => x = lane_pair::<L, R, 2, PARTS>(x, coefs, flip(bit)),
                        Opcode::LanesPair(low, high) => {
                            x = lanes_pair::<L, R, PARTS>(x, coefs, flip(low), flip(high));
                        }
                        Opcode::Flip(_) | Opcode::FlipLanes(_) | Opcode::LaneFlip(_) => {
                            let condition = &self.conditions[instruction.at as usize];
                            let registers = condition.at(base);
                            let coefs = self.coefs.add(condition.at as usize);
                            match instruction.opcode {
                                Opcode::Flip(0) => flip_pairs::<L, R, 0, PARTS>(&mut x, registers),
                                Opcode::Flip(1) => flip_pairs::<L, R, 1, PARTS>(&mut x, registers),
                                Opcode::Flip(_) => flip_pairs::<L, R, 2, PARTS>(&mut x, registers),
                                Opcode::FlipLanes(0) => {
                                    flip_lanes::<L, R, 0, PARTS>(&mut x, coefs, registers)
                                }
                                Opcode::FlipLanes(1) => {
                                    flip_lanes::<L, R, 1, PARTS>(&mut x, coefs, registers)
                                }
                                Opcode::FlipLanes(_) => {
                                    flip_lanes::<L, R, 2, PARTS>(&mut x, coefs, registers)
                                }
                                Opcode::LaneFlip(bit) => {
                                    lane_flip::<L, R, PARTS>(&mut x, coefs, flip(bit), registers)
                                }
                                _ => {}
                            }
                        }
                        Opcode::Overlap(..) | Opcode::LaneOverlap(..) | Opcode::ParityOverlap
                            if !OVERLAPS => {}
                        Opcode::Overlap(bit, only_y) => {
                            let sums = self.sums.add(instruction.at as usize);
                            match (bit, only_y) {
                                (0, false) => overlap::<L, R, 0, false, PARTS>(&x, sums),
                                (0, true) => overlap::<L, R, 0, true, PARTS>(&x, sums),
                                (_, false) => overlap::<L, R, 1, false, PARTS>(&x, sums),
                                (_, true) => overlap::<L, R, 1, true, PARTS>(&x, sums),
                            }
                        }
                        Opcode::LaneOverlap(bit, only_y) => {
                            let sums = self.sums.add(instruction.at as usize);
                            match only_y {
                                false => lane_overlap::<L, R, false, PARTS>(&x, sums, flip(bit)),
                                true => lane_overlap::<L, R, true, PARTS>(&x, sums, flip(bit)),
                            }
                        }
                        Opcode::ParityOverlap => {
                            let Parity { condition, negative, bits } =
                                &self.parities[instruction.at as usize];
                            let inverted = if (base & bits).count_ones() % 2 == 1 { u8::MAX } else { 0 };
                            let sums = self.sums.add(condition.at as usize);
                            parity_overlap::<L, R, PARTS>(
                                &x,
                                sums,
                                condition.at(base),
                                negative ^ inverted,
                            );
                        }
                        Opcode::PhaseTable => {
                            let table: *const T = self.tables[instruction.at as usize].cast();
                            let offset = self.table_offsets[instruction.at as usize]
                                .get(number)
                                .copied()
                                .unwrap_or(0);
                            phase_table::<L, R, PARTS>(&mut x, table.add(offset as usize));
                        }
                    }
                }
                for r in 0..R {
                    let to = at.add(self.offsets[r] as usize);
                    for part in 0..PARTS {
                        L::store(to.add(part * width), x[part][r]);
                    }
                }
            }
        }
    }
}
