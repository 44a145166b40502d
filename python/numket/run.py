"""``numket run``: OpenQASM 2 and 3 files, applied gate by gate to one NumPy array.

Reading is left to pyqasm (extra ``qasm``). Gates that numket has stay whole; the others come as
pyqasm decomposes them, which is exact up to a global phase.
"""

import contextlib
import io
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket.display import probability_text

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

LISTED = 16
"""At most so many basis states and counts are printed."""


class QasmError(ValueError):
    """A file that is not OpenQASM, or that asks for what is not supported."""


@dataclass(frozen=True)
class Operation:
    """A gate of the table with numbers filled in; ``controls`` come on top of its own."""

    name: str
    params: tuple[float, ...]
    qubits: tuple[int, ...]
    controls: tuple[int, ...] = ()


@dataclass(frozen=True)
class Program:
    """Gates on qubits 0 to ``num_qubits - 1``: the registers as declared, or ``$0``, ``$1``, ..."""

    num_qubits: int
    operations: tuple[Operation, ...]


def load(path: Path | str) -> Program:
    """Read a file.

    Raises OSError where it cannot be read, and QasmError as `loads` does.
    """
    return loads(Path(path).read_text())


def loads(text: str) -> Program:
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
    return Program(reader.num_qubits, tuple(reader.operations))


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
        repeat = 1
        for modifier in statement.modifiers:
            match modifier.modifier.name:
                case "ctrl":  # "negctrl" comes as "ctrl" between two "x"
                    controls += 1 if modifier.argument is None else int(modifier.argument.value)
                case "inv":
                    name, params, repeat = _inverse(name, params)
                case other:
                    raise QasmError(f"the modifier '{other}' on '{name}' is not supported")
        if name not in GATES or len(params) != len(GATES[name]["params"]):
            raise QasmError(f"the gate '{name}' with {len(params)} parameters is not supported")
        operation = Operation(name, params, qubits[controls:], qubits[:controls])
        self.operations += [operation] * repeat


def _number(expression: Any) -> float:
    """The value of an argument, which pyqasm has computed up to a sign."""
    if type(expression).__name__ == "UnaryExpression":
        return -_number(expression.expression)
    return float(expression.value)


def _inverse(name: str, params: tuple[float, ...]) -> tuple[str, tuple[float, ...], int]:
    """The inverse of a gate: name, parameters, and how often it is to be applied."""
    pairs = {"s": "sdg", "t": "tdg", "sx": "sxdg"}
    pairs |= {inverse: gate for gate, inverse in pairs.items()}
    if name == "iswap":
        return name, params, 3  # its fourth power is the identity
    if name in ("u", "cu"):
        theta, phi, lam, *gamma = params
        return name, (-theta, -lam, -phi, *(-x for x in gamma)), 1
    return pairs.get(name, name), tuple(-x for x in params), 1


def apply(program: Program, state: NDArray[Any]) -> None:
    """Apply a program to a state of as many qubits, in place, gate by gate.

    >>> psi = nk.zero_state(2)
    >>> apply(Program(2, (Operation("x", (), (1,)),)), psi)
    >>> psi.real
    array([0., 1., 0., 0.])
    """
    for operation in program.operations:
        getattr(nk, operation.name)(
            state, *operation.params, *operation.qubits, controls=operation.controls
        )


def main(path: Path, shots: int | None = None, seed: int | None = None) -> int:
    """Run a file and print its most probable basis states, and counts of ``shots`` samples."""
    program = load(path)
    n = program.num_qubits
    state = nk.zero_state(n)
    apply(program, state)
    gates = len(program.operations)
    print(f"{path}: {n} qubits, {gates} gates, norm {nk.norm(state):.12f}")
    print("\nmost probable basis states, qubit 0 leftmost:")
    for index, probability in zip(*_core.most_probable(state, LISTED), strict=True):
        if probability > 0:
            print(f"  {_label(index, n)}  {probability_text(probability)}")
    if shots is not None:
        _print_counts(nk.probabilities(state), n, shots, seed)
    return 0


def _print_counts(probabilities: NDArray[np.float64], n: int, shots: int, seed: int | None) -> None:
    reached = np.cumsum(probabilities, out=probabilities)
    draws = np.random.default_rng(seed).random(shots) * reached[-1]
    outcomes, counts = np.unique(np.searchsorted(reached, draws, side="right"), return_counts=True)
    print(f"\ncounts of {shots} samples:")
    for i in np.argsort(-counts, kind="stable")[:LISTED]:
        print(f"  {_label(outcomes[i], n)}  {counts[i]}")
    if len(outcomes) > LISTED:
        print(f"  ... and {len(outcomes) - LISTED} other basis states")


def _label(index: int, n: int) -> str:
    return format(int(index), f"0{n}b")
