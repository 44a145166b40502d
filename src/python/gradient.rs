//! What `numket.gradient` needs of circuits.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::circuit::{Circuit, fits};
use super::door::{Access, Numbers, State, in_precision, leased};
use super::parameters::Values;
use super::progress::{Asker, Reporter};
use crate::circuit::{Adjoint, Watch};
use crate::exec;
use crate::layout::Batch;
use crate::simd::Isa;

/// The options that the functions of `numket.gradient` take by name, as far as they are given.
pub fn options<'py>(
    py: Python<'py>,
    qubits: Option<&Bound<'py, PyAny>>,
    state: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyDict>> {
    let options = PyDict::new(py);
    if let Some(qubits) = qubits {
        options.set_item("qubits", qubits)?;
    }
    options.set_item("state", state)?;
    options.set_item("batch", batch)?;
    options.set_item("threads", threads)?;
    Ok(options)
}

/// The shape of the batch of states that a circuit is to start from.
#[pyfunction]
#[pyo3(signature = (circuit, state, batch, /))]
pub fn batch_shape(
    circuit: &Bound<'_, Circuit>,
    state: &Bound<'_, PyAny>,
    batch: i64,
) -> PyResult<Vec<usize>> {
    let found = State::new("state", state, batch, Access::Read)?;
    fits(&circuit.get().taken().core, &found.layout)?;
    Ok(found.layout.batch().map_or(Vec::new(), |batch| batch.shape.clone()))
}

/// Gives a circuit what was planned for a copy of it, if it has not changed since.
#[pyfunction]
#[pyo3(signature = (circuit, copy, /))]
pub fn share_plans(circuit: &Bound<'_, Circuit>, copy: &Bound<'_, Circuit>) {
    let taken = copy.get().taken();
    circuit.get().share(taken);
}

/// The values of all parameters for each state of a batch, in the order of `circuit.parameters`: an array of
/// float64 whose last axis counts them.
#[pyfunction]
#[pyo3(signature = (circuit, params, shape, /))]
pub fn parameter_values<'py>(
    circuit: &Bound<'py, Circuit>,
    params: Option<&Bound<'py, PyAny>>,
    shape: Vec<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = circuit.py();
    let taken = circuit.get().taken();
    let batch =
        (!shape.is_empty()).then(|| Batch { strides: vec![0; shape.len()], shape: shape.clone() });
    let states = batch.as_ref().map_or(1, Batch::len);
    let values = Values::given(&taken.parameters, py, params, batch.as_ref())?;
    if states > 0 {
        values.check(py, &taken.core, states)?;
    }
    let full: Vec<usize> = shape.into_iter().chain([taken.parameters.len()]).collect();
    let array = py.import("numpy")?.call_method1("empty", (PyTuple::new(py, full)?,))?;
    let mut out = Numbers::<f64>::write("out", &array)?;
    let out = out.as_mut_slice();
    for state in 0..states {
        let own = values.of(state);
        out[state * own.len()..][..own.len()].copy_from_slice(&own);
    }
    Ok(array)
}

/// Takes a state, and what an observable made of it, back through a circuit, and gives the derivatives of the
/// expectation value by all parameters. The two are the halves of one flat array.
#[pyfunction]
#[pyo3(signature = (circuit, states, params, /, *, threads=None))]
pub fn pull_back<'py>(
    circuit: &Bound<'py, Circuit>,
    states: &Bound<'py, PyAny>,
    params: &Bound<'py, PyAny>,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = circuit.py();
    let limit = threads.map(exec::checked).transpose()?;
    let isa = Isa::chosen()?;
    let taken = circuit.get().taken();
    let params = Numbers::<f64>::read("params", params)?.as_slice().to_vec();
    let found = State::new("states", states, 0, Access::Write)?;
    if !found.layout.is_flat() || found.layout.num_qubits() != taken.core.num_qubits() + 1 {
        return Err(PyValueError::new_err(
            "'states' is no flat array of two states of the circuit's size: use numket.empty_state(n + 1)",
        ));
    }
    if params.len() != taken.parameters.len() {
        return Err(PyValueError::new_err(format!(
            "'params' has {} values for {} parameters: give one for each",
            params.len(),
            taken.parameters.len()
        )));
    }
    let array = py.import("numpy")?.call_method1("zeros", (params.len(),))?;
    in_precision!(found, T => {
        let adjoint: Arc<Adjoint> = circuit.get().adjoint::<T>(py, &taken, isa)?;
        let mut found = State::new("states", states, 0, Access::Write)?;
        let mut out = Numbers::<f64>::write("out", &array)?;
        let nanos = adjoint.nanos();
        let threads = exec::threads_for(nanos, limit)?;
        let reporter = Reporter::SILENT;
        let asker = Asker::new(&reporter, taken.core.operations().len(), adjoint.steps());
        let go_on = |done: f64| asker.go_on(done);
        let watch = Watch::new(&go_on);
        let spans = [found.span, out.span];
        let gradient = out.as_mut_slice();
        let mut view = found.view_mut::<T>();
        leased(py, nanos, spans, || {
            adjoint.pull_back(&params, &mut view, isa, threads, gradient, &watch);
        })?;
        asker.stopped_by()?;
    });
    Ok(array)
}
