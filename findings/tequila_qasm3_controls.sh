#!/usr/bin/env bash
# tequila-basic 1.9.12: its OpenQASM 3 leaves out the control qubits of controlled gates; the OpenQASM 2 is right.
#
# Seen: "ctrl @ x q[1];" for a CNOT from qubit 0 to qubit 1. By the specification ("Control modifiers") the control
# comes before the target: "ctrl @ x q[0], q[1];". The text has no include of stdgates.inc either, and so no x.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q tequila-basic==1.9.12
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import tequila

print("tequila-basic", version("tequila-basic"))
seen = {}
for qasm in ("2.0", "3"):
    text = tequila.export_open_qasm(tequila.gates.X(target=1, control=0), version=qasm)
    print(text)
    seen[qasm] = text.split("\n")
assert any(line.replace(" ", "") == "cxq[0],q[1];" for line in seen["2.0"]), "the behaviour has changed"
assert "ctrl @ x q[1];" in seen["3"], "the behaviour has changed"
assert not any("q[0]" in line for line in seen["3"]), "the behaviour has changed"
PYTHON
