"""The Lindblad equation, against the exponential of the dense Liouvillian by NumPy."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import hits, interrupted


def exponential(matrix):
    """By scaling, squaring and a Taylor series: what is no normal matrix has no good eigenbasis."""
    squarings = max(0, int(np.ceil(np.log2(np.linalg.norm(matrix, 2) + 1e-300))) + 3)
    matrix = matrix / 2**squarings
    term = result = np.eye(len(matrix), dtype=complex)
    for k in range(1, 20):
        term = term @ matrix / k
        result = result + term
    for _ in range(squarings):
        result = result @ result
    return result


def liouvillian(hamiltonian, jumps):
    """On matrices row by row: A rho B is kron(A, B.T)."""
    eye = np.eye(len(hamiltonian))
    total = -1j * (np.kron(hamiltonian, eye) - np.kron(eye, hamiltonian.T))
    for jump in jumps:
        rate = jump.conj().T @ jump
        total = total + np.kron(jump, jump.conj())
        total = total - 0.5 * (np.kron(rate, eye) + np.kron(eye, rate.T))
    return total


def random_density(rng, n, dtype=complex):
    half = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
    rho = half @ half.conj().T
    return (rho / rho.trace()).astype(dtype)


def dense(total):
    return oracle.pauli_sum(total, total.num_qubits).astype(complex)


LOWER = nk.PauliSum({"X": 0.5, "Y": 0.5j})


def on(total, qubit, n):
    terms = [(letters, (qubit,), value) for letters, value in total]
    return nk.PauliSum(terms, num_qubits=n)


def system(rng, n, rate):
    """A chain with decay, dephasing and a jump of two qubits; sums, and the same as matrices."""
    terms = [("XX", (q, q + 1), 0.8) for q in range(n - 1)]
    terms += [("Y", q, 0.3 * q - 0.5) for q in range(n)] + [("Z", q, 0.9) for q in range(n)]
    jumps = [np.sqrt(rate) * on(LOWER, q, n) for q in range(n)]
    jumps.append(np.sqrt(rate) * 0.7 * on(nk.PauliSum({"Z": 1, "I": 0.2j}), n - 1, n))
    matrices = [dense(jump) for jump in jumps]
    if n > 1:
        pair = np.sqrt(rate) * (rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))) / 4
        jumps.append((pair, (n - 1, 0)))
        whole = np.eye(2**n, dtype=complex)
        columns = [oracle.apply(column, pair, [n - 1, 0]) for column in whole]
        matrices.append(np.array(columns, complex).T)
    return nk.PauliSum(terms, num_qubits=n), jumps, matrices


@pytest.mark.parametrize("rate", [1e-4, 0.05, 1.0, 20.0])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_it_is_the_exponential_of_the_liouvillian(n, rate, rng, dtype):
    hamiltonian, jumps, matrices = system(rng, n, rate)
    total = liouvillian(dense(hamiltonian), matrices)
    start = random_density(rng, n, dtype)
    for t in (0.0, 0.01, 0.7, 6.0):
        expected = (exponential(t * total) @ start.reshape(-1)).reshape(start.shape)
        rho = start.copy()
        assert nk.lindblad(rho, hamiltonian, jumps, t) is None
        # Terms round, and grow by exp(4) at most between steps.
        limit = 1e-11 if dtype == np.complex128 else 1e-3
        assert np.linalg.norm(rho - expected) < limit, (t, np.linalg.norm(rho - expected))
        assert abs(rho.trace() - 1) < limit


def test_long_times_end_in_the_steady_state(rng):
    hamiltonian, jumps, matrices = system(rng, 2, 0.5)
    total = liouvillian(dense(hamiltonian), matrices)
    rho = random_density(rng, 2)
    nk.lindblad(rho, hamiltonian, jumps, 500.0)
    assert np.linalg.norm(total @ rho.reshape(-1)) < 1e-10
    assert abs(rho.trace() - 1) < 1e-10
    assert np.linalg.norm(rho - rho.conj().T) < 1e-10


def test_decay_and_dephasing_by_hand():
    gamma, n = 0.3, 5
    rho = np.zeros((2,) * (2 * n), complex)
    rho[(1,) * (2 * n)] = 1
    jumps = [np.sqrt(gamma) * on(LOWER, q, n) for q in range(n)]
    excited = nk.PauliSum([("", (), 0.5), ("Z", 0, -0.5)], num_qubits=n)
    hamiltonian = nk.PauliSum([("Z", q, 1.0 + q) for q in range(n)], num_qubits=n)
    times = [0.0, 1.0, 2.5, 40.0]
    values = nk.lindblad(rho, hamiltonian, jumps, times, observables=excited)
    assert np.allclose(values, np.exp(-gamma * np.array(times)), rtol=0, atol=1e-12)
    pair = nk.density.zero_density(1)
    nk.density.apply(pair, oracle.gate("h"), 0)
    z = np.sqrt(gamma) * nk.PauliSum({"Z": 1})
    x = nk.lindblad(pair, nk.PauliSum({"Z": 0.0}, num_qubits=1), [z], 2.0, observables="X")
    assert isinstance(x, float)
    assert abs(x - np.exp(-2 * gamma * 2)) < 1e-12


def test_without_jumps_it_is_that_of_a_state(rng):
    hamiltonian, _, _ = system(rng, 4, 1.0)
    psi = oracle.random_state(rng, 4)
    rho = nk.density.from_state(psi)
    nk.lindblad(rho, hamiltonian, [], 3.0)
    nk.evolve(psi, hamiltonian, 3.0)
    assert np.linalg.norm(rho - nk.density.from_state(psi)) < 1e-11


def test_times_callbacks_layouts_and_threads(rng):
    hamiltonian, jumps, _ = system(rng, 3, 0.4)
    start = random_density(rng, 3)
    rho, seen = start.copy(), []
    observed = ["ZII", hamiltonian, np.arange(8)]
    values = nk.lindblad(
        rho,
        hamiltonian,
        jumps,
        [0.5, 0.8],
        observables=observed,
        callback=lambda t, now: seen.append((t, now is rho, now.copy())),
    )
    assert values.shape == (2, 3)
    assert [each[:2] for each in seen] == [(0.5, True), (0.8, True)]
    for row, (t, _, at) in zip(values, seen, strict=True):
        other = np.asfortranarray(start)
        nk.lindblad(other, hamiltonian, jumps, t, threads=1)
        assert np.linalg.norm(other - at) < 1e-11
        assert np.allclose(row, [nk.density.expectation(at, each) for each in observed])
    views = np.zeros((8, 3, 8), complex)
    views[:, 1] = start
    nk.lindblad(views[:, 1], hamiltonian, jumps, [0.5, 0.8])
    assert np.linalg.norm(views[:, 1] - rho) < 1e-11
    assert not views[:, ::2].any()


def test_effective_hamiltonians(rng):
    hamiltonian, jumps, _ = system(rng, 3, 0.6)
    sums = [jump for jump in jumps if isinstance(jump, nk.PauliSum)]
    rates = sum((jump.adjoint() @ jump for jump in sums[1:]), start=sums[0].adjoint() @ sums[0])
    effective = hamiltonian - 0.5j * rates
    psi = oracle.random_state(rng, 3)
    expected = exponential(-2j * dense(effective)) @ psi
    with pytest.raises(ValueError, match="hermitian=False"):
        nk.evolve(psi, effective, 2.0)
    nk.evolve(psi, effective, 2.0, hermitian=False)
    assert np.linalg.norm(psi - expected) < 1e-11
    growing = nk.PauliSum({"III": 400j})
    before = psi.copy()
    with pytest.raises(ValueError, match="grows beyond"):
        nk.evolve(psi, growing, 2.0, hermitian=False)
    with pytest.raises(ValueError, match="together"):
        nk.evolve(psi, hamiltonian, 2.0, hermitian=False, imaginary=True)
    assert psi.tobytes() == before.tobytes()


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"rho": np.zeros(16, complex)}, ValueError, "a density matrix has shape"),
        ({"rho": np.zeros((4, 4))}, TypeError, "float64"),
        ({"hamiltonian": np.eye(4)}, TypeError, "'hamiltonian' is a ndarray"),
        ({"hamiltonian": nk.PauliSum({"Z": 1})}, ValueError, "'hamiltonian' acts on 1 qubits"),
        ({"hamiltonian": nk.PauliSum({"ZZ": 1j})}, ValueError, "not Hermitian"),
        ({"jumps": nk.PauliSum({"ZZ": 1})}, TypeError, r"use \[jump\]"),
        ({"jumps": [nk.PauliSum({"Z": 1})]}, ValueError, "'jumps' acts on 1 qubits"),
        ({"jumps": [np.eye(2)]}, TypeError, "a pair"),
        ({"jumps": [(np.eye(2), (0, 1))]}, ValueError, r"shape \(2, 2\) on 2 qubits"),
        ({"jumps": [(np.eye(2), 2)]}, ValueError, "qubit"),
        ({"t": np.inf}, ValueError, "'t'"),
        ({"tol": 0.0}, ValueError, "'tol'"),
        ({"observables": "ZZZ"}, ValueError, "letters"),
        ({"callback": 3}, TypeError, "'callback'"),
    ],
)
def test_what_cannot_be_is_refused(changes, error, text):
    rho = np.diag([0.5, 0, 0.5, 0]).astype(complex)
    given = {"rho": rho, "hamiltonian": nk.PauliSum({"ZZ": 1}), "jumps": [], "t": 1.0, **changes}
    before = given["rho"].copy()
    with pytest.raises(error, match=text):
        nk.lindblad(**given)
    assert given["rho"].tobytes() == before.tobytes()


def test_ctrl_c_leaves_the_matrix_of_a_time(rng):
    hamiltonian, jumps, _ = system(rng, 7, 0.5)
    rho = nk.density.zero_density(7)

    def begun():
        return hits(lambda: nk.norm(rho.reshape(-1)[:2]), patience=0)

    with interrupted(begun) as notes:
        nk.lindblad(rho, hamiltonian, jumps, 1e4)
    assert notes == [
        "numket stopped on the way from t = 0.0 to t = 10000.0; the state is that of t = 0.0"
    ]
    assert rho[0, 0] == 1
