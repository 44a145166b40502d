"""What is read of a state: norms, probabilities, means and variances. No rank needs all of it."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket._strings import Strings
from numket.mpi.agreement import agreed, collective, same, total
from numket.mpi.exchange import order_of, outer_axes
from numket.mpi.parted import Parted


class Readings(Parted):
    """A state that ranks read together: all get the same numbers."""

    @collective
    def norm(self) -> float:
        """The norm of the state, the same on every rank. All ranks call it.

        Returns
        -------
        float
            The square root of the sum of all probabilities.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> nk.mpi.zero_state(3).norm()
        1.0
        """
        self._begin()
        return self._norm({})

    def _norm(self, given: dict[int, int]) -> float:
        """The norm of what has these values of qubits."""

        def read() -> float:
            view = self._view(given)
            return 0.0 if view is None else nk.norm(view, threads=self._threads())

        # Squares of the norms themselves might be out of range.
        norms = np.array(self.comm.allgather(agreed(self.comm, read)))
        largest = norms.max()
        if not 0 < largest < np.inf:
            return float(norms.sum())
        return float(largest * np.sqrt(((norms / largest) ** 2).sum()))

    @collective
    def probabilities(self, qubits: int | Sequence[int] | None = None) -> NDArray[np.float64]:
        """The probabilities of all outcomes of some qubits, on every rank. All ranks call it.

        Parameters
        ----------
        qubits : int or sequence of int, optional
            The k qubits; the first is the most significant bit of an outcome. All in order if not
            given: every rank has room for ``2**n`` numbers then.

        Returns
        -------
        ndarray of float64, shape (2**k,)
            As ``numket.probabilities`` gives them.

        Raises
        ------
        TypeError
            Where `qubits` are no ints.
        ValueError
            Where one is out of range or listed twice.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> nk.mpi.zero_state(3).probabilities([2, 0])
        array([1., 0., 0., 0.])
        """
        self._begin()
        listed = agreed(self.comm, lambda: self._listed_or_all(qubits))
        same(self.comm, "'qubits'", repr(listed).encode())
        return self._weights(listed, {})

    def _listed(self, qubits: Any) -> list[int]:
        """Qubits that are checked."""
        listed = [int(qubit) for qubit in _core.qubit_numbers(qubits)]
        nk.Circuit(self.num_qubits).apply_pauli("I" * len(listed), listed)  # refuses wrong ones
        return listed

    def _listed_or_all(self, qubits: Any) -> list[int]:
        """The same; all if None is given."""
        return list(range(self.num_qubits)) if qubits is None else self._listed(qubits)

    def _weights(self, listed: Sequence[int], given: dict[int, int]) -> NDArray[np.float64]:
        """The probabilities of outcomes of some qubits, where others have these values."""

        def read() -> NDArray[np.float64]:
            found = np.zeros((2,) * len(listed))
            view, fixed = self._view(given), self._fixed()
            if view is not None:
                left = [qubit for qubit in self._qubits()[self._bits :] if qubit not in given]
                own = [left.index(qubit) for qubit in listed if qubit in left]
                index = tuple(fixed.get(qubit, slice(None)) for qubit in listed)
                part = nk.probabilities(view, own, threads=self._threads())
                found[index] = part.reshape((2,) * len(own))
            return found.reshape(-1)

        return total(self.comm, agreed(self.comm, read))

    @collective
    def inner(self, other: Self) -> complex:
        """The inner product with another state, ``sum(conj(self) * other)``. All ranks call it.

        Parameters
        ----------
        other : state of the same class
            On the same ranks, with as many qubits and the same dtype. Where its qubits are at other
            places, both states are brought in order first, which exchanges amplitudes.

        Returns
        -------
        complex
            The same on every rank.

        Raises
        ------
        TypeError
            Where `other` is no such state, or has another dtype.
        ValueError
            Where it has another number of qubits, or other ranks.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> one, other = nk.mpi.zero_state(1), nk.mpi.zero_state(1)
        >>> other.run(nk.Circuit(1).h(0)).exchanges
        0
        >>> round(one.inner(other).real, 6)
        0.707107
        """
        self._begin()
        return self._inner(other)

    @collective
    def fidelity(self, other: Self) -> float:
        """The fidelity of two states of norm 1, ``abs(inner)**2``. All ranks call it.

        Parameters
        ----------
        other : state of the same class
            As :meth:`inner` takes it.

        Returns
        -------
        float
            The same on every rank. It is not divided by the norms; where it is above 1 by rounding
            it is 1, as ``numket.fidelity`` says.

        Raises
        ------
        TypeError
            Where `other` is no such state, or has another dtype.
        ValueError
            Where it has another number of qubits, or other ranks.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> one, other = nk.mpi.zero_state(1), nk.mpi.zero_state(1)
        >>> other.run(nk.Circuit(1).ry(0.2, 0)).exchanges
        0
        >>> round(one.fidelity(other), 6)  # cos(0.1)**2
        0.990033
        """
        self._begin()
        found = abs(self._inner(other))
        found *= found
        is_rounded = found <= 1 + 1024 * np.finfo(self._part().dtype).eps
        return min(found, 1.0) if is_rounded else found

    def _inner(self, other: Self) -> complex:
        agreed(self.comm, lambda: self._check_like(other))
        same(self.comm, "'other'", repr((other._qubits(), self._qubits())).encode())
        other._begin()
        if other._qubits() != self._qubits():
            self._in_order()
            other._in_order()

        def read() -> complex:
            return nk.inner(self._part(), other._part(), threads=self._threads())

        return complex(total(self.comm, np.array([agreed(self.comm, read)]))[0])

    def _check_like(self, other: Any) -> None:
        """Refuses a state that lies otherwise over ranks."""
        if not isinstance(other, type(self)):
            raise TypeError(
                f"'other' is a {type(other).__name__:.80}; both must be of one class: use a "
                f"{type(self).__name__}"
            )
        if other.num_qubits != self.num_qubits:
            raise ValueError(
                f"'other' has {other.num_qubits} qubits and this state has {self.num_qubits}; they "
                "must be as many: use another"
            )
        if MPI.Comm.Compare(self.comm, other.comm) not in (MPI.IDENT, MPI.CONGRUENT):
            raise ValueError(
                "'other' has other ranks, or in another order; each rank reads its own parts of "
                "both: use one communicator"
            )
        one, two = (np.zeros(2, state._part().dtype) for state in (self, other))
        nk.inner(one, two)  # refuses two dtypes

    def _in_order(self) -> None:
        """Brings qubits in order."""

    @collective
    def expectation(
        self, observable: nk.PauliSum | str, *, threads: int | None = None
    ) -> float | Any:
        """The expectation value of a sum of Pauli strings. All ranks call it.

        Strings that flip qubits of the rank bits need these to be axes: ranks exchange amplitudes
        as for a run, once for many strings, so that ``qubits`` may change. A string that flips more
        qubits than a part has is read from the parts of other ranks.

        Parameters
        ----------
        observable : PauliSum or str
            A sum, or the letters of one string.
        threads : int, optional
            At most this many threads on this rank.

        Returns
        -------
        float
            The same on every rank; complex where the sum is not Hermitian. It is computed in double
            precision, and not divided by the square of the norm.

        Raises
        ------
        TypeError
            Where `observable` is neither.
        ValueError
            Where it has another number of qubits than the state, or is another on another rank.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(2)
        >>> state.run(nk.Circuit(2).h(0).cx(0, 1)).exchanges
        0
        >>> round(state.expectation(nk.PauliSum({"XX": 0.5, "ZZ": 0.25, "ZI": 7})), 12)
        0.75
        """
        self._begin()
        strings, count = self._strings(observable, threads)
        found = self._expectation(strings, count)
        return found.real if strings.hermitian else found

    def _strings(self, observable: Any, threads: int | None) -> tuple[Strings, int]:
        """A sum that all ranks were given, and the threads to read with."""

        def read() -> tuple[Strings, int]:
            return Strings.of(observable, self.num_qubits), self._threads(threads)

        strings, count = agreed(self.comm, read)
        same(self.comm, "'observable'", strings.tobytes())
        return strings, count

    def _expectation(self, strings: Strings, threads: int) -> complex:
        own = 0j
        for some in self._stages(strings):

            def read(some: Strings = some) -> complex:
                fixed = self._fixed()
                part = some.between(self._qubits()[self._bits :], fixed, fixed)
                return (
                    0j if part is None else complex(part.expectation(self._part(), threads=threads))
                )

            if self._is_local(some):
                own += agreed(self.comm, read)
            else:
                for mine, product in self._products(some, self._part(), threads):
                    own += nk.inner(np.asarray(mine, complex), product, threads=threads)
        return complex(total(self.comm, np.array([own]))[0])

    @collective
    def variance(self, observable: nk.PauliSum | str, *, threads: int | None = None) -> float:
        """The variance of a Hermitian sum in a state of norm 1. All ranks call it.

        It is the square of the norm of ``(sum - mean) |state>``, for which each rank makes a second
        array as large as its part: a difference of two large numbers would lose digits.

        Parameters
        ----------
        observable : PauliSum or str
            As :meth:`expectation` takes it; Hermitian.
        threads : int, optional
            At most this many threads on this rank.

        Returns
        -------
        float
            The same on every rank.

        Raises
        ------
        TypeError
            Where `observable` is neither.
        ValueError
            Where it has another number of qubits than the state, is another on another rank, or is
            not Hermitian.
        MemoryError
            Where a rank has too little memory for the second array.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> state = nk.mpi.zero_state(2)
        >>> state.variance("ZZ"), state.variance("XZ")
        (0.0, 1.0)
        """
        self._begin()
        strings, count = self._strings(observable, threads)
        agreed(self.comm, lambda: check_real(strings))
        image, own = self._image(strings, count)
        mean = float(total(self.comm, np.array([nk.inner(own, image, threads=count)]))[0].real)
        for mine, made in zip(pieces(own), pieces(image), strict=True):
            made -= mean * mine
        norm = nk.norm(image, threads=count)
        return float(total(self.comm, np.array([norm * norm]))[0])

    @abstractmethod
    def _image(self, strings: Strings, threads: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """What a sum makes of the state, in a new array of each rank; and the parts of these."""

    def _is_local(self, strings: Strings) -> bool:
        """Whether no string flips a fixed qubit."""
        return not strings.flips[:, list(self._fixed())].any()

    def _stages(self, strings: Strings) -> Iterator[Strings]:
        """All strings, some at a time: local ones, after an exchange where there is need, and then
        those that flip more qubits than a part has.
        """
        room = self.num_qubits - self._bits
        wide = strings.flips.sum(axis=1) > room
        left = np.ones(len(strings), bool)
        while left.any():
            here = left & ~strings.flips[:, list(self._fixed())].any(axis=1)
            if here.any():
                yield strings[here]
            left &= ~here
            if not (left & ~wide).any():
                break
            self._exchange(self._pairs(self._next(strings.flips[left & ~wide])))
        if left.any():
            yield strings[left]

    def _next(self, flips: NDArray[np.bool_]) -> set[int]:
        """The qubits that are to be local next: those that many strings flip."""
        room = self.num_qubits - self._bits
        wanted = np.zeros(self.num_qubits, bool)
        for flip in np.unique(flips, axis=0):
            if (wanted | flip).sum() <= room:
                wanted |= flip
        uses, local = flips.sum(axis=0), self._axes()
        stay = sorted(
            (qubit for qubit in local if not wanted[qubit]),
            key=lambda qubit: (-uses[qubit], qubit < self._bits, qubit),
        )
        found = {int(qubit) for qubit in np.flatnonzero(wanted)}
        return found | set(stay[: room - len(found)])

    def _products(
        self, strings: Strings, other: NDArray[Any], threads: int
    ) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """What a sum makes of the state, in products that are to be added up in double precision.

        Each comes with the part of `other` where it belongs, a tensor as this rank's part. Ranks
        read the parts of each other, and add their own products.
        """
        part, bits = self._part(), self._bits
        order = order_of(part)
        outer = outer_axes(part)
        places = self._qubits()
        local = [places[bits + axis] for axis in order]
        turned = other.transpose(order)
        room = agreed(self.comm, lambda: np.empty(part.size >> outer, np.complex128))
        masks = strings.flips[:, places[:bits]] @ (1 << np.arange(bits)[::-1])
        for mask in np.unique(masks):
            some = strings[masks == mask]
            moves = np.unique(some.flips[:, local[:outer]], axis=0)
            peer = self.comm.rank ^ int(mask)
            for number, given in self._amplitudes_of(peer):
                index = np.array([number >> bit & 1 for bit in reversed(range(outer))], bool)
                source = self._fixed(peer) | dict(zip(local, index.tolist(), strict=False))
                for move in moves:
                    at = tuple((index ^ move).astype(int).tolist())
                    target = self._fixed() | dict(zip(local, at, strict=False))
                    found = some.between(local[outer:], source, target)
                    if found is not None:
                        product = room.reshape(given.shape)
                        found.apply(np.asarray(given, complex), product, threads=threads)
                        yield turned[(*at, ...)], product


def check_real(strings: Strings) -> None:
    """Refuse a sum that is not Hermitian.

    >>> check_real(Strings.of("XY", 2))
    """
    if not strings.hermitian:
        raise ValueError(
            "'observable' has complex coefficients; a variance and a gradient are of a Hermitian "
            "sum: use (sum + sum.adjoint()) / 2"
        )


def pieces(view: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """A tensor in parts that need little room when NumPy works on them."""
    for index in np.ndindex(view.shape[: outer_axes(view)]):
        yield view[(*index, ...)]
