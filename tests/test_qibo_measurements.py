"""Measurements, noise and expectation values on numket's backend, against Qibo's own engine."""

import numpy as np
import pytest

import oracle

pytest.importorskip("qibo")

from qibo import Circuit, gates, hamiltonians
from qibo.symbols import X, Y, Z

from helpers_qibo import DTYPES, backends, both, close, drawn, make, random_density
from numket.qibo import NumketBackend


def walk(backend, n=3):
    """A circuit that measures on the way, and turns by what came out."""
    circuit = Circuit(n)
    circuit.add([gates.H(0), gates.RY(1, 0.9)])
    first = circuit.add(gates.M(1, 0, collapse=True))
    circuit.add(gates.RX(2, theta=np.pi * first.symbols[0] / 3 + 0.2))
    circuit.add(gates.CNOT(2, 1))
    second = circuit.add(gates.M(2, collapse=True))
    circuit.add(gates.RY(0, theta=1.1 * second.symbols[0]).controlled_by(1))
    circuit.add(gates.M(0, 1, 2))
    backend.set_seed(5)
    result = backend.execute_circuit(circuit, nshots=80)
    return result, first, second


@pytest.mark.parametrize("dtype", DTYPES)
def test_measurements_on_the_way(dtype):
    """With the same seed the same outcomes, of the measurements on the way too."""
    theirs, ours = (walk(backend) for backend in backends(dtype))
    assert type(ours[0]) is type(theirs[0])
    assert ours[0].frequencies() == theirs[0].frequencies()
    assert len(ours[0].frequencies()) > 3
    for mine, their in zip(ours, theirs, strict=True):
        assert np.array_equal(mine.samples(), their.samples())


def test_measurements_know_their_backend():
    """Measurements that do not collapse wait for the end of the queue."""
    circuit = Circuit(2)
    outcome = circuit.add(gates.M(0))
    circuit.add(gates.X(1))
    backend = NumketBackend()
    backend.execute_circuit(circuit, nshots=10)
    assert outcome.backend is backend


def test_a_measured_qubit_that_is_used_again():
    """Qibo makes such a measurement collapse."""

    def build():
        circuit = Circuit(2)
        circuit.add([gates.H(0), gates.M(0), gates.CNOT(0, 1), gates.H(0), gates.M(1)])
        return circuit

    theirs, ours = both(build, nshots=40)
    assert ours.frequencies() == theirs.frequencies()
    assert set(ours.frequencies()) == {"0", "1"}


def test_measurements_of_density_matrices():
    def build():
        circuit = Circuit(3, density_matrix=True)
        circuit.add([gates.H(0), gates.CNOT(0, 1), gates.PauliNoiseChannel(1, [("X", 0.2)])])
        first = circuit.add(gates.M(1, 2, collapse=True))
        circuit.add([gates.RX(2, theta=first.symbols[0]), gates.M(0, 2)])
        return circuit

    theirs, ours = both(build, nshots=30)
    close(ours.state(), theirs.state())
    assert drawn(ours) == drawn(theirs)


@pytest.mark.parametrize("dtype", DTYPES)
def test_collapse(dtype, rng):
    state = oracle.random_state(rng, 4, dtype)
    theirs, ours = backends(dtype)
    for qubits in ([1], [0, 3], [1, 2, 3]):
        for shot in range(2 ** len(qubits)):
            drawn = np.array([shot])
            expected = theirs.collapse_state(state, qubits, drawn, 4)
            mine = state.copy()
            got = ours.collapse_state(mine, qubits, drawn, 4)
            assert got is mine
            close(got, expected, dtype)
            close(ours.collapse_state(3 * state, qubits, drawn, 4), expected, dtype)
            raw = ours.collapse_state(state.copy(), qubits, drawn, 4, normalize=False)
            close(raw, theirs.collapse_state(state, qubits, drawn, 4, normalize=False), dtype)


def noisy():
    circuit = Circuit(3)
    circuit.add([gates.H(0), gates.CNOT(0, 1), gates.RY(2, 0.4)])
    circuit.add(gates.PauliNoiseChannel((0, 1), [("XY", 0.2), ("ZI", 0.3)]))
    circuit.add([gates.CNOT(1, 2), gates.DepolarizingChannel((2,), 0.3), gates.H(1)])
    circuit.add(gates.UnitaryChannel(0, [(0.3, np.array([[0, 1], [1, 0]]))]))
    circuit.add(gates.M(0, 1, 2, p0=0.1))
    return circuit


@pytest.mark.parametrize("dtype", DTYPES)
def test_noise_on_state_vectors(dtype):
    """Channels draw as Qibo's do: with the same seed the same samples."""
    theirs, ours = both(noisy, dtype, nshots=100)
    assert ours.frequencies() == theirs.frequencies()
    assert len(ours.frequencies()) > 4
    assert np.array_equal(ours.samples(), theirs.samples())


def test_noise_maps():
    """Circuits with noise after every gate, on density matrices."""

    def build():
        circuit = Circuit(3, density_matrix=True)
        circuit.add([gates.H(0), gates.CNOT(0, 1), gates.RZ(1, 0.7), gates.CZ(1, 2), gates.H(2)])
        circuit.add(gates.M(0, 2, p0=0.05, p1=0.1))
        return circuit.with_pauli_noise({q: [("X", 0.1), ("Z", 0.05)] for q in range(3)})

    theirs, ours = both(build)
    close(ours.state(), theirs.state())
    assert drawn(ours) == drawn(theirs)


def test_draws_and_collapses_are_in_place(rng):
    backend = NumketBackend()
    state = oracle.random_state(rng, 3)
    noise = gates.PauliNoiseChannel(1, [("X", 0.5), ("Y", 0.5)])
    assert noise.apply(backend, state, 3) is state
    assert gates.M(0, 2, collapse=True).apply(backend, state, 3) is state
    assert backend.apply_gate(gates.H(1), state, 3) is state


@pytest.mark.parametrize("dtype", [*DTYPES, "float64"])
def test_probabilities(dtype, rng):
    theirs, ours = backends("complex128" if dtype == "float64" else dtype)
    state = oracle.random_state(rng, 4).astype(dtype) if dtype != "float64" else rng.normal(size=16)
    rho = random_density(rng, 4, dtype) if dtype != "float64" else np.diag(rng.random(16))
    for qubits in ([0], [3, 1], (0, 1, 2, 3), [2, 0, 3], {1, 2}, range(4)):
        for array, density in ((state, False), (rho, True)):
            got = ours.calculate_probabilities(array, qubits, 4, density)
            expected = theirs.calculate_probabilities(array, qubits, 4, density)
            assert got.dtype == expected.dtype
            close(got, expected, dtype, 4)


def test_expectation_values(rng):
    form = 0.5 * X(0) * Y(2) - 1.5 * Z(1) * Z(2) + 2 * Y(1) + 3 + Z(0) * X(1) * Y(2)
    for density in (False, True):
        values = []
        for backend in backends():
            hamiltonian = hamiltonians.SymbolicHamiltonian(form, backend=backend)
            seeds = np.random.default_rng(2)
            circuit = Circuit(3, density_matrix=density)
            circuit.add([make("U3", seeds, [q]) for q in range(3)])
            circuit.add([make("CU3", seeds, [q, (q + 1) % 3]) for q in range(3)])
            if density:
                circuit.add(gates.DepolarizingChannel((1,), 0.2))
            values.append(hamiltonian.expectation(circuit))
            values.append(hamiltonian.dense.expectation(circuit))
            values.append(hamiltonian.expectation(circuit))  # of the result that it has now
        close(values, values[0], scale=10)
        assert all(isinstance(value, float) for value in values)


def test_observables_that_are_no_pauli_strings():
    theirs, ours = backends()
    circuit = Circuit(2)
    circuit.add([gates.RY(0, 0.4), gates.CNOT(0, 1)])
    result = theirs.execute_circuit(circuit)
    assert result is circuit.final_state
    arguments = (circuit, ["HZ"], [(0, 1)], [0.5], 2)
    expected = theirs.exp_value_observable_symbolic(*arguments)
    close(ours.exp_value_observable_symbolic(*arguments), expected)
