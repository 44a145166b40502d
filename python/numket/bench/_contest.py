"""What benchmarks against other simulators share: who takes part, the processes, the means."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from math import exp, fsum, log
from statistics import median
from time import perf_counter
from typing import Any

import numket as nk
from numket.bench import _report

LIMIT = 1800
"""Seconds after which a process is given up."""
ROUNDS = 3
"""Runs that are timed, at least, where nothing else is said."""
BUSY = 0.5
"""A load average above this gets a note."""


def chosen(
    packages: Mapping[str, str], names: Sequence[str] | None, extra: str = "peers"
) -> dict[str, str]:
    """The versions of the peers with these names, or of all that are installed.

    ``packages`` maps the peers that there are to what they are installed from, ``extra`` has them.
    """
    found = {}
    for name, package in packages.items():
        with suppress(PackageNotFoundError):
            found[name] = version(package)
    if names is None:
        return found
    unknown = [name for name in names if name not in packages]
    if unknown:
        raise ValueError(f"no such peer: {', '.join(unknown)}; known are {', '.join(packages)}")
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(
            f"not installed: {', '.join(missing)}; use pip install 'numket[{extra}]', or "
            f"choose from {', '.join(found) or 'none'}"
        )
    return {name: found[name] for name in names}


def announce(title: str, versions: Mapping[str, str], extra: str = "peers") -> float:
    """Print what is measured, on what, against whom; return the load average before it."""
    print(_report.header(title))
    peers = ", ".join(f"{name} {found}" for name, found in versions.items())
    print("peers:", peers or f"none is installed, use pip install 'numket[{extra}]'")
    load = _report.load()
    if load > BUSY:
        print(f"note: the load average is {load:.1f}; if others compute, OpenMP suffers most")
    return load


def seconds(
    timers: Mapping[str, Callable[[], float]], least: float, rounds: int = ROUNDS
) -> dict[str, float]:
    """Medians of what the timers return, which take turns until ``least`` seconds are over.

    The first turn is not counted, ``rounds`` more are made at least.
    """
    times: dict[str, list[float]] = {name: [] for name in timers}
    _report.interleaved(timers, 1)
    end, turns = perf_counter() + least, 0
    while turns < rounds or perf_counter() < end:
        for name, found in _report.interleaved(timers, 1).items():
            times[name] += found
        turns += 1
    return {name: median(found) for name, found in times.items()}


def in_a_process(module: str, *arguments: object) -> dict[str, Any]:
    """The JSON that ``python -m module`` prints last, with as many threads as numket here.

    What a contestant cannot do becomes a line under ``missing``.
    """
    threads = str(nk.get_num_threads())
    limits = {f"{name}_NUM_THREADS": threads for name in ("NUMKET", "OMP", "NUMBA", "RAYON")}
    limits["LQ_ENABLE_KERNEL_OMP"] = "ON"  # Lightning's threads, where they are not its default
    limits["SF_NO_UPDATE_CHECK"] = "1"  # superfermion asks the network once a day otherwise
    command = [sys.executable, "-m", module, *map(str, arguments)]
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


def in_turns(
    names: Iterable[str],
    rounds: int,
    measure: Callable[[str], dict[str, Any]],
    again: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """What ``measure`` finds for each name in each round, and why it finds nothing for others.

    ``again`` tells from a name's first result whether it takes part in further rounds.

    >>> in_turns("ab", 2, {"a": {"ms": 1}, "b": {"missing": "because"}}.get)
    ({'a': [{'ms': 1}, {'ms': 1}]}, {'b': 'because'})
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    missing: dict[str, str] = {}
    for _ in range(rounds):
        for name, runs in found.items():
            if name in missing or (runs and not again(runs[0])):
                continue
            runs.append(measure(name))
            if "missing" in runs[-1]:
                missing[name] = runs[-1]["missing"]
    return {name: runs for name, runs in found.items() if name not in missing}, missing


def over(row: Mapping[str, Any], name: str | None, ours: str = "numket") -> float | None:
    """The time of a contestant over one of ours, if it has one."""
    return row["ms"][name] / row["ms"][ours] if name in row["ms"] else None


def mean(ratios: Iterable[float]) -> float:
    """The geometric mean.

    >>> round(mean([1, 4]), 12)
    2.0
    """
    logs = [log(ratio) for ratio in ratios]
    return exp(fsum(logs) / len(logs))


def mean_and_worst(cells: Mapping[str, float]) -> dict[str, Any]:
    """The geometric mean of the cells, and the worst of them by name.

    >>> mean_and_worst({"a": 4.0, "b": 4.0})
    {'mean': 4.0, 'worst': 4.0, 'at': 'a'}
    """
    worst = min(cells, key=cells.__getitem__)
    return {"mean": mean(cells.values()), "worst": cells[worst], "at": worst}


def show_means(means: Sequence[Mapping[str, Any]]) -> None:
    """Print the table of the means, if there are any."""
    if means:
        columns = dict.fromkeys(means[0], "") | {"mean": ".2f", "worst": ".2f"}
        print(f"\nGeometric means, and worst cells:\n{_report.table(means, columns)}")


def show_missing(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print who could not do what, and why."""
    for row in rows:
        for name, why in row["missing"].items():
            print(f"missing: {name} at {row['case']}: {why}")
