"""What PennyLane's measurements read from states, by numket's readers.

States are flat, (2**n,), or (batch, 2**n), and stay as they are; wires are 0, 1, ..., n - 1.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane import measurements as mps

from numket import Circuit, PauliSum, probabilities, reduced_density_matrix, sample
from numket import expectation as expectation_in
from numket import variance as variance_in
from numket.pennylane.circuits import add, matrix

MAX_DENSE = 6
"""An observable on more wires is not made a matrix, unless there is nothing else to do."""

_MIXED = mps.DensityMatrixMP | mps.PurityMP | mps.VnEntropyMP | mps.MutualInfoMP

Observed = tuple[PauliSum | NDArray[Any], tuple[int, ...] | None]
"""An observable as numket takes it: a sum on all qubits, or an array and its qubits."""


def observed(obs: Any, num_qubits: int, largest: int = MAX_DENSE) -> Observed | None:
    """An observable as numket takes it, or None if it is neither a sum of Pauli strings nor small.

    >>> observed(qml.X(0) @ qml.Z(2) - qml.Y(1), 3)
    (PauliSum({'XIZ': 1.0, 'IYI': -1.0}), None)
    >>> observed(qml.Projector([1], 2), 3)
    (array([0., 1.]), (2,))
    """
    if (words := obs.pauli_rep) is not None:
        terms = [
            ("".join(word.values()), tuple(word), _real(value)) for word, value in words.items()
        ]
        return PauliSum(terms, num_qubits=num_qubits), None
    qubits = tuple(obs.wires)
    if isinstance(obs, qml.ops.qubit.BasisStateProjector):
        diagonal = np.zeros(2 ** len(qubits))
        diagonal[int("".join(str(int(bit)) for bit in obs.data[0]) or "0", 2)] = 1
        return diagonal, qubits
    if obs.has_matrix and len(qubits) <= largest:
        return matrix(obs), qubits
    return None


def _real(value: Any) -> Any:
    number = complex(value)
    return number.real if number.imag == 0 else number


def analytic(mp: Any, states: NDArray[Any]) -> Any:
    """The exact result of a measurement, for one state or each of a batch.

    >>> analytic(qml.expval(qml.Z(0)), np.array([1.0, 0.0], complex))
    np.float64(1.0)
    """
    order = qml.wires.Wires(range(_qubits(states)))
    if isinstance(mp, mps.ExpectationMP | mps.VarianceMP):
        # A scalar of NumPy's: of a Python float PyTorch would make a float32.
        return np.asarray(_moment(mp, states))[()]
    if isinstance(mp, mps.ProbabilityMP):
        return _distribution(mp, states)
    if isinstance(mp, _MIXED):
        kept = tuple(mp.wires or order)
        rho = reduced_density_matrix(states, kept, batch=states.ndim - 1)
        # Not all of them look at the order of wires that they are given.
        among = qml.map_wires(mp, {wire: i for i, wire in enumerate(kept)})
        return among.process_density_matrix(rho, qml.wires.Wires(range(len(kept))))
    return mp.process_state(states, order)


def _qubits(states: NDArray[Any]) -> int:
    return int(states.shape[-1]).bit_length() - 1


def _moment(mp: Any, states: NDArray[Any]) -> Any:
    """An expectation value or a variance."""
    mean = isinstance(mp, mps.ExpectationMP)
    if mp.mv is None and mp.obs is not None:
        found = observed(mp.obs, _qubits(states))
        if found is not None:
            read = expectation_in if mean else variance_in
            try:
                return read(states, found[0], qubits=found[1], batch=states.ndim - 1)
            except ValueError as error:  # of what is not Hermitian
                raise qml.exceptions.DeviceError(
                    f"{mp} is not supported with numket.qubit: {error}"
                ) from error
        if mean and (parts := _terms(mp.obs)) is not None:
            return sum(value * _moment(mps.ExpectationMP(part), states) for value, part in parts)
        if mean and not mp.obs.has_diagonalizing_gates:
            return _sandwich(mp.obs, states)
    outcomes = _distribution(mp, states)
    values = np.real(mp.eigvals())
    first = outcomes @ values
    return first if mean else outcomes @ values**2 - first**2


def _terms(obs: Any) -> Iterable[tuple[Any, Any]] | None:
    """The factors and terms of a sum, to be measured one after the other."""
    if not isinstance(obs, qml.ops.Sum | qml.ops.SProd):
        return None
    with qml.QueuingManager.stop_recording():
        factors, parts = obs.terms()
    return None if len(parts) == 1 and parts[0] is obs else zip(factors, parts, strict=True)


def _sandwich(obs: Any, states: NDArray[Any]) -> Any:
    """Expectation values by the product with a matrix that is sparse, or on many wires."""
    if not obs.has_sparse_matrix:
        array, qubits = matrix(obs), tuple(obs.wires)
        return expectation_in(states, array, qubits=qubits, batch=states.ndim - 1)
    operator = obs.sparse_matrix(wire_order=range(_qubits(states)))
    return np.real(np.sum(states.conj() * (operator @ states.T).T, axis=-1))


def _distribution(mp: Any, states: NDArray[Any]) -> NDArray[np.float64]:
    """The probabilities of the outcomes on the wires of a measurement."""
    turned = _turned(states, mp.diagonalizing_gates())
    return probabilities(turned, tuple(mp.wires) or None, batch=states.ndim - 1)


def _turned(states: NDArray[Any], gates: Sequence[Any]) -> NDArray[Any]:
    """The states in another basis: a copy, if there is anything to do."""
    if not gates:
        return states
    circuit = Circuit(_qubits(states))
    for gate in gates:
        add(circuit, gate)
    copy = states.copy()
    circuit.run(copy, batch=copy.ndim - 1)
    return copy


_Bins = list[tuple[int, int]]
"""The first shot of each part of the shots, and the one after its last."""


def with_shots(tape: Any, states: NDArray[Any], rng: np.random.Generator, kept: float = 1.0) -> Any:
    """The results of a tape's measurements from shots, in the nesting of PennyLane.

    What is measured in the computational basis is read from the same shots; so are observables
    that commute qubit by qubit. Only a part of the shots is kept, on average `kept`.
    """
    bins = list(tape.shots.bins())
    if kept < 1:
        ends = np.cumsum([rng.binomial(stop - start, kept) for start, stop in bins]).tolist()
        bins = list(pairwise([0, *ends]))
    every = tape.measurements
    shadows = [mp for mp in every if isinstance(mp, mps.ClassicalShadowMP | mps.ShadowExpvalMP)]
    plain = [mp for mp in every if mp.obs is None and mp not in shadows]
    others = [mp for mp in every if mp.obs is not None and mp not in shadows]
    drawn = {id(mp): _shadow(mp, bins, states, rng) for mp in shadows}
    drawn |= _by_id(plain, _drawn(plain, [], bins, states, rng))
    drawn |= _by_id(others, _observables(tape, others, bins, states, rng))
    rows = [tuple(drawn[id(mp)][number] for mp in every) for number in range(len(bins))]
    results = tuple(row[0] if len(every) == 1 else row for row in rows)
    return results if tape.shots.has_partitioned_shots else results[0]


_Rows = list[tuple[Any, ...]]
"""For each part of the shots the results of some measurements."""


def _by_id(measured: Sequence[Any], rows: _Rows) -> dict[int, list[Any]]:
    return {id(mp): [row[i] for row in rows] for i, mp in enumerate(measured)}


def _shadow(mp: Any, bins: _Bins, states: NDArray[Any], rng: np.random.Generator) -> list[Any]:
    """PennyLane's own: it measures each shot in another basis."""
    n = _qubits(states)
    tensor, wires = states.reshape((2,) * n), qml.wires.Wires(range(n))
    return [
        mp.process_state_with_shots(tensor, wires, stop - start, rng=rng) for start, stop in bins
    ]


def _observables(
    tape: Any,
    measured: Sequence[Any],
    bins: _Bins,
    states: NDArray[Any],
    rng: np.random.Generator,
) -> _Rows:
    """Measurements of observables, in groups that share a basis where they can be split up."""
    split = [mp for mp in measured if _is_split(mp)]
    found = _by_id(split, _split(tape, split, bins, states, rng))
    for mp in measured:
        if id(mp) not in found:
            found |= _by_id([mp], _drawn([mp], mp.diagonalizing_gates(), bins, states, rng))
    return [tuple(found[id(mp)][number] for mp in measured) for number in range(len(bins))]


def _is_split(mp: Any) -> bool:
    """Whether a measurement is of a Pauli string, or the mean of a sum: others are as they are."""
    if isinstance(mp, mps.ExpectationMP):
        return True
    words = mp.obs.pauli_rep or {}
    return len(words) == 1 and all(word and factor for word, factor in words.items())


def _split(
    tape: Any,
    measured: Sequence[Any],
    bins: _Bins,
    states: NDArray[Any],
    rng: np.random.Generator,
) -> _Rows:
    """Measurements of the terms of observables, which PennyLane groups and puts together."""
    if not measured:
        return []

    def whole(mp: Any, result: Any) -> Any:
        """PennyLane squeezes a batch of one away when it adds the terms of a sum."""
        mean = isinstance(mp, mps.ExpectationMP)
        return np.zeros(states.shape[:-1]) + result if mean else result

    total = tape.copy(measurements=list(measured), shots=tape.shots.total_shots)
    tapes, gather = qml.transforms.split_non_commuting(total)
    groups = [
        _drawn(part.measurements, _basis(part.measurements), bins, states, rng) for part in tapes
    ]
    rows = []
    for number in range(len(bins)):
        found = [group[number] for group in groups]
        result = gather([row if len(row) > 1 else row[0] for row in found])
        results = result if len(measured) > 1 else (result,)
        rows.append(tuple(map(whole, measured, results)))
    return rows


_PAULIS: dict[str, Callable[[Any], Any]] = {"X": qml.X, "Y": qml.Y, "Z": qml.Z}


def _basis(measured: Sequence[Any]) -> list[Any]:
    """The gates to a basis in which a group of observables is diagonal."""
    sums = [mp.obs.pauli_rep for mp in measured if mp.obs is not None]
    if len(measured) == 1 or any(total is None for total in sums):
        return [gate for mp in measured for gate in mp.diagonalizing_gates()]
    letters = {qubit: letter for total in sums for word in total for qubit, letter in word.items()}
    with qml.QueuingManager.stop_recording():
        return [
            gate
            for qubit, letter in letters.items()
            for gate in _PAULIS[letter](qubit).diagonalizing_gates()
        ]


def _drawn(
    measured: Sequence[Any],
    gates: Sequence[Any],
    bins: _Bins,
    states: NDArray[Any],
    rng: np.random.Generator,
) -> _Rows:
    """Measurements from the same shots, after some gates."""
    if not measured:
        return []
    every = all(mp.wires for mp in measured)
    looked = qml.wires.Wires.all_wires([mp.wires for mp in measured])
    wires = looked if every else qml.wires.Wires(range(_qubits(states)))
    bits = draw(_turned(states, gates), bins[-1][1], tuple(wires), rng)
    return [
        tuple(_processed(mp, bits[..., start:stop, :], wires) for mp in measured)
        for start, stop in bins
    ]


def _processed(mp: Any, bits: NDArray[np.int64], wires: Any) -> Any:
    """PennyLane squeezes a batch of one away, which is done on its own therefore."""
    if bits.shape[-2] == 0 and not isinstance(mp, mps.SampleMP):
        return _without_shots(mp, wires)
    if bits.ndim == 2 or len(bits) > 1:
        return mp.process_samples(bits, wires)
    result = mp.process_samples(bits[0], wires)
    return [result] if isinstance(result, dict) else np.asarray(result)[None]


def _without_shots(mp: Any, wires: Any) -> Any:
    """The result where postselection leaves no shot: nothing was counted, and means are NaN."""
    if isinstance(mp, mps.CountsMP):
        every = mp.process_samples(np.zeros((1, len(wires)), np.int64), wires)
        return dict.fromkeys(every, 0) if mp.all_outcomes else {}
    return np.full(mp.shape(None, len(wires)), np.nan)[()]


def draw(
    states: NDArray[Any], shots: int, qubits: tuple[int, ...], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Shots in the computational basis as bits, shape (shots, qubits) after the batch."""
    if shots == 0:  # of states that may be NaN
        return np.zeros((*states.shape[:-1], 0, len(qubits)), np.int64)
    outcomes = sample(states, shots, qubits, rng=rng, batch=states.ndim - 1)
    return outcomes[..., None] >> np.arange(len(qubits))[::-1] & 1
