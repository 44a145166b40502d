//! What a `Ket` tells of its state, and measurements.

use pyo3::prelude::*;

use super::super::calls::{collapse, kraus, observe, reading, sample};
use super::super::door::{Ket, Limit};

#[pymethods]
impl Ket {
    /// Measures qubits in the Z basis, in place: draws an outcome, and projects the state to it.
    ///
    /// Parameters
    /// ----------
    /// qubits : int or sequence of int, optional
    ///     The distinct qubits; all in order if not given.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes.
    /// threads : int, optional
    ///     At most this many threads for this call.
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
    #[pyo3(signature = (qubits=None, *, rng=None, threads=None))]
    fn measure<'py>(
        slf: &Bound<'py, Self>,
        qubits: Option<&Bound<'py, PyAny>>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        collapse::measure(slf, qubits, rng, 0, threads)
    }

    /// Applies one operator of a Kraus channel, drawn with its probability, in place.
    ///
    /// Parameters
    /// ----------
    /// operators : array_like, shape (m, 2**k, 2**k)
    ///     The m Kraus operators, of which the sum of K^dagger K is the identity. numket.channels has
    ///     some.
    /// qubits : int or sequence of int
    ///     The k distinct qubits, the first being the most significant bit of a row index.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// int
    ///     The number of the operator that was applied, from 0.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.apply_kraus raises them.
    ///
    /// See Also
    /// --------
    /// numket.apply_kraus : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> excited = nk.ket("1")
    /// >>> excited.apply_kraus(nk.channels.amplitude_damping(0.25), 0, rng=5)  # it decays
    /// 1
    /// >>> excited
    /// Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
    ///   |0>  1  100 %  ████████████  → 0
    #[pyo3(signature = (operators, qubits, *, rng=None, threads=None))]
    fn apply_kraus<'py>(
        slf: &Bound<'py, Self>,
        operators: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        kraus::apply_kraus(slf, operators, qubits, rng, 0, threads)
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
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// float
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
    /// Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
    ///   |11>  1  100 %  ████████████  → 0
    #[pyo3(signature = (qubits, outcome, *, threads=None))]
    fn project<'py>(
        slf: &Bound<'py, Self>,
        qubits: &Bound<'py, PyAny>,
        outcome: &Bound<'py, PyAny>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        collapse::project(slf, qubits, outcome, 0, threads)
    }

    /// Outcomes at random, each with its probability. The state stays as it is.
    ///
    /// Parameters
    /// ----------
    /// shots : int
    ///     How many to draw.
    /// qubits : int or sequence of int, optional
    ///     The distinct qubits to look at; all in order if not given.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// ndarray of int64, shape (shots,)
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
    #[pyo3(signature = (shots, qubits=None, *, rng=None, threads=None))]
    fn sample<'py>(
        slf: &Bound<'py, Self>,
        shots: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        sample::sample(slf, shots, qubits, rng, 0, threads)
    }

    /// How many of some shots give each outcome. The state stays as it is.
    ///
    /// Parameters
    /// ----------
    /// shots : int
    ///     How many, up to 2**53.
    /// qubits : int or sequence of int, optional
    ///     The distinct qubits to look at; all in order if not given.
    /// rng : None, int or numpy.random.Generator, optional
    ///     What np.random.default_rng takes.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// dict of str to int
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
    #[pyo3(signature = (shots, qubits=None, *, rng=None, threads=None))]
    fn counts<'py>(
        slf: &Bound<'py, Self>,
        shots: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        rng: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        sample::counts(slf, shots, qubits, rng, 0, threads)
    }

    /// The probabilities of the outcomes of measuring some qubits.
    ///
    /// Parameters
    /// ----------
    /// qubits : int or sequence of int, optional
    ///     The k distinct qubits; all in order if not given.
    /// out : ndarray of float64, shape (2**k,), optional
    ///     Where to write; a new array if not given.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// ndarray of float64, shape (2**k,)
    ///     The first listed qubit is the most significant bit of an outcome.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.probabilities raises them.
    ///
    /// See Also
    /// --------
    /// numket.probabilities : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.ket("00").h(0).cx(0, 1).probabilities().round(6)
    /// array([0.5, 0. , 0. , 0.5])
    #[pyo3(signature = (qubits=None, *, out=None, threads=None))]
    fn probabilities<'py>(
        slf: &Bound<'py, Self>,
        qubits: Option<&Bound<'py, PyAny>>,
        out: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        observe::probabilities(slf, qubits, out, 0, threads)
    }

    /// The expectation value of an observable.
    ///
    /// Parameters
    /// ----------
    /// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
    ///     A sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real diagonal of
    ///     one.
    /// qubits : int or sequence of int, optional
    ///     The k qubits that the observable acts on; all in order if not given.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// float, or complex for a sum that is not Hermitian
    ///     It is not divided by the square of the norm.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.expectation raises them.
    ///
    /// See Also
    /// --------
    /// numket.expectation : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> round(nk.ket("00").h(0).cx(0, 1).expectation("XX"), 12)
    /// 1.0
    #[pyo3(signature = (observable, qubits=None, *, threads=None))]
    fn expectation<'py>(
        slf: &Bound<'py, Self>,
        observable: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        reading::expectation(slf, observable, qubits, 0, threads)
    }

    /// The variance of an observable, which is Hermitian.
    ///
    /// Parameters
    /// ----------
    /// observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
    ///     A sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real diagonal of
    ///     one.
    /// qubits : int or sequence of int, optional
    ///     The k qubits that the observable acts on; all in order if not given.
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// float
    ///     That of a state of norm 1.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.variance raises them.
    ///
    /// See Also
    /// --------
    /// numket.variance : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.ket("10").variance("XZ")
    /// 1.0
    #[pyo3(signature = (observable, qubits=None, *, threads=None))]
    fn variance<'py>(
        slf: &Bound<'py, Self>,
        observable: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        threads: Option<Limit>,
    ) -> PyResult<Bound<'py, PyAny>> {
        reading::variance(slf, observable, qubits, 0, threads)
    }

    /// The norm of the state.
    ///
    /// Parameters
    /// ----------
    /// threads : int, optional
    ///     At most this many threads for this call.
    ///
    /// Returns
    /// -------
    /// float
    ///     The square root of the sum of abs(amplitude)**2.
    ///
    /// Raises
    /// ------
    /// TypeError, ValueError, BufferInUseError
    ///     Where numket.norm raises them.
    ///
    /// See Also
    /// --------
    /// numket.norm : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.ket("10").norm()
    /// 1.0
    #[pyo3(signature = (*, threads=None))]
    fn norm<'py>(slf: &Bound<'py, Self>, threads: Option<Limit>) -> PyResult<Bound<'py, PyAny>> {
        observe::norm(slf, 0, threads)
    }
}
