//! Gradients of expectation values, by adjoint differentiation (Jones and Gacon, arXiv:2009.02823).
//!
//! With `|x> = U |start>` and `|eta> = O |x>`, the derivative of `<x|O|x>` by the angle of a rotation
//! `exp(-i theta/2 P)` is `Im <eta|P|x>`, both taken back to where the rotation is; by that of
//! `exp(i phi Q)` with a projector Q, `-2 Im <eta|Q|x>`. Both states lie side by side, as one state of one
//! more qubit, and are taken back together, tile by tile, by the program of the inverse circuit. On its way
//! it takes such overlaps:
//!
//! - before each rotation those with X, Y and Z of its bit, from which follow those of all rotations that were
//!   fused into it, as they only rotate these three; with Y alone, where it is one rotation about Y;
//! - before each diagonal that has a parameter the one with its parity.
//!
//! ```
//! use num_complex::Complex64;
//! use numket::circuit::{Adjoint, Angle, Circuit, Operation, Program};
//! use numket::{exec::Crew, gates::named, layout::Layout, progress::Progress, state::StateMut};
//!
//! let mut circuit = Circuit::new(1);
//! let theta = Angle { offset: 0.0, terms: vec![(0, 1.0)] };
//! circuit.push(Operation::gate(&named::rx, vec![theta], vec![0], vec![])).unwrap();
//! let (crew, layout) = (Crew::alone().unwrap(), Layout::flat(1));
//!
//! // |0> goes through the circuit, and the observable is Z.
//! let mut states = [1.0, 0.0, 0.0, 0.0].map(Complex64::from);
//! let program = Program::new::<f64>(&circuit, &layout, crew.isa);
//! program.run(&program.bind(&[0.3]), &mut StateMut::new(&mut states[..2], &layout), crew);
//! (states[2], states[3]) = (states[0], -states[1]);
//!
//! let (adjoint, progress) = (Adjoint::new::<f64>(&circuit, crew.isa).unwrap(), Progress::unwatched());
//! let mut gradient = [0.0];
//! let layout = Layout::flat(2);
//! let mut both = StateMut::new(&mut states, &layout);
//! adjoint.pull_back(&[0.3], &mut both, crew, &mut gradient, &progress);
//! assert!((gradient[0] + 0.3f64.sin()).abs() < 1e-15);
//! ```

use num_complex::Complex64;

use super::evaluate::{Evaluated, Two, product};
use super::fuse::{Factor, FusedGate, Piece};
use super::plan::Sweep;
use super::run::{Binding, Program};
use super::tile::MicroOp;
use super::{Action, Angle, Circuit, Operation};
use crate::error::{Error, Result};
use crate::exec::Crew;
use crate::gates::{Generator, named};
use crate::operator::PauliString;
use crate::progress::Progress;
use crate::simd::{Isa, Real};
use crate::state::StateMut;

/// What computes the gradient of a circuit: the inverse circuit on two states.
#[derive(Debug)]
pub struct Adjoint(Program);

/// Matrices of users may be as far from unitary: rounded to complex64.
const UNITARY: f64 = 1e-6;

impl Adjoint {
    /// Plans it, for flat states in some precision.
    ///
    /// # Errors
    /// [`Error::Irreversible`] for measurements, resets and conditions, and [`Error::NotUnitary`].
    pub fn new<T: Real>(circuit: &Circuit, isa: Isa) -> Result<Adjoint> {
        let adjoint = Adjoint::watched::<T>(circuit, isa, &Progress::unwatched())?;
        Ok(adjoint.expect("nobody stops it"))
    }

    /// As [`Adjoint::new`], unless it is stopped.
    ///
    /// # Errors
    /// As there.
    pub fn watched<T: Real>(
        circuit: &Circuit,
        isa: Isa,
        progress: &Progress<'_>,
    ) -> Result<Option<Adjoint>> {
        circuit.undoable()?;
        let is_wrong = |operation: &Operation| !is_unitary(&operation.action);
        if let Some(operation) = circuit.operations().iter().position(is_wrong) {
            return Err(Error::NotUnitary { operation });
        }
        let mut doubled = Circuit::new(circuit.num_qubits() + 1);
        for operation in circuit.operations().iter().rev() {
            for part in lowered(operation).iter().rev() {
                let mut inverse = part.inverse();
                inverse.qubits.iter_mut().for_each(|qubit| *qubit += 1);
                inverse.controls.iter_mut().for_each(|(qubit, _)| *qubit += 1);
                doubled.push(inverse)?;
            }
        }
        let observed: Vec<bool> = doubled.operations().iter().map(Operation::has_parameters).collect();
        Ok(Program::doubled::<T>(&doubled, isa, &observed, progress).map(Adjoint))
    }

    /// What one thread needs for it, in nanoseconds, roughly.
    pub fn nanos(&self) -> f64 {
        self.0.nanos() + self.0.nanos_to_bind()
    }

    /// Its steps, as a [`Progress`] is told of them.
    pub fn steps(&self) -> usize {
        self.0.steps()
    }

    /// Takes two states back to where the circuit starts, up to rounding and a global phase, on at most
    /// `threads` threads, and adds the derivatives of an expectation value by all parameters to `gradient`.
    ///
    /// The two lie side by side, as a flat state of one qubit more: `|x>` as the circuit makes it, and `O|x>`.
    ///
    /// # Panics
    /// Where the state is no such, the lanes are others, or a parameter is missing.
    pub fn pull_back<T: Real>(
        &self,
        params: &[f64],
        states: &mut StateMut<'_, T>,
        crew: Crew,
        gradient: &mut [f64],
        progress: &Progress<'_>,
    ) {
        if states.layout().num_qubits() == 1 {
            return; // nothing rotates, and phases do not count
        }
        let mut binding = Binding::default();
        if self.0.rebind(&mut binding, params, progress) {
            let overlaps = self.0.run_overlaps(&binding, states, crew, progress);
            let evaluated = Evaluated::of(&self.0.operations, params, binding.rotations);
            self.0.add_derivatives(&evaluated, &overlaps, gradient);
        }
    }
}

impl Operation {
    /// Whether an angle depends on a parameter.
    pub fn has_parameters(&self) -> bool {
        self.angles().iter().any(|angle| !angle.terms.is_empty())
    }
}

/// Whether an operator of the user's own is unitary.
fn is_unitary(action: &Action) -> bool {
    match action {
        Action::Dense(matrix) => {
            let dim = matrix.len().isqrt();
            let inner = |i: usize, j: usize| -> Complex64 {
                (0..dim).map(|row| matrix[row * dim + i].conj() * matrix[row * dim + j]).sum()
            };
            let off = |i: usize, j: usize| inner(i, j) - f64::from(u8::from(i == j));
            (0..dim).all(|i| (i..dim).all(|j| off(i, j).norm() <= UNITARY))
        }
        Action::Diagonal(entries) => entries.iter().all(|entry| (entry.norm() - 1.0).abs() <= UNITARY),
        _ => true,
    }
}

/// The same operation, up to a global phase, by rotations about one Pauli string each, and phases of what
/// controls select.
fn lowered(operation: &Operation) -> Vec<Operation> {
    let Action::Gate(gate, angles) = &operation.action else { return vec![operation.clone()] };
    if !operation.has_parameters() {
        return vec![operation.clone()];
    }
    let (own, targets) = operation.qubits.split_at(gate.controls);
    let own = own.iter().map(|&qubit| (qubit, true));
    let controls: Vec<(usize, bool)> = own.chain(operation.controls.iter().copied()).collect();
    let alone = controls.is_empty();
    let rotation = |letters: &str, theta: Angle| {
        let string = PauliString::of(letters).expect("the table has Pauli letters");
        let (qubits, controls) = (targets.to_vec(), controls.clone());
        match letters {
            "X" if alone => Operation::gate(&named::rx, vec![theta], qubits, controls),
            "Y" if alone => Operation::gate(&named::ry, vec![theta], qubits, controls),
            "Z" if alone => Operation::gate(&named::rz, vec![theta], qubits, controls),
            _ => Operation { action: Action::PauliRotation(string, theta), qubits, controls },
        }
    };
    match (gate.generator, &angles[..]) {
        (Generator::Pauli(letters), [theta]) => vec![rotation(letters, theta.clone())],
        (Generator::Ones, [lam]) if alone => vec![rotation("Z", lam.clone())],
        (Generator::None, [theta, phi, lam, rest @ ..]) => {
            // exp(i gamma) exp(i (phi + lam)/2) rz(phi) ry(theta) rz(lam), where the phase is a rotation about I.
            let mut all = vec![
                rotation("Z", lam.clone()),
                rotation("Y", theta.clone()),
                rotation("Z", phi.clone()),
            ];
            if !alone {
                let twice = rest.iter().chain(rest);
                let phases =
                    twice.chain([phi, lam]).fold(Angle::default(), |sum, angle| sum.plus(angle));
                all.push(rotation("I", phases.negated()));
            }
            all
        }
        _ => vec![operation.clone()],
    }
}

impl Angle {
    fn plus(mut self, other: &Angle) -> Angle {
        self.offset += other.offset;
        self.terms.extend_from_slice(&other.terms);
        self
    }
}

impl Program {
    /// Adds the derivatives by all parameters of a circuit of which this is the inverse, on two states, from
    /// the overlaps that were taken.
    fn add_derivatives(&self, evaluated: &Evaluated<'_>, overlaps: &[f64], gradient: &mut [f64]) {
        // A rotation leaves amplitudes too large until the diagonal after it is done.
        let scale = |number: usize| evaluated.rotations[number].after[0].norm();
        let mut pending = 1.0;
        let after = |pending: &mut f64, diagonal: usize| {
            for piece in &self.fused.diagonals[diagonal].pieces {
                if let Piece::AfterRotation(number) = *piece {
                    *pending /= scale(number);
                }
            }
        };
        let mut tiles = self.tiles.iter();
        for sweep in &self.plan.sweeps {
            if let Sweep::Direct(_) = sweep {
                continue; // a whole operator
            }
            let program = tiles.next().expect("one for each such sweep");
            for pass in program.passes() {
                for (micro_op, _) in &pass.micro_ops {
                    match micro_op {
                        MicroOp::Rotation(number, _) => pending *= scale(*number),
                        MicroOp::Scale(_) => pending = 1.0,
                        MicroOp::PhaseTable(number) => {
                            pass.phase_tables[*number]
                                .diagonals()
                                .for_each(|diagonal| after(&mut pending, diagonal));
                        }
                        MicroOp::Overlap(number, _) => {
                            let overlap = &pass.overlaps[*number];
                            let taken = &overlaps[overlap.at..][..overlap.len];
                            let factor = pending * pending;
                            match (&self.fused.gates[overlap.gate], taken) {
                                (&FusedGate::Rotation(number, _), &[y]) => {
                                    self.add_of_rotation(
                                        evaluated,
                                        number,
                                        [0.0, factor * y, 0.0],
                                        gradient,
                                    );
                                }
                                (&FusedGate::Rotation(number, _), &[x, y, z]) => {
                                    let taken = [x, y, z].map(|taken| factor * taken);
                                    self.add_of_rotation(evaluated, number, taken, gradient);
                                }
                                (&FusedGate::Diagonal(number), &[taken]) => {
                                    self.add_of_diagonal(number, factor * taken, gradient);
                                }
                                _ => unreachable!("only rotations and diagonals are observed"),
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// Adds the derivatives by the angles in a rotation, from the overlaps with X, Y and Z before it.
    fn add_of_rotation(
        &self,
        evaluated: &Evaluated<'_>,
        number: usize,
        taken: [f64; 3],
        gradient: &mut [f64],
    ) {
        // What leads from there to each factor: first back over the diagonal that has been done already.
        let before = evaluated.rotations[number].before.conj();
        let mut way: Two = [Complex64::ONE, Complex64::ZERO, Complex64::ZERO, before];
        for &factor in &self.fused.rotations[number].factors {
            if let Factor::Operation(operation) = factor
                && let Action::Gate(gate, _) = &self.operations[operation].action
                && let Generator::Pauli(letter) = gate.generator
                && self.operations[operation].has_parameters()
            {
                let [a, b, c, d] = way;
                // The matrix element in the first row and second column, and half the difference of the diagonal,
                // of way^dagger P way.
                let (off, diagonal) = match letter {
                    "X" => (a.conj() * d + c.conj() * b, (a.conj() * c).re - (b.conj() * d).re),
                    "Y" => {
                        let i = Complex64::I;
                        let off = i * (c.conj() * b - a.conj() * d);
                        (off, (a.conj() * c).im - (b.conj() * d).im)
                    }
                    _ => {
                        let off = a.conj() * b - c.conj() * d;
                        let of = |p: Complex64, q: Complex64| p.norm_sqr() - q.norm_sqr();
                        (off, 0.5 * (of(a, c) - of(b, d)))
                    }
                };
                let [x, y, z] = taken;
                self.add(operation, off.re * x - off.im * y + diagonal * z, gradient);
            }
            way = product(&evaluated.factor(factor), &way);
        }
    }

    /// Adds the derivatives by the angles in a diagonal, from the overlap with its parity.
    fn add_of_diagonal(&self, number: usize, taken: f64, gradient: &mut [f64]) {
        for piece in &self.fused.diagonals[number].pieces {
            let (Piece::Operation(operation) | Piece::PauliRotation(operation)) = *piece else {
                continue;
            };
            let derivative = match &self.operations[operation].action {
                Action::Gate(gate, _) if gate.generator == Generator::Ones => -2.0 * taken,
                _ => taken,
            };
            self.add(operation, derivative, gradient);
        }
    }

    /// Adds the derivative by the angle of an operation, to each parameter as much as it counts in it.
    fn add(&self, operation: usize, derivative: f64, gradient: &mut [f64]) {
        for &(parameter, factor) in
            self.operations[operation].angles().iter().flat_map(|angle| &angle.terms)
        {
            // The angle is that of the inverse.
            gradient[parameter] -= factor * derivative;
        }
    }
}
