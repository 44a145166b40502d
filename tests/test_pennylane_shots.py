"""Results from shots on numket.qubit."""

import numpy as np
import pennylane as qml
import pytest
from pennylane.tape import QuantumScript

from helpers_pennylane import both, close, run
from numket.pennylane import NumketQubit


def tilted(*measured, shots, batch=None):
    angle = 0.7 if batch is None else np.linspace(0.2, 2, batch)
    operations = [qml.RX(angle, 0), qml.CRY(1.1, [0, 1]), qml.CNOT([1, 2]), qml.RX(0.4, 2)]
    return QuantumScript(operations, list(measured), shots=shots)


MEASURED = [
    lambda: qml.expval(qml.X(0) @ qml.Y(1)),
    lambda: qml.expval(qml.Hermitian(np.array([[1, 1j], [-1j, 2]]), 1)),
    lambda: qml.expval(qml.Hamiltonian([1, -2, 0.5], [qml.X(0), qml.Z(0) @ qml.Z(2), qml.Y(1)])),
    lambda: qml.expval(qml.sum(qml.Hadamard(0), qml.prod(qml.X(1), qml.Hermitian(np.eye(2), 2)))),
    lambda: qml.var(qml.Z(2)),
    lambda: qml.var(qml.Projector([1, 0], [0, 2])),
    lambda: qml.probs([2, 0]),
    lambda: qml.probs(op=qml.Hadamard(1)),
    lambda: qml.sample(wires=[1, 0]),
    lambda: qml.sample(),
    lambda: qml.sample(qml.X(2)),
    lambda: qml.expval(qml.I(0)),
]


@pytest.mark.parametrize("shots", [1, 7, (5, 5, 3), ((4, 2), 1)])
@pytest.mark.parametrize("batch", [None, 3])
def test_results_from_shots_have_the_shapes_of_pennylane(shots, batch):
    def same(got, expected):
        assert isinstance(got, tuple) == isinstance(expected, tuple)
        if isinstance(expected, tuple):
            assert len(got) == len(expected)
            for pair in zip(got, expected, strict=True):
                same(*pair)
        else:
            assert np.shape(got) == np.shape(expected)

    single = [tilted(make(), shots=shots, batch=batch) for make in MEASURED]
    together = tilted(*(make() for make in MEASURED), shots=shots, batch=batch)
    for tape in [*single, together]:
        same(*both(tape))


@pytest.mark.parametrize("make", MEASURED[:8])
@pytest.mark.parametrize("batch", [None, 2])
def test_many_shots_come_near_the_exact_result(make, batch):
    """Five standard errors, at most; no value is larger than 4."""
    shots = 200_000
    got = run(NumketQubit(seed=11), tilted(make(), shots=shots, batch=batch))
    expected = run(NumketQubit(), tilted(make(), shots=None, batch=batch))
    close(got, expected, 5 * 4 * 4 / np.sqrt(shots))


def test_what_is_measured_together_is_from_the_same_shots():
    bits, left, counts, mean = run(
        NumketQubit(seed=5),
        tilted(qml.sample(), qml.sample(wires=1), qml.counts(wires=[0]), qml.probs([2]), shots=99),
    )
    assert np.array_equal(np.ravel(left), bits[:, 1])
    assert counts == {str(v): int(np.sum(bits[:, 0] == v)) for v in set(bits[:, 0])}
    assert mean[1] == bits[:, 2].mean()
    first, second, product = run(
        NumketQubit(seed=5),
        tilted(
            *(qml.sample(qml.X(0)), qml.sample(qml.Y(1)), qml.sample(qml.X(0) @ qml.Y(1))),
            shots=99,
        ),
    )
    assert np.array_equal(first * second, product)


WHOLE = [  # observables that are measured as they are: no terms are split off
    lambda: qml.I(0),
    lambda: qml.X(0) + 2 * qml.Z(1),
    lambda: qml.Hamiltonian([0.5, -1], [qml.X(0) @ qml.Y(1), qml.Z(2)]),
    lambda: qml.Hamiltonian([2.0], [qml.I(1)]),
    lambda: qml.Hadamard(0) + qml.X(0),
    lambda: qml.Projector([1], 1) + qml.X(0),
    lambda: 0 * qml.X(0),
    lambda: qml.X(0) - qml.X(0),
]


@pytest.mark.parametrize("make", WHOLE)
@pytest.mark.parametrize("batch", [None, 2])
def test_sums_and_identities_from_shots(make, batch):
    shots = 100_000
    measurements = [qml.var(make())]
    if not isinstance(make(), qml.ops.LinearCombination):  # which PennyLane refuses
        measurements.append(qml.probs(op=make()))
    for measured in measurements:
        exact = run(NumketQubit(), tilted(measured, shots=None, batch=batch))
        close(run(NumketQubit(seed=4), tilted(measured, shots=shots, batch=batch)), exact, 0.1)
    every = (qml.sample(make()), qml.counts(make()), qml.var(qml.Z(2)), qml.expval(make()))
    values, counts, *_ = run(NumketQubit(seed=4), tilted(*every, shots=50, batch=batch))
    assert np.shape(values) == ((50,) if batch is None else (batch, 50))
    for one in [counts] if batch is None else counts:
        assert sum(one.values()) == 50
    assert set(np.round(values, 9).flat) <= set(np.round(np.real(make().eigvals()), 9))


def test_a_batch_of_one_keeps_its_axis_with_shots():
    for obs in (qml.X(0), qml.X(0) + qml.Z(1)):
        assert run(NumketQubit(), tilted(qml.expval(obs), shots=9, batch=1)).shape == (1,)


def test_counts_of_all_outcomes():
    tape = tilted(qml.counts(wires=[0, 1], all_outcomes=True), qml.counts(qml.Z(0)), shots=50)
    bits, values = run(NumketQubit(seed=2), tape)
    assert set(bits) == {"00", "01", "10", "11"}
    assert sum(bits.values()) == sum(values.values()) == 50
    assert set(values) <= {-1.0, 1.0}


def test_seeds():
    tape = tilted(qml.sample(), shots=200)

    def twice(seed):
        dev = NumketQubit(seed=seed)
        return run(dev, tape), run(dev, tape)

    first, second = twice(4)
    assert not np.array_equal(first, second)
    assert np.array_equal(twice(4), (first, second))
    assert np.array_equal(twice(np.random.default_rng(4)), (first, second))
    assert not np.array_equal(twice(5)[0], first)
    np.random.seed(8)  # noqa: NPY002
    one = twice("global")
    np.random.seed(8)  # noqa: NPY002
    assert np.array_equal(twice("global"), one)


def test_shadows():
    tape = tilted(qml.classical_shadow([0, 1], seed=3), shots=40)
    bits, recipes = run(NumketQubit(seed=1), tape)
    assert bits.shape == recipes.shape == (40, 2)
    tape = tilted(qml.shadow_expval(qml.Z(0), seed=3), shots=20_000)
    assert abs(run(NumketQubit(seed=1), tape) - np.cos(0.7)) < 0.1
    batch = tilted(qml.shadow_expval(qml.Z(0), seed=3), shots=200, batch=3)
    assert run(NumketQubit(seed=1), batch).shape == (3,)


def test_shots_of_the_device_and_of_a_qnode():
    with pytest.warns(qml.exceptions.PennyLaneDeprecationWarning):
        dev = NumketQubit(2, shots=17)
    assert dev.shots.total_shots == 17

    @qml.qnode(dev)
    def circuit():
        qml.Hadamard(0)
        return qml.sample(wires=0)

    assert circuit().shape == (17, 1)
    assert qml.set_shots(circuit, shots=5)().shape == (5, 1)
