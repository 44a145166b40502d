"""``numket bench ghz``: the GHZ state by the NumPy idiom, by numket from Python, and natively."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket.bench import _report

SIZES = (10, 15, 18, 20, 22)
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
CX = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]).reshape(2, 2, 2, 2)

SETTLE = 0.2
"""Seconds of quiet after each contestant: NumPy's BLAS threads spin on for a while and would take a
core from whoever comes next."""

State = NDArray[np.complex128]


def numpy_ghz(state: State) -> State:
    """The GHZ state by the idiom that NumPy simulators are written in; returns a new array."""
    n = state.size.bit_length() - 1
    psi = state.reshape((2,) * n)
    psi = np.moveaxis(np.tensordot(H, psi, axes=([1], [0])), 0, 0)
    for q in range(n - 1):
        psi = np.moveaxis(np.tensordot(CX, psi, axes=([2, 3], [q, q + 1])), (0, 1), (q, q + 1))
    return psi.reshape(-1)


def numket_ghz(state: State) -> None:
    """The GHZ state gate by gate, in place."""
    nk.h(state, 0)
    for q in range(state.size.bit_length() - 2):
        nk.cx(state, q, q + 1)


def _zero(state: State) -> None:
    state[:] = 0
    state[0] = 1


def _timed(work: Callable[[State], object], state: State) -> tuple[float, float]:
    """Wall and CPU seconds of one run from |0...0>; going back there is not counted."""
    _zero(state)
    cpu, wall = time.process_time(), time.perf_counter()
    work(state)
    wall = time.perf_counter() - wall
    return wall, time.process_time() - cpu


def _native(state: State) -> float:
    """Seconds of one native run from |0...0>, by its own clock."""
    _zero(state)
    return _core.native_ghz(state)


def measure(n: int, rounds: int) -> dict[str, Any]:
    """One row: medians of ``rounds`` rounds in which the contestants take turns."""
    state = nk.zero_state(n)
    expected = numpy_ghz(state)
    inner = max(3, 2**14 // 2**n)
    slow, fast, native, cores = [], [], [], []
    for _ in range(rounds):
        time.sleep(SETTLE)
        numket_ghz(state)  # warm-up: the caches and the workers
        runs, natives = [], []
        for _ in range(inner):
            runs.append(_timed(numket_ghz, state))
            natives.append(_native(state))
        fast.append(median(wall for wall, _ in runs))
        cores.append(sum(cpu for _, cpu in runs) / sum(wall for wall, _ in runs))
        native.append(median(natives))
        numpy_ghz(state)
        slow.append(_timed(numpy_ghz, state)[0])
    _timed(numket_ghz, state)
    np.testing.assert_allclose(state, expected, atol=1e-15)
    numpy_ms, numket_ms, native_ms = (1e3 * median(times) for times in (slow, fast, native))
    return {
        "qubits": n,
        "numpy ms": numpy_ms,
        "numket ms": numket_ms,
        "native ms": native_ms,
        "numpy/numket": numpy_ms / numket_ms,
        "numket/native": numket_ms / native_ms,
        "extra ns/gate": 1e6 * (numket_ms - native_ms) / n,
        "cores": median(cores),
        "rounds s": {"numpy": slow, "numket": fast, "native": native},
    }


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    record = _report.Record("ghz", "qubits", "numket ms", output, baseline)
    print(_report.header("GHZ state, complex128"))
    rows = [measure(n, 3 if quick else 15) for n in (SIZES[:2] if quick else SIZES)]
    columns = {
        "qubits": "d",
        "numpy ms": ".3f",
        "numket ms": ".4f",
        "native ms": ".4f",
        "numpy/numket": ".1f",
        "numket/native": ".3f",
        "extra ns/gate": ".0f",
        "cores": ".2f",
    }
    print(_report.table(rows, columns))
    return record.finish(rows)
