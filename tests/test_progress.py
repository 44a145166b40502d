"""Bars that tell how far a run is: where people look, and only on long runs."""

import io
import re
import sys

import pytest

import numket as nk
from numket import progress
from numket.progress import Bar


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def layers(n, count):
    circuit = nk.Circuit(n)
    for layer in range(count):
        for q in range(n):
            circuit.ry(0.1 * q, q)
        for q in range(layer % 2, n - 1, 2):
            circuit.cz(q, q + 1)
    return circuit


def test_a_bar_on_a_terminal(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0)
    for count in 60, 600, 6000:  # until it is long for this machine
        monkeypatch.setattr(sys, "stderr", Terminal())
        circuit = layers(20, count)
        circuit.run(nk.zero_state(20), progress=True)
        if sys.stderr.getvalue():
            break
    text = sys.stderr.getvalue().split("\r")[-1]
    total = circuit.explain().bytes
    assert re.search(rf"100%\|█+\| {len(circuit)}/{len(circuit)} \[\d\d:\d\d<00:00, ", text)
    sizes = re.search(r"[\d.]+ operations/s, ([\d.]+) ([MG]iB) of \1 \2, [\d.]+ [GM]iB/s\]", text)
    unit = {"MiB": 2**20, "GiB": 2**30}[sizes[2]]
    assert float(sizes[1]) * unit == pytest.approx(total, rel=0.01)
    earlier = sys.stderr.getvalue().split("\r")[1]
    assert f"/{len(circuit)} [" in earlier  # the total is known from the first


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO(), None])
def test_short_runs_print_nothing(stream, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream)
    nk.Circuit(2).h(0).run(nk.zero_state(2), progress=True)
    circuit = nk.Circuit(2).h(0).apply_kraus(nk.channels.bit_flip(0.1), 0)
    circuit.trajectories(nk.zero_state(2), "ZZ", 10, progress=True)
    assert stream is None or stream.getvalue() == ""


def test_nobody_looks(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    layers(18, 30).run(nk.zero_state(18), progress=True)
    assert sys.stderr.getvalue() == ""


def test_runs_of_trajectories(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    circuit = nk.Circuit(2).h(0).apply_kraus(nk.channels.bit_flip(0.1), 0)
    circuit.trajectories(nk.zero_state(2), "ZZ", 3000, progress=True)
    assert "3000/3000" in sys.stderr.getvalue()
    assert "runs" in sys.stderr.getvalue()


def test_what_a_notebook_gets(monkeypatch):
    """The widget with the total from the start: without one, it is a square."""
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "place", lambda: "notebook")
    boxes = []
    monkeypatch.setattr("tqdm.notebook.display", boxes.append)
    bar = Bar("operation", 2**30)
    bar(10, 100)
    bar(60, 100)
    bar.close()
    (box,) = boxes
    assert box.children[1].max == 100
    assert box.children[1].value == 60
    assert "614 MiB of 1 GiB" in box.children[2].value.replace("\N{FIGURE SPACE}", " ")


def test_without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"numket\[progress\]"):
        nk.Circuit(2).run(nk.zero_state(2), progress=True)
