#!/usr/bin/env bash
# pyqasm 1.3.0: a gate on two registers is unrolled over the qubits one after the other, instead of pair by pair.
#
# Seen: "cx q, r;" becomes "cx q[0], q[1]; cx r[0], r[1];" for registers of two, and with three qubits each even
# "cx q[2], r[0];". The specification ("Broadcasting"), as OpenQASM 2 before: "cx q[0], r[0]; cx q[1], r[1];".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q pyqasm==1.3.0
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import pyqasm


def unrolled(text):
    module = pyqasm.loads(text)
    module.unroll()
    return [line for line in pyqasm.dumps(module).splitlines() if line.startswith(("cx", "rx", "x"))]


print("pyqasm", version("pyqasm"))

TEXTS = {
    2: 'OPENQASM 2.0; include "qelib1.inc"; qreg q[{size}]; qreg r[{size}]; cx q, r;',
    3: 'OPENQASM 3.0; include "stdgates.inc"; qubit[{size}] q; qubit[{size}] r; cx q, r;',
}
for standard, text in TEXTS.items():
    for size, seen in (
        (2, ["cx q[0], q[1];", "cx r[0], r[1];"]),
        (3, ["cx q[0], q[1];", "cx q[2], r[0];", "cx r[1], r[2];"]),
    ):
        gates = unrolled(text.format(size=size))
        print(f"OpenQASM {standard}, {size} qubits each:", *gates)
        print("    expected:", *(f"cx q[{i}], r[{i}];" for i in range(size)))
        assert gates == seen, "the behaviour has changed"
PYTHON
