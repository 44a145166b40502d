"""Entanglement of pure states."""

from collections.abc import Iterable
from numbers import Real
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from numket._core import Ket, qubit_numbers, reduced_density_matrix, shown
from numket._names import public as _public

__all__ = ["entanglement_entropy"]

__dir__ = _public(globals())


def entanglement_entropy(
    state: NDArray[np.complexfloating[Any, Any]] | Ket,
    qubits: SupportsIndex | Iterable[SupportsIndex],
    *,
    base: float = 2,
    threads: int | None = None,
) -> float:
    """The von Neumann entropy of some qubits of a pure state: how entangled they are with the rest.

    It is ``-tr(rho log(rho))`` of their reduced density matrix rho: the entropy of entanglement of
    C. H. Bennett, H. J. Bernstein, S. Popescu and B. Schumacher, Physical Review A 53, 2046 (1996).

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read; its norm is taken to be 1.
    qubits : int or sequence of int
        One side; of the two, the smaller is worked on.
    base : float
        That of the logarithm: 2 counts bits.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float
        From 0, where nothing is entangled, to the number of qubits on the smaller side, in bits.

    Raises
    ------
    TypeError
        Where `state` is no array, or of another dtype, or qubits are no ints.
    ValueError
        Where its shape is no state's, qubits are out of range or repeat, or `base` is not positive
        or is 1.
    BufferInUseError
        Where another call is changing the state.

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> round(nk.entanglement_entropy(bell, 0), 12)
    1.0
    """
    if not (isinstance(base, Real) and 0 < base < float("inf") and base != 1):
        raise ValueError(
            f"'base' is {shown(base)}; that of a logarithm is positive and not 1: use 2 for bits"
        )
    reduced_density_matrix(state, ())  # refuses what is no state
    chosen = qubit_numbers(qubits)
    array = np.asarray(state)
    if array.ndim == 1:
        axes = set(range(array.size.bit_length() - 1))
    else:
        axes = {axis for axis, length in enumerate(array.shape) if length == 2}
    # The others have the same entropy. A list that is not as it should be is left to be refused.
    if axes.issuperset(chosen) and len(chosen) == len(set(chosen)) and 2 * len(chosen) > len(axes):
        chosen = sorted(axes.difference(chosen))
    weights = np.linalg.eigvalsh(reduced_density_matrix(state, chosen, threads=threads))
    weights = weights[weights > 0]
    return float(abs(np.sum(weights * np.log(weights)) / np.log(float(base))))
