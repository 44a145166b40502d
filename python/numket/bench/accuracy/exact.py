"""What circuits do to |0...0>, by NumPy in long double: the other side of the comparison."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk

Matrix = NDArray[Any]
"""Of clongdouble."""

ENOUGH = float(np.finfo(np.longdouble).eps) < 1e-3 * float(np.finfo(np.float64).eps)
"""Whether long double has more digits than double: it has 11 bits more on x86, and none on some
other machines, where only errors in complex64 can be told."""

_X = np.array([[0, 1], [1, 0]], np.clongdouble)
_Y = np.array([[0, -1j], [1j, 0]], np.clongdouble)
_Z = np.array([[1, 0], [0, -1]], np.clongdouble)
_FIXED: dict[str, Matrix] = {
    "x": _X,
    "h": (_X + _Z) / np.sqrt(np.longdouble(2)),
    "cx": np.eye(4, dtype=np.clongdouble)[[0, 1, 3, 2]],
    "cz": np.diag(np.array([1, 1, 1, -1], np.clongdouble)),
    "swap": np.eye(4, dtype=np.clongdouble)[[0, 2, 1, 3]],
}
_GENERATORS = {
    "rx": _X,
    "ry": _Y,
    "rz": _Z,
    "rxx": np.kron(_X, _X),
    "ryy": np.kron(_Y, _Y),
    "rzz": np.kron(_Z, _Z),
}


def matrix(name: str, *angles: float) -> Matrix:
    """The matrix of a gate of the workloads; its first qubit is the most significant bit.

    >>> matrix("cp", 0.0).real.diagonal().tolist() == [1, 1, 1, 1]
    True
    """
    if name in _FIXED:
        return _FIXED[name]
    (angle,) = (np.longdouble(angle) for angle in angles)
    if name == "cp":
        last = np.cos(angle) + 1j * np.sin(angle)
        return np.diag(np.array([1, 1, 1, last], np.clongdouble))
    pauli = _GENERATORS[name]
    cos, sin = np.cos(angle / 2), np.sin(angle / 2)
    return np.asarray(cos * np.eye(len(pauli)) - 1j * sin * pauli)


def run(circuit: nk.Circuit) -> Matrix:
    """The state after the circuit, flat."""
    n = circuit.num_qubits
    state = np.zeros((2,) * n, np.clongdouble)
    state[(0,) * n] = 1
    for name, params, qubits, *_ in circuit:
        state = _applied(state, matrix(name, *params), list(qubits))
    return state.reshape(-1)


def _applied(state: Matrix, gate: Matrix, qubits: list[int]) -> Matrix:
    """The product, by way of the entries that are not 0."""
    k = len(qubits)
    result = np.zeros_like(state)
    source, target = (np.moveaxis(array, qubits, range(k)) for array in (state, result))
    for row in range(2**k):
        for column in np.flatnonzero(gate[row]).tolist():
            target[_bits(row, k)] += gate[row, column] * source[_bits(column, k)]
    return result


def _bits(index: int, k: int) -> tuple[int, ...]:
    return tuple(index >> (k - 1 - bit) & 1 for bit in range(k))
