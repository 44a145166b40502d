"""What all plots share: axes, colours, checks and remarks.

Pictures are transparent, their text is mid-grey, and colours are those of M. Okabe and K. Ito
(Color Universal Design, 2008), which people with any colour vision tell apart.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from numket import _core
from numket._core import Ket
from numket.pictures import SWEEPS

State = NDArray[np.complexfloating[Any, Any]] | Ket

GREY, GREY_Y = "#808080", "#7F7F7F"
"""Of text and lines, and of the ticks of y axes: four times as dark as white, and as bright as
black. Jupyter puts a dark ground under transparent figures whose ticks are all light, a light one
where all are dark, and none under those that have both."""

SERIES = BLUE, VERMILION, GREEN, PINK, ORANGE, SKY = SWEEPS
MARKERS = "os^Dv*"

NEGATIVE = "#2488D0"
"""A lighter blue, as bright as vermilion: half transparent, both are seen on any ground."""

SIGNED = LinearSegmentedColormap.from_list(
    "numket_signed",
    [
        (0.0, to_rgba(NEGATIVE)),
        (0.5, to_rgba(NEGATIVE, 0)),
        (0.5, to_rgba(VERMILION, 0)),
        (1.0, to_rgba(VERMILION)),
    ],
).with_extremes(bad=to_rgba(GREY, 0.25))
"""Negative values in blue, positive ones in vermilion, and nothing where they are 0."""

POSITIVE = LinearSegmentedColormap.from_list(
    "numket_positive", [to_rgba(VERMILION, 0), to_rgba(VERMILION)]
).with_extremes(bad=to_rgba(GREY, 0.25))
"""The upper half of it."""

PHASE = LinearSegmentedColormap.from_list("numket_phase", [VERMILION, GREEN, BLUE, PINK, VERMILION])
"""From -pi to pi: 0 is blue, pi/2 pink, pi vermilion and -pi/2 green, as where states are shown."""


def axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The given axes, or those of a new figure of some size in inches; transparent, in grey."""
    if ax is None:
        from matplotlib import pyplot

        figure, ax = pyplot.subplots(figsize=(width, height), layout="constrained")
        figure.set_frameon(False)  # where ticks are on one axis alone, too
    elif not isinstance(ax, Axes):
        raise TypeError(
            f"'ax' is a {type(ax).__name__}; use axes of matplotlib, as pyplot.subplots() makes"
        )
    ax.patch.set_alpha(0)
    in_grey(ax)
    return ax


def in_grey(ax: Axes) -> None:
    """Text, ticks and frame of some axes in grey, without the frame's upper and right sides."""
    ax.tick_params("x", colors=GREY, which="both")
    ax.tick_params("y", colors=GREY_Y, which="both")
    for text in (ax.xaxis.label, ax.yaxis.label, ax.title):
        text.set_color(GREY)
    for side, spine in ax.spines.items():
        spine.set_color(GREY)
        spine.set_visible(side in ("left", "bottom"))


def legend(ax: Axes) -> None:
    """A legend without a box, in grey."""
    ax.legend(frameon=False, labelcolor=GREY)


def remark(ax: Axes, *parts: str) -> None:
    """What there is to know of a picture, small, above its right corner; bright if it is amiss."""
    text = ", ".join(filter(None, parts))
    if not text:
        return
    amiss = "NaN" in text or "not 1" in text
    colour = VERMILION if amiss else GREY
    ax.set_title(text, loc="right", fontsize="small", color=colour)


def norm_of(state: State) -> float:
    """The norm of a state, refusing what is none."""
    return float(_core.norm(state))


def name_of_norm(norm: float) -> str:
    """What there is to say of a norm: nothing where it is 1, as far as single precision tells."""
    if abs(norm - 1) < 1e-4:
        return ""
    return "norm NaN" if np.isnan(norm) else f"norm {norm:.4g}, not 1"


def num_qubits(state: State) -> int:
    """How many qubits what passed for a state has."""
    return np.asarray(state).size.bit_length() - 1


def at_most(limit: int, n: int, shows: str, instead: str, name: str = "state") -> None:
    """Refuses more qubits than a picture can show."""
    if n > limit:
        raise ValueError(f"'{name}' has {n} qubits; {shows} up to {limit}: {instead}")


def numbers(name: str, given: Any, dimensions: Sequence[int]) -> NDArray[np.float64]:
    """An argument as real numbers of one of some dimensions, at least one in each."""
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"'{name}' is no array: {error}; use rows of one length") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"'{name}' has dtype {array.dtype}; use real numbers")
    if array.ndim not in dimensions or 0 in array.shape:
        wanted = " or ".join(map(str, dimensions))
        raise ValueError(
            f"'{name}' has shape {array.shape}; use {wanted} dimensions, none of length 0"
        )
    return array.astype(np.float64)


def image(
    ax: Axes, values: NDArray[np.float64], label: str, limit: float | None, **options: Any
) -> AxesImage:
    """Numbers as colours, with a key: up to a limit on both sides, or without one from 0.

    Where a value is NaN there is a cross.
    """
    signed = limit is not None
    largest = limit or float(values[np.isfinite(values)].max(initial=0)) or 1.0
    options = {"interpolation": "nearest", "aspect": "auto"} | options
    shown = ax.imshow(
        np.ma.masked_invalid(values),
        cmap=SIGNED if signed else POSITIVE,
        vmin=-largest if signed else 0,
        vmax=largest,
        **options,
    )
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)
    rows, columns = np.nonzero(~np.isfinite(values))
    if len(rows):
        ax.scatter(columns, rows, marker="x", color=GREY, label="NaN or infinite")
        remark(ax, "x: NaN or infinite")
    add_key(ax, shown, label)
    return shown


def add_key(ax: Axes, shown: ScalarMappable, label: str) -> None:
    """The key to the colours of what is shown, in grey."""
    figure = ax.get_figure()
    assert figure is not None
    key = figure.colorbar(shown, ax=ax, label=label)
    key.ax.patch.set_alpha(0)
    key.ax.tick_params(colors=GREY_Y)
    key.ax.yaxis.label.set_color(GREY)
    key.outline.set_edgecolor(GREY)


def qubit_ticks(ax: Axes, axis: str, n: int) -> None:
    """Whole numbers of qubits along an axis, no more of them than there is room for."""
    figure = ax.get_figure()
    assert figure is not None
    length = (ax.bbox.width if axis == "x" else ax.bbox.height) / figure.dpi
    room = 0.14 if axis == "y" or n <= 10 else 0.2  # inches for a label
    step = max(1, -(-n // 16), math.ceil(n * room / length))
    getattr(ax, f"set_{axis}ticks")(range(0, n, step))
    getattr(ax, f"set_{axis}label")("qubit")
