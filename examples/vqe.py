"""The ground state of a chain of spins by a variational circuit and SciPy's BFGS.

    python vqe.py

Gradients are those of adjoint differentiation: all in the time of a few runs. The exact energy is
that of P. Pfeuty, Annals of Physics 57, 79 (1970).
"""

import numpy as np
from scipy.optimize import minimize

import numket as nk

n, layers = 8, 4

hamiltonian = nk.PauliSum(
    [("ZZ", (q, q + 1), -1) for q in range(n - 1)] + [("X", q, -1) for q in range(n)],
    num_qubits=n,
)

# Layers of both parts of the Hamiltonian, each with an angle of its own.
circuit = nk.Circuit(n).h(range(n))
for layer in range(layers):
    for q in range(n - 1):
        circuit.rzz(nk.Parameter(f"zz{layer}"), q, q + 1)
    for q in range(n):
        circuit.rx(nk.Parameter(f"x{layer}"), q)


def energy(params):
    """The energy, and its derivatives by all parameters."""
    return circuit.gradient(hamiltonian, params)


start = np.full(len(circuit.parameters), -0.5)
found = minimize(energy, start, jac=True, method="BFGS")

exact = 1 - 1 / np.sin(np.pi / (4 * n + 2))
print(f"VQE {found.fun:.6f}, exact {exact:.6f}, after {found.nfev} gradients")
assert exact - 1e-9 <= found.fun < 0.99 * exact
assert np.isclose(nk.ground_state(hamiltonian)[0], exact)
