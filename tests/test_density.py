"""Density matrices in place, against products of matrices."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import add_random, add_steps, channel
from numket import density


def full(matrix, qubits, n):
    columns = [oracle.apply(column, matrix, qubits) for column in np.eye(2**n, dtype=complex)]
    return np.stack(columns, axis=1)


def random_density(rng, n, dtype=complex):
    root = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
    rho = root @ root.conj().T
    return (rho / np.trace(rho)).astype(dtype)


def layouts(rho):
    """The same density matrix, as it may lie in memory."""
    size = len(rho)
    n = size.bit_length() - 1
    yield rho.copy()
    yield np.asfortranarray(rho)
    wider = np.full((2 * size, 3 * size), 7, rho.dtype)[1::2, ::3]
    wider[...] = rho
    yield wider
    backwards = np.full((size, size), 7, rho.dtype)[::-1, ::-1]
    backwards[...] = rho
    yield backwards
    yield rho.copy().reshape((2,) * (2 * n))


def limit(rho):
    return 20 * np.finfo(rho.dtype).eps


@pytest.mark.parametrize(("n", "qubits"), [(1, [0]), (2, [1]), (3, [2, 0]), (4, [1, 3, 0])])
def test_matrices_and_channels(n, qubits, rng, dtype):
    k = len(qubits)
    start = random_density(rng, n, dtype)
    matrix = rng.normal(size=(2**k, 2**k)) + 1j * rng.normal(size=(2**k, 2**k))
    isometry = oracle.random_unitary(rng, k + 1)[:, : 2**k]
    kraus = isometry.reshape(2, 2**k, 2**k)
    for rho in layouts(start):
        expected = full(matrix, qubits, n) @ start @ full(matrix, qubits, n).conj().T
        density.apply(rho, matrix, qubits)
        got = np.asarray(rho).reshape(2**n, 2**n)
        assert abs(got - expected).max() <= limit(start) * abs(matrix).sum() ** 2
    for rho in layouts(start):
        expected = sum(full(K, qubits, n) @ start @ full(K, qubits, n).conj().T for K in kraus)
        density.apply_channel(rho, kraus, qubits)
        got = np.asarray(rho).reshape(2**n, 2**n)
        assert abs(got - expected).max() <= limit(start)
        assert abs(np.trace(got) - 1) <= 2 ** (n + 1) * limit(start)


def test_circuits(rng, dtype):
    theta = nk.Parameter("theta")
    circuit = add_random(rng, nk.Circuit(3).rx(2 * theta, 1), 30).rz(theta, 0)
    start = random_density(rng, 3, dtype)
    columns = np.eye(8, dtype=complex)
    circuit.run(columns, {"theta": 0.4}, batch=1)
    unitary = columns.T
    for rho in layouts(start):
        density.run(rho, circuit, {"theta": 0.4})
        expected = unitary @ start @ unitary.conj().T
        assert abs(rho.reshape(8, 8) - expected).max() <= 4 * limit(start)


@pytest.mark.parametrize("seed", range(12))
def test_circuits_that_measure(seed, dtype):
    """Exactly, with conditions, readout errors and channels, whatever the array's layout."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 4))
    circuit = nk.Circuit(n)
    for _ in range(3):
        add_steps(rng, circuit, 4)
        k = int(rng.integers(1, min(n, 2) + 1))
        circuit.apply_kraus(channel(rng, k, 3), rng.permutation(n)[:k])
    start = random_density(rng, n, dtype)
    expected = sum(oracle.mixture(circuit, start, circuit.num_bits).values())
    for rho in layouts(start):
        density.run(rho, circuit)
        assert abs(rho.reshape(2**n, 2**n) - expected).max() <= 8 * limit(start)


def test_a_measurement_writes_the_bits_of_its_own_condition(rng):
    """The condition is looked at once, before the operation."""
    start = random_density(rng, 2)
    circuit = nk.Circuit(2).h(0).measure([0, 1], [0, 1])
    circuit.ry(0.4, 0).rx(0.3, 1).measure([1, 0], [0, 1], condition={0: 1, 1: 0})
    circuit.y(1, condition={0: 1}).x(0, condition={1: 1})
    expected = sum(oracle.mixture(circuit, start, 2).values())
    density.run(start, circuit)
    assert abs(start - expected).max() <= 4 * limit(start)


def test_circuits_that_cannot_run(rng):
    start = random_density(rng, 3)
    before = start.tobytes()
    with pytest.raises(ValueError, match="'rho' has 3 qubits and the circuit has 2"):
        density.run(start, nk.Circuit(2).h(0))
    wide = nk.Circuit(6).apply_kraus([np.eye(64)], range(6))
    with pytest.raises(ValueError, match="up to 5 qubits"):
        density.run(density.zero_density(6), wide)
    many = nk.Circuit(3, num_bits=60)
    for bit in range(60):
        many.measure(0, bit).x(1, condition=bit)
    with pytest.raises(ValueError, match="62 qubits"):
        density.run(start, many)
    assert start.tobytes() == before


@pytest.mark.parametrize("n", [1, 2, 4])
def test_expectations(n, rng, dtype):
    start = random_density(rng, n, dtype)
    letters = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(7)]
    total = nk.PauliSum(zip(letters, rng.normal(size=7), strict=True))
    skewed = total + 1j * nk.PauliSum({"Y" * n: 0.5})
    matrix = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
    matrix += matrix.conj().T
    diagonal = rng.normal(size=2**n)
    before = start.tobytes()
    for rho in layouts(start):
        for observable, dense in [
            (letters[0], oracle.pauli(letters[0])),
            (total, oracle.pauli_sum(total, n)),
            (skewed, oracle.pauli_sum(skewed, n)),
            (matrix, matrix),
            (diagonal, np.diag(diagonal)),
        ]:
            expected = np.trace(start.astype(np.clongdouble) @ dense)
            for threads in 1, 2:
                value = density.expectation(rho, observable, threads=threads)
                assert type(value) is (complex if observable is skewed else float)
                got = value if observable is skewed else value + 1j * expected.imag
                assert abs(got - expected) <= 1e-14 * (1 + abs(dense).sum())
        qubits = rng.permutation(n)[: max(1, n - 1)].tolist()
        k = len(qubits)
        small = "XYZI"[:k]
        expected = np.trace(start @ full(oracle.pauli(small).astype(complex), qubits, n))
        assert abs(density.expectation(rho, small, qubits=qubits) - expected.real) < 1e-6
        reduced = density.partial_trace(rho, qubits)
        assert reduced.shape == (2**k, 2**k)
        got = np.trace(reduced @ oracle.pauli(small).astype(complex))
        assert abs(got - expected) < 1e-6
        assert abs(density.purity(rho) - np.trace(start @ start).real) < 1e-6
    assert start.tobytes() == before


def test_sums_on_many_rows_have_the_same_bits_on_any_threads(rng):
    rho = density.from_state(oracle.random_state(rng, 10))
    letters = ["".join(rng.choice(list("IXYZ"), 10)) for _ in range(300)]
    total = nk.PauliSum(zip(letters, rng.normal(size=300), strict=True))
    values = {density.expectation(rho, total, threads=threads).hex() for threads in (1, 2, 3)}
    assert len(values) == 1


def test_pure_states(rng, dtype):
    state = oracle.random_state(rng, 5, dtype)
    rho = density.from_state(state)
    assert rho.dtype == dtype
    assert abs(density.purity(rho) - 1) < 1e-5
    longer = np.array([0.6, 0.8j], dtype) * dtype(1 + 10 * np.finfo(dtype).eps)
    assert density.purity(density.from_state(longer)) == 1  # rounding is cut off, no more than that
    assert density.purity(density.from_state(dtype(1.1) * longer)) > 1.4
    turned = state.reshape((2,) * 5).T
    assert np.array_equal(density.from_state(turned), np.outer(turned, turned.conj()))
    assert abs(density.expectation(rho, "XYZXY") - nk.expectation(state, "XYZXY")) < 1e-6
    reduced = density.partial_trace(rho, (3, 1))
    assert abs(reduced - nk.reduced_density_matrix(state, (3, 1))).max() < 1e-6
    zero = density.zero_density(3, dtype)
    assert (zero.shape, zero.dtype, zero[0, 0], abs(zero).sum()) == ((8, 8), dtype, 1, 1)


def test_trajectories_average_to_the_channel(rng):
    damping = [[[1, 0], [0, np.sqrt(0.8)]], [[0, np.sqrt(0.2)], [0, 0]]]
    start = oracle.random_state(rng, 2)
    states = np.tile(start, (20000, 1))
    nk.apply_kraus(states, damping, 1, rng=1, batch=1)
    mean = np.einsum("ij,ik->jk", states, states.conj()) / len(states)
    rho = density.from_state(start)
    density.apply_channel(rho, damping, 1)
    assert abs(mean - rho).max() < 0.02


REFUSED = [
    ([[1, 0], [0, 0]], TypeError, "'rho' is a list"),
    (np.eye(3, dtype=complex), ValueError, r"'rho' has shape \(3, 3\)"),
    (np.ones(4, complex), ValueError, "'rho' has shape"),
    (np.ones((4, 2), complex), ValueError, "'rho' has shape"),
    (np.eye(2), TypeError, "dtype float64"),
    (np.ma.masked_array(np.eye(2, dtype=complex)), TypeError, "MaskedArray"),
]
CALLS = {
    "apply": lambda rho: density.apply(rho, np.eye(2), 0),
    "apply_channel": lambda rho: density.apply_channel(rho, [np.eye(2)], 0),
    "expectation": lambda rho: density.expectation(rho, "Z"),
    "purity": density.purity,
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("rho", "error", "words"), REFUSED, ids=repr)
def test_what_is_no_density_matrix(rho, error, words, call):
    with pytest.raises(error, match=words):
        CALLS[call](rho)


def test_refusals(rng):
    rho = random_density(rng, 2)
    before = rho.tobytes()
    half = [np.eye(2) / 2]
    for call, error, words in [
        (lambda: density.apply(rho, np.eye(2), 2), ValueError, "qubit 2 is out of range"),
        (lambda: density.apply(rho, np.eye(2), -1), ValueError, "qubit -1 is out of range"),
        (lambda: density.apply(rho, np.eye(4), (1, 1)), ValueError, "twice"),
        (lambda: density.apply(rho, np.eye(2), True), TypeError, "bool"),
        (lambda: density.apply(rho, np.eye(2), 1.0), TypeError, "float|iterable"),
        (lambda: density.apply(rho, np.eye(4), 0), ValueError, "'matrix'"),
        (lambda: density.apply(rho, [[np.nan, 0], [0, 1]], 0), ValueError, "'matrix'"),
        (lambda: density.apply_channel(rho, half, 0), ValueError, "no channel.*7.500e-1"),
        (lambda: density.apply_channel(rho, np.eye(2), 0), ValueError, "'operators' has shape"),
        (
            lambda: density.apply_channel(rho, [[["a"] * 2] * 2], 0),
            TypeError,
            "'operators' has dtype",
        ),
        (
            lambda: density.apply_channel(rho, [[[np.inf] * 2] * 2], 0),
            ValueError,
            "'operators' holds",
        ),
        (lambda: density.expectation(rho, "Z"), ValueError, "1 letters for 2 qubits"),
        (lambda: density.expectation(rho, "Z", qubits=(0, 1)), ValueError, "1 letters for 2"),
        (lambda: density.expectation(rho, [[0, 1], [0, 0]], qubits=0), ValueError, "not Hermitian"),
        (lambda: density.expectation(rho, np.ones(2)), ValueError, "'observable'"),
        (lambda: density.zero_density(-1), ValueError, "'n' is -1"),
    ]:
        with pytest.raises(error, match=words):
            call()
    rho.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        density.apply(rho, np.eye(2), 0)
    assert rho.tobytes() == before


def test_a_circuit_turns_all_columns_alike():
    rho = density.zero_density(1)
    circuit = nk.Circuit(1).rx(nk.Parameter("a"), 0)
    before = rho.copy()
    for params in [[0.3], [1.2]], {"a": [0.3, 1.2]}:
        with pytest.raises(ValueError, match="params"):
            density.run(rho, circuit, params)
    assert np.array_equal(rho, before)


def test_channels_on_many_qubits_are_refused():
    rho = density.zero_density(6)
    with pytest.raises(ValueError, match="6 qubits"):
        density.apply_channel(rho, [np.eye(64)], range(6))
