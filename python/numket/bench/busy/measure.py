"""A circuit and all who run it, in turns, in a process."""

import json
from collections.abc import Iterable, Sequence
from functools import partial
from statistics import median
from time import perf_counter, sleep
from typing import Any

import numket as nk
from numket.bench import _contest
from numket.bench._report import interleaved
from numket.bench.compare import measure as compare
from numket.bench.compare.ours import Ready, Settings
from numket.bench.compare.peers import CONTESTANTS
from numket.bench.compare.workloads import WORKLOADS

LATE = 1.3
"""A turn is late above so many times the median of one thread's turns."""
PAUSE = 0.01
"""Seconds between two turns: the threads of OpenMP wait busily for a while."""

ONE = "numket, one thread"
OURS = ("numket", ONE)
PEERS = {name: CONTESTANTS[name].package for name in ("qulacs", "aer")}
"""What they are installed from."""


def one_thread(circuit: nk.Circuit) -> Settings:
    """numket in one call, on the thread that calls."""
    ready = CONTESTANTS["numket"].prepare(circuit)[""]
    return {"": ready._replace(run=lambda: circuit.prepare(ready.state(), threads=1))}


def turn(ready: Ready, seconds: float) -> float:
    """The mean seconds of a run, for about so many seconds, and for one run at least."""
    sleep(PAUSE)
    total, count, end = 0.0, 0, perf_counter() + seconds
    while count == 0 or perf_counter() < end:
        total += compare.timed(ready.run, 1)
        count += 1
    return total / count


def measure(
    workload: str, n: int, turns: int, seconds: float, peers: Sequence[str]
) -> dict[str, Any]:
    """Milliseconds of a run, and how many turns are late, for all who can run the circuit."""
    circuit = WORKLOADS[workload](n)
    timers, missing = {}, {}
    for name in (*OURS, *peers):
        prepare, _, precision = CONTESTANTS[name] if name != ONE else (one_thread, "", "complex128")
        try:
            (ready,) = prepare(circuit).values()
            ready.run()
            compare.check(ready.state(), circuit, precision)
            timers[name] = partial(turn, ready, seconds)
        except Exception as error:
            missing[name] = f"{type(error).__name__}: {error}"
    times = interleaved(timers, turns)
    ms = {name: 1e3 * median(found) for name, found in times.items()}
    bound = LATE * median(times[ONE])
    return {
        "case": f"{workload}-{n}",
        "turns": turns,
        "ms": ms,
        "worst": {name: max(found) / median(times[ONE]) for name, found in times.items()},
        "late": {name: sum(one > bound for one in found) for name, found in times.items()},
        "missing": missing,
    }


def in_a_process(
    workload: str, n: int, turns: int, seconds: float, peers: Iterable[str]
) -> dict[str, Any]:
    """As `measure`; where it fails, why, under ``missing``."""
    listed = json.dumps([*peers])
    return _contest.in_a_process(__package__, workload, n, turns, seconds, listed)
