"""States in files: larger than memory, and changed in place, one tile after the other."""

import errno
import operator
import os
import re
import stat
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256
from math import fsum, prod, sqrt
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

import numket as nk
from numket import _core
from numket._names import public as _public
from numket._numbers import plural, size_text
from numket._segments import fingerprint, on_part, values_of
from numket._strings import Strings
from numket._tiles import File, Journal, Tiles, bits, remove_journal, reserve, unused_path
from numket.plan import Segment
from numket.progress import Bar

__all__ = ["FileState", "Run"]

__dir__ = _public(globals())

T = TypeVar("T")

ROW_BITS = (16, 15, 14)
"""So many of the last qubits are in every tile: a file is read in rows of 1 MiB, or of a quarter
where that saves a pass."""

FREE_BITS = 6
"""So many other qubits are in every tile, be the rows shorter."""

REQUEST = 96 * 1024
"""What each row costs beside its bytes, in bytes. One thread read random rows of 256 KiB at 0.7
GiB/s, where long ones came at 1.7; here are four."""

LEAST_MEMORY = 4096
"""Bytes: two tiles of 128 amplitudes."""

PAGE = 4096
"""Bytes that a disk writes at once."""

UNITS = {"": 1} | {
    f"{prefix}{kind}B": base**power
    for power, prefix in enumerate(("", "K", "M", "G", "T"))
    for kind, base in (("", 1000), ("i", 1024))
}
"""What a number of bytes may be given in."""


class Run(NamedTuple):
    """What a run on a state in a file has done.

    Parameters
    ----------
    passes : int
        How often it went through the whole file.
    bytes_read, bytes_written : int
        Of amplitudes.

    Examples
    --------
    >>> import tempfile, numket as nk
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with nk.FileState.zero_state(f"{folder}/psi.npy", 10) as state:
    ...         state.run(nk.Circuit(10).h(0))
    Run(passes=1, bytes_read=16384, bytes_written=16384)
    """

    passes: int
    bytes_read: int
    bytes_written: int


class FileState:
    """A state in a file, changed in place with as little memory as is said.

    A circuit is cut into segments, of operations that mix only some of the qubits. For each, the
    file is gone through once: a tile, which is as large as half of the memory, is read, its
    operations are done, and it is written back, while the next tile is read and the last one
    written. Qubits stay in order.

    Parameters
    ----------
    path : path-like or numpy.memmap
        A file of NumPy (.npy) with an array of shape (2**n,) or (2,) * n, or of nothing but
        amplitudes; or an array of all of a state in such a file, open for writing.
    num_qubits : int, optional
        What the size of the file says, if not given.
    dtype : dtype, optional
        Of a file without a header: complex64, or complex128, as it is if not given.
    memory : int or str, optional
        Bytes, or a number with a unit as ``"8GiB"``: the most that tiles take. Half of what is
        free, if not given.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    journal : pathlib.Path
        Beside it, while a run goes on, and after one that was stopped: how far that is.
    num_qubits : int
        The number of qubits.
    dtype : numpy.dtype
        Of the amplitudes.
    memory : int
        The most that tiles take, in bytes.

    Raises
    ------
    TypeError
        Where an argument has a wrong type, or the file holds something else than amplitudes.
    ValueError
        Where the file is shorter or longer than the state, its array has another shape or order,
        or `memory` is less than 4 KiB.
    OSError
        Where the file is missing, or cannot be written.
    BufferInUseError
        Where another `FileState` has the file, of this process or another one.

    See Also
    --------
    numket.Circuit.explain : With ``memory=``, how often a circuit goes through a file, beforehand.

    Examples
    --------
    >>> import tempfile, numket as nk
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with nk.FileState.zero_state(f"{folder}/psi.npy", 10, memory="4KiB") as state:
    ...         done = state.run(nk.Circuit(10).h(0).cx(0, 9))
    ...         print(done.passes, state.probabilities([0, 9]).round(3))
    1 [0.5 0.  0.  0.5]
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | NDArray[Any],
        num_qubits: int | None = None,
        dtype: DTypeLike | None = None,
        memory: int | str | None = None,
    ) -> None:
        self.memory = bytes_of(memory)
        if isinstance(path, np.ndarray):
            found = _mapped(path)
        else:
            found = _described(Path(os.fsdecode(path)), dtype)
        self.path, self.dtype = found.path.resolve(), found.dtype
        self.num_qubits = found.qubits(num_qubits)
        self.journal = _journal_of(self.path)
        self._lock = threading.Lock()
        self._file = File(self.path, found.start, self.num_qubits, self.dtype)

    @classmethod
    def zero_state(
        cls,
        path: str | os.PathLike[str],
        num_qubits: int,
        dtype: DTypeLike = np.complex128,
        memory: int | str | None = None,
    ) -> "FileState":
        """The state |0...0> in a new file.

        Parameters
        ----------
        path : path-like
            A file that is not there yet; with the ending .npy one of NumPy, else of amplitudes
            alone.
        num_qubits : int
            The number of qubits.
        dtype : dtype
            Either complex128 or complex64.
        memory : int or str, optional
            As for `FileState`.

        Returns
        -------
        FileState
            Of the new file, for which the disk has room.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where `num_qubits` is negative or too large, or `memory` too small.
        OSError
            Where the file, or a journal of its name, is there already, or the disk has too little
            room.

        Examples
        --------
        >>> import tempfile, numket as nk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with nk.FileState.zero_state(f"{folder}/psi", 8, "complex64") as state:
        ...         state.path.stat().st_size, state.norm()
        (2048, 1.0)
        """
        kind, count = _kind(dtype), nk.Circuit(num_qubits).num_qubits
        if count < 1:
            raise ValueError("'num_qubits' is 0; a file holds two amplitudes at least: use 1")
        bytes_of(memory)
        where = Path(os.fsdecode(path))
        journal = _journal_of(where)
        if journal.exists():
            raise FileExistsError(
                errno.EEXIST,
                "it is of a run in an earlier file: use another name, or remove it and the memory "
                "that its 'tiles' names",
                str(journal),
            )
        with open(where, "xb") as file:
            try:
                if where.suffix == ".npy":
                    file.write(_header(kind, count))
                start = file.tell()
                file.write(np.ones(1, kind).tobytes())
                file.flush()
                reserve(file.fileno(), start + (kind.itemsize << count))
            except BaseException:
                where.unlink()
                raise
        return cls(where, count, kind, memory)

    def close(self) -> None:
        """Lets go of the file; a closed state refuses everything else.

        Raises
        ------
        BufferInUseError
            Where another call is at work on the state.

        Examples
        --------
        >>> import tempfile, numket as nk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     state = nk.FileState.zero_state(f"{folder}/psi.npy", 4)
        ...     state.close()
        """
        with self._at_work(None):
            self._file.close()

    def __enter__(self) -> "FileState":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"FileState({str(self.path)!r}, num_qubits={self.num_qubits}, dtype={self.dtype}, "
            f"memory={size_text(self.memory)!r})"
        )

    def run(
        self,
        circuit: _core.Circuit,
        params: Any = None,
        *,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Run:
        """Apply all operations of a circuit, in place.

        Parameters
        ----------
        circuit : Circuit
            Of unitary operations, on as many qubits as the state has.
        params : dict or array_like, optional
            The values of the parameters in radians, as ``Circuit.run`` takes them.
        threads : int, optional
            At most this many threads that compute.
        progress : bool or callable
            True shows a bar (needs tqdm), with bytes. A callable is given the number of tiles that
            are done, and of all, in all passes.

        Returns
        -------
        Run
            How often the file was gone through, and what was read and written.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where the circuit has another number of qubits, measures or draws, or has an operation
            that mixes more qubits than a tile has; where the state is closed, or an earlier run
            was stopped in it.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        BufferInUseError
            Where another call is at work on the state, as with all its methods.
        MemoryError
            Where there is no room for the tiles.
        OSError
            Where reading or writing fails, as on a full disk; it names the tile. `resume` goes on.
        KeyboardInterrupt
            On Ctrl-C, once the tile that is being written is whole, as with whatever `progress`
            raises. `resume` goes on.

        Examples
        --------
        >>> import tempfile, numket as nk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with nk.FileState.zero_state(f"{folder}/psi.npy", 10) as state:
        ...         state.run(nk.Circuit(10).rx(nk.Parameter("a"), 0), {"a": 0.3}).passes
        1
        """
        with self._at_work():
            return self._go_on(circuit, params, threads, progress, None)

    def resume(
        self,
        circuit: _core.Circuit,
        params: Any = None,
        *,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Run:
        """Go on with a run that was stopped, by Ctrl-C, a full disk, or the end of its process.

        A tile that a killed process was writing is written anew from shared memory, where
        that is still there: not after a restart of the machine.

        Parameters
        ----------
        circuit : Circuit
            The same as before.
        params : dict or array_like, optional
            The same values as before.
        threads : int, optional
            At most this many threads that compute.
        progress : bool or callable
            As for `run`.

        Returns
        -------
        Run
            What this call has done.

        Raises
        ------
        ValueError
            Where no run was stopped, this is another circuit or has other values, or a tile was
            lost: the error names it, and then the file is no state of the circuit.
        TypeError, KeyError, MemoryError, OSError, KeyboardInterrupt
            Where `run` raises them.

        Examples
        --------
        >>> import tempfile, numket as nk
        >>> def stop(done, total):
        ...     if done == 1:
        ...         raise RuntimeError("enough")
        >>> circuit = nk.Circuit(10).h(range(10))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with nk.FileState.zero_state(f"{folder}/psi.npy", 10, memory="4KiB") as state:
        ...         try:
        ...             state.run(circuit, progress=stop)
        ...         except RuntimeError as error:
        ...             print(error.__notes__[0].partition(";")[0])
        ...         state.resume(circuit).bytes_read
        numket stopped in pass 1 of 2, with 1 of 8 tiles done
        30720
        """
        with self._at_work(stopped=True):
            return self._go_on(circuit, params, threads, progress, Journal.read(self.journal))

    def abandon(self) -> None:
        """Forget a run that was stopped, and what is kept of it: the file is no state of a circuit.

        Raises
        ------
        ValueError
            Where the state is closed.

        Examples
        --------
        >>> import tempfile, numket as nk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with nk.FileState.zero_state(f"{folder}/psi.npy", 4) as state:
        ...         state.abandon()  # nothing was stopped
        """
        with self._at_work(stopped=None):
            self._refuse_closed()
            if self.journal.exists():
                Path(Journal.read(self.journal).tiles).unlink(missing_ok=True)
                remove_journal(self.journal)

    def norm(self, *, threads: int | None = None) -> float:
        """The norm of the state, for which the file is read once.

        Parameters
        ----------
        threads : int, optional
            At most this many threads that compute.

        Returns
        -------
        float
            The square root of the sum of all probabilities.

        Raises
        ------
        ValueError
            Where the state is closed, or a run was stopped in it.
        MemoryError, OSError
            Where there is no room for the tiles, or reading fails.

        Examples
        --------
        >>> import tempfile, numket as nk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with nk.FileState.zero_state(f"{folder}/psi.npy", 4) as state:
        ...         state.norm()
        1.0
        """
        with self._at_work():
            return sqrt(fsum(self._read_all(lambda _, tile: nk.norm(tile, threads=threads) ** 2)))

    def probabilities(
        self, qubits: int | Sequence[int], *, threads: int | None = None
    ) -> NDArray[np.float64]:
        """The probabilities of all outcomes of some qubits, for which the file is read once.

        Parameters
        ----------
        qubits : int or sequence of int
            The k qubits; the first is the most significant bit of an outcome.
        threads : int, optional
            At most this many threads that compute.

        Returns
        -------
        ndarray of float64, shape (2**k,)
            As ``numket.probabilities`` gives them.

        Raises
        ------
        TypeError
            Where `qubits` are no ints.
        ValueError
            Where one is out of range or listed twice; where the state is closed, or a run was
            stopped in it.
        MemoryError, OSError
            Where there is no room for the results or the tiles, or reading fails.

        Examples
        --------
        >>> import tempfile, numket as nk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with nk.FileState.zero_state(f"{folder}/psi.npy", 4) as state:
        ...         state.probabilities([0, 3])
        array([1., 0., 0., 0.])
        """
        with self._at_work():
            listed = _core.qubit_numbers(qubits)
            nk.Circuit(self.num_qubits).apply_pauli("I" * len(listed), listed)  # refuses wrong ones
            if 8 << len(listed) > self.memory:
                raise MemoryError(
                    f"probabilities of {len(listed)} qubits take {size_text(8 << len(listed))}, "
                    f"and 'memory' is {size_text(self.memory)}: ask for fewer qubits"
                )
            found = np.zeros((2,) * len(listed))
            fixed = self.num_qubits - self._tile_bits

            def add(number: int, tile: NDArray[Any]) -> None:
                values = bits(number, fixed)
                index = tuple(values[q] if q < fixed else slice(None) for q in listed)
                in_tile = [q - fixed for q in listed if q >= fixed]
                found[index] += nk.probabilities(tile, in_tile, threads=threads).reshape(
                    (2,) * len(in_tile)
                )

            self._read_all(add)
            return found.reshape(-1)

    def expectation(self, observable: _core.PauliSum | str, *, threads: int | None = None) -> Any:
        """The expectation value of an observable, which is not divided by the square of the norm.

        The file is read once for all strings with X or Y on qubits that fit into a tile together.

        Parameters
        ----------
        observable : PauliSum or str
            A sum of Pauli strings, or the letters of one string, on all qubits.
        threads : int, optional
            At most this many threads that compute.

        Returns
        -------
        float
            The value; complex where the sum is not Hermitian.

        Raises
        ------
        TypeError
            Where `observable` is something else.
        ValueError
            Where it has another number of qubits, or a string with X or Y on more qubits than a
            tile has; where the state is closed, or a run was stopped in it.
        MemoryError, OSError
            Where there is no room for the tiles, or reading fails.

        Examples
        --------
        >>> import tempfile, numket as nk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with nk.FileState.zero_state(f"{folder}/psi.npy", 3) as state:
        ...         state.expectation(nk.PauliSum({"ZZI": 0.5, "XIX": 2}))
        0.5
        """
        with self._at_work():
            n, room = self.num_qubits, self._tile_bits
            left, values = Strings.of(observable, n), [0j]
            real, widest = left.hermitian, int(left.flips.sum(axis=1).max(initial=0))
            if widest > room:
                raise ValueError(
                    f"a string of 'observable' has X or Y on {widest} qubits, and a tile has "
                    f"{room}: use more 'memory'"
                )
            while len(left):
                local = reading(left.flips, room)
                fixed = [qubit for qubit in range(n) if qubit not in local]
                later = np.asarray(left.flips[:, fixed].any(axis=1))
                values += self._read_all(partial(_mean, left[~later], local, fixed, threads), local)
                left = left[later]
            found = complex(fsum(v.real for v in values), fsum(v.imag for v in values))
            return found.real if real else found

    @contextmanager
    def _at_work(self, stopped: bool | None = False) -> Iterator[None]:
        """Refuses every other call meanwhile, and a state that is not as it is asked to be.

        Of a run that was stopped in it, there must be one, none, or either (None).
        """
        if not self._lock.acquire(blocking=False):
            raise nk.BufferInUseError(
                f"another call is at work on the state in {str(self.path)!r}: wait for its end"
            )
        try:
            if stopped is not None:
                self._refuse_closed()
            if stopped is False and self.journal.exists():
                raise ValueError(
                    f"a run was stopped in {str(self.path)!r}, which holds a part of what its "
                    "circuit makes: use resume(circuit, params) to go on, or abandon()"
                )
            if stopped and not self.journal.exists():
                raise ValueError(f"no run was stopped in {str(self.path)!r}: use run")
            yield
        finally:
            self._lock.release()

    def _refuse_closed(self) -> None:
        if self._file.closed:
            raise ValueError(f"the state in {str(self.path)!r} is closed: open it anew")

    @property
    def _tile_bits(self) -> int:
        return tile_bits(self.num_qubits, self.dtype, self.memory)

    def _go_on(
        self,
        circuit: _core.Circuit,
        params: Any,
        threads: int | None,
        progress: bool | Callable[[int, int], object] | None,
        stopped: Journal | None,
    ) -> Run:
        """A run, from the beginning or from where it was stopped."""
        if not isinstance(circuit, nk.Circuit):
            kind = type(circuit).__name__
            raise TypeError(
                f"'circuit' is a {kind:.80}; only a plan works on a file: use a Circuit"
            )
        if circuit.num_qubits != self.num_qubits:
            raise ValueError(
                f"the state has {self.num_qubits} qubits and the circuit has {circuit.num_qubits}; "
                "they must be as many: use another circuit"
            )
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            kind = type(progress).__name__
            raise TypeError(
                f"'progress' is a {kind:.80}; it must be a bool or a callable: use True, or a "
                "function of done and total"
            )
        nk.Circuit(1).run(nk.zero_state(1), threads=threads)  # refuses what is no number
        values = values_of(circuit, params)
        bits_of_tile = self._tile_bits if stopped is None else stopped.tile_bits
        if not 1 <= bits_of_tile <= self.num_qubits:
            raise ValueError(f"{str(self.journal)!r} is no journal of this run: use abandon()")
        plan = passes(circuit, bits_of_tile)
        journal = Journal(
            circuit=sha256(fingerprint(circuit, values)).hexdigest(),
            plan=sha256(
                repr([(each.local, len(each.circuit)) for each in plan]).encode()
            ).hexdigest(),
            amplitudes=self._file.amplitudes,
            tile_bits=bits_of_tile,
        )
        if stopped is not None:
            self._check_same(journal, stopped, len(plan))
            journal = stopped
        whole = 2 * len(plan) * (self.dtype.itemsize << self.num_qubits)
        bar = Bar("tile", whole) if progress is True else None
        report = bar or (progress if callable(progress) else None)
        read, written = self._file.bytes_read, self._file.bytes_written
        work = _Work(self, circuit, values, threads, plan, journal, report)
        try:
            work.run()
        finally:
            if bar is not None:
                bar.close()
        read, written = self._file.bytes_read - read, self._file.bytes_written - written
        return Run(len(plan) - journal.segment, read, written)

    def _check_same(self, found: Journal, stopped: Journal, segments: int) -> None:
        """Refuses what is not the run that was stopped."""
        if found.amplitudes != stopped.amplitudes:
            raise ValueError(
                f"{str(self.journal)!r} is of a run in another state ({stopped.amplitudes}), and "
                f"this one is in {str(self.path)!r} ({found.amplitudes}): use that one, or "
                "abandon()"
            )
        if found.circuit != stopped.circuit:
            raise ValueError(
                "'circuit' or 'params' is not that of the run that was stopped in "
                f"{str(self.path)!r}: give the same, or use abandon()"
            )
        if found.plan != stopped.plan:
            raise ValueError(
                f"the run in {str(self.path)!r} was cut into other segments, by another version "
                "of numket: resume with that version, or use abandon()"
            )
        count = 2 ** (self.num_qubits - stopped.tile_bits)
        begun = 0 <= stopped.segment < segments and 0 <= stopped.tile < count
        finished = (stopped.segment, stopped.tile, stopped.held) == (segments, 0, False)
        if not (begun or finished):
            raise ValueError(f"{str(self.journal)!r} is no journal of this run: use abandon()")
        if stopped.held and not stopped.is_kept(self.dtype, min(2, count)):
            raise ValueError(
                f"tile {stopped.tile + 1} of pass {stopped.segment + 1} was being written to "
                f"{str(self.path)!r} when the process ended, and is lost: use abandon(), and begin "
                "anew with a copy of the state"
            )

    def _read_all(
        self, work: Callable[[int, NDArray[Any]], T], local: Sequence[int] | None = None
    ) -> list[T]:
        """What comes of each tile of some qubits, the last ones; the next is read meanwhile."""
        n, count = self.num_qubits, 2 ** (self.num_qubits - self._tile_bits)
        local = range(n - self._tile_bits, n) if local is None else local
        tiles, found = Tiles(self.dtype, self._tile_bits, min(2, count)), []
        with ThreadPoolExecutor(1, "numket-file") as pool:
            load = self._file.load
            coming = pool.submit(load, local, 0, tiles[0])
            for number in range(count):
                coming.result()
                if number + 1 < count:
                    coming = pool.submit(load, local, number + 1, tiles[number + 1])
                found.append(work(number, tiles[number]))
        return found


def reading(flips: NDArray[np.bool_], room: int) -> list[int]:
    """The qubits of tiles in which the first of some strings is read, and as many as fit with it.

    Each row of `flips` tells where a string has X or Y.

    >>> reading(np.array([[True, False, False, False], [False, True, False, False]]), 2)
    [0, 1]
    >>> reading(np.array([[True, False, False, False], [False, True, True, False]]), 2)
    [0, 3]
    """
    n = flips.shape[1]
    rows = set(range(n - min(ROW_BITS[-1], max(room - FREE_BITS, 0)), n))
    chosen: set[int] = set()
    for row in flips:
        more = chosen | set(np.flatnonzero(row).tolist())
        if len(more | rows) <= room or (len(more) <= room and not chosen):
            chosen = more
    for qubit in reversed(range(n)):
        if len(chosen) < room:
            chosen.add(qubit)
    return sorted(chosen)


class _Work:
    """A run on a file: what is left of it, and what does it."""

    def __init__(
        self,
        state: FileState,
        circuit: _core.Circuit,
        values: list[float],
        threads: int | None,
        plan: tuple[Segment, ...],
        journal: Journal,
        report: Callable[[int, int], object] | None,
    ) -> None:
        self.state, self.circuit, self.values, self.threads = state, circuit, values, threads
        self.plan, self.journal, self.report = plan, journal, report
        self.count: int = 2 ** (state.num_qubits - journal.tile_bits)
        self.stopping = False

    def run(self) -> None:
        """All that is left; what stops it is told how to go on."""
        try:
            if self.journal.segment < len(self.plan):
                self._finish()
            self._clear()
        except BaseException as error:
            if self.state.journal.exists():  # it may tell of a change that failed on its way
                self.journal = Journal.read(self.state.journal)
            with suppress(OSError):
                self._clear()
            error.add_note(self._note())
            raise

    def _finish(self) -> None:
        """All segments that are left."""
        if not self.journal.held:
            if self.journal.tiles:
                Path(self.journal.tiles).unlink(missing_ok=True)
            self._write(tiles=unused_path())
        bits_of_tile, dtype = self.journal.tile_bits, self.state.dtype
        self.tiles = Tiles(dtype, bits_of_tile, min(2, self.count), self.journal.tiles)
        # Tiles are written and read on one other thread, so in this order.
        with ThreadPoolExecutor(1, "numket-file") as self.pool:
            try:
                if self.journal.held:
                    self._store(self.journal.segment, self.journal.tile)
                while self.journal.segment < len(self.plan):
                    self._segment(self.journal.segment)
            finally:
                self.stopping = True

    def _clear(self) -> None:
        """Removes what nobody needs: tiles, and then the journal that names them."""
        if self.journal.held:
            return
        if self.journal.tiles:
            Path(self.journal.tiles).unlink(missing_ok=True)
        if self._done in (0, len(self.plan) * self.count):
            remove_journal(self.state.journal)

    def _write(self, **changes: Any) -> None:
        """Has the journal tell of a change."""
        changed = replace(self.journal, **changes)
        changed.write(self.state.journal)
        self.journal = changed

    def _segment(self, number: int) -> None:
        """A way through the file."""
        first = self.journal.tile
        coming = self.pool.submit(self._exchange, number, None, first)
        for tile in range(first, self.count):
            self._wait(coming)
            last = tile - 1 if tile > first else None
            following = tile + 1 if tile + 1 < self.count else None
            coming = self.pool.submit(self._exchange, number, last, following)
            self._compute(number, tile)
        self._wait(coming)
        self._wait(self.pool.submit(self._store, number, self.count - 1))

    def _wait(self, coming: "Future[None]") -> None:
        before = self._done
        coming.result()
        if self.report is not None and self._done > before:
            self.report(self._done, len(self.plan) * self.count)

    def _exchange(self, number: int, stored: int | None, loaded: int | None) -> None:
        """Writes a tile and reads another one, in the same memory."""
        if stored is not None:
            self._store(number, stored)
        if loaded is not None and not self.stopping:
            self.state._file.load(self.plan[number].local, loaded, self.tiles[loaded])

    def _store(self, number: int, tile: int) -> None:
        """Writes a tile, before and after which the journal tells of it."""
        self._write(tile=tile, held=True)
        self.state._file.store(self.plan[number].local, tile, self.tiles[tile])
        following = (number, tile + 1) if tile + 1 < self.count else (number + 1, 0)
        self._write(segment=following[0], tile=following[1], held=False)

    def _compute(self, number: int, tile: int) -> None:
        segment, n = self.plan[number], self.state.num_qubits
        fixed = [qubit for qubit in range(n) if qubit not in segment.local]
        axes = {qubit: axis for axis, qubit in enumerate(segment.local)}
        here = dict(zip(fixed, bits(tile, len(fixed)), strict=True))
        part = on_part(segment.circuit, axes, here, self.circuit.parameters)
        try:
            part.run(self.tiles[tile], self.values, threads=self.threads)
        except BaseException as error:
            error.__notes__ = []  # they tell of a tile
            raise

    @property
    def _done(self) -> int:
        """Tiles that are written."""
        return self.journal.segment * self.count + self.journal.tile

    def _note(self) -> str:
        """How far it came, and how to go on."""
        journal = self.journal
        if journal.segment == len(self.plan):
            return "numket stopped after the last tile; the state is what the circuit makes"
        if self._done == 0 and not journal.held:
            return "numket stopped before anything was written; the state is as it was"
        note = (
            f"numket stopped in pass {journal.segment + 1} of {len(self.plan)}, with "
            f"{journal.tile} of {plural(self.count, 'tile')} done"
        )
        if journal.held and not journal.is_kept(self.state.dtype, min(2, self.count)):
            lost = f"tile {journal.tile + 1} is written in part, and lost"
            return f"{note}; {lost}: use abandon(), and begin anew with a copy of the state"
        return (
            f"{note}; {str(self.state.journal)!r} tells of it: use resume(circuit, params) to go on"
        )


def _mean(
    strings: Strings,
    local: Sequence[int],
    fixed: Sequence[int],
    threads: int | None,
    number: int,
    tile: NDArray[Any],
) -> complex:
    """What a tile adds to the expectation value of strings."""
    here = dict(zip(fixed, bits(number, len(fixed)), strict=True))
    part = strings.between(local, here, here)
    return 0j if part is None else complex(part.expectation(tile, threads=threads))


def passes(circuit: _core.Circuit, tile_bits: int) -> tuple[Segment, ...]:
    """The segments of a circuit on a file with tiles of so many qubits.

    >>> circuit = nk.Circuit(10).h(range(10))
    >>> [segment.local for segment in passes(circuit, 8)]
    [(2, 3, 4, 5, 6, 7, 8, 9), (0, 1, 4, 5, 6, 7, 8, 9)]
    """
    found: list[tuple[float, tuple[Segment, ...]]] = []
    rows = [min(most, max(tile_bits - FREE_BITS, 0)) for most in ROW_BITS]
    for in_rows in dict.fromkeys(rows):
        try:
            segments = circuit.segments(tile_bits, always=in_rows, link=0.0).segments
        except ValueError:  # an operation mixes too many others
            if in_rows == rows[-1]:
                raise
            continue
        found.append((len(segments) * (1 + REQUEST / (16 << in_rows)), segments))
    return min(found, key=lambda each: each[0])[1]


def tile_bits(num_qubits: int, dtype: np.dtype[Any], memory: int) -> int:
    """The qubits of a tile: all, or as many as fit twice into the memory.

    >>> tile_bits(30, np.dtype(complex), 2**33), tile_bits(20, np.dtype(complex), 2**24)
    (28, 20)
    """
    amplitudes = memory // dtype.itemsize
    return num_qubits if amplitudes >> num_qubits else amplitudes.bit_length() - 2


def bytes_of(memory: int | str | None) -> int:
    """A number of bytes as it may be given.

    >>> bytes_of("8GiB") == 2**33, bytes_of("1.5 MB"), bytes_of(4096)
    (True, 1500000, 4096)
    """
    if memory is None:
        return max((_core.free_memory() or 2**30) // 2, LEAST_MEMORY)
    if isinstance(memory, str):
        found = re.fullmatch(r"([0-9]{1,20}(?:\.[0-9]+)?) *([A-Za-z]*)", memory.strip())
        unit = found and found[2].replace("k", "K")
        if found is None or unit not in UNITS:
            raise ValueError(
                f"'memory' is {memory!r:.80}; it must be a number of bytes: use an int, or a "
                "number with a unit as '8GiB' or '500MB'"
            )
        count = int(float(found[1]) * UNITS[str(unit)])
    elif isinstance(memory, bool) or not hasattr(memory, "__index__"):
        raise TypeError(
            f"'memory' is a {type(memory).__name__:.80}; it must be a number of bytes: use an int "
            "or '8GiB'"
        )
    else:
        count = operator.index(memory)
    if count < LEAST_MEMORY:
        raise ValueError(
            f"'memory' is {count} bytes; two tiles must fit: use {LEAST_MEMORY} at least"
        )
    return count


class _Amplitudes(NamedTuple):
    """The amplitudes that a file has."""

    path: Path
    start: int
    size: int
    dtype: np.dtype[Any]
    num_qubits: int | None

    def qubits(self, given: int | None) -> int:
        """How many qubits that makes; refuses another number than is given."""
        size = self.dtype.itemsize
        if given is None:
            found = max(self.size // size, 1).bit_length() - 1
            count = found if self.num_qubits is None else self.num_qubits
        else:
            count = nk.Circuit(given).num_qubits
            if self.num_qubits not in (None, count):
                raise ValueError(
                    f"'num_qubits' is {count}, and the array in {str(self.path)!r} has "
                    f"{self.num_qubits}: leave it out"
                )
        if count < 1:
            raise ValueError(
                f"{str(self.path)!r} has no qubits: a state has two amplitudes at least"
            )
        needed = size << count
        if self.size != needed:
            word, remedy = "shorter", "it may have been cut"
            if self.size > needed:
                word, remedy = "longer", "give another 'num_qubits' or 'dtype'"
            raise ValueError(
                f"{str(self.path)!r} is {word} than its state: it has {self.size} bytes of "
                f"amplitudes, and {plural(count, 'qubit')} in {self.dtype} take {needed}: {remedy}"
            )
        return count


def _kind(dtype: DTypeLike, holder: str = "'dtype'") -> np.dtype[Any]:
    """Refuses what is no dtype of amplitudes."""
    kind = np.dtype(dtype)
    if kind not in (np.dtype(np.complex128), np.dtype(np.complex64)):
        raise TypeError(
            f"{holder} is {kind!s:.80}; amplitudes in a file are complex128 or complex64, in the "
            "machine's byte order: write others anew"
        )
    return kind


def _described(path: Path, dtype: DTypeLike | None) -> _Amplitudes:
    """What a file says of itself."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(
            errno.EINVAL, "it is no regular file, which a state needs: use another path", str(path)
        )
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(6) != np.lib.format.MAGIC_PREFIX:
            return _Amplitudes(
                path, 0, size, _kind(np.complex128 if dtype is None else dtype), None
            )
        file.seek(0)
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(
                f"{str(path)!r} is of version {version} of NumPy's format: write it anew by np.save"
            )
        read = np.lib.format.read_array_header_1_0
        read = read if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, kind = read(file)
        start = file.tell()
    kind = _kind(kind, f"the dtype of {str(path)!r}")
    if dtype is not None and _kind(dtype) != kind:
        raise TypeError(f"'dtype' is {dtype!s:.80}, and {str(path)!r} has {kind}: leave it out")
    count = prod(shape).bit_length() - 1
    if shape not in ((2 ** max(count, 0),), (2,) * count) or (fortran and len(shape) > 1):
        order = " in Fortran order" if fortran and len(shape) > 1 else ""
        raise ValueError(
            f"the array in {str(path)!r} has shape {shape!s:.80}{order}; a state has (2**n,) or "
            "(2,) * n in C order: write it anew"
        )
    return _Amplitudes(path, start, size - start, kind, count)


def _journal_of(path: Path) -> Path:
    """The journal of a run in a file."""
    return path.with_name(path.name + ".journal")


def _header(dtype: np.dtype[Any], num_qubits: int) -> bytes:
    """What a file of NumPy begins with, padded to a page, so that rows of tiles are whole pages.

    >>> len(_header(np.dtype(complex), 3))
    4096
    """
    told = {"descr": dtype.str, "fortran_order": False, "shape": (2**num_qubits,)}
    begin = np.lib.format.magic(1, 0)
    rest = PAGE - len(begin) - 2
    return begin + rest.to_bytes(2, "little") + f"{told!r}".ljust(rest - 1).encode() + b"\n"


def _mapped(array: NDArray[Any]) -> _Amplitudes:
    """The file that an array is mapped to."""
    root: Any = array
    while isinstance(root.base, np.ndarray):
        root = root.base
    if not isinstance(root, np.memmap) or root.filename is None:
        raise TypeError(
            "'path' is an array in memory; a file is needed: use circuit.run(state), or a "
            "numpy.memmap"
        )
    if root.mode not in ("r+", "w+") or not array.flags.writeable:
        raise ValueError(
            f"'path' is an array with mode {root.mode!r}, which does not change its file: open it "
            "with mode='r+'"
        )
    if not array.flags.c_contiguous or array.size & (array.size - 1) or not array.size:
        raise ValueError(
            f"'path' is an array of shape {array.shape!s:.80}; a state has 2**n amplitudes in C "
            "order: use the whole file"
        )
    if not _maps(root):
        raise ValueError(
            f"'path' is an array of a file that is no longer at {str(root.filename)!r}: open it "
            "anew"
        )
    start = root.offset + array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
    return _Amplitudes(Path(root.filename), start, array.nbytes, _kind(array.dtype, "'path'"), None)


def _maps(array: "np.memmap[Any, Any]") -> bool:
    """Whether the file of that name is the one that the array is mapped to, if Linux tells."""
    address = array.__array_interface__["data"][0]
    try:
        lines = Path("/proc/self/maps").read_text(errors="surrogateescape").splitlines()
    except OSError:
        return True
    for line in lines:
        span, _, _, _, _, path = [*line.split(maxsplit=5), ""][:6]
        begin, end = (int(number, 16) for number in span.split("-"))
        if begin <= address < end:
            try:
                return os.path.samefile(path.replace("\\012", "\n"), str(array.filename))
            except OSError:
                return False
    return True


def run_mapped(
    circuit: _core.Circuit,
    state: NDArray[Any],
    params: Any,
    threads: int | None,
    progress: bool | Callable[[int, int], object] | None,
    memory: int | str,
) -> None:
    """What ``Circuit.run`` does with ``memory=``."""
    with FileState(state, memory=memory) as file:
        file.run(circuit, params, threads=threads, progress=progress)


def advise(state: NDArray[Any]) -> None:
    """Warns of a state in a file that is larger than what is free of memory.

    >>> advise(np.zeros(2))  # in memory
    """
    root: Any = state
    while isinstance(root, np.ndarray) and not isinstance(root, np.memmap):
        root = root.base
    free = _core.free_memory()
    if isinstance(root, np.memmap) and free is not None and state.nbytes > free:
        warnings.warn(
            f"'state' is mapped to a file and has {size_text(state.nbytes)}, of which "
            f"{size_text(free)} are free in memory: run(state, memory='{size_text(free // 2)}') "
            "takes far less time, as it reads the file in long rows",
            RuntimeWarning,
            stacklevel=2,
        )
