//! The functions of the gate table.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::super::args::{
    Ints, Options, angle, angles, batch_axes, controls, index, ints, single_angles,
};
use super::super::door::{
    Access, Limit, Numbers, Region, State, check_first, exact_int, in_precision, interruptible, leased,
    work,
};
use super::super::progress::{Reporter, Task, watched};
use crate::apply::{Operators, apply, apply_all, apply_at_each, batch_nanos, nanos};
use crate::error::Error;
use crate::exec::Crew;
use crate::gate_docs::{about_qubit, gate_example, if_angled, in_function};
use crate::gates::{GATES, Gate, named};
use crate::kernels::{OwnedSite, Site};
use crate::layout::MAX_BITS;
use crate::simd::Isa;

/// A gate of the table on an array; one on one qubit also on each of several.
#[inline]
pub fn gate<const P: usize, const Q: usize>(
    gate: &Gate,
    array: &Bound<'_, PyAny>,
    params: [&Bound<'_, PyAny>; P],
    qubits: [&Bound<'_, PyAny>; Q],
    options: &Options<'_, '_>,
) -> PyResult<()> {
    check_first("state", array)?;
    let mut numbers = [0; Q];
    for (i, qubit) in qubits.into_iter().enumerate() {
        numbers[i] = match exact_int(qubit) {
            Some(number) => number,
            None if Q > 1 => index(gate.qubits[i], qubit)?,
            None => match one_or_each(gate, array, &params, qubit, options)? {
                Some(number) => number,
                None => return Ok(()),
            },
        };
    }
    if options.batch != 0 {
        return gate_on_each(gate, array, &params, &numbers, options);
    }
    let mut angles = [0.0; P];
    for (i, param) in params.into_iter().enumerate() {
        angles[i] = angle(gate.params[i], param)?;
    }
    let further = match options {
        Options { controls: None, control_values: None, .. } => Vec::new(),
        options => controls(options)?,
    };
    let mut state = State::new("state", array, 0, Access::Write)?;
    if state.layout.is_real() {
        check_real(gate)?;
    }
    let mut site = OwnedSite::new();
    let (own, targets) = numbers.split_at(gate.controls);
    site.fill(&state.layout, own, &further, targets)?;
    let mut entries = Default::default();
    let operator = gate.operator(&angles, &mut entries);
    let site = site.as_site();
    // Everything is checked: nothing can fail but the lease.
    let nanos = nanos(state.layout.num_qubits(), &operator, &site);
    let crew = Crew::new(nanos, options.limit())?;
    in_precision!(state, T => {
        interruptible(array.py(), nanos, state.changing::<T>(), |mut states| {
            apply(&mut states.first(), &operator, &site, crew);
        })
    })
}

/// Refuses a gate that would make a real state complex; not inlined, as complex states would pay for it.
#[inline(never)]
fn check_real(gate: &Gate) -> Result<(), Error> {
    match gate.is_real() {
        true => Ok(()),
        false => Err(Error::NotRealOperator { operator: format!("the gate {}", gate.name) }),
    }
}

/// The qubit of a gate on one, where it is no plain int. Several are done here, and give none.
#[cold]
fn one_or_each(
    gate: &Gate,
    array: &Bound<'_, PyAny>,
    params: &[&Bound<'_, PyAny>],
    qubit: &Bound<'_, PyAny>,
    options: &Options<'_, '_>,
) -> PyResult<Option<i64>> {
    match ints(gate.qubits[0], qubit, MAX_BITS)? {
        Ints::One(number) => Ok(Some(number)),
        Ints::Several(targets) => gate_on_each(gate, array, params, &targets, options).map(|()| None),
    }
}

/// A gate on each state of a batch, with angles that broadcast against it, or on one state; one on one qubit
/// on each of those listed, in turn, and a signal is answered between two of them.
#[cold]
fn gate_on_each(
    gate: &Gate,
    array: &Bound<'_, PyAny>,
    params: &[&Bound<'_, PyAny>],
    qubits: &[i64],
    options: &Options<'_, '_>,
) -> PyResult<()> {
    let further = controls(options)?;
    let angles = match options.batch {
        0 => single_angles(gate.params, params)?,
        _ => angles(gate.params, params)?,
    };
    let mut state = State::new("state", array, options.batch, Access::Write)?;
    if state.layout.is_real() {
        check_real(gate)?;
    }
    let mut site = OwnedSite::new();
    let (own, targets) = qubits.split_at(gate.controls);
    site.fill(&state.layout, own, &further, targets)?;
    let rows = angles.iter().map(|angles| angles.rows(0, state.batch_shape()));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    if state.layout.states() == 0 {
        return Ok(());
    }
    let others: Vec<Region<'_>> = angles.iter().map(Numbers::region).collect();
    let mut entries = Default::default();
    let operators = Operators::of_gate(gate, &rows, &mut entries, Isa::chosen()?);
    let all = site.as_site();
    let each = all.targets.chunks(gate.qubits.len() - gate.controls);
    let sites: Vec<Site<'_>> = each.map(|targets| Site { targets, ..all }).collect();
    let first = match sites[..] {
        [] => return Ok(()),
        [_] => return run(array.py(), &mut state, &others, &operators, &site, options.threads),
        [first, ..] => first,
    };
    let nanos = batch_nanos(&state.layout, &operators, &first);
    let task = Task::Run { operations: sites.len(), steps: sites.len() };
    watched(&Reporter::SILENT, task, |progress| {
        let crew = Crew::new(nanos, options.limit())?;
        in_precision!(state, T => {
            let lent = (state.changing::<T>(), &others[..]);
            leased(array.py(), sites.len() as f64 * nanos, lent, |(mut states, ())| {
                apply_at_each(&mut states, &operators, &sites, nanos, crew, progress);
            })
        })
    })
}

/// The last step of a call that changes states: everything is checked, nothing can fail but the lease, of
/// the states and of `others`, all memory besides that the call reads.
pub fn run(
    py: Python<'_>,
    state: &mut State,
    others: &[Region<'_>],
    operators: &Operators<'_>,
    site: &OwnedSite,
    threads: Option<Limit>,
) -> PyResult<()> {
    let site = site.as_site();
    let nanos = batch_nanos(&state.layout, operators, &site);
    work!(py, nanos, threads, state.changing(), others, |(mut states, ()), crew| {
        apply_all(&mut states, operators, site, crew);
    })
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
            /// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
            ///     Changed in place. Qubit q is axis q of state.reshape((2,) * n).
            $(
                #[doc = concat!(stringify!($param), " : float or array_like")]
                ///     In radians. An array, with `batch`, broadcasts against the batch axes.
            )*
            $(#[doc = about_qubit!($qubit)])+
            /// controls : int or sequence of int, optional
            ///     Further qubits that must have their control values.
            /// control_values : int or sequence of int, optional
            ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
            /// batch : int
            ///     Number of leading axes of the state that count states: (B, 2**n) has 1.
            /// threads : int, optional
            ///     At most this many threads for this call.
            ///
            /// Raises
            /// ------
            /// TypeError
            ///     Where the state is no ndarray of these dtypes, or is real and the gate is not,
            #[doc = if_angled!($($param)*; "    a qubit no int, or an angle no real number.", "    or a qubit no int.")]
            /// ValueError
            #[doc = if_angled!($($param)*;
                "    Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.",
                "    Where a shape does not fit, or a qubit is out of range or listed twice."
            )]
            ///     As with every error, nothing has been written.
            /// BufferInUseError
            ///     Where another call is using the memory of the state.
            ///
            /// Examples
            /// --------
            #[doc = gate_example!(in_function $name)]
            #[pyfunction(signature = (state, $($param,)* $($qubit,)+ *, controls=None, control_values=None, batch=0, threads=None))]
            fn $name(
                state: &Bound<'_, PyAny>,
                $($param: &Bound<'_, PyAny>,)*
                $($qubit: &Bound<'_, PyAny>,)+
                controls: Option<&Bound<'_, PyAny>>,
                control_values: Option<&Bound<'_, PyAny>>,
                #[pyo3(from_py_with = batch_axes)] batch: i64,
                threads: Option<Limit>,
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
