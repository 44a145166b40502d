"""Circuits of numket as circuits of Qiskit."""

from contextlib import ExitStack
from typing import Any

import numpy as np
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.circuit.library import (
    DiagonalGate,
    GlobalPhaseGate,
    PauliEvolutionGate,
    PauliGate,
    UnitaryGate,
    get_standard_gate_name_mapping,
)
from qiskit.quantum_info import Kraus, Pauli

from numket import _core
from numket.circuit import Operation
from numket.parameter import Expression

STANDARD = {name: type(gate) for name, gate in get_standard_gate_name_mapping().items()}
GATES = {gate["name"]: gate for gate in _core.GATES}
LARGEST_PERMUTATION = 10
"""Qubits of a permutation, which becomes a matrix."""


def to_qiskit(circuit: _core.Circuit) -> QuantumCircuit:
    """A circuit of numket as one of Qiskit, with its global phase.

    Qubit q stays qubit q, classical bit b stays bit b, and parameters keep their names. Use its
    `draw` for pictures in Qiskit's style.

    Parameters
    ----------
    circuit : numket.Circuit
        Its matrices must be unitary.

    Returns
    -------
    qiskit.QuantumCircuit
        An operation for each of numket's, but for global phases, which are added up. The bits of a
        condition are asked for one by one.

    Raises
    ------
    ValueError
        Where a matrix is not unitary, a permutation has more than 10 qubits, or a measurement has
        a readout error: Qiskit has no such operation.

    Examples
    --------
    >>> import numket as nk
    >>> from numket.qiskit import from_qiskit, to_qiskit
    >>> circuit = nk.Circuit(2).h(0).cx(0, 1).rz(nk.Parameter("theta"), 1)
    >>> made = to_qiskit(circuit)
    >>> made.num_qubits, list(made.count_ops())
    (2, ['h', 'cx', 'rz'])
    >>> from_qiskit(made) == circuit
    True
    """
    made = QuantumCircuit(circuit.num_qubits, circuit.num_bits)
    symbols = {parameter.name: Parameter(parameter.name) for parameter in circuit.parameters}
    for place, operation in enumerate(circuit):
        try:
            with ExitStack() as stack:
                for bit, value in operation.condition:
                    stack.enter_context(made.if_test((made.clbits[bit], value)))
                _append(made, operation, symbols)
        except ValueError as error:
            raise ValueError(f"operation {place}: {error}") from error
    return made


def _angle(value: Any, symbols: dict[str, Any]) -> Any:
    """An angle with Qiskit's parameters."""
    if not isinstance(value, Expression):
        return value
    terms = [
        symbols[name] if factor == 1 else factor * symbols[name]
        for name, factor in value.terms.items()
    ]
    return sum(terms[1:], terms[0]) + value.offset if value.offset else sum(terms[1:], terms[0])


def _append(made: QuantumCircuit, operation: Operation, symbols: dict[str, Any]) -> None:
    """Adds an operation, its condition aside."""
    name, params, qubits, controls, values, bits, condition = operation
    if name == "measure":
        if params:
            raise ValueError(
                f"a measurement has the readout error {params}, and Qiskit's measurements have "
                "none: leave it out, and give it to a noise model"
            )
        made.measure(qubits, bits)
        return
    if name == "reset":
        made.reset(qubits)
        return
    if name == "gphase" and not controls and not condition:
        made.global_phase += _angle(params[0], symbols)
        return
    gate, targets, own = _gate(operation, symbols)
    every = [*qubits[:own], *controls]
    wanted = [*[1] * own, *values]
    if every:
        # Qiskit's first control is the least significant bit.
        state = sum(value << place for place, value in enumerate(wanted))
        gate = gate.control(len(every), ctrl_state=state, annotated=True)
    made.append(gate, [*every, *targets])


def _gate(operation: Operation, symbols: dict[str, Any]) -> tuple[Any, list[int], int]:
    """A gate of Qiskit, its qubits, and how many qubits of the operation are still controls."""
    name, params, qubits, controls = operation[:4]
    # The first qubit is the most significant bit of our numbers, and the least one of theirs.
    reverse = list(qubits[::-1])
    if name == "gphase":
        return GlobalPhaseGate(_angle(params[0], symbols)), [], 0
    if name == "apply_pauli":
        return PauliGate(params[0][::-1]), list(qubits), 0
    if name == "pauli_rotation":
        time = _angle(params[0], symbols) / 2
        return PauliEvolutionGate(Pauli(params[1][::-1]), time), list(qubits), 0
    if name == "apply_kraus":
        return Kraus(list(params[0])).to_instruction(), reverse, 0
    if name == "apply_diagonal":
        if not np.allclose(np.abs(params[0]), 1):
            raise ValueError("the diagonal is not unitary, and Qiskit's must be: scale its entries")
        return DiagonalGate(list(params[0])), reverse, 0
    if name == "phase":
        if isinstance(params[1], Expression):
            raise ValueError(
                f"'phase' has the parameter {params[1]}, and Qiskit's DiagonalGate takes numbers: "
                "use circuit.trotter with a PauliSum, or give it a number"
            )
        return DiagonalGate(np.exp(-1j * params[1] * params[0]).tolist()), reverse, 0
    if name in ("apply", "apply_permutation"):
        return UnitaryGate(_unitary(operation)), reverse, 0
    gate = GATES[name]
    angles = [_angle(param, symbols) for param in params]
    own = gate["controls"] if controls and name != "cu" else 0  # which has a phase of its own
    if not own:
        return STANDARD[name](*angles), list(qubits), 0
    return STANDARD[name.lstrip("c")](*angles), list(qubits[own:]), own


def _unitary(operation: Operation) -> Any:
    """The matrix of an operation."""
    (given,) = operation.params
    if operation.name == "apply":
        if not np.allclose(given.conj().T @ given, np.eye(len(given))):
            raise ValueError("the matrix is not unitary, and Qiskit's must be: use a unitary one")
        return given
    if len(operation.qubits) > LARGEST_PERMUTATION:
        raise ValueError(
            f"the permutation acts on {len(operation.qubits)} qubits, and its matrix on at most "
            f"{LARGEST_PERMUTATION}: use gates"
        )
    return np.eye(len(given))[:, given]
