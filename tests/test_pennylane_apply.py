"""`apply_operation` on one state, against PennyLane's own."""

import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp

from helpers_pennylane import BATCHED, EVERY, close, forms, label, tolerance, vector
from numket.pennylane import apply_operation


@pytest.mark.parametrize("op", EVERY, ids=label)
def test_apply_operation(op, rng, dtype):
    state = vector(rng, 5).astype(dtype).reshape((2,) * 5)
    states = vector(rng, 5, 3).astype(dtype).reshape(3, *(2,) * 5)
    for form in forms(op):
        form = qml.map_wires(form, {"a": 4, "b": 5})
        if 5 in form.wires:
            continue
        before = state.copy()
        got = apply_operation(form, state)
        assert np.array_equal(state, before)
        assert not np.shares_memory(got, state)
        close(got, qml.devices.qubit.apply_operation(form, state), tolerance(dtype))
        got = apply_operation(form, states, is_state_batched=True)
        expected = qml.devices.qubit.apply_operation(form, states, is_state_batched=True)
        close(got, expected, tolerance(dtype))


@pytest.mark.parametrize("op", BATCHED, ids=label)
def test_apply_operation_with_a_batch(op, rng):
    state, states = vector(rng, 4).reshape((2,) * 4), vector(rng, 4, 3).reshape(3, *(2,) * 4)
    for form in (op, qml.adjoint(op, lazy=True)):
        for start, batched in ((state, False), (states, True)):
            expected = qml.devices.qubit.apply_operation(form, start, is_state_batched=batched)
            close(apply_operation(form, start, is_state_batched=batched), expected, 1e-13)


@pytest.mark.filterwarnings("ignore:Casting complex values to real")
def test_apply_operation_leaves_the_rest_to_pennylane(rng):
    state = vector(rng, 2).reshape(2, 2)
    assert apply_operation(qml.Snapshot(), state) is state
    close(apply_operation(qml.Projector([1], 0), state)[0], np.zeros(2, complex))
    outcomes = {}
    wire = qml.ops.MidMeasure(0)
    after = apply_operation(wire, state, mid_measurements=outcomes, rng=np.random.default_rng(1))
    assert not after[1 - outcomes[wire]].any()
    value = qml.ops.MeasurementValue([wire])
    flipped = qml.ops.Conditional(value, qml.X(1))
    expected = after[:, ::-1] if outcomes[wire] else after
    close(apply_operation(flipped, after, mid_measurements=outcomes), expected)
    real = np.array([[1.0, 0], [0, 0]])
    close(apply_operation(qml.RX(0.3, 0), real), apply_operation(qml.RX(0.3, 0), real + 0j))

    def mean(angle):
        turned = apply_operation(qml.RX(angle, 0), np.array([1, 0], complex))
        return qml.math.abs(turned[0]) ** 2

    close(qml.grad(mean)(pnp.array(0.3)), np.asarray(-np.sin(0.3) / 2))
