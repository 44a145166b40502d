#!/usr/bin/env bash
# pennylane 0.45.1 (read by Qiskit 2.6.2): to_openqasm writes "gphase" into OpenQASM 2.0 texts, wherever a
# decomposition has a global phase, as that of SX.
#
# Seen: "gphase(-0.7853981633974483) q[0];" under "OPENQASM 2.0;", which Qiskit refuses. gphase is of OpenQASM 3,
# where it has no qubit; neither OpenQASM 2 nor qelib1.inc has it. (So it is for ECR, SISWAP, QubitUnitary, ..., too.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q pennylane==0.45.1 qiskit==2.6.2
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import pennylane as qml
from qiskit import qasm2

for package in ("pennylane", "qiskit"):
    print(package, version(package))
text = qml.to_openqasm(qml.tape.QuantumScript([qml.SX(0)]), rotations=False, measure_all=False)
print(text)
try:
    qasm2.loads(text)
    message = "read"
except qasm2.QASM2ParseError as error:
    message = str(error)
print(message)
assert text.startswith("OPENQASM 2.0;"), "the behaviour has changed"
assert "gphase(-0.7853981633974483) q[0];" in text, "the behaviour has changed"
assert "'gphase' is not defined" in message, "the behaviour has changed"
PYTHON
