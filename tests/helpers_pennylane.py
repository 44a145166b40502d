"""Operations, tapes and comparisons for the tests of PennyLane."""

import numpy as np
import pennylane as qml
from hypothesis import strategies as st
from pennylane.tape import QuantumScript

from numket.pennylane import NumketQubit


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
        *(qml.CPhaseShift00, qml.CPhaseShift01, qml.CPhaseShift10),
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
