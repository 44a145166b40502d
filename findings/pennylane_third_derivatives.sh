#!/usr/bin/env bash
# pennylane 0.45.1: third derivatives by Autograd and the parameter-shift rule are 0, whatever max_diff says.
#
# Seen: the mean of Z after RX(0.3) is cos(0.3), whose third derivative is sin(0.3) = 0.2955; with max_diff=3 or 4 it is
# 0.0, with no more than Autograd's warning that the output seems independent of the input. The second is right.
# Results come as an ArrayBox of Autograd's at times, outside of any derivative.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q pennylane==0.45.1
"$folder/env/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp

print("pennylane", version("pennylane"))


def derivatives(method, max_diff):
    """The first three derivatives at 0.3."""

    @qml.qnode(qml.device("default.qubit"), diff_method=method, max_diff=max_diff)
    def function(angle):
        qml.RX(angle, 0)
        return qml.expval(qml.Z(0))

    found = []
    for _ in range(3):
        function = qml.grad(function)
        value = function(pnp.array(0.3))
        while hasattr(value, "_value"):
            value = value._value
        found.append(float(value))
    return found


right = [-np.sin(0.3), -np.cos(0.3), np.sin(0.3)]
for method, max_diff, third in (
    ("backprop", 1, np.sin(0.3)),
    ("parameter-shift", 3, 0),
    ("parameter-shift", 4, 0),
):
    found = derivatives(method, max_diff)
    print(f"{method}, max_diff={max_diff}: {np.round(found, 4)}, expected {np.round(right, 4)}")
    assert np.allclose(found, [*right[:2], third]), "the behaviour has changed"
PYTHON
