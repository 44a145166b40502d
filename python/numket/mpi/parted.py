"""A state of which each rank works on a part, and circuits that run on it."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket._segments import fingerprint, on_part, values_of
from numket.mpi.agreement import agreed, collective, go_on, same
from numket.mpi.scripts import is_script
from numket.plan import Segment, Segments
from numket.progress import Bar


class Run(NamedTuple):
    """What a run on a distributed state has done.

    Parameters
    ----------
    segments : int
        How often the ranks have worked by themselves.
    exchanges : int
        How often they have exchanged amplitudes.
    bytes : int
        How many bytes of amplitudes this rank has sent.
    bits : ndarray of int8, optional
        The classical bits of a circuit that has some, the same on every rank.

    Examples
    --------
    >>> import numket as nk, numket.mpi
    >>> done = nk.mpi.zero_state(4).run(nk.Circuit(4).x(0).measure([0, 1]))
    >>> done.exchanges, done.bits
    (0, array([1, 0], dtype=int8))
    """

    segments: int
    exchanges: int
    bytes: int
    bits: NDArray[np.int8] | None = None


Report: TypeAlias = Callable[[int], object]
"""Who is told how many operations are done."""


class Plan(NamedTuple):
    """What a run does, and with what."""

    found: Segments
    parameters: Sequence[nk.Parameter]
    values: list[float]
    threads: int


class Parted(ABC):
    """A state of which each rank works on a part, at a time.

    Qubit q is at ``_places[q]``: a bit of the rank's number, the most significant first, or after
    all of these, an axis of the part.
    """

    comm: MPI.Intracomm
    """numket's own duplicate of the communicator."""
    num_qubits: int
    """The number of qubits."""
    exchanges: int
    """How often ranks have exchanged amplitudes of this state, in all calls so far."""
    bytes: int
    """How many bytes of amplitudes this rank has sent, in all calls so far."""

    def __init__(self, comm: MPI.Intracomm, num_qubits: int) -> None:
        self.comm, self.num_qubits = comm, num_qubits
        self.exchanges = self.bytes = 0
        self._bits = comm.size.bit_length() - 1
        self._places = list(range(num_qubits))
        node = comm.Split_type(MPI.COMM_TYPE_SHARED)
        own = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
        masks = node.allgather(own)
        node.Free()
        self._on_node = len(masks)
        # MPICH binds no rank to CPUs, Intel's MPI and Slurm do: who shares those of this one?
        self._sharing = sum(not mask.isdisjoint(own) for mask in masks)

    @abstractmethod
    def _part(self) -> NDArray[Any]:
        """The tensor that this rank works on now."""

    @abstractmethod
    def _change(self, pairs: list[tuple[int, int]]) -> None:
        """Has bits of ranks and axes change places."""

    @abstractmethod
    def _amplitudes_of(self, peer: int) -> Iterator[tuple[int, NDArray[Any]]]:
        """The part of another rank, in numbered parts. That rank asks for ours meanwhile."""

    @abstractmethod
    def _begin(self) -> None:
        """Waits until all ranks see what the others have written."""

    def _qubits(self) -> list[int]:
        """The qubits in the order of their places."""
        return sorted(range(self.num_qubits), key=self._places.__getitem__)

    def _axes(self) -> dict[int, int]:
        """The axes of the qubits that have one."""
        return {qubit: axis for axis, qubit in enumerate(self._qubits()[self._bits :])}

    def _fixed(self, rank: int | None = None) -> dict[int, int]:
        """The values of the others on a rank, or on this one."""
        rank = self.comm.rank if rank is None else rank
        return dict(zip(self._qubits(), self._bits_of(rank), strict=False))

    def _bits_of(self, rank: int) -> tuple[int, ...]:
        """The bits of a rank's number."""
        return tuple(rank >> place & 1 for place in reversed(range(self._bits)))

    def _whole(self, array: NDArray[Any], rank: int) -> NDArray[Any]:
        """The part of a rank, in an array of all amplitudes in the order of qubits."""
        tensor = array.reshape((2,) * self.num_qubits).transpose(self._qubits())
        part: NDArray[Any] = tensor[self._bits_of(rank)]
        return part

    def _exchange(self, pairs: list[tuple[int, int]]) -> None:
        """Has places change, if any."""
        if not pairs:
            return
        self._change(pairs)
        qubits = self._qubits()
        for one, other in pairs:
            self._places[qubits[one]], self._places[qubits[other]] = other, one

    def _pairs(self, local: Collection[int]) -> list[tuple[int, int]]:
        """The places, a rank's bit and an axis, that change so that these qubits have axes."""
        axes = self._axes()
        come = sorted(qubit for qubit in local if qubit not in axes)
        go = sorted(qubit for qubit in axes if qubit not in local)
        pairs = []
        for qubit in tuple(go):
            # Back to the bit that is its own, if that is free.
            if qubit < self._bits and (other := self._places.index(qubit)) in come:
                pairs.append((other, qubit))
                come.remove(other)
                go.remove(qubit)
        pairs += zip(come, go, strict=True)
        return [(self._places[other], self._places[qubit]) for other, qubit in pairs]

    def _threads(self, threads: int | None = None) -> int:
        """The threads of this rank: its share of the CPUs, where nothing else is said."""
        if threads is not None:
            nk.threads(threads)  # refuses what is no number of threads
            return threads
        config = _core.config()
        shared = config["threads_by"] == "the CPUs of the process"
        return max(1, int(config["threads"]) // (self._sharing if shared else 1))

    def _values(self, circuit: nk.Circuit, params: Any) -> list[float]:
        """The values of parameters; refuses what all ranks were not given alike."""

        def read() -> list[float]:
            check_circuit(circuit, self.num_qubits)
            return values_of(circuit, params)

        values = agreed(self.comm, read)
        same(self.comm, "the circuit, or a value of 'params',", fingerprint(circuit, values))
        return values

    def _plan(self, circuit: nk.Circuit, values: list[float], threads: int | None) -> Plan:
        """Plans a run; refuses what cannot be done, on all ranks."""

        def planned() -> Plan:
            local = sorted(self._axes())
            found = circuit.segments(local, link=self._link, relabel=self._renames)
            return Plan(found, circuit.parameters, values, self._threads(threads))

        return agreed(self.comm, planned)

    _renames = True
    """Whether a swap may change which qubit is which."""
    _link = 10.0
    """How many times longer it takes to send amplitudes than to go through them in memory."""

    @collective
    def run(
        self,
        circuit: nk.Circuit,
        params: Any = None,
        *,
        rng: Any = None,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Run:
        """Apply all operations of a circuit, in place. All ranks call it, with the same arguments.

        Parameters
        ----------
        circuit : Circuit
            On as many qubits as the state has.
        params : dict or array_like, optional
            The values of the parameters in radians, as ``Circuit.run`` takes them.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes, alike on all ranks, for circuits that measure, reset
            or have a Kraus channel; its numbers are used as by ``Circuit.run``. For None, rank 0
            draws them.
        threads : int, optional
            At most this many threads on this rank. If not given, what ``numket.threads``,
            NUMKET_NUM_THREADS or OMP_NUM_THREADS says; else the CPUs of the process, shared out
            over the ranks of this machine that may use them.
        progress : bool or callable
            True shows a bar on rank 0 (needs tqdm). A callable is given the number of operations
            that are done, and of all, on each rank, whenever a segment ends.

        Returns
        -------
        Run
            How often ranks exchanged amplitudes, the bytes that this one sent, and the classical
            bits.

        Raises
        ------
        TypeError
            Where an argument has a wrong type. As with all errors, all ranks raise it.
        ValueError
            Where the circuit has another number of qubits, is another on another rank, or has an
            operation that mixes more qubits than a part has; or where the state has norm 0 and is
            measured.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        KeyboardInterrupt
            On Ctrl-C on some rank. As with whatever `progress` raises, all ranks stop soon, and
            what is done stays so. Operations are done in another order, and swaps rename qubits at
            the end: the state is none that the circuit goes through.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(2)
        >>> state.run(nk.Circuit(2).h(0).cx(0, 1)).exchanges
        0
        """
        self._begin()
        values = self._values(circuit, params)
        circuit = circuit.copy()  # whoever is told of the progress may add to it
        bar = agreed(self.comm, lambda: self._bar(progress))
        tell = bar or (progress if callable(progress) else None)
        told, count = 0, len(circuit)

        def report(done: int) -> None:
            nonlocal told
            if tell is not None and done > told:
                tell(done, count)
            told = done

        try:
            if is_script(circuit):
                return self._run_script(circuit, values, rng, threads, report)
            done = self._run(self._plan(circuit, values, threads), report)
            agreed(self.comm, lambda: report(count))  # swaps are no part of segments
            bits = np.zeros(circuit.num_bits, np.int8) if circuit.num_bits else None
            return done._replace(bits=bits)
        finally:
            if bar is not None:
                bar.close()

    @abstractmethod
    def _run_script(
        self,
        circuit: nk.Circuit,
        values: list[float],
        rng: Any,
        threads: int | None,
        report: Report,
    ) -> Run:
        """Runs a circuit that draws."""

    def _bar(self, progress: Any) -> Bar | None:
        """A bar, on rank 0 if it is asked for."""
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise TypeError(
                f"'progress' is a {type(progress).__name__:.80}; it must be a bool or a callable: "
                "use True, or a function of done and total"
            )
        return Bar() if progress is True and self.comm.rank == 0 else None

    def _run(self, plan: Plan, report: Report | None = None) -> Run:
        """Does what was planned."""
        before = self.exchanges, self.bytes
        count, operations = len(plan.found.segments), 0
        for done, segment in enumerate(plan.found.segments, 1):
            operations += len(segment.circuit)
            self._exchange(self._pairs(segment.local))

            def work(segment: Segment = segment, operations: int = operations) -> None:
                axes, fixed = self._axes(), self._fixed()
                part = on_part(segment.circuit, axes, fixed, plan.parameters)
                asked = go_on(self.comm)
                part.run(self._part(), plan.values, threads=plan.threads, progress=asked)
                if report is not None:
                    report(operations)

            try:
                agreed(self.comm, work)
            except BaseException as error:
                error.add_note(
                    f"in segment {done} of {count}; what is done stays so: the state is none that "
                    "the circuit goes through"
                )
                raise
        self._rename(plan.found.places)
        self._begin()
        return Run(count, self.exchanges - before[0], self.bytes - before[1])

    def _rename(self, wires: Sequence[int]) -> None:
        """Makes each qubit the one that it has become by swaps."""
        self._places = [self._places[wire] for wire in wires]

    def _view(self, given: Mapping[int, int]) -> NDArray[Any] | None:
        """What this rank has of the amplitudes in which some qubits have these values, if any."""
        fixed = self._fixed()
        if any(fixed.get(qubit, value) != value for qubit, value in given.items()):
            return None
        order = self._qubits()[self._bits :]
        view: NDArray[Any] = self._part()[(*(given.get(q, slice(None)) for q in order), ...)]
        return view


def check_circuit(circuit: Any, num_qubits: int) -> None:
    """Refuse what is no circuit on so many qubits.

    >>> check_circuit(nk.Circuit(2), 2)
    """
    if not isinstance(circuit, nk.Circuit):
        raise TypeError(
            f"'circuit' is a {type(circuit).__name__:.80}; only a plan moves amplitudes: use a "
            "Circuit"
        )
    if circuit.num_qubits != num_qubits:
        raise ValueError(
            f"the state has {num_qubits} qubits and the circuit has {circuit.num_qubits}; "
            "they must be as many: use another circuit"
        )


def checked_size(num_qubits: Any, comm: MPI.Intracomm) -> int:
    """A number of qubits, of which ranks have two amplitudes each, at least.

    >>> checked_size(3, MPI.COMM_SELF)
    3
    """
    check_ranks(comm)
    count = nk.Circuit(num_qubits).num_qubits  # refuses what is none
    least = comm.size.bit_length()
    if count < least:
        raise ValueError(
            f"'num_qubits' is {count}; {comm.size} ranks with two amplitudes each have {least} at "
            "least: use more qubits or fewer ranks"
        )
    return count


def check_ranks(comm: MPI.Intracomm) -> None:
    """Refuse a number of ranks that bits do not count.

    >>> check_ranks(MPI.COMM_SELF)
    """
    if comm.size & comm.size - 1:
        raise ValueError(
            f"the communicator has {comm.size} ranks; bits count them: use a power of two"
        )
