"""Trajectories: an operator at random, with the probability that it has, and the norm kept."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import channel, decay, hits, in_flight


def probabilities(state, operators, qubits):
    return np.array(
        [np.sum(abs(oracle.apply(state, operator, qubits)) ** 2) for operator in operators], float
    )


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("layout", ["flat", "turned"])
def test_the_operator_drawn_is_the_one_applied(k, layout, dtype, rng):
    operators = channel(rng, k, 4)
    for seed in range(20):
        state = oracle.random_state(rng, 5, dtype)
        if layout == "turned":
            state = state.reshape((2,) * 5).transpose(rng.permutation(5))[::-1, :, ::-1]
        qubits = rng.permutation(5)[:k].tolist()
        weights = probabilities(state, operators, qubits)
        # The first operator whose cumulated probability is above the number that the seed gives.
        expected = int(np.searchsorted(np.cumsum(weights), np.random.default_rng(seed).random()))
        after = oracle.apply(state, operators[expected], qubits)
        number = nk.apply_kraus(state, operators, qubits, rng=seed)
        assert type(number) is int
        assert number == expected
        oracle.assert_close(state, after / np.sqrt(weights[number]), terms=16)


def test_frequencies_are_the_probabilities(rng):
    """Within five standard deviations, over 40,000 states of a batch."""
    count, operators = 40_000, channel(rng, 1, 4)
    state = oracle.random_state(rng, 2)
    states = np.tile(state, (count, 1))
    numbers = nk.apply_kraus(states, operators, 1, rng=7, batch=1)
    assert numbers.shape == (count,)
    assert numbers.dtype == np.int64
    expected = probabilities(state, operators, [1])
    found = np.bincount(numbers, minlength=len(operators)) / count
    assert np.all(abs(found - expected) < 5 * np.sqrt(expected / count))
    for number in range(len(operators)):
        after = oracle.apply(state, operators[number], [1]) / np.sqrt(expected[number])
        oracle.assert_close(states[np.argmax(numbers == number)], after, terms=16)


def test_many_trajectories_are_the_channel(rng):
    """The mean of |psi><psi| is the sum of K rho K^dagger, within five standard deviations."""
    count, operators = 20_000, decay(0.3)
    state = oracle.random_state(rng, 1)
    states = np.tile(state, (count, 1))
    nk.apply_kraus(states, operators, 0, rng=11, batch=1)
    found = np.einsum("bi,bj->ij", states, states.conj()) / count
    rho = np.outer(state, state.conj())
    expected = sum(operator @ rho @ operator.conj().T for operator in operators)
    assert np.all(abs(found - expected) < 5 / np.sqrt(count))


def test_a_generator_is_advanced_by_one_number_for_each_state(rng):
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    nk.apply_kraus(nk.zero_state(2), decay(0.1), 0, rng=one)
    two.random()
    assert one.random() == two.random()
    nk.apply_kraus(np.ones((3, 4, 2), complex), decay(0.1), 0, rng=one, batch=2)
    two.random(12)
    assert one.random() == two.random()


def test_the_same_whatever_the_threads(dtype, rng):
    operators = channel(rng, 2, 4)
    state = oracle.random_state(rng, 17, dtype)
    one, two = state.copy(), state.copy()
    first = nk.apply_kraus(one, operators, [3, 9], rng=5, threads=1)
    assert first == nk.apply_kraus(two, operators, [3, 9], rng=5, threads=2)
    assert np.array_equal(one, two)


def test_the_norm_stays_what_it_was(rng):
    state = 3 * oracle.random_state(rng, 4)
    for seed in range(5):
        nk.apply_kraus(state, channel(rng, 1, 4), 2, rng=seed)
        assert nk.norm(state) == pytest.approx(3, abs=1e-14)


def test_an_operator_without_probability_is_never_drawn():
    state = nk.zero_state(1)
    for seed in range(50):
        assert nk.apply_kraus(state, decay(0.9), 0, rng=seed) == 0


class Resizes(np.random.Generator):
    """A generator that pulls the array from under the call."""

    def random(self, *args):
        self.array.resize(self.shape, refcheck=False)
        return super().random(*args)


def test_a_generator_that_changes_the_state():
    generator = Resizes(np.random.PCG64(1))
    generator.array, generator.shape = np.ones(8, complex), (4,)
    nk.apply_kraus(generator.array, decay(0.1), 1, rng=generator)
    assert generator.array.shape == (4,)
    assert nk.norm(generator.array) == pytest.approx(2, abs=1e-15)
    generator.array, generator.shape = np.ones((2, 4), complex), (4, 2)
    with pytest.raises(ValueError, match="'state' has got another shape"):
        nk.apply_kraus(generator.array, decay(0.1), 0, rng=generator, batch=1)
    assert np.array_equal(generator.array, np.ones((4, 2)))


class Draws(np.random.Generator):
    """A generator that returns what it is told."""

    def random(self, *args):
        return self.drawn


def test_a_generator_that_draws_what_it_was_not_asked_for(rng):
    generator = Draws(np.random.PCG64(1))
    states = np.stack([oracle.random_state(rng, 1) for _ in range(2)])
    before = states.copy()
    generator.drawn = 0.5
    with pytest.raises(ValueError, match="'rng' drew"):
        nk.apply_kraus(states, decay(0.1), 0, rng=generator, batch=1)
    generator.drawn = ["a", "b"]
    with pytest.raises(TypeError, match="'rng'"):
        nk.apply_kraus(states, decay(0.1), 0, rng=generator, batch=1)
    assert np.array_equal(states, before)
    # The memory of the state itself: the numbers are those that it held.
    states.view(float)[...] = 0.5
    generator.drawn = states.view(float).reshape(-1)[:2]
    assert nk.apply_kraus(states, decay(0.1), 0, rng=generator, batch=1).tolist() == [0, 0]


@pytest.mark.parametrize("count", [0, 1, 2, 65])
@pytest.mark.parametrize("layout", ["rows", "gaps", "turned", "backwards"])
def test_batches_in_any_layout(count, layout, dtype, rng):
    operators = channel(rng, 2, 4)
    states = np.zeros((count, 2, 2, 2, 2), dtype)
    if layout == "gaps":
        states = np.zeros((count, 2, 2, 3, 2, 2), dtype)[:, :, :, 1]
    elif layout == "turned":
        states = states.transpose(0, 3, 1, 4, 2)
    elif layout == "backwards":
        states = states[::-1, :, ::-1]
    for state in states:
        state[...] = oracle.random_state(rng, 4, dtype).reshape((2,) * 4)
    before = states.copy()
    numbers = nk.apply_kraus(states, operators, [3, 1], rng=9, batch=1)
    uniforms = np.random.default_rng(9).random(count)
    assert numbers.shape == (count,)
    for state, old, number, uniform in zip(states, before, numbers, uniforms, strict=True):
        weights = probabilities(old, operators, [3, 1])
        assert number == np.searchsorted(np.cumsum(weights), uniform)
        after = oracle.apply(old, operators[number], [3, 1])
        oracle.assert_close(state, after / np.sqrt(weights[number]), terms=16)


def test_a_state_in_use(rng):
    """The second call of two on the same memory is refused, and changes nothing."""
    state = oracle.random_state(rng, 20)
    with in_flight(state):
        assert hits(lambda: nk.apply_kraus(state, decay(0.1), 0, rng=1))
    assert abs(nk.norm(state) - 1) < 1e-12


NAN = float("nan")
REFUSED = [
    (decay(0.3)[:1], [0], ValueError, r"'operators' are no channel.*differs.*3\.000e-1.*1e-8"),
    (1.1 * decay(0.3), [0], ValueError, r"differs.*2\.100e-1"),
    (decay(0.3)[0], [0], ValueError, r"'operators'.*\(2, 2\).*\(1, 2, 2\)"),
    (decay(0.3), [0, 1], ValueError, r"\(2, 2, 2\) for 2 qubits.*\(m, 4, 4\)"),
    (np.zeros((0, 2, 2)), [0], ValueError, r"\(0, 2, 2\)"),
    (decay(0.3) * NAN, [0], ValueError, "'operators'.*NaN"),
    (decay(0.3), [5], ValueError, "qubit 5.*3 qubits"),
    (channel(np.random.default_rng(1), 2, 2), [1, 1], ValueError, "qubit 1.*twice"),
    ("decay", [0], TypeError, "'operators'"),
    (None, [0], TypeError, "'operators'"),
]


@pytest.mark.parametrize(("operators", "qubits", "error", "words"), REFUSED)
def test_refusals(operators, qubits, error, words, rng):
    state = oracle.random_state(rng, 3)
    before = state.tobytes()
    with pytest.raises(error, match=f"(?s){words}"):
        nk.apply_kraus(state, operators, qubits)
    assert state.tobytes() == before


def test_a_state_without_norm():
    for value in 0, NAN, np.inf:
        states = np.ones((3, 4), complex)
        states[1] = value
        before = states.tobytes()
        with pytest.raises(ValueError, match="norm"):
            nk.apply_kraus(states, decay(0.3), 0, rng=1, batch=1)
        assert states.tobytes() == before


@pytest.mark.parametrize("rng_given", ["a", -1, 1.5, object()])
def test_what_is_no_generator(rng_given, rng):
    state = oracle.random_state(rng, 3)
    before = state.tobytes()
    with pytest.raises((TypeError, ValueError)):
        nk.apply_kraus(state, decay(0.3), 0, rng=rng_given)
    assert state.tobytes() == before
    with pytest.raises(TypeError):
        nk.apply_kraus(state, decay(0.3), 0, controls=[1])
