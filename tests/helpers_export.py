"""Circuits with an operation of every kind, for exports to other frameworks."""

import numpy as np

import numket as nk
from numket import _core

ANGLES = (0.3, -1.1, 2.0, 0.7)


def unitary(rng, k):
    matrix = rng.normal(size=(2**k, 2**k)) + 1j * rng.normal(size=(2**k, 2**k))
    return np.linalg.qr(matrix)[0]


def unitary_circuits(rng):
    """By name, circuits on 5 qubits of one operation, with and without further controls."""
    made = {}

    def add(name, *given, **options):
        for key, value in (
            ("", {}),
            (" controlled", {"controls": [4, 3], "control_values": [0, 1]}),
        ):
            # What is before it makes phases and the order of qubits matter.
            circuit = nk.Circuit(5)
            getattr(circuit, name)(*given, **options, **value)
            made[name + key] = circuit

    for gate in _core.GATES:
        qubits = [2, 0, 1][: len(gate["qubits"])]
        add(gate["name"], *ANGLES[: len(gate["params"])], *qubits)
    add("apply", unitary(rng, 2), (2, 0))
    add("apply_diagonal", np.exp(1j * rng.normal(size=8)), (2, 0, 1))
    add("apply_permutation", rng.permutation(8), (2, 0, 1))
    add("apply_pauli", "XIZ", (2, 0, 1))
    add("pauli_rotation", 0.4, "YZX", (2, 0, 1))
    add("gphase", 0.6)
    add("phase", rng.normal(size=8), 0.4, (2, 0, 1))
    return made
