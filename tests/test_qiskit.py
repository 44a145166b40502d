"""Circuits, primitives and the backend, against Qiskit's own operators and primitives."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle

pytest.importorskip("qiskit")

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, transpile
from qiskit.circuit import (
    AnnotatedOperation,
    Clbit,
    ControlModifier,
    Gate,
    Instruction,
    InverseModifier,
    Parameter,
    PowerModifier,
    Qubit,
    library,
)
from qiskit.circuit.classical import expr, types
from qiskit.circuit.random import random_circuit
from qiskit.exceptions import QiskitError
from qiskit.primitives import (
    BackendEstimatorV2,
    BackendSamplerV2,
    StatevectorEstimator,
    StatevectorSampler,
)
from qiskit.quantum_info import (
    Operator,
    Pauli,
    SparsePauliOp,
    Statevector,
    random_clifford,
    random_statevector,
    random_unitary,
)
from qiskit.transpiler import generate_preset_pass_manager

from numket.qiskit import Backend, Estimator, Sampler, conditions, evolve, from_qiskit, sampling

# Qiskit 2.0 warns of what its own control() and transpile() call.
pytestmark = pytest.mark.filterwarnings("ignore:.*``qiskit:PendingDeprecationWarning")

STANDARD = {
    name: gate
    for name, gate in library.get_standard_gate_name_mapping().items()
    if name not in ("measure", "reset", "delay")
}
A, B = Parameter("a"), Parameter("b")
SPARSE = pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")
"""What SciPy says of the exponential that is the matrix of a PauliEvolutionGate."""

HOST = 40_000
"""Roundings that Qiskit's own matrices may be off by: its definitions of controlled gates are
found numerically and have hundreds of gates."""


def with_numbers(gate, rng):
    """The gate with random numbers for its parameters."""
    return type(gate)(*rng.normal(size=len(gate.params))) if gate.params else gate


def on_random_qubits(operation, rng, spare=1):
    """A circuit that has the operation on some of its qubits, in random order."""
    n = operation.num_qubits + spare
    circuit = QuantumCircuit(n)
    circuit.append(operation, rng.permutation(n)[: operation.num_qubits].tolist())
    return circuit


def check(circuit, dtype=np.complex128):
    """`evolve` does what the circuit's matrix does, phase and all, from a random state."""
    terms = HOST if dtype == np.complex128 else 400
    rng = np.random.default_rng(len(circuit.data))
    before = oracle.random_state(rng, circuit.num_qubits, dtype)
    expected = Operator(circuit).data @ before
    state = before.copy()
    assert evolve(state, circuit) is None
    oracle.assert_close(state, expected, terms)


@pytest.mark.parametrize("name", STANDARD)
def test_standard_gates(name, rng, dtype):
    check(on_random_qubits(with_numbers(STANDARD[name], rng), rng), dtype)


@pytest.mark.parametrize("name", STANDARD)
@pytest.mark.parametrize("annotated", [False, True], ids=["gate", "annotated"])
def test_controlled_gates(name, annotated, rng):
    gate = with_numbers(STANDARD[name], rng)
    for controls, state in (1, None), (1, 0), (2, 1), (2, 2), (3, 5):
        if not annotated and gate.num_qubits + controls > 5:
            continue  # the host is slow to make these
        check(on_random_qubits(gate.control(controls, ctrl_state=state, annotated=annotated), rng))


@pytest.mark.parametrize("name", [name for name, gate in STANDARD.items() if "c" in name])
def test_control_states_of_controlled_gates(name, rng):
    gate = with_numbers(STANDARD[name], rng)
    for state in range(2 ** getattr(gate, "num_ctrl_qubits", 0)):
        gate = gate.to_mutable()
        if hasattr(gate, "ctrl_state"):
            gate.ctrl_state = state
        check(on_random_qubits(gate, rng))


def operations(rng):
    """Others of the library, and of users."""
    unitary = library.UnitaryGate(random_unitary(4, seed=1))
    diagonal = library.DiagonalGate(np.exp(1j * rng.normal(size=8)))
    block = QuantumCircuit(2, global_phase=0.7)
    block.cx(0, 1)
    block.rz(0.2, 1)
    block.append(unitary, [1, 0])
    commuting = SparsePauliOp(["XXI", "ZZI", "III"], [0.1, 0.2, 0.3])
    yield from (library.MCXGate(k, ctrl_state=k - 1) for k in range(1, 6))
    yield from (library.MCPhaseGate(0.3, 4), library.MCPhaseGate(0.3, 3, ctrl_state=2))
    yield from (unitary, unitary.control(2, ctrl_state=1), library.UnitaryGate([[1j]]))
    yield library.UnitaryGate(random_unitary(64, seed=2))
    yield from (diagonal, diagonal.control(1), diagonal.control(1, annotated=True))
    permutation = library.PermutationGate([2, 4, 3, 0, 1])
    yield from (permutation, permutation.control(1, ctrl_state=0, annotated=True))
    yield from (library.PauliGate("XYZI"), library.PauliGate("XYZ").control(2, ctrl_state=2))
    yield library.GlobalPhaseGate(0.3).control(2, ctrl_state=1)
    yield library.PauliEvolutionGate(commuting, 0.7)
    yield library.PauliEvolutionGate(Pauli("XYZ"), 0.7).control(1)
    yield library.PauliEvolutionGate([SparsePauliOp("XX", 2), SparsePauliOp("YY")], 0.7)
    yield from (library.QFTGate(4), library.QFTGate(6), library.RVGate(0.1, 0.2, 0.3))
    yield library.HamiltonianGate(np.array([[1, 2], [2, 0.0]]), 0.3)
    yield library.LinearFunction([[1, 1], [0, 1]])
    yield library.UCGate([random_unitary(2, seed=i).data for i in range(4)])
    yield from (library.MCMTGate(library.ZGate(), 2, 2), library.MCMTGate(library.ZGate(), 2, 1))
    yield from (random_clifford(3, seed=1), random_clifford(6, seed=1))
    yield library.StatePreparation(random_statevector(8, seed=1))
    yield from (library.StatePreparation("01r+"), library.StatePreparation(5, 4))
    yield from (block.to_gate(), block.to_gate().control(1, ctrl_state=0), block.to_instruction())
    yield library.quantum_volume(5, seed=1).to_gate().control(1, ctrl_state=0)
    for modifiers in (
        [InverseModifier()],
        [PowerModifier(3)],
        [PowerModifier(-2)],
        [PowerModifier(0)],
        [PowerModifier(2), PowerModifier(0.5)],
        [InverseModifier(), PowerModifier(0.5), ControlModifier(1)],
        [ControlModifier(2, 1), InverseModifier(), ControlModifier(1, 0), PowerModifier(2)],
    ):
        yield AnnotatedOperation(unitary, modifiers)
        yield AnnotatedOperation(library.RXGate(0.4), modifiers)
    yield AnnotatedOperation(library.QFTGate(6), [PowerModifier(3), InverseModifier()])
    yield AnnotatedOperation(random_clifford(2, seed=1), [InverseModifier(), ControlModifier(1)])
    yield AnnotatedOperation(random_clifford(6, seed=1), [InverseModifier()])
    yield from (library.C4XGate(), library.C4XGate(ctrl_state=5))
    yield Impostor()


class Impostor(Gate):
    """A gate with the name of another."""

    def __init__(self):
        super().__init__("h", 1, [])

    def __array__(self, dtype=None, copy=None):
        return np.array([[0, 1j], [1, 0]], dtype=dtype)


@SPARSE
def test_other_operations(rng):
    for operation in operations(rng):
        check(on_random_qubits(operation, rng))


@pytest.mark.filterwarnings("ignore:.*qiskit.*:DeprecationWarning")
def test_controlled_gates_that_are_more_than_their_base_gate(rng):
    for k in 1, 2, 3, 4:
        check(on_random_qubits(library.MCXRecursive(k), rng))
        dirty = {"dirty_ancillas": True}
        for flags in {}, dirty, {"relative_phase": True, **dirty}, {"action_only": True, **dirty}:
            check(on_random_qubits(library.MCXVChain(k, **flags), rng))


def test_product_formulas_stay_what_they_are():
    """Evolutions whose terms do not commute are their definitions, not their exponentials."""
    gate = library.PauliEvolutionGate(SparsePauliOp(["XI", "ZZ", "IY"], [0.3, -1, 0.5]), 0.9)
    circuit = QuantumCircuit(2)
    circuit.append(gate, [1, 0])
    formula = circuit.decompose(reps=3)
    state = np.array([1, 0, 0, 0], complex)
    evolve(state, circuit)
    oracle.assert_close(state, Statevector(formula).data, HOST)
    squared = QuantumCircuit(2)
    squared.append(AnnotatedOperation(gate, PowerModifier(2)), [1, 0])
    state[:] = 1, 0, 0, 0
    evolve(state, squared)
    oracle.assert_close(state, Statevector(formula.compose(formula)).data, HOST)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.booleans())
def test_random_circuits(seed, n, single):
    circuit = random_circuit(n, 6, max_operands=min(n, 4), seed=seed)
    circuit.global_phase = seed % 7
    check(circuit, np.complex64 if single else np.complex128)


@st.composite
def gates(draw):
    """A circuit of gates under controls, in blocks, with phases."""
    n = draw(st.integers(2, 5))
    circuit = QuantumCircuit(n, global_phase=draw(st.floats(-3, 3)))
    angle = st.floats(-7, 7)
    for _ in range(draw(st.integers(1, 8))):
        gate = STANDARD[draw(st.sampled_from([g for g in STANDARD if STANDARD[g].num_qubits <= n]))]
        if gate.params:
            gate = type(gate)(*(draw(angle) for _ in gate.params))
        room = n - gate.num_qubits
        if room and draw(st.booleans()):
            controls = draw(st.integers(1, min(room, 2)))
            state = draw(st.integers(0, 2**controls - 1))
            gate = gate.control(controls, ctrl_state=state, annotated=draw(st.booleans()))
        circuit.append(gate, draw(st.permutations(range(n)))[: gate.num_qubits])
    outer = QuantumCircuit(n, global_phase=draw(angle))
    outer.append(circuit.to_instruction(), draw(st.permutations(range(n))))
    return outer


@settings(max_examples=60)
@given(gates())
def test_nested_controlled_gates(circuit):
    check(circuit)


def test_states_from_zero_are_those_of_the_host():
    circuit = QuantumCircuit(4, global_phase=0.4)
    circuit.h(range(4))
    circuit.barrier()
    circuit.delay(10, 0)
    circuit.compose(library.efficient_su2(4, reps=2), inplace=True)
    circuit = circuit.assign_parameters(np.linspace(0, 3, circuit.num_parameters))
    state = Statevector.from_label("0000")
    evolve(state, circuit)
    oracle.assert_close(state.data, Statevector(circuit).data, HOST)
    plain = nk.zero_state(4)
    from_qiskit(circuit).run(plain)
    oracle.assert_close(nk.little_endian(plain).reshape(-1), state.data, HOST)


@pytest.mark.parametrize("given", [[0.6, 0.8j], "r", "01", 3], ids=repr)
def test_initialize(given):
    circuit = QuantumCircuit(3)
    circuit.initialize(given, [2] if given == "r" or isinstance(given, list) else [2, 0])
    state = Statevector.from_label("000")
    evolve(state, circuit)
    oracle.assert_close(state.data, Statevector(circuit).data, HOST)


def test_no_qubits():
    state = np.ones(1, complex)
    evolve(state, QuantumCircuit(0, global_phase=0.4))
    assert abs(state[0] - np.exp(0.4j)) < 1e-15


# Parameters


@SPARSE
def test_affine_parameters(rng):
    circuit = QuantumCircuit(2, global_phase=A / 2)
    circuit.rx(2 * B - A / 3 + 1, 0)
    circuit.append(library.RGate(A, -B), [1])
    circuit.append(library.XXPlusYYGate(A + B, 0.3), [1, 0])
    circuit.append(library.U2Gate(B, A).control(1), [1, 0])
    circuit.append(library.PauliEvolutionGate(Pauli("XZ"), 3 * A), [0, 1])
    circuit.rz((A - B) * 2 + 0 * A, 0)
    converted = from_qiskit(circuit)
    assert [parameter.name for parameter in converted.parameters] == ["a", "b"]
    values = rng.normal(size=(4, 2))
    states = np.zeros((4, 4), complex)
    states[:, 0] = 1
    converted.run(states, values, batch=1)
    for row, state in zip(values, states, strict=True):
        bound = circuit.assign_parameters(row)
        expected = Statevector(bound).data
        oracle.assert_close(nk.little_endian(state).reshape(-1), expected, HOST)
        other = np.array([1, 0, 0, 0], complex)
        evolve(other, circuit, dict(zip([A, B], row, strict=True)))
        oracle.assert_close(other, expected, HOST)


def test_parameters_keep_the_order_of_the_circuit():
    circuit = library.efficient_su2(3, reps=3)
    names = [parameter.name for parameter in circuit.parameters]
    assert [parameter.name for parameter in from_qiskit(circuit).parameters] == names
    assert len(from_qiskit(circuit)) == len(circuit.data)


@pytest.mark.parametrize("angle", [A * B, A**2, A.sin(), A.sign(), 1 / (A + 2), abs(A)], ids=str)
def test_angles_that_are_not_affine(angle, rng):
    circuit = QuantumCircuit(1)
    circuit.rx(angle, 0)
    with pytest.raises(QiskitError, match=r"cannot take the angle.*: use assign_parameters"):
        from_qiskit(circuit)
    values = rng.normal(size=circuit.num_parameters)
    state = np.array([1, 0], complex)
    evolve(state, circuit, values)  # as a number it can
    oracle.assert_close(state, Statevector(circuit.assign_parameters(values)).data, HOST)


# In place


def test_a_statevector_keeps_its_memory(rng):
    n = 20
    circuit = library.efficient_su2(n, reps=1)
    circuit = circuit.assign_parameters(rng.normal(size=circuit.num_parameters))
    state = Statevector(oracle.random_state(rng, n))
    before, header = state.data.copy(), (id(state.data), state.data.ctypes.data)
    evolve(state, circuit)
    assert (id(state.data), state.data.ctypes.data) == header
    assert not np.array_equal(state.data, before)
    tracemalloc.start()
    try:
        evolve(state, circuit)
        assert tracemalloc.get_traced_memory()[1] < state.data.nbytes / 16
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("step", [1, 2, -1, -3])
def test_strided_vectors(step, dtype, rng):
    memory = np.zeros(8 * abs(step), dtype)
    view = memory[::step]
    view[...] = oracle.random_state(rng, 3, dtype)
    circuit = random_circuit(3, 4, seed=3)
    expected = Operator(circuit).data @ view
    evolve(view, circuit, threads=1)
    oracle.assert_close(view, expected, HOST)
    assert np.count_nonzero(memory) <= 8


def measured(n=1):
    circuit = QuantumCircuit(n)
    circuit.measure_all()
    return circuit


def turned():
    circuit = QuantumCircuit(1)
    circuit.rx(A, 0)
    return circuit


@pytest.mark.parametrize(
    ("circuit", "state", "error", "words"),
    [
        (
            QuantumCircuit(2),
            np.ones(2, complex),
            QiskitError,
            r"2 amplitudes.*2 qubits, which need 2\*\*2:",
        ),
        (
            QuantumCircuit(2),
            Statevector(np.ones(8)),
            QiskitError,
            r"8 amplitudes.*which need 2\*\*2:",
        ),
        (measured(), np.ones(2, complex), QiskitError, "'measure'.*: use"),
        (turned(), np.ones(2, complex), QiskitError, "parameters without a value, a: bind"),
        (QuantumCircuit(1), np.ones(2), TypeError, "dtype float64"),
        (QuantumCircuit(1), [1, 0], TypeError, "'state' is a list"),
        (library.HGate(), np.ones(2, complex), TypeError, "'circuit' is a .*: append"),
    ],
)
def test_refusals(circuit, state, error, words):
    before = np.asarray(state).tobytes()
    with pytest.raises(error, match=words):
        evolve(state, circuit)
    assert np.asarray(state).tobytes() == before


def test_unknown_operations_are_named():
    circuit = QuantumCircuit(1)
    circuit.append(Instruction("mystery", 1, 0, []), [0])
    with pytest.raises(QiskitError, match="'mystery', which has neither a matrix nor a definition"):
        from_qiskit(circuit)


def test_resets_draw_from_rng():
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.reset(0)
    seen = set()
    for seed in range(20):
        state = Statevector.from_label("00")
        evolve(state, circuit, rng=seed)
        again = Statevector.from_label("00")
        evolve(again, circuit, rng=seed)
        assert np.array_equal(state.data, again.data)
        seen |= set(state.probabilities_dict(decimals=12))
    assert seen == {"00", "10"}


# Measurements on the way


def outcome(circuit):
    """What two shots of a circuit without chance leave in the register `out`."""
    data = Sampler(seed=1).run([circuit], shots=2).result()[0].data
    ((value, shots),) = data.out.get_int_counts().items()
    assert shots == 2
    return value


CONDITIONS = {
    "register": (lambda c: (c, 6), lambda v: v == 6),
    "bit": (lambda c: (c[2], 0), lambda v: not v & 4),
    "equal": (lambda c: expr.equal(c, 5), lambda v: v == 5),
    "less": (lambda c: expr.less(c, 5), lambda v: v < 5),
    "greater": (lambda c: expr.greater(6, c), lambda v: v < 6),
    "cast to bool": (lambda c: expr.cast(expr.bit_and(c, 3), types.Bool()), lambda v: v & 3),
    "cast to less": (lambda c: expr.less(expr.cast(c, types.Uint(2)), 2), lambda v: v & 3 < 2),
    "cast to more": (
        lambda c: expr.equal(expr.bit_not(expr.cast(c, types.Uint(5))), 26),
        lambda v: v == 5,
    ),
    "xor": (lambda c: expr.equal(expr.bit_xor(c, 3), 6), lambda v: v == 5),
    "not": (lambda c: expr.equal(expr.bit_not(c), 2), lambda v: v == 5),
    "index": (lambda c: expr.index(c, 1), lambda v: v & 2),
    "shift left": (lambda c: expr.equal(expr.shift_left(c, 1), 4), lambda v: v << 1 & 7 == 4),
    "shift right": (lambda c: expr.greater_equal(expr.shift_right(c, 1), 2), lambda v: v >= 4),
    "logic": (
        lambda c: expr.logic_or(expr.logic_not(c[0]), expr.not_equal(c, 3)),
        lambda v: v != 3,
    ),
    "and": (lambda c: expr.logic_and(c[0], expr.lift(c[2])), lambda v: v & 5 == 5),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions(name):
    made, expected = CONDITIONS[name]
    for value in range(8):
        c, out = ClassicalRegister(3, "c"), ClassicalRegister(2, "out")
        circuit = QuantumCircuit(QuantumRegister(4), c, out)
        for bit in range(3):
            if value >> bit & 1:
                circuit.x(bit)
        circuit.measure([0, 1, 2], c)
        with circuit.if_test(made(c)) as otherwise:
            circuit.x(3)
        with otherwise:
            circuit.x(0)
        circuit.measure([3, 0], out)
        true = bool(expected(value))
        assert outcome(circuit) == true + 2 * ((value & 1) ^ (not true))


@pytest.mark.parametrize("value", range(8))
def test_switch(value):
    c, out = ClassicalRegister(3, "c"), ClassicalRegister(2, "out")
    circuit = QuantumCircuit(QuantumRegister(5), c, out)
    for bit in range(3):
        if value >> bit & 1:
            circuit.x(bit)
    circuit.measure([0, 1, 2], c)
    with circuit.switch(c) as case:
        with case(1, 2):
            circuit.x(3)
        with case(4), circuit.if_test((c[0], 0)):
            circuit.x(4)
        with case(case.DEFAULT):
            circuit.x([3, 4])
    circuit.measure([3, 4], out)
    assert outcome(circuit) == {1: 1, 2: 1, 4: 2}.get(value, 3)


def test_loops_and_boxes():
    out = ClassicalRegister(2, "out")
    circuit = QuantumCircuit(QuantumRegister(2), out)
    step = QuantumCircuit(1, global_phase=0.5)
    step.rx(A, 0)
    circuit.for_loop(range(5), A, step, [0], [])
    with circuit.for_loop(range(3)):
        circuit.x(1)
    with circuit.box():
        circuit.x(1)
        circuit.x(1)
    state = np.array([1, 0, 0, 0], complex)
    converted = from_qiskit(circuit)
    converted.run(nk.little_endian(state), [0.0] * len(converted.parameters))
    assert np.allclose(state[2:], np.exp(2.5j) * np.array([np.cos(5), -1j * np.sin(5)]))


def test_blocks_with_bits_of_their_own():
    body = QuantumCircuit(1, 1)
    body.x(0)
    circuit = QuantumCircuit([Qubit(), Qubit()], [Clbit()], ClassicalRegister(1, "out"))
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.if_else((circuit.clbits[0], True), body, None, [1], [0])
    circuit.measure(1, 1)
    assert outcome(circuit) == 1


def test_bits_that_nothing_has_measured_are_0():
    out = ClassicalRegister(1, "out")
    circuit = QuantumCircuit(QuantumRegister(1), ClassicalRegister(40, "c"), out)
    with circuit.if_test((circuit.cregs[0], 0)):
        circuit.x(0)
    with circuit.if_test((circuit.cregs[0], 2)):
        circuit.x(0)
    circuit.measure(0, out)
    assert outcome(circuit) == 1
    one = circuit.copy_empty_like()
    one.x(0)
    one.measure(0, one.cregs[0][39])
    with one.if_test((one.cregs[0], 2**39)):  # of the 40 bits, one has been measured
        one.x(0)
    one.measure(0, out)
    assert outcome(one) == 0


def conditional(build):
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    build(circuit)
    return circuit


def on_bits(build):
    """Two qubits and two bits, where both qubits are 1 and have been measured, and then `build`."""
    out = ClassicalRegister(2, "out")
    circuit = QuantumCircuit(QuantumRegister(2), out)
    circuit.x([0, 1])
    circuit.measure([0, 1], out)
    build(circuit, out)
    return outcome(circuit)


def test_measurements_under_conditions():
    def another_bit(circuit, out):
        with circuit.if_test((out[0], 1)) as otherwise:
            circuit.x(1)
            circuit.measure(1, out[1])
            circuit.x(1)
        with otherwise:
            circuit.measure(0, out[1])
        circuit.barrier()
        with circuit.if_test((out[1], 1)):  # which it is no more
            circuit.measure(1, out[0])

    def the_same_bit(circuit, out):
        with circuit.if_test((out[0], 1)):
            circuit.x(0)
            circuit.measure(0, out[0])
            circuit.barrier()
        with circuit.if_test((out[0], 1)):
            circuit.measure(0, out[1])

    def a_register(circuit, out):
        with circuit.if_test((out, 3)):
            circuit.x([0, 1])
            circuit.measure([0, 1], out)

    def within_another(circuit, out):
        with circuit.if_test((out[1], 1)):
            with circuit.if_test((out[0], 1)):
                circuit.x(0)
                circuit.measure(0, out[0])
            with circuit.if_test((out[0], 0)):
                circuit.measure(0, out[1])

    def cases(circuit, out):
        with circuit.switch(out) as case:
            with case(0, 2):
                circuit.x(0)
            with case(3):
                circuit.x(1)
                circuit.measure([0, 1], [1, 0])

    assert on_bits(another_bit) == 1
    assert on_bits(the_same_bit) == 2
    assert on_bits(a_register) == 0
    assert on_bits(within_another) == 0
    assert on_bits(cases) == 2


def test_bits_that_only_some_shots_measure():
    """Another try where the first has failed, and a qubit that is looked at only then."""
    circuit = QuantumCircuit(2, 2)
    circuit.h([0, 1])
    circuit.measure(0, 0)
    with circuit.if_test((0, 0)):
        circuit.ry(2 * np.arcsin(0.8**0.5), 0)
        circuit.measure([0, 1], [0, 1])
    shots = 4000
    expected = {"00": 0.05, "01": 0.5 + 0.2, "10": 0.05, "11": 0.2}
    counts = Sampler(seed=3).run([circuit], shots=shots).result()[0].data.c.get_counts()
    near(counts, expected, shots)
    result = Backend().run(circuit, shots=shots, seed_simulator=3).result()
    near(result.get_counts(), expected, shots)
    # A measurement that can wait until the end, beside one that cannot.
    circuit.measure(0, 0)
    counts = Sampler(seed=3).run([circuit], shots=shots).result()[0].data.c.get_counts()
    near(counts, expected, shots)


def changes(circuit):
    with circuit.if_test((0, 1)):
        circuit.measure(1, 0)
        circuit.x(0)


def changes_twice(circuit):
    with circuit.if_test((0, 1)):
        circuit.measure([0, 1], [0, 0])


def changes_for_others(circuit):
    with circuit.if_test((0, 1)) as otherwise:
        circuit.measure(1, 0)
    with otherwise:
        circuit.h(0)


def repeats(circuit):
    with circuit.while_loop((0, 1)):
        circuit.h(0)
        circuit.measure(0, 0)


def leaves(circuit):
    with circuit.for_loop(range(2)):
        circuit.x(0)
        circuit.break_loop()


def stores(circuit):
    circuit.add_var("v", expr.lift(False))


def calculates(circuit):
    with circuit.if_test(expr.less(expr.lift(1.25), expr.lift(1.5))):
        circuit.x(0)


def reads_much(circuit):
    many = conditions.MOST_BITS + 1
    circuit.add_register(ClassicalRegister(many, "many"))
    circuit.measure([0] * many, circuit.cregs[-1])
    with circuit.if_test((circuit.cregs[-1], 1)):
        circuit.x(0)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (changes, "'x' after one that measures into the classical bit 0"),
        (changes_twice, "'measure' after one that measures into the classical bit 0"),
        (changes_for_others, "'h' after one that measures into the classical bit 0"),
        (repeats, "'while_loop'"),
        (leaves, "'break_loop'"),
        (stores, "'store'"),
        (calculates, "'if_else'.* a value of type Float"),
        (reads_much, "'if_else'.* reads 17 measured bits; it may read 16"),
    ],
)
def test_control_flow_that_is_refused(build, words):
    with pytest.raises(QiskitError, match=words):
        from_qiskit(conditional(build))


# Samples


def near(counts, probabilities, shots):
    """Counts are plausible: six standard deviations of each, and nothing impossible."""
    assert sum(counts.values()) == shots
    for outcome_ in counts.keys() | probabilities.keys():
        p = probabilities.get(outcome_, 0)
        limit = 6 * np.sqrt(shots * p * (1 - p)) + 1e-6
        assert abs(counts.get(outcome_, 0) - shots * p) <= limit, outcome_


def sweep(rng):
    """A circuit of two registers, partly measured, and values of its parameters."""
    alpha, beta = ClassicalRegister(2, "alpha"), ClassicalRegister(11, "beta")
    circuit = QuantumCircuit(QuantumRegister(4), alpha, beta)
    circuit.h([0, 1, 2, 3])
    circuit.rx(A, 0)
    circuit.crz(A + B, 0, 1)
    circuit.ry(B, 2)
    circuit.h([0, 1, 2])
    circuit.measure(1, alpha[0])
    circuit.measure(0, alpha[1])
    circuit.rxx(A, 2, 3)
    circuit.measure([3, 2], [beta[1], beta[10]])
    return circuit, rng.normal(size=(3, 2, 2))


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
    assert np.array_equal(data[0], data[3])
    twice = Sampler(seed=7).run([(circuit, values), (circuit, values)]).result()
    assert not np.array_equal(twice[0].data.alpha.array, twice[1].data.alpha.array)


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


def test_errors_come_with_the_result():
    with pytest.raises(QiskitError, match="while_loop"):
        Sampler().run([conditional(repeats)]).result()


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


# The backend


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
