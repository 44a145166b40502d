"""How people apply gates by hand, each before and after numket.

Both of a pair take a state, and return it changed. States are tensors of shape ``(2,) * n``, gates
are tensors of shape ``(2,) * (2 * k)``, unless the idiom has them otherwise; qubit 0 is axis 0. The
page ``docs/idioms.md`` shows these functions, the tests compare their results, and ``numket bench
dropin`` their times. Frameworks are imported where they are used.
"""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import compat

State: TypeAlias = NDArray[Any]


def tensordot_before(psi: State, gate: State, q: int) -> State:
    psi = np.tensordot(gate, psi, axes=([1], [q]))
    return np.moveaxis(psi, 0, q)


def tensordot_after(psi: State, gate: State, q: int) -> State:
    nk.apply(psi, gate, q)
    return psi


def einsum_before(psi: State, gate: State, a: int, b: int) -> Any:
    axes = [chr(ord("a") + axis) for axis in range(psi.ndim)]
    new = axes.copy()
    new[a], new[b] = "Y", "Z"
    return np.einsum(f"YZ{axes[a]}{axes[b]},{''.join(axes)}->{''.join(new)}", gate, psi)


def einsum_after(psi: State, gate: State, a: int, b: int) -> Any:
    axes = [chr(ord("a") + axis) for axis in range(psi.ndim)]
    new = axes.copy()
    new[a], new[b] = "Y", "Z"
    return compat.einsum(f"YZ{axes[a]}{axes[b]},{''.join(axes)}->{''.join(new)}", gate, psi)


def matmul_before(psi: State, gate: State, a: int, b: int) -> State:
    order = [a, b, *(q for q in range(psi.ndim) if q not in (a, b))]
    columns = psi.transpose(order).reshape(4, -1)
    psi = (gate.reshape(4, 4) @ columns).reshape(psi.shape)
    return psi.transpose(np.argsort(order))


def matmul_after(psi: State, gate: State, a: int, b: int) -> State:
    nk.apply(psi, gate, (a, b))
    return psi


def slices_before(psi: State, gate: State, q: int) -> State:
    view = psi.reshape(2**q, 2, -1)
    new = np.empty_like(view)
    new[:, 0] = gate[0, 0] * view[:, 0] + gate[0, 1] * view[:, 1]
    new[:, 1] = gate[1, 0] * view[:, 0] + gate[1, 1] * view[:, 1]
    return new.reshape(psi.shape)


def slices_after(psi: State, gate: State, q: int) -> State:
    nk.apply(psi, gate, q)
    return psi


def kron_before(psi: State, gate: State, q: int) -> State:
    n = psi.size.bit_length() - 1
    full = reduce(np.kron, [gate if p == q else np.eye(2) for p in range(n)])
    return full @ psi


def kron_after(psi: State, gate: State, q: int) -> Any:
    n = psi.size.bit_length() - 1
    full = reduce(compat.kron, [gate if p == q else np.eye(2) for p in range(n)])
    return full @ psi


def controlled_before(psi: State, gate: State, control: int, target: int) -> State:
    on = (slice(None),) * control + (1,)
    axis = target - (target > control)
    psi = psi.copy()
    psi[on] = np.moveaxis(np.tensordot(gate, psi[on], axes=([1], [axis])), 0, axis)
    return psi


def controlled_after(psi: State, gate: State, control: int, target: int) -> State:
    nk.apply(psi, gate, target, controls=[control])
    return psi


def masks_before(psi: State, gate: State, q: int) -> State:
    index = np.arange(psi.size)
    zeros = index[index >> q & 1 == 0]  # qubit 0 is the least significant bit
    ones = zeros | 1 << q
    a, b = psi[zeros], psi[ones]
    psi[zeros] = gate[0, 0] * a + gate[0, 1] * b
    psi[ones] = gate[1, 0] * a + gate[1, 1] * b
    return psi


def masks_after(psi: State, gate: State, q: int) -> State:
    nk.apply(nk.little_endian(psi), gate, q)
    return psi


def qaoa_before(psi: State, gamma: float, beta: float) -> State:
    n = psi.size.bit_length() - 1
    signs = 1 - 2 * (np.arange(psi.size)[:, None] >> np.arange(n)[::-1] & 1)
    energies = np.sum(signs[:, :-1] * signs[:, 1:], axis=1)
    psi = psi * np.exp(-1j * gamma * energies)
    mixer = np.array([[np.cos(beta), -1j * np.sin(beta)], [-1j * np.sin(beta), np.cos(beta)]])
    psi = psi.reshape((2,) * n)
    for q in range(n):
        psi = np.moveaxis(np.tensordot(mixer, psi, axes=([1], [q])), 0, q)
    return psi.reshape(-1)


def qaoa_after(psi: State, gamma: float, beta: float) -> State:
    n = psi.size.bit_length() - 1
    layer = nk.Circuit(n)
    for q in range(n - 1):
        layer.rzz(2 * gamma, q, q + 1)
    for q in range(n):
        layer.rx(2 * beta, q)
    layer.run(psi)
    return psi


def cirq_before(psi: State, gate: State, a: int, b: int) -> Any:
    import cirq

    return cirq.targeted_left_multiply(gate, psi, [a, b])


def cirq_after(psi: State, gate: State, a: int, b: int) -> Any:
    return compat.targeted_left_multiply(gate, psi, [a, b], out=psi)


def qiskit_before(state: Any, circuit: Any) -> Any:
    return state.evolve(circuit)


def qiskit_after(state: Any, circuit: Any) -> Any:
    return compat.evolve(state, circuit)


def pennylane_before(psi: State, operation: Any) -> Any:
    from pennylane.devices import qubit

    return qubit.apply_operation(operation, psi)


def pennylane_after(psi: State, operation: Any) -> Any:
    return compat.apply_operation(operation, psi)


H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
ISWAP = np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]]).reshape(2, 2, 2, 2)


def one_qubit(n: int) -> Iterator[tuple[Any, ...]]:
    """A gate on each qubit."""
    for q in range(n):
        yield H, q


def two_qubits(n: int) -> Iterator[tuple[Any, ...]]:
    """A gate on all neighbours, in both orders."""
    for q in range(n - 1):
        yield (ISWAP, q, q + 1) if q % 2 else (ISWAP, q + 1, q)


def controlled(n: int) -> Iterator[tuple[Any, ...]]:
    """A gate on each qubit, controlled by a neighbour."""
    for q in range(n - 1):
        yield (H, q, q + 1) if q % 2 else (H, q + 1, q)


def angles(_: int) -> Iterator[tuple[Any, ...]]:
    """Two layers."""
    yield 0.3, 0.7
    yield 0.2, 0.4


def circuits(n: int) -> Iterator[tuple[Any, ...]]:
    """One circuit of 5 n gates."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(n)
    for q in range(n):
        circuit.h(q)
        circuit.rz(0.1 * q, q)
        circuit.cx(q, (q + 1) % n)
        circuit.ry(0.2 * q, q)
        circuit.rzz(0.3, q, (q + 1) % n)
    yield (circuit,)


def operations(n: int) -> Iterator[tuple[Any, ...]]:
    """Rotations on all qubits, and CNOTs between neighbours."""
    import pennylane

    for q in range(n):
        yield (pennylane.RX(0.1 * q + 0.1, q),)
        yield (pennylane.CNOT([q, (q + 1) % n]),)


class Idiom(NamedTuple):
    """A pair, and what it is tried with."""

    text: str
    before: Callable[..., Any]
    after: Callable[..., Any]
    calls: Callable[[int], Iterator[tuple[Any, ...]]]
    """What follows the state in each call, for so many qubits."""
    form: str = "tensor"
    """Of the state: ``tensor``, ``flat`` or ``Statevector``."""
    largest: int = 20
    """Qubits that the idiom can do in reasonable time and memory."""
    needs: str | None = None
    """The distribution that it is an idiom of."""

    def state(self, n: int) -> Any:
        """A dense state of n qubits in the form of the idiom."""
        psi = nk.zero_state(n)
        for q in range(n):
            nk.ry(psi, 0.1 * q + 0.2, q)
        if self.form == "tensor":
            return psi.reshape((2,) * n)
        if self.form == "Statevector":
            from qiskit.quantum_info import Statevector

            return Statevector(psi)
        return psi

    def run(self, function: Callable[..., Any], state: Any) -> Any:
        """The state after all calls of one of the pair, as an array."""
        for arguments in self.calls(np.size(state).bit_length() - 1):
            state = function(state, *arguments)
        return np.asarray(state)


IDIOMS = {
    "tensordot": Idiom("tensordot and moveaxis", tensordot_before, tensordot_after, one_qubit),
    "einsum": Idiom("einsum with letters", einsum_before, einsum_after, two_qubits),
    "matmul": Idiom("transpose, reshape and matmul", matmul_before, matmul_after, two_qubits),
    "slices": Idiom("slices of (before, 2, after)", slices_before, slices_after, one_qubit),
    "kron": Idiom("a chain of kron", kron_before, kron_after, one_qubit, "flat", 11),
    "controlled": Idiom("controls by slicing", controlled_before, controlled_after, controlled),
    "masks": Idiom("index masks, little-endian", masks_before, masks_after, one_qubit, "flat"),
    "qaoa": Idiom("a phase and a mixer of QAOA", qaoa_before, qaoa_after, angles, "flat"),
    "cirq": Idiom(
        "cirq.targeted_left_multiply", cirq_before, cirq_after, two_qubits, needs="cirq-core"
    ),
    "qiskit": Idiom(
        "Statevector.evolve", qiskit_before, qiskit_after, circuits, "Statevector", needs="qiskit"
    ),
    "pennylane": Idiom(
        "apply_operation", pennylane_before, pennylane_after, operations, needs="pennylane"
    ),
}
"""By the name of the section of ``docs/idioms.md``."""
