//! Bloch vectors of all qubits.
//!
//! A state is cut into rows (see [`kernels::bloch`](crate::kernels::bloch)). A tile of rows in cache tells the Bloch
//! vectors of the bits inside it: those of the 15 lowest bits in the first pass over the state, and of 9 more in each
//! further one.

use std::cell::RefCell;

use num_complex::Complex64;

use crate::exec::{self, Crew, each_state};
use crate::kernels::Chunk;
use crate::kernels::bloch::{MAX_TILE_BITS, Tally, Tile};
use crate::kernels::pauli_sum::{Block, Rows};
use crate::layout::Layout;
use crate::simd::{Real, on_widest};
use crate::state::{StateRef, States};

/// How many bits number the amplitudes of a row, and the rows of a tile. A tile is 512 KiB, half of an L2 cache of
/// 1 MiB; a row is 16 cache lines.
const SIZES: (usize, usize) = (6, MAX_TILE_BITS);

/// Estimate for copying an amplitude into a tile, and all that is done to it once.
const NANOS_TO_COPY: f64 = 1.0;

/// Estimate for an amplitude and a bit.
const NANOS_PER_BIT: f64 = 0.07;

/// One way through the state, which reads some bits.
#[derive(Clone, Debug, PartialEq)]
struct Pass {
    /// How many bits of the number of a row are below those of the tile.
    below: usize,
    /// How many of the bits inside the tile have been read before.
    skipped: usize,
}

/// How Bloch vectors are read from all states of one layout.
struct Vectors {
    rows: Rows,
    /// How many bits number the rows of the state.
    row_bits: usize,
    /// How many of them number the rows of a tile.
    tile: usize,
    passes: Vec<Pass>,
    /// For each qubit, its bit, and whether it is 1 at the lower address.
    qubits: Vec<(usize, bool)>,
}

impl Vectors {
    fn new(layout: &Layout, (row, tile): (usize, usize)) -> Vectors {
        let n = layout.num_qubits();
        let row = row.min(n);
        let (row_bits, tile) = (n - row, tile.min(n - row));
        let mut passes = vec![Pass { below: 0, skipped: 0 }];
        let mut read = tile;
        while read < row_bits {
            // The last tile is no smaller, and meets some bits again.
            let below = read.min(row_bits - tile);
            passes.push(Pass { below, skipped: row + read - below });
            read = below + tile;
        }
        let strides: Vec<isize> = (0..n).map(|bit| layout.stride(bit)).collect();
        let flipped = |bit: usize| layout.flipped() >> bit & 1 == 1;
        let qubits = layout.qubit_bits().map(|bit| (bit, flipped(bit))).collect();
        Vectors { rows: Rows::new(&strides, row, 0, layout.unit()), row_bits, tile, passes, qubits }
    }

    fn of<T: Real>(&self, state: StateRef<'_, T>, out: &mut [f64], crew: Crew) {
        let mut z = Vec::new();
        let mut overlaps: Vec<Complex64> = Vec::new();
        for (number, pass) in self.passes.iter().enumerate() {
            let tally = self.run(pass, state, crew);
            // Where a row is filled up to a block, there are more than the state has bits.
            overlaps.extend(tally.overlaps);
            if number == 0 {
                z = tally.z;
            }
        }
        for (&(bit, flipped), out) in self.qubits.iter().zip(out.as_chunks_mut::<3>().0) {
            let sign = if flipped { -1.0 } else { 1.0 };
            *out = [2.0 * overlaps[bit].re, sign * 2.0 * overlaps[bit].im, sign * z[bit]];
        }
    }

    fn run<T: Real>(&self, pass: &Pass, state: StateRef<'_, T>, crew: Crew) -> Tally {
        thread_local! {
            static ROOM: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
        }
        let (rows, bits, &Pass { below, skipped }) = (&self.rows, self.tile, pass);
        let first = |tile: u64| tile & ((1 << below) - 1) | tile >> below << (below + bits);
        let leaf = |chunk: Chunk| {
            let first = first(chunk.index);
            ROOM.with_borrow_mut(|room| {
                on_widest(crew.isa, Tile { state, rows, first, below, bits, skipped, room })
            })
        };
        exec::reduce(crew.threads, (self.row_bits - bits) as u32, leaf, |mut a, b| {
            a.z.iter_mut().zip(b.z).for_each(|(a, b)| *a += b);
            a.overlaps.iter_mut().zip(b.overlaps).for_each(|(a, b)| *a += b);
            // `a` and `b` differ in one more bit of the tile's number.
            a.z.push(a.total - b.total);
            a.total += b.total;
            a
        })
    }
}

/// Estimate for a state.
fn nanos(layout: &Layout) -> f64 {
    let n = layout.num_qubits();
    let passes = 1 + n.saturating_sub(SIZES.0 + SIZES.1).div_ceil(SIZES.1);
    (1i64 << n) as f64 * (passes as f64 * NANOS_TO_COPY + n as f64 * NANOS_PER_BIT) + 200.0
}

/// The work of [`bloch_vectors`], in nanoseconds of one thread.
pub fn nanos_to_bloch_vectors(layout: &Layout) -> f64 {
    layout.states() as f64 * nanos(layout)
}

/// The expectation values of X, Y and Z for each qubit of a state.
pub(super) fn bloch_vectors_of<T: Real>(state: StateRef<'_, T>, out: &mut [f64], crew: Crew) {
    Vectors::new(state.layout(), SIZES).of(state, out, crew);
}

/// The expectation values of X, Y and Z for each qubit of each state, in C order, summed in double precision.
///
/// # Panics
/// Where `out` has not as many elements.
pub fn bloch_vectors<T: Real>(states: States<'_, T>, out: &mut [f64], crew: Crew) {
    let layout = states.layout();
    assert_eq!(out.len(), states.len() * layout.num_qubits() * 3, "three numbers for each qubit");
    let vectors = Vectors::new(layout, SIZES);
    let (across, inside) = crew.shared_out(nanos(layout));
    each_state(states, across, out, |_, state, out| vectors.of(state, out, inside));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{Tensor, assert_near, orders};
    use super::*;
    use crate::simd::Isa;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn bloch_vectors_are_their_definition(
            order in orders(), flips: usize, holes: bool, row in 3usize..=7, tile in 1usize..=4
        ) {
            let tensor = Tensor::new(&order, flips, holes);
            let (n, psi) = (order.len(), &tensor.logical);
            let total: f64 = psi.iter().map(Complex64::norm_sqr).sum();
            for sizes in [SIZES, (row, tile)] {
                let mut first: Option<Vec<f64>> = None;
                for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
                    for threads in 1..=3 {
                        let mut out = vec![0.0; 3 * n];
                        let vectors = Vectors::new(&tensor.layout, sizes);
                        vectors.of(tensor.state(), &mut out, Crew { isa, threads });
                        prop_assert_eq!(first.get_or_insert_with(|| out.clone()), &out, "bits differ");
                    }
                }
                for (qubit, found) in first.unwrap().as_chunks::<3>().0.iter().enumerate() {
                    let mask = 1 << (n - 1 - qubit);
                    let (mut overlap, mut z) = (Complex64::ZERO, 0.0);
                    for (index, amplitude) in psi.iter().enumerate() {
                        let one = index & mask != 0;
                        z += amplitude.norm_sqr() * if one { -1.0 } else { 1.0 };
                        overlap += if one { Complex64::ZERO } else { amplitude.conj() * psi[index | mask] };
                    }
                    for (&found, expected) in found.iter().zip([2.0 * overlap.re, 2.0 * overlap.im, z]) {
                        assert_near(found, expected, 1 << n, total);
                    }
                }
            }
        }
    }

    #[test]
    fn each_bit_is_read_once_by_the_fewest_passes() {
        for n in 1..40 {
            let vectors = Vectors::new(&Layout::flat(n), SIZES);
            let passes = 1 + n.saturating_sub(15).div_ceil(9);
            assert_eq!(vectors.passes.len(), passes, "{n} qubits");
            let inside = SIZES.0.min(n) + vectors.tile;
            let read: usize = vectors.passes.iter().map(|pass| inside - pass.skipped).sum();
            assert_eq!(read, n);
        }
    }
}
