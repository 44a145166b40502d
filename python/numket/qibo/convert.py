"""What Qibo's gates and channels are to numket, and circuits of gates."""

from cmath import exp
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import cos, pi, sin
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qibo import Circuit, gates
from qibo.backends import NumpyBackend
from qibo.gates.abstract import Gate

import numket as nk

_NAMED = {
    "H": "h",
    "X": "x",
    "Y": "y",
    "Z": "z",
    "SX": "sx",
    "SXDG": "sxdg",
    "S": "s",
    "SDG": "sdg",
    "T": "t",
    "TDG": "tdg",
    "RX": "rx",
    "RY": "ry",
    "RZ": "rz",
    "U1": "p",
    "CH": "h",
    "CNOT": "x",
    "CY": "y",
    "CZ": "z",
    "CSX": "sx",
    "CSXDG": "sxdg",
    "CRX": "rx",
    "CRY": "ry",
    "CRZ": "rz",
    "CU1": "p",
    "TOFFOLI": "x",
    "CCZ": "z",
    "SWAP": "swap",
    "iSWAP": "iswap",
    "ECR": "ecr",
    "RXX": "rxx",
    "RYY": "ryy",
    "RZZ": "rzz",
    "RZX": "rzx",
}
"""What numket calls the gate that a gate of Qibo is on its targets. Controls come besides."""


_Parts = list[tuple[str, tuple[Any, ...]]]


def _about(theta: float, phi: float) -> _Parts:
    """The rotation about an axis in the plane of X and Y."""
    return [("u", (theta, phi - pi / 2, pi / 2 - phi))]


def _euler(theta: float, phi: float, lam: float) -> _Parts:
    """The rotations of Qibo's U3, whose determinant is 1."""
    return [("rz", (phi + lam,)), ("u", (theta, phi, -phi))]


def _block(a: complex, b: complex, c: complex, d: complex, both: complex = 1) -> _Parts:
    """A gate that mixes 01 and 10 by [[a, b], [c, d]], and has a phase on 11."""
    matrix = _IDENTITY.copy()
    matrix[1, 1], matrix[1, 2], matrix[2, 1], matrix[2, 2] = a, b, c, d
    matrix[3, 3] = both
    return [("apply", (matrix,))]


_IDENTITY = np.eye(4, dtype=np.complex128)


def _fsim(theta: float, phi: float) -> _Parts:
    turned, kept = -1j * sin(theta), cos(theta)
    return _block(kept, turned, turned, kept, exp(-1j * phi))


def _ms(phi0: float, phi1: float, theta: float) -> _Parts:
    plus, minus = exp(1j * (phi0 + phi1)), exp(1j * (phi0 - phi1))
    turned = -1j * sin(theta / 2)
    matrix = cos(theta / 2) * _IDENTITY
    matrix[0, 3], matrix[1, 2] = turned * plus.conjugate(), turned * minus.conjugate()
    matrix[2, 1], matrix[3, 0] = turned * minus, turned * plus
    return [("apply", (matrix,))]


def _deutsch(theta: float) -> _Parts:
    turned, kept = sin(theta), 1j * cos(theta)
    return [("apply", (np.array([[kept, turned], [turned, kept]]),))]


_MADE: dict[str, Callable[..., _Parts]] = {
    "PRX": _about,
    "U1q": _about,
    "GPI": lambda phi: [("x", ()), ("rz", (2 * phi,))],
    "GPI2": lambda phi: _about(pi / 2, phi),
    "U2": lambda phi, lam: _euler(pi / 2, phi, lam),
    "CU2": lambda phi, lam: _euler(pi / 2, phi, lam),
    "U3": _euler,
    "CU3": _euler,
    "DEUTSCH": _deutsch,
    "FSWAP": lambda: [("swap", ()), ("cz", ())],
    "MS": _ms,
    "fSim": _fsim,
    "SYC": lambda: _fsim(pi / 2, pi / 6),
    "SiSWAP": lambda: _fsim(-pi / 4, 0),
    "SiSWAPDG": lambda: _fsim(pi / 4, 0),
    "RXXYY": lambda theta: _fsim(theta / 2, 0),
    "GIVENS": lambda theta: _block(cos(theta), -sin(theta), sin(theta), cos(theta)),
    "RBS": lambda theta: _block(cos(theta), sin(theta), -sin(theta), cos(theta)),
}
"""Gates of numket, or matrices, that a gate of Qibo is made of on its targets."""


def _by_class(table: Mapping[str, Any]) -> dict[type, Any]:
    """A table by class, without those that this version of Qibo does not have."""
    return {getattr(gates, name): ours for name, ours in table.items() if hasattr(gates, name)}


_KNOWN = _by_class({**_NAMED, **_MADE})
IDLE = frozenset(_by_class(dict.fromkeys(["I", "Align", "Barrier"])))

_MIRRORED = {"s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t", "sx": "sxdg", "sxdg": "sx"}
_REAL = frozenset({"x", "z", "h", "ry", "swap", "cz"})
_IMAGINARY = {
    "y": np.array([[0, 1j], [-1j, 0]]),
    "iswap": np.array([[1, 0, 0, 0], [0, 0, -1j, 0], [0, -1j, 0, 0], [0, 0, 0, 1]]),
    "ecr": np.array([[0, 0, 1, -1j], [0, 0, -1j, 1], [1, 1j, 0, 0], [1j, 1, 0, 0]]) / np.sqrt(2),
}
"""What is none of numket's gates once it is conjugated. All else turns the other way round."""

MAX_CHANNEL_QUBITS = 3
"""Of a channel that is done as one matrix, which has 16**k entries.

With 4 qubits it takes twice as long as 4 operators one by one, with 3 half as long."""


class Step(NamedTuple):
    """One operation: the method of a circuit that adds it, angles or a matrix, and the qubits."""

    name: str
    params: tuple[Any, ...]
    targets: tuple[int, ...]
    controls: tuple[int, ...] = ()

    def add_to(self, circuit: nk.Circuit) -> None:
        """Add it to a circuit."""
        name, params, targets, controls = self
        where = (targets,) if name == "apply" else targets
        if controls:
            getattr(circuit, name)(*params, *where, controls=controls)
        else:
            getattr(circuit, name)(*params, *where)

    def change(self, state: NDArray[Any]) -> None:
        """Do it to a state."""
        name, params, targets, controls = self
        where = (targets,) if name == "apply" else targets
        if controls:
            getattr(nk, name)(state, *params, *where, controls=controls)
        else:
            getattr(nk, name)(state, *params, *where)

    def moved(self, shift: int) -> "Step":
        """The same on qubits that are so many further."""
        return self._replace(
            targets=tuple(qubit + shift for qubit in self.targets),
            controls=tuple(qubit + shift for qubit in self.controls),
        )

    def conjugate(self) -> "Step":
        """What it is to the columns of a density matrix."""
        if self.name in _REAL:
            return self
        if self.name in _MIRRORED:
            return self._replace(name=_MIRRORED[self.name])
        if self.name in _IMAGINARY:
            return self._replace(name="apply", params=(_IMAGINARY[self.name],))
        if self.name == "apply":
            return self._replace(params=(np.conj(self.params[0]),))
        if self.name == "u":
            theta, phi, lam = self.params
            return self._replace(params=(theta, -phi, -lam))
        return self._replace(params=tuple(-angle for angle in self.params))


def is_plain(gate: Any) -> bool:
    """Whether all that Qibo does with a gate is to apply its matrix, which is known already."""
    return (
        type(gate).apply is Gate.apply
        and not gate.symbolic_parameters
        and (type(gate) is not gates.FusedGate or all(map(is_plain, gate.gates)))
    )


def steps(gate: Any, backend: Any) -> list[Step]:
    """What a gate does, with Qibo's conventions and phases."""
    kind = type(gate)
    targets, controls = gate.target_qubits, gate.control_qubits
    known = _KNOWN.get(kind)
    if known is not None and (params := _real(gate.parameters)) is not None:
        if type(known) is str:
            return [Step(known, params, targets, controls)]
        return [Step(name, angles, targets, controls) for name, angles in known(*params)]
    if kind in IDLE:
        return []
    if kind is gates.FusedGate and not gate.is_controlled_by:
        return [step for inner in gate.gates for step in steps(inner, backend)]
    if kind is gates.FanOut:
        return [Step("x", (), (target,), controls) for target in targets]
    if gate.is_controlled_by:
        return [Step("apply", (gate.matrix(backend),), targets, controls)]
    # The matrix of a gate that has controls by nature includes them.
    return [Step("apply", (gate.matrix(backend),), gate.qubits)]


def _real(params: tuple[Any, ...]) -> tuple[float, ...] | None:
    """Angles as numbers, unless there is a complex one, which Qibo's matrices take."""
    for param in params:
        if type(param) is not float:
            break
    else:  # most
        return params
    given = [np.asarray(param) for param in params]
    if any(np.iscomplexobj(array) or array.size != 1 for array in given):
        return None
    return tuple(array.astype(float).item() for array in given)


def named(gate: Any, error: Exception) -> Exception:
    """An error that names the gate."""
    return type(error)(f"{type(gate).__name__} on qubits {gate.qubits}: {error}")


def _matrix(gate: Any, qubits: Sequence[int], backend: Any) -> NDArray[np.complex128]:
    """The matrix of a gate on some qubits, which may be more than its own."""
    place = {qubit: number for number, qubit in enumerate(qubits)}
    circuit = nk.Circuit(len(qubits))
    for step in steps(gate, backend):
        targets = tuple(place[qubit] for qubit in step.targets)
        controls = tuple(place[qubit] for qubit in step.controls)
        step._replace(targets=targets, controls=controls).add_to(circuit)
    rows = np.eye(2 ** len(qubits), dtype=np.complex128)
    circuit.run(rows, batch=1)
    return rows.T


def qubits_of(channel: Any) -> tuple[int, ...]:
    """All that a channel acts on, also as controls."""
    return tuple(sorted({qubit for gate in channel.gates for qubit in gate.qubits}))


def superoperator(channel: Any, qubits: Sequence[int], backend: Any) -> NDArray[Any]:
    """The matrix of a channel on the rows and the columns of some qubits."""
    size: int = 2 ** len(qubits)
    if type(channel) is gates.DepolarizingChannel:
        lam = float(channel.init_kwargs["lam"])
        mixed = np.eye(size).reshape(-1)
        return (1 - lam) * np.eye(size**2) + lam / size * np.outer(mixed, mixed)
    total = (1 - float(channel.coefficient_sum)) * np.eye(size**2, dtype=np.complex128)
    for weight, gate in zip(channel.coefficients, channel.gates, strict=True):
        kraus = _matrix(gate, qubits, backend)
        total += weight * np.kron(kraus, kraus.conj())
    return total


@cache
def _converter() -> Any:
    """Gives the matrices of gates, in double precision whatever the current backend."""
    return NumpyBackend()


def from_qibo(circuit: Any) -> nk.Circuit:
    """Qibo's circuit as one of numket, with the same phases.

    Parameters
    ----------
    circuit : qibo.Circuit
        Of gates that are matrices; their parameters are taken as they are now. Barriers, gates
        that do nothing, and measurements are left out.

    Returns
    -------
    Circuit
        On as many qubits, in the same order.

    Raises
    ------
    TypeError
        If it is not a circuit of Qibo.
    ValueError
        For channels, callbacks, and measurements on which the rest of the circuit depends.

    Examples
    --------
    >>> from qibo import Circuit, gates
    >>> from numket.qibo import from_qibo
    >>> bell = Circuit(2)
    >>> bell.add([gates.H(0), gates.CNOT(0, 1), gates.M(0, 1)])
    >>> len(from_qibo(bell))
    2
    """
    if not isinstance(circuit, Circuit):
        raise TypeError(
            f"'circuit' is a {type(circuit).__name__}; only circuits of Qibo are converted: use "
            "qibo.Circuit"
        )
    taken = nk.Circuit(circuit.nqubits)
    for number, gate in enumerate(circuit.queue):
        if type(gate) in IDLE or (type(gate) is gates.M and not gate.collapse):
            continue
        if not is_plain(gate):
            raise ValueError(
                f"gate {number} of 'circuit' is a {type(gate).__name__}, which is no matrix on its "
                "own; only unitary circuits, with measurements at the end, are converted: execute "
                "the circuit on the backend 'numket.qibo'"
            )
        try:
            for step in steps(gate, _converter()):
                step.add_to(taken)
        except (TypeError, ValueError) as error:
            raise named(gate, error) from error
    return taken
