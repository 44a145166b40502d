"""OpenQASM: what numket reads from random legal programs, against the reference and other readers.

`qasm_programs` draws the programs, `qasm_reference` carries out their syntax trees. Compared are
the final states, global phase and all, of programs that measure nothing; of the others, for each
value of the classical bits, the density matrix whose trace is its probability.

The other readers are Qiskit's and Braket's. Qiskit's read OpenQASM 2 and, of OpenQASM 3, gates,
modifiers, broadcasting, measurements and conditions. Braket's interpreter, with a parser of its
own, covers the rest: variables, arithmetic, subroutines, loops. A reader is given programs of what
it supports (`QISKIT3`, `BRAKET`); where it then departs from the standard, there is a row in
`DIFFERENCES`, and its programs leave that out.

The environment variable NUMKET_EXAMPLES sets the number of programs for each test, and draws other
ones each time.
"""

import os
import re
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings

import numket as nk
import oracle
from numket import qasm
from numket.qasm import QasmError
from qasm_programs import programs2, programs3, words
from qasm_reference import branches, distance, meant, mixtures, numket_run

qiskit = pytest.importorskip("qiskit")

EXAMPLES = int(os.environ.get("NUMKET_EXAMPLES", "0"))
TOLERANCE = 1e-12


def examples(usual):
    return settings(
        max_examples=EXAMPLES or usual,
        database=None,
        derandomize=not EXAMPLES,
        suppress_health_check=list(HealthCheck),
    )


def expected(program):
    """The branches of the reference, with the bits of the recorded registers."""
    return [
        (b.weight, b.state, tuple(bit for name in program.recorded for bit in b.bits[name]))
        for b in program.branches
    ]


def assert_same(program, got, want, ray=False):
    """Two lists of branches agree; `ray` lets a global phase differ."""
    if program.measures or ray:
        error = distance(mixtures(got), mixtures(want))
    else:
        error = float(np.max(abs(got[0][1] - want[0][1])))
    assert error < TOLERANCE, f"error {error:.2e}\n{program.text}"


# numket.


def numket_branches(program, read):
    """The branches by numket, with the bits of the recorded registers."""
    circuit = read.circuit
    places = [bit for name in program.recorded for bit in read.bits[name]]
    found = branches(circuit.num_qubits, circuit.num_bits, numket_run(circuit))
    return [
        (weight, state, tuple(bits[place] for place in places)) for weight, state, bits in found
    ]


def assert_runs(program, read, seed=1):
    """`circuit.run` ends where one of the branches does."""
    state = nk.zero_state(read.circuit.num_qubits)
    bits = read.circuit.run(state, rng=np.random.default_rng(seed))
    if not program.measures:
        assert np.max(abs(state.reshape(-1) - program.branches[0].state)) < TOLERANCE, program.text
        return
    places = [bit for name in program.recorded for bit in read.bits[name]]
    key = tuple(int(bits[place]) for place in places) if places else ()
    fidelities = [
        abs(np.vdot(branch_state, state.reshape(-1))) ** 2
        for _, branch_state, branch_bits in expected(program)
        if branch_bits == key
    ]
    assert max(fidelities, default=0) > 1 - 1e-10, program.text


REFUSALS = {
    r"holds a 1 that was not measured": "a circuit's bits are written by measurements only",
    r"holds what is computed from outcomes": "the same",
    r"holds the same outcome as another bit": "the same",
    r"has been measured into again since": "a circuit keeps one outcome for each bit",
    r"its bit holds something else that numket would lose": "the same",
    r"measures into a bit that decides": "the same",
    r"how often this loop runs depends on outcomes": "a circuit has no loops",
    r"is reached depends on outcomes": "a circuit does not jump",
}
"""Legal programs that numket refuses, and why: circuits cannot say this."""


def refusal(text):
    """What numket says instead of reading a text; None where it reads it."""
    try:
        qasm.read(text)
    except QasmError as error:
        return str(error)
    return None


def check_numket(program):
    """numket is right about a program; gives whether it reads it."""
    if (said := refusal(program.text)) is not None:
        known = [reason for reason in REFUSALS if re.search(reason, said)]
        assert known, f"{said}\n{program.text}"
        event(known[0])
        return False
    read = qasm.read(program.text)
    assert_same(program, numket_branches(program, read), expected(program))
    for seed in (1, 2):
        assert_runs(program, read, seed)
    return True


@examples(150)
@given(programs2())
def test_numket_reads_openqasm2(program):
    assert check_numket(program)


def test_numket_reads_openqasm3():
    read = []

    @examples(200)
    @given(programs3())
    def check(program):
        read.append(check_numket(program))

    check()
    assert sum(read) > 0.95 * len(read), "numket refuses too much"


# Qiskit.


def qiskit_value(expression, look):
    """The value of a classical expression of Qiskit."""
    from qiskit.circuit.classical import expr

    match expression:
        case expr.Var():
            return look(expression.var)
        case expr.Value():
            return expression.value
        case expr.Cast():
            return expression.type.__class__.__name__, qiskit_value(expression.operand, look)
        case expr.Unary():
            return not qiskit_value(expression.operand, look)
    raise NotImplementedError(repr(expression))


def qiskit_matrix(gate):
    """The matrix of a gate, whose index has the first qubit as its most significant bit."""
    from qiskit.quantum_info import Operator

    matrix = Operator(gate).data
    n = len(matrix).bit_length() - 1
    axes = [*range(n)][::-1]
    return matrix.reshape((2,) * 2 * n).transpose(*axes, *(n + a for a in axes)).reshape(2**n, -1)


class Leave(Exception):
    """`break` and `continue` of Qiskit, told apart by the name."""


def qiskit_run(circuit):
    def run(machine):
        qubits = dict(zip(circuit.qubits, range(circuit.num_qubits), strict=True))
        bits = dict(zip(circuit.clbits, range(circuit.num_clbits), strict=True))
        qiskit_block(machine, circuit, qubits, bits)

    return run


def qiskit_block(machine, circuit, qubits, bits):
    def look(what):
        if isinstance(what, qiskit.circuit.Clbit):
            return machine.bits[bits[what]]
        return sum(machine.bits[bits[bit]] << place for place, bit in enumerate(what))

    def enter(body, instruction):
        inner = dict(zip(body.qubits, (qubits[q] for q in instruction.qubits), strict=True))
        theirs = dict(zip(body.clbits, (bits[c] for c in instruction.clbits), strict=True))
        qiskit_block(machine, body, inner, theirs)

    def holds(condition):
        if isinstance(condition, tuple):
            return look(condition[0]) == int(condition[1])
        return bool(qiskit_value(condition, look))

    machine.state = machine.state * oracle.cis(float(circuit.global_phase))
    for instruction in circuit.data:
        op = instruction.operation
        match op.name:
            case "barrier" | "delay":
                pass
            case "measure":
                outcome = machine.measure(qubits[instruction.qubits[0]])
                machine.bits[bits[instruction.clbits[0]]] = outcome
            case "reset":
                machine.reset(qubits[instruction.qubits[0]])
            case "if_else":
                then, *otherwise = op.blocks
                if holds(op.condition):
                    enter(then, instruction)
                elif otherwise:
                    enter(otherwise[0], instruction)
            case "box":
                enter(op.blocks[0], instruction)
            case "for_loop":
                indices, parameter, body = op.params
                for index in indices:
                    bound = body
                    if parameter is not None:
                        bound = body.assign_parameters({parameter: index}, strict=False)
                    try:
                        enter(bound, instruction)
                    except Leave as leave:
                        if str(leave) == "break_loop":
                            break
            case "break_loop" | "continue_loop":
                raise Leave(op.name)
            case _:
                matrix = qiskit_matrix(op)
                machine.apply(matrix, [qubits[qubit] for qubit in instruction.qubits])


def qiskit_branches(circuit):
    """The branches by Qiskit; its bits stand in the order of their declaration."""
    return branches(circuit.num_qubits, circuit.num_clbits, qiskit_run(circuit))


def qiskit2(text):
    from qiskit import qasm2

    # Its own qelib1.inc is that of the paper; this is the later one, with the library's gates.
    circuit = qasm2.loads(
        text,
        include_path=qasm2.LEGACY_INCLUDE_PATH,
        custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS,
    )
    return qiskit_branches(circuit)


def check_qiskit2(program):
    assert_same(program, qiskit2(program.text), expected(program))


QISKIT3 = words("""
    alias box comment else for forset gate gphase if measure modifiers negative old pow reset
    sets single slices numbers concat cu ownphase ownpow phasepow negctrlphase
""")


def qiskit3(text):
    from qiskit import qasm3

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return qiskit_branches(qasm3.loads(text))


def check_qiskit3(program, ray=False):
    assert_same(program, qiskit3(program.text), expected(program), ray)


@examples(100)
@given(programs2(only=()))
def test_qiskit_reads_openqasm2(program):
    check_qiskit2(program)


@examples(100)
@given(programs3(only=QISKIT3))
def test_qiskit_reads_openqasm3(program):
    check_qiskit3(program)


@examples(60)
@given(programs3(only=(QISKIT3 | {"U", "u2", "u3"}) - {"modifiers"}))
def test_qiskit_reads_openqasm3_up_to_phases(program):
    """Without controls the phases of U, u2 and u3 are global ones."""
    check_qiskit3(program, ray=True)


# Braket.

BRAKET_GATES = """
gate p(l) a { phaseshift(l) a; }
gate phase(l) a { phaseshift(l) a; }
gate u1(l) a { phaseshift(l) a; }
gate sdg a { si a; }
gate tdg a { ti a; }
gate sx a { v a; }
gate id a { i a; }
gate u3(t, f, l) a { rz(l) a; ry(t) a; rz(f) a; }
gate u2(f, l) a { u3(pi / 2, f, l) a; }
gate cx a, b { cnot a, b; }
gate CX a, b { cnot a, b; }
gate ch a, b { ctrl @ h a, b; }
gate crx(t) a, b { ctrl @ rx(t) a, b; }
gate cry(t) a, b { ctrl @ ry(t) a, b; }
gate crz(t) a, b { ctrl @ rz(t) a, b; }
gate cp(l) a, b { cphaseshift(l) a, b; }
gate cphase(l) a, b { cphaseshift(l) a, b; }
gate cu(t, f, l, g) a, b { phaseshift(g + (f + l) / 2) a; ctrl @ u3(t, f, l) a, b; }
gate ccx a, b, c { ccnot a, b, c; }
"""
"""stdgates.inc in terms of the gates that Braket knows: it has no file of that name."""

BRAKET = words("""
    annotation arithmetic assign box break builtin comment const continue def delay else
    for forset gate gphase if known logic modifiers mutable negative numbers old pow sets slices
    while loopindex librarynames gatebarrier loopangle twoparams parammodifiers
""")


def braket_branches(text, num_qubits):
    from braket.default_simulator.openqasm.interpreter import Interpreter

    text = text.replace('include "stdgates.inc";\n', BRAKET_GATES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        circuit = Interpreter().build_circuit(text)

    def run(machine):
        for operation in circuit.instructions:
            matrix = np.asarray(operation.matrix)
            if type(operation).__name__ == "GPhase":
                machine.apply(matrix[:1, :1], [])
                continue
            controls = len(operation.control_state)
            targets = [int(target) for target in operation.targets]
            machine.apply(matrix, targets[controls:], targets[:controls], operation.control_state)

    return branches(num_qubits, 0, run)


def check_braket(program):
    assert_same(program, braket_branches(program.text, program.num_qubits), expected(program))


@examples(60)
@given(programs3(only=BRAKET))
def test_braket_reads_openqasm3(program):
    pytest.importorskip("braket.default_simulator")
    check_braket(program)


# Where the others differ.

HEAD2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
HEAD3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def rx(*angles):
    return [("rx", [angle], [0]) for angle in angles]


DIFFERENCES = [
    (
        "qiskit2",
        "u0 (u0real)",
        "qreg q[1]; u0(0.5) q[0]; rx(0.5) q[0];",
        rx(0.5),
        "qelib1.inc: u0 is the identity whatever its parameter; it wants an integer",
    ),
    (
        *("qiskit", "U", "qubit q; U(0.3, 0.5, 0.7) q;", [("U", [0.3, 0.5, 0.7], [0])]),
        "its UGate is the U of OpenQASM 2; that of 3.0 has the phase exp(i theta/2) besides",
    ),
    (
        *("qiskit", "u3", "qubit q; u3(0.3, 0.5, 0.7) q;", [("u3", [0.3, 0.5, 0.7], [0])]),
        "stdgates.inc: u3 has a phase -(theta + phi + lambda)/2, and determinant 1",
    ),
    (
        *("qiskit", "u2", "qubit q; u2(0.5, 0.7) q;", [("u3", [np.pi / 2, 0.5, 0.7], [0])]),
        "the same",
    ),
    (
        "qiskit",
        "two parameters (twoparams)",
        "gate g(phi, lam) a { rx(phi) a; ry(lam) a; } qubit q; g(0.5, 0.25) q;",
        [*rx(0.5), ("ry", [0.25], [0])],
        "gates: parameters are given in their order; it takes those that are used, by the alphabet",
    ),
    (
        "qiskit",
        "own gates named as its own, with ctrl (librarynames)",
        "gate u a { x a; } qubit[2] q; h q[0]; ctrl @ u q[0], q[1];",
        [("h", [], [0]), ("cx", [], [0, 1])],
        "gates: u is not in stdgates.inc, and is what the program says",
    ),
    (
        "qiskit",
        "ctrl of a gate with a barrier (gatebarrier)",
        "gate g a { x a; barrier a; } qubit[2] q; h q[0]; ctrl @ g q[0], q[1];",
        [("h", [], [0]), ("cx", [], [0, 1])],
        "a barrier does nothing",
    ),
    (
        "qiskit",
        "modifiers with parameters inside of gates (parammodifiers)",
        "gate g(t) a, b { pow(2) @ ctrl @ rx(t) a, b; } qubit[2] q; h q[0]; g(0.5) q[0], q[1];",
        [("h", [], [0]), ("crx", [1.0], [0, 1])],
        "gates: modifiers apply to every gate",
    ),
    (
        "qiskit",
        "slices from the end",
        "qubit[3] q; x q[-2:-1];",
        [("x", [], [1]), ("x", [], [2])],
        "types: ranges include their end; Python's slice from -2 to 0 is empty",
    ),
    (
        "qiskit",
        "slices backwards to the first (negativesteps)",
        "qubit[3] q; x q[2:-1:0];",
        [("x", [], [2]), ("x", [], [1]), ("x", [], [0])],
        "types: ranges include their end; Python's slice from 2 to -1 is empty",
    ),
    (
        "braket",
        "U",
        "qubit q; U(0.3, 0.5, 0.7) q;",
        [("U", [0.3, 0.5, 0.7], [0])],
        "its U is that of OpenQASM 2",
    ),
    (
        "braket",
        "pow of own gates (ownpow)",
        "gate g a { rx(0.2) a; ry(0.3) a; } qubit q; pow(2) @ g q;",
        [("rx", [0.2], [0]), ("ry", [0.3], [0])] * 2,
        "gates: pow(2) repeats the gate; it squares each gate of the body",
    ),
    (
        "braket",
        "ctrl of own gates with gphase (ownphase)",
        "gate g a { gphase(0.5); } qubit[2] q; h q[0]; ctrl @ g q[0], q[1];",
        [("h", [], [0]), ("p", [0.5], [0])],
        "gates: under a control the phase is one of the control",
    ),
    (
        "braket",
        "pow of gphase (phasepow)",
        "qubit q; pow(2) @ gphase(0.5); x q;",
        [("gphase", [1.0]), ("x", [], [0])],
        "gates: the square of a phase is that of the doubled angle",
    ),
    (
        "braket",
        "negctrl of gphase (negctrlphase)",
        "qubit q; negctrl @ gphase(0.5) q;",
        [("gphase", [0.5]), ("p", [-0.5], [0])],
        "gates: negctrl applies to every gate",
    ),
    (
        "braket",
        "slices backwards (negativesteps)",
        "qubit[3] q; x q[2:-1:0];",
        [("x", [], [2]), ("x", [], [1]), ("x", [], [0])],
        "types: ranges include their end",
    ),
    (
        "braket",
        "division of negative integers (negativedivision)",
        "qubit q; rx(-7 / 2) q; rx(-7 % 4) q;",
        rx(-3, -3),
        "types: mimics C99, whose division is towards zero",
    ),
    (
        "braket",
        "integers from floats (floatcasts)",
        "qubit q; rx(int(2.7)) q;",
        rx(2),
        "types: the fractional part is discarded",
    ),
    (
        "braket",
        "narrow floats and pi (float32)",
        "qubit q; float[32] f = 0.1; f -= tau; rx(f) q;",
        rx(float(np.float32(np.float64(np.float32(0.1)) - 2 * np.pi))),
        "types: a float[32] holds 32 bits; of pi and tau it keeps more",
    ),
    (
        "braket",
        "loops in gates (gatefor)",
        "gate g a { for int i in [1:2] { rx(i) a; } } qubit q; g q;",
        rx(1, 2),
        "gates: loops in bodies of gates are valid; it leaves them out",
    ),
    (
        "braket",
        "scopes of loops (hide)",
        "qubit q; int n = 1; while (n < 2) { n += 1; int n = 7; } rx(n) q;",
        rx(2),
        "scope: what a block declares ends with it",
    ),
    (
        "braket",
        "return inside of an if (return)",
        "def f(int n) -> int { if (n > 2) { return 1; } return 0; } qubit q; rx(f(3)) q;",
        rx(1),
        "subroutines: return exits; it goes on behind the if",
    ),
]
"""Reader, construct (the feature that its programs leave out), text, meaning, and why so."""


def test_readers_differ_where_the_table_says():
    """Rows that no longer hold must go. numket reads each as the standard says."""
    still = []
    for reader, construct, text, steps, _ in DIFFERENCES:
        if reader == "braket":
            pytest.importorskip("braket.default_simulator")
        text = (HEAD2 if reader == "qiskit2" else HEAD3) + text
        circuit = nk.Circuit.from_qasm(text)
        want = branches(circuit.num_qubits, 0, meant(steps))
        got = branches(circuit.num_qubits, 0, numket_run(circuit))
        assert np.max(abs(got[0][1] - want[0][1])) < TOLERANCE, text
        read = {"qiskit": qiskit3, "qiskit2": qiskit2}.get(reader)
        try:
            theirs = read(text) if read else braket_branches(text, circuit.num_qubits)
        except Exception:
            continue
        if np.max(abs(theirs[0][1] - want[0][1])) < TOLERANCE:
            still.append(construct)
    assert not still
