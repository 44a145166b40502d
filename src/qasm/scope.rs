//! What names stand for, scope by scope.

use std::rc::Rc;

use super::ast::Definition;
use super::gates::Gate;
use super::lex::Name;
use super::value::{Kind, Value};

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Symbol {
    /// A classical variable, by its number.
    Variable(usize),
    /// Bits of variables, by their numbers and places in them.
    Bits(Rc<[(usize, usize)]>),
    /// A qubit.
    Qubit(usize),
    /// A register of qubits.
    Qubits(Rc<[usize]>),
    /// A gate.
    Gate(Rc<Gate>),
    /// A subroutine.
    Def(Rc<Definition>),
}

impl Symbol {
    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Symbol::Variable(_) | Symbol::Bits(_) => "a classical variable",
            Symbol::Qubit(_) | Symbol::Qubits(_) => "a qubit or a register of qubits",
            Symbol::Gate(_) => "a gate",
            Symbol::Def(_) => "a subroutine",
        }
    }
}

/// The type of a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// One value.
    Scalar(Kind),
    /// An array of these sizes.
    Array(Kind, Rc<[usize]>),
}

impl Shape {
    /// How many values a variable of this shape holds.
    pub fn len(&self) -> usize {
        match self {
            Shape::Scalar(Kind::Bits(size)) => *size,
            Shape::Scalar(_) => 1,
            Shape::Array(_, sizes) => sizes.iter().product(),
        }
    }
}

/// A classical variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its type.
    pub shape: Shape,
    /// What it holds.
    pub value: Value,
    /// Whether it keeps that.
    pub constant: bool,
    /// The bits of the circuit that it is measured into, where it is a bit or a register.
    pub homes: Vec<u32>,
}

struct Entry {
    scope: usize,
    symbol: Symbol,
}

/// All names that are known, and the variables that they stand for.
#[derive(Default)]
pub struct Scopes {
    /// For each name what it stands for, innermost last.
    table: Vec<Vec<Entry>>,
    /// For each scope that is open the names that it declares, and how many variables there were before.
    open: Vec<(Vec<Name>, usize)>,
    /// The scope of the gate or subroutine that is walked. Those below it are its callers'.
    floor: usize,
    /// All variables.
    pub variables: Vec<Variable>,
    /// How many values they hold together.
    pub size: usize,
}

impl Scopes {
    /// With the global scope.
    pub fn new() -> Scopes {
        Scopes { open: vec![(Vec::new(), 0)], ..Scopes::default() }
    }

    /// Whether only the global scope is open.
    pub fn is_global(&self) -> bool {
        self.open.len() == 1
    }

    /// Opens a scope.
    pub fn enter(&mut self) {
        self.open.push((Vec::new(), self.variables.len()));
    }

    /// Closes it: its names and variables are gone.
    pub fn leave(&mut self) {
        if let Some((names, variables)) = self.open.pop() {
            for name in names {
                self.table[name as usize].pop();
            }
            self.size -= self.variables.drain(variables..).map(|gone| gone.shape.len()).sum::<usize>();
        }
    }

    /// Opens the scope of a gate or a subroutine, and gives what `leave_call` needs.
    pub fn enter_call(&mut self) -> usize {
        let before = std::mem::replace(&mut self.floor, self.open.len());
        self.enter();
        before
    }

    /// Closes it.
    pub fn leave_call(&mut self, before: usize) {
        self.leave();
        self.floor = before;
    }

    /// Declares a name in the innermost scope; tells where it is declared there already.
    pub fn declare(&mut self, name: Name, symbol: Symbol) -> Result<(), Symbol> {
        let scope = self.open.len() - 1;
        if self.table.len() <= name as usize {
            self.table.resize_with(name as usize + 1, Vec::new);
        }
        let entries = &mut self.table[name as usize];
        match entries.last_mut() {
            // What a file includes may be defined anew.
            Some(entry) if entry.scope == scope => match &entry.symbol {
                Symbol::Gate(gate) if gate.included => {
                    entry.symbol = symbol;
                    Ok(())
                }
                known => Err(known.clone()),
            },
            _ => {
                entries.push(Entry { scope, symbol });
                self.open[scope].0.push(name);
                Ok(())
            }
        }
    }

    /// What a name stands for here, if it is known. Gates and subroutines see of what is global only
    /// constants, gates and subroutines.
    pub fn find(&self, name: Name) -> Option<&Symbol> {
        let entries = self.table.get(name as usize)?;
        let last = entries.last()?;
        if last.scope >= self.floor {
            return Some(&last.symbol);
        }
        let first = entries.first().filter(|entry| entry.scope == 0)?;
        match &first.symbol {
            Symbol::Gate(_) | Symbol::Def(_) => Some(&first.symbol),
            Symbol::Variable(number) if self.variables[*number].constant => Some(&first.symbol),
            _ => None,
        }
    }

    /// Whether a name is known, though not here.
    pub fn is_out_of_sight(&self, name: Name) -> bool {
        self.find(name).is_none() && self.table.get(name as usize).is_some_and(|known| !known.is_empty())
    }
}
