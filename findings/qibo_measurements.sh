#!/usr/bin/env bash
# qibo 0.3.6: Circuit.to_qasm leaves out measurements with collapse=True, and those that another gate on the qubit
# follows, without a word.
#
# Seen: H, measurement with collapse, H is written as "h q[0]; h q[0];", which is the identity: the circuit gives 0
# and 1 equally often, the text always 0. In the second text the measured bit is gone. OpenQASM 2 has "measure"
# anywhere in a program.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qibo==0.3.6
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import qibo
from qibo import Circuit, gates

print("qibo", version("qibo"))
qibo.set_backend("numpy")
seen = []
for queue in (
    [gates.H(0), gates.M(0, collapse=True), gates.H(0)],
    [gates.M(0), gates.X(0)],
    [gates.X(0), gates.M(0)],
):
    circuit = Circuit(1)
    circuit.add(queue)
    text = circuit.to_qasm()
    print([gate.name for gate in queue])
    print(text)
    seen.append("measure" in text)
assert seen == [False, False, True], "the behaviour has changed"
PYTHON
