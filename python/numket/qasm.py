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

    Final measurements and barriers leave the state alone. Raises QasmError on a syntax error and
    on conditions, resets and gates after a measurement, naming the line where pyqasm tells it.
    A gate that the file defines itself is what the file says, whatever its name. pyqasm divides
    integers as real numbers, in OpenQASM 3 too: ``7 / 2`` is 3.5.

    >>> loads("OPENQASM 2.0; include 'qelib1.inc'; qreg q[2]; h q[0]; cx q[0],q[1];").num_qubits
    2
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
        reader = _Reader(dict(_lines(statements)))
        if "BranchingStatement" in reader.lines:
            raise reader.unsupported("BranchingStatement")
        own = {s.name.name for s in statements if type(s).__name__ == "QuantumGateDefinition"}
        module.unroll(external_gates={*GATES, *ALIASES, "id"} - own)
    except QasmError:
        raise
    except Exception as error:
        raise QasmError(f"{where.line}pyqasm cannot read this: {_reason(error)}") from error
    finally:
        log.handlers, log.propagate = handlers, propagate
    for statement in module.unrolled_ast.statements:
        reader.read(statement)
    if not reader.num_qubits:
        raise QasmError("there are no qubits in this file")
    return rebuild(reader.num_qubits, reader.operations)


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
    return said if len(said) <= 240 else f"{said[:240]} ..."


def _lines(statements: Iterable[Any]) -> Iterator[tuple[str, int]]:
    """Kind and line of each statement from the last, so that in a dict the first one stays."""
    for statement in reversed(list(statements)):
        if statement.span is not None:
            yield type(statement).__name__, statement.span.start_line


class _Reader:
    """Turns pyqasm's unrolled statements into operations."""

    def __init__(self, lines: dict[str, int]) -> None:
        self.lines = lines
        self.num_qubits = 0
        self.first: dict[str, int] = {}
        self.measured: set[int] = set()
        self.operations: list[Operation] = []

    def read(self, statement: Any) -> None:
        kind = type(statement).__name__
        match kind:
            case "QubitDeclaration":
                self.first[statement.qubit.name] = self.num_qubits
                self.num_qubits += statement.size.value if statement.size is not None else 1
            case "QuantumGate":
                self.gate(statement)
            case "QuantumMeasurementStatement":
                self.measured.add(self.qubit(statement.measure.qubit))
            case "QuantumPhase" if not statement.modifiers:
                pass  # a global phase
            case "Include" | "ClassicalDeclaration" | "QuantumBarrier":
                pass
            case _:
                raise self.unsupported(kind)

    def unsupported(self, kind: str) -> QasmError:
        names = {
            "BranchingStatement": "a classical condition ('if')",
            "QuantumReset": "'reset'",
            "QuantumMeasurementStatement": "a gate after a measurement of its qubit",
        }
        line = f"line {self.lines[kind]}: " if kind in self.lines else ""
        return QasmError(
            f"{line}{names.get(kind, kind)} is not supported; only gates and final measurements are"
        )

    def qubit(self, reference: Any) -> int:
        register = reference.name
        if hasattr(register, "name"):
            return self.first[register.name] + int(reference.indices[0][0].value)
        if self.first:
            raise QasmError(f"physical qubits ({register}) beside declared ones are not supported")
        physical = int(register.removeprefix("$"))
        self.num_qubits = max(self.num_qubits, physical + 1)
        return physical

    def gate(self, statement: Any) -> None:
        name = statement.name.name
        if name == "id":
            return
        name, before = ALIASES.get(name, (name, ()))
        params = (*before, *(_number(argument) for argument in statement.arguments))
        qubits = tuple(self.qubit(qubit) for qubit in statement.qubits)
        if self.measured.intersection(qubits):
            raise self.unsupported("QuantumMeasurementStatement")
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
        self.operations.append(operation)


def _number(expression: Any) -> float:
    """The value of an argument, which pyqasm has computed up to a sign."""
    if type(expression).__name__ == "UnaryExpression":
        return -_number(expression.expression)
    return float(expression.value)


def dumps(circuit: nk.Circuit) -> str:
    """Write a circuit as OpenQASM 3.

    Parameters become inputs. Raises ValueError for matrices, diagonals and permutations, which
    OpenQASM has no way to write.

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
    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";']
    lines += [text for name, text in DEFINED.items() if any(o.name == name for o in operations)]
    lines += [f"input float {parameter.name};" for parameter in circuit.parameters]
    lines.append(f"qubit[{circuit.num_qubits}] q;")
    for operation in operations:
        lines += _written(operation)
    return "\n".join(lines) + "\n"


def _written(operation: Operation) -> Iterator[str]:
    """The statements of an operation."""
    name, params, qubits, controls, values, *_ = operation
    match name:
        case "apply" | "apply_diagonal" | "apply_permutation":
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
                raise ValueError(
                    "the circuit holds a rotation about a Pauli string of I only, a phase that "
                    "OpenQASM cannot write with controls: leave it out"
                )
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
    return f"{modifiers}{name}{angles} {places};"


def _angle(param: float | Expression) -> str:
    name = getattr(param, "name", None)
    return str(name) if name is not None else repr(param)
