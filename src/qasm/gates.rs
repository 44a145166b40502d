//! Gates: those of numket's table, and those that a text defines.

use std::rc::Rc;

use super::ast::Definition;
use super::lex::Name;
use crate::circuit::{Action, Angle, Operation};
use crate::gates;
use crate::operator::PauliString;

/// A gate that has a name in a text.
#[derive(Debug)]
pub struct Gate {
    /// Its name.
    pub name: Name,
    /// How many angles it has.
    pub num_params: usize,
    /// How many qubits it has.
    pub num_qubits: usize,
    /// What it does.
    pub body: Body,
    /// Whether it comes from a standard file, and may be defined anew.
    pub included: bool,
    /// How many gates were defined before it: it may use these.
    pub serial: usize,
}

/// What a gate does.
#[derive(Clone, Debug)]
pub enum Body {
    /// A gate of numket's table.
    Native(&'static gates::Gate),
    /// A product of Pauli operators.
    Pauli(PauliString),
    /// A rotation about one.
    PauliRotation(PauliString),
    /// A phase.
    Phase,
    /// What a definition says.
    Defined(Rc<Definition>),
    /// Nothing that is known.
    Opaque,
}

impl Body {
    /// The one operation that this is, if it is one.
    pub fn operation(&self, angles: &[Angle], qubits: &[usize]) -> Option<Operation> {
        let action = match self {
            Body::Native(gate) => Action::Gate(gate, angles.to_vec()),
            Body::Pauli(string) => Action::Pauli(*string),
            Body::PauliRotation(string) => Action::PauliRotation(*string, angles[0].clone()),
            Body::Phase => return Some(Operation::phase(&angles[0], Vec::new())),
            Body::Defined(_) | Body::Opaque => return None,
        };
        Some(Operation { action, qubits: qubits.to_vec(), controls: Vec::new() })
    }
}
