"""Pictures of circuits as text, as SVG, and by Matplotlib: the same facts in the same columns.

Operations become elements, which are put into columns from left to right, as far left as the qubits
and the classical bits that they use allow. Text, SVG and Matplotlib draw these columns.
"""

import math
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket import _core, channels
from numket._names import public as _public
from numket._numbers import multiple_of_pi, plural
from numket.circuit import Operation
from numket.parameter import Expression

__all__ = ["Drawing"]

__dir__ = _public(globals())

GATES = {gate["name"]: gate for gate in _core.GATES}
LABELS = {
    **{name: name.upper() for name in ("x", "y", "z", "h", "s", "t", "p", "u", "ecr")},
    **{name: name.capitalize() for name in ("rx", "ry", "rz", "rxx", "ryy", "rzz", "rzx")},
    **{"sdg": "S†", "tdg": "T†", "sx": "√X", "sxdg": "√X†", "iswap": "iSWAP"},
}
CROSS = "\N{MULTIPLICATION SIGN}"
SYMBOLS = "●○" + CROSS
MATRICES = {"apply": "U", "apply_diagonal": "D", "apply_permutation": "Π", "apply_kraus": "K"}
KINDS = {"measure": "measure", "reset": "measure", "apply_kraus": "channel"}

REPR_COLUMNS, MAX_COLUMNS = 30, 200
"""Columns of operations that `repr` and `draw` show."""
MAX_WIRES = 32
"""Qubits that a picture shows."""
MAX_LABEL = 40
"""Characters of a label."""
LARGE = 1 << 16
"""Bytes up to which matrices are compared, so that equal ones have one name."""


class Drawing(str):
    """A picture of a circuit: a str that prints as it is, and that a notebook shows as a picture.

    Parameters
    ----------
    text : str
        Lines of text, or an SVG file.

    Examples
    --------
    >>> import numket as nk
    >>> picture = nk.Circuit(1).h(0).draw("svg")
    >>> picture[:4], isinstance(picture, str)
    ('<svg', True)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str | None:
        from numket.pictures import embedded

        return embedded(self, "circuit") if self.startswith("<svg") else None


@dataclass
class Element:
    """What an operation looks like: texts on wires, joined by a line or inside a box."""

    place: int
    """Number of the operation."""
    cells: dict[int, str]
    """What stands on a wire: a label, ``●`` or ``○`` for a control, or a cross."""
    kind: str = "gate"
    """What it is: gate, angle, matrix, channel or measure."""
    box: tuple[int, int] | None = None
    """The first and the last wire of a box over several."""
    name: str = ""
    """What a box is called."""
    writes: tuple[int, ...] = ()
    """Classical bits."""
    reads: tuple[int, ...] = ()
    column: int = 0
    sweep: int | None = None
    """The sweep that completes it, where pictures show sweeps."""

    def tag(self, text: str) -> None:
        """Puts this after its label, behind a colon."""
        if self.box is not None:
            self.name += f":{text}"
            return
        labels = [wire for wire, cell in self.cells.items() if cell[0] not in SYMBOLS]
        crosses = [wire for wire, cell in self.cells.items() if cell[0] == CROSS]
        self.cells[max(labels or crosses or self.cells)] += f":{text}"

    @property
    def span(self) -> tuple[int, int]:
        return min(self.cells), max(self.cells)

    @property
    def width(self) -> int:
        """In characters."""
        if self.box is not None:
            return max(*(len(cell) + 1 for cell in self.cells.values()), len(self.name)) + 2
        # A symbol stands in the middle, whatever is said beside it.
        cells = self.cells.values()
        return max(2 * len(cell) - 1 if cell[0] in SYMBOLS else len(cell) for cell in cells)


@dataclass
class Layout:
    """The elements of the first columns of a circuit."""

    circuit: _core.Circuit
    elements: list[Element] = field(default_factory=list)
    shown: int = 0
    """How many operations these are."""
    notes: list[str] = field(default_factory=list)
    """What else is to be said."""
    numbers: Sequence[int | None] | None = None
    """For each operation the sweep that completes it, if that is shown."""

    @property
    def wires(self) -> int:
        return min(self.circuit.num_qubits, MAX_WIRES)

    @property
    def widths(self) -> list[int]:
        """Of the columns, in characters."""
        widths = [1] * (1 + max((element.column for element in self.elements), default=-1))
        for element in self.elements:
            widths[element.column] = max(widths[element.column], element.width)
        return widths

    @property
    def sweeps(self) -> list[int | None]:
        """Those that are shown, in order; last None, for operations without effect."""
        found = {element.sweep for element in self.elements} if self.numbers is not None else set()
        return sorted(found, key=lambda sweep: math.inf if sweep is None else sweep)

    def blocks(self, fold: int) -> list[range]:
        """The columns of each line of wires."""
        blocks, start, room = [], 0, 0
        for column, width in enumerate(self.widths):
            if column > start and room + width + 1 > fold - self.margin - 1:
                blocks.append(range(start, column))
                start, room = column, 0
            room += width + 1
        return [*blocks, range(start, len(self.widths))]

    @property
    def margin(self) -> int:
        """Characters before the wires."""
        return len(f"q{self.wires - 1}: ")


def number_text(value: float) -> str:
    """A real number in few characters, simple multiples of pi as such.

    >>> number_text(0.1234567), number_text(-3 * np.pi / 4), number_text(0.0), number_text(2.0)
    ('0.1235', '-3π/4', '0', '2')
    """
    return multiple_of_pi(value, 1e-13 * abs(value)) or f"{value:.4g}"


def angle_text(angle: Any) -> str:
    """An angle, which may have parameters.

    >>> import numket as nk
    >>> angle_text(2 * nk.Parameter("theta") - nk.Parameter("x") + np.pi / 2)
    '2*theta - x + π/2'
    """
    if not isinstance(angle, Expression):
        return number_text(angle)
    parts = []
    for name, factor in angle.terms.items():
        size = number_text(abs(factor))
        parts.append(("-" if factor < 0 else "+", name if size == "1" else f"{size}*{name}"))
    if angle.offset or not parts:
        parts.append(("-" if angle.offset < 0 else "+", number_text(abs(angle.offset))))
    text = " ".join(f"{sign} {part}" for sign, part in parts)
    return text.removeprefix("+ ").replace("- ", "-", text.startswith("- "))


def channel_text(operators: NDArray[np.complex128]) -> str | None:
    """The call of `numket.channels` that gives these Kraus operators.

    >>> import numket as nk
    >>> channel_text(nk.channels.depolarizing(0.1)), channel_text(nk.channels.bit_flip(0.5)[::-1])
    ('depolarizing(0.1)', None)
    """
    count, dim = operators.shape[:2]
    second = float(abs(operators[1]).max()) ** 2 if count > 1 else 2.0
    values: tuple[float, ...]
    tries: list[tuple[str, tuple[float, ...], tuple[int, ...]]] = []
    if (count, dim) == (2, 2):
        named = ("bit_flip", "phase_flip", "bit_phase_flip", "amplitude_damping", "phase_damping")
        tries += [(name, (second,), ()) for name in named]
    elif count == dim**2 and 2 <= dim <= 16:
        tries.append(("depolarizing", (second * count,), (dim.bit_length() - 1,)))
        if dim == 2 and operators[0, 0, 0]:
            stay = abs(operators[0, 1, 1] / operators[0, 0, 0]) ** 2
            values = (1 - stay, abs(operators[0, 0, 0]) ** 2)
            tries.append(("generalized_amplitude_damping", values, ()))
    for name, values, size in tries:
        rounded = [round(float(value), 12) for value in values]
        if all(0 <= value <= 1 for value in rounded):
            made = getattr(channels, name)(*rounded, *size)
            if np.allclose(made, operators, rtol=0, atol=1e-9):
                return f"{name}({', '.join(f'{value:.4g}' for value in rounded)})"
    return None


class _Labels:
    """Names for matrices: equal ones have the same."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}

    def of(self, operation: Operation) -> str:
        (array,) = operation.params
        if operation.name == "apply_kraus":
            known = channel_text(array)
            if known:
                return known
        prefix = MATRICES[operation.name]
        key = array.tobytes() if array.nbytes <= LARGE else object()
        numbers = {number for (one, _), number in self.known.items() if one == prefix}
        number = self.known.setdefault((prefix, key), len(numbers) + 1)
        return prefix + str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _cut(text: str) -> str:
    """A label of bounded length that any terminal and any file can hold."""
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"


def condition_text(operation: Operation) -> str:
    """When an operation is done."""
    asked = ",".join(f"c{bit}={value}" for bit, value in operation.condition)
    return f" if {asked}" if asked else ""


def elements(place: int, operation: Operation, labels: _Labels) -> Iterator[Element]:
    """What an operation looks like; none where it has no wire."""
    name, params, qubits, controls, values, bits, condition = operation
    suffix = condition_text(operation)
    reads = tuple(bit for bit, _ in condition)
    gate = GATES.get(name)
    own = gate["controls"] if gate else 0
    cells = dict.fromkeys(qubits[:own], "●")
    cells |= {qubit: "●" if value else "○" for qubit, value in zip(controls, values, strict=True)}
    targets = qubits[own:]
    if name == "measure":
        error = f" error({params[0]:.4g}, {params[1]:.4g})" if params else ""
        for qubit, bit in zip(qubits, bits, strict=True):
            text = _cut(f"M c{bit}{error}{suffix}")
            yield Element(place, {qubit: text}, "measure", writes=(bit,), reads=reads)
        return
    if name == "reset":
        for qubit in qubits:
            yield Element(place, {qubit: _cut(f"|0>{suffix}")}, "measure", reads=reads)
        return
    if name == "gphase":
        if cells:
            last = max(cells)
            cells[last] = _cut(f"{cells[last]} phase({angle_text(params[0])}){suffix}")
            yield Element(place, cells, "angle", reads=reads)
        return
    base = name.lstrip("c") if own else name
    letters: tuple[str, ...] = ()
    if name in MATRICES:
        kind = KINDS.get(name, "matrix")
        text = labels.of(operation)
        letters = tuple(map(str, range(len(targets))))
    elif name == "apply_pauli":
        kind, text, letters = "gate", "", tuple(params[0])
    elif name == "pauli_rotation":
        kind, text, letters = "angle", f"R({angle_text(params[0])})", tuple(params[1])
        if len(letters) == 1:
            text = f"R{letters[0].lower()}({angle_text(params[0])})"
    elif name == "phase":
        kind, text = "angle", f"Phase({angle_text(params[1])})"
        letters = tuple(map(str, range(len(targets))))
    elif base == "swap":
        yield Element(place, _swapped(cells, targets, suffix), reads=reads)
        return
    else:
        kind = "angle" if params else "gate"
        inside = f"({', '.join(map(angle_text, params))})" if params else ""
        text = LABELS[base] + inside
        letters = tuple(base[1:].upper()) if base[0] == "r" else ("0", "1")
        letters = (CROSS, CROSS) if base == "iswap" else letters
    if len(targets) == 1:
        text = text or letters[0]
        yield Element(place, cells | {targets[0]: _cut(text + suffix)}, kind, reads=reads)
    elif targets:
        cells |= dict(zip(targets, letters, strict=True))
        box = min(targets), max(targets)
        yield Element(place, cells, kind, box, _cut(text + suffix), reads=reads)


def _swapped(cells: dict[int, str], targets: tuple[int, ...], suffix: str) -> dict[int, str]:
    cells |= dict.fromkeys(targets, CROSS)
    cells[max(targets)] = _cut(CROSS + suffix)
    return cells


def layout(
    circuit: _core.Circuit,
    columns: int = MAX_COLUMNS,
    numbers: Sequence[int | None] | None = None,
) -> Layout:
    """Puts the first operations into columns, with the numbers of their sweeps if given."""
    made = Layout(circuit, numbers=numbers)
    free = [0] * circuit.num_qubits
    written: dict[int, int] = {}  # for each bit, the column after that which has measured it
    read: dict[int, int] = {}  # and that which has looked at it
    labels = _Labels()
    phase: Any = 0.0
    total, chunk = len(circuit), 64
    while made.shown < total:
        part = circuit[made.shown : made.shown + chunk]
        chunk *= 2
        for place, operation in enumerate(part, made.shown):
            found = list(elements(place, operation, labels))
            for element in found:
                if numbers is not None:
                    element.sweep = numbers[place]
                    element.tag("-" if element.sweep is None else str(element.sweep))
                low, high = element.span
                after = [written.get(bit, 0) for bit in element.reads + element.writes]
                after += [read.get(bit, 0) for bit in element.writes]
                element.column = max(free[low : high + 1] + after)
                if element.column >= columns:
                    rest = total - made.shown
                    made.notes.append(f"... and {plural(rest, 'more operation')}")
                    made.elements = [one for one in made.elements if one.place < made.shown]
                    return _finished(made, phase)
                free[low : high + 1] = [element.column + 1] * (high + 1 - low)
                written |= dict.fromkeys(element.writes, element.column + 1)
                for bit in element.reads:
                    read[bit] = max(read.get(bit, 0), element.column + 1)
                made.elements.append(element)
            if operation.name == "gphase" and not operation.controls:
                if operation.condition:
                    text = angle_text(operation.params[0]) + condition_text(operation)
                    made.notes.append(_cut(f"global phase {text}"))
                    made.notes = made.notes[:MAX_WIRES]
                else:
                    phase = phase + operation.params[0]
            made.shown += 1
    return _finished(made, phase)


def _finished(made: Layout, phase: Any) -> Layout:
    """With the notes that are known in the end, and without what no picture shows."""
    if isinstance(phase, Expression) or phase:
        made.notes.insert(0, _cut(f"global phase {angle_text(phase)}"))
    hidden = made.circuit.num_qubits - made.wires
    if hidden:
        made.notes.append(f"... and {plural(hidden, 'more qubit')}")
        made.elements = [one for one in made.elements if one.span[0] < made.wires]
    return made


def _wire(element: Element | None, wire: int, width: int) -> str:
    """A wire in a column."""
    if element is None:
        return "─" * width
    middle = width // 2
    cell = element.cells.get(wire)
    if element.box and element.box[0] <= wire <= element.box[1]:
        inner = max(element.width, 3) - 2
        text = "┼" + "─" * inner + "┼" if cell is None else f"┤{cell:<{inner}}├"
    else:
        text = "┼" if cell is None else cell
    left = middle - (0 if text[0] in SYMBOLS else len(text) // 2)
    return "─" * left + text + "─" * (width - left - len(text))


def _gap(element: Element | None, wire: int, width: int) -> str:
    """What stands between a wire and the next in a column."""
    if element is None or not element.span[0] <= wire < element.span[1]:
        return " " * width
    text = "│"
    if element.box and element.box[0] <= wire < element.box[1]:
        inner = element.width - 2
        text = f"│{element.name if wire == element.box[0] else '':<{inner}}│"
    left = width // 2 - len(text) // 2
    return " " * left + text + " " * (width - left - len(text))


def text_of(made: Layout, fold: int) -> list[str]:
    """The lines of a text."""
    widths = made.widths
    grid: dict[tuple[int, int], Element] = {}
    for element in made.elements:
        low, high = element.span
        grid |= {(element.column, wire): element for wire in range(low, high + 1)}
    lines: list[str] = []
    for block in made.blocks(fold):
        if lines:
            lines.append("")
        joined = any(
            wire + 1 < made.wires and grid[column, wire].span[1] > wire
            for column, wire in grid
            if column in block and wire < made.wires
        )
        for wire in range(made.wires):
            on = [(grid.get((column, wire)), widths[column]) for column in block]
            wires = "".join(f"{_wire(element, wire, width)}─" for element, width in on)
            lines.append(f"q{wire}: ".rjust(made.margin) + "─" + wires)
            if joined and wire + 1 < made.wires:
                gaps = "".join(f"{_gap(element, wire, width)} " for element, width in on)
                lines.append((" " * (made.margin + 1) + gaps).rstrip())
    return lines + made.notes


def title(circuit: _core.Circuit) -> str:
    """How large a circuit is.

    >>> import numket as nk
    >>> title(nk.Circuit(1).h(0).measure(0))
    'Circuit of 2 operations on 1 qubit and 1 bit'
    """
    operations, qubits = plural(len(circuit), "operation"), plural(circuit.num_qubits, "qubit")
    bits = f" and {plural(circuit.num_bits, 'bit')}" if circuit.num_bits else ""
    return f"Circuit of {operations} on {qubits}{bits}"


def width_of_terminal() -> int:
    """How many characters a line has."""
    return max(40, shutil.get_terminal_size((100, 24)).columns)


def circuit_text(circuit: _core.Circuit) -> str:
    """The text of ``repr``.

    >>> import numket as nk
    >>> print(circuit_text(nk.Circuit(2).h(0).cx(0, 1)))
    Circuit of 2 operations on 2 qubits
    q0: ─H─●─
           │
    q1: ───X─
    """
    made = layout(circuit, REPR_COLUMNS)
    return "\n".join([title(circuit), *text_of(made, width_of_terminal())])


def circuit_html(circuit: _core.Circuit) -> str:
    """The picture that a notebook shows."""
    from numket.pictures import embedded, svg

    return embedded(svg(layout(circuit, REPR_COLUMNS), 100), title(circuit))


def sweeps_text(made: Layout) -> list[str]:
    """What the numbers of sweeps mean, as a line of text."""
    found = made.sweeps
    if not found:
        return []
    texts = ["NAME:k is an operation that sweep k completes"] if found != [None] else []
    texts += ["NAME:- one without effect"] if found[-1] is None else []
    return [", ".join(texts)]


def draw(
    circuit: _core.Circuit,
    kind: str,
    fold: int | None = None,
    ax: Any = None,
    sweeps: bool = False,
) -> Any:
    """See `Circuit.draw`.

    >>> import numket as nk
    >>> draw(nk.Circuit(1).rx(np.pi / 2, 0), "text")
    q0: ─Rx(π/2)─
    """
    if kind not in ("text", "svg", "mpl"):
        raise ValueError(f"'kind' is {kind!r}; these are known: use 'text', 'svg' or 'mpl'")
    if ax is not None and kind != "mpl":
        raise TypeError(f"'ax' is given for {kind!r}; only 'mpl' draws into axes: use kind='mpl'")
    if fold is None:
        fold = width_of_terminal() if kind == "text" else 100
    elif _core.whole_number("fold", fold) < 20:
        raise ValueError(f"'fold' is {fold}; a line has at least 20 characters: use 20 or more")
    made = layout(circuit, numbers=circuit.explain().numbers if sweeps else None)
    if kind == "text":
        return Drawing("\n".join([*text_of(made, fold), *sweeps_text(made)]))
    from numket import pictures

    return Drawing(pictures.svg(made, fold)) if kind == "svg" else pictures.mpl(made, fold, ax)
