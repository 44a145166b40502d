#!/usr/bin/env bash
# amazon-braket-default-simulator 1.41.2 (amazon-braket-sdk 1.127.5): "pow" of a gate that the text defines raises
# each statement of its body by itself, instead of repeating the gate.
#
# Seen: with "gate f a { rx(1) a; ry(2) a; }" the text "pow(2) @ f q[0];" ends in the state of rx(2), ry(4), and
# "pow(-1) @ f" in that of rx(-1), ry(-2). The specification: "k repetitions of U", and for negative k repetitions of
# "inv @ U": rx(1), ry(2), rx(1), ry(2), and ry(-2), rx(-1).
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

OWN = "gate f a { rx(1) a; ry(2) a; } qubit[1] q; "
for power, expected, seen in (
    ("2", "rx(1) q[0]; ry(2) q[0]; rx(1) q[0]; ry(2) q[0];", "rx(2) q[0]; ry(4) q[0];"),
    ("-1", "ry(-2) q[0]; rx(-1) q[0];", "rx(-1) q[0]; ry(-2) q[0];"),
):
    state = run(OWN + f"pow({power}) @ f q[0];")
    states = {text: run("qubit[1] q; " + text) for text in (expected, seen)}
    print(f"pow({power}) @ f: {state.round(3)}")
    print(f"    as {expected}  {np.allclose(state, states[expected])}")
    print(f"    as {seen}  {np.allclose(state, states[seen])}")
    assert not np.allclose(state, states[expected]), "the behaviour has changed"
    assert np.allclose(state, states[seen]), "the behaviour has changed"
PYTHON
