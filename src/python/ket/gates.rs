//! The gates of a `Ket`.

use pyo3::prelude::*;

use super::super::args::Options;
use super::super::calls::gates::gate;
use super::super::door::{Ket, Limit};
use crate::gate_docs::{about_qubit, gate_example, in_ket};
use crate::gates::{Gate, named};

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

#[pymethods]
impl Ket {
    /// The method `x` under its name in the original ket notation.
    ///
    /// Parameters
    /// ----------
    /// q : int or sequence of int
    ///     The qubit, counted from 0, or several: the gate is applied to each.
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
    #[pyo3(name = "X", signature = (q))]
    fn original_x<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        Ket::original(slf, &named::x, [], [q])
    }

    /// The method `y` under its name in the original ket notation.
    ///
    /// Parameters
    /// ----------
    /// q : int or sequence of int
    ///     The qubit, counted from 0, or several: the gate is applied to each.
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
    #[pyo3(name = "Y", signature = (q))]
    fn original_y<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        Ket::original(slf, &named::y, [], [q])
    }

    /// The method `z` under its name in the original ket notation.
    ///
    /// Parameters
    /// ----------
    /// q : int or sequence of int
    ///     The qubit, counted from 0, or several: the gate is applied to each.
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
    #[pyo3(name = "Z", signature = (q))]
    fn original_z<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        Ket::original(slf, &named::z, [], [q])
    }

    /// The method `h` under its name in the original ket notation.
    ///
    /// Parameters
    /// ----------
    /// q : int or sequence of int
    ///     The qubit, counted from 0, or several: the gate is applied to each.
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
    #[pyo3(name = "H", signature = (q))]
    fn original_h<'py>(slf: Bound<'py, Self>, q: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        Ket::original(slf, &named::h, [], [q])
    }

    /// The method `s` under its name in the original ket notation.
    ///
    /// Parameters
    /// ----------
    /// q : int or sequence of int
    ///     The qubit, counted from 0, or several: the gate is applied to each.
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
    #[pyo3(name = "S", signature = (q))]
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
    #[pyo3(name = "CNOT", signature = (control, target))]
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
    #[pyo3(name = "CPHASE", signature = (theta, control, target))]
    fn original_cphase<'py>(
        slf: Bound<'py, Self>,
        theta: &Bound<'py, PyAny>,
        control: &Bound<'py, PyAny>,
        target: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Self>> {
        Ket::original(slf, &named::cp, [theta], [control, target])
    }
}

macro_rules! gates {
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal, [$($row:literal),+], $source:literal;)+) => {
        #[pymethods]
        impl Ket {
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
                    #[doc = concat!(stringify!($param), " : float")]
                    ///     In radians.
                )*
                $(#[doc = about_qubit!($qubit)])+
                /// controls : int or sequence of int, optional
                ///     Further qubits that must have their control values.
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
                #[doc = concat!("    Where numket.", stringify!($name), " raises them.")]
                ///
                /// See Also
                /// --------
                #[doc = concat!("numket.", stringify!($name), " : The same for an array.")]
                ///
                /// Examples
                /// --------
                #[doc = gate_example!(in_ket $name)]
                #[pyo3(signature = ($($param,)* $($qubit,)+ *, controls=None, control_values=None, threads=None))]
                #[allow(clippy::too_many_arguments, reason = "the arguments of the gate and the options")]
                fn $name<'py>(
                    slf: Bound<'py, Self>,
                    $($param: &Bound<'py, PyAny>,)*
                    $($qubit: &Bound<'py, PyAny>,)+
                    controls: Option<&Bound<'py, PyAny>>,
                    control_values: Option<&Bound<'py, PyAny>>,
                    threads: Option<Limit>,
                ) -> PyResult<Bound<'py, Self>> {
                    let options = Options { controls, control_values, batch: 0, threads };
                    gate(&named::$name, slf.get().state.bind(slf.py()), [$($param),*], [$($qubit),+], &options)?;
                    Ok(slf)
                }
            )+
        }
    };
}
crate::with_gates!(gates);
