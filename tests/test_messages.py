"""Everybody's first mistakes, and what to write instead."""

import numpy as np
import pytest

import numket as nk


def test_a_gate_that_is_assigned():
    psi = nk.zero_state(2)
    psi = nk.h(psi, 0)
    with pytest.raises(TypeError, match=r"return None: write nk\.h\(state, 0\), not state = nk\.h"):
        nk.cx(psi, 0, 1)


@pytest.mark.parametrize("terms", [["ZII", "IZI"], ("ZII",), {"ZII": 1.0}])
def test_pauli_strings_that_are_no_sum(terms):
    psi = nk.zero_state(3)
    for call in (
        lambda: nk.expectation(psi, terms),
        lambda: nk.variance(psi, terms),
        lambda: nk.Circuit(3).expectation(terms),
        lambda: nk.Circuit(3).gradient(terms),
    ):
        with pytest.raises(
            TypeError, match=r"use nk\.PauliSum\(\{letters: coefficient, \.\.\.\}\)"
        ):
            call()
    # What the message says works.
    assert nk.expectation(psi, nk.PauliSum(dict.fromkeys(terms, 1.0))) == len(terms)


def test_numbers_are_observables_still():
    psi = nk.zero_state(1)
    assert nk.expectation(psi, [2.0, 3.0]) == nk.expectation(psi, (2, 3)) == 2
    assert nk.expectation(psi, [[2.0, 0], [0, 1]]) == 2
    with pytest.raises(ValueError, match="shape"):
        nk.expectation(psi, [])


def test_a_name_as_an_angle():
    for call in (lambda: nk.Circuit(1).rx("theta", 0), lambda: nk.rx(nk.zero_state(1), "theta", 0)):
        with pytest.raises(TypeError, match=r"or in a circuit nk\.Parameter\(name\)"):
            call()
    nk.Circuit(1).rx(nk.Parameter("theta"), 0)


def test_an_angle_as_a_qubit():
    with pytest.raises(TypeError, match="angles come before qubits"):
        nk.rx(nk.zero_state(1), 0, np.pi / 2)
    with pytest.raises(TypeError, match="angles come before qubits"):
        nk.Circuit(1).rx(0, np.pi / 2)


def test_shapes_that_are_no_state():
    with pytest.raises(ValueError, match=r"shape \(6,\).*use 8 amplitudes"):
        nk.h(np.zeros(6, complex), 0)


def test_a_circuit_is_no_factor_of_an_array():
    circuit, psi = nk.Circuit(2).h(0), nk.zero_state(2)
    for call in (
        lambda: circuit @ psi,
        lambda: psi @ circuit,
        lambda: circuit @ circuit,
        lambda: circuit * psi,
        lambda: psi * circuit,
    ):
        with pytest.raises(TypeError, match=r"use circuit\.run\(state\).*to_matrix\(\) @ state"):
            call()
    # What the message says works.
    expected = circuit.to_matrix() @ psi
    circuit.run(psi)
    assert np.allclose(psi, expected)
    assert circuit * np.int64(2) == np.int64(2) * circuit == 2 * circuit == circuit.repeat(2)
