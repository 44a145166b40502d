//! The functions of the gate table.

use std::ops::Range;

use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::super::args::{Options, angle, angles, controls, index};
use super::super::door::{Access, Numbers, State, in_precision, leased};
use super::gate_docs::{about_qubit, gate_example, in_function};
use crate::apply::{Operators, STATES_AT_ONCE, apply, apply_all, batch_nanos, nanos};
use crate::exec::Crew;
use crate::gates::{GATES, Gate, MAX_PARAMS, named};
use crate::kernels::phases::Phases;
use crate::kernels::{OwnedSite, Site};
use crate::layout::Batch;
use crate::lease::Span;
use crate::operator::Operator;
use crate::simd::Isa;

/// The last step of every call that changes a state: everything is checked, nothing can fail but
/// the lease, of the state and of `others`, all memory besides that the call reads.
#[inline(always)]
pub fn run<const N: usize>(
    py: Python<'_>,
    state: &mut State,
    others: [Span; N],
    operator: &Operator<'_>,
    site: Site<'_>,
    limit: Option<usize>,
) -> PyResult<()> {
    let nanos = nanos(state.layout.num_qubits(), operator, &site);
    let crew = Crew::new(nanos, limit)?;
    in_precision!(state, T => {
        leased(py, nanos, (state.changing::<T>(), others), |(mut states, ())| {
            apply(states.first(), operator, site, crew);
        })
    })
}

/// As [`run`], for each state of a batch.
#[cold]
pub fn run_batch<const N: usize>(
    py: Python<'_>,
    state: &mut State,
    others: [Span; N],
    operators: &Operators<'_>,
    site: Site<'_>,
    limit: Option<usize>,
) -> PyResult<()> {
    let nanos = batch_nanos(&state.layout, operators, &site);
    let crew = Crew::new(nanos, limit)?;
    in_precision!(state, T => {
        leased(py, nanos, (state.changing::<T>(), others), |(mut states, ())| {
            apply_all(&mut states, operators, site, crew);
        })
    })
}

/// A gate of the table on an array.
#[inline]
pub fn gate<const P: usize, const Q: usize>(
    gate: &Gate,
    array: &Bound<'_, PyAny>,
    params: [&Bound<'_, PyAny>; P],
    qubits: [&Bound<'_, PyAny>; Q],
    options: &Options<'_, '_>,
) -> PyResult<()> {
    let mut numbers = [0; Q];
    for (i, qubit) in qubits.into_iter().enumerate() {
        numbers[i] = index(gate.qubits[i], qubit)?;
    }
    if options.batch != 0 {
        return gate_on_batch(gate, array, &params, &numbers, options);
    }
    let mut angles = [0.0; P];
    for (i, param) in params.into_iter().enumerate() {
        angles[i] = angle(gate.params[i], param)?;
    }
    let further = match options {
        Options { controls: None, control_values: None, .. } => Vec::new(),
        options => controls(options)?,
    };
    let limit = options.limit()?;
    let mut state = State::new("state", array, 0, Access::Write)?;
    let mut site = OwnedSite::new();
    let (own, targets) = numbers.split_at(gate.controls);
    site.fill(&state.layout, own, &further, targets)?;
    let mut entries = Default::default();
    let operator = gate.operator(&angles, &mut entries);
    run(array.py(), &mut state, [], &operator, site.as_site(), limit)
}

/// A gate on each state of a batch, with angles that broadcast against it.
#[cold]
fn gate_on_batch(
    gate: &Gate,
    array: &Bound<'_, PyAny>,
    params: &[&Bound<'_, PyAny>],
    qubits: &[i64],
    options: &Options<'_, '_>,
) -> PyResult<()> {
    let (further, limit) = (controls(options)?, options.limit()?);
    let angles = angles(gate.params, params)?;
    let mut state = State::new("state", array, options.batch, Access::Write)?;
    let mut site = OwnedSite::new();
    let (own, targets) = qubits.split_at(gate.controls);
    site.fill(&state.layout, own, &further, targets)?;
    let broadcast = |(&name, angles): (&&'static str, &Numbers<'_, f64>)| {
        angles.broadcast(name, 0, state.batch_shape())
    };
    let places = gate.params.iter().zip(&angles).map(broadcast).collect::<Result<Vec<Batch>, _>>()?;
    if state.layout.states() == 0 {
        return Ok(());
    }
    let mut spans = [Span::NOWHERE; MAX_PARAMS];
    spans.iter_mut().zip(&angles).for_each(|(span, angles)| *span = angles.span);
    let angles: Vec<&[f64]> = angles.iter().map(Numbers::as_slice).collect();
    let isa = Isa::chosen()?;
    let fill = |range: Range<usize>, out: &mut [Complex64]| {
        let (len, params) = (range.len(), angles.len());
        let mut some = [0.0; STATES_AT_ONCE];
        let mut phases = [Complex64::ZERO; STATES_AT_ONCE];
        let mut rows = vec![Complex64::ZERO; len * params];
        for (param, ((angles, places), factor)) in
            angles.iter().zip(&places).zip(gate.factors()).enumerate()
        {
            for (angle, place) in some.iter_mut().zip(places.offsets(range.clone(), 1)) {
                *angle = factor * angles[place as usize];
            }
            Phases { angles: &some[..len], out: &mut phases }.write(isa);
            let column = rows[param..].iter_mut().step_by(params);
            column.zip(phases).for_each(|(to, phase)| *to = phase);
        }
        gate.write(&rows, out);
    };
    let first: Vec<f64> = angles.iter().map(|angles| angles[0]).collect();
    let mut entries = Default::default();
    let like = gate.operator(&first, &mut entries);
    let operators = match angles.iter().all(|angles| angles.len() == 1) {
        true => Operators::Shared(like),
        false => Operators::Each { like, fill: &fill },
    };
    run_batch(array.py(), &mut state, spans, &operators, site.as_site(), limit)
}

macro_rules! functions {
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal, [$($row:literal),+], $source:literal;)+) => {
        $(
            #[doc = $doc]
            ///
            /// In place. The matrix, for the qubits in the order of the arguments::
            ///
            $(#[doc = concat!("    ", $row)])+
            ///
            #[doc = concat!("Convention: ", $source, ".")]
            ///
            /// Parameters
            /// ----------
            /// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            ///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
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
            /// Raises
            /// ------
            /// TypeError
            ///     Where the state is no ndarray of complex128 or complex64, a qubit no int, or an angle no
            ///     real number.
            /// ValueError
            ///     Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not
            ///     finite. As with every error, nothing has been written.
            /// BufferInUseError
            ///     Where another call is using the memory of the state.
            ///
            /// Examples
            /// --------
            #[doc = gate_example!(in_function $name)]
            #[pyfunction]
            #[pyo3(signature = (state, $($param,)* $($qubit,)+ /, *, controls=None, control_values=None, batch=0, threads=None))]
            #[allow(clippy::too_many_arguments, reason = "the arguments of the gate and the options")]
            fn $name(
                state: &Bound<'_, PyAny>,
                $($param: &Bound<'_, PyAny>,)*
                $($qubit: &Bound<'_, PyAny>,)+
                controls: Option<&Bound<'_, PyAny>>,
                control_values: Option<&Bound<'_, PyAny>>,
                batch: i64,
                threads: Option<i64>,
            ) -> PyResult<()> {
                let options = Options { controls, control_values, batch, threads };
                gate(&named::$name, state, [$($param),*], [$($qubit),+], &options)
            }
        )+

        /// Adds the functions and the table itself to the module.
        pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
            $(module.add_function(wrap_pyfunction!($name, module)?)?;)+
            module.add("GATES", table(module.py())?)
        }
    };
}
crate::with_gates!(functions);

/// The table as Python sees it.
fn table(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    let row = |gate: &&Gate| -> PyResult<_> {
        let row = PyDict::new(py);
        row.set_item("name", gate.name)?;
        row.set_item("params", PyTuple::new(py, gate.params)?)?;
        row.set_item("qubits", PyTuple::new(py, gate.qubits)?)?;
        row.set_item("controls", gate.controls)?;
        row.set_item("structure", gate.structure())?;
        row.set_item("doc", gate.doc)?;
        Ok(row)
    };
    PyTuple::new(py, GATES.iter().map(row).collect::<PyResult<Vec<_>>>()?)
}
