"""Measure the rows of docs/interop.md: uv run python .ci/interop.py [NAME ...]

Each library is installed with uv in an environment of its own, in the versions of
`tests/interop/rows.json`, and says what its states are like. What differs from that file is
printed, and makes the exit code 1. With --newest it is installed in its newest versions instead:
what a release has changed. With --write the rows are recorded, and the tables of the page written
anew; --table writes the tables alone.

All rows take about a quarter of an hour and 6 GB of downloads, most of which is torch.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from environment import run, with_numket

# Before this folder, where this script has the name of the package of the tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from interop import TURNS, Library, libraries

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
ROWS = TESTS / "interop/rows.json"
PAGE = ROOT / "docs/interop.md"
TABLES = re.compile(r"(?s)(<!-- The tables, by .*? -->\n).*?(<!-- The end of the tables\. -->)")

Row = dict[str, Any]
LIBRARIES = libraries()
NONE = "-"


def measured(library: Library, recorded: Row | None) -> Row:
    """The row of a library, in the versions of a row that is recorded, or in the newest."""
    packages = ["numpy", *library.packages]
    if recorded is not None:
        versions = recorded["versions"]
        packages = [f"{name}=={versions[name.partition('[')[0]]}" for name in packages]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = folder / "env/bin/python"
        run("uv", "venv", "--python", library.python, folder / "env")
        constraints: list[object] = []
        if library.build is not None:
            (folder / "build.txt").write_text(library.build)
            constraints = ["--build-constraints", folder / "build.txt"]
        run("uv", "pip", "install", "--python", python, *constraints, *packages)
        paths = os.pathsep.join([str(with_numket(folder)), str(TESTS)])
        printed = run(python, "-W", "ignore", "-m", "interop", library.name, PYTHONPATH=paths)
    return json.loads(printed.splitlines()[-1])


def differences(old: Any, new: Any, where: str = "") -> Iterator[str]:
    """Where two rows differ, line by line."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from differences(old.get(key), new.get(key), f"{where}.{key}".lstrip("."))
    elif old != new:
        yield f"{where}: {old} -> {new}"


def code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def yes(value: bool | None) -> str:
    return NONE if value is None else "yes" if value else "no"


def array_cells(library: Library, row: Row) -> list[str]:
    state, view = row["state"], row["view"]
    flags = NONE
    if "owner" in state:
        flags = "own" if state["owner"] else "a view"
        flags += "" if state["writeable"] else ", read-only"
    layout = f"{tuple(state['shape'])}" if "shape" in state else NONE
    if "strides" in state:
        layout += f" by {tuple(state['strides'])}"
    kind = state["type"].removeprefix("numpy.")
    kind += f", {state['dtype']}" if "dtype" in state else ""
    place = "in place" if view["in place"] else "on a copy"
    seen = view.get("seen")
    return [code(library.read), kind, layout, flags, code(library.view), place, yes(seen)]


def other_precision(other: Row) -> str:
    usual = {"complex64": "single", "complex128": "double"}[other["dtype"]]
    digits = "" if other["precision"] == usual else f" of **{other['precision']} precision**"
    return other["dtype"] + digits


def gate_cells(library: Library, row: Row) -> list[str]:
    gates = row["gates"]
    turns = {(gates[name]["sign"], gates[name]["unit"]) for name in TURNS}
    ((sign, unit),) = turns
    phases = gates["phases"]
    if isinstance(phases, dict):
        others = [f"{name}: {value} pi" for name, value in phases.items()]
        others += [f"{t}: {gates[t]['phase']} of the angle" for t in TURNS if gates[t]["phase"]]
        phases = ", ".join(others) or "none"
    bold = ("**", "**") if sign < 0 else ("", "")
    return [
        gates["first qubit"],
        f"{bold[0]}{'exp(+' if sign < 0 else 'exp(-'}i angle P/2){bold[1]}",
        unit if unit == "radians" else f"**{unit}**",
        gates.get("u3", NONE),
        phases,
        gates["precision"],
        f"{code(library.other)}: {other_precision(row['other'])}" if library.other else NONE,
    ]


def start_cells(library: Library, row: Row) -> list[str]:
    given, seeds = row.get("given"), row.get("seeds")
    became = NONE
    if given is not None:
        became = "kept" if given["kept"] else "**overwritten**"
        became += ", shared" if given["shared"] else ""
    again = NONE
    if seeds is not None:
        again = "yes" if seeds["same"] else "**no**"
        again += "" if seeds["others"] else ", for every seed"
    return [
        code(library.gives) if library.gives else NONE,
        became,
        code(library.seeds) if library.seeds else NONE,
        again,
    ]


HEADS = {
    array_cells: "its array, `psi` | type | shape by strides | memory | numket takes | "
    "works | it sees that",
    gate_cells: "qubit 0 | RX, RY, RZ | angles | U3 | phases | arithmetic | other precision",
    start_cells: "initial state | your array | seed | same again",
}


def tables(rows: dict[str, Row]) -> str:
    """The tables of the page."""
    text = ""
    titles = {array_cells: "Arrays", gate_cells: "Gates", start_cells: "Initial states and seeds"}
    for cells, head in HEADS.items():
        columns = f"| library | {head} |"
        text += f"\n### {titles[cells]}\n{columns}\n|{'---|' * (columns.count('|') - 1)}\n"
        for name, row in rows.items():
            if cells is not gate_cells or "gates" in row:
                text += f"| {name} | {' | '.join(cells(LIBRARIES[name](), row))} |\n"
    text += "\n### Notes\n"
    for name, row in rows.items():
        versions = ", ".join(f"{package} {at}" for package, at in row["versions"].items())
        note = f" {LIBRARIES[name].note}".rstrip()
        text += f"- **{name}**: {versions}; Python {row['python']}.{note}\n"
    return text + "\n"


def written(page: str, rows: dict[str, Row]) -> str:
    """The page with the tables of these rows."""
    return TABLES.sub(lambda match: match[1] + tables(rows) + match[2], page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="libraries; all without it")
    parser.add_argument("--newest", action="store_true", help="install the newest versions")
    parser.add_argument("--write", action="store_true", help="record the rows and write the page")
    parser.add_argument(
        "--table", action="store_true", help="only write the page, of recorded rows"
    )
    options = parser.parse_args()
    rows = json.loads(ROWS.read_text()) if ROWS.exists() else {}
    changed = 0
    names = options.names or ([] if options.table else LIBRARIES)
    for name in names:
        old = rows.get(name)
        try:
            new = measured(LIBRARIES[name](), None if options.newest else old)
        except RuntimeError as error:
            print(f"{name}: {error}")
            changed += 1
            continue
        told = [line for line in differences(old or {}, new) if not line.startswith("versions.")]
        print(f"{name} {new['versions']}: {'; '.join(told) or 'as recorded'}", flush=True)
        changed += bool(told)
        if options.write:
            rows = {
                other: (rows | {name: new})[other] for other in LIBRARIES if other in {*rows, name}
            }
            ROWS.write_text(json.dumps(rows, indent=1) + "\n")
    if options.write or options.table:
        PAGE.write_text(written(PAGE.read_text(), rows))
    return min(changed, 1)


if __name__ == "__main__":
    sys.exit(main())
