//! Sums of Pauli strings by operators.

use std::borrow::Borrow;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use num_complex::Complex64;

use crate::error::Result;
use crate::pauli_sum::PauliSum;

/// What an operator makes, which cannot return why it is refused.
#[track_caller]
fn made<T>(result: Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// The operators of two sums.
macro_rules! of_sums {
    ($($left:ty, $right:ty;)+) => {$(
        impl Add<$right> for $left {
            type Output = PauliSum;
            #[track_caller]
            fn add(self, other: $right) -> PauliSum {
                made(self.plus(&other))
            }
        }

        impl Sub<$right> for $left {
            type Output = PauliSum;
            #[track_caller]
            fn sub(self, other: $right) -> PauliSum {
                made(self.plus(&-other))
            }
        }

        impl Mul<$right> for $left {
            type Output = PauliSum;
            #[track_caller]
            fn mul(self, other: $right) -> PauliSum {
                made(self.times(&other))
            }
        }
    )+};
}
of_sums! { PauliSum, PauliSum; PauliSum, &PauliSum; &PauliSum, PauliSum; &PauliSum, &PauliSum; }

/// The operators of a sum and a number, which counts as that multiple of the identity where it is added.
macro_rules! of_numbers {
    ($($sum:ty, $number:ty;)+) => {$(
        impl Add<$number> for $sum {
            type Output = PauliSum;
            #[track_caller]
            fn add(self, number: $number) -> PauliSum {
                made(self.plus_number(number.into()))
            }
        }

        impl Sub<$number> for $sum {
            type Output = PauliSum;
            #[track_caller]
            fn sub(self, number: $number) -> PauliSum {
                self + -number
            }
        }

        impl Mul<$number> for $sum {
            type Output = PauliSum;
            #[track_caller]
            fn mul(self, factor: $number) -> PauliSum {
                made(self.scaled(factor.into()))
            }
        }

        impl Div<$number> for $sum {
            type Output = PauliSum;
            #[track_caller]
            fn div(self, by: $number) -> PauliSum {
                let terms = self.terms().iter().map(|&(string, c)| (string, c / by));
                made(PauliSum::new(self.num_qubits(), terms))
            }
        }

        impl Add<$sum> for $number {
            type Output = PauliSum;
            #[track_caller]
            fn add(self, sum: $sum) -> PauliSum {
                sum + self
            }
        }

        impl Sub<$sum> for $number {
            type Output = PauliSum;
            #[track_caller]
            fn sub(self, sum: $sum) -> PauliSum {
                -sum + self
            }
        }

        impl Mul<$sum> for $number {
            type Output = PauliSum;
            #[track_caller]
            fn mul(self, sum: $sum) -> PauliSum {
                sum * self
            }
        }
    )+};
}
of_numbers! { PauliSum, f64; &PauliSum, f64; PauliSum, Complex64; &PauliSum, Complex64; }

impl Neg for PauliSum {
    type Output = PauliSum;
    fn neg(self) -> PauliSum {
        self * -1.0
    }
}

impl Neg for &PauliSum {
    type Output = PauliSum;
    fn neg(self) -> PauliSum {
        self * -1.0
    }
}

impl<R> AddAssign<R> for PauliSum
where
    for<'a> &'a PauliSum: Add<R, Output = PauliSum>,
{
    #[track_caller]
    fn add_assign(&mut self, other: R) {
        *self = &*self + other;
    }
}

impl<R> SubAssign<R> for PauliSum
where
    for<'a> &'a PauliSum: Sub<R, Output = PauliSum>,
{
    #[track_caller]
    fn sub_assign(&mut self, other: R) {
        *self = &*self - other;
    }
}

/// The sum of none is one on no qubits.
impl<S: Borrow<PauliSum>> Sum<S> for PauliSum {
    #[track_caller]
    fn sum<I: Iterator<Item = S>>(sums: I) -> PauliSum {
        let (mut size, mut terms) = (None, Vec::new());
        for sum in sums {
            let sum = sum.borrow();
            made(sum.check(*size.get_or_insert(sum.num_qubits())));
            terms.extend(sum.terms());
        }
        made(PauliSum::new(size.unwrap_or(0), terms))
    }
}
