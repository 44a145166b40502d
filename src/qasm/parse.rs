//! Parsing statements.
//!
//! One statement is parsed and handed over at a time, so that a long file of gates never stands in memory
//! as a tree. Blocks nest at most [`MAX_NESTING`] deep.

use std::rc::Rc;

use super::ast::{Expr, Loop, Statement, StatementKind};
use super::lex::{Lexer, Name, Sym, Token, word};
use super::{Fault, Res};

/// How deep blocks may stand in each other. What parses and walks them is recursive, and must fit the stack
/// of any thread.
pub const MAX_NESTING: usize = 200;

/// Reads statements from a text.
pub struct Parser<'a> {
    pub(super) lexer: Lexer<'a>,
    pub(super) token: Token,
    pub(super) place: u32,
    pub(super) nesting: usize,
    /// How many braces of lists are open.
    pub(super) braces: usize,
}

/// A text that was left for another, and where.
pub struct Left<'a> {
    lexer: (&'a str, usize, u32),
    token: Token,
    place: u32,
}

impl<'a> Parser<'a> {
    /// At the beginning of a text.
    pub fn new(text: &'a str, version: u32) -> Res<Parser<'a>> {
        let mut lexer = Lexer::new(text, version);
        let (token, place) = lexer.next()?;
        Ok(Parser { lexer, token, place, nesting: 0, braces: 0 })
    }

    /// The token that comes next.
    pub fn token(&self) -> Token {
        self.token
    }

    /// Where that begins.
    pub fn place(&self) -> u32 {
        self.place
    }

    /// 2 or 3.
    pub fn version(&self) -> u32 {
        self.lexer.version
    }

    /// A part of the text.
    pub fn slice(&self, from: u32, to: u32) -> &'a str {
        self.lexer.slice(from, to)
    }

    /// The whole text.
    pub fn text(&self) -> &'a str {
        self.lexer.text()
    }

    /// What a name is.
    pub fn name(&self, name: Name) -> &'a str {
        self.lexer.name(name)
    }

    /// The number of a name, if the text has it so far.
    pub fn number_of(&self, name: &str) -> Option<Name> {
        self.lexer.number_of(name)
    }

    /// Goes on in another text.
    pub fn enter(&mut self, text: &'a str, version: u32) -> Res<Left<'a>> {
        let lexer = self.lexer.enter(text, version);
        let left = Left { lexer, token: self.token, place: self.place };
        (self.token, self.place) = self.lexer.next()?;
        Ok(left)
    }

    /// Comes back.
    pub fn resume(&mut self, left: Left<'a>) {
        self.lexer.resume(left.lexer);
        (self.token, self.place) = (left.token, left.place);
    }

    /// Moves on by one token.
    pub fn advance(&mut self) -> Res<()> {
        (self.token, self.place) = self.lexer.next()?;
        Ok(())
    }

    /// Whether a name means something in the language of this text.
    pub fn is_keyword(&self, name: Name) -> bool {
        match self.version() {
            2 => name < word::END_OF_2,
            _ => name < word::END_OF_3 && !matches!(name, word::PI | word::OPAQUE),
        }
    }

    /// Whether a name begins a type.
    pub fn is_type(&self, name: Name) -> bool {
        (word::BOOL..=word::STRETCH).contains(&name) && name != word::VOID
    }

    /// The token that comes next, as it stands in the text.
    fn shown(&self) -> String {
        match self.token {
            Token::End => "the end of the text".to_owned(),
            Token::Pragma(..) => "'pragma'".to_owned(),
            _ => {
                let rest = &self.lexer.text()[self.place as usize..];
                let is_part = |c: char| c == '_' || c == '$' || c.is_alphanumeric() || c == '.';
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let length = length.max(rest.chars().next().map_or(0, char::len_utf8)).min(40);
                format!("'{}'", rest.get(..length).unwrap_or("..."))
            }
        }
    }

    /// The refusal of the token that comes next.
    pub fn unexpected(&self, wanted: &str) -> Fault {
        let also = match self.token {
            Token::Word(name) if wanted.starts_with("a name") && self.is_keyword(name) => {
                ", which is a keyword: take another name"
            }
            _ => "",
        };
        let shown = self.shown();
        let what = match wanted {
            "';'" => format!("a ';' is missing before {shown}"),
            _ => format!("{shown} was found, and {wanted} was expected{also}"),
        };
        Fault::new(self.place, what)
    }

    /// Takes a mark, which must come next.
    pub fn expect(&mut self, sym: Sym, wanted: &str) -> Res<()> {
        match self.token == Token::Sym(sym) {
            true => self.advance(),
            false => Err(self.unexpected(wanted)),
        }
    }

    pub(super) fn takes(&mut self, sym: Sym) -> Res<bool> {
        let found = self.token == Token::Sym(sym);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn takes_word(&mut self, name: Name) -> Res<bool> {
        let found = self.token == Token::Word(name);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn semicolon(&mut self) -> Res<()> {
        self.expect(Sym::Semicolon, "';'")
    }

    pub(super) fn new_name(&mut self) -> Res<Name> {
        match self.token {
            Token::Word(name) if !self.is_keyword(name) => {
                self.advance()?;
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    pub(super) fn names(&mut self, closes: Option<Sym>) -> Res<Vec<Name>> {
        let mut names = Vec::new();
        let ends = |token| closes.is_some_and(|sym| token == Token::Sym(sym));
        while !ends(self.token) {
            names.push(self.new_name()?);
            if !self.takes(Sym::Comma)? {
                break;
            }
            if self.token == Token::Sym(Sym::OpenBrace) {
                break; // a last comma
            }
        }
        Ok(names)
    }

    /// The version of the language, if the text says one: 2 or 3.
    pub fn version_line(&mut self) -> Res<Option<u32>> {
        if self.token != Token::Word(word::OPENQASM) {
            return Ok(None);
        }
        let at = self.place;
        let limit = "numket reads OpenQASM 2.0, 3.0 and 3.1: write 'OPENQASM 3.0;'";
        self.advance()?;
        let place = self.place as usize;
        let rest = &self.lexer.text()[place..];
        let length = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let version = match &rest[..length] {
            "2" | "2.0" => 2,
            "3" | "3.0" | "3.1" => 3,
            other => return Err(Fault::new(at, format!("the version is {other:?}; {limit}"))),
        };
        // Words of the lines to come mean what they mean in this version.
        self.advance()?;
        if self.token != Token::Sym(Sym::Semicolon) {
            return Err(self.unexpected("';'"));
        }
        self.lexer.version = version;
        self.advance()?;
        Ok(Some(version))
    }

    /// The next statement, or nothing at the end of the text.
    pub fn statement(&mut self) -> Res<Option<Statement>> {
        while self.token == Token::Sym(Sym::At) && self.version() == 3 {
            self.lexer.annotation();
            self.advance()?;
        }
        let at = self.place;
        let kind = match self.token {
            Token::End => return Ok(None),
            Token::Pragma(from, to) => {
                self.advance()?;
                StatementKind::Pragma(from, to)
            }
            Token::Word(name) if self.is_keyword(name) && name != word::PI => match self.version() {
                2 => self.keyword_of_2(name)?,
                _ => self.keyword_of_3(name)?,
            },
            Token::Word(name) => self.starts_with_name(name)?,
            Token::Sym(Sym::OpenBrace) if self.version() == 3 => StatementKind::Block(self.block()?),
            Token::Sym(Sym::Semicolon) => {
                return Err(Fault::new(at, "a ';' without a statement: take it away"));
            }
            _ => return Err(self.unexpected("a statement")),
        };
        Ok(Some(Statement { at, kind }))
    }

    /// One level deeper.
    pub(super) fn deeper(&mut self, at: u32) -> Res<()> {
        self.nesting += 1;
        match self.nesting > MAX_NESTING {
            true => Err(Fault::new(
                at,
                format!(
                    "blocks stand in each other more than {MAX_NESTING} deep: use a subroutine for the inner ones"
                ),
            )),
            false => Ok(()),
        }
    }

    /// `{ ... }`.
    pub(super) fn block(&mut self) -> Res<Vec<Statement>> {
        let at = self.place;
        self.deeper(at)?;
        self.expect(Sym::OpenBrace, "'{'")?;
        let mut statements = Vec::new();
        while self.token != Token::Sym(Sym::CloseBrace) {
            match self.statement()? {
                Some(statement) => statements.push(statement),
                None => return Err(Fault::new(at, "this block has no end: close it with '}'")),
            }
        }
        self.advance()?;
        self.nesting -= 1;
        Ok(statements)
    }

    /// A block, or one statement.
    fn body(&mut self) -> Res<Vec<Statement>> {
        if self.token == Token::Sym(Sym::OpenBrace) {
            return self.block();
        }
        let at = self.place;
        self.deeper(at)?;
        let statement = self.statement()?;
        self.nesting -= 1;
        Ok(vec![statement.ok_or_else(|| self.unexpected("a statement"))?])
    }

    fn keyword_of_2(&mut self, name: Name) -> Res<StatementKind> {
        match name {
            word::OPENQASM => Err(Fault::new(self.place, "the version stands once, in the first line")),
            word::INCLUDE => self.include(),
            word::QREG | word::CREG => self.register(name == word::QREG),
            word::GATE => self.gate(),
            word::OPAQUE => {
                let definition = self.gate_head()?;
                self.semicolon()?;
                Ok(StatementKind::Opaque(Rc::new(definition)))
            }
            word::MEASURE => self.measure(),
            word::RESET => self.reset(),
            word::BARRIER => self.idle(),
            word::IF => {
                self.advance()?;
                self.expect(Sym::Open, "'('")?;
                let condition = self.condition_of_2()?;
                self.expect(Sym::Close, "')'")?;
                let at = self.place;
                self.deeper(at)?;
                let operation = self.statement()?.ok_or_else(|| self.unexpected("an operation"))?;
                self.nesting -= 1;
                match operation.kind {
                    StatementKind::Call(_)
                    | StatementKind::Measure(..)
                    | StatementKind::Reset(_)
                    | StatementKind::Idle(_) => {
                        Ok(StatementKind::If(vec![(condition, vec![operation])], Vec::new()))
                    }
                    _ => Err(Fault::new(at, "after 'if (...)' comes a gate, a measurement or a reset")),
                }
            }
            _ => Err(self.unexpected("a statement")),
        }
    }

    /// `c == 3`, the only condition of OpenQASM 2.
    fn condition_of_2(&mut self) -> Res<Expr> {
        use super::ast::{Expr, Instr};
        let at = self.place;
        let register = self.new_name()?;
        let place = self.place;
        self.expect(Sym::Same, "'=='")?;
        let Token::Int(value) = self.token else { return Err(self.unexpected("a whole number")) };
        self.advance()?;
        let code =
            [Instr::Name(register, at), Instr::Int(i128::from(value)), Instr::Binary(Sym::Same, place)];
        Ok(Expr { at, code: code.into() })
    }

    fn keyword_of_3(&mut self, name: Name) -> Res<StatementKind> {
        let at = self.place;
        Ok(match name {
            word::OPENQASM => return Err(Fault::new(at, "the version stands once, in the first line")),
            word::INCLUDE => self.include()?,
            word::QREG | word::CREG => self.register(name == word::QREG)?,
            word::GATE => self.gate()?,
            word::DEF => self.def()?,
            word::MEASURE => self.measure()?,
            word::RESET => self.reset()?,
            word::BARRIER | word::NOP => self.idle()?,
            word::DELAY => {
                self.advance()?;
                self.designator()?;
                self.idle_operands()?
            }
            word::BOX => {
                self.advance()?;
                self.maybe_designator()?;
                StatementKind::Block(self.block()?)
            }
            word::IF => {
                let (condition, then) = self.if_head()?;
                let mut chain = vec![(condition, then)];
                let mut otherwise = Vec::new();
                while self.takes_word(word::ELSE)? {
                    if self.token != Token::Word(word::IF) {
                        otherwise = self.body()?;
                        break;
                    }
                    chain.push(self.if_head()?);
                }
                StatementKind::If(chain, otherwise)
            }
            word::FOR => {
                self.advance()?;
                let ty = match self.token {
                    Token::Word(name) if self.is_type(name) => self.ty()?,
                    _ => {
                        return Err(
                            self.unexpected("the type of the loop's variable, as in 'for int i in',")
                        );
                    }
                };
                let name = self.new_name()?;
                if !self.takes_word(word::IN)? {
                    return Err(self.unexpected("'in'"));
                }
                let values = self.loop_values()?;
                StatementKind::For(Loop { ty, name, values }, self.body()?)
            }
            word::WHILE => {
                self.advance()?;
                let condition = self.condition()?;
                StatementKind::While(condition, self.body()?)
            }
            word::SWITCH => self.switch()?,
            word::BREAK | word::CONTINUE | word::END => {
                self.advance()?;
                self.semicolon()?;
                match name {
                    word::BREAK => StatementKind::Break,
                    word::CONTINUE => StatementKind::Continue,
                    _ => StatementKind::End,
                }
            }
            word::RETURN => {
                self.advance()?;
                let value = match self.token {
                    Token::Sym(Sym::Semicolon) => None,
                    _ => Some(self.source()?),
                };
                self.semicolon()?;
                StatementKind::Return(value)
            }
            word::LET => {
                self.advance()?;
                let name = self.new_name()?;
                self.expect(Sym::Equals, "'='")?;
                let mut parts = vec![self.operand()?];
                while self.takes(Sym::Concat)? {
                    parts.push(self.operand()?);
                }
                self.semicolon()?;
                StatementKind::Alias(name, parts)
            }
            word::QUBIT => {
                self.advance()?;
                let size = self.maybe_designator()?;
                let name = self.new_name()?;
                self.semicolon()?;
                StatementKind::Qubits(name, size)
            }
            word::INPUT | word::OUTPUT => {
                self.advance()?;
                if !matches!(self.token, Token::Word(name) if self.is_type(name)) {
                    return Err(self.unexpected("a type"));
                }
                let ty = self.ty()?;
                let variable = self.new_name()?;
                self.semicolon()?;
                StatementKind::Io(name == word::INPUT, ty, variable)
            }
            word::CONST => {
                self.advance()?;
                if !matches!(self.token, Token::Word(name) if self.is_type(name)) {
                    return Err(self.unexpected("a type"));
                }
                self.declaration(true)?
            }
            word::GPHASE | word::INV | word::POW | word::CTRL | word::NEGCTRL => self.modified()?,
            word::EXTERN => {
                return Err(Fault::new(
                    at,
                    "'extern' names a function outside of the program: write it as a 'def'",
                ));
            }
            word::CAL | word::DEFCAL | word::DEFCALGRAMMAR => {
                return Err(Fault::new(
                    at,
                    format!(
                        "'{}' is for pulses, which numket has not: define the gate with 'gate'",
                        self.name(name)
                    ),
                ));
            }
            name if self.is_type(name) => self.declaration(false)?,
            _ => return Err(self.unexpected("a statement")),
        })
    }

    fn if_head(&mut self) -> Res<(Expr, Vec<Statement>)> {
        self.advance()?;
        let condition = self.condition()?;
        Ok((condition, self.body()?))
    }

    /// What stands in the parentheses of `if`, `while` and `switch`.
    fn condition(&mut self) -> Res<Expr> {
        self.expect(Sym::Open, "'('")?;
        let condition = self.expr()?;
        self.expect(Sym::Close, "')'")?;
        Ok(condition)
    }

    fn switch(&mut self) -> Res<StatementKind> {
        self.advance()?;
        let value = self.condition()?;
        let at = self.place;
        self.expect(Sym::OpenBrace, "'{'")?;
        let mut cases = Vec::new();
        while !self.takes(Sym::CloseBrace)? {
            if matches!(cases.last(), Some((labels, _)) if Vec::is_empty(labels)) {
                return Err(self.unexpected("the end of the 'switch' after its default"));
            }
            if self.takes_word(word::DEFAULT)? {
                cases.push((Vec::new(), self.block()?));
                continue;
            }
            if !self.takes_word(word::CASE)? {
                return Err(self.unexpected("'case' or 'default'"));
            }
            let mut labels = vec![self.expr()?];
            while self.takes(Sym::Comma)? && self.token != Token::Sym(Sym::OpenBrace) {
                labels.push(self.expr()?);
            }
            cases.push((labels, self.block()?));
        }
        match cases.first() {
            Some((labels, _)) if !labels.is_empty() => Ok(StatementKind::Switch(value, cases)),
            _ => Err(Fault::new(at, "a 'switch' needs at least one 'case'")),
        }
    }
}
