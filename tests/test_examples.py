"""Each example runs, which is to say that what it asserts holds, and is one to copy from."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
NEEDS = {
    "ghz_mpi": "mpi4py",
    "quench": "matplotlib",
    "sweep_dask": "distributed",
    "training_torch": "torch",
}
PATIENCE = 600


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs(example, tmp_path):
    if example.stem in NEEDS:
        pytest.importorskip(NEEDS[example.stem])
    ranks = [Path(sys.prefix, "bin", "mpiexec"), "-n", "4"] if example.stem == "ghz_mpi" else []
    picture = [tmp_path / "picture.png"] if example.stem == "quench" else []
    ended = subprocess.run(
        [*ranks, sys.executable, "-W", "error", example, *picture],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    assert len(ended.stdout.splitlines()) == 1
    assert all(path.exists() for path in picture)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_it_is_short_and_says_what_it_is(example):
    text = example.read_text()
    module = ast.parse(text)
    assert 20 <= len(text.splitlines()) <= 60
    assert f"python {example.name}" in ast.get_docstring(module)
    assert any(isinstance(node, ast.Assert) for node in ast.walk(module))


def test_the_page_shows_all():
    page = (ROOT / "docs/examples.md").read_text()
    files = [*EXAMPLES, *sorted((ROOT / "examples").glob("*.rs"))]
    assert files
    for file in files:
        assert f"({{literalinclude}} ../examples/{file.name}" in page.replace("```{", "({"), file
