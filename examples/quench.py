"""A chain of spins after a quench: a picture of each spin in the course of time.

    python quench.py [FILE.png]

The first spins are up and the others down. Both sides mix from the wall between them, and the
magnetization goes out as fast as a wave can: T. Antal et al., Physical Review E 59, 4912 (1999).
"""

import sys

import numpy as np
from matplotlib import pyplot

import numket as nk
from numket import plot

n = 14
hopping = nk.PauliSum(
    [(pair, (q, q + 1), 0.5) for q in range(n - 1) for pair in ("XX", "YY")], num_qubits=n
)
psi = nk.basis_state(n, "0" * (n // 2) + "1" * (n // 2))  # your own array will do as well
times = np.linspace(0, 3, 31)
each = [nk.PauliSum([("Z", q, 1)], num_qubits=n) for q in range(n)]
spins = nk.evolve(psi, hopping, times, observables=each)

pyplot.style.use("numket.plot.clear")
figure, (above, below) = pyplot.subplots(2, figsize=(6, 6), layout="constrained")
plot.evolution(spins, times, ax=above)
plot.entropy(psi, ax=below)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1])

# The total is conserved, left and right are opposite, and spins far from the wall know nothing yet.
assert np.allclose(spins.sum(axis=1), 0, rtol=0, atol=1e-9)
assert np.allclose(spins, -spins[:, ::-1], rtol=0, atol=1e-9)
assert abs(spins[10, 0] - 1) < 1e-3

# Free fermions: how many of those on the left are at site q follows from one matrix of n times n.
chain = np.eye(n, k=1) + np.eye(n, k=-1)
energies, modes = np.linalg.eigh(chain)
moved = modes @ np.diag(np.exp(-1j * times[-1] * energies)) @ modes.T
exact = 1 - 2 * (abs(moved[:, n // 2 :]) ** 2).sum(axis=1)
assert np.allclose(spins[-1], exact, rtol=0, atol=1e-9)
print(f"largest difference from free fermions {abs(spins[-1] - exact).max():.1e}")
