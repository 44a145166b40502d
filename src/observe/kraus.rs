//! Trajectories: one operator of a Kraus channel is drawn at random, with its probability, and applied.

use std::ops::Range;

use ndarray::ArrayView2;
use num_complex::Complex64;

use crate::apply::{Operators, apply, apply_all, batch_nanos, nanos};
use crate::error::{Error, Result};
use crate::exec::{Crew, whole};
use crate::kernels::Site;
use crate::layout::Layout;
use crate::operator::Operator;
use crate::simd::Real;
use crate::state::{StateMut, StateRef, StatesMut};

/// How far the sum of `K^dagger K` may be from the identity.
const ACCEPTED: f64 = 1e-8;

/// How far `K^dagger K` may be from a multiple of the identity, due to rounding, if `K` is a multiple of a unitary.
const ROUNDED: f64 = 1e-15;

/// A set of Kraus operators, `rho -> sum of K rho K^dagger`.
#[derive(Debug, PartialEq)]
pub struct Channel {
    operators: Vec<Complex64>,
    /// `K^dagger K` of each, whose expectation value is its probability.
    effects: Vec<Complex64>,
    /// The probabilities, where all operators are multiples of unitary matrices: no state changes them.
    fixed: Option<Vec<f64>>,
    /// Entries of one operator.
    size: usize,
}

impl Channel {
    /// The channel of some `dim` by `dim` matrices, one after the other.
    ///
    /// # Errors
    /// [`Error::NotAChannel`] where the sum of `K^dagger K` is not the identity.
    pub fn new(operators: &[Complex64], dim: usize) -> Result<Channel> {
        let size = dim * dim;
        let mut effects = Vec::with_capacity(operators.len());
        for k in operators.chunks_exact(size) {
            let k = ArrayView2::from_shape((dim, dim), k).expect("a chunk of this size");
            effects.extend(k.t().mapv(|entry| entry.conj()).dot(&k));
        }
        let mut deviation: f64 = 0.0;
        for entry in 0..size {
            let sum: Complex64 = effects.chunks_exact(size).map(|effect| effect[entry]).sum();
            deviation = deviation.max((sum - f64::from(entry % (dim + 1) == 0)).norm());
        }
        if deviation > ACCEPTED {
            return Err(Error::NotAChannel { deviation, accepted: ACCEPTED });
        }
        let fixed = |effect: &[Complex64]| {
            let weight = effect[0].re;
            let near = |(entry, &value): (usize, &Complex64)| {
                (value - if entry % (dim + 1) == 0 { weight } else { 0.0 }).norm() <= ROUNDED
            };
            effect.iter().enumerate().all(near).then_some(weight)
        };
        let fixed = effects.chunks_exact(size).map(fixed).collect();
        Ok(Channel { operators: operators.to_vec(), effects, fixed, size })
    }

    /// The channel on some qubits whose operators are the entries of an array of shape `(m, 2**k, 2**k)`.
    ///
    /// # Errors
    /// [`Error::OperatorSize`] where it has another shape, [`Error::NotFinite`], and as [`Channel::new`].
    pub fn of_array(entries: &[Complex64], shape: &[usize], qubits: usize) -> Result<Channel> {
        let dim = 1usize.checked_shl(qubits as u32).unwrap_or(0);
        if shape.len() != 3 || shape[0] == 0 || shape[1..] != [dim, dim] {
            return Err(Error::OperatorSize { argument: "operators", shape: shape.to_vec(), qubits });
        }
        if !entries.iter().all(|entry| entry.is_finite()) {
            return Err(Error::NotFinite { argument: "operators" });
        }
        Channel::new(entries, dim)
    }

    /// Its superoperator: the sum of `K (x) conj(K)`, row by row, as it acts on the rows and columns of a density
    /// matrix.
    pub fn superoperator(&self) -> Vec<Complex64> {
        let dim = self.dim();
        let mut out = vec![Complex64::ZERO; self.size * self.size];
        for k in self.operators.chunks_exact(self.size) {
            for (at, out) in out.iter_mut().enumerate() {
                let (row, column) = (at / self.size, at % self.size);
                let of_rows = k[row / dim * dim + column / dim];
                *out += of_rows * k[row % dim * dim + column % dim].conj();
            }
        }
        out
    }

    /// Whether the probabilities depend on the state, so that it has to be read.
    pub fn reads(&self) -> bool {
        self.fixed.is_none()
    }

    /// Whether an operator is a positive multiple of the identity, which changes no state.
    fn leaves_all(&self, number: usize) -> bool {
        let entries = &self.operators[number * self.size..][..self.size];
        let (first, dim) = (entries[0], self.dim());
        let is = |(entry, value): (usize, &Complex64)| {
            *value == if entry % (dim + 1) == 0 { first } else { Complex64::ZERO }
        };
        first.im == 0.0 && first.re > 0.0 && entries.iter().enumerate().all(is)
    }

    /// The rows of an operator.
    pub fn dim(&self) -> usize {
        self.size.isqrt()
    }

    /// The entries of all operators, one after the other and row by row.
    pub fn entries(&self) -> &[Complex64] {
        &self.operators
    }

    /// One of the operators.
    ///
    /// # Panics
    /// Where there is none of this number.
    pub fn operator(&self, number: usize) -> Operator<'_> {
        Operator::Dense(&self.operators[number * self.size..][..self.size])
    }

    /// The index of an operator, drawn with `uniform` in [0, 1) for qubits with this density matrix, and its
    /// probability. None if the trace is 0 or not finite.
    fn outcome(&self, density: &[Complex64], uniform: f64) -> Option<(usize, f64)> {
        let dim = self.dim();
        let probability = |effect: &[Complex64]| -> f64 {
            // The trace of K^dagger K times the density matrix.
            let term = |i: usize| (effect[i] * density[i % dim * dim + i / dim]).re;
            (0..self.size).map(term).sum::<f64>().max(0.0)
        };
        let probabilities: Vec<f64> = self.effects.chunks_exact(self.size).map(probability).collect();
        Channel::chosen(&probabilities, uniform)
    }

    /// The same for some probabilities, which may have any sum.
    fn chosen(probabilities: &[f64], uniform: f64) -> Option<(usize, f64)> {
        let total: f64 = probabilities.iter().sum();
        if !total.is_finite() || total <= 0.0 {
            return None;
        }
        let mut rest = uniform * total;
        let mut chosen = None;
        for (number, &probability) in probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            chosen = Some((number, probability / total));
            if rest < probability {
                break;
            }
            rest -= probability;
        }
        chosen
    }

    /// The index of an operator, drawn with `uniform` for the qubits `targets` of a state, and the factor that keeps
    /// the norm when it is applied. None if the state has norm 0, or no finite norm.
    fn draw<T: Real>(
        &self,
        state: StateRef<'_, T>,
        targets: &[u8],
        uniform: f64,
        crew: Crew,
    ) -> Option<(usize, f64)> {
        let density = super::density(state, targets, crew);
        let (number, probability) = self.outcome(&density, uniform)?;
        Some((number, probability.sqrt().recip()))
    }

    /// Estimate for drawing an operator for a state.
    fn nanos_to_draw(&self, num_qubits: usize) -> f64 {
        // A density matrix takes half a nanosecond for each product, and 300 to set up.
        300.0 + 0.5 * (self.dim() << num_qubits) as f64
    }
}

/// Estimate for [`trajectory_step`].
pub fn nanos_of_trajectory_step(layout: &Layout, channel: &Channel, site: &Site<'_>) -> f64 {
    let states = layout.states() as f64;
    states * channel.nanos_to_draw(layout.num_qubits())
        + batch_nanos(layout, &Operators::Shared(channel.operator(0)), site)
}

/// Estimate for [`apply_one_kraus`].
pub fn nanos_of_one_kraus(num_qubits: usize, channel: &Channel, targets: &[u8]) -> f64 {
    let site = Site { targets, controls: 0, values: 0 };
    let drawn = if channel.reads() { channel.nanos_to_draw(num_qubits) } else { 0.0 };
    drawn + nanos(num_qubits, &channel.operator(0), &site)
}

/// As [`trajectory_step`], on a single state. Returns the index of the operator, or None if the state has norm 0, or
/// no finite norm, and that was noticed.
///
/// The state is not read if the probabilities are the same for all states, and not written if the operator changes
/// nothing. With weak depolarizing noise this is nearly always so, and takes 1 us; to read and write 16 qubits takes
/// 500 us.
///
/// # Panics
/// Where `targets` are not distinct bits, as many as the operators act on.
pub fn apply_one_kraus<T: Real>(
    state: &mut StateMut<'_, T>,
    channel: &Channel,
    targets: &[u8],
    uniform: f64,
    crew: Crew,
) -> Option<usize> {
    assert_eq!(channel.size, 1 << (2 * targets.len()), "operators on the targets");
    let n = state.layout().num_qubits();
    let (number, scale) = match &channel.fixed {
        Some(probabilities) => {
            let (number, probability) = Channel::chosen(probabilities, uniform)?;
            (number, probability.sqrt().recip())
        }
        None => {
            let reading = crew.worth(super::nanos(n));
            channel.draw(state.as_ref(), targets, uniform, reading)?
        }
    };
    if channel.leaves_all(number) {
        return Some(number);
    }
    let entries = &channel.operators[number * channel.size..][..channel.size];
    let scaled: Vec<Complex64> = entries.iter().map(|entry| entry * scale).collect();
    let operator = Operator::Dense(&scaled);
    let site = Site { targets, controls: 0, values: 0 };
    apply(state, &operator, &site, crew.worth(nanos(n, &operator, &site)));
    Some(number)
}

/// Applies one operator of the channel to the qubits `targets` of each state, and keeps the norm of each. Writes the
/// index of each operator to `numbers`.
///
/// All operators are drawn before any state is changed.
///
/// # Errors
/// [`Error::NoNorm`] where a state has none.
///
/// # Panics
/// Where there is not one of `uniforms` and `numbers` for each state, or `targets` are not distinct bits, as
/// many as the operators act on.
pub fn trajectory_step<T: Real>(
    states: &mut StatesMut<'_, T>,
    channel: &Channel,
    targets: &[u8],
    uniforms: &[f64],
    numbers: &mut [i64],
    crew: Crew,
) -> Result<()> {
    let layout = states.layout();
    let site = Site { targets, controls: 0, values: 0 };
    site.check(layout);
    assert_eq!([uniforms.len(), numbers.len()], [states.len(); 2], "a number for each state");
    assert_eq!(channel.size, 1 << (2 * targets.len()), "operators on the targets");
    let reading = crew.worth(super::nanos(layout.num_qubits()));
    let mut scales = Vec::with_capacity(uniforms.len());
    let all = states.as_ref();
    for ((state, &uniform), number) in all.part(0..all.len()).zip(uniforms).zip(numbers.iter_mut()) {
        let drawn = channel.draw(state, targets, uniform, reading);
        let (chosen, scale) = drawn.ok_or(Error::NoNorm)?;
        *number = chosen as i64;
        scales.push(scale);
    }
    let fill = |range: Range<usize>, out: &mut [Complex64]| {
        for (out, state) in out.chunks_exact_mut(channel.size).zip(range) {
            let operator = &channel.operators[numbers[state] as usize * channel.size..];
            out.iter_mut().zip(operator).for_each(|(out, entry)| *out = entry * scales[state]);
        }
    };
    let operators = Operators::Each { like: channel.operator(0), fill: Box::new(fill) };
    whole(|| apply_all(states, &operators, site, crew));
    Ok(())
}
