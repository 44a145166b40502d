"""The fluent handle."""

import copy
import gc
import inspect
import pickle

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import N, hits, in_flight

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
    [([1, 0], TypeError), (np.ones(2, int), TypeError), (np.ones(3, complex), ValueError)],
    ids=["list", "int", "length"],
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


# What a handle tells, and where it passes for its array.


def test_readings_are_those_of_the_functions(dtype, rng):
    state = oracle.random_state(rng, 4, dtype)
    ket, before, matrix = nk.Ket(state), state.tobytes(), [[0, 1], [1, 0]]
    assert np.array_equal(ket.probabilities(), nk.probabilities(state))
    assert np.array_equal(ket.probabilities([2, 0]), nk.probabilities(state, [2, 0]))
    out = np.empty(2)
    assert ket.probabilities(qubits=1, out=out, threads=1) is out
    assert np.array_equal(out, nk.probabilities(state, 1))
    for observable in "XYZI", nk.PauliSum({"XYZI": 2, "ZZII": 1}), np.arange(16):
        assert ket.expectation(observable) == nk.expectation(state, observable)
        assert ket.variance(observable) == nk.variance(state, observable)
    assert ket.expectation(matrix, qubits=2) == nk.expectation(state, matrix, qubits=2)
    assert ket.variance(observable=matrix, qubits=2) == nk.variance(state, matrix, qubits=2)
    assert ket.norm(threads=1) == nk.norm(state)
    assert state.tobytes() == before


def test_readings_that_are_refused(rng):
    ket = nk.Ket(oracle.random_state(rng, 3))
    before = ket.state.tobytes()
    for call, error in (
        (lambda: ket.probabilities(3), ValueError),
        (lambda: ket.probabilities(out=np.empty(4)), ValueError),
        (lambda: ket.expectation("XX"), ValueError),
        (lambda: ket.variance([[0, 1], [0, 0]], qubits=0), ValueError),
        (lambda: ket.norm(threads=0), ValueError),
    ):
        with pytest.raises(error):
            call()
    assert ket.state.tobytes() == before


@pytest.mark.parametrize("copied", [nk.Ket.copy, copy.copy, copy.deepcopy])
def test_copies(copied, dtype, rng):
    tensor = oracle.random_state(rng, 4, dtype).reshape((2, 2, 1, 2, 2)).transpose(3, 0, 2, 1, 4)
    for state in tensor[:, ::-1], np.repeat(oracle.random_state(rng, 3, dtype), 2)[::2]:
        ket = nk.Ket(state)
        other = copied(ket)
        assert type(other) is nk.Ket
        assert np.array_equal(other.state, state)
        assert (other.state.dtype, other.state.shape) == (dtype, state.shape)
        assert not np.shares_memory(other.state, state)
        before = state.tobytes()
        other.x(0)
        assert state.tobytes() == before
        assert not np.array_equal(other.state, state)


def test_operators_are_those_of_the_functions(dtype, rng):
    state = oracle.random_state(rng, 3, dtype)
    other, decay = state.copy(), nk.channels.amplitude_damping(0.2)
    ket = nk.Ket(state)
    assert ket.apply_pauli("XZ", [2, 0], controls=1, control_values=0) is ket
    assert ket.pauli_rotation(0.3, "YXZ").pauli_rotation(theta=-0.7, pauli="Y", qubits=1) is ket
    drawn = [ket.normalize().apply_kraus(decay, 1, rng=seed) for seed in range(20)]
    nk.apply_pauli(other, "XZ", [2, 0], controls=1, control_values=0)
    nk.pauli_rotation(other, 0.3, "YXZ")
    nk.pauli_rotation(other, -0.7, "Y", 1)
    for seed in range(20):
        nk.normalize(other)
        assert nk.apply_kraus(other, decay, 1, rng=seed) == drawn[seed]
    assert set(drawn) == {0, 1}
    assert state.tobytes() == other.tobytes()


def test_a_handle_holds_one_state():
    for name in dir(nk.Ket):
        if not name.startswith("_") and callable(getattr(nk.Ket, name)):
            assert "batch" not in inspect.signature(getattr(nk.Ket, name)).parameters
    with pytest.raises(TypeError, match="batch"):
        nk.ket("0").h(0, batch=0)


def test_pickles(dtype, rng):
    state = oracle.random_state(rng, 3, dtype)
    other, array = pickle.loads(pickle.dumps((nk.Ket(state), state)))
    assert type(other) is nk.Ket
    assert other.state is array
    assert array.tobytes() == state.tobytes()


def test_numpy_sees_the_array(rng):
    state = oracle.random_state(rng, 3)
    ket = nk.Ket(state)
    assert np.asarray(ket) is state
    assert np.array_equal(abs(np.array(ket)) ** 2, abs(state) ** 2)
    assert not np.shares_memory(np.array(ket), state)
    assert np.asarray(ket, np.clongdouble).dtype == np.clongdouble
    assert np.vdot(ket, ket) == np.vdot(state, state)
    assert np.array(ket, copy=False) is state
    with pytest.raises(ValueError, match="copy"):
        np.array(ket, np.complex64, copy=False)
    mapped = nk.Ket(state.view(np.memmap))
    assert np.asanyarray(mapped) is mapped.state


def test_a_handle_passes_for_its_array(dtype, rng):
    """Wherever a state goes; `test_surface.py` has the functions."""
    state = oracle.random_state(rng, 3, dtype)
    other, ket = state.copy(), nk.Ket(state)
    assert nk.Ket(ket).state is state
    for each in ket, other:
        nk.h(each, 0)
        nk.rx(each, 0.3, [1, 2])
        nk.cu(each, 0.1, 0.2, 0.3, 0.4, 0, 2, controls=1)
        nk.Circuit(3).h(0).cx(0, 1).run(each)
    assert state.tobytes() == other.tobytes()
    assert np.shares_memory(nk.little_endian(ket), state)
    circuit = nk.Circuit(3).rx(nk.Parameter("a"), 0).x(1)
    assert circuit.expectation("ZZZ", [1], state=ket) == circuit.expectation(
        "ZZZ", [1], state=state
    )
    value, gradient = circuit.gradient("ZZZ", [1], state=ket)
    assert (value, gradient) == circuit.gradient("ZZZ", [1], state=state)
    values, _ = circuit.vjp(["ZZZ"], [1], [1], state=ket)
    assert values == [value]
    assert circuit.trajectories(ket, "ZZZ", 3, [1]) == circuit.trajectories(state, "ZZZ", 3, [1])
    sampler = nk.Sampler(ket)
    assert sampler.state is state
    assert np.array_equal(sampler.sample(9, rng=7), nk.sample(ket, 9, rng=7))
    total, outs = nk.PauliSum({"XYZ": 1}), [nk.Ket(np.empty_like(state)), np.empty_like(state)]
    for out in outs:
        total.apply(ket, out)
    assert outs[0].state.tobytes() == outs[1].tobytes()
    assert nk.inner(ket, outs[0]) == nk.inner(state, outs[1])


def test_a_handle_on_what_is_no_state_any_more():
    state = nk.zero_state(3)
    ket = nk.Ket(state)
    state.flags.writeable = False
    for call in lambda: nk.x(ket, 0), lambda: ket.x(0), lambda: nk.Circuit(3).x(0).run(ket):
        with pytest.raises(ValueError, match="'state' is read-only"):
            call()
    assert ket.norm() == nk.norm(ket) == 1
    assert state.tolist() == [1, *[0] * 7]


def test_copies_of_a_state_in_use(rng):
    state = oracle.random_state(rng, N)
    with in_flight(state):
        assert hits(nk.Ket(state).copy)
