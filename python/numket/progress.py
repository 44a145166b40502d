"""A bar that tells how far a run is, where a person may look at it."""

import sys
import time
from importlib.util import find_spec
from typing import Any

from numket._names import public as _public
from numket._numbers import size_text

__all__: list[str] = []

__dir__ = _public(globals())

PATIENCE = 1.0
"""Seconds after which a bar is shown."""


def place() -> str | None:
    """Where a bar can be seen: a notebook, or a terminal; else nowhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None and getattr(shell, "kernel", None) is not None:
        return "notebook"
    stream = sys.stderr
    return "terminal" if stream is not None and stream.isatty() else None


class Bar:
    """A bar of tqdm's, which appears when a run takes more than a second.

    It tells how many operations, or other units, are done and how many there are, the time and that
    which remains, the rate, and how much of the state has been read and written. Nothing is printed
    where standard error is neither a terminal nor a notebook.

    Parameters
    ----------
    unit : str
        What is counted.
    bytes : int
        What the whole run reads and writes; 0 if that is not known.

    Raises
    ------
    ImportError
        Where tqdm is missing.

    Examples
    --------
    >>> bar = Bar("run")
    >>> bar(1, 10)  # a run of ten is done
    >>> bar.close()
    """

    def __init__(self, unit: str = "operation", bytes: int = 0) -> None:
        if find_spec("tqdm") is None:
            raise ImportError(
                "'progress' needs tqdm: use pip install 'numket[progress]', or give a callable"
            )
        self.unit, self.bytes = unit, bytes
        self.place, self.began = place(), time.time()
        self.bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        seconds = time.time() - self.began
        if self.bar is None:
            if self.place is None or seconds < PATIENCE or done >= total:
                return
            self.bar = self._made(total)
        if self.bytes:
            swept = int(self.bytes * done / max(total, 1))
            unit = f"{size_text(swept)} of {size_text(self.bytes)}"
            self.bar.set_postfix_str(f"{unit}, {size_text(int(swept / seconds))}/s", refresh=False)
        self.bar.update(done - self.bar.n)

    def _made(self, total: int) -> Any:
        made: Any
        if self.place == "notebook" and find_spec("ipywidgets") is not None:
            from tqdm.notebook import tqdm_notebook as made
        else:
            from tqdm import tqdm as made
        bar = made(total=total, unit=f" {self.unit}s", dynamic_ncols=True)
        bar.start_t = self.began
        return bar

    def close(self) -> None:
        """Leaves it as it is."""
        if self.bar is not None:
            self.bar.close()
