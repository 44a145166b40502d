"""Circuits that measure, reset, or have channels and conditions, on states over several ranks.

All ranks draw alike, and put down what is to be done before the next draw that has to look at the
state; that is planned, and run, as one circuit. A channel whose operators are multiples of unitary
ones need not look.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.circuit import DRAWS, Operation, rebuild
from numket.mpi.agreement import agreed, total

if TYPE_CHECKING:
    from numket.mpi.outcomes import Outcomes

ROUNDED = 1e-15
"""How far ``K.conj().T @ K`` may be from a multiple of the identity by rounding."""


def draws(operation: Operation) -> int:
    """How many random numbers an operation takes, whether its condition holds or not.

    >>> [draws(o) for o in nk.Circuit(2).measure([0, 1], readout_error=(0.1, 0.2)).x(0).reset(1)]
    [4, 0, 1]
    """
    if operation.name == "apply_kraus":
        return 1
    if operation.name == "measure" and operation.params:
        return 2 * len(operation.qubits)
    return len(operation.qubits) if operation.name in DRAWS else 0


def is_script(circuit: nk.Circuit) -> bool:
    """Whether a circuit is more than unitary operations.

    >>> is_script(nk.Circuit(1).x(0)), is_script(nk.Circuit(1).reset(0))
    (False, True)
    """
    return any(operation.condition or operation.name in DRAWS for operation in circuit)


def check_widths(circuit: nk.Circuit, room: int, renames: bool = True) -> None:
    """Refuse what mixes more qubits than a rank's part has, before anything is done.

    >>> check_widths(nk.Circuit(2).reset(0).apply_kraus(nk.channels.bit_flip(0.1), 1), 1)
    """
    nothing = Operation("gphase", (0.0,), ())  # in the place of what draws
    unitary = [nothing if each.name in DRAWS else each._replace(condition=()) for each in circuit]
    rebuild(circuit.num_qubits, unitary, circuit.parameters).segments(room, relabel=renames)
    most = max((len(each.qubits) for each in circuit if each.name == "apply_kraus"), default=0)
    if most > room:
        raise ValueError(
            f"a channel of the circuit mixes {most} qubits, and {room} have room in each part of "
            "the state: use fewer ranks"
        )


def run_script(
    state: "Outcomes",
    circuit: nk.Circuit,
    uniforms: NDArray[np.float64],
    run: Callable[[nk.Circuit, int], object],
) -> NDArray[np.int8]:
    """Runs it, with one number for each draw; `run` does unitary circuits. Returns the bits."""
    bits = np.zeros(circuit.num_bits, np.int8)
    pending: list[Operation] = []

    def flush(done: int) -> None:
        run(rebuild(circuit.num_qubits, pending, circuit.parameters), done)
        pending.clear()

    for number, operation in enumerate(circuit):
        own, uniforms = np.split(uniforms, [draws(operation)])
        if any(bits[bit] != value for bit, value in operation.condition):
            continue
        qubits = operation.qubits
        if operation.name == "measure":
            flush(number)
            step = 2 if operation.params else 1
            found = state._found(list(qubits), own[::step])
            if operation.params:
                chances = np.array(operation.params)[found]
                found ^= (own[1::2] < chances).astype(np.int8)
            bits[list(operation.bits)] = found
        elif operation.name == "reset":
            flush(number)
            found = state._found(list(qubits), own)
            pending += [
                Operation("x", (), (q,)) for q, one in zip(qubits, found, strict=True) if one
            ]
        elif operation.name == "apply_kraus":
            operators = operation.params[0]
            weights = fixed_weights(operators)
            if weights is None:
                flush(number)
                density = density_of(state, list(qubits))
                effects = operators.conj().swapaxes(1, 2) @ operators
                weights = np.einsum("mij,ji->m", effects, density).real.clip(0)
            chosen, weight = choose(weights, own[0])
            matrix = operators[chosen] / np.sqrt(weight)
            if not np.array_equal(matrix, matrix[0, 0].real * np.eye(len(matrix))):
                pending.append(Operation("apply", (matrix,), qubits))
        else:
            pending.append(operation._replace(condition=()))
    flush(len(circuit))
    return bits


def fixed_weights(operators: NDArray[Any]) -> NDArray[np.float64] | None:
    """The probabilities of operators, where these are the same for all states.

    >>> fixed_weights(nk.channels.bit_flip(0.25)).round(3)
    array([0.75, 0.25])
    >>> fixed_weights(nk.channels.amplitude_damping(0.1)) is None
    True
    """
    effects = operators.conj().swapaxes(1, 2) @ operators
    weights = effects[:, 0, 0].real
    identity = np.eye(operators.shape[1])
    off = abs(effects - weights[:, np.newaxis, np.newaxis] * identity).max()
    return weights if off <= ROUNDED else None


def choose(weights: NDArray[np.float64], uniform: float) -> tuple[int, float]:
    """The index of an operator, and its probability; what has probability 0 is never chosen.

    >>> choose(np.array([0.0, 0.5, 0.5, 0.0]), 0.6)
    (2, 0.5)
    """
    rest, chosen = uniform * weights.sum(), 0
    if not 0 < weights.sum() < np.inf:
        nk.measure(np.zeros(2, complex), 0)  # refuses such a state as it refuses all
    for number in np.flatnonzero(weights > 0):
        chosen = int(number)
        if rest < weights[number]:
            break
        rest -= weights[number]
    return chosen, float(weights[chosen] / weights.sum())


def density_of(state: "Outcomes", qubits: list[int]) -> NDArray[np.complex128]:
    """The density matrix of some qubits, which become axes."""
    axes = state._axes()
    room = state.num_qubits - state._bits
    stay = [qubit for qubit in axes if qubit not in qubits]
    state._exchange(state._pairs({*qubits, *stay[: room - len(qubits)]}))
    own = state._axes()

    def read() -> NDArray[np.complex128]:
        listed = [own[qubit] for qubit in qubits]
        return nk.reduced_density_matrix(state._part(), listed, threads=state._threads())

    return total(state.comm, agreed(state.comm, read))
