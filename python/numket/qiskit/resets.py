"""Exact means after circuits that reset qubits: a reset leaves a mixture of states."""

import numket as nk
from numket.circuit import Operation, rebuild

MOST_QUBITS = 24
"""Of a state that stands for a mixture: 256 MiB. Where it needed more, resets are drawn."""


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
