//! How circuits are built: operations are appended one by one, or those of another circuit.

use std::sync::Arc;

use num_complex::Complex64;
use pyo3::prelude::*;

use super::super::args::bits::condition as condition_of;
use super::super::args::parameters::angle;
use super::super::args::{self, Options, index};
use super::super::door::Numbers;
use super::super::error::wrong_type;
use super::super::pauli_sum::PauliSum;
use super::Circuit;
use crate::circuit::{Action, Names, Operation};
use crate::error::Error;
use crate::gate_docs::{about_qubit, gate_example, if_angled, in_circuit};
use crate::gates::{Gate, named};
use crate::layout::MAX_BITS;
use crate::operator::{PauliString, core_axes};

/// What has to hold for an operation to be done: controls, and a condition on classical bits.
pub(super) struct Under {
    controls: Vec<(i64, bool)>,
    condition: Vec<(usize, bool)>,
}

impl Under {
    pub(super) fn of(
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Under> {
        let options = Options { controls, control_values, batch: 0, threads: None };
        Ok(Under { controls: args::controls(&options)?, condition: condition_of(condition)? })
    }
}

impl Circuit {
    /// Appends an operation, whose parameters are those of `names`, and gives the circuit back.
    pub(super) fn add<'py>(
        slf: Bound<'py, Self>,
        action: Action,
        names: &Names,
        qubits: Vec<i64>,
        under: Under,
    ) -> PyResult<Bound<'py, Self>> {
        let mut inner = slf.get().inner();
        let qubits = inner.qubits(&qubits)?;
        let (controls, values): (Vec<i64>, Vec<bool>) = under.controls.into_iter().unzip();
        let controls = inner.qubits(&controls)?.into_iter().zip(values).collect();
        inner.push(action.only_if(under.condition), names, qubits, controls)?;
        drop(inner);
        Ok(slf)
    }

    /// A gate of the table; one on one qubit also on each of several.
    fn gate<'py, const P: usize, const Q: usize>(
        slf: Bound<'py, Self>,
        gate: &'static Gate,
        params: [&Bound<'py, PyAny>; P],
        qubits: [&Bound<'py, PyAny>; Q],
        under: Under,
    ) -> PyResult<Bound<'py, Self>> {
        let named = || gate.qubits.iter().zip(&qubits);
        let numbers = match qubits[..] {
            [listed] => args::one_or_more(gate.qubits[0], listed, MAX_BITS)?,
            _ => named().map(|(name, qubit)| index(name, qubit)).collect::<PyResult<_>>()?,
        };
        let mut names = Names::default();
        let given = gate.params.iter().zip(params);
        let angles = given.map(|(name, param)| angle(&mut names, name, param));
        let action = Action::Gate(gate, angles.collect::<PyResult<_>>()?);
        Circuit::add(slf, action, &names, numbers, under)
    }

    /// A matrix or a diagonal, whose entries are copied.
    fn entries<'py>(
        slf: Bound<'py, Self>,
        argument: &'static str,
        given: &Bound<'py, PyAny>,
        qubits: Vec<i64>,
        under: Under,
        action: fn(Arc<[Complex64]>) -> Action,
    ) -> PyResult<Bound<'py, Self>> {
        // The array comes last, because reading the others may run code that changes it.
        let numbers = Numbers::<Complex64>::read(argument, given)?;
        let entries: Arc<[Complex64]> = numbers.as_slice().into();
        core_axes(argument, &numbers.shape, qubits.len(), false)?;
        numbers.check_finite()?;
        Circuit::add(slf, action(entries), &Names::default(), qubits, under)
    }

    /// The qubits listed, or all in order.
    fn listed_or_all(&self, qubits: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<i64>> {
        match qubits {
            Some(qubits) => args::qubits(qubits),
            None => Ok((0..self.inner().num_qubits() as i64).collect()),
        }
    }

    /// A Pauli string, and the qubits of its letters.
    fn pauli(
        &self,
        pauli: &Bound<'_, PyAny>,
        qubits: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(PauliString, Vec<i64>)> {
        let letters = args::letters(pauli)?;
        let string = PauliString::of(letters)?;
        let qubits = self.listed_or_all(qubits)?;
        if letters.len() != qubits.len() {
            return Err(Error::PauliLength { letters: letters.len(), qubits: qubits.len() }.into());
        }
        Ok((string, qubits))
    }
}

#[pymethods]
impl Circuit {
    /// Adds a matrix on some qubits, which is copied.
    ///
    /// Parameters
    /// ----------
    /// matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
    ///     The matrix, unitary or not. The first qubit is the most significant bit of a row index.
    /// qubits : int or sequence of int
    ///     The k distinct qubits.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
    ///     Where a shape does not fit, the matrix is not finite, the circuit has no such qubit or
    ///     bit, or a qubit is listed twice. The circuit is then as it was.
    ///
    /// See Also
    /// --------
    /// numket.apply : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    /// >>> psi = nk.zero_state(2)
    /// >>> nk.Circuit(2).apply(H, 0).cx(0, 1).run(psi)
    /// >>> psi.real.round(3)
    /// array([0.707, 0.   , 0.   , 0.707])
    #[pyo3(signature = (matrix, qubits, *, controls=None, control_values=None, condition=None))]
    fn apply<'py>(
        slf: Bound<'py, Self>,
        matrix: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let (qubits, under) = (args::qubits(qubits)?, Under::of(controls, control_values, condition)?);
        Circuit::entries(slf, "matrix", matrix, qubits, under, Action::Dense)
    }

    /// Adds a diagonal matrix on some qubits, which is copied.
    ///
    /// Parameters
    /// ----------
    /// diagonal : array_like, shape (2**k,)
    ///     Entry i belongs to the basis state whose bits spell i, the first qubit's first.
    /// qubits : int or sequence of int
    ///     The k distinct qubits.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
    ///     Where a shape does not fit, an entry is not finite, the circuit has no such qubit or bit,
    ///     or a qubit is listed twice. The circuit is then as it was.
    ///
    /// See Also
    /// --------
    /// numket.apply_diagonal : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> psi = nk.zero_state(2)
    /// >>> nk.Circuit(2).x(0).x(1).apply_diagonal([1, 1, 1, -1], (0, 1)).run(psi)
    /// >>> psi[3].real.round(12)
    /// np.float64(-1.0)
    #[pyo3(signature = (diagonal, qubits, *, controls=None, control_values=None, condition=None))]
    fn apply_diagonal<'py>(
        slf: Bound<'py, Self>,
        diagonal: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let (qubits, under) = (args::qubits(qubits)?, Under::of(controls, control_values, condition)?);
        Circuit::entries(slf, "diagonal", diagonal, qubits, under, Action::Diagonal)
    }

    /// Adds a permutation of the basis states of some qubits, which is copied.
    ///
    /// Parameters
    /// ----------
    /// permutation : array_like of int, shape (2**k,)
    ///     Basis state i of the listed qubits becomes basis state permutation[i]. The first qubit is
    ///     the most significant bit of i.
    /// qubits : int or sequence of int
    ///     The k distinct qubits.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
    ///     Where `permutation` does not list each of 0 to 2**k - 1 once, the circuit has no such
    ///     qubit or bit, or a qubit is listed twice. The circuit is then as it was.
    ///
    /// See Also
    /// --------
    /// numket.apply_permutation : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> add_one = nk.Circuit(2).apply_permutation([1, 2, 3, 0], (0, 1))
    /// >>> psi = nk.basis_state(2, 1)
    /// >>> add_one.run(psi)
    /// >>> psi.real
    /// array([0., 0., 1., 0.])
    #[pyo3(signature = (permutation, qubits, *, controls=None, control_values=None, condition=None))]
    fn apply_permutation<'py>(
        slf: Bound<'py, Self>,
        permutation: &Bound<'py, PyAny>,
        qubits: &Bound<'py, PyAny>,
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let (qubits, under) = (args::qubits(qubits)?, Under::of(controls, control_values, condition)?);
        let numbers = Numbers::<i64>::read("permutation", permutation)?;
        core_axes("permutation", &numbers.shape, qubits.len(), false)?;
        let action = Operation::permutation(numbers.as_slice())?;
        Circuit::add(slf, action, &Names::default(), qubits, under)
    }

    /// Adds a product of Pauli operators.
    ///
    /// Parameters
    /// ----------
    /// pauli : str
    ///     A letter I, X, Y or Z for each qubit.
    /// qubits : int or sequence of int, optional
    ///     The qubits of the letters; all in order if not given.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
    ///     Where there is another letter, or not one for each qubit, the circuit has no such qubit or
    ///     bit, or a qubit is listed twice. The circuit is then as it was.
    ///
    /// See Also
    /// --------
    /// numket.apply_pauli : The same for an array.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> psi = nk.zero_state(3)
    /// >>> nk.Circuit(3).apply_pauli("XX", (0, 2)).run(psi)
    /// >>> nk.Ket(psi)
    /// Ket of 3 qubits: norm 1, 1 of 8 basis states occupied
    ///   |101>  1  100 %  ████████████  → 0
    #[pyo3(signature = (pauli, qubits=None, *, controls=None, control_values=None, condition=None))]
    fn apply_pauli<'py>(
        slf: Bound<'py, Self>,
        pauli: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let (string, qubits) = slf.get().pauli(pauli, qubits)?;
        let under = Under::of(controls, control_values, condition)?;
        Circuit::add(slf, Action::Pauli(string), &Names::default(), qubits, under)
    }

    /// Adds a rotation about a product P of Pauli operators: exp(-i theta/2 P).
    ///
    /// Parameters
    /// ----------
    /// theta : float, Parameter or Expression
    ///     The angle in radians.
    /// pauli : str
    ///     A letter I, X, Y or Z for each qubit.
    /// qubits : int or sequence of int, optional
    ///     The qubits of the letters; all in order if not given.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
    ///     Where the angle is not finite, there is another letter, or not one for each qubit, the
    ///     circuit has no such qubit or bit, or a qubit is listed twice. The circuit is then as it
    ///     was.
    ///
    /// See Also
    /// --------
    /// numket.pauli_rotation : The same for an array, with the source of the formula.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> circuit = nk.Circuit(2).pauli_rotation(nk.Parameter("theta"), "YX")
    /// >>> psi = nk.zero_state(2)
    /// >>> circuit.run(psi, {"theta": np.pi / 2})
    /// >>> psi.real.round(3)
    /// array([0.707, 0.   , 0.   , 0.707])
    #[pyo3(signature = (theta, pauli, qubits=None, *, controls=None, control_values=None, condition=None))]
    fn pauli_rotation<'py>(
        slf: Bound<'py, Self>,
        theta: &Bound<'py, PyAny>,
        pauli: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let (string, qubits) = slf.get().pauli(pauli, qubits)?;
        let under = Under::of(controls, control_values, condition)?;
        let mut names = Names::default();
        let theta = angle(&mut names, "theta", theta)?;
        let action = Action::PauliRotation(string, theta);
        Circuit::add(slf, action, &names, qubits, under)
    }

    /// Adds the phases exp(-i gamma C) of a real diagonal C, as the cost of a QAOA, which is copied.
    ///
    /// All phases are computed in the one pass that applies them, and no table of them is kept. The
    /// circuit keeps one copy of a diagonal, however often it is added.
    ///
    /// Parameters
    /// ----------
    /// diagonal : array_like of float, shape (2**k,)
    ///     The diagonal of C. Entry i belongs to the basis state whose bits spell i, the first qubit's
    ///     first.
    /// gamma : float, Parameter or Expression
    ///     What C is multiplied by.
    /// qubits : int or sequence of int, optional
    ///     The k distinct qubits; all in order if not given.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
    ///     Where an argument has a wrong type, as a diagonal that is complex.
    /// ValueError
    ///     Where a shape does not fit, an entry or its product with gamma is not finite, the circuit has
    ///     no such qubit or bit, or a qubit is listed twice. The circuit is then as it was.
    ///
    /// See Also
    /// --------
    /// Circuit.apply_diagonal : A diagonal matrix without a parameter.
    /// Circuit.trotter : For costs as a PauliSum: products of Z commute, so one step is exact.
    ///
    /// Notes
    /// -----
    /// E. Farhi, J. Goldstone and S. Gutmann, "A Quantum Approximate Optimization Algorithm",
    /// arXiv:1411.4028 (2014).
    ///
    /// Examples
    /// --------
    /// One layer for the largest cut of a triangle:
    ///
    /// >>> import numpy as np, numket as nk
    /// >>> cut = np.array([0, 2, 2, 2, 2, 2, 2, 0])
    /// >>> qaoa = nk.Circuit(3).h(range(3)).phase(cut, nk.Parameter("gamma"))
    /// >>> qaoa = qaoa.rx(2 * nk.Parameter("beta"), range(3))
    /// >>> value, gradient = qaoa.gradient(cut, [0.6, 0.4])
    /// >>> round(value, 6), gradient.round(6)
    /// (1.952633, array([-0.176136, -1.037701]))
    #[pyo3(signature = (diagonal, gamma, qubits=None, *, controls=None, control_values=None, condition=None))]
    #[allow(clippy::too_many_arguments, reason = "those of Python")]
    fn phase<'py>(
        slf: Bound<'py, Self>,
        diagonal: &Bound<'py, PyAny>,
        gamma: &Bound<'py, PyAny>,
        qubits: Option<&Bound<'py, PyAny>>,
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let qubits = slf.get().listed_or_all(qubits)?;
        let under = Under::of(controls, control_values, condition)?;
        let mut names = Names::default();
        let gamma = angle(&mut names, "gamma", gamma)?;
        // The array comes last, because reading the others may run code that changes it.
        let numbers = Numbers::<f64>::read("diagonal", diagonal)?;
        core_axes("diagonal", &numbers.shape, qubits.len(), false)?;
        let cost = slf.get().inner().cost(numbers.as_slice(), &gamma)?;
        Circuit::add(slf, Action::Phase(cost, gamma), &names, qubits, under)
    }

    /// Adds an approximation of the evolution in time under a Hamiltonian H, exp(-i H t).
    ///
    /// Terms of H that commute are put into groups, in the order in which they come. The exponential
    /// of a group is a product of rotations, and exact. A step of Suzuki's product formulas is made of
    /// these, and neighbours that are the same group become one.
    ///
    /// Parameters
    /// ----------
    /// hamiltonian : PauliSum
    ///     A Hermitian sum on as many qubits as are listed.
    /// t : float, Parameter or Expression
    ///     The time, with hbar = 1; negative to go back.
    /// steps : int
    ///     How many steps of length t / steps.
    /// order : int
    ///     1, 2 or 4.
    /// qubits : int or sequence of int, optional
    ///     The qubits of H; all in order if not given.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; other amplitudes stay as they are.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
    ///     Where H is not Hermitian or has another number of qubits, an angle is not finite, `steps` is
    ///     not positive, `order` is another, the circuit has no such qubit or bit, or a qubit is listed
    ///     twice. The circuit is then as it was.
    /// MemoryError
    ///     Where there is no room for so many operations.
    ///
    /// See Also
    /// --------
    /// numket.evolve : The exact evolution, to 1e-12, mostly in less time.
    ///
    /// Notes
    /// -----
    /// The error is in proportion to t * (t / steps)**order. For a state it is therefore about
    /// 2**order / (2**order - 1) times the distance to what twice as many steps make of it; and
    /// `numket.evolve` makes what it is exactly. Where all terms commute, each step is exact.
    ///
    /// H. F. Trotter, Proceedings of the American Mathematical Society 10, 545 (1959). M. Suzuki, Physics
    /// Letters A 146, 319 (1990): orders 2 and 4, the latter with u = 1 / (4 - 4**(1/3)). How errors grow with
    /// t and the number of qubits: A. M. Childs et al., Physical Review X 11, 011020 (2021).
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> ising = nk.PauliSum({"ZZI": -1, "IZZ": -1, "XII": -0.5, "IXI": -0.5, "IIX": -0.5})
    /// >>> exact = nk.zero_state(3)
    /// >>> nk.evolve(exact, ising, 1.0)
    /// >>> for order in 1, 2, 4:
    /// ...     psi = nk.zero_state(3)
    /// ...     nk.Circuit(3).trotter(ising, 1.0, 10, order=order).run(psi)
    /// ...     print(order, f"{np.linalg.norm(psi - exact):.0e}")
    /// 1 7e-02
    /// 2 3e-03
    /// 4 2e-06
    #[pyo3(signature = (
        hamiltonian, t, steps=None, *, order=None, qubits=None, controls=None, control_values=None, condition=None
    ), text_signature = "($self, hamiltonian, t, steps=1, *, order=2, qubits=None, controls=None, control_values=None, condition=None)")]
    #[allow(clippy::too_many_arguments, reason = "those of Python")]
    fn trotter<'py>(
        slf: Bound<'py, Self>,
        hamiltonian: &Bound<'py, PyAny>,
        t: &Bound<'py, PyAny>,
        steps: Option<&Bound<'py, PyAny>>,
        order: Option<&Bound<'py, PyAny>>,
        qubits: Option<&Bound<'py, PyAny>>,
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let sum = hamiltonian.cast::<PauliSum>().map_err(|_| {
            let remedy = "use nk.PauliSum, PauliSum.from_qiskit or PauliSum.from_openfermion";
            wrong_type("hamiltonian", hamiltonian, "a PauliSum", remedy)
        })?;
        let steps = steps.map_or(Ok(1), |steps| index("steps", steps))?;
        let order = order.map_or(Ok(2), |order| index("order", order))?;
        let qubits = slf.get().listed_or_all(qubits)?;
        let Under { controls, condition } = Under::of(controls, control_values, condition)?;
        let mut names = Names::default();
        let t = angle(&mut names, "t", t)?;
        let sum = &sum.get().core;
        sum.check(qubits.len())?;
        let mut inner = slf.get().inner();
        let (controls, values): (Vec<i64>, Vec<bool>) = controls.into_iter().unzip();
        let controls: Vec<(usize, bool)> = inner.qubits(&controls)?.into_iter().zip(values).collect();
        let qubits = inner.qubits(&qubits)?;
        inner.trotter(sum, (&t, &names), (steps, order), &qubits, &controls, &condition)?;
        drop(inner);
        Ok(slf)
    }

    /// Adds a phase: amplitudes for which the controls hold are multiplied by exp(i gamma).
    ///
    /// It is the same as pauli_rotation(-2 * gamma, "", ()).
    ///
    /// Parameters
    /// ----------
    /// gamma : float, Parameter or Expression
    ///     The phase in radians.
    /// controls : int or sequence of int, optional
    ///     Qubits that must have their control values; all amplitudes are multiplied if not given.
    /// control_values : int or sequence of int, optional
    ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
    ///     Where the phase is not finite, the circuit has no such qubit or bit, or a qubit is listed
    ///     twice. The circuit is then as it was.
    ///
    /// Examples
    /// --------
    /// >>> import numpy as np, numket as nk
    /// >>> psi = nk.zero_state(1)
    /// >>> nk.Circuit(1).h(0).gphase(np.pi / 2).run(psi)
    /// >>> psi.round(3) + 0
    /// array([0.+0.707j, 0.+0.707j])
    /// >>> nk.Circuit(1).gphase(np.pi / 2, controls=[0]).run(psi)
    /// >>> psi.round(3) + 0
    /// array([ 0.   +0.707j, -0.707+0.j   ])
    #[pyo3(signature = (gamma, *, controls=None, control_values=None, condition=None))]
    fn gphase<'py>(
        slf: Bound<'py, Self>,
        gamma: &Bound<'py, PyAny>,
        controls: Option<&Bound<'_, PyAny>>,
        control_values: Option<&Bound<'_, PyAny>>,
        condition: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let under = Under::of(controls, control_values, condition)?;
        let mut names = Names::default();
        let gamma = angle(&mut names, "gamma", gamma)?;
        let mut numbers = gamma.terms.iter().map(|&(_, factor)| factor).chain([gamma.offset]);
        if !numbers.all(|number| (2.0 * number).is_finite()) {
            return Err(Error::NotFinite { argument: "gamma" }.into());
        }
        let action = Operation::phase(&gamma, Vec::new()).action;
        Circuit::add(slf, action, &names, Vec::new(), under)
    }
}

macro_rules! gates {
    ($($name:ident ($($param:ident),*) ($($qubit:ident),+) $controls:literal, $base:expr,
       $inverse:expr, $generator:expr, $doc:literal, [$($row:literal),+], $source:literal;)+) => {
        #[pymethods]
        impl Circuit {
            $(
                #[doc = $doc]
                ///
                /// The matrix, for the qubits in the order of the arguments::
                ///
                $(#[doc = concat!("    ", $row)])+
                ///
                #[doc = concat!("Convention: ", $source, ".")]
                ///
                /// Parameters
                /// ----------
                $(
                    #[doc = concat!(stringify!($param), " : float, Parameter or Expression")]
                    ///     In radians.
                )*
                $(#[doc = about_qubit!($qubit)])+
                /// controls : int or sequence of int, optional
                ///     Further qubits that must have their control values.
                /// control_values : int or sequence of int, optional
                ///     The value, 0 or 1, that each of `controls` must have; all 1 if not given.
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
                #[doc = if_angled!($($param)*;
                    "    Where a qubit or a bit is no int, or an angle no real number, Parameter or Expression.",
                    "    Where a qubit or a bit is no int."
                )]
                /// ValueError
                #[doc = if_angled!($($param)*;
                    "    Where the circuit has no such qubit or bit, a qubit is listed twice, or an angle is not finite.",
                    "    Where the circuit has no such qubit or bit, or a qubit is listed twice."
                )]
                ///     The circuit is then as it was.
                ///
                /// See Also
                /// --------
                #[doc = concat!("numket.", stringify!($name), " : The same for an array.")]
                ///
                /// Examples
                /// --------
                #[doc = gate_example!(in_circuit $name)]
                #[pyo3(signature = ($($param,)* $($qubit,)+ *, controls=None, control_values=None, condition=None))]
                fn $name<'py>(
                    slf: Bound<'py, Self>,
                    $($param: &Bound<'py, PyAny>,)*
                    $($qubit: &Bound<'py, PyAny>,)+
                    controls: Option<&Bound<'_, PyAny>>,
                    control_values: Option<&Bound<'_, PyAny>>,
                    condition: Option<&Bound<'py, PyAny>>,
                ) -> PyResult<Bound<'py, Self>> {
                    let under = Under::of(controls, control_values, condition)?;
                    Circuit::gate(slf, &named::$name, [$($param),*], [$($qubit),+], under)
                }
            )+
        }
    };
}
crate::with_gates!(gates);
