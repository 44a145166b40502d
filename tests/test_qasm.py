"""OpenQASM: circuits that other people's generators make, against Qiskit's Statevector."""

import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
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
    circuit = qasm.loads(text, final_measurements=False)
    state = nk.zero_state(circuit.num_qubits)
    circuit.run(state)
    return state


def assert_same_ray(got: np.ndarray, expected: np.ndarray, gates: int) -> None:
    """Equal up to a global phase, which Qiskit's texts do not keep."""
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
    expected.state[...] *= np.exp(-0.05j)  # inv @ U has half of the first angle as its phase
    np.testing.assert_allclose(state, expected.state, atol=16 * np.finfo(float).eps)


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
        ("x $0;", "line 4, column 3: the physical qubit .0 beside declared qubits"),
        ("qubit $1;", r"line 4, column 7: '\$1' was found, and a name was expected"),
        ("c[0] = measure q[0];\nwhile (c[0]) { x q[0]; }", "line 5, column 8: how often this loop"),
        ("c[1] = c[0] ^ 1;", r"line 3, column 13: the bit 1 of 'c' holds a 1 that was not measu"),
        ("c = measure q;\nc[1] = c[0];", "holds the same outcome as another bit"),
        ("extern f(int);", "line 4, column 1: 'extern' names a function outside of the program"),
        ("defcal x $0 { }", "line 4, column 1: 'defcal' is for pulses"),
        ("nonsense q[0];", "line 4, column 1: the gate 'nonsense' is not declared: define it"),
        ("h q[7];", "line 4, column 5: the index 7 is out of range: it goes from 0 to 1"),
        ("h q[0", "line 4, column 6: the end of the text was found, and '\\]' was expected"),
        ("h q[0]\nh q[1];", "line 5, column 1: a ';' is missing before 'h'"),
        ("input int n;", "the input 'n' is neither a float nor an angle"),
        ("input float a; rx(sin(a)) q[0];", "'sin' of an input is not read"),
        ("input float a; rx(a * a) q[0];", "an input is known only when the circuit runs"),
    ],
)
def test_what_is_not_supported_is_said(body, words):
    with pytest.raises(QasmError, match=words):
        qasm.loads(f'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q; bit[2] c;\n{body}\n')


def test_without_a_version_line_the_message_says_so():
    with pytest.raises(
        QasmError, match=r"line 2, .* \(without a version line this is read as OpenQ"
    ):
        qasm.loads("qreg q[1];\nint i = 2;")


def test_files(tmp_path):
    path = tmp_path / "circuit.qasm"
    path.write_text("qreg q[1];\nh q[1];\n")
    with pytest.raises(QasmError, match=r"circuit\.qasm, line 2, column 5: the index 1") as caught:
        qasm.load(path)
    error = caught.value
    assert (error.line, error.column, error.file) == (2, 5, str(path))
    assert error.reason.startswith("the index 1")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.line) == (str(error), 2)
    path.write_bytes("\ufeffqreg q[1]; // ψ\nh q[0];".encode())
    assert qasm.load(path) == nk.Circuit(1).h(0)
    path.write_bytes(b"qreg q[1];\nh q[0]; // \xff")
    with pytest.raises(
        QasmError, match=r"line 2, column 12: this is not encoded in UTF-8, by byte"
    ):
        qasm.load(path)
    path.write_bytes(bytes(range(256)))
    with pytest.raises(QasmError, match="this is a binary file, by byte 128"):
        qasm.load(path)
    with pytest.raises(IsADirectoryError):
        qasm.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        nk.Circuit.from_qasm_file(tmp_path / "none.qasm")
    with pytest.raises(
        QasmError, match="is the name of a file, not OpenQASM: use from_qasm_file or read_file"
    ):
        nk.Circuit.from_qasm(str(path))


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"text": 3}, TypeError, "'text' is a int; it must be a str"),
        ({"text": b"qreg \xff[1];"}, QasmError, "line 1, column 6: this is not encoded in"),
        ({"text": "qreg q[1];", "dialect": "basic"}, ValueError, "known are 'braket', 'qibo'"),
        ({"text": "qreg q[1];", "max_rounds": -1}, ValueError, "'max_rounds' is -1"),
        ({"text": "qreg q[1]; \ud800"}, QasmError, "half a character"),
    ],
)
def test_arguments(given, error, words):
    text = given.pop("text")
    with pytest.raises(error, match=words):
        qasm.read(text, **given)


def test_registers():
    program = qasm.read("qreg a[2]; creg c[1]; qreg b[1]; creg d[3]; h b; measure b[0] -> d[2];")
    assert program.qubits == {"a": range(2), "b": range(2, 3)}
    assert program.bits == {"c": range(1), "d": range(1, 4)}
    assert list(program.qubits) == ["a", "b"]
    assert program.circuit == nk.Circuit(3, num_bits=4).h(2).measure(2, 3)


def test_inputs_are_parameters():
    circuit = qasm.loads(
        """OPENQASM 3.0; include "stdgates.inc";
        input float a; input angle[32] b; input float unused; qubit[2] q;
        gate twice(x) p { rx(2 * x) p; rz(-x / 4 + pi) p; }
        twice(b - a) q[1]; ctrl @ p(b) q[0], q[1]; inv @ rx(a) q[0]; pow(3) @ ry(b) q[0];
        """
    )
    a, b, unused = (nk.Parameter(name) for name in ("a", "b", "unused"))
    expected = nk.Circuit(2, [a, b, unused]).rx(2 * b - 2 * a, 1).rz(np.pi - (b - a) / 4, 1)
    expected.p(b, 1, controls=[0]).rx(-a, 0).ry(3 * b, 0)
    assert circuit == expected


GATES = {gate["name"]: gate for gate in nk._core.GATES}


@pytest.mark.parametrize("name", sorted(GATES))
def test_every_gate_is_written_as_it_is_read(name):
    gate = GATES[name]
    angles = [0.3, -0.7, 1.9, 0.2][: len(gate["params"])]
    k = len(gate["qubits"])
    for controls, values in ([], []), ([k], [1]), ([k + 1, k], [0, 1]):
        circuit = nk.Circuit(k + 2)
        getattr(circuit, name)(*angles, *range(k), controls=controls, control_values=values)
        text = circuit.to_qasm()
        assert text == qasm.dumps(circuit)
        assert nk.Circuit.from_qasm(text) == circuit
        expected = np.eye(2 ** (k + 2), dtype=complex)
        circuit.run(expected, batch=1)
        made = qasm3.loads(text)
        assert_same_up_to_phase(expected.T, Operator(made.reverse_bits()).data)


@pytest.mark.parametrize(
    "circuit",
    [
        nk.Circuit(4).apply_pauli("XIYZ").apply_pauli("IZ", [2, 1], controls=[0]),
        nk.Circuit(4).pauli_rotation(0.7, "YXIZ", [3, 0, 1, 2]).pauli_rotation(0.2, "Y", 1),
        nk.Circuit(3).pauli_rotation(0.3, "II", [0, 2], controls=[1]),
        *(
            getattr(nk.Circuit(3), name)(
                *[0.3, -0.7, 1.9, 0.2][: len(gate["params"])], *range(len(gate["qubits"]))
            )
            for name, gate in GATES.items()
        ),
    ],
)
def test_definitions_mean_what_they_define(circuit):
    """By other names, so that they are read as any other definition is."""
    text = circuit.to_qasm()
    for name in re.findall(r"^gate (\w+)", text, re.M):
        text = re.sub(rf"\b{name}\b", f"own_{name}", text)
    read = nk.Circuit.from_qasm(text)
    columns, expected = (np.eye(2**circuit.num_qubits, dtype=complex) for _ in range(2))
    read.run(columns, batch=1)
    circuit.run(expected, batch=1)
    np.testing.assert_allclose(columns, expected, atol=32 * np.finfo(float).eps)


def test_wide_circuits_have_pauli_strings_of_64_letters():
    circuit = nk.Circuit.from_qasm("qreg q[65];")
    for method in circuit.apply_pauli, lambda pauli: circuit.pauli_rotation(0.1, pauli):
        with pytest.raises(ValueError, match=r"on 65 qubits .* room for 64"):
            method("X" * 65)
    circuit.apply_pauli("XZ" * 32, range(1, 65))
    assert nk.Circuit.from_qasm(circuit.to_qasm()) == circuit


def test_another_definition_by_the_same_name_is_what_it_says():
    text = nk.Circuit(2).rzz(0.3, 0, 1).to_qasm()
    assert nk.Circuit.from_qasm(text.replace("rz(theta)", "rx(theta)")) == (
        nk.Circuit(2).cx(0, 1).rx(0.3, 1).cx(0, 1)
    )
    own = "gate rz(t) a { p(t) a; }\ngate rzz"
    assert nk.Circuit.from_qasm(text.replace("gate rzz", own)) == (
        nk.Circuit(2).cx(0, 1).p(0.3, 1).cx(0, 1)
    )


def test_what_cannot_be_written():
    for circuit in (
        nk.Circuit(1).apply(np.eye(2), 0),
        nk.Circuit(1).apply_diagonal([1, 1], 0),
        nk.Circuit(1).apply_permutation([1, 0], 0),
        nk.Circuit(1).apply_kraus([np.eye(2)], 0),
        nk.Circuit(1).measure(0, readout_error=(0, 0.1)),
    ):
        with pytest.raises(ValueError, match="OpenQASM has no statement for"):
            circuit.to_qasm()


@pytest.mark.parametrize(
    "name", ["q", "c", "x", "cx", "U", "pi", "int", "rzz", "a b", "2a", "θ[0]", "a;"]
)
def test_names_of_parameters_that_cannot_be_written(name):
    with pytest.raises(ValueError, match="cannot be written: OpenQASM needs a name"):
        nk.Circuit(1).rx(nk.Parameter(name), 0).to_qasm()


@st.composite
def circuits(draw):
    """Any circuit that can be written."""
    n = draw(st.integers(1, 5))
    names = draw(st.lists(st.sampled_from(["a", "b", "theta", "ψ"]), unique=True))
    parameters = [nk.Parameter(name) for name in names]
    circuit = nk.Circuit(n, parameters, num_bits=draw(st.integers(0, 4)))
    number = st.floats(-10, 10)

    def angle():
        made = draw(number)
        for parameter in draw(st.lists(st.sampled_from(parameters))) if parameters else []:
            made = made + draw(number.filter(bool)) * parameter
        return made

    measured = []
    for _ in range(draw(st.integers(0, 8))):
        places = draw(st.permutations(range(n)))
        options = {}
        if measured and draw(st.booleans()):
            bits = draw(st.lists(st.sampled_from(measured), min_size=1, max_size=2, unique=True))
            options["condition"] = {bit: draw(st.integers(0, 1)) for bit in bits}
        kind = draw(st.sampled_from(["gate", "pauli", "rotation", "phase", "measure", "reset"]))
        if kind in ("measure", "reset"):
            some = places[: draw(st.integers(1, n))]
            if kind == "reset":
                circuit.reset(some, **options)
                continue
            into = draw(st.permutations(range(5)))[: len(some)]
            circuit.measure(some, into, **options)
            measured += into
            continue
        gate = GATES[draw(st.sampled_from(sorted(GATES)))]
        k = {"gate": len(gate["qubits"]), "phase": 0}.get(kind, draw(st.integers(1, n)))
        if k > n:
            continue
        targets, controls = places[:k], places[k : draw(st.integers(k, n))]
        options["controls"] = controls
        options["control_values"] = [draw(st.integers(0, 1)) for _ in controls]
        letters = "".join(draw(st.sampled_from("IXYZ")) for _ in targets)
        if kind == "gate":
            angles = [angle() for _ in gate["params"]]
            getattr(circuit, gate["name"])(*angles, *targets, **options)
        elif kind == "phase":
            circuit.gphase(angle(), **options)
        elif kind == "pauli":
            circuit.apply_pauli(letters, targets, **options)
        else:
            circuit.pauli_rotation(angle(), letters, targets, **options)
    return circuit


@given(circuits())
def test_what_is_written_is_read_back(circuit):
    assert nk.Circuit.from_qasm(circuit.to_qasm()) == circuit


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
    expected = nk.Circuit(2, num_bits=3).measure(0, 2)
    assert qasm.loads(text) == expected.copy().x(1, condition=2).reset(0)
    assert qasm.loads(text.replace("2) x", "3) x")) == expected.reset(0)
    both = "qreg q[2]; creg c[2]; measure q -> c; if (c == 2) reset q[1];"
    expected = nk.Circuit(2).measure([0, 1]).reset(1, condition={0: 0, 1: 1})
    assert qasm.loads(both) == expected
    again = "qreg q[1]; creg c[1]; h q[0]; measure q[0] -> c[0]; if (c == 1) measure q[0] -> c[0];"
    assert qasm.loads(again) == nk.Circuit(1).h(0).measure(0).measure(0, 0, condition=0)


HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q; bit[2] c; bit[1] e;\n'


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("h q[0]; c = measure q;", nk.Circuit(2, num_bits=3).h(0)),
        ("c[0] = measure q[0]; h q[1]; c[1] = measure q[1];", nk.Circuit(2, num_bits=3).h(1)),
        (
            "c[0] = measure q[0]; c[1] = measure q[0]; barrier q; h q[1];",
            nk.Circuit(2, num_bits=3).h(1),
        ),
        ("c = measure q; if (e[0]) { x q[0]; }", nk.Circuit(2, num_bits=3)),
        ('c = "00"; c = measure q;', nk.Circuit(2, num_bits=3)),
        ("c = measure q; h q[1];", nk.Circuit(2, num_bits=3).measure([1], [1]).h(1)),
        (
            "c = measure q; if (c[1]) { e[0] = measure q[0]; }",
            nk.Circuit(2, num_bits=3),
        ),
    ],
)
def test_final_measurements_may_be_left_out(text, bare):
    assert qasm.loads(HEAD + text, final_measurements=False) == bare
    kept = qasm.loads(HEAD + text)
    assert kept.num_bits == 3
    assert kept != bare


def test_bits_without_a_name_come_last():
    head = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q; bit[2] c; bit d;\n'
    circuit = qasm.loads(head + "c[1] = measure q[0]; reset q[0]; d = measure q[1]; measure q[0];")
    expected = nk.Circuit(2).measure(0, 1).reset(0).measure(1, 2).measure(0, 3)
    assert circuit == expected
    circuit = qasm.loads(head + "measure q[0]; reset q[0]; bit[2] e = measure q; h q[0];")
    assert circuit == nk.Circuit(2).measure(0, 5).reset(0).measure([0, 1], [3, 4]).h(0)


def test_classical_bits_keep_their_places():
    text = HEAD.replace(" bit[1] e;", "") + "x q[0]; c[1] = measure q[0]; c[0] = measure q[1];"
    circuit = qasm.loads(text)
    assert circuit.num_bits == 2
    assert circuit.run(nk.zero_state(2)).tolist() == [0, 1]
    three = qasm.loads("qreg q[3]; creg c[1]; x q[2]; measure q[2] -> c[0];")
    assert three.run(nk.zero_state(3)).tolist() == [1]


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
    assert np.array_equal(states, expected)


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


def test_parameters_are_written_as_inputs():
    circuit = nk.Circuit(1).rx(nk.Parameter("a"), 0).rz(1 - nk.Parameter("b") / 2, 0)
    assert "input float a;\ninput float b;" in circuit.to_qasm()
    assert "rz(-0.5*b + 1.0) q[0];" in circuit.to_qasm()


HEAD3 = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; '


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("if (-9223372036854775808 < 0) x q[0];", nk.Circuit(2).x(0)),
        ("{ bit[200] c = 5; if (c[128]) x q[0]; if (c[2]) y q[0]; }", nk.Circuit(2).y(0)),
        (
            "uint[64] a = 18446744073709551615; rx(a * a) q[0]; rx(a ** 200) q[0];",
            nk.Circuit(2).rx(1, 0).rx(1, 0),
        ),
        (
            "def f(qubit p) -> int { x p; return 0; } "
            "array[int, 2] a = {1, 2}; a[f(q[0])] += 1; rx(a[0]) q[1];",
            nk.Circuit(2).x(0).rx(2, 1),
        ),
        (
            "pow(4503599627370498) @ x q[0]; pow(1000000000000001) @ s q[0];",
            nk.Circuit(2).p(np.pi / 2, 0),
        ),
        (
            "def f() -> float { return 1 / 2; } pow(f()) @ x q[0];",
            nk.Circuit(2),
        ),
        ("pow(0.5) @ id q[0]; gate g a { } pow(1e15) @ g q[0];", nk.Circuit(2)),
        ("pow(0.5) @ p(1023 * pi) q[0];", nk.Circuit(2).p(np.pi / 2, 0)),
        (
            "bit[2] c = measure q; rx(int[2](c)) q[0];",
            nk.Circuit(2)
            .measure([0, 1])
            .rx(0, 0, condition={0: 0, 1: 0})
            .rx(-2, 0, condition={0: 0, 1: 1})
            .rx(1, 0, condition={0: 1, 1: 0})
            .rx(-1, 0, condition={0: 1, 1: 1}),
        ),
        (
            "bit[2] c = measure q; if (c[0]) x q[0]; else if (c[1]) y q[0]; else z q[0];",
            nk.Circuit(2)
            .measure([0, 1])
            .x(0, condition={0: 1})
            .y(0, condition={0: 0, 1: 1})
            .z(0, condition={0: 0, 1: 0}),
        ),
        (
            "bit c = measure q[0]; array[int, 2] a = {1, 2}; if (c) { a[1] += 5; } rx(a[1]) q[1];",
            nk.Circuit(2).measure(0).rx(7, 1, condition={0: 1}).rx(2, 1, condition={0: 0}),
        ),
        (
            "bit c = measure q[0]; int n = 4; "
            "if (c) { } else { n = 8 / (1 - int(c)); } rx(n) q[1];",
            nk.Circuit(2).measure(0).rx(8, 1, condition={0: 0}).rx(4, 1, condition={0: 1}),
        ),
    ],
)
def test_meanings(body, expected):
    got = qasm.loads(HEAD3 + body)
    assert got.num_bits == expected.num_bits
    both = [
        [o._replace(params=tuple(np.round(o.params, 12)), condition=dict(o.condition)) for o in c]
        for c in (got, expected)
    ]
    assert sorted(map(repr, both[0])) == sorted(map(repr, both[1]))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("pow(9007199254740993) @ x q[0];", "a whole power has at most 53 bits"),
        ("pow(1e308) @ rx(1e10) q[0];", "turns so often that nothing is left of its angle"),
        ("pow(7/2) @ x q[0];", "7/2 is 3 among whole numbers: write 7.0/2 for the real number"),
        ("rx(-18446744073709551615) q[0];", "has more than 64 bits"),
        ("input float a; angle[2] b = a;", "cannot be rounded: leave the size of the type out"),
        ("u2(1e308, 1e308) q[0];", "line 1, column 51: the result is no finite number"),
        ('{ }\ngate own a { }\ninclude "none.inc";', "line 3, column 1: the file"),
        (
            '\ngate cx a, b { }\n\ninclude "qelib1.inc";',
            "line 4, column 1: 'cx' is declared already, as a gate",
        ),
        ("rx(true) q[0];", "an angle should stand here, and this is a truth value"),
        ("const bit b = measure q[0];", "an outcome is not constant"),
        ("int pi = 3;", "'pi' is a number already"),
        (
            "bit c = measure q[0]; for int i in [0:1] { if (c) x q[0]; else break; }",
            "does not jump",
        ),
    ],
)
def test_refusals(body, words):
    with pytest.raises(QasmError, match=words):
        qasm.loads(HEAD3 + body)


def test_what_is_not_openqasm_2_is_refused_there():
    for text in ("x q[0:1];", "rx(2**3) q[0];", "x $0;", "x q[0x1];"):
        with pytest.raises(QasmError, match="line 1"):
            qasm.loads(f"OPENQASM 2.0; include 'qelib1.inc'; qreg q[2]; {text}")
