#!/usr/bin/env bash
# Qiskit 2.6.2: StatevectorSampler with an int as seed draws the same random numbers for every pub of a run, and for every
# set of parameter values of a pub. So measurements that should be independent are equal shot by shot, and a mean over
# many equal pubs has the error of one. With a numpy.random.Generator as seed they are independent.
#
# Seen: one run of eight equal pubs, |+> measured in 200 shots, has one outcome eight times with an int, and eight
# different outcomes with a Generator; so has one pub with eight equal parameter values.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qiskit==2.6.2 numpy
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import StatevectorSampler

theta = Parameter("theta")
plus = QuantumCircuit(1)
plus.ry(theta, 0)
plus.measure_all()
half = np.pi / 2


def different(seed, pubs):
    """How many different sequences of outcomes there are."""
    found = []
    for result in StatevectorSampler(seed=seed).run(pubs, shots=200).result():
        shots = result.data.meas.array.reshape(-1, 200)
        found += [row.tobytes() for row in shots]
    assert len(found) == 8
    return len(set(found))


seen = {}
for name, seed in [("int", lambda: 7), ("Generator", lambda: np.random.default_rng(7))]:
    of_pubs = different(seed(), [(plus, [half])] * 8)
    of_values = different(seed(), [(plus, np.full((8, 1), half))])
    seen[name] = (of_pubs, of_values)
    print("qiskit", version("qiskit"), "seed:", name, "different outcomes of 8 pubs, of 8 values:", seen[name])
assert seen == {"int": (1, 1), "Generator": (8, 8)}, "the behaviour has changed"
PYTHON
