#!/usr/bin/env bash
# tensorcircuit-ng 1.10.0 with its backend numpy: Circuit(inputs=psi) keeps the array and reads it when the state is
# asked for, so that what is written to psi after that line changes the circuit. The result is complex64, whatever the
# dtype of psi, unless tc.set_dtype says otherwise.
#
# Seen: psi is |0> when the circuit is made and |1> when its state is asked for, and the state is |1>.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q tensorcircuit-ng==1.10.0
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
import tensorcircuit as tc

print("tensorcircuit-ng", version("tensorcircuit-ng"))
psi = np.array([1, 0], dtype=np.complex64)
circuit = tc.Circuit(1, inputs=psi)
psi[:] = [0, 1]
state = circuit.state()
print("state", state)
assert state.tolist() == [0, 1], "the behaviour has changed"
double = tc.Circuit(1, inputs=np.array([1, 0], dtype=np.complex128))
double.h(0)
print("dtype from complex128", double.state().dtype)
assert double.state().dtype == np.complex64, "the behaviour has changed"
PYTHON
