//! Sums of Pauli strings: observables and Hamiltonians, as values.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use num_complex::Complex64;

use crate::error::{Error, Result};
pub use crate::operator::MAX_QUBITS;
use crate::operator::PauliString;

/// A sum of Pauli strings on some qubits, each with a coefficient that is not 0, in the order in which
/// they first came.
///
/// Sums have `+`, `-` and `*` with each other, where `*` is the product of operators, the right one applied first;
/// and with numbers, also `/`. A number that is added counts as that multiple of the identity. `iter.sum()` adds many.
///
/// ```
/// use numket::prelude::*;
/// let (x, z) = (PauliSum::of([("XI", 0.5)])?, PauliSum::of([("ZZ", 1.0)])?);
/// let sum = 2.0 * (&x - &z) + 1.0;
/// assert_eq!(sum, PauliSum::of([("XI", 1.0), ("ZZ", -2.0), ("II", 1.0)])?);
/// assert_eq!(&x * &z + &z * &x, 0.0 * &x); // they anticommute
/// # Ok::<(), Error>(())
/// ```
///
/// # Panics
/// Operators panic where [`PauliSum::plus`], [`PauliSum::times`] and [`PauliSum::scaled`] return an error: for sums on
/// different numbers of qubits, and where a coefficient is no finite number.
#[derive(Clone)]
pub struct PauliSum {
    num_qubits: usize,
    terms: Vec<(PauliString, Complex64)>,
    kept: Kept,
}

/// What was made of a sum when it was last used, one thing of each type; no part of its value.
#[derive(Default)]
struct Kept(Mutex<Vec<Arc<dyn Any + Send + Sync>>>);

impl Clone for Kept {
    fn clone(&self) -> Kept {
        Kept(Mutex::new(self.lock().clone()))
    }
}

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<dyn Any + Send + Sync>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PauliSum {
    /// What was made of the sum before, if it `fits`, else what is made now and kept in its place.
    pub(crate) fn kept<K: Any + Send + Sync>(
        &self,
        fits: impl FnOnce(&K) -> bool,
        make: impl FnOnce() -> K,
    ) -> Arc<K> {
        let known = self.kept.lock().iter().find_map(|known| known.clone().downcast::<K>().ok());
        if let Some(known) = known.filter(|known| fits(known)) {
            return known;
        }
        let made = Arc::new(make());
        let mut kept = self.kept.lock();
        kept.retain(|known| !known.is::<K>());
        kept.push(made.clone());
        made
    }

    /// The sum of these terms: equal strings are merged, and what cancels is left out.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a coefficient that is NaN or infinite, also after merging,
    /// [`Error::PauliLength`] for a string that acts on more qubits than there are, and
    /// [`Error::TooManyQubits`] beyond 64.
    pub fn new(
        num_qubits: usize,
        terms: impl IntoIterator<Item = (PauliString, Complex64)>,
    ) -> Result<PauliSum> {
        if num_qubits > MAX_QUBITS {
            return Err(Error::TooManyQubits { num_qubits, limit: MAX_QUBITS });
        }
        let mut merged: Vec<(PauliString, Complex64)> = Vec::new();
        let mut places = HashMap::new();
        for (string, coefficient) in terms {
            let letters = (u64::BITS - (string.x | string.z).leading_zeros()) as usize;
            if letters > num_qubits {
                return Err(Error::PauliLength { letters, qubits: num_qubits });
            }
            if !coefficient.is_finite() {
                return Err(Error::NotFinite { argument: "coefficients" });
            }
            let place = *places.entry(string).or_insert_with(|| {
                merged.push((string, Complex64::ZERO));
                merged.len() - 1
            });
            merged[place].1 += coefficient;
        }
        if !merged.iter().all(|(_, coefficient)| coefficient.is_finite()) {
            return Err(Error::NotFinite { argument: "coefficients" });
        }
        merged.retain(|(_, coefficient)| *coefficient != Complex64::ZERO);
        Ok(PauliSum { num_qubits, terms: merged, kept: Kept::default() })
    }

    /// The sum of strings with a letter for each qubit, and their coefficients.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let sum = PauliSum::of([("ZZI", -1.0), ("IZZ", -1.0), ("XII", 0.5)])?;
    /// assert_eq!((sum.num_qubits(), sum.terms().len()), (3, 3));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::PauliLetter`] for another letter than I, X, Y and Z, [`Error::PauliLength`] where strings
    /// have different lengths, [`Error::MissingSize`] where there are none, [`Error::TooManyQubits`] and
    /// [`Error::NotFinite`].
    pub fn of<'s, C: Into<Complex64>>(
        terms: impl IntoIterator<Item = (&'s str, C)>,
    ) -> Result<PauliSum> {
        let mut sum = Terms::new(None);
        for (letters, coefficient) in terms {
            sum.push(letters, coefficient.into())?;
        }
        sum.sum()
    }

    /// The sum of strings with a letter for each of the qubits that are listed with them, and their
    /// coefficients.
    ///
    /// ```
    /// use numket::prelude::*;
    /// let n = 10; // a transverse-field Ising chain
    /// let coupling = PauliSum::on(n, (0..n - 1).map(|q| ("ZZ", [q, q + 1], -1.0)))?;
    /// let field = PauliSum::on(n, (0..n).map(|q| ("X", [q], -0.5)))?;
    /// assert_eq!(coupling.plus(&field)?.terms().len(), 19);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::PauliLetter`], [`Error::PauliLength`] where there are not as many letters as qubits,
    /// [`Error::QubitRange`], [`Error::RepeatedQubit`], [`Error::TooManyQubits`] and [`Error::NotFinite`].
    pub fn on<'s, Q: AsRef<[usize]>, C: Into<Complex64>>(
        num_qubits: usize,
        terms: impl IntoIterator<Item = (&'s str, Q, C)>,
    ) -> Result<PauliSum> {
        let mut sum = Terms::new(Some(num_qubits));
        for (letters, qubits, coefficient) in terms {
            let signed = |&qubit| i64::try_from(qubit).unwrap_or(i64::MAX);
            let qubits: Vec<i64> = qubits.as_ref().iter().map(signed).collect();
            sum.push_on(letters, &qubits, coefficient.into())?;
        }
        sum.sum()
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The strings with their coefficients.
    pub fn terms(&self) -> &[(PauliString, Complex64)] {
        &self.terms
    }

    /// Whether the sum is its own adjoint: all coefficients are real.
    pub fn is_hermitian(&self) -> bool {
        self.terms.iter().all(|(_, coefficient)| coefficient.im == 0.0)
    }

    /// Whether its matrix is real: it is a sum of strings with an even number of Y and real coefficients.
    pub fn is_real(&self) -> bool {
        self.terms.iter().all(|&(string, coefficient)| (coefficient * string.phase()).im == 0.0)
    }

    /// Sees to it that its matrix is real.
    ///
    /// # Errors
    /// [`Error::NotRealOperator`].
    pub fn check_real(&self) -> Result<()> {
        if self.is_real() {
            Ok(())
        } else {
            Err(Error::NotRealOperator { operator: "the sum".to_owned() })
        }
    }

    /// Sees to it that it is Hermitian.
    ///
    /// # Errors
    /// [`Error::NotHermitianSum`].
    pub fn check_hermitian(&self) -> Result<()> {
        let deviation = self.terms.iter().map(|(_, value)| 2.0 * value.im.abs()).fold(0.0, f64::max);
        if deviation > 0.0 { Err(Error::NotHermitianSum { deviation }) } else { Ok(()) }
    }

    /// The sum of the real parts and that of the imaginary parts of all coefficients, both Hermitian.
    pub fn re_im(&self) -> [PauliSum; 2] {
        let part = |of: fn(Complex64) -> f64| {
            let terms = self.terms.iter().map(|&(string, c)| (string, Complex64::from(of(c))));
            let terms = terms.filter(|(_, c)| c.re != 0.0).collect();
            PauliSum { num_qubits: self.num_qubits, terms, kept: Kept::default() }
        };
        [part(|c| c.re), part(|c| c.im)]
    }

    /// This sum times a number.
    ///
    /// # Errors
    /// As for [`PauliSum::new`].
    pub fn scaled(&self, factor: Complex64) -> Result<PauliSum> {
        PauliSum::new(self.num_qubits, self.terms.iter().map(|&(string, c)| (string, c * factor)))
    }

    /// This sum and a multiple of the identity.
    ///
    /// # Errors
    /// As for [`PauliSum::new`].
    pub fn plus_number(&self, number: Complex64) -> Result<PauliSum> {
        let identity = (PauliString::default(), number);
        PauliSum::new(self.num_qubits, self.terms.iter().copied().chain([identity]))
    }

    /// This sum and another.
    ///
    /// # Errors
    /// [`Error::SumSize`] where the other has another number of qubits; as for [`PauliSum::new`].
    pub fn plus(&self, other: &PauliSum) -> Result<PauliSum> {
        self.same_size(other)?;
        PauliSum::new(self.num_qubits, self.terms.iter().chain(&other.terms).copied())
    }

    /// The product of this sum and another, which is applied first.
    ///
    /// # Errors
    /// [`Error::SumSize`] where the other has another number of qubits; as for [`PauliSum::new`].
    pub fn times(&self, other: &PauliSum) -> Result<PauliSum> {
        self.same_size(other)?;
        let product = |&(left, a): &(PauliString, Complex64)| {
            other.terms.iter().map(move |&(right, b)| {
                let (string, phase) = left.times(right);
                (string, a * b * phase)
            })
        };
        PauliSum::new(self.num_qubits, self.terms.iter().flat_map(product))
    }

    /// Checks that it fits a state.
    ///
    /// # Errors
    /// [`Error::SumSize`] where it does not.
    pub fn check(&self, num_qubits: usize) -> Result<()> {
        match self.num_qubits == num_qubits {
            true => Ok(()),
            false => Err(Error::SumSize { sum: self.num_qubits, other: num_qubits }),
        }
    }

    /// Its adjoint: the same strings with the conjugates of the coefficients.
    pub fn adjoint(&self) -> PauliSum {
        let terms = self.terms.iter().map(|&(string, value)| (string, value.conj())).collect();
        PauliSum { num_qubits: self.num_qubits, terms, kept: Kept::default() }
    }

    /// The trace of its matrix: `2**num_qubits` times the coefficient of the string of I alone.
    pub fn trace(&self) -> Complex64 {
        let identity = self.terms.iter().find(|term| term.0 == PauliString::default());
        let value = identity.map_or(Complex64::ZERO, |term| term.1);
        value * 2f64.powi(self.num_qubits as i32)
    }

    fn same_size(&self, other: &PauliSum) -> Result<()> {
        self.check(other.num_qubits)
    }
}

/// The terms of a sum, given one by one.
///
/// ```
/// use num_complex::Complex64;
/// use numket::pauli_sum::Terms;
/// let mut terms = Terms::new(Some(3));
/// terms.push("XXI", 0.5.into())?;
/// terms.push_on("ZZ", &[2, 0], (-1.0).into())?;
/// let sum = terms.sum()?;
/// assert_eq!(sum.terms()[1].0.letters(3), "ZIZ");
/// # Ok::<(), numket::error::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Terms {
    num_qubits: Option<usize>,
    terms: Vec<(PauliString, Complex64)>,
}

impl Terms {
    /// None yet, of a sum on as many qubits, or as the first string has letters.
    pub fn new(num_qubits: Option<usize>) -> Terms {
        Terms { num_qubits, terms: Vec::new() }
    }

    /// Adds a string with a letter for each qubit.
    ///
    /// # Errors
    /// [`Error::PauliLetter`], [`Error::PauliLength`] and [`Error::TooManyQubits`].
    pub fn push(&mut self, letters: &str, coefficient: Complex64) -> Result<()> {
        let count = letters.chars().count();
        let num_qubits = *self.num_qubits.get_or_insert(count);
        let string = PauliString::of(letters)?;
        if num_qubits != count {
            return Err(Error::PauliLength { letters: count, qubits: num_qubits });
        }
        self.terms.push((string, coefficient));
        Ok(())
    }

    /// Adds a string with a letter for each of some distinct qubits.
    ///
    /// # Errors
    /// [`Error::MissingSize`] where nothing has told the number of qubits, and as for [`Terms::push`],
    /// [`Error::QubitRange`] and [`Error::RepeatedQubit`].
    pub fn push_on(&mut self, letters: &str, qubits: &[i64], coefficient: Complex64) -> Result<()> {
        let num_qubits = self.size()?;
        let string = PauliString::of(letters)?;
        if letters.len() != qubits.len() {
            return Err(Error::PauliLength { letters: letters.len(), qubits: qubits.len() });
        }
        if num_qubits > MAX_QUBITS {
            return Err(Error::TooManyQubits { num_qubits, limit: MAX_QUBITS });
        }
        let mut seen = 0u64;
        let distinct = |&qubit: &i64| {
            if !(0..num_qubits as i64).contains(&qubit) {
                return Err(Error::QubitRange { qubit, num_qubits });
            }
            if seen >> qubit & 1 == 1 {
                return Err(Error::RepeatedQubit { qubit: qubit as usize });
            }
            seen |= 1 << qubit;
            Ok(qubit as usize)
        };
        let qubits = qubits.iter().map(distinct).collect::<Result<Vec<_>>>()?;
        self.terms.push((string.embedded(&qubits, num_qubits), coefficient));
        Ok(())
    }

    /// The number of qubits.
    ///
    /// # Errors
    /// [`Error::MissingSize`] where nothing has told it.
    pub fn size(&self) -> Result<usize> {
        self.num_qubits.ok_or(Error::MissingSize)
    }

    /// The sum of them.
    ///
    /// # Errors
    /// [`Error::MissingSize`], and as for [`PauliSum::new`].
    pub fn sum(self) -> Result<PauliSum> {
        PauliSum::new(self.size()?, self.terms)
    }
}

/// By value: the order of the terms does not matter.
impl PartialEq for PauliSum {
    fn eq(&self, other: &PauliSum) -> bool {
        let sorted = |sum: &PauliSum| {
            let mut terms = sum.terms.clone();
            terms.sort_by_key(|term| term.0);
            terms
        };
        self.num_qubits == other.num_qubits
            && self.terms.len() == other.terms.len()
            && (self.terms == other.terms || sorted(self) == sorted(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The matrix of a sum, column by column from its definition.
    fn matrix(sum: &PauliSum) -> Vec<Vec<Complex64>> {
        let dim = 1 << sum.num_qubits();
        let mut matrix = vec![vec![Complex64::ZERO; dim]; dim];
        for &(string, coefficient) in sum.terms() {
            for column in 0..dim as u64 {
                let mut value = coefficient * string.phase();
                if (column & string.z).count_ones() % 2 == 1 {
                    value = -value;
                }
                matrix[(column ^ string.x) as usize][column as usize] += value;
            }
        }
        matrix
    }

    fn sums(n: usize) -> impl Strategy<Value = PauliSum> {
        let masks = 0..1u64 << n;
        let term = (masks.clone(), masks, -4i8..4, -4i8..4).prop_map(|(x, z, re, im)| {
            (PauliString { x, z }, Complex64::new(f64::from(re), f64::from(im)))
        });
        prop::collection::vec(term, 0..8).prop_map(move |terms| PauliSum::new(n, terms).unwrap())
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_the_matrices(
            (a, b) in (1usize..4).prop_flat_map(|n| (sums(n), sums(n)))
        ) {
            let (left, right) = (matrix(&a), matrix(&b));
            let (plus, times) = (matrix(&a.plus(&b).unwrap()), matrix(&a.times(&b).unwrap()));
            let dim = left.len();
            for i in 0..dim {
                for j in 0..dim {
                    // Small whole numbers: every sum is exact.
                    prop_assert_eq!(plus[i][j], left[i][j] + right[i][j]);
                    let product: Complex64 = (0..dim).map(|k| left[i][k] * right[k][j]).sum();
                    prop_assert_eq!(times[i][j], product);
                }
            }
            let [re, im] = a.re_im();
            prop_assert!(re.is_hermitian() && im.is_hermitian());
            prop_assert_eq!(re.plus(&im.scaled(Complex64::I).unwrap()).unwrap(), a.clone());
            prop_assert_eq!(a.plus(&a.scaled(-Complex64::ONE).unwrap()).unwrap().terms().len(), 0);
        }
    }

    #[test]
    fn what_is_no_sum_is_refused() {
        let term = |value: f64| (PauliString::default(), Complex64::from(value));
        for bad in [f64::NAN, f64::INFINITY] {
            let got = PauliSum::new(1, [term(bad)]);
            assert_eq!(got, Err(Error::NotFinite { argument: "coefficients" }));
        }
        let got = PauliSum::new(1, [term(f64::MAX), term(f64::MAX)]);
        assert_eq!(got, Err(Error::NotFinite { argument: "coefficients" }));
        assert_eq!(PauliSum::new(65, []), Err(Error::TooManyQubits { num_qubits: 65, limit: 64 }));
        let [one, two] = [1, 2].map(|n| PauliSum::new(n, []).unwrap());
        assert_eq!(one.plus(&two), Err(Error::SumSize { sum: 1, other: 2 }));
    }
}
