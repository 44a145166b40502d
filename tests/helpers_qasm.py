"""What several tests of OpenQASM use."""

import numpy as np
import pytest

import numket as nk
import oracle
from qasm_reference import branches, distance, meant, mixtures, numket_run

HEAD2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
HEAD3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
PI = np.pi
TOLERANCE = 1e-13


def when(condition, name, params, qubits):
    """A gate under a condition on bits."""
    return (name, params, qubits, (), None, (), tuple(condition.items()))


def measure(qubit, bit, condition=()):
    return ("measure", (), [qubit], (), None, [bit], tuple(dict(condition).items()))


def assert_means(text, steps, rng):
    circuit = nk.Circuit.from_qasm(text)
    state = oracle.random_state(rng, circuit.num_qubits)
    got = branches(state, circuit.num_bits, numket_run(circuit))
    want = branches(state, circuit.num_bits, meant(steps))
    if any(step[0] in ("measure", "reset") for step in steps):
        assert distance(mixtures(got), mixtures(want)) < TOLERANCE
    else:
        assert len(got) == 1
        assert np.max(abs(got[0][1] - want[0][1])) < TOLERANCE


def xs(*qubits):
    return [("x", [], [qubit]) for qubit in qubits]


def rx(*pairs):
    return [("rx", [angle], [qubit]) for angle, qubit in pairs]


def turned(expression, value):
    """A row: an expression of OpenQASM 3 as an angle."""
    return pytest.param(f"qubit q; rx({expression}) q;", rx((value, 0)), id=expression)
