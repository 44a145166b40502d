"""What this numket is and what it found on this machine."""

import os
import platform
import sys
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from numket import _core


def environment() -> dict[str, Any]:
    """Everything a reader needs to judge a measurement on this machine.

    >>> environment()["threads"] >= 1
    True
    """
    return {
        "numket": _core.config()["version"],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": f"{platform.machine()}, {platform.system()}",
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        **_core.config(),
    }


def _cpu() -> str:
    """The processor's name where Linux tells it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def show_config(file: TextIO | None = None) -> None:
    """Print versions, CPU features, chosen lanes and threads.

    Parameters
    ----------
    file : text file, optional
        Where to print to; standard output if not given.

    Examples
    --------
    >>> import numket as nk
    >>> nk.show_config()  # doctest: +ELLIPSIS
    numket ...
    """
    found = environment()
    lines = {
        "numket": found["numket"],
        "python": found["python"],
        "numpy": found["numpy"],
        "machine": found["machine"],
        "CPU": f"{found['cpu']}, {found['cpus']} visible",
        "CPU features": " ".join(found["cpu_features"]),
        "lanes": f"{found['lanes']} (available: {', '.join(found['lanes_available'])})",
        "threads": f"{found['threads']} (by {found['threads_by']})",
    }
    for name, value in lines.items():
        print(f"{name:<13} {value}", file=file or sys.stdout)
