//! OpenQASM: text to circuits, and back.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyRange, PyString};

use super::circuit::Circuit;
use super::package::Late;
use crate::circuit::Names;
use crate::qasm::{Dialect, Options, Register, read, write};

/// Texts of so many bytes are read while others run.
const LONG: usize = 4096;

/// What a text says: a circuit, and its registers of qubits and of bits; or a refusal: the line and column, and
/// the reason.
///
/// >>> from numket import _core
/// >>> _core.read_qasm("qreg q[1]; h q[1];", 0, True, 10)[0]
/// (1, 16)
#[pyfunction]
#[pyo3(signature = (text, dialect, final_measurements, max_rounds, /))]
pub fn read_qasm<'py>(
    py: Python<'py>,
    text: &Bound<'py, PyString>,
    dialect: usize,
    final_measurements: bool,
    max_rounds: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let dialect = [Dialect::Standard, Dialect::Braket, Dialect::Qibo][dialect.min(2)];
    let options = Options { dialect, final_measurements, max_rounds };
    let text = text.to_str()?;
    let mut stopped_by = None;
    let mut work = || {
        read(text, &options, &mut || {
            stopped_by = Python::attach(|py| py.check_signals()).err();
            stopped_by.is_none()
        })
    };
    let found = if text.len() < LONG { work() } else { py.detach(work) };
    if let Some(error) = stopped_by {
        return Err(error);
    }
    let registers = |registers: &[Register]| {
        let dict = PyDict::new(py);
        for Register { name, start, len } in registers {
            dict.set_item(name, PyRange::new(py, *start as isize, (start + len) as isize)?)?;
        }
        Ok::<_, PyErr>(dict)
    };
    match found {
        Err(error) => Ok(((error.line, error.column), error.reason).into_pyobject(py)?.into_any()),
        Ok(program) => {
            let (qubits, bits) = (registers(&program.qubits)?, registers(&program.bits)?);
            let names: Names = program.parameters.into_iter().collect();
            let circuit = Circuit::of(program.circuit, names);
            Ok((circuit, qubits, bits).into_pyobject(py)?.into_any())
        }
    }
}

/// A circuit as OpenQASM 3.
///
/// >>> import numket as nk
/// >>> print(nk._core.write_qasm(nk.Circuit(1).h(0)))
/// OPENQASM 3.0;
/// include "stdgates.inc";
/// qubit[1] q;
/// h q[0];
/// <BLANKLINE>
#[pyfunction]
#[pyo3(signature = (circuit, /))]
pub fn write_qasm(circuit: &Bound<'_, Circuit>) -> PyResult<String> {
    let taken = circuit.get().taken();
    let names: Vec<String> = taken.parameters.iter().map(str::to_owned).collect();
    write(&taken.core, &names).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Calls the reader of the package, which says what is wrong with arguments.
pub(super) fn load<'py>(
    function: &'static Late,
    given: &Bound<'py, PyAny>,
    dialect: Option<&Bound<'py, PyAny>>,
    final_measurements: bool,
    max_rounds: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let options = PyDict::new(given.py());
    options.set_item("dialect", dialect)?;
    options.set_item("final_measurements", final_measurements)?;
    options.set_item("max_rounds", max_rounds)?;
    function.get(given.py())?.call((given,), Some(&options))
}
