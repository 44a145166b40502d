"""Views of the qubits that are left, and random states."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import layouts


def test_remaining_is_a_view_of_the_same_amplitudes(dtype, rng):
    n = 5
    state = oracle.random_state(rng, n, dtype)
    for _ in range(10):
        k = int(rng.integers(0, n + 1))
        qubits = rng.permutation(n).tolist()[:k]
        bits = rng.integers(0, 2, k)
        index = [slice(None)] * n
        for qubit, bit in zip(qubits, bits, strict=True):
            index[qubit] = bit
        expected = state.reshape((2,) * n)[tuple(index)]
        text, number = "".join(map(str, bits)), int("".join(["0", *map(str, bits)]), 2)
        for view in layouts(rng, state):
            for outcome in (bits, bits.tolist(), text, number):
                rest = nk.remaining(view, qubits, outcome)
                assert np.array_equal(rest, expected)
                assert np.shares_memory(rest, view)
    assert nk.remaining(nk.ket("010"), 1, 1).shape == (2, 2)


def test_after_a_measurement_gates_go_on_in_place(rng):
    psi = oracle.random_state(rng, 4)
    bits = nk.measure(psi, (2, 0), rng=3)
    rest = nk.remaining(psi, (2, 0), bits)
    assert abs(np.linalg.norm(rest) - 1) < 1e-14
    expected = oracle.apply(psi.copy(), oracle.gate("cx"), [3, 1])
    nk.cx(rest, 1, 0)  # qubits 3 and 1
    oracle.assert_close(psi, expected)


def test_a_register_grows_in_place(dtype, rng):
    n = 6
    room = nk.zero_state(n, dtype)
    expected = np.array([1], complex)
    for k in range(1, n + 1):
        register = nk.remaining(room, range(k, n), 0)
        expected = np.kron(expected, [1, 0])
        angle = rng.uniform(0, 2)
        for state in register, expected.reshape((2,) * k):
            nk.ry(state, angle, k - 1)
            if k > 1:
                nk.crx(state, angle, k - 1, 0)
        assert np.shares_memory(register, room)
        oracle.assert_close(register.reshape(-1), expected, 4 * k)
    # With new qubits at the front, views are flat.
    room = nk.zero_state(n, dtype)
    expected = np.array([1], complex)
    for k in range(1, n + 1):
        expected = np.kron([1, 0], expected)
        for state in room[: 2**k], expected:
            nk.h(state, 0)
            nk.s(state, k - 1)
        oracle.assert_close(room[: 2**k], expected, 4 * k)


def test_remaining_in_a_batch(rng):
    states = np.array([oracle.random_state(rng, 3) for _ in range(4)])
    rest = nk.remaining(states, 1, "1", batch=1)
    assert np.array_equal(rest, states.reshape(4, 2, 2, 2)[:, :, 1])
    nk.x(rest, 0, batch=1)
    assert np.shares_memory(rest, states)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (([1, 0], 0, 0), TypeError, "'state' is a list"),
        ((np.zeros(6), 0, 0), ValueError, r"shape \(6,\)"),
        ((np.zeros((2, 8)), 0, 0), ValueError, "batch"),
        ((np.zeros(8), 3, 0), ValueError, "qubit 3"),
        ((np.zeros(8), (1, 1), 0), ValueError, "twice"),
        ((np.zeros(8), (0, 1), 4), ValueError, "'outcome' is 4"),
        ((np.zeros(8), (0, 1), "2"), ValueError, "'outcome' is '2'"),
        ((np.zeros(8), (0, 1), [0, 2]), ValueError, "a bit 0 or 1"),
        ((np.zeros(8), 0, 0.5), TypeError, "'outcome'"),
        ((np.zeros(8), "0", 0), TypeError, "'qubits'"),
    ],
)
def test_views_that_cannot_be(arguments, error, text):
    with pytest.raises(error, match=text):
        nk.remaining(*arguments)


def test_random_states(dtype):
    for n in (0, 1, 5, 17):
        psi = nk.random_state(n, 3, dtype=dtype)
        assert psi.dtype == dtype
        assert psi.shape == (2**n,)
        assert abs(np.linalg.norm(psi) - 1) < 8 * np.finfo(dtype).eps
        assert np.array_equal(psi, nk.random_state(n, 3, dtype=dtype))
        assert not np.array_equal(psi, nk.random_state(n, 4, dtype=dtype))
    generator = np.random.default_rng(1)
    first = nk.random_state(3, generator)
    assert not np.array_equal(first, nk.random_state(3, generator))
    assert np.array_equal(first, nk.random_state(3, 1))
    assert not np.array_equal(nk.random_state(3), nk.random_state(3))


def test_random_states_are_those_of_haar(rng):
    """Of p = |amplitude|**2 in dimension d: mean 1/d, mean of squares 2 / (d (d + 1))."""
    states = np.array([nk.random_state(2, rng) for _ in range(4000)])
    p = np.abs(states) ** 2
    assert abs(p.mean(axis=0) - 1 / 4).max() < 5 * np.sqrt((2 / 20 - 1 / 16) / 4000)
    assert abs((p**2).mean() - 2 / 20) < 0.004
    assert abs(states.mean(axis=0)).max() < 5 * np.sqrt(0.25 / 4000)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((-1,), ValueError, "'n' is -1"),
        ((2.5,), TypeError, "'n'"),
        ((60,), MemoryError, "GiB"),
        ((2, "x"), TypeError, "SeedSequence"),
    ],
)
def test_random_states_that_cannot_be(arguments, error, text):
    with pytest.raises(error, match=text):
        nk.random_state(*arguments)
