#!/usr/bin/env bash
# qibo 0.3.6 and Qiskit 2.6.2: "cu3" of OpenQASM 2 is one gate in Qibo and another in Qiskit, and each misreads the
# texts of the other without a word. Two files are called qelib1.inc: in the one of the standard (its paper, and
# examples/ of the OpenQASM2.x branch) cu3 is Qibo's; the one that Qiskit ships has a further u1 on the control.
#
# Seen: for "cu3(0.7,0.2,0.4) q[0],q[1];" the corner of the controlled block is 0.939 exp(-0.3i) = 0.897-0.278i in
# Qibo, and as Qiskit reads the standard's definition when the text itself has it; it is 0.939 in Qiskit's own cu3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qibo==0.3.6 qiskit==2.6.2
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
import qibo
from qibo import Circuit, gates
from qiskit import QuantumCircuit, qasm2
from qiskit.quantum_info import Operator

STANDARD = """OPENQASM 2.0;
include "qelib1.inc";
gate standard(theta,phi,lambda) c, t
{
  u1((lambda-phi)/2) t;
  cx c,t;
  u3(-theta/2,0,-(phi+lambda)/2) t;
  cx c,t;
  u3(theta/2,phi,0) t;
}
qreg q[2];
standard(0.7,0.2,0.4) q[0],q[1];
"""

for package in ("qibo", "qiskit"):
    print(package, version(package))
qibo.set_backend("numpy")
circuit = Circuit(2)
circuit.add(gates.CU3(0, 1, 0.7, 0.2, 0.4))
text = circuit.to_qasm()
print(text)


def qiskit_reads(read):
    return Operator(read.reverse_bits()).data[2, 2]


seen = {
    "Qibo, its circuit": circuit.unitary()[2, 2],
    "Qibo, the text": Circuit.from_qasm(text).unitary()[2, 2],
    "Qiskit, the text with the standard's definition": qiskit_reads(qasm2.loads(STANDARD)),
    "Qiskit, the text by qasm2.loads": qiskit_reads(qasm2.loads(text)),
    "Qiskit, the text by from_qasm_str": qiskit_reads(QuantumCircuit.from_qasm_str(text)),
}
for reader, value in seen.items():
    print(f"{reader}: {value:.3f}")
expected = np.cos(0.35) * np.exp([-0.3j, -0.3j, -0.3j, 0, 0])
assert np.allclose(list(seen.values()), expected), "the behaviour has changed"
PYTHON
