"""``numpy.tensordot``, ``numpy.einsum`` and ``cirq.targeted_left_multiply``, where they apply a
matrix to some axes of a state.

All three come down to labels for all axes, from which :func:`_plan` tells once for all calls with
the same shapes what is the matrix, which axes it acts on, and where they go. The state may have
axes of any power of two, each of which is some qubits, and other axes, which count states.
"""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from math import prod
from operator import index
from string import ascii_letters
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket._names import public as _public

__all__ = ["einsum", "targeted_left_multiply", "tensordot"]

__dir__ = _public(globals())

Array: TypeAlias = NDArray[Any]
Labels: TypeAlias = Sequence[Hashable]
"""Of axes: letters, or numbers; hashable as a whole where they are looked up."""
LEAST = {"tensordot": {"c": 2**16, "f": 2**22}, "einsum": {"c": 2**14, "f": 2**16}}
"""Bytes of a complex or real state from which on numket makes the new one. On smaller ones NumPy
is as fast: what is done here before a call takes some 5 us."""
PRECISIONS = {np.dtype(name) for name in ("c16", "c8", "f8", "f4")}
ELLIPSIS = "~"
LABELS = len(ascii_letters)
"""Numbers that NumPy takes as labels are below this."""
MAX_SIZE = 2**5
"""Rows of a matrix. With 6 qubits NumPy's matrix product takes as long, on 10 to 18 qubits."""


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """``numpy.tensordot``: the sum of products over the axes that are given.

    If one of them is a tensor of ``2 * k`` axes that maps ``k`` axes of the other to as many of the
    same lengths, all powers of two, and the other is large, numket applies it to a copy of the
    other. The result has the axes that NumPy's would have, but is a view of that copy:
    ``np.moveaxis`` back to their places makes it contiguous. All else is left to NumPy.

    Parameters
    ----------
    a, b : array_like
        A matrix, as a tensor, and a state, in either order, or anything else.
    axes : int, or two sequences of int
        Those of both to sum over, as ``numpy.tensordot`` takes them.

    Returns
    -------
    ndarray
        First the axes of `a` that are left, then those of `b`.

    Raises
    ------
    TypeError, ValueError, IndexError
        Where ``numpy.tensordot`` does.

    Examples
    --------
    >>> import numpy as np
    >>> from numket.compat import tensordot
    >>> psi = np.arange(8).reshape(2, 2, 2) + 0j
    >>> s = np.diag([1, 1j])
    >>> np.array_equal(tensordot(s, psi, ([1], [1])), np.tensordot(s, psi, ([1], [1])))
    True
    """
    if type(a) is not np.ndarray or type(b) is not np.ndarray:
        return np.tensordot(a, b, axes)
    # The calls that wait for this least are asked for first.
    if a.nbytes + b.nbytes < LEAST["tensordot"]["c"] or _are_small(a, b, LEAST["tensordot"]):
        return _tensordot(a, b, axes)
    if pairs := _axes(a, b, axes):
        of_a, of_b = [*range(a.ndim)], [*range(a.ndim, a.ndim + b.ndim)]
        for one, other in zip(*pairs, strict=True):
            of_b[other] = of_a[one]
        summed = {*pairs[0]}
        to = [label for label in of_a + of_b if label not in summed]
        made = _applied(a, tuple(of_a), b, tuple(of_b), tuple(to))
        if made is not None:
            return made
    return np.tensordot(a, b, axes)


def einsum(*operands: Any, **options: Any) -> Any:
    """``numpy.einsum``, with subscripts in letters or as lists.

    Two operands of which one is a matrix, or the diagonal of one, for some axes of the other are
    done by numket, as :func:`tensordot` says; into ``out`` if it is given, which may be the state
    itself. All else is left to NumPy, and so are calls with further options.

    Parameters
    ----------
    *operands : str and array_like, or array_like and sequences of labels
        As ``numpy.einsum`` takes them.
    **options
        ``out`` is where the result goes; all others are for NumPy.

    Returns
    -------
    ndarray
        With axes in the order of the subscripts; `out` if that is given.

    Raises
    ------
    TypeError, ValueError
        Where ``numpy.einsum`` does.

    Examples
    --------
    >>> import numpy as np
    >>> from numket.compat import einsum
    >>> psi = np.arange(8).reshape(2, 2, 2) + 0j
    >>> swap = np.eye(4)[[0, 2, 1, 3]].reshape(2, 2, 2, 2)
    >>> np.array_equal(einsum("abcd,cxd->axb", swap, psi), psi.transpose(2, 1, 0))
    True
    >>> np.array_equal(einsum("c,abc->abc", np.array([1, -1]), psi), psi * [1, -1])
    True
    """
    if len(operands) == 3 and not options:
        _, a, b = operands
        if type(a) is type(b) is np.ndarray and _are_small(a, b, LEAST["einsum"]):
            return _einsum(*operands)
    terms = None if options.keys() - {"out"} else _terms(operands)
    out = options.get("out")
    if terms and (out is not None or not _are_small(terms[0], terms[2], LEAST["einsum"])):
        made = _applied(*terms, out)
        if made is not None:
            return made
    return np.einsum(*operands, **options)


def targeted_left_multiply(
    left_matrix: Any, right_target: Any, target_axes: Sequence[int], out: Any = None
) -> Any:
    """``cirq.targeted_left_multiply``: a matrix, as a tensor, applied to some axes of a tensor.

    What numket does not take goes to ``numpy.einsum``, as in Cirq.

    Parameters
    ----------
    left_matrix : array_like
        First the axes of its rows and then those of its columns, one of each for every target axis.
    right_target : array_like
        The state.
    target_axes : sequence of int
        The axes of the state that the matrix acts on.
    out : ndarray, optional
        Where the result goes. It may be the state itself, which is then changed in place without
        any copy.

    Returns
    -------
    ndarray
        A new array, or `out`.

    Raises
    ------
    IndexError, ValueError
        Where the matrix has not two axes for each target, or the state not these axes.

    Examples
    --------
    >>> import numpy as np
    >>> from numket.compat import targeted_left_multiply
    >>> psi = np.zeros((2, 2, 2), dtype=np.complex64)
    >>> psi[0, 0, 0] = 1
    >>> cx = np.eye(4)[[0, 1, 3, 2]].reshape(2, 2, 2, 2)
    >>> x = np.array([[0, 1], [1, 0]])
    >>> psi = targeted_left_multiply(x, psi, [2], out=psi)
    >>> psi = targeted_left_multiply(cx, psi, [2, 0], out=psi)
    >>> complex(psi[1, 0, 1])
    (1+0j)
    """
    matrix, state = np.asarray(left_matrix), np.asanyarray(right_target)
    of_state = [*range(state.ndim)]
    rows = [*range(state.ndim, state.ndim + len(target_axes))]
    columns = [of_state[axis] for axis in target_axes]
    to = of_state.copy()
    for axis, row in zip(target_axes, rows, strict=True):
        to[axis] = row
    return einsum(matrix, rows + columns, state, of_state, to, out=out)


# What NumPy's own do once they know that no other library's arrays are among the operands.
_tensordot = getattr(np.tensordot, "__wrapped__", np.tensordot)
_einsum = getattr(np.einsum, "__wrapped__", np.einsum)


def _are_small(a: Any, b: Any, least: dict[str, int]) -> bool:
    """Whether NumPy is as fast as numket for two operands: `least` is of a function."""
    if type(a) is not np.ndarray or type(b) is not np.ndarray:
        return False
    large: int = a.nbytes if a.nbytes > b.nbytes else b.nbytes
    if large < least["c"]:
        return True
    return large < least["f"] and a.dtype.kind != "c" != b.dtype.kind


def _axes(a: Array, b: Array, axes: Any) -> tuple[list[int], list[int]] | None:
    """The axes of both that ``numpy.tensordot`` sums over, if it is one list for each."""
    try:
        if isinstance(axes, Iterable):
            one, other = axes
        else:
            one, other = range(a.ndim - index(axes), a.ndim), range(axes)
        of_a, of_b = (
            [
                range(array.ndim)[axis]
                for axis in (given if isinstance(given, Iterable) else [given])
            ]
            for array, given in ((a, one), (b, other))
        )
    except (IndexError, TypeError, ValueError):
        return None
    distinct = len({*of_a}) == len({*of_b}) == len(of_a) == len(of_b)
    return (of_a, of_b) if distinct else None


def _terms(operands: Sequence[Any]) -> tuple[Any, Labels, Any, Labels, Labels] | None:
    """Two operands and the labels of their axes and of the result, if that is what is given."""
    match operands:
        case [str(text), a, b] if "~" not in text:
            left, arrow, to = text.replace(" ", "").replace("...", ELLIPSIS).partition("->")
            of_a, _, of_b = left.partition(",")
            known = arrow and {*of_a, *of_b, *to} <= {*ascii_letters, ELLIPSIS}
            return (a, of_a, b, of_b, to) if known else None
        case [a, [*of_a], b, [*of_b], [*to]]:
            try:
                numbers = [
                    tuple(ELLIPSIS if label is ... else index(label) for label in one)
                    for one in (of_a, of_b, to)
                ]
            except TypeError:
                return None
            known = {label for one in numbers for label in one} <= {*range(LABELS), ELLIPSIS}
            return (a, numbers[0], b, numbers[1], numbers[2]) if known else None
        case _:
            return None


class _Plan(NamedTuple):
    """How a matrix meets a state, which all calls with these labels and shapes share."""

    first: bool
    """Whether the first operand is the matrix."""
    matrix: tuple[int, ...]
    """The axes of the matrix, rows first."""
    is_diagonal: bool
    size: int
    """Of a row, or of the diagonal."""
    state: tuple[int, ...]
    """The axes of the state, with those first that cannot be qubits: they are a batch."""
    tensor: tuple[int, ...]
    """Its shape as a tensor of qubits."""
    batch: int
    qubits: tuple[int, ...]
    result: tuple[int, ...]
    """The axes of the state in the order of the result."""
    back: tuple[int, ...]
    """The axes of the result in the order of the state."""


@lru_cache(maxsize=4096)
def _plan(
    of_a: Labels, of_b: Labels, to: Labels, a: tuple[int, ...], b: tuple[int, ...]
) -> _Plan | None:
    """The plan for two operands of these shapes; nothing where they are no matrix and state."""
    return _planned(of_a, of_b, to, a, b, True) or _planned(of_b, of_a, to, b, a, False)


def _planned(
    of_matrix: Labels,
    of_state: Labels,
    to: Labels,
    matrix: tuple[int, ...],
    state: tuple[int, ...],
    first: bool,
) -> _Plan | None:
    rest = [(place,) for place in range(len(state) - len(of_state) + 1)]  # of the ellipsis
    of_state, to = (
        [label for one in term for label in (rest if one == ELLIPSIS else [one])]
        for term in (of_state, to)
    )
    if ELLIPSIS in of_matrix or (len(of_matrix), len(of_state)) != (len(matrix), len(state)):
        return None
    if not of_matrix or any(len({*one}) < len(one) for one in (of_matrix, of_state, to)):
        return None
    rows = [label for label in of_matrix if label not in of_state]
    columns = [label for label in of_matrix if label in of_state and label not in to]
    if len(rows) != len(columns) or (columns and len(of_matrix) != 2 * len(columns)):
        return None
    place = dict(zip(columns, rows, strict=True))
    made = [place.get(label, label) for label in of_state]
    if {*made} != {*to}:
        return None
    targets = [of_state.index(label) for label in columns or of_matrix]
    axes = [of_matrix.index(label) for label in rows + columns or of_matrix]
    lengths = [state[axis] for axis in targets]
    counts = [qubits_of(length) for length in state]
    if (
        0 in state
        or not all(counts[axis] for axis in targets)
        or prod(lengths) > MAX_SIZE
        or [matrix[axis] for axis in axes] != lengths * (2 if rows else 1)
    ):
        return None
    batch = [axis for axis, count in enumerate(counts) if count is None]
    others = [axis for axis, count in enumerate(counts) if count is not None]
    split = [counts[axis] or 0 for axis in others]
    begin = dict(zip(others, accumulate(split, initial=0), strict=False))
    result = [made.index(label) for label in to]
    return _Plan(
        first=first,
        matrix=tuple(axes),
        is_diagonal=not rows,
        size=prod(lengths),
        state=tuple(batch + others),
        tensor=(*(state[axis] for axis in batch), *[2] * sum(split)),
        batch=len(batch),
        qubits=tuple(begin[axis] + bit for axis in targets for bit in range(counts[axis] or 0)),
        result=tuple(result),
        back=tuple(result.index(axis) for axis in range(len(state))),
    )


def _applied(
    a: Any, of_a: Labels, b: Any, of_b: Labels, to: Labels, out: Any = None
) -> Array | None:
    """The result for labelled operands, or nothing if numket does not take them."""
    if type(a) is not np.ndarray or type(b) is not np.ndarray:
        return None
    plan = _plan(of_a, of_b, to, a.shape, b.shape)
    precision = np.result_type(a, b)
    if plan is None or precision not in PRECISIONS:
        return None
    matrix, state = (a, b) if plan.first else (b, a)
    if out is None:
        made = state.astype(precision)
    else:
        ours = type(out) is np.ndarray and out.ndim == len(plan.result)
        if not ours or np.may_share_memory(out, matrix):
            return None
        made = out.transpose(plan.back)
        if not _are_one(made, state):
            fits = (made.shape, made.dtype) == (state.shape, precision)
            if not fits or np.may_share_memory(made, state):
                return None
            np.copyto(made, state)
    tensor = made.transpose(plan.state).reshape(plan.tensor)
    try:
        if plan.is_diagonal:
            nk.apply_diagonal(
                tensor, matrix.transpose(plan.matrix).reshape(-1), plan.qubits, batch=plan.batch
            )
        else:
            square = matrix.transpose(plan.matrix).reshape(plan.size, plan.size)
            nk.apply(tensor, square, plan.qubits, batch=plan.batch)
    except (TypeError, ValueError):
        return None
    return made.transpose(plan.result) if out is None else out


def qubits_of(length: int) -> int | None:
    """How many qubits an axis of this length is, if it is a power of two.

    >>> [qubits_of(length) for length in (1, 2, 8, 6)]
    [0, 1, 3, None]
    """
    return length.bit_length() - 1 if length.bit_count() == 1 else None


def _are_one(a: Array, b: Array) -> bool:
    """Whether two arrays have the same elements in the same places of the same memory."""
    return bool(a.__array_interface__ == b.__array_interface__)
