//! The verbs that change a state. Nothing here can fail: everything was checked before.

use crate::exec;
use crate::kernels::dense::Dense;
use crate::kernels::diagonal::Diagonal;
use crate::kernels::permutation::Permutation;
use crate::kernels::sweep::{Sweep, Task};
use crate::kernels::{Part, Site};
use crate::operator::Operator;
use crate::simd::{Isa, Real, dispatch};
use crate::state::StateMut;

/// What one thread needs to apply `operator` to `2**num_qubits` amplitudes, in nanoseconds,
/// roughly: the figure for the thread policy.
#[inline]
pub fn nanos(num_qubits: usize, operator: &Operator<'_>, site: &Site<'_>) -> f64 {
    // Few CPUs are asked to count bits in one instruction, and most gates have no controls.
    let controls = if site.controls == 0 { 0 } else { site.controls.count_ones() as usize };
    (1i64 << (num_qubits - controls)) as f64 * operator.nanos_per_amplitude(site.targets.len())
}

/// Applies `operator` at `site`, in place, on `threads` threads.
///
/// ```
/// use num_complex::Complex64;
/// use numket::{apply::apply, gates::named, kernels::Site, layout::Layout, simd::Isa, state::StateMut};
///
/// let mut psi = [Complex64::ONE, Complex64::ZERO];
/// let layout = Layout::flat(1);
/// let mut entries = Default::default();
/// let h = named::h.operator(&[], &mut entries);
/// let site = Site { targets: &[layout.bit_of(0)? as u8], controls: 0, values: 0 };
/// apply(&mut StateMut::new(&mut psi, &layout), &h, site, Isa::chosen()?, 1);
/// assert!((psi[1].re - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
pub fn apply<T: Real>(
    state: &mut StateMut<'_, T>,
    operator: &Operator<'_>,
    site: Site<'_>,
    isa: Isa,
    threads: usize,
) {
    let run = state.layout().run();
    let state: &StateMut<'_, T> = state;
    exec::run(threads, |part| {
        let parts = Parts { state, site, isa, run };
        parts.apply(operator, part);
    });
}

/// What one thread needs to write an amplitude, in nanoseconds, roughly.
const NANOS_TO_WRITE: f64 = 0.8;

/// The work of one sweep over a state, in nanoseconds of one thread.
pub fn nanos_to_sweep(num_qubits: usize) -> f64 {
    (1i64 << num_qubits) as f64 * NANOS_TO_WRITE
}

/// Sweeps once over a state in one block.
pub fn sweep<T: Real>(state: &mut StateMut<'_, T>, task: Task, isa: Isa, threads: usize) {
    let run = state.layout().run();
    debug_assert_eq!(run, state.layout().num_qubits());
    let state: &StateMut<'_, T> = state;
    exec::run(threads, |part| dispatch(isa, run, Sweep { state, task, part }));
}

/// What all parts of one call share.
struct Parts<'a, T> {
    state: &'a StateMut<'a, T>,
    site: Site<'a>,
    isa: Isa,
    run: usize,
}

impl<T: Real> Parts<'_, T> {
    #[inline]
    fn apply(&self, operator: &Operator<'_>, part: Part) {
        let &Parts { state, site, isa, run } = self;
        match *operator {
            Operator::Dense(matrix) => dispatch(isa, run, Dense { state, site, matrix, part }),
            Operator::Diagonal(diagonal) => {
                dispatch(isa, run, Diagonal { state, site, diagonal, part });
            }
            Operator::Permutation(exchanges) => {
                dispatch(isa, run, Permutation { state, site, exchanges, part });
            }
        }
    }
}
