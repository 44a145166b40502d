"""``numket run``: an OpenQASM file, applied to one NumPy array."""

import json
import os
import secrets
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core, qasm
from numket._numbers import probability_text
from numket.circuit import rebuild

STDIN = "<stdin>"
"""What standard input is called where files are named."""

LISTED = 16
"""At most so many basis states and counts are printed."""

RUN_AT_ONCE = 2**18
"""States are run side by side up to so many amplitudes."""

PATIENCE = 1.0
"""Seconds after which a bar tells how far the runs are."""

State: TypeAlias = NDArray[Any]
Registers: TypeAlias = Mapping[str, range]
Params: TypeAlias = dict[str, float]


def main(
    file: str | Path,
    shots: int | None = None,
    seed: int | None = None,
    *,
    as_json: bool = False,
    little_endian: bool = False,
    state: Path | None = None,
    param: Sequence[tuple[str, float]] = (),
    dtype: str = "complex128",
    threads: int | None = None,
    dialect: str | None = None,
    max_rounds: int | None = None,
) -> int:
    """Run a file and print its most probable basis states, and counts of ``shots`` samples.

    If all measurements are final, the state before them is computed once, and sampled. A file that
    measures or resets on the way is run ``shots`` times, and the state shown is that of one run.
    Counts are of the classical bits that the file declares; without any, of those that it measures
    into, or else of the qubits.
    """
    program = _read(file, dialect, max_rounds)
    params = _params(program.circuit, param)
    seed = secrets.randbits(32) if seed is None else seed
    limit = nullcontext() if threads is None else nk.threads(threads)
    with limit, _completed(state) as path:
        document = {
            "file": STDIN if str(file) == "-" else str(file),
            "version": nk.__version__,
            "dtype": dtype,
            "threads": nk.get_num_threads(),
            "seed": seed,
            "parameters": params,
            "state": None if state is None else str(state),
            **_found(
                program,
                params,
                shots,
                np.random.default_rng(seed),
                dtype,
                path,
                -1 if little_endian else 1,
            ),
        }
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        _show(document)
    return 0


def _read(file: str | Path, dialect: str | None, max_rounds: int | None) -> qasm.Program:
    options: dict[str, Any] = {"dialect": dialect}
    if max_rounds is not None:
        options["max_rounds"] = max_rounds
    if str(file) != "-":
        return qasm.read_file(file, **options)
    if sys.stdin is None:
        raise OSError("standard input is closed: give the name of a file")
    return qasm.read(sys.stdin.buffer.read(), file=STDIN, **options)


def _params(circuit: nk.Circuit, given: Sequence[tuple[str, float]]) -> Params:
    """The values of the file's inputs, by name."""
    names = [parameter.name for parameter in circuit.parameters]
    values: Params = {}
    for name, value in given:
        if name not in names:
            known = f"has {', '.join(names)}" if names else "has none"
            raise ValueError(
                f"--param {name}: the file has no such input, it {known}: leave it out"
            )
        if name in values:
            raise ValueError(f"--param {name} is given twice: give one value")
        values[name] = value
    if missing := [name for name in names if name not in values]:
        wanted = " ".join(f"--param {name}=VALUE" for name in missing)
        raise ValueError(f"the file has inputs without a value, {', '.join(missing)}: use {wanted}")
    return values


@contextmanager
def _completed(path: Path | None) -> Iterator[Path | None]:
    """A file beside this one, which takes its place when all has gone well."""
    if path is None:
        yield None
        return
    if path.suffix != ".npy":
        raise ValueError(f"--state {path} is not the name of a .npy file: end it with .npy")
    if path.exists() and not path.is_file():
        raise OSError(f"--state {path} is there already and is no file: choose another name")
    partial = path.with_name(f"{path.name}.part")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _new_state(n: int, dtype: str, path: Path | None) -> State:
    """A state to prepare in memory, or n zeros in a file, whose other pages need not be written."""
    if path is None:
        try:
            return nk.empty_state(n, dtype)
        except MemoryError as error:
            remedy = "" if dtype == "complex64" else " or --dtype complex64"
            told = str(error).partition(" or single precision")[0]
            raise MemoryError(f"{told}{remedy}, or --state FILE.npy") from error
    needed, free = np.dtype(dtype).itemsize << min(n, 100), shutil.disk_usage(path.parent).free
    if needed > free:
        raise OSError(
            f"--state: {n} qubits in {dtype} need {needed / 2**30:.1f} GiB and there are "
            f"{free / 2**30:.1f} GiB free in {path.parent}: choose another place, or complex64"
        )
    state = np.lib.format.open_memmap(path, "w+", np.dtype(dtype), (2**n,))
    if hasattr(os, "posix_fallocate"):  # a full disk is an error here, and ends the process later
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    state[0] = 1
    return state


def _found(
    program: qasm.Program,
    params: Params,
    shots: int | None,
    rng: np.random.Generator,
    dtype: str,
    path: Path | None,
    step: int,
) -> dict[str, Any]:
    """What comes of a program; labels are read in steps of 1, or of -1: the last bit leftmost."""
    circuit, n = program.circuit, program.circuit.num_qubits
    counted = circuit if circuit.num_bits else circuit.copy().measure(range(n))
    registers = program.bits or {"": range(counted.num_bits)}
    sources = _sources(counted)
    done_once = circuit if sources is None else _without_measurements(circuit)
    state = _new_state(n, dtype, path)
    counts, label = None, ""
    with _Bar(len(circuit) * (1 + (shots or 0 if sources is None else 0))) as bar:
        begin = done_once.run if path else done_once.prepare
        bits = begin(state, params, rng=rng, progress=bar.after(0))
        norm, likely = nk.norm(state), _core.overview(state, LISTED)[:2]
        if sources is None and bits is not None:
            label = _label(bits.tolist(), registers)[::step]
        if isinstance(state, np.memmap):
            state.flush()
        if shots is not None and sources is not None:
            counts = _sampled(state, shots, registers, sources, rng)
        elif shots is not None:
            scratch = nk.empty_state(n, dtype) if isinstance(state, np.memmap) else state
            counts = _of_runs(counted, scratch, params, shots, registers, rng, bar)
    return {
        "qubits": {"number": n, "registers": _sizes(program.qubits)},
        "bits": {
            "number": sum(map(len, program.bits.values())) or circuit.num_bits,
            "registers": _sizes(program.bits),
        },
        "operations": len(circuit),
        "norm": norm,
        "order": {
            "states": _order({"": range(n)}, "qubit", step),
            "counts": _order(registers, "bit" if circuit.num_bits else "qubit", step),
        },
        "method": "runs" if sources is None else "samples",
        "outcome": label or None,
        "most_probable": [
            {"state": format(index, f"0{n}b")[::step], "probability": probability}
            for index, probability in zip(*(part.tolist() for part in likely), strict=True)
            if probability > 0
        ],
        "shots": shots,
        "counts": None if counts is None else _sorted({k[::step]: counts[k] for k in counts}),
    }


def _sources(circuit: nk.Circuit) -> dict[int, int] | None:
    """For each measured bit the qubit that it gets its value from, if all measurements are final.

    >>> _sources(nk.Circuit(2).h(0).measure([0, 1], [1, 0]).measure(1, 2))
    {1: 0, 0: 1, 2: 1}
    >>> _sources(nk.Circuit(2).measure(0).cx(0, 1))
    """
    sources: dict[int, int] = {}
    measured: set[int] = set()
    for operation in circuit:
        if operation.condition or operation.name in ("reset", "apply_kraus"):
            return None
        if operation.name == "measure":
            sources.update(zip(operation.bits, operation.qubits, strict=True))
            measured.update(operation.qubits)
        elif measured.intersection(operation.qubits + operation.controls):
            return None
    return sources


def _without_measurements(circuit: nk.Circuit) -> nk.Circuit:
    kept = [operation for operation in circuit if operation.name != "measure"]
    return rebuild(circuit.num_qubits, kept, circuit.parameters)


def _sampled(
    state: State,
    shots: int,
    registers: Registers,
    sources: dict[int, int],
    rng: np.random.Generator,
) -> dict[str, int]:
    """Counts of the registers, whose bits are those of qubits, or 0 where nothing is measured."""
    bits = [bit for places in registers.values() for bit in places]
    qubits = sorted({sources[bit] for bit in bits if bit in sources})
    place = {bit: qubits.index(sources[bit]) for bit in bits if bit in sources}
    found = {}
    for drawn, count in nk.counts(state, shots, qubits, rng=rng).items():
        values = {bit: drawn[place[bit]] if bit in place else "0" for bit in bits}
        found[_label(values, registers)] = count
    return found


def _of_runs(
    circuit: nk.Circuit,
    state: State,
    params: Params,
    shots: int,
    registers: Registers,
    rng: np.random.Generator,
    bar: "_Bar",
) -> dict[str, int]:
    """Counts of the registers in so many runs; uses `state`."""
    at_once = min(shots, RUN_AT_ONCE // state.size)
    states = np.empty((at_once, state.size), state.dtype) if at_once > 1 else state.reshape(1, -1)
    found: Counter[bytes] = Counter()
    for first in range(0, shots, len(states)):
        some = states[: shots - first]
        progress = bar.after((1 + first) * len(circuit))
        bits = circuit.prepare(some, params, batch=1, rng=rng, progress=progress)
        if bits is None:
            bits = np.zeros((len(some), circuit.num_bits), np.int8)
        rows, counts = np.unique(bits, axis=0, return_counts=True)
        for row, count in zip(rows, counts.tolist(), strict=True):
            found[row.tobytes()] += count
    labelled: Counter[str] = Counter()
    for row, count in found.items():
        labelled[_label(list(row), registers)] += count  # bits outside the registers do not count
    return labelled


class _Bar:
    """A bar on a terminal, if there is tqdm, that shows operations where they take long."""

    def __init__(self, total: int) -> None:
        self.bar: Any = None
        if sys.stderr is not None and sys.stderr.isatty():
            with suppress(ImportError):
                from tqdm import tqdm

                self.bar = tqdm(total=total, unit="op", delay=PATIENCE, leave=False)

    def after(self, before: int) -> Callable[[int, int], object] | None:
        """What is told how far a run is that begins after so many operations."""
        if self.bar is None:
            return None
        return lambda done, _: self.bar.update(before + done - self.bar.n)

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()


def _label(bits: Sequence[Any] | dict[int, str], registers: Registers) -> str:
    """The bits of each register, and spaces between registers.

    >>> _label([0, 1, 1], {"c": range(2), "d": range(2, 3)})
    '01 1'
    """
    return " ".join("".join(str(bits[i]) for i in places) for places in registers.values())


def _order(registers: Registers, kind: str, step: int) -> str:
    """Which bit is leftmost in a label that is read in steps of 1 or -1.

    >>> _order({"c": range(2), "d": range(2, 5)}, "bit", -1)
    'registers d c, d[2] leftmost, as in Qiskit'
    """
    names = [*registers][::step]
    place = 0 if step == 1 else len(registers[names[0]]) - 1
    apart = f"registers {' '.join(names)}, " if len(names) > 1 else ""
    first = f"{names[0]}[{place}]" if names[0] else f"{kind} {place}"
    return f"{apart}{first} leftmost{'' if step == 1 else ', as in Qiskit'}"


def _sizes(registers: Registers) -> dict[str, int]:
    return {name: len(places) for name, places in registers.items()}


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    """The largest first, and among equals by label."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _show(found: dict[str, Any]) -> None:
    """What was found, for people."""
    which = {"runs": " of one run", "samples": ""}[found["method"]]
    bits = f", {_number(found['bits'], 'bit')}" if found["bits"]["number"] else ""
    print(
        f"{found['file']}: {_number(found['qubits'], 'qubit')}{bits}, "
        f"{found['operations']} operations, norm {found['norm']:.12f}"
    )
    order = found["order"]
    print(f"\nmost probable basis states{which}, {order['states']}:")
    for row in found["most_probable"]:
        print(f"  {row['state']}  {probability_text(row['probability'])}")
    if found["outcome"]:
        print(f"\nclassical bits of this run, {order['counts']}:\n  {found['outcome']}")
    if found["counts"] is not None:
        print(f"\ncounts of {found['shots']} {found['method']}, {order['counts']}:")
        shown = [*found["counts"].items()][:LISTED]
        width = len(str(shown[0][1]))
        for label, count in shown:
            print(f"  {label}  {count:{width}}")
        if more := len(found["counts"]) - len(shown):
            print(f"  ... and {more} other outcomes")
    if found["state"]:
        print(f"\nthe state is in {found['state']}")


def _number(what: dict[str, Any], name: str) -> str:
    number, registers = what["number"], what["registers"]
    declared = f" ({' '.join(f'{name}[{size}]' for name, size in registers.items())})"
    return f"{number} {name}{'s' * (number != 1)}{declared if registers else ''}"
