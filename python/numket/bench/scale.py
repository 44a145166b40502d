"""``numket bench scale``: states over ranks of MPI and in files, in what they move and in time."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numket as nk
from numket import _core
from numket.bench import _report
from numket.bench.compare.workloads import WORKLOADS

GATES = {gate["name"]: gate for gate in _core.GATES}

RANKS = (1, 2, 4)
"""How many share a state."""

LARGE = 30
"""Qubits of the circuits that are planned, and not run."""


def gate_by_gate(circuit: nk.Circuit, bits: int) -> float:
    """What each of ``2**bits`` ranks sends, in sizes of its part, by one gate after the other.

    A gate that mixes a qubit of the ranks exchanges parts, half of each where it has a control;
    gates in a row on one qubit count once, and a swap moves half of a part.

    >>> gate_by_gate(nk.Circuit(3).h(0).rz(0.1, 0).ry(0.1, 0).cx(2, 0).cx(0, 2).swap(0, 2), 1)
    2.0
    >>> gate_by_gate(nk.Circuit(2).rzx(0.1, 0, 1), 1)  # diagonal on the first qubit
    0.0
    """
    sent = 0.0
    merged: set[int] = set()
    for name, _, qubits, *_ in circuit:
        gate = GATES.get(name)
        mixed = qubits[gate["controls"] :] if gate else qubits
        if gate and gate["structure"] == "diagonal":
            mixed = ()
        if name == "rzx":
            mixed = qubits[1:]
        one_qubit = len(qubits) == 1
        for qubit in mixed:
            if qubit < bits and name == "swap":
                sent += 0.5 / sum(other < bits for other in qubits)
            elif qubit < bits and not (one_qubit and qubit in merged):
                sent += 0.5 if gate and gate["controls"] else 1.0
        merged = merged | set(mixed) if one_qubit else merged - set(qubits)
    return sent


def planned(name: str) -> list[dict[str, Any]]:
    """What ranks would send on a large state, in sizes of their parts."""
    circuit = WORKLOADS[name](LARGE)
    rows = []
    for ranks in (2, 8, 64):
        plan = circuit.explain(ranks=ranks)
        single = gate_by_gate(circuit, ranks.bit_length() - 1)
        rows.append(
            {
                "case": f"{name}, {ranks} ranks",
                "exchanges": plan.exchanges,
                "sent": plan.parts_sent,
                "gate by gate": single,
                "gate by gate / sent": single / plan.parts_sent,
            }
        )
    return rows


def on_ranks(name: str, qubits: int, repeats: int) -> None:
    """What each rank does: runs, whose longest times rank 0 prints."""
    import numket.mpi

    circuit = WORKLOADS[name](qubits)
    state = numket.mpi.zero_state(qubits)
    state.run(circuit)  # from zeros, which are left out
    state.restore()
    times, done = [], None
    for _ in range(repeats):
        state.comm.Barrier()
        begin = perf_counter()
        done = state.run(circuit)
        times.append(max(state.comm.allgather(perf_counter() - begin)))
        state.restore()
    if state.comm.rank == 0 and done is not None:
        sent = done.bytes / state.local.nbytes
        print(json.dumps({"times": times, "exchanges": done.exchanges, "sent": sent}))


def by_ranks(name: str, qubits: int, ranks: int, threads: int, repeats: int) -> dict[str, Any]:
    """Times of a circuit on ranks with so many threads each, and what they exchange."""
    code = f"from numket.bench import scale; scale.on_ranks({name!r}, {qubits}, {repeats})"
    found = subprocess.run(
        [mpiexec() or "mpiexec", "-n", str(ranks), sys.executable, "-c", code],
        env=os.environ | {"NUMKET_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode != 0:
        raise OSError(f"mpiexec -n {ranks} failed: {found.stderr[-400:]}")
    shown: dict[str, Any] = json.loads(found.stdout)
    return shown


def mpiexec() -> str | None:
    """The command that starts ranks: that of this environment, if it has one."""
    return shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")


def measure_ranks(name: str, qubits: int, repeats: int) -> list[dict[str, Any]]:
    """A row for each number of ranks, beside one process with as many threads."""
    circuit, rows = WORKLOADS[name](qubits), []
    state = nk.zero_state(qubits)
    circuit.run(state)
    whole = nk.get_num_threads()
    for ranks in RANKS:
        each = max(1, whole // ranks)
        one = median(
            _report.elapsed(partial(circuit.run, state, threads=min(whole, ranks * each)))
            for _ in range(repeats)
        )
        found = by_ranks(name, qubits, ranks, each, repeats)
        rows.append(
            {
                "case": f"{name}, {qubits} qubits, {ranks} ranks x {each} threads",
                "exchanges": found["exchanges"],
                "sent": found["sent"],
                "gate by gate": gate_by_gate(circuit, ranks.bit_length() - 1),
                "median ms": 1e3 * median(found["times"]),
                "/ one process": median(found["times"]) / one,
            }
        )
    return rows


def moved() -> int:
    """Bytes that this process has read and written, by the kernel's count; 0 where it has none."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("rchar", "wchar")))


def measure_file(name: str, qubits: int, share: int, repeats: int) -> dict[str, Any]:
    """A row for a state in a file, with memory for a part of it."""
    circuit = WORKLOADS[name](qubits)
    state = nk.zero_state(qubits)
    circuit.run(state)
    one = median(_report.elapsed(partial(circuit.run, state)) for _ in range(repeats))
    size = state.nbytes
    with (
        TemporaryDirectory(dir=".") as folder,  # /tmp may be memory
        nk.FileState.zero_state(Path(folder, "psi"), qubits, memory=size // share) as file,
    ):
        file.run(nk.Circuit(qubits).ry(0.3, range(qubits)))
        before, times, done = moved(), [], None
        for _ in range(repeats):
            begin = perf_counter()
            done = file.run(circuit)
            times.append(perf_counter() - begin)
        passes = done.passes if done else 0
        kernel = (moved() - before) / repeats
    return {
        "case": f"{name}, {qubits} qubits, 1/{share} of it in memory",
        "sweeps": len(circuit.explain().sweeps),
        "passes": passes,
        "bytes / (2 passes)": kernel / (2 * passes * size),
        "median ms": 1e3 * median(times),
        "/ in memory": median(times) / one,
    }


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    record = _report.Record("scale", "case", "median ms", output, baseline)
    names, sizes, shares = ["qft", "brickwork", "tfim"], [20, 22], [4, 16]
    repeats, in_file = 7, 22
    if quick:
        names, sizes, shares, repeats, in_file = names[::2], [12], [4], 1, 12
    print(_report.header("States in parts, complex128"))
    print(f"\nPlanned for {LARGE} qubits, sent by each rank in sizes of its part:")
    plans = [row for name in WORKLOADS for row in planned(name)]
    columns = {"case": "<20", "exchanges": "d", "sent": ".2f", "gate by gate": ".1f"}
    print(_report.table(plans, {**columns, "gate by gate / sent": ".1f"}))
    rows: list[dict[str, Any]] = []
    if find_spec("mpi4py") is None or mpiexec() is None:
        print("\nnot installed: mpi4py with an mpiexec; use pip install 'numket[mpi]' mpich")
    else:
        print("\nRanks on this machine, beside one process with as many threads:")
        rows += [row for name in names for n in sizes for row in measure_ranks(name, n, repeats)]
        columns = {"case": "<44", "exchanges": "d", "sent": ".2f", "gate by gate": ".1f"}
        print(_report.table(rows, {**columns, "median ms": ".1f", "/ one process": ".2f"}))
    print("\nFiles, beside a run in memory; bytes are those of system calls, as the kernel counts:")
    times = min(repeats, 3)
    files = [measure_file(name, in_file, share, times) for name in names for share in shares]
    columns = {"case": "<44", "sweeps": "d", "passes": "d", "bytes / (2 passes)": ".3f"}
    print(_report.table(files, {**columns, "median ms": ".1f", "/ in memory": ".2f"}))
    return record.finish(rows + files, planned=plans)
