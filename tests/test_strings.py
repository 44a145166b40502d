"""Pauli sums between parts of a state, against matrices; without MPI."""

import numpy as np
import pytest

import numket as nk
from numket._strings import Strings


def test_between(rng):
    """Whatever qubits are fixed, the sum is that block of the matrix."""
    for _ in range(100):
        n = int(rng.integers(2, 6))
        terms = {
            "".join(rng.choice(list("IXYZ"), n)): complex(*rng.normal(size=2)) for _ in "12345"
        }
        total = nk.PauliSum(terms)
        order = [int(qubit) for qubit in rng.permutation(n)]
        held = int(rng.integers(0, n))
        fixed, left = order[:held], order[held:]
        source, target = (
            dict(zip(fixed, rng.integers(0, 2, held).tolist(), strict=True)) for _ in range(2)
        )
        tensor = total.to_matrix().reshape((2,) * (2 * n))
        rows = [target.get(qubit, slice(None)) for qubit in range(n)]
        columns = [source.get(qubit, slice(None)) for qubit in range(n)]
        places = np.argsort(np.argsort(left))  # axes of the block are in order, `left` may not be
        block = tensor[(*rows, *columns)].transpose([*places, *(len(left) + places)])
        expected = block.reshape(2 ** len(left), -1)
        found = Strings.of(total, n).between(left, source, target)
        made = np.zeros_like(expected) if found is None else found.to_matrix()
        assert abs(made - expected).max() < 1e-14


def test_refusals():
    with pytest.raises(TypeError, match="'observable' is a ndarray"):
        Strings.of(np.eye(2), 1)
    with pytest.raises(ValueError, match="2 qubits and the state has 3"):
        Strings.of("XX", 3)
