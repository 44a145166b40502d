"""What an OpenQASM program means, worked out slowly from its syntax tree by NumPy and the oracle.

The trees are those of `qasm_programs`, whose docstring lists the nodes. Nothing is parsed here, and
nothing is unrolled or simplified: statements are carried out one by one on a state vector, gates
are multiplied out to matrices, and each way the measurements may fall is a run of its own.

Where the standard leaves the answer open (an overflow, a division by zero, a comparison that
rounding decides) `Undefined` is raised: such programs say nothing about a reader.
"""

import math
from dataclasses import dataclass

import numpy as np

import oracle

MOST_RUNS = 256
MOST_STEPS = 3000
CLOSE = 1e-9
TAU = 2 * math.pi

CONSTANTS = {
    "pi": math.pi,
    "π": math.pi,
    "tau": TAU,
    "τ": TAU,
    "euler": math.e,
    "ℇ": math.e,
}


class Undefined(Exception):
    """The standard does not say, or only says that this is wrong."""


class Break(Exception):
    pass


class Continue(Exception):
    pass


class End(Exception):
    pass


class Return(Exception):
    pass


@dataclass
class Branch:
    """One way the measurements may fall: how likely, the state (norm 1), the classical bits."""

    weight: float
    state: np.ndarray
    bits: dict[str, tuple[int, ...]]


def interpret(program):
    """All branches of a program, from |0...0>."""
    branches, choices = [], []
    while True:
        run = Run(program, choices)
        run.everything()
        branches.append(Branch(run.weight, run.state, run.bits()))
        if len(branches) > MOST_RUNS:
            raise Undefined("too many branches")
        while choices and choices[-1] == 1:
            choices.pop()
        if not choices:
            return branches
        choices[-1] = 1


# Gates. Each gives the matrix; the first qubit is the most significant bit of its index.


def old_u(theta, phi, lam):
    """The gate U of OpenQASM 2, with the phase that Qiskit gives it."""
    return oracle.gate("u", theta, phi, lam)


def new_u(theta, phi, lam):
    """The gate U of OpenQASM 3: twice the matrix is 1 + exp(i theta), and so on."""
    return oracle.cis(np.longdouble(theta) / 2) * oracle.gate("u", theta, phi, lam)


def u3(theta, phi, lam):
    return oracle.cis(-(np.longdouble(theta) + phi + lam) / 2) * new_u(theta, phi, lam)


def product(num_qubits, *steps):
    """The matrix of some steps: a matrix and the qubits it is on, first to last."""
    columns = [np.eye(2**num_qubits, dtype=np.clongdouble)[:, k] for k in range(2**num_qubits)]
    for matrix, qubits in steps:
        columns = [oracle.apply(column, matrix, qubits) for column in columns]
    return np.array(columns).T


def many(matrix, controls):
    for _ in range(controls):
        matrix = oracle.controlled(matrix)
    return matrix


def rccx():
    """The steps of qelib1.inc."""
    h, t, tdg, cx = (oracle.gate(name) for name in ("h", "t", "tdg", "cx"))
    return product(
        3,
        *[(h, [2]), (t, [2]), (cx, [1, 2]), (tdg, [2]), (cx, [0, 2])],
        *[(t, [2]), (cx, [1, 2]), (tdg, [2]), (h, [2])],
    )


def rc3x():
    """The steps of qelib1.inc."""
    h, t, tdg, cx = (oracle.gate(name) for name in ("h", "t", "tdg", "cx"))
    return product(
        4,
        *[(h, [3]), (t, [3]), (cx, [2, 3]), (tdg, [3]), (h, [3])],
        *[(cx, [0, 3]), (t, [3]), (cx, [1, 3]), (tdg, [3])],
        *[(cx, [0, 3]), (t, [3]), (cx, [1, 3]), (tdg, [3])],
        *[(h, [3]), (t, [3]), (cx, [2, 3]), (tdg, [3]), (h, [3])],
    )


SAME = ["x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "p", "rx", "ry", "rz", "cx", "cy", "cz"]
SAME += ["ch", "cp", "crx", "cry", "crz", "cu", "swap", "ccx", "cswap"]


def from_oracle(name):
    return lambda *params: oracle.gate(name, *params)


COMMON = {name: from_oracle(name) for name in SAME} | {
    "id": lambda: oracle.I2,
    "u1": oracle.phase,
}

GATES3 = COMMON | {
    "U": new_u,
    "gphase": lambda gamma: np.array([[oracle.cis(gamma)]]),
    "CX": from_oracle("cx"),
    "phase": oracle.phase,
    "cphase": from_oracle("cp"),
    "u2": lambda phi, lam: u3(math.pi / 2, phi, lam),
    "u3": u3,
}
"""stdgates.inc and the gates that are built in."""

GATES2 = COMMON | {
    "U": old_u,
    "CX": from_oracle("cx"),
    "u": old_u,
    "u2": lambda phi, lam: old_u(math.pi / 2, phi, lam),
    "u3": old_u,
    "u0": lambda gamma: oracle.I2,
    "sxdg": from_oracle("sxdg"),
    "cu1": from_oracle("cp"),
    "cu3": lambda *angles: oracle.controlled(old_u(*angles)),
    "csx": lambda: many(oracle.SX, 1),
    "rxx": from_oracle("rxx"),
    "rzz": from_oracle("rzz"),
    "rccx": rccx,
    "rc3x": rc3x,
    "c3x": lambda: many(oracle.X, 3),
    "c3sqrtx": lambda: many(oracle.SX, 3),
    "c4x": lambda: many(oracle.X, 4),
}
"""The names of qelib1.inc and the gates that are built in, with the phases of Qiskit's gates."""


def modified(matrix, modifiers):
    """`modifiers` are the evaluated ones, the innermost last."""
    for kind, number in reversed(modifiers):
        match kind:
            case "inv":
                matrix = matrix.conj().T
            case "pow":
                matrix = power(matrix, number)
            case "ctrl":
                matrix = many(matrix, number)
            case "negctrl":
                for _ in range(number):
                    size = len(matrix)
                    full = np.eye(2 * size, dtype=np.clongdouble)
                    full[:size, :size] = matrix
                    matrix = full
    return matrix


def power(matrix, number):
    if number != int(number):
        raise Undefined("roots are left to the tables")
    if number < 0:
        matrix, number = matrix.conj().T, -number
    result = np.eye(len(matrix), dtype=np.clongdouble)
    for _ in range(int(number)):
        result = matrix @ result
    return result


# Values: pairs of a type and a number. Types are pairs of a kind and a width.


def as_uint(bits):
    return sum(bit << place for place, bit in enumerate(bits))


def as_bits(number, width):
    return [(number >> place) & 1 for place in range(width)]


def fits(type_, number):
    kind, width = type_
    if kind == "int":
        width = 32 if width is None else width
        return -(1 << (width - 1)) <= number < 1 << (width - 1)
    width = 31 if width is None else width
    return 0 <= number < 1 << width


def number(value):
    """The number of a value that takes part in arithmetic."""
    type_, held = value
    if type_[0] in ("int", "uint") and not fits(type_, held):
        raise Undefined("an intermediate value is out of range")
    if type_[0] == "bit" and type_[1] is not None:
        return as_uint(held)
    return held


def rounded(width, held):
    if not math.isfinite(held) or abs(held) > 1e6:
        raise Undefined("large number")
    return float(np.float32(held)) if width == 32 else float(held)


def nearest_angle(radians, width):
    """The bits of an angle, or for the type without a width the angle itself, in [0, 2 pi)."""
    if width is None:
        turned = radians % TAU
        if turned and min(turned, TAU - turned) < CLOSE:
            raise Undefined("on which side of zero the angle lies is a matter of rounding")
        return turned
    exact = radians / TAU * 2**width
    if width > 32:
        nearest_angle(radians, None)
    elif abs(exact - math.floor(exact) - 0.5) < 1e-6:
        raise Undefined("halfway between two angles")
    return round(exact) % 2**width


def radians(value):
    """The number that a gate's parameter is given."""
    (kind, width), held = value
    if kind == "angle":
        return held if width is None else TAU * (held / 2**width)
    held = float(number(value))
    if not math.isfinite(held) or abs(held) > 50:
        raise Undefined("the error of a large angle is large")
    return held


def truth(value):
    (kind, width), held = value
    if kind == "bit" and width is not None:
        return any(held)
    return bool(held)


def converted(value, type_):
    """A value as a variable of some type holds it."""
    (kind, width), held = value
    to, wide = type_
    match to:
        case "bool":
            return truth(value)
        case "bit" if wide is None:
            return int(truth(value))
        case "bit":
            if kind == "bit" and width == wide:
                return list(held)
            if kind in ("uint", "int", "angle") and width == wide:
                return as_bits(int(held), wide)
            raise Undefined("bits from another size")
        case "int" | "uint":
            if kind in ("bool", "bit"):
                whole = number(value)
                if to == "int" and wide is not None and kind == "bit" and width == wide:
                    whole -= (whole >> (wide - 1)) << wide
                return whole
            if kind == "float":
                if abs(held - round(held)) < CLOSE and held != round(held):
                    raise Undefined("an integer only up to rounding")
                held = math.trunc(held)
                if not fits(type_, held):
                    raise Undefined("out of range")
                return held
            if kind not in ("int", "uint"):
                raise Undefined(f"{kind} as {to}")
            if fits(type_, held) and fits((kind, width), held):
                return held
            # Unsigned numbers wrap; where the sum itself overflows, only if it was unsigned, too.
            wraps = to == "uint" and wide is not None and wide <= (31 if width is None else width)
            if not wraps or (kind == "int" and not fits((kind, width), held)):
                raise Undefined("out of range")
            return held % 2**wide
        case "float":
            if kind not in ("float", "int", "uint", "bool"):
                raise Undefined(f"{kind} as float")
            return rounded(wide, float(number(value)))
        case "angle":
            if kind == "float":
                return nearest_angle(held, wide)
            if kind == "bit" and width == wide:
                return as_uint(held)
            if kind != "angle":
                raise Undefined(f"{kind} as angle")
            if width == wide:
                return held
            if width is None:
                return nearest_angle(held, wide)
            if wide is None:
                return radians(value)
            if wide < width and held % 2 ** (width - wide):
                raise Undefined("bits of an angle are lost")
            return held << (wide - width) if wide > width else held >> (width - wide)
    raise Undefined(f"{kind} as {to}")


def joint(left, right):
    """The width of a result."""
    return None if left is None or right is None else max(left, right)


def angle_arithmetic(op, a, b):
    (ka, wa), va = a
    (kb, wb), vb = b
    if ka == kb == "angle" and wa == wb and op in ("+", "-"):
        total = va + vb if op == "+" else va - vb
        return ("angle", wa), nearest_angle(total, None) if wa is None else total % 2**wa
    if ka == kb == "angle" and wa == wb and wa is not None and op == "/" and vb:
        return ("uint", wa), va // vb
    if ka == "angle" and kb in ("int", "uint") and number(b) >= 0 and wa is not None:
        if op == "*":
            return a[0], va * vb % 2**wa
        if op == "/" and vb:
            return a[0], va // vb
    if kb == "angle" and ka in ("int", "uint") and op == "*":
        return angle_arithmetic(op, b, a)
    if ka == "angle" and op in ("<<", ">>") and wa is not None and 0 <= number(b) < wa:
        return a[0], (va << vb) % 2**wa if op == "<<" else va >> vb
    if ka == kb == "angle" and wa == wb and wa is not None and op in ("&", "|", "^"):
        return a[0], {"&": va & vb, "|": va | vb, "^": va ^ vb}[op]
    raise Undefined(f"angles and {op}")


def arithmetic(op, a, b, version):
    (ka, wa), (kb, wb) = a[0], b[0]
    if "angle" in (ka, kb):
        return angle_arithmetic(op, a, b)
    if op in ("&", "|", "^", "<<", ">>") and version == 3:
        return bitwise(op, a, b)
    x, y = number(a), number(b)
    if "float" in (ka, kb) or version == 2:
        widths = [width for kind, width in (a[0], b[0]) if kind == "float"]
        width = 32 if widths and all(width == 32 for width in widths) else None
        if op == "/" and y == 0:
            raise Undefined("division by zero")
        if op in ("**", "caret"):
            if x <= 0 or abs(y) > 8:
                raise Undefined("power")
            return ("float", width), rounded(width, float(x) ** y)
        result = {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else 0}[op]
        return ("float", width), rounded(width, float(result))
    if ka not in ("int", "uint") or kb not in ("int", "uint"):
        raise Undefined(f"{ka} {op} {kb}")
    kind = "uint" if "uint" in (ka, kb) else "int"
    if kind == "uint" and (x < 0 or y < 0):
        raise Undefined("a negative number becomes unsigned")
    match op:
        case "+":
            result = x + y
        case "-":
            result = x - y
        case "*":
            result = x * y
        case "/" | "%":
            if y == 0:
                raise Undefined("division by zero")
            quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
            result = quotient if op == "/" else x - quotient * y
        case "**":
            if not 0 <= y <= 8:
                raise Undefined("power")
            result = x**y
    return (kind, joint(wa, wb)), result


def bitwise(op, a, b):
    (ka, wa), va = a
    (kb, wb), vb = b
    if op in ("<<", ">>"):
        places = number(b)
        if kb not in ("int", "uint") or not 0 <= places <= 8:
            raise Undefined("shift")
        if ka == "bit" and wa is not None:
            held = as_uint(va) << places if op == "<<" else as_uint(va) >> places
            return a[0], as_bits(held, wa)
        if ka in ("uint", "int") and number(a) >= 0:
            held = va << places if op == "<<" else va >> places
            return a[0], held
        raise Undefined("shift")
    if {ka, kb} <= {"bit", "bool"} and wa is None and wb is None:
        x, y = int(va), int(vb)
        return ("bit", None), {"&": x & y, "|": x | y, "^": x ^ y}[op]
    if ka != kb or wa != wb or wa is None or ka not in ("bit", "uint"):
        raise Undefined(f"{ka} {op} {kb}")
    x, y = number(a), number(b)
    held = {"&": x & y, "|": x | y, "^": x ^ y}[op]
    return a[0], as_bits(held, wa) if ka == "bit" else held


def compared(op, a, b):
    (ka, wa), va = a
    (kb, wb), vb = b
    if "angle" in (ka, kb):
        if ka != kb or wa != wb:
            raise Undefined("angles compared")
    elif ka == kb == "bit" and wa != wb:
        raise Undefined("bits of different sizes compared")
    else:
        va, vb = number(a), number(b)
        if "uint" in (ka, kb) and (va < 0 or vb < 0):
            raise Undefined("a negative number becomes unsigned")
    if "float" in (ka, kb) and va != vb and abs(va - vb) < CLOSE:
        raise Undefined("rounding decides")
    table = {"==": va == vb, "!=": va != vb, "<": va < vb, "<=": va <= vb}
    table |= {">": va > vb, ">=": va >= vb}
    return ("bool", None), table[op]


FUNCTIONS = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "exp": math.exp,
    "log": math.log,
    "ln": math.log,
    "sqrt": math.sqrt,
    "floor": math.floor,
    "ceiling": math.ceil,
}


def called(name, values):
    """A function that is built in."""
    if name in ("popcount", "rotl", "rotr"):
        (kind, width), held = values[0]
        if width is None or kind not in ("bit", "uint"):
            raise Undefined(name)
        bits = held if kind == "bit" else as_bits(number(values[0]), width)
        if name == "popcount":
            return ("uint", None), sum(bits)
        places = number(values[1]) * (1 if name == "rotl" else -1)
        turned = [bits[(place - places) % width] for place in range(width)]
        return values[0][0], turned if kind == "bit" else as_uint(turned)
    if name == "mod":
        if any(kind not in ("int", "uint") for (kind, _), _ in values):
            raise Undefined("mod of floats is subject to rounding")
        return arithmetic("%", *values, 3)
    (kind, width), _ = values[0]
    x = radians(values[0]) if kind == "angle" else float(number(values[0]))
    if name in ("floor", "ceiling") and x != round(x) and abs(x - round(x)) < CLOSE:
        raise Undefined("rounding decides")
    try:
        result = float(FUNCTIONS[name](x))
    except (ValueError, OverflowError) as error:
        raise Undefined(name) from error
    width = 32 if (kind, width) == ("float", 32) else None
    if width:
        raise Undefined("the precision of functions of floats of other widths")
    return ("float", None), rounded(width, result)


class Cell:
    """A classical variable."""

    def __init__(self, type_, held, const=False):
        self.type, self.held, self.const = type_, held, const


class Run:
    """One run of a program; `choices` says how measurements fall and is extended with zeros."""

    def __init__(self, program, choices):
        self.program, self.choices, self.used = program, choices, 0
        self.version = program.version
        self.gates = dict(GATES3 if program.version == 3 else GATES2)
        self.own, self.subroutines = {}, {}
        self.scopes = [{}]
        self.num_qubits, self.declared_bits = 0, []
        self.state = np.ones(1, np.clongdouble)
        self.weight = 1.0
        self.steps = 0

    def everything(self):
        try:
            self.all_of(self.program.statements)
        except End:
            # What comes after the end does not run, but its qubits are there.
            for statement in self.program.statements:
                if statement[0] == "qubits" and statement[1] not in self.scopes[0]:
                    self.statement(statement)

    def bits(self):
        held = {}
        for name in self.declared_bits:
            cell = self.scopes[0][name]
            held[name] = (cell.held,) if cell.type[1] is None else tuple(cell.held)
        return held

    def find(self, name):
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        raise Undefined(f"{name} is not declared")

    def declare(self, name, entry):
        if name in self.scopes[-1]:
            raise Undefined(f"{name} is declared already")
        self.scopes[-1][name] = entry

    # Expressions.

    def integer(self, expression):
        (kind, _), held = self.value(expression)
        if kind not in ("int", "uint"):
            raise Undefined("an integer is needed")
        return number(((kind, None), held))

    def value(self, expression):
        match expression:
            case ("int", held, _):
                return ("int", None), held
            case ("float", held, _):
                return ("float", None), held
            case ("bool", held):
                return ("bool", None), held
            case ("string", text):
                digits = text.replace("_", "")
                return ("bit", len(digits)), [int(digit) for digit in reversed(digits)]
            case ("name", name):
                if name in CONSTANTS:
                    return ("float", None), CONSTANTS[name]
                cell = self.find(name)
                return cell.type, list(cell.held) if isinstance(cell.held, list) else cell.held
            case ("at", name, index):
                (kind, width), held = self.value(("name", name))
                place = self.integer(index)
                if width is None or not -width <= place < width:
                    raise Undefined("index out of range")
                return ("bit", None), (held if kind == "bit" else as_bits(held, width))[place]
            case ("unary", op, inner):
                return self.unary(op, self.value(inner))
            case ("binary", "&&" | "||" as op, left, right):
                # Whether the right side is evaluated in any case is left open: it must be possible.
                sides = [truth(self.value(left)), truth(self.value(right))]
                return ("bool", None), all(sides) if op == "&&" else any(sides)
            case ("binary", "==" | "!=" | "<" | "<=" | ">" | ">=" as op, left, right):
                return compared(op, self.value(left), self.value(right))
            case ("binary", op, left, right):
                return arithmetic(op, self.value(left), self.value(right), self.version)
            case ("fn", name, arguments):
                return called(name, [self.value(argument) for argument in arguments])
            case ("cast", type_, inner):
                return type_, converted(self.value(inner), type_)
            case ("call", name, arguments):
                return self.call(name, arguments)
            case ("measure", ref):
                qubits = self.qubits(ref)
                if isinstance(qubits, int):
                    return ("bit", None), self.measured(qubits)
                return ("bit", len(qubits)), [self.measured(qubit) for qubit in qubits]
        raise AssertionError(expression)

    def unary(self, op, value):
        (kind, width), held = value
        if op == "!":
            return ("bool", None), not truth(value)
        if op == "~":
            if kind == "bit":
                return value[0], 1 - held if width is None else [1 - bit for bit in held]
            if kind in ("uint", "angle") and width is not None:
                return value[0], 2**width - 1 - held
            raise Undefined("~")
        if kind == "angle":
            return value[0], nearest_angle(-held, None) if width is None else -held % 2**width
        if kind == "uint":
            raise Undefined("minus an unsigned number")
        return value[0], -number(value)

    # Qubits and gates.

    def qubits(self, ref):
        """A qubit, or the list of those of a register."""
        match ref:
            case ("all", name):
                return self.find(name)
            case ("at", name, index):
                return self.places(self.find(name), [self.integer(index)])[0]
            case ("range", name, *range_):
                return self.places(self.find(name), self.in_range(*range_))
            case ("set", name, indices):
                return self.places(self.find(name), [self.integer(index) for index in indices])
        raise AssertionError(ref)

    def places(self, register, indices):
        if not indices or any(not -len(register) <= index < len(register) for index in indices):
            raise Undefined("index out of range")
        return [register[index] for index in indices]

    def in_range(self, start, step, stop):
        start, stop = self.integer(start), self.integer(stop)
        step = 1 if step is None else self.integer(step)
        if step == 0:
            raise Undefined("a step of zero")
        return list(range(start, stop + (1 if step > 0 else -1), step))

    def measured(self, qubit):
        one = oracle.apply(self.state, oracle.diagonal(0, 1), [qubit])
        weight = float(np.sum(abs(one) ** 2))
        if CLOSE < weight < 1 - CLOSE:
            if self.used == len(self.choices):
                self.choices.append(0)
            outcome = self.choices[self.used]
            self.used += 1
        else:
            outcome = int(weight > 0.5)
        kept = one if outcome else oracle.apply(self.state, oracle.diagonal(1, 0), [qubit])
        self.weight *= weight if outcome else 1 - weight
        self.state = kept / np.sqrt(np.sum(abs(kept) ** 2))
        return outcome

    def matrix(self, name, params):
        """The matrix of a gate, and its number of qubits."""
        if name not in self.own:
            matrix = np.asarray(self.gates[name](*params), np.clongdouble)
            return matrix
        formal, qubits, body = self.own[name]
        names = dict(zip(formal, (Cell(("float", None), held) for held in params), strict=True))
        names |= {qubit: place for place, qubit in enumerate(qubits)}
        outer, self.scopes = self.scopes, [*self.visible(), names]
        kept, self.state = self.state, None
        columns = np.eye(2 ** len(qubits), dtype=np.clongdouble)
        made = []
        for column in columns:
            self.state = column
            self.all_of(body)
            made.append(self.state)
        self.scopes, self.state = outer, kept
        return np.array(made).T

    def visible(self):
        """The scopes inside gates and subroutines: of variables, only the constants."""
        entries = self.scopes[0].items()
        return [{n: e for n, e in entries if isinstance(e, Cell) and e.const}]

    def apply(self, modifiers, name, params, refs):
        params = [radians(self.value(param)) for param in params]
        evaluated = []
        for kind, argument in modifiers:
            if kind == "inv":
                evaluated.append((kind, None))
            elif argument is None:
                evaluated.append((kind, 1))
            elif kind == "pow":
                evaluated.append((kind, number(self.value(argument))))
            else:
                evaluated.append((kind, self.integer(argument)))
        matrix = modified(self.matrix(name, params), evaluated)
        operands = [self.qubits(ref) for ref in refs]
        lengths = {len(operand) for operand in operands if not isinstance(operand, int)}
        if len(lengths) > 1:
            raise Undefined("registers of different sizes")
        for place in range(lengths.pop() if lengths else 1):
            on = [operand if isinstance(operand, int) else operand[place] for operand in operands]
            if len(set(on)) < len(on) or 2 ** len(on) != len(matrix):
                raise Undefined("qubits of a gate")
            self.state = oracle.apply(self.state, matrix, on)

    # Statements.

    def all_of(self, statements):
        for statement in statements:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise Undefined("too long")
            self.statement(statement)

    def block(self, statements, **names):
        self.scopes.append(dict(names))
        try:
            self.all_of(statements)
        finally:
            self.scopes.pop()

    def assign(self, target, value):
        match target:
            case ("name", name):
                cell = self.find(name)
                cell.held = converted(value, cell.type)
            case ("at", name, index):
                cell = self.find(name)
                width = cell.type[1]
                place = self.integer(index)
                if width is None or not -width <= place < width:
                    raise Undefined("index out of range")
                bits = cell.held if cell.type[0] == "bit" else as_bits(cell.held, width)
                bits[place] = int(truth(value))
                cell.held = bits if cell.type[0] == "bit" else as_uint(bits)

    def statement(self, statement):
        match statement:
            case ("include" | "comment" | "pragma" | "barrier" | "delay" | "opaque", *_):
                pass
            case ("annotated", _, inner):
                self.statement(inner)
            case ("qubits", name, size, _):
                count = 1 if size is None else self.integer(size)
                first = self.num_qubits
                self.num_qubits += count
                self.declare(name, first if size is None else list(range(first, first + count)))
                more = np.zeros(2**count, np.clongdouble)
                more[0] = 1
                self.state = np.kron(self.state, more)
            case ("bits", name, size, _, start):
                width = None if size is None else self.integer(size)
                held = 0 if width is None else [0] * width
                if start is not None:
                    held = converted(self.value(start), ("bit", width))
                self.declare(name, Cell(("bit", width), held))
                if len(self.scopes) == 1:
                    self.declared_bits.append(name)
            case ("var" | "const" as how, type_, name, start):
                held = converted(self.value(start), type_)
                self.declare(name, Cell(type_, held, how == "const"))
            case ("assign", target, "=", expression):
                self.assign(target, self.value(expression))
            case ("assign", target, op, expression):
                before = self.value(target)
                after = arithmetic(op[:-1], before, self.value(expression), 3)
                self.assign(target, after)
            case ("let", name, refs):
                qubits = [self.qubits(ref) for ref in refs]
                if len(qubits) == 1:
                    self.declare(name, qubits[0])
                else:
                    joined = [qubit for register in qubits for qubit in register]
                    if len(set(joined)) < len(joined):
                        raise Undefined("a register joined with itself")
                    self.declare(name, joined)
            case ("gate", name, params, qubits, body):
                self.own[name] = params, qubits, body
            case ("def", name, params, returns, body):
                self.subroutines[name] = params, returns, body
            case ("apply", modifiers, name, params, refs):
                self.apply(modifiers, name, params, refs)
            case ("measure", ref, None, _):
                self.value(("measure", ref))
            case ("measure", ref, target, _):
                self.measure_into(ref, target)
            case ("reset", ref):
                qubits = self.qubits(ref)
                for qubit in [qubits] if isinstance(qubits, int) else qubits:
                    if self.measured(qubit):
                        self.state = oracle.apply(self.state, oracle.X, [qubit])
            case ("box" | "block", body):
                self.block(body)
            case ("if", condition, then, otherwise):
                if truth(self.value(condition)):
                    self.block(then)
                elif otherwise is not None:
                    self.block(otherwise)
            case ("for", type_, name, values, body):
                self.loop(type_, name, values, body)
            case ("while", condition, body):
                while truth(self.value(condition)):
                    self.steps += 1
                    if self.steps > MOST_STEPS:
                        raise Undefined("too long")
                    try:
                        self.block(body)
                    except Break:
                        break
                    except Continue:
                        continue
            case ("switch", expression, cases, default):
                controlling = self.integer(expression)
                for labels, body in cases:
                    if controlling in [self.integer(label) for label in labels]:
                        self.block(body)
                        return
                if default is not None:
                    self.block(default)
            case ("call", name, arguments):
                self.call(name, arguments)
            case ("break",):
                raise Break
            case ("continue",):
                raise Continue
            case ("end",):
                raise End
            case ("return", expression):
                raise Return(None if expression is None else self.value(expression))
            case _:
                raise AssertionError(statement)

    def measure_into(self, ref, target):
        qubits = self.qubits(ref)
        match target:
            case ("all", name):
                self.assign(("name", name), self.value(("measure", ref)))
            case ("at", name, index):
                self.assign(("at", name, index), self.value(("measure", ref)))
            case _:
                cell = self.find(target[1])
                width = list(range(cell.type[1]))
                match target:
                    case ("range", _, *range_):
                        places = self.places(width, self.in_range(*range_))
                    case ("set", _, indices):
                        places = self.places(width, [self.integer(index) for index in indices])
                for qubit, place in zip(qubits, places, strict=True):
                    cell.held[place] = self.measured(qubit)

    def loop(self, type_, name, values, body):
        match values:
            case ("range", *range_):
                items = [(("int", None), item) for item in self.in_range(*range_)]
            case ("set", expressions):
                items = [self.value(expression) for expression in expressions]
            case ("bits", register):
                items = [(("bit", None), bit) for bit in self.value(("name", register))[1]]
        for item in items:
            try:
                self.block(body, **{name: Cell(type_, converted(item, type_))})
            except Break:
                break
            except Continue:
                continue

    def call(self, name, arguments):
        params, returns, body = self.subroutines[name]
        local, used = {}, []
        for (type_, formal), argument in zip(params, arguments, strict=True):
            if type_[0] == "qubit":
                qubits = self.qubits(argument)
                used += [qubits] if isinstance(qubits, int) else qubits
                size = None if isinstance(qubits, int) else len(qubits)
                if size != type_[1]:
                    raise Undefined("the size of an argument")
                local[formal] = qubits
            else:
                local[formal] = Cell(type_, converted(self.value(argument), type_))
        if len(set(used)) < len(used):
            raise Undefined("a qubit is given twice")
        outer, self.scopes = self.scopes, [*self.visible(), local]
        result = None
        try:
            self.all_of(body)
        except Return as returned:
            result = returned.args[0]
        finally:
            self.scopes = outer
        if returns is None:
            return None
        if result is None:
            raise Undefined("nothing is returned")
        return returns, converted(result, returns)


# Circuits that readers make: their operations are carried out one by one, too.


class Machine:
    """A state and classical bits; `choices` says how measurements fall, and grows by zeros."""

    def __init__(self, state, num_bits, choices):
        self.state = state
        self.bits = [0] * num_bits
        self.weight, self.choices, self.used = 1.0, choices, 0

    def apply(self, matrix, qubits, controls=(), values=None):
        self.state = oracle.apply(self.state, matrix, qubits, controls, values)

    def measure(self, qubit):
        one = oracle.apply(self.state, oracle.diagonal(0, 1), [qubit])
        likely = float(np.sum(abs(one) ** 2))
        outcome = int(likely > 0.5)
        if CLOSE < likely < 1 - CLOSE:
            if self.used == len(self.choices):
                self.choices.append(0)
            outcome = self.choices[self.used]
            self.used += 1
        kept = one if outcome else self.state - one
        self.weight *= likely if outcome else 1 - likely
        self.state = kept / np.sqrt(np.sum(abs(kept) ** 2))
        return outcome

    def reset(self, qubit):
        if self.measure(qubit):
            self.apply(oracle.X, [qubit])


def branches(start, num_bits, run):
    """All ways the measurements of `run(machine)` may fall: weight, state and bits.

    `start` is the first state, or a number of qubits that are 0 at first.
    """
    found, choices = [], []
    if isinstance(start, int):
        start = np.eye(1, 2**start, dtype=np.clongdouble)[0]
    while True:
        machine = Machine(start, num_bits, choices)
        run(machine)
        found.append((machine.weight, machine.state, tuple(machine.bits)))
        while choices and choices[-1] == 1:
            choices.pop()
        if not choices:
            return found
        choices[-1] = 1


def mixtures(found):
    """For each value of the bits the sum of the projectors on the states, with their weights."""
    table = {}
    for weight, state, bits in found:
        table[bits] = table.get(bits, 0) + weight * np.outer(state, state.conj())
    return table


def distance(first, second):
    """The largest difference of two tables of mixtures."""
    keys = first.keys() | second.keys()
    return max(float(np.max(abs(first.get(key, 0) - second.get(key, 0)))) for key in keys)


def numket_run(circuit):
    """Carries out the operations of a circuit of numket, which is nothing but a list here."""

    def run(machine):
        for name, params, qubits, controls, values, into, condition in circuit:
            if any(machine.bits[bit] != value for bit, value in condition):
                continue
            if name == "measure":
                for qubit, bit in zip(qubits, into, strict=True):
                    machine.bits[bit] = machine.measure(qubit)
            elif name == "reset":
                for qubit in qubits:
                    machine.reset(qubit)
            else:
                machine.apply(oracle.operator(name, params), qubits, controls, values)

    return run


LISTED = {name: from_oracle(name) for name in oracle.GATES} | {
    "U": new_u,
    "u3": u3,
    "gphase": GATES3["gphase"],
    "rccx": rccx,
    "rc3x": rc3x,
}
"""The gates that lists of gates are made of."""


def meant(steps):
    """Carries out a list of (name, params, qubits, controls, values, bits, condition).

    What is left out at the end is empty.
    """

    def run(machine):
        for step in steps:
            missing = [(), (), (), None, (), ()][len(step) - 1 :]
            name, params, qubits, controls, values, bits, condition = (*step, *missing)
            if any(machine.bits[bit] != value for bit, value in condition):
                continue
            if name == "measure":
                for qubit, bit in zip(qubits, bits, strict=True):
                    machine.bits[bit] = machine.measure(qubit)
            elif name == "reset":
                for qubit in qubits:
                    machine.reset(qubit)
            else:
                machine.apply(LISTED[name](*params), qubits, controls, values)

    return run
