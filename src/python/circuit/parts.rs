//! Parts of circuits, and circuits made of circuits.

use std::iter::repeat_n;

use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PySlice;

use super::super::args::index;
use super::super::door::{is_array, unwrapped};
use super::super::error::wrong_type;
use super::{Circuit, facts};
use crate::circuit::Operation;
use crate::memory::room_for_results;

impl Circuit {
    /// Its operations, `count` times.
    fn times(&self, count: i64) -> PyResult<Circuit> {
        let Ok(count) = usize::try_from(count) else {
            return Err(PyValueError::new_err(format!(
                "'count' is {count}; a circuit is repeated 0 or more times: use circuit.inverse() to undo it"
            )));
        };
        let taken = self.taken();
        let operations = taken.operations();
        room_for_results(count as u128 * size_of_val(operations) as u128)?;
        Ok(Circuit::of(taken.part(repeat_n(operations, count).flatten().cloned().collect())?))
    }
}

/// What refuses products with arrays.
fn no_matrix() -> PyErr {
    PyTypeError::new_err(
        "a circuit is no matrix: use circuit.run(state), which changes the state in place, first + second for one \
         circuit after another, or circuit.to_matrix() @ state",
    )
}

#[pymethods]
impl Circuit {
    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        place: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let taken = self.taken();
        let operations = taken.operations();
        let len = operations.len() as isize;
        if let Ok(slice) = place.cast::<PySlice>() {
            let found = slice.indices(len)?;
            let nth = |nth| operations[(found.start + nth as isize * found.step) as usize].clone();
            let part: Vec<Operation> = (0..found.slicelength).map(nth).collect();
            return Ok(Bound::new(py, Circuit::of(taken.part(part)?))?.into_any());
        }
        let number = index("place", place).map_err(|error| match () {
            () if error.is_instance_of::<PyTypeError>(py) => {
                wrong_type("place", place, "a whole number or a slice", "use an int")
            }
            () if error.is_instance_of::<PyValueError>(py) => PyIndexError::new_err(error.to_string()),
            () => error,
        })?;
        let from_start = if number < 0 { number + len as i64 } else { number };
        match usize::try_from(from_start).ok().and_then(|number| operations.get(number)) {
            Some(operation) => facts::listed(py, taken.names(), operation),
            None => Err(PyIndexError::new_err(format!(
                "operation {number} is out of range: there are {len}; use {} to {}",
                -len,
                len - 1
            ))),
        }
    }

    fn __add__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<Circuit>() else { return Ok(py.NotImplemented()) };
        let (mut sum, other) = (self.taken(), other.get().taken());
        let (qubits, bits): (Vec<_>, Vec<_>) =
            ((0..other.num_qubits()).collect(), (0..other.num_bits()).collect());
        sum.compose(&other, &qubits, &bits)?;
        Ok(Bound::new(py, Circuit::of(sum))?.into_any().unbind())
    }

    fn __mul__(&self, count: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = count.py();
        if is_array(unwrapped(count)) {
            return Err(no_matrix());
        }
        match index("count", count) {
            Err(error) if error.is_instance_of::<PyTypeError>(py) => Ok(py.NotImplemented()),
            count => Ok(Bound::new(py, self.times(count?)?)?.into_any().unbind()),
        }
    }

    fn __rmul__(&self, count: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__mul__(count)
    }

    /// NumPy leaves products with arrays and with its numbers to the circuit.
    #[classattr]
    #[pyo3(name = "__array_ufunc__")]
    const NO_UFUNC: Option<()> = None;

    fn __matmul__(&self, _other: &Bound<'_, PyAny>) -> PyResult<Circuit> {
        Err(no_matrix())
    }

    fn __rmatmul__(&self, _other: &Bound<'_, PyAny>) -> PyResult<Circuit> {
        Err(no_matrix())
    }

    /// A circuit that does all operations several times; circuit * count is the same.
    ///
    /// Measurements write into the same classical bits each time.
    ///
    /// Parameters
    /// ----------
    /// count : int
    ///     How often, 0 included.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     A new circuit.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where `count` is no int.
    /// ValueError
    ///     Where it is negative.
    /// MemoryError
    ///     Where there is too little memory for so many operations.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> step = nk.Circuit(2).rx(0.1, 0).cx(0, 1)
    /// >>> nk.Circuit(2).h(0) + step.repeat(2)
    /// Circuit of 5 operations on 2 qubits
    /// q0: ─H─Rx(0.1)─●─Rx(0.1)─●─
    ///                │         │
    /// q1: ───────────X─────────X─
    fn repeat(&self, count: &Bound<'_, PyAny>) -> PyResult<Circuit> {
        self.times(index("count", count)?)
    }
}
