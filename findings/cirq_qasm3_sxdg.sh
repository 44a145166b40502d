#!/usr/bin/env bash
# cirq-core 1.7.0 (read by Qiskit 2.6.2 with qiskit-qasm3-import 0.6.0): OpenQASM 3.0 texts call "sxdg", which they
# do not define and stdgates.inc does not have. Most gates on two qubits that are decomposed need it.
#
# Seen: 'include "stdgates.inc";' and "sxdg q[1];" for CZ**0.3; Qiskit refuses it: gate 'sxdg' is not defined.
# "inv @ sx q[1];" would be OpenQASM 3. With version="2.0" the same circuit can be read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q cirq-core==1.7.0 qiskit==2.6.2 qiskit-qasm3-import==0.6.0
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import cirq
from qiskit import QuantumCircuit, qasm3
from qiskit.qasm3 import QASM3ImporterError

for package in ("cirq-core", "qiskit", "qiskit-qasm3-import"):
    print(package, version(package))
circuit = cirq.Circuit(cirq.CZ(*cirq.LineQubit.range(2)) ** 0.3)
text = circuit.to_qasm(version="3.0")
lines = [line for line in text.splitlines() if "include" in line or "sxdg" in line]
print(lines)
try:
    qasm3.loads(text)
    message = "read"
except QASM3ImporterError as error:
    message = str(error)
print(message)
print("OpenQASM 2:", QuantumCircuit.from_qasm_str(circuit.to_qasm(version="2.0")).num_qubits, "qubits read")
assert lines == ['include "stdgates.inc";', "sxdg q[1];"], "the behaviour has changed"
assert "gate 'sxdg' is not defined" in message, "the behaviour has changed"
PYTHON
