"""A state in arrays of the ranks' own, which send amplitudes to each other."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from numpy.typing import NDArray

import numket as nk
from numket._strings import Strings
from numket.mpi.agreement import agreed
from numket.mpi.exchange import order_of, parts, streamed, swap_with
from numket.mpi.outcomes import Outcomes


class Owned(Outcomes):
    """A state whose parts are tensors of the ranks' own."""

    _tensors: list[NDArray[Any]]
    """The part of this rank; behind it others, whose qubits change places at the same time."""

    def _part(self) -> NDArray[Any]:
        return self._tensors[0]

    def _begin(self) -> None:
        pass  # each rank has its own

    def _change(self, pairs: list[tuple[int, int]]) -> None:
        rank = self.comm.rank
        bits = [self._bits - 1 - place for place, _ in pairs]
        # To each rank that differs in these bits goes the block of its values, and it sends ours.
        for number in range(1, 2 ** len(pairs)):
            flipped = [number >> k & 1 for k in range(len(pairs))]
            peer = rank ^ sum(flip << bit for flip, bit in zip(flipped, bits, strict=True))
            index: list[Any] = [slice(None)] * self._tensors[0].ndim
            for bit, (_, place) in zip(bits, pairs, strict=True):
                index[place - self._bits] = peer >> bit & 1
            for tensor in self._tensors:
                self.bytes += swap_with(self.comm, tensor[(*index, ...)], peer)
        self.exchanges += 1

    def _amplitudes_of(self, peer: int) -> Iterator[tuple[int, NDArray[Any]]]:
        part = self._tensors[0]
        if peer == self.comm.rank:
            yield from enumerate(parts(part, order_of(part)))
            return
        for number, (_, theirs) in enumerate(streamed(self.comm, part, peer)):
            yield number, theirs
        self.exchanges += 1
        self.bytes += part.nbytes

    def _image(self, strings: Strings, threads: int) -> tuple[NDArray[Any], NDArray[Any]]:
        part = self._tensors[0]
        image = agreed(self.comm, lambda: nk.empty_state(part.ndim, part.dtype)).reshape(part.shape)
        self._set_image(strings, image, threads)
        return image, part

    def _set_image(self, strings: Strings, image: NDArray[Any], threads: int) -> None:
        """Writes what a sum makes of the state to a tensor of each rank."""
        image[...] = 0
        began = False
        for some in self._stages(strings):
            if not began and self._is_local(some):
                fixed = self._fixed()
                here = some.between(self._qubits()[self._bits :], fixed, fixed)
                assert here is not None  # there is a string
                agreed(self.comm, partial(here.apply, self._tensors[0], image, threads=threads))
            else:
                for target, product in self._products(some, image, threads):
                    target += product
            if not began:
                self._tensors.append(image)
                began = True
        if began:
            self._tensors.pop()
