"""Circuits with parameters, and their derivatives by differences, for tests of gradients."""

import numpy as np

import numket as nk
import oracle
from helpers import add_random

NAMES = [f"p{i}" for i in range(5)]


def random_circuit(rng, n, count, gates):
    """Gates with affine angles of five parameters and with controls, between others."""
    circuit = nk.Circuit(n, [nk.Parameter(name) for name in NAMES])
    while len(circuit) < count:
        name = str(rng.choice(gates))
        k = oracle.num_qubits(name)
        if k > n:
            continue
        order = rng.permutation(n).tolist()
        controls = order[k : k + int(rng.integers(0, 3))]
        angles = [
            nk.Parameter(str(rng.choice(NAMES))) * rng.normal()
            + nk.Parameter(str(rng.choice(NAMES)))
            + rng.normal()
            for _ in range(oracle.num_params(name))
        ]
        values = rng.integers(2, size=len(controls)).tolist()
        getattr(circuit, name)(*angles, *order[:k], controls=controls, control_values=values)
        if rng.random() < 0.5:
            add_random(rng, circuit, 1)
        if rng.random() < 0.3:
            letters = "".join(rng.choice(list("IXYZ"), n))
            circuit.pauli_rotation(nk.Parameter(str(rng.choice(NAMES))), letters)
    return circuit


def run_by_numpy(circuit, state, values):
    """Gate by gate, with the oracle's matrices."""
    known = dict(zip(NAMES, values, strict=True))

    def number(angle):
        if not isinstance(angle, nk.parameter.Expression):
            return angle
        return angle.offset + sum(known[name] * factor for name, factor in angle.terms.items())

    for name, params, qubits, controls, control_values, *_ in circuit:
        matrix = oracle.operator(name, [number(angle) for angle in params])
        state = oracle.apply(state, matrix, qubits, controls, control_values)
    return state


def random_sum(rng, n, terms=6):
    return {"".join(rng.choice(list("IXYZ"), n)): rng.normal() for _ in range(terms)}


def mean(circuit, start, values, matrix):
    psi = run_by_numpy(circuit, start, values)
    return np.vdot(psi, matrix @ psi).real


def differences(function, values, step=1e-3):
    """Central differences of fourth order."""
    result = []
    for unit in np.eye(len(values)) * step:
        near = function(values + unit) - function(values - unit)
        far = function(values + 2 * unit) - function(values - 2 * unit)
        result.append((8 * near - far) / (12 * step))
    return np.array(result)


class Counted:
    """A circuit whose calls are counted."""

    def __init__(self, circuit):
        self.circuit, self.calls = circuit, []

    def __getattr__(self, name):
        self.calls.append(name)
        return getattr(self.circuit, name)
