//! Observables: what has an expectation value and a variance in a state.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use num_complex::Complex64;

use super::{Norms, SumApplier, SumReader, density, image, nanos, weighted};
use crate::error::{Error, Result};
use crate::exec::{Crew, each_state};
use crate::layout::Layout;
use crate::operator::PauliString;
use crate::pauli_sum::PauliSum;
use crate::simd::Real;
use crate::state::{StateRef, States};

/// What can be observed: an operator on `k` qubits.
///
/// ```
/// use numket::prelude::*;
///
/// let mut plus = ket("0")?;
/// plus.h(0)?;
/// assert!((plus.expectation(Observable::Letters("X"))? - 1.0).abs() < 1e-15);
/// assert!((plus.variance(Observable::Diagonal(&[1.0, -1.0]))? - 1.0).abs() < 1e-15);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy)]
pub enum Observable<'a> {
    /// A sum of Pauli strings.
    Sum(&'a PauliSum),
    /// A product of Pauli operators, as a letter for each qubit.
    Letters(&'a str),
    /// A Hermitian matrix, row by row.
    Matrix(&'a [Complex64]),
    /// The diagonal of a real diagonal matrix.
    Diagonal(&'a [f64]),
}

/// What is read of a state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// The expectation value `<O>`, not divided by the square of the norm.
    Mean,
    /// The variance: the square of the norm of `(O - <O>)|state>`.
    Variance,
}

/// How far a matrix may be from Hermitian, in units of its largest entry and of the machine epsilon.
const ROUNDINGS: f64 = 64.0;

/// Sees to it that a square matrix, the numbers of which have this precision, is Hermitian but for rounding.
///
/// # Errors
/// [`Error::NotHermitian`].
pub fn hermitian(entries: &[Complex64], epsilon: f64) -> Result<()> {
    let dim = entries.len().isqrt();
    let largest = entries.iter().map(|entry| entry.norm()).fold(0.0, f64::max);
    let accepted = ROUNDINGS * epsilon * largest;
    let mut deviation: f64 = 0.0;
    for row in 0..dim {
        for column in 0..=row {
            let other = entries[column * dim + row].conj();
            deviation = deviation.max((entries[row * dim + column] - other).norm());
        }
    }
    if deviation <= accepted { Ok(()) } else { Err(Error::NotHermitian { deviation, accepted }) }
}

impl<'a> Observable<'a> {
    /// Whether its expectation values are real.
    pub fn is_hermitian(&self) -> bool {
        match self {
            Observable::Sum(sum) => sum.is_hermitian(),
            Observable::Letters(_) | Observable::Matrix(_) | Observable::Diagonal(_) => true,
        }
    }

    /// A bound on how much longer it makes a state.
    pub fn reach(&self) -> f64 {
        match self {
            Observable::Sum(sum) => sum.terms().iter().map(|(_, value)| value.norm()).sum(),
            Observable::Letters(_) => 1.0,
            Observable::Matrix(entries) => entries.iter().map(|entry| entry.norm()).sum(),
            Observable::Diagonal(row) => row.iter().fold(0.0, |most, entry| entry.abs().max(most)),
        }
    }

    /// Sees to it that it acts on `qubits` qubits.
    ///
    /// # Errors
    /// [`Error::SumSize`], [`Error::PauliLetter`], [`Error::PauliLength`], and [`Error::OperatorSize`].
    pub fn check(&self, qubits: usize) -> Result<()> {
        let fits = |len: usize, factor: usize| match 1usize.checked_shl((factor * qubits) as u32)
            == Some(len)
        {
            true => Ok(()),
            false => Err(Error::OperatorSize { argument: "observable", shape: vec![len], qubits }),
        };
        match self {
            Observable::Sum(sum) => sum.check(qubits),
            Observable::Letters(letters) => PauliString::lettered(letters, qubits).map(drop),
            Observable::Matrix(entries) => fits(entries.len(), 2),
            Observable::Diagonal(entries) => fits(entries.len(), 1),
        }
    }

    /// The same, of entries that have this shape, on `qubits` qubits.
    ///
    /// # Errors
    /// [`Error::OperatorSize`] where an axis has not `2**qubits` entries.
    #[doc(hidden)]
    pub fn shaped(self, shape: &[usize], qubits: usize) -> Result<Observable<'a>> {
        match shape.iter().all(|&len| Some(len) == 1usize.checked_shl(qubits as u32)) {
            true => Ok(self),
            false => Err(Error::OperatorSize { argument: "observable", shape: shape.to_vec(), qubits }),
        }
    }

    /// Sees to it that its outcomes are real.
    ///
    /// # Errors
    /// [`Error::NotReal`].
    pub fn check_real(&self) -> Result<()> {
        if self.is_hermitian() { Ok(()) } else { Err(Error::NotReal) }
    }

    /// Prepares it to be read in states of a layout, on the qubits that `bits` are there, or on all.
    ///
    /// # Errors
    /// As [`Observable::check`], and [`Error::NotReal`] for the variance of a sum that is not Hermitian.
    #[doc(hidden)]
    pub fn prepare(
        &self,
        layout: &Layout,
        bits: Option<&[u8]>,
        reading: Reading,
    ) -> Result<Prepared<'a>> {
        let all = || layout.qubit_bits().map(|bit| bit as u8).collect();
        let qubits: Vec<u8> = bits.map_or_else(all, <[u8]>::to_vec);
        self.check(qubits.len())?;
        if reading == Reading::Variance {
            self.check_real()?;
        }
        let kind = match *self {
            Observable::Matrix(entries) => Kind::Matrix(entries, qubits),
            Observable::Diagonal(entries) => Kind::Diagonal(entries, qubits),
            Observable::Sum(_) | Observable::Letters(_) => {
                let sum = self.sum(layout, bits)?.expect("a sum");
                match reading {
                    Reading::Mean => {
                        let prepared = PreparedSum::of(&sum, layout);
                        prepared.readers(&sum);
                        Kind::Sum(prepared)
                    }
                    Reading::Variance => Kind::Spread(Box::new(Spread::new(&sum, layout)?)),
                }
            }
        };
        Ok(Prepared { kind, reading, num_qubits: layout.num_qubits() })
    }

    /// As a sum on all qubits of a layout, where it is made of Pauli operators.
    pub(crate) fn sum(&self, layout: &Layout, bits: Option<&[u8]>) -> Result<Option<Cow<'a, PauliSum>>> {
        let sum = match *self {
            Observable::Sum(sum) => Cow::Borrowed(sum),
            Observable::Letters(letters) => {
                let term = (PauliString::of(letters)?, Complex64::ONE);
                Cow::Owned(PauliSum::new(letters.len(), [term])?)
            }
            Observable::Matrix(_) | Observable::Diagonal(_) => return Ok(None),
        };
        Ok(Some(match bits {
            None => sum,
            Some(bits) => Cow::Owned(on_bits(&sum, layout, bits)?),
        }))
    }
}

/// A sum on all qubits of a layout, from one on those that `bits` are there.
fn on_bits(sum: &PauliSum, layout: &Layout, bits: &[u8]) -> Result<PauliSum> {
    // The number that each bit has among the qubits; axes of length 1 are none.
    let order: Vec<usize> = layout.qubit_bits().collect();
    let number =
        |&bit: &u8| order.iter().position(|&own| own == usize::from(bit)).expect("a bit of this layout");
    let numbers: Vec<usize> = bits.iter().map(number).collect();
    let n = layout.num_qubits();
    let term = |&(string, value): &(PauliString, Complex64)| (string.embedded(&numbers, n), value);
    PauliSum::new(n, sum.terms().iter().map(term))
}

/// An observable on states of one layout, ready to be read.
pub struct Prepared<'a> {
    kind: Kind<'a>,
    reading: Reading,
    num_qubits: usize,
}

enum Kind<'a> {
    /// The real and the imaginary part of a sum.
    Sum(Arc<PreparedSum>),
    /// A Hermitian sum, of which the variance is wanted.
    Spread(Box<Spread>),
    Matrix(&'a [Complex64], Vec<u8>),
    Diagonal(&'a [f64], Vec<u8>),
}

impl Prepared<'_> {
    /// What one thread needs for a state, in nanoseconds.
    pub fn nanos(&self) -> f64 {
        match &self.kind {
            Kind::Sum(sum) => sum.known_readers().iter().map(SumReader::nanos).sum(),
            Kind::Spread(spread) => {
                let norm = if spread.identity == 0.0 { 0.0 } else { nanos(self.num_qubits) };
                spread.reader.nanos() + spread.applier.nanos() + norm
            }
            Kind::Matrix(_, bits) => 2.0 * nanos(self.num_qubits + bits.len()),
            Kind::Diagonal(..) => 2.0 * nanos(self.num_qubits),
        }
    }

    /// Reads each state of a batch, in C order; see [`Prepared::read`].
    ///
    /// # Panics
    /// Where `out` has not as many elements.
    pub fn read_all<T: Real>(&self, states: States<'_, T>, out: &mut [Complex64], crew: Crew) {
        assert_eq!(out.len(), states.len(), "a number for each state");
        let (across, inside) = crew.shared_out(self.nanos());
        each_state(states, across, out, |_, state, out| out[0] = self.read(state, inside));
    }

    /// Reads a state of the layout, in double precision: real, but for the mean of what is not Hermitian. Has
    /// the same bits for any number of threads.
    pub fn read<T: Real>(&self, state: StateRef<'_, T>, crew: Crew) -> Complex64 {
        match &self.kind {
            Kind::Sum(sum) => {
                let [re, im] = sum.known_readers();
                Complex64::new(re.expectation(state, crew), im.expectation(state, crew))
            }
            Kind::Spread(spread) => spread.read(state, crew).into(),
            Kind::Matrix(matrix, bits) => {
                let dim = 1 << bits.len();
                let density = density(state, bits, crew);
                let mean = trace_of_product(matrix, &density, dim);
                match self.reading {
                    Reading::Mean => mean.into(),
                    Reading::Variance => {
                        let mut shifted = matrix.to_vec();
                        shifted.iter_mut().step_by(dim + 1).for_each(|entry| *entry -= mean);
                        image(state, &shifted, bits, crew).into()
                    }
                }
            }
            Kind::Diagonal(weights, bits) => {
                let mean = weighted(state, bits, weights, None, crew);
                match self.reading {
                    Reading::Mean => mean.into(),
                    Reading::Variance => weighted(state, bits, weights, Some(mean), crew).into(),
                }
            }
        }
    }
}

/// A sum that is prepared for states of one layout. The sum itself keeps it, as loops observe it again and again.
pub(crate) struct PreparedSum {
    layout: Layout,
    /// They read the real and the imaginary part; made when they are first needed.
    readers: OnceLock<[SumReader; 2]>,
    /// The same for what applies it.
    applier: OnceLock<SumApplier>,
}

impl PreparedSum {
    /// It, made now or before; a sum that was made for this call alone keeps nothing.
    #[allow(clippy::ptr_arg, reason = "what is borrowed lives on after the call")]
    pub(crate) fn of(sum: &Cow<'_, PauliSum>, layout: &Layout) -> Arc<PreparedSum> {
        let make = || PreparedSum {
            layout: layout.clone(),
            readers: OnceLock::new(),
            applier: OnceLock::new(),
        };
        match sum {
            Cow::Borrowed(sum) => sum.kept(|known: &PreparedSum| known.layout == *layout, make),
            Cow::Owned(_) => Arc::new(make()),
        }
    }

    /// What reads it; `sum` is the sum that it was made of.
    fn readers(&self, sum: &PauliSum) -> &[SumReader; 2] {
        self.readers.get_or_init(|| sum.re_im().map(|part| SumReader::new(&part, &self.layout)))
    }

    /// The same, made before.
    fn known_readers(&self) -> &[SumReader; 2] {
        self.readers.get().expect("made where the observable was prepared")
    }

    /// What applies it.
    pub(crate) fn applier(&self, sum: &PauliSum) -> &SumApplier {
        self.applier.get_or_init(|| SumApplier::new(sum, &self.layout))
    }
}

/// What reads the variance of a Hermitian sum.
struct Spread {
    /// The coefficient of the identity, which shifts all outcomes alike. It is left out of the rest: where it is large,
    /// it would take their digits.
    identity: f64,
    reader: SumReader,
    applier: SumApplier,
}

impl Spread {
    fn new(sum: &PauliSum, layout: &Layout) -> Result<Spread> {
        let is_identity = |string: &PauliString| string.x == 0 && string.z == 0;
        let (identities, others): (Vec<_>, Vec<_>) =
            sum.terms().iter().partition(|(string, _)| is_identity(string));
        let identity = identities.iter().map(|(_, value)| value.re).sum();
        let rest = PauliSum::new(sum.num_qubits(), others)?;
        let (reader, applier) = (SumReader::new(&rest, layout), SumApplier::new(&rest, layout));
        Ok(Spread { identity, reader, applier })
    }

    fn read<T: Real>(&self, state: StateRef<'_, T>, crew: Crew) -> f64 {
        let mut shift = self.reader.expectation(state, crew);
        if self.identity != 0.0 {
            // The mean is not divided by the norm, so a state of another norm than 1 has the identity shifted too.
            let square = Norms::new(state.layout()).squares(state, None, crew);
            shift += self.identity * (square - 1.0);
        }
        self.applier.norm_sqr(state, shift, crew)
    }
}

/// The trace of the product of two Hermitian matrices.
fn trace_of_product(a: &[Complex64], b: &[Complex64], dim: usize) -> f64 {
    (0..dim * dim).map(|i| (a[i] * b[i % dim * dim + i / dim]).re).sum()
}
