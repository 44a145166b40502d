"""Registers that shrink, and random states."""

from collections.abc import Iterable
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike, NDArray

from numket import _core
from numket._core import Ket

__all__ = ["random_state", "remaining"]

BLOCK = 1 << 16
"""Numbers that are drawn at a time."""


def remaining(
    state: NDArray[Any] | Ket,
    qubits: SupportsIndex | Iterable[SupportsIndex],
    outcome: SupportsIndex | str | Iterable[SupportsIndex],
    *,
    batch: int = 0,
) -> NDArray[Any]:
    """The part of a state where some qubits have an outcome, as a view of the other qubits.

    After `measure`, `project` or `reset` all amplitudes elsewhere are 0, so this part is the state
    of the qubits that are left. Nothing is copied: what is done to the view is done to the array.

    Parameters
    ----------
    state : ndarray or Ket, shape (2**n,) or (2,) * n
        Of any dtype.
    qubits : int or sequence of int
        The distinct qubits that are left out.
    outcome : int, str or sequence of int
        Their bits, as `measure` gives them, or "01"; an int is one bit, or has the first of several
        qubits as its most significant bit.
    batch : int
        Number of leading axes of the state that count states, which have the same outcome.

    Returns
    -------
    ndarray, shape (2,) * (n - k) after the batch axes
        A view. Its qubits are the others in their order.

    Raises
    ------
    TypeError
        Where the state is no array, or an argument has a wrong type.
    ValueError
        Where a shape does not fit, or qubits or bits are out of range, repeated or not as many.

    See Also
    --------
    numket.measure : Draws an outcome.
    numket.project : Chooses one.

    Notes
    -----
    It is also how a register grows without a copy: of a larger array that is 0 where qubits to come
    are not 0, ``remaining(larger, to_come, 0)`` is the register so far, and with one less to come
    it has a qubit more, in |0>. ``np.kron(state, [1, 0])`` makes a new array with a qubit more.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> nk.Circuit(3).h(0).cx(0, 1).h(2).run(psi)
    >>> nk.project(psi, (0, 1), "11")
    0.5000000000000001
    >>> rest = nk.remaining(psi, (0, 1), "11")
    >>> nk.h(rest, 0)  # qubit 2 of psi
    >>> psi.round(12).real
    array([0., 0., 0., 0., 0., 0., 1., 0.])
    """
    array = state.state if isinstance(state, Ket) else state
    if not isinstance(array, np.ndarray):
        raise TypeError(
            f"'state' is a {type(array).__name__:.80}; a view is one of a numpy.ndarray: use "
            "np.asarray(state)"
        )
    array = np.asarray(array)
    axes = _core.whole_number("batch", batch)
    if not 0 <= axes <= array.ndim:
        raise ValueError(f"'batch' is {axes}; the state has {array.ndim} axes: use 0 up to that")
    lead, own = array.shape[:axes], array.shape[axes:]
    if len(own) == 1 and own[0] > 0 and own[0] & (own[0] - 1) == 0:
        own = (2,) * (int(own[0]).bit_length() - 1)
        array = array.reshape(lead + own)  # an axis is cut, which needs no copy
    if any(length != 2 for length in own):
        raise ValueError(
            f"'state' has shape {array.shape}; a state has shape (2**n,) or (2,) * n after {axes} "
            "batch axes: use batch= for those that count states"
        )
    numbers = _core.qubit_numbers(qubits)
    for number in numbers:
        if not 0 <= number < len(own):
            raise ValueError(f"qubit {number} is out of range: the state has {len(own)} qubits")
    if len(set(numbers)) < len(numbers):
        raise ValueError("'qubits' lists a qubit twice; qubits must be distinct: name each once")
    index: list[Any] = [slice(None)] * len(own)
    for number, bit in zip(numbers, _bits(outcome, len(numbers)), strict=True):
        index[number] = bit
    return array[(..., *index)]


def _bits(outcome: Any, count: int) -> list[int]:
    """An outcome as bits.

    >>> _bits("01", 2), _bits(2, 2), _bits([1, 0], 2)
    ([0, 1], [1, 0], [1, 0])
    """
    letters = isinstance(outcome, str)
    if np.ndim(outcome) == 0 and not letters:
        value = _core.whole_number("outcome", outcome)
        if not 0 <= value < 2**count:
            raise ValueError(f"'outcome' is {value}; {count} qubits have outcomes below {2**count}")
        return [value >> place & 1 for place in reversed(range(count))]
    if letters:
        bits = ["01".find(bit) for bit in outcome]
    else:
        bits = [_core.whole_number("outcome", bit) for bit in outcome]
    if len(bits) != count or not set(bits) <= {0, 1}:
        raise ValueError(
            f"'outcome' is {_core.shown(outcome)}; it must have a bit 0 or 1 for each of the "
            f"{count} qubits"
        )
    return bits


def random_state(
    n: SupportsIndex, rng: Any = None, *, dtype: DTypeLike | None = None
) -> NDArray[Any]:
    """A random state of norm 1, all of which are as likely (Haar's measure): a fresh array.

    Real and imaginary parts of all amplitudes are normal random numbers, and the norm is made 1: M.
    Mueller, Communications of the ACM 2 (4), 19 (1959).

    Parameters
    ----------
    n : int
        Number of qubits.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes.
    dtype : complex128 (default) or complex64

    Returns
    -------
    ndarray, shape (2**n,)

    Raises
    ------
    TypeError
        Where `n` is no int, or `dtype` is another.
    ValueError
        Where `n` is negative.
    MemoryError
        Naming the GiB needed and free, before anything is allocated.

    See Also
    --------
    numket.zero_state : |0...0>.

    Notes
    -----
    Random unitary matrices of Haar's measure are SciPy's: ``scipy.stats.unitary_group.rvs(2**k,
    random_state=rng)``, for `numket.apply`.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.random_state(3, 7)
    >>> psi.shape, round(nk.norm(psi), 12)
    ((8,), 1.0)
    >>> abs(nk.inner(psi, nk.random_state(3, 7)) - 1) < 1e-12
    True
    """
    generator = np.random.default_rng(rng)
    state: NDArray[Any] = _core.empty_state(n, dtype)
    numbers = state.view(state.real.dtype)
    for start in range(0, len(numbers), BLOCK):
        some = numbers[start : start + BLOCK]
        generator.standard_normal(out=some, dtype=some.dtype)
    _core.normalize(state)
    return state
