#!/usr/bin/env bash
# qiskit-aer 0.18.2 with Qiskit 2.6.2: the state vector of AerSimulator(precision="single") is a complex128 array, of
# which the digits are those of complex64.
#
# Seen: after rx(0.3) the first amplitude is off by 3e-9, in an array whose dtype promises 1e-16.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qiskit==2.6.2 qiskit-aer==0.18.2
"$folder/env/bin/python" - <<'PYTHON'
import math
from importlib.metadata import version

from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator

for package in ("qiskit", "qiskit-aer"):
    print(package, version(package))
circuit = QuantumCircuit(1)
circuit.rx(0.3, 0)
circuit.save_statevector()
simulator = AerSimulator(method="statevector", precision="single")
state = simulator.run(circuit).result().get_statevector().data
error = abs(state[0] - math.cos(0.15))
print(f"dtype {state.dtype}, error {error:.1e}")
assert str(state.dtype) == "complex128", "the behaviour has changed"
assert error > 1e-10, "the behaviour has changed"
PYTHON
