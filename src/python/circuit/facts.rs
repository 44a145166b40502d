//! What a circuit tells of itself: its operations and its plan.

use num_complex::Complex64;
use numpy::PyArray1;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString, PyTuple};

use super::super::args::parameters::shown;
use super::super::args::{angle, index, qubits};
use super::super::invoke::Invoke;
use super::super::package::{
    CIRCUIT_HTML, CIRCUIT_MATRIX, CIRCUIT_TEXT, COUNT_OPS, DEPTH, DRAW, OPERATION, PARTED_PLAN, PLAN,
    SEGMENTS, TO_CIRQ, TO_QISKIT,
};
use super::Circuit;
use super::plans::compiled;
use crate::bits::set_bits;
use crate::circuit::{Action, Names, Operation, Parts, Segments, Start};
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

/// A number of qubits within these bounds.
fn counted(name: &str, given: i64, least: usize, most: usize) -> PyResult<usize> {
    match usize::try_from(given) {
        Ok(count) if (least..=most).contains(&count) => Ok(count),
        _ => Err(PyValueError::new_err(format!("'{name}' is {given} qubits: use {least} to {most}"))),
    }
}

#[pymethods]
impl Circuit {
    /// How the circuit runs on a flat state in complex128: its sweeps over the memory of the state, and its time.
    ///
    /// It is the same whatever the values of parameters are, and takes all conditions for met. With one of the
    /// arguments, it tells instead how it runs on a state in parts, of which one is at hand at a time.
    ///
    /// Parameters
    /// ----------
    /// local_qubits : int, optional
    ///     The qubits of each part.
    /// ranks : int, optional
    ///     The number of parts, a power of two: for numket.mpi.
    /// memory : int or str, optional
    ///     Bytes, or a number with a unit as "8GiB", for parts of a file: for numket.FileState.
    ///
    /// Returns
    /// -------
    /// numket.plan.Plan or numket.plan.PartedPlan
    ///     What is done in which sweep, how much is read and written, and an estimate of the time. It prints as text;
    ///     in a notebook it shows the circuit in the colours of the sweeps. Or, of a state in parts, its segments and
    ///     what moves between them.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type, or two are given.
    /// ValueError
    ///     Where an argument is out of range; or the circuit, on a state in parts, measures or draws, or has an
    ///     operation that mixes more qubits than a part has.
    ///
    /// See Also
    /// --------
    /// draw : The picture of the sweeps, with sweeps=True.
    /// segments : The segments by themselves.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> plan = nk.Circuit(3).h(0).cx(0, 1).ry(0.3, 2).explain()
    /// >>> print(str(plan).partition(", about")[0])  # and how long that takes
    /// 3 operations on 3 qubits in 1 sweep over the state: 256 B read and written
    /// >>> plan.sweeps[0].operations
    /// (0, 1, 2)
    /// >>> plan = nk.Circuit(3).h(0).cx(0, 1).ry(0.3, 2).explain(ranks=2)
    /// >>> plan.exchanges, plan.parts_sent
    /// (1, 0.5)
    #[pyo3(signature = (*, local_qubits=None, ranks=None, memory=None))]
    fn explain<'py>(
        slf: &Bound<'py, Self>,
        local_qubits: Option<&Bound<'py, PyAny>>,
        ranks: Option<&Bound<'py, PyAny>>,
        memory: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if local_qubits.or(ranks).or(memory).is_some() {
            return PARTED_PLAN.get(py)?.invoke((slf, local_qubits, ranks, memory));
        }
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

    /// The circuit in segments, each of which mixes only some of the qubits: for a state in parts.
    ///
    /// An operation does not mix its controls, and none of its qubits if it is diagonal. Where all qubits that it mixes
    /// are local, that is both of their values are in each part, it can be done in every part by itself: the others
    /// have one value there.
    ///
    /// Parameters
    /// ----------
    /// local : int or sequence of int
    ///     The qubits that are local at first, as many as are at a time; an int is that number of the last qubits.
    /// always : int
    ///     So many of the last qubits are local in every segment: the rows of a file.
    /// link : float
    ///     How many times longer it takes to send amplitudes than to go through them in memory. With 0, there are as few
    ///     segments as are found, and otherwise less to be sent.
    /// relabel : bool
    ///     Whether swaps without controls only change which qubit is which.
    ///
    /// Returns
    /// -------
    /// numket.plan.Segments
    ///     The segments, as local qubits and a circuit, and which qubit each has become in the end. The same for the
    ///     same circuit on every machine.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// ValueError
    ///     Where a qubit is out of range or listed twice, `always` is more than there are local qubits, `link` is
    ///     negative or not finite, the circuit measures or draws, or an operation mixes more qubits than are local.
    ///
    /// See Also
    /// --------
    /// explain : What that costs.
    /// numket.FileState : On a file.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> for segment in nk.Circuit(3).h(0).cx(0, 1).h(2).segments(2).segments:
    /// ...     print(segment.local, len(segment.circuit))
    /// (1, 2) 1
    /// (0, 1) 2
    #[pyo3(signature = (local, *, always=None, link=None, relabel=None),
        text_signature = "($self, local, *, always=0, link=10.0, relabel=False)")]
    fn segments<'py>(
        slf: &Bound<'py, Self>,
        local: &Bound<'py, PyAny>,
        always: Option<&Bound<'py, PyAny>>,
        link: Option<&Bound<'py, PyAny>>,
        relabel: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, taken) = (slf.py(), slf.get().taken());
        let n = taken.num_qubits();
        let last = |count: usize| (0..n).rev().take(count).fold(0u64, |mask, qubit| mask | 1 << qubit);
        let listed = match index("local", local) {
            Ok(count) => (n - counted("local", count, 1, n)?..n).collect(),
            Err(error) if error.is_instance_of::<PyTypeError>(py) => taken.qubits(&qubits(local)?)?,
            Err(error) => return Err(error),
        };
        taken.distinct(&listed, &[])?;
        let count = counted("local", listed.len() as i64, 1, n)?;
        let local = listed.iter().fold(0, |mask, &qubit| mask | 1 << qubit);
        let always =
            always.map_or(Ok(0), |given| counted("always", index("always", given)?, 0, count))?;
        if last(always) & !local != 0 {
            return Err(PyValueError::new_err(format!(
                "'always' is {always}, and not all of so many last qubits are in 'local': list them there"
            )));
        }
        let link = link.map_or(Ok(10.0), |given| angle("link", given))?;
        if link < 0.0 {
            return Err(PyValueError::new_err(format!(
                "'link' is {link}; it is a ratio of times: use 0 or more"
            )));
        }
        let relabel = relabel.map_or(Ok(false), |given| given.truth())?;
        let parts = Parts { local, homes: last(count), always: last(always), link, relabel };
        let Segments { operations, segments, places } = py.detach(|| Segments::new(&taken, &parts))?;
        let made = segments.into_iter().map(|segment| {
            let local: Vec<usize> = set_bits(segment.local).collect();
            let part = segment.operations.iter().map(|&place| operations[place].clone()).collect();
            (PyTuple::new(py, local)?, Circuit::of(taken.part(part)?)).into_pyobject(py)
        });
        let made = PyTuple::new(py, made.collect::<PyResult<Vec<_>>>()?)?;
        SEGMENTS.get(py)?.invoke((made, PyTuple::new(py, places)?))
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
