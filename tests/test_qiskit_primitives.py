"""The sampler and the estimator, against Qiskit's own."""

import numpy as np
import pytest

import numket as nk

pytest.importorskip("qiskit")

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter, library
from qiskit.exceptions import QiskitError
from qiskit.primitives import StatevectorEstimator, StatevectorSampler
from qiskit.quantum_info import DensityMatrix, Operator, Pauli, SparsePauliOp, Statevector

from helpers_qiskit import WARNS, A, B, measured, near, sweep
from numket.qiskit import Backend, Estimator, Sampler, from_qiskit, primitives, sampling

pytestmark = WARNS

# Samples


def test_samples_are_those_of_the_host(rng):
    circuit, values = sweep(rng)
    shots = 4000
    host = StatevectorSampler(seed=5).run([(circuit, values, shots)]).result()[0]
    result = Sampler(seed=5).run([(circuit, values, shots)]).result()
    assert result.metadata == {"version": 2}
    ours = result[0]
    assert ours.metadata == host.metadata
    assert list(ours.data) == list(host.data) == ["alpha", "beta"]
    for name in "alpha", "beta":
        got, expected = ours.data[name], host.data[name]
        assert (got.shape, got.num_bits, got.num_shots) == (
            expected.shape,
            expected.num_bits,
            expected.num_shots,
        )
        assert (got.array.shape, got.array.dtype) == (expected.array.shape, expected.array.dtype)
    unmeasured = circuit.remove_final_measurements(inplace=False)
    for index in np.ndindex(values.shape[:-1]):
        state = Statevector(unmeasured.assign_parameters(values[index]))
        joint = state.probabilities_dict([1, 0, 3, 2])
        alpha, beta = {}, {}
        for text, p in joint.items():
            alpha[text[2:]] = alpha.get(text[2:], 0) + p
            word = f"{text[0]}00000000{text[1]}0"
            beta[word] = beta.get(word, 0) + p
        near(ours.data.alpha.get_counts(index), alpha, shots)
        near(ours.data.beta.get_counts(index), beta, shots)
        near(
            ours.join_data(["alpha", "beta"]).get_counts(index),
            {f"{text[0]}00000000{text[1]}0{text[2:]}": p for text, p in joint.items()},
            shots,
        )


def test_batches_and_single_states_draw_from_the_same_distribution(rng, monkeypatch):
    circuit, values = sweep(rng)
    several = Sampler(seed=2).run([(circuit, values)]).result()[0].data.alpha
    monkeypatch.setattr(sampling, "LOG_BATCH", 0)
    single = Sampler(seed=2).run([(circuit, values)]).result()[0].data.alpha
    for index in np.ndindex(values.shape[:-1]):
        first, second = several.get_counts(index), single.get_counts(index)
        probabilities = {k: (first.get(k, 0) + second.get(k, 0)) / 2048 for k in {*first, *second}}
        near(first, probabilities, 1024)


def test_the_same_seed_draws_the_same(rng):
    circuit, values = sweep(rng)
    data = [
        Sampler(seed=seed).run([(circuit, values)]).result()[0].data.alpha.array
        for seed in (7, 7, 8, np.random.default_rng(7))
    ]
    assert np.array_equal(data[0], data[1])
    assert not np.array_equal(data[0], data[2])
    assert not np.array_equal(data[0], data[3])


@pytest.mark.parametrize("sampler", [StatevectorSampler, Sampler])
def test_an_int_gives_each_pub_and_value_the_same_numbers_and_a_generator_does_not(sampler, rng):
    circuit, values = sweep(rng)
    alike = np.broadcast_to(values.reshape(-1, values.shape[-1])[0], (3, values.shape[-1]))
    for seed, same in ((7, True), (np.int64(7), True), (np.random.default_rng(7), False)):
        results = sampler(seed=seed).run([(circuit, alike), (circuit, alike)]).result()
        arrays = [array for result in results for array in result.data.alpha.array]
        assert len(arrays) == 6
        assert all(np.array_equal(arrays[0], array) == same for array in arrays[1:])


def test_measurements_on_the_way_draw_the_same_for_each_value_too():
    circuit = QuantumCircuit(1, 2)
    angle = Parameter("angle")
    circuit.ry(angle, 0)
    circuit.measure(0, 0)
    circuit.h(0)
    circuit.measure(0, 1)
    pub = (circuit, np.full((3, 1), 0.9), 500)
    result = Sampler(seed=7).run([pub]).result()[0].data.c.array
    assert all(np.array_equal(result[0], array) for array in result[1:])
    result = Sampler(seed=np.random.default_rng(7)).run([pub]).result()[0].data.c.array
    assert not np.array_equal(result[0], result[1])


def test_differences_of_nearby_values_have_less_noise():
    circuit = QuantumCircuit(1)
    angle = Parameter("angle")
    circuit.ry(angle, 0)
    circuit.measure_all()
    values = np.array([[0.9], [0.95]])

    def difference(seed):
        counts = Sampler(seed=seed).run([(circuit, values, 400)]).result()[0].data.meas
        return (counts.get_counts(1).get("1", 0) - counts.get_counts(0).get("1", 0)) / 400

    alike = np.std([difference(seed) for seed in range(60)])
    apart = np.std([difference(np.random.default_rng(seed)) for seed in range(60)])
    assert alike < 0.6 * apart


def test_shots_come_from_the_pub_then_the_call_then_the_sampler():
    sampler = Sampler(default_shots=3)
    results = sampler.run([(measured(), None, 5), measured()], shots=4).result()
    assert [result.data.meas.num_shots for result in results] == [5, 4]
    assert sampler.run([measured()]).result()[0].data.meas.num_shots == 3
    assert (sampler.default_shots, sampler.seed) == (3, None)


def test_circuits_without_measurements():
    circuit = QuantumCircuit(2, 3)
    circuit.x(0)
    for sampler in StatevectorSampler(), Sampler():
        data = sampler.run([circuit], shots=5).result()[0].data
        assert data.c.get_counts() == {"000": 5}
    with pytest.warns(UserWarning, match="no classical register"):
        result = Sampler().run([QuantumCircuit(1)]).result()[0]
    assert len(result.data) == 0


def test_teleportation():
    """A state on qubit 0 comes to qubit 2, whatever is measured on the way."""
    bits, out = ClassicalRegister(2, "bits"), ClassicalRegister(1, "out")
    circuit = QuantumCircuit(QuantumRegister(3), bits, out)
    circuit.ry(A, 0)
    circuit.h(1)
    circuit.cx(1, 2)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure([0, 1], bits)
    with circuit.if_test((bits[1], 1)):
        circuit.x(2)
    with circuit.if_test((bits[0], 1)):
        circuit.z(2)
    circuit.measure(2, out)
    shots, angles = 3000, [0.4, 2.0]
    data = Sampler(seed=3).run([(circuit, np.reshape(angles, (2, 1)), shots)]).result()[0].data
    for place, angle in enumerate(angles):
        p = np.sin(angle / 2) ** 2
        near(data.out.get_counts(place), {"0": 1 - p, "1": p}, shots)
        near(data.bits.get_counts(place), dict.fromkeys(("00", "01", "10", "11"), 0.25), shots)


def random_steps(rng, n, deferred):
    """Gates, measurements, resets and conditions: the second time with a fresh qubit for each
    outcome and each reset, so that all measurements are at the end."""
    circuit = QuantumCircuit(QuantumRegister(n + 6 if deferred else n), ClassicalRegister(3, "c"))
    home, spare = list(range(n)), n
    holder = {}
    for _ in range(14):
        a, b = (home[q] for q in rng.permutation(n)[:2])
        u, kind, bit = rng.normal(size=3), int(rng.integers(5)), int(rng.integers(3))
        circuit.u(*u, a)
        if kind == 0 and (not deferred or spare < n + 6) and bit not in holder:
            holder[bit] = spare
            if deferred:
                circuit.cx(a, spare)
            else:
                circuit.measure(a, bit)
            spare += 1
        elif kind == 1 and spare < n + 6:
            if deferred:
                circuit.swap(a, spare)
            else:
                circuit.reset(a)
            spare += 1
        elif kind == 2 and bit in holder:
            if deferred:
                circuit.cry(u[0], holder[bit], b)
            else:
                with circuit.if_test((circuit.clbits[bit], 1)):
                    circuit.ry(u[0], b)
        else:
            circuit.cx(a, b)
    for bit in range(3):
        if deferred and bit in holder:
            circuit.measure(holder[bit], bit)
        elif bit not in holder:
            circuit.measure(home[bit % n], bit)
    return circuit


@pytest.mark.parametrize("seed", range(12))
def test_steps_on_the_way_are_deferred_measurements(seed):
    """Of the same random numbers: one circuit per shot, and one with more qubits for all."""
    n, shots = 3, 3000
    direct = random_steps(np.random.default_rng(seed), n, deferred=False)
    deferred = random_steps(np.random.default_rng(seed), n, deferred=True)
    state = Statevector(deferred.remove_final_measurements(inplace=False))
    where = {
        deferred.find_bit(i.clbits[0]).index: deferred.find_bit(i.qubits[0]).index
        for i in deferred.data
        if i.name == "measure"
    }
    probabilities = state.probabilities_dict([where[bit] for bit in range(3)])
    counts = Sampler(seed=seed).run([direct], shots=shots).result()[0].data.c.get_counts()
    near(counts, probabilities, shots)
    near(
        Backend().run(direct, shots=shots, seed_simulator=seed).result().get_counts(),
        probabilities,
        shots,
    )


def test_only_what_chance_decides_is_done_again():
    c = nk.Circuit(3).reset([0, 1]).h(0).cx(0, 1).measure([0, 1], [4, 2]).x(2).measure(2, 0)
    head, tail, final = sampling.program(c)
    assert [o.name for o in head] == ["h", "cx", "x"]
    assert (len(tail), final) == (0, {4: 0, 2: 1, 0: 2})
    c.h(1, condition=4)
    head, tail, final = sampling.program(c)
    assert [o.name for o in head] == ["h", "cx"]
    assert [o.name for o in tail] == ["measure", "measure", "x", "h", "measure"]
    assert final == {}


def test_a_bit_keeps_the_last_outcome():
    circuit = QuantumCircuit(2, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.measure(1, 0)
    assert Sampler().run([circuit]).result()[0].data.c.get_counts() == {"0": 1024}
    circuit.x(1)
    assert Sampler().run([circuit]).result()[0].data.c.get_counts() == {"0": 1024}
    circuit.measure(1, 0)
    assert Sampler().run([circuit]).result()[0].data.c.get_counts() == {"1": 1024}


def test_samples_where_angles_are_not_affine():
    circuit = QuantumCircuit(1)
    circuit.rx(np.pi * A * B, 0)
    circuit.measure_all()
    data = Sampler().run([(circuit, [[1, 0], [1, 1], [2, 0.5]], 9)]).result()[0].data.meas
    assert [data.get_counts(i) for i in range(3)] == [{"0": 9}, {"1": 9}, {"1": 9}]


def test_parameters_that_only_the_host_can_bind():
    """In a Hamiltonian, and under a fractional power."""
    circuit = QuantumCircuit(2)
    circuit.h([0, 1])
    circuit.append(library.HamiltonianGate(np.array([[1, 2], [2, -0.5]]), A), [1])
    circuit.append(library.CRXGate(B).power(0.5, annotated=True), [0, 1])
    with pytest.raises(QiskitError, match="cannot run the operation 'hamiltonian'"):
        from_qiskit(circuit)
    pub = (circuit, ["ZI", "YI", "XX"], [[[0.3, 0.4]], [[1, 2]]])
    expected = StatevectorEstimator().run([pub]).result()[0].data.evs
    np.testing.assert_allclose(Estimator().run([pub]).result()[0].data.evs, expected, atol=1e-14)


# Expectation values


@pytest.mark.parametrize("shape", [(), (5,), (2, 1)])
def test_expectation_values_are_those_of_the_host(shape, rng):
    circuit, _ = sweep(rng)
    circuit.remove_final_measurements()
    values = rng.normal(size=(*shape, 2))
    observables = [
        SparsePauliOp(["XXIY", "ZIZI"], [0.3, -2]),
        "ZZZZ",
        {"IXYI": 0.2, "IIII": 1.5},
        Pauli("-IIXX"),
        SparsePauliOp.from_sparse_list([("Z", [q], q) for q in range(4)], num_qubits=4),
    ]
    for listed in observables, observables[1:2], observables[0]:
        pub = (circuit, listed, values)
        host, ours = (e.run([pub]).result()[0] for e in (StatevectorEstimator(), Estimator()))
        assert ours.metadata == host.metadata
        assert ours.data.shape == host.data.shape
        assert ours.data.evs.dtype == np.float64
        assert abs(ours.data.evs - host.data.evs).max() < 200 * np.finfo(float).eps
        assert np.array_equal(ours.data.stds, host.data.stds)


def test_values_and_observables_side_by_side(rng, monkeypatch):
    """Each state is read for those observables alone that want it, in every size of batch."""
    circuit = library.efficient_su2(3, reps=1)
    labels = ["XYZ", "ZZI", "IIX", "YYY", "ZIZ"]
    values = rng.normal(size=(5, circuit.num_parameters))
    expected = StatevectorEstimator().run([(circuit, labels, values)]).result()[0].data.evs
    for log in 18, 4, 0:
        monkeypatch.setattr(sampling, "LOG_BATCH", log)
        evs = Estimator().run([(circuit, labels, values)]).result()[0].data.evs
        assert abs(evs - expected).max() < 200 * np.finfo(float).eps
        square = Estimator().run([(circuit, [[x] for x in labels], values)]).result()[0].data.evs
        assert square.shape == (5, 5)
        assert np.array_equal(np.diag(square), evs)


def test_noise_is_that_of_the_host(rng):
    circuit = library.efficient_su2(2, reps=1)
    values = rng.normal(size=(6, circuit.num_parameters))
    pub = (circuit, [["XX"], ["ZI"]], values)
    host = StatevectorEstimator(seed=3, default_precision=0.1).run([pub]).result()[0]
    ours = Estimator(seed=3, default_precision=0.1).run([pub]).result()[0]
    assert abs(ours.data.evs - host.data.evs).max() < 1e-12
    assert ours.metadata == host.metadata
    exact = Estimator(seed=3, default_precision=0.1).run([pub], precision=0).result()[0]
    assert 0 < abs(ours.data.evs - exact.data.evs).max() < 1
    estimator = Estimator(default_precision=0.1, seed=3)
    assert (estimator.default_precision, estimator.seed) == (0.1, 3)


def test_projectors(rng):
    circuit = QuantumCircuit(2)
    circuit.u(*rng.normal(size=3), 0)
    circuit.u(*rng.normal(size=3), 1)
    circuit.cx(0, 1)
    psi = Statevector(circuit)
    for label in "01", "+-", "rl", "0X", "Zl":
        single = [
            Statevector.from_label(x).to_operator() if x in "01+-rl" else Operator(Pauli(x))
            for x in label
        ]
        expected = psi.expectation_value(single[0].tensor(single[1])).real
        evs = Estimator().run([(circuit, {label: 2.0})]).result()[0].data.evs
        assert abs(evs - 2 * expected) < 1e-14


def test_estimates_where_angles_are_not_affine(rng):
    circuit = QuantumCircuit(1)
    circuit.rx(A * B, 0)
    circuit.rz(A.sin(), 0)
    pub = (circuit, [["Z"], ["X"]], rng.normal(size=(5, 2)))
    host, ours = (e.run([pub]).result()[0].data.evs for e in (StatevectorEstimator(), Estimator()))
    assert abs(ours - host).max() < 1e-14


def test_estimates_of_prepared_and_measured_circuits():
    circuit = QuantumCircuit(2)
    circuit.initialize([0, 0.6, 0, 0.8j], [0, 1])
    assert abs(Estimator().run([(circuit, "ZI")]).result()[0].data.evs - (0.36 - 0.64)) < 1e-14
    circuit.reset(1)
    values = {
        float(Estimator(seed=s).run([(circuit, "IZ")]).result()[0].data.evs) for s in range(9)
    }
    assert np.allclose(sorted(values), [-1])
    with pytest.raises(QiskitError, match="'measure'"):
        Estimator().run([(measured(), "Z")]).result()


def reuse(resets):
    """A qubit that is entangled, reset and used again, a number of times."""
    circuit = QuantumCircuit(2)
    circuit.ry(A, 0)
    for _ in range(resets):
        circuit.cx(0, 1)
        circuit.reset(0)
        circuit.ry(B, 0)
        circuit.crx(A, 0, 1)
        circuit.cp(B, 1, 0)
    return circuit


@pytest.mark.parametrize("resets", [1, 2, 5])
def test_resets_are_exact(resets, rng, monkeypatch):
    """By fresh qubits and by density matrices, against Qiskit's; and what is drawn agrees."""
    circuit, labels = reuse(resets), ["ZI", "IZ", "XY", "YX", "ZZ"]
    values = rng.normal(size=(3, 2))
    expected = []
    for row in values:
        host = DensityMatrix.from_label("00")
        for instruction in circuit.assign_parameters(row).data:
            qubits = [circuit.find_bit(qubit).index for qubit in instruction.qubits]
            if instruction.operation.name == "reset":
                host = host.reset(qubits)
            else:
                host = host.evolve(instruction.operation, qubits)
        expected.append([host.expectation_value(Pauli(label)).real for label in labels])
    pub = (circuit, [[label] for label in labels], values)
    evs = Estimator().run([pub]).result()[0].data.evs
    assert abs(evs.T - expected).max() < 200 * np.finfo(float).eps

    monkeypatch.setattr(primitives, "MOST_QUBITS", 1)
    drawn = Estimator(seed=1).run([(circuit, [["ZI"] * 2000], values[:1])]).result()[0].data.evs
    spread = drawn.std() / np.sqrt(2000)
    assert spread > 0
    assert abs(drawn.mean() - expected[0][0]) < 6 * spread
