"""Matrices, diagonals and permutations of the user's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle

DTYPES = [np.complex128, np.complex64]


def random_matrix(rng, k):
    size = 2**k
    return (rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))) / size**0.5


def random_diagonal(rng, k):
    return rng.normal(size=2**k) + 1j * rng.normal(size=2**k)


@st.composite
def calls(draw, largest=4):
    """(rng, state, qubits, controls, control_values): any precision, any order of axes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 8))
    state = oracle.random_state(rng, n, draw(st.sampled_from(DTYPES)))
    if draw(st.booleans()):
        state = state.reshape((2,) * n).transpose(draw(st.permutations(range(n))))
    order = draw(st.permutations(range(n)))
    k = draw(st.integers(1, min(n, largest)))
    controls = order[k : k + draw(st.integers(0, n - k))]
    values = draw(st.none() | st.tuples(*[st.integers(0, 1)] * len(controls)))
    return rng, state, order[:k], controls, values


@given(calls(largest=6))
def test_apply(call):
    rng, state, qubits, controls, values = call
    matrix = random_matrix(rng, len(qubits))
    expected = oracle.apply(state, matrix, qubits, controls, values)
    assert nk.apply(state, matrix, qubits, controls=controls, control_values=values) is None
    oracle.assert_close(state, expected, terms=2 ** len(qubits))


@given(calls(largest=8))
def test_apply_diagonal(call):
    rng, state, qubits, controls, values = call
    diagonal = random_diagonal(rng, len(qubits))
    expected = oracle.apply(state, np.diag(diagonal), qubits, controls, values)
    nk.apply_diagonal(state, diagonal, qubits, controls=controls, control_values=values)
    oracle.assert_close(state, expected)


@given(calls(largest=8))
def test_apply_permutation(call):
    rng, state, qubits, controls, values = call
    permutation = rng.permutation(2 ** len(qubits))
    matrix = oracle.permutation_matrix(permutation)
    expected = oracle.apply(state, matrix, qubits, controls, values).astype(state.dtype)
    nk.apply_permutation(state, permutation, qubits, controls=controls, control_values=values)
    assert np.array_equal(state, expected)


@given(calls(largest=5), st.integers(0, 2**32))
def test_apply_is_linear(call, seed):
    """Applied to a sum it is the sum, and twice it is the square."""
    rng, state, qubits, controls, values = call
    rest = {"controls": controls, "control_values": values}
    matrix = random_matrix(rng, len(qubits))
    other = oracle.random_state(np.random.default_rng(seed), state.size.bit_length() - 1)
    other = other.astype(state.dtype).reshape(state.shape)
    total, square = state + other, state.copy()
    for array in state, other, total:
        nk.apply(array, matrix, qubits, **rest)
    nk.apply(square, matrix @ matrix, qubits, **rest)
    nk.apply(twice := total - other, matrix, qubits, **rest)
    oracle.assert_close(state + other, total, terms=256)
    oracle.assert_close(twice, square, terms=4096)


@pytest.mark.parametrize("k", range(1, 9))
@pytest.mark.parametrize("n", [8, 10, 13])
def test_matrices_of_any_size(n, k, dtype, rng):
    for matrix in random_matrix(rng, k), oracle.random_unitary(rng, k):
        state = oracle.random_state(rng, n, dtype)
        qubits = rng.permutation(n)[:k].tolist()
        expected = oracle.apply(state, matrix, qubits)
        nk.apply(state, matrix, qubits)
        oracle.assert_close(state, expected, terms=2**k)


@pytest.mark.parametrize("k", [9, 10])
def test_matrices_that_are_arranged_at_once_and_tile_by_tile(k, dtype, rng):
    matrix, state = random_matrix(rng, k), oracle.random_state(rng, 12, dtype)
    qubits = rng.permutation(12).tolist()
    controls = qubits[k : k + 1]
    expected = oracle.apply(state, matrix, qubits[:k], controls)
    nk.apply(state, matrix, qubits[:k], controls=controls)
    oracle.assert_close(state, expected, terms=2**k)


@pytest.mark.parametrize("n", [16, 17, 18])
def test_states_that_fit_into_the_cache_and_do_not(n, dtype, rng):
    before = oracle.random_state(rng, n, dtype)
    for k in range(1, 6):
        matrix, diagonal = random_matrix(rng, k), random_diagonal(rng, k)
        permutation = rng.permutation(2**k)
        qubits = rng.permutation(n).tolist()
        qubits, controls = qubits[:k], qubits[k : k + k % 3]
        for function, operator, dense in (
            (nk.apply, matrix, matrix),
            (nk.apply_diagonal, diagonal, np.diag(diagonal)),
            (nk.apply_permutation, permutation, oracle.permutation_matrix(permutation)),
        ):
            state = before.copy()
            function(state, operator, qubits, controls=controls)
            oracle.assert_close(state, oracle.apply(before, dense, qubits, controls), terms=2**k)


@pytest.mark.parametrize("n", range(1, 9))
def test_matrix_on_all_qubits_is_a_product(n, dtype, rng):
    matrix, state = random_matrix(rng, n), oracle.random_state(rng, n, dtype)
    expected = matrix.astype(np.clongdouble) @ state
    nk.apply(state, matrix, range(n))
    oracle.assert_close(state, expected, terms=2**n)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_matrix_as_a_tensor(k, dtype, rng):
    matrix, state = random_matrix(rng, k), oracle.random_state(rng, 6, dtype)
    other, qubits = state.copy(), rng.permutation(6)[:k]
    nk.apply(state, matrix, qubits)
    nk.apply(other, matrix.reshape((2,) * 2 * k), qubits)
    assert np.array_equal(state, other)


@pytest.mark.parametrize(
    "form",
    [
        np.ndarray.tolist,
        lambda m: m.astype(np.int64),
        lambda m: m.astype(np.int8),
        lambda m: m.astype(np.float32),
        lambda m: m.astype(np.float64),
        lambda m: m.astype(np.complex64),
        lambda m: m.astype(np.clongdouble),
        lambda m: m.astype(">c16"),
        np.asfortranarray,
        lambda m: np.kron(m, [[1, 2], [3, 4]])[::2, ::2],
        lambda m: np.array(m[::-1, ::-1])[::-1, ::-1],
        lambda m: np.frombuffer(m.tobytes()).reshape(m.shape),
    ],
)
def test_matrix_in_any_form(form, dtype, rng):
    matrix = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]], float)
    state = oracle.random_state(rng, 5, dtype)
    expected = oracle.apply(state, matrix, (4, 1))
    nk.apply(state, form(matrix), (4, 1))
    oracle.assert_close(state, expected)


@pytest.mark.parametrize("form", [list, np.array, lambda d: np.array(d, np.int8)])
def test_diagonals_and_permutations_in_any_form(form, dtype, rng):
    state = oracle.random_state(rng, 4, dtype)
    expected = oracle.apply(state, np.diag([1, -1, 2, 0]), (3, 0))
    nk.apply_diagonal(state, form([1, -1, 2, 0]), (3, 0))
    oracle.assert_close(state, expected)
    expected = oracle.apply(state, oracle.permutation_matrix([2, 0, 1, 3]), (3, 0))
    nk.apply_permutation(state, form([2, 0, 1, 3]), (3, 0))
    oracle.assert_close(state, expected)


@pytest.mark.parametrize("n", [1, 2, 5, 10, 14, 17])
def test_permutation_and_diagonal_of_the_whole_state(n, dtype, rng):
    state, permutation = oracle.random_state(rng, n, dtype), rng.permutation(2**n)
    expected = np.empty_like(state)
    expected[permutation] = state
    nk.apply_permutation(state, permutation, range(n))
    assert np.array_equal(state, expected)
    diagonal = random_diagonal(rng, n)
    nk.apply_diagonal(state, diagonal, range(n))
    oracle.assert_close(state, expected.astype(np.clongdouble) * diagonal)


@pytest.mark.parametrize("make", [random_matrix, random_diagonal, "permutation"])
@pytest.mark.parametrize("n", [9, 13, 14, 16, 18])
def test_bits_do_not_depend_on_threads(make, n, dtype, rng):
    before = oracle.random_state(rng, n, dtype)
    for k in (1, 2, 3, 5):
        if make == "permutation":
            function, operator = nk.apply_permutation, rng.permutation(2**k)
        else:
            function = nk.apply if make is random_matrix else nk.apply_diagonal
            operator = make(rng, k)
        middle = rng.permutation(n)[: k + 2].tolist()
        for qubits, controls in (range(k), ()), (range(n - k, n), ()), (middle[2:], middle[:2]):
            results = [before.copy() for _ in range(3)]
            for threads, state in enumerate(results, 1):
                function(state, operator, qubits, controls=controls, threads=threads)
            assert results[0].tobytes() == results[1].tobytes() == results[2].tobytes()


@pytest.mark.parametrize(
    ("function", "cut", "qubits"),
    [(nk.apply, (4, 4), (0, 2)), (nk.apply_diagonal, -1, range(4))],
)
def test_operator_made_of_the_state_itself(function, cut, qubits, dtype, rng):
    """The operator is read before the state is written, or the call is refused."""
    state = oracle.random_state(rng, 4, dtype)
    before = state.copy()
    operator = before.reshape(cut)
    matrix = operator if operator.ndim == 2 else np.diag(operator)
    try:
        function(state, state.reshape(cut), qubits)
    except nk.BufferInUseError:
        assert np.array_equal(state, before)
    else:
        oracle.assert_close(state, oracle.apply(before, matrix, qubits))
