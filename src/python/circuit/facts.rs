//! What a circuit tells of itself: its operations and its plan.

use num_complex::Complex64;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString, PyTuple};

use super::super::args::parameters::shown;
use super::super::invoke::Invoke;
use super::super::package::{OPERATION, PLAN};
use super::Circuit;
use super::plans::compiled;
use crate::circuit::{Action, Names, Operation};
use crate::layout::Layout;
use crate::operator::PauliString;

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
            vec![array(entries).invoke_method("reshape", (dim, dim))?]
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
            vec![array(entries).invoke_method("reshape", shape)?]
        }
        Action::If(..) => unreachable!("one condition for each operation"),
    };
    let (controls, values): (Vec<usize>, Vec<u8>) =
        operation.controls.iter().map(|&(qubit, value)| (qubit, u8::from(value))).unzip();
    OPERATION.get(py)?.invoke((
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
        let n = taken.num_qubits();
        let compiled = compiled::<f64>(py, &taken, &Layout::flat(n))?;
        let sweeps = compiled.sweeps().into_iter().map(|(tile, steps)| {
            let last = n.wrapping_sub(1);
            let inside: Vec<usize> = (0..n).filter(|qubit| tile >> (last - qubit) & 1 == 1).collect();
            (PyTuple::new(py, inside)?, steps).into_pyobject(py)
        });
        let sweeps = PyTuple::new(py, sweeps.collect::<PyResult<Vec<_>>>()?)?;
        let operations = taken.operations().len();
        let (steps, passes, work) = (compiled.steps(), compiled.passes(), compiled.work());
        let made = (n, operations, steps, passes, work, 1e-9 * compiled.nanos(), sweeps);
        PLAN.get(py)?.invoke(made)
    }
}
