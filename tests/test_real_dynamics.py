"""Hamiltonians on real states: imaginary time, ground states, and starts of circuits."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import layouts
from test_evolve import heisenberg, ising
from test_ground_state import energies_of, residual
from test_real_states import random_real


@pytest.fixture(params=[np.float64, np.float32], ids=["f64", "f32"])
def dtype(request):
    return request.param


def real_sum(rng, n, count=40):
    """Strings with an even number of Y, among them some with Y on each pair of qubits."""
    strings = ["".join(letters) for letters in rng.choice(list("IXYZ"), size=(count, n))]
    strings = [letters for letters in strings if letters.count("Y") % 2 == 0]
    return nk.PauliSum([("I" * n, 0.7), *((letters, rng.normal()) for letters in strings)])


@pytest.mark.parametrize("n", [0, 1, 3, 7, 8, 9])
def test_imaginary_time_is_that_of_a_complex_state(n, dtype, rng):
    for total in [real_sum(rng, n)] if n < 2 else [heisenberg(n), real_sum(rng, n)]:
        matrix = oracle.pauli_sum(total, n).astype(complex).real
        energies, basis = np.linalg.eigh(matrix)
        state = 2 * random_real(rng, n, dtype)
        for t in (0.0, 0.3, -1.2):
            shift = energies[0] if t > 0 else energies[-1]
            expected = basis @ (np.exp(-t * (energies - shift)) * (basis.T @ state))
            expected *= 2 / np.linalg.norm(expected)
            psi = state.copy()
            value = nk.evolve(psi, total, t, imaginary=True, observables=total)
            assert psi.dtype == dtype
            assert np.linalg.norm(psi - expected) < 1e4 * np.finfo(dtype).eps
            assert abs(value - expected @ matrix @ expected) < 1e4 * np.finfo(dtype).eps


def test_every_layout_and_batches(dtype, rng):
    for n in (5, 9):
        total, state = real_sum(rng, n), random_real(rng, n, dtype)
        complexly = state.astype(complex)
        nk.evolve(complexly, total, 0.4, imaginary=True)
        for view in [*layouts(rng, state), state.astype(complex).real]:
            nk.evolve(view, total, 0.4, imaginary=True)
            assert np.linalg.norm(view.reshape(-1) - complexly) < 1e3 * np.finfo(dtype).eps
            energy, found = nk.ground_state(total, state=view)
            assert found is view
            assert abs(energy - energies_of(total)[0]) < 1e3 * np.finfo(dtype).eps
        batch = np.array([random_real(rng, n, dtype) for _ in range(6)]).reshape(2, 3, -1)
        alone = batch.copy()
        nk.evolve(batch, total, 0.4, imaginary=True, batch=2, threads=2)
        for one in alone.reshape(6, -1):
            nk.evolve(one, total, 0.4, imaginary=True, threads=1)
        assert batch.tobytes() == alone.tobytes()


def test_matrices_and_diagonals_in_imaginary_time(rng):
    state = random_real(rng, 5)
    half = rng.normal(size=(4, 4))
    for operator, qubits in ((half + half.T, (3, 1)), (rng.normal(size=8), (0, 4, 2))):
        psi, complexly = state.copy(), state.astype(complex)
        nk.evolve(psi, operator, 0.7, qubits=qubits, imaginary=True)
        nk.evolve(complexly, operator, 0.7, qubits=qubits, imaginary=True)
        assert np.linalg.norm(psi - complexly) < 1e-14
    with pytest.raises(TypeError, match=r"'state' is real, and.*state\.astype\(complex\)"):
        nk.evolve(state, np.array([[0, 1j], [-1j, 0]]), 0.7, qubits=2, imaginary=True)


@pytest.mark.parametrize("n", [1, 2, 6, 7, 8, 11])
def test_ground_states(n, dtype, rng):
    for total in (ising(n), heisenberg(n), real_sum(rng, n)):
        expected = energies_of(total) if n < 10 else [nk.ground_state(total)[0]]
        width = max(abs(expected[-1] - expected[0]), n)
        energy, state = nk.ground_state(total, dtype=dtype)
        epsilon = np.finfo(dtype).eps
        assert state.dtype == dtype
        assert abs(energy - expected[0]) < 200 * epsilon * width
        assert abs(nk.norm(state) - 1) < 100 * epsilon
        assert residual(total, state, energy) < max(1e-9, 300 * epsilon) * width


def test_several_levels_are_orthogonal(dtype):
    ring = nk.PauliSum(
        [(p + p, (q, (q + 1) % 9), 1.0) for q in range(9) for p in "XYZ"], num_qubits=9
    )
    energies, states = nk.ground_state(ring, 5, dtype=dtype)
    limit = 1e-9 if dtype == np.float64 else 1e-3
    assert states.dtype == dtype
    assert np.allclose(energies, energies_of(ring)[:5], rtol=0, atol=limit)
    assert np.allclose(states @ states.T, np.eye(5), rtol=0, atol=limit)


def test_complex_arrays_get_real_states_of_real_sums(rng):
    total = real_sum(rng, 9)
    energy, state = nk.ground_state(total)
    same, real = nk.ground_state(total, dtype=float)
    assert state.dtype == complex
    assert energy == same
    assert np.array_equal(state, real)
    # A complex start stays what it is: its sector may need a complex state.
    start = oracle.random_state(rng, 9)
    assert abs(nk.ground_state(total, state=start)[0] - energy) < 1e-11
    assert np.abs(start.imag).max() > 1e-3


def test_threads_change_no_bit():
    total = heisenberg(14)
    one, alone = nk.ground_state(total, dtype=float, threads=1)
    two, together = nk.ground_state(total, dtype=float, threads=2)
    assert one == two
    assert alone.tobytes() == together.tobytes()


def test_circuits_start_from_real_states(dtype, rng):
    circuit = nk.Circuit(4).rx(nk.Parameter("a"), 0).cx(0, 2).ry(nk.Parameter("b"), 3)
    total = nk.PauliSum({"XYIZ": 1.0, "ZIZI": -0.5, "IIIY": 2.0})
    values = [0.4, -1.1]
    for state in layouts(rng, random_real(rng, 4, dtype)):
        copy = state.copy()
        complexly = state.astype(np.result_type(dtype, np.complex64))
        expected = circuit.expectation(total, values, state=complexly)
        assert circuit.expectation(total, values, state=state) == expected
        found = circuit.gradient(total, values, state=state)
        ours = circuit.gradient(total, values, state=complexly)
        assert found[0] == ours[0]
        assert found[1].tobytes() == ours[1].tobytes()
        assert state.tobytes() == copy.tobytes()
    batch = np.array([random_real(rng, 4, dtype) for _ in range(3)])
    weights = [1.0, -2.0]
    found = circuit.vjp([total, "XIII"], weights, values, state=batch, batch=1)
    for number, state in enumerate(batch):
        ours = circuit.vjp([total, "XIII"], weights, values, state=state + 0j)
        for a, b in zip(found, ours, strict=True):
            assert np.allclose(a[number], b, rtol=0, atol=50 * np.finfo(dtype).eps)


def test_linear_operators_on_real_vectors(dtype, rng):
    linalg = pytest.importorskip("scipy.sparse.linalg")
    total = real_sum(rng, 6) + 1j * nk.PauliSum({"IYIIII": 0.5})
    matrix = oracle.pauli_sum(total, 6).astype(complex).real
    operator, state = total.linear_operator(dtype), random_real(rng, 6, dtype)
    assert operator.dtype == dtype
    for found, expected in (
        (operator @ state, matrix @ state),
        (operator.H @ state, matrix.T @ state),
        (operator @ (1j * state), 1j * matrix @ state),
    ):
        kind = dtype if expected.dtype.kind == "f" else np.result_type(dtype, np.complex64)
        assert found.dtype == kind
        assert np.abs(found - expected).max() < 100 * np.finfo(dtype).eps
    total = heisenberg(8)
    energies, vectors = linalg.eigsh(total.linear_operator(float), k=2, which="SA")
    assert vectors.dtype == float
    assert np.allclose(np.sort(energies), energies_of(total)[:2], rtol=0, atol=1e-10)
    with pytest.raises(ValueError, match="odd number of Y"):
        nk.PauliSum({"Y": 1.0}).linear_operator(dtype)


def test_what_cannot_stay_real_is_refused(dtype):
    psi = nk.basis_state(3, "010", dtype)
    odd = nk.PauliSum({"XYZ": 1.0, "XII": 1.0})
    real = "'state' is real, and the sum"
    for call, error, text in (
        (lambda: nk.evolve(psi, ising(3), 0.1), TypeError, r"use state.astype\(np.complex128\)"),
        (lambda: nk.evolve(psi, odd, 0.1, imaginary=True), TypeError, real),
        (lambda: nk.ground_state(odd, state=psi), TypeError, real),
        (lambda: nk.ground_state(odd, dtype=dtype), TypeError, real),
        (lambda: nk.evolve(psi, [(np.cos, ising(3))], 1.0), TypeError, "astype"),
        (lambda: nk.evolve(psi, np.eye(2), 1.0, qubits=0), TypeError, "astype"),
        (lambda: nk.evolve(psi, 1j * ising(3), 1.0, hermitian=False), TypeError, "astype"),
    ):
        before = psi.tobytes()
        with pytest.raises(error, match=text):
            call()
        assert psi.tobytes() == before
    changed = psi.astype(np.complex128)
    nk.evolve(changed, ising(3), 0.1)
    assert abs(nk.norm(changed) - 1) < 1e-11
