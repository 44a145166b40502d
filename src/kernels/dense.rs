//! Dense matrices.

use num_complex::Complex;

use super::{Part, Site, Split};
use crate::simd::{Coef, Kernel, Lanes, Real};
use crate::state::StateMut;

/// A dense `2**k x 2**k` matrix, row by row, on the `k` targets of a site.
pub struct Dense<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// Where.
    pub site: Site<'a>,
    /// The matrix, row by row.
    pub matrix: &'a [Complex<f64>],
    /// Which share of the work.
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
                (high, low) if low > 0 && high + low > LANE_TABLE_QUBITS => {
                    self.streamed::<T::Scalar>(&Split::new::<T::Scalar>(split.site, split.layout));
                }
                _ => self.streamed::<L>(&split),
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
        let dim = R * P;
        let entry = |i: usize, j: usize, s: usize, lane: usize| -> Complex<f64> {
            if split.active(lane) {
                let row = split.row_of_high(i) | split.row_of_lane(lane);
                let flip = split.lane_flip(s);
                self.matrix[row * dim + (split.row_of_high(j) | split.row_of_lane(lane ^ flip))]
            } else {
                Complex::new(if i == j && s == 0 { 1.0 } else { 0.0 }, 0.0)
            }
        };
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            let m: [[[Coef<L>; P]; R]; R] = std::array::from_fn(|i| {
                std::array::from_fn(|j| {
                    std::array::from_fn(|s| {
                        if P == 1 && !split.has_lane_controls() {
                            Coef::splat(entry(i, j, s, 0))
                        } else {
                            Coef::new(|lane| entry(i, j, s, lane))
                        }
                    })
                })
            });
            let flips: [L::Perm; P] = std::array::from_fn(|s| {
                L::perm(std::array::from_fn(|lane| (lane ^ split.lane_flip(s)) % L::WIDTH))
            });
            let at: [_; R] = std::array::from_fn(|i| self.state.origin().offset(split.offset(i)));
            for [stop] in split.walk(self.part) {
                let x: [L::Reg; R] = std::array::from_fn(|j| L::load(at[j].offset(stop)));
                let mut y = [None; R];
                for j in 0..R {
                    for s in 0..P {
                        let x = if s == 0 { x[j] } else { L::permute(x[j], flips[s]) };
                        let swapped = L::swap_re_im(x);
                        for i in 0..R {
                            y[i] = Some(match y[i] {
                                None => m[i][j][s].mul(x, swapped),
                                Some(sum) => m[i][j][s].mul_add(x, swapped, sum),
                            });
                        }
                    }
                }
                for i in 0..R {
                    if let Some(y) = y[i] {
                        L::store(at[i].offset(stop), y);
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
        let zero = Complex::new(0.0, 0.0);
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            let perms: Vec<L::Perm> = (0..flips)
                .map(|s| L::perm(std::array::from_fn(|lane| (lane ^ split.lane_flip(s)) % L::WIDTH)))
                .collect();
            let offsets: Vec<isize> = (0..regs).map(|i| split.offset(i)).collect();
            let rows: Vec<usize> = (0..regs).map(|i| split.row_of_high(i)).collect();
            // Where lanes differ: the coefficients in the order in which they are used.
            let mut table: Vec<Coef<L>> = Vec::new();
            if !uniform {
                table.reserve_exact(regs.max(ROWS) * dim);
                for block in (0..regs).step_by(ROWS) {
                    for column in 0..dim {
                        let (j, s) = (column / flips, column % flips);
                        let flip = split.lane_flip(s);
                        for i in block..block + ROWS {
                            table.push(Coef::new(|lane| {
                                if i >= regs {
                                    zero
                                } else if split.active(lane) {
                                    let row = rows[i] | split.row_of_lane(lane);
                                    self.matrix[row * dim
                                        + (rows[j] | split.row_of_lane(lane ^ flip))]
                                } else {
                                    Complex::new(if i == j && s == 0 { 1.0 } else { 0.0 }, 0.0)
                                }
                            }));
                        }
                    }
                }
            }
            let mut inputs = vec![(L::splat(Complex::default()), L::splat(Complex::default())); dim];
            let origin = self.state.origin();
            for [stop] in split.walk(self.part) {
                for (j, &offset) in offsets.iter().enumerate() {
                    let x = L::load(origin.offset(stop + offset));
                    for (s, &perm) in perms.iter().enumerate() {
                        let x = if s == 0 { x } else { L::permute(x, perm) };
                        inputs[j * flips + s] = (x, L::swap_re_im(x));
                    }
                }
                for block in (0..regs).step_by(ROWS) {
                    let mut y = [L::splat(Complex::default()); ROWS];
                    let used = ROWS.min(regs - block);
                    if uniform {
                        let row: [&[Complex<f64>]; ROWS] = std::array::from_fn(|i| {
                            let at = rows[(block + i).min(regs - 1)] * dim;
                            &self.matrix[at..at + dim]
                        });
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
                        L::store(origin.offset(stop + offsets[block + i]), y[i]);
                    }
                }
            }
        }
    }
}
