"""Who takes part: functions from a circuit of Qiskit to its vector.

Qulacs has no reader of Qiskit's circuits; here it is given one that looks up each gate by its name,
as a program of its users would.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.bench.compare.peers import qulacs_gates

GATES = (
    *("x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz", "p", "u"),
    *("cx", "cz", "cp", "swap", "rxx", "ryy", "rzz", "ccx", "mcx", "mcphase"),
)
"""What circuits consist of: gates that all know."""

PARTS = ("conversion", "planning", "running")
"""Of a run of numket's. Planning is what the first run takes longer than the second does."""

Run = Callable[[Any], tuple[NDArray[Any], dict[str, float]]]
"""Gives the vector, and the seconds in ``total``; with numket also those of the parts."""


def numket() -> Run:
    """As `numket.qiskit.evolve` does it, from |0...0>, one step after the other."""
    from numket.qiskit import from_qiskit

    def run(circuit: Any) -> tuple[NDArray[Any], dict[str, float]]:
        begin = perf_counter()
        converted = from_qiskit(circuit)
        read = perf_counter()
        state = nk.empty_state(circuit.num_qubits)
        converted.prepare(nk.little_endian(state))
        end = perf_counter()
        again = nk.empty_state(circuit.num_qubits)
        second = perf_counter()
        converted.prepare(nk.little_endian(again))
        running = min(perf_counter() - second, end - read)
        parts = {"conversion": read - begin, "planning": end - read - running, "running": running}
        return state, {"total": end - begin, **parts}

    return run


def qulacs() -> Run:
    """A circuit of Qulacs, run on a state of its own."""
    from qulacs import QuantumCircuit, QuantumState

    table = qulacs_gates()
    gates = {
        **table,
        "mcx": lambda *qubits: table["mcx"](qubits[:-1], qubits[-1]),
        "mcphase": lambda lam, *qubits: table["mcp"](lam, qubits[:-1], qubits[-1]),
    }

    def run(circuit: Any) -> tuple[NDArray[Any], dict[str, float]]:
        begin = perf_counter()
        made = QuantumCircuit(circuit.num_qubits)
        places = {qubit: number for number, qubit in enumerate(circuit.qubits)}
        for one in circuit.data:
            if one.name != "barrier":
                made.add_gate(gates[one.name](*one.params, *[places[q] for q in one.qubits]))
        state = QuantumState(circuit.num_qubits)
        made.update_quantum_state(state)
        vector = state.get_vector()
        return vector, {"total": perf_counter() - begin}

    return run


def aer() -> Run:
    """Aer's simulator of state vectors as it is, which needs no transpiler for these gates."""
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(method="statevector", max_parallel_threads=nk.get_num_threads())

    def run(circuit: Any) -> tuple[NDArray[Any], dict[str, float]]:
        begin = perf_counter()
        circuit.save_statevector()
        result = simulator.run(circuit, shots=1).result()
        vector = np.asarray(result.get_statevector())
        return vector, {"total": perf_counter() - begin}

    return run


PEERS = {"qulacs": "qulacs", "aer": "qiskit-aer"}
"""What they are installed from."""

RUNS: dict[str, Callable[[], Run]] = {"numket": numket, "qulacs": qulacs, "aer": aer}
"""What makes the functions."""
