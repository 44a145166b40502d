"""PennyLane's own tests of devices: all pass, and none is skipped that Lightning does not skip."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pennylane
import pytest

import numket
from helpers import PATIENCE

TESTS = Path(pennylane.__file__).parent / "devices" / "tests"


def outcomes(device, shots, folder):
    """For each test what came of it: passed, failed or skipped. `pl-device-test` runs the same."""
    report = folder / f"{device}-{shots}.xml"
    options = [f"--device={device}", f"--shots={shots}", "--skip-ops", "--no-flaky-report"]
    options += ["--tb=short", "-q", "-W", "ignore", f"--junitxml={report}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", TESTS, *options],
        # The numket that is tested here.
        env=os.environ | {"PYTHONPATH": str(Path(numket.__file__).parents[1])},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        kinds = {part.tag for part in case} & {"failure", "error", "skipped"}
        # A test that is flaky may be told twice; what it came to at last counts.
        found[name] = "skipped" if kinds == {"skipped"} else "failed" if kinds else "passed"
    assert done.returncode == 0 or "failed" in found.values(), done.stdout + done.stderr
    return found


def counted(found):
    kinds = list(found.values())
    return {kind: kinds.count(kind) for kind in ("passed", "failed", "skipped")}


@pytest.mark.parametrize("shots", ["None", "10000"])
def test_the_device_tests_of_pennylane(shots, tmp_path, record_property):
    names = "numket.qubit", "lightning.qubit"
    with ThreadPoolExecutor() as side_by_side:
        every = side_by_side.map(lambda name: outcomes(name, shots, tmp_path), names)
        found = dict(zip(names, every, strict=True))
    for name, every in found.items():
        record_property(name, counted(every))
        print(f"{name}, shots={shots}: {counted(every)}")
    ours, theirs = found["numket.qubit"], found["lightning.qubit"]
    assert len(ours) > 400
    assert ours.keys() == theirs.keys()
    assert [name for name, kind in ours.items() if kind == "failed"] == []
    assert [
        name for name, kind in ours.items() if kind == "skipped" and theirs[name] != "skipped"
    ] == []
