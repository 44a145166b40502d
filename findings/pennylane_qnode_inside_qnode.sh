#!/usr/bin/env bash
# pennylane 0.45.1 with pennylane-lightning 0.45.0: a QNode that is called while another is built leaves operations in
# the other.
#
# Seen: "outer" calls "inner", which applies RX(0.7), and does nothing else; the mean of Z is 1. With a parameter of
# pennylane.numpy it is cos(0.7) = 0.7648 on lightning.qubit, and on default.qubit unless diff_method is "backprop"; with a
# float it is 1. convert_to_numpy_parameters makes a new RX while the queue of "outer" records. Other transforms do the
# same: where "inner" has a batch of two, broadcast_expand leaves four RX in "outer", with floats too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q pennylane==0.45.1 pennylane-lightning==0.45.0
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp

for package in ("pennylane", "pennylane-lightning"):
    print(package, version(package))


def mean(device, method, angle, repeat=None):
    """The mean of Z after nothing but a call of another QNode."""

    @qml.qnode(qml.device(device, wires=1), diff_method=method)
    def inner(angle):
        qml.RX(angle if repeat is None else angle * np.ones(repeat), 0)
        return qml.expval(qml.Z(0))

    @qml.qnode(qml.device("default.qubit", wires=1))
    def outer(angle):
        inner(angle)
        return qml.expval(qml.Z(0))

    return float(outer(angle))


for device, method, argument, repeat, seen in (
    ("default.qubit", "backprop", pnp.array(0.7), None, 1),
    ("default.qubit", "parameter-shift", pnp.array(0.7), None, np.cos(0.7)),
    ("lightning.qubit", "adjoint", pnp.array(0.7), None, np.cos(0.7)),
    ("lightning.qubit", "parameter-shift", pnp.array(0.7), None, np.cos(0.7)),
    ("lightning.qubit", None, pnp.array(0.7), None, np.cos(0.7)),
    ("lightning.qubit", "adjoint", 0.7, None, 1),
    ("lightning.qubit", "adjoint", 0.7, 2, np.cos(2.8)),
):
    found = mean(device, method, argument, repeat)
    print(f"{device}, {method}, {argument!r}, batch of {repeat}: {found:.4f}, expected 1.0000")
    assert np.isclose(found, seen), "the behaviour has changed"
PYTHON
