//! The coefficients of a program, from the numbers of its steps.

use num_complex::Complex64;

use super::fuse::Fused;
use super::numbers::{Numbers, Turned};
use super::table::Terms;
use super::tile::{Micro, Place, Room, Shape, TileProgram};
use crate::kernels::registers::{Arm, Code};
use crate::simd::Real;

/// The numbers of a program, in the precision of a state.
pub struct Filled<T> {
    /// The steps of all passes, and where those of each pass begin and end.
    pub codes: Vec<Code>,
    /// As above.
    pub ends: Vec<usize>,
    /// Their coefficients, from a cache line on.
    pub coefs: Aligned<T>,
    /// The entries of terms, one after the other, and where those of each begin.
    entries: Vec<Complex64>,
    first: Vec<usize>,
}

/// Numbers that begin at a cache line.
#[derive(Default)]
pub struct Aligned<T> {
    numbers: Vec<T>,
    first: usize,
}

impl<T: Real> Aligned<T> {
    /// Zeros.
    pub fn new(len: usize) -> Aligned<T> {
        let mut aligned = Aligned { numbers: Vec::new(), first: 0 };
        aligned.fit(len);
        aligned
    }

    /// Makes room for so many, whatever they are.
    pub fn fit(&mut self, len: usize) {
        let spare = 64 / size_of::<T>();
        if self.numbers.len() < len + spare {
            self.numbers = vec![T::default(); len + spare];
            self.first = self.numbers.as_ptr().align_offset(64);
        }
    }

    /// The first.
    pub fn as_ptr(&self) -> *const T {
        self.numbers[self.first..].as_ptr()
    }

    /// The first, to be changed.
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.numbers[self.first..].as_mut_ptr()
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.numbers[self.first..]
    }
}

impl<T: Real> Filled<T> {
    /// The numbers of some tiles.
    pub fn new<'a>(
        fused: &Fused,
        numbers: &Numbers<'_>,
        tiles: impl Iterator<Item = &'a TileProgram>,
        room: &Room,
        shape: &Shape,
    ) -> Filled<T> {
        let mut filled = Filled {
            codes: Vec::new(),
            ends: vec![0],
            coefs: Aligned::new(room.coefs),
            entries: Vec::new(),
            first: vec![0],
        };
        for term in &fused.terms {
            numbers.entries(term, &mut filled.entries);
            filled.first.push(filled.entries.len());
        }
        let mut scratch = Vec::new();
        for tile in tiles {
            for pass in tile.passes() {
                for (micro, at) in &pass.micros {
                    let codes = &mut filled.codes;
                    let coefs = &mut filled.coefs.as_mut_slice()[*at..];
                    let at = *at as u32;
                    match micro {
                        Micro::Turn(number, place) => {
                            codes.push(turn(&numbers.turns[*number], *place, at, shape, coefs));
                        }
                        Micro::Matrix(number, places) => {
                            let matrix = numbers.matrix(&fused.matrices[*number]);
                            codes.push(dense(&matrix, places, at, shape, coefs));
                        }
                        Micro::Table(number) => {
                            let table = &pass.tables[*number];
                            if !table.varies {
                                let terms = Terms { entries: &filled.entries, first: &filled.first };
                                let out = &mut filled.coefs.as_mut_slice()[table.at..];
                                let width = 1 << shape.lanes.len();
                                if table.write(&terms, 0, &mut scratch, width, out) {
                                    continue; // nothing to do
                                }
                            }
                            codes.push(Code { arm: Arm::Diagonal, at: *number as u32 });
                        }
                        Micro::Flip(place, lanes, condition) => {
                            let arm = match (*place, lanes) {
                                (Place::Register(bit), None) => Arm::Flip(bit),
                                (Place::Register(bit), Some(_)) => Arm::FlipLanes(bit),
                                (Place::Lane(bit), _) => Arm::LaneFlip(bit),
                            };
                            if !matches!(arm, Arm::Flip(_)) {
                                let width = 1 << shape.lanes.len();
                                for lane in 0..width {
                                    let flips = lanes.unwrap_or(u32::MAX) >> lane & 1;
                                    coefs[lane] = T::from_f64(f64::from(1 - flips));
                                    coefs[width + lane] = T::from_f64(f64::from(flips));
                                }
                            }
                            codes.push(Code { arm, at: *condition as u32 });
                        }
                    }
                }
                filled.ends.push(filled.codes.len());
            }
        }
        filled
    }

    /// The entries of all terms.
    pub fn terms(&self) -> Terms<'_> {
        Terms { entries: &self.entries, first: &self.first }
    }
}

/// Writes the coefficients of a turn, and tells the step.
fn turn<T: Real>(turned: &Turned, place: Place, at: u32, shape: &Shape, coefs: &mut [T]) -> Code {
    let [a, b] = [turned.a, turned.b].map(T::from_f64);
    let arm = match (place, turned.exchanged) {
        (Place::Register(bit), false) => Arm::Turn(bit),
        (Place::Register(bit), true) => Arm::Exchange(bit),
        (Place::Lane(bit), false) => Arm::LaneTurn(bit),
        (Place::Lane(bit), true) => Arm::LaneExchange(bit),
    };
    match place {
        Place::Register(_) => coefs[..2].copy_from_slice(&[a, b]),
        Place::Lane(bit) => {
            for (lane, coef) in coefs[..1 << shape.lanes.len()].iter_mut().enumerate() {
                *coef = if lane >> bit & 1 == 1 { b } else { a };
            }
        }
    }
    Code { arm, at }
}

/// Writes the coefficients of a matrix on one bit or two, and tells the step.
fn dense<T: Real>(
    matrix: &[Complex64; 16],
    places: &[Place],
    at: u32,
    shape: &Shape,
    coefs: &mut [T],
) -> Code {
    let width = 1usize << shape.lanes.len();
    let mut splat = |number: usize, entry: Complex64| {
        coefs[2 * number] = T::from_f64(entry.re);
        coefs[2 * number + 1] = T::from_f64(entry.im);
    };
    match *places {
        [Place::Register(bit)] => {
            (0..4).for_each(|i| splat(i, matrix[i]));
            return Code { arm: Arm::Dense(bit), at };
        }
        [Place::Register(high), Place::Register(low)] => {
            // The lower bit of a register's number is the lower bit of a row.
            let row = |row: usize| if high > low { row } else { [0, 2, 1, 3][row] };
            (0..16).for_each(|i| splat(i, matrix[4 * row(i / 4) + row(i % 4)]));
            return Code { arm: Arm::Pair(high.min(low), high.max(low)), at };
        }
        _ => {}
    }
    let mut lanes = |number: usize, entry: &dyn Fn(usize) -> Complex64| {
        let (re, im) = coefs[2 * number * width..][..2 * width].split_at_mut(width);
        for (lane, (re, im)) in re.iter_mut().zip(im).enumerate() {
            let entry = entry(lane);
            (*re, *im) = (T::from_f64(entry.re), T::from_f64(entry.im));
        }
    };
    let arm = match *places {
        [Place::Lane(bit)] => {
            for flipped in 0..2 {
                lanes(flipped, &|lane| {
                    let row = lane >> bit & 1;
                    matrix[2 * row + (row ^ flipped)]
                });
            }
            Arm::LaneDense(bit)
        }
        [Place::Lane(high), Place::Lane(low)] => {
            for flipped in 0..4 {
                lanes(flipped, &|lane| {
                    let row = (lane >> high & 1) << 1 | lane >> low & 1;
                    matrix[4 * row + (row ^ flipped)]
                });
            }
            Arm::LanesPair(low, high)
        }
        [first, second] => {
            let (register, lane_bit, upper) = match (first, second) {
                (Place::Register(register), Place::Lane(lane)) => (register, lane, true),
                (Place::Lane(lane), Place::Register(register)) => (register, lane, false),
                _ => unreachable!("the other places are above"),
            };
            let row = |i: usize, lane: usize| if upper { 2 * i + lane } else { i + 2 * lane };
            for number in 0..8 {
                let (i, j, flipped) = (number >> 2, number >> 1 & 1, number & 1);
                lanes(number, &|lane| {
                    let value = lane >> lane_bit & 1;
                    matrix[4 * row(i, value) + row(j, value ^ flipped)]
                });
            }
            Arm::LanePair(register, lane_bit)
        }
        _ => unreachable!("matrices on one bit or two"),
    };
    Code { arm, at }
}
