#!/usr/bin/env bash
# amazon-braket-default-simulator 1.41.2 (amazon-braket-sdk 1.127.5): "ctrl" of a gate that the text defines does not
# control a gphase in its body.
#
# Seen: with "gate f(t) a { gphase(t); }" the text "h q[0]; ctrl @ f(pi) q[0], q[1]; h q[0];" leaves q[0] in 0. By
# the specification a gphase under a control is a relative phase of the control, here Z, and q[0] ends in 1.
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
    ("gate f(t) a { gphase(t); }", "h q[0]; ctrl @ f(pi) q[0], q[1]; h q[0];", 0),
    ("the same, by hand", "h q[0]; ctrl @ gphase(pi) q[0]; h q[0];", 1),
):
    state = run(f"gate f(t) a {{ gphase(t); }} qubit[2] q; i q[1]; {text}")
    ones = (abs(state.reshape(2, 2)) ** 2).sum(1)[1]
    print(f"{name}: {text} q[0] is 1 with probability {ones:.2f}, expected 1.00")
    assert np.isclose(ones, seen), "the behaviour has changed"
PYTHON
