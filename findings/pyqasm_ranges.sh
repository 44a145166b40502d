#!/usr/bin/env bash
# pyqasm 1.3.0: a "for" over a range whose step does not meet its end runs once more, beyond the end.
#
# Seen: "for int i in [0:2:5]" runs with 0, 2, 4 and 6, and "[7:-3:2]" with 7, 4 and 1. The specification: a range
# a:c:b is a, a+c, ..., a+mc with the largest m for which a+mc does not pass b: 0, 2, 4, and 7, 4. The same range as
# a slice is right.
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

HEAD = 'OPENQASM 3.0; include "stdgates.inc"; qubit[8] q; '
for range_, expected, seen in (
    ("0:2:4", [0, 2, 4], [0, 2, 4]),
    ("0:2:5", [0, 2, 4], [0, 2, 4, 6]),
    ("7:-3:2", [7, 4], [7, 4, 1]),
):
    gates = unrolled(HEAD + f"for int i in [{range_}] {{ x q[i]; }}")
    print(f"for int i in [{range_}]:", *gates, f"expected: {expected}")
    assert gates == [f"x q[{i}];" for i in seen], "the behaviour has changed"
gates = unrolled(HEAD + "x q[0:2:5];")
print("x q[0:2:5]:", *gates)
assert gates == [f"x q[{i}];" for i in (0, 2, 4)], "the behaviour has changed"
PYTHON
