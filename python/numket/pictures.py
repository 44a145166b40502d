"""Pictures of circuits as SVG and by Matplotlib: lines, boxes and texts at the same places.

Colours are of middle lightness on a transparent ground, so that one picture serves light and dark
pages.
"""

from base64 import b64encode
from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

from numket._names import public as _public
from numket.drawing import CROSS, Element, Layout

__all__: list[str] = []

__dir__ = _public(globals())

GREY, PASSING = "#808080", "#c0c0c0"
"""Of wires, and of those that pass through a box."""
COLOURS = {
    "gate": "#3b6fb6",
    "angle": "#7a52b3",
    "matrix": "#2a7f7a",
    "channel": "#b45f06",
    "measure": "#6b7280",
}
"""Of boxes; white text on them has a contrast of at least 4.5."""
INK = {
    "gate": "#5b8bd0",
    "angle": "#9575cd",
    "matrix": "#3f9f99",
    "channel": "#c9752a",
    "measure": "#808792",
}
"""Of lines and circles, on a light or a dark ground."""

SWEEPS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Of sweeps, in turn: colours of M. Okabe and K. Ito (Color Universal Design, 2008), which people
with any colour vision tell apart."""

CHARACTER, SIZE = 8, 13
"""Pixels of a character's width, and of its font."""
ROW, BOX, GAP = 40, 28, 14
"""Pixels from wire to wire, of the height of a box, and between columns."""
MAX_LEGEND = 16
"""Sweeps that a legend names."""


def sweep_colour(sweep: int | None) -> str:
    """The colour of a sweep; grey for what has no effect.

    >>> sweep_colour(1) == sweep_colour(7)
    True
    """
    return GREY if sweep is None else SWEEPS[sweep % len(SWEEPS)]


def text_on(colour: str) -> str:
    """White or black, whichever is read better on a colour.

    >>> text_on("#0072B2"), text_on("#E69F00")
    ('#ffffff', '#000000')
    """
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if luminance < 0.179 else "#000000"


class Shape(NamedTuple):
    """A line, rect, disc, ring or text."""

    name: str
    x: float
    y: float
    width: float = 0
    """Of a rect or, with the height, the way along a line; the radius of a disc."""
    height: float = 0
    text: str = ""
    colour: str = GREY
    anchor: str = "middle"


def _columns(made: Layout, fold: int) -> tuple[list[tuple[float, float]], list[float], list[float]]:
    """For each column the middle and where its wires begin, for each line of wires where these end,
    and for each column its length."""
    margin = CHARACTER * made.margin + 4
    lengths = [float(CHARACTER * width + GAP) for width in made.widths]
    middles: list[tuple[float, float]] = []
    ends, top = [], 0.0
    for block in made.blocks(fold):
        x = float(margin + GAP)
        for column in block:
            middles.append((x + lengths[column] / 2, top))
            x += lengths[column] + GAP
        ends.append(x)
        top += ROW * made.wires + ROW / 2
    return middles, ends, lengths


def boxes(made: Layout, fold: int) -> dict[int, list[tuple[float, float, float, float]]]:
    """Where operations are in the picture: of each the corner, width and height of its elements.

    >>> import numket as nk
    >>> from numket.drawing import layout
    >>> sorted(boxes(layout(nk.Circuit(2).h(0).measure([0, 1])), 100))
    [0, 1]
    """
    middles, _, lengths = _columns(made, fold)
    found: dict[int, list[tuple[float, float, float, float]]] = {}
    for element in made.elements:
        x, top = middles[element.column]
        low, high = element.span
        high = min(high, made.wires - 1)
        wide = lengths[element.column]
        box = (x - wide / 2, top + ROW * low, wide, float(ROW * (high - low + 1)))
        found.setdefault(element.place, []).append(box)
    return found


def shapes(made: Layout, fold: int) -> tuple[float, float, list[Shape]]:
    """Width, height, and all that is to be drawn, wires first."""
    margin = CHARACTER * made.margin + 4
    found: list[Shape] = []
    wide, top = float(margin), 0.0
    middles, ends, _ = _columns(made, fold)
    for end in ends:
        wide = max(wide, end)
        for wire in range(made.wires):
            y = top + ROW * (wire + 0.5)
            found.append(Shape("text", margin - 6, y, text=f"q{wire}", anchor="end"))
            found.append(Shape("line", margin, y, end - margin))
        top += ROW * made.wires + ROW / 2
    for element in made.elements:
        found += _element(made, element, *middles[element.column])
    top -= ROW / 2
    if made.sweeps:
        wide, top, legend = _legend(made, max(wide, margin + CHARACTER * 40), top + GAP)
        found += legend
    for note in made.notes:
        found.append(Shape("text", 4, top + ROW / 4, text=note, anchor="start"))
        wide = max(wide, CHARACTER * len(note) + 8)
        top += ROW / 2
    return wide, max(top, 1), found


def _legend(made: Layout, wide: float, top: float) -> tuple[float, float, list[Shape]]:
    """What the colours are, in lines of some width: the width, where they end, and the shapes."""
    found: list[Shape] = []
    x, sweeps = 4.0, made.sweeps
    names = [
        (f"sweep {sweep}" if sweep is not None else "-: without effect", sweep_colour(sweep))
        for sweep in sweeps[:MAX_LEGEND]
    ]
    if len(sweeps) > MAX_LEGEND:
        names.append((f"... and {len(sweeps) - MAX_LEGEND} more", ""))
    for name, colour in names:
        size = CHARACTER * len(name) + GAP - 2
        if x > 4 and x + size > wide:
            x, top = 4.0, top + BOX
        if colour:
            found.append(Shape("rect", x, top, size, BOX - 6, colour=colour))
        ink = text_on(colour) if colour else GREY
        found.append(Shape("text", x + size / 2, top + (BOX - 6) / 2, text=name, colour=ink))
        x += size + GAP / 2
    return wide, top + BOX, found


def _label(made: Layout, text: str, x: float, y: float, colour: str) -> Iterator[Shape]:
    """A label in a box around this middle, and the number of the sweep after a line."""
    if made.numbers is None:
        yield Shape("text", x, y, text=text, colour=colour)
        return
    name, _, tag = text.rpartition(":")
    left = x - CHARACTER * len(text) / 2
    middle = left + CHARACTER * (len(name) + 0.5)
    yield Shape("text", left + CHARACTER * len(name) / 2 - 1, y, text=name, colour=colour)
    yield Shape("line", middle, y - BOX / 2 + 4, 0, BOX - 8, colour=colour)
    end = left + CHARACTER * (len(name) + 1 + len(tag) / 2) + 1
    yield Shape("text", end, y, text=tag, colour=colour)


def _element(made: Layout, element: Element, x: float, top: float) -> Iterator[Shape]:
    """What an element looks like around this middle."""
    colour, ink = COLOURS[element.kind], INK[element.kind]
    if made.numbers is not None:
        colour = ink = sweep_colour(element.sweep)
    white = text_on(colour)

    def y_of(wire: int) -> float:
        return top + ROW * (wire + 0.5)

    low, high = element.span
    shown = min(high, made.wires - 1)
    if high > low:
        end = y_of(shown) + (ROW / 2 if shown < high else 0)
        yield Shape("line", x, y_of(low), 0, end - y_of(low), colour=ink)
    left, wide = 0.0, 0.0
    if element.box:
        first, last = element.box
        left, wide = x - (CHARACTER * element.width) / 2, CHARACTER * element.width
        last = min(last, made.wires - 1)
        height = y_of(last) - y_of(first) + BOX
        yield Shape("rect", left, y_of(first) - BOX / 2, wide, height, colour=colour)
        yield from _label(made, element.name, x, y_of(first) + ROW / 2, white)
        for wire in range(first, last + 1):
            if wire not in element.cells:  # which passes through
                yield Shape("line", left, y_of(wire), wide, colour=PASSING)
    for wire, cell in element.cells.items():
        if wire >= made.wires:
            continue
        y, symbol = y_of(wire), cell[:1]
        if element.box and element.box[0] <= wire <= element.box[1]:
            yield Shape("text", left + 6, y, text=cell, colour=white, anchor="start")
            continue
        if symbol in "●○":
            yield Shape("disc" if symbol == "●" else "ring", x, y, 5, colour=ink)
        elif symbol == CROSS:
            yield Shape("line", x - 6, y - 6, 12, 12, colour=ink)
            yield Shape("line", x - 6, y + 6, 12, -12, colour=ink)
        else:
            size = CHARACTER * len(cell) + GAP - 2
            yield Shape("rect", x - size / 2, y - BOX / 2, size, BOX, colour=colour)
            yield from _label(made, cell, x, y, white)
            continue
        if cell[1:]:
            text = cell[1:].strip().removeprefix(":")
            yield Shape("text", x + 8, y - 10, text=text, colour=ink, anchor="start")


def _pen(colour: str) -> int:
    """Pixels of a line's width."""
    return 1 if colour in (GREY, PASSING, "#ffffff", "#000000") else 2


def svg(made: Layout, fold: int) -> str:
    """The picture as an SVG file.

    >>> import numket as nk
    >>> from numket.drawing import layout
    >>> svg(layout(nk.Circuit(2).h(0).cx(0, 1)), 100).count("<rect")
    2
    """
    wide, high, found = shapes(made, fold)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{high:g}" '
        f'viewBox="0 0 {wide:g} {high:g}" font-family="monospace" font-size="{SIZE}">'
    ]
    for name, x, y, width, height, text, colour, anchor in found:
        if name == "line":
            pen = f'stroke="{colour}" stroke-width="{_pen(colour)}"'
            parts.append(f'<path d="M{x:g} {y:g}l{width:g} {height:g}" {pen}/>')
        elif name == "rect":
            place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
            parts.append(f'<rect {place} rx="3" fill="{colour}"/>')
        elif name == "text":
            # The letters stand in the middle of the line wherever a font has its baseline.
            place = f'x="{x:g}" y="{y + SIZE * 0.34:g}" text-anchor="{anchor}" fill="{colour}"'
            parts.append(f"<text {place}>{escape(text)}</text>")
        else:
            fill = colour if name == "disc" else "#ffffff"
            place = f'cx="{x:g}" cy="{y:g}" r="{width:g}"'
            parts.append(f'<circle {place} fill="{fill}" stroke="{colour}" stroke-width="2"/>')
    return "".join([*parts, "</svg>"])


def embedded(picture: str, alt: str) -> str:
    """An HTML element that shows an SVG file, also where HTML is not trusted.

    >>> embedded("<svg/>", "nothing")
    '<img alt="nothing" src="data:image/svg+xml;base64,PHN2Zy8+">'
    """
    data = b64encode(picture.encode()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def mpl(made: Layout, fold: int, ax: Any = None) -> Any:
    """The picture in axes of Matplotlib."""
    try:
        from matplotlib import pyplot
        from matplotlib.patches import Circle, FancyBboxPatch
    except ImportError as error:
        raise ImportError("'mpl' needs Matplotlib: use pip install 'numket[plot]'") from error
    wide, high, found = shapes(made, fold)
    if ax is None:
        figure = pyplot.figure(figsize=(wide / 96, high / 96), layout="none")
        figure.set_frameon(False)
        ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set(xlim=(0, wide), ylim=(high, 0), aspect="equal")
    ax.set_axis_off()
    extent = ax.get_window_extent()
    scale = min(extent.width / wide, extent.height / high) * 72 / ax.figure.dpi
    sides = {"middle": "center", "start": "left", "end": "right"}
    for order, (name, x, y, width, height, text, colour, anchor) in enumerate(found):
        if name == "line":
            ax.plot(
                [x, x + width],
                [y, y + height],
                color=colour,
                lw=scale * _pen(colour),
                zorder=order,
            )
        elif name == "rect":
            style = "round,pad=0,rounding_size=3"
            box = FancyBboxPatch((x, y), width, height, style, fc=colour, ec="none", zorder=order)
            ax.add_patch(box)
        elif name == "text":
            options = {"ha": sides[anchor], "va": "center_baseline", "family": "monospace"}
            size = SIZE * scale
            ax.text(x, y, text, color=colour, size=size, zorder=order, parse_math=False, **options)
        else:
            fill = colour if name == "disc" else "#ffffff"
            shape = Circle((x, y), width, fc=fill, ec=colour, lw=2 * scale, zorder=order)
            ax.add_patch(shape)
    return ax
