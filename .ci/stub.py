"""Write what can be computed of python/numket/_core.pyi: uv run python .ci/stub.py

These parts of the file are written, and everything else in it is by hand:

- ``__all__``: the public names that the file declares.
- The gates, between two comments each, as functions and as methods of `Circuit` and `Ket`: from
  the gate table, ``numket._core.GATES``.
- All docstrings: from the built extension, where they are the doc comments of the Rust code. The
  methods of gates have what comes before their parameters, and the name of the function, which says
  the rest.
"""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from textwrap import indent
from typing import Any

from numket import _core

FILE = Path(__file__).parents[1] / "python/numket/_core.pyi"
GATES = re.compile(r"(?ms)^( *# The gates of the table, by .*?\n).*?(^ *# The end of the gates\.$)")
CONTROLS = (
    "controls: _Qubits | None = None",
    "control_values: _Qubits | None = None",
)
THREADS = "threads: int | None = None"
SECTIONS = "\n\nParameters\n"
# First parameter, type of an angle, last options, result: of the functions and of the methods.
KINDS = {
    None: ("state: _State", "_Angle", ("batch: int = 0", THREADS), "None"),
    "Circuit": ("self", "_CircuitAngle", ("condition: _Condition | None = None",), "Circuit"),
    "Ket": ("self", "_OneAngle", (THREADS,), "Ket"),
}

Definition = ast.FunctionDef | ast.ClassDef


def declared(gate: Mapping[str, Any], owner: str | None) -> str:
    """A gate as a function, or as a method of a class."""
    first, angle, options, result = KINDS[owner]
    qubit = "_Qubits" if len(gate["qubits"]) == 1 else "_Qubit"  # one-qubit gates take several
    parameters = [
        first,
        *(f"{name}: {angle}" for name in gate["params"]),
        *(f"{name}: {qubit}" for name in gate["qubits"]),
        "*",
        *CONTROLS,
        *options,
    ]
    return f"def {gate['name']}({', '.join(parameters)},) -> {result}: ...\n"


def with_gates(text: str) -> str:
    """The text with the gates of today's table between the comments."""
    owners = iter(KINDS)

    def run(found: re.Match[str]) -> str:
        owner = next(owners)
        lines = "".join(declared(gate, owner) for gate in _core.GATES)
        return found[1] + indent(lines, "    " if owner else "") + found[2]

    text = GATES.sub(run, text)
    if missing := list(owners):
        sys.exit(f"{FILE.name} has no comments around the gates of {missing}")
    return text


def documentation(name: str, owner: str | None) -> str | None:
    """The docstring of a public name of the extension, or of a class of it."""
    if name.startswith("__"):
        return None  # Python's own text, such as "Return self+value."
    doc = inspect.getdoc(getattr(getattr(_core, owner) if owner else _core, name))
    if doc and owner and any(gate["name"] == name for gate in _core.GATES):
        return f"{doc.partition(SECTIONS)[0]}\n\nSee `numket.{name}`."
    return doc


def start(node: ast.stmt) -> tuple[int, int]:
    """Line and column of a statement, decorators included."""
    first = min((each.lineno for each in getattr(node, "decorator_list", [])), default=node.lineno)
    return first, node.col_offset


def definitions(
    body: list[ast.stmt], owner: str | None = None
) -> Iterator[tuple[Definition, str | None]]:
    """All functions, classes and methods with the class they belong to; of overloads the first."""
    seen = set()
    for node in body:
        if isinstance(node, Definition) and node.name not in seen:
            seen.add(node.name)
            yield node, owner
            if isinstance(node, ast.ClassDef):
                yield from definitions(node.body, node.name)


def with_docstrings(text: str) -> str:
    """The text with the docstrings of the extension, and no others."""
    raw = text.encode()  # as columns of `ast` count bytes
    begins = [0, *accumulate(map(len, raw.splitlines(keepends=True)))]

    def place(line: int, column: int) -> int:
        return begins[line - 1] + column

    edits = []
    for node, owner in definitions(ast.parse(text).body):
        if node.name.startswith("_") and not hasattr(_core, owner or node.name):
            continue  # a type of the file's own, such as _Config
        doc = documentation(node.name, owner)
        first, *others = node.body
        says = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        kept = others if says else node.body  # without a docstring or an ellipsis
        begin = place(*start(first))
        last = (node.end_lineno or node.lineno, node.end_col_offset or 0)
        end = place(*(start(kept[0]) if kept else last))
        margin = " " * (node.col_offset + 4)
        filler = "" if kept else "..."
        body = f"\n{margin}{quoted(doc, margin)}\n{margin}" if doc else filler
        edits.append((begin, end, body.encode()))
    for begin, end, replacement in sorted(edits, reverse=True):
        raw = raw[:begin] + replacement + raw[end:]
    return raw.decode()


def quoted(doc: str, margin: str) -> str:
    """A docstring as Python writes it."""
    prefix = "r" if "\\" in doc else ""
    end = f"\n{margin}" if "\n" in doc else ""
    return f'{prefix}"""' + indent(doc, margin).strip() + f'{end}"""'


def with_names(text: str) -> str:
    """The text with ``__all__``: constants, then classes, then functions, each sorted."""
    tree = ast.parse(text)
    names = {node.name for node in tree.body if isinstance(node, Definition)}
    names |= {
        node.target.id
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    public = [name for name in names if not name.startswith("_") and hasattr(_core, name)]
    ordered = sorted(public, key=lambda name: (not name.isupper(), name[0].islower(), name))
    listed = "".join(f'    "{name}",\n' for name in ordered)
    return re.sub(r"(?ms)^__all__ = \[\n.*?^\]$", f"__all__ = [\n{listed}]", text)


def written(text: str) -> str:
    """What the file should hold, from what it holds."""
    text = with_docstrings(with_names(with_gates(text)))
    format = [sys.executable, "-m", "ruff", "format", "--quiet", "--stdin-filename", str(FILE), "-"]
    return subprocess.run(format, input=text, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    FILE.write_text(written(FILE.read_text()))
