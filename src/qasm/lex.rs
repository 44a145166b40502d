//! Text to tokens, one at a time, so that a long file never stands in memory as tokens.

use std::collections::HashMap;

use super::{Fault, Res};

/// A word of the text, by its number: equal words have equal numbers, keywords the first ones.
pub type Name = u32;

macro_rules! words {
    ($($id:ident $text:literal)+) => {
        /// The words that mean something in the language, with the numbers that they have.
        pub mod word {
            use super::Name;
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            #[repr(u32)]
            enum Place { $($id),+ }
            $(pub const $id: Name = Place::$id as Name;)+
        }
        const WORDS: &[&str] = &[$($text),+];
    };
}
words! {
    // Keywords of OpenQASM 2 are words before END_OF_2, those of OpenQASM 3 words before END_OF_3.
    OPENQASM "OPENQASM" INCLUDE "include" QREG "qreg" CREG "creg" GATE "gate" OPAQUE "opaque"
    MEASURE "measure" RESET "reset" BARRIER "barrier" IF "if" PI "pi" END_OF_2 ""
    ELSE "else" FOR "for" WHILE "while" IN "in" SWITCH "switch" CASE "case" DEFAULT "default"
    BREAK "break" CONTINUE "continue" END "end" RETURN "return" DEF "def" EXTERN "extern" BOX "box"
    LET "let" CAL "cal" DEFCAL "defcal" DEFCALGRAMMAR "defcalgrammar" NOP "nop" DELAY "delay"
    INPUT "input" OUTPUT "output" CONST "const" READONLY "readonly" MUTABLE "mutable" QUBIT "qubit"
    BOOL "bool" BIT "bit" INT "int" UINT "uint" FLOAT "float" ANGLE "angle" COMPLEX "complex"
    ARRAY "array" VOID "void" DURATION "duration" STRETCH "stretch" GPHASE "gphase" INV "inv"
    POW "pow" CTRL "ctrl" NEGCTRL "negctrl" DURATIONOF "durationof" TRUE "true" FALSE "false"
    END_OF_3 " " TAU "tau" EULER "euler"
}

/// Whether a name of OpenQASM 3 cannot be one of a variable: a keyword, a constant or a function.
pub fn is_reserved(name: Name) -> bool {
    name < WORDS.len() as Name
}

/// A mark or an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say what they are")]
pub enum Sym {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Semicolon,
    Colon,
    Arrow,
    At,
    Dot,
    Dim,
    Equals,
    PlusEquals,
    MinusEquals,
    TimesEquals,
    OverEquals,
    RemainderEquals,
    PowerEquals,
    AndEquals,
    OrEquals,
    XorEquals,
    LeftEquals,
    RightEquals,
    Plus,
    Concat,
    Minus,
    Times,
    Power,
    Over,
    Remainder,
    Same,
    Differs,
    Less,
    LessSame,
    Greater,
    GreaterSame,
    And,
    BitAnd,
    Or,
    BitOr,
    Xor,
    Not,
    Flip,
    Left,
    Right,
}

/// A token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token {
    /// A name or a keyword.
    Word(Name),
    /// A whole number.
    Int(u64),
    /// A number with a point or an exponent.
    Float(f64),
    /// An imaginary number.
    Imaginary,
    /// A time in seconds; none in units of the machine.
    Time(Option<f64>),
    /// What stands between two quotation marks, by its places in the text.
    Text(u32, u32),
    /// A physical qubit.
    Physical(u32),
    /// A mark or an operator.
    Sym(Sym),
    /// What stands after `pragma` or `#pragma` in its line.
    Pragma(u32, u32),
    /// A line that begins with `@`.
    Annotation,
    /// The end of the text.
    End,
}

/// The text, and how far it has been read.
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    numbers: HashMap<&'a str, Name>,
    names: Vec<&'a str>,
    /// 2 or 3: what the language of the text is.
    pub version: u32,
}

impl<'a> Lexer<'a> {
    /// At the beginning of a text, which may start with a byte order mark.
    pub fn new(text: &'a str, version: u32) -> Lexer<'a> {
        let names = WORDS.to_vec();
        let numbers = (0..).zip(&names).map(|(number, &name)| (name, number)).collect();
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Lexer { text, at, numbers, names, version }
    }

    /// The whole text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// A part of the text.
    pub fn slice(&self, from: u32, to: u32) -> &'a str {
        &self.text[from as usize..to as usize]
    }

    /// What a name is.
    pub fn name(&self, name: Name) -> &'a str {
        self.names[name as usize]
    }

    /// The number of a name.
    pub fn number(&mut self, name: &'a str) -> Name {
        let next = self.names.len() as Name;
        *self.numbers.entry(name).or_insert_with(|| {
            self.names.push(name);
            next
        })
    }

    /// The number of a name, if the text has it so far.
    pub fn number_of(&self, name: &str) -> Option<Name> {
        self.numbers.get(name).copied()
    }

    /// How far the text has been read.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Reads on in another text, and gives the place in this one, for `resume`.
    pub fn enter(&mut self, text: &'a str, version: u32) -> (&'a str, usize, u32) {
        let left = (self.text, self.at, self.version);
        (self.text, self.at, self.version) = (text, 0, version);
        left
    }

    /// Comes back from another text.
    pub fn resume(&mut self, left: (&'a str, usize, u32)) {
        (self.text, self.at, self.version) = left;
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Passes over spaces and comments.
    fn skip(&mut self) -> Res<()> {
        let bytes = self.text.as_bytes();
        loop {
            match self.peek(0) {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' if self.peek(1) == b'/' => self.skip_line(),
                b'/' if self.peek(1) == b'*' => {
                    let end = bytes[self.at + 2..].windows(2).position(|pair| pair == b"*/");
                    let Some(end) = end else {
                        return Err(Fault::new(self.at, "this comment has no end: close it with '*/'"));
                    };
                    self.at += end + 4;
                }
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(rest.len());
    }

    /// The next token, and where it begins.
    pub fn next(&mut self) -> Res<(Token, u32)> {
        self.skip()?;
        let start = self.at;
        let token = match self.peek(0) {
            0 if start == self.text.len() => Token::End,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => self.numeric()?,
            b'.' if self.peek(1).is_ascii_digit() => self.numeric()?,
            quote @ (b'"' | b'\'') => self.quoted(quote)?,
            b'$' => self.physical()?,
            b'#' => {
                let rest = &self.text[start + 1..];
                if rest
                    .strip_prefix("pragma")
                    .is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n']))
                {
                    self.at += 7;
                    self.rest_of_line()
                } else if rest.starts_with("dim") {
                    self.at += 4;
                    Token::Sym(Sym::Dim)
                } else {
                    return Err(Fault::new(
                        start,
                        "a '#' begins only '#pragma' and '#dim'; a comment begins with '//'",
                    ));
                }
            }
            128.. => self.word_of_any_letters()?,
            _ => self.symbol()?,
        };
        Ok((token, start as u32))
    }

    fn rest_of_line(&mut self) -> Token {
        let from = self.at;
        self.skip_line();
        Token::Pragma(from as u32, self.at as u32)
    }

    fn word(&mut self) -> Token {
        let bytes = self.text.as_bytes();
        let start = self.at;
        while matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9') {
            self.at += 1;
        }
        if self.peek(0) >= 128 {
            self.letters();
        }
        let word = &self.text[start..self.at];
        if word == "pragma" && self.version == 3 && !matches!(bytes.get(self.at), Some(b'@' | b'(')) {
            return self.rest_of_line();
        }
        Token::Word(self.number(word))
    }

    /// Moves past letters of any alphabet, and digits.
    fn letters(&mut self) {
        let rest = &self.text[self.at..];
        let is_part = |c: char| c == '_' || c.is_ascii_digit() || c.is_alphabetic();
        self.at += rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    }

    fn word_of_any_letters(&mut self) -> Res<Token> {
        let start = self.at;
        self.letters();
        let word = &self.text[start..self.at];
        Ok(match word {
            "" => {
                let other = self.text[start..].chars().next().unwrap_or_default();
                return Err(Fault::new(
                    start,
                    format!("the character {other:?} means nothing in OpenQASM"),
                ));
            }
            "π" => Token::Word(word::PI),
            "τ" => Token::Word(word::TAU),
            "ℇ" => Token::Word(word::EULER),
            _ => Token::Word(self.number(word)),
        })
    }

    fn digits(&mut self, is_digit: fn(&u8) -> bool) {
        while is_digit(&self.peek(0)) || (self.peek(0) == b'_' && is_digit(&self.peek(1))) {
            self.at += 1;
        }
    }

    fn numeric(&mut self) -> Res<Token> {
        let start = self.at;
        let radix = match (self.peek(0), self.peek(1) | 32) {
            _ if self.version == 2 => 10,
            (b'0', b'x') => 16,
            (b'0', b'b') => 2,
            (b'0', b'o') => 8,
            _ => 10,
        };
        if radix != 10 {
            self.at += 2;
            self.digits(u8::is_ascii_hexdigit);
            let digits = self.text[start + 2..self.at].replace('_', "");
            return match u64::from_str_radix(&digits, radix) {
                Ok(value) => Ok(Token::Int(value)),
                Err(_) => Err(Fault::new(
                    start,
                    format!("{:?} is no whole number of at most 64 bits", &self.text[start..self.at]),
                )),
            };
        }
        self.digits(u8::is_ascii_digit);
        let mut whole = true;
        if self.peek(0) == b'.' {
            whole = false;
            self.at += 1;
            self.digits(u8::is_ascii_digit);
        }
        let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
        if self.peek(0) | 32 == b'e' && self.peek(1 + sign).is_ascii_digit() {
            whole = false;
            self.at += 1 + sign;
            self.digits(u8::is_ascii_digit);
        }
        let digits = &self.text[start..self.at];
        let digits = if digits.contains('_') { &digits.replace('_', "") } else { digits };
        if self.version == 3
            && let Some(token) = self.unit(start, digits)?
        {
            return Ok(token);
        }
        if matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'_' | 128..) {
            return Err(Fault::new(
                start,
                "a number ends where a name begins: put a space or an operator between them",
            ));
        }
        if whole {
            return match digits.parse() {
                Ok(value) => Ok(Token::Int(value)),
                Err(_) if self.version == 2 => Ok(Token::Float(self.float(start, digits)?)),
                Err(_) => {
                    Err(Fault::new(start, format!("the whole number {digits} has more than 64 bits")))
                }
            };
        }
        Ok(Token::Float(self.float(start, digits)?))
    }

    fn float(&self, start: usize, digits: &str) -> Res<f64> {
        match digits.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(Fault::new(start, format!("the number {digits} is beyond what 64 bits can hold"))),
        }
    }

    /// A number with a unit of time, or `im`, after it.
    fn unit(&mut self, start: usize, digits: &str) -> Res<Option<Token>> {
        let mut end = self.at;
        while matches!(self.text.as_bytes().get(end), Some(b' ' | b'\t')) {
            end += 1;
        }
        let rest = &self.text[end..];
        const UNITS: [(&str, Option<f64>); 8] = [
            ("dt", None),
            ("ns", Some(1e-9)),
            ("us", Some(1e-6)),
            ("µs", Some(1e-6)),
            ("μs", Some(1e-6)),
            ("ms", Some(1e-3)),
            ("s", Some(1.0)),
            ("im", None),
        ];
        for (unit, seconds) in UNITS {
            let is_end = |c: char| !(c == '_' || c.is_alphanumeric());
            if let Some(after) = rest.strip_prefix(unit)
                && after.chars().next().is_none_or(is_end)
            {
                self.at = end + unit.len();
                if unit == "im" {
                    return Ok(Some(Token::Imaginary));
                }
                let value = self.float(start, digits)?;
                return Ok(Some(Token::Time(seconds.map(|seconds| seconds * value))));
            }
        }
        Ok(None)
    }

    fn quoted(&mut self, quote: u8) -> Res<Token> {
        let start = self.at + 1;
        let rest = &self.text.as_bytes()[start..];
        let end = rest.iter().position(|&byte| byte == quote || byte == b'\n');
        match end {
            Some(end) if rest[end] == quote => {
                self.at = start + end + 1;
                Ok(Token::Text(start as u32, (start + end) as u32))
            }
            _ => Err(Fault::new(start - 1, "this quotation mark has no partner in its line")),
        }
    }

    fn physical(&mut self) -> Res<Token> {
        let start = self.at;
        self.at += 1;
        self.digits(u8::is_ascii_digit);
        match self.text[start + 1..self.at].parse() {
            Ok(number) => Ok(Token::Physical(number)),
            Err(_) => Err(Fault::new(start, "a '$' begins the number of a physical qubit, as in $0")),
        }
    }

    fn symbol(&mut self) -> Res<Token> {
        use Sym::*;
        let three = match (self.peek(0), self.peek(1), self.peek(2)) {
            (b'<', b'<', b'=') => Some(LeftEquals),
            (b'>', b'>', b'=') => Some(RightEquals),
            (b'*', b'*', b'=') => Some(PowerEquals),
            _ => None,
        };
        if let Some(sym) = three {
            self.at += 3;
            return Ok(Token::Sym(sym));
        }
        let two = match (self.peek(0), self.peek(1)) {
            (b'-', b'>') => Some(Arrow),
            (b'+', b'=') => Some(PlusEquals),
            (b'-', b'=') => Some(MinusEquals),
            (b'*', b'=') => Some(TimesEquals),
            (b'/', b'=') => Some(OverEquals),
            (b'%', b'=') => Some(RemainderEquals),
            (b'&', b'=') => Some(AndEquals),
            (b'|', b'=') => Some(OrEquals),
            (b'^', b'=') => Some(XorEquals),
            (b'+', b'+') => Some(Concat),
            (b'*', b'*') => Some(Power),
            (b'=', b'=') => Some(Same),
            (b'!', b'=') => Some(Differs),
            (b'<', b'=') => Some(LessSame),
            (b'>', b'=') => Some(GreaterSame),
            (b'&', b'&') => Some(And),
            (b'|', b'|') => Some(Or),
            (b'<', b'<') => Some(Left),
            (b'>', b'>') => Some(Right),
            _ => None,
        };
        if let Some(sym) = two {
            self.at += 2;
            return Ok(Token::Sym(sym));
        }
        let one = match self.peek(0) {
            b'(' => Open,
            b')' => Close,
            b'[' => OpenBracket,
            b']' => CloseBracket,
            b'{' => OpenBrace,
            b'}' => CloseBrace,
            b',' => Comma,
            b';' => Semicolon,
            b':' => Colon,
            b'.' => Dot,
            b'=' => Equals,
            b'+' => Plus,
            b'-' => Minus,
            b'*' => Times,
            b'/' => Over,
            b'%' => Remainder,
            b'<' => Less,
            b'>' => Greater,
            b'&' => BitAnd,
            b'|' => BitOr,
            b'^' => Xor,
            b'!' => Not,
            b'~' => Flip,
            b'@' => At,
            other => {
                let what = char::from(other);
                return Err(Fault::new(
                    self.at,
                    format!("the character {what:?} means nothing in OpenQASM"),
                ));
            }
        };
        self.at += 1;
        Ok(Token::Sym(one))
    }

    /// Moves past the rest of a line that begins with `@`, which has been read.
    pub fn annotation(&mut self) -> Token {
        self.skip_line();
        Token::Annotation
    }
}
