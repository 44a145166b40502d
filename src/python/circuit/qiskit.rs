//! Instructions of Qiskit, read without a step of Python's interpreter for each.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyTuple};

use super::super::args::parameters::angle;
use super::super::error::attempt;
use super::super::invoke::{Invoke, found, plain};
use super::Circuit;
use crate::circuit::{Action, Names};
use crate::gates::{GATES, Gate};

/// Instructions between two looks at signals: 0.6 ms.
const SIGNALS: usize = 1024;

/// Adds instructions of Qiskit to a circuit.
///
/// `places` has the number of each qubit. `standard` has, by the names of Qiskit's standard gates, the gate of
/// numket, and `controlled` by the classes of other gates, both as its place in `GATES`; the first qubits, if there
/// are more than this gate has, are controls. A name of which there is None needs no look at the class. `angle` gives
/// what numket takes for an angle that is no float, and `other` adds each instruction that is left.
///
/// >>> from qiskit import QuantumCircuit
/// >>> import numket as nk
/// >>> from numket import _core
/// >>> bell = QuantumCircuit(2)
/// >>> _ = bell.h(0)
/// >>> circuit, places = nk.Circuit(2), {qubit: number for number, qubit in enumerate(bell.qubits)}
/// >>> names = {gate["name"]: number for number, gate in enumerate(_core.GATES)}
/// >>> _core.read_qiskit(circuit, bell.data, places, names, {}, float, print)
/// >>> len(circuit)
/// 1
#[pyfunction]
#[pyo3(signature = (circuit, instructions, places, standard, controlled, angle, other, /))]
pub fn read_qiskit(
    circuit: &Bound<'_, Circuit>,
    instructions: &Bound<'_, PyAny>,
    places: &Bound<'_, PyAny>,
    standard: &Bound<'_, PyDict>,
    controlled: &Bound<'_, PyDict>,
    angle: &Bound<'_, PyAny>,
    other: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let reader = Reader { circuit: circuit.get(), places, standard, controlled, angle };
    for (number, instruction) in instructions.iterate()?.enumerate() {
        if number % SIGNALS == SIGNALS - 1 {
            circuit.py().check_signals()?;
        }
        let instruction = instruction?;
        if !reader.read(&instruction)? {
            other.invoke((instruction,))?;
        }
    }
    Ok(())
}

struct Reader<'a, 'py> {
    circuit: &'a Circuit,
    places: &'a Bound<'py, PyAny>,
    standard: &'a Bound<'py, PyDict>,
    controlled: &'a Bound<'py, PyDict>,
    angle: &'a Bound<'py, PyAny>,
}

impl<'py> Reader<'_, 'py> {
    /// Adds an instruction, if it is a gate of the tables.
    fn read(&self, instruction: &Bound<'py, PyAny>) -> PyResult<bool> {
        let py = instruction.py();
        if let Some(place) = found(self.standard, &instruction.attribute(intern!(py, "name"))?)? {
            if place.is_none() {
                return Ok(false);
            }
            if instruction.attribute(intern!(py, "is_standard_gate"))?.invoke(())?.truth()? {
                return self.gate(gate(&place)?, instruction, instruction, None);
            }
        }
        let operation = instruction.attribute(intern!(py, "operation"))?;
        let Some(place) = found(self.controlled, operation.get_type().as_any())? else {
            return Ok(false);
        };
        let state = attempt(py, operation.attribute(intern!(py, "ctrl_state"))?.whole())?;
        match state.and_then(|state| plain(&state).ok()) {
            Some(state) => self.gate(gate(&place)?, instruction, &operation, Some(state)),
            None => Ok(false),
        }
    }

    /// Adds a gate on the qubits of an instruction, of which the first are controls, if all numbers fit.
    fn gate(
        &self,
        gate: &'static Gate,
        instruction: &Bound<'py, PyAny>,
        operation: &Bound<'py, PyAny>,
        state: Option<u64>,
    ) -> PyResult<bool> {
        let py = instruction.py();
        let (params, on) =
            (operation.attribute(intern!(py, "params"))?, instruction.attribute(intern!(py, "qubits"))?);
        let (Ok(params), Ok(on)) = (params.cast::<PyList>(), on.cast::<PyTuple>()) else {
            return Ok(false);
        };
        let more = on.len().checked_sub(gate.qubits.len());
        let Some(more) = more.filter(|&more| more < 64 && params.len() == gate.params.len()) else {
            return Ok(false);
        };
        let mut names = Names::default();
        let mut angles = Vec::with_capacity(params.len());
        for (&name, param) in gate.params.iter().zip(params) {
            let float = param.is_exact_instance_of::<PyFloat>();
            let param = if float { param } else { self.angle.invoke((param,))? };
            angles.push(angle(&mut names, name, &param)?);
        }
        let number = |qubit| -> PyResult<usize> { plain(&self.places.item(&qubit)?) };
        let mut on = on.iter();
        let held = |bit: usize| state.is_none_or(|state| state >> bit & 1 == 1);
        let controls =
            on.by_ref().take(more).enumerate().map(|(bit, qubit)| Ok((number(qubit)?, held(bit))));
        let controls = controls.collect::<PyResult<_>>()?;
        let qubits = on.map(number).collect::<PyResult<_>>()?;
        self.circuit.inner().push(Action::Gate(gate, angles), &names, qubits, controls)?;
        Ok(true)
    }
}

/// The row of the gate table with a number.
fn gate(place: &Bound<'_, PyAny>) -> PyResult<&'static Gate> {
    Ok(GATES[plain::<usize>(place)?])
}
