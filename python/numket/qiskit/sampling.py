"""Runs of circuits for the primitives and the backend: from |0...0>, many times."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.circuit import Operation, rebuild

LOG_BATCH = 18
"""Amplitudes of all states that run together, as a power of two: 4 MiB. Larger states run alone.
300 sets of values for 10 qubits took 19 ms with 14 here, 15 with 16, 11 with 18 and with 20."""

DRAWS = ("measure", "reset")


class Program(NamedTuple):
    """A circuit from |0...0>, cut where the first random number is drawn."""

    head: nk.Circuit
    """What is the same for all shots."""
    tail: nk.Circuit
    """What each shot does by itself: empty where all measurements can be sampled after the head."""
    final: dict[int, int]
    """For each classical bit measured at the end, the qubit that it tells, if there is no tail."""


def program(circuit: nk.Circuit, from_zero: bool = True) -> Program:
    """Cuts a circuit for many shots, which begin with all qubits 0 or with another state.

    >>> bell = nk.Circuit(2).h(0).measure(0, 1).x(1).measure(1, 0)
    >>> program(bell).final
    {1: 0, 0: 1}
    >>> len(program(bell.reset(0)).tail)
    4
    """
    rest, final = _without_final(
        _without_idle_resets(circuit) if from_zero else [*_single(circuit)]
    )
    first = next((i for i, o in enumerate(rest) if o.name in DRAWS), len(rest))
    head, tail = rest[:first], rest[first:]
    mapping = {}
    if tail:
        tail += final
    else:
        mapping = {o.bits[0]: o.qubits[0] for o in final}
    n, parameters = circuit.num_qubits, circuit.parameters
    return Program(rebuild(n, head, parameters), rebuild(n, tail, parameters), mapping)


def without_idle_resets(circuit: nk.Circuit) -> nk.Circuit:
    """The circuit without resets of qubits that are 0 still, as `Initialize` begins with.

    >>> len(without_idle_resets(nk.Circuit(2).h(0).reset([0, 1])))
    2
    """
    return rebuild(circuit.num_qubits, _without_idle_resets(circuit), circuit.parameters)


def _without_idle_resets(circuit: nk.Circuit) -> list[Operation]:
    touched: set[int] = set()
    kept = []
    for operation in _single(circuit):
        if operation.name == "reset" and touched.isdisjoint(operation.qubits):
            continue
        touched.update(operation.qubits)
        kept.append(operation)
    return kept


def _single(circuit: nk.Circuit) -> Iterator[Operation]:
    """The operations, with measurements and resets of one qubit each. Under a condition they stay
    whole, as the first measurement may change it."""
    for operation in circuit:
        if operation.name not in DRAWS or operation.condition:
            yield operation
            continue
        for place, qubit in enumerate(operation.qubits):
            yield operation._replace(qubits=(qubit,), bits=operation.bits[place : place + 1])


def _without_final(operations: list[Operation]) -> tuple[list[Operation], list[Operation]]:
    """The operations before, and the measurements that can wait until all of these are done."""
    busy: set[int] = set()
    used: set[int] = set()
    rest: list[Operation] = []
    final: list[Operation] = []
    for operation in reversed(operations):
        where = {*operation.qubits, *operation.controls}
        bits = {*operation.bits, *(bit for bit, _ in operation.condition)}
        measures = operation.name == "measure" and not operation.condition
        if measures and not where & busy and not bits & used:
            final.append(operation)
            continue
        busy |= where
        used |= bits
        rest.append(operation)
    return rest[::-1], final[::-1]


def states(
    circuit: nk.Circuit,
    rows: NDArray[np.float64],
    rng: Any,
    begin: NDArray[np.complex128] | None = None,
) -> Iterator[tuple[int, NDArray[np.complex128]]]:
    """The states after a circuit without measurements, some at a time.

    They begin with all qubits 0, or with a state, whose first qubit is the most significant. Gives
    the number of the first row of values and the states of that row and those after it, in memory
    that is used again for the next.
    """
    n = circuit.num_qubits
    many = _room(n, len(rows))
    for first in range(0, len(rows), len(many)):
        some = many[: len(rows) - first]
        run = circuit.prepare if begin is None else circuit.run
        if begin is not None:
            some[...] = begin
        run(some, rows[first : first + len(some)], batch=1, rng=rng)
        yield first, some


def bits(
    circuit: nk.Circuit,
    rows: NDArray[np.float64],
    shots: int,
    num_bits: int,
    rng: Any,
    begin: NDArray[np.complex128] | None = None,
) -> NDArray[np.bool_]:
    """The classical bits of each shot, for each row of values of the parameters.

    Shots begin as those of `states` do. Rows draw one after the other from a generator; with a seed
    all draw the same.

    Returns
    -------
    ndarray of bool, shape (len(rows), shots, num_bits)
    """
    head, tail, final = program(circuit, begin is None)
    out = np.zeros((len(rows), shots, num_bits), dtype=bool)
    if final:
        _sample(head, rows, final, out, rng, begin)
    elif circuit.num_bits:
        for row, into in zip(rows, out, strict=True):
            _repeat(head, tail, row, into, rng, begin)
    return out


def _sample(
    head: nk.Circuit,
    rows: NDArray[np.float64],
    final: dict[int, int],
    out: NDArray[np.bool_],
    rng: Any,
    begin: NDArray[np.complex128] | None,
) -> None:
    qubits = sorted(set(final.values()))
    for first, some in states(head, rows, rng, begin):
        if isinstance(rng, np.random.Generator):
            drawn = nk.sample(some, out.shape[1], qubits, rng=rng, batch=1)
        else:
            each = [nk.sample(state, out.shape[1], qubits, rng=rng) for state in some]
            drawn = np.array(each)
        for bit, qubit in final.items():
            place = len(qubits) - 1 - qubits.index(qubit)
            out[first : first + len(some), :, bit] = drawn >> place & 1


def _repeat(
    head: nk.Circuit,
    tail: nk.Circuit,
    row: NDArray[np.float64],
    out: NDArray[np.bool_],
    rng: Any,
    begin: NDArray[np.complex128] | None,
) -> None:
    rng = np.random.default_rng(rng)
    [(_, [common])] = states(head, row[np.newaxis], rng, begin)
    many = _room(head.num_qubits, len(out))
    for first in range(0, len(out), len(many)):
        into = out[first : first + len(many)]
        some = many[: len(into)]
        some[...] = common
        into[:, : tail.num_bits] = tail.run(some, row, batch=1, rng=rng)


def _room(n: int, wanted: int) -> NDArray[Any]:
    """Memory for as many states as run together: a power of two, and no more than are wanted."""
    log = min(max(LOG_BATCH - n, 0), max(wanted - 1, 0).bit_length())
    return nk.empty_state(n + log).reshape(2**log, 2**n)
