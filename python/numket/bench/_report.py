"""What all benchmarks share: the environment, JSON, and the comparison with an earlier run."""

import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import numket
from numket import _core

REGRESSION = 1.25
"""Slower than the baseline by more than this factor counts as a regression."""


def environment() -> dict[str, Any]:
    """Everything a reader needs to judge the numbers."""
    return {
        "numket": numket.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "system": platform.system(),
        **_core.config(),
    }


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
        f"{title}: {found['threads']} threads, {found['lanes']} lanes, "
        f"numket {found['numket']}, NumPy {found['numpy']}, Python {found['python']}"
    )


def finish(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    key: str,
    measure: str,
    output: Path | None,
    baseline: Path | None,
) -> int:
    """Write the JSON, compare with a baseline, and return the exit code: 1 on a regression.

    ``key`` names a row, ``measure`` is the time that is compared.
    """
    if output is not None:
        document = {"benchmark": name, "environment": environment(), "rows": rows}
        output.write_text(json.dumps(document, indent=1) + "\n")
        print(f"\nwritten to {output}")
    if baseline is None:
        return 0
    before = {row[key]: row[measure] for row in json.loads(baseline.read_text())["rows"]}
    worse = 0
    print(f"\nagainst {baseline}:")
    for row in rows:
        if row[key] not in before:
            print(f"  {row[key]}: not in the baseline")
            continue
        factor = row[measure] / before[row[key]]
        regressed = factor > REGRESSION
        worse += regressed
        print(f"  {row[key]}: {factor:.2f} times the baseline{' REGRESSION' if regressed else ''}")
    return 1 if worse else 0
