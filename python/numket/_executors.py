"""Work in blocks, which the workers of an executor do: threads, processes, or a cluster."""

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import pairwise
from typing import Any, TypeVar

T = TypeVar("T")

BLOCKS = 64
"""So many blocks at most: enough for many workers to end at the same time, few enough that what is
sent with each costs little."""


def check(executor: Any) -> None:
    """Refuse what is no executor, and one whose workers cannot load numket."""
    if not isinstance(executor, Executor):
        raise TypeError(
            f"'executor' is a {type(executor).__name__:.80}; it must be a "
            "concurrent.futures.Executor: use a ThreadPoolExecutor or a ProcessPoolExecutor"
        )
    if any(base.__name__ == "InterpreterPoolExecutor" for base in type(executor).__mro__):
        raise TypeError(
            "'executor' is an InterpreterPoolExecutor; neither numket nor NumPy can be imported "
            "in several interpreters of one process: use a ProcessPoolExecutor"
        )


def check_sendable(executor: Executor, **arguments: Any) -> None:
    """Refuse what pickle cannot send to the processes of an executor."""
    if not isinstance(executor, ProcessPoolExecutor):
        return  # some send functions by value, and some send nothing
    for name, argument in arguments.items():
        if callable(getattr(argument, "expectation", argument)):
            try:
                pickle.dumps(argument)
            except Exception as error:
                raise TypeError(
                    f"'{name}' is a {type(argument).__name__:.80} that cannot be sent to other "
                    "processes: use a function of a module, or an executor that sends functions "
                    "by value, as joblib's loky does"
                ) from error


def ranges(count: int) -> list[range]:
    """Cut so many items into blocks of nearly the same size.

    >>> ranges(3)
    [range(0, 1), range(1, 2), range(2, 3)]
    >>> [len(block) for block in ranges(129)][:3]
    [3, 2, 2]
    """
    size, longer = divmod(count, BLOCKS)
    ends = [block * size + min(block, longer) for block in range(min(BLOCKS, count) + 1)]
    return [range(first, end) for first, end in pairwise(ends)]


def _once(number: bytes, call: Callable[..., T], *block: Any) -> T:
    """Call a function; the number tells this call from others with the same arguments.

    Dask takes calls of a function with equal arguments for one task. While it still forgets the
    first, it loses the second: the same sweep again took 20 to 29 s instead of 2.
    """
    return call(*block)


def each(
    executor: Executor | None,
    call: Callable[..., T],
    blocks: Iterable[tuple[Any, ...]],
    use: Callable[[T], object],
) -> None:
    """Call a function of a module with each block of arguments, and use what it returns, in order.

    However this ends, the blocks that no worker has begun are cancelled.

    >>> each(None, max, [(1, 2), (5, 3)], print)
    2
    5
    """
    if executor is None:
        for block in blocks:
            use(call(*block))
        return
    futures: deque[Future[T]] = deque()
    try:
        for block in blocks:
            futures.append(executor.submit(_once, os.urandom(8), call, *block))
        while futures:
            use(futures[0].result())
            futures.popleft()
    finally:
        for future in futures:
            future.cancel()
