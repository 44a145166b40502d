"""``numket bench observe``: reading states and differentiating circuits, against others.

As in ``numket bench compare`` every contestant runs in a process of its own, with as many threads
as numket. States, observables and circuits are made beforehand, warm-up does not count, and every
result is checked. Peers get their best documented settings; the fastest counts.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numket as nk
from numket.bench import _contest, _report
from numket.bench._contest import over
from numket.bench.observe.measure import in_a_process
from numket.bench.observe.peers import CONTESTANTS, chosen
from numket.bench.observe.tasks import TASKS

ALONE = 22
"""Above so many qubits numket is compared with its own units only."""
QUICK = (4, 10)
ROUNDS = 3
"""Processes of each contestant at a task, which take turns."""


def cell(task: str, n: int, peers: Iterable[str], rounds: int, least: float) -> dict[str, Any]:
    """The row of a task: the milliseconds of all, medians of the rounds, and who is missing."""
    names = [name for name in peers if TASKS[task].kind in CONTESTANTS[name].kinds and n <= ALONE]
    done, missing = _contest.in_turns(
        ["numket", *names], rounds, lambda name: in_a_process(name, task, n, least)
    )
    if "numket" in missing:
        raise ValueError(f"numket at {task}-{n}: {missing['numket']}")
    ms = {name: median(run["ms"] for run in runs) for name, runs in done.items()}
    ours = done["numket"]
    return {
        "case": f"{task}-{n}",
        "task": task,
        "qubits": n,
        "numket ms": ms["numket"],
        "ms": ms,
        "over": {
            unit: median(run["ms"] / run["units"][unit] for run in ours)
            for unit in ours[0]["units"]
        },
        "MiB": {
            name: max(run["MiB"] for run in runs)
            for name, runs in done.items()
            if None not in [run["MiB"] for run in runs]
        },
        "settings": {name: runs[-1]["setting"] for name, runs in done.items()},
        "missing": missing,
        "best peer": min(
            (name for name in ms if name != "numket"), key=ms.__getitem__, default=None
        ),
    }


def show(row: dict[str, Any]) -> None:
    """Print a row as a table of the contestants, and the ratios of numket to its own units."""
    lines = [
        {
            "": name,
            "ms": ms,
            "/ numket": ms / row["numket ms"],
            "MiB": f"{row['MiB'][name]:.0f}" if name in row["MiB"] else "-",
            "setting": row["settings"][name],
        }
        for name, ms in row["ms"].items()
    ]
    print(f"\n{row['task']} {TASKS[row['task']].text}, {row['qubits']} qubits")
    formats = {"": "", "ms": ".3f", "/ numket": ".2f", "MiB": "", "setting": ""}
    print(_report.table(lines, formats))
    for unit, ratio in row["over"].items():
        print(f"numket / {unit}: {ratio:.2f}", flush=True)


def summary(rows: Sequence[dict[str, Any]], peers: Iterable[str]) -> list[dict[str, Any]]:
    """Means and worst cells: of the best peer, and of each."""
    ratios = {"best peer / numket": {row["case"]: over(row, row["best peer"]) for row in rows}}
    for name in peers:
        ratios[f"{name} / numket"] = {row["case"]: over(row, name) for row in rows}
    found = []
    for title, values in ratios.items():
        cells = {case: value for case, value in values.items() if value is not None}
        if cells:
            line = {"ratio": title, "cells": len(cells)}
            found.append(line | _contest.mean_and_worst(cells))
    return found


def main(
    output: Path | None = None,
    baseline: Path | None = None,
    peers: Sequence[str] | None = None,
    qubits: Sequence[int] | None = None,
    quick: bool = False,
) -> int:
    """Measure, compare, print, write."""
    record = _report.Record("observe", "case", "numket ms", output, baseline)
    versions = chosen(peers)
    load = _contest.announce("Reading states, all in complex128", versions)
    rounds, least = (1, 0.1) if quick else (ROUNDS, 0.5)
    rows: list[dict[str, Any]] = []
    for task, (kind, _, sizes, *_) in TASKS.items():
        if kind == "gradient" and not hasattr(nk.Circuit, "gradient"):
            print("\ngradient: skipped, as this numket has no Circuit.gradient")
            continue
        for n in qubits or (QUICK if quick else sizes):
            rows.append(cell(task, n, versions, rounds, least))
            show(rows[-1])
    means = summary(rows, versions)
    _contest.show_means(means)
    _contest.show_missing(rows)
    return record.finish(rows, precision="complex128", peers=versions, load=load, means=means)
