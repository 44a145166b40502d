"""Pictures of numbers that belong together: in the course of time, of steps, or of contestants."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from numket.plot import _canvas

MAX_SERIES = len(_canvas.SERIES)


def evolution(
    values: ArrayLike,
    times: ArrayLike | None = None,
    *,
    label: str = "⟨Z⟩",
    ax: Axes | None = None,
) -> Axes:
    """Draw a number for each qubit in the course of time: qubits from above, time to the right.

    Signed numbers are drawn from -1 to 1, or as far as they reach; others from 0 to the largest.

    Parameters
    ----------
    values : array_like of real numbers, shape (steps, n)
        A row for each time, such as ``numket.bloch_vectors(state)[:, 2]``.
    times : array_like of real numbers, shape (steps,), optional
        The time of each row, at equal distances; the numbers of the rows if not given.
    label : str
        What the numbers are.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        Where there are no real numbers, or `ax` are no axes.
    ValueError
        Where a shape is another, or times are not at equal distances.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import plot
    >>> state, rows = nk.zero_state(3), []
    >>> for step in range(5):
    ...     rows.append(nk.bloch_vectors(state)[:, 2])
    ...     nk.rx(state, 0.3, [0, 2])
    >>> ax = plot.evolution(rows)
    >>> ax.images[0].get_array().shape
    (3, 5)
    """
    rows = _canvas.numbers("values", values, (2,))
    steps, n = rows.shape
    known = np.arange(steps) if times is None else _canvas.numbers("times", times, (1,))
    if known.shape != (steps,):
        raise ValueError(
            f"'times' has shape {known.shape} and 'values' {rows.shape}; use a time for each row"
        )
    step = (known[-1] - known[0]) / (steps - 1) if steps > 1 else 1.0
    if not step > 0 or not np.allclose(np.diff(known), step, rtol=1e-3):
        raise ValueError("'times' are not at equal distances: use those of np.linspace")
    ax = _canvas.axes(ax, 6, 1.2 + 0.15 * min(max(n, 6), 24))
    finite = rows[np.isfinite(rows)]
    largest = float(abs(finite).max(initial=0))
    # What is below 0 by rounding is no sign.
    limit = max(1.0, largest) if (finite < -1e-6 * largest).any() else None
    extent = (known[0] - step / 2, known[-1] + step / 2, n - 0.5, -0.5)
    _canvas.image(ax, rows.T, label, limit=limit, extent=extent)
    ax.set_xlabel("step" if times is None else "time")
    _canvas.qubit_ticks(ax, "y", n)
    return ax


def convergence(
    values: ArrayLike | Mapping[str, ArrayLike],
    *,
    exact: float | None = None,
    label: str = "energy",
    ax: Axes | None = None,
) -> Axes:
    """Draw how numbers settle, step by step: the energies of an optimisation, or estimates.

    With `exact`, the distances from it are drawn, on a logarithmic axis.

    Parameters
    ----------
    values : array_like of real numbers, shape (steps,), or mapping of str to these
        The number after each step; of up to 6 courses by name.
    exact : float, optional
        The number that they settle at.
    label : str
        What the numbers are.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        Where there are no real numbers, or `ax` are no axes.
    ValueError
        Where a shape is another, or there are no courses, or more than 6.

    Examples
    --------
    >>> from numket import plot
    >>> ax = plot.convergence({"plain": [-1, -1.5, -1.9], "fast": [-1, -1.99]}, exact=-2)
    >>> [line.get_label() for line in ax.lines]
    ['plain', 'fast']
    """
    courses = values if isinstance(values, Mapping) else {"": values}
    if not 1 <= len(courses) <= MAX_SERIES:
        raise ValueError(
            f"'values' holds {len(courses)} courses; 1 to {MAX_SERIES} can be told apart: use fewer"
        )
    found = {str(name): _canvas.numbers("values", row, (1,)) for name, row in courses.items()}
    ax = _canvas.axes(ax, 5, 3)
    holes = False
    for (name, row), colour, marker in zip(
        found.items(), _canvas.SERIES, _canvas.MARKERS, strict=False
    ):
        shown = row if exact is None else abs(row - exact)
        holes |= not np.isfinite(row).all()
        ax.plot(shown, color=colour, marker=marker, markersize=3, linewidth=1.2, label=name)
    ax.set(xlabel="step", ylabel=label)
    if exact is not None:
        ax.set_yscale("log", nonpositive="mask")
        ax.set_ylabel(f"distance of {label} from {exact:.6g}")
    if len(found) > 1:
        _canvas.legend(ax)
    if holes:
        _canvas.remark(ax, "gaps: NaN or infinite")
    return ax


def timings(
    seconds: Mapping[str, float] | Mapping[str, Mapping[int, float]],
    *,
    label: str = "qubits",
    ax: Axes | None = None,
) -> Axes:
    """Draw how long contestants take, on logarithmic axes: bars, or lines over some size.

    Parameters
    ----------
    seconds : mapping of str to float, or to mappings of int to float
        The time of each contestant, drawn as bars with how many times it is that of the fastest; or
        its time for each size, of up to 6 contestants, drawn as lines.
    label : str
        What the sizes are.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        Where `seconds` is no such mapping, or `ax` are no axes.
    ValueError
        Where it is empty, has more than 6 lines, or a time is not positive and finite.

    Examples
    --------
    >>> from numket import plot
    >>> ax = plot.timings({"NumPy": 0.42, "numket": 0.012})
    >>> [text.get_text().strip() for text in ax.texts]
    ['420 ms, 35 times', '12 ms']
    >>> ax = plot.timings({"NumPy": {16: 0.02, 20: 0.42}, "numket": {16: 4e-4, 20: 0.012}})
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('qubits', 'seconds')
    """
    if not isinstance(seconds, Mapping):
        raise TypeError(
            f"'seconds' is a {type(seconds).__name__}; use a dict of times, or of dicts of times"
        )
    rows = [row if isinstance(row, Mapping) else {0: row} for row in seconds.values()]
    times = [_canvas.numbers("seconds", list(row.values()), (1,)) for row in rows]
    if not times or not all((np.isfinite(row) & (row > 0)).all() for row in times):
        raise ValueError("'seconds' holds no times, or some that are not positive: leave them out")
    names = list(map(str, seconds))
    if not any(isinstance(row, Mapping) for row in seconds.values()):
        return _timing_bars(names, np.concatenate(times), ax)
    if len(names) > MAX_SERIES:
        raise ValueError(
            f"'seconds' holds {len(names)} lines; {MAX_SERIES} can be told apart: use fewer"
        )
    ax = _canvas.axes(ax, 5, 3)
    for i, (name, row) in enumerate(zip(names, rows, strict=True)):
        sizes = sorted(row)
        ax.plot(
            sizes,
            [row[size] for size in sizes],
            color=_canvas.SERIES[i],
            marker=_canvas.MARKERS[i],
            label=name,
        )
    ax.set(xlabel=label, ylabel="seconds", yscale="log")
    _whole_ticks(ax, sorted({size for row in rows for size in row}))
    _canvas.legend(ax)
    return ax


def _whole_ticks(ax: Axes, sizes: Sequence[Any]) -> None:
    if len(sizes) <= 12:
        ax.set_xticks(sizes)


def _timing_bars(names: list[str], times: Any, ax: Axes | None) -> Axes:
    ax = _canvas.axes(ax, 5.5, 0.9 + 0.3 * max(len(names), 2))
    places = np.arange(len(names))
    fastest = times.min()
    colours = [_canvas.BLUE if time == fastest else _canvas.GREY for time in times]
    ax.set_xscale("log")
    left = fastest / 3
    ax.barh(places, times - left, left=left, color=colours, height=0.7)
    for place, time in enumerate(times):
        factor = "" if time == fastest else f", {_factor(time / fastest)} times"
        ax.text(time, place, f"  {_duration(time)}{factor}", va="center", color=_canvas.GREY)
    ax.set_xlim(left, times.max() * (times.max() / left) ** 0.5)
    ax.set_yticks(places, names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlabel("seconds")
    return ax


def _factor(ratio: float) -> str:
    """A ratio with three digits, and as many zeros as it takes.

    >>> _factor(35.02), _factor(1381.3)
    ('35', '1,380')
    """
    return f"{float(f'{ratio:.3g}'):,g}" if ratio < 1e6 else f"{ratio:.3g}"


def _duration(seconds: float) -> str:
    """A time in a unit that suits it.

    >>> _duration(0.42), _duration(3e-5), _duration(90)
    ('420 ms', '30 µs', '90 s')
    """
    unit, size = next(
        ((unit, size) for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= size),
        ("ns", 1e-9),
    )
    return f"{seconds / size:.3g} {unit}"
