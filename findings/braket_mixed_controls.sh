#!/usr/bin/env bash
# amazon-braket-sdk 1.127.5 with amazon-braket-default-simulator 1.41.2: where the control states of a gate mix
# 0 and 1, Circuit.to_unitary() puts the gate elsewhere than Circuit.to_ir() and LocalSimulator do.
#
# Seen: for control=[1, 2], control_state=[1, 0] (flip qubit 0 where qubit 1 is 1 and qubit 2 is 0) the text is
# "ctrl @ negctrl @ x q[1], q[2], q[0];" and the simulator takes |010> to |110>; to_unitary leaves |010> as it is.
# The documentation calls to_unitary "the unitary matrix representation of the entire circuit".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q amazon-braket-sdk==1.127.5 amazon-braket-default-simulator==1.41.2
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

from braket.circuits import Circuit
from braket.devices import LocalSimulator

for package in ("amazon-braket-sdk", "amazon-braket-default-simulator"):
    print(package, version(package))
seen = {}
for control_state in ([1, 1], [1, 0]):
    circuit = Circuit()
    for qubit, on in zip((1, 2), control_state):
        circuit.x(qubit) if on else circuit.i(qubit)
    circuit.i(0).x(0, control=[1, 2], control_state=control_state)
    print([line for line in circuit.to_ir("OPENQASM").source.splitlines() if "ctrl" in line])
    unitary = f"{abs(circuit.to_unitary()[:, 0]).argmax():03b}"
    state = LocalSimulator().run(circuit.copy().state_vector(), shots=0).result().values[0]
    simulated = f"{abs(state).argmax():03b}"
    seen[tuple(control_state)] = (unitary, simulated)
    print(f"control_state={control_state}: to_unitary gives |{unitary}>, LocalSimulator |{simulated}>")
assert seen[1, 1] == ("111", "111"), "the behaviour has changed"
assert seen[1, 0] == ("010", "110"), "the behaviour has changed"
PYTHON
