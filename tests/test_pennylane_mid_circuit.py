"""Measurements on the way, on numket.qubit."""

import numpy as np
import pennylane as qml
import pytest

from helpers_pennylane import close
from numket.pennylane import NumketQubit, device


def teleported(angle, measured):
    """A state from wire 0 to wire 2."""
    qml.RY(angle, 0)
    qml.Hadamard(1)
    qml.CNOT([1, 2])
    qml.CNOT([0, 1])
    qml.Hadamard(0)
    first, second = qml.measure(0), qml.measure(1, reset=True)
    qml.cond(second, qml.X)(2)
    qml.cond(first, qml.Z)(2)
    return measured(first, second)


METHODS = [("deferred", None), ("deferred", 20_000), ("one-shot", 20_000), (None, 20_000)]


@pytest.mark.parametrize(("method", "shots"), [*METHODS, ("device", 20_000)])
def test_measurements_on_the_way(method, shots):
    def measured(first, second):
        means = [qml.expval(qml.X(2)), qml.expval(qml.Z(2)), qml.expval(first), qml.var(second)]
        return *means, qml.probs(op=[first, second]), qml.probs([1]), qml.expval(first * second)

    @qml.qnode(qml.device("numket.qubit", wires=5, seed=3), mcm_method=method)
    def circuit(angle):
        return teleported(angle, measured)

    got = qml.set_shots(circuit, shots=shots)(0.6)
    expected = np.sin(0.6), np.cos(0.6), 0.5, 0.25, np.full(4, 0.25), np.array([1, 0]), 0.25
    close(tuple(map(np.asarray, got)), tuple(map(np.asarray, expected)), 0.04 if shots else 1e-12)


@pytest.mark.parametrize("method", ["one-shot", "tree-traversal"])
def test_conditions_counts_and_samples(method):
    """A condition on two bits, with an else, on gates that are no method of a circuit."""

    @qml.qnode(qml.device("numket.qubit", seed=9), mcm_method=method)
    def circuit():
        qml.RY(1.2, 0)
        qml.Hadamard("a")
        one, two = qml.measure(0), qml.measure("a")
        qml.cond(one + two == 1, qml.QubitUnitary)(np.array([[0, 1], [1, 0]]), 1)
        qml.cond(one & two, qml.adjoint(qml.S), qml.I)(1)
        qml.cond(~one, qml.adjoint(qml.Rot), qml.adjoint(qml.U3))(np.pi, 0.0, np.pi, wires=1)
        return qml.counts([one, two]), qml.sample(wires=1), qml.sample(one), qml.counts(wires=[1])

    pairs, wire, first, counts = qml.set_shots(circuit, shots=300)()
    # Rot(pi, 0, pi) is a phase and U3(pi, 0, pi) an X: wire 1 is flipped if one of both outcomes is
    # 1, and again if the first is. So it is the second.
    assert sum(pairs.values()) == sum(counts.values()) == 300
    assert sorted(pairs) == ["00", "01", "10", "11"]
    assert counts == {"0": pairs["00"] + pairs["10"], "1": pairs["01"] + pairs["11"]}
    assert np.sum(wire) == counts["1"]
    assert np.sum(first) == pairs["10"] + pairs["11"]


@pytest.mark.parametrize("shots", [1, 5, (3, 2)])
@pytest.mark.parametrize("kind", ["expval", "var", "probs", "sample", "counts"])
def test_one_measurement_on_the_way_and_nothing_else(kind, shots):
    def circuit():
        qml.X(0)
        outcome = qml.measure(0)
        return getattr(qml, kind)(op=outcome)

    found = [
        qml.set_shots(qml.QNode(circuit, qml.device(name), mcm_method="one-shot"), shots=shots)()
        for name in ("numket.qubit", "default.qubit")
    ]
    if kind == "counts":
        assert found[0] == found[1]
    else:
        close(*found)


def test_one_shot_of_a_sum():
    @qml.set_shots(1)
    @qml.qnode(NumketQubit(), mcm_method="one-shot")
    def circuit():
        qml.measure(0)
        return qml.expval(qml.Z(0) + 2 * qml.Z(1))

    assert circuit() == 3


def test_conditions_on_controlled_inverses():
    def circuit():
        qml.Hadamard(0)
        outcome = qml.measure(0)
        for gate in (qml.Rot(0.3, 2.5, 0.2, 1), qml.ISWAP([1, 2])):
            qml.cond(outcome, qml.ctrl)(qml.adjoint(gate, lazy=True), 3, control_values=[0])
        return qml.expval(qml.Z(1)), qml.expval(qml.Z(2))

    exact = qml.QNode(circuit, NumketQubit(wires=5), mcm_method="deferred")()
    shot = qml.QNode(circuit, NumketQubit(seed=2), mcm_method="one-shot")
    close(tuple(map(np.asarray, qml.set_shots(shot, shots=20_000)())), exact, 0.04)


@pytest.mark.parametrize("method", ["one-shot", "tree-traversal", "deferred"])
def test_outcomes_agree_shot_by_shot(method):
    @qml.qnode(qml.device("numket.qubit", seed=9), mcm_method=method)
    def circuit():
        qml.RY(1.2, 0)
        qml.Hadamard("a")
        one, two = qml.measure(0), qml.measure("a")
        qml.cond(one + two == 1, qml.QubitUnitary)(np.array([[0, 1], [1, 0]]), 1)
        qml.cond(one & two, qml.adjoint(qml.S))(1)
        qml.cond(one, qml.adjoint(qml.Rot))(0.1, 0.0, -0.1, 1)
        return qml.sample([one, two]), qml.sample(wires=1), qml.sample(one)

    pairs, wire, first = qml.set_shots(circuit, shots=300)()
    if method != "tree-traversal":  # whose samples come branch by branch
        assert np.array_equal(pairs[:, 0] ^ pairs[:, 1], np.ravel(wire))
        assert np.array_equal(np.ravel(first), pairs[:, 0])
    assert pairs.shape == (300, 2)
    assert 0 < np.mean(first) < 1


def test_one_shot_in_parts(monkeypatch):
    @qml.set_shots(50)
    @qml.qnode(qml.device("numket.qubit", seed=9), mcm_method="one-shot")
    def circuit():
        qml.Hadamard(0)
        outcome = qml.measure(0)
        qml.cond(outcome, qml.X)(1)
        return qml.sample(qml.Z(1)), qml.sample(outcome), qml.expval(qml.Z(1)), qml.counts(wires=1)

    whole = circuit()
    assert np.array_equal(np.ravel(whole[0]), 1 - 2 * np.ravel(whole[1]))
    monkeypatch.setattr(device, "BATCH_BYTES", 7 * 16 * 4)
    values, outcomes, _, counts = circuit()
    assert np.array_equal(np.ravel(values), 1 - 2 * np.ravel(outcomes))
    assert sum(counts.values()) == 50


def test_one_shot_with_a_shot_vector_a_batch_and_postselection():
    @qml.set_shots((30, 20))
    @qml.qnode(qml.device("numket.qubit", seed=9), mcm_method="one-shot")
    def circuit(angle):
        qml.RX(angle, 0)
        qml.measure(0, postselect=1)
        qml.CNOT([0, 1])
        return qml.expval(qml.Z(1)), qml.probs([0, 1])

    first, second = circuit(np.array([2.0, 3.0]))
    for values, probabilities in (first, second):
        assert np.array_equal(values, [-1, -1])
        assert np.array_equal(probabilities, [[0, 0, 0, 1]] * 2)


@pytest.mark.parametrize("interface", ["auto", "numpy"])
def test_postselection_of_an_exact_result(interface):
    def circuit(angle):
        qml.RX(angle, 0)
        qml.CNOT([0, 1])
        outcome = qml.measure(0, postselect=1)
        return qml.expval(qml.Z(1)), qml.probs([0, 1]), qml.expval(outcome)

    found = [
        qml.QNode(circuit, qml.device(name, wires=3), interface=interface)(0.3)
        for name in ("numket.qubit", "default.qubit")
    ]
    close(*found)
    impossible = qml.QNode(circuit, qml.device("numket.qubit", wires=3), interface=interface)(0.0)
    assert np.isnan(impossible[0])


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")  # of theirs
@pytest.mark.parametrize("angle", [1e-6, 1e-9, 0.0])
def test_what_rounding_leaves_is_impossible(angle):
    def circuit():
        qml.RX(np.pi - angle, 0)  # leaves an amplitude of 6e-17, where it is exactly pi
        qml.CNOT([0, 1])
        qml.measure(0, postselect=0)
        exact = [qml.expval(qml.Z(1)), qml.var(qml.X(0)), qml.probs([0, 1])]
        return *exact, qml.density_matrix(0), qml.purity(1)

    found, expected = (
        qml.QNode(circuit, qml.device(name, wires=3))()
        for name in ("numket.qubit", "default.qubit")
    )
    for one, other in zip(found, expected, strict=True):
        assert np.shape(one) == np.shape(other)
        assert np.isnan(one).all() == (angle < 1e-8)
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-8)


def kept(circuit, shots, **options):
    """A circuit whose postselected measurements are deferred, on a device with a seed."""
    dev = qml.device("numket.qubit", wires=5, seed=5)
    return qml.set_shots(qml.QNode(circuit, dev, mcm_method="deferred", **options), shots=shots)()


@pytest.mark.parametrize("mode", [None, "hw-like"])
def test_postselection_of_deferred_shots_discards_the_others(mode):
    def circuit():
        qml.RY(2 * np.pi / 3, 0)
        qml.measure(0, postselect=1)  # of 3/4
        qml.Hadamard(1)
        qml.measure(1, postselect=0)  # of 1/2
        bits = qml.sample(wires=[0, 1, 2])
        means = qml.expval(qml.Z(0)), qml.expval(qml.Z(0) + 2 * qml.X(2)), qml.probs([0, 1])
        return bits, *means, qml.counts(wires=0), qml.classical_shadow([2])

    both = kept(circuit, (8000, 4000), postselect_mode=mode)
    sizes = []
    for asked, (bits, mean, total, probabilities, counts, shadow) in zip(
        (8000, 4000), both, strict=True
    ):
        size = len(bits)
        sizes.append(size)
        assert abs(size - asked * 3 / 8) < 5 * np.sqrt(asked * 15 / 64)
        assert np.array_equal(bits, [[1, 0, 0]] * size)
        assert mean == -1
        assert abs(total + 1) < 2 * 5 / np.sqrt(size)
        assert np.array_equal(probabilities, [0, 0, 1, 0])
        assert counts == {"1": size}
        assert np.shape(shadow) == (2, size, 1)
    assert sizes[0] != 2 * sizes[1]


def test_postselection_of_deferred_shots_fills_them_where_it_is_told_to():
    def circuit():
        qml.Hadamard(0)
        qml.measure(0, postselect=1)
        return qml.sample(wires=0)

    filled = kept(circuit, 10, postselect_mode="fill-shots")
    assert np.array_equal(filled, np.ones((10, 1)))


@pytest.mark.parametrize("shots", [10, (10, 20)])
def test_postselection_that_leaves_no_shot(shots):
    def circuit():
        qml.RX(np.pi, 0)
        qml.measure(0, postselect=0)
        means = qml.expval(qml.Z(0)), qml.var(qml.X(0)), qml.expval(qml.Z(0) + qml.X(0))
        counts = qml.counts(wires=0), qml.counts(wires=[0, 1], all_outcomes=True)
        return *means, *counts, qml.probs([0, 1]), qml.sample(wires=[0, 1]), qml.sample(qml.Z(0))

    result = kept(circuit, shots)
    for part in result if isinstance(shots, tuple) else [result]:
        *means, counts, every, probabilities, bits, values = part
        assert np.isnan(means).all()
        assert (counts, every) == ({}, dict.fromkeys(["00", "01", "10", "11"], 0))
        assert np.array_equal(probabilities, np.full(4, np.nan), equal_nan=True)
        assert (np.shape(bits), np.shape(values)) == ((0, 2), (0,))
    with pytest.raises(RuntimeError, match="no shots to fill"):
        kept(circuit, shots, postselect_mode="fill-shots")
