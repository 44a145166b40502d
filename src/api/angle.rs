//! Angles of a circuit: numbers and named parameters.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use crate::circuit;
use crate::circuit::Names;
use crate::error::{Error, Result};

/// An angle of a circuit in radians: a number, or a sum of multiples of named parameters and a number.
///
/// ```
/// use numket::prelude::*;
///
/// let mut circuit = Circuit::new(1)?;
/// circuit.rx(0.3, 0)?.ry("theta", 0)?.rz(2.0 * parameter("theta") - parameter("phi") + 0.1, 0)?;
/// let step = parameter("step") / 2.0;
/// circuit.rx(&step, 0)?.ry(-&step, 0)?;
/// assert_eq!(circuit.parameters().collect::<Vec<_>>(), ["theta", "phi", "step"]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
#[must_use]
pub struct Angle {
    offset: f64,
    terms: Vec<(String, f64)>,
}

/// The angle that is the parameter with this name.
pub fn parameter(name: impl Into<String>) -> Angle {
    Angle { offset: 0.0, terms: vec![(name.into(), 1.0)] }
}

impl Angle {
    /// The number in it.
    pub(super) fn offset(&self) -> f64 {
        self.offset
    }

    /// The parameters in it, each with its factor.
    pub(super) fn terms(&self) -> &[(String, f64)] {
        &self.terms
    }

    /// As a circuit with these parameters has it; new ones are added.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub(super) fn numbered(&self, argument: &'static str, names: &mut Names) -> Result<circuit::Angle> {
        let mut terms: Vec<(usize, f64)> = Vec::new();
        for (name, factor) in &self.terms {
            let number = names.add(name);
            match terms.iter_mut().find(|term| term.0 == number) {
                Some(term) => term.1 += factor,
                None => terms.push((number, *factor)),
            }
        }
        match self.offset.is_finite() && terms.iter().all(|(_, factor)| factor.is_finite()) {
            true => Ok(circuit::Angle { offset: self.offset, terms }),
            false => Err(Error::NotFinite { argument }),
        }
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

impl From<String> for Angle {
    /// The parameter with this name.
    fn from(name: String) -> Angle {
        parameter(name)
    }
}

impl From<&String> for Angle {
    /// The parameter with this name.
    fn from(name: &String) -> Angle {
        parameter(name)
    }
}

impl From<&Angle> for Angle {
    fn from(angle: &Angle) -> Angle {
        angle.clone()
    }
}

impl<A: Into<Angle>> AddAssign<A> for Angle {
    fn add_assign(&mut self, other: A) {
        let other = other.into();
        self.offset += other.offset;
        self.terms.extend(other.terms);
    }
}

impl<A: Into<Angle>> SubAssign<A> for Angle {
    fn sub_assign(&mut self, other: A) {
        *self += -other.into();
    }
}

impl<A: Into<Angle>> Sum<A> for Angle {
    fn sum<I: Iterator<Item = A>>(angles: I) -> Angle {
        angles.fold(Angle::default(), Add::add)
    }
}

/// The operators, for angles that are given away and for those that are lent.
macro_rules! operators {
    ($($angle:ty),+) => {$(
        impl<A: Into<Angle>> Add<A> for $angle {
            type Output = Angle;
            fn add(self, other: A) -> Angle {
                let mut angle = Angle::from(self);
                angle += other;
                angle
            }
        }

        impl<A: Into<Angle>> Sub<A> for $angle {
            type Output = Angle;
            fn sub(self, other: A) -> Angle {
                self + -other.into()
            }
        }

        impl Mul<f64> for $angle {
            type Output = Angle;
            fn mul(self, factor: f64) -> Angle {
                let mut angle = Angle::from(self);
                angle.offset *= factor;
                angle.terms.iter_mut().for_each(|term| term.1 *= factor);
                angle
            }
        }

        impl Div<f64> for $angle {
            type Output = Angle;
            fn div(self, by: f64) -> Angle {
                let mut angle = Angle::from(self);
                angle.offset /= by;
                angle.terms.iter_mut().for_each(|term| term.1 /= by);
                angle
            }
        }

        impl Neg for $angle {
            type Output = Angle;
            fn neg(self) -> Angle {
                self * -1.0
            }
        }

        impl Add<$angle> for f64 {
            type Output = Angle;
            fn add(self, angle: $angle) -> Angle {
                angle + self
            }
        }

        impl Sub<$angle> for f64 {
            type Output = Angle;
            fn sub(self, angle: $angle) -> Angle {
                -angle + self
            }
        }

        impl Mul<$angle> for f64 {
            type Output = Angle;
            fn mul(self, angle: $angle) -> Angle {
                angle * self
            }
        }
    )+};
}
operators!(Angle, &Angle);
