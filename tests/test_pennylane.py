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
from pennylane.exceptions import DeviceError, WireError
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
        yield from (
            gate(*(angle() for _ in range(gate.num_params)), wires[:size]) for gate in gates
        )
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


def test_powers_are_differentiated():
    @qml.qnode(NumketQubit(), diff_method="adjoint")
    def circuit(angle):
        qml.QuantumPhaseEstimation(qml.RX(angle, 0), estimation_wires=[1, 2])
        return qml.expval(qml.Z(1) @ qml.X(2))

    slope = (circuit(0.4001) - circuit(0.3999)) / 2e-4
    assert abs(qml.grad(circuit)(pnp.array(0.4)) - slope) < 1e-6


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


# Shots.


def tilted(*measured, shots, batch=None):
    angle = 0.7 if batch is None else np.linspace(0.2, 2, batch)
    operations = [qml.RX(angle, 0), qml.CRY(1.1, [0, 1]), qml.CNOT([1, 2]), qml.RX(0.4, 2)]
    return QuantumScript(operations, list(measured), shots=shots)


MEASURED = [
    lambda: qml.expval(qml.X(0) @ qml.Y(1)),
    lambda: qml.expval(qml.Hermitian(np.array([[1, 1j], [-1j, 2]]), 1)),
    lambda: qml.expval(qml.Hamiltonian([1, -2, 0.5], [qml.X(0), qml.Z(0) @ qml.Z(2), qml.Y(1)])),
    lambda: qml.expval(qml.sum(qml.Hadamard(0), qml.prod(qml.X(1), qml.Hermitian(np.eye(2), 2)))),
    lambda: qml.var(qml.Z(2)),
    lambda: qml.var(qml.Projector([1, 0], [0, 2])),
    lambda: qml.probs([2, 0]),
    lambda: qml.probs(op=qml.Hadamard(1)),
    lambda: qml.sample(wires=[1, 0]),
    lambda: qml.sample(),
    lambda: qml.sample(qml.X(2)),
    lambda: qml.expval(qml.I(0)),
]


@pytest.mark.parametrize("shots", [1, 7, (5, 5, 3), ((4, 2), 1)])
@pytest.mark.parametrize("batch", [None, 3])
def test_results_from_shots_have_the_shapes_of_pennylane(shots, batch):
    def same(got, expected):
        assert isinstance(got, tuple) == isinstance(expected, tuple)
        if isinstance(expected, tuple):
            assert len(got) == len(expected)
            for pair in zip(got, expected, strict=True):
                same(*pair)
        else:
            assert np.shape(got) == np.shape(expected)

    single = [tilted(make(), shots=shots, batch=batch) for make in MEASURED]
    together = tilted(*(make() for make in MEASURED), shots=shots, batch=batch)
    for tape in [*single, together]:
        same(*both(tape))


@pytest.mark.parametrize("make", MEASURED[:8])
@pytest.mark.parametrize("batch", [None, 2])
def test_many_shots_come_near_the_exact_result(make, batch):
    """Five standard errors, at most; no value is larger than 4."""
    shots = 200_000
    got = run(NumketQubit(seed=11), tilted(make(), shots=shots, batch=batch))
    expected = run(NumketQubit(), tilted(make(), shots=None, batch=batch))
    close(got, expected, 5 * 4 * 4 / np.sqrt(shots))


def test_what_is_measured_together_is_from_the_same_shots():
    bits, left, counts, mean = run(
        NumketQubit(seed=5),
        tilted(qml.sample(), qml.sample(wires=1), qml.counts(wires=[0]), qml.probs([2]), shots=99),
    )
    assert np.array_equal(np.ravel(left), bits[:, 1])
    assert counts == {str(v): int(np.sum(bits[:, 0] == v)) for v in set(bits[:, 0])}
    assert mean[1] == bits[:, 2].mean()
    first, second, product = run(
        NumketQubit(seed=5),
        tilted(
            *(qml.sample(qml.X(0)), qml.sample(qml.Y(1)), qml.sample(qml.X(0) @ qml.Y(1))),
            shots=99,
        ),
    )
    assert np.array_equal(first * second, product)


WHOLE = [  # observables that are measured as they are: no terms are split off
    lambda: qml.I(0),
    lambda: qml.X(0) + 2 * qml.Z(1),
    lambda: qml.Hamiltonian([0.5, -1], [qml.X(0) @ qml.Y(1), qml.Z(2)]),
    lambda: qml.Hamiltonian([2.0], [qml.I(1)]),
    lambda: qml.Hadamard(0) + qml.X(0),
    lambda: qml.Projector([1], 1) + qml.X(0),
    lambda: 0 * qml.X(0),
    lambda: qml.X(0) - qml.X(0),
]


@pytest.mark.parametrize("make", WHOLE)
@pytest.mark.parametrize("batch", [None, 2])
def test_sums_and_identities_from_shots(make, batch):
    shots = 100_000
    measurements = [qml.var(make())]
    if not isinstance(make(), qml.ops.LinearCombination):  # which PennyLane refuses
        measurements.append(qml.probs(op=make()))
    for measured in measurements:
        exact = run(NumketQubit(), tilted(measured, shots=None, batch=batch))
        close(run(NumketQubit(seed=4), tilted(measured, shots=shots, batch=batch)), exact, 0.1)
    every = (qml.sample(make()), qml.counts(make()), qml.var(qml.Z(2)), qml.expval(make()))
    values, counts, *_ = run(NumketQubit(seed=4), tilted(*every, shots=50, batch=batch))
    assert np.shape(values) == ((50,) if batch is None else (batch, 50))
    for one in [counts] if batch is None else counts:
        assert sum(one.values()) == 50
    assert set(np.round(values, 9).flat) <= set(np.round(np.real(make().eigvals()), 9))


def test_a_batch_of_one_keeps_its_axis_with_shots():
    for obs in (qml.X(0), qml.X(0) + qml.Z(1)):
        assert run(NumketQubit(), tilted(qml.expval(obs), shots=9, batch=1)).shape == (1,)


def test_counts_of_all_outcomes():
    tape = tilted(qml.counts(wires=[0, 1], all_outcomes=True), qml.counts(qml.Z(0)), shots=50)
    bits, values = run(NumketQubit(seed=2), tape)
    assert set(bits) == {"00", "01", "10", "11"}
    assert sum(bits.values()) == sum(values.values()) == 50
    assert set(values) <= {-1.0, 1.0}


def test_seeds():
    tape = tilted(qml.sample(), shots=200)

    def twice(seed):
        dev = NumketQubit(seed=seed)
        return run(dev, tape), run(dev, tape)

    first, second = twice(4)
    assert not np.array_equal(first, second)
    assert np.array_equal(twice(4), (first, second))
    assert np.array_equal(twice(np.random.default_rng(4)), (first, second))
    assert not np.array_equal(twice(5)[0], first)
    np.random.seed(8)  # noqa: NPY002
    one = twice("global")
    np.random.seed(8)  # noqa: NPY002
    assert np.array_equal(twice("global"), one)


def test_shadows():
    tape = tilted(qml.classical_shadow([0, 1], seed=3), shots=40)
    bits, recipes = run(NumketQubit(seed=1), tape)
    assert bits.shape == recipes.shape == (40, 2)
    tape = tilted(qml.shadow_expval(qml.Z(0), seed=3), shots=20_000)
    assert abs(run(NumketQubit(seed=1), tape) - np.cos(0.7)) < 0.1
    batch = tilted(qml.shadow_expval(qml.Z(0), seed=3), shots=200, batch=3)
    assert run(NumketQubit(seed=1), batch).shape == (3,)


def test_shots_of_the_device_and_of_a_qnode():
    with pytest.warns(qml.exceptions.PennyLaneDeprecationWarning):
        dev = NumketQubit(2, shots=17)
    assert dev.shots.total_shots == 17

    @qml.qnode(dev)
    def circuit():
        qml.Hadamard(0)
        return qml.sample(wires=0)

    assert circuit().shape == (17, 1)
    assert qml.set_shots(circuit, shots=5)().shape == (5, 1)


# Measurements on the way.


def teleported(angle, measured):
    """A state from wire 0 to wire 2."""
    qml.RY(angle, 0)
    qml.Hadamard(1)
    qml.CNOT([1, 2])
    qml.CNOT([0, 1])
    qml.Hadamard(0)
    first, second = qml.measure(0), qml.measure(1, reset=True)
    qml.cond(second, qml.X)(2)
    qml.cond(first, qml.Z)(2)
    return measured(first, second)


METHODS = [("deferred", None), ("deferred", 20_000), ("one-shot", 20_000), (None, 20_000)]


@pytest.mark.parametrize(("method", "shots"), [*METHODS, ("device", 20_000)])
def test_measurements_on_the_way(method, shots):
    def measured(first, second):
        means = [qml.expval(qml.X(2)), qml.expval(qml.Z(2)), qml.expval(first), qml.var(second)]
        return *means, qml.probs(op=[first, second]), qml.probs([1]), qml.expval(first * second)

    @qml.qnode(qml.device("numket.qubit", wires=5, seed=3), mcm_method=method)
    def circuit(angle):
        return teleported(angle, measured)

    got = qml.set_shots(circuit, shots=shots)(0.6)
    expected = np.sin(0.6), np.cos(0.6), 0.5, 0.25, np.full(4, 0.25), np.array([1, 0]), 0.25
    close(tuple(map(np.asarray, got)), tuple(map(np.asarray, expected)), 0.04 if shots else 1e-12)


@pytest.mark.parametrize("method", ["one-shot", "tree-traversal"])
def test_conditions_counts_and_samples(method):
    """A condition on two bits, with an else, on gates that are no method of a circuit."""

    @qml.qnode(qml.device("numket.qubit", seed=9), mcm_method=method)
    def circuit():
        qml.RY(1.2, 0)
        qml.Hadamard("a")
        one, two = qml.measure(0), qml.measure("a")
        qml.cond(one + two == 1, qml.QubitUnitary)(np.array([[0, 1], [1, 0]]), 1)
        qml.cond(one & two, qml.adjoint(qml.S), qml.I)(1)
        qml.cond(~one, qml.adjoint(qml.Rot), qml.adjoint(qml.RX))(0.0, 0.0, 0.0, wires=1)
        return qml.counts([one, two]), qml.sample(wires=1), qml.sample(one), qml.counts(wires=[1])

    with pytest.raises(TypeError):
        qml.set_shots(circuit, shots=5)()


@pytest.mark.parametrize("shots", [1, 5, (3, 2)])
@pytest.mark.parametrize("kind", ["expval", "var", "probs", "sample", "counts"])
def test_one_measurement_on_the_way_and_nothing_else(kind, shots):
    def circuit():
        qml.X(0)
        outcome = qml.measure(0)
        return getattr(qml, kind)(op=outcome)

    found = [
        qml.set_shots(qml.QNode(circuit, qml.device(name), mcm_method="one-shot"), shots=shots)()
        for name in ("numket.qubit", "default.qubit")
    ]
    if kind == "counts":
        assert found[0] == found[1]
    else:
        close(*found)


def test_one_shot_of_a_sum():
    @qml.set_shots(1)
    @qml.qnode(NumketQubit(), mcm_method="one-shot")
    def circuit():
        qml.measure(0)
        return qml.expval(qml.Z(0) + 2 * qml.Z(1))

    assert circuit() == 3


def test_conditions_on_controlled_inverses():
    def circuit():
        qml.Hadamard(0)
        outcome = qml.measure(0)
        for gate in (qml.Rot(0.3, 2.5, 0.2, 1), qml.ISWAP([1, 2])):
            qml.cond(outcome, qml.ctrl)(qml.adjoint(gate, lazy=True), 3, control_values=[0])
        return qml.expval(qml.Z(1)), qml.expval(qml.Z(2))

    exact = qml.QNode(circuit, NumketQubit(wires=5), mcm_method="deferred")()
    shot = qml.QNode(circuit, NumketQubit(seed=2), mcm_method="one-shot")
    close(tuple(map(np.asarray, qml.set_shots(shot, shots=20_000)())), exact, 0.04)


@pytest.mark.parametrize("method", ["one-shot", "tree-traversal", "deferred"])
def test_outcomes_agree_shot_by_shot(method):
    @qml.qnode(qml.device("numket.qubit", seed=9), mcm_method=method)
    def circuit():
        qml.RY(1.2, 0)
        qml.Hadamard("a")
        one, two = qml.measure(0), qml.measure("a")
        qml.cond(one + two == 1, qml.QubitUnitary)(np.array([[0, 1], [1, 0]]), 1)
        qml.cond(one & two, qml.adjoint(qml.S))(1)
        qml.cond(one, qml.adjoint(qml.Rot))(0.1, 0.0, -0.1, 1)
        return qml.sample([one, two]), qml.sample(wires=1), qml.sample(one)

    pairs, wire, first = qml.set_shots(circuit, shots=300)()
    if method != "tree-traversal":  # whose samples come branch by branch
        assert np.array_equal(pairs[:, 0] ^ pairs[:, 1], np.ravel(wire))
        assert np.array_equal(np.ravel(first), pairs[:, 0])
    assert pairs.shape == (300, 2)
    assert 0 < np.mean(first) < 1


def test_one_shot_in_parts(monkeypatch):
    @qml.set_shots(50)
    @qml.qnode(qml.device("numket.qubit", seed=9), mcm_method="one-shot")
    def circuit():
        qml.Hadamard(0)
        outcome = qml.measure(0)
        qml.cond(outcome, qml.X)(1)
        return qml.sample(qml.Z(1)), qml.sample(outcome), qml.expval(qml.Z(1)), qml.counts(wires=1)

    whole = circuit()
    assert np.array_equal(np.ravel(whole[0]), 1 - 2 * np.ravel(whole[1]))
    monkeypatch.setattr(device, "BATCH_BYTES", 7 * 16 * 4)
    values, outcomes, _, counts = circuit()
    assert np.array_equal(np.ravel(values), 1 - 2 * np.ravel(outcomes))
    assert sum(counts.values()) == 50


def test_one_shot_with_a_shot_vector_a_batch_and_postselection():
    @qml.set_shots((30, 20))
    @qml.qnode(qml.device("numket.qubit", seed=9), mcm_method="one-shot")
    def circuit(angle):
        qml.RX(angle, 0)
        qml.measure(0, postselect=1)
        qml.CNOT([0, 1])
        return qml.expval(qml.Z(1)), qml.probs([0, 1])

    first, second = circuit(np.array([2.0, 3.0]))
    for values, probabilities in (first, second):
        assert np.array_equal(values, [-1, -1])
        assert np.array_equal(probabilities, [[0, 0, 0, 1]] * 2)


@pytest.mark.parametrize("interface", ["auto", "numpy"])
def test_postselection_of_an_exact_result(interface):
    def circuit(angle):
        qml.RX(angle, 0)
        qml.CNOT([0, 1])
        outcome = qml.measure(0, postselect=1)
        return qml.expval(qml.Z(1)), qml.probs([0, 1]), qml.expval(outcome)

    found = [
        qml.QNode(circuit, qml.device(name, wires=3), interface=interface)(0.3)
        for name in ("numket.qubit", "default.qubit")
    ]
    close(*found)
    impossible = qml.QNode(circuit, qml.device("numket.qubit", wires=3), interface=interface)(0.0)
    assert np.isnan(impossible[0])


def test_postselection_of_deferred_shots():
    @qml.qnode(qml.device("numket.qubit", wires=2), mcm_method="deferred")
    def circuit():
        qml.Hadamard(0)
        qml.measure(0, postselect=1)
        return qml.sample(wires=0)

    with pytest.raises(DeviceError, match=r"Postselection .* postselect_mode='fill-shots'"):
        qml.set_shots(circuit, shots=10)()
    filled = qml.QNode(
        circuit.func, circuit.device, mcm_method="deferred", postselect_mode="fill-shots"
    )
    assert np.array_equal(qml.set_shots(filled, shots=10)(), np.ones((10, 1)))


# Snapshots, tracking, errors, memory.


def test_snapshots():
    def circuit(angle):
        qml.Snapshot()
        qml.RX(angle, 0)
        qml.Snapshot("mean", measurement=qml.expval(qml.Z(0)))
        qml.CNOT([0, 1])
        qml.Snapshot(measurement=qml.probs([1]))
        qml.Snapshot("mean", measurement=qml.expval(qml.Z(1)))
        return qml.expval(qml.Y(0))

    found = [
        qml.snapshots(qml.QNode(circuit, qml.device(name, wires=2)))(0.4)
        for name in ("numket.qubit", "default.qubit")
    ]
    assert list(found[0]) == list(found[1])
    for key, value in found[1].items():
        close(np.asarray(found[0][key]), np.asarray(value))
    assert np.array_equal(found[0][0], [1, 0, 0, 0])
    alone = qml.QNode(circuit, qml.device("numket.qubit", wires=2))
    close(np.asarray(alone(0.4)), np.asarray(found[1]["execution_results"]))
    trained = qml.QNode(circuit, qml.device("numket.qubit", wires=2), diff_method="adjoint")
    assert abs(qml.grad(trained)(pnp.array(0.4))) < 1e-15


def test_snapshots_of_shots_and_of_dynamic_circuits():
    @qml.set_shots(30)
    @qml.qnode(qml.device("numket.qubit", wires=2, seed=1))
    def circuit():
        qml.Hadamard(0)
        qml.Snapshot("drawn", measurement=qml.sample(), shots=5)
        qml.Snapshot("state", measurement=qml.state(), shots=None)
        qml.measure(0)
        qml.Snapshot("after", measurement=qml.probs([0]), shots=None)
        return qml.counts(wires=[0])

    found = qml.snapshots(circuit)()
    assert len(found["drawn"]) == 30
    assert found["drawn"][0].shape == (5, 2)
    assert {tuple(one) for one in found["after"]} == {(0, 1), (1, 0)}
    assert sum(found["execution_results"].values()) == 30


def test_tracker():
    dev = NumketQubit()
    tape = QuantumScript([qml.RX(0.1, 0)], [qml.expval(qml.Z(0))])
    with qml.Tracker(dev) as tracker:
        dev.execute(tape)
        dev.execute((tape, tape.copy(shots=10)))
        dev.compute_derivatives(tape)
        dev.execute_and_compute_vjp(tape, (1.0,))
        dev.compute_jvp((tape,), ((1.0,),))
    totals = tracker.totals
    assert totals["simulations"] == 3
    assert totals["shots"] == 10
    assert totals["derivatives"] == totals["vjps"] == totals["jvps"] == 1


def test_what_is_refused():
    def refused(error, match, tape, dev=None, **config):
        with pytest.raises(error, match=match):
            run(dev or NumketQubit(), tape, **config)

    class Unknown(qml.operation.Operation):
        num_wires = 1

    good = QuantumScript([qml.RX(0.1, 0)], [qml.expval(qml.Z(0))])
    refused(
        DeviceError, "Unknown.*not supported with numket.qubit", good.copy(operations=[Unknown(0)])
    )
    refused(WireError, "numket.qubit", good, NumketQubit(wires=["a"]))
    refused(DeviceError, "not accepted", good.copy(measurements=[qml.sample()]))
    refused(DeviceError, "not accepted", good.copy(measurements=[qml.state()], shots=5))
    refused(DeviceError, "not accepted", good.copy(measurements=[qml.counts()]))
    refused(DeviceError, "option", good, device_options={"speed": 11})
    methods = qml.devices.MCMConfig(mcm_method="single-branch-statistics")
    refused(DeviceError, "mcm_method='single-branch-statistics'", good, mcm_config=methods)
    modes = qml.devices.MCMConfig(mcm_method="one-shot", postselect_mode="fill-shots")
    refused(DeviceError, "fill-shots", good, mcm_config=modes)
    refused(
        DeviceError, "expval.RX.*not accepted", good.copy(measurements=[qml.expval(qml.RX(1, 0))])
    )
    refused(
        DeviceError, r"var.1j \* X.*Hermitian", good.copy(measurements=[qml.var(1j * qml.X(0))])
    )
    refused(DeviceError, "Finite shots", good.copy(shots=5), gradient_method="adjoint")
    with pytest.raises(DeviceError, match="'c_dtype' is float64"):
        NumketQubit(c_dtype=np.float64)
    for angle, reason in ((np.nan, "finite"), (0.1 + 0.2j, "real"), ("a", "real")):
        wrong = good.copy(operations=[qml.RX(0.1, 0), qml.RX(angle, 0)])
        refused(DeviceError, rf"RX\(.*\) is not supported with numket.qubit: .*{reason}", wrong)


@pytest.mark.parametrize("n", [16])
def test_nothing_of_the_size_of_the_state_but_the_state(n, rng):
    """As NumPy tells tracemalloc of what it allocates; numket's own states are told as well."""
    angles = rng.uniform(0, 6, n)
    operations = [qml.RX(angle, q) for q, angle in enumerate(angles)]
    operations += [qml.CNOT([q, q + 1]) for q in range(n - 1)] + [qml.IsingXX(0.3, [0, n - 1])]
    chain = qml.Hamiltonian([1.0] * n, [qml.Z(q) for q in range(n)])
    dev = NumketQubit()
    size = 16 * 2**n

    def peak(measured, shots=None):
        tape = QuantumScript(operations, [measured], shots=shots)
        dev.execute(tape)
        tracemalloc.start()
        result = dev.execute(tape)
        told = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return told, result

    assert peak(qml.expval(chain))[0] < 1.2 * size
    assert peak(qml.var(qml.X(0) @ qml.Y(3)))[0] < 1.2 * size
    assert peak(qml.expval(qml.Hermitian(np.eye(4), [0, 5])))[0] < 1.2 * size
    assert peak(qml.density_matrix([2, 1]))[0] < 1.2 * size
    assert peak(qml.sample(wires=[0, 1]), 10)[0] < 1.2 * size
    told, state = peak(qml.state())
    assert size <= told < 1.2 * size
    assert state.flags.owndata or state.base is not None
    assert peak(qml.probs())[0] < 1.7 * size  # the result is half of it


def test_the_state_that_is_returned_is_the_one_that_was_run(monkeypatch):
    """Not a copy of it: the memory is the same."""
    made = []
    make = circuits.zero_state
    monkeypatch.setattr(circuits, "zero_state", lambda *args: made.append(make(*args)) or made[-1])
    tape = QuantumScript([qml.Hadamard(0), qml.CNOT([0, 1])], [qml.state()])
    state = NumketQubit(wires=2).execute(tape)
    assert np.shares_memory(state, made[0])
    assert len(made) == 1


def test_one_circuit_for_a_tape():
    angles = np.linspace(0, 1, 5)
    operations = [qml.RX(angles, 0), qml.ctrl(qml.Rot(1, 2, angles, 0), 1), qml.QFT([0, 1])]
    operations += [qml.adjoint(qml.SingleExcitation(0.1, [0, 1]), lazy=True), qml.Snapshot()]
    program = circuits.Program(QuantumScript(operations, [qml.expval(qml.X(0))]))
    assert [type(step) for step in program.steps] == [nk.Circuit]


# One operation on one state.


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
