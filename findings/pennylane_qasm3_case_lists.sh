#!/usr/bin/env bash
# pennylane 0.45.1: from_qasm3 compares a switch with the first label of a "case" only, and reads a gate on a register
# as one gate, both without a word.
#
# Seen: with i = 3, "case 1, 3 { x q[0]; } default { y q[0]; }" is read as Y; by the specification a case has a list
# of labels, and it is X. "h q;" with "qubit[3] q;" is read as one Hadamard gate on a wire 'q', not as three
# on q[0], q[1] and q[2] ("Broadcasting").
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q pennylane==0.45.1 'openqasm3[parser]==1.0.1'
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import pennylane as qml

for package in ("pennylane", "openqasm3"):
    print(package, version(package))


def operations(text):
    with qml.queuing.AnnotatedQueue() as queue:
        qml.from_qasm3("OPENQASM 3.0;\n" + text)()
    return qml.tape.QuantumScript.from_queue(queue).operations



for text, seen in (
    ("int i = 1; qubit[1] q; switch (i) { case 1, 3 { x q[0]; } default { y q[0]; } }", [qml.X("q[0]")]),
    ("int i = 3; qubit[1] q; switch (i) { case 1, 3 { x q[0]; } default { y q[0]; } }", [qml.Y("q[0]")]),
    ("qubit[3] q; h q;", [qml.H("q")]),
):
    read = operations(text)
    print(text, "is read as", read)
    assert read == seen, "the behaviour has changed"
PYTHON
