"""A sweep over a table of parameters on a cluster of Dask, with the bits of one process.

    python sweep_dask.py [ADDRESS]

Without the address of a scheduler it starts two workers on this machine.
"""

import sys

import numpy as np
from dask.distributed import Client

import numket as nk


def main():
    """The energy of a layer of QAOA on a ring, over a grid of its two angles."""
    n = 8
    gamma, beta = nk.Parameter("gamma"), nk.Parameter("beta")
    ring = [(q, (q + 1) % n) for q in range(n)]
    circuit = nk.Circuit(n).h(range(n))
    for a, b in ring:
        circuit.rzz(gamma, a, b)
    circuit.rx(2 * beta, range(n))
    energy = nk.PauliSum([("ZZ", pair, 1) for pair in ring], num_qubits=n)
    table = {
        "gamma": np.linspace(0, np.pi, 33)[:, np.newaxis],
        "beta": np.linspace(0, np.pi / 2, 17),
    }
    here = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with Client(*sys.argv[1:], **({} if sys.argv[1:] else here)) as client:
        values = circuit.sweep(energy, table, executor=client.get_executor())

    assert np.array_equal(values, circuit.sweep(energy, table))  # every bit
    lowest = np.unravel_index(values.argmin(), values.shape)
    print(f"lowest energy {values.min():.6f} at point {tuple(map(int, lowest))}")
    # One layer on a ring: three of four edges are cut (Farhi, Goldstone, Gutmann 2014).
    assert np.isclose(values.min(), -n / 2)


if __name__ == "__main__":  # workers import this file
    main()
