"""Programs in the terms of the frameworks, run by their own engines and by numket.

A program is a function of the number of qubits. An engine is a function that takes a program and
the number of qubits, and returns what is timed: a run in the framework's usual way, which gives an
array. Whatever numket converts, it converts in that run.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

import numket as nk
from numket.bench.compare.ours import translated
from numket.bench.compare.workloads import brickwork

DEPTH = 20
"""Moments of the random circuit."""
REPS = 16
"""Of EfficientSU2."""
PER_QUBIT = 20
"""Angles of PennyLane's program, for each qubit."""

Program = Callable[[int], Any]
Run = Callable[[], Any]
Engine = Callable[[Program, int], Run]


def random_circuit(n: int) -> Any:
    """Cirq's own, of its default gates."""
    import cirq

    qubits = cirq.LineQubit.range(n)
    return cirq.testing.random_circuit(qubits, n_moments=DEPTH, op_density=0.9, random_state=1)


def cirq_own(program: Program, n: int) -> Run:
    """``cirq.Simulator``, in complex64 as is its default."""
    import cirq

    return _simulate(cirq.Simulator(), program(n))


def cirq_qsim(program: Program, n: int) -> Run:
    """``QSimSimulator``, which has complex64 only, with the gates of up to four qubits fused."""
    import qsimcirq

    return _simulate(qsimcirq.QSimSimulator({"t": nk.get_num_threads(), "f": 4}), program(n))


def cirq_numket(program: Program, n: int) -> Run:
    """``numket.cirq.Simulator``, in complex64 as is Cirq's default."""
    from numket.cirq import Simulator

    return _simulate(Simulator(), program(n))


def _simulate(simulator: Any, circuit: Any) -> Run:
    return lambda: simulator.simulate(circuit).final_state_vector


def efficient_su2(n: int) -> Any:
    """The ansatz of Qiskit's issue 14028, with numbers for its parameters."""
    from qiskit.circuit.library import efficient_su2

    ansatz = efficient_su2(n, reps=REPS)
    random = np.random.default_rng(1)
    return ansatz.assign_parameters(random.uniform(-np.pi, np.pi, ansatz.num_parameters))


def qiskit_own(program: Program, n: int) -> Run:
    """``Statevector``."""
    from qiskit.quantum_info import Statevector

    circuit = program(n)
    return lambda: Statevector(circuit).data


def qiskit_aer(program: Program, n: int) -> Run:
    """Aer's state vectors in complex128; the circuit is transpiled beforehand."""
    from qiskit import transpile
    from qiskit_aer import AerSimulator

    threads = nk.get_num_threads()
    backend = AerSimulator(method="statevector", max_parallel_threads=threads)
    circuit = program(n)
    circuit.save_statevector()
    circuit = transpile(circuit, backend)
    return lambda: np.asarray(backend.run(circuit).result().get_statevector())


def qiskit_numket(program: Program, n: int) -> Run:
    """``evolve`` on a new array."""
    from numket.qiskit import evolve

    circuit = program(n)

    def run() -> Any:
        state = nk.zero_state(n)
        evolve(state, circuit)
        return state

    return run


def layers(n: int) -> Any:
    """Layers of RY, RZ and CNOT, and the energy of a TFIM chain, as a function of the angles."""
    import pennylane as qml

    strings = [qml.Z(q) @ qml.Z(q + 1) for q in range(n - 1)] + [qml.X(q) for q in range(n)]
    energy = qml.Hamiltonian([-1.0] * (n - 1) + [-0.5] * n, strings)

    def program(angles: Any) -> Any:
        for layer in angles.reshape(-1, 2, n):
            for q in range(n):
                qml.RY(layer[0, q], q)
                qml.RZ(layer[1, q], q)
            for q in range(n - 1):
                qml.CNOT([q, q + 1])
        return qml.expval(energy)

    return program


def pennylane(device: str, method: str | None = None, **options: Any) -> Engine:
    """A QNode on a device, or by a method its gradient by all angles."""

    def engine(program: Program, n: int) -> Run:
        import pennylane as qml

        node = qml.QNode(program(n), qml.device(device, wires=n, **options), diff_method=method)
        angles = np.random.default_rng(1).uniform(-np.pi, np.pi, PER_QUBIT * n)
        if method is None:
            return lambda: np.asarray(node(angles))
        gradient = qml.grad(node)
        return lambda: gradient(qml.numpy.array(angles, requires_grad=True))

    return engine


def bricks(n: int) -> Any:
    """The brickwork of ``numket bench compare`` as a circuit of Qibo's."""
    from qibo import Circuit, gates

    made = {
        "rx": lambda theta, q: gates.RX(q, theta),
        "ry": lambda theta, q: gates.RY(q, theta),
        "rz": lambda theta, q: gates.RZ(q, theta),
        "cx": gates.CNOT,
        "cz": gates.CZ,
    }
    circuit = Circuit(n)
    circuit.add(translated(brickwork(n), made, flip=False))
    return circuit


def qibo(*backend: str) -> Engine:
    """A circuit executed by a backend, in complex128 as is its default."""

    def engine(program: Program, n: int) -> Run:
        import qibo

        qibo.set_backend(backend[0], **dict(zip(("platform",), backend[1:], strict=False)))
        circuit = program(n)
        return lambda: np.asarray(circuit().state())

    return engine


class Task(NamedTuple):
    """A program, and who runs it; numket is the last."""

    text: str
    program: Program
    own: Engine
    """That of the host, with which all are checked."""
    engines: Mapping[str, Engine]
    qubits: int
    tolerance: float = 1e-10
    """By which the results of others may differ from those of the host's own engine, at most."""
    amplitude: int = 16
    """Bytes."""


TASKS = {
    "cirq-circuit": Task(
        f"a random circuit of depth {DEPTH}",
        random_circuit,
        cirq_own,
        {"Cirq": cirq_own, "qsim": cirq_qsim, "numket": cirq_numket},
        20,
        tolerance=1e-5,
        amplitude=8,
    ),
    "qiskit-ansatz-16": Task(
        f"EfficientSU2, {REPS} repetitions",
        efficient_su2,
        qiskit_own,
        {"Qiskit": qiskit_own, "Aer": qiskit_aer, "numket": qiskit_numket},
        16,
    ),
    "qiskit-ansatz": Task(
        f"EfficientSU2, {REPS} repetitions",
        efficient_su2,
        qiskit_own,
        {"Aer": qiskit_aer, "numket": qiskit_numket},
        20,
    ),
    "pennylane-energy": Task(
        "the energy of a TFIM chain after layers of rotations",
        layers,
        pennylane("default.qubit"),
        {
            "default.qubit": pennylane("default.qubit"),
            "lightning.qubit": pennylane("lightning.qubit"),
            "numket": pennylane("numket.qubit"),
        },
        20,
    ),
    "pennylane-gradient": Task(
        f"its gradient by {PER_QUBIT} angles a qubit, adjoint",
        layers,
        pennylane("default.qubit", "adjoint"),
        {
            "default.qubit": pennylane("default.qubit", "adjoint"),
            "lightning.qubit": pennylane("lightning.qubit", "adjoint"),
            "lightning+batch_obs": pennylane("lightning.qubit", "adjoint", batch_obs=True),
            "numket": pennylane("numket.qubit", "adjoint"),
        },
        20,
    ),
    "qibo-bricks": Task(
        "brickwork, 20 layers",
        bricks,
        qibo("numpy"),
        {
            "numpy": qibo("numpy"),
            "qibojit": qibo("qibojit", "numba"),
            "numket": qibo("numket.qibo"),
        },
        20,
    ),
}

PACKAGES = {
    "Cirq": "cirq-core",
    "qsim": "qsimcirq",
    "Qiskit": "qiskit",
    "Aer": "qiskit-aer",
    "default.qubit": "pennylane",
    "lightning.qubit": "pennylane-lightning",
    "lightning+batch_obs": "pennylane-lightning",
    "numpy": "qibo",
    "qibojit": "qibojit",
}
"""What the engines other than numket are installed from."""
