"""Pictures of one state: of its amplitudes, its qubits, and how they hang together."""

from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from numket import _core
from numket._core import Ket, Sampler
from numket.entanglement import cut_entropies, qubit_entropies
from numket.plot import _canvas
from numket.plot._canvas import State

MAX_TOP = 64
"""Bars beyond this number cannot be told apart."""

MAX_CIRCLES = 8
MAX_QUBITS_OF_CUTS = 20
MAX_QUBITS_OF_DENSITY = 6


def _labels(indices: NDArray[np.int64], n: int) -> list[str]:
    """Kets; of more than 12 qubits in groups of four."""
    bits = [format(int(index), f"0{n}b") if n else "" for index in indices]
    if n > 12:
        bits = [" ".join(one[i : i + 4] for i in range(0, n, 4)) for one in bits]
    return [f"|{one}⟩" for one in bits]


def _bars(
    ax: Axes | None, labels: list[str], lengths: NDArray[np.float64], colours: Any, label: str
) -> Axes:
    """Lying bars, the first above, with their labels; one that is NaN says so."""
    longest = max(map(len, labels), default=1)
    ax = _canvas.axes(ax, 4.5 + 0.09 * longest, 1.0 + 0.24 * max(len(labels), 2))
    places = np.arange(len(labels))
    ax.barh(places, np.nan_to_num(lengths, nan=0, posinf=0), color=colours, height=0.75)
    for place in np.flatnonzero(~np.isfinite(lengths)).tolist():
        ax.text(0, place, f" {lengths[place]}", va="center", color=_canvas.VERMILION)
    ax.set_yticks(places, labels, family="monospace")
    ax.set_xlim(left=0)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_xlabel(label)
    return ax


def _check_top(top: int) -> int:
    count = _core.whole_number("top", top)
    if not 1 <= count <= MAX_TOP:
        raise ValueError(f"'top' is {top}; a picture shows 1 to {MAX_TOP} bars: use one of these")
    return count


def _most_probable(
    state: State, top: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], list[str]]:
    """Indices and probabilities of the bars, in order of the index, and remarks."""
    indices, probabilities = _core.overview(state, min(top, np.asarray(state).size))[:2]
    n, norm = _canvas.num_qubits(state), _canvas.norm_of(state)
    order = np.argsort(indices)
    remark = [_canvas.name_of_norm(norm)]
    if 2**n > top:
        remark.append(f"{top} of {2**n:,} basis states")
        if 0 < norm < np.inf:
            remark.append(f"{100 * np.sum(probabilities) / norm**2:.3g} %")
    return indices[order], probabilities[order], remark


def histogram(
    data: State | Sampler | Mapping[str, int],
    *,
    top: int = 16,
    shots: int | None = None,
    rng: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the probabilities of outcomes, or how often each was found.

    Where there are more outcomes than bars, the most probable ones are shown, and the picture says
    what share of all that is. Of counts, grey lines are one standard error long on both sides.

    Parameters
    ----------
    data : ndarray, Ket, Sampler or mapping of str to int
        A state, whose probabilities are drawn; or counts as of ``numket.counts``.
    top : int
        At most so many bars, up to 64.
    shots : int, optional
        Draw this number of outcomes from a state or a Sampler, and show their counts. A Sampler
        draws 1024 if not given.
    rng : None, int or numpy.random.Generator, optional
        For these draws, what np.random.default_rng takes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        Where `data` is none of these, or `ax` are no axes.
    ValueError
        Where `top` is out of range, or there are no counts or a negative one.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import plot
    >>> bell = nk.ket("00").h(0).cx(0, 1)
    >>> ax = plot.histogram(bell)
    >>> [round(float(bar.get_width()), 3) for bar in ax.patches]
    [0.5, 0.0, 0.0, 0.5]
    >>> ax = plot.histogram(nk.counts(bell, 1000, rng=1))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['00', '11']
    """
    count = _check_top(top)
    if isinstance(data, Sampler):
        data = data.counts(1024 if shots is None else shots, rng=rng)
    elif not isinstance(data, Mapping) and shots is not None:
        data = _core.counts(data, shots, rng=rng)
    if not isinstance(data, Mapping):
        indices, probabilities, remark = _most_probable(data, count)
        labels = _labels(indices, _canvas.num_qubits(data))
        ax = _bars(ax, labels, probabilities, _canvas.BLUE, "probability")
        _canvas.remark(ax, *remark)
        return ax
    found = {str(outcome): _core.whole_number("data", n) for outcome, n in data.items()}
    total = sum(found.values())
    if total == 0 or min(found.values()) < 0:
        raise ValueError("'data' holds no counts, or negative ones: use those of numket.counts")
    shown = sorted(sorted(found, key=lambda outcome: (-found[outcome], outcome))[:count])
    lengths = np.array([found[outcome] for outcome in shown]) / total
    ax = _bars(ax, shown, lengths, _canvas.BLUE, f"share of {total:,} shots")
    errors = np.sqrt(lengths * (1 - lengths) / total)
    ax.errorbar(lengths, range(len(shown)), xerr=errors, fmt="none", color=_canvas.GREY, capsize=2)
    ax.set_xlim(0, 1.05 * float((lengths + errors).max()))
    if len(found) > len(shown):
        share = f"{100 * lengths.sum():.3g} %"
        _canvas.remark(ax, f"{len(shown)} of {len(found):,} outcomes", share)
    return ax


def _phase_text(amplitude: complex) -> str:
    if not np.isfinite(amplitude):
        return ""
    turns = float(np.angle(amplitude) / np.pi)
    for denominator in (1, 2, 3, 4, 6, 8):
        numerator = round(turns * denominator)
        if abs(turns * denominator - numerator) < 1e-6:
            if numerator == 0:
                return "0"
            factor = {1: "", -1: "-"}.get(numerator, str(numerator))
            return f"{factor}π" + (f"/{denominator}" if denominator > 1 else "")
    return f"{turns:.3g}π"


def _add_wheel(ax: Axes) -> None:
    """The key to the colours of phases, to the right of a picture."""
    wheel = ax.inset_axes((1.04, 0.0, 0.3, 1.0), projection="polar")
    edges = np.linspace(-np.pi, np.pi, 73)
    middles = (edges[:-1] + edges[1:]) / 2
    wheel.bar(
        middles, 0.3, 2 * np.pi / 72, bottom=0.5, color=_canvas.PHASE(middles / (2 * np.pi) + 0.5)
    )
    wheel.patch.set_alpha(0)
    wheel.set_axis_off()
    for angle, text in ((0, "0"), (np.pi / 2, "π/2"), (np.pi, "π"), (-np.pi / 2, "-π/2")):
        wheel.text(angle, 1.1, text, ha="center", va="center", color=_canvas.GREY, fontsize=8)
    wheel.set_ylim(0, 1.4)


def phases(state: State, *, top: int = 16, ax: Axes | None = None) -> Axes:
    """Draw the most probable basis states, in the colours of their phases.

    Each phase also stands beside its bar, in radians. A wheel is the key to the colours: 0 is blue,
    pi/2 pink, pi vermilion, -pi/2 green.

    Parameters
    ----------
    state : ndarray or Ket
        Of any number of qubits; only read.
    top : int
        At most so many bars, up to 64.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        Where `state` is no state, or `ax` are no axes.
    ValueError
        Where its shape is no state's, or `top` is out of range.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import plot
    >>> ax = plot.phases(nk.ket("0").h(0).s(0))
    >>> [text.get_text().strip() for text in ax.texts]
    ['0', 'π/2']
    """
    count = _check_top(top)
    indices, probabilities, remark = _most_probable(state, count)
    array = np.asarray(state)
    amplitudes = [complex(array[np.unravel_index(int(i), array.shape)]) for i in indices]
    finite = np.array([z if np.isfinite(z) else 0 for z in amplitudes])
    colours = _canvas.PHASE(np.angle(finite) / (2 * np.pi) + 0.5)
    labels = _labels(indices, _canvas.num_qubits(state))
    ax = _bars(ax, labels, probabilities, colours, "probability")
    for place, (amplitude, length) in enumerate(zip(amplitudes, probabilities, strict=True)):
        if length > 0:
            ax.text(length, place, f" {_phase_text(amplitude)}", va="center", color=_canvas.GREY)
    ax.set_xlim(0, 1.2 * max(np.nan_to_num(probabilities, posinf=0).max(), 1e-12))
    _canvas.remark(ax, *remark)
    _add_wheel(ax)
    return ax


def pauli_map(state: State, *, circles: bool = False, ax: Axes | None = None) -> Axes:
    """Draw the expectation values of X, Y and Z of every qubit: the Bloch vectors of any number.

    They are a strip of three rows, in which vermilion is 1, blue -1, and nothing 0: a column
    without colours is a qubit entangled with others.

    Parameters
    ----------
    state : ndarray or Ket
        Of one qubit or more; only read.
    circles : bool
        Draw a circle for each qubit instead, up to 8: its arrow is (<X>, <Z>), 0 above and 1 below,
        and the colour of its tip is <Y>.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        Where `state` is no state, or `ax` are no axes.
    ValueError
        Where its shape is no state's, or it has no qubits, or more than 8 for circles.

    See Also
    --------
    numket.bloch_vectors : The numbers that are shown.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import plot
    >>> ax = plot.pauli_map(nk.ket("01").h(0))
    >>> ax.images[0].get_array().round(3).data  # a row for each letter
    array([[ 1.,  0.],
           [ 0.,  0.],
           [ 0., -1.]])
    """
    vectors = _core.bloch_vectors(state)
    n = len(vectors)
    if n == 0:
        raise ValueError("'state' has 0 qubits; a map shows 1 or more: use a larger state")
    norm = _canvas.name_of_norm(_canvas.norm_of(state))
    if circles:
        return _circles(vectors, norm, ax)
    ax = _canvas.axes(ax, 2.2 + 0.45 * min(n, 20), 1.9)
    _canvas.image(ax, vectors.T, "expectation value", limit=1)
    ax.set_yticks(range(3), ["⟨X⟩", "⟨Y⟩", "⟨Z⟩"])
    _canvas.qubit_ticks(ax, "x", n)
    _canvas.remark(ax, norm)
    return ax


def _circles(vectors: NDArray[np.float64], norm: str, ax: Axes | None) -> Axes:
    n = len(vectors)
    _canvas.at_most(
        MAX_CIRCLES, n, "circles are drawn", "leave out circles=True for a strip of any length"
    )
    ax = _canvas.axes(ax, 1.4 + 1.3 * n, 2.2)
    for qubit, (x, y, z) in enumerate(vectors):
        middle = 2.6 * qubit
        ax.add_patch(Circle((middle, 0), 1, fill=False, color=_canvas.GREY, linewidth=0.8))
        ax.plot([middle, middle], [-1, 1], color=_canvas.GREY, linewidth=0.4)
        ax.plot([middle - 1, middle + 1], [0, 0], color=_canvas.GREY, linewidth=0.4)
        if np.isfinite([x, y, z]).all():
            ax.plot([middle, middle + x], [0, z], color=_canvas.GREY, linewidth=2)
        else:
            ax.text(middle, 0, "NaN", ha="center", color=_canvas.VERMILION)
        ax.text(middle, 1.1, "|0⟩", ha="center", va="bottom", color=_canvas.GREY, fontsize=7)
        ax.text(middle, -1.1, "|1⟩", ha="center", va="top", color=_canvas.GREY, fontsize=7)
    xs, ys, zs = np.where(np.isfinite(vectors), vectors, np.nan).T
    tips = ax.scatter(
        2.6 * np.arange(n) + xs,
        zs,
        c=ys,
        cmap=_canvas.SIGNED,
        vmin=-1,
        vmax=1,
        edgecolors=_canvas.GREY,
        zorder=3,
        s=60,
    )
    _canvas.add_key(ax, tips, "⟨Y⟩")
    ax.set_aspect("equal")
    ax.set(xlim=(-1.4, 2.6 * n - 1.2), ylim=(-1.6, 1.6), yticks=[])
    ax.set_xticks(2.6 * np.arange(n), [str(qubit) for qubit in range(n)])
    ax.set_xlabel("qubit")
    for spine in ax.spines.values():
        spine.set_visible(False)
    _canvas.remark(ax, norm)
    return ax


def entropy(state: State, *, of: str = "cuts", ax: Axes | None = None) -> Axes:
    """Draw how entangled the first qubits are with the others, at every cut; or each qubit.

    Parameters
    ----------
    state : ndarray or Ket
        Of two qubits or more; only read.
    of : str
        "cuts" between neighbours, up to 20 qubits, as the density matrices of both sides take their
        time; or "qubits", each by itself, of any number.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes
        In bits. The dashed line is what a state of as many qubits can have at most.

    Raises
    ------
    TypeError
        Where `state` is no state, or `ax` are no axes.
    ValueError
        Where its shape is no state's, it has fewer than two qubits, or more than 20 for cuts, its
        amplitudes are not finite, or `of` is another.

    See Also
    --------
    numket.cut_entropies : The numbers that are shown.
    numket.qubit_entropies : Those of single qubits.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import plot
    >>> ax = plot.entropy(nk.ket("000").h(0).cx(0, 1))
    >>> ax.lines[0].get_ydata().round(3)
    array([1., 0.])
    """
    norm = _canvas.norm_of(state)
    n = _canvas.num_qubits(state)
    if of not in ("cuts", "qubits"):
        raise ValueError(f"'of' is {of!r}; use 'cuts' or 'qubits'")
    if n < 2:
        raise ValueError(
            f"'state' has {n} qubit{'s' * (n != 1)}; it takes 2 to be entangled: use a larger state"
        )
    if not np.isfinite(norm):
        raise ValueError(f"'state' has norm {norm}; there is no entropy: look at plot.phases first")
    if of == "cuts":
        instead = "use of='qubits', or entanglement_entropy for one cut"
        _canvas.at_most(MAX_QUBITS_OF_CUTS, n, "all cuts are drawn", instead)
        values, places = cut_entropies(state), np.arange(n - 1) + 0.5
        bound = np.minimum(places, n - 1 - places) + 0.5
    else:
        values, places, bound = qubit_entropies(state), np.arange(n) + 0.0, np.ones(n)
    ax = _canvas.axes(ax, 5, 2.8)
    ax.plot(places, values, marker="o", color=_canvas.BLUE, linestyle="-" if of == "cuts" else "")
    ax.plot(places, bound, color=_canvas.GREY, linestyle="--", linewidth=0.8, zorder=1)
    ax.set(ylabel="entropy in bits", xlim=(-0.5, n - 0.5))
    ax.set_ylim(bottom=-0.03 * max(ax.get_ylim()[1], 1))
    _canvas.qubit_ticks(ax, "x", n)
    if of == "cuts":
        ax.set_xlabel("cut between qubits")
    _canvas.remark(ax, _canvas.name_of_norm(norm))
    return ax


def correlations(
    data: State | NDArray[np.floating[Any]],
    pauli: str = "Z",
    *,
    connected: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the correlations of all pairs of qubits as a square.

    Parameters
    ----------
    data : ndarray or Ket
        A state, which is only read; or the real numbers of ``numket.correlations``, shape (n, n),
        which real numbers of shape (2, 2) are, too.
    pauli : str
        "X", "Y" or "Z": the operator on both qubits of a state.
    connected : bool
        Whether to subtract the product of the expectation values of both, so that what is left is
        what one qubit tells of the other.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        Where `data` is neither, or `ax` are no axes.
    ValueError
        Where its shape is neither a state's nor square, or `pauli` is no such letter.

    See Also
    --------
    numket.correlations : The numbers that are shown.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import plot
    >>> ax = plot.correlations(nk.ket("000").h(0).cx(0, 2))
    >>> ax.images[0].get_array().data.round(3) + 0
    array([[1., 0., 1.],
           [0., 0., 0.],
           [1., 0., 1.]])
    """
    norm, label = "", "correlation"
    if _is_state(data):
        values = _core.correlations(data, pauli, connected=connected)
        norm = _canvas.name_of_norm(_canvas.norm_of(data))
        label = f"⟨{pauli}{pauli}⟩" + f" - ⟨{pauli}⟩⟨{pauli}⟩" * connected
    else:
        values = _canvas.numbers("data", data, (2,))
    n = len(values)
    if n == 0 or values.shape != (n, n):
        raise ValueError(
            f"'data' has {n} qubits and shape {values.shape}; a square shows 1 or more: use a "
            "larger state, or numbers of shape (n, n)"
        )
    ax = _canvas.axes(ax, 4.2, 3.4)
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=1))
    _canvas.image(ax, values, label, limit=largest, aspect="equal")
    for axis in "xy":
        _canvas.qubit_ticks(ax, axis, n)
    _canvas.remark(ax, norm)
    return ax


def _is_state(data: Any) -> TypeGuard[State]:
    real = isinstance(data, np.ndarray) and data.dtype.kind == "f" and data.ndim != 2
    return real or isinstance(data, Ket) or np.iscomplexobj(data)


def density(data: State, *, ax: Axes | None = None) -> Axes:
    """Draw a density matrix as a Hinton diagram: squares in the colours of their phases.

    The area of each square is the absolute value of its entry, over that of the largest. Colours
    are those of ``phases``: blue for positive real numbers, vermilion for negative ones.

    Parameters
    ----------
    data : ndarray of complex or real floating-point numbers, or Ket
        A density matrix of up to 6 qubits, shape (2**n, 2**n); or a state of as many, whose shape
        is not (2, 2).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        Where `data` holds no such numbers, or `ax` are no axes.
    ValueError
        Where its shape is neither, or it has more than 6 qubits.

    See Also
    --------
    numket.reduced_density_matrix : That of some qubits of a larger state.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import plot
    >>> ax = plot.density(nk.ket("00").h(0).cx(0, 1))
    >>> len(ax.patches)  # the entries that are not 0
    4
    """
    array = np.asarray(data.state if isinstance(data, Ket) else data)
    is_state = array.ndim == 1 or (array.ndim > 2 and array.shape == (2,) * array.ndim)
    if is_state:
        _canvas.norm_of(data)  # refuses what is no state
    elif array.dtype.kind not in "fc":
        raise TypeError(
            f"'data' has dtype {array.dtype}; use complex or real floating-point numbers"
        )
    elif not (array.ndim == 2 and array.shape[0] == array.shape[1]) or (
        array.shape[0].bit_count() != 1
    ):
        raise ValueError(
            f"'data' has shape {array.shape}; use a density matrix, (2**n, 2**n), or a state"
        )
    n = int((array.size if is_state else len(array)).bit_length() - 1)
    instead = "use numket.reduced_density_matrix for some of them"
    _canvas.at_most(MAX_QUBITS_OF_DENSITY, n, "squares can be told apart", instead, "data")
    rho = np.outer(array, array.conj()) if is_state else array
    side = 0.25 * len(rho) ** 0.75
    ax = _canvas.axes(ax, 2.8 + 1.3 * side, 1.6 + side)
    sizes = np.sqrt(abs(rho) / (abs(rho[np.isfinite(rho)]).max(initial=0) or 1))
    colours = _canvas.PHASE(np.angle(np.nan_to_num(rho)) / (2 * np.pi) + 0.5)
    for (row, column), size in np.ndenumerate(sizes):
        if not np.isfinite(size):
            ax.plot(column, row, "x", color=_canvas.GREY)
        elif size > 1e-3:
            corner = (column - 0.47 * size, row - 0.47 * size)
            square = Rectangle(corner, 0.94 * size, 0.94 * size, color=colours[row, column])
            ax.add_patch(square)
    labels = [format(i, f"0{n}b") if n else "" for i in range(len(rho))]
    step = max(1, len(rho) // 16)
    places = range(0, len(rho), step)
    ax.set_xticks(places, labels[::step], rotation=90 if n > 1 else 0, family="monospace")
    ax.set_yticks(places, labels[::step], family="monospace")
    ax.set(xlim=(-0.5, len(rho) - 0.5), ylim=(len(rho) - 0.5, -0.5), aspect="equal")
    for spine in ax.spines.values():
        spine.set_visible(True)
    _add_wheel(ax)
    trace = complex(np.trace(rho))
    if not abs(trace - 1) < 1e-4:
        known = "NaN" if np.isnan(trace) else f"{trace.real:.4g}, not 1"
        _canvas.remark(ax, f"trace {known}")
    return ax
