//! The verbs that read a state, draw from it, and collapse it.

use num_complex::Complex64;

use crate::exec;
use crate::kernels::reduce::{Bins, Density, Inner, Norm, Span};
use crate::kernels::{Part, Site};
use crate::layout::MAX_BITS;
use crate::simd::{Isa, Real, on_widest};
use crate::state::StateRef;

mod kraus;
mod top;

pub use kraus::{Channel, nanos_to_step, trajectory_step};
pub use top::most_probable;

/// A leaf of a sum has `2**LEAF_BITS` amplitudes: 64 KiB, the size of an L1 cache or two.
const LEAF_BITS: usize = 12;

/// What one thread needs to read an amplitude and add its square, in nanoseconds, roughly.
const NANOS_PER_AMPLITUDE: f64 = 0.8;

/// The work of reading a state once, in nanoseconds of one thread.
pub fn nanos(num_qubits: usize) -> f64 {
    (1i64 << num_qubits) as f64 * NANOS_PER_AMPLITUDE
}

/// The norm, `sqrt(sum |a|**2)`, summed in double precision.
pub fn norm<T: Real>(state: StateRef<'_, T>, isa: Isa, threads: usize) -> f64 {
    let layout = state.layout();
    let strides: Vec<[isize; 1]> = (0..layout.num_qubits()).map(|bit| [layout.stride(bit)]).collect();
    let span = Span { strides: &strides, run: layout.run().min(LEAF_BITS), origin: [0] };
    let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
    let leaf = |part| on_widest(isa, Norm { state, span, part });
    exec::reduce(threads, levels, leaf, |a, b| a + b).sqrt()
}

/// The inner product, `sum conj(bra) * ket`, summed in double precision. Both have as many qubits;
/// qubit by qubit they may lie differently in memory.
pub fn inner<T: Real>(
    bra: StateRef<'_, T>,
    ket: StateRef<'_, T>,
    isa: Isa,
    threads: usize,
) -> Complex64 {
    debug_assert_eq!(bra.layout().num_qubits(), ket.layout().num_qubits());
    // The bits of `bra` in order of its addresses, each with the stride of the same qubit of `ket`:
    // backwards where only one of the two is flipped.
    let (bra_layout, ket_layout) = (bra.layout(), ket.layout());
    let mut strides = vec![[0; 2]; bra_layout.num_qubits()];
    let mut origin = [0; 2];
    for (b, k) in bra_layout.qubit_bits().zip(ket_layout.qubit_bits()) {
        let stride = ket_layout.stride(k);
        let against = (bra_layout.flipped() >> b ^ ket_layout.flipped() >> k) & 1 == 1;
        strides[b] = [bra_layout.stride(b), if against { -stride } else { stride }];
        origin[1] += if against { stride } else { 0 };
    }
    let run = run_of(&strides, |bit| 2 << bit);
    let span = Span { strides: &strides, run, origin };
    let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
    let leaf = |part| on_widest(isa, Inner { bra, ket, span, part });
    exec::reduce(threads, levels, leaf, |a, b| a + b)
}

/// The density matrix of the qubits that `bits` are (the first is the most significant bit of a row),
/// row by row: the trace over all others of `|psi><psi|`, summed in double precision.
///
/// # Panics
/// Where they are not distinct bits of the state.
pub fn density<T: Real>(
    state: StateRef<'_, T>,
    bits: &[u8],
    isa: Isa,
    threads: usize,
) -> Vec<Complex64> {
    let (layout, k) = (state.layout(), bits.len());
    Site { targets: bits, controls: 0, values: 0 }.check(layout);
    let place = |setting: usize| {
        let value =
            |i: usize, bit: u8| (setting >> (k - 1 - i) ^ (layout.flipped() >> bit) as usize) & 1;
        let part = |(i, &bit): (usize, &u8)| value(i, bit) as isize * layout.stride(bit.into());
        bits.iter().enumerate().map(part).sum()
    };
    let settings: Vec<isize> = (0..1 << k).map(place).collect();
    let others = (0..layout.num_qubits()).filter(|&bit| !bits.contains(&(bit as u8)));
    let strides: Vec<[isize; 1]> = others.map(|bit| [layout.stride(bit)]).collect();
    let span = Span { strides: &strides, run: 0, origin: [0] };
    let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
    let leaf = |part| on_widest(isa, Density { state, settings: &settings, span, part });
    let mut matrix = exec::reduce(threads, levels, leaf, |mut a, b| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    });
    for row in 0..1 << k {
        for column in 0..row {
            matrix[(row << k) + column] = matrix[(column << k) + row].conj();
        }
    }
    matrix
}

/// The probabilities of the `2**k` outcomes of `bits` (the first is the most significant bit of an
/// outcome), added to `out`.
///
/// # Panics
/// Where `out` has not `2**k` elements.
pub fn probabilities<T: Real>(
    state: StateRef<'_, T>,
    bits: &[u8],
    out: &mut [f64],
    isa: Isa,
    threads: usize,
) {
    assert_eq!(out.len(), 1 << bits.len(), "one bin per outcome");
    let layout = state.layout();
    let mut strides: Vec<[isize; 2]> =
        (0..layout.num_qubits()).map(|bit| [layout.stride(bit), 0]).collect();
    let mut first = 0;
    for (position, &bit) in bits.iter().rev().enumerate() {
        let flipped = layout.flipped() >> bit & 1 == 1;
        strides[usize::from(bit)][1] = if flipped { -(1 << position) } else { 1 << position };
        first += if flipped { 1 << position } else { 0 };
    }
    let bins = |span: Span<'_, 2>, part: Part, bins: *mut f64| {
        on_widest(isa, Bins { state, span, part, bins });
    };
    if bits.len() <= FEW_BINS {
        // Few outcomes: every leaf has bins of its own, added up in a fixed tree.
        let span = Span { strides: &strides, run: run_of_bins(&strides), origin: [0, first] };
        let levels = strides.len().saturating_sub(LEAF_BITS) as u32;
        let leaf = |part| {
            let mut own = [0.0; 1 << FEW_BINS];
            bins(span, part, own.as_mut_ptr());
            own
        };
        let sums = exec::reduce(threads, levels, leaf, |mut a, b| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        });
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
    } else {
        // Many: each thread has outcomes of its own. Fixing the kept bits with the largest strides
        // leaves long rows to read, and every outcome is summed in one order however it is cut.
        let kept = (0..strides.len()).rev().filter(|&bit| strides[bit][1] != 0);
        let fixed: Vec<usize> = kept.take(FEW_BINS).collect();
        let rest: Vec<[isize; 2]> =
            (0..strides.len()).filter(|bit| !fixed.contains(bit)).map(|bit| strides[bit]).collect();
        let run = run_of_bins(&rest);
        let out = Shared(out.as_mut_ptr());
        exec::each(threads, 1 << fixed.len(), |setting| {
            let mut origin = [0, first];
            for (i, &bit) in fixed.iter().enumerate() {
                let set = (setting >> i & 1) as isize;
                origin[0] += set * strides[bit][0];
                origin[1] += set * strides[bit][1];
            }
            bins(Span { strides: &rest, run, origin }, Part::WHOLE, out.get());
        });
    }
}

/// Up to this many qubits, each leaf has bins of its own.
const FEW_BINS: usize = 6;

/// A pointer that several threads write through, each at places of its own.
struct Shared(*mut f64);

impl Shared {
    fn get(&self) -> *mut f64 {
        self.0
    }
}

// SAFETY: the settings of the fixed bits reach disjoint outcomes.
unsafe impl Sync for Shared {}

/// How many of the lowest bits are contiguous in the first array and step through the second as
/// `second` says.
fn run_of(strides: &[[isize; 2]], second: impl Fn(usize) -> isize) -> usize {
    let contiguous = |&(bit, stride): &(usize, &[isize; 2])| *stride == [2 << bit, second(bit)];
    strides.iter().enumerate().take_while(contiguous).count().min(LEAF_BITS)
}

/// As [`run_of`] for bins: all of the row in one bin, or each amplitude in the next.
fn run_of_bins(strides: &[[isize; 2]]) -> usize {
    run_of(strides, |_| 0).max(run_of(strides, |bit| 1 << bit))
}

/// The basis index of the amplitude at the origin, and for each bit of a state how the index changes
/// with it: qubit 0 weighs most.
fn weights<T>(state: &StateRef<'_, T>) -> (isize, [isize; MAX_BITS]) {
    let mut weights = [0; MAX_BITS];
    let mut first = 0;
    let layout = state.layout();
    for (qubit, bit) in layout.qubit_bits().enumerate() {
        let weight = 1 << crate::bits::bit_of(qubit, layout.num_qubits());
        let flipped = layout.flipped() >> bit & 1 == 1;
        weights[bit] = if flipped { -weight } else { weight };
        first += if flipped { weight } else { 0 };
    }
    (first, weights)
}

#[cfg(test)]
mod tests;
