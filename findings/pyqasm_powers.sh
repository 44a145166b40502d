#!/usr/bin/env bash
# pyqasm 1.3.0: "^" in a text of OpenQASM 2 is taken for the exclusive or of OpenQASM 3, without a word.
#
# Seen: rx(2^3) is read as rx(1). In the grammar of OpenQASM 2 ^ is the power, and Qiskit 2.6.2 reads rx(8).
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

gates = unrolled('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; rx(2^3) q[0];')
print("rx(2^3) q[0]; is read as", *gates, "and is rx(8) q[0];")
assert gates == ["rx(1) q[0];"], "the behaviour has changed"
PYTHON
