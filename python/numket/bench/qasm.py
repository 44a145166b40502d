"""``numket bench qasm``: reading OpenQASM, against Qiskit's readers."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from numket import qasm
from numket.bench import _report

CASES = {"flat2": ("2.0", "qelib1.inc", 100_000), "flat3": ("3.0", "stdgates.inc", 10_000)}
"""For each case the version of the language, its standard file, and how many gates there are."""

QUBITS = 20

PEAK = """
import sys
from pathlib import Path
from numket import qasm

def kib(field):
    return int(Path("/proc/self/status").read_text().split(field + ":")[1].split()[0])

qasm.loads("qreg q[1]; h q[0];")
Path("/proc/self/clear_refs").write_text("5")
before = kib("VmRSS")
circuit = qasm.load(sys.argv[1])
print(1024 * (kib("VmHWM") - before))
"""
"""What reading a file takes at its peak in a process of its own, in bytes, the text included."""


def flat(version: str, include: str, gates: int) -> str:
    """A text of rotations, Hadamards and controlled gates on random qubits, a line each."""
    rng = np.random.default_rng(0)
    register = "qreg q[{}];" if version == "2.0" else "qubit[{}] q;"
    lines = [f"OPENQASM {version};", f'include "{include}";', register.format(QUBITS)]
    shift = "cu1" if version == "2.0" else "cp"
    for kind in rng.integers(6, size=gates):
        a, b = rng.choice(QUBITS, 2, replace=False)
        angle = rng.uniform(-np.pi, np.pi)
        lines.append(
            (
                f"rx({angle!r}) q[{a}];",
                f"ry({angle!r}) q[{a}];",
                f"rz({angle!r}) q[{a}];",
                f"h q[{a}];",
                f"cx q[{a}],q[{b}];",
                f"{shift}(pi/{1 + int(4 * abs(angle))}) q[{a}],q[{b}];",
            )[kind]
        )
    return "\n".join(lines) + "\n"


def peak(text: str) -> int | None:
    """Bytes that reading takes at its peak; none where the system does not tell."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "circuit.qasm")
        path.write_text(text)
        command = [sys.executable, "-c", PEAK, str(path)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peer(version: str) -> Callable[[str], object] | None:
    """Qiskit's reader, where it is installed: that of OpenQASM 3 needs qiskit-qasm3-import."""
    if not find_spec("qiskit") or (version == "3.0" and not find_spec("qiskit_qasm3_import")):
        return None
    reader: Callable[[str], object] = import_module(f"qiskit.qasm{version[0]}").loads
    return reader


def measure(case: str, rounds: int, gates: int | None = None) -> dict[str, Any]:
    """One row: medians of rounds in which the readers take turns."""
    version, include, usual = CASES[case]
    text = flat(version, include, gates or usual)
    readers = {"numket": qasm.loads, "Qiskit": peer(version)}
    timers = {
        name: lambda read=read: _report.elapsed(lambda: read(text))
        for name, read in readers.items()
        if read is not None
    }
    found = {name: median(times) for name, times in _report.interleaved(timers, rounds).items()}
    taken = peak(text)
    return {
        "case": case,
        "gates": gates or usual,
        "MB": len(text) / 1e6,
        "numket ms": 1e3 * found["numket"],
        "us/gate": 1e6 * found["numket"] / (gates or usual),
        "Qiskit ms": 1e3 * found.get("Qiskit", np.nan),
        "numket/Qiskit": found["numket"] / found.get("Qiskit", np.nan),
        "peak/size": np.nan if taken is None else taken / len(text),
    }


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    record = _report.Record("qasm", "case", "numket ms", output, baseline)
    print(_report.header("reading OpenQASM on one thread; Qiskit's readers are qasm2 and qasm3"))
    rows = [measure(case, 3 if quick else 7, 1000 if quick else None) for case in CASES]
    columns = {
        "case": "s",
        "gates": "d",
        "MB": ".2f",
        "numket ms": ".1f",
        "us/gate": ".2f",
        "Qiskit ms": ".1f",
        "numket/Qiskit": ".4f",
        "peak/size": ".1f",
    }
    print(_report.table(rows, columns))
    return record.finish(rows)
