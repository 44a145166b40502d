"""Outcomes of measurements, drawn alike on all ranks: of a state that stays, or that collapses."""

import operator
from collections import Counter
from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

import numket as nk
from numket.mpi.agreement import agreed, collective, drawn, same, total
from numket.mpi.parted import Report, Run
from numket.mpi.readings import Readings, pieces
from numket.mpi.scripts import check_widths, draws, run_script

BLOCK_BITS = 8
"""A state is drawn from in 2**8 blocks, which are the same for any number of ranks up to that."""

SHOTS = 2**20
"""So many are drawn at a time."""

GROUP = 10
"""So many qubits are measured at a time, by the probabilities of all their outcomes."""


class Outcomes(Readings):
    """A state whose qubits are measured, by ranks that all find the same."""

    @collective
    def sample(
        self,
        shots: int,
        qubits: int | Sequence[int] | None = None,
        *,
        rng: Any = None,
        threads: int | None = None,
    ) -> NDArray[np.int64]:
        """Outcomes of measuring qubits, drawn at random. The state stays. All ranks call it.

        For the same `rng`, the shots are the same for any number of ranks up to 256, if qubits are
        in order, as after :meth:`DistributedState.restore` and always in a `SharedState`. They are
        others than those of ``numket.sample``. Outcomes of probability 0 are never drawn.

        Parameters
        ----------
        shots : int
            How many to draw. Each rank has room for all results.
        qubits : int or sequence of int, optional
            The distinct qubits to look at; all in order if not given.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes, alike on all ranks: a generator is advanced by one
            number on each. For None, rank 0 draws it.
        threads : int, optional
            At most this many threads on this rank.

        Returns
        -------
        ndarray of int64, shape (shots,)
            The same on every rank. The first listed qubit is the most significant bit.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where `shots` is negative, a qubit is out of range or listed twice, an argument or the
            next number of `rng` is another on another rank, or the state has norm 0 or is not
            finite.
        MemoryError
            Where a rank has too little memory for the result.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(3)
        >>> state.run(nk.Circuit(3).h(0).cx(0, 1).cx(1, 2)).exchanges
        0
        >>> sorted(set(state.sample(100, rng=7).tolist()))
        [0, 7]
        """
        self._begin()
        number, listed, count = self._checked_shots(shots, qubits, threads)
        found = agreed(self.comm, lambda: np.zeros(number, np.int64))
        key = int(drawn(self.comm, rng, _key)[0])
        weights, blocks = self._blocks(listed, key, count)
        ends, last = np.cumsum(weights), int(np.flatnonzero(weights)[-1])
        uniforms = np.random.default_rng(key)
        for first in range(0, number, SHOTS):
            some = found[first : first + SHOTS]
            # Where the cumulative sum passes a number, a block has some probability.
            places = np.searchsorted(ends, uniforms.random(len(some)) * ends[-1], side="right")
            np.minimum(places, last, out=places)
            order = np.argsort(places, kind="stable")
            bounds = np.searchsorted(places[order], np.arange(len(weights) + 1))

            def draw(some: Any = some, order: Any = order, bounds: Any = bounds) -> None:
                for block in blocks:
                    shots_of = order[bounds[block.number] : bounds[block.number + 1]]
                    some[shots_of] = block.sample(len(shots_of), count)

            agreed(self.comm, draw)
            self.comm.Allreduce(MPI.IN_PLACE, some, MPI.SUM)
        return found

    @collective
    def counts(
        self,
        shots: int,
        qubits: int | Sequence[int] | None = None,
        *,
        rng: Any = None,
        threads: int | None = None,
    ) -> dict[str, int]:
        """How many of some shots give each outcome, whose number costs no time. All ranks call it.

        The counts are the same for any number of ranks where those of :meth:`sample` are.

        Parameters
        ----------
        shots : int
            How many, up to 2**53.
        qubits : int or sequence of int, optional
            The distinct qubits to look at; all in order if not given.
        rng : None, int or numpy.random.Generator, optional
            As for :meth:`sample`.
        threads : int, optional
            At most this many threads on this rank.

        Returns
        -------
        dict of str to int
            The outcomes that occur, in the order of their numbers, on every rank. A label has one
            character for each qubit in the order listed.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where :meth:`sample` raises it.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(2)
        >>> state.run(nk.Circuit(2).x(1)).exchanges
        0
        >>> state.counts(10**12, rng=7)
        {'01': 1000000000000}
        """
        self._begin()
        number, listed, count = self._checked_shots(shots, qubits, threads)
        key = int(drawn(self.comm, rng, _key)[0])
        weights, blocks = self._blocks(listed, key, count)
        each = split(np.random.default_rng(key), weights, number)

        def draw() -> Counter[int]:
            found: Counter[int] = Counter()
            for block in blocks:
                found.update(block.counts(each[block.number], count))
            return found

        found: Counter[int] = Counter()
        for some in self.comm.allgather(agreed(self.comm, draw)):
            found.update(some)
        # One digit more, which keeps the label of no qubits empty.
        first = 1 << len(listed)
        return {f"{first | outcome:b}"[1:]: found[outcome] for outcome in sorted(found)}

    def _checked_shots(self, shots: Any, qubits: Any, threads: Any) -> tuple[int, list[int], int]:
        """The arguments of a draw, which are alike on all ranks."""

        def checked() -> tuple[int, list[int], int]:
            nk.counts(nk.zero_state(1), shots, rng=0)  # refuses what is no number of shots
            listed = self._listed_or_all(qubits)
            return operator.index(shots), listed, self._threads(threads)

        number, listed, count = agreed(self.comm, checked)
        same(self.comm, "'shots' or 'qubits'", repr((number, listed)).encode())
        return number, listed, count

    def _blocks(
        self, listed: Sequence[int], key: int, threads: int
    ) -> tuple[NDArray[np.float64], list["Block"]]:
        """The probabilities of all blocks, and those of this rank that have some."""
        bits = max(self._bits, min(BLOCK_BITS, self.num_qubits - 1))
        more, places = bits - self._bits, self._qubits()
        first = self.comm.rank << more

        def view_of(block: int) -> NDArray[Any]:
            index = tuple(block >> place & 1 for place in reversed(range(more)))
            view: NDArray[Any] = self._part()[index]
            return view

        def read() -> NDArray[np.float64]:
            found = np.zeros(2**bits)
            for block in range(2**more):
                norm = nk.norm(view_of(block), threads=threads)
                found[first + block] = norm * norm  # inf where a power of a float would raise
            return found

        weights = total(self.comm, agreed(self.comm, read))
        if not 0 < weights.sum() < np.inf:
            nk.sample(np.zeros(2, complex), 1)  # refuses it as it refuses all such states

        def made() -> list[Block]:
            found = []
            for number in range(first, first + 2**more):
                if weights[number]:
                    held = {
                        q: number >> bits - 1 - place & 1 for place, q in enumerate(places[:bits])
                    }
                    view, left = view_of(number - first), places[bits:]
                    found.append(Block(number, view, left, held, listed, key, threads))
            return found

        return weights, agreed(self.comm, made)

    @collective
    def measure(
        self, qubits: int | Sequence[int] | None = None, *, rng: Any = None
    ) -> NDArray[np.int8] | int:
        """Measure qubits in the Z basis, in place. All ranks call it.

        The numbers of `rng` are used as by ``numket.measure``, which finds the same for them but
        for rounding.

        Parameters
        ----------
        qubits : int or sequence of int, optional
            The k distinct qubits; all in order if not given.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes, alike on all ranks: a generator is advanced by one
            number for each qubit. For None, rank 0 draws them.

        Returns
        -------
        ndarray of int8, shape (k,), or int
            The values 0 and 1 in the order listed, the same on every rank; an int where `qubits` is
            one.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a qubit is out of range or listed twice, an argument is another on another rank,
            or the state has norm 0 or is not finite. As with every error, nothing has been written.
        KeyboardInterrupt
            On Ctrl-C on some rank, on all: before the state collapses, or after.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(2)
        >>> state.run(nk.Circuit(2).h(0).cx(0, 1)).exchanges
        0
        >>> state.measure(0, rng=7)
        0
        >>> state.measure()
        array([0, 0], dtype=int8)
        """
        self._begin()
        listed = agreed(self.comm, lambda: self._listed_or_all(qubits))
        found = self._measure(listed, rng)
        single = isinstance(qubits, SupportsIndex) and np.ndim(qubits) == 0  # an array has both
        return int(found[0]) if single else found

    def _measure(self, listed: list[int], rng: Any) -> NDArray[np.int8]:
        """The values that qubits are found to have."""
        same(self.comm, "'qubits'", repr(listed).encode())
        uniforms = drawn(self.comm, rng, lambda generator: generator.random(len(listed)))
        return self._found(listed, uniforms)

    def _found(self, listed: Sequence[int], uniforms: NDArray[np.float64]) -> NDArray[np.int8]:
        """The same, with one number in [0, 1) for each qubit."""
        given: dict[int, int] = {}
        whole = weight = None
        for first in range(0, len(listed) or 1, GROUP):  # a state of norm 0 is refused in any case
            group = listed[first : first + GROUP]
            tree = grown(self._weights(group, given))
            whole = tree[1] if whole is None else whole
            if not 0 < whole < np.inf:
                nk.measure(np.zeros(2, complex), 0)  # refuses it as it refuses all such states
            node = 1
            for uniform in uniforms[first : first + GROUP]:
                node = 2 * node + is_one(tree[2 * node], tree[2 * node + 1], uniform)
            values = (node >> place & 1 for place in reversed(range(len(group))))
            given.update(zip(group, values, strict=True))
            weight = tree[node]
        if given and whole is not None and weight is not None:
            self._collapse(given, float(np.sqrt(whole)), float(np.sqrt(weight)))
        return np.array(list(given.values()), np.int8)

    @collective
    def project(self, qubits: int | Sequence[int], outcome: int | str | Sequence[int]) -> float:
        """Project qubits to an outcome, in place, as if it had been measured. All ranks call it.

        Parameters
        ----------
        qubits : int or sequence of int
            The k distinct qubits.
        outcome : int, str or sequence of int
            As ``numket.project`` takes it: a number, of which the first listed qubit is the most
            significant bit, or k bits in the order listed.

        Returns
        -------
        float
            The probability that the outcome had, the same on every rank.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a qubit is out of range or listed twice, there is no such outcome, or it has
            probability 0, or an argument is another on another rank. As with every error, nothing
            has been written.
        KeyboardInterrupt
            On Ctrl-C on some rank, on all: before the state collapses, or after.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(2)
        >>> state.run(nk.Circuit(2).h(0).cx(0, 1)).exchanges
        0
        >>> round(state.project(1, 1), 12)
        0.5
        >>> state.local.real.round(12)
        array([0., 0., 0., 1.])
        """
        self._begin()

        def checked() -> dict[int, int]:
            listed = self._listed(qubits)
            return dict(zip(listed, outcome_bits(outcome, len(listed)), strict=True))

        given = agreed(self.comm, checked)
        same(self.comm, "'qubits' or 'outcome'", repr(given).encode())
        whole, norm = self._norm({}), self._norm(given)
        if not 0 < whole < np.inf:
            nk.project(np.zeros(2, complex), 0, 0)  # refuses it as it refuses all such states
        probability = min(1.0, (norm / whole) ** 2)
        if probability <= 0:
            nk.project(nk.zero_state(1), 0, 1)  # refuses it as it refuses all such outcomes
        self._collapse(given, whole, norm)
        return probability

    def _collapse(self, given: dict[int, int], whole: float, norm: float) -> None:
        """Clears what has other values of qubits, and scales the rest from one norm to another.

        It is never interrupted: a state that is half done would be none.
        """
        view, fixed = self._part(), self._fixed()
        if any(fixed.get(qubit, value) != value for qubit, value in given.items()):
            view[...] = 0
        else:
            order = self._qubits()[self._bits :]
            for qubit in [qubit for qubit in order if qubit in given]:
                # The half that was not found, then half of what is left for the next qubit.
                axis, value = order.index(qubit), given[qubit]
                before: list[Any] = [slice(None)] * axis
                view[(*before, 1 - value)] = 0
                view = view[(*before, value, ...)]
                order.remove(qubit)
            scale = whole / norm
            # What single precision cannot hold is done in two steps.
            for factor in (scale,) if scale < 2.0**60 else (np.sqrt(scale),) * 2:
                for piece in pieces(view):
                    piece *= float(factor)
        self._begin()

    @collective
    def reset(self, qubits: int | Sequence[int], *, rng: Any = None) -> None:
        """Reset qubits to |0>: measure them, and flip those that are 1. All ranks call it.

        A flip of a qubit that is a bit of the rank's number exchanges amplitudes.

        Parameters
        ----------
        qubits : int or sequence of int
            The distinct qubits.
        rng : None, int or numpy.random.Generator, optional
            As for :meth:`measure`.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where :meth:`measure` raises it.
        KeyboardInterrupt
            On Ctrl-C on some rank, on all: qubits may have been measured, and not flipped.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(2)
        >>> state.run(nk.Circuit(2).x(0).x(1)).exchanges
        0
        >>> state.reset(0)
        >>> state.local.real  # |01>
        array([0., 1., 0., 0.])
        """
        self._begin()
        listed = agreed(self.comm, lambda: self._listed(qubits))
        found = self._measure(listed, rng)
        flips = nk.Circuit(self.num_qubits)
        for qubit, value in zip(listed, found, strict=True):
            if value:
                flips.x(qubit)
        self._run(self._plan(flips, [], None))

    def _run_script(
        self,
        circuit: nk.Circuit,
        values: list[float],
        rng: Any,
        threads: int | None,
        report: Report,
    ) -> Run:
        room = self.num_qubits - self._bits
        agreed(self.comm, lambda: check_widths(circuit, room, self._renames))
        count = sum(draws(operation) for operation in circuit)
        uniforms = drawn(self.comm, rng, lambda generator: generator.random(count))
        norm = self._norm({})
        if not 0 < norm < np.inf:
            nk.measure(np.zeros(2, complex), 0)  # refuses it as it refuses all such states
        before, segments = (self.exchanges, self.bytes), 0

        def run(part: nk.Circuit, done: int) -> None:
            nonlocal segments
            if len(part):
                segments += self._run(self._plan(part, values, threads)).segments
            agreed(self.comm, lambda: report(done))

        bits = run_script(self, circuit, uniforms, run)
        return Run(
            segments,
            self.exchanges - before[0],
            self.bytes - before[1],
            bits if circuit.num_bits else None,
        )


class Block:
    """Amplitudes of this rank in which some qubits are held, from which outcomes are drawn.

    >>> block = Block(0, nk.basis_state(1, 1), [1], {0: 1}, [0, 1], 7, 1)
    >>> block.sample(2, 1), block.counts(5, 1)
    (array([3, 3]), {3: 5})
    """

    def __init__(
        self,
        number: int,
        view: NDArray[Any],
        left: Sequence[int],
        held: dict[int, int],
        listed: Sequence[int],
        key: int,
        threads: int,
    ) -> None:
        self.number = number
        self.rng = np.random.default_rng([key, 1 + number])
        places = {qubit: len(listed) - 1 - place for place, qubit in enumerate(listed)}
        self.value = sum(held[qubit] << place for qubit, place in places.items() if qubit in held)
        own = [qubit for qubit in listed if qubit in left]
        self.places = [places[qubit] for qubit in own]
        self.sampler = None
        if own:
            axes = [left.index(qubit) for qubit in own]
            self.sampler = nk.Sampler(view, axes, threads=threads)

    def outcome(self, numbers: Any) -> Any:
        """The outcomes of all qubits, from those that are not held."""
        count, found = len(self.places), self.value
        if self.places == list(reversed(range(count))):
            return numbers + found
        for bit, place in zip(reversed(range(count)), self.places, strict=True):
            found = found + ((numbers >> bit & 1) << place)
        return found

    def sample(self, shots: int, threads: int) -> Any:
        """Outcomes of some shots."""
        if self.sampler is None or not shots:
            return self.value
        return self.outcome(self.sampler.sample(shots, rng=self.rng, threads=threads))

    def counts(self, shots: int, threads: int) -> dict[int, int]:
        """How many of some shots give each outcome."""
        if self.sampler is None or not shots:
            return {self.value: shots} if shots else {}
        found = self.sampler.counts(shots, rng=self.rng, threads=threads)
        return {self.outcome(int(label, 2)): count for label, count in found.items()}


def _key(generator: np.random.Generator) -> NDArray[np.uint64]:
    return generator.integers(0, 2**64 - 1, 1, np.uint64, endpoint=True)


def grown(leaves: NDArray[np.float64]) -> NDArray[np.float64]:
    """A binary tree of sums, whose second half are its leaves: node i has 2 i and 2 i + 1.

    >>> grown(np.array([1.0, 2.0]))
    array([0., 3., 1., 2.])
    """
    tree = np.concatenate([np.zeros(len(leaves)), leaves])
    for node in reversed(range(1, len(leaves))):
        tree[node] = tree[2 * node] + tree[2 * node + 1]
    return tree


def is_one(zero: float, one: float, uniform: float) -> bool:
    """Whether a value with these weights is found to be 1; what has weight 0 is never found.

    >>> is_one(0.5, 0.5, 0.4), is_one(0.0, 1e-9, 0.999)
    (True, True)
    """
    return bool(zero <= 0 or (one > 0 and uniform * (zero + one) < one))


def split(generator: np.random.Generator, weights: NDArray[np.float64], shots: int) -> list[int]:
    """How many shots fall to each of 2**k weights: binomial numbers, down a tree of sums.

    >>> split(np.random.default_rng(1), np.array([0.0, 0.5, 0.0, 0.0]), 10)
    [0, 10, 0, 0]
    """
    tree = grown(weights)
    found = [shots]
    level = 1
    while level < len(weights):
        nodes = range(level, 2 * level)
        found = [
            count
            for node, whole in zip(nodes, found, strict=True)
            for count in _halves(generator, tree[2 * node], tree[2 * node + 1], whole)
        ]
        level *= 2
    return found


def _halves(
    generator: np.random.Generator, left: float, right: float, shots: int
) -> tuple[int, int]:
    if not shots or right <= 0:
        return shots, 0
    count = 0 if left <= 0 else int(generator.binomial(shots, left / (left + right)))
    return count, shots - count


def outcome_bits(outcome: Any, count: int) -> list[int]:
    """The bits of an outcome of so many qubits, as `numket.project` reads it.

    >>> outcome_bits(2, 3), outcome_bits("10", 2), outcome_bits([1, 0], 2)
    ([0, 1, 0], [1, 0], [1, 0])
    """
    bits = None
    is_index = isinstance(outcome, SupportsIndex) and not isinstance(outcome, bool | np.bool_)
    if isinstance(outcome, str):
        bits = ["01".find(letter) for letter in outcome]
    elif is_index and np.ndim(outcome) == 0:
        number = operator.index(outcome)
        if 0 <= number < 2**count:
            bits = [number >> place & 1 for place in reversed(range(count))]
    elif isinstance(outcome, Sequence | np.ndarray) and np.ndim(outcome) == 1:
        for bit in outcome:
            nk.project(np.ones(2, complex), 0, [bit])  # refuses what is no bit
        bits = [int(bit) for bit in outcome]
    else:
        nk.project(np.ones(2, complex), 0, outcome)  # refuses it as it refuses all of its type
    if bits is None or len(bits) != count or -1 in bits:
        raise ValueError(
            f"'outcome' is {outcome!r:.80}; of {count} qubits there are outcomes from 0 to "
            f"{2**count - 1}, or of {count} bits: use one of these"
        )
    return bits
