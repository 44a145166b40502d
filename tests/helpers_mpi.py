"""Circuits for the tests of states over several ranks, which import no MPI."""

import numpy as np

import numket as nk
import oracle
from numket import _core

A, B = nk.Parameter("a"), nk.Parameter("b")


def unitary_circuit(rng, n, operations):
    """As `random_circuit`, of unitary operations, all of whose angles may be parameters."""
    circuit, _ = random_circuit(rng, n, operations, low=1.0, high=1.0, share=0.6)
    names = [parameter.name for parameter in circuit.parameters]
    return circuit, [{"a": 0.7, "b": 0.2}[name] for name in names]


def random_circuit(rng, n, operations, low=0.8, high=1.2, share=0.2):
    """A circuit of all operations that are unitary, or diagonal, and values of its parameters."""
    circuit = nk.Circuit(n, [B])
    for _ in range(operations):
        order = [int(qubit) for qubit in rng.permutation(n)]

        def cut(most, order=order):
            """Some qubits, and controls on some others."""
            k = int(rng.integers(1, min(most, n) + 1))
            more = int(rng.integers(0, min(3, n - k + 1)))
            controls = order[n - more :]
            values = [int(value) for value in rng.integers(0, 2, more)]
            return k, order[:k], {"controls": controls, "control_values": values}

        kind = rng.integers(9)
        if kind < 4:
            gate = _core.GATES[rng.integers(len(_core.GATES))]
            k = len(gate["qubits"])
            angles = [
                2 * A + 0.3 if rng.random() < share else rng.uniform(-3, 3) for _ in gate["params"]
            ]
            more = {"controls": order[k : k + 1]} if rng.random() < 0.3 and k < n else {}
            getattr(circuit, gate["name"])(*angles, *order[:k], **more)
            continue
        k, qubits, controls = cut(2 if kind in (4, 8) else 3)
        letters = "".join(rng.choice(list("IXYZ"), k))
        if kind == 4:
            circuit.apply(oracle.random_unitary(rng, k), qubits, **controls)
        elif kind == 5:
            diagonal = rng.uniform(low, high, 2**k) * np.exp(6j * rng.random(2**k))
            circuit.apply_diagonal(diagonal, qubits, **controls)
        elif kind == 6 and rng.random() < 0.5:
            circuit.apply_pauli(letters, qubits, **controls)
        elif kind == 6:
            circuit.pauli_rotation(A - B, letters, qubits, **controls)
        elif kind == 7:
            circuit.phase(rng.uniform(-1, 1, 2**k), A * 0.5, qubits, **controls)
        else:
            circuit.apply_permutation(rng.permutation(2**k), qubits, **controls)
            circuit.gphase(0.3, **controls)
    values = {"a": 0.7, "b": 0.2}
    return circuit, [values[parameter.name] for parameter in circuit.parameters]


def ghz(n):
    circuit = nk.Circuit(n).h(0)
    for qubit in range(n - 1):
        circuit.cx(qubit, qubit + 1)
    return circuit


def qft(n):
    circuit = nk.Circuit(n)
    for target in range(n):
        circuit.h(target)
        for control in range(target + 1, n):
            circuit.cp(np.pi / 2 ** (control - target), control, target)
    for qubit in range(n // 2):
        circuit.swap(qubit, n - 1 - qubit)
    return circuit


def brickwork(n, layers=20):
    circuit = nk.Circuit(n)
    for layer in range(layers):
        for qubit in range(n):
            circuit.ry(0.1 + qubit, qubit).rz(0.2 * qubit, qubit)
        for qubit in range(layer % 2, n - 1, 2):
            circuit.cx(qubit, qubit + 1)
    return circuit


def ising(n, layers=10):
    circuit = nk.Circuit(n)
    for _ in range(layers):
        for qubit in range(n - 1):
            circuit.rzz(0.1, qubit, qubit + 1)
        circuit.rx(0.2, range(n))
    return circuit


def ring(n, layers=10):
    circuit = nk.Circuit(n)
    for _ in range(layers):
        for qubit in range(n):
            circuit.rx(0.1, qubit).rz(0.2, qubit)
        for qubit in range(n):
            circuit.cx(qubit, (qubit + 1) % n)
    return circuit


def layers_of_rotations(n):
    """A circuit with a parameter for each rotation, and their number."""
    circuit, count = nk.Circuit(n), 0
    for layer in range(3):
        for qubit in range(n):
            circuit.ry(nk.Parameter(f"y{count}"), qubit).rz(nk.Parameter(f"z{count}"), qubit)
            count += 1
        for qubit in range(layer % 2, n - 1, 2):
            circuit.cx(qubit, qubit + 1)
    return circuit, 2 * count


def phases_of_a_chain(n):
    """A circuit with few parameters, in gates of which ranks see phases alone."""
    circuit = nk.Circuit(n).h(range(n))
    for layer in range(2):
        angle = nk.Parameter(f"p{layer}")
        for qubit in range(n - 1):
            circuit.cp(angle, qubit, qubit + 1).p(0.5 * angle, qubit)
        circuit.swap(0, n - 1).u(nk.Parameter(f"u{layer}"), angle, 0.3, 0)
        circuit.rx(nk.Parameter(f"x{layer}"), range(n))
    return circuit, 6


ANSATZES = [layers_of_rotations, phases_of_a_chain]

WORKLOADS = {"GHZ": ghz, "QFT": qft, "brickwork": brickwork, "TFIM": ising, "QCBM": ring}


def volume(circuit, bits):
    """Exchanges, and the shards that each rank sends, from qubits in order."""
    now = set(range(bits, circuit.num_qubits))
    exchanges = shards = 0
    for segment in circuit.segments(circuit.num_qubits - bits, relabel=True).segments:
        come = len(set(segment.local) - now)
        now, exchanges, shards = set(segment.local), exchanges + (come > 0), shards + 1 - 2.0**-come
    return exchanges, shards
