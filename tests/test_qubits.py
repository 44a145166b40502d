"""Readings of all qubits at once: Bloch vectors, correlations, entropies."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import layouts

LETTERS = "XYZ"


def mean(state, letters):
    """The expectation value of a Pauli string, in long double."""
    psi = np.asarray(state, np.clongdouble).reshape(-1)
    n = psi.size.bit_length() - 1
    moved = psi
    for qubit, letter in enumerate(letters):
        if letter != "I":
            matrix = {"X": oracle.X, "Y": oracle.Y, "Z": oracle.Z}[letter]
            moved = oracle.apply(moved, matrix, [qubit])
    assert n == len(letters)
    return np.sum(psi.conj() * moved).real


def on(n, *placed):
    """The letters of a string on n qubits with those that are placed, (qubit, letter)."""
    letters = ["I"] * n
    for qubit, letter in placed:
        letters[qubit] = letter
    return "".join(letters)


def vectors_of(state, n):
    return np.array([[mean(state, on(n, (q, letter))) for letter in LETTERS] for q in range(n)])


def entropy(weights):
    weights = np.asarray(weights, float)
    weights = weights[weights > 1e-15]
    return -np.sum(weights * np.log2(weights))


def schmidt_entropy(state, first):
    """That of the first qubits with the others, from singular values."""
    psi = np.asarray(state, complex).reshape(2**first, -1)
    return entropy(np.linalg.svd(psi, compute_uv=False) ** 2)


# Rows, tiles and leaves end at 3, 6, 7, 11 and 15 qubits.
@pytest.mark.parametrize("n", [1, 2, 3, 4, 6, 7, 8, 11, 12, 15, 16, 17])
def test_bloch_vectors(n, dtype, rng):
    state = 2 * oracle.random_state(rng, n, dtype)
    found = nk.bloch_vectors(state)
    assert (found.dtype, found.shape) == (np.float64, (n, 3))
    assert abs(found - vectors_of(state, n)).max() < 4 * 3e-15


def test_bloch_vectors_beyond_one_tile(dtype, rng):
    # A product state, whose vectors are known: 25 qubits would be three passes, 22 are two.
    n = 19
    angles = rng.uniform(0, np.pi, (n, 2))
    state = np.ones(1, dtype)
    for theta, phi in angles:
        one = [np.cos(theta / 2), np.exp(1j * phi) * np.sin(theta / 2)]
        state = np.kron(state, np.array(one, dtype))
    theta, phi = angles.T
    expected = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    tolerance = n * 4 * np.finfo(dtype).eps
    assert abs(nk.bloch_vectors(state) - expected.T).max() < tolerance
    means = np.cos(theta)
    products = np.where(np.eye(n), 1, np.outer(means, means))
    assert abs(nk.correlations(state) - products).max() < tolerance
    connected = np.diag(np.sin(theta) ** 2)
    assert abs(nk.correlations(state, connected=True) - connected).max() < tolerance


@pytest.mark.parametrize("pauli", LETTERS)
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 11, 12, 13])
def test_correlations(n, pauli, dtype, rng):
    state = 2 * oracle.random_state(rng, n, dtype)
    found = nk.correlations(state, pauli)
    assert (found.dtype, found.shape) == (np.float64, (n, n))
    assert np.array_equal(found, found.T)
    pairs = [tuple(sorted(rng.integers(n, size=2))) for _ in range(6)]
    means = vectors_of(state, n)[:, LETTERS.index(pauli)]
    connected = nk.correlations(state, pauli, connected=True)
    for a, b in pairs:
        expected = 4 if a == b else mean(state, on(n, (a, pauli), (b, pauli)))
        # Norms of single precision are 1 up to its own epsilon.
        assert abs(found[a, b] - expected) < (2e-14 if a != b else 4 * 8 * np.finfo(dtype).eps)
        assert abs(connected[a, b] - (found[a, b] - means[a] * means[b])) < 5e-14


@pytest.mark.parametrize("n", [3, 5, 9])
def test_layouts_and_batches(n, dtype, rng):
    state = oracle.random_state(rng, n, dtype)
    for read in (
        nk.bloch_vectors,
        nk.correlations,
        lambda state, **options: nk.correlations(state, "Y", connected=True, **options),
        nk.qubit_entropies,
    ):
        expected = read(state)
        for array in layouts(rng, state):
            assert abs(read(array) - expected).max() < 1e-14
        turned = state.reshape((2,) * n).transpose()
        assert not np.allclose(read(turned), expected, atol=1e-3)
        states = np.stack([state, oracle.random_state(rng, n, dtype), state]).reshape(3, 1, -1)
        batch = read(states, batch=2)
        assert batch.shape == (3, 1, *expected.shape)
        assert np.array_equal(batch[0, 0], expected)
        assert np.array_equal(batch[2, 0], expected)
        assert np.array_equal(batch[1, 0], read(states[1, 0]))
        assert read(states[:0], batch=2).shape == (0, 1, *expected.shape)


@pytest.mark.parametrize("n", [3, 10, 16, 18])
def test_the_same_bits_on_any_threads(n, dtype, rng):
    state = oracle.random_state(rng, n, dtype)
    for read in (nk.bloch_vectors, nk.correlations, nk.qubit_entropies):
        assert len({read(state, threads=threads).tobytes() for threads in (1, 2, 3, 5, None)}) == 1
    if n < 16:
        found = {nk.correlations(state, "X", threads=k).tobytes() for k in (1, 2, 3)}
        assert len(found) == 1


def test_real_states_have_no_y(rng):
    state = abs(oracle.random_state(rng, 8)).astype(complex)
    assert not nk.bloch_vectors(state)[:, 1].any()


def test_no_qubits():
    scalar = nk.zero_state(0)
    assert nk.bloch_vectors(scalar).shape == (0, 3)
    assert nk.correlations(scalar).shape == nk.correlations(scalar, "X").shape == (0, 0)
    assert nk.qubit_entropies(scalar).shape == nk.cut_entropies(scalar).shape == (0,)
    assert nk.cut_entropies(nk.zero_state(1)).shape == (0,)


def test_a_nan_is_shown():
    state = nk.zero_state(5)
    state[3] = np.nan
    assert np.isnan(nk.bloch_vectors(state)).all()
    assert np.isnan(nk.correlations(state)).all()
    assert np.isnan(nk.qubit_entropies(state)).all()


@pytest.mark.parametrize("n", [2, 3, 6, 7, 10])
def test_entropies(n, dtype, rng):
    state = oracle.random_state(rng, n, dtype)
    tolerance = 200 * np.finfo(dtype).eps
    cuts = nk.cut_entropies(state)
    assert cuts.shape == (n - 1,)
    for k in range(1, n):
        assert abs(cuts[k - 1] - schmidt_entropy(state, k)) < tolerance
        assert abs(cuts[k - 1] - nk.entanglement_entropy(state, range(k))) < tolerance
    tensor = state.reshape((2,) * n)
    assert abs(nk.cut_entropies(tensor.T) - cuts[::-1]).max() < tolerance
    qubits = nk.qubit_entropies(state, base=np.e)
    for q in range(n):
        expected = schmidt_entropy(np.moveaxis(tensor, q, 0), 1) * np.log(2)
        assert abs(qubits[q] - expected) < tolerance


def test_entropies_of_known_states():
    n = 8
    ghz = nk.ket("0" * n).h(0)
    for q in range(1, n):
        ghz.cx(0, q)
    for entropies in (nk.qubit_entropies(ghz), nk.cut_entropies(ghz)):
        assert abs(entropies - 1).max() < 1e-14
    product = nk.zero_state(n)
    nk.ry(product, 0.3, range(n))
    assert abs(nk.qubit_entropies(product)).max() < 1e-13
    assert abs(nk.cut_entropies(product)).max() < 1e-13
    for call in (nk.qubit_entropies, nk.cut_entropies):
        for base in (0, 1, -2, "2", float("nan")):
            with pytest.raises(ValueError, match=r"'base' is .*use 2 for bits"):
                call(product, base=base)


@pytest.mark.parametrize(
    ("pauli", "error"),
    [("Q", ValueError), ("XX", ValueError), ("z", ValueError), (3, TypeError), (None, TypeError)],
)
def test_letters_that_are_none(pauli, error):
    with pytest.raises(error, match=r"'pauli' is .*; use 'X', 'Y' or 'Z'"):
        nk.correlations(nk.zero_state(2), pauli)
