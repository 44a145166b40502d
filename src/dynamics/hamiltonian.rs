//! A sum of Pauli strings, Hermitian or not, prepared for the steps of a recurrence, and the vectors that it is applied to.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::bits::{set_bits, sign};
use crate::error::Result;
use crate::exec::{self, Crew};
use crate::kernels::Chunk;
use crate::kernels::pauli_sum::signed_sums;
use crate::kernels::recurrence::{
    Combine, Flip, Inner, Mix, Numbers, Products, ROW, ROW_BITS, Row, Row128, Run, Square, Step, Sum,
    Table, Total,
};
use crate::layout::Layout;
use crate::memory::room_for_state;
use crate::observe::{grouped, uniforms};
use crate::pauli_sum::PauliSum;
use crate::simd::{Isa, Real, on_widest};
use crate::state::{StateMut, StateRef};

use super::bound::spectrum;

/// More patterns of signs within a row than this are summed by a transform.
const FEW_PATTERNS: usize = 8;

/// Estimates for an amplitude: for reading and writing the vectors, and for each flip. A step takes 3.1 ns for Ising's
/// chain of 10 spins, which has 11 flips, and 3.5 ns for 14 spins with 15, on Zen 4; far more where L2 is too small.
const NANOS_PER_AMPLITUDE: f64 = 1.0;
const NANOS_PER_FLIP: f64 = 0.18;

/// By how much rounding the coefficients may make a sum larger, in units of the machine epsilon.
const ROUNDINGS: f64 = 16.0;

/// The machine epsilon of a precision.
pub fn epsilon<T: Real>() -> f64 {
    if size_of::<T>() == size_of::<f32>() { f32::EPSILON.into() } else { f64::EPSILON }
}

/// A step is cut into parts of `2**PART_BITS` rows at least, as to begin with one takes as long as half a row; and
/// into `2**MAX_LEVELS` at most. They are added up in a tree.
const PART_BITS: u32 = 4;
const MAX_LEVELS: u32 = 10;

/// Where the amplitudes of a state lie, as rows of a vector.
#[derive(Clone, Debug, PartialEq)]
struct Places {
    /// For each amplitude of a row.
    within: Vec<isize>,
    /// For each bit of a row's number, how far apart two rows lie that differ in it.
    strides: Vec<isize>,
}

impl Places {
    fn new(layout: &Layout, real: bool) -> Places {
        let strides: Vec<isize> = (0..layout.num_qubits()).map(|bit| layout.stride(bit)).collect();
        let (low, high) = strides.split_at(row_bits(real).min(strides.len()));
        let offset = |index: u64| set_bits(index).map(|bit| low[bit]).sum();
        Places { within: (0..1 << low.len()).map(offset).collect(), strides: high.to_vec() }
    }

    fn offset(&self, row: usize) -> isize {
        set_bits(row as u64).map(|bit| self.strides[bit]).sum()
    }
}

/// How many bits number the amplitudes of a row of a vector, which may hold real states alone.
fn row_bits(real: bool) -> usize {
    ROW_BITS + usize::from(real)
}

/// How far from its center an operator may let a series grow, as a logarithm: rounding grows with it.
pub const MAX_GROWTH: f64 = 4.0;

/// `2 (H - center) / radius`, where the radius is half the width of an interval around the center that holds all
/// eigenvalues of H.
///
/// Where H is not Hermitian, `center + i shift` is subtracted, and the numerical range of what is left, that is all
/// `<v|H|v>` for `v` of norm 1, lies in a rectangle around 0: its half widths are those of the spectra of `(H + H*)/2`
/// and of `(H - H*)/2i`. An ellipse around this rectangle has the foci `-radius` and `radius`, and the semi-axes
/// `radius cosh(growth)` and `radius sinh(growth)`.
pub struct Hamiltonian<T> {
    sum: Sum<T>,
    layout: Layout,
    isa: Isa,
    /// Whether its vectors hold real states alone, two amplitudes in the place of one.
    real: bool,
    places: Places,
    rows: usize,
    /// The middle of the interval.
    pub center: f64,
    /// Half its width.
    pub radius: f64,
    /// The middle of the interval of imaginary parts.
    pub shift: f64,
    /// 0 for a Hermitian sum.
    pub growth: f64,
    nanos: f64,
}

/// The Hamiltonian that a sum is, which the sum keeps. With `real`, its vectors hold real states alone.
///
/// # Errors
/// [`Error::SumSize`](crate::error::Error::SumSize), [`Error::NotHermitianSum`](crate::error::Error::NotHermitianSum),
/// and with `real` [`Error::NotRealOperator`](crate::error::Error::NotRealOperator).
pub fn of_sum<T: Real>(
    sum: &PauliSum,
    layout: &Layout,
    real: bool,
    isa: Isa,
) -> Result<Arc<Hamiltonian<T>>> {
    sum.check_hermitian()?;
    if real {
        sum.check_real()?;
    }
    kept(sum, layout, real, isa)
}

/// As [`of_sum`] for complex states, also for a sum that is not Hermitian.
///
/// # Errors
/// [`Error::SumSize`](crate::error::Error::SumSize).
pub fn of_any_sum<T: Real>(sum: &PauliSum, layout: &Layout, isa: Isa) -> Result<Arc<Hamiltonian<T>>> {
    kept(sum, layout, false, isa)
}

fn kept<T: Real>(sum: &PauliSum, layout: &Layout, real: bool, isa: Isa) -> Result<Arc<Hamiltonian<T>>> {
    sum.check(layout.num_qubits())?;
    let fits = |known: &Hamiltonian<T>| known.fits(layout, real, isa);
    Ok(sum.kept(fits, || Hamiltonian::new(sum, layout, real, isa)))
}

impl<T: Real> Hamiltonian<T> {
    /// Prepares it; None of it depends on the states.
    ///
    /// # Panics
    /// Where the sum has another number of qubits, or is not real and its vectors would be.
    pub fn new(sum: &PauliSum, layout: &Layout, real: bool, isa: Isa) -> Hamiltonian<T> {
        assert!(sum.num_qubits() == layout.num_qubits(), "a sum for these states");
        assert!(if real { sum.is_real() } else { !layout.is_real() }, "vectors for these states");
        let [hermitian, skew] = sum.re_im();
        let (low, high) = spectrum(&hermitian);
        // What rounds the sum to this precision must not take it beyond.
        let margin = 1.0 + ROUNDINGS * epsilon::<T>();
        let (center, mut radius) = (0.5 * (low + high), 0.5 * (high - low) * margin);
        let (mut shift, mut growth) = (0.0, 0.0);
        if !skew.terms().is_empty() {
            let (low, high) = spectrum(&skew);
            shift = 0.5 * (low + high);
            (radius, growth) = ellipse(radius, 0.5 * (high - low) * margin);
        }
        let rows = 1usize << layout.num_qubits().saturating_sub(row_bits(real));
        let scale = if radius > 0.0 { 2.0 / radius } else { 0.0 };
        let sum = prepared::<T>(sum, layout, real, isa, scale, [center, shift]);
        let each = NANOS_PER_AMPLITUDE + NANOS_PER_FLIP * sum.flips.len() as f64;
        let nanos = (rows * ROW) as f64 * each;
        Hamiltonian {
            sum,
            layout: layout.clone(),
            isa,
            real,
            places: Places::new(layout, real),
            rows,
            center,
            radius,
            shift,
            growth,
            nanos,
        }
    }

    /// Whether it is that for states of a layout.
    fn fits(&self, layout: &Layout, real: bool, isa: Isa) -> bool {
        self.layout == *layout && self.real == real && self.isa == isa
    }

    fn levels(&self) -> u32 {
        self.rows.ilog2().saturating_sub(PART_BITS).min(MAX_LEVELS)
    }

    /// Estimate for a step.
    pub fn nanos(&self) -> f64 {
        self.nanos
    }

    /// Sees to it that there is room for so many vectors.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::error::Error::Memory).
    pub fn room_for(&self, vectors: usize) -> Result<()> {
        room_for_state((self.rows * size_of::<Row<T>>()) as u128 * vectors as u128)
    }

    /// So many vectors, of zeros.
    pub fn vectors<const N: usize>(&self) -> [Vec<Row<T>>; N] {
        std::array::from_fn(|_| Row::zeros(self.rows))
    }

    /// Copies a state to a vector.
    ///
    /// # Panics
    /// Where only the vector is real.
    pub fn load(&self, state: StateRef<'_, T>, to: &mut [Row<T>], crew: Crew) {
        assert!(self.real == self.layout.is_real(), "a vector for this state");
        let to = Shared(to.as_mut_ptr());
        exec::run(crew.threads, |chunk| {
            let to = &to;
            for row in range(chunk, self.rows) {
                let from = state.origin().wrapping_offset(self.places.offset(row));
                // SAFETY: a row of the vector, which no other chunk has, and the amplitudes of one of the state.
                unsafe {
                    let to = &mut *to.0.add(row);
                    if self.real {
                        for (to, &offset) in to.numbers_mut().zip(&self.places.within) {
                            *to = from.offset(offset).read();
                        }
                        continue;
                    }
                    for (place, &offset) in self.places.within.iter().enumerate() {
                        let at = from.offset(offset);
                        (to.re[place], to.im[place]) = (at.read(), at.add(1).read());
                    }
                }
            }
        });
    }

    /// Copies a vector to a state, times a number `(re, im)`, which is real where the vector is. It ends in any case, as
    /// no half of it is a state.
    pub fn store(&self, from: &[Row<T>], state: &mut StateMut<'_, T>, (re, im): (f64, f64), crew: Crew) {
        let (re, im) = (T::from_f64(re), T::from_f64(im));
        let to = Shared(state.origin());
        exec::whole(|| {
            exec::run(crew.threads, |chunk| {
                let to = &to;
                for row in range(chunk, self.rows) {
                    let first = to.0.wrapping_offset(self.places.offset(row));
                    let from = &from[row];
                    if self.real {
                        for (&number, &offset) in from.numbers().zip(&self.places.within) {
                            // SAFETY: an amplitude of the state, which no other chunk has.
                            unsafe {
                                let at = first.offset(offset);
                                at.write(re * number);
                                if !self.layout.is_real() {
                                    at.add(1).write(T::default());
                                }
                            }
                        }
                        continue;
                    }
                    for (place, &offset) in self.places.within.iter().enumerate() {
                        let (a, b) = (from.re[place], from.im[place]);
                        // SAFETY: an amplitude of the state, which no other chunk has.
                        unsafe {
                            let at = first.offset(offset);
                            at.write(re * a - im * b);
                            at.add(1).write(re * b + im * a);
                        }
                    }
                }
            });
        });
    }

    /// The square of the norm of a vector.
    pub fn square(&self, vector: &[Row<T>], crew: Crew) -> f64 {
        let leaf = |chunk: Chunk| on_widest(self.isa, Square(&vector[range(chunk, self.rows)]));
        exec::reduce(crew.threads, self.levels(), leaf, |a, b| a + b)
    }

    /// `to += (re + i im) * from`, and the square of the norm of what comes of it.
    pub fn combine(&self, to: &mut [Row<T>], from: &[Row<T>], [re, im]: [f64; 2], crew: Crew) -> f64 {
        assert!(to.len() == self.rows && from.len() == self.rows, "vectors of this Hamiltonian");
        let to = Shared(to.as_mut_ptr());
        let leaf = |chunk: Chunk| {
            let to = &to;
            let range = range(chunk, self.rows);
            let from = &from[range.clone()];
            // SAFETY: rows of the vector, which no other chunk has.
            let to = unsafe { std::slice::from_raw_parts_mut(to.0.add(range.start), range.len()) };
            on_widest(self.isa, Combine { to, from, re, im })
        };
        exec::reduce(crew.threads, self.levels(), leaf, |a, b| a + b)
    }

    /// `<bra|ket>`.
    pub fn inner(&self, bra: &[Row<T>], ket: &[Row<T>], crew: Crew) -> [f64; 2] {
        let leaf = |chunk: Chunk| {
            let range = range(chunk, self.rows);
            on_widest(self.isa, Inner(&bra[range.clone()], &ket[range]))
        };
        let [re, im] =
            exec::reduce(crew.threads, self.levels(), leaf, |a, b| [a[0] + b[0], a[1] + b[1]]);
        if self.real { [re, 0.0] } else { [re, im] }
    }

    /// Writes real random numbers, the same for the same seed.
    pub fn randomize(&self, seed: u64, to: &mut [Row<T>]) {
        let mut numbers = uniforms(seed);
        for row in to {
            for number in row.numbers_mut().take(self.places.within.len()) {
                *number = T::from_f64(numbers.next().expect("no end") - 0.5);
            }
        }
    }

    /// Writes a vector times a number to another.
    pub fn scale(&self, from: &[Row<T>], to: &mut [Row<T>], factor: f64, crew: Crew) {
        let factor = T::from_f64(factor);
        exec::split(crew.threads, self.rows, to, |range, to| {
            for (to, from) in to.iter_mut().zip(&from[range]) {
                for place in 0..ROW {
                    to.re[place] = factor * from.re[place];
                    to.im[place] = factor * from.im[place];
                }
            }
        });
    }

    /// A step of a recurrence: see [`Step`]. The sum is that of this Hamiltonian.
    pub fn step(
        &self,
        current: &[Row<T>],
        next: &mut [Row<T>],
        (scale, older): (f64, f64),
        total: Option<(&mut [Row<T>], Adding)>,
        crew: Crew,
    ) -> Products {
        assert!(current.len() == self.rows && next.len() == self.rows, "vectors of this Hamiltonian");
        let total = total.map(|(to, adding)| {
            assert_eq!(to.len(), self.rows, "vectors of this Hamiltonian");
            let Adding { first, current, next, turned } = adding;
            Total { to: to.as_mut_ptr(), first, current, next, turned }
        });
        let shared = Shared((next.as_mut_ptr(), total));
        let leaf = |chunk: Chunk| {
            let Shared((next, total)) = *{ &shared };
            let (sum, current) = (&self.sum, current.as_ptr());
            let rows = range(chunk, self.rows);
            on_widest(self.isa, Step { sum, current, next, scale, older, total, rows })
        };
        exec::reduce(crew.threads, self.levels(), leaf, |a, b| Products {
            inner: a.inner + b.inner,
            square: a.square + b.square,
        })
    }
}

/// What a step adds up: see [`Total`].
#[derive(Clone, Copy, Debug)]
pub struct Adding {
    /// Whether what is there does not count.
    pub first: bool,
    /// What `current` is multiplied by.
    pub current: f64,
    /// What `next` is multiplied by.
    pub next: f64,
    /// Also by -i.
    pub turned: bool,
}

/// What threads share, each of which uses rows of its own.
struct Shared<P>(P);

// SAFETY: see above; all uses say why.
unsafe impl<P> Sync for Shared<P> {}

fn range(chunk: Chunk, rows: usize) -> Range<usize> {
    let range = chunk.range(rows as u64);
    range.start as usize..range.end as usize
}

/// The `radius` and the `growth` of an ellipse around a rectangle of these half widths, of which the second is not 0:
/// among all such ellipses one for which a series is shortest.
fn ellipse(width: f64, height: f64) -> (f64, f64) {
    let around = |number: i32| {
        let growth = 10f64.powf(0.05 * f64::from(number) - 3.0);
        let radius = (width / growth.cosh()).hypot(height / growth.sinh());
        // As many terms as a step has, for its length.
        let phase = MAX_GROWTH / growth;
        ((phase + 3.0 * phase.cbrt() + 25.0) / phase * radius, radius, growth)
    };
    let best = (0..=60).map(around).min_by(|a, b| a.0.total_cmp(&b.0)).expect("some");
    (best.1, best.2)
}

/// The strings of a sum as flips: less `center + i shift` times the identity, and times `scale`.
fn prepared<T: Real>(
    sum: &PauliSum,
    layout: &Layout,
    real: bool,
    isa: Isa,
    scale: f64,
    [center, shift]: [f64; 2],
) -> Sum<T> {
    let lane_bits = T::lane_bits(isa) + 1;
    let mut groups = grouped(sum, layout);
    for (odd, middle) in [(false, center), (true, shift)] {
        if middle != 0.0 {
            groups.entry((0, odd)).or_default().push((0, -middle));
        }
    }
    let mut prepared = Sum {
        lane_bits,
        runs: Vec::new(),
        flips: Vec::new(),
        tables: Vec::new(),
        rows: Vec::new(),
        within: Vec::new(),
        coefs: Vec::new(),
    };
    let mut kinds: BTreeMap<(usize, Mix, bool), Vec<Flip>> = BTreeMap::new();
    let low = |mask: u64| mask as usize & (ROW - 1);
    for ((x, odd), strings) in groups {
        // The sign that a string has is that of the amplitude it is brought to.
        let strings: Strings =
            strings.into_iter().map(|(z, value)| (z, scale * value * sign(x & z))).collect();
        let mixed = match real {
            true => on_parts(x, strings),
            false => vec![(x, if odd { Mix::TimesI } else { Mix::Kept }, strings)],
        };
        for (x, mix, strings) in mixed {
            let numbers = prepared.numbers(&strings, low);
            let lanes = low(x) & ((1 << lane_bits) - 1);
            let flip = Flip { rows: (x >> ROW_BITS) as usize, within: low(x) ^ lanes, numbers };
            let tables = matches!(flip.numbers, Numbers::Table(_));
            kinds.entry((lanes, mix, tables)).or_default().push(flip);
        }
    }
    for ((lanes, mix, tables), flips) in kinds {
        let start = prepared.flips.len();
        prepared.flips.extend(flips);
        prepared.runs.push(Run { lanes, mix, tables, flips: start..prepared.flips.len() });
    }
    prepared
}

/// The Z of strings with the same X, and their coefficients.
type Strings = Vec<(u64, f64)>;

/// Strings with the same X on a vector of real states, by what they do to the bit that tells the parts apart: what is
/// left of the X without this bit, and of the Z of each string.
fn on_parts(x: u64, strings: Strings) -> Vec<(u64, Mix, Strings)> {
    let flips = x >> ROW_BITS & 1 == 1;
    let others = |mask: u64| mask & (ROW as u64 - 1) | mask >> (ROW_BITS + 1) << ROW_BITS;
    let (signed, plain): (Vec<_>, Vec<_>) =
        strings.into_iter().partition(|&(z, _)| z >> ROW_BITS & 1 == 1);
    [(plain, false), (signed, true)]
        .into_iter()
        .filter(|(strings, _)| !strings.is_empty())
        .map(|(strings, signed)| {
            let (mix, factor) = match (flips, signed) {
                (false, false) => (Mix::Kept, 1.0),
                (false, true) => (Mix::Conjugate, 1.0),
                (true, false) => (Mix::Exchanged, 1.0),
                // To im and -re, which is -i times the amplitude.
                (true, true) => (Mix::TimesI, -1.0),
            };
            let strings = strings.into_iter().map(|(z, value)| (others(z), factor * value)).collect();
            (others(x), mix, strings)
        })
        .collect()
}

impl<T: Real> Sum<T> {
    fn push(&mut self, strings: &[(u64, f64)]) -> Range<usize> {
        let start = self.coefs.len();
        for &(z, value) in strings {
            self.rows.push((z >> ROW_BITS) as usize);
            self.within.push((z as usize & (ROW - 1)) as u16);
            self.coefs.push(value);
        }
        start..self.coefs.len()
    }

    /// The numbers of a flip, from the Z of its strings and their coefficients.
    fn numbers(&mut self, strings: &[(u64, f64)], low: impl Fn(u64) -> usize) -> Numbers {
        let (fixed, changing): (Vec<_>, Vec<_>) =
            strings.iter().copied().partition(|&(z, _)| z >> ROW_BITS == 0);
        if strings.iter().all(|&(z, _)| low(z) == 0) {
            let fixed = fixed.iter().map(|&(_, value)| value).sum();
            return Numbers::OfRow { fixed, terms: self.push(&changing) };
        }
        let mut sums = [0.0; ROW];
        fixed.iter().for_each(|&(z, value)| sums[low(z)] += value);
        signed_sums(&mut sums);
        let fixed = Row128(sums.map(T::from_f64));
        let mut patterns: BTreeMap<usize, Vec<(u64, f64)>> = BTreeMap::new();
        for &(z, value) in &changing {
            patterns.entry(low(z)).or_default().push((z, value));
        }
        let mut table = Table { fixed, patterns: Vec::new(), transformed: 0..0 };
        if patterns.len() <= FEW_PATTERNS {
            for (z, strings) in patterns {
                let signs = std::array::from_fn(|place| T::from_f64(sign((place & z) as u64)));
                table.patterns.push((Row128(signs), self.push(&strings)));
            }
        } else {
            table.transformed = self.push(&changing);
        }
        self.tables.push(table);
        Numbers::Table(self.tables.len() - 1)
    }
}
