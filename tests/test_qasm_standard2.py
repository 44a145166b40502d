"""OpenQASM 2: what the standard says of single constructs."""

import numpy as np
import pytest

from helpers_qasm import HEAD2, PI, assert_means, measure, rx, when, xs

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


@pytest.mark.parametrize(("text", "steps"), MEANINGS2.values(), ids=MEANINGS2)
@pytest.mark.parametrize("head", [HEAD2, "OPENQASM 2;include 'qelib1.inc';"])
def test_openqasm2(text, steps, head, rng):
    assert_means(text if text.startswith("\ufeff") else head + text, steps, rng)
