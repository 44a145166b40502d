"""The device numket.qubit against PennyLane's own engine."""

import tomllib
import tracemalloc
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pennylane import numpy as pnp
from pennylane.exceptions import (
    DeviceError,
    QuantumFunctionError,
    WireError,
)
from pennylane.tape import QuantumScript

import numket as nk
from numket.pennylane import NumketQubit, apply_operation, circuits, device

EPS = np.finfo(np.float64).eps
TOML = tomllib.loads((Path(circuits.__file__).parent / "numket_qubit.toml").read_text())


def tolerance(dtype, scale=1.0):
    return 2e3 * np.finfo(dtype).eps * scale


def run(dev, tape, **config):
    """What a QNode would do with a tape."""
    config = dev.setup_execution_config(qml.devices.ExecutionConfig(**config), tape)
    program = dev.preprocess_transforms(config)
    tapes, gather = program((tape,))
    return gather(dev.execute(tapes, config))[0]


def both(tape, **options):
    """The results of numket.qubit and of default.qubit."""
    return run(NumketQubit(seed=1), tape, **options), run(
        qml.device("default.qubit", seed=1), tape, **options
    )


def close(got, expected, limit=1e-12):
    """Equal shapes, nesting and numbers."""
    assert isinstance(got, tuple) == isinstance(expected, tuple)
    if isinstance(expected, tuple):
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            close(one, other, limit)
    else:
        assert np.shape(got) == np.shape(expected)
        np.testing.assert_allclose(got, expected, rtol=0, atol=limit)


def unitary(rng, size):
    return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]


def vector(rng, n, *batch):
    state = rng.normal(size=(*batch, 2**n)) + 1j * rng.normal(size=(*batch, 2**n))
    return state / np.linalg.norm(state, axis=-1, keepdims=True)


ANGLES = {
    1: [qml.RX, qml.RY, qml.RZ, qml.PhaseShift, qml.Rot, qml.U1, qml.U2, qml.U3],
    2: [
        *(qml.CRX, qml.CRY, qml.CRZ, qml.CRot, qml.ControlledPhaseShift, qml.PSWAP),
        *(qml.IsingXX, qml.IsingYY, qml.IsingZZ, qml.IsingXY, qml.FermionicSWAP),
        *(qml.SingleExcitation, qml.SingleExcitationPlus, qml.SingleExcitationMinus),
    ],
    4: [
        *(qml.DoubleExcitation, qml.DoubleExcitationPlus, qml.DoubleExcitationMinus),
        qml.OrbitalRotation,
    ],
}
FIXED = {
    1: [qml.X, qml.Y, qml.Z, qml.Hadamard, qml.S, qml.T, qml.SX, qml.Identity],
    2: [qml.CNOT, qml.CY, qml.CZ, qml.CH, qml.SWAP, qml.ISWAP, qml.ECR, qml.SISWAP],
    3: [qml.Toffoli, qml.CCZ, qml.CSWAP, qml.QubitSum],
    4: [qml.QubitCarry],
}


def samples_of(rng, batch=None):
    """One operation of every kind, on wires in no order."""
    wires = [2, 0, 3, 1]

    def angle():
        return rng.uniform(-7, 7, batch) if batch else rng.uniform(-7, 7)

    for size, gates in ANGLES.items():
        yield from (gate(*(angle() for _ in range(gate.num_params)), wires[:size]) for gate in gates)
    yield qml.MultiRZ(angle(), wires[:3])
    yield qml.PauliRot(angle(), "XIYZ", wires)
    yield qml.GlobalPhase(angle(), wires[0])
    yield qml.QubitUnitary(unitary(rng, 4), wires[:2])
    yield qml.DiagonalQubitUnitary(np.exp(1j * rng.uniform(0, 6, 8)), wires[1:])
    if batch:
        yield qml.QubitUnitary(np.stack([unitary(rng, 4) for _ in range(batch)]), wires[:2])
        yield qml.DiagonalQubitUnitary(np.exp(1j * rng.uniform(0, 6, (batch, 8))), wires[1:])
        return
    for size, gates in FIXED.items():
        yield from (gate(wires[:size]) for gate in gates)
    yield qml.MultiControlledX(wires, control_values=[1, 0, 0])
    yield qml.ControlledQubitUnitary(unitary(rng, 4), wires, control_values=[0, 1])
    yield qml.BlockEncode(np.array([[0.1, 0.2], [0.3, 0.4]]), wires[:2])
    yield qml.SpecialUnitary(rng.normal(size=15), wires[:2])
    yield qml.PCPhase(angle(), 5, wires[:3])
    yield qml.QubitUnitary(unitary(rng, 16), wires)
    yield qml.QFT(wires)
    yield qml.prod(qml.X(2), qml.RY(angle(), 0))
    yield qml.pow(qml.RX(angle(), 1), 0.3, lazy=True)
    yield qml.exp(qml.X(0) @ qml.Z(3), 0.4j)


def label(op):
    return f"{op.name}-{op.num_wires or len(op.wires)}"


EVERY = list(samples_of(np.random.default_rng(3)))
BATCHED = list(samples_of(np.random.default_rng(4), 3))


def forms(op):
    """The operation, its adjoint, and both under controls on the wires "a" and "b"."""
    yield op
    yield qml.adjoint(op, lazy=True)
    yield qml.ctrl(op, ["a", "b"], control_values=[0, 1])
    yield qml.adjoint(qml.ctrl(op, "a"), lazy=True)
    yield qml.ctrl(qml.adjoint(op, lazy=True), "b", control_values=[False])


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


@pytest.mark.parametrize("op", BATCHED, ids=label)
@pytest.mark.parametrize("state", ["one", "batch"])
def test_every_operation_with_a_batch(op, state, rng):
    start = vector(rng, 6, 3) if state == "batch" else vector(rng, 6)
    for form in forms(op):
        wires = [0, 1, 2, 3, "a", "b"]
        tape = QuantumScript([qml.StatePrep(start, wires), form], [qml.state()])
        close(*both(tape), tolerance(np.float64))


def test_the_declared_gates_are_those_that_run():
    declared = TOML["operators"]["gates"]
    known = {op.name: op for op in EVERY}
    assert set(known) - set(declared) == {"QFT", "Prod", "RX**0.3", "Exp"}
    for name, properties in declared.items():
        assert circuits.is_supported(known[name])
        listed = "differentiable" in properties["properties"]
        assert listed == circuits.has_angles(known[name]), name
    assert NumketQubit.capabilities.supports_operation("C(RX)")
    assert NumketQubit.capabilities.supports_observable("LinearCombination")


# Whole tapes.


def random_operation(rng, wires, batch):
    size = int(rng.choice([1, 1, 1, 2, 2, 3, 4]))
    size = min(size, len(wires))
    chosen = [wires[i] for i in rng.permutation(len(wires))[:size]]
    pool = ANGLES.get(size, []) + FIXED.get(size, [])
    gate = pool[rng.integers(len(pool))]
    shape = batch if batch and rng.random() < 0.3 else None
    op = gate(*(rng.uniform(-4, 4, shape) for _ in range(gate.num_params)), wires=chosen)
    rest = [wire for wire in wires if wire not in chosen]
    if rng.random() < 0.2:
        op = qml.adjoint(op)
    if rest and rng.random() < 0.2:
        op = qml.ctrl(op, rest[:1], control_values=[int(rng.integers(2))])
    return op


def random_observable(rng, wires):
    first, second = (wires[i] for i in rng.permutation(len(wires))[:2])
    hermitian = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
    hermitian = hermitian + hermitian.conj().T
    return [
        qml.X(first) @ qml.Y(second),
        qml.Hermitian(hermitian, first),
        qml.Hadamard(first) @ qml.Z(second),
        qml.Projector([1, 0], [first, second]),
        qml.Hamiltonian([0.3, -1.2, 2.0], [qml.X(first), qml.Z(first) @ qml.Y(second), qml.I()]),
        0.5 * qml.Hermitian(hermitian, second) + 2 * qml.X(first),
        qml.Projector(vector(rng, 1), first),
        qml.sum(*(qml.Hadamard(wire) for wire in wires)),
        qml.prod(qml.Hermitian(hermitian, first), qml.Y(second)),
    ][rng.integers(9)]


def random_measurement(rng, wires):
    first, second = (wires[i] for i in rng.permutation(len(wires))[:2])
    kind = rng.integers(11)
    if kind < 4:
        return qml.expval(random_observable(rng, wires))
    return [
        lambda: qml.var(qml.X(first) @ qml.Z(second)),
        lambda: qml.var(qml.Hermitian(np.array([[1, 1j], [-1j, 3]]), second)),
        lambda: qml.probs([second, first]),
        lambda: qml.probs(op=qml.Hadamard(first) @ qml.Y(second)),
        lambda: qml.density_matrix([second, first]),
        lambda: qml.purity([first]),
        lambda: [qml.vn_entropy([first]), qml.mutual_info([first], [second])][rng.integers(2)],
    ][kind - 4]()


@st.composite
def tapes(draw, batches=True):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(2, 5))
    wires = list(range(n)) if draw(st.booleans()) else ["a", 7, -2, "b", 1.5][:n]
    batch = draw(st.sampled_from([None, 2, 3])) if batches else None
    operations = [random_operation(rng, wires, batch) for _ in range(draw(st.integers(1, 12)))]
    start = draw(st.sampled_from(["zero", "basis", "vector", "batch"]))
    if start == "basis":
        operations.insert(0, qml.BasisState(rng.integers(0, 2, n - 1), wires[1:]))
    elif start == "vector" or (start == "batch" and not batch):
        operations.insert(0, qml.StatePrep(vector(rng, n - 1), wires[:0:-1]))
    elif start == "batch":
        operations.insert(0, qml.StatePrep(vector(rng, n, batch), wires))
    measured = [random_measurement(rng, wires) for _ in range(draw(st.integers(1, 3)))]
    return QuantumScript(operations, [*measured, qml.expval(qml.Z(wires[0]))])


@settings(deadline=None, max_examples=150)
@given(tapes())
def test_tapes(tape):
    close(*both(tape), 1e-11)
    for option in ({"seed": 1}, {"c_dtype": np.complex64}):
        close(run(NumketQubit(**option), tape), run(NumketQubit(), tape), 2e-4)


@settings(deadline=None, max_examples=30)
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


# Derivatives.


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
@settings(deadline=None, max_examples=40)
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
    monkeypatch.setattr(
        "numket.gradient.pull_back", lambda *args, **_: calls.append(1) or np.zeros(n)
    )
    dev.compute_vjp(ready, (1.0,) * n, config)
    assert len(calls) == 1


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
