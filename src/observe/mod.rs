//! The verbs that read a state, draw from it, and collapse it.

use num_complex::Complex64;

use crate::apply::{nanos_to_sweep, sweep};
use crate::error::{Error, Result};
use crate::exec::{self, Crew, each_state, each_state_mut};
use crate::kernels::reduce::{
    Bins, Density, Image, Inner, NEIGHBOURS, Neighbours, Norm, SharedBins, Span, Weighted,
};
use crate::kernels::sweep::Task;
use crate::kernels::{Chunk, Site};
use crate::layout::{Layout, Pairing};
use crate::progress::Progress;
use crate::simd::{Real, on_widest};
use crate::state::{StateRef, States, StatesMut};

mod application;
mod binomial;
mod bloch;
mod cdf;
mod collapse;
mod correlations;
mod density;
mod kraus;
mod observable;
mod pauli_sum;
mod sample;
mod top;

pub use crate::philox::uniforms;
pub use application::SumApplier;
pub use binomial::MAX_SHOTS;
pub use bloch::{bloch_vectors, nanos_to_bloch_vectors};
pub use collapse::{draw, measure, nanos_to_collapse, project};
pub use correlations::{Letter, correlations, nanos_to_correlations};
pub use density::{nanos_to_trace, trace};
pub use kraus::{
    Channel, apply_one_kraus, nanos_of_one_kraus, nanos_of_trajectory_step, trajectory_step,
};
pub(crate) use observable::PreparedSum;
pub use observable::{Observable, Prepared, Reading, hermitian};
pub(crate) use pauli_sum::grouped;
pub use pauli_sum::{SumReader, expectation};
pub use sample::{Reader, counts, nanos_to_count, nanos_to_sample, sample};
pub use top::{Overview, most_probable, one_by_one, overview};

/// A leaf of a sum's tree has `2**LEAF_BITS` amplitudes: 64 KiB, which is the size of one or two L1 caches.
const LEAF_BITS: usize = 12;

/// Estimate for reading an amplitude and adding its square.
const NANOS_PER_AMPLITUDE: f64 = 0.8;

/// Estimate for reading a state once.
pub fn nanos(num_qubits: usize) -> f64 {
    (1i64 << num_qubits) as f64 * NANOS_PER_AMPLITUDE
}

/// As [`nanos`], for a state of a batch: it adds the cost of beginning with it.
pub fn nanos_to_read(num_qubits: usize) -> f64 {
    nanos(num_qubits) + 30.0
}

/// The norm, `sqrt(sum |a|**2)`, summed in double precision.
///
/// Where squares overflow or underflow, they are summed anew from amplitudes scaled by a power of two. So the norm
/// is as good for all amplitudes that are finite.
pub fn norm<T: Real>(state: StateRef<'_, T>, crew: Crew) -> f64 {
    Norms::new(state.layout()).of(state, crew)
}

/// Whether outcomes can be drawn from a state: its squares, without scaling, add up to a finite number above 0.
pub fn has_weight<T: Real>(state: StateRef<'_, T>, crew: Crew) -> bool {
    let squares = Norms::new(state.layout()).squares(state, None, crew);
    squares.is_finite() && squares > 0.0
}

/// The norm of each state, in C order.
///
/// # Panics
/// Where `out` has not as many elements.
pub fn norms<T: Real>(states: States<'_, T>, out: &mut [f64], crew: Crew) {
    assert_eq!(out.len(), states.len(), "a number for each state");
    let norms = Norms::new(states.layout());
    let batch = states.layout().batch_or_one();
    if norms.run == 0
        && batch.strides.last() == Some(&states.layout().unit())
        && let Some(&row) = batch.shape.last().filter(|&&row| row > 1)
    {
        return norms.of_neighbours(states, row, out, crew);
    }
    let (across, inside) = crew.shared_out(nanos(states.layout().num_qubits()));
    each_state(states, across, out, |_, state, out| out[0] = norms.of(state, inside));
}

/// How the norms of all states of one layout are read.
struct Norms {
    strides: Vec<[isize; 1]>,
    run: usize,
    origin: isize,
}

impl Norms {
    fn new(layout: &Layout) -> Norms {
        let strides = (0..layout.num_qubits()).map(|bit| [layout.stride(bit)]).collect();
        Norms { strides, run: layout.run().min(LEAF_BITS), origin: 0 }
    }

    /// The same for the part of a state where `bits` have the values of an outcome.
    fn of_outcome(layout: &Layout, bits: &[u8], outcome: u64) -> Norms {
        let kept = (0..layout.num_qubits()).filter(|&bit| !bits.contains(&(bit as u8)));
        let strides: Vec<[isize; 1]> = kept.map(|bit| [layout.stride(bit)]).collect();
        let unit = layout.unit();
        let run =
            strides.iter().enumerate().take_while(|(bit, [stride])| *stride == unit << bit).count();
        let values = (0..bits.len() as u32).map(|i| outcome >> (bits.len() as u32 - 1 - i) & 1);
        let offset = |(&bit, value): (&u8, u64)| match layout.flipped() >> bit & 1 ^ value {
            1 => layout.stride(bit.into()),
            _ => 0,
        };
        let origin = bits.iter().zip(values).map(offset).sum();
        Norms { strides, run: run.min(LEAF_BITS), origin }
    }

    fn of<T: Real>(&self, state: StateRef<'_, T>, crew: Crew) -> f64 {
        let squares = self.squares(state, None, crew);
        if (1.0 / HUGE..HUGE).contains(&squares) {
            return squares.sqrt();
        }
        // Large amplitudes are scaled down and small ones up, so that no square is out of range.
        let scale = if squares < 1.0 { SCALE } else { 1.0 / SCALE };
        self.squares(state, Some(scale), crew).sqrt() / scale
    }

    /// Those of all states, of which each row of `row` lies beside each other. One by one, each would read all of the
    /// memory of its row, which takes 34 to 170 times as long as for states that lie one after the other; this takes 1 to
    /// 4 times as long.
    fn of_neighbours<T: Real>(&self, states: States<'_, T>, row: usize, out: &mut [f64], crew: Crew) {
        let span = Span { strides: &self.strides, run: 0, origin: [self.origin] };
        let levels = self.strides.len().saturating_sub(LEAF_BITS) as u32;
        let parts = row.div_ceil(NEIGHBOURS);
        let mut found = vec![[0.0; NEIGHBOURS]; out.len() / row * parts];
        let place = |part: usize| {
            let (first, within) = (part / parts * row, part % parts * NEIGHBOURS);
            first + within..first + row.min(within + NEIGHBOURS)
        };
        let (across, inside) = crew.shared_out(nanos(self.strides.len()) * NEIGHBOURS as f64);
        let count = found.len();
        exec::split(across, count, &mut found, |range, found| {
            for (part, found) in range.zip(found) {
                let part = place(part);
                let Some(state) = states.part(part.start..part.start + 1).next() else { continue };
                let leaf =
                    |chunk| on_widest(crew.isa, Neighbours { state, count: part.len(), span, chunk });
                *found = exec::reduce(inside.threads, levels, leaf, |a, b| {
                    std::array::from_fn(|i| a[i] + b[i])
                });
            }
        });
        for (part, found) in found.iter().enumerate() {
            let part = place(part);
            for (out, &squares) in out[part.clone()].iter_mut().zip(found) {
                *out = squares;
            }
        }
        for (number, out) in out.iter_mut().enumerate() {
            *out = if (1.0 / HUGE..HUGE).contains(out) {
                out.sqrt()
            } else {
                states.part(number..number + 1).map(|state| self.of(state, crew)).sum()
            };
        }
    }

    fn squares<T: Real>(&self, state: StateRef<'_, T>, scale: Option<f64>, crew: Crew) -> f64 {
        let span = Span { strides: &self.strides, run: self.run, origin: [self.origin] };
        let levels = self.strides.len().saturating_sub(LEAF_BITS) as u32;
        let leaf = |chunk| on_widest(crew.isa, Norm { state, span, chunk, scale });
        exec::reduce(crew.threads, levels, leaf, |a, b| a + b)
    }
}

/// Sums of squares between this and its inverse have lost nothing to underflow or overflow.
const HUGE: f64 = f64::from_bits((1023 + 900) << 52);

/// A power of two that brings the square of any amplitude of double precision into range.
const SCALE: f64 = f64::from_bits((1023 + 600) << 52);

/// The work of [`normalize`], in nanoseconds of one thread.
pub fn nanos_to_normalize(layout: &Layout) -> f64 {
    let n = layout.num_qubits();
    layout.states() as f64 * (nanos_to_read(n) + nanos_to_sweep(n))
}

/// Scales each state to norm 1.
///
/// All are read before anything is written.
///
/// # Errors
/// [`Error::NoNorm`] where a state has norm 0, or a NaN or an infinity.
///
/// ```
/// use num_complex::Complex64;
/// use numket::{exec::Crew, layout::Layout, observe, state::StatesMut};
///
/// let mut psi = [Complex64::new(3e200, 0.0), Complex64::new(0.0, 4e200)];
/// let layout = Layout::flat(1);
/// observe::normalize(&mut StatesMut::new(&mut psi, &layout), Crew::alone()?)?;
/// assert!((psi[0].re - 0.6).abs() < 1e-15 && (psi[1].im - 0.8).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
pub fn normalize<T: Real>(states: &mut StatesMut<'_, T>, crew: Crew) -> Result<()> {
    let mut norms = vec![0.0; states.len()];
    self::norms(states.as_ref(), &mut norms, crew);
    if !norms.iter().all(|norm| norm.is_finite() && *norm > 0.0) {
        return Err(Error::NoNorm);
    }
    let (across, inside) = crew.shared_out(nanos_to_sweep(states.layout().num_qubits()));
    each_state_mut(states, across, &mut norms, &Progress::unwatched(), |_, state, norm| {
        let mut norm = norm[0];
        exec::whole(|| {
            if norm < f64::MIN_POSITIVE * SCALE {
                // Numbers this small are subnormal, which have fewer digits: scaled up they have all.
                sweep(state, Task::Scale(SCALE), inside);
                norm = self::norm(state.as_ref(), inside);
            }
            for factor in factors::<T>(1.0, norm) {
                sweep(state, Task::Scale(factor), inside);
            }
        });
    });
    Ok(())
}

/// The quotient of two positive numbers as one factor; or as two factors, if one would be so large or small that
/// `T` has not all its digits there.
fn factors<T: Real>(over: f64, under: f64) -> impl Iterator<Item = f64> {
    let exponent = |x: f64| {
        // A subnormal number is scaled up first, to have an exponent of its own.
        let (x, below) = if x < f64::MIN_POSITIVE { (x * SCALE, 600) } else { (x, 0) };
        (x.to_bits() >> 52) as i64 - 1023 - below
    };
    let range = if size_of::<T>() == 4 { 120 } else { 1000 };
    let wanted = exponent(over) - exponent(under);
    let quarter = if wanted.abs() < range { 0 } else { wanted / 4 };
    let power = |exponent: i64| f64::from_bits(((1023 + exponent) as u64) << 52);
    let rest = (over * power(-quarter)) / (under * power(quarter));
    (quarter != 0).then(|| power(2 * quarter)).into_iter().chain([rest])
}

/// The inner product, `sum conj(bra) * ket`, summed in double precision. Both have as many qubits;
/// qubit by qubit they may lie differently in memory.
pub fn inner<T: Real>(bra: StateRef<'_, T>, ket: StateRef<'_, T>, crew: Crew) -> Complex64 {
    Inners::new(bra.layout(), ket.layout()).of(bra, ket, crew)
}

/// The inner product of each pair of states that meet, in C order; see [`States::pairs`].
///
/// # Errors
/// As there.
///
/// # Panics
/// Where `out` has not as many elements.
pub fn inners<T: Real>(
    bras: States<'_, T>,
    kets: States<'_, T>,
    out: &mut [Complex64],
    crew: Crew,
) -> Result<()> {
    let alone = [bras, kets].iter().all(|states| states.layout().batch().is_none());
    if alone && bras.layout().num_qubits() == kets.layout().num_qubits() {
        // Without a walk through pairs, which takes longer than reading the smallest states.
        out[0] = inner(bras.first(), kets.first(), crew);
        return Ok(());
    }
    let pairs = bras.pairs(kets)?;
    let [bra, ket] = pairs.layouts();
    let inners = Inners::new(bra, ket);
    assert_eq!(out.len(), pairs.len(), "a number for each pair");
    let (across, inside) = crew.shared_out(2.0 * nanos(bra.num_qubits()));
    exec::split(across, pairs.len(), out, |range, out| {
        for (out, [bra, ket]) in out.iter_mut().zip(pairs.part(range)) {
            *out = inners.of(bra, ket, inside);
        }
    });
    Ok(())
}

/// A number that is at most 1 but for rounding: what is above 1 by up to 1024 times the machine epsilon of the states
/// that it was read from becomes 1.
pub fn at_most_one(value: f64, epsilon: f64) -> f64 {
    if value <= 1.0 + 1024.0 * epsilon { value.min(1.0) } else { value }
}

/// How the inner products of all states of two layouts are read.
struct Inners(Pairing);

impl Inners {
    fn new(bra: &Layout, ket: &Layout) -> Inners {
        let mut pairing = bra.paired(ket);
        pairing.run = pairing.run.min(LEAF_BITS);
        Inners(pairing)
    }

    fn of<T: Real>(&self, bra: StateRef<'_, T>, ket: StateRef<'_, T>, crew: Crew) -> Complex64 {
        let Pairing { strides, run, origin } = &self.0;
        let span = Span { strides, run: *run, origin: *origin };
        let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
        let leaf = |chunk| on_widest(crew.isa, Inner { bra, ket, span, chunk });
        exec::reduce(crew.threads, levels, leaf, |a, b| a + b)
    }
}

/// The density matrix of the qubits that `bits` are (the first is the most significant bit of a row),
/// row by row: the trace over all others of `|psi><psi|`, summed in double precision.
///
/// # Panics
/// Where they are not distinct bits of the state.
pub fn density<T: Real>(state: StateRef<'_, T>, bits: &[u8], crew: Crew) -> Vec<Complex64> {
    let (k, (settings, strides)) = (bits.len(), settings_and_others(state.layout(), bits));
    let span = Span { strides: &strides, run: 0, origin: [0] };
    let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
    let leaf = |chunk| on_widest(crew.isa, Density { state, settings: &settings, span, chunk });
    let mut matrix = exec::reduce(crew.threads, levels, leaf, |mut a, b| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    });
    for row in 0..1 << k {
        for column in 0..row {
            matrix[(row << k) + column] = matrix[(column << k) + row].conj();
        }
    }
    matrix
}

/// The square of the norm of what a matrix on the qubits that `bits` are makes of a state, summed in double precision.
/// The first is the most significant bit of a row.
///
/// # Panics
/// Where they are not distinct bits of the state, or the matrix has not as many entries.
pub fn image<T: Real>(state: StateRef<'_, T>, matrix: &[Complex64], bits: &[u8], crew: Crew) -> f64 {
    let (settings, strides) = settings_and_others(state.layout(), bits);
    let settings = &settings[..];
    assert_eq!(matrix.len(), settings.len() * settings.len(), "a square matrix for these qubits");
    let span = Span { strides: &strides, run: 0, origin: [0] };
    let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
    let leaf = |chunk| on_widest(crew.isa, Image { state, matrix, settings, span, chunk });
    exec::reduce(crew.threads, levels, leaf, |a, b| a + b)
}

/// Where the amplitude of each setting of `bits` lies, the first of which is the most significant; and the strides of
/// all other bits.
fn settings_and_others(layout: &Layout, bits: &[u8]) -> (Vec<isize>, Vec<[isize; 1]>) {
    let k = bits.len();
    Site { targets: bits, controls: 0, values: 0 }.check(layout);
    let offset = |setting: usize| {
        let value =
            |i: usize, bit: u8| (setting >> (k - 1 - i) ^ (layout.flipped() >> bit) as usize) & 1;
        let of_bit = |(i, &bit): (usize, &u8)| value(i, bit) as isize * layout.stride(bit.into());
        bits.iter().enumerate().map(of_bit).sum()
    };
    let others = (0..layout.num_qubits()).filter(|&bit| !bits.contains(&(bit as u8)));
    ((0..1 << k).map(offset).collect(), others.map(|bit| [layout.stride(bit)]).collect())
}

/// The work of [`densities`] of `k` qubits, in nanoseconds of one thread.
pub fn nanos_to_reduce(layout: &Layout, k: usize) -> f64 {
    layout.states() as f64 * nanos(layout.num_qubits() + k)
}

/// The density matrices of the qubits that `bits` are in each state, in C order; see [`density()`].
///
/// # Panics
/// Where they are not distinct bits of the states, or `out` has not as many elements.
pub fn densities<T: Real>(states: States<'_, T>, bits: &[u8], out: &mut [Complex64], crew: Crew) {
    assert_eq!(out.len(), states.len() << (2 * bits.len()), "a matrix for each state");
    let (across, inside) = crew.shared_out(nanos(states.layout().num_qubits() + bits.len()));
    each_state(states, across, out, |_, state, matrix| {
        matrix.copy_from_slice(&density(state, bits, inside));
    });
}

/// The probabilities of the `2**k` outcomes of `bits` (the first is the most significant bit of an
/// outcome), written to `out`.
///
/// # Panics
/// Where `out` has not `2**k` elements.
pub fn probabilities<T: Real>(state: StateRef<'_, T>, bits: &[u8], out: &mut [f64], crew: Crew) {
    Outcomes::new(state.layout(), bits).of(state, out, crew);
}

/// The probabilities of the outcomes of `bits` in each state, in C order, `2**k` for each.
///
/// # Panics
/// Where `out` has not as many elements.
pub fn all_probabilities<T: Real>(states: States<'_, T>, bits: &[u8], out: &mut [f64], crew: Crew) {
    let outcomes = Outcomes::new(states.layout(), bits);
    assert_eq!(out.len(), states.len() << bits.len(), "one bin per outcome and state");
    let (across, inside) = crew.shared_out(nanos(states.layout().num_qubits()));
    each_state(states, across, out, |_, state, out| outcomes.of(state, out, inside));
}

/// How the probabilities of outcomes are read from all states of one layout.
struct Outcomes {
    /// For each bit of the state, its stride and what it adds to the outcome.
    strides: Vec<[isize; 2]>,
    /// The outcome at the origin.
    first: isize,
    num_bits: usize,
}

impl Outcomes {
    fn new(layout: &Layout, bits: &[u8]) -> Outcomes {
        let (strides, first) = outcome_strides(layout, bits);
        Outcomes { strides, first, num_bits: bits.len() }
    }

    fn of<T: Real>(&self, state: StateRef<'_, T>, out: &mut [f64], crew: Crew) {
        let Outcomes { strides, first, num_bits } = self;
        let unit = state.layout().unit();
        assert_eq!(out.len(), 1 << num_bits, "one bin per outcome");
        // If each outcome is one amplitude, probabilities are written, not added up. Otherwise bins would have to
        // be cleared first: 1.4 instead of 1.1 times reading and writing once, at 24 qubits.
        let alone = *num_bits == strides.len();
        let bins = |span: Span<'_, 2>, chunk: Chunk, bins: &SharedBins<'_>| {
            on_widest(crew.isa, Bins { state, span, chunk, bins, alone });
        };
        if *num_bits <= FEW_BINS {
            // Few outcomes: every leaf has bins of its own, added up in a fixed tree.
            let span = Span { strides, run: run_of_bins(unit, strides), origin: [0, *first] };
            let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
            let leaf = |chunk| {
                let mut own = [0.0; 1 << FEW_BINS];
                bins(span, chunk, &SharedBins::new(&mut own));
                own
            };
            let sums = exec::reduce(crew.threads, levels, leaf, |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                a
            });
            out.copy_from_slice(&sums[..out.len()]);
        } else {
            // Many outcomes: each setting of some bits, which are fixed, is one share of the work. The fixed
            // bits are outcome bits, so shares have no outcome in common, and each outcome is summed in one order
            // whatever the threads; and they have the largest strides, which leaves long rows to read.
            if !alone {
                out.fill(0.0);
            }
            let kept = (0..strides.len()).rev().filter(|&bit| strides[bit][1] != 0);
            let fixed: Vec<usize> = kept.take(FEW_BINS).collect();
            let rest = (0..strides.len()).filter(|bit| !fixed.contains(bit));
            let rest: Vec<[isize; 2]> = rest.map(|bit| strides[bit]).collect();
            let run = run_of_bins(unit, &rest);
            let out = SharedBins::new(out);
            exec::each(crew.threads, 1 << fixed.len(), |setting| {
                let mut origin = [0, *first];
                for (i, &bit) in fixed.iter().enumerate() {
                    let set = (setting >> i & 1) as isize;
                    origin[0] += set * strides[bit][0];
                    origin[1] += set * strides[bit][1];
                }
                bins(Span { strides: &rest, run, origin }, Chunk::WHOLE, &out);
            });
        }
    }
}

/// The sum of `weight * |a|**2`, or of `(weight - shift)**2 * |a|**2`, in double precision. The weight of an
/// amplitude is that of the outcome of `bits`, the first of which is the most significant bit.
///
/// # Panics
/// Where there are not `2**k` weights.
pub fn weighted<T: Real>(
    state: StateRef<'_, T>,
    bits: &[u8],
    weights: &[f64],
    shift: Option<f64>,
    crew: Crew,
) -> f64 {
    assert_eq!(weights.len(), 1 << bits.len(), "a weight for each outcome");
    let (strides, first) = outcome_strides(state.layout(), bits);
    let run = run_of_bins(state.layout().unit(), &strides);
    let span = Span { strides: &strides, run, origin: [0, first] };
    let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
    let leaf = |chunk| on_widest(crew.isa, Weighted { state, span, chunk, weights, shift });
    exec::reduce(crew.threads, levels, leaf, |a, b| a + b)
}

/// For each bit of a state, its stride and how the outcome of `bits` changes with it; and the outcome at
/// the origin.
fn outcome_strides(layout: &Layout, bits: &[u8]) -> (Vec<[isize; 2]>, isize) {
    let mut strides: Vec<[isize; 2]> =
        (0..layout.num_qubits()).map(|bit| [layout.stride(bit), 0]).collect();
    let mut first = 0;
    for (position, &bit) in bits.iter().rev().enumerate() {
        let flipped = layout.flipped() >> bit & 1 == 1;
        strides[usize::from(bit)][1] = if flipped { -(1 << position) } else { 1 << position };
        first += if flipped { 1 << position } else { 0 };
    }
    (strides, first)
}

/// For outcomes of up to this many qubits, each leaf has bins of its own.
const FEW_BINS: usize = 6;

/// How many of the lowest bits make a row: they are contiguous, for amplitudes of `unit` real numbers, in the first array, and have the strides `second` in
/// the second one.
fn run_of(unit: isize, strides: &[[isize; 2]], second: impl Fn(usize) -> isize) -> usize {
    let contiguous = |&(bit, stride): &(usize, &[isize; 2])| *stride == [unit << bit, second(bit)];
    strides.iter().enumerate().take_while(contiguous).count().min(LEAF_BITS)
}

/// As [`run_of`] for bins: all amplitudes of a row are in one bin, or each is in the next.
fn run_of_bins(unit: isize, strides: &[[isize; 2]]) -> usize {
    run_of(unit, strides, |_| 0).max(run_of(unit, strides, |bit| 1 << bit))
}

#[cfg(test)]
mod tests;
