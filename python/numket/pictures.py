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

CHARACTER, SIZE = 8, 13
"""Pixels of a character's width, and of its font."""
ROW, BOX, GAP = 40, 28, 14
"""Pixels from wire to wire, of the height of a box, and between columns."""


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


def shapes(made: Layout, fold: int) -> tuple[float, float, list[Shape]]:
    """Width, height, and all that is to be drawn, wires first."""
    margin = CHARACTER * made.margin + 4
    found: list[Shape] = []
    wide, top = float(margin), 0.0
    lengths = [CHARACTER * width + GAP for width in made.widths]
    by_column: dict[int, list[Element]] = {}
    for element in made.elements:
        by_column.setdefault(element.column, []).append(element)
    for block in made.blocks(fold):
        end = margin + sum(lengths[column] + GAP for column in block) + GAP
        wide = max(wide, end)
        for wire in range(made.wires):
            y = top + ROW * (wire + 0.5)
            found.append(Shape("text", margin - 6, y, text=f"q{wire}", anchor="end"))
            found.append(Shape("line", margin, y, end - margin))
        x = margin + GAP
        for column in block:
            for element in by_column.get(column, ()):
                found += _element(made, element, x + lengths[column] / 2, top)
            x += lengths[column] + GAP
        top += ROW * made.wires + ROW / 2
    top -= ROW / 2
    for note in made.notes:
        found.append(Shape("text", 4, top + ROW / 4, text=note, anchor="start"))
        wide = max(wide, CHARACTER * len(note) + 8)
        top += ROW / 2
    return wide, max(top, 1), found


def _element(made: Layout, element: Element, x: float, top: float) -> Iterator[Shape]:
    """What an element looks like around this middle."""
    colour, ink = COLOURS[element.kind], INK[element.kind]

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
        yield Shape("text", x, y_of(first) + ROW / 2, text=element.name, colour="#ffffff")
        for wire in range(first, last + 1):
            if wire not in element.cells:  # which passes through
                yield Shape("line", left, y_of(wire), wide, colour=PASSING)
    for wire, cell in element.cells.items():
        if wire >= made.wires:
            continue
        y, symbol = y_of(wire), cell[:1]
        if element.box and element.box[0] <= wire <= element.box[1]:
            yield Shape("text", left + 6, y, text=cell, colour="#ffffff", anchor="start")
            continue
        if symbol in "●○":
            yield Shape("disc" if symbol == "●" else "ring", x, y, 5, colour=ink)
        elif symbol == CROSS:
            yield Shape("line", x - 6, y - 6, 12, 12, colour=ink)
            yield Shape("line", x - 6, y + 6, 12, -12, colour=ink)
        else:
            size = CHARACTER * len(cell) + GAP - 2
            yield Shape("rect", x - size / 2, y - BOX / 2, size, BOX, colour=colour)
            yield Shape("text", x, y, text=cell, colour="#ffffff")
            continue
        if cell[1:]:
            yield Shape("text", x + 8, y - 10, text=cell[1:].strip(), colour=ink, anchor="start")


def _pen(colour: str) -> int:
    """Pixels of a line's width."""
    return 1 if colour in (GREY, PASSING) else 2


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
        figure = pyplot.figure(figsize=(wide / 96, high / 96))
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
