"""Sums of Pauli strings as linear operators of SciPy, which is imported with this module."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from numket._core import PauliSum, shown
from numket._names import public as _public

try:
    from scipy.sparse.linalg import LinearOperator
except ImportError as error:
    raise ImportError("a linear operator needs SciPy: use pip install 'numket[scipy]'") from error

__all__ = ["PauliOperator", "linear_operator"]

__dir__ = _public(globals())


class PauliOperator(LinearOperator):
    """A sum as a ``scipy.sparse.linalg.LinearOperator``, as :func:`linear_operator` makes it.

    Parameters
    ----------
    total : PauliSum
        On n qubits.
    precision : dtype
        Of the vectors that products give: complex128 or complex64.

    Raises
    ------
    ValueError
        Where a product is asked for with a vector of another length than 2**n.

    Examples
    --------
    >>> import numpy as np
    >>> from numket import PauliSum
    >>> from numket.linear import PauliOperator
    >>> PauliOperator(PauliSum({"X": 2}), np.dtype(np.complex128)).shape
    (2, 2)
    """

    def __init__(self, total: PauliSum, precision: np.dtype[Any]) -> None:
        size = 2**total.num_qubits
        super().__init__(precision, (size, size))
        self._total = total
        self._adjoint_total = total if total.hermitian else total.adjoint()

    def _matvec(self, x: Any) -> Any:
        return self._product(self._total, x)

    def _rmatvec(self, x: Any) -> Any:
        return self._product(self._adjoint_total, x)

    def _product(self, factor: PauliSum, vector: Any) -> Any:
        # What SciPy hands over may be real, or a column.
        state = np.asarray(vector, self.dtype).reshape(-1)
        out = np.empty_like(state)
        factor.apply(state, out)
        return out


def linear_operator(total: PauliSum, dtype: DTypeLike | None = None) -> PauliOperator:
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
        Of shape (2**n, 2**n). It pickles.

    Raises
    ------
    ImportError
        Without SciPy, when this module is imported.
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
        precision = np.dtype(np.complex128 if dtype is None else dtype)
    except (TypeError, ValueError, SyntaxError):  # NumPy evaluates some texts
        precision = None
    if precision not in (np.complex128, np.complex64):
        raise TypeError(
            f"'dtype' is {shown(dtype)}; a state is complex128 or complex64: use np.complex128"
        )
    return PauliOperator(total, precision)
