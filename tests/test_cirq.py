"""Circuits of Cirq on numket, against Cirq's own simulators."""

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
from numket.cirq import Simulator, convert, from_cirq
from numket.cirq.simulator import CHOICE_QUBITS

A, B, C, D = cirq.LineQubit.range(4)
EXPONENTS = (1, 0.5, -1, 0.3, 2, -2.75, 3, 7.125, 0)
GATES = {
    "x": cirq.X,
    "y": cirq.Y,
    "z": cirq.Z,
    "h": cirq.H,
    "x shifted": cirq.XPowGate(exponent=0.7, global_shift=0.3),
    "h shifted": cirq.HPowGate(exponent=0.7, global_shift=-0.2),
    "rx": cirq.rx(0.4),
    "ry": cirq.ry(0.4),
    "rz": cirq.rz(0.4),
    "cx": cirq.CX,
    "cz": cirq.CZ,
    "cx shifted": cirq.CXPowGate(exponent=1, global_shift=0.3),
    "ccx": cirq.CCX,
    "ccz": cirq.CCZ,
    "cy": cirq.Y.controlled(),
    "ccy": cirq.Y.controlled(2),
    "xx": cirq.XX,
    "yy": cirq.YY,
    "zz": cirq.ZZ,
    "zz shifted": cirq.ZZPowGate(exponent=1, global_shift=0.4),
    "ms": cirq.ms(0.3),
    "swap": cirq.SWAP,
    "swap shifted": cirq.SwapPowGate(exponent=0.4, global_shift=0.1),
    "iswap": cirq.ISWAP,
    "iswap shifted": cirq.ISwapPowGate(exponent=0.4, global_shift=0.1),
    "phased x": cirq.PhasedXPowGate(phase_exponent=0.2, exponent=0.6, global_shift=0.1),
    "identity": cirq.IdentityGate(2),
    "phased iswap": cirq.PhasedISwapPowGate(phase_exponent=0.3, exponent=0.7),
}
OTHERS = {
    "phased xz": cirq.PhasedXZGate(x_exponent=0.3, z_exponent=0.7, axis_phase_exponent=0.2),
    "fsim": cirq.FSimGate(0.4, 0.7),
    "phased fsim": cirq.PhasedFSimGate(0.4, 0.7, 0.1, 0.2, 0.3),
    "cswap": cirq.CSWAP,
    "wait": cirq.WaitGate(cirq.Duration(nanos=1)),
    "diagonal": cirq.DiagonalGate(np.linspace(0, 2, 8)),
    "diagonal on 2": cirq.TwoQubitDiagonalGate([0.1, 0.2, 0.3, 0.4]),
    "diagonal on 3": cirq.ThreeQubitDiagonalGate(np.linspace(0, 2, 8)),
    "matrix": cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=1)),
    "permutation": cirq.QubitPermutationGate([2, 0, 1]),
    "controlled by 0": cirq.ControlledGate(cirq.X**0.3, control_values=[0]),
    "controlled by 0 and 1": cirq.ControlledGate(cirq.rz(0.3), control_values=[0, 1]),
    "controlled by any": cirq.ControlledGate(cirq.H, control_values=[(0, 1), 1]),
    "controlled by a sum": cirq.ControlledGate(
        cirq.ISWAP**0.5, control_values=cirq.SumOfProducts([[0, 1], [1, 0]])
    ),
    "controlled matrix": cirq.ControlledGate(
        cirq.MatrixGate(cirq.testing.random_unitary(2, random_state=1))
    ),
    "controlled phase": cirq.ControlledGate(cirq.GlobalPhaseGate(1j**0.3), control_values=[1, 0]),
    "controlled diagonal": cirq.ControlledGate(cirq.TwoQubitDiagonalGate([0.1, 0.2, 0.3, 0.4])),
    "controlled parity": cirq.ControlledGate(cirq.XX**0.3),
    "controlled swap": cirq.ControlledGate(cirq.SWAP**0.5, num_controls=2),
    "controlled phased x": cirq.ControlledGate(cirq.PhasedXPowGate(phase_exponent=0.3)),
    "pauli phasor": cirq.PauliStringPhasorGate(
        -cirq.DensePauliString("XIYZ"), exponent_neg=0.3, exponent_pos=-0.4
    ),
    "pauli phasor on all": cirq.PauliStringPhasorGate(
        -cirq.DensePauliString("XYZ"), exponent_neg=0.3, exponent_pos=-0.4
    ),
    "dense pauli": cirq.DensePauliString("XIYZ", coefficient=1j),
    "clifford": cirq.SingleQubitCliffordGate.X_sqrt,
    "qft": cirq.QuantumFourierTransformGate(4),
    "parallel": cirq.ParallelGate(cirq.X**0.3, 4),
    "boolean": cirq.BooleanHamiltonianGate(["a", "b", "c"], ["a ^ b & c"], 0.3),
}


def near(got, expected, dtype, steps=1):
    """Amplitudes that have been through some gates."""
    limit = 8 * np.finfo(dtype).eps * (1 + steps)
    assert np.sqrt(np.sum(abs(np.ravel(got) - np.ravel(expected)) ** 2)) <= limit


def through(circuit, state, order):
    """The state after a circuit, by the matrices of Cirq and the oracle."""
    place = {qubit: axis for axis, qubit in enumerate(order)}
    for operation in circuit.all_operations():
        axes = [place[qubit] for qubit in operation.qubits]
        state = oracle.apply(state, cirq.unitary(operation), axes)
    return state


def powers():
    for name, gate in GATES.items():
        for exponent in EXPONENTS:
            yield pytest.param(gate**exponent, id=f"{name}**{exponent}")
    for name, gate in OTHERS.items():
        yield pytest.param(gate, id=name)


@pytest.mark.parametrize("gate", list(powers()))
def test_a_gate_does_what_its_matrix_does(gate, rng):
    qubits = cirq.LineQubit.range(cirq.num_qubits(gate))
    state = oracle.random_state(rng, len(qubits))
    operation = gate.on(*rng.permutation(qubits))
    expected = through(cirq.Circuit(operation), state, qubits)
    got = state.copy()
    from_cirq(cirq.Circuit(operation), qubits).run(got)
    near(got, expected, np.complex128, 40 if len(qubits) > 3 else 5)


@pytest.mark.parametrize(
    "operation",
    [
        cirq.CNOT(B, A).with_tags("tag"),
        cirq.X(A) * cirq.Y(C) * 1j,
        cirq.PauliStringPhasor(cirq.X(A) * cirq.Z(B), exponent_neg=0.2),
        cirq.CircuitOperation(
            cirq.FrozenCircuit(cirq.H(A), cirq.CX(A, B) ** 0.3),
            use_repetition_ids=False,
            repetitions=3,
        ),
        cirq.CircuitOperation(
            cirq.FrozenCircuit(cirq.ISWAP(A, B) ** 0.3), use_repetition_ids=False
        ).controlled_by(C),
        cirq.H(A).controlled_by(B, C, control_values=[0, 1]).with_tags(1),
        cirq.global_phase_operation(1j**0.7),
        cirq.X(A),
        cirq.ops.SingleQubitPauliStringGateOperation(cirq.Y, A),
    ],
    ids=str,
)
def test_an_operation_does_what_its_matrix_does(operation, rng):
    order = [C, A, B]
    state = oracle.random_state(rng, 3)
    expected = through(cirq.Circuit(operation), state, order)
    circuit = cirq.Circuit(operation)
    got = state.copy()
    from_cirq(circuit, order).run(got)
    near(got, expected, np.complex128, 10)


def test_exact_zeros_stay():
    """Where nothing is, nothing comes: not even a rounding error."""
    circuit = cirq.Circuit(
        cirq.X(A) ** 3, cirq.ISWAP(A, B), cirq.SWAP(B, C) ** -1, cirq.XX(C, D) ** 5, cirq.Y(A) ** -1
    )
    final = Simulator().simulate(circuit).final_state_vector
    assert np.count_nonzero(final) == 1
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


class Unknown(cirq.Gate):
    def _num_qubits_(self):
        return 1


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


@settings(max_examples=40)
@given(st.integers(0, 2**31 - 1))
def test_symbols_become_parameters(seed):
    rng = np.random.default_rng(seed)
    symbols = sympy.symbols("a b c")

    def angle():
        slopes = rng.integers(-2, 3, 3) / 2
        offset = float(rng.normal())
        return sum(
            (s * float(k) for s, k in zip(symbols, slopes, strict=True) if k),
            offset,
        )

    gates = [
        lambda: (rng.choice([cirq.X, cirq.Y, cirq.Z, cirq.H]) ** angle()).on(rng.choice([A, B])),
        lambda: (rng.choice([cirq.CX, cirq.CZ, cirq.XX, cirq.ZZ, cirq.SWAP]) ** angle()).on(A, C),
        lambda: (cirq.ISWAP ** angle()).on(B, C),
        lambda: cirq.FSimGate(angle(), angle())(C, A),
        lambda: cirq.rz(angle())(B).controlled_by(A, control_values=[0]),
        lambda: cirq.PhasedXPowGate(phase_exponent=angle(), exponent=angle())(A),
        lambda: cirq.PhasedXZGate(
            x_exponent=angle(), z_exponent=angle(), axis_phase_exponent=angle()
        )(B).with_tags("t"),
        lambda: cirq.PauliStringPhasor(cirq.X(A) * cirq.Y(C), exponent_neg=0.3),
        lambda: cirq.CircuitOperation(
            cirq.FrozenCircuit(cirq.X(A) ** angle(), cirq.H(B)), use_repetition_ids=False
        ),
    ]
    circuit = cirq.Circuit(rng.choice(gates)() for _ in range(12))
    circuit.append([cirq.I(A), cirq.I(B), cirq.I(C)])
    values = dict(zip("abc", rng.normal(size=3), strict=True))
    converted = from_cirq(circuit)
    assert {parameter.name for parameter in converted.parameters} <= set("abc")
    psi = nk.zero_state(3)
    used = {parameter.name: values[parameter.name] for parameter in converted.parameters}
    converted.run(psi, used)
    expected = cirq.Simulator(dtype=np.complex128).simulate(circuit, values).final_state_vector
    near(psi, expected, np.complex128, 200)


@pytest.mark.parametrize(
    ("operation", "error", "message"),
    [
        (cirq.measure(A, key="m"), TypeError, r"measure\(.*is not unitary.*numket\.cirq\.Sim"),
        (cirq.depolarize(0.1)(A), TypeError, r"depolarize\(p=0\.1\).*is not unitary"),
        (cirq.X(A).with_classical_controls("m"), TypeError, "is not unitary"),
        (cirq.X(A) ** sympy.Symbol("t") ** 2, ValueError, r"X.*'t\*\*2' is not a sum"),
        (cirq.X(A) ** (sympy.Symbol("t") * sympy.Symbol("u")), ValueError, "is not a sum"),
        (cirq.X(A) ** sympy.sin(sympy.Symbol("t")), ValueError, "is not a sum"),
        (cirq.TwoQubitDiagonalGate([sympy.Symbol("t"), 0, 0, 0])(A, B), ValueError, "diagonal"),
        (cirq.IdentityGate(1, (3,))(cirq.LineQid(0, 3)), ValueError, "dimension 3"),
        (Unknown()(A), TypeError, "is not unitary"),
    ],
    ids=lambda part: None if isinstance(part, type) else str(part),
)
def test_what_no_circuit_can_hold_is_named(operation, error, message):
    with pytest.raises(error, match=message):
        from_cirq(cirq.Circuit(operation))


def test_a_circuit_of_cirq_is_a_circuit_of_numket():
    circuit = from_cirq(cirq.Circuit(cirq.H(A), cirq.CX(A, B), cirq.CZ(B, C) ** 0.5))
    assert [operation.name for operation in circuit] == ["h", "x", "p"]
    assert len(from_cirq(cirq.Circuit())) == 0
    order = from_cirq(cirq.Circuit(cirq.X(A)), [D, A])
    assert next(iter(order)).qubits == (1,)
