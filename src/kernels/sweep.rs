//! Plain sweeps over a state in one block: writing it and scaling it.

use num_complex::Complex;

use super::Part;
use crate::simd::{Kernel, Lanes, Real};
use crate::state::StateMut;

/// What a sweep does to every amplitude.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    /// Writes zero.
    Clear,
    /// Multiplies by a real number.
    Scale(f64),
}

/// One sweep over a state whose amplitudes lie in a row.
pub struct Sweep<'a, T> {
    /// The state.
    pub state: &'a StateMut<'a, T>,
    /// What to do.
    pub task: Task,
    /// Which share of the work.
    pub part: Part,
}

impl<T: Real> Kernel for Sweep<'_, T> {
    type Real = T;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = T>>(self) {
        let width = L::WIDTH as u64;
        let range = self.part.range((1u64 << self.state.layout().num_qubits()) / width);
        // SAFETY: `dispatch` chose lanes that fit the state; the range is inside it.
        unsafe {
            let at = |register| self.state.origin().add((register * width) as usize);
            match self.task {
                Task::Clear => {
                    let zero = L::splat(Complex::default());
                    for register in range {
                        L::store(at(register), zero);
                    }
                }
                Task::Scale(factor) => {
                    let factor = T::from_f64(factor);
                    let factor = L::splat(Complex::new(factor, factor));
                    for register in range {
                        L::store(at(register), L::mul(factor, L::load(at(register))));
                    }
                }
            }
        }
    }
}
