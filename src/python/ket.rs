//! `Ket`: the fluent handle on the user's array.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::args::Options;
use super::calls::gate_docs::{about_qubit, gate_example, in_ket};
use super::calls::gates::gate;
use super::calls::{arrays, collapse, observe, operators, sample};
use super::door::{Access, State};
use crate::gates::{Gate, named};

/// A handle on a state: gates as chainable methods, in place on the wrapped array.
///
/// `.state` is the very array that was given. Every method returns the handle. Gates take the
/// arguments of the function of the same name, without the state; angles are radians.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///
/// Raises
/// ------
/// TypeError, ValueError
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
///     Zeros and ones.
/// dtype : complex128 (default) or complex64
///
/// Returns
/// -------
/// Ket
///
/// Raises
/// ------
/// TypeError, ValueError, MemoryError
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
    fn shown<'py>(&self, py: Python<'py>, how: &str) -> PyResult<Bound<'py, PyAny>> {
        py.import("numket.display")?.call_method1(how, (self.state.bind(py),))
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
                self.shown(py, "ket_table")
            }

            fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.shown(py, "ket_html")
            }

            fn _repr_latex_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.shown(py, "ket_latex")
            }

            /// Applies a matrix, as numket.apply does.
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

            /// Applies a diagonal, as numket.apply_diagonal does.
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

            /// Applies a permutation, as numket.apply_permutation does.
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

            /// Scales the state to norm 1, as numket.normalize does.
            #[pyo3(signature = (**options))]
            fn normalize<'py>(
                slf: Bound<'py, Self>,
                options: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, Self>> {
                let function = wrap_pyfunction!(observe::normalize, slf.py())?;
                function.call((slf.get().state.bind(slf.py()),), options)?;
                Ok(slf)
            }

            /// Resets qubits to |0>, as numket.reset does.
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

            /// Measures qubits and returns their values, as numket.measure does.
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

            /// Projects qubits to an outcome and returns its probability, as numket.project does.
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

            /// Basis states at random, as numket.sample gives them.
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

            /// How many shots give each outcome, as numket.counts tells it.
            ///
            /// Examples
            /// --------
            /// >>> import numket as nk
            /// >>> nk.ket("10").counts(100)
            /// {'10': 100}
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
            #[pyo3(name = "X", signature = (q, /))]
            fn original_x<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::x, [], [q])
            }

            /// The method `y` under its name in the original ket notation.
            #[pyo3(name = "Y", signature = (q, /))]
            fn original_y<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::y, [], [q])
            }

            /// The method `z` under its name in the original ket notation.
            #[pyo3(name = "Z", signature = (q, /))]
            fn original_z<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::z, [], [q])
            }

            /// The method `h` under its name in the original ket notation.
            #[pyo3(name = "H", signature = (q, /))]
            fn original_h<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::h, [], [q])
            }

            /// The method `s` under its name in the original ket notation.
            #[pyo3(name = "S", signature = (q, /))]
            fn original_s<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::s, [], [q])
            }

            /// The method `cx` under its name in the original ket notation.
            #[pyo3(name = "CNOT", signature = (control, target, /))]
            fn original_cnot<'py>(
                slf: Bound<'py, Self>,
                control: &Bound<'py, PyAny>,
                target: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, Self>> {
                Ket::original(slf, &named::cx, [], [control, target])
            }

            /// The method `cp` under its name in the original ket notation.
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
                $(
                    #[doc = concat!(stringify!($qubit), " : int")]
                    #[doc = about_qubit!($qubit)]
                )+
                /// controls : sequence of int, optional
                ///     Further qubits, on whose values it depends whether the gate acts.
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
                #[doc = concat!("    Where numket.", stringify!($name), " raises it.")]
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
                    threads: Option<i64>,
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
