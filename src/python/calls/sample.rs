//! Samples and counts, and the reader that keeps its table.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::super::args::random::{key_of, shots_of};
use super::super::args::{self, limit};
use super::super::door::{Access, Numbers, State, array_of, in_precision, leased, settled, shape_of};
use super::super::progress::{Reporter, Task, watched};
use crate::error::Error;
use crate::exec::Crew;
use crate::memory::room_for_results;
use crate::observe::{self, Reader};

/// Basis states at random, each with the probability that it has. The state stays as it is.
///
/// Shots have the same values for any number of threads, on any CPU, and however the state lies in memory.
/// Nothing of the state's size is allocated. Outcomes of probability 0 are never drawn.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read. Its norm does not matter, if it is neither 0 nor infinite.
/// shots : int
///     How many to draw, from 0.
/// qubits : int or sequence of int, optional
///     The distinct qubits to look at; all in order if not given.
/// rng : None, int or numpy.random.Generator, optional
///     What np.random.default_rng takes; a Generator is advanced by one number, however many shots there
///     are, and drawn from before the state is looked at: also if it is then refused for its norm or
///     because another call is using it.
/// batch : int
///     Number of leading axes of the state that count states: (B, 2**n) has 1.
/// threads : int, optional
///     At most this many threads for this call.
///
/// Returns
/// -------
/// ndarray of int64, shape (shots,) after the batch's shape
///     Numbers of outcomes in the order drawn; the first listed qubit is the most significant bit.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
/// MemoryError
///     Naming the GiB needed and free, before anything is allocated.
///
/// See Also
/// --------
/// numket.counts : as a dict, in a time that does not grow with the shots.
/// numket.Sampler : for many calls on one state.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> ghz = nk.ket("000").h(0).cx(0, 1).cx(1, 2).state
/// >>> nk.sample(ghz, 8, rng=7)
/// array([7, 7, 7, 7, 7, 0, 0, 7])
/// >>> nk.sample(ghz, 4, (0, 2), rng=7)
/// array([3, 3, 3, 3])
#[pyfunction]
#[pyo3(signature = (state, shots, /, qubits=None, *, rng=None, batch=0, threads=None))]
pub fn sample<'py>(
    state: &Bound<'py, PyAny>,
    shots: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    rng: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, limit) = (state.py(), limit(threads)?);
    let shots = shots_of(shots, i64::MAX as u64)?;
    let (listed, _) = args::outcome_qubits(qubits)?;
    let ((source, bits), (key, out)) = settled(
        || args::state_and_bits(state, batch, Access::Read, listed.as_deref()),
        |(source, _)| shape_of(source, &[shots as usize]),
        |shape, (source, _)| {
            room_for_results(8 * u128::from(shots) * source.layout.states() as u128)?;
            Ok((key_of(py, rng)?, array_of::<i64>(py, shape)?))
        },
    )?;
    let mut drawn = Numbers::<i64>::write("shots", &out)?;
    let nanos = observe::nanos_to_sample(&source.layout, shots as usize);
    let crew = Crew::new(nanos, limit)?;
    watched(&Reporter::SILENT, Task::Read, |progress| {
        in_precision!(source, T => {
            leased(py, nanos, (source.reading::<T>(), drawn.filling()), |(states, drawn)| {
                observe::sample(states, &bits, key, drawn, crew, progress)
            })
        })
    })??;
    Ok(out)
}

/// How many shots give each outcome, without drawing them one by one: 10**12 take no longer than 10**6.
///
/// The counts are split up at random between ever smaller parts of the state (a multinomial distribution as
/// a tree of binomial ones). They are the same for any number of threads, on any CPU, and however the state
/// lies in memory. They are not those of the shots that numket.sample draws.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read. Its norm does not matter, if it is neither 0 nor infinite.
/// shots : int
///     How many, from 0 to 2**53.
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
/// dict of str to int, or ndarray of such dicts of the batch's shape
///     Only outcomes that occur, in the order of their numbers. A label has one character for each qubit, in
///     the order listed: qubit 0 is the leftmost if none are listed.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
/// MemoryError
///     Naming the GiB needed and free, where the outcomes that occur are too many for a dict.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> ghz = nk.ket("000").h(0).cx(0, 1).cx(1, 2).state
/// >>> nk.counts(ghz, 1000, rng=7)
/// {'000': 493, '111': 507}
/// >>> nk.counts(ghz, 10**12, 0, rng=7)
/// {'0': 499999779060, '1': 500000220940}
#[pyfunction]
#[pyo3(signature = (state, shots, /, qubits=None, *, rng=None, batch=0, threads=None))]
pub fn counts<'py>(
    state: &Bound<'py, PyAny>,
    shots: &Bound<'py, PyAny>,
    qubits: Option<&Bound<'py, PyAny>>,
    rng: Option<&Bound<'py, PyAny>>,
    batch: i64,
    threads: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, limit) = (state.py(), limit(threads)?);
    let shots = shots_of(shots, observe::MAX_SHOTS)?;
    let (listed, _) = args::outcome_qubits(qubits)?;
    let ((source, bits), key) = settled(
        || args::state_and_bits(state, batch, Access::Read, listed.as_deref()),
        |(source, _)| shape_of(source, &[]),
        |_, _| key_of(py, rng),
    )?;
    let shape = shape_of(&source, &[]);
    let nanos = observe::nanos_to_count(&source.layout, bits.len(), shots);
    let crew = Crew::new(nanos, limit)?;
    let all = watched(&Reporter::SILENT, Task::Read, |progress| {
        in_precision!(source, T => leased(py, nanos, source.reading::<T>(), |states| {
            observe::counts(states, &bits, key, shots, crew, progress)
        }))
    })??;
    let found: usize = all.iter().map(Vec::len).sum();
    room_for_results(BYTES_PER_COUNT * found as u128)?;
    let mut dicts = all.into_iter().map(|counts| labelled(py, &counts, bits.len()));
    if batch == 0 {
        return Ok(dicts.next().expect("one state")?.into_any());
    }
    let out = py.import("numpy")?.call_method1("empty", (PyTuple::new(py, &shape)?, "object"))?;
    let flat = out.getattr("flat")?;
    for (i, dict) in dicts.enumerate() {
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

/// Draws from one state again and again: it is read once, and a table of its own kept.
///
/// The table has 24 bytes for each 4096 amplitudes. The array itself is not copied: for outcomes that need
/// more than the table, the blocks of it that are drawn are read again, and compared with what they were.
/// Where one has changed, the call is refused; draws are never from anything but the state that was read.
/// (A change of phases alone may be refused too.)
///
/// The draws are those of numket.sample and numket.counts, for the same rng.
///
/// Parameters
/// ----------
/// state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
///     Only read, and kept alive.
/// qubits : int or sequence of int, optional
///     The distinct qubits to look at; all in order if not given.
/// threads : int, optional
///     At most this many threads to read it.
///
/// Raises
/// ------
/// TypeError, ValueError, BufferInUseError
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

#[pymethods]
impl Sampler {
    #[new]
    #[pyo3(signature = (state, /, qubits=None, *, threads=None))]
    fn new(
        state: &Bound<'_, PyAny>,
        qubits: Option<&Bound<'_, PyAny>>,
        threads: Option<i64>,
    ) -> PyResult<Sampler> {
        let limit = limit(threads)?;
        let (qubits, _) = args::outcome_qubits(qubits)?;
        let source = State::new("state", state, 0, Access::Read)?;
        let bits = args::bits_of(&source.layout, qubits.as_deref())?;
        let nanos = observe::nanos_to_sample(&source.layout, 0);
        let crew = Crew::new(nanos, limit)?;
        let reader = in_precision!(source, T => {
            leased(state.py(), nanos, source.reading::<T>(), |states| {
                Reader::new(states.first(), &bits, crew)
            })?
        })?;
        Ok(Sampler { state: state.clone().unbind(), qubits, reader: reader.wary() })
    }

    /// The array that was given.
    #[getter]
    fn state(&self, py: Python<'_>) -> Py<PyAny> {
        self.state.clone_ref(py)
    }

    fn __repr__(&self) -> String {
        format!("Sampler of {} qubits", self.reader.outcome_bits())
    }

    /// Outcomes at random, as numket.sample gives them.
    ///
    /// Parameters
    /// ----------
    /// shots : int
    /// rng : None, int or numpy.random.Generator, optional
    /// threads : int, optional
    ///
    /// Returns
    /// -------
    /// ndarray of int64, shape (shots,)
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, MemoryError, BufferInUseError
    ///     A ValueError where the array has changed in what is drawn from.
    #[pyo3(signature = (shots, /, *, rng=None, threads=None))]
    fn sample<'py>(
        &self,
        py: Python<'py>,
        shots: &Bound<'py, PyAny>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let limit = limit(threads)?;
        let shots = shots_of(shots, i64::MAX as u64)?;
        room_for_results(8 * u128::from(shots))?;
        let key = key_of(py, rng)?;
        let out = array_of::<i64>(py, &[shots as usize])?;
        let source = self.source(py)?;
        let mut drawn = Numbers::<i64>::write("shots", &out)?;
        let nanos = observe::nanos_to_sample(&source.layout, shots as usize);
        let crew = Crew::new(nanos, limit)?;
        watched(&Reporter::SILENT, Task::Read, |progress| {
            in_precision!(source, T => {
                leased(py, nanos, (source.reading::<T>(), drawn.filling()), |(states, drawn)| {
                    self.reader.sample(states.first(), key, 0, drawn, crew, progress)
                })
            })
        })??;
        Ok(out)
    }

    /// How many shots give each outcome, as numket.counts gives it.
    ///
    /// Parameters
    /// ----------
    /// shots : int
    /// rng : None, int or numpy.random.Generator, optional
    /// threads : int, optional
    ///
    /// Returns
    /// -------
    /// dict of str to int
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, MemoryError, BufferInUseError
    ///     A ValueError where the array has changed in what is drawn from.
    #[pyo3(signature = (shots, /, *, rng=None, threads=None))]
    fn counts<'py>(
        &self,
        py: Python<'py>,
        shots: &Bound<'py, PyAny>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<i64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let limit = limit(threads)?;
        let shots = shots_of(shots, observe::MAX_SHOTS)?;
        let key = key_of(py, rng)?;
        let source = self.source(py)?;
        let bits = self.reader.outcome_bits();
        let nanos = observe::nanos_to_count(&source.layout, bits, shots);
        let crew = Crew::new(nanos, limit)?;
        let found = watched(&Reporter::SILENT, Task::Read, |progress| {
            in_precision!(source, T => leased(py, nanos, source.reading::<T>(), |states| {
                self.reader.counts(states.first(), key, 0, shots, crew, progress)
            }))
        })??;
        room_for_results(BYTES_PER_COUNT * found.len() as u128)?;
        labelled(py, &found, bits)
    }
}

impl Sampler {
    /// The array as it is now, if amplitudes are where they were.
    fn source(&self, py: Python<'_>) -> PyResult<State> {
        let source = State::new("state", self.state.bind(py), 0, Access::Read);
        let fits = |source: &State| {
            let bits = args::bits_of(&source.layout, self.qubits.as_deref());
            bits.is_ok_and(|bits| self.reader.fits(&source.layout, &bits))
        };
        match source {
            Ok(source) if fits(&source) => Ok(source),
            Err(error)
                if !error.is_instance_of::<PyTypeError>(py)
                    && !error.is_instance_of::<PyValueError>(py) =>
            {
                Err(error)
            }
            // Whatever its shape and dtype are now, they are others.
            _ => Err(Error::Changed.into()),
        }
    }
}
