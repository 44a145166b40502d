"""Circuits in segments, without MPI: the parts of a state are views of one array."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers_mpi import WORKLOADS, gate_by_gate, random_circuit, volume
from numket import _segments as sg


def run_in_segments(circuit, values, state, bits, renames=True):
    """The state after the circuit, done segment by segment on parts of an array, in place."""
    n = circuit.num_qubits
    tensor, homes = state.reshape((2,) * n), set(range(bits, n))
    given, wires = sg.steps(circuit, renames)
    for segment in sg.segments(given, homes, homes):
        assert len(segment.local) == n - bits
        axes = {qubit: axis for axis, qubit in enumerate(sorted(segment.local))}
        fixed = [qubit for qubit in range(n) if qubit not in axes]
        for number in range(2**bits):
            here = {qubit: number >> place & 1 for place, qubit in enumerate(fixed)}
            part = tensor[tuple(here.get(qubit, slice(None)) for qubit in range(n))]
            sg.on_rank(segment.operations, axes, here, circuit.parameters).run(part, values)
    return tensor.transpose(wires).reshape(-1)


@pytest.mark.parametrize("seed", range(60))
def test_random_circuits(seed):
    """Of all operations, with controls and parameters, on 6 to 9 qubits."""
    rng = np.random.default_rng(seed)
    n, bits = 6 + seed % 4, 1 + seed % 3
    circuit, values = random_circuit(rng, n, 40)
    expected = oracle.random_state(rng, n)
    state = expected.copy()
    circuit.run(expected, values)
    found = run_in_segments(circuit, values, state, bits, renames=seed % 2 == 0)
    assert abs(found - expected).max() < 40 * np.finfo(float).eps * np.linalg.norm(expected)


@pytest.mark.parametrize("n", [3, 4])
def test_every_operation_on_fixed_qubits(n, rng):
    """Whichever of its qubits have no axis, in whichever order."""
    for _ in range(300):
        circuit, values = random_circuit(rng, n, 1)
        expected = oracle.random_state(rng, n)
        state = expected.copy()
        circuit.run(expected, values)
        bits = 1 if n == 3 else int(rng.integers(1, 3))
        if any(len(step.mixes) > n - bits for step in sg.steps(circuit)[0]):
            with pytest.raises(ValueError, match=f"each rank holds {n - bits}"):
                run_in_segments(circuit, values, state, bits)
        else:
            found = run_in_segments(circuit, values, state, bits)
            assert abs(found - expected).max() < 1e-15


FIGURES = {
    "GHZ": (1.0, 1.75, 1.97),
    "QFT": (1.0, 1.75, 1.97),
    "brickwork": (0.5, 0.88, 1.48),
    "TFIM": (0.5, 0.88, 0.98),
    "QCBM": (5.5, 10.5, 12.8),
}
"""Shards sent by each of 2, 8 and 64 ranks, of 30 qubits."""


@pytest.mark.parametrize("name", WORKLOADS)
def test_volume(name):
    circuit = WORKLOADS[name](30)
    for bits, most in zip((1, 3, 6), FIGURES[name], strict=True):
        assert volume(circuit, bits)[1] <= most + 0.005
        assert volume(circuit, bits)[1] <= gate_by_gate(circuit, bits)


def test_random_circuits_never_send_more_than_gate_by_gate(rng):
    for _ in range(200):
        n, bits = int(rng.integers(5, 12)), int(rng.integers(1, 3))
        circuit = nk.Circuit(n)
        for _ in range(60):
            a, b = (int(q) for q in rng.choice(n, 2, replace=False))
            if rng.random() < 0.5:
                circuit.h(a)
            else:
                circuit.cx(a, b)
        assert volume(circuit, bits)[1] <= gate_by_gate(circuit, bits)


def test_what_commutes_is_done_early():
    """Diagonals and controls on one qubit do; what mixes it does not."""
    circuit = nk.Circuit(3).h(0).cz(0, 1).cx(1, 2).h(1).rz(0.3, 0)
    found = [
        (sorted(segment.local), [operation.name for operation in segment.operations])
        for segment in sg.segments(sg.steps(circuit)[0], {1, 2}, {1, 2})
    ]
    assert found == [([1, 2], ["cx"]), ([0, 1], ["h", "cz", "h", "rz"])]


def test_refusals():
    for circuit in (
        nk.Circuit(1).measure(0),
        nk.Circuit(1).reset(0),
        nk.Circuit(1).apply_kraus(nk.channels.bit_flip(0.1), 0),
    ):
        with pytest.raises(ValueError, match=r"operation 0 of the circuit.*trajectories"):
            sg.steps(circuit)
    given, _ = sg.steps(nk.Circuit(3).apply_pauli("XYX"))
    with pytest.raises(ValueError, match="mixes 3 qubits, and each rank holds 2: use fewer ranks"):
        sg.segments(given, {1, 2}, {1, 2})
