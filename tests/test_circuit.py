"""Circuits: fused, planned and run in one call, against one operation after the other."""

import copy
import pickle
import re
import textwrap
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers import (
    Meddles,
    add_random,
    in_use,
    interrupted,
    layouts,
    long_circuit,
    one_by_one,
)


@given(st.integers(0, 2**32), st.integers(1, 8), st.booleans())
def test_random_circuits(seed, n, single):
    rng = np.random.default_rng(seed)
    circuit = add_random(rng, nk.Circuit(n), 40)
    before = oracle.random_state(rng, n, np.complex64 if single else np.complex128)
    expected = before.copy()
    one_by_one(circuit, expected)
    for state in layouts(rng, before):
        assert circuit.run(state) is None
        oracle.assert_close(state.reshape(-1), expected, terms=16 * (1 + len(circuit)))
        circuit.inverse().run(state)
        oracle.assert_close(state.reshape(-1), before, terms=32 * (1 + len(circuit)))


@given(st.integers(0, 2**32), st.integers(2, 9), st.booleans())
def test_blocks_on_pairs(seed, n, single):
    """Long runs of all kinds of operations on pairs of qubits, two pairs in turns."""
    rng = np.random.default_rng(seed)
    circuit = nk.Circuit(n)
    for _ in range(4):
        pairs = rng.permutation(n)[: 2 * (n // 2)].reshape(-1, 2)[:2].tolist()
        parts = [add_random(rng, nk.Circuit(2), 12) for _ in pairs]
        for k in range(12):
            for part, pair in zip(parts, pairs, strict=True):
                circuit.compose(part[k : k + 1], pair)
    before = oracle.random_state(rng, n, np.complex64 if single else np.complex128)
    expected = before.copy()
    one_by_one(circuit, expected)
    for state in layouts(rng, before):
        circuit.run(state)
        oracle.assert_close(state.reshape(-1), expected, terms=16 * (1 + len(circuit)))


def test_a_block_is_one_matrix(rng):
    """Angles that are bound later too; and a gradient, which looks at each operation."""
    circuit, angles = nk.Circuit(5), [nk.Parameter(f"a{i}") for i in range(60)]
    for i in range(0, 60, 2):
        circuit.ry(angles[i], 1).rx(angles[i + 1], 3).cx(3, 1)
    assert circuit.explain().steps == 1
    values = rng.uniform(-3, 3, 60)
    bound = nk.Circuit(5)
    for i in range(0, 60, 2):
        bound.ry(values[i], 1).rx(values[i + 1], 3).cx(3, 1)
    before = oracle.random_state(rng, 5)
    results = [before.copy() for _ in range(3)]
    one_by_one(bound, results[0])
    bound.run(results[1])
    circuit.run(results[2], values)
    assert np.array_equal(results[1], results[2])
    oracle.assert_close(results[1], results[0], terms=16 * len(circuit))
    value, slopes = circuit.gradient("IZIXI", values, state=before)
    assert abs(value - nk.expectation(results[0], "IZIXI")) < 1e-13
    step = np.zeros(60)
    for number in 0, 31, 59:
        step[:] = 0
        step[number] = np.pi / 2
        both = [before.copy(), before.copy()]
        circuit.run(both[0], values + step)
        circuit.run(both[1], values - step)
        shifted = [nk.expectation(state, "IZIXI") for state in both]
        assert abs(slopes[number] - (shifted[0] - shifted[1]) / 2) < 1e-13


@given(st.integers(0, 2**32), st.integers(3, 12), st.booleans())
def test_permutations_are_exact(seed, n, single):
    """They move amplitudes, whatever stands beside what."""
    rng = np.random.default_rng(seed)
    circuit = nk.Circuit(n)
    for _ in range(40):
        name = str(rng.choice(["x", "x", "cx", "cx", "swap", "ccx", "cswap"]))
        getattr(circuit, name)(*rng.permutation(n)[: oracle.num_qubits(name)].tolist())
    state = oracle.random_state(rng, n, np.complex64 if single else np.complex128)
    expected = state.copy()
    one_by_one(circuit, expected)
    circuit.run(state)
    assert np.array_equal(state, expected)


@pytest.mark.parametrize("n", [13, 14, 15, 16, 18])
def test_on_both_sides_of_a_tile(n, dtype, rng):
    circuit = add_random(rng, nk.Circuit(n), 120)
    before = oracle.random_state(rng, n, dtype)
    expected = before.copy()
    one_by_one(circuit, expected)
    results = []
    for threads in 1, 2, 3:
        results.append(before.copy())
        circuit.run(results[-1], threads=threads)
        oracle.assert_close(results[-1], expected, terms=16 * len(circuit))
    assert len({result.tobytes() for result in results}) == 1
    for state in layouts(rng, before):
        circuit.run(state)
        oracle.assert_close(state.reshape(-1), expected, terms=16 * len(circuit))


def test_a_state_larger_than_a_tile_against_the_oracle(dtype, rng):
    circuit = nk.Circuit(16).h(0).cx(0, 15).rzz(0.3, 15, 1).u(0.1, 0.2, 0.3, 15).cp(0.7, 1, 0).h(8)
    state = oracle.random_state(rng, 16, dtype)
    expected = state.copy()
    for name, params, qubits, *_ in circuit:
        expected = oracle.apply(expected, oracle.gate(name, *params), qubits)
    circuit.run(state)
    oracle.assert_close(state, expected, terms=32)


def test_ghz_qft_and_mirrored_ladders(rng):
    n = 17
    ladder = nk.Circuit(n)
    for qubit in range(n - 1):
        ladder.cx(qubit, qubit + 1)
    state = oracle.random_state(rng, n)
    before = state.copy()
    ladder.run(state)
    ladder.inverse().run(state)
    assert np.array_equal(state, before)
    qft = nk.Circuit(n)
    for i in range(n):
        qft.h(i)
        for j in range(i + 1, n):
            qft.cp(np.pi / 2 ** (j - i), j, i)
    for i in range(n // 2):
        qft.swap(i, n - 1 - i)
    qft.run(state)
    oracle.assert_close(state, np.fft.ifft(before, norm="ortho"), terms=64)


def test_parameters_and_expressions(rng):
    a, b = nk.Parameter("a"), nk.Parameter("b")
    circuit = nk.Circuit(3).rx(b, 0).u(2 * a + 1, -b, (a - b) / 2, 1).cp(1 - a, 0, 2)
    circuit.pauli_rotation(np.float64(3) * a, "XYZ").rz(0 * a, 1)
    assert circuit.parameters == (b, a)
    values = {"a": 0.3, "b": -1.1}
    expected = nk.zero_state(3)
    nk.rx(expected, -1.1, 0)
    nk.u(expected, 1.6, 1.1, 0.7, 1)
    nk.cp(expected, 0.7, 0, 2)
    nk.pauli_rotation(expected, 0.9, "XYZ")
    for given_ in values, {a: 0.3, b: -1.1}, [-1.1, 0.3], np.array([-1.1, 0.3]), (-1.1, 0.3):
        state = nk.zero_state(3)
        circuit.run(state, given_)
        oracle.assert_close(state, expected, terms=32)
        circuit.inverse().run(state, given_)
        oracle.assert_close(state, nk.zero_state(3), terms=64)
    assert next(iter(circuit)).params == (b,)
    assert str(list(circuit)[1].params[0]) == "2.0*a + 1.0"
    assert -(a - 2 * b) == 2 * b - a
    assert hash(a + 0.0) == hash(nk.Parameter("a") + 0.0)


@pytest.mark.parametrize("n", [0, 1, 3, 15])
@pytest.mark.parametrize("alone", [False, True])
def test_phases(n, alone, dtype, rng):
    before = oracle.random_state(rng, n, dtype)
    for count in range(min(n, 3) + 1):
        controls = rng.permutation(n)[:count].tolist()
        values = rng.integers(2, size=count).tolist()
        options = {"controls": controls, "control_values": values}
        circuit, expected = nk.Circuit(n), before
        for qubit in range(0 if alone else n):
            circuit.h(qubit)
            expected = oracle.apply(expected, oracle.gate("h"), [qubit])
        circuit.gphase(2 * A + 0.3, **options)
        expected = oracle.apply(expected, [[oracle.cis(0.9)]], [], controls, values)
        state = before.copy()
        circuit.run(state, [0.3])
        oracle.assert_close(state, expected, terms=4 + 8 * len(circuit))
        circuit.inverse().run(state, [0.3])
        oracle.assert_close(state, before, terms=8 + 16 * len(circuit))
        rotated = nk.Circuit(n).compose(nk.Circuit(n).h(0) if n and not alone else nk.Circuit(n))
        same = rotated.copy().pauli_rotation(-4 * A - 0.6, "", (), **options)
        assert rotated.gphase(2 * A + 0.3, **options) == same == pickle.loads(pickle.dumps(same))
        assert list(same)[-1] == ("gphase", (2 * A + 0.3,), (), (*controls,), (*values,), (), ())


def test_a_phase_is_a_value():
    circuit = nk.Circuit(2).gphase(0.1).gphase(A, controls=[1], control_values=[0])
    assert [o.params for o in circuit] == [(0.1,), (A,)]
    assert circuit.parameters == (A,)
    assert [o.params for o in circuit.inverse()] == [(-A,), (-0.1,)]
    assert next(iter(nk.Circuit(2).pauli_rotation(0.2, "II"))).name == "pauli_rotation"
    moved = nk.Circuit(3).compose(circuit, [2, 0])
    assert moved == nk.Circuit(3).gphase(0.1).gphase(A, controls=[0], control_values=[0])
    largest = np.finfo(float).max / 2
    assert next(iter(nk.Circuit(0).gphase(-largest))).params == (-largest,)
    before = circuit.copy()
    for bad, error in (
        (lambda: circuit.gphase(NAN), ValueError),
        (lambda: circuit.gphase(1.0000001 * largest), ValueError),
        (lambda: circuit.gphase(nk.Parameter("b") * (2 * largest)), ValueError),
        (lambda: circuit.gphase(1j), TypeError),
        (lambda: circuit.gphase("a"), TypeError),
        (lambda: circuit.gphase(nk.Parameter("b"), controls=[2]), ValueError),
        (lambda: circuit.gphase(0.1, controls=[0, 0]), ValueError),
        (lambda: circuit.gphase(0.1, condition=0), ValueError),
    ):
        with pytest.raises(error):
            bad()
        assert circuit == before


def test_a_phase_costs_no_pass_of_its_own():
    plain, phased = nk.Circuit(20), nk.Circuit(20).gphase(0.1)
    for qubit in range(20):
        for circuit in plain, phased:
            circuit.h(qubit).cp(0.2, qubit, (qubit + 1) % 20)
        phased.gphase(A)
    ours, theirs = phased.explain(), plain.explain()
    assert (ours.passes, len(ours.sweeps)) == (theirs.passes, len(theirs.sweeps))


def test_batches(dtype, rng):
    n, batch = 4, (3, 5)
    a, b = nk.Parameter("a"), nk.Parameter("b")
    circuit = add_random(rng, nk.Circuit(n), 10).rx(a, 1).rzz(a - b, 0, 2).ry(b, 3)
    states = np.zeros((*batch, 2**n), dtype)
    for index in np.ndindex(batch):
        states[index] = oracle.random_state(rng, n, dtype)
    values = rng.normal(size=(*batch, 2))
    before, one, two, three = (states.copy() for _ in range(4))
    circuit.run(one, values, batch=2)
    circuit.run(two, {"a": values[..., 0], b: values[..., 1]}, batch=2, threads=1)
    assert np.array_equal(one, two)
    for index in np.ndindex(batch):
        expected = states[index]
        circuit.run(expected, values[index])
        assert np.array_equal(one[index], expected)
    circuit.run(three, {"a": [[0.1], [0.2], [0.3]], "b": 0.5}, batch=2)
    turned = np.zeros((5, 3, 2**n), dtype).swapaxes(0, 1)
    turned[...] = before
    circuit.run(turned, values, batch=2)
    assert np.array_equal(turned, one)
    for index in np.ndindex(batch):
        expected = before[index].copy()
        circuit.run(expected, [[0.1, 0.2, 0.3][index[0]], 0.5])
        assert np.array_equal(three[index], expected)
    empty = np.zeros((0, 2**n), dtype)
    circuit.run(empty, np.zeros((0, 2)), batch=1)


def test_many_states_on_threads(rng):
    circuit = nk.Circuit(6).h(0).rx(nk.Parameter("a"), 3).cx(0, 5)
    states = np.stack([oracle.random_state(rng, 6) for _ in range(3000)])
    values = rng.normal(size=(3000, 1))
    results = []
    for threads in 1, 2, 3:
        results.append(states.copy())
        circuit.run(results[-1], values, batch=1, threads=threads)
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


def test_a_circuit_is_a_value(rng):
    circuit = add_random(rng, nk.Circuit(5), 60).rx(2 * nk.Parameter("a") + 1, 3)
    others = (
        circuit.copy(),
        copy.copy(circuit),
        copy.deepcopy(circuit),
        pickle.loads(pickle.dumps(circuit)),
    )
    for other in others:
        assert other == circuit
        assert len(other) == len(circuit)
        other.x(0)
        assert other != circuit
    assert circuit != "circuit"
    assert repr(nk.Circuit(2).x(0)).startswith("Circuit of 1 operation on 2 qubits")
    with pytest.raises(TypeError):
        hash(circuit)


def test_compose_lists_each_qubit_once():
    """Also where no operation touches both."""
    two = nk.Circuit(2).x(0).x(1)
    for qubits, message in [([0, 0], "distinct|once"), ([0, 9], "out of range")]:
        circuit = nk.Circuit(3).h(2)
        with pytest.raises(ValueError, match=message):
            circuit.compose(two, qubits)
        assert circuit == nk.Circuit(3).h(2)


def test_compose(rng):
    a, b = nk.Parameter("a"), nk.Parameter("b")
    inner = nk.Circuit(2).rx(b, 0).cx(0, 1).ry(a, 1, controls=[0])
    circuit = nk.Circuit(3).rx(a, 2).compose(inner, [2, 0]).compose(nk.Circuit(1).h(0))
    assert circuit.parameters == (a, b)
    same = nk.Circuit(3).rx(a, 2).rx(b, 2).cx(2, 0).ry(a, 0, controls=[2]).h(0)
    assert circuit == same
    before = circuit.copy()
    for bad in [[0], [0, 0], [0, 3]]:
        with pytest.raises(ValueError, match="qubit"):
            circuit.compose(inner, bad)
        assert circuit == before
    circuit.compose(circuit)
    assert len(circuit) == 2 * len(before)


def test_what_is_given_is_copied(rng):
    matrix, diagonal = oracle.random_unitary(rng, 1), np.exp(1j * rng.normal(size=2))
    circuit = nk.Circuit(1).apply(matrix, [0]).apply_diagonal(diagonal, 0)
    state = oracle.random_state(rng, 1)
    expected = diagonal * (matrix @ state)
    matrix[...] = diagonal[...] = 0
    circuit.run(state)
    oracle.assert_close(state, expected, terms=8)


def test_a_circuit_that_grows_between_runs():
    circuit, state = nk.Circuit(1).x(0), nk.zero_state(1)
    circuit.run(state)
    circuit.x(0).run(state)
    assert state.tolist() == [0, 1]
    tensor = np.zeros((2, 1), complex)
    tensor[0] = 1
    circuit.run(tensor[:, 0])
    assert tensor[:, 0].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("n", "sweeps", "make"),
    [(22, 2, "ghz"), (24, 4, "qft"), (24, 6, "brickwork"), (24, 4, "tfim")],
)
def test_the_number_of_sweeps(n, sweeps, make, rng):
    circuit = nk.Circuit(n)
    if make == "ghz":
        circuit.h(0)
        for q in range(n - 1):
            circuit.cx(q, q + 1)
    elif make == "qft":
        for i in range(n):
            circuit.h(i)
            for j in range(i + 1, n):
                circuit.cp(0.1, j, i)
    elif make == "tfim":
        for _ in range(10):
            for q in range(n - 1):
                circuit.rzz(0.1, q, q + 1)
            for q in range(n):
                circuit.rx(0.2, q)
    else:
        for layer in range(20):
            for q in range(n):
                circuit.u(*rng.normal(size=3), q)
            for q in range(layer % 2, n - 1, 2):
                circuit.cz(q, q + 1)
    plan = circuit.explain()
    assert plan.operations == len(circuit)
    assert len(plan.sweeps) <= sweeps
    assert plan.bytes == len(plan.sweeps) * 2 * 16 * 2**n
    assert plan.passes >= len(plan.sweeps)
    assert sum(sweep.steps for sweep in plan.sweeps) == plan.steps
    assert f"{len(plan.sweeps)} sweeps" in str(plan)


NAN = float("nan")
A = nk.Parameter("a")


@pytest.mark.parametrize(
    ("params", "error", "words"),
    [
        (None, KeyError, "'params' has no value for .*a, b"),
        ({"a": 1}, KeyError, "no value for .*b"),
        ({"a": 1, "b": 2, "c": 3}, KeyError, "c.*which the circuit does not have"),
        ({"a": 1, 5: 2}, TypeError, "key"),
        ([1], ValueError, r"shape \(1,\); .*use 2 values"),
        ([[1, 2]], ValueError, "params"),
        ([1, NAN], ValueError, "finite"),
        (["a", "b"], TypeError, "params"),
        ({"a": 1j, "b": 2}, TypeError, "params"),
        ({"a": [1, 2], "b": 2}, ValueError, "params"),
        (5, ValueError, "shape"),
    ],
)
def test_wrong_parameters(params, error, words, rng):
    circuit = nk.Circuit(2).rx(A, 0).ry(nk.Parameter("b"), 1)
    state = oracle.random_state(rng, 2)
    before = state.tobytes()
    with pytest.raises(error, match=f"(?s){words}"):
        circuit.run(state, params)
    assert state.tobytes() == before


def test_wrong_states(rng):
    circuit = nk.Circuit(3).h(0)
    with pytest.raises(ValueError, match="'state' has 2 qubits and the circuit has 3"):
        circuit.run(nk.zero_state(2))
    with pytest.raises(TypeError, match="'state'"):
        circuit.run([1, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(ValueError, match="'state'"):
        circuit.run(np.zeros((2, 8), complex))
    read_only = nk.zero_state(3)
    read_only.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        circuit.run(read_only)
    with pytest.raises(ValueError, match="threads"):
        circuit.run(nk.zero_state(3), threads=0)


def test_wrong_operations():
    circuit = nk.Circuit(3).h(0).rx(A, 1)
    before = circuit.copy()
    for call, error in (
        (lambda: circuit.h(3), ValueError),
        (lambda: circuit.h(-1), ValueError),
        (lambda: circuit.h(1.0), TypeError),
        (lambda: circuit.cx(1, 1), ValueError),
        (lambda: circuit.h(0, controls=[0]), ValueError),
        (lambda: circuit.h(0, controls=[1], control_values=[2]), ValueError),
        (lambda: circuit.rx("a", 0), TypeError),
        (lambda: circuit.rx(NAN, 0), ValueError),
        (lambda: circuit.rx(A * NAN, 5), ValueError),
        (lambda: circuit.rx(nk.Parameter("new"), 7), ValueError),
        (lambda: circuit.apply(np.eye(2), [0, 1]), ValueError),
        (lambda: circuit.apply(np.eye(2) * NAN, [0]), ValueError),
        (lambda: circuit.apply_diagonal([1, 2, 3], [0]), ValueError),
        (lambda: circuit.apply_permutation([0, 0], [0]), ValueError),
        (lambda: circuit.apply_pauli("XQ", [0, 1]), ValueError),
        (lambda: circuit.apply_pauli("XX"), ValueError),
        (lambda: nk.Circuit(-1), ValueError),
        (lambda: nk.Circuit(63), ValueError),
        (lambda: nk.Circuit("2"), TypeError),
        (lambda: nk.Parameter(""), TypeError),
        (lambda: A * A, TypeError),
        (lambda: A / A, TypeError),
        (lambda: A + "b", TypeError),
    ):
        with pytest.raises(error):
            call()
        assert circuit == before
    assert circuit.parameters == (A,)


def test_an_angle_that_changes_the_circuit():
    class Odd:
        def __float__(self):
            circuit.rz(nk.Parameter("b"), 0)
            return 0.5

    circuit = nk.Circuit(1)
    circuit.u(A, Odd(), 2 * A, 0)
    assert circuit == nk.Circuit(1).rz(nk.Parameter("b"), 0).u(A, 0.5, 2 * A, 0)


def test_progress(rng):
    state = nk.zero_state(20)
    for depth in 20, 200, 2000:  # until it is long for this machine
        seen, circuit = [], long_circuit(20, depth)
        circuit.run(state, progress=lambda done, total, seen=seen: seen.append((done, total)))
        if len(seen) > 2:
            break
    assert seen[-1] == (len(circuit), len(circuit))
    assert all(total == len(circuit) for _, total in seen)
    assert len(seen) > 2
    assert seen == sorted(seen)
    states = np.zeros((3, 4), complex)
    nk.Circuit(2).h(0).run(states, batch=1, progress=lambda *both: seen.append(both))
    assert seen[-1] == (3, 3)
    with pytest.raises(TypeError, match="'progress' is a int"):
        circuit.run(state, progress=5)


def test_a_reporter_that_raises_stops_the_run():
    circuit, state = long_circuit(20, 40), nk.zero_state(20)

    def stop(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough") as caught:
        circuit.run(state, progress=stop)
    [note] = caught.value.__notes__
    assert re.fullmatch(f"numket stopped after about \\d+ of {len(circuit)} operations.*", note)
    assert abs(nk.norm(state) - 1) < 1e-12


@pytest.mark.parametrize("batch", [0, 1])
def test_ctrl_c(batch):
    """Answered soon, on any thread count, with the norm kept."""
    circuit = long_circuit(22 if not batch else 15, 60)
    state = nk.zero_state(22)
    state = state.reshape(-1, 2**15) if batch else state
    state[..., 0] = 1
    before = nk.norm(state.reshape(-1))
    with interrupted(lambda: in_use(state)) as notes:
        while True:
            circuit.run(state, batch=batch)
    assert "numket stopped after" in notes[0]
    assert abs(nk.norm(state.reshape(-1)) / before - 1) < 1e-12
    nk.h(state.reshape(-1), 0)  # nothing is left leased


def test_code_that_runs_meanwhile_may_use_the_circuit():
    """A reporter, an angle or another thread: the run goes on with what it began with."""
    circuit, state = long_circuit(18, 20), nk.zero_state(18)
    before, expected = circuit.copy(), nk.zero_state(18)
    before.run(expected)
    other = nk.zero_state(18)

    def report(done, total):
        if done < total:
            circuit.x(0)
            before.run(other)

    circuit.run(state, progress=report)
    assert np.array_equal(state, expected)

    class Odd:
        def __array__(self, *args, **kwargs):
            growing.rx(nk.Parameter("b"), 0)
            return np.array(0.5)

    growing, small, same = nk.Circuit(1).rx(A, 0), nk.zero_state(1), nk.zero_state(1)
    growing.run(small, {"a": Odd()})
    nk.rx(same, 0.5, 0)
    assert np.array_equal(small, same)
    assert growing.parameters == (A, nk.Parameter("b"))

    stop = threading.Event()
    shared = nk.Circuit(3).h(0)

    def grow():
        while not stop.wait(0.001):
            shared.x(0)

    thread = threading.Thread(target=grow)
    thread.start()
    small = nk.zero_state(3)
    try:
        for _ in range(20):
            list(shared)
            pickle.dumps(shared)
            shared.explain()
            shared.run(small)
            assert shared.inverse() != shared.copy().h(2)
            assert shared.parameters == ()
    finally:
        stop.set()
        thread.join()


def test_arrays_that_change_while_other_arguments_are_read():
    permutation, matrix = np.array([1, 0]), np.eye(2, dtype=complex)
    circuit = nk.Circuit(2)
    with pytest.raises(ValueError, match="permutation"):
        circuit.apply_permutation(
            permutation, 0, controls=[Meddles(1, lambda: permutation.fill(7))]
        )
    with pytest.raises(ValueError, match="NaN"):
        circuit.apply(matrix, 0, controls=[Meddles(1, lambda: matrix.fill(NAN))])
    shrinking = np.arange(2)
    with pytest.raises(ValueError, match="permutation"):
        circuit.apply_permutation(
            shrinking, Meddles(0, lambda: shrinking.resize(1, refcheck=False))
        )
    assert len(circuit) == 0


def test_a_state_that_changes_while_parameters_are_read():
    class Turns:
        def __array__(self, *args, **kwargs):
            state.resize((4, 2), refcheck=False)
            return np.array(0.5)

    state = np.ones((2, 4), complex)
    with pytest.raises(ValueError, match="another shape"):
        nk.Circuit(2).rx(A, 0).run(state, {"a": Turns()}, batch=1)
    assert np.array_equal(state, np.ones((4, 2)))


def test_names_that_meddle_and_names_given_twice():
    class Key(str):
        pass

    with pytest.raises(ValueError, match="two values"):
        nk.Circuit(1).rx(A, 0).run(nk.zero_state(1), {"a": 1.0, A: 2.0})
    with pytest.raises(ValueError, match="twice"):
        nk.Circuit(1, [A, A])
    state = nk.zero_state(1)
    nk.Circuit(1).rx(A, 0).run(state, {Key("a"): 0.0})
    assert state.tolist() == [1, 0]


def test_a_reporter_finds_the_state_in_use():
    n, states = 10, np.ones((3, 2**10), complex)
    circuit, refused = nk.Circuit(n), []

    def report(done, total):
        if done < total:
            with pytest.raises(nk.BufferInUseError):
                nk.x(states[2], 0)
            refused.append(done)

    for _ in range(5000):
        for q in range(n):
            circuit.rx(A, q).cz(q, (q + 1) % n)
    circuit.run(states, [[1.0], [2.0], [3.0]], batch=1, progress=report)
    assert refused


def test_the_order_of_parameters_is_kept():
    b = nk.Parameter("b")
    circuit = nk.Circuit(2).rx(A, 0).ry(b, 1)
    for other in (
        circuit.inverse(),
        pickle.loads(pickle.dumps(circuit.inverse())),
        nk.Circuit(2, [A, b]).ry(-b, 1).rx(-A, 0),
    ):
        assert other.parameters == (A, b)
        state = nk.zero_state(2)
        circuit.run(state, [0.3, 2.0])
        other.run(state, [0.3, 2.0])
        oracle.assert_close(state, nk.zero_state(2), terms=32)
    assert pickle.loads(pickle.dumps(circuit.inverse())) == circuit.inverse()


def test_angles_that_overflow():
    state = nk.zero_state(1)
    with pytest.raises(ValueError, match="finite"):
        nk.Circuit(1).rx(1e308 * A, 0).run(state, [100.0])
    with pytest.raises(ValueError, match="finite"):
        nk.Circuit(1).rx(1e308 * A * 10, 0)
    with pytest.raises(TypeError):
        A * np.complex128(1 + 2j)
    assert state.tolist() == [1, 0]
    # A product of the user's matrices may overflow where one after the other does not.
    tiny = np.array([1e-300, 0], complex)
    nk.Circuit(1).apply(1e200 * np.eye(2), 0).apply(1e200 * np.eye(2), 0).run(tiny)
    assert tiny[0] == pytest.approx(1e100)


def test_axes_of_length_1_are_refused():
    state = np.ones((2, 1, 2), complex)
    with pytest.raises(ValueError, match="squeeze"):
        nk.Circuit(2).x(1).run(state)
    nk.Circuit(2).x(1).run(np.squeeze(state))


@pytest.mark.parametrize("n", [11, 13, 16])
def test_tiles_on_any_layout(n, dtype, rng):
    circuit = add_random(rng, nk.Circuit(n), 60).apply(np.array([[1j]]), [])
    circuit.apply_diagonal(np.exp(1j * rng.normal(size=2**n)), range(n))
    circuit.apply(oracle.random_unitary(rng, 4), [3, 1, 7, 2])
    before = oracle.random_state(rng, n, dtype)
    expected = before.copy()
    one_by_one(circuit, expected)
    tensor = before.reshape((2,) * n)
    for axis in range(n + 1):
        state = np.zeros((2,) * axis + (3,) + (2,) * (n - axis), dtype)
        state = state[(slice(None),) * axis + (1,)]
        state[...] = tensor
        circuit.run(state)
        oracle.assert_close(state.reshape(-1), expected, terms=16 * len(circuit))
    states = np.stack([before] * 3)[::-1]
    circuit.run(states, batch=1)
    for state in states:
        oracle.assert_close(state, expected, terms=16 * len(circuit))


def test_memory(snippet):
    """Nothing of the size of the state is allocated, not even for a diagonal of that size."""
    code = """
        n = 24
        state = nk.zero_state(n)
        address = state.ctypes.data
        circuit = nk.Circuit(n)
        for q in range(n):
            circuit.h(q).cx(q, (q + 1) % n)
        circuit.apply_diagonal(np.exp(1j * np.arange(2**n)), range(n))
        nk.Circuit(16).h(0).cx(0, 15).h(3).run(nk.zero_state(16))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        state[:] = 0
        state[0] = 1
        circuit.run(state)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert state.ctypes.data == address
        assert grown < 16 * 1024, grown  # KiB; the state has 256 MiB
        """
    snippet("import resource\n" + textwrap.dedent(code))


def test_the_memory_of_a_run(snippet):
    """What a run adds to the peak of the whole process, as the kernel counts it."""
    growth = snippet(
        """
        def kib(field):
            with open("/proc/self/status") as status:
                return next(int(l.split()[1]) for l in status if l.startswith(field))

        def made(n):
            circuit = nk.Circuit(n)
            for layer in range(4):
                for q in range(n):
                    circuit.u(0.1 * layer, 0.2, q, q)
                for q in range(layer % 2, n - 1, 2):
                    circuit.cz(q, q + 1)
                circuit.cp(0.3, 0, n - 1).swap(0, n - 1)
            return circuit

        state = np.zeros(2**24, complex)
        state[:] = 2**-12
        made(17).run(np.ones(2**17, complex))  # threads and their stacks
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")  # the peak starts from here
        before = kib("VmRSS")
        made(24).run(state)
        print(max(kib("VmHWM"), kib("VmRSS")) - before)
        """
    )
    assert int(growth) < 8 * 1024


@pytest.mark.parametrize("dtype", [np.complex128, np.complex64])
@pytest.mark.parametrize("pad", [1, 2, 3, 4])
def test_rows_at_any_distance_in_large_states(rng, pad, dtype):
    """States that are written past the caches, from where no store is aligned."""
    n = 17
    raw = nk.zero_state(n + 2, dtype)
    half = 2 ** (n - 1)
    state = raw[: 2 * (half + pad)].reshape(2, half + pad)[:, :half].reshape((2,) * n)
    start = oracle.random_state(rng, n, dtype)
    state[...] = start.reshape((2,) * n)
    circuit = nk.Circuit(n)
    for q in range(n):
        circuit.ry(0.3 + q, q).cx(q, (q + 1) % n)
    flat = start.copy()
    circuit.run(state)
    circuit.run(flat)
    assert np.array_equal(state.reshape(-1), flat)
    assert not raw[2 * (half + pad) :].any()


def test_long_circuits_are_planned_in_proportion():
    circuit = nk.Circuit(3)
    for i in range(100_000):
        circuit.cx(i % 3, (i + 1) % 3).ry(0.1, i % 3)
    plan = circuit.explain()  # took minutes when each step looked at all others
    assert plan.operations == 200_000
    state = nk.zero_state(3)
    circuit.run(state)
    assert abs(np.linalg.norm(state) - 1) < 1e-11
