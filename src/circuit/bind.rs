//! The coefficients of a program, from the numbers of its steps.

use num_complex::Complex64;

use super::fuse::Fused;
use super::numbers::{Numbers, Turned};
use super::table::{Allotted, Terms};
use super::tile::{Micro, Of, Place, Shape, TileProgram};
use crate::kernels::registers::{Arm, Code};
use crate::progress::Progress;
use crate::simd::Real;

/// The numbers of a program, in the precision of a state.
#[derive(Debug, Default)]
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
    /// Room for the products of a table.
    products: Vec<Complex64>,
}

/// How many terms are computed between two looks at the progress, and what one and a pass take, in nanoseconds,
/// roughly.
const TERMS_AT_A_TIME: usize = 256;
const NANOS_PER_TERM: f64 = 100.0;
const NANOS_PER_PASS: f64 = 5000.0;

/// Numbers that begin at a cache line.
#[derive(Debug, Default)]
pub struct Aligned<T> {
    numbers: Vec<T>,
    first: usize,
}

impl<T: Real> Aligned<T> {
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
    /// Computes all anew, for the numbers of some tiles, until it is stopped; keeps its room.
    pub fn fill<'a>(
        &mut self,
        fused: &Fused,
        numbers: &Numbers<'_>,
        tiles: impl Iterator<Item = &'a TileProgram>,
        allotted: &Allotted,
        shape: &Shape,
        progress: &Progress<'_>,
    ) {
        let Filled { codes, ends, coefs, entries, first, products } = self;
        codes.clear();
        ends.clear();
        ends.push(0);
        entries.clear();
        first.clear();
        first.push(0);
        coefs.fit(allotted.coefs);
        for some in fused.terms.chunks(TERMS_AT_A_TIME) {
            for term in some {
                numbers.entries(term, entries);
                first.push(entries.len());
            }
            if !progress.advance(0.0, NANOS_PER_TERM * some.len() as f64) {
                return;
            }
        }
        let terms = Terms { entries, first };
        for pass in tiles.flat_map(TileProgram::passes) {
            for (micro, at) in &pass.micros {
                let (coefs, at) = (coefs.as_mut_slice(), *at);
                let own = coefs.get_mut(at..).unwrap_or_default();
                let at = at as u32;
                let code = match micro {
                    Micro::Turn(number, place) => turn(&numbers.turns[*number], *place, at, shape, own),
                    Micro::Matrix(number, places) => {
                        dense(&numbers.matrix(&fused.matrices[*number]), places, at, shape, own)
                    }
                    Micro::Table(number) => {
                        let (table, width) = (&pass.tables[*number], 1 << shape.lanes.len());
                        if !table.varies
                            && table.write(&terms, 0, products, width, &mut coefs[table.at..])
                        {
                            continue; // nothing to do
                        }
                        Code { arm: Arm::Diagonal, at: *number as u32 }
                    }
                    Micro::Scale(unscaled) => {
                        own[0] = T::from_f64(numbers.scale(unscaled));
                        Code { arm: Arm::Scale, at }
                    }
                    Micro::Overlap(_, of) => match *of {
                        Of::Bit(Place::Register(bit)) => Code { arm: Arm::Overlap(bit, false), at },
                        Of::BitY(Place::Register(bit)) => Code { arm: Arm::Overlap(bit, true), at },
                        Of::Bit(Place::Lane(bit)) => Code { arm: Arm::LaneOverlap(bit, false), at },
                        Of::BitY(Place::Lane(bit)) => Code { arm: Arm::LaneOverlap(bit, true), at },
                        Of::Parity(parity) => Code { arm: Arm::ParityOverlap, at: parity as u32 },
                    },
                    Micro::Flip(place, lanes, condition) => {
                        flip(*place, *lanes, *condition as u32, shape, own)
                    }
                };
                codes.push(code);
            }
            ends.push(codes.len());
            if !progress.advance(0.0, NANOS_PER_PASS) {
                return;
            }
        }
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

/// Writes where an X is done inside of registers, and tells the step.
fn flip<T: Real>(
    place: Place,
    lanes: Option<u32>,
    condition: u32,
    shape: &Shape,
    coefs: &mut [T],
) -> Code {
    let arm = match (place, lanes) {
        (Place::Register(bit), None) => return Code { arm: Arm::Flip(bit), at: condition },
        (Place::Register(bit), Some(_)) => Arm::FlipLanes(bit),
        (Place::Lane(bit), _) => Arm::LaneFlip(bit),
    };
    let width = 1 << shape.lanes.len();
    for lane in 0..width {
        let flips = lanes.unwrap_or(u32::MAX) >> lane & 1;
        coefs[lane] = T::from_f64(f64::from(1 - flips));
        coefs[width + lane] = T::from_f64(f64::from(flips));
    }
    Code { arm, at: condition }
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
