"""``numket bench boundary``: what a call from Python costs before any work is done."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np

import numket as nk
from numket import _core
from numket.bench import _report


def _python_noop() -> None:
    pass


def _python_increment(value: int) -> int:
    return value + 1


def _loop(function: Callable[..., object], arguments: tuple[object, ...], calls: int) -> float:
    """Seconds of ``calls`` calls. One loop per number of arguments: unpacking would be measured."""
    repeat = range(calls)
    if len(arguments) == 0:
        start = time.perf_counter()
        for _ in repeat:
            function()
    elif len(arguments) == 1:
        (one,) = arguments
        start = time.perf_counter()
        for _ in repeat:
            function(one)
    else:
        one, two = arguments
        start = time.perf_counter()
        for _ in repeat:
            function(one, two)
    return time.perf_counter() - start


def _cases() -> dict[str, tuple[Callable[..., object], tuple[object, ...]]]:
    cases: dict[str, tuple[Callable[..., object], tuple[object, ...]]] = {
        "Python increment": (_python_increment, (0,)),
        "Python no-op": (_python_noop, ()),
        "native noop()": (_core.noop, ()),
        "native echo_u64(0)": (_core.echo_u64, (0,)),
    }
    for n in (1, 4, 10):
        state = nk.zero_state(n)
        scaled = nk.zero_state(n)

        def multiply(a: object, s: object) -> object:
            return np.multiply(a, s, out=a)  # type: ignore[call-overload]

        cases[f"nk.h, {n} qubits"] = (nk.h, (state, 0))
        cases[f"np.multiply, {n} qubits"] = (multiply, (scaled, 1.0))
    return cases


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    warm_up, repeats, calls = (100, 3, 1_000) if quick else (10_000, 15, 100_000)
    print(_report.header(f"Cost of a call, {repeats} repeats of {calls} calls"))
    cases = _cases()
    durations: dict[str, list[float]] = {name: [] for name in cases}
    for function, arguments in cases.values():
        _loop(function, arguments, warm_up)
    for _ in range(repeats):
        for name, (function, arguments) in cases.items():
            durations[name].append(_loop(function, arguments, calls))
    increment = fmean(durations["Python increment"])
    rows: list[dict[str, Any]] = [
        {
            "case": name,
            "mean ns": 1e9 * fmean(times) / calls,
            "stdev ns": 1e9 * stdev(times) / calls,
            "M calls/s": calls / fmean(times) / 1e6,
            "/increment": fmean(times) / increment,
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
    print(f"nk.h on 1 qubit / Python no-op: {mean['nk.h, 1 qubits'] / mean['Python no-op']:.2f}")
    return _report.finish("boundary", rows, "case", "mean ns", output, baseline)
