//! Which steps are done together: on a tile in L2, on a part of it in L1, and in registers.

use super::fuse::{Fused, Step};
use crate::kernels::set_bits;

/// What one sweep over the state does.
#[derive(Clone, Debug, PartialEq)]
pub enum Sweep {
    /// An operation, by its number, with a kernel of its own.
    Direct(usize),
    /// Some steps, tile by tile.
    Tiles(Tiles),
}

/// Steps that are done tile by tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiles {
    /// The bits of a tile, as a mask.
    pub tile: u64,
    /// The steps, in order, with the bits on which they find what they act on.
    pub steps: Vec<Placed>,
    /// The steps of each group that is done to one part of a tile after the other.
    pub parts: Vec<Group>,
    /// Where the bits end: what is at bit `i` of the tile's copy belongs to bit `ends[i]`.
    pub ends: Vec<u8>,
}

/// A step on bits that may have changed places.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Its number.
    pub step: usize,
    /// The bits that it touches, and those on which it is not diagonal, where they now are.
    pub masks: [u64; 2],
    /// Where each bit now is; empty if each is at its own place.
    pub at: Vec<u8>,
}

/// Steps that find all that they mix in some bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The bits, as a mask.
    pub bits: u64,
    /// The steps, by their places in [`Tiles::steps`], in order.
    pub steps: Vec<usize>,
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
}

/// The levels of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// A tile, in L2.
    pub tile: Level,
    /// A part of a tile, in L1.
    pub part: Level,
    /// What is held in registers; its row is one register.
    pub registers: Level,
}

/// So many amplitudes a sweep may change in each of its tiles, over all its steps: some 20 ms, after which
/// it is asked whether to go on.
const AMPLITUDES: usize = 80_000_000;

/// How many steps ahead to look, so that planning the longest circuits takes time in proportion.
const WINDOW: usize = 1 << 12;

impl Plan {
    /// Plans sweeps over `num_bits` bits.
    pub fn new(fused: &Fused, num_bits: usize, levels: &Levels) -> Plan {
        let all = (1 << num_bits) - 1;
        let most = (AMPLITUDES >> levels.tile.bits.min(num_bits)).max(1);
        let (mut rest, mut ahead) = (Vec::new(), 0..fused.steps.len());
        let mut sweeps = Vec::new();
        loop {
            refill(&mut rest, &mut ahead);
            let Some(&first) = rest.first() else { break };
            if let Step::Direct(operation) = fused.steps[first] {
                sweeps.push(Sweep::Direct(operation));
                rest.remove(0);
                continue;
            }
            let alone = |step: usize| matches!(fused.steps[step], Step::Direct(_));
            let more = !ahead.is_empty();
            let (tile, taken) = first_fit(&fused.masks, &mut rest, more, all, levels.tile, most, alone);
            sweeps.push(Sweep::Tiles(Tiles::new(fused, tile, &taken, levels)));
        }
        Plan { sweeps }
    }
}

impl Tiles {
    fn new(fused: &Fused, tile: u64, taken: &[usize], levels: &Levels) -> Tiles {
        // Where what belongs to each bit is: an exchange of two bits only changes places.
        let mut at: Vec<u8> = (0..64).collect();
        let mut steps = Vec::new();
        let mut moved = false;
        for &step in taken {
            if let Step::Swap(a, b) = fused.steps[step] {
                at.swap(a.into(), b.into());
                moved = true;
                continue;
            }
            let map = |mask: u64| set_bits(mask).fold(0, |mask, bit| mask | 1 << at[bit]);
            let masks = if moved { fused.masks[step].map(map) } else { fused.masks[step] };
            steps.push(Placed { step, masks, at: if moved { at.clone() } else { Vec::new() } });
        }
        let masks: Vec<[u64; 2]> = steps.iter().map(|placed| placed.masks).collect();
        let inner = [levels.part, levels.registers];
        let parts = groups(&masks, &(0..steps.len()).collect::<Vec<_>>(), tile, &inner);
        let mut ends = vec![0; 64];
        at.iter().zip(0..).for_each(|(&at, bit)| ends[usize::from(at)] = bit);
        Tiles { tile, steps, parts, ends }
    }

    /// Whether bits have changed places.
    pub fn is_permuted(&self) -> bool {
        self.ends.iter().zip(0..).any(|(&end, bit): (&u8, u8)| end != bit)
    }
}

/// Tops up the steps that are looked at.
fn refill(rest: &mut Vec<usize>, ahead: &mut impl Iterator<Item = usize>) {
    if rest.len() < WINDOW / 2 {
        rest.extend(ahead.take(WINDOW - rest.len()));
    }
}

/// Groups of steps on the bits of `within`, one level after the other.
fn groups(masks: &[[u64; 2]], steps: &[usize], within: u64, levels: &[Level]) -> Vec<Group> {
    let mut found = Vec::new();
    let Some((&level, deeper)) = levels.split_first() else { return found };
    let (mut rest, mut ahead) = (Vec::new(), steps.iter().copied());
    loop {
        refill(&mut rest, &mut ahead);
        if rest.is_empty() {
            return found;
        }
        let more = ahead.len() > 0;
        let (bits, steps) = first_fit(masks, &mut rest, more, within, level, usize::MAX, |_| false);
        let inner = groups(masks, &steps, bits, deeper);
        found.push(Group { bits, steps, inner });
    }
}

/// Takes steps from `rest`, after which there may be more, that can be done together, and tells on which bits.
///
/// First fit: every step that commutes with those skipped, and whose bits still find room. A step needs only
/// those bits on which it is not diagonal. What is diagonal is left for later unless a step needs it done or
/// all its bits are there: then it is a table of few bits.
fn first_fit(
    masks: &[[u64; 2]],
    rest: &mut Vec<usize>,
    more: bool,
    within: u64,
    level: Level,
    most: usize,
    alone: impl Fn(usize) -> bool,
) -> (u64, Vec<usize>) {
    let room = level.bits.min(within.count_ones() as usize);
    let mut bits = set_bits(within).take(level.row_bits.min(room)).fold(0u64, |row, bit| row | 1 << bit);
    let (mut taken, mut skipped) = (Vec::new(), Vec::new());
    let (mut skipped_any, mut skipped_mixed) = (0u64, 0u64);
    let mut list = rest.iter().copied();
    for step in list.by_ref() {
        let [support, mixed] = masks[step];
        let commutes = mixed & skipped_any == 0 && support & skipped_mixed == 0;
        // A diagonal may be due after what was taken, to keep the norm.
        let due = taken.len() < most || mixed == 0;
        let fits = (bits | mixed).count_ones() as usize <= room && !alone(step) && due;
        if commutes && fits {
            bits |= mixed;
            taken.push(step);
        } else {
            skipped.push(step);
            skipped_any |= support;
            skipped_mixed |= mixed;
        }
        if skipped_mixed & within == within {
            break; // nothing after it commutes
        }
    }
    skipped.extend(list);
    // The next bits that diagonals have, then neighbours of the row, which make rows longer.
    let supports = taken.iter().map(|&step| masks[step][0] & within);
    for support in supports.chain(set_bits(within).map(|bit| 1 << bit)) {
        if (bits | support).count_ones() as usize <= room {
            bits |= support;
        }
    }
    if more || skipped.iter().any(|&step| masks[step][1] != 0) {
        let (mut needed, mut left) = (0, Vec::new());
        let mut kept = Vec::with_capacity(taken.len());
        for &step in taken.iter().rev() {
            let [support, mixed] = masks[step];
            needed |= mixed;
            let later = mixed == 0 && support & needed == 0 && support & !bits != 0;
            if later { left.push(step) } else { kept.push(step) }
        }
        if !kept.is_empty() {
            kept.reverse();
            taken = kept;
            skipped.extend(left);
            skipped.sort_unstable();
        }
    }
    *rest = skipped;
    (bits, taken)
}
