"""Channels in circuits, and named ones: the textbook with the same random numbers."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers import Draws, add_steps, channel, decay, layouts

A = nk.Parameter("a")
NAMED = {
    "bit_flip": nk.channels.bit_flip,
    "phase_flip": nk.channels.phase_flip,
    "bit_phase_flip": nk.channels.bit_phase_flip,
    "depolarizing": nk.channels.depolarizing,
    "amplitude_damping": nk.channels.amplitude_damping,
    "phase_damping": nk.channels.phase_damping,
    "generalized": lambda p: nk.channels.generalized_amplitude_damping(p, 0.3),
}


def draws(circuit):
    """How many random numbers a run draws for a state."""
    total = 0
    for operation in circuit:
        match operation.name:
            case "measure":
                total += len(operation.qubits) * (2 if operation.params else 1)
            case "reset":
                total += len(operation.qubits)
            case "apply_kraus":
                total += 1
    return total


def add_noise(rng, circuit, count):
    """Random operations with channels and readout errors between them, some under conditions."""
    n = circuit.num_qubits
    circuit.measure(0, 6, readout_error=rng.random(2))
    for _ in range(count):
        k = int(rng.integers(1, min(n, 2) + 1))
        qubits = rng.permutation(n)[:k].tolist()
        condition = {6: int(rng.integers(2))} if rng.integers(2) else None
        circuit.apply_kraus(channel(rng, k, int(rng.integers(1, 5))), qubits, condition=condition)
        add_steps(rng, circuit, 2)
        circuit.measure(int(rng.integers(n)), 6, readout_error=rng.random(2))
    return circuit


@given(st.integers(0, 2**32), st.integers(1, 5), st.booleans())
def test_random_circuits(seed, n, single):
    rng = np.random.default_rng(seed)
    circuit = add_noise(rng, nk.Circuit(n), 4)
    before = oracle.random_state(rng, n, np.complex64 if single else np.complex128)
    uniforms = np.random.default_rng(seed).random(draws(circuit))
    expected, bits = oracle.trajectory(circuit, before, uniforms, circuit.num_bits)
    for state in layouts(rng, before):
        assert circuit.run(state, rng=seed).tolist() == bits
        oracle.assert_close(state.reshape(-1), expected, terms=32 * (1 + len(circuit)))


@pytest.mark.parametrize("n", [12, 17])
def test_the_same_whatever_the_threads(n, dtype, rng):
    circuit = add_noise(rng, nk.Circuit(n), 8)
    before = oracle.random_state(rng, n, dtype)
    results = []
    for threads in 1, 2, 3:
        state = before.copy()
        bits = circuit.run(state, rng=5, threads=threads)
        results.append(state.tobytes() + bits.tobytes())
    assert len(set(results)) == 1


def test_each_state_of_a_batch_is_a_run_of_its_own(dtype, rng):
    n, batch = 3, (30, 4)
    circuit = add_noise(rng, nk.Circuit(n).rx(A, 1), 4)
    states = np.zeros((*batch, 2**n), dtype)
    for index in np.ndindex(batch):
        states[index] = oracle.random_state(rng, n, dtype)
    values = rng.normal(size=(*batch, 1))
    uniforms = np.random.default_rng(9).random((*batch, draws(circuit)))
    results = []
    for threads in 1, 2, 3:
        results.append(states.copy())
        bits = circuit.run(results[-1], values, batch=2, rng=9, threads=threads)
    assert len({result.tobytes() for result in results}) == 1
    for index in np.ndindex(batch):
        one = states[index].copy()
        found = circuit.run(one, values[index], rng=Draws(uniforms[index]))
        assert np.array_equal(found, bits[index])
        assert np.array_equal(one, results[0][index])


def test_many_runs_are_the_channel(rng):
    """The mean of |psi><psi| over 40,000 states is the density matrix of the textbook within five
    standard deviations of an entry, which is at most 1 / sqrt(40,000); and so for each outcome."""
    circuit = nk.Circuit(2).h(0).apply_kraus(nk.channels.amplitude_damping(0.3), 0).cx(0, 1)
    circuit.measure(1, readout_error=(0.2, 0.1)).h(1)
    circuit.apply_kraus(nk.channels.depolarizing(0.4, 2), (1, 0), condition=0)
    circuit.apply_kraus(nk.channels.phase_damping(0.5), 1, condition={0: 0}).reset(0, condition=0)
    start, count = oracle.random_state(rng, 2), 40_000
    states = np.tile(start, (count, 1))
    bits = circuit.run(states, batch=1, rng=3)[:, 0]
    expected = oracle.mixture(circuit, np.outer(start, start.conj()), 1)
    for value in 0, 1:
        found = np.einsum("bi,bj->ij", states[bits == value], states[bits == value].conj()) / count
        assert np.all(abs(found - expected[(value,)]) < 5 / np.sqrt(count))


def test_readout_errors():
    """Within five standard deviations, over 40,000 states of a batch; the state is the true one."""
    states = np.zeros((40_000, 2, 2), complex)
    states[:, 0, 1] = 1
    circuit = nk.Circuit(2).measure([0, 1], readout_error=(0.3, 0.1)).x(0, condition=0)
    bits = circuit.run(states, batch=1, rng=1)
    for bit, expected in (0, 0.3), (1, 0.9):
        spread = np.sqrt(expected * (1 - expected) / len(bits))
        assert abs(bits[:, bit].mean() - expected) < 5 * spread
    assert np.array_equal(states[:, 1, 1] == 1, bits[:, 0] == 1)
    for drawn in 0.0, 0.5, 1.0, np.nan, -1.0:  # what is impossible or certain does not depend on it
        circuit = nk.Circuit(2).measure([0, 1], readout_error=[0, 1])
        assert circuit.run(nk.basis_state(2, "01"), rng=Draws([drawn] * 4)).tolist() == [0, 0]


def test_numbers_are_drawn_whether_or_not_conditions_hold():
    circuit = nk.Circuit(2).measure(0, readout_error=(0, 0)).reset(1)
    circuit.apply_kraus(decay(0.5), 0, condition=0).apply_kraus(decay(0.5), 1).measure(1)
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    circuit.run(np.ones((5, 4), complex), batch=1, rng=one)
    two.random((5, draws(circuit)))
    assert draws(circuit) == 6
    assert one.random() == two.random()


def test_a_circuit_is_a_value(rng):
    circuit = add_noise(rng, nk.Circuit(3), 3).apply_kraus(decay(0.5), 1, condition=6)
    for other in (
        circuit.copy(),
        copy.deepcopy(circuit),
        pickle.loads(pickle.dumps(circuit)),
        nk.Circuit(3).compose(circuit),
    ):
        assert other == circuit
        assert len(other) == len(circuit)
        assert other.apply_kraus(decay(0.1), 0) != circuit
    assert nk.Circuit(1).apply_kraus(decay(0.1), 0) != nk.Circuit(1).apply_kraus(decay(0.2), 0)
    assert nk.Circuit(1).measure(0, readout_error=(0, 0)) != nk.Circuit(1).measure(0)
    [operation] = nk.Circuit(2).apply_kraus(decay(0.1), 1)
    assert operation.name == "apply_kraus"
    assert np.array_equal(operation.params[0], decay(0.1))
    assert operation.qubits == (1,)
    [operation] = nk.Circuit(2).measure([1, 0], [3, 1], readout_error=(0.25, 0.5))
    assert operation[:3] == ("measure", (0.25, 0.5), (1, 0))
    composed = nk.Circuit(3).compose(
        nk.Circuit(1).measure(0, readout_error=(0, 1)).apply_kraus(decay(0.1), 0, condition=0),
        [2],
        [4],
    )
    expected = nk.Circuit(3).measure(2, 4, readout_error=(0, 1))
    assert composed == expected.apply_kraus(decay(0.1), 2, condition=4)


def test_operators_are_copied():
    operators = decay(0.25)
    circuit = nk.Circuit(1).apply_kraus(operators, 0)
    operators[:] = 7
    assert circuit == nk.Circuit(1).apply_kraus(decay(0.25), 0)


def test_what_noise_has_not():
    noisy = nk.Circuit(2).h(0).apply_kraus(decay(0.1), 0)
    with pytest.raises(ValueError, match="operation 1 of the circuit is 'apply_kraus'"):
        noisy.inverse()
    with pytest.raises(ValueError, match="'apply_kraus', which OpenQASM has no statement for"):
        noisy.to_qasm()
    with pytest.raises(ValueError, match="'readout_error', which OpenQASM has no statement for"):
        nk.Circuit(1).measure(0, readout_error=(0, 0.1)).to_qasm()
    with pytest.raises(TypeError):
        noisy.apply_kraus(decay(0.1), 0, controls=[1])


def test_explain():
    plan = nk.Circuit(3).h(0).apply_kraus(decay(0.1), 0).measure(0, readout_error=(0, 1)).explain()
    assert plan.operations == 3
    assert plan.steps == 3
    assert len(plan.sweeps) == 1 + 2 + 2
    assert "3 operations on 3 qubits" in str(plan)
    assert len(nk.Circuit(3).apply_kraus(nk.channels.bit_flip(0.1), 0).explain().sweeps) == 1


def test_what_changes_nothing_leaves_every_byte(rng):
    """Also where the state is read; a multiple of the identity may still have a phase."""
    state = 3e5 * oracle.random_state(rng, 3)
    before = state.tobytes()
    circuit = nk.Circuit(3).apply_kraus(nk.channels.depolarizing(0.5), 1)
    circuit.run(state, rng=Draws([0.1]))
    nk.Circuit(3).apply_kraus([np.eye(4)], (2, 0)).run(state)
    part = np.concatenate([0.5**0.5 * np.eye(2)[None], 0.5**0.5 * decay(0.3)])
    nk.Circuit(3).apply_kraus(part, 1).run(state, rng=Draws([0.1]))
    assert state.tobytes() == before
    after = state.copy()
    nk.Circuit(3).apply_kraus([1j * np.eye(2)], 1).run(after)
    oracle.assert_close(after, 1j * state)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_multiples_of_unitary_matrices(k, dtype, rng):
    """Their probabilities are known beforehand, and those of all operators are."""
    weights = rng.dirichlet(np.ones(5))
    operators = [np.sqrt(w) * oracle.random_unitary(rng, k) for w in weights]
    circuit = nk.Circuit(4).apply_kraus(operators, rng.permutation(4)[:k])
    for uniform in 0.0, *rng.random(20), 1.0, np.nan:
        state = 7 * oracle.random_state(rng, 4, dtype)
        expected = state.copy()
        circuit.run(state, rng=Draws([uniform]))
        place = 0 if uniform == 0 else 4 if not uniform < 1 else None
        place = np.searchsorted(np.cumsum(weights), uniform) if place is None else place
        expected = oracle.apply(expected, operators[place], next(iter(circuit)).qubits)
        oracle.assert_close(state, expected / np.sqrt(weights[place]), terms=16)


NAN = float("nan")
WRONG = [
    (lambda c: c.apply_kraus(decay(0.3)[:1], 0), ValueError, r"no channel.*3\.000e-1.*1e-8"),
    (lambda c: c.apply_kraus(decay(0.3)[0], 0), ValueError, r"\(2, 2\).*\(1, 2, 2\)"),
    (lambda c: c.apply_kraus(decay(0.3), [0, 1]), ValueError, r"\(2, 2, 2\) for 2 qubits"),
    (lambda c: c.apply_kraus(np.zeros((0, 2, 2)), 0), ValueError, r"\(0, 2, 2\)"),
    (lambda c: c.apply_kraus(decay(0.3) * NAN, 0), ValueError, "'operators'.*NaN"),
    (lambda c: c.apply_kraus(decay(0.3), 5), ValueError, "qubit 5"),
    (lambda c: c.apply_kraus(decay(0.3), -1), ValueError, "qubit -1"),
    (lambda c: c.apply_kraus(nk.channels.depolarizing(0.1, 2), (1, 1)), ValueError, "twice"),
    (lambda c: c.apply_kraus("decay", 0), TypeError, "'operators'"),
    (lambda c: c.apply_kraus(decay(0.3), "0"), TypeError, "'qubits'"),
    (lambda c: c.apply_kraus(decay(0.3), 0, condition=7), ValueError, "classical bit 7"),
    (lambda c: c.measure(1, readout_error=(0.5, 1.5)), ValueError, r"\(0.5, 1.5\).*0 to 1"),
    (lambda c: c.measure(1, readout_error=(-0.5, 0)), ValueError, r"\(-0.5, 0\)"),
    (lambda c: c.measure(1, readout_error=(NAN, 0)), ValueError, r"NaN, 0\)"),
    (lambda c: c.measure(1, readout_error=0.5), ValueError, r"shape \(\).*\(p01, p10\)"),
    (lambda c: c.measure(1, readout_error=[0.1] * 3), ValueError, r"shape \(3,\)"),
    (lambda c: c.measure(1, readout_error="ab"), TypeError, "'readout_error'"),
]


@pytest.mark.parametrize(("call", "error", "words"), WRONG)
def test_wrong_operations(call, error, words):
    circuit = nk.Circuit(3).h(0).measure(0)
    before = circuit.copy()
    with pytest.raises(error, match=words):
        call(circuit)
    assert circuit == before
    assert circuit.num_bits == 1


def test_a_norm_that_is_lost_on_the_way_is_told():
    circuit = nk.Circuit(1).apply_kraus(decay(0.5), 0).apply_diagonal([0, 0], 0)
    state = nk.zero_state(1)
    with pytest.raises(ValueError, match="norm 0") as caught:
        circuit.apply_kraus(decay(0.5), 0).run(state)
    assert "operation 2 of the circuit, 'apply_kraus'" in caught.value.__notes__[0]
    state = np.zeros(2, complex)
    with pytest.raises(ValueError, match="norm 0"):
        nk.Circuit(1).x(0).apply_kraus(decay(0.5), 0).run(state)
    assert not state.any()


# Named channels


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("p", [0, 0.1, 0.5, 1, np.float32(0.25)])
def test_named_channels_keep_the_trace(name, p):
    operators = NAMED[name](p)
    assert operators.dtype == np.complex128
    total = sum(k.conj().T @ k for k in operators)
    assert abs(total - np.eye(2)).max() < 4e-16
    nk.apply_kraus(nk.zero_state(1), operators, 0)


def bloch(rho):
    """The coordinates x, y, z of a density matrix of one qubit."""
    return [float(np.trace(pauli @ rho).real) for pauli in (oracle.X, oracle.Y, oracle.Z)]


@pytest.mark.parametrize("p", [0, 0.1, 0.5, 1])
def test_named_channels_do_what_they_say(p, rng):
    """On the Bloch sphere, as Nielsen and Chuang draw them."""
    psi = oracle.random_state(rng, 1)
    rho = np.outer(psi, psi.conj())
    x, y, z = bloch(rho)
    root = np.sqrt(1 - p)
    for name, expected in {
        "bit_flip": (x, (1 - 2 * p) * y, (1 - 2 * p) * z),
        "phase_flip": ((1 - 2 * p) * x, (1 - 2 * p) * y, z),
        "bit_phase_flip": ((1 - 2 * p) * x, y, (1 - 2 * p) * z),
        "depolarizing": ((1 - p) * x, (1 - p) * y, (1 - p) * z),
        "amplitude_damping": (root * x, root * y, p + (1 - p) * z),
        "phase_damping": (root * x, root * y, z),
        "generalized": (root * x, root * y, -0.4 * p + (1 - p) * z),
    }.items():
        found = bloch(oracle.channel(rho, NAMED[name](p), [0]))
        assert found == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_depolarizing(k, rng):
    psi = oracle.random_state(rng, k)
    rho = np.outer(psi, psi.conj())
    operators = nk.channels.depolarizing(0.3, num_qubits=k)
    assert operators.shape == (4**k, 2**k, 2**k)
    found = oracle.channel(rho, operators, range(k))
    assert abs(found - (0.3 * np.eye(2**k) / 2**k + 0.7 * rho)).max() < 1e-15
    assert nk.Circuit(k).apply_kraus(operators, range(k)).run(psi, rng=1) is None


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    ("p", "error"),
    [(-0.1, ValueError), (1.1, ValueError), (NAN, ValueError)]
    + [(bad, TypeError) for bad in ("0.1", None, 1j, [0.1, 0.2])],
)
def test_named_channels_refuse(name, p, error):
    with pytest.raises(error, match="must be a probability"):
        NAMED[name](p)


def test_depolarizing_refuses():
    for bad in 0, 5, -1:
        with pytest.raises(ValueError, match="'num_qubits'"):
            nk.channels.depolarizing(0.1, bad)
    with pytest.raises(TypeError):
        nk.channels.depolarizing(0.1, 1.0)
