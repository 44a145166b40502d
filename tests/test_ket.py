"""The fluent handle."""

import gc

import numpy as np
import pytest

import numket as nk
import oracle

ORIGINAL = {"X": "x", "Y": "y", "Z": "z", "H": "h", "S": "s", "CNOT": "cx", "CPHASE": "cp"}


def test_the_chain_of_the_original():
    state = nk.ket("000").H(0).CNOT(0, 1).CNOT(1, 2).state
    oracle.assert_close(state, [oracle.R, *[0] * 6, oracle.R])


def test_state_is_the_very_array(dtype, rng):
    psi = oracle.random_state(rng, 3, dtype)
    ket, address = nk.Ket(psi), psi.ctypes.data
    assert ket.state is psi
    assert ket.h(0).cx(0, 1).X(2) is ket
    assert ket.state is psi
    assert psi.ctypes.data == address
    assert ket.num_qubits == 3


def test_two_handles_and_the_array_see_one_state():
    psi = nk.zero_state(2)
    one, two = nk.Ket(psi), nk.Ket(psi)
    one.x(0)
    two.cx(0, 1)
    assert psi[3] == 1
    psi[:] = [0, 1, 0, 0]
    assert one.swap(0, 1).state[2] == 1


@pytest.mark.parametrize("name", oracle.GATES)
def test_every_gate_is_a_method(name, dtype, rng):
    k, params = oracle.num_qubits(name), rng.normal(size=oracle.num_params(name))
    state = oracle.random_state(rng, 5, dtype)
    other, (*qubits, control) = state.copy(), rng.permutation(5)[: k + 1].tolist()
    for options in {}, {"controls": [control], "control_values": [0]}, {"threads": 1}:
        ket = nk.Ket(state)
        assert getattr(ket, name)(*params, *qubits, **options) is ket
        getattr(nk, name)(other, *params, *qubits, **options)
        assert state.tobytes() == other.tobytes()
    assert getattr(nk.Ket, name).__doc__


@pytest.mark.parametrize("name", ORIGINAL)
def test_names_of_the_original(name, dtype, rng):
    state = oracle.random_state(rng, 4, dtype)
    function = ORIGINAL[name]
    params = [0.3] * oracle.num_params(function)
    qubits = [2, 0][: oracle.num_qubits(function)]
    expected = oracle.apply(state, oracle.gate(function, *params), qubits)
    ket = nk.Ket(state)
    assert getattr(ket, name)(*params, *qubits) is ket
    oracle.assert_close(state, expected)
    assert getattr(nk.Ket, name).__doc__


def test_operators_as_methods(dtype, rng):
    state = oracle.random_state(rng, 4, dtype)
    other, matrix, options = state.copy(), oracle.random_unitary(rng, 2), {"controls": (2,)}
    nk.Ket(state).apply(matrix, (3, 1), **options).apply_diagonal([1, 2j], 0, **options)
    nk.Ket(state).apply_permutation([1, 2, 3, 0], (0, 1), control_values=[0], **options)
    nk.apply(other, matrix, (3, 1), **options)
    nk.apply_diagonal(other, [1, 2j], 0, **options)
    nk.apply_permutation(other, [1, 2, 3, 0], (0, 1), control_values=[0], **options)
    assert state.tobytes() == other.tobytes()


@pytest.mark.parametrize("label", ["0", "1", "10", "110", "0101", "0" * 12 + "1"])
def test_labels(label, dtype):
    ket = nk.ket(label, dtype=dtype)
    assert ket.state.dtype == dtype
    assert ket.num_qubits == len(label)
    assert np.flatnonzero(ket.state).tolist() == [int(label, 2)]


@pytest.mark.parametrize(
    ("label", "error"),
    [
        ("012", ValueError),
        ("+-", ValueError),
        ("0 1", ValueError),
        (10, TypeError),
        (None, TypeError),
        (b"10", TypeError),
        ([1, 0], TypeError),
    ],
)
def test_labels_that_are_none(label, error):
    with pytest.raises(error):
        nk.ket(label)


@pytest.mark.parametrize("method", [*ORIGINAL, *oracle.GATES])
def test_out_of_range(method, rng):
    name = ORIGINAL.get(method, method)
    ket = nk.Ket(oracle.random_state(rng, 3))
    before = ket.state.tobytes()
    params, k = [0.1] * oracle.num_params(name), oracle.num_qubits(name)
    for position in range(k):
        for qubit in 3, -1, 10**20:
            qubits = [0, 1, 2][:k]
            qubits[position] = qubit
            with pytest.raises(ValueError, match="out of range"):
                getattr(ket, method)(*params, *qubits)
    assert ket.state.tobytes() == before


@pytest.mark.parametrize(
    ("state", "error"),
    [([1, 0], TypeError), (np.ones(2), TypeError), (np.ones(3, complex), ValueError)],
    ids=["list", "float", "length"],
)
def test_what_cannot_be_wrapped(state, error):
    with pytest.raises(error, match="'state'"):
        nk.Ket(state)


def test_state_cannot_be_exchanged():
    ket = nk.ket("0")
    with pytest.raises(AttributeError):
        ket.state = nk.zero_state(1)


def test_the_array_lives_as_long_as_the_handle():
    ket = nk.Ket(nk.basis_state(3, "101"))
    gc.collect()
    assert np.flatnonzero(ket.state).tolist() == [5]
    state = ket.state
    del ket
    assert state[5] == 1


def test_any_layout(rng):
    psi = oracle.random_state(rng, 4).reshape((2,) * 4).transpose(2, 0, 3, 1)
    expected = oracle.apply(psi, oracle.gate("cx"), [3, 0])
    assert nk.Ket(psi).CNOT(3, 0).state is psi
    oracle.assert_close(psi, expected)
