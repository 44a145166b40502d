"""Who takes part: numket, and functions for each other simulator.

One makes the density matrix of a circuit with noise, another the mean of an observable over
trajectories. Qubits are mapped so that every contestant has the same numbers at the same places.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import channels, density
from numket.bench import _contest
from numket.bench.compare.ours import methods, translated

LAYERS = 4
LOST = 0.02
"""The probability that a qubit's state is lost after each layer."""
FLIPPED = 0.75 * LOST
"""The same, as others count: the probability of X, Y or Z."""


def noisy(n: int) -> nk.Circuit:
    """Layers of RX on all qubits, a chain of CX, and depolarising noise on all qubits."""
    circuit, kraus = nk.Circuit(n), channels.depolarizing(LOST)
    for _ in range(LAYERS):
        for q in range(n):
            circuit.rx(0.2 + 0.1 * q, q)
        for q in range(n - 1):
            circuit.cx(q, q + 1)
        for q in range(n):
            circuit.apply_kraus(kraus, q)
    return circuit


def magnetisation(n: int) -> dict[str, float]:
    """The mean of Z over all qubits, as Pauli strings."""
    return {"I" * q + "Z" + "I" * (n - 1 - q): 1 / n for q in range(n)}


class Ready(NamedTuple):
    """A contestant with its circuit built."""

    run: Callable[[], object]
    """What is timed, from |0...0>: a float are the seconds of the contestant's own clock."""
    result: Callable[[], Any]
    """The density matrix after it, or the mean."""


Mixed = Callable[[int], Ready]
"""From the number of qubits."""
Drawn = Callable[[int, int], Ready]
"""From the number of qubits, and of trajectories."""


def held(run: Callable[[], Any], result: Callable[[Any], Any] = lambda found: found) -> Ready:
    """One whose run gives what the result is made of."""
    found: list[Any] = []

    def timed() -> None:
        found[:] = [run()]

    return Ready(timed, lambda: result(found[0]))


def numket_density(n: int) -> Ready:
    """`numket.density.run`."""
    circuit, rho = noisy(n), density.zero_density(n)

    def run() -> None:
        rho[:] = 0
        rho[0, 0] = 1
        density.run(rho, circuit)

    return Ready(run, lambda: rho)


def numket_trajectories(n: int, shots: int) -> Ready:
    """`Circuit.trajectories`."""
    circuit, start, observable = noisy(n), nk.zero_state(n), nk.PauliSum(magnetisation(n))
    return held(lambda: circuit.trajectories(start, observable, shots), lambda found: found.mean)


def _qulacs(n: int) -> Any:
    from qulacs import QuantumCircuit, gate

    gates = {
        "rx": lambda theta, q: gate.RX(q, -theta),
        "cx": gate.CNOT,
        "apply_kraus": lambda _, q: gate.DepolarizingNoise(q, FLIPPED),
    }
    made = QuantumCircuit(n)
    for one in translated(noisy(n), gates, flip=True):
        made.add_gate(one)
    return made


def qulacs_density(n: int) -> Ready:
    """Qulacs' density matrix."""
    from qulacs import DensityMatrix

    made, rho = _qulacs(n), DensityMatrix(n)

    def run() -> None:
        rho.set_zero_state()
        made.update_quantum_state(rho)

    return Ready(run, rho.get_matrix)


def qulacs_trajectories(n: int, shots: int) -> Ready:
    """Qulacs' state vector, whose gates draw."""
    from qulacs import Observable, QuantumState

    made, state, observable = _qulacs(n), QuantumState(n), Observable(n)
    for q in range(n):
        observable.add_operator(1 / n, f"Z {q}")

    def one() -> float:
        state.set_zero_state()
        made.update_quantum_state(state)
        return float(observable.get_expectation_value(state))

    return held(lambda: sum(one() for _ in range(shots)) / shots)


def _aer(n: int) -> Any:
    from qiskit import QuantumCircuit
    from qiskit_aer.noise import depolarizing_error

    made = QuantumCircuit(n)
    error = depolarizing_error(LOST, 1).to_instruction()
    gates = {**methods(made, "rx", "cx"), "apply_kraus": lambda _, q: made.append(error, [q])}
    list(translated(noisy(n), gates, flip=True))  # each call adds a gate
    return made


def aer_density(n: int) -> Ready:
    """Qiskit Aer's density matrix, by its own clock, as in `compare`."""
    made = _aer(n)
    made.save_density_matrix()
    return _by_its_clock(made, "density_matrix", 1)


def aer_trajectories(n: int, shots: int) -> Ready:
    """Qiskit Aer's state vector, by its own clock."""
    from qiskit.quantum_info import SparsePauliOp

    made = _aer(n)
    terms = [("Z", [q], 1 / n) for q in range(n)]
    operator = SparsePauliOp.from_sparse_list(terms, num_qubits=n)
    made.save_expectation_value(operator, range(n), label="mean")
    return _by_its_clock(made, "statevector", shots)


def _by_its_clock(made: Any, method: str, shots: int) -> Ready:
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(method=method, max_parallel_threads=nk.get_num_threads())
    results: list[Any] = []

    def run() -> float:
        results[:] = [simulator.run(made, shots=shots).result()]
        return float(results[0].results[0].time_taken)

    def result() -> Any:
        data = results[0].data()
        return data["mean"] if "mean" in data else np.asarray(data["density_matrix"])

    return Ready(run, result)


def _cirq(n: int) -> tuple[Any, Any]:
    import cirq

    line = cirq.LineQubit.range(n)
    gates = {
        "rx": lambda theta, q: cirq.rx(theta)(line[q]),
        "cx": lambda a, b: cirq.CX(line[a], line[b]),
        "apply_kraus": lambda _, q: cirq.depolarize(FLIPPED)(line[q]),
    }
    return cirq.Circuit(translated(noisy(n), gates, flip=False)), line


def cirq_density(n: int) -> Ready:
    """Cirq's density matrix."""
    import cirq

    made, line = _cirq(n)
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    return held(
        lambda: simulator.simulate(made, qubit_order=line),
        lambda found: found.final_density_matrix,
    )


def cirq_trajectories(n: int, shots: int) -> Ready:
    """Cirq's state vector, whose operations draw."""
    import cirq

    made, line = _cirq(n)
    simulator = cirq.Simulator(dtype=np.complex128)
    observable = sum(cirq.Z(q) for q in line) / n
    places = {q: number for number, q in enumerate(line)}

    def one() -> float:
        state = simulator.simulate(made, qubit_order=line).final_state_vector
        mean = observable.expectation_from_state_vector(state, places, check_preconditions=False)
        return float(mean.real)

    return held(lambda: sum(one() for _ in range(shots)) / shots)


def qibo_density(n: int) -> Ready:
    """Qibo's density matrix, by qibojit if it is there."""
    import qibo
    from qibo import gates as gate

    try:
        qibo.set_backend("qibojit", platform="numba")
    except Exception:  # of a kind of its own in each version
        qibo.set_backend("numpy")
    else:
        qibo.set_threads(nk.get_num_threads())
    gates = {
        "rx": lambda theta, q: gate.RX(q, theta),
        "cx": gate.CNOT,
        "apply_kraus": lambda _, q: gate.DepolarizingChannel((q,), LOST),
    }
    made = qibo.Circuit(n, density_matrix=True)
    made.add(translated(noisy(n), gates, flip=False))
    return held(made, lambda found: np.asarray(found.state()))


def pennylane_density(n: int) -> Ready:
    """PennyLane's default.mixed."""
    import pennylane as qml

    gates = {
        "rx": qml.RX,
        "cx": lambda a, b: qml.CNOT([a, b]),
        "apply_kraus": lambda _, q: qml.DepolarizingChannel(FLIPPED, q),
    }
    operations = list(translated(noisy(n), gates, flip=False))
    tape = qml.tape.QuantumScript(operations, [qml.state()])
    device = qml.device("default.mixed", wires=n)
    return held(lambda: device.execute([tape]), _only)


def _only(found: Any) -> NDArray[np.complex128]:
    return np.asarray(found[0])


class Contestant(NamedTuple):
    """Who takes part."""

    package: str
    density: Mixed
    trajectories: Drawn | None = None


OURS = {"numket": Contestant("numket", numket_density, numket_trajectories)}
PEERS = {
    "qulacs": Contestant("qulacs", qulacs_density, qulacs_trajectories),
    "aer": Contestant("qiskit-aer", aer_density, aer_trajectories),
    "cirq": Contestant("cirq-core", cirq_density, cirq_trajectories),
    "qibo": Contestant("qibo", qibo_density),
    "default.mixed": Contestant("pennylane", pennylane_density),
}
CONTESTANTS = OURS | PEERS


def prepared(contestant: str, task: str, n: int, shots: int) -> Ready:
    """A contestant with its circuit, for one of the tasks."""
    one = CONTESTANTS[contestant]
    if task == "density":
        return one.density(n)
    if one.trajectories is None:
        raise NotImplementedError("it has no trajectories here")
    return one.trajectories(n, shots)


chosen = partial(_contest.chosen, {name: peer.package for name, peer in PEERS.items()})
"""The versions of the peers with some names, or of all that are installed."""
