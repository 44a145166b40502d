"""States over several ranks of MPI, in arrays of the ranks' own or in memory that they share.

All functions and methods are collective: every rank of the communicator calls them, in the same
order and with the same arguments. What one rank refuses, all do, with the same error. MPI is
mpi4py's: it is neither begun nor ended here.

Examples
--------
The ranks of ``mpiexec -n 4 python -m mpi4py program.py`` share 30 qubits, 28 of them in memory of
each:

>>> import numket as nk, numket.mpi
>>> state = nk.mpi.zero_state(3)  # on one rank here
>>> state.run(nk.Circuit(3).h(0).cx(0, 1).cx(1, 2)).exchanges
0
>>> state.probabilities([0, 2]).round(3)
array([0.5, 0. , 0. , 0.5])
"""

import os
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import numket as nk
from numket._names import public as _public

try:
    from mpi4py import MPI
except ImportError as error:
    raise ImportError(
        "numket.mpi needs mpi4py and an MPI: use pip install 'numket[mpi]' mpich"
    ) from error

from numket.mpi.agreement import agreed, duplicate, same, together
from numket.mpi.exchange import CHUNK
from numket.mpi.parted import Run, check_ranks, checked_size
from numket.mpi.shared import SharedState
from numket.mpi.state import DistributedState

__all__ = ["DistributedState", "Run", "SharedState", "load", "zero_state"]

__dir__ = _public(globals())


def zero_state(
    num_qubits: int, dtype: DTypeLike = np.complex128, comm: MPI.Intracomm | None = None
) -> DistributedState:
    """The state |0...0>, in a new array of each rank.

    Parameters
    ----------
    num_qubits : int
        The number of qubits.
    dtype : dtype
        Of the amplitudes: complex128 or complex64.
    comm : mpi4py.MPI.Intracomm, optional
        Whose ranks take part; COMM_WORLD if not given.

    Returns
    -------
    DistributedState
        With ``2**num_qubits / ranks`` amplitudes in each array.

    Raises
    ------
    TypeError
        Where `num_qubits` is no int, or `dtype` another. As with all errors, all ranks raise it.
    ValueError
        Where the number of ranks is no power of two, or there are fewer than two amplitudes for
        each; or where `comm` has been freed.
    RuntimeError
        Where MPI has not begun, or has ended.
    MemoryError
        Where there is too little memory on some rank.

    Examples
    --------
    >>> import numket as nk, numket.mpi
    >>> nk.mpi.zero_state(2).local
    array([1.+0.j, 0.+0.j, 0.+0.j, 0.+0.j])
    """
    with together(comm, duplicate) as world:

        def made() -> Any:
            count = checked_size(num_qubits, world)
            array = nk.zero_state(count - (world.size.bit_length() - 1), dtype)
            array[0] = world.rank == 0
            return array

        return DistributedState(agreed(world, made), comm)


def load(path: str | os.PathLike[str], comm: MPI.Intracomm | None = None) -> DistributedState:
    """A state from a file of NumPy's, on any number of ranks.

    Parameters
    ----------
    path : path-like
        What ``numpy.save`` or :meth:`DistributedState.save` wrote, where all ranks can read it.
    comm : mpi4py.MPI.Intracomm, optional
        Whose ranks take part; COMM_WORLD if not given.

    Returns
    -------
    DistributedState
        In new arrays, of which each rank reads its own.

    Raises
    ------
    OSError
        Where the file cannot be read. As with all errors, all ranks raise it.
    TypeError
        Where it holds another dtype than complex128 or complex64 in native byte order.
    ValueError
        Where it holds no state, is another on another rank (by its path, shape or dtype), or the
        number of ranks is no power of two; or where `comm` has been freed.
    RuntimeError
        Where MPI has not begun, or has ended.

    Examples
    --------
    >>> import os, tempfile, numpy as np, numket as nk, numket.mpi
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "psi.npy")
    ...     np.save(path, nk.basis_state(2, "10"))
    ...     nk.mpi.load(path).local.real
    array([0., 0., 1., 0.])
    """
    with together(comm, duplicate) as world:

        def looked() -> np.memmap[Any, Any]:
            check_ranks(world)
            whole = np.lib.format.open_memmap(path, "r")
            if whole.dtype.kind != "c":
                raise TypeError(
                    f"the file holds {whole.dtype!s:.80}; a state has complex amplitudes: save it "
                    "as complex128 or complex64"
                )
            if whole.ndim != 1 or whole.size & whole.size - 1 or whole.size < 2 * world.size:
                raise ValueError(
                    f"the file holds an array of shape {whole.shape}; a state has shape (2**n,), "
                    "and two amplitudes at least for each rank: save it flat"
                )
            return whole

        whole = agreed(world, looked)
        facts = os.path.abspath(path), whole.shape, whole.dtype.str
        same(world, "the file", repr(facts).encode())
        size, step = whole.size // world.size, CHUNK // whole.itemsize

        def read() -> Any:
            array = nk.empty_state(size.bit_length() - 1, whole.dtype)
            # Not by the map, whose pages would count as memory of this rank.
            with open(path, "rb") as file:
                file.seek(whole.offset + world.rank * array.nbytes)
                for first in range(0, size, step):
                    some = array[first : first + step]
                    some[...] = np.fromfile(file, array.dtype, some.size)
            return array

        return DistributedState(agreed(world, read), comm)
