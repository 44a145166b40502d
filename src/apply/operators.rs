//! The operators for the states of a batch, which may differ in their entries.

use std::ops::Range;

use num_complex::Complex64;

use super::STATES_AT_ONCE;
use crate::gates::{Entries, Gate};
use crate::kernels::phases::Phases;
use crate::layout::Rows;
use crate::operator::{Operator, PauliString};
use crate::simd::Isa;

/// What writes the entries of the operators of some states, at most [`STATES_AT_ONCE`], one after the other.
pub type Fill<'a> = dyn Fn(Range<usize>, &mut [Complex64]) + Sync + 'a;

/// The operators for the states of a batch.
pub enum Operators<'a> {
    /// One for all.
    Shared(Operator<'a>),
    /// One for each, all of the same structure, which has entries.
    Each {
        /// The structure of all, on entries that do not matter.
        like: Operator<'a>,
        /// Writes the entries.
        fill: Box<Fill<'a>>,
    },
}

impl<'a> Operators<'a> {
    /// A gate with these angles, one row of one number for each of its parameters; `entries` is room for the
    /// numbers of one operator. Phases are computed on the lanes of `isa`.
    ///
    /// ```
    /// use num_complex::Complex64;
    /// use numket::apply::{Operators, apply_all};
    /// use numket::{exec::Crew, gates::named, kernels::Site, layout::{Layout, Rows}, state::StatesMut};
    ///
    /// // Two states of one qubit, and an angle for each.
    /// let mut psi = [1.0, 0.0, 1.0, 0.0].map(Complex64::from);
    /// let layout = Layout::of_array("state", &[2, 2], &[4, 2], 1)?;
    /// let angles = [Rows::new("theta", &[0.0, 3.0], &[2], 0, &[2])?];
    /// let (crew, mut entries) = (Crew::alone()?, Default::default());
    /// let operators = Operators::of_gate(&named::ry, &angles, &mut entries, crew.isa);
    /// let site = Site { targets: &[0], controls: 0, values: 0 };
    /// apply_all(&mut StatesMut::new(&mut psi, &layout), &operators, site, crew);
    /// assert!(psi[1].re == 0.0 && (psi[3].re - 1.5f64.sin()).abs() < 1e-15);
    /// # Ok::<(), numket::error::Error>(())
    /// ```
    ///
    /// # Panics
    /// Where a row has no number.
    pub fn of_gate(
        gate: &'a Gate,
        angles: &'a [Rows<'a, f64>],
        entries: &'a mut Entries,
        isa: Isa,
    ) -> Operators<'a> {
        let first: Vec<f64> = angles.iter().map(|angles| angles.first()[0]).collect();
        let like = gate.operator(&first, entries);
        if angles.iter().all(Rows::shared) {
            return Operators::Shared(like);
        }
        let fill = move |range: Range<usize>, out: &mut [Complex64]| {
            let (len, params) = (range.len(), angles.len());
            let mut some = [0.0; STATES_AT_ONCE];
            let mut phases = [Complex64::ZERO; STATES_AT_ONCE];
            let mut rows = vec![Complex64::ZERO; len * params];
            for (param, (angles, factor)) in angles.iter().zip(gate.factors()).enumerate() {
                for (angle, row) in some.iter_mut().zip(angles.of(range.clone())) {
                    *angle = factor * row[0];
                }
                Phases { angles: &some[..len], out: &mut phases }.write(isa);
                let column = rows[param..].iter_mut().step_by(params);
                column.zip(phases).for_each(|(to, phase)| *to = phase);
            }
            gate.write(&rows, out);
        };
        Operators::Each { like, fill: Box::new(fill) }
    }

    /// What `operator` makes of rows of entries.
    pub fn of_entries(
        rows: Rows<'a, Complex64>,
        operator: fn(&'a [Complex64]) -> Operator<'a>,
    ) -> Operators<'a> {
        let like = operator(rows.first());
        if rows.shared() {
            return Operators::Shared(like);
        }
        let fill = move |range: Range<usize>, out: &mut [Complex64]| {
            for (out, row) in out.chunks_exact_mut(rows.size()).zip(rows.of(range)) {
                out.copy_from_slice(row);
            }
        };
        Operators::Each { like, fill: Box::new(fill) }
    }

    /// Rotations about a Pauli string by these angles, one number in each row, or the string itself without;
    /// `entries` is room for the two coefficients of one operator.
    ///
    /// # Panics
    /// Where a row has no number.
    pub fn of_pauli(
        string: PauliString,
        theta: Option<Rows<'a, f64>>,
        entries: &'a mut [Complex64; 2],
    ) -> Operators<'a> {
        *entries = match &theta {
            None => [Complex64::ZERO, Complex64::ONE],
            Some(theta) => PauliString::rotation(theta.first()[0]),
        };
        let like = Operator::Pauli(string, entries);
        let Some(theta) = theta.filter(|theta| !theta.shared()) else { return Operators::Shared(like) };
        let fill = move |range: Range<usize>, out: &mut [Complex64]| {
            for (out, row) in out.as_chunks_mut::<2>().0.iter_mut().zip(theta.of(range)) {
                *out = PauliString::rotation(row[0]);
            }
        };
        Operators::Each { like, fill: Box::new(fill) }
    }
}
