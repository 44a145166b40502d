//! Parsing declarations, types, and definitions of gates and subroutines.

use std::rc::Rc;

use super::ast::{Definition, Expr, Source, StatementKind, Type};
use super::lex::{Name, Sym, Token, word};
use super::parse::Parser;
use super::{Fault, Res};

impl<'a> Parser<'a> {
    pub(super) fn include(&mut self) -> Res<StatementKind> {
        self.advance()?;
        let Token::Text(from, to) = self.token else {
            return Err(self.unexpected("the name of a file in quotation marks"));
        };
        self.advance()?;
        self.semicolon()?;
        Ok(StatementKind::Include(from, to))
    }

    /// `qreg q[2];` or `creg c[2];`.
    pub(super) fn register(&mut self, qubits: bool) -> Res<StatementKind> {
        self.advance()?;
        let name = self.new_name()?;
        let size = match self.version() {
            2 => Some(self.designator()?),
            _ => self.maybe_designator()?,
        };
        self.semicolon()?;
        Ok(if qubits {
            StatementKind::Qubits(name, size)
        } else {
            StatementKind::Declare(false, Type::Bit(size), name, None)
        })
    }

    /// A size in brackets.
    pub(super) fn designator(&mut self) -> Res<Expr> {
        self.expect(Sym::OpenBracket, "'['")?;
        let at = self.place;
        // Sizes are whole numbers, also where numbers are real.
        self.deeper(at)?;
        let version = std::mem::replace(&mut self.lexer.version, 3);
        let size = self.expr();
        self.lexer.version = version;
        self.nesting -= 1;
        self.expect(Sym::CloseBracket, "']'")?;
        size
    }

    pub(super) fn maybe_designator(&mut self) -> Res<Option<Expr>> {
        match self.token {
            Token::Sym(Sym::OpenBracket) => Ok(Some(self.designator()?)),
            _ => Ok(None),
        }
    }

    pub(super) fn declaration(&mut self, constant: bool) -> Res<StatementKind> {
        let ty = self.ty()?;
        let name = self.new_name()?;
        let value = match self.takes(Sym::Equals)? {
            true => Some(self.source()?),
            false if constant => return Err(self.unexpected("'=' and the value of the constant")),
            false => None,
        };
        self.semicolon()?;
        Ok(StatementKind::Declare(constant, ty, name, value))
    }

    /// What stands on the right of `=`.
    pub(super) fn source(&mut self) -> Res<Source> {
        match self.takes_word(word::MEASURE)? {
            true => Ok(Source::Measure(self.operand()?)),
            false => Ok(Source::Expr(self.expr()?)),
        }
    }

    pub(super) fn gate(&mut self) -> Res<StatementKind> {
        let head = self.gate_head()?;
        let body = self.block()?;
        Ok(StatementKind::Gate(Rc::new(Definition { body, ..head })))
    }

    /// The name, parameters and qubits of a gate, after `gate` or `opaque`.
    pub(super) fn gate_head(&mut self) -> Res<Definition> {
        let at = self.place;
        self.advance()?;
        let name = self.new_name()?;
        let mut params = Vec::new();
        if self.takes(Sym::Open)? {
            params = self.names(Some(Sym::Close))?.into_iter().map(|name| (None, name)).collect();
            self.expect(Sym::Close, "')'")?;
        }
        let qubits = self.names(None)?;
        Ok(Definition { at, name, params, qubits, returns: None, body: Vec::new() })
    }

    pub(super) fn def(&mut self) -> Res<StatementKind> {
        let at = self.place;
        self.advance()?;
        let name = self.new_name()?;
        self.expect(Sym::Open, "'('")?;
        let mut params = Vec::new();
        while self.token != Token::Sym(Sym::Close) {
            params.push(self.parameter()?);
            if !self.takes(Sym::Comma)? {
                break;
            }
        }
        self.expect(Sym::Close, "')'")?;
        let returns = match self.takes(Sym::Arrow)? {
            true => Some(self.ty()?),
            false => None,
        };
        let body = self.block()?;
        let definition = Definition { at, name, params, qubits: Vec::new(), returns, body };
        Ok(StatementKind::Def(Rc::new(definition)))
    }

    /// A parameter of a subroutine.
    pub(super) fn parameter(&mut self) -> Res<(Option<Type>, Name)> {
        let Token::Word(first) = self.token else {
            return Err(self.unexpected("the type of a parameter"));
        };
        let ty = match first {
            word::QUBIT => {
                self.advance()?;
                Type::Qubit(self.maybe_designator()?)
            }
            word::QREG | word::CREG => {
                self.advance()?;
                let name = self.new_name()?;
                let size = self.maybe_designator()?;
                let ty = if first == word::QREG { Type::Qubit(size) } else { Type::Bit(size) };
                return Ok((Some(ty), name));
            }
            word::READONLY | word::MUTABLE => {
                self.advance()?;
                Type::Reference(first == word::MUTABLE, Rc::new(self.ty()?))
            }
            name if self.is_type(name) => self.ty()?,
            _ => return Err(self.unexpected("the type of a parameter")),
        };
        Ok((Some(ty), self.new_name()?))
    }

    /// A type, which comes next.
    pub fn ty(&mut self) -> Res<Type> {
        let at = self.place;
        let Token::Word(name) = self.token else { return Err(self.unexpected("a type")) };
        self.advance()?;
        Ok(match name {
            word::BOOL => Type::Bool,
            word::BIT => Type::Bit(self.maybe_designator()?),
            word::INT => Type::Int(true, self.maybe_designator()?),
            word::UINT => Type::Int(false, self.maybe_designator()?),
            word::FLOAT => Type::Float(self.maybe_designator()?),
            word::ANGLE => Type::Angle(self.maybe_designator()?),
            word::DURATION | word::STRETCH => Type::Time,
            word::COMPLEX => {
                return Err(Fault::new(at, "complex numbers are not read: an angle is real"));
            }
            word::ARRAY => {
                self.expect(Sym::OpenBracket, "'['")?;
                self.deeper(at)?;
                let element = self.ty()?;
                let mut sizes = Vec::new();
                while self.takes(Sym::Comma)? {
                    if self.takes(Sym::Dim)? {
                        self.expect(Sym::Equals, "'='")?;
                        self.expr()?;
                    } else {
                        sizes.push(self.expr()?);
                    }
                }
                self.expect(Sym::CloseBracket, "']'")?;
                self.nesting -= 1;
                Type::Array(Rc::new(element), sizes)
            }
            _ => return Err(Fault::new(at, format!("'{}' is no type", self.name(name)))),
        })
    }
}
