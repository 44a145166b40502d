"""A state shared out over ranks of MPI, each with an array of its own.

    mpiexec -n 4 python ghz_mpi.py [QUBITS]

On a cluster, four machines of 64 GiB hold 33 qubits in complex128.
"""

import sys

import numpy as np

import numket as nk
import numket.mpi

n = int(sys.argv[1]) if len(sys.argv) > 1 else 16

state = nk.mpi.zero_state(n)  # all ranks call everything, with the same arguments
circuit = nk.Circuit(n).h(0)
for q in range(n - 1):
    circuit.cx(q, q + 1)
done = state.run(circuit)

# Numbers about all of the state come back on every rank.
outcomes = state.probabilities([0, n - 1])
assert np.allclose(outcomes, [0.5, 0, 0, 0.5], rtol=0, atol=1e-12)

# The array of a rank is its own, and NumPy's.
mine = np.vdot(state.local, state.local).real
assert state.local.size == 2**n // state.comm.size
total = state.comm.allreduce(mine)
assert np.isclose(total, 1)

if state.comm.rank == 0:
    print(f"{state.comm.size} ranks, {done.exchanges} exchanges, {done.bytes} bytes sent by each")
