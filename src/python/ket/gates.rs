//! The gates of a `Ket`.

use pyo3::prelude::*;

use super::super::args::Options;
use super::super::calls::gates::gate;
use super::super::door::{Ket, Limit};
use crate::gate_docs::{about_qubit, gate_example, in_ket, with_originals};
use crate::gates::named;

/// The method of each gate under its name in the original ket notation.
macro_rules! originals {
    ($($method:ident $name:literal $gate:ident ($($param:ident),*) ($($qubit:ident),+) $example:literal;)+) => {
        #[pymethods]
        impl Ket {
            $(
                #[doc = concat!("The method `", stringify!($gate), "` under its name in the original ket notation.")]
                ///
                /// Parameters
                /// ----------
                $(
                    #[doc = concat!(stringify!($param), " : float")]
                    ///     In radians.
                )*
                $(#[doc = about_qubit!($qubit)])+
                ///
                /// Returns
                /// -------
                /// Ket
                ///     The handle itself.
                ///
                /// Raises
                /// ------
                /// TypeError, ValueError, BufferInUseError
                #[doc = concat!("    Where numket.", stringify!($gate), " raises them.")]
                ///
                /// Examples
                /// --------
                #[doc = $example]
                #[pyo3(name = $name)]
                fn $method<'py>(
                    slf: Bound<'py, Self>,
                    $($param: &Bound<'py, PyAny>,)*
                    $($qubit: &Bound<'py, PyAny>,)+
                ) -> PyResult<Bound<'py, Self>> {
                    let options = Options { controls: None, control_values: None, batch: 0, threads: None };
                    gate(&named::$gate, slf.get().state.bind(slf.py()), [$($param),*], [$($qubit),+], &options)?;
                    Ok(slf)
                }
            )+
        }
    };
}
with_originals!(originals);

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
