"""What states and sums show of themselves: right, bounded, and fast enough at any size."""

import importlib
import re
import sys
import tracemalloc
import types
from xml.etree import ElementTree

import numpy as np
import pytest

import numket as nk
import oracle
from numket import _numbers, display
from numket.display import (
    batch_card,
    counts_card,
    density_card,
    ket_html,
    ket_latex,
    ket_table,
    state_card,
)


def test_the_repr_of_a_handle():
    text = repr(nk.ket("000").H(0).CNOT(0, 1).CNOT(1, 2).s(2))
    assert text == (
        "Ket of 3 qubits: norm 1, 2 of 8 basis states occupied\n"
        "  |000>  1/√2  50 %  ████████████  → 0\n"
        "  |111>  i/√2  50 %  ████████████  ↑ π/2"
    )


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_labels_follow_the_axes(dtype):
    state = nk.basis_state(3, "110", dtype)
    assert "|110>" in ket_table(state)
    assert "|011>" in ket_table(nk.little_endian(state))
    assert "|110>" in ket_table(state.reshape(2, 1, 2, 2))


def test_most_probable_first_and_zeros_left_out():
    state = np.array([0.6, 0, -0.8j, 0])
    assert [line.split()[0] for line in ket_table(state).splitlines()[1:]] == ["|10>", "|00>"]
    assert ket_latex(state).index("10\\rangle") < ket_latex(state).index("00\\rangle")


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("n", [4, 18])
def test_equal_ones_are_in_order_whatever_rounding_does(dtype, n):
    """All amplitudes are equal but for what a hundred gates leave of rounding errors."""
    state = nk.zero_state(n, dtype)
    for q in range(n):
        nk.h(state, q)
    rng = np.random.default_rng(3)
    for q in rng.integers(n, size=100).tolist():
        nk.rz(state, float(rng.normal()), q)
    for q in range(n):  # H Z H = X exchanges amplitudes
        nk.x(state, q)
    assert len(set(nk.probabilities(state).tolist())) > 1
    labels = [line.split("|")[1].split(">")[0] for line in ket_table(state).splitlines()[1:]]
    assert labels == [display.label_text(index, n) for index in range(16)]


def test_large_states_are_cut():
    state = np.full(2**16, 2.0**-8, dtype=np.complex128)
    first = ket_table(state).splitlines()[0]
    assert first == (
        "Ket of 16 qubits: norm 1, 65,536 of 65,536 basis states occupied, 16 shown hold 0.0244 %"
    )
    assert len(ket_table(state)) < 1500
    assert len(ket_html(state)) < 6000
    assert ket_html(state).count("<tr>") == 17  # the heading, 16 basis states
    assert first in ket_html(state)
    assert len(ket_latex(state)) < 1000


def test_nothing_is_said_of_a_rest_that_is_zero():
    state = np.zeros(2**6, dtype=np.complex128)
    state[:16] = 0.25
    for shown in ket_table(state), ket_html(state), ket_latex(state, 16):
        assert "shown hold" not in shown
        assert "cdots" not in shown
    assert "15 shown hold 93.8 %" in ket_table(state, 15)
    assert ket_latex(state).endswith("\\cdots\\text{ (8 more)}$$")
    assert len(ket_table(state, 15).splitlines()) == 16


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_what_rounding_leaves_is_not_occupied(dtype):
    ket = nk.ket("0000", dtype)
    for q in range(4):
        ket.h(q).t(q).h(q).h(q).tdg(q).h(q)
    assert np.count_nonzero(ket.state) > 1
    title, *rows = repr(ket).splitlines()
    assert title == "Ket of 4 qubits: norm 1, 1 of 16 basis states occupied"
    assert [row.split()[0] for row in rows] == ["|0000>"]


def rows_of(html):
    table = ElementTree.fromstring(html).find("table/tbody")
    return [["".join(cell.itertext()) for cell in row] for row in table]


def test_html_is_well_formed_and_says_what_the_text_says(rng):
    for state in np.full(64, 0.125, np.complex64), oracle.random_state(rng, 5, np.complex128):
        html, text = ket_html(state), ket_table(state)
        title, *lines = text.splitlines()
        assert ElementTree.fromstring(html).findtext("p") == title
        for cells, line in zip(rows_of(html), lines, strict=True):
            assert " ".join(" ".join(cells).split()).replace("⟩", ">") == " ".join(line.split())


def test_html_that_an_untrusted_notebook_keeps(rng):
    html = ket_html(oracle.random_state(rng, 5, np.complex128))
    assert not re.search(r"hsl|<style|<script|<svg|class=|width|background", html)
    colours = re.findall(r'style="color:([^"]*)"', html)
    assert len(colours) == 16
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)
    angles = np.exp(1j * np.pi / 6 * np.arange(16))
    assert len(set(re.findall(r"color:(#\w+)", ket_html(angles / 4)))) == 12  # by phase


def lightness(colour):
    """The relative luminance of sRGB as WCAG 2.1 defines it."""
    parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("ground", ["#ffffff", "#111111"])
def test_bars_are_seen_on_light_and_dark_pages(ground):
    """Graphics need a contrast of 3 (WCAG 2.1, criterion 1.4.11)."""
    for colour in display.COLOURS:
        low, high = sorted([lightness(colour), lightness(ground)])
        assert (high + 0.05) / (low + 0.05) >= 2.9


def test_bars_are_relative_to_the_longest():
    state = np.sqrt(np.array([0.4, 0.2, 0.1, 0.3])) * 1e-3j
    bars = [re.search("[▏▎▍▌▋▊▉█]+", line)[0] for line in ket_table(state).splitlines()[1:]]
    assert bars == ["█" * 12, "█" * 9, "█" * 6, "█" * 3]
    tiny = np.sqrt(np.array([1 - 1e-9, 1e-9 + 0j]))
    assert "  ▏  " in ket_table(tiny)  # which is seen to be more than nothing


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ([0, 0], "norm 0, not 1, 0 of 2 basis states occupied"),
        ([np.nan, 1], "norm nan: not finite, 2 of 2 basis states occupied"),
        ([np.inf, 0], "norm inf: not finite, 1 of 2 basis states occupied"),
        ([2, 0], "norm 2, not 1, 1 of 2 basis states occupied"),
        ([1e-200, 0], "norm 0, not 1, 0 of 2 basis states occupied"),
        ([0.6, 0.8001], "norm 1.00008, not 1, 2 of 2 basis states occupied"),
    ],
)
def test_what_is_no_state_still_shows(values, title):
    state = np.array(values, dtype=np.complex128)
    assert ket_table(state).splitlines()[0] == f"Ket of 1 qubit: {title}"
    assert ElementTree.fromstring(ket_html(state)).findtext("p").endswith(title)
    assert ket_latex(state).startswith("$$")


def test_a_nan_is_seen():
    state = np.full(64, 0.125, dtype=np.complex128)
    state[40] = np.nan
    first = ket_table(state, 3).splitlines()[1]
    assert first.split() == ["|101000>", "nan", "nan", "%", "?", "?"]


def test_small_amplitudes_are_not_shown_as_zero():
    state = np.full(2**19, 2.0**-9.5 * np.exp(0.3j), dtype=np.complex128)
    assert "0.0013+0.0004i" in ket_html(state)
    tiny = state / 100
    assert "(1.3194+0.4081i)e-05" in ket_html(tiny)
    assert "(1.3194+0.4081i)\\cdot10^{-5}\\,|0000\\,0000" in ket_latex(tiny)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_amplitudes_in_any_order_of_axes(dtype):
    rng = np.random.default_rng(5)
    flat = (rng.normal(size=64) + 1j * rng.normal(size=64)).astype(dtype)
    view = np.expand_dims(flat.reshape((2,) * 6).transpose(3, 0, 5, 1, 4, 2), (0, 3))
    expected = np.ascontiguousarray(view).reshape(-1)
    lines = ket_table(view, 64).splitlines()[1:]
    assert len(lines) == 64
    for line in lines:
        label, amplitude = line.split()[:2]
        got = complex(amplitude.replace("i", "j"))
        assert abs(got - expected[int(label[1:-1], 2)]) < 1e-4


def test_the_smallest_state():
    assert ket_table(np.array([1 + 0j])).splitlines()[1].split()[0] == "|>"


def test_jupyter_finds_the_methods():
    handle = nk.ket("01")
    assert handle._repr_html_() == ket_html(handle.state)
    assert handle._repr_latex_() == ket_latex(handle.state)


# Numbers.


EXACT = [
    (1, "1"),
    (-1j, "-i"),
    (2**-0.5, "1/√2"),
    (-0.5j, "-i/2"),
    ((1 + 1j) / 2, "(1+i)/2"),
    ((-1 - 1j) / 2, "(-1-i)/2"),
    ((1 - 1j) / 8**0.5, "(1-i)/√8"),
    (1 + 1j, "1+i"),
    (3**0.5 / 2 * 1j, "i√3/2"),
    ((2 / 3) ** 0.5, "√2/√3"),
    (20**-0.5, "1/√20"),
    (2.0**-13, "1/8192"),
    (0.6, "3/5"),
    (-0.8j, "-4i/5"),
    (3**0.5 * (1 - 1j) / 4, "√3(1-i)/4"),
    (0.5 + 0.75**0.5 * 1j, "1/2+i√3/2"),
    (3 + 4j, "3+4i"),
]


@pytest.mark.parametrize(("value", "text"), EXACT)
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_exact_numbers(value, text, dtype):
    noisy = complex(dtype(value * (1 + 4 * np.finfo(dtype).eps)))
    tolerance = _numbers.TOLERANCES[np.finfo(dtype).bits]
    assert _numbers.exact(noisy, tolerance) == text
    read = text.replace("√", "S").replace("i", "1j")
    read = re.sub(r"S(\d+)", r"(\1**0.5)", read)
    read = re.sub(r"(?<=[\dj)])(?=\()|(?<=\d)(?=1j)|(?<=j)(?=\()", "*", read)
    assert abs(eval(read) - value) < 1e-14


def test_what_is_near_an_exact_number_is_none():
    for value in (2**-0.5 * (1 + 1e-8), 0.5 + 1e-8j, 0.123456, 0.3 + 0.17j):
        assert _numbers.exact(value, _numbers.TOLERANCES[64]) is None
    rng = np.random.default_rng(2)
    values = rng.normal(size=2000) + 1j * rng.normal(size=2000)
    assert not any(_numbers.exact(complex(value), 1e-10) for value in values)


# LaTeX.


def test_latex_has_no_zero_parts():
    assert ket_latex(nk.ket("00").h(0).cx(0, 1).z(0).state) == (
        "$$\\frac{1}{\\sqrt{2}}\\,|00\\rangle - \\frac{1}{\\sqrt{2}}\\,|11\\rangle$$"
    )
    assert ket_latex(np.array([1j, -1, 0.1 + 0.2345j, 1 - 1j])) == (
        "$$(1-i)\\,|11\\rangle + i\\,|00\\rangle - |01\\rangle + (0.1000+0.2345i)\\,|10\\rangle$$"
    )
    assert ket_latex(np.zeros(2, complex)) == "$$0$$"


def test_latex_of_a_sum():
    total = nk.PauliSum({"XIZ": 0.5, "III": -1, "YYI": 1, "IIZ": 0.25j})
    assert total._repr_latex_() == (
        "$$\\frac{1}{2}\\,X_{0}Z_{2} - I + Y_{0}Y_{1} + \\frac{i}{4}\\,Z_{2}$$"
    )
    many = nk.PauliSum([("Z", q, 0.123456) for q in range(30)], num_qubits=30)
    assert many._repr_latex_().count("Z_") == 8
    assert many._repr_latex_().endswith("0.1235\\,Z_{7} + \\cdots\\text{ (22 more)}$$")
    assert nk.PauliSum({}, 2)._repr_latex_() == "$$0$$"


# Batches, density matrices, counts.


def test_a_line_for_each_state_of_a_batch():
    states = np.zeros((2, 20, 4), complex)
    states[..., 1] = 1j
    states[0, 1] = [2, 0, 0, 0]
    card = batch_card(states, 2)
    title, *lines = repr(card).splitlines()
    assert title == (
        "40 states of 2 qubits, of each the most probable basis state; the first 16 are shown"
    )
    assert re.split("  +", lines[0])[1:3] == ["0, 0", "norm 1"]
    assert "norm 2, not 1" in lines[1]
    assert "|00>" in lines[1]
    assert len(rows_of(card._repr_html_())) == 16


def test_a_density_matrix(rng):
    psi = oracle.random_state(rng, 3, np.complex128)
    rho = 0.5 * np.outer(psi, psi.conj()) + np.eye(8) / 16
    card = density_card(rho, 4)
    title, *lines = repr(card).splitlines()
    purity = np.trace(rho @ rho).real
    assert title == (
        f"Density matrix of 3 qubits: trace 1, purity {purity:.6g}, 4 of 8 populations and 2 of 28 "
        "coherences shown"
    )
    populations = np.argsort(-rho.diagonal().real)[:4]
    assert [line.split()[0] for line in lines[:4]] == [f"|{i:03b}><{i:03b}|" for i in populations]
    sizes = np.triu(np.abs(rho), 1)
    row, column = np.unravel_index(sizes.argmax(), sizes.shape)
    assert lines[4].split()[0] == f"|{row:03b}><{column:03b}|"
    rho[0, 1] += 0.1
    assert ": trace 1, not Hermitian, purity" in repr(density_card(rho))
    assert ": trace 2 (not 1), purity 1" in repr(density_card(2 * np.eye(4) / 4 + 0j))
    assert "trace nan (not 1)" in repr(density_card(np.full((2, 2), np.nan + 0j)))


def test_a_large_density_matrix_takes_blocks():
    rho = np.zeros((1024, 1024), np.complex64)
    rho[1000, 1000] = rho[3, 3] = 0.5
    rho[3, 1000], rho[1000, 3] = 0.25j, -0.25j
    lines = repr(density_card(rho)).splitlines()
    assert lines[0].endswith("2 of 1,024 populations and 1 of 523,776 coherences shown")
    assert lines[3].split()[:2] == [f"|{3:010b}><{1000:010b}|", "i/4"]


def test_counts_of_outcomes():
    counts = {f"{value:05b}": 10 + value for value in range(20)}
    title, *lines = repr(counts_card(counts)).splitlines()
    assert title == "390 shots, 20 outcomes, 16 shown hold 88.2 %"
    assert lines[0].split() == ["10011", "29", "7.44", "%", "█" * 12]
    assert repr(counts_card({"1": 5, "0": 5})).splitlines()[1].split()[0] == "0"
    assert repr(counts_card({})) == "0 shots, 0 outcomes"


# show.


def test_show_prints(capsys):
    psi = nk.ket("01").h(0)
    for shown, state, options in (
        (state_card(psi.state, 16, "Ket"), psi, {}),
        (state_card(psi.state, 1), psi.state, {"top": 1}),
        (batch_card(psi.state.reshape(1, 4), 1), psi.state.reshape(1, 4), {"batch": 1}),
        (counts_card({"0": 1}), {"0": 1}, {}),
        (density_card(np.eye(2) / 2 + 0j), np.eye(2) / 2 + 0j, {"density": True}),
    ):
        assert nk.show(state, **options) is None
        assert capsys.readouterr().out == f"{shown!r}\n"


def test_show_displays_in_a_notebook(monkeypatch):
    shown = []
    ipython = types.SimpleNamespace(
        get_ipython=lambda: object(), display=types.SimpleNamespace(display=shown.append)
    )
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    nk.show(nk.zero_state(1))
    assert [type(card).__name__ for card in shown] == ["Card"]


def test_show_where_characters_are_few(monkeypatch):
    written = []

    class Terminal:
        encoding = "ascii"

        def write(self, text):
            written.append(text.encode("ascii"))

        def flush(self):
            pass

    monkeypatch.setattr(sys, "stdout", Terminal())
    nk.show(nk.zero_state(1))
    assert b"|0>" in b"".join(written)


def test_a_square_array_may_be_two_things():
    for remedy in ({"density": True}, {"batch": 1}):
        with pytest.raises(ValueError, match=r"use density=True .* or batch=1"):
            nk.show(np.eye(4) + 0j)
        nk.show(np.eye(4) + 0j, **remedy)


@pytest.mark.parametrize(
    ("state", "options", "error"),
    [
        (None, {}, TypeError),
        ([1, 0], {}, TypeError),
        (np.zeros(6, complex), {}, ValueError),
        (np.zeros((4, 4), complex), {}, ValueError),
        (np.zeros(4, complex), {"top": 0}, ValueError),
        (np.zeros(4, complex), {"top": 1.5}, TypeError),
        (np.zeros(4, complex), {"density": True}, ValueError),
        (np.zeros((2, 3), complex), {"batch": 1}, ValueError),
    ],
)
def test_what_cannot_be_shown(state, options, error):
    with pytest.raises(error):
        nk.show(state, **options)


def test_showing_allocates_nothing_of_the_size_of_the_state():
    """No array of NumPy's that is made meanwhile is as large as the state."""
    state = nk.zero_state(20)
    nk.h(state, 3)
    nk.show(state)
    tracemalloc.start()
    repr(nk.Ket(state))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < state.nbytes / 16


# Other reprs.


def test_what_others_say_they_are():
    psi = nk.zero_state(3)
    assert repr(nk.threads(2)) == "threads(2)"
    assert repr(nk.Sampler(psi)) == "<Sampler of 3 qubits>"
    assert repr(nk.Sampler(psi, [2, 0])) == "<Sampler of qubits 2, 0>"
    assert repr(nk.Sampler(psi, 1)) == "<Sampler of qubit 1>"


@pytest.mark.parametrize(
    ("module", "name", "text"),
    [
        ("cirq", "Simulator", "numket.cirq.Simulator(dtype=np.complex64, in_place=False)"),
        ("qiskit", "Sampler", "numket.qiskit.Sampler(default_shots=1024, seed=None)"),
        ("qiskit", "Estimator", "numket.qiskit.Estimator(default_precision=0.0, seed=None)"),
        ("qiskit", "Backend", f"<numket.qiskit.Backend, version {nk.__version__}>"),
    ],
)
def test_what_adapters_say_they_are(module, name, text):
    pytest.importorskip(module)
    assert repr(getattr(importlib.import_module(f"numket.{module}"), name)()) == text
