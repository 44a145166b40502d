"""The circuits that are compared, by name."""

from math import pi

import numpy as np

import numket as nk

LAYERS = 20
"""Of the brickwork."""
STEPS = 10
"""Of the TFIM chain."""
ENTANGLERS = 10
"""Rings of CX in the QCBM."""


def ghz(n: int) -> nk.Circuit:
    """H and a chain of CX."""
    circuit = nk.Circuit(n).h(0)
    for q in range(n - 1):
        circuit.cx(q, q + 1)
    return circuit


def qft(n: int) -> nk.Circuit:
    """The quantum Fourier transform with its swaps."""
    circuit = nk.Circuit(n)
    for i in range(n):
        circuit.h(i)
        for j in range(i + 1, n):
            circuit.cp(pi / 2 ** (j - i), j, i)
    for i in range(n // 2):
        circuit.swap(i, n - 1 - i)
    return circuit


def brickwork(n: int) -> nk.Circuit:
    """Layers of RX, RY, RZ on all qubits, and CX or CZ on alternating neighbours."""
    random, circuit = np.random.default_rng(1), nk.Circuit(n)
    for layer in range(LAYERS):
        for q in range(n):
            a, b, c = random.uniform(-pi, pi, 3)
            circuit.rx(a, q).ry(b, q).rz(c, q)
        for q in range(layer % 2, n - 1, 2):
            (circuit.cz if random.random() < 0.5 else circuit.cx)(q, q + 1)
    return circuit


def tfim(n: int) -> nk.Circuit:
    """Trotter steps of the transverse-field Ising chain."""
    circuit = nk.Circuit(n)
    for _ in range(STEPS):
        for q in range(n - 1):
            circuit.rzz(0.1, q, q + 1)
        for q in range(n):
            circuit.rx(0.2, q)
    return circuit


def qcbm(n: int) -> nk.Circuit:
    """A quantum circuit Born machine: rings of CX between layers of rotations, 41 n operations."""
    random, circuit = np.random.default_rng(2), nk.Circuit(n)

    def rotations(*names: str) -> None:
        for q in range(n):
            for name in names:
                getattr(circuit, name)(random.uniform(-pi, pi), q)

    rotations("rx", "rz")
    for ring in range(ENTANGLERS):
        if ring > 0:
            rotations("rz", "rx", "rz")
        for q in range(n):
            circuit.cx(q, (q + 1) % n)
    rotations("rz", "rx")
    return circuit


def qv(n: int) -> nk.Circuit:
    """Quantum volume: n layers of random unitaries on random pairs of qubits."""
    random, circuit = np.random.default_rng(3), nk.Circuit(n)
    for _ in range(n):
        order = random.permutation(n).tolist()
        for a, b in zip(order[::2], order[1::2], strict=False):
            circuit.apply(_haar(random), (a, b))
    return circuit


def _haar(random: np.random.Generator) -> np.ndarray:
    """A matrix from SU(4), uniformly."""
    q, r = np.linalg.qr(random.normal(size=(4, 4)) + 1j * random.normal(size=(4, 4)))
    unitary = q * (np.diag(r) / abs(np.diag(r)))
    return np.asarray(unitary / np.linalg.det(unitary) ** 0.25)


WORKLOADS = {
    "ghz": ghz,
    "qft": qft,
    "brickwork": brickwork,
    "tfim": tfim,
    "qcbm": qcbm,
    "qv": qv,
}
HEADLINE = ("ghz", "qft", "brickwork", "tfim")
"""Those of the headline mean."""
