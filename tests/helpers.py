"""What several tests do to the library."""

import signal
import threading
import tracemalloc
from contextlib import contextmanager

import pytest


class Meddles:
    """An index that does something else first."""

    def __init__(self, value, action):
        self.value, self.action = value, action

    def __index__(self):
        self.action()
        return self.value


@contextmanager
def interrupted(seconds=0.3):
    """The block is stopped by Ctrl-C after some time; gives a list of the notes of the error."""
    notes = []
    old = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            yield notes
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    notes.extend(getattr(caught.value, "__notes__", []))


def in_threads(count, work):
    """Calls `work` on some threads at a time; what one raises is raised here."""
    errors = []

    def guarded():
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@contextmanager
def peak():
    """Gives a function that tells how many bytes Python and NumPy took in the block, at most."""
    tracemalloc.start()
    found = []
    try:
        yield lambda: found[0]
        found.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
