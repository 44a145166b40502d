"""Density matrices: ``(2**n, 2**n)`` arrays of your own, changed in place like states.

A density matrix on n qubits is a tensor of 2n: qubit q of its rows is axis q, that of its columns
is axis n + q. A matrix U acts as U on the rows and as its conjugate on the columns, so that the
kernels for states do all, without a copy and in any layout.

>>> import numpy as np
>>> from numket import density
>>> rho = density.zero_density(2)
>>> density.apply(rho, np.array([[1, 1], [1, -1]]) / np.sqrt(2), 0)
>>> density.apply_channel(rho, [np.eye(2) / np.sqrt(2), np.diag([1, -1]) / np.sqrt(2)], 0)
>>> rho.round(12).real + 0
array([[0.5, 0. , 0. , 0. ],
       [0. , 0. , 0. , 0. ],
       [0. , 0. , 0.5, 0. ],
       [0. , 0. , 0. , 0. ]])
>>> round(density.purity(rho), 12), round(density.expectation(rho, "XI"), 12) + 0
(0.5, 0.0)
"""

from collections.abc import Iterable
from typing import Any, SupportsIndex, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from numket import _core
from numket._core import Circuit, Ket, PauliSum
from numket._names import public as _public

_Amplitude = TypeVar("_Amplitude", bound=np.complexfloating[Any, Any])
_Density: TypeAlias = NDArray[np.complexfloating[Any, Any]]
_Qubits: TypeAlias = SupportsIndex | Iterable[SupportsIndex]

__all__ = [
    "apply",
    "apply_channel",
    "expectation",
    "from_state",
    "partial_trace",
    "purity",
    "run",
    "zero_density",
]

__dir__ = _public(globals())


def _tensor(rho: _Density) -> tuple[_Density, int]:
    """A view with an axis for each qubit, rows first, and the number of qubits."""
    if not isinstance(rho, np.ndarray):
        raise TypeError(
            f"'rho' is a {type(rho).__name__:.80}; numket works in place on a numpy.ndarray: use "
            "np.array(rho, dtype=np.complex128)"
        )
    if rho.dtype not in (np.complex128, np.complex64):
        raise TypeError(
            f"'rho' has dtype {rho.dtype!s:.80}; numket works on complex128 or complex64 in native "
            "byte order: use rho.astype(np.complex128)"
        )
    if type(rho) is not np.ndarray:
        if isinstance(rho, np.ma.MaskedArray):
            raise TypeError(
                "'rho' is a MaskedArray; numket works on every amplitude and knows no mask: use "
                "rho.data"
            )
        rho = np.asarray(rho)  # an np.matrix has two axes, whatever it is reshaped to
    if rho.ndim == 2 and rho.shape[0] == rho.shape[1]:
        n = rho.shape[0].bit_length() - 1
        if n >= 0 and rho.shape[0] == 2**n:
            # To cut axes into pieces never needs a copy.
            return rho.reshape((2,) * (2 * n)), n
    if rho.ndim % 2 == 0 and rho.shape == (2,) * rho.ndim:
        return rho, rho.ndim // 2
    size = rho.size.bit_length() - 1
    fits = rho.ndim > 1 and rho.size == 2**size and size % 2 == 0
    side = 2 ** (size // 2)
    remedy = f"np.asarray(rho).reshape({side}, {side})" if fits else "density.from_state(state)"
    raise ValueError(
        f"'rho' has shape {rho.shape}; a density matrix has shape (2**n, 2**n) or (2,) * 2n: use "
        + remedy
    )


def _sides(qubits: _Qubits, n: int) -> tuple[list[int], list[int]]:
    """The axes of these qubits in the rows and in the columns."""
    rows = _core.qubit_numbers(qubits)
    for number in rows:
        if not 0 <= number < n:
            raise ValueError(
                f"qubit {number} is out of range: the density matrix has {n} qubits; use one of "
                "these, counted from 0"
            )
    if len(set(rows)) < len(rows):
        raise ValueError(
            "'qubits' lists a qubit twice; qubits must be distinct: name each of them once"
        )
    return rows, [n + row for row in rows]


@overload
def zero_density(n: SupportsIndex, dtype: None = None) -> NDArray[np.complex128]: ...
@overload
def zero_density(
    n: SupportsIndex, dtype: type[_Amplitude] | np.dtype[_Amplitude]
) -> NDArray[_Amplitude]: ...
@overload
def zero_density(n: SupportsIndex, dtype: DTypeLike | None = None) -> NDArray[Any]: ...
def zero_density(n: SupportsIndex, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """The density matrix of ``|0...0>``, a fresh array.

    Parameters
    ----------
    n : int
        Number of qubits.
    dtype : complex128 (default) or complex64

    Returns
    -------
    ndarray, shape (2**n, 2**n)

    Raises
    ------
    TypeError
        Where `n` is no int, or `dtype` is another.
    ValueError
        Where `n` is negative.
    MemoryError
        Naming the GiB needed and free, before anything is allocated.

    Examples
    --------
    >>> from numket import density
    >>> density.zero_density(1).real
    array([[1., 0.],
           [0., 0.]])
    """
    size = _core.whole_number("n", n)
    if size < 0:
        raise ValueError(f"'n' is {n}; a state has 0 qubits or more: use a whole number from 0")
    flat: NDArray[Any] = _core.zero_state(2 * size, dtype)
    return flat.reshape(2**size, 2**size)


@overload
def from_state(state: NDArray[_Amplitude]) -> NDArray[_Amplitude]: ...
@overload
def from_state(state: Ket) -> NDArray[Any]: ...
def from_state(state: _Density | Ket) -> NDArray[Any]:
    """The density matrix of a pure state, a fresh array of the same dtype.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read; its norm is taken to be 1.

    Returns
    -------
    ndarray, shape (2**n, 2**n)
        The product of amplitudes ``state[i] * conj(state[j])`` in row i and column j.

    Raises
    ------
    TypeError
        Where `state` is no array, or of another dtype.
    ValueError
        Where its shape is no state's.
    BufferInUseError
        Where another call is changing the state.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import density
    >>> density.purity(density.from_state(nk.basis_state(2, "10")))
    1.0
    """
    _core.norm(state)  # refuses what is no state
    array = np.asarray(state)
    return np.outer(array, array.conj())


def apply(
    rho: _Density,
    matrix: ArrayLike,
    qubits: _Qubits,
    *,
    threads: int | None = None,
) -> None:
    """Make it ``U rho U^dagger``, in place, with any matrix on some qubits.

    Parameters
    ----------
    rho : ndarray of complex128 or complex64, shape (2**n, 2**n) or (2,) * 2n
        Changed in place.
    matrix : array_like, shape (2**k, 2**k)
        Unitary or not; the first qubit is the most significant bit of a row index.
    qubits : int or sequence of int
        The k distinct qubits.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where `rho` is no array, or not of complex numbers, or qubits are no ints.
    ValueError
        Where shapes do not fit, qubits repeat, or the matrix holds NaN or infinity.
    BufferInUseError
        Where another call is working on `rho`. Each of these before anything is written.

    Examples
    --------
    >>> from numket import density
    >>> rho = density.zero_density(1)
    >>> density.apply(rho, [[0, 1], [1, 0]], 0)
    >>> rho.real
    array([[0., 0.],
           [0., 1.]])
    """
    tensor, n = _tensor(rho)
    rows, columns = _sides(qubits, n)
    # A copy: both sides see the same, whatever becomes of the array meanwhile.
    unitary = np.array(matrix)
    _core.apply(tensor, unitary, rows, threads=threads)
    _core.apply(tensor, unitary.conj(), columns, threads=threads)


def apply_channel(
    rho: _Density,
    operators: ArrayLike,
    qubits: _Qubits,
    *,
    threads: int | None = None,
) -> None:
    """Make it the sum of ``K rho K^dagger`` over some Kraus operators, in place and in one pass.

    The operator-sum representation: M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum
    Information, section 8.2.3. ``numket.channels`` has operators of named channels.

    Parameters
    ----------
    rho : ndarray of complex128 or complex64, shape (2**n, 2**n) or (2,) * 2n
        Changed in place.
    operators : array_like, shape (m, 2**k, 2**k)
        The Kraus operators; the sum of ``K^dagger K`` is the identity within 1e-8.
    qubits : int or sequence of int
        The k distinct qubits. The pass is that of one matrix on 2k qubits.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where `rho` is no array, or not of complex numbers, or qubits are no ints.
    ValueError
        Where shapes do not fit, qubits repeat or are more than 5, or the operators are no channel.
    BufferInUseError
        Where another call is working on `rho`. Each of these before anything is written.

    Examples
    --------
    >>> import numpy as np
    >>> from numket import density
    >>> rho = np.array([[0, 0], [0, 1]], complex)
    >>> density.apply_channel(rho, [[[1, 0], [0, np.sqrt(0.75)]], [[0, 0.5], [0, 0]]], 0)
    >>> rho.real
    array([[0.25, 0.  ],
           [0.  , 0.75]])
    """
    _, n = _tensor(rho)
    rows, _ = _sides(qubits, n)
    run(rho, Circuit(n).apply_kraus(operators, rows), threads=threads)


def run(
    rho: _Density,
    circuit: Circuit,
    params: Any = None,
    *,
    threads: int | None = None,
) -> None:
    """Make it what a circuit makes of it, in place and exactly: the mean over all outcomes.

    Gates become ``U rho U^dagger``, and channels ``sum(K rho K^dagger)``. Measurements and resets
    leave the mixture of what their outcomes leave. A condition holds in the part of the mixture
    where its bits were recorded so: for each of the m bits that conditions ask for, twice as much
    memory is taken.

    Parameters
    ----------
    rho : ndarray of complex128 or complex64, shape (2**n, 2**n) or (2,) * 2n
        Changed in place.
    circuit : Circuit
        On n qubits.
    params : mapping or array_like, optional
        Values of the circuit's parameters in radians, as for ``Circuit.run``, without batch axes.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where `rho` is no array, or not of complex numbers.
    ValueError
        Where shapes do not fit, values are missing, or a channel acts on more than 5 qubits.
    KeyError
        Where `params` has other names than the circuit's parameters.
    MemoryError
        Where there is no room for 2**m density matrices.
    BufferInUseError
        Where another call is working on `rho`. Each of these before anything is written.

    See Also
    --------
    numket.Circuit.trajectories : An estimate, with the memory of a state.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import channels, density
    >>> rho = density.zero_density(2)
    >>> density.run(rho, nk.Circuit(2).h(0).cx(0, 1).apply_kraus(channels.bit_flip(0.25), 0))
    >>> round(density.expectation(rho, "ZZ"), 12), round(density.expectation(rho, "XX"), 12)
    (0.5, 1.0)

    Teleportation, with corrections that depend on outcomes:

    >>> circuit = nk.Circuit(3).ry(0.3, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure([0, 1], [0, 1])
    >>> rho = density.zero_density(3)
    >>> density.run(rho, circuit.x(2, condition=1).z(2, condition=0).ry(-0.3, 2))
    >>> round(density.expectation(rho, "IIZ"), 12)
    1.0
    """
    tensor, n = _tensor(rho)
    if not isinstance(circuit, Circuit):
        raise TypeError(
            f"'circuit' is a {type(circuit).__name__:.80}; it must be a Circuit: use nk.Circuit(n)"
        )
    if circuit.num_qubits != n:
        raise ValueError(
            f"'rho' has {n} qubits and the circuit has {circuit.num_qubits}: use "
            f"density.zero_density({circuit.num_qubits})"
        )
    doubled, outcomes = _core.on_density(circuit, params)
    if not outcomes:
        doubled.run(tensor, threads=threads)
        return
    # One density matrix for each setting of the bits, not divided by its probability.
    parts = _core.zero_state(outcomes + 2 * n, rho.dtype).reshape(-1, *tensor.shape)
    parts[0] = tensor
    doubled.run(parts.reshape((2,) * (outcomes + 2 * n)), threads=threads)
    np.sum(parts, axis=0, out=tensor)


def partial_trace(rho: _Density, qubits: _Qubits) -> NDArray[np.complex128]:
    """The density matrix of some qubits, the others traced out: a fresh array.

    Parameters
    ----------
    rho : ndarray of complex128 or complex64, shape (2**n, 2**n) or (2,) * 2n
        Only read.
    qubits : int or sequence of int
        The k qubits that stay, the first being the most significant bit of a row index.

    Returns
    -------
    ndarray of complex128, shape (2**k, 2**k)

    Raises
    ------
    TypeError
        Where `rho` is no array, or not of complex numbers, or qubits are no ints.
    ValueError
        Where its shape is no density matrix's, or qubits are out of range or repeat.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import density
    >>> bell = density.from_state(nk.ket("00").h(0).cx(0, 1).state)
    >>> density.partial_trace(bell, 0).round(12).real
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    tensor, n = _tensor(rho)
    rows, columns = _sides(qubits, n)
    axes = list(range(n)) + [n + axis if axis in rows else axis for axis in range(n)]
    size = 2 ** len(rows)
    summed: NDArray[np.complex128] = np.zeros((2,) * (2 * len(rows)), np.complex128)
    entries: Any = tensor
    np.einsum(entries, axes, rows + columns, out=summed, dtype=np.complex128)
    return summed.reshape(size, size)


def purity(rho: _Density, *, threads: int | None = None) -> float:
    """The trace of ``rho @ rho``: 1 for a pure state, ``2**-n`` for the maximally mixed one.

    Where it is above 1 by rounding, which is up to 1024 times the machine epsilon of the dtype, it
    is 1.

    Parameters
    ----------
    rho : ndarray of complex128 or complex64, shape (2**n, 2**n) or (2,) * 2n
        Only read; Hermitian.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float

    Raises
    ------
    TypeError
        Where `rho` is no array, or not of complex numbers.
    ValueError
        Where its shape is no density matrix's.
    BufferInUseError
        Where another call is changing `rho`.

    Examples
    --------
    >>> import numpy as np
    >>> from numket import density
    >>> density.purity(np.eye(4, dtype=complex) / 4)
    0.25
    """
    tensor, _ = _tensor(rho)
    found: float = _core.norm(tensor, threads=threads) ** 2
    return 1.0 if 1 < found <= 1 + 1024 * np.finfo(tensor.dtype).eps else found


@overload
def expectation(
    rho: _Density,
    observable: str | ArrayLike,
    qubits: _Qubits | None = None,
    *,
    threads: int | None = None,
) -> float: ...
@overload
def expectation(
    rho: _Density,
    observable: PauliSum,
    qubits: _Qubits | None = None,
    *,
    threads: int | None = None,
) -> float | complex: ...
def expectation(
    rho: _Density,
    observable: PauliSum | str | ArrayLike,
    qubits: _Qubits | None = None,
    *,
    threads: int | None = None,
) -> float | complex:
    """The trace of ``rho @ observable``; of a Pauli string it reads ``2**n`` entries.

    Parameters
    ----------
    rho : ndarray of complex128 or complex64, shape (2**n, 2**n) or (2,) * 2n
        Only read; Hermitian.
    observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
        As for ``numket.expectation``: a sum of Pauli strings, the letters of one, a Hermitian
        matrix, or the real diagonal of one.
    qubits : int or sequence of int, optional
        The k qubits that it acts on; all in order if not given.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or complex for a sum that is not Hermitian

    Raises
    ------
    TypeError
        Where `rho` is no array, or not of complex numbers, or the observable is none of these.
    ValueError
        Where shapes do not fit, qubits repeat, or a matrix is not Hermitian.
    BufferInUseError
        Where another call is changing `rho`.

    Examples
    --------
    >>> import numpy as np
    >>> from numket import density
    >>> density.expectation(np.diag([0.75, 0.25]).astype(complex), "Z")
    0.5
    """
    tensor, n = _tensor(rho)
    if qubits is not None:
        rows, _ = _sides(qubits, n)
        if len(rows) < n or rows != list(range(n)):
            tensor, n = _tensor(partial_trace(rho, rows))
    value: float | complex = _core.expectation_in_density(tensor, observable, threads=threads)
    return value
