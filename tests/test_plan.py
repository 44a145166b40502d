"""What `explain` tells: the same in text and HTML, and true of how a circuit runs."""

import re
from base64 import b64decode
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest

import numket as nk
import oracle
from numket.drawing import layout
from numket.pictures import GREY, SWEEPS, sweep_colour, text_on
from numket.plan import MAX_ROWS

SVG = "{http://www.w3.org/2000/svg}"


def brickwork(n, layers, rng):
    circuit = nk.Circuit(n)
    for layer in range(layers):
        for q in range(n):
            circuit.ry(float(rng.normal()), q)
        for q in range(layer % 2, n - 1, 2):
            circuit.cx(q, q + 1)
    return circuit


def words(html):
    """What a page says, without the characters that the table sets otherwise."""
    text = unescape(re.sub(r"<[^>]*>", " ", html))
    return set(text.replace("⟩", ">").split())


def test_what_a_plan_says(rng):
    circuit = brickwork(20, 6, rng)
    plan = circuit.explain()
    first, *lines = str(plan).splitlines()
    count = len(plan.sweeps)
    assert 1 < count < 20
    assert first.startswith(
        f"{len(circuit)} operations on 20 qubits in {count} sweeps over the state"
    )
    assert f"{32 * count} MiB read and written" in first
    assert re.search(r"about [\d.]+ ms on one thread$", first)
    assert len([line for line in lines if line.startswith("  sweep ")]) == count
    assert words(repr(plan)) <= words(plan._repr_html_())
    assert repr(plan) == str(plan)


def test_numbers_of_a_plan_add_up(rng):
    plan = brickwork(18, 5, rng).h(0).h(0).measure([0, 3]).x(1, condition=0).reset(2).explain()
    assert plan.bytes == sum(sweep.bytes for sweep in plan.sweeps)
    assert plan.seconds == sum(sweep.seconds for sweep in plan.sweeps)
    assert plan.steps == sum(sweep.steps for sweep in plan.sweeps)
    done = [operation for sweep in plan.sweeps for operation in sweep.operations]
    assert len(done) == len(set(done)) == plan.operations - plan.numbers.count(None)
    for number, sweep in enumerate(plan.sweeps):
        assert all(plan.numbers[operation] == number for operation in sweep.operations)
        assert list(sweep.operations) == sorted(sweep.operations)


def test_units_that_suit():
    assert "256 B read" in str(nk.Circuit(3).h(0).cx(0, 1).explain())
    assert re.search(r"about \d+ ns on", str(nk.Circuit(3).h(0).cx(0, 1).explain()))
    assert "32 GiB read" in str(nk.Circuit(30).h(0).explain())
    assert re.search(r"about [\d.]+ s on", str(nk.Circuit(30).h(0).explain()))
    assert str(nk.Circuit(2).explain()).startswith("0 operations on 2 qubits in 0 sweeps")
    assert str(nk.Circuit(0).gphase(1).explain()).startswith("1 operation on 0 qubits in 1 sweep")


def test_measurements_by_name():
    plan = nk.Circuit(3).h(0).measure([0, 2]).reset(1).explain()
    text = str(plan)
    for line in (
        *("reads for measure of qubit 0", "writes for measure of qubit 2"),
        *("reads for reset of qubit 1", "writes for reset of qubit 1"),
    ):
        assert text.count(line) == 1
        assert line in plan._repr_html_()
    assert plan.numbers == [0, 4, 6]  # a measurement of two qubits is complete with the second
    assert [sweep.only_reads for sweep in plan.sweeps] == [False, *[True, False] * 3]
    assert [sweep.bytes for sweep in plan.sweeps] == [256, *[128, 256] * 3]


def test_what_others_undo_has_no_effect():
    circuit = nk.Circuit(2).x(0).x(0).apply_pauli("Y", 1).apply_pauli("Y", 1).cx(0, 1)
    plan = circuit.explain()
    assert plan.numbers == [None, None, None, None, 0]
    assert "4 operations without effect" in str(plan)
    # These change what lies between them.
    assert nk.Circuit(2).x(0).cz(0, 1).x(0).h(1).explain().numbers == [0, 0, 0, 0]


def test_operations_in_the_order_of_their_sweeps(rng):
    """Rotations and diagonals are each in one sweep whole, but for phases that may wait."""
    n = 14
    circuit = nk.Circuit(n)
    for _ in range(150):
        a, b = rng.permutation(n)[:2].tolist()
        match rng.integers(4):
            case 0:
                circuit.ry(float(rng.normal()), a)
            case 1:
                circuit.h(a)
            case 2:
                circuit.cp(float(rng.normal()), a, b)
            case _:
                circuit.apply(oracle.random_unitary(rng, 2), [a, b])
    numbers = circuit.explain().numbers
    assert len(set(numbers)) > 2
    order = [place for place, number in enumerate(numbers) if number is not None]
    order.sort(key=lambda place: numbers[place])
    assert order != sorted(order)
    expected = oracle.random_state(rng, n)
    found = expected.copy()
    for place in range(len(circuit)):
        circuit[place].apply(expected)
    for place in order:
        circuit[place].apply(found)
    np.testing.assert_allclose(found, expected, atol=1e-13)


def test_what_prepare_leaves_out():
    """A chain of controlled X from |0...0>: parts in which a qubit is still 1 are not touched."""
    n = 22
    circuit = nk.Circuit(n).h(0)
    for q in range(n - 1):
        circuit.cx(q, q + 1)
    plan = circuit.explain()
    assert 16 << n <= plan.prepare_bytes < plan.bytes
    assert "prepare, from |0...0>, reads and writes" in str(plan)
    assert "prepare" not in str(nk.Circuit(3).h(0).measure(0).explain())


def test_long_plans_are_bounded(rng):
    long = nk.Circuit(14)
    for _ in range(100):
        long.apply(oracle.random_unitary(rng, 3), [0, 5, 9]).h(13)
    plan = long.explain()
    assert len(str(plan).splitlines()) < MAX_ROWS + 4
    assert f"... and {len(plan.sweeps) - MAX_ROWS} more sweeps" in str(plan)
    assert f"... and {len(plan.sweeps) - MAX_ROWS} more sweeps" in plan._repr_html_()
    assert len(plan._repr_html_()) < 80_000


def test_a_plan_is_that_of_the_circuit_then():
    circuit = nk.Circuit(2).h(0)
    plan = circuit.explain()
    circuit.h(1)
    assert (plan.operations, len(circuit)) == (1, 2)
    assert plan == nk.Circuit(2).h(0).explain()


def test_the_sweeps_of_a_drawing_as_text():
    circuit = nk.Circuit(3).x(0).x(0).cx(0, 1).swap(1, 2).rzz(0.5, 0, 1).measure(0)
    circuit.gphase(0.25, controls=[0, 1])
    text = circuit.draw(sweeps=True)
    numbers = circuit.explain().numbers
    assert numbers[:2] == [None, None]
    assert text.count("X:-") == 2
    for label, number in zip(
        ("X", "\N{MULTIPLICATION SIGN}", "Rzz(0.5)", "M c0", "phase(0.25)"),
        numbers[2:],
        strict=True,
    ):
        assert f"{label}:{number}" in text
    assert text.splitlines()[-1] == (
        "NAME:k is an operation that sweep k completes, NAME:- one without effect"
    )
    assert circuit.draw() == circuit.draw(sweeps=False)
    assert ":" not in circuit.draw().replace("q0:", "").replace("q1:", "").replace("q2:", "")


def svg_of(html):
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    return b64decode(data).decode()


def test_the_sweeps_of_a_drawing_in_colours(rng):
    circuit = brickwork(16, 8, rng)
    plan = circuit.explain()
    picture = circuit.draw("svg", sweeps=True)
    root = ElementTree.fromstring(picture)
    shown = layout(circuit, numbers=plan.numbers)
    fills = [rect.get("fill") for rect in root.iter(f"{SVG}rect")]
    boxes = [sweep_colour(element.sweep) for element in shown.elements]
    legend = [sweep_colour(sweep) for sweep in shown.sweeps]
    assert sorted(fills) == sorted(boxes + legend)
    assert len(set(boxes)) > 1
    texts = [text.text for text in root.iter(f"{SVG}text")]
    for sweep in shown.sweeps:  # colour alone tells nothing
        assert f"sweep {sweep}" in texts
        count = sum(element.sweep == sweep for element in shown.elements)
        assert texts.count(str(sweep)) == count
    in_notebook = ElementTree.fromstring(svg_of(plan._repr_html_()))
    assert {rect.get("fill") for rect in in_notebook.iter(f"{SVG}rect")} <= set(SWEEPS)
    assert "sweep 0" in [text.text for text in in_notebook.iter(f"{SVG}text")]


def test_a_legend_is_bounded(rng):
    long = nk.Circuit(14)
    for _ in range(60):
        long.apply(oracle.random_unitary(rng, 3), [0, 5, 9])
    picture = long.draw("svg", sweeps=True, fold=100)
    assert "... and 44 more" in picture
    idle = nk.Circuit(1).x(0).x(0).draw("svg", sweeps=True)
    assert "-: without effect" in idle
    assert GREY in idle


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_text_on_colours_can_be_read():
    """A contrast of 4.5 (WCAG 2.1, criterion 1.4.3)."""
    for colour in (*SWEEPS, GREY):
        low, high = sorted(map(luminance, (colour, text_on(colour))))
        assert (high + 0.05) / (low + 0.05) > 4.5


def test_sweeps_drawn_by_matplotlib(rng):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    ax = brickwork(4, 2, rng).draw("mpl", sweeps=True)
    assert "sweep 0" in [text.get_text() for text in ax.texts]
    pyplot.close(ax.figure)


def test_bad_arguments():
    with pytest.raises(TypeError, match="sweeps"):
        nk.Circuit(1).draw(sweeps="yes")
