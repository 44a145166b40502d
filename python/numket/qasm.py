"""Circuits from OpenQASM 2 and 3, and to OpenQASM 3.

Reading is left to pyqasm (extra ``qasm``). Gates that numket has stay whole; the others come as
pyqasm decomposes them, which is exact up to a global phase.
"""

import contextlib
import io
import logging
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import numket as nk
from numket import _core
from numket.circuit import Operation, rebuild
from numket.parameter import Expression

DEFINED = {
    "sxdg": "gate sxdg a { inv @ sx a; }",
    "ccz": "gate ccz a, b, c { ctrl(2) @ z a, b, c; }",
    "iswap": "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }",
    "rxx": "gate rxx(theta) a, b { h a; h b; cx a, b; rz(theta) b; cx a, b; h a; h b; }",
    "ryy": "gate ryy(theta) a, b "
    "{ rx(pi/2) a; rx(pi/2) b; cx a, b; rz(theta) b; cx a, b; rx(-pi/2) a; rx(-pi/2) b; }",
    "rzz": "gate rzz(theta) a, b { cx a, b; rz(theta) b; cx a, b; }",
    "rzx": "gate rzx(theta) a, b { h b; cx a, b; rz(theta) b; cx a, b; h b; }",
    "ecr": "gate ecr a, b { h b; cx a, b; rz(pi/4) b; cx a, b; h b; x a; "
    "h b; cx a, b; rz(-pi/4) b; cx a, b; h b; }",
}
"""Gates that are not in stdgates.inc: a file must define them for itself."""

GATES = {gate["name"]: gate for gate in _core.GATES}

ALIASES = {
    "CX": ("cx", ()),
    "U": ("u", ()),
    "cnot": ("cx", ()),
    "cphase": ("cp", ()),
    "cu1": ("cp", ()),
    "phase": ("p", ()),
    "u1": ("p", ()),
    "u2": ("u", (np.pi / 2,)),
    "u3": ("u", ()),
}
"""Other names of numket's gates, with the parameters that stand before those given."""


class QasmError(ValueError):
    """A file that is not OpenQASM, or that asks for what is not supported."""


def load(path: Path | str) -> nk.Circuit:
    """Read a file.

    Raises OSError where it cannot be read, and QasmError as `loads` does.
    """
    return loads(Path(path).read_text())


def loads(text: str) -> nk.Circuit:
    """Read OpenQASM 2 or 3. Without a version line, OpenQASM 2 is assumed.

    Barriers are left out, and so are measurements if all of them are final: no gate, reset or
    condition comes after them on what they measure. Otherwise all measurements are operations, and
    the classical bits count through the registers in the order of their declaration; a measurement
    into no bit takes one after these. A bit that is not yet measured is 0 in a condition.

    Raises QasmError on a syntax error, and on what runs cannot do: measurements under a condition,
    loops that depend on outcomes, assignments to classical bits. It names the line where pyqasm
    tells it. Conditions compare a bit or a register with a number.
    A gate that the file defines itself is what the file says, whatever its name. pyqasm divides
    integers as real numbers, in OpenQASM 3 too: ``7 / 2`` is 3.5.

    >>> loads("OPENQASM 2.0; include 'qelib1.inc'; qreg q[2]; h q[0]; cx q[0],q[1];").num_qubits
    2
    >>> circuit = loads("qreg q[1]; creg c[1]; h q[0]; measure q[0] -> c[0]; if (c == 1) x q[0];")
    >>> list(circuit)[-1].condition
    ((0, 1),)
    """
    try:
        import pyqasm
    except ImportError as error:
        raise ImportError(
            "reading OpenQASM needs pyqasm: use pip install 'numket[qasm]'"
        ) from error
    version = re.search(r"^\s*OPENQASM\s+(\d)", text, re.MULTILINE)
    if version is None:
        text = 'OPENQASM 2.0; include "qelib1.inc";' + text  # one line, so that lines keep numbers
    if version is None or version[1] == "2":
        text = text.replace("^", "**")  # a power there, but pyqasm takes it for exclusive or
    where = _Where()
    log = logging.getLogger("pyqasm")
    handlers, log.handlers = log.handlers, [where]
    propagate, log.propagate = log.propagate, False
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # its parser prints what it then raises
            module: Any = pyqasm.loads(text)
        statements = module.original_program.statements
        reader = _Reader(statements)
        own = {s.name.name for s in statements if type(s).__name__ == "QuantumGateDefinition"}
        module.unroll(external_gates={*GATES, *ALIASES, "id"} - own)
    except QasmError:
        raise
    except Exception as error:
        raise QasmError(f"{where.line}pyqasm cannot read this: {_reason(error)}") from error
    finally:
        log.handlers, log.propagate = handlers, propagate
    for statement in module.unrolled_ast.statements:
        reader.read(statement, {})
    if not reader.num_qubits:
        raise QasmError("there are no qubits in this file")
    return rebuild(reader.num_qubits, reader.finished())


class _Where(logging.Handler):
    """Listens to pyqasm's log for the line of an error, which its exceptions do not tell."""

    line = ""

    def emit(self, record: logging.LogRecord) -> None:
        if not self.line and (found := re.search(r"line \d+, column \d+", record.getMessage())):
            self.line = f"{found[0]}: "


def _reason(error: BaseException) -> str:
    """What pyqasm or its parser says, on one line."""
    seen = []
    current: BaseException | None = error
    while current is not None:
        # The parser's exceptions have no text of their own, but may hold the token they stopped at.
        for holder in (current, *current.args):
            if token := getattr(holder, "offendingToken", None):
                return f"line {token.line}, column {token.column}: syntax error at {token.text!r}"
        seen.append(" ".join(str(current).split()))
        current = current.__cause__ or current.__context__
    said = "; ".join(dict.fromkeys(reason for reason in seen if reason not in ("", "None")))
    said = said or type(error).__name__
    return said if len(said) <= 240 else f"{said[:240]} ..."


BLOCKS = ("if_block", "else_block", "block", "body")
"""Where a statement holds others."""


def _walk(statements: Iterable[Any], inside: bool = False) -> Iterator[tuple[Any, bool]]:
    """All statements but definitions, also in blocks, and whether each is inside an 'if'."""
    for statement in statements:
        kind = type(statement).__name__
        if kind in ("QuantumGateDefinition", "SubroutineDefinition"):
            continue
        yield statement, inside
        for block in BLOCKS:
            inner = getattr(statement, block, None) or ()
            yield from _walk(inner, inside or kind == "BranchingStatement")


def _names(node: Any) -> Iterator[str]:
    """All names in a part of the syntax tree, without those in blocks."""
    from openqasm3.ast import Identifier, QASMNode

    if isinstance(node, Identifier):
        yield node.name
    elif isinstance(node, list):
        for item in node:
            yield from _names(item)
    elif isinstance(node, QASMNode):
        for field, value in vars(node).items():
            if field not in BLOCKS:
                yield from _names(value)


def _compare(condition: Any, bits: dict[str, int]) -> Any:
    """The condition as pyqasm reads it: of a register by its name, it takes only comparisons with
    whole numbers."""
    from openqasm3 import ast

    match condition:
        case ast.Identifier(name=name) if bits.get(name) == 1:
            wanted, register, op = 1, condition, ast.BinaryOperator["=="]
        case ast.UnaryExpression(expression=ast.Identifier(name=name) as register) if (
            condition.op.name == "!" and bits.get(name) == 1
        ):
            wanted, op = 0, ast.BinaryOperator["=="]
        case ast.BinaryExpression(
            lhs=ast.Identifier() as register,
            op=op,
            rhs=ast.BitstringLiteral(value=value) | ast.BooleanLiteral(value=value),
        ):
            wanted = int(value)
        case _:
            return condition
    made = ast.BinaryExpression(op, register, ast.IntegerLiteral(wanted))
    made.span = condition.span
    return made


def _is_plain(condition: Any, bits: dict[str, int]) -> bool:
    """Whether a condition that depends on outcomes compares a bit or a register with a number."""
    from openqasm3 import ast

    match condition:
        case ast.IndexExpression(collection=ast.Identifier(), index=[ast.IntegerLiteral()]):
            return True
        case ast.UnaryExpression(expression=ast.IndexExpression() as bit):
            return condition.op.name == "!" and _is_plain(bit, bits)
        case ast.BinaryExpression(lhs=left, rhs=right):
            plain = isinstance(left, ast.Identifier) or (
                isinstance(left, ast.IndexExpression) and _is_plain(left, bits)
            )
            return plain and not bits.keys() & _names(right)
        case _:
            return False


class _Reader:
    """Turns pyqasm's unrolled statements into operations."""

    def __init__(self, statements: Iterable[Any]) -> None:
        self.statements = [*_walk(statements)]
        self.num_qubits = 0
        self.num_bits = 0
        self.first: dict[str, int] = {}
        self.first_bit: dict[str, int] = {}
        self.measured: set[int] = set()
        self.known: set[int] = set()
        """The classical bits that have been measured."""
        self.unnamed = 0
        """How many measurements go to no bit: they count down from -1 until all bits are known."""
        self.final = True
        """Whether nothing has come after a measurement that depends on it."""
        self.operations: list[Operation] = []
        bits = {
            statement.identifier.name: 1
            if statement.type.size is None
            else statement.type.size.value
            for statement, _ in self.statements
            if type(statement).__name__ == "ClassicalDeclaration"
            and type(statement.type).__name__ == "BitType"
        }
        self.written: str | None = None
        """Where a classical bit gets a value but by a measurement, which pyqasm leaves out."""
        for statement, _ in self.statements:
            kind = type(statement).__name__
            if kind == "BranchingStatement":
                condition = statement.condition = _compare(statement.condition, bits)
                if bits.keys() & _names(condition) and not _is_plain(condition, bits):
                    raise QasmError(
                        f"{_line(statement)}this condition is not supported; conditions compare a "
                        "bit, or a register on the left, with a number: nest 'if's for more"
                    )
                continue
            if kind in ("ClassicalDeclaration", "ClassicalAssignment"):
                target = getattr(statement, "identifier", None) or statement.lvalue.name
                value = getattr(statement, "init_expression", getattr(statement, "rvalue", None))
                if getattr(target, "name", target) in bits:
                    if value is not None and type(value).__name__ != "QuantumMeasurement":
                        self.written = self.written or _line(statement)
                    continue
            if kind != "QuantumMeasurementStatement" and (used := bits.keys() & _names(statement)):
                raise QasmError(
                    f"{_line(statement)}the classical register {min(used)!r} is used outside the "
                    "condition of an 'if', which is not supported; only measurements may"
                )

    def read(self, statement: Any, condition: dict[int, int]) -> None:
        kind = type(statement).__name__
        match kind:
            case "QubitDeclaration":
                self.first[statement.qubit.name] = self.num_qubits
                self.num_qubits += statement.size.value if statement.size is not None else 1
            case "ClassicalDeclaration":
                if type(statement.type).__name__ == "BitType":
                    self.first_bit[statement.identifier.name] = self.num_bits
                    size = statement.type.size
                    self.num_bits += size.value if size is not None else 1
            case "QuantumGate":
                self.gate(statement, condition)
            case "QuantumMeasurementStatement" if not condition:
                self.measurement(statement)
            case "QuantumReset":
                qubits = (self.qubit(statement.qubits),)
                self.add(Operation("reset", (), qubits, (), ()), condition)
            case "BranchingStatement":
                self.branches(statement, condition)
            case "QuantumPhase" if not statement.modifiers:
                pass  # a global phase
            case "Include" | "QuantumBarrier":
                pass
            case _:
                raise self.unsupported(kind, bool(condition))

    def unsupported(self, kind: str, inside: bool = False) -> QasmError:
        name = "a measurement" if kind == "QuantumMeasurementStatement" else kind
        lines = [
            _line(statement)
            for statement, within in self.statements
            if type(statement).__name__ == kind and within >= inside
        ]
        return QasmError(
            f"{lines[0] if lines else ''}{name}{' under a condition' if inside else ''} is not "
            "supported; only gates and resets, with or without a condition, and measurements are"
        )

    def finished(self) -> list[Operation]:
        """All operations; the measurements only where they are not all final."""
        if self.final:
            return [operation for operation in self.operations if operation.name != "measure"]
        self.refuse_written()
        return [
            operation._replace(
                bits=tuple(bit if bit >= 0 else self.num_bits - 1 - bit for bit in operation.bits)
            )
            for operation in self.operations
        ]

    def refuse_written(self) -> None:
        if self.written is not None:
            raise QasmError(
                f"{self.written}giving a classical bit a value is not supported beside operations "
                "that depend on outcomes; only measurements write to bits"
            )

    def bit(self, register: str, place: int) -> int:
        if register not in self.first_bit:
            raise QasmError(f"the classical register {register!r} is not declared")
        return self.first_bit[register] + place

    def measurement(self, statement: Any) -> None:
        target = statement.target
        if target is None:
            self.unnamed += 1
            bit = -self.unnamed
        elif hasattr(target, "indices"):
            bit = self.bit(target.name.name, int(target.indices[0][0].value))
        else:
            bit = self.bit(target.name, 0)
        qubit = self.qubit(statement.measure.qubit)
        self.operations.append(Operation("measure", (), (qubit,), (), (), (bit,)))
        self.measured.add(qubit)
        self.known.add(bit)

    def branches(self, statement: Any, condition: dict[int, int]) -> None:
        """Both blocks of an 'if', of which pyqasm has made one on a single bit."""
        self.refuse_written()
        single = statement.condition
        bit = self.bit(single.lhs.collection.name, int(single.lhs.index[0].value))
        wanted = int(single.rhs.value)
        if bit in self.known:
            self.final = False
        else:
            condition = {**condition, bit: 0}
        for value, block in (wanted, statement.if_block), (1 - wanted, statement.else_block):
            if condition.get(bit, value) == value:
                for inner in block:
                    self.read(inner, {**condition, bit: value})

    def add(self, operation: Operation, condition: dict[int, int]) -> None:
        if self.measured.intersection(operation.qubits + operation.controls):
            self.final = False
        # Bits that nothing has measured are 0, as the condition says where it comes to this.
        held = tuple(sorted((b, value) for b, value in condition.items() if b in self.known))
        self.operations.append(operation._replace(condition=held))

    def qubit(self, reference: Any) -> int:
        register = reference.name
        if hasattr(register, "name"):
            return self.first[register.name] + int(reference.indices[0][0].value)
        if self.first:
            raise QasmError(f"physical qubits ({register}) beside declared ones are not supported")
        physical = int(register.removeprefix("$"))
        self.num_qubits = max(self.num_qubits, physical + 1)
        return physical

    def gate(self, statement: Any, condition: dict[int, int]) -> None:
        name = statement.name.name
        if name == "id":
            return
        name, before = ALIASES.get(name, (name, ()))
        params = (*before, *(_number(argument) for argument in statement.arguments))
        qubits = tuple(self.qubit(qubit) for qubit in statement.qubits)
        controls = 0
        inverse = False
        for modifier in statement.modifiers:
            match modifier.modifier.name:
                case "ctrl":  # "negctrl" comes as "ctrl" between two "x"
                    controls += 1 if modifier.argument is None else int(modifier.argument.value)
                case "inv":
                    inverse = not inverse
                case other:
                    raise QasmError(f"the modifier '{other}' on '{name}' is not supported")
        if name not in GATES or len(params) != len(GATES[name]["params"]):
            raise QasmError(f"the gate '{name}' with {len(params)} parameters is not supported")
        operation = Operation(name, params, qubits[controls:], qubits[:controls], (1,) * controls)
        if inverse:
            [operation] = rebuild(1 + max(qubits), [operation]).inverse()
        self.add(operation, condition)


def _line(statement: Any) -> str:
    return f"line {statement.span.start_line}: " if statement.span is not None else ""


def _number(expression: Any) -> float:
    """The value of an argument, which pyqasm has computed up to a sign."""
    if type(expression).__name__ == "UnaryExpression":
        return -_number(expression.expression)
    return float(expression.value)


def dumps(circuit: nk.Circuit) -> str:
    """Write a circuit as OpenQASM 3.

    Parameters become inputs, and conditions nested ifs. Raises ValueError for matrices, diagonals,
    permutations and noise, which OpenQASM has no way to write, and for parameters called q or c.

    >>> print(dumps(nk.Circuit(2).h(0).rx(2 * nk.Parameter("a"), 1, controls=[0])))
    OPENQASM 3.0;
    include "stdgates.inc";
    input float a;
    qubit[2] q;
    h q[0];
    ctrl @ rx(2.0*a) q[0], q[1];
    <BLANKLINE>
    """
    operations = list(circuit)
    for parameter in circuit.parameters:
        if parameter.name == "q" or (parameter.name == "c" and circuit.num_bits):
            raise ValueError(
                f"the parameter '{parameter.name}' has the name of a register; these are "
                "q and c: give it another name"
            )
    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";']
    lines += [text for name, text in DEFINED.items() if any(o.name == name for o in operations)]
    lines += [f"input float {parameter.name};" for parameter in circuit.parameters]
    lines.append(f"qubit[{circuit.num_qubits}] q;")
    if circuit.num_bits:
        lines.append(f"bit[{circuit.num_bits}] c;")
    for block in _blocks(operations):
        statements = [statement for operation in block for statement in _written(operation)]
        for bit, value in reversed(block[0].condition):
            inner = [f"  {statement}" for statement in statements]
            statements = [f"if (c[{bit}] == {'true' if value else 'false'}) {{", *inner, "}"]
        lines += statements
    return "\n".join(lines) + "\n"


def _blocks(operations: Iterable[Operation]) -> list[list[Operation]]:
    """Runs of operations under one condition, which only the last of them may change."""
    blocks: list[list[Operation]] = []
    condition, changed = None, False
    for operation in operations:
        if changed or operation.condition != condition:
            blocks.append([])
        blocks[-1].append(operation)
        condition = operation.condition
        changed = any(bit in operation.bits for bit, _ in condition)
    return blocks


def _written(operation: Operation) -> Iterator[str]:
    """The statements of an operation."""
    name, params, qubits, controls, values, bits, _ = operation
    match name:
        case "measure":
            if params:
                raise ValueError(
                    "the circuit holds a measurement with 'readout_error', which OpenQASM has no "
                    "statement for: measure without it"
                )
            for qubit, bit in zip(qubits, bits, strict=True):
                yield f"c[{bit}] = measure q[{qubit}];"
        case "reset":
            yield from (f"reset q[{qubit}];" for qubit in qubits)
        case "apply" | "apply_diagonal" | "apply_permutation" | "apply_kraus":
            raise ValueError(
                f"the circuit holds an operation '{name}', which OpenQASM has no statement for; "
                "only gates and Pauli strings can be written: build the circuit from these"
            )
        case "apply_pauli":
            for letter, qubit in zip(params[0], qubits, strict=True):
                if letter != "I":
                    yield _statement(letter.lower(), (), (qubit,), controls, values)
        case "pauli_rotation":
            theta, letters = params
            busy = [(x, q) for x, q in zip(letters, qubits, strict=True) if x != "I"]
            if not busy:
                yield _statement("gphase", (theta * -0.5,), (), controls, values)
                return
            # To the Z basis, the parity onto the last qubit, and back.
            into = {"X": "h {q};", "Y": "rx(pi/2) {q};"}
            back = {"X": "h {q};", "Y": "rx(-pi/2) {q};"}
            ladder = [_statement("cx", (), pair, (), ()) for pair in pairwise(q for _, q in busy)]
            yield from (into[x].format(q=f"q[{q}]") for x, q in busy if x in into)
            yield from ladder
            yield _statement("rz", (theta,), (busy[-1][1],), controls, values)
            yield from reversed(ladder)
            yield from (back[x].format(q=f"q[{q}]") for x, q in busy if x in back)
        case "u":
            yield _statement("U", params, qubits, controls, values)
        case _:
            yield _statement(name, params, qubits, controls, values)


def _statement(
    name: str,
    params: tuple[float | Expression, ...],
    qubits: tuple[int, ...],
    controls: tuple[int, ...],
    values: tuple[int, ...],
) -> str:
    modifiers = "".join("ctrl @ " if value else "negctrl @ " for value in values)
    angles = f"({', '.join(_angle(param) for param in params)})" if params else ""
    places = ", ".join(f"q[{qubit}]" for qubit in (*controls, *qubits))
    return f"{modifiers}{name}{angles} {places}".rstrip() + ";"


def _angle(param: float | Expression) -> str:
    name = getattr(param, "name", None)
    return str(name) if name is not None else repr(param)
