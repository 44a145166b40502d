//! The pragmas of Amazon Braket's dialect.

use num_complex::Complex64;

use super::lex::{Sym, Token};
use super::walk::{Walker, distinct};
use super::{Dialect, Fault, Res};
use crate::circuit::{Action, Operation};

impl<'a> Walker<'a> {
    /// What stands after `pragma`.
    pub(super) fn pragma(&mut self, at: u32, from: u32, to: u32) -> Res<()> {
        let text = self.parser.slice(from, to);
        let mut words = text.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if first != "braket" {
            return Ok(());
        }
        let is_braket = self.options.dialect == Dialect::Braket;
        match second {
            "result" | "verbatim" => Ok(()),
            _ if !is_braket => Err(Fault::new(
                at,
                "this pragma of Braket's may change what the program does: read it with the dialect 'braket'",
            )),
            _ if second.starts_with("unitary") => self.braket_unitary(at, from, to),
            other => Err(Fault::new(
                at,
                format!(
                    "the pragma 'braket {other}' is not read: numket reads 'unitary', and passes over 'result' and 'verbatim'"
                ),
            )),
        }
    }

    /// `braket unitary([[0, 1], [1, 0]]) q[0]`: a matrix, row by row, and the qubits.
    pub(super) fn braket_unitary(&mut self, at: u32, from: u32, to: u32) -> Res<()> {
        let text = self.parser.slice(from, to);
        let wanted = "a pragma of a unitary reads: braket unitary([[0, 1], [1, 0]]) q[0]";
        let (open, close) = match (text.find('('), text.rfind(')')) {
            (Some(open), Some(close)) if open < close => (open, close),
            _ => return Err(Fault::new(at, wanted)),
        };
        let entries = matrix(&text[open + 1..close]).ok_or_else(|| Fault::new(at, wanted))?;
        let left = self.parser.enter(&text[close + 1..], 3)?;
        let mut qubits = Vec::new();
        loop {
            let operand = self.parser.operand().map_err(|_| Fault::new(at, wanted))?;
            qubits.extend_from_slice(
                &self.qubits(&operand).map_err(|fault| Fault { at: at as usize, ..fault })?.0,
            );
            if self.parser.token() != Token::Sym(Sym::Comma) {
                break;
            }
            self.parser.advance()?;
        }
        if self.parser.token() != Token::End {
            return Err(Fault::new(at, wanted));
        }
        self.parser.resume(left);
        distinct(at, &qubits)?;
        let dim = entries.len().isqrt();
        if dim * dim != entries.len() || 1usize.checked_shl(qubits.len() as u32) != Some(dim) {
            return Err(Fault::new(
                at,
                format!("the matrix has {} entries for {} qubits", entries.len(), qubits.len()),
            ));
        }
        let product = |row: usize, column: usize| -> Complex64 {
            (0..dim).map(|i| entries[row * dim + i] * entries[column * dim + i].conj()).sum()
        };
        let is_unitary = (0..dim * dim).all(|i| {
            let wanted = f64::from(u8::from(i / dim == i % dim));
            (product(i / dim, i % dim) - wanted).norm() < 1e-6
        });
        if !is_unitary {
            return Err(Fault::new(at, "the matrix of this pragma is not unitary"));
        }
        let operation =
            Operation { action: Action::Dense(entries.into()), qubits, controls: Vec::new() };
        self.output.push(at, operation)
    }
}

/// The entries of a matrix as Braket writes it: `[[1, 0], [0, 0.5 - 1im]]`.
fn matrix(text: &str) -> Option<Vec<Complex64>> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut entries = Vec::new();
    for row in inner.split(']') {
        let row = row.trim().trim_start_matches(',').trim();
        if row.is_empty() {
            continue;
        }
        for entry in row.strip_prefix('[')?.split(',') {
            entries.push(complex(entry)?);
        }
    }
    Some(entries)
}

/// A complex number: real and imaginary parts, the latter before `im`.
fn complex(text: &str) -> Option<Complex64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(imaginary) = text.strip_suffix("im") else {
        return Some(Complex64::new(text.parse().ok()?, 0.0));
    };
    // The last sign that belongs to no exponent parts the two.
    let bytes = imaginary.as_bytes();
    let is_sign =
        |&i: &usize| matches!(bytes[i], b'+' | b'-') && i > 0 && !matches!(bytes[i - 1], b'e' | b'E');
    let cut = (0..bytes.len()).rev().find(is_sign).unwrap_or(0);
    let real = if cut == 0 { 0.0 } else { imaginary[..cut].parse().ok()? };
    let part = match &imaginary[cut..] {
        "" | "+" => 1.0,
        "-" => -1.0,
        other => other.parse().ok()?,
    };
    Some(Complex64::new(real, part))
}
