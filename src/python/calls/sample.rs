//! Samples and counts, and the reader that keeps its table.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use super::super::args::random::{key_of, shots_of};
use super::super::args::{self, batch_axes};
use super::super::door::{
    Access, Limit, Numbers, State, aligned, check_first, settled, shape_of, unwrapped, work,
};
use super::super::error::is_of_the_user;
use super::super::invoke::Invoke;
use super::super::package::numpy;
use crate::error::Error;
use crate::memory::room_for_results;
use crate::observe::{self, Reader};

/// Outcomes of measuring qubits, drawn at random. The state stays as it is.
///
/// Each outcome has its probability. The shots have the same values for any number of threads, on
/// any CPU, and however the state lies in memory. No memory of the state's size is taken.
/// Outcomes of probability 0 are never drawn.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Only read. Its norm may be any number but 0 and infinity.
/// shots : int
///     How many to draw.
/// qubits : int or sequence of int, optional
///     The distinct qubits to look at; all in order if not given.
/// rng : None, int or numpy.random.Generator, optional
///     What np.random.default_rng takes. A Generator is advanced by one number, however many
///     shots there are. It is drawn first: also if the call is then refused because the state has
///     no norm or is in use.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of int64, shape (shots,) after the batch axes
///     Numbers of outcomes in the order drawn. The first listed qubit is the most significant
///     bit.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where the shape is another, a qubit is out of range or listed twice, `shots` is negative,
///     or a state has norm 0 or is not finite.
/// MemoryError
///     Where there is too little memory for the result, before any is taken.
/// BufferInUseError
///     Where another call is changing the state.
///
/// See Also
/// --------
/// numket.counts : How often each outcome occurs, in a time that does not grow with the shots.
/// numket.Sampler : For many calls on one state.
/// numket.measure : For a state that collapses.
///
/// Notes
/// -----
/// Random numbers are those of Philox4x32-10: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E.
/// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> ghz = nk.ket("000").h(0).cx(0, 1).cx(1, 2).state
/// >>> nk.sample(ghz, 8, rng=7)
/// array([7, 7, 7, 7, 7, 0, 0, 7])
/// >>> nk.sample(ghz, 4, (0, 2), rng=7)
/// array([3, 3, 3, 3])
#[pyfunction(signature = (state, shots, qubits=None, *, rng=None, batch=0, threads=None))]
pub fn sample<'py>(
    state: &Bound<'py, PyAny>,
    shots: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    rng: Option<&Bound<'py, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    check_first("state", state)?;
    let mut copy = None;
    let state = aligned("state", state, &mut copy)?;
    let (py, shots) = (state.py(), shots_of(shots, i64::MAX as u64)?);
    let (listed, _) = args::outcome_qubits(qubits)?;
    let ((source, bits), (key, mut drawn)) = settled(
        || args::state_and_bits(state, batch, Access::Read, listed.as_deref()),
        |(source, _)| shape_of(source, &[shots as usize]),
        |shape, (source, _)| {
            room_for_results(8 * u128::from(shots) * source.layout.states() as u128)?;
            Ok((key_of(py, rng)?, Numbers::<i64>::empty(py, shape)?))
        },
    )?;
    let nanos = observe::nanos_to_sample(&source.layout, shots as usize);
    work!(py, nanos, threads, source.reading(), drawn.filling(), |(states, drawn), crew| {
        observe::sample(states, &bits, key, drawn, crew)
    })??;
    Ok(drawn.into_array())
}

/// How many of some shots give each outcome. It takes no longer for 10**12 shots than for 10**6.
///
/// The shots are not drawn one by one, but shared out at random between ever smaller parts of the
/// state: a tree of binomial distributions. The counts are the same for any number of threads, on
/// any CPU, and however the state lies in memory. They are not those of the shots that
/// numket.sample draws.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Only read. Its norm may be any number but 0 and infinity.
/// shots : int
///     How many, up to 2**53.
/// qubits : int or sequence of int, optional
///     The distinct qubits to look at; all in order if not given.
/// rng : None, int or numpy.random.Generator, optional
///     As for numket.sample.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// dict of str to int, or ndarray of such dicts of the batch axes
///     The outcomes that occur, in the order of their numbers. A label has one character for each
///     qubit in the order listed, so that qubit 0 is the leftmost if none are listed.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where the shape is another, a qubit is out of range or listed twice, `shots` is out of
///     range, or a state has norm 0 or is not finite.
/// MemoryError
///     Where so many outcomes occur that there is too little memory for the dict.
/// BufferInUseError
///     Where another call is changing the state.
///
/// See Also
/// --------
/// numket.sample : The outcome of each shot.
///
/// Notes
/// -----
/// Binomial numbers are drawn by algorithm BTRS: W. Hörmann, "The generation of binomial random
/// variates", Journal of Statistical Computation and Simulation 46, 101 (1993).
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> ghz = nk.ket("000").h(0).cx(0, 1).cx(1, 2).state
/// >>> nk.counts(ghz, 1000, rng=7)
/// {'000': 493, '111': 507}
/// >>> nk.counts(ghz, 10**12, 0, rng=7)
/// {'0': 499999779060, '1': 500000220940}
#[pyfunction(signature = (state, shots, qubits=None, *, rng=None, batch=0, threads=None))]
pub fn counts<'py>(
    state: &Bound<'py, PyAny>,
    shots: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    rng: Option<&Bound<'py, PyAny>>,
    #[pyo3(from_py_with = batch_axes)] batch: i64,
    threads: Option<Limit>,
) -> PyResult<Bound<'py, PyAny>> {
    check_first("state", state)?;
    let mut copy = None;
    let state = aligned("state", state, &mut copy)?;
    let (py, shots) = (state.py(), shots_of(shots, observe::MAX_SHOTS)?);
    let (listed, _) = args::outcome_qubits(qubits)?;
    let ((source, bits), key) = settled(
        || args::state_and_bits(state, batch, Access::Read, listed.as_deref()),
        |(source, _)| shape_of(source, &[]),
        |_, _| key_of(py, rng),
    )?;
    let nanos = observe::nanos_to_count(&source.layout, bits.len(), shots);
    let all = work!(py, nanos, threads, source.reading(), |states, crew| {
        observe::counts(states, &bits, key, shots, crew)
    })??;
    let found: usize = all.iter().map(Vec::len).sum();
    room_for_results(BYTES_PER_COUNT * found as u128)?;
    let mut dicts = all.into_iter().map(|counts| labelled(py, &counts, bits.len()));
    if batch == 0 {
        return Ok(dicts.next().expect("one state")?.into_any());
    }
    let shape = PyTuple::new(py, source.batch_shape())?;
    let out = numpy(py)?.invoke_method("empty", (shape, "object"))?;
    let flat = out.attribute("flat")?;
    for (i, dict) in dicts.enumerate() {
        #[expect(clippy::disallowed_methods, reason = "of an array that was made here")]
        flat.set_item(i, dict?)?;
    }
    Ok(out)
}

/// What an entry of a dict takes, with its label and its number.
const BYTES_PER_COUNT: u128 = 200;

/// Counts as a dict of labels.
fn labelled<'py>(py: Python<'py>, counts: &[(u64, u64)], bits: usize) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let mut label = String::with_capacity(bits);
    for (outcome, count) in counts {
        label.clear();
        label.extend((0..bits).rev().map(|bit| if outcome >> bit & 1 == 1 { '1' } else { '0' }));
        dict.set_item(PyString::new(py, &label), count)?;
    }
    Ok(dict)
}

/// Draws from one state again and again, which is read only once.
///
/// What is kept is a table with 24 bytes for each 4096 amplitudes. The array is not copied: a
/// draw may read some blocks of it again, and compares them with what they were. If one has
/// changed, the call is refused, so that nothing is ever drawn from another state. (Blocks of
/// which only phases have changed may be refused too.)
///
/// For the same `rng`, draws are those of numket.sample and numket.counts.
///
/// Parameters
/// ----------
/// state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
///     Only read, and kept alive.
/// qubits : int or sequence of int, optional
///     The distinct qubits to look at; all in order if not given.
/// threads : int, optional
///     At most this many threads to read it.
///
/// Raises
/// ------
/// TypeError
///     Where the state is no ndarray of these dtypes, or another argument has a wrong
///     type.
/// ValueError
///     Where the shape is another, a qubit is out of range or listed twice, or the state has norm
///     0 or is not finite.
/// BufferInUseError
///     Where another call is changing the state.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> psi = nk.ket("00").h(0).cx(0, 1).state
/// >>> sampler = nk.Sampler(psi)
/// >>> sampler.sample(5, rng=7)
/// array([3, 3, 3, 3, 3])
/// >>> sampler.counts(10**9, rng=7)
/// {'00': 499993013, '11': 500006987}
/// >>> nk.h(psi, 0)
/// >>> sampler.sample(5)
/// Traceback (most recent call last):
/// ValueError: 'state' has changed since the Sampler read it; samples are drawn from the state that was read: make a new Sampler
#[pyclass(module = "numket", frozen)]
pub struct Sampler {
    state: Py<PyAny>,
    qubits: Option<Vec<i64>>,
    reader: Reader,
}

/// The reader of a state, for outcomes of some of its qubits or of all.
fn reader_of(
    state: &Bound<'_, PyAny>,
    qubits: Option<&[i64]>,
    threads: Option<Limit>,
) -> PyResult<Reader> {
    let (source, bits) = args::state_and_bits(state, 0, Access::Read, qubits)?;
    let nanos = observe::nanos_to_sample(&source.layout, 0);
    let reader = work!(state.py(), nanos, threads, source.reading(), |states, crew| {
        Reader::new(states.first(), &bits, crew)
    })??;
    Ok(reader.wary())
}

#[pymethods]
impl Sampler {
    #[new]
    #[pyo3(signature = (state, qubits=None, *, threads=None))]
    fn new(
        state: &Bound<'_, PyAny>,
        qubits: Option<&Bound<'_, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Sampler> {
        check_first("state", state)?;
        let (qubits, _) = args::outcome_qubits(qubits)?;
        let state = unwrapped(state);
        let reader = reader_of(state, qubits.as_deref(), threads)?;
        Ok(Sampler { state: state.clone().unbind(), qubits, reader })
    }

    /// What is unpickled reads the array again, so this refuses one that has changed.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let (py, Sampler { state, qubits, reader }) = (slf.py(), slf.get());
        slf.get().source(py)?;
        if !reader_of(state.bind(py), qubits.as_deref(), None)?.same_as(reader) {
            return Err(Error::Changed.into());
        }
        Ok((slf.get_type(), (state, qubits).into_pyobject(py)?))
    }

    /// The array that was given, not a copy.
    #[getter]
    fn state(&self, py: Python<'_>) -> Py<PyAny> {
        self.state.clone_ref(py)
    }

    fn __repr__(&self) -> String {
        let count = self.reader.outcome_bits();
        let plural = if count == 1 { "" } else { "s" };
        match &self.qubits {
            Some(listed) => {
                let shown: Vec<String> = listed.iter().take(16).map(i64::to_string).collect();
                let more = if listed.len() > 16 { ", ..." } else { "" };
                format!("<Sampler of qubit{plural} {}{more}>", shown.join(", "))
            }
            None => format!("<Sampler of {count} qubit{plural}>"),
        }
    }

    /// Outcomes at random, as numket.sample draws them.
    ///
    /// Parameters
    /// ----------
    /// shots : int
    ///     How many to draw.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes. A Generator is advanced by one number.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// ndarray of int64, shape (shots,)
    ///     Numbers of outcomes in the order drawn. The first listed qubit is the most significant
    ///     bit.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where `shots` is no int, or `rng` none that np.random.default_rng takes.
    /// ValueError
    ///     Where `shots` is negative, or the array has changed where it was to be read.
    /// MemoryError
    ///     Where there is too little memory for the result, before any is taken.
    /// BufferInUseError
    ///     Where another call is changing the state.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> sampler = nk.Sampler(nk.ket("000").h(0).cx(0, 1).cx(1, 2).state)
    /// >>> sampler.sample(8, rng=7)
    /// array([7, 7, 7, 7, 7, 0, 0, 7])
    #[pyo3(signature = (shots, *, rng=None, threads=None))]
    fn sample<'py>(
        &self,
        py: Python<'py>,
        shots: &Bound<'py, PyAny>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let shots = shots_of(shots, i64::MAX as u64)?;
        room_for_results(8 * u128::from(shots))?;
        let key = key_of(py, rng)?;
        let mut drawn = Numbers::<i64>::empty(py, &[shots as usize])?;
        let source = self.source(py)?;
        let nanos = observe::nanos_to_sample(&source.layout, shots as usize);
        work!(py, nanos, threads, source.reading(), drawn.filling(), |(states, drawn), crew| {
            self.reader.sample(states.first(), key, 0, drawn, crew)
        })??;
        Ok(drawn.into_array())
    }

    /// How many of some shots give each outcome, as numket.counts tells it.
    ///
    /// Parameters
    /// ----------
    /// shots : int
    ///     How many, up to 2**53.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes. A Generator is advanced by one number.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// dict of str to int
    ///     The outcomes that occur, in the order of their numbers. A label has one character for each
    ///     qubit in the order listed.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where `shots` is no int, or `rng` none that np.random.default_rng takes.
    /// ValueError
    ///     Where `shots` is out of range, or the array has changed where it was to be read.
    /// MemoryError
    ///     Where so many outcomes occur that there is too little memory for the dict.
    /// BufferInUseError
    ///     Where another call is changing the state.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> sampler = nk.Sampler(nk.ket("000").h(0).cx(0, 1).cx(1, 2).state)
    /// >>> sampler.counts(1000, rng=7)
    /// {'000': 493, '111': 507}
    #[pyo3(signature = (shots, *, rng=None, threads=None))]
    fn counts<'py>(
        &self,
        py: Python<'py>,
        shots: &Bound<'py, PyAny>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let shots = shots_of(shots, observe::MAX_SHOTS)?;
        let key = key_of(py, rng)?;
        let source = self.source(py)?;
        let bits = self.reader.outcome_bits();
        let nanos = observe::nanos_to_count(&source.layout, bits, shots);
        let found = work!(py, nanos, threads, source.reading(), |states, crew| {
            self.reader.counts(states.first(), key, 0, shots, crew)
        })??;
        room_for_results(BYTES_PER_COUNT * found.len() as u128)?;
        labelled(py, &found, bits)
    }
}

impl Sampler {
    /// The array as it is now, if amplitudes are where they were.
    fn source<'a>(&'a self, py: Python<'a>) -> PyResult<State<'a>> {
        let found = args::state_and_bits(self.state.bind(py), 0, Access::Read, self.qubits.as_deref());
        match found {
            Ok((source, bits)) if self.reader.fits(&source.layout, &bits) => Ok(source),
            Err(error) if is_of_the_user(py, &error) => Err(error),
            // Whatever its shape and dtype are now, they are others.
            _ => Err(Error::Changed.into()),
        }
    }
}
