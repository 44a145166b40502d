//! Which gates are done together: on a tile in L2, on a block, a part of a tile, in L1, and in registers.

use super::fuse::{Fused, FusedGate};
use crate::bits::set_bits;
use crate::progress::Progress;

/// What one sweep over the state does.
#[derive(Clone, Debug, PartialEq)]
pub enum Sweep {
    /// Gates, by their numbers, that a kernel of their own does as one.
    Direct(Vec<usize>),
    /// Some gates, tile by tile.
    Tiles(Tiles),
}

/// Gates that are done tile by tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiles {
    /// The bits of a tile, as a mask.
    pub tile: u64,
    /// The gates, in order, with the bits on which they find what they act on.
    pub gates: Vec<PlacedGate>,
    /// The gates of each group that is done to one block of a tile after the other.
    pub blocks: Vec<Group>,
    /// Where the bits end: what is at bit `i` of the tile's copy belongs to bit `ends[i]`.
    pub ends: Vec<u8>,
}

/// A gate on bits that may have changed places.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedGate {
    /// Its number.
    pub gate: usize,
    /// The bits that it touches, and those on which it is not diagonal, where they now are.
    pub masks: [u64; 2],
    /// Where each bit now is; empty if each is at its own place.
    pub at: Vec<u8>,
}

impl PlacedGate {
    /// Where a bit now is.
    pub fn now(&self, bit: u8) -> u8 {
        self.at.get(usize::from(bit)).copied().unwrap_or(bit)
    }
}

/// Gates that find all that they mix in some bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The bits, as a mask.
    pub bits: u64,
    /// The gates, by their places in [`Tiles::gates`], in order.
    pub gates: Vec<usize>,
    /// Smaller groups that do them.
    pub inner: Vec<Group>,
}

/// All sweeps, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The sweeps.
    pub sweeps: Vec<Sweep>,
}

/// A level of the memory: what is held there at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Bits of a group.
    pub bits: usize,
    /// How many of these are the lowest of all.
    pub row_bits: usize,
    /// Bits that are always among them, as a mask.
    pub always: u64,
}

/// The levels of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// A tile, in L2.
    pub tile: Level,
    /// A block, which is a part of a tile, in L1.
    pub block: Level,
    /// What is held in registers; its row is one register.
    pub registers: Level,
}

/// So many amplitudes a sweep may change in each of its tiles, over all its gates: some 20 ms, after which
/// it is asked whether to go on.
const AMPLITUDES: usize = 80_000_000;

/// How many gates ahead to look, so that planning the longest circuits takes time in proportion.
const WINDOW: usize = 1 << 12;

/// What choosing the gates of a group takes, in nanoseconds, roughly, where many are looked at.
const NANOS_TO_TAKE: f64 = 3e5;

impl Plan {
    /// Plans sweeps over `num_bits` bits; nothing if it is stopped.
    pub fn new(
        fused: &Fused,
        num_bits: usize,
        levels: &Levels,
        progress: &Progress<'_>,
    ) -> Option<Plan> {
        let all = (1 << num_bits) - 1;
        let most = (AMPLITUDES >> levels.tile.bits.min(num_bits)).max(1);
        let alone = |gate: usize| matches!(fused.gates[gate], FusedGate::Direct(_));
        // The tile of each sweep, none for a gate by itself, and its gates. What is better for one sweep may not
        // be for all: brickwork on 20 qubits takes 4 sweeps by first fit alone and 5 with unions, on 24 qubits 8
        // and 6.
        let sweeps_with = |unions: bool| {
            let (mut rest, mut ahead, mut found) = (Vec::new(), 0..fused.gates.len(), Vec::new());
            loop {
                refill(&mut rest, &mut ahead);
                match rest.first() {
                    None => return Some(found),
                    Some(_) if !progress.advance(0.0, NANOS_TO_TAKE) => return None,
                    Some(&first) if alone(first) => found.push((0, vec![rest.remove(0)])),
                    Some(_) => {
                        let more = !ahead.is_empty();
                        let masks = &fused.masks;
                        found.push(take(masks, &mut rest, more, all, levels.tile, most, unions, alone));
                    }
                }
            }
        };
        let (united, first_fit) = (sweeps_with(true)?, sweeps_with(false)?);
        let best = if united.len() <= first_fit.len() { united } else { first_fit };
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
        // Where what belongs to each bit is: a swap of two bits only changes places.
        let mut at: Vec<u8> = (0..64).collect();
        let mut gates = Vec::new();
        let mut moved = false;
        for &gate in taken {
            if let FusedGate::Swap(a, b) = fused.gates[gate] {
                at.swap(a.into(), b.into());
                moved = true;
                continue;
            }
            let map = |mask: u64| set_bits(mask).fold(0, |mask, bit| mask | 1 << at[bit]);
            let masks = if moved { fused.masks[gate].map(map) } else { fused.masks[gate] };
            gates.push(PlacedGate { gate, masks, at: if moved { at.clone() } else { Vec::new() } });
        }
        let masks: Vec<[u64; 2]> = gates.iter().map(|placed| placed.masks).collect();
        let inner = [levels.block, levels.registers];
        let blocks = groups(&masks, &(0..gates.len()).collect::<Vec<_>>(), tile, &inner, progress)?;
        let mut ends = vec![0; 64];
        at.iter().zip(0..).for_each(|(&at, bit)| ends[usize::from(at)] = bit);
        Some(Tiles { tile, gates, blocks, ends })
    }

    /// Whether bits have changed places.
    pub fn is_permuted(&self) -> bool {
        self.ends.iter().zip(0..).any(|(&end, bit): (&u8, u8)| end != bit)
    }
}

/// Tops up the gates that are looked at.
fn refill(rest: &mut Vec<usize>, ahead: &mut impl Iterator<Item = usize>) {
    if rest.len() < WINDOW / 2 {
        rest.extend(ahead.take(WINDOW - rest.len()));
    }
}

/// Groups of gates on the bits of `within`, one level after the other; nothing if it is stopped.
fn groups(
    masks: &[[u64; 2]],
    gates: &[usize],
    within: u64,
    levels: &[Level],
    progress: &Progress<'_>,
) -> Option<Vec<Group>> {
    let mut found = Vec::new();
    let Some((&level, deeper)) = levels.split_first() else { return Some(found) };
    let (mut rest, mut ahead) = (Vec::new(), gates.iter().copied());
    loop {
        refill(&mut rest, &mut ahead);
        if rest.is_empty() {
            return Some(found);
        }
        if !progress.advance(0.0, NANOS_TO_TAKE) {
            return None;
        }
        let more = ahead.len() > 0;
        let (bits, gates) = take(masks, &mut rest, more, within, level, usize::MAX, true, |_| false);
        let inner = groups(masks, &gates, bits, deeper, progress)?;
        found.push(Group { bits, gates, inner });
    }
}

/// What is asked for: gates that find all that they mix in so many of these bits.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    masks: &'a [[u64; 2]],
    /// The bits to choose from, how many, and those that are chosen anyway.
    within: u64,
    bits: usize,
    row: u64,
}

impl Wanted<'_> {
    fn fits(&self, bits: u64) -> bool {
        (bits | self.row).count_ones() as usize <= self.bits
    }
}

/// Takes gates from `rest`, after which there may be more, that can be done together, and tells on which bits:
/// by first fit, or by unions if these find more.
///
/// A gate needs only those bits on which it is not diagonal. What is diagonal is left for later unless a gate
/// needs it done or all its bits are there: then it is a table of few bits.
#[allow(clippy::too_many_arguments, reason = "what there is, what is wanted, and how to look")]
fn take(
    masks: &[[u64; 2]],
    rest: &mut Vec<usize>,
    more: bool,
    within: u64,
    level: Level,
    most: usize,
    unions: bool,
    alone: impl Fn(usize) -> bool,
) -> (u64, Vec<usize>) {
    let bits = level.bits.min(within.count_ones() as usize);
    let always = level.always & within;
    let lowest = set_bits(within & !always).take(level.row_bits.min(bits));
    let row = lowest.fold(always, |row, bit| row | 1 << bit);
    let wanted = Wanted { masks, within, bits, row };
    let (mut bits, mut taken) = first_fit(rest, &wanted, most, &alone);
    let mixing = |gates: &[usize]| gates.iter().filter(|&&gate| masks[gate][1] != 0).count();
    if unions && taken.len() < rest.len() {
        let other = Wanted { row: union(rest, &wanted, &alone), ..wanted };
        let united = first_fit(rest, &other, most, &alone);
        if mixing(&united.1) > mixing(&taken) {
            (bits, taken) = united;
        }
    }
    let mut left: Vec<usize> = Vec::with_capacity(rest.len() - taken.len());
    let mut chosen = taken.iter().peekable();
    left.extend(rest.iter().filter(|gate| chosen.next_if_eq(gate).is_none()));
    // The next bits that diagonals have, then neighbours of the row, which make rows longer.
    let supports = taken.iter().map(|&gate| masks[gate][0] & within);
    for support in supports.chain(set_bits(within).map(|bit| 1 << bit)) {
        if wanted.fits(bits | support) {
            bits |= support;
        }
    }
    if more || left.iter().any(|&gate| masks[gate][1] != 0) {
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
            left.extend(later);
            left.sort_unstable();
        }
    }
    *rest = left;
    (bits, taken)
}

/// First fit: every gate that commutes with those skipped, and whose bits still find wanted.
fn first_fit(
    rest: &[usize],
    wanted: &Wanted<'_>,
    most: usize,
    alone: &impl Fn(usize) -> bool,
) -> (u64, Vec<usize>) {
    let (mut bits, mut taken) = (wanted.row, Vec::new());
    let (mut skipped_any, mut skipped_mixed) = (0u64, 0u64);
    for &gate in rest {
        let [support, mixed] = wanted.masks[gate];
        let commutes = mixed & skipped_any == 0 && support & skipped_mixed == 0;
        // A diagonal may be due after what was taken, to keep the norm.
        let due = taken.len() < most || mixed == 0;
        if commutes && wanted.fits(bits | mixed) && !alone(gate) && due {
            bits |= mixed;
            taken.push(gate);
        } else {
            skipped_any |= support;
            skipped_mixed |= mixed;
        }
        if skipped_mixed & wanted.within == wanted.within {
            break; // nothing after it commutes
        }
    }
    (bits, taken)
}

/// The bits that the union heuristic of HyQuas (Zhang et al., ICS 2021) chooses: for each bit it gathers the
/// gates that lead up to the last one on it, as far as they find room; then it takes the bit with most gates,
/// and again the one that brings most and still fits.
///
/// They are better than those of first fit where pairs of bits are far apart, as in quantum volume.
fn union(rest: &[usize], wanted: &Wanted<'_>, alone: &impl Fn(usize) -> bool) -> u64 {
    let words = rest.len().div_ceil(64);
    // For each bit: the bits that its gates need, these gates, and whether one has found no wanted.
    let mut needs = [0u64; 64];
    let mut gates = vec![0u64; 64 * words];
    let mut full = 0u64;
    for (place, &gate) in rest.iter().enumerate() {
        let [support, mixed] = wanted.masks[gate];
        let bits = set_bits(support).fold(mixed, |all, bit| all | needs[bit]);
        if support & full != 0 || !wanted.fits(bits) || alone(gate) {
            full |= support;
            if full & wanted.within == wanted.within {
                break;
            }
            continue;
        }
        for word in 0..words {
            let all = set_bits(support).fold(0, |all, bit| all | gates[bit * words + word]);
            let all = all | if place / 64 == word { 1 << (place % 64) } else { 0 };
            set_bits(support).for_each(|bit| gates[bit * words + word] = all);
        }
        set_bits(support).for_each(|bit| needs[bit] = bits);
    }
    let (mut bits, mut chosen) = (wanted.row, vec![0u64; words]);
    let mut waiting = wanted.within;
    loop {
        // The bit that brings most further gates.
        let brings = |bit: usize| -> u32 {
            let own = &gates[bit * words..][..words];
            own.iter().zip(&chosen).map(|(own, chosen)| (own & !chosen).count_ones()).sum()
        };
        let fitting = set_bits(waiting).filter(|&bit| wanted.fits(bits | needs[bit]));
        let Some(best) = fitting.max_by_key(|&bit| (brings(bit), std::cmp::Reverse(bit))) else {
            return bits;
        };
        waiting &= !(1 << best);
        bits |= needs[best];
        chosen.iter_mut().zip(&gates[best * words..]).for_each(|(chosen, own)| *chosen |= own);
    }
}
