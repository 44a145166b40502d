"""Runs the notebooks, and writes them with what they show.

    uv run --extra notebook python .ci/make_notebooks.py [NAME ...]

The sources are notebooks/*.py, in which people see what a change changes; each becomes the .ipynb
beside it, all of them if none is named. Numbers of cells stand for random names of cells, and
nothing tells of the machine.
"""

import argparse
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SHARP = "--InlineBackend.figure_formats=retina"
"""Pictures have twice the resolution, for screens that show it."""


def made(source: Path) -> nbformat.NotebookNode:
    """A notebook from its source, with outputs."""
    notebook = jupytext.read(source, fmt="py:percent")
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=[SHARP],
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": FOLDER}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k == "tags"})
    return notebook


def main() -> None:
    """Makes those that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as 03_quench")
    names = parser.parse_args().names or sorted(path.stem for path in FOLDER.glob("*.py"))
    for name in names:
        path = FOLDER / f"{name}.ipynb"
        nbformat.write(made(path.with_suffix(".py")), path)
        print(f"{path.relative_to(FOLDER.parent)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
