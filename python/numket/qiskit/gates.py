"""What Qiskit's gates are in terms of numket: names, matrices, Pauli strings, angles."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ControlledGate, ParameterExpression
from qiskit.circuit.library import (
    C3XGate,
    C4XGate,
    MCPhaseGate,
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

_Steps = list[tuple[str, tuple[Any, ...], tuple[int, ...]]]

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
STANDARD: dict[str, int | None] = {
    **{name: number for number, name in enumerate(NAMES)},
    **{name: NAMES.index(ours) for name, ours in _RENAMED.items()},
    **dict.fromkeys(["barrier", "delay", "measure", "reset"]),
}
"""The place in `GATES` of what a standard gate of Qiskit is to numket. Where there are more qubits
than that has, the first ones are controls. None of what is no gate."""

MADE_OF: dict[str, Callable[..., _Steps]] = {
    "id": lambda: [],
    "u2": lambda phi, lam: [("u", (np.pi / 2, phi, lam), (0,))],
    "r": lambda theta, phi: [("u", (theta, phi - np.pi / 2, np.pi / 2 - phi), (0,))],
    "dcx": lambda: [("cx", (), (0, 1)), ("cx", (), (1, 0))],
    "rccx": lambda: [("y", (), (0, 1, 2)), ("ccz", (), (0, 1, 2)), ("cz", (), (0, 2))],
    "rcccx": lambda: [
        ("s", (), (0, 1)),
        ("y", (), (0, 1, 2, 3)),
        ("z", (), (0, 1, 2, 3)),
        ("ccz", (), (0, 1, 3)),
    ],
    "xx_plus_yy": lambda theta, beta: [
        ("p", (beta,), (0,)),
        ("rxx", (theta / 2,), (0, 1)),
        ("ryy", (theta / 2,), (0, 1)),
        ("p", (-beta,), (0,)),
    ],
    "xx_minus_yy": lambda theta, beta: [
        ("p", (-beta,), (0,)),
        ("rxx", (theta / 2,), (0, 1)),
        ("ryy", (-theta / 2,), (0, 1)),
        ("p", (beta,), (0,)),
    ],
}
"""The other standard gates, but for the global phase, made of gates of numket."""

CONTROLLED: dict[type, int] = {
    **{
        gate.base_class: cast(int, STANDARD[gate.base_gate.name])
        for gate in get_standard_gate_name_mapping().values()
        if isinstance(gate, ControlledGate) and gate.name != "cu"  # which has a phase of its own
    },
    **dict.fromkeys([MCXGate, C3XGate, C4XGate, type(C4XGate())], NAMES.index("x")),
    MCPhaseGate: NAMES.index("p"),
}
"""Classes of Qiskit whose gates, with any control values, are a gate of numket under controls."""

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
    if type(operation) in CONTROLLED:
        return True
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
