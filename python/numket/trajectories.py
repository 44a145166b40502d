"""Expectation values under noise, as means over quantum trajectories.

Each run draws one operator of every Kraus channel, with the probability that it has in the state of
that run, so that the mean over runs is the value in the mixed state: J. Dalibard, Y. Castin and
K. Mølmer, Physical Review Letters 68, 580 (1992).
"""

import copy
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import numket as nk
from numket import _executors
from numket._names import public as _public
from numket.progress import Bar

__all__ = ["Estimate", "Observable"]

__dir__ = _public(globals())


class Estimate(NamedTuple):
    """The mean of an observable over trajectories.

    ``Circuit.trajectories`` gives it, and `numket.quantum_jumps`, there with arrays of means and of
    errors for several times and observables.

    Parameters
    ----------
    mean : float or ndarray
        Of the values of all runs.
    standard_error : float or ndarray
        The sample's standard deviation over sqrt(shots); NaN for one run.
    shots : int
        The number of runs.

    Attributes
    ----------
    n : int
        An older name of `shots`.

    Examples
    --------
    >>> import numket as nk
    >>> flips = nk.Circuit(1).apply_kraus(nk.channels.bit_flip(0.25), 0)
    >>> estimate = flips.trajectories(nk.zero_state(1), "Z", 1000, rng=7)
    >>> abs(estimate.mean - 0.5) < 5 * estimate.standard_error
    True
    """

    mean: float
    standard_error: float
    shots: int

    @property
    def n(self) -> int:
        """An older name of `shots`."""
        return self.shots


class HasExpectation(Protocol):
    """An observable that knows its own expectation value, such as a `PauliSum`.

    Examples
    --------
    >>> import numket as nk
    >>> class Excitations:
    ...     def expectation(self, state, /):
    ...         return nk.probabilities(state) @ [0, 1, 1, 2]
    >>> circuit = nk.Circuit(2).x(0)
    >>> circuit.trajectories(nk.zero_state(2), Excitations(), 10).mean
    1.0
    """

    def expectation(self, state: Any, /) -> Any:
        """Read the expectation value from a state.

        Parameters
        ----------
        state : ndarray of complex128 or complex64
            The state after a run, in the shape of that given to ``Circuit.trajectories``.

        Returns
        -------
        float
            Any real number.
        """


Observable: TypeAlias = Callable[[NDArray[Any]], Any] | HasExpectation | str | ArrayLike

AMPLITUDES = 2**17
"""So many are run at a time, in 2 MiB; sixteen times as many for an executor, whose threads are to
have states of their own."""

CACHED = 2**22
"""A state of more bytes is run by itself, by all threads: caches hold no more."""

FEW = 16
"""So many states below that are run at a time at least: threads can share them."""

MOST = 1024
"""Runs at a time at most, between two reports."""

PARTS = 64
"""Runs are cut into so many parts if the observable is a function, which may take long; and those
of a batch, for an executor."""


def run(
    circuit: nk.Circuit,
    state: NDArray[Any],
    observable: Observable,
    shots: int,
    params: Any = None,
    rng: Any = None,
    draws: int = 0,
    executor: Executor | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
) -> Estimate:
    """What ``Circuit.trajectories`` does; each run draws `draws` numbers.

    Examples
    --------
    >>> flips = nk.Circuit(1).apply_kraus(nk.channels.bit_flip(0.5), 0)
    >>> run(flips, nk.zero_state(1), lambda psi: abs(psi[0]) ** 2, 4, rng=1).shots
    4
    """
    if shots < 1:
        raise ValueError(f"'shots' is {shots}; it is the number of runs: use at least 1")
    if executor is not None:
        _executors.check(executor)
    nk.norm(state)  # refuses what is no state
    circuit = circuit.copy()  # the observable may add to it
    generator = np.random.default_rng(rng)
    bar = Bar("run") if progress is True else None
    report = bar or (progress if callable(progress) else None)
    mean = squares = 0.0
    done = 0

    def take(values: Iterable[float]) -> None:
        nonlocal mean, squares, done
        for value in values:
            # Welford: `squares` is the sum of squared distances from the mean so far.
            done += 1
            distance = value - mean
            mean += distance / done
            squares += distance * (value - mean)
        if report is not None:
            report(done, shots)

    try:
        if executor is None or isinstance(executor, ThreadPoolExecutor):
            with nullcontext() if threads is None else nk.threads(threads):
                batches = _batches(circuit, state, observable, shots, params, generator, executor)
                for values in batches:
                    take(values)
        else:
            _executors.check_sendable(executor, observable=observable)
            each = (
                (circuit, state, observable, len(block), params, own, threads or 1)
                for block, own in _generators(generator, draws, _executors.ranges(shots))
            )
            _executors.each(executor, of_block, each, take)
    finally:
        if bar is not None:
            bar.close()
    error = math.sqrt(squares / (shots - 1) / shots) if shots > 1 else math.nan
    return Estimate(mean, error, shots)


def of_block(
    circuit: nk.Circuit,
    state: NDArray[Any],
    observable: Observable,
    shots: int,
    params: Any,
    generator: np.random.Generator,
    threads: int,
) -> list[float]:
    """The values of an observable after some runs, which draw from a generator.

    Examples
    --------
    >>> flips = nk.Circuit(1).apply_kraus(nk.channels.bit_flip(0.5), 0)
    >>> of_block(flips, nk.zero_state(1), "Z", 4, None, np.random.default_rng(1), 1)
    [-1.0, -1.0, 1.0, -1.0]
    """
    with nk.threads(threads):
        batches = _batches(circuit, state, observable, shots, params, generator)
        return [value for values in batches for value in values]


def _generators(
    generator: np.random.Generator, draws: int, blocks: Iterable[range]
) -> Iterator[tuple[range, np.random.Generator]]:
    """A generator for each block of runs, which begins where that of the block before ends."""
    if type(generator) is not np.random.Generator:
        raise TypeError(
            f"'rng' is a {type(generator).__name__:.80}; only a numpy.random.Generator can be sent "
            "to other processes: use one, or an int"
        )
    drawn = np.empty(2**12)
    for block in blocks:
        yield block, copy.deepcopy(generator)
        left = len(block) * draws
        while left > 0:
            generator.random(out=drawn[:left])
            left -= len(drawn)


def _batches(
    circuit: nk.Circuit,
    state: NDArray[Any],
    observable: Observable,
    shots: int,
    params: Any,
    generator: np.random.Generator,
    executor: Executor | None = None,
) -> Iterator[Iterable[float]]:
    """The values of an observable after runs, for as many at a time as there is room for."""
    values_of, most = _values(observable, executor, shots)
    room = AMPLITUDES * (1 if executor is None else 16)
    states = _states(state, min(shots, most), room)
    while shots > 0:
        some = states[:shots]
        some[...] = state
        circuit.run(some, params, rng=generator, batch=1)
        yield values_of(some)
        shots -= len(some)


def _states(state: NDArray[Any], most: int, room: int) -> NDArray[Any]:
    """Room for the states that are run at a time, as many whatever the number of threads."""
    least = 1 if state.nbytes > CACHED else FEW
    number = min(max(room // state.size, least), most)
    bits = state.size.bit_length() - 1 + (number - 1).bit_length()
    array = nk.empty_state(bits, state.dtype)[: number * state.size]
    return array.reshape(number, *state.shape)


def _values(
    observable: Any, executor: Executor | None, shots: int
) -> tuple[Callable[[NDArray[Any]], Iterable[float]], int]:
    """What gives the values of an observable in the states of a batch, and how many it may have."""
    if type(observable) is nk.PauliSum:
        return lambda states: map(_real, observable.expectation(states, batch=1)), MOST
    if isinstance(observable, str):
        return lambda states: map(float, nk.expectation(states, observable, batch=1)), MOST
    value_of = getattr(observable, "expectation", observable)
    if not callable(value_of):
        matrix = np.array(observable)
        return lambda states: (float(nk.expectation(state, matrix)) for state in states), MOST

    most = min(max(-(-shots // PARTS), FEW), MOST)
    if executor is None:
        return lambda states: (_real(value_of(state)) for state in states), most
    return lambda states: _by(executor, value_of, states), most


def _by(
    executor: Executor, value_of: Callable[[NDArray[Any]], Any], states: NDArray[Any]
) -> list[float]:
    """The values in all states, by the threads of an executor."""
    stopped = threading.Event()

    def values_of(part: NDArray[Any]) -> list[float]:
        with nk.threads(1):
            return [_real(value_of(state)) for state in part if not stopped.is_set()]

    size = -(-len(states) // PARTS)
    futures: list[Future[list[float]]] = []
    try:
        for first in range(0, len(states), size):
            futures.append(executor.submit(values_of, states[first : first + size]))
        return [value for future in futures for value in future.result()]
    finally:
        # However the call ends, nobody uses the states any more.
        stopped.set()
        wait([future for future in futures if not future.cancel()])


def _real(value: Any) -> float:
    """A value of an observable."""
    try:
        if np.ndim(value) == 0 and not np.iscomplexobj(value):
            return float(value)
    except TypeError:
        pass
    raise TypeError(
        f"'observable' returned a {type(value).__name__:.80}; it must be a real number: use a float"
    )
