"""Expectation values, variances, reduced matrices, fidelity and entropy, by their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle


def wide(array):
    return np.asarray(array, np.clongdouble)


def embedded(matrix, qubits, state):
    """The product of a matrix on some qubits and a state, flat."""
    return oracle.apply(wide(state), matrix, qubits).reshape(-1)


def hermitian(rng, k):
    matrix = rng.normal(size=(2**k, 2**k)) + 1j * rng.normal(size=(2**k, 2**k))
    return matrix + matrix.conj().T


@st.composite
def cases(draw):
    """(state in some layout, qubits, random numbers)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 8))
    qubits = rng.permutation(n)[: draw(st.integers(0, min(n, 4)))].tolist()
    state = oracle.random_state(rng, n, draw(st.sampled_from([np.complex64, np.complex128])))
    if draw(st.booleans()):
        state = np.repeat(state, 2)[::2]
    if n > 1 and draw(st.booleans()):
        state = state.reshape((2,) * n).transpose(rng.permutation(n))
        if draw(st.booleans()):
            state = state[(np.s_[::-1],) * n]
    return state, qubits, rng


@settings(max_examples=200)
@given(cases(), st.sampled_from([1, 2]))
def test_all_kinds_of_observables(case, threads):
    state, qubits, rng = case
    k, before = len(qubits), state.tobytes()
    letters = "".join(rng.choice(list("IXYZ"), k))
    others = "".join(rng.choice(list("IXYZ"), k))
    total = nk.PauliSum([(letters, 0.5), (others, -2)], num_qubits=k)
    diagonal, matrix = rng.normal(size=2**k), hermitian(rng, k)
    flat = wide(state).reshape(-1)
    for observable, dense in [
        (letters, oracle.pauli(letters)),
        (total, oracle.pauli_sum(total, k)),
        (diagonal, np.diag(diagonal)),
        (diagonal.tolist(), np.diag(diagonal)),
        (matrix, matrix),
    ]:
        product = embedded(dense, qubits, state)
        mean = np.vdot(flat, product).real
        scale = 1 + abs(dense).sum()
        value = nk.expectation(state, observable, qubits=qubits, threads=threads)
        assert type(value) is float
        assert abs(value - mean) <= 8e-15 * scale
        variance = nk.variance(state, observable, qubits=qubits, threads=threads)
        assert type(variance) is float
        assert variance >= 0
        assert abs(variance - np.sum(abs(product - mean * flat) ** 2)) <= 8e-15 * scale**2
    density = nk.reduced_density_matrix(state, qubits, threads=threads)
    assert density.dtype == np.complex128
    tensor = np.moveaxis(flat.reshape((2,) * (state.size.bit_length() - 1)), qubits, range(k))
    tensor = tensor.reshape(2**k, -1)
    assert abs(density - tensor @ tensor.conj().T).max() <= 8e-15
    assert state.tobytes() == before


@pytest.mark.parametrize("n", [1, 5, 11, 13, 16])
def test_without_qubits_all_in_order(n, rng, dtype):
    state = oracle.random_state(rng, n, dtype)
    letters = "".join(rng.choice(list("XYZ"), n))
    diagonal = rng.normal(size=2**n)
    probabilities = abs(wide(state)) ** 2
    part = state.astype(complex)
    nk.apply_pauli(part, letters)
    assert abs(nk.expectation(state, letters) - np.vdot(wide(state), part).real) < 1e-14
    mean = np.sum(probabilities * diagonal)
    assert abs(nk.expectation(state, diagonal) - mean) < 1e-14
    expected = np.sum(probabilities * (diagonal - mean) ** 2)
    assert abs(nk.variance(state, diagonal) - expected) < 3e-14
    turned = state.reshape((2,) * n).T if n > 1 else state
    assert abs(nk.expectation(turned, letters[::-1]) - nk.expectation(state, letters)) < 1e-14
    for read in (
        lambda threads: nk.expectation(state, letters, threads=threads),
        lambda threads: nk.expectation(state, diagonal, threads=threads),
        lambda threads: nk.variance(state, diagonal, threads=threads),
        lambda threads: nk.expectation(state, hermitian_of_one, qubits=n - 1, threads=threads),
    ):
        assert len({read(threads).hex() for threads in (1, 2, 3, None)}) == 1


hermitian_of_one = np.array([[0.3, 1 - 2j], [1 + 2j, -0.9]])


@pytest.mark.parametrize("shape", [(3,), (2, 2), (0,), (1,)])
@pytest.mark.parametrize("n", [1, 3, 14])
def test_batches(n, shape, rng, dtype):
    states = np.array([oracle.random_state(rng, n, dtype) for _ in range(int(np.prod(shape)))])
    states = states.reshape(*shape, 2**n).astype(dtype)
    batch, others = len(shape), np.roll(states, 1, axis=0)
    fidelities = nk.fidelity(states, others, batch=batch)
    matrices = nk.reduced_density_matrix(states, 0, batch=batch)
    assert (fidelities.shape, matrices.shape) == (shape, (*shape, 2, 2))
    for observable, qubits in [("Y", 0), (hermitian_of_one, 0), ([1, -0.5], 0), ("Z" * n, None)]:
        for read in nk.expectation, nk.variance:
            values = read(states, observable, qubits=qubits, batch=batch)
            assert (values.shape, values.dtype) == (shape, float)
            for index in np.ndindex(shape):
                assert values[index] == read(states[index], observable, qubits=qubits)
    for index in np.ndindex(shape):
        assert fidelities[index] == nk.fidelity(states[index], others[index])
        assert np.array_equal(matrices[index], nk.reduced_density_matrix(states[index], 0))
        expected = abs(np.vdot(wide(states[index]), wide(others[index]))) ** 2
        assert abs(fidelities[index] - expected) < 1e-14


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_variances_in_eigenstates(k, rng, dtype):
    """A difference of squares would be off by roundings of the largest, to either side."""
    matrix = np.array([[1, 2], [2, -1]]) if k == 1 else hermitian(rng, k)
    _, states = np.linalg.eigh(matrix)
    size = abs(matrix).sum()
    for state in states.T.astype(dtype):
        product = matrix @ wide(state)
        mean = np.vdot(wide(state), product).real
        expected = np.sum(abs(product - mean * wide(state)) ** 2)
        error = 8 * np.finfo(float).eps * size
        assert 0 <= nk.variance(state, matrix) <= expected + error * (2 * expected**0.5 + error)
        rest = oracle.random_state(rng, 3).astype(dtype)
        found = nk.variance(np.kron(rest, state), matrix, qubits=range(3, 3 + k))
        limit = 1e-15 * size if dtype == np.complex128 else 1e-6 * size
        assert 0 <= found <= limit**2


@pytest.mark.parametrize("offset", [1e4, 1e8, -1e12])
@pytest.mark.parametrize("norm", [1, 1.5])
def test_an_offset_takes_no_digits_from_variances(offset, norm, rng, dtype):
    n = 5
    state = norm * oracle.random_state(rng, n)
    state = state.astype(dtype)
    terms = {"".join(rng.choice(list("IXYZ"), n)): rng.normal() for _ in range(6)}
    terms["I" * n] = offset
    psi, matrix = wide(state), oracle.pauli_sum(terms.items(), n)
    # Of the sum less its mean, which is not divided by the norm: the identity is what is large.
    mean = np.vdot(psi, (matrix - offset * np.eye(2**n)) @ psi).real
    shift = mean + offset * (np.vdot(psi, psi).real - 1)
    product = (matrix - offset * np.eye(2**n)) @ psi - shift * psi
    expected = np.sum(abs(product) ** 2)
    found = nk.variance(state, nk.PauliSum(terms))
    # The square of the norm has some roundings of its own, of which the offset makes a shift.
    rounding = 8 * np.finfo(float).eps * abs(offset)
    error = 1e-14 * expected + rounding * (rounding + 2 * abs(np.vdot(psi, product)))
    assert abs(found - expected) <= error
    assert found == nk.PauliSum(terms).variance(state)


def test_fidelities_are_at_most_one(rng, dtype):
    states = np.array([oracle.random_state(rng, 6, dtype) for _ in range(300)])
    squares = [float(np.sum(abs(wide(state)) ** 2)) for state in states]
    assert max(squares) > 1 > min(squares)  # so there is something to be cut off
    found = nk.fidelity(states, states, batch=1)
    assert found.max() == 1 == nk.fidelity(states[np.argmax(squares)], states[np.argmax(squares)])
    assert abs(found - 1).max() < 20 * np.finfo(dtype).eps
    assert abs(nk.fidelity(2 * states[0], states[0]) - 4) < 100 * np.finfo(dtype).eps
    assert nk.fidelity(np.array([1.001, 0], dtype), np.array([1, 0], dtype)) > 1.002


def test_not_divided_by_the_norm(rng):
    state = oracle.random_state(rng, 2)
    assert abs(nk.expectation(2 * state, "II") - 4) < 1e-14


def test_rounded_matrices_are_hermitian_enough(rng):
    state = oracle.random_state(rng, 3)
    unitary = oracle.random_unitary(rng, 3)
    matrix = unitary @ np.diag(rng.normal(size=8)) @ unitary.conj().T
    for kind in complex, np.complex64:
        assert abs(nk.expectation(state, matrix.astype(kind)).imag) == 0
    matrix[0, 1] += 1e-9
    with pytest.raises(ValueError, match=r"not Hermitian: .*1\.0e-9"):
        nk.expectation(state, matrix)


def test_entropy(rng, dtype):
    n = 6
    state = oracle.random_state(rng, n, dtype)
    for qubits in [], [2], [4, 1], [0, 3, 5], [5, 1, 0, 2], list(range(6)):
        rest = [q for q in range(n) if q not in qubits]
        tensor = state.astype(complex).reshape((2,) * n).transpose(qubits + rest)
        weights = np.linalg.svd(tensor.reshape(2 ** len(qubits), -1), compute_uv=False) ** 2
        expected = -np.sum(weights * np.log2(weights + 1e-300))
        tolerance = 1e-12 if dtype == np.complex128 else 1e-5
        assert abs(nk.entanglement_entropy(state, qubits) - expected) < tolerance
        got = nk.entanglement_entropy(state.reshape((2,) * n), qubits, base=np.e)
        assert abs(got - expected * np.log(2)) < tolerance
    assert nk.entanglement_entropy(nk.zero_state(3), 0) == 0
    for base in 0, 1, -2, np.nan, "2":
        with pytest.raises(ValueError, match="'base' is"):
            nk.entanglement_entropy(state, 0, base=base)


REFUSED = [
    (("XQ",), {}, ValueError, "the Pauli string holds 'Q'"),
    (("XX",), {}, ValueError, "2 letters for 3 qubits"),
    (("XX",), {"qubits": 0}, ValueError, "2 letters for 1 qubits"),
    ((nk.PauliSum({"X": 1}),), {}, ValueError, "1 qubits and what it meets.* has 3"),
    ((np.eye(4),), {}, ValueError, "'observable'.*shape"),
    ((np.eye(2),), {"qubits": (0, 1)}, ValueError, "'observable'.*shape"),
    ((np.ones((8, 4)),), {}, ValueError, "'observable'.*shape"),
    ((np.ones(4),), {}, ValueError, "'observable'.*shape"),
    ((np.ones(8) * 1j,), {}, TypeError, "'observable'.*dtype"),
    (([[0, 1], [0, 0]],), {"qubits": 0}, ValueError, "'observable' is not Hermitian"),
    (([[0, 1j], [1j, 0]],), {"qubits": 0}, ValueError, "'observable' is not Hermitian"),
    (([[np.nan, 0], [0, 0]],), {"qubits": 0}, ValueError, "'observable'"),
    (([np.inf, 0],), {"qubits": 0}, ValueError, "'observable'"),
    ((3,), {}, TypeError, "'observable' is neither"),
    ((np.ones((2, 2, 2)),), {}, TypeError, "'observable' is neither"),
    ((None,), {}, TypeError, "'observable'"),
    (("X",), {"qubits": 3}, ValueError, "qubit 3 is out of range"),
    (("XX",), {"qubits": (1, 1)}, ValueError, "qubit 1 .*twice"),
    (("X",), {"qubits": True}, TypeError, "bool"),
    (("XYZ",), {"threads": 0}, ValueError, "'threads' is 0"),
    (("XYZ",), {"batch": 2}, ValueError, "'batch' is 2"),
]


@pytest.mark.parametrize(("arguments", "further", "error", "words"), REFUSED, ids=repr)
def test_refusals(arguments, further, error, words, rng):
    state = oracle.random_state(rng, 3)
    before = state.tobytes()
    for read in nk.expectation, nk.variance:
        with pytest.raises(error, match=f"(?s){words}.*[:;]"):
            read(state, *arguments, **further)
    assert state.tobytes() == before


def test_states_that_do_not_match(rng):
    state = oracle.random_state(rng, 3)
    with pytest.raises(ValueError, match="'a' has 3 qubits"):
        nk.fidelity(state, state[:4])
    with pytest.raises(ValueError, match="as many on both sides"):
        nk.fidelity(state.reshape(2, 4), state.reshape(4, 2)[:, :1].reshape(4, 1), batch=1)
    with pytest.raises(TypeError, match="different dtypes"):
        nk.fidelity(state, state.astype(np.complex64))
    for qubits, error in [
        (3, ValueError),
        ((1, 1), ValueError),
        (1.5, TypeError),
        ("0", TypeError),
    ]:
        with pytest.raises(error, match="qubit"):
            nk.reduced_density_matrix(state, qubits)
    for qubits, error in [(3, ValueError), ((1, 1), ValueError), ((0, 1, 3), ValueError)]:
        with pytest.raises(error, match="qubit"):
            nk.entanglement_entropy(state, qubits)


def test_axes_of_length_one(rng):
    state = oracle.random_state(rng, 2)
    tensor = state.reshape(1, 2, 1, 2)
    assert nk.expectation(tensor, "XZ") == nk.expectation(state, "XZ")
    assert nk.expectation(tensor, "ZX", qubits=(3, 1)) == nk.expectation(state, "XZ")
    assert nk.expectation(tensor, nk.PauliSum({"Y": 2}), qubits=3) == 2 * nk.expectation(
        state, "IY"
    )
    with pytest.raises(ValueError, match="length 1"):
        nk.expectation(tensor, "X", qubits=2)


def test_a_sum_serves_states_of_all_layouts_in_turn(rng):
    """What is prepared for one layout is kept with the sum, and must not be taken for another."""
    terms = {"XYZ": 0.5, "ZIX": -1.25, "IYY": 2.0, "III": 0.25}
    psi = oracle.random_state(rng, 3)
    tensor = psi.reshape(2, 2, 2)
    holes = np.zeros(16, complex)[::2]
    holes[:] = psi
    states = [psi, tensor, np.asfortranarray(tensor), psi[::-1].copy()[::-1], holes]
    chain = nk.PauliSum(terms)
    expected = np.vdot(psi, oracle.pauli_sum(terms.items(), 3) @ psi).real
    for _ in range(2):
        for state in states:
            for array in (state, state.astype(np.complex64)):
                fresh = nk.PauliSum(terms)
                assert nk.expectation(array, chain) == nk.expectation(array, fresh)
                applied, again = np.zeros_like(array), np.zeros_like(array)
                chain.apply(array, applied)
                fresh.apply(array, again)
                assert np.array_equal(applied, again)
                assert abs(nk.expectation(array, chain) - expected) < 16 * np.finfo(array.dtype).eps
