"""The device numket.qubit: snapshots, tracking, what it refuses, and memory."""

import contextlib
import tomllib
import tracemalloc
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp
from pennylane.exceptions import DeviceError, WireError
from pennylane.tape import QuantumScript

import numket as nk
from helpers_pennylane import EVERY, both, close, run
from numket.pennylane import NumketQubit, circuits

TOML = tomllib.loads((Path(circuits.__file__).parent / "numket_qubit.toml").read_text())


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


@pytest.mark.parametrize(
    "measured",
    [
        qml.expval(qml.Z(0)),
        qml.var(qml.X(0) @ qml.Z(1)),
        qml.expval(0.5 * qml.Z(0) + qml.X(1)),
        qml.expval(qml.Hermitian(np.eye(2), 0) + qml.Hadamard(1)),
        qml.expval(qml.Projector([0], 1)),
        qml.expval(1j * qml.Y(0)),
        qml.expval(qml.I(0)),
        qml.purity([0]),
        qml.probs([0]),
        qml.state(),
    ],
)
def test_results_have_the_types_of_pennylane(measured):
    """Scalars are those of NumPy, which keep their precision in PyTorch and JAX."""
    for angle in 0.3, [0.3, 0.4]:
        ours, theirs = both(QuantumScript([qml.RX(angle, 0), qml.CNOT([0, 1])], [measured]))
        assert (type(ours), ours.dtype) == (type(theirs), theirs.dtype)


def test_values_beside_derivatives_are_scalars_of_numpy():
    config = qml.devices.ExecutionConfig(gradient_method="adjoint")
    tape = QuantumScript([qml.RX(0.3, 0)], [qml.expval(qml.Z(0)), qml.expval(qml.Y(0))])
    dev = NumketQubit()
    for values in (
        dev.execute_and_compute_derivatives(tape, config)[0],
        dev.execute_and_compute_vjp(tape, (1.0, 2.0), config)[0],
        dev.execute_and_compute_jvp(tape, (1.0,), config)[0],
    ):
        assert [type(value) for value in values] == [np.float64] * 2


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


def mean(angle):
    qml.RX(angle, 0)
    return qml.expval(qml.Z(0))


def templates(angle):
    qml.StatePrep([angle, 1.0], 0, normalize=True)
    qml.QFT(range(6))
    qml.Snapshot()
    qml.QubitUnitary(np.eye(4), [0, "a"])
    qml.adjoint(qml.ctrl(qml.Rot, 1))(angle, angle, angle, 0)
    return qml.expval(0.5 * qml.Z(0) + qml.X(1) @ qml.Y(0))


def broadcast(angle):
    qml.RX(angle * np.ones(2), 0)
    return qml.expval(qml.Hermitian(np.eye(2), 0)), qml.expval(qml.Z(0))


def on_the_way(angle):
    qml.RX(angle, 0)
    qml.cond(qml.measure(0), qml.RY)(angle, 1)
    return qml.expval(qml.Z(1))


@pytest.mark.parametrize("body", [mean, templates, broadcast, on_the_way])
@pytest.mark.parametrize(
    ("method", "shots"),
    [("best", None), ("adjoint", None), ("parameter-shift", None), (None, None), ("best", 10)],
)
def test_a_qnode_inside_of_a_qnode_leaves_it_alone(body, method, shots):
    """Whatever is done to its tape: the other has no operation of its own."""
    inner = qml.set_shots(qml.QNode(body, NumketQubit(), diff_method=method), shots=shots)

    def outer(angle):
        qml.X(1)
        inner(angle)
        qml.X(2)
        return qml.probs(wires=range(3))

    arguments = 0.7, pnp.array(0.7), pnp.array(0.7, requires_grad=False)
    for dev in NumketQubit(), qml.device("default.qubit"):
        for angle in arguments[: None if method else 1]:
            assert np.array_equal(np.flatnonzero(qml.QNode(outer, dev)(angle)), [0b011])


def test_a_result_inside_of_a_qnode_is_differentiated():
    inner = qml.QNode(mean, NumketQubit())

    def outer(angle):
        qml.RX(inner(angle), 0)
        return qml.expval(qml.Z(0))

    got = qml.grad(qml.QNode(outer, NumketQubit()))(pnp.array(0.7))
    close(got, np.asarray(np.sin(np.cos(0.7)) * np.sin(0.7)))


@pytest.mark.parametrize("method", ["adjoint", "parameter-shift"])
def test_a_derivative_inside_of_a_qnode_warns(method):
    inner = qml.QNode(mean, NumketQubit(), diff_method=method)

    @qml.qnode(NumketQubit())
    def outer(angle, guard):
        with guard():
            qml.grad(inner)(angle)
        return qml.probs(wires=[0])

    with pytest.warns(UserWarning, match="differentiated while another is recorded"):
        assert outer(pnp.array(0.7), contextlib.nullcontext).shape == (2,)
    close(outer(pnp.array(0.7), qml.QueuingManager.stop_recording), np.array([1.0, 0.0]))


def test_tapes_run_while_others_are_recorded():
    tape = QuantumScript([qml.RX(0.7, "a")], [qml.expval(qml.Z("a"))])
    with qml.queuing.AnnotatedQueue() as queue:
        kept = qml.Y(0)
        close(NumketQubit().execute(tape), np.float64(np.cos(0.7)))
        assert NumketQubit().supports_derivatives(circuit=tape)
    assert queue.queue == [kept]
