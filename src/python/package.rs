//! What Rust asks of the package `numket`: all the arrows back to Python are listed here.
//!
//! Each is looked up when it is first needed, and then kept. At import it cannot be: the package imports this
//! module first. Those of `display`, `drawing`, `linear`, `qasm`, the frameworks and `trajectories` are also for modules that `import
//! numket` does not need. They are Python because they are values of Python's own, named tuples and
//! expressions with operators, or because they work with other packages: tqdm, SciPy, executors, Jupyter.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::invoke::Invoke;

/// Something that a module has.
pub struct Late {
    module: &'static str,
    name: &'static str,
    found: PyOnceLock<Py<PyAny>>,
}

impl Late {
    const fn of(module: &'static str, name: &'static str) -> Late {
        Late { module, name, found: PyOnceLock::new() }
    }

    /// What it is.
    pub fn get<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyAny>> {
        let import = || {
            let import = py.import("importlib")?.attribute("import_module")?;
            import.invoke((self.module,))?.attribute(self.name).map(Bound::unbind)
        };
        Ok(self.found.get_or_try_init(py, import)?.bind(py))
    }
}

/// NumPy, kept: finding a module that is imported already takes about a microsecond.
pub fn numpy(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static NUMPY: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    Ok(NUMPY.get_or_try_init(py, || py.import("numpy").map(Bound::unbind))?.bind(py))
}

/// The classes of parameters, and of what arithmetic makes of them.
pub static PARAMETER: Late = Late::of("numket.parameter", "Parameter");
pub static EXPRESSION: Late = Late::of("numket.parameter", "Expression");
/// Makes the expression of an offset and terms.
pub static MAKE_EXPRESSION: Late = Late::of("numket.parameter", "expression");
/// What a circuit tells of an operation, and of its plan.
pub static OPERATION: Late = Late::of("numket.circuit", "Operation");
pub static PLAN: Late = Late::of("numket.plan", "plan_of");
pub static PARTED_PLAN: Late = Late::of("numket.plan", "parted_plan");
pub static SEGMENTS: Late = Late::of("numket.plan", "segments_of");
/// Runs on a file, and the advice to have them.
pub static RUN_MAPPED: Late = Late::of("numket.files", "run_mapped");
pub static ADVISE: Late = Late::of("numket.files", "advise");
/// Makes a circuit of what pickle has kept.
pub static REBUILD: Late = Late::of("numket.circuit", "rebuild");
/// A bar of tqdm's.
pub static BAR: Late = Late::of("numket.progress", "Bar");
/// Many runs of a circuit, by itself and by executors.
pub static TRAJECTORIES: Late = Late::of("numket.trajectories", "run");
pub static SWEEP: Late = Late::of("numket.sweeps", "run");
/// Read OpenQASM, and say what is wrong with arguments.
pub static LOADS: Late = Late::of("numket.qasm", "loads");
pub static LOAD: Late = Late::of("numket.qasm", "load");
/// What is counted of a circuit, its matrix, and its pictures.
pub static DEPTH: Late = Late::of("numket.circuit", "depth");
pub static COUNT_OPS: Late = Late::of("numket.circuit", "count_ops");
pub static CIRCUIT_MATRIX: Late = Late::of("numket.matrices", "of_circuit");
pub static CIRCUIT_TEXT: Late = Late::of("numket.drawing", "circuit_text");
pub static CIRCUIT_HTML: Late = Late::of("numket.drawing", "circuit_html");
pub static DRAW: Late = Late::of("numket.drawing", "draw");
/// Circuits of other frameworks.
pub static TO_QISKIT: Late = Late::of("numket.qiskit", "to_qiskit");
pub static TO_CIRQ: Late = Late::of("numket.cirq", "to_cirq");
/// Evolution under what is no sum.
pub static EVOLUTION: Late = Late::of("numket._evolution", "advance");
/// A formula, and a matrix of NumPy's or SciPy's.
pub static SUM_LATEX: Late = Late::of("numket.display", "sum_latex");
pub static SUM_MATRIX: Late = Late::of("numket.matrices", "of_sum");
/// A `LinearOperator` of SciPy's.
pub static LINEAR_OPERATOR: Late = Late::of("numket.linear", "linear_operator");
/// What a state looks like: as text, HTML and LaTeX.
pub static KET_TABLE: Late = Late::of("numket.display", "ket_table");
pub static KET_HTML: Late = Late::of("numket.display", "ket_html");
pub static KET_LATEX: Late = Late::of("numket.display", "ket_latex");
/// NumPy's.
pub static EMPTY: Late = Late::of("numpy", "empty");
pub static NDARRAY: Late = Late::of("numpy", "ndarray");
pub static DEFAULT_RNG: Late = Late::of("numpy.random", "default_rng");
pub static GENERATOR: Late = Late::of("numpy.random", "Generator");
/// Those of its bit generators whose words have 64 bits.
pub static OF_64_BITS: [Late; 4] = [
    Late::of("numpy.random", "PCG64"),
    Late::of("numpy.random", "PCG64DXSM"),
    Late::of("numpy.random", "Philox"),
    Late::of("numpy.random", "SFC64"),
];
