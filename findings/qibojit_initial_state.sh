#!/usr/bin/env bash
# qibojit 0.1.17 with qibo 0.3.6: a circuit writes its final state into the array that is its initial state. The
# NumPy backend of Qibo copies it, so that the same program keeps or loses its array by the backend.
#
# Seen: after circuit(initial_state=psi) with the backend numpy psi is as it was; with qibojit it is the final state,
# and result.state() is psi itself. A second run of the same line starts from there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qibo==0.3.6 qibojit==0.1.17
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
import qibo
from qibo import Circuit, gates

for package in ("qibo", "qibojit"):
    print(package, version(package))
circuit = Circuit(1)
circuit.add(gates.X(0))
seen = {}
for backend in ("numpy", "qibojit"):
    qibo.set_backend(backend, **({} if backend == "numpy" else {"platform": "numba"}))
    psi = np.array([1, 0], dtype=complex)
    result = circuit(initial_state=psi).state()
    seen[backend] = psi.real.tolist()
    print(f"{backend}: psi is {psi} after the run, the same array as the result: {result is psi}")
assert seen == {"numpy": [1, 0], "qibojit": [0, 1]}, "the behaviour has changed"
PYTHON
