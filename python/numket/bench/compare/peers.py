"""Who is compared with numket: one function for each other simulator.

A function takes a circuit of numket and returns it ready to run, once for each setting worth
trying. Qubits are mapped so that every contestant has the same amplitudes at the same places.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.bench import _contest
from numket.bench.compare import ours
from numket.bench.compare.ours import Contestant, Ready, Settings, in_place, methods, translated
from numket.bench.compare.transforms import TRANSFORMS

BLOCKS = (2, 3, 4)
"""To how many qubits peers are asked to fuse."""


def qulacs(circuit: nk.Circuit) -> Settings:
    """Qulacs as it is; its rotations turn the other way."""
    return {"": _qulacs(circuit, 0)}


def qulacs_optimised(circuit: nk.Circuit) -> Settings:
    """Qulacs, optimised for blocks of 2, 3 and 4 qubits."""
    return {f"block {block}": _qulacs(circuit, block) for block in BLOCKS}


@cache
def qulacs_gates() -> dict[str, Callable[..., Any]]:
    """What makes the gates of Qulacs, whose rotations turn the other way."""
    from qulacs import gate

    def controlled(made: Any, controls: Iterable[int]) -> Any:
        made = gate.to_matrix_gate(made)
        for control in controls:
            made.add_control_qubit(control, 1)
        return made

    def double(pauli: int) -> Callable[..., Any]:
        return lambda theta, a, b: gate.PauliRotation([a, b], [pauli, pauli], -theta)

    return {
        **{"x": gate.X, "y": gate.Y, "z": gate.Z, "h": gate.H, "s": gate.S, "sdg": gate.Sdag},
        **{"t": gate.T, "tdg": gate.Tdag, "sx": gate.sqrtX, "sxdg": gate.sqrtXdag},
        "rx": lambda theta, q: gate.RX(q, -theta),
        "ry": lambda theta, q: gate.RY(q, -theta),
        "rz": lambda theta, q: gate.RZ(q, -theta),
        "p": lambda lam, q: gate.U1(q, lam),
        "u": lambda theta, phi, lam, q: gate.U3(q, theta, phi, lam),
        **{"cx": gate.CNOT, "cz": gate.CZ, "swap": gate.SWAP, "ccx": gate.TOFFOLI},
        **{"rxx": double(1), "ryy": double(2), "rzz": double(3)},
        "cp": lambda lam, control, q: controlled(gate.U1(q, lam), [control]),
        "mcx": lambda controls, q: controlled(gate.X(q), controls),
        "mcp": lambda lam, controls, q: controlled(gate.U1(q, lam), controls),
        "apply": lambda matrix, a, b: gate.DenseMatrix([b, a], matrix),
    }


def _qulacs(circuit: nk.Circuit, block: int) -> Ready:
    from qulacs import QuantumCircuit, QuantumState
    from qulacs.circuit import QuantumCircuitOptimizer

    n = circuit.num_qubits
    made, state = QuantumCircuit(n), QuantumState(n)
    for one in translated(circuit, qulacs_gates(), flip=True):
        made.add_gate(one)
    if block:
        QuantumCircuitOptimizer().optimize(made, block)
    apply = partial(made.update_quantum_state, state)
    return in_place(state.set_zero_state, apply, state.get_vector, state.load)


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
            **{"x": gate.X, "y": gate.Y, "z": gate.Z, "h": gate.H, "s": gate.S, "sdg": gate.Sdag},
            **{"t": gate.T, "tdg": gate.Tdag, "sx": gate.SqrtX, "sxdg": gate.SqrtXdag},
            "rx": lambda theta, q: gate.RX(q, theta),
            "ry": lambda theta, q: gate.RY(q, theta),
            "rz": lambda theta, q: gate.RZ(q, theta),
            "p": lambda lam, q: gate.U1(q, lam),
            "u": lambda theta, phi, lam, q: gate.U3(q, theta, phi, lam),
            **{"cx": gate.CX, "cz": gate.CZ, "swap": gate.Swap, "ccx": gate.Toffoli},
            "cp": lambda theta, control, target: gate.U1(target, theta, [control]),
            "mcx": lambda controls, q: gate.X(q, controls),
            "mcp": lambda lam, controls, q: gate.U1(q, lam, controls),
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
        apply = partial(made.update_quantum_state, state)
        found[setting] = in_place(
            state.set_zero_state, apply, partial(_amplitudes, state), state.load
        )
    return found


def _amplitudes(state: Any) -> NDArray[np.complex128]:
    return np.array(state.get_amplitudes())


def lightning(circuit: nk.Circuit) -> Settings:
    """PennyLane-Lightning: the gates of its state vector in C++, without PennyLane above them."""
    from pennylane_lightning.lightning_qubit_ops import StateVectorC128

    n = circuit.num_qubits
    state = StateVectorC128(n)

    def named(name: str, angles: int = 0, inverse: bool = False) -> Callable[..., Any]:
        gate = getattr(state, name)
        return lambda *given: partial(gate, list(given[angles:]), inverse, list(given[:angles]))

    def controlled(name: str, angles: int = 0) -> Callable[..., Any]:
        gate = getattr(state, name)

        def make(*given: Any) -> Callable[[], Any]:
            controls, target = given[angles:]
            values = [True] * len(controls)
            return partial(gate, controls, values, [target], False, list(given[:angles]))

        return make

    gates = {
        **{"x": named("PauliX"), "y": named("PauliY"), "z": named("PauliZ"), "s": named("S")},
        **{"t": named("T"), "sx": named("SX"), "h": named("Hadamard"), "p": named("PhaseShift", 1)},
        **{"rx": named("RX", 1), "ry": named("RY", 1), "rz": named("RZ", 1)},
        **{"sdg": named("S", inverse=True), "tdg": named("T", inverse=True)},
        "sxdg": named("SX", inverse=True),
        # RZ(phi) RY(theta) RZ(omega), in the order of time
        "u": lambda theta, phi, lam, q: partial(state.Rot, [q], False, [lam, theta, phi]),
        **{"mcx": controlled("PauliX"), "mcp": controlled("PhaseShift", 1)},
        **{"cx": named("CNOT"), "ccx": named("Toffoli")},
        "cz": named("CZ"),
        "cp": named("ControlledPhaseShift", 1),
        "swap": named("SWAP"),
        "rxx": named("IsingXX", 1),
        "ryy": named("IsingYY", 1),
        "rzz": named("IsingZZ", 1),
        "apply": lambda matrix, *qubits: partial(state.applyMatrix, matrix, list(qubits), False),
    }
    calls = list(translated(circuit, gates, flip=False))

    def apply() -> None:
        for call in calls:
            call()

    def final() -> NDArray[np.complex128]:
        found = np.empty(2**n, dtype=np.complex128)
        state.getState(found)
        return found

    return {"": in_place(state.resetStateVector, apply, final, state.updateData)}


def aer(circuit: nk.Circuit) -> Settings:
    """Qiskit Aer: the statevector method with its fusion, transpiled for it.

    What counts is the time that Aer reports for the simulation: without Qiskit's Python around it,
    with the state allocated. To save the state at the end is to move it, not to copy it.
    """
    from qiskit import QuantumCircuit, transpile
    from qiskit_aer import AerSimulator

    made = QuantumCircuit(circuit.num_qubits)
    gates = {
        **methods(made, "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz"),
        **methods(made, "p", "u", "cx", "cz", "cp", "swap", "rxx", "ryy", "rzz", "ccx"),
        **methods(made, "mcx", "mcp"),
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

    return {"": Ready(run, lambda: np.asarray(results[0].get_statevector()))}


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
        **{"h": partial(on, cirq.H), "x": partial(on, cirq.X), "y": partial(on, cirq.Y)},
        **{"z": partial(on, cirq.Z), "s": partial(on, cirq.S), "t": partial(on, cirq.T)},
        "p": partial(half_turns, cirq.ZPowGate),
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
        found[f"block {size}"] = Ready(partial(run, given), lambda: last[0].view(np.complex64))
    return found


def qibojit(circuit: nk.Circuit) -> Settings:
    """Qibo with qibojit's kernels, which work in place: plain, and fused to 2, 3 and 4 qubits."""
    import qibo
    from qibo import gates as gate

    qibo.set_backend("qibojit", platform="numba")
    qibo.set_threads(nk.get_num_threads())
    gates = {
        **{"x": gate.X, "y": gate.Y, "z": gate.Z, "h": gate.H, "s": gate.S, "sdg": gate.SDG},
        **{"t": gate.T, "tdg": gate.TDG, "sx": gate.SX, "sxdg": gate.SXDG},
        "rx": lambda theta, q: gate.RX(q, theta),
        "ry": lambda theta, q: gate.RY(q, theta),
        "rz": lambda theta, q: gate.RZ(q, theta),
        "p": lambda lam, q: gate.U1(q, lam),
        "u": lambda theta, phi, lam, q: gate.U3(q, theta, phi, lam),
        **{"cx": gate.CNOT, "ccx": gate.TOFFOLI},
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

    def load(start: NDArray[np.complex128]) -> None:
        state[:] = start

    reset = partial(ours.zero, state)
    return {
        setting: in_place(reset, partial(one, initial_state=state), lambda: state, load)
        for setting, one in circuits.items()
    }


def mindquantum(circuit: nk.Circuit) -> Settings:
    """MindQuantum's mqvector."""
    from mindquantum.core import gates as gate
    from mindquantum.core.circuit import Circuit
    from mindquantum.simulator import Simulator

    gates = {
        **{"x": gate.X.on, "y": gate.Y.on, "z": gate.Z.on, "h": gate.H.on, "s": gate.S.on},
        **{"t": gate.T.on, "sx": gate.SX.on},
        "rx": lambda theta, q: gate.RX(theta).on(q),
        "ry": lambda theta, q: gate.RY(theta).on(q),
        "rz": lambda theta, q: gate.RZ(theta).on(q),
        "p": lambda lam, q: gate.PhaseShift(lam).on(q),
        "u": lambda theta, phi, lam, q: gate.U3(theta, phi, lam).on(q),
        "cx": lambda control, target: gate.X.on(target, control),
        "ccx": lambda a, b, target: gate.X.on(target, [a, b]),
        "mcx": lambda controls, target: gate.X.on(target, controls),
        "mcp": lambda lam, controls, target: gate.PhaseShift(lam).on(target, controls),
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
    apply = partial(simulator.apply_circuit, made)
    return {"": in_place(simulator.reset, apply, simulator.get_qs, simulator.set_qs)}


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

    def alone(gate: Callable[[int], Any]) -> Callable[[int], Any]:
        return lambda q: partial(gate, q)

    gates: dict[str, Callable[..., Any]] = {
        **{"h": alone(simulator.h), "x": alone(simulator.x), "y": alone(simulator.y)},
        **{"z": alone(simulator.z), "s": alone(simulator.s), "sdg": alone(simulator.adjs)},
        **{"t": alone(simulator.t), "tdg": alone(simulator.adjt)},
        "u": lambda theta, phi, lam, q: partial(simulator.u, q, theta, phi, lam),
        "ccx": lambda a, b, q: partial(simulator.mcx, [a, b], q),
        "mcx": lambda controls, q: partial(simulator.mcx, controls, q),
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

    def apply() -> None:
        for call in calls:
            call()
        simulator.prob_perm(everything, zeros)

    def state() -> NDArray[Any]:
        return np.array(simulator.out_ket())

    return {"": in_place(simulator.reset_all, apply, state, simulator.in_ket)}


def prism(circuit: nk.Circuit) -> Settings:
    """PRISM-Q: its state vector, to an array of NumPy's."""
    from prism_q import BackendKind, CircuitBuilder, Gate, simulate

    made = CircuitBuilder(circuit.num_qubits)
    gates = {
        **methods(made, "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz"),
        **methods(made, "p", "u", "cx", "cz", "swap", "rxx", "ryy", "rzz", "ccx"),
        "cp": made.cphase,
        "mcx": lambda controls, q: made.mcu([[0, 1], [1, 0]], controls, q),
        "mcp": lambda lam, controls, q: made.mcu([[1, 0], [0, np.exp(1j * lam)]], controls, q),
        "apply": lambda matrix, a, b: made.gate(Gate.unitary(matrix), [a, b]),
    }
    list(translated(circuit, gates, flip=True))  # each call adds a gate
    built, backend = made.build(), BackendKind.statevector()
    found: list[NDArray[np.complex128]] = []
    start: list[NDArray[np.complex128]] = []

    def run() -> None:
        found[:] = [simulate(built).backend(backend).state_vector()]

    def go_on() -> None:
        found[:] = [simulate(built).backend(backend).initial_state(start[0]).state_vector()]

    def load(state: NDArray[np.complex128]) -> None:
        start[:] = [state]

    return {"": Ready(run, lambda: found[0], load, go_on)}


def panta(circuit: nk.Circuit) -> Settings:
    """panta-sim, without an array of NumPy's in the end."""
    from panta_sim import QuantumCircuit

    made = QuantumCircuit(circuit.num_qubits)
    gates = {
        **methods(made, "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz"),
        **methods(made, "p", "u", "cx", "cz", "cp", "swap", "rxx", "ryy", "rzz", "ccx"),
        **methods(made, "mcx", "mcp"),
        "apply": lambda matrix, a, b: made.unitary(matrix, [b, a]),
    }
    list(translated(circuit, gates, flip=True))  # each call adds a gate
    results: list[Any] = []

    def run() -> None:
        results[:] = [made.run(shots=0)]

    return {"": Ready(run, lambda: np.asarray(results[0].statevector()))}


def exaqt(circuit: nk.Circuit) -> Settings:
    """MIMIQ's exaqt: the gates of its state vector in Rust, without what is above them."""
    from exaqt import ExaqtSV

    holder = [ExaqtSV.zero(circuit.num_qubits)]

    def named(name: str) -> Callable[..., Any]:
        return lambda *given: (f"apply_{name}", given)

    gates = {
        name: named(name)
        for name in (
            *("x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "p", "u"),
            *("cx", "cz", "cp", "swap", "rxx", "ryy", "rzz", "mcx"),
        )
    }
    gates |= {
        "ccx": lambda a, b, q: ("apply_mcx", ([a, b], q)),
        "mcp": lambda lam, controls, q: (
            "apply_controlled_gate_1q",
            (np.diag([1, np.exp(1j * lam)]), controls, q),
        ),
        "apply": lambda matrix, a, b: ("apply_gate_2q", (matrix, a, b)),
    }
    named_calls = list(translated(circuit, gates, flip=True))
    calls: list[Callable[[], Any]] = []

    def load(state: NDArray[np.complex128] | None) -> None:
        if state is not None:
            holder[:] = [ExaqtSV.from_amplitudes(circuit.num_qubits, state)]
        calls[:] = [partial(getattr(holder[0], name), *given) for name, given in named_calls]

    def apply() -> None:
        for call in calls:
            call()

    load(None)
    return {
        "": in_place(lambda: holder[0].reset_to_zero(), apply, lambda: holder[0].amplitudes(), load)
    }


def qevedo(circuit: nk.Circuit) -> Settings:
    """qevedo: its state vector, to an array of NumPy's."""
    from qevedo.simulator import Circuit, statevector

    made = Circuit(circuit.num_qubits)
    gates = {
        **methods(made, "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz"),
        **methods(made, "p", "u", "cx", "cz", "cp", "swap", "rxx", "rzz", "ccx"),
        "apply": lambda matrix, a, b: made.unitary(matrix, [b, a]),
    }
    list(translated(circuit, gates, flip=True))  # each call adds a gate
    found: list[NDArray[np.complex128]] = []
    threads = nk.get_num_threads()

    def run() -> None:
        found[:] = [statevector(made, threads=threads)]

    return {"": Ready(run, lambda: found[0])}


def metatron(circuit: nk.Circuit) -> Settings:
    """metatron-qso: its state, with what a circuit makes of it."""
    from metatron_qso import Circuit, StateVector, simulate

    made = Circuit(circuit.num_qubits)

    def angle_last(name: str) -> Callable[..., Any]:
        method = getattr(made, name)
        return lambda angle, *qubits: method(*qubits, angle)

    gates: dict[str, Callable[..., Any]] = {
        **methods(made, "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "cx", "cz"),
        **methods(made, "swap", "ccx", "mcx"),
        **{name: angle_last(name) for name in ("rx", "ry", "rz", "p", "cp", "rxx", "ryy", "rzz")},
        "u": lambda theta, phi, lam, q: made.u(q, theta, phi, lam),
        "mcp": lambda lam, controls, q: made.unitary(np.diag([1, np.exp(1j * lam)]), [q], controls),
        "apply": lambda matrix, a, b: made.unitary(matrix, [a, b]),
    }
    list(translated(circuit, gates, flip=True))  # each call adds a gate
    states: list[Any] = []

    def run() -> None:
        states[:] = [simulate(made)]

    def load(state: NDArray[np.complex128]) -> None:
        states[:] = [StateVector.from_amplitudes(state)]

    def go_on() -> None:
        states[0].apply(made)

    return {"": Ready(run, lambda: states[0].amplitudes, load, go_on)}


def superfermion(circuit: nk.Circuit) -> Settings:
    """superfermion: its prepared circuits, which compute in complex128."""
    from superfermion import Circuit
    from superfermion.prepared import prepare

    made = Circuit(circuit.num_qubits)
    gates = {
        **methods(made, "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "p"),
        **methods(made, "u", "cx", "cz", "cp", "swap", "rxx", "ryy", "rzz", "ccx"),
        "apply": lambda matrix, a, b: made.unitary(matrix, [a, b]),
    }
    list(translated(circuit, gates, flip=True))  # each call adds a gate
    ready = prepare(made)
    states: list[Any] = []

    def run() -> None:
        states[:] = [ready.simulate()]

    return {"": Ready(run, lambda: states[0].numpy())}


OURS = {
    "numket": Contestant(ours.numket, "numket"),
    "numket complex64": Contestant(partial(ours.numket, dtype="complex64"), "numket", "complex64"),
    "gate by gate": Contestant(ours.gate_by_gate, "numket"),
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
    "prism-q": Contestant(prism, "prism-q"),
    "panta-sim": Contestant(panta, "panta-sim"),
    "exaqt": Contestant(exaqt, "mimiq-exaqt"),
    "qevedo": Contestant(qevedo, "qevedo-simulator"),
    "metatron-qso": Contestant(metatron, "metatron-qso"),
    "superfermion": Contestant(superfermion, "superfermion"),
}
CONTESTANTS = OURS | PEERS | TRANSFORMS


def chosen(
    names: Sequence[str] | None, packages: Mapping[str, Contestant] = PEERS
) -> dict[str, str]:
    """The versions of the peers with these names, or of all that are installed."""
    return _contest.chosen({name: peer.package for name, peer in packages.items()}, names)
