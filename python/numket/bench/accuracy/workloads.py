"""The circuits whose errors are measured, by name: at least so many gates on so many qubits."""

from collections.abc import Callable
from math import pi

import numpy as np

import numket as nk
from numket.bench.compare.workloads import qft as qft_once


def random(n: int, gates: int) -> nk.Circuit:
    """H, rotations, phases and entanglers on random qubits."""
    rng, circuit = np.random.default_rng(7), nk.Circuit(n)
    for name in rng.choice(["h", "rx", "ry", "rz", "cx", "cz", "cp", "rzz"], gates).tolist():
        angle = rng.uniform(-pi, pi)
        a, b = rng.permutation(n)[:2].tolist()
        angles = (angle,) if name in ("rx", "ry", "rz", "cp", "rzz") else ()
        getattr(circuit, name)(*angles, *((a, b) if name[0] == "c" or name == "rzz" else (a,)))
    return circuit


def brickwork(n: int, gates: int) -> nk.Circuit:
    """Layers of RX, RY, RZ on all qubits, and CX or CZ on alternating neighbours."""
    rng, circuit, layer = np.random.default_rng(1), nk.Circuit(n), 0
    while len(circuit) < gates:
        for q in range(n):
            a, b, c = rng.uniform(-pi, pi, 3)
            circuit.rx(a, q).ry(b, q).rz(c, q)
        for q in range(layer % 2, n - 1, 2):
            (circuit.cz if rng.random() < 0.5 else circuit.cx)(q, q + 1)
        layer += 1
    return circuit


def heisenberg(n: int, gates: int) -> nk.Circuit:
    """Trotter steps of the Heisenberg chain in a field, from the Neel state."""
    circuit = nk.Circuit(n)
    for q in range(0, n, 2):
        circuit.x(q)
    while len(circuit) < gates:
        for q in range(n - 1):
            circuit.rxx(0.1, q, q + 1).ryy(0.1, q, q + 1).rzz(0.1, q, q + 1)
        for q in range(n):
            circuit.rz(0.07, q)
    return circuit


def tfim(n: int, gates: int) -> nk.Circuit:
    """Trotter steps of the transverse-field Ising chain."""
    circuit = nk.Circuit(n)
    while len(circuit) < gates:
        for q in range(n - 1):
            circuit.rzz(0.1, q, q + 1)
        for q in range(n):
            circuit.rx(0.2, q)
    return circuit


def qft(n: int, gates: int) -> nk.Circuit:
    """Quantum Fourier transforms of a product state, one after the other."""
    rng, circuit = np.random.default_rng(3), nk.Circuit(n)
    for q in range(n):
        circuit.ry(rng.uniform(0.5, 2.5), q).rz(rng.uniform(0.5, 2.5), q)
    while len(circuit) < gates:
        circuit.compose(qft_once(n))
    return circuit


WORKLOADS: dict[str, Callable[[int, int], nk.Circuit]] = {
    "random": random,
    "brickwork": brickwork,
    "heisenberg": heisenberg,
    "tfim": tfim,
    "qft": qft,
}
