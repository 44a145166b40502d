"""The command line: ``numket`` and ``python -m numket``."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="numket", description="Quantum gates in place on your own NumPy state vector."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("demo", help="show what numket promises, in about ten seconds")
    commands.add_parser("info", help="print versions, CPU features, lanes and threads")
    run = commands.add_parser("run", help="run an OpenQASM 2 or 3 file (extra: qasm)")
    run.add_argument("file", type=Path, help="the OpenQASM file")
    run.add_argument(
        "--shots",
        type=_positive,
        help="also draw this many samples, or run as often if the file measures on the way",
    )
    run.add_argument("--seed", type=int, help="seed of the samples, for repeatable counts")
    bench = commands.add_parser("bench", help="measure ratios on this machine")
    benches = bench.add_subparsers(dest="bench", metavar="BENCHMARK", required=True)
    for name, text in (
        ("ghz", "the GHZ state: NumPy idiom, numket from Python, numket natively"),
        ("boundary", "what a call from Python costs"),
        ("batch", "an angle per state against NumPy broadcasting, and the thread policy"),
        ("layouts", "what a layout, a precision, a Pauli string and a neighbour cost"),
        ("compare", "circuits against gate by gate, and against other simulators (extra: peers)"),
        ("observe", "reading states and gradients, against other simulators (extra: peers)"),
        ("dropin", "programs of other frameworks, by their own engine and by numket"),
        ("kernels", "every gate class at every position, as a fraction of one sweep in place"),
    ):
        one = benches.add_parser(name, help=text)
        one.add_argument("--output", type=Path, help="write the numbers to this JSON file")
        if name in ("kernels", "compare"):
            one.add_argument("--plot", type=Path, help="draw them in this file (extra: plot)")
        if name != "kernels":
            one.add_argument("--baseline", type=Path, help="compare with an earlier --output")
        if name in ("compare", "observe", "dropin"):
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


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive integer")
    return int(text)


def _dispatch(given: argparse.Namespace) -> int:
    # Each command imports what it needs: `numket info` must not wait for a benchmark's imports.
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

            return run.main(given.file, given.shots, given.seed)
        case _:
            benchmark = import_module(f"numket.bench.{given.bench}")
            options = {k: v for k, v in vars(given).items() if k not in ("command", "bench")}
            code: int = benchmark.main(**options)
            return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors of the user are one line and code 2."""
    given = _parser().parse_args(argv)
    try:
        return _dispatch(given)
    except (OSError, ValueError, MemoryError, ImportError) as error:
        print(f"numket: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
