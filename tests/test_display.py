"""What a Ket shows of itself: right, bounded, and fast enough at any size."""

from xml.etree import ElementTree

import numpy as np
import pytest

import numket as nk
from numket.display import ket_html, ket_latex, ket_table


def test_the_repr_of_a_handle():
    text = repr(nk.ket("000").H(0).CNOT(0, 1).CNOT(1, 2))
    assert text == (
        "Ket of 3 qubits\n"
        "  |000>  0.707107+0.000000j  0.500000\n"
        "  |111>  0.707107+0.000000j  0.500000"
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


def test_large_states_are_cut():
    state = np.full(2**16, 2.0**-8, dtype=np.complex128)
    assert ket_table(state).endswith("... the 16 most probable of 65536 basis states")
    assert len(ket_table(state)) < 1500
    assert len(ket_html(state)) < 6000
    assert ket_html(state).count("<tr>") == 18  # the heading, 16 basis states, the remark
    assert "16 most probable of 65536 basis states" in ket_html(state)
    assert len(ket_latex(state)) < 1000


def test_no_remark_where_the_rest_is_zero():
    state = np.zeros(2**6, dtype=np.complex128)
    state[:16] = 0.25
    for shown in ket_table(state), ket_html(state), ket_latex(state, 16):
        assert "most probable of" not in shown
        assert "ldots" not in shown
    assert ket_table(state, 15).endswith("... the 15 most probable of 64 basis states")
    assert ket_latex(state).endswith("\\ldots$$")
    assert len(ket_table(state, 15).splitlines()) == 17


def test_html_is_well_formed():
    table = ElementTree.fromstring(ket_html(np.full(64, 0.125, dtype=np.complex64)))
    assert table.tag == "table"
    assert table.findtext("caption") == "Ket of 6 qubits"
    labels = [code.text for code in table.findall("tbody/tr/td[1]/code")]
    assert labels == [f"|{index:06b}⟩" for index in range(16)]


@pytest.mark.parametrize("values", [[0, 0], [np.nan, 1], [np.inf, 0]])
def test_no_state_at_all_still_shows(values):
    state = np.array(values, dtype=np.complex128)
    assert ket_table(state).startswith("Ket of 1 qubit")
    assert ket_html(state)
    assert ket_latex(state).startswith("$$")


def test_a_nan_is_seen():
    state = np.full(64, 0.125, dtype=np.complex128)
    state[40] = np.nan
    assert ket_table(state, 3).splitlines()[1].startswith("  |101000>")
    assert "nan" in ket_table(state, 3)


def test_small_amplitudes_are_not_shown_as_zero():
    state = np.full(2**20, 2.0**-10, dtype=np.complex64)
    assert "0.000977+0.000000i" in ket_html(state)
    assert f"(9.766+0.000i)\\cdot10^{{-4}}\\,|{'0' * 20}\\rangle" in ket_latex(state)
    for shown in ket_table(state), ket_html(state), ket_latex(state):
        assert len(shown) < 6000


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_amplitudes_in_any_order_of_axes(dtype):
    rng = np.random.default_rng(5)
    flat = (rng.normal(size=64) + 1j * rng.normal(size=64)).astype(dtype)
    view = np.expand_dims(flat.reshape((2,) * 6).transpose(3, 0, 5, 1, 4, 2), (0, 3))
    expected = np.ascontiguousarray(view).reshape(-1)
    lines = ket_table(view, 64).splitlines()[1:]
    assert len(lines) == 64
    for line in lines:
        label, amplitude, _ = line.split()
        assert abs(complex(amplitude) - expected[int(label[1:-1], 2)]) < 2e-6


def test_the_smallest_state():
    assert ket_table(np.array([1 + 0j])).splitlines()[0] == "Ket of 0 qubits"


def test_jupyter_finds_the_methods():
    handle = nk.ket("01")
    assert handle._repr_html_() == ket_html(handle.state)
    assert handle._repr_latex_() == ket_latex(handle.state)
