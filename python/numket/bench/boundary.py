"""``numket bench boundary``: what a call from Python costs before any work is done."""

from functools import partial
from pathlib import Path
from statistics import fmean, stdev
from timeit import Timer
from typing import Any

import numpy as np

import numket as nk
from numket import _core
from numket.bench import _report


def _noop() -> None:
    pass


def _increment(value: int) -> int:
    return value + 1


def _timers() -> dict[str, Timer]:
    """One timer each (of ``time.perf_counter``); the statement stands in the timed loop itself."""
    names: dict[str, Any] = {
        "increment": _increment,
        "python_noop": _noop,
        "native_noop": _core.noop,
        "echo_u64": _core.echo_u64,
        "h": nk.h,
        "multiply": np.multiply,
    }
    timers = {
        "Python increment": Timer("increment(0)", globals=names),
        "Python no-op": Timer("python_noop()", globals=names),
        "native noop()": Timer("native_noop()", globals=names),
        "native echo_u64(0)": Timer("echo_u64(0)", globals=names),
    }
    for n in (1, 4, 10):
        label = f"{n} qubit{'' if n == 1 else 's'}"
        one = {**names, "state": nk.zero_state(n), "scaled": nk.zero_state(n), "s": 1.0}
        timers[f"nk.h, {label}"] = Timer("h(state, 0)", globals=one)
        timers[f"np.multiply, {label}"] = Timer("multiply(scaled, s, out=scaled)", globals=one)
    return timers


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    record = _report.Record("boundary", "case", "mean ns", output, baseline)
    warm_up, repeats, calls = (100, 3, 1_000) if quick else (10_000, 15, 100_000)
    print(_report.header(f"Cost of a call, {repeats} repeats of {calls} calls"))
    timers = _timers()
    for timer in timers.values():
        timer.timeit(warm_up)
    durations = _report.interleaved(
        {name: partial(timer.timeit, calls) for name, timer in timers.items()}, repeats
    )
    base = fmean(durations["Python increment"])
    rows: list[dict[str, Any]] = [
        {
            "case": name,
            "mean ns": 1e9 * fmean(times) / calls,
            "stdev ns": 1e9 * stdev(times) / calls,
            "M calls/s": calls / fmean(times) / 1e6,
            "/increment": fmean(times) / base,
            "durations s": times,
        }
        for name, times in durations.items()
    ]
    columns = {
        "case": "<22",
        "mean ns": ".1f",
        "stdev ns": ".1f",
        "M calls/s": ".2f",
        "/increment": ".2f",
    }
    print(_report.table(rows, columns))
    mean = {row["case"]: row["mean ns"] for row in rows}
    print(f"\nnoop() / Python no-op: {mean['native noop()'] / mean['Python no-op']:.2f}")
    print(f"nk.h on 1 qubit / Python no-op: {mean['nk.h, 1 qubit'] / mean['Python no-op']:.2f}")
    return record.finish(rows)
