//! A state of Rust's own memory.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

use num_complex::{Complex, Complex64};

use super::gates::{Act, Gates, Sealed};
use super::ket::{index_of, label_of};
use super::qubits::{Qubits, listed, signed};
use super::show::Shown;
use crate::apply::{self, apply};
use crate::dynamics::{Evolution, Kind};
use crate::error::{Error, Result};
use crate::exec::Crew;
use crate::gates::Entries;
use crate::kernels::OwnedSite;
use crate::layout::Layout;
use crate::memory::room_for_results;
use crate::observe::{self, Observable, Reading};
use crate::operator::{Operator, PauliString, fit_single, transpositions};
use crate::progress::Progress;
use crate::simd::{Isa, Real};
use crate::state::{StateMut, StateRef, States, StatesMut};

/// A state vector in memory that is yours: gates change it in place, nothing is copied.
///
/// Qubit 0 is the most significant bit of a basis index, the first character of a label. Gates are the
/// methods of [`Gates`]. Amplitudes are `Complex64` or `Complex32`, in a slice that is borrowed
/// ([`State::new`], or [`State::view`] to read only) or in a vector that is owned ([`Ket`](crate::Ket)).
///
/// ```
/// use numket::prelude::*;
///
/// let mut amplitudes = vec![Complex64::ZERO; 8]; // your memory
/// amplitudes[0] = Complex64::ONE;
///
/// let mut psi = State::new(&mut amplitudes)?;
/// psi.h(0)?.cx(0, 1)?.cx(1, 2)?;
/// let counts = psi.counts(.., 1000, 7)?;
/// assert_eq!(counts["000"] + counts["111"], 1000);
/// assert!((psi.expectation("XXX")? - 1.0).abs() < 1e-15);
///
/// assert!((amplitudes[7].re - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct State<S> {
    amplitudes: S,
    layout: Layout,
}

/// What an evolution may leave out of its series, for a state of norm 1.
const EVOLUTION_TOL: f64 = 1e-12;

/// How many basis states are shown.
const SHOWN: usize = 4;

/// The layout of so many amplitudes in a row.
fn layout_of(len: usize) -> Result<Layout> {
    match len.is_power_of_two() {
        true => Ok(Layout::flat(len.trailing_zeros() as usize)),
        false => Err(Error::Shape { argument: "amplitudes", shape: vec![len], batch: 0 }),
    }
}

impl<'a, T: Real> State<&'a mut [Complex<T>]> {
    /// A state of `2**n` amplitudes that are yours. They are used as they are, of whatever norm.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of amplitudes.
    pub fn new(amplitudes: &'a mut [Complex<T>]) -> Result<Self> {
        Ok(State { layout: layout_of(amplitudes.len())?, amplitudes })
    }
}

impl<'a, T: Real> State<&'a [Complex<T>]> {
    /// The same, to read only.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let amplitudes = [0.6, 0.8].map(Complex64::from);
    /// assert_eq!(State::view(&amplitudes)?.probabilities(..)?, [0.36, 0.8 * 0.8]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`State::new`].
    pub fn view(amplitudes: &'a [Complex<T>]) -> Result<Self> {
        Ok(State { layout: layout_of(amplitudes.len())?, amplitudes })
    }
}

impl<T: Real> State<Vec<Complex<T>>> {
    /// The same, of amplitudes that are handed over.
    ///
    /// # Errors
    /// As [`State::new`].
    pub fn from_vec(amplitudes: Vec<Complex<T>>) -> Result<Self> {
        Ok(State { layout: layout_of(amplitudes.len())?, amplitudes })
    }
}

impl<S> State<S> {
    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.layout.num_qubits()
    }

    /// The amplitudes as they were handed over.
    pub fn into_inner(self) -> S {
        self.amplitudes
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The bits of the address that qubits are.
    fn bits(&self, qubits: impl Qubits) -> Result<Vec<u8>> {
        let qubits = listed(qubits, self.num_qubits())?.into_iter();
        qubits.map(|qubit| Ok(self.layout.bit_of(signed(qubit))? as u8)).collect()
    }
}

impl<T: Real, S: Deref<Target = [Complex<T>]>> State<S> {
    /// The amplitudes, one for each basis index.
    pub fn amplitudes(&self) -> &[Complex<T>] {
        &self.amplitudes
    }

    /// As the rooms above take it.
    pub(super) fn read(&self) -> StateRef<'_, T> {
        StateRef::new(&self.amplitudes, &self.layout)
    }

    fn states(&self) -> States<'_, T> {
        States::new(&self.amplitudes, &self.layout)
    }

    /// The norm, summed in double precision.
    ///
    /// # Errors
    /// [`Error::Setting`] where an environment variable of numket has no meaning. All other methods that
    /// return a result may give this error too.
    pub fn norm(&self) -> Result<f64> {
        Ok(observe::norm(self.read(), self.reading()?))
    }

    /// Who reads the state once.
    fn reading(&self) -> Result<Crew> {
        Crew::new(observe::nanos(self.num_qubits()), None)
    }

    /// The inner product `<self|ket>`.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let (mut plus, zero) = (ket("0")?, ket("0")?);
    /// plus.h(0)?;
    /// assert!((zero.inner(&plus)?.re - 0.5f64.sqrt()).abs() < 1e-15);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::SizeMismatch`] where the other has another number of qubits.
    pub fn inner<R: Deref<Target = [Complex<T>]>>(&self, ket: &State<R>) -> Result<Complex64> {
        let (left, right) = (self.num_qubits(), ket.num_qubits());
        if left != right {
            return Err(Error::SizeMismatch { left, right });
        }
        Ok(observe::inner(self.read(), ket.read(), Crew::new(2.0 * observe::nanos(left), None)?))
    }

    /// The probability of the basis state with this label.
    ///
    /// # Errors
    /// [`Error::BasisState`] where there is none.
    pub fn probability(&self, label: &str) -> Result<f64> {
        let amplitude = self.amplitudes[index_of(label, self.num_qubits())?];
        let (re, im) = (amplitude.re.to_f64(), amplitude.im.to_f64());
        Ok(re * re + im * im)
    }

    /// The probabilities of the `2**k` outcomes of `k` qubits, the first of which is the most significant
    /// bit of an outcome.
    ///
    /// ```
    /// use numket::prelude::*;
    /// assert_eq!(ket("011")?.probabilities([0, 2])?, [0.0, 1.0, 0.0, 0.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], and [`Error::Results`] where there is no room for
    /// them.
    pub fn probabilities(&self, qubits: impl Qubits) -> Result<Vec<f64>> {
        let bits = self.bits(qubits)?;
        room_for_results(8 << bits.len())?;
        let mut out = vec![0.0; 1 << bits.len()];
        observe::probabilities(self.read(), &bits, &mut out, self.reading()?);
        Ok(out)
    }

    /// The `count` most probable basis states with their probabilities, the most probable first.
    ///
    /// # Errors
    /// [`Error::Results`].
    pub fn most_probable(&self, count: usize) -> Result<Vec<(usize, f64)>> {
        let count = count.min(self.amplitudes.len());
        room_for_results(size_of::<(usize, f64)>() as u128 * 2 * count as u128)?;
        Ok(observe::most_probable(self.read(), count, self.reading()?))
    }

    /// Outcomes of some qubits at random, each with the probability that it has, in the order drawn. The
    /// state stays as it is. A seed always gives the same outcomes, on any computer.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut psi = ket("00")?;
    /// psi.h(0)?;
    /// assert!(psi.sample(.., 100, 7)?.iter().all(|&index| index == 0b00 || index == 0b10));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], [`Error::NoNorm`] for a state of norm 0, NaN or
    /// infinity, and [`Error::Results`].
    pub fn sample(&self, qubits: impl Qubits, shots: usize, seed: u64) -> Result<Vec<usize>> {
        let bits = self.bits(qubits)?;
        room_for_results(8 * shots as u128)?;
        let mut drawn = vec![0i64; shots];
        let crew = Crew::new(observe::nanos_to_sample(&self.layout, shots), None)?;
        observe::sample(self.states(), &bits, seed, &mut drawn, crew)?;
        Ok(drawn.into_iter().map(|outcome| outcome as usize).collect())
    }

    /// How many of `shots` shots give each outcome, by its label: only outcomes that occur. Takes a time
    /// that does not grow with the shots. (The counts are not those of the outcomes that
    /// [`State::sample`] draws.)
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut psi = ket("00")?;
    /// psi.h(0)?.cx(0, 1)?;
    /// let counts = psi.counts(.., 1_000_000_000_000, 7)?;
    /// assert_eq!(counts["00"] + counts["11"], 1_000_000_000_000);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`State::sample`], and [`Error::Shots`] above `2**53` shots.
    pub fn counts(&self, qubits: impl Qubits, shots: u64, seed: u64) -> Result<BTreeMap<String, u64>> {
        let bits = self.bits(qubits)?;
        if shots > observe::MAX_SHOTS {
            return Err(Error::Shots { given: shots.to_string(), limit: observe::MAX_SHOTS });
        }
        let crew = Crew::new(observe::nanos_to_count(&self.layout, bits.len(), shots), None)?;
        let all = observe::counts(self.states(), &bits, seed, shots, crew)?;
        let each = 2 * size_of::<(String, u64)>() + bits.len();
        room_for_results(each as u128 * all.iter().map(Vec::len).sum::<usize>() as u128)?;
        let labelled = |(outcome, count)| (label_of(outcome as usize, bits.len()), count);
        Ok(all.into_iter().flatten().map(labelled).collect())
    }

    /// The expectation value `<psi|O|psi>`, not divided by the square of the norm, of an observable on all
    /// qubits: a string of Pauli letters, a `&PauliSum`, or any [`Observable`].
    ///
    /// ```
    /// use numket::prelude::*;
    /// let psi = ket("01")?;
    /// assert_eq!(psi.expectation("ZZ")?, -1.0);
    /// assert_eq!(psi.expectation(&PauliSum::of([("ZI", 0.5), ("IZ", 2.0)])?)?, -1.5);
    /// assert_eq!(psi.expectation(Observable::Diagonal(&[0.0, 7.0, 0.0, 0.0]))?, 7.0);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::SumSize`], [`Error::PauliLength`] or [`Error::OperatorSize`] where it has another number of
    /// qubits, [`Error::PauliLetter`], [`Error::NotFinite`], and [`Error::NotReal`] or
    /// [`Error::NotHermitian`] where its expectation values are not real.
    pub fn expectation<'o>(&self, observable: impl Into<Observable<'o>>) -> Result<f64> {
        self.observed(observable.into(), None, Reading::Mean)
    }

    /// The expectation value of an observable on some qubits.
    ///
    /// ```
    /// use numket::prelude::*;
    /// assert_eq!(ket("011")?.expectation_on("ZZ", [0, 2])?, -1.0);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`State::expectation`], [`Error::QubitRange`] and [`Error::RepeatedQubit`].
    pub fn expectation_on<'o>(
        &self,
        observable: impl Into<Observable<'o>>,
        qubits: impl Qubits,
    ) -> Result<f64> {
        self.observed(observable.into(), Some(&self.bits(qubits)?), Reading::Mean)
    }

    /// The variance of an observable on all qubits: the square of the norm of `(O - <O>)|psi>`.
    ///
    /// # Errors
    /// As [`State::expectation`].
    pub fn variance<'o>(&self, observable: impl Into<Observable<'o>>) -> Result<f64> {
        self.observed(observable.into(), None, Reading::Variance)
    }

    fn observed(
        &self,
        observable: Observable<'_>,
        bits: Option<&[u8]>,
        reading: Reading,
    ) -> Result<f64> {
        check_observable(&observable)?;
        let prepared = observable.prepare(&self.layout, bits, reading)?;
        Ok(prepared.read(self.read(), Crew::new(prepared.nanos(), None)?).re)
    }
}

/// Sees to it that an observable has finite numbers and real expectation values.
pub(super) fn check_observable(observable: &Observable<'_>) -> Result<()> {
    let finite = match observable {
        Observable::Sum(_) | Observable::Letters(_) => true,
        Observable::Matrix(entries) => entries.iter().all(|entry| entry.is_finite()),
        Observable::Diagonal(entries) => entries.iter().all(|entry| entry.is_finite()),
    };
    if !finite {
        return Err(Error::NotFinite { argument: "observable" });
    }
    match observable {
        Observable::Matrix(entries) if entries.len().isqrt().pow(2) == entries.len() => {
            observe::hermitian(entries, f64::EPSILON)
        }
        observable => observable.check_real(),
    }
}

impl<'a> From<&'a str> for Observable<'a> {
    fn from(letters: &'a str) -> Observable<'a> {
        Observable::Letters(letters)
    }
}

impl<'a> From<&'a String> for Observable<'a> {
    fn from(letters: &'a String) -> Observable<'a> {
        Observable::Letters(letters)
    }
}

impl<'a> From<&'a crate::PauliSum> for Observable<'a> {
    fn from(sum: &'a crate::PauliSum) -> Observable<'a> {
        Observable::Sum(sum)
    }
}

impl<T: Real, S: DerefMut<Target = [Complex<T>]>> State<S> {
    /// The amplitudes, to be written to.
    pub fn amplitudes_mut(&mut self) -> &mut [Complex<T>] {
        &mut self.amplitudes
    }

    pub(super) fn states_mut(&mut self) -> StatesMut<'_, T> {
        StatesMut::new(&mut self.amplitudes, &self.layout)
    }

    /// Scales it to norm 1.
    ///
    /// # Errors
    /// [`Error::NoNorm`] where the norm is 0, NaN or infinite.
    pub fn normalize(&mut self) -> Result<&mut Self> {
        let crew = Crew::new(apply::nanos_to_sweep(self.num_qubits()), None)?;
        observe::normalize(&mut self.states_mut(), crew)?;
        Ok(self)
    }

    /// Evolves it in time under a Hamiltonian, `exp(-i H t)`, with an error of 1e-12 and what rounding adds. Three
    /// states more are needed meanwhile.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut spin = ket("0")?;
    /// spin.evolve(&PauliSum::of([("X", 0.5)])?, std::f64::consts::PI)?; // half a Rabi period
    /// assert!((spin.probability("1")? - 1.0).abs() < 1e-12);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::SumSize`], [`Error::NotHermitianSum`], [`Error::NotFinite`], [`Error::TooLong`] and [`Error::Memory`].
    pub fn evolve(&mut self, hamiltonian: &crate::PauliSum, t: f64) -> Result<&mut Self> {
        let isa = Crew::alone()?.isa;
        let evolution = Evolution::new(hamiltonian, &self.layout, t, Kind::Unitary, EVOLUTION_TOL, isa)?;
        let crew = Crew::new(evolution.nanos_of_step(), None)?;
        evolution.run(&mut self.states_mut(), crew, &Progress::unwatched())?;
        Ok(self)
    }

    /// Measures qubits: the outcome of each, with the state collapsed to it and of the norm that it had. A
    /// seed always gives the same random numbers, so take another for each call.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut bell = ket("00")?;
    /// bell.h(0)?.cx(0, 1)?;
    /// let first = bell.measure(0, 7)?;
    /// assert_eq!(bell.measure(1, 8)?, first);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], and [`Error::NoNorm`].
    pub fn measure(&mut self, qubits: impl Qubits, seed: u64) -> Result<Vec<bool>> {
        let mut uniforms = observe::uniforms(seed);
        self.measured(qubits, || uniforms.next().expect("no end of random numbers"), false)
    }

    /// The same with random numbers of your own, one in [0, 1) for each qubit: the outcome is 1 where it is
    /// below the probability of 1.
    ///
    /// # Errors
    /// As [`State::measure`].
    pub fn measure_with(
        &mut self,
        qubits: impl Qubits,
        uniform: impl FnMut() -> f64,
    ) -> Result<Vec<bool>> {
        self.measured(qubits, uniform, false)
    }

    /// Brings qubits to 0: measures them, and flips those that give 1.
    ///
    /// # Errors
    /// As [`State::measure`].
    pub fn reset(&mut self, qubits: impl Qubits, seed: u64) -> Result<&mut Self> {
        let mut uniforms = observe::uniforms(seed);
        self.measured(qubits, || uniforms.next().expect("no end of random numbers"), true)?;
        Ok(self)
    }

    fn measured(
        &mut self,
        qubits: impl Qubits,
        mut uniform: impl FnMut() -> f64,
        reset: bool,
    ) -> Result<Vec<bool>> {
        let bits = self.bits(qubits)?;
        let uniforms: Vec<f64> = bits.iter().map(|_| uniform()).collect();
        let mut found = vec![0; bits.len()];
        let crew = Crew::new(observe::nanos_to_collapse(&self.layout), None)?;
        observe::measure(&mut self.states_mut(), &bits, &uniforms, &mut found, reset, crew)?;
        Ok(found.into_iter().map(|value| value == 1).collect())
    }

    /// Projects qubits to an outcome, by its label, and gives the probability that it had. The norm stays
    /// as it was.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let mut bell = ket("00")?;
    /// bell.h(0)?.cx(0, 1)?;
    /// assert!((bell.project(0, "1")? - 0.5).abs() < 1e-15);
    /// assert!((bell.probability("11")? - 1.0).abs() < 1e-15);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], [`Error::BasisState`] where the label is none of
    /// these qubits, [`Error::NoNorm`], and [`Error::Impossible`] for an outcome of probability 0.
    pub fn project(&mut self, qubits: impl Qubits, outcome: &str) -> Result<f64> {
        let bits = self.bits(qubits)?;
        let outcome = index_of(outcome, bits.len())? as u64;
        let crew = Crew::new(observe::nanos_to_collapse(&self.layout), None)?;
        let mut probability = [0.0];
        observe::project(&mut self.states_mut(), &bits, outcome, &mut probability, crew)?;
        Ok(probability[0])
    }
}

impl<S> Sealed for State<S> {}

impl<T: Real, S: DerefMut<Target = [Complex<T>]>> Gates for State<S> {
    type Angle = f64;

    fn num_qubits(&self) -> usize {
        self.layout.num_qubits()
    }

    fn act(&mut self, act: Act<'_, f64>, qubits: &[usize], controls: &[(usize, bool)]) -> Result<()> {
        act.check(qubits.len())?;
        let mut entries = Entries::default();
        let permuted;
        let mut own_controls = 0;
        let operator = match act {
            Act::Gate(gate, angles) => {
                if let Some(position) = angles.iter().position(|angle| !angle.is_finite()) {
                    return Err(Error::NotFinite { argument: gate.params[position] });
                }
                own_controls = gate.controls;
                gate.operator(angles, &mut entries)
            }
            Act::Dense(entries) | Act::Diagonal(entries)
                if size_of::<T>() == 4 && !fit_single(entries) =>
            {
                let argument = if matches!(act, Act::Dense(_)) { "matrix" } else { "diagonal" };
                return Err(Error::TooLarge { holder: format!("'{argument}'") });
            }
            Act::Dense(matrix) => Operator::Dense(matrix),
            Act::Diagonal(diagonal) => Operator::Diagonal(diagonal),
            Act::Permutation(permutation) => {
                permuted = transpositions(permutation)?;
                Operator::Permutation(&permuted)
            }
            Act::Pauli(string) => {
                entries[1] = Complex64::ONE;
                Operator::Pauli(string, &entries[..2])
            }
            Act::PauliRotation(string, &theta) => {
                if !theta.is_finite() {
                    return Err(Error::NotFinite { argument: "theta" });
                }
                entries[..2].copy_from_slice(&PauliString::rotation(theta));
                Operator::Pauli(string, &entries[..2])
            }
        };
        let mut site = OwnedSite::new();
        let (own, targets) = qubits.split_at(own_controls);
        let own = own.iter().map(|&qubit| (qubit, true));
        for (qubit, value) in own.chain(controls.iter().copied()) {
            site.fill(&self.layout, &[], &[(signed(qubit), value)], &[])?;
        }
        for &qubit in targets {
            site.fill(&self.layout, &[], &[], &[signed(qubit)])?;
        }
        let site = site.as_site();
        let crew = Crew::new(apply::nanos(self.layout.num_qubits(), &operator, &site), None)?;
        apply(&mut StateMut::new(&mut self.amplitudes, &self.layout), &operator, &site, crew);
        Ok(())
    }
}

/// Shows the number of qubits and the most probable basis states, however many there are.
impl<T: Real, S: Deref<Target = [Complex<T>]>> fmt::Debug for State<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let crew = self.reading().unwrap_or(Crew { isa: Isa::Scalar, threads: 1 });
        let found = observe::most_probable(self.read(), SHOWN, crew);
        let shown: Vec<_> = found
            .into_iter()
            .filter(|&(_, probability)| probability != 0.0)
            .map(|(index, _)| {
                let amplitude = self.amplitudes[index];
                let (re, im) = (amplitude.re.to_f64(), amplitude.im.to_f64());
                Shown(format!("({re:.6}{im:+.6}i)|{}>", label_of(index, self.num_qubits())))
            })
            .collect();
        let mut out = f.debug_struct("State");
        out.field("num_qubits", &self.num_qubits()).field("most_probable", &shown).finish()
    }
}
