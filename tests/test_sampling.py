"""Samples and counts: the right distribution, and the same draws however they are made."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers import hits, in_flight, layouts
from numket import _core

NAN = float("nan")


def agrees(found, probabilities):
    """Whether counts are those of these probabilities: false in at most one of 1.2 million seeds.

    For chi-square with f degrees of freedom, more than f + 2 sqrt(f x) + 2 x has at most the
    probability exp(-x) (Laurent and Massart, 2000); x is 14.
    """
    expected = np.asarray(probabilities, float) * np.sum(found)
    assert not np.any(np.asarray(found)[expected == 0])
    found, expected = np.asarray(found)[expected > 0], expected[expected > 0]
    assert expected.min() > 10
    freedom = len(expected) - 1
    statistic = np.sum((found - expected) ** 2 / expected)
    return statistic < freedom + 2 * (14 * freedom) ** 0.5 + 28


def marginal(state, qubits):
    tensor = abs(np.asarray(state).reshape((2,) * (state.size.bit_length() - 1))) ** 2
    front = np.moveaxis(tensor, qubits, range(len(qubits)))
    return front.reshape(2 ** len(qubits), -1).sum(1) / tensor.sum()


def as_array(counts, bits):
    found = np.zeros(2**bits, np.int64)
    for label, count in counts.items():
        assert len(label) == bits
        assert count > 0
        found[int(label or "0", 2)] = count
    return found


@pytest.mark.parametrize(
    ("n", "qubits"),
    [(6, None), (9, None), (14, [13, 0, 7, 2, 5, 1]), (14, [0, 1, 2]), (15, range(6, 13)), (8, 3)],
)
def test_the_distribution(n, qubits, dtype, rng):
    state = 7 * oracle.random_state(rng, n, dtype)
    listed = list(range(n)) if qubits is None else np.atleast_1d(list(qubits) if qubits != 3 else 3)
    shots = nk.sample(state, 200_000, qubits, rng=rng)
    assert shots.dtype == np.int64
    assert shots.shape == (200_000,)
    expected = marginal(state, listed)
    if n == 9:  # few shots for some outcomes: those are compared together
        order = np.argsort(expected)
        place = np.zeros(2**n, int)
        place[order] = np.arange(2**n) // 8
        shots, expected = place[shots], np.bincount(place, expected)
        counted = np.bincount(place, as_array(nk.counts(state, 10**5, rng=rng), n)).astype(int)
        assert agrees(counted, expected)
    else:
        for number in 10**5, 10**12:
            counted = as_array(nk.counts(state, number, qubits, rng=rng), len(listed))
            assert counted.sum() == number
            assert agrees(counted, expected)
    assert agrees(np.bincount(shots, minlength=len(expected)), expected)


def test_neighbours_are_independent(rng):
    """Chi-square of pairs of shots that follow each other."""
    state = oracle.random_state(rng, 3)
    shots = nk.sample(state, 400_000, rng=1).reshape(-1, 2)
    expected = np.kron(marginal(state, [0, 1, 2]), marginal(state, [0, 1, 2]))
    assert agrees(np.bincount(shots @ [8, 1], minlength=64), expected)


@given(st.integers(0, 2**32), st.integers(1, 15), st.booleans(), st.data())
@settings(max_examples=60)
def test_the_same_in_any_layout(seed, n, single, data):
    rng = np.random.default_rng(seed)
    state = oracle.random_state(rng, n, np.complex64 if single else np.complex128)
    kept = data.draw(st.integers(0, n))
    qubits = data.draw(st.sampled_from([None, rng.permutation(n)[:kept].tolist()]))
    shots = nk.sample(state, 200, qubits, rng=seed)
    counts = nk.counts(state, 10**9, qubits, rng=seed)
    for other in layouts(rng, state):
        for threads in 1, 2:
            assert np.array_equal(nk.sample(other, 200, qubits, rng=seed, threads=threads), shots)
            assert nk.counts(other, 10**9, qubits, rng=seed, threads=threads) == counts
    order = rng.permutation(n)
    turned = state.reshape((2,) * n).transpose(order)
    if qubits is not None:
        renamed = [int(np.argsort(order)[qubit]) for qubit in qubits]
        if kept == n:
            assert np.array_equal(nk.sample(turned, 200, renamed, rng=seed), shots)


CODE = """
    rng = np.random.default_rng(5)
    for n in 1, 2, 5, 11, 13, 16:
        for dtype in complex, np.complex64:
            state = oracle.random_state(rng, n, dtype)
            for which in None, [n - 1], range(n // 2):
                print(nk.sample(state, 500, which, rng=3).tolist())
                print(nk.counts(state, 10**12, which, rng=3))
            print(nk.measure(state, rng=3).tolist())
"""


def test_the_same_on_any_lanes(snippet):
    outputs = {
        snippet(CODE, NUMKET_SIMD=lanes, NUMKET_NUM_THREADS=str(1 + i % 3))
        for i, lanes in enumerate(_core.config()["lanes_available"])
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("shots", [1, 1000, 300_000])
@pytest.mark.parametrize("n", [4, 12, 13, 17])
def test_the_same_on_any_threads(n, shots, dtype, rng):
    state = oracle.random_state(rng, n, dtype)
    for qubits in None, [n - 1, 0], range(n - 1, 0, -1):
        found = {
            nk.sample(state, shots, qubits, rng=1, threads=threads).tobytes()
            + str(nk.counts(state, shots, qubits, rng=1, threads=threads)).encode()
            for threads in (1, 2, 3)
        }
        assert len(found) == 1


def test_draws_that_must_never_change():
    state = np.sqrt(np.arange(8) / 28).astype(complex)
    assert nk.sample(state, 10, rng=1).tolist() == [6, 2, 6, 6, 4, 7, 7, 7, 5, 3]
    assert nk.counts(state, 1000, rng=1) == {
        "001": 36,
        "010": 76,
        "011": 112,
        "100": 143,
        "101": 172,
        "110": 217,
        "111": 244,
    }


def philox(key, counters):
    """Philox4x32-10 of counters, four words each."""
    low = np.uint64(2**32 - 1)
    keys = [np.uint64(key & 2**32 - 1), np.uint64(key >> 32)]
    c = list(np.asarray(counters, np.uint64))
    for _ in range(10):
        one, two = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [
            (two >> np.uint64(32)) ^ c[1] ^ keys[0],
            two & low,
            (one >> np.uint64(32)) ^ c[3] ^ keys[1],
            one & low,
        ]
        keys = [(keys[0] + np.uint64(0x9E3779B9)) & low, (keys[1] + np.uint64(0xBB67AE85)) & low]
    return c


def find(sums, numbers):
    return np.searchsorted(sums, numbers, side="right")


def shots_by_definition(state, count, seed, number=0):
    """What numket.sample draws: two numbers of each shot find its block and its amplitude."""
    integers = np.random.default_rng(seed).integers
    key = int(integers(0, 2**64 - 1, dtype=np.uint64, endpoint=True))
    ids = np.arange(count, dtype=np.uint64)
    words = philox(key, [ids, 0 * ids, np.full_like(ids, number), 0 * ids])
    uniforms = [
        ((words[i + 1] << np.uint64(32) | words[i]) >> np.uint64(11)).astype(float) / 2**53
        for i in (0, 2)
    ]
    reals = state.astype(complex).view(float) ** 2
    blocks = reals.reshape(max(1, state.size // 4096), -1)
    place = np.zeros(count, int)
    if len(blocks) > 1:
        s = np.cumsum(blocks.reshape(len(blocks), -1, 8), axis=1)[:, -1]
        s = ((s[:, 0] + s[:, 1]) + (s[:, 2] + s[:, 3])) + (
            (s[:, 4] + s[:, 5]) + (s[:, 6] + s[:, 7])
        )
        sums = np.cumsum(s)
        place = find(sums, uniforms[0] * sums[-1])
    out = np.zeros(count, int)
    for block in np.unique(place):
        shots = np.flatnonzero(place == block)
        squares = blocks[block, ::2] + blocks[block, 1::2]
        groups = np.cumsum(squares.reshape(max(1, squares.size // 64), -1), axis=1)
        over = np.cumsum(groups[:, -1])
        numbers = uniforms[1][shots] * over[-1]
        for group, its in enumerate(groups):
            own = find(over, numbers) == group
            rest = numbers[own] - (over[group - 1] if group else 0)
            out[shots[own]] = 4096 * block + 64 * group + find(its, rest)
    return out


@pytest.mark.parametrize("n", [0, 1, 3, 5, 6, 7, 9, 12, 13, 16])
def test_shots_are_what_they_are_defined_to_be(n, dtype, rng):
    state = oracle.random_state(rng, n, dtype)
    # More shots than are sorted at a time, and fewer than are made side by side.
    count = 150_001
    expected = shots_by_definition(state, count, seed=n)
    for threads in 1, 2:
        assert np.array_equal(nk.sample(state, count, rng=n, threads=threads), expected)
    for count in 1, 7, 15, 16, 17, 1000, 2**16, 2**16 + 1:
        assert np.array_equal(nk.sample(state, count, rng=n), expected[:count])
        assert np.array_equal(nk.Sampler(state).sample(count, rng=n), expected[:count])
    batch = nk.sample(np.stack([state, state]), 1000, rng=n, batch=1)
    assert np.array_equal(batch[1], shots_by_definition(state, 1000, seed=n, number=1))


@pytest.mark.parametrize("place", [0, 5, 2**13, 2**14 - 1])
def test_all_shots_in_one_block(place, dtype):
    state = nk.basis_state(14, place, dtype)
    for threads in 1, 3:
        shots = nk.sample(state, 200_001, threads=threads)
        assert shots.shape == (200_001,)
        assert np.all(shots == place)


def test_marginals_are_those_of_whole_samples(rng):
    state = oracle.random_state(rng, 14)
    order = rng.permutation(14).tolist()
    whole = nk.sample(state, 1000, order, rng=4)
    for kept in range(15):
        listed = order[:kept] + sorted(order[kept:])
        whole = nk.sample(state, 300, listed, rng=4)
        assert np.array_equal(nk.sample(state, 300, order[:kept], rng=4), whole >> (14 - kept))


@pytest.mark.parametrize("n", [1, 5, 12, 13, 15])
def test_what_has_no_probability_is_never_drawn(n, dtype, rng):
    for few in 1, 2, 5:
        state = np.zeros(2**n, dtype)
        places = np.unique(rng.integers(0, 2**n, few))
        state[places] = rng.choice([1e-20, 1e-10, 1, 1e10], len(places))
        shots = nk.sample(state, 20_000, rng=few)
        assert set(shots) <= set(places)
        found = as_array(nk.counts(state, 2**53, rng=few), n)
        assert set(np.flatnonzero(found)) <= set(places)
        assert found.sum() == 2**53
        assert state[nk.measure(state.copy(), rng=few) @ (1 << np.arange(n)[::-1])] != 0


@pytest.mark.parametrize("value", [1e-160, 1e-150, 1e150])
def test_extreme_scales(value):
    state = np.array([0, 1, 0, 1j, 0, 0, 0, 0]) * value
    assert set(nk.sample(state, 1000, rng=1)) == {1, 3}
    assert abs(nk.counts(state, 10**6, rng=1)["001"] - 500_000) < 5000


@pytest.mark.parametrize("value", [1e-170, 1e160])
def test_scales_whose_squares_are_out_of_range(value):
    state = np.array([0, 1, 0, 1j]) * value
    for draw in (
        lambda: nk.sample(state, 5),
        lambda: nk.counts(state, 5),
        lambda: nk.Sampler(state),
        lambda: nk.measure(state, 0),
        lambda: nk.Circuit(2).measure(0).run(state),
    ):
        with pytest.raises(ValueError, match=r"squared norm 0, or none that .* nk\.normalize$"):
            draw()
    nk.normalize(state)
    assert set(nk.sample(state, 1000, rng=1)) == {1, 3}


@pytest.mark.parametrize("value", [0, NAN, np.inf, -np.inf, complex(0, NAN)])
@pytest.mark.parametrize("n", [1, 13])
def test_a_state_without_norm(value, n, dtype):
    states = np.ones((3, 2**n), dtype)
    states[1] = 0
    states[1, -1] = value
    calls = [
        lambda: nk.sample(states[1], 5),
        lambda: nk.sample(states[1], 0),
        lambda: nk.counts(states[1], 5, 0),
        lambda: nk.sample(states, 5, batch=1),
        lambda: nk.counts(states, 5, batch=1),
        lambda: nk.Sampler(states[1]),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"'state' has squared norm 0, or none that is"):
            call()


def test_few_and_no_shots(rng):
    for n in 0, 1, 5, 14:
        state = oracle.random_state(rng, n)
        assert nk.sample(state, 0).shape == (0,)
        assert nk.counts(state, 0) == {}
        assert nk.sample(state, np.int8(3)).shape == (3,)
        assert nk.sample(state, 4, ()).tolist() == [0] * 4
        assert nk.counts(state, 10**12, []) == {"": 10**12}
        assert sum(nk.counts(state, 1, rng=1).values()) == 1
    frozen = oracle.random_state(rng, 2).reshape(2, 1, 2)
    assert all(len(label) == 2 for label in nk.counts(frozen, 100))
    assert nk.sample(frozen, 10, 2).max() < 2


def test_labels():
    state = nk.basis_state(3, "110")
    assert nk.counts(state, 7) == {"110": 7}
    assert nk.counts(state, 7, [2, 0]) == {"01": 7}
    assert nk.counts(state, 7, 1) == {"1": 7}
    assert nk.sample(state, 2, [2, 0]).tolist() == [1, 1]
    assert list(nk.counts(np.ones(8, complex), 1000)) == [format(i, "03b") for i in range(8)]


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_batches(count, dtype, rng):
    states = (rng.normal(size=(count, 16)) + 1j).astype(dtype)
    for qubits in None, [3, 1], 2:
        found = {
            nk.sample(states, 50, qubits, rng=2, batch=1, threads=threads).tobytes()
            for threads in (1, 2, 3)
        }
        assert len(found) == 1
        shots = nk.sample(states, 50, qubits, rng=2, batch=1)
        assert shots.shape == (count, 50)
        counts = nk.counts(states, 50, qubits, rng=2, batch=1)
        assert counts.shape == (count,)
        assert counts.dtype == object
        assert all(sum(one.values()) == 50 for one in counts)
        if count:
            assert np.array_equal(shots[0], nk.sample(states[0], 50, qubits, rng=2))
            assert counts[0] == nk.counts(states[0], 50, qubits, rng=2)
    grid = np.stack([states] * 2, axis=1)
    shots = nk.sample(grid, 50, rng=2, batch=2)
    assert shots.shape == (count, 2, 50)
    assert nk.counts(grid, 50, batch=2).shape == (count, 2)
    if count:  # each state has draws of its own
        assert not np.array_equal(shots[:, 0], shots[:, 1])


def test_the_distribution_in_a_batch(rng):
    states = np.stack([oracle.random_state(rng, 3) for _ in range(4)])
    shots = nk.sample(np.tile(states, (4000, 1, 1)), 20, rng=3, batch=2)
    for i, state in enumerate(states):
        found = np.bincount(shots[:, i].ravel(), minlength=8)
        assert agrees(found, marginal(state, [0, 1, 2]))


def test_a_generator_is_advanced_by_one_number():
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    for call in (
        lambda: nk.sample(np.ones(8, complex), 1000, rng=one),
        lambda: nk.counts(np.ones((3, 8), complex), 10**9, rng=one, batch=1),
        lambda: nk.Sampler(np.ones(8, complex)).sample(5, rng=one),
    ):
        call()
        two.integers(0, 2**64 - 1, dtype=np.uint64, endpoint=True)
        assert one.bit_generator.state["state"] == two.bit_generator.state["state"]
    state = np.ones(8, complex)
    rng = np.random.default_rng(3)
    first = nk.sample(state, 100, rng=rng)
    assert not np.array_equal(first, nk.sample(state, 100, rng=rng))
    assert np.array_equal(first, nk.sample(state, 100, rng=3))
    assert not np.array_equal(nk.sample(state, 100), nk.sample(state, 100))


class Slow(np.random.Generator):
    """A subclass, of which only the methods of generators are used."""


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937"])
def test_any_bit_generator_draws_what_its_methods_draw(kind, rng):
    state = oracle.random_state(rng, 7)
    circuit = nk.Circuit(7).h(range(7)).measure([0, 1])
    bits = getattr(np.random, kind)
    one, two = np.random.Generator(bits(3)), Slow(bits(3))
    calls = [
        lambda rng: nk.sample(state, 100, rng=rng),
        lambda rng: nk.counts(state, 100, rng=rng),
        lambda rng: nk.Sampler(state).sample(100, rng=rng),
        lambda rng: circuit.run(state.copy(), rng=rng),
        lambda rng: nk.measure(np.stack([state] * 3), 0, rng=rng, batch=1),
        # Half a word of 64 bits is left.
        lambda rng: rng.integers(0, 10, 3, dtype=np.uint32),
    ]
    calls += [lambda rng, k=k: nk.measure(state.copy(), range(k), rng=rng) for k in range(8)]
    for call in calls * 2:
        assert np.array_equal(call(one), call(two))
        assert str(one.bit_generator.state) == str(two.bit_generator.state)
    uniforms = np.random.Generator(bits(5)).random(3)
    found = nk.measure(np.full(8, 0.1, complex), rng=np.random.Generator(bits(5)))
    assert np.array_equal(found, uniforms < 0.5)


class Strange(np.random.Generator):
    """A generator that does what it is told before it draws."""

    def __init__(self, act):
        super().__init__(np.random.PCG64(1))
        self.act = act

    def integers(self, *args, **options):
        given = self.act()
        return super().integers(*args, **options) if given is None else given


def test_a_generator_that_changes_the_state():
    state = np.ones(8, complex)
    shrinks = Strange(lambda: state.resize(4, refcheck=False))
    assert nk.sample(state, 100, rng=shrinks).max() < 4
    states = np.ones((2, 4), complex)
    shrinks = Strange(lambda: states.resize((4, 2), refcheck=False))
    with pytest.raises(ValueError, match="'state' has got another shape"):
        nk.sample(states, 100, rng=shrinks, batch=1)
    for drawn in "a", 0.5, -1, 2**64, [1]:
        with pytest.raises(ValueError, match=r"'rng' drew.*64 bits.*;"):
            nk.counts(state, 5, rng=Strange(lambda drawn=drawn: drawn))


REFUSED = [
    (-1, ValueError, r"'shots' is -1; it must be from 0"),
    (-(10**30), ValueError, r"'shots' is -1000"),
    (1.0, TypeError, "'shots' is a float"),
    (True, TypeError, "'shots' is a bool"),
    ("5", TypeError, "'shots' is a str"),
    (None, TypeError, "'shots' is a NoneType"),
    (np.float64(3), TypeError, "'shots' is a float64"),
]


@pytest.mark.parametrize(("shots", "error", "words"), REFUSED)
def test_shots_that_cannot_be(shots, error, words):
    state = np.ones(4, complex)
    for call in nk.sample, nk.counts, nk.Sampler(state).sample, nk.Sampler(state).counts:
        with pytest.raises(error, match=words):
            call(*([state] if call in (nk.sample, nk.counts) else []), shots)


def test_more_shots_than_memory():
    state, states = np.ones(4, complex), np.ones((1000, 4), complex)
    for shots in 10**15, 2**62, 2**63 - 1:
        with pytest.raises(MemoryError, match=r"needs? [\d.]+ GiB.* GiB are free.*;"):
            nk.sample(state, shots)
        with pytest.raises(MemoryError, match=r"GiB"):
            nk.Sampler(state).sample(shots)
    with pytest.raises(MemoryError, match=r"GiB"):
        nk.sample(states, 10**12, batch=1)
    with pytest.raises(ValueError, match=r"'shots' is 10+, which is out of range"):
        nk.sample(state, 10**30)
    with pytest.raises(ValueError, match=r"'shots' is 9007199254740993.*0 to 9007199254740992"):
        nk.counts(state, 2**53 + 1)


@pytest.mark.parametrize(
    ("qubits", "error", "words"),
    [
        (3, ValueError, "qubit 3.*3 qubits"),
        (-1, ValueError, "qubit -1"),
        ([0, 0], ValueError, "qubit 0.*twice"),
        ("01", TypeError, "'qubits' is a str"),
        (1.0, TypeError, "'qubits'"),
        (True, TypeError, "'qubits'"),
    ],
)
def test_qubits_that_cannot_be(qubits, error, words, rng):
    state = oracle.random_state(rng, 3)
    one = np.random.default_rng(1)
    for call in (
        lambda: nk.sample(state, 5, qubits, rng=one),
        lambda: nk.counts(state, 5, qubits, rng=one),
        lambda: nk.Sampler(state, qubits),
    ):
        with pytest.raises(error, match=words):
            call()
    assert one.random() == np.random.default_rng(1).random()


def test_read_only_states_and_states_in_use(rng):
    state = oracle.random_state(rng, 20)
    state.flags.writeable = False
    assert nk.sample(state, 5, rng=1).shape == (5,)
    state.flags.writeable = True
    with in_flight(state):
        assert hits(lambda: nk.sample(state, 5))


@pytest.mark.parametrize("n", [3, 14])
@pytest.mark.parametrize("qubits", [None, [2, 0], 1])
def test_a_sampler_draws_what_the_functions_draw(n, qubits, dtype, rng):
    state = oracle.random_state(rng, n, dtype)
    for array in layouts(rng, state):
        sampler = nk.Sampler(array, qubits)
        assert sampler.state is array
        for seed in range(3):
            expected = nk.sample(state, 1000, qubits, rng=seed)
            assert np.array_equal(sampler.sample(1000, rng=seed), expected)
            expected = nk.counts(state, 10**12, qubits, rng=seed)
            assert sampler.counts(10**12, rng=seed, threads=2) == expected
    assert "Sampler of" in repr(sampler)


def test_a_sampler_notices_changes(dtype, rng):
    state = oracle.random_state(rng, 14, dtype)
    sampler, few = nk.Sampler(state), nk.Sampler(state, [0, 1])
    before, shots = state.copy(), few.sample(100, rng=1)
    for change in (
        lambda: nk.h(state, 3),
        lambda: state.__setitem__(slice(None), state[::-1].copy()),
        lambda: state.fill(NAN),
        lambda: state.fill(0),
        lambda: state.__setitem__([1, 5], state[[5, 1]]),
    ):
        change()
        for _ in range(2):
            with pytest.raises(ValueError, match=r"'state' has changed since the Sampler read it;"):
                sampler.sample(1000)
            with pytest.raises(ValueError, match=r"'state' has changed"):
                sampler.counts(10**6)
        # What comes from the table alone is what was read.
        assert np.array_equal(few.sample(100, rng=1), shots)
        state[:] = before
        assert sampler.sample(1000).shape == (1000,)
    nk.z(state, 0)  # no probability changes
    assert sampler.counts(10) is not None


def test_a_sampler_of_an_array_that_has_got_another_shape():
    state = np.ones(2**13, complex)
    sampler = nk.Sampler(state)
    state.resize(2**5, refcheck=False)
    for call in sampler.sample, sampler.counts:
        with pytest.raises(ValueError, match="'state' has changed"):
            call(10)


@pytest.mark.parametrize("qubits", [None, 2, [0, 13], []])
def test_samplers_pickle(qubits, dtype, rng):
    state = oracle.random_state(rng, 14, dtype)
    sampler = nk.Sampler(state, qubits)
    for other in pickle.loads(pickle.dumps(sampler)), copy.deepcopy(sampler):
        assert not np.shares_memory(other.state, state)
        assert other.counts(10**9, rng=7) == sampler.counts(10**9, rng=7)
        assert np.array_equal(other.sample(99, rng=7), sampler.sample(99, rng=7))


def test_a_sampler_of_a_changed_state_does_not_pickle(dtype, rng):
    state = oracle.random_state(rng, 14, dtype)
    sampler = nk.Sampler(state, 0)  # whose draws need the table alone
    before = state.copy()
    nk.x(state, 13, controls=range(13))
    assert sampler.counts(100)
    with pytest.raises(ValueError, match="'state' has changed since the Sampler read it"):
        pickle.dumps(sampler)
    state[:] = before
    assert pickle.loads(pickle.dumps(sampler)).counts(99, rng=1) == sampler.counts(99, rng=1)


def test_a_ket_has_them_too(rng):
    ket = nk.Ket(oracle.random_state(rng, 4))
    expected = nk.sample(ket.state, 50, [1, 3], rng=2)
    assert np.array_equal(ket.sample(50, [1, 3], rng=2), expected)
    assert ket.counts(50, rng=2) == nk.counts(ket.state, 50, rng=2)
    assert ket.normalize() is ket
    assert ket.reset([0, 1], rng=1) is ket
    assert ket.measure(0) == 0
    assert ket.measure(qubits=[1, 0], rng=1).tolist() == [0, 0]
    assert ket.project([0, 1], 0) == pytest.approx(1)
