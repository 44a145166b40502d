"""``numket bench noise``: circuits with noise, as density matrices and as trajectories.

Every contestant runs in a process of its own, with as many threads as numket. The circuit has four
layers of RX, CX and depolarising noise on all qubits. Results are checked.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from numket.bench import _contest, _report
from numket.bench.noise.measure import in_a_process
from numket.bench.noise.peers import PEERS, chosen

CASES = (
    *(("density", n) for n in (6, 8, 10, 12)),
    ("trajectories", 16),
)
QUICK = (("density", 4), ("trajectories", 4))
SHOTS = 20
"""Trajectories of a run."""


def row(task: str, n: int, peers: Iterable[str], least: float) -> dict[str, Any]:
    """The milliseconds of all, and who could not do it, and why."""
    found = {name: in_a_process(name, task, n, SHOTS, least) for name in ("numket", *peers)}
    missing = {name: one["missing"] for name, one in found.items() if "missing" in one}
    case = f"{task}-{n}"
    if "numket" in missing:
        raise ValueError(f"numket at {case}: {missing['numket']}")
    ms = {name: one["ms"] for name, one in found.items() if "ms" in one}
    best = min((name for name in PEERS if name in ms), key=ms.__getitem__, default=None)
    return {
        **{"case": case, "task": task, "qubits": n},
        **{"numket ms": ms["numket"], "ms": ms, "missing": missing, "best peer": best},
    }


def table(rows: Sequence[Mapping[str, Any]], peers: Iterable[str]) -> str:
    """Times, and in brackets over numket's."""
    lines = []
    for name in ("numket", *peers):
        line = {"ms": name}
        for one in rows:
            ratio = _contest.over(one, name)
            line[one["case"]] = "-" if ratio is None else f"{one['ms'][name]:.3g} ({ratio:.2f})"
        lines.append(line)
    return _report.table(lines, dict.fromkeys(lines[0], ""))


def main(
    output: Path | None = None,
    baseline: Path | None = None,
    peers: Sequence[str] | None = None,
    qubits: Sequence[int] | None = None,
    quick: bool = False,
) -> int:
    """Measure, print, write."""
    record = _report.Record("noise", "case", "numket ms", output, baseline)
    versions = chosen(peers)
    load = _contest.announce(
        f"Noise, complex128, density matrices and {SHOTS} trajectories", versions
    )
    tasks = dict.fromkeys(task for task, _ in CASES)
    cases = [(task, n) for task in tasks for n in qubits] if qubits else QUICK if quick else CASES
    rows = []
    for task, n in cases:
        rows.append(row(task, n, versions, 0.05 if quick else 0.5))
        print(f"\n{table(rows[-1:], versions)}", flush=True)
    cells = {
        one["case"]: ratio
        for one in rows
        if (ratio := _contest.over(one, one["best peer"])) is not None
    }
    means = [{"ratio": "best peer / numket", **_contest.mean_and_worst(cells)}] if cells else []
    _contest.show_means(means)
    _contest.show_missing(rows)
    return record.finish(rows, peers=versions, load=load, means=means)
