"""Circuits of Qibo as circuits of numket."""

import pytest

import oracle

pytest.importorskip("qibo")

from qibo import Circuit, callbacks, gates

from helpers_qibo import CLASSES, QUBITS, backends, close, make
from numket.qibo import from_qibo


def test_from_qibo(rng):
    circuit = Circuit(5)
    for name in QUBITS:
        if name in CLASSES:
            places = [int(qubit) for qubit in rng.permutation(5)]
            circuit.add(make(name, rng, places[: QUBITS[name]]))
    circuit.add([gates.RY(0, 0.3).controlled_by(2, 4), gates.M(0, 1)])
    taken = from_qibo(circuit)
    assert taken.num_qubits == 5
    state = oracle.random_state(rng, 5)
    expected = backends()[0].execute_circuit(circuit, initial_state=state).state()
    taken.run(state)
    close(state, expected, scale=4)


REFUSED = {
    "DepolarizingChannel": lambda: [gates.DepolarizingChannel((0,), 0.1)],
    "CallbackGate": lambda: [gates.CallbackGate(callbacks.Norm())],
    "M": lambda: [gates.M(0, collapse=True), gates.H(0)],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_unitary_circuit_is_not_converted(name):
    circuit = Circuit(1)
    circuit.add([gates.H(0), *REFUSED[name]()])
    with pytest.raises(ValueError, match=rf"gate 1 of 'circuit' is a {name}.*: execute"):
        from_qibo(circuit)


def test_what_is_no_circuit_is_not_converted():
    with pytest.raises(TypeError, match=r"'circuit' is a list; .*: use qibo\.Circuit"):
        from_qibo([gates.H(0)])


def test_turns_by_what_was_measured_are_not_converted():
    circuit = Circuit(2)
    outcome = circuit.add(gates.M(0, collapse=True))
    del circuit.queue[0]
    circuit.add(gates.RX(1, theta=outcome.symbols[0]))
    with pytest.raises(ValueError, match="gate 0 of 'circuit' is a RX"):
        from_qibo(circuit)
