"""Expectation values and gradients over a table of parameters, in blocks."""

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _executors
from numket._names import public as _public
from numket.progress import Bar

__all__: list[str] = []

__dir__ = _public(globals())


def run(
    circuit: nk.Circuit,
    observable: Any,
    table: NDArray[np.float64],
    shape: tuple[int, ...],
    qubits: list[int] | None = None,
    gradient: bool = False,
    state: NDArray[Any] | None = None,
    executor: Executor | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
) -> Any:
    """What ``Circuit.sweep`` does: `table` has a row for each point, `shape` is that of all points.

    Examples
    --------
    >>> circuit = nk.Circuit(1).ry(nk.Parameter("a"), 0)
    >>> run(circuit, "Z", np.array([[0.0], [np.pi]]), (2,))
    array([ 1., -1.])
    """
    if executor is not None:
        _executors.check(executor)
        threads = threads or 1
    points = len(table)
    whole = points == 0 or (executor is None and not progress)
    blocks = [range(points)] if whole else _executors.ranges(points)
    fixed = circuit.copy(), observable, qubits, gradient, state, threads
    calls = ((*fixed, table[block.start : block.stop]) for block in blocks)
    bar = Bar("point") if progress is True else None
    report = bar or (progress if callable(progress) else None)
    found: list[Any] = []

    def take(part: Any) -> None:
        found.append(part)
        if report is not None:
            report(blocks[len(found) - 1].stop, points)

    try:
        _executors.each(executor if points else None, of_block, calls, take)
    finally:
        if bar is not None:
            bar.close()
    if not gradient:
        return _shaped(np.concatenate(found), shape)
    values, slopes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _shaped(values, shape), slopes.reshape(*shape, table.shape[1])


def of_block(
    circuit: nk.Circuit,
    observable: Any,
    qubits: list[int] | None,
    gradient: bool,
    state: NDArray[Any] | None,
    threads: int | None,
    rows: NDArray[np.float64],
) -> Any:
    """The values at the points of some rows, and their gradients if asked for.

    Examples
    --------
    >>> circuit = nk.Circuit(1).ry(nk.Parameter("a"), 0)
    >>> of_block(circuit, "Z", None, False, None, 1, np.array([[0.0], [np.pi]]))
    array([ 1., -1.])
    """
    call = circuit.gradient if gradient else circuit.expectation
    with nullcontext() if threads is None else nk.threads(threads):
        if state is None or len(rows) == 0:
            return call(observable, rows, qubits, batch=1)
        each = [call(observable, row, qubits, state=state) for row in rows]
    if not gradient:
        return np.array(each)
    return tuple(np.array(part) for part in zip(*each, strict=True))


def _shaped(values: NDArray[Any], shape: tuple[int, ...]) -> Any:
    """One number for a table of one point without axes."""
    return values.reshape(shape) if shape else values[0].item()
