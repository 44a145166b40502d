"""Derivatives by numket.qubit, against PennyLane's own engine."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pennylane import numpy as pnp
from pennylane.exceptions import DeviceError
from pennylane.tape import QuantumScript

from helpers_pennylane import both, close, random_observable, run, tapes
from numket.pennylane import NumketQubit, gradients


def test_powers_are_differentiated():
    @qml.qnode(NumketQubit(), diff_method="adjoint")
    def circuit(angle):
        qml.QuantumPhaseEstimation(qml.RX(angle, 0), estimation_wires=[1, 2])
        return qml.expval(qml.Z(1) @ qml.X(2))

    slope = (circuit(0.4001) - circuit(0.3999)) / 2e-4
    assert abs(qml.grad(circuit)(pnp.array(0.4)) - slope) < 1e-6


def devices():
    return NumketQubit(), qml.device("default.qubit")


def prepared(tape, dev):
    config = qml.devices.ExecutionConfig(gradient_method="adjoint")
    config = dev.setup_execution_config(config, tape)
    (only,), _ = dev.preprocess_transforms(config)((tape,))
    values = only.get_parameters(trainable_only=False)
    if any(qml.math.requires_grad(value) for value in values):
        only.trainable_params = qml.math.get_trainable_indices(values)
    return only, config


@st.composite
def trained(draw):
    """A tape with expectation values, parameters to be trained, and an angle that is not."""
    tape = draw(tapes(batches=False))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    wires = tape.wires.tolist()
    wires += [wire for wire in "xy" if len(wires) < 2]
    count = draw(st.integers(2, 3))
    measured = [qml.expval(random_observable(rng, wires)) for _ in range(count)]
    whole = tape.copy(measurements=measured)
    number = sum(len(op.data) for op in whole.operations)
    prep = len(whole.operations[0].data) * isinstance(
        whole.operations[0], qml.operation.StatePrepBase
    )
    kept = [i for i in range(prep, number) if rng.random() < 0.8]
    values = whole.get_parameters(trainable_only=False)
    new = [pnp.array(values[i], requires_grad=i in kept) for i in range(number)]
    whole = whole.bind_new_parameters(new, range(number))
    whole.trainable_params = kept
    return whole


def by_backprop(tape):
    """Values and Jacobian, through default.qubit and autograd."""
    values = [tape.get_parameters(trainable_only=False)[i] for i in tape.trainable_params]

    def results(*at):
        bound = tape.bind_new_parameters(at, tape.trainable_params)
        return pnp.stack(run(qml.device("default.qubit"), bound, gradient_method="backprop"))

    if not values:
        return np.zeros((len(tape.measurements), 0))
    return np.stack(qml.jacobian(results, argnums=range(len(values)))(*values), axis=-1)


@pytest.mark.filterwarnings("ignore:Output seems independent of input:UserWarning")
@pytest.mark.filterwarnings("ignore:Casting complex values to real")
@settings(max_examples=40)
@given(trained())
def test_gradients(tape):
    expected = by_backprop(tape)
    dev = NumketQubit()
    ready, config = prepared(tape, dev)
    scale = 1 + np.abs(expected).max(initial=1)
    values, jacobian = dev.execute_and_compute_derivatives(ready, config)
    close(values, run(dev, tape), 1e-11 * scale)
    rows = np.array(jacobian, np.float64).reshape(expected.shape)
    np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-10 * scale)
    weights = np.linspace(-1, 2, len(rows))
    again, product = dev.execute_and_compute_vjp(ready, tuple(weights), config)
    close(again, values, 1e-12 * scale)
    np.testing.assert_allclose(product, weights @ expected, rtol=0, atol=1e-10 * scale)
    direction = np.linspace(1, 3, expected.shape[1])
    again, product = dev.execute_and_compute_jvp(ready, tuple(direction), config)
    close(again, values, 1e-12 * scale)
    np.testing.assert_allclose(product, expected @ direction, rtol=0, atol=1e-10 * scale)


@pytest.mark.parametrize("tangents", [(), (0.5,), (0.5, 1)])
@pytest.mark.parametrize("results", [1, 2])
def test_without_parameters_there_is_no_slope_in_any_direction(tangents, results):
    tape = QuantumScript([qml.Hadamard(0)], [qml.expval(qml.X(q)) for q in range(results)])
    dev = NumketQubit()
    ready, config = prepared(tape, dev)
    values, products = dev.execute_and_compute_jvp(ready, tangents, config)
    close(values, 1.0 if results == 1 else (1.0, 0.0))
    close(products, 0.0 if results == 1 else (0.0, 0.0))


def test_as_many_tangents_as_parameters():
    dev = NumketQubit()
    tape = QuantumScript([qml.RX(0.1, 0), qml.RY(0.2, 0)], [qml.expval(qml.Z(0))])
    ready, config = prepared(tape, dev)
    with pytest.raises(ValueError, match=r"^there are 3 tangents for 2 trainable parameters: give"):
        dev.compute_jvp((ready,), ((1.0, 2.0, 3.0),), config)


@pytest.mark.parametrize("parameters", [1, 3])
@pytest.mark.parametrize("results", [1, 2])
def test_derivatives_have_the_nesting_of_pennylane(parameters, results):
    operations = [qml.RX(0.1 * (q + 1), q % 2) for q in range(parameters)]
    tape = QuantumScript(operations, [qml.expval(qml.Z(q)) for q in range(results)])
    tangents, cotangents = (0.5,) * parameters, (0.25,) * results if results > 1 else 0.25
    found = []
    for dev in devices():
        ready, config = prepared(tape, dev)
        found.append(
            (
                dev.compute_derivatives((ready,), config),
                dev.compute_jvp((ready,), (tangents,), config),
                dev.compute_vjp((ready,), (cotangents,), config),
                dev.compute_vjp((ready,), (np.ones((results, 2)).squeeze(),), config)
                if results > 1
                else dev.compute_vjp((ready,), (np.ones(2),), config),
            )
        )
    close(*found)


@pytest.mark.parametrize("method", ["adjoint", "best", "parameter-shift"])
@pytest.mark.parametrize("max_diff", [1])
def test_qnodes_with_autograd(method, max_diff):
    def circuit(angles, weight):
        qml.RX(angles[0], "a")
        qml.CRot(*angles, wires=["a", "b"])
        qml.SingleExcitation(weight, ["b", "c"])
        qml.adjoint(qml.PauliRot)(weight**2, "XY", ["a", "c"])
        return qml.expval(qml.Z("b")), qml.expval(qml.X("a") @ qml.Y("c"))

    at = pnp.array([0.3, -0.8, 1.1]), pnp.array(0.7)
    found = []
    for dev, how in (("numket.qubit", method), ("default.qubit", "backprop")):
        qnode = qml.QNode(circuit, qml.device(dev), diff_method=how, max_diff=max_diff)
        found.append(qml.jacobian(lambda *x, qnode=qnode: pnp.stack(qnode(*x)))(*at))
    close(*found, 1e-10)


def test_a_batch_is_differentiated(rng):
    def circuit(angles, factor):
        qml.RX(angles * factor, 0)
        qml.IsingXY(angles, [0, 1])
        qml.SpecialUnitary(np.ones(3), 1)
        return qml.expval(qml.Z(1) + qml.X(0))

    at = pnp.array(rng.uniform(0, 6, 4)), pnp.array(0.4)
    found = [
        qml.jacobian(qml.QNode(circuit, qml.device(name), diff_method=method))(*at)
        for name, method in (("numket.qubit", "adjoint"), ("default.qubit", "backprop"))
    ]
    close(*found, 1e-10)


def test_one_run_for_the_gradient_of_many_results(monkeypatch):
    """A weighted sum of expectation values costs one gradient, whatever their number."""
    dev, n = NumketQubit(), 4
    operations = [qml.RX(0.1, q) for q in range(n)]
    tape = QuantumScript(operations, [qml.expval(qml.Z(q)) for q in range(n)])
    ready, config = prepared(tape, dev)
    calls = []

    class Counting:
        """A circuit that notes when derivatives are asked for."""

        def __init__(self, circuit):
            self.circuit = circuit

        def __getattr__(self, name):
            if name in ("gradient", "vjp"):
                calls.append(name)
            return getattr(self.circuit, name)

    begin = gradients.Derivatives.__init__

    def counted(self, *arguments):
        begin(self, *arguments)
        self.circuit = Counting(self.circuit)

    monkeypatch.setattr(gradients.Derivatives, "__init__", counted)
    dev.compute_vjp(ready, (1.0,) * n, config)
    assert calls == ["vjp"]


def test_what_supports_derivatives():
    dev = NumketQubit()

    def supported(method, tape=None):
        return dev.supports_derivatives(qml.devices.ExecutionConfig(gradient_method=method), tape)

    good = QuantumScript([qml.RX(0.1, 0)], [qml.expval(qml.Z(0))])
    assert dev.supports_derivatives()
    assert supported("adjoint", good)
    assert supported("best", good)
    assert not supported("backprop")
    assert not supported("finite-diff", good)
    assert not supported("best", good.copy(shots=10))
    assert not supported("best", good.copy(measurements=[qml.probs([0])]))
    assert not supported("adjoint", good.copy(measurements=[qml.expval(qml.Z(0)), qml.state()]))
    assert dev.supports_vjp(qml.devices.ExecutionConfig(gradient_method="adjoint"), good)
    assert dev.supports_jvp(qml.devices.ExecutionConfig(gradient_method="adjoint"), good)


def test_measurements_on_the_way_are_differentiated():
    def circuit(angle):
        qml.RX(angle, 0)
        qml.cond(qml.measure(0), qml.RY)(2 * angle, 1)
        return qml.expval(qml.Z(1))

    found = [
        qml.grad(qml.QNode(circuit, qml.device(name, wires=3), diff_method=method))(pnp.array(0.4))
        for name, method in (("numket.qubit", "adjoint"), ("default.qubit", "backprop"))
    ]
    close(*found)


def test_what_is_not_hermitian_has_a_complex_mean():
    tape = QuantumScript([qml.RX(0.3, 0)], [qml.expval(1j * qml.Y(0))])
    close(*both(tape))
    with pytest.raises(DeviceError, match="Hermitian"):
        NumketQubit().compute_derivatives(tape)


def test_best_gives_derivatives_by_coefficients():
    @qml.qnode(NumketQubit(), diff_method="best")
    def circuit(angle, factor):
        qml.RX(angle, 0)
        return qml.expval(qml.Hamiltonian([factor, 2.0], [qml.Z(0), qml.Y(0)]))

    found = qml.grad(circuit)(pnp.array(0.4), pnp.array(3.0))
    close(found, (np.asarray(-3 * np.sin(0.4) - 2 * np.cos(0.4)), np.asarray(np.cos(0.4))), 1e-10)


def test_best_is_adjoint_if_coefficients_are_no_arguments():
    """Arrays of pennylane.numpy require gradients unless they are told not to."""
    dev, factors = NumketQubit(), pnp.array([3.0, 2.0])

    @qml.qnode(dev, diff_method="best")
    def circuit(angle):
        qml.RX(angle, 0)
        return qml.expval(qml.Hamiltonian(factors, [qml.Z(0), qml.Y(0)]))

    with qml.Tracker(dev) as tracker, pytest.warns(UserWarning, match="Differentiating"):
        assert abs(qml.grad(circuit)(pnp.array(0.4)) + 3 * np.sin(0.4) + 2 * np.cos(0.4)) < 1e-12
    assert tracker.totals["simulations"] <= 1


def test_best_falls_back_where_there_is_no_adjoint():
    @qml.qnode(NumketQubit(), diff_method="best")
    def circuit(angle):
        qml.RX(angle, 0)
        return qml.probs([0])

    jacobian = qml.jacobian(circuit)(pnp.array(0.4))
    close(jacobian, np.array([-np.sin(0.4) / 2, np.sin(0.4) / 2]))


def test_a_parameter_without_derivative_is_refused():
    dev = NumketQubit()
    tape = QuantumScript([qml.QubitUnitary(np.eye(2), 0)], [qml.expval(qml.Z(0))])
    with pytest.raises(DeviceError, match="QubitUnitary has a trainable parameter"):
        dev.compute_derivatives(tape)
    state = QuantumScript([qml.RX(0.1, 0)], [qml.state()])
    with pytest.raises(DeviceError, match="not supported with adjoint differentiation"):
        dev.compute_derivatives(state)
    with pytest.raises(DeviceError, match="without a batch"):
        dev.compute_derivatives(QuantumScript([qml.RX([0.1, 0.2], 0)], [qml.expval(qml.Z(0))]))

    @qml.qnode(dev, diff_method="adjoint")
    def circuit(vector):
        qml.StatePrep(vector, 0)
        return qml.expval(qml.Z(0))

    close(qml.grad(circuit)(pnp.array([0.6, 0.8])), np.array([1.536, -1.152]))


def cosine(first, second):
    """The mean of Z is cos(first + second)."""
    qml.RX(first, 0)
    qml.RX(second, 0)
    return qml.expval(qml.Z(0))


@pytest.mark.parametrize("max_diff", [1, 2])
@pytest.mark.parametrize("method", ["best", "parameter-shift"])
def test_second_derivatives(method, max_diff):
    """By one argument, by one after the other, and of what is computed from the result."""
    circuit = qml.QNode(cosine, NumketQubit(), diff_method=method, max_diff=max_diff)
    at = pnp.array(0.3), pnp.array(0.4)

    def twice(function, first, second):
        return qml.grad(qml.grad(function, argnums=first), argnums=second)(*at)

    for pair in (0, 0), (0, 1), (1, 0), (1, 1):
        close(twice(circuit, *pair), np.asarray(-np.cos(0.7)))
        close(twice(lambda a, b: b * circuit(a, b), 0, 0), np.asarray(-0.4 * np.cos(0.7)))
    hessian = qml.jacobian(qml.grad(lambda both: circuit(both[0], both[1])))
    close(hessian(pnp.array([0.3, 0.4])), np.full((2, 2), -np.cos(0.7)))


def test_first_derivatives_inside_of_other_functions_are_adjoint():
    """One derivative at a time, though two are being taken: of the circuit, and around it."""
    dev = NumketQubit()
    circuit = qml.QNode(cosine, dev, diff_method="best")

    def outside(scale):
        return scale**2 * qml.grad(circuit, argnums=0)(pnp.array(0.3), 0.4)

    with qml.Tracker(dev) as tracker:
        close(qml.grad(outside)(pnp.array(3.0)), np.asarray(-6 * np.sin(0.7)))
    assert tracker.totals["derivative_batches"] == 1


@pytest.mark.parametrize("max_diff", [1, 2])
def test_adjoint_refuses_second_derivatives(max_diff):
    circuit = qml.QNode(cosine, NumketQubit(), diff_method="adjoint", max_diff=max_diff)
    at = pnp.array(0.3), pnp.array(0.4)
    close(qml.grad(circuit)(*at), (np.asarray(-np.sin(0.7)),) * 2)
    for first, second in (0, 0), (0, 1):
        with pytest.raises(DeviceError, match=r"first derivatives only.*max_diff=2"):
            qml.grad(qml.grad(circuit, argnums=first), argnums=second)(*at)


def test_third_derivatives_are_refused_where_pennylane_gives_zero():
    circuit = qml.QNode(cosine, NumketQubit(), diff_method="best", max_diff=3)

    def slope(function):
        return qml.grad(function, argnums=0)

    with pytest.raises(DeviceError, match="third derivatives"):
        slope(slope(slope(circuit)))(pnp.array(0.3), 0.4)


def test_every_tape_of_a_batch_is_looked_at():
    """A configuration is made for the first tape alone."""
    dev = NumketQubit()

    def last(angle):
        tapes = [
            QuantumScript([qml.RX(value, 0)], [qml.expval(qml.Z(0))]) for value in (0.1, angle)
        ]
        return qml.execute(tapes, dev, diff_method="adjoint")[1]

    close(qml.grad(last)(pnp.array(0.3)), np.asarray(-np.sin(0.3)))
    with pytest.raises(DeviceError, match="first derivatives only"):
        qml.grad(qml.grad(last))(pnp.array(0.3))


def test_what_torch_asks_for_is_refused(monkeypatch):
    """As PyTorch behaves: gradients are enabled on the way back if a graph of them is wanted."""
    tape = QuantumScript([qml.RX(0.1, 0)], [qml.expval(qml.Z(0))])
    config = qml.devices.ExecutionConfig(
        gradient_method="adjoint", interface=qml.math.Interface.TORCH
    )
    for enabled in False, True:
        torch = SimpleNamespace(is_grad_enabled=lambda enabled=enabled: enabled)
        monkeypatch.setitem(sys.modules, "torch", torch)
        if enabled:
            with pytest.raises(DeviceError, match=r"create_graph=True: .*max_diff=2"):
                NumketQubit().compute_derivatives(tape, config)
        else:
            NumketQubit().compute_derivatives(tape, config)
    assert not NumketQubit().supports_derivatives(
        replace(config, gradient_method="best", derivative_order=2)
    )


def test_tracers_of_jax():
    """Those of `jax.grad` hold a number or another tracer, those of `jax.vmap` a batch."""

    def traced(value, tag):
        return SimpleNamespace(_trace=SimpleNamespace(tag=tag), primal=value)

    def mapped(values):
        return SimpleNamespace(_trace=SimpleNamespace(), val=values, batch_dim=0)

    def tape(*angles):
        made = QuantumScript([qml.RX(0.1, 0), qml.RY(0.2, 0)], [qml.expval(qml.Z(0))])
        made.get_parameters = lambda trainable_only: angles
        return made

    inner, outer = object(), object()
    found = [
        (tape(traced(0.1, inner), traced(0.2, inner)), 1, False),
        (tape(traced(0.1, inner), traced(0.2, outer)), 2, False),
        (tape(traced(traced(0.1, outer), inner), 0.2), 2, False),
        (tape(traced(mapped([0.1, 0.2]), inner), 0.2), 1, True),
        (tape(0.1, mapped([0.1, 0.2])), 0, True),
    ]
    for made, order, batched in found:
        assert (gradients.order(made), gradients.is_mapped(made)) == (order, batched)
        config = qml.devices.ExecutionConfig(interface=qml.math.Interface.JAX)
        decided = NumketQubit().setup_execution_config(config, made).interface
        assert (decided is qml.math.Interface.JAX_JIT) == batched
