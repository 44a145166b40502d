"""Circuits are as exact as their gates one by one, measured in long double."""

import json

import numpy as np
import pytest

import numket as nk
import oracle
from numket.bench.accuracy import exact
from numket.bench.accuracy.measure import deviation
from numket.bench.accuracy.workloads import WORKLOADS

SIZES = [(4, 1000), (7, 1000), (5, 5000)]


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_exact_states_are_those_of_the_oracle(name):
    circuit = WORKLOADS[name](5, 60)
    wanted = np.eye(1, 32)[0]
    for operation in circuit:
        wanted = oracle.apply(
            wanted, oracle.gate(operation.name, *operation.params), operation.qubits
        )
    assert abs(exact.run(circuit) - wanted).max() < 100 * np.finfo(np.longdouble).eps


@pytest.mark.parametrize("lanes", nk._core.config()["lanes_available"])
def test_errors_are_those_of_gates_one_by_one(lanes, snippet):
    """Up to half as large again, and some roundings: both are sums of roundings to either side."""
    code = f"""
        import json
        from numket.bench.accuracy import exact
        from numket.bench.accuracy.measure import OURS, deviation
        from numket.bench.accuracy.workloads import WORKLOADS

        found = []
        for name, make in WORKLOADS.items():
            for n, gates in {SIZES}:
                circuit = make(n, gates)
                wanted = exact.run(circuit)
                for who, contestant in OURS.items():
                    (ready,) = contestant.prepare(circuit).values()
                    ready.run()
                    error = deviation(ready.state(), wanted)["error"]
                    found.append([f"{{name}}-{{n}}", len(circuit), who, error])
        print(json.dumps(found))
    """
    found = json.loads(snippet(code, NUMKET_SIMD=lanes))
    errors = {(name, gates, who): error for name, gates, who, error in found}
    for (name, gates, who), error in errors.items():
        single = " complex64" if who.endswith("complex64") else ""
        if not who.startswith("numket") or not (single or exact.ENOUGH):
            continue
        eps = np.finfo("complex64" if single else "complex128").eps
        allowed = 1.5 * errors[name, gates, f"gate by gate{single}"] + 0.1 * eps * gates**0.5
        assert error <= allowed, (name, gates, who)


@pytest.mark.parametrize("angle", [1e-3, 0.1, 0.3, 1.1, np.pi / 2, 2.5, 3.1, 6.2])
def test_norms_do_not_drift(angle, dtype):
    """However often the same scales are rounded to the same side."""
    circuit = nk.Circuit(3)
    for _ in range(2000):
        circuit.ry(angle, 0).ry(angle, 1).ry(-angle, 2).cz(0, 1).cz(1, 2)
    state = nk.zero_state(3, dtype=dtype)
    circuit.run(state)
    norm = np.sqrt(np.sum(abs(state.astype(np.clongdouble)) ** 2))
    assert abs(norm - 1) < 4 * 2000**0.5 * np.finfo(dtype).eps


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("repeats", [3, 10, 50, 2000])
def test_norms_do_not_drift_by_blocks(n, repeats, dtype):
    """Products of many matrices, the same again and again."""
    circuit = nk.Circuit(n)
    for block in range(2000 // repeats):
        for _ in range(repeats):
            circuit.ry(0.1, 0).ry(-0.07, 1).rz(0.2, 0).cx(0, 1)
        if n > 2:
            circuit.cz(block % 2, 2)
    state = nk.zero_state(n, dtype=dtype)
    circuit.run(state)
    norm = np.sqrt(np.sum(abs(state.astype(np.clongdouble)) ** 2))
    assert abs(norm - 1) < 4 * 2000**0.5 * np.finfo(dtype).eps


@pytest.mark.parametrize("amplitude", [1e33, 1e-33])
def test_large_and_small_amplitudes_in_single_precision(amplitude, rng):
    """A circuit can hold what its gates can, also where nothing scales between rotations."""
    n = 16
    circuit = nk.Circuit(n)
    for _ in range(3):
        for q in range(n):
            circuit.ry(rng.uniform(-3, 3), q)
    start = oracle.random_state(rng, n)
    state = (start * amplitude).astype(np.complex64)
    one_by_one = state.copy()
    circuit.run(state)
    for operation in circuit:
        nk.ry(one_by_one, *operation.params, *operation.qubits)
    for found in state, one_by_one:
        wide = found.astype(complex) / amplitude
        circuit.inverse().run(wide)
        assert np.linalg.norm(wide - start) < 1e-4


def test_deviations():
    state = np.array([0.6, 0.8j])
    assert deviation(1j * state, state) == {"error": 0.0, "norm": pytest.approx(0, abs=1e-16)}
    found = deviation(2 * state, state)
    assert (found["error"], found["norm"]) == (pytest.approx(1), pytest.approx(1))


def test_amplitudes_below_the_normal_numbers_are_not_flushed(dtype):
    """They are off by as many of their last places as there are gates, on large states too."""
    for n in (4, 10, 13):
        info = np.finfo(dtype)
        circuit = nk.Circuit(n)
        for layer in range(4):
            for q in range(n):
                circuit.ry(0.3 + q + layer, q).rz(1.1 - q, q)
            for q in range(layer % 2, n - 1, 2):
                circuit.cx(q, q + 1)
        state = oracle.random_state(np.random.default_rng(n), n, dtype)
        scaled = state * info.smallest_normal
        wanted = state
        for operation in circuit:
            gate = oracle.gate(operation.name, *operation.params)
            wanted = oracle.apply(wanted, gate, operation.qubits)
        circuit.run(scaled)
        assert 0 < abs(scaled).max() < info.smallest_normal
        difference = abs(scaled - wanted * np.longdouble(info.smallest_normal)).max()
        assert difference <= 4 * len(circuit) * info.smallest_subnormal
