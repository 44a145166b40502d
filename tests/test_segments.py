"""Circuits in segments, without MPI: the parts of a state are views of one array."""

from collections import Counter

import numpy as np
import pytest

import numket as nk
import oracle
from helpers_mpi import WORKLOADS, ghz, random_circuit, ring, volume
from numket._segments import on_part
from numket.bench.compare.workloads import qv
from numket.bench.scale import gate_by_gate


def run_in_segments(circuit, values, state, bits, renames=True):
    """The state after the circuit, done segment by segment on parts of an array, in place."""
    n = circuit.num_qubits
    tensor = state.reshape((2,) * n)
    found = circuit.segments(n - bits, relabel=renames)
    for segment in found.segments:
        assert len(segment.local) == n - bits
        axes = {qubit: axis for axis, qubit in enumerate(sorted(segment.local))}
        fixed = [qubit for qubit in range(n) if qubit not in axes]
        for number in range(2**bits):
            here = {qubit: number >> place & 1 for place, qubit in enumerate(fixed)}
            part = tensor[tuple(here.get(qubit, slice(None)) for qubit in range(n))]
            on_part(segment.circuit, axes, here, circuit.parameters).run(part, values)
    return tensor.transpose(found.places).reshape(-1)


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
        refused = ""
        try:
            found = run_in_segments(circuit, values, state, bits)
        except ValueError as error:
            refused = str(error)
        if refused:  # on many qubits, of which it is diagonal in too few
            assert f"and {n - bits} have room" in refused
            assert len(circuit[0].qubits) > n - bits
        else:
            assert abs(found - expected).max() < 1e-15


FIGURES = {
    "GHZ": (1.0, 1.75, 1.97),
    "QFT": (1.0, 1.75, 1.97),
    "brickwork": (0.5, 0.88, 1.48),
    "TFIM": (0.5, 0.88, 0.98),
    "QCBM": (5.5, 10.5, 12.8),
    "QV": (2.5, 5.25, 8.79),
}
"""Shards sent by each of 2, 8 and 64 ranks, of 30 qubits."""


@pytest.mark.parametrize("name", FIGURES)
def test_volume(name):
    circuit = (WORKLOADS | {"QV": qv})[name](30)
    for bits, most in zip((1, 3, 6), FIGURES[name], strict=True):
        assert volume(circuit, bits)[1] <= most + 0.005
        assert volume(circuit, bits)[1] <= gate_by_gate(circuit, bits)


def test_random_circuits_of_h_and_cx(rng):
    """These send no more than gate by gate. Of others a few send half a part more."""
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
        (segment.local, [operation.name for operation in segment.circuit])
        for segment in circuit.segments(2).segments
    ]
    assert found == [((1, 2), ["cx"]), ((0, 1), ["h", "cz", "h", "rz"])]


def test_arguments(rng):
    circuit, _ = random_circuit(rng, 7, 40)
    circuit = nk.Circuit(7).h(range(7)).cx(0, 6).swap(0, 3).ry(nk.Parameter("a"), [0, 5])
    whole = circuit.segments(7)
    assert [segment.circuit for segment in whole.segments] == [circuit]
    assert whole.places == tuple(range(7))
    for local in (4, range(3, 7), (6, 3, 5, 4)):
        assert circuit.segments(local) == circuit.segments(4)
    for segment in circuit.segments([0, 1, 5, 6], always=2).segments:
        assert {5, 6} <= set(segment.local)
        assert segment.circuit.parameters == circuit.parameters
    assert circuit.segments([0, 1, 2]).segments[0].local == (0, 1, 2)
    relabelled = circuit.segments(4, relabel=True)
    assert relabelled.places == (3, 1, 2, 0, 4, 5, 6)
    assert sum(len(segment.circuit) for segment in relabelled.segments) == len(circuit) - 1
    assert nk.Circuit(3).segments(2).segments == ()


def test_the_same_in_every_process():
    """As ranks plan by themselves."""
    circuit, _ = random_circuit(np.random.default_rng(3), 10, 120)
    assert circuit.segments(7) == circuit.copy().segments(7)


def test_few_segments_or_little_sent(rng):
    """Without a link, what counts is how often all amplitudes are gone through."""
    for _ in range(40):
        circuit = nk.Circuit(12)
        for a, b in rng.permuted(np.tile(range(12), (60, 1)), axis=1)[:, :2].tolist():
            circuit.rxx(0.1, a, b)
        sent, few = circuit.segments(9), circuit.segments(9, link=0)
        assert len(few.segments) <= len(sent.segments)
        operations = [Counter(map(repr, part.circuit)) for part in few.segments]
        assert sum(operations, Counter()) == Counter(map(repr, circuit))


def test_long_circuits(rng):
    """Which are planned by first fit alone."""
    circuit = nk.Circuit(16)
    for a, b in rng.permuted(np.tile(range(16), (20000, 1)), axis=1)[:, :2].tolist():
        circuit.ry(0.1, a).cx(a, b)
    found = circuit.segments(12).segments
    assert sum(len(segment.circuit) for segment in found) == len(circuit)


def test_refusals():
    for circuit in (
        nk.Circuit(1).measure(0),
        nk.Circuit(1).reset(0),
        nk.Circuit(1).apply_kraus(nk.channels.bit_flip(0.1), 0),
        nk.Circuit(1).measure(0).x(0, condition=0)[1:],
    ):
        with pytest.raises(ValueError, match=r"operation 0 of the circuit.*trajectories"):
            circuit.segments(1)
    with pytest.raises(ValueError, match=r"mixes 3 qubits, and 2 have room .*: use fewer parts"):
        nk.Circuit(3).apply_pauli("XYX").segments(2)
    circuit = nk.Circuit(3).h(0)
    for wrong, match in (
        (((0),), "'local' is 0 qubits: use 1 to 3"),
        ((4,), "'local' is 4 qubits"),
        (([],), "'local' is 0 qubits"),
        (([0, 3],), "3"),
        (([1, 1],), "1"),
    ):
        with pytest.raises(ValueError, match=match):
            circuit.segments(*wrong)
    for options, match in (
        ({"always": 3}, "'always' is 3 qubits: use 0 to 2"),
        ({"always": 2, "local": [0, 1]}, "'always' is 2, and not all"),
        ({"link": -1}, "'link' is -1"),
        ({"link": np.nan}, "link"),
    ):
        with pytest.raises(ValueError, match=match):
            circuit.segments(**{"local": 2, **options})
    for local in ("two", True, 1.5):
        with pytest.raises(TypeError):
            circuit.segments(local)


def test_explain():
    """Segments, exchanges and bytes, before anything starts."""
    for name, make in WORKLOADS.items():
        circuit = make(30)
        for bits, most in zip((1, 3, 6), FIGURES[name], strict=True):
            plan = circuit.explain(ranks=2**bits)
            assert (plan.exchanges, plan.parts_sent) == volume(circuit, bits)
            assert plan.parts_sent <= most + 0.005
            assert plan.bytes == int(plan.parts_sent * 2 ** (34 - bits))
            assert plan == circuit.explain(local_qubits=30 - bits)
            assert (plan.parts, plan.passes) == (2**bits, 0)
            assert 0 < plan.seconds < 2 * circuit.explain().seconds
    text = str(ghz(30).explain(ranks=2))
    assert "30 operations on 30 qubits, in 2 parts of 29 qubits: 2 segments, 2 exchanges" in text
    assert "in which each sends 8 GiB" in text
    assert "to move at 1 GB/s" in text
    table = ghz(30).explain(ranks=2)._repr_html_()
    assert table.count("segment ") >= 2
    many = str(ring(20, 30).explain(ranks=2))
    assert "more segments" in many


def test_explain_refuses():
    circuit = nk.Circuit(3).h(0)
    with pytest.raises(TypeError, match="'local_qubits' and 'ranks' are given"):
        circuit.explain(local_qubits=2, ranks=2)
    for options in ({"ranks": 3}, {"ranks": 8}, {"ranks": 0}, {"local_qubits": 4}, {"memory": 9}):
        with pytest.raises(ValueError, match="use"):
            circuit.explain(**options)
    for options in ({"ranks": "two"}, {"local_qubits": 1.5}, {"memory": 1.5}):
        with pytest.raises(TypeError):
            circuit.explain(**options)
