"""``numket bench compare``: circuits against gate by gate, and against other simulators.

Every contestant runs in a process of its own, with as many threads as numket. Circuits are built
beforehand; what is timed takes a state |0...0> to its end. The states are compared.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import product
from math import exp, fsum, log, pi
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.bench import _report

SIZES = (4, 10, 16, 20, 22)
LAYERS = 20
STEPS = 10
SAMPLED = 64
"""The first and the last amplitudes that are compared with numket's."""


class Ready(NamedTuple):
    """A contestant with its circuit built."""

    run: Callable[[], object]
    """From |0...0> to the end: what is timed."""
    state: Callable[[], NDArray[np.complex128]]
    """The state after it."""


def ghz(n: int) -> nk.Circuit:
    """H and a chain of CX."""
    circuit = nk.Circuit(n).h(0)
    for q in range(n - 1):
        circuit.cx(q, q + 1)
    return circuit


def qft(n: int) -> nk.Circuit:
    """The quantum Fourier transform with its swaps."""
    circuit = nk.Circuit(n)
    for i in range(n):
        circuit.h(i)
        for j in range(i + 1, n):
            circuit.cp(pi / 2 ** (j - i), j, i)
    for i in range(n // 2):
        circuit.swap(i, n - 1 - i)
    return circuit


def brickwork(n: int) -> nk.Circuit:
    """Layers of RX, RY, RZ on all qubits, and CX or CZ on alternating neighbours."""
    random, circuit = np.random.default_rng(1), nk.Circuit(n)
    for layer in range(LAYERS):
        for q in range(n):
            a, b, c = random.uniform(-pi, pi, 3)
            circuit.rx(a, q).ry(b, q).rz(c, q)
        for q in range(layer % 2, n - 1, 2):
            (circuit.cz if random.random() < 0.5 else circuit.cx)(q, q + 1)
    return circuit


def tfim(n: int) -> nk.Circuit:
    """Trotter steps of the transverse-field Ising chain."""
    circuit = nk.Circuit(n)
    for _ in range(STEPS):
        for q in range(n - 1):
            circuit.rzz(0.1, q, q + 1)
        for q in range(n):
            circuit.rx(0.2, q)
    return circuit


WORKLOADS = {"ghz": ghz, "qft": qft, "brickwork": brickwork, "tfim": tfim}


def numket_circuit(circuit: nk.Circuit) -> Ready:
    """In one call."""
    state = nk.zero_state(circuit.num_qubits)

    def run() -> None:
        state[:] = 0
        state[0] = 1
        circuit.run(state)

    return Ready(run, lambda: state)


def numket_gates(circuit: nk.Circuit) -> Ready:
    """Gate by gate from Python."""
    state = nk.zero_state(circuit.num_qubits)
    calls = [(getattr(nk, o.name), (*o.params, *o.qubits)) for o in circuit]

    def run() -> None:
        state[:] = 0
        state[0] = 1
        for gate, arguments in calls:
            gate(state, *arguments)

    return Ready(run, lambda: state)


def qulacs(circuit: nk.Circuit, optimised: bool = False) -> Ready:
    """Qulacs; its qubit 0 is the least significant bit, and its rotations turn the other way."""
    import qulacs as q
    from qulacs.circuit import QuantumCircuitOptimizer

    n = circuit.num_qubits
    made, state = q.QuantumCircuit(n), q.QuantumState(n)
    for name, params, qubits, *_ in circuit:
        at = [n - 1 - qubit for qubit in qubits]
        match name:
            case "h" | "rx" | "ry" | "rz":
                gate = getattr(q.gate, name.upper())
                made.add_gate(gate(at[0], *(-angle for angle in params)))
            case "cx" | "cz" | "swap":
                made.add_gate(getattr(q.gate, {"cx": "CNOT"}.get(name, name.upper()))(*at))
            case "cp":
                phase = q.gate.to_matrix_gate(q.gate.U1(at[1], params[0]))
                phase.add_control_qubit(at[0], 1)
                made.add_gate(phase)
            case _:
                made.add_gate(q.gate.PauliRotation(at, [3, 3], -params[0]))
    if optimised:
        QuantumCircuitOptimizer().optimize(made, 2)

    def run() -> None:
        state.set_zero_state()
        made.update_quantum_state(state)

    return Ready(run, state.get_vector)


CONTESTANTS: dict[str, Callable[[nk.Circuit], Ready]] = {
    "numket": numket_circuit,
    "gate by gate": numket_gates,
    "qulacs": qulacs,
    "qulacs optimised": partial(qulacs, optimised=True),
}

PEERS: dict[str, tuple[str, ...]] = {"qulacs": ("qulacs", "qulacs optimised")}
"""Contestants by the module that they need."""


def measure(contestant: str, workload: str, n: int) -> dict[str, Any]:
    """Seconds of a run, and a sample of the state that it ends in."""
    circuit = WORKLOADS[workload](n)
    run, last = CONTESTANTS[contestant](circuit)
    run()
    times: list[float] = []
    while len(times) < 5 or (fsum(times) < 0.5 and len(times) < 200):
        begin = perf_counter()
        run()
        times.append(perf_counter() - begin)
    state = last()
    sample = np.concatenate([state[:SAMPLED], state[-SAMPLED:]])
    return {"ms": 1e3 * median(times), "sample": [[z.real, z.imag] for z in sample.tolist()]}


def in_a_process(contestant: str, workload: str, n: int) -> dict[str, Any]:
    """As `measure`, alone in a process."""
    threads = str(nk.get_num_threads())
    limits = {"NUMKET_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    command = [sys.executable, "-m", "numket.bench.compare", contestant, workload, str(n)]
    done = subprocess.run(command, env=os.environ | limits, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _installed(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, compare, print, write."""
    record = _report.Record("compare", "case", "numket ms", output, baseline)
    peers = [name for module, names in PEERS.items() if _installed(module) for name in names]
    others = ["gate by gate", *peers]
    print(_report.header("Circuits, complex128, ms, each contestant in a process of its own"))
    if not peers:
        print("no other simulator is installed: use pip install 'numket[peers]'")
    rows: list[dict[str, Any]] = []
    for n, workload in product(SIZES[:2] if quick else SIZES, WORKLOADS):
        ours = in_a_process("numket", workload, n)
        row: dict[str, Any] = {"case": f"{workload}-{n}", "numket ms": ours["ms"]}
        for name in others:
            found = in_a_process(name, workload, n)
            np.testing.assert_allclose(found["sample"], ours["sample"], atol=1e-10, err_msg=name)
            row[name] = found["ms"]
        if peers:
            row["best peer / numket"] = min(row[name] for name in peers) / ours["ms"]
        rows.append(row)
    columns = {"case": "<14", **dict.fromkeys(["numket ms", *others], ".3f")}
    if peers:
        columns["best peer / numket"] = ".1f"
    print(_report.table(rows, columns))
    if peers:
        ratios = [row["best peer / numket"] for row in rows]
        mean = exp(fsum(map(log, ratios)) / len(ratios))
        print(f"\ngeometric mean {mean:.1f}, worst cell {min(ratios):.1f}")
    return record.finish(rows)


if __name__ == "__main__":
    contestant, workload, n = sys.argv[1:]
    json.dump(measure(contestant, workload, int(n)), sys.stdout)
