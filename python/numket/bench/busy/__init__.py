"""``numket bench busy``: circuits beside processes that compute, by all threads and by one.

So many loops run beside as there are two for each CPU. Those who take part take turns of 0.1 s in
one process, one for each circuit, with as many threads as numket. Circuits are built beforehand.
A turn of numket is late if its runs take more than 1.3 times what those of one thread take.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from numket.bench import _contest, _report
from numket.bench.busy.measure import LATE, ONE, OURS, PEERS, in_a_process
from numket.bench.compare.workloads import WORKLOADS

CASES = (("qcbm", 6), ("qft", 10), ("tfim", 12), ("brickwork", 14), ("brickwork", 18))
TURNS = 50

LOOP = """
import os
parent = os.getppid()
print(flush=True)
while os.getppid() == parent:
    for _ in range(10**6):
        pass
"""
"""What runs beside, until it is ended or alone."""


def cpus() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def loops(count: int) -> Iterator[None]:
    """Around what is measured: processes that do nothing but compute."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            command = [sys.executable, "-c", LOOP]
            started.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        for one in started:
            assert one.stdout is not None
            one.stdout.readline()  # it has begun
        yield
    finally:
        for one in started:
            one.kill()
        for one in started:
            one.communicate()


def table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """For each circuit the medians, over that of one thread, and how many turns are late."""
    lines = []
    for one in rows:
        for name in names:
            line = {"case": one["case"], "who": name}
            if name in one["ms"]:
                line |= {
                    "ms": f"{one['ms'][name]:.3f}",
                    "over one thread": f"{over(one, name):.2f}",
                }
                line |= {"worst": f"{one['worst'][name]:.1f}"}
                line |= {"late": f"{one['late'][name]} of {one['turns']}"}
            else:
                line |= {"ms": "-", "over one thread": "-", "worst": "-", "late": "-"}
            lines.append(line)
    return _report.table(lines, dict.fromkeys(lines[0], ""))


def over(row: Mapping[str, Any], name: str) -> float:
    """The median of somebody over that of one thread of numket."""
    ratio = _contest.over(row, name, ONE)
    assert ratio is not None
    return ratio


def main(
    output: Path | None = None,
    baseline: Path | None = None,
    peers: Sequence[str] | None = None,
    qubits: Sequence[int] | None = None,
    quick: bool = False,
) -> int:
    """Measure, print, write."""
    record = _report.Record("busy", "case", "numket ms", output, baseline)
    versions = _contest.chosen(PEERS, peers)
    beside = 2 * cpus()
    _contest.announce(f"Circuits beside {beside} busy loops, complex128", versions)
    cases = [*product(WORKLOADS, qubits)] if qubits else [*CASES[: 1 if quick else None]]
    turns, seconds = (3, 0.01) if quick else (TURNS, 0.1)
    print(f"{turns} turns of {seconds} s each; late: above {LATE} times one thread's median")
    rows: list[dict[str, Any]] = []
    with loops(beside):
        for workload, n in cases:
            found = in_a_process(workload, n, turns, seconds, versions)
            if not found.get("ms", {}).keys() >= set(OURS):
                raise ValueError(f"{workload}-{n}: {found['missing']}")
            rows.append({**found, "numket ms": found["ms"]["numket"]})
            print(f"\n{table(rows[-1:], [*OURS, *versions])}", flush=True)
    late = sum(one["late"]["numket"] for one in rows)
    print(f"\nturns of numket with all threads that were late: {late} of {turns * len(rows)}")
    _contest.show_missing(rows)
    return record.finish(rows, peers=versions, loops=beside)
