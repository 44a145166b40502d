"""The lowest eigenstates, against the eigenvalues of the matrix of the sum."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import hits, interrupted, layouts
from test_evolve import chain, heisenberg, ising, random_sum


def energies_of(total):
    return np.linalg.eigvalsh(oracle.pauli_sum(total, total.num_qubits).astype(complex))


def residual(total, state, energy):
    out = np.empty_like(state)
    total.apply(state, out)
    return np.linalg.norm(out - energy * state)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 9])
def test_the_ground_state_is_that_of_the_matrix(n, dtype, rng):
    for total in (ising(n), heisenberg(n), random_sum(rng, n)):
        expected = energies_of(total)
        width = max(expected[-1] - expected[0], 1)
        energy, state = nk.ground_state(total, dtype=dtype)
        assert isinstance(energy, float)
        assert state.dtype == dtype
        assert state.shape == (2**n,)
        epsilon = np.finfo(dtype).eps
        assert abs(energy - expected[0]) < 100 * epsilon * width
        assert abs(nk.norm(state) - 1) < 100 * epsilon
        assert residual(total, state, energy) < max(1e-9, 200 * epsilon) * width


def test_several_and_degenerate_levels(rng):
    ring = nk.PauliSum(
        [(p + p, (q, (q + 1) % 6), 1.0) for q in range(6) for p in "XYZ"], num_qubits=6
    )
    for total, k in ((ring, 12), (random_sum(rng, 5), 7), (heisenberg(3), 8)):
        energies, states = nk.ground_state(total, k)
        assert states.shape == (k, 2**total.num_qubits)
        assert np.allclose(energies, energies_of(total)[:k], rtol=0, atol=1e-9)
        overlaps = states.conj() @ states.T
        assert np.allclose(overlaps, np.eye(k), rtol=0, atol=1e-9)
        for energy, state in zip(energies, states, strict=True):
            assert residual(total, state, energy) < 1e-8


def test_levels_with_many_states_each():
    ising = nk.PauliSum([("ZZ", (q, q + 1), -1.0) for q in range(7)], num_qubits=8)
    ring = nk.PauliSum(
        [(p + p, (q, (q + 1) % 6), 1.0) for q in range(6) for p in "XYZ"], num_qubits=6
    )
    for total, k in ((ising, 12), (ring, 20), (nk.PauliSum({"IIIII": 2.0}), 4)):
        matrix = oracle.pauli_sum(total, total.num_qubits).astype(complex)
        energies, states = nk.ground_state(total, k)
        assert np.abs(energies - np.linalg.eigvalsh(matrix)[:k]).max() < 1e-12
        assert np.abs(states.conj() @ states.T - np.eye(k)).max() < 1e-13
        assert np.linalg.norm(states @ matrix.T - energies[:, np.newaxis] * states) < 1e-7


def test_a_state_to_start_from_is_written_to(rng):
    total = random_sum(rng, 6)
    expected = energies_of(total)[0]
    for view in layouts(rng, oracle.random_state(rng, 6)):
        energy, state = nk.ground_state(total, state=view)
        assert state is view
        assert abs(energy - expected) < 1e-11
        assert abs(total.expectation(view) - expected) < 1e-11
    # Rabi's two levels in one sector: what is odd under the flip of both spins.
    odd = nk.PauliSum({"XX": 1.0, "ZZ": 2.0})
    start = np.array([1, 0, 0, -1]) / np.sqrt(2) + 0j
    assert nk.ground_state(odd, state=start)[0] == pytest.approx(1.0)


def test_threads_change_no_bit():
    total = ising(13)
    one, alone = nk.ground_state(total, threads=1)
    two, together = nk.ground_state(total, threads=2)
    assert one == two
    assert alone.tobytes() == together.tobytes()


def test_against_an_exact_formula():
    """P. Pfeuty, Annals of Physics 57, 79 (1970), for an open chain at the critical field."""
    for n in (4, 10, 14):
        total = chain(n, [("ZZ", -1.0)], [("X", -1.0)])
        exact = 1 - 1 / np.sin(np.pi / (4 * n + 2))
        assert abs(nk.ground_state(total)[0] - exact) < 1e-12 * n


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"hamiltonian": np.eye(8)}, TypeError, "'hamiltonian' is a ndarray"),
        ({"hamiltonian": 1j * ising(3)}, ValueError, "not Hermitian"),
        ({"k": 0}, ValueError, "'k' is 0"),
        ({"k": 9}, ValueError, r"'k' is 9; on 3 qubits there are 2\*\*3"),
        ({"k": -1}, ValueError, "'k' is -1"),
        ({"k": 1.5}, TypeError, "'k'"),
        ({"k": 2, "state": nk.zero_state(3)}, ValueError, "several eigenstates"),
        ({"state": np.zeros(8, complex)}, ValueError, "squared norm 0"),
        ({"state": nk.zero_state(4)}, ValueError, "4"),
        ({"state": np.zeros(8)}, ValueError, "squared norm 0"),
        ({"state": np.zeros(8, int)}, TypeError, "dtype int64"),
        ({"tol": 0.0}, ValueError, "'tol' is 0e0"),
        ({"dtype": int}, TypeError, "'dtype' is int64"),
    ],
)
def test_what_cannot_be_is_refused(changes, error, text):
    arguments = {"hamiltonian": ising(3), **changes}
    before = None if "state" not in changes else changes["state"].copy()
    with pytest.raises(error, match=text):
        nk.ground_state(**arguments)
    assert before is None or changes["state"].tobytes() == before.tobytes()


def test_ctrl_c_leaves_the_state_as_it_was(rng):
    total, psi = heisenberg(17), oracle.random_state(rng, 17)
    before = psi.copy()

    def begun():
        return hits(lambda: nk.norm(psi[:2]), patience=0)

    with interrupted(begun) as notes:
        while True:
            nk.ground_state(total, state=psi, tol=1e-13)
            psi[:] = before
    assert notes == ["numket stopped before the call had ended; nothing was changed"]
    assert psi.tobytes() == before.tobytes()
