"""States that are 0 nearly everywhere: `Circuit.prepare`, and runs on basis states."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers import add_random, add_steps, layouts, one_by_one

# Both sides of one tile, of what threads are worth, of several tiles in both precisions.
SIZES = [1, 2, 5, 11, 12, 13, 14, 15, 16, 17]


def add_flips(rng, circuit, count, mixing):
    """Flips, swaps and diagonals with controls; a gate that mixes with this probability."""
    n = circuit.num_qubits
    for _ in range(count):
        order = rng.permutation(n).tolist()
        controls = order[2 : 2 + int(rng.integers(0, 4))]
        rest = {
            "controls": controls,
            "control_values": rng.integers(2, size=len(controls)).tolist(),
        }
        if rng.random() < mixing:
            circuit.ry(rng.normal(), order[0], **rest)
            continue
        match int(rng.integers(5)):
            case 0:
                circuit.x(order[0], **rest)
            case 1 if n > 1:
                circuit.swap(*order[:2], **rest)
            case 2:
                circuit.rz(rng.normal(), order[0], **rest)
            case 3 if n > 1:
                circuit.cx(*order[:2], **rest)
            case _:
                circuit.p(rng.normal(), order[-1])
    return circuit


def by_the_oracle(circuit, state):
    for name, params, qubits, controls, values, *_ in circuit:
        state = oracle.apply(state, oracle.gate(name, *params), qubits, controls, values)
    return state


@given(st.integers(0, 2**32), st.sampled_from(SIZES), st.booleans(), st.integers(1, 3))
def test_basis_states_against_the_oracle(seed, n, single, threads):
    rng = np.random.default_rng(seed)
    circuit = add_flips(rng, nk.Circuit(n), 60, mixing=rng.choice([0, 0.03, 0.2]))
    state = np.zeros(2**n, np.complex64 if single else np.complex128)
    places = rng.integers(2**n, size=int(rng.integers(1, 4)))
    state[places] = rng.normal(size=len(places)) + 1j
    state /= np.linalg.norm(state)
    expected = by_the_oracle(circuit, state.copy())
    circuit.run(state, threads=threads)
    oracle.assert_close(state, expected, terms=32 * len(circuit))


def test_a_scan_that_finds_a_qubit_set():
    """The sweeps after the first go to the tiles with the last qubit set, where the state is."""
    n = 16
    for bit in range(n):
        state = np.zeros(2**n, complex)
        state[2**bit + 1] = 1
        circuit = nk.Circuit(n)
        for q in [*range(n - 2), *reversed(range(n - 2))] * 3:
            circuit.cx(q, q + 2).rz(0.3, q)
        expected = by_the_oracle(circuit, state.copy())
        circuit.run(state)
        oracle.assert_close(state, expected, terms=32 * len(circuit))


@pytest.mark.parametrize("n", SIZES)
def test_prepare_writes_what_a_run_on_zeros_makes(n, dtype, rng):
    for circuit in (
        add_random(rng, nk.Circuit(n), 60),
        add_flips(rng, nk.Circuit(n), 80, 0.05),
        nk.Circuit(n),
        nk.Circuit(n).x(n - 1),
    ):
        garbage = oracle.random_state(rng, n, dtype)
        garbage[0], garbage[-1] = np.nan, np.inf
        for state in layouts(rng, garbage):
            assert circuit.prepare(state) is None
            prepared = state.copy()
            state[...] = 0
            state[(0,) * state.ndim] = 1
            circuit.run(state)
            oracle.assert_close(
                prepared.reshape(-1), state.reshape(-1), terms=32 * (1 + len(circuit))
            )
        results = []
        for threads in 1, 2, 3:
            results.append(garbage.copy())
            circuit.prepare(results[-1], threads=threads)
            assert np.array_equal(results[-1], results[0])
        expected = nk.zero_state(n, dtype)
        circuit.run(expected)
        oracle.assert_close(results[0], expected, terms=32 * (1 + len(circuit)))


@given(st.integers(0, 2**32), st.integers(1, 14), st.booleans())
def test_few_amplitudes(seed, n, single):
    """Operations of all kinds, which leave up to 2**5 amplitudes that are not 0, or a few more."""
    rng = np.random.default_rng(seed)
    circuit, reached = nk.Circuit(n), nk.zero_state(n)
    most = 2 ** int(rng.integers(0, 7))
    for _ in range(40):
        one = add_random(rng, nk.Circuit(n), 1)
        trial = reached.copy()
        one_by_one(one, trial)
        if np.count_nonzero(abs(trial) > 1e-12) <= most:
            circuit, reached = circuit + one, trial
    dtype = np.complex64 if single else np.complex128
    garbage = np.full(2**n, np.nan, dtype)
    for state in layouts(rng, garbage):
        circuit.prepare(state)
        oracle.assert_close(state.reshape(-1), reached.astype(dtype), terms=32 * (1 + len(circuit)))


@given(st.integers(0, 2**32), st.integers(13, 17), st.booleans())
def test_a_state_that_is_not_cleared(seed, n, single):
    """Qubits begin to take part one after the other, in sweeps with rows of all lengths."""
    rng = np.random.default_rng(seed)
    circuit, taken = nk.Circuit(n), []
    for q in rng.permutation(n).tolist():
        if rng.random() < 0.9:
            circuit.ry(rng.normal(), q) if rng.random() < 0.7 else circuit.x(q)
        if taken:
            other = int(rng.choice(taken))
            circuit.swap(q, other) if rng.random() < 0.3 else circuit.cx(other, q)
        taken.append(q)
    if rng.random() < 0.7:
        circuit.h(range(n))
    dtype = np.complex64 if single else np.complex128
    expected = nk.zero_state(n, dtype)
    one_by_one(circuit, expected)
    for state in layouts(rng, np.full(2**n, np.nan, dtype)):
        circuit.prepare(state)
        oracle.assert_close(state.reshape(-1), expected, terms=32 * (1 + len(circuit)))


def test_what_prepare_reads_and_writes():
    n = 16
    plan = nk.Circuit(n).h(range(n)).explain()
    # Each of two sweeps in place, and no other way to clear the state.
    assert plan.prepare_bytes <= plan.bytes == 4 * 16 << n


@pytest.mark.parametrize("n", [3, 4, 7, 8, 9, 16])
def test_a_state_of_few_amplitudes_is_written_and_not_read(n):
    """Up to 5 operations that mix a qubit, if the state has 8 times as many amplitudes."""
    chain = nk.Circuit(n).h(0)
    for q in range(n - 1):
        chain.cx(q, q + 1).rz(0.3, q)
    assert (chain.explain().prepare_bytes == 16 << n) == (n >= 4)
    fits = nk.Circuit(n).ry(0.3, range(min(5, n - 3))).cx(0, n - 1).swap(0, 1)
    assert fits.explain().prepare_bytes == 16 << n
    assert fits.ry(0.1, n - 1).explain().prepare_bytes > 16 << n


@given(st.integers(0, 2**32), st.integers(1, 14), st.booleans())
def test_what_changes_nothing_is_left_out(seed, n, single):
    """Controls and phases on qubits that still have one value, of all kinds."""
    rng = np.random.default_rng(seed)
    circuit = nk.Circuit(n)
    for q in rng.permutation(n).tolist():
        add_random(rng, circuit, 6)
        if rng.random() < 0.5:
            circuit.x(q)
    dtype = np.complex64 if single else np.complex128
    expected = nk.zero_state(n, dtype)
    one_by_one(circuit, expected)
    state = oracle.random_state(rng, n, dtype)
    circuit.prepare(state)
    oracle.assert_close(state, expected, terms=32 * (1 + len(circuit)))


def test_nothing_but_the_state_is_written(dtype):
    """Strides of all signs, with holes between: what lies there stays."""
    n = 6
    memory = np.full((2, 3) * n, 7, dtype)
    state = memory[(slice(None), 1) * n][::-1, :, ::-1]
    nk.Circuit(n).prepare(state)
    expected = np.zeros((2,) * n, dtype)
    expected[(0,) * n] = 1
    assert np.array_equal(state, expected)
    state[...] = 7
    assert np.all(memory == 7)


@pytest.mark.parametrize("n", [3, 11, 14])
def test_batches(n, dtype, rng):
    circuit = nk.Circuit(n).ry(nk.Parameter("a"), 0).cx(0, n - 1).rx(nk.Parameter("b"), 1)
    values = rng.normal(size=(3, 2, 2))
    states = np.full((3, 2, 2**n), np.nan, dtype)
    circuit.prepare(states, values, batch=2)
    for index in np.ndindex(3, 2):
        expected = nk.zero_state(n, dtype)
        circuit.run(expected, values[index])
        oracle.assert_close(states[index], expected, terms=32 * len(circuit))
    circuit.prepare(np.zeros((0, 2**n), dtype), np.zeros((0, 2)), batch=1)


@given(st.integers(0, 2**32), st.sampled_from([1, 3, 13]))
def test_measurements(seed, n):
    circuit = add_steps(np.random.default_rng(seed), nk.Circuit(n), 12)
    expected, state = nk.zero_state(n), np.zeros(2**n, complex)
    bits = circuit.run(expected, rng=seed)
    assert np.array_equal(circuit.prepare(state, rng=seed), bits)
    assert np.array_equal(state, expected)


def test_expectations_begin_with_zeros(rng):
    for n in 4, 14:
        circuit = add_flips(rng, nk.Circuit(n), 60, 0.1)
        state = nk.empty_state(n)
        circuit.prepare(state)
        expected = nk.expectation(state, "Z" * n)
        assert circuit.expectation("Z" * n) == pytest.approx(expected, abs=1e-14)


def test_refusals_leave_the_state(rng):
    circuit = nk.Circuit(3).rx(nk.Parameter("a"), 0)
    before = oracle.random_state(rng, 3)
    state = before.copy()
    for error, args, keywords in [
        (nk.ParameterError, (), {}),
        (nk.ParameterError, ({"b": 1},), {}),
        (ValueError, ({"a": np.nan},), {}),
        (ValueError, ([1.0],), {"batch": 1}),
        (ValueError, ([1.0],), {"threads": 0}),
        (TypeError, ([1.0],), {"progress": "yes"}),
    ]:
        with pytest.raises(error):
            circuit.prepare(state, *args, **keywords)
        assert np.array_equal(state, before)
    with pytest.raises(ValueError, match="qubits"):
        circuit.prepare(np.zeros(4, complex), [0.1])
    with pytest.raises(TypeError, match="complex128"):
        circuit.prepare(np.zeros(8, int), [0.1])
    fixed = before.copy()
    fixed.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        circuit.prepare(fixed, [0.1])


def test_progress(rng):
    calls = []
    circuit = add_random(rng, nk.Circuit(14), 50)
    circuit.prepare(nk.empty_state(14), progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (50, 50)
