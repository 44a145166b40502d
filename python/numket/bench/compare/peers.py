"""Who is compared: numket, and one function for each other simulator.

A function takes a circuit of numket and returns it ready to run, once for each setting worth
trying. Qubits are mapped so that every contestant has the same amplitudes at the same places.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket.bench import _contest


class Ready(NamedTuple):
    """A contestant with its circuit built."""

    reset: Callable[[], object]
    """Back to |0...0>: not timed."""
    run: Callable[[], object]
    """What is timed. If it returns a float, these are the seconds by the contestant's own clock."""
    state: Callable[[], NDArray[Any]]
    """The state after it."""


Settings = dict[str, Ready]
"""The ways to run a circuit; the fastest counts."""

BLOCKS = (2, 3, 4)
"""To how many qubits peers are asked to fuse."""


def nothing() -> None:
    """The reset of those who start from |0...0> by themselves."""


def translated(
    circuit: nk.Circuit, gates: Mapping[str, Callable[..., Any]], flip: bool
) -> Iterator[Any]:
    """What ``gates`` makes of each operation, from its parameters and qubits.

    With ``flip`` the qubits are counted from the other end, for those whose qubit 0 is the least
    significant bit.
    """
    last = circuit.num_qubits - 1
    for name, params, qubits, *_ in circuit:
        if name not in gates:
            raise NotImplementedError(f"it has no gate for {name!r}")
        yield gates[name](*params, *((last - q for q in qubits) if flip else qubits))


def numket(circuit: nk.Circuit, dtype: str = "complex128") -> Settings:
    """In one call."""
    state = nk.zero_state(circuit.num_qubits, dtype=dtype)
    return {"": Ready(lambda: _zero(state), lambda: circuit.run(state), lambda: state)}


def gate_by_gate(circuit: nk.Circuit, dtype: str = "complex128") -> Settings:
    """numket's functions, one after the other from Python."""
    state = nk.zero_state(circuit.num_qubits, dtype=dtype)
    gates = {gate["name"] for gate in _core.GATES}
    calls = [
        (getattr(nk, o.name), (*o.params, *(o.qubits if o.name in gates else (o.qubits,))))
        for o in circuit
    ]

    def run() -> None:
        for gate, arguments in calls:
            gate(state, *arguments)

    return {"": Ready(lambda: _zero(state), run, lambda: state)}


def _zero(state: NDArray[Any]) -> None:
    state[:] = 0
    state[0] = 1


def qulacs(circuit: nk.Circuit) -> Settings:
    """Qulacs as it is; its rotations turn the other way."""
    return {"": _qulacs(circuit, 0)}


def qulacs_optimised(circuit: nk.Circuit) -> Settings:
    """Qulacs, optimised for blocks of 2, 3 and 4 qubits."""
    return {f"block {block}": _qulacs(circuit, block) for block in BLOCKS}


def _qulacs(circuit: nk.Circuit, block: int) -> Ready:
    from qulacs import QuantumCircuit, QuantumState, gate
    from qulacs.circuit import QuantumCircuitOptimizer

    def cp(theta: float, control: int, target: int) -> Any:
        made = gate.to_matrix_gate(gate.U1(target, theta))
        made.add_control_qubit(control, 1)
        return made

    def double(pauli: int) -> Callable[..., Any]:
        return lambda theta, a, b: gate.PauliRotation([a, b], [pauli, pauli], -theta)

    gates = {
        "x": gate.X,
        "h": gate.H,
        "rx": lambda theta, q: gate.RX(q, -theta),
        "ry": lambda theta, q: gate.RY(q, -theta),
        "rz": lambda theta, q: gate.RZ(q, -theta),
        "cx": gate.CNOT,
        "cz": gate.CZ,
        "cp": cp,
        "swap": gate.SWAP,
        "rxx": double(1),
        "ryy": double(2),
        "rzz": double(3),
        "apply": lambda matrix, a, b: gate.DenseMatrix([b, a], matrix),
    }
    n = circuit.num_qubits
    made, state = QuantumCircuit(n), QuantumState(n)
    for one in translated(circuit, gates, flip=True):
        made.add_gate(one)
    if block:
        QuantumCircuitOptimizer().optimize(made, block)
    return Ready(state.set_zero_state, partial(made.update_quantum_state, state), state.get_vector)


def scaluq(circuit: nk.Circuit) -> Settings:
    """scaluq: plain, plain in its serial space, and optimised for blocks of 2, 3 and 4 qubits."""
    from scaluq import Circuit, PauliOperator, StateVector, gate

    n = circuit.num_qubits
    found = {}
    for setting, space, block in (
        ("plain", "default", 0),
        ("serial", "host_serial", 0),
        *((f"block {block}", "default", block) for block in BLOCKS),
    ):
        gates = {
            "x": gate.X,
            "h": gate.H,
            "rx": lambda theta, q: gate.RX(q, theta),
            "ry": lambda theta, q: gate.RY(q, theta),
            "rz": lambda theta, q: gate.RZ(q, theta),
            "cx": gate.CX,
            "cz": gate.CZ,
            "cp": lambda theta, control, target: gate.U1(target, theta, [control]),
            "swap": gate.Swap,
            **{
                f"r{p.lower()}{p.lower()}": lambda theta, a, b, p=p: gate.PauliRotation(
                    PauliOperator(f"{p} {a} {p} {b}"), theta
                )
                for p in "XYZ"
            },
            "apply": lambda matrix, a, b, space=space: gate.DenseMatrix(
                [b, a], matrix, is_unitary=True, space=space
            ),
        }
        made, state = Circuit(), StateVector(n, space=space)
        for one in translated(circuit, gates, flip=True):
            made.add_gate(one)
        if block:
            made.optimize(block)
        run = partial(made.update_quantum_state, state)
        found[setting] = Ready(state.set_zero_state, run, partial(_amplitudes, state))
    return found


def _amplitudes(state: Any) -> NDArray[np.complex128]:
    return np.array(state.get_amplitudes())


def lightning(circuit: nk.Circuit) -> Settings:
    """PennyLane-Lightning: the gates of its state vector in C++, without PennyLane above them."""
    from pennylane_lightning.lightning_qubit_ops import StateVectorC128

    n = circuit.num_qubits
    state = StateVectorC128(n)

    def named(name: str, angles: int = 0) -> Callable[..., Any]:
        gate = getattr(state, name)
        return lambda *given: partial(gate, list(given[angles:]), False, list(given[:angles]))

    gates = {
        "x": named("PauliX"),
        "h": named("Hadamard"),
        "rx": named("RX", 1),
        "ry": named("RY", 1),
        "rz": named("RZ", 1),
        "cx": named("CNOT"),
        "cz": named("CZ"),
        "cp": named("ControlledPhaseShift", 1),
        "swap": named("SWAP"),
        "rxx": named("IsingXX", 1),
        "ryy": named("IsingYY", 1),
        "rzz": named("IsingZZ", 1),
        "apply": lambda matrix, *qubits: partial(state.applyMatrix, matrix, list(qubits), False),
    }
    calls = list(translated(circuit, gates, flip=False))

    def run() -> None:
        for call in calls:
            call()

    def final() -> NDArray[np.complex128]:
        found = np.empty(2**n, dtype=np.complex128)
        state.getState(found)
        return found

    return {"": Ready(state.resetStateVector, run, final)}


def aer(circuit: nk.Circuit) -> Settings:
    """Qiskit Aer: the statevector method with its fusion, transpiled for it.

    What counts is the time that Aer reports for the simulation: without Qiskit's Python around it,
    with the state allocated. To save the state at the end is to move it, not to copy it.
    """
    from qiskit import QuantumCircuit, transpile
    from qiskit_aer import AerSimulator

    made = QuantumCircuit(circuit.num_qubits)
    gates = {
        **{name: getattr(made, name) for name in ("x", "h", "rx", "ry", "rz", "cx", "cz", "cp")},
        **{name: getattr(made, name) for name in ("swap", "rxx", "ryy", "rzz")},
        "apply": lambda matrix, a, b: made.unitary(matrix, [b, a]),
    }
    list(translated(circuit, gates, flip=True))  # each call adds a gate
    made.save_statevector()
    simulator = AerSimulator(method="statevector", max_parallel_threads=nk.get_num_threads())
    made = transpile(made, simulator, optimization_level=1)
    results: list[Any] = []

    def run() -> float:
        results[:] = [simulator.run(made, shots=1).result()]
        return float(results[0].results[0].time_taken)

    return {"": Ready(results.clear, run, lambda: np.asarray(results[0].get_statevector()))}


def qsim(circuit: nk.Circuit) -> Settings:
    """qsim in complex64, as it has no other, fused to 2, 3 and 4 qubits.

    The circuit is translated from Cirq's beforehand; fusing it and making a state are timed.
    """
    import cirq
    import qsimcirq

    def half_turns(gate: Any, theta: float, *qubits: int, **shift: float) -> Any:
        return on(gate(exponent=theta / np.pi, **shift), *qubits)

    def on(gate: Any, *qubits: int) -> Any:
        return gate(*map(cirq.LineQubit, qubits))

    gates: dict[str, Callable[..., Any]] = {
        "h": partial(on, cirq.H),
        "rx": lambda theta, q: on(cirq.rx(theta), q),
        "ry": lambda theta, q: on(cirq.ry(theta), q),
        "rz": lambda theta, q: on(cirq.rz(theta), q),
        "cx": partial(on, cirq.CX),
        "cz": partial(on, cirq.CZ),
        "cp": partial(half_turns, cirq.CZPowGate),
        "swap": partial(on, cirq.SWAP),
        "rzz": partial(half_turns, cirq.ZZPowGate, global_shift=-0.5),
        "apply": lambda matrix, a, b: on(cirq.MatrixGate(matrix), a, b),
    }
    made = qsimcirq.QSimCircuit(cirq.Circuit(translated(circuit, gates, flip=False)))
    order = cirq.QubitOrder.explicit(cirq.LineQubit.range(circuit.num_qubits))
    program, _ = made.translate_cirq_to_qsim(order)
    last: list[NDArray[np.complex64]] = []

    def run(options: dict[str, Any]) -> None:
        last[:] = [qsimcirq.qsim.qsim_simulate_fullstate(options, 0)]

    found = {}
    for size in BLOCKS:
        options = qsimcirq.QSimOptions(max_fused_gate_size=size, cpu_threads=nk.get_num_threads())
        given = {**options.as_dict(), "c": program, "s": 1}
        found[f"block {size}"] = Ready(
            last.clear, partial(run, given), lambda: last[0].view(np.complex64)
        )
    return found


def qibojit(circuit: nk.Circuit) -> Settings:
    """Qibo with qibojit's kernels, which work in place: plain, and fused to 2, 3 and 4 qubits."""
    import qibo
    from qibo import gates as gate

    qibo.set_backend("qibojit", platform="numba")
    qibo.set_threads(nk.get_num_threads())
    gates = {
        "x": gate.X,
        "h": gate.H,
        "rx": lambda theta, q: gate.RX(q, theta),
        "ry": lambda theta, q: gate.RY(q, theta),
        "rz": lambda theta, q: gate.RZ(q, theta),
        "cx": gate.CNOT,
        "cz": gate.CZ,
        "cp": lambda theta, a, b: gate.CU1(a, b, theta),
        "swap": gate.SWAP,
        "rxx": lambda theta, a, b: gate.RXX(a, b, theta),
        "ryy": lambda theta, a, b: gate.RYY(a, b, theta),
        "rzz": lambda theta, a, b: gate.RZZ(a, b, theta),
        "apply": gate.Unitary,
    }
    made = qibo.Circuit(circuit.num_qubits)
    made.add(translated(circuit, gates, flip=False))
    circuits = {"plain": made, **{f"block {block}": made.fuse(block) for block in BLOCKS}}
    state = nk.zero_state(circuit.num_qubits)
    return {
        setting: Ready(partial(_zero, state), partial(one, initial_state=state), lambda: state)
        for setting, one in circuits.items()
    }


def mindquantum(circuit: nk.Circuit) -> Settings:
    """MindQuantum's mqvector."""
    from mindquantum.core import gates as gate
    from mindquantum.core.circuit import Circuit
    from mindquantum.simulator import Simulator

    gates = {
        "x": gate.X.on,
        "h": gate.H.on,
        "rx": lambda theta, q: gate.RX(theta).on(q),
        "ry": lambda theta, q: gate.RY(theta).on(q),
        "rz": lambda theta, q: gate.RZ(theta).on(q),
        "cx": lambda control, target: gate.X.on(target, control),
        "cz": lambda control, target: gate.Z.on(target, control),
        "cp": lambda theta, control, target: gate.PhaseShift(theta).on(target, control),
        "swap": lambda a, b: gate.SWAP.on([a, b]),
        "rxx": lambda theta, a, b: gate.Rxx(theta).on([a, b]),
        "ryy": lambda theta, a, b: gate.Ryy(theta).on([a, b]),
        "rzz": lambda theta, a, b: gate.Rzz(theta).on([a, b]),
        "apply": lambda matrix, a, b: gate.UnivMathGate("U", matrix).on([b, a]),
    }
    made = Circuit(list(translated(circuit, gates, flip=True)))
    simulator = Simulator("mqvector", circuit.num_qubits)
    return {"": Ready(simulator.reset, partial(simulator.apply_circuit, made), simulator.get_qs)}


def qrack(circuit: nk.Circuit) -> Settings:
    """Qrack on the CPU, in complex64 as its wheel is built.

    It defers gates, and keeps qubits apart as long as it can, so it may never make the whole state.
    The probability of a basis state is read in the end, so that nothing stays deferred. It takes
    matrices on one qubit only, and draws a global phase at random.
    """
    from pyqrack import Pauli, QrackSimulator

    n = circuit.num_qubits
    simulator = QrackSimulator(n, is_gpu=False)
    simulator.set_concurrency(nk.get_num_threads())
    z = [Pauli.PauliZ, Pauli.PauliZ]
    gates: dict[str, Callable[..., Any]] = {
        "h": lambda q: partial(simulator.h, q),
        "rx": lambda theta, q: partial(simulator.r, Pauli.PauliX, theta, q),
        "ry": lambda theta, q: partial(simulator.r, Pauli.PauliY, theta, q),
        "rz": lambda theta, q: partial(simulator.r, Pauli.PauliZ, theta, q),
        "cx": lambda a, b: partial(simulator.mcx, [a], b),
        "cz": lambda a, b: partial(simulator.mcz, [a], b),
        "cp": lambda theta, a, b: partial(
            simulator.mcmtrx, [a], [1, 0, 0, complex(np.exp(1j * theta))], b
        ),
        "swap": lambda a, b: partial(simulator.swap, a, b),
        "rzz": lambda theta, a, b: partial(simulator.exp, z, -theta / 2, [a, b]),
    }
    calls = list(translated(circuit, gates, flip=True))
    everything, zeros = list(range(n)), [False] * n

    def run() -> None:
        for call in calls:
            call()
        simulator.prob_perm(everything, zeros)

    return {"": Ready(simulator.reset_all, run, lambda: np.array(simulator.out_ket()))}


class Contestant(NamedTuple):
    """Who takes part."""

    prepare: Callable[[nk.Circuit], Settings]
    package: str
    precision: str = "complex128"


OURS = {
    "numket": Contestant(numket, "numket"),
    "numket complex64": Contestant(partial(numket, dtype="complex64"), "numket", "complex64"),
    "gate by gate": Contestant(gate_by_gate, "numket"),
}
PEERS = {
    "qulacs": Contestant(qulacs, "qulacs"),
    "qulacs-optimised": Contestant(qulacs_optimised, "qulacs"),
    "scaluq": Contestant(scaluq, "scaluq"),
    "lightning": Contestant(lightning, "pennylane-lightning"),
    "aer": Contestant(aer, "qiskit-aer"),
    "qsim": Contestant(qsim, "qsimcirq", "complex64"),
    "qibojit": Contestant(qibojit, "qibojit"),
    "mindquantum": Contestant(mindquantum, "mindquantum"),
    "qrack": Contestant(qrack, "pyqrack-cpu", "complex64"),
}
CONTESTANTS = OURS | PEERS


def chosen(names: Sequence[str] | None) -> dict[str, str]:
    """The versions of the peers with these names, or of all that are installed."""
    return _contest.chosen({name: peer.package for name, peer in PEERS.items()}, names)
