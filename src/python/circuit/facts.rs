//! What a circuit tells of itself: its operations, its plan, and its text in OpenQASM.

use num_complex::Complex64;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString, PyTuple};

use super::super::args::parameters::shown;
use super::super::package::{LOAD, LOADS, OPERATION, PLAN};
use super::Circuit;
use crate::circuit::{Action, Names, Operation};
use crate::layout::Layout;
use crate::operator::PauliString;
use crate::simd::Isa;

/// As Python sees an operation: name, parameters, qubits, controls, control values, bits, condition.
pub(super) fn listed<'py>(
    py: Python<'py>,
    names: &Names,
    operation: &Operation,
) -> PyResult<Bound<'py, PyAny>> {
    let array = |entries: &[Complex64]| PyArray1::from_slice(py, entries).into_any();
    let letters =
        |string: &PauliString| PyString::new(py, &string.letters(operation.qubits.len())).into_any();
    let (condition, action) = operation.action.split_condition();
    let mut bits = &[][..];
    let params: Vec<Bound<'py, PyAny>> = match action {
        Action::Gate(_, angles) => {
            angles.iter().map(|angle| shown(py, names, angle)).collect::<PyResult<_>>()?
        }
        Action::Dense(entries) => {
            let dim = entries.len().isqrt();
            vec![array(entries).call_method1("reshape", (dim, dim))?]
        }
        Action::Diagonal(entries) => vec![array(entries)],
        Action::Permutation(permutation, _) => vec![PyArray1::from_slice(py, permutation).into_any()],
        Action::Pauli(string) => vec![letters(string)],
        Action::PauliRotation(string, theta) => match operation.gamma() {
            Some(gamma) => vec![shown(py, names, &gamma)?],
            None => vec![shown(py, names, theta)?, letters(string)],
        },
        Action::Measure(into, readout) => {
            bits = into;
            readout.iter().flatten().map(|&change| PyFloat::new(py, change).into_any()).collect()
        }
        Action::Reset => Vec::new(),
        Action::Kraus(channel) => {
            let (entries, dim) = (channel.entries(), channel.dim());
            let shape = (entries.len() / (dim * dim), dim, dim);
            vec![array(entries).call_method1("reshape", shape)?]
        }
        Action::If(..) => unreachable!("one condition for each operation"),
    };
    let (controls, values): (Vec<usize>, Vec<u8>) =
        operation.controls.iter().map(|&(qubit, value)| (qubit, u8::from(value))).unzip();
    OPERATION.get(py)?.call1((
        operation.name(),
        PyTuple::new(py, params)?,
        PyTuple::new(py, &operation.qubits)?,
        PyTuple::new(py, controls)?,
        PyTuple::new(py, values)?,
        PyTuple::new(py, bits)?,
        PyTuple::new(py, condition.iter().map(|&(bit, value)| (bit, u8::from(value))))?,
    ))
}

#[pymethods]
impl Circuit {
    /// How the circuit runs on a flat state in complex128: its sweeps over memory, and its time.
    ///
    /// It is the same whatever the values of parameters are, and takes all conditions for met.
    ///
    /// Returns
    /// -------
    /// numket.circuit.Plan
    ///     What is done in which order, and an estimate of the time. It prints as text.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> print(nk.Circuit(3).h(0).h(0).cx(0, 1).explain())
    /// 3 operations on 3 qubits: 4 steps in 1 pass and 1 sweep, 0.0 MiB moved, 0.000 ms on one thread
    ///   sweep 0: 4 steps on tiles of the qubits 0 1 2
    fn explain<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let taken = slf.get().taken();
        let n = taken.core.num_qubits();
        let compiled = slf.get().compiled::<f64>(py, &taken, &Layout::flat(n), Isa::chosen()?)?;
        let sweeps = compiled.sweeps().into_iter().map(|(tile, steps)| {
            let last = n.wrapping_sub(1);
            let inside: Vec<usize> = (0..n).filter(|qubit| tile >> (last - qubit) & 1 == 1).collect();
            (PyTuple::new(py, inside)?, steps).into_pyobject(py)
        });
        let sweeps = PyTuple::new(py, sweeps.collect::<PyResult<Vec<_>>>()?)?;
        let operations = taken.core.operations().len();
        let (steps, passes, work) = (compiled.steps(), compiled.passes(), compiled.work());
        let made = (n, operations, steps, passes, work, 1e-9 * compiled.nanos(), sweeps);
        PLAN.get(py)?.call1(made)
    }

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
    #[pyo3(signature = (text, /, *, dialect=None, final_measurements=true, max_rounds=1_000_000))]
    fn from_qasm<'py>(
        text: &Bound<'py, PyAny>,
        dialect: Option<&Bound<'py, PyAny>>,
        final_measurements: bool,
        max_rounds: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        super::super::qasm::load(&LOADS, text, dialect, final_measurements, max_rounds)
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
    /// <Circuit of 2 operations on 2 qubits>
    #[staticmethod]
    #[pyo3(signature = (path, /, *, dialect=None, final_measurements=true, max_rounds=1_000_000))]
    fn from_qasm_file<'py>(
        path: &Bound<'py, PyAny>,
        dialect: Option<&Bound<'py, PyAny>>,
        final_measurements: bool,
        max_rounds: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        super::super::qasm::load(&LOAD, path, dialect, final_measurements, max_rounds)
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
        super::super::qasm::write_qasm(slf)
    }
}
