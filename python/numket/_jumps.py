"""Open systems by quantum jumps: the Monte Carlo wave function method."""

from collections.abc import Callable
from math import exp, isfinite, log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numket import _core
from numket._core import PauliSum
from numket._evolution import _all_qubits, noted, several
from numket._lindblad import _checked, _jumps

__all__ = ["quantum_jumps"]

AHEAD = 2.0
"""A step is so many times as long as the next jump is away, if the rates stay what they are."""

ACCURACY = 1e-10
"""How far the logarithm of the norm's square may be from its mark at a jump, beside what `tol`
leaves; 1e-5 for complex64."""

TRIES = 80
"""Steps at most in which a jump is closed in on; each fourth one halves what is left."""

SMALLEST = 1e-300
"""No norm counts as less, and no random number."""

SEEDS = 2**63
"""Seeds of trajectories are less."""


class _System(NamedTuple):
    """What makes states jump."""

    effective: PauliSum
    """The Hamiltonian less half i times the rates."""
    rates: PauliSum
    """The sum of all L^dagger L."""
    jumps: list[PauliSum]
    each: list[PauliSum]
    """L^dagger L of each jump."""
    tol: float
    threads: int | None

    def check(self, none: NDArray[Any], longest: float) -> None:
        """Refuses, on a batch of no states, what no step would take."""
        _core.evolve(none, self.effective, longest, hermitian=False, tol=self.tol, batch=1)


def quantum_jumps(
    state: NDArray[Any],
    hamiltonian: PauliSum,
    jumps: Any,
    t: Any,
    *,
    trajectories: int | None = None,
    observables: Any = None,
    rng: Any = None,
    tol: float = 1e-12,
    batch: int = 0,
    threads: int | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
) -> Any:
    """Evolves kets of an open system, which jump at random: the mean is that of `numket.lindblad`.

    The Monte Carlo wave function method, as QuTiP's `mcsolve`. Between jumps a state follows ``H -
    i/2 sum(L^dagger L)``, under which its norm falls; it jumps to ``L psi`` when the square of the
    norm meets a random number. It takes 2**n numbers where `numket.lindblad` takes 4**n.

    Without `trajectories` the state itself goes through one, in place; each state of a batch
    through one of its own. With ``trajectories=N`` the state is only read, and what comes back is
    the mean over N trajectories with its standard error.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Its norm is kept.
    hamiltonian : PauliSum
        A Hermitian sum on n qubits.
    jumps : iterable of PauliSum or (array_like, qubits)
        Jump operators, each with the root of its rate as a factor, as for `numket.lindblad`.
    t : float or array_like of shape (T,)
        The time; or several that do not decrease, as seen from the time 0 of the call.
    trajectories : int, optional
        How many to take the mean over.
    observables : PauliSum, str, or a sequence of what `numket.expectation` takes, optional
        What to read at each time; needed with `trajectories`, and then Hermitian.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes. Each trajectory has random numbers of its own, whose seed
        is drawn from it at the beginning.
    tol : float
        A bound on the norm of what is left out of the series between jumps.
    batch : int
        Number of leading axes of the state that count states, without `trajectories`.
    threads : int, optional
        At most this many threads for this call.
    progress : bool or callable, optional
        Whether to draw a bar of the trajectories, or a function of how many are done, and of all.

    Returns
    -------
    None, ndarray of float64, or Estimate
        Without `trajectories`, as for `numket.evolve`. With it, ``(mean, standard_error, shots)``:
        the first two are arrays with the axes of the times and of the observables; without the
        first for a single time, and without the second for one observable that is not in a
        sequence.

    Raises
    ------
    TypeError
        Where an argument has a wrong type, or a state is real.
    ValueError
        Where a shape does not fit, H or an observable is not Hermitian, a state has norm 0, times
        decrease, or an argument is one that `numket.evolve` refuses.
    MemoryError
        Where there is no room for what is needed: five states; with `trajectories` also 2 MiB of
        states, or two of them.
    BufferInUseError
        Where another call is using the memory of the state. Each of these before anything is
        written.
    KeyboardInterrupt
        On Ctrl-C; without `trajectories` its note says of which time the state is.

    See Also
    --------
    numket.lindblad : The density matrix, without random numbers.
    numket.Circuit.trajectories : Circuits with channels.
    numket.evolve : Without jumps; with hermitian=False under an effective Hamiltonian.

    Notes
    -----
    A jump is found to 1e-10 in the logarithm of the norm's square (1e-5 for complex64), so its time
    to 1e-10 of the mean time between jumps at that rate, if `tol` is as small. The results are the
    same for the same seed, whatever the number of threads. A trajectory depends on its seed alone,
    not on how many there are, nor on the states beside it in a batch. It has no memory: calls that
    continue from one time to the next with one Generator are as good as a single one.

    J. Dalibard, Y. Castin and K. Molmer, Physical Review Letters 68, 580 (1992). R. Dum, P. Zoller
    and H. Ritsch, Physical Review A 45, 4879 (1992).

    Examples
    --------
    Decay of an excited spin at the rate 0.5: it is there, and then it is not.

    >>> import numpy as np, numket as nk
    >>> jump = np.sqrt(0.5) * nk.PauliSum({"X": 0.5, "Y": 0.5j})  # |0><1|
    >>> still, times = nk.PauliSum({"Z": -1.0}), [0, 1, 2, 4]
    >>> psi = nk.basis_state(1, "1")
    >>> nk.quantum_jumps(psi, still, [jump], times, observables="Z", rng=2).round(12)
    array([-1., -1.,  1.,  1.])

    The mean over many, which goes like ``1 - 2 exp(-t / 2)``:

    >>> psi = nk.basis_state(1, "1")
    >>> found = nk.quantum_jumps(
    ...     psi, still, [jump], times, trajectories=1000, observables="Z", rng=2
    ... )
    >>> bool(np.all(abs(found.mean - (1 - 2 * np.exp(-np.array(times) / 2))) < 0.1))
    True
    """
    times = _times(t)
    single_time = np.ndim(t) == 0
    array = state.state if isinstance(state, _core.Ket) else state
    norms = np.asarray(_core.norm(array, batch=0 if trajectories is not None else batch))
    if not (np.isfinite(norms) & (norms > 0)).all():
        raise ValueError(
            "the state has norm 0 or one that is not finite, which nothing can keep: use a state "
            "that is not 0"
        )
    array = np.asarray(array)
    if array.dtype.kind != "c":
        raise TypeError(
            f"'state' has dtype {array.dtype}, and would not stay real: use state.astype(complex)"
        )
    if trajectories is None and not array.flags.writeable:
        raise ValueError(
            "'state' is read-only; without trajectories=N it is changed in place: use a writeable "
            "array, for instance state.copy()"
        )
    n = len(_all_qubits(array, batch))
    system = _system(hamiltonian, jumps, n, tol, threads)
    longest = float(np.diff([0.0, *times]).max(initial=0.0))
    system.check(np.empty((0, *array.shape[batch:]), array.dtype), longest)
    observed, single = several(observables)
    if observables is not None:
        for each in observed:  # refuses what is none, before anything is done
            value = _core.expectation(array, each, batch=batch)
            if trajectories is not None and np.iscomplexobj(value):
                raise ValueError(
                    "'observables' holds a sum that is not Hermitian, whose values have no "
                    "standard error: use (total + total.adjoint()) / 2"
                )
    generator = np.random.default_rng(rng)
    if trajectories is None:
        if progress is not None and progress is not False:
            raise ValueError("'progress' is given without trajectories=N: leave it out")
        seeds = generator.integers(SEEDS, size=norms.size)
        values = _in_place(array, norms, times, system, observed, seeds, batch)
    else:
        count = _core.whole_number("trajectories", trajectories)
        if count < 1:
            raise ValueError(f"'trajectories' is {count}: use at least 1")
        if batch:
            raise ValueError("'batch' is given with trajectories=N of one state: leave one out")
        if observables is None:
            raise ValueError(
                "'observables' is missing; 'trajectories' is how many to take their mean over: "
                "give observables, or leave 'trajectories' out to evolve the state itself"
            )
        seeds = generator.integers(SEEDS, size=count)
        from numket.progress import Bar
        from numket.trajectories import Estimate

        start = (array / norms).astype(array.dtype, copy=False)
        runs = _Runs(start, times, system, observed, seeds)
        bar = Bar("trajectory") if progress is True else None
        try:
            values = runs.estimate(bar or (progress if callable(progress) else None))
        finally:
            if bar is not None:
                bar.close()
        values = values * np.array([norms**2, norms**2])[:, np.newaxis, np.newaxis]
    if observables is None:
        return None
    # Axes: mean and error, if they are that, then times, observables and the batch.
    lead = 0 if trajectories is None else 1
    if single:
        values = values.take(0, axis=lead + 1)
    if single_time:
        values = values.take(0, axis=lead)
    if trajectories is None:
        return values if values.ndim else values.item()
    mean, error = (value if value.ndim else value.item() for value in values)
    return Estimate(mean, error, len(seeds))


def _times(given: Any) -> list[float]:
    """Times that do not decrease.

    >>> _times(2), _times([0, 1])
    ([2.0], [0.0, 1.0])
    """
    try:
        times = np.asarray(given)
    except ValueError:  # rows of several lengths
        times = np.empty(0, object)
    if times.dtype.kind not in "biuf" or times.ndim > 1:
        raise TypeError(
            f"'t' is {_core.shown(given)}; it must be one time, or a sequence of times: use numbers"
        )
    if not np.isfinite(times).all():
        raise ValueError("'t' holds a NaN or an infinity: use finite times")
    listed = [float(time) for time in times.reshape(-1)]
    if any(after < before for before, after in zip([0.0, *listed], listed, strict=False)):
        raise ValueError(
            "'t' decreases, from the time 0 on; nothing jumps back in time: use times in order"
        )
    return listed


def _system(hamiltonian: Any, given: Any, n: int, tol: float, threads: int | None) -> _System:
    total, jumps = _checked("hamiltonian", hamiltonian, n), _jumps(given, n)
    if not total.hermitian:
        raise ValueError(
            "'hamiltonian' is not Hermitian; what is lost goes through jumps: use (hamiltonian + "
            "hamiltonian.adjoint()) / 2"
        )
    each = [jump.adjoint() @ jump for jump in jumps]
    rates = sum(each, start=PauliSum({}, num_qubits=n))
    return _System(total - 0.5j * rates, rates, jumps, each, tol, threads)


def _in_place(
    array: NDArray[Any],
    norms: NDArray[Any],
    times: list[float],
    system: _System,
    observed: list[Any],
    seeds: NDArray[Any],
    batch: int,
) -> NDArray[Any]:
    """Takes each state of an array through a trajectory, and reads observables at each time."""
    scales = norms.reshape(norms.shape + (1,) * (array.ndim - batch))
    states = (array / scales).reshape(-1, *array.shape[batch:]).astype(array.dtype, copy=False)
    going = _Going(states, seeds, system)
    read, before = [], 0.0
    for time in times:
        with noted(
            f"numket stopped on the way from t = {before!r} to t = {time!r}; the state is that of "
            f"t = {before!r}"
        ):
            going.advance(time - before)
        array[...] = states.reshape(array.shape) * scales
        before = time
        if observed != [None]:
            options: Any = {"batch": batch, "threads": system.threads}
            with noted(f"numket stopped at t = {time!r}, of which the state is"):
                read.append([_core.expectation(array, each, **options) for each in observed])
    shape = (len(times), len(observed), *norms.shape)
    return np.array(read).reshape(shape) if observed != [None] else np.empty(0)


class _Runs(NamedTuple):
    """Trajectories to take the mean over."""

    start: NDArray[Any]
    """A state of norm 1."""
    times: list[float]
    system: _System
    observed: list[Any]
    seeds: NDArray[Any]

    def estimate(self, report: Callable[[int, int], object] | None) -> NDArray[Any]:
        """The means and their standard errors, for all times and observables."""
        from numket.trajectories import AMPLITUDES, MOST, _states

        count, done = len(self.seeds), 0
        mean = squares = np.zeros((len(self.times), len(self.observed)))
        room = _states(self.start, min(count, MOST), AMPLITUDES)
        with noted("numket stopped before the call had ended; nothing was changed"):
            while done < count:
                some = room[: count - done]
                some[...] = self.start
                values = self.values(some, self.seeds[done : done + len(some)])
                # Those of this block join those before: `squares` adds up squared distances.
                joined = done + len(some)
                own = values.mean(axis=-1)
                apart = own - mean
                squares = squares + ((values - own[..., np.newaxis]) ** 2).sum(axis=-1)
                squares = squares + apart**2 * (done * len(some) / joined)
                mean = mean + apart * (len(some) / joined)
                done = joined
                if report is not None:
                    report(done, count)
        error = np.sqrt(squares / (count - 1) / count) if count > 1 else np.full_like(mean, np.nan)
        return np.array([mean, error])

    def values(self, states: NDArray[Any], seeds: NDArray[Any]) -> NDArray[Any]:
        """The values of each trajectory in the last axis."""
        going, before = _Going(states, seeds, self.system), 0.0
        values = np.empty((len(self.times), len(self.observed), len(states)))
        for place, time in enumerate(self.times):
            going.advance(time - before)
            before = time
            for number, each in enumerate(self.observed):
                values[place, number] = _core.expectation(
                    states, each, batch=1, threads=self.system.threads
                )
        return values


class _Going:
    """States of norm 1 on their way, each a trajectory."""

    def __init__(self, states: NDArray[Any], seeds: NDArray[Any], system: _System) -> None:
        self.states, self.system = states, system
        self.streams = [np.random.default_rng(seed) for seed in seeds]
        self.marks = [_mark(stream) for stream in self.streams]
        """The logarithm of the norm's square, if it were not kept at 1, at which each jumps."""

    def advance(self, time: float) -> None:
        """Takes all states so far, through their jumps."""
        rates = np.real(self.mean(self.states, self.system.rates, 1))
        # Those that are unlikely to jump go together.
        calm = [j for j, rate in enumerate(rates) if time <= _step(self.marks[j], rate, time)]
        restless = dict.fromkeys(set(range(len(rates))).difference(calm), None)
        if calm:
            trial = self.states[calm]
            logs = self.decay(trial, time, 1)
            for j, log_square, after in zip(calm, logs.tolist(), trial, strict=True):
                if log_square > self.marks[j]:
                    self.states[j] = after
                    self.marks[j] -= log_square
                else:
                    restless[j] = log_square
        for j in sorted(restless):
            self.jump_on(j, time, restless[j])

    def jump_on(self, j: int, time: float, log_square: float | None) -> None:
        """The same for one state, of which may be known what its norm would become."""
        psi, left = self.states[j], time
        while left > 0:
            mark = self.marks[j]
            if log_square is None:
                step = _step(mark, float(np.real(self.mean(psi, self.system.rates, 0))), left)
                trial = psi.copy()
                log_square = float(self.decay(trial, step, 0))
                if log_square > mark:
                    psi[...] = trial
                    self.marks[j] -= log_square
                    left = 0.0 if step == left else left - step
                    log_square = None
                    continue
            else:
                step = left
            left -= self.close_in(psi, mark, step, log_square)
            self.jump(psi, self.streams[j])
            self.marks[j] = _mark(self.streams[j])
            log_square = None

    def close_in(self, psi: NDArray[Any], mark: float, step: float, log_square: float) -> float:
        """Takes a state to where it jumps, before the end of a step, and says when that is.

        By false position, as the Illinois method has it, from states before the jump.
        """
        accuracy = 4 * self.system.tol * exp(-mark / 2)
        accuracy += ACCURACY if psi.dtype == np.complex128 else 1e-5
        now, end = 0.0, step
        above, below = -mark, log_square - mark
        # Of an end that stays for a second time, half counts.
        weights, before = [1.0, 1.0], None
        for number in range(TRIES):
            if above <= accuracy or end - now <= 1e-15 * step:
                break
            a, b = above * weights[0], -below * weights[1]
            part = 0.5 if number % 4 == 3 or not isfinite(b) else a / (a + b)
            guess = now + part * (end - now)
            if not now < guess < end:
                break
            trial = psi.copy()
            change = float(self.decay(trial, guess - now, 0))
            found = above + change
            early = found >= -accuracy
            if early:
                psi[...] = trial
                now, above = guess, found
            else:
                end, below = guess, found
            again = 0.5 if early is before else 1.0
            weights = [1.0, weights[1] * again] if early else [weights[0] * again, 1.0]
            before = early
        return now

    def jump(self, psi: NDArray[Any], stream: np.random.Generator) -> None:
        """Applies one of the jumps, each with the probability that its rate has."""
        means = [float(np.real(self.mean(psi, rate, 0))) for rate in self.system.each]
        sums = np.cumsum(np.maximum(means, 0.0))
        drawn = stream.random()
        if len(sums) == 0 or not sums[-1] > 0:
            return  # it met its mark by rounding alone
        number = int(np.searchsorted(sums, drawn * sums[-1], side="right"))
        out = np.empty_like(psi)
        self.system.jumps[number].apply(psi, out, threads=self.system.threads)
        _core.normalize(out, threads=self.system.threads)
        psi[...] = out

    def decay(self, states: NDArray[Any], time: float, batch: int) -> NDArray[Any]:
        """Evolves states without jumps, and makes their norms 1 again: what these had become.

        As logarithms of squares.
        """
        options: Any = {"batch": batch, "threads": self.system.threads}
        _core.evolve(
            states, self.system.effective, time, hermitian=False, tol=self.system.tol, **options
        )
        norms: NDArray[Any] = np.maximum(np.asarray(_core.norm(states, **options)), SMALLEST)
        states /= norms.reshape(norms.shape + (1,) * (states.ndim - batch))
        return np.asarray(2 * np.log(norms))

    def mean(self, states: NDArray[Any], total: PauliSum, batch: int) -> Any:
        return _core.expectation(states, total, batch=batch, threads=self.system.threads)


def _mark(stream: np.random.Generator) -> float:
    """The logarithm of a random number.

    >>> _mark(np.random.default_rng(1)) < 0
    True
    """
    return log(max(stream.random(), SMALLEST))


def _step(mark: float, rate: float, most: float) -> float:
    """How far to go at once, towards a mark that comes closer at a rate.

    >>> _step(-1.0, 4.0, 3.0), _step(-1.0, 0.0, 3.0)
    (0.5, 3.0)
    """
    return most if rate * most <= -AHEAD * mark else -AHEAD * mark / rate
