"""``numket bench kernels``: gate classes at every position, as fractions of one sweep in place."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from timeit import Timer
from typing import Any

import numpy as np

import numket as nk
from numket import _core
from numket.bench import _report

EFFORT = {10: (5, 50), 16: (5, 5), 22: (5, 1)}
"""Rounds, and calls per round, for each number of qubits: about three minutes in all."""

PRECISIONS = ("complex128", "complex64")

RED = 4.0
"""The colours of the picture span this factor both ways around the time of a sweep."""


def _dense(k: int) -> Callable[..., None]:
    """A random unitary on ``k`` qubits."""
    unitary, _ = np.linalg.qr(np.random.default_rng(k).standard_normal((2**k, 2**k)))
    return lambda state, *qubits: nk.apply(state, unitary, qubits)


GATES: dict[str, tuple[int, Callable[..., None]]] = {
    "h": (1, nk.h),
    "rxx": (2, lambda state, *qubits: nk.rxx(state, 0.3, *qubits)),
    "rz": (1, lambda state, qubit: nk.rz(state, 0.3, qubit)),
    "cz": (2, nk.cz),
    "x": (1, nk.x),
    "cx": (2, nk.cx),
    "swap": (2, nk.swap),
    **{f"apply {k}": (k, _dense(k)) for k in (3, 4, 5)},
}
"""One of every class, and its number of qubits."""


def measure(name: str, n: int, precision: str) -> dict[str, Any]:
    """The row of one gate, by the lanes of this process.

    A fraction is the time of a call from Python over that of a native sweep, which scales the state
    once in place. The first qubit takes every position, the others follow it, wrapping around.
    """
    k, gate = GATES[name]
    rounds, calls = EFFORT[n]
    # Random, because the amplitudes of a basis state could become denormal, which is slow.
    state = np.random.default_rng(n).standard_normal(2 * 2**n).view(np.complex128).astype(precision)
    sweeps, fractions = [], []
    for first in range(n):
        qubits = [(first + i) % n for i in range(k)]
        timers: dict[str, Callable[[], float]] = {
            "sweep": lambda: sum(_core.sweep_probe(state, calls)),
            "gate": partial(Timer(partial(gate, state, *qubits)).timeit, calls),
        }
        times = _report.interleaved(timers, rounds)
        sweeps += times["sweep"]
        fractions.append(median(times["gate"]) / median(times["sweep"]))
    return {
        "gate": name,
        "precision": precision,
        "lanes": _core.config()["lanes"],
        "qubits": n,
        "sweep us": 1e6 * median(sweeps) / calls,
        "min": min(fractions),
        "median": median(fractions),
        "max": max(fractions),
        "fractions": fractions,
    }


def measure_lanes(lanes: str, sizes: list[int]) -> list[dict[str, Any]]:
    """All rows of these sizes from a process of its own, as lanes are chosen once in each."""
    command = [sys.executable, "-m", "numket.bench.kernels", *map(str, sizes)]
    environment = {**os.environ, "NUMKET_SIMD": lanes}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def draw(path: Path, rows: list[dict[str, Any]]) -> None:
    """A heat map for each lanes (down) and number of qubits (across): gates by positions.

    Without rows an empty picture, so that a wrong path is not found after the measurement.
    """
    lanes, sizes = (list(dict.fromkeys(row[key] for row in rows)) for key in ("lanes", "qubits"))
    figure = _report.figure(2 + 4 * len(sizes), 1 + 4 * len(lanes))
    for i, (lane, n) in enumerate(product(lanes, sizes), start=1):
        chosen = [row for row in rows if (row["lanes"], row["qubits"]) == (lane, n)]
        labels = [f"{row['gate']}, {row['precision']}" for row in chosen]
        panel = figure.add_subplot(len(lanes), len(sizes), i)
        panel.set(title=f"{lane}, {n} qubits", xlabel="first qubit")
        panel.set_yticks(range(len(labels)), labels, fontsize=6)
        image = panel.imshow(
            [row["fractions"] for row in chosen],
            norm="log",
            vmin=1 / RED,
            vmax=RED,
            cmap="RdYlGn_r",
            aspect="auto",
        )
        figure.colorbar(image, label="time / time of a sweep")
    figure.savefig(path)


def main(output: Path | None = None, plot: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write, draw."""
    record = _report.Record("kernels", "gate", "median", output, None)
    if plot is not None:
        draw(plot, [])
    print(_report.header("Gates over all positions, times over that of one sweep in place"))
    config = _core.config()
    columns = {"gate": "", "precision": "", "lanes": "", "qubits": "d", "sweep us": ".2f"}
    columns |= dict.fromkeys(("min", "median", "max"), ".2f")
    rows: list[dict[str, Any]] = []
    for lanes in [config["lanes"]] if quick else config["lanes_available"]:
        found = measure_lanes(lanes, [10] if quick else list(EFFORT))
        print(f"\n{_report.table(found, columns)}", flush=True)
        rows += found
    if plot is not None:
        draw(plot, rows)
        print(f"\ndrawn in {plot}")
    return record.finish(rows)


if __name__ == "__main__":
    cases = product(map(int, sys.argv[1:]), PRECISIONS, GATES)
    json.dump([measure(name, n, precision) for n, precision, name in cases], sys.stdout)
