"""Sums of Pauli strings as linear operators of SciPy, which is imported when the first is made."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from numket._core import PauliSum


def linear_operator(total: PauliSum, dtype: DTypeLike | None = None) -> Any:
    """The sum as a ``scipy.sparse.linalg.LinearOperator``; see :meth:`PauliSum.linear_operator`.

    SciPy's estimate of the trace, which ``expm_multiply`` would warn of, is spared by ``traceA``.

    Parameters
    ----------
    total : PauliSum
        On n qubits.
    dtype : complex128 (default) or complex64
        Of the vectors that products give.

    Returns
    -------
    scipy.sparse.linalg.LinearOperator
        Of shape (2**n, 2**n).

    Raises
    ------
    ImportError
        Without SciPy.
    TypeError
        Where `dtype` is another.

    Examples
    --------
    >>> import numpy as np
    >>> from numket import PauliSum
    >>> from numket.linear import linear_operator
    >>> linear_operator(PauliSum({"X": 2, "Z": 1j})) @ np.array([1, 0])
    array([0.+1.j, 2.+0.j])
    """
    try:
        from scipy.sparse.linalg import LinearOperator
    except ImportError as error:
        raise ImportError(
            "a linear operator needs SciPy: use pip install 'numket[scipy]'"
        ) from error
    precision = np.dtype(np.complex128 if dtype is None else dtype)
    if precision not in (np.complex128, np.complex64):
        raise TypeError(
            f"'dtype' is {precision}; a state is complex128 or complex64: use np.complex128"
        )
    size = 2**total.num_qubits

    def product(factor: PauliSum) -> Any:
        def apply(vector: Any) -> Any:
            # What SciPy hands over may be real, or a column.
            state = np.asarray(vector, precision).reshape(-1)
            out = np.empty(size, precision)
            factor.apply(state, out)
            return out

        return apply

    adjoint = total if total.hermitian else total.adjoint()
    return LinearOperator(
        dtype=precision,
        shape=(size, size),
        matvec=product(total),
        rmatvec=product(adjoint),
    )
