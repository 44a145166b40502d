"""A state whose amplitudes are shared out over the ranks of a communicator."""

import operator
import os
from contextlib import suppress
from typing import Any

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

import numket as nk
from numket.mpi.agreement import agreed, collective, duplicate, same, together
from numket.mpi.exchange import order_of, parts, swap_with
from numket.mpi.gradients import Gradients
from numket.mpi.owned import Owned
from numket.mpi.parted import Run, check_ranks


class DistributedState(Owned, Gradients):
    """A state whose amplitudes lie in an array of each rank, which is changed in place.

    Of n qubits, and ``2**g`` ranks, the first g qubits are the bits of a rank's number, the most
    significant first, and qubit g + a is axis a of each array, until a run or a reading changes
    that: `qubits` tells. No rank makes a second array of that size: messages have 4 MiB.

    Parameters
    ----------
    local : ndarray of complex128 or complex64, shape (2**m,) or (2,) * m
        The amplitudes of this rank; kept, and changed in place.
    comm : mpi4py.MPI.Intracomm, optional
        Whose ranks take part; COMM_WORLD if not given. A duplicate of it is used.

    Raises
    ------
    TypeError
        Where `local` is no such array. As with all errors, all ranks raise it.
    ValueError
        Where the number of ranks is no power of two, or the arrays of two ranks differ in size,
        dtype, or the order of their axes in memory; or where `comm` has been freed.
    RuntimeError
        Where MPI has not begun, or has ended.

    See Also
    --------
    numket.mpi.zero_state : |0...0> in arrays of its own.
    numket.mpi.SharedState : One array for all ranks of a machine.

    Examples
    --------
    >>> import numpy as np, numket as nk, numket.mpi
    >>> state = nk.mpi.DistributedState(np.array([1, 0, 0, 0], complex))  # on one rank
    >>> state.run(nk.Circuit(2).h(0).cx(0, 1)).exchanges
    0
    >>> state.local.round(3).real
    array([0.707, 0.   , 0.   , 0.707])
    """

    local: NDArray[Any]
    """The array of this rank."""

    def __init__(self, local: NDArray[Any], comm: MPI.Intracomm | None = None) -> None:
        with together(comm, duplicate) as world:

            def tensor() -> NDArray[Any]:
                check_ranks(world)
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

            part = agreed(world, tensor)
            self._tensors = [part]
            same(world, "'local'", repr((part.ndim, part.dtype.str, order_of(part))).encode())
            self.local = local
            super().__init__(world, part.ndim + world.size.bit_length() - 1)

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

    @collective
    def restore(self) -> Run:
        """Bring all qubits in order, as they were at first. All ranks call it.

        Returns
        -------
        Run
            The exchanges, and the bytes that this rank sent; none where nothing had to move.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> nk.mpi.zero_state(3).restore().exchanges
        0
        """
        before = self.exchanges, self.bytes
        self._in_order()
        return Run(0, self.exchanges - before[0], self.bytes - before[1])

    def _in_order(self) -> None:
        self._exchange(self._pairs(set(range(self._bits, self.num_qubits))))
        part = self._part()
        for place in range(self._bits):
            if (other := self._places[place]) != place:
                # Ranks in which the two bits differ exchange all that they have.
                mask = 1 << self._bits - 1 - place | 1 << self._bits - 1 - other
                if (self.comm.rank & mask) not in (0, mask):
                    self.bytes += swap_with(self.comm, part, self.comm.rank ^ mask)
                self.exchanges += 1
                at = self._places.index(place)
                self._places[place], self._places[at] = place, other
        swaps = nk.Circuit(part.ndim)
        for qubit in range(self._bits, self.num_qubits):
            if (other := self._places[qubit]) != qubit:
                swaps.swap(qubit - self._bits, other - self._bits)
                at = self._places.index(qubit)
                self._places[qubit], self._places[at] = qubit, other
        swaps.run(part, threads=self._threads())

    @collective
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
        TypeError
            Where `root` is no int.
        ValueError
            Where there is no such rank, or two ranks give different ones.
        MemoryError
            Where there is no room; on all ranks.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> nk.mpi.zero_state(1).gather()
        array([1.+0.j, 0.+0.j])
        """

        def checked() -> int:
            rank = operator.index(root)
            if not 0 <= rank < self.comm.size:
                raise ValueError(
                    f"'root' is {rank}; there are {self.comm.size} ranks, from 0 on: use another"
                )
            return rank

        root = agreed(self.comm, checked)
        same(self.comm, "'root'", str(root).encode())

        def room() -> NDArray[Any] | None:
            if self.comm.rank == root:
                return nk.empty_state(self.num_qubits, self._part().dtype)
            return None

        out, order = agreed(self.comm, room), order_of(self._part())
        if out is None:
            for part in parts(self._part(), order):
                self.comm.Send(np.ascontiguousarray(part), root)
            return None
        for rank in range(self.comm.size):
            target = self._whole(out, rank)
            if rank == root:
                target[...] = self._part()
                continue
            for part in parts(target, order):
                buffer = np.empty(part.shape, part.dtype)
                self.comm.Recv(buffer, rank, tag=0)
                part[...] = buffer
        return out

    @collective
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to one file, as ``numpy.save`` would on one machine. All ranks call it.

        Qubits are brought in order first, so that each rank writes one run of bytes. They go to
        a file of the name `path` and ``.part``, which is written over. It takes the place of `path`
        when all have written, so that what is there stays where something goes wrong.

        Parameters
        ----------
        path : path-like
            On a file system that all ranks share. No ``.npy`` is added, unlike by ``numpy.save``.

        Raises
        ------
        TypeError
            Where `path` is none.
        ValueError
            Where two ranks give different ones.
        OSError
            Where it cannot be written, is no regular file, or the disk has too little room.

        Examples
        --------
        >>> import os, tempfile, numpy as np, numket as nk, numket.mpi
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "psi.npy")
        ...     nk.mpi.zero_state(2).save(path)
        ...     np.load(path).real
        array([1., 0., 0., 0.])
        """

        def checked() -> tuple[bytes, bytes]:
            name = os.path.realpath(os.fsencode(path))
            for each in (name, name + b".part"):
                if os.path.lexists(each) and not os.path.isfile(each):
                    raise OSError(f"{os.fsdecode(each)!r} is no regular file: use another 'path'")
            return name, name + b".part"

        name, unfinished = agreed(self.comm, checked)
        same(self.comm, "'path'", name)
        part = self._part()

        def create() -> int:
            if self.comm.rank:
                return 0
            facts = {"descr": part.dtype.str, "fortran_order": False}
            with open(unfinished, "wb") as file:
                np.lib.format.write_array_header_1_0(file, facts | {"shape": (2**self.num_qubits,)})
                begin = file.tell()
                file.flush()
                os.truncate(file.fileno(), begin + part.nbytes * self.comm.size)
                if hasattr(os, "posix_fallocate"):
                    # A full disk is told of now, before anything moves.
                    os.posix_fallocate(file.fileno(), begin, part.nbytes * self.comm.size)
            return begin

        def write(begin: int) -> None:
            with open(unfinished, "r+b") as file:
                file.seek(begin + self.comm.rank * part.nbytes)
                for piece in parts(part, range(part.ndim)):
                    file.write(np.ascontiguousarray(piece).data)
                file.flush()
                os.fsync(file.fileno())

        def finish() -> None:
            if self.comm.rank == 0:
                os.replace(unfinished, name)

        try:
            begin = int(self.comm.bcast(agreed(self.comm, create)))
            self._in_order()
            agreed(self.comm, lambda: write(begin))
            agreed(self.comm, finish)
        except BaseException:
            if self.comm.rank == 0:
                with suppress(OSError):  # there may be none
                    os.unlink(unfinished)
            raise
