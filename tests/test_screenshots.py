"""What every display of numket holds in JupyterLab, where that and a browser are installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci/screenshots.py"


def test_pages_hold_what_displays_send(tmp_path):
    for module in ("jupyterlab", "selenium", "nbclient", "anywidget", "tqdm"):
        pytest.importorskip(module)
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("needs Chromium and its driver")
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(tmp_path.glob("*.png"))) == 6
