"""Circuits in segments: operations that mix only some of the qubits, those of one rank's memory.

A qubit is *local* where an axis of the rank's array tells its two values apart, and *fixed* where
the number of the rank does. An operation *mixes* a qubit unless it is diagonal in it or controlled
by it; what mixes only local qubits needs nothing of other ranks, as each rank knows the values of
its fixed qubits.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

import numket as nk
from numket import _core
from numket.circuit import DRAWS, Operation, rebuild

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


class Step(NamedTuple):
    """An operation, with the qubits that it mixes, and all others that it looks at.

    >>> steps(nk.Circuit(2).cx(0, 1))[0][0].mixes
    frozenset({1})
    """

    operation: Operation
    mixes: frozenset[int]
    reads: frozenset[int]


class Segment(NamedTuple):
    """The qubits that are local, and the operations that are done while they are.

    >>> [segment.local for segment in segments(steps(nk.Circuit(2).h(0).h(1))[0], {1}, {1})]
    [frozenset({1}), frozenset({0})]
    """

    local: frozenset[int]
    operations: tuple[Operation, ...]


def steps(circuit: nk.Circuit, renames: bool = True) -> tuple[list[Step], list[int]]:
    """The operations of a circuit, and where each qubit is in the end.

    A swap without controls only changes which qubit is which, unless `renames` is false.

    >>> steps(nk.Circuit(2).swap(0, 1).x(0))
    ([Step(operation=Operation(name='x', params=(), qubits=(1,)), mixes=frozenset({1}), \
reads=frozenset())], [1, 0])
    """
    wires = list(range(circuit.num_qubits))
    found = []
    for place, given in enumerate(circuit):
        if given.condition or given.name in DRAWS:
            raise ValueError(
                f"operation {place} of the circuit, {given.name!r}, measures, draws or has a "
                "condition; a distributed state takes unitary operations: run trajectories with "
                "an MPIPoolExecutor"
            )
        operation = given._replace(
            qubits=tuple(wires[q] for q in given.qubits),
            controls=tuple(wires[q] for q in given.controls),
        )
        if renames and operation.name == "swap" and not operation.controls:
            a, b = given.qubits
            wires[a], wires[b] = wires[b], wires[a]
        else:
            mixes = frozenset(_mixed(operation))
            found.append(Step(operation, mixes, frozenset(_used(operation)) - mixes))
    return found, wires


def _mixed(operation: Operation) -> Sequence[int]:
    """The qubits that an operation mixes."""
    name, params, qubits = operation[:3]
    if name in GATES:
        if GATES[name]["structure"] == "diagonal":
            return ()
        return qubits[1:] if name == "rzx" else qubits[GATES[name]["controls"] :]
    if name in ("apply_pauli", "pauli_rotation"):
        letters = params[0 if name == "apply_pauli" else 1]
        return [q for q, letter in zip(qubits, letters, strict=True) if letter in "XY"]
    return () if name in ("apply_diagonal", "phase", "gphase") else qubits


def _used(operation: Operation) -> Sequence[int]:
    return operation.qubits + operation.controls


def segments(given: Sequence[Step], local: set[int], homes: set[int]) -> list[Segment]:
    """Cut steps into segments, whose local qubits are as many as `local`: the first has these.

    An operation is done early where it commutes with all that are left behind: where both look at
    a qubit, neither mixes it. The next local qubits are those that the next operations mix, as many
    as fit, and of the others those that are mixed soonest, or that are in `homes`.

    >>> circuit = nk.Circuit(3).h(0).cx(0, 1).h(2).cx(1, 2)
    >>> for segment in segments(steps(circuit)[0], {1, 2}, {1, 2}):
    ...     print(sorted(segment.local), [operation.name for operation in segment.operations])
    [1, 2] ['h']
    [0, 1] ['h', 'cx']
    [1, 2] ['cx']
    """
    room, left, found = len(local), list(given), []
    now = frozenset(local)
    while left:
        taken, behind = _taken(left, now)
        if taken:
            found.append(Segment(now, tuple(step.operation for step in taken)))
        left = behind
        if left:
            now = _next(left, now, room, homes)
    return found


def _taken(given: Sequence[Step], local: frozenset[int]) -> tuple[list[Step], list[Step]]:
    """The steps that can be done with these local qubits, and those that are left behind."""
    taken, behind = [], []
    mixed: set[int] = set()
    used: set[int] = set()
    for step in given:
        if step.mixes <= local and not (step.mixes & used or step.reads & mixed):
            taken.append(step)
        else:
            behind.append(step)
            mixed |= step.mixes
            used |= step.mixes | step.reads
    return taken, behind


def _next(
    given: Sequence[Step], local: frozenset[int], room: int, homes: set[int]
) -> frozenset[int]:
    """The qubits that are to be local next."""
    wanted: set[int] = set()
    mixed: set[int] = set()
    used: set[int] = set()
    uses: dict[int, int] = {}
    for place, step in enumerate(given):
        for qubit in step.mixes:
            uses.setdefault(qubit, place)
        free = not (step.mixes & used or step.reads & mixed)
        if free and len(wanted | step.mixes) <= room:
            wanted |= step.mixes
        else:
            if not wanted:
                qubits = len(step.mixes)
                raise ValueError(
                    f"an operation of the circuit, {step.operation.name!r}, mixes {qubits} qubits, "
                    f"and each rank holds {room}: use fewer ranks"
                )
            mixed |= step.mixes
            used |= step.mixes | step.reads
    never = len(given)
    stay = sorted(
        local - wanted, key=lambda qubit: (uses.get(qubit, never), qubit not in homes, qubit)
    )
    return frozenset(wanted | set(stay[: room - len(wanted)]))


def on_rank(
    operations: Sequence[Operation],
    places: Mapping[int, int],
    fixed: Mapping[int, int],
    parameters: Sequence[nk.Parameter],
) -> nk.Circuit:
    """The circuit that a rank runs: qubits are its axes, and fixed ones have become numbers.

    >>> operations = list(nk.Circuit(2).h(1).cx(0, 1).rzz(0.5, 0, 1))
    >>> [o.name for o in on_rank(operations, {1: 0}, {0: 0}, [])]
    ['h', 'pauli_rotation']
    >>> [o.name for o in on_rank(operations, {1: 0}, {0: 1}, [])]
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
    """The operation on the axes of a rank."""
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
