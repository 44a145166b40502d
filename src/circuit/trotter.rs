//! Evolution in time as a circuit: products of exponentials of parts of a Hamiltonian.
//!
//! The strings are shared out to groups `H[1] + .. + H[G] = H`. Those of a group commute, so its exponential is a product
//! of rotations, exactly. For a step of length s,
//!
//! ```text
//! S1(s) = exp(-i H[G] s) .. exp(-i H[1] s)
//! S2(s) = exp(-i H[1] s/2) .. exp(-i H[G] s/2) exp(-i H[G] s/2) .. exp(-i H[1] s/2)
//! S4(s) = S2(u s)**2 S2((1 - 4 u) s) S2(u s)**2,    u = 1 / (4 - 4**(1/3))
//! ```
//!
//! (M. Suzuki, Physics Letters A 146, 319 (1990)). Neighbours that are the same group become one.

use super::{Action, Angle, Operation};
use crate::error::{Error, Result};
use crate::memory::room_for_each;
use crate::operator::PauliString;
use crate::pauli_sum::PauliSum;

/// Strings that commute, with their coefficients.
type Group = Vec<(PauliString, f64)>;

/// What an operation takes, with the qubits and the angle that it holds.
const BYTES: usize = size_of::<Operation>() + 64;

/// `exp(-i H t)` for a Hermitian sum H, approximated in `steps` steps by a product formula of order 1, 2 or 4. The
/// coefficient of the identity becomes a phase.
///
/// ```
/// use numket::circuit::trotter;
/// use numket::pauli_sum::PauliSum;
/// let ising = PauliSum::of([("ZZ", -1.0), ("XI", -0.5), ("IX", -0.5)])?;
/// let names: Vec<_> = trotter(&ising, &0.3.into(), 2, 2)?.iter().map(|one| one.qubits.len()).collect();
/// assert_eq!(names, [2, 1, 1, 2, 1, 1, 2]); // ZZ by half, X, ZZ, X, ZZ by half
/// # Ok::<(), numket::error::Error>(())
/// ```
///
/// # Errors
/// [`Error::Steps`], [`Error::Order`], [`Error::NotHermitianSum`], [`Error::NotFinite`] where an angle is not, and [`Error::Results`] where there is no room for
/// so many operations.
pub fn trotter(sum: &PauliSum, t: &Angle, steps: i64, order: i64) -> Result<Vec<Operation>> {
    let Some(steps) = usize::try_from(steps).ok().filter(|&steps| steps > 0) else {
        return Err(Error::Steps { given: steps });
    };
    if !matches!(order, 1 | 2 | 4) {
        return Err(Error::Order { given: order });
    }
    sum.check_hermitian()?;
    let n = sum.num_qubits();
    let groups = groups(sum);
    let once = parts(groups.len(), order);
    let mut operations = Vec::new();
    let strings = sum.terms().len();
    room_for_each(&[steps, once.len(), strings.div_ceil(groups.len().max(1))], BYTES)?;
    let mut add = |string: PauliString, qubits: Vec<usize>, value: f64| {
        let theta = t.times(value);
        let mut numbers = theta.terms.iter().map(|&(_, factor)| factor).chain([theta.offset]);
        if !numbers.all(f64::is_finite) {
            return Err(Error::NotFinite { argument: "t" });
        }
        let action = Action::PauliRotation(string, theta);
        operations.push(Operation { action, qubits, controls: Vec::new() });
        Ok(())
    };
    // A rotation by theta is exp(-i theta/2 P).
    let step = 2.0 / steps as f64;
    let identity = sum.terms().iter().find(|(string, _)| *string == PauliString::default());
    if let Some((string, value)) = identity {
        add(*string, Vec::new(), 2.0 * value.re)?;
    }
    let mut waiting: Option<(usize, f64)> = None;
    for part in (0..steps).flat_map(|_| once.iter().copied().map(Some)).chain([None]) {
        match (&mut waiting, part) {
            (Some((group, share)), Some((next, more))) if *group == next => *share += more,
            (before, _) => {
                if let Some((group, share)) = std::mem::replace(before, part) {
                    for &(string, value) in &groups[group] {
                        let bits = string.support(n);
                        let qubits = bits.iter().map(|&bit| n - 1 - usize::from(bit)).collect();
                        add(string.at(&bits), qubits, step * share * value)?;
                    }
                }
            }
        }
    }
    Ok(operations)
}

/// The groups of a step in their order, each with the share of the step that it gets.
fn parts(groups: usize, order: i64) -> Vec<(usize, f64)> {
    let first = |share: f64| (0..groups).map(move |group| (group, share));
    match order {
        1 => first(1.0).collect(),
        2 => first(0.5).chain(first(0.5).rev()).collect(),
        _ => {
            let u = 1.0 / (4.0 - 4f64.cbrt());
            let second = parts(groups, 2);
            let shares = [u, u, 1.0 - 4.0 * u, u, u].into_iter();
            shares.flat_map(|of| second.iter().map(move |&(group, share)| (group, of * share))).collect()
        }
    }
}

/// Shares out all strings but the identity: each to the first group with all of which it commutes.
fn groups(sum: &PauliSum) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for &(string, value) in sum.terms().iter().filter(|(string, _)| *string != PauliString::default()) {
        let commutes = |group: &&mut Group| group.iter().all(|&(other, _)| string.commutes(other));
        match groups.iter_mut().find(commutes) {
            Some(group) => group.push((string, value.re)),
            None => groups.push(vec![(string, value.re)]),
        }
    }
    groups
}
