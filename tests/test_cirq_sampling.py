"""Outcomes and expectation values of Cirq's circuits on numket, against Cirq's own simulators."""

import cirq
import numpy as np
import pytest
import sympy

from helpers_cirq import A, B, C, D, near
from numket.cirq import Simulator
from numket.cirq.simulator import CHOICE_QUBITS


def test_circuits_of_many_qubits_that_are_not_entangled():
    qubits = cirq.LineQubit.range(60)
    circuit = cirq.Circuit(cirq.X.on_each(*qubits[::2]), cirq.ry(0.3).on_each(*qubits[1::2]))
    circuit.append(cirq.SWAP(*pair) for pair in zip(qubits[:30], qubits[30:], strict=True))
    circuit.append(cirq.measure(*qubits, key="all"))
    ours, theirs = (
        make(seed=1).run(circuit, repetitions=200) for make in (Simulator, cirq.Simulator)
    )
    bits, expected = ours.measurements["all"], theirs.measurements["all"]
    assert bits.shape == (200, 60)
    assert np.array_equal(bits.all(axis=0), expected.all(axis=0))  # where an X was
    assert abs(bits.mean() - expected.mean()) < 0.02


def histogram(result, key):
    shape = result.records[key].shape
    rows = result.records[key].reshape(shape[0], -1)
    return np.bincount(rows @ (1 << np.arange(rows.shape[1])[::-1]), minlength=2 ** rows.shape[1])


def agree(ours, theirs):
    """Two histograms of as many shots are draws from one distribution, but for one in a million."""
    every = ours + theirs
    seen = every > 0
    squares = np.sum((ours - theirs)[seen] ** 2 / every[seen])
    freedom = max(1, seen.sum() - 1)
    assert squares < freedom + 7 * np.sqrt(2 * freedom) + 20


CONFUSED = {(0,): np.array([[0.8, 0.2], [0.1, 0.9]])}
MEASURED = {
    "terminal": [cirq.H(A), cirq.CX(A, B), cirq.measure(A, B, key="m")],
    "inverted": [cirq.ry(1.0)(A), cirq.CX(A, B), cirq.measure(B, A, key="m", invert_mask=[True])],
    "confused": [cirq.ry(1.0)(A), cirq.measure(A, B, key="m", confusion_map=CONFUSED)],
    "confused on the way": [
        cirq.ry(1.0)(A),
        cirq.measure(A, key="m", confusion_map=CONFUSED),
        cirq.X(A),
    ],
    "repeated key": [cirq.H(A), cirq.measure(A, key="m"), cirq.H(A), cirq.measure(A, key="m")],
    "on the way": [cirq.H(A), cirq.measure(A, key="k"), cirq.H(A), cirq.measure(A, key="m")],
    "controlled": [
        cirq.ry(1.0)(A),
        cirq.measure(A, key="k"),
        cirq.X(B).with_classical_controls("k"),
        cirq.ry(0.4)(B).with_classical_controls(sympy.Eq(sympy.Symbol("k"), 0)),
        cirq.measure(A, B, key="m"),
    ],
    "reset": [cirq.H(A), cirq.CX(A, B), cirq.reset(A), cirq.H(A), cirq.measure(A, B, key="m")],
    "kraus": [
        cirq.H(A),
        cirq.KrausChannel(cirq.kraus(cirq.amplitude_damp(0.4)), key="k")(A),
        cirq.phase_damp(0.3)(A),
        cirq.H(A),
        cirq.measure(A, key="m"),
    ],
    "mixed unitary": [
        cirq.H(A),
        cirq.MixedUnitaryChannel([(0.3, cirq.unitary(cirq.Z)), (0.7, np.eye(2))], key="k")(A),
        cirq.H(A),
        cirq.measure(A, key="m"),
    ],
    "mixture on two": [
        cirq.H(A),
        cirq.CX(A, B),
        cirq.depolarize(0.2, n_qubits=2)(A, B),
        cirq.measure(A, B, key="m"),
    ],
    "pauli": [
        cirq.H(A),
        cirq.T(A),
        cirq.measure_single_paulistring(cirq.X(A) * cirq.Z(B), key="m"),
    ],
    "until": [
        cirq.CircuitOperation(
            cirq.FrozenCircuit(cirq.H(A), cirq.measure(A, key="k")),
            use_repetition_ids=False,
            repeat_until=cirq.KeyCondition(cirq.MeasurementKey("k")),
        ),
        cirq.CX(A, B),
        cirq.measure(A, B, key="m"),
    ],
    "repeated": [
        cirq.CircuitOperation(
            cirq.FrozenCircuit(cirq.ry(0.5)(A), cirq.measure(A, key="m")),
            use_repetition_ids=False,
            repetitions=3,
        ),
    ],
    "random gate": [cirq.X(A).with_probability(0.3), cirq.H(B), cirq.measure(A, B, key="m")],
    "qutrit beside": [
        cirq.H(A),
        cirq.MatrixGate(np.roll(np.eye(3), 1, axis=0), qid_shape=(3,))(cirq.LineQid(9, 3)),
        cirq.ControlledGate(cirq.X, control_values=[1], control_qid_shape=[3])(
            cirq.LineQid(9, 3), B
        ),
        cirq.CX(A, B),
        cirq.measure(A, B, key="m"),
    ],
}


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("operations", MEASURED.values(), ids=MEASURED)
def test_histograms_are_those_of_cirq(operations, split):
    circuit = cirq.Circuit(operations)
    options = {"split_untangled_states": split, "seed": 11}
    ours, theirs = (
        make(**options).run(circuit, repetitions=150) for make in (Simulator, cirq.Simulator)
    )
    assert ours.records.keys() == theirs.records.keys()
    assert ours.records["m"].dtype == theirs.records["m"].dtype
    assert ours.records["m"].shape == theirs.records["m"].shape
    agree(histogram(ours, "m"), histogram(theirs, "m"))


@pytest.mark.parametrize(
    "noise",
    [
        cirq.ConstantQubitNoiseModel(cirq.depolarize(0.1)),
        cirq.ConstantQubitNoiseModel(cirq.amplitude_damp(0.2)),
        cirq.ConstantQubitNoiseModel(cirq.X**0.1),
        cirq.bit_flip(0.1),
    ],
    ids=str,
)
def test_noise(noise):
    circuit = cirq.Circuit(cirq.H(A), cirq.CX(A, B), cirq.CX(B, C) ** 0.5, cirq.measure(A, B, C))
    ours, theirs = (
        make(noise=noise, seed=2).run(circuit, repetitions=150)
        for make in (Simulator, cirq.Simulator)
    )
    (key,) = ours.records
    agree(histogram(ours, key), histogram(theirs, key))


def test_noise_on_the_average_is_the_density_matrix():
    circuit = cirq.Circuit(cirq.H(A), cirq.amplitude_damp(0.3)(A), cirq.CX(A, B), cirq.H(A))
    expected = cirq.DensityMatrixSimulator().simulate(circuit).final_density_matrix
    simulator = Simulator(seed=5, dtype=np.complex128)
    finals = np.array([simulator.simulate(circuit).final_state_vector for _ in range(600)])
    mean = np.einsum("ki,kj->ij", finals, finals.conj()) / len(finals)
    assert abs(mean - expected).max() < 5 / np.sqrt(len(finals))


def test_more_qubits_than_are_listed():
    """Outcomes that are drawn without a list of their probabilities."""
    n = CHOICE_QUBITS + 2
    qubits = cirq.LineQubit.range(n)
    ghz = [cirq.ry(1.0)(A), *(cirq.CX(A, q) for q in qubits[1:]), cirq.measure(*qubits, key="m")]
    for operations in ghz, [*ghz, cirq.X(A)]:
        bits = Simulator(seed=3).run(cirq.Circuit(operations), repetitions=40).measurements["m"]
        assert bits.shape == (40, n)
        assert set(bits.sum(axis=1)) == {0, n}
        again = Simulator(seed=3).run(cirq.Circuit(operations), repetitions=40).measurements["m"]
        assert np.array_equal(bits, again)


@pytest.mark.parametrize("split", [True, False])
def test_sweeps(split):
    t, u = sympy.symbols("t u")
    circuit = cirq.Circuit(
        cirq.H(A), cirq.CX(A, B) ** t, cirq.rz(sympy.sin(u))(B), cirq.FSimGate(t, u)(A, B)
    )
    points = cirq.Points("t", [0.1, 0.7]) * cirq.Linspace("u", 0, 1, 3)
    options = {"dtype": np.complex128, "split_untangled_states": split}
    ours = Simulator(**options).simulate_sweep(circuit, points)
    theirs = cirq.Simulator(**options).simulate_sweep(circuit, points)
    assert len(ours) == len(theirs) == 6
    for result, expected in zip(ours, theirs, strict=True):
        assert result.params == expected.params
        near(result.final_state_vector, expected.final_state_vector, np.complex128, 10)
    runs = Simulator(seed=1).run_sweep(circuit + cirq.measure(A, B, key="m"), points, 300)
    hosts = cirq.Simulator(seed=1).run_sweep(circuit + cirq.measure(A, B, key="m"), points, 300)
    for run, host in zip(runs, hosts, strict=True):
        agree(histogram(run, "m"), histogram(host, "m"))
    with pytest.raises(ValueError, match="not specified"):
        Simulator().simulate(circuit, {"t": 1})


def test_expectation_values(rng):
    circuit = cirq.testing.random_circuit([A, B, C, D], 8, 0.9, random_state=2)
    observables = [
        cirq.X(A) * cirq.Y(B),
        0.5 * cirq.Z(A) * cirq.Z(D) - 2 * cirq.X(C) + 3,
        cirq.Z(A),
        cirq.PauliSum(),
    ]
    order = [C, A, D, B]
    ours, theirs = (
        make(dtype=np.complex128).simulate_expectation_values(
            circuit, observables, qubit_order=order, initial_state=3
        )
        for make in (Simulator, cirq.Simulator)
    )
    assert np.allclose(ours, theirs, rtol=0, atol=1e-12)
    assert all(type(value) is float for value in ours)
    with pytest.raises(NotImplementedError, match="non-Hermitian"):
        Simulator().simulate_expectation_values(circuit, 1j * cirq.X(A))
    with pytest.raises(ValueError, match="terminal measurements"):
        Simulator().simulate_expectation_values(circuit + cirq.measure(A), cirq.X(A))
    exact = Simulator().simulate_expectation_values(circuit, observables[:3])
    sampled = Simulator(seed=1).sample_expectation_values(
        circuit, observables[:3], num_samples=2000
    )
    assert np.allclose(sampled, [exact], atol=0.25)


def test_expectation_values_of_what_is_no_normalized_state_of_qubits():
    """Cirq refuses them, or reads them."""
    bell = cirq.Circuit(cirq.H(A), cirq.CX(A, B))
    qudit = cirq.Circuit(cirq.X(A), cirq.IdentityGate(1, (3,))(cirq.LineQid(5, 3)))
    with pytest.warns(UserWarning, match="too far from 1"), pytest.raises(ValueError, match="norm"):
        Simulator().simulate_expectation_values(
            bell, cirq.X(A), initial_state=np.array([2, 0, 0, 0], np.complex64)
        )
    with pytest.raises(ValueError, match="incorrect size"):
        Simulator().simulate_expectation_values(qudit, cirq.Z(A))
    (value,) = Simulator(dtype=np.clongdouble).simulate_expectation_values(
        bell, cirq.X(A) * cirq.X(B)
    )
    assert abs(value - 1) < 1e-12


def test_amplitudes():
    circuit = cirq.Circuit(cirq.H(A), cirq.CX(A, B), cirq.T(B))
    assert np.allclose(
        Simulator().compute_amplitudes(circuit, [0b00, 0b11, 0b01]),
        cirq.Simulator().compute_amplitudes(circuit, [0b00, 0b11, 0b01]),
    )
