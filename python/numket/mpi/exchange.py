"""Amplitudes that ranks exchange, in small messages: no rank needs room for a second state."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

CHUNK = 2**22
"""Bytes of a message. Two are received at a time, and one put together to be sent: 12 MiB."""


def outer_axes(view: NDArray[Any]) -> int:
    """How many axes of a tensor tell parts apart, so that each fits into a message.

    >>> outer_axes(np.zeros((2,) * 20, complex))
    2
    """
    return max(0, view.ndim - (CHUNK // view.itemsize).bit_length() + 1)


def parts(view: NDArray[Any], order: Sequence[int]) -> Iterator[NDArray[Any]]:
    """A tensor in parts of at most one message, with the axes of `order` from the outermost on.

    >>> len(list(parts(np.zeros((2,) * 20, complex), range(20))))
    4
    """
    view = view.transpose(order)
    for index in np.ndindex(view.shape[: outer_axes(view)]):
        yield view[(*index, ...)]  # an array, also where no axis is left


def order_of(view: NDArray[Any]) -> list[int]:
    """The axes of a tensor, those of the largest steps in memory first.

    >>> order_of(np.zeros((2, 2, 2)).transpose(2, 0, 1))
    [1, 2, 0]
    """
    steps = [-abs(stride) for stride in view.strides]
    return [int(axis) for axis in np.argsort(steps, kind="stable")]


def streamed(
    comm: MPI.Intracomm, mine: NDArray[Any], peer: int
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Send a tensor to another rank, in parts, and receive one of the same layout.

    Both ranks go through all of it. They get each part of their own with that of the other in a
    buffer, and may overwrite the first.
    """
    size = min(mine.size, CHUNK // mine.itemsize)
    ring, packed = np.empty((2, size), mine.dtype), np.empty(size, mine.dtype)
    sent = MPI.REQUEST_NULL
    waiting: list[tuple[list[MPI.Request], NDArray[Any], NDArray[Any]]] = []

    def finished() -> tuple[NDArray[Any], NDArray[Any]]:
        requests, part, buffer = waiting.pop(0)
        MPI.Request.Waitall(requests)
        return part, buffer.reshape(part.shape)

    for number, part in enumerate(parts(mine, order_of(mine))):
        if len(waiting) == len(ring):
            yield finished()
        outgoing = part  # is sent from where it lies, if it can be
        if not part.flags.c_contiguous:
            sent.Wait()
            outgoing = packed.reshape(part.shape)
            outgoing[...] = part
        incoming = ring[number % len(ring)]
        received = comm.Irecv(incoming, peer, tag=0)
        sent = comm.Isend(outgoing, peer, tag=0)
        waiting.append(([sent, received], part, incoming))
    while waiting:
        yield finished()


def swap_with(comm: MPI.Intracomm, mine: NDArray[Any], peer: int) -> int:
    """Send a tensor to another rank, and receive one of the same layout in place of it.

    Both ranks call it. Returns the number of bytes sent.
    """
    for part, incoming in streamed(comm, mine, peer):
        part[...] = incoming
    return mine.nbytes
