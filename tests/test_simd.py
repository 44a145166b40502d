"""Every kind of lanes that this CPU has, forced, against the textbook."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import refused_import
from numket import _core

LANES = _core.config()["lanes_available"]


def check_everything(lanes):
    """Runs in a process of its own, where NUMKET_SIMD is `lanes`."""
    assert _core.config()["lanes"] == lanes
    rng = np.random.default_rng(7)
    for dtype in np.complex128, np.complex64:
        for n in range(1, 8):
            states = [oracle.random_state(rng, n, dtype) for _ in range(3)]
            for name in oracle.GATES:
                check_gate(rng, name, n, states)
            check_operators(rng, n, states)
            check_readings(rng, n, states[0])
            check_where_controls_do_not_hold(rng, n, dtype)
        for n in range(1, 5):
            for count in 1, 2, 3, 7, 8, 9, 67:
                check_batch(rng, n, count, dtype)
    print("all well")


def check_gate(rng, name, n, states):
    k, params = oracle.num_qubits(name), rng.uniform(-np.pi, np.pi, oracle.num_params(name))
    matrix, function = oracle.gate(name, *params), getattr(nk, name)
    for i, qubits in enumerate(permutations(range(n), k)):
        before = states[i % 3]
        others = [q for q in range(n) if q not in qubits]
        controls = rng.permutation(others)[: i % 3].tolist()
        values = rng.integers(2, size=len(controls)).tolist()
        state = before.copy()
        function(state, *params, *qubits, controls=controls, control_values=values)
        oracle.assert_close(state, oracle.apply(before, matrix, qubits, controls, values))


def check_operators(rng, n, states):
    for k in range(1, n + 1):
        for i in range(6):
            before, state = states[i % 3], states[i % 3].copy()
            order = rng.permutation(n).tolist()
            qubits, controls = order[:k], order[k : k + i % 3]
            matrix = oracle.random_unitary(rng, k)
            nk.apply(state, matrix, qubits, controls=controls)
            oracle.assert_close(state, oracle.apply(before, matrix, qubits, controls), 2**k)
            state, diagonal = before.copy(), np.exp(1j * rng.normal(size=2**k))
            nk.apply_diagonal(state, diagonal, qubits, controls=controls)
            oracle.assert_close(state, oracle.apply(before, np.diag(diagonal), qubits, controls))
            state, permutation = before.copy(), rng.permutation(2**k)
            nk.apply_permutation(state, permutation, qubits, controls=controls)
            matrix = oracle.permutation_matrix(permutation)
            assert np.array_equal(state, oracle.apply(before, matrix, qubits, controls))


def check_batch(rng, n, count, dtype):
    """An operator for each state: states that share a register, and some between others."""
    states = np.stack([oracle.random_state(rng, n, dtype) for _ in range(count)])
    turned = states.reshape((count,) + (2,) * n).transpose(0, *rng.permutation(n) + 1)
    apart = np.zeros((count, 2, 2**n), dtype)[:, 1]
    apart[:] = states
    for array in states, turned[:, ::-1], apart:
        for name in ("rx", "rz", "crx", "cp", "u", "rzz", "rxx", "cu"):
            if oracle.num_qubits(name) > n:
                continue
            params = rng.uniform(-np.pi, np.pi, (oracle.num_params(name), count))
            qubits = rng.permutation(n)[: oracle.num_qubits(name)].tolist()
            before = array.copy()
            getattr(nk, name)(array, *params, *qubits, batch=1)
            for state, old, angles in zip(array, before, params.T, strict=True):
                expected = oracle.apply(old, oracle.gate(name, *angles), qubits)
                oracle.assert_close(state, expected, terms=4)
        for k in range(1, n + 1):
            matrices = np.stack([oracle.random_unitary(rng, k) for _ in range(count)])
            diagonals = np.exp(1j * rng.normal(size=(count, 2**k)))
            qubits = rng.permutation(n)[:k].tolist()
            before = array.copy()
            nk.apply(array, matrices, qubits, batch=1)
            nk.apply_diagonal(array, diagonals, qubits, batch=1)
            for i in range(count):
                expected = oracle.apply(before[i], np.diag(diagonals[i]) @ matrices[i], qubits)
                oracle.assert_close(array[i], expected, terms=2 ** (k + 1))


def check_where_controls_do_not_hold(rng, n, dtype):
    """Those amplitudes keep every bit, even if they are no numbers."""
    for control in range(n):
        others = [q for q in range(n) if q != control]
        for k in range(1, min(n, 4)):
            qubits = rng.permutation(others)[:k].tolist()
            state = oracle.random_state(rng, n, dtype).reshape((2,) * n)
            still = state[(slice(None),) * control + (0,)]
            still[...] = rng.choice([np.nan, np.inf, complex(-0.0, -0.0), 1e-310], still.shape)
            before = still.tobytes()
            nk.apply(state, oracle.random_unitary(rng, k), qubits, controls=[control])
            nk.apply_diagonal(state, np.exp(1j * np.arange(2**k)), qubits, controls=[control])
            nk.pauli_rotation(
                state, 0.3, "".join(rng.choice(list("XYZ"), k)), qubits, controls=[control]
            )
            assert still.tobytes() == before
            moved = state[(slice(None),) * control + (1,)]
            assert np.all(np.isfinite(moved))


def check_readings(rng, n, state):
    psi = state.astype(np.clongdouble)
    other = rng.permutation(state)
    assert abs(nk.norm(state) - np.sqrt(np.sum(abs(psi) ** 2))) < 4e-16
    assert abs(nk.inner(other, state) - np.sum(other.astype(np.clongdouble).conj() * psi)) < 4e-16
    tensor = (abs(psi) ** 2).reshape((2,) * n)
    for k in range(1, n + 1):
        qubits = rng.permutation(n)[:k].tolist()
        expected = np.moveaxis(tensor, qubits, range(k)).reshape(2**k, -1).sum(-1)
        assert abs(nk.probabilities(state, qubits) - expected).max() < 4e-16


@pytest.fixture(scope="module")
def checked(snippet):
    """What `check_everything` prints for each kind of lanes, all of which run side by side."""

    def check(lanes):
        code = f"import test_simd; test_simd.check_everything({lanes!r})"
        return snippet(code, NUMKET_SIMD=lanes)

    with ThreadPoolExecutor() as side_by_side:
        yield {lanes: side_by_side.submit(check, lanes) for lanes in LANES}


@pytest.mark.parametrize("lanes", LANES)
def test_lanes(lanes, checked):
    assert checked[lanes].result() == "all well"


def test_lanes_are_among_the_four_and_scalar_is_always_there():
    assert set(LANES) <= {"scalar", "avx2", "avx512", "neon"}
    assert "scalar" in LANES
    assert _core.config()["lanes"] in LANES


@pytest.mark.parametrize("lanes", LANES)
def test_threads_do_not_change_a_bit(lanes, snippet):
    code = """
        rng = np.random.default_rng(3)
        for dtype in np.complex128, np.complex64:
            states = [oracle.random_state(rng, 17, dtype)]
            states += [states[0].copy(), states[0].copy()]
            for threads, state in enumerate(states, 1):
                for q in range(17):
                    nk.h(state, q, threads=threads)
                    nk.rxx(state, 0.1, q, (q + 5) % 17, threads=threads)
                    nk.cu(state, 0.1, 0.2, 0.3, 0.4, (q + 1) % 17, q, threads=threads)
            assert states[0].tobytes() == states[1].tobytes() == states[2].tobytes()
            assert len({nk.norm(states[0], threads=t) for t in (1, 2, 3)}) == 1
        """
    snippet(code, NUMKET_SIMD=lanes)


@pytest.mark.parametrize("value", ["avx3", "AVX2 ", "neon" if "neon" not in LANES else "avx2"])
def test_lanes_that_cannot_be_had(value):
    said = refused_import(NUMKET_SIMD=value)
    for part in "NUMKET_SIMD", value, "scalar":
        assert part in said


def test_empty_means_unset(snippet):
    assert snippet("nk.h(nk.zero_state(1), 0); print('well')", NUMKET_SIMD="") == "well"
