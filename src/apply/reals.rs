//! Operators on real states.
//!
//! Where the two amplitudes that differ in bit 0 are neighbours, a real state is a complex one of one qubit less, with
//! those two as real and imaginary part. A real operator on other bits acts on both parts alike, so the kernels for
//! complex states apply it as it is. One that bit 0 takes part in is a matrix of real 2 x 2 blocks, or a diagonal with a
//! factor for each part, on the other bits:
//!
//! ```text
//! (re, im) becomes (a re + b im, c re + d im)          a block [[a, b], [c, d]]
//! ```
//!
//! Where bit 0 is a control, only one of the parts changes.
//!
//! Everything else takes one amplitude at a time: states that lie otherwise, permutations and Pauli strings of many
//! bits that bit 0 is one of, and operators of batches that differ from state to state.

use num_complex::Complex64;

use super::apply_as;
use crate::exec::Crew;
use crate::kernels::{Parts, Site};
use crate::layout::{Layout, MAX_BITS};
use crate::operator::Operator;
use crate::simd::Real;
use crate::state::StateMut;

/// Permutations on as many bits besides bit 0 are written as matrices.
const MAX_PERMUTED: usize = 2;

/// Applies a real operator to a real state; false where that is left to the kernels that take one amplitude at a
/// time. Not inlined, as complex states would pay for it.
#[inline(never)]
pub(super) fn apply<T: Real>(
    state: &mut StateMut<'_, T>,
    operator: &Operator<'_>,
    site: &Site<'_>,
    crew: Crew,
) -> bool {
    let Some(pairs) = state.layout().pairs() else { return false };
    let flipped = (state.layout().flipped() & 1) as usize;
    let mut targets = [0; MAX_BITS];
    let mut others = 0;
    for &bit in site.targets.iter().filter(|&&bit| bit != 0) {
        targets[others] = bit - 1;
        others += 1;
    }
    let controlled = site.controls & 1 == 1;
    let parts = match controlled {
        true if (site.values & 1) as usize == flipped => Parts::Re,
        true => Parts::Im,
        false if others == site.targets.len() => Parts::Alike,
        false => Parts::Apart,
    };
    let on_pairs = Site { targets: &targets[..others], ..lowered(site) };
    let mut state = state.in_pairs(&pairs);
    let entries = match (operator, parts) {
        (_, Parts::Alike) => None,
        (Operator::Pauli(..), _) => return false,
        (Operator::Permutation(_), _) if others > MAX_PERMUTED => return false,
        (Operator::Permutation(transpositions), _) => {
            let matrix = matrix_of(transpositions, 1 << site.targets.len());
            Some(match parts {
                Parts::Apart => told_apart(&Operator::Dense(&matrix), site, others, flipped),
                _ => matrix,
            })
        }
        (_, Parts::Apart) => Some(told_apart(operator, site, others, flipped)),
        _ => None,
    };
    let operator = match (operator, &entries) {
        (_, None) => *operator,
        (Operator::Diagonal(_), Some(entries)) => Operator::Diagonal(entries),
        (_, Some(entries)) => Operator::Dense(entries),
    };
    apply_as(&mut state, &operator, &on_pairs, crew, parts);
    true
}

/// Where an operator that bit 0 takes no part in acts on the pairs of real states: their layout, and the targets on it.
#[inline(never)]
pub(super) fn beside_lowest(layout: &Layout, site: &Site<'_>) -> Option<(Layout, [u8; MAX_BITS])> {
    if site.controls & 1 == 1 || site.targets.contains(&0) {
        return None;
    }
    let mut targets = [0; MAX_BITS];
    for (to, &bit) in targets.iter_mut().zip(site.targets) {
        *to = bit - 1;
    }
    Some((layout.pairs()?, targets))
}

/// The controls of a site on the pairs of a real state.
pub(super) fn lowered(site: &Site<'_>) -> Site<'static> {
    Site { targets: &[], controls: site.controls >> 1, values: site.values >> 1 }
}

/// A permutation, given by transpositions, as a matrix.
fn matrix_of(transpositions: &[(usize, usize)], size: usize) -> Vec<Complex64> {
    let mut from: Vec<usize> = (0..size).collect();
    transpositions.iter().for_each(|&(a, b)| from.swap(a, b));
    let mut matrix = vec![Complex64::ZERO; size * size];
    from.iter().enumerate().for_each(|(to, from)| matrix[to * size + from] = Complex64::ONE);
    matrix
}

/// The entries of an operator that bit 0 is a target of, on `others` other targets: the factors of a diagonal, or the
/// blocks of a matrix. `flipped` is the value of the qubit that is bit 0 at the lower address.
fn told_apart(
    operator: &Operator<'_>,
    site: &Site<'_>,
    others: usize,
    flipped: usize,
) -> Vec<Complex64> {
    let place = site.targets.iter().rev().position(|&bit| bit == 0).unwrap_or(0);
    let dim = 1usize << others;
    // The row index where the other targets have setting `i` and bit 0 of the address is `value`.
    let index = |i: usize, value: usize| {
        (i >> place) << (place + 1) | (value ^ flipped) << place | i & ((1 << place) - 1)
    };
    match *operator {
        Operator::Dense(matrix) => {
            let mut blocks = Vec::with_capacity(2 * dim * dim);
            for (i, j) in (0..dim * dim).map(|entry| (entry / dim, entry % dim)) {
                let at = |to: usize, from: usize| matrix[index(i, to) * 2 * dim + index(j, from)].re;
                blocks.extend([Complex64::new(at(0, 0), at(1, 1)), Complex64::new(at(0, 1), at(1, 0))]);
            }
            blocks
        }
        Operator::Diagonal(diagonal) => {
            let factors = |i: usize| Complex64::new(diagonal[index(i, 0)].re, diagonal[index(i, 1)].re);
            (0..dim).map(factors).collect()
        }
        Operator::Permutation(_) | Operator::Pauli(..) | Operator::Phases(..) => {
            unreachable!("neither has entries of this kind")
        }
    }
}
