"""Noise twice: means over trajectories of kets, and exactly, with a density matrix.

    python noise.py

A chain of CX makes a GHZ state, and each gate leaves some depolarising noise behind.
"""

import numpy as np

import numket as nk
from numket import density

n, strength, shots = 5, 0.03, 4000

circuit = nk.Circuit(n).h(0)
for q in range(n - 1):
    circuit.cx(q, q + 1)
    circuit.apply_kraus(nk.channels.depolarizing(strength), q)
    circuit.apply_kraus(nk.channels.depolarizing(strength), q + 1)

# By trajectories: the memory of a state, an error bar, the same bits on any number of threads.
parity = "X" * n
mean, error, _ = circuit.trajectories(nk.zero_state(n), parity, shots, rng=1)

# Exactly: the density matrix is an array of 4**n numbers, which is changed in place.
rho = density.zero_density(n)
density.run(rho, circuit)
exact = density.expectation(rho, parity)

print(f"trajectories {mean:.4f} +- {error:.4f}, density matrix {exact.real:.4f}")
assert abs(mean - exact) < 5 * error
assert abs(exact) < 1
assert np.isclose(density.purity(rho), np.vdot(rho, rho).real)

# Known: the parity passes back through each gate as X on both of its qubits, and each of the two
# channels takes the share `strength` of that away.
assert np.isclose(exact, (1 - strength) ** (2 * (n - 1)))
