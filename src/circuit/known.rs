//! Where a state can differ from 0: bits of the address that have one value in all these places.
//!
//! A state that begins as |0...0>, or that an adder works on, is 0 nearly everywhere. Tiles and blocks of zeros are
//! left out, because operators are linear. To find them, they have to be read; those in which a known bit has the
//! other value are not even read, and neither are such groups of registers. Gates change what is known:
//!
//! ```text
//! rotation, matrix     the bits that it mixes are no longer known
//! diagonal             nothing changes
//! flip                 where all its controls are known, it happens or it does not; else its target is unknown
//! swap                 exchanges two bits
//! ```

use super::fuse::{Fused, FusedGate};
use super::plan::{PlacedGate, Tiles};
use crate::bits::set_bits;

/// Bits that have the same value in all places where a state is not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KnownBits {
    /// The bits, as a mask.
    pub mask: u64,
    /// Their values; other bits are 0 here.
    pub values: u64,
}

impl KnownBits {
    /// No bit is known.
    pub const NONE: KnownBits = KnownBits { mask: 0, values: 0 };

    /// In |0...0>, all bits are known.
    pub fn zeros(num_bits: usize) -> KnownBits {
        KnownBits { mask: (1 << num_bits) - 1, values: 0 }
    }

    /// Those of a mask, no others.
    pub fn within(self, mask: u64) -> KnownBits {
        KnownBits { mask: self.mask & mask, values: self.values & mask }
    }

    /// These and others, which are as true.
    pub fn and(self, others: KnownBits) -> KnownBits {
        KnownBits { mask: self.mask | others.mask, values: self.values | others.values }
    }

    /// Whether a state can differ from 0 where bits have these values; those that are not in `bits` may have any.
    pub fn allow(self, bits: u64, values: u64) -> bool {
        (self.values ^ values) & self.mask & bits == 0
    }

    fn forget(&mut self, mask: u64) {
        *self = self.within(!mask);
    }

    /// What is known after a flip of a bit where the controls, a mask, have some values.
    fn flip(&mut self, target: u64, controls: u64, values: u64) {
        if !self.allow(controls, values) {
            return;
        }
        match controls & !self.mask {
            0 => self.values ^= target & self.mask,
            _ => self.forget(target),
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        let exchanged = |mask: u64| {
            let differ = (mask >> a ^ mask >> b) & 1;
            mask ^ (differ << a | differ << b)
        };
        *self = KnownBits { mask: exchanged(self.mask), values: exchanged(self.values) };
    }

    /// After a sweep that applies gates by a kernel of its own.
    pub fn after_direct(mut self, fused: &Fused, gates: &[usize]) -> KnownBits {
        for &gate in gates {
            match fused.gates[gate] {
                FusedGate::Flip(target, controls, values) => self.flip(1 << target, controls, values),
                FusedGate::Swap(a, b) => self.swap(a.into(), b.into()),
                FusedGate::Rotation(number, bit) if fused.rotations[number].is_flip() => {
                    self.flip(1 << bit, 0, 0);
                }
                _ => self.forget(fused.masks[gate][1]),
            }
        }
        self
    }

    /// Before each pass of a sweep over tiles, and after the sweep.
    pub fn through_tiles(mut self, fused: &Fused, tiles: &Tiles) -> (Vec<KnownBits>, KnownBits) {
        let mut passes = Vec::new();
        if self == KnownBits::NONE {
            return (passes, self);
        }
        for group in tiles.blocks.iter().flat_map(|block| &block.inner) {
            passes.push(self);
            group.gates.iter().for_each(|&number| self.after_placed(fused, &tiles.gates[number]));
        }
        // The copy is written back with its bits in another order.
        let back = |mask: u64| set_bits(mask).fold(0, |mask, bit| mask | 1 << tiles.ends[bit]);
        match tiles.is_permuted() {
            true => (passes, KnownBits { mask: back(self.mask), values: back(self.values) }),
            false => (passes, self),
        }
    }

    /// What both say.
    pub fn common(self, other: KnownBits) -> KnownBits {
        self.within(other.mask & !(self.values ^ other.values))
    }

    /// The value of a bit, if it is known.
    pub fn value(self, bit: u8) -> Option<bool> {
        (self.mask >> bit & 1 == 1).then_some(self.values >> bit & 1 == 1)
    }

    /// After a gate on a tile's copy.
    fn after_placed(&mut self, fused: &Fused, placed: &PlacedGate) {
        match fused.gates[placed.gate] {
            FusedGate::Flip(target, controls, values) => {
                let now =
                    |mask: u64| set_bits(mask).fold(0, |mask, bit| mask | 1 << placed.now(bit as u8));
                match placed.at.is_empty() {
                    true => self.flip(1 << target, controls, values),
                    false => self.flip(1 << placed.now(target), now(controls), now(values)),
                }
            }
            FusedGate::Rotation(number, _) if fused.rotations[number].is_flip() => {
                self.flip(placed.masks[1], 0, 0);
            }
            _ => self.forget(placed.masks[1]),
        }
    }
}
