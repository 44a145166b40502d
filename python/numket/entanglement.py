"""Entanglement of pure states."""

from collections.abc import Iterable
from numbers import Real
from sys import float_info
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from numket._core import Ket, bloch_vectors, qubit_numbers, reduced_density_matrix, shown
from numket._names import public as _public

__all__ = ["cut_entropies", "entanglement_entropy", "qubit_entropies"]

__dir__ = _public(globals())

_State = NDArray[np.inexact[Any]] | Ket


def entanglement_entropy(
    state: _State,
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
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
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

    See Also
    --------
    numket.qubit_entropies : Of each qubit alone.
    numket.cut_entropies : Of the first qubits, however many.

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> round(nk.entanglement_entropy(bell, 0), 12)
    1.0
    """
    _check_base(base)
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
    rho = reduced_density_matrix(state, chosen, threads=threads)
    return _entropy(np.linalg.eigvalsh(rho), base)


def qubit_entropies(
    state: _State, *, base: float = 2, batch: int = 0, threads: int | None = None
) -> NDArray[np.float64]:
    """The von Neumann entropy of each qubit: how entangled it is with all others.

    They follow from the lengths of the Bloch vectors, which are read together: from
    ``(1 + r) / 2`` and ``(1 - r) / 2``, the eigenvalues of each reduced density matrix.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read; its norm is taken to be 1.
    base : float
        That of the logarithm: 2 counts bits.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of float64, shape (n,) after the batch axes
        From 0, where a qubit is not entangled, to that of a fair coin, which is 1 bit.

    Raises
    ------
    TypeError
        Where `state` is no array, or of another dtype.
    ValueError
        Where its shape is no state's, or `base` is not positive or is 1.
    BufferInUseError
        Where another call is changing the state.

    See Also
    --------
    numket.bloch_vectors : The vectors themselves.
    numket.cut_entropies : Of the first qubits, however many.

    Examples
    --------
    >>> import numket as nk
    >>> nk.qubit_entropies(nk.ket("000").h(0).cx(0, 2).state).round(12)
    array([1., 0., 1.])
    """
    _check_base(base)
    vectors = bloch_vectors(state, batch=batch, threads=threads)
    lengths = np.minimum(np.sqrt(np.sum(vectors**2, axis=-1)), 1)
    weights = np.stack([1 + lengths, 1 - lengths]) / 2
    logarithms = np.log(weights, where=weights != 0, out=np.zeros_like(weights))
    entropies: NDArray[np.float64] = abs(np.sum(weights * logarithms, axis=0) / np.log(base))
    return entropies


def cut_entropies(
    state: _State, *, base: float = 2, threads: int | None = None
) -> NDArray[np.float64]:
    """The entanglement entropy of the first k qubits with the others, for every k between.

    Only the density matrices of both halves are read from the state: those of fewer qubits are
    partial traces of them. The larger of the two has as many entries as the state, and its
    eigenvalues take ``2**(3n/2)`` steps.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read; its norm is taken to be 1.
    base : float
        That of the logarithm: 2 counts bits.
    threads : int, optional
        At most this many threads for the readings.

    Returns
    -------
    ndarray of float64, shape (n - 1,)
        Number ``k - 1`` is that of qubits 0 to ``k - 1``.

    Raises
    ------
    TypeError
        Where `state` is no array, or of another dtype.
    ValueError
        Where its shape is no state's, or `base` is not positive or is 1.
    BufferInUseError
        Where another call is changing the state.

    See Also
    --------
    numket.entanglement_entropy : Of any qubits.
    numket.qubit_entropies : Of each qubit alone, which is quick for any number of qubits.

    Examples
    --------
    >>> import numket as nk
    >>> nk.cut_entropies(nk.ket("0000").h(0).cx(0, 2).state).round(12)
    array([1., 1., 0.])
    """
    _check_base(base)
    n = len(bloch_vectors(state, threads=threads))  # refuses what is no state
    entropies = np.zeros(max(n - 1, 0))
    for qubits in (range(n // 2), range(n // 2 + 1, n)):
        rho = reduced_density_matrix(state, qubits, threads=threads)
        is_left = qubits.start == 0
        for size in range(len(qubits), 0, -1):
            cut = size if is_left else n - size
            entropies[cut - 1] = _entropy(np.linalg.eigvalsh(rho), base)
            # The qubit next to the cut is traced out.
            half = 2 ** (size - 1)
            if is_left:
                rho = np.einsum("iaja->ij", rho.reshape(half, 2, half, 2))
            else:
                rho = np.einsum("aiaj->ij", rho.reshape(2, half, 2, half))
    return entropies


def _check_base(base: float) -> None:
    if not (isinstance(base, Real) and 0 < base <= float_info.max and base != 1):
        raise ValueError(
            f"'base' is {shown(base)}; that of a logarithm is positive and not 1: use 2 for bits"
        )


def _entropy(weights: NDArray[np.floating[Any]], base: float) -> float:
    """That of a density matrix with these eigenvalues; what is below 0 is so by rounding."""
    weights = weights[weights > 0]
    return float(abs(np.sum(weights * np.log(weights)) / np.log(float(base))))
