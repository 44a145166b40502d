"""What ranks do in tests/test_mpi.py: `python -m mpi4py mpi_programs.py NAME`, under mpiexec.

NAME may be several, with commas.
"""

import errno
import os
import resource
import shutil
import signal
import sys
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

import numket as nk
import numket.mpi
import oracle
from helpers_mpi import (
    ANSATZES,
    WORKLOADS,
    random_circuit,
    unitary_circuit,
    volume,
)
from numket.bench.scale import gate_by_gate
from numket.mpi import agreement, exchange, owned
from numket.mpi.agreement import agreed

COMM = MPI.COMM_WORLD
BITS = COMM.size.bit_length() - 1


def shared_out(whole, dtype=np.complex128):
    """The part of this rank, in an array of its own."""
    return whole.reshape(COMM.size, -1)[COMM.rank].astype(dtype)


def address(array):
    return array.__array_interface__["data"][0]


def runs():
    """Random circuits on arrays of all layouts: the amplitudes are those of one process."""
    for seed in range(24):
        rng = np.random.default_rng(seed)
        n = BITS + 3 + seed % 4
        dtype = (np.complex128, np.complex64)[seed % 8 == 7]
        circuit, values = random_circuit(rng, n, 30)
        expected = oracle.random_state(rng, n)
        local = shared_out(expected, dtype)
        if seed % 3 == 1:
            local = np.stack([local, local], axis=1)[::-1, 1][::-1]
        elif seed % 3 == 2:
            m = n - BITS
            local = (
                local.reshape((2,) * m).transpose(range(m)[::-1]).copy().transpose(range(m)[::-1])
            )
        circuit.run(expected, values)
        state = nk.mpi.DistributedState(local)
        before = address(local)
        done = state.run(circuit, values)
        scale = 30 * np.finfo(dtype).eps * np.linalg.norm(expected)
        assert abs(state.norm() - np.linalg.norm(expected)) < scale
        qubits = [int(q) for q in rng.permutation(n)[:3]]
        found = state.probabilities(qubits)
        assert np.allclose(found, nk.probabilities(expected, qubits), atol=scale)
        assert COMM.allgather(found.tobytes()) == [found.tobytes()] * COMM.size
        whole = state.gather(COMM.size - 1)
        assert (whole is None) == (COMM.rank != COMM.size - 1)
        if whole is not None:
            assert abs(whole - expected).max() < scale
        more = state.restore()
        assert state.restore() == (0, 0, 0, None)
        assert state.qubits == (tuple(range(BITS)), tuple(range(BITS, n)))
        assert abs(local.reshape(-1) - shared_out(expected)).max() < scale
        assert address(local) == before == address(state.local)
        assert done.bytes <= done.exchanges * local.size * local.itemsize
        assert more.exchanges <= 1 + BITS


def shared():
    """The same in memory that all ranks share: no bytes are sent, and qubits stay in order."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n = BITS + 3 + seed % 4
        circuit, values = random_circuit(rng, n, 30)
        state = nk.mpi.SharedState(n)
        assert state.norm() == 1
        expected = oracle.random_state(rng, n)
        if COMM.rank == 0:
            state.array.reshape(-1)[:] = expected
        circuit.run(expected, values)
        before = address(state.array)
        assert state.run(circuit, values).bytes == 0
        scale = 30 * np.finfo(float).eps * np.linalg.norm(expected)
        assert abs(state.array.reshape(-1) - expected).max() < scale
        assert abs(state.norm() - np.linalg.norm(expected)) < scale
        assert np.allclose(state.probabilities(), abs(expected) ** 2, atol=scale)
        found = state.probabilities([n - 1, 0])
        assert np.allclose(found, nk.probabilities(expected, [n - 1, 0]), atol=scale)
        assert address(state.array) == before


def made(whole, shared):
    """A state of either class with these amplitudes."""
    if not shared:
        return nk.mpi.DistributedState(shared_out(whole, whole.dtype))
    state = nk.mpi.SharedState(whole.size.bit_length() - 1, whole.dtype)
    if COMM.rank == 0:
        state.array.reshape(-1)[:] = whole
    return state


def alike(value):
    """The same value on all ranks, bit by bit."""
    assert COMM.allgather(repr(value)) == [repr(value)] * COMM.size
    return value


def observables(rng, n):
    """Sums with strings of few and of many flips, and all those of a chain."""
    chain = nk.PauliSum([("ZZ", (q, q + 1), -1) for q in range(n - 1)], num_qubits=n)
    chain += nk.PauliSum([("X", q, 0.5) for q in range(n)], num_qubits=n)
    random = nk.PauliSum({"".join(rng.choice(list("IXYZ"), n)): rng.normal() for _ in range(30)})
    local = nk.PauliSum([("Y", n - 1, 2.0), ("Z", 0, 1.0), ("I", 0, 0.25)], num_qubits=n)
    return chain, random, local, "X" * n, "ZY" + "X" * (n - 2), nk.PauliSum({}, num_qubits=n)


def expectations():
    """Means and variances are those of one process, also of strings on all qubits."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        n = BITS + 2 + seed % 4
        dtype = (np.complex128, np.complex64)[seed % 5 == 4]
        whole = oracle.random_state(rng, n).astype(dtype)
        whole /= np.linalg.norm(whole)
        for shared in (False, True):
            state = made(whole, shared)
            if seed % 2:
                circuit = nk.Circuit(n).h(0).cx(0, n - 1).swap(0, n - 2).ry(0.3, 1)
                state.run(circuit)
                expected = whole.copy()
                circuit.run(expected)
            else:
                expected = whole
            for observable in observables(rng, n):
                scale = 100 * np.finfo(dtype).eps * (1 + n)
                mean = alike(state.expectation(observable))
                assert isinstance(mean, float)
                if isinstance(observable, str):
                    observable = nk.PauliSum({observable: 1})
                matrix = observable.to_matrix()
                double = expected.astype(complex)
                assert abs(mean - np.vdot(double, matrix @ double)) < scale
                found = alike(state.variance(observable))
                spread = matrix @ double - mean * double
                assert abs(found - np.vdot(spread, spread).real) < scale * (1 + abs(matrix).max())
            assert not shared or state.bytes == 0
            # A sum is in double precision also where the amplitudes are not.
            fresh, double = made(whole, shared), whole.astype(complex)
            wide = nk.PauliSum({"X" * n: 0.7, "Y" * n: 0.3, "X" * (n - 1) + "Y": 0.2})
            exact = np.vdot(double, wide.to_matrix() @ double).real
            assert abs(fresh.expectation(wide) - exact) < 1e-14
            double = expected.astype(complex)
            weird = nk.PauliSum({"X" * n: 1j, "Z" * n: 0.5 + 2j})
            exact = np.vdot(double, weird.to_matrix() @ double)
            assert abs(state.expectation(weird) - exact) < scale
            with pytest.raises(ValueError, match="Hermitian"):
                state.variance(weird)
    # Numbers out of range on one rank: no rank waits for another.
    n = BITS + 3
    for size in (1e160, np.inf):
        large = nk.zero_state(n)
        large[-1] = size
        for shared in (False, True):
            state = made(large, shared)
            for call in (state.variance, state.expectation):
                assert not abs(alike(call("Z" * n))) < 1e300
                alike(call("X" * n))
            assert not alike(state.fidelity(state)) < 1e300
            for call in (state.sample, state.counts):
                with pytest.raises(ValueError, match="finite"):
                    call(1, rng=1)
    # A variance of an eigenstate keeps its digits.
    state = nk.mpi.zero_state(BITS + 3)
    assert state.variance(nk.PauliSum([("Z", q, 1e3) for q in range(BITS + 3)], BITS + 3)) == 0


def exchanges():
    """X on every qubit costs one exchange, however many rank bits there are."""
    n = BITS + 6
    state = nk.mpi.zero_state(n)
    state.run(nk.Circuit(n).h(range(n)))
    state.restore()
    before, size = state.exchanges, state.local.nbytes
    sent = state.bytes
    field = nk.PauliSum([("X", q, 1) for q in range(n)], num_qubits=n)
    field += nk.PauliSum([("ZZ", (q, q + 1), 1) for q in range(n - 1)], num_qubits=n)
    assert abs(state.expectation(field) - n) < 1e-12
    assert state.exchanges - before == (BITS > 0)
    assert state.bytes - sent == size - size // COMM.size
    # Twice in a row costs the same again at most, and strings of Z cost nothing.
    before = state.exchanges
    state.expectation("Z" * n)
    assert state.exchanges == before


def gradients():
    """Values and derivatives are those of Circuit.gradient; the state stays as it is."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n = BITS + 3 + seed % 3
        circuit, values = unitary_circuit(rng, n, 40)
        whole = oracle.random_state(rng, n)
        whole /= np.linalg.norm(whole)
        observable = observables(rng, n)[seed % 5]
        value, gradient = circuit.gradient(observable, values, state=whole)
        for shared in (False, True):
            state = made(whole, shared)
            before = content(state)
            found, slopes = state.gradient(circuit, observable, values)
            alike((found, slopes.tolist()))
            scale = 1e-13 * (1 + abs(gradient).max())
            assert abs(found - value) < scale
            assert abs(slopes - gradient).max() < scale
            after = content(state)
            assert before is None or np.array_equal(before, after)
    for make in ANSATZES:
        n = BITS + 5
        circuit, count = make(n)
        values = np.linspace(-1, 1, count)
        chain = observables(rng, n)[0]
        value, gradient = circuit.gradient(chain, values)
        state, forward = nk.mpi.zero_state(n), nk.mpi.zero_state(n)
        found, slopes = state.gradient(circuit, chain, values)
        forward.run(circuit, values)
        forward.expectation(chain)
        assert abs(found - value) < 1e-12
        assert abs(slopes - gradient).max() < 1e-12
        assert state.exchanges <= 3 * forward.exchanges
        assert state.bytes <= 4 * forward.bytes
    single = nk.mpi.zero_state(BITS + 3, np.complex64)
    circuit, count = ANSATZES[0](BITS + 3)
    found = single.gradient(circuit, "Z" * (BITS + 3), np.ones(count))
    exact = circuit.gradient("Z" * (BITS + 3), np.ones(count))
    assert abs(found[1] - exact[1]).max() < 1e-5
    cases = [
        (ValueError, "not unitary", nk.Circuit(BITS + 3).apply([[1, 0], [0, 2]], 0), "X"),
        (ValueError, "operation 1 .*not unitary", circuit[:1].apply_diagonal([1, 2], 1), "X"),
        (ValueError, "Hermitian", circuit, 1j),
        (ValueError, "measures", nk.Circuit(BITS + 3).measure(0), "X"),
        (KeyError, "no value", nk.Circuit(BITS + 3).rx(nk.Parameter("a"), 0), "X"),
    ]
    for error, words, wrong, letters in cases:
        total = nk.PauliSum({"X" * (BITS + 3): 1.0 if letters == "X" else letters})
        with pytest.raises(error, match=words):
            single.gradient(
                wrong, total, {} if error is KeyError else np.ones(len(wrong.parameters))
            )


def inners():
    """Products of two states that lie the same, or not."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        n = BITS + 2 + seed
        one, other = oracle.random_state(rng, n), oracle.random_state(rng, n)
        one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
        for shared in (False, True):
            left, right = made(one, shared), made(other, shared)
            circuit = nk.Circuit(n).h(0).swap(0, n - 1).ry(0.2, min(1, n - 1))
            expected = other.copy()
            if seed % 2:
                right.run(circuit)
                circuit.run(expected)
            found = alike(left.inner(right))
            assert abs(found - np.vdot(one, expected)) < 1e-14
            assert abs(alike(left.fidelity(right)) - abs(np.vdot(one, expected)) ** 2) < 1e-14
            assert 1 - 1e-14 < alike(left.fidelity(left)) <= 1
            assert not shared or left.bytes == right.bytes == 0
    # Memory that is shared, whose parts are others after a reading and where a run was stopped.
    n = BITS + 4
    one, other = (oracle.random_state(np.random.default_rng(seed), n) for seed in (1, 2))
    left, right = made(one, True), made(other, True)
    right.expectation("X" + "I" * (n - 1))
    assert abs(left.inner(right) - np.vdot(one, other)) < 1e-13

    def stop(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        right.run(nk.Circuit(n).x(0), progress=stop)
    assert abs(left.inner(right) - np.vdot(one, content(right))) < 1e-13
    # Ranks that give states which lie otherwise; and what is refused moves nothing.
    left, right = made(one, False), made(other, False)
    left.run(nk.Circuit(n).h(0).h(1))
    places = left.qubits
    if COMM.size > 1:
        with pytest.raises(ValueError, match="'other' of rank"):
            right.inner(left if COMM.rank else right)
    with pytest.raises(TypeError, match="different dtypes"):
        left.inner(nk.mpi.zero_state(n, np.complex64))
    assert left.qubits == places
    state = nk.mpi.zero_state(BITS + 2)
    half = COMM.Split(COMM.rank)
    cases = [
        (TypeError, "'other'", 5),
        (TypeError, "one class", nk.mpi.SharedState(BITS + 2)),
        (ValueError, "other ranks", nk.mpi.zero_state(BITS + 2, comm=half)),
        (ValueError, "qubits", nk.mpi.zero_state(BITS + 3)),
        (TypeError, "different dtypes", nk.mpi.zero_state(BITS + 2, np.complex64)),
    ]
    for error, words, other in cases:
        if COMM.size > 1 or words != "other ranks":
            with pytest.raises(error, match=words):
                state.inner(other)


def outcomes():
    """Shots have their probabilities, and are the same on all ranks and for any number of these."""
    n, shots = 10, 200_000
    rng = np.random.default_rng(5)
    whole = oracle.random_state(rng, n) * np.exp(-np.arange(2**n) / 300)
    whole[rng.random(2**n) < 0.3] = 0
    weights = abs(whole) ** 2 / np.sum(abs(whole) ** 2)
    told = []
    for shared in (False, True):
        state = made(whole, shared)
        for qubits in (None, [9, 0, 4], 3, list(rng.permutation(n))):
            listed = list(range(n)) if qubits is None else np.atleast_1d(qubits).tolist()
            others = [qubit for qubit in range(n) if qubit not in listed]
            expected = weights.reshape((2,) * n).transpose(listed + others)
            expected = expected.reshape(2 ** len(listed), -1).sum(axis=1)
            found = state.sample(shots, qubits, rng=11)
            assert COMM.allgather(found.tobytes()) == [found.tobytes()] * COMM.size
            much = alike(state.counts(10**12, qubits, rng=11))
            assert sum(much.values()) == 10**12
            assert list(much) == sorted(much)
            drawn = np.bincount(found, minlength=len(expected)) / shots
            counted = np.zeros(len(expected))
            for label, count in much.items():
                counted[int(label, 2)] = count / 1e12
            for frequency, number in ((drawn, shots), (counted, 1e12)):
                assert not frequency[expected == 0].any()
                # Six standard deviations, and a shot.
                spread = 6 * np.sqrt(expected / number) + 2 / number
                assert (abs(frequency - expected) < spread).all()
            told.append((found.tolist(), much))
        assert not shared or state.bytes == 0
    # Where qubits lie in another order, shots are others, with the same probabilities.
    state, moved = made(whole, False), whole.copy()
    circuit = nk.Circuit(n).swap(0, n - 1).swap(1, 4).h(0).cx(0, 2).swap(0, 3)
    state.run(circuit)
    circuit.run(moved)
    assert state.qubits != (tuple(range(BITS)), tuple(range(BITS, n)))
    for qubits in ([9, 0, 4], [0], list(range(n))):
        expected = nk.probabilities(moved, qubits)
        expected /= expected.sum()
        found = state.sample(shots, qubits, rng=11)
        assert COMM.allgather(found.tobytes()) == [found.tobytes()] * COMM.size
        drawn = np.bincount(found, minlength=len(expected)) / shots
        much, counted = alike(state.counts(10**12, qubits, rng=11)), np.zeros(len(expected))
        for label, count in much.items():
            counted[int(label, 2)] = count / 1e12
        for frequency, number in ((drawn, shots), (counted, 1e12)):
            assert (abs(frequency - expected) < 6 * np.sqrt(expected / number) + 2 / number).all()
    if COMM.rank == 0:
        Path(sys.argv[2], f"{COMM.size}.txt").write_text(repr(told))
    generator = np.random.default_rng(3)
    state.sample(5, rng=generator)
    fresh = np.random.default_rng(3)
    fresh.integers(0, 2**64 - 1, dtype=np.uint64, endpoint=True)
    assert generator.random() == fresh.random()
    assert len(set(COMM.allgather(state.sample(20).tobytes()))) == 1  # of rank 0's own numbers
    # Far more shots than are drawn at a time, of a state of which one rank has nothing.
    ghz = nk.mpi.zero_state(BITS + 2)
    ghz.run(nk.Circuit(BITS + 2).h(0).cx(0, 1))
    ghz.restore()
    many = ghz.sample(3 * 2**20 + 5, [0, 1], rng=1)
    assert set(many.tolist()) == {0, 3}
    assert abs((many == 0).mean() - 0.5) < 6 * 0.5 / np.sqrt(len(many))
    assert set(ghz.counts(2**53, [0, 1], rng=1)) == {"00", "11"}
    assert ghz.sample(0).size == 0
    assert ghz.counts(0) == {}
    assert ghz.sample(3, []).tolist() == [0, 0, 0]
    assert ghz.counts(3, []) == {"": 3}


def collapses():
    """Measurements find what numket.measure finds, and leave the state that it leaves."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n = BITS + 3 + seed % 10
        dtype = (np.complex128, np.complex64)[seed % 6 == 5]
        whole = (oracle.random_state(rng, n) * 3).astype(dtype)
        for shared in (False, True):
            state, expected = made(whole, shared), whole.copy()
            circuit = nk.Circuit(n).h(0).cx(0, n - 1).swap(0, n - 2)
            state.run(circuit)
            circuit.run(expected)
            scale = 100 * np.finfo(dtype).eps * np.linalg.norm(whole)
            k = int(rng.integers(1, n + 1))
            qubits = [int(q) for q in rng.permutation(n)[:k]]

            def check(state=state, expected=expected, scale=scale):
                found = content(state)
                assert found is None or abs(found - expected).max() < scale

            some = qubits[: (k + 1) // 2]
            found = state.measure(some, rng=seed)
            assert found.dtype == np.int8
            assert np.array_equal(alike(found.tolist()), nk.measure(expected, some, rng=seed))
            check()
            state.reset(qubits, rng=seed + 1)
            nk.reset(expected, qubits, rng=seed + 1)
            check()
            back = nk.Circuit(n).ry(0.3, range(n))
            state.run(back)
            back.run(expected)
            outcome = [int(bit) for bit in rng.integers(0, 2, k)]
            probability = alike(state.project(qubits, outcome))
            exact = nk.project(expected, qubits, outcome)
            assert abs(probability - exact) < 100 * np.finfo(dtype).eps
            scale *= 1 + 1 / np.sqrt(exact)
            check(scale=scale)
            assert isinstance(alike(state.measure(qubits[0], rng=3)), int)
            nk.measure(expected, qubits[0], rng=3)
            check(scale=scale)
            found = state.measure(np.array(qubits[:2]), rng=3)
            assert found.tolist() == nk.measure(expected, qubits[:2], rng=3).tolist()
            assert isinstance(state.measure(np.int64(0), rng=3), int)
            assert not shared or state.bytes == 0
    # Norms whose squares are tiny, or whose ratio single precision cannot hold.
    for size in (1e-140, 1e-20):
        tiny = nk.mpi.zero_state(BITS + 2)
        tiny.local *= size
        tiny.run(nk.Circuit(BITS + 2).ry(1e-3, 0))
        assert abs(tiny.project(0, 1) / np.sin(5e-4) ** 2 - 1) < 1e-12
        assert abs(tiny.norm() / size - 1) < 1e-12
    single = nk.mpi.zero_state(BITS + 2, np.complex64)
    single.local[-1:] = 1e-25 if COMM.rank == COMM.size - 1 else single.local[-1:]
    assert abs(single.project(list(range(BITS + 2)), "1" * (BITS + 2)) / 1e-50 - 1) < 1e-5
    assert abs(single.norm() - 1) < 1e-6


def content(state):
    """All amplitudes, on rank 0."""
    if isinstance(state, nk.mpi.SharedState):
        COMM.Barrier()
        found = state.array.reshape(-1).copy()
        COMM.Barrier()
        return found
    return state.gather()


def draw_refusals():
    """Draws that ranks could not agree on."""
    last, rank = COMM.rank == COMM.size - 1, COMM.rank
    n = BITS + 3
    for state in (nk.mpi.zero_state(n), nk.mpi.SharedState(n)):
        state.run(nk.Circuit(n).h(range(n - 1)))
        before = content(state)
        cases = [
            (TypeError, "'shots'", lambda s: s.sample("many")),
            (ValueError, "'shots'", lambda s: s.sample(-1)),
            (ValueError, "'shots'", lambda s: s.counts(2**53 + 1)),
            (ValueError, "range", lambda s: s.counts(5, n)),
            (ValueError, "twice", lambda s: s.measure([1, 1])),
            (TypeError, "'rng'", lambda s: s.sample(5, rng="dice" if last else 7)),
            (ValueError, "'outcome'", lambda s: s.project([0, 1], 4)),
            (ValueError, "'outcome'", lambda s: s.project([0, 1], "012")),
            (ValueError, "probability 0", lambda s: s.project(n - 1, 1)),
            (TypeError, "'qubits' is a NoneType", lambda s: s.project(None, 0)),
            (TypeError, "'qubits' is a NoneType", lambda s: s.reset(None)),
            (TypeError, "'observable'", lambda s: s.expectation(5 if last else "Z" * n)),
            (ValueError, "qubits", lambda s: s.expectation("Z")),
            (ValueError, "letter", lambda s: s.expectation("Q" * n)),
        ]
        if COMM.size > 1:
            cases += [
                (ValueError, "'rng'", lambda s: s.sample(5, rng=rank)),
                (ValueError, "'rng'", lambda s: s.measure(0, rng=None if last else 7)),
                (ValueError, "'rng'", lambda s: s.reset(0, rng=np.random.default_rng(rank))),
                (ValueError, "'shots'", lambda s: s.sample(5 + last)),
                (ValueError, "'qubits'", lambda s: s.measure(int(last), rng=7)),
                (ValueError, "'outcome'", lambda s: s.project(0, int(last))),
                (ValueError, "'observable'", lambda s: s.variance("XZ"[last] * n)),
            ]
        for error, words, call in cases:
            with pytest.raises(error, match=words):
                call(state)
        # Outcomes are read as numket.project reads them.
        for outcome in (
            *(
                2,
                np.int64(1),
                np.array(3),
                "10",
                "1",
                "12",
                "é",
                b"10",
                [1, 0],
                (0, 1),
                [1],
                [0, 2],
            ),
            *(np.array([1, 0]), range(2), np.array([[1, 0]]), ["1", "0"], [1.0, 0], [True, False]),
            *(True, np.bool_(True), 1.0, None, -1, 2**70, [2**70, 0], {0, 1}, {0: 1, 1: 0}),
        ):
            fresh, both = made(np.full(2**n, 2.0 ** (-n / 2), complex), False), np.ones(4, complex)
            try:
                nk.project(both, [0, 1], outcome)
            except (TypeError, ValueError) as error:
                with pytest.raises(type(error), match="'outcome'"):
                    fresh.project([0, 1], outcome)
            else:
                assert abs(fresh.project([0, 1], outcome) - 0.25) < 1e-12
                assert np.allclose(fresh.probabilities([0, 1]), abs(both) ** 2 / 4)
        after = content(state)
        assert before is None or np.array_equal(before, after)
    nothing = nk.mpi.DistributedState(np.zeros(4, complex))
    for call in (
        lambda: nothing.sample(1, rng=1),
        lambda: nothing.counts(1, rng=1),
        lambda: nothing.measure(0, rng=1),
        lambda: nothing.measure([], rng=1),
        lambda: nothing.reset(0, rng=1),
        lambda: nothing.reset([], rng=1),
        lambda: nothing.sample(0, []),
        lambda: nothing.project(0, 0),
    ):
        with pytest.raises(ValueError, match="norm 0"):
            call()


def refusals():
    """What one rank refuses, all do, at once and with the same error."""
    last = COMM.rank == COMM.size - 1
    state = nk.mpi.zero_state(8)
    before = state.local.copy()
    good = nk.Circuit(8).h(range(8))
    cases = [
        (TypeError, "'circuit'", lambda: state.run(5 if last else good)),
        (ValueError, "8 qubits", lambda: state.run(nk.Circuit(7) if last else good)),
        (ValueError, "another than", lambda: state.run(nk.Circuit(8).x(0) if last else good)),
        (ValueError, "another than", lambda: state.run(nk.Circuit(8).reset(0) if last else good)),
        (ValueError, "another than", lambda: state.run(nk.Circuit(8, num_bits=1 + last).h(0))),
        (
            ValueError,
            "'params'",
            lambda: state.run(nk.Circuit(8).rx(nk.Parameter("a"), 0), [float(last)]),
        ),
        (TypeError, "'progress'", lambda: state.run(good, progress=5 if last else None)),
        (KeyError, "no value", lambda: state.run(nk.Circuit(8).rx(nk.Parameter("a"), 0))),
        (ValueError, "'threads'|thread|at least 1", lambda: state.run(good, threads=1 - last)),
        (ValueError, "8|range", lambda: state.probabilities(8 if last else 0)),
        (TypeError, "'local'", lambda: nk.mpi.DistributedState([1] if last else state.local)),
        (
            ValueError,
            "'local' of rank",
            lambda: nk.mpi.DistributedState(nk.zero_state(3, (complex, np.complex64)[last])),
        ),
        (ValueError, "'num_qubits' is 0", lambda: nk.mpi.SharedState(0)),
        (ValueError, "'num_qubits' is -3", lambda: nk.mpi.SharedState(-3)),
        (ValueError, "'num_qubits' is -3", lambda: nk.mpi.zero_state(-3)),
        (ValueError, "'num_qubits' is 1;", lambda: nk.mpi.zero_state(1)),
        (ValueError, "'num_qubits' is 100", lambda: nk.mpi.zero_state(100)),
        (TypeError, "'num_qubits' is a str", lambda: nk.mpi.zero_state("5")),
        (TypeError, "'num_qubits' is a bool", lambda: nk.mpi.SharedState(True)),
        (TypeError, "float64", lambda: nk.mpi.SharedState(5, float)),
        (TypeError, "float64", lambda: nk.mpi.zero_state(5, float)),
        (OSError, "none", lambda: nk.mpi.load("/none")),
    ]
    if BITS:
        wide = nk.Circuit(8).apply_pauli("X" * 8)
        cases.append((ValueError, "mixes 8 qubits", lambda: state.run(wide)))
    for error, words, call in cases:
        with pytest.raises(error, match=words):
            call()
    assert np.array_equal(state.local, before)
    assert state.run(good).segments > 0


class Odd(Exception):
    """An error that no other process can be told of."""

    def __init__(self):
        super().__init__("odd")
        self.call = lambda: None


def scripts():
    """Circuits that measure, reset, have noise and conditions do what Circuit.run does."""
    for seed in range(16):
        rng = np.random.default_rng(seed)
        n = BITS + 3 + seed % 4
        theta = nk.Parameter("theta")
        circuit = nk.Circuit(n, num_bits=2 * n)
        for _ in range(4):
            a, b = (int(q) for q in rng.permutation(n)[:2])
            bits = [int(bit) for bit in rng.permutation(2 * n)[:2]]
            circuit.ry(theta, a).cx(a, b).ry(0.7, b).swap(0, n - 1)
            circuit.measure([a, b], bits, readout_error=(0.2, 0.6) if seed % 3 == 0 else None)
            circuit.rx(0.4 * theta, b, condition={bits[0]: 1})
            circuit.measure(b, bits[1], condition={bits[0]: 0, bits[1]: 1})
            circuit.h(range(n)).reset([b, 0] if b else 0, condition=bits[1])
            circuit.apply_kraus(nk.channels.depolarizing(0.8), a)
            circuit.apply_kraus(nk.channels.amplitude_damping(0.4), 0)
            circuit.apply_kraus(nk.channels.amplitude_damping(0.4), b, condition=bits[0])
        whole = 2 * oracle.random_state(rng, n)
        for shared in (False, True):
            state, expected = made(whole, shared), whole.copy()
            told = []
            done = state.run(
                circuit, [0.9], rng=seed, progress=lambda *of, told=told: told.append(of)
            )
            found = circuit.run(expected, [0.9], rng=seed)
            assert np.array_equal(alike(done.bits.tolist()), found)
            after = content(state)
            assert after is None or abs(after - expected).max() < 1e-13 * np.linalg.norm(whole)
            assert told[-1] == (len(circuit), len(circuit))
            assert not shared or state.bytes == 0
            unitary = state.run(nk.Circuit(n, num_bits=3).h(0), rng="unused")
            assert unitary.bits.tolist() == [0, 0, 0]
            assert state.run(nk.Circuit(n).h(0)).bits is None
    # Of a state without norm nothing is drawn, and what ranks have no room for is refused at once.
    state = nk.mpi.DistributedState(np.zeros(4, complex))
    with pytest.raises(ValueError, match="norm 0"):
        state.run(nk.Circuit(BITS + 2).h(0).measure(0))
    state = nk.mpi.zero_state(BITS + 1)
    wide = nk.Circuit(BITS + 1).x(0).reset(1 if BITS else 0)
    if BITS:
        wide.cx(0, 1).iswap(0, 1)
        with pytest.raises(ValueError, match="mixes 2 qubits, and 1 have room"):
            state.run(wide)
        assert abs(state.expectation("Z" * (BITS + 1)) - 1) < 1e-15
        # In memory that is shared a swap moves amplitudes.
        state = nk.mpi.SharedState(BITS + 1)
        with pytest.raises(ValueError, match="mixes 2 qubits, and 1 have room"):
            state.run(nk.Circuit(BITS + 1, num_bits=1).x(0).measure(0, 0).swap(0, 1))
        assert content(state)[0] == 1


def small_messages():
    """The same where every array takes many messages, of four amplitudes each."""
    exchange.CHUNK = 64
    runs()
    expectations()
    gradients()
    inners()
    collapses()


def faults():
    """What goes wrong on one rank is raised on all, and the ranks go on afterwards."""
    last, n = COMM.rank == COMM.size - 1, BITS + 4
    circuit = nk.Circuit(n).h(range(n))
    handler = signal.getsignal(signal.SIGINT)
    for state in (nk.mpi.zero_state(n), nk.mpi.SharedState(n)):

        def fail(error):
            def report(done, total):
                if last:
                    raise error

            return report

        for error, kinds, words in (
            (ZeroDivisionError("once"), ZeroDivisionError, "once"),
            (Odd(), (Odd, RuntimeError), "odd"),
        ):
            with pytest.raises(kinds, match=words) as caught:
                state.run(circuit, progress=fail(error))
            notes = "".join(caught.value.__notes__)
            assert "in segment 1 of" in notes
            assert last or f"raised on rank {COMM.size - 1}" in notes

        def interrupt(done, total):
            if last:
                os.kill(os.getpid(), signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            state.run(circuit, progress=interrupt)
        assert signal.getsignal(signal.SIGINT) is handler
        told = []
        state.run(
            nk.Circuit(n).h(0), progress=lambda done, total, told=told: told.append((done, total))
        )
        assert told[-1][0] == told[-1][1] == len(told)
    # Ctrl-C while ranks exchange amplitudes: they finish that, and nothing is lost.
    if BITS:
        state = nk.mpi.zero_state(n)
        swap_with = owned.swap_with

        def slow(comm, mine, peer):
            if last:
                os.kill(os.getpid(), signal.SIGINT)
            return swap_with(comm, mine, peer)

        owned.swap_with = slow
        with pytest.raises(KeyboardInterrupt):
            state.run(circuit)
        owned.swap_with = swap_with
        assert abs(state.norm() - 1) < 1e-14
        with pytest.raises(KeyboardInterrupt):
            agreed(COMM, lambda: os.kill(os.getpid(), signal.SIGINT) if last else None)
    # Ctrl-C on one rank while states are made.
    files = COMM.bcast(tempfile.mkdtemp() if COMM.rank == 0 else None)
    nk.mpi.zero_state(n).save(f"{files}/psi.npy")
    own = agreement.own

    def interrupted(comm):
        if last:
            os.kill(os.getpid(), signal.SIGINT)
        return own(comm)

    agreement.own = interrupted
    for call in (
        lambda: nk.mpi.zero_state(n),
        lambda: nk.mpi.SharedState(n),
        lambda: nk.mpi.DistributedState(np.ones(2, complex)),
        lambda: nk.mpi.load(f"{files}/psi.npy"),
    ):
        with pytest.raises(KeyboardInterrupt):
            call()
        assert signal.getsignal(signal.SIGINT) is handler
    agreement.own = own
    COMM.Barrier()
    if COMM.rank == 0:
        shutil.rmtree(files)
    # Communicators.
    comm = COMM.Dup()
    state = nk.mpi.zero_state(n, comm=comm)
    comm.Free()
    null = MPI.COMM_NULL
    for call in (
        state.norm,
        lambda: state.run(circuit),
        lambda: nk.mpi.zero_state(n, comm=comm),
        lambda: nk.mpi.SharedState(n, comm=null),
        lambda: nk.mpi.load("none.npy", comm=null),
        lambda: nk.mpi.DistributedState(np.ones(2, complex), comm=comm),
    ):
        with pytest.raises(ValueError, match="freed"):
            call()
    with pytest.raises(TypeError, match="'comm' is a int"):
        nk.mpi.zero_state(n, comm=5)
    with pytest.raises(MemoryError, match="GiB"):
        nk.mpi.SharedState(60)
    with pytest.raises(ValueError, match="'root'"):
        nk.mpi.zero_state(n).gather(COMM.size)


def many():
    """More states than MPI has communicators."""
    for _ in range(2500):
        nk.mpi.zero_state(BITS + 1)
    for _ in range(200):
        comm = COMM.Dup()
        nk.mpi.zero_state(BITS + 1, comm=comm)
        comm.Free()
        nk.mpi.SharedState(BITS + 1)


def files():
    """One file for any number of ranks, as NumPy reads and writes it."""
    folder, n = Path(sys.argv[2]), 7
    whole = oracle.random_state(np.random.default_rng(3), n)
    state = nk.mpi.DistributedState(shared_out(whole))
    circuit = nk.Circuit(n).h(0).cx(0, n - 1).swap(1, 5).rx(0.3, 0).rx(0.4, 1)
    circuit.run(whole)
    state.run(circuit)
    state.save(folder / "psi.npy")
    found = np.load(folder / "psi.npy")
    assert found.shape == (2**n,)
    assert abs(found - whole).max() < 1e-15
    for comm in (COMM.Split(COMM.rank < (COMM.size + 1) // 2), MPI.COMM_SELF, COMM):
        again = nk.mpi.load(folder / "psi.npy", comm=comm)
        assert again.num_qubits == n
        assert again.local.size == 2**n // comm.size
        gathered = again.gather()
        assert gathered is None or np.array_equal(gathered, found)
    # Written again, by fewer ranks, in single precision, with an array of another layout.
    COMM.Barrier()
    if COMM.rank < 2:
        pair = COMM.Split(0)
        size = 2**n // pair.size
        part = found.astype(np.complex64)[pair.rank * size :][:size]
        turned = part.reshape((2,) * (size.bit_length() - 1)).T.copy().T
        nk.mpi.DistributedState(turned, comm=pair).save(folder / "single.npy")
        assert np.array_equal(np.load(folder / "single.npy"), found.astype(np.complex64))
    else:
        COMM.Split(1)
    COMM.Barrier()
    if COMM.rank == 0:
        np.save(folder / "flat.npy", np.zeros((4, 4), complex))
        np.save(folder / "three.npy", np.zeros(3 * 2**n, complex))
        np.savez(folder / "several.npy", one=1)
        (folder / "several.npy.npz").rename(folder / "several.npy")
        np.save(folder / "one.npy", np.zeros(1, complex))
        np.save(folder / "real.npy", np.zeros(2**n))
        np.save(folder / "turned.npy", np.zeros(2**n, complex).astype(">c16"))
        (folder / "short.npy").write_bytes((folder / "psi.npy").read_bytes()[:-1])
    COMM.Barrier()
    for name, error in (
        ("flat", ValueError),
        ("three", ValueError),
        ("one", ValueError),
        ("real", TypeError),
        ("turned", TypeError),
        ("several", ValueError),
        ("short", ValueError),
        ("none", OSError),
    ):
        with pytest.raises(error):
            nk.mpi.load(folder / f"{name}.npy")
    with pytest.raises(OSError, match="folder"):
        state.save(folder / "folder" / "psi.npy")
    with pytest.raises(TypeError, match="PathLike"):
        state.save(None)
    # The same name in different folders is another file.
    own = folder / f"own{COMM.rank}"
    own.mkdir()
    here = Path.cwd()
    os.chdir(own)
    Path("psi.npy").write_bytes(b"precious")
    for call, words in (
        (lambda: state.save("psi.npy"), "'path' of rank"),
        (lambda: state.save(own / "psi.npy"), "'path' of rank"),
        (lambda: nk.mpi.load(folder / ("psi.npy" if COMM.rank else "single.npy")), "the file of"),
    ):
        if COMM.size > 1:
            with pytest.raises(ValueError, match=words):
                call()
    assert Path("psi.npy").read_bytes() == b"precious"
    os.chdir(here)
    failed_saves(folder, state, found)


def failed_saves(folder, state, found):
    """What is there stays where a state cannot be saved, and nothing is left beside it."""
    last, names = COMM.rank == COMM.size - 1, sorted(os.listdir(folder))

    def kept():
        COMM.Barrier()
        assert sorted(os.listdir(folder)) == names
        assert np.array_equal(np.load(folder / "psi.npy"), found)
        COMM.Barrier()

    # No room: for the header, for all of the file, or for what one rank writes.
    state.local *= 2
    for size, here in ((0, True), (200, True), (state.local.nbytes * COMM.size, last)):
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        if here:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        with pytest.raises(OSError, match="too large"):
            state.save(folder / "psi.npy")
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        kept()
    # The disk fails, and Ctrl-C, on one rank.
    sync = os.fsync

    def fail(file):
        if last:
            raise OSError(errno.EIO, "Input/output error")
        sync(file)

    def interrupt(file):
        if last:
            os.kill(os.getpid(), signal.SIGINT)
        sync(file)

    for os.fsync, error in ((fail, OSError), (interrupt, KeyboardInterrupt)):
        with pytest.raises(error):
            state.save(folder / "psi.npy")
        kept()
    os.fsync = sync
    # What is no file stays, and a link leads where it led.
    for path in ("/dev/full", folder):
        with pytest.raises(OSError, match="regular file"):
            state.save(path)
    kept()
    if COMM.rank == 0:
        (folder / "link.npy").symlink_to("psi.npy")
    COMM.Barrier()
    state.save(folder / "link.npy")
    assert (folder / "link.npy").is_symlink()
    assert np.array_equal(np.load(folder / "psi.npy"), 2 * found)
    state.local /= 2
    state.save(folder / "psi.npy")
    COMM.Barrier()


def loads():
    """What four ranks wrote, by any number of them."""
    found = np.load(Path(sys.argv[2], "psi.npy"))
    state = nk.mpi.load(Path(sys.argv[2], "psi.npy"))
    gathered = state.gather()
    assert gathered is None or np.array_equal(gathered, found)


def peak_memory(call):
    """How many bytes this process takes more while it is in a call, by the kernel's own count."""

    def told(name):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024

    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    before = told("VmRSS:")
    call()
    return told("VmHWM:") - before


def memory():
    """An exchange of half an array of 256 MiB takes no more than 16 MiB."""
    n = BITS + 24
    nk.mpi.zero_state(BITS + 18).run(nk.Circuit(BITS + 18).h(range(BITS + 18)))  # begins all
    state = nk.mpi.zero_state(n)
    assert state.local.nbytes == 2**28
    tracemalloc.start()
    peak = peak_memory(lambda: state._exchange([(0, BITS)]))
    assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    tracemalloc.stop()
    assert (state.exchanges, state.bytes) == (1, 2**27)
    assert peak < 16 * 2**20
    # Nor one of amplitudes that lie apart.
    assert peak_memory(lambda: state._exchange([(0, n - 1)])) < 16 * 2**20
    assert exchange.CHUNK == 2**22
    # What is loaded is there once.
    folder = COMM.bcast(tempfile.mkdtemp() if COMM.rank == 0 else None)
    state = nk.mpi.DistributedState(np.ones(2**21, complex))
    peak = peak_memory(lambda: state.save(f"{folder}/psi.npy"))
    assert peak < 16 * 2**20
    found = []
    peak = peak_memory(lambda: found.append(nk.mpi.load(f"{folder}/psi.npy")))
    assert 2**25 < peak + 2**20 < 3 * 2**24
    assert np.array_equal(found[0].local, state.local)
    COMM.Barrier()
    if COMM.rank == 0:
        shutil.rmtree(folder)


def workloads():
    """Known circuits from |0...0>: the bytes are those that the plan tells."""
    for make in WORKLOADS.values():
        n = BITS + 6
        state, circuit, expected = nk.mpi.zero_state(n), make(n), nk.zero_state(n)
        circuit.run(expected)
        done = state.run(circuit)
        assert (done.exchanges, done.bytes / state.local.nbytes) == volume(circuit, BITS)
        assert done.bytes / state.local.nbytes <= gate_by_gate(circuit, BITS)
        found = state.gather()
        assert found is None or abs(found - expected).max() < 1e-14


def three():
    """A number of ranks that is no power of two."""
    for call in (
        lambda: nk.mpi.zero_state(8),
        lambda: nk.mpi.SharedState(8),
        lambda: nk.mpi.DistributedState(nk.zero_state(4)),
        lambda: nk.mpi.load("nothing.npy"),
    ):
        with pytest.raises(ValueError, match=r"3 ranks.*power of two"):
            call()


if __name__ == "__main__":
    for name in sys.argv[1].split(","):
        globals()[name]()
    print("done")
