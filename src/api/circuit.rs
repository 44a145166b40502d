//! Circuits with named parameters.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use num_complex::Complex;

use super::gates::{Act, Gates, Sealed};
use super::qubits::{Qubits, first, listed, signed};
use super::show::Few;
use super::state::check_observable;
use super::{Angle, Ket, State, Values};
use crate::circuit::{self, Action, Compiled, Gradient, Named, Names, Operation, Start};
use crate::error::{Error, Result};
use crate::exec::Crew;
use crate::layout::Layout;
use crate::memory::room_for_state;
use crate::observe::{self, Observable};
use crate::pauli_sum::PauliSum;
use crate::progress::Progress;
use crate::qasm;
use crate::simd::{Isa, Real};
use crate::state::StateRef;

/// Operations on qubits, which are fused, planned once, and done in place in few passes over a state.
///
/// Gates are the methods of [`Gates`]; an angle is a number, the name of a parameter, or an [`Angle`].
///
/// ```
/// use numket::prelude::*;
///
/// let mut circuit = Circuit::new(2)?;
/// circuit.h(0)?.rx("theta", 1)?.cx(0, 1)?.rz(2.0 * parameter("theta"), 1)?;
///
/// let mut amplitudes = [1.0, 0.0, 0.0, 0.0].map(Complex64::from); // your memory
/// circuit.run(&mut State::new(&mut amplitudes)?, [("theta", 0.3)])?;
///
/// let (energy, gradient) = circuit.gradient("XX", [("theta", 0.3)])?;
/// assert!((energy - 0.6f64.cos()).abs() < 1e-15);
/// assert!((gradient[0] + 2.0 * 0.6f64.sin()).abs() < 1e-14);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Circuit {
    named: Named,
}

impl Circuit {
    /// A circuit without operations.
    ///
    /// # Errors
    /// [`Error::CircuitQubits`] for more than 62 qubits, of which no memory holds a state.
    pub fn new(num_qubits: usize) -> Result<Circuit> {
        Ok(Circuit { named: Named::sized(signed(num_qubits), 0)? })
    }

    /// Reads OpenQASM 2 or 3. Inputs of the text become parameters.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; h q[0]; cx q[0], q[1];";
    /// let circuit = Circuit::from_qasm(text)?;
    /// assert_eq!((circuit.num_qubits(), circuit.len()), (2, 2));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Qasm`], where the text is not OpenQASM, or asks for what a circuit cannot do.
    pub fn from_qasm(text: &str) -> Result<Circuit> {
        let program = qasm::read(text, &qasm::Options::default(), &mut || true)?;
        Ok(Circuit { named: program.circuit })
    }

    /// Writes OpenQASM 3.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut circuit = Circuit::new(1)?;
    /// circuit.h(0)?;
    /// assert!(circuit.to_qasm()?.ends_with("h q[0];\n"));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unwritable`], where OpenQASM has no statement for an operation, or no such name for a parameter.
    pub fn to_qasm(&self) -> Result<String> {
        Ok(qasm::write(&self.named)?)
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.named.num_qubits()
    }

    /// Number of classical bits.
    pub fn num_bits(&self) -> usize {
        self.named.num_bits()
    }

    /// Number of operations.
    pub fn len(&self) -> usize {
        self.named.operations().len()
    }

    /// Whether there are no operations.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of the parameters, in the order of their first use.
    pub fn parameters(&self) -> impl Iterator<Item = &str> + Clone {
        self.named.names().iter()
    }

    /// Appends an operation of these angles.
    fn push(
        &mut self,
        act: Act<'_, Angle>,
        qubits: &[usize],
        controls: &[(usize, bool)],
        condition: &[(usize, bool)],
    ) -> Result<()> {
        act.check(qubits.len())?;
        let mut names = Names::default();
        let action = match act {
            Act::Gate(gate, angles) => {
                let given = angles.iter().zip(gate.params);
                let angles = given.map(|(angle, name)| angle.numbered(name, &mut names));
                Action::Gate(gate, angles.collect::<Result<_>>()?)
            }
            Act::Dense(entries) => Action::Dense(entries.into()),
            Act::Diagonal(entries) => Action::Diagonal(entries.into()),
            Act::Permutation(permutation) => Operation::permutation(permutation)?,
            Act::Pauli(string) => Action::Pauli(string),
            Act::PauliRotation(string, theta) => {
                Action::PauliRotation(string, theta.numbered("theta", &mut names)?)
            }
        };
        let action = action.only_if(condition.to_vec());
        self.named.push(action, &names, qubits.to_vec(), controls.to_vec())
    }

    /// Appends `exp(-i gamma C)` for the `2**k` values of a real diagonal C on `k` qubits, as a cost function has them.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let cut = [0.0, 1.0, 1.0, 0.0];
    /// let mut qaoa = Circuit::new(2)?;
    /// qaoa.h(..)?.phase(&cut, "gamma", ..)?.rx(2.0 * parameter("beta"), ..)?;
    /// let half = std::f64::consts::FRAC_PI_2;
    /// let zz = qaoa.expectation("ZZ", [("gamma", half), ("beta", half / 4.0)])?;
    /// assert!((zz + 1.0).abs() < 1e-15); // every cut is a best one
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], [`Error::OperatorSize`], and [`Error::NotFinite`] where a value
    /// or the angle is not, or their product.
    pub fn phase(
        &mut self,
        diagonal: &[f64],
        gamma: impl Into<Angle>,
        qubits: impl Qubits,
    ) -> Result<&mut Self> {
        let qubits = listed(qubits, self.num_qubits())?;
        if diagonal.len() != 1 << qubits.len() {
            let (shape, qubits) = (vec![diagonal.len()], qubits.len());
            return Err(Error::OperatorSize { argument: "diagonal", shape, qubits });
        }
        let mut names = Names::default();
        let gamma = gamma.into().numbered("gamma", &mut names)?;
        let cost = self.named.cost(diagonal, &gamma)?;
        self.named.push(Action::Phase(cost, gamma), &names, qubits, Vec::new())?;
        Ok(self)
    }

    /// Appends an approximation of the evolution in time under a Hamiltonian, `exp(-i H t)`, in `steps` steps of Suzuki's
    /// product formula of order 1, 2 or 4.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let ising = PauliSum::of([("ZZ", -1.0), ("XI", -0.5), ("IX", -0.5)])?;
    /// let mut circuit = Circuit::new(2)?;
    /// circuit.trotter(&ising, "t", 20, 4, ..)?;
    /// let (mut steps, mut exact) = (ket("00")?, ket("00")?);
    /// circuit.run(&mut steps, [("t", 1.0)])?;
    /// exact.evolve(&ising, 1.0)?;
    /// assert!((steps.inner(&exact)?.norm() - 1.0).abs() < 1e-9);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], [`Error::SumSize`], [`Error::NotHermitianSum`],
    /// [`Error::NotFinite`], [`Error::Steps`] for none, [`Error::Order`] for another one, and [`Error::Results`] where
    /// there is no room for so many operations.
    pub fn trotter(
        &mut self,
        hamiltonian: &PauliSum,
        t: impl Into<Angle>,
        steps: usize,
        order: usize,
        qubits: impl Qubits,
    ) -> Result<&mut Self> {
        let qubits = listed(qubits, self.num_qubits())?;
        let mut names = Names::default();
        let t = t.into().numbered("t", &mut names)?;
        let formula = (signed(steps), signed(order));
        self.named.trotter(hamiltonian, (&t, &names), formula, &qubits, &[], &[])?;
        Ok(self)
    }

    /// Appends a measurement of some qubits into the next classical bits.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut circuit = Circuit::new(2)?;
    /// circuit.h(0)?.measure(0)?.only_if([(0, true)]).x(1)?;
    /// let mut psi = ket("00")?;
    /// let bits = circuit.run_seeded(&mut psi, (), 7)?;
    /// assert!((psi.probability(if bits[0] { "11" } else { "00" })? - 1.0).abs() < 1e-15);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::QubitRange`] and [`Error::RepeatedQubit`].
    pub fn measure(&mut self, qubits: impl Qubits) -> Result<&mut Self> {
        let first = self.named.next_bit();
        let list = listed(qubits, self.num_qubits())?;
        let bits: Vec<usize> = (first..first + list.len()).collect();
        self.measure_into(list, &bits)
    }

    /// Appends a measurement of some qubits, each into the classical bit at its position in `bits`.
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], [`Error::OutcomeBits`] where there are not as many
    /// bits as qubits, [`Error::BitRange`] and [`Error::RepeatedBit`].
    pub fn measure_into(&mut self, qubits: impl Qubits, bits: &[usize]) -> Result<&mut Self> {
        self.draw(Action::Measure(bits.to_vec(), None), qubits)
    }

    /// Appends resets: each qubit becomes 0.
    ///
    /// # Errors
    /// [`Error::QubitRange`] and [`Error::RepeatedQubit`].
    pub fn reset(&mut self, qubits: impl Qubits) -> Result<&mut Self> {
        self.draw(Action::Reset, qubits)
    }

    fn draw(&mut self, action: Action, qubits: impl Qubits) -> Result<&mut Self> {
        let qubits = listed(qubits, self.num_qubits())?;
        self.named.push(action, &Names::default(), qubits, Vec::new())?;
        Ok(self)
    }

    /// What appends gates that are done only if classical bits have these values.
    pub fn only_if(&mut self, condition: impl IntoIterator<Item = (usize, bool)>) -> OnlyIf<'_> {
        let condition = first(condition, self.num_bits());
        OnlyIf { circuit: self, condition }
    }

    /// Appends the operations of another circuit, the qubit i of which becomes `qubits[i]`. Parameters of
    /// the same name are the same.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut bell = Circuit::new(2)?;
    /// bell.h(0)?.cx(0, 1)?;
    /// let mut circuit = Circuit::new(3)?;
    /// circuit.compose(&bell, [2, 0])?.compose(&bell.inverse()?, [2, 0])?;
    /// assert!((circuit.expectation("ZZZ", ())? - 1.0).abs() < 1e-15);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OneForEach`] where it has not as many qubits as are listed, [`Error::QubitRange`] and
    /// [`Error::RepeatedQubit`].
    pub fn compose(&mut self, other: &Circuit, qubits: impl Qubits) -> Result<&mut Self> {
        let qubits = listed(qubits, self.num_qubits())?;
        let bits: Vec<usize> = (0..other.num_bits()).collect();
        self.named.compose(&other.named, &qubits, &bits)?;
        Ok(self)
    }

    /// The circuit that undoes this one: the adjoints of its operations, in reverse order. A matrix or a diagonal
    /// that is not unitary also becomes its adjoint, which does not undo it.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut circuit = Circuit::new(1)?;
    /// circuit.apply_diagonal(&[1.0.into(), 0.5.into()], 0)?;
    /// circuit.compose(&circuit.inverse()?, 0)?;
    /// let mut psi = ket("1")?;
    /// circuit.run(&mut psi, ())?;
    /// assert_eq!(psi.amplitudes()[1].re, 0.25); // 0.5 twice
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Irreversible`] where it measures or resets.
    pub fn inverse(&self) -> Result<Circuit> {
        Ok(Circuit { named: self.named.inverse()? })
    }

    /// The values in order, as far as all angles are finite for them.
    fn checked(&self, params: impl Values) -> Result<Vec<f64>> {
        let values = params.in_order(self.named.names())?;
        self.named.check(&values)?;
        Ok(values)
    }

    fn compiled<T: Real>(&self, start: Start, isa: Isa) -> Result<Arc<Compiled<T>>> {
        let layout = Layout::flat(self.num_qubits());
        Ok(self.named.compiled(&layout, start, isa, &Progress::unwatched())?.expect("nobody stops it"))
    }

    /// Does all operations to a state, in place.
    ///
    /// # Errors
    /// [`Error::CircuitSize`] where the state has another number of qubits; [`Error::UnknownParameter`],
    /// [`Error::NoValue`], [`Error::TwoValues`] and [`Error::ValueCount`] where the
    /// values are not those of the parameters; [`Error::NotFinite`]; [`Error::TooLarge`]; and [`Error::NeedsSeed`] where the
    /// circuit measures or resets: see [`Circuit::run_seeded`].
    pub fn run<T: Real, S: DerefMut<Target = [Complex<T>]>>(
        &self,
        state: &mut State<S>,
        params: impl Values,
    ) -> Result<()> {
        self.draws_nothing()?;
        self.run_seeded(state, params, 0).map(drop)
    }

    /// As [`Circuit::run`], also for circuits that measure or reset: the classical bits at the end. The same
    /// seed always gives the same outcomes in the same state.
    ///
    /// # Errors
    /// As [`Circuit::run`], and [`Error::NoNorm`] where a state without norm is to be measured: after some
    /// operations, if these took the norm from it.
    pub fn run_seeded<T: Real, S: DerefMut<Target = [Complex<T>]>>(
        &self,
        state: &mut State<S>,
        params: impl Values,
        seed: u64,
    ) -> Result<Vec<bool>> {
        self.run_from(Start::Given, state, params, seed)
    }

    fn run_from<T: Real, S: DerefMut<Target = [Complex<T>]>>(
        &self,
        start: Start,
        state: &mut State<S>,
        params: impl Values,
        seed: u64,
    ) -> Result<Vec<bool>> {
        self.named.fits(state.layout())?;
        let values = circuit::Values::new(&self.checked(params)?)?;
        let compiled = self.compiled::<T>(start, Isa::chosen()?)?;
        let uniforms: Vec<f64> = observe::uniforms(seed).take(self.named.num_draws()).collect();
        let mut bits = vec![0; if uniforms.is_empty() { 0 } else { self.num_bits() }];
        let (crew, _) = compiled.crew(&values, 1, None)?;
        let progress = Progress::unwatched();
        let states = &mut state.states_mut();
        let run = compiled.run(states, start, &values, &uniforms, &mut bits, crew, &progress);
        run.map_err(|_| Error::NoNorm)?;
        bits.resize(self.num_bits(), 0);
        Ok(bits.into_iter().map(|bit| bit == 1).collect())
    }

    /// Writes what the circuit makes of |0...0> to a state, which is not read: as [`Circuit::run`] on that state, and
    /// faster.
    ///
    /// ```
    /// use numket::prelude::*;
    ///
    /// let mut amplitudes = vec![Complex64::ONE; 4];
    /// let mut state = State::new(&mut amplitudes[..])?;
    /// let mut circuit = Circuit::new(2)?;
    /// circuit.x(0)?.cx(0, 1)?;
    /// circuit.prepare(&mut state, &[] as &[f64])?;
    /// assert_eq!(amplitudes, [0.0, 0.0, 0.0, 1.0].map(Complex64::from));
    /// # Ok::<(), numket::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Circuit::run`].
    pub fn prepare<T: Real, S: DerefMut<Target = [Complex<T>]>>(
        &self,
        state: &mut State<S>,
        params: impl Values,
    ) -> Result<()> {
        self.draws_nothing()?;
        self.run_from(Start::Zeros, state, params, 0).map(drop)
    }

    fn draws_nothing(&self) -> Result<()> {
        if self.named.num_draws() == 0 { Ok(()) } else { Err(Error::NeedsSeed) }
    }

    /// The expectation value of an observable after the circuit, from |0...0>; see [`State::expectation`].
    ///
    /// # Errors
    /// As [`Circuit::run`] and [`State::expectation`], and [`Error::Memory`].
    pub fn expectation<'o>(
        &self,
        observable: impl Into<Observable<'o>>,
        params: impl Values,
    ) -> Result<f64> {
        let mut state = Ket::zero(self.num_qubits())?;
        self.run(&mut state, params)?;
        state.expectation(observable)
    }

    /// The expectation value of an observable after the circuit, from |0...0>, and its derivatives by all
    /// parameters, in the order of [`Circuit::parameters`]. They come from adjoint differentiation
    /// (arXiv:2009.02823): in the time of a few runs, however many there are.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut circuit = Circuit::new(1)?;
    /// circuit.ry("theta", 0)?;
    /// let (value, gradient) = circuit.gradient("Z", [0.3])?;
    /// assert!((value - 0.3f64.cos()).abs() < 1e-15);
    /// assert!((gradient[0] + 0.3f64.sin()).abs() < 1e-15);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Circuit::expectation`], [`Error::Irreversible`] where the circuit measures or resets, and
    /// [`Error::NotUnitary`].
    pub fn gradient<'o>(
        &self,
        observable: impl Into<Observable<'o>>,
        params: impl Values,
    ) -> Result<(f64, Vec<f64>)> {
        self.gradient_of::<f64>(None, observable.into(), params)
    }

    /// As [`Circuit::gradient`], from a state of yours, which is only read.
    ///
    /// # Errors
    /// As there.
    pub fn gradient_from<'o, T: Real, S: Deref<Target = [Complex<T>]>>(
        &self,
        start: &State<S>,
        observable: impl Into<Observable<'o>>,
        params: impl Values,
    ) -> Result<(f64, Vec<f64>)> {
        self.named.fits(start.layout())?;
        self.gradient_of(Some(start.read()), observable.into(), params)
    }

    fn gradient_of<T: Real>(
        &self,
        start: Option<StateRef<'_, T>>,
        observable: Observable<'_>,
        params: impl Values,
    ) -> Result<(f64, Vec<f64>)> {
        let (n, isa, progress) = (self.num_qubits(), Isa::chosen()?, Progress::unwatched());
        let values = self.checked(params)?;
        check_observable(&observable)?;
        observable.check(n)?;
        Gradient::<T>::check(&[observable], &[1.0])?;
        room_for_state((2 * size_of::<Complex<T>>() as u128) << n.min(64))?;
        let adjoint = self.named.adjoint::<T>(isa, &progress)?.expect("nobody stops it");
        let from = if start.is_some() { Start::Given } else { Start::Zeros };
        let forward = self.compiled::<T>(from, isa)?;
        let gradient = Gradient::new(n, &forward, &adjoint, &[observable], None, &[1.0])?;
        let mut room = vec![Complex::new(T::default(), T::default()); gradient.room_of_one()];
        let (mut value, mut derivatives) = ([0.0], vec![0.0; values.len()]);
        let crew = Crew::new(gradient.nanos(), None)?;
        gradient.run(start, &values, &mut room, &mut value, &mut derivatives, crew, &progress);
        Ok((value[0], derivatives))
    }
}

/// Shows how many operations there are, and the first parameters.
impl fmt::Debug for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Circuit")
            .field("num_qubits", &self.num_qubits())
            .field("operations", &self.len())
            .field("parameters", &Few(self.parameters()))
            .finish()
    }
}

impl Sealed for Circuit {}

impl Gates for Circuit {
    type Angle = Angle;

    fn num_qubits(&self) -> usize {
        self.named.num_qubits()
    }

    fn act(&mut self, act: Act<'_, Angle>, qubits: &[usize], controls: &[(usize, bool)]) -> Result<()> {
        self.push(act, qubits, controls, &[])
    }
}

/// A circuit that takes gates under a condition; see [`Circuit::only_if`].
#[derive(Debug)]
#[must_use = "a condition does nothing without a gate"]
pub struct OnlyIf<'a> {
    circuit: &'a mut Circuit,
    condition: Vec<(usize, bool)>,
}

impl Sealed for OnlyIf<'_> {}

impl Gates for OnlyIf<'_> {
    type Angle = Angle;

    fn num_qubits(&self) -> usize {
        self.circuit.num_qubits()
    }

    fn act(&mut self, act: Act<'_, Angle>, qubits: &[usize], controls: &[(usize, bool)]) -> Result<()> {
        self.circuit.push(act, qubits, controls, &self.condition)
    }
}
