//! What `inv @` and `pow(k) @` make of operations.

use std::f64::consts::{PI, TAU};

use num_complex::Complex64;

use super::{Fault, Res};
use crate::circuit::{Action, Angle, Operation};
use crate::gates::{self, Generator, Inverse};

/// Angles that a power makes are smaller: of larger ones, too few digits stand for parts of a turn.
const MAX_ANGLE: f64 = 1e12;

/// The inverse of some operations.
pub fn inverse(operations: Vec<Operation>) -> Vec<Operation> {
    operations.iter().rev().map(Operation::inverse).collect()
}

/// A power of some operations; `room` is how many operations there may be.
pub fn power(at: u32, operations: Vec<Operation>, exponent: f64, room: usize) -> Res<Vec<Operation>> {
    if operations.is_empty() {
        return Ok(operations);
    }
    let whole = exponent.trunc() == exponent;
    if let [operation] = &operations[..]
        && let Some(made) = power_of_one(operation, exponent, whole)
    {
        let angles = made.iter().flat_map(|operation| operation.angles());
        return match angles.into_iter().all(|angle| angle.offset.abs() < MAX_ANGLE) {
            true => Ok(made),
            false => Err(Fault::new(at, "this power turns so often that nothing is left of its angle")),
        };
    }
    if !whole {
        return match as_matrix(&operations) {
            Some((qubit, controls, matrix)) => Ok(one_qubit(qubit, &controls, root(matrix, exponent))),
            None => Err(Fault::new(
                at,
                format!(
                    "the power {exponent} of this gate is not read: of powers that are no whole numbers, numket \
                     reads those of gates on one qubit, with any controls, of rotations, phases, swaps, and of \
                     gates that are their own inverse"
                ),
            )),
        };
    }
    let operations = if exponent < 0.0 { inverse(operations) } else { operations };
    let times = exponent.abs() as u64;
    // A large power of what one qubit goes through is one matrix; others are repeated.
    if times > 64
        && let Some((qubit, controls, matrix)) = as_matrix(&operations)
    {
        return Ok(one_qubit(qubit, &controls, root(matrix, times as f64)));
    }
    let length = usize::try_from(times).ok().and_then(|times| times.checked_mul(operations.len()));
    if length.is_none_or(|length| length > room) {
        return Err(Fault::new(
            at,
            format!("the power {exponent} of this gate would be more than {room} operations"),
        ));
    }
    Ok((0..times).flat_map(|_| operations.iter().cloned()).collect())
}

/// A power of one operation, where that is a formula. The power of a gate is that of its eigenvalues
/// `exp(i phi)` with `phi` in `(-pi, pi]`.
fn power_of_one(operation: &Operation, exponent: f64, whole: bool) -> Option<Vec<Operation>> {
    if exponent == 0.0 {
        return Some(Vec::new());
    }
    let same = |action| Some(vec![Operation { action, ..operation.clone() }]);
    // An angle may be multiplied as it is by a whole number; otherwise the eigenvalues must be the principal ones.
    let principal = |angle: &Angle, period: f64| {
        let mut angle = angle.clone();
        if !whole {
            if !angle.terms.is_empty() {
                return None;
            }
            // What rounding puts just below the cut belongs above it.
            let rounding = 4.0 * f64::EPSILON * (angle.offset.abs() + period);
            angle.offset -= period * ((angle.offset - period / 2.0 + rounding) / period).ceil();
            if angle.offset < -period / 2.0 + 2.0 * rounding {
                angle.offset += period;
            }
        }
        Some(angle.times(exponent))
    };
    if let Some(phase) = operation.gamma() {
        return Some(vec![Operation::phase(&principal(&phase, TAU)?, operation.controls.clone())]);
    }
    match &operation.action {
        Action::Gate(gate, angles) => match (gate.generator, gate.inverse) {
            (Generator::Ones, _) => same(Action::Gate(gate, vec![principal(&angles[0], TAU)?])),
            (Generator::Pauli(_), _) => {
                let angle = principal(&angles[0], 2.0 * TAU)?;
                // Both eigenvalues of a rotation by a whole turn are -1: its powers are phases.
                let is_turn = !whole && (angle.offset - TAU * exponent).abs() < 1e-12 * exponent.abs();
                (!is_turn).then(|| same(Action::Gate(gate, vec![angle])))?
            }
            (_, Inverse::Own) if whole => {
                Some(if exponent % 2.0 == 0.0 { Vec::new() } else { vec![operation.clone()] })
            }
            (_, Inverse::Own) => power_of_involution(operation, gate, exponent),
            _ if whole => named_phase(gate).and_then(|angle| {
                let gate = gates::Gate::named("p")?;
                // Eight times any of them is the identity.
                same(Action::Gate(gate, vec![(angle * (exponent % 8.0)).into()]))
            }),
            _ => None,
        },
        Action::PauliRotation(string, theta) if whole => {
            same(Action::PauliRotation(*string, theta.times(exponent)))
        }
        Action::Pauli(_) if whole => {
            Some(if exponent % 2.0 == 0.0 { Vec::new() } else { vec![operation.clone()] })
        }
        _ => None,
    }
}

/// The angle of a phase shift that has a name of its own.
fn named_phase(gate: &gates::Gate) -> Option<f64> {
    Some(match gate.name {
        "s" => PI / 2.0,
        "sdg" => -PI / 2.0,
        "t" => PI / 4.0,
        "tdg" => -PI / 4.0,
        _ => return None,
    })
}

/// `U^k = (1 + w)/2 + (1 - w)/2 U` with `w = exp(i pi k)`, where `U` is its own inverse.
fn power_of_involution(
    operation: &Operation,
    gate: &'static gates::Gate,
    exponent: f64,
) -> Option<Vec<Operation>> {
    let (own, targets) = operation.qubits.split_at(gate.controls);
    let mut controls: Vec<_> = own.iter().map(|&qubit| (qubit, true)).collect();
    controls.extend_from_slice(&operation.controls);
    let of = |name: &str, angles: Vec<Angle>| {
        let action = Action::Gate(gates::Gate::named(name)?, angles);
        Some(vec![Operation { action, qubits: targets.to_vec(), controls: controls.clone() }])
    };
    // Where the power has a name, it gets it.
    let base = base_of(gate);
    match base {
        "z" => return of("p", vec![(PI * reduced(exponent)).into()]),
        "x" if exponent == 0.5 => return of("sx", vec![]),
        "x" if exponent == -0.5 => return of("sxdg", vec![]),
        _ => {}
    }
    let size = 1usize << targets.len();
    let w = Complex64::from_polar(1.0, PI * exponent);
    let (keep, change) = ((1.0 + w) / 2.0, (1.0 - w) / 2.0);
    let full = gates::Gate::matrix(gate, &[]);
    let dim = 1usize << gate.qubits.len();
    let corner = dim - size;
    let entry = |row: usize, column: usize| full[(corner + row) * dim + corner + column];
    let made = (0..size * size).map(|i| {
        let (row, column) = (i / size, i % size);
        change * entry(row, column) + if row == column { keep } else { Complex64::ZERO }
    });
    if targets.len() == 1 {
        let matrix: Vec<Complex64> = made.collect();
        let matrix = [matrix[0], matrix[1], matrix[2], matrix[3]];
        return Some(one_qubit(targets[0], &controls, matrix));
    }
    let action = Action::Dense(made.collect());
    Some(vec![Operation { action, qubits: targets.to_vec(), controls }])
}

/// The gate that a controlled gate does on its targets, by name, where numket's table has it.
fn base_of(gate: &gates::Gate) -> &'static str {
    match gate.name {
        "x" | "cx" | "ccx" => "x",
        "z" | "cz" | "ccz" => "z",
        _ => "",
    }
}

/// A power modulo 2, in `(-1, 1]`.
fn reduced(exponent: f64) -> f64 {
    exponent - 2.0 * ((exponent - 1.0) / 2.0).ceil()
}

/// What operations are that are all on one qubit, under the same controls, and phases under these: that qubit, the
/// controls, and the matrix.
fn as_matrix(operations: &[Operation]) -> Option<(usize, Controls, [Complex64; 4])> {
    let [one, zero] = [Complex64::ONE, Complex64::ZERO];
    let mut product = [one, zero, zero, one];
    let (mut on, mut under) = (None, None);
    for operation in operations {
        let mut controls = operation.controls.clone();
        let (target, m) = match (operation.gamma(), &operation.action) {
            (Some(gamma), _) if gamma.terms.is_empty() => {
                let phase = Complex64::from_polar(1.0, gamma.offset);
                (None, [phase, zero, zero, phase])
            }
            (None, Action::Gate(gate, angles)) if angles.iter().all(|angle| angle.terms.is_empty()) => {
                let (own, targets) = operation.qubits.split_at(gate.controls);
                let [target] = *targets else { return None };
                controls.extend(own.iter().map(|&qubit| (qubit, true)));
                let values: Vec<f64> = angles.iter().map(|angle| angle.offset).collect();
                let (full, dim) = (gate.matrix(&values), 1usize << gate.qubits.len());
                let corner = |row: usize, column: usize| full[(dim - 2 + row) * dim + dim - 2 + column];
                (Some(target), [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)])
            }
            _ => return None,
        };
        controls.sort_unstable();
        if *under.get_or_insert_with(|| controls.clone()) != controls {
            return None;
        }
        if let Some(target) = target
            && *on.get_or_insert(target) != target
        {
            return None;
        }
        product = [
            m[0] * product[0] + m[1] * product[2],
            m[0] * product[1] + m[1] * product[3],
            m[2] * product[0] + m[3] * product[2],
            m[2] * product[1] + m[3] * product[3],
        ];
    }
    Some((on?, under?, product))
}

/// A power of a unitary 2 x 2 matrix: `U = e^(ia) (cos b - i sin b N)` with `N^2 = 1`, so that its eigenvalues
/// are `exp(i (a - b))` on `(1 + N)/2` and `exp(i (a + b))` on `(1 - N)/2`.
fn root(u: [Complex64; 4], exponent: f64) -> [Complex64; 4] {
    let determinant = u[0] * u[3] - u[1] * u[2];
    let a = determinant.arg() / 2.0;
    let back = Complex64::from_polar(1.0, -a);
    let v = u.map(|entry| entry * back);
    let cos = (v[0].re + v[3].re) / 2.0;
    // i (V - cos) is sin b N.
    let i = Complex64::I;
    let n = [i * (v[0] - cos), i * v[1], i * v[2], i * (v[3] - cos)];
    let sin = n.iter().map(|entry| entry.norm_sqr()).sum::<f64>().sqrt() / 2f64.sqrt();
    let b = sin.atan2(cos);
    let principal = |angle: f64| {
        let value = Complex64::from_polar(1.0, angle).arg();
        // What rounding puts just below the cut belongs above it.
        if value < -PI + 1e-13 { PI } else { value }
    };
    let (low, high) = (principal(a - b), principal(a + b));
    let (low, high) =
        (Complex64::from_polar(1.0, exponent * low), Complex64::from_polar(1.0, exponent * high));
    if sin < 1e-15 {
        return [low, Complex64::ZERO, Complex64::ZERO, low];
    }
    let (mean, half) = ((low + high) / 2.0, (low - high) / (2.0 * sin));
    [mean + half * n[0], half * n[1], half * n[2], mean + half * n[3]]
}

/// Controls, and the values that they must have.
type Controls = Vec<(usize, bool)>;

/// A unitary 2 x 2 matrix under controls as `u` and a phase.
fn one_qubit(qubit: usize, controls: &Controls, m: [Complex64; 4]) -> Vec<Operation> {
    let theta = 2.0 * m[2].norm().atan2(m[0].norm());
    // m = e^(ig) [[cos, -e^(il) sin], [e^(ip) sin, e^(i(p+l)) cos]]
    let (gamma, phi, lam) = if m[0].norm() < 1e-15 {
        (m[2].arg(), 0.0, (-m[1]).arg() - m[2].arg())
    } else if m[2].norm() < 1e-15 {
        (m[0].arg(), 0.0, m[3].arg() - m[0].arg())
    } else {
        (m[0].arg(), m[2].arg() - m[0].arg(), (-m[1]).arg() - m[0].arg())
    };
    let action = Action::Gate(&gates::named::u, vec![theta.into(), phi.into(), lam.into()]);
    let mut operations = vec![Operation { action, qubits: vec![qubit], controls: controls.clone() }];
    if gamma != 0.0 {
        operations.push(Operation::phase(&gamma.into(), controls.clone()));
    }
    operations
}
