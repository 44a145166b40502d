//! What circuits draw random numbers for: measurements, resets and channels.

use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::PyRange;

use super::super::args;
use super::super::args::bits::{bit, readout};
use super::super::door::Numbers;
use super::Circuit;
use super::build::Under;
use crate::circuit::{Action, Names};
use crate::observe::Channel;

#[pymethods]
impl Circuit {
    /// Adds a measurement of qubits in the Z basis, one after the other, into classical bits.
    ///
    /// Each qubit collapses to its outcome. The state keeps its norm.
    ///
    /// Parameters
    /// ----------
    /// qubits : int or sequence of int
    ///     The distinct qubits.
    /// bits : int or sequence of int, optional
    ///     A classical bit for each; the next that are unused if not given.
    /// readout_error : tuple of two floats, optional
    ///     The probabilities of recording 0 as 1, and 1 as 0, for each of the qubits. The state
    ///     collapses to the true outcome, whatever is recorded.
    /// condition : int or mapping of int to int, optional
    ///     Classical bits and the values that they must have, or one bit that must be 1, before the
    ///     first of the qubits is measured. Otherwise the bits keep what they hold, which is 0 where
    ///     nothing was measured.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     The circuit itself.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// ValueError
    ///     Where the circuit has no such qubit, a qubit or a bit is listed twice, there is not one
    ///     bit for each qubit, a bit is out of range, or `readout_error` is not two probabilities.
    ///     The circuit is then as it was.
    ///
    /// See Also
    /// --------
    /// numket.measure : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> circuit = nk.Circuit(2).x(1).measure([0, 1])
    /// >>> circuit.run(nk.zero_state(2))
    /// array([0, 1], dtype=int8)
    ///
    /// A detector that takes every 0 for a 1:
    ///
    /// >>> circuit = nk.Circuit(2).x(1).measure([0, 1], readout_error=(1, 0))
    /// >>> circuit.run(nk.zero_state(2))
    /// array([1, 1], dtype=int8)
    ///
    /// Another try where the first has given 1:
    ///
    /// >>> circuit = nk.Circuit(1).x(0).measure(0)
    /// >>> circuit = circuit.x(0, condition=0).measure(0, 0, condition=0)
    /// >>> circuit.run(nk.zero_state(1))
    /// array([0], dtype=int8)
    #[pyo3(signature = (qubits, bits=None, *, readout_error=None, condition=None))]
    fn measure<'py>(
        slf: Bound<'py, Self>,
        qubits: &Bound<'py, PyAny>,
        bits: Option<&Bound<'py, PyAny>>,
        readout_error: Option<&Bound<'py, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let (qubits, under) = (args::qubits(qubits)?, Under::of(None, None, condition)?);
        let readout = readout_error.map(readout).transpose()?;
        let bits = match bits {
            Some(bits) => {
                let bits = args::one_or_more("bits", bits, qubits.len())?;
                bits.into_iter().map(bit).collect::<Result<_, _>>()?
            }
            None => {
                let first = slf.get().inner().next_bit();
                (first..first + qubits.len()).collect()
            }
        };
        let action = Action::Measure(bits, readout);
        Circuit::add(slf, action, &Names::default(), qubits, under)
    }

    /// Adds a measurement of all qubits, in order, into the next classical bits that are unused.
    ///
    /// Parameters
    /// ----------
    /// readout_error : tuple of two floats, optional
    ///     The probabilities of recording 0 as 1, and 1 as 0, for each of the qubits.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     The circuit itself.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     Where `readout_error` is not two probabilities, or there would be too many bits. The circuit is then
    ///     as it was.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.Circuit(2).x(1).measure_all().run(nk.zero_state(2))
    /// array([0, 1], dtype=int8)
    #[pyo3(signature = (*, readout_error=None))]
    fn measure_all<'py>(
        slf: Bound<'py, Self>,
        readout_error: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        // The lock is gone before the range is made, which may collect garbage, and so run Python code.
        let count = slf.get().inner().num_qubits() as isize;
        let all = PyRange::new(slf.py(), 0, count)?;
        Circuit::measure(slf, &all, None, readout_error, None)
    }

    /// Adds a reset of qubits to 0: each is measured, and flipped where that gives 1.
    ///
    /// The state keeps its norm.
    ///
    /// Parameters
    /// ----------
    /// qubits : int or sequence of int
    ///     The distinct qubits.
    /// condition : int or mapping of int to int, optional
    ///     Classical bits and the values that they must have, or one bit that must be 1.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     The circuit itself.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// ValueError
    ///     Where the circuit has no such qubit or bit, or a qubit is listed twice. The circuit is
    ///     then as it was.
    ///
    /// See Also
    /// --------
    /// numket.reset : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> psi = nk.basis_state(2, "11")
    /// >>> nk.Circuit(2).reset(0).run(psi)
    /// >>> psi.real
    /// array([0., 1., 0., 0.])
    #[pyo3(signature = (qubits, *, condition=None))]
    fn reset<'py>(
        slf: Bound<'py, Self>,
        qubits: &Bound<'py, PyAny>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let (qubits, under) = (args::qubits(qubits)?, Under::of(None, None, condition)?);
        Circuit::add(slf, Action::Reset, &Names::default(), qubits, under)
    }

    /// Adds a Kraus channel: each run draws one of its operators, and applies it.
    ///
    /// Operator K is drawn with the probability norm(K state)**2 / norm(state)**2, and the state
    /// keeps its norm. The operators are copied.
    ///
    /// Parameters
    /// ----------
    /// operators : array_like, shape (m, 2**k, 2**k)
    ///     The m Kraus operators, of which the sum of K^dagger K is the identity. numket.channels has
    ///     some.
    /// qubits : int or sequence of int
    ///     The k distinct qubits.
    /// condition : int or mapping of int to int, optional
    ///     Classical bits and the values that they must have, or one bit that must be 1.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     The circuit itself.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where an argument has a wrong type.
    /// ValueError
    ///     Where a shape does not fit, the operators are not finite or no channel, the circuit has no
    ///     such qubit or bit, or a qubit is listed twice. The circuit is then as it was.
    ///
    /// See Also
    /// --------
    /// numket.apply_kraus : The same for an array.
    /// numket.Circuit.trajectories : Means over many runs.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> circuit = nk.Circuit(1).x(0).apply_kraus(nk.channels.amplitude_damping(0.25), 0)
    /// >>> psi = nk.zero_state(1)
    /// >>> circuit.run(psi, rng=3)
    /// >>> psi.real
    /// array([0., 1.])
    #[pyo3(signature = (operators, qubits, *, condition=None))]
    fn apply_kraus<'py>(
        slf: Bound<'py, Self>,
        operators: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        // The array comes last, because reading the others may run code that changes it.
        let (qubits, under) = (args::qubits(qubits)?, Under::of(None, None, condition)?);
        let numbers = Numbers::<Complex64>::read("operators", operators)?;
        let channel = Channel::of_array(numbers.as_slice(), &numbers.shape, qubits.len())?;
        let action = Action::Kraus(channel.into());
        Circuit::add(slf, action, &Names::default(), qubits, under)
    }
}
