"""Qibo on numket: ``qibo.set_backend("numket.qibo")``, and ``from_qibo`` for a circuit alone.

Qibo's engine stays in charge: circuits, noise, measurements, callbacks and results are its own. It
is handed a queue in which all gates in a row, and the channels of density matrices, have become one
run of numket, in place.

>>> from qibo import Circuit, gates
>>> from numket.qibo import NumketBackend
>>> circuit = Circuit(2)
>>> circuit.add([gates.H(0), gates.CNOT(0, 1)])
>>> NumketBackend().execute_circuit(circuit).probabilities().round(12)
array([0.5, 0. , 0. , 0.5])
"""

import copy
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import pi
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

import numket as nk
from numket import _hosts, density

with _hosts.required("qibo"):
    from qibo import gates
    from qibo.backends import NumpyBackend
    from qibo.gates.abstract import Gate

__all__ = ["MetaBackend", "NumketBackend", "from_qibo"]

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
"""What numket calls the gate that a gate of Qibo is on its targets."""


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
_IDLE = frozenset(_by_class(["I", "Align", "Barrier"]))

_MIRRORED = {"s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t", "sx": "sxdg", "sxdg": "sx"}
_REAL = frozenset({"x", "z", "h", "ry", "swap"})
_IMAGINARY = {
    "y": np.array([[0, 1j], [-1j, 0]]),
    "iswap": np.array([[1, 0, 0, 0], [0, 0, -1j, 0], [0, -1j, 0, 0], [0, 0, 0, 1]]),
}
"""The conjugates of gates that numket has no gate for."""

_COMPLEX = (np.dtype(np.complex64), np.dtype(np.complex128))

MAX_CHANNEL_QUBITS = 3
"""Channels on more qubits are done operator by operator; as one matrix they have 16**k entries."""


class _Step(NamedTuple):
    """One operation: the method of a circuit that adds it, angles or a matrix, and the qubits."""

    name: str
    params: tuple[Any, ...]
    targets: tuple[int, ...]
    controls: tuple[int, ...] = ()

    def add_to(self, circuit: nk.Circuit, shift: int = 0) -> None:
        """Add it to a circuit, with each qubit moved by `shift`."""
        targets, controls = self.targets, self.controls
        if shift:
            targets = tuple(qubit + shift for qubit in targets)
            controls = tuple(qubit + shift for qubit in controls)
        where = (targets,) if self.name == "apply" else targets
        add = getattr(circuit, self.name)
        if controls:
            add(*self.params, *where, controls=controls)
        else:
            add(*self.params, *where)

    def conjugate(self) -> "_Step":
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


def _plain(gate: Any) -> bool:
    """Whether all that Qibo does with a gate is to apply its matrix, which is known already."""
    return (
        type(gate).apply is Gate.apply
        and not gate.symbolic_parameters
        and (type(gate) is not gates.FusedGate or all(map(_plain, gate.gates)))
    )


def _steps(gate: Any, backend: Any) -> Iterator[_Step]:
    """What a gate does, with Qibo's conventions and phases."""
    kind = type(gate)
    targets, controls, params = gate.target_qubits, gate.control_qubits, gate.parameters
    name = _NAME_OF.get(kind)
    if name is not None and not all(type(p) is float or np.isrealobj(p) for p in params):
        name = None  # Qibo's matrices take complex angles
    if name in _NAMED:
        yield _Step(_NAMED[name], params, targets, controls)
    elif name is not None:
        for turn, angle in _ROTATIONS[name](*params):
            yield _Step(turn, (angle,), targets, controls)
    elif kind in _IDLE:
        return
    elif kind is gates.FusedGate and not gate.is_controlled_by:
        for inner in gate.gates:
            yield from _steps(inner, backend)
    elif kind is gates.FanOut:
        for target in targets:
            yield _Step("x", (), (target,), controls)
    elif gate.is_controlled_by:
        yield _Step("apply", (gate.matrix(backend),), targets, controls)
    else:
        # The matrix of a gate that has controls by nature includes them.
        yield _Step("apply", (gate.matrix(backend),), gate.qubits)


def _matrix(gate: Any, qubits: Sequence[int], backend: Any) -> NDArray[np.complex128]:
    """The matrix of a gate on some qubits, which may be more than its own."""
    place = {qubit: number for number, qubit in enumerate(qubits)}
    circuit = nk.Circuit(len(qubits))
    for step in _steps(gate, backend):
        targets = tuple(place[qubit] for qubit in step.targets)
        controls = tuple(place[qubit] for qubit in step.controls)
        step._replace(targets=targets, controls=controls).add_to(circuit)
    rows = np.eye(2 ** len(qubits), dtype=np.complex128)
    circuit.run(rows, batch=1)
    return rows.T


def _qubits(channel: Any) -> tuple[int, ...]:
    """All that a channel acts on, also as controls."""
    return tuple(sorted({qubit for gate in channel.gates for qubit in gate.qubits}))


def _superoperator(channel: Any, qubits: Sequence[int], backend: Any) -> NDArray[Any]:
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


_CHANNELS = {
    kind.apply
    for kind in (gates.Channel, gates.UnitaryChannel, gates.DepolarizingChannel, gates.ResetChannel)
}
"""How channels are applied to density matrices that do what their operators say.

Thermal relaxation is left to Qibo, which does not go by its operators."""


class _Run:
    """Operations that are done in one call, in place. To Qibo's engine it is a gate."""

    symbolic_parameters = ()

    def __init__(self, nqubits: int, density_matrix: bool) -> None:
        self.nqubits = nqubits
        self.density_matrix = density_matrix
        self.circuit = nk.Circuit(nqubits * (2 if density_matrix else 1))

    def add(self, gate: Any, backend: Any) -> None:
        """Add a plain gate."""
        for step in _steps(gate, backend):
            step.add_to(self.circuit)
            if self.density_matrix:
                step.conjugate().add_to(self.circuit, self.nqubits)

    def add_channel(self, channel: Any, backend: Any) -> None:
        """Add a channel of density matrices, as one matrix on rows and columns."""
        rows = _qubits(channel)
        columns = tuple(qubit + self.nqubits for qubit in rows)
        self.circuit.apply(_superoperator(channel, rows, backend), rows + columns)

    def apply(self, backend: Any, state: NDArray[Any], nqubits: int) -> Any:
        """Run on a state, or a density matrix, that belongs to the caller."""
        state = _writable(state, backend.dtype)
        # To cut axes into pieces never needs a copy.
        self.circuit.run(state.reshape((2,) * self.circuit.num_qubits))
        return state


def _writable(state: NDArray[Any], dtype: DTypeLike) -> Any:
    """The array itself, or a copy of one that numket cannot change in place."""
    if state.dtype in _COMPLEX and state.flags.behaved:
        return state
    return np.array(state, np.result_type(state.dtype, dtype))


class NumketBackend(NumpyBackend):
    """Qibo's backend for NumPy, with numket's kernels.

    Circuits start from a state of their own and change it in place; ``result.state()`` is that
    array. An initial state is copied once, and stays as it is. ``apply_gate``, ``apply_channel``
    and ``collapse_state``, if called directly, change the array they are given, as qibojit's do.
    Random numbers are drawn as by Qibo's NumPy backend, and give the same outcomes for one seed.

    With ``dtype`` float64 or float32 all is left to Qibo's NumPy backend.

    >>> from qibo import Circuit, gates
    >>> from numket.qibo import NumketBackend
    >>> backend = NumketBackend()
    >>> circuit = Circuit(1)
    >>> circuit.add(gates.RY(0, 0.5))
    >>> backend.execute_circuit(circuit).state().round(3).real
    array([0.969, 0.247])
    """

    def __init__(self) -> None:
        super().__init__()
        self.name = "numket"
        # Where Qibo asks whose arrays these are, for instance to choose an engine of its own.
        self.platform = "numpy"
        self.versions["numket"] = nk.__version__
        self.nthreads = nk.get_num_threads()

    def set_threads(self, nthreads: int) -> None:
        """Set the number of threads of numket, for all that use it."""
        nk.set_num_threads(nthreads)
        self.nthreads = nk.get_num_threads()

    def zero_state(
        self, nqubits: int, density_matrix: bool = False, dtype: DTypeLike | None = None
    ) -> Any:
        """The state in which all qubits are 0, as a vector or as a density matrix."""
        kind = np.dtype(self.dtype if dtype is None else dtype)
        if kind not in _COMPLEX:
            return super().zero_state(nqubits, density_matrix, kind)
        self._validate_nqubits(nqubits, density_matrix=density_matrix)
        return (density.zero_density if density_matrix else nk.zero_state)(nqubits, kind)

    def execute_circuit(self, circuit: Any, initial_state: Any = None, nshots: int = 1000) -> Any:
        """Execute a circuit: Qibo's own engine, on a queue in which gates have become runs."""
        if isinstance(initial_state, type(circuit)):
            return super().execute_circuit(circuit, initial_state, nshots)
        if initial_state is not None and not circuit.repeated_execution:
            # Runs are in place; where circuits are repeated, the engine makes the copies.
            initial_state = np.array(initial_state, np.result_type(initial_state, self.dtype))
        planned = copy.copy(circuit)
        if self._is_complex:
            planned.queue = self._plan(circuit)
        result = super().execute_circuit(planned, initial_state, nshots)
        circuit._final_state = planned._final_state
        return result

    def apply_gate(self, gate: Any, state: NDArray[Any], nqubits: int) -> Any:
        """Apply a gate to a state, or to both sides of a density matrix, in place."""
        if not self._is_complex:
            return super().apply_gate(gate, state, nqubits)
        run = _Run(nqubits, state.ndim == 2)
        run.add(gate, self)
        return run.apply(self, state, nqubits)

    def apply_channel(self, channel: Any, state: NDArray[Any], nqubits: int) -> Any:
        """Apply a channel to a density matrix, or one of its gates, drawn, to a state."""
        if state.ndim == 1 or not self._is_complex:
            return super().apply_channel(channel, state, nqubits)
        if len(_qubits(channel)) <= MAX_CHANNEL_QUBITS:
            run = _Run(nqubits, True)
            run.add_channel(channel, self)
            return run.apply(self, state, nqubits)
        total = (1 - channel.coefficient_sum) * state
        for weight, gate in zip(channel.coefficients, channel.gates, strict=True):
            total += weight * self.apply_gate(gate, state.copy(), nqubits)
        return total

    def calculate_probabilities(
        self,
        state: NDArray[Any],
        qubits: Iterable[int],
        nqubits: int,
        density_matrix: bool = False,
    ) -> Any:
        """The probabilities of the outcomes of some qubits, the first the most significant."""
        if state.dtype not in _COMPLEX:
            return super().calculate_probabilities(state, qubits, nqubits, density_matrix)
        listed = list(qubits)
        kind = state.real.dtype
        if not density_matrix:
            return nk.probabilities(state, listed).astype(kind, copy=False)
        others = tuple(set(range(nqubits)) - set(listed))
        diagonal = state.diagonal().reshape((2,) * nqubits)
        return self._order_probabilities(abs(diagonal.sum(axis=others)), listed, nqubits).ravel()

    def exp_value_observable_symbolic(
        self,
        circuit: Any,
        terms: Sequence[str],
        term_qubits: Sequence[Sequence[int]],
        term_coefficients: Sequence[complex],
        nqubits: int,
    ) -> Any:
        """The expectation value of a sum of Pauli strings after a circuit."""
        if not self._is_complex or not set("".join(terms)) <= set("IXYZ"):
            return super().exp_value_observable_symbolic(
                circuit, terms, term_qubits, term_coefficients, nqubits
            )
        result = circuit._final_state
        state = (self.execute_circuit(circuit) if result is None else result).state()
        strings = zip(terms, term_qubits, map(complex, term_coefficients), strict=True)
        total = nk.PauliSum(strings, num_qubits=nqubits)
        read = density.expectation if circuit.density_matrix else nk.expectation
        return np.float64(read(state, total).real)

    @property
    def _is_complex(self) -> bool:
        return np.dtype(self.dtype) in _COMPLEX

    def _plan(self, circuit: Any) -> list[Any]:
        """The queue, with all that can be run together in one place."""
        queue: list[Any] = []
        idle = []
        for gate in circuit.queue:
            channel = circuit.density_matrix and type(gate).apply in _CHANNELS
            if type(gate) is gates.M and not gate.collapse:
                idle.append(gate)
            elif type(gate) in _IDLE:
                continue
            elif _plain(gate) or (channel and len(_qubits(gate)) <= MAX_CHANNEL_QUBITS):
                if not queue or type(queue[-1]) is not _Run:
                    queue.append(_Run(circuit.nqubits, circuit.density_matrix))
                (queue[-1].add_channel if channel else queue[-1].add)(gate, self)
            else:
                queue.append(gate)
        return queue + idle

    def _collapse_statevector(
        self,
        state: NDArray[Any],
        qubits: Sequence[int],
        shot: Any,
        nqubits: int,
        normalize: bool = True,
    ) -> Any:
        if not (normalize and self._is_complex):
            return super()._collapse_statevector(state, qubits, shot, nqubits, normalize)
        state = _writable(state, self.dtype)
        nk.project(state, qubits, int(np.ravel(shot)[0]))
        nk.normalize(state)
        return state


class MetaBackend:
    """What Qibo looks for in ``set_backend("numket.qibo")`` and in ``QIBO_BACKEND``."""

    @staticmethod
    def load(platform: str | None = None, dtype: str = "complex128") -> NumketBackend:
        """The backend, for states of this dtype.

        Raises ValueError for a platform other than "numpy": arrays are NumPy's.

        >>> from numket.qibo import MetaBackend
        >>> MetaBackend.load(dtype="complex64").zero_state(1)
        array([1.+0.j, 0.+0.j], dtype=complex64)
        """
        if platform not in (None, "numpy"):
            raise ValueError(
                f"'platform' is {platform!r}; numket works on NumPy's arrays: use 'numpy', or none"
            )
        backend = NumketBackend()
        backend.set_dtype(dtype)
        return backend

    @staticmethod
    def list_available() -> dict[str, bool]:
        """The platforms, and whether they are available."""
        return {"numpy": True}


@cache
def _converter() -> NumketBackend:
    """Gives the matrices of gates, in double precision whatever the current backend."""
    return NumketBackend()


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
    taken = nk.Circuit(circuit.nqubits)
    for number, gate in enumerate(circuit.queue):
        if type(gate) in _IDLE or (type(gate) is gates.M and not gate.collapse):
            continue
        if not _plain(gate):
            raise ValueError(
                f"gate {number} of 'circuit' is a {type(gate).__name__}, which is no matrix on its "
                "own; only unitary circuits, with measurements at the end, are converted: execute "
                "the circuit on the backend 'numket.qibo'"
            )
        for step in _steps(gate, _converter()):
            step.add_to(taken)
    return taken
