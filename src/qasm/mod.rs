//! OpenQASM 2 and 3: text to circuits, and circuits to text.
//!
//! ```text
//! text --lex, parse--> statements --walk, eval, calls--> operations --output--> a circuit
//! ```
//!
//! A statement is parsed and walked at a time. The walk computes whatever is known: variables, loops,
//! subroutines and gates of the text's own disappear. What depends on outcomes of measurements becomes
//! conditions of operations. Whatever this does not cover is refused: a text is read right or not at all.
//!
//! The language is that of "Open Quantum Assembly Language" (Cross et al., arXiv:1707.03429) and of the live
//! specification of OpenQASM 3.1; `docs/qasm.md` lists every construct.
//!
//! ```
//! let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; h q[0]; cx q[0], q[1];";
//! let program = numket::qasm::read(text, &Default::default(), &mut || true).unwrap();
//! assert_eq!(program.circuit.operations().len(), 2);
//! let error = numket::qasm::read("qreg q[2]; cx q[0];", &Default::default(), &mut || true).unwrap_err();
//! assert_eq!((error.line, error.column), (1, 12));
//! ```

use std::fmt;

use crate::circuit::Named;
use crate::error::{Error, shortened_words};

mod arithmetic;
mod assign;
mod ast;
mod braket;
mod calls;
mod convert;
mod declare;
mod definitions;
mod eval;
mod expr;
mod flow;
mod functions;
mod gates;
mod lex;
mod library;
mod measure;
mod operations;
mod output;
mod parse;
mod powers;
mod scope;
mod subroutine;
mod value;
mod walk;
mod write;

pub use write::{Unwritable, write};

/// A refusal inside the reader: the place in the text, and what is wrong and what to do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    at: usize,
    what: String,
}

type Res<T> = std::result::Result<T, Fault>;

impl Fault {
    #[cold]
    fn new(at: impl TryInto<usize>, what: impl Into<String>) -> Fault {
        Fault { at: at.try_into().unwrap_or(0), what: what.into() }
    }
}

/// Names that a text may use without a definition or an `include`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Those of the standard.
    #[default]
    Standard,
    /// Amazon Braket's gates and pragmas.
    Braket,
    /// Qibo's gates, in OpenQASM 2.
    Qibo,
}

/// How to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which names are known.
    pub dialect: Dialect,
    /// Whether measurements are kept that nothing depends on.
    pub final_measurements: bool,
    /// How many rounds all loops may have together.
    pub max_rounds: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options { dialect: Dialect::Standard, final_measurements: true, max_rounds: 1_000_000 }
    }
}

/// A register: its name, and the places of its qubits or bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Register {
    /// Its name.
    pub name: String,
    /// Where it begins.
    pub start: usize,
    /// How many there are.
    pub len: usize,
}

/// What a text says.
#[derive(Clone, Debug)]
pub struct Program {
    /// The circuit, whose parameters are the inputs of the text.
    pub circuit: Named,
    /// The registers of qubits, in the order of their declaration.
    pub qubits: Vec<Register>,
    /// The registers of classical bits. Bits of the circuit after these are the text's own in-between.
    pub bits: Vec<Register>,
}

/// Why a text was refused, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct QasmError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, why, and what to write instead.
    pub reason: String,
}

impl fmt::Display for QasmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

impl std::error::Error for QasmError {}

impl From<QasmError> for Error {
    fn from(QasmError { line, column, reason }: QasmError) -> Error {
        Error::Qasm { line, column, reason }
    }
}

/// Reads a text. Without a version line it is OpenQASM 2 with qelib1.inc included.
///
/// `go_on` is asked now and then; where it says no, reading stops with an error.
///
/// # Errors
/// [`QasmError`], where the text is not OpenQASM, or asks for what a circuit cannot do.
pub fn read(
    text: &str,
    options: &Options,
    go_on: &mut dyn FnMut() -> bool,
) -> std::result::Result<Program, QasmError> {
    walk::read(text, options, go_on).map_err(|fault| located(text, fault))
}

/// The line and column of a fault.
fn located(text: &str, Fault { at, what }: Fault) -> QasmError {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = text[..at].strip_prefix('\u{feff}').unwrap_or(&text[..at]);
    // The end of a text that ends with a line feed is the end of its last line.
    let before = if at == text.len() { before.trim_end() } else { before };
    let line_start = before.rfind('\n').map_or(0, |place| place + 1);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    QasmError { line, column: before[line_start..].chars().count() + 1, reason: shortened_words(&what) }
}

#[cfg(test)]
mod tests;
