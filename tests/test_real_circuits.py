"""Circuits on real states, against the oracle and against one operation after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle
from numket import _core
from test_real_states import (
    LANES,
    PLACES,
    REAL,
    assert_close,
    qubits_of,
    random_orthogonal,
    random_real,
)


@pytest.fixture(params=[np.float64, np.float32], ids=["f64", "f32"])
def dtype(request):
    return request.param


def random_circuit(rng, n, count, dense=True):
    """Operations that are real, of every kind."""
    circuit = nk.Circuit(n)
    for _ in range(count):
        order = rng.permutation(n).tolist()
        k = int(rng.integers(1, min(n, 4) + 1))
        own = order[:k]
        controls = order[k : k + int(rng.integers(3))] if rng.random() < 0.3 else []
        options = {"controls": controls, "control_values": rng.integers(2, size=len(controls))}
        letters = "".join(rng.choice(list("IXYZ"), k))
        match int(rng.integers(10)) if dense else 0:
            case 1:
                circuit.apply(random_orthogonal(rng, k), own, **options)
            case 2:
                circuit.apply_diagonal(rng.choice([-1.0, 1.0], 2**k), own, **options)
            case 3:
                circuit.apply_diagonal(rng.uniform(0.5, 1.5, 2**k), own, **options)
            case 4:
                circuit.apply_permutation(rng.permutation(2**k), own, **options)
            case 5 if letters.count("Y") % 2 == 0:
                circuit.apply_pauli(letters, own, **options)
            case 5:
                circuit.pauli_rotation(rng.normal(), letters, own, **options)
            case _:
                name = str(rng.choice(REAL))
                if oracle.num_qubits(name) > n:
                    continue
                own = order[: oracle.num_qubits(name)]
                controls = [q for q in controls if q not in own]
                params = rng.normal(size=oracle.num_params(name)).tolist()
                getattr(circuit, name)(*params, *own, controls=controls)
    return circuit


def by_numpy(circuit, state):
    for name, params, qubits, controls, values, *_ in circuit:
        state = oracle.apply(state, oracle.operator(name, params), qubits, controls, values)
    return state


def check(circuit, state):
    expected = by_numpy(circuit, np.array(state).reshape((2,) * circuit.num_qubits))
    assert circuit.run(state) is None
    error = oracle.distance(np.array(state).reshape(expected.shape), expected)
    assert error <= oracle.tolerance(state.dtype, 64 * (1 + len(circuit)) ** 2), error
    assert state.dtype.kind == "f"


def check_everything(lanes):
    """Runs in a process of its own, where NUMKET_SIMD is `lanes`."""
    assert _core.config()["lanes"] == lanes
    rng = np.random.default_rng(5)
    for dtype in np.float64, np.float32:
        for n in range(1, 9):
            for _ in range(4):
                check(random_circuit(rng, n, 40), random_real(rng, n, dtype))
        for n in 13, 15:
            check(random_circuit(rng, n, 40, dense=False), random_real(rng, n, dtype))
            check(random_circuit(rng, n, 20), random_real(rng, n, dtype))
    print("all well")


@pytest.mark.parametrize("lanes", LANES)
def test_lanes(lanes, snippet):
    code = f"import test_real_circuits; test_real_circuits.check_everything({lanes!r})"
    assert snippet(code, NUMKET_SIMD=lanes) == "all well"


@given(st.integers(0, 2**32), st.integers(1, 10), st.sampled_from([np.float64, np.float32]))
def test_random_circuits(seed, n, dtype):
    rng = np.random.default_rng(seed)
    check(random_circuit(rng, n, 30), random_real(rng, n, dtype))


@pytest.mark.parametrize("place", PLACES)
def test_places(place, dtype, rng):
    state = PLACES[place](random_real(rng, 7, dtype), rng)
    if 1 not in state.shape:
        for _ in range(4):
            check(random_circuit(rng, 7, 30), state)


@pytest.mark.parametrize("n", [12, 13, 16, 17, 18, 20])
def test_threads_do_not_change_a_bit(n, dtype, rng):
    circuit = random_circuit(rng, n, 60, dense=False)
    one = random_real(rng, n, dtype)
    two, copy = one.copy(), one.astype(np.complex128 if dtype == np.float64 else np.complex64)
    circuit.run(one, threads=1)
    circuit.run(two, threads=2)
    assert one.tobytes() == two.tobytes()
    circuit.run(copy)
    assert_close(one, copy.real, terms=1e4)


def test_norms_do_not_drift(dtype, rng):
    circuit = nk.Circuit(6)
    for _ in range(300):
        for q in range(6):
            circuit.ry(float(rng.normal()), q)
        for q in range(5):
            circuit.cz(q, q + 1)
    state = random_real(rng, 6, dtype)
    before = nk.norm(state)
    circuit.run(state)
    assert nk.norm(state) == pytest.approx(before, abs=64 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("n", [1, 3, 8, 14, 18])
def test_prepare(n, dtype, rng):
    circuit = random_circuit(rng, n, 30, dense=n < 14)
    state, expected = np.full(2**n, 7, dtype), np.zeros(2**n, dtype)
    expected[0] = 1
    circuit.prepare(state)
    circuit.run(expected)
    assert_close(state, expected, terms=1e3)
    flipped = np.full((2,) * n, 7, dtype)[(slice(None, None, -1),) * n]
    circuit.prepare(flipped)
    assert_close(flipped.reshape(-1), expected, terms=1e3)


def test_parameters_and_batches(dtype, rng):
    angle = nk.Parameter("angle")
    circuit = nk.Circuit(3, [angle]).h(0).ry(angle, 1).cry(2 * angle, 1, 2).cx(0, 2)
    angles = rng.normal(size=5)
    states = rng.normal(size=(5, 8)).astype(dtype)
    before = states.copy()
    circuit.run(states, {"angle": angles}, batch=1)
    for state, old, value in zip(states, before, angles, strict=True):
        old = old.copy()
        circuit.run(old, {"angle": value})
        assert_close(state, old, terms=64)


def test_measurements_conditions_and_channels(dtype, rng):
    circuit = nk.Circuit(4).h(0).ry(0.7, 3).cx(0, 1).measure([0, 3]).x(2, condition=1)
    circuit.apply_kraus(nk.channels.amplitude_damping(0.4), 1).reset(3).h(3)
    for seed in range(20):
        state = random_real(rng, 4, dtype)
        copy = state.astype(np.complex128 if dtype == np.float64 else np.complex64)
        bits = circuit.run(state, rng=seed)
        assert np.array_equal(bits, circuit.run(copy, rng=seed))
        assert_close(state, copy.real, terms=64)


def test_trajectories(dtype, rng):
    circuit = nk.Circuit(3).h(0).apply_kraus(nk.channels.amplitude_damping(0.3), 0).cx(0, 1)
    state = random_real(rng, 3, dtype)
    copy = state.astype(np.complex128 if dtype == np.float64 else np.complex64)
    mean, error, _ = circuit.trajectories(state, "ZZX", 200, rng=1)
    expected, expected_error, _ = circuit.trajectories(copy, "ZZX", 200, rng=1)
    limit = 64 * float(np.finfo(dtype).eps)
    assert (mean, error) == pytest.approx((expected, expected_error), abs=limit)


def test_one_circuit_on_both_kinds(dtype, rng):
    """A plan is kept for the last kind of state, and never used for another."""
    circuit = random_circuit(rng, 5, 20)
    for _ in range(3):
        state = random_real(rng, 5, dtype)
        copy = state.astype(np.complex128 if dtype == np.float64 else np.complex64)
        circuit.run(state)
        circuit.run(copy)
        assert_close(state, copy.real, terms=1e3)


def test_what_is_not_real_is_refused(dtype, rng):
    makers = {
        "s": lambda c: c.s(0),
        "rx": lambda c: c.rx(nk.Parameter("a"), 0),
        "apply": lambda c: c.apply(np.array([[0, -1j], [1j, 0]]), 0),
        "apply_diagonal": lambda c: c.apply_diagonal([1, 1j], 0),
        "apply_pauli": lambda c: c.apply_pauli("XYZ", [0, 1, 2]),
        "pauli_rotation": lambda c: c.pauli_rotation(0.1, "YY", [0, 1]),
        "gphase": lambda c: c.gphase(0.1),
        "apply_kraus": lambda c: c.apply_kraus(nk.channels.depolarizing(0.1), 0),
        "t": lambda c: c.measure(0).t(1, condition=0),
    }
    for name, make in makers.items():
        circuit = nk.Circuit(3, [nk.Parameter("a")]).h(0).cx(0, 1)
        make(circuit)
        state = random_real(rng, 3, dtype)
        before = state.tobytes()
        for run in circuit.run, circuit.prepare:
            with pytest.raises(TypeError, match=rf"operation \d of the circuit, {name}.*astype"):
                run(state, {"a": 0.1}, rng=1)
            assert state.tobytes() == before


def test_qubits_of_all_places():
    state = PLACES["lengths_of_one"](random_real(np.random.default_rng(0), 7), None)
    assert list(qubits_of(state)) == [0, 2, 3, 4, 6, 7, 8]
    with pytest.raises(ValueError, match="length 1"):
        nk.Circuit(7).h(0).run(state)
