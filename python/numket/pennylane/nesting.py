"""A QNode that is called while another is recorded.

PennyLane makes new operations on the way to a device, of tapes that it expands and of parameters
that it makes NumPy arrays, and a queue that records takes them for operations of its own.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pennylane.queuing import QueuingManager

OPTION = "queued"
"""The device option that takes what was queued through PennyLane: a `Queued`, or nothing."""

WARNING = (
    "a QNode is differentiated while another is recorded, which may take operations of the one for "
    "its own: do it outside, or under 'with qml.QueuingManager.stop_recording()'"
)


class Queued:
    """What the queue that records held, to be so again."""

    def __init__(self) -> None:
        self.queue: Any = QueuingManager.active_context()
        self.kept = frozenset(self.queue)

    def restore(self) -> None:
        """Remove what has been queued since. Does nothing the second time."""
        for entry in list(self.queue or ()):
            if entry not in self.kept:
                del self.queue[entry]
        self.queue = None


def before(options: dict[str, Any]) -> dict[str, Any]:
    """The device options of a QNode, with what was queued before it, if anything is recorded.

    >>> before({"rng": None})
    {'rng': None}
    """
    if OPTION in options or not QueuingManager.recording():
        return options
    return options | {OPTION: Queued()}


@contextmanager
def apart(config: Any, forward: bool = True) -> Iterator[None]:
    """Around the work of a device: nothing of it is queued, nor what led to it.

    Parameters
    ----------
    config : pennylane.devices.ExecutionConfig or None
        Its device options are those of `before`.
    forward : bool
        Whether results are computed, and no derivatives.
    """
    queued = None if config is None else config.device_options.get(OPTION)
    if QueuingManager.recording():
        if queued is not None and queued.queue is QueuingManager.active_context():
            queued.restore()
        elif not forward or queued is not None:
            # Since the QNode was called, others may have queued what is theirs.
            warnings.warn(WARNING, UserWarning, stacklevel=4)
    with QueuingManager.stop_recording():
        yield
