"""Operations of a circuit by number, circuits made of circuits, and what is counted of them."""

import itertools
import pickle

import numpy as np
import pytest

import numket as nk
import oracle
from numket.circuit import Operation


def circuits(rng, n=4, length=12):
    """Some random circuit of gates with controls, angles and parameters."""
    circuit = nk.Circuit(n)
    theta = nk.Parameter("theta")
    for _ in range(length):
        a, b, c = rng.permutation(n)[:3].tolist()
        kind = rng.integers(6)
        angle = float(rng.normal())
        if kind == 0:
            circuit.u(angle, 0.3, -angle, a)
        elif kind == 1:
            circuit.cx(a, b)
        elif kind == 2:
            circuit.rx(2 * theta + angle, a, controls=[b, c], control_values=[0, 1])
        elif kind == 3:
            circuit.pauli_rotation(angle, "XYZ", (a, b, c))
        elif kind == 4:
            circuit.apply_permutation([2, 0, 3, 1], (a, b))
        else:
            circuit.gphase(angle, controls=[a])
    return circuit


@pytest.fixture
def circuit(rng):
    return circuits(rng)


VALUES = {"theta": 0.7}


def after(circuit, state, **options):
    out = state.copy()
    circuit.run(out, VALUES if circuit.parameters else None, **options)
    return out


def test_operations_by_number(circuit):
    listed = list(circuit)
    for number in range(-len(listed), len(listed)):
        assert repr(circuit[number]) == repr(listed[number])
    assert isinstance(circuit[np.int64(2)], Operation)


def test_what_an_operation_says_it_is():
    for operation in nk.Circuit(2).h(0).rx(0.5, 1, controls=[0]).measure(0).x(1, condition=0):
        assert eval(repr(operation), {"Operation": Operation}) == operation
    assert repr(nk.Circuit(1).h(0)[0]) == "Operation(name='h', params=(), qubits=(0,))"


@pytest.mark.parametrize("number", [12, -13, 10**12])
def test_no_such_operation(circuit, number):
    with pytest.raises(IndexError, match=r"there are 12; use -12 to 11"):
        circuit[number]


@pytest.mark.parametrize("place", ["h", 1.5, None, True, (1, 2)])
def test_what_is_no_place(circuit, place):
    with pytest.raises(TypeError, match="a whole number or a slice"):
        circuit[place]


def test_slices(circuit):
    listed = list(circuit)
    for start, stop, step in itertools.product([None, 0, 3, -4], [None, 8, -1], [None, 2, -1, -3]):
        part = circuit[start:stop:step]
        assert repr(list(part)) == repr(listed[start:stop:step])
        assert part.parameters == circuit.parameters  # so that the same values fit
        assert part.num_qubits == circuit.num_qubits
    assert circuit[:] == circuit
    assert len(circuit[5:5]) == 0


def test_a_slice_may_ask_for_bits_that_another_measures():
    circuit = nk.Circuit(2).x(0).measure(0).x(1, condition=0)
    second = circuit[2:]
    assert second.num_bits == circuit.num_bits
    psi = nk.zero_state(2)
    second.run(psi, rng=1)
    assert psi[0] == 1


def test_sums_and_multiples(circuit, rng):
    state = oracle.random_state(rng, 4, np.complex128)
    first, second = circuit[:5], circuit[5:]
    assert first + second == circuit
    assert len(first) == 5
    assert (first * 3)[5:] == first + first
    assert 2 * first == first * 2 == first.repeat(2) == first.repeat(np.int8(2))
    assert first * 0 == circuit[:0]
    expected = after(circuit, after(circuit, state))
    np.testing.assert_allclose(after(circuit * 2, state), expected, atol=1e-13)
    total = circuit.copy()
    total += first
    assert len(total) == 17
    assert len(circuit) == 12


def test_parameters_of_sums():
    a, b = nk.Parameter("a"), nk.Parameter("b")
    total = nk.Circuit(1).rx(a, 0) + nk.Circuit(1).ry(b, 0).rz(a, 0)
    assert total.parameters == (a, b)
    assert (nk.Circuit(2) + nk.Circuit(1).x(0).measure(0)).num_bits == 1


def test_refused_sums_and_multiples(circuit):
    with pytest.raises(ValueError, match="qubit 4 is out of range"):
        circuit + nk.Circuit(5)
    for other in (1, None, "h", [circuit[0]]):
        with pytest.raises(TypeError, match="unsupported operand"):
            circuit + other
    for count in (1.5, "2", None):
        with pytest.raises(TypeError, match=r"unsupported operand|can't multiply"):
            circuit * count
    with pytest.raises(ValueError, match=r"use circuit.inverse\(\)"):
        circuit * -1
    with pytest.raises(TypeError, match="'count' is a float"):
        circuit.repeat(2.0)
    with pytest.raises(MemoryError):
        circuit.repeat(2**50)
    assert len(circuit) == 12


def test_circuits_are_no_sequences_for_numpy(circuit):
    made = np.array([circuit, circuit], dtype=object)
    assert made.shape == (2,)
    assert pickle.loads(pickle.dumps(circuit[3:])) == circuit[3:]


def test_measure_all():
    circuit = nk.Circuit(3).x(1).measure_all()
    assert circuit[-1].bits == circuit[-1].qubits == (0, 1, 2)
    assert circuit.run(nk.zero_state(3)).tolist() == [0, 1, 0]
    again = circuit.measure_all(readout_error=(1, 1))
    assert again is circuit
    assert again[-1].bits == (3, 4, 5)
    assert again.run(nk.zero_state(3)).tolist() == [0, 1, 0, 1, 0, 1]
    with pytest.raises(ValueError, match="readout_error"):
        circuit.measure_all(readout_error=(2, 0))


def layers(circuit):
    """The depth by its definition: the longest chain of operations that share a qubit or bit."""
    chains = []
    uses = []
    for operation in circuit:
        used = {("q", q) for q in operation.qubits + operation.controls}
        used |= {("c", b) for b in operation.bits} | {("c", b) for b, _ in operation.condition}
        before = [chain for chain, other in zip(chains, uses, strict=True) if used & other]
        chains.append(1 + max(before, default=0) if used else 0)
        uses.append(used)
    return max(chains, default=0)


def test_depth(rng):
    for _ in range(20):
        circuit = circuits(rng)
        circuit.measure([0, 1]).x(2, condition={0: 1, 1: 0}).gphase(0.3).reset([2, 3])
        assert circuit.depth() == layers(circuit)
    assert nk.Circuit(3).depth() == nk.Circuit(3).gphase(1).depth() == 0
    assert nk.Circuit(3).h(range(3)).depth() == 1


def test_count_ops():
    circuit = nk.Circuit(2).h(0).cx(0, 1).x(0, controls=[1]).cx(1, 0).measure([0, 1])
    assert list(circuit.count_ops().items()) == [("cx", 2), ("h", 1), ("x", 1), ("measure", 1)]


def test_the_matrix_of_a_circuit(circuit):
    matrix = circuit.to_matrix(VALUES if circuit.parameters else None)
    assert matrix.dtype == np.complex128
    for index in range(16):
        expected = after(circuit, nk.basis_state(4, index))
        np.testing.assert_allclose(matrix[:, index], expected, atol=1e-14)
    two = nk.Circuit(2).h(0).apply([[1, 2], [3, 4j]], 1)
    one = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    np.testing.assert_allclose(two.to_matrix(), np.kron(one, [[1, 2], [3, 4j]]), atol=1e-15)
    assert nk.Circuit(0).to_matrix().tolist() == [[1]]


def test_what_has_no_matrix():
    theta = nk.Parameter("theta")
    with pytest.raises(nk.ParameterError):
        nk.Circuit(1).rx(theta, 0).to_matrix()
    for circuit in (
        nk.Circuit(1).h(0).measure(0),
        nk.Circuit(1).h(0).reset(0),
        nk.Circuit(1).h(0).apply_kraus(nk.channels.bit_flip(0.1), 0),
        nk.Circuit(1).measure(0).h(0).x(0, condition=0)[1:],
    ):
        with pytest.raises(ValueError, match=r"use the part before it, circuit\[:1\]"):
            circuit.to_matrix()
    for qubits in (25, 60):
        with pytest.raises(MemoryError):
            nk.Circuit(qubits).to_matrix()


def test_operations_apply_to_arrays(circuit, rng, dtype):
    state = oracle.random_state(rng, 4, dtype)
    expected, got, batch = after(circuit, state), state.copy(), np.stack([state, 2 * state])
    for operation in circuit:
        assert operation.apply(got, VALUES) is None
        operation.apply(batch.reshape(2, 2, 2, 2, 2), VALUES, batch=1)
    tolerance = 100 * np.finfo(dtype).eps
    np.testing.assert_allclose(got, expected, atol=tolerance)
    np.testing.assert_allclose(batch, [expected, 2 * expected], atol=2 * tolerance)


def test_measuring_operations_apply_to_arrays():
    operation = nk.Circuit(3).measure([2, 0], [5, 3])[0]
    psi = nk.basis_state(3, "001")
    assert operation.apply(psi, rng=1).tolist() == [1, 0]
    assert operation.apply(np.stack([psi, psi]), batch=1).tolist() == [[1, 0], [1, 0]]
    ket = nk.ket("111")
    nk.Circuit(3).reset([0, 1])[0].apply(ket)
    assert ket.state[1] == 1


def test_what_an_operation_refuses():
    conditional = nk.Circuit(1).measure(0).x(0, condition=0)[1]
    with pytest.raises(ValueError, match=r"use nk.steps\(circuit, state\)"):
        conditional.apply(nk.zero_state(1))
    operation = nk.Circuit(3).cx(0, 2)[0]
    with pytest.raises(ValueError, match="qubit 2 is out of range"):
        operation.apply(nk.zero_state(2))
    with pytest.raises(TypeError, match="'state' is None"):
        operation.apply(None)
    with pytest.raises(TypeError, match=r"use state\.astype"):
        operation.apply(np.zeros(8, int))
    with pytest.raises(ValueError, match=r"shape \(6,\)"):
        nk.Circuit(1).x(0)[0].apply(np.zeros(6, complex))


def noisy():
    """A circuit that draws random numbers in all ways, some of them under conditions."""
    circuit = nk.Circuit(3).h(0).ry(1.0, 1).cx(0, 2).measure(0, readout_error=(0.2, 0.1))
    circuit.apply_kraus(nk.channels.depolarizing(0.5), 1, condition={0: 1})
    circuit.h(0).measure([0, 1], condition={0: 0}).reset(2, condition={1: 1})
    circuit.x(1, condition={0: 1, 2: 0}).h([0, 1, 2]).measure_all()
    return circuit


@pytest.mark.parametrize("seed", range(20))
def test_steps_do_what_a_run_does(seed):
    circuit = noisy()
    whole, stepped = nk.zero_state(3), nk.zero_state(3)
    generators = np.random.default_rng(seed), np.random.default_rng(seed)
    bits = circuit.run(whole, rng=generators[0])
    walk = nk.steps(circuit, stepped, rng=generators[1])
    names = []
    for operation, state in walk:
        assert state is stepped
        names.append(operation.name)
        assert walk.position == len(names)
    assert names == [operation.name for operation in circuit]
    assert walk.bits.tolist() == bits.tolist()
    np.testing.assert_allclose(stepped, whole, atol=1e-13)
    assert generators[0].random() == generators[1].random()


def test_steps_forth_and_back(circuit, rng):
    state = oracle.random_state(rng, 4, np.complex128)
    psi = state.copy()
    walk = nk.steps(circuit, psi, VALUES)
    seen = [state]
    for _, after_it in walk:
        seen.append(after_it.copy())
    for place in reversed(range(len(circuit))):
        operation, back = walk.back()
        assert repr(operation) == repr(circuit[place])
        assert back is psi
        np.testing.assert_allclose(psi, seen[place], atol=1e-13)
    assert repr(walk) == "<Steps: 0 of 12 operations done>"
    with pytest.raises(ValueError, match="no operation is done"):
        walk.back()
    next(walk)
    np.testing.assert_allclose(psi, seen[1], atol=1e-13)


def test_nothing_undoes_a_measurement():
    walk = nk.steps(nk.Circuit(1).x(0).measure(0).x(0, condition={0: 0}), nk.ket("0"))
    assert [operation.name for operation, _ in walk] == ["x", "measure", "x"]
    walk.back()  # was not done
    assert walk.position == 2
    with pytest.raises(ValueError, match="measure"):
        walk.back()
    assert walk.position == 2


def test_steps_keep_their_circuit():
    circuit = nk.Circuit(1).x(0)
    walk = nk.steps(circuit, nk.zero_state(1))
    circuit.x(0)
    assert len(list(walk)) == 1


def test_steps_refuse_what_a_run_refuses():
    with pytest.raises(nk.ParameterError):
        next(nk.steps(nk.Circuit(1).rx(nk.Parameter("a"), 0), nk.zero_state(1)))
    with pytest.raises(ValueError, match="'state' has 1 qubits"):
        next(nk.steps(nk.Circuit(2).x(0), nk.zero_state(1)))
