"""``numket bench dropin``: programs of others, with their own engine and with numket.

The same program is run by each engine in a process of its own, with as many threads as numket, and
the engines take turns. Warm-up does not count, but where a run takes more than ten seconds. Results
are compared with those of the host's own engine on a few qubits. Idioms are the pairs of
``docs/idioms.md``.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from numket.bench import _contest, _report
from numket.bench.dropin.hosts import PACKAGES, TASKS
from numket.bench.dropin.idioms import IDIOMS
from numket.bench.dropin.measure import in_a_process

EXTRAS = "all,peers"
"""What to install for all engines but qibojit."""
QUICK = 8
"""Qubits at most with ``--quick``."""
ROUNDS = 3
"""Processes of each engine at a task, which take turns."""


def cell(task: str, engines: Sequence[str], n: int, rounds: int, least: float) -> dict[str, Any]:
    """The row of a task: the milliseconds of all, medians of the rounds, and who is missing."""
    done, missing = _contest.in_turns(
        engines,
        rounds,
        lambda name: in_a_process(task, name, n, least),
        again=lambda first: first["states"] is not None,  # else it is slow, and once is enough
    )
    ours = engines[-1]
    if ours in missing:
        raise ValueError(f"numket at {task}-{n}: {missing[ours]}")
    ms = {name: median(run["ms"] for run in runs) for name, runs in done.items()}
    return {
        "case": f"{task}-{n}",
        "task": task,
        "qubits": n,
        "numket ms": ms[ours],
        "ms": ms,
        "over": {name: found / ms[ours] for name, found in ms.items() if name != ours},
        "states": {
            name: max(run["states"] for run in runs)
            for name, runs in done.items()
            if runs[0]["states"] is not None
        },
        "missing": missing,
    }


def show(row: dict[str, Any], text: str) -> None:
    """Print a row as a table of its engines."""
    lines = [
        {
            "": name,
            "ms": ms,
            "/ numket": ms / row["numket ms"],
            "states of NumPy": f"{row['states'][name]:.2f}" if name in row["states"] else "-",
        }
        for name, ms in row["ms"].items()
    ]
    formats = {"": "", "ms": ".3f", "/ numket": ".2f", "states of NumPy": ""}
    print(f"\n{row['task']}: {text}, {row['qubits']} qubits\n{_report.table(lines, formats)}")


def main(
    output: Path | None = None,
    baseline: Path | None = None,
    peers: Sequence[str] | None = None,
    qubits: Sequence[int] | None = None,
    quick: bool = False,
) -> int:
    """Measure, compare, print, write."""
    record = _report.Record("dropin", "case", "numket ms", output, baseline)
    versions = _contest.chosen(PACKAGES, peers, EXTRAS)
    title = "Programs of others, with their own engine and with numket"
    load = _contest.announce(title, versions, EXTRAS)
    rounds, least = (1, 0.1) if quick else (ROUNDS, 1)
    rows: list[dict[str, Any]] = []

    def measured(task: str, engines: Sequence[str], sizes: Sequence[int], text: str) -> None:
        for n in sizes:
            rows.append(cell(task, engines, n, rounds, least))
            show(rows[-1], text)

    packages = {PACKAGES[peer] for peer in versions}
    for name, pair in IDIOMS.items():
        if pair.needs is None or pair.needs in packages:
            asked = qubits or [QUICK if quick else pair.largest]
            feasible = sorted({min(n, pair.largest) for n in asked})
            measured(name, ("before", "after"), feasible, pair.text)
    for name, task in TASKS.items():
        engines = [engine for engine in task.engines if engine in versions]
        if engines:
            sizes = qubits or [QUICK if quick else task.qubits]
            measured(name, [*engines, "numket"], sizes, task.text)
    _contest.show_missing(rows)
    return record.finish(rows, peers=versions, load=load)
