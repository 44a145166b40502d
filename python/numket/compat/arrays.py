"""``numpy.tensordot``, ``numpy.einsum`` and ``cirq.targeted_left_multiply``, where they apply a
matrix to some axes of a state.

All three come down to :func:`_product`. The state may have axes of any power of two, each of which
is some qubits, and other axes, which count states.
"""

from collections.abc import Container, Hashable, Iterator, Sequence
from itertools import accumulate
from math import prod
from operator import index
from string import ascii_letters
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import numket as nk

Array: TypeAlias = NDArray[Any]
Labels: TypeAlias = Sequence[Hashable]
MAX_SIZE = 2**5
"""Rows of a matrix. With 6 qubits NumPy's matrix product takes as long, on 10 to 18 qubits."""


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """``numpy.tensordot``: the sum of products over the axes that are given.

    If one of them is a tensor of ``2 * k`` axes that maps ``k`` axes of the other to as many of the
    same lengths, all powers of two, and the result is complex, numket applies it to a copy of the
    other. The result has the axes that NumPy's would have, but is a view of that copy:
    ``np.moveaxis`` back to their places makes it contiguous. All else is left to NumPy, errors too.

    >>> import numpy as np
    >>> psi = np.arange(8).reshape(2, 2, 2) + 0j
    >>> s = np.diag([1, 1j])
    >>> np.array_equal(tensordot(s, psi, ([1], [1])), np.tensordot(s, psi, ([1], [1])))
    True
    """
    if type(a) is np.ndarray and type(b) is np.ndarray and (pairs := _axes(a, b, axes)):
        # The matrix may be either of them; its rows come where it stands.
        for matrix, state, columns, targets in ((a, b, *pairs), (b, a, *pairs[::-1])):
            rows = [axis for axis in range(matrix.ndim) if axis not in columns]
            if 0 < len(rows) == len(columns):
                made = _product(matrix, rows, columns, state, targets)
                if made is not None:
                    last = range(-len(targets), 0)
                    return np.moveaxis(made, targets, range(len(targets)) if matrix is a else last)
    return np.tensordot(a, b, axes)


def einsum(*operands: Any, out: Any = None, **options: Any) -> Any:
    """``numpy.einsum``, with subscripts in letters or as lists.

    Two operands of which one is a matrix, or the diagonal of one, for some axes of the other are
    done by numket, as :func:`tensordot` says; into ``out`` if it is given, which may be the state
    itself. All else is left to NumPy, and so are calls with further options, and errors.

    >>> import numpy as np
    >>> psi = np.arange(8).reshape(2, 2, 2) + 0j
    >>> swap = np.eye(4)[[0, 2, 1, 3]].reshape(2, 2, 2, 2)
    >>> np.array_equal(einsum("abcd,cxd->axb", swap, psi), psi.transpose(2, 1, 0))
    True
    >>> np.array_equal(einsum("c,abc->abc", np.array([1, -1]), psi), psi * [1, -1])
    True
    """
    for terms in () if options else _terms(operands):
        made = _contracted(*terms, out)
        if made is not None:
            return made
    return np.einsum(*operands, out=out, **options)


def targeted_left_multiply(
    left_matrix: Any, right_target: Any, target_axes: Sequence[int], out: Any = None
) -> Any:
    """``cirq.targeted_left_multiply``: a matrix, as a tensor, applied to some axes of a tensor.

    ``left_matrix`` has first the axes of its rows and then those of its columns, one of each for
    every one of ``target_axes``. The result is a new array, or ``out``; that may be
    ``right_target`` itself, which is then changed in place without any copy. What numket does not
    take goes to ``numpy.einsum``, as in Cirq.

    >>> import numpy as np
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


def _axes(a: Array, b: Array, axes: Any) -> tuple[list[int], list[int]] | None:
    """The axes of both that ``numpy.tensordot`` sums over, if it is one list for each."""
    try:
        if isinstance(axes, Sequence):
            pairs = [
                [index(axis) for axis in ([one] if np.ndim(one) == 0 else one)] for one in axes
            ]
        else:
            count = index(axes)
            pairs = [[*range(a.ndim - count, a.ndim)], [*range(count)]]
        of_a, of_b = (
            [range(array.ndim)[axis] for axis in one]
            for array, one in zip((a, b), pairs, strict=True)
        )
    except (IndexError, TypeError, ValueError):
        return None
    distinct = len({*of_a}) == len({*of_b}) == len(of_a) == len(of_b)
    return (of_a, of_b) if distinct else None


def _terms(operands: Sequence[Any]) -> Iterator[tuple[Array, Labels, Array, Labels, Labels]]:
    """What may be a matrix and a state, with a label for each of their axes and of the result's.

    An ellipsis is not looked for in the matrix.
    """
    match operands:
        case [str(text), a, b] if "~" not in text:
            left, _, last = text.replace(" ", "").replace("...", "~").partition("->")
            terms: list[Sequence[Any]] = [*left.split(","), last]
            known: Container[Any] = ascii_letters + "~"
        case [a, [*of_a], b, [*of_b], [*to]]:
            terms = [["~" if label is ... else label for label in one] for one in (of_a, of_b, to)]
            known = {"~", *range(len(ascii_letters))}
        case _:
            return
    if len(terms) != 3 or type(a) is not np.ndarray or type(b) is not np.ndarray:
        return
    if any(label not in known for term in terms for label in term):
        return
    for matrix, of_matrix, state, of_state in (
        (a, terms[0], b, terms[1]),
        (b, terms[1], a, terms[0]),
    ):
        rest = [(place,) for place in range(state.ndim - len(of_state) + 1)]  # of the ellipsis
        of_state, to = (
            [label for one in term for label in (rest if one == "~" else [one])]
            for term in (of_state, terms[2])
        )
        if "~" not in of_matrix and (len(of_matrix), len(of_state)) == (matrix.ndim, state.ndim):
            yield matrix, of_matrix, state, of_state, to


def _contracted(
    matrix: Array, of_matrix: Labels, state: Array, of_state: Labels, to: Labels, out: Any
) -> Array | None:
    """The result, where the labels say that a matrix, or a diagonal, meets some axes of a state."""
    if any(len({*labels}) < len(labels) for labels in (of_matrix, of_state, to)):
        return None
    rows = [label for label in of_matrix if label not in of_state]
    columns = [label for label in of_matrix if label in of_state and label not in to]
    if not of_matrix or len(rows) != len(columns):
        return None
    if columns and len(of_matrix) != 2 * len(columns):
        return None
    place = dict(zip(columns, rows, strict=True))
    made = [place.get(label, label) for label in of_state]
    if {*made} != {*to}:
        return None
    targets = [of_state.index(label) for label in columns or of_matrix]
    into = None
    if out is not None:
        if type(out) is not np.ndarray or out.ndim != len(to) or np.may_share_memory(out, matrix):
            return None
        into = out.transpose([to.index(label) for label in made])
    result = _product(
        matrix,
        [of_matrix.index(label) for label in rows],
        [of_matrix.index(label) for label in columns],
        state,
        targets,
        into,
    )
    if result is None or out is not None:
        return None if result is None else out
    return result.transpose([made.index(label) for label in to])


def _product(
    matrix: Array,
    rows: Sequence[int],
    columns: Sequence[int],
    state: Array,
    targets: Sequence[int],
    out: Array | None = None,
) -> Array | None:
    """A copy of the state, or ``out``, with the matrix applied to the target axes.

    ``rows`` and ``columns`` are axes of the matrix, one of each for every target; without them it
    is a diagonal. Nothing if numket does not take it.
    """
    precision = np.result_type(matrix, state)
    lengths = [state.shape[axis] for axis in targets]
    counts = [_qubits(length) for length in state.shape]
    size = prod(lengths)
    if (
        precision not in (np.complex128, np.complex64)
        or any(not counts[axis] for axis in targets)
        or size > MAX_SIZE
        or any([matrix.shape[axis] for axis in axes] != lengths for axes in (rows, columns) if axes)
        or (not rows and [*matrix.shape] != lengths)
        or state.size == 0
    ):
        return None
    if out is None:
        out = np.array(state, precision)
    elif not _are_one(out, state):
        if (out.shape, out.dtype) != (state.shape, precision) or np.may_share_memory(out, state):
            return None
        np.copyto(out, state)
    # As a tensor of qubits, in which axes that cannot be qubits come first, as a batch.
    batch = [axis for axis, count in enumerate(counts) if count is None]
    rest = [axis for axis, count in enumerate(counts) if count is not None]
    split = [[2] * (counts[axis] or 0) for axis in rest]
    tensor = out.transpose(batch + rest).reshape(
        [state.shape[axis] for axis in batch] + [two for twos in split for two in twos]
    )
    first = dict(zip(rest, accumulate(map(len, split), initial=0), strict=False))
    qubits = [first[axis] + number for axis in targets for number in range(counts[axis] or 0)]
    try:
        if rows:
            square = matrix.transpose([*rows, *columns]).reshape(size, size)
            nk.apply(tensor, square, qubits, batch=len(batch))
        else:
            nk.apply_diagonal(tensor, matrix.reshape(size), qubits, batch=len(batch))
    except (TypeError, ValueError):
        return None
    return out


def _qubits(length: int) -> int | None:
    """How many qubits an axis of this length is, if it is a power of two.

    >>> [_qubits(length) for length in (1, 2, 8, 6)]
    [0, 1, 3, None]
    """
    return length.bit_length() - 1 if length.bit_count() == 1 else None


def _are_one(a: Array, b: Array) -> bool:
    """Whether two arrays have the same elements in the same places of the same memory."""
    keys = ("data", "shape", "strides", "typestr")
    return all(a.__array_interface__[key] == b.__array_interface__[key] for key in keys)
