"""Tiles of a file in memory: what is read and written where, and the journal of it."""

import errno
import json
import mmap
import os
import re
import secrets
import stat
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core

SHARED = Path("/dev/shm")
"""Where tiles are, if there is room, so that they outlive a process that is killed."""

MOVERS = 4
"""Threads that read or write a tile together: disks answer several requests sooner than one."""

PIECE = 2**24
"""Bytes of a request at most."""


def bits(number: int, count: int) -> tuple[int, ...]:
    """The last bits of a number, the most significant first.

    >>> bits(6, 4)
    (0, 1, 1, 0)
    """
    return tuple(number >> place & 1 for place in reversed(range(count)))


def rows(num_qubits: int, local: Sequence[int], number: int) -> Iterator[tuple[int, int, int]]:
    """Where a tile is: first amplitudes in the file and in the tile, and how many follow.

    The tile has the qubits `local`, in order; the others have the values of the bits of `number`.

    >>> list(rows(4, [1, 3], 1))
    [(2, 0, 2), (6, 2, 2)]
    """
    fixed = [qubit for qubit in range(num_qubits) if qubit not in local]
    place = {qubit: 1 << num_qubits - 1 - qubit for qubit in range(num_qubits)}
    values = bits(number, len(fixed))
    start = sum(place[qubit] * value for qubit, value in zip(fixed, values, strict=True))
    last = max(fixed, default=-1)
    apart = [qubit for qubit in local if qubit < last]
    size = 1 << len(local) - len(apart)
    for count, chosen in enumerate(product((0, 1), repeat=len(apart))):
        at = start + sum(place[qubit] for qubit, value in zip(apart, chosen, strict=True) if value)
        yield at, count * size, size


def reserve(file: int, size: int) -> None:
    """Sees to it that a file has so many bytes, for which its disk has room."""
    if size > 2**62:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.ftruncate(file, size)


def unused_path() -> str:
    """A name for the memory of tiles."""
    return str(SHARED / f"numket-{secrets.token_hex(8)}")


class Tiles:
    """One or two tiles in memory, which another process may find where this one is killed.

    Parameters
    ----------
    dtype : numpy.dtype
        Of the amplitudes.
    tile_bits : int
        Qubits of a tile.
    count : int
        How many there are.
    path : str, optional
        The file that they are in, or are to be in if there is room; of this process alone if not
        given.
    """

    path: str | None
    """The file that they are in; None where they are gone with the process."""

    def __init__(
        self, dtype: np.dtype[Any], tile_bits: int, count: int, path: str | None = None
    ) -> None:
        self._shape, self._dtype = (count, 2**tile_bits), dtype
        self._size = dtype.itemsize * count << tile_bits
        self.path = path
        free = _core.free_memory()
        if path is not None and os.path.exists(path):
            self._map(os.open(path, os.O_RDWR | os.O_NOFOLLOW))
        elif free is not None and self._size > free:
            raise MemoryError(
                f"the tiles need {self._size} bytes, and {free} are free: use a smaller 'memory'"
            )
        elif path is None or not self._create(path):
            self.path = None
            count, size = self._shape
            bits = size.bit_length() - 1
            self._tiles = [nk.empty_state(bits, self._dtype) for _ in range(count)]

    def _create(self, path: str) -> bool:
        """Has the system keep the memory under a name, where it can."""
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:  # there is no such folder
            return False
        try:
            reserve(file, self._size)
        except OSError:  # there is too little room
            os.close(file)
            os.unlink(path)
            return False
        self._map(file)
        return True

    def _map(self, file: int) -> None:
        try:
            memory = mmap.mmap(file, self._size)
        finally:
            os.close(file)
        self._tiles = list(np.frombuffer(memory, self._dtype).reshape(self._shape))

    def __getitem__(self, number: int) -> NDArray[Any]:
        """The memory for a tile of this number."""
        return self._tiles[number % len(self._tiles)]


@dataclass(frozen=True)
class Journal:
    """How far a run in a file is: what it does, and which tile comes next.

    It is written at the beginning, before a tile is overwritten in the file, which is then `held`:
    whole in memory, and again when the disk has that tile.
    """

    circuit: str
    """A digest of the operations and the values of parameters."""
    plan: str
    """A digest of the segments."""
    amplitudes: str
    """Whose run it is: the file's inode, and where which amplitudes are in it."""
    tile_bits: int
    """Qubits of a tile."""
    segment: int = 0
    """The segment that is done now; as many as there are, after the last tile."""
    tile: int = 0
    """The tile that is to be written next."""
    held: bool = False
    """Whether it is being written."""
    tiles: str = ""
    """The file with the memory of tiles, if there is room for one."""

    @classmethod
    def read(cls, path: Path) -> "Journal":
        """What is noted there."""
        try:
            found = json.loads(path.read_text())
            read = cls(**{field.name: found[field.name] for field in fields(cls)})
            for field in fields(cls):
                if type(getattr(read, field.name)) is not field.type:
                    raise TypeError(field.name)
            # What is removed later is nothing else than what a run has made.
            if not re.fullmatch("numket-[0-9a-f]{16}", Path(read.tiles).name):
                raise ValueError(read.tiles)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{str(path)!r} is no journal of a run: remove it, if the state is whole"
            ) from error
        return replace(read, tiles=str(SHARED / Path(read.tiles).name))

    def is_kept(self, dtype: np.dtype[Any], count: int) -> bool:
        """Whether the memory of so many tiles is still there, and this user's."""
        try:
            found = os.lstat(self.tiles)
        except OSError:
            return False
        size = dtype.itemsize * count << self.tile_bits
        return stat.S_ISREG(found.st_mode) and found.st_size == size and found.st_uid == os.getuid()

    def write(self, path: Path) -> None:
        """Replaces what is noted, at once and on the disk.

        Where that fails, either may be there: what was noted, or this.
        """
        new = _new(path)
        with _named(path, "writing"):
            try:
                with open(new, "w") as file:
                    json.dump(asdict(self), file)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(new, path)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
            _sync_folder(path)


def remove_journal(path: Path) -> None:
    """Removes a journal, if there is one, also from the disk."""
    with _named(path, "removing"):
        path.unlink(missing_ok=True)
        _new(path).unlink(missing_ok=True)  # of a process that was killed
        _sync_folder(path)


def _new(path: Path) -> Path:
    """Where a journal is written, before it takes its place."""
    return path.with_name(path.name + ".new")


@contextmanager
def _named(path: Path, verb: str) -> Iterator[None]:
    """Has the error of a disk say that it was at the journal."""
    try:
        yield
    except OSError as error:
        what = f"{verb} the journal failed: {error.strerror}"
        raise OSError(error.errno, what, str(path)) from error


def _sync_folder(path: Path) -> None:
    """Has the disk know which names are beside a file."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class File:
    """Amplitudes in a file, of which tiles are read and written.

    Parameters
    ----------
    path : pathlib.Path
        The file, which no other may have open like this.
    start : int
        The byte at which the amplitudes begin.
    num_qubits : int
        Of the state.
    dtype : numpy.dtype
        Of the amplitudes.
    """

    def __init__(self, path: Path, start: int, num_qubits: int, dtype: np.dtype[Any]) -> None:
        self.path, self.num_qubits, self.dtype = path, num_qubits, dtype
        self.bytes_read = self.bytes_written = 0
        self._start, self._lock = start, threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self.close = weakref.finalize(self, os.close, self._file)
        """Lets go of the file, as happens where nobody has this object any more."""
        import fcntl  # which Windows lacks

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.close()
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise nk.BufferInUseError(
                f"{str(path)!r} is open in another FileState, of this process or another one; one "
                "at a time may change it: close the other, or work on a copy"
            ) from None

    @property
    def closed(self) -> bool:
        """Whether it is."""
        return not self.close.alive

    @property
    def amplitudes(self) -> str:
        """Which file it is, by its inode, and where which amplitudes are in it."""
        inode = os.fstat(self._file).st_ino
        return (
            f"inode {inode}, from byte {self._start}, {2**self.num_qubits} amplitudes of "
            f"{self.dtype}"
        )

    def load(self, local: Sequence[int], number: int, tile: NDArray[Any]) -> None:
        """Reads a tile."""
        self._move(_read, "reading", local, number, tile)
        with self._lock:
            self.bytes_read += tile.nbytes

    def store(self, local: Sequence[int], number: int, tile: NDArray[Any]) -> None:
        """Writes a tile, and waits until the disk has it."""
        self._move(_write, "writing", local, number, tile)
        with self._lock:
            self.bytes_written += tile.nbytes

    def _move(
        self,
        move: Callable[[int, memoryview, int], None],
        verb: str,
        local: Sequence[int],
        number: int,
        tile: NDArray[Any],
    ) -> None:
        memory, size = tile.view(np.uint8).data, self.dtype.itemsize
        pieces = [
            (memory[begin:end], self._start + at * size + begin - within * size)
            for at, within, count in rows(self.num_qubits, local, number)
            for begin, end in _cut(within * size, (within + count) * size)
        ]

        def move_every_fourth(first: int) -> None:
            for part, at in pieces[first::MOVERS]:
                move(self._file, part, at)

        try:
            with ThreadPoolExecutor(MOVERS, "numket-file") as pool:
                list(pool.map(move_every_fourth, range(min(MOVERS, len(pieces)))))
            if verb == "writing":
                os.fdatasync(self._file)
        except OSError as error:
            whole = 2 ** (self.num_qubits - len(local))
            what = f"{verb} tile {number + 1} of {whole} failed: {error.strerror}"
            raise OSError(error.errno, what, str(self.path)) from error
        if hasattr(os, "posix_fadvise"):  # the system's own copy is of no use any more
            for part, at in pieces:
                os.posix_fadvise(self._file, at, len(part), os.POSIX_FADV_DONTNEED)


def _cut(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Ranges of at most one piece.

    >>> list(_cut(0, 2**24 + 5))
    [(0, 16777216), (16777216, 16777221)]
    """
    for at in range(begin, end, PIECE):
        yield at, min(at + PIECE, end)


def _read(file: int, part: memoryview, at: int) -> None:
    while len(part):
        count = os.preadv(file, [part], at)
        if count == 0:
            raise OSError(errno.EIO, "the file has become shorter")
        part, at = part[count:], at + count


def _write(file: int, part: memoryview, at: int) -> None:
    while len(part):
        count = os.pwritev(file, [part], at)
        part, at = part[count:], at + count
