"""A large cut of a graph by QAOA: the cost is a vector, and its phases are one operation.

    python qaoa.py

E. Farhi, J. Goldstone and S. Gutmann, arXiv:1411.4028 (2014).
"""

import numpy as np
from scipy.optimize import minimize

import numket as nk

# A ring of ten nodes with chords between opposite ones; node q is qubit q.
n, layers = 10, 3
edges = [(q, (q + 1) % n) for q in range(n)] + [(q, q + n // 2) for q in range(n // 2)]

bits = np.arange(2**n)[:, np.newaxis] >> np.arange(n)[::-1] & 1  # qubit 0 first
cut = sum((bits[:, a] != bits[:, b]).astype(float) for a, b in edges)

circuit = nk.Circuit(n).h(range(n))
for layer in range(layers):
    circuit.phase(cut, nk.Parameter(f"gamma{layer}"))
    circuit.rx(2 * nk.Parameter(f"beta{layer}"), range(n))


def loss(params):
    """Minus the mean cut, and its derivatives."""
    value, gradient = circuit.gradient(cut, params)
    return -value, -gradient


start = np.repeat([[0.4, 0.4]], layers, axis=0).ravel()  # gamma0, beta0, gamma1, ...
found = minimize(loss, start, jac=True, method="BFGS")

psi = nk.empty_state(n)
circuit.prepare(psi, found.x)
best = max(nk.counts(psi, 1000, rng=1), key=lambda label: cut[int(label, 2)])
print(f"mean cut {-found.fun:.3f}, best of 1000 shots {cut[int(best, 2)]:.0f} by {best}")
assert -found.fun > 0.8 * cut.max()
assert cut[int(best, 2)] == cut.max() == len(edges)  # all edges: odd chords, even ring
