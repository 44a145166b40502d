"""One contestant on one circuit, alone in a process."""

import json
import os
import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.bench.compare.peers import CONTESTANTS, Ready
from numket.bench.compare.workloads import WORKLOADS

LIMIT = 1800
"""Seconds after which a process is given up."""
ROUNDS = 3
"""Runs that are timed, at least."""
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
    times = {}
    for setting, ready in prepare(circuit).items():
        times[setting] = seconds(ready, least)
        check(ready.state(), circuit, precision)
    best = min(times, key=times.__getitem__)
    return {"ms": 1e3 * times[best], "setting": best}


def seconds(ready: Ready, least: float) -> float:
    """The median of the runs until ``least`` seconds are over; the first one is not counted."""
    times: list[float] = []
    end = perf_counter() + least
    while len(times) < 1 + ROUNDS or perf_counter() < end:
        ready.reset()
        begin = perf_counter()
        own = ready.run()
        elapsed = perf_counter() - begin
        times.append(own if isinstance(own, float) else elapsed)
    return median(times[1:])


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
    threads = str(nk.get_num_threads())
    limits = {f"{name}_NUM_THREADS": threads for name in ("NUMKET", "OMP", "NUMBA")}
    limits["LQ_ENABLE_KERNEL_OMP"] = "ON"  # Lightning's threads, where they are not its default
    command = [sys.executable, "-m", __package__, contestant, workload, str(n), str(least)]
    try:
        done = subprocess.run(
            command, env=os.environ | limits, capture_output=True, text=True, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        return {"missing": f"no result after {LIMIT} seconds"}
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        died = f"ended by signal {-done.returncode}"
        return {"missing": died if done.returncode < 0 or not lines else lines[-1]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
