"""One engine at one task, alone in a process."""

from collections.abc import Callable
from functools import partial
from tracemalloc import get_traced_memory, start, stop
from typing import Any

import numpy as np

from numket.bench import _contest, _report
from numket.bench.dropin.hosts import TASKS
from numket.bench.dropin.idioms import IDIOMS

SMALL = 5
"""Qubits with which every engine is checked against the host's own."""
SLOW = 10
"""Seconds of a run that is not repeated."""


def measure(task: str, engine: str, n: int, least: float) -> dict[str, Any]:
    """Milliseconds of a run, and what NumPy and Python took in it, as a multiple of a state.

    A slow run is not repeated, and then the second is not known.
    """
    if task in IDIOMS:
        return idiom(task, engine, n, least)
    _, program, own, engines, _, tolerance, amplitude = TASKS[task]
    found, expected = engines[engine](program, SMALL)(), own(program, SMALL)()
    if not np.allclose(found, expected, rtol=0, atol=tolerance):
        raise ValueError(f"{engine} is wrong at {task}-{SMALL}")
    run = engines[engine](program, n)
    warmup = _report.elapsed(run)
    if warmup > SLOW:
        return {"ms": 1e3 * warmup, "states": None}
    seconds = _contest.seconds({"": lambda: _report.elapsed(run)}, least, rounds=2)[""]
    return {"ms": 1e3 * seconds, "states": allocated(run) / (amplitude << n)}


def idiom(name: str, side: str, n: int, least: float) -> dict[str, Any]:
    """The same for one side of a pair of idioms, which must give what the other gives."""
    pair = IDIOMS[name]
    sides = {"before": pair.before, "after": pair.after}
    before, after = (pair.run(function, pair.state(SMALL)) for function in sides.values())
    if not np.allclose(before, after, rtol=0, atol=1e-12):
        raise ValueError(f"before and after differ at {name}-{SMALL}")
    state = pair.state(n)

    def timed() -> float:
        return _report.elapsed(partial(pair.run, sides[side], state.copy()))

    return {
        "ms": 1e3 * _contest.seconds({"": timed}, least, rounds=2)[""],
        "states": allocated(lambda: pair.run(sides[side], state)) / (16 << n),
    }


def allocated(run: Callable[[], Any]) -> int:
    """The most that NumPy and Python hold at a time in a run, beyond what they held before."""
    start()
    try:
        run()
        return get_traced_memory()[1]
    finally:
        stop()


def in_a_process(task: str, engine: str, n: int, least: float) -> dict[str, Any]:
    """As `measure`; what an engine cannot do becomes a line under ``missing``."""
    return _contest.in_a_process(__package__, task, engine, n, least)
