//! Correlations of all pairs of qubits: those of Z in one pass over the state, those of X and of Y pair by pair.

use std::cell::RefCell;

use num_complex::Complex64;

use super::bloch::bloch_vectors_of;
use super::{SumReader, norm};
use crate::exec::{self, Crew, each_state};
use crate::kernels::Chunk;
use crate::kernels::correlations::{Leaf, MAX_LEAF_BITS, Room, Signed};
use crate::layout::Layout;
use crate::operator::PauliString;
use crate::pauli_sum::PauliSum;
use crate::simd::{Real, on_widest};
use crate::state::{StateRef, States};

/// The Pauli operator whose products are asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Letter {
    /// X.
    X,
    /// Y.
    Y,
    /// Z.
    Z,
}

/// Estimate for an amplitude: its square, and what is added to it.
const NANOS_PER_AMPLITUDE: f64 = 1.5;

/// How the correlations of Z are read from all states of one layout.
struct Squares {
    /// The strides of the bits of a leaf, from the lowest.
    inside: Vec<[isize; 1]>,
    /// How many of them are contiguous.
    run: usize,
    /// The strides of all other bits.
    others: Vec<isize>,
    /// For each qubit, its bit, and the sign of its Z where that bit is 0.
    qubits: Vec<(usize, f64)>,
}

impl Squares {
    fn new(layout: &Layout) -> Squares {
        let n = layout.num_qubits();
        let leaf = n.min(MAX_LEAF_BITS);
        let sign = |bit: usize| if layout.flipped() >> bit & 1 == 1 { -1.0 } else { 1.0 };
        Squares {
            inside: (0..leaf).map(|bit| [layout.stride(bit)]).collect(),
            run: layout.run().min(leaf),
            others: (leaf..n).map(|bit| layout.stride(bit)).collect(),
            qubits: layout.qubit_bits().map(|bit| (bit, sign(bit))).collect(),
        }
    }

    /// Writes the means of all products, and returns those of each Z.
    fn of<T: Real>(&self, state: StateRef<'_, T>, out: &mut [f64], crew: Crew) -> Vec<f64> {
        thread_local! {
            static ROOM: RefCell<Room> = const { RefCell::new(Room::EMPTY) };
        }
        let leaf = |chunk: Chunk| {
            let set = |(bit, &stride): (usize, &isize)| (chunk.index >> bit & 1) as isize * stride;
            let origin = self.others.iter().enumerate().map(set).sum();
            let (strides, run) = (&self.inside[..], self.run);
            ROOM.with_borrow_mut(|room| on_widest(crew.isa, Leaf { state, strides, run, origin, room }))
        };
        let sums = exec::reduce(crew.threads, self.others.len() as u32, leaf, Signed::joined);
        let n = self.qubits.len();
        for (row, &(a, sign_of_a)) in self.qubits.iter().enumerate() {
            for (column, &(b, sign_of_b)) in self.qubits.iter().enumerate() {
                let (low, high) = (a.min(b), a.max(b));
                out[row * n + column] = match low == high {
                    true => sums.total,
                    false => sign_of_a * sign_of_b * sums.zz[high * (high - 1) / 2 + low],
                };
            }
        }
        self.qubits.iter().map(|&(bit, sign)| sign * sums.z[bit]).collect()
    }
}

/// How the correlations of X or Y are read from all states of one layout.
struct Pairs {
    /// For each pair of qubits, the row and the column, and the product.
    readers: Vec<(usize, usize, SumReader)>,
    num_qubits: usize,
    /// Where the means of the letter are among those of X, Y and Z.
    place: usize,
}

impl Pairs {
    fn new(layout: &Layout, place: usize) -> Pairs {
        let n = layout.num_qubits();
        let mut readers = Vec::new();
        for row in 0..n {
            for column in row + 1..n {
                let x = 1 << (n - 1 - row) | 1 << (n - 1 - column);
                let string = PauliString { x, z: if place == 1 { x } else { 0 } };
                let sum =
                    PauliSum::new(n, [(string, Complex64::ONE)]).expect("a string on these qubits");
                readers.push((row, column, SumReader::new(&sum, layout)));
            }
        }
        Pairs { readers, num_qubits: n, place }
    }

    /// As [`Squares::of`].
    fn of<T: Real>(&self, state: StateRef<'_, T>, out: &mut [f64], crew: Crew) -> Vec<f64> {
        let n = self.num_qubits;
        let square = norm(state, crew).powi(2);
        for qubit in 0..n {
            out[qubit * n + qubit] = square;
        }
        for (row, column, reader) in &self.readers {
            let mean = reader.expectation(state, crew);
            out[row * n + column] = mean;
            out[column * n + row] = mean;
        }
        let mut vectors = vec![0.0; 3 * n];
        bloch_vectors_of(state, &mut vectors, crew);
        vectors.into_iter().skip(self.place).step_by(3).collect()
    }
}

/// Estimate for a state.
fn nanos(layout: &Layout, letter: Letter) -> f64 {
    let n = layout.num_qubits();
    let readings = if letter == Letter::Z { 1 } else { 3 + n * n / 2 };
    (1i64 << n) as f64 * NANOS_PER_AMPLITUDE * readings as f64 + 500.0
}

/// The work of [`correlations`], in nanoseconds of one thread.
pub fn nanos_to_correlations(layout: &Layout, letter: Letter) -> f64 {
    layout.states() as f64 * nanos(layout, letter)
}

/// The expectation values of the products of one Pauli operator on two qubits, for all pairs of each state, in C order,
/// summed in double precision. With `connected`, less the product of both expectation values.
///
/// # Panics
/// Where `out` has not as many elements.
pub fn correlations<T: Real>(
    states: States<'_, T>,
    letter: Letter,
    connected: bool,
    out: &mut [f64],
    crew: Crew,
) {
    let (layout, n) = (states.layout(), states.layout().num_qubits());
    assert_eq!(out.len(), states.len() * n * n, "a number for each pair of qubits");
    let (across, inside) = crew.shared_out(nanos(layout, letter));
    let finish = |out: &mut [f64], means: &[f64]| {
        if connected {
            for (place, out) in out.iter_mut().enumerate() {
                *out -= means[place / n] * means[place % n];
            }
        }
    };
    match letter {
        Letter::Z => {
            let squares = Squares::new(layout);
            each_state(states, across, out, |_, state, out| {
                let means = squares.of(state, out, inside);
                finish(out, &means);
            });
        }
        Letter::X | Letter::Y => {
            let pairs = Pairs::new(layout, if letter == Letter::X { 0 } else { 1 });
            each_state(states, across, out, |_, state, out| {
                let means = pairs.of(state, out, inside);
                finish(out, &means);
            });
        }
    }
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
        fn correlations_are_their_definition(
            order in orders(), flips: usize, holes: bool, connected: bool, letter in 0usize..3
        ) {
            let tensor = Tensor::new(&order, flips, holes);
            let (n, psi) = (order.len(), &tensor.logical);
            let total: f64 = psi.iter().map(Complex64::norm_sqr).sum();
            let letter = [Letter::X, Letter::Y, Letter::Z][letter];
            // SAFETY: the state, alone.
            let states = unsafe { States::<f64>::from_raw(tensor.memory.as_ptr().cast(), &tensor.layout) };
            let mut first: Option<Vec<f64>> = None;
            for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
                for threads in 1..=3 {
                    let mut out = vec![0.0; n * n];
                    correlations(states, letter, connected, &mut out, Crew { isa, threads });
                    prop_assert_eq!(first.get_or_insert_with(|| out.clone()), &out, "bits differ");
                }
            }
            // The mean of the letter on the qubits of a mask.
            let mean = |mask: usize| -> f64 {
                let of = |(index, amplitude): (usize, &Complex64)| {
                    let sign = if (index & mask).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
                    let i = Complex64::I.powu(mask.count_ones());
                    match letter {
                        Letter::X => (psi[index ^ mask].conj() * amplitude).re,
                        Letter::Y => (psi[index ^ mask].conj() * amplitude * i * sign).re,
                        Letter::Z => amplitude.norm_sqr() * sign,
                    }
                };
                psi.iter().enumerate().map(of).sum()
            };
            for (place, found) in first.unwrap().into_iter().enumerate() {
                let (a, b) = (1 << (n - 1 - place / n), 1 << (n - 1 - place % n));
                let product = if a == b { total } else { mean(a | b) };
                let expected = if connected { product - mean(a) * mean(b) } else { product };
                assert_near(found, expected, 1 << n, if connected { total + total * total } else { total });
            }
        }
    }
}
