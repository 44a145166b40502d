"""Real states: arrays of float64 and float32, changed in place by operators that are real."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle
from numket import _core

LANES = _core.config()["lanes_available"]
REAL = ["x", "z", "h", "ry", "cx", "cz", "ch", "cry", "swap", "cswap", "ccx", "ccz"]


@pytest.fixture(params=[np.float64, np.float32], ids=["f64", "f32"])
def dtype(request):
    return request.param


def random_real(rng, n, dtype=np.float64):
    psi = rng.normal(size=2**n)
    return (psi / np.linalg.norm(psi)).astype(dtype)


def random_orthogonal(rng, k):
    return np.linalg.qr(rng.normal(size=(2**k, 2**k)))[0]


def assert_close(actual, expected, terms=4):
    assert actual.dtype.kind == "f"
    oracle.assert_close(actual, expected, terms)


def is_real(name):
    matrix = oracle.gate(name, *[0.3 + 0.7 * i for i in range(oracle.num_params(name))])
    return not np.any(matrix.imag)


# What tells where a state of seven qubits lies: qubits next to each other, apart, reversed, turned.
PLACES = {
    "flat": lambda psi, rng: psi,
    "reversed": lambda psi, rng: psi[::-1],
    "every_second": lambda psi, rng: np.repeat(psi, 2)[::2],
    "every_third": lambda psi, rng: np.repeat(psi, 3)[1::3],
    "column": lambda psi, rng: np.stack([psi] * 3, -1)[:, 1],
    "even_columns": lambda psi, rng: np.stack([psi] * 4, -1)[:, 2],
    "transposed": lambda psi, rng: psi.reshape((2,) * 7).T,
    "turned": lambda psi, rng: psi.reshape((2,) * 7).transpose(rng.permutation(7)),
    "flipped": lambda psi, rng: psi.reshape((2,) * 7)[::-1, :, ::-1, :, :, :, ::-1],
    "odd_start": lambda psi, rng: np.concatenate([psi[:1], psi])[1:],
    "odd_rows": lambda psi, rng: np.pad(psi.reshape(2, 64), ((0, 0), (0, 1)))[:, :64].reshape(
        (2,) * 7, copy=False
    ),
    "real_parts": lambda psi, rng: (psi + 0j).real,
    "lengths_of_one": lambda psi, rng: psi.reshape(2, 1, 2, 2, 2, 1, 2, 2, 2, 1),
}


def operations(rng, qubits):
    """(function, arguments, matrix, qubits) for some operators of each structure."""
    for name in REAL:
        if oracle.num_qubits(name) > len(qubits):
            continue
        params = rng.uniform(-3, 3, oracle.num_params(name)).tolist()
        targets = rng.permutation(qubits)[: oracle.num_qubits(name)].tolist()
        yield getattr(nk, name), (*params, *targets), oracle.gate(name, *params), targets
    for k in range(1, len(qubits) + 1):
        targets = rng.permutation(qubits)[:k].tolist()
        matrix = random_orthogonal(rng, k)
        yield nk.apply, (matrix, targets), matrix, targets
        diagonal = rng.normal(size=2**k)
        yield nk.apply_diagonal, (diagonal, targets), np.diag(diagonal), targets
        permutation = rng.permutation(2**k)
        matrix = oracle.permutation_matrix(permutation)
        yield nk.apply_permutation, (permutation, targets), matrix, targets
        letters = "".join(rng.choice(list("IXYZ"), k))
        if letters.count("Y") % 2 == 0:
            yield nk.apply_pauli, (letters, targets), oracle.pauli(letters), targets
        else:
            matrix = oracle.operator("pauli_rotation", (0.7, letters))
            yield nk.pauli_rotation, (0.7, letters, targets), matrix, targets


def qubits_of(state):
    """The axes that are qubits."""
    if state.ndim == 1:
        return range(state.size.bit_length() - 1)
    return [axis for axis, length in enumerate(state.shape) if length == 2]


def check_operators(state, rng):
    qubits = list(qubits_of(state))
    for function, arguments, matrix, targets in operations(rng, qubits):
        others = [q for q in qubits if q not in targets]
        controls = rng.permutation(others)[: rng.integers(3)].tolist()
        values = rng.integers(2, size=len(controls)).tolist()
        expected = oracle.apply(state, matrix, targets, controls, values)
        function(state, *arguments, controls=controls, control_values=values)
        assert_close(state, expected, terms=2 ** len(targets))
        state /= np.linalg.norm(state)


def check_everything(lanes):
    """Runs in a process of its own, where NUMKET_SIMD is `lanes`."""
    assert _core.config()["lanes"] == lanes
    rng = np.random.default_rng(11)
    for dtype in np.float64, np.float32:
        for n in range(1, 8):
            for name in REAL:
                check_gate(rng, name, n, dtype)
            for _ in range(3):
                check_operators(random_real(rng, n, dtype), rng)
            check_where_controls_do_not_hold(rng, n, dtype)
        for place in PLACES.values():
            check_operators(place(random_real(rng, 7, dtype), rng), rng)
    print("all well")


def check_gate(rng, name, n, dtype):
    k, params = oracle.num_qubits(name), rng.uniform(-np.pi, np.pi, oracle.num_params(name))
    matrix, function = oracle.gate(name, *params), getattr(nk, name)
    for i, qubits in enumerate(permutations(range(n), k)):
        others = [q for q in range(n) if q not in qubits]
        controls = rng.permutation(others)[: i % 3].tolist()
        values = rng.integers(2, size=len(controls)).tolist()
        state = random_real(rng, n, dtype)
        expected = oracle.apply(state, matrix, qubits, controls, values)
        function(state, *params, *qubits, controls=controls, control_values=values)
        assert_close(state, expected)


def check_where_controls_do_not_hold(rng, n, dtype):
    """Those amplitudes keep every bit."""
    for control in range(n):
        others = [q for q in range(n) if q != control]
        for k in range(1, min(n, 4)):
            qubits = rng.permutation(others)[:k].tolist()
            state = random_real(rng, n, dtype).reshape((2,) * n)
            still = state[(slice(None),) * control + (0,)]
            still[...] = rng.choice([-0.0, 0.0, 1e-310, 3.0], still.shape)
            before = still.tobytes()
            nk.apply(state, random_orthogonal(rng, k), qubits, controls=[control])
            nk.apply_diagonal(state, rng.normal(size=2**k), qubits, controls=[control])
            nk.apply_permutation(state, rng.permutation(2**k), qubits, controls=[control])
            assert still.tobytes() == before


def test_which_gates_are_real():
    assert sorted(filter(is_real, oracle.GATES)) == sorted(REAL)


@pytest.mark.parametrize("lanes", LANES)
def test_lanes(lanes, snippet):
    code = f"import test_real_states; test_real_states.check_everything({lanes!r})"
    assert snippet(code, NUMKET_SIMD=lanes) == "all well"


@pytest.mark.parametrize("place", PLACES)
def test_places(place, dtype, rng):
    for _ in range(4):
        check_operators(PLACES[place](random_real(rng, 7, dtype), rng), rng)


@given(data=st.data())
def test_any_strides(data):
    """Against the same calls on a complex copy, which are tested against the oracle."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    n, dtype = data.draw(st.integers(1, 9)), data.draw(st.sampled_from([np.float64, np.float32]))
    order = data.draw(st.permutations(range(n)))
    steps = data.draw(st.lists(st.sampled_from([1, -1, 2, 3]), min_size=n, max_size=n))
    lengths = [1 + abs(step) for step in steps]
    whole = np.full(lengths, 7, dtype).transpose(order)
    state = whole[
        tuple(
            np.s_[:: steps[axis]] if abs(steps[axis]) > 1 or steps[axis] < 0 else np.s_[:]
            for axis in order
        )
    ]
    assert state.shape == (2,) * n
    state[...] = random_real(rng, n, dtype).reshape(state.shape)
    expected = state.astype(complex)
    for function, arguments, _, _ in operations(rng, range(n)):
        if function in (nk.apply, nk.apply_diagonal) and len(arguments[1]) > 5:
            continue
        if len(arguments) and max(map(np.size, arguments[-1:])) > n:
            continue
        for array in state, expected:
            function(array, *arguments)
    assert_close(state, expected.real, terms=2000)
    assert not np.any(expected.imag)
    state[...] = 7
    assert np.all(whole == 7)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8])
def test_batches(count, dtype, rng):
    n = 5
    flat = rng.normal(size=(count, 2**n)).astype(dtype)
    for states in flat, np.moveaxis(flat.T.copy(), 0, 1), np.repeat(flat, 2, 1)[:, ::2]:
        states /= np.linalg.norm(states, axis=1, keepdims=True)
        for q in range(n):
            before = states.copy()
            angles = rng.uniform(-3, 3, count)
            matrices = rng.normal(size=(count, 4, 4))
            diagonals = rng.normal(size=(count, 4))
            others = [(q + 2) % n, (q + 1) % n]
            nk.h(states, q, batch=1)
            nk.cx(states, q, others[0], batch=1)
            nk.ry(states, angles, q, controls=others[1], batch=1)
            nk.apply(states, matrices, [q, others[0]], batch=1)
            nk.apply_diagonal(states, diagonals, [others[1], q], batch=1)
            for i in range(count):
                psi = oracle.apply(before[i], oracle.gate("h"), [q])
                psi = oracle.apply(psi, oracle.gate("cx"), [q, others[0]])
                psi = oracle.apply(psi, oracle.gate("ry", angles[i]), [q], others[1:])
                psi = oracle.apply(psi, matrices[i], [q, others[0]])
                psi = oracle.apply(psi, np.diag(diagonals[i]), [others[1], q])
                assert_close(states[i], psi, terms=32)
            states /= np.linalg.norm(states, axis=1, keepdims=True)


def test_one_gate_on_several_qubits(dtype, rng):
    state = random_real(rng, 6, dtype)
    expected = state
    for q in range(6):
        expected = oracle.apply(expected, oracle.gate("h"), [q])
    nk.h(state, range(6))
    assert_close(state, expected, terms=24)


@pytest.mark.parametrize("n", [15, 18, 19])
def test_large_states_on_both_sides_of_every_threshold(n, dtype, rng):
    one = random_real(rng, n, dtype)
    two, expected = one.copy(), one.astype(np.complex128 if dtype == np.float64 else np.complex64)
    for q in [0, 1, n // 2, n - 2, n - 1]:
        other = (q + 1) % n
        matrix = random_orthogonal(rng, 3)
        for array, threads in (one, 1), (two, 2), (expected, 2):
            nk.h(array, q, threads=threads)
            nk.cx(array, q, other, threads=threads)
            nk.cry(array, 0.4, other, q, threads=threads)
            nk.cz(array, q, other, threads=threads)
            nk.swap(array, q, other, threads=threads)
            nk.apply(array, matrix, [other, q, (q + 3) % n], threads=threads)
    assert one.tobytes() == two.tobytes()
    assert_close(one, expected.real, terms=64)


def refused(function, state, *arguments, **options):
    before = state.tobytes()
    with pytest.raises(TypeError, match=r"real.*astype"):
        function(state, *arguments, **options)
    assert state.tobytes() == before


def test_what_is_not_real_is_refused(dtype, rng):
    state = random_real(rng, 5, dtype)
    for name in oracle.GATES:
        if name not in REAL:
            params = [0.3] * oracle.num_params(name)
            refused(getattr(nk, name), state, *params, *range(oracle.num_qubits(name)))
    states = state.reshape(2, 16)
    refused(nk.rx, states, [0.1, 0.2], 0, batch=1)
    refused(nk.s, state, [0, 1])
    refused(nk.apply, state, np.array([[0, -1j], [1j, 0]]), 0)
    refused(nk.apply_diagonal, state, [1, 1j], 0)
    refused(nk.apply_pauli, state, "XYZ", [0, 1, 2])
    refused(nk.pauli_rotation, state, 0.1, "YY", [0, 1])
    nk.apply(state, np.array([[0, 1], [1, 0]], complex), 0)


@pytest.mark.parametrize("kind", [np.int64, np.float16, np.longdouble, np.bool_, ">f8"])
def test_other_dtypes_are_refused(kind):
    state = np.zeros(8, kind)
    if state.dtype in (np.float64, np.complex128) and state.dtype.isnative:
        pytest.skip("long double is double here")
    with pytest.raises(TypeError, match=r"float64 or float32.*astype"):
        nk.h(state, 0)


def test_a_handle(dtype, rng):
    state = random_real(rng, 3, dtype)
    expected = oracle.apply(oracle.apply(state, oracle.gate("h"), [0]), oracle.gate("cx"), [0, 2])
    nk.Ket(state).h(0).cx(0, 2)
    assert_close(state, expected)


# Readings: the same as of a complex copy, for which other tests are.


def placed(dtype, rng):
    """Real states in all places, each with a complex copy."""
    for place in PLACES.values():
        state = place(random_real(rng, 7, dtype), rng)
        yield state, state.astype(np.complex128 if dtype == np.float64 else np.complex64)


def near(dtype):
    return float(16 * np.finfo(dtype).eps)


def test_norms_and_probabilities(dtype, rng):
    for state, copy in placed(dtype, rng):
        assert nk.norm(state) == pytest.approx(nk.norm(copy), abs=near(dtype))
        for k in range(8):
            axes = rng.permutation(list(qubits_of(state)))[:k].tolist()
            expected = nk.probabilities(copy, axes)
            assert nk.probabilities(state, axes) == pytest.approx(expected, abs=near(dtype))
        before = state.copy()
        state *= 3
        nk.normalize(state)
        assert_close(state, before)


def test_inner_products(dtype, rng):
    for state, copy in placed(dtype, rng):
        other = random_real(rng, 7, dtype).reshape(state.shape)
        assert nk.inner(other, state) == pytest.approx(
            nk.inner(other.astype(copy.dtype), copy), abs=near(dtype)
        )
        assert nk.inner(state, other[..., ::-1]) == pytest.approx(
            np.vdot(copy, other[..., ::-1]), abs=near(dtype)
        )
        assert nk.fidelity(state, state) == pytest.approx(1, abs=near(dtype))
        with pytest.raises(TypeError, match="different dtypes"):
            nk.inner(state, copy)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 13])
def test_expectation_values(n, dtype, rng):
    states = [(random_real(rng, n, dtype), None)] if n != 7 else placed(dtype, rng)
    for state, _ in states:
        copy = state.astype(complex)
        flat = copy.reshape(-1)
        for _ in range(5):
            letters = "".join(rng.choice(list("IXYZ"), n))
            value = nk.expectation(state, letters)
            assert value == pytest.approx(nk.expectation(flat, letters), abs=near(dtype))
            if letters.count("Y") % 2:
                assert value == 0
        terms = {"".join(rng.choice(list("IXYZ"), n)): float(rng.normal()) for _ in range(9)}
        for coefficient in 1, 1 + 2j:
            energy = coefficient * nk.PauliSum(terms)
            limit = 10 * near(dtype)
            expected = nk.expectation(flat, energy)
            assert nk.expectation(state, energy) == pytest.approx(expected, abs=limit)
        energy = nk.PauliSum(terms)
        variance = nk.variance(flat, energy)
        assert nk.variance(state, energy) == pytest.approx(variance, abs=100 * near(dtype))
        k = min(n, 2)
        targets = rng.permutation(list(qubits_of(state)))[:k].tolist()
        matrix = random_orthogonal(rng, k) + 1j * rng.normal(size=(2**k, 2**k))
        matrix += matrix.conj().T
        for observable in matrix, matrix[0].real:
            value = nk.expectation(state, observable, targets)
            expected = nk.expectation(copy, observable, targets)
            assert value == pytest.approx(expected, abs=100 * near(dtype))


def test_sums_applied(dtype, rng):
    energy = nk.PauliSum({"XIIIIII": 0.5, "YYIIIII": 0.25, "IIZXIIZ": -1.0, "IIIIYZY": 2.0})
    for state, copy in placed(dtype, rng):
        if 1 in state.shape:
            continue
        out, expected = np.zeros_like(state), np.zeros_like(copy)
        energy.apply(state, out)
        energy.apply(copy, expected)
        assert_close(out, expected.real, terms=16)
        turned = np.zeros((2,) * 7, dtype).T
        energy.apply(state, turned)
        assert_close(turned, expected.real.reshape((2,) * 7), terms=16)
        refused(nk.PauliSum({"YIIIIII": 1}).apply, out, out.copy())
        refused(nk.PauliSum({"XIIIIII": 1j}).apply, out, out.copy())


def test_qubits_and_correlations(dtype, rng):
    for state, copy in placed(dtype, rng):
        assert nk.bloch_vectors(state) == pytest.approx(nk.bloch_vectors(copy), abs=near(dtype))
        for pauli in "XYZ":
            expected = nk.correlations(copy, pauli)
            assert nk.correlations(state, pauli) == pytest.approx(expected, abs=near(dtype))
        axes = list(qubits_of(state))[2:5]
        expected = nk.reduced_density_matrix(copy, axes)
        assert nk.reduced_density_matrix(state, axes) == pytest.approx(expected, abs=near(dtype))
        entropy = nk.entanglement_entropy(copy, axes)
        assert nk.entanglement_entropy(state, axes) == pytest.approx(entropy, abs=1e3 * near(dtype))


@pytest.mark.parametrize("n", [1, 5, 7, 14])
def test_samples_are_those_of_the_complex_state(n, dtype, rng):
    for state, copy in (
        placed(dtype, rng)
        if n == 7
        else [(psi := random_real(rng, n, dtype), psi.astype(f"c{2 * psi.itemsize}"))]
    ):
        for axes in None, list(qubits_of(state))[:2], list(qubits_of(state))[::-1]:
            found = nk.sample(state, 100, axes, rng=5)
            assert np.array_equal(found, nk.sample(copy, 100, axes, rng=5))
            assert nk.counts(state, 10**9, axes, rng=6) == nk.counts(copy, 10**9, axes, rng=6)
        assert nk.Sampler(state).counts(50, rng=7) == nk.Sampler(copy).counts(50, rng=7)


def test_collapse(dtype, rng):
    for state, copy in placed(dtype, rng):
        axes = rng.permutation(list(qubits_of(state)))
        found = nk.measure(state, axes[:2].tolist(), rng=3)
        assert np.array_equal(found, nk.measure(copy, axes[:2].tolist(), rng=3))
        assert_close(state, copy.real)
        assert nk.project(state, int(axes[3]), 1) == pytest.approx(
            nk.project(copy, int(axes[3]), 1), abs=near(dtype)
        )
        nk.reset(state, axes[2:5].tolist(), rng=4)
        nk.reset(copy, axes[2:5].tolist(), rng=4)
        assert_close(state, copy.real, terms=16)


def test_a_channel(dtype, rng):
    damping = nk.channels.amplitude_damping(0.3)
    for state, copy in placed(dtype, rng):
        qubit = list(qubits_of(state))[-1]
        for seed in range(4):
            drawn = nk.apply_kraus(state, damping, qubit, rng=seed)
            assert drawn == nk.apply_kraus(copy, damping, qubit, rng=seed)
        assert_close(state, copy.real, terms=64)
    refused(nk.apply_kraus, state, nk.channels.depolarizing(0.1), qubit)


@pytest.mark.parametrize("n", [0, 1, 2, 12])
def test_new_states(n, dtype):
    state = nk.zero_state(n, dtype)
    assert state.dtype == dtype
    assert state.ctypes.data % 64 == 0
    assert state[0] == 1
    assert np.count_nonzero(state) == 1
    assert nk.empty_state(n, dtype).dtype == dtype
    assert nk.basis_state(n, "1" * n, dtype)[-1] == 1
    assert nk.ket("1" * n, dtype=dtype).state[-1] == 1
    for other in np.float16, np.longdouble, int:
        with pytest.raises(TypeError, match=r"complex64 \(float64 or float32"):
            nk.zero_state(n, other)


def test_pictures_in_text(dtype, capsys):
    state = nk.basis_state(3, "101", dtype)
    nk.show(state)
    assert "|101>" in capsys.readouterr().out
    assert "|101>" in repr(nk.Ket(state))
    assert np.array_equal(nk.remaining(state, [0], [1]).reshape(-1), [0, 1, 0, 0])
