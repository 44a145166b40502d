"""Hypothesis strategies for legal OpenQASM programs, as trees and as text.

`programs2()` and `programs3()` draw a `Program`; its `text` is what a reader gets, its `statements`
are what `qasm_reference` carries out. Statements and expressions are tuples:

    ("include", file)                     ("qubits", name, size, old)
    ("bits", name, size, old, start)      ("var" | "const", type, name, expression)
    ("assign", target, op, expression)    ("let", name, refs)
    ("gate", name, params, qubits, body)  ("opaque", name, params, qubits)
    ("apply", modifiers, name, params, refs)
    ("measure", ref, target, arrow)       ("reset", ref)
    ("barrier", refs)                     ("delay", time, refs)
    ("box" | "block", body)               ("if", condition, then, otherwise)
    ("for", type, name, values, body)     ("while", condition, body)
    ("switch", expression, cases, default)
    ("def", name, params, returns, body)  ("return", expression)
    ("call", name, arguments)             ("break",) ("continue",) ("end",)
    ("comment" | "pragma", text)          ("annotated", text, statement)

    ("int" | "float", number, text)       ("bool", value)        ("string", digits)
    ("name", name)                        ("at", name, index)    ("unary", op, expression)
    ("binary", op, left, right)           ("fn", name, arguments)
    ("cast", type, expression)            ("call", name, arguments)  ("measure", ref)

A ref to qubits or bits is ("all", name), ("at", name, index), ("range", name, start, step, stop) or
("set", name, indices). A type is a pair of its name and width; a width of None is left out.
Modifiers are pairs of a name and an argument; values of a loop are ("range", start, step, stop),
("set", expressions) or ("bits", name).
"""

from dataclasses import dataclass, field

from hypothesis import assume
from hypothesis import strategies as st

from qasm_reference import Undefined, interpret

# Text.

LEVELS = [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="]]
LEVELS += [["<<", ">>"], ["+", "-"], ["*", "/", "%"], ["unary"], ["**"]]
PRECEDENCE = {op: level for level, ops in enumerate(LEVELS) for op in ops}
ATOM = len(LEVELS)


def wrapped(text, needed):
    return f"({text})" if needed else text


def listed(texts):
    return ", ".join(texts)


def type_text(type_):
    kind, width = type_
    return kind if width is None else f"{kind}[{width}]"


def shown(expression):
    """The text of an expression, with the parentheses it needs, and how tightly it binds."""
    match expression:
        case ("int" | "float", _, text):
            return text, ATOM
        case ("bool", held):
            return str(held).lower(), ATOM
        case ("string", digits):
            return f'"{digits}"', ATOM
        case ("name", name):
            return name, ATOM
        case ("at", name, index):
            return f"{name}[{show(index)}]", ATOM
        case ("unary", op, inner):
            text, level = shown(inner)
            # An operand that starts with a sign of its own is set apart.
            return op + wrapped(text, level <= PRECEDENCE["unary"]), PRECEDENCE["unary"]
        case ("binary", "caret", left, right):  # the power of OpenQASM 2
            (left, first), (right, second) = shown(left), shown(right)
            return f"{wrapped(left, first < ATOM)}^{wrapped(right, second < ATOM)}", 0
        case ("binary", op, left, right):
            (left, first), (right, second) = shown(left), shown(right)
            level = PRECEDENCE[op]
            if op == "**":  # the one that associates to the right
                return f"{wrapped(left, first <= level)} ** {wrapped(right, second < level)}", level
            return f"{wrapped(left, first < level)} {op} {wrapped(right, second <= level)}", level
        case ("fn" | "call", name, arguments):
            return f"{name}({listed(map(argument_text, arguments))})", ATOM
        case ("cast", type_, inner):
            return f"{type_text(type_)}({show(inner)})", ATOM
        case ("measure", ref):
            return f"measure {ref_text(ref)}", ATOM
    raise AssertionError(expression)


def show(expression):
    return shown(expression)[0]


def argument_text(argument):
    refs = ("all", "range", "set")
    return ref_text(argument) if argument[0] in refs else show(argument)


def range_text(start, step, stop):
    return ":".join(show(part) for part in (start, step, stop) if part is not None)


def ref_text(ref):
    match ref:
        case ("all", name):
            return name
        case ("at", name, index):
            return f"{name}[{show(index)}]"
        case ("range", name, *parts):
            return f"{name}[{range_text(*parts)}]"
        case ("set", name, indices):
            return f"{name}[{{{listed(map(show, indices))}}}]"
    raise AssertionError(ref)


def declared(kind, old, name, size):
    """A declaration, in the style of OpenQASM 2 or 3."""
    if old:
        return f"{old} {name}" + ("" if size is None else f"[{show(size)}]")
    return f"{kind} {name}" if size is None else f"{kind}[{show(size)}] {name}"


def modifier_text(modifier):
    kind, argument = modifier
    return f"{kind} @ " if argument is None else f"{kind}({show(argument)}) @ "


def gate_head(name, params, qubits):
    return f"{name}({listed(params)}) {listed(qubits)}" if params else f"{name} {listed(qubits)}"


def braces(body, depth):
    if not body:
        return "{ }"
    inner = "".join(lines(statement, depth + 1) for statement in body)
    return "{\n" + inner + "  " * depth + "}"


def lines(statement, depth=0):
    """The text of a statement, with the end of its last line."""
    indent = "  " * depth
    return f"{indent}{statement_text(statement, depth)}\n"


def statement_text(statement, depth):
    match statement:
        case ("include", file):
            return f'include "{file}";'
        case ("comment", text):
            return text
        case ("pragma", text):
            return f"pragma {text}"
        case ("annotated", text, inner):
            return f"@{text}\n{'  ' * depth}{statement_text(inner, depth)}"
        case ("qubits", name, size, old):
            return declared("qubit", old, name, size) + ";"
        case ("bits", name, size, old, start):
            head = declared("bit", old, name, size)
            return f"{head};" if start is None else f"{head} = {show(start)};"
        case ("var", type_, name, start):
            return f"{type_text(type_)} {name} = {show(start)};"
        case ("const", type_, name, start):
            return f"const {type_text(type_)} {name} = {show(start)};"
        case ("assign", target, op, expression):
            return f"{show(target)} {op} {show(expression)};"
        case ("let", name, refs):
            return f"let {name} = {' ++ '.join(map(ref_text, refs))};"
        case ("gate", name, params, qubits, body):
            return f"gate {gate_head(name, params, qubits)} {braces(body, depth)}"
        case ("opaque", name, params, qubits):
            return f"opaque {gate_head(name, params, qubits)};"
        case ("apply", modifiers, name, params, refs):
            front = "".join(map(modifier_text, modifiers))
            inside = f"({listed(map(show, params))})" if params else ""
            operands = f" {listed(map(ref_text, refs))}" if refs else ""
            return f"{front}{name}{inside}{operands};"
        case ("measure", ref, None, _):
            return f"measure {ref_text(ref)};"
        case ("measure", ref, target, True):
            return f"measure {ref_text(ref)} -> {ref_text(target)};"
        case ("measure", ref, target, False):
            return f"{ref_text(target)} = measure {ref_text(ref)};"
        case ("reset", ref):
            return f"reset {ref_text(ref)};"
        case ("barrier", refs):
            return f"barrier {listed(map(ref_text, refs))};" if refs else "barrier;"
        case ("delay", time, refs):
            return f"delay[{time}] {listed(map(ref_text, refs))};"
        case ("box", body):
            return f"box {braces(body, depth)}"
        case ("block", body):
            return braces(body, depth)
        case ("if", condition, [then], None) if then[0] in ("apply", "measure", "reset"):
            return f"if ({show(condition)}) {statement_text(then, depth)}"
        case ("if", condition, then, otherwise):
            text = f"if ({show(condition)}) {braces(then, depth)}"
            return text if otherwise is None else f"{text} else {braces(otherwise, depth)}"
        case ("for", type_, name, values, body):
            match values:
                case ("range", *parts):
                    over = f"[{range_text(*parts)}]"
                case ("set", expressions):
                    over = f"{{{listed(map(show, expressions))}}}"
                case ("bits", register):
                    over = register
            return f"for {type_text(type_)} {name} in {over} {braces(body, depth)}"
        case ("while", condition, body):
            return f"while ({show(condition)}) {braces(body, depth)}"
        case ("switch", expression, cases, default):
            text = f"switch ({show(expression)}) {{\n"
            for labels, body in cases:
                text += f"{'  ' * depth}  case {listed(map(show, labels))} "
                text += braces(body, depth + 1) + "\n"
            if default is not None:
                text += f"{'  ' * depth}  default {braces(default, depth + 1)}\n"
            return text + "  " * depth + "}"
        case ("def", name, params, returns, body):
            formal = listed(f"{type_text(type_)} {param}" for type_, param in params)
            arrow = "" if returns is None else f" -> {type_text(returns)}"
            return f"def {name}({formal}){arrow} {braces(body, depth)}"
        case ("return", None):
            return "return;"
        case ("return", expression):
            return f"return {show(expression)};"
        case ("call", name, arguments):
            return f"{name}({listed(map(argument_text, arguments))});"
        case ("break" | "continue" | "end" as word,):
            return f"{word};"
    raise AssertionError(statement)


@dataclass
class Program:
    """`recorded` names the classical registers that hold nothing but outcomes."""

    version: int
    head: str
    statements: list = field(repr=False)
    recorded: list = field(repr=False)
    branches: list = field(repr=False, default_factory=list)

    @property
    def text(self):
        return self.head + "".join(map(lines, self.statements))

    @property
    def num_qubits(self):
        return len(self.branches[0].state).bit_length() - 1

    @property
    def measures(self):
        """Whether outcomes or resets play a part, so that there is no one final state."""
        return any(mentions(self.statements, word) for word in ("measure", "reset"))

    def __repr__(self):
        return f"<\n{self.text}>"


def mentions(tree, word):
    """Whether some node of a tree has this name."""
    if isinstance(tree, (tuple, list)):
        return (bool(tree) and tree[0] == word) or any(mentions(part, word) for part in tree)
    return False


def mentions_name(tree, name):
    """Whether a name stands in an expression."""
    if isinstance(tree, (tuple, list)):
        return any(mentions_name(part, name) for part in tree)
    return tree == name


def named_last(statement):
    """The variable that a statement gives a value."""
    match statement:
        case ("bits", name, *_) | ("var" | "const", _, name, _) | ("assign", (_, name, *_), *_):
            return name
    return ""


# Drawing. A `Maker` holds what has been declared, and draws statements that fit to it.

NUMBER_OF_PARAMS = {"U": 3, "u": 3, "u1": 1, "u2": 2, "u3": 3, "u0": 1, "p": 1, "phase": 1}
NUMBER_OF_PARAMS |= {"rx": 1, "ry": 1, "rz": 1, "cp": 1, "cphase": 1, "cu1": 1, "cu3": 3, "cu": 4}
NUMBER_OF_PARAMS |= {"crx": 1, "cry": 1, "crz": 1, "rxx": 1, "rzz": 1}
ONE = ["x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "id", "rx", "ry", "rz", "u1", "u2", "u3"]
ONE += ["U", "p"]
TWO = ["cx", "cy", "cz", "ch", "swap", "crx", "cry", "crz", "cp", "cu", "CX"]
THREE = ["ccx", "cswap"]
STANDARD3 = {1: [*ONE, "phase"], 2: [*TWO, "cphase"], 3: THREE}
STANDARD2 = {
    1: [*ONE, "u", "u0", "sxdg"],
    2: [*TWO, "cu1", "cu3", "csx", "rxx", "rzz"],
    3: [*THREE, "rccx"],
    4: ["rc3x", "c3x", "c3sqrtx"],
    5: ["c4x"],
}

GATE_NAMES3 = ["g", "my_gate", "Rx", "ψ"]
LIBRARY_NAMES = ["iswap", "rzz", "sxdg", "u"]  # not in stdgates.inc, but gates of others
GATE_NAMES2 = ["g", "my_gate", "iswap", "ecr", "ctrl", "angle", "inv", "gphase", "phase", "pow"]
QUBIT_NAMES3 = ["q", "r", "anc", "ψ1", "_w", "Q2"]
QUBIT_NAMES2 = ["q", "r", "input", "let", "a_1", "box", "bit"]
BIT_NAMES3 = ["c", "d", "out_", "m2"]
BIT_NAMES2 = ["c", "d", "output", "const", "m_2"]
VARIABLES = ["n", "k", "j", "count", "w", "θ", "eps", "v1", "v2", "v3"]


def words(text):
    return frozenset(text.split())


EVERYTHING = words("""
    U u2 u3 cu gphase gate librarynames twoparams gatefor gatebarrier paramfunctions parammodifiers
    modifiers negctrlphase pow ownpow phasepow ownphase shift
    single old alias concat slices negativesteps sets negative loopindex loopangle
    const assign arithmetic negativedivision floatcasts floatconditions logic bitops builtin numbers
    angle float32 knownbits hide mutable
    measure measurebare reset if else known bitnumbers
    for forset while break continue switch outcomeswitch outcomevalues block end
    def return local callslices
    annotation box comment delay pragma
""")
"""What an OpenQASM 3 program may use."""


def integer(number):
    return ("int", number, str(number)) if number >= 0 else ("unary", "-", integer(-number))


def binary(op, left, right):
    return ("binary", op, left, right)


class Maker:
    """What both versions share."""

    def __init__(self, draw, features):
        self.draw, self.features = draw, features
        self.used = set()
        self.arity = {}
        self.params = {}

    def has(self, feature):
        return feature in self.features

    def pick(self, options):
        return self.draw(st.sampled_from(options))

    def number(self, low, high):
        return self.draw(st.integers(low, high))

    def chance(self, percent):
        # Small numbers are what examples shrink to: they stand for "no".
        return self.number(0, 99) >= 100 - percent

    def fresh(self, names):
        """A name that no one has; it is taken for good."""
        free = [name for name in names if name not in self.used]
        name = self.pick(free) if free else f"v_{len(self.used)}"
        self.used.add(name)
        return name

    def learn_gates(self, standard):
        for count, names in standard.items():
            for name in names:
                self.arity[name] = count
                self.params[name] = NUMBER_OF_PARAMS.get(name, 0)

    def operands(self, count, candidates):
        """`count` disjoint refs: single qubits, or registers of one length among them."""
        lengths = sorted({length for _, _, length in candidates if length is not None})
        length = self.pick([None, None, *lengths])
        refs, taken, some = [], set(), False
        for place in range(count):
            fitting = [c for c in candidates if c[2] in (None, length) and not c[1] & taken]
            if length is not None and not some and place == count - 1:
                fitting = [c for c in fitting if c[2] == length] or fitting
            if not fitting:
                return None
            ref, ids, found = self.pick(fitting)
            refs.append(ref)
            taken = taken | ids
            some = some or found is not None
        return refs


class Maker2(Maker):
    """OpenQASM 2."""

    def __init__(self, draw, features):
        super().__init__(draw, features)
        self.learn_gates(STANDARD2)
        self.registers, self.bits = {}, {}

    def program(self):
        statements = [("include", "qelib1.inc")]
        left, count = 5, self.number(1, 3)
        ids = iter(range(5))
        for _ in range(count):
            size = self.number(1, min(3, left - (count - 1 - len(self.registers))))
            left -= size
            name = self.fresh(QUBIT_NAMES2)
            self.registers[name] = [next(ids) for _ in range(size)]
            statements.append(("qubits", name, integer(size), "qreg"))
        left = 3
        for _ in range(self.number(0, 2)):
            if left:
                size = self.number(1, left)
                left -= size
                name = self.fresh(BIT_NAMES2)
                self.bits[name] = size
                statements.append(("bits", name, integer(size), "creg", None))
        for _ in range(self.number(0, 3)):
            statements.append(self.gate())
        for _ in range(self.number(1, 10)):
            statements += self.operation()
        head = "OPENQASM 2.0;\n"
        return Program(2, head, statements, list(self.bits))

    def candidates(self):
        found = []
        for name, ids in self.registers.items():
            found.append((("all", name), set(ids), len(ids)))
            for place, id_ in enumerate(ids):
                found.append((("at", name, integer(place)), {id_}, None))
        return found

    def gate(self):
        name = self.fresh(GATE_NAMES2)
        qubits = self.pick([["a"], ["a", "b"], ["a", "b", "c"]])
        params = self.pick([[], ["x0"], ["alpha", "sigma"]])
        body = []
        candidates = [(("all", qubit), {qubit}, None) for qubit in qubits]
        for _ in range(self.number(0, 4)):
            if self.chance(12):
                body.append(("barrier", [("all", qubit) for qubit in qubits]))
                continue
            body += self.apply(candidates, params)
        if self.chance(5):
            body.append(("comment", "// the end"))
        self.arity[name] = len(qubits)
        self.params[name] = len(params)
        return ("gate", name, params, qubits, body)

    def apply(self, candidates, names=()):
        own = [name for name in self.arity if name in self.used]
        name = self.pick(own) if own and self.chance(40) else None
        if name is None:
            count = self.pick([1, 1, 2, 2, 3, 4, 5])
            name = self.pick([name for name, arity in self.arity.items() if arity == count])
        refs = self.operands(self.arity[name], candidates)
        if refs is None:
            name = self.pick(["h", "rx", "t", "u3", "sx"])
            refs = self.operands(1, candidates)
        params = [self.expression(2, names) for _ in range(self.params[name])]
        if name == "u0" and not self.has("u0real"):
            params = [integer(self.number(0, 3))]
        return [("apply", [], name, params, refs)]

    def expression(self, depth, names):
        kind = self.number(0, 9)
        # Divided by, and given to ln and sqrt, are only these: bad constants are bad anywhere.
        positive = [("name", "pi"), ("float", 0.5, "0.5"), integer(self.number(1, 4))]
        positive += [("float", 1.25, "1.25"), ("float", 0.3, "3e-1"), ("float", 2.0, "2.")]
        if depth == 0 or kind < 5:
            options = [*positive, integer(0), binary("/", ("name", "pi"), positive[2])]
            return self.pick([*options, *[("name", name) for name in names] * 3])
        left = self.expression(depth - 1, names)
        if kind < 7:
            op = self.pick(["+", "-", "*", "/"])
            right = self.pick(positive) if op == "/" else self.expression(depth - 1, names)
            return binary(op, left, right)
        if kind == 7:
            return ("unary", "-", left)
        if kind == 8:
            name = self.pick(["sin", "cos", "tan", "exp", "ln", "sqrt"])
            return ("fn", name, [self.pick(positive) if name in ("ln", "sqrt") else left])
        return binary("caret", left, integer(self.number(0, 3)))

    def operation(self):
        candidates = self.candidates()
        kind = self.number(0, 19)
        if kind < 11 or not self.bits:
            return self.apply(candidates)
        if kind < 14:
            return self.measure()
        if kind == 14:
            return [("reset", self.pick(candidates)[0])]
        if kind == 15:
            refs = self.operands(self.number(1, 2), [(ref, i, None) for ref, i, _ in candidates])
            return [("barrier", refs)] if refs else []
        if kind == 16:
            return [("comment", "// note")]
        name = self.pick(sorted(self.bits))
        condition = binary("==", ("name", name), integer(self.number(0, 2 ** self.bits[name])))
        inner = [*self.apply(candidates), *self.measure(), ("reset", candidates[-1][0])]
        then = self.pick([inner[0], inner[0], *inner])
        return [("if", condition, [then], None)]

    def measure(self):
        pairs = []
        for bits, size in sorted(self.bits.items()):
            for ref, _, length in self.candidates():
                if length == size:
                    pairs.append((ref, ("all", bits)))
                if length is None:
                    pairs += [(ref, ("at", bits, integer(place))) for place in range(size)]
        ref, target = self.pick(pairs)
        return [("measure", ref, target, True)]


@dataclass
class Info:
    """What is known of a name: its kind, the ids of its qubits, its type, the values it takes."""

    kind: str  # "qubit", "qubits", "outcome", "known" (bits) or "var"
    ids: tuple = ()
    type: tuple = ()
    const: bool = False  # declared so
    values: tuple | None = None
    fixed: bool = False  # not to be assigned to


class Maker3(Maker):
    """OpenQASM 3."""

    def __init__(self, draw, features):
        super().__init__(draw, features)
        gates = {n: list(names) for n, names in STANDARD3.items()}
        for name in ("U", "u2", "u3", "cu"):
            if not self.has(name):
                gates[1 + (name == "cu")].remove(name)
        self.learn_gates(gates)
        self.used |= set(self.arity)
        self.scopes = [{}]
        self.subroutines = {}
        self.own = set()
        self.in_gate = False
        self.outcome_values = False  # whether values may depend on outcomes
        self.ids = iter(range(10**6))
        self.budget = 22
        self.assignable = 0  # the first scope whose variables may be assigned to
        self.in_loop = False

    # Names.

    def visible(self, *kinds):
        names = {}
        for scope in self.scopes:
            names |= scope
        return {name: info for name, info in names.items() if info.kind in kinds}

    def variables(self, *kinds, const=None):
        found = self.visible("var").items()
        return [n for n, i in found if i.type[0] in kinds and (const is None or i.const == const)]

    def new_variable(self, info, start):
        """A fresh name, or one that hides one of an outer scope that the start value leaves out."""
        outer = [n for scope in self.scopes[:-1] for n, i in scope.items() if i.kind == "var"]
        outer = [name for name in outer if name not in self.scopes[-1] and name in VARIABLES]
        outer = [n for n in outer if self.has("hide") and not mentions_name(start, n)]
        name = self.pick(outer) if outer and self.chance(25) else self.fresh(VARIABLES)
        self.scopes[-1][name] = info
        return name

    # Expressions.

    def literal(self, high=6):
        number = self.number(0, high)
        texts = [str(number)] * 5
        if self.has("numbers"):
            texts += [hex(number), f"0b{number:04b}", f"0o{number:o}", f"0b{number:02b}"]
            texts += [f"0B{number:b}", f"0X{number:X}"]
        return ("int", number, self.pick(texts))

    def fixed_positive(self):
        return integer(self.number(1, 5))

    def fixed(self, high):
        """An integer constant from 0 to `high`: a literal, or a name that has such a value."""
        names = [n for n, i in self.visible("var").items() if i.const and i.values]
        names = [n for n in names if 0 <= self.visible("var")[n].values[0] <= high]
        if names and self.chance(30):
            return ("name", self.pick(names))
        return self.literal(high)

    def whole(self, depth=2, kind="int"):
        """An expression of type int, or uint where `kind` says so."""
        names = self.variables(kind)
        choice = self.number(0, 11)
        if depth == 0 or choice < 5 or not self.has("arithmetic"):
            if names and self.chance(60):
                return ("name", self.pick(names))
            registers = [n for n, i in self.visible("outcome").items() if i.type[1]]
            if self.outcome_values and registers and self.chance(25):
                name = self.pick(registers)
                width = self.visible("outcome")[name].type[1]
                type_ = ("uint", width) if kind == "uint" else ("int", None)
                return ("cast", type_, ("name", name))
            return self.literal()
        left = self.whole(depth - 1, kind)
        if choice < 7:
            return binary(self.pick(["+", "*"]), left, self.whole(depth - 1, kind))
        divides = kind == "uint" or self.has("negativedivision")
        if choice == 7 and divides:
            names = self.variables(kind)
            by = ("name", self.pick(names)) if names and self.chance(30) else self.fixed_positive()
            return binary(self.pick(["/", "%"]), left, by)
        if choice == 8 and kind == "int":
            return binary("-", left, self.whole(depth - 1, kind))
        if choice == 9:
            return binary("**", left, integer(self.number(0, 3)))
        if choice == 10 and self.has("builtin"):
            registers = [n for n, i in self.visible("known").items() if i.type[1]]
            if kind == "uint" and registers:
                return ("fn", "popcount", [("name", self.pick(registers))])
            if divides:
                return ("fn", "mod", [left, integer(self.number(1, 4))])
        if kind == "int" and self.has("arithmetic"):
            options = [("unary", "-", left)]
            if self.has("assign"):
                other = self.variables("uint")
                options += [("cast", ("int", None), ("name", name)) for name in other]
                if self.has("floatcasts"):
                    options += [("cast", ("int", None), self.real(0))]
            return self.pick(options)
        return left

    def real(self, depth=2):
        """An expression of type float."""
        choice = self.number(0, 11)
        names = self.variables("float")
        if depth == 0 or choice < 6 or not self.has("arithmetic"):
            options = [("float", 0.5, "0.5"), ("float", 0.25, ".25"), ("float", 3.0, "3.")]
            options += [("name", "pi"), ("float", 0.75, "7.5e-1"), ("float", 1.3, "1.3")]
            options += [binary("/", ("name", "pi"), integer(self.number(1, 8)))] * 2
            if self.has("numbers"):
                options += [("name", "π"), ("name", "tau"), ("name", "τ"), ("name", "euler")]
                options += [("float", 12.5, "1_2.5"), ("float", 0.1, "1e-1")]
            return self.pick([*options, *[("name", name) for name in names] * 3])
        left = self.real(depth - 1)
        if choice < 8:
            op = self.pick(["+", "-", "*"])
            right = self.whole(1) if self.chance(30) else self.real(depth - 1)
            return binary(op, *self.pick([(left, right), (right, left)]))
        if choice == 8:
            return binary("/", left, self.pick([integer(self.number(1, 4)), ("float", 1.5, "1.5")]))
        if choice == 9:
            return ("unary", "-", left)
        if choice == 10 and self.has("paramfunctions" if self.in_gate else "builtin"):
            name = self.pick(["sin", "cos", "tan", "exp", "log", "sqrt", "arctan"])
            if self.chance(20):
                name, left = self.pick(["arcsin", "arccos"]), self.pick(names_of_small())
            if self.chance(10):
                name = self.pick(["floor", "ceiling"])
            return ("fn", name, [left])
        return binary("**", left, self.pick([integer(2), integer(3), ("float", 0.5, "0.5")]))

    def turn(self):
        """An expression for a gate's parameter."""
        angles = [n for n, i in self.visible("var").items() if i.type[0] == "angle"]
        if angles and self.chance(50):
            name = self.pick(angles)
            width = self.visible("var")[name].type[1]
            options = [("name", name), ("name", name), ("unary", "-", ("name", name))]
            same = [n for n in angles if self.visible("var")[n].type[1] == width]
            options.append(binary(self.pick(["+", "-"]), ("name", name), ("name", self.pick(same))))
            if width is not None:
                options.append(binary("*", ("name", name), integer(self.number(0, 3))))
                options.append(binary("*", integer(self.number(0, 3)), ("name", name)))
                options.append(binary("/", ("name", name), integer(self.number(1, 3))))
            return self.pick(options)
        if self.chance(8):
            return self.whole(0) if self.has("loopangle") else self.literal()
        return self.real()

    def truth(self, depth=2):
        """A condition whose value is known, unless values may depend on outcomes."""
        choice = self.number(0, 9)
        names = self.variables("bool")
        if self.outcome_values and self.chance(25) and (condition := self.outcome(0)):
            return condition
        if depth == 0 or choice < 5 or not self.has("logic"):
            op = self.pick(["==", "!=", "<", "<=", ">", ">="])
            kind = self.pick(["int", "int", "uint"])
            options = [binary(op, self.whole(1, kind), self.whole(1, kind))]
            options += [("bool", self.pick([True, False]))]
            options += [("name", name) for name in names]
            for name, info in self.visible("known").items():
                width = info.type[1]
                if width is None:
                    options += [("name", name)]
                else:
                    options += [("at", name, integer(self.number(0, width - 1)))]
                    options += [binary(op, ("name", name), integer(self.number(0, 2**width - 1)))]
            return self.pick(options)
        left = self.truth(depth - 1)
        if choice < 8:
            return binary(self.pick(["&&", "||"]), left, self.truth(depth - 1))
        if choice == 8:
            return ("unary", "!", left)
        return binary(self.pick(["==", "!="]), left, self.truth(depth - 1))

    def outcome(self, depth=1):
        """A condition that depends on outcomes; None where there are no bits for it."""
        bits = sorted(self.visible("outcome").items())
        if not bits:
            return None
        choice = self.number(0, 9)
        if depth == 0 or choice < 6 or not self.has("logic"):
            name, info = self.pick(bits)
            width = info.type[1]
            if width is None or self.chance(50):
                one = ("name", name)
                if width is not None:
                    one = ("at", name, integer(self.number(0, width - 1)))
                options = [one, one, ("unary", "!", one)]
                options += [binary("==", one, ("bool", self.pick([True, False])))]
                if self.has("bitnumbers"):
                    options += [binary("==", one, integer(self.number(0, 1)))]
                    options += [binary("!=", one, integer(self.number(0, 1)))]
                    options += [binary("==", integer(self.number(0, 1)), one)]
                return self.pick(options)
            sides = [("name", name), integer(self.number(0, 2**width))]
            if not self.has("logic"):
                return binary("==", ("name", name), integer(self.number(0, 2**width - 1)))
            if self.chance(40):
                sides.reverse()
            return binary(self.pick(["==", "==", "!=", "<", "<=", ">", ">="]), *sides)
        left, right = self.outcome(depth - 1), self.outcome(depth - 1)
        if choice == 6:
            return ("unary", "!", left)
        if self.has("known") and self.chance(15):
            right = self.truth(0)
        if choice == 9 and self.has("bitops"):
            pair = [self.one_bit(), self.one_bit()]
            return binary(self.pick(["&", "|", "^"]), *pair)
        return binary(self.pick(["&&", "||"]), left, right)

    def one_bit(self):
        name, info = self.pick(sorted(self.visible("outcome").items()))
        width = info.type[1]
        return ("name", name) if width is None else ("at", name, self.literal(width - 1))

    # Qubits.

    def candidates(self, gate=False):
        """Refs to qubits with their ids and length; some chosen among the many."""
        found = []
        loops = [(n, i) for n, i in self.visible("var").items() if i.values]
        loops = loops if self.has("loopindex") else []
        for name, info in self.visible("qubit", "qubits").items():
            ids, size = info.ids, len(info.ids)
            if info.kind == "qubit":
                found.append((("all", name), set(ids), None))
                continue
            found.append((("all", name), set(ids), size))
            for place, id_ in enumerate(ids):
                found.append((("at", name, integer(place)), {id_}, None))
            if self.has("negative"):
                place = self.number(-size, -1)
                found.append((("at", name, integer(place)), {ids[place]}, None))
            for variable, known in loops:
                index, values = ("name", variable), known.values
                if self.has("arithmetic") and self.chance(40):
                    add = self.number(-2, 2)
                    index = binary("+" if add >= 0 else "-", index, integer(abs(add)))
                    values = [value + add for value in values]
                if all(0 <= value < size for value in values):
                    found.append((("at", name, index), {ids[value] for value in values}, None))
            if gate:
                continue
            if self.has("slices"):
                step = self.pick([None, 1, 2] + [-1, -2] * self.has("negativesteps"))
                start, stop = self.number(0, size - 1), self.number(0, size - 1)
                places = list(range(start, stop + (1 if (step or 1) > 0 else -1), step or 1))
                if places:
                    parts = (integer(start), None if step is None else integer(step), integer(stop))
                    chosen = {ids[place] for place in places}
                    found.append((("range", name, *parts), chosen, len(places)))
            if self.has("sets") and self.chance(40):
                places = self.draw(st.permutations(range(size)))[: self.number(1, size)]
                chosen = {ids[place] for place in places}
                found.append((("set", name, [integer(p) for p in places]), chosen, len(places)))
        return found

    def apply(self, gate=False):
        """A gate on some qubits."""
        candidates = self.candidates(gate)
        if self.has("gphase") and self.chance(6) and (self.has("ownphase") or not gate):
            name = "gphase"
        elif (own := [n for n in self.arity if n in self.own]) and self.chance(35):
            name = self.pick(own)
        else:
            count = self.pick([1, 1, 1, 2, 2, 3])
            name = self.pick([name for name, arity in self.arity.items() if arity == count])
        modifiers, controls = [], 0
        params = 1 if name == "gphase" else self.params[name]
        plain = gate and params and not self.has("parammodifiers")
        if self.has("modifiers") and not plain and self.chance(35):
            for _ in range(self.number(1, 3)):
                modifier, more = self.modifier(name)
                modifiers.append(modifier)
                controls += more
        if name == "gphase" and not controls:
            return [("apply", modifiers, name, [self.turn()], [])]
        count = controls + (0 if name == "gphase" else self.arity[name])
        refs = self.operands(count, candidates)
        if refs is None:
            name, modifiers = self.pick(["h", "rx", "t", "sx", "ry"]), []
            refs = self.operands(1, candidates)
            if refs is None:
                return []
        params = 1 if name == "gphase" else self.params[name]
        return [("apply", modifiers, name, [self.turn() for _ in range(params)], refs)]

    def modifier(self, name):
        kind = self.pick(["ctrl", "ctrl", "negctrl", "inv", "pow"])
        own = name in self.own
        needed = "ownpow" if own else "phasepow" if name == "gphase" else "pow"
        if kind == "pow" and not self.has(needed):
            kind = "inv"
        if kind == "negctrl" and name == "gphase" and not self.has("negctrlphase"):
            kind = "ctrl"
        if kind == "inv":
            return (kind, None), 0
        if kind == "pow":
            shift = binary("<<", integer(1), integer(self.number(0, 2)))
            power = self.pick([integer(self.number(-3, 3)), integer(2), self.fixed(3), shift])
            if power is shift and not self.has("shift"):
                power = integer(3)
            return (kind, power), 0
        if self.chance(30):
            count = self.number(1, 2)
            return (kind, integer(count)), count
        return (kind, None), 1

    def gate(self):
        name = self.fresh(GATE_NAMES3 + LIBRARY_NAMES * self.has("librarynames"))
        qubits = self.pick([["a"], ["a", "b"], ["a", "b", "c0"]])
        params = self.pick([[], ["φ"], *[["phi", "lam"]] * self.has("twoparams")])
        outer, self.scopes = self.scopes, [self.constants(), {}]
        for qubit in qubits:
            self.scopes[-1][qubit] = Info("qubit", (next(self.ids),))
        for param in params:
            self.scopes[-1][param] = Info("var", type=("float", None))
        self.in_gate = True
        body = []
        for _ in range(self.number(0, 4)):
            if self.has("gatefor") and self.chance(8):
                inside = self.apply(gate=True)
                start, stop = integer(0), integer(self.number(0, 2))
                body.append(("for", ("int", None), "i", ("range", start, None, stop), inside))
            elif self.has("gatebarrier") and self.chance(5):
                body.append(("barrier", [("all", qubits[0])]))
            else:
                body += self.apply(gate=True)
        self.scopes = outer
        self.own.add(name)
        self.in_gate = False
        self.arity[name], self.params[name] = len(qubits), len(params)
        return ("gate", name, params, qubits, body)

    def constants(self):
        return {name: info for name, info in self.scopes[0].items() if info.const}

    # Statements.

    def program(self):
        version = self.pick(["3.0", "3.0", "3", "3.1"])
        self.outcome_values = self.has("outcomevalues") and self.chance(25)
        head = f"OPENQASM {'3.1' if self.has('switch') else version};\n"
        statements = [("include", "stdgates.inc")]
        if self.has("const"):
            for _ in range(self.number(0, 2)):
                statements.append(self.constant())
        statements += self.registers()
        makers = [self.gate] * 2 * self.has("gate") + [self.subroutine] * self.has("def")
        for _ in range(self.number(0, 3) if makers else 0):
            statements.append(self.pick(makers)())
        if self.has("alias") and self.chance(40):
            statements += self.alias()
        for _ in range(self.number(1, 8)):
            statements += self.statement(2)
            if self.budget <= 0:
                break
        if self.has("end") and self.chance(4):
            statements += [("end",), *self.statement(0)]
        return Program(3, head, statements, self.recorded)

    def constant(self):
        if self.chance(60):
            type_ = self.pick([("int", None), ("uint", None), ("int", 32), ("uint", 8)])
            value = self.number(0, 3)
            name = self.fresh(["N", "SIZE", "two"])
            self.scopes[0][name] = Info("var", type=type_, const=True, values=(value,))
            return ("const", type_, name, integer(value))
        expression = self.real()
        name = self.fresh(["half", "δ", "x_0"])
        self.scopes[0][name] = Info("var", type=("float", None), const=True)
        return ("const", ("float", self.pick([None, 64])), name, expression)

    def size(self, count):
        names = [n for n, i in self.scopes[0].items() if i.const and i.values == (count,)]
        return ("name", self.pick(names)) if names and self.chance(50) else integer(count)

    def registers(self):
        statements, self.recorded = [], []
        left, count = 5, self.number(1, 3)
        for more in range(count - 1, -1, -1):
            name = self.fresh(QUBIT_NAMES3)
            old = "qreg" if self.has("old") and self.chance(20) else None
            if self.has("single") and self.chance(25):
                self.scopes[0][name] = Info("qubit", (next(self.ids),))
                statements.append(("qubits", name, None, None))
                left -= 1
                continue
            size = self.number(1, min(4, left - more))
            left -= size
            self.scopes[0][name] = Info("qubits", tuple(next(self.ids) for _ in range(size)))
            statements.append(("qubits", name, self.size(size), old))
        left = 3
        for _ in range(self.number(0, 2) if self.has("measure") else 0):
            if not left:
                break
            name = self.fresh(BIT_NAMES3)
            self.recorded.append(name)
            size = self.number(0 if self.has("single") else 1, left)
            old = "creg" if self.has("old") and size and self.chance(20) else None
            left -= max(size, 1)
            self.scopes[0][name] = Info("outcome", type=("bit", size or None))
            statements.append(("bits", name, self.size(size) if size else None, old, None))
        return statements

    def alias(self):
        candidates = [c for c in self.candidates() if len(c[1]) == (c[2] or 1)]
        registers = [c for c in candidates if c[2] is not None]
        if not registers:
            return []
        parts = [self.pick(registers if self.has("concat") else candidates)]
        if self.has("concat") and self.chance(50):
            others = [c for c in registers if not c[1] & parts[0][1]]
            if others:
                parts.append(self.pick(others))
        ids = []
        for ref, _, _ in parts:
            ids += self.resolved(ref)
        name = self.fresh(["al", "both", "part", "more"])
        single = parts[0][2] is None
        self.scopes[-1][name] = Info("qubit" if single else "qubits", tuple(ids))
        return [("let", name, [ref for ref, _, _ in parts])]

    def resolved(self, ref):
        """The ids of a ref to qubits, whose indices are literals or names of one value."""
        ids = self.visible("qubit", "qubits")[ref[1]].ids
        match ref:
            case ("all", _):
                return ids
            case ("at", _, index):
                return [ids[self.worth(index)]]
            case ("set", _, indices):
                return [ids[self.worth(index)] for index in indices]
            case ("range", _, start, step, stop):
                start, stop = self.worth(start), self.worth(stop)
                step = 1 if step is None else self.worth(step)
                return [ids[p] for p in range(start, stop + (1 if step > 0 else -1), step)]

    def worth(self, index):
        match index:
            case ("int", number, _):
                return number
            case ("unary", "-", inner):
                return -self.worth(inner)
            case ("name", name):
                return self.visible("var")[name].values[0]
            case ("binary", op, left, right):
                left, right = self.worth(left), self.worth(right)
                return left + right if op == "+" else left - right
        raise AssertionError(index)

    def body(self, depth, most=3, **names):
        """The statements of a block, in a scope of its own."""
        self.scopes.append(dict(names))
        statements = []
        for _ in range(self.number(0 if self.chance(10) else 1, most)):
            statements += self.statement(depth)
        self.scopes.pop()
        return statements

    def statement(self, depth):
        self.budget -= 1
        options = [self.apply] * 12
        if self.has("measure"):
            options += [self.measure] * 3
        if self.has("reset"):
            options += [self.reset]
        if self.has("assign"):
            options += [self.variable] * 2 + [self.assignment] * 3
        if self.subroutines:
            options += [self.call] * 4
        if self.has("break") and self.in_loop:
            options += [self.leave] * 3
        options += [self.aside] + [self.show] * 4 * bool(self.shown())
        if depth and self.budget > 0:
            nested = []
            if self.has("if"):
                nested += [self.outcome_if] * 3
                nested += [self.known_if] * self.has("known")
            for feature, maker in (("for", self.for_loop), ("while", self.while_loop)):
                nested += [maker] * 2 * self.has(feature)
            nested += [self.switch] * self.has("switch") + [self.scope] * self.has("block")
            nested += [self.alias] * self.has("alias")
            made = self.pick(options + nested * 2)
            if made in nested and made != self.alias:
                return made(depth - 1)
        else:
            made = self.pick(options)
        statements = made()
        told = (self.variable, self.assignment, self.call)
        if statements and made in told and self.chance(60):
            statements += self.show(named_last(statements[-1]))
        return statements

    def shown(self, only=None):
        """Expressions that tell what variables hold."""
        found = []
        for name, info in self.visible("var", "known").items():
            if only not in (None, name):
                continue
            kind, width = info.type
            if kind == "bit" and width is not None:
                found.append(("cast", ("uint", width), ("name", name)))
            elif kind in ("float", "angle") or (kind in ("int", "uint") and self.has("loopangle")):
                found.append(("name", name))
        return found

    def show(self, only=None):
        """A rotation by what a variable holds."""
        qubits = [c for c in self.candidates() if c[2] is None]
        if not qubits or not self.shown(only):
            return []
        names = ["rx", "ry"] if self.has("loopangle") else ["rx"]
        ref = self.pick(qubits)[0]
        return [("apply", [], self.pick(names), [self.pick(self.shown(only))], [ref])]

    def aside(self):
        """What has no effect."""
        options = [("barrier", [])]
        refs = self.operands(1, [(ref, ids, None) for ref, ids, _ in self.candidates()])
        if refs:
            options.append(("barrier", refs))
            if self.has("delay"):
                options.append(("delay", self.pick(["100ns", "2.5us", "10dt"]), refs))
        if self.has("comment"):
            options += [("comment", "// a remark"), ("comment", "/* two\n lines */")]
        if self.has("pragma") and len(self.scopes) == 1:
            options.append(("pragma", "ibm.something 1; x q;"))
        if self.has("box"):
            options.append(("box", self.apply() + self.apply()))
        made = [self.pick(options)]
        if self.has("annotation") and self.chance(30):
            made = [("annotated", "note.here x q;", statement) for statement in self.apply()]
        return made

    def measure(self):
        bits = [(n, i) for n, i in self.visible("outcome").items()]
        pairs = []
        candidates = self.candidates()
        for name, info in bits:
            width = info.type[1]
            for ref, _, length in candidates:
                if length == width:
                    pairs.append((ref, ("all", name)))
                if length is None and width is not None:
                    pairs.append((ref, ("at", name, self.literal(width - 1))))
                if length == 2 and width == 3 and self.has("slices"):
                    pairs.append((ref, ("range", name, integer(0), integer(2), integer(2))))
                    pairs.append((ref, ("range", name, integer(1), None, integer(2))))
        if self.has("measurebare") and self.chance(5) and candidates:
            return [("measure", self.pick(candidates)[0], None, True)]
        if not pairs:
            return self.apply()
        return [("measure", *self.pick(pairs), self.chance(50))]

    def reset(self):
        candidates = self.candidates()
        return [("reset", self.pick(candidates)[0])] if candidates else []

    TYPES = (("int", None), ("int", 16), ("uint", None), ("uint", 4), ("uint", 8), ("bool", None))

    def variable(self):
        """A declaration with a start value."""
        types = [*self.TYPES, ("float", None), ("float", 64)]
        if self.has("angle"):
            types += [("angle", 4), ("angle", 20), ("angle", None), ("angle", 64)]
        if self.has("float32"):
            types += [("float", 32)] * 2
        # Those of the outermost scope are bits of the circuit, which only measurements write.
        if self.has("knownbits") and (len(self.scopes) > 1 or self.chance(10)):
            types += [("bit", 4), ("bit", 4), ("bit", None)]
        type_ = self.pick(types)
        if type_[0] == "bit":
            start = ("bool", self.pick([True, False]))
            if type_[1]:
                start = ("string", "".join(self.pick("01") for _ in range(type_[1])))
            name = self.new_variable(Info("known", type=type_), start)
            size = None if type_[1] is None else integer(type_[1])
            return [("bits", name, size, None, start)]
        start = self.of_type(type_)
        const = len(self.scopes) > 1 and self.has("const") and self.chance(10)
        if const and mentions(start, "name") and not self.only_constants(start):
            const = False
        name = self.new_variable(Info("var", type=type_, const=const), start)
        return [("const" if const else "var", type_, name, start)]

    def only_constants(self, tree):
        if isinstance(tree, tuple) and tree and tree[0] in ("name", "at"):
            infos = self.visible("var", "known")
            return tree[1] not in infos or infos[tree[1]].const
        return not isinstance(tree, (tuple, list)) or all(map(self.only_constants, tree))

    def of_type(self, type_):
        kind = type_[0]
        if kind in ("int", "uint"):
            return self.whole(2, kind)
        if kind == "bool":
            return self.truth()
        if kind == "angle":
            same = [n for n, i in self.visible("var").items() if i.type == type_]
            if same and self.chance(30):
                return ("name", self.pick(same))
        return self.real()

    def assignment(self):
        """To a variable that may be assigned to, here and now."""
        mine = {}
        for place, scope in enumerate(self.scopes):
            for name, info in scope.items():
                mine.pop(name, None)
                free = place >= self.assignable and not info.const and not info.fixed
                if free and info.kind in ("var", "known"):
                    mine[name] = info
        if not mine:
            return self.variable()
        name = self.pick(sorted(mine))
        info = mine[name]
        kind, width = info.type
        target = ("name", name)
        if kind == "bit":
            if width is None:
                return [("assign", target, "=", self.truth(1))]
            if not self.has("bitops") or self.chance(50):
                return [("assign", ("at", name, self.literal(width - 1)), "=", self.truth(1))]
            same = [n for n, i in self.visible("known").items() if i.type == info.type]
            other = ("name", self.pick(same))
            options = [(self.pick(["&=", "|=", "^="]), other), ("=", ("unary", "~", other))]
            options += [(self.pick(["<<=", ">>="]), self.literal(2))]
            if self.has("builtin"):
                turned = ("fn", self.pick(["rotl", "rotr"]), [other, self.literal(5)])
                options += [("=", turned)] * 2
            return [("assign", target, *self.pick(options))]
        if kind == "bool":
            return [("assign", target, "=", self.truth())]
        if kind == "angle":
            options = [("=", self.of_type(info.type)), ("=", ("unary", "-", target))]
            same = [n for n, i in self.visible("var").items() if i.type == info.type]
            options += [(self.pick(["+=", "-="]), ("name", self.pick(same)))]
            if width is not None:
                options += [("*=", integer(self.number(0, 3))), ("/=", integer(self.number(1, 3)))]
            return [("assign", target, *self.pick(options))]
        if kind == "float":
            op = self.pick(["=", "+=", "-=", "*=", "/="])
            return [("assign", target, op, self.real(1))]
        ops = ["=", "=", "+=", "+=", "-=", "*=", "/=", "%=", "**="]
        if self.has("bitops") and kind == "uint" and width is not None:
            same = [n for n, i in self.visible("var").items() if i.type == info.type]
            if self.chance(30):
                op = self.pick(["&=", "|=", "^="])
                return [("assign", target, op, ("name", self.pick(same)))]
            if self.chance(30):
                return [("assign", target, self.pick(["<<=", ">>="]), self.literal(3))]
        op = self.pick(ops)
        if op in ("/=", "%=") and kind == "int" and not self.has("negativedivision"):
            op = "*="
        right = integer(self.number(0, 2)) if op == "**=" else self.whole(1, kind)
        if op == "+=" and info.type == ("uint", 4) and self.chance(50):
            right = integer(self.number(8, 15))
        return [("assign", target, op, right)]

    def leave(self):
        """break or continue, under a known condition."""
        words = ["break"] + ["continue"] * self.has("continue")
        return [("if", self.truth(1), [(self.pick(words),)], None)]

    # Statements with statements in them.

    def scope(self, depth):
        return [("block", self.body(depth))]

    def known_if(self, depth):
        then = self.body(depth)
        otherwise = self.body(depth) if self.has("else") and self.chance(50) else None
        return [("if", self.truth(), then, otherwise)]

    def outcome_if(self, depth):
        condition = self.outcome()
        if condition is None:
            return self.apply()
        then = self.conditionally(depth)
        otherwise = self.conditionally(depth) if self.has("else") and self.chance(40) else None
        return [("if", condition, then, otherwise)]

    def conditionally(self, depth):
        """The body of what depends on outcomes: it may not change what it does not declare."""
        kept = self.assignable, self.in_loop
        self.in_loop = False
        if not self.outcome_values:
            self.assignable = len(self.scopes)
        body = self.body(depth, most=2)
        self.assignable, self.in_loop = kept
        return body

    def for_loop(self, depth):
        if self.has("forset") and self.chance(25):
            items = [self.literal(4) for _ in range(self.number(1, 3))]
            values, known = ("set", items), tuple(item[1] for item in items)
        else:
            start, stop = self.number(-1, 4), self.number(-1, 4)
            step = self.pick([None, None, 1, 2, 3, -1, -2])
            known = tuple(range(start, stop + (1 if (step or 1) > 0 else -1), step or 1))
            parts = [integer(start), None if step is None else integer(step), integer(stop)]
            values = ("range", *parts)
        if len(known) > 4:
            return self.apply()
        type_ = self.pick([("int", None), ("int", None), ("uint", None), ("int", 32), ("uint", 8)])
        if not known or min(known) < 0:
            type_ = ("int", None)
        name = self.pick(["i", "i", "j", "ii"])
        kept, self.in_loop = self.in_loop, True
        # Its values are those of the range only as long as it is not assigned to.
        info = Info("var", type=type_, values=known or None, fixed=True)
        body = self.body(depth, **{name: info})
        self.in_loop = kept
        return [("for", type_, name, values, body)]

    def while_loop(self, depth):
        """Counts to a limit. The counter goes up first, so that `continue` does no harm."""
        name = self.fresh(VARIABLES)
        limit, step = self.number(0, 4), self.number(1, 2)
        kept, self.in_loop = self.in_loop, True
        self.scopes[-1][name] = Info("var", type=("int", None), fixed=True)
        counter = ("name", name)
        body = [("assign", counter, "+=", integer(step)), *self.body(depth)]
        self.in_loop = kept
        self.scopes[-1][name].fixed = False
        op = self.pick(["<", "<=", "!="]) if step == 1 else "<"
        condition = binary(op, counter, integer(limit))
        if self.has("logic") and self.chance(20):
            condition = binary("&&", condition, self.truth(1))
        return [("var", ("int", None), name, integer(0)), ("while", condition, body)]

    def switch(self, depth):
        registers = [n for n, i in self.visible("outcome").items() if i.type[1]]
        on_outcome = self.has("outcomeswitch") and registers and self.chance(50)
        if on_outcome:
            name = self.pick(registers)
            width = self.visible("outcome")[name].type[1]
            type_ = self.pick([("uint", width), ("int", None)])
            expression, make = ("cast", type_, ("name", name)), self.conditionally
        else:
            expression, make = self.whole(1), self.body
        labels = list(self.draw(st.permutations(range(5))))
        cases = []
        for _ in range(self.number(1, 3)):
            count = self.number(1, min(2, len(labels)))
            if count == 0:
                break
            cases.append(([integer(labels.pop()) for _ in range(count)], make(depth)))
        default = make(depth) if self.chance(50) else None
        return [("switch", expression, cases, default)]

    # Subroutines.

    def subroutine(self):
        name = self.fresh(["f", "sub", "prepare", "parity"])
        local, params = {}, []
        for formal in ["a", "b", "e"][: self.number(0, 3)]:
            kinds = ["qubit", "qubit", "qubits", "int", "uint", "float", "bool"]
            kind = self.pick(kinds + ["angle"] * self.has("angle"))
            if kind == "qubit":
                local[formal] = Info("qubit", (next(self.ids),))
                params.append((("qubit", None), formal))
            elif kind == "qubits":
                size = self.number(1, 2)
                local[formal] = Info("qubits", tuple(next(self.ids) for _ in range(size)))
                params.append((("qubit", size), formal))
            else:
                widths = {"int": [None, 32], "uint": [None, 8], "float": [None, 64], "bool": [None]}
                type_ = (kind, self.pick(widths.get(kind, [None, 20])))
                local[formal] = Info("var", type=type_)
                params.append((type_, formal))
        outer, self.scopes = self.scopes, [self.constants(), local]
        kept = self.assignable, self.in_loop
        self.assignable, self.in_loop = 1, False
        returns = self.pick([None, ("bit", None), ("bit", None), ("int", None), ("float", None)])
        body = []
        for _ in range(self.number(1, 3)):
            body += self.statement(1)
        quantum = [c for c in self.candidates() if c[2] is None]
        if returns == ("bit", None) and not (quantum and self.has("measure")):
            returns = ("int", None)
        if returns is None:
            if self.has("return") and self.chance(20):
                body.append(("return", None))
        elif returns[0] == "bit":
            if self.has("local") and self.chance(40):
                body.append(("bits", "res", None, None, ("measure", self.pick(quantum)[0])))
                self.scopes[-1]["res"] = Info("outcome", type=("bit", None))
                body.append(("return", ("name", "res")))
            else:
                body.append(("return", ("measure", self.pick(quantum)[0])))
        else:
            if self.has("return") and self.chance(20):
                early = [("return", self.of_type(returns))]
                body.insert(0, ("if", self.truth_of(local), early, None))
            body.append(("return", self.of_type(returns)))
        self.scopes = outer
        self.assignable, self.in_loop = kept
        self.subroutines[name] = params, returns
        return ("def", name, params, returns, body)

    def truth_of(self, local):
        """A condition on the arguments alone."""
        names = [name for name, info in local.items() if info.kind == "var"]
        kinds = ["int", "uint"] + ["float"] * self.has("floatconditions")
        names = [name for name in names if local[name].type[0] in kinds]
        if not names:
            return ("bool", self.pick([True, False]))
        return binary(self.pick(["<", ">"]), ("name", self.pick(names)), integer(2))

    def call(self):
        name = self.pick(sorted(self.subroutines))
        params, returns = self.subroutines[name]
        arguments, taken = [], set()
        candidates = self.candidates()
        if not self.has("callslices"):
            candidates = [c for c in candidates if c[0][0] in ("all", "at")]
        for type_, _ in params:
            if type_[0] == "qubit":
                fitting = [c for c in candidates if c[2] == type_[1] and not c[1] & taken]
                if not fitting:
                    return self.apply()
                ref, ids, _ = self.pick(fitting)
                taken |= ids
                arguments.append(ref)
            else:
                arguments.append(self.of_type(type_))
        call = ("call", name, arguments)
        if returns is None or self.chance(15):
            return [call]
        if returns == ("bit", None):
            bits = [n for n in self.visible("outcome")]
            if not bits:
                return [call]
            target = self.one_bit()
            return [("assign", target, "=", call)]
        variable = self.new_variable(Info("var", type=returns), call)
        return [("var", returns, variable, call)]


def names_of_small():
    return [("float", 0.5, "0.5"), ("float", 0.25, ".25"), ("unary", "-", ("float", 0.75, "0.75"))]


@st.composite
def programs(draw, maker, features):
    """Programs whose meaning the standard fixes, with the branches of the reference."""
    program = maker(draw, features).program()
    try:
        program.branches = interpret(program)
    except Undefined:
        assume(False)
    return program


def programs2(only=("u0real",)):
    """Programs of OpenQASM 2; `u0real` lets the gate u0 have any parameter."""
    return programs(Maker2, frozenset(only))


def programs3(only=EVERYTHING):
    """Programs of OpenQASM 3 that use nothing but some features."""
    return programs(Maker3, frozenset(only))
