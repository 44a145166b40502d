//! Dense matrices.

use num_complex::Complex;

use super::{Elements, Part, Site, Split, Steps};
use crate::simd::{Coef, Kernel, Lanes, MAX_WIDTH, Real};
use crate::state::StateMut;

/// A dense `2**k x 2**k` matrix, row by row, on the `k` targets of a site.
pub struct Dense<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// Where.
    pub site: Site<'a>,
    /// The matrix, row by row, or those of all elements one after the other.
    pub matrix: &'a [Complex<f64>],
    /// The states of a batch.
    pub elements: Elements<'a>,
    /// Which share of the work on each.
    pub part: Part,
}

/// From this many qubits on, lane targets are not worth a table of `4**k` registers, and one
/// amplitude at a time is used instead.
const LANE_TABLE_QUBITS: usize = 8;

/// Rows that are summed up side by side: enough independent chains to fill two FMA ports of four
/// cycles' latency together with the two products per term, few enough to stay in registers.
const ROWS: usize = 4;

impl<T: Real> Kernel for Dense<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let split = Split::new::<L>(self.site, self.state.layout());
        // SAFETY: the caller's promise; `held` is told the right numbers.
        unsafe {
            match (split.num_high, split.num_low) {
                (1, 0) => self.held::<L, 2, 1>(&split),
                (0, 1) => self.held::<L, 1, 2>(&split),
                (2, 0) => self.held::<L, 4, 1>(&split),
                (1, 1) => self.held::<L, 2, 2>(&split),
                (0, 2) => self.held::<L, 1, 4>(&split),
                (high, low) => {
                    for (element, &offset) in self.elements.offsets.iter().enumerate() {
                        let state = &self.state.shifted(offset);
                        let matrix = &self.matrix[element * self.elements.step..];
                        let one = Dense { state, matrix, elements: Elements::ONE, ..self };
                        if low > 0 && high + low > LANE_TABLE_QUBITS {
                            one.streamed::<T::Scalar>(&Split::new::<T::Scalar>(
                                split.site,
                                split.layout,
                            ));
                        } else {
                            one.streamed::<L>(&split);
                        }
                    }
                }
            }
        }
    }
}

impl<T: Real> Dense<'_, T> {
    /// One and two targets: the whole matrix is held in registers during the walk. `R` registers
    /// per stop, and `P` settings of the targets inside each.
    ///
    /// Row `i` is the sum over registers `j` and lane flips `s` of `m[i][j][s] * flip(x[j], s)`,
    /// where `m` has its own entry per lane.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `R = 2**high` and `P = 2**low` for the targets of `split`.
    #[inline(always)]
    unsafe fn held<L: Lanes<Real = T>, const R: usize, const P: usize>(&self, split: &Split<'_>) {
        // Loops, not closures: a closure that is not inlined is compiled without the CPU's features,
        // and every intrinsic in it is a call.
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            let origin = self.state.origin();
            let uniform = P == 1 && !split.has_lane_controls();
            let mut at = [origin; R];
            let mut rows = [0; R];
            for i in 0..R {
                at[i] = origin.offset(split.offset(i));
                rows[i] = split.row_of_high(i);
            }
            let mut flips = [L::perm([0; MAX_WIDTH]); P];
            for s in 1..P {
                flips[s] = split.flip::<L>(s);
            }
            let mut m = [[[Coef::<L>::splat(Complex::ZERO); P]; R]; R];
            let mut steps = Steps::empty();
            let first = split.stops::<L>(&mut steps, self.part);
            for (element, &offset) in self.elements.offsets.iter().enumerate() {
                if element == 0 || self.elements.step != 0 {
                    let matrix = &self.matrix[element * self.elements.step..];
                    for i in 0..R {
                        for j in 0..R {
                            for s in 0..P {
                                m[i][j][s] = if uniform {
                                    Coef::splat(matrix[rows[i] * R + rows[j]])
                                } else {
                                    let mut lanes = [Complex::ZERO; MAX_WIDTH];
                                    for lane in 0..L::WIDTH {
                                        lanes[lane] = entry(matrix, split, [rows[i], rows[j]], s, lane);
                                    }
                                    Coef::new(lanes)
                                };
                            }
                        }
                    }
                }
                let mut at = at;
                for i in 0..R {
                    at[i] = at[i].offset(offset);
                }
                let mut stops = first;
                while let Some(stop) = stops.next(&at) {
                    let zero = L::splat(Complex::default());
                    let mut x = [zero; R];
                    for j in 0..R {
                        x[j] = L::load(at[j].offset(stop));
                    }
                    let mut y = [zero; R];
                    for j in 0..R {
                        for s in 0..P {
                            let x = if s == 0 { x[j] } else { L::permute(x[j], flips[s]) };
                            let swapped = L::swap_re_im(x);
                            for i in 0..R {
                                y[i] = if j == 0 && s == 0 {
                                    m[i][j][s].mul(x, swapped)
                                } else {
                                    m[i][j][s].mul_add(x, swapped, y[i])
                                };
                            }
                        }
                    }
                    for i in 0..R {
                        L::store(at[i].offset(stop), y[i]);
                    }
                }
            }
        }
    }

    /// Any number of targets: the `2**k` inputs of a stop are held in scratch, and the matrix
    /// streams past them, four rows at a time.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    #[inline(always)]
    unsafe fn streamed<L: Lanes<Real = T>>(&self, split: &Split<'_>) {
        let (regs, flips) = (1 << split.num_high, 1usize << split.num_low);
        let dim = regs * flips;
        let uniform = flips == 1 && !split.has_lane_controls();
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            let mut perms = Vec::with_capacity(flips);
            for s in 0..flips {
                perms.push(split.flip::<L>(s));
            }
            let rows: Vec<usize> = (0..regs).map(|i| split.row_of_high(i)).collect();
            // Where lanes differ: the coefficients in the order in which they are used.
            let mut table: Vec<Coef<L>> = Vec::new();
            if !uniform {
                table.reserve_exact(regs.max(ROWS) * dim);
                for block in (0..regs).step_by(ROWS) {
                    for column in 0..dim {
                        let (j, s) = (column / flips, column % flips);
                        for i in block..block + ROWS {
                            let mut lanes = [Complex::ZERO; MAX_WIDTH];
                            if i < regs {
                                for lane in 0..L::WIDTH {
                                    lanes[lane] = entry(self.matrix, split, [rows[i], rows[j]], s, lane);
                                }
                            }
                            table.push(Coef::new(lanes));
                        }
                    }
                }
            }
            let mut inputs = vec![(L::splat(Complex::default()), L::splat(Complex::default())); dim];
            let origin = self.state.origin();
            let mut places = Vec::with_capacity(regs);
            for i in 0..regs {
                places.push(origin.offset(split.offset(i)));
            }
            let mut steps = Steps::empty();
            let mut stops = split.stops::<L>(&mut steps, self.part);
            while let Some(stop) = stops.next(&places) {
                for (j, place) in places.iter().enumerate() {
                    let x = L::load(place.offset(stop));
                    for (s, &perm) in perms.iter().enumerate() {
                        let x = if s == 0 { x } else { L::permute(x, perm) };
                        inputs[j * flips + s] = (x, L::swap_re_im(x));
                    }
                }
                for block in (0..regs).step_by(ROWS) {
                    let mut y = [L::splat(Complex::default()); ROWS];
                    let used = ROWS.min(regs - block);
                    if uniform {
                        let mut row = [self.matrix; ROWS];
                        for i in 0..ROWS {
                            let at = rows[(block + i).min(regs - 1)] * dim;
                            row[i] = &self.matrix[at..at + dim];
                        }
                        for (column, &(x, swapped)) in inputs.iter().enumerate() {
                            let entry = rows[column];
                            for i in 0..ROWS {
                                y[i] = Coef::<L>::splat(row[i][entry]).mul_add(x, swapped, y[i]);
                            }
                        }
                    } else {
                        let coefs = table[block * dim..(block + ROWS) * dim].chunks_exact(ROWS);
                        for (coefs, &(x, swapped)) in coefs.zip(&inputs) {
                            for i in 0..ROWS {
                                y[i] = coefs[i].mul_add(x, swapped, y[i]);
                            }
                        }
                    }
                    for i in 0..used {
                        L::store(places[block + i].offset(stop), y[i]);
                    }
                }
            }
        }
    }
}

/// What lane `lane` of the output register with settings `row` of the high targets takes of lane
/// `lane` flipped by `s` of the input register with settings `column`.
#[inline(always)]
fn entry(
    matrix: &[Complex<f64>],
    split: &Split<'_>,
    [row, column]: [usize; 2],
    s: usize,
    lane: usize,
) -> Complex<f64> {
    if split.active(lane) {
        let row = row ^ split.row_of_lane(lane);
        let column = column ^ split.row_of_lane(lane ^ split.lane_flip(s));
        matrix[(row << split.site.targets.len()) + column]
    } else if row == column && s == 0 {
        Complex::ONE
    } else {
        Complex::ZERO
    }
}
