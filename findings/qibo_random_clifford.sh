#!/usr/bin/env bash
# qibo 0.3.6 with numpy 2.4.6, which its requirements allow: random_clifford of 2 to 4 qubits fails.
#
# Seen: "ValueError: setting an array element with a sequence.", with NumPy 2.3.5 a circuit. An entry of a matrix is
# set to random_integers(2), which is an array of one element where its documentation says a single sample.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qibo==0.3.6 numpy==2.4.6
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

from qibo.backends import NumpyBackend
from qibo.quantum_info import random_clifford

for package in ("qibo", "numpy"):
    print(package, version(package))
backend = NumpyBackend()
print("random_integers(2) has shape", backend.random_integers(2).shape, "- expected ()")
for n in range(1, 7):
    try:
        random_clifford(n, seed=1, backend=backend)
        found = "a circuit"
    except ValueError as error:
        found = f"ValueError: {error}"
    print(f"random_clifford({n}): {found}, expected a circuit")
    assert found.startswith("ValueError") == (2 <= n <= 4), "the behaviour has changed"
PYTHON
