//! OpenQASM: text to circuits, and back.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyRange, PyString};

use super::circuit::Circuit;
use super::invoke::Invoke;
use super::package::{LOAD, LOADS, Late};
use crate::qasm::{Dialect, Options, Register, read, write};

/// Texts of so many bytes are read while others run.
const LONG: usize = 4096;

/// What a text says: a circuit, and its registers of qubits and of bits; or a refusal: the line and column, and
/// the reason.
///
/// >>> from numket import _core
/// >>> _core.read_qasm("qreg q[1]; h q[1];", 0, True, 10)[0]
/// (1, 16)
#[pyfunction(signature = (text, dialect, final_measurements, max_rounds, /))]
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
            let circuit = Circuit::of(program.circuit);
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
#[pyfunction(signature = (circuit, /))]
pub fn write_qasm(circuit: &Bound<'_, Circuit>) -> PyResult<String> {
    write(&circuit.get().taken()).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Calls the reader of the package, which says what is wrong with arguments.
fn load<'py>(
    function: &'static Late,
    given: &Bound<'py, PyAny>,
    dialect: Option<&Bound<'py, PyAny>>,
    final_measurements: Option<&Bound<'py, PyAny>>,
    max_rounds: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let options = PyDict::new(given.py());
    options.set_item("dialect", dialect)?;
    for (name, given) in [("final_measurements", final_measurements), ("max_rounds", max_rounds)] {
        given.map_or(Ok(()), |given| options.set_item(name, given))?;
    }
    function.get(given.py())?.invoke_with((given,), Some(&options))
}

#[pymethods]
impl Circuit {
    /// The circuit that an OpenQASM 2 or 3 text describes.
    ///
    /// Parameters
    /// ----------
    /// text : str
    ///     The program. Inputs that are floats or angles become parameters.
    /// dialect : {"braket", "qibo"}, optional
    ///     Whose gates are known besides those of the standard.
    /// final_measurements : bool
    ///     False leaves out measurements that nothing depends on.
    /// max_rounds : int
    ///     How many rounds all loops may have together.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     A new circuit. Its qubits and bits count through the registers in the order of their
    ///     declaration.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// numket.qasm.QasmError
    ///     A ValueError that tells line and column: where the text is not OpenQASM, or asks for what
    ///     a circuit cannot do.
    ///
    /// See Also
    /// --------
    /// numket.qasm.read : With the names of the registers.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'
    /// >>> nk.Circuit.from_qasm(text) == nk.Circuit(2).h(0).cx(0, 1)
    /// True
    #[staticmethod]
    #[pyo3(
        signature = (text, *, dialect=None, final_measurements=None, max_rounds=None),
        text_signature = "(text, *, dialect=None, final_measurements=True, max_rounds=1000000)"
    )]
    fn from_qasm<'py>(
        text: &Bound<'py, PyAny>,
        dialect: Option<&Bound<'py, PyAny>>,
        final_measurements: Option<&Bound<'py, PyAny>>,
        max_rounds: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        load(&LOADS, text, dialect, final_measurements, max_rounds)
    }

    /// The circuit that a file in OpenQASM 2 or 3 describes.
    ///
    /// Parameters
    /// ----------
    /// path : str or path-like
    ///     The file, in UTF-8.
    /// dialect : {"braket", "qibo"}, optional
    ///     Whose gates are known besides those of the standard.
    /// final_measurements : bool
    ///     False leaves out measurements that nothing depends on.
    /// max_rounds : int
    ///     How many rounds all loops may have together.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     A new circuit.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// OSError
    ///     Where the file cannot be read.
    /// numket.qasm.QasmError
    ///     A ValueError that tells file, line and column: where the text is not OpenQASM, or asks for
    ///     what a circuit cannot do.
    ///
    /// Examples
    /// --------
    /// >>> import tempfile
    /// >>> from pathlib import Path
    /// >>> import numket as nk
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     path = Path(folder, "bell.qasm")
    /// ...     _ = path.write_text(nk.Circuit(2).h(0).cx(0, 1).to_qasm())
    /// ...     nk.Circuit.from_qasm_file(path)
    /// Circuit of 2 operations on 2 qubits
    /// q0: ─H─●─
    ///        │
    /// q1: ───X─
    #[staticmethod]
    #[pyo3(
        signature = (path, *, dialect=None, final_measurements=None, max_rounds=None),
        text_signature = "(path, *, dialect=None, final_measurements=True, max_rounds=1000000)"
    )]
    fn from_qasm_file<'py>(
        path: &Bound<'py, PyAny>,
        dialect: Option<&Bound<'py, PyAny>>,
        final_measurements: Option<&Bound<'py, PyAny>>,
        max_rounds: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        load(&LOAD, path, dialect, final_measurements, max_rounds)
    }

    /// The circuit as a text in OpenQASM 3, which `from_qasm` reads back as the same circuit.
    ///
    /// Returns
    /// -------
    /// str
    ///     The program. Parameters are inputs, conditions are nested ifs, and gates that stdgates.inc
    ///     lacks come with their definitions.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     Where the circuit has matrices, diagonals, permutations, noise, or parameters whose names
    ///     OpenQASM does not allow.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> print(nk.Circuit(1).rx(2 * nk.Parameter("a"), 0).to_qasm())
    /// OPENQASM 3.0;
    /// include "stdgates.inc";
    /// input float a;
    /// qubit[1] q;
    /// rx(2.0*a) q[0];
    /// <BLANKLINE>
    fn to_qasm(slf: &Bound<'_, Self>) -> PyResult<String> {
        write_qasm(slf)
    }
}
