#!/usr/bin/env bash
# Qiskit 2.6.2 with qiskit-qasm3-import 0.6.0: a gate that the text defines under the name of one of Qiskit's gates
# is the text's gate alone, but Qiskit's gate under "ctrl @".
#
# Seen: with "gate sxdg a { x a; }" the text "sxdg q[1];" is X, but "ctrl @ sxdg q[0], q[1];" is the controlled
# inverse square root of X (0.5+0.5i where CX has 1). stdgates.inc has no sxdg, so that the name is free, and by the
# specification "ctrl @" controls the gate as it was defined: CX.
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
gate {name} a {{ x a; }}
qubit[2] q;
ctrl @ {name} q[0], q[1];
"""

for package in ("qiskit", "qiskit-qasm3-import"):
    print(package, version(package))
for name, seen in (("flip", 1), ("sxdg", 0.5 + 0.5j)):
    read = Operator(qasm3.loads(TEXT.format(name=name)).reverse_bits()).data[2, 3]
    print(f"gate {name} a {{ x a; }}: ctrl @ {name} has {read:.1f} where CX has 1")
    assert np.isclose(read, seen), "the behaviour has changed"
PYTHON
