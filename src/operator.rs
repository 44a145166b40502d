//! Operators by structure. What an operator *is* decides which loop runs: a dense matrix mixes
//! amplitudes, a diagonal multiplies them where they stand, a permutation only moves them.

use num_complex::Complex64;

use crate::bits::{bit_of, gather, sign};
use crate::error::{Error, Result};
use crate::phase::phase;

/// The qubits that a Pauli string has room for.
pub const MAX_QUBITS: usize = 64;

/// An operator on `k` qubits. The first qubit is the most significant bit of a row index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operator<'a> {
    /// A `2**k x 2**k` matrix, row by row.
    Dense(&'a [Complex64]),
    /// The `2**k` entries of a diagonal.
    Diagonal(&'a [Complex64]),
    /// A permutation of the `2**k` basis states, as transpositions to be done one after the other.
    Permutation(&'a [(usize, usize)]),
    /// `c[0] + c[1] P` with a Pauli string `P` and two coefficients.
    Pauli(PauliString, &'a [Complex64]),
    /// `exp(-i gamma c[i])` for the `2**k` costs `c` and a `gamma`.
    Phases(&'a [f64], f64),
}

/// A product of Pauli operators, one on each of some qubits; the first qubit belongs to the most
/// significant bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PauliString {
    /// Where there is an X or a Y.
    pub x: u64,
    /// Where there is a Z or a Y.
    pub z: u64,
}

/// Whether single precision holds entries of an operator.
pub fn fit_single(entries: &[Complex64]) -> bool {
    entries.iter().all(|entry| (entry.re as f32).is_finite() && (entry.im as f32).is_finite())
}

/// Whether no imaginary part differs from 0.
pub fn are_real(numbers: &[Complex64]) -> bool {
    numbers.iter().all(|number| number.im == 0.0)
}

impl PauliString {
    /// Reads letters, one for each qubit.
    ///
    /// ```
    /// use numket::operator::PauliString;
    /// assert_eq!(PauliString::of("XYZ").unwrap(), PauliString { x: 0b110, z: 0b011 });
    /// assert!(PauliString::of("XQ").is_err());
    /// ```
    ///
    /// # Errors
    /// [`Error::PauliLetter`] for another letter than I, X, Y and Z, and [`Error::TooManyQubits`] for more than 64.
    pub fn of(letters: &str) -> Result<PauliString> {
        let mut string = PauliString::default();
        for (position, letter) in letters.chars().enumerate() {
            let (x, z) = match letter {
                'I' => (0, 0),
                'X' => (1, 0),
                'Y' => (1, 1),
                'Z' => (0, 1),
                _ => return Err(Error::PauliLetter { letter, position }),
            };
            (string.x, string.z) = (string.x << 1 | x, string.z << 1 | z);
        }
        match letters.len() {
            0..=MAX_QUBITS => Ok(string),
            num_qubits => Err(Error::TooManyQubits { num_qubits, limit: MAX_QUBITS }),
        }
    }

    /// Reads letters, one for each of `qubits` qubits.
    ///
    /// # Errors
    /// As [`PauliString::of`], and [`Error::PauliLength`] for another number of letters.
    #[doc(hidden)]
    pub fn lettered(letters: &str, qubits: usize) -> Result<PauliString> {
        let string = PauliString::of(letters)?;
        match letters.len() == qubits {
            true => Ok(string),
            false => Err(Error::PauliLength { letters: letters.len(), qubits }),
        }
    }

    /// Which of `k` letters are not I, as bits of `x` and `z`, from the most significant.
    #[doc(hidden)]
    pub fn support(self, k: usize) -> Vec<u8> {
        (0..k as u8).rev().filter(|&bit| (self.x | self.z) >> bit & 1 == 1).collect()
    }

    /// The letters at some bits, the first of which becomes the most significant letter.
    #[doc(hidden)]
    pub fn at(self, bits: &[u8]) -> PauliString {
        let kept = |mask: u64| gather(mask as usize, bits) as u64;
        PauliString { x: kept(self.x), z: kept(self.z) }
    }

    /// The same letters among those of `n` qubits: the first goes to the qubit `qubits[0]`, and so on.
    ///
    /// ```
    /// use numket::operator::PauliString;
    /// let string = PauliString::of("XZ").unwrap();
    /// assert_eq!(string.embedded(&[2, 0], 3).letters(3), "ZIX");
    /// ```
    ///
    /// # Panics
    /// Where a qubit is not below `n`.
    #[doc(hidden)]
    pub fn embedded(self, qubits: &[usize], n: usize) -> PauliString {
        let mut out = PauliString::default();
        for (position, &qubit) in qubits.iter().enumerate() {
            let (from, to) = (qubits.len() - 1 - position, bit_of(qubit, n));
            out.x |= (self.x >> from & 1) << to;
            out.z |= (self.z >> from & 1) << to;
        }
        out
    }

    /// The coefficients of `exp(-i theta/2 P) = cos(theta/2) - i sin(theta/2) P`.
    #[doc(hidden)]
    #[inline]
    pub fn rotation(theta: f64) -> [Complex64; 2] {
        let half = phase(theta / 2.0);
        [Complex64::new(half.re, 0.0), Complex64::new(0.0, -half.im)]
    }

    /// The product with another, applied first: a string and the number that it is multiplied by.
    ///
    /// ```
    /// use num_complex::Complex64;
    /// use numket::operator::PauliString;
    /// let [x, y, z] = ["X", "Y", "Z"].map(|letter| PauliString::of(letter).unwrap());
    /// assert_eq!(x.times(y), (z, Complex64::I));
    /// assert_eq!(y.times(x), (z, -Complex64::I));
    /// ```
    pub fn times(self, other: PauliString) -> (PauliString, Complex64) {
        let product = PauliString { x: self.x ^ other.x, z: self.z ^ other.z };
        // The X of the second and the Z of the first change order, which gives a sign for each pair.
        let phase = self.phase() * other.phase() * product.phase().conj();
        (product, phase * sign(self.z & other.x))
    }

    /// Whether the products with another in both orders are the same.
    pub fn commutes(self, other: PauliString) -> bool {
        ((self.x & other.z).count_ones() + (self.z & other.x).count_ones()).is_multiple_of(2)
    }

    /// The letters of `n` qubits.
    ///
    /// ```
    /// use numket::operator::PauliString;
    /// assert_eq!(PauliString::of("XIYZ").unwrap().letters(4), "XIYZ");
    /// ```
    pub fn letters(self, n: usize) -> String {
        let at = |mask: u64, bit: usize| if bit < MAX_QUBITS { mask >> bit & 1 } else { 0 };
        let letter = |bit: usize| match (at(self.x, bit), at(self.z, bit)) {
            (0, 0) => 'I',
            (0, _) => 'Z',
            (_, 0) => 'X',
            _ => 'Y',
        };
        (0..n).rev().map(letter).collect()
    }

    /// Whether its matrix is real: it has an even number of Y.
    pub fn is_real(self) -> bool {
        (self.x & self.z).count_ones().is_multiple_of(2)
    }

    /// `i**(number of Y)`: with Z before X, XZ is -iY.
    #[inline]
    pub fn phase(self) -> Complex64 {
        match (self.x & self.z).count_ones() % 4 {
            0 => Complex64::ONE,
            1 => Complex64::I,
            2 => -Complex64::ONE,
            _ => -Complex64::I,
        }
    }
}

/// Estimate for computing a phase, and multiplying an amplitude with it.
const NANOS_PER_PHASE: f64 = 3.0;

impl Operator<'_> {
    /// Whether real states stay real.
    pub fn is_real(&self) -> bool {
        match self {
            Operator::Dense(entries) | Operator::Diagonal(entries) => are_real(entries),
            Operator::Permutation(_) => true,
            Operator::Pauli(string, coefs) => are_real(&[coefs[0], coefs[1] * string.phase()]),
            Operator::Phases(..) => false,
        }
    }

    /// Number of entries; none for a permutation and for phases.
    pub fn num_entries(&self) -> usize {
        match self {
            Operator::Dense(entries) | Operator::Diagonal(entries) | Operator::Pauli(_, entries) => {
                entries.len()
            }
            Operator::Permutation(_) | Operator::Phases(..) => 0,
        }
    }

    /// An operator of the same structure with other entries.
    pub fn with_entries<'b>(&self, entries: &'b [Complex64]) -> Operator<'b>
    where
        Self: 'b,
    {
        match *self {
            Operator::Dense(_) => Operator::Dense(entries),
            Operator::Diagonal(_) => Operator::Diagonal(entries),
            Operator::Permutation(transpositions) => Operator::Permutation(transpositions),
            Operator::Pauli(string, _) => Operator::Pauli(string, entries),
            Operator::Phases(costs, gamma) => Operator::Phases(costs, gamma),
        }
    }

    /// Estimate for each amplitude that the operator reaches; not calibrated.
    #[inline]
    pub fn nanos_per_amplitude(&self, targets: usize) -> f64 {
        match self {
            Operator::Dense(_) => 0.8 + 0.1 * (1i64 << targets.min(40)) as f64,
            Operator::Diagonal(_) | Operator::Permutation(_) | Operator::Pauli(..) => 0.8,
            Operator::Phases(..) => NANOS_PER_PHASE,
        }
    }
}

/// How many of the last axes of an array are those of one operator on some qubits, a `matrix`, a
/// `permutation`, or what else has an entry for each basis state. In a `batch`, axes before them count
/// operators, but for a permutation, which all states share.
///
/// # Errors
/// [`Error::OperatorSize`] where the array, the argument called `argument`, has another shape.
pub fn core_axes(argument: &'static str, shape: &[usize], qubits: usize, batch: bool) -> Result<usize> {
    let dim = 1usize.checked_shl(qubits as u32).unwrap_or(0);
    let tensor = vec![2; 2 * qubits];
    let (square, row) = ([dim, dim], [dim]);
    let cores: &[&[usize]] = if argument == "matrix" { &[&square, &tensor] } else { &[&row] };
    let many = batch && argument != "permutation";
    let fits = |core: &&&[usize]| shape.ends_with(core) && (many || shape.len() == core.len());
    match cores.iter().find(fits) {
        Some(core) => Ok(core.len()),
        None => Err(Error::OperatorSize { argument, shape: shape.to_vec(), qubits }),
    }
}

/// Writes the permutation `new[permutation[i]] = old[i]` as transpositions.
///
/// Example: the cycle that moves amplitude 0 to 1, 1 to 2, and 2 to 0 is `(0, 1), (0, 2)`.
///
/// # Errors
/// [`Error::NotAPermutation`] where an entry is out of range or comes twice.
pub fn transpositions(permutation: &[i64]) -> Result<Vec<(usize, usize)>> {
    let len = permutation.len();
    let mut taken = vec![false; len];
    for (position, &entry) in permutation.iter().enumerate() {
        match usize::try_from(entry).ok().and_then(|entry| taken.get_mut(entry)) {
            Some(taken) if !*taken => *taken = true,
            _ => return Err(Error::NotAPermutation { position, entry, len }),
        }
    }
    let mut transpositions = Vec::new();
    for first in 0..len {
        let mut position = permutation[first] as usize;
        // From here on, `taken` says which positions still wait for their cycle.
        taken[first] = false;
        while taken[position] {
            taken[position] = false;
            transpositions.push((first, position));
            position = permutation[position] as usize;
        }
    }
    Ok(transpositions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn transpositions_do_what_the_permutation_says(
            permutation in (0u32..7).prop_flat_map(|k| Just((0..1i64 << k).collect::<Vec<_>>()).prop_shuffle())
        ) {
            let mut got: Vec<usize> = (0..permutation.len()).collect();
            for (a, b) in transpositions(&permutation).unwrap() {
                got.swap(a, b);
            }
            for (i, &to) in permutation.iter().enumerate() {
                prop_assert_eq!(got[to as usize], i);
            }
        }
    }

    #[test]
    fn what_is_no_permutation_is_refused() {
        for (bad, position) in [(vec![0, 0], 1), (vec![1, 2], 1), (vec![-1, 0], 0)] {
            let got = transpositions(&bad);
            assert!(
                matches!(got, Err(Error::NotAPermutation { position: p, .. }) if p == position),
                "{bad:?}: {got:?}"
            );
        }
    }
}
