#!/usr/bin/env bash
# qiskit-qasm3-import 0.6.0 with Qiskit 2.6.2: a gate of the text's own gets its angles in the order of the
# alphabet, not in that of its definition. The two texts below differ in the names of the parameters only.
#
# Seen: rx(0.25) for the first, rx(0.75) for the second; OpenQASM 3 says rx(0.25) for both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qiskit==2.6.2 qiskit-qasm3-import==0.6.0
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from qiskit import qasm3
from qiskit.quantum_info import Operator

TEXT = """OPENQASM 3.0;
include "stdgates.inc";
gate turn({first}, {second}) w {{ rx({first}) w; rz({second}) w; }}
qubit q;
turn(0.25, 0.75) q;
"""

for package in ("qiskit", "qiskit-qasm3-import"):
    print(package, version(package))
seen = {}
for names in (("a", "b"), ("b", "a")):
    matrix = Operator(qasm3.loads(TEXT.format(first=names[0], second=names[1]))).data
    seen[names] = 2 * np.arccos(abs(matrix[0, 0]))
    print(f"gate turn({', '.join(names)}): turned about X by {seen[names]:.2f}")
assert np.allclose(list(seen.values()), [0.25, 0.75]), "the behaviour has changed"
PYTHON
