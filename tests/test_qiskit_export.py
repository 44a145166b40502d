"""Circuits of numket as circuits of Qiskit: the same matrix, and the same circuit back."""

import numpy as np
import pytest

import numket as nk
from helpers_export import unitary_circuits

pytest.importorskip("qiskit")
from qiskit.quantum_info import Operator

from numket.qiskit import Sampler, from_qiskit, to_qiskit

# Qiskit's own matrix of a PauliEvolutionGate has SciPy warn.
pytestmark = pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")


@pytest.mark.parametrize("name", unitary_circuits(np.random.default_rng(1)))
def test_the_same_matrix(name):
    circuit = unitary_circuits(np.random.default_rng(1))[name]
    made = circuit.to_qiskit()
    got = Operator(made.reverse_bits()).data  # whose first qubit is the most significant bit
    np.testing.assert_allclose(got, circuit.to_matrix(), atol=1e-9)
    back = from_qiskit(made).to_matrix()
    np.testing.assert_allclose(back, circuit.to_matrix(), atol=1e-9)


def test_gates_keep_their_names():
    circuit = nk.Circuit(3).h(0).cx(0, 1).ccx(0, 1, 2).rzz(0.5, 1, 2).u(0.1, 0.2, 0.3, 0).ecr(0, 1)
    assert list(to_qiskit(circuit).count_ops()) == ["h", "cx", "ccx", "rzz", "u", "ecr"]
    assert from_qiskit(to_qiskit(circuit)) == circuit


def test_parameters():
    a, b = nk.Parameter("a"), nk.Parameter("b")
    circuit = nk.Circuit(2).rx(2 * a - b / 3 + 1, 0).p(b, 1, controls=[0]).gphase(a)
    circuit.pauli_rotation(a, "XY")
    made = circuit.to_qiskit()
    assert {parameter.name for parameter in made.parameters} == {"a", "b"}
    bound = made.assign_parameters({"a": 0.4, "b": -0.9})
    got = Operator(bound.reverse_bits()).data
    np.testing.assert_allclose(got, circuit.to_matrix({"a": 0.4, "b": -0.9}), atol=1e-12)


def test_measurements_and_conditions():
    circuit = nk.Circuit(3, num_bits=4).x(0).measure([0, 1], [2, 0]).reset(0)
    circuit.x(1, condition={2: 1, 0: 0}).z(2, condition=2).gphase(0.5, condition=0)
    circuit.measure(1, 1)
    made = circuit.to_qiskit()
    assert (made.num_qubits, made.num_clbits) == (3, 4)
    psi = nk.zero_state(3)
    assert from_qiskit(made).run(psi, rng=1).tolist() == [0, 1, 1]
    assert abs(psi[2]) == 1
    counts = Sampler().run([made], shots=5).result()[0].data
    assert counts  # it runs


def test_channels():
    circuit = nk.Circuit(2).h(0).apply_kraus(nk.channels.amplitude_damping(0.3), 0).cx(0, 1)
    instruction = circuit.to_qiskit().data[1]
    assert instruction.operation.name == "kraus"
    got = np.array(instruction.operation.params)
    np.testing.assert_allclose(np.abs(got), np.abs(circuit[1].params[0]), atol=1e-12)


@pytest.mark.parametrize(
    ("circuit", "words"),
    [
        (nk.Circuit(1).h(0).apply([[1, 1], [0, 1]], 0), "operation 1: the matrix is not unitary"),
        (nk.Circuit(1).apply_diagonal([1, 2], 0), "operation 0: the diagonal is not unitary"),
        (nk.Circuit(1).measure(0, readout_error=(0.1, 0.2)), "readout error"),
        (nk.Circuit(11).apply_permutation(range(2048), range(11)), "on 11 qubits"),
    ],
)
def test_what_qiskit_does_not_have(circuit, words):
    with pytest.raises(ValueError, match=words):
        circuit.to_qiskit()
