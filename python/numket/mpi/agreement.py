"""What ranks agree on: that none of them has failed, and that all were given the same.

Every rank enters these functions, so that none waits for one that has given up.
"""

import hashlib
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FrameType
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

import numket as nk

T = TypeVar("T")
P = ParamSpec("P")
S = TypeVar("S")
C = TypeVar("C")


class _Signals:
    """Ctrl-C, which waits until this rank is in work of its own, of which all ranks hear."""

    handler: Callable[[int, FrameType | None], Any] | None = None
    """What takes signals otherwise; None where they are not held back."""
    working = False
    waiting: tuple[int, FrameType | None] | None = None

    def take(self, number: int, frame: FrameType | None) -> None:
        if self.working and self.handler is not None:
            self.working = False
            self.handler(number, frame)
        else:
            self.waiting = number, frame

    def raise_waiting(self) -> None:
        if self.waiting is not None and self.handler is not None:
            waiting, self.waiting = self.waiting, None
            self.handler(*waiting)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        before = signal.getsignal(signal.SIGINT)
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or self.handler is not None or not callable(before):
            yield
            return
        self.handler = before
        signal.signal(signal.SIGINT, self.take)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            try:
                self.raise_waiting()
            finally:
                self.handler = None


signals = _Signals()


def agreed(comm: MPI.Intracomm, call: Callable[[], T]) -> T:
    """What a call returns, unless it raises on some rank: then the same error is raised on all.

    >>> agreed(MPI.COMM_SELF, lambda: 5)
    5
    """
    error: BaseException | None = None
    result: T | None = None
    try:
        try:
            signals.working = True
            signals.raise_waiting()
            result = call()
        finally:
            signals.working = False
    except BaseException as raised:
        error = raised
    others = [rank for rank in range(comm.size) if rank != comm.rank]
    if error is not None and not isinstance(error, Stopped):
        MPI.Request.Waitall([comm.Isend(b"", rank, STOP) for rank in others])
    failed = np.array([error is not None], np.int8)
    comm.Allreduce(MPI.IN_PLACE, failed, MPI.MAX)
    if failed[0]:
        errors = comm.allgather(None if error is None else _sendable(error))
        causes = [
            rank
            for rank, other in enumerate(errors)
            if not (other is None or isinstance(other, Stopped))
        ]
        for rank in causes:
            if rank != comm.rank:
                comm.Recv(bytearray(), rank, STOP)
        if causes[0] == comm.rank and error is not None:
            raise error
        errors[causes[0]].add_note(f"raised on rank {causes[0]} of {comm.size}")
        raise errors[causes[0]] from None
    return cast(T, result)


STOP = 1
"""The tag of an empty message from a rank that has failed. Amplitudes have 0."""


class Stopped(Exception):
    """Another rank has failed."""


def go_on(comm: MPI.Intracomm) -> Callable[[int, int], None]:
    """The progress of a long call, which ends it where another rank has failed.

    >>> go_on(MPI.COMM_SELF)(1, 2)
    """

    def ask(done: int, total: int) -> None:
        if comm.Iprobe(MPI.ANY_SOURCE, STOP):
            raise Stopped

    return ask


def _sendable(error: BaseException) -> BaseException:
    """An error that other processes can be told of."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def collective(
    method: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[S, P], T]:
    """A method that all ranks call :func:`together`."""

    @wraps(method)
    def entered(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
        with together(cast(Any, self).comm, own):
            return method(self, *args, **kwargs)

    return cast(Callable[Concatenate[S, P], T], entered)


@contextmanager
def together(comm: C, take: Callable[[C], MPI.Intracomm]) -> Iterator[MPI.Intracomm]:
    """What all ranks of a communicator do: Ctrl-C on one of them is raised on all.

    What NumPy would warn of on one rank, as of an overflow, is none: others would wait for it.

    >>> with together(None, duplicate) as comm:
    ...     comm.size
    1
    """
    with signals.held_back(), np.errstate(all="ignore"):
        comm_of_all = take(comm)
        yield comm_of_all
        agreed(comm_of_all, lambda: None)


def own(comm: MPI.Intracomm) -> MPI.Intracomm:
    """The same communicator, if it can be used.

    >>> own(MPI.COMM_SELF) is MPI.COMM_SELF
    True
    """
    if not MPI.Is_initialized():
        raise RuntimeError("MPI has not begun; numket never begins it: call mpi4py.MPI.Init()")
    if MPI.Is_finalized():
        raise RuntimeError("MPI has ended; nothing can be sent any more: end it later")
    if isinstance(comm, MPI.Comm) and comm == MPI.COMM_NULL:
        raise ValueError("'comm' has been freed, or is null; nobody is in it: use another")
    if not isinstance(comm, MPI.Intracomm):
        raise TypeError(
            f"'comm' is a {type(comm).__name__:.80}; it must be a communicator of mpi4py: use "
            "MPI.COMM_WORLD, or leave it out"
        )
    return comm


_duplicate_of: int | None = None


def duplicate(comm: MPI.Intracomm | None) -> MPI.Intracomm:
    """A communicator of numket's own with the same ranks; one for each that is given.

    MPI has but a few thousand of them. It is freed with the one that it was made of.

    >>> duplicate(MPI.COMM_SELF) == duplicate(MPI.COMM_SELF) != MPI.COMM_SELF
    True
    """
    global _duplicate_of
    comm = own(MPI.COMM_WORLD if comm is None else comm)
    if _duplicate_of is None:
        _duplicate_of = MPI.Comm.Create_keyval(delete_fn=_free)
    found = comm.Get_attr(_duplicate_of)
    if found is None:
        found = comm.Dup()
        comm.Set_attr(_duplicate_of, found)
    return cast(MPI.Intracomm, found)


def _free(comm: MPI.Comm, keyval: int, found: MPI.Intracomm) -> None:
    if not MPI.Is_finalized():
        found.Free()


def same(comm: MPI.Intracomm, what: str, value: bytes) -> None:
    """Refuse values that differ between ranks; all ranks enter it, and all raise."""
    values = comm.allgather(hashlib.sha256(value).digest())
    for rank, other in enumerate(values):
        if other != values[0]:
            raise ValueError(
                f"{what} of rank {rank} is another than that of rank 0; all ranks do the same "
                "work: give the same on all"
            )


def total(comm: MPI.Intracomm, values: NDArray[Any]) -> NDArray[Any]:
    """The sum over all ranks, in the order of the ranks, so that all have the same bits.

    >>> total(MPI.COMM_SELF, np.array([0.5]))
    array([0.5])
    """
    found = np.zeros_like(values)
    buffer = np.empty_like(values)
    for rank in range(comm.size):
        # One rank after the other: an allgather would need room for the values of all.
        if rank == comm.rank:
            buffer[...] = values
        comm.Bcast(buffer, rank)
        found += buffer
    return found


def drawn(
    comm: MPI.Intracomm, rng: Any, draw: Callable[[np.random.Generator], NDArray[Any]]
) -> NDArray[Any]:
    """Random numbers, the same on all ranks: of a seed or generator that is alike on all.

    Where None is given, those of rank 0.

    >>> drawn(MPI.COMM_SELF, 7, lambda generator: generator.random(1)).round(3)
    array([0.625])
    """

    def take() -> NDArray[Any]:
        if not isinstance(rng, np.random.Generator):
            nk.sample(nk.zero_state(1), 0, rng=rng)  # refuses what is no seed
        return np.ascontiguousarray(draw(np.random.default_rng(rng)))

    numbers = agreed(comm, take)
    same(comm, "'rng'", b"None" if rng is None else numbers.tobytes())
    comm.Bcast(numbers, 0)
    return numbers
