#!/usr/bin/env bash
# mindquantum 0.12.0: Circuit.to_openqasm writes a Toffoli as the name of a Python function, and a gate whose angle
# is a parameter with the angle 0, without a word.
#
# Seen: "ccx <function join_qubit at 0x...>;" where OpenQASM 2 has "ccx q[1],q[2],q[0];", and "rx(0.0) q[0];" for
# rx("a"). OpenQASM 2 has no free parameters, and the documentation promises a ValueError for what cannot be written.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q mindquantum==0.12.0
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

from mindquantum.core.circuit import Circuit

print("mindquantum", version("mindquantum"))
toffoli = Circuit().x(0, [1, 2]).to_openqasm()
print(toffoli)
turn = Circuit().rx("a", 0).to_openqasm()
print(turn)
assert "ccx <function join_qubit at 0x" in toffoli, "the behaviour has changed"
assert "rx(0.0) q[0];" in turn, "the behaviour has changed"
PYTHON
