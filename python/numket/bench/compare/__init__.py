"""``numket bench compare``: circuits against gate by gate, and against other simulators.

Every contestant runs in a process of its own, with as many threads as numket. Circuits are built
beforehand; what is timed goes from |0...0> to the end, or from a state without zeros, in a loop
where it is short. The states are compared. Peers get their best documented settings; the fastest
counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from numket.bench import _contest, _report
from numket.bench._contest import over
from numket.bench.compare.measure import STARTS, ZERO, in_a_process
from numket.bench.compare.peers import CONTESTANTS, OURS, PEERS, chosen
from numket.bench.compare.transforms import TRANSFORMS
from numket.bench.compare.workloads import HEADLINE, WORKLOADS

SIZES = (4, 10, 16, 20, 22)

SINGLE = [name for name, peer in PEERS.items() if peer.precision == "complex64"]
"""Peers that are not compared like with like."""
OURS_SINGLE = "numket complex64"
"""Whom they are compared with."""

COLOURS = ["black", "silver", *(f"C{i}" for i in range(10))]
"""Of the bars: ours but for the first, then the peers, again from the first if there are more."""


def cells(workload: str, n: int, peers: Iterable[str], least: float) -> list[dict[str, Any]]:
    """The rows of a workload, one for each start."""
    names = [name for name in peers if name in PEERS or workload == "qft"]
    found = {name: in_a_process(name, workload, n, least) for name in (*OURS, *names)}
    rows = []
    for start in STARTS:
        begun = {name: one if "missing" in one else one.get(start) for name, one in found.items()}
        rows.append(cell(workload, n, start, {name: one for name, one in begun.items() if one}))
    return rows


def cell(workload: str, n: int, start: str, found: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A row: the milliseconds of all, and who could not do it, and why."""
    case = f"{workload}-{n}" if start == ZERO else f"{workload}-{n}-{start}"
    missing = {name: one["missing"] for name, one in found.items() if "missing" in one}
    for name in OURS.keys() & missing.keys():
        raise ValueError(f"{name} at {case}: {missing[name]}")
    ms = {name: one["ms"] for name, one in found.items() if "ms" in one}
    like = [name for name in ms if name in PEERS and name not in SINGLE]
    return {
        "case": case,
        "workload": workload,
        "qubits": n,
        "start": start,
        "numket ms": ms["numket"],
        "ms": ms,
        "settings": {name: found[name]["setting"] for name in ms if found[name]["setting"]},
        "missing": missing,
        "best peer": min(like, key=ms.__getitem__, default=None),
    }


def label(name: str) -> str:
    """The name, with the precision where that is not complex128."""
    return f"{name} in complex64" if name in SINGLE else name


def times(rows: Sequence[dict[str, Any]], names: Iterable[str]) -> str:
    """The table of one size and start: times, and in brackets over those of numket.

    A peer in complex64 has a second line, over those of numket in complex64.
    """
    heading = f"{rows[0]['qubits']} qubits from {rows[0]['start']}, ms"
    lines: list[dict[str, str]] = []

    def add(title: str, cells: Iterable[str]) -> None:
        lines.append({heading: title, **dict(zip(WORKLOADS, cells, strict=True))})

    def ratio(row: dict[str, Any], name: str, ours: str) -> str:
        factor = over(row, name, ours)
        return "-" if factor is None else f"({factor:.2f})"

    for name in names:
        ms = (f"{row['ms'][name]:.3g} " if name in row["ms"] else "" for row in rows)
        add(label(name), (t + ratio(r, name, "numket") for t, r in zip(ms, rows, strict=True)))
        if name in SINGLE:
            add("over numket complex64", (ratio(row, name, OURS_SINGLE) for row in rows))
    add("best in complex128", (row["best peer"] or "-" for row in rows))
    return _report.table(lines, dict.fromkeys(lines[0], ""))


def summary(rows: Sequence[dict[str, Any]], peers: Iterable[str]) -> list[dict[str, Any]]:
    """Means and worst cells, for each start.

    Of the best peer in complex128, of each in complex64, and of transforms.
    """
    pairs = [(name, ours) for name in peers if name in SINGLE for ours in ("numket", OURS_SINGLE)]
    found = []
    for start in STARTS:
        some = [row for row in rows if row["start"] == start]
        ratios = {"best in complex128 / numket": [over(row, row["best peer"]) for row in some]}
        for name, ours in pairs:
            ratios[f"{label(name)} / {ours}"] = [over(row, name, ours) for row in some]
        for name in TRANSFORMS:
            ratios[f"{name} / numket"] = [over(row, name) for row in some]
        for (title, values), workloads in product(ratios.items(), (HEADLINE, tuple(WORKLOADS))):
            cells = {
                row["case"]: value
                for row, value in zip(some, values, strict=True)
                if value is not None and row["workload"] in workloads
            }
            if cells:
                line = {
                    "ratio": title,
                    "from": start,
                    "workloads": "all" if workloads != HEADLINE else " ".join(HEADLINE),
                }
                found.append(line | _contest.mean_and_worst(cells))
    return found


def draw(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """A panel for each size and start, a group of bars for each workload: times over numket's.

    Without rows an empty picture, so that a wrong path is not found after the measurement.
    """
    panels = list(dict.fromkeys((row["qubits"], row["start"]) for row in rows))
    names = [name for name in CONTESTANTS if any(name in row["ms"] for row in rows)][1:]
    figure = _report.figure(12, 1 + 3 * len(panels))
    for i, (n, start) in enumerate(panels, start=1):
        cells = [row for row in rows if (row["qubits"], row["start"]) == (n, start)]
        panel = figure.add_subplot(len(panels), 1, i)
        panel.set(title=f"{n} qubits from {start}", ylabel="time / time of numket", yscale="log")
        panel.set_xticks(range(len(cells)), [row["workload"] for row in cells])
        width = 0.8 / len(names)
        for j, name in enumerate(names):
            ratios = {k: over(row, name) for k, row in enumerate(cells)}
            bars = {k: ratio for k, ratio in ratios.items() if ratio is not None}
            panel.bar(
                [k + (j + 0.5) * width - 0.4 for k in bars],
                [ratio - 1 for ratio in bars.values()],
                width,
                bottom=1,
                color=COLOURS[j % len(COLOURS)],
                label=label(name),
            )
        panel.axhline(1, color="black", linewidth=0.8)
        panel.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=6)
    figure.savefig(path)


def main(
    output: Path | None = None,
    baseline: Path | None = None,
    plot: Path | None = None,
    peers: Sequence[str] | None = None,
    qubits: Sequence[int] | None = None,
    quick: bool = False,
) -> int:
    """Measure, compare, print, write, draw."""
    record = _report.Record("compare", "case", "numket ms", output, baseline)
    versions = chosen(peers, PEERS | TRANSFORMS)
    if plot is not None:
        draw(plot, [])
    load = _contest.announce(
        "Circuits, complex128 unless stated, and in brackets over numket's time", versions
    )
    rows: list[dict[str, Any]] = []
    for n in qubits or (SIZES[:2] if quick else SIZES):
        least = 0.1 if quick else 0.5
        found = [row for workload in WORKLOADS for row in cells(workload, n, versions, least)]
        for start in STARTS:
            some = [row for row in found if row["start"] == start]
            print(f"\n{times(some, [*OURS, *versions])}", flush=True)
        rows += found
    means = summary(rows, versions)
    _contest.show_means(means)
    _contest.show_missing(rows)
    if plot is not None:
        draw(plot, rows)
        print(f"\ndrawn in {plot}")
    return record.finish(rows, peers=versions, load=load, means=means)
