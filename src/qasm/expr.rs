//! Parsing expressions: operators wait on a stack of their own, as in Dijkstra's shunting-yard
//! algorithm, so that no nesting is too deep.

use std::rc::Rc;

use super::ast::{Base, Expr, Instr, Operand, Type};
use super::lex::{Sym, Token, word};
use super::parse::Parser;
use super::{Fault, Res};

/// What waits for its operands, or for its closing bracket.
enum Open {
    Binary(Sym, u32),
    Unary(Sym, u32),
    Paren,
    Call {
        name: u32,
        count: u32,
        at: u32,
    },
    Cast(Rc<Type>, u32),
    List {
        count: u32,
    },
    /// Brackets; `base` tells whether they come after a value. `part` counts the colons of a range.
    Index {
        base: bool,
        count: u32,
        part: usize,
        has: [bool; 3],
        at: u32,
    },
}

/// How tightly an operator binds; 12 is the power, which binds to the right.
fn binding(sym: Sym) -> Option<u8> {
    use Sym::*;
    Some(match sym {
        Or => 1,
        And => 2,
        BitOr => 3,
        Xor => 4,
        BitAnd => 5,
        Same | Differs => 6,
        Less | LessSame | Greater | GreaterSame => 7,
        Left | Right => 8,
        Plus | Minus => 9,
        Times | Over | Remainder => 10,
        Power => POWER,
        _ => return None,
    })
}
/// How deep braces may be nested: as many dimensions as an array can have.
const MAX_DIMENSIONS: usize = 7;

const UNARY: u8 = 11;
const POWER: u8 = 12;

impl<'a> Parser<'a> {
    /// An expression.
    pub fn expr(&mut self) -> Res<Expr> {
        Ok(self.expression(None)?.0)
    }

    /// The range in brackets, the list, or the expression that a `for` loop goes through.
    pub fn loop_values(&mut self) -> Res<Expr> {
        let at = self.place();
        match self.token() {
            Token::Sym(Sym::OpenBracket) => {
                self.advance()?;
                let (expr, count) = self.expression(Some(at))?;
                match count {
                    1 => Ok(expr),
                    _ => Err(Fault::new(
                        at,
                        "a loop goes through one range: write [start:stop] or [start:step:stop]",
                    )),
                }
            }
            _ => self.expr(),
        }
    }

    /// A name or a physical qubit with indices.
    pub fn operand(&mut self) -> Res<Operand> {
        let at = self.place();
        let base = match self.token() {
            Token::Word(name) if !self.is_keyword(name) => Base::Name(name),
            Token::Physical(number) if self.version() == 3 => Base::Physical(number),
            _ => return Err(self.unexpected("a qubit, a register or a variable")),
        };
        self.advance()?;
        let mut index = Vec::new();
        while self.token() == Token::Sym(Sym::OpenBracket) {
            let at = self.place();
            self.advance()?;
            if self.version() == 2 && !matches!(self.token(), Token::Int(_)) {
                return Err(self.unexpected("a whole number"));
            }
            let is_plain = self.version() == 2;
            let (expr, count) = self.expression(Some(at))?;
            if is_plain && !matches!(expr.code[..], [Instr::Int(_)]) {
                return Err(Fault::new(at, "an index is a whole number in OpenQASM 2"));
            }
            index.push((expr, count));
        }
        Ok(Operand { at, base, index })
    }

    /// An expression; or what stands in brackets that are open already, and how many values that is.
    fn expression(&mut self, brackets: Option<u32>) -> Res<(Expr, u32)> {
        let start = self.place();
        let mut code: Vec<Instr> = Vec::with_capacity(4);
        let mut open: Vec<Open> = Vec::new();
        if let Some(at) = brackets {
            open.push(Open::Index { base: false, count: 0, part: 0, has: [false; 3], at });
        }
        loop {
            // An operand, or what stands before one.
            let at = self.place();
            let token = self.token();
            match token {
                Token::Int(value) if self.version() == 2 && brackets.is_none() => {
                    code.push(Instr::Float(value as f64));
                }
                Token::Int(value) => code.push(Instr::Int(i128::from(value))),
                Token::Float(value) => code.push(Instr::Float(value)),
                Token::Time(value) => code.push(Instr::Time(value)),
                Token::Imaginary => {
                    return Err(Fault::new(at, "complex numbers are not read: an angle is real"));
                }
                Token::Text(from, to) => code.push(Instr::Bits(self.bits(from, to)?)),
                Token::Physical(number) => code.push(Instr::Physical(number, at)),
                Token::Word(word::TRUE) if self.version() == 3 => code.push(Instr::Bool(true)),
                Token::Word(word::FALSE) if self.version() == 3 => code.push(Instr::Bool(false)),
                Token::Word(word::DURATIONOF) if self.version() == 3 => {
                    return Err(Fault::new(at, "'durationof' is not read: nothing takes time here"));
                }
                Token::Word(name) if self.version() == 3 && self.is_type(name) => {
                    let ty = Rc::new(self.ty()?);
                    self.expect(Sym::Open, "the value to convert in parentheses")?;
                    open.push(Open::Cast(ty, at));
                    continue;
                }
                // A name that is a keyword only as a gate modifier can still be called, to be told apart later.
                Token::Word(name) if !self.is_keyword(name) || name == word::POW || name == word::PI => {
                    self.advance()?;
                    if self.token() == Token::Sym(Sym::Open) {
                        self.advance()?;
                        if self.token() == Token::Sym(Sym::Close) {
                            code.push(Instr::Call(name, 0, at));
                        } else {
                            open.push(Open::Call { name, count: 0, at });
                            continue;
                        }
                    } else {
                        code.push(Instr::Name(name, at));
                        if let Some(done) = self.after(&mut code, &mut open, start, true)? {
                            return Ok(done);
                        }
                        continue;
                    }
                }
                Token::Sym(Sym::Open) => {
                    open.push(Open::Paren);
                    self.advance()?;
                    continue;
                }
                Token::Sym(Sym::OpenBrace) => {
                    if self.braces >= MAX_DIMENSIONS {
                        return Err(Fault::new(
                            at,
                            format!("an array has at most {MAX_DIMENSIONS} dimensions"),
                        ));
                    }
                    self.advance()?;
                    if self.token() != Token::Sym(Sym::CloseBrace) {
                        self.braces += 1;
                        open.push(Open::List { count: 0 });
                        continue;
                    }
                    code.push(Instr::List(0));
                }
                Token::Sym(Sym::Plus) if self.version() == 2 => {
                    self.advance()?;
                    continue;
                }
                Token::Sym(sym @ (Sym::Minus | Sym::Not | Sym::Flip)) => {
                    open.push(Open::Unary(sym, at));
                    self.advance()?;
                    continue;
                }
                Token::Sym(Sym::Colon | Sym::CloseBracket | Sym::Comma)
                    if matches!(open.last(), Some(Open::Index { .. }))
                        && self.may_be_left_out(&open) =>
                {
                    if let Some(done) = self.after(&mut code, &mut open, start, false)? {
                        return Ok(done);
                    }
                    continue;
                }
                _ => return Err(self.unexpected("a value")),
            }
            self.advance()?;
            if let Some(done) = self.after(&mut code, &mut open, start, true)? {
                return Ok(done);
            }
        }
    }

    /// Whether the start, step or stop of a range may be missing here, or the range end.
    fn may_be_left_out(&self, open: &[Open]) -> bool {
        match (open.last(), self.token()) {
            (Some(Open::Index { part, .. }), Token::Sym(Sym::Colon)) => *part < 2,
            (Some(Open::Index { part, .. }), _) => *part > 0,
            _ => false,
        }
    }

    /// What may come after an operand, if one is `given`; gives the whole expression where it ends, and
    /// nothing where another operand is to come.
    fn after(
        &mut self,
        code: &mut Vec<Instr>,
        open: &mut Vec<Open>,
        start: u32,
        mut given: bool,
    ) -> Res<Option<(Expr, u32)>> {
        loop {
            let at = self.place();
            match self.token() {
                Token::Sym(Sym::Xor) if self.version() == 2 => {
                    return self.operator(Sym::Power, at, code, open);
                }
                Token::Sym(sym)
                    if binding(sym).is_some() && (self.version() == 3 || is_of_version_2(sym)) =>
                {
                    return self.operator(sym, at, code, open);
                }
                Token::Sym(Sym::OpenBracket) => {
                    open.push(Open::Index { base: true, count: 0, part: 0, has: [false; 3], at });
                    self.advance()?;
                    return Ok(None);
                }
                Token::Sym(Sym::Comma) => {
                    reduce(code, open, 0);
                    match open.last_mut() {
                        Some(Open::Call { count, .. } | Open::List { count, .. }) => *count += 1,
                        Some(Open::Index { count, part, has, .. }) => {
                            end_item(code, count, part, has, given, at);
                        }
                        _ => return self.end(code, open, start),
                    }
                    self.advance()?;
                    let closes = match open.last() {
                        Some(Open::Call { .. }) => Sym::Close,
                        Some(Open::List { .. }) => Sym::CloseBrace,
                        _ => Sym::CloseBracket,
                    };
                    if self.token() != Token::Sym(closes) {
                        return Ok(None);
                    }
                    // A last comma: what follows it is counted already.
                    if let Some(
                        Open::Call { count, .. } | Open::List { count, .. } | Open::Index { count, .. },
                    ) = open.last_mut()
                    {
                        *count -= 1;
                    }
                    continue;
                }
                Token::Sym(Sym::Colon) => {
                    reduce(code, open, 0);
                    let Some(Open::Index { part, has, .. }) = open.last_mut() else {
                        return self.end(code, open, start);
                    };
                    if *part == 2 {
                        return Err(Fault::new(at, "a range has at most a start, a step and a stop"));
                    }
                    has[*part] = given;
                    *part += 1;
                    self.advance()?;
                    return Ok(None);
                }
                Token::Sym(Sym::Close) => {
                    reduce(code, open, 0);
                    match open.pop() {
                        Some(Open::Paren) => {}
                        Some(Open::Call { name, count, at }) => {
                            code.push(Instr::Call(name, count + 1, at))
                        }
                        Some(Open::Cast(ty, at)) => code.push(Instr::Cast(ty, at)),
                        Some(other) => {
                            open.push(other);
                            return self.end(code, open, start);
                        }
                        None => return self.end(code, open, start),
                    }
                    self.advance()?;
                }
                Token::Sym(Sym::CloseBrace) => {
                    reduce(code, open, 0);
                    match open.pop() {
                        Some(Open::List { count }) => {
                            self.braces -= 1;
                            code.push(Instr::List(count + 1));
                        }
                        Some(other) => {
                            open.push(other);
                            return self.end(code, open, start);
                        }
                        None => return self.end(code, open, start),
                    }
                    self.advance()?;
                }
                Token::Sym(Sym::CloseBracket) => {
                    reduce(code, open, 0);
                    match open.pop() {
                        Some(Open::Index { base, mut count, mut part, mut has, at }) => {
                            end_item(code, &mut count, &mut part, &mut has, given, at);
                            self.advance()?;
                            if !base {
                                let code = std::mem::take(code).into();
                                return Ok(Some((Expr { at: start, code }, count)));
                            }
                            code.push(Instr::Index(count, at));
                        }
                        Some(other) => {
                            open.push(other);
                            return self.end(code, open, start);
                        }
                        None => return self.end(code, open, start),
                    }
                }
                _ => return self.end(code, open, start),
            }
            given = true;
        }
    }

    /// A binary operator: what binds tighter, or as tight and stands to the left, comes first.
    fn operator(
        &mut self,
        sym: Sym,
        at: u32,
        code: &mut Vec<Instr>,
        open: &mut Vec<Open>,
    ) -> Res<Option<(Expr, u32)>> {
        let tight = binding(sym).unwrap_or(POWER);
        reduce(code, open, if tight == POWER { POWER + 1 } else { tight });
        open.push(Open::Binary(sym, at));
        self.advance()?;
        Ok(None)
    }

    /// The end of an expression, unless brackets are still open.
    fn end(
        &mut self,
        code: &mut Vec<Instr>,
        open: &mut Vec<Open>,
        start: u32,
    ) -> Res<Option<(Expr, u32)>> {
        reduce(code, open, 0);
        match open.pop() {
            None => Ok(Some((Expr { at: start, code: std::mem::take(code).into() }, 1))),
            Some(Open::Index { .. }) => Err(self.unexpected("']'")),
            Some(Open::List { .. }) => Err(self.unexpected("'}'")),
            Some(_) => Err(self.unexpected("')'")),
        }
    }

    /// The bits of a string, the last one first.
    fn bits(&self, from: u32, to: u32) -> Res<Rc<[bool]>> {
        let text = self.slice(from, to);
        let digits = text.chars().rev().filter(|&c| c != '_');
        let bits = digits.map(|c| match c {
            '0' => Ok(false),
            '1' => Ok(true),
            _ => Err(Fault::new(from - 1, "a string among values is made of 0 and 1")),
        });
        let bits = bits.collect::<Res<Rc<[bool]>>>()?;
        match bits.is_empty() {
            true => Err(Fault::new(from - 1, "a string among values has at least one 0 or 1")),
            false => Ok(bits),
        }
    }
}

/// Whether OpenQASM 2 has an operator; its power is `^`.
fn is_of_version_2(sym: Sym) -> bool {
    matches!(sym, Sym::Plus | Sym::Minus | Sym::Times | Sym::Over)
}

/// Does what waits and binds at least so tightly.
fn reduce(code: &mut Vec<Instr>, open: &mut Vec<Open>, tight: u8) {
    while let Some(last) = open.last() {
        let instr = match last {
            Open::Binary(sym, at) if binding(*sym).unwrap_or(POWER) >= tight => Instr::Binary(*sym, *at),
            Open::Unary(sym, at) if UNARY >= tight => match (sym, code.last_mut()) {
                // A negative number is one number.
                (Sym::Minus, Some(Instr::Int(value))) => {
                    *value = -*value;
                    open.pop();
                    continue;
                }
                _ => Instr::Unary(*sym, *at),
            },
            _ => return,
        };
        code.push(instr);
        open.pop();
    }
}

/// The end of an item in brackets, which may be a range; its last part may be `given`.
fn end_item(
    code: &mut Vec<Instr>,
    count: &mut u32,
    part: &mut usize,
    has: &mut [bool; 3],
    given: bool,
    at: u32,
) {
    has[*part] = given;
    match *part {
        0 => {}
        1 => code.push(Instr::Range([has[0], false, has[1]], at)),
        _ => code.push(Instr::Range(*has, at)),
    }
    (*count, *part, *has) = (*count + 1, 0, [false; 3]);
}
