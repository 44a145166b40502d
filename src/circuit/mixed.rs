//! Circuits on density matrices: measurements, resets and channels too become linear maps.
//!
//! A density matrix on n qubits is a state of 2n, those of its rows first. A gate acts on the rows, its complex
//! conjugate on the columns, and a channel on both at once, as its superoperator (M. A. Nielsen and I. L. Chuang,
//! Quantum Computation and Quantum Information, section 8.2). A classical bit that a condition asks for becomes a
//! qubit of its own, before these: so there is a matrix for each setting of such bits, which a condition tells
//! apart as controls do, and the density matrix is the sum of them.

use num_complex::Complex64;

use super::{Action, Angle, Circuit, Operation};
use crate::error::{Error, Result};
use crate::gates::named;
use crate::operator::Operator;

/// The qubits of a channel at most: its superoperator has `16**k` entries, 16 MiB for 5.
const MAX_CHANNEL_QUBITS: usize = 5;

/// A circuit for density matrices.
#[derive(Clone, Debug)]
pub struct Mixed {
    /// What is done to the state that they are.
    pub circuit: Circuit,
    /// How many qubits of it, the first ones, are classical bits. They are to be 0 before, and summed over after.
    pub outcomes: usize,
}

impl Circuit {
    /// What the circuit does to density matrices, for these values of the parameters.
    ///
    /// ```
    /// use numket::circuit::{Action, Circuit, Operation};
    /// let mut circuit = Circuit::new(1);
    /// circuit.push(Operation { action: Action::Reset, qubits: vec![0], controls: vec![] })?;
    /// let mixed = circuit.on_density(&[])?;
    /// assert_eq!((mixed.circuit.num_qubits(), mixed.outcomes), (2, 0));
    /// assert_eq!(mixed.circuit.operations()[0].qubits, [0, 1]);
    /// # Ok::<(), numket::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ChannelQubits`], and [`Error::CircuitQubits`] where there are too many for both sides.
    ///
    /// # Panics
    /// Where a parameter is missing.
    pub fn on_density(&self, params: &[f64]) -> Result<Mixed> {
        let conditions = self.operations.iter().map(|operation| operation.action.split_condition());
        let mut bits: Vec<usize> = conditions
            .clone()
            .flat_map(|(condition, _)| condition.iter().map(|&(bit, _)| bit))
            .collect();
        bits.sort_unstable();
        bits.dedup();
        let flagged =
            conditions.into_iter().any(|(condition, action)| writes_its_own(condition, action));
        let (n, outcomes) = (self.num_qubits, bits.len() + usize::from(flagged));
        let circuit = Circuit::sized((outcomes + 2 * n) as i64, 0)?;
        let mut doubled = Doubled { circuit, params, bits, rows: outcomes, columns: outcomes + n };
        self.operations.iter().try_for_each(|operation| doubled.push(operation))?;
        Ok(Mixed { circuit: doubled.circuit, outcomes })
    }
}

/// Whether a measurement writes bits that its own condition asks for.
fn writes_its_own(condition: &[(usize, bool)], action: &Action) -> bool {
    let Action::Measure(bits, _) = action else { return false };
    condition.iter().any(|(bit, _)| bits.contains(bit))
}

/// A circuit for density matrices while it is made.
struct Doubled<'a> {
    circuit: Circuit,
    params: &'a [f64],
    /// The classical bits that are qubits. After them there may be one that tells whether a condition holds.
    bits: Vec<usize>,
    /// The first qubits of both sides.
    rows: usize,
    columns: usize,
}

type Controls = Vec<(usize, bool)>;

impl Doubled<'_> {
    fn add(&mut self, action: Action, qubits: Vec<usize>, controls: Controls) -> Result<()> {
        self.circuit.push(Operation { action, qubits, controls })
    }

    /// Adds a matrix.
    fn map(&mut self, entries: &[Complex64], qubits: Vec<usize>, controls: &Controls) -> Result<()> {
        self.add(Action::Dense(entries.into()), qubits, controls.clone())
    }

    fn push(&mut self, operation: &Operation) -> Result<()> {
        let (condition, action) = operation.action.split_condition();
        let place = |&(bit, value): &(usize, bool)| {
            (self.bits.binary_search(&bit).expect("a bit of a condition"), value)
        };
        let holds: Controls = condition.iter().map(place).collect();
        let both = |qubits: &[usize]| -> Vec<usize> {
            let sides = [self.rows, self.columns].into_iter();
            sides.flat_map(|side| qubits.iter().map(move |&qubit| side + qubit)).collect()
        };
        match action {
            Action::Measure(bits, readout) => {
                let pairs: Vec<_> = operation.qubits.iter().map(|&qubit| both(&[qubit])).collect();
                // What the condition says is noted before the bits change, and forgotten after.
                let (flag, flagged) = (self.bits.len(), writes_its_own(condition, action));
                let under = if flagged { vec![(flag, true)] } else { holds.clone() };
                if flagged {
                    self.add(Action::Gate(&named::x, vec![]), vec![flag], holds)?;
                }
                for (pair, bit) in pairs.into_iter().zip(bits) {
                    match self.bits.binary_search(bit) {
                        Ok(place) => {
                            let entries = recorded(readout.unwrap_or_default());
                            self.map(&entries, [vec![place], pair].concat(), &under)?;
                        }
                        Err(_) => {
                            let dephased = [1.0, 0.0, 0.0, 1.0].map(Complex64::from);
                            self.add(Action::Diagonal(dephased.as_slice().into()), pair, under.clone())?;
                        }
                    }
                }
                if flagged {
                    self.map(&[1.0, 1.0, 0.0, 0.0].map(Complex64::from), vec![flag], &vec![])?;
                }
                Ok(())
            }
            Action::Reset => {
                let mut entries = [Complex64::ZERO; 16];
                (entries[0], entries[3]) = (Complex64::ONE, Complex64::ONE);
                let pairs: Vec<_> = operation.qubits.iter().map(|&qubit| both(&[qubit])).collect();
                pairs.into_iter().try_for_each(|pair| self.map(&entries, pair, &holds))
            }
            Action::Kraus(channel) => {
                let qubits = operation.qubits.len();
                if qubits > MAX_CHANNEL_QUBITS {
                    return Err(Error::ChannelQubits { qubits, limit: MAX_CHANNEL_QUBITS });
                }
                let qubits = both(&operation.qubits);
                self.map(&channel.superoperator(), qubits, &holds)
            }
            action => {
                let on =
                    |side: usize, qubits: &[usize]| qubits.iter().map(|&qubit| side + qubit).collect();
                let under = |side: usize| -> Controls {
                    let own = operation.controls.iter().map(|&(qubit, value)| (side + qubit, value));
                    own.chain(holds.iter().copied()).collect()
                };
                let (rows, columns) = (self.rows, self.columns);
                let known = evaluated(action, self.params);
                self.add(known.clone(), on(rows, &operation.qubits), under(rows))?;
                let mut controls = under(columns);
                let mut qubits: Vec<usize> = on(columns, &operation.qubits);
                let own = if let Action::Gate(gate, _) = &known { gate.controls } else { 0 };
                let (conjugate, negative) = conjugate(known);
                if !matches!(conjugate, Action::Gate(..)) {
                    // It is no gate of the table, and has all controls beside it.
                    controls.extend(qubits.drain(..own).map(|qubit| (qubit, true)));
                }
                if negative {
                    let phase = Operation::phase(&std::f64::consts::PI.into(), controls.clone());
                    self.circuit.push(phase)?;
                }
                self.add(conjugate, qubits, controls)
            }
        }
    }
}

/// The same with numbers for its angles.
fn evaluated(action: &Action, params: &[f64]) -> Action {
    let value = |angle: &Angle| Angle::from(angle.value(params));
    match action {
        Action::Gate(gate, angles) => Action::Gate(gate, angles.iter().map(value).collect()),
        Action::PauliRotation(string, theta) => Action::PauliRotation(*string, value(theta)),
        Action::Phase(cost, gamma) => Action::Phase(cost.clone(), value(gamma)),
        action => action.clone(),
    }
}

/// The complex conjugate of what an action does to its targets, and whether it is to be negated.
fn conjugate(action: Action) -> (Action, bool) {
    let conj = |entries: &[Complex64]| entries.iter().map(Complex64::conj).collect();
    let conjugate = match action {
        Action::Gate(gate, angles) => {
            let values: Vec<f64> = angles.iter().map(|angle| angle.offset).collect();
            match gate.operator(&values, &mut Default::default()) {
                Operator::Dense(entries) => Action::Dense(conj(entries)),
                Operator::Diagonal(entries) => Action::Diagonal(conj(entries)),
                Operator::Permutation(_) => Action::Gate(gate, angles),
                Operator::Pauli(..) | Operator::Phases(..) => {
                    unreachable!("no gate of the table is one")
                }
            }
        }
        Action::Dense(entries) => Action::Dense(conj(&entries)),
        Action::Diagonal(entries) => Action::Diagonal(conj(&entries)),
        // Each Y changes its sign.
        Action::Pauli(string) => {
            return (Action::Pauli(string), (string.x & string.z).count_ones() % 2 == 1);
        }
        Action::PauliRotation(string, theta) => {
            let odd = (string.x & string.z).count_ones() % 2 == 1;
            Action::PauliRotation(string, theta.times(if odd { 1.0 } else { -1.0 }))
        }
        Action::Phase(cost, gamma) => Action::Phase(cost, gamma.negated()),
        real => real,
    };
    (conjugate, false)
}

/// The map of a measurement on a classical bit and the two sides of a qubit: the bit becomes what is recorded,
/// whatever it was, and where the sides differ nothing stays.
fn recorded([p01, p10]: [f64; 2]) -> [Complex64; 64] {
    let mut entries = [Complex64::ZERO; 64];
    for (value, wrong) in [(0, p01), (1, p10)] {
        for before in 0..2 {
            for after in 0..2 {
                let probability = if after == value { 1.0 - wrong } else { wrong };
                let [row, column] = [after, before].map(|bit| bit << 2 | value << 1 | value);
                entries[row << 3 | column] = probability.into();
            }
        }
    }
    entries
}
