"""``numket bench batch``: an angle per state against NumPy broadcasting, and the thread policy."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import fmean, median, stdev
from timeit import Timer
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket.bench import _report

BATCHES = (100, 1_000, 10_000, 100_000)
SIZES = range(6, 23)
"""Qubits of the states on which the thread policy is measured."""

States = NDArray[np.complex128]
Angles = NDArray[np.float64]


def numket_rx(states: States, angles: Angles) -> None:
    """RX on the first qubit, in place."""
    nk.rx(states, angles, 0, batch=1)


def _halves(states: States, angles: Angles) -> tuple[States, States, States]:
    """The states with an axis for the first qubit, and the entries of RX: cos and -1j sin.

    The cosines are complex, or NumPy would convert them for every state: 10 % slower.
    """
    half = angles[:, None, None] / 2
    return states.reshape(len(states), 2, -1), np.cos(half) + 0j, -1j * np.sin(half)


def numpy_slices(states: States, angles: Angles) -> None:
    """The two halves, each as a sum of both."""
    pairs, c, s = _halves(states, angles)
    a, b = pairs[:, :1], pairs[:, 1:]
    pairs[:, :1], pairs[:, 1:] = c * a + s * b, s * a + c * b


def numpy_flip(states: States, angles: Angles) -> None:
    """RX is cos times the state plus -1j sin times the state with its halves swapped."""
    pairs, c, s = _halves(states, angles)
    flipped = s * pairs[:, ::-1]
    pairs *= c
    pairs += flipped


def numpy_matmul(states: States, angles: Angles) -> None:
    """A stack of matrices."""
    pairs, c, s = _halves(states, angles)
    pairs[...] = np.block([[c, s], [s, c]]) @ pairs


CANDIDATES = (numpy_slices, numpy_flip, numpy_matmul)
"""NumPy is measured by the fastest of these, row by row.

Slower or equal, and left out: the slices updated in place, einsum, transposed copies, real views.
"""


def measure(batch: int, qubits: int, warm_up: int, runs: int) -> dict[str, Any]:
    """One row: ``runs`` runs in which the contestants take turns."""
    random = np.random.default_rng(batch)
    states = random.standard_normal((batch, 2 * 2**qubits)).view(np.complex128)
    angles = random.uniform(-np.pi, np.pi, batch)
    rotations: tuple[Callable[[States, Angles], None], ...] = (numket_rx, *CANDIDATES)
    results = [states.copy() for _ in rotations]
    for rotate, result in zip(rotations, results, strict=True):
        rotate(result, angles)
        np.testing.assert_allclose(result, results[0], atol=1e-12)
    calls = max(1, 1_000 // batch)
    timers = {
        rotate.__name__: partial(Timer(partial(rotate, states, angles)).timeit, calls)
        for rotate in rotations
    }
    _report.interleaved(timers, warm_up)
    times = {
        name: [1e6 * seconds / calls for seconds in found]
        for name, found in _report.interleaved(timers, runs).items()
    }
    ours = times.pop("numket_rx")
    best = min(times, key=lambda name: median(times[name]))
    return {
        "case": f"{batch:,} x {qubits} qubit{'' if qubits == 1 else 's'}",
        "min us": min(ours),
        "median us": median(ours),
        "mean us": fmean(ours),
        "stdev us": stdev(ours),
        "NumPy us": median(times[best]),
        "by": best,
        "NumPy/numket": median(times[best]) / median(ours),
    }


def _begin(gate: Callable[[], None], count: int) -> None:
    """Use ``count`` threads from now on; the first call finds the state in the wrong caches."""
    _core.force_threads(count)
    gate()


def measure_policy(qubits: int, runs: int) -> dict[str, Any]:
    """The worse row of H and CX: one thread, all threads, and what the thread policy chooses."""
    state = nk.zero_state(qubits)
    calls = max(3, 2**16 // 2**qubits)
    counts = {"one us": 1, "all us": nk.get_num_threads(), "automatic us": 0}
    rows: list[dict[str, Any]] = []
    for name, gate in (("h", partial(nk.h, state, 0)), ("cx", partial(nk.cx, state, 0, 1))):
        timers = {
            threads: partial(Timer(gate, setup=partial(_begin, gate, count)).timeit, calls)
            for threads, count in counts.items()
        }
        times = {
            threads: 1e6 * median(found) / calls
            for threads, found in _report.interleaved(timers, runs).items()
        }
        ratio = times["automatic us"] / min(times["one us"], times["all us"])
        rows.append({"qubits": qubits, "gate": name, **times, "automatic/better": ratio})
    return max(rows, key=lambda row: row["automatic/better"])


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    record = _report.Record("batch", "case", "median us", output, baseline)
    warm_up, runs = (1, 10) if quick else (10, 100)
    print(_report.header(f"RX with an angle per state, complex128, {runs} runs"))
    rows = [
        measure(batch, qubits, warm_up, runs)
        for qubits in (1, 4)
        for batch in (BATCHES[:2] if quick else BATCHES)
    ]
    columns = {"case": "<18"}
    columns |= dict.fromkeys(("min us", "median us", "mean us", "stdev us", "NumPy us"), ".1f")
    print(_report.table(rows, {**columns, "by": "", "NumPy/numket": ".1f"}))
    print("\nThread policy, the worse of H and CX:")
    try:
        policy = [
            measure_policy(qubits, 5 if quick else 61) for qubits in SIZES[: 6 if quick else None]
        ]
    finally:
        _core.force_threads(0)
    columns = {"qubits": "d", "gate": ""}
    columns |= dict.fromkeys(("one us", "all us", "automatic us"), ".2f")
    print(_report.table(policy, {**columns, "automatic/better": ".2f"}))
    return record.finish(rows, policy=policy)
