//! What `Circuit` does with measurements, resets, channels and conditions.

use std::sync::Arc;

use num_complex::Complex64;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::args::{index, one_or_more, qubits};
use super::circuit::{Circuit, Inner, fits};
use super::door::{Access, Numbers, State, in_precision, leased};
use super::kraus;
use super::parameters::{Names, Values};
use super::progress::{Asker, Reporter};
use crate::circuit::{
    Action, Binding, Circuit as Core, MAX_CLASSICAL, NoNormAt, Script, Watch, run_scripts,
};
use crate::error::Error;
use crate::layout::{Batch, Layout};
use crate::simd::{Isa, Real};

/// A classical bit.
fn bit(given: i64) -> Result<usize, Error> {
    let refused = Error::BitRange { bit: given, limit: MAX_CLASSICAL };
    usize::try_from(given).ok().filter(|&bit| bit < MAX_CLASSICAL).ok_or(refused)
}

/// A condition: a mapping of classical bits to values, or one bit that must be 1.
pub fn condition(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<(usize, bool)>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let refused = match index("condition", given) {
        Ok(number) => return Ok(vec![(bit(number)?, true)]),
        Err(error) => error,
    };
    // A copy, because reading keys and values may run code that changes it.
    let Ok(items) = (match given.cast::<PyDict>() {
        Ok(dict) => dict.copy().and_then(|copy| copy.call_method0("items")),
        Err(_) => given.call_method0("items"),
    }) else {
        if !refused.is_instance_of::<PyTypeError>(given.py()) {
            return Err(refused); // the user's own
        }
        let kind = given.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "'condition' is a {kind}; it must be a classical bit, or a mapping of these to 0 or 1: use an int \
             or a dict"
        )));
    };
    let mut condition = Vec::new();
    for item in items.try_iter()?.take(MAX_CLASSICAL + 1) {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item?.extract()?;
        let bit = bit(index("condition", &key)?)?;
        match index("condition", &value)? {
            value @ (0 | 1) => condition.push((bit, value == 1)),
            value => return Err(Error::BitValue { value }.into()),
        }
    }
    Ok(condition)
}

/// Appends a measurement.
pub fn measure(
    circuit: &Circuit,
    measured: &Bound<'_, PyAny>,
    bits: Option<&Bound<'_, PyAny>>,
    readout_error: Option<&Bound<'_, PyAny>>,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let (qubits, condition) = (qubits(measured)?, condition(given)?);
    let readout = readout_error.map(readout).transpose()?;
    let bits = match bits {
        Some(bits) => {
            one_or_more("bits", bits, qubits.len())?.into_iter().map(bit).collect::<Result<_, _>>()?
        }
        None => {
            let first = circuit.inner().core.next_bit();
            (first..first + qubits.len()).collect()
        }
    };
    circuit.push(Action::Measure(bits, readout), &Names::new(), qubits, Vec::new(), condition)
}

/// The probabilities of recording 0 as 1, and 1 as 0.
fn readout(given: &Bound<'_, PyAny>) -> PyResult<[f64; 2]> {
    let numbers = Numbers::<f64>::read("readout_error", given)?;
    match (&numbers.shape[..], numbers.as_slice()) {
        ([2], &[p01, p10]) => Ok([p01, p10]),
        (shape, _) => Err(PyValueError::new_err(format!(
            "'readout_error' has shape {}; it must be two probabilities, of recording 0 as 1 and 1 as 0: use \
             (p01, p10)",
            PyTuple::new(given.py(), shape)?.repr()?
        ))),
    }
}

/// Appends a channel, whose operators are copied.
pub fn apply_kraus(
    circuit: &Circuit,
    operators: &Bound<'_, PyAny>,
    targets: &Bound<'_, PyAny>,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    // The array comes last, because reading the others may run code that changes it.
    let (qubits, condition) = (qubits(targets)?, condition(given)?);
    let numbers = Numbers::<Complex64>::read("operators", operators)?;
    let channel = kraus::channel(&numbers, qubits.len())?;
    circuit.push(Action::Kraus(channel.into()), &Names::new(), qubits, Vec::new(), condition)
}

/// What the bits of a circuit become in another, as `bits` says.
pub fn bits_for(count: usize, bits: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<usize>> {
    let Some(given) = bits else { return Ok((0..count).collect()) };
    let bits = one_or_more("bits", given, count)?;
    let bits = bits.into_iter().map(bit).collect::<Result<Vec<_>, _>>()?;
    if bits.len() != count {
        return Err(PyValueError::new_err(format!(
            "'bits' does not list {count} classical bits; the other circuit has as many: list one for each"
        )));
    }
    let mut sorted = bits.clone();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::RepeatedBit { argument: "bits", bit: pair[0] }.into()),
        None => Ok(bits),
    }
}

/// Gives the classical bits of an action their places in another circuit.
pub fn move_bits(action: &mut Action, places: &[usize]) {
    match action {
        Action::Measure(bits, _) => bits.iter_mut().for_each(|bit| *bit = places[*bit]),
        Action::If(condition, action) => {
            condition.iter_mut().for_each(|(bit, _)| *bit = places[*bit]);
            condition.sort_unstable();
            move_bits(action, places);
        }
        _ => {}
    }
}

/// The classical bits of a circuit for all states, still 0.
pub fn zero_bits<'py>(py: Python<'py>, core: &Core, layout: &Layout) -> PyResult<Bound<'py, PyAny>> {
    let shape = PyTuple::new(py, shaped(layout, core.num_bits()))?;
    py.import("numpy")?.call_method1("zeros", (shape, "int8"))
}

/// The shape of so many numbers for each state.
fn shaped(layout: &Layout, last: usize) -> Vec<usize> {
    let mut shape = layout.batch().map_or(Vec::new(), |batch| batch.shape.clone());
    shape.push(last);
    shape
}

/// What `Circuit.run` takes beside the state.
pub struct RunOptions<'a, 'py> {
    pub params: Option<&'a Bound<'py, PyAny>>,
    pub batch: i64,
    pub threads: Option<usize>,
    pub progress: Option<&'a Bound<'py, PyAny>>,
    pub rng: Option<&'a Bound<'py, PyAny>>,
}

/// A script, with its numbers if no parameter changes them.
pub struct Compiled<T> {
    pub script: Script,
    bindings: Option<Vec<Binding<T>>>,
}

impl Circuit {
    /// As `compiled`, for a circuit that draws.
    pub(super) fn script<T: Real>(
        &self,
        py: Python<'_>,
        taken: &Inner,
        layout: &Layout,
        isa: Isa,
    ) -> PyResult<Arc<Compiled<T>>> {
        self.known_or(py, taken, layout, |watch| {
            let script = Script::watched::<T>(&taken.core, layout, isa, watch)?;
            let bindings = taken.parameters.is_empty().then(|| script.bind(&[]));
            Some(Compiled { script, bindings })
        })
    }
}

/// Runs a circuit that draws, as it was `taken`.
pub fn run<'py>(
    circuit: &Circuit,
    taken: &Inner,
    array: &Bound<'py, PyAny>,
    options: &RunOptions<'_, 'py>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let (py, batch, core) = (array.py(), options.batch, &taken.core);
    let numpy = py.import("numpy")?;
    let generator = numpy.getattr("random")?.call_method1("default_rng", (options.rng,))?;
    // Reading the values and drawing may run other code, so the state is looked at anew after it.
    let found = State::new("state", array, batch, Access::Write)?;
    let (looked, precision) = (&found.layout, found.precision);
    fits(core, looked)?;
    let values = Values::given(&taken.parameters, py, options.params, looked.batch())?;
    let states = looked.batch().map_or(1, Batch::len);
    if states > 0 {
        values.check(py, core, states)?;
    }
    let wanted = shaped(looked, core.num_draws());
    let drawn = generator.call_method1("random", (PyTuple::new(py, &wanted)?,))?;
    let drawn = Numbers::<f64>::read("rng", &drawn)?;
    if drawn.shape != wanted {
        return Err(PyValueError::new_err(
            "'rng' drew another number of numbers than it was asked for; there must be as many as the \
             circuit draws, for each state: use np.random.default_rng()",
        ));
    }
    // A copy, because nobody knows whose memory the generator has returned.
    let uniforms = drawn.as_slice().to_vec();
    let bits = zero_bits(py, core, looked)?;
    if states == 0 {
        return Ok((core.num_bits() > 0).then_some(bits));
    }
    let isa = Isa::chosen()?;
    in_precision!(found, T => {
        let compiled = circuit.script::<T>(py, taken, looked, isa)?;
        let reporter = Reporter::new(py, options.progress)?;
        let result = State::new("state", array, batch, Access::Write).and_then(|mut state| {
            if state.layout != *looked || state.precision != precision {
                return Err(PyValueError::new_err(
                    "'state' has got another shape or dtype while 'params' was read, 'rng' drew numbers or \
                     the circuit was planned; it must stand still",
                ));
            }
            let bits = Numbers::<i8>::write("bits", &bits)?;
            let threads = options.threads;
            run_all(py, &mut state, taken, &values, &compiled, &uniforms, bits, threads, &reporter, isa)
        });
        reporter.end(py, result)?;
    });
    Ok((core.num_bits() > 0).then_some(bits))
}

/// The last step of a run: everything is checked, nothing can fail but the lease, and the norm.
#[allow(clippy::too_many_arguments, reason = "all that the run needs")]
fn run_all<T: Real>(
    py: Python<'_>,
    state: &mut State,
    taken: &Inner,
    values: &Values,
    compiled: &Compiled<T>,
    uniforms: &[f64],
    mut bits: Numbers<'_, i8>,
    threads: Option<usize>,
    reporter: &Reporter,
    isa: Isa,
) -> PyResult<()> {
    let Compiled { script, bindings } = compiled;
    let (states, count) = (state.layout.batch().map_or(1, Batch::len), taken.core.operations().len());
    let binds = if bindings.is_some() { 0.0 } else { script.nanos_to_bind() };
    let (threads, nanos) = values.work(script.nanos(), binds, states, threads)?;
    let asker = Asker::new(reporter, count * states, script.len() * states);
    let go_on = |done: f64| asker.go_on(done);
    let watch = Watch::new(&go_on);
    // Code of the user's own may run meanwhile, so the state is leased however small it is.
    let nanos = if reporter.call.is_some() { f64::INFINITY } else { nanos };
    let spans = [state.span, bits.span];
    let bits = bits.as_mut_slice();
    let mut view = state.view_mut::<T>();
    // SAFETY: the span of the state is that of the whole batch, and leased.
    let done = leased(py, nanos, spans, || unsafe {
        match bindings {
            Some(bindings) => {
                run_scripts(&mut view, script, |_| bindings, 0.0, uniforms, bits, isa, threads, &watch)
            }
            None if values.alike() => {
                let bindings = &script.bind(&values.of(0));
                run_scripts(&mut view, script, |_| bindings, 0.0, uniforms, bits, isa, threads, &watch)
            }
            None => {
                let bindings = |state: usize| script.bind(&values.of(state));
                run_scripts(&mut view, script, bindings, binds, uniforms, bits, isa, threads, &watch)
            }
        }
    })?;
    let Err(NoNormAt(place)) = done else { return asker.stopped_by() };
    let error = PyErr::from(Error::NoNorm);
    if let Some(place) = place {
        let name = match taken.core.operations()[place].action.parts().1 {
            Action::Measure(..) => "measure",
            Action::Kraus(_) => "apply_kraus",
            _ => "reset",
        };
        let note = format!(
            "operation {place} of the circuit, '{name}', found that; the state holds what the operations \
             before it made of it: check their matrices"
        );
        // A failure to add the note must not hide the error itself.
        let _ = error.value(py).call_method1("add_note", (note,));
    }
    Err(error)
}
