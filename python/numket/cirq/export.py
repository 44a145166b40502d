"""Circuits of numket as circuits of Cirq."""

from collections.abc import Callable, Iterator
from math import pi
from typing import Any

import cirq
import numpy as np
import sympy

from numket import _core
from numket.circuit import Operation
from numket.parameter import Expression

GATES = {gate["name"]: gate for gate in _core.GATES}

FIXED: dict[str, Any] = {
    "x": cirq.X,
    "y": cirq.Y,
    "z": cirq.Z,
    "h": cirq.H,
    "s": cirq.S,
    "sdg": cirq.S**-1,
    "t": cirq.T,
    "tdg": cirq.T**-1,
    "sx": cirq.X**0.5,
    "sxdg": cirq.X**-0.5,
    "swap": cirq.SWAP,
    "iswap": cirq.ISWAP,
}
TURNED: dict[str, Callable[[Any], Any]] = {
    "p": lambda angle: cirq.ZPowGate(exponent=_half_turns(angle)),
    "rx": cirq.rx,
    "ry": cirq.ry,
    "rz": cirq.rz,
    "rxx": lambda angle: cirq.XXPowGate(exponent=_half_turns(angle), global_shift=-0.5),
    "ryy": lambda angle: cirq.YYPowGate(exponent=_half_turns(angle), global_shift=-0.5),
    "rzz": lambda angle: cirq.ZZPowGate(exponent=_half_turns(angle), global_shift=-0.5),
}
"""Gates of an angle."""
LARGEST_PERMUTATION = 10
"""Qubits of a permutation, which becomes a matrix."""


def to_cirq(circuit: _core.Circuit) -> cirq.Circuit:
    """A circuit of numket as one of Cirq, with its global phase.

    Qubit q becomes ``cirq.LineQubit(q)``, bit b the measurement key ``"cb"``, as ``"c0"``, and
    parameters become symbols of the same names, in radians. Print it for a picture in Cirq's style.

    Parameters
    ----------
    circuit : numket.Circuit
        Its matrices must be unitary.

    Returns
    -------
    cirq.Circuit
        One or more operations for each of numket's, as early as they can be done.

    Raises
    ------
    ValueError
        Where a matrix is not unitary, or a permutation has more than 10 qubits.

    Examples
    --------
    >>> import numket as nk
    >>> from numket.cirq import to_cirq
    >>> print(to_cirq(nk.Circuit(2).h(0).cx(0, 1)))
    0: ───H───@───
              │
    1: ───────X───
    """
    made = cirq.Circuit()
    for place, operation in enumerate(circuit):
        try:
            for one in _operations(operation):
                made.append(one.with_classical_controls(*_conditions(operation)))
        except ValueError as error:
            raise ValueError(f"operation {place}: {error}") from error
    return made


def _conditions(operation: Operation) -> Iterator[Any]:
    for bit, value in operation.condition:
        symbol = sympy.Symbol(f"c{bit}")
        yield f"c{bit}" if value else cirq.SympyCondition(sympy.Eq(symbol, 0))


def _angle(value: Any) -> Any:
    """An angle with symbols."""
    if not isinstance(value, Expression):
        return value
    terms = [factor * sympy.Symbol(name) for name, factor in value.terms.items()]
    return sum(terms, sympy.Float(value.offset) if value.offset else sympy.Integer(0))


def _half_turns(angle: Any) -> Any:
    return angle / (sympy.pi if isinstance(angle, sympy.Expr) else pi)


def _operations(operation: Operation) -> Iterator[Any]:
    """What an operation comes to, its condition aside."""
    name, params, qubits, controls, values, bits, _ = operation
    if name == "measure":
        up, down = params or (0, 0)
        errors = {(0,): np.array([[1 - up, up], [down, 1 - down]])} if params else None
        for qubit, bit in zip(qubits, bits, strict=True):
            yield cirq.measure(cirq.LineQubit(qubit), key=f"c{bit}", confusion_map=errors)
        return
    if name == "reset":
        yield from map(cirq.reset, map(cirq.LineQubit, qubits))
        return
    own = GATES[name]["controls"] if name in GATES else 0
    every = [cirq.LineQubit(qubit) for qubit in (*qubits[:own], *controls)]
    wanted = [*[1] * own, *values]
    targets = [cirq.LineQubit(qubit) for qubit in qubits[own:]]
    for gate, count in _gates(operation):
        one = gate.on(*targets[:count])
        yield one.controlled_by(*every, control_values=wanted) if every else one


def _gates(operation: Operation) -> Iterator[tuple[Any, int]]:
    """Gates of Cirq on the first targets, and how many targets each has; without their controls."""
    name, params, qubits = operation[:3]
    base = name.lstrip("c") if name in GATES else name
    angles = [_angle(param) for param in params] if name in GATES else []
    count = len(qubits) - (GATES[name]["controls"] if name in GATES else 0)
    if name == "gphase":
        yield _phase(_angle(params[0])), 0
    elif name == "apply_pauli":
        yield cirq.DensePauliString(params[0]), count
    elif name == "pauli_rotation" or base == "rzx":
        letters = "ZX" if base == "rzx" else params[1]
        turns = _half_turns(_angle(params[0])) / 2
        string = cirq.DensePauliString(letters)
        yield cirq.PauliStringPhasorGate(string, exponent_neg=turns, exponent_pos=-turns), count
    elif name == "phase":
        gamma = _angle(params[1])
        yield cirq.DiagonalGate([-gamma * cost for cost in params[0].tolist()]), count
    elif name == "apply_kraus":
        yield cirq.KrausChannel(list(params[0])), count
    elif base == "u":
        theta, phi, lam = angles[:3]
        if len(angles) == 4:
            yield _phase(angles[3]), 0
        yield TURNED["p"](lam), 1
        yield TURNED["ry"](theta), 1
        yield TURNED["p"](phi), 1
    elif base in FIXED:
        yield FIXED[base], count
    elif base in TURNED:
        yield TURNED[base](angles[0]), count
    else:
        yield cirq.MatrixGate(_matrix(operation)), count


def _phase(angle: Any) -> Any:
    """A gate of no qubit."""
    symbolic = isinstance(angle, sympy.Expr)
    return cirq.GlobalPhaseGate(sympy.exp(sympy.I * angle) if symbolic else np.exp(1j * angle))


def _matrix(operation: Operation) -> Any:
    """The matrix of an operation that Cirq has no gate for."""
    if operation.name == "ecr":
        return _core.Circuit(2).ecr(0, 1).to_matrix()
    (given,) = operation.params
    if operation.name == "apply":
        return given  # Cirq sees to it that it is unitary
    if operation.name == "apply_diagonal":
        return np.diag(given)
    if len(operation.qubits) > LARGEST_PERMUTATION:
        raise ValueError(
            f"the permutation acts on {len(operation.qubits)} qubits, and its matrix on at most "
            f"{LARGEST_PERMUTATION}: use gates"
        )
    return np.eye(len(given))[:, given]
