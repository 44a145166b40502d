//! How a call names its qubits.

use std::iter::{Copied, Once, once};
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::{array, slice, vec};

use crate::error::{Error, Result};

/// Qubits: one by its number, some by a list or a range, all in order by `..`.
///
/// ```
/// use numket::prelude::*;
///
/// let mut psi = ket("0000")?;
/// psi.h(0)?.h([1, 3])?.h(2..3)?; // one gate on each qubit
/// assert!((psi.probabilities([3, 0])?[0b10] - 0.25).abs() < 1e-15);
/// assert_eq!(psi.probabilities(2..)?, psi.probabilities(..2)?);
/// assert_eq!(psi.probabilities(..)?.len(), 16);
/// # Ok::<(), Error>(())
/// ```
pub trait Qubits {
    #[doc(hidden)]
    type List: Iterator<Item = usize> + Clone;
    #[doc(hidden)]
    fn list(self, num_qubits: usize) -> Self::List;
}

macro_rules! qubits {
    ($(($($generic:tt)*) $given:ty => $list:ty, $into:expr;)+) => {$(
        impl $($generic)* Qubits for $given {
            type List = $list;
            #[inline]
            fn list(self, num_qubits: usize) -> $list {
                let into: fn($given, usize) -> $list = $into;
                into(self, num_qubits)
            }
        }
    )+};
}

qubits! {
    () usize => Once<usize>, |qubit, _| once(qubit);
    () RangeFull => Range<usize>, |_, n| 0..n;
    () Range<usize> => Range<usize>, |range, _| range;
    () RangeInclusive<usize> => RangeInclusive<usize>, |range, _| range;
    // Beyond the end it is not empty, but out of range.
    () RangeFrom<usize> => Range<usize>, |RangeFrom { start }, n| start..if start <= n { n } else { usize::MAX };
    () RangeTo<usize> => Range<usize>, |range, _| 0..range.end;
    () RangeToInclusive<usize> => RangeInclusive<usize>, |range, _| 0..=range.end;
    () Vec<usize> => vec::IntoIter<usize>, |list, _| list.into_iter();
    (<'a>) &'a Vec<usize> => Copied<slice::Iter<'a, usize>>, |list, _| list.iter().copied();
    (<'a>) &'a [usize] => Copied<slice::Iter<'a, usize>>, |list, _| list.iter().copied();
    (<const N: usize>) [usize; N] => array::IntoIter<usize, N>, |list, _| list.into_iter();
    (<'a, const N: usize>) &'a [usize; N] => Copied<slice::Iter<'a, usize>>, |list, _| list.iter().copied();
}

/// The qubits of a call, distinct and below `num_qubits`.
///
/// # Errors
/// As [`check`].
pub(super) fn listed(qubits: impl Qubits, num_qubits: usize) -> Result<Vec<usize>> {
    let listed = first(qubits.list(num_qubits), num_qubits);
    check(listed.iter().copied(), &[], num_qubits)?;
    Ok(listed)
}

/// The first `limit + 1` of qubits or bits that must be distinct and below `limit`. Among so many, one is out of
/// range or listed twice: so a list of any length can be refused without reading all of it.
pub(super) fn first<T>(all: impl IntoIterator<Item = T>, limit: usize) -> Vec<T> {
    all.into_iter().take(limit + 1).collect()
}

/// Sees to it that qubits and controls are distinct and below `num_qubits`.
///
/// # Errors
/// [`Error::QubitRange`] and [`Error::RepeatedQubit`].
pub(super) fn check(
    qubits: impl Iterator<Item = usize>,
    controls: &[(usize, bool)],
    num_qubits: usize,
) -> Result<()> {
    let mut seen = vec![false; num_qubits];
    for qubit in controls.iter().map(|&(qubit, _)| qubit).chain(qubits) {
        match seen.get_mut(qubit) {
            None => return Err(Error::QubitRange { qubit: signed(qubit), num_qubits }),
            Some(seen) if *seen => return Err(Error::RepeatedQubit { qubit }),
            Some(seen) => *seen = true,
        }
    }
    Ok(())
}

/// A number of a qubit, as layouts take it.
pub(super) fn signed(qubit: usize) -> i64 {
    i64::try_from(qubit).unwrap_or(i64::MAX)
}
