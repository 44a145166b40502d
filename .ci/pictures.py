"""Draw the pictures of the README and of the site into docs/_static.

    uv run --extra plot python .ci/pictures.py

`speed.svg` shows the table of programs in docs/benchmarks.md, which `numket bench dropin`
measures: its numbers are read from there. `circuit.svg` is a circuit as notebooks show it,
`sweeps.svg` one in the colours of its plan, and `quench.svg` a state of twenty qubits in the course
of time. All are transparent, in colours and grey that are read on light and on dark pages.
"""

import argparse
import re
from pathlib import Path

import numpy as np
from matplotlib import pyplot, rc_context
from matplotlib.figure import Figure

import numket as nk
from numket import plot
from numket.plot import _canvas

DOCS = Path(__file__).parents[1] / "docs"

PROGRAMS = {
    "Cirq: random circuit of depth 20": "Cirq: random circuit",
    "Qiskit: EfficientSU2, 16 repetitions, 16 qubits": "Qiskit: EfficientSU2, 16 qubits",
    "the same on 20 qubits": "Qiskit: EfficientSU2, 20 qubits",
    "PennyLane: energy after 400 rotations": "PennyLane: energy",
    "its gradient, adjoint": "PennyLane: gradient",
    "Qibo: brickwork, 20 layers": "Qibo: brickwork",
    "idioms, in place": "NumPy: a gate by hand",
}
"""What programs of the table are called in the chart."""


def rows() -> list[tuple[str, str, float]]:
    """Program, engine, and how many times the time with numket it takes, as the page has them."""
    page = (DOCS / "benchmarks.md").read_text()
    [table] = re.findall(r"\| program \| engine / with numket \|\n\|[-|]+\n((?:\|.*\n)+)", page)
    found = []
    for line in table.splitlines():
        program, told = (cell.strip() for cell in line.strip("|").split("|"))
        if program not in PROGRAMS:
            continue
        ratios = re.findall(r"([\d.]+) \(`?([\w.]+)", told)
        if program == "idioms, in place":
            ratios = [pair for pair in ratios if pair[1] == "tensordot"]
        found += [(PROGRAMS[program], engine, float(ratio)) for ratio, engine in ratios]
    return found


def speed() -> Figure:
    """The ratios as bars."""
    shown = rows()
    ax = _canvas.axes(None, 8, 0.8 + 0.3 * len(shown))
    places = np.arange(len(shown))
    ratios = [ratio for _, _, ratio in shown]
    ax.barh(places, ratios, color=_canvas.BLUE, height=0.7)
    for place, (_, engine, ratio) in enumerate(shown):
        told = f"{ratio:g} × {engine}"
        ax.annotate(told, (ratio, place), (5, -3), textcoords="offset points", color=_canvas.GREY)
    names = [name for name, _, _ in shown]
    firsts = [i for i, name in enumerate(names) if name not in names[:i]]
    ax.set_yticks(firsts, [names[i] for i in firsts])
    ax.tick_params("y", length=0)
    ax.axvline(1, color=_canvas.VERMILION, linewidth=2)
    ax.set_xscale("log")
    ax.set_xlim(0.95, 1600)
    ax.set_xticks([1, 10, 100], ["numket", "10 times", "100 times"])
    ax.set_xticks([], minor=True)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_title("time of other engines over that of the same program with numket", fontsize=10)
    return ax.figure


def quench() -> Figure:
    """Four of twenty spins are flipped, and melt; each column is read from the state."""
    n, delta = 20, 0.1
    step = nk.Circuit(n).rx(-0.3 * delta, range(n))
    for q in range(n - 1):
        step.rzz(-2 * delta, q, q + 1)
    step.rx(-0.3 * delta, range(n))
    state = nk.basis_state(n, "0" * 8 + "1111" + "0" * 8)
    spins = []
    for _ in range(49):
        spins.append(nk.bloch_vectors(state)[:, 2])
        step.repeat(5).run(state)
    return plot.evolution(spins, 0.5 * np.arange(49)).figure


def circuit() -> str:
    """Gates, an angle with a parameter, a channel, a measurement and what depends on it."""
    theta = nk.Parameter("theta")
    made = nk.Circuit(4).h(0).cx(0, 1).rzz(2 * theta, 1, 3).ry(theta, 2)
    made.apply_kraus(nk.channels.depolarizing(0.01), 0).x(3, controls=[1, 2], control_values=[1, 0])
    return made.swap(0, 1).measure(0).x(2, condition=0).draw("svg")


def sweeps() -> str:
    """A circuit whose operations have the colours and numbers of their sweeps."""
    bricks = nk.Circuit(18)
    for layer in range(3):
        for q in range(18):
            bricks.ry(0.1 * (layer + 1), q)
        for q in range(layer % 2, 17, 2):
            bricks.cx(q, q + 1)
    return bricks.draw("svg", sweeps=True)


def main() -> None:
    """Writes all of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=DOCS / "_static", help="where they go")
    folder = parser.parse_args().folder
    same = {"svg.fonttype": "none", "svg.hashsalt": "numket", "font.family": "sans-serif"}
    with rc_context(same):
        for make in (speed, quench):
            figure = make()
            path = folder / f"{make.__name__}.svg"
            figure.savefig(path, metadata={"Date": None, "Creator": None})
            pyplot.close(figure)
    for draw in (circuit, sweeps):
        (folder / f"{draw.__name__}.svg").write_text(draw() + "\n")


if __name__ == "__main__":
    main()
