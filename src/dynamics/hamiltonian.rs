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
    Combine, Flip, Inner, Numbers, Products, ROW, ROW_BITS, Row, Row128, Run, Square, Step, Sum, Table,
    Total,
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
    /// How many amplitudes of a row there are.
    len: usize,
    within: Vec<isize>,
    /// For each bit of a row's number, how far apart two rows lie that differ in it.
    strides: Vec<isize>,
}

impl Places {
    fn new(layout: &Layout) -> Places {
        let strides: Vec<isize> = (0..layout.num_qubits()).map(|bit| layout.stride(bit)).collect();
        let (low, high) = strides.split_at(ROW_BITS.min(strides.len()));
        let offset = |index: u64| set_bits(index).map(|bit| low[bit]).sum();
        Places {
            len: 1 << low.len(),
            within: (0..1 << low.len()).map(offset).collect(),
            strides: high.to_vec(),
        }
    }

    fn offset(&self, row: usize) -> isize {
        set_bits(row as u64).map(|bit| self.strides[bit]).sum()
    }
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

/// The Hamiltonian that a sum is, which the sum keeps.
///
/// # Errors
/// [`Error::SumSize`](crate::error::Error::SumSize) and [`Error::NotHermitianSum`](crate::error::Error::NotHermitianSum).
pub fn of_sum<T: Real>(sum: &PauliSum, layout: &Layout, isa: Isa) -> Result<Arc<Hamiltonian<T>>> {
    sum.check_hermitian()?;
    of_any_sum(sum, layout, isa)
}

/// As [`of_sum`], also for a sum that is not Hermitian.
///
/// # Errors
/// [`Error::SumSize`](crate::error::Error::SumSize).
pub fn of_any_sum<T: Real>(sum: &PauliSum, layout: &Layout, isa: Isa) -> Result<Arc<Hamiltonian<T>>> {
    sum.check(layout.num_qubits())?;
    Ok(sum.kept(|known: &Hamiltonian<T>| known.fits(layout, isa), || Hamiltonian::new(sum, layout, isa)))
}

impl<T: Real> Hamiltonian<T> {
    /// Prepares it; None of it depends on the states.
    ///
    /// # Panics
    /// Where the sum has another number of qubits.
    pub fn new(sum: &PauliSum, layout: &Layout, isa: Isa) -> Hamiltonian<T> {
        assert!(sum.num_qubits() == layout.num_qubits(), "a sum for these states");
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
        let rows = 1usize << layout.num_qubits().saturating_sub(ROW_BITS);
        let scale = if radius > 0.0 { 2.0 / radius } else { 0.0 };
        let sum = prepared::<T>(sum, layout, isa, scale, [center, shift]);
        let each = NANOS_PER_AMPLITUDE + NANOS_PER_FLIP * sum.flips.len() as f64;
        let nanos = (rows * ROW) as f64 * each;
        Hamiltonian {
            sum,
            layout: layout.clone(),
            isa,
            places: Places::new(layout),
            rows,
            center,
            radius,
            shift,
            growth,
            nanos,
        }
    }

    /// Whether it is that for states of a layout.
    pub fn fits(&self, layout: &Layout, isa: Isa) -> bool {
        self.layout == *layout && self.isa == isa
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
    pub fn load(&self, state: StateRef<'_, T>, to: &mut [Row<T>], crew: Crew) {
        let to = Shared(to.as_mut_ptr());
        exec::run(crew.threads, |chunk| {
            let to = &to;
            for row in range(chunk, self.rows) {
                let from = state.origin().wrapping_offset(self.places.offset(row));
                // SAFETY: a row of the vector, which no other chunk has, and the amplitudes of one of the state.
                unsafe {
                    let to = &mut *to.0.add(row);
                    for (place, &offset) in self.places.within.iter().enumerate() {
                        let at = from.offset(offset);
                        (to.re[place], to.im[place]) = (at.read(), at.add(1).read());
                    }
                }
            }
        });
    }

    /// Copies a vector to a state, times a number `(re, im)`. It ends in any case, as no half of it is a state.
    pub fn store(&self, from: &[Row<T>], state: &mut StateMut<'_, T>, (re, im): (f64, f64), crew: Crew) {
        let (re, im) = (T::from_f64(re), T::from_f64(im));
        let to = Shared(state.origin());
        exec::whole(|| {
            exec::run(crew.threads, |chunk| {
                let to = &to;
                for row in range(chunk, self.rows) {
                    let first = to.0.wrapping_offset(self.places.offset(row));
                    let from = &from[row];
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
        exec::reduce(crew.threads, self.levels(), leaf, |a, b| [a[0] + b[0], a[1] + b[1]])
    }

    /// Writes real random numbers, the same for the same seed.
    pub fn randomize(&self, seed: u64, to: &mut [Row<T>]) {
        let mut numbers = uniforms(seed);
        for row in to {
            row.re[..self.places.len].fill_with(|| T::from_f64(numbers.next().expect("no end") - 0.5));
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
    let mut kinds: BTreeMap<(usize, bool, bool), Vec<Flip>> = BTreeMap::new();
    let low = |mask: u64| mask as usize & (ROW - 1);
    for ((x, odd), strings) in groups {
        // The sign that a string has is that of the amplitude it is brought to.
        let strings: Vec<(u64, f64)> =
            strings.into_iter().map(|(z, value)| (z, scale * value * sign(x & z))).collect();
        let numbers = prepared.numbers(&strings, low);
        let lanes = low(x) & ((1 << lane_bits) - 1);
        let flip = Flip { rows: (x >> ROW_BITS) as usize, within: low(x) ^ lanes, numbers };
        let tables = matches!(flip.numbers, Numbers::Table(_));
        kinds.entry((lanes, odd, tables)).or_default().push(flip);
    }
    for ((lanes, odd, tables), flips) in kinds {
        let start = prepared.flips.len();
        prepared.flips.extend(flips);
        prepared.runs.push(Run { lanes, odd, tables, flips: start..prepared.flips.len() });
    }
    prepared
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
