#!/usr/bin/env bash
# qrisp 0.9.10 (read by Qiskit 2.5.2): two gates mean one thing in Qrisp and another in the OpenQASM 2 that it writes.
# RGate turns about an axis counted from y; the text defines an "r" about an axis counted from x. SXGate is rx(pi/2),
# without the phase of a square root of X; under a control the text says "csx", and the phase counts.
#
# Seen: RGate(0.7, 0.3) has 0.328-0.101i above its diagonal in Qrisp, -0.101-0.328i as read; the controlled SXGate
# has 0.707 in the corner of its controlled block in Qrisp, 0.5+0.5i as read. Qrisp's documentation calls SXGate
# "the square-root-of-X gate", and that is 0.5+0.5i.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qrisp==0.9.10 qiskit==2.5.2
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from qiskit import qasm2
from qiskit.quantum_info import Operator
from qrisp import QuantumCircuit
from qrisp.circuit.standard_operations import RGate, SXGate

for package in ("qrisp", "qiskit"):
    print(package, version(package))
for name, gate, place, qrisp_has, text_has in (
    ("RGate(0.7, 0.3)", RGate(0.7, 0.3), (0, 1), 0.3276 - 0.1013j, -0.1013 - 0.3276j),
    ("SXGate().control(1)", SXGate().control(1), (2, 2), np.sqrt(0.5), 0.5 + 0.5j),
):
    circuit = QuantumCircuit(gate.num_qubits)
    circuit.append(gate, circuit.qubits)
    text = circuit.to_qasm2()
    read = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS).reverse_bits()
    ours, theirs = circuit.get_unitary()[place], Operator(read).data[place]
    print(f"{name}: {ours:.3f} in Qrisp, {theirs:.3f} as read from the text: {text.splitlines()[-1]}")
    assert np.isclose(ours, qrisp_has, atol=1e-3), "the behaviour has changed"
    assert np.isclose(theirs, text_has, atol=1e-3), "the behaviour has changed"
PYTHON
