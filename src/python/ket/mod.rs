//! `Ket`: the fluent handle on the user's array.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::args::text;
use super::calls::{arrays, collapse, observe, operators, pauli};
use super::door::{Access, Ket, Limit, State, unwrapped};
use super::invoke::Invoke;
use super::package::{KET_HTML, KET_LATEX, KET_TABLE, Late, numpy};

mod gates;
mod readings;

/// The basis state with this label, as a handle; qubit 0 is the leftmost character.
///
/// Parameters
/// ----------
/// label : str
///     Zeros and ones, one for each qubit.
/// dtype : complex128 (default) or complex64
///     The precision of the amplitudes.
///
/// Returns
/// -------
/// Ket
///     A handle on a new array.
///
/// Raises
/// ------
/// TypeError
///     Where `label` is no str, or `dtype` is another.
/// ValueError
///     Where the label has other characters.
/// MemoryError
///     Where there is too little memory, before any is taken; the message says how many
///     GiB are needed and free.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.ket("000").H(0).CNOT(0, 1).CNOT(1, 2)
/// Ket of 3 qubits: norm 1, 2 of 8 basis states occupied
///   |000>  1/√2  50 %  ████████████  → 0
///   |111>  1/√2  50 %  ████████████  → 0
#[pyfunction(signature = (label, dtype=None))]
pub fn ket(label: &Bound<'_, PyAny>, dtype: Option<&Bound<'_, PyAny>>) -> PyResult<Ket> {
    let py = label.py();
    let letters = text("label", label, "use zeros and ones, one for each qubit, as \"010\"")?;
    let n = letters.to_string_lossy().chars().count();
    Ok(Ket { state: arrays::labelled(py, n, label, dtype)?.unbind() })
}

impl Ket {
    /// What `numket.display` makes of the state.
    fn shown<'py>(&self, py: Python<'py>, how: &'static Late) -> PyResult<Bound<'py, PyAny>> {
        how.get(py)?.invoke((self.state.bind(py),))
    }
}

#[pymethods]
impl Ket {
    #[new]
    fn new(state: &Bound<'_, PyAny>) -> PyResult<Ket> {
        State::new("state", state, 0, Access::Write)?;
        Ok(Ket { state: unwrapped(state).clone().unbind() })
    }

    /// The wrapped array itself, not a copy.
    #[getter]
    fn state(&self, py: Python<'_>) -> Py<PyAny> {
        self.state.clone_ref(py)
    }

    /// The number of qubits.
    #[getter]
    fn num_qubits(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(State::new("state", self.state.bind(py), 0, Access::Read)?.layout.num_qubits())
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.shown(py, &KET_TABLE)
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.shown(py, &KET_HTML)
    }

    fn _repr_latex_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.shown(py, &KET_LATEX)
    }

    /// The wrapped array for NumPy: itself, unless another dtype or a copy is asked for.
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = PyDict::new(py);
        options.set_item("copy", copy)?;
        options.set_item("subok", true)?;
        numpy(py)?.attribute("array")?.invoke_with((&self.state, dtype), Some(&options))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        Ok((slf.get_type(), (&slf.get().state,).into_pyobject(slf.py())?))
    }

    fn __copy__(&self, py: Python<'_>) -> PyResult<Ket> {
        Ok(Ket { state: arrays::copied(self.state.bind(py))?.unbind() })
    }

    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<Ket> {
        self.__copy__(py)
    }

    /// A handle on a copy of the array.
    ///
    /// Returns
    /// -------
    /// Ket
    ///     Its array has the same shape and dtype.
    ///
    /// Raises
    /// ------
    /// MemoryError
    ///     Where there is too little memory, before any is taken.
    /// BufferInUseError
    ///     Where another call is changing the state.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> ket = nk.ket("0")
    /// >>> other = ket.copy().x(0)
    /// >>> ket.state.real, other.state.real
    /// (array([1., 0.]), array([0., 1.]))
    fn copy(&self, py: Python<'_>) -> PyResult<Ket> {
        self.__copy__(py)
    }

    /// Applies any matrix to qubits of the state, in place.
    ///
    /// Parameters
    /// ----------
    /// matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
    ///     The matrix, unitary or not. The first qubit is the most significant bit of a row
    ///     index.
    /// qubits : int or sequence of int
    ///     The k distinct qubits.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// Ket
    ///     The handle itself.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.apply raises them.
    ///
    /// See Also
    /// --------
    /// numket.apply : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> SWAP = np.eye(4)[[0, 2, 1, 3]]
    /// >>> nk.ket("10").apply(SWAP, (0, 1))
    /// Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
    ///   |01>  1  100 %  ████████████  → 0
    #[pyo3(signature = (matrix, qubits, *, controls=None, control_values=None, threads=None))]
    fn apply<'py>(
        slf: Bound<'py, Self>,
        matrix: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        controls: Option<&Bound<'py, PyAny>>,
        control_values: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, Self>> {
        operators::apply(&slf, matrix, qubits, controls, control_values, 0, threads)?;
        Ok(slf)
    }

    /// Multiplies the state by a diagonal matrix on some of its qubits, in place.
    ///
    /// Parameters
    /// ----------
    /// diagonal : array_like, shape (2**k,)
    ///     Entry i belongs to the basis state whose bits spell i, the first qubit's first.
    /// qubits : int or sequence of int
    ///     The k distinct qubits.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// Ket
    ///     The handle itself.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.apply_diagonal raises them.
    ///
    /// See Also
    /// --------
    /// numket.apply_diagonal : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.ket("11").apply_diagonal([1, 1, 1, -1], (0, 1))
    /// Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
    ///   |11>  -1  100 %  ████████████  ← π
    #[pyo3(signature = (diagonal, qubits, *, controls=None, control_values=None, threads=None))]
    fn apply_diagonal<'py>(
        slf: Bound<'py, Self>,
        diagonal: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        controls: Option<&Bound<'py, PyAny>>,
        control_values: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, Self>> {
        operators::apply_diagonal(&slf, diagonal, qubits, controls, control_values, 0, threads)?;
        Ok(slf)
    }

    /// Moves the amplitudes of the state as a permutation of basis states says, in place.
    ///
    /// Parameters
    /// ----------
    /// permutation : array_like of int, shape (2**k,)
    ///     Basis state i of the listed qubits becomes basis state permutation[i]. The first
    ///     qubit is the most significant bit of i.
    /// qubits : int or sequence of int
    ///     The k distinct qubits.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// Ket
    ///     The handle itself.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.apply_permutation raises them.
    ///
    /// See Also
    /// --------
    /// numket.apply_permutation : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.ket("01").apply_permutation([1, 2, 3, 0], (0, 1))  # add 1 modulo 4
    /// Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
    ///   |10>  1  100 %  ████████████  → 0
    #[pyo3(signature = (permutation, qubits, *, controls=None, control_values=None, threads=None))]
    fn apply_permutation<'py>(
        slf: Bound<'py, Self>,
        permutation: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        controls: Option<&Bound<'py, PyAny>>,
        control_values: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, Self>> {
        operators::apply_permutation(&slf, permutation, qubits, controls, control_values, 0, threads)?;
        Ok(slf)
    }

    /// Applies a product of Pauli operators, in place and in one pass.
    ///
    /// Parameters
    /// ----------
    /// pauli : str
    ///     A letter I, X, Y or Z for each qubit.
    /// qubits : int or sequence of int, optional
    ///     The qubits of the letters; all in order if not given.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// Ket
    ///     The handle itself.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.apply_pauli raises them.
    ///
    /// See Also
    /// --------
    /// numket.apply_pauli : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.ket("001").apply_pauli("XIX")  # X on qubits 0 and 2
    /// Ket of 3 qubits: norm 1, 1 of 8 basis states occupied
    ///   |100>  1  100 %  ████████████  → 0
    #[pyo3(signature = (pauli, qubits=None, *, controls=None, control_values=None, threads=None))]
    fn apply_pauli<'py>(
        slf: Bound<'py, Self>,
        pauli: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        controls: Option<&Bound<'py, PyAny>>,
        control_values: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, Self>> {
        pauli::apply_pauli(&slf, pauli, qubits, controls, control_values, 0, threads)?;
        Ok(slf)
    }

    /// Rotates about a product P of Pauli operators: exp(-i theta/2 P), in place and in one pass.
    ///
    /// Parameters
    /// ----------
    /// theta : float
    ///     The angle in radians.
    /// pauli : str
    ///     A letter I, X, Y or Z for each qubit.
    /// qubits : int or sequence of int, optional
    ///     The qubits of the letters; all in order if not given.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// Ket
    ///     The handle itself.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.pauli_rotation raises them.
    ///
    /// See Also
    /// --------
    /// numket.pauli_rotation : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> nk.ket("00").pauli_rotation(np.pi / 2, "YX")
    /// Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
    ///   |00>  1/√2  50 %  ████████████  → 0
    ///   |11>  1/√2  50 %  ████████████  → 0
    #[pyo3(signature = (theta, pauli, qubits=None, *, controls=None, control_values=None, threads=None))]
    fn pauli_rotation<'py>(
        slf: Bound<'py, Self>,
        theta: &Bound<'py, PyAny>,
        pauli: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        controls: Option<&Bound<'py, PyAny>>,
        control_values: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, Self>> {
        pauli::pauli_rotation(&slf, theta, pauli, qubits, controls, control_values, 0, threads)?;
        Ok(slf)
    }

    /// Scales the state to norm 1, in place.
    ///
    /// Parameters
    /// ----------
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// Ket
    ///     The handle itself.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.normalize raises them.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> nk.Ket(np.array([3, 4j])).normalize()
    /// Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
    ///   |1>  4i/5  64 %  ████████████  ↑ π/2
    ///   |0>  3/5   36 %  ██████▊       → 0
    #[pyo3(signature = (*, threads=None))]
    fn normalize<'py>(slf: Bound<'py, Self>, threads: Option<Limit>) -> PyResult<Bound<'py, Self>> {
        observe::normalize(&slf, 0, threads)?;
        Ok(slf)
    }

    /// Resets qubits to |0>, in place: measures them, and flips those that are 1.
    ///
    /// Parameters
    /// ----------
    /// qubits : int or sequence of int
    ///     The distinct qubits.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// Ket
    ///     The handle itself.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.reset raises them.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.ket("11").reset(0)
    /// Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
    ///   |01>  1  100 %  ████████████  → 0
    #[pyo3(signature = (qubits, *, rng=None, threads=None))]
    fn reset<'py>(
        slf: Bound<'py, Self>,
        qubits: &Bound<'py, PyAny>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, Self>> {
        collapse::reset(&slf, qubits, rng, 0, threads)?;
        Ok(slf)
    }
}
