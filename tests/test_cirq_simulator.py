"""Final states of Cirq's circuits on numket, against Cirq's own simulators."""

import copy
import pickle
import tracemalloc

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers_cirq import GATES, OTHERS, A, B, C, D, Unknown, near
from numket.cirq import Simulator, convert


def test_exact_zeros_stay():
    """Where nothing is, nothing comes: not even a rounding error."""
    circuit = cirq.Circuit(
        cirq.X(A) ** 3, cirq.ISWAP(A, B), cirq.SWAP(B, C) ** -1, cirq.XX(C, D) ** 5, cirq.Y(A) ** -1
    )
    final = Simulator().simulate(circuit).final_state_vector
    assert np.count_nonzero(final) == 1
    flips = [
        cirq.PhasedXZGate(x_exponent=1, z_exponent=0, axis_phase_exponent=-1)(A),
        cirq.PhasedXPowGate(phase_exponent=0.3)(B),
        cirq.PhasedXZGate(x_exponent=-3, z_exponent=0.4, axis_phase_exponent=0.2)(B).controlled_by(
            A
        ),
    ]
    ghz = cirq.Circuit(cirq.H(A), cirq.CNOT(A, B), cirq.CNOT(A, C), flips)
    final = Simulator().simulate(ghz).final_state_vector
    assert np.flatnonzero(final).tolist() == [0b001, 0b100]
    hops = cirq.Circuit(cirq.X(A), cirq.ISWAP(A, B) ** 0.3, cirq.FSimGate(0.4, 0.3)(B, C))
    hops.append([cirq.SWAP(C, D) ** 0.4, cirq.givens(0.3)(A, D)])
    final = Simulator().simulate(hops).final_state_vector
    assert set(np.flatnonzero(final)) <= {0b1000, 0b0100, 0b0010, 0b0001}


@st.composite
def circuits(draw, measured=False):
    """A random circuit on at most 6 qubits."""
    seed = draw(st.integers(0, 2**31 - 1))
    rng = np.random.default_rng(seed)
    n = draw(st.integers(1, 6))
    qubits = cirq.LineQubit.range(n)
    every = [gate for gate in (*GATES.values(), *OTHERS.values()) if cirq.num_qubits(gate) <= n]
    if measured:  # else Cirq takes a random number for a channel of one operator
        every = [
            gate for gate in every if hasattr(gate, "_unitary_") or hasattr(gate, "_apply_unitary_")
        ]
    circuit = cirq.Circuit()
    for _ in range(draw(st.integers(0, 25))):
        if n > 1 and rng.random() < 0.2:
            circuit.append(cirq.SWAP(*rng.choice(qubits, 2, replace=False)))
        gate = every[rng.integers(len(every))]
        if isinstance(gate, cirq.EigenGate) and rng.random() < 0.5:
            gate = gate ** rng.normal()
        circuit.append(gate.on(*rng.permutation(qubits)[: cirq.num_qubits(gate)]))
        if rng.random() < 0.05:
            circuit.append(cirq.global_phase_operation(np.exp(1j * rng.normal())))
        if measured and rng.random() < 0.3:
            qubit = rng.choice(qubits)
            channel = [
                cirq.measure(qubit, key=f"m{len(circuit)}"),
                cirq.reset(qubit),
                cirq.depolarize(0.3)(qubit),
                cirq.amplitude_damp(0.4)(qubit),
            ]
            circuit.append(channel[rng.integers(4)])
    return circuit


@settings(max_examples=60)
@given(circuits(), st.sampled_from([np.complex64, np.complex128]), st.booleans(), st.data())
def test_final_states_are_those_of_cirq(circuit, dtype, split, data):
    order = data.draw(st.permutations(sorted(circuit.all_qubits())))
    start = data.draw(st.integers(0, 2 ** len(order) - 1))
    options = {"dtype": dtype, "split_untangled_states": split}
    result = Simulator(**options).simulate(circuit, qubit_order=order, initial_state=start)
    expected = cirq.Simulator(dtype=np.complex128).simulate(
        circuit, qubit_order=order, initial_state=start
    )
    assert result.final_state_vector.dtype == dtype
    assert result.qubit_map == expected.qubit_map
    steps = 10 * sum(1 for _ in circuit.all_operations())
    near(result.final_state_vector, expected.final_state_vector, dtype, steps)
    near(result.final_state_vector, result.state_vector(copy=True), dtype)


@settings(max_examples=30)
@given(circuits(measured=True), st.booleans(), st.integers(0, 2**31 - 1))
def test_what_is_drawn_is_what_cirq_draws(circuit, split, seed):
    """From the same random numbers, as long as no probability differs by more than rounding."""
    options = {"dtype": np.complex128, "split_untangled_states": split, "seed": seed}
    result = Simulator(**options).simulate(circuit)
    expected = cirq.Simulator(**options).simulate(circuit)
    assert result.measurements.keys() == expected.measurements.keys()
    for key, bits in expected.measurements.items():
        assert np.array_equal(result.measurements[key], bits)
    overlap = abs(np.vdot(result.final_state_vector, expected.final_state_vector))
    assert abs(overlap - 1) < 1e-12


@settings(max_examples=20)
@given(circuits(measured=True), st.booleans(), st.integers(0, 2**31 - 1))
def test_steps_are_those_of_cirq(circuit, split, seed):
    options = {"dtype": np.complex128, "split_untangled_states": split, "seed": seed}
    look = np.random.default_rng(seed).random(len(circuit) + 1) < 0.5
    ours = Simulator(**options).simulate_moment_steps(circuit)
    theirs = cirq.Simulator(**options).simulate_moment_steps(circuit)
    for step, expected, seen in zip(ours, theirs, look, strict=False):
        if seen:
            overlap = np.vdot(step.state_vector(), expected.state_vector())
            assert abs(abs(overlap) - 1) < 1e-12
        assert step.measurements == expected.measurements


def test_steps_hold_their_states_as_cirq_does():
    circuit = cirq.Circuit(cirq.H(A), cirq.CX(A, B), cirq.X(B), cirq.Z(A))
    kept = [step.state_vector() for step in Simulator().simulate_moment_steps(circuit)]
    expected = [step.state_vector() for step in cirq.Simulator().simulate_moment_steps(circuit)]
    near(kept, expected, np.complex64, 8)
    step = next(Simulator(split_untangled_states=False).simulate_moment_steps(circuit))
    assert step.state_vector() is step.state_vector()
    assert not np.shares_memory(step.state_vector(copy=True), step.state_vector())
    assert step.sample([A, B], 20, seed=1).shape == (20, 2)


STARTS = {
    "basis state": 5,
    "flat": np.array([0, 0.6, 0, 0, 0, 0, 0.8j, 0]),
    "tensor": np.array([0, 0.6, 0, 0, 0, 0, 0.8j, 0]).reshape(2, 2, 2),
    "bits": [1, 0, 1],
    "list": [0, 0.6, 0, 0, 0, 0, 0.8j, 0],
    "product": cirq.KET_PLUS(A) * cirq.KET_IMAG(B) * cirq.KET_ONE(C),
}


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_initial_states(start, split, dtype):
    circuit = cirq.Circuit(cirq.H(A), cirq.CX(A, B) ** 0.4, cirq.ISWAP(C, A))
    options = {"dtype": dtype, "split_untangled_states": split}
    before = copy.deepcopy(start)
    got = Simulator(**options).simulate(circuit, initial_state=start).final_state_vector
    expected = cirq.Simulator(**options).simulate(circuit, initial_state=start).final_state_vector
    near(got, expected, dtype, 12)
    assert np.array_equal(start, before) if isinstance(start, np.ndarray) else start == before


@pytest.mark.parametrize("start", [8, -1, np.ones(4), [2, 0, 0]], ids=str)
def test_refused_initial_states_are_those_of_cirq(start):
    circuit = cirq.Circuit(cirq.CCX(A, B, C))
    for make in Simulator, cirq.Simulator:
        with pytest.raises(ValueError):  # noqa: PT011
            make(split_untangled_states=False).simulate(circuit, initial_state=start)


@pytest.mark.parametrize("split", [True, False])
def test_in_place(split, dtype, rng):
    circuit = cirq.testing.random_circuit(cirq.LineQubit.range(5), 10, 0.9, random_state=3)
    circuit.append([cirq.depolarize(0.2)(A), cirq.measure(B, key="b"), cirq.reset(C)])
    circuit.append([cirq.X(D).with_classical_controls("b"), cirq.H(A)])
    options = {"dtype": dtype, "split_untangled_states": split, "seed": 4}
    psi = oracle.random_state(rng, 5, dtype)
    expected = Simulator(**options).simulate(circuit, initial_state=psi)
    for state in psi.copy(), psi.copy().reshape((2,) * 5):
        result = Simulator(**options, in_place=True).simulate(circuit, initial_state=state)
        assert result.final_state_vector.ctypes.data == state.ctypes.data
        assert np.shares_memory(result.final_state_vector, state)
        near(state, expected.final_state_vector, dtype, 60)
        assert result.measurements.keys() == {"b"}
    gapped = np.repeat(psi, 2)[::2]
    Simulator(**options, in_place=True).simulate(circuit, initial_state=gapped)
    near(gapped, expected.final_state_vector, dtype, 60)


def test_in_place_with_gates_of_ones_own_and_ancillas():
    class Negative(cirq.Gate):
        """Only `_apply_unitary_`, and not in place."""

        def _num_qubits_(self):
            return 1

        def _has_unitary_(self):
            return True

        def _apply_unitary_(self, args):
            args.available_buffer[...] = -args.target_tensor
            return args.available_buffer

    class WithAncilla(cirq.Gate):
        def _num_qubits_(self):
            return 1

        def _decompose_(self, qubits):
            ancilla = cirq.NamedQubit("ancilla")
            yield cirq.CX(qubits[0], ancilla)
            yield cirq.Z(ancilla)
            yield cirq.CX(qubits[0], ancilla)

    circuit = cirq.Circuit(cirq.H(A), cirq.H(B), Negative()(A), WithAncilla()(B))
    for split in True, False:
        psi = np.array([1, 0, 0, 0], np.complex64)
        simulator = Simulator(in_place=True, split_untangled_states=split)
        result = simulator.simulate(circuit, initial_state=psi)
        assert np.shares_memory(result.final_state_vector, psi)
        near(psi, [-0.5, 0.5, -0.5, 0.5], np.complex64, 5)
        again = Simulator(split_untangled_states=split).simulate(circuit)
        near(again.final_state_vector, psi, np.complex64, 5)


class Turned(cirq.Gate):
    """Its decomposition has a phase on no qubits."""

    def _num_qubits_(self):
        return 2

    def _decompose_(self, qubits):
        yield cirq.H(qubits[0])
        yield cirq.global_phase_operation(1j**0.3)
        yield cirq.CX(*qubits)


PHASES = {
    "alone": [cirq.H(A), cirq.CX(A, B), cirq.global_phase_operation(1j**0.3)],
    "in a decomposition": [Turned()(A, B), cirq.H(A)],
    "in a circuit": [
        cirq.CircuitOperation(
            cirq.FrozenCircuit(cirq.H(A), cirq.global_phase_operation(1j**0.3)),
            use_repetition_ids=False,
        ),
        cirq.CX(A, B),
    ],
    "under a condition": [
        cirq.X(A),
        cirq.measure(A, key="k"),
        cirq.global_phase_operation(1j**0.3).with_classical_controls("k"),
        cirq.H(B),
    ],
    "of a basis state": [cirq.X(A), cirq.I(B), cirq.global_phase_operation(1j**0.3)],
    "of no other gate": [cirq.I(A), cirq.I(B), cirq.global_phase_operation(1j**0.3)],
}


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("operations", PHASES.values(), ids=PHASES)
def test_global_phases(operations, split, dtype):
    circuit = cirq.Circuit(operations)
    options = {"dtype": dtype, "split_untangled_states": split}
    expected = cirq.Simulator(**options).simulate(circuit).final_state_vector
    near(Simulator(**options).simulate(circuit).final_state_vector, expected, dtype, 5)
    psi = nk.zero_state(2, dtype)
    result = Simulator(**options, in_place=True).simulate(circuit, initial_state=psi)
    assert np.shares_memory(result.final_state_vector, psi)
    near(psi, expected, dtype, 5)


def test_in_place_sweeps_leave_the_last_in_the_array():
    circuit = cirq.Circuit(cirq.H(A), cirq.X(B) ** sympy.Symbol("t"))
    psi = np.array([1, 0, 0, 0], np.complex128)
    simulator = Simulator(dtype=np.complex128, in_place=True)
    first, last = simulator.simulate_sweep(circuit, cirq.Linspace("t", 0, 1, 2), initial_state=psi)
    assert not np.shares_memory(first.final_state_vector, psi)
    assert np.shares_memory(last.final_state_vector, psi)
    near(first.final_state_vector, np.array([1, 0, 1, 0]) / np.sqrt(2), np.complex128)
    near(psi, np.array([0, 1, 0, 1]) / np.sqrt(2), np.complex128)


def test_refused_in_place():
    circuit = cirq.Circuit(cirq.CX(A, B))
    simulator = Simulator(in_place=True)
    with pytest.raises(TypeError, match=r"complex128, the simulator complex64.*dtype=np\.complex1"):
        simulator.simulate(circuit, initial_state=np.array([1, 0, 0, 0], np.complex128))
    with pytest.raises(ValueError, match=r"shape \(8,\) for 2 qubits"):
        simulator.simulate(circuit, initial_state=nk.zero_state(3, np.complex64))
    fixed = nk.zero_state(2, np.complex64)
    fixed.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        simulator.simulate(circuit, initial_state=fixed)
    qutrit = cirq.Circuit(cirq.IdentityGate(1, (3,))(cirq.LineQid(0, 3)))
    with pytest.raises(ValueError, match=r"dimensions \[3\]"):
        simulator.simulate(qutrit, initial_state=np.array([1, 0, 0], np.complex64))


@pytest.mark.parametrize("split", [True, False])
def test_no_copies(split, dtype):
    """What NumPy allocates is less than one state, that of the result apart."""
    n = 16
    circuit = cirq.testing.random_circuit(cirq.LineQubit.range(n), 10, 0.9, random_state=5)
    circuit.append(cirq.CX(A, q) for q in cirq.LineQubit.range(1, n))
    size = 2**n * np.dtype(dtype).itemsize
    simulator = Simulator(dtype=dtype, split_untangled_states=split, in_place=True)
    psi = nk.zero_state(n, dtype)
    for start, limit in (0, 1), (psi, 0):
        simulator.simulate(circuit, initial_state=start)  # what Python and Cirq keep
        tracemalloc.start()
        try:
            result = simulator.simulate(circuit, initial_state=start)
            vector = result.final_state_vector
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert vector.size == 2**n
        assert peak < (limit + 0.5) * size


@pytest.mark.parametrize("split", [True, False])
def test_a_unitary_circuit_is_one_run(split, monkeypatch):
    """And the parts that measurements and looks leave are one each."""
    built = []

    def counted(steps, wires):
        built.append(len(steps))
        return convert.circuit_of(steps, wires)

    monkeypatch.setattr("numket.cirq.simulator.circuit_of", counted)
    gates = [cirq.H(A), cirq.CX(A, B), cirq.T(B), cirq.CX(B, C), cirq.X(A) ** 0.3]
    simulator = Simulator(split_untangled_states=split)
    simulator.simulate(cirq.Circuit(gates))
    assert built == [5]
    built.clear()
    simulator.run(cirq.Circuit(gates, cirq.measure(A, B, C)), repetitions=100)
    assert built == [5]
    built.clear()
    [*simulator.simulate_moment_steps(cirq.Circuit(gates))]
    assert built == [5]


def test_results_are_those_of_cirq():
    circuit = cirq.Circuit(cirq.X(A), cirq.CX(A, B), cirq.measure(B, key="m"), cirq.I(C))
    ours, theirs = Simulator(seed=1).simulate(circuit), cirq.Simulator(seed=1).simulate(circuit)
    assert ours == theirs
    assert str(ours) == str(theirs)
    assert isinstance(ours, cirq.StateVectorTrialResult)
    assert ours.dirac_notation() == "|110⟩"
    assert ours.get_state_containing_qubit(C).qubits == (C,)
    assert np.allclose(ours.density_matrix_of([B]), np.diag([0, 1]))
    for again in pickle.loads(pickle.dumps(ours)), copy.deepcopy(ours):
        assert again == theirs
    with pytest.raises(TypeError, match="Simulator doesn't support"):
        Simulator().simulate(cirq.Circuit(Unknown()(A)))


def test_a_state_of_cirq_goes_on_in_cirq():
    state = cirq.StateVectorSimulationState(qubits=[A, B], dtype=np.complex64, prng=None)
    circuit = cirq.Circuit(cirq.H(A), cirq.CX(A, B))
    result = Simulator().simulate(circuit, initial_state=state)
    near(result.final_state_vector, np.array([1, 0, 0, 1]) / np.sqrt(2), np.complex64, 3)


def test_qudits_and_other_precisions_are_left_to_cirq():
    qutrit = cirq.LineQid(0, 3)
    circuit = cirq.Circuit(
        cirq.MatrixGate(cirq.testing.random_unitary(3, random_state=1), qid_shape=(3,))(qutrit),
        cirq.H(A),
        cirq.ControlledGate(cirq.Y, control_values=[2], control_qid_shape=[3])(qutrit, A),
        cirq.depolarize(0.1)(A),
    )
    for split in True, False:
        ours, theirs = (
            make(seed=1, split_untangled_states=split).simulate(circuit)
            for make in (Simulator, cirq.Simulator)
        )
        near(ours.final_state_vector, theirs.final_state_vector, np.complex64, 5)
    wide = Simulator(dtype=np.clongdouble).simulate(cirq.Circuit(cirq.H(A), cirq.CX(A, B)))
    assert wide.final_state_vector.dtype == np.clongdouble


def test_a_gate_that_acts_by_itself_is_asked_first():
    class Logged(cirq.Gate):
        seen = 0

        def _num_qubits_(self):
            return 1

        def _unitary_(self):
            return cirq.unitary(cirq.X)

        def _act_on_(self, state, qubits):
            Logged.seen += 1
            return NotImplemented

    result = Simulator().simulate(cirq.Circuit(cirq.H(A), Logged()(A), cirq.H(A)))
    near(result.final_state_vector, [1, 0], np.complex64, 3)
    assert Logged.seen


def test_gates_that_hold_no_real_numbers():
    diagonal = cirq.Circuit(cirq.H(A), cirq.DiagonalGate([0.4 + 0.2j, 0.3])(A))
    with pytest.warns(UserWarning, match="too far from 1"):
        ours, theirs = (
            make(dtype=np.complex128).simulate(diagonal).final_state_vector
            for make in (Simulator, cirq.Simulator)
        )
    near(ours, theirs, np.complex128, 3)
    turned = cirq.PhasedXZGate(x_exponent=0.2 + 0.1j, z_exponent=0.3, axis_phase_exponent=0.1)
    for make in Simulator, cirq.Simulator:
        with pytest.raises((TypeError, ValueError), match=r"PhasedXZGate|exponent must be real"):
            make().simulate(cirq.Circuit(turned(A)))
    with pytest.raises(ValueError, match=r"cirq\.X\*\*nan.*'theta' holds a NaN"):
        Simulator().simulate(cirq.Circuit(cirq.X(A) ** float("nan")))


def test_a_gate_that_derives_from_a_known_one_is_not_taken_for_it():
    class Other(cirq.XPowGate):
        def _unitary_(self):
            return cirq.unitary(cirq.Z)

        def _apply_unitary_(self, args):
            return NotImplemented

    circuit = cirq.Circuit(cirq.H(A), Other()(A), cirq.H(A))
    near(Simulator().simulate(circuit).final_state_vector, [0, 1], np.complex64, 3)
