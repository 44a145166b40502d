"""What Qibo's gates and channels are to numket, and circuits of gates."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from math import pi
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
    "RXX": "rxx",
    "RYY": "ryy",
    "RZZ": "rzz",
    "RZX": "rzx",
}
"""What numket calls the gate that a gate of Qibo is on its targets. Controls come besides."""


def _euler(theta: float, phi: float, lam: float) -> tuple[tuple[str, float], ...]:
    """The rotations of Qibo's U3, whose determinant is 1, in the order of time."""
    return ("rz", lam), ("ry", theta), ("rz", phi)


def _about(theta: float, phi: float) -> tuple[tuple[str, float], ...]:
    """The rotation about an axis in the plane of X and Y."""
    return ("rz", -phi), ("rx", theta), ("rz", phi)


_ROTATIONS: dict[str, Any] = {
    "PRX": _about,
    "U1q": _about,
    "GPI2": lambda phi: _about(pi / 2, phi),
    "U2": lambda phi, lam: _euler(pi / 2, phi, lam),
    "CU2": lambda phi, lam: _euler(pi / 2, phi, lam),
    "U3": _euler,
    "CU3": _euler,
}


def _by_class(table: Iterable[str]) -> dict[type, str]:
    """The names by class, without those that this version of Qibo does not have."""
    return {getattr(gates, name): name for name in table if hasattr(gates, name)}


_NAME_OF = _by_class([*_NAMED, *_ROTATIONS])
IDLE = frozenset(_by_class(["I", "Align", "Barrier"]))

_MIRRORED = {"s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t", "sx": "sxdg", "sxdg": "sx"}
_REAL = frozenset({"x", "z", "h", "ry", "swap"})
_IMAGINARY = {
    "y": np.array([[0, 1j], [-1j, 0]]),
    "iswap": np.array([[1, 0, 0, 0], [0, 0, -1j, 0], [0, -1j, 0, 0], [0, 0, 0, 1]]),
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
        getattr(circuit, self.name)(*self.params, *self._where(), **self._controls())

    def change(self, state: NDArray[Any]) -> None:
        """Do it to a state."""
        getattr(nk, self.name)(state, *self.params, *self._where(), **self._controls())

    def _where(self) -> tuple[Any, ...]:
        return (self.targets,) if self.name == "apply" else self.targets

    def _controls(self) -> dict[str, Any]:
        return {"controls": self.controls} if self.controls else {}

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
        return self._replace(params=tuple(-angle for angle in self.params))


def is_plain(gate: Any) -> bool:
    """Whether all that Qibo does with a gate is to apply its matrix, which is known already."""
    return (
        type(gate).apply is Gate.apply
        and not gate.symbolic_parameters
        and (type(gate) is not gates.FusedGate or all(map(is_plain, gate.gates)))
    )


def steps(gate: Any, backend: Any) -> Iterator[Step]:
    """What a gate does, with Qibo's conventions and phases."""
    kind = type(gate)
    targets, controls, params = gate.target_qubits, gate.control_qubits, gate.parameters
    name = _NAME_OF.get(kind)
    if name is not None and not all(type(p) is float or np.isrealobj(p) for p in params):
        name = None  # Qibo's matrices take complex angles
    # They take True for 1, too.
    params = tuple(float(p) if isinstance(p, bool | np.bool_) else p for p in params)
    if name in _NAMED:
        yield Step(_NAMED[name], params, targets, controls)
    elif name is not None:
        for turn, angle in _ROTATIONS[name](*params):
            yield Step(turn, (angle,), targets, controls)
    elif kind in IDLE:
        return
    elif kind is gates.FusedGate and not gate.is_controlled_by:
        for inner in gate.gates:
            yield from steps(inner, backend)
    elif kind is gates.FanOut:
        for target in targets:
            yield Step("x", (), (target,), controls)
    elif gate.is_controlled_by:
        yield Step("apply", (gate.matrix(backend),), targets, controls)
    else:
        # The matrix of a gate that has controls by nature includes them.
        yield Step("apply", (gate.matrix(backend),), gate.qubits)


@contextmanager
def named(gate: Any) -> Iterator[None]:
    """Around what a gate is taken for: an error names the gate."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(f"{type(gate).__name__} on qubits {gate.qubits}: {error}") from error


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
        with named(gate):
            for step in steps(gate, _converter()):
                step.add_to(taken)
    return taken
