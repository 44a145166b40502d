//! Gradients of expectation values, by adjoint differentiation (Jones and Gacon, arXiv:2009.02823).
//!
//! Let `|x> = U |start>` be the state after the circuit, and `|eta> = O |x>` what the observable makes of it. Take both
//! back through the inverse circuit, to just after some gate. The derivative of `<x|O|x>` by the angle of this gate
//! is then an overlap of the two:
//!
//! ```text
//! exp(-i theta/2 P), P a Pauli string      d/dtheta = Im <eta|P|x>
//! exp(i phi Q),      Q a projector         d/dphi   = -2 Im <eta|Q|x>
//! exp(-i gamma C),   C a real diagonal     d/dgamma = 2 Im <eta|C|x>
//! ```
//!
//! Both states lie one after the other, as one state of one more qubit, and are taken back together, tile by tile, by
//! the program of the inverse circuit. On its way it takes the overlaps that are needed:
//!
//! - Before each rotation, with P = X, Y and Z of its bit. From these three follow the overlaps of all gates that
//!   were fused into the rotation, as gates on one qubit only rotate X, Y and Z into each other. If it was made of
//!   one `ry`, Y alone will do.
//! - Before each diagonal that has a parameter, with its parity.
//! - With C, where its phases are applied.
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
//! let (adjoint, progress) = (Adjoint::new(&circuit, crew.isa).unwrap(), Progress::unwatched());
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
use super::run::{Binding, BindingPool, Program, Start};
use super::tile::MicroOp;
use super::{Action, Angle, Circuit, Operation};
use crate::error::{Error, Result};
use crate::exec::Crew;
use crate::gates::{Generator, named};
use crate::operator::PauliString;
use crate::progress::Progress;
use crate::simd::{Isa, Real};
use crate::state::StateMut;

/// The program that computes the gradient of a circuit: the inverse circuit on two states.
#[derive(Debug)]
pub struct Adjoint<T> {
    program: Program,
    pool: BindingPool<Binding<T>>,
}

/// How far from unitary a matrix of the user may be: as far as rounding to complex64 takes it.
const UNITARY: f64 = 1e-6;

impl<T: Real> Adjoint<T> {
    /// Plans it for flat states of one precision.
    ///
    /// # Errors
    /// [`Error::Irreversible`] for measurements, resets and conditions, and [`Error::NotUnitary`].
    pub fn new(circuit: &Circuit, isa: Isa) -> Result<Adjoint<T>> {
        let adjoint = Adjoint::watched(circuit, isa, &Progress::unwatched())?;
        Ok(adjoint.expect("nobody stops it"))
    }

    /// As [`Adjoint::new`], unless it is stopped.
    ///
    /// # Errors
    /// As there.
    pub fn watched(circuit: &Circuit, isa: Isa, progress: &Progress<'_>) -> Result<Option<Adjoint<T>>> {
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
        let program = Program::doubled::<T>(&doubled, isa, &observed, progress);
        Ok(program.map(|program| Adjoint { program, pool: BindingPool::default() }))
    }

    /// Estimate for [`Adjoint::pull_back`].
    pub fn nanos(&self) -> f64 {
        self.program.nanos() + self.program.nanos_to_bind()
    }

    /// The number of its steps, which a [`Progress`] counts.
    pub fn steps(&self) -> usize {
        self.program.steps()
    }

    /// Takes two states back to where the circuit starts, up to rounding and a global phase, and adds the derivatives
    /// of the expectation value by all parameters to `gradient`.
    ///
    /// The two lie one after the other, as a flat state of one more qubit: `|x>` as the circuit makes it, then `O|x>`.
    ///
    /// # Panics
    /// Where the state has another layout, the crew another instruction set, or a parameter is missing.
    pub fn pull_back(
        &self,
        params: &[f64],
        states: &mut StateMut<'_, T>,
        crew: Crew,
        gradient: &mut [f64],
        progress: &Progress<'_>,
    ) {
        if states.layout().num_qubits() == 1 {
            return; // no qubits: there are only global phases, which change no expectation value
        }
        let mut binding = self.pool.lend();
        if self.program.rebind(&mut binding, params, progress) {
            let overlaps = self.program.run_overlaps(Start::Given, &binding, states, crew, progress);
            let rotations = std::mem::take(&mut binding.rotations);
            let evaluated = Evaluated::of(&self.program.operations, params, rotations);
            self.program.add_derivatives(&evaluated, &overlaps, gradient);
            binding.rotations = evaluated.rotations;
        }
    }
}

impl Operation {
    /// Whether an angle depends on a parameter.
    pub fn has_parameters(&self) -> bool {
        self.angles().iter().any(|angle| !angle.terms.is_empty())
    }
}

/// Whether an operator is unitary: matrices and diagonals of the user may not be.
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

/// An operation with parameters as operations with one angle each, the same up to a global phase: rotations about
/// Pauli strings, and phase gates. Other operations are left as they are.
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
            // u = exp(i gamma) exp(i (phi + lam)/2) rz(phi) ry(theta) rz(lam). With controls the phase counts: it is a
            // rotation about the string I.
            let mut all = vec![
                rotation("Z", lam.clone()),
                rotation("Y", theta.clone()),
                rotation("Z", phi.clone()),
            ];
            if !alone {
                // One for each angle: a sum of them would lose digits where one is large.
                let phases = [phi, lam].into_iter().chain(rest).chain(rest);
                all.extend(phases.map(|angle| rotation("I", angle.negated())));
            }
            all
        }
        _ => vec![operation.clone()],
    }
}

impl Program {
    /// Adds the derivatives by all parameters, from the overlaps that were taken. This is the program of the inverse
    /// circuit on two states.
    fn add_derivatives(&self, evaluated: &Evaluated<'_>, overlaps: &[f64], gradient: &mut [f64]) {
        // Between a rotation and the phase table that makes up for its scale, all amplitudes are too large by
        // `1 / scale`, and overlaps by the square of that. `pending` is the product of the scales that are missing.
        let mut pending = 1.0;
        let (mut tiles, mut direct) = (self.tiles.iter(), self.direct_overlaps.iter());
        for sweep in &self.plan.sweeps {
            if let Sweep::Direct(gates) = sweep {
                let overlap = direct.next().expect("one for each such sweep");
                if let (&FusedGate::Direct(number), &Some(overlap)) =
                    (&self.fused.gates[gates[0]], overlap)
                {
                    self.add(number, 2.0 * overlaps[overlap], gradient);
                }
                continue;
            }
            let program = tiles.next().expect("one for each such sweep");
            for pass in program.passes() {
                for (micro_op, _) in &pass.micro_ops {
                    match micro_op {
                        MicroOp::Rotation(number, _) => pending *= evaluated.rotations[*number].scale[0],
                        MicroOp::Scale | MicroOp::PhaseTable(_) => pending = 1.0,
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

    /// Adds the derivatives by the angles in a rotation, from the overlaps `taken` with X, Y and Z before it.
    fn add_of_rotation(
        &self,
        evaluated: &Evaluated<'_>,
        number: usize,
        taken: [f64; 3],
        gradient: &mut [f64],
    ) {
        // The matrix that leads from where the overlaps were taken to before each factor. It begins with the inverse
        // of `before`, as the diagonal before the rotation had been applied when they were taken.
        let before = evaluated.rotations[number].before.conj();
        let mut way: Two = [Complex64::ONE, Complex64::ZERO, Complex64::ZERO, before];
        for &factor in &self.fused.rotations[number].factors {
            if let Factor::Operation(operation) = factor
                && let Action::Gate(gate, _) = &self.operations[operation].action
                && let Generator::Pauli(letter) = gate.generator
                && self.operations[operation].has_parameters()
            {
                let [a, b, c, d] = way;
                // way^dagger P way = [[d, o], [o*, -d]] = Re(o) X - Im(o) Y + d Z, with `off` = o and `diagonal` = d.
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

    /// Adds the derivatives by the angles in a diagonal, from the overlap `taken` with its parity.
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

    /// Adds the derivative by the angle of an operation to those by its parameters, times their factors in it.
    fn add(&self, operation: usize, derivative: f64, gradient: &mut [f64]) {
        for &(parameter, factor) in
            self.operations[operation].angles().iter().flat_map(|angle| &angle.terms)
        {
            // The angle is that of the inverse.
            gradient[parameter] -= factor * derivative;
        }
    }
}
