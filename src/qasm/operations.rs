//! Parsing gates, measurements and assignments.

use super::ast::{Expr, GateCall, Instr, Modifier, Operand, StatementKind};
use super::lex::{Name, Sym, Token, word};
use super::parse::Parser;
use super::{Fault, Res};

impl<'a> Parser<'a> {
    pub(super) fn measure(&mut self) -> Res<StatementKind> {
        self.advance()?;
        let measured = self.operand()?;
        let target = match self.takes(Sym::Arrow)? {
            true => Some(self.operand()?),
            false if self.version() == 2 => return Err(self.unexpected("'->' and a classical bit")),
            false => None,
        };
        self.semicolon()?;
        Ok(StatementKind::Measure(measured, target))
    }

    pub(super) fn reset(&mut self) -> Res<StatementKind> {
        self.advance()?;
        let operand = self.operand()?;
        self.semicolon()?;
        Ok(StatementKind::Reset(operand))
    }

    pub(super) fn idle(&mut self) -> Res<StatementKind> {
        self.advance()?;
        self.idle_operands()
    }

    pub(super) fn idle_operands(&mut self) -> Res<StatementKind> {
        let operands = match self.token {
            Token::Sym(Sym::Semicolon) => Vec::new(),
            _ => self.operands()?,
        };
        self.semicolon()?;
        Ok(StatementKind::Idle(operands))
    }

    pub(super) fn operands(&mut self) -> Res<Vec<Operand>> {
        let mut operands = vec![self.operand()?];
        while self.takes(Sym::Comma)? && self.token != Token::Sym(Sym::Semicolon) {
            operands.push(self.operand()?);
        }
        Ok(operands)
    }

    /// A gate with what stands before it.
    pub(super) fn modified(&mut self) -> Res<StatementKind> {
        let mut modifiers = Vec::new();
        loop {
            let Token::Word(name) = self.token else { return Err(self.unexpected("a gate")) };
            if self.is_keyword(name) && name != word::GPHASE {
                self.advance()?;
                let argument = match self.takes(Sym::Open)? {
                    true => {
                        let argument = self.expr()?;
                        self.expect(Sym::Close, "')'")?;
                        Some(argument)
                    }
                    false => None,
                };
                modifiers.push(match (name, argument) {
                    (word::INV, None) => Modifier::Inverse,
                    (word::POW, Some(power)) => Modifier::Power(power),
                    (word::CTRL, count) => Modifier::Control(true, count),
                    (word::NEGCTRL, count) => Modifier::Control(false, count),
                    (word::INV, _) => return Err(self.unexpected("'@' right after 'inv'")),
                    (word::POW, _) => {
                        return Err(self.unexpected("the power in parentheses, as in 'pow(2) @',"));
                    }
                    _ => return Err(self.unexpected("a gate or another modifier")),
                });
                self.expect(Sym::At, "'@'")?;
                continue;
            }
            self.advance()?;
            return self.call(modifiers, name);
        }
    }

    /// A gate whose name has been read: its angles and operands.
    pub(super) fn call(&mut self, modifiers: Vec<Modifier>, name: Name) -> Res<StatementKind> {
        let args = match self.takes(Sym::Open)? {
            true => self.arguments()?,
            false => Vec::new(),
        };
        self.no_duration()?;
        let operands = match self.token {
            Token::Sym(Sym::Semicolon) if name == word::GPHASE => Vec::new(),
            _ => self.operands()?,
        };
        self.semicolon()?;
        Ok(StatementKind::Call(GateCall { modifiers, name, args, operands }))
    }

    pub(super) fn no_duration(&self) -> Res<()> {
        match self.token {
            Token::Sym(Sym::OpenBracket) => Err(Fault::new(
                self.place,
                "the duration of a gate is not read: nothing takes time here",
            )),
            _ => Ok(()),
        }
    }

    /// Expressions up to a closing parenthesis, which is taken.
    pub(super) fn arguments(&mut self) -> Res<Vec<Expr>> {
        let mut args = Vec::new();
        while self.token != Token::Sym(Sym::Close) {
            args.push(self.expr()?);
            if !self.takes(Sym::Comma)? {
                break;
            }
        }
        self.expect(Sym::Close, "')'")?;
        Ok(args)
    }

    /// A statement that begins with a name: a gate, an assignment, or a subroutine.
    pub(super) fn starts_with_name(&mut self, name: Name) -> Res<StatementKind> {
        let at = self.place;
        let target = self.operand()?;
        match self.token {
            Token::Sym(Sym::Open) if target.index.is_empty() => {
                self.advance()?;
                let args = self.arguments()?;
                if self.token != Token::Sym(Sym::Semicolon) || self.version() == 2 {
                    self.no_duration()?;
                    let operands = self.operands()?;
                    self.semicolon()?;
                    return Ok(StatementKind::Call(GateCall {
                        modifiers: Vec::new(),
                        name,
                        args,
                        operands,
                    }));
                }
                self.semicolon()?;
                let count = args.len() as u32;
                let mut code: Vec<Instr> =
                    args.into_iter().flat_map(|arg| arg.code.into_vec()).collect();
                code.push(Instr::Call(name, count, at));
                Ok(StatementKind::Expr(Expr { at, code: code.into() }))
            }
            Token::Word(_) | Token::Physical(_) if target.index.is_empty() => {
                let operands = self.operands()?;
                self.semicolon()?;
                Ok(StatementKind::Call(GateCall {
                    modifiers: Vec::new(),
                    name,
                    args: Vec::new(),
                    operands,
                }))
            }
            Token::Sym(sym @ (Sym::Equals | Sym::PlusEquals | Sym::MinusEquals | Sym::TimesEquals))
            | Token::Sym(sym @ (Sym::OverEquals | Sym::RemainderEquals | Sym::PowerEquals))
            | Token::Sym(sym @ (Sym::AndEquals | Sym::OrEquals | Sym::XorEquals))
            | Token::Sym(sym @ (Sym::LeftEquals | Sym::RightEquals))
                if self.version() == 3 =>
            {
                self.advance()?;
                let source = self.source()?;
                self.semicolon()?;
                Ok(StatementKind::Assign(target, sym, source))
            }
            _ if self.version() == 3 && !target.index.is_empty() => {
                self.no_duration()?;
                Err(self.unexpected("'=' (or, after a gate, its qubits)"))
            }
            // What is meant is often OpenQASM 3.
            Token::Sym(Sym::Equals) if self.version() == 2 => Err(Fault::new(
                self.place,
                "OpenQASM 2 has no assignments: write 'measure q -> c;', or begin with 'OPENQASM 3.0;'",
            )),
            _ if self.version() == 2 && name < word::END_OF_3 => Err(Fault::new(
                at,
                format!(
                    "'{}' is a word of OpenQASM 3: begin with 'OPENQASM 3.0;', or declare by 'qreg q[2];' and \
                     'creg c[2];'",
                    self.name(name)
                ),
            )),
            _ => Err(self.unexpected(&format!("a qubit of the gate '{}'", self.name(name)))),
        }
    }
}
