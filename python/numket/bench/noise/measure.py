"""One contestant at one task, alone in a process."""

from typing import Any

import numpy as np

import numket as nk
from numket import density
from numket.bench import _contest
from numket.bench.compare.measure import repeated, timed
from numket.bench.noise.peers import magnetisation, noisy, prepared

CHECKED = 4, 200
"""Qubits and trajectories with which means are compared with the exact one."""


def measure(contestant: str, task: str, n: int, shots: int, least: float) -> dict[str, Any]:
    """Milliseconds of a run: of a density matrix, or of so many trajectories.

    Density matrices are compared with numket's, means over trajectories on a few qubits with that
    in numket's density matrix.
    """
    if task == "trajectories":
        small = prepared(contestant, task, *CHECKED)
        small.run()
        check_mean(small.result(), *CHECKED)
    ready = prepared(contestant, task, n, shots)
    first = timed(ready.run, 1)
    if task == "density":
        check_density(ready.result(), n)
    return {"ms": 1e3 * repeated(ready.run, first, least)}


def check_density(found: Any, n: int) -> None:
    """Refuse a density matrix that is not numket's, up to rounding in each operation."""
    circuit, wanted = noisy(n), density.zero_density(n)
    density.run(wanted, circuit, threads=1)
    wanted -= np.reshape(found, wanted.shape)
    allowed = 64 * np.finfo(np.float64).eps * len(circuit)
    if not (error := np.linalg.norm(wanted)) <= allowed:
        raise ValueError(f"its density matrix is off by {error:.1e}, {allowed:.1e} is allowed")


def check_mean(found: float, n: int, shots: int) -> None:
    """Refuse a mean that is further from the exact one than six standard errors."""
    circuit, observable, rho = noisy(n), nk.PauliSum(magnetisation(n)), density.zero_density(n)
    density.run(rho, circuit)
    exact = complex(density.expectation(rho, observable)).real
    allowed = 6 * circuit.trajectories(nk.zero_state(n), observable, shots, rng=1).standard_error
    if not abs(found - exact) <= allowed:
        raise ValueError(f"its mean is off by {abs(found - exact):.1e}, {allowed:.1e} is allowed")


def in_a_process(contestant: str, task: str, n: int, shots: int, least: float) -> dict[str, Any]:
    """As `measure`; what a contestant cannot do becomes a line under ``missing``."""
    return _contest.in_a_process(__package__, contestant, task, n, shots, least)
