"""The backend: what Qiskit transpiles for it, and what it returns."""

import numpy as np
import pytest

pytest.importorskip("qiskit")

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import library
from qiskit.exceptions import QiskitError
from qiskit.primitives import BackendEstimatorV2, BackendSamplerV2
from qiskit.quantum_info import Operator, Statevector, random_unitary
from qiskit.transpiler import generate_preset_pass_manager

from helpers_qiskit import WARNS, check, conditional, measured, near, sweep, turned
from numket.qiskit import Backend, Estimator, Sampler

pytestmark = WARNS


def mixed():
    circuit = QuantumCircuit(6)
    circuit.mcx([0, 1, 2, 3, 4], 5)
    circuit.append(library.DiagonalGate([1, -1, 1j, 1]), [0, 3])
    circuit.append(library.PermutationGate([1, 2, 0]), [0, 1, 5])
    circuit.mcp(0.3, [0, 1, 2], 3)
    circuit.pauli("XYZ", [0, 1, 2])
    circuit.unitary(random_unitary(8, seed=1), [0, 2, 3])
    circuit.rccx(0, 1, 2)
    circuit.append(library.QFTGate(3), [2, 3, 4])
    return circuit


@pytest.mark.parametrize("level", range(4))
def test_transpile(level):
    backend = Backend()
    circuit = transpile(mixed(), backend, optimization_level=level)
    assert {"mcx", "diagonal", "unitary", "mcphase"} <= circuit.count_ops().keys()
    assert Operator.from_circuit(circuit).equiv(mixed())
    check(circuit)
    passes = generate_preset_pass_manager(backend=backend, optimization_level=level)
    assert passes.run(conditional(lambda circuit: circuit.x(1, label="flip"))).num_qubits == 2


def test_control_flow_survives_transpile():
    backend = Backend()
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    circuit.measure(1, 1)
    circuit = transpile(circuit, backend)
    assert "if_else" in circuit.count_ops()
    counts = backend.run(circuit, shots=2000, seed_simulator=1).result().get_counts()
    near(counts, {"00": 0.5, "11": 0.5}, 2000)


def test_results(rng):
    circuit, values = sweep(rng)
    circuit.metadata = {"who": "me"}
    bound = [circuit.assign_parameters(value) for value in values[:, 0]]
    for place, one in enumerate(bound):
        one.name = f"number {place}"
    backend = Backend(seed_simulator=4)
    job = backend.run([*bound, QuantumCircuit(2)], shots=500, memory=True)
    assert (job.status().name, job.done(), job.backend()) == ("DONE", True, backend)
    result = job.result()
    assert (result.success, result.job_id, len(result.results)) == (True, job.job_id(), 4)
    for place, one in enumerate(bound):
        counts, memory = result.get_counts(place), result.get_memory(place)
        assert counts == result.get_counts(one)
        assert len(memory) == 500
        assert {text: memory.count(text) for text in memory} == counts
        joint = Statevector(one.remove_final_measurements(inplace=False)).probabilities_dict(
            [1, 0, 3, 2]
        )
        near(counts, {f"{t[0]}00000000{t[1]}0 {t[2:]}": p for t, p in joint.items()}, 500)
        assert result.results[place].shots == 500
    again = backend.run(bound, shots=500).result()
    assert [again.get_counts(i) for i in range(3)] == [result.get_counts(i) for i in range(3)]
    assert "memory" not in again.results[0].data.to_dict()


def test_registers_of_any_width():
    circuit = QuantumCircuit(2, 140)
    circuit.x(0)
    circuit.measure(0, 137)
    circuit.h(1)
    circuit.measure(1, 3)
    result = Backend().run(circuit, shots=50, memory=True).result()
    assert {int(text, 2) for text in result.get_counts()} == {1 << 137, 1 << 137 | 8}
    assert set(result.get_memory()) == set(result.get_counts())
    assert set(Sampler().run([circuit]).result()[0].data.c.get_int_counts()) == {
        1 << 137,
        1 << 137 | 8,
    }


def test_what_the_backend_refuses():
    with pytest.raises(QiskitError, match="parameters without a value, a"):
        Backend().run(turned())
    for shots in 0, 1.5, True:
        with pytest.raises(QiskitError, match="'shots' is"):
            Backend().run(measured(), shots=shots)
    with pytest.warns(UserWarning, match="no option 'noise_model'"):
        Backend().run(measured(), noise_model=3)
    with pytest.raises(AttributeError):
        Backend(colour="red")
    backend = Backend(shots=7)
    assert (backend.max_circuits, backend.num_qubits) == (None, None)
    assert backend.run(measured()).result().get_counts() == {"0": 7}


def test_primitives_of_the_host_on_the_backend(rng):
    circuit, values = sweep(rng)
    backend = Backend()
    shots = 3000
    sampler = BackendSamplerV2(backend=backend, options={"seed_simulator": 1})
    data = sampler.run([(circuit, values)], shots=shots).result()[0].data
    unmeasured = circuit.remove_final_measurements(inplace=False)
    for index in np.ndindex(values.shape[:-1]):
        state = Statevector(unmeasured.assign_parameters(values[index]))
        near(data.alpha.get_counts(index), state.probabilities_dict([1, 0]), shots)
    estimator = BackendEstimatorV2(backend=backend, options={"seed_simulator": 1})
    pub = (unmeasured, ["ZZIX", "XIII", "IYIY"], values[0, 0])
    precision = 0.02
    rough = estimator.run([pub], precision=precision).result()[0].data.evs
    assert abs(rough - Estimator().run([pub]).result()[0].data.evs).max() < 6 * precision
