"""Operations and whole tapes on numket.qubit, against PennyLane's own engine."""

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pennylane.tape import QuantumScript

import numket as nk
from helpers_pennylane import (
    BATCHED,
    EVERY,
    both,
    close,
    forms,
    label,
    run,
    tapes,
    tolerance,
    unitary,
    vector,
)
from numket.pennylane import NumketQubit, device
from numket.pennylane.circuits import add, has_angles

EPS = np.finfo(np.float64).eps


@pytest.mark.parametrize("op", EVERY, ids=label)
def test_every_operation_in_every_form(op, rng, dtype):
    order = [3, "b", 0, 1, "a", 2]
    start = vector(rng, 6)
    for form in forms(op):
        tape = QuantumScript([qml.StatePrep(start, order), form], [qml.state()])
        got = NumketQubit(wires=order, c_dtype=dtype)
        expected = qml.matrix(form, wire_order=order) @ start
        state = run(got, tape)
        assert state.dtype == dtype
        close(state, expected, tolerance(dtype))


@pytest.mark.parametrize("op", [op for op in EVERY if has_angles(op)], ids=label)
def test_no_gate_with_angles_goes_through_a_matrix(op):
    for form in forms(op):
        wires = {wire: place for place, wire in enumerate(form.wires)}
        circuit = nk.Circuit(len(wires))
        add(circuit, form.map_wires(wires))
        assert "apply" not in [step.name for step in circuit]


@pytest.mark.parametrize("op", BATCHED, ids=label)
@pytest.mark.parametrize("state", ["one", "batch"])
def test_every_operation_with_a_batch(op, state, rng):
    start = vector(rng, 6, 3) if state == "batch" else vector(rng, 6)
    for form in forms(op):
        wires = [0, 1, 2, 3, "a", "b"]
        tape = QuantumScript([qml.StatePrep(start, wires), form], [qml.state()])
        close(*both(tape), tolerance(np.float64))


def test_an_operation_of_a_user_may_have_any_name(rng):
    class T(qml.operation.Operation):
        num_wires = 1

        @staticmethod
        def compute_matrix():
            return np.array([[0, 1], [1, 0]])

    for form in forms(T(0)):
        wires = [0, "a", "b"]
        tape = QuantumScript([qml.StatePrep(vector(rng, 3), wires), form], [qml.state()])
        close(*both(tape))


@pytest.mark.parametrize("power", [0, 2, -3])
@pytest.mark.parametrize("op", EVERY, ids=label)
def test_powers(op, power, rng):
    start = vector(rng, 6)
    for form in forms(qml.pow(op, power, lazy=True)):
        wires = [0, 1, 2, 3, "a", "b"]
        close(*both(QuantumScript([qml.StatePrep(start, wires), form], [qml.state()])), 1e-11)


@settings(max_examples=150)
@given(tapes())
def test_tapes(tape):
    close(*both(tape), 1e-11)
    for option in ({"seed": 1}, {"c_dtype": np.complex64}):
        close(run(NumketQubit(**option), tape), run(NumketQubit(), tape), 2e-4)


@settings(max_examples=30)
@given(tapes(), st.sampled_from(["state", "probs"]))
def test_all_of_the_state(tape, kind):
    measured = qml.state() if kind == "state" else qml.probs()
    close(*both(tape.copy(measurements=[measured])), 1e-12)


def test_a_large_batch_is_cut(rng, monkeypatch):
    angles, start = rng.uniform(0, 6, 7), vector(rng, 3, 7)
    measured = [qml.expval(qml.X(0)), qml.probs([1, 2]), qml.state(), qml.var(qml.Y(2))]
    matrices = np.stack([unitary(rng, 2) for _ in range(7)])
    operations = [
        qml.StatePrep(start, range(3)),
        *(qml.RX(angles, 0), qml.QubitUnitary(matrices, 1), qml.CNOT([0, 2])),
    ]
    tape = QuantumScript(operations, measured)
    whole = run(NumketQubit(), tape)
    monkeypatch.setattr(device, "BATCH_BYTES", 3 * 16 * 8)
    close(run(NumketQubit(), tape), whole, 0)
    close(whole, both(tape)[1])
    counted = tape.copy(measurements=[qml.counts(wires=[0]), qml.expval(qml.Z(1))], shots=50)
    counts, values = run(NumketQubit(seed=3), counted)
    assert len(counts) == 7
    assert all(sum(one.values()) == 50 for one in counts)
    assert values.shape == (7,)


def test_many_layers_of_a_template(rng):
    shape = qml.StronglyEntanglingLayers.shape(3, 5)
    tape = QuantumScript(
        [
            qml.AngleEmbedding(rng.normal(size=5), range(5)),
            qml.StronglyEntanglingLayers(rng.normal(size=shape), range(5)),
            qml.GroverOperator(range(5)),
            qml.BasisState([1, 0], [3, 1]),
            qml.StatePrep(vector(rng, 1), 4),
        ],
        [qml.state()],
    )
    close(*both(tape), 1e-10)


def test_wires_of_the_device_and_of_the_tape():
    tape = QuantumScript([qml.X("c")], [qml.state(), qml.probs(), qml.expval(qml.Z("a"))])
    state, probabilities, value = run(NumketQubit(wires=["a", "b", "c"]), tape)
    assert np.flatnonzero(state) == np.flatnonzero(probabilities) == [1]
    assert value == 1
    assert run(NumketQubit(), QuantumScript([], [qml.expval(qml.Z(3))])) == 1
    phase = QuantumScript([qml.GlobalPhase(0.5)], [qml.state()])
    close(run(NumketQubit(), phase), np.array([np.exp(-0.5j)]))


def test_large_observables_are_not_made_matrices(rng):
    """Sums are read term by term, and sparse matrices stay sparse."""
    n = 12
    total = qml.sum(*(qml.Hermitian(np.array([[1, 1j], [-1j, 2]]), q) for q in range(n)))
    sparse = qml.SparseHamiltonian(qml.Hamiltonian([1.5], [qml.Z(n - 1)]).sparse_matrix(), [n - 1])
    operations = [qml.RX(rng.uniform(0, 6), q) for q in range(n)]
    alone = qml.Hermitian(np.diag([3, 4]), 5)
    measured = [qml.expval(total), qml.expval(sparse), qml.expval(sparse @ alone)]
    measured += [qml.expval(qml.prod(*(qml.Hadamard(q) for q in range(8))))]
    measured += [qml.var(qml.prod(*(qml.Hadamard(q) for q in range(8))))]
    close(*both(QuantumScript(operations, measured[:2] + measured[3:])), 1e-11)
    wide = QuantumScript(operations[:3], [qml.expval(qml.Hermitian(np.diag(range(128)), range(7)))])
    close(*both(wide), 1e-11)
