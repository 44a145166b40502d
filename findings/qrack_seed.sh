#!/usr/bin/env bash
# pyqrack-cpu 2.30.2: QrackSimulator.seed does not make outcomes repeat, and a gate multiplies the state by a random
# phase. measure_shots gives its shots sorted, not in the order drawn.
#
# Seen: the same seed before 64 measurements of a superposition gives other outcomes each time; out_ket() after one h
# has another phase each time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q pyqrack-cpu==2.30.2 numpy
"$folder/env/bin/python" - <<'PYTHON'
import cmath
from importlib.metadata import version

from pyqrack import QrackSimulator

print("pyqrack-cpu", version("pyqrack-cpu"))
outcomes, phases, shots = [], [], []
for _ in range(3):
    simulator = QrackSimulator(16)
    simulator.seed(7)
    for qubit in range(16):
        simulator.h(qubit)
    shots.append(simulator.measure_shots([*range(16)], 64))
    outcomes.append(simulator.m_all())
    single = QrackSimulator(1)
    single.seed(7)
    single.h(0)
    phases.append(cmath.phase(single.out_ket()[0]))
print("outcomes after seed(7):", outcomes)
print("phases of h|0> after seed(7):", [round(phase, 3) for phase in phases])
print("shots:", shots[0][:8], "...")
assert len(set(outcomes)) > 1, "the behaviour has changed"
assert max(phases) - min(phases) > 1e-3, "the behaviour has changed"
assert all(drawn == sorted(drawn) for drawn in shots), "the behaviour has changed"
PYTHON
