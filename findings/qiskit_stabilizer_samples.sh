#!/usr/bin/env bash
# qiskit 2.6.2: a StabilizerState with a seed samples one outcome for all shots, and so does BasicSimulator with
# use_clifford_optimization=True, which always seeds.
#
# Seen: H on one qubit gives {"0": 1000} or {"1": 1000} in 1000 shots; without a seed, and without the option, both
# outcomes come up. sample_memory measures a copy of the state for each shot, and with it a copy of the generator.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q qiskit==2.6.2
"$folder/env/bin/python" - <<'PYTHON'
from collections import Counter
from importlib.metadata import version

from qiskit import QuantumCircuit
from qiskit.providers.basic_provider import BasicSimulator
from qiskit.quantum_info import StabilizerState

print("qiskit", version("qiskit"))
circuit = QuantumCircuit(1)
circuit.h(0)
for seed, outcomes in (None, 2), (1, 1):
    state = StabilizerState(circuit)
    state.seed(seed)
    counts = Counter(state.sample_memory(1000))
    print(f"StabilizerState, seed {seed}: {dict(counts)}, expected about 500 of each")
    assert len(counts) == outcomes, "the behaviour has changed"
circuit.measure_all()
for clifford, outcomes in (False, 2), (True, 1):
    job = BasicSimulator().run(circuit, shots=1000, use_clifford_optimization=clifford)
    counts = job.result().get_counts()
    print(f"BasicSimulator, use_clifford_optimization={clifford}: {counts}, expected about 500 of each")
    assert len(counts) == outcomes, "the behaviour has changed"
PYTHON
