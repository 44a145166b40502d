//! Angles of a circuit: numbers and named parameters.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::circuit;
use crate::circuit::Names;
use crate::error::{Error, Result};

/// An angle of a circuit in radians: a number, or a sum of multiples of named parameters and a number.
///
/// ```
/// use numket::prelude::*;
///
/// let mut circuit = Circuit::new(1);
/// circuit.rx(0.3, 0)?.ry("theta", 0)?.rz(2.0 * parameter("theta") - parameter("phi") + 0.1, 0)?;
/// assert_eq!(circuit.parameters().collect::<Vec<_>>(), ["theta", "phi"]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Angle {
    offset: f64,
    terms: Vec<(String, f64)>,
}

/// The angle that is the parameter with this name.
pub fn parameter(name: &str) -> Angle {
    Angle { offset: 0.0, terms: vec![(name.to_owned(), 1.0)] }
}

impl Angle {
    /// As a circuit with these parameters has it; new ones are added.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub(super) fn numbered(&self, argument: &'static str, names: &mut Names) -> Result<circuit::Angle> {
        if !self.offset.is_finite() || self.terms.iter().any(|(_, factor)| !factor.is_finite()) {
            return Err(Error::NotFinite { argument });
        }
        let mut terms: Vec<(usize, f64)> = Vec::new();
        for (name, factor) in &self.terms {
            let number = names.add(name);
            match terms.iter_mut().find(|term| term.0 == number) {
                Some(term) => term.1 += factor,
                None => terms.push((number, *factor)),
            }
        }
        Ok(circuit::Angle { offset: self.offset, terms })
    }
}

impl From<f64> for Angle {
    fn from(offset: f64) -> Angle {
        Angle { offset, terms: Vec::new() }
    }
}

impl From<&str> for Angle {
    /// The parameter with this name.
    fn from(name: &str) -> Angle {
        parameter(name)
    }
}

impl From<&Angle> for Angle {
    fn from(angle: &Angle) -> Angle {
        angle.clone()
    }
}

impl<A: Into<Angle>> Add<A> for Angle {
    type Output = Angle;
    fn add(mut self, other: A) -> Angle {
        let other = other.into();
        self.offset += other.offset;
        self.terms.extend(other.terms);
        self
    }
}

impl<A: Into<Angle>> Sub<A> for Angle {
    type Output = Angle;
    fn sub(self, other: A) -> Angle {
        self + -other.into()
    }
}

impl Mul<f64> for Angle {
    type Output = Angle;
    fn mul(mut self, factor: f64) -> Angle {
        self.offset *= factor;
        self.terms.iter_mut().for_each(|term| term.1 *= factor);
        self
    }
}

impl Div<f64> for Angle {
    type Output = Angle;
    fn div(mut self, by: f64) -> Angle {
        self.offset /= by;
        self.terms.iter_mut().for_each(|term| term.1 /= by);
        self
    }
}

impl Neg for Angle {
    type Output = Angle;
    fn neg(self) -> Angle {
        self * -1.0
    }
}

impl Mul<Angle> for f64 {
    type Output = Angle;
    fn mul(self, angle: Angle) -> Angle {
        angle * self
    }
}

impl Add<Angle> for f64 {
    type Output = Angle;
    fn add(self, angle: Angle) -> Angle {
        angle + self
    }
}

impl Sub<Angle> for f64 {
    type Output = Angle;
    fn sub(self, angle: Angle) -> Angle {
        -angle + self
    }
}
