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
        Of the vectors that products give: complex128 or complex64, and for a real sum float64 or
        float32. Complex vectors keep complex products.

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
        given = np.asarray(vector)
        dtype = np.result_type(self.dtype, np.complex64) if given.dtype.kind == "c" else self.dtype
        state = given.astype(dtype, copy=False).reshape(-1)
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
    dtype : complex128 (default), complex64, float64 or float32
        Of the vectors that products give: real ones for a sum whose strings have an even number of
        Y each. Complex vectors keep complex products.

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
    ValueError
        Where `dtype` is real, and the sum is not.

    Examples
    --------
    >>> import numpy as np
    >>> from numket import PauliSum
    >>> from numket.linear import linear_operator
    >>> linear_operator(PauliSum({"X": 2, "Z": 1j})) @ np.array([1, 0])
    array([0.+1.j, 2.+0.j])
    >>> linear_operator(PauliSum({"X": 2, "Z": 1}), float) @ np.array([1, 0])
    array([1., 2.])
    """
    try:
        precision = np.dtype(np.complex128 if dtype is None else dtype)
    except (TypeError, ValueError, SyntaxError):  # NumPy evaluates some texts
        precision = None
    if precision not in (np.complex128, np.complex64, np.float64, np.float32):
        raise TypeError(
            f"'dtype' is {shown(dtype)}; a state is complex128 or complex64 (float64 or float32 "
            "where all is real): use np.complex128"
        )
    if precision.kind == "f" and not all(_is_real(letters, value) for letters, value in total):
        raise ValueError(
            f"'dtype' is {precision}, and the sum has numbers that are not real, as strings with "
            "an odd number of Y have: use np.complex128"
        )
    return PauliOperator(total, precision)


def _is_real(letters: str, value: complex) -> bool:
    """Whether a Pauli string with this coefficient is a real matrix.

    >>> _is_real("YY", 2.0), _is_real("Y", 2.0), _is_real("Y", 2.0j)
    (True, False, True)
    """
    number = complex(value)
    return (number.real if letters.count("Y") % 2 else number.imag) == 0
