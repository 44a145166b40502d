"""Amplitudes that ranks exchange, in small messages: no rank needs room for a second state."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

import numket as nk

T = TypeVar("T")

CHUNK = 2**21
"""Bytes of a message. Two are sent and two received at a time, in 8 MiB."""


def parts(view: NDArray[Any], order: Sequence[int]) -> Iterator[NDArray[Any]]:
    """A tensor in parts of at most one message, with the axes of `order` from the outermost on.

    >>> len(list(parts(np.zeros((2,) * 20, complex), range(20))))
    8
    """
    view = view.transpose(order)
    outer = max(0, view.ndim - (CHUNK // view.itemsize).bit_length() + 1)
    for index in np.ndindex(view.shape[:outer]):
        yield view[(*index, ...)]  # an array, also where no axis is left


def order_of(view: NDArray[Any]) -> list[int]:
    """The axes of a tensor, those of the largest steps in memory first.

    >>> order_of(np.zeros((2, 2, 2)).transpose(2, 0, 1))
    [1, 2, 0]
    """
    steps = [-abs(stride) for stride in view.strides]
    return [int(axis) for axis in np.argsort(steps, kind="stable")]


def swap_with(comm: MPI.Intracomm, mine: NDArray[Any], peer: int) -> int:
    """Send a tensor to another rank, and receive one of the same layout in place of it.

    Both ranks call it. Returns the number of bytes sent.
    """
    size = min(mine.size, CHUNK // mine.itemsize)
    ring = np.empty((2, 2, size), mine.dtype)
    waiting: list[tuple[list[MPI.Request], NDArray[Any], NDArray[Any]]] = []

    def finish() -> None:
        requests, part, buffer = waiting.pop(0)
        MPI.Request.Waitall(requests)
        part[...] = buffer.reshape(part.shape)

    for number, part in enumerate(parts(mine, order_of(mine))):
        if len(waiting) == len(ring):
            finish()
        outgoing, incoming = ring[number % len(ring)]
        outgoing.reshape(part.shape)[...] = part
        received = comm.Irecv(incoming, peer)
        waiting.append(([comm.Isend(outgoing, peer), received], part, incoming))
    while waiting:
        finish()
    return mine.nbytes


def agreed(comm: MPI.Intracomm, call: Callable[[], T]) -> T:
    """What a call returns, unless it raises on some rank: then the same error is raised on all.

    Every rank enters this, so that none waits for one that has failed.
    """
    error: Exception | None = None
    result: T | None = None
    try:
        result = call()
    except Exception as raised:
        error = raised
    for rank, other in enumerate(comm.allgather(error)):
        if other is not None:
            if error is None:
                other.add_note(f"raised on rank {rank} of {comm.size}")
            raise other
    return cast(T, result)


def same(comm: MPI.Intracomm, what: str, value: bytes) -> None:
    """Refuse values that differ between ranks; all ranks enter it, and all raise."""
    values = comm.allgather(hashlib.sha256(value).hexdigest())
    for rank, other in enumerate(values):
        if other != values[0]:
            raise ValueError(
                f"{what} of rank {rank} is another than that of rank 0; all ranks do the same "
                "work: give the same on all"
            )


def fingerprint(circuit: nk.Circuit, values: list[float]) -> bytes:
    """Bytes that are the same for equal circuits with equal values of their parameters.

    >>> one, other = (fingerprint(nk.Circuit(1).rx(0.1, 0), []) for _ in range(2))
    >>> one == other
    True
    """
    found = [repr((circuit.num_qubits, circuit.parameters, values))]
    for name, params, *rest in circuit:
        entries = (p.tobytes() if isinstance(p, np.ndarray) else p for p in params)
        found.append(repr((name, *entries, rest)))
    return "\n".join(found).encode()


def total(comm: MPI.Intracomm, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum over all ranks, in the order of the ranks, so that all have the same bits."""
    found = np.zeros_like(values)
    for each in comm.allgather(values):
        found += each
    return found


def values_of(circuit: nk.Circuit, params: Any) -> list[float]:
    """The values of a circuit's parameters in their order, checked as by `Circuit.run`.

    >>> values_of(nk.Circuit(1).rx(nk.Parameter("a"), 0), {"a": 0.5})
    [0.5]
    """
    names = [parameter.name for parameter in circuit.parameters]
    nk.Circuit(1, circuit.parameters).run(nk.zero_state(1), params)
    if isinstance(params, Mapping):
        named = {getattr(name, "name", name): value for name, value in params.items()}
        params = [named[name] for name in names]
    return [float(value) for value in (params if names else ())]
