"""``numpy.kron``, whose products stay chains of factors until more than their factors is needed."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, reduce
from itertools import accumulate, product
from math import prod
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import DTypeLike, NDArray

import numket as nk
from numket._names import public as _public
from numket.compat.arrays import MAX_SIZE, PRECISIONS, qubits_of

__all__ = ["Kron", "KronSum", "kron"]

__dir__ = _public(globals())

MAX_STRINGS = 64
"""Pauli strings that one chain of a sum may become: it has at most three factors of one qubit that
are dense. A chain that would be more is applied factor by factor, which takes a pass for each."""


def kron(a: Any, b: Any) -> Any:
    """``numpy.kron``: of two square matrices of powers of two, a :class:`Kron`, else an array.

    Parameters
    ----------
    a, b : array_like, Kron or KronSum
        The factors.

    Returns
    -------
    Kron, KronSum or ndarray
        A chain of all factors, a sum of chains where a factor is one, or what NumPy gives.

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
    left, right = (
        [chain.factors for chain in one.chains] if isinstance(one, _Lazy) else [(np.asarray(one),)]
        for one in (a, b)
    )
    if not all(_is_operator(factor) for side in (left, right) for factor in side[0]):
        return np.kron(np.asarray(a), np.asarray(b))
    return _added([Kron([*one, *other]) for one, other in product(left, right)])


class _Lazy(NDArrayOperatorsMixin):
    """What chains and their sums have in common: they are arrays that are not made."""

    ndim = 2
    shape: tuple[int, int]
    dtype: np.dtype[Any]

    @property
    def chains(self) -> "tuple[Kron, ...]":
        """The chains whose sum it is."""
        raise NotImplementedError

    @property
    def size(self) -> int:
        """How many elements the array would have."""
        return self.shape[0] * self.shape[1]

    @property
    def T(self) -> Any:
        """The transpose."""
        return self._each(lambda factor: factor.T)

    def transpose(self) -> Any:
        """The transpose.

        Returns
        -------
        Kron or KronSum

        Examples
        --------
        >>> import numpy as np
        >>> from numket.compat import kron
        >>> np.asarray(kron([[1, 2], [3, 4]], np.eye(1)).transpose())
        array([[1., 3.],
               [2., 4.]])
        """
        return self.T

    def conj(self) -> Any:
        """The complex conjugate.

        Returns
        -------
        Kron or KronSum

        Examples
        --------
        >>> import numpy as np
        >>> from numket.compat import kron
        >>> kron(np.diag([1, 1j]), np.eye(2)).conj() @ np.ones(4)
        array([1.+0.j, 1.+0.j, 0.-1.j, 0.-1.j])
        """
        return self._each(np.conj)

    conjugate = conj

    def dot(self, other: Any) -> Any:
        """The product with a number, a vector, a matrix, or chains.

        Parameters
        ----------
        other : array_like of shape (), (2**n,) or (2**n, m), Kron or KronSum
            Only read.

        Returns
        -------
        ndarray, Kron or KronSum
            Chains where the other is a number or has chains too.

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

    def pauli_sum(self) -> nk.PauliSum:
        """The same as a sum of Pauli strings, for :func:`numket.evolve` or ``ground_state``.

        Returns
        -------
        PauliSum

        Raises
        ------
        ValueError
            Where a number is not finite, or a factor is for more than one qubit and not the
            identity.

        Examples
        --------
        >>> import numpy as np
        >>> from numket.compat import kron
        >>> x, z = np.array([[0, 1], [1, 0]]), np.diag([1, -1])
        >>> (kron(x, x) + 0.5 * kron(z, np.eye(2))).pauli_sum()
        PauliSum({'XX': 1.0, 'ZI': 0.5})
        """
        strings: dict[str, complex] = {}
        for chain in self.chains:
            made = chain._strings()
            if made is None:
                raise ValueError(
                    f"{chain!r} has a factor that is no finite matrix for one qubit; strings are "
                    "made of these: use its product with a vector, or linear_operator()"
                )
            for letters, value in made.items():
                strings[letters] = strings.get(letters, 0) + value
        return nk.PauliSum(strings, num_qubits=qubits_of(len(self)))

    def linear_operator(self) -> Any:
        """The same as a ``scipy.sparse.linalg.LinearOperator``, for ``eigsh`` and others.

        Returns
        -------
        scipy.sparse.linalg.LinearOperator
            Its products are those with ``@``; its adjoint is that of ``.conj().T``.

        Raises
        ------
        ImportError
            Without SciPy.

        Examples
        --------
        >>> import numpy as np
        >>> from numket.compat import kron
        >>> flip = np.array([[0, 1], [1, 0]])
        >>> (kron(flip, np.eye(2)) + 1.0 * kron(np.eye(2), flip)).linear_operator() @ [1, 0, 0, 0]
        array([0., 1., 1., 0.])
        """
        try:
            from scipy.sparse.linalg import LinearOperator
        except ImportError as error:
            raise ImportError(
                "a linear operator needs SciPy: use pip install 'numket[scipy]'"
            ) from error
        adjoint = self.conj().T
        return LinearOperator(
            dtype=np.result_type(self.dtype, np.float32),  # of integers, solvers know no product
            shape=self.shape,
            matvec=lambda vector: self @ vector.reshape(-1),
            rmatvec=lambda vector: adjoint @ vector.reshape(-1),
            matmat=lambda columns: self @ columns,
            rmatmat=lambda columns: adjoint @ columns,
        )

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(np.asarray(self))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(np.asarray(self), name)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError(
                f"a {type(self).__name__} keeps its factors only: its array cannot be had without "
                "a copy"
            )
        made = (reduce(np.kron, chain.factors[1:], chain.factors[0]) for chain in self.chains)
        array = reduce(np.add, made)
        return np.array(array, dtype)

    # In place there is nothing to change: `a += b` makes a new chain or sum.
    def __iadd__(self, other: Any) -> Any:
        return self + other

    def __isub__(self, other: Any) -> Any:
        return self - other

    def __imul__(self, other: Any) -> Any:
        return self * other

    def __itruediv__(self, other: Any) -> Any:
        return self / other

    def __imatmul__(self, other: Any) -> Any:
        return self @ other

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and options.keys() <= {"out"}:
            made = _lazily(ufunc, *inputs)
            if made is not NotImplemented and not options:
                return made
            if isinstance(made, np.ndarray):
                return _into(made, *options["out"])
        return getattr(ufunc, method)(*_arrays(inputs), **_arrays(options))

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, args: Any, options: Any
    ) -> Any:
        if function is np.kron and not options:
            return kron(*args)
        if function is np.dot and len(args) in (2, 3):
            out = args[2] if len(args) == 3 else options.get("out")
            made = _dot(args[0], args[1])
            if made is not NotImplemented and out is None:
                return made
            if isinstance(made, np.ndarray):
                return _into(made, out)
        if not options and len(args) == 1 and function in _FACTS:
            return _FACTS[function](self)
        return function(*_arrays(args), **_arrays(options))

    def _each(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Any:
        """The same with all factors changed."""
        return _added([Kron([change(one) for one in chain.factors]) for chain in self.chains])

    def _times(self, columns: NDArray[Any]) -> NDArray[Any]:
        """The product with a vector, or with each column of a matrix."""
        raise NotImplementedError

    def _check(self, columns: NDArray[Any]) -> None:
        """Refuses a vector or a matrix of another length."""
        side, _ = self.shape
        if len(columns) != side:
            raise ValueError(
                f"matmul: a {type(self).__name__} of shape {self.shape} cannot multiply an array "
                f"of shape {columns.shape}, which must be ({side},) or ({side}, m)"
            )


class Kron(_Lazy):
    """A Kronecker product of matrices that behaves as their array, but keeps only its factors.

    ``kron(a, b) @ psi``, or ``.dot``, applies the factors in place to a copy of ``psi``, of shape
    ``(2**n,)`` or ``(2**n, m)``. A multiple of a chain is a chain again, and so is the product of
    two of the same size; their sum is a :class:`KronSum`. Everything else, such as indexing and
    most methods of arrays, makes the array of ``4**n`` elements, as ``numpy.kron`` would. It cannot
    be written to.

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
    def chains(self) -> "tuple[Kron, ...]":
        """Itself alone."""
        return (self,)

    def __repr__(self) -> str:
        return f"Kron of {len(self.factors)} factors, shape {self.shape}"

    def _strings(self) -> dict[str, complex] | None:
        """The Pauli strings that it is, if these are few."""
        strings: dict[str, complex] = {"": 1}
        for factor in self.factors:
            if len(factor) > 2 and not _is_identity(factor):
                return None
            if not np.isfinite(factor).all():
                return None
            letters = {"I" * (qubits_of(len(factor)) or 0): 1 + 0j}
            if len(factor) == 2:
                ((a, b), (c, d)) = factor.astype(np.complex128).tolist()
                letters = {
                    "I": (a + d) / 2,
                    "X": (b + c) / 2,
                    "Y": 0.5j * (b - c),
                    "Z": (a - d) / 2,
                }
            pairs = product(strings.items(), letters.items())
            strings = {left + right: x * y for (left, x), (right, y) in pairs if y != 0}
            if len(strings) > MAX_STRINGS:
                return None
        return strings

    def _times(self, columns: NDArray[Any]) -> NDArray[Any]:
        self._check(columns)
        precision = np.result_type(self.dtype, columns.dtype)
        acting = [
            (number, factor)
            for number, factor in enumerate(self.factors)
            if not _is_identity(factor)
        ]
        if precision in PRECISIONS and all(
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
        # What numket does not take, such as integers, goes to NumPy, factor by factor.
        done = columns.reshape(*map(len, self.factors), *columns.shape[1:]).astype(precision)
        for number, factor in acting:
            done = np.moveaxis(np.tensordot(factor, done, ([1], [number])), 0, number)
        return done.reshape(columns.shape)


class KronSum(_Lazy):
    """A sum of chains that behaves as its array, but keeps only their factors.

    It is what ``+`` and ``-`` make of chains of the same size, as Hamiltonians are written. Its
    products with vectors are those of a :class:`numket.PauliSum` where all factors that act are for
    one qubit and few of a chain are dense, with errors of rounding relative to the largest of its
    coefficients, and are added up chain by chain else. Its multiples,
    sums and products with chains are sums again; for all else see :class:`Kron`.

    Parameters
    ----------
    chains : sequence of Kron
        Of one shape.

    Raises
    ------
    ValueError
        Where there are none, or their shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> from functools import reduce
    >>> from numket.compat import kron
    >>> x, z, i = np.array([[0, 1], [1, 0]]), np.diag([1, -1]), np.eye(2)
    >>> def on(q, gate):
    ...     return reduce(kron, [gate if q == p else i for p in range(20)])
    >>> ising = sum(-1.0 * on(q, z) @ on(q + 1, z) for q in range(19)) - 0.5 * on(3, x)
    >>> ising
    KronSum of 20 chains, shape (1048576, 1048576)
    >>> psi = np.zeros(2**20)
    >>> psi[0] = 1
    >>> float(psi @ (ising @ psi))
    -19.0
    """

    def __init__(self, chains: Sequence[Kron]) -> None:
        self._chains = tuple(chains)
        if len({chain.shape for chain in self._chains}) != 1:
            raise ValueError(
                f"'chains' have the shapes {[chain.shape for chain in self._chains]}; a sum is of "
                "at least one, and all are of one shape"
            )
        self.shape = self._chains[0].shape
        self.dtype = np.result_type(*(chain.dtype for chain in self._chains))

    @property
    def chains(self) -> tuple[Kron, ...]:
        """All of them."""
        return self._chains

    @cached_property
    def _total(self) -> nk.PauliSum | None:
        """As Pauli strings, if these are few."""
        made = [chain._strings() for chain in self._chains]
        return None if None in made else self.pauli_sum()

    def __repr__(self) -> str:
        return f"KronSum of {len(self._chains)} chains, shape {self.shape}"

    def _times(self, columns: NDArray[Any]) -> NDArray[Any]:
        self._check(columns)
        precision = np.result_type(self.dtype, columns.dtype)
        if precision in PRECISIONS and self._total is not None:
            states = np.asarray(columns, precision).reshape(len(columns), -1)
            done = np.empty_like(states)
            for column in range(states.shape[1]):
                self._total.apply(states[:, column], done[:, column])
            return done.reshape(columns.shape)
        done = self._chains[0]._times(columns).astype(precision)
        for chain in self._chains[1:]:
            done += chain._times(columns)
        return done


def _added(chains: Sequence[Kron]) -> Kron | KronSum:
    """One chain, or the sum of several."""
    return chains[0] if len(chains) == 1 else KronSum(chains)


def _lazily(ufunc: np.ufunc, *inputs: Any) -> Any:
    """What a ufunc makes of chains, if that is chains again or a product with a vector."""
    if len(inputs) == 1:
        (one,) = inputs
        if ufunc in (np.negative, np.positive):
            return _scaled(ufunc, one)
        return one.conj() if ufunc is np.conjugate else NotImplemented
    left, right = inputs
    if ufunc is np.matmul:
        return _product(left, right)
    if ufunc is np.multiply and _is_number(left):
        return _scaled(lambda factor: np.multiply(left, factor), right)
    if ufunc in (np.multiply, np.true_divide) and _is_number(right):
        return _scaled(lambda factor: ufunc(factor, right), left)
    if ufunc in (np.add, np.subtract):
        if _is_number(left) and left == 0:  # where `sum` begins
            made = _plus_zero(right, left)
            return made if ufunc is np.add else -made
        if _is_number(right) and right == 0:
            return _plus_zero(left, right)
        if not isinstance(left, _Lazy) or not isinstance(right, _Lazy):
            return NotImplemented
        if left.shape != right.shape:
            raise ValueError(f"{ufunc.__name__}: shapes {left.shape} and {right.shape} do not fit")
        # Of truth values NumPy's sum is a logical or, which no products with factors give.
        if np.result_type(left.dtype, right.dtype).kind != "b":
            other = right if ufunc is np.add else -right
            return KronSum([*left.chains, *other.chains])
    return NotImplemented


def _scaled(change: Callable[[NDArray[Any]], NDArray[Any]], lazy: _Lazy) -> Any:
    """The same with the first factor of each chain changed, in the precision of all of them."""
    chains = [
        (change(chain.factors[0].astype(lazy.dtype)), *chain.factors[1:]) for chain in lazy.chains
    ]
    return _added([Kron(factors) for factors in chains])


def _product(left: Any, right: Any) -> Any:
    """The matrix product of two of which one has chains, at least."""
    if 0 in (np.ndim(one) if not isinstance(one, _Lazy) else 2 for one in (left, right)):
        raise ValueError("matmul: a number has not enough dimensions: use *")
    if not isinstance(left, _Lazy):  # psi @ K
        return right.T._times(np.asarray(left).T).T if np.ndim(left) in (1, 2) else NotImplemented
    if not isinstance(right, _Lazy):
        return left._times(np.asarray(right)) if np.ndim(right) in (1, 2) else NotImplemented
    if left.shape != right.shape:
        raise ValueError(f"matmul: shapes {left.shape} and {right.shape} do not fit")
    made, precision = [], np.result_type(left.dtype, right.dtype)
    for one, other in product(left.chains, right.chains):
        pairs = zip(*_aligned(one.factors, other.factors), strict=True)
        made.append(Kron([a.astype(precision) @ b.astype(precision) for a, b in pairs]))
    return _added(made)


def _into(made: NDArray[Any], out: NDArray[Any]) -> NDArray[Any]:
    """The same in an array that was given for it."""
    if out.shape != made.shape:
        raise ValueError(f"'out' has shape {out.shape}; the product has {made.shape}")
    np.copyto(out, made, casting="same_kind")
    return out


def _aligned(
    left: Sequence[NDArray[Any]], right: Sequence[NDArray[Any]]
) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
    """The factors of two chains, with as many of each multiplied as it takes for equal sizes."""
    ends = [[*accumulate(map(len, factors), lambda a, b: a * b)] for factors in (left, right)]
    common = {*ends[0]} & {*ends[1]}
    made: tuple[list[NDArray[Any]], list[NDArray[Any]]] = ([], [])
    for factors, places, to in zip((left, right), ends, made, strict=True):
        group: list[NDArray[Any]] = []
        for factor, end in zip(factors, places, strict=True):
            group.append(factor)
            if end in common:
                to.append(reduce(np.kron, group))
                group = []
    return made


def _dot(left: Any, right: Any) -> Any:
    """As ``numpy.dot``: a product with a number, or of matrices."""
    for one, other in ((left, right), (right, left)):
        if _is_number(one):
            return np.multiply(one, other)
    axes = [one.ndim if isinstance(one, _Lazy) else np.ndim(one) for one in (left, right)]
    return left @ right if axes in ([1, 2], [2, 1], [2, 2]) else NotImplemented


_FACTS: dict[Any, Callable[[_Lazy], Any]] = {
    np.shape: lambda lazy: lazy.shape,
    np.ndim: lambda lazy: lazy.ndim,
    np.size: lambda lazy: lazy.size,
    np.transpose: lambda lazy: lazy.T,
    np.iscomplexobj: lambda lazy: lazy.dtype.kind == "c",
    np.isrealobj: lambda lazy: lazy.dtype.kind != "c",
    np.trace: lambda lazy: sum(
        reduce(lambda a, b: a * b, map(np.trace, chain.factors)) for chain in lazy.chains
    ),
}
"""What functions of NumPy tell of chains without their array."""


def _own(factor: Any) -> NDArray[Any]:
    """A copy that nobody writes to, as ``numpy.kron`` would make; what is one already stays."""
    own: NDArray[Any] = np.asarray(factor)
    if own.flags.writeable or not own.flags.owndata:
        own = own.copy()
        own.flags.writeable = False
    return own


def _is_operator(factor: NDArray[Any]) -> bool:
    """Whether this is a matrix for qubits."""
    rows, *columns = factor.shape or (0,)
    return columns == [rows] and bool(qubits_of(rows)) and factor.dtype.kind in "biufc"


def _is_identity(factor: NDArray[Any]) -> bool:
    """Whether it changes nothing."""
    return np.array_equal(factor, np.eye(len(factor)))


def _plus_zero(lazy: _Lazy, zero: Any) -> Any:
    """The same, in the precision that the sum with a zero has."""
    precision = np.result_type(lazy.dtype, zero)
    if precision == lazy.dtype:
        return lazy
    return _scaled(lambda factor: factor.astype(precision), lazy)


def _is_number(value: Any) -> bool:
    """Whether this is one number."""
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "biufc"
    return isinstance(value, (bool, int, float, complex, np.number, np.bool_))


def _arrays(values: Any) -> Any:
    """The same with the arrays of all chains, also in lists and dicts."""
    if isinstance(values, _Lazy):
        return np.asarray(values)
    if isinstance(values, (list, tuple)):
        return type(values)(map(_arrays, values))
    if isinstance(values, dict):
        return {key: _arrays(value) for key, value in values.items()}
    return values
