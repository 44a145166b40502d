"""Parts of a state: what a circuit's operations do where some qubits have one value only.

A qubit is *local* where an axis of the part tells its two values apart, and *fixed* where the
number of the part does. What mixes only local qubits, as ``Circuit.segments`` has it, is done in
each part by itself, which knows the values of its fixed qubits.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import numket as nk
from numket import _core
from numket.circuit import Operation, rebuild
from numket.parameter import Parameter

GATES = {gate["name"]: gate for gate in _core.GATES}

BASES = {
    "cx": "x", "cy": "y", "cz": "z", "ch": "h", "cp": "p", "crx": "rx", "cry": "ry", "crz": "rz",
    "cu": "u", "ccx": "x", "ccz": "z", "cswap": "swap",
}  # fmt: skip
"""What gates with controls of their own do where these hold; `cu` also has a phase."""

TURNS = {"z": np.pi, "s": np.pi / 2, "sdg": -np.pi / 2, "t": np.pi / 4, "tdg": -np.pi / 4}
"""The phase of the second amplitude."""

ROTATIONS = {"rz": "Z", "rzz": "ZZ", "rzx": "ZX"}
"""Of which Pauli string gates are rotations, of those that do not mix all of their qubits."""


def _used(operation: Operation) -> Sequence[int]:
    return operation.qubits + operation.controls


def on_part(
    operations: Iterable[Operation],
    places: Mapping[int, int],
    fixed: Mapping[int, int],
    parameters: Sequence[Parameter],
) -> _core.Circuit:
    """The circuit that a part runs: qubits are its axes, and fixed ones have become numbers.

    >>> operations = list(nk.Circuit(2).h(1).cx(0, 1).rzz(0.5, 0, 1))
    >>> [o.name for o in on_part(operations, {1: 0}, {0: 0}, [])]
    ['h', 'pauli_rotation']
    >>> [o.name for o in on_part(operations, {1: 0}, {0: 1}, [])]
    ['h', 'x', 'pauli_rotation']
    """
    found: list[Operation] = []
    for operation in operations:
        if any(qubit in fixed for qubit in _used(operation)):
            found += _without(operation, places, fixed)
        else:
            found.append(_moved(operation, places))
    return rebuild(len(places), found, parameters)


def _moved(operation: Operation, places: Mapping[int, int]) -> Operation:
    """The operation on the axes of a part."""
    return operation._replace(
        qubits=tuple(places[q] for q in operation.qubits),
        controls=tuple(places[q] for q in operation.controls),
    )


def _without(
    operation: Operation, places: Mapping[int, int], fixed: Mapping[int, int]
) -> list[Operation]:
    """What an operation does where some of its qubits have fixed values."""
    name, params, qubits = operation[:3]
    own = GATES[name]["controls"] if name in GATES else 0
    controls = dict(zip(operation.controls, operation.control_values, strict=True))
    controls |= dict.fromkeys(qubits[:own], 1)
    if any(fixed.get(qubit, value) != value for qubit, value in controls.items()):
        return []
    controls = {qubit: value for qubit, value in controls.items() if qubit not in fixed}
    held = (tuple(controls), tuple(controls.values()))
    found = []
    if name == "cu":
        found.append(Operation("gphase", params[3:], (), *held))
        params = params[:3]
    action = Operation(BASES.get(name, name), params, qubits[own:], *held)
    if any(qubit in fixed for qubit in action.qubits):
        found += _on_values(action, places, fixed)
    else:
        found.append(action)
    return [_moved(each, places) for each in found]


def _on_values(
    operation: Operation, places: Mapping[int, int], fixed: Mapping[int, int]
) -> list[Operation]:
    """The same without targets of fixed values, in which it is diagonal."""
    name, params, qubits = operation[:3]
    rest = tuple(qubit for qubit in qubits if qubit not in fixed)
    phase = operation._replace(name="gphase", qubits=())
    if name in TURNS or name == "p":
        turn = TURNS[name] if name in TURNS else params[0]
        return [phase._replace(params=(turn,))] if fixed[qubits[0]] else []
    if name in ROTATIONS:
        name, params = "pauli_rotation", (params[0], ROTATIONS[name])
    if name in ("apply_pauli", "pauli_rotation"):
        letters = dict(zip(qubits, params[-1], strict=True))
        odd = sum(value for q, value in fixed.items() if letters.get(q) == "Z") % 2
        kept = "".join(letters[qubit] for qubit in rest)
        if name == "apply_pauli":
            found = [operation._replace(params=(kept,), qubits=rest)] if kept else []
            return found + [phase._replace(params=(np.pi,))] * odd
        angle = -params[0] if odd else params[0]
        if not kept:
            return [phase._replace(params=(-0.5 * angle,))]
        return [operation._replace(name=name, params=(angle, kept), qubits=rest)]

    index = tuple(fixed.get(qubit, slice(None)) for qubit in qubits)
    entries = np.reshape(params[0], (2,) * len(qubits))[index]
    if rest:
        params = (entries.reshape(-1), *params[1:])
        return [operation._replace(params=params, qubits=rest)]
    if name == "phase":
        return [phase._replace(params=(params[1] * -float(entries),))]
    return [_number(operation, complex(entries), next(iter(places)))]


def _number(operation: Operation, number: complex, qubit: int) -> Operation:
    """The multiplication by a number under the controls of an operation, or of some qubit."""
    entries = [number, number]
    controls, values = operation.controls, operation.control_values
    if controls:
        qubit, entries[1 - values[0]] = controls[0], 1
        controls, values = controls[1:], values[1:]
    return Operation("apply_diagonal", (np.array(entries),), (qubit,), controls, values)


def fingerprint(circuit: _core.Circuit, values: list[float]) -> bytes:
    """Bytes that are the same for equal circuits with equal values of their parameters.

    >>> one, other = (fingerprint(nk.Circuit(1).rx(0.1, 0), []) for _ in range(2))
    >>> one == other
    True
    """
    found = [repr((circuit.num_qubits, circuit.num_bits, circuit.parameters, values))]
    for name, params, *rest in circuit:
        entries = (p.tobytes() if isinstance(p, np.ndarray) else p for p in params)
        found.append(repr((name, *entries, rest)))
    return "\n".join(found).encode()


def values_of(circuit: _core.Circuit, params: Any) -> list[float]:
    """The values of a circuit's parameters in their order, checked as by `Circuit.run`.

    >>> values_of(nk.Circuit(1).rx(nk.Parameter("a"), 0), {"a": 0.5})
    [0.5]
    """
    names = [parameter.name for parameter in circuit.parameters]
    nk.Circuit(1, circuit.parameters).run(nk.zero_state(1), params)
    if isinstance(params, Mapping):
        named = {getattr(name, "name", name): value for name, value in params.items()}
        params = [named[name] for name in names]
    return [float(value) for value in (params if names else ())]
