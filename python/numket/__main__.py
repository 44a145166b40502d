"""The command line: ``numket`` and ``python -m numket``."""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

INTERRUPTED = 130
BROKEN_PIPE = 141
"""What a shell reports of a command that SIGINT or SIGPIPE has ended."""


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {_one_line(message)}; see '{self.prog} --help'\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="numket", description="Quantum gates in place on your own NumPy state vector."
    )
    parser.add_argument("--version", action="version", version=f"numket {version('numket')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("demo", help="show what numket promises, in about ten seconds")
    commands.add_parser("info", help="print versions, CPU features, lanes and threads")
    _add_run(commands.add_parser("run", help="run an OpenQASM 2 or 3 file"))
    selftest = commands.add_parser(
        "selftest", help="check this installation, in less than a minute, for bug reports"
    )
    _add_json(selftest)
    selftest.add_argument("--quick", action="store_true", help="small sizes")
    bench = commands.add_parser("bench", help="measure ratios on this machine")
    benches = bench.add_subparsers(dest="bench", metavar="BENCHMARK", required=True)
    for name, text in (
        ("ghz", "the GHZ state: NumPy idiom, numket from Python, numket natively"),
        ("boundary", "what a call from Python costs"),
        ("batch", "an angle per state against NumPy broadcasting, and the thread policy"),
        ("layouts", "what a layout, a precision, a Pauli string and a neighbour cost"),
        ("compare", "circuits against gate by gate, and against other simulators (extra: peers)"),
        (
            "accuracy",
            "errors of circuits, against gate by gate and other simulators (extra: peers)",
        ),
        ("observe", "reading states and gradients, against other simulators (extra: peers)"),
        (
            "once",
            "circuits of Qiskit, converted and run once, against Qulacs and Aer (extra: qiskit)",
        ),
        (
            "circuits",
            "circuits of mqt.bench, against other simulators (extras: peers, qiskit)",
        ),
        ("noise", "density matrices and trajectories, against other simulators (extra: peers)"),
        ("busy", "circuits beside processes that compute, by all threads and by one"),
        ("dropin", "programs of other frameworks, by their own engine and by numket"),
        (
            "dynamics",
            "evolution, ground states and open systems against SciPy, QuTiP, Qulacs (extra: scipy)",
        ),
        ("autodiff", "gradients through PyTorch and JAX (extras: torch, jax)"),
        ("scale", "states over ranks of MPI and in files (extra: mpi, and an mpiexec)"),
        ("qasm", "reading OpenQASM, against Qiskit's readers"),
        ("kernels", "every gate class at every position, as a fraction of one sweep in place"),
    ):
        one = benches.add_parser(name, help=text)
        one.add_argument("--output", type=Path, help="write the numbers to this JSON file")
        if name in ("kernels", "compare"):
            one.add_argument("--plot", type=Path, help="draw them in this file (extra: plot)")
        if name != "kernels":
            one.add_argument("--baseline", type=Path, help="compare with an earlier --output")
        if name in AGAINST_PEERS:
            one.add_argument(
                "--peers",
                type=lambda text: text.split(","),
                metavar="A,B,...",
                help="only these peers (default: all that are installed)",
            )
            one.add_argument(
                "--qubits",
                type=lambda text: [_positive(part) for part in text.split(",")],
                metavar="N,M,...",
                help="these sizes for everything",
            )
        one.add_argument("--quick", action="store_true", help="few repeats, small sizes")
    return parser


AGAINST_PEERS = (
    *("compare", "accuracy", "observe", "once", "circuits", "noise", "busy", "dropin"),
)
"""The benchmarks that take peers and sizes."""


def _add_run(run: argparse.ArgumentParser) -> None:
    run.description = (
        "Run an OpenQASM 2 or 3 file from |0...0> on one NumPy array, and print its most probable "
        "basis states, at most 16. Example: numket run bell.qasm --shots 1000"
    )
    run.add_argument("file", metavar="FILE", help="the OpenQASM file, or - for standard input")
    run.add_argument(
        "--shots",
        type=_positive,
        metavar="N",
        help="also print counts of the file's classical bits, of all qubits if it has none: "
        "of N samples, or of N runs if it measures on the way",
    )
    run.add_argument("--seed", type=_seed, metavar="N", help="for repeatable counts and outcomes")
    _add_json(run)
    run.add_argument(
        "--little-endian",
        action="store_true",
        help="labels in the order of Qiskit: last register first, highest bit first; "
        "--state stays as it is",
    )
    run.add_argument(
        "--state",
        type=Path,
        metavar="FILE.npy",
        help="write the final state to this file (replaced if it is there), in which the run "
        "happens; it may be larger than memory. Like what is printed, it is the state before "
        "final measurements, or that of one run if the file measures on the way",
    )
    run.add_argument(
        "--param",
        type=_param,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of an input of the file in radians, such as 0.5 or pi/2; may be repeated",
    )
    run.add_argument(
        "--dtype", choices=["complex128", "complex64"], default="complex128", help="the precision"
    )
    run.add_argument("--threads", type=_positive, metavar="N", help="at most so many threads")
    run.add_argument(
        "--dialect",
        choices=["braket", "qibo"],
        help="a file as this framework writes it; others need none",
    )
    run.add_argument(
        "--max-rounds",
        type=_positive,
        metavar="N",
        help="rounds of all loops, at most (default: 1000000)",
    )


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--json", action="store_true", dest="as_json", help="print one JSON document"
    )


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive integer")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer from 0")
    return int(text)


def _param(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    number = math.nan
    with suppress(ValueError):
        number = float(value)
    if math.isnan(number) and value.lower() != "nan":
        number = _expression(value)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(
            f"{value!r}, given for {name!r}, is not a finite number: write one as in 0.5 or pi/2"
        )
    return name, number


def _expression(text: str) -> float:
    """A number as OpenQASM writes it, such as pi/2; not a number for anything else."""
    from numket import qasm

    if ";" in text or "{" in text:
        return math.nan
    with suppress(qasm.QasmError):
        program = qasm.loads(f"OPENQASM 3.0; qubit q; const float v = {text}; ctrl @ gphase(v) q;")
        return float(next(iter(program)).params[0])
    return math.nan


def _dispatch(given: argparse.Namespace) -> int:
    # Each command imports what it needs: `numket info` must not wait for a benchmark's imports.
    options = {k: v for k, v in vars(given).items() if k not in ("command", "bench")}
    match given.command:
        case "demo":
            from numket import demo

            return demo.main()
        case "info":
            from numket import show_config

            show_config()
            return 0
        case "run":
            from numket import run

            return run.main(**options)
        case "selftest":
            from numket import selftest

            return selftest.main(**options)
        case _:
            benchmark = import_module(f"numket.bench.{given.bench}")
            code: int = benchmark.main(**options)
            return code


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _run(argv: Sequence[str] | None) -> int:
    try:
        parser = _parser()
        given = parser.parse_args(argv)
        if given.command is None:
            parser.print_help()
            return 0
        return _dispatch(given)
    finally:
        print(end="", flush=True)  # errors of the output are found here, not after the end


def _forget_output() -> None:
    """What could not be written is not tried again when the process ends."""
    with suppress(OSError, ValueError):  # it need not be a file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors of the user are one line and code 2."""
    try:
        return _run(argv)
    except KeyboardInterrupt as interrupt:
        notes = getattr(interrupt, "__notes__", [])
        told = [", " + note.partition(";")[0].removeprefix("numket ") for note in notes[:1]]
        print("".join(["numket: interrupted", *told]), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return BROKEN_PIPE
    except (OSError, ValueError, MemoryError, ImportError) as error:
        print(f"numket: {_one_line(error) or type(error).__name__}", file=sys.stderr)
        try:
            print(end="", flush=True)
        except OSError:
            _forget_output()
        return 2


if __name__ == "__main__":
    sys.exit(main())
