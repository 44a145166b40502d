"""How a circuit runs, as ``Circuit.explain`` tells it: its sweeps over the memory of a state."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from numket import _core
from numket._names import public as _public
from numket._numbers import duration, plural, ranges, size_text
from numket.display import Card, Row

__all__ = ["Plan", "Sweep"]

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
