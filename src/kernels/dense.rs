//! Dense matrices.

use num_complex::Complex;

use super::{Chunk, Deltas, Elements, Parts, Site, Split, lanes_where};
use crate::bits::mask_of;
use crate::layout::MAX_BITS;
use crate::simd::{Coef, Kernel, Lanes, MAX_WIDTH, Real, prefetch, rounded};
use crate::state::StateMut;

/// A dense `2**k x 2**k` matrix, row by row, on the `k` targets of a site.
pub struct Dense<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// Where.
    pub site: Site<'a>,
    /// The matrix, row by row, or those of all elements one after the other.
    pub matrix: &'a [Complex<f64>],
    /// What its entries are.
    pub parts: Parts,
    /// The states of a batch.
    pub elements: Elements<'a>,
    /// Which share of the work on each.
    pub chunk: Chunk,
}

/// A tile: how many rows, for how many neighbouring stops, are summed up side by side. Two sums each
/// are enough chains to fill two FMA ports of four cycles' latency, and they stay in 32 registers;
/// AVX2 spills some, but 2 x 2, which it holds, takes a fifth longer. Tiles of 2 x 4 take a tenth
/// less for five high targets and a fifth more for lane ones, 4 x 4 and 8 x 2 spill, and 8 x 1, with
/// a coefficient to load for each product, takes a fifth more.
const ROWS: usize = 4;
const STOPS: usize = 2;

/// Matrices of one target of which half of the parts are 0, so that half of the products are left out.
mod form {
    /// None are known to be.
    pub const GENERAL: usize = 0;
    /// All imaginary parts, as in H and RY.
    pub const REAL: usize = 1;
    /// The imaginary parts on the diagonal and the real parts beside it, as in RX.
    pub const CROSSED: usize = 2;
}

/// Matrices up to this many rows are arranged once for all stops; each thread does so for itself, in
/// 8 MiB at most. Larger ones are arranged tile by tile, at each stop: ten targets take an eighth longer
/// for it, but twelve would need half a gigabyte. (For eight it would be 2.7 times as long.)
const ARRANGED: usize = 512;

/// How many stops ahead of the sums their inputs are prefetched; 2 and 8 do as well. A tile asks for
/// its share: all at the start of a stop, when nothing is computed, take a tenth longer, and without
/// any, three targets of 22 qubits take half as long again.
const STOPS_AHEAD: usize = 4;

impl<T: Real> Kernel for Dense<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let split = Split::new::<L>(self.site, self.state.layout());
        // SAFETY: the caller's promise; `held` is told the right numbers.
        unsafe {
            match (split.num_high, split.num_low) {
                (0, 0) => self.held::<L, 1, 1, { form::GENERAL }>(&split),
                (1, 0) => match self.form() {
                    form::REAL => self.held::<L, 2, 1, { form::REAL }>(&split),
                    form::CROSSED => self.held::<L, 2, 1, { form::CROSSED }>(&split),
                    _ => self.held::<L, 2, 1, { form::GENERAL }>(&split),
                },
                (0, 1) => match self.form() {
                    form::REAL => self.held::<L, 1, 2, { form::REAL }>(&split),
                    form::CROSSED => self.held::<L, 1, 2, { form::CROSSED }>(&split),
                    _ => self.held::<L, 1, 2, { form::GENERAL }>(&split),
                },
                (2, 0) => self.held::<L, 4, 1, { form::GENERAL }>(&split),
                (1, 1) => self.held::<L, 2, 2, { form::GENERAL }>(&split),
                (0, 2) => self.held::<L, 1, 4, { form::GENERAL }>(&split),
                (_, low) => {
                    // A small state has no neighbouring stops, or no free bit for every lane target.
                    let spare = split.free(mask_of(self.site.targets)).count().checked_sub(low);
                    for (element, &offset) in self.elements.offsets.iter().enumerate() {
                        let state = &self.state.shifted(offset);
                        let matrix = &self.matrix[element * self.elements.stride..];
                        let one = Dense { state, matrix, elements: Elements::ONE, ..self };
                        match spare {
                            Some(spare) if 1 << spare >= STOPS => one.tiled::<L, STOPS>(&split),
                            Some(_) => one.tiled::<L, 1>(&split),
                            None => {
                                let split = Split::new::<T::Scalar>(self.site, split.layout);
                                one.tiled::<T::Scalar, 1>(&split);
                            }
                        }
                    }
                }
            }
        }
    }
}

impl<T: Real> Dense<'_, T> {
    /// Which form the matrix of one target has. Those of several elements are not asked: which of them come together
    /// depends on the number of threads.
    #[inline(always)]
    fn form(&self) -> usize {
        let &[a, b, c, d] = self.matrix else { return form::GENERAL };
        match (a.im == 0.0 && d.im == 0.0, b.im == 0.0 && c.im == 0.0, b.re == 0.0 && c.re == 0.0) {
            (true, true, _) => form::REAL,
            (true, false, true) => form::CROSSED,
            _ => form::GENERAL,
        }
    }

    /// Up to two targets: the whole matrix is held in registers during the walk. `R` registers
    /// per stop, and `P` settings of the targets inside each.
    ///
    /// Row `i` is the sum over registers `j` and lane flips `s` of `m[i][j][s] * flip(x[j], s)`,
    /// where `m` has its own entry per lane.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `R = 2**high` and `P = 2**low` for the targets of `split`.
    #[inline(always)]
    unsafe fn held<L: Lanes<Real = T>, const R: usize, const P: usize, const FORM: usize>(
        &self,
        split: &Split<'_>,
    ) {
        // Loops, not closures: a closure that is not inlined is compiled without the CPU's features,
        // and every intrinsic in it is a call.
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            self.elements.check::<L>(split.layout);
            let origin = self.state.origin();
            let controlled = split.has_lane_controls() || self.parts.keep_one();
            let apart = self.parts == Parts::Apart;
            let active = split.active_lanes::<L>();
            let mut at = [origin; R];
            let mut numbers = [0; R];
            for i in 0..R {
                at[i] = origin.offset(split.offset(i));
                numbers[i] = split.row_of_high(i);
            }
            let mut flips = [L::perm([0; MAX_WIDTH]); P];
            // Which entry each lane takes; without lane targets, all take the same.
            let mut picks = [[[[0; MAX_WIDTH]; P]; R]; R];
            for s in 1..P {
                flips[s] = split.flip::<L>(s);
            }
            if P > 1 {
                let size = (R * P) * (R * P);
                for lane in 0..L::WIDTH {
                    let first = self.elements.of_lane(lane) * size;
                    let to = split.row_of_lane(lane);
                    for s in 0..P {
                        let from = split.row_of_lane(lane ^ split.lane_flip(s));
                        for i in 0..R {
                            for j in 0..R {
                                picks[i][j][s][lane] =
                                    first + (numbers[i] ^ to) * (R * P) + (numbers[j] ^ from);
                            }
                        }
                    }
                }
            }
            let mut entries = [[[L::splat(Complex::default()); P]; R]; R];
            let mut m = [[[Coef::<L>::splat(Complex::ZERO); P]; R]; R];
            let mut deltas = Deltas::empty();
            let rows = split.rows::<L>(&mut deltas, self.chunk);
            for (element, &offset) in self.elements.offsets.iter().enumerate() {
                if element == 0 || self.elements.stride != 0 {
                    let matrix = &self.matrix[element * self.elements.stride..];
                    for i in 0..R {
                        for j in 0..R {
                            for s in 0..P {
                                if P == 1 {
                                    let entry = numbers[i] * R + numbers[j];
                                    m[i][j][s] = match apart {
                                        true => {
                                            Coef::splat_block(matrix[2 * entry], matrix[2 * entry + 1])
                                        }
                                        false => Coef::splat(matrix[entry]),
                                    };
                                    continue;
                                }
                                let picks = &picks[i][j][s];
                                let own = (&raw mut entries[i][j][s]).cast::<Complex<T>>();
                                if apart {
                                    let mut others = L::splat(Complex::default());
                                    let beside = (&raw mut others).cast::<Complex<T>>();
                                    for lane in 0..L::WIDTH {
                                        own.add(lane).write(rounded(matrix[2 * picks[lane]]));
                                        beside.add(lane).write(rounded(matrix[2 * picks[lane] + 1]));
                                    }
                                    m[i][j][s] = Coef::of_blocks(entries[i][j][s], others);
                                    continue;
                                }
                                for lane in 0..L::WIDTH {
                                    own.add(lane).write(rounded(matrix[picks[lane]]));
                                }
                                m[i][j][s] = Coef::of(entries[i][j][s]);
                            }
                        }
                    }
                }
                let mut at = at;
                for i in 0..R {
                    at[i] = at[i].offset(offset);
                }
                let mut stops = rows.stops;
                while let Some(first) = stops.next(&at) {
                    let mut stop = first;
                    for _ in 0..rows.len {
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
                                    let (m, first) = (m[i][j][s], j == 0 && s == 0);
                                    let real = FORM == form::REAL || (i == j && s == 0);
                                    y[i] = match (FORM == form::GENERAL, real) {
                                        (true, _) if first => m.mul(x, swapped),
                                        (true, _) => m.mul_add(x, swapped, y[i]),
                                        // Added to 0 at first, so that there is no -0 where the others are 0.
                                        (false, true) => m.mul_add_re(x, y[i]),
                                        (false, false) => m.mul_add_im(swapped, y[i]),
                                    };
                                }
                            }
                        }
                        for i in 0..R {
                            if controlled {
                                y[i] = self.parts.changed::<L>(active, y[i], x[i]);
                            }
                            L::store(at[i].offset(stop), y[i]);
                        }
                        stop += rows.step;
                    }
                }
            }
        }
    }

    /// Three targets and more: the inputs of `S` neighbouring stops are held in scratch, and the
    /// matrix streams past them, `ROWS` rows at a time.
    ///
    /// ```text
    /// for every S neighbouring stops:
    ///     x[j][s] = load(...)                                   for all inputs j and stops s
    ///     for every ROWS rows i:                                // a tile: 2 ROWS S sums in registers
    ///         re[i][s] = sum over j of m[i][j].re * x[j][s]
    ///         im[i][s] = sum over j of m[i][j].im * x[j][s]
    ///         y[i][s] = re[i][s] + i im[i][s]                   // one swap per row, none per input
    ///         store(y[i][s])
    /// ```
    ///
    /// A target inside a register is brought out first: it changes places with a free bit, `transpose`
    /// by `transpose`, when inputs are loaded, and goes back when outputs are stored. Every entry of the
    /// matrix is thus the same in all lanes. (Lane by lane, it is a table that leaves L1 from four
    /// targets on, and each entry serves one sum: four targets took 3.3 sweeps instead of 1.9.)
    ///
    /// # Safety
    /// As for [`Kernel::run`]; besides the targets there are `num_low + log2(S)` free bits or more.
    #[inline(always)]
    unsafe fn tiled<L: Lanes<Real = T>, const S: usize>(&self, split: &Split<'_>) {
        let (low, dim) = (split.num_low, 1usize << split.site.targets.len());
        // SAFETY: the CPU has the features; every stop plus offset is a register of the state.
        unsafe {
            // All between registers, by which rows have an order of their own: first the targets
            // that are there, then free bits with which those inside registers change places, and
            // last those that tell the neighbouring stops apart.
            let free = split.free(mask_of(split.site.targets)).map(|bit| bit as u8);
            let mut bits = [0; MAX_BITS];
            let mut width = 0;
            for bit in split.high().chain(free.take(low + S.ilog2() as usize)) {
                bits[width] = bit;
                width += 1;
            }
            let high_split =
                Split::new::<L>(Site { targets: &bits[..width], ..split.site }, split.layout);
            let mut places = Vec::with_capacity(dim * S);
            for i in 0..dim * S {
                places.push(self.state.origin().offset(high_split.offset(i)));
            }
            let mut rows = Vec::with_capacity(dim);
            for i in 0..dim {
                let lane = split.lane_flip(i & ((1 << low) - 1));
                rows.push(split.row_of_high(i >> low) ^ split.row_of_lane(lane));
            }
            let mut transposes = Vec::with_capacity(low);
            for bit in 0..low {
                let lane = split.lane_flip(1 << bit);
                transposes.push((split.flip::<L>(1 << bit), lanes_where::<L>(|at| at & lane != 0)));
            }
            let active = split.active_lanes::<L>();

            // The matrix in the order in which it is used, as pairs `(re, re)` and `(im, im)`.
            let mut matrix = Vec::new();
            let arranged = dim <= ARRANGED;
            if arranged {
                matrix.reserve_exact(dim * dim);
                for tile in rows.chunks_exact(ROWS) {
                    self.arrange(tile, &rows, &mut matrix);
                }
            }
            let sign = L::splat(Complex::new(T::from_f64(-1.0), T::from_f64(1.0)));
            let zero = [L::splat(Complex::default()); S];
            let mut inputs = vec![zero; dim];
            let mut outputs = vec![zero; dim];
            let in_memory = transposes.len() > ROWS.ilog2() as usize;
            let (mut deltas, mut deltas_ahead) = (Deltas::empty(), Deltas::empty());
            let mut stops = high_split.stops::<L>(&mut deltas, self.chunk);
            let mut ahead = high_split.stops::<L>(&mut deltas_ahead, self.chunk);
            for _ in 0..STOPS_AHEAD {
                let _ = ahead.next::<T>(&[]);
            }
            while let Some(stop) = stops.next::<T>(&[]) {
                let next = ahead.next::<T>(&[]).unwrap_or(stop);
                for (x, places) in inputs.chunks_exact_mut(ROWS).zip(places.chunks_exact(ROWS * S)) {
                    let mut tile = [zero; ROWS];
                    for r in 0..ROWS {
                        for s in 0..S {
                            tile[r][s] = L::load(places[r * S + s].offset(stop));
                        }
                    }
                    transpose_tile::<L, S>(&mut tile, &transposes);
                    x.copy_from_slice(&tile);
                }
                if in_memory {
                    transpose_rest::<L, S>(&mut inputs, &transposes);
                }
                let tiles = outputs.chunks_exact_mut(ROWS).zip(places.chunks_exact(ROWS * S));
                for (tile, ((y, places), old)) in tiles.zip(inputs.chunks_exact(ROWS)).enumerate() {
                    if !arranged {
                        matrix.clear();
                        self.arrange(&rows[tile * ROWS..][..ROWS], &rows, &mut matrix);
                    }
                    let first = if arranged { tile * ROWS * dim } else { 0 };
                    let matrix = &matrix[first..][..ROWS * dim];
                    for place in places {
                        prefetch(place.wrapping_offset(next));
                    }
                    let mut re = [zero; ROWS];
                    let mut im = [zero; ROWS];
                    for (x, column) in inputs.iter().zip(matrix.chunks_exact(ROWS)) {
                        for r in 0..ROWS {
                            let [m_re, m_im] = [L::splat(column[r][0]), L::splat(column[r][1])];
                            for s in 0..S {
                                re[r][s] = L::mul_add(m_re, x[s], re[r][s]);
                                im[r][s] = L::mul_add(m_im, x[s], im[r][s]);
                            }
                        }
                    }
                    let mut tile = [zero; ROWS];
                    for r in 0..ROWS {
                        for s in 0..S {
                            let sum = L::mul_add(sign, L::swap_re_im(im[r][s]), re[r][s]);
                            tile[r][s] = self.parts.changed::<L>(active, sum, old[r][s]);
                        }
                    }
                    transpose_tile::<L, S>(&mut tile, &transposes);
                    for r in 0..ROWS {
                        if in_memory {
                            y[r] = tile[r];
                        } else {
                            for s in 0..S {
                                L::store(places[r * S + s].offset(stop), tile[r][s]);
                            }
                        }
                    }
                }
                if in_memory {
                    transpose_rest::<L, S>(&mut outputs, &transposes);
                    for (y, places) in outputs.iter().zip(places.chunks_exact(S)) {
                        for s in 0..S {
                            L::store(places[s].offset(stop), y[s]);
                        }
                    }
                }
            }
        }
    }
}

impl<T: Real> Dense<'_, T> {
    /// Appends the entries of a tile in the order in which they are used.
    #[inline(always)]
    fn arrange(&self, tile: &[usize], columns: &[usize], to: &mut Vec<[Complex<T>; 2]>) {
        for &column in columns {
            for &row in tile {
                let entry = row * columns.len() + column;
                if self.parts == Parts::Apart {
                    let own: Complex<T> = rounded(self.matrix[2 * entry]);
                    let beside: Complex<T> = rounded(self.matrix[2 * entry + 1]);
                    to.push([own, Complex::new(beside.im, -beside.re)]);
                    continue;
                }
                let entry: Complex<T> = rounded(self.matrix[entry]);
                to.push([Complex::new(entry.re, entry.re), Complex::new(entry.im, entry.im)]);
            }
        }
    }
}

/// Exchanges lane bits with bits of the row, within a tile: bit `e` of the row with the lane bit of
/// `transposes[e]`, which brings over the lanes that differ in it and chooses those in which it is set.
///
/// # Safety
/// The CPU has the features of `L`.
#[inline(always)]
unsafe fn transpose_tile<L: Lanes, const S: usize>(
    tile: &mut [[L::Reg; S]; ROWS],
    transposes: &[(L::Perm, L::Mask)],
) {
    for e in 0..ROWS.ilog2() as usize {
        if e < transposes.len() {
            for r in 0..ROWS {
                if r >> e & 1 == 0 {
                    for s in 0..S {
                        // SAFETY: the caller's promise.
                        let transposed =
                            unsafe { transpose::<L>(tile[r][s], tile[r | 1 << e][s], transposes[e]) };
                        (tile[r][s], tile[r | 1 << e][s]) = transposed;
                    }
                }
            }
        }
    }
}

/// As [`transpose_tile`], for the bits of the row that tell tiles apart.
///
/// # Safety
/// The CPU has the features of `L`.
#[inline(always)]
unsafe fn transpose_rest<L: Lanes, const S: usize>(
    rows: &mut [[L::Reg; S]],
    transposes: &[(L::Perm, L::Mask)],
) {
    for (e, &by) in transposes.iter().enumerate().skip(ROWS.ilog2() as usize) {
        for pairs in rows.chunks_exact_mut(2 << e) {
            let (clear, set) = pairs.split_at_mut(1 << e);
            for (clear, set) in clear.iter_mut().zip(set) {
                for s in 0..S {
                    // SAFETY: the caller's promise.
                    (clear[s], set[s]) = unsafe { transpose::<L>(clear[s], set[s], by) };
                }
            }
        }
    }
}

/// The 2 x 2 transpose of lane bit and register.
///
/// # Safety
/// The CPU has the features of `L`.
#[inline(always)]
unsafe fn transpose<L: Lanes>(
    clear: L::Reg,
    set: L::Reg,
    (flip, upper): (L::Perm, L::Mask),
) -> (L::Reg, L::Reg) {
    // SAFETY: the caller's promise.
    unsafe {
        (L::select(upper, L::permute(set, flip), clear), L::select(upper, set, L::permute(clear, flip)))
    }
}
