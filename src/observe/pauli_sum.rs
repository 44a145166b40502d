//! Expectation values of sums of Pauli strings.
//!
//! A state is cut into rows (see [`kernels::pauli_sum`](crate::kernels::pauli_sum)). The X of a string takes row `r`
//! to row `r ^ x`. So choose a space of numbers that is closed under `^` and contains the `x` of many strings: each of
//! its cosets is a set of rows that these strings do not leave. A coset is copied together into cache, all these
//! strings are read there, and the state is read once for each space. 22 strings with one X each need two spaces on
//! 22 qubits, and a thousand random strings on 20 qubits some 60.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::application::{Applying, TILE_BITS, What};
use crate::bits::{bit_of, set_bits, sign};
use crate::exec::{self, Crew};
use crate::kernels::pauli_sum::{
    Expectation, Group, MAX_ROW_BITS, Pattern, Plain, Room, Rows, Set, Terms, signed_sums,
};
use crate::layout::Layout;
use crate::pauli_sum::PauliSum;
use crate::simd::{Real, on_widest};
use crate::state::StateRef;

/// How much is copied into cache at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sizes {
    /// Bits of a row.
    row: usize,
    /// Bits that number the rows of a set; at least one.
    set: usize,
}

/// A set of 512 KiB, half of an L2 cache of 1 MiB.
const SIZES: Sizes = Sizes { row: MAX_ROW_BITS, set: 8 };

/// Groups with more patterns of signs within a row than this are transformed: a transform costs about as much as
/// this many sums with signs.
const FEW_PATTERNS: usize = 3;

/// Estimate for copying an amplitude together.
const NANOS_TO_COPY: f64 = 0.8;

/// Estimate for an amplitude and a group of strings.
const NANOS_PER_GROUP: f64 = 0.15;

/// Estimate for an amplitude and a string of one X.
const NANOS_PER_FLIP: f64 = 0.1;

/// A sum is read as it is applied where that is estimated to take less than this of the time, as for the pairs of
/// XX + YY on chains and lattices; and on as many qubits, as fewer take no time.
const GAIN: f64 = 0.75;
const LEAST_QUBITS: usize = 9;

/// Sums of more strings are no chains and lattices, and it would take long to prepare them in two ways.
const MOST_TERMS: usize = 256;

/// The X of a group of strings, as a mask of bits of the address, and whether i is a factor: [`Group::odd`].
pub(crate) type Key = (u64, bool);

/// For each group, the Z (a mask) and the coefficient of each string.
pub(crate) type Grouped = BTreeMap<Key, Vec<(u64, f64)>>;

/// Groups the strings of a sum, on the bits of a state.
pub(crate) fn grouped(sum: &PauliSum, layout: &Layout) -> Grouped {
    let n = layout.num_qubits();
    let mut bits = vec![0u64; n];
    for (qubit, bit) in layout.qubit_bits().enumerate() {
        bits[bit_of(qubit, n)] = 1 << bit;
    }
    let on_bits = |mask: u64| set_bits(mask).fold(0, |mask, letter| mask | bits[letter]);
    let mut groups = Grouped::new();
    for &(string, coefficient) in sum.terms() {
        let (x, z) = (on_bits(string.x), on_bits(string.z));
        // A flipped bit is 1 where its qubit is 0.
        let value = coefficient * string.phase() * sign(z & layout.flipped());
        for (odd, part) in [(false, value.re), (true, value.im)] {
            if part != 0.0 {
                groups.entry((x, odd)).or_default().push((z, part));
            }
        }
    }
    groups
}

/// The groups of strings that are taken in one pass over copied rows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pass {
    groups: Vec<Group>,
    terms: Terms,
}

impl Pass {
    /// Adds the strings of a group. `partner` is the X in the coordinates of rows, and `coordinates` turns the Z
    /// between rows into such coordinates. With `once`, each pair of rows is met once, so coefficients are doubled.
    fn push(
        &mut self,
        (x, odd): Key,
        strings: &[(u64, f64)],
        row: usize,
        partner: usize,
        once: bool,
        coordinates: impl Fn(u64) -> u32,
    ) {
        let within = |mask: u64| (mask & ((1 << row) - 1)) as usize;
        let x = within(x);
        let mut patterns: Vec<usize> = strings.iter().map(|&(z, _)| within(z)).collect();
        patterns.sort_unstable();
        patterns.dedup();
        let few = patterns.len() <= FEW_PATTERNS;
        // One group for each pattern, or one group without.
        let patterns = if few { patterns.into_iter().map(Some).collect() } else { vec![None] };
        for pattern in patterns {
            let pivot = if once && pattern.is_some() { Group::pivot(partner, x) } else { 0 };
            let twice = if once && (partner != 0 || pivot != 0) { 2.0 } else { 1.0 };
            let start = self.terms.coefs.len();
            let chosen =
                strings.iter().filter(|(z, _)| pattern.is_none_or(|pattern| pattern == within(*z)));
            for &(z, coef) in chosen {
                self.terms.rows.push(z >> row);
                self.terms.coordinates.push(coordinates(z >> row));
                self.terms.within.push(within(z) as u16);
                self.terms.coefs.push(twice * coef);
            }
            let terms = start..self.terms.coefs.len();
            let pattern = pattern.map(|z| Pattern::new(z, pivot));
            let sums = Group::sums_after(&self.groups, &pattern);
            self.groups.push(Group { partner, x, odd, terms, pattern, sums });
        }
    }
}

/// A space of row numbers that is closed under `^`, and what is read on its cosets.
#[derive(Clone, Debug, PartialEq)]
struct Space {
    /// A basis, from the lowest; the highest bit of each vector is in no other. Coordinates refer to this basis.
    basis: Vec<u64>,
    /// All its members, in the order of their coordinates.
    members: Vec<u64>,
    plain: Plain,
    pass: Pass,
}

/// The representative of the coset of `row`: no vector's highest bit is in it. 0 if `row` is in the space.
fn reduced(basis: &[u64], row: u64) -> u64 {
    basis
        .iter()
        .fold(row, |row, &vector| if row >> vector.ilog2() & 1 == 1 { row ^ vector } else { row })
}

/// Adds a vector to a basis, if it is not yet in the space.
fn extend(basis: &mut Vec<u64>, row: u64) {
    let rest = reduced(basis, row);
    if rest != 0 {
        let highest = rest.ilog2();
        for vector in &mut *basis {
            if *vector >> highest & 1 == 1 {
                *vector ^= rest;
            }
        }
        basis.push(rest);
        basis.sort_unstable_by_key(|vector| vector.ilog2());
    }
}

/// How the expectation value of a Hermitian sum is read: the spaces, with their strings.
#[derive(Clone, Debug, PartialEq)]
struct Reading {
    rows: Rows,
    /// How many bits number the rows.
    row_bits: usize,
    /// The dimension of all spaces.
    dimension: usize,
    spaces: Vec<Space>,
}

impl Reading {
    fn new(sum: &PauliSum, layout: &Layout, sizes: Sizes) -> Reading {
        let n = layout.num_qubits();
        let row = sizes.row.min(n);
        let row_bits = n - row;
        // At least some cosets remain, for threads to share.
        let dimension = row_bits.min(sizes.set.min(row_bits.saturating_sub(3).max(4)));
        let mut groups = grouped(sum, layout);
        // On a real state their mean is 0.
        groups.retain(|&(_, odd), _| !(odd && layout.is_real()));
        let mut spaces: Vec<(Vec<u64>, Vec<Key>)> = Vec::new();
        for &key in groups.keys() {
            let x = key.0 >> row;
            let known = spaces.iter().position(|(basis, _)| reduced(basis, x) == 0);
            let room = || spaces.iter().position(|(basis, _)| basis.len() < dimension);
            let space = known.or_else(room).unwrap_or_else(|| {
                spaces.push(Default::default());
                spaces.len() - 1
            });
            extend(&mut spaces[space].0, x);
            spaces[space].1.push(key);
        }
        let rows = rows(layout, row);
        let spaces = spaces.into_iter().map(|(mut basis, keys)| {
            // Filled up with the lowest bits, so that longer stretches of memory are copied at a time.
            for bit in 0..row_bits {
                if basis.len() < dimension {
                    extend(&mut basis, 1 << bit);
                }
            }
            let member =
                |number: u64| set_bits(number).fold(0, |member, coordinate| member ^ basis[coordinate]);
            let coordinates = |z: u64| {
                let ones = |(i, vector): (usize, &u64)| ((z & vector).count_ones() & 1) << i;
                basis.iter().enumerate().map(ones).sum()
            };
            let (mut pass, mut plain) = (Pass::default(), Plain::default());
            for key in keys {
                let coordinate = |(i, vector): (usize, &u64)| {
                    (key.0 >> row >> vector.ilog2() & 1) as usize * (1 << i)
                };
                let partner: usize = basis.iter().enumerate().map(coordinate).sum();
                let strings = &groups[&key];
                let x = (partner as u64) << row | key.0 & ((1 << row) - 1);
                match (key.1, &strings[..]) {
                    (false, &[(0, coef)]) if x.is_power_of_two() => {
                        // A row of less than a block is filled up to one, which shifts the bits after it.
                        let bit = x.ilog2() as usize;
                        let bit = if bit < row { bit } else { bit - row + rows.bits() };
                        plain.flips.resize(plain.flips.len().max(bit + 1), 0.0);
                        plain.flips[bit] = 2.0 * coef;
                    }
                    (false, _) if x == 0 => {
                        let (within, across): (Vec<_>, Vec<_>) =
                            strings.iter().partition(|(z, _)| z >> row == 0);
                        plain.squares = squares(&within, &rows);
                        if !across.is_empty() {
                            pass.push(key, &across, row, partner, true, coordinates);
                        }
                    }
                    _ => pass.push(key, strings, row, partner, true, coordinates),
                }
            }
            Space { members: (0..1 << dimension).map(member).collect(), basis, plain, pass }
        });
        let spaces = spaces.collect();
        Reading { rows, row_bits, dimension, spaces }
    }

    /// The first row of a coset, by its index: the rows in which no vector's highest bit is set, in order.
    fn first(&self, space: &Space, coset: u64) -> u64 {
        let highest = space.basis.iter().fold(0u64, |mask, vector| mask | 1 << vector.ilog2());
        let free = set_bits(((1 << self.row_bits) - 1) & !highest);
        free.enumerate().fold(0, |row, (i, bit)| row | (coset >> i & 1) << bit)
    }

    fn run<T: Real>(&self, state: StateRef<'_, T>, crew: Crew) -> f64 {
        let cosets = (self.row_bits - self.dimension) as u32;
        let leaves = (self.spaces.len() as u64) << cosets;
        let leaf = |chunk: crate::kernels::Chunk| {
            if chunk.index >= leaves {
                return 0.0;
            }
            let space = &self.spaces[(chunk.index >> cosets) as usize];
            let coset = chunk.index & ((1 << cosets) - 1);
            let first = self.first(space, coset);
            // A thread mostly takes one coset after the other, so the next one is prefetched. Not if its rows are far
            // apart: they would compete for the same sets of L2, and be gone before they are read.
            let contiguous = space.members.last() == Some(&((1 << self.dimension) - 1));
            let next = contiguous && coset + 1 < 1 << cosets;
            let next = next.then(|| self.first(space, coset + 1));
            let Space { plain, pass: Pass { groups, terms }, .. } = space;
            in_room(|room| {
                let (rows, members) = (&self.rows, &space.members[..]);
                let set = Set { state, rows, members, first, next, plain, groups, terms };
                on_widest(crew.isa, Expectation { set, room })
            })
        };
        exec::reduce(crew.threads, leaves.next_power_of_two().ilog2(), leaf, |a, b| a + b)
    }

    /// Estimate for a state.
    fn nanos(&self, num_qubits: usize) -> f64 {
        let groups: usize = self.spaces.iter().map(|space| space.pass.groups.len()).sum();
        let flips: usize = self.spaces.iter().map(|space| space.plain.flips.len()).sum();
        let each = self.spaces.len() as f64 * NANOS_TO_COPY
            + groups as f64 * NANOS_PER_GROUP
            + flips as f64 * NANOS_PER_FLIP;
        (1i64 << num_qubits) as f64 * each
    }
}

/// What strings of Z within rows multiply `|a|**2` by, for each place in a row; empty without such strings.
fn squares(strings: &[(u64, f64)], rows: &Rows) -> Vec<f64> {
    if strings.is_empty() {
        return Vec::new();
    }
    let mut squares = vec![0.0; 1 << rows.bits()];
    strings.iter().for_each(|&(z, coef)| squares[z as usize] += coef);
    signed_sums(&mut squares);
    squares
}

fn rows(layout: &Layout, row: usize) -> Rows {
    let strides: Vec<isize> = (0..layout.num_qubits()).map(|bit| layout.stride(bit)).collect();
    Rows::new(&strides, row, 0, layout.unit())
}

/// Lends the room that this thread keeps for copies of rows.
fn in_room<R>(body: impl FnOnce(&mut Room) -> R) -> R {
    thread_local! {
        static ROOM: RefCell<Room> = RefCell::default();
    }
    ROOM.with_borrow_mut(body)
}

/// A Hermitian sum, prepared to be read from states of one layout.
pub struct SumReader {
    reading: Reading,
    /// What reads it instead, from each pair of amplitudes twice; apart, as readers of small states are moved often.
    applying: Option<Box<Applying>>,
    num_qubits: usize,
}

impl SumReader {
    /// Prepares it.
    ///
    /// # Panics
    /// Where the sum is not Hermitian or has another number of qubits.
    pub fn new(sum: &PauliSum, layout: &Layout) -> SumReader {
        assert!(sum.is_hermitian() && sum.num_qubits() == layout.num_qubits(), "a sum for this state");
        let (num_qubits, reading) = (layout.num_qubits(), Reading::new(sum, layout, SIZES));
        let mut applying = None;
        let mut groups = Grouped::new();
        if num_qubits >= LEAST_QUBITS && sum.terms().len() <= MOST_TERMS {
            groups = grouped(sum, layout);
            // On a real state their mean is 0.
            groups.retain(|&(_, odd), _| !(odd && layout.is_real()));
        }
        if !groups.is_empty() {
            let made = Applying::new(&groups, layout, TILE_BITS);
            if made.nanos(num_qubits) < GAIN * reading.nanos(num_qubits) {
                applying = Some(Box::new(made));
            }
        }
        SumReader { reading, applying, num_qubits }
    }

    /// Estimate for a state.
    pub fn nanos(&self) -> f64 {
        let reading = || self.reading.nanos(self.num_qubits);
        self.applying.as_ref().map_or_else(reading, |applying| applying.nanos(self.num_qubits))
    }

    /// `<state|sum|state>`, summed in double precision.
    pub fn expectation<T: Real>(&self, state: StateRef<'_, T>, crew: Crew) -> f64 {
        debug_assert_eq!(state.layout().num_qubits(), self.num_qubits);
        match &self.applying {
            Some(applying) => applying.run(state, What::Mean, crew),
            None => self.reading.run(state, crew),
        }
    }
}

/// The expectation value of a Hermitian sum, `<state|sum|state>`: not divided by the norm of the state.
///
/// ```
/// use numket::prelude::*;
/// use numket::{exec::Crew, layout::Layout, observe, operator::PauliString, state::StateRef};
/// let zz = PauliSum::new(2, [(PauliString::of("ZZ")?, 0.5.into())])?;
/// let mut psi = ket("00")?;
/// psi.h(0)?.cnot(0, 1)?;
/// let layout = Layout::flat(2);
/// let state = StateRef::new(psi.amplitudes(), &layout);
/// assert!((observe::expectation(state, &zz, Crew::alone()?) - 0.5).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
///
/// # Panics
/// Where the sum is not Hermitian or has another number of qubits.
pub fn expectation<T: Real>(state: StateRef<'_, T>, sum: &PauliSum, crew: Crew) -> f64 {
    SumReader::new(sum, state.layout()).expectation(state, crew)
}

#[cfg(test)]
pub(super) mod tests;
