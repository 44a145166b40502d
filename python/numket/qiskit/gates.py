"""What Qiskit's gates are in terms of numket: names, matrices, Pauli strings, angles."""

from math import pi
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import AnnotatedOperation, ControlledGate, ParameterExpression
from qiskit.circuit.library import (
    C3XGate,
    C4XGate,
    MCPhaseGate,
    MCU1Gate,
    MCXGate,
    PauliEvolutionGate,
    get_standard_gate_name_mapping,
)
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import SparseObservable, SparsePauliOp

from numket import _core
from numket.parameter import Expression

NAMES = [gate["name"] for gate in _core.GATES]
NUM_QUBITS = {gate["name"]: len(gate["qubits"]) for gate in _core.GATES}


class Made(NamedTuple):
    """What a gate is made of, but for its global phase."""

    num_angles: int
    num_qubits: int
    steps: tuple[tuple[int, tuple[tuple[float, int, float], ...], tuple[int, ...]], ...]
    """The place in `GATES` of each gate; its angles, each a number, and which angle of all is added
    how often; and which of the qubits it is on. Those it has too many are controls."""


def _made(num_angles: int, num_qubits: int, *steps: tuple[str, list[Any], str]) -> Made:
    return Made(
        num_angles,
        num_qubits,
        tuple(
            (NAMES.index(name), tuple(angles), tuple(map(int, on))) for name, angles, on in steps
        ),
    )


def _pairs(sign: int) -> Made:
    """The rotation by XX + YY or, under a negative sign, XX - YY."""
    before, after = ("p", [(0, 1, sign)], "0"), ("p", [(0, 1, -sign)], "0")
    both = ("rxx", [(0, 0, 0.5)], "01"), ("ryy", [(0, 0, sign / 2)], "01")
    return _made(2, 2, before, *both, after)


_RENAMED = {
    "u1": "p",
    "u3": "u",
    "cs": "s",
    "csdg": "sdg",
    "csx": "sx",
    "cu1": "p",
    "cu3": "u",
    "c3sx": "sx",
    "mcx": "x",
}
STANDARD: dict[str, int | Made | None] = {
    **{name: number for number, name in enumerate(NAMES)},
    **{name: NAMES.index(ours) for name, ours in _RENAMED.items()},
    "id": _made(0, 1),
    "u2": _made(2, 1, ("u", [(pi / 2, 0, 0), (0, 0, 1), (0, 1, 1)], "0")),
    "r": _made(2, 1, ("u", [(0, 0, 1), (-pi / 2, 1, 1), (pi / 2, 1, -1)], "0")),
    "dcx": _made(0, 2, ("cx", [], "01"), ("cx", [], "10")),
    "rccx": _made(0, 3, ("y", [], "012"), ("ccz", [], "012"), ("cz", [], "02")),
    "rcccx": _made(
        *(0, 4, ("s", [], "01"), ("y", [], "0123"), ("z", [], "0123"), ("ccz", [], "013"))
    ),
    "xx_plus_yy": _pairs(1),
    "xx_minus_yy": _pairs(-1),
    **dict.fromkeys(["barrier", "delay", "measure", "reset", "global_phase"]),
}
"""What a standard gate of Qiskit is to numket: the place of a gate in `GATES`, or what it is made
of. Where there are more qubits than that has, the first ones are controls. None of what is no gate
on qubits."""

_LIBRARY = list(get_standard_gate_name_mapping().values())
_BASES = {
    kind: made
    for gate in _LIBRARY
    if not isinstance(gate, ControlledGate) and (made := STANDARD.get(gate.name)) is not None
    for kind in (gate.base_class, type(gate))
}
CONTROLLED: dict[type, Any] = {
    **{
        gate.base_class: STANDARD[gate.base_gate.name]
        for gate in _LIBRARY
        if isinstance(gate, ControlledGate) and gate.name != "cu"  # which has a phase of its own
    },
    **dict.fromkeys([MCXGate, C3XGate, C4XGate, type(C4XGate())], NAMES.index("x")),
    **dict.fromkeys([MCPhaseGate, MCU1Gate], NAMES.index("p")),
    ControlledGate: ("base_gate", _BASES),
    AnnotatedOperation: ("base_op", _BASES),
}
"""What the gates of a class are to numket under controls, with any control values. Where that
depends on the gate which is controlled, the attribute that is this gate, and what it is by its
class."""

LARGEST_MATRIX = 5
"""Qubits of a gate that is taken by its matrix although it may have a definition. Larger ones are
built of 4**k numbers, which takes longer than a run."""


def affine(value: Any) -> Expression | float:
    """A parameter expression of Qiskit as one of numket: its slopes must be numbers."""
    terms = {}
    try:
        for parameter in value.parameters:
            slope = value.gradient(parameter)
            terms[parameter.name] = float(_number(slope))
        offset = float(_number(value.bind(dict.fromkeys(value.parameters, 0))))
    except (TypeError, ValueError, ZeroDivisionError, RuntimeError, QiskitError) as error:
        raise QiskitError(
            f"numket cannot take the angle {value}; a circuit of numket holds sums of multiples of "
            "parameters: use assign_parameters before"
        ) from error
    return Expression(offset, terms) if terms else offset


def _number(value: Any) -> Any:
    """That of an expression without parameters; TypeError where it has some."""
    return value.numeric() if isinstance(value, ParameterExpression) else value


def bits(number: int, count: int) -> list[int]:
    """The bits of a number, the least significant first.

    >>> bits(6, 4)
    [0, 1, 1, 0]
    """
    if number == 2**count - 1:  # most control states
        return [1] * count
    return [number >> place & 1 for place in range(count)]


def matrix(operation: Any, largest: int = LARGEST_MATRIX) -> NDArray[np.complex128] | None:
    """The matrix, where it is small, known and of numbers."""
    if operation.num_qubits > largest or not hasattr(operation, "to_matrix"):
        return None
    if isinstance(operation, PauliEvolutionGate):
        return None
    if any(isinstance(value, ParameterExpression) for value in getattr(operation, "params", ())):
        return None
    try:
        return np.asarray(operation.to_matrix(), dtype=np.complex128)
    except QiskitError:
        return None


def is_its_base(operation: Any) -> bool:
    """Whether a controlled gate is its base gate under controls, and nothing else: those with
    qubits to spare may change phases, and those of users may do anything."""
    base, kind = operation.base_gate, operation.base_class  # of a singleton, the class it is of
    known = kind is ControlledGate or kind.__module__.startswith("qiskit.circuit.library.")
    return (
        known
        and base is not None
        and operation.num_qubits == operation.num_ctrl_qubits + base.num_qubits
    )


def inverse(operation: Any) -> Any:
    """The inverse, also of what has none of its own, such as a Clifford."""
    if hasattr(operation, "inverse"):
        return operation.inverse()
    if hasattr(operation, "to_circuit"):
        return operation.to_circuit().inverse().to_gate()
    raise QiskitError(
        f"numket cannot run the inverse of the operation '{operation.name}', which has none: use "
        "gates"
    )


def commuting(gate: Any) -> list[tuple[str, float]] | None:
    """The Pauli strings of an evolution and their factors, if all commute."""
    parts = gate.operator if isinstance(gate.operator, list) else [gate.operator]
    total = SparsePauliOp.sum([_sparse(part) for part in parts])
    if np.imag(total.coeffs).any():
        return None
    if not all(total.paulis.commutes(string).all() for string in total.paulis):
        return None
    return [(letters, float(np.real(factor))) for letters, factor in total.to_list()]


def _sparse(operator: Any) -> SparsePauliOp:
    if isinstance(operator, SparseObservable):
        return SparsePauliOp.from_sparse_observable(operator)
    return operator
