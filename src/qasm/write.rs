//! Circuits as OpenQASM 3.
//!
//! Gates of numket's table that stdgates.inc lacks, products of Pauli operators and rotations about them are
//! written with a definition, from which a reader without them makes the same, and from which ours knows them.

use std::fmt::Write as _;

use super::gates::Body;
use super::lex::{Lexer, Sym, Token};
use super::library;
use crate::circuit::{Action, Angle, Named, Names, Operation};
use crate::error::{Error, shortened};
use crate::gates::Gate;
use crate::operator::PauliString;

/// Why a circuit cannot be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Unwritable {
    /// It holds an operation that OpenQASM has no statement for.
    Operation(&'static str),
    /// It holds a measurement that reads wrongly.
    ReadoutError,
    /// It has a parameter of this name, which means something else in the text or is no name there.
    Parameter(String),
}

impl std::fmt::Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unwritable::Operation(name) => write!(
                f,
                "the circuit holds an operation '{name}', which OpenQASM has no statement for; only gates and Pauli \
                 strings can be written: build the circuit from these"
            ),
            Unwritable::ReadoutError => write!(
                f,
                "the circuit holds a measurement with 'readout_error', which OpenQASM has no statement for: measure \
                 without it"
            ),
            Unwritable::Parameter(name) => write!(
                f,
                "the parameter '{}' cannot be written: OpenQASM needs a name of letters, digits and '_' that is \
                 not q, c, a keyword or a gate: give it another name",
                shortened(name)
            ),
        }
    }
}

impl std::error::Error for Unwritable {}

impl From<Unwritable> for Error {
    fn from(why: Unwritable) -> Error {
        Error::Unwritable { reason: why.to_string() }
    }
}

/// The gates of the table that stdgates.inc lacks.
const DEFINITIONS: &[(&str, &str)] = &[
    // Parameters in the order of the alphabet: qiskit-qasm3-import 0.6 gives them their values in that order.
    ("u", "gate u(alpha, beta, gamma) a { p(gamma) a; ry(alpha) a; p(beta) a; }"),
    ("sxdg", "gate sxdg a { inv @ sx a; }"),
    ("ccz", "gate ccz a, b, c { ctrl(2) @ z a, b, c; }"),
    ("iswap", "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }"),
    ("rxx", "gate rxx(theta) a, b { h a; h b; cx a, b; rz(theta) b; cx a, b; h a; h b; }"),
    (
        "ryy",
        "gate ryy(theta) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(theta) b; cx a, b; rx(-pi/2) a; rx(-pi/2) b; }",
    ),
    ("rzz", "gate rzz(theta) a, b { cx a, b; rz(theta) b; cx a, b; }"),
    ("rzx", "gate rzx(theta) a, b { h b; cx a, b; rz(theta) b; cx a, b; h b; }"),
    (
        "ecr",
        "gate ecr a, b { h b; cx a, b; rz(pi/4) b; cx a, b; h b; x a; h b; cx a, b; rz(-pi/4) b; cx a, b; h b; }",
    ),
];

/// The definition of a gate by its name, if we write one, and what it is.
pub(super) fn definition(name: &str) -> Option<(String, Body)> {
    if let Some((name, text)) = DEFINITIONS.iter().find(|(known, _)| *known == name) {
        return Some(((*text).to_owned(), Body::Native(Gate::named(name)?)));
    }
    let (letters, rotates) = match (name.strip_prefix("pauli_"), name.strip_prefix("rotation_")) {
        (Some(letters), _) => (letters, false),
        (_, Some(letters)) => (letters, true),
        _ => return None,
    };
    if letters.is_empty()
        || letters.len() > 64
        || letters.bytes().any(|letter| !b"ixyz".contains(&letter))
    {
        return None;
    }
    let string = PauliString::of(&letters.to_uppercase()).ok()?;
    let qubits: Vec<String> = (0..letters.len()).map(|place| format!("q{place}")).collect();
    let support: Vec<(u8, &String)> =
        letters.bytes().zip(&qubits).filter(|(letter, _)| *letter != b'i').collect();
    let mut body = String::new();
    let mut line = |text: String| body.extend([&text, "; "]);
    if !rotates {
        support.iter().for_each(|(letter, qubit)| line(format!("{} {qubit}", char::from(*letter))));
        let head = format!("gate {name} {}", qubits.join(", "));
        return Some((format!("{head} {{ {body}}}"), Body::Pauli(string)));
    }
    // To the Z basis, the parity onto the last qubit, and back.
    match support.last() {
        None => line("gphase(-theta/2)".to_owned()),
        Some((_, last)) => {
            for (letter, qubit) in &support {
                match letter {
                    b'x' => line(format!("h {qubit}")),
                    b'y' => line(format!("rx(pi/2) {qubit}")),
                    _ => {}
                }
            }
            support.windows(2).for_each(|pair| line(format!("cx {}, {}", pair[0].1, pair[1].1)));
            line(format!("rz(theta) {last}"));
            support.windows(2).rev().for_each(|pair| line(format!("cx {}, {}", pair[0].1, pair[1].1)));
            for (letter, qubit) in &support {
                match letter {
                    b'x' => line(format!("h {qubit}")),
                    b'y' => line(format!("rx(-pi/2) {qubit}")),
                    _ => {}
                }
            }
        }
    }
    let head = format!("gate {name}(theta) {}", qubits.join(", "));
    Some((format!("{head} {{ {body}}}"), Body::PauliRotation(string)))
}

/// What a gate of this name is, if the text that begins with its definition defines it as we do, and which
/// gates that uses.
pub(super) fn known_definition(name: &str, text: &str) -> Option<(Body, Vec<&'static str>)> {
    let (ours, body) = definition(name)?;
    let tokens = tokens(&ours)?;
    if self::tokens(text)? != tokens {
        return None;
    }
    let used = tokens.iter().filter_map(|token| Gate::named(token)).map(|gate| gate.name);
    Some((body, used.skip_while(|used| *used == name).collect()))
}

/// The tokens of a definition, its own names being numbered.
fn tokens(text: &str) -> Option<Vec<String>> {
    let mut lexer = Lexer::new(text, 3);
    let mut own = Vec::new();
    let mut tokens = Vec::new();
    let mut in_body = false;
    loop {
        let (token, at) = lexer.next().ok()?;
        let shown = text.get(at as usize..lexer.place())?;
        match token {
            Token::End => return None,
            Token::Word(name) if in_body || tokens.len() > 1 => {
                let place = own.iter().position(|&known| known == name);
                let place = place.or_else(|| {
                    (!in_body).then(|| {
                        own.push(name);
                        own.len() - 1
                    })
                });
                tokens.push(place.map_or_else(|| shown.to_owned(), |place| format!("#{place}")));
            }
            _ => tokens.push(shown.to_owned()),
        }
        match token {
            Token::Sym(Sym::OpenBrace) => in_body = true,
            Token::Sym(Sym::CloseBrace) => return Some(tokens),
            _ => {}
        }
    }
}

/// Writes a circuit as OpenQASM 3.
///
/// ```
/// use numket::circuit::{Circuit, Named, Names, Operation};
/// let mut circuit = Circuit::new(2);
/// circuit.push(Operation::gate(&numket::gates::named::h, vec![], vec![1], vec![(0, false)])).unwrap();
/// let text = numket::qasm::write(&Named::new(circuit, Names::default())).unwrap();
/// assert!(text.ends_with("qubit[2] q;\nnegctrl @ h q[0], q[1];\n"));
/// ```
///
/// # Errors
/// [`Unwritable`], where OpenQASM cannot say what the circuit does.
pub fn write(circuit: &Named) -> Result<String, Unwritable> {
    circuit.names().iter().try_for_each(check_parameter)?;
    let (names, mut lines) = (circuit.names(), String::new());
    let mut defined: Vec<String> = Vec::new();
    let mut operations = circuit.operations().iter().peekable();
    let size = (circuit.num_qubits(), circuit.num_bits());
    while let Some(operation) = operations.next() {
        let condition = operation.action.split_condition().0;
        let indent = "  ".repeat(condition.len());
        for (level, (bit, value)) in condition.iter().enumerate() {
            let indent = "  ".repeat(level);
            let _ = writeln!(lines, "{indent}if (c[{bit}] == {value}) {{");
        }
        let _ = write!(lines, "{indent}");
        statement(&mut lines, operation, names, size, &mut defined)?;
        let mut last = operation;
        while let Some(next) = operations.next_if(|next| !condition.is_empty() && joins(last, next)) {
            let _ = write!(lines, "{indent}");
            statement(&mut lines, next, names, size, &mut defined)?;
            last = next;
        }
        for level in (0..condition.len()).rev() {
            let _ = writeln!(lines, "{}}}", "  ".repeat(level));
        }
    }
    let mut text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n".to_owned();
    for name in &defined {
        text.extend(definition(name).map(|(line, _)| line + "\n"));
    }
    for name in names.iter() {
        let _ = writeln!(text, "input float {name};");
    }
    let _ = writeln!(text, "qubit[{}] q;", circuit.num_qubits());
    if circuit.num_bits() > 0 {
        let _ = writeln!(text, "bit[{}] c;", circuit.num_bits());
    }
    Ok(text + &lines)
}

/// Whether an operation can stand in a block after another: under the same condition, if that is not measured
/// into in between.
fn joins(last: &Operation, next: &Operation) -> bool {
    let (condition, action) = last.action.split_condition();
    let changes = match action {
        Action::Measure(bits, _) => condition.iter().any(|(bit, _)| bits.contains(bit)),
        _ => false,
    };
    condition == next.action.split_condition().0 && !changes
}

fn check_parameter(name: &str) -> Result<(), Unwritable> {
    let refused = || Err(Unwritable::Parameter(name.to_owned()));
    let mut lexer = Lexer::new(name, 3);
    let is_name = matches!(lexer.next(), Ok((Token::Word(number), _)) if !super::lex::is_reserved(number))
        && matches!(lexer.next(), Ok((Token::End, _)));
    let is_taken = matches!(name, "q" | "c" | "U")
        || library::file_of(name, 3).is_some()
        || Gate::named(name).is_some()
        || definition(name).is_some();
    if is_name && !is_taken { Ok(()) } else { refused() }
}

/// Qubits or bits of a register of some size, as short as can be.
fn places(register: char, places: &[usize], size: usize) -> String {
    let ascends = places.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    match places {
        [place] => format!("{register}[{place}]"),
        [0, ..] if ascends && places.len() == size => register.to_string(),
        [first, .., last] if ascends => format!("{register}[{first}:{last}]"),
        _ => format!("{register}[{{{}}}]", joined(places.iter().map(usize::to_string))),
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// A line for an operation; notes which definitions it needs.
fn statement(
    lines: &mut String,
    operation: &Operation,
    names: &Names,
    (num_qubits, num_bits): (usize, usize),
    defined: &mut Vec<String>,
) -> Result<(), Unwritable> {
    let action = operation.action.split_condition().1;
    let mut angles: &[Angle] = &[];
    let phase: [Angle; 1];
    let name = match action {
        Action::Measure(_, Some(_)) => return Err(Unwritable::ReadoutError),
        Action::Measure(bits, None) => {
            let (into, of) = (places('c', bits, num_bits), places('q', &operation.qubits, num_qubits));
            let _ = writeln!(lines, "{into} = measure {of};");
            return Ok(());
        }
        Action::Reset => {
            let _ = writeln!(lines, "reset {};", places('q', &operation.qubits, num_qubits));
            return Ok(());
        }
        Action::Dense(_) => return Err(Unwritable::Operation("apply")),
        Action::Diagonal(_) => return Err(Unwritable::Operation("apply_diagonal")),
        Action::Permutation(..) => return Err(Unwritable::Operation("apply_permutation")),
        Action::Phase(..) => return Err(Unwritable::Operation("phase")),
        Action::Kraus(_) => return Err(Unwritable::Operation("apply_kraus")),
        Action::If(..) => return Err(Unwritable::Operation("if")),
        Action::Gate(gate, given) => {
            angles = given;
            gate.name.to_owned()
        }
        Action::Pauli(string) => format!("pauli_{}", letters(*string, operation.qubits.len())),
        Action::PauliRotation(string, theta) => match operation.gamma() {
            Some(gamma) => {
                phase = [gamma];
                angles = &phase;
                "gphase".to_owned()
            }
            None => {
                angles = std::slice::from_ref(theta);
                format!("rotation_{}", letters(*string, operation.qubits.len()))
            }
        },
    };
    if definition(&name).is_some() && !defined.contains(&name) {
        defined.push(name.clone());
    }
    // A Pauli string on no qubits is nothing.
    if name == "pauli_" {
        return Err(Unwritable::Operation("apply_pauli"));
    }
    for &(_, value) in &operation.controls {
        lines.push_str(if value { "ctrl @ " } else { "negctrl @ " });
    }
    lines.push_str(&name);
    if !angles.is_empty() {
        let _ = write!(lines, "({})", joined(angles.iter().map(|angle| shown(angle, names))));
    }
    let controls = operation.controls.iter().map(|(qubit, _)| *qubit);
    let qubits = controls.chain(operation.qubits.iter().copied()).map(|qubit| format!("q[{qubit}]"));
    let qubits = joined(qubits);
    let _ = writeln!(lines, "{}{qubits};", if qubits.is_empty() { "" } else { " " });
    Ok(())
}

fn letters(string: PauliString, count: usize) -> String {
    let letter = |place: usize| match (string.x >> place & 1, string.z >> place & 1) {
        (0, 0) => 'i',
        (1, 0) => 'x',
        (1, _) => 'y',
        _ => 'z',
    };
    (0..count).rev().map(letter).collect()
}

/// An angle, as Python shows it.
fn shown(angle: &Angle, names: &Names) -> String {
    if let ([(place, 1.0)], 0.0) = (&angle.terms[..], angle.offset) {
        return names.name(*place).to_owned();
    }
    let terms = angle.terms.iter().map(|&(place, factor)| (factor, format!("*{}", names.name(place))));
    let offset = (angle.offset != 0.0 || angle.terms.is_empty()).then(|| (angle.offset, String::new()));
    let mut text = String::new();
    for (number, name) in terms.chain(offset) {
        let sign = match (text.is_empty(), number.is_sign_negative()) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        let _ = write!(text, "{sign}{:?}{name}", number.abs());
    }
    text
}
