"""Expectation values under noise, as means over quantum trajectories.

Each run draws one operator of every Kraus channel, with the probability that it has in the state of
that run, so that the mean over runs is the value in the mixed state: J. Dalibard, Y. Castin and
K. Mølmer, Physical Review Letters 68, 580 (1992).
"""

import math
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import numket as nk
from numket._names import public as _public
from numket.circuit import Bar

__all__ = ["Estimate", "Observable"]

__dir__ = _public(globals())


class Estimate(NamedTuple):
    """The mean of an observable over trajectories, as ``Circuit.trajectories`` gives it.

    Parameters
    ----------
    mean : float
        Of the values of all runs.
    standard_error : float
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

LARGE = 2**20
"""From so many amplitudes on, threads share each run instead of the runs, for which one state is
enough. On two cores a run of a noisy circuit took 35 ms instead of 56 on 18 qubits where each had a
thread of its own, 171 instead of 190 on 20, and 780 instead of 476 on 22."""

AHEAD = 64
"""Blocks of runs that are handed to the executor before the first must be done."""

LARGEST_BLOCK = 64
"""Runs in a block at most: handing one over costs as much as a run of a few qubits."""


def run(
    circuit: nk.Circuit,
    state: NDArray[Any],
    observable: Observable,
    shots: int,
    params: Any = None,
    rng: Any = None,
    executor: Executor | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
) -> Estimate:
    """What ``Circuit.trajectories`` does.

    Examples
    --------
    >>> flips = nk.Circuit(1).apply_kraus(nk.channels.bit_flip(0.5), 0)
    >>> run(flips, nk.zero_state(1), lambda psi: abs(psi[0]) ** 2, 4, rng=1).shots
    4
    """
    if shots < 1:
        raise ValueError(f"'shots' is {shots}; it is the number of runs: use at least 1")
    value_of = _function(observable)
    nk.norm(state)  # refuses what is no state
    runs = _Runs(circuit.copy(), state, value_of, params)
    generator = np.random.default_rng(rng)
    if executor is not None:
        _check(executor)
        runs.threads = threads or 1
        return _estimate(runs, generator, shots, executor, progress)
    total = threads or nk.get_num_threads()
    workers = 1 if state.size >= LARGE else min(total, shots)
    runs.threads = total // workers
    with ThreadPoolExecutor(workers, "numket") as own:
        return _estimate(runs, generator, shots, own, progress)


def _function(observable: Any) -> Callable[[NDArray[Any]], Any]:
    """What gives an observable's value."""
    method = getattr(observable, "expectation", None)
    for given in (method, observable):
        if callable(given):
            value_of: Callable[[NDArray[Any]], Any] = given
            return value_of
    if not isinstance(observable, str):
        observable = np.array(observable)
    return lambda state: nk.expectation(state, observable)


def _check(executor: Any) -> None:
    from concurrent.futures import ProcessPoolExecutor

    if not isinstance(executor, Executor) or isinstance(executor, ProcessPoolExecutor):
        raise TypeError(
            f"'executor' is a {type(executor).__name__:.80}; it must be a "
            "concurrent.futures.Executor whose workers are threads: use a ThreadPoolExecutor"
        )


class _Stopped(Exception):
    """Ends a run whose result nobody waits for any more."""


class _Runs:
    """The runs, and what they share."""

    def __init__(
        self,
        circuit: nk.Circuit,
        state: NDArray[Any],
        value_of: Callable[[NDArray[Any]], Any],
        params: Any,
    ) -> None:
        self.circuit = circuit
        self.state = state
        self.value_of = value_of
        self.params = params
        self.threads = 1
        self.stopped = threading.Event()
        self.spare: deque[NDArray[Any]] = deque()
        """States that no worker is using. Never more than workers that ran at one time."""

    def block(self, generators: list[np.random.Generator]) -> list[float]:
        """The values of some runs, on one worker."""
        try:
            state = self.spare.pop()
        except IndexError:
            num_qubits = self.state.size.bit_length() - 1
            state = nk.empty_state(num_qubits, self.state.dtype).reshape(self.state.shape)
        try:
            with nk.threads(self.threads):
                return [self.value(state, generator) for generator in generators]
        finally:
            self.spare.append(state)

    def value(self, state: NDArray[Any], generator: np.random.Generator) -> float:
        """That of one run, in a state of the worker's own."""
        self.go_on()
        np.copyto(state, self.state)
        # Signals reach the main thread alone: it sets the event, and the report ends the run.
        self.circuit.run(state, self.params, rng=generator, progress=self.go_on)
        value = self.value_of(state)
        try:
            if np.ndim(value) == 0 and not np.iscomplexobj(value):
                return float(value)
        except TypeError:
            pass
        raise TypeError(
            f"'observable' returned a {type(value).__name__:.80}; it must be a real number: use a "
            "float"
        )

    def go_on(self, *_done: int) -> None:
        if self.stopped.is_set():
            raise _Stopped


def _estimate(
    runs: _Runs,
    generator: np.random.Generator,
    n: int,
    executor: Executor,
    progress: bool | Callable[[int, int], object] | None,
) -> Estimate:
    """Has all runs done, and adds their values up in the order of the runs."""
    bar = Bar("run") if progress is True else None
    report = bar or (progress if callable(progress) else None)
    size = min(max(n // AHEAD, 1), LARGEST_BLOCK)
    pending: deque[Future[list[float]]] = deque()
    begun = done = 0
    mean = squares = 0.0
    try:
        while done < n:
            while begun < n and len(pending) < AHEAD:
                some = generator.spawn(min(size, n - begun))
                pending.append(executor.submit(runs.block, some))
                begun += len(some)
            for value in pending[0].result():
                # Welford's update: `squares` is the sum of squared distances from the mean so far.
                done += 1
                distance = value - mean
                mean += distance / done
                squares += distance * (value - mean)
            pending.popleft()
            if report is not None:
                report(done, n)
    finally:
        # However the call ends, nobody reads the state or works for it any more.
        runs.stopped.set()
        wait([future for future in pending if not future.cancel()])
        if bar is not None:
            bar.close()
    error = math.sqrt(squares / (n - 1) / n) if n > 1 else math.nan
    return Estimate(mean, error, n)
