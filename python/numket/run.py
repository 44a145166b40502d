"""``numket run``: an OpenQASM file, applied to one NumPy array."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core, qasm
from numket.display import probability_text

LISTED = 16
"""At most so many basis states and counts are printed."""


def main(path: Path, shots: int | None = None, seed: int | None = None) -> int:
    """Run a file and print its most probable basis states, and counts of ``shots`` samples."""
    circuit = qasm.load(path)
    n = circuit.num_qubits
    state = nk.zero_state(n)
    circuit.run(state)
    print(f"{path}: {n} qubits, {len(circuit)} gates, norm {nk.norm(state):.12f}")
    print("\nmost probable basis states, qubit 0 leftmost:")
    for index, probability in zip(*_core.most_probable(state, LISTED), strict=True):
        if probability > 0:
            print(f"  {_label(index, n)}  {probability_text(probability)}")
    if shots is not None:
        _print_counts(nk.probabilities(state), n, shots, seed)
    return 0


def _print_counts(probabilities: NDArray[np.float64], n: int, shots: int, seed: int | None) -> None:
    reached = np.cumsum(probabilities, out=probabilities)
    draws = np.random.default_rng(seed).random(shots) * reached[-1]
    outcomes, counts = np.unique(np.searchsorted(reached, draws, side="right"), return_counts=True)
    print(f"\ncounts of {shots} samples:")
    for i in np.argsort(-counts, kind="stable")[:LISTED]:
        print(f"  {_label(outcomes[i], n)}  {counts[i]}")
    if len(outcomes) > LISTED:
        print(f"  ... and {len(outcomes) - LISTED} other basis states")


def _label(index: int, n: int) -> str:
    return format(int(index), f"0{n}b")
