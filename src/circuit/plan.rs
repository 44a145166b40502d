//! Which ops run together on a tile.

use super::fuse::cost;
use super::ir::Op;

/// Bits that lie in every tile: the lowest, so that what is copied lies in rows of 256 bytes or more.
pub const ROW_BITS: usize = 4;

/// What one sweep does.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The bits of its tiles, as a mask; 0 where the one op is applied to the state itself.
    pub tile: u64,
    /// The ops, by their places, in order.
    pub ops: Vec<usize>,
}

/// All sweeps, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The sweeps.
    pub sweeps: Vec<Sweep>,
}

impl Plan {
    /// So many ops, each over the whole state.
    pub fn one_by_one(ops: usize) -> Plan {
        Plan { sweeps: (0..ops).map(|place| Sweep { tile: 0, ops: vec![place] }).collect() }
    }
}

/// What loading and storing a tile costs, in the unit of [`cost`]: a sweep over memory, which a single
/// op needs as well.
const COST_OF_SWEEP: f64 = 2.5;

/// Plans sweeps over `num_bits` bits with tiles of `tile_bits`, of which `row_bits` are the lowest.
///
/// First fit: a sweep takes every op that commutes with those it has skipped and whose bits still
/// find room in the tile. An op needs only those bits in the tile on which it is not diagonal.
pub fn plan(ops: &[Op], num_bits: usize, tile_bits: usize, row_bits: usize) -> Plan {
    let row = (1u64 << row_bits) - 1;
    let mut rest: Vec<usize> = (0..ops.len()).collect();
    let mut sweeps = Vec::new();
    while !rest.is_empty() {
        let (mut tile, mut taken, mut skipped) = (row, Vec::new(), Vec::new());
        let (mut skipped_any, mut skipped_mixed) = (0u64, 0u64);
        for &place in &rest {
            let (support, mixed) = (ops[place].support(), ops[place].mixed());
            let commutes = mixed & skipped_any == 0 && support & skipped_mixed == 0;
            if commutes && (tile | mixed).count_ones() as usize <= tile_bits {
                tile |= mixed;
                taken.push(place);
            } else {
                skipped.push(place);
                skipped_any |= support;
                skipped_mixed |= mixed;
            }
        }
        if taken.is_empty() {
            // Its bits do not fit into any tile.
            taken.push(skipped.remove(0));
            sweeps.push(Sweep { tile: 0, ops: taken });
        } else if worth_a_tile(ops, &taken) {
            // Neighbours of the row make longer ones of what is copied.
            let mut bit = 0;
            while (tile.count_ones() as usize) < tile_bits && bit < num_bits {
                tile |= 1 << bit;
                bit += 1;
            }
            sweeps.push(Sweep { tile, ops: taken });
        } else {
            sweeps.extend(taken.into_iter().map(|place| Sweep { tile: 0, ops: vec![place] }));
        }
        rest = skipped;
    }
    Plan { sweeps }
}

/// Whether these ops are faster in cache than one after the other over memory.
fn worth_a_tile(ops: &[Op], taken: &[usize]) -> bool {
    let in_cache: f64 = taken.iter().map(|&place| cost(&ops[place])).sum();
    let share = |op: &Op| 1.0 / (1u64 << op.controls.count_ones().min(63)) as f64;
    let over_memory: f64 =
        taken.iter().map(|&place| (COST_OF_SWEEP * share(&ops[place])).max(cost(&ops[place]))).sum();
    taken.len() > 1 && COST_OF_SWEEP + in_cache < over_memory
}
