//! `Ket`: the fluent handle on the user's array.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::args::Options;
use super::calls::gate_docs::{about_qubit, gate_example, in_ket};
use super::calls::gates::gate;
use super::calls::{arrays, collapse, observe, operators, sample};
use super::door::{Access, Limit, State};
use super::package::{KET_HTML, KET_LATEX, KET_TABLE, Late};
use crate::gates::{Gate, named};

/// A handle on a state: gates as methods that can be chained, in place on the wrapped array.
///
/// Every function of numket that changes a state is a method of the same name, without
/// the state. Gates and operators return the handle.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     The array to work on, which is not copied.
///
/// Attributes
/// ----------
/// state : ndarray
///     The very array that was given.
/// num_qubits : int
///     The number of qubits.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of complex128 or complex64.
/// ValueError
///     Where its shape is another, or it is read-only.
///
/// See Also
/// --------
/// numket.ket : A handle on a new basis state.
/// numket.Circuit : The same calls put down once, and applied faster.
///
/// Examples
/// --------
/// >>> import numpy as np, numket as nk
/// >>> psi = np.zeros(4, dtype=np.complex128)
/// >>> psi[0] = 1
/// >>> handle = nk.Ket(psi).h(0).cx(0, 1)
/// >>> handle.state is psi
/// True
/// >>> np.round(psi.real, 3)
/// array([0.707, 0.   , 0.   , 0.707])
#[pyclass(module = "numket", frozen)]
pub struct Ket {
    state: Py<PyAny>,
}

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
/// Ket of 3 qubits
///   |000>  0.707107+0.000000j  0.500000
///   |111>  0.707107+0.000000j  0.500000
#[pyfunction]
#[pyo3(signature = (label, /, dtype=None))]
pub fn ket(label: &Bound<'_, PyString>, dtype: Option<&Bound<'_, PyAny>>) -> PyResult<Ket> {
    let py = label.py();
    let n = label.len()? as i64;
    Ok(Ket { state: arrays::basis_state(py, n, label, dtype)?.unbind() })
}

impl Ket {
    /// What `numket.display` makes of the state.
    fn shown<'py>(&self, py: Python<'py>, how: &'static Late) -> PyResult<Bound<'py, PyAny>> {
        how.get(py)?.call1((self.state.bind(py),))
    }
}

impl Ket {
    /// A gate without options, as the original ket notation has it.
    fn original<'py, const P: usize, const Q: usize>(
        slf: Bound<'py, Self>,
        row: &Gate,
        params: [&Bound<'py, PyAny>; P],
        qubits: [&Bound<'py, PyAny>; Q],
    ) -> PyResult<Bound<'py, Self>> {
        let options = Options { controls: None, control_values: None, batch: 0, threads: None };
        gate(row, slf.get().state.bind(slf.py()), params, qubits, &options)?;
        Ok(slf)
    }
}

macro_rules! methods {
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal, [$($row:literal),+], $source:literal;)+) => {
        #[pymethods]
        impl Ket {
            #[new]
            #[pyo3(signature = (state, /))]
            fn new(state: &Bound<'_, PyAny>) -> PyResult<Ket> {
                State::new("state", state, 0, Access::Write)?;
                Ok(Ket { state: state.clone().unbind() })
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

            /// Applies any matrix to qubits of the state, in place.
            ///
            /// Parameters
            /// ----------
            /// matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
            ///     The matrix, unitary or not. The first qubit is the most significant bit of a row
            ///     index.
            /// qubits : int or sequence of int
            ///     The k distinct qubits.
            /// **options
            ///     `controls`, `control_values`, `batch` and `threads`, as the function of the same
            ///     name takes them.
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
            /// Ket of 2 qubits
            ///   |01>  1.000000+0.000000j  1.000000
            #[pyo3(signature = (matrix, qubits, /, **options))]
            fn apply<'py>(
                slf: Bound<'py, Self>,
                matrix: &Bound<'py, PyAny>,
                qubits: &Bound<'py, PyAny>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, Self>> {
                let function = wrap_pyfunction!(operators::apply, slf.py())?;
                function.call((slf.get().state.bind(slf.py()), matrix, qubits), options)?;
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
            /// **options
            ///     `controls`, `control_values`, `batch` and `threads`, as the function of the same
            ///     name takes them.
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
            /// Ket of 2 qubits
            ///   |11> -1.000000+0.000000j  1.000000
            #[pyo3(signature = (diagonal, qubits, /, **options))]
            fn apply_diagonal<'py>(
                slf: Bound<'py, Self>,
                diagonal: &Bound<'py, PyAny>,
                qubits: &Bound<'py, PyAny>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, Self>> {
                let function = wrap_pyfunction!(operators::apply_diagonal, slf.py())?;
                function.call((slf.get().state.bind(slf.py()), diagonal, qubits), options)?;
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
            /// **options
            ///     `controls`, `control_values`, `batch` and `threads`, as the function of the same
            ///     name takes them.
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
            /// Ket of 2 qubits
            ///   |10>  1.000000+0.000000j  1.000000
            #[pyo3(signature = (permutation, qubits, /, **options))]
            fn apply_permutation<'py>(
                slf: Bound<'py, Self>,
                permutation: &Bound<'py, PyAny>,
                qubits: &Bound<'py, PyAny>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, Self>> {
                let function = wrap_pyfunction!(operators::apply_permutation, slf.py())?;
                function.call((slf.get().state.bind(slf.py()), permutation, qubits), options)?;
                Ok(slf)
            }

            /// Scales the state to norm 1, in place.
            ///
            /// Parameters
            /// ----------
            /// **options
            ///     `batch` and `threads`, as numket.normalize takes them.
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
            /// Ket of 1 qubit
            ///   |1>  0.000000+0.800000j  0.640000
            ///   |0>  0.600000+0.000000j  0.360000
            #[pyo3(signature = (**options))]
            fn normalize<'py>(
                slf: Bound<'py, Self>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, Self>> {
                let function = wrap_pyfunction!(observe::normalize, slf.py())?;
                function.call((slf.get().state.bind(slf.py()),), options)?;
                Ok(slf)
            }

            /// Resets qubits to |0>, in place: measures them, and flips those that are 1.
            ///
            /// Parameters
            /// ----------
            /// qubits : int or sequence of int
            ///     The distinct qubits.
            /// **options
            ///     `rng`, `batch` and `threads`, as numket.reset takes them.
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
            /// Ket of 2 qubits
            ///   |01>  1.000000+0.000000j  1.000000
            #[pyo3(signature = (qubits, /, **options))]
            fn reset<'py>(
                slf: Bound<'py, Self>,
                qubits: &Bound<'py, PyAny>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, Self>> {
                let function = wrap_pyfunction!(collapse::reset, slf.py())?;
                function.call((slf.get().state.bind(slf.py()), qubits), options)?;
                Ok(slf)
            }

            /// Measures qubits in the Z basis, in place: draws an outcome, and projects the state to it.
            ///
            /// Parameters
            /// ----------
            /// qubits : int or sequence of int, optional
            ///     The distinct qubits; all in order if not given.
            /// **options
            ///     `rng`, `batch` and `threads`, as numket.measure takes them.
            ///
            /// Returns
            /// -------
            /// ndarray of int8, or int
            ///     The values in the order listed; an int where `qubits` is one.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.measure raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> bell = nk.ket("00").h(0).cx(0, 1)
            /// >>> bell.measure(0, rng=7), bell.measure(1)
            /// (0, 0)
            #[pyo3(signature = (qubits=None, **options))]
            fn measure<'py>(
                &self,
                py: Python<'py>,
                qubits: Option<&Bound<'py, PyAny>>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                wrap_pyfunction!(collapse::measure, py)?.call((self.state.bind(py), qubits), options)
            }

            /// Projects qubits to an outcome, in place, as if a measurement had found it.
            ///
            /// Parameters
            /// ----------
            /// qubits : int or sequence of int
            ///     The k distinct qubits.
            /// outcome : int, str or sequence of int
            ///     An int is the number of the outcome, in which the first listed qubit is the most
            ///     significant bit. A string or a sequence has k bits in the order listed.
            /// **options
            ///     `batch` and `threads`, as numket.project takes them.
            ///
            /// Returns
            /// -------
            /// float, or ndarray of float64 of the batch axes
            ///     The probability that the outcome had.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.project raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> bell = nk.ket("00").h(0).cx(0, 1)
            /// >>> round(bell.project(0, 1), 12)
            /// 0.5
            /// >>> bell
            /// Ket of 2 qubits
            ///   |11>  1.000000+0.000000j  1.000000
            #[pyo3(signature = (qubits, outcome, /, **options))]
            fn project<'py>(
                &self,
                py: Python<'py>,
                qubits: &Bound<'py, PyAny>,
                outcome: &Bound<'py, PyAny>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let function = wrap_pyfunction!(collapse::project, py)?;
                function.call((self.state.bind(py), qubits, outcome), options)
            }

            /// Outcomes at random, each with its probability. The state stays as it is.
            ///
            /// Parameters
            /// ----------
            /// shots : int
            ///     How many to draw.
            /// qubits : int or sequence of int, optional
            ///     The distinct qubits to look at; all in order if not given.
            /// **options
            ///     `rng`, `batch` and `threads`, as numket.sample takes them.
            ///
            /// Returns
            /// -------
            /// ndarray of int64, shape (shots,) after the batch axes
            ///     Numbers of outcomes in the order drawn. The first listed qubit is the most
            ///     significant bit.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.sample raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("000").h(0).cx(0, 1).cx(1, 2).sample(8, rng=7)
            /// array([7, 7, 7, 7, 7, 0, 0, 7])
            #[pyo3(signature = (shots, /, qubits=None, **options))]
            fn sample<'py>(
                &self,
                py: Python<'py>,
                shots: &Bound<'py, PyAny>,
                qubits: Option<&Bound<'py, PyAny>>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                wrap_pyfunction!(sample::sample, py)?.call((self.state.bind(py), shots, qubits), options)
            }

            /// How many of some shots give each outcome. The state stays as it is.
            ///
            /// Parameters
            /// ----------
            /// shots : int
            ///     How many, up to 2**53.
            /// qubits : int or sequence of int, optional
            ///     The distinct qubits to look at; all in order if not given.
            /// **options
            ///     `rng`, `batch` and `threads`, as numket.counts takes them.
            ///
            /// Returns
            /// -------
            /// dict of str to int, or ndarray of such dicts of the batch axes
            ///     The outcomes that occur, in the order of their numbers. A label has one
            ///     character for each qubit in the order listed.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.counts raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("000").h(0).cx(0, 1).cx(1, 2).counts(1000, rng=7)
            /// {'000': 493, '111': 507}
            #[pyo3(signature = (shots, /, qubits=None, **options))]
            fn counts<'py>(
                &self,
                py: Python<'py>,
                shots: &Bound<'py, PyAny>,
                qubits: Option<&Bound<'py, PyAny>>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                wrap_pyfunction!(sample::counts, py)?.call((self.state.bind(py), shots, qubits), options)
            }

            /// The method `x` under its name in the original ket notation.
            ///
            /// Parameters
            /// ----------
            /// q : int
            ///     The qubit, counted from 0.
            ///
            /// Returns
            /// -------
            /// Ket
            ///     The handle itself.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.x raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("00").X(1)
            /// Ket of 2 qubits
            ///   |01>  1.000000+0.000000j  1.000000
            #[pyo3(name = "X", signature = (q, /))]
            fn original_x<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::x, [], [q])
            }

            /// The method `y` under its name in the original ket notation.
            ///
            /// Parameters
            /// ----------
            /// q : int
            ///     The qubit, counted from 0.
            ///
            /// Returns
            /// -------
            /// Ket
            ///     The handle itself.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.y raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("0").Y(0)
            /// Ket of 1 qubit
            ///   |1>  0.000000+1.000000j  1.000000
            #[pyo3(name = "Y", signature = (q, /))]
            fn original_y<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::y, [], [q])
            }

            /// The method `z` under its name in the original ket notation.
            ///
            /// Parameters
            /// ----------
            /// q : int
            ///     The qubit, counted from 0.
            ///
            /// Returns
            /// -------
            /// Ket
            ///     The handle itself.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.z raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("1").Z(0)
            /// Ket of 1 qubit
            ///   |1> -1.000000+0.000000j  1.000000
            #[pyo3(name = "Z", signature = (q, /))]
            fn original_z<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::z, [], [q])
            }

            /// The method `h` under its name in the original ket notation.
            ///
            /// Parameters
            /// ----------
            /// q : int
            ///     The qubit, counted from 0.
            ///
            /// Returns
            /// -------
            /// Ket
            ///     The handle itself.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.h raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("0").H(0)
            /// Ket of 1 qubit
            ///   |0>  0.707107+0.000000j  0.500000
            ///   |1>  0.707107+0.000000j  0.500000
            #[pyo3(name = "H", signature = (q, /))]
            fn original_h<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::h, [], [q])
            }

            /// The method `s` under its name in the original ket notation.
            ///
            /// Parameters
            /// ----------
            /// q : int
            ///     The qubit, counted from 0.
            ///
            /// Returns
            /// -------
            /// Ket
            ///     The handle itself.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.s raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("1").S(0)
            /// Ket of 1 qubit
            ///   |1>  0.000000+1.000000j  1.000000
            #[pyo3(name = "S", signature = (q, /))]
            fn original_s<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::s, [], [q])
            }

            /// The method `cx` under its name in the original ket notation.
            ///
            /// Parameters
            /// ----------
            /// control : int
            ///     The qubit that must be 1, counted from 0.
            /// target : int
            ///     The qubit that the gate acts on.
            ///
            /// Returns
            /// -------
            /// Ket
            ///     The handle itself.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.cx raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("00").H(0).CNOT(0, 1)
            /// Ket of 2 qubits
            ///   |00>  0.707107+0.000000j  0.500000
            ///   |11>  0.707107+0.000000j  0.500000
            #[pyo3(name = "CNOT", signature = (control, target, /))]
            fn original_cnot<'py>(
                slf: Bound<'py, Self>,
                control: &Bound<'py, PyAny>,
                target: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::cx, [], [control, target])
            }

            /// The method `cp` under its name in the original ket notation.
            ///
            /// Parameters
            /// ----------
            /// theta : float
            ///     In radians.
            /// control : int
            ///     The qubit that must be 1, counted from 0.
            /// target : int
            ///     The qubit that the gate acts on.
            ///
            /// Returns
            /// -------
            /// Ket
            ///     The handle itself.
            ///
            /// Raises
            /// ------
            /// TypeError, ValueError, BufferInUseError
            ///     Where numket.cp raises them.
            ///
            /// Examples
            /// --------
            /// >>> import numpy as np, numket as nk
            /// >>> nk.ket("11").CPHASE(np.pi / 2, 0, 1)
            /// Ket of 2 qubits
            ///   |11>  0.000000+1.000000j  1.000000
            #[pyo3(name = "CPHASE", signature = (theta, control, target, /))]
            fn original_cphase<'py>(
                slf: Bound<'py, Self>,
                theta: &Bound<'py, PyAny>,
                control: &Bound<'py, PyAny>,
                target: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::cp, [theta], [control, target])
            }

            $(
                #[doc = $doc]
                ///
                /// In place on the array. The matrix, for the qubits in the order of the arguments::
                ///
                $(#[doc = concat!("    ", $row)])+
                ///
                #[doc = concat!("Convention: ", $source, ".")]
                ///
                /// Parameters
                /// ----------
                $(
                    #[doc = concat!(stringify!($param), " : float or array_like")]
                    ///     In radians. An array, with `batch`, broadcasts against the batch axes.
                )*
                $(#[doc = about_qubit!($qubit)])+
                /// controls : sequence of int, optional
                ///     Further qubits that must have their control values.
                /// control_values : sequence of int, optional
                ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
                /// batch : int
                ///     Number of leading axes of the state that count states: (B, 2**n) has 1.
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
                #[doc = concat!("    Where numket.", stringify!($name), " raises them.")]
                ///
                /// See Also
                /// --------
                #[doc = concat!("numket.", stringify!($name), " : The same for an array.")]
                ///
                /// Examples
                /// --------
                #[doc = gate_example!(in_ket $name)]
                #[pyo3(signature = ($($param,)* $($qubit,)+ /, *, controls=None, control_values=None, batch=0, threads=None))]
                #[allow(clippy::too_many_arguments, reason = "the arguments of the gate and the options")]
                fn $name<'py>(
                    slf: Bound<'py, Self>,
                    $($param: &Bound<'py, PyAny>,)*
                    $($qubit: &Bound<'py, PyAny>,)+
                    controls: Option<&Bound<'py, PyAny>>,
                    control_values: Option<&Bound<'py, PyAny>>,
                    batch: i64,
                    threads: Option<Limit>,
                ) -> PyResult<Bound<'py, Self>> {
                    let options = Options { controls, control_values, batch, threads };
                    gate(&named::$name, slf.get().state.bind(slf.py()), [$($param),*], [$($qubit),+], &options)?;
                    Ok(slf)
                }
            )+
        }
    };
}
crate::with_gates!(methods);
