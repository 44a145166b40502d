"""One engine at one task, alone in a process."""

from collections.abc import Callable
from time import perf_counter
from tracemalloc import get_traced_memory, start, stop
from typing import Any

import numpy as np

from numket.bench import _contest, _report
from numket.bench.dropin.hosts import TASKS
from numket.bench.dropin.idioms import IDIOMS

SMALL = 5
"""Qubits with which every engine is checked against the host's own."""


def measure(task: str, engine: str, n: int, least: float) -> dict[str, Any]:
    """Milliseconds of a run, and what NumPy and Python took in it, as a multiple of a state."""
    if task in IDIOMS:
        return idiom(task, engine, n, least)
    _, program, engines, _, tolerance = TASKS[task]
    own, chosen = engines[next(iter(engines))], engines[engine]
    found, expected = chosen(program, SMALL)(), own(program, SMALL)()
    if not np.allclose(found, expected, rtol=0, atol=tolerance):
        raise ValueError(f"{engine} is wrong at {task}-{SMALL}")
    run = chosen(program, n)
    return {"ms": milliseconds(run, least), "states": allocated(run) / (16 << n)}


def idiom(name: str, side: str, n: int, least: float) -> dict[str, Any]:
    """The same for one side of a pair of idioms, which must give what the other gives."""
    pair = IDIOMS[name]
    sides = {"before": pair.before, "after": pair.after}
    before, after = (pair.run(function, pair.state(SMALL)) for function in sides.values())
    if not np.allclose(before, after, rtol=0, atol=1e-12):
        raise ValueError(f"before and after differ at {name}-{SMALL}")
    state = pair.state(n)

    def timed() -> float:
        copy = state.copy()
        begin = perf_counter()
        pair.run(sides[side], copy)
        return perf_counter() - begin

    return {
        "ms": 1e3 * _contest.seconds({"": timed}, least, rounds=2)[""],
        "states": allocated(lambda: pair.run(sides[side], state)) / (16 << n),
    }


def milliseconds(run: Callable[[], Any], least: float) -> float:
    """The median of runs, at least two after one that is not counted."""
    return 1e3 * _contest.seconds({"": lambda: _report.elapsed(run)}, least, rounds=2)[""]


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
