//! Decides which gates are applied together.
//!
//! Going through a large state costs more than the arithmetic of a gate. So as many gates as possible are applied
//! while a piece of the state is in fast memory, on three levels: a *tile* in L2, a *block* of it in L1, and groups of
//! *registers*. On each level a few bits are chosen; the gates that mix amplitudes in these bits only, and that may
//! come next, are applied together. The same choice is then made within them for the next level.
//!
//! What may come next: two gates commute if neither mixes a bit that the other touches. So each gate has two masks,
//! the bits that it touches (its *support*) and those of them that it mixes, on which it is not diagonal. A diagonal
//! mixes nothing, so it fits everywhere.

use std::ops::Index;

use super::fuse::{Fused, FusedGate};
use crate::bits::set_bits;
use crate::progress::Progress;

/// One sweep over the state. Gates are named by their index in the fused circuit.
#[derive(Clone, Debug, PartialEq)]
pub enum Sweep {
    /// Gates that together are one operator, which is applied by a kernel of its own.
    Direct(Vec<usize>),
    /// Gates that are applied tile by tile.
    Tiles(Tiles),
}

/// Gates that are applied tile by tile.
///
/// A swap of two bits costs nothing here: it only changes which bit of the copy later gates act on, and the copy is
/// written back with its bits in the new order.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiles {
    /// The bits of a tile, as a mask.
    pub tile: u64,
    /// The gates, in order, but for swaps.
    pub gates: Vec<PlacedGate>,
    /// The swaps, by their index in [`Fused::gates`].
    pub swaps: Vec<usize>,
    /// The gates of each block, grouped.
    pub blocks: Vec<Group>,
    /// How swaps have permuted the bits: bit `i` of the copy is written back as bit `ends[i]` of the state.
    pub ends: Vec<u8>,
}

/// A gate, and which bits of a tile's copy it acts on after the swaps before it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedGate {
    /// Its index in [`Fused::gates`].
    pub gate: usize,
    /// The bits of the copy that it touches, and those of them that it mixes.
    pub masks: [u64; 2],
    /// The bit of the copy that each bit is now; empty if there were no swaps.
    pub at: Vec<u8>,
}

impl PlacedGate {
    /// The bit of the copy that a bit is now.
    pub fn now(&self, bit: u8) -> u8 {
        self.at.get(usize::from(bit)).copied().unwrap_or(bit)
    }
}

/// Gates that mix no other bits than those of the group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The bits, as a mask.
    pub bits: u64,
    /// The gates, in order, by their index in [`Tiles::gates`].
    pub gates: Vec<usize>,
    /// The same gates in groups of fewer bits, for the next level.
    pub inner: Vec<Group>,
}

/// All sweeps, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The sweeps.
    pub sweeps: Vec<Sweep>,
}

/// How much of a state one level of memory holds at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The number of bits: `2**bits` amplitudes.
    pub bits: usize,
    /// How many of the bits must be the lowest of the address, so that memory is read in rows.
    pub row_bits: usize,
    /// Bits that must be among them, as a mask.
    pub always: u64,
}

/// The levels of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// A tile, in L2.
    pub tile: Level,
    /// A block, in L1.
    pub block: Level,
    /// A group of registers; its row is one register.
    pub registers: Level,
}

/// A sweep has no more gates than change this many amplitudes of a tile, which takes some 20 ms: between tiles, a
/// run can be stopped.
const AMPLITUDES: usize = 80_000_000;

/// How many gates ahead to look, so that planning the longest circuits takes time in proportion.
const WINDOW: usize = 1 << 12;

/// After so many groups in a row for which unions did not take more gates, inside tiles first fit alone is used: where
/// unions are better, as in quantum volume, they soon are; elsewhere they would take half the time of planning.
const UNIONS_IN_VAIN: usize = 64;

/// Estimate for choosing the gates of a group, where many are looked at.
const NANOS_TO_TAKE: f64 = 3e5;

impl Plan {
    /// Plans sweeps over states of `num_bits` bits; None if it is stopped.
    pub fn new(
        fused: &Fused,
        num_bits: usize,
        levels: &Levels,
        progress: &Progress<'_>,
    ) -> Option<Plan> {
        let all = (1 << num_bits) - 1;
        let most = (AMPLITUDES >> levels.tile.bits.min(num_bits)).max(1);
        let alone = |gate: usize| matches!(fused.gates[gate], FusedGate::Direct(_));
        // The tile and the gates of each sweep; tile 0 for a gate by itself. Both heuristics are tried, because the
        // better choice for one sweep may be the worse one for all: brickwork on 20 qubits takes 4 sweeps by first
        // fit alone and 5 with unions, on 24 qubits 8 and 6.
        let masks = Masks::of(&fused.masks);
        let sweeps_with = |unions: bool| {
            let (mut rest, mut ahead, mut found) = (Rest::default(), 0..fused.gates.len(), Vec::new());
            loop {
                rest.refill(&mut ahead);
                match rest.gates().first() {
                    None => return Some(found),
                    Some(_) if !progress.advance(0.0, NANOS_TO_TAKE) => return None,
                    Some(&first) if alone(first) => found.push((0, vec![rest.pop()])),
                    Some(_) => {
                        let more = !ahead.is_empty();
                        let taken = take(masks, &mut rest, more, all, levels.tile, most, unions, alone);
                        found.push((taken.bits, taken.gates));
                    }
                }
            }
        };
        let mut best = sweeps_with(true)?;
        // Where a tile holds the state, there is nothing to choose.
        if levels.tile.bits < num_bits && best.len() > 1 {
            let first_fit = sweeps_with(false)?;
            best = if best.len() <= first_fit.len() { best } else { first_fit };
        }
        let sweep = |(tile, taken): (u64, Vec<usize>)| match fused.are_one(&taken) {
            true => Some(Sweep::Direct(taken)),
            false => Some(Sweep::Tiles(Tiles::new(fused, tile, &taken, levels, progress)?)),
        };
        let sweeps = best.into_iter().map(sweep).collect::<Option<_>>()?;
        Some(Plan { sweeps })
    }
}

impl Tiles {
    fn new(
        fused: &Fused,
        tile: u64,
        taken: &[usize],
        levels: &Levels,
        progress: &Progress<'_>,
    ) -> Option<Tiles> {
        // The bit of the copy that each bit is now.
        let mut at: Vec<u8> = (0..64).collect();
        let (mut gates, mut swaps) = (Vec::new(), Vec::new());
        for &gate in taken {
            if let FusedGate::Swap(a, b) = fused.gates[gate] {
                at.swap(a.into(), b.into());
                swaps.push(gate);
                continue;
            }
            let moved = !swaps.is_empty();
            let map = |mask: u64| set_bits(mask).fold(0, |mask, bit| mask | 1 << at[bit]);
            let masks = if moved { fused.masks[gate].map(map) } else { fused.masks[gate] };
            gates.push(PlacedGate { gate, masks, at: if moved { at.clone() } else { Vec::new() } });
        }
        let masks: Vec<[u64; 2]> = gates.iter().map(|placed| placed.masks).collect();
        let inner = [levels.block, levels.registers];
        let blocks =
            groups(Masks::of(&masks), &(0..gates.len()).collect::<Vec<_>>(), tile, &inner, progress)?;
        let mut ends = vec![0; 64];
        at.iter().zip(0..).for_each(|(&at, bit)| ends[usize::from(at)] = bit);
        Some(Tiles { tile, gates, swaps, blocks, ends })
    }

    /// Whether swaps have permuted the bits.
    pub fn is_permuted(&self) -> bool {
        self.ends.iter().zip(0..).any(|(&end, bit): (&u8, u8)| end != bit)
    }
}

/// The gates that may be chosen next, in order.
#[derive(Default)]
struct Rest {
    gates: Vec<usize>,
    /// Those before this are gone.
    first: usize,
}

impl Rest {
    fn gates(&self) -> &[usize] {
        &self.gates[self.first..]
    }

    /// Tops them up.
    fn refill(&mut self, ahead: &mut impl Iterator<Item = usize>) {
        if self.gates().len() < WINDOW / 2 {
            self.gates.drain(..self.first);
            self.first = 0;
            self.gates.extend(ahead.take(WINDOW - self.gates.len()));
        }
    }

    /// Takes the first.
    fn pop(&mut self) -> usize {
        self.first += 1;
        self.gates[self.first - 1]
    }

    /// Leaves `left` of the first `seen`; those after them are not touched.
    fn leave(&mut self, seen: usize, left: &[usize]) {
        let end = self.first + seen;
        self.first = end - left.len();
        self.gates[self.first..end].copy_from_slice(left);
    }
}

/// Groups gates that mix only bits of `within`, for all levels; None if it is stopped.
fn groups(
    masks: Masks<'_>,
    gates: &[usize],
    within: u64,
    levels: &[Level],
    progress: &Progress<'_>,
) -> Option<Vec<Group>> {
    let mut found = Vec::new();
    let Some((&level, deeper)) = levels.split_first() else { return Some(found) };
    let (mut rest, mut ahead) = (Rest::default(), gates.iter().copied());
    let mut in_vain = 0;
    loop {
        rest.refill(&mut ahead);
        if rest.gates().is_empty() {
            return Some(found);
        }
        if !progress.advance(0.0, NANOS_TO_TAKE) {
            return None;
        }
        let more = ahead.len() > 0;
        let unions = in_vain < UNIONS_IN_VAIN;
        let Taken { bits, gates, by_union } =
            take(masks, &mut rest, more, within, level, usize::MAX, unions, |_| false);
        in_vain = if by_union { 0 } else { in_vain + 1 };
        let inner = groups(masks, &gates, bits, deeper, progress)?;
        found.push(Group { bits, gates, inner });
    }
}

/// How a group is chosen: gates that together mix at most `bits` bits.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub masks: Masks<'a>,
    /// The bits to choose from, as a mask.
    pub within: u64,
    /// How many bits are chosen.
    pub bits: usize,
    /// The bits that are chosen in any case, as a mask.
    pub row: u64,
}

/// What gates touch.
#[derive(Clone, Copy)]
pub(super) struct Masks<'a> {
    /// For each gate, the bits that it touches, and those of them that it mixes.
    masks: &'a [[u64; 2]],
    /// Whether there are gates that touch no bit: global phases.
    phases: bool,
}

impl<'a> Masks<'a> {
    pub fn of(masks: &'a [[u64; 2]]) -> Masks<'a> {
        Masks { masks, phases: masks.iter().any(|&[support, _]| support == 0) }
    }

    /// How many gates there are.
    pub fn len(&self) -> usize {
        self.masks.len()
    }
}

impl Index<usize> for Masks<'_> {
    type Output = [u64; 2];

    fn index(&self, gate: usize) -> &[u64; 2] {
        &self.masks[gate]
    }
}

impl Wanted<'_> {
    /// Whether these bits can be chosen.
    fn fits(&self, bits: u64) -> bool {
        (bits | self.row).count_ones() as usize <= self.bits
    }
}

/// Gates that can be applied together.
struct Taken {
    /// The bits of the group, as a mask.
    bits: u64,
    /// The gates, in order.
    gates: Vec<usize>,
    /// Whether unions took more of them than first fit.
    by_union: bool,
}

/// Takes gates that can be applied together out of `rest`: by first fit or, if that takes more gates, by unions. `more` says that further gates follow those of `rest`.
///
/// A diagonal can be applied in any group. It is left for a later one unless a gate of this group must come after
/// it, or all its bits are chosen: then its phase table has few bits.
#[allow(clippy::too_many_arguments, reason = "the gates, what is wanted, and how to choose")]
fn take(
    masks: Masks<'_>,
    rest: &mut Rest,
    more: bool,
    within: u64,
    level: Level,
    most: usize,
    unions: bool,
    alone: impl Fn(usize) -> bool,
) -> Taken {
    let bits = level.bits.min(within.count_ones() as usize);
    let always = level.always & within;
    let lowest = set_bits(within & !always).take(level.row_bits.min(bits));
    let row = lowest.fold(always, |row, bit| row | 1 << bit);
    let wanted = Wanted { masks, within, bits, row };
    let gates = rest.gates();
    let (mut bits, mut taken, mut seen) = first_fit(gates, &wanted, most, &alone);
    let mixing = |gates: &[usize]| gates.iter().filter(|&&gate| masks[gate][1] != 0).count();
    let mut by_union = false;
    if unions && taken.len() < gates.len() {
        let other = Wanted { row: union(gates, &wanted, &alone), ..wanted };
        let united = first_fit(gates, &other, most, &alone);
        by_union = mixing(&united.1) > mixing(&taken);
        if by_union {
            (bits, taken, seen) = united;
        }
    }
    let (seen_gates, unseen) = gates.split_at(seen);
    let mut left: Vec<usize> = Vec::with_capacity(seen);
    let mut chosen = taken.iter().peekable();
    left.extend(seen_gates.iter().filter(|gate| chosen.next_if_eq(gate).is_none()));
    // If there is room for more bits: those of diagonals, then the lowest, which make rows longer.
    let supports = taken.iter().map(|&gate| masks[gate][0] & within);
    for support in supports.chain(set_bits(within).map(|bit| 1 << bit)) {
        if wanted.fits(bits | support) {
            bits |= support;
        }
    }
    if more || left.iter().chain(unseen).any(|&gate| masks[gate][1] != 0) {
        let (mut needed, mut later) = (0, Vec::new());
        let mut kept = Vec::with_capacity(taken.len());
        for &gate in taken.iter().rev() {
            let [support, mixed] = masks[gate];
            needed |= mixed;
            let waits = mixed == 0 && support & needed == 0 && support & !bits != 0;
            if waits { later.push(gate) } else { kept.push(gate) }
        }
        if !kept.is_empty() {
            kept.reverse();
            taken = kept;
            // Both are in order, which this sort finds out.
            later.reverse();
            left.extend(later);
            left.sort();
        }
    }
    rest.leave(seen, &left);
    Taken { bits, gates: taken, by_union }
}

/// First fit: takes each gate that commutes with all gates skipped before it, if there is room for its bits. Also
/// tells how many gates it has seen.
pub(super) fn first_fit(
    rest: &[usize],
    wanted: &Wanted<'_>,
    most: usize,
    alone: &impl Fn(usize) -> bool,
) -> (u64, Vec<usize>, usize) {
    let (mut bits, mut taken, mut seen) = (wanted.row, Vec::new(), 0);
    let (mut skipped_any, mut skipped_mixed, mut taken_mixed) = (0u64, 0u64, 0u64);
    for &gate in rest {
        seen += 1;
        let [support, mixed] = wanted.masks[gate];
        let commutes = mixed & skipped_any == 0 && support & skipped_mixed == 0;
        // A diagonal joins a phase table, as rotations need for their scale, so it does not count.
        let room = taken.len() < most || mixed == 0;
        if commutes && wanted.fits(bits | mixed) && !alone(gate) && room {
            bits |= mixed;
            taken_mixed |= mixed;
            taken.push(gate);
        } else {
            skipped_any |= support;
            skipped_mixed |= mixed;
        }
        // Either nothing after it commutes; or there is no room for more bits and no bit left to mix, so that what
        // commutes are diagonals on other bits, and these wait for a later group; those on no bit do not.
        let full = bits.count_ones() as usize == wanted.bits && taken_mixed != 0 && !wanted.masks.phases;
        if wanted.within & !skipped_mixed == 0 || full && bits & !skipped_mixed == 0 {
            break;
        }
    }
    (bits, taken, seen)
}

/// The bits that the union heuristic of HyQuas (Zhang et al., ICS 2021) chooses. For each bit it gathers the gates
/// that touch it and all gates that must come before these, until they would mix too many bits. It takes the bits
/// of the largest such set; then, again and again, those of the set that adds most gates and still fits.
///
/// These bits are better than those of first fit where gates act on pairs of bits that are far apart, as in quantum
/// volume.
pub(super) fn union(rest: &[usize], wanted: &Wanted<'_>, alone: &impl Fn(usize) -> bool) -> u64 {
    // For each bit: the bits that its set of gates mixes, and the set itself, as a bit set of indices in `rest`: one
    // word for each bit, then the next words.
    let mut needs = [0u64; 64];
    let mut gates: Vec<[u64; 64]> = Vec::new();
    // The bits whose sets are closed, because a gate did not fit.
    let mut full = 0u64;
    for (index, &gate) in rest.iter().enumerate() {
        let [support, mixed] = wanted.masks[gate];
        let bits = set_bits(support).fold(mixed, |all, bit| all | needs[bit]);
        if support & full != 0 || !wanted.fits(bits) || alone(gate) {
            full |= support;
            if full & wanted.within == wanted.within {
                break;
            }
            continue;
        }
        gates.resize(index / 64 + 1, [0; 64]);
        for (word, gates) in gates.iter_mut().enumerate() {
            let all = set_bits(support).fold(0, |all, bit| all | gates[bit]);
            let all = all | if index / 64 == word { 1 << (index % 64) } else { 0 };
            set_bits(support).for_each(|bit| gates[bit] = all);
        }
        set_bits(support).for_each(|bit| needs[bit] = bits);
    }
    let (mut bits, mut chosen) = (wanted.row, vec![0u64; gates.len()]);
    let mut waiting = wanted.within;
    loop {
        // How many further gates the set of a bit has.
        let brings = |bit: usize| -> u32 {
            gates.iter().zip(&chosen).map(|(own, chosen)| (own[bit] & !chosen).count_ones()).sum()
        };
        let fitting = set_bits(waiting).filter(|&bit| wanted.fits(bits | needs[bit]));
        let Some(best) = fitting.max_by_key(|&bit| (brings(bit), std::cmp::Reverse(bit))) else {
            return bits;
        };
        waiting &= !(1 << best);
        bits |= needs[best];
        chosen.iter_mut().zip(&gates).for_each(|(chosen, own)| *chosen |= own[best]);
    }
}
