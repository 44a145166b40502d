"""A state in memory that the ranks of a machine share."""

import errno
import mmap
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from mpi4py import MPI
from numpy.typing import DTypeLike, NDArray

import numket as nk
from numket._strings import Strings
from numket.mpi.agreement import agreed, duplicate, same, together
from numket.mpi.exchange import order_of, parts
from numket.mpi.gradients import Gradients
from numket.mpi.parted import checked_size


class SharedState(Gradients):
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
        Whose ranks take part, all on one machine; COMM_WORLD if not given. A duplicate
        of it is used.

    Raises
    ------
    TypeError
        Where `num_qubits` is no int, or `dtype` another. As with all errors, all ranks raise it.
    MemoryError
        Where there is too little room for files in memory (/dev/shm).
    ValueError
        Where the number of ranks is no power of two, they are on several machines, or there are
        fewer than two amplitudes for each; or where `comm` has been freed.
    RuntimeError
        Where MPI has not begun, or has ended.

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
    _link = 0.0

    def __init__(
        self, num_qubits: int, dtype: DTypeLike = np.complex128, comm: MPI.Intracomm | None = None
    ) -> None:
        with together(comm, duplicate) as world:

            def checked() -> tuple[int, np.dtype[Any]]:
                count, kind = checked_size(num_qubits, world), nk.empty_state(1, dtype).dtype
                if kind.kind != "c":
                    raise TypeError(
                        f"'dtype' is {kind}; a state over ranks is complex128 or complex64: use "
                        "np.complex128"
                    )
                return count, kind

            count, kind = agreed(world, checked)
            same(world, "'num_qubits' or 'dtype'", repr((count, kind.str)).encode())
            super().__init__(world, count)
            if self._on_node != world.size:
                raise ValueError(
                    f"{world.size} ranks are on several machines; memory is shared on one: use a "
                    "DistributedState"
                )
            memory = shared_memory(world, 2**count * kind.itemsize)
            self.array = np.frombuffer(memory, kind).reshape((2,) * count)
            if world.rank == 0:
                self.array.reshape(-1)[0] = 1
            world.Barrier()

    def _part(self) -> NDArray[Any]:
        return self._whole(self.array, self.comm.rank)

    def _begin(self) -> None:
        self.comm.Barrier()
        self._places = list(range(self.num_qubits))

    def _change(self, pairs: list[tuple[int, int]]) -> None:
        self.comm.Barrier()

    def _amplitudes_of(self, peer: int) -> Iterator[tuple[int, NDArray[Any]]]:
        yield from enumerate(parts(self._whole(self.array, peer), order_of(self._part())))

    def _image(self, strings: Strings, threads: int) -> tuple[NDArray[Any], NDArray[Any]]:
        part = self._part()
        image = agreed(self.comm, lambda: nk.empty_state(part.ndim, part.dtype)).reshape(part.shape)
        image[...] = 0
        for target, product in self._products(strings, image, threads):
            target += product
        return image, part


FOLDER = "/dev/shm"
"""Where files lie in memory, where there is such a folder."""


def shared_memory(comm: MPI.Intracomm, size: int) -> mmap.mmap:
    """Zeros that all ranks of a machine see, until the last of them has let go.

    A file that has lost its name, of which each rank takes the pages of its own part first.

    >>> shared_memory(MPI.COMM_SELF, 4)[:]
    b'\\x00\\x00\\x00\\x00'
    """

    folder = FOLDER if os.path.isdir(FOLDER) else tempfile.gettempdir()
    too_little = MemoryError(
        f"{size / 2**30:.3g} GiB are needed in {folder}, which has too little room; ranks share "
        "memory there: use a DistributedState, or enlarge it"
    )

    def create() -> str | None:
        if comm.rank:
            return None
        room = os.statvfs(folder)
        if size > room.f_bavail * room.f_frsize:
            raise too_little
        file, name = tempfile.mkstemp(prefix="numket-", dir=folder)
        os.truncate(file, size)
        os.close(file)
        return name

    def take() -> None:
        share = size // comm.size
        if not hasattr(os, "posix_fallocate"):
            return
        try:
            os.posix_fallocate(file, comm.rank * share, share)
        except OSError as error:
            raise too_little if error.errno == errno.ENOSPC else error from None

    name = comm.bcast(agreed(comm, create))
    try:
        file = agreed(comm, lambda: os.open(name, os.O_RDWR))
    finally:
        if comm.rank == 0:
            os.unlink(name)
    try:
        agreed(comm, take)
        return agreed(comm, lambda: mmap.mmap(file, size))
    finally:
        os.close(file)
