#!/usr/bin/env bash
# qibo 0.3.6: Circuit.from_qasm drops the parentheses in angles, so that other angles are read.
#
# Seen: rx(2*(0.3+0.4)) is read as rx(1.0) and is rx(1.4); pi/(2*2) is read as pi and is pi/4; 1-(2-3) is read
# as -4 and is 2. Expressions with parentheses are part of the grammar of OpenQASM 2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qibo==0.3.6
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version
from math import isclose, pi

import qibo
from qibo import Circuit

print("qibo", version("qibo"))
qibo.set_backend("numpy")
TEXT = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx({angle}) q[0];
"""
for angle, expected, seen in (("2*(0.3+0.4)", 1.4, 1.0), ("pi/(2*2)", pi / 4, pi), ("1-(2-3)", 2, -4)):
    read = Circuit.from_qasm(TEXT.format(angle=angle)).queue[0].parameters[0]
    print(f"rx({angle}) is read as rx({read}) and is rx({expected})")
    assert isclose(read, seen), "the behaviour has changed"
PYTHON
