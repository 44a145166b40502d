//! Diagonals that are done at a time, as a table of their products.

use num_complex::Complex64;

use super::fuse::{Diagonal, Fused};
use super::plan::PlacedGate;
use crate::bits::{gather, mask_of, set_bits};
use crate::simd::Real;

/// What has been given out: room for coefficients, for tables that are computed for each block, and for sums
/// of overlaps.
#[derive(Debug, Default, PartialEq)]
pub struct Arena {
    /// Passes.
    pub passes: usize,
    /// Coefficients.
    pub coefs: usize,
    /// Numbers in tables that vary, of one pass, ...
    pub varying: usize,
    /// ... and of that which has most.
    pub most_varying: usize,
    /// Overlaps of all passes, and sums of that which has most.
    pub overlaps: usize,
    /// As above.
    pub most_sums: usize,
}

impl Arena {
    /// Room for so many numbers, from a multiple of 16 on: that is a cache line, or two.
    pub fn take(of: &mut usize, len: usize) -> usize {
        let at = *of;
        *of += len.next_multiple_of(16);
        at
    }
}

/// The diagonals that are done at a time, as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseTable {
    /// Where it begins among the coefficients; where it is computed for each block, among these tables.
    pub at: usize,
    /// The bits of an entry's number, from the lowest: those in registers, those of a position, others.
    bits: Vec<u8>,
    /// The other bits, from the most significant, and how much further entries are for each of their settings.
    others: (Vec<u8>, usize),
    /// Whether it is computed for each block, because of further bits.
    pub varies: bool,
    /// The diagonals.
    diagonals: Vec<Restricted>,
}

/// A diagonal as it acts on entries of a table.
#[derive(Clone, Debug, PartialEq)]
struct Restricted {
    diagonal: usize,
    parity: bool,
    /// Controls among the bits of a table, and elsewhere, with the values that they must have.
    controls: [usize; 2],
    outer_controls: [u64; 2],
    /// Targets among the bits of a table, and elsewhere: which bit, and which bit of an entry's number.
    targets: Vec<(u8, u8)>,
    outer_targets: Vec<(u8, u8)>,
    /// The one bit of the table that it touches, if it is no more.
    single: Option<u8>,
}

impl PhaseTable {
    /// Where its entries go; and how much further those for each position are, nothing if they are the same.
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
        (PhaseTable { at, bits, others, varies, diagonals }, places)
    }

    /// The numbers of its diagonals.
    pub fn diagonals(&self) -> impl Iterator<Item = usize> {
        self.diagonals.iter().map(|restricted| restricted.diagonal)
    }

    /// Real numbers in all its entries.
    pub fn len(&self) -> usize {
        2 << self.bits.len()
    }

    /// Where the entries for this setting of all bits outside begin, seen from the first.
    pub fn further(&self, base: u64) -> usize {
        gather(base as usize, &self.others.0) * self.others.1
    }

    /// Computes the entries for this setting of all bits outside, and tells whether all are one.
    pub fn write<T: Real>(
        &self,
        diagonals: &DiagonalEntries<'_>,
        base: u64,
        scratch: &mut Vec<Complex64>,
        width: usize,
        out: &mut [T],
    ) -> bool {
        // What depends on one bit alone is gathered, so that it costs one product for each entry.
        let mut pairs = [[Complex64::ONE; 2]; 64];
        for diagonal in self.diagonals.iter().filter(|diagonal| diagonal.single.is_some()) {
            diagonal.pair(diagonals, base, &mut pairs);
        }
        scratch.clear();
        scratch.push(Complex64::ONE);
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
        scratch.iter().all(|&entry| entry == Complex64::ONE)
    }
}

/// The entries of all diagonals.
pub struct DiagonalEntries<'a> {
    /// One diagonal after the other, ...
    pub entries: &'a [Complex64],
    /// ... and where each begins.
    pub first: &'a [usize],
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
        let (mut targets, mut outer_targets) = (Vec::new(), Vec::new());
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

    /// Its entries, and the bits of an entry's number that targets elsewhere are; nothing where it is one.
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

    /// Multiplies the factors for the two values of the one bit that it touches.
    #[inline]
    fn pair(&self, diagonals: &DiagonalEntries<'_>, base: u64, pairs: &mut [[Complex64; 2]; 64]) {
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
