"""Pauli sums as they are read in parts of a state.

A string flips the qubits on which it is X or Y. Between parts of a state in which some qubits are
*fixed* to values, it is a string on all others, times a phase: Z of a fixed qubit is a sign, and
X and Y lead from one value to the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core

X, Y, Z = b"XYZ"


class Strings:
    """The strings of a sum, one in each row of an array of letters.

    >>> Strings.of("XYZ", 3).flips
    array([[ True,  True, False]])
    """

    def __init__(self, letters: NDArray[np.uint8], coefficients: NDArray[np.complex128]) -> None:
        self.letters, self.coefficients = letters, coefficients
        self.flips: NDArray[np.bool_] = (letters == X) | (letters == Y)

    @classmethod
    def of(cls, observable: Any, num_qubits: int) -> "Strings":
        """Reads a sum, or a string, on so many qubits."""
        if isinstance(observable, str):
            observable = nk.PauliSum({observable: 1.0})
        if not isinstance(observable, nk.PauliSum):
            raise TypeError(
                f"'observable' is a {type(observable).__name__:.80}; parts of a state are "
                "read for sums of Pauli strings: use a PauliSum, or the letters of one string"
            )
        if observable.num_qubits != num_qubits:
            raise ValueError(
                f"'observable' has {observable.num_qubits} qubits and the state has {num_qubits}; "
                "they must be as many: use PauliSum([(letters, qubits, coefficient), ...], "
                f"{num_qubits})"
            )
        letters = "".join(string for string, _ in observable).encode()
        rows = np.frombuffer(letters, np.uint8).reshape(-1, num_qubits)
        return cls(rows, np.array([number for _, number in observable], complex))

    @property
    def hermitian(self) -> bool:
        """Whether all coefficients are real."""
        return not self.coefficients.imag.any()

    def __len__(self) -> int:
        return len(self.letters)

    def __getitem__(self, rows: NDArray[Any]) -> "Strings":
        return Strings(self.letters[rows], self.coefficients[rows])

    def tobytes(self) -> bytes:
        """What tells it from others."""
        return self.letters.tobytes() + self.coefficients.tobytes()

    def between(
        self, qubits: Sequence[int], source: Mapping[int, int], target: Mapping[int, int]
    ) -> _core.PauliSum | None:
        """The sum on some qubits, from where all others have the values `source` to `target`.

        None if there is none.

        >>> Strings.of("XYZ", 3).between([0], {1: 1, 2: 1}, {1: 0, 2: 1})
        PauliSum({'X': 1j})
        """
        fixed = list(source)
        bits = np.array(list(source.values()), bool)
        change = bits ^ np.array([target[qubit] for qubit in fixed], bool)
        rows = (self.flips[:, fixed] == change).all(axis=1)
        if not rows.any():
            return None
        # Y |b> = i (-1)**b |1-b>, and Z |b> = (-1)**b |b>.
        held = self.letters[rows][:, fixed]
        odd = (((held == Y) | (held == Z)) & bits).sum(axis=1) % 2
        phases = np.array([1, 1j, -1, -1j])[((held == Y).sum(axis=1) + 2 * odd) % 4]
        kept = np.ascontiguousarray(self.letters[rows][:, list(qubits)])
        strings = (row.tobytes().decode() for row in kept)
        numbers = (self.coefficients[rows] * phases).tolist()
        terms = zip(strings, numbers, strict=True)
        return nk.PauliSum(terms, num_qubits=len(qubits))
