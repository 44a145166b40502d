"""Tapes as circuits of numket.

A tape becomes one circuit, unless something has to be done to the states on the way that is no
operation of a circuit: a snapshot, a projection, or a matrix for each state of a batch.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray

from numket import Circuit, Parameter, apply, basis_state, project, zero_state

_METHODS = {
    qml.X: "x",
    qml.Y: "y",
    qml.Z: "z",
    qml.Hadamard: "h",
    qml.S: "s",
    qml.T: "t",
    qml.SX: "sx",
    qml.PhaseShift: "p",
    qml.U1: "p",
    qml.U3: "u",
    qml.RX: "rx",
    qml.RY: "ry",
    qml.RZ: "rz",
    qml.CNOT: "cx",
    qml.CY: "cy",
    qml.CZ: "cz",
    qml.CH: "ch",
    qml.ControlledPhaseShift: "cp",
    qml.CRX: "crx",
    qml.CRY: "cry",
    qml.CRZ: "crz",
    qml.SWAP: "swap",
    qml.ISWAP: "iswap",
    qml.ECR: "ecr",
    qml.IsingXX: "rxx",
    qml.IsingYY: "ryy",
    qml.IsingZZ: "rzz",
    qml.Toffoli: "ccx",
    qml.CCZ: "ccz",
    qml.CSWAP: "cswap",
}
"""The methods of Circuit with the same matrices, phases included."""

_INVERSES = {"s": "sdg", "t": "tdg", "sx": "sxdg"}
"""What has no angles, and is not its own inverse."""

_ARRAYS = frozenset({"BlockEncode", "DiagonalQubitUnitary", "QubitUnitary", "SpecialUnitary"})
"""Gates that are arrays to begin with: they are never decomposed, unless for a derivative."""

MAX_WIRES = 4
"""What has a matrix on more wires is decomposed, if it can be."""

IMPOSSIBLE = 1e-16
"""Outcomes of no larger probability are impossible: rounding leaves such, as of RX(pi). It is the
bound of default.qubit, which takes norms up to 1e-8 for zero."""

_Angles = Sequence[Any]
_Options = dict[str, Any]


def _controlled(options: _Options, controls: tuple[int, ...], values: Iterable[Any]) -> _Options:
    """Options with further controls."""
    if not options:  # most have none
        here = {} if all(values) else {"control_values": tuple(map(int, values))}
        return {"controls": controls, **here}
    before = options.get("controls", ())
    return options | {
        "controls": (*before, *controls),
        "control_values": (*options.get("control_values", (1,) * len(before)), *map(int, values)),
    }


def _nothing(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    pass


def _global_phase(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    circuit.gphase(-1 * angles[0], **options)


def _phase_where(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    circuit.gphase(angles[0], **_controlled(options, qubits, _WHERE[type(op)]))


def _multi_rz(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    circuit.pauli_rotation(angles[0], "Z" * len(qubits), qubits, **options)


def _pauli_rot(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    circuit.pauli_rotation(angles[0], op.hyperparameters["pauli_word"], qubits, **options)


def _pswap(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    circuit.swap(*qubits, **options)
    circuit.cx(*qubits, **options).p(angles[0], qubits[1], **options).cx(*qubits, **options)


@cache
def _turns(kind: Any) -> tuple[tuple[float, str, tuple[int, ...]], ...]:
    """The Pauli rotations that a gate of one angle is: the factors of it, letters, positions.

    >>> _turns(qml.IsingXY)
    ((-0.5, 'XX', (0, 1)), (-0.5, 'YY', (0, 1)))
    """
    with qml.QueuingManager.stop_recording():
        words = kind(0.0, wires=range(kind.num_wires)).generator().pauli_rep
    turns = [
        (-2 * float(np.real(factor)), "".join(word.values()), tuple(word))
        for word, factor in words.items()
    ]
    return tuple(sorted(turns))  # the words come in another order in each process


def _turn(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    """A gate that is exp(1j * angle * G), where G is a sum of Pauli strings that commute."""
    _rotate(circuit, type(op), qubits, angles[0], options)


def _rotate(
    circuit: Circuit, kind: Any, qubits: tuple[int, ...], angle: Any, options: _Options
) -> None:
    for factor, letters, places in _turns(kind):
        where = tuple([qubits[place] for place in places])
        circuit.pauli_rotation(factor * angle, letters, where, **options)


def _double_excitation(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    """With a phase on all states but the two that are turned: on all, and back on the two."""
    half = angles[0] * (0.5 if type(op) is qml.DoubleExcitationPlus else -0.5)
    first, *_, last = qubits
    _rotate(circuit, qml.DoubleExcitation, qubits, angles[0], options)
    circuit.gphase(half, **options)
    circuit.p(-1 * half, first, **_controlled(options, qubits[1:], (1, 0, 0)))
    circuit.p(-1 * half, last, **_controlled(options, qubits[:-1], (0, 0, 1)))


def _rot(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    phi, theta, omega = angles
    circuit.rz(phi, *qubits, **options).ry(theta, *qubits, **options).rz(omega, *qubits, **options)


def _u2(
    circuit: Circuit, op: Any, qubits: tuple[int, ...], angles: _Angles, options: _Options
) -> None:
    circuit.u(np.pi / 2, *angles, *qubits, **options)


_WHERE = {qml.CPhaseShift00: (0, 0), qml.CPhaseShift01: (0, 1), qml.CPhaseShift10: (1, 0)}
"""For which values of the qubits a gate is a phase."""

_RULES: dict[type, Callable[[Circuit, Any, tuple[int, ...], _Angles, _Options], None]] = {
    **dict.fromkeys([qml.Barrier, qml.Identity, qml.WireCut], _nothing),
    **dict.fromkeys([qml.DoubleExcitationMinus, qml.DoubleExcitationPlus], _double_excitation),
    **dict.fromkeys([qml.SingleExcitationMinus, qml.SingleExcitationPlus], _turn),
    **dict.fromkeys([qml.DoubleExcitation, qml.SingleExcitation, qml.OrbitalRotation], _turn),
    **dict.fromkeys([qml.FermionicSWAP, qml.IsingXY], _turn),
    **dict.fromkeys(_WHERE, _phase_where),
    qml.GlobalPhase: _global_phase,
    qml.MultiRZ: _multi_rz,
    qml.PSWAP: _pswap,
    qml.PauliRot: _pauli_rot,
    qml.Rot: _rot,
    qml.U2: _u2,
}
"""Gates that are several methods of Circuit, or one with other arguments."""

_INVERTED: dict[type, Callable[..., _Angles]] = {
    qml.Rot: lambda phi, theta, omega: [-1 * omega, -1 * theta, -1 * phi],
    qml.U2: lambda phi, lam: [np.pi - lam, np.pi - phi],
    qml.U3: lambda theta, phi, lam: [-1 * theta, -1 * lam, -1 * phi],
}
"""The angles of the inverse, where they are not those of the gate with other signs."""

_KNOWN = _METHODS.keys() | _RULES.keys()
"""Classes, which are looked up exactly: users may give any name to theirs."""

_JOINT = frozenset(kind for kind in _KNOWN if issubclass(kind, qml.ops.Controlled))
_ADJOINT = qml.ops.op_math.Adjoint
_WRAPPERS = (qml.ops.Controlled, _ADJOINT)


def has_angles(op: Any) -> bool:
    """Whether a circuit takes an operation with any angles: batches of them, or parameters.

    >>> has_angles(qml.ctrl(qml.Rot(0.1, 0.2, 0.3, 0), 1)), has_angles(qml.QFT(range(3)))
    (True, False)
    """
    if type(op) in _KNOWN:
        return True
    if isinstance(op, _WRAPPERS):
        return has_angles(op.base)
    return isinstance(op, qml.ops.Pow) and _is_turned_further(op) and has_angles(op.base)


def _is_turned_further(op: Any) -> bool:
    """Whether a power is the base with another angle: integer powers of exp(1j * angle * G)."""
    base = op.base
    while isinstance(base, _WRAPPERS):
        base = base.base
    return bool(op.z == int(op.z) and base.num_params == 1 and base.has_generator)


def is_supported(op: Any) -> bool:
    """Whether an operation runs as it is; all others are decomposed.

    >>> is_supported(qml.QFT(range(3))), is_supported(qml.QFT(range(9)))
    (True, False)
    """
    if isinstance(op, qml.ops.Conditional):
        return is_supported(op.base)
    if isinstance(op, qml.Snapshot | qml.ops.MidMeasure) or has_angles(op):
        return True
    if not (op.has_matrix or op.has_sparse_matrix):
        return False
    return len(op.wires) <= MAX_WIRES or _is_array(op) or not op.has_decomposition


def _is_array(op: Any) -> bool:
    if isinstance(op, _WRAPPERS):
        return _is_array(op.base)
    return op.name in _ARRAYS


def is_differentiable(op: Any) -> bool:
    """Whether an operation runs as it is, and has a derivative by each parameter to be trained."""
    if has_angles(op) or isinstance(op, qml.Snapshot):
        return True
    if any(qml.math.requires_grad(value) for value in op.data):
        return False
    return isinstance(op, qml.operation.StatePrepBase) or (is_unitary(op) and is_supported(op))


def is_unitary(op: Any) -> bool:
    """Whether an operation is done in the same way whatever the state, and looks at none."""
    looks = qml.ops.Conditional | qml.ops.MidMeasure | qml.Projector | qml.Snapshot
    return not isinstance(op, looks | qml.operation.StatePrepBase)


def _add_gate(
    circuit: Circuit, op: Any, angles: _Angles, options: _Options, inverse: bool = False
) -> None:
    """Adds an operation that `has_angles`, with these in place of its own, or its inverse."""
    kind = type(op)
    if kind in _KNOWN:
        # The wires of a controlled gate are put together anew each time, which takes 3 us.
        joint = kind in _JOINT
        qubits = op.control_wires.labels + op.base.wires.labels if joint else op.wires.labels
        method, rule = _METHODS.get(kind), _RULES.get(kind)
        if inverse and len(angles):
            other = _INVERTED.get(kind)
            angles = other(*angles) if other else [-1 * angle for angle in angles]
        elif inverse:
            if method in _INVERSES:
                method = _INVERSES[method]
            elif method == "iswap":  # with Z on both it is its inverse
                circuit.z(qubits, **options)
        if method is not None:
            getattr(circuit, method)(*angles, *qubits, **options)
        elif rule is not None:
            rule(circuit, op, qubits, angles, options)
    elif isinstance(op, qml.ops.Controlled):
        under = _controlled(options, op.control_wires.labels, op.control_values)
        _add_gate(circuit, op.base, angles, under, inverse)
    elif isinstance(op, qml.ops.Pow):
        _add_gate(circuit, op.base, [float(op.z) * angles[0]], options, inverse)
    else:
        _add_gate(circuit, op.base, angles, options, not inverse)


def _add_matrix(circuit: Circuit, op: Any, options: _Options) -> None:
    """Adds an operation by its matrix, or by its diagonal if it is given as one."""
    if isinstance(op, qml.ops.Controlled):
        under = _controlled(options, op.control_wires.labels, op.control_values)
        _add_matrix(circuit, op.base, under)
    elif op.name == "DiagonalQubitUnitary":
        circuit.apply_diagonal(np.asarray(op.data[0]), tuple(op.wires), **options)
    else:
        circuit.apply(matrix(op), tuple(op.wires), **options)


def matrix(op: Any) -> NDArray[Any]:
    """The matrix of an operator on its own wires, after the axis of a batch if it has one."""
    dense = op.matrix() if op.has_matrix else op.sparse_matrix().toarray()
    return np.asarray(dense)


def add(circuit: Circuit, op: Any) -> None:
    """Adds an operation of PennyLane that has no batch.

    >>> circuit = Circuit(2)
    >>> add(circuit, qml.ctrl(qml.RX(0.5, 1), 0, control_values=[0]))
    >>> list(circuit)
    [Operation(name='rx', params=(0.5,), qubits=(1,), controls=(0,), control_values=(0,))]
    """
    if has_angles(op):
        _add_gate(circuit, op, op.data, {})
    else:
        _add_matrix(circuit, op, {})


class Program:
    """What a tape does to states: circuits, and functions of the states between them.

    Parameters
    ----------
    tape : pennylane.tape.QuantumScript
        Its wires are 0, 1, ..., and its operations are such that `is_supported`.
    trainable : collection of int
        The numbers of the tape's parameters that become parameters of the circuits.
    snapshot : callable, optional
        Is given each snapshot and the states at it.
    num_qubits : int, optional
        Those of the tape, if not given.

    Raises
    ------
    pennylane.exceptions.DeviceError
        For an operation without derivative that has a trainable parameter, and for angles that are
        no finite real numbers.
    """

    def __init__(
        self,
        tape: Any,
        trainable: Collection[int] = (),
        snapshot: Callable[[Any, NDArray[Any]], None] | None = None,
        num_qubits: int | None = None,
    ) -> None:
        self.num_qubits: int = tape.num_wires if num_qubits is None else num_qubits
        self.batch_size: int | None = tape.batch_size
        self.values: dict[str, Any] = {}
        self.bits: dict[Any, int] = {}
        self.kept = 1.0
        """The probability of what has been projected on."""
        self.steps: list[Circuit | Callable[[NDArray[Any], slice], None]] = []
        self._trainable = frozenset(trainable)
        self._snapshot = snapshot
        self._circuit = Circuit(self.num_qubits)
        operations = list(tape.operations)
        self._start: Any = None
        number = 0  # of the parameter that comes next
        if operations and isinstance(operations[0], qml.operation.StatePrepBase):
            self._start = operations.pop(0)
            number = len(self._start.data)
            self._refuse_trainable(self._start, 0)
        for op in operations:
            self._add(op, number)
            number += len(op.data)
        if len(self._circuit) or not self.steps:
            self.steps.append(self._circuit)

    @property
    def has_start(self) -> bool:
        """Whether the tape begins by preparing a state."""
        return self._start is not None

    def states(self, part: slice, dtype: Any) -> NDArray[Any]:
        """The states that the tape starts from: one, or those of a part of the batch."""
        n = self.num_qubits
        size = None if self.batch_size is None else len(range(self.batch_size)[part])
        start = self._start
        if isinstance(start, qml.BasisState) and size is None:
            bits = dict(zip(start.wires, np.asarray(start.data[0]), strict=True))
            return basis_state(n, [int(bits.get(qubit, 0)) for qubit in range(n)], dtype)
        if start is None and size is None:
            return zero_state(n, dtype)
        shape = (2**n,) if size is None else (size, 2**n)
        if start is None:
            states = np.zeros(shape, dtype)
            states[:, 0] = 1
            return states
        vector = start.state_vector(wire_order=range(n))
        vector = vector.toarray() if hasattr(vector, "toarray") else np.asarray(vector)
        states = np.empty(shape, dtype)
        states[...] = vector.reshape(-1, 2**n)[part if start.batch_size else slice(None)].reshape(
            shape if start.batch_size else 2**n
        )
        return states

    def run(self, states: NDArray[Any], part: slice, rng: Any = None, batch: int = 0) -> Any:
        """Does everything to states, in place; gives the classical bits, if there are any."""
        values = {
            name: value[part] if np.ndim(value) else value for name, value in self.values.items()
        }
        bits = None
        for step in self.steps:
            if isinstance(step, Circuit):
                known = {parameter.name: values[parameter.name] for parameter in step.parameters}
                bits = step.run(states, known, batch=batch, rng=rng)
            else:
                step(states, part)
        return bits

    def _add(self, op: Any, number: int) -> None:
        if has_angles(op):  # most have, and the others take longer to tell apart
            self._add_angles(op, number, {})
        elif isinstance(op, qml.Snapshot):
            if (snapshot := self._snapshot) is not None:
                self._between(lambda states, part: snapshot(op, states))
        elif isinstance(op, qml.ops.MidMeasure):
            self._measure(op)
        elif isinstance(op, qml.ops.Conditional):
            self._add_condition(op, number)
        elif isinstance(op, qml.Projector):
            self._between(lambda states, part: self._project(op, states))
        else:
            self._add_array(op, number, {})

    def _add_angles(self, op: Any, number: int, options: _Options) -> None:
        angles = [self._angle(value, number + i) for i, value in enumerate(op.data)]
        try:
            _add_gate(self._circuit, op, angles, options)
        except (TypeError, ValueError) as error:
            raise qml.exceptions.DeviceError(
                f"{op} is not supported with numket.qubit: {error}"
            ) from error

    def _add_array(self, op: Any, number: int, options: _Options) -> None:
        self._refuse_trainable(op, number)
        if self.batch_size is not None and op.batch_size is not None:
            matrices = matrix(op)
            self._between(
                lambda states, part: apply(states, matrices[part], tuple(op.wires), batch=1)
            )
        else:
            _add_matrix(self._circuit, op, options)

    def _angle(self, value: Any, number: int) -> Any:
        if number not in self._trainable and not getattr(value, "ndim", 0):
            return value
        name = str(number)
        self.values[name] = np.asarray(value)
        return Parameter(name)

    def _refuse_trainable(self, op: Any, number: int) -> None:
        if not self._trainable.isdisjoint(range(number, number + len(op.data))):
            raise qml.exceptions.DeviceError(
                f"{op.name} has a trainable parameter and no derivative by it on numket.qubit: "
                "decompose it, or use diff_method='parameter-shift'"
            )

    def _between(self, step: Callable[[NDArray[Any], slice], None]) -> None:
        """What is done to the states after the operations so far."""
        if len(self._circuit):
            self.steps.append(self._circuit)
        self._circuit = Circuit(self.num_qubits)
        self.steps.append(step)

    def _project(self, op: Any, states: NDArray[Any]) -> None:
        """Leaves NaN where the outcome is impossible, as default.qubit does."""
        if states.ndim != 1:
            raise qml.exceptions.DeviceError(
                "Projector is not supported with parameter broadcasting on numket.qubit: use the "
                "transform broadcast_expand"
            )
        try:
            probability = project(states, tuple(op.wires), [int(bit) for bit in op.data[0]])
        except ValueError:
            probability = 0.0
        if probability <= IMPOSSIBLE:
            probability = 0.0
            states[...] = np.nan
        self.kept *= min(probability, 1.0)

    def _measure(self, op: Any) -> None:
        bit = self.bits[op] = len(self.bits)
        (qubit,) = op.wires
        self._circuit.measure(qubit, bit)
        if op.reset:
            self._circuit.x(qubit, condition={bit: 1})

    def _add_condition(self, op: Any, number: int) -> None:
        """Once for each outcome that asks for it; no two of them hold at a time."""
        bits = [self.bits[measurement] for measurement in op.meas_val.measurements]
        for outcome, wanted in op.meas_val.items():
            if not wanted:
                continue
            options = {"condition": dict(zip(bits, outcome, strict=True))}
            add = self._add_angles if has_angles(op.base) else self._add_array
            add(op.base, number, options)
