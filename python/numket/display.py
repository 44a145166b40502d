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


def _rows(state: State, top: int) -> tuple[int, list[_Row], bool]:
    """Number of qubits, the most probable basis states, and whether there are more.

    Basis states of probability 0 are no rows.
    """
    n = state.size.bit_length() - 1
    rows = []
    for index, probability in zip(*_core.most_probable(state, top + 1), strict=True):
        if probability != 0:  # a NaN is to be seen
            amplitude = state[np.unravel_index(int(index), state.shape)]
            label = format(int(index), f"0{n}b") if n else ""
            rows.append(_Row(label, complex(amplitude), float(probability)))
    return n, rows[:top], len(rows) > top


def _remark(n: int, top: int) -> str:
    return f"... the {top} most probable of {2**n} basis states"


def probability_text(probability: float) -> str:
    """A probability in eight characters, the very small ones with an exponent.

    >>> probability_text(0.5), probability_text(2**-26)
    ('0.500000', '1.49e-08')
    """
    return format(probability, ".6f" if probability >= 1e-4 else ".2e")


def _title(n: int) -> str:
    return f"Ket of {n} qubit{'' if n == 1 else 's'}"


def ket_table(state: State, top: int = 16) -> str:
    """The state as text.

    >>> import numket as nk
    >>> print(ket_table(nk.basis_state(2, "10")))
    Ket of 2 qubits
      |10>  1.000000+0.000000j  1.000000
    """
    n, rows, more = _rows(state, top)
    lines = [_title(n)]
    for row in rows:
        amplitude = f"{row.amplitude.real: .6f}{row.amplitude.imag:+.6f}j"
        lines.append(f"  |{row.label}> {amplitude}  {probability_text(row.probability)}")
    if more:
        lines.append(f"  {_remark(n, top)}")
    return "\n".join(lines)


def ket_html(state: State, top: int = 16) -> str:
    """The state as a small HTML table: bars as long as the probability, coloured by phase.

    >>> import numket as nk
    >>> "|10" in ket_html(nk.basis_state(2, "10"))
    True
    """
    n, rows, more = _rows(state, top)
    body = "".join(
        f"<tr><td><code>|{row.label}⟩</code></td>"
        f"<td><code>{row.amplitude.real:.6f}{row.amplitude.imag:+.6f}i</code></td>"
        f"<td>{probability_text(row.probability)}</td>"
        '<td style="width:12em;text-align:left"><div style="height:0.8em;'
        f"width:{min(100.0, 100 * row.probability):.1f}%;"
        f"background:hsl({math.degrees(cmath.phase(row.amplitude)) % 360:.0f},65%,55%)"
        '"></div></td></tr>'
        for row in rows
    )
    if more:
        body += f'<tr><td colspan="4">{_remark(n, top)}</td></tr>'
    return (
        f"<table><caption>{_title(n)}</caption><thead><tr><th>basis state</th><th>amplitude</th>"
        f"<th>probability</th><th></th></tr></thead><tbody>{body}</tbody></table>"
    )


def _latex_amplitude(amplitude: complex) -> str:
    """Three decimals, of a small amplitude those after its first digit.

    >>> print(_latex_amplitude(2**-0.5 + 0j), _latex_amplitude(2**-13 * 1j))
    (0.707+0.000i) (0.000+1.221i)\\cdot10^{-4}
    """
    size = abs(amplitude)
    exponent = math.floor(math.log10(size)) if 0 < size < 1e-2 else 0
    scaled = amplitude / 10.0**exponent
    power = f"\\cdot10^{{{exponent}}}" if exponent else ""
    return f"({scaled.real:.3f}{scaled.imag:+.3f}i){power}"


def ket_latex(state: State, top: int = 8) -> str:
    """The state as a sum of kets in LaTeX.

    >>> import numket as nk
    >>> ket_latex(nk.basis_state(2, "10"))
    '$$(1.000+0.000i)\\\\,|10\\\\rangle$$'
    """
    _, rows, more = _rows(state, top)
    terms = [f"{_latex_amplitude(row.amplitude)}\\,|{row.label}\\rangle" for row in rows]
    if more:
        terms.append("\\ldots")
    return "$$" + (" + ".join(terms) or "0") + "$$"
