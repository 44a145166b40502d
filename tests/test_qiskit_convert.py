"""Circuits of Qiskit on numket, against Qiskit's own operators."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle

pytest.importorskip("qiskit")

from qiskit import QuantumCircuit
from qiskit.circuit import (
    AnnotatedOperation,
    ControlModifier,
    Gate,
    Instruction,
    InverseModifier,
    PowerModifier,
    library,
)
from qiskit.circuit.random import random_circuit
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import (
    Operator,
    Pauli,
    SparsePauliOp,
    Statevector,
    random_clifford,
    random_statevector,
    random_unitary,
)

from helpers_qiskit import HOST, WARNS, A, B, check, measured, turned
from numket.qiskit import convert, evolve, from_qiskit

pytestmark = WARNS

STANDARD = {
    name: gate
    for name, gate in library.get_standard_gate_name_mapping().items()
    if name not in ("measure", "reset", "delay")
}


SPARSE = pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")
"""What SciPy says of the exponential that is the matrix of a PauliEvolutionGate."""


def with_numbers(gate, rng):
    """The gate with random numbers for its parameters."""
    return type(gate)(*rng.normal(size=len(gate.params))) if gate.params else gate


def on_random_qubits(operation, rng, spare=1):
    """A circuit that has the operation on some of its qubits, in random order."""
    n = operation.num_qubits + spare
    circuit = QuantumCircuit(n)
    circuit.append(operation, rng.permutation(n)[: operation.num_qubits].tolist())
    return circuit


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


def names(operation):
    """Of the operations that a gate becomes."""
    circuit = QuantumCircuit(operation.num_qubits)
    circuit.append(operation, range(operation.num_qubits))
    return [step.name for step in from_qiskit(circuit)]


STEPS = {
    "id": 0,
    "dcx": 2,
    "rccx": 3,
    "rcccx": 4,
    "xx_plus_yy": 4,
    "xx_minus_yy": 4,
}
"""Operations that a standard gate becomes; the others become one."""


@pytest.mark.parametrize("name", STANDARD)
def test_no_standard_gate_goes_through_a_matrix(name, rng):
    gate = with_numbers(STANDARD[name], rng)
    assert len(names(gate)) == STEPS.get(name, 1)
    assert "apply" not in names(gate)
    for controls, state in (1, None), (2, 1), (3, 5):
        annotated = gate.control(controls, ctrl_state=state, annotated=True)
        assert "apply" not in names(annotated)
        inverse = AnnotatedOperation(annotated, InverseModifier())
        if name not in ("rccx", "rcccx"):  # of which Qiskit has no inverse that is a standard gate
            assert "apply" not in names(inverse)
        check(on_random_qubits(inverse, rng))
        if name in STEPS or gate.num_qubits + controls > 5:
            continue  # what Qiskit puts together of other gates
        assert "apply" not in names(gate.control(controls, ctrl_state=state, annotated=False))
    for state in range(2 ** getattr(gate, "num_ctrl_qubits", 0)):
        gate = gate.to_mutable()
        if hasattr(gate, "ctrl_state"):
            gate.ctrl_state = state
        assert "apply" not in names(gate)


@pytest.mark.parametrize("name", [name for name in STANDARD if name != "global_phase"])
def test_standard_gates_are_read_in_one_crossing(name, rng, monkeypatch):
    gate = with_numbers(STANDARD[name], rng)
    circuits = [on_random_qubits(gate, rng)]
    if not hasattr(gate, "num_ctrl_qubits"):
        circuits += [
            on_random_qubits(gate.control(2, ctrl_state=k, annotated=True), rng) for k in range(4)
        ]
        twice = [ControlModifier(2, 1), ControlModifier(1, 0)]
        circuits.append(on_random_qubits(AnnotatedOperation(gate, twice), rng))
    if not hasattr(gate, "num_ctrl_qubits") and name not in STEPS:  # which Qiskit puts together
        circuits += [
            on_random_qubits(gate.control(2, ctrl_state=k, annotated=False), rng) for k in range(4)
        ]
    for circuit in circuits:
        with monkeypatch.context() as patch:
            patch.setattr(convert._Converter, "instruction", None)
            from_qiskit(circuit)
        check(circuit)


@pytest.mark.parametrize("name", STANDARD)
def test_modifiers_of_standard_gates(name, rng):
    gate = with_numbers(STANDARD[name], rng)
    for modifiers in (
        [InverseModifier()],
        [PowerModifier(3)],
        [PowerModifier(-2)],
        [PowerModifier(0.5)],
        [ControlModifier(1, 0), InverseModifier()],
        [InverseModifier(), ControlModifier(2, 2), PowerModifier(2)],
    ):
        check(on_random_qubits(AnnotatedOperation(gate, modifiers), rng))
    for controls in (1, 0), (1, 1):
        once = AnnotatedOperation(gate, ControlModifier(*controls))
        check(on_random_qubits(AnnotatedOperation(once, ControlModifier(1, 0)), rng, spare=0))


@pytest.mark.parametrize("name", [name for name, gate in STANDARD.items() if gate.params])
def test_parameters_of_standard_gates(name, rng):
    count = len(STANDARD[name].params)
    given = [A, 2 * B - A, 0.3, B + 1][:count]
    gate = type(STANDARD[name])(*given)
    circuit = on_random_qubits(gate, rng)
    circuit.append(gate.control(1, ctrl_state=0, annotated=True), range(gate.num_qubits + 1))
    values = rng.normal(size=circuit.num_parameters)
    assert "apply" not in [step.name for step in from_qiskit(circuit)]
    state = oracle.random_state(rng, circuit.num_qubits)
    expected = Operator(circuit.assign_parameters(values)).data @ state
    from_qiskit(circuit).run(nk.little_endian(state), values)
    oracle.assert_close(state, expected, HOST)


@pytest.mark.parametrize("kind", [library.MCXGate, library.MCPhaseGate])
@pytest.mark.parametrize("controls", [1, 2, 3, 4, 5, 7])
def test_many_controls_are_controls(kind, controls, rng):
    before = [0.3] if kind is library.MCPhaseGate else []
    for state in {0, 1, 2**controls - 1, 2 ** (controls - 1)}:
        gate = kind(*before, controls, ctrl_state=state)
        assert len(names(gate)) == 1
        assert "apply" not in names(gate)
        check(on_random_qubits(gate, rng))
        assert "apply" not in names(gate.control(1, annotated=True))


def test_instructions_of_all_kinds_stay_in_order():
    circuit = QuantumCircuit(3, 1)
    circuit.h(0)
    circuit.barrier()
    circuit.append(library.UnitaryGate(np.eye(2)), [1])
    circuit.cx(0, 1, ctrl_state=0)
    circuit.dcx(0, 2)
    circuit.measure(0, 0)
    circuit.delay(3, 0)
    circuit.x(1)
    found = [step.name for step in from_qiskit(circuit)]
    assert found == ["h", "apply", "x", "cx", "cx", "measure", "x"]


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
        (QuantumCircuit(1), np.ones(2, int), TypeError, "dtype int64"),
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
