"""Measurements on the way, conditions, switches and loops of Qiskit's circuits."""

import numpy as np
import pytest

import numket as nk

pytest.importorskip("qiskit")

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Clbit, Qubit
from qiskit.circuit.classical import expr, types
from qiskit.exceptions import QiskitError

from helpers_qiskit import WARNS, A, conditional, near
from numket.qiskit import Backend, Sampler, conditions, from_qiskit

pytestmark = WARNS


def outcome(circuit):
    """What two shots of a circuit without chance leave in the register `out`."""
    data = Sampler(seed=1).run([circuit], shots=2).result()[0].data
    ((value, shots),) = data.out.get_int_counts().items()
    assert shots == 2
    return value


CONDITIONS = {
    "register": (lambda c: (c, 6), lambda v: v == 6),
    "bit": (lambda c: (c[2], 0), lambda v: not v & 4),
    "equal": (lambda c: expr.equal(c, 5), lambda v: v == 5),
    "less": (lambda c: expr.less(c, 5), lambda v: v < 5),
    "greater": (lambda c: expr.greater(6, c), lambda v: v < 6),
    "cast to bool": (lambda c: expr.cast(expr.bit_and(c, 3), types.Bool()), lambda v: v & 3),
    "cast to less": (lambda c: expr.less(expr.cast(c, types.Uint(2)), 2), lambda v: v & 3 < 2),
    "cast to more": (
        lambda c: expr.equal(expr.bit_not(expr.cast(c, types.Uint(5))), 26),
        lambda v: v == 5,
    ),
    "xor": (lambda c: expr.equal(expr.bit_xor(c, 3), 6), lambda v: v == 5),
    "not": (lambda c: expr.equal(expr.bit_not(c), 2), lambda v: v == 5),
    "index": (lambda c: expr.index(c, 1), lambda v: v & 2),
    "shift left": (lambda c: expr.equal(expr.shift_left(c, 1), 4), lambda v: v << 1 & 7 == 4),
    "shift right": (lambda c: expr.greater_equal(expr.shift_right(c, 1), 2), lambda v: v >= 4),
    "logic": (
        lambda c: expr.logic_or(expr.logic_not(c[0]), expr.not_equal(c, 3)),
        lambda v: v != 3,
    ),
    "and": (lambda c: expr.logic_and(c[0], expr.lift(c[2])), lambda v: v & 5 == 5),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions(name):
    made, expected = CONDITIONS[name]
    for value in range(8):
        c, out = ClassicalRegister(3, "c"), ClassicalRegister(2, "out")
        circuit = QuantumCircuit(QuantumRegister(4), c, out)
        for bit in range(3):
            if value >> bit & 1:
                circuit.x(bit)
        circuit.measure([0, 1, 2], c)
        with circuit.if_test(made(c)) as otherwise:
            circuit.x(3)
        with otherwise:
            circuit.x(0)
        circuit.measure([3, 0], out)
        true = bool(expected(value))
        assert outcome(circuit) == true + 2 * ((value & 1) ^ (not true))


@pytest.mark.parametrize("value", range(8))
def test_switch(value):
    c, out = ClassicalRegister(3, "c"), ClassicalRegister(2, "out")
    circuit = QuantumCircuit(QuantumRegister(5), c, out)
    for bit in range(3):
        if value >> bit & 1:
            circuit.x(bit)
    circuit.measure([0, 1, 2], c)
    with circuit.switch(c) as case:
        with case(1, 2):
            circuit.x(3)
        with case(4), circuit.if_test((c[0], 0)):
            circuit.x(4)
        with case(case.DEFAULT):
            circuit.x([3, 4])
    circuit.measure([3, 4], out)
    assert outcome(circuit) == {1: 1, 2: 1, 4: 2}.get(value, 3)


def test_loops_and_boxes():
    out = ClassicalRegister(2, "out")
    circuit = QuantumCircuit(QuantumRegister(2), out)
    step = QuantumCircuit(1, global_phase=0.5)
    step.rx(A, 0)
    circuit.for_loop(range(5), A, step, [0], [])
    with circuit.for_loop(range(3)):
        circuit.x(1)
    with circuit.box():
        circuit.x(1)
        circuit.x(1)
    state = np.array([1, 0, 0, 0], complex)
    converted = from_qiskit(circuit)
    converted.run(nk.little_endian(state), [0.0] * len(converted.parameters))
    assert np.allclose(state[2:], np.exp(2.5j) * np.array([np.cos(5), -1j * np.sin(5)]))


def test_blocks_with_bits_of_their_own():
    body = QuantumCircuit(1, 1)
    body.x(0)
    circuit = QuantumCircuit([Qubit(), Qubit()], [Clbit()], ClassicalRegister(1, "out"))
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.if_else((circuit.clbits[0], True), body, None, [1], [0])
    circuit.measure(1, 1)
    assert outcome(circuit) == 1


def test_bits_that_nothing_has_measured_are_0():
    out = ClassicalRegister(1, "out")
    circuit = QuantumCircuit(QuantumRegister(1), ClassicalRegister(40, "c"), out)
    with circuit.if_test((circuit.cregs[0], 0)):
        circuit.x(0)
    with circuit.if_test((circuit.cregs[0], 2)):
        circuit.x(0)
    circuit.measure(0, out)
    assert outcome(circuit) == 1
    one = circuit.copy_empty_like()
    one.x(0)
    one.measure(0, one.cregs[0][39])
    with one.if_test((one.cregs[0], 2**39)):  # of the 40 bits, one has been measured
        one.x(0)
    one.measure(0, out)
    assert outcome(one) == 0


def on_bits(build):
    """Two qubits and two bits, where both qubits are 1 and have been measured, and then `build`."""
    out = ClassicalRegister(2, "out")
    circuit = QuantumCircuit(QuantumRegister(2), out)
    circuit.x([0, 1])
    circuit.measure([0, 1], out)
    build(circuit, out)
    return outcome(circuit)


def test_measurements_under_conditions():
    def another_bit(circuit, out):
        with circuit.if_test((out[0], 1)) as otherwise:
            circuit.x(1)
            circuit.measure(1, out[1])
            circuit.x(1)
        with otherwise:
            circuit.measure(0, out[1])
        circuit.barrier()
        with circuit.if_test((out[1], 1)):  # which it is no more
            circuit.measure(1, out[0])

    def the_same_bit(circuit, out):
        with circuit.if_test((out[0], 1)):
            circuit.x(0)
            circuit.measure(0, out[0])
            circuit.barrier()
        with circuit.if_test((out[0], 1)):
            circuit.measure(0, out[1])

    def a_register(circuit, out):
        with circuit.if_test((out, 3)):
            circuit.x([0, 1])
            circuit.measure([0, 1], out)

    def within_another(circuit, out):
        with circuit.if_test((out[1], 1)):
            with circuit.if_test((out[0], 1)):
                circuit.x(0)
                circuit.measure(0, out[0])
            with circuit.if_test((out[0], 0)):
                circuit.measure(0, out[1])

    def cases(circuit, out):
        with circuit.switch(out) as case:
            with case(0, 2):
                circuit.x(0)
            with case(3):
                circuit.x(1)
                circuit.measure([0, 1], [1, 0])

    assert on_bits(another_bit) == 1
    assert on_bits(the_same_bit) == 2
    assert on_bits(a_register) == 0
    assert on_bits(within_another) == 0
    assert on_bits(cases) == 2


def test_bits_that_only_some_shots_measure():
    """Another try where the first has failed, and a qubit that is looked at only then."""
    circuit = QuantumCircuit(2, 2)
    circuit.h([0, 1])
    circuit.measure(0, 0)
    with circuit.if_test((0, 0)):
        circuit.ry(2 * np.arcsin(0.8**0.5), 0)
        circuit.measure([0, 1], [0, 1])
    shots = 4000
    expected = {"00": 0.05, "01": 0.5 + 0.2, "10": 0.05, "11": 0.2}
    counts = Sampler(seed=3).run([circuit], shots=shots).result()[0].data.c.get_counts()
    near(counts, expected, shots)
    result = Backend().run(circuit, shots=shots, seed_simulator=3).result()
    near(result.get_counts(), expected, shots)
    # A measurement that can wait until the end, beside one that cannot.
    circuit.measure(0, 0)
    counts = Sampler(seed=3).run([circuit], shots=shots).result()[0].data.c.get_counts()
    near(counts, expected, shots)


def changes(circuit):
    with circuit.if_test((0, 1)):
        circuit.measure(1, 0)
        circuit.x(0)


def changes_twice(circuit):
    with circuit.if_test((0, 1)):
        circuit.measure([0, 1], [0, 0])


def changes_for_others(circuit):
    with circuit.if_test((0, 1)) as otherwise:
        circuit.measure(1, 0)
    with otherwise:
        circuit.h(0)


def repeats(circuit):
    with circuit.while_loop((0, 1)):
        circuit.h(0)
        circuit.measure(0, 0)


def leaves(circuit):
    with circuit.for_loop(range(2)):
        circuit.x(0)
        circuit.break_loop()


def stores(circuit):
    circuit.add_var("v", expr.lift(False))


def calculates(circuit):
    with circuit.if_test(expr.less(expr.lift(1.25), expr.lift(1.5))):
        circuit.x(0)


def reads_much(circuit):
    many = conditions.MOST_BITS + 1
    circuit.add_register(ClassicalRegister(many, "many"))
    circuit.measure([0] * many, circuit.cregs[-1])
    with circuit.if_test((circuit.cregs[-1], 1)):
        circuit.x(0)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (changes, "'x' after one that measures into the classical bit 0"),
        (changes_twice, "'measure' after one that measures into the classical bit 0"),
        (changes_for_others, "'h' after one that measures into the classical bit 0"),
        (repeats, "'while_loop'"),
        (leaves, "'break_loop'"),
        (stores, "'store'"),
        (calculates, "'if_else'.* a value of type Float"),
        (reads_much, "'if_else'.* reads 17 measured bits; it may read 16"),
    ],
)
def test_control_flow_that_is_refused(build, words):
    with pytest.raises(QiskitError, match=words):
        from_qiskit(conditional(build))


def test_errors_come_with_the_result():
    with pytest.raises(QiskitError, match="while_loop"):
        Sampler().run([conditional(repeats)]).result()
