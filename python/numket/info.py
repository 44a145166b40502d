"""What this numket is and what it found on this machine."""

import platform
import sys
from importlib.metadata import version
from typing import TextIO

import numpy as np

from numket import _core


def show_config(file: TextIO | None = None) -> None:
    """Print versions, CPU features, chosen lanes and threads.

    >>> import numket as nk
    >>> nk.show_config()  # doctest: +ELLIPSIS
    numket ...
    """
    config = _core.config()
    lines = {
        "numket": version("numket"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": f"{platform.machine()}, {platform.system()}",
        "CPU features": " ".join(config["cpu_features"]),
        "lanes": f"{config['lanes']} (available: {', '.join(config['lanes_available'])})",
        "threads": str(config["threads"]),
    }
    for name, value in lines.items():
        print(f"{name:<13} {value}", file=file or sys.stdout)
