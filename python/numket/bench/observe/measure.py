"""One contestant at one task, alone in a process."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from numket.bench import _contest, _report
from numket.bench.observe.peers import CONTESTANTS, Ready
from numket.bench.observe.tasks import TASKS, Problem

CHECKED = 5
"""Qubits of the second check."""


def measure(contestant: str, task: str, n: int, least: float) -> dict[str, Any]:
    """Milliseconds of a run by the fastest setting, of its units, and MiB.

    Every setting is checked, here and on a few qubits. The memory is the peak of the process in the
    runs, less what it held before the state, observable or circuit was made.
    """
    prepare, check = CONTESTANTS[contestant].kinds[TASKS[task].kind], TASKS[task].check
    small = Problem(task, CHECKED)
    for ready in prepare(small).values():
        check(ready.result(ready.run()), small)
    problem, before = Problem(task, n), peak(afresh=True)
    found: dict[str, dict[str, float]] = {}
    held: dict[str, int | None] = {}
    for setting, ready in prepare(problem).items():
        last: list[Any] = []
        timers: dict[str, Callable[[], float]] = {"": partial(timed, ready, last)}
        timers |= {name: partial(_report.elapsed, unit) for name, unit in ready.units.items()}
        peak(afresh=True)
        found[setting] = _contest.seconds(timers, least, rounds=1)  # in each process
        held[setting] = peak()
        check(ready.result(last[0]), problem)
    best = min(found, key=lambda setting: found[setting][""])
    after = held[best]
    ms = {name: 1e3 * seconds for name, seconds in found[best].items()}
    return {
        "ms": ms.pop(""),
        "setting": best,
        "units": ms,
        "MiB": None if before is None or after is None else (after - before) / 1024,
    }


def timed(ready: Ready, last: list[Any]) -> float:
    """The seconds of a run, whose result is kept in ``last``."""
    last.clear()
    begin = perf_counter()
    last.append(ready.run())
    end = perf_counter()
    return end - begin if ready.clock is None else ready.clock(last[0])


def peak(afresh: bool = False) -> int | None:
    """The KiB that this process has held at most, ``afresh`` from now on; None if not known.

    Linux only: ``ru_maxrss`` would begin with that of the process that started this one.
    """
    with suppress(OSError):
        if afresh:
            Path("/proc/self/clear_refs").write_text("5")
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return None


def in_a_process(contestant: str, task: str, n: int, least: float) -> dict[str, Any]:
    """As `measure`; what a contestant cannot do becomes a line under ``missing``."""
    return _contest.in_a_process(__package__, contestant, task, n, least)
