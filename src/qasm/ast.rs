//! What a text says, statement by statement. Places (`at`) are bytes of the text.

use std::rc::Rc;

use super::lex::{Name, Sym};

/// An expression in postfix order: what computes it needs no recursion, however deep it is.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it begins.
    pub at: u32,
    /// What to do, one after the other, with a stack of values.
    pub code: Box<[Instr]>,
}

/// A step of an expression.
#[derive(Clone, Debug)]
pub enum Instr {
    /// A whole number.
    Int(i128),
    /// A real number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A string of bits, the last one first: `bits[0]` is the least significant.
    Bits(Rc<[bool]>),
    /// A time in seconds.
    Time(Option<f64>),
    /// What a name stands for.
    Name(Name, u32),
    /// A physical qubit.
    Physical(u32, u32),
    /// An operator on one value.
    Unary(Sym, u32),
    /// An operator on two values.
    Binary(Sym, u32),
    /// A function of this many values.
    Call(Name, u32, u32),
    /// A value as another type.
    Cast(Rc<Type>, u32),
    /// An element, or several, of a value, which lies on the stack below this many indices.
    Index(u32, u32),
    /// A range whose start, step and stop stand on the stack where they are given.
    Range([bool; 3], u32),
    /// This many values in braces.
    List(u32),
}

/// A type as it is written.
#[derive(Clone, Debug)]
pub enum Type {
    /// `bool`.
    Bool,
    /// `bit` or `bit[size]`.
    Bit(Option<Expr>),
    /// `int` or `uint`; whether it has a sign.
    Int(bool, Option<Expr>),
    /// `float`.
    Float(Option<Expr>),
    /// `angle`.
    Angle(Option<Expr>),
    /// `duration` or `stretch`.
    Time,
    /// `qubit`.
    Qubit(Option<Expr>),
    /// `array[type, sizes]`.
    Array(Rc<Type>, Vec<Expr>),
    /// `readonly array[type, sizes]`, or `mutable`; whether it is that.
    Reference(bool, Rc<Type>),
}

/// Something with indices: a qubit, a register, or what is assigned to.
#[derive(Clone, Debug)]
pub struct Operand {
    /// Where it begins.
    pub at: u32,
    /// What it is called.
    pub base: Base,
    /// What stands in each pair of brackets: an expression that leaves this many values.
    pub index: Vec<(Expr, u32)>,
}

/// What an operand is called.
#[derive(Clone, Copy, Debug)]
pub enum Base {
    /// By a name.
    Name(Name),
    /// As a physical qubit.
    Physical(u32),
}

/// What stands on the right of an assignment.
#[derive(Clone, Debug)]
pub enum Source {
    /// An expression.
    Expr(Expr),
    /// `measure` of an operand.
    Measure(Operand),
}

/// What stands before a gate.
#[derive(Clone, Debug)]
pub enum Modifier {
    /// `inv @`.
    Inverse,
    /// `pow(k) @`.
    Power(Expr),
    /// `ctrl(n) @`, or `negctrl(n) @`: the value of the controls, and how many.
    Control(bool, Option<Expr>),
}

/// A gate with its operands.
#[derive(Clone, Debug)]
pub struct GateCall {
    /// What stands before it.
    pub modifiers: Vec<Modifier>,
    /// Its name; `gphase` is a name as well.
    pub name: Name,
    /// Its angles.
    pub args: Vec<Expr>,
    /// Controls, then its qubits.
    pub operands: Vec<Operand>,
}

/// A definition of a gate or a subroutine.
#[derive(Debug)]
pub struct Definition {
    /// Where it stands.
    pub at: u32,
    /// Its name.
    pub name: Name,
    /// Its parameters; those of a gate have no type.
    pub params: Vec<(Option<Type>, Name)>,
    /// The qubits of a gate.
    pub qubits: Vec<Name>,
    /// What a subroutine returns.
    pub returns: Option<Type>,
    /// What it does.
    pub body: Vec<Statement>,
}

/// A statement, and where it begins.
#[derive(Debug)]
pub struct Statement {
    /// Where it begins.
    pub at: u32,
    /// What it says.
    pub kind: StatementKind,
}

/// What a `for` loop goes through.
#[derive(Clone, Debug)]
pub struct Loop {
    /// The type of its variable.
    pub ty: Type,
    /// Its variable.
    pub name: Name,
    /// The values: a range, a list, a register or an array.
    pub values: Expr,
}

/// What a statement says.
#[derive(Debug)]
pub enum StatementKind {
    /// `include`: the places of the name of a file.
    Include(u32, u32),
    /// `gate`.
    Gate(Rc<Definition>),
    /// `opaque`: a gate that nobody defines.
    Opaque(Rc<Definition>),
    /// `def`.
    Def(Rc<Definition>),
    /// `qubit` and `qreg`.
    Qubits(Name, Option<Expr>),
    /// A classical variable; whether it is constant.
    Declare(bool, Type, Name, Option<Source>),
    /// `input` or `output`; whether it is input.
    Io(bool, Type, Name),
    /// `let`.
    Alias(Name, Vec<Operand>),
    /// An assignment; the operator is `=` or one with it.
    Assign(Operand, Sym, Source),
    /// `measure a -> b`, or without a target.
    Measure(Operand, Option<Operand>),
    /// `reset`.
    Reset(Operand),
    /// A gate.
    Call(GateCall),
    /// `barrier`, `delay` and `nop`: what names qubits and does nothing.
    Idle(Vec<Operand>),
    /// `{ ... }` and `box`.
    Block(Vec<Statement>),
    /// `if`, each `else if`, and `else`.
    If(Vec<(Expr, Vec<Statement>)>, Vec<Statement>),
    /// `for`.
    For(Loop, Vec<Statement>),
    /// `while`.
    While(Expr, Vec<Statement>),
    /// `switch`: labels and blocks, the block without labels being the default.
    Switch(Expr, Vec<(Vec<Expr>, Vec<Statement>)>),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `return`.
    Return(Option<Source>),
    /// `end`.
    End,
    /// An expression by itself: a subroutine.
    Expr(Expr),
    /// `pragma`: the places of what stands after it.
    Pragma(u32, u32),
}
