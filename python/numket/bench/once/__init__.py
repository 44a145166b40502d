"""``numket bench once``: from a circuit of Qiskit to its vector, once, against Qulacs and Aer.

What is timed is what a program does that runs a circuit once: it begins with an object of Qiskit
that is new in every round, and ends with the vector. Those who take part take turns in one process,
one for each family of circuits, with as many threads as numket. The vectors are compared.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import fsum
from pathlib import Path
from typing import Any

from numket.bench import _contest, _report
from numket.bench.once.measure import in_a_process
from numket.bench.once.peers import PARTS, PEERS

FAMILIES = (
    "ae",
    "bmw_quark_copula",
    "cdkm_ripple_carry_adder",
    "dj",
    "draper_qft_adder",
    "ghz",
    "graphstate",
    "grover",
    "modular_adder",
    "multiplier",
    "qaoa",
    "qft",
    "qnn",
    "qpeexact",
    "qwalk",
    "randomcircuit",
    "rg_qft_multiplier",
    "vqe_real_amp",
    "vqe_su2",
    "wstate",
)
"""Of mqt.bench; those that have all sizes and no measurements on the way."""

SIZES = (4, 8, 12, 16)
QUICK = ("qft", "randomcircuit"), (4,), 3
"""What a quick run measures: families, sizes, rounds."""
ROUNDS = 7


def needed() -> None:
    """Refuse to begin without what the circuits come from."""
    missing = [name for name in ("qiskit", "mqt.bench") if not _is_there(name)]
    if missing:
        raise ImportError(
            f"the circuits need {' and '.join(missing)}: use pip install 'numket[qiskit]' mqt.bench"
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of the package around it
        return False


def row(found: Mapping[str, Any]) -> dict[str, Any]:
    """A circuit as it was measured, and who was the best of the others."""
    ms = found["ms"]
    best = min((name for name in PEERS if name in ms), key=ms.__getitem__, default=None)
    return {**found, "numket ms": ms["numket"], "best peer": best}


def table(rows: Sequence[Mapping[str, Any]], peers: Mapping[str, str]) -> str:
    """The times, and which part of numket's each step is."""
    lines = []
    for one in rows:
        ms, ratio = one["ms"], _contest.over(one, one["best peer"])
        line = {"case": one["case"], "gates": str(one["gates"]), "numket ms": f"{ms['numket']:.3f}"}
        line |= {part: f"{100 * one['parts'][part] / ms['numket']:.0f}%" for part in PARTS}
        line |= {f"{name} ms": f"{ms[name]:.3f}" if name in ms else "-" for name in peers}
        lines.append(line | {"best/numket": "-" if ratio is None else f"{ratio:.2f}"})
    return _report.table(lines, dict.fromkeys(lines[0], ""))


def summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The mean of all circuits, and of those of each size, and how many are lost."""
    found = []
    for size in [None, *sorted({one["qubits"] for one in rows})]:
        cells = {
            one["case"]: one["ms"][one["best peer"]] / one["ms"]["numket"]
            for one in rows
            if one["best peer"] is not None and size in (None, one["qubits"])
        }
        if cells:
            line = {"best peer / numket": "all" if size is None else f"{size} qubits"}
            lost = sum(ratio < 1 for ratio in cells.values())
            line |= {"circuits": str(len(cells)), "lost": str(lost)}
            found.append(line | _contest.mean_and_worst(cells))
    return found


def main(
    output: Path | None = None,
    baseline: Path | None = None,
    peers: Sequence[str] | None = None,
    qubits: Sequence[int] | None = None,
    quick: bool = False,
) -> int:
    """Measure, print, write."""
    record = _report.Record("once", "case", "numket ms", output, baseline)
    versions = _contest.chosen(PEERS, peers)
    needed()
    load = _contest.announce("From a circuit of Qiskit to its vector, once, complex128", versions)
    families, sizes, rounds = QUICK if quick else (FAMILIES, SIZES, ROUNDS)
    rows, missing = [], []
    for family in families:
        found = in_a_process(family, qubits or sizes, rounds, versions)
        if "missing" in found:
            missing.append({"case": family, "missing": {"numket": found["missing"]}})
            continue
        some = [row(one) for one in found["rows"]]
        if some:
            print(f"\n{table(some, versions)}", flush=True)
        rows += some
        missing += found["left out"]
    means = summary(rows)
    _contest.show_means(means)
    total = fsum(one["numket ms"] for one in rows)
    if total:
        parts = {part: fsum(one["parts"][part] for one in rows) / total for part in PARTS}
        print(
            "\nnumket: " + ", ".join(f"{100 * share:.0f}% {part}" for part, share in parts.items())
        )
    _contest.show_missing([*rows, *missing])
    return record.finish(rows, peers=versions, load=load, means=means)
