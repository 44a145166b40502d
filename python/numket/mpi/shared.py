"""A state in memory that the ranks of a machine share."""

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
from mpi4py import MPI
from numpy.typing import DTypeLike, NDArray

import numket as nk
from numket._strings import Strings
from numket.mpi.agreement import agreed, duplicate, same
from numket.mpi.exchange import order_of, parts
from numket.mpi.outcomes import Outcomes
from numket.mpi.parted import check_ranks


class SharedState(Outcomes):
    """A state in one array that all ranks of a machine share: no amplitude is ever sent.

    Each rank works on a part, and on another one in each segment of a circuit. Qubits stay in
    order.

    Parameters
    ----------
    num_qubits : int
        The number of qubits n. The state is |0...0> at first.
    dtype : dtype
        complex128 or complex64.
    comm : mpi4py.MPI.Intracomm, optional
        Whose ranks take part, all on one machine; COMM_WORLD if not given. A duplicate
        of it is used.

    Raises
    ------
    TypeError
        Where `num_qubits` is no int, or `dtype` another.
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

    def __init__(
        self, num_qubits: int, dtype: DTypeLike = np.complex128, comm: MPI.Intracomm | None = None
    ) -> None:
        comm = duplicate(comm)

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

    def _begin(self) -> None:
        self._meet()
        self._places = list(range(self.num_qubits))

    def _change(self, pairs: list[tuple[int, int]]) -> None:
        self._meet()

    def _amplitudes_of(self, peer: int) -> Iterator[tuple[int, NDArray[Any]]]:
        yield from enumerate(parts(self._whole(self.array, peer), order_of(self._part())))

    def _image(self, strings: Strings, threads: int) -> tuple[NDArray[Any], NDArray[Any]]:
        part = self._part()
        image = agreed(self.comm, lambda: nk.empty_state(part.ndim, part.dtype)).reshape(part.shape)
        image[...] = 0
        for target, product in self._products(strings, image, threads):
            target += product
        return image, part
