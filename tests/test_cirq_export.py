"""Circuits of numket as circuits of Cirq: the same matrix, and the same circuit back."""

import cirq
import numpy as np
import pytest

import numket as nk
from helpers_export import unitary_circuits
from numket.cirq import Simulator, from_cirq, to_cirq

QUBITS = cirq.LineQubit.range(5)


@pytest.mark.parametrize("name", unitary_circuits(np.random.default_rng(1)))
def test_the_same_matrix(name):
    circuit = unitary_circuits(np.random.default_rng(1))[name]
    made = circuit.to_cirq()
    got = made.unitary(QUBITS)
    np.testing.assert_allclose(got, circuit.to_matrix(), atol=1e-7)
    back = from_cirq(made, QUBITS).to_matrix()
    np.testing.assert_allclose(back, circuit.to_matrix(), atol=1e-7)


def test_gates_keep_their_kind():
    circuit = nk.Circuit(3).h(0).cx(0, 1).swap(0, 2)
    a, b, c = QUBITS[:3]
    assert to_cirq(circuit) == cirq.Circuit(cirq.H(a), cirq.CX(a, b), cirq.SWAP(a, c))
    assert to_cirq(nk.Circuit(1).s(0)) == cirq.Circuit(cirq.S(QUBITS[0]))


def test_parameters():
    a, b = nk.Parameter("a"), nk.Parameter("b")
    circuit = nk.Circuit(2).rx(2 * a - b / 3 + 1, 0).p(b, 1, controls=[0]).gphase(a, controls=[1])
    circuit.pauli_rotation(a, "XY").cu(a, b, 0.1, b, 0, 1).gphase(b)
    values = {"a": 0.4, "b": -0.9}
    made = cirq.resolve_parameters(circuit.to_cirq(), values)
    np.testing.assert_allclose(made.unitary(QUBITS[:2]), circuit.to_matrix(values), atol=1e-7)


def test_measurements_and_conditions():
    circuit = nk.Circuit(3, num_bits=3).x(0).measure([0, 1], [2, 0]).reset(0)
    circuit.x(1, condition={2: 1, 0: 0}).z(2, condition=2).measure([1, 0], [1, 4])
    result = Simulator().run(circuit.to_cirq(), repetitions=3)
    shots = {key: values.ravel().tolist() for key, values in result.measurements.items()}
    assert shots == {"c2": [1] * 3, "c0": [0] * 3, "c1": [1] * 3, "c4": [0] * 3}
    noisy = nk.Circuit(1).measure(0, readout_error=(1, 0)).to_cirq()
    assert cirq.Simulator().run(noisy).measurements["c0"].tolist() == [[1]]


def test_channels():
    circuit = nk.Circuit(2).h(0).apply_kraus(nk.channels.amplitude_damping(0.3), 0).cx(0, 1)
    got = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(circuit.to_cirq())
    rho = nk.density.zero_density(2)
    nk.density.run(rho, circuit)
    np.testing.assert_allclose(got.final_density_matrix, rho, atol=1e-7)


@pytest.mark.parametrize(
    ("circuit", "words"),
    [
        (nk.Circuit(1).h(0).apply([[1, 1], [0, 1]], 0), "operation 1: Not a unitary"),
        (nk.Circuit(1).apply_diagonal([1, 2], 0), "operation 0: Not a unitary"),
        (nk.Circuit(11).apply_permutation(range(2048), range(11)), "on 11 qubits"),
    ],
)
def test_what_cirq_does_not_have(circuit, words):
    with pytest.raises(ValueError, match=words):
        circuit.to_cirq()
