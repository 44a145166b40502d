#!/usr/bin/env bash
# pennylane 0.45.1: from_qasm3 reads gphase with the other sign. Alone it is a global phase; under "ctrl @" it is
# another gate.
#
# Seen: "ctrl @ gphase(0.5) q[0];" is read as the controlled GlobalPhase(0.5), and PennyLane's GlobalPhase(a) is
# exp(-ia): diag(1, exp(-0.5i)). The specification: gphase(a) is exp(ia), and this is U(0, 0, a): diag(1, exp(0.5i)).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q pennylane==0.45.1 'openqasm3[parser]==1.0.1'
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import pennylane as qml

for package in ("pennylane", "openqasm3"):
    print(package, version(package))


def operations(text):
    with qml.queuing.AnnotatedQueue() as queue:
        qml.from_qasm3("OPENQASM 3.0;\n" + text)()
    return qml.tape.QuantumScript.from_queue(queue).operations



import numpy as np

[read] = operations("qubit[1] q; ctrl @ gphase(0.5) q[0];")
print(read)
diagonal = np.diag(qml.matrix(read))
print("diagonal as read: ", diagonal.round(3))
print("by the standard:  ", np.exp([0, 0.5j]).round(3))
assert np.allclose(diagonal, np.exp([0, -0.5j])), "the behaviour has changed"
PYTHON
