"""Means over trajectories: the density matrix of the textbook, whoever does the runs."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import PATIENCE, decay, interrupted, long_circuit
from helpers_executors import Inline
from numket.trajectories import Estimate

A = nk.Parameter("a")


class Z:
    """The Pauli operator Z on a qubit, which knows its own expectation value."""

    def __init__(self, qubit):
        self.qubit = qubit

    def expectation(self, state):
        weights = nk.probabilities(state, (self.qubit,))
        return weights[0] - weights[1]


def noisy(rng, n):
    """A circuit with noise of all kinds."""
    circuit = nk.Circuit(n).rx(A, 0)
    for qubit in range(n):
        circuit.apply(oracle.random_unitary(rng, 1), qubit)
        circuit.apply_kraus(nk.channels.amplitude_damping(0.2), qubit)
        circuit.cx(qubit, (qubit + 1) % n)
        circuit.apply_kraus(nk.channels.depolarizing(0.1, 2), (qubit, (qubit + 1) % n))
    circuit.measure(0, readout_error=(0.1, 0.2))
    return circuit.h(1, condition=0).apply_kraus(decay(0.4), 1, condition={0: 0}).reset(0)


@pytest.mark.parametrize("n", [2, 3])
def test_the_mean_is_that_of_the_density_matrix(n, dtype, rng):
    """Within five standard errors, and these are what the spread of the values tells."""
    circuit = noisy(rng, n)
    psi = oracle.random_state(rng, n, dtype)
    matrix = oracle.random_unitary(rng, n)
    matrix = matrix + matrix.conj().T
    bound = [o if o.params != (A,) else o._replace(params=(0.7,)) for o in circuit]
    rho = sum(oracle.mixture(bound, np.outer(psi, psi.conj()), 1).values())
    expected = float(np.trace(matrix @ rho).real)
    values = []

    def value_of(state):
        values.append(float(np.vdot(state, matrix @ state).real))
        return values[-1]

    found = circuit.trajectories(psi, value_of, 4000, {"a": 0.7}, rng=5, threads=1)
    assert type(found) is Estimate
    assert found.shots == found.n == len(values) == 4000
    assert found.mean == pytest.approx(np.mean(values), rel=1e-13)
    assert found.standard_error == pytest.approx(np.std(values, ddof=1) / 4000**0.5, rel=1e-12)
    assert abs(found.mean - expected) < 5 * found.standard_error < 0.3


@pytest.mark.parametrize("n", [3, 12, 18])
def test_the_runs_are_those_of_a_loop(n, dtype, rng):
    """With the same generator, which then goes on as if they had been; many at a time, or one."""
    circuit, psi = noisy(rng, n), oracle.random_state(rng, n, dtype)
    shots = {3: 70, 12: 70, 18: 5}[n]
    seen, generator, same = [], np.random.default_rng(9), np.random.default_rng(9)
    circuit.trajectories(
        psi, lambda state: seen.append(state.copy()) or 0, shots, [0.3], rng=generator
    )
    assert len(seen) == shots
    for found in seen:
        state = psi.copy()
        circuit.run(state, [0.3], rng=same)
        assert np.array_equal(state, found)
    assert generator.random() == same.random()


@pytest.mark.parametrize("layout", ["flat", "turned", "holes", "read-only"])
def test_the_same_whoever_does_the_runs(layout, dtype, rng):
    circuit, psi = noisy(rng, 4), oracle.random_state(rng, 4, dtype)
    if layout == "turned":
        psi = psi.reshape((2,) * 4).transpose(2, 0, 3, 1)[:, ::-1]
    elif layout == "holes":
        psi = np.stack([psi, psi], axis=1)[:, 1]
    psi.flags.writeable = layout != "read-only"
    before, results = psi.tobytes(), []
    for options in (
        {},
        {"threads": 1},
        {"threads": 2},
        {"threads": 3},
        {"executor": Inline()},
        {"executor": Inline(), "threads": 2},
    ):
        results.append(circuit.trajectories(psi, Z(1), 150, [0.3], rng=9, **options))
    with ThreadPoolExecutor(3) as executor:
        for _ in range(2):
            results.append(circuit.trajectories(psi, Z(1), 150, [0.3], rng=9, executor=executor))
    with nk.threads(1):
        results.append(circuit.trajectories(psi, Z(1), 150, [0.3], rng=np.random.default_rng(9)))
    assert len(set(results)) == 1
    assert psi.tobytes() == before
    other = circuit.trajectories(psi, Z(1), 150, [0.3], rng=10)
    assert other.mean != results[0].mean


def test_large_states_share_their_threads():
    """From 2**20 amplitudes on there is one state, of which all threads do a part."""
    circuit = nk.Circuit(20).h(0).apply_kraus(nk.channels.phase_flip(0.5), 0).h(0)
    seen = []

    def value_of(state):
        seen.append((state.__array_interface__["data"][0], nk.get_num_threads()))
        return Z(0).expectation(state)

    results = {circuit.trajectories(nk.zero_state(20), value_of, 6, rng=1, threads=2)}
    assert set(seen) == {(seen[0][0], 2)}
    with ThreadPoolExecutor(2) as executor:
        for threads in 1, 2:
            results.add(
                circuit.trajectories(
                    nk.zero_state(20), value_of, 6, rng=1, executor=executor, threads=threads
                )
            )
    assert len(results) == 1


def test_the_caller_calls_the_function(rng):
    """One value after the other, each on a state that is its own."""
    circuit, psi = noisy(rng, 3), oracle.random_state(rng, 3)
    callers = set()

    def value_of(state):
        callers.add((threading.get_ident(), nk.get_num_threads()))
        state[:] = 7
        return 1

    assert circuit.trajectories(psi, value_of, 200, [0], rng=1, threads=2) == (1, 0, 200)
    assert callers == {(threading.get_ident(), 2)}
    assert abs(nk.norm(psi) - 1) < 1e-15


def test_an_executor_calls_the_function(rng):
    """Several of its workers at a time, each on one thread and on states of its own."""
    circuit, psi = noisy(rng, 3), oracle.random_state(rng, 3)
    begun, seen = threading.Barrier(2), set()

    def value_of(state):
        if len(seen) < 2:
            seen.add((state.__array_interface__["data"][0], threading.get_ident()))
            begun.wait(PATIENCE)
        assert nk.get_num_threads() == 1
        state[:] = 7
        return 1

    with ThreadPoolExecutor(2) as executor:
        found = circuit.trajectories(psi, value_of, 200, [0], rng=1, executor=executor)
    assert found == (1, 0, 200)
    assert len({place for place, _ in seen}) == len({worker for _, worker in seen}) == 2
    assert threading.get_ident() not in {worker for _, worker in seen}


@pytest.mark.parametrize("n", [3, 16, 19])
def test_an_executor_has_states_for_several_threads(n):
    circuit = nk.Circuit(n).h(0).apply_kraus(nk.channels.phase_flip(0.5), 0)
    begun, calls = threading.Barrier(2), itertools.count()

    def value_of(state):
        if next(calls) < 2:
            begun.wait(PATIENCE)
        return 1

    with ThreadPoolExecutor(2) as executor:
        found = circuit.trajectories(
            nk.zero_state(n), value_of, 6, rng=1, executor=executor, threads=1
        )
    assert found == (1, 0, 6)


def test_observables_of_numket(dtype, rng):
    """In all their forms."""
    circuit, psi = noisy(rng, 8), oracle.random_state(rng, 8, dtype)
    signs = 1.0 - 2 * (np.arange(256) >> 6 & 1)
    results = [
        circuit.trajectories(psi, observable, 200, [0.3], rng=4, threads=threads)
        for observable in (Z(1), "IZ" + 6 * "I", nk.PauliSum({"IZ" + 6 * "I": 1}), signs)
        for threads in (1, 3)
    ]
    results += [circuit.trajectories(psi, np.diag(signs), 200, [0.3], rng=4, threads=3)]
    results += [circuit.trajectories(psi, np.diag(signs).tolist(), 20, [0.3], rng=4)]
    assert results[::2][:-1] == results[1::2][:-1]
    for found in results[:-1]:
        assert found == pytest.approx(results[0], rel=1e-5)


def test_without_noise(rng):
    circuit = nk.Circuit(3).h(0).cx(0, 1).rx(A, 2)
    psi, after = nk.zero_state(3), nk.zero_state(3)
    circuit.run(after, [0.4])
    found = circuit.trajectories(psi, Z(2), 7, {A: 0.4})
    assert found == (Z(2).expectation(after), 0.0, 7)
    one = circuit.trajectories(psi, Z(2), 1, {A: 0.4})
    assert one[::2] == (found.mean, 1)
    assert np.isnan(one.standard_error)
    assert nk.Circuit(0).trajectories(nk.zero_state(0), lambda psi: psi[0].real, 2) == (1, 0, 2)


def test_a_generator_goes_on():
    """The next call has other numbers; a seed has always the same."""
    circuit = nk.Circuit(1).h(0).apply_kraus(nk.channels.phase_flip(0.5), 0).h(0)
    generator = np.random.default_rng(3)
    one = circuit.trajectories(nk.zero_state(1), Z(0), 100, rng=generator)
    assert one != circuit.trajectories(nk.zero_state(1), Z(0), 100, rng=generator)
    assert one == circuit.trajectories(nk.zero_state(1), Z(0), 100, rng=3)


def test_large_means_keep_their_spread():
    """Values near 1e9 that differ by 1: a sum of squares would have lost that."""
    circuit = nk.Circuit(1).h(0).apply_kraus(nk.channels.phase_flip(0.5), 0).h(0)
    found = circuit.trajectories(nk.zero_state(1), lambda psi: 1e9 + abs(psi[1]) ** 2, 4000, rng=1)
    assert found.standard_error == pytest.approx(0.5 / 4000**0.5, rel=0.01)


def test_progress(rng):
    seen = []
    circuit, psi = noisy(rng, 2), nk.zero_state(2)
    circuit.trajectories(psi, Z(0), 300, [0], progress=lambda *both: seen.append(both))
    assert seen == sorted(seen)
    assert seen[-1] == (300, 300)
    assert len(seen) > 10
    circuit.trajectories(psi, Z(0), 3, [0], progress=True)
    with pytest.raises(ZeroDivisionError):
        circuit.trajectories(psi, Z(0), 300, [0], progress=lambda *_: 1 / 0)


def fails(state):
    raise LookupError("of the observable")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"observable": "Z"}, ValueError, "1 letters for 3 qubits"),
        ({"observable": object()}, TypeError, "'observable'"),
        ({"observable": np.triu(np.ones((8, 8)))}, ValueError, "'observable'.*Hermitian"),
        ({"observable": nk.PauliSum({"XYZ": 1j})}, TypeError, "returned a complex.*real number"),
        ({"observable": fails}, LookupError, "of the observable"),
        ({"observable": lambda psi: psi[0]}, TypeError, "returned a complex128.*real number"),
        ({"observable": lambda psi: None}, TypeError, "returned a NoneType"),
        ({"observable": lambda psi: abs(psi)}, TypeError, "returned a ndarray"),
        ({"shots": 0}, ValueError, "'shots' is 0"),
        ({"shots": -5}, ValueError, "'shots' is -5"),
        ({"shots": 1.5}, TypeError, "'shots' is a float"),
        ({"params": None}, KeyError, "'params' has no value"),
        ({"params": {"a": 1, "b": 2}}, KeyError, "has a value for"),
        ({"params": [[0.3]] * 20}, ValueError, "'params' has shape"),
        ({"params": {"a": [0.3] * 20}}, ValueError, "'params"),
        ({"rng": "seed"}, TypeError, ""),
        ({"rng": -1}, ValueError, ""),
        ({"threads": 0}, ValueError, "'threads' is 0"),
        ({"progress": 5}, TypeError, "'progress' is a int"),
        ({"executor": 5}, TypeError, "'executor' is a int"),
        ({"state": nk.zero_state(4)}, ValueError, "'state' has 4 qubits and the circuit has 3"),
        ({"state": np.zeros((2, 8), complex)}, ValueError, "'state' has shape"),
        ({"state": np.zeros(8, int)}, TypeError, "'state' has dtype int64"),
        ({"state": [1] + [0] * 7}, TypeError, "'state' is a list"),
        ({"state": np.zeros(8, complex)}, ValueError, "norm 0"),
    ],
)
def test_refusals(change, error, words, rng):
    state = oracle.random_state(rng, 3)
    given = {"state": state, "observable": Z(0), "shots": 20, "params": [0.3], **change}
    before = np.asarray(given["state"]).tobytes()
    with pytest.raises(error, match=f"(?s){words}"):
        noisy(rng, 3).trajectories(
            given.pop("state"), given.pop("observable"), given.pop("shots"), **given
        )
    assert np.asarray(change.get("state", state)).tobytes() == before
    nk.h(state, 0)  # nothing is left leased


def test_an_executor_that_has_ended(rng):
    with ThreadPoolExecutor(1) as ended:
        pass
    with pytest.raises(RuntimeError):
        noisy(rng, 3).trajectories(nk.zero_state(3), Z(0), 20, [0.3], executor=ended)


@pytest.mark.parametrize("own", [False, True], ids=["default", "executor of the user"])
@pytest.mark.parametrize("n", [3, 19])
def test_ctrl_c(n, own, rng):
    """Answered soon, also within a run that takes long; the rest is not begun."""
    circuit = nk.Circuit(n)
    for _ in range(5 if n == 3 else 200):
        circuit.compose(long_circuit(n, 2)).apply_kraus(decay(0.1), 0)
    psi = oracle.random_state(rng, n)
    before, done, at_the_signal = psi.tobytes(), [0], []

    def value_of(state):
        done[0] += 1
        return 0

    def begun():
        at_the_signal[:] = done
        return n == 19 or done[0] > 0

    executor = ThreadPoolExecutor(2)
    with interrupted(begun):
        circuit.trajectories(
            psi, value_of, 10**6, rng=1, executor=executor if own else None, threads=1
        )
    assert psi.tobytes() == before
    assert done[0] < 10**6 if n == 3 else done == at_the_signal
    then = done[0]
    assert executor.submit(int).result(PATIENCE) == 0  # its threads are free again
    executor.shutdown()
    assert done[0] == then


def test_a_circuit_that_grows_meanwhile(rng):
    """The runs are those of the circuit as it was."""
    circuit, psi = nk.Circuit(1).apply_kraus(decay(0.0), 0), nk.zero_state(1)

    def value_of(state):
        circuit.x(0)
        return abs(state[1])

    assert circuit.trajectories(psi, value_of, 50) == (0, 0, 50)
    assert len(circuit) == 51
