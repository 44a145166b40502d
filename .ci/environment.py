"""Environments with other libraries, for interop.py and conformance.py."""

import os
import subprocess
from pathlib import Path

import numket


def run(*command: object, **environment: str) -> str:
    """What a command prints. It must end well."""
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def with_numket(folder: Path) -> Path:
    """A folder for PYTHONPATH with this very numket, without what is installed beside it."""
    path = folder / "path"
    about = path / f"numket-{numket.__version__}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: numket\nVersion: {numket.__version__}\n"
    )
    (about / "entry_points.txt").write_text(
        "[pennylane.plugins]\nnumket.qubit = numket.pennylane:NumketQubit\n"
    )
    (path / "numket").symlink_to(Path(numket.__file__).parent)
    return path
