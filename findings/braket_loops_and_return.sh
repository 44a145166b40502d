#!/usr/bin/env bash
# amazon-braket-default-simulator 1.41.2 (amazon-braket-sdk 1.127.5): loops in the body of a gate are dropped, and a
# "return" inside of an "if" does not return, both without a word.
#
# Seen: "gate g a { for int i in [1:3] { x a; } }" does nothing; the specification ("Hierarchically defined unitary
# gates"): "Looping constructs over these quantum statements are valid", so three X. With
# "def f(int[32] n) -> int[32] { if (n > 2) { return 1; } return 0; }" f(3) gives 0; it is 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q amazon-braket-sdk==1.127.5 amazon-braket-default-simulator==1.41.2
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from braket.devices import LocalSimulator
from braket.ir.openqasm import Program


def run(text):
    program = Program(source=f"OPENQASM 3.0;\n{text}\n#pragma braket result state_vector")
    return np.asarray(LocalSimulator().run(program, shots=0).result().values[0])


for package in ("amazon-braket-sdk", "amazon-braket-default-simulator"):
    print(package, version(package))

for name, text, seen in (
    ("loop outside of a gate", "qubit[1] q; i q[0]; for int i in [1:3] { x q[0]; }", 1),
    ("loop in a gate", "gate g a { for int i in [1:3] { x a; } } qubit[1] q; i q[0]; g q[0];", 0),
    ("return", "def f(int[32] n) -> int[32] { return 1; } qubit[1] q; rx(pi * f(3)) q[0];", 1),
    (
        "return in an if",
        "def f(int[32] n) -> int[32] { if (n > 2) { return 1; } return 0; } qubit[1] q; rx(pi * f(3)) q[0];",
        0,
    ),
):
    ones = abs(run(text)[1]) ** 2
    print(f"{name}: q[0] is 1 with probability {ones:.2f}, expected 1.00")
    assert np.isclose(ones, seen), "the behaviour has changed"
PYTHON
