"""A simulator written by hand, before and after: one function changes, all else stays.

python simulator.py
"""

import numpy as np

import numket as nk

H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
CX = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])


def apply_before(psi, gate, qubits):
    """Contract the gate with its axes of the state, and move the new axes back."""
    k = len(qubits)
    psi = np.tensordot(gate.reshape((2,) * 2 * k), psi, axes=(range(k, 2 * k), qubits))
    return np.moveaxis(psi, range(k), qubits)


def apply_after(psi, gate, qubits):
    """The same matrix and the same qubits, in the array itself."""
    nk.apply(psi, gate, qubits)
    return psi


def bernstein_vazirani(secret, apply):
    """Find the bits of a secret with one question."""
    n = len(secret)
    psi = np.zeros((2,) * (n + 1), dtype=complex)
    psi[(0,) * n + (1,)] = 1
    for q in range(n + 1):
        psi = apply(psi, H, [q])
    for q in range(n):
        if secret[q] == "1":
            psi = apply(psi, CX, [q, n])
    for q in range(n + 1):
        psi = apply(psi, H, [q])
    return psi


secret = "10110011"
before = bernstein_vazirani(secret, apply_before)
after = bernstein_vazirani(secret, apply_after)
assert np.allclose(before, after, rtol=0, atol=1e-14)

found = nk.counts(after, 1000, range(len(secret)), rng=1)
print(found)
assert found == {secret: 1000}
