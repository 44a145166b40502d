//! The lowest eigenstates, by Lanczos's method on three vectors.
//!
//! With `G` as in [`evolution`](super::evolution), and a vector `v[0]` to begin with,
//!
//! ```text
//! w = G v[j] - beta[j] v[j - 1],    alpha[j] = <v[j]|w>,    beta[j + 1] v[j + 1] = w - alpha[j] v[j]
//! ```
//!
//! The least eigenvalue of the tridiagonal matrix of all `alpha` and `beta` goes to that of G, and with its eigenvector
//! `s`, the sum of all `s[j] v[j]` goes to the eigenstate. The vectors are not kept: once `s` is known they are made a
//! second time, with the same bits, and are added up. Rounding makes vectors that are far apart lose their
//! orthogonality, which brings copies of eigenvalues that are found already, and harms neither the least one nor
//! its eigenstate (C. C. Paige, Linear Algebra and its Applications 34, 235 (1980)).
//!
//! Further eigenstates are sought in what is orthogonal to those found, each from a random vector. So degenerate levels
//! come as often as they are.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::exec::{self, Crew};
use crate::kernels::recurrence::Row;
use crate::layout::Layout;
use crate::observe;
use crate::pauli_sum::PauliSum;
use crate::simd::{Isa, Real};
use crate::state::StatesMut;

use super::bound::eigenvalue;
use super::hamiltonian::{Adding, Hamiltonian, epsilon, of_sum};

/// Steps at most before the best vector so far is taken to begin anew.
const MAX_STEPS: usize = 500;

/// How often to begin anew.
const MAX_ROUNDS: usize = 40;

/// Steps after which the tridiagonal matrix is looked at.
const LOOK_STEPS: usize = 5;

/// A vector as short as this is rounding: the ones before it span all that can be reached.
const NOTHING: f64 = 1e-13;

/// What rounding leaves of a residual, in units of the machine epsilon and of half the width of the spectrum.
const ROUNDINGS: f64 = 64.0;

/// How the lowest eigenstates of a sum are found.
pub struct Ground<T> {
    hamiltonian: Arc<Hamiltonian<T>>,
    /// Whether the first is sought from what the first state is.
    start: bool,
    tol: f64,
}

/// An eigenvector, its eigenvalue in units of G, and how far `G v` is from it.
struct Found<T> {
    vector: Vec<Row<T>>,
    value: f64,
}

impl<T: Real> Ground<T> {
    /// Prepares it for states of a layout, with `start` to be sought from what the first state is. `tol` bounds
    /// `|H v - E v|`, in units of half the width of the spectrum; what rounding does not let be reached is not asked
    /// for. Where the sum and what it starts from are real, so are the vectors.
    ///
    /// # Errors
    /// [`Error::SumSize`], [`Error::NotHermitianSum`], [`Error::NotRealOperator`] for real states, and
    /// [`Error::Tolerance`].
    pub fn new(sum: &PauliSum, layout: &Layout, start: bool, tol: f64, isa: Isa) -> Result<Ground<T>> {
        if !(f64::EPSILON..1.0).contains(&tol) {
            return Err(Error::Tolerance { given: tol, least: f64::EPSILON });
        }
        let real = layout.is_real() || (!start && sum.is_real());
        let hamiltonian = of_sum(sum, layout, real, isa)?;
        Ok(Ground { hamiltonian, start, tol: tol.max(ROUNDINGS * epsilon::<T>()) })
    }

    /// Estimate for a step.
    pub fn nanos_of_step(&self) -> f64 {
        self.hamiltonian.nanos()
    }

    /// Writes as many eigenstates as there are states, those with the least eigenvalues, and returns these, the least
    /// first.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::NoNorm`] for the state to start from, and [`Error::NotConverged`]; nothing is
    /// written then.
    pub fn run(&self, states: &mut StatesMut<'_, T>, crew: Crew) -> Result<Vec<f64>> {
        let hamiltonian = &*self.hamiltonian;
        let count = states.len();
        hamiltonian.room_for(3 + count - 1)?;
        let mut found: Vec<Found<T>> = Vec::with_capacity(count);
        for number in 0..count {
            let [mut total] = hamiltonian.vectors();
            if self.start && number == 0 {
                let state = states.first();
                let norm = observe::norm(state.as_ref(), crew);
                if !(norm > 0.0 && norm.is_finite()) {
                    return Err(Error::NoNorm);
                }
                hamiltonian.load(state.as_ref(), &mut total, crew);
            } else {
                hamiltonian.randomize(number as u64, &mut total);
            }
            let eigenstate = self.lowest(total, &found, crew)?;
            found.push(eigenstate);
        }
        found.sort_by(|a, b| a.value.total_cmp(&b.value));
        for (number, found) in found.iter().enumerate() {
            hamiltonian.store(&found.vector, &mut states.at(number), (1.0, 0.0), crew);
        }
        Ok(found.iter().map(|found| hamiltonian.center + hamiltonian.radius * found.value).collect())
    }

    /// The eigenvector with the least eigenvalue of what is orthogonal to those found.
    fn lowest(&self, mut total: Vec<Row<T>>, found: &[Found<T>], crew: Crew) -> Result<Found<T>> {
        let hamiltonian = &*self.hamiltonian;
        let [mut current, mut next] = hamiltonian.vectors();
        let mut residual = f64::INFINITY;
        for _ in 0..MAX_ROUNDS {
            project(hamiltonian, &mut total, found, crew);
            let norm = project(hamiltonian, &mut total, found, crew).sqrt();
            let mut chain = Chain { hamiltonian, found, norms: vec![norm], alphas: Vec::new() };
            hamiltonian.scale(&total, &mut current, 1.0, crew);
            let weights = loop {
                chain.step(&mut current, &mut next, None, crew);
                std::mem::swap(&mut current, &mut next);
                exec::ask();
                let steps = chain.alphas.len();
                let ended = chain.norms[steps] < NOTHING;
                if ended || steps.is_multiple_of(LOOK_STEPS) || steps == MAX_STEPS {
                    let weights = chain.weights();
                    let rest = chain.norms[steps] * weights[steps - 1].abs();
                    if ended || rest <= self.tol || steps == MAX_STEPS {
                        break weights;
                    }
                }
            };
            // The same again, to add up.
            hamiltonian.scale(&total, &mut current, 1.0, crew);
            chain.alphas.clear();
            chain.norms.truncate(1);
            for (number, weight) in weights.iter().enumerate() {
                let factor = weight / chain.norms[number];
                let adding = Adding { first: number == 0, current: factor, next: 0.0, turned: false };
                chain.step(&mut current, &mut next, Some((&mut total, adding)), crew);
                std::mem::swap(&mut current, &mut next);
                exec::ask();
            }
            let norm = project(hamiltonian, &mut total, found, crew).sqrt();
            hamiltonian.scale(&total, &mut current, 1.0 / norm, crew);
            let value = hamiltonian.step(&current, &mut next, (0.5, 0.0), None, crew).inner;
            let before = residual;
            residual = hamiltonian.combine(&mut next, &current, [-value, 0.0], crew).sqrt();
            std::mem::swap(&mut total, &mut current);
            if residual <= self.tol || (residual <= 2.0 * self.tol && residual > 0.5 * before) {
                return Ok(Found { vector: total, value });
            }
        }
        let radius = hamiltonian.radius;
        Err(Error::NotConverged { residual: residual * radius, accepted: self.tol * radius })
    }
}

/// Takes what is found from a vector, and returns the square of the norm of the rest.
fn project<T: Real>(
    hamiltonian: &Hamiltonian<T>,
    vector: &mut [Row<T>],
    found: &[Found<T>],
    crew: Crew,
) -> f64 {
    let mut square = None;
    for Found { vector: known, .. } in found {
        let [re, im] = hamiltonian.inner(known, vector, crew);
        square = Some(hamiltonian.combine(vector, known, [-re, -im], crew));
    }
    square.unwrap_or_else(|| hamiltonian.square(vector, crew))
}

/// The vectors of Lanczos's method, of which two are there at a time. They are not scaled to norm 1.
struct Chain<'a, T> {
    hamiltonian: &'a Hamiltonian<T>,
    found: &'a [Found<T>],
    /// The norm of each vector: from the second on, the numbers beside the diagonal.
    norms: Vec<f64>,
    /// The diagonal.
    alphas: Vec<f64>,
}

impl<T: Real> Chain<'_, T> {
    /// Makes `next` the vector after `current`, from the one before it.
    fn step(
        &mut self,
        current: &mut [Row<T>],
        next: &mut [Row<T>],
        total: Option<(&mut [Row<T>], Adding)>,
        crew: Crew,
    ) {
        let number = self.alphas.len();
        let norm = self.norms[number];
        let older = if number == 0 { 0.0 } else { norm / self.norms[number - 1] };
        let made = self.hamiltonian.step(current, next, (0.5 / norm, older), total, crew);
        let alpha = made.inner / norm;
        let mut square = self.hamiltonian.combine(next, current, [-alpha / norm, 0.0], crew);
        if !self.found.is_empty() {
            square = project(self.hamiltonian, next, self.found, crew);
        }
        self.alphas.push(alpha);
        self.norms.push(square.sqrt());
    }

    /// The eigenvector with the least eigenvalue of the tridiagonal matrix, of norm 1, by inverse iteration.
    fn weights(&self) -> Vec<f64> {
        let (diagonal, beside) = (&self.alphas, &self.norms[1..self.alphas.len()]);
        let len = diagonal.len();
        let squares: Vec<f64> = beside.iter().map(|b| b * b).collect();
        // A little below, so that all pivots are positive.
        let shift = eigenvalue(diagonal, &squares, 0, 2.0) - 8.0 * f64::EPSILON;
        let mut pivots = Vec::with_capacity(len);
        for i in 0..len {
            let taken = if i == 0 { 0.0 } else { squares[i - 1] / pivots[i - 1] };
            pivots.push((diagonal[i] - shift - taken).max(f64::EPSILON));
        }
        let mut s = vec![1.0 / (len as f64).sqrt(); len];
        for _ in 0..4 {
            for i in 1..len {
                s[i] -= beside[i - 1] / pivots[i - 1] * s[i - 1];
            }
            s[len - 1] /= pivots[len - 1];
            for i in (0..len - 1).rev() {
                s[i] = (s[i] - beside[i] * s[i + 1]) / pivots[i];
            }
            let norm = s.iter().map(|s| s * s).sum::<f64>().sqrt();
            s.iter_mut().for_each(|s| *s /= norm);
        }
        s
    }
}
