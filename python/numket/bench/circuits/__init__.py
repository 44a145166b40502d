"""``numket bench circuits``: circuits of mqt.bench by numket and by the peers of ``compare``.

Circuits are made once and read by every contestant, in a process of its own for each family.
What is timed goes from |0...0> to the end, hot, as in ``compare``.
"""

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from numket.bench import _contest, _report
from numket.bench.circuits.measure import Case, circuits_of, in_a_process
from numket.bench.compare import cell
from numket.bench.compare.measure import ZERO
from numket.bench.compare.peers import chosen
from numket.bench.once import FAMILIES, needed, summary

SIZES = (8, 12, 16, 20)
QUICK = ("qft", "cdkm_ripple_carry_adder"), (6,)
"""What a quick run measures: families and sizes."""


def rows_of(cases: Sequence[Case], names: Sequence[str], least: float) -> list[dict[str, Any]]:
    """The rows of a family: the milliseconds of all, and who could not do it, and why."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "circuits.pickle"
        path.write_bytes(pickle.dumps(cases))
        found = {name: in_a_process(name, str(path), least) for name in names}
    rows = []
    for one in cases:
        measured = {name: results.get(one.name, results) for name, results in found.items()}
        row = cell(one.family, one.circuit.num_qubits, ZERO, measured)
        rows.append({**row, "gates": len(one.circuit)})
    return rows


def table(rows: Sequence[Mapping[str, Any]], peers: Sequence[str]) -> str:
    """The times of numket, and those of others over it."""
    lines = []
    for one in rows:
        line = {"case": one["case"], "gates": str(one["gates"])}
        line["numket ms"] = f"{one['ms']['numket']:.3g}"
        ratios = {name: _contest.over(one, name) for name in peers}
        line |= {name: "-" if over is None else f"{over:.2f}" for name, over in ratios.items()}
        lines.append(line | {"best": one["best peer"] or "-"})
    return _report.table(lines, dict.fromkeys(lines[0], ""))


def main(
    output: Path | None = None,
    baseline: Path | None = None,
    peers: Sequence[str] | None = None,
    qubits: Sequence[int] | None = None,
    quick: bool = False,
) -> int:
    """Measure, print, write."""
    record = _report.Record("circuits", "case", "numket ms", output, baseline)
    versions = chosen(peers)
    needed()
    load = _contest.announce(
        "Circuits of mqt.bench, hot, complex128 unless stated: times over numket's", versions
    )
    families, sizes = QUICK if quick else (FAMILIES, SIZES)
    rows: list[dict[str, Any]] = []
    missing: list[dict[str, Any]] = []
    for family in families:
        cases, left_out = circuits_of(family, qubits or sizes)
        missing += left_out
        if cases:
            rows += rows_of(cases, ["numket", *versions], 0.1 if quick else 0.3)
            print(f"\n{table(rows[-len(cases) :], [*versions])}", flush=True)
    means = summary(rows)
    _contest.show_means(means)
    _contest.show_missing([*rows, *missing])
    return record.finish(rows, peers=versions, load=load, means=means)
