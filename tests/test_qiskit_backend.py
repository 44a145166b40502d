"""The backend: what Qiskit transpiles for it, and what it returns."""

import numpy as np
import pytest

pytest.importorskip("qiskit")

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import library
from qiskit.exceptions import QiskitError
from qiskit.primitives import BackendEstimatorV2, BackendSamplerV2
from qiskit.quantum_info import Operator, Statevector, random_clifford, random_unitary
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


def test_initial_states(rng):
    """In Qiskit's order, also where qubits are reset that would be 0 without."""
    given = rng.normal(size=8) + 1j * rng.normal(size=8)
    given /= np.linalg.norm(given)
    before = given.copy()
    plain = QuantumCircuit(3)
    plain.ry(0.4, 1)
    plain.cx(1, 2)
    shots = 4000
    expected = Statevector(given).evolve(plain).probabilities_dict()
    plain.measure_all()
    for initial in given, Statevector(given), given.tolist():
        result = Backend(seed_simulator=3).run(plain, shots=shots, initial_statevector=initial)
        near(result.result().get_counts(), expected, shots)
    stored = Backend(seed_simulator=3, initial_statevector=given).run(plain, shots=shots)
    near(stored.result().get_counts(), expected, shots)
    assert np.array_equal(given, before)

    dropped = QuantumCircuit(3)
    dropped.reset(0)
    dropped.measure_all()
    left = {}
    for text, p in Statevector(given).probabilities_dict().items():
        left[text[:2] + "0"] = left.get(text[:2] + "0", 0) + p
    counts = Backend(seed_simulator=3).run(dropped, shots=shots, initial_statevector=given).result()
    near(counts.get_counts(), left, shots)


@pytest.mark.parametrize(
    ("initial", "message"),
    [
        ([1, 0, 0], r"shape \(3,\); the circuit has 2 qubits: use shape \(4,\)"),
        ([1, 0, 0, 1], "norm 1.414"),
        ([np.nan, 0, 0, 1], "norm nan"),
    ],
)
def test_refused_initial_states(initial, message):
    with pytest.raises(QiskitError, match=message):
        Backend().run(measured(2), initial_statevector=initial)


def wide(n):
    """Qubits in pairs that agree, of which only some are measured, into bits in another order."""
    circuit = QuantumCircuit(n, 4)
    for qubit in range(0, n, 2):
        circuit.h(qubit)
        circuit.cx(qubit, qubit + 1)
    circuit.x(n - 1)
    circuit.s(0)
    circuit.measure([0, 1, n - 2, n - 1], [3, 0, 1, 2])
    return circuit


def test_clifford_circuits_of_many_qubits():
    """By stabilizers where they are asked for, which agree with states where there is room."""
    shots = 2000
    expected = dict.fromkeys(["0100", "0010", "1101", "1011"], 0.25)
    backend = Backend(use_clifford_optimization=True, seed_simulator=1)
    for chosen, n in (Backend(seed_simulator=1), 6), (backend, 6), (backend, 80):
        near(chosen.run(wide(n), shots=shots).result().get_counts(), expected, shots)
    result = backend.run(wide(80), shots=20, memory=True).result()
    assert len(result.get_memory()) == 20
    assert backend.run(wide(80), shots=20).result().get_counts() == result.get_counts()
    other = wide(6)
    other.t(0)
    other.measure(0, 0)
    assert sum(backend.run(other, shots=20).result().get_counts().values()) == 20
    assert "counts" not in backend.run(QuantumCircuit(80)).result().data()


@pytest.mark.parametrize("seed", range(4))
def test_stabilizers_sample_what_states_do(seed):
    circuit = random_clifford(5, seed=seed).to_circuit()
    expected = Statevector(circuit).probabilities_dict()
    circuit.measure_all()
    backend = Backend(seed_simulator=seed, use_clifford_optimization=True)
    near(backend.run(circuit, shots=4000).result().get_counts(), expected, 4000)


@pytest.mark.parametrize(("n", "error"), [(62, MemoryError), (100, QiskitError)])
def test_what_has_no_room_is_refused_with_a_remedy(n, error):
    with pytest.raises(error, match="use_clifford_optimization=True"):
        Backend().run(wide(n))
