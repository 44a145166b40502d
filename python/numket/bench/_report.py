"""What all benchmarks share: tables, JSON, and the comparison with an earlier run."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from numket.info import environment

REGRESSION = 1.25
"""Slower than the baseline by more than this factor counts as a regression."""


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """Rows as aligned text; ``columns`` maps keys to their format, the key is the heading.

    >>> print(table([{"n": 3, "ms": 0.5}], {"n": "d", "ms": ".2f"}))
    n    ms
    3  0.50
    """
    cells = [list(columns)] + [[format(row[key], columns[key]) for key in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in cells
    )


def header(title: str) -> str:
    """The title with what the numbers depend on."""
    found = environment()
    return (
        f"{title}: {found['threads']} threads, {found['lanes']} lanes, {found['cpu']}, "
        f"numket {found['numket']}, NumPy {found['numpy']}, Python {found['python']}"
    )


def load() -> float:
    """The load average of the last minute, 0 where the system does not tell."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return 0.0


def elapsed(call: Callable[[], object]) -> float:
    """The seconds that a call takes."""
    begin = perf_counter()
    call()
    return perf_counter() - begin


def interleaved(timers: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """What each timer returns, ``repeats`` times; they take turns, so that drift hits all alike.

    >>> interleaved({"one": lambda: 1.0, "two": lambda: 2.0}, 2)
    {'one': [1.0, 1.0], 'two': [2.0, 2.0]}
    """
    found: dict[str, list[float]] = {name: [] for name in timers}
    for _ in range(repeats):
        for name, timer in timers.items():
            found[name].append(timer())
    return found


def figure(width: float, height: float) -> Any:
    """An empty picture of matplotlib's, in inches, that needs no display."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("drawing needs matplotlib: use pip install 'numket[plot]'") from error
    return Figure(figsize=(width, height), layout="constrained")


class Record:
    """Where the rows of a benchmark go, and what they are compared with.

    Made before the measurement, so that a wrong path is not found after it. ``key`` names a row,
    ``measure`` is the time that is compared.
    """

    def __init__(
        self, name: str, key: str, measure: str, output: Path | None, baseline: Path | None
    ) -> None:
        self.name, self.key, self.measure = name, key, measure
        self.output, self.baseline = output, baseline
        if output is not None and not output.absolute().parent.is_dir():
            raise FileNotFoundError(f"no such directory for the output: {output.parent}")
        self.before: dict[Any, float] = {}
        self.environment: dict[str, Any] = {}
        if baseline is not None:
            text = baseline.read_text()
            try:
                document = json.loads(text)
                self.before = {row[key]: row[measure] for row in document["rows"]}
                self.environment = document["environment"]
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{baseline} is no --output of numket bench {name} ({error!r})"
                ) from error

    def finish(self, rows: Sequence[Mapping[str, Any]], **more: object) -> int:
        """Write the JSON, compare, and return the exit code: 1 on a regression.

        What is in ``more`` is written beside the rows, and not compared.
        """
        found = environment()
        if self.output is not None:
            document = {"benchmark": self.name, "environment": found, "rows": rows, **more}
            self.output.write_text(json.dumps(document, indent=1) + "\n")
            print(f"\nwritten to {self.output}")
        if self.baseline is None:
            return 0
        print(f"\n{self.measure} against {self.baseline}, a regression above {REGRESSION} times:")
        for fact in found.keys() & self.environment.keys():
            if found[fact] != self.environment[fact]:
                print(f"  note: {fact} was {self.environment[fact]}, is {found[fact]}")
        regressions = 0
        for row in rows:
            name = row[self.key]
            if name not in self.before:
                print(f"  {name}: not in the baseline")
                continue
            factor = row[self.measure] / self.before[name]
            regressed = factor > REGRESSION
            regressions += regressed
            print(f"  {name}: {factor:.2f} times, {'REGRESSION' if regressed else 'ok'}")
        return 1 if regressions else 0
