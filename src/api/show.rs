//! How values are shown: in a few lines, however large they are.

use std::fmt::{Debug, Formatter, Result};

use super::Angle;
use crate::observe::Observable;
use crate::pauli_sum::PauliSum;

/// How many of many are shown.
const FEW: usize = 8;

/// Shows the first of many as a list.
pub(super) struct Few<I>(pub I);

impl<I: Iterator<Item: Debug> + Clone> Debug for Few<I> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut items = self.0.clone();
        let mut list = f.debug_list();
        list.entries(items.by_ref().take(FEW));
        if items.next().is_none() { list.finish() } else { list.finish_non_exhaustive() }
    }
}

/// Text that is shown without quotes.
pub(super) struct Shown(pub String);

impl Debug for Shown {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.0)
    }
}

/// Shows the first terms.
impl Debug for Angle {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let terms = self.terms().iter().map(|(name, factor)| Shown(format!("{factor} {name:?}")));
        f.debug_struct("Angle").field("offset", &self.offset()).field("terms", &Few(terms)).finish()
    }
}

/// Shows the first terms.
impl Debug for PauliSum {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let n = self.num_qubits();
        let terms = self.terms().iter().map(|(string, c)| Shown(format!("({c}) {}", string.letters(n))));
        f.debug_struct("PauliSum").field("num_qubits", &n).field("terms", &Few(terms)).finish()
    }
}

/// Shows the first entries.
impl Debug for Observable<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Observable::Sum(sum) => f.debug_tuple("Sum").field(sum).finish(),
            Observable::Letters(letters) => f.debug_tuple("Letters").field(letters).finish(),
            Observable::Matrix(entries) => f.debug_tuple("Matrix").field(&Few(entries.iter())).finish(),
            Observable::Diagonal(entries) => {
                f.debug_tuple("Diagonal").field(&Few(entries.iter())).finish()
            }
        }
    }
}
