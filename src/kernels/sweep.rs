//! Plain sweeps over a state: writing it and scaling it.

use num_complex::{Complex, Complex64};

use super::{Chunk, Deltas, Walk};
use crate::bits::set_bits;
use crate::simd::{Kernel, Lanes, Real};
use crate::state::StateMut;

/// What a sweep does to every amplitude.
#[derive(Clone, Copy, Debug)]
pub enum Task<'a> {
    /// Writes zero, but for amplitudes whose bits of the address are given.
    Write(&'a [(u64, Complex64)]),
    /// Multiplies by a real number.
    Scale(f64),
}

/// Amplitudes in a row are taken `2**ROW_BITS` at a time, so that chunks can be cut between them.
const ROW_BITS: usize = 10;

/// One sweep over a state.
pub struct Sweep<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// What to do.
    pub task: Task<'a>,
    /// Which share of the work.
    pub chunk: Chunk,
}

impl<T: Real> Kernel for Sweep<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let layout = self.state.layout();
        let row = layout.run().min(ROW_BITS);
        let strides = (row..layout.num_qubits()).map(|bit| [layout.stride(bit)]);
        let unit = layout.unit() as usize;
        let reals = unit << row;
        let zero = Complex::default();
        // Where |0...0> has its amplitude; the lowest amplitude is another if strides are negative.
        let begin = -layout.lowest();
        // SAFETY: `dispatch` chose lanes that fill at most a row; every stop is the first of a row.
        unsafe {
            for [stop] in Walk::new(&mut Deltas::empty(), strides, [0], self.chunk) {
                let first = self.state.origin().offset(stop);
                for real in (0..reals).step_by(unit * L::WIDTH) {
                    let at = first.add(real);
                    match self.task {
                        Task::Write(_) => L::store(at, L::splat(zero)),
                        Task::Scale(factor) => {
                            let factor = T::from_f64(factor);
                            let factor = L::splat(Complex::new(factor, factor));
                            L::store(at, L::mul(factor, L::load(at)));
                        }
                    }
                }
                let Task::Write(amplitudes) = self.task else { continue };
                for &(address, amplitude) in amplitudes {
                    let offset: isize = set_bits(address).map(|bit| layout.signed_stride(bit)).sum();
                    let Ok(real) = usize::try_from(begin + offset - stop) else { continue };
                    if real < reals {
                        *first.add(real) = T::from_f64(amplitude.re);
                        if unit == 2 {
                            *first.add(real + 1) = T::from_f64(amplitude.im);
                        }
                    }
                }
            }
        }
    }
}
