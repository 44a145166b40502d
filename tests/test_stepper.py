"""The slider over a circuit: the numbers it shows, forth and back, and what it refuses."""

import re
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import numket as nk
import oracle
from numket.drawing import layout
from numket.pictures import boxes
from numket.widget import MAX_OPERATIONS, MAX_QUBITS, Stepper


def random_circuit(rng, n, count):
    circuit = nk.Circuit(n)
    for _ in range(count):
        a, b = rng.permutation(n)[:2].tolist()
        circuit.ry(float(rng.normal()), a).cx(a, b)
        circuit.apply(rng.normal(size=(2, 2)), b)  # which nothing undoes
    return circuit


def test_every_position_forth_and_back(rng):
    circuit = random_circuit(rng, 4, 8)
    start = oracle.random_state(rng, 4)
    given = start.copy()
    stepper = nk.stepper(circuit, start)
    for position in [*range(25), *rng.integers(25, size=20).tolist(), 0]:
        stepper.position = position
        expected = given.copy()
        for operation in circuit[:position]:
            operation.apply(expected)
        np.testing.assert_array_equal(stepper.state, expected)
        assert stepper.shown == position
        assert stepper.caption.startswith(f"{position} of 24 operations done")
    np.testing.assert_array_equal(start, given)


def test_what_it_says():
    theta = nk.Parameter("theta")
    circuit = nk.Circuit(2).rx(theta / 2, 1, controls=[0], control_values=[0]).measure([0, 1])
    circuit.x(0, condition=1)
    stepper = nk.stepper(circuit, nk.ket("01"), {"theta": 2 * np.pi})
    assert stepper.caption == "0 of 3 operations done; bits c0=0 c1=0"
    stepper.position = 1
    assert (
        "1 of 3 operations done, the last is rx(0.5*theta) on qubit 1, controlled by qubit 0"
        in (stepper.caption)
    )
    assert "|00⟩" in stepper.card
    stepper.position = 3
    assert stepper.caption.endswith("x on qubit 0 if c1=1; bits c0=0 c1=0")
    assert repr(stepper) == "<Stepper: 3 of 3 operations done>"


def test_random_outcomes_stay(rng):
    circuit = nk.Circuit(3).h([0, 1, 2]).measure([0, 1, 2]).h(0).measure(0)
    stepper = nk.stepper(circuit, rng=5)
    stepper.position = 6
    bits, state = stepper.bits, stepper.state
    whole = nk.zero_state(3)
    assert circuit.run(whole, rng=5).tolist() == bits.tolist()
    for position in (3, 6, 0, 4, 6):
        stepper.position = position
    assert stepper.bits.tolist() == bits.tolist()
    np.testing.assert_array_equal(stepper.state, state)


def test_positions_outside():
    stepper = nk.stepper(nk.Circuit(1).x(0))
    stepper.position = 7
    assert (stepper.position, stepper.shown) == (1, 1)
    stepper.position = -3
    assert (stepper.position, stepper.shown) == (0, 0)
    assert nk.stepper(nk.Circuit(1)).caption == "0 of 0 operations done"


def test_any_state():
    circuit = nk.Circuit(3).h(0).cx(0, 2)
    for state in (
        nk.zero_state(3, np.complex64),
        nk.zero_state(3).reshape(2, 2, 2),
        nk.ket("000"),
        None,
    ):
        stepper = nk.stepper(circuit, state)
        stepper.position = 2
        assert np.abs(stepper.state.reshape(-1)[[0, 5]]) == pytest.approx([0.5**0.5] * 2)


def test_where_operations_are(rng):
    """Boxes lie inside the picture and do not overlap those of other operations."""
    circuit = random_circuit(rng, 5, 30).measure([0, 4]).gphase(0.3)
    stepper = Stepper(circuit)
    picture = ElementTree.fromstring(stepper.picture)
    wide, high = float(picture.get("width")), float(picture.get("height"))
    assert [len(places) for places in stepper.boxes] == [1] * 90 + [2, 0]
    found = [box for places in stepper.boxes for box in places]
    for number, (x, y, width, height) in enumerate(found):
        assert 0 <= x <= x + width <= wide
        assert 0 <= y <= y + height <= high
        for left, top, across, down in found[:number]:
            apart = x >= left + across or left >= x + width or y >= top + down or top >= y + height
            assert apart
    assert boxes(layout(nk.Circuit(0)), 100) == {}


def test_what_is_refused():
    with pytest.raises(TypeError, match="'circuit' is a str; it must be a Circuit"):
        nk.stepper("h 0")
    with pytest.raises(
        ValueError, match=f"17 qubits; a stepper takes up to {MAX_QUBITS}: use nk.steps"
    ):
        nk.stepper(nk.Circuit(17))
    with pytest.raises(ValueError, match=f"501 operations; a stepper takes up to {MAX_OPERATIONS}"):
        nk.stepper(nk.Circuit(1).x(0) * 501)
    nk.stepper(nk.Circuit(16))
    with pytest.raises(ValueError, match="3 qubits"):
        nk.stepper(nk.Circuit(3), nk.zero_state(2))
    with pytest.raises(TypeError, match="'state' is a list"):
        nk.stepper(nk.Circuit(1), [1, 0])
    with pytest.raises(KeyError, match="theta"):
        nk.stepper(nk.Circuit(1).rx(nk.Parameter("theta"), 0))


def test_without_anywidget(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "numket.widget")
    with pytest.raises(ImportError, match=re.escape("pip install 'numket[notebook]'")):
        nk.stepper(nk.Circuit(1))


def test_the_script_is_short():
    """It is written by hand, without a bundler."""
    script = Stepper._esm.read_text() if hasattr(Stepper._esm, "read_text") else str(Stepper._esm)
    assert len(script.splitlines()) < 150
    assert "http" not in script
