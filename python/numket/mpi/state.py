"""A state whose amplitudes are shared out over the ranks of a communicator."""

import operator
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from mpi4py import MPI
from numpy.typing import DTypeLike, NDArray

import numket as nk
from numket import _core
from numket._segments import Segment, on_rank, segments, steps
from numket.mpi.exchange import (
    agreed,
    fingerprint,
    order_of,
    parts,
    same,
    swap_with,
    total,
    values_of,
)


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

    Examples
    --------
    >>> import numket as nk, numket.mpi
    >>> nk.mpi.zero_state(4).run(nk.Circuit(4).h(0))
    Run(segments=1, exchanges=0, bytes=0)
    """

    segments: int
    exchanges: int
    bytes: int


class Parted(ABC):
    """A state of which each rank works on a part, at a time.

    Qubit q is at ``_places[q]``: a bit of the rank's number, the most significant first, or after
    all of these, an axis of the part.
    """

    comm: MPI.Intracomm
    """The state's own communicator."""
    num_qubits: int
    """The number of qubits."""

    def __init__(self, comm: MPI.Intracomm, num_qubits: int) -> None:
        self.comm, self.num_qubits = comm, num_qubits
        self._bits = comm.size.bit_length() - 1
        self._places = list(range(num_qubits))
        node = comm.Split_type(MPI.COMM_TYPE_SHARED)
        self._on_node = node.size
        node.Free()

    @abstractmethod
    def _part(self) -> NDArray[Any]:
        """The tensor that this rank works on now."""

    @abstractmethod
    def _change(self, pairs: list[tuple[int, int]]) -> int:
        """Has bits of ranks and axes change places. Returns the bytes that this rank sends."""

    def _qubits(self) -> list[int]:
        """The qubits in the order of their places."""
        return sorted(range(self.num_qubits), key=self._places.__getitem__)

    def _axes(self) -> dict[int, int]:
        """The axes of the qubits that have one."""
        return {qubit: axis for axis, qubit in enumerate(self._qubits()[self._bits :])}

    def _fixed(self) -> dict[int, int]:
        """The values of the others on this rank."""
        return dict(zip(self._qubits(), self._values(self.comm.rank), strict=False))

    def _values(self, rank: int) -> tuple[int, ...]:
        """The bits of a rank's number."""
        return tuple(rank >> place & 1 for place in reversed(range(self._bits)))

    def _threads(self, threads: int | None) -> int:
        """The threads of this rank: its share of the CPUs, where nothing else is said."""
        if threads is not None:
            return threads
        config = _core.config()
        shared = config["threads_by"] == "the CPUs of the process"
        return max(1, int(config["threads"]) // (self._on_node if shared else 1))

    def run(self, circuit: nk.Circuit, params: Any = None, *, threads: int | None = None) -> Run:
        """Apply all operations of a circuit, in place. All ranks call it, with the same arguments.

        Parameters
        ----------
        circuit : Circuit
            Of unitary operations, on as many qubits as the state has.
        params : dict or array_like, optional
            The values of the parameters in radians, as ``Circuit.run`` takes them.
        threads : int, optional
            At most this many threads on this rank. If not given, what ``numket.threads``,
            NUMKET_NUM_THREADS or OMP_NUM_THREADS says; else the CPUs of the process, shared out
            over the ranks of this machine.

        Returns
        -------
        Run
            How often ranks exchanged amplitudes, and the bytes that this one sent.

        Raises
        ------
        TypeError
            Where an argument has a wrong type. As with all errors but Ctrl-C, all ranks raise it.
        ValueError
            Where the circuit has another number of qubits, measures or draws, is another on another
            rank, or has an operation that mixes more qubits than a part has.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> circuit = nk.Circuit(3).h(0).rx(nk.Parameter("a"), 2)
        >>> nk.mpi.zero_state(3).run(circuit, {"a": 0.3})  # on one rank
        Run(segments=1, exchanges=0, bytes=0)
        """
        values, plan, wires, count = agreed(self.comm, lambda: self._plan(circuit, params, threads))
        same(self.comm, "the circuit", fingerprint(circuit, values))
        exchanges = sent = 0
        for segment in plan:
            if pairs := self._pairs(segment.local):
                sent += self._change(pairs)
                exchanges += 1
            axes, fixed = self._axes(), self._fixed()
            part = on_rank(segment.operations, axes, fixed, circuit.parameters)
            part.run(self._part(), values, threads=count)
        self._places = [self._places[wire] for wire in wires]
        return Run(len(plan), exchanges, sent)

    def _plan(
        self, circuit: nk.Circuit, params: Any, threads: int | None
    ) -> tuple[list[float], list[Segment], list[int], int]:
        """What a run does, and with what; refuses what cannot be done."""
        if not isinstance(circuit, nk.Circuit):
            kind = type(circuit).__name__
            raise TypeError(
                f"'circuit' is a {kind:.80}; only a plan moves amplitudes: use a Circuit"
            )
        if circuit.num_qubits != self.num_qubits:
            raise ValueError(
                f"the state has {self.num_qubits} qubits and the circuit has {circuit.num_qubits}; "
                "they must be as many: use another circuit"
            )
        count = self._threads(threads)
        nk.threads(count)  # refuses what is no number of threads
        given, wires = steps(circuit, self._renames)
        homes = set(range(self._bits, self.num_qubits))
        return values_of(circuit, params), segments(given, set(self._axes()), homes), wires, count

    _renames = True
    """Whether a swap may change which qubit is which."""

    def _pairs(self, local: frozenset[int] | set[int]) -> list[tuple[int, int]]:
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

    def norm(self) -> float:
        """The norm of the state, the same on every rank. All ranks call it.

        Returns
        -------
        float
            The square root of the sum of all probabilities.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> nk.mpi.zero_state(3).norm()
        1.0
        """
        own = nk.norm(self._part(), threads=self._threads(None)) ** 2
        return float(np.sqrt(total(self.comm, np.array([own]))[0]))

    def probabilities(self, qubits: int | Sequence[int]) -> NDArray[np.float64]:
        """The probabilities of all outcomes of some qubits, on every rank. All ranks call it.

        Parameters
        ----------
        qubits : int or sequence of int
            The k qubits; the first is the most significant bit of an outcome.

        Returns
        -------
        ndarray of float64, shape (2**k,)
            As ``numket.probabilities`` gives them.

        Raises
        ------
        TypeError
            Where `qubits` are no ints.
        ValueError
            Where one is out of range or listed twice.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(3)
        >>> done = state.run(nk.Circuit(3).x(2))
        >>> state.probabilities([2, 0])
        array([0., 0., 1., 0.])
        """

        def read() -> NDArray[np.float64]:
            listed = _core.qubit_numbers(qubits)
            nk.Circuit(self.num_qubits).apply_pauli("I" * len(listed), listed)  # refuses wrong ones
            axes, fixed = self._axes(), self._fixed()
            own = [axes[qubit] for qubit in listed if qubit in axes]
            found = np.zeros((2,) * len(listed))
            index = tuple(fixed.get(qubit, slice(None)) for qubit in listed)
            part = nk.probabilities(self._part(), own, threads=self._threads(None))
            found[index] = part.reshape((2,) * len(own))
            return found.reshape(-1)

        return total(self.comm, agreed(self.comm, read))

    def _whole(self, array: NDArray[Any], rank: int) -> NDArray[Any]:
        """The part of a rank, in an array of all amplitudes in the order of qubits."""
        tensor = array.reshape((2,) * self.num_qubits).transpose(self._qubits())
        part: NDArray[Any] = tensor[self._values(rank)]
        return part


class DistributedState(Parted):
    """A state whose amplitudes lie in an array of each rank, which is changed in place.

    Of n qubits, and ``2**g`` ranks, the first g qubits are the bits of a rank's number, the most
    significant first, and qubit g + a is axis a of each array, until a run changes that: `qubits`
    tells. No rank makes a second array of that size: messages have 2 MiB.

    Parameters
    ----------
    local : ndarray of complex128 or complex64, shape (2**m,) or (2,) * m
        The amplitudes of this rank; kept, and changed in place.
    comm : mpi4py.MPI.Intracomm, optional
        Whose ranks take part; COMM_WORLD if not given. It is duplicated.

    Raises
    ------
    TypeError
        Where `local` is no such array. As with all errors, all ranks raise it.
    ValueError
        Where the number of ranks is no power of two, or the arrays of two ranks differ in size,
        dtype, or the order of their axes in memory.

    See Also
    --------
    numket.mpi.zero_state : |0...0> in arrays of its own.
    numket.mpi.SharedState : One array for all ranks of a machine.

    Examples
    --------
    >>> import numpy as np, numket as nk, numket.mpi
    >>> state = nk.mpi.DistributedState(np.array([1, 0, 0, 0], complex))  # on one rank
    >>> state.run(nk.Circuit(2).h(0).cx(0, 1))
    Run(segments=1, exchanges=0, bytes=0)
    >>> state.local.round(3).real
    array([0.707, 0.   , 0.   , 0.707])
    """

    local: NDArray[Any]
    """The array of this rank."""

    def __init__(self, local: NDArray[Any], comm: MPI.Intracomm | None = None) -> None:
        comm = (MPI.COMM_WORLD if comm is None else comm).Dup()

        def tensor() -> NDArray[Any]:
            check_ranks(comm)
            if not isinstance(local, np.ndarray) or local.dtype.kind != "c":
                kind = getattr(local, "dtype", type(local).__name__)
                raise TypeError(
                    f"'local' is {kind!s:.80}; it must be an array of amplitudes: use dtype "
                    "complex128 or complex64"
                )
            if local.size < 2:
                raise ValueError(
                    "'local' has one amplitude; there must be two at least: use fewer ranks"
                )
            nk.Ket(local)  # refuses what is no state that can be changed
            return local.reshape((2,) * (local.size.bit_length() - 1))

        self._tensor = agreed(comm, tensor)
        facts = self._tensor.ndim, self._tensor.dtype.str, order_of(self._tensor)
        same(comm, "'local'", repr(facts).encode())
        self.local = local
        super().__init__(comm, self._tensor.ndim + comm.size.bit_length() - 1)

    @property
    def qubits(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The qubits that bits of the rank are, the most significant first, and those of the axes.

        Returns
        -------
        tuple of (tuple of int, tuple of int)
            In order at first, and after :meth:`restore`.
        """
        order = self._qubits()
        return tuple(order[: self._bits]), tuple(order[self._bits :])

    def _part(self) -> NDArray[Any]:
        return self._tensor

    def _change(self, pairs: list[tuple[int, int]]) -> int:
        rank, sent = self.comm.rank, 0
        bits = [self._bits - 1 - place for place, _ in pairs]
        # To each rank that differs in these bits goes the block of its values, and it sends ours.
        for number in range(1, 2 ** len(pairs)):
            flipped = [number >> k & 1 for k in range(len(pairs))]
            peer = rank ^ sum(flip << bit for flip, bit in zip(flipped, bits, strict=True))
            index: list[Any] = [slice(None)] * self._tensor.ndim
            for bit, (_, place) in zip(bits, pairs, strict=True):
                index[place - self._bits] = peer >> bit & 1
            sent += swap_with(self.comm, self._tensor[(*index, ...)], peer)
        qubits = self._qubits()
        for one, other in pairs:
            self._places[qubits[one]], self._places[qubits[other]] = other, one
        return sent

    def restore(self) -> Run:
        """Bring all qubits in order, as they were at first. All ranks call it.

        Returns
        -------
        Run
            The exchanges, and the bytes that this rank sent; none where nothing had to move.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(2)
        >>> done = state.run(nk.Circuit(2).x(0).swap(0, 1))
        >>> state.qubits  # a swap has only changed which is which
        ((), (1, 0))
        >>> done = state.restore()
        >>> state.qubits, state.local.real
        (((), (0, 1)), array([0., 1., 0., 0.]))
        """
        exchanges = sent = 0
        if pairs := self._pairs(set(range(self._bits, self.num_qubits))):
            sent, exchanges = self._change(pairs), 1
        for place in range(self._bits):
            if (other := self._places[place]) != place:
                # Ranks in which the two bits differ exchange all that they have.
                mask = 1 << self._bits - 1 - place | 1 << self._bits - 1 - other
                if (self.comm.rank & mask) not in (0, mask):
                    sent += swap_with(self.comm, self._tensor, self.comm.rank ^ mask)
                exchanges += 1
                at = self._places.index(place)
                self._places[place], self._places[at] = place, other
        swaps = nk.Circuit(self._tensor.ndim)
        for qubit in range(self._bits, self.num_qubits):
            if (other := self._places[qubit]) != qubit:
                swaps.swap(qubit - self._bits, other - self._bits)
                at = self._places.index(qubit)
                self._places[qubit], self._places[at] = qubit, other
        swaps.run(self._tensor, threads=self._threads(None))
        return Run(0, exchanges, sent)

    def gather(self, root: int = 0) -> NDArray[Any] | None:
        """All amplitudes in one new array on one rank, in the order of qubits. All ranks call it.

        Parameters
        ----------
        root : int
            The rank that has room for ``2**n`` amplitudes.

        Returns
        -------
        ndarray, shape (2**n,)
            The state on `root`; None on all others.

        Raises
        ------
        MemoryError
            Where there is no room; on all ranks.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> nk.mpi.zero_state(2).gather().real
        array([1., 0., 0., 0.])
        """

        def room() -> NDArray[Any] | None:
            if self.comm.rank == root:
                return nk.empty_state(self.num_qubits, self._tensor.dtype)
            return None

        out, order = agreed(self.comm, room), order_of(self._tensor)
        if out is None:
            for part in parts(self._tensor, order):
                self.comm.Send(np.ascontiguousarray(part), root)
            return None
        for rank in range(self.comm.size):
            target = self._whole(out, rank)
            if rank == root:
                target[...] = self._tensor
                continue
            for part in parts(target, order):
                buffer = np.empty(part.shape, part.dtype)
                self.comm.Recv(buffer, rank)
                part[...] = buffer
        return out

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to one file, as ``numpy.save`` would on one machine. All ranks call it.

        Parameters
        ----------
        path : path-like
            On a file system that all ranks share.

        Raises
        ------
        OSError
            Where it cannot be written, or the disk has too little room; on all ranks.

        Examples
        --------
        >>> import os, tempfile, numpy as np, numket as nk, numket.mpi
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "psi.npy")
        ...     nk.mpi.zero_state(2).save(path)
        ...     np.load(path).real
        array([1., 0., 0., 0.])
        """

        def create() -> None:
            if self.comm.rank == 0:
                shape = (2**self.num_qubits,)
                made = np.lib.format.open_memmap(path, "w+", self._tensor.dtype, shape)
                del made
                with open(path, "r+b") as file:  # a full disk is told of now, not by a signal
                    os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)

        def write() -> None:
            file = np.lib.format.open_memmap(path, "r+")
            self._whole(file, self.comm.rank)[...] = self._tensor
            file.flush()

        agreed(self.comm, create)
        agreed(self.comm, write)


class SharedState(Parted):
    """A state in one array that all ranks of a machine share: no amplitude is ever sent.

    Each rank works on a part, and on another one in each segment of a circuit. Qubits stay in
    order.

    Parameters
    ----------
    num_qubits : int
        The number of qubits n. The state is |0...0> at first.
    dtype : dtype
        Of the amplitudes: complex128 or complex64.
    comm : mpi4py.MPI.Intracomm, optional
        Whose ranks take part, all on one machine; COMM_WORLD if not given. It is duplicated.

    Raises
    ------
    TypeError
        Where `num_qubits` is no int, or `dtype` another.
    ValueError
        Where the number of ranks is no power of two, they are on several machines, or there are
        fewer than two amplitudes for each.

    See Also
    --------
    numket.mpi.DistributedState : With an array of each rank.

    Examples
    --------
    >>> import numket as nk, numket.mpi
    >>> state = nk.mpi.SharedState(3)
    >>> state.run(nk.Circuit(3).h(0).cx(0, 1).cx(1, 2)).bytes
    0
    >>> state.array.shape
    (2, 2, 2)
    """

    array: NDArray[Any]
    """All amplitudes, as a tensor that every rank may read while none is in a call."""

    _renames = False

    def __init__(
        self, num_qubits: int, dtype: DTypeLike = np.complex128, comm: MPI.Intracomm | None = None
    ) -> None:
        comm = (MPI.COMM_WORLD if comm is None else comm).Dup()

        def checked() -> tuple[int, np.dtype[Any]]:
            check_ranks(comm)
            count, kind = operator.index(num_qubits), nk.empty_state(1, dtype).dtype
            if not comm.size < 2**count < 2**62:
                raise ValueError(
                    f"'num_qubits' is {count}; each of {comm.size} ranks needs two amplitudes at "
                    "least: use more qubits or fewer ranks"
                )
            return count, kind

        count, kind = agreed(comm, checked)
        same(comm, "'num_qubits' or 'dtype'", repr((count, kind.str)).encode())
        super().__init__(comm, count)
        if self._on_node != comm.size:
            raise ValueError(
                f"{comm.size} ranks are on several machines; memory is shared on one: use a "
                "DistributedState"
            )
        size = 2**count * kind.itemsize
        self._window = MPI.Win.Allocate_shared(
            size if comm.rank == 0 else 0, kind.itemsize, comm=comm
        )
        self._window.Lock_all(MPI.MODE_NOCHECK)  # so that it can be synchronized
        memory: Any = self._window.Shared_query(0)[0]
        self.array = np.frombuffer(memory, kind).reshape((2,) * count)
        self._part()[...] = 0  # each rank touches its own part first
        if comm.rank == 0:
            self.array.reshape(-1)[0] = 1
        self._meet()

    def _meet(self) -> None:
        """No rank goes on before all have written what the others are to see."""
        self._window.Sync()
        self.comm.Barrier()
        self._window.Sync()

    def _part(self) -> NDArray[Any]:
        return self._whole(self.array, self.comm.rank)

    def _change(self, pairs: list[tuple[int, int]]) -> int:
        self._meet()
        qubits = self._qubits()
        for one, other in pairs:
            self._places[qubits[one]], self._places[qubits[other]] = other, one
        return 0

    def run(self, circuit: nk.Circuit, params: Any = None, *, threads: int | None = None) -> Run:
        self._meet()
        done = super().run(circuit, params, threads=threads)
        self._meet()
        return done

    run.__doc__ = Parted.run.__doc__


def check_ranks(comm: MPI.Intracomm) -> None:
    """Refuse a number of ranks that bits do not count.

    >>> check_ranks(MPI.COMM_SELF)
    """
    if comm.size & comm.size - 1:
        raise ValueError(
            f"the communicator has {comm.size} ranks; bits count them: use a power of two"
        )
