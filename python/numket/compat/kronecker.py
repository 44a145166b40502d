"""``numpy.kron``, whose products stay chains of factors until more than their factors is needed."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import DTypeLike, NDArray

import numket as nk
from numket._names import public as _public
from numket.compat.arrays import MAX_SIZE, qubits_of

__all__ = ["Kron", "kron"]

__dir__ = _public(globals())


def kron(a: Any, b: Any) -> Any:
    """``numpy.kron``: of two square matrices of powers of two, a :class:`Kron`, else an array.

    Parameters
    ----------
    a, b : array_like or Kron
        The factors.

    Returns
    -------
    Kron or ndarray
        A chain of all factors, or what NumPy gives.

    Raises
    ------
    TypeError
        Where ``numpy.kron`` does: for what holds no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from functools import reduce
    >>> from numket.compat import kron
    >>> x, i = np.array([[0, 1], [1, 0]]), np.eye(2)
    >>> flip = reduce(kron, [i, x, i])  # of qubit 1
    >>> (flip @ np.arange(8)).tolist()
    [2.0, 3.0, 0.0, 1.0, 6.0, 7.0, 4.0, 5.0]
    """
    factors = [*_factors(a), *_factors(b)]
    if all(_is_operator(factor) for factor in factors):
        return Kron(factors)
    return np.kron(np.asarray(a), np.asarray(b))


class Kron(NDArrayOperatorsMixin):
    """A Kronecker product of matrices that behaves as their array, but keeps only its factors.

    ``kron(a, b) @ psi``, or ``.dot``, applies the factors in place to a copy of ``psi``, of shape
    ``(2**n,)`` or ``(2**n, m)``; the product of two chains of the same sizes is a chain again.
    Everything else, such as sums, indexing and the methods of arrays, makes the array of ``4**n``
    elements, as ``numpy.kron`` would. It cannot be written to.

    Parameters
    ----------
    factors : sequence of ndarray
        Square, with powers of two rows, and at least two of these. Copied.

    Raises
    ------
    ValueError
        Where there are none, or one is not such a matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from numket.compat import Kron
    >>> z = Kron([np.diag([1, -1]), *[np.eye(2)] * 29])
    >>> z.shape
    (1073741824, 1073741824)
    >>> np.array_equal(Kron([np.eye(2), np.ones((2, 2))]), np.kron(np.eye(2), np.ones((2, 2))))
    True
    """

    ndim = 2

    def __init__(self, factors: Sequence[NDArray[Any]]) -> None:
        self.factors = tuple(map(_own, factors))
        if not self.factors or not all(map(_is_operator, self.factors)):
            raise ValueError(
                f"'factors' have the shapes {[factor.shape for factor in self.factors]}; each must "
                "be a square matrix of numbers with 2**k rows, for at least one qubit"
            )
        side = prod(len(factor) for factor in self.factors)
        self.shape = (side, side)
        self.dtype = np.result_type(*self.factors)

    @property
    def T(self) -> "Kron":
        """The transpose."""
        return Kron([factor.T for factor in self.factors])

    def conj(self) -> "Kron":
        """The complex conjugate.

        Returns
        -------
        Kron

        Examples
        --------
        >>> import numpy as np
        >>> from numket.compat import kron
        >>> np.asarray(kron(np.diag([1, 1j]), [[1]]).conj())
        array([[1.-0.j, 0.-0.j],
               [0.-0.j, 0.-1.j]])
        """
        return Kron([factor.conj() for factor in self.factors])

    conjugate = conj

    def dot(self, other: Any) -> Any:
        """The product with a vector, a matrix or another chain.

        Parameters
        ----------
        other : array_like of shape (2**n,) or (2**n, m), or Kron
            Only read.

        Returns
        -------
        ndarray or Kron
            A chain where both have factors of the same sizes.

        Raises
        ------
        ValueError
            Where shapes do not fit.

        Examples
        --------
        >>> import numpy as np
        >>> from numket.compat import kron
        >>> flip = np.array([[0, 1], [1, 0]])
        >>> kron(flip, np.eye(2)).dot([1, 2, 3, 4])
        array([3., 4., 1., 2.])
        """
        return np.dot(self, other)

    def __repr__(self) -> str:
        return f"Kron of {len(self.factors)} factors, shape {self.shape}"

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(np.asarray(self))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"'Kron' object has no attribute {name!r}")
        return getattr(np.asarray(self), name)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError(
                "a Kron keeps its factors only: its array cannot be had without a copy"
            )
        first, *rest = self.factors
        return np.asarray(reduce(np.kron, rest, first.copy()), dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc is np.matmul and method == "__call__" and not options:
            left, right = inputs
            if not isinstance(left, Kron):  # psi @ K
                if np.ndim(left) in (1, 2):
                    return right.T._times(np.asarray(left).T).T
            elif not isinstance(right, Kron):
                if np.ndim(right) in (1, 2):
                    return left._times(np.asarray(right))
            elif [len(factor) for factor in left.factors] == [
                len(factor) for factor in right.factors
            ]:
                return Kron([a @ b for a, b in zip(left.factors, right.factors, strict=True)])
        return getattr(ufunc, method)(*_arrays(inputs), **_arrays(options))

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, args: Any, options: Any
    ) -> Any:
        if function is np.kron and not options and len(args) == 2:
            return kron(*args)
        if function is np.dot and not options and [*map(np.ndim, args)] in ([1, 2], [2, 1], [2, 2]):
            return args[0] @ args[1]
        return function(*_arrays(args), **_arrays(options))

    def _times(self, columns: NDArray[Any]) -> NDArray[Any]:
        """The product with a vector, or with each column of a matrix."""
        side, _ = self.shape
        if len(columns) != side:
            raise ValueError(
                f"matmul: a Kron of shape {self.shape} cannot multiply an array of shape "
                f"{columns.shape}, which must be ({side},) or ({side}, m)"
            )
        precision = np.result_type(self.dtype, columns.dtype)
        acting = [
            (number, factor)
            for number, factor in enumerate(self.factors)
            if not np.array_equal(factor, np.eye(len(factor)))
        ]
        if precision in (np.complex128, np.complex64) and all(
            len(factor) <= MAX_SIZE and np.isfinite(factor).all() for _, factor in acting
        ):
            counts = (qubits_of(len(factor)) or 0 for factor in self.factors)
            first = [*accumulate(counts, initial=0)]
            circuit = nk.Circuit(first[-1])
            for number, factor in acting:
                circuit.apply(factor, range(first[number], first[number + 1]))
            done = np.array(columns, precision)
            circuit.run(done.T, batch=done.ndim - 1)
            return done
        # What numket does not take, such as real vectors, goes to NumPy, factor by factor.
        done = columns.reshape(*map(len, self.factors), *columns.shape[1:]).astype(precision)
        for number, factor in acting:
            done = np.moveaxis(np.tensordot(factor, done, ([1], [number])), 0, number)
        return done.reshape(columns.shape)


def _own(factor: Any) -> NDArray[Any]:
    """A copy that nobody writes to, as ``numpy.kron`` would make; what is one already stays."""
    own: NDArray[Any] = np.asarray(factor)
    if own.flags.writeable or not own.flags.owndata:
        own = own.copy()
        own.flags.writeable = False
    return own


def _factors(value: Any) -> Sequence[NDArray[Any]]:
    """The factors of a chain; all else is one factor."""
    return value.factors if isinstance(value, Kron) else (np.asarray(value),)


def _is_operator(factor: NDArray[Any]) -> bool:
    """Whether this is a matrix for qubits."""
    rows, *columns = factor.shape or (0,)
    return columns == [rows] and bool(qubits_of(rows)) and factor.dtype.kind in "biufc"


def _arrays(values: Any) -> Any:
    """The same with the arrays of all chains, also in lists and dicts."""
    if isinstance(values, Kron):
        return np.asarray(values)
    if isinstance(values, (list, tuple)):
        return type(values)(map(_arrays, values))
    if isinstance(values, dict):
        return {key: _arrays(value) for key, value in values.items()}
    return values
