#!/usr/bin/env bash
# qibo 0.3.6: Circuit.unitary() leaves out fused gates: those of Circuit.fuse(), and every gate that a text read by
# Circuit.from_qasm defines. Running the same circuit is right.
#
# Seen: the identity for H and CNOT after fuse(), and for a gate defined so in OpenQASM 2. The documentation says
# "the unitary matrix corresponding to all circuit gates", and that fuse() gives an equivalent circuit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qibo==0.3.6
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
import qibo
from qibo import Circuit, gates

TEXT = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
gate bell a, b { h a; cx a, b; }
bell q[0], q[1];
"""

print("qibo", version("qibo"))
qibo.set_backend("numpy")
plain = Circuit(2)
plain.add([gates.H(0), gates.CNOT(0, 1)])
right = np.array([[1, 0, 1, 0], [0, 1, 0, 1], [0, 1, 0, -1], [1, 0, -1, 0]]) / np.sqrt(2)
seen = {}
for name, circuit in (("plain", plain), ("fuse()", plain.fuse()), ("from_qasm", Circuit.from_qasm(TEXT))):
    run = np.array([circuit(initial_state=row).state() for row in np.eye(4, dtype=complex)]).T
    print(f"{name}: run right: {np.allclose(run, right)}; unitary() is")
    print(circuit.unitary().real.round(3))
    seen[name] = circuit.unitary()
    assert np.allclose(run, right), "the behaviour has changed"
assert np.allclose(seen["plain"], right), "the behaviour has changed"
assert np.allclose(seen["fuse()"], np.eye(4)), "the behaviour has changed"
assert np.allclose(seen["from_qasm"], np.eye(4)), "the behaviour has changed"
PYTHON
