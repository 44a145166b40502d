//! Which ops run together on a tile, and which of those on a part of it.

use super::fuse::cost;
use super::ir::{Body, Op};
use crate::kernels::set_bits;

/// What one sweep does.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The bits of its tiles, as a mask; 0 where the one op is applied to all at once.
    pub tile: u64,
    /// The ops, by their places, in order.
    pub ops: Vec<usize>,
    /// The sweeps over parts of a tile that do them.
    pub inner: Vec<Sweep>,
}

/// All sweeps, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The sweeps.
    pub sweeps: Vec<Sweep>,
}

/// A level of the memory: what is held there at a time.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Bits of a tile.
    pub bits: usize,
    /// How many of these are the lowest of all, so that rows of a tile are worth loading.
    pub row_bits: usize,
    /// What loading and storing everything once costs, in the unit of [`cost`].
    pub cost: f64,
}

impl Plan {
    /// Plans sweeps over `num_bits` bits: tiles of the first level, parts of these of the next.
    pub fn new(ops: &[Op], num_bits: usize, levels: &[Level]) -> Plan {
        let all = (1 << num_bits) - 1;
        let reach = Reach { ops, masks: ops.iter().map(|op| (op.support(), op.mixed())).collect() };
        Plan { sweeps: sweeps(&reach, (0..ops.len()).collect(), all, levels) }
    }

    /// Each op by itself.
    pub fn one_by_one(ops: usize) -> Plan {
        Plan { sweeps: (0..ops).map(alone).collect() }
    }
}

fn alone(op: usize) -> Sweep {
    Sweep { tile: 0, ops: vec![op], inner: Vec::new() }
}

/// So many amplitudes a sweep may change in each of its tiles, over all its ops: some 20 ms, after which
/// it is asked whether to go on.
const AMPLITUDES: usize = 40_000_000;

/// What the planner asks of ops.
struct Reach<'a> {
    ops: &'a [Op],
    /// The bits that each touches, and those on which it is not diagonal.
    masks: Vec<(u64, u64)>,
}

/// Sweeps over the bits of `within` that do the ops of `rest`.
///
/// First fit: a sweep takes every op that commutes with those it has skipped and whose bits still
/// find room in the tile. An op needs only those bits in the tile on which it is not diagonal.
fn sweeps(reach: &Reach<'_>, mut rest: Vec<usize>, within: u64, levels: &[Level]) -> Vec<Sweep> {
    let Some((level, deeper)) = levels.split_first() else {
        return rest.into_iter().map(alone).collect();
    };
    let room = level.bits.min(within.count_ones() as usize);
    let row = set_bits(within).take(level.row_bits.min(room)).fold(0u64, |row, bit| row | 1 << bit);
    let most = (AMPLITUDES >> room).max(1);
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (mut tile, mut taken, mut skipped) = (row, Vec::new(), Vec::new());
        let (mut skipped_any, mut skipped_mixed) = (0u64, 0u64);
        let mut list = rest.iter().copied();
        for place in list.by_ref() {
            let (support, mixed) = reach.masks[place];
            let commutes = mixed & skipped_any == 0 && support & skipped_mixed == 0;
            let fits = (tile | mixed).count_ones() as usize <= room && !is_large(&reach.ops[place]);
            if commutes && fits {
                tile |= mixed;
                taken.push(place);
            } else {
                skipped.push(place);
                skipped_any |= support;
                skipped_mixed |= mixed;
            }
            if skipped_mixed & within == within || taken.len() == most {
                break; // nothing after it commutes, or it is enough
            }
        }
        skipped.extend(list);
        rest = skipped;
        if taken.is_empty() {
            found.push(alone(rest.remove(0)));
        } else if worth_a_tile(reach.ops, &taken, level) {
            // Neighbours of the row make longer ones of what is loaded.
            for bit in set_bits(within & !tile) {
                if tile.count_ones() as usize == room {
                    break;
                }
                tile |= 1 << bit;
            }
            let inner = sweeps(reach, taken.clone(), tile, deeper);
            found.push(Sweep { tile, ops: taken, inner });
        } else {
            found.extend(taken.into_iter().map(alone));
        }
    }
    found
}

/// Whether an op has no place in a tile: a matrix on three bits and more is arranged anew for each, and
/// has enough to do to be worth a sweep.
fn is_large(op: &Op) -> bool {
    matches!(op.body, Body::Dense(_)) && op.targets.len() > 2
}

/// Whether these ops are faster together than if each loads and stores what it touches.
fn worth_a_tile(ops: &[Op], taken: &[usize], level: &Level) -> bool {
    let apart: f64 = taken.iter().map(|&place| level.cost * ops[place].share()).sum();
    let saved: f64 = taken.iter().map(|&place| cost(&ops[place])).sum::<f64>() * 0.05;
    taken.len() > 1 && level.cost < apart + saved
}
