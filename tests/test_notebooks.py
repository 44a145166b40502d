"""The notebooks are what .ci/make_notebooks.py makes of their sources, and can be shown anywhere.

That they still show the same when they are run is seen by ``pytest --nbval notebooks``.
"""

import json
import re
from pathlib import Path

import jupytext
import make_notebooks
import nbformat
import pytest

SOURCES = sorted(make_notebooks.FOLDER.glob("*.py"))
MAX_BYTES = 2_000_000
"""Of all together: what a clone brings with it."""


def read(source):
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


def test_every_notebook_has_a_source():
    assert {path.stem for path in make_notebooks.FOLDER.glob("*.ipynb")} == {
        path.stem for path in SOURCES
    }
    assert SOURCES


def test_size():
    assert sum(path.with_suffix(".ipynb").stat().st_size for path in SOURCES) < MAX_BYTES


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_cells_are_those_of_the_source(source):
    written, shown = jupytext.read(source, fmt="py:percent"), read(source)
    assert [(cell.cell_type, cell.source, cell.metadata.get("tags")) for cell in written.cells] == [
        (cell.cell_type, cell.source, cell.metadata.get("tags")) for cell in shown.cells
    ]
    assert shown.metadata == make_notebooks.METADATA
    assert not any(set(cell.metadata) - {"tags"} for cell in shown.cells)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_outputs_can_be_shown_anywhere(source):
    code = [cell for cell in read(source).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    pictures = 0
    for output in (output for cell in code for output in cell.outputs):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
        told = json.dumps(output)
        assert not re.search(r"/(home|root|tmp|usr|work|Users)/|[A-Z]:\\\\", told)
        assert not re.search("<style|<script|hsl\\(|needs_background", told)
        pictures += "image/png" in output.get("data", {}) or "data:image/svg" in told
    assert pictures


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_links_lead_somewhere(source):
    text = source.read_text()
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert Path(make_notebooks.FOLDER, target).exists(), target
