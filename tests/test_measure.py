"""Measurements, resets and conditions in circuits: the textbook with the same random numbers."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers import (
    Draws,
    Meddles,
    add_steps,
    in_threads,
    in_use,
    interrupted,
    layouts,
    long_circuit,
)

A = nk.Parameter("a")


def count(circuit):
    """How many random numbers a run draws for a state."""
    draws = {"measure": 1, "reset": 1}
    return sum(len(o.qubits) * draws.get(o.name, 0) * (1 + (o.params != ())) for o in circuit)


@given(st.integers(0, 2**32), st.integers(1, 6), st.booleans())
def test_random_circuits(seed, n, single):
    rng = np.random.default_rng(seed)
    circuit = add_steps(rng, nk.Circuit(n), 20).measure(0, 0)
    before = oracle.random_state(rng, n, np.complex64 if single else np.complex128)
    uniforms = np.random.default_rng(seed).random(count(circuit))
    expected, bits = oracle.trajectory(circuit, before, uniforms, circuit.num_bits)
    for state in layouts(rng, before):
        assert circuit.run(state, rng=seed).tolist() == bits
        oracle.assert_close(state.reshape(-1), expected, terms=32 * (1 + len(circuit)))


@pytest.mark.parametrize("n", [12, 13, 16, 18])
def test_the_same_whatever_the_threads(n, dtype, rng):
    circuit = add_steps(rng, nk.Circuit(n), 40).measure(range(n))
    before = oracle.random_state(rng, n, dtype)
    uniforms = np.random.default_rng(5).random(count(circuit))
    expected, bits = oracle.trajectory(circuit, before, uniforms, circuit.num_bits)
    results = []
    for threads in 1, 2, 3:
        results.append(before.copy())
        assert circuit.run(results[-1], rng=5, threads=threads).tolist() == bits
        oracle.assert_close(results[-1], expected, terms=32 * len(circuit))
    assert len({result.tobytes() for result in results}) == 1


@pytest.mark.parametrize("own", [False, True], ids=["alike", "own parameters"])
def test_each_state_of_a_batch_is_a_run_of_its_own(own, dtype, rng):
    n, batch = 3, (40, 5)
    circuit = (
        add_steps(rng, nk.Circuit(n).rx(A, 1), 20).measure([0, 2], [7, 1]).ry(A, 2, condition=7)
    )
    states = np.zeros((*batch, 2**n), dtype)
    for index in np.ndindex(batch):
        states[index] = oracle.random_state(rng, n, dtype)
    params = rng.normal(size=(*batch, 1)) if own else [0.3]
    uniforms = np.random.default_rng(9).random((*batch, count(circuit)))
    results = []
    for threads in 1, 2, 3:
        results.append(states.copy())
        bits = circuit.run(results[-1], params, batch=2, rng=9, threads=threads)
        assert bits.shape == (*batch, circuit.num_bits)
        assert bits.dtype == np.int8
    assert len({result.tobytes() for result in results}) == 1
    for index in np.ndindex(batch):
        one = states[index].copy()
        values = params[index] if own else params
        found = circuit.run(one, values, rng=Draws(uniforms[index]))
        assert np.array_equal(found, bits[index])
        assert np.array_equal(one, results[0][index])
    assert len(np.unique(bits.reshape(-1, circuit.num_bits), axis=0)) > 2
    turned = np.zeros((5, 40, 2**n), dtype).swapaxes(0, 1)
    turned[...] = states
    assert np.array_equal(circuit.run(turned, params, batch=2, rng=9), bits)
    assert np.array_equal(turned, results[0])
    empty = np.zeros((0, 2**n), dtype)
    assert circuit.run(empty, [0.3], batch=1).shape == (0, circuit.num_bits)


def test_a_large_batch_on_threads(rng):
    circuit = nk.Circuit(6).h(0).rx(A, 3).measure([0, 3]).cx(0, 5, condition=1).reset(3)
    states = np.stack([oracle.random_state(rng, 6) for _ in range(3000)])
    values, results = rng.normal(size=(3000, 1)), []
    for threads in 1, 2, 3:
        state = states.copy()
        bits = circuit.run(state, values, batch=1, threads=threads, rng=1)
        results.append(state.tobytes() + bits.tobytes())
    assert len(set(results)) == 1


def test_frequencies_are_the_probabilities(rng):
    """Chi-square of 8 outcomes over 40,000 states: above 35.3 in one of 100,000 seeds."""
    state = oracle.random_state(rng, 3)
    states = np.tile(state, (40_000, 1))
    bits = nk.Circuit(3).measure([2, 0, 1]).run(states, batch=1, rng=2)
    found = np.bincount(bits @ [1, 4, 2], minlength=8)
    expected = abs(state) ** 2 * len(states)
    assert np.sum((found - expected) ** 2 / expected) < 35.3
    assert np.array_equal(abs(states).argmax(axis=1), bits @ [1, 4, 2])
    assert abs(np.linalg.norm(states, axis=1) - 1).max() < 1e-14


def test_branches_of_conditions_have_their_probabilities():
    """Chi-square of 4 outcomes over 40,000 states: above 25.9 in one of 100,000 seeds."""
    circuit = nk.Circuit(2).ry(2 * np.arcsin(0.3**0.5), 0).measure(0)
    circuit.ry(2 * np.arcsin(0.2**0.5), 1, condition={0: 0})
    circuit.ry(2 * np.arcsin(0.9**0.5), 1, condition={0: 1}).measure(1)
    states = np.zeros((40_000, 4), complex)
    states[:, 0] = 1
    found = np.bincount(circuit.run(states, batch=1, rng=3) @ [2, 1], minlength=4)
    expected = 40_000 * np.array([0.7 * 0.8, 0.7 * 0.2, 0.3 * 0.1, 0.3 * 0.9])
    assert np.sum((found - expected) ** 2 / expected) < 25.9


def retried(num_qubits=3):
    """Measures what has bits, some of them 1, once more, and reads the bits after it."""
    circuit = nk.Circuit(num_qubits)
    for qubit in range(3):
        circuit.ry(0.8 + qubit, qubit)
    circuit.measure([0, 1], [0, 2], readout_error=(0.2, 0.1))
    for qubit in range(3):
        circuit.ry(1.1 - qubit, qubit)
    circuit.measure([2, 0, 1], [0, 1, 2], readout_error=(0.3, 0.15), condition={0: 1, 2: 0})
    return circuit.measure([1, 2], [2, 3], condition={2: 1}).reset([0, 1, 2])


def test_a_condition_is_looked_at_before_its_measurement():
    """Each qubit goes to the bits that the condition reads: none of these stops the others."""
    circuit = nk.Circuit(4).x(0).measure(0).measure([1, 2, 3, 0], [0, 1, 2, 3], condition=0)
    assert circuit.run(nk.basis_state(4, "0011")).tolist() == [0, 1, 1, 1]
    assert circuit.run(nk.basis_state(4, "1011")).tolist() == [0, 0, 0, 0]
    # The error in reading out the first of them does not stop that of the second.
    wrong = nk.Circuit(2).measure(0)
    wrong.measure([0, 1], [0, 1], readout_error=(1, 1), condition={0: 0})
    assert wrong.run(nk.zero_state(2)).tolist() == [1, 1]
    assert wrong.run(nk.basis_state(2, "10")).tolist() == [1, 0]
    # The next operation finds the bits as they are now, under the same condition.
    twice = nk.Circuit(1).x(0).measure(0).x(0, condition=0).measure(0, 0, condition=0)
    twice.x(0, condition=0).measure(0, 1, condition=0)
    assert twice.run(nk.zero_state(1)).tolist() == [0, 0]


def test_what_a_condition_skips_is_untouched(dtype, rng):
    before = oracle.random_state(rng, 3, dtype)
    circuit = nk.Circuit(3).measure(1).reset(1).measure(1, 1)  # bit 1 is 0
    circuit.measure([0, 2, 1], [0, 1, 4], readout_error=(1, 1), condition=1)
    state, expected = before.copy(), before.copy()
    bits = circuit.run(state, rng=3)
    shorter = nk.Circuit(3).measure(1).reset(1).measure(1, 1).run(expected, rng=3)
    assert np.array_equal(state, expected)
    assert bits.tolist() == [*shorter, 0, 0, 0]


def test_conditional_measurements_are_distributed_as_in_all_branches(rng):
    """Chi-square of all outcomes over 60,000 states, each at least 5 times expected."""
    circuit = retried()
    state = oracle.random_state(rng, 3)
    rho = np.outer(state, state.conj())
    branches = oracle.mixture(circuit, rho, circuit.num_bits)
    probabilities = np.zeros((2,) * circuit.num_bits)
    for bits, part in branches.items():
        probabilities[bits] = np.trace(part).real
    results = []
    for threads in 1, 2, 3:
        states = np.tile(state, (60_000, 1))
        results.append(circuit.run(states, batch=1, rng=8, threads=threads))
        assert np.array_equal(results[0], results[-1])
    found = np.zeros(probabilities.shape)
    np.add.at(found, tuple(results[0].T), 1)
    expected = probabilities * len(states)
    assert not found[probabilities < 1e-15].any()
    many = expected >= 5
    assert many.sum() >= 10
    # Its mean is the number of outcomes less one; 6 standard deviations above are far in its tail.
    limit = many.sum() + 6 * np.sqrt(2 * many.sum())
    assert np.sum((found - expected)[many] ** 2 / expected[many]) < limit


def teleportation():
    """Qubit 0 to qubit 2."""
    circuit = nk.Circuit(3).h(1).cx(1, 2).cx(0, 1).h(0).measure([0, 1])
    return circuit.x(2, condition=1).z(2, condition={0: 1})


def test_teleportation(dtype, rng):
    reached = set()
    for seed in range(30):
        sent = oracle.random_state(rng, 1, dtype)
        state = np.zeros((2, 2, 2), dtype)
        state[:, 0, 0] = sent
        bits = teleportation().run(state, rng=seed)
        oracle.assert_close(state[tuple(bits)], sent, terms=64)
        assert np.count_nonzero(state) == 2
        reached.add(tuple(bits.tolist()))
    assert len(reached) == 4


def test_a_measurement_repeats_itself_and_a_reset_gives_0(dtype, rng):
    circuit = nk.Circuit(4).measure([1, 3]).measure([3, 1]).reset(1).measure([1, 3])
    for seed in range(20):
        state = oracle.random_state(rng, 4, dtype)
        bits = circuit.run(state, rng=seed).tolist()
        assert bits == [bits[0], bits[1], bits[1], bits[0], 0, bits[1]]
        assert not state.reshape(2, 2, 2, 2)[:, 1].any()
        state = oracle.random_state(rng, 4, dtype)
        assert nk.Circuit(4).reset(range(4)).run(state, rng=seed) is None
        assert np.count_nonzero(state) == 1
        assert abs(abs(state[0]) - 1) < 8 * np.finfo(dtype).eps


def test_the_norm_stays_what_it_was(rng):
    state = 3e10 * oracle.random_state(rng, 5)
    before = np.linalg.norm(state)
    add_steps(rng, nk.Circuit(5), 40).run(state, rng=1)
    assert np.linalg.norm(state) == pytest.approx(before, rel=1e-13)


def test_classical_bits():
    circuit = nk.Circuit(3)
    assert circuit.num_bits == 0
    assert circuit.measure([0, 1]).num_bits == 2
    assert circuit.measure(2).num_bits == 3
    assert circuit.measure([2, 0], [9, 1]).num_bits == 10
    assert circuit.measure(1).num_bits == 11
    assert [o.bits for o in circuit] == [(0, 1), (2,), (9, 1), (10,)]
    assert circuit.run(nk.basis_state(3, "101")).tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    for other in nk.Circuit(2), nk.Circuit(2).measure([]):
        assert other.num_bits == 0
        assert other.run(nk.zero_state(2), rng=1) is None


def test_declared_classical_bits(dtype, rng):
    circuit = nk.Circuit(2, [A], num_bits=3).h(0).rx(A, 1)
    assert circuit.num_bits == 3
    before = oracle.random_state(rng, 2, dtype)
    expected = oracle.apply(before, oracle.gate("h"), [0])
    expected = oracle.apply(expected, oracle.gate("rx", 0.3), [1])
    state = before.copy()
    for _ in range(2):  # planned, and with a plan
        state[...] = before
        bits = circuit.run(state, [0.3], rng=1)
        assert bits.tolist() == [0, 0, 0]
        assert bits.dtype == np.int8
        oracle.assert_close(state, expected, terms=8)
    plain = nk.Circuit(2, num_bits=1).x(0)
    for _ in range(2):
        assert plain.run(nk.zero_state(2)).tolist() == [0]
    states = np.tile(before, (3, 5, 1))
    assert circuit.run(states, [0.3], batch=2).tolist() == np.zeros((3, 5, 3)).tolist()
    assert circuit.run(states[:0], [0.3], batch=2).shape == (0, 5, 3)
    undone = circuit.inverse()
    assert undone.run(state, [0.3]).tolist() == [0, 0, 0]
    oracle.assert_close(state, before, terms=16)
    assert circuit.gradient("ZI", [0.3])[0] == nk.Circuit(2).h(0).gradient("ZI")[0]
    for other in circuit.copy(), pickle.loads(pickle.dumps(circuit)), undone.inverse():
        assert other == circuit
        assert other.num_bits == 3
    assert nk.Circuit(1) != nk.Circuit(1, num_bits=1) != nk.Circuit(1, num_bits=2)
    one = nk.Circuit(1, num_bits=2).measure(0, 1)
    assert one == nk.Circuit(1).measure(0, 1)
    assert one.measure(0) == nk.Circuit(1).measure(0, 1).measure(0, 2)
    with pytest.raises(ValueError, match="classical bit 2, which no earlier"):
        circuit.x(0, condition=2)
    for reset in nk.Circuit(1).reset(0), nk.Circuit(1, num_bits=0).reset(0):
        assert reset.run(nk.zero_state(1)) is None
    assert nk.Circuit(1, num_bits=2).reset(0).run(nk.zero_state(1)).tolist() == [0, 0]


def test_measurements_into_declared_bits():
    circuit = nk.Circuit(2, num_bits=4).x(0).measure([0, 1])
    assert list(circuit)[-1].bits == (0, 1)
    assert circuit.measure(0).run(nk.zero_state(2)).tolist() == [1, 0, 1, 0]
    assert circuit.measure(0, 5).num_bits == 6


def test_compose_takes_declared_bits_along():
    inner = nk.Circuit(1, num_bits=3).x(0).measure(0, 1)
    for circuit, width in (
        (nk.Circuit(2), 3),
        (nk.Circuit(2, num_bits=2), 3),
        (nk.Circuit(2, num_bits=7), 7),
    ):
        assert circuit.copy().compose(inner).num_bits == width
        moved = circuit.copy().compose(inner, 1, [4, 0, 8])
        assert moved == nk.Circuit(2, num_bits=9).x(1).measure(1, 0)
        before = circuit.copy()
        for bad in [0, 1], [0, 1, 2**20]:
            with pytest.raises(ValueError, match="bit"):
                circuit.compose(inner, 1, bad)
            assert circuit == before
    assert nk.Circuit(2).compose(nk.Circuit(1)).num_bits == 0


def test_declared_bits_are_limited():
    assert nk.Circuit(1, num_bits=2**20).num_bits == 2**20
    for bad in -1, 2**20 + 1, 2**62:
        with pytest.raises(ValueError, match=r"'num_bits' is .* 0 to 1048576 classical bits"):
            nk.Circuit(1, num_bits=bad)
    for beyond in 2**70, -(2**70):
        with pytest.raises(ValueError, match=r"'num_bits' is .* out of range"):
            nk.Circuit(1, num_bits=beyond)
    for wrong in True, 1.0, "1":
        with pytest.raises(TypeError, match="'num_bits'"):
            nk.Circuit(1, num_bits=wrong)


def test_the_last_measurement_counts():
    circuit = nk.Circuit(1).measure(0, 0).x(0).measure(0, 0).x(0, condition=0)
    state = nk.zero_state(1)
    assert circuit.run(state).tolist() == [1]
    assert state.tolist() == [1, 0]


def test_a_circuit_is_a_value(rng):
    circuit = (
        add_steps(rng, nk.Circuit(4), 40).measure(1).rx(2 * A, 1, condition={0: 0}).reset([3, 0])
    )
    for other in (
        circuit.copy(),
        copy.deepcopy(circuit),
        pickle.loads(pickle.dumps(circuit)),
        nk.Circuit(4).compose(circuit),
    ):
        assert other == circuit
        assert other.num_bits == circuit.num_bits
        assert other.measure(0) != circuit
    assert nk.Circuit(1).measure(0) != nk.Circuit(1).measure(0, 1)
    one = nk.Circuit(1).measure(0).measure(0)
    assert one.copy().x(0, condition={0: 1, 1: 0}) == one.copy().x(0, condition={1: 0, 0: 1})
    assert one.copy().x(0, condition={}) == one.copy().x(0)
    assert one.copy().x(0, condition=1) == one.copy().x(0, condition={1: 1})
    assert one.copy().x(0, condition=1) != one.copy().x(0, condition={1: 0})
    assert list(one.x(0, condition=1))[-1].condition == ((1, 1),)
    again = one.copy().measure(0, 1, readout_error=(0.1, 0.2), condition={1: 0, 0: 1})
    assert pickle.loads(pickle.dumps(again)) == again != one.copy().measure(0, 1)
    assert list(again)[-1][1:] == ((0.1, 0.2), (0,), (), (), (1,), ((0, 1), (1, 0)))


def test_compose():
    inner = nk.Circuit(2).measure([0, 1]).x(0, condition={0: 1, 1: 0}).reset(1)
    inner.measure([1, 0], [0, 1], condition={1: 1})
    circuit = nk.Circuit(3).compose(inner, [2, 0], [3, 1])
    expected = nk.Circuit(3).measure([2, 0], [3, 1]).x(2, condition={3: 1, 1: 0}).reset(0)
    expected.measure([0, 2], [3, 1], condition=1)
    assert circuit == expected
    for bad, words in ([0], "list"), ([1, 1], "twice"), ([0, -1], "range"), ("ab", "'bits'"):
        with pytest.raises((ValueError, TypeError), match=words):
            circuit.compose(inner, [0, 1], bad)
        assert circuit == expected


def test_inverse_is_refused():
    for circuit, name in (
        (nk.Circuit(1).h(0).measure(0), "measure"),
        (nk.Circuit(1).reset(0), "reset"),
    ):
        with pytest.raises(ValueError, match=f"operation . of the circuit is '{name}'"):
            circuit.inverse()


def test_explain():
    circuit = nk.Circuit(3).h(0).h(1).measure([0, 1]).x(2, condition=0).reset(2)
    plan = circuit.explain()
    assert plan.operations == 5
    assert plan.steps >= 2 + 2 + 1 + 1
    assert sum(sweep.steps for sweep in plan.sweeps) == plan.steps
    assert len(plan.sweeps) == 1 + 4 + 1 + 2
    assert "5 operations on 3 qubits" in str(plan)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda c: c.measure(2), ValueError, "qubit 2"),
        (lambda c: c.measure(-1), ValueError, "qubit -1"),
        (lambda c: c.measure([0, 0]), ValueError, "twice"),
        (lambda c: c.measure("0"), TypeError, "'qubits'"),
        (lambda c: c.measure(0, [1, 2]), ValueError, "'bits' lists 2"),
        (lambda c: c.measure([0, 1], 1), ValueError, "'bits' lists 1"),
        (lambda c: c.measure([0, 1], [1, 1]), ValueError, "bit 1 twice"),
        (lambda c: c.measure(0, -1), ValueError, "classical bit -1"),
        (lambda c: c.measure(0, 2**70), ValueError, "out of range"),
        (lambda c: c.measure(0, True), TypeError, "'bits'"),
        (lambda c: c.measure(0, condition=7), ValueError, "classical bit 7, which no earlier"),
        (lambda c: c.measure(0, 3, condition=3), ValueError, "classical bit 3, which no earlier"),
        (lambda c: c.measure(0, condition="0"), TypeError, "'condition'"),
        (lambda c: c.reset(5), ValueError, "qubit 5"),
        (lambda c: c.reset(0, condition=1), ValueError, "classical bit 1, which no earlier"),
        (lambda c: c.x(0, condition={0: 1, 3: 0}), ValueError, "classical bit 3, which no"),
        (lambda c: c.x(0, condition=-1), ValueError, "classical bit -1"),
        (lambda c: c.x(0, condition={0: 2}), ValueError, "value 2"),
        (lambda c: c.x(0, condition={0: True}), TypeError, "'condition'"),
        (lambda c: c.x(0, condition={"0": 1}), TypeError, "'condition'"),
        (lambda c: c.x(0, condition=True), TypeError, "'condition' is a bool"),
        (lambda c: c.x(0, condition=[0]), TypeError, "'condition' is a list"),
        (lambda c: c.rx(nk.Parameter("new"), 0, condition=7), ValueError, "classical bit 7"),
        (lambda c: c.apply(np.eye(2), 0, condition=7), ValueError, "classical bit 7"),
        (lambda c: c.apply_diagonal([1, 1], 0, condition=7), ValueError, "classical bit 7"),
        (lambda c: c.apply_permutation([0, 1], 0, condition=7), ValueError, "classical bit 7"),
        (lambda c: c.apply_pauli("XX", condition=7), ValueError, "classical bit 7"),
        (lambda c: c.pauli_rotation(0.1, "XX", condition=7), ValueError, "classical bit 7"),
    ],
)
def test_wrong_operations(call, error, words):
    circuit = nk.Circuit(2).h(0).measure(0)
    before = circuit.copy()
    with pytest.raises(error, match=words):
        call(circuit)
    assert circuit == before
    assert circuit.parameters == ()
    assert circuit.num_bits == 1


def test_conditions_that_meddle():
    circuit = nk.Circuit(1).measure([0]).measure(0)
    given_ = {}
    given_[Meddles(0, given_.clear)] = Meddles(1, lambda: given_.update({5: 1}))
    circuit.x(0, condition=given_)
    assert list(circuit)[-1].condition == ((0, 1),)
    with pytest.raises(ValueError, match="twice"):
        circuit.x(0, condition={Meddles(1, int): 0, 1: 1})
    with pytest.raises(ZeroDivisionError):
        circuit.x(0, condition=Meddles(1, lambda: 1 / 0))
    assert len(circuit) == 3


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf, 1e200, 1e-200])
@pytest.mark.parametrize("batch", [0, 1])
def test_states_without_norm_are_refused_untouched(bad, batch, rng):
    circuit = nk.Circuit(2).h(0).x(1).measure(0)
    state = np.full((3, 4), bad, complex) if batch else np.full(4, bad, complex)
    if batch:
        state[:2] = 0.5
    before = state.tobytes()
    with pytest.raises(ValueError, match="'state' has squared norm 0, or none that is") as caught:
        circuit.run(state, rng=1, batch=batch)
    assert not hasattr(caught.value, "__notes__")
    assert state.tobytes() == before


def test_a_norm_that_is_lost_on_the_way_is_told():
    circuit = nk.Circuit(2).measure(0).h(1).apply_diagonal([0, 0], 1).reset(0)
    state = nk.zero_state(2)
    with pytest.raises(ValueError, match="norm 0") as caught:
        circuit.run(state)
    assert "operation 3 of the circuit, 'reset'" in caught.value.__notes__[0]
    assert not state.any()
    states = np.stack([nk.zero_state(2), nk.basis_state(2, 1), nk.basis_state(2, 2)])
    with pytest.raises(ValueError, match="norm 0") as caught:
        nk.Circuit(2).apply_diagonal([0, 1], 1).measure(0).run(states, batch=1)
    assert "operation 1 of the circuit, 'measure'" in caught.value.__notes__[0]
    assert np.array_equal(states[1], nk.basis_state(2, 1))
    nk.h(states, 0, batch=1)  # nothing is left leased


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"rng": "seed"}, TypeError),
        ({"rng": -1}, ValueError),
        ({"threads": 0}, ValueError),
        ({"progress": 5}, TypeError),
        ({"batch": 1}, ValueError),
        ({"params": [1.0]}, ValueError),
    ],
)
def test_wrong_options(options, error, rng):
    circuit = nk.Circuit(2).h(0).measure(0).x(1, condition=0)
    state = oracle.random_state(rng, 2)
    before = state.tobytes()
    with pytest.raises(error):
        circuit.run(state, **options)
    assert state.tobytes() == before
    with pytest.raises(ValueError, match="'state' has 3 qubits"):
        circuit.run(nk.zero_state(3))
    state.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        circuit.run(state)


def test_a_generator_is_advanced_by_what_the_circuit_draws(rng):
    circuit = nk.Circuit(3).measure([0, 1]).reset(2, condition={0: 1}).x(0, condition=1).measure(2)
    circuit.measure([0, 2], readout_error=(0.1, 0.1), condition=0)
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    circuit.run(nk.zero_state(3), rng=one)
    two.random(8)
    assert one.random() == two.random()
    states = np.ones((3, 5, 8), complex)
    circuit.run(states, rng=one, batch=2)
    two.random((3, 5, 8))
    assert one.random() == two.random()
    nk.Circuit(3).h(0).run(nk.zero_state(3), rng=one)
    assert one.random() == two.random()


class Acts(np.random.Generator):
    """A generator that does something while it draws."""

    def __init__(self, action):
        super().__init__(np.random.PCG64(1))
        self.action = action

    def random(self, *args):
        self.action()
        return super().random(*args)


def test_generators_that_meddle(rng):
    circuit = nk.Circuit(2).h(0).measure(0)
    before = circuit.copy()
    # The circuit is the one that the run began with.
    bits = circuit.run(nk.zero_state(2), rng=Acts(lambda: circuit.measure([0, 1], [5, 7]).x(1)))
    assert bits.shape == (1,)
    assert len(circuit) == 4
    # Another shape is refused, another content is taken.
    state = np.ones((2, 4), complex)
    with pytest.raises(ValueError, match="another shape"):
        before.run(state, batch=1, rng=Acts(lambda: state.resize((4, 2), refcheck=False)))
    assert np.array_equal(state, np.ones((4, 2)))
    longer = np.ones(8, complex)
    with pytest.raises(ValueError, match="circuit has 2"):
        before.run(longer, rng=Acts(lambda: longer.resize(4, refcheck=False)))
    state = nk.zero_state(2)
    before.run(state, rng=Acts(lambda: before.run(state, rng=2)))
    assert np.linalg.norm(state) == pytest.approx(1)


@pytest.mark.parametrize("drawn", [0.5, [0.5], [[0.5, 0.5]], [0.5, 0.5, 0.5], ["a", "b"], None])
def test_a_generator_that_draws_what_it_was_not_asked_for(drawn, rng):
    state = oracle.random_state(rng, 2)
    before = state.tobytes()
    with pytest.raises((ValueError, TypeError), match="'rng'"):
        nk.Circuit(2).h(0).measure([0, 1]).run(state, rng=Draws(drawn))
    assert state.tobytes() == before


@pytest.mark.parametrize("drawn", [-1.0, 1.0, 7.0, np.nan, np.inf, -np.inf, 1])
def test_numbers_out_of_range_give_what_is_possible(drawn):
    for name in "00", "11":
        state = nk.basis_state(2, name)
        bits = nk.Circuit(2).measure([0, 1]).run(state, rng=Draws([drawn, drawn]))
        assert bits.tolist() == [int(letter) for letter in name]
        assert np.array_equal(state, nk.basis_state(2, name))


def test_the_memory_of_the_state_as_random_numbers():
    state = np.full(4, 0.5 + 0j)
    nk.Circuit(2).measure([0, 1]).run(state, rng=Draws(state.view(float)[:2]))
    assert np.count_nonzero(state) == 1


def test_a_circuit_that_grows_between_runs():
    circuit = nk.Circuit(1).x(0).measure(0)
    for _ in range(3):
        assert circuit.run(nk.zero_state(1)).tolist() == [1]
    circuit.x(0).measure(0)
    assert circuit.run(nk.zero_state(1)).tolist() == [1, 0]
    holes = np.zeros((2, 3), complex)
    holes[0] = 1
    assert circuit.run(holes[:, 1]).tolist() == [1, 0]
    assert holes.tolist() == [[1, 1, 1], [0, 0, 0]]


def test_progress(rng):
    seen = []
    circuit = long_circuit(18, 10).measure(range(18)).compose(long_circuit(18, 10)).reset([0, 1])
    state = nk.zero_state(18)
    circuit.run(state, rng=1, progress=lambda *both: seen.append(both))
    assert seen == sorted(seen)
    assert seen[-1] == (len(circuit), len(circuit))
    silent = nk.zero_state(18)
    circuit.run(silent, rng=1)
    assert np.array_equal(state, silent)


@pytest.mark.parametrize("batch", [0, 1])
def test_ctrl_c(batch):
    """Answered soon, between segments or within one, with the norm kept."""
    n = 15 if batch else 21
    circuit = nk.Circuit(n)
    for _ in range(40):
        circuit.compose(long_circuit(n, 2)).measure([0, 1], [0, 1]).x(2, condition=1).reset(3)
    state = nk.zero_state(21)
    state = state.reshape(-1, 2**15) if batch else state
    state[..., 0] = 1
    before = nk.norm(state.reshape(-1))
    with interrupted(lambda: in_use(state)) as notes:
        while True:
            circuit.run(state, batch=batch, rng=1)
    assert "numket stopped after" in notes[0]
    assert abs(nk.norm(state.reshape(-1)) / before - 1) < 1e-12
    nk.h(state.reshape(-1), 0)  # nothing is left leased


def test_a_reporter_finds_the_state_in_use():
    state, refused = nk.zero_state(18), []

    def report(done, total):
        if done < total:
            with pytest.raises(nk.BufferInUseError):
                nk.x(state, 0)
            refused.append(done)

    for layers in (30, 120, 480, 1920):  # until a run takes so long that it reports on its way
        long_circuit(18, layers).measure(0).run(state, progress=report)
        if refused:
            return
    pytest.fail("no run has reported before its end")


def test_two_threads_share_a_circuit(rng):
    circuit = add_steps(rng, nk.Circuit(10), 30).measure(range(10))
    expected = nk.zero_state(10)
    bits = circuit.run(expected, rng=4)

    def work():
        for _ in range(20):
            state = nk.zero_state(10)
            assert np.array_equal(circuit.run(state, rng=4), bits)
            assert np.array_equal(state, expected)

    in_threads(3, work)
