"""OpenQASM: what the standards say of single constructs, what must be refused, what must not hang.

Each row of the tables has a text and what it means, as a list of gates. Both are carried out on a
random state, so how numket spells an operation does not matter, but global phases do.
"""

import re

import numpy as np
import pytest

import numket as nk
import oracle
from numket import qasm
from numket.qasm import QasmError
from qasm_reference import branches, distance, meant, mixtures, numket_run

HEAD2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
HEAD3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
PI = np.pi
TOLERANCE = 1e-13


def when(condition, name, params, qubits):
    """A gate under a condition on bits."""
    return (name, params, qubits, (), None, (), tuple(condition.items()))


def measure(qubit, bit, condition=()):
    return ("measure", (), [qubit], (), None, [bit], tuple(dict(condition).items()))


def assert_means(text, steps, rng):
    circuit = nk.Circuit.from_qasm(text)
    state = oracle.random_state(rng, circuit.num_qubits)
    got = branches(state, circuit.num_bits, numket_run(circuit))
    want = branches(state, circuit.num_bits, meant(steps))
    if any(step[0] in ("measure", "reset") for step in steps):
        assert distance(mixtures(got), mixtures(want)) < TOLERANCE
    else:
        assert len(got) == 1
        assert np.max(abs(got[0][1] - want[0][1])) < TOLERANCE


def xs(*qubits):
    return [("x", [], [qubit]) for qubit in qubits]


def rx(*pairs):
    return [("rx", [angle], [qubit]) for angle, qubit in pairs]


def turned(expression, value):
    """A row: an expression of OpenQASM 3 as an angle."""
    return pytest.param(f"qubit q; rx({expression}) q;", rx((value, 0)), id=expression)


TWO_BITS = "qubit[3] q; bit[2] c; c[0] = measure q[0]; c[1] = measure q[1]; "

MEANINGS3 = {
    "gate on a register": ("qubit[3] q; x q;", xs(0, 1, 2)),
    "gate on single qubits": ("qubit a; qubit b; cx a, b;", [("cx", [], [0, 1])]),
    "gate on registers": (
        "qubit[2] q; qubit[2] r; cx q, r;",
        [("cx", [], [0, 2]), ("cx", [], [1, 3])],
    ),
    "gate on a qubit and a register": (
        "qubit q; qubit[2] r; cx q, r;",
        [("cx", [], [0, 1]), ("cx", [], [0, 2])],
    ),
    "gate on a register and a qubit": (
        "qubit[2] r; qubit q; cx r, q;",
        [("cx", [], [0, 2]), ("cx", [], [1, 2])],
    ),
    "gate on a register of one": (
        "qubit[1] q; qubit r; cx q, r;",
        [("cx", [], [0, 1])],
    ),
    "gate on a qreg": ("qreg q[2]; y q;", [("y", [], [0]), ("y", [], [1])]),
    "three operands": (
        "qubit[2] q; qubit[2] r; qubit s1; ccx q, s1, r;",
        [("ccx", [], [0, 4, 2]), ("ccx", [], [1, 4, 3])],
    ),
    "gate on a slice": ("qubit[5] q; x q[1:3];", xs(1, 2, 3)),
    "gate on a slice with a step": ("qubit[5] q; x q[0:2:4];", xs(0, 2, 4)),
    "gate on a slice whose step does not divide": ("qubit[5] q; x q[0:3:4];", xs(0, 3)),
    "gate on a slice backwards": (
        "qubit[3] q; qubit[3] r; cx q[2:-1:0], r;",
        [("cx", [], [2, 3]), ("cx", [], [1, 4]), ("cx", [], [0, 5])],
    ),
    "gate on a slice from the end": ("qubit[5] q; x q[-2:-1];", xs(3, 4)),
    "gate on an index set": ("qubit[5] q; x q[{4, 0}];", xs(4, 0)),
    "gate on an index set, in its order": (
        "qubit[3] q; qubit[2] r; cx q[{2, 0}], r;",
        [("cx", [], [2, 3]), ("cx", [], [0, 4])],
    ),
    "negative index": ("qubit[3] q; x q[-1]; y q[-3];", [*xs(2), ("y", [], [0])]),
    "index computed": ("const int n = 3; qubit[n] q; x q[n - 1];", xs(2)),
    "index by a loop": ("qubit[3] q; for int i in [0:2] { x q[2 - i]; }", xs(2, 1, 0)),
    "alias": ("qubit[3] q; let a = q[1:2]; x a[0]; y a;", [*xs(1), ("y", [], [1]), ("y", [], [2])]),
    "alias of two registers": (
        "qubit[2] q; qubit[2] r; let a = q ++ r; x a[2]; x a[-1]; cx a[0:1], a[2:3];",
        [*xs(2, 3), ("cx", [], [0, 2]), ("cx", [], [1, 3])],
    ),
    "alias of three": (
        "qubit[2] q; qubit[1] r; let a = r ++ q[1:1] ++ q[{0}]; x a[0]; x a[1]; x a[2];",
        xs(2, 1, 0),
    ),
    "alias of an alias": ("qubit[4] q; let a = q[1:3]; let b = a[1:2]; x b[0];", xs(2)),
    "own gate on registers": (
        "gate g(t) a, b { rx(t) a; cx a, b; } qubit[2] q; qubit r; g(0.5) q, r;",
        [*rx((0.5, 0)), ("cx", [], [0, 2]), *rx((0.5, 1)), ("cx", [], [1, 2])],
    ),
    "own gate with parameters in no order": (
        "gate g(z9, a1) q { rx(z9) q; ry(a1) q; } qubit q; g(0.5, 0.25) q;",
        [("rx", [0.5], [0]), ("ry", [0.25], [0])],
    ),
    "own gate named as one of numket's": (
        "gate iswap a, b { x a; } qubit[3] q; iswap q[0], q[1]; ctrl @ iswap q[2], q[0], q[1];",
        [*xs(0), ("cx", [], [2, 0])],
    ),
    "own gate that uses own gates": (
        "gate f(t) a { rx(t) a; } gate g(t) a { f(2 * t) a; f(t / 2) a; } qubit q; g(0.5) q;",
        rx((1.0, 0), (0.25, 0)),
    ),
    "own gate with a constant": (
        "const float w = 0.5; gate g a { rx(w) a; } qubit q; g q;",
        rx((0.5, 0)),
    ),
    "own gate with a loop": (
        "gate g a { for int i in [1:2] { rx(i) a; } } qubit q; g q;",
        rx((1, 0), (2, 0)),
    ),
    "barrier in a gate": (
        "gate g a { x a; barrier a; y a; } qubit q; g q;",
        [*xs(0), ("y", [], [0])],
    ),
    "empty gate": ("gate g a { } qubit q; g q; x q;", xs(0)),
    "gate without parameters but parentheses": (
        "gate g() a { x a; } qubit q; g() q; x() q;",
        xs(0, 0),
    ),
    # The gates of the standard file.
    "U": ("qubit q; U(0.3, 0.5, 0.7) q;", [("gphase", [0.15], []), ("u", [0.3, 0.5, 0.7], [0])]),
    "U is periodic": (
        "qubit q; U(0.3 + 2 * pi, 0.5, 0.7) q;",
        [("gphase", [0.15], []), ("u", [0.3, 0.5, 0.7], [0])],
    ),
    "u3": (
        "qubit q; u3(0.3, 0.5, 0.7) q;",
        [("rz", [0.7], [0]), ("ry", [0.3], [0]), ("rz", [0.5], [0])],
    ),
    "u2": (
        "qubit q; u2(0.5, 0.7) q;",
        [("rz", [0.7], [0]), ("ry", [PI / 2], [0]), ("rz", [0.5], [0])],
    ),
    "u1": ("qubit q; u1(0.5) q;", [("p", [0.5], [0])]),
    "phase and cphase": (
        "qubit[2] q; phase(0.5) q[0]; cphase(0.25) q[0], q[1];",
        [("p", [0.5], [0]), ("cp", [0.25], [0, 1])],
    ),
    "cu": (
        "qubit[2] q; cu(0.1, 0.2, 0.3, 0.4) q[0], q[1];",
        [("cu", [0.1, 0.2, 0.3, 0.4], [0, 1])],
    ),
    "sx": ("qubit q; sx q;", [("sx", [], [0])]),
    "id": ("qubit q; id q;", []),
    "CX": ("qubit[2] q; CX q[0], q[1];", [("cx", [], [0, 1])]),
    "rx with a whole turn": ("qubit q; rx(2 * pi) q;", [("gphase", [PI], [])]),
    "gphase": ("qubit q; gphase(0.5);", [("gphase", [0.5], [])]),
    # Modifiers.
    "inv": ("qubit q; inv @ s q; inv @ rx(0.5) q;", [("sdg", [], [0]), *rx((-0.5, 0))]),
    "inv of U": (
        "qubit q; inv @ U(0.3, 0.5, 0.7) q;",
        [("gphase", [-0.15], []), ("u", [-0.3, -0.7, -0.5], [0])],
    ),
    "ctrl": ("qubit[2] q; ctrl @ x q[1], q[0];", [("cx", [], [1, 0])]),
    "negctrl": ("qubit[2] q; negctrl @ x q[1], q[0];", [("x", [], [0], [1], [0])]),
    "ctrl and negctrl": (
        "qubit[3] q; ctrl @ negctrl @ x q[0], q[1], q[2];",
        [("x", [], [2], [0, 1], [1, 0])],
    ),
    "negctrl and ctrl": (
        "qubit[3] q; negctrl @ ctrl @ x q[0], q[1], q[2];",
        [("x", [], [2], [0, 1], [0, 1])],
    ),
    "ctrl(2)": ("qubit[3] q; ctrl(2) @ y q[0], q[2], q[1];", [("y", [], [1], [0, 2], [1, 1])]),
    "negctrl(2)": (
        "qubit[3] q; negctrl(2) @ y q[0], q[2], q[1];",
        [("y", [], [1], [0, 2], [0, 0])],
    ),
    "ctrl of a constant": (
        "const uint n = 2; qubit[3] q; ctrl(n) @ y q[0], q[1], q[2];",
        [("y", [], [2], [0, 1], [1, 1])],
    ),
    "ctrl on a register": (
        "qubit[2] q; qubit[2] r; ctrl @ x q, r;",
        [("cx", [], [0, 2]), ("cx", [], [1, 3])],
    ),
    "ctrl of gphase": ("qubit q; ctrl @ gphase(0.5) q;", [("p", [0.5], [0])]),
    "ctrl(2) of gphase": ("qubit[2] q; ctrl(2) @ gphase(0.5) q[0], q[1];", [("cp", [0.5], [0, 1])]),
    "ctrl of gphase on a register": (
        "qubit[2] q; ctrl @ gphase(0.5) q;",
        [("p", [0.5], [0]), ("p", [0.5], [1])],
    ),
    "negctrl of gphase": (
        "qubit q; negctrl @ gphase(0.5) q;",
        [("gphase", [0.5], []), ("p", [-0.5], [0])],
    ),
    "ctrl of U": (
        "qubit[2] q; ctrl @ U(0.3, 0.5, 0.7) q[0], q[1];",
        [("p", [0.15], [0]), ("u", [0.3, 0.5, 0.7], [1], [0], [1])],
    ),
    "ctrl of a gate with gphase": (
        "gate g a { gphase(0.5); x a; } qubit[2] q; ctrl @ g q[0], q[1];",
        [("p", [0.5], [0]), ("cx", [], [0, 1])],
    ),
    "inv of ctrl of a gate with gphase": (
        "gate g(t) a { rx(t) a; gphase(0.5); y a; } qubit[2] q; inv @ ctrl @ g(0.3) q[0], q[1];",
        [("cy", [], [0, 1]), ("p", [-0.5], [0]), ("crx", [-0.3], [0, 1])],
    ),
    "pow of a gate with gphase": (
        "gate g a { gphase(0.5); rx(0.2) a; ry(0.3) a; } qubit q; pow(2) @ g q;",
        [("gphase", [1.0], []), *([("rx", [0.2], [0]), ("ry", [0.3], [0])] * 2)],
    ),
    "negative pow": (
        "gate g a { rx(0.2) a; ry(0.3) a; } qubit q; pow(-2) @ g q;",
        [("ry", [-0.3], [0]), ("rx", [-0.2], [0])] * 2,
    ),
    "pow(0)": ("gate g a { x a; gphase(1); } qubit q; pow(0) @ g q;", []),
    "pow of an inverse": ("qubit q; pow(3) @ inv @ t q;", [("p", [-0.75 * PI], [0])]),
    "pow of ctrl": ("qubit[2] q; pow(2) @ ctrl @ s q[0], q[1];", [("cz", [], [0, 1])]),
    "ctrl of pow of a shift": (
        "qubit[3] q; for uint[8] k in [0:1] { ctrl @ pow(1 << k) @ p(0.3) q[k], q[2]; }",
        [("cp", [0.3], [0, 2]), ("cp", [0.6], [1, 2])],
    ),
    "pow of a variable": ("qubit q; int n = 3; pow(n) @ t q;", [("p", [0.75 * PI], [0])]),
    "root of x": ("qubit q; pow(0.5) @ x q;", [("sx", [], [0])]),
    "root of x as a quotient": ("qubit q; pow(1/2) @ x q;", [("sx", [], [0])]),
    "root of z": ("qubit q; pow(0.5) @ z q;", [("s", [], [0])]),
    "root of s": ("qubit q; pow(0.5) @ s q;", [("t", [], [0])]),
    "root of sdg": ("qubit q; pow(0.5) @ sdg q;", [("tdg", [], [0])]),
    "root of p": ("qubit q; pow(0.5) @ p(0.6) q;", [("p", [0.3], [0])]),
    "root of rx": ("qubit q; pow(0.25) @ rx(0.6) q;", rx((0.15, 0))),
    "root of gphase": ("qubit q; pow(0.5) @ gphase(0.6);", [("gphase", [0.3], [])]),
    "root of cx": ("qubit[2] q; pow(0.5) @ cx q[0], q[1];", [("sx", [], [1], [0], [1])]),
    "ctrl of a root": ("qubit[2] q; ctrl @ pow(0.5) @ x q[0], q[1];", [("sx", [], [1], [0], [1])]),
    "inverse root": ("qubit q; pow(-0.5) @ x q;", [("sxdg", [], [0])]),
    # Loops.
    "range whose step does not divide": (
        "qubit[6] q; for int i in [0:2:5] { x q[i]; }",
        xs(0, 2, 4),
    ),
    "range of one": ("qubit[6] q; for int i in [2:2] { x q[i]; }", xs(2)),
    "range of none": ("qubit[6] q; x q[5]; for int i in [3:2] { x q[i]; }", xs(5)),
    "range downwards": ("qubit[6] q; for int i in [5:-2:0] { x q[i]; }", xs(5, 3, 1)),
    "range downwards that stops early": ("qubit[6] q; for int i in [5:-2:1] x q[i];", xs(5, 3, 1)),
    "set": ("qubit[6] q; for int i in {5, 1, 1 + 2} x q[i];", xs(5, 1, 3)),
    "loop over bits": (
        'qubit[2] q; { bit[2] w = "01"; for bit b in w { if (b) { x q[0]; } else { x q[1]; } } }',
        xs(0, 1),
    ),
    "loop over an array": (
        "array[float, 2] a = {0.5, 0.25}; qubit q; for float f in a { rx(f) q; }",
        rx((0.5, 0), (0.25, 0)),
    ),
    "loop variable assigned to": (
        "qubit[6] q; for int i in [0:2] { x q[i]; i = 5; }",
        xs(0, 1, 2),
    ),
    "loop variable hides": (
        "qubit[6] q; int i = 5; for int i in [0:1] { x q[i]; } x q[i];",
        xs(0, 1, 5),
    ),
    "break": ("qubit[6] q; for int i in [0:5] { if (i == 2) { break; } x q[i]; }", xs(0, 1)),
    "continue": ("qubit[4] q; for int i in [0:3] { if (i == 2) continue; x q[i]; }", xs(0, 1, 3)),
    "break leaves one loop": (
        "qubit[4] q; for int i in [0:1] { for int j in [0:3] { if (j == 1) break; x q[i + j]; } }",
        xs(0, 1),
    ),
    "while": ("qubit[4] q; int i = 0; while (i < 3) { x q[i]; i += 2; }", xs(0, 2)),
    "while with continue": (
        "qubit[4] q; int i = -1; while (i < 3) { i += 1; if (i == 1) continue; x q[i]; }",
        xs(0, 2, 3),
    ),
    "while with break": (
        "qubit[4] q; int i = 0; while (true) { x q[i]; i += 1; if (i > 2) break; }",
        xs(0, 1, 2),
    ),
    # Branches.
    "if": ("qubit[2] q; if (1 < 2) x q[0]; else x q[1];", xs(0)),
    "else": ("qubit[2] q; if (1 > 2) { x q[0]; } else { x q[1]; }", xs(1)),
    "else if": (
        "qubit[3] q; int n = 2; if (n == 1) x q[0]; else if (n == 2) x q[1]; else x q[2];",
        xs(1),
    ),
    "else belongs to the last if": ("qubit[2] q; if (true) if (false) x q[0]; else x q[1];", xs(1)),
    "switch": (
        "qubit[3] q; switch (2) { case 0 { x q[0]; } case 1, 2 { x q[1]; } default { x q[2]; } }",
        xs(1),
    ),
    "switch without a case": ("qubit[2] q; x q[1]; switch (7) { case 1 { x q[0]; } }", xs(1)),
    "switch with default": (
        "qubit[2] q; switch (7) { case 1 { x q[0]; } default { x q[1]; } }",
        xs(1),
    ),
    "switch with constants": (
        "const int A = 3; qubit[2] q; switch (4) { case A { x q[0]; } case A + 1 { x q[1]; } }",
        xs(1),
    ),
    "switch with negative labels": ("qubit[2] q; switch (-1) { case -1 { x q[1]; } }", xs(1)),
    "end": ("qubit[2] q; x q[0]; end; x q[1];", xs(0)),
    "end in a block": (
        "qubit[2] q; for int i in [0:1] { x q[i]; if (i == 0) { end; } } x q[1];",
        xs(0),
    ),
    "anonymous block": (
        "qubit[3] q; int i = 0; { int i = 1; x q[i]; { int i = 2; x q[i]; } x q[i]; } x q[i];",
        xs(1, 2, 1, 0),
    ),
    "block changes the outside": ("qubit[3] q; int i = 0; { i = 2; } x q[i];", xs(2)),
    "block hides after use": (
        "qubit[3] q; int i = 1; { x q[i]; int i = 2; x q[i]; } x q[i];",
        xs(1, 2, 1),
    ),
    # Subroutines.
    "def": ("def f(qubit a, int n) { rx(n) a; } qubit[2] q; f(q[1], 2);", rx((2, 1))),
    "def on a register": (
        "def f(qubit[2] a) { cx a[1], a[0]; } qubit[3] q; f(q[1:2]);",
        [("cx", [], [2, 1])],
    ),
    "def that returns a number": (
        "def f(int n) -> int { return n * 2; } qubit q; rx(f(3) + 1) q;",
        rx((7, 0)),
    ),
    "def that returns early": (
        "def f(int n) -> int { if (n > 2) return 1; return 0; } qubit[2] q; x q[f(3)]; x q[f(1)];",
        xs(1, 0),
    ),
    "def without a result": ("def f(qubit a) { x a; return; } qubit q; f(q);", xs(0)),
    "def with an angle": (
        "def f(angle[4] t, qubit a) { rx(t) a; } qubit q; f(0.4, q);",
        rx((PI / 8, 0)),
    ),
    "def that calls a def": (
        "def f(qubit a) { x a; } def g(qubit a, qubit b) { f(b); f(a); }qubit[2] q; g(q[0], q[1]);",
        xs(1, 0),
    ),
    "def takes values": (
        "def f(int n) -> int { n += 1; return n; } int n = 1; qubit[3] q; x q[f(n)]; x q[n];",
        xs(2, 1),
    ),
    # Outcomes.
    "measure": ("qubit q; bit c; c = measure q;", [measure(0, 0)]),
    "measure with an arrow": (
        "qubit[2] q; bit[2] c; measure q -> c;",
        [measure(0, 0), measure(1, 1)],
    ),
    "measure at declaration": ("qubit[2] q; bit[2] c = measure q;", [measure(0, 0), measure(1, 1)]),
    "measure into a slice": (
        "qubit[2] q; bit[3] c; c[0:2:2] = measure q;",
        [measure(0, 0), measure(1, 2)],
    ),
    "bit from def": (
        "def f(qubit a) -> bit { h a; return measure a; } qubit[2] q; bit[2] c; c[1] = f(q[0]);",
        [("h", [], [0]), measure(0, 1)],
    ),
    "bit from def in a condition": (
        "def f(qubit a) -> bit { return measure a; } qubit[2] q; bit c = f(q[0]); if (c) x q[1];",
        [measure(0, 0), when({0: 1}, "x", [], [1])],
    ),
    "reset": ("qubit[2] q; reset q;", [("reset", (), [0, 1])]),
    "if on a bit": (
        "qubit[2] q; bit c = measure q[0]; if (c) x q[1];",
        [measure(0, 0), when({0: 1}, "x", [], [1])],
    ),
    "if on a bit, else": (
        "qubit[2] q; bit c = measure q[0]; if (!c) x q[1]; else y q[1];",
        [measure(0, 0), when({0: 0}, "x", [], [1]), when({0: 1}, "y", [], [1])],
    ),
    "if on a register": (
        TWO_BITS + "if (c == 1) x q[2];",
        [measure(0, 0), measure(1, 1), when({0: 1, 1: 0}, "x", [], [2])],
    ),
    "if with a reversed comparison": (
        TWO_BITS + "if (2 == c) x q[2];",
        [measure(0, 0), measure(1, 1), when({0: 0, 1: 1}, "x", [], [2])],
    ),
    "if with <": (
        TWO_BITS + "if (c < 2) x q[2];",
        [measure(0, 0), measure(1, 1), when({1: 0}, "x", [], [2])],
    ),
    "if with &&": (
        TWO_BITS + "if (c[0] && !c[1]) x q[2];",
        [measure(0, 0), measure(1, 1), when({0: 1, 1: 0}, "x", [], [2])],
    ),
    "if with ||": (
        TWO_BITS + "if (c[0] || c[1]) x q[2];",
        [
            *[measure(0, 0), measure(1, 1)],
            *[when({0: 1}, "x", [], [2]), when({0: 0, 1: 1}, "x", [], [2])],
        ],
    ),
    "if with ^": (
        TWO_BITS + "if (c[0] ^ c[1]) x q[2];",
        [
            *[measure(0, 0), measure(1, 1)],
            *[when({0: 1, 1: 0}, "x", [], [2]), when({0: 0, 1: 1}, "x", [], [2])],
        ],
    ),
    "if with a known part": (
        "qubit[3] q; bit c = measure q[0]; int n = 2;"
        "if (n == 2 && c) x q[1]; if (n == 3 && c) x q[2];",
        [measure(0, 0), when({0: 1}, "x", [], [1])],
    ),
    "measurement under if": (
        "qubit[2] q; bit[2] c; c[0] = measure q[0]; if (c[0]) { c[1] = measure q[1]; }",
        [measure(0, 0), measure(1, 1, {0: 1})],
    ),
    "if in if": (
        TWO_BITS + "if (c[0]) { if (c[1] == false) x q[2]; else y q[2]; }",
        [
            *[measure(0, 0), measure(1, 1)],
            *[when({0: 1, 1: 0}, "x", [], [2]), when({0: 1, 1: 1}, "y", [], [2])],
        ],
    ),
    "switch on outcomes": (
        TWO_BITS
        + "switch (uint[2](c)) { case 0, 3 { x q[2]; } case 2 { y q[2]; } default { z q[2]; } }",
        [
            *[measure(0, 0), measure(1, 1)],
            *[when({0: 0, 1: 0}, "x", [], [2]), when({0: 1, 1: 1}, "x", [], [2])],
            *[when({0: 0, 1: 1}, "y", [], [2]), when({0: 1, 1: 0}, "z", [], [2])],
        ],
    ),
    "loop with outcomes": (
        "qubit[3] q; bit[2] c; for int i in [0:1] { c[i] = measure q[i]; if (c[i]) x q[2]; }",
        [
            *[measure(0, 0), when({0: 1}, "x", [], [2])],
            *[measure(1, 1), when({1: 1}, "x", [], [2])],
        ],
    ),
    # Values of limited width.
    "bits of a string": (
        'qubit[3] q; { bit[3] c = "001"; if (c[0]) x q[0]; if (c[2]) x q[1]; }',
        xs(0),
    ),
    "bits as a number": ('qubit q; { bit[4] c = "0110"; rx(int[4](c)) q; }', rx((6, 0))),
    "bits shifted": ('qubit q; { bit[4] c = "1011"; c = c << 1; rx(uint[4](c)) q; }', rx((6, 0))),
    "uint wraps": ("qubit q; uint[4] n = 15; n += 3; rx(n) q;", rx((2, 0))),
    "float[32]": (
        "qubit q; float[32] f = 0.1; rx(f) q;",
        rx((float(np.float32(0.1)), 0)),
    ),
    "float[32] computes": (
        "qubit q; float[32] f = 0.1; float[32] g = 3; rx(f * g) q;",
        rx((float(np.float32(0.1) * np.float32(3)), 0)),
    ),
    "angle[4] rounds": ("qubit q; angle[4] a = 0.4; rx(a) q;", rx((PI / 8, 0))),
    "angle[4] rounds up": ("qubit q; angle[4] a = pi / 8 + 0.2; rx(a) q;", rx((PI / 4, 0))),
    "angle[8] halfway": ("qubit q; angle[8] a = 2 * pi * (127. / 512.); rx(a) q;", rx((PI / 2, 0))),
    "angle[4] wraps": (
        "qubit q; angle[4] a = 7 * (pi / 8); angle[4] c = 5 * (pi / 4); a += c; rx(a) q;",
        rx((PI / 8, 0)),
    ),
    "angle[4] negated": (
        "qubit q; angle[4] a = pi / 4; angle[4] b = -a; rx(b) q;",
        rx((7 * PI / 4, 0)),
    ),
    "angle[4] doubled": (
        "qubit q; angle[4] c = 5 * (pi / 4); uint[4] two = 2; rx(two * c) q;",
        rx((PI / 2, 0)),
    ),
    "angle[4] halved": (
        "qubit q; angle[4] a = 7 * (pi / 8); uint[4] two = 2; rx(a / two) q;",
        rx((3 * PI / 8, 0)),
    ),
    "angle by angle": (
        "qubit q; angle[4] c = 5 * (pi / 4); angle[4] b = pi / 8; uint[4] n = c / b; rx(n) q;",
        rx((10, 0)),
    ),
    "angle[4] shifted": (
        "qubit q; angle[4] a = 9 * (pi / 8); rx(a << 2) q; rx(a >> 2) q;",
        rx((PI / 2, 0), (PI / 4, 0)),
    ),
    "angle from bits": ('qubit q; rx(angle[4]("0010")) q;', rx((PI / 4, 0))),
    "const of a const": (
        "const int n = 2; const float f = n / 4.0; qubit[n] q; rx(f) q[0];",
        rx((0.5, 0)),
    ),
    "sizeof": (
        "array[int, 3, 5] a; qubit q; rx(sizeof(a)) q; rx(sizeof(a, 1)) q;",
        rx((3, 0), (5, 0)),
    ),
    "array element": (
        "array[int, 3] a = {4, 5, 6}; qubit q; rx(a[1]) q; rx(a[-1]) q;",
        rx((5, 0), (6, 0)),
    ),
    "bit of a uint": ("uint[4] n = 6; qubit[2] q; if (n[1]) x q[0]; if (n[0]) x q[1];", xs(0)),
    # The rest of a file.
    "version 3.1": ("OPENQASM 3.1; qubit q; U(0, 0, 0) q;", []),
    "version 3": ("OPENQASM 3; qubit q; U(0, 0, 0) q;", []),
    "byte order mark": ("\ufeffOPENQASM 3.0; qubit q; gphase(0.5);", [("gphase", [0.5], [])]),
    "barrier, delay and box": (
        "qubit[2] q; barrier; barrier q, q[0]; delay[10ns] q; box { x q[0]; } box[1us] { y q[1]; }",
        [*xs(0), ("y", [], [1])],
    ),
    "pragma and annotation": ("qubit q;\npragma some.thing x q;\n@note here x q;\nx q;", xs(0)),
    "comments": ("qubit q; // x q;\n/* x q;\n x q; */ x q;", xs(0)),
    "names in Unicode": ("qubit[2] ψ; const float φ = π; rx(φ) ψ[1];", rx((PI, 1))),
    "gate named measure_": ("gate measure_ a { x a; } qubit q; measure_ q;", xs(0)),
    "physical qubits": ("x $0; cx $0, $1;", [*xs(0), ("cx", [], [0, 1])]),
}

EXPRESSIONS3 = [
    turned("7 / 2", 3),
    turned("-7 / 2", -3),
    turned("7 % 4", 3),
    turned("-7 % 4", -3),
    turned("7 / 2.0", 3.5),
    turned("1 / 2 * pi", 0),
    turned("pi * 1 / 2", PI / 2),
    turned("2 ** 3 ** 1", 8),
    turned("-2 ** 2", -4),
    turned("1 - 2 - 3", -4),
    turned("8 / 2 / 2", 2),
    turned("2 * 3 + 4 * 5", 26),
    turned("2 * (3 + 4)", 14),
    turned("1 << 2 + 1", 8),
    turned("0x1F", 31),
    turned("0b1_01", 5),
    turned("0o17", 15),
    turned("1_000 / 100", 10),
    turned("2.5e-1", 0.25),
    turned(".5", 0.5),
    turned("3.", 3),
    turned("τ / 4", PI / 2),
    turned("euler - ℇ", 0),
    turned("exp(0.5)", np.exp(0.5)),
    turned("log(2.0)", np.log(2)),
    turned("sqrt(2)", np.sqrt(2)),
    turned("sin(0.5) + cos(0.5) + tan(0.5)", np.sin(0.5) + np.cos(0.5) + np.tan(0.5)),
    turned("arcsin(0.5)", np.arcsin(0.5)),
    turned("arccos(0.5)", np.arccos(0.5)),
    turned("arctan(0.5)", np.arctan(0.5)),
    turned("floor(2.7)", 2),
    turned("floor(-2.2)", -3),
    turned("ceiling(2.2)", 3),
    turned("mod(7, 4)", 3),
    turned("mod(7.5, 2.0)", 1.5),
    turned('popcount("0110_1")', 3),
    turned('uint[4](rotl("0011", 1))', 6),
    turned('uint[4](rotr("0011", 1))', 9),
    turned('uint[6](rotl("100101", 3))', 44),
    turned("rotl(uint[6](37), 3)", 44),
    turned('uint[8]("10001111" << 1)', 0b00011110),
    turned("int(2.7)", 2),
    turned("int(-2.7)", -2),
    turned("int(true) + int(3 > 2)", 2),
    turned("float(3) / 2", 1.5),
    turned("uint[4](~uint[4](5))", 10),
]

DEFINE2 = "qreg q[3]; creg c[2]; "

MEANINGS2 = {
    "gate on a register": ("qreg q[3]; x q;", xs(0, 1, 2)),
    "gate on registers": (
        "qreg q[2]; qreg r[2]; cx q, r; CX q[0], r;",
        [("cx", [], qubits) for qubits in ([0, 2], [1, 3], [0, 2], [0, 3])],
    ),
    "real division": ("qreg q[1]; rx(7/2) q[0];", rx((3.5, 0))),
    "power": ("qreg q[1]; rx(2^3) q[0]; rx(2^0.5) q[0];", rx((8, 0), (2**0.5, 0))),
    "exp": ("qreg q[1]; rx(exp(1)) q[0];", rx((np.e, 0))),
    "ln": ("qreg q[1]; rx(ln(2)) q[0];", rx((np.log(2), 0))),
    "other functions": (
        "qreg q[1]; rx(sin(1) + cos(1) * tan(1) - sqrt(2)) q[0];",
        rx((np.sin(1) + np.cos(1) * np.tan(1) - np.sqrt(2), 0)),
    ),
    "minus": ("qreg q[1]; rx(-pi/2) q[0]; rx(1--2) q[0];", rx((-PI / 2, 0), (3, 0))),
    "u0": ("qreg q[1]; u0(1) q[0];", []),
    "u": ("qreg q[1]; u(0.3,0.5,0.7) q[0];", [("u", [0.3, 0.5, 0.7], [0])]),
    "u3": ("qreg q[1]; u3(0.3,0.5,0.7) q[0];", [("u", [0.3, 0.5, 0.7], [0])]),
    "U": ("qreg q[1]; U(0.3,0.5,0.7) q[0];", [("u", [0.3, 0.5, 0.7], [0])]),
    "u2": ("qreg q[1]; u2(0.5,0.7) q[0];", [("u", [PI / 2, 0.5, 0.7], [0])]),
    "u1": ("qreg q[1]; u1(0.5) q[0]; p(0.25) q[0];", [("p", [0.75], [0])]),
    "cu1 and cu3": (
        "qreg q[2]; cu1(0.5) q[0],q[1]; cu3(0.1,0.2,0.3) q[0],q[1];",
        [("cp", [0.5], [0, 1]), ("u", [0.1, 0.2, 0.3], [1], [0], [1])],
    ),
    "cu": ("qreg q[2]; cu(0.1,0.2,0.3,0.4) q[0],q[1];", [("cu", [0.1, 0.2, 0.3, 0.4], [0, 1])]),
    "rccx and rc3x": (
        "qreg q[4]; rccx q[0],q[1],q[2]; rc3x q[0],q[1],q[2],q[3];",
        [("rccx", [], [0, 1, 2]), ("rc3x", [], [0, 1, 2, 3])],
    ),
    "c3x and c4x": (
        "qreg q[5]; c3x q[0],q[1],q[2],q[3]; c4x q[0],q[1],q[2],q[3],q[4];",
        [("x", [], [3], [0, 1, 2], [1] * 3), ("x", [], [4], [0, 1, 2, 3], [1] * 4)],
    ),
    "csx and c3sqrtx": (
        "qreg q[4]; csx q[0],q[1]; c3sqrtx q[0],q[1],q[2],q[3];",
        [("sx", [], [1], [0], [1]), ("sx", [], [3], [0, 1, 2], [1] * 3)],
    ),
    "own gate": (
        "gate g(a,b) x1,y1 { rx(a/b) x1; cx x1,y1; } qreg q[2]; g(1,4) q[1],q[0];",
        [*rx((0.25, 1)), ("cx", [], [1, 0])],
    ),
    "barrier in a gate": (
        "gate g a,b { x a; barrier a,b; x b; } qreg q[2]; g q[0],q[1];",
        xs(0, 1),
    ),
    "opaque gate that is not used": ("opaque magic(t) a,b; qreg q[1]; x q[0];", xs(0)),
    "keywords of OpenQASM 3 as registers": (
        "qreg input[2]; creg output[2]; qreg let[1]; x input[1]; x let; measure input -> output;",
        [*xs(1, 2), measure(0, 0), measure(1, 1)],
    ),
    "keywords of OpenQASM 3 as more registers": (
        "qreg box[1]; qreg int[1]; qreg bit[1]; qreg for[1]; x box; x bit; x for;",
        xs(0, 2, 3),
    ),
    "keywords of OpenQASM 3 as gates": (
        "gate angle(t) a { rx(t) a; } gate pow(t) a { ry(t) a; } gate gphase(t) a { rz(t) a; }"
        "gate phase a { z a; } gate ctrl a,b { cx a,b; } gate inv a { x a; } gate def a { y a; }"
        "qreg q[2]; angle(1) q[0]; pow(2) q[0]; gphase(3) q[0]; phase q[0]; ctrl q[0],q[1];"
        "inv q[0]; def q[1];",
        [
            *[("rx", [1], [0]), ("ry", [2], [0]), ("rz", [3], [0]), ("z", [], [0])],
            *[("cx", [], [0, 1]), ("x", [], [0]), ("y", [], [1])],
        ],
    ),
    "keywords of OpenQASM 3 as parameters": (
        "gate g(const, tau, while) a { rx(const + tau * while) a; } qreg q[1]; g(1,2,3) q[0];",
        rx((7, 0)),
    ),
    "measure": (DEFINE2 + "measure q[2] -> c[1];", [measure(2, 1)]),
    "reset": (DEFINE2 + "reset q[1]; reset q;", [("reset", (), [1, 0, 2])]),
    "if": (
        DEFINE2 + "measure q[0] -> c[0]; measure q[1] -> c[1]; if (c == 2) x q[2];",
        [measure(0, 0), measure(1, 1), when({0: 0, 1: 1}, "x", [], [2])],
    ),
    "if on a register": (
        DEFINE2 + "measure q[0] -> c[0]; if (c == 1) h q;",
        [measure(0, 0), *(when({0: 1}, "h", [], [k]) for k in range(3))],
    ),
    "if that cannot hold": (DEFINE2 + "measure q[0] -> c[0]; if (c == 4) x q[2];", [measure(0, 0)]),
    "measurement under if": (
        DEFINE2 + "measure q[0] -> c[0]; if (c == 1) measure q[1] -> c[1];",
        [measure(0, 0), measure(1, 1, {0: 1})],
    ),
    "measurement under if into the same bit": (
        DEFINE2 + "measure q[0] -> c[0]; if (c == 1) measure q[1] -> c[0];",
        [measure(0, 0), measure(1, 0, {0: 1})],
    ),
    "reset under if": (
        DEFINE2 + "measure q[0] -> c[0]; if (c == 1) reset q[0];",
        [measure(0, 0), ("reset", (), [0], (), None, (), ((0, 1),))],
    ),
    "measured twice": (
        DEFINE2 + "measure q[0] -> c[0]; measure q[1] -> c[0];",
        [measure(0, 0), measure(1, 0)],
    ),
    "byte order mark": ("\ufeffqreg q[1]; x q[0];", xs(0)),
    "no version": ("qreg q[1]; x q[0];", xs(0)),
    "carriage returns": ("qreg q[1];\r\n// x q[0];\r\nx q[0];\r\n", xs(0)),
}


@pytest.mark.parametrize(("text", "steps"), MEANINGS3.values(), ids=MEANINGS3)
def test_openqasm3(text, steps, rng):
    head = "" if "OPENQASM" in text else HEAD3
    assert_means(head + text, steps, rng)


@pytest.mark.parametrize(("text", "steps"), EXPRESSIONS3)
def test_expressions_of_openqasm3(text, steps, rng):
    assert_means(HEAD3 + text, steps, rng)


@pytest.mark.parametrize(("text", "steps"), MEANINGS2.values(), ids=MEANINGS2)
@pytest.mark.parametrize("head", [HEAD2, "OPENQASM 2;include 'qelib1.inc';"])
def test_openqasm2(text, steps, head, rng):
    assert_means(text if text.startswith("\ufeff") else head + text, steps, rng)


def test_gates_may_be_left_undefined():
    """Without the standard file there are no gates but those of the language."""
    nk.Circuit.from_qasm("OPENQASM 3.0; qubit q; U(0, 0, 0) q;")
    with pytest.raises(QasmError):
        nk.Circuit.from_qasm("OPENQASM 3.0; qubit q; x q;")


def test_registers_are_named():
    program = qasm.read(HEAD3 + "qubit[2] q; qubit a; bit c; bit[3] d; c = measure a;")
    assert dict(program.qubits) == {"q": range(2), "a": range(2, 3)}
    assert dict(program.bits) == {"c": range(1), "d": range(1, 4)}


# What must be refused, with the line on which it is found.

REFUSED3 = {
    "one qubit twice": ("qubit[2] q;\ncx q[0], q[0];", 2),
    "a register with itself": ("qubit[2] q;\ncx q, q;", 2),
    "a register and a part of it": ("qubit[2] q;\ncx q[0], q;", 2),
    "a qubit by two names": ("qubit[2] q; let a = q[0:1];\ncx q[0], a[0];", 2),
    "a negative index that is the same": ("qubit[2] q;\ncx q[1], q[-1];", 2),
    "too few qubits": ("qubit[2] q;\ncx q;", 2),
    "too many qubits": ("qubit[2] q;\nx q[0], q[1];", 2),
    "registers of different length": ("qubit[2] q; qubit[3] r;\ncx q, r;", 2),
    "registers of length 1 and 2": ("qubit[1] q; qubit[2] r;\ncx q, r;", 2),
    "too few qubits for ctrl": ("qubit[2] q;\nctrl @ x q[0];", 2),
    "too few parameters": ("qubit q;\nrx q;", 2),
    "too many parameters": ("qubit q;\nrx(1, 2) q;", 2),
    "parameters of a gate without": ("qubit q;\nh(1) q;", 2),
    "an unknown gate": ("qubit q;\nfoo q;", 2),
    "an unknown qubit": ("qubit q;\nx r;", 2),
    "an unknown variable": ("qubit q;\nrx(t) q;", 2),
    "an unknown function": ("qubit q;\nrx(foo(1)) q;", 2),
    "an unknown bit": ("qubit q;\nc[0] = measure q;", 2),
    "a gate before its definition": ("qubit q;\nfoo q;\ngate foo a { x a; }", 2),
    "a qubit before its declaration": ("x q;\nqubit q;", 1),
    "a variable before its declaration": ("qubit q;\nrx(n) q;\nint n = 1;", 2),
    "a variable after its block": ("qubit q; { int n = 1; }\nrx(n) q;", 2),
    "a loop variable after the loop": ("qubit q; for int i in [0:1] { x q; }\nrx(i) q;", 2),
    "a variable that has no value": ("qubit q; int n;\nrx(n) q;", 2),
    "a qubit declared twice": ("qubit q;\nqubit q;", 2),
    "a variable declared twice": ("int n = 1;\nint n = 2; qubit q;", 2),
    "a variable named as a register": ("qubit q;\nint q = 1;", 2),
    "a gate defined twice": ("gate g a { x a; }\ngate g a { x a; } qubit q;", 2),
    "a name declared twice in a block": ("qubit q; {\nint n = 1;\nint n = 2; }", 3),
    "two qubits of a gate with one name": ("\ngate g a, a { x a; } qubit q;", 2),
    "a gate that uses itself": ("gate g a {\ng a; } qubit q; g q;", 2),
    "a gate that uses outer qubits": ("qubit q; gate g a {\nx q; } g q;", 2),
    "a gate that uses variables": ("int n = 1; qubit q; gate g a {\nrx(n) a; } g q;", 2),
    "a gate that indexes": ("qubit q; gate g a {\nx a[0]; } g q;", 2),
    "a gate that measures": ("qubit q; gate g a {\nmeasure a; } g q;", 2),
    "a gate that resets": ("qubit q; gate g a {\nreset a; } g q;", 2),
    "a gate in a block": ("qubit q; {\ngate g a { x a; } }", 2),
    "a subroutine that uses itself": (
        "def f(int n) -> int {\nreturn f(n); } qubit q; rx(f(1)) q;",
        2,
    ),
    "a subroutine that uses variables": (
        "int n = 1; def f() -> int {\nreturn n; } qubit q; rx(f()) q;",
        2,
    ),
    "a subroutine with a qubit twice": ("def f(qubit a, qubit b) { x a; } qubit q;\nf(q, q);", 2),
    "a subroutine with too few arguments": ("def f(qubit a, int n) { x a; } qubit q;\nf(q);", 2),
    "a subroutine with another size": ("def f(qubit[3] a) { x a; } qubit[2] q;\nf(q);", 2),
    "an index out of range": ("qubit[2] q;\nx q[2];", 2),
    "a negative index out of range": ("qubit[2] q;\nx q[-3];", 2),
    "a slice out of range": ("qubit[2] q;\nx q[0:2];", 2),
    "an empty slice": ("qubit[3] q;\nx q[2:1];", 2),
    "an index of a single qubit": ("qubit q;\nx q[0];", 2),
    "a bit out of range": ("qubit q; bit[2] c;\nc[2] = measure q;", 2),
    "a step of 0": ("qubit[3] q;\nx q[0:0:2];", 2),
    "a loop with a step of 0": ("qubit[3] q;\nfor int i in [0:0:2] { x q[0]; }", 2),
    "an alias with one qubit twice": ("qubit[3] q;\nlet a = q ++ q[0:1];", 2),
    "a register without a size that is known": ("int n = 2;\nqubit[n] q;", 2),
    "a constant that is no longer whole": ("qubit q;\nconst int n = 2.5;", 2),
    "a constant from a variable": ("qubit q; int m = 1;\nconst int n = m;", 2),
    "a variable named as an own gate": ("gate g a { x a; } qubit q;\nint g = 1;", 2),
    "a switch on a float": ("qubit q;\nswitch (2.0) { case 2 { x q; } }", 2),
    "a negative size": ("\nqubit[-2] q;", 2),
    "a size that is no integer": ("\nqubit[2.5] q;", 2),
    "division by zero": ("qubit q;\nrx(1 / 0) q;", 2),
    "modulo zero": ("qubit q;\nrx(1 % 0) q;", 2),
    "arccos of 2": ("qubit q;\nrx(arccos(2)) q;", 2),
    "an angle that is infinite": ("qubit q;\nrx(exp(1000)) q;", 2),
    "a constant assigned to": ("const int n = 1;\nn = 2; qubit q;", 2),
    "break outside of loops": ("qubit q;\nbreak;", 2),
    "continue outside of loops": ("qubit q;\ncontinue;", 2),
    "break in a subroutine in a loop": (
        "def f() {\nbreak; } qubit q; for int i in [0:1] { f(); }",
        2,
    ),
    "return outside of subroutines": ("qubit q;\nreturn;", 2),
    "qubits in a block": ("qubit q; {\nqubit r; }", 2),
    "a while loop on outcomes": ("qubit q; bit c = measure q;\nwhile (c) { c = measure q; }", 2),
    "break on an outcome": (
        "qubit q; bit c = measure q; for int i in [0:1] {\nif (c) break; x q; }",
        2,
    ),
    "an index by outcomes": ("qubit[2] q; bit c = measure q[0];\nx q[int(c)];", 2),
    "a switch with a label twice": ("qubit q; switch (1) {\ncase 1 { x q; }\ncase 1 { y q; } }", 3),
    "a switch without a case": ("qubit q;\nswitch (1) { }", 2),
    "a qubit measured into a register": ("qubit[2] q; bit[2] c;\nc = measure q[0];", 2),
    "more qubits measured than bits": ("qubit[3] q; bit[2] c;\nc = measure q;", 2),
    "a string of another length": ('qubit q;\nbit[3] c = "01";', 2),
    "a file that is not known": ('qubit q;\ninclude "other.inc";', 2),
    "no semicolon": ("qubit q;\nx q", 2),
    "no closing brace": ("qubit q;\n{ x q;\n", 2),
    "no closing parenthesis": ("qubit q;\nrx(1 q;", 2),
    "a comment without end": ("qubit q;\n/* x q;", 2),
    "a string without end": ('qubit q;\nbit[2] c = "01;', 2),
    "a strange character": ("qubit q;\nx ? q;", 2),
    "a keyword as a name": ("qubit q;\nint for = 1;", 2),
    "a version in the middle": ("qubit q;\nOPENQASM 3.0;", 2),
    "a root of a gate of several qubits": (
        "gate g a, b { h a; cx a, b; } qubit[2] q;\npow(0.5) @ g q[0], q[1];",
        2,
    ),
    "ctrl of a negative number": ("qubit[3] q;\nctrl(-1) @ x q[0], q[1];", 2),
    "ctrl(0)": ("qubit[3] q;\nctrl(0) @ x q[0];", 2),
    "calibrations": ("qubit q;\ndefcal x $0 { }", 2),
}

REFUSED2 = {
    "one qubit twice": ("qreg q[2];\ncx q[0],q[0];", 2),
    "a register with itself": ("qreg q[2];\ncx q,q;", 2),
    "too few qubits": ("qreg q[2];\ncx q;", 2),
    "registers of different length": ("qreg q[2]; qreg r[3];\ncx q,r;", 2),
    "an index out of range": ("qreg q[2];\nx q[2];", 2),
    "a negative index": ("qreg q[2];\nx q[-1];", 2),
    "a register without a size": ("qreg q[1];\nqreg r;", 2),
    "a register of size 0": ("qreg q[1];\nqreg r[0];", 2),
    "an unknown gate": ("qreg q[2];\nfoo q[0];", 2),
    "a gate before its definition": ("qreg q[1];\nfoo q[0];\ngate foo a { x a; }", 2),
    "a gate that uses itself": ("gate g a {\ng a; } qreg q[1];", 2),
    "a register declared twice": ("qreg q[1];\nqreg q[2];", 2),
    "a register named as another of bits": ("qreg q[1];\ncreg q[2];", 2),
    "measure of different length": ("qreg q[2]; creg c[3];\nmeasure q -> c;", 2),
    "an opaque gate that is used": ("opaque magic a; qreg q[1];\nmagic q[0];", 2),
    "if on a bit": ("qreg q[1]; creg c[1];\nif (c[0] == 1) x q[0];", 2),
    "if with &&": ("qreg q[1]; creg c[1];\nif (c == 1 && c == 1) x q[0];", 2),
    "if on an unknown register": ("qreg q[1];\nif (c == 1) x q[0];", 2),
    "statements of OpenQASM 3": ("qreg q[1];\nqubit r;", 2),
    "loops of OpenQASM 3": ("qreg q[1];\nfor int i in [0:1] { x q[0]; }", 2),
    "modifiers of OpenQASM 3": ("qreg q[2];\nctrl @ x q[0], q[1];", 2),
    "a gate defined in place of an expression": ("qreg q[1];\nrx(gate) q[0];", 2),
    "no semicolon": ("qreg q[1];\nx q[0]", 2),
    "ln of 0": ("qreg q[1];\nrx(ln(0)) q[0];", 2),
    "division by zero": ("qreg q[1];\nrx(1/0) q[0];", 2),
}


def assert_refused(head, text, line, **options):
    with pytest.raises(QasmError) as caught:
        nk.Circuit.from_qasm(head + text, **options)
    error = caught.value
    assert error.line == head.count("\n") + line, error
    assert error.column >= 1
    assert str(error).startswith(f"line {error.line}, column {error.column}: ")


@pytest.mark.parametrize(("text", "line"), REFUSED3.values(), ids=REFUSED3)
def test_openqasm3_is_refused(text, line):
    assert_refused(HEAD3, text, line)


@pytest.mark.parametrize(("text", "line"), REFUSED2.values(), ids=REFUSED2)
def test_openqasm2_is_refused(text, line):
    assert_refused(HEAD2, text, line)


@pytest.mark.parametrize(
    "loop",
    [
        "while (true) { x q; }",
        "int i = 0; while (i < 200) { i += 1; x q; }",
        "for int i in [1:200] { x q; }",
        "for int i in [0:14] { for int j in [0:14] { x q; } }",
        "while (true) { }",
    ],
)
def test_loops_end(loop):
    assert_refused(HEAD3, f"qubit q;\n{loop}", 2, max_rounds=100)


def test_loops_within_the_limit():
    circuit = nk.Circuit.from_qasm(HEAD3 + "qubit q; for int i in [1:100] { x q; }", max_rounds=100)
    assert len(circuit) == 100


@pytest.mark.parametrize("version", ["1.0", "4.0", "2.1", "3.9", "x"])
def test_versions_that_are_not_known(version):
    assert_refused("", f"OPENQASM {version}; qreg q[1];", 1)


def test_final_measurements_may_be_left_out():
    text = HEAD3 + "qubit[2] q; bit[2] c; h q[0]; c = measure q;"
    names = [op.name for op in nk.Circuit.from_qasm(text)]
    assert names == ["h", *names[1:]]
    assert set(names[1:]) == {"measure"}
    names = [op.name for op in nk.Circuit.from_qasm(text, final_measurements=False)]
    assert names == ["h"]


# Texts that would take for ever, or all memory, to read step by step.

MANY = 100_000
DEEP = {
    "parentheses": f"qubit q; rx({'(' * MANY}1{')' * MANY}) q;",
    "open parentheses": f"qubit q; rx({'(' * MANY}",
    "minus signs": f"qubit q; rx({'-' * MANY}1) q;",
    "nots": f"qubit q; if ({'!' * MANY}true) x q;",
    "a long sum": f"qubit q; rx(1{' + 1' * MANY}) q;",
    "a long product": f"qubit q; rx(1{' * 1' * MANY}) q;",
    "a long power": f"qubit q; rx(1{' ** 1' * MANY}) q;",
    "a long conjunction": f"qubit q; if (true{' && true' * MANY}) x q;",
    "calls": f"qubit q; rx({'sin(' * MANY}1{')' * MANY}) q;",
    "casts": f"qubit q; rx({'float(' * MANY}1{')' * MANY}) q;",
    "indices": f"qubit q; int n = 0; rx(n{'[0' * MANY}{']' * MANY}) q;",
    "blocks": f"qubit q; {'{' * MANY}{'}' * MANY}",
    "open blocks": f"qubit q; {'{' * MANY}",
    "ifs": f"qubit q; {'if (true) ' * MANY} x q;",
    "elses": f"qubit q; {'if (false) x q; else ' * MANY} x q;",
    "loops": f"qubit q; {'for int i in [0:1] ' * 1000} x q;",
    "boxes": f"qubit q; {'box {' * MANY}{'}' * MANY}",
    "controls": f"qubit q; {'ctrl @ ' * MANY} x q;",
    "inverses": f"qubit q; {'inv @ ' * MANY} x q;",
    "powers": f"qubit q; {'pow(2) @ ' * 10_000} t q;",
    "powers of an own gate": f"gate g a {{ h a; t a; }} qubit q; {'pow(1000) @ ' * 100} g q;",
    "a large power": "gate g a, b { h a; cx a, b; } qubit[2] q; pow(10 ** 15) @ g q[0], q[1];",
    "gates that use gates": "gate g0 a { h a; } "
    + " ".join(f"gate g{k + 1} a {{ g{k} a; g{k} a; }}" for k in range(60))
    + " qubit q; g60 q;",
    "empty gates that use gates": "gate g0 a { } "
    + " ".join(f"gate g{k + 1} a {{ g{k} a; g{k} a; }}" for k in range(60))
    + " qubit q; g60 q;",
    "a chain of gates": "gate g0 a { h a; } "
    + " ".join(f"gate g{k + 1} a {{ g{k} a; }}" for k in range(20_000))
    + " qubit q; g20000 q;",
    "loops in gates": "gate g0 a { h a; } "
    + " ".join(f"gate g{k + 1} a {{ for int i in [1:100] {{ g{k} a; }} }}" for k in range(20))
    + " qubit q; g20 q;",
    "subroutines that call subroutines": "def f0(qubit a) { h a; } "
    + " ".join(f"def f{k + 1}(qubit a) {{ f{k}(a); f{k}(a); }}" for k in range(60))
    + " qubit q; f60(q);",
    "subroutines that compute": "def f0(int n) -> int { return n; } "
    + " ".join(f"def f{k + 1}(int n) -> int {{ return f{k}(n) + f{k}(n); }}" for k in range(60))
    + " qubit q; rx(f60(0)) q;",
    "a huge register": "qubit[1000000000] q; h q;",
    "a register of 2^64": "qubit[18446744073709551616] q;",
    "a register of 2^63": "qubit[9223372036854775807] q; qubit[2] r;",
    "many registers": "".join(f"qubit[1000] q{k};" for k in range(10_000)),
    "huge bits": "qubit q; bit[10000000000] c; c[1] = measure q;",
    "a huge variable": "qubit q; uint[1000000000] n = 1; rx(n) q;",
    "a huge angle": "qubit q; angle[1000000000] a = 1.0; rx(a) q;",
    "a huge array": "array[int, 100000, 100000, 100000] a; qubit q;",
    "a huge loop": "qubit q; for int i in [0:1000000000000] { x q; }",
    "a huge empty loop": "qubit q; for int i in [0:1000000000000] { }",
    "a huge slice": "qubit[2] q; x q[0:1000000000000];",
    "loops in loops": "qubit q; " + "for int i in [0:1000] { " * 8 + "}" * 8,
    "a loop that doubles": "qubit q; int n = 1; while (n > 0) { n += n; }",
    "a loop over bits that grow": "qubit q; float f = 1.0; while (f > 0) { f *= 2.0; }",
    "large shifts": "qubit q; rx(1 << 1000000000000) q;",
    "large powers of integers": "qubit q; rx(10 ** 10 ** 10) q;",
    "a long number": f"qubit q; rx({'9' * 1_000_000}) q;",
    "a long fraction": f"qubit q; rx(0.{'3' * 1_000_000}) q;",
    "a large exponent": "qubit q; rx(1e999999999999999999) q;",
    "a long string": f'qubit q; {{ bit[1000000] c = "{"01" * 500_000}"; }}',
    "a long name": f"qubit {'q' * 1_000_000}; x {'q' * 1_000_000};",
    "a long comment": f"qubit q; /* {'*' * 5_000_000} */ x q;",
    "many lines": f"qubit q; {chr(10) * 1_000_000} x q;",
    "many statements": f"qubit q; {'x q; ' * 200_000}",
    "many names": "qubit q; " + "".join(f"int n{k} = {k}; " for k in range(MANY)),
    "many parameters": f"gate g({', '.join(f'p{k}' for k in range(MANY))}) a {{ }} qubit q;",
    "many labels": f"qubit q; switch (5) {{ case {', '.join(map(str, range(MANY)))} {{ x q; }} }}",
    "a large set": f"qubit q; for int i in {{{', '.join(['1'] * MANY)}}} {{ x q; }}",
    "aliases of aliases": "qubit[2] q; let a0 = q; "
    + " ".join(f"let a{k + 1} = a{k};" for k in range(MANY)),
    "a condition of many cases": "qubit[30] q; bit[30] c; c = measure q; if ("
    + " && ".join(f"(c[{2 * k}] || c[{2 * k + 1}])" for k in range(15))
    + ") x q[0];",
    "a parity": "qubit[40] q; bit[40] c; c = measure q; if ("
    + " ^ ".join(f"c[{k}]" for k in range(40))
    + ") x q[0];",
    "a comparison of many bits": "qubit[60] q; bit[60] c; c = measure q; "
    "if (c < 12345678901) x q[0];",
    "conditions in conditions": "qubit[40] q; bit[40] c; c = measure q; "
    + "".join(f"if (c[{k}] || c[{k + 1}]) {{ " for k in range(0, 40, 2))
    + "x q[0];"
    + "}" * 20,
    "types in types": f"qubit q; rx({'array[int, ' * MANY}1) q;",
    "braces in braces": f"qubit q; array[int, 1] a = {'{' * MANY}1{'}' * MANY};",
    "many large registers": "qubit q; " + "".join(f"bit[1048576] c{k}; " for k in range(1000)),
    "many large arrays": "qubit q; " + "".join(f"array[int, 1000000] a{k}; " for k in range(1000)),
    "many controls on many qubits": "qubit[1000] c; qubit[1000000] q; ctrl(1000) @ x "
    + "".join(f"c[{k}], " for k in range(1000))
    + "q;",
    "many inputs in many angles": "".join(f"input float a{k}; " for k in range(1000))
    + "qubit[1000000] q; rx("
    + " + ".join(f"a{k}" for k in range(1000))
    + ") q;",
    "comparisons of 2000 bits": "qubit[2000] q; bit[2000] c; c = measure q; if (c < "
    + f'"{"01" * 1000}") x q[0];',
    "many comparisons of 64 bits": "qubit[64] q; bit[64] c; c = measure q; "
    + "if (c < 1234567890123456789) x q[0]; " * 20_000,
    "a long comparison for many qubits": "qubit[64] q; qubit[1000000] r; bit[64] c; c = measure q; "
    "if (c < 1234567890123456789) x r;",
    "assignments to a large array": "qubit q; array[int, 1000000] a; "
    "for int i in [0:999999] { a[i] = i; }",
    "assignments to a large register": "qubit q; { bit[1000000] a; "
    "for int i in [0:999998] { a[i] = 1; } }",
    "operators on large registers": "qubit q; bit[1000000] a; for int i in [0:99999] { a ^= a; }",
    "large aliases": "qubit[1000000] q; for int i in [0:99999] { let a = q[0:1] ++ q[2:999999]; }",
    "bits of a large alias": "qubit q; bit[1048576] a; let b = a; "
    "for int i in [0:99999] { if (b[0]) x q; }",
    "bits of a large register": "qubit q; { bit[1048576] c; " + "c[1] = measure q; " * 40_000 + "}",
    "strings in a loop": "qubit q; for int i in [0:99999] "
    f'{{ bit[400000] a = "{"01" * 200_000}"; }}',
    "assignments under a parity": "qubit[12] q; bit[12] c; c = measure q; if ("
    + " ^ ".join(f"c[{k}]" for k in range(12))
    + ") { for int i in [0:1000] { int j = i; j += 1; } }",
    "a large array under conditions": "qubit[12] q; bit[12] c; c = measure q; "
    "array[int, 1000000] a; " + "".join(f"if (c[{k % 12}]) a[{k}] = 1; " for k in range(100)),
    "an empty gate, often": "gate g a { } qubit q; pow(1e15) @ g q;",
    "a chain of conditions": "qubit q; if (false) x q; " + "else if (false) x q; " * MANY,
    "nothing but zeros": "\0" * 100_000,
    "nothing but quotes": '"' * 100_001,
    "nothing but semicolons": "qubit q; " + ";" * 100_000,
}

MEASURED = """
    import resource, time
    from numket.qasm import QasmError
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    text = open({path!r}, encoding="utf-8").read()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        nk.Circuit.from_qasm(text)
        answer = "read"
    except QasmError as error:
        assert error.line is not None, error
        answer = "refused"
    seconds = time.process_time() - start
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(answer, seconds, used // 1024)
"""


@pytest.mark.parametrize("name", DEEP)
def test_every_text_is_answered(name, snippet, tmp_path):
    path = tmp_path / "deep.qasm"
    path.write_text(HEAD3 + DEEP[name], encoding="utf-8")
    answer, seconds, megabytes = snippet(MEASURED.format(path=str(path))).split()
    assert answer in ("read", "refused")
    assert float(seconds) < 10
    assert int(megabytes) < 1024


def test_openqasm2_is_answered(snippet, tmp_path):
    texts = {
        "parentheses": f"qreg q[1]; rx({'(' * MANY}1{')' * MANY}) q[0];",
        "sum": f"qreg q[1]; rx(1{'+1' * MANY}) q[0];",
        "powers": f"qreg q[1]; rx(1{'^1' * MANY}) q[0];",
        "gates": "gate g0 a { h a; } "
        + " ".join(f"gate g{k + 1} a {{ g{k} a; g{k} a; }}" for k in range(60))
        + " qreg q[1]; g60 q[0];",
        "register": "qreg q[1000000000]; h q;",
        "condition": "qreg q[1]; creg c[200]; if (c == 1" + "0" * 1000 + ") x q[0];",
    }
    for name, text in texts.items():
        path = tmp_path / f"{name}.qasm"
        path.write_text(HEAD2 + text, encoding="utf-8")
        answer, seconds, megabytes = snippet(MEASURED.format(path=str(path))).split()
        assert answer in ("read", "refused"), name
        assert float(seconds) < 10, name
        assert int(megabytes) < 1024, name


def test_messages_have_no_trace_of_the_inside():
    """A message is one line of plain text, even where the text is not."""
    with pytest.raises(QasmError) as caught:
        nk.Circuit.from_qasm(HEAD3 + "qubit q;\nx q\x00\x1b[31m" + "y" * 10_000 + ";")
    assert len(str(caught.value)) < 500
    assert not re.search(r"[\x00-\x1f]", str(caught.value))
