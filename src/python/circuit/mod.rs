//! `Circuit`: operations that are handed over once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::args::bits::bits_for;
use super::args::{self, index};
use super::error::{kind_of, own_or, wrong_type};
use super::invoke::{Invoke, plain};
use super::package::{PARAMETER, REBUILD};
use crate::circuit::{Circuit as Core, Named, Names};
use crate::error::shortened;

mod build;
mod differentiate;
mod draws;
mod facts;
mod parts;
mod plans;
mod qiskit;
mod run;

pub use differentiate::pull_back;
pub use qiskit::read_qiskit;
pub use run::on_density;

/// Operations on qubits that are put down once, and applied to states in one call.
///
/// Gates, operators, `apply_kraus`, `measure` and `reset` are methods, as functions of the same names
/// without the array.
/// All of them return the circuit itself, so that calls can be chained. Angles may be parameters,
/// or affine expressions of them such as 2 * theta + 1, whose values are given when the circuit
/// runs.
///
/// A circuit can also measure and reset qubits, and send them through noisy channels. With
/// `condition`, an operation is done only where classical bits, which were measured before, have
/// the values given: {0: 1, 2: 0} asks for bit 0 to be 1 and bit 2 to be 0, and 5 is short for
/// {5: 1}.
///
/// A run fuses operations, and applies many of them to a part of the state while that part is in
/// the cache.
///
/// Parameters
/// ----------
/// num_qubits : int
///     The number of qubits, up to 62.
/// parameters : iterable of Parameter, optional
///     Parameters that come first in the attribute `parameters`, in this order, even if no angle
///     uses them.
/// num_bits : int
///     The circuit has at least so many classical bits. Those that nothing measures into are 0.
///
/// Raises
/// ------
/// TypeError
///     Where `num_qubits` or `num_bits` is no int.
/// ValueError
///     Where one of them is out of range, or a parameter is listed twice.
///
/// See Also
/// --------
/// numket.Parameter : An angle without a value.
/// numket.Ket : Gates on an array, one call each.
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
/// >>> circuit
/// Circuit of 3 operations on 2 qubits
/// q0: ─H─●─────────────
///        │
/// q1: ───X─Rz(2*theta)─
///
/// Operations are numbered, circuit[0] is the first and circuit[1:] a circuit of the others. The sum
/// of two circuits does one after the other, and circuit * 3 does it three times.
///
/// >>> circuit.inverse().run(psi, [0.5])
/// >>> psi.round(3).real
/// array([1., 0., 0., 0.])
#[pyclass(module = "numket", frozen, mapping)]
pub struct Circuit {
    /// Never held while Python code runs: that may use the circuit itself.
    inner: Mutex<Named>,
}

impl PartialEq for Circuit {
    fn eq(&self, other: &Circuit) -> bool {
        self.taken() == other.taken()
    }
}

impl Circuit {
    pub(super) fn of(named: Named) -> Circuit {
        Circuit { inner: Mutex::new(named) }
    }

    fn inner(&self) -> MutexGuard<'_, Named> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The circuit as it is now.
    pub(super) fn taken(&self) -> Named {
        self.inner().clone()
    }
}

#[pymethods]
impl Circuit {
    #[new]
    #[pyo3(
        signature = (num_qubits, parameters=None, *, num_bits=None),
        text_signature = "(num_qubits, parameters=None, *, num_bits=0)"
    )]
    fn new(
        num_qubits: &Bound<'_, PyAny>,
        parameters: Option<&Bound<'_, PyAny>>,
        num_bits: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Circuit> {
        let count = index("num_qubits", num_qubits)?;
        let bits = num_bits.map_or(Ok(0), |given| index("num_bits", given))?;
        let mut names = Names::default();
        if let Some(parameters) = parameters {
            let wrong = |has: &str, given: &Bound<'_, PyAny>| {
                PyTypeError::new_err(format!(
                    "'parameters' {has} a {}; it must be a list of Parameters: use [nk.Parameter(name) for \
                     name in names]",
                    kind_of(given)
                ))
            };
            let refused = |error| own_or(parameters.py(), error, || wrong("is", parameters));
            for item in parameters.iterate().map_err(refused)? {
                let item = item?;
                if !item.is_one_of(PARAMETER.get(item.py())?)? {
                    return Err(wrong("holds", &item));
                }
                let name: String = plain(&item.attribute("name")?)?;
                if names.number(&name).is_some() {
                    return Err(PyValueError::new_err(format!(
                        "'parameters' has {:?} twice: list each once",
                        shortened(&name)
                    )));
                }
                names.add(&name);
            }
        }
        Ok(Circuit::of(Named::new(Core::sized(count, bits)?, names)))
    }

    /// The number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner().num_qubits()
    }

    /// The number of classical bits.
    ///
    /// It is `num_bits` as given when the circuit was made, or one more than the highest bit that is
    /// measured, if that is more.
    #[getter]
    fn num_bits(&self) -> usize {
        self.inner().num_bits()
    }

    /// The parameters, in the order of an array that is given to `run`.
    ///
    /// First come those that were given when the circuit was made, then the others in the order of
    /// their first use.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let (class, taken) = (PARAMETER.get(py)?, self.taken());
        let made = taken.names().iter().map(|name| class.invoke((name,)));
        PyTuple::new(py, made.collect::<PyResult<Vec<_>>>()?)
    }

    fn __len__(&self) -> usize {
        self.inner().operations().len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let taken = self.taken();
        let operations = taken.operations().iter();
        let list = operations.map(|operation| facts::listed(py, taken.names(), operation));
        let list = PyList::new(py, list.collect::<PyResult<Vec<_>>>()?)?;
        list.as_any().invoke_method("__iter__", ())
    }

    fn __eq__(&self, other: &Bound<'_, Circuit>) -> bool {
        self == other.get()
    }

    fn __copy__(&self) -> Circuit {
        Circuit::of(self.taken())
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Circuit {
        self.__copy__()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let list = PyList::empty(py);
        for operation in self.__iter__(py)?.iterate()? {
            list.append(operation?)?;
        }
        let made = (self.num_qubits(), list, self.parameters(py)?, self.num_bits());
        Ok((REBUILD.get(py)?.clone(), made.into_pyobject(py)?))
    }

    /// A circuit with the same operations, to be changed without changing this one.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     The new circuit.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> bell = nk.Circuit(2).h(0).cx(0, 1)
    /// >>> ghz = bell.copy().cz(0, 1)
    /// >>> len(bell), len(ghz)
    /// (2, 3)
    fn copy(&self) -> Circuit {
        self.__copy__()
    }

    /// The circuit that undoes this one: the inverses of all operations, in reverse order.
    ///
    /// The user's own matrices and diagonals become their adjoints, which undo them if they are
    /// unitary. Classical bits that were declared stay.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     A new circuit.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     Where the circuit measures, resets, or has a Kraus channel: nothing undoes these.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> psi = nk.zero_state(2)
    /// >>> circuit = nk.Circuit(2).h(0).cx(0, 1).t(1)
    /// >>> circuit.compose(circuit.inverse()).run(psi)
    /// >>> nk.probabilities(psi).round(12)
    /// array([1., 0., 0., 0.])
    fn inverse(&self) -> PyResult<Circuit> {
        Ok(Circuit::of(self.taken().inverse()?))
    }

    /// Adds all operations of another circuit, on qubits and classical bits that can be chosen.
    ///
    /// Parameters
    /// ----------
    /// other : Circuit
    ///     The circuit to add; it stays as it is. Parameters of one name are the same in both.
    /// qubits : int or sequence of int, optional
    ///     What each qubit of the other circuit becomes in this one; itself if not given.
    /// bits : int or sequence of int, optional
    ///     What each classical bit of the other circuit becomes in this one; itself if not given.
    ///     This circuit then has all of them, even if nothing measures into them.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     The circuit itself.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// ValueError
    ///     Where there is not one qubit, and one bit, for each of the other circuit, one is listed
    ///     twice, or this circuit has no such qubit. The circuit is then as it was.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> bell = nk.Circuit(2).h(0).cx(0, 1)
    /// >>> pairs = nk.Circuit(4).compose(bell, (0, 1)).compose(bell, (2, 3))
    /// >>> psi = nk.zero_state(4)
    /// >>> pairs.run(psi)
    /// >>> nk.probabilities(psi, (0, 2)).round(3)
    /// array([0.25, 0.25, 0.25, 0.25])
    #[pyo3(signature = (other, qubits=None, bits=None))]
    fn compose<'py>(
        slf: Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        bits: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let wrong = |_| wrong_type("other", other, "a Circuit", "use nk.Circuit(n) with gates");
        let added = other.cast::<Circuit>().map_err(wrong)?.get().taken();
        let listed = match qubits {
            Some(qubits) => args::qubits(qubits)?,
            None => (0..added.num_qubits() as i64).collect(),
        };
        let bits = bits_for(added.num_bits(), bits)?;
        let mut inner = slf.get().inner();
        let qubits = inner.qubits(&listed)?;
        inner.compose(&added, &qubits, &bits)?;
        drop(inner);
        Ok(slf)
    }
}
