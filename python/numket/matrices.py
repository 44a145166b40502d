"""Matrices of circuits and of sums of Pauli strings, where they are small enough to have one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket import _core
from numket._names import public as _public
from numket.circuit import DRAWS

__all__: list[str] = []

__dir__ = _public(globals())

LARGEST = 30
"""Qubits of a matrix, of which each has twice as many as a state."""


def of_circuit(circuit: _core.Circuit, params: Any = None) -> NDArray[np.complex128]:
    """The matrix of a circuit: see `Circuit.to_matrix`.

    >>> import numket as nk
    >>> of_circuit(nk.Circuit(1).y(0))
    array([[0.+0.j, 0.-1.j],
           [0.+1.j, 0.+0.j]])
    """
    for place, operation in enumerate(circuit):
        if operation.name in DRAWS or operation.condition:
            does = "has a condition" if operation.condition else f"is '{operation.name}'"
            raise ValueError(
                f"operation {place} {does}, and no matrix does the same: use the part before it, "
                f"circuit[:{place}], or numket.density"
            )
    matrix = _zeros(circuit.num_qubits)
    np.fill_diagonal(matrix, 1)
    circuit.run(matrix.T, params, batch=1)  # of which row i is what becomes of basis state i
    return matrix


def of_sum(total: _core.PauliSum, sparse: bool = False) -> Any:
    """The matrix of a sum: see `PauliSum.to_matrix`.

    >>> import numket as nk
    >>> of_sum(nk.PauliSum({"Y": 1, "Z": 2}))
    array([[ 2.+0.j,  0.-1.j],
           [ 0.+1.j, -2.+0.j]])
    """
    n = total.num_qubits
    if sparse:
        try:
            from scipy.sparse import csr_array
        except ImportError as error:
            raise ImportError(
                "a sparse matrix needs SciPy: use pip install 'numket[scipy]'"
            ) from error
    groups: dict[int, list[tuple[int, complex]]] = {}
    for letters, coefficient in total:
        flips = int("0" + "".join("01"[letter in "XY"] for letter in letters), 2)
        signs = int("0" + "".join("01"[letter in "YZ"] for letter in letters), 2)
        # Y = i X Z, which sends |0> to i|1>.
        factor = coefficient * 1j ** letters.count("Y")
        groups.setdefault(flips, []).append((signs, factor))
    if not sparse:
        matrix = _zeros(n)
        rows = np.arange(1 << n)
        for flips, terms in groups.items():
            matrix[rows, rows ^ flips] = _entries(rows ^ flips, terms)
        return matrix
    _check(n)
    rows = np.arange(1 << n)
    columns = (
        np.stack([rows ^ flips for flips in groups], axis=1) if groups else rows[:, None][:, :0]
    )
    values = np.empty(columns.shape, np.complex128)
    for place, terms in enumerate(groups.values()):
        values[:, place] = _entries(columns[:, place], terms)
    starts = len(groups) * np.arange((1 << n) + 1)
    made = csr_array((values.reshape(-1), columns.reshape(-1), starts), shape=(1 << n, 1 << n))
    made.sort_indices()
    made.eliminate_zeros()
    return made


def _zeros(num_qubits: int) -> NDArray[np.complex128]:
    """A matrix, if there is room for it."""
    _check(num_qubits)
    dim = 1 << num_qubits
    matrix = _core.empty_state(2 * num_qubits).reshape(dim, dim)
    matrix[...] = 0
    return matrix


def _check(num_qubits: int) -> None:
    """Refuses what no machine has room for."""
    if num_qubits > LARGEST:
        raise MemoryError(
            f"the matrix has 2**{num_qubits} rows; there is room for at most 2**{LARGEST}: use the "
            "operator without its matrix"
        )


def _entries(
    columns: NDArray[np.int64], terms: list[tuple[int, complex]]
) -> NDArray[np.complex128]:
    """What terms that flip the same qubits have in these columns."""
    entries = np.zeros(len(columns), np.complex128)
    for signs, factor in terms:
        entries += factor * (1 - 2 * (np.bitwise_count(columns & signs) & 1).astype(np.int8))
    return entries
