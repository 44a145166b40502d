"""Fixtures shared by all tests."""

import os
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

# Read when NumPy is imported. OpenBLAS's threads spin while they wait for each other: beside other
# work on two cores, the checks of test_simd.py took 10 to 22 s with two threads, and 4 s with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite(
    *(path.stem for path in Path(__file__).parent.glob("helpers*.py")),
)

from helpers import PATIENCE  # noqa: E402 (what is imported before is not rewritten)

# Where Python is told to keep no compiled modules (PYTHONDONTWRITEBYTECODE), each process of a test
# compiles all that it imports. They share this folder: PennyLane is imported in 5 s instead of 14.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "pycache")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    del os.environ["PYTHONDONTWRITEBYTECODE"]

# The same examples in every run, and no limit on the time they take: the machine may be busy.
settings.register_profile(
    "numket",
    deadline=None,
    max_examples=80,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("numket")


@pytest.fixture
def rng(request):
    """Random numbers of the test's own, the same in every run."""
    return np.random.default_rng(zlib.crc32(request.node.name.encode()))


@pytest.fixture(autouse=True)
def no_pictures_left():
    """Closes what a test has drawn: of more than 20 open pictures, matplotlib warns."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture(params=[np.complex128, np.complex64], ids=["c128", "c64"])
def dtype(request):
    return request.param


@pytest.fixture(scope="session")
def snippet():
    """Runs Python code in a process of its own, under the given environment; returns its output.

    `numket as nk`, `numpy as np` and `oracle` are imported already. The process must end well.
    """

    def run(code, **environment):
        head = "import numpy as np, oracle, numket as nk\n"
        path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        python = [sys.executable, "-W", "error", "-X", "faulthandler"]
        result = subprocess.run(
            [*python, "-c", head + textwrap.dedent(code)],
            env=os.environ | {"PYTHONPATH": path} | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert result.returncode == 0, f"exit code {result.returncode}\n{result.stderr[-4000:]}"
        return result.stdout.strip()

    return run


@pytest.fixture
def patient():
    """No thread is made to give up the interpreter: others run only where it is released."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(before)
