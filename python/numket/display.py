"""How a state shows itself: the most probable basis states, bounded in size and in time."""

import cmath
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket import _core

State = NDArray[Any]


@dataclass(frozen=True)
class _Row:
    label: str
    amplitude: complex
    probability: float


def _rows(state: State, top: int) -> tuple[int, list[_Row]]:
    """Number of qubits and the most probable basis states, without those of probability 0."""
    n = state.size.bit_length() - 1
    rows = []
    for index, probability in zip(*_core.most_probable(state, top), strict=True):
        if probability > 0:
            amplitude = state[np.unravel_index(int(index), state.shape)]
            label = format(int(index), f"0{n}b") if n else ""
            rows.append(_Row(label, complex(amplitude), float(probability)))
    return n, rows


def _left_out(n: int, rows: list[_Row], top: int) -> str:
    if len(rows) < top or top >= 2**n:
        return ""
    return f"the {top} most probable of {2**n} basis states"


def ket_table(state: State, top: int = 16) -> str:
    """The state as text.

    >>> import numket as nk
    >>> print(ket_table(nk.basis_state(2, "10")))
    Ket of 2 qubits
      |10>  1.000000+0.000000j  1.000000
    """
    n, rows = _rows(state, top)
    lines = [f"Ket of {n} qubit{'' if n == 1 else 's'}"]
    for row in rows:
        amplitude = f"{row.amplitude.real: .6f}{row.amplitude.imag:+.6f}j"
        lines.append(f"  |{row.label}> {amplitude}  {row.probability:.6f}")
    if left_out := _left_out(n, rows, top):
        lines.append(f"  ... ({left_out})")
    return "\n".join(lines)


def ket_html(state: State, top: int = 16) -> str:
    """The state as a small HTML table: bars as long as the probability, coloured by phase.

    >>> import numket as nk
    >>> "|10" in ket_html(nk.basis_state(2, "10"))
    True
    """
    n, rows = _rows(state, top)
    body = "".join(
        f"<tr><td><code>|{row.label}⟩</code></td>"
        f"<td><code>{row.amplitude.real:.4f}{row.amplitude.imag:+.4f}i</code></td>"
        f"<td>{row.probability:.4f}</td>"
        '<td style="width:12em;text-align:left"><div style="height:0.8em;'
        f"width:{min(100.0, 100 * row.probability):.1f}%;"
        f"background:hsl({math.degrees(cmath.phase(row.amplitude)) % 360:.0f},65%,55%)"
        '"></div></td></tr>'
        for row in rows
    )
    left_out = _left_out(n, rows, top)
    caption = f"Ket of {n} qubits" + (f": {left_out}" if left_out else "")
    return (
        f"<table><caption>{caption}</caption><thead><tr><th>basis state</th><th>amplitude</th>"
        f"<th>probability</th><th></th></tr></thead><tbody>{body}</tbody></table>"
    )


def ket_latex(state: State, top: int = 8) -> str:
    """The state as a sum of kets in LaTeX.

    >>> import numket as nk
    >>> ket_latex(nk.basis_state(2, "10"))
    '$$(1.000+0.000i)\\\\,|10\\\\rangle$$'
    """
    n, rows = _rows(state, top)
    terms = [
        f"({row.amplitude.real:.3f}{row.amplitude.imag:+.3f}i)\\,|{row.label}\\rangle"
        for row in rows
    ]
    if _left_out(n, rows, top):
        terms.append("\\ldots")
    return "$$" + (" + ".join(terms) or "0") + "$$"
