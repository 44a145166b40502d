#!/usr/bin/env bash
# qiskit-qasm3-import 0.6.0 with Qiskit 2.6.2: a slice that ends at the last element as -1, or runs down to element 0,
# is read as empty, and the gate on it is dropped without a word.
#
# Seen: no operation for "x q[-2:-1];" and none for "x q[2:-1:0];" on three qubits. By the specification a range
# contains both of its ends, and -1 is the last element: X on q[1], q[2], and on q[2], q[1], q[0].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qiskit==2.6.2 qiskit-qasm3-import==0.6.0
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

from qiskit import qasm3

TEXT = """OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
x q[{slice}];
"""

for package in ("qiskit", "qiskit-qasm3-import"):
    print(package, version(package))
for slice_, expected, seen in (("1:2", [1, 2], [1, 2]), ("-2:-1", [1, 2], []), ("2:-1:0", [2, 1, 0], [])):
    circuit = qasm3.loads(TEXT.format(slice=slice_))
    read = [circuit.find_bit(item.qubits[0]).index for item in circuit.data]
    print(f"x q[{slice_}] is read as X on {read} and is X on {expected}")
    assert read == seen, "the behaviour has changed"
PYTHON
