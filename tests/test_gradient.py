"""Gradients by adjoint differentiation against differences and shifts, by NumPy alone."""

import itertools
import json
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers import GATES, interrupted
from helpers_gradient import differences, mean, random_circuit, random_sum, run_by_numpy

ROTATIONS = ["rx", "ry", "rz", "rxx", "ryy", "rzz", "rzx"]


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_random_circuits(seed, n):
    """Every gate with a parameter, controlled and not, fused with whatever is between."""
    rng = np.random.default_rng(seed)
    gates = [name for name in GATES if oracle.num_params(name)]
    circuit = random_circuit(rng, n, 16, gates)
    terms, start, values = random_sum(rng, n), oracle.random_state(rng, n), rng.normal(size=5)
    matrix = oracle.pauli_sum(terms.items(), n)
    value, gradient = circuit.gradient(nk.PauliSum(terms), values, state=start)
    assert abs(value - mean(circuit, start, values, matrix)) < 1e-11
    expected = differences(lambda at: mean(circuit, start, at, matrix), values)
    # The step is 1e-3 of angles with factors of up to 4, in up to 30 places.
    assert np.abs(gradient - expected).max() < 1e-6


@pytest.mark.parametrize("angle", [0.0, -0.0, 1e-300, np.pi, -np.pi, 2 * np.pi])
def test_angles_at_which_a_rotation_has_no_axis(angle, rng):
    """Alone, and between constant gates of every kind."""
    theta, n = nk.Parameter("theta"), 2
    others = [None, "s", "t", "z", "x", "h", "sx"]
    for name, before, after in itertools.product(("rx", "ry", "rz", "p"), others, others):
        circuit = nk.Circuit(n)
        if before:
            getattr(circuit, before)(0)
        getattr(circuit, name)(theta, 0)
        if after:
            getattr(circuit, after)(0)
        circuit.h(1)
        start = oracle.random_state(rng, n)
        for letters in ("XI", "YI", "ZI"):
            _, gradient = circuit.gradient(letters, [angle], state=start)
            up, down = (
                circuit.expectation(letters, [angle + s * np.pi / 2], state=start) for s in (1, -1)
            )
            assert abs(gradient[0] - (up - down) / 2) < 1e-14, (name, before, after, letters)


def test_parameter_shifts_are_exact(dtype, rng):
    """For rotations about one Pauli string, half the difference over half a turn."""
    for n in 2, 5, 9:
        circuit = nk.Circuit(n)
        for i in range(40):
            name = str(rng.choice([name for name in ROTATIONS if oracle.num_qubits(name) <= n]))
            qubits = rng.permutation(n).tolist()[: oracle.num_qubits(name)]
            getattr(circuit, name)(nk.Parameter(f"t{i}"), *qubits)
            circuit.cx(*rng.permutation(n).tolist()[:2])
        observable, values = nk.PauliSum(random_sum(rng, n)), rng.normal(size=40)
        start = oracle.random_state(rng, n, dtype)
        _, gradient = circuit.gradient(observable, values, state=start)
        shifts = [
            circuit.expectation(observable, values + np.pi / 2 * unit, state=start)
            - circuit.expectation(observable, values - np.pi / 2 * unit, state=start)
            for unit in np.eye(40)
        ]
        limit = 2000 * np.finfo(dtype).eps
        assert np.abs(gradient - np.array(shifts) / 2).max() < limit


@pytest.mark.parametrize("n", [12, 14, 17])
def test_several_tiles_and_threads(n, rng):
    """Against shifts of some parameters, and the same bits on any number of threads."""
    circuit, count = nk.Circuit(n), 0
    for layer in range(4):
        for qubit in range(n):
            circuit.ry(nk.Parameter(f"t{count}"), qubit).rz(nk.Parameter(f"t{count + 1}"), qubit)
            count += 2
        for qubit in range(layer % 2, n - 1, 2):
            circuit.cx(qubit, qubit + 1)
        circuit.rzz(nk.Parameter(f"t{count}"), 0, n - 1)
        count += 1
    chain = [("ZZ", (q, q + 1), -1.0) for q in range(n - 1)] + [("X", q, 0.7) for q in range(n)]
    observable, values = nk.PauliSum(chain, num_qubits=n), rng.normal(size=count)
    value, gradient = circuit.gradient(observable, values, threads=1)
    assert abs(value - circuit.expectation(observable, values)) < 1e-11
    for threads in 2, 3:
        again = circuit.gradient(observable, values, threads=threads)
        assert again[0] == value
        assert np.array_equal(again[1], gradient)
    for place in rng.choice(count, 5, replace=False):
        unit = np.eye(count)[place] * np.pi / 2
        up, down = (circuit.expectation(observable, values + s * unit) for s in (1, -1))
        assert abs(gradient[place] - (up - down) / 2) < 1e-11


def test_every_isa(snippet):
    code = """
        import json
        rng = np.random.default_rng(3)
        found = []
        for n in (1, 2, 3, 6, 11):
            circuit = nk.Circuit(n)
            for i in range(30):
                circuit.u(*(nk.Parameter(f"t{3 * i + j}") for j in range(3)), i % n)
                if n > 1:
                    circuit.crx(nk.Parameter("a"), i % n, (i + 1) % n)
                    circuit.cp(nk.Parameter("b"), 0, n - 1)
            values = rng.normal(size=len(circuit.parameters))
            for dtype in (np.complex128, np.complex64):
                value, gradient = circuit.gradient("Y" * n, values, state=nk.zero_state(n, dtype))
                found.append([value, *gradient])
        print(json.dumps(found))
    """
    lanes = nk._core.config()["lanes_available"]
    results = [json.loads(snippet(code, NUMKET_SIMD=name)) for name in lanes]
    for other in results[1:]:
        for number, (one, two) in enumerate(zip(results[0], other, strict=True)):
            eps = np.finfo(np.float32 if number % 2 else np.float64).eps
            assert np.abs(np.subtract(one, two)).max() < 2000 * eps


def test_layouts_and_batches(rng):
    n = 6
    circuit = nk.Circuit(n)
    for qubit in range(n):
        circuit.ry(nk.Parameter(f"t{qubit}"), qubit).cx(qubit, (qubit + 1) % n)
    observable, values = nk.PauliSum(random_sum(rng, n)), rng.normal(size=(3, 2, n))
    states = np.stack([oracle.random_state(rng, n) for _ in range(6)]).reshape(3, 2, -1)
    all_values, all_gradients = circuit.gradient(observable, values, state=states, batch=2)
    assert all_values.shape == (3, 2)
    assert all_gradients.shape == (3, 2, n)
    before = states.copy()
    for index in np.ndindex(3, 2):
        single = circuit.gradient(observable, values[index], state=states[index])
        assert single[0] == all_values[index]
        assert np.array_equal(single[1], all_gradients[index])
        tensor = states[index].reshape((2,) * n).transpose(3, 1, 0, 5, 4, 2).copy()
        view = tensor.transpose(np.argsort([3, 1, 0, 5, 4, 2]))
        assert np.array_equal(circuit.gradient(observable, values[index], state=view)[1], single[1])
    assert np.array_equal(states, before)
    by_name = {f"t{i}": values[..., i] for i in range(n)}
    got = circuit.gradient(observable, by_name, state=states, batch=2)
    assert np.array_equal(got[1], all_gradients)
    # Without a state, the parameters tell the batch.
    assert circuit.gradient(observable, values[0], batch=1)[1].shape == (2, n)
    means = circuit.expectation(observable, values, state=states, batch=2)
    assert np.allclose(means, all_values, atol=1e-13)


def test_other_observables(rng):
    n = 4
    circuit = random_circuit(rng, n, 8, ["ry", "crx", "rzz"])
    values, start = rng.normal(size=5), oracle.random_state(rng, n)
    letters, matrix = "XZYI", oracle.random_unitary(rng, 2)
    matrix = matrix + matrix.conj().T
    diagonal = rng.normal(size=2**n)
    for observable, qubits, whole in [
        (letters, None, oracle.pauli(letters)),
        (nk.PauliSum({"XY": 0.3, "ZZ": 2}), (3, 1), None),
        (matrix, (2, 0), None),
        (diagonal, None, np.diag(diagonal)),
        ("Z", 2, oracle.pauli("IIZI")),
    ]:
        value, gradient = circuit.gradient(observable, values, qubits=qubits, state=start)
        psi = run_by_numpy(circuit, start, values).astype(complex)
        assert abs(value - nk.expectation(psi, observable, qubits=qubits)) < 1e-11

        def at(point, observable=observable, qubits=qubits, whole=whole):
            if whole is not None:
                return mean(circuit, start, point, whole)
            psi = run_by_numpy(circuit, start, point).astype(complex)
            return nk.expectation(psi, observable, qubits=qubits)

        assert np.abs(gradient - differences(at, values)).max() < 1e-6


def test_vjp(rng):
    n = 5
    circuit = random_circuit(rng, n, 12, ROTATIONS)
    sums = [nk.PauliSum(random_sum(rng, n)) for _ in range(3)] + ["XXXXX", rng.normal(size=2**n)]
    weights, values = rng.normal(size=5), rng.normal(size=5)
    means, gradient = circuit.vjp(sums, weights, values)
    single = [circuit.gradient(observable, values) for observable in sums]
    assert np.allclose(means, [value for value, _ in single], atol=1e-13)
    expected = sum(weight * own for weight, (_, own) in zip(weights, single, strict=True))
    assert np.allclose(gradient, expected, atol=1e-11)
    means, gradient = circuit.vjp([], [], values)
    assert means.shape == (0,)
    assert not gradient.any()


def test_minimize():
    """A variational ground state of a small chain, in one line of SciPy."""
    optimize = pytest.importorskip("scipy.optimize")
    n = 4
    chain = nk.PauliSum(
        [("ZZ", (q, q + 1), -1.0) for q in range(n - 1)] + [("X", q, -0.8) for q in range(n)],
        num_qubits=n,
    )
    circuit = nk.Circuit(n)
    for qubit in range(n):
        circuit.h(qubit)
    for layer in range(6):
        bond, field = nk.Parameter(f"bond{layer}"), nk.Parameter(f"field{layer}")
        for qubit in range(n - 1):
            circuit.rzz(bond, qubit, qubit + 1)
        for qubit in range(n):
            circuit.rx(field, qubit)
    start = np.full(12, -0.3)
    best = optimize.minimize(lambda at: circuit.gradient(chain, at), start, jac=True)
    exact = np.linalg.eigvalsh(oracle.pauli_sum(list(chain), n).astype(complex))[0]
    assert abs(best.fun - exact) < 1e-6


def test_refusals():
    theta = nk.Parameter("theta")
    circuit = nk.Circuit(2).rx(theta, 0)
    for bad, message in [
        (nk.Circuit(2).rx(theta, 0).measure(0), "measure"),
        (nk.Circuit(2).rx(theta, 0).reset(0), "reset"),
        (nk.Circuit(2).rx(theta, 0).measure(0).x(1, condition=0), "measure"),
        (nk.Circuit(2).rx(theta, 0).apply([[1, 0], [0, 0.5]], 0), "operation 1 .* not unitary"),
        (nk.Circuit(2).rx(theta, 0).apply_diagonal([1, 0.5], 0), "not unitary"),
    ]:
        with pytest.raises(ValueError, match=message):
            bad.gradient("ZZ", [0.1])
    for arguments, options, error, message in [
        (("ZZZ", [0.1]), {}, ValueError, "3 letters for 2 qubits"),
        (("ZZ",), {}, KeyError, "'params' has no value"),
        (("ZZ", [0.1, 0.2]), {}, ValueError, "the circuit has parameters"),
        (("ZZ", {"phi": 1}), {}, KeyError, "phi"),
        (("ZZ", [np.nan]), {}, ValueError, "NaN"),
        ((nk.PauliSum({"ZZ": 1j}), [0.1]), {}, ValueError, "not Hermitian"),
        ((nk.PauliSum({"Z": 1}), [0.1]), {}, ValueError, "1 .* 2"),
        ((np.triu(np.ones((4, 4))), [0.1]), {}, ValueError, "not Hermitian"),
        (("ZZ", [0.1]), {"state": nk.zero_state(3)}, ValueError, "3 qubits and the circuit has 2"),
        (("ZZ", [0.1]), {"state": np.zeros(4, int)}, TypeError, "int64"),
        (("ZZ", [[0.1], [0.2]]), {}, ValueError, "batch=1"),
        (("ZZ", [0.1]), {"threads": 0}, ValueError, "threads"),
        (("ZZ", [0.1]), {"state": nk.zero_state(2), "batch": -1}, ValueError, "'batch' is -1"),
        (("ZZ", [0.1]), {"state": nk.zero_state(2), "batch": 2**62}, ValueError, "batch"),
        (("ZZ", [0.1]), {"state": [1, 0, 0, 0]}, TypeError, "ndarray"),
        (("Z", [0.1]), {"qubits": [0.7]}, TypeError, "'qubits' is a"),
        (("Z", [0.1]), {"qubits": True}, TypeError, "'qubits' is a"),
        (("Z", [0.1]), {"qubits": "1"}, TypeError, "'qubits' is a"),
    ]:
        with pytest.raises(error, match=message):
            circuit.gradient(*arguments, **options)
    with pytest.raises(ValueError, match="give one number for each"):
        circuit.vjp(["ZZ"], [1, 2], [0.1])
    for observables, weights in [("ZZ", [1, 1]), (["ZZ"], [1j]), (["ZZ"], ["x"])]:
        with pytest.raises(TypeError, match=r"'observables'|'weights'"):
            circuit.vjp(observables, weights, [0.1])
    empty = circuit.gradient("ZZ", [0.1], state=np.zeros((0, 4), complex), batch=1)
    assert empty[1].shape == (0, 1)


def test_a_circuit_that_grows_meanwhile():
    """Value and gradient are those of one circuit."""
    theta, stop = nk.Parameter("theta"), threading.Event()
    circuit = nk.Circuit(3)
    for i in range(400):
        circuit.rx(theta, i % 3).cx(i % 3, (i + 1) % 3)

    def grow():
        while not stop.wait(0.001):
            circuit.x(0).x(0)

    expected = circuit.gradient("ZZZ", [0.01])
    thread = threading.Thread(target=grow)
    thread.start()
    try:
        for _ in range(20):
            value, gradient = circuit.gradient("ZZZ", [0.01])
            # An X more or less changes the sign of both.
            assert abs(abs(value) - abs(expected[0])) < 1e-9
            assert abs(gradient[0] * expected[0] - expected[1][0] * value) < 1e-9
    finally:
        stop.set()
        thread.join()


def test_ctrl_c(rng):
    """The state that was given is as it was."""
    n, count = 19, 0
    circuit = nk.Circuit(n)
    for layer in range(60):
        for qubit in range(n):
            circuit.ry(nk.Parameter(f"t{count}"), qubit)
            count += 1
        for qubit in range(layer % 2, n - 1, 2):
            circuit.cz(qubit, qubit + 1)
    state = oracle.random_state(rng, n)
    before = state.copy()
    with interrupted():
        while True:
            circuit.gradient("Z" * n, rng.normal(size=count), state=state)
    assert np.array_equal(state, before)


def test_no_parameters_and_no_qubits():
    value, gradient = nk.Circuit(1).h(0).gradient("X")
    assert abs(value - 1) < 1e-15
    assert gradient.shape == (0,)
    assert nk.Circuit(0).gradient([2.0])[0] == 2


class Meddler:
    """A value of a parameter that does something else when it is read."""

    def __init__(self, action):
        self.action = action

    def __array__(self, dtype=None, copy=None):
        self.action()
        return np.array(0.1)


@pytest.mark.parametrize("method", ["expectation", "gradient"])
def test_an_observable_that_changes_meanwhile(method):
    """What is read is what the array is when nothing can change it any more, or it is refused."""
    circuit = nk.Circuit(12).rx(nk.Parameter("a"), 0)
    diagonal = np.ones(2**12)
    shrink = Meddler(lambda: diagonal.resize((1,), refcheck=False))
    with pytest.raises(ValueError, match="'observable' has got another shape"):
        getattr(circuit, method)(diagonal, {"a": shrink})


@pytest.mark.parametrize("method", ["expectation", "gradient"])
@pytest.mark.parametrize(
    "change",
    [
        lambda states: states.resize((1, 4), refcheck=False),
        lambda states: states.resize((5, 4), refcheck=False),
        lambda states: states.resize((3, 8), refcheck=False),
        lambda states: setattr(states, "shape", (6, 2)),
    ],
    ids=["fewer", "more", "larger", "smaller"],
)
def test_a_state_that_changes_meanwhile(method, change):
    circuit = nk.Circuit(2).rx(nk.Parameter("a"), 0)
    states = np.zeros((3, 4), complex)
    states[:, 0] = 1
    with pytest.raises(ValueError, match="'state' has"):
        getattr(circuit, method)(
            "ZZ", {"a": Meddler(lambda: change(states))}, state=states, batch=1
        )


def test_what_does_not_fit_into_memory():
    circuit = nk.Circuit(62).h(range(62))
    for method in (circuit.expectation, circuit.gradient):
        with pytest.raises(MemoryError, match="GiB"):
            method("Z" * 62)
    with pytest.raises(MemoryError, match="GiB"):
        nk.Circuit(1).expectation("Z", np.empty((10**13, 0)), batch=1)
    ones = np.ones((10**6, 1, 2), complex), np.ones((1, 10**6, 2), complex)
    with pytest.raises(MemoryError, match="GiB"):
        nk.inner(*ones, batch=2)


@pytest.mark.parametrize("large", [1e4, 1e8, 1e15, -3e15])
@pytest.mark.parametrize("place", range(4))
def test_large_constant_angles_of_controlled_gates(large, place, rng):
    """Each angle of `cu`, and of `u` under controls, is taken back with all its digits."""
    n = 3
    for name in "cu", "u":
        count = 4 if name == "cu" else 3
        angles = rng.normal(size=count).tolist()
        angles[place % count] = large
        angles[(place + 1) % count] = nk.Parameter("p1")
        circuit = nk.Circuit(n, [nk.Parameter(f"p{i}") for i in range(5)])
        circuit.ry(nk.Parameter("p0"), 0).rx(nk.Parameter("p2"), 1)
        options = {} if name == "cu" else {"controls": [0]}
        getattr(circuit, name)(*angles, *([0, 1] if name == "cu" else [1]), **options)
        circuit.ry(nk.Parameter("p3"), 0).rx(nk.Parameter("p4"), 1)
        terms, start, values = random_sum(rng, n), oracle.random_state(rng, n), rng.normal(size=5)
        matrix = oracle.pauli_sum(terms.items(), n)
        _, gradient = circuit.gradient(nk.PauliSum(terms), values, state=start)
        expected = differences(
            lambda at, matrix=matrix, circuit=circuit, start=start: mean(
                circuit, start, at, matrix
            ),
            values.astype(np.longdouble),
            np.longdouble(2) ** -9,
        )
        assert np.abs(gradient - expected).max() < 1e-9


@pytest.mark.parametrize("deviation", [1e-7, 8e-7])
def test_matrices_that_are_not_quite_unitary(deviation, rng):
    """Each changes derivatives before it by its deviation, as the documentation says."""
    circuit, count = nk.Circuit(2).ry(nk.Parameter("a"), 0).cx(0, 1), 200
    for i in range(count):
        unitary = oracle.random_unitary(rng, 1).astype(complex)
        circuit.apply(unitary * np.sqrt(1 + deviation), i % 2)
    _, gradient = circuit.gradient("ZX", [0.7])
    expected = differences(lambda at: circuit.expectation("ZX", at), np.array([0.7]))
    assert abs(gradient / expected - 1 - count * deviation) < 1e-2 * count * deviation


@pytest.mark.parametrize("n", [1, 15, 16, 17])
@pytest.mark.parametrize("dtype", [np.complex128, np.complex64])
def test_rooms_of_all_sizes(n, dtype):
    """Runs in up to 1 MiB make room themselves, and others are lent an array."""
    circuit = nk.Circuit(n)
    for qubit in range(n):
        circuit.ry(nk.Parameter(f"t{qubit}"), qubit)
    chain = nk.PauliSum([("Z", qubit, 1 + qubit) for qubit in range(n)], num_qubits=n)
    angles, weights = np.linspace(0.1, 1.4, n), 1 + np.arange(n)
    start = nk.zero_state(n, dtype)
    tolerance = 40 * n * np.finfo(dtype).eps * weights.sum()
    for _ in range(2):  # the second finds what the first has left
        value, slopes = circuit.gradient(chain, angles, state=start)
        assert abs(value - weights @ np.cos(angles)) < tolerance
        assert abs(slopes + weights * np.sin(angles)).max() < tolerance
        again = circuit.expectation(chain, angles, state=start)
        assert abs(again - weights @ np.cos(angles)) < tolerance
    assert start[0] == 1
    assert not start[1:].any()


@pytest.mark.parametrize("states", [0, 1, 2, 300])
def test_batches_shared_among_threads_have_the_bits_of_single_runs(states):
    circuit = nk.Circuit(3)
    for qubit in range(3):
        circuit.ry(nk.Parameter(f"a{qubit}"), qubit).rz(nk.Parameter(f"b{qubit}"), qubit)
    circuit.cx(0, 1).cx(1, 2)
    chain = nk.PauliSum({"ZZI": 0.5, "IXX": -1.25, "YIY": 0.75})
    angles = np.random.default_rng(5).normal(size=(states, 6))
    for threads in (1, 2):
        value, slopes = circuit.gradient(chain, angles, batch=1, threads=threads)
        values, summed = circuit.vjp([chain, "ZZZ"], [1, 2], angles, batch=1, threads=threads)
        means = circuit.expectation(chain, angles, batch=1, threads=threads)
        assert (slopes.shape, summed.shape, values.shape) == ((states, 6), (states, 6), (states, 2))
        for state, row in enumerate(angles):
            single, slope = circuit.gradient(chain, row)
            assert value[state] == single
            assert slopes[state].tobytes() == slope.tobytes()
            assert means[state] == circuit.expectation(chain, row)
            of_both, sum_of_both = circuit.vjp([chain, "ZZZ"], [1, 2], row)
            assert values[state].tobytes() == of_both.tobytes()
            assert summed[state].tobytes() == sum_of_both.tobytes()


def test_dicts_of_numbers_and_arrays_tell_the_batch_together():
    circuit = nk.Circuit(1).ry(nk.Parameter("a"), 0).ry(nk.Parameter("b"), 0)
    for b, shape in ((0.5, ()), (np.array([0.5, 0.7]), (2,)), (np.full((3, 1), 0.5), (3, 2))):
        a = 0.25 if shape == () else np.array([0.25, 1.0])
        value = circuit.expectation("Z", {"b": b, "a": a}, batch=len(shape))
        assert np.shape(value) == shape
        assert np.allclose(value, np.cos(a + b), rtol=0, atol=1e-15)
    with pytest.raises(ValueError, match="'batch' is 0 and 'params' has 1 batch axes"):
        circuit.expectation("Z", {"a": [0.1, 0.2], "b": 0.5})
    with pytest.raises(ValueError, match="broadcast"):
        circuit.expectation("Z", {"a": [0.1, 0.2], "b": [1, 2, 3]}, batch=1)


def test_two_states_are_taken_back(rng):
    """As states over ranks need it: any two states, not only one and its image."""
    n, angles = 4, rng.normal(size=3)
    circuit = nk.Circuit(n)
    for place, qubit in enumerate((0, 2, 3)):
        angle = nk.Parameter(f"a{place}")
        circuit.ry(angle, qubit).cx(qubit, 1).rzz(0.5 * angle, qubit, 1).crx(angle, 1, qubit)
    start, eta = oracle.random_state(rng, n), oracle.random_state(rng, n)

    def overlap(at):
        psi = start.copy()
        circuit.run(psi, at)
        return 2 * np.vdot(eta, psi).real

    both = np.concatenate([start, eta])
    circuit.run(both[: 2**n], angles)
    found = nk._core.pull_back(circuit, both, angles)
    assert abs(found - differences(overlap, angles)).max() < 1e-9 * np.linalg.norm(both) ** 2
    assert abs(abs(np.vdot(start, both[: 2**n])) - np.vdot(start, start).real) < 1e-13
    before = both.copy()
    for wrong in (both[: 2**n], both.reshape((2,) * (n + 1)).T, both[::-1]):
        with pytest.raises(ValueError, match="no flat state of one more qubit"):
            nk._core.pull_back(circuit, wrong, angles)
    with pytest.raises(ValueError, match="not unitary"):
        nk._core.pull_back(nk.Circuit(n).apply_diagonal([1, 2], 0), both, None)
    assert np.array_equal(both, before)
