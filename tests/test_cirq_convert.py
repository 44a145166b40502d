"""Circuits of Cirq as circuits of numket, against Cirq's own matrices."""

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle
from helpers_cirq import GATES, OTHERS, A, B, C, D, Unknown, near
from numket.cirq import convert, from_cirq

EXPONENTS = (1, 0.5, -1, 0.3, 2, -2.75, 3, 7.125, 0)


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


BY_MATRIX = {
    *("controlled matrix", "matrix", "permutation"),
    *("boolean", "clifford", "pauli phasor", "qft"),
}


@pytest.mark.parametrize("name", [name for name in (GATES | OTHERS) if name not in BY_MATRIX])
def test_standard_gates_need_no_matrix_of_cirq(name, rng, monkeypatch):
    """By themselves and under controls."""
    given = (GATES | OTHERS)[name]
    n = cirq.num_qubits(given)
    *qubits, first, second = cirq.LineQubit.range(n + 2)
    state = oracle.random_state(rng, n + 2)
    either = cirq.SumOfProducts([(0, 0), (1, 1)])
    for gate in [given**power for power in (1, 0.3, -1)] if name in GATES else [given]:
        alone = gate.on(*qubits)
        for operation in (
            alone,
            alone.controlled_by(second, control_values=[0]),
            alone.controlled_by(second, first, control_values=[0, 1]).with_tags("tag"),
            alone.controlled_by(first, second, control_values=[1, (0, 1)]),
            alone.controlled_by(first, second, control_values=either),
        ):
            expected = through(cirq.Circuit(operation), state, [*qubits, first, second])
            got = state.copy()
            with monkeypatch.context() as patch:
                patch.setattr(convert, "_general", None)
                patch.setattr(convert, "_unitary", None)
                circuit = from_cirq(cirq.Circuit(operation), [*qubits, first, second])
            circuit.run(got)
            near(got, expected, np.complex128, 40 if n > 3 else 10)


@pytest.mark.parametrize(
    "operation",
    [
        cirq.CNOT(B, A).with_tags("tag"),
        cirq.X(A) * cirq.Y(C) * 1j,
        cirq.ControlledOperation([B], cirq.X(A) * cirq.Y(C) * 1j, [0]),
        cirq.PauliString(coefficient=-1),
        cirq.DensePauliString("XZ", coefficient=1j)(C, B),
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
        lambda: cirq.PhasedISwapPowGate(phase_exponent=angle(), exponent=angle())(A, B),
        lambda: cirq.PhasedFSimGate(*(angle() for _ in range(5)))(B, C),
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
        (cirq.X(A) * cirq.Y(B) * 0.5, TypeError, "is not unitary"),
        (
            cirq.DensePauliString("XY", coefficient=sympy.Symbol("t"))(A, B),
            ValueError,
            "only in exponents and angles",
        ),
        (cirq.depolarize(0.1)(A), TypeError, r"depolarize\(p=0\.1\).*is not unitary"),
        (cirq.X(A).with_classical_controls("m"), TypeError, "is not unitary"),
        (cirq.X(A) ** sympy.Symbol("t") ** 2, ValueError, r"X.*'t\*\*2' is not a sum"),
        (cirq.X(A) ** (sympy.Symbol("t") * sympy.Symbol("u")), ValueError, "is not a sum"),
        (cirq.X(A) ** sympy.sin(sympy.Symbol("t")), ValueError, "is not a sum"),
        (cirq.TwoQubitDiagonalGate([sympy.Symbol("t"), 0, 0, 0])(A, B), ValueError, "diagonal"),
        (cirq.IdentityGate(1, (3,))(cirq.LineQid(0, 3)), ValueError, "dimension 3"),
        pytest.param(Unknown()(A), TypeError, "is not unitary", id="unknown"),
    ],
    ids=lambda part: None if isinstance(part, type) else str(part),
)
def test_what_no_circuit_can_hold_is_named(operation, error, message):
    with pytest.raises(error, match=message):
        from_cirq(cirq.Circuit(operation))


def test_a_circuit_of_cirq_is_a_circuit_of_numket():
    circuit = from_cirq(cirq.Circuit(cirq.H(A), cirq.CX(A, B), cirq.CZ(B, C) ** 0.5))
    assert [operation.name for operation in circuit] == ["h", "cx", "cp"]
    assert len(from_cirq(cirq.Circuit())) == 0
    order = from_cirq(cirq.Circuit(cirq.X(A)), [D, A])
    assert next(iter(order)).qubits == (1,)
