//! What the benchmarks measure from inside: the bare call, native runs, the bandwidth probe.

use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::super::door::{Access, Limit, State, in_precision, leased};
use crate::apply;
use crate::error::Result;
use crate::exec::{self, Crew};
use crate::gates::named;
use crate::kernels::Site;
use crate::kernels::sweep::Task;
use crate::memory;
use crate::simd::{Isa, Real};
use crate::state::StateMut;

/// Nothing: the price of a call.
#[pyfunction]
pub fn noop() {}

/// Its argument: the price of a call with a number in and out.
#[pyfunction(signature = (value, /))]
pub fn echo_u64(value: u64) -> u64 {
    value
}

/// Has every call use `count` threads whatever its size and its limits, or with 0 lets the policy decide
/// again.
#[pyfunction(signature = (count, /))]
pub fn force_threads(count: i64) -> PyResult<()> {
    exec::force_threads(if count == 0 { 0 } else { exec::checked("threads", count)? });
    Ok(())
}

/// The seconds that the gates of the GHZ state take natively, H and a chain of CX on a state of
/// |0...0> with no Python between them.
#[pyfunction(signature = (state, /))]
pub fn native_ghz(state: &Bound<'_, PyAny>) -> PyResult<f64> {
    fn ghz<T: Real>(state: &mut StateMut<'_, T>) -> Result<f64> {
        let n = state.layout().num_qubits();
        let bits: Vec<u8> = state.layout().qubit_bits().map(|bit| bit as u8).collect();
        let mut entries = Default::default();
        let start = Instant::now();
        for (qubit, &target) in bits.iter().enumerate() {
            let (gate, controls) = match qubit {
                0 => (&named::h, 0),
                _ => (&named::cx, 1 << bits[qubit - 1]),
            };
            let operator = gate.operator(&[], &mut entries);
            let site = Site { targets: &[target], controls, values: controls };
            let crew = Crew::new(apply::nanos(n, &operator, &site), None)?;
            apply::apply(state, &operator, &site, crew);
        }
        Ok(start.elapsed().as_secs_f64())
    }
    let mut target = State::complex("state", state, 0, Access::Write)?;
    let ghz = in_precision!(target, T => {
        leased(state.py(), f64::INFINITY, target.changing::<T>(), |mut states| ghz(&mut states.first()))
    });
    Ok(ghz??)
}

/// The seconds of each of `repeats` in-place sweeps `state *= 1.0`: what memory allows at best.
#[pyfunction(signature = (state, repeats, /, threads=None))]
pub fn sweep_probe(
    state: &Bound<'_, PyAny>,
    repeats: usize,
    threads: Option<Limit>,
) -> PyResult<Vec<f64>> {
    let mut target = State::complex("state", state, 0, Access::Write)?;
    let nanos = apply::nanos_to_sweep(target.layout.num_qubits());
    let crew = Crew::new(nanos, threads.map(|limit| limit.0))?;
    in_precision!(target, T => {
        leased(state.py(), f64::INFINITY, target.changing::<T>(), |mut states| {
            let timed = |_| {
                let start = Instant::now();
                apply::sweep(&mut states.first(), Task::Scale(1.0), crew);
                start.elapsed().as_secs_f64()
            };
            (0..repeats).map(timed).collect()
        })
    })
}

/// Bytes of memory that the system could hand out now, where it tells.
///
/// >>> import numket as nk
/// >>> nk._core.free_memory() > 0
/// True
#[pyfunction]
pub fn free_memory() -> Option<u64> {
    memory::free_memory()
}

/// What this build is and what it found: version, lanes, threads, CPU features.
#[pyfunction]
pub fn config(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let config = PyDict::new(py);
    let available: Vec<&str> =
        Isa::ALL.into_iter().filter(|isa| isa.available()).map(Isa::name).collect();
    config.set_item("version", env!("CARGO_PKG_VERSION"))?;
    config.set_item("lanes", Isa::chosen()?.name())?;
    config.set_item("lanes_available", available)?;
    config.set_item("threads", exec::num_threads()?)?;
    config.set_item("threads_by", exec::decided_by()?)?;
    config.set_item("cpu_features", crate::simd::cpu_features())?;
    Ok(config)
}
