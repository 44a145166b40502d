"""Pictures of circuits: what they show, that they show all of it, and that they are bounded."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import numket as nk
from numket.drawing import CROSS, MAX_COLUMNS, MAX_WIRES, Drawing, channel_text, layout

SVG = "{http://www.w3.org/2000/svg}"


def everything():
    theta = nk.Parameter("theta")
    circuit = nk.Circuit(4).h(0).cx(0, 2).rzz(0.5, 1, 3)
    circuit.pauli_rotation(2 * theta + np.pi / 2, "XYZ", (0, 2, 3))
    circuit.x(3, controls=[0, 1], control_values=[0, 1]).swap(0, 3).cswap(0, 1, 2)
    circuit.measure([0, 2]).x(1, condition={0: 1, 1: 0}).reset(3)
    circuit.apply(np.eye(4), (1, 3)).apply(np.eye(4), (1, 3)).apply(np.diag([1, 1j]), 0)
    circuit.apply_kraus(nk.channels.depolarizing(0.01), 2).apply_diagonal([1, 1, 1, -1], (0, 1))
    circuit.apply_permutation([1, 2, 3, 0], (0, 1)).iswap(0, 3).sdg(0)
    circuit.gphase(0.5).gphase(0.25, controls=[0, 2]).cu(0.1, 0.2, 0.3, 0.4, 0, 1)
    return circuit.measure(1, readout_error=(0.01, 0.02))


def test_all_that_a_text_shows():
    text = everything().draw(fold=1000)
    for label in (
        *("Rzz(0.5)", "R(2*theta + π/2)", "●", "○", CROSS, "M c0", "M c1", "X if c0=1,c1=0", "|0>"),
        *("U₁", "U₂", "D₁", "Π₁", "depolarizing(0.01)", "iSWAP", "S†", "● phase(0.25)"),
        *("U(0.1, 0.2, 0.3, 0.4)", "M c2 error(0.01, 0.02)"),
    ):
        assert label in text
    assert text.count("U₁") == 2  # equal matrices have one name
    assert text.splitlines()[-1] == "global phase 0.5"
    assert len(text.splitlines()) == 8


def test_wires_and_lines():
    circuit = nk.Circuit(3).h(0).cx(0, 2).rzz(0.5, 0, 1).x(2, controls=[0], control_values=[0])
    assert str(circuit.draw()) == (
        "q0: ─H─●─┤Z       ├─○─\n"
        "       │ │Rzz(0.5)│ │\n"
        "q1: ───┼─┤Z       ├─┼─\n"
        "       │            │\n"
        "q2: ───X────────────X─"
    )
    assert str(nk.Circuit(2).h(0).draw()) == "q0: ─H─\nq1: ───"
    # What uses other qubits stands in one column.
    assert str(nk.Circuit(3).h([0, 2]).x(1).draw()) == "q0: ─H─\nq1: ─X─\nq2: ─H─"


def test_symbols_stand_on_the_line_that_joins_them():
    text = str(nk.Circuit(2).gphase(0.5, controls=[0, 1]).draw())
    assert text == (
        "q0: ────────────●────────────\n                │\nq1: ────────────● phase(0.5)─"
    )


def test_wires_pass_through_boxes():
    text = str(nk.Circuit(3).apply_pauli("XY", (0, 2)).draw())
    assert text.splitlines()[2] == "q1: ─┼──┼─"


def test_what_repr_says():
    circuit = nk.Circuit(2).h(0).cx(0, 1).measure_all()
    assert (
        repr(circuit)
        == str(circuit)
        == (
            "Circuit of 3 operations on 2 qubits and 2 bits\n"
            "q0: ─H─●─M c0─\n"
            "       │\n"
            "q1: ───X─M c1─"
        )
    )
    assert repr(nk.Circuit(0)) == "Circuit of 0 operations on 0 qubits"
    assert repr(nk.Circuit(1).gphase(1)).endswith("\nq0: ─\nglobal phase 1")


def test_measured_bits_come_before_what_asks_for_them():
    circuit = nk.Circuit(3).h(0).measure(0).x(2, condition=0).measure(1, 0).z(2, condition=0)
    columns = {e.place: e.column for e in layout(circuit).elements}
    assert columns[1] < columns[2] < columns[3] < columns[4]


def test_every_operation_has_its_place(rng):
    """No two elements of a column overlap, and operations on a qubit come in their order."""
    circuit = nk.Circuit(6)
    for _ in range(150):
        a, b, c = rng.permutation(6)[:3].tolist()
        if rng.integers(2):
            circuit.pauli_rotation(0.1, "XZ", (a, b), controls=[c])
        else:
            circuit.cx(a, b)
    made = layout(circuit)
    assert made.shown == 150
    taken = set()
    for element in made.elements:
        low, high = element.span
        cells = {(element.column, wire) for wire in range(low, high + 1)}
        assert not cells & taken
        taken |= cells
    for wire in range(6):
        columns = [e.column for e in made.elements if wire in e.cells]
        assert columns == sorted(columns)


def test_folding():
    circuit = nk.Circuit(2).h(0).cx(0, 1) * 30
    for fold in (20, 33, 100):
        lines = circuit.draw(fold=fold).splitlines()
        assert max(map(len, lines)) <= fold
        assert "".join(lines).count("H") == 30
        assert all(line.startswith("q") for line in lines[::4])
    assert len(nk.Circuit(1).rx(nk.Parameter("a" * 300), 0).draw(fold=20)) < 60  # one column


def test_pictures_are_bounded(rng):
    circuit = nk.Circuit(20)
    for _ in range(5000):
        a, b = rng.permutation(20)[:2].tolist()
        circuit.rx(float(rng.normal()), a).cx(a, b)
    assert len(repr(circuit)) < 20_000
    assert re.search(r"\n\.\.\. and [\d,]+ more operations$", repr(circuit))
    assert len(circuit._repr_html_()) < 60_000
    assert layout(circuit).widths == layout(circuit[:9000]).widths
    assert len(layout(circuit).widths) == MAX_COLUMNS
    shown = layout(circuit).shown
    assert 5 < shown < 10_000
    assert f"... and {10_000 - shown:,} more operations" in circuit.draw()


def test_what_is_shown_are_the_first_operations():
    circuit = nk.Circuit(2).x(0) * (MAX_COLUMNS + 5)
    circuit.y(1)  # would find room, but comes after others that do not
    text = circuit.draw()
    assert "Y" not in text
    assert text.count("X") == MAX_COLUMNS
    assert text.endswith("... and 6 more operations")
    assert "Y" in circuit[-1:].draw()


def test_many_qubits():
    circuit = nk.Circuit(62).h(range(62)).cx(0, 61).cx(40, 41)
    lines = repr(circuit).splitlines()
    assert len(lines) == 2 * MAX_WIRES + 1
    assert lines[-1] == "... and 30 more qubits"
    assert ElementTree.fromstring(circuit.draw("svg")).findall(f"{SVG}text")[-1].text == lines[-1]


def test_names_are_shown_as_they_may_be():
    text = nk.Circuit(1).rx(nk.Parameter("<b>\n\x00" + "x" * 99), 0).draw()
    assert "Rx(<b>??xxx" in text
    assert "…" in text
    assert len(text.splitlines()) == 1
    svg = nk.Circuit(1).rx(nk.Parameter("<b>\x00&"), 0).draw("svg")
    assert ElementTree.fromstring(svg).findall(f"{SVG}text")[-1].text == "Rx(<b>?&)"


CHANNELS = [
    ("bit_flip", (0.1,)),
    ("phase_flip", (0.25,)),
    ("bit_phase_flip", (1.0,)),
    ("amplitude_damping", (0.3,)),
    ("phase_damping", (0.2,)),
    ("depolarizing", (0.01,)),
    ("depolarizing", (0.01, 2)),
    ("generalized_amplitude_damping", (0.3, 0.9)),
]


@pytest.mark.parametrize(("name", "values"), CHANNELS)
def test_channels_are_known(name, values):
    operators = getattr(nk.channels, name)(*values)
    shown = f"{name}({', '.join(f'{value:g}' for value in values if value != 2)})"
    assert channel_text(operators) == shown
    qubits = range(operators.shape[1].bit_length() - 1)
    assert shown in nk.Circuit(2).apply_kraus(operators, qubits).draw()


def test_other_channels_have_numbers():
    mixed = [np.eye(2) * np.sqrt(0.5), np.diag([1, 1j]) * np.sqrt(0.5)]
    assert "K₁" in nk.Circuit(1).apply_kraus(mixed, 0).draw()
    assert channel_text(np.array([np.eye(2)])) is None


def texts(svg):
    return [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_the_svg_shows_what_the_text_shows():
    circuit = everything()
    text, svg = circuit.draw(fold=1000), circuit.draw("svg", fold=1000)
    labels = [label for label in texts(svg) if label]
    for label in labels:
        assert label in text or f"● {label}" in text
    assert labels.count("U₁") == 2
    assert "global phase 0.5" in labels
    root = ElementTree.fromstring(svg)
    wide, high = float(root.get("width")), float(root.get("height"))
    for shape in root.iter():
        for x, y in (("x", "y"), ("cx", "cy")):
            if shape.get(x):
                assert 0 <= float(shape.get(x)) <= wide
                assert 0 <= float(shape.get(y)) <= high
    filled = [c.get("fill") for c in root.iter(f"{SVG}circle")]
    assert filled.count("#ffffff") == 1  # the only control that must be 0


def test_the_picture_of_a_notebook():
    circuit = everything()
    html = circuit._repr_html_()
    found = re.fullmatch(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]*)">', html)
    assert found[1] == "Circuit of 22 operations on 4 qubits and 3 bits"
    assert base64.b64decode(found[2]).decode() == circuit.draw("svg")
    assert circuit.draw("svg")._repr_html_().startswith("<img")
    assert circuit.draw()._repr_html_() is None


def test_a_drawing_prints_as_it_is():
    drawing = nk.Circuit(1).h(0).draw()
    assert isinstance(drawing, Drawing)
    assert repr(drawing) == str(drawing) == "q0: ─H─"


@pytest.mark.parametrize("style", ["default", "numket.plot.clear"])
def test_matplotlib_draws_the_same(style):
    plt = pytest.importorskip("matplotlib.pyplot")
    with plt.rc_context({"backend": "agg"}), plt.style.context(style):
        circuit = everything()
        ax = circuit.draw("mpl", fold=1000)
        shown = sorted(text.get_text() for text in ax.texts)
        assert shown == sorted(text or "" for text in texts(circuit.draw("svg", fold=1000)))
        ax.figure.canvas.draw()
        other = plt.figure().add_subplot()
        assert circuit.draw("mpl", ax=other) is other
        plt.close("all")


def test_refused_drawings():
    circuit = nk.Circuit(1)
    with pytest.raises(ValueError, match="use 'text', 'svg' or 'mpl'"):
        circuit.draw("latex")
    with pytest.raises(ValueError, match="'fold' is 5"):
        circuit.draw(fold=5)
    with pytest.raises(TypeError, match="'fold' is a str"):
        circuit.draw(fold="x")
    with pytest.raises(TypeError, match="only 'mpl'"):
        circuit.draw("svg", ax=1)
