"""``numket bench accuracy``: the errors of circuits, beside gate by gate and other simulators.

An error is the 2-norm of the difference between a state and the exact one, which NumPy computes in
long double; a global phase does not count.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from numket.bench import _contest, _report
from numket.bench.accuracy import exact
from numket.bench.accuracy.measure import GATE_BY_GATE, OURS, in_a_process
from numket.bench.accuracy.workloads import WORKLOADS
from numket.bench.compare.peers import PEERS, chosen

SIZES = ((4, 10**3), (4, 10**4), (4, 10**5), (10, 10**3), (10, 10**4), (14, 4000), (18, 10**3))
"""Qubits, and gates."""
QUICK = ((4, 10**3), (8, 10**3))
GATES = 10**3
"""With --qubits."""

SINGLE = " complex64"
PRECISIONS = {"complex128": "", "complex64": SINGLE}
"""What the names of ours end in."""


def cell(workload: str, n: int, gates: int, names: Iterable[str]) -> dict[str, Any]:
    """The row of a workload: errors and norms of all, and who could not do it, and why."""
    circuit = WORKLOADS[workload](n, gates)
    with TemporaryDirectory() as directory:
        path = Path(directory) / "exact.npy"
        np.save(path, exact.run(circuit))
        found = {name: in_a_process(name, workload, n, gates, str(path)) for name in names}
    missing = {name: one["missing"] for name, one in found.items() if "missing" in one}
    for name in OURS.keys() & missing.keys():
        raise ValueError(f"{name} at {workload}-{n}: {missing[name]}")
    errors = {name: one["error"] for name, one in found.items() if "error" in one}
    return {
        "case": f"{workload}-{n}-{len(circuit)}",
        "workload": workload,
        "qubits": n,
        "gates": gates,
        "numket complex64 error": errors["numket complex64"],
        "errors": errors,
        "norms": {name: one["norm"] for name, one in found.items() if "norm" in one},
        "missing": missing,
    }


def ratio(row: dict[str, Any], name: str) -> float | None:
    """An error over that of gate by gate in the same precision, if both are known."""
    single = name.endswith(SINGLE) or (name in PEERS and PEERS[name].precision == "complex64")
    base = row["errors"].get(GATE_BY_GATE + (SINGLE if single else ""))
    return row["errors"][name] / base if name in row["errors"] and base else None


def table(rows: Sequence[dict[str, Any]], names: Iterable[str]) -> str:
    """The table of one size: errors, and in brackets over those of gate by gate."""
    heading = f"{rows[0]['qubits']} qubits, {rows[0]['gates']} gates"
    lines = []
    for name in names:
        cells = {}
        for row in rows:
            error, factor = row["errors"].get(name), ratio(row, name)
            bracket = "" if factor is None else f" ({factor:.2f})"
            cells[row["workload"]] = "-" if error is None else f"{error:.1e}{bracket}"
        lines.append({heading: name, **cells})
    return _report.table(lines, dict.fromkeys(lines[0], ""))


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mean and the largest error of a circuit over gate by gate, for each precision."""
    found = []
    for precision, ending in PRECISIONS.items():
        ratios = {row["case"]: ratio(row, f"numket{ending}") for row in rows}
        cells = {case: factor for case, factor in ratios.items() if factor is not None}
        if cells:
            worst = max(cells, key=cells.__getitem__)
            line = {"mean": _contest.mean(cells.values()), "worst": cells[worst], "at": worst}
            found.append({f"numket / {GATE_BY_GATE}": precision, **line})
    return found


def main(
    output: Path | None = None,
    baseline: Path | None = None,
    peers: Sequence[str] | None = None,
    qubits: Sequence[int] | None = None,
    quick: bool = False,
) -> int:
    """Measure, compare, print, write."""
    record = _report.Record("accuracy", "case", "numket complex64 error", output, baseline)
    versions = chosen(peers)
    load = _contest.announce("Errors of circuits, and in brackets over gate by gate", versions)
    names = [*OURS, *versions]
    if not exact.ENOUGH:
        print("note: long double is no wider than double here, so only complex64 is measured")
        names = [
            name
            for name in names
            if name.endswith(SINGLE) or (name in PEERS and PEERS[name].precision == "complex64")
        ]
    sizes = [(n, GATES) for n in qubits] if qubits else (QUICK if quick else SIZES)
    rows: list[dict[str, Any]] = []
    for n, gates in sizes:
        found = [cell(workload, n, gates, names) for workload in WORKLOADS]
        print(f"\n{table(found, names)}", flush=True)
        rows += found
    means = summary(rows)
    _contest.show_means(means)
    _contest.show_missing(rows)
    return record.finish(rows, peers=versions, load=load, means=means)
