"""How states show themselves: as text, HTML and LaTeX, with the same facts, bounded in size.

HTML has neither scripts nor style sheets, and colours as ``#rrggbb``: what a notebook keeps that is
not trusted. Bars are block characters and phases are arrows, for pages that keep no style at all.
"""

import cmath
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket import _core
from numket._names import public as _public
from numket._numbers import TOLERANCES, multiple_of_pi, number, percent, plural

__all__ = ["Card"]

__dir__ = _public(globals())

State = NDArray[Any]

COLOURS = (
    *("#5890ca", "#8085cb", "#a07abc", "#b772a0", "#c3707d", "#c2755a"),
    *("#b5803e", "#9b8d3a", "#779952", "#4aa076", "#1da09a", "#2b9bb8"),
)
"""Of phases 0, pi/6, pi/3, ...: hues of one lightness (0.64) and chroma (0.105) in OKLCH, which
read on light and on dark pages."""
ARROWS = "→↗↑↖←↙↓↘"
BLOCKS = " ▏▎▍▌▋▊▉█"
BAR = 12
"""Characters of the longest bar."""
GROUPED = 12
"""Qubits up to which a label is not cut into groups of four."""


@dataclass(frozen=True)
class Row:
    """A line of a card: texts, with a bar in their midst."""

    cells: tuple[str, ...]
    weight: float = 0.0
    phase: float = 0.0
    colour: str = ""
    """Of the bar, if not that of the phase."""


@dataclass(frozen=True)
class Card:
    """Something that shows itself: a title, and a table with bars.

    Parameters
    ----------
    title : str
        What it is, and how much of it is shown.
    heads : sequence of str
        The names of the columns; that of the bars is "".
    rows : sequence of Row
        The lines.
    formula : str
        The same in LaTeX.
    notes : sequence of str
        Lines after the table.
    picture : str
        HTML before the table.

    Examples
    --------
    >>> Card("2 shots", ("outcome", ""), [Row(("|0>", ""), 1.0), Row(("|1>", ""), 0.5)])
    2 shots
      |0>  ████████████
      |1>  ██████
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Row]
    formula: str = ""
    notes: Sequence[str] = ()
    picture: str = ""

    def _bar(self, row: Row) -> str:
        """A bar relative to the longest."""
        largest = max((row.weight for row in self.rows if row.weight < math.inf), default=0)
        share = row.weight / largest if largest else 0.0
        if not 0 <= share <= 1:
            return "?"
        eighths = max(round(8 * BAR * share), 1 if share else 0)
        return "█" * (eighths // 8) + BLOCKS[eighths % 8].strip()

    def __repr__(self) -> str:
        heads = self.heads
        table = [
            [cell if head else self._bar(row) for head, cell in zip(heads, row.cells, strict=True)]
            for row in self.rows
        ]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        sides = [">" if head in NUMBERS else "<" for head in heads]
        lines = [self.title]
        for cells in table:
            padded = [
                f"{cell:{side}{width}}"
                for cell, side, width in zip(cells, sides, widths, strict=True)
            ]
            lines.append("  " + "  ".join(padded).rstrip())
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        left = ' style="text-align:left"'
        head = "".join(f"<th{left}>{escape(head)}</th>" for head in self.heads)
        body = ""
        for row in self.rows:
            body += "<tr>"
            for name, cell in zip(self.heads, row.cells, strict=True):
                text = escape(cell.replace(">", "⟩").replace("<", "⟨"))
                if not name:
                    colour = row.colour or _colour(row.phase)
                    text = f'<span style="color:{colour}">{self._bar(row)}</span>'
                elif "⟩" in text:
                    text = f"<code>{text}</code>"
                aligned = ' style="text-align:right"' if name in NUMBERS else left
                body += f"<td{aligned}>{text}</td>"
            body += "</tr>"
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        parts = f"<p>{escape(self.title)}</p>{self.picture}{table if body else ''}{notes}"
        return f"<div>{parts}</div>"

    def _repr_latex_(self) -> str | None:
        return f"$${self.formula}$$" if self.formula else None


NUMBERS = (
    *("probability", "shots", "share", "norm", "occupied", "population"),
    *("completes", "time"),
)
"""Columns of numbers, which end at the right."""


def _colour(phase: float) -> str:
    if not math.isfinite(phase):
        return "#808080"
    return COLOURS[round(phase * 6 / math.pi) % 12]


def phase_text(amplitude: complex, tolerance: float) -> str:
    """The phase of an amplitude as an arrow and as a multiple of pi.

    >>> phase_text(1j, 1e-10), phase_text(-1 - 1j, 1e-10), phase_text(1 + 0.1j, 1e-10)
    ('↑ π/2', '↙ -3π/4', '→ 0.0317π')
    """
    angle = cmath.phase(amplitude)
    if not math.isfinite(angle):
        return "?"
    arrow = ARROWS[round(angle * 4 / math.pi) % 8]
    if abs(angle + math.pi) <= tolerance:
        angle = math.pi
    return f"{arrow} {multiple_of_pi(angle, tolerance) or f'{angle / math.pi:.3g}π'}"


def label_text(index: int, num_qubits: int) -> str:
    """The label of a basis state, that of many qubits in groups of four.

    >>> label_text(6, 3), label_text(3, 14)
    ('110', '0000 0000 0000 11')
    """
    label = format(index, f"0{num_qubits}b") if num_qubits else ""
    if num_qubits <= GROUPED:
        return label
    return " ".join(label[start : start + 4] for start in range(0, num_qubits, 4))


def norm_text(norm: float, tolerance: float) -> str:
    """A norm, and what is wrong with it.

    >>> norm_text(1 + 1e-14, 1e-10), norm_text(2.0, 1e-10), norm_text(math.nan, 1e-10)
    ('norm 1', 'norm 2, not 1', 'norm nan: not finite')
    """
    if not math.isfinite(norm):
        return f"norm {norm:g}: not finite"
    if abs(norm - 1) <= 10 * tolerance:
        return "norm 1"
    return f"norm {norm:.6g}, not 1"


def state_card(state: State, top: int = 16, name: str = "State") -> Card:
    """The most probable basis states of a state.

    >>> import numket as nk
    >>> state_card(nk.ket("00").h(0).cx(0, 1).state)
    State of 2 qubits: norm 1, 2 of 4 basis states occupied
      |00>  1/√2  50 %  ████████████  → 0
      |11>  1/√2  50 %  ████████████  → 0
    """
    indices, probabilities, total, occupied = _core.overview(state, top)
    n, tolerance = state.size.bit_length() - 1, TOLERANCES[np.finfo(state.dtype).bits]
    rows, terms = [], []
    for index, probability in zip(indices[:occupied], probabilities, strict=False):
        amplitude = complex(state[np.unravel_index(int(index), state.shape)])
        label = label_text(int(index), n)
        cells = (f"|{label}>", number(amplitude, tolerance), percent(float(probability)), "")
        phase = phase_text(amplitude, tolerance)
        rows.append(Row((*cells, phase), float(probability), cmath.phase(amplitude)))
        ket = f"|{label}\\rangle".replace(" ", "\\,")
        terms.append((number(amplitude, tolerance, latex=True), ket))
    norm = math.sqrt(total) if total >= 0 else total
    title = (
        f"{name} of {plural(n, 'qubit')}: {norm_text(norm, tolerance)}, "
        f"{occupied:,} of {plural(state.size, 'basis state')} occupied"
    )
    if len(rows) < occupied:
        held = sum(row.weight for row in rows) / total if total else 0.0
        title += f", {len(rows)} shown hold {percent(held)}"
    heads = ("state", "amplitude", "probability", "", "phase")
    return Card(title, heads, rows, latex_sum(terms, occupied - len(rows)))


def latex_sum(terms: Iterable[tuple[str, str]], more: int = 0) -> str:
    """A sum in LaTeX of numbers times what follows them.

    >>> print(latex_sum([("1+i", "|0>"), ("-1", "|1>")], 2))
    (1+i)\\,|0> - |1> + \\cdots\\text{ (2 more)}
    """
    text = ""
    for factor, what in terms:
        if re.search(r".[+-]", re.sub(r"\{[^{}]*\}", "", factor)) and factor[0] != "(":
            factor = f"({factor})"
        sign, size = ("-", factor[1:]) if factor.startswith("-") else ("+", factor)
        size = "" if size == "1" else f"{size}\\,"
        text += (f" {sign} " if text else sign.strip("+")) + size + what
    return (text or "0") + (f" + \\cdots\\text{{ ({more:,} more)}}" if more > 0 else "")


def batch_card(state: State, batch: int, top: int = 16) -> Card:
    """A line for each of the states of a batch.

    >>> import numpy as np
    >>> batch_card(np.array([[1, 0], [0.6, 0.8j]]), 1)
    2 states of 1 qubit, of each the most probable basis state
      0  norm 1  1 of 2 occupied  |0>  1     100 %  ████████████  → 0
      1  norm 1  2 of 2 occupied  |1>  4i/5   64 %  ███████▋      ↑ π/2
    """
    shape = state.shape[:batch]
    count, rows, n = math.prod(shape), [], 0
    for place in range(min(count, top)):
        index = np.unravel_index(place, shape)
        one = state[index]
        n, tolerance = one.size.bit_length() - 1, TOLERANCES[np.finfo(one.dtype).bits]
        indices, probabilities, total, occupied = _core.overview(one, 1)
        amplitude = complex(one[np.unravel_index(int(indices[0]), one.shape)])
        cells = (
            ", ".join(map(str, index)),
            norm_text(math.sqrt(total) if total >= 0 else total, tolerance),
            f"{occupied:,} of {one.size:,} occupied",
            f"|{label_text(int(indices[0]), n)}>",
            number(amplitude, tolerance),
            percent(float(probabilities[0])),
            *("", phase_text(amplitude, tolerance)),
        )
        rows.append(Row(cells, float(probabilities[0]), cmath.phase(amplitude)))
    title = (
        f"{plural(count, 'state')} of {plural(n, 'qubit')}, of each the most probable basis state"
    )
    if count > len(rows):
        title += f"; the first {len(rows)} are shown"
    heads = ("place", "norm", "occupied", "state", "amplitude", "probability", "", "phase")
    return Card(title, heads, rows)


def density_card(rho: State, top: int = 16) -> Card:
    """The largest populations of a density matrix, and its largest coherences.

    >>> import numket as nk
    >>> density_card(nk.density.from_state(nk.ket("0").h(0).s(0).state))
    Density matrix of 1 qubit: trace 1, purity 1, 2 of 2 populations and 1 of 1 coherence shown
      |0><0|   1/2  ████████████
      |1><1|   1/2  ████████████
      |0><1|  -i/2  ████████████  ↓ -π/2
    """
    from numket.density import purity

    pure = purity(rho)  # which also sees to it that it is a density matrix
    dim = math.isqrt(rho.size)
    matrix = rho.reshape(dim, dim)
    n, tolerance = dim.bit_length() - 1, TOLERANCES[np.finfo(rho.dtype).bits]
    populations = matrix.diagonal().real
    trace, rows = float(populations.sum()), []
    for index in _largest(populations, top):
        label = label_text(int(index), n)
        value = float(populations[index])
        rows.append(Row((f"|{label}><{label}|", number(value, tolerance), "", ""), abs(value)))
    pairs, deviation = _coherences(matrix, max(top // 2, 1))
    for row, column in pairs:
        entry = complex(matrix[row, column])
        name = f"|{label_text(row, n)}><{label_text(column, n)}|"
        cells = (name, number(entry, tolerance), "", phase_text(entry, tolerance))
        rows.append(Row(cells, abs(entry), cmath.phase(entry)))
    shown, possible = len(rows) - len(pairs), dim * (dim - 1) // 2
    title = f"Density matrix of {plural(n, 'qubit')}: trace {trace:.6g}"
    title += "" if abs(trace - 1) <= 10 * tolerance else " (not 1)"
    title += "" if deviation <= 10 * tolerance * max(abs(trace), 1) else ", not Hermitian"
    title += f", purity {pure:.6g}, {shown} of {plural(dim, 'population')} and {len(pairs)} of "
    title += f"{plural(possible, 'coherence')} shown"
    return Card(title, ("entry", "value", "", "phase"), rows)


def _largest(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """The places of the largest numbers, NaN first, the first of equal ones; zeros are left out."""
    sizes = np.where(np.isnan(values), np.inf, np.abs(values))
    finite = sizes[np.isfinite(sizes)]
    scale = float(finite.max(initial=0.0)) or 1.0
    rounded = np.round(sizes / scale, 10)
    places = np.flatnonzero(rounded)
    if len(places) > 4 * count:  # no sorting of all
        bound = np.partition(rounded[places], len(places) - count)[len(places) - count]
        places = places[rounded[places] >= bound]
    return places[np.argsort(-rounded[places], kind="stable")][:count]


def _coherences(matrix: State, count: int) -> tuple[list[tuple[int, int]], float]:
    """The places of the largest entries above the diagonal, and how far the matrix is from its
    adjoint: some rows at a time."""
    dim = len(matrix)
    step = max(1, (1 << 18) // dim)
    found: list[tuple[int, int]] = []
    deviation = 0.0
    for start in range(0, dim, step):
        rows = matrix[start : start + step]
        difference = np.abs(rows - matrix[:, start : start + step].conj().T)
        deviation = max(deviation, float(difference.max()))
        sizes = np.abs(np.triu(rows, start + 1)).reshape(-1).astype(np.float64)
        places = _largest(sizes, count)
        found += [(start + int(place) // dim, int(place) % dim) for place in places]
    sizes = np.array([abs(matrix[place]) for place in found], dtype=np.float64)
    largest = [found[place] for place in _largest(sizes, count)]
    noise = 1e-12 * float(np.abs(matrix.diagonal()).max(initial=0.0))
    return [place for place in largest if not abs(matrix[place]) <= noise], deviation


def counts_card(counts: Mapping[Any, int], top: int = 16) -> Card:
    """The most frequent outcomes.

    >>> counts_card({"00": 496, "11": 504})
    1,000 shots, 2 outcomes
      11  504  50.4 %  ████████████
      00  496  49.6 %  ███████████▊
    """
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[:top]
    rows = [
        Row((str(outcome), f"{count:,}", percent(count / total if total else 0.0), ""), count)
        for outcome, count in ordered
    ]
    title = f"{plural(total, 'shot')}, {plural(len(counts), 'outcome')}"
    if len(rows) < len(counts):
        held = sum(count for _, count in ordered) / total if total else 0.0
        title += f", {len(rows)} shown hold {percent(held)}"
    return Card(title, ("outcome", "shots", "share", ""), rows)


def card(state: Any, top: int = 16, *, batch: int = 0, density: bool = False) -> Card:
    """What `show` shows."""
    if _core.whole_number("top", top) < 1:
        raise ValueError(f"'top' is {top}; at least one line is shown: use 1 or more")
    if isinstance(state, Mapping):
        return counts_card(state, top)
    name = "Ket" if isinstance(state, _core.Ket) else "State"
    array = state.state if isinstance(state, _core.Ket) else state
    if density:
        return density_card(array, top)
    shape: tuple[int, ...] = getattr(array, "shape", ())
    if not batch and len(shape) == 2 and shape[0] == shape[1] > 2:
        raise ValueError(
            f"'state' has shape {shape}; a state has shape (2**n,) or one axis of length 2 per "
            "qubit: use density=True for a density matrix, or batch=1 for a state in each row"
        )
    if _core.whole_number("batch", batch):
        _core.norm(array, batch=batch)  # refuses what is no batch of states
        return batch_card(array, batch, top)
    return state_card(array, top, name)


def show(shown: Any) -> None:
    """Shows a card: in a notebook as HTML, elsewhere as text."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(shown)
        return
    text = repr(shown)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def ket_table(state: State, top: int = 16) -> str:
    """The state of a Ket as text.

    >>> import numket as nk
    >>> print(ket_table(nk.basis_state(2, "10")))
    Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
      |10>  1  100 %  ████████████  → 0
    """
    return repr(state_card(state, top, "Ket"))


def ket_html(state: State, top: int = 16) -> str:
    """The state of a Ket as a small HTML table.

    >>> import numket as nk
    >>> "|10⟩" in ket_html(nk.basis_state(2, "10"))
    True
    """
    return state_card(state, top, "Ket")._repr_html_()


def ket_latex(state: State, top: int = 8) -> str:
    """The state of a Ket as a sum in LaTeX.

    >>> import numket as nk
    >>> print(ket_latex(nk.ket("0").h(0).state))
    $$\\frac{1}{\\sqrt{2}}\\,|0\\rangle + \\frac{1}{\\sqrt{2}}\\,|1\\rangle$$
    """
    return f"$${state_card(state, top).formula}$$"


def sum_latex(terms: Iterable[tuple[str, complex]], count: int) -> str:
    """The first terms of a PauliSum of `count` terms.

    >>> print(sum_latex([("XIZ", 0.5), ("III", -1.0)], 3))
    $$\\frac{1}{2}\\,X_{0}Z_{2} - I + \\cdots\\text{ (1 more)}$$
    """
    shown = []
    for letters, factor in terms:
        product = "".join(f"{letter}_{{{q}}}" for q, letter in enumerate(letters) if letter != "I")
        shown.append((number(factor, TOLERANCES[64], latex=True), product or "I"))
    return f"$${latex_sum(shown, count - len(shown))}$$"
