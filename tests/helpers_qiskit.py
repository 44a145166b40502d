"""What several tests of Qiskit use."""

import numpy as np
import pytest

import oracle

pytest.importorskip("qiskit")

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator

from numket.qiskit import evolve

A, B = Parameter("a"), Parameter("b")
WARNS = pytest.mark.filterwarnings("ignore:.*``qiskit:PendingDeprecationWarning")
"""Qiskit 2.0 warns of what its own control() and transpile() call."""


HOST = 40_000
"""Roundings that Qiskit's own matrices may be off by: its definitions of controlled gates are
found numerically and have hundreds of gates."""


def check(circuit, dtype=np.complex128):
    """`evolve` does what the circuit's matrix does, phase and all, from a random state."""
    terms = HOST if dtype == np.complex128 else 400
    rng = np.random.default_rng(len(circuit.data))
    before = oracle.random_state(rng, circuit.num_qubits, dtype)
    expected = Operator(circuit).data @ before
    state = before.copy()
    assert evolve(state, circuit) is None
    oracle.assert_close(state, expected, terms)


def measured(n=1):
    """A circuit that measures its qubits and does nothing else."""
    circuit = QuantumCircuit(n)
    circuit.measure_all()
    return circuit


def turned():
    """A circuit with a parameter."""
    circuit = QuantumCircuit(1)
    circuit.rx(A, 0)
    return circuit


def conditional(build):
    """A circuit that measures a qubit, and then what `build` adds."""
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    build(circuit)
    return circuit


def near(counts, probabilities, shots):
    """Counts are plausible: six standard deviations of each, and nothing impossible."""
    assert sum(counts.values()) == shots
    for outcome in counts.keys() | probabilities.keys():
        p = probabilities.get(outcome, 0)
        limit = 6 * np.sqrt(shots * p * (1 - p)) + 1e-6
        assert abs(counts.get(outcome, 0) - shots * p) <= limit, outcome


def sweep(rng):
    """A circuit of two registers, partly measured, and values of its parameters."""
    alpha, beta = ClassicalRegister(2, "alpha"), ClassicalRegister(11, "beta")
    circuit = QuantumCircuit(QuantumRegister(4), alpha, beta)
    circuit.h([0, 1, 2, 3])
    circuit.rx(A, 0)
    circuit.crz(A + B, 0, 1)
    circuit.ry(B, 2)
    circuit.h([0, 1, 2])
    circuit.measure(1, alpha[0])
    circuit.measure(0, alpha[1])
    circuit.rxx(A, 2, 3)
    circuit.measure([3, 2], [beta[1], beta[10]])
    return circuit, rng.normal(size=(3, 2, 2))
