//! Phase tables: many diagonals are applied at once, by one product for each amplitude.
//!
//! All diagonals that follow each other in a pass are multiplied beforehand. The table has an entry for each
//! setting of the bits that lie in registers (lanes included), because a register of amplitudes takes a register of
//! factors. If the diagonals touch further bits, the table has further entries for them:
//!
//! ```text
//! index of an entry, from the lowest bit:   lane and register bits | position bits that are touched | others
//! ```
//!
//! Each position, and each block, then uses its own part of the table. If there are too many other bits, the table
//! *varies*: it leaves them out, and is computed anew for each block.

use num_complex::Complex64;
use smallvec::SmallVec;

use super::fuse::{Diagonal, Fused};
use super::plan::PlacedGate;
use crate::bits::{gather, mask_of, set_bits};
use crate::simd::Real;

/// How much room a program has taken so far, in real numbers.
#[derive(Debug, Default, PartialEq)]
pub struct Arena {
    /// The number of passes.
    pub passes: usize,
    /// The number of phase tables.
    pub tables: usize,
    /// For coefficients and steady tables, of all passes.
    pub coefs: usize,
    /// For the tables of the current pass that vary.
    pub varying: usize,
    /// The largest `varying` of a pass.
    pub most_varying: usize,
    /// The number of results of overlaps, of all passes.
    pub overlaps: usize,
    /// For the sums of overlaps, the most of a pass.
    pub most_sums: usize,
}

impl Arena {
    /// Takes room for `len` numbers and tells where it begins: at a multiple of 16, which is a cache line or two.
    pub fn take(of: &mut usize, len: usize) -> usize {
        let at = *of;
        *of += len.next_multiple_of(16);
        at
    }
}

/// The recipe for a phase table.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseTable {
    /// Its index among all phase tables of the program.
    number: usize,
    /// Where it begins: among the coefficients, or if it varies among the tables that do.
    pub at: usize,
    /// The bits of the address that are bits of an entry's index, from the lowest.
    bits: Vec<u8>,
    /// Those of them that are constant in a block, from the most significant, and how much further the entries for
    /// each setting of them begin.
    others: (Vec<u8>, usize),
    /// Whether it is computed anew for each block.
    pub varies: bool,
    /// The diagonals.
    diagonals: Vec<Restricted>,
}

/// A diagonal as a table sees it: some of its bits are bits of an entry's index, the others are *outer* and come
/// from the address of the block. Controls are pairs of masks, bits and values.
#[derive(Clone, Debug, PartialEq)]
struct Restricted {
    /// Its index among the fused diagonals.
    diagonal: usize,
    /// Whether only the parity of its targets counts.
    parity: bool,
    controls: [usize; 2],
    outer_controls: [u64; 2],
    /// For each target, which bit of a table's index it is, and which bit of the index of the diagonal's own entries.
    targets: SmallVec<[(u8, u8); 8]>,
    /// The same for outer targets, with the bit of the address.
    outer_targets: SmallVec<[(u8, u8); 8]>,
    /// If it touches one bit of the table only, this bit.
    single: Option<u8>,
}

/// More bits than a table has: it could not be held, nor its entries told apart by u32.
const MAX_BITS: usize = 32;

impl PhaseTable {
    /// A table of some diagonals, each with its index. `local` are the lane and register bits, `positioned` the bits
    /// that tell positions apart, and `others` is a mask of bits that are constant in a block. Also tells how much
    /// further the entries for each position begin; nothing if all positions have the same.
    pub fn new(
        diagonals: &[(usize, &PlacedGate)],
        fused: &Fused,
        local: &[u8],
        positioned: &[u8],
        others: u64,
        arena: &mut Arena,
    ) -> (PhaseTable, Vec<u32>) {
        let varies = others == 0 && {
            let known = mask_of(local.iter().chain(positioned));
            diagonals.iter().any(|(_, placed)| placed.masks[0] & !known != 0)
        };
        let touched = diagonals.iter().fold(0, |mask, (_, placed)| mask | placed.masks[0]);
        let mut bits = local.to_vec();
        let by_position: Vec<usize> =
            (0..positioned.len()).filter(|&place| touched >> positioned[place] & 1 == 1).collect();
        bits.extend(by_position.iter().map(|&place| positioned[place]));
        let places = match by_position.is_empty() {
            true => Vec::new(),
            false => (0..1usize << positioned.len())
                .map(|number| {
                    let setting = by_position
                        .iter()
                        .enumerate()
                        .fold(0, |setting, (to, &from)| setting | (number >> from & 1) << to);
                    (setting << (local.len() + 1)) as u32
                })
                .collect(),
        };
        let further = 2usize << bits.len();
        let others: Vec<u8> = set_bits(others).map(|bit| bit as u8).collect();
        bits.extend(&others);
        let len = 2usize << bits.len();
        let at = Arena::take(if varies { &mut arena.varying } else { &mut arena.coefs }, len);
        let diagonals = diagonals
            .iter()
            .map(|&(diagonal, placed)| {
                Restricted::new(diagonal, &fused.diagonals[diagonal], placed, &bits)
            })
            .collect();
        let others = (others.into_iter().rev().collect(), further);
        let number = arena.tables;
        arena.tables += 1;
        (PhaseTable { number, at, bits, others, varies, diagonals }, places)
    }

    /// The indices of its diagonals.
    pub fn diagonals(&self) -> impl Iterator<Item = usize> {
        self.diagonals.iter().map(|restricted| restricted.diagonal)
    }

    /// How many real numbers its entries are.
    pub fn len(&self) -> usize {
        2 << self.bits.len()
    }

    /// Where the entries for a block begin, as seen from the first: `base` are the bits of its address.
    pub fn further(&self, base: u64) -> usize {
        gather(base as usize, &self.others.0) * self.others.1
    }

    /// Computes the entries for the block with these bits of the address, `base`. `out` gets `width` real parts and
    /// `width` imaginary parts in turns. Tells whether all are 1, and how much shorter they have become, on average, by
    /// rounding to a lower precision than they are computed in.
    pub fn write<T: Real>(
        &self,
        diagonals: &DiagonalEntries<'_>,
        base: u64,
        scratch: &mut Vec<Complex64>,
        width: usize,
        out: &mut [T],
    ) -> (bool, f64) {
        // Diagonals of one bit are multiplied first, so that each bit costs one product for each entry.
        let mut pairs = [[Complex64::ONE; 2]; MAX_BITS];
        for diagonal in self.diagonals.iter().filter(|diagonal| diagonal.single.is_some()) {
            diagonal.pair(diagonals, base, &mut pairs);
        }
        scratch.clear();
        scratch.push(diagonals.scales[self.number].into());
        for &[zero, one] in &pairs[..self.bits.len()] {
            let count = scratch.len();
            scratch.extend_from_within(..);
            let (low, high) = scratch.split_at_mut(count);
            if zero != Complex64::ONE {
                low.iter_mut().for_each(|entry| *entry *= zero);
            }
            if one != Complex64::ONE {
                high.iter_mut().for_each(|entry| *entry *= one);
            }
        }
        for diagonal in self.diagonals.iter().filter(|diagonal| diagonal.single.is_none()) {
            diagonal.multiply(diagonals, base, scratch);
        }
        for (block, out) in scratch.chunks_exact(width).zip(out.chunks_exact_mut(2 * width)) {
            let (re, im) = out.split_at_mut(width);
            for ((entry, re), im) in block.iter().zip(re).zip(im) {
                (*re, *im) = (T::from_f64(entry.re), T::from_f64(entry.im));
            }
        }
        let mut short = 0.0;
        if size_of::<T>() < size_of::<f64>() {
            let lost = |x: f64| x * x - T::from_f64(x).to_f64().powi(2);
            let squares: f64 = scratch.iter().map(|entry| lost(entry.re) + lost(entry.im)).sum();
            short = 0.5 * squares / (scratch.len() as f64 * diagonals.scales[self.number].powi(2));
        }
        (scratch.iter().all(|&entry| entry == Complex64::ONE), short)
    }
}

/// The entries of all diagonals, and what else phase tables are made from.
pub struct DiagonalEntries<'a> {
    /// One diagonal after the other, ...
    pub entries: &'a [Complex64],
    /// ... and where each begins.
    pub first: &'a [usize],
    /// The factor of each phase table, by its number: the scale that rotations before it have left out.
    pub scales: &'a [f64],
}

impl Restricted {
    fn new(number: usize, diagonal: &Diagonal, placed: &PlacedGate, bits: &[u8]) -> Restricted {
        let entry = |bit: u8| bits.iter().position(|&known| known == bit);
        let (mut controls, mut outer_controls) = ([0; 2], [0; 2]);
        for bit in set_bits(diagonal.controls) {
            let (value, bit) = (diagonal.values >> bit & 1, placed.now(bit as u8));
            match entry(bit) {
                Some(place) => {
                    controls[0] |= 1 << place;
                    controls[1] |= (value as usize) << place;
                }
                None => {
                    outer_controls[0] |= 1 << bit;
                    outer_controls[1] |= value << bit;
                }
            }
        }
        let mut targets = SmallVec::<[(u8, u8); 8]>::new();
        let mut outer_targets = SmallVec::new();
        for (row, &bit) in diagonal.targets.iter().rev().enumerate() {
            let (row, bit) = (if diagonal.parity { 0 } else { row as u8 }, placed.now(bit));
            match entry(bit) {
                Some(place) => targets.push((place as u8, row)),
                None => outer_targets.push((bit, row)),
            }
        }
        let single = match (targets[..].len(), controls[0].count_ones()) {
            (1, 0) => Some(targets[0].0),
            (0, 1) => Some(controls[0].trailing_zeros() as u8),
            _ => None,
        };
        let parity = diagonal.parity;
        Restricted { diagonal: number, parity, controls, outer_controls, targets, outer_targets, single }
    }

    /// Its entries, and the bits of an entry's index that come from outer targets; None if an outer control does not
    /// hold, so that the diagonal is 1.
    fn entries<'a>(
        &self,
        diagonals: &DiagonalEntries<'a>,
        base: u64,
    ) -> Option<(&'a [Complex64], usize)> {
        let [mask, values] = self.outer_controls;
        if (base ^ values) & mask != 0 {
            return None;
        }
        let entries =
            &diagonals.entries[diagonals.first[self.diagonal]..diagonals.first[self.diagonal + 1]];
        let outer = self.outer_targets.iter();
        Some((entries, outer.fold(0, |row, &(bit, place)| row ^ ((base >> bit & 1) as usize) << place)))
    }

    /// Multiplies the factors for the two values of the one bit that it touches, if it touches one.
    #[inline]
    fn pair(&self, diagonals: &DiagonalEntries<'_>, base: u64, pairs: &mut [[Complex64; 2]; MAX_BITS]) {
        let (Some(place), Some((entries, outer))) = (self.single, self.entries(diagonals, base)) else {
            return;
        };
        let pair = &mut pairs[usize::from(place)];
        match self.targets.first() {
            Some(&(_, to)) => {
                pair[0] *= entries[outer];
                pair[1] *= entries[outer ^ 1 << to];
            }
            None => pair[self.controls[1] >> place & 1] *= entries[outer],
        }
    }

    /// Multiplies the entries of a table.
    fn multiply(&self, diagonals: &DiagonalEntries<'_>, base: u64, table: &mut [Complex64]) {
        let Some((entries, outer)) = self.entries(diagonals, base) else { return };
        let [mask, values] = self.controls;
        let all = self.targets.iter().fold(0, |mask, &(place, _)| mask | 1usize << place);
        if self.parity {
            for (number, out) in table.iter_mut().enumerate() {
                if (number ^ values) & mask == 0 {
                    *out *= entries[((number & all).count_ones() as usize + outer) & 1];
                }
            }
            return;
        }
        let free = (table.len() - 1) & !(mask | all);
        for setting in 0..1usize << self.targets.len() {
            let (mut row, mut fixed) = (outer, values);
            for (number, &(place, to)) in self.targets.iter().enumerate() {
                row |= (setting >> number & 1) << to;
                fixed |= (setting >> number & 1) << place;
            }
            let entry = entries[row];
            if entry == Complex64::ONE {
                continue;
            }
            // Counts through all settings of the free bits.
            let mut rest = 0usize;
            loop {
                table[rest | fixed] *= entry;
                rest = rest.wrapping_sub(free) & free;
                if rest == 0 {
                    break;
                }
            }
        }
    }
}
