//! `Circuit`: operations that are handed over once.

use std::any::Any;
use std::borrow::Borrow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use num_complex::Complex64;
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyList, PyString, PyTuple};

use super::args::{self, Options, index};
use super::door::{Access, Numbers, State, in_precision, leased};
use super::gradient;
use super::operators::{core_axes, finite};
use super::parameters::{Names, Values, angle, move_parameters, shown};
use super::progress::{Asker, LONG, Reporter};
use super::steps;
use crate::circuit::{
    Action, Adjoint, Binding, Circuit as Core, MAX_CLASSICAL, Operation, Program, Spare, Watch,
    run_batch,
};
use crate::error::Error;
use crate::gates::{Gate, named};
use crate::layout::{Batch, Layout};
use crate::operator::PauliString;
use crate::simd::{Isa, Real};

/// A list of operations on qubits, applied to an array in one call.
///
/// Every function that changes a state is a method of the same name, without the array; all return
/// the circuit itself. Angles may be parameters, or affine expressions of them, whose values are
/// given when the circuit runs.
///
/// Qubits can be measured, reset, and go through noise on the way. With `condition`, an operation is done only if
/// classical bits that have been measured before have some values: {0: 1, 2: 0}, or 5 for {5: 1}.
///
/// Operations are fused, and done tile by tile in cache where the state is larger than that.
///
/// Parameters
/// ----------
/// num_qubits : int
///     The number of qubits.
/// parameters : iterable of Parameter, optional
///     Parameters that come first in `parameters`, whatever uses them.
/// num_bits : int
///     The circuit has at least so many classical bits, even if nothing measures into them: these are 0.
///
/// Raises
/// ------
/// TypeError, ValueError
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> theta = nk.Parameter("theta")
/// >>> circuit = nk.Circuit(2).h(0).cx(0, 1).rz(2 * theta, 1)
/// >>> psi = nk.zero_state(2)
/// >>> circuit.run(psi, {"theta": 0.5})
/// >>> psi.round(3) + 0
/// array([0.621-0.339j, 0.   +0.j   , 0.   +0.j   , 0.621+0.339j])
/// >>> circuit.inverse().run(psi, [0.5])
/// >>> psi.round(3).real
/// array([1., 0., 0., 0.])
#[pyclass(module = "numket", frozen, eq)]
pub struct Circuit {
    /// Never held while Python code runs: that may use the circuit itself.
    inner: Mutex<Inner>,
}

/// What a circuit is: cheap to copy, so that calls work on what they have found.
#[derive(Clone)]
pub(super) struct Inner {
    pub(super) core: Arc<Core>,
    /// The names of the parameters: those given when it was made, then in the order of their first use.
    pub(super) parameters: Arc<Names>,
    /// What was made of it for its last run, by precision: a [`Compiled`], or the same of a circuit that
    /// draws; and the layout that it is for.
    compiled: Option<(Layout, Arc<dyn Any + Send + Sync>)>,
    /// What its last gradient was computed with, and the bytes of a real number of those states.
    adjoint: Option<(usize, Arc<Adjoint>)>,
}

/// A program, with its numbers if no parameter changes them.
struct Compiled<T> {
    program: Program,
    binding: Option<Binding<T>>,
    spare: Spare<T>,
}

impl Inner {
    fn new(core: Core, parameters: Names) -> Inner {
        Inner { core: Arc::new(core), parameters: Arc::new(parameters), compiled: None, adjoint: None }
    }
}

impl PartialEq for Circuit {
    fn eq(&self, other: &Circuit) -> bool {
        let (one, two) = (self.taken(), other.taken());
        one.core == two.core && one.parameters.as_slice() == two.parameters.as_slice()
    }
}

impl Circuit {
    pub(super) fn of(core: Core, parameters: Names) -> Circuit {
        Circuit { inner: Mutex::new(Inner::new(core, parameters)) }
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The circuit as it is now.
    pub(super) fn taken(&self) -> Inner {
        self.inner().clone()
    }

    /// Appends an operation, whose parameters are places in `names`.
    pub(super) fn push(
        &self,
        action: Action,
        names: &Names,
        qubits: Vec<i64>,
        controls: Vec<(i64, bool)>,
        condition: Vec<(usize, bool)>,
    ) -> PyResult<()> {
        let mut action = action.only_if(condition);
        let mut inner = self.inner();
        (inner.compiled, inner.adjoint) = (None, None); // they share the operations
        let num_qubits = inner.core.num_qubits();
        let checked =
            |qubit: i64| usize::try_from(qubit).map_err(|_| Error::QubitRange { qubit, num_qubits });
        let qubits = qubits.into_iter().map(checked).collect::<Result<_, _>>()?;
        let pair = |(qubit, value)| Ok((checked(qubit)?, value));
        let controls = controls.into_iter().map(pair).collect::<Result<_, Error>>()?;
        let known = inner.parameters.len();
        move_parameters(&mut action, names, Arc::make_mut(&mut inner.parameters));
        let added = Arc::make_mut(&mut inner.core).push(Operation { action, qubits, controls });
        if added.is_err() {
            Arc::make_mut(&mut inner.parameters).truncate(known);
        }
        Ok(added?)
    }

    /// A gate of the table.
    fn gate<'py, const P: usize, const Q: usize>(
        slf: Bound<'py, Self>,
        gate: &'static Gate,
        params: [&Bound<'py, PyAny>; P],
        qubits: [&Bound<'py, PyAny>; Q],
        options: &Options<'_, '_>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let named = gate.qubits.iter().zip(qubits);
        let numbers = named.map(|(name, qubit)| index(name, qubit)).collect::<PyResult<Vec<_>>>()?;
        let (controls, condition) = (args::controls(options)?, steps::condition(condition)?);
        let mut names = Names::new();
        let given = gate.params.iter().zip(params);
        let angles = given.map(|(name, param)| angle(&mut names, name, param));
        let action = Action::Gate(gate, angles.collect::<PyResult<_>>()?);
        slf.get().push(action, &names, numbers, controls, condition)?;
        Ok(slf)
    }

    /// A matrix or a diagonal, whose entries are copied.
    fn entries<'py>(
        slf: Bound<'py, Self>,
        argument: &'static str,
        given: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        options: &Options<'_, '_>,
        condition: Option<&Bound<'py, PyAny>>,
        action: fn(Arc<[Complex64]>) -> Action,
    ) -> PyResult<Bound<'py, Self>> {
        // The array comes last, because reading the others may run code that changes it.
        let (qubits, controls) = (args::qubits(qubits)?, args::controls(options)?);
        let condition = steps::condition(condition)?;
        let numbers = Numbers::<Complex64>::read(argument, given)?;
        let entries: Arc<[Complex64]> = numbers.as_slice().into();
        core_axes(argument, &numbers.shape, qubits.len(), false)?;
        finite(argument, &entries)?;
        slf.get().push(action(entries), &Names::new(), qubits, controls, condition)?;
        Ok(slf)
    }

    /// A Pauli string, and the qubits of its letters.
    fn pauli(
        &self,
        pauli: &Bound<'_, PyString>,
        qubits: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(PauliString, Vec<i64>)> {
        let letters = pauli.to_str()?;
        let string = PauliString::of(letters)?;
        let qubits = match qubits {
            Some(qubits) => args::qubits(qubits)?,
            None => (0..self.taken().core.num_qubits() as i64).collect(),
        };
        if letters.len() != qubits.len() {
            return Err(Error::PauliLength { letters: letters.len(), qubits: qubits.len() }.into());
        }
        Ok((string, qubits))
    }

    /// What to do to states of this layout, for the circuit as it was `taken`.
    fn compiled<T: Real>(
        &self,
        py: Python<'_>,
        taken: &Inner,
        layout: &Layout,
        isa: Isa,
    ) -> PyResult<Arc<Compiled<T>>> {
        self.known_or(py, taken, layout, |watch| {
            let program = Program::watched::<T>(&taken.core, layout, isa, watch)?;
            let mut binding = taken.parameters.is_empty().then(Binding::default);
            let bound = |binding| program.rebind(binding, &[], watch);
            let done = binding.as_mut().is_none_or(bound);
            done.then_some(Compiled { program, binding, spare: Spare::default() })
        })
    }

    /// Keeps what was planned for a copy, if the operations are still the same.
    pub(super) fn share(&self, copy: Inner) {
        let mut inner = self.inner();
        if Arc::ptr_eq(&inner.core, &copy.core) {
            (inner.compiled, inner.adjoint) = (copy.compiled, copy.adjoint);
        }
    }

    /// What computes gradients, for the circuit as it was `taken`.
    pub(super) fn adjoint<T: Real>(
        &self,
        py: Python<'_>,
        taken: &Inner,
        isa: Isa,
    ) -> PyResult<Arc<Adjoint>> {
        if let Some((bytes, known)) = &taken.adjoint
            && *bytes == size_of::<T>()
        {
            return Ok(known.clone());
        }
        let make = |watch: &Watch<'_>| Adjoint::watched::<T>(&taken.core, isa, watch).transpose();
        let made = Arc::new(planned(py, taken.core.operations().len(), make)??);
        let mut inner = self.inner();
        if Arc::ptr_eq(&inner.core, &taken.core) {
            inner.adjoint = Some((size_of::<T>(), made.clone()));
        }
        Ok(made)
    }

    /// What was made of the circuit before, or now; others may run meanwhile, and signals stop it.
    pub(super) fn known_or<C: Send + Sync + 'static>(
        &self,
        py: Python<'_>,
        taken: &Inner,
        layout: &Layout,
        make: impl FnOnce(&Watch<'_>) -> Option<C> + Send,
    ) -> PyResult<Arc<C>> {
        if let Some(known) = taken.known(layout) {
            return Ok(known);
        }
        let made = Arc::new(planned(py, taken.core.operations().len(), make)?);
        let mut inner = self.inner();
        if Arc::ptr_eq(&inner.core, &taken.core) {
            inner.compiled = Some((layout.clone(), made.clone()));
        }
        Ok(made)
    }
}

/// What `make` makes of a circuit of so many operations, while others may run, unless a signal stops it.
fn planned<C: Send>(
    py: Python<'_>,
    count: usize,
    make: impl FnOnce(&Watch<'_>) -> Option<C> + Send,
) -> PyResult<C> {
    let asker = Asker::planning();
    let go_on = |done: f64| asker.go_on(done);
    let make = || make(&Watch::new(&go_on));
    let made = if count < LONG { make() } else { py.detach(make) };
    made.ok_or_else(|| asker.stopped_by().expect_err("what stopped it"))
}

impl Inner {
    /// What was made of the circuit for its last run, if that was for states of this layout and precision.
    fn known<C: Send + Sync + 'static>(&self, layout: &Layout) -> Option<Arc<C>> {
        let (known, compiled) = self.compiled.as_ref()?;
        if known == layout { compiled.clone().downcast().ok() } else { None }
    }
}

/// As Python sees an operation: name, parameters, qubits, controls, control values, bits, condition.
fn listed<'py>(py: Python<'py>, names: &Names, operation: &Operation) -> PyResult<Bound<'py, PyAny>> {
    let array = |entries: &[Complex64]| PyArray1::from_slice(py, entries).into_any();
    let letters = |string: &PauliString| -> String {
        let letter = |place: usize| match (string.x >> place & 1, string.z >> place & 1) {
            (0, 0) => 'I',
            (1, 0) => 'X',
            (1, _) => 'Y',
            _ => 'Z',
        };
        (0..operation.qubits.len()).rev().map(letter).collect()
    };
    let (condition, action) = operation.action.parts();
    let mut bits = &[][..];
    let (name, params): (&str, Vec<Bound<'py, PyAny>>) = match action {
        Action::Gate(gate, angles) => {
            let params = angles.iter().map(|angle| shown(py, names, angle)).collect::<PyResult<_>>()?;
            (gate.name, params)
        }
        Action::Dense(entries) => {
            let dim = entries.len().isqrt();
            ("apply", vec![array(entries).call_method1("reshape", (dim, dim))?])
        }
        Action::Diagonal(entries) => ("apply_diagonal", vec![array(entries)]),
        Action::Permutation(permutation, _) => {
            ("apply_permutation", vec![PyArray1::from_slice(py, permutation).into_any()])
        }
        Action::Pauli(string) => ("apply_pauli", vec![PyString::new(py, &letters(string)).into_any()]),
        Action::PauliRotation(string, theta) => match operation.gamma() {
            Some(gamma) => ("gphase", vec![shown(py, names, &gamma)?]),
            None => {
                let letters = PyString::new(py, &letters(string)).into_any();
                ("pauli_rotation", vec![shown(py, names, theta)?, letters])
            }
        },
        Action::Measure(into, readout) => {
            bits = into;
            let params = readout.iter().flatten();
            ("measure", params.map(|&change| PyFloat::new(py, change).into_any()).collect())
        }
        Action::Reset => ("reset", Vec::new()),
        Action::Kraus(channel) => {
            let (entries, dim) = (channel.entries(), channel.dim());
            let shape = (entries.len() / (dim * dim), dim, dim);
            ("apply_kraus", vec![array(entries).call_method1("reshape", shape)?])
        }
        Action::If(..) => unreachable!("one condition for each operation"),
    };
    let (controls, values): (Vec<usize>, Vec<u8>) =
        operation.controls.iter().map(|&(qubit, value)| (qubit, u8::from(value))).unzip();
    py.import("numket.circuit")?.getattr("Operation")?.call1((
        name,
        PyTuple::new(py, params)?,
        PyTuple::new(py, &operation.qubits)?,
        PyTuple::new(py, controls)?,
        PyTuple::new(py, values)?,
        PyTuple::new(py, bits)?,
        PyTuple::new(py, condition.iter().map(|&(bit, value)| (bit, u8::from(value))))?,
    ))
}

/// Sees to it that a circuit is one for states of this layout.
pub(super) fn fits(core: &Core, layout: &Layout) -> PyResult<()> {
    let (n, has) = (core.num_qubits(), layout.num_qubits());
    let refused = if n != has {
        format!("'state' has {has} qubits and the circuit has {n}: use a state of shape (2**{n},)")
    } else if (0..n as i64).any(|axis| layout.bit_of(axis).is_err()) {
        "'state' has axes of length 1, whose numbers are no qubits of a circuit: use np.squeeze(state)"
            .to_owned()
    } else {
        return Ok(());
    };
    Err(PyValueError::new_err(refused))
}

/// The last step of a run: everything is checked, nothing can fail but the lease.
fn run_all<T: Real>(
    py: Python<'_>,
    state: &mut State,
    compiled: &Compiled<T>,
    values: &Values,
    threads: Option<usize>,
    reporter: &Reporter,
    isa: Isa,
) -> PyResult<()> {
    let Compiled { program, binding, spare } = compiled;
    let operations = program.num_operations();
    let states = state.layout.batch().map_or(1, Batch::len);
    let binds = if binding.is_some() { 0.0 } else { program.nanos_to_bind() };
    let (threads, nanos) = values.work(program.nanos(), binds, states, threads)?;
    let asker = Asker::new(reporter, operations * states, program.steps() * states);
    let go_on = |done: f64| asker.go_on(done);
    let watch = Watch::new(&go_on);
    // Code of the user's own may run meanwhile, so the state is leased however small it is.
    let nanos = if reporter.call.is_some() { f64::INFINITY } else { nanos };
    let spans = [state.span];
    let mut view = state.view_mut::<T>();
    // SAFETY: the span of the state is that of the whole batch, and leased.
    leased(py, nanos, spans, || unsafe {
        match binding {
            Some(binding) => {
                run_batch(&mut view, program, |_| Some(binding), false, isa, threads, &watch)
            }
            None if values.alike() => {
                if let Some(lent) = spare.bind(program, &values.of(0), &watch) {
                    let binding: &Binding<T> = lent.borrow();
                    run_batch(&mut view, program, |_| Some(binding), false, isa, threads, &watch);
                }
            }
            None => {
                let bindings = |state: usize| spare.bind(program, &values.of(state), &watch);
                run_batch(&mut view, program, bindings, true, isa, threads, &watch);
            }
        }
    })?;
    asker.stopped_by()
}

macro_rules! methods {
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal;)+) => {
        #[pymethods]
        impl Circuit {
            #[new]
            #[pyo3(
                signature = (num_qubits, /, parameters=None, *, num_bits=None),
                text_signature = "(num_qubits, /, parameters=None, *, num_bits=0)"
            )]
            fn new(
                num_qubits: &Bound<'_, PyAny>,
                parameters: Option<&Bound<'_, PyAny>>,
                num_bits: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Circuit> {
                let count = index("num_qubits", num_qubits)?;
                let bits = num_bits.map_or(Ok(0), |given| index("num_bits", given))?;
                let mut names = Names::new();
                if let Some(parameters) = parameters {
                    for parameter in parameters.try_iter()? {
                        let name: String = parameter?.getattr("name")?.extract()?;
                        if names.contains(&name) {
                            return Err(PyValueError::new_err(format!(
                                "'parameters' has {name:?} twice: list each once"
                            )));
                        }
                        names.insert(name);
                    }
                }
                let Ok(count @ 0..=62) = usize::try_from(count) else {
                    return Err(PyValueError::new_err(format!(
                        "'num_qubits' is {count}; a circuit has 0 to 62 qubits: use a number in that range"
                    )));
                };
                let mut core = Core::new(count);
                match usize::try_from(bits).map(|bits| core.declare_bits(bits)) {
                    Ok(Ok(())) => Ok(Circuit::of(core, names)),
                    _ => Err(PyValueError::new_err(format!(
                        "'num_bits' is {bits}; a circuit has 0 to {MAX_CLASSICAL} classical bits: use a \
                         number in that range"
                    ))),
                }
            }

            /// The number of qubits.
            #[getter]
            fn num_qubits(&self) -> usize {
                self.inner().core.num_qubits()
            }

            /// The number of classical bits: `num_bits` as the circuit was made with it, or one more than the
            /// highest that is measured, if that is more.
            #[getter]
            fn num_bits(&self) -> usize {
                self.inner().core.num_bits()
            }

            /// The parameters in the order of an array given to `run`: those given when the circuit was made,
            /// then others in the order in which they were first used.
            #[getter]
            fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
                let class = py.import("numket.parameter")?.getattr("Parameter")?;
                let taken = self.taken();
                let made = taken.parameters.iter().map(|name| class.call1((name,)));
                PyTuple::new(py, made.collect::<PyResult<Vec<_>>>()?)
            }

            fn __len__(&self) -> usize {
                self.inner().core.operations().len()
            }

            fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                let taken = self.taken();
                let operations = taken.core.operations().iter();
                let list = operations.map(|operation| listed(py, &taken.parameters, operation));
                let list = PyList::new(py, list.collect::<PyResult<Vec<_>>>()?)?;
                Ok(list.try_iter()?.into_any())
            }

            fn __repr__(&self) -> String {
                let taken = self.taken();
                let (n, len) = (taken.core.num_qubits(), taken.core.operations().len());
                format!("<Circuit of {len} operations on {n} qubits>")
            }

            fn __copy__(&self) -> Circuit {
                Circuit { inner: Mutex::new(self.taken()) }
            }

            fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Circuit {
                self.__copy__()
            }

            fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
                let rebuild = py.import("numket.circuit")?.getattr("rebuild")?;
                let list = PyList::empty(py);
                for operation in self.__iter__(py)?.try_iter()? {
                    list.append(operation?)?;
                }
                let made = (self.num_qubits(), list, self.parameters(py)?, self.num_bits());
                Ok((rebuild, made.into_pyobject(py)?))
            }

            /// A circuit with the same operations, which can be changed by itself.
            fn copy(&self) -> Circuit {
                self.__copy__()
            }

            /// The circuit that undoes this one. Matrices and diagonals of the user's own are replaced by
            /// their adjoints, which undo them if they are unitary. Raises ValueError where the circuit
            /// measures, resets, or has a Kraus channel. Classical bits that are declared stay so.
            fn inverse(&self) -> PyResult<Circuit> {
                let taken = self.taken();
                taken.core.undoable()?;
                Ok(Circuit::of(taken.core.inverse(), (*taken.parameters).clone()))
            }

            /// Appends all operations of another circuit; its qubit i becomes `qubits[i]`, or i itself, and
            /// its classical bit i `bits[i]`, or i itself. These bits come with it even if nothing measures
            /// into them.
            #[pyo3(signature = (other, qubits=None, bits=None))]
            fn compose<'py>(
                slf: Bound<'py, Self>,
                other: &Bound<'py, Circuit>,
                qubits: Option<&Bound<'py, PyAny>>,
                bits: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                let Inner { core: added, parameters: names, .. } = other.get().taken();
                let wanted = match qubits {
                    Some(qubits) => args::qubits(qubits)?,
                    None => (0..added.num_qubits() as i64).collect(),
                };
                if wanted.len() != added.num_qubits() {
                    return Err(PyValueError::new_err(format!(
                        "'qubits' lists {} qubits for a circuit of {}: list one for each",
                        wanted.len(),
                        added.num_qubits()
                    )));
                }
                let bits = steps::bits_for(added.num_bits(), bits)?;
                let taken = slf.get().taken();
                let (mut core, mut parameters) = ((*taken.core).clone(), (*taken.parameters).clone());
                core.declare_bits(bits.iter().max().map_or(0, |&bit| bit + 1))?;
                let num_qubits = core.num_qubits();
                let mapped = |qubit: usize| {
                    let qubit = wanted[qubit];
                    usize::try_from(qubit).map_err(|_| Error::QubitRange { qubit, num_qubits })
                };
                for operation in added.operations() {
                    let mut operation = operation.clone();
                    for qubit in &mut operation.qubits {
                        *qubit = mapped(*qubit)?;
                    }
                    for (qubit, _) in &mut operation.controls {
                        *qubit = mapped(*qubit)?;
                    }
                    move_parameters(&mut operation.action, &names, &mut parameters);
                    steps::move_bits(&mut operation.action, &bits);
                    core.push(operation)?;
                }
                *slf.get().inner() = Inner::new(core, parameters);
                Ok(slf)
            }

            /// Applies all operations to a state, in place and in one call.
            ///
            /// Parameters
            /// ----------
            /// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            ///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
            /// params : dict or array_like, optional
            ///     The values of the parameters in radians: by name or Parameter, or in the order of
            ///     `parameters`. With batch axes, each value of a dict broadcasts against them, and an
            ///     array has the parameters in its last axis.
            /// batch : int
            ///     Number of leading axes of the state that count states: (B, 2**n) has 1.
            /// threads : int, optional
            ///     At most this many threads for this call.
            /// progress : bool or callable
            ///     True shows a bar (needs tqdm); a callable is given the number of operations done and
            ///     that of all.
            /// rng : None, int or numpy.random.Generator, optional
            ///     What np.random.default_rng takes, for circuits that measure, reset or have a Kraus
            ///     channel; others do not look at it. A Generator is advanced by one number for each qubit
            ///     that is measured or reset, one more where it has a readout error, and one for each
            ///     channel; for each state, also where a condition does not hold. They are drawn before
            ///     anything is written.
            ///
            /// Returns
            /// -------
            /// None, or ndarray of int8, shape batch + (num_bits,)
            ///     The classical bits of each state, 0 where nothing was measured; None for a circuit
            ///     without classical bits. The same for any number of threads.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, KeyError, BufferInUseError
            ///     Before anything is written. One exception: where operators of the user's own have left a
            ///     state without norm, which is found at the next measurement, or channel that reads it, as the note
            ///     says.
            /// KeyboardInterrupt
            ///     On Ctrl-C, and whatever a signal handler or `progress` raises: the run stops, its note
            ///     says how far it got, and the state keeps its norm if all operations are unitary.
            ///
            /// Examples
            /// --------
            /// >>> import numpy as np, numket as nk
            /// >>> circuit = nk.Circuit(1).rx(nk.Parameter("theta"), 0)
            /// >>> states = np.array([[1, 0], [1, 0]], complex)
            /// >>> circuit.run(states, {"theta": [0, np.pi]}, batch=1)
            /// >>> states.round(3)
            /// array([[1.+0.j, 0.+0.j],
            ///        [0.+0.j, 0.-1.j]])
            ///
            /// Twice the same outcome, and the second qubit back in 0:
            ///
            /// >>> circuit = nk.Circuit(2).h(0).measure(0).cx(0, 1).measure(1).x(1, condition=1)
            /// >>> psi = nk.zero_state(2)
            /// >>> circuit.run(psi, rng=3)
            /// array([1, 1], dtype=int8)
            /// >>> psi.round(3).real
            /// array([0., 0., 1., 0.])
            #[pyo3(signature = (state, params=None, *, batch=0, threads=None, progress=None, rng=None))]
            #[allow(clippy::too_many_arguments, reason = "the options of a run")]
            fn run<'py>(
                slf: &Bound<'py, Self>,
                state: &Bound<'py, PyAny>,
                params: Option<&Bound<'py, PyAny>>,
                batch: i64,
                threads: Option<i64>,
                progress: Option<&Bound<'py, PyAny>>,
                rng: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Option<Bound<'py, PyAny>>> {
                let py = slf.py();
                let options = Options { controls: None, control_values: None, batch, threads };
                let (threads, isa) = (options.threads()?, Isa::chosen()?);
                Reporter::check(progress)?;
                let taken = slf.get().taken();
                if !taken.core.is_unitary() {
                    let options = steps::RunOptions { params, batch, threads, progress, rng };
                    return steps::run(slf.get(), &taken, state, &options);
                }
                let mut array = State::new("state", state, batch, Access::Write)?;
                fits(&taken.core, &array.layout)?;
                let states = array.layout.batch().map_or(1, Batch::len);
                in_precision!(array, T => {
                    if let (None, true, None, 0, Some(known)) = (
                        params,
                        taken.parameters.is_empty(),
                        progress,
                        taken.core.num_bits(),
                        taken.known::<Compiled<T>>(&array.layout),
                    ) {
                        // Nothing has run since the state was looked at.
                        let reporter = Reporter::SILENT;
                        run_all(py, &mut array, &known, &Values::NONE, threads, &reporter, isa)?;
                        return Ok(None);
                    }
                });
                // Reading the values may run other code, as may others while this plans, so the state is
                // looked at anew after it.
                let (looked, precision) = (array.layout, array.precision);
                let values = Values::given(&taken.parameters, py, params, looked.batch())?;
                let has_bits = taken.core.num_bits() > 0;
                let bits = has_bits.then(|| steps::zero_bits(py, &taken.core, &looked)).transpose()?;
                if states == 0 {
                    return Ok(bits);
                }
                values.check(py, &taken.core, states)?;
                in_precision!(array, T => {
                    let circuit = slf.get();
                    let compiled = circuit.compiled::<T>(py, &taken, &looked, isa)?;
                    let reporter = Reporter::new(py, progress)?;
                    let result = State::new("state", state, batch, Access::Write).and_then(|mut array| {
                        if array.layout != looked || array.precision != precision {
                            return Err(PyValueError::new_err(
                                "'state' has got another shape or dtype while 'params' was read or the circuit \
                                 planned; it must stand still",
                            ));
                        }
                        run_all(py, &mut array, &compiled, &values, threads, &reporter, isa)
                    });
                    reporter.end(py, result).map(|()| bits)
                })
            }

            /// The expectation value of an observable after the circuit.
            ///
            /// Parameters
            /// ----------
            /// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            ///     As numket.expectation takes it.
            /// params : dict or array_like, optional
            ///     As `run` takes it. With batch axes and no state, it tells the shape of the batch.
            /// qubits : int or sequence of int, optional
            ///     The k qubits that the observable acts on; all in order if not given.
            /// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n, optional
            ///     What the circuit starts from, only read; |0...0> in complex128 if not given. The circuit runs
            ///     on a copy.
            /// batch : int
            ///     Number of leading axes of the state, or the parameters, that count states.
            /// threads : int, optional
            ///     At most this many threads for this call.
            ///
            /// Returns
            /// -------
            /// float, or complex for a sum that is not Hermitian; with batch axes, an array of their shape
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, KeyError
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
            /// >>> round(circuit.expectation("ZI", {"theta": 0.3}), 6)  # cos(0.3)
            /// 0.955336
            #[pyo3(signature = (observable, params=None, *, qubits=None, state=None, batch=0, threads=None))]
            #[allow(clippy::too_many_arguments, reason = "what is observed, and the options of a run")]
            fn expectation<'py>(
                slf: &Bound<'py, Self>,
                observable: &Bound<'py, PyAny>,
                params: Option<&Bound<'py, PyAny>>,
                qubits: Option<&Bound<'py, PyAny>>,
                state: Option<&Bound<'py, PyAny>>,
                batch: i64,
                threads: Option<i64>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let options = gradient::options(slf.py(), qubits, state, batch, threads)?;
                let function = slf.py().import("numket.gradient")?.getattr("expectation")?;
                function.call((slf, observable, params), Some(&options))
            }

            /// The expectation value of an observable after the circuit, and its gradient by all parameters, by
            /// adjoint differentiation: in the time of a few runs, whatever the number of parameters, and with two
            /// states of memory.
            ///
            /// Parameters
            /// ----------
            /// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            ///     As numket.expectation takes it; Hermitian.
            /// params : dict or array_like, optional
            ///     As `run` takes it. With batch axes and no state, it tells the shape of the batch.
            /// qubits : int or sequence of int, optional
            ///     The k qubits that the observable acts on; all in order if not given.
            /// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n, optional
            ///     What the circuit starts from, only read; |0...0> in complex128 if not given.
            /// batch : int
            ///     Number of leading axes of the state, or the parameters, that count states.
            /// threads : int, optional
            ///     At most this many threads for this call.
            ///
            /// Returns
            /// -------
            /// value : float, or ndarray of the shape of the batch
            /// gradient : ndarray of float64, shape batch + (number of parameters,)
            ///     Derivatives by radians, in the order of `parameters`.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, KeyError
            ///     ValueError also where the circuit measures or resets, or has matrices that are not unitary, as
            ///     nothing undoes these.
            ///
            /// Notes
            /// -----
            /// T. Jones and J. Gacon, "Efficient calculation of gradients in classical simulations of
            /// variational quantum algorithms", arXiv:2009.02823.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
            /// >>> value, gradient = circuit.gradient("ZI", [0.3])
            /// >>> round(value, 6), gradient.round(6)  # cos(0.3) and -sin(0.3)
            /// (0.955336, array([-0.29552]))
            #[pyo3(signature = (observable, params=None, *, qubits=None, state=None, batch=0, threads=None))]
            #[allow(clippy::too_many_arguments, reason = "what is observed, and the options of a run")]
            fn gradient<'py>(
                slf: &Bound<'py, Self>,
                observable: &Bound<'py, PyAny>,
                params: Option<&Bound<'py, PyAny>>,
                qubits: Option<&Bound<'py, PyAny>>,
                state: Option<&Bound<'py, PyAny>>,
                batch: i64,
                threads: Option<i64>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let options = gradient::options(slf.py(), qubits, state, batch, threads)?;
                let function = slf.py().import("numket.gradient")?.getattr("gradient")?;
                function.call((slf, observable, params), Some(&options))
            }

            /// The expectation values of several observables after the circuit, and the gradient of their sum with
            /// weights (a vector-Jacobian product), at the cost of one gradient.
            ///
            /// Parameters
            /// ----------
            /// observables : sequence
            ///     Each as `gradient` takes it, on all qubits.
            /// weights : array_like of float, one for each
            /// params, state, batch, threads
            ///     As `gradient` takes them.
            ///
            /// Returns
            /// -------
            /// values : ndarray of float64, shape batch + (number of observables,)
            /// gradient : ndarray of float64, shape batch + (number of parameters,)
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, KeyError
            ///     As `gradient`.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> circuit = nk.Circuit(1).ry(nk.Parameter("theta"), 0)
            /// >>> values, gradient = circuit.vjp(["Z", "X"], [1, 2], [0.3])
            /// >>> values.round(6), gradient.round(6)  # -sin(0.3) + 2 cos(0.3)
            /// (array([0.955336, 0.29552 ]), array([1.615153]))
            #[pyo3(signature = (observables, weights, params=None, *, state=None, batch=0, threads=None))]
            #[allow(clippy::too_many_arguments, reason = "what is observed, and the options of a run")]
            fn vjp<'py>(
                slf: &Bound<'py, Self>,
                observables: &Bound<'py, PyAny>,
                weights: &Bound<'py, PyAny>,
                params: Option<&Bound<'py, PyAny>>,
                state: Option<&Bound<'py, PyAny>>,
                batch: i64,
                threads: Option<i64>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let options = gradient::options(slf.py(), None, state, batch, threads)?;
                let function = slf.py().import("numket.gradient")?.getattr("vjp")?;
                function.call((slf, observables, weights, params), Some(&options))
            }

            /// Measures qubits in the Z basis, one after the other: each collapses, and the outcome goes to a
            /// classical bit. The state keeps its norm.
            ///
            /// Parameters
            /// ----------
            /// qubits : int or sequence of int
            ///     The distinct qubits.
            /// bits : int or sequence of int, optional
            ///     A classical bit for each; the next that are unused if left out.
            /// readout_error : tuple of two floats, optional
            ///     The probabilities of recording 0 as 1, and 1 as 0, for each of the qubits. The state
            ///     collapses to the true outcome, whatever is recorded.
            /// condition : int or mapping of int to int, optional
            ///     Classical bits and the values that they must have before the first of the qubits is
            ///     measured, or one bit that must be 1. Otherwise nothing is done: the bits keep what they
            ///     hold, which is 0 where nothing was measured.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> circuit = nk.Circuit(2).x(1).measure([0, 1])
            /// >>> circuit.run(nk.zero_state(2))
            /// array([0, 1], dtype=int8)
            ///
            /// A detector that takes every 0 for a 1:
            ///
            /// >>> circuit = nk.Circuit(2).x(1).measure([0, 1], readout_error=(1, 0))
            /// >>> circuit.run(nk.zero_state(2))
            /// array([1, 1], dtype=int8)
            ///
            /// Another try where the first has given 1:
            ///
            /// >>> circuit = nk.Circuit(1).x(0).measure(0)
            /// >>> circuit = circuit.x(0, condition=0).measure(0, 0, condition=0)
            /// >>> circuit.run(nk.zero_state(1))
            /// array([0], dtype=int8)
            #[pyo3(signature = (qubits, /, bits=None, *, readout_error=None, condition=None))]
            fn measure<'py>(
                slf: Bound<'py, Self>,
                qubits: &Bound<'py, PyAny>,
                bits: Option<&Bound<'py, PyAny>>,
                readout_error: Option<&Bound<'py, PyAny>>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                steps::measure(slf.get(), qubits, bits, readout_error, condition)?;
                Ok(slf)
            }

            /// Resets qubits to 0: each is measured, and flipped where that gives 1. The state keeps its norm.
            ///
            /// Parameters
            /// ----------
            /// qubits : int or sequence of int
            ///     The distinct qubits.
            /// condition : int or mapping of int to int, optional
            ///     Classical bits and the values that they must have, or one bit that must be 1.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> psi = nk.basis_state(2, "11")
            /// >>> nk.Circuit(2).reset(0).run(psi)
            /// >>> psi.real
            /// array([0., 1., 0., 0.])
            #[pyo3(signature = (qubits, /, *, condition=None))]
            fn reset<'py>(
                slf: Bound<'py, Self>,
                qubits: &Bound<'py, PyAny>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                let (qubits, condition) = (args::qubits(qubits)?, steps::condition(condition)?);
                slf.get().push(Action::Reset, &Names::new(), qubits, Vec::new(), condition)?;
                Ok(slf)
            }

            /// Adds a Kraus channel, as numket.apply_kraus takes it: each run draws one of the operators, with
            /// the probability that it has, applies it, and keeps the norm. The operators are copied.
            ///
            /// Parameters
            /// ----------
            /// operators : array_like, shape (m, 2**k, 2**k)
            ///     The Kraus operators; the sum of K^dagger K is the identity. numket.channels has some.
            /// qubits : int or sequence of int
            ///     The k distinct qubits.
            /// condition : int or mapping of int to int, optional
            ///     Classical bits and the values that they must have, or one bit that must be 1.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError
            ///     Where this is no channel on so many qubits of the circuit; it is then as it was.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> circuit = nk.Circuit(1).x(0).apply_kraus(nk.channels.amplitude_damping(0.25), 0)
            /// >>> psi = nk.zero_state(1)
            /// >>> circuit.run(psi, rng=3)
            /// >>> psi.real
            /// array([0., 1.])
            #[pyo3(signature = (operators, qubits, /, *, condition=None))]
            fn apply_kraus<'py>(
                slf: Bound<'py, Self>,
                operators: &Bound<'py, PyAny>,
                qubits: &Bound<'py, PyAny>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                steps::apply_kraus(slf.get(), operators, qubits, condition)?;
                Ok(slf)
            }

            /// Runs the circuit `n` times, each from the same state, and estimates the mean of an observable:
            /// with noise from Kraus channels, that in the mixed state which the channels make.
            ///
            /// Parameters
            /// ----------
            /// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            ///     Where each run starts. Only read; it must stand still meanwhile. Each worker has a
            ///     state of its own for its runs, allocated as by numket.empty_state.
            /// observable : callable, PauliSum, str, or array_like
            ///     A function of a state that returns a real number, an object that has one as its method
            ///     `expectation`, or what numket.expectation takes. A function may change the array, but
            ///     the next run of the worker writes to it too. Workers call it at the same time.
            /// n : int
            ///     The number of runs, at least 1.
            /// params : dict or array_like, optional
            ///     The values of the parameters, as `run` takes them.
            /// rng : None, int or numpy.random.Generator, optional
            ///     What np.random.default_rng takes; run i draws from the i-th generator that its `spawn`
            ///     gives, so that the result is the same whoever does the runs.
            /// executor : concurrent.futures.Executor, optional
            ///     Whose threads do the runs; if left out, threads that end with the call.
            /// threads : int, optional
            ///     At most this many threads, all of them if left out: one for each run while states are
            ///     small. With an executor, at most so many for each run, one if left out.
            /// progress : bool or callable
            ///     True shows a bar (needs tqdm); a callable is given the number of runs done and that of
            ///     all.
            ///
            /// Returns
            /// -------
            /// numket.trajectories.Estimate
            ///     The mean, its standard error, and n. The error is the sample's standard deviation over
            ///     sqrt(n): 0 without noise, NaN for one run.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, KeyError, MemoryError
            ///     As `run` does, and whatever the observable raises. `state` is as it was.
            /// KeyboardInterrupt
            ///     On Ctrl-C: runs in flight stop, the others are not begun, and `state` is as it was.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> circuit = nk.Circuit(1).x(0).apply_kraus(nk.channels.amplitude_damping(0.25), 0)
            /// >>> mean, error, n = circuit.trajectories(nk.zero_state(1), "Z", 1000, rng=1)
            /// >>> abs(mean + 0.5) < 4 * error < 0.12
            /// True
            #[pyo3(signature = (state, observable, n, params=None, *, rng=None, executor=None, threads=None, progress=None))]
            #[allow(clippy::too_many_arguments, reason = "the options of many runs")]
            fn trajectories<'py>(
                slf: &Bound<'py, Self>,
                state: &Bound<'py, PyAny>,
                observable: &Bound<'py, PyAny>,
                n: &Bound<'py, PyAny>,
                params: Option<&Bound<'py, PyAny>>,
                rng: Option<&Bound<'py, PyAny>>,
                executor: Option<&Bound<'py, PyAny>>,
                threads: Option<i64>,
                progress: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                Reporter::check(progress)?;
                let options = Options { controls: None, control_values: None, batch: 0, threads };
                let (n, threads) = (index("n", n)?, options.threads()?);
                let given = (slf, state, observable, n, params, rng, executor, threads, progress);
                slf.py().import("numket.trajectories")?.call_method1("run", given)
            }

            /// The circuit that an OpenQASM 2 or 3 text tells; see numket.qasm.loads.
            ///
            /// Parameters
            /// ----------
            /// text : str
            ///     OpenQASM. Inputs that are floats or angles become parameters.
            /// dialect : {"braket", "qibo"}, optional
            ///     Whose gates are known besides those of the standard.
            /// final_measurements : bool
            ///     False leaves out measurements that nothing depends on.
            /// max_rounds : int
            ///     How many rounds all loops may have together.
            ///
            /// Raises
            /// ------
            /// numket.qasm.QasmError
            ///     A ValueError, with line and column, where the text is not OpenQASM or a circuit cannot do it.
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
                super::qasm::load("loads", text, dialect, final_measurements, max_rounds)
            }

            /// As `from_qasm`, from a file.
            ///
            /// Parameters
            /// ----------
            /// path : str or path-like
            ///     The file, in UTF-8.
            /// dialect, final_measurements, max_rounds
            ///     As for `from_qasm`.
            ///
            /// Raises
            /// ------
            /// OSError, numket.qasm.QasmError
            ///     Where it cannot be read; where `from_qasm` raises it.
            #[staticmethod]
            #[pyo3(signature = (path, /, *, dialect=None, final_measurements=true, max_rounds=1_000_000))]
            fn from_qasm_file<'py>(
                path: &Bound<'py, PyAny>,
                dialect: Option<&Bound<'py, PyAny>>,
                final_measurements: bool,
                max_rounds: u64,
            ) -> PyResult<Bound<'py, PyAny>> {
                super::qasm::load("load", path, dialect, final_measurements, max_rounds)
            }

            /// The circuit as OpenQASM 3, which `from_qasm` reads back as the same circuit.
            ///
            /// Returns
            /// -------
            /// str
            ///     Parameters are inputs, conditions nested ifs. Gates that stdgates.inc lacks and Pauli strings come
            ///     with definitions.
            ///
            /// Raises
            /// ------
            /// ValueError
            ///     For matrices, diagonals, permutations, noise, and parameters whose names OpenQASM does not allow.
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
                super::qasm::write_qasm(slf)
            }

            /// The plan for a flat state in complex128: sweeps over memory, bytes that they move, passes through
            /// registers, steps, work, and the time that one thread may need.
            /// It is the same whatever the values of parameters, and takes all conditions for met.
            fn explain<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
                let py = slf.py();
                let taken = slf.get().taken();
                let n = taken.core.num_qubits();
                let (layout, isa) = (Layout::flat(n), Isa::chosen()?);
                let (steps, passes, work, nanos, sweeps) = if taken.core.is_unitary() {
                    let program = &slf.get().compiled::<f64>(py, &taken, &layout, isa)?.program;
                    (program.steps(), program.passes(), program.work(), program.nanos(), program.sweeps())
                } else {
                    let script = &slf.get().script::<f64>(py, &taken, &layout, isa)?.script;
                    (script.len(), script.passes(), script.work(), script.nanos(), script.sweeps())
                };
                let sweeps = sweeps.into_iter().map(|(tile, steps)| {
                    let last = n.wrapping_sub(1);
                    let inside: Vec<usize> =
                        (0..n).filter(|qubit| tile >> (last - qubit) & 1 == 1).collect();
                    (PyTuple::new(py, inside)?, steps).into_pyobject(py)
                });
                let sweeps = PyTuple::new(py, sweeps.collect::<PyResult<Vec<_>>>()?)?;
                let operations = taken.core.operations().len();
                let made = (n, operations, steps, passes, work, 1e-9 * nanos, sweeps);
                py.import("numket.circuit")?.getattr("Plan")?.call1(made)
            }

            /// Adds a matrix, as numket.apply takes it; it is copied.
            #[pyo3(signature = (matrix, qubits, /, *, controls=None, control_values=None, condition=None))]
            fn apply<'py>(
                slf: Bound<'py, Self>,
                matrix: &Bound<'py, PyAny>,
                qubits: &Bound<'py, PyAny>,
                controls: Option<&Bound<'_, PyAny>>,
                control_values: Option<&Bound<'_, PyAny>>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                let options = Options { controls, control_values, batch: 0, threads: None };
                Circuit::entries(slf, "matrix", matrix, qubits, &options, condition, Action::Dense)
            }

            /// Adds a diagonal, as numket.apply_diagonal takes it; it is copied.
            #[pyo3(signature = (diagonal, qubits, /, *, controls=None, control_values=None, condition=None))]
            fn apply_diagonal<'py>(
                slf: Bound<'py, Self>,
                diagonal: &Bound<'py, PyAny>,
                qubits: &Bound<'py, PyAny>,
                controls: Option<&Bound<'_, PyAny>>,
                control_values: Option<&Bound<'_, PyAny>>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                let options = Options { controls, control_values, batch: 0, threads: None };
                Circuit::entries(slf, "diagonal", diagonal, qubits, &options, condition, Action::Diagonal)
            }

            /// Adds a permutation, as numket.apply_permutation takes it; it is copied.
            #[pyo3(signature = (permutation, qubits, /, *, controls=None, control_values=None, condition=None))]
            fn apply_permutation<'py>(
                slf: Bound<'py, Self>,
                permutation: &Bound<'py, PyAny>,
                qubits: &Bound<'py, PyAny>,
                controls: Option<&Bound<'_, PyAny>>,
                control_values: Option<&Bound<'_, PyAny>>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                let options = Options { controls, control_values, batch: 0, threads: None };
                let (qubits, controls) = (args::qubits(qubits)?, args::controls(&options)?);
                let condition = steps::condition(condition)?;
                let numbers = Numbers::<i64>::read("permutation", permutation)?;
                core_axes("permutation", &numbers.shape, qubits.len(), false)?;
                let action = Operation::permutation(numbers.as_slice())?;
                slf.get().push(action, &Names::new(), qubits, controls, condition)?;
                Ok(slf)
            }

            /// Adds a product of Pauli operators, as numket.apply_pauli takes it.
            #[pyo3(signature = (pauli, /, qubits=None, *, controls=None, control_values=None, condition=None))]
            fn apply_pauli<'py>(
                slf: Bound<'py, Self>,
                pauli: &Bound<'py, PyString>,
                qubits: Option<&Bound<'py, PyAny>>,
                controls: Option<&Bound<'_, PyAny>>,
                control_values: Option<&Bound<'_, PyAny>>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                let options = Options { controls, control_values, batch: 0, threads: None };
                let (string, qubits) = slf.get().pauli(pauli, qubits)?;
                let (controls, condition) = (args::controls(&options)?, steps::condition(condition)?);
                slf.get().push(Action::Pauli(string), &Names::new(), qubits, controls, condition)?;
                Ok(slf)
            }

            /// Multiplies by a phase, exp(i gamma), where controls hold: the same as `pauli_rotation(-2 * gamma,
            /// "", ())`.
            ///
            /// Parameters
            /// ----------
            /// gamma : float, Parameter or expression
            ///     The phase in radians.
            /// controls : iterable of int, optional
            ///     Qubits that must have their control values; all amplitudes are multiplied if left out.
            /// control_values : iterable of 0 and 1, optional
            ///     One for each control; all 1 if left out.
            /// condition : int or mapping of int to int, optional
            ///     Classical bits and the values that they must have, or one bit that must be 1.
            ///
            /// Returns
            /// -------
            /// Circuit
            ///     The circuit itself.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError
            ///     Where the phase is no finite number, or the circuit has no such qubits or bits; it is
            ///     then as it was.
            ///
            /// Examples
            /// --------
            /// >>> import numpy as np, numket as nk
            /// >>> psi = nk.zero_state(1)
            /// >>> nk.Circuit(1).h(0).gphase(np.pi / 2).run(psi)
            /// >>> psi.round(3) + 0
            /// array([0.+0.707j, 0.+0.707j])
            /// >>> nk.Circuit(1).gphase(np.pi / 2, controls=[0]).run(psi)
            /// >>> psi.round(3) + 0
            /// array([ 0.   +0.707j, -0.707+0.j   ])
            #[pyo3(signature = (gamma, /, *, controls=None, control_values=None, condition=None))]
            fn gphase<'py>(
                slf: Bound<'py, Self>,
                gamma: &Bound<'py, PyAny>,
                controls: Option<&Bound<'_, PyAny>>,
                control_values: Option<&Bound<'_, PyAny>>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                let options = Options { controls, control_values, batch: 0, threads: None };
                let (controls, condition) = (args::controls(&options)?, steps::condition(condition)?);
                let mut names = Names::new();
                let gamma = angle(&mut names, "gamma", gamma)?;
                let mut numbers = gamma.terms.iter().map(|&(_, factor)| factor).chain([gamma.offset]);
                if !numbers.all(|number| (2.0 * number).is_finite()) {
                    return Err(Error::NotFinite { argument: "gamma" }.into());
                }
                let action = Operation::phase(&gamma, Vec::new()).action;
                slf.get().push(action, &names, Vec::new(), controls, condition)?;
                Ok(slf)
            }

            /// Adds a rotation about a product of Pauli operators, as numket.pauli_rotation takes it.
            #[pyo3(signature = (theta, pauli, /, qubits=None, *, controls=None, control_values=None, condition=None))]
            fn pauli_rotation<'py>(
                slf: Bound<'py, Self>,
                theta: &Bound<'py, PyAny>,
                pauli: &Bound<'py, PyString>,
                qubits: Option<&Bound<'py, PyAny>>,
                controls: Option<&Bound<'_, PyAny>>,
                control_values: Option<&Bound<'_, PyAny>>,
                condition: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, Self>> {
                let options = Options { controls, control_values, batch: 0, threads: None };
                let (string, qubits) = slf.get().pauli(pauli, qubits)?;
                let (controls, condition) = (args::controls(&options)?, steps::condition(condition)?);
                let mut names = Names::new();
                let theta = angle(&mut names, "theta", theta)?;
                let action = Action::PauliRotation(string, theta);
                slf.get().push(action, &names, qubits, controls, condition)?;
                Ok(slf)
            }

            $(
                #[doc = $doc]
                #[pyo3(signature = ($($param,)* $($qubit,)+ /, *, controls=None, control_values=None, condition=None))]
                #[allow(clippy::too_many_arguments, reason = "the arguments of the gate and the options")]
                fn $name<'py>(
                    slf: Bound<'py, Self>,
                    $($param: &Bound<'py, PyAny>,)*
                    $($qubit: &Bound<'py, PyAny>,)+
                    controls: Option<&Bound<'_, PyAny>>,
                    control_values: Option<&Bound<'_, PyAny>>,
                    condition: Option<&Bound<'py, PyAny>>,
                ) -> PyResult<Bound<'py, Self>> {
                    let options = Options { controls, control_values, batch: 0, threads: None };
                    Circuit::gate(slf, &named::$name, [$($param),*], [$($qubit),+], &options, condition)
                }
            )+
        }
    };
}
crate::with_gates!(methods);
