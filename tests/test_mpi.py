"""States over several ranks of MPI, from its wheels: tests/mpi_programs.py is what ranks do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PATIENCE = 600
# Ranks of MPICH that wait leave their core to others: there may be more ranks than cores.
IDLE = {"MPIR_CVAR_ENABLE_HEAVY_YIELD": "1", "MPIR_CVAR_POLLS_BEFORE_YIELD": "1"}


def ranks(count, name, *arguments):
    """Runs a program on some ranks; all must end well."""
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    mpiexec = [Path(sys.prefix, "bin", "mpiexec"), "-n", str(count)]
    # What fails on one rank ends all, by mpi4py.
    python = [sys.executable, "-W", "error", "-X", "faulthandler", "-m", "mpi4py"]
    ended = subprocess.run(
        [*mpiexec, *python, HERE / "mpi_programs.py", name, *arguments],
        env=os.environ | IDLE | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    said = "".join(ended.stdout.split())  # lines of several ranks may mix
    assert said == "done" * count, ended.stdout[-2000:] + ended.stderr[-4000:]


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_amplitudes_are_those_of_one_process(count):
    ranks(count, "runs")


@pytest.mark.parametrize("name", ["shared", "workloads", "refusals"])
@pytest.mark.parametrize("count", [2, 4])
def test_programs(count, name):
    ranks(count, name)


@pytest.mark.parametrize(
    "names",
    ["expectations,exchanges,inners", "collapses,draw_refusals,scripts", "gradients,faults"],
)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_readings(count, names):
    ranks(count, names)


def test_messages_of_four_amplitudes():
    ranks(2, "small_messages")


def test_draws_are_the_same_for_any_number_of_ranks(tmp_path):
    for count in 1, 2, 4:
        ranks(count, "outcomes", str(tmp_path))
    told = [(tmp_path / f"{count}.txt").read_text() for count in (1, 2, 4)]
    assert told == told[:1] * 3


def test_files(tmp_path):
    """Written by four ranks, read by two, by one, and by NumPy."""
    for count, name in ((4, "files"), (2, "loads"), (1, "loads")):
        ranks(count, name, str(tmp_path))


def test_memory():
    ranks(2, "memory,many")


SERIAL = """
import mpi4py
mpi4py.rc.initialize = False
import numpy as np
import numket as nk, numket.mpi
from mpi4py import MPI
def refused(call):
    try:
        call()
    except RuntimeError as error:
        print(error)
refused(lambda: nk.mpi.zero_state(4))
refused(lambda: nk.mpi.SharedState(4))
refused(lambda: nk.mpi.DistributedState(np.ones(2, complex)))
MPI.Init()
state = nk.mpi.zero_state(4)
MPI.Finalize()
refused(state.norm)
refused(lambda: nk.mpi.zero_state(4))
"""


def test_mpi_has_not_begun_or_has_ended():
    """A program without mpiexec, which begins MPI by itself."""
    python = [sys.executable, "-W", "error", "-c", SERIAL]
    ended = subprocess.run(python, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    told = ended.stdout.splitlines()
    assert len(told) == 5
    assert all("MPI has not begun" in line for line in told[:3])
    assert all("MPI has ended" in line for line in told[3:])


def test_three_ranks_are_refused():
    ranks(3, "three")


def test_the_example_of_the_page(tmp_path):
    """On one rank and on four."""
    [program] = re.findall(r"```py\n(.*?)```", (HERE.parent / "docs/mpi.md").read_text(), re.DOTALL)
    file = tmp_path / "program.py"
    file.write_text(program)
    for count in 1, 4:
        mpiexec = [Path(sys.prefix, "bin", "mpiexec"), "-n", str(count)]
        ended = subprocess.run(
            [*mpiexec, sys.executable, "-m", "mpi4py", file],
            env=os.environ | IDLE,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ended.stdout.split() == [str(int(count > 1)), "(1000,)"], ended.stderr[-4000:]
