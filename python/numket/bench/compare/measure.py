"""One contestant on one circuit, alone in a process."""

from collections.abc import Callable
from functools import partial
from math import ceil
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.bench import _contest
from numket.bench.compare.ours import Contestant, Ready
from numket.bench.compare.peers import CONTESTANTS
from numket.bench.compare.transforms import TRANSFORMS
from numket.bench.compare.workloads import WORKLOADS

CHECKED = 5
"""Qubits of the second check."""
LOOP = 0.003
"""Seconds of a loop of runs, which are timed together: shorter runs are as hot as in a program."""
SLOW = 10
"""Seconds of a run that is not repeated."""

ZERO, DENSE = "|0...0>", "dense"
STARTS = (ZERO, DENSE)
"""Where runs begin: to come there counts for the first, and not for a state without zeros."""


def measure(contestant: str, workload: str, n: int, least: float) -> dict[str, dict[str, Any]]:
    """What `fastest` finds for each start from which the contestant can run.

    As some gates do nothing to what |0...0> becomes, the workload is also compared on a few qubits
    after random rotations.
    """
    one = CONTESTANTS[contestant]
    circuit = rotated(CHECKED).compose(WORKLOADS[workload](CHECKED))
    for ready in one.prepare(circuit).values() if contestant not in TRANSFORMS else ():
        ready.run()
        check(ready.state(), circuit, one.precision)
    circuit = WORKLOADS[workload](n)
    found = {start: fastest(one, circuit, least, start) for start in STARTS}
    return {start: best for start, best in found.items() if best}


def fastest(one: Contestant, circuit: nk.Circuit, least: float, start: str) -> dict[str, Any]:
    """Milliseconds of a run by the fastest setting, and its name; nothing if it cannot start so.

    The state of every setting is compared with numket's.
    """
    state = dense(circuit.num_qubits) if start == DENSE else None
    times: dict[str, float] = {}
    for setting, ready in one.prepare(circuit).items():
        run = begun(ready, state)
        if run is None:
            return {}
        first = timed(run, 1)
        check(ready.state(), circuit, one.precision, state)
        times[setting] = repeated(run, first, least)
    best = min(times, key=times.__getitem__)
    return {"ms": 1e3 * times[best], "setting": best}


def begun(ready: Ready, state: NDArray[np.complex128] | None) -> Callable[[], object] | None:
    """What is timed, after the state to start from was given, if there is one."""
    if state is None:
        return ready.run
    if ready.load is not None:
        ready.load(state)
    return ready.go_on


def timed(run: Callable[[], object], count: int) -> float:
    """The mean seconds of so many runs, by the contestant's own clock if it has one."""
    total, begin = 0.0, perf_counter()
    for _ in range(count):
        own = run()
        if isinstance(own, float):
            total += own
    return (total or perf_counter() - begin) / count


def repeated(run: Callable[[], object], first: float, least: float) -> float:
    """The median seconds of runs in loops, or those of the first run where it was slow."""
    if first > SLOW:
        return first
    count = ceil(LOOP / max(timed(run, 1), 1e-7))
    return _contest.seconds({"": partial(timed, run, count)}, least)[""]


def rotated(n: int) -> nk.Circuit:
    """A circuit to a product state without symmetry."""
    random, circuit = np.random.default_rng(4), nk.Circuit(n)
    for q in range(n):
        circuit.ry(random.uniform(0.5, 2.5), q).rz(random.uniform(0.5, 2.5), q)
    return circuit


def dense(n: int) -> NDArray[np.complex128]:
    """A random state, in which no amplitude is 0."""
    parts = np.random.default_rng(5).normal(size=(2**n, 2))
    state = parts.view(np.complex128).reshape(-1)
    return np.asarray(state / np.linalg.norm(state))


def check(
    found: NDArray[Any],
    circuit: nk.Circuit,
    precision: str,
    start: NDArray[np.complex128] | None = None,
) -> None:
    """Refuse a state that is not numket's, up to rounding in each operation and a global phase."""
    wanted = nk.zero_state(circuit.num_qubits) if start is None else start.copy()
    circuit.run(wanted, threads=1)
    overlap = np.vdot(found, wanted)
    error = np.linalg.norm(found * (overlap / (abs(overlap) or 1)) - wanted)
    allowed = 4 * np.finfo(precision).eps * len(circuit)
    if not error <= allowed:
        raise ValueError(f"its state is off by {error:.1e}, {allowed:.1e} is allowed")


def in_a_process(contestant: str, workload: str, n: int, least: float) -> dict[str, Any]:
    """As `measure`; what a contestant cannot do becomes a line under ``missing``."""
    return _contest.in_a_process(__package__, contestant, workload, n, least)
