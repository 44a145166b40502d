//! What a circuit tells of itself: its operations and its plan.

use num_complex::Complex64;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString, PyTuple};

use super::super::args::parameters::shown;
use super::super::invoke::Invoke;
use super::super::package::{
    CIRCUIT_HTML, CIRCUIT_MATRIX, CIRCUIT_TEXT, COUNT_OPS, DEPTH, DRAW, OPERATION, PLAN, TO_CIRQ,
    TO_QISKIT,
};
use super::Circuit;
use super::plans::compiled;
use crate::circuit::{Action, Names, Operation, Start};
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
        Action::Phase(cost, gamma) => {
            vec![PyArray1::from_slice(py, cost.values()).into_any(), shown(py, names, gamma)?]
        }
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
    /// How the circuit runs on a flat state in complex128: its sweeps over the memory of the state, and its time.
    ///
    /// It is the same whatever the values of parameters are, and takes all conditions for met.
    ///
    /// Returns
    /// -------
    /// numket.plan.Plan
    ///     What is done in which sweep, how much is read and written, and an estimate of the time. It prints as text;
    ///     in a notebook it shows the circuit in the colours of the sweeps.
    ///
    /// See Also
    /// --------
    /// draw : The picture of the sweeps, with sweeps=True.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> plan = nk.Circuit(3).h(0).cx(0, 1).ry(0.3, 2).explain()
    /// >>> print(str(plan).partition(", about")[0])  # and how long that takes
    /// 3 operations on 3 qubits in 1 sweep over the state: 256 B read and written
    /// >>> plan.sweeps[0].operations
    /// (0, 1, 2)
    fn explain<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let taken = slf.get().taken();
        let n = taken.num_qubits();
        let prepared = compiled::<f64>(py, &taken, &Layout::flat(n), Start::Zeros)?;
        let compiled = compiled::<f64>(py, &taken, &Layout::flat(n), Start::Given)?;
        let (steps, passes, work) = (compiled.steps(), compiled.passes(), compiled.work());
        let (sweeps, from_zeros) = py.detach(|| (compiled.sweeps(), prepared.sweeps()));
        // How often the state is read or written, where |0...0> is written first.
        let ways = from_zeros.iter().map(|sweep| {
            let ways = if sweep.only_reads { 1.0 } else { 2.0 };
            ways * 0.5f64.powi(sweep.known_bits as i32)
        });
        let first = if prepared.clears() { 1.0 } else { 0.0 };
        let prepare_ways = if prepared.only_writes() { 1.0 } else { first + ways.sum::<f64>() };
        let sweeps = sweeps.into_iter().map(|sweep| {
            let last = n.wrapping_sub(1);
            let inside = (0..n).filter(|qubit| sweep.tile >> (last - qubit) & 1 == 1);
            let draw = sweep
                .draw
                .map(|(operation, qubits)| PyTuple::new(py, qubits).map(|qubits| (operation, qubits)));
            (
                PyTuple::new(py, inside.collect::<Vec<_>>())?,
                PyTuple::new(py, sweep.operations)?,
                (sweep.steps, 1e-9 * sweep.nanos),
                (draw.transpose()?, sweep.only_reads),
            )
                .into_pyobject(py)
        });
        let sweeps = PyTuple::new(py, sweeps.collect::<PyResult<Vec<_>>>()?)?;
        let snapshot = Circuit::of(taken).into_pyobject(py)?;
        PLAN.get(py)?.invoke((snapshot, steps, passes, work, sweeps, prepare_ways))
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        CIRCUIT_TEXT.get(slf.py())?.invoke((slf,))
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        CIRCUIT_HTML.get(slf.py())?.invoke((slf,))
    }

    /// A picture of the circuit, as text, as SVG, or drawn by Matplotlib.
    ///
    /// A control that must be 1 is a filled circle, one that must be 0 an empty one. "M c2" is a measurement into
    /// bit 2, and "if c2=1" says when an operation is done. Boxes over several qubits show the letter of a Pauli
    /// operator, or the place of a qubit among those of a matrix. A circuit of more than 200 columns is cut, and
    /// the picture says so: draw a slice to see another part.
    ///
    /// Parameters
    /// ----------
    /// kind : {"text", "svg", "mpl"}
    ///     Text, SVG, or Matplotlib (needs pip install 'numket[plot]').
    /// fold : int, optional
    ///     How many characters of the text go into a line, at least 20; for pictures the same measure.
    ///     The width of the terminal if not given, and 100 where there is none.
    /// ax : matplotlib.axes.Axes, optional
    ///     Where "mpl" draws; new axes if not given.
    /// sweeps : bool
    ///     Whether each operation shows the number of the sweep over the state that completes it, as `explain`
    ///     counts them, and pictures its colour. "-" is an operation without effect, as others undo it.
    ///
    /// Returns
    /// -------
    /// numket.drawing.Drawing or matplotlib.axes.Axes
    ///     A str, which prints as it is, or shows itself as a picture in a notebook; or the axes.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where `fold` is no int, or `ax` is given for another kind.
    /// ValueError
    ///     Where `kind` is another, or `fold` is less than 20.
    /// ImportError
    ///     Where "mpl" does not find Matplotlib.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.Circuit(3).h(0).cx(0, 2).rzz(0.5, 1, 2).measure([0, 2]).x(1, condition=0).draw()
    /// q0: ─H─●────M c0──────────────
    ///        │
    /// q1: ───┼─┤Z       ├─X if c0=1─
    ///        │ │Rzz(0.5)│
    /// q2: ───X─┤Z       ├───M c1────
    #[pyo3(signature = (kind="text", *, fold=None, ax=None, sweeps=false))]
    fn draw<'py>(
        slf: &Bound<'py, Self>,
        kind: &str,
        fold: Option<&Bound<'py, PyAny>>,
        ax: Option<&Bound<'py, PyAny>>,
        sweeps: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        DRAW.get(slf.py())?.invoke((slf, kind, fold, ax, sweeps))
    }

    /// How many layers the circuit has, where operations on other qubits are done at the same time.
    ///
    /// Every operation counts 1, whatever it is; an operation with a condition comes after the measurement of its
    /// bits. A global phase takes no layer.
    ///
    /// Returns
    /// -------
    /// int
    ///     0 for an empty circuit.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.Circuit(3).h(0).h(1).cx(0, 1).h(2).depth()
    /// 2
    fn depth<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        DEPTH.get(slf.py())?.invoke((slf,))
    }

    /// How often each operation occurs.
    ///
    /// Returns
    /// -------
    /// dict of str to int
    ///     By name, the most frequent first; equally frequent ones in the order of their first use.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.Circuit(3).h(0).cx(0, 1).cx(1, 2).count_ops()
    /// {'cx': 2, 'h': 1}
    fn count_ops<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        COUNT_OPS.get(slf.py())?.invoke((slf,))
    }

    /// The matrix of the circuit, of 4**n numbers.
    ///
    /// Parameters
    /// ----------
    /// params : dict or array_like, optional
    ///     The values of the parameters in radians, as `run` takes them.
    ///
    /// Returns
    /// -------
    /// ndarray of complex128, shape (2**n, 2**n)
    ///     Column i is what the circuit makes of basis state i. Qubit 0 is the most significant bit of i.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     Where the circuit measures, resets, has a channel or a condition: no matrix does the same.
    /// KeyError
    ///     Where `params` names a parameter that the circuit lacks, or misses one that it has.
    /// MemoryError
    ///     Where there is too little memory, before any is taken.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.Circuit(2).x(0).cx(0, 1).to_matrix().real.astype(int)
    /// array([[0, 0, 1, 0],
    ///        [0, 0, 0, 1],
    ///        [0, 1, 0, 0],
    ///        [1, 0, 0, 0]])
    #[pyo3(signature = (params=None))]
    fn to_matrix<'py>(
        slf: &Bound<'py, Self>,
        params: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        CIRCUIT_MATRIX.get(slf.py())?.invoke((slf, params))
    }

    /// The circuit as one of Qiskit's, as numket.qiskit.to_qiskit gives it.
    ///
    /// Returns
    /// -------
    /// qiskit.QuantumCircuit
    ///     The same operations on as many qubits and classical bits.
    ///
    /// Raises
    /// ------
    /// ImportError
    ///     Where Qiskit is missing.
    /// ValueError
    ///     Where an operation has no counterpart there.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> from qiskit import QuantumCircuit
    /// >>> made = nk.Circuit(2).h(0).cx(0, 1).to_qiskit()
    /// >>> made.count_ops()["cx"]
    /// 1
    fn to_qiskit<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        TO_QISKIT.get(slf.py())?.invoke((slf,))
    }

    /// The circuit as one of Cirq's, as numket.cirq.to_cirq gives it.
    ///
    /// Returns
    /// -------
    /// cirq.Circuit
    ///     The same operations on cirq.LineQubit.range(n).
    ///
    /// Raises
    /// ------
    /// ImportError
    ///     Where Cirq is missing.
    /// ValueError
    ///     Where an operation has no counterpart there.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> print(nk.Circuit(2).h(0).cx(0, 1).to_cirq())
    /// 0: ───H───@───
    ///           │
    /// 1: ───────X───
    fn to_cirq<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        TO_CIRQ.get(slf.py())?.invoke((slf,))
    }
}
