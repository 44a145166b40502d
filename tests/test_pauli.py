"""Pauli strings and rotations about them, in one pass, against the product of their matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle

LETTERS = {"I": oracle.I2, "X": oracle.X, "Y": oracle.Y, "Z": oracle.Z}


def matrix_of(pauli):
    matrix = np.eye(1, dtype=np.clongdouble)
    for letter in pauli:
        matrix = np.kron(matrix, LETTERS[letter])
    return matrix


@st.composite
def cases(draw):
    """(state, pauli, qubits, controls, values, random numbers)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 7))
    pauli = "".join(draw(st.lists(st.sampled_from("IXYZ"), min_size=1, max_size=min(n, 5))))
    order = rng.permutation(n).tolist()
    qubits, rest = order[: len(pauli)], order[len(pauli) :]
    controls = rest[: draw(st.integers(0, 2))]
    state = oracle.random_state(rng, n, draw(st.sampled_from([np.complex64, np.complex128])))
    if draw(st.booleans()):
        shape = (2,) * n if n > 1 else (2, 1)
        state = state.reshape(shape).transpose(rng.permutation(len(shape)).tolist())
        if n == 1:
            qubits = [state.shape.index(2)]
        if draw(st.booleans()):
            state = state[(np.s_[::-1],) * state.ndim]
    return state, pauli, qubits, controls, rng.integers(0, 2, len(controls)).tolist(), rng


@settings(max_examples=300)
@given(cases(), st.floats(-20, 20), st.sampled_from([1, 2]))
def test_against_the_matrix(case, theta, threads):
    state, pauli, qubits, controls, values, _ = case
    further = {"controls": controls, "control_values": values, "threads": threads}
    matrix = matrix_of(pauli)
    expected = oracle.apply(state, matrix, qubits, controls, values)
    nk.apply_pauli(state, pauli, qubits, **further)
    oracle.assert_close(state, expected)
    expected = oracle.apply(state, oracle.rotation(matrix, theta), qubits, controls, values)
    nk.pauli_rotation(state, theta, pauli, qubits, **further)
    oracle.assert_close(state, expected)


@settings(max_examples=100)
@given(cases(), st.integers(1, 70))
def test_batches(case, count):
    state, pauli, qubits, controls, values, rng = case
    further = {"controls": controls, "control_values": values, "batch": 1}
    states = np.stack([state * phase for phase in np.exp(1j * rng.normal(size=count))])
    states = states.astype(state.dtype)
    angles = rng.normal(size=count)
    expected = np.array(states, np.clongdouble)
    for i in range(count):
        rotation = oracle.rotation(matrix_of(pauli), angles[i])
        expected[i] = oracle.apply(states[i], rotation, qubits, controls, values)
    nk.pauli_rotation(states, angles, pauli, qubits, **further)
    oracle.assert_close(states, expected)
    for i in range(count):
        expected[i] = oracle.apply(states[i], matrix_of(pauli), qubits, controls, values)
    nk.apply_pauli(states, pauli, qubits, **further)
    oracle.assert_close(states, expected)


def test_all_qubits_in_order_if_none_are_listed(rng, dtype):
    state = oracle.random_state(rng, 4, dtype)
    expected = oracle.apply(state, matrix_of("XIYZ"), range(4))
    nk.apply_pauli(state, "XIYZ")
    oracle.assert_close(state, expected)
    tensor = state.reshape(1, 2, 2, 1, 2, 2)
    expected = oracle.apply(state, oracle.rotation(matrix_of("ZZIY"), 0.3), range(4))
    nk.pauli_rotation(tensor, 0.3, "ZZIY")
    oracle.assert_close(state, expected)


@pytest.mark.parametrize(
    "pauli", ["X" * 16, "Z" * 16, "Y" * 16, "IXYZ" * 4, "I" * 16, "I" * 15 + "X"]
)
def test_long_strings_on_all_threads(pauli, rng, dtype):
    one = oracle.random_state(rng, 16, dtype)
    two, before = one.copy(), one.copy()
    nk.pauli_rotation(one, 0.7, pauli, threads=1)
    nk.pauli_rotation(two, 0.7, pauli, threads=2)
    assert np.array_equal(one, two)
    nk.pauli_rotation(one, -0.7, pauli)
    oracle.assert_close(one, before, terms=8)
    nk.apply_pauli(one, pauli)
    for qubit, letter in enumerate(pauli):
        if letter != "I":
            getattr(nk, letter.lower())(before, qubit)
    oracle.assert_close(one, before, terms=8)


def test_an_identity_leaves_its_qubit_to_the_controls(rng):
    state = oracle.random_state(rng, 3)
    expected = oracle.apply(state, oracle.X, [0], [1])
    nk.apply_pauli(state, "XIX"[:2] + "I", controls=[1])
    oracle.assert_close(state, expected)


REFUSED = [
    (("XQZ",), ValueError, "the Pauli string holds 'Q' at position 1.*I, X, Y and Z"),
    (("xyz",), ValueError, "the Pauli string holds 'x' at position 0"),
    (("XÄZ",), ValueError, "'Ä'"),
    (("XY",), ValueError, "2 letters for 3 qubits"),
    (("XYZX",), ValueError, "4 letters for 3 qubits"),
    (("",), ValueError, "0 letters for 3 qubits"),
    (("XY", [0]), ValueError, "2 letters for 1 qubits"),
    (("XI", [1, 1]), ValueError, "qubit 1 .*twice"),
    (("XI", [0, 3]), ValueError, "qubit 3 .*range"),
    (("XI", [0, -1]), ValueError, "qubit -1 .*range"),
    (("X" * 70, range(70)), ValueError, "'pauli'|qubit"),
    ((b"XYZ",), TypeError, "pauli"),
    (([1, 2, 3],), TypeError, "pauli"),
    ((None,), TypeError, "pauli"),
]


@pytest.mark.parametrize(("arguments", "error", "words"), REFUSED)
def test_refusals(arguments, error, words, rng):
    state = oracle.random_state(rng, 3)
    before = state.tobytes()
    for call in (
        lambda: nk.apply_pauli(state, *arguments),
        lambda: nk.pauli_rotation(state, 0.1, *arguments),
    ):
        with pytest.raises(error, match="(?s)" + (words if error is ValueError else ".")):
            call()
        assert state.tobytes() == before


@pytest.mark.parametrize("theta", [float("nan"), float("inf"), "0.1", None, 1j, [0.1]])
def test_angles(theta, rng):
    state = oracle.random_state(rng, 3)
    before = state.tobytes()
    with pytest.raises((ValueError, TypeError), match="'theta'"):
        nk.pauli_rotation(state, theta, "XYZ")
    assert state.tobytes() == before


def test_letters_are_read_without_running_code():
    class Letter(str):
        def __str__(self):
            raise KeyboardInterrupt

    psi = nk.zero_state(1)
    nk.apply_pauli(psi, Letter("X"))
    assert psi.tolist() == [0, 1]
