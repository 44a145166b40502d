//! Sums over amplitudes. The layout alone fixes the order of every addition: there are always eight running
//! sums, whatever the lanes, and no fused operations. So neither the CPU nor the thread count changes a bit.

use std::marker::PhantomData;

use num_complex::Complex;

use super::{Chunk, Deltas, Walk};
use crate::simd::{Kernel, Lanes, Real};
use crate::state::StateRef;

/// Running sums kept side by side: one 512-bit register of doubles.
pub(super) const SUMS: usize = 8;

/// Adds the running sums in a fixed tree.
#[inline(always)]
pub(super) fn total(s: [f64; SUMS]) -> f64 {
    ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
}

/// The `2**run` amplitudes at a stop, as real numbers, of which each has one or two.
///
/// # Safety
/// They are amplitudes of the state.
#[inline(always)]
pub(super) unsafe fn reals<'a, T>(state: &StateRef<'a, T>, stop: isize, run: usize) -> &'a [T] {
    // SAFETY: the caller's promise.
    unsafe {
        let at = state.origin().offset(stop);
        std::slice::from_raw_parts(at, (state.layout().unit() as usize) << run)
    }
}

/// What `each` is told, one after the other: `|a|**2` of each amplitude.
#[inline(always)]
fn each_square<T: Real>(state: &StateRef<'_, T>, reals: &[T], mut each: impl FnMut(usize, f64)) {
    if state.layout().is_real() {
        for i in 0..reals.len() {
            each(i, reals[i].to_f64() * reals[i].to_f64());
        }
        return;
    }
    for (i, &[re, im]) in reals.as_chunks::<2>().0.iter().enumerate() {
        each(i, re.to_f64() * re.to_f64() + im.to_f64() * im.to_f64());
    }
}

/// The sum of `|a|**2`.
#[inline(always)]
fn squares<T: Real>(reals: &[T], sums: &mut [f64; SUMS]) {
    squares_of(reals, sums, |x| x.to_f64());
}

/// As [`squares`], where `number` first turns each real number into one of double precision.
#[inline(always)]
fn squares_of<T: Real>(reals: &[T], sums: &mut [f64; SUMS], number: impl Fn(T) -> f64) {
    let (blocks, rest) = reals.as_chunks::<SUMS>();
    for block in blocks {
        for i in 0..SUMS {
            let x = number(block[i]);
            sums[i] += x * x;
        }
    }
    for (sum, &x) in sums.iter_mut().zip(rest) {
        *sum += number(x) * number(x);
    }
}

/// Bits of a state to step over, with the strides of `N` arrays: the lowest `run` of them are a
/// contiguous row in the first array, the others are walked.
#[derive(Clone, Copy)]
pub struct Span<'a, const N: usize> {
    /// Strides of each bit.
    pub strides: &'a [[isize; N]],
    /// How many of the lowest bits are contiguous.
    pub run: usize,
    /// Where the walk starts.
    pub origin: [isize; N],
}

impl<const N: usize> Span<'_, N> {
    #[inline(always)]
    pub(super) fn walk<'s>(&self, deltas: &'s mut Deltas<N>, chunk: Chunk) -> Walk<'s, N> {
        Walk::new(deltas, self.strides[self.run..].iter().copied(), self.origin, chunk)
    }
}

/// The sum of `|a|**2` over a chunk of a state.
pub struct Norm<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// Its bits.
    pub span: Span<'a, 1>,
    /// Which chunk.
    pub chunk: Chunk,
    /// What the amplitudes are multiplied with, where their squares are out of range.
    pub scale: Option<f64>,
}

impl<T: Real> Kernel for Norm<'_, T> {
    type Real = T;
    type Out = f64;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> f64 {
        let mut sums = [0.0; SUMS];
        for [stop] in self.span.walk(&mut Deltas::empty(), self.chunk) {
            // SAFETY: every stop is the first of a contiguous row of the state.
            let reals = unsafe { reals(&self.state, stop, self.span.run) };
            match self.scale {
                None => squares(reals, &mut sums),
                Some(scale) => squares_of(reals, &mut sums, |x| x.to_f64() * scale),
            }
        }
        total(sums)
    }
}

/// How many neighbours [`Neighbours`] reads at most: 256 bytes of each row of complex128.
pub const NEIGHBOURS: usize = 16;

/// As [`Norm`], for states that lie beside each other, amplitude by amplitude, as the columns of a matrix do. Each sum
/// is that of the state alone, to the bit.
pub struct Neighbours<'a, T> {
    /// The first.
    pub state: StateRef<'a, T>,
    /// How many there are, up to [`NEIGHBOURS`].
    pub count: usize,
    /// Their bits, none of them contiguous.
    pub span: Span<'a, 1>,
    /// Which chunk.
    pub chunk: Chunk,
}

impl<T: Real> Kernel for Neighbours<'_, T> {
    type Real = T;
    type Out = [f64; NEIGHBOURS];

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> [f64; NEIGHBOURS] {
        assert!(self.count <= NEIGHBOURS && self.span.run == 0, "neighbours without rows of their own");
        let unit = self.state.layout().unit() as usize;
        let mut sums = [0.0; 2 * NEIGHBOURS];
        for [stop] in self.span.walk(&mut Deltas::empty(), self.chunk) {
            // SAFETY: the same amplitude of each state, one after the other.
            let reals = unsafe {
                let at = self.state.origin().offset(stop);
                std::slice::from_raw_parts(at, unit * self.count)
            };
            if let Ok(all) = <&[T; 2 * NEIGHBOURS]>::try_from(reals) {
                for (sum, x) in sums.iter_mut().zip(all) {
                    *sum += x.to_f64() * x.to_f64();
                }
                continue;
            }
            for (sum, x) in sums.iter_mut().zip(reals) {
                *sum += x.to_f64() * x.to_f64();
            }
        }
        std::array::from_fn(|i| if unit == 1 { sums[i] } else { sums[2 * i] + sums[2 * i + 1] })
    }
}

/// The sum of `conj(bra) * ket` over a chunk of two states.
pub struct Inner<'a, T> {
    /// The conjugated state, first array of the span.
    pub bra: StateRef<'a, T>,
    /// The other, second array of the span.
    pub ket: StateRef<'a, T>,
    /// The bits of both.
    pub span: Span<'a, 2>,
    /// Which chunk.
    pub chunk: Chunk,
}

impl<T: Real> Kernel for Inner<'_, T> {
    type Real = T;
    type Out = Complex<f64>;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> Complex<f64> {
        // With interleaved reals b and k: the real part is the sum of b[i] k[i], the imaginary part
        // that of b[i] k[i ^ 1], positive for even i and negative for odd i.
        let (mut straight, mut crossed) = ([0.0; SUMS], [0.0; SUMS]);
        let mut add = |i: usize, b: T, k: T, k_crossed: T| {
            straight[i] += b.to_f64() * k.to_f64();
            crossed[i] += b.to_f64() * k_crossed.to_f64();
        };
        for [bra, ket] in self.span.walk(&mut Deltas::empty(), self.chunk) {
            // SAFETY: every stop is the first of a contiguous row of both states.
            let (bra, ket) = unsafe {
                let run = self.span.run;
                (reals(&self.bra, bra, run), reals(&self.ket, ket, run))
            };
            let ((bra, bra_rest), (ket, ket_rest)) = (bra.as_chunks::<SUMS>(), ket.as_chunks::<SUMS>());
            for (b, k) in bra.iter().zip(ket) {
                for i in 0..SUMS {
                    add(i, b[i], k[i], k[i ^ 1]);
                }
            }
            for i in 0..bra_rest.len() {
                // A real amplitude may have no neighbour.
                add(i, bra_rest[i], ket_rest[i], *ket_rest.get(i ^ 1).unwrap_or(&ket_rest[i]));
            }
        }
        if self.bra.layout().is_real() {
            return Complex::new(total(straight), 0.0);
        }
        for sum in crossed.iter_mut().skip(1).step_by(2) {
            *sum = -*sum;
        }
        Complex::new(total(straight), total(crossed))
    }
}

/// Bins that several threads may fill at a time.
pub struct SharedBins<'a> {
    first: *mut f64,
    len: usize,
    exclusive: PhantomData<&'a mut [f64]>,
}

// SAFETY: a borrow of plain numbers, of which each thread reads and writes its own, as [`Bins::bins`] says.
unsafe impl Sync for SharedBins<'_> {}

impl<'a> SharedBins<'a> {
    /// The bins of a slice.
    pub fn new(bins: &'a mut [f64]) -> SharedBins<'a> {
        SharedBins { first: bins.as_mut_ptr(), len: bins.len(), exclusive: PhantomData }
    }

    /// Whether a span reaches no others than these bins.
    fn hold(&self, span: &Span<'_, 2>) -> bool {
        let (mut lowest, mut highest) = (span.origin[1], span.origin[1]);
        for &[_, stride] in span.strides {
            lowest += stride.min(0);
            highest += stride.max(0);
        }
        lowest >= 0 && (highest as usize) < self.len
    }
}

/// Adds the `|a|**2` of amplitudes to bins. The second array of the span tells the bin of each amplitude.
pub struct Bins<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// Its bits. The amplitudes of a row, which are those of the lowest `run` bits, are all in one bin or each
    /// in the next.
    pub span: Span<'a, 2>,
    /// Which chunk.
    pub chunk: Chunk,
    /// The bins: all that the span reaches, and nobody else uses those of this chunk meanwhile.
    pub bins: &'a SharedBins<'a>,
    /// Whether each bin has one amplitude only: then bins are written, not added to.
    pub alone: bool,
}

impl<T: Real> Kernel for Bins<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let run = self.span.run;
        let shared = run == 0 || self.span.strides[0][1] == 0;
        debug_assert!(self.bins.hold(&self.span), "a bin for each outcome");
        for [stop, bin] in self.span.walk(&mut Deltas::empty(), self.chunk) {
            // SAFETY: every stop is the first of a contiguous row of the state; the span reaches no other bins,
            // and those of this chunk are ours.
            unsafe {
                let reals = reals(&self.state, stop, run);
                let bin = self.bins.first.offset(bin);
                if shared {
                    let mut sums = [0.0; SUMS];
                    squares(reals, &mut sums);
                    *bin = if self.alone { total(sums) } else { *bin + total(sums) };
                } else {
                    let bins = std::slice::from_raw_parts_mut(bin, 1 << run);
                    if self.alone {
                        each_square(&self.state, reals, |i, square| bins[i] = square);
                    } else {
                        each_square(&self.state, reals, |i, square| bins[i] += square);
                    }
                }
            }
        }
    }
}

/// Up to `2**MAX_BESIDE` blocks are summed side by side.
pub const MAX_BESIDE: usize = 4;

/// What a block of amplitudes adds up to, in the order of their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BlockSum {
    /// The sum of `|a|**2`.
    pub total: f64,
    /// The sum of `|a|**2` times the index in the block: it changes where weight moves from one amplitude to
    /// another.
    pub moment: f64,
}

impl BlockSum {
    /// From eight running sums, to which the squares of the real numbers of a block are added in turn, and the
    /// same sums with each square times the number of its round.
    #[inline(always)]
    fn of(sums: [f64; SUMS], moments: [f64; SUMS]) -> BlockSum {
        let mut moment = total(moments);
        for (i, sum) in sums.iter().enumerate() {
            moment += i as f64 / SUMS as f64 * sum;
        }
        BlockSum { total: total(sums), moment }
    }
}

/// The sums of `2**beside` blocks, which take turns along the addresses: the bits that tell them apart are the
/// lowest. The bits inside a block may lie in any order. Each block is summed in the order of its indices, so the
/// layout of the state does not change a bit of the sums.
pub struct Blocks<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// The strides of the bits inside a block, the least significant first; negative for a flipped bit.
    pub inside: &'a [[isize; 1]],
    /// How many of them are contiguous.
    pub run: usize,
    /// Where the first amplitude of the block at the lowest address is.
    pub origin: isize,
    /// How many bits tell the blocks apart.
    pub beside: usize,
}

impl<T: Real> Kernel for Blocks<'_, T> {
    type Real = T;
    type Out = [BlockSum; 1 << MAX_BESIDE];

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> [BlockSum; 1 << MAX_BESIDE] {
        let mut blocks = [BlockSum::default(); 1 << MAX_BESIDE];
        let unit = self.state.layout().unit() as usize;
        let rows = if unit << self.run >= SUMS && self.beside == 0 { self.run } else { 0 };
        let strides = self.inside[rows..].iter().copied();
        let mut deltas = Deltas::empty();
        let walk = Walk::new(&mut deltas, strides, [self.origin], Chunk::WHOLE);
        if rows > 0 {
            let (mut sums, mut moments) = ([0.0; SUMS], [0.0; SUMS]);
            let mut round = 0.0;
            for [stop] in walk {
                // SAFETY: every stop is the first of a contiguous row of the state.
                let reals = unsafe { reals(&self.state, stop, rows) };
                for chunk in reals.as_chunks::<SUMS>().0 {
                    for i in 0..SUMS {
                        let square = chunk[i].to_f64() * chunk[i].to_f64();
                        sums[i] += square;
                        moments[i] += round * square;
                    }
                    round += 1.0;
                }
            }
            blocks[0] = BlockSum::of(sums, moments);
            return blocks;
        }
        // SAFETY: every stop is an amplitude of the first block, and those of the others follow.
        unsafe {
            match (self.beside, unit) {
                (0, 1) => in_turns::<T, 1, SUMS>(&self.state, walk, &mut blocks),
                (1, 1) => in_turns::<T, 2, SUMS>(&self.state, walk, &mut blocks),
                (2, 1) => in_turns::<T, 4, SUMS>(&self.state, walk, &mut blocks),
                (3, 1) => in_turns::<T, 8, SUMS>(&self.state, walk, &mut blocks),
                (_, 1) => in_turns::<T, 16, SUMS>(&self.state, walk, &mut blocks),
                (0, _) => in_turns::<T, 2, { SUMS / 2 }>(&self.state, walk, &mut blocks),
                (1, _) => in_turns::<T, 4, { SUMS / 2 }>(&self.state, walk, &mut blocks),
                (2, _) => in_turns::<T, 8, { SUMS / 2 }>(&self.state, walk, &mut blocks),
                (3, _) => in_turns::<T, 16, { SUMS / 2 }>(&self.state, walk, &mut blocks),
                _ => in_turns::<T, 32, { SUMS / 2 }>(&self.state, walk, &mut blocks),
            }
        }
        blocks
    }
}

/// The sums of blocks that take turns along the addresses: at each stop lies one amplitude of each, `REALS` real
/// numbers in all, and `ROUND` amplitudes of each make a round: as many as have eight real numbers.
//
// `REALS` is a constant, because a loop over rows of two amplitudes took four times as long.
//
/// # Safety
/// At each stop there are as many real numbers of the state.
#[inline(always)]
unsafe fn in_turns<T: Real, const REALS: usize, const ROUND: usize>(
    state: &StateRef<'_, T>,
    mut walk: Walk<'_, 1>,
    blocks: &mut [BlockSum],
) {
    // The sums of all blocks for the amplitudes 0, 1, ... of each round.
    let mut sums = [[0.0; REALS]; ROUND];
    let mut moments = [[0.0; REALS]; ROUND];
    let mut round = 0.0;
    'all: loop {
        for i in 0..ROUND {
            let Some([stop]) = walk.next() else { break 'all };
            // SAFETY: the caller's promise.
            let row = unsafe { &*state.origin().offset(stop).cast::<[T; REALS]>() };
            for j in 0..REALS {
                let square = row[j].to_f64() * row[j].to_f64();
                sums[i][j] += square;
                moments[i][j] += round * square;
            }
        }
        round += 1.0;
    }
    for (block, out) in blocks.iter_mut().enumerate().take(REALS * ROUND / SUMS) {
        let mut own = [[0.0; SUMS]; 2];
        for i in 0..SUMS {
            let unit = SUMS / ROUND;
            own[0][i] = sums[i / unit][unit * block + i % unit];
            own[1][i] = moments[i / unit][unit * block + i % unit];
        }
        *out = BlockSum::of(own[0], own[1]);
    }
}

/// Writes `|a|**2` of the amplitudes of one block in the order of their numbers.
pub struct Squares<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// As in [`Blocks`].
    pub inside: &'a [[isize; 1]],
    /// As in [`Blocks`].
    pub run: usize,
    /// Where amplitude 0 of the block is.
    pub origin: isize,
    /// One number for each amplitude.
    pub out: &'a mut [f64],
}

impl<T: Real> Kernel for Squares<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let strides = self.inside[self.run..].iter().copied();
        let mut deltas = Deltas::empty();
        let walk = Walk::new(&mut deltas, strides, [self.origin], Chunk::WHOLE);
        for ([stop], out) in walk.zip(self.out.chunks_exact_mut(1 << self.run)) {
            // SAFETY: every stop is the first of a contiguous row of the state.
            let reals = unsafe { reals(&self.state, stop, self.run) };
            each_square(&self.state, reals, |i, square| out[i] = square);
        }
    }
}

/// The sum of `weight * |a|**2`, or of `(weight - shift)**2 * |a|**2`, over a chunk of a state. The second array of
/// the span tells the index of each amplitude's weight.
pub struct Weighted<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// Its bits. The amplitudes of a row, which are those of the lowest `run` bits, all have one weight or each
    /// the next.
    pub span: Span<'a, 2>,
    /// Which chunk.
    pub chunk: Chunk,
    /// The weights.
    pub weights: &'a [f64],
    /// The shift; None for the first of the two sums.
    pub shift: Option<f64>,
}

impl<T: Real> Kernel for Weighted<'_, T> {
    type Real = T;
    type Out = f64;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> f64 {
        let run = self.span.run;
        let shared = run == 0 || self.span.strides[0][1] == 0;
        let (mut sums, mut rows) = ([0.0; SUMS], 0.0);
        for [stop, number] in self.span.walk(&mut Deltas::empty(), self.chunk) {
            // SAFETY: every stop is the first of a contiguous row of the state.
            let reals = unsafe { reals(&self.state, stop, run) };
            let of = |weight: f64| match self.shift {
                Some(shift) => (weight - shift) * (weight - shift),
                None => weight,
            };
            if shared {
                let mut row = [0.0; SUMS];
                squares(reals, &mut row);
                rows += of(self.weights[number as usize]) * total(row);
                continue;
            }
            let weights = &self.weights[number as usize..][..1 << run];
            each_square(&self.state, reals, |i, square| sums[i % SUMS] += of(weights[i]) * square);
        }
        rows + total(sums)
    }
}

/// The density matrix of some target bits, row by row, over a chunk of a state: the sum of `x conj(x)^T`, where
/// `x` are the amplitudes that differ only in the targets. Only the upper triangle is computed.
pub struct Density<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// Where the amplitude of each setting of the targets lies, seen from a stop.
    pub settings: &'a [isize],
    /// The other bits.
    pub span: Span<'a, 1>,
    /// Which chunk.
    pub chunk: Chunk,
}

impl<T: Real> Kernel for Density<'_, T> {
    type Real = T;
    type Out = Vec<Complex<f64>>;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> Vec<Complex<f64>> {
        let dim = self.settings.len();
        let mut sums = vec![Complex::default(); dim * dim];
        // The sums of one and two qubits stay in registers, which is three times as fast.
        match dim {
            2 => return self.few::<2>(sums),
            4 => return self.few::<4>(sums),
            _ => {}
        }
        let mut x: Vec<Complex<f64>> = vec![Complex::default(); dim];
        for [stop] in self.span.walk(&mut Deltas::empty(), self.chunk) {
            for (x, &setting) in x.iter_mut().zip(self.settings) {
                // SAFETY: every stop plus setting is an amplitude of the state.
                let amplitude = unsafe { self.state.at(stop + setting) };
                *x = Complex::new(amplitude.re.to_f64(), amplitude.im.to_f64());
            }
            for (row, sums) in sums.chunks_exact_mut(dim).enumerate() {
                for (sum, column) in sums[row..].iter_mut().zip(&x[row..]) {
                    *sum += x[row] * column.conj();
                }
            }
        }
        sums
    }
}

/// The square of the norm of a matrix times the state.
pub struct Image<'a, T> {
    /// The state.
    pub state: StateRef<'a, T>,
    /// The matrix, row by row.
    pub matrix: &'a [Complex<f64>],
    /// Where the amplitude of each setting of the targets lies, seen from a stop.
    pub settings: &'a [isize],
    /// The other bits.
    pub span: Span<'a, 1>,
    /// Which chunk.
    pub chunk: Chunk,
}

impl<T: Real> Kernel for Image<'_, T> {
    type Real = T;
    type Out = f64;

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) -> f64 {
        let dim = self.settings.len();
        let mut sums = vec![0.0; dim];
        let mut x: Vec<Complex<f64>> = vec![Complex::default(); dim];
        for [stop] in self.span.walk(&mut Deltas::empty(), self.chunk) {
            for (x, &setting) in x.iter_mut().zip(self.settings) {
                // SAFETY: every stop plus setting is an amplitude of the state.
                let amplitude = unsafe { self.state.at(stop + setting) };
                *x = Complex::new(amplitude.re.to_f64(), amplitude.im.to_f64());
            }
            for (sum, row) in sums.iter_mut().zip(self.matrix.chunks_exact(dim)) {
                let mut y = Complex::<f64>::default();
                for (entry, x) in row.iter().zip(&x) {
                    y += entry * x;
                }
                *sum += y.re * y.re + y.im * y.im;
            }
        }
        sums.iter().sum()
    }
}

impl<T: Real> Density<'_, T> {
    /// The same for a number of settings that is known here, with the same bits.
    #[inline(always)]
    fn few<const D: usize>(&self, mut out: Vec<Complex<f64>>) -> Vec<Complex<f64>> {
        let mut sums = [[Complex::<f64>::default(); D]; D];
        for [stop] in self.span.walk(&mut Deltas::empty(), self.chunk) {
            let mut x = [Complex::<f64>::default(); D];
            for i in 0..D {
                // SAFETY: every stop plus setting is an amplitude of the state.
                let amplitude = unsafe { self.state.at(stop + self.settings[i]) };
                x[i] = Complex::new(amplitude.re.to_f64(), amplitude.im.to_f64());
            }
            for row in 0..D {
                for column in row..D {
                    sums[row][column] += x[row] * x[column].conj();
                }
            }
        }
        out.copy_from_slice(sums.as_flattened());
        out
    }
}
