//! How a call gives values to the parameters of a circuit.

use std::collections::{BTreeMap, HashMap};

use crate::circuit::Names;
use crate::error::{Error, Result};

/// Values of the parameters of a circuit, in radians: by name, or in the order of
/// [`Circuit::parameters`](crate::Circuit::parameters). `()` for a circuit without any.
///
/// ```
/// use numket::prelude::*;
///
/// let mut circuit = Circuit::new(1)?;
/// circuit.ry("theta", 0)?.rz("phi", 0)?;
/// let by_name = circuit.expectation("X", [("phi", 0.2), ("theta", 0.1)])?;
/// assert_eq!(by_name, circuit.expectation("X", [0.1, 0.2])?);
/// assert!(circuit.expectation("X", [("theta", 0.1)]).is_err());
/// assert_eq!(Circuit::new(1)?.expectation("Z", ())?, 1.0);
/// # Ok::<(), Error>(())
/// ```
pub trait Values {
    #[doc(hidden)]
    fn in_order(&self, names: &Names) -> Result<Vec<f64>>;
}

impl Values for () {
    fn in_order(&self, names: &Names) -> Result<Vec<f64>> {
        [0.0; 0].in_order(names)
    }
}

impl<V: Values + ?Sized> Values for &V {
    fn in_order(&self, names: &Names) -> Result<Vec<f64>> {
        (**self).in_order(names)
    }
}

impl Values for [f64] {
    fn in_order(&self, names: &Names) -> Result<Vec<f64>> {
        match self.len() == names.len() {
            true => Ok(self.to_vec()),
            false => {
                let (given, wanted) = (self.len(), names.len());
                Err(Error::ValueCount { given, wanted, known: names.listed() })
            }
        }
    }
}

impl<K: AsRef<str>> Values for [(K, f64)] {
    fn in_order(&self, names: &Names) -> Result<Vec<f64>> {
        by_name(self.iter().map(|(name, value)| (name, *value)), names)
    }
}

impl<V, const N: usize> Values for [V; N]
where
    [V]: Values,
{
    fn in_order(&self, names: &Names) -> Result<Vec<f64>> {
        self[..].in_order(names)
    }
}

impl<V> Values for Vec<V>
where
    [V]: Values,
{
    fn in_order(&self, names: &Names) -> Result<Vec<f64>> {
        self[..].in_order(names)
    }
}

impl<K: AsRef<str>, H> Values for HashMap<K, f64, H> {
    fn in_order(&self, names: &Names) -> Result<Vec<f64>> {
        by_name(self.iter().map(|(name, value)| (name, *value)), names)
    }
}

impl<K: AsRef<str>> Values for BTreeMap<K, f64> {
    fn in_order(&self, names: &Names) -> Result<Vec<f64>> {
        by_name(self.iter().map(|(name, value)| (name, *value)), names)
    }
}

fn by_name(given: impl Iterator<Item = (impl AsRef<str>, f64)>, names: &Names) -> Result<Vec<f64>> {
    let (listed, values): (Vec<_>, Vec<_>) =
        given.map(|(name, value)| (name.as_ref().to_owned(), value)).unzip();
    Ok(names.places_in(&listed)?.into_iter().map(|place| values[place]).collect())
}
