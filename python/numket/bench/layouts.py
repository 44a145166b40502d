"""``numket bench layouts``: what a layout, a precision, a Pauli string and a neighbour cost."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket.bench import _report

State = NDArray[np.complexfloating]


def _random(qubits: int, dtype: str = "complex128") -> State:
    # Random, because the amplitudes of a basis state could become denormal, which is slow.
    reals = np.random.default_rng(qubits).standard_normal(2 * 2**qubits)
    state: State = reals.view(np.complex128).astype(dtype, copy=False)
    return state


def _on_all_qubits(state: State, qubits: int) -> None:
    """A gate of each structure on every qubit, or pair of neighbours."""
    for q in range(qubits):
        nk.h(state, q)
        nk.rz(state, 0.3, q)
        nk.cx(state, q, (q + 1) % qubits)


def _real_gates(state: State | NDArray[np.floating], qubits: int) -> None:
    for q in range(qubits):
        nk.h(state, q)
        nk.ry(state, 0.3, q)
        nk.cx(state, q, (q + 1) % qubits)


def _real_circuit(qubits: int) -> nk.Circuit:
    """Layers of rotations and controlled gates of neighbours, all of them real."""
    circuit = nk.Circuit(qubits)
    for layer in range(6):
        for q in range(qubits):
            circuit.ry(0.1 + q + layer, q)
        for q in range(layer % 2, qubits - 1, 2):
            (circuit.cz if q % 3 else circuit.cx)(q, q + 1)
    return circuit


def _ratio(call: Callable[[], object], base: Callable[[], object], rounds: int) -> float:
    timers = {"call": partial(_report.elapsed, call), "base": partial(_report.elapsed, base)}
    _report.interleaved(timers, 1)
    times = _report.interleaved(timers, rounds)
    return median(times["call"]) / median(times["base"])


def _neighbour(qubits: int, rounds: int) -> float:
    """The time of a Python loop beside a thread that applies gates, over its time alone."""
    state = _random(qubits)

    def count() -> None:
        for _ in range(1_000_000):
            pass

    def beside() -> float:
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                nk.h(state, 0, threads=1)

        worker = threading.Thread(target=work)
        worker.start()
        seconds = _report.elapsed(count)
        stop.set()
        worker.join()
        return seconds

    times = _report.interleaved(
        {"alone": partial(_report.elapsed, count), "beside": beside}, rounds
    )
    return median(times["beside"]) / median(times["alone"])


def measure(n: int, rounds: int) -> list[dict[str, Any]]:
    """All rows, for states of ``n`` qubits."""
    flat, single, twice = _random(n), _random(n, "complex64"), _random(n + 1)
    axes = np.random.default_rng(1).permutation(n)
    permuted = flat.reshape((2,) * n).transpose(axes)
    base = partial(_on_all_qubits, flat, n)

    def ratio(state: State) -> float:
        return _ratio(partial(_on_all_qubits, state, n), base, rounds)

    def sweep() -> object:
        return _core.sweep_probe(flat, 1)

    rows = [
        {"case": "permuted axes / flat", "ratio": ratio(permuted), "reach": "<= 1.05"},
        {"case": "complex64 / complex128", "ratio": ratio(single), "reach": "<= 0.55"},
        {
            "case": "state[:, 1], every cache line whole / flat",
            "ratio": ratio(twice.reshape((2,) * (n + 1))[:, 1]),
            "reach": "<= 1.3",
        },
        {
            "case": "state[::2], half of every cache line / twice flat",
            "ratio": ratio(twice[::2]) / 2,
            "reach": "<= 1.3",
        },
        {"case": "state[::-1] / flat", "ratio": ratio(flat[::-1]), "reach": ""},
    ]
    real, circuit = flat.real.copy(), _real_circuit(n)
    gates = partial(_real_gates, real, n), partial(_real_gates, flat, n)
    runs = partial(circuit.run, real), partial(circuit.run, flat)
    rows += [
        {"case": "float64 / complex128, gates", "ratio": _ratio(*gates, rounds), "reach": "<= 0.6"},
        {
            "case": "float64 / complex128, circuit",
            "ratio": _ratio(*runs, rounds),
            "reach": "<= 0.6",
        },
    ]
    for weight in (1, 2, n // 2, n):
        pauli = ("XYZ" * n)[:weight]
        qubits = range(n - weight, n)
        rotation = partial(nk.pauli_rotation, flat, 0.3, pauli, qubits)
        rows.append(
            {
                "case": f"pauli_rotation of weight {weight} / sweep",
                "ratio": _ratio(rotation, sweep, 5 * rounds),
                "reach": "<= 1.2",
            }
        )
    rows.append(
        {
            "case": "Python loop beside gates on one thread / alone",
            "ratio": _neighbour(n, 3 * rounds),
            "reach": "<= 1.05",
        }
    )
    return rows


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    record = _report.Record("layouts", "case", "ratio", output, baseline)
    n, rounds = (12, 3) if quick else (22, 7)
    print(_report.header(f"Layouts, precision and neighbours, {n} qubits, medians"))
    rows = measure(n, rounds)
    print(_report.table(rows, {"case": "<52", "ratio": ".2f", "reach": ""}))
    return record.finish(rows)
