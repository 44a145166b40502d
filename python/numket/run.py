"""``numket run``: an OpenQASM file, applied to one NumPy array."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core, qasm
from numket.display import probability_text

LISTED = 16
"""At most so many basis states and counts are printed."""


RUN_AT_ONCE = 2**18
"""States are run side by side up to so many amplitudes."""


def main(path: Path, shots: int | None = None, seed: int | None = None) -> int:
    """Run a file and print its most probable basis states, and counts of ``shots`` samples.

    A file that measures or resets on the way is run ``shots`` times, and the counts are those of
    its classical bits; if all its measurements are final, the state is sampled.
    """
    circuit = qasm.load(path)
    n = circuit.num_qubits
    draws = any(operation.name in ("measure", "reset") for operation in circuit)
    rng = np.random.default_rng(seed)
    state = nk.zero_state(n)
    circuit.run(state, rng=rng)
    kind = "operations" if draws else "gates"
    print(f"{path}: {n} qubits, {len(circuit)} {kind}, norm {nk.norm(state):.12f}")
    print(f"\nmost probable basis states{' of one run' if draws else ''}, qubit 0 leftmost:")
    for index, probability in zip(*_core.most_probable(state, LISTED), strict=True):
        if probability > 0:
            print(f"  {_label(index, n)}  {probability_text(probability)}")
    if shots is None:
        return 0
    if draws:
        leftmost = "classical bit 0" if circuit.num_bits else "qubit 0"
        print(f"\ncounts of {shots} runs, {leftmost} leftmost:")
        labels, counts = np.unique(_runs(circuit, state, shots, rng), axis=0, return_counts=True)
        _print_counts(["".join(map(str, bits)) for bits in labels], counts, "outcomes")
    else:
        found = nk.counts(state, shots, rng=rng)
        print(f"\ncounts of {shots} samples:")
        _print_counts(list(found), np.fromiter(found.values(), np.int64), "basis states")
    return 0


def _runs(
    circuit: nk.Circuit, state: NDArray[np.complex128], shots: int, rng: np.random.Generator
) -> NDArray[np.int8]:
    """The classical bits of each of some runs, all qubits where there are none; uses `state`."""
    if not circuit.num_bits:
        circuit = circuit.copy().measure(range(circuit.num_qubits))
    bits = np.zeros((shots, circuit.num_bits), np.int8)
    at_once = min(shots, RUN_AT_ONCE // state.size)
    states = np.empty((at_once, state.size), complex) if at_once > 1 else state.reshape(1, -1)
    for first in range(0, shots, len(states)):
        some = states[: shots - first]
        some[...] = 0
        some[:, 0] = 1
        bits[first : first + len(some)] = circuit.run(some, batch=1, rng=rng)
    return bits


def _print_counts(labels: Sequence[str], counts: NDArray[np.int64], kind: str) -> None:
    for i in np.argsort(-counts, kind="stable")[:LISTED]:
        print(f"  {labels[i]}  {counts[i]}")
    if len(labels) > LISTED:
        print(f"  ... and {len(labels) - LISTED} other {kind}")


def _label(index: int, n: int) -> str:
    return format(int(index), f"0{n}b")
