"""The circuits of one family, and all who take part, in a process."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket.bench import _contest
from numket.bench.once.peers import GATES, PARTS, RUNS, Run

PAUSE = 0.005
"""Seconds between two turns, in which the threads of OpenMP, which wait busily, fall asleep."""
TURN = 5
"""Circuits in a turn, each a new object, where they are short. After the others' turns caches hold
none of one's code: the first took numket and Qulacs 0.2 ms longer, whatever its size."""
SHORT = 0.02
"""Seconds: longer circuits run once in a turn."""
LONG = 10
"""Seconds after which a circuit gets no more than `_contest.ROUNDS` rounds."""


@cache
def _target(gates: tuple[str, ...]) -> Any:
    """What Qiskit's transpiler may leave."""
    library = import_module("qiskit.circuit.library")
    target = import_module("qiskit.transpiler").Target(num_qubits=None)
    standard = library.get_standard_gate_name_mapping()
    several = {"mcx": library.MCXGate, "mcphase": library.MCPhaseGate}
    for name in gates:
        target.add_instruction(several.get(name) or standard[name], name=name)
    return target


def circuit_of(family: str, n: int, gates: tuple[str, ...] = GATES) -> Any:
    """A circuit of mqt.bench on n qubits, in these gates, without its last measurements.

    Raises
    ------
    ValueError
        Where the family has none of this size.
    """
    bench, qiskit = import_module("mqt.bench"), import_module("qiskit")
    level = bench.BenchmarkLevel.INDEP
    circuit = bench.get_benchmark(family, level, n, random_parameters=True)
    circuit.remove_final_measurements()
    made = qiskit.transpile(circuit, target=_target(gates), optimization_level=0)
    unknown = set(made.count_ops()).difference(gates, ["barrier"])
    if made.num_qubits != n or unknown:
        raise ValueError(
            f"it has {made.num_qubits} qubits, and {', '.join(unknown) or 'no others'}"
        )
    return made


def measure(
    family: str, sizes: Iterable[int], rounds: int, peers: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """A row for each size, and why there is none for others.

    Times are medians of all turns in so many rounds, after one run that is not counted.
    """
    rows: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    runs = {name: RUNS[name] for name in ("numket", *peers)}
    for n in sizes:
        case = f"{family}-{n}"
        try:
            circuit = circuit_of(family, n)
        except ValueError as error:
            left.append({"case": case, "missing": {"all": " ".join(str(error).split())}})
            continue
        gates = sum(one.name != "barrier" for one in circuit.data)
        rows.append({"case": case, "qubits": n, "gates": gates, **cell(circuit, runs, rounds)})
    return {"rows": rows, "left out": left}


def cell(circuit: Any, runs: dict[str, Callable[[], Run]], rounds: int) -> dict[str, Any]:
    """The milliseconds of all who can run a circuit, and the parts of numket's."""
    ready, missing = {}, {}
    wanted: NDArray[Any] | None = None
    for name, make in runs.items():  # numket comes first
        try:
            run = make()
            vector, seconds = run(circuit.copy())
            wanted = vector if wanted is None else wanted
            check(vector, wanted, len(circuit.data))
            ready[name] = run, TURN if seconds["total"] < SHORT else 1
        except Exception as error:
            if name == "numket":
                raise
            missing[name] = f"{type(error).__name__}: {error}"
    times: dict[str, list[dict[str, float]]] = {name: [] for name in ready}
    end = perf_counter() + LONG
    for number in range(rounds):
        if number >= _contest.ROUNDS and perf_counter() > end:
            break
        for name, (run, count) in ready.items():
            fresh, begin = [circuit.copy() for _ in range(count)], perf_counter() + PAUSE
            while perf_counter() < begin:
                pass
            times[name] += [run(one)[1] for one in fresh]
    return {
        "ms": {name: 1e3 * median(one["total"] for one in found) for name, found in times.items()},
        "parts": {part: 1e3 * median(one[part] for one in times["numket"]) for part in PARTS},
        "missing": missing,
    }


def check(found: NDArray[Any], wanted: NDArray[Any], operations: int) -> None:
    """Refuse a vector that is not numket's, up to rounding in each operation and a global phase."""
    overlap = np.vdot(found, wanted)
    error = np.linalg.norm(found * (overlap / (abs(overlap) or 1)) - wanted)
    allowed = 64 * np.finfo(np.float64).eps * (operations + 1)
    if not error <= allowed:
        raise ValueError(f"its state is off by {error:.1e}, {allowed:.1e} is allowed")


def in_a_process(
    family: str, sizes: Iterable[int], rounds: int, peers: Iterable[str]
) -> dict[str, Any]:
    """As `measure`; where it fails, why, under ``missing``."""
    lists = json.dumps([*sizes]), json.dumps([*peers])
    return _contest.in_a_process(__package__, family, lists[0], rounds, lists[1])
