"""Phases of costs and product formulas in circuits, against matrices by NumPy."""

import itertools
import pickle

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import layouts
from helpers_gradient import differences


def phases(costs, gamma):
    return np.exp(-1j * gamma * np.asarray(costs, float))


def matrix(circuit, values=None):
    n = circuit.num_qubits
    rows = np.eye(2**n, dtype=complex)
    circuit.run(rows, values, batch=1)
    return rows.T


def exponential(total, t):
    energies, basis = np.linalg.eigh(oracle.pauli_sum(total, total.num_qubits).astype(complex))
    return basis * np.exp(-1j * t * energies) @ basis.conj().T


# Phases.


@pytest.mark.parametrize("n", [1, 2, 3, 5, 9, 14])
def test_phases_are_the_diagonal(n, dtype, rng):
    costs, state = rng.normal(size=2**n), oracle.random_state(rng, n, dtype)
    for gamma in (0.7, -3.0, 0.0, 1e7):
        psi = state.copy()
        nk.Circuit(n).phase(costs, gamma).run(psi)
        oracle.assert_close(psi, state * phases(costs, gamma))
    circuit = nk.Circuit(n).h(0).phase(costs, nk.Parameter("g")).rx(0.4, n - 1)
    expected = oracle.apply(state, oracle.gate("h"), [0])
    expected = expected * phases(costs, 0.3)
    expected = oracle.apply(expected, oracle.gate("rx", 0.4), [n - 1])
    for threads in (1, 3):
        psi = state.copy()
        circuit.run(psi, {"g": 0.3}, threads=threads)
        oracle.assert_close(psi, expected, terms=8)
    circuit.inverse().run(psi, [0.3])
    oracle.assert_close(psi, state, terms=16)


def test_some_qubits_controls_and_conditions(dtype, rng):
    n = 6
    for _ in range(20):
        order = rng.permutation(n).tolist()
        k = int(rng.integers(0, 5))
        qubits, control = order[:k], order[k]
        value = int(rng.integers(2))
        costs, state = rng.normal(size=2**k), oracle.random_state(rng, n, dtype)
        circuit = nk.Circuit(n).x(control).h(order[5])
        circuit.phase(costs, 1.3, qubits, controls=control, control_values=value)
        expected = oracle.apply(state, oracle.gate("x"), [control])
        expected = oracle.apply(expected, oracle.gate("h"), [order[5]])
        expected = oracle.apply(expected, np.diag(phases(costs, 1.3)), qubits, [control], [value])
        for view in layouts(rng, state):
            circuit.run(view)
            oracle.assert_close(view.reshape(-1), expected, terms=8)
    psi = nk.basis_state(2, "11")
    measured = nk.Circuit(2).measure(0).phase([0, 2], 0.5, 1, condition=0)
    measured.run(psi)
    assert np.allclose(psi, [0, 0, 0, np.exp(-1j)])


def test_batches_and_densities(rng):
    n, gammas = 3, rng.normal(size=(2, 4))
    costs = rng.integers(0, 5, 2**n)
    circuit = nk.Circuit(n).ry(0.3, 0).phase(costs, 2 * nk.Parameter("g") + 0.1)
    states = np.array([[oracle.random_state(rng, n) for _ in range(4)] for _ in range(2)])
    turned = np.array([oracle.apply(s, oracle.gate("ry", 0.3), [0]) for s in states.reshape(8, -1)])
    expected = turned.reshape(states.shape) * np.exp(
        -1j * (2 * gammas[..., np.newaxis] + 0.1) * costs
    )
    rho = nk.density.from_state(states[0, 1])
    nk.density.run(rho, circuit, [gammas[0, 1]])
    circuit.run(states, {"g": gammas}, batch=2)
    oracle.assert_close(states, expected, terms=8)
    assert np.allclose(rho, nk.density.from_state(expected[0, 1].astype(complex)))


@pytest.mark.parametrize("n", [1, 2, 3, 6, 11])
def test_gradients_of_qaoa(n, dtype, rng):
    costs = rng.normal(size=2**n)
    gammas, betas = ([nk.Parameter(f"{name}{i}") for i in range(3)] for name in "gb")
    circuit = nk.Circuit(n).h(range(n))
    for gamma, beta in zip(gammas, betas, strict=True):
        circuit.phase(costs, gamma - 0.2).rx(2 * beta, range(n))
    if n > 2:
        circuit.phase([0.3, -0.7], 3 * gammas[0], [1], controls=[2], control_values=[0])
        circuit.phase(rng.normal(size=4), 0.4, [2, 0]).ry(betas[0], 1)
    start, values = oracle.random_state(rng, n, dtype), rng.normal(size=6)
    observable = nk.PauliSum({"X" + "Z" * (n - 1): 0.5, "Z" + "Y" * (n - 1): 1.0})
    for measured in (costs, observable):
        value, gradient = circuit.gradient(measured, values, state=start)
        psi = start.astype(complex)
        circuit.run(psi, values)
        assert abs(value - nk.expectation(psi, measured)) < 1e3 * np.finfo(dtype).eps
        expected = differences(
            lambda at, measured=measured: circuit.expectation(
                measured, at, state=start.astype(complex)
            ),
            values,
        )
        assert np.abs(gradient - expected).max() < (1e-5 if dtype == np.complex128 else 1e-3)
        same = circuit.gradient(measured, values, state=start, threads=1)[1]
        assert same.tobytes() == gradient.tobytes()


def test_batches_of_gradients(rng):
    circuit = nk.Circuit(3).h(range(3)).phase(np.arange(8), nk.Parameter("g")).rx(0.8, range(3))
    values = rng.normal(size=(5, 1))
    every, gradients = circuit.gradient("ZZI", values, batch=1)
    for value, each, gradient in zip(values, every, gradients, strict=True):
        alone = circuit.gradient("ZZI", value)
        assert abs(alone[0] - each) < 1e-14
        assert abs(alone[1] - gradient).max() < 1e-14


def test_a_circuit_keeps_a_copy_and_only_one(rng):
    costs = rng.normal(size=8)
    circuit = nk.Circuit(3).phase(costs, 0.5)
    before, costs[:] = costs.copy(), 0
    assert np.array_equal(circuit[0].params[0], before)
    circuit.phase(before, nk.Parameter("g"))
    assert [operation.name for operation in circuit] == ["phase", "phase"]
    assert circuit[1].params[1].terms == {"g": 1.0}
    assert pickle.loads(pickle.dumps(circuit)) == circuit
    assert circuit.copy() == circuit
    assert circuit != nk.Circuit(3).phase(before, 0.5).phase(costs, nk.Parameter("g"))
    assert nk.Circuit(4).compose(circuit, [3, 0, 1])[0].qubits == (3, 0, 1)
    assert "Phase(g)" in str(circuit.draw())
    with pytest.raises(ValueError, match="'phase', which OpenQASM has no statement for"):
        circuit.to_qasm()


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (([1, 2, 3], 0.1), ValueError, "'diagonal' has shape"),
        ((np.ones(8), np.inf), ValueError, "'gamma'"),
        ((np.full(8, 1e300), 1e300), ValueError, "'gamma'"),
        (([1, np.nan] * 4, 0.1), ValueError, "'diagonal'"),
        ((1j * np.ones(8), 0.1), TypeError, "complex"),
        ((np.ones(4), 0.1, (1, 1)), ValueError, "twice"),
        ((np.ones(4), 0.1, (1, 3)), ValueError, "qubit 3"),
    ],
)
def test_phases_that_cannot_be(arguments, error, text):
    circuit = nk.Circuit(3)
    with pytest.raises(error, match=text):
        circuit.phase(*arguments)
    assert len(circuit) == 0
    circuit.phase(np.full(8, 1e300), nk.Parameter("g"))
    psi = nk.zero_state(3)
    with pytest.raises(ValueError, match="'params'"):
        circuit.run(psi, [1e30])
    assert psi[0] == 1


# Product formulas.


COUPLINGS = (("X", 1.0), ("Y", 0.7), ("Z", -0.4))


def heisenberg(n):
    terms = [(p + p, (q, q + 1), c) for q in range(n - 1) for p, c in COUPLINGS]
    return nk.PauliSum([*terms, ("Z", 0, 0.3), ("", (), 0.8)], num_qubits=n)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_error_falls_with_the_order(order):
    total = heisenberg(4)
    exact = exponential(total, 0.9)
    errors = [
        np.linalg.norm(matrix(nk.Circuit(4).trotter(total, 0.9, steps, order=order)) - exact, 2)
        for steps in (8, 16, 32)
    ]
    assert errors[-1] < {1: 0.1, 2: 2e-3, 4: 1e-6}[order]
    for coarse, fine in itertools.pairwise(errors):
        assert abs(coarse / fine - 2**order) < 0.15 * 2**order


def test_the_estimate_is_the_error(rng):
    total, state = heisenberg(5), oracle.random_state(rng, 5)
    exact = exponential(total, 1.2) @ state
    for order in (1, 2, 4):
        few, many = state.copy(), state.copy()
        nk.Circuit(5).trotter(total, 1.2, 10, order=order).run(few)
        nk.Circuit(5).trotter(total, 1.2, 20, order=order).run(many)
        estimate = np.linalg.norm(few - many) * 2**order / (2**order - 1)
        assert abs(estimate / np.linalg.norm(few - exact) - 1) < 0.15


def test_suzukis_formulas_term_by_term():
    total = nk.PauliSum({"ZI": 0.5, "XI": 0.25})
    u = 1 / (4 - 4 ** (1 / 3))

    def angles(circuit):
        return [(o.params[1], o.params[0]) for o in circuit]

    first = nk.Circuit(2).trotter(total, 0.3, order=1)
    assert angles(first) == [("Z", 0.3), ("X", 0.15)]
    second = nk.Circuit(2).trotter(total, 0.3, 2)
    expected = [("Z", 0.075), ("X", 0.075), ("Z", 0.15), ("X", 0.075), ("Z", 0.075)]
    assert [name for name, _ in angles(second)] == [name for name, _ in expected]
    assert np.allclose([a for _, a in angles(second)], [a for _, a in expected], rtol=1e-15)
    fourth = angles(nk.Circuit(2).trotter(total, 0.3, order=4))
    shares = [u, u, 1 - 4 * u, u, u]
    assert [name for name, _ in fourth] == list("ZXZXZXZXZXZ")
    assert np.allclose([a for name, a in fourth if name == "X"], 0.15 * np.array(shares))
    halves = [u / 2, u, (1 - 3 * u) / 2, (1 - 3 * u) / 2, u, u / 2]
    assert np.allclose([a for name, a in fourth if name == "Z"], 0.3 * np.array(halves))


def test_terms_that_commute_are_exact():
    costs = nk.PauliSum({"ZZI": 1.0, "IZZ": -0.5, "ZIZ": 0.3, "III": 2.0})
    circuit = nk.Circuit(3).trotter(costs, nk.Parameter("t"), order=1)
    assert len(circuit) == 4
    assert np.allclose(matrix(circuit, [0.7]), exponential(costs, 0.7), atol=1e-14)
    diagonal = costs.to_matrix().diagonal().real
    phases = nk.Circuit(3).phase(diagonal, nk.Parameter("t"))
    assert np.allclose(matrix(circuit, [-1.1]), matrix(phases, [-1.1]), atol=1e-14)
    # XX, YY and ZZ of a bond commute: even and odd bonds are two groups.
    chain = nk.PauliSum([(p + p, (q, q + 1), 1.0) for q in range(3) for p in "XYZ"], num_qubits=4)
    assert len(nk.Circuit(4).trotter(chain, 0.1, 5, order=2)) == 6 * 6 + 5 * 3


def test_parameters_qubits_controls_and_conditions(rng):
    total = nk.PauliSum({"XZ": 0.7, "ZX": -0.3, "II": 0.4})
    t = nk.Parameter("t")
    circuit = nk.Circuit(4).trotter(total, t + 0.1, 3, order=2, qubits=(3, 1), controls=0)
    alone = matrix(nk.Circuit(2).trotter(total, 0.6, 3, order=2))
    state = oracle.random_state(rng, 4)
    expected = oracle.apply(state, alone, [3, 1], [0], [1])
    circuit.run(state, [0.5])
    oracle.assert_close(state, expected, terms=40)
    _, gradient = circuit.gradient("ZZXI", [0.5], state=state)
    differ = differences(lambda at: circuit.expectation("ZZXI", at, state=state), np.array([0.5]))
    assert np.abs(gradient - differ).max() < 1e-6
    psi = nk.zero_state(2)
    nk.Circuit(2).measure(0).trotter(total, 1.0, condition=0).run(psi)
    assert psi[0] == 1


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"hamiltonian": np.eye(8)}, TypeError, "'hamiltonian' is a ndarray.*a PauliSum"),
        ({"hamiltonian": 1j * heisenberg(3)}, ValueError, "not Hermitian"),
        ({"hamiltonian": heisenberg(4)}, ValueError, "4 qubits"),
        ({"t": np.nan}, ValueError, "'t'"),
        ({"t": 1e308}, ValueError, "'t'"),
        ({"steps": 0}, ValueError, "'steps' is 0"),
        ({"steps": 2.5}, TypeError, "'steps'"),
        ({"steps": 10**15}, MemoryError, "GiB"),
        ({"order": 3}, ValueError, "1, 2 and 4"),
        ({"qubits": (0, 1)}, ValueError, "3 qubits"),
        ({"qubits": (0, 1, 1)}, ValueError, "twice"),
    ],
)
def test_formulas_that_cannot_be(changes, error, text):
    circuit = nk.Circuit(3)
    with pytest.raises(error, match=text):
        circuit.trotter(**{"hamiltonian": heisenberg(3), "t": 10.0, **changes})
    assert circuit == nk.Circuit(3)
