"""OpenQASM: circuits that other people's generators make, against Qiskit's Statevector."""

import numpy as np
import pytest
from mqt.bench import BenchmarkLevel, get_benchmark
from qiskit import QuantumCircuit, qasm2, qasm3, transpile
from qiskit.circuit import Clbit, Gate
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.quantum_info import Operator, Statevector

import numket as nk
from numket import qasm
from numket.qasm import QasmError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

FAMILIES = ["ghz", "qft", "wstate", "grover", "qaoa", "vqe_real_amp", "randomcircuit"]
BASIS = ["h", "x", "sx", "rz", "ry", "rx", "p", "u", "cx", "cp", "cz", "swap", "ccx", "rzz"]


def qiskit_gates() -> list[Gate]:
    """Qiskit's standard gates, with some numbers for their parameters."""
    gates = []
    for gate in get_standard_gate_name_mapping().values():
        if isinstance(gate, Gate) and gate.num_qubits:
            copy = gate.to_mutable()
            copy.params = [0.3 + 0.4 * i for i in range(len(gate.params))]
            gates.append(copy)
    return gates


def circuit(family: str, mirror: bool = False) -> QuantumCircuit:
    made = get_benchmark(
        family, BenchmarkLevel.ALG, 5, random_parameters=True, generate_mirror_circuit=mirror
    )
    return transpile(made, basis_gates=BASIS, optimization_level=0)


def final_state(text: str) -> np.ndarray:
    circuit = qasm.loads(text)
    state = nk.zero_state(circuit.num_qubits)
    circuit.run(state)
    return state


def assert_same_ray(got: np.ndarray, expected: np.ndarray, gates: int) -> None:
    """Equal up to a global phase, which pyqasm does not keep."""
    overlap = abs(np.vdot(expected, got))
    assert abs(overlap - 1) < 8 * np.finfo(float).eps * (gates + 8)


@pytest.mark.parametrize("dump", [qasm2.dumps, qasm3.dumps], ids=["qasm2", "qasm3"])
@pytest.mark.parametrize("family", FAMILIES)
def test_same_state_as_qiskit(family, dump):
    made = circuit(family)
    expected = Statevector(made.remove_final_measurements(inplace=False)).data
    got = nk.little_endian(final_state(dump(made)))
    # Our qubit q is their qubit q, and theirs is the q-th least significant bit.
    got = got.reshape(-1) if got.ndim == 1 else np.ascontiguousarray(got).reshape(-1)
    assert_same_ray(got, expected, len(made.data))


@pytest.mark.parametrize("family", FAMILIES)
def test_mirror_circuits_come_back(family):
    made = circuit(family, mirror=True)
    state = final_state(qasm2.dumps(made))
    eps = np.finfo(float).eps
    assert abs(nk.probabilities(state)[0] - 1) < 16 * eps * len(made.data)


def test_qasm3_features():
    state = final_state(
        """OPENQASM 3.0;
        include "stdgates.inc";
        gate twice(a) p, r { rx(a) p; cx p, r; rx(2 * a) r; }
        qubit[2] a; qubit b; bit[3] c;
        for int i in [0:1] { h a[i]; }
        twice(-pi / 7) a[0], b;
        ctrl @ x a[0], a[1];
        negctrl @ ry(0.3) a[1], b;
        ctrl(2) @ z a[0], a[1], b;
        inv @ s a[0];
        inv @ U(0.1, 0.2, 0.3) b;
        barrier a;
        c[0] = measure a[0];
        """
    )
    expected = nk.ket("000").h(0).h(1)
    expected.rx(-np.pi / 7, 0).cx(0, 2).rx(-2 * np.pi / 7, 2).cx(0, 1)
    expected.ry(0.3, 2, controls=[1], control_values=[0]).ccz(0, 1, 2).sdg(0)
    expected.u(-0.1, -0.3, -0.2, 2)
    assert_same_ray(state, expected.state, 16)


def unitary(text: str) -> np.ndarray:
    circuit = qasm.loads(text)
    columns = []
    for index in range(2**circuit.num_qubits):
        columns.append(nk.basis_state(circuit.num_qubits, index))
        circuit.run(columns[-1])
    return np.array(columns).T


def assert_same_up_to_phase(got: np.ndarray, expected: np.ndarray) -> None:
    assert abs(abs(np.vdot(expected, got)) - len(expected)) < 1e-13 * len(expected)


@pytest.mark.parametrize("gate", qiskit_gates(), ids=lambda gate: gate.name)
@pytest.mark.parametrize("dump", [qasm2.dumps, qasm3.dumps], ids=["qasm2", "qasm3"])
def test_every_standard_gate_of_qiskit(gate, dump):
    made = QuantumCircuit(gate.num_qubits)
    made.append(gate, range(gate.num_qubits))
    assert_same_up_to_phase(unitary(dump(made)), Operator(made.reverse_bits()).data)


@pytest.mark.parametrize(
    ("definition", "call"),
    [
        ("gate p(a) x { rx(a) x; }", "p(0.3) q[0];"),  # by the name of another gate
        ("gate cnot a, b { cx b, a; }", "cnot q[0], q[1];"),
        ("gate iswap a, b { cz a, b; }", "iswap q[0], q[1];"),
        (
            "gate cphase(t) a, b { cx a, b; rz(t) b; }\ngate w a, b { cphase(0.3) b, a; }",
            "w q[0], q[1];",
        ),
    ],
)
def test_what_the_file_defines_wins(definition, call):
    text = f'OPENQASM 2.0;\ninclude "qelib1.inc";\n{definition}\nqreg q[2];\n{call}\n'
    made = qasm2.loads(text)
    assert_same_up_to_phase(unitary(text), Operator(made.reverse_bits()).data)


@pytest.mark.parametrize(
    "body",
    [
        "gate g q { gphase(pi / 4); x q; }\nqubit[2] q; g q[1]; ctrl @ g q[0], q[1];",
        "qubit[2] q; ctrl @ gphase(pi / 2) q[0];",
        "qubit[2] q; ctrl @ u2(0.1, 0.2) q[0], q[1];",
        "qubit[3] q; ctrl @ cu(0.1, 0.2, 0.3, 0.4) q[2], q[0], q[1];",
        "qubit[3] q; ctrl @ swap q[2], q[0], q[1];",
        "qubit[2] q; ctrl @ inv @ s q[0], q[1]; inv @ sx q[0]; pow(3) @ t q[1];",
        "qubit[2] q; pow(-2) @ t q[0]; inv @ cu(0.1, 0.2, 0.3, 0.4) q[1], q[0];",
    ],
)
def test_modifiers_keep_the_phases_that_matter(body):
    text = f'OPENQASM 3.0;\ninclude "stdgates.inc";\n{body}\n'
    made = qasm3.loads(text)
    assert_same_up_to_phase(unitary(text), Operator(made.reverse_bits()).data)


def test_power_in_openqasm_2():
    state = final_state("qreg q[1]; rx(2^3) q[0];")
    assert_same_ray(state, nk.ket("0").rx(8, 0).state, 1)


def test_physical_qubits():
    state = final_state('OPENQASM 3.0;\ninclude "stdgates.inc";\nx $2; cx $2, $0; measure $0;')
    assert state.argmax() == 0b101


def test_no_header_and_broadcasting():
    state = final_state("qreg q[3];\nh q;\ncx q[0], q[1];\n")
    np.testing.assert_allclose(np.abs(state), 8**-0.5, rtol=1e-15)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("x $0;", "physical qubits"),
        ("qubit $1;", "line 4"),
        (
            "c[0] = measure q[0];\nif (c[0] == 1) {\nh q[0];\nc[1] = measure q[1]; }",
            "line 7: a meas",
        ),
        ("c = measure q;\nif (c[0] == 1 && c[1] == 0) { x q[1]; }", "line 5: this condition"),
        ("c = measure q;\nif (c[0] == c[1]) { x q[1]; }", "line 5: this condition"),
        ("c = measure q;\nif (!c) { x q[1]; }", "line 5: this condition"),
        ("c = measure q;\nif (1 == c) { x q[1]; }", "line 5: this condition"),
        ("for int i in [0:1] {\nc[i] = measure q[i]; if (c[i]) { x q[1]; } }", "line 5: this cond"),
        ("c = measure q;\nif (c & 1) { x q[1]; }", "line 5.*==, !="),
        (
            "c[0] = measure q[0];\nwhile (c[0] == 1) { x q[0]; }",
            "line 5: .* outside the cond.* 'if'",
        ),
        ("c[0] = measure q[0];\nrx(c[0]) q[0];", "line 5: the classical register 'c' is used"),
        ("c[0] = measure q[0];\nbool b = c[0]; if (b) { x q[0]; }", "line 5: the classical"),
        (
            "c[0] = measure q[0];\nc[1] = c[0]; if (c[1]) { x q[0]; }",
            "line 5: giving a classical bit",
        ),
        ('c = "01";\nif (c[1] == 1) { x q[0]; }', "line 4: giving a classical bit"),
        ('bit d = "1";\nc[0] = measure q[0]; h q[0];', "line 4: giving a classical bit"),
        ("c[0] = measure q[0];\nbox { x q[0]; }", "line 5: Box is not supported"),
        ("c[0] = measure q[0];\nif (c[0]) { box { x q[0]; } }", "line 5: Box under a condition"),
        ("nonsense q[0];", "line 4, column 0: .*nonsense"),
        ("h q[7];", "line 4"),
        ("h q[0", "line 5.*syntax error"),
        ("h q[0]\nh q[1];", "line 5, column 0: syntax error at 'h'"),
    ],
)
def test_what_is_not_supported_is_said(body, words):
    with pytest.raises(QasmError, match=words):
        qasm.loads(f'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q; bit[2] c;\n{body}\n')


@pytest.mark.parametrize("name", sorted({gate["name"] for gate in nk._core.GATES}))
def test_every_gate_is_written_as_it_is_read(name):
    gate = qasm.GATES[name]
    angles = [0.3, -0.7, 1.9, 0.2][: len(gate["params"])]
    k = len(gate["qubits"])
    for controls, values in ([], []), ([k], [1]), ([k + 1, k], [0, 1]):
        circuit = nk.Circuit(k + 2)
        getattr(circuit, name)(*angles, *range(k), controls=controls, control_values=values)
        text = circuit.to_qasm()
        assert text == qasm.dumps(circuit)
        read = nk.Circuit.from_qasm(text)
        columns, expected = np.eye(2 ** (k + 2), dtype=complex), np.eye(2 ** (k + 2), dtype=complex)
        read.run(columns, batch=1)
        circuit.run(expected, batch=1)
        if name not in qasm.DEFINED or not controls:  # a definition may lose the phase
            assert_same_up_to_phase(columns, expected)
        made = qasm3.loads(text)
        assert_same_up_to_phase(expected.T, Operator(made.reverse_bits()).data)


def test_pauli_strings_are_written(tmp_path):
    circuit = nk.Circuit(4).apply_pauli("XIYZ").pauli_rotation(0.7, "YXIZ", [3, 0, 1, 2])
    circuit.pauli_rotation(0.3, "Y", 1, controls=[0]).h(2)
    path = tmp_path / "circuit.qasm"
    path.write_text(circuit.to_qasm())
    read = nk.Circuit.from_qasm_file(path)
    state, expected = nk.zero_state(4), nk.zero_state(4)
    for psi in state, expected:
        nk.Circuit(4).h(0).ry(0.3, 1).rx(0.4, 2).h(3).run(psi)
    read.run(state)
    circuit.run(expected)
    assert_same_ray(state, expected, 32)


def test_what_cannot_be_written():
    for circuit in (
        nk.Circuit(1).apply(np.eye(2), 0),
        nk.Circuit(1).apply_diagonal([1, 1], 0),
        nk.Circuit(1).apply_permutation([1, 0], 0),
    ):
        with pytest.raises(ValueError, match="OpenQASM"):
            circuit.to_qasm()


def test_phases_are_written():
    circuit = nk.Circuit(2).h(0).h(1).gphase(0.5).pauli_rotation(0.5, "II")
    circuit.gphase(2 * nk.Parameter("a"), controls=[1, 0], control_values=[0, 1])
    text = circuit.to_qasm()
    phases = "gphase(0.5);\ngphase(-0.25);\nnegctrl @ ctrl @ gphase(2.0*a) q[1], q[0];\n"
    assert text.endswith("h q[1];\n" + phases)


TELEPORTATION = {
    "qasm2": """OPENQASM 2.0;
        include "qelib1.inc";
        qreg q[3]; creg a[1]; creg b[1];
        h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
        measure q[0] -> a[0];
        measure q[1] -> b[0];
        if (b == 1) x q[2];
        if (a == 1) z q[2];
        """,
    "qasm3": """OPENQASM 3.0;
        include "stdgates.inc";
        qubit[3] q; bit a; bit[1] b;
        h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
        a = measure q[0];
        b[0] = measure q[1];
        if (b[0]) { x q[2]; }
        if (!a) { } else { z q[2]; }
        """,
}


@pytest.mark.parametrize("version", TELEPORTATION)
def test_teleportation(version):
    circuit = qasm.loads(TELEPORTATION[version])
    assert circuit.num_bits == 2
    states = np.zeros((100, 2, 2, 2), complex)
    states[:, :, 0, 0] = 0.6, 0.8j
    bits = circuit.run(states, batch=1, rng=1)
    assert len(np.unique(bits, axis=0)) == 4
    for state, (a, b) in zip(states, bits, strict=True):
        np.testing.assert_allclose(state[a, b], [0.6, 0.8j], atol=1e-15)


X, Y = ((name, (1,)) for name in "xy")


@pytest.mark.parametrize(
    ("body", "met"),
    [
        # What is done for c = 0, 1, 2, 3; the first bit is the least significant.
        ("if (c == 2) { x q[1]; }", [[], [], [X], []]),
        ("if (c == 2) { x q[1]; } else { y q[1]; }", [[Y], [Y], [X], [Y]]),
        ("if (c != 1) { x q[1]; }", [[X], [], [X], [X]]),
        ("if (c > 1) { x q[1]; } else { y q[1]; }", [[Y], [Y], [X], [X]]),
        ("if (c <= 2) { x q[1]; }", [[X], [X], [X], []]),
        ("if (c == 9) { x q[1]; } else { y q[1]; }", [[Y]] * 4),
        ('if (c == "01") { x q[1]; }', [[], [X], [], []]),
        ('if (c != "01") { x q[1]; y q[1]; }', [[X, Y], [], [X, Y], [X, Y]]),
        ("if (c[0] == 1) { x q[1]; }", [[], [X], [], [X]]),
        ("if (c[0] == false) { x q[1]; } else { y q[1]; }", [[X], [Y], [X], [Y]]),
        ("if (c[1]) { x q[1]; }", [[], [], [X], [X]]),
        ("if (!c[1]) { x q[1]; }", [[X], [X], [], []]),
        ("if (c[0]) { if (c[1]) { x q[1]; } else { y q[1]; } }", [[], [Y], [], [X]]),
        ("if (c[0]) { x q[1]; } else if (c[1]) { y q[1]; }", [[], [X], [Y], [X]]),
        ("if (c[0]) { if (!c[0]) { x q[1]; } }", [[]] * 4),
        ("if (d) { x q[1]; } else { y q[1]; }", [[Y], [X], [Y], [X]]),
        ("if (!d) { x q[1]; }", [[X], [], [X], []]),
        ("if (d == true) { x q[1]; }", [[], [X], [], [X]]),
        ("if (e[1] == 1) { x q[1]; } else { y q[1]; }", [[Y]] * 4),  # never measured
        ("if (e == 0) { x q[1]; }", [[X]] * 4),
        ("int i = 2; if (i == 2) { x q[1]; }", [[X]] * 4),
        ("if (c[0]) { for int i in [0:1] { x q[1]; } }", [[], [X, X], [], [X, X]]),
    ],
)
def test_conditions(body, met):
    circuit = qasm.loads(
        'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q; bit[2] c; bit d; bit[2] e;\n'
        f"c[0] = measure q[0]; c[1] = measure q[2]; d = measure q[0]; h q[0];\n{body}\n"
    )
    for value, expected in enumerate(met):
        bits = {0: value & 1, 1: value >> 1, 2: value & 1}
        done = [
            (name, qubits)
            for name, _, qubits, _, _, _, condition in list(circuit)[4:]
            if all(bits[bit] == wanted for bit, wanted in condition)
        ]
        assert done == expected


def test_conditions_of_openqasm_2():
    text = "qreg q[2]; creg a[1]; creg c[2]; measure q[0] -> c[1]; if (c == 2) x q[1]; reset q[0];"
    assert qasm.loads(text) == nk.Circuit(2).measure(0, 2).x(1, condition=2).reset(0)
    assert qasm.loads(text.replace("2) x", "3) x")) == nk.Circuit(2).measure(0, 2).reset(0)
    both = "qreg q[2]; creg c[2]; measure q -> c; if (c == 2) reset q[1];"
    expected = nk.Circuit(2).measure(0).measure(1).reset(1, condition={0: 0, 1: 1})
    assert qasm.loads(both) == expected


@pytest.mark.parametrize(
    "text",
    [
        "h q[0]; c = measure q;",
        "c[0] = measure q[0]; h q[1]; c[1] = measure q[1];",
        "c[0] = measure q[0]; c[1] = measure q[0]; barrier q; h q[1];",
        "c = measure q; if (e[0]) { x q[0]; }",
        'c = "00"; c = measure q;',
    ],
)
def test_final_measurements_are_left_out(text):
    head = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q; bit[2] c; bit[1] e;\n'
    assert {operation.name for operation in qasm.loads(head + text)} <= {"h"}


def test_measurements_are_all_kept_or_none():
    head = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q; bit[2] c; bit d;\n'
    circuit = qasm.loads(head + "c[1] = measure q[0]; reset q[0]; d = measure q[1]; measure q[0];")
    assert circuit == nk.Circuit(2).measure(0, 1).reset(0).measure(1, 2).measure(0, 3)
    circuit = qasm.loads(head + "measure q[0]; reset q[0]; bit[2] e = measure q; h q[0];")
    assert circuit == nk.Circuit(2).measure(0, 5).reset(0).measure(0, 3).measure(1, 4).h(0)
    circuit = qasm.loads(head + "reset q[0]; h q[0]; c = measure q;")
    assert circuit == nk.Circuit(2).reset(0).h(0)


def test_what_measures_is_written_as_it_is_read():
    circuit = nk.Circuit(3).h(0).h(2).measure([0, 2], [3, 1]).x(1, condition={1: 0, 3: 1})
    circuit.y(2, controls=[0], control_values=[0], condition={1: 0, 3: 1}).reset([1, 0])
    circuit.reset(2, condition=3).pauli_rotation(0.3, "XYZ", condition={1: 1}).h(1).measure(1)
    circuit.apply_pauli("XZ", [2, 0], condition=4).h(1)
    text = circuit.to_qasm()
    assert "bit[5] c;\n" in text
    assert "if (c[1] == false) {\n  if (c[3] == true) {\n    x q[1];\n    negctrl @ y" in text
    assert qasm3.loads(text).num_clbits == 5
    read = nk.Circuit.from_qasm(text)
    assert read.num_bits == 5
    states, expected = np.zeros((50, 8), complex), np.zeros((50, 8), complex)
    states[:, 0] = expected[:, 0] = 1
    bits = circuit.run(expected, batch=1, rng=1)
    assert np.array_equal(read.run(states, batch=1, rng=1), bits)
    assert len(np.unique(bits, axis=0)) > 4
    overlaps = abs(np.sum(states.conj() * expected, axis=1))
    np.testing.assert_allclose(overlaps, 1, rtol=1e-14)


def test_a_block_ends_where_its_condition_may_change():
    circuit = nk.Circuit(1).x(0).measure(0).x(0, condition=0).measure(0, 0, condition=0)
    block = "if (c[0] == true) {\n  x q[0];\n"
    measured = block + "  c[0] = measure q[0];\n}\n"
    assert circuit.to_qasm().endswith(measured)
    assert circuit.x(0, condition=0).to_qasm().endswith(measured + block + "}\n")


def test_dynamic_circuits_of_qiskit():
    made = QuantumCircuit(3, 3)
    made.ry(0.7, 0)
    made.measure(0, 1)
    with made.if_test((made.clbits[1], 1)) as otherwise:
        made.rx(0.3, 1)
    with otherwise:
        made.ry(0.4, 2)
    made.reset(0)
    made.measure(1, 2)
    with made.if_test((made.cregs[0], 6)):
        made.x(0)
    expected = nk.Circuit(3).ry(0.7, 0).measure(0, 1).rx(0.3, 1, condition=1)
    expected.ry(0.4, 2, condition={1: 0}).reset(0).measure(1, 2).x(0, condition={1: 1, 2: 1})
    assert qasm.loads(qasm3.dumps(made)) == expected
    made = QuantumCircuit(1)
    made.add_bits([Clbit()])
    made.measure(0, 0)
    with made.if_test((made.clbits[0], 0)):
        made.x(0)
    expected = nk.Circuit(1).measure(0).x(0, condition={0: 0})
    assert qasm.loads(qasm3.dumps(made)) == expected


def test_parameters_by_the_name_of_a_register():
    circuit = nk.Circuit(1).rx(nk.Parameter("c"), 0)
    assert "input float c;" in circuit.to_qasm()
    for bad in circuit.measure(0), nk.Circuit(1).rx(nk.Parameter("q"), 0):
        with pytest.raises(ValueError, match=r"the parameter '[cq]' .* register"):
            bad.to_qasm()


def test_parameters_are_written_as_inputs():
    circuit = nk.Circuit(1).rx(nk.Parameter("a"), 0).rz(1 - nk.Parameter("b") / 2, 0)
    assert "input float a;\ninput float b;" in circuit.to_qasm()
    assert "rz(-0.5*b + 1.0) q[0];" in circuit.to_qasm()
