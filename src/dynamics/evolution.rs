//! Evolution in time, by a series of Chebyshev polynomials.
//!
//! With all eigenvalues of H in `[center - radius, center + radius]`, and `G = (H - center) / radius`,
//!
//! ```text
//! exp(-i H t) = exp(-i center t) * (J0(z) + 2 sum over k >= 1 of (-i)**k Jk(z) Tk(G)),    z = radius t
//! exp(-H t)   = exp(-(center - radius) t) * exp(-z) * (I0(z) + 2 sum of (-1)**k Ik(z) Tk(G))
//! T[k + 1](G) = 2 G Tk(G) - T[k - 1](G)
//! ```
//!
//! (H. Tal-Ezer and R. Kosloff, Journal of Chemical Physics 81, 3967 (1984)). No `Tk` is larger than 1 there, so what is
//! left out is at most the sum of the coefficients left out. They fall faster than exponentially once `k > z`.
//!
//! Where H is not Hermitian, `Tk(G)` is at most `(1 + sqrt(2)) exp(k growth)`, as its numerical range lies in an ellipse
//! (see [`Hamiltonian`]) on which `|Tk|` is at most `exp(k growth)` (M. Crouzeix and C. Palencia, SIAM Journal on Matrix
//! Analysis and Applications 38, 649 (2017)). Long times are cut into steps of so few terms that this stays small.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::exec::{self, Crew};
use crate::kernels::recurrence::Row;
use crate::layout::Layout;
use crate::observe;
use crate::pauli_sum::PauliSum;
use crate::progress::Progress;
use crate::simd::{Isa, Real};
use crate::state::{StateRef, StatesMut};

use super::bessel;
use super::hamiltonian::{Adding, Hamiltonian, MAX_GROWTH, of_any_sum, of_sum};

/// `radius * t` at most: a series has about as many terms.
pub const MAX_PHASE: f64 = 1e7;

/// A step in imaginary time makes a state shorter by `exp(-MAX_LOSS)` at most, as the error grows in proportion.
const MAX_LOSS: f64 = 5.0;

/// Work of one thread, in nanoseconds, that small states of a batch are taken together for; and up to which a state
/// may take so that threads share the batch.
const GROUP_NANOS: f64 = 5e6;

/// Steps after which small states ask whether to go on.
const ASK_STEPS: usize = 16;

/// What the evolution under H is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `exp(-i H t)` for a Hermitian H.
    Unitary,
    /// `exp(-H t)` for a Hermitian H; the norm is kept.
    Imaginary,
    /// `exp(-i H t)` for any H.
    General,
}

/// The evolution of states of one layout, for some time.
pub struct Evolution<T> {
    hamiltonian: Arc<Hamiltonian<T>>,
    time: f64,
    kind: Kind,
    tol: f64,
}

/// The vectors that a series needs.
struct Vectors<T> {
    current: Vec<Row<T>>,
    next: Vec<Row<T>>,
    total: Vec<Row<T>>,
}

/// The coefficients of a series, the second and all later ones doubled: an even number of them.
struct Series {
    coefs: Vec<f64>,
    /// Whether each is also multiplied by -i more than the one before, else by -1.
    turned: bool,
}

impl Series {
    /// Enough terms that the rest is at most `tol`, where the polynomial k is at most `exp(k growth)`.
    fn new(z: f64, imaginary: bool, growth: f64, tol: f64) -> Series {
        let mut coefs = match imaginary {
            _ if z == 0.0 => vec![1.0, 0.0],
            true => bessel::scaled_i(z.abs()),
            false => bessel::j(z.abs()),
        };
        coefs.iter_mut().skip(1).for_each(|coef| *coef *= 2.0);
        let mut rest = 0.0;
        while let Some(&last) = coefs.last()
            && coefs.len() > 2
            && let left_out = last.abs() * (growth * (coefs.len() - 1) as f64).exp()
            && rest + left_out <= tol
        {
            rest += left_out;
            coefs.pop();
        }
        if coefs.len() % 2 == 1 {
            coefs.push(0.0);
        }
        // Powers of -i are those of -1 for each second term; what is left of them is `turned`. Backwards in time, all
        // odd terms have the other sign, and forwards in imaginary time.
        for (k, coef) in coefs.iter_mut().enumerate() {
            let odd = k % 2 == 1;
            let flips =
                if imaginary { odd == (z > 0.0) && odd } else { (k / 2 % 2 == 1) != (odd && z < 0.0) };
            if flips {
                *coef = -*coef;
            }
        }
        Series { coefs, turned: !imaginary }
    }
}

impl<T: Real> Evolution<T> {
    /// Prepares it: the sum itself keeps what does not depend on the time. `tol` bounds the norm of what is left out of
    /// the series, for states of norm 1.
    ///
    /// # Errors
    /// [`Error::SumSize`], [`Error::NotHermitianSum`], [`Error::NotRealOperator`] for real states,
    /// [`Error::NotFinite`] for the time, [`Error::Tolerance`], and [`Error::TooLong`].
    ///
    /// # Panics
    /// Where the states are real, in real time.
    pub fn new(
        sum: &PauliSum,
        layout: &Layout,
        time: f64,
        kind: Kind,
        tol: f64,
        isa: Isa,
    ) -> Result<Evolution<T>> {
        assert!(kind == Kind::Imaginary || !layout.is_real(), "states that stay real");
        let hamiltonian = match kind {
            Kind::General => of_any_sum::<T>(sum, layout, isa)?,
            _ => of_sum::<T>(sum, layout, layout.is_real(), isa)?,
        };
        if !time.is_finite() {
            return Err(Error::NotFinite { argument: "t" });
        }
        if !(f64::EPSILON..1.0).contains(&tol) {
            return Err(Error::Tolerance { given: tol, least: f64::EPSILON });
        }
        let phase = hamiltonian.radius * time.abs();
        if phase > MAX_PHASE {
            return Err(Error::TooLong { phase, limit: MAX_PHASE });
        }
        Ok(Evolution { hamiltonian, time, kind, tol })
    }

    /// Estimate for a step of a state.
    pub fn nanos_of_step(&self) -> f64 {
        self.hamiltonian.nanos()
    }

    /// Estimate for a state.
    pub fn nanos(&self) -> f64 {
        let steps = self.steps();
        let z = self.hamiltonian.radius * self.time.abs() / steps;
        self.hamiltonian.nanos() * steps * (z + 3.0 * z.cbrt() + 20.0)
    }

    /// Into how many steps the time is cut.
    fn steps(&self) -> f64 {
        let Hamiltonian { radius, growth, .. } = *self.hamiltonian;
        (growth * radius * self.time.abs() / MAX_GROWTH).ceil().max(1.0)
    }

    /// Changes all states; `progress` is told of each that is done. What is stopped leaves those not done as they were.
    ///
    /// # Errors
    /// [`Error::Memory`] where there is no room for three states more, in imaginary time [`Error::NoNorm`], and for an H
    /// that is not Hermitian [`Error::Grown`]. The states not done are then as they were.
    pub fn run(&self, states: &mut StatesMut<'_, T>, crew: Crew, progress: &Progress<'_>) -> Result<()> {
        let (across, inside) = crew.shared_out(self.hamiltonian.nanos());
        let len = states.len();
        if self.kind == Kind::Imaginary {
            let mut norms = vec![0.0; len];
            observe::norms(states.as_ref(), &mut norms, crew);
            if !norms.iter().all(|&norm| norm > 0.0 && norm.is_finite()) {
                return Err(Error::NoNorm);
            }
        }
        if across == 1 || len == 1 || self.nanos() > GROUP_NANOS {
            self.hamiltonian.room_for(3)?;
            let mut vectors = self.vectors();
            for number in 0..len {
                let mut state = states.at(number);
                let factor = self.evolve(state.as_ref(), &mut vectors, inside).ok_or(Error::Grown)?;
                self.hamiltonian.store(&vectors.total, &mut state, factor, inside);
                progress.advance(1.0, 0.0);
            }
            return Ok(());
        }
        // Small states: so many at a time that calling the workers is worth it. None is written before all are done.
        let together = across * (GROUP_NANOS / self.nanos()).max(1.0) as usize;
        self.hamiltonian.room_for(together.min(len) + 2 * across)?;
        let mut start = 0;
        while start < len {
            let group = start..(start + together).min(len);
            let mut done = vec![(Vec::<Row<T>>::new(), Some((0.0, 0.0))); group.len()];
            let view = states.as_ref();
            exec::split(across, group.len(), &mut done, |range, out| {
                let range = group.start + range.start..group.start + range.end;
                for (state, out) in view.part(range).zip(out) {
                    let mut vectors = self.vectors();
                    let factor = self.evolve(state, &mut vectors, inside);
                    *out = (vectors.total, factor);
                }
            });
            if done.iter().any(|(_, factor)| factor.is_none()) {
                return Err(Error::Grown);
            }
            for (number, (total, factor)) in group.clone().zip(done) {
                let factor = factor.ok_or(Error::Grown)?;
                self.hamiltonian.store(&total, &mut states.at(number), factor, inside);
            }
            progress.advance(group.len() as f64, 0.0);
            start = group.end;
        }
        Ok(())
    }

    fn vectors(&self) -> Vectors<T> {
        let [current, next, total] = self.hamiltonian.vectors();
        Vectors { current, next, total }
    }

    /// Computes what becomes of a state, as `total`, and what that must be multiplied by; None where it becomes too
    /// large.
    fn evolve(
        &self,
        state: StateRef<'_, T>,
        vectors: &mut Vectors<T>,
        crew: Crew,
    ) -> Option<(f64, f64)> {
        let Hamiltonian { center, radius, shift, growth, .. } = *self.hamiltonian;
        self.hamiltonian.load(state, &mut vectors.current, crew);
        let angle = -center * self.time;
        if growth > 0.0 {
            let steps = self.steps();
            let tol = self.tol / (steps * (1.0 + std::f64::consts::SQRT_2));
            let series = Series::new(radius * self.time / steps, false, growth, tol);
            let factor = (shift * self.time / steps).exp();
            for step in 0..steps as usize {
                if step > 0 {
                    self.hamiltonian.scale(&vectors.total, &mut vectors.current, factor, crew);
                }
                self.add_up(&series, vectors, crew);
                let length = self.hamiltonian.square(&vectors.total, crew).sqrt() * factor;
                let limit = if size_of::<T>() == 4 { f32::MAX.into() } else { f64::MAX };
                if length.is_nan() || length > limit {
                    return None;
                }
            }
            return Some((factor * angle.cos(), factor * angle.sin()));
        }
        if self.kind != Kind::Imaginary {
            self.add_up(&Series::new(radius * self.time, false, 0.0, self.tol), vectors, crew);
            let factor = (shift * self.time).exp();
            return factor.is_finite().then(|| (factor * angle.cos(), factor * angle.sin()));
        }
        let norm = observe::norm(state, crew);
        let mut left = radius * self.time;
        let mut length = norm;
        loop {
            // exp(-x) is convex, so the mean energy tells how short the state may become at most.
            let Vectors { current, next, .. } = &mut *vectors;
            let mean = self.hamiltonian.step(current, next, (0.5, 0.0), None, crew);
            let mean = mean.inner / (length * length);
            let above = if left > 0.0 { 1.0 + mean } else { 1.0 - mean };
            let z = left.signum() * left.abs().min(MAX_LOSS / above.max(1e-3));
            // Relative to what the state becomes at least.
            let tol = self.tol * (-MAX_LOSS).exp();
            self.add_up(&Series::new(z, true, 0.0, tol), vectors, crew);
            left -= z;
            length = self.hamiltonian.square(&vectors.total, crew).sqrt();
            if left == 0.0 {
                return Some((norm / length, 0.0));
            }
            let factor = norm / length;
            self.hamiltonian.scale(&vectors.total, &mut vectors.current, factor, crew);
            length = norm;
        }
    }

    /// Adds up a series on `current`, as `total`.
    fn add_up(&self, series: &Series, vectors: &mut Vectors<T>, crew: Crew) {
        let Vectors { current, next, total } = vectors;
        for k in 1..series.coefs.len() {
            let factors = if k == 1 { (0.5, 0.0) } else { (1.0, 1.0) };
            let adding = (k % 2 == 1).then(|| Adding {
                first: k == 1,
                current: series.coefs[k - 1],
                next: series.coefs[k],
                turned: series.turned,
            });
            let total = adding.map(|adding| (&mut total[..], adding));
            self.hamiltonian.step(current, next, factors, total, crew);
            std::mem::swap(current, next);
            if k % ASK_STEPS == 0 {
                exec::ask();
            }
        }
    }
}
