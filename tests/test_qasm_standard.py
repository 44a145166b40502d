"""OpenQASM 3: what the standard says of single constructs.

Each row of the tables has a text and what it means, as a list of gates. Both are carried out on a
random state, so how numket spells an operation does not matter, but global phases do.
"""

import numpy as np
import pytest

import numket as nk
from helpers_qasm import HEAD3, PI, assert_means, measure, rx, turned, when, xs
from numket import qasm
from numket.qasm import QasmError

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


@pytest.mark.parametrize(("text", "steps"), MEANINGS3.values(), ids=MEANINGS3)
def test_openqasm3(text, steps, rng):
    head = "" if "OPENQASM" in text else HEAD3
    assert_means(head + text, steps, rng)


@pytest.mark.parametrize(("text", "steps"), EXPRESSIONS3)
def test_expressions_of_openqasm3(text, steps, rng):
    assert_means(HEAD3 + text, steps, rng)


def test_gates_may_be_left_undefined():
    """Without the standard file there are no gates but those of the language."""
    nk.Circuit.from_qasm("OPENQASM 3.0; qubit q; U(0, 0, 0) q;")
    with pytest.raises(QasmError):
        nk.Circuit.from_qasm("OPENQASM 3.0; qubit q; x q;")


def test_registers_are_named():
    program = qasm.read(HEAD3 + "qubit[2] q; qubit a; bit c; bit[3] d; c = measure a;")
    assert dict(program.qubits) == {"q": range(2), "a": range(2, 3)}
    assert dict(program.bits) == {"c": range(1), "d": range(1, 4)}


def test_final_measurements_may_be_left_out():
    text = HEAD3 + "qubit[2] q; bit[2] c; h q[0]; c = measure q;"
    names = [op.name for op in nk.Circuit.from_qasm(text)]
    assert names == ["h", *names[1:]]
    assert set(names[1:]) == {"measure"}
    names = [op.name for op in nk.Circuit.from_qasm(text, final_measurements=False)]
    assert names == ["h"]
