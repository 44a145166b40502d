"""One contestant on one circuit, alone in a process."""

from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.bench import _contest
from numket.bench.compare.peers import CONTESTANTS, Ready
from numket.bench.compare.workloads import WORKLOADS

CHECKED = 5
"""Qubits of the second check."""


def measure(contestant: str, workload: str, n: int, least: float) -> dict[str, Any]:
    """Milliseconds of a run by the fastest setting, and its name.

    The state of every setting is compared with numket's. As some gates do nothing to what |0...0>
    becomes, the workload is also compared on a few qubits after random rotations.
    """
    prepare, _, precision = CONTESTANTS[contestant]
    circuit = rotated(CHECKED).compose(WORKLOADS[workload](CHECKED))
    for ready in prepare(circuit).values():
        ready.reset()
        ready.run()
        check(ready.state(), circuit, precision)
    circuit = WORKLOADS[workload](n)
    times: dict[str, float] = {}
    for setting, ready in prepare(circuit).items():
        times |= _contest.seconds({setting: partial(timed, ready)}, least)
        check(ready.state(), circuit, precision)
    best = min(times, key=times.__getitem__)
    return {"ms": 1e3 * times[best], "setting": best}


def timed(ready: Ready) -> float:
    """The seconds of a run, by the contestant's own clock if it has one."""
    ready.reset()
    begin = perf_counter()
    own = ready.run()
    elapsed = perf_counter() - begin
    return own if isinstance(own, float) else elapsed


def rotated(n: int) -> nk.Circuit:
    """A circuit to a product state without symmetry."""
    random, circuit = np.random.default_rng(4), nk.Circuit(n)
    for q in range(n):
        circuit.ry(random.uniform(0.5, 2.5), q).rz(random.uniform(0.5, 2.5), q)
    return circuit


def check(found: NDArray[Any], circuit: nk.Circuit, precision: str) -> None:
    """Refuse a state that is not numket's, up to rounding in each operation and a global phase."""
    wanted = nk.zero_state(circuit.num_qubits)
    circuit.run(wanted, threads=1)
    overlap = np.vdot(found, wanted)
    error = np.linalg.norm(found * (overlap / (abs(overlap) or 1)) - wanted)
    allowed = 4 * np.finfo(precision).eps * len(circuit)
    if not error <= allowed:
        raise ValueError(f"its state is off by {error:.1e}, {allowed:.1e} is allowed")


def in_a_process(contestant: str, workload: str, n: int, least: float) -> dict[str, Any]:
    """As `measure`; what a contestant cannot do becomes a line under ``missing``."""
    return _contest.in_a_process(__package__, contestant, workload, n, least)
