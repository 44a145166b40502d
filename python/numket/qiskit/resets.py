"""Exact means after circuits that reset qubits: a reset leaves a mixture of states."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import density
from numket.circuit import Operation, rebuild

MOST_QUBITS = 24
"""Of a state that stands for a mixture: 256 MiB. Where it needed more, resets are drawn."""

_RESET = np.array([[[1, 0], [0, 0]], [[0, 1], [0, 0]]])
"""The Kraus operators |0><0| and |0><1|."""


def fresh_qubits(
    circuit: nk.Circuit, sums: list[nk.PauliSum]
) -> tuple[nk.Circuit, list[nk.PauliSum]]:
    """The circuit and observables where each reset goes on with a qubit of its own, 0 until then.

    Nobody looks at the qubit before. The resets are of one qubit each.

    >>> circuit = nk.Circuit(2).h(0).cx(0, 1).reset(0)
    >>> pure, [total] = fresh_qubits(circuit, [nk.PauliSum({"ZZ": 1.0})])
    >>> len(pure), total
    (2, PauliSum({'IZZ': 1.0}))
    >>> pure.expectation(total)
    0.0
    """
    now = list(range(circuit.num_qubits))
    operations: list[Operation] = []
    used = circuit.num_qubits
    for operation in circuit:
        if operation.name == "reset":
            now[operation.qubits[0]] = used
            used += 1
            continue
        qubits = tuple(now[qubit] for qubit in operation.qubits)
        controls = tuple(now[qubit] for qubit in operation.controls)
        operations.append(operation._replace(qubits=qubits, controls=controls))
    moved = [nk.PauliSum([(word, now, c) for word, c in total], num_qubits=used) for total in sums]
    return rebuild(used, operations, circuit.parameters), moved


def mixture(circuit: nk.Circuit, row: NDArray[np.float64]) -> NDArray[np.complexfloating[Any, Any]]:
    """The density matrix after a circuit whose resets are of one qubit each.

    >>> mixture(nk.Circuit(1).h(0).reset(0).x(0), np.empty(0)).real.round(12)
    array([[0., 0.],
           [0., 1.]])
    """
    n = circuit.num_qubits
    rho = density.zero_density(n)
    part: list[Operation] = []
    for operation in [*circuit, None]:
        if operation is not None and operation.name != "reset":
            part.append(operation)
            continue
        density.run(rho, rebuild(n, part, circuit.parameters), row)
        part = []
        if operation is not None:
            density.apply_channel(rho, _RESET, operation.qubits)
    return rho
