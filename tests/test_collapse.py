"""Measurements, projections and resets of states: the textbook with the same random numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers import layouts

NAN = float("nan")


def measured(state, qubits, uniforms, name="measure"):
    """The state and the bits of the textbook."""
    operation = (name, (), qubits, (), None, range(len(qubits)), ())
    return oracle.trajectory([operation], state, uniforms, len(qubits))


def projected(state, qubits, bits):
    """The state and the probability of the textbook."""
    kept = np.asarray(state, np.clongdouble)
    for qubit, bit in zip(qubits, bits, strict=True):
        kept = oracle.apply(kept, oracle.diagonal(1 - bit, bit), [qubit])
    weights = np.sum(abs(kept) ** 2), np.sum(abs(np.asarray(state, np.clongdouble)) ** 2)
    return kept * np.sqrt(weights[1] / weights[0]), float(weights[0] / weights[1])


@given(st.integers(0, 2**32), st.integers(1, 14), st.booleans(), st.data())
def test_measure_project_and_reset(seed, n, single, data):
    rng = np.random.default_rng(seed)
    before = 3 * oracle.random_state(rng, n, np.complex64 if single else np.complex128)
    qubits = rng.permutation(n)[: data.draw(st.integers(0, n))].tolist()
    uniforms = np.random.default_rng(seed).random(len(qubits))
    expected, bits = measured(before, qubits, uniforms)
    cleared, _ = measured(before, qubits, uniforms, "reset")
    chosen, probability = projected(before, qubits, bits)
    number = int("0" + "".join(map(str, bits)), 2)
    for state in layouts(rng, before):
        other, third = state.copy(), state.copy()
        found = nk.measure(state, qubits, rng=seed)
        assert found.dtype == np.int8
        assert found.tolist() == bits
        oracle.assert_close(state.reshape(-1), expected, terms=256)
        assert nk.reset(other, qubits, rng=seed) is None
        oracle.assert_close(other.reshape(-1), cleared, terms=256)
        for outcome in number, bits, "".join(map(str, bits)):
            fourth = third.copy()
            assert nk.project(fourth, qubits, outcome) == pytest.approx(probability, rel=1e-12)
            oracle.assert_close(fourth.reshape(-1), chosen, terms=256)


@pytest.mark.parametrize("n", [1, 5, 13, 17])
def test_as_a_circuit_measures(n, dtype, rng):
    before = oracle.random_state(rng, n, dtype)
    for qubits in [n - 1], rng.permutation(n)[:3].tolist(), list(range(n)):
        for seed in range(5):
            one, two = before.copy(), before.copy()
            bits = nk.Circuit(n).measure(qubits).run(one, rng=seed)
            assert np.array_equal(nk.measure(two, qubits, rng=seed), bits)
            oracle.assert_close(two, one, terms=256)
            one[:] = two[:] = before
            nk.Circuit(n).reset(qubits).run(one, rng=seed)
            nk.reset(two, qubits, rng=seed)
            oracle.assert_close(two, one, terms=256)


@pytest.mark.parametrize("n", [6, 13, 18])
def test_the_same_on_any_threads(n, dtype, rng):
    before = oracle.random_state(rng, n, dtype)
    for qubits in 0, [n - 1, 2], range(n - 1), range(n):
        for call in (
            lambda *arguments, **options: nk.measure(*arguments, rng=1, **options),
            lambda *arguments, **options: nk.reset(*arguments, rng=1, **options),
            lambda *arguments, **options: nk.project(*arguments, 1, **options),
        ):
            found = set()
            for threads in 1, 2, 3:
                state = before.copy()
                found.add(repr(call(state, qubits, threads=threads)).encode() + state.tobytes())
            assert len(found) == 1


def test_the_shape_of_the_bits(rng):
    """As with an index in NumPy: an int takes an axis away."""
    state = nk.basis_state(3, "110")
    assert type(nk.measure(state, 0)) is int
    assert nk.measure(state, 0) == 1
    assert nk.measure(state, np.int64(2)) == 0
    assert nk.measure(state).tolist() == [1, 1, 0]
    assert nk.measure(state, [2, 0]).tolist() == [0, 1]
    assert nk.measure(state, []).shape == (0,)
    states = np.tile(state, (4, 5, 1))
    assert nk.measure(states, 1, batch=2).shape == (4, 5)
    assert nk.measure(states, [1], batch=2).shape == (4, 5, 1)
    assert nk.measure(states, batch=2).shape == (4, 5, 3)
    assert type(nk.project(state, 0, 1)) is float
    assert nk.project(states, 0, 1, batch=2).tolist() == [[1.0] * 5] * 4
    assert nk.measure(states[:0], batch=2).shape == (0, 5, 3)
    assert nk.project(states[:0], 0, 1, batch=2).shape == (0, 5)
    assert nk.reset(states[:0], 0, batch=2) is None


@pytest.mark.parametrize(("count", "n"), [(1, 3), (7, 4), (2000, 3), (3, 16)])
def test_each_state_of_a_batch_collapses_alone(count, n, dtype, rng):
    before = (rng.normal(size=(count, 2**n)) + 1j).astype(dtype)
    qubits = rng.permutation(n)[:2].tolist()
    uniforms = np.random.default_rng(6).random((count, 2))
    results = []
    for threads in 1, 2, 3:
        state = before.copy()
        bits = nk.measure(state, qubits, rng=6, batch=1, threads=threads)
        results.append(state.tobytes() + bits.tobytes())
    assert len(set(results)) == 1
    cleared, chosen = before.copy(), before.copy()
    nk.reset(cleared, qubits, rng=6, batch=1)
    probabilities = nk.project(chosen, qubits, "01", batch=1)
    for i in range(0, count, max(1, count // 50)):
        after, expected = measured(before[i], qubits, uniforms[i])
        assert bits[i].tolist() == expected
        oracle.assert_close(state[i], after, terms=256)
        after, _ = measured(before[i], qubits, uniforms[i], "reset")
        oracle.assert_close(cleared[i], after, terms=256)
        after, probability = projected(before[i], qubits, [0, 1])
        oracle.assert_close(chosen[i], after, terms=256)
        assert probabilities[i] == pytest.approx(probability, rel=1e-12)
    turned = np.zeros((2**n, count), dtype).T
    turned[...] = before
    assert np.array_equal(nk.measure(turned, qubits, rng=6, batch=1), bits)


def test_frequencies_are_the_probabilities(rng):
    """Chi-square of 8 outcomes over 40,000 states: above 35.3 in one of 100,000 seeds."""
    state = oracle.random_state(rng, 3)
    states = np.tile(state, (40_000, 1))
    bits = nk.measure(states, [2, 0, 1], rng=2, batch=1)
    found = np.bincount(bits @ [1, 4, 2], minlength=8)
    expected = abs(state) ** 2 * len(states)
    assert np.sum((found - expected) ** 2 / expected) < 35.3
    assert abs(np.linalg.norm(states, axis=1) - 1).max() < 1e-14


def test_a_measurement_repeats_itself(dtype, rng):
    for n in 4, 13:
        state = oracle.random_state(rng, n, dtype)
        bits = nk.measure(state, [3, 1])
        for _ in range(3):
            assert nk.measure(state, [3, 1]).tolist() == bits.tolist()
        assert abs(nk.project(state, [3, 1], bits) - 1) <= 8 * np.finfo(float).eps
        every = nk.measure(state)
        assert np.count_nonzero(state) == 1
        assert abs(state[every @ (1 << np.arange(n)[::-1])]) == pytest.approx(1, abs=1e-6)
        nk.reset(state, range(n))
        assert np.flatnonzero(state).tolist() == [0]


def test_a_generator_is_advanced_by_one_number_for_each_qubit_and_state():
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    nk.measure(np.ones(8, complex), [0, 2], rng=one)
    nk.reset(np.ones((5, 8), complex), 1, rng=one, batch=1)
    two.random(7)
    assert one.random() == two.random()


@pytest.mark.parametrize(("value", "other"), [(1e-200, 1), (1e-30, 1e200), (1e-150, 1e-10)])
def test_an_unlikely_outcome(value, other):
    state = np.array([other, value, 0, value * 1j])
    if abs(value / other) ** 2 == 0:
        before = state.tobytes()
        with pytest.raises(ValueError, match="probability 0"):
            nk.project(state, 1, 1)
        assert state.tobytes() == before
        return
    probability = nk.project(state, 1, 1)
    assert probability == pytest.approx(2 * (value / other) ** 2, rel=1e-12)
    assert abs(state - np.array([0, 1, 0, 1j]) * other / 2**0.5).max() < 1e-15 * other


def test_an_unlikely_outcome_in_single_precision():
    state = np.array([1, 1e-40, 0, 0], np.complex64)
    value = float(state[1].real)
    assert nk.project(state, 1, 1) == pytest.approx(value**2, rel=1e-12)
    assert abs(state - [0, 1, 0, 0]).max() < 1e-7


OUTCOMES = [
    (4, ValueError, r"'outcome' 4 does not exist on 2 qubits"),
    (-1, ValueError, r"'outcome' -1 does not exist"),
    (10**30, ValueError, r"'outcome' 1000.* does not exist"),
    ("1", ValueError, r"'outcome' \"1\" does not exist on 2"),
    ("012", ValueError, r"does not exist"),
    ("0x", ValueError, r"does not exist"),
    ([0], ValueError, r"does not exist"),
    ([0, 2], ValueError, r"does not exist"),
    ([0, 1, 1], ValueError, r"does not exist"),
    (1.0, TypeError, "'outcome' is a float"),
    (True, TypeError, "'outcome' is a bool"),
    (None, TypeError, "'outcome' is a NoneType"),
    ([0.0, 1], TypeError, "'outcome' is a float"),
]


@pytest.mark.parametrize(("outcome", "error", "words"), OUTCOMES)
def test_outcomes_that_cannot_be(outcome, error, words, rng):
    state = oracle.random_state(rng, 3)
    before = state.tobytes()
    with pytest.raises(error, match=words):
        nk.project(state, [0, 1], outcome)
    assert state.tobytes() == before


def test_an_outcome_that_never_happens():
    states = np.ones((3000, 8), complex)
    states[-1, 3::4] = 0
    before = states.tobytes()
    with pytest.raises(ValueError, match=r"'outcome' 11 has probability 0;.*nk.probabilities"):
        nk.project(states, [1, 2], 3, batch=1)
    with pytest.raises(ValueError, match=r"'outcome' 11 has probability 0"):
        nk.project(states[-1], [2, 1], "11")
    assert states.tobytes() == before


@pytest.mark.parametrize("value", [0, NAN, np.inf])
@pytest.mark.parametrize("n", [1, 9, 13])
def test_a_state_without_norm(value, n, dtype):
    states = np.ones((3, 2**n), dtype)
    states[1] = 0
    states[1, -1] = value
    before = states.tobytes()
    for qubits in 0, range(n):
        for call in (
            lambda *arguments, **options: nk.measure(*arguments, rng=1, **options),
            lambda *arguments, **options: nk.reset(*arguments, rng=1, **options),
            lambda *arguments, **options: nk.project(*arguments, 1, **options),
        ):
            with pytest.raises(ValueError, match=r"'state' has squared norm 0, or none that is"):
                call(states[1], qubits)
            with pytest.raises(ValueError, match=r"'state' has squared norm 0, or none that is"):
                call(states, qubits, batch=1)
    assert states.tobytes() == before


@pytest.mark.parametrize(
    ("qubits", "error", "words"),
    [
        (3, ValueError, "qubit 3.*3 qubits"),
        ([0, 0], ValueError, "qubit 0.*twice"),
        ("0", TypeError, "'qubits'"),
        (True, TypeError, "'qubits'"),
        (1.5, TypeError, "'qubits'"),
    ],
)
def test_qubits_that_cannot_be(qubits, error, words, rng):
    state, one = oracle.random_state(rng, 3), np.random.default_rng(1)
    before = state.tobytes()
    for call in (
        lambda: nk.measure(state, qubits, rng=one),
        lambda: nk.reset(state, qubits, rng=one),
        lambda: nk.project(state, qubits, 0),
    ):
        with pytest.raises(error, match=words):
            call()
    assert state.tobytes() == before
    assert one.random() == np.random.default_rng(1).random()


class Draws(np.random.Generator):
    """A generator that returns what it is told."""

    def __init__(self, act):
        super().__init__(np.random.PCG64(1))
        self.act = act

    def random(self, *args):
        return self.act()


def test_strange_generators(rng):
    states = np.stack([oracle.random_state(rng, 2) for _ in range(2)])
    before = states.copy()
    for drawn, error in [(0.5, ValueError), (["a", "b"], TypeError), ([[0.5]] * 3, ValueError)]:
        with pytest.raises(error, match="'rng'"):
            nk.measure(states, 0, rng=Draws(lambda drawn=drawn: drawn), batch=1)
    for drawn in NAN, 1.0, -1.0, np.inf:
        one = nk.basis_state(2, "10")
        found = nk.measure(one, rng=Draws(lambda drawn=drawn: np.full(2, drawn)))
        assert found.tolist() == [1, 0]
    assert np.array_equal(states, before)
    shrinking = np.ones(8, complex)

    def shrink():
        shrinking.resize(4, refcheck=False)
        return np.zeros(3)

    with pytest.raises(ValueError, match="'state' has got another shape"):
        nk.measure(shrinking, rng=Draws(shrink))
    assert np.array_equal(shrinking, np.ones(4))
