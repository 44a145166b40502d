#!/usr/bin/env bash
# mindquantum 0.12.0: Simulator.get_qs() of a complex64 simulator is a complex128 array, of which the digits are those
# of complex64.
#
# Seen: after RX(0.3) the first amplitude is off by 3e-9, in an array whose dtype promises 1e-16.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q mindquantum==0.12.0 numpy
"$folder/env/bin/python" - <<'PYTHON'
import math
from importlib.metadata import version

import mindquantum as mq
from mindquantum.core.circuit import Circuit
from mindquantum.core.gates import RX
from mindquantum.simulator import Simulator

print("mindquantum", version("mindquantum"))
simulator = Simulator("mqvector", 1, dtype=mq.complex64)
simulator.apply_circuit(Circuit([RX(0.3).on(0)]))
state = simulator.get_qs()
error = abs(state[0] - math.cos(0.15))
print(f"dtype {state.dtype}, error {error:.1e}")
assert str(state.dtype) == "complex128", "the behaviour has changed"
assert error > 1e-10, "the behaviour has changed"
PYTHON
