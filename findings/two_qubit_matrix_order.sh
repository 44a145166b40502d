#!/usr/bin/env bash
# prism-q 0.35.0 and mimiq-exaqt 0.3.0: in a state vector qubit 0 is the lowest bit of an index, but in a matrix on two
# qubits the one listed first is the high bit. Qulacs 0.6.14, with the same order of states, takes it for the low bit.
#
# Seen: the matrix of a CNOT whose control is the high bit, applied to (0, 1) after X on qubit 0, gives |11> (index 3)
# with the first two and |01> (index 1), which it leaves as it is, with Qulacs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q prism-q==0.35.0 mimiq-exaqt==0.3.0 qulacs==0.6.14 numpy
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
import prism_q
import qulacs
from exaqt import ExaqtSV

CNOT = np.eye(4, dtype=complex)[[0, 1, 3, 2]]


def prism(matrix):
    builder = prism_q.CircuitBuilder(2)
    builder.x(0)
    if matrix is not None:
        builder.gate(prism_q.Gate.unitary(matrix), [0, 1])
    statevector = prism_q.BackendKind.statevector()
    return np.abs(prism_q.simulate(builder.build()).backend(statevector).state_vector())


def exaqt(matrix):
    state = ExaqtSV.zero(2)
    state.apply_x(0)
    if matrix is not None:
        state.apply_gate_2q(matrix, 0, 1)
    return np.abs(state.amplitudes())


def in_qulacs(matrix):
    state = qulacs.QuantumState(2)
    qulacs.gate.X(0).update_quantum_state(state)
    if matrix is not None:
        qulacs.gate.DenseMatrix([0, 1], matrix).update_quantum_state(state)
    return np.abs(state.get_vector())


seen = {}
for name, run in [("prism-q", prism), ("mimiq-exaqt", exaqt), ("qulacs", in_qulacs)]:
    seen[name] = [int(np.argmax(run(matrix))) for matrix in (None, CNOT)]
    print(name, version(name), "after X on qubit 0: index", seen[name][0], "after the matrix:", seen[name][1])
assert seen == {"prism-q": [1, 3], "mimiq-exaqt": [1, 3], "qulacs": [1, 1]}, "the behaviour has changed"
PYTHON
