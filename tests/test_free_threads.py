"""Threads of one process share arrays, circuits and sums, with a global lock and without one."""

import sys
import sysconfig
import threading

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import in_threads

ROUNDS = 300
THREADS = 4


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="has a global lock")
def test_the_import_leaves_the_lock_off(snippet):
    assert snippet("import sys; print(sys._is_gil_enabled())", PYTHON_GIL="") == "False"
    assert not sys._is_gil_enabled()


@pytest.mark.parametrize("n", [1, 6, 16])
def test_calls_on_one_array_are_done_whole_or_refused(n, dtype, rng):
    """A flip is exact: as many of them as were done tell every bit of the state."""
    before = oracle.random_state(rng, n, dtype)
    state, done, lock = before.copy(), 0, threading.Lock()

    def work():
        nonlocal done
        for _ in range(ROUNDS):
            try:
                nk.x(state, n - 1)
            except nk.BufferInUseError:
                continue
            with lock:
                done += 1

    in_threads(THREADS, work)
    assert done > 0
    flipped = before.reshape(-1, 2)[:, ::-1].reshape(-1)
    assert state.tobytes() == (flipped if done % 2 else before).tobytes()


def test_readers_share_one_array(rng):
    state = oracle.random_state(rng, 8)
    total = nk.PauliSum([("XYZIXYZI", 0.5), ("ZZZZZZZZ", -1.0), ("IIXXIIII", 2.0)])
    circuit = nk.Circuit(8).h(0).rx(nk.Parameter("theta"), 3).cx(0, 7)
    expected = [
        nk.norm(state),
        nk.expectation(state, total),
        nk.probabilities(state, (3, 1)).tobytes(),
        nk.sample(state, 20, rng=1).tobytes(),
        circuit.expectation(total, [0.3]),
        circuit.gradient(total, [0.3])[1].tobytes(),
    ]

    def work():
        for _ in range(ROUNDS // 10):
            assert expected == [
                nk.norm(state),
                nk.expectation(state, total),
                nk.probabilities(state, (3, 1)).tobytes(),
                nk.sample(state, 20, rng=1).tobytes(),
                circuit.expectation(total, [0.3]),
                circuit.gradient(total, [0.3])[1].tobytes(),
            ]

    in_threads(THREADS, work)


def test_a_circuit_is_run_while_it_grows(rng):
    """Each run sees a whole number of operations, and none of them is lost."""
    circuit = nk.Circuit(4)
    seen = []

    def grow():
        for _ in range(ROUNDS):
            circuit.x(0)

    def run():
        for _ in range(ROUNDS):
            state = nk.zero_state(4)
            circuit.run(state)
            assert np.count_nonzero(state) == 1
            seen.append(len(circuit))

    works = [grow, run] * (THREADS // 2)
    in_threads(THREADS, lambda: works.pop()())
    assert len(circuit) == ROUNDS * THREADS // 2
    assert max(seen) <= len(circuit)


def test_arrays_of_their_own_do_not_meet(rng):
    """Neighbours in one buffer are changed by threads of their own, in any order."""
    rows = np.array([oracle.random_state(rng, 6) for _ in range(THREADS)])
    expected = rows.copy()
    for row in expected:
        for _ in range(ROUNDS):
            nk.h(row, 2)
    numbers = list(range(THREADS))

    def work():
        row = rows[numbers.pop()]
        for _ in range(ROUNDS):
            nk.h(row, 2)

    in_threads(THREADS, work)
    assert rows.tobytes() == expected.tobytes()
