//! The verbs that change a state. Nothing here can fail: everything was checked before.

use std::ops::Range;

use num_complex::Complex64;

use crate::bits::{mask_of, set_bits};
use crate::exec::{self, Crew};
use crate::kernels::copy;
use crate::kernels::cost::Phases;
use crate::kernels::dense::Dense;
use crate::kernels::diagonal::Diagonal;
use crate::kernels::pauli::Pauli;
use crate::kernels::permutation::Permutation;
use crate::kernels::reduce::Span;
use crate::kernels::sweep::{Sweep, Task};
use crate::kernels::{Chunk, Elements, Parts, Site};
use crate::layout::{Batch, Layout, MAX_BITS, Pairing};
use crate::operator::Operator;
use crate::progress::Progress;
use crate::simd::{Isa, Real, dispatch, dispatch_on};
use crate::state::{StateMut, StateRef, StatesMut};

mod operators;
mod reals;

pub use operators::{Fill, Operators};

/// Estimate for applying `operator` to `2**num_qubits` amplitudes.
#[inline]
pub fn nanos(num_qubits: usize, operator: &Operator<'_>, site: &Site<'_>) -> f64 {
    // Few CPUs are asked to count bits in one instruction, and most gates have no controls.
    let controls = if site.controls == 0 { 0 } else { site.controls.count_ones() as usize };
    (1i64 << (num_qubits - controls)) as f64 * operator.nanos_per_amplitude(site.targets.len())
}

/// Applies `operator` at `site`, in place, on `threads` threads.
///
/// # Panics
/// Where targets and controls are not distinct bits of the state.
///
/// ```
/// use num_complex::Complex64;
/// use numket::{apply::apply, exec::Crew, gates::named, kernels::Site, layout::Layout, state::StateMut};
///
/// let mut psi = [Complex64::ONE, Complex64::ZERO];
/// let layout = Layout::flat(1);
/// let mut entries = Default::default();
/// let h = named::h.operator(&[], &mut entries);
/// let site = Site { targets: &[layout.bit_of(0)? as u8], controls: 0, values: 0 };
/// apply(&mut StateMut::new(&mut psi, &layout), &h, &site, Crew::alone()?);
/// assert!((psi[1].re - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
pub fn apply<T: Real>(
    state: &mut StateMut<'_, T>,
    operator: &Operator<'_>,
    site: &Site<'_>,
    crew: Crew,
) {
    site.check(state.layout());
    if state.layout().is_real() && reals::apply(state, operator, site, crew) {
        return;
    }
    apply_as(state, operator, site, crew, Parts::Alike);
}

/// Applies an operator whose entries are what `parts` says.
#[inline(always)]
fn apply_as<T: Real>(
    state: &mut StateMut<'_, T>,
    operator: &Operator<'_>,
    site: &Site<'_>,
    crew: Crew,
    parts: Parts,
) {
    let state: &StateMut<'_, T> = state;
    exec::run(crew.threads, |chunk| {
        on_chunk(state, Elements::ONE, operator, parts, site, crew.isa, chunk, 0)
    });
}

/// States of a batch that get their operators at a time, at most.
pub const STATES_AT_ONCE: usize = 64;

/// Entries that these operators have together, 16 KiB, unless one alone has more.
const ENTRIES: usize = 1024;

/// Estimate for beginning with the next state.
const NANOS_PER_STATE: f64 = 10.0;

/// As [`nanos`], for all states of a batch.
pub fn batch_nanos(layout: &Layout, operators: &Operators<'_>, site: &Site<'_>) -> f64 {
    let (Operators::Shared(operator) | Operators::Each { like: operator, .. }) = operators;
    let nanos = nanos(layout.num_qubits(), operator, site);
    layout.batch().map_or(nanos, |batch| batch.len() as f64 * (nanos + NANOS_PER_STATE))
}

/// As [`apply_all`] at one site after the other, each of which takes one thread `nanos`, unless it is stopped.
///
/// # Panics
/// As there.
pub fn apply_at_each<T: Real>(
    states: &mut StatesMut<'_, T>,
    operators: &Operators<'_>,
    sites: &[Site<'_>],
    nanos: f64,
    crew: Crew,
    progress: &Progress<'_>,
) {
    for (done, &site) in sites.iter().enumerate() {
        if done > 0 && !progress.advance(1.0, nanos) {
            return;
        }
        apply_all(states, operators, site, crew);
    }
}

/// Applies an operator at `site` to each state, in place.
///
/// # Panics
/// Where targets and controls are not distinct bits of the states.
pub fn apply_all<T: Real>(
    states: &mut StatesMut<'_, T>,
    operators: &Operators<'_>,
    site: Site<'_>,
    crew: Crew,
) {
    let layout = states.layout();
    site.check(layout);
    if layout.is_real()
        && let Some((pairs, targets)) = reals::beside_lowest(layout, &site)
    {
        let site = Site { targets: &targets[..site.targets.len()], ..reals::lowered(&site) };
        return apply_all(&mut states.in_pairs(&pairs), operators, site, crew);
    }
    let (like, fill) = match operators {
        Operators::Shared(operator) if layout.batch().is_none() => {
            return apply(&mut states.first(), operator, &site, crew);
        }
        Operators::Shared(operator) => {
            states.merged(|state, to| {
                let mut targets = [0; MAX_BITS];
                for (target, &bit) in targets.iter_mut().zip(site.targets) {
                    *target = to[usize::from(bit)];
                }
                let map = |mask: u64| set_bits(mask).fold(0, |mapped, bit| mapped | 1 << to[bit]);
                let (controls, values) = (map(site.controls), map(site.values));
                let site = Site { targets: &targets[..site.targets.len()], controls, values };
                let nanos = nanos(state.layout().num_qubits(), operator, &site);
                apply(state, operator, &site, crew.worth(nanos));
            });
            return;
        }
        Operators::Each { .. } if states.is_empty() => return,
        Operators::Each { like, fill } => (like, fill),
    };
    let batch = layout.batch_or_one();
    // States that are smaller than a register and lie in a row share one: the lowest bits that number the
    // states are then bits of one larger state, each of whose lanes has an operator of its own.
    let own_bits = layout.num_qubits();
    let in_a_row =
        !layout.is_real() && layout.run() == own_bits && batch.stride() == Some(2 << own_bits);
    let further = match like {
        Operator::Dense(_) | Operator::Diagonal(_) if in_a_row && !site.targets.is_empty() => {
            T::lane_bits(crew.isa).saturating_sub(own_bits)
        }
        _ => 0,
    };
    let job = Job { site, isa: crew.isa, like: *like, fill: &**fill };
    let (across, inside) = crew.shared_out(nanos(layout.num_qubits(), like, &site));
    let merged = if further == 0 { 0 } else { batch.len() >> further };
    if merged > 0 {
        let strides: Vec<isize> = (0..further).map(|bit| 2 << (own_bits + bit)).collect();
        let (layout, _) = layout.with_bits(&strides);
        let state = states.in_a_row(&layout);
        exec::run(across, |chunk| {
            let range = chunk.range(merged as u64);
            let range = (range.start as usize) << further..(range.end as usize) << further;
            job.run(&state, batch, range, further, inside.threads);
        });
    }
    let first = merged << further;
    let state = &states.first();
    // What is left after merged ones is less than one of them.
    exec::run(if merged > 0 { 1 } else { across }, |chunk| {
        let range = chunk.range((batch.len() - first) as u64);
        let range = first + range.start as usize..first + range.end as usize;
        job.run(state, batch, range, 0, inside.threads);
    });
}

/// What is done to the states of a batch that have operators of their own.
struct Job<'a> {
    site: Site<'a>,
    isa: Isa,
    like: Operator<'a>,
    fill: &'a Fill<'a>,
}

impl Job<'_> {
    /// Does it to the states of `range`, `2**further` of which make one of the layout of `state`.
    fn run<T: Real>(
        &self,
        state: &StateMut<'_, T>,
        batch: &Batch,
        mut range: Range<usize>,
        further: usize,
        threads: usize,
    ) {
        let size = self.like.num_entries();
        debug_assert!(size > 0, "a permutation is shared");
        let at_once = (ENTRIES / size).clamp(1, STATES_AT_ONCE);
        debug_assert!(further == 0 || at_once == STATES_AT_ONCE);
        let mut offsets = batch.offsets(range.clone(), 1 << further);
        let mut entries = vec![Complex64::ZERO; at_once.min(range.len()) * size];
        let mut places = [0; STATES_AT_ONCE];
        while !range.is_empty() {
            let some = range.start..range.end.min(range.start + at_once);
            range.start = some.end;
            let places = &mut places[..some.len() >> further];
            for place in &mut *places {
                *place = offsets.next().unwrap_or_default();
            }
            let entries = &mut entries[..some.len() * size];
            (self.fill)(some, entries);
            let operator = self.like.with_entries(entries);
            let bits = if further == 0 { MAX_BITS } else { state.layout().num_qubits() - further };
            let elements = Elements { offsets: places, stride: size << further, bits };
            // Set up once for many states, registers pay off even if each state fills only one. This must not
            // depend on where threads cut the batch, as other lanes would round otherwise.
            exec::run(threads, |chunk| {
                on_chunk(state, elements, &operator, Parts::Alike, &self.site, self.isa, chunk, 1)
            });
        }
    }
}

/// Applies the operator to one chunk of each of some states; `spare` bits make up for those that a state
/// lacks to be worth registers.
#[inline]
#[expect(clippy::too_many_arguments, reason = "a kernel and its share of the work")]
fn on_chunk<T: Real>(
    state: &StateMut<'_, T>,
    elements: Elements<'_>,
    operator: &Operator<'_>,
    parts: Parts,
    &site: &Site<'_>,
    isa: Isa,
    chunk: Chunk,
    spare: usize,
) {
    let layout = state.layout();
    match *operator {
        Operator::Dense(matrix) => {
            let dense = Dense { state, site, matrix, parts, elements, chunk };
            dispatch_on(isa, layout, spare, dense);
        }
        Operator::Diagonal(diagonal) => {
            let diagonal = Diagonal { state, site, diagonal, parts, elements, chunk };
            dispatch_on(isa, layout, spare, diagonal);
        }
        Operator::Permutation(transpositions) => {
            debug_assert!(elements.offsets == [0], "a permutation is shared");
            dispatch_on(isa, layout, spare, Permutation { state, site, transpositions, chunk });
        }
        Operator::Pauli(string, coefs) => {
            dispatch_on(isa, layout, spare, Pauli { state, site, string, coefs, elements, chunk });
        }
        Operator::Phases(costs, gamma) => {
            debug_assert!(elements.offsets == [0], "phases are shared");
            dispatch_on(isa, layout, spare, Phases { state, site, costs, gamma, pair: None, chunk });
        }
    }
}

/// The overlap `Im <b|C|a>` of two flat states that one of one qubit more holds, a first, with the costs `C` of a site;
/// and applies `exp(-i gamma C)` to both. It has the same bits for any number of threads.
///
/// # Panics
/// Where the site is not one of both states.
pub fn apply_phases_to_pair<T: Real>(
    states: &mut StateMut<'_, T>,
    (costs, gamma): (&[f64], f64),
    site: Site<'_>,
    crew: Crew,
) -> f64 {
    /// The sums of as many chunks are added up in a tree.
    const LEVELS: usize = 8;
    let own = states.layout().num_qubits() - 1;
    site.check(states.layout());
    assert!((mask_of(site.targets) | site.controls) >> own == 0, "a site of both states");
    let state: &StateMut<'_, T> = states;
    let leaf = |chunk| {
        let pair = Some(own as u8);
        dispatch(crew.isa, own, own, Phases { state, site, costs, gamma, pair, chunk })
    };
    exec::reduce(crew.threads, own.min(LEVELS) as u32, leaf, |a, b| a + b)
}

/// Copies a state to another of as many qubits, which may lie differently, and be complex where the first is real.
///
/// # Panics
/// Where they have not as many, or only the second is real.
pub fn copy<T: Real>(from: StateRef<'_, T>, to: &mut StateMut<'_, T>, crew: Crew) {
    assert_eq!(from.layout().num_qubits(), to.layout().num_qubits(), "room for each amplitude");
    assert!(from.layout().is_real() || !to.layout().is_real(), "room for complex amplitudes");
    let Pairing { strides, run, origin } = from.layout().paired(to.layout());
    let to: &StateMut<'_, T> = to;
    let span = Span { strides: &strides, run, origin };
    exec::run(crew.threads, |chunk| copy::copy(from, to, span, chunk));
}

/// Estimate for writing an amplitude.
const NANOS_TO_WRITE: f64 = 0.8;

/// Estimate for one sweep over a state.
pub fn nanos_to_sweep(num_qubits: usize) -> f64 {
    (1i64 << num_qubits) as f64 * NANOS_TO_WRITE
}

/// Sweeps once over a state.
pub fn sweep<T: Real>(state: &mut StateMut<'_, T>, task: Task<'_>, crew: Crew) {
    let layout = state.layout();
    let pairs = layout.pairs().filter(|_| !matches!(task, Task::Write([_, ..])));
    if let Some(pairs) = pairs {
        return sweep(&mut state.in_pairs(&pairs), task, crew);
    }
    let state: &StateMut<'_, T> = state;
    exec::run(crew.threads, |chunk| dispatch_on(crew.isa, layout, 0, Sweep { state, task, chunk }));
}
