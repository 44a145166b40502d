//! Instructions of Qiskit, read without a step of Python's interpreter for each.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyString, PyTuple};

use super::super::args::parameters::angle;
use super::super::error::attempt;
use super::super::invoke::{Invoke, found, plain};
use super::Circuit;
use crate::circuit::{Action, Angle, Names};
use crate::gates::{GATES, Gate};

/// Instructions between two looks at signals: 0.6 ms.
const SIGNALS: usize = 1024;

/// Adds instructions of Qiskit to a circuit.
///
/// `places` has the number of each qubit. `standard` tells, by the names of Qiskit's standard gates, what they are to
/// numket, and `controlled` the same by the classes of controlled gates. A name of which there is None needs no look at
/// the class. For classes of which any gate may be controlled, `controlled` has a pair: the attribute that is this gate,
/// and what it is by its class.
///
/// A gate is the place of one in `GATES`, or made of some: then it is the number of its angles, that of its qubits,
/// and steps. Each has the place of a gate; its angles, each a number, and which angle of the gate is added how often;
/// and which qubits of the gate it is on. Wherever there are more qubits than a gate has, the first ones are controls.
///
/// `angle` gives what numket takes for an angle that is no float, and `other` adds each instruction that is left.
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
    let known = RefCell::default();
    let reader = Reader { circuit: circuit.get(), places, standard, controlled, angle, known };
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
    known: RefCell<Entries<'py>>,
}

/// What gates are made of, once it has been read, with the object that it was read from, by its address.
type Entries<'py> = HashMap<usize, (Bound<'py, PyAny>, Rc<Made>)>;

/// A gate, its angles, each a number and which angle is added how often, and its qubits.
type Step = (usize, Vec<(f64, usize, f64)>, Vec<usize>);

/// What a gate is made of, which has so many angles and qubits.
struct Made {
    angles: usize,
    qubits: usize,
    steps: Vec<Step>,
}

/// What a gate of Qiskit is to numket.
enum Known {
    Gate(&'static Gate),
    Made(Rc<Made>),
}

impl Known {
    /// How many angles it has, and how many qubits.
    fn counts(&self) -> (usize, usize) {
        match self {
            Known::Gate(gate) => (gate.params.len(), gate.qubits.len()),
            Known::Made(made) => (made.angles, made.qubits),
        }
    }
}

/// The controls of a gate: the first of its qubits.
#[derive(Clone, Copy)]
enum Controls {
    /// All that there are must be 1.
    Held,
    /// So many, the first of which must have the least significant bit.
    Values { count: usize, state: u64 },
    /// More than there are bits, or an operation that is more than controlled.
    Unknown,
}

impl Controls {
    /// Those of an operation of Qiskit's, or of all its modifiers.
    fn of<'py>(operation: &Bound<'py, PyAny>) -> PyResult<Controls> {
        let py = operation.py();
        let read = |operation: &Bound<'py, PyAny>, name| -> PyResult<Option<u64>> {
            let number = attempt(py, operation.attribute(name).and_then(|number| number.whole()))?;
            Ok(number.and_then(|number| plain(&number).ok()))
        };
        let one = |operation: &Bound<'py, PyAny>| -> PyResult<Option<(usize, u64)>> {
            let Some(count) = read(operation, intern!(py, "num_ctrl_qubits"))? else { return Ok(None) };
            let state = read(operation, intern!(py, "ctrl_state"))?;
            Ok(state.map(|state| (count as usize, state)))
        };
        if let Some((count, state)) = one(operation)? {
            return Ok(Controls::Values { count, state });
        }
        let Some(modifiers) = attempt(py, operation.attribute(intern!(py, "modifiers")))? else {
            return Ok(Controls::Unknown);
        };
        let (mut count, mut state) = (0, 0);
        for modifier in modifiers.cast::<PyList>()?.iter().rev() {
            match one(&modifier)? {
                Some((more, bits)) if more < 64 && count + more < 64 => {
                    state |= bits << count;
                    count += more;
                }
                _ => return Ok(Controls::Unknown),
            }
        }
        Ok(Controls::Values { count, state })
    }
}

impl<'py> Reader<'_, 'py> {
    /// What an entry of the tables says.
    fn known(&self, entry: Bound<'py, PyAny>) -> PyResult<Known> {
        if let Ok(place) = plain::<usize>(&entry) {
            return Ok(Known::Gate(GATES[place]));
        }
        let address = entry.as_ptr() as usize;
        if let Some((_, made)) = self.known.borrow().get(&address) {
            return Ok(Known::Made(made.clone()));
        }
        let (angles, qubits, steps) = plain(&entry)?;
        let made = Rc::new(Made { angles, qubits, steps });
        self.known.borrow_mut().insert(address, (entry, made.clone()));
        Ok(Known::Made(made))
    }

    /// Adds an instruction, if it is a gate of the tables.
    fn read(&self, instruction: &Bound<'py, PyAny>) -> PyResult<bool> {
        let py = instruction.py();
        if let Some(entry) = found(self.standard, &instruction.attribute(intern!(py, "name"))?)? {
            if entry.is_none() {
                return Ok(false);
            }
            if instruction.attribute(intern!(py, "is_standard_gate"))?.invoke(())?.truth()? {
                return self.gate(&self.known(entry)?, instruction, instruction, Controls::Held);
            }
        }
        let operation = instruction.attribute(intern!(py, "operation"))?;
        let Some(entry) = found(self.controlled, operation.get_type().as_any())? else {
            return Ok(false);
        };
        let Ok(pair) = entry.cast::<PyTuple>() else {
            let controls = Controls::of(&operation)?;
            return self.gate(&self.known(entry)?, instruction, &operation, controls);
        };
        let (base, by_class): (Bound<'py, PyString>, Bound<'py, PyDict>) = plain(pair)?;
        let base = operation.attribute(base)?;
        let Some(entry) = found(&by_class, base.get_type().as_any())? else { return Ok(false) };
        self.gate(&self.known(entry)?, instruction, &base, Controls::of(&operation)?)
    }

    /// Adds a gate on the qubits of an instruction, of which the first are controls, if all numbers fit.
    fn gate(
        &self,
        known: &Known,
        instruction: &Bound<'py, PyAny>,
        operation: &Bound<'py, PyAny>,
        controls: Controls,
    ) -> PyResult<bool> {
        let py = instruction.py();
        let (params, on) =
            (operation.attribute(intern!(py, "params"))?, instruction.attribute(intern!(py, "qubits"))?);
        let (Ok(params), Ok(on)) = (params.cast::<PyList>(), on.cast::<PyTuple>()) else {
            return Ok(false);
        };
        let (num_angles, num_qubits) = known.counts();
        let Some(more) = on.len().checked_sub(num_qubits) else { return Ok(false) };
        let fits = match controls {
            Controls::Held => true,
            Controls::Values { count, .. } => count == more, // those with qubits to spare may change phases
            Controls::Unknown => false,
        };
        if !fits || more >= 64 || params.len() != num_angles {
            return Ok(false);
        }
        let mut names = Names::default();
        let mut angles = Vec::with_capacity(num_angles);
        for (place, param) in params.iter().enumerate() {
            let float = param.is_exact_instance_of::<PyFloat>();
            let param = if float { param } else { self.angle.invoke((param,))? };
            let name = if let Known::Gate(gate) = known { gate.params[place] } else { "angle" };
            angles.push(angle(&mut names, name, &param)?);
        }
        let number = |qubit| -> PyResult<usize> { plain(&self.places.item(&qubit)?) };
        let mut on = on.iter();
        let held = |bit: usize| match controls {
            Controls::Values { state, .. } => state >> bit & 1 == 1,
            _ => true,
        };
        let first = on.by_ref().take(more).enumerate();
        let controls = first.map(|(bit, qubit)| Ok((number(qubit)?, held(bit))));
        let controls = controls.collect::<PyResult<Vec<_>>>()?;
        let qubits = on.map(number).collect::<PyResult<Vec<_>>>()?;
        let mut circuit = self.circuit.inner();
        match known {
            Known::Gate(gate) => circuit.push(Action::Gate(gate, angles), &names, qubits, controls)?,
            Known::Made(made) => {
                for step in &made.steps {
                    let (action, qubits, controls) = put(step, &angles, &qubits, &controls);
                    circuit.push(action, &names, qubits, controls)?;
                }
            }
        }
        Ok(true)
    }
}

/// A step of a gate with these angles, on these qubits.
fn put(
    &(place, ref params, ref on): &Step,
    angles: &[Angle],
    qubits: &[usize],
    controls: &[(usize, bool)],
) -> (Action, Vec<usize>, Vec<(usize, bool)>) {
    let params = params.iter().map(|&(offset, which, factor)| {
        let mut angle = if factor == 0.0 { Angle::default() } else { angles[which].times(factor) };
        angle.offset += offset;
        angle
    });
    let params = params.collect();
    let gate = GATES[place];
    let mut qubits = on.iter().map(|&place| qubits[place]).collect::<Vec<_>>();
    let mut controls = controls.to_vec();
    let targets = qubits.split_off(on.len() - gate.qubits.len());
    controls.extend(qubits.into_iter().map(|qubit| (qubit, true)));
    (Action::Gate(gate, params), targets, controls)
}
