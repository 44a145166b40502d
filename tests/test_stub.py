"""The stub of the extension holds what `.ci/stub.py` computes from the extension itself."""

import ast
import runpy
from pathlib import Path

import pytest

from numket import _core

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / ".ci/stub.py"))
STUB = SCRIPT["FILE"].read_text()


def test_the_stub_is_up_to_date():
    assert SCRIPT["written"](STUB) == STUB, "run: uv run python .ci/stub.py"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Hadamard: ", "Something else: "),  # a docstring
        ("    lam: _Angle,\n    q: _Qubits,\n", "    q: _Qubits,\n"),  # a parameter of a gate
        ('    "swap",\n', ""),  # a name of __all__
    ],
)
def test_what_was_changed_by_hand_is_written_anew(old, new):
    assert old in STUB
    assert SCRIPT["written"](STUB.replace(old, new)) == STUB


def test_an_editor_finds_a_docstring_for_every_public_name():
    def undocumented(body, of=""):
        told = set()
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if ast.get_docstring(node):
                    told.add(node.name)
                elif node.name not in told:
                    yield of + node.name
                if isinstance(node, ast.ClassDef):
                    yield from undocumented(node.body, f"{node.name}.")

    assert list(undocumented(ast.parse(STUB).body)) == []


def test_docstrings_of_functions_of_gates_are_whole():
    tree = ast.parse(STUB)
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for gate in _core.GATES:
        assert ast.get_docstring(found[gate["name"]]) == getattr(_core, gate["name"]).__doc__
