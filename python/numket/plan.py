"""How a circuit runs, as ``Circuit.explain`` tells it: in sweeps over memory, and on parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from numket import _core
from numket._names import public as _public
from numket._numbers import duration, plural, ranges, size_text
from numket.display import Card, Row

__all__ = ["PartedPlan", "Plan", "Segment", "Segments", "Sweep"]

__dir__ = _public(globals())

MAX_ROWS = 20
"""Sweeps that are listed."""


class Sweep(NamedTuple):
    """A way once through the memory of a state.

    Parameters
    ----------
    qubits : tuple of int
        Those inside its tiles, the parts of the state that stay in a cache meanwhile; none where it
        goes straight over the state.
    operations : tuple of int
        The numbers of the operations that it completes. Sweeps before it may have applied parts of
        them.
    steps : int
        How many of the steps of the plan it does. One that only reads does none.
    bytes : int
        What it reads and writes at most, on a flat state in complex128.
    seconds : float
        What one thread needs for it.
    draw : tuple of int and tuple of int, optional
        The operation that it measures, resets or draws a Kraus operator for, and its qubits.
    only_reads : bool
        Whether it reads and does not write, as before such a draw.

    Examples
    --------
    >>> import numket as nk
    >>> nk.Circuit(3).h(0).cx(0, 1).explain().sweeps[0].operations
    (0, 1)
    """

    qubits: tuple[int, ...]
    operations: tuple[int, ...]
    steps: int
    bytes: int
    seconds: float
    draw: tuple[int, tuple[int, ...]] | None = None
    only_reads: bool = False


@dataclass(frozen=True, repr=False)
class Plan:
    """How a circuit runs on a flat state in complex128, as ``Circuit.explain`` tells it.

    Parameters
    ----------
    circuit : Circuit
        As it was then.
    steps : int
        What the operations have become: rotations, tables of phases, flips, matrices.
    passes : int
        How often amplitudes go through registers, in all sweeps.
    work : int
        Arithmetic instructions for each register of real numbers, in all passes.
    sweeps : tuple of Sweep
        What is done, in this order, each time once through the memory of the state. Not listed is
        the look at the norm before the first random number.
    prepare_bytes : int
        What `Circuit.prepare` reads and writes, at most: it writes ``|0...0>``, and leaves out
        operations that do nothing to it and tiles that are known to be 0.

    Examples
    --------
    >>> import numket as nk
    >>> plan = nk.Circuit(3).h(0).cx(0, 1).explain()
    >>> plan.operations, len(plan.sweeps), plan.bytes
    (2, 1, 256)
    """

    circuit: _core.Circuit
    steps: int
    passes: int
    work: int
    sweeps: tuple[Sweep, ...]
    prepare_bytes: int

    @property
    def num_qubits(self) -> int:
        """Of the circuit."""
        return self.circuit.num_qubits

    @property
    def operations(self) -> int:
        """How many the circuit has."""
        return len(self.circuit)

    @property
    def bytes(self) -> int:
        """What all sweeps read and write together, at most."""
        return sum(sweep.bytes for sweep in self.sweeps)

    @property
    def seconds(self) -> float:
        """What one thread needs for all sweeps.

        It is estimated for a state without zeros and a CPU with AVX-512, and leaves out what each
        call takes.
        """
        return sum(sweep.seconds for sweep in self.sweeps)

    @property
    def numbers(self) -> list[int | None]:
        """For each operation the number of the sweep that completes it.

        None where it has no effect, as others undo it.
        """
        numbers: list[int | None] = [None] * self.operations
        for number, sweep in enumerate(self.sweeps):
            for operation in sweep.operations:
                numbers[operation] = number
        return numbers

    @property
    def _title(self) -> str:
        text = (
            f"{plural(self.operations, 'operation')} on {plural(self.num_qubits, 'qubit')} in "
            f"{plural(len(self.sweeps), 'sweep')} over the state: {size_text(self.bytes)} read and "
            f"written, about {duration(self.seconds)} on one thread"
        )
        idle = self.operations - sum(len(sweep.operations) for sweep in self.sweeps)
        return text + (f"; {plural(idle, 'operation')} without effect" if idle else "")

    def _row(self, number: int, sweep: Sweep) -> Row:
        from numket.pictures import sweep_colour

        done = plural(len(sweep.operations), "operation")
        if sweep.draw:
            place, qubits = sweep.draw
            kind = "reads" if sweep.only_reads else "writes"
            where = f"{kind} for {self.circuit[place].name} of {_qubits(qubits)}"
        elif len(sweep.qubits) == self.num_qubits:
            where = "tile of all qubits"
        elif sweep.qubits:
            where = f"tiles of {_qubits(sweep.qubits)}"
        else:
            where = "straight over the state"
        cells = (f"sweep {number}", done, where, "", duration(sweep.seconds))
        return Row(cells, sweep.seconds, colour=sweep_colour(number))

    def _card(self, picture: str = "") -> Card:
        rows = [self._row(number, sweep) for number, sweep in enumerate(self.sweeps[:MAX_ROWS])]
        notes = []
        if len(rows) < len(self.sweeps):
            notes.append(f"... and {plural(len(self.sweeps) - len(rows), 'more sweep')}")
        if self.prepare_bytes < self.bytes:
            saved = size_text(self.prepare_bytes)
            notes.append(f"prepare, from |0...0>, reads and writes {saved} at most")
        heads = ("sweep", "completes", "where", "", "time")
        return Card(self._title, heads, rows, notes=notes, picture=picture)

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_html_(self) -> str:
        """The circuit in the colours of its sweeps, and a table of these."""
        from numket.drawing import REPR_COLUMNS, layout
        from numket.pictures import embedded, svg

        made = layout(self.circuit, REPR_COLUMNS, self.numbers)
        picture = embedded(svg(made, 100), "the circuit in the colours of its sweeps")
        return self._card(picture if self.operations else "")._repr_html_()


def _qubits(qubits: Iterable[int]) -> str:
    """These qubits.

    >>> _qubits([3]), _qubits([0, 1, 2, 7])
    ('qubit 3', 'qubits 0-2 7')
    """
    found = list(qubits)
    return f"qubit{'' if len(found) == 1 else 's'} {ranges(found)}"


def plan_of(
    circuit: _core.Circuit,
    steps: int,
    passes: int,
    work: int,
    sweeps: Iterable[tuple[Any, Any, tuple[int, float], tuple[Any, bool]]],
    prepare_ways: float,
) -> Plan:
    """What ``Circuit.explain`` returns, of what Rust tells of each sweep."""
    size = 16 << circuit.num_qubits
    made = [
        Sweep(
            qubits,
            operations,
            own_steps,
            size * (1 if only_reads else 2),
            seconds,
            draw,
            only_reads,
        )
        for qubits, operations, (own_steps, seconds), (draw, only_reads) in sweeps
    ]
    return Plan(circuit, steps, passes, work, tuple(made), int(size * prepare_ways))


class Segment(NamedTuple):
    """Operations that mix only some qubits.

    Parameters
    ----------
    local : tuple of int
        These qubits, and maybe others that are local then.
    circuit : Circuit
        The operations.

    Examples
    --------
    >>> import numket as nk
    >>> nk.Circuit(3).h(0).h(2).segments(2).segments[1].local
    (0, 2)
    """

    local: tuple[int, ...]
    circuit: _core.Circuit


class Segments(NamedTuple):
    """A circuit in segments, as ``Circuit.segments`` gives it.

    Parameters
    ----------
    segments : tuple of Segment
        To be done in this order.
    places : tuple of int
        Which qubit each has become in the end: itself, unless swaps only relabel.

    Examples
    --------
    >>> import numket as nk
    >>> nk.Circuit(2).swap(0, 1).segments(1, relabel=True)
    Segments(segments=(), places=(1, 0))
    """

    segments: tuple[Segment, ...]
    places: tuple[int, ...]


def segments_of(found: Iterable[tuple[Any, Any]], places: tuple[int, ...]) -> Segments:
    """What ``Circuit.segments`` returns, of what Rust has made."""
    return Segments(tuple(Segment(*each) for each in found), places)


RATE = 1e9
"""Bytes a second, for which it is told how long moving amplitudes takes."""


@dataclass(frozen=True, repr=False)
class PartedPlan:
    """How a circuit runs on a state in parts, in complex128, as ``Circuit.explain`` tells it.

    The parts are those of the ranks of numket.mpi, which exchange amplitudes between two segments;
    or tiles of a numket.FileState, which reads and writes all of them in each.

    Parameters
    ----------
    circuit : Circuit
        As it was then.
    local_qubits : int
        The qubits of a part.
    in_file : bool
        Whether they are tiles of a file.
    segments : tuple of Segment
        What is done, in this order.
    seconds_of : tuple of float
        What one thread needs for each segment in a part.

    Examples
    --------
    >>> import numket as nk
    >>> plan = nk.Circuit(30).h(range(30)).explain(memory="8GiB")
    >>> plan.parts, len(plan.segments), plan.bytes == 4 * 2**34
    (4, 2, True)
    """

    circuit: _core.Circuit
    local_qubits: int
    in_file: bool
    segments: tuple[Segment, ...]
    seconds_of: tuple[float, ...]

    @property
    def parts(self) -> int:
        """How many there are."""
        return int(2 ** (self.circuit.num_qubits - self.local_qubits))

    @property
    def _sent(self) -> list[float]:
        """For each segment, what each part sends before it, in sizes of a part; not of a file."""
        n = self.circuit.num_qubits
        now, sent = set(range(n - self.local_qubits, n)), []
        for segment in self.segments:
            come = len(set(segment.local) - now)
            sent.append(0.0 if self.in_file else 1 - 0.5**come)
            now = set(segment.local)
        return sent

    @property
    def exchanges(self) -> int:
        """How often parts exchange amplitudes; 0 for a file."""
        return sum(sent > 0 for sent in self._sent)

    @property
    def parts_sent(self) -> float:
        """What each part sends in all exchanges, in sizes of a part; 0 for a file."""
        return sum(self._sent)

    @property
    def passes(self) -> int:
        """How often a file is gone through; 0 without one."""
        return len(self.segments) if self.in_file else 0

    @property
    def _bytes_of(self) -> list[int]:
        part = 16 << self.local_qubits
        if self.in_file:
            return [2 * part * self.parts for _ in self.segments]
        return [int(part * sent) for sent in self._sent]

    @property
    def bytes(self) -> int:
        """What is read from a file and written to it; or else what each part sends."""
        return sum(self._bytes_of)

    @property
    def seconds(self) -> float:
        """What one thread needs to compute: for all tiles of a file, or for one part.

        It is an estimate, as that of `Plan`.
        """
        return sum(self.seconds_of) * (self.parts if self.in_file else 1)

    @property
    def _title(self) -> str:
        parts = f"{plural(self.parts, 'tile' if self.in_file else 'part')}"
        text = (
            f"{plural(len(self.circuit), 'operation')} on "
            f"{plural(self.circuit.num_qubits, 'qubit')}, in {parts} of "
            f"{plural(self.local_qubits, 'qubit')}: "
        )
        if self.in_file:
            text += f"{self.passes} {'pass' if self.passes == 1 else 'passes'} over the file, "
            move = f"{size_text(self.bytes)} read and written"
        else:
            text += f"{plural(len(self.segments), 'segment')}, {plural(self.exchanges, 'exchange')}"
            move = f" in which each sends {size_text(self.bytes)}"
        return (
            f"{text}{move}; about {duration(self.seconds)} on one thread"
            f"{'' if self.in_file else ' each'}, and {duration(self.bytes / RATE)} to move "
            "at 1 GB/s"
        )

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_html_(self) -> str:
        """A table of the segments."""
        return self._card()._repr_html_()

    def _card(self) -> Card:
        from numket.pictures import sweep_colour

        rows = []
        times = self.parts if self.in_file else 1
        for number, segment in enumerate(self.segments[:MAX_ROWS]):
            seconds = self.seconds_of[number] * times
            cells = (
                f"{'pass' if self.in_file else 'segment'} {number}",
                plural(len(segment.circuit), "operation"),
                f"local {_qubits(segment.local)}",
                f"{size_text(self._bytes_of[number])} moved" if self._bytes_of[number] else "",
                duration(seconds),
            )
            rows.append(Row(cells, seconds, colour=sweep_colour(number)))
        notes = []
        if len(rows) < len(self.segments):
            notes.append(f"... and {plural(len(self.segments) - len(rows), 'more segment')}")
        heads = ("pass" if self.in_file else "segment", "does", "where", "moves", "time")
        return Card(self._title, heads, rows, notes=notes)


def parted_plan(circuit: _core.Circuit, local_qubits: Any, ranks: Any, memory: Any) -> PartedPlan:
    """What ``Circuit.explain`` returns for a state in parts."""
    from numket._segments import on_part
    from numket.files import bytes_of, passes, tile_bits

    given = {"local_qubits": local_qubits, "ranks": ranks, "memory": memory}
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise TypeError(
            f"{' and '.join(map(repr, names))} are given; each says how large parts are: give one"
        )
    n = circuit.num_qubits
    if n == 0:
        raise ValueError(
            f"the circuit has no qubits; {names[0]!r} needs one at least: leave it out"
        )
    if memory is not None:
        local_qubits = tile_bits(n, np.dtype(complex), bytes_of(memory))
        segments = passes(circuit, local_qubits)
    else:
        if ranks is not None:
            ranks = _core.whole_number("ranks", ranks)
            if ranks < 1 or ranks & ranks - 1 or ranks >> max(n - 1, 0) > 1:
                raise ValueError(
                    f"'ranks' is {ranks}; parts are a power of two, and have one qubit at least: "
                    f"use 1 to {2 ** max(n - 1, 0)}"
                )
            local_qubits = n - (ranks.bit_length() - 1)
        local_qubits = _core.whole_number("local_qubits", local_qubits)
        if not 1 <= local_qubits <= n:
            raise ValueError(f"'local_qubits' is {local_qubits}; parts have qubits: use 1 to {n}")
        segments = circuit.segments(local_qubits, relabel=True).segments
    seconds = []
    for segment in segments:
        axes = {qubit: axis for axis, qubit in enumerate(segment.local)}
        ones = {qubit: 1 for qubit in range(n) if qubit not in axes}
        part = on_part(segment.circuit, axes, ones, circuit.parameters)
        seconds.append(sum(sweep.seconds for sweep in part.explain().sweeps))
    return PartedPlan(circuit.copy(), local_qubits, memory is not None, segments, tuple(seconds))
