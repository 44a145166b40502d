"""Evolution in time: exp(-i H t) and exp(-H t), by the eigenbasis of the matrix of the sum."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import hits, interrupted, layouts


def chain(n, pairs, singles=()):
    terms = [(letters, (q, q + 1), c) for letters, c in pairs for q in range(n - 1)]
    terms += [(letter, q, c) for letter, c in singles for q in range(n)]
    return nk.PauliSum(terms, num_qubits=n)


def ising(n):
    return chain(n, [("ZZ", -1.0)], [("X", -0.8), ("I", 0.3)])


def heisenberg(n):
    return chain(n, [("XX", 1.0), ("YY", 1.0), ("ZZ", 1.0)])


def random_sum(rng, n, count=30):
    strings, values = rng.choice(list("IXYZ"), size=(count, n)), rng.normal(size=count)
    return nk.PauliSum([("".join(s), c) for s, c in zip(strings, values, strict=True)])


def exponential(total, state, factor):
    """exp(factor H) of states in the last axis, through the eigenbasis of the matrix."""
    matrix = oracle.pauli_sum(total, total.num_qubits).astype(complex)
    energies, basis = np.linalg.eigh(matrix)
    return (np.exp(factor * energies) * (state @ basis.conj())) @ basis.T


SUMS = {"ising": ising, "heisenberg": heisenberg}


@pytest.mark.parametrize("name", [*SUMS, "random"])
@pytest.mark.parametrize("n", [1, 2, 3, 6, 8, 9])
def test_it_is_the_exponential_of_the_matrix(name, n, dtype, rng):
    total = random_sum(rng, n) if name == "random" else SUMS[name](n)
    state = oracle.random_state(rng, n, dtype)
    for t in (0.0, 1e-9, 0.3, -2.0, 7.5):
        expected = exponential(total, state, -1j * t)
        psi = state.copy()
        assert nk.evolve(psi, total, t) is None
        # Each term of the series rounds, of which there are less than 100 + 60 |t|.
        assert np.linalg.norm(psi - expected) < (100 + 60 * abs(t)) * np.finfo(dtype).eps + 1e-12


def test_imaginary_time_is_the_exponential_with_the_norm_kept(dtype, rng):
    for total in (ising(7), heisenberg(8), random_sum(rng, 6)):
        state = 3 * oracle.random_state(rng, total.num_qubits, dtype)
        for t in (0.2, -1.0, 40.0):
            low = np.linalg.eigvalsh(oracle.pauli_sum(total, total.num_qubits).astype(complex))
            shift = low[0] if t > 0 else low[-1]
            expected = exponential(total - shift, state, -t)
            expected *= 3 / np.linalg.norm(expected)
            psi = state.copy()
            nk.evolve(psi, total, t, imaginary=True)
            assert abs(nk.norm(psi) - 3) < 50 * np.finfo(dtype).eps
            assert np.linalg.norm(psi - expected) < 1e5 * np.finfo(dtype).eps


def test_a_tolerance_is_kept_and_spares_terms(rng):
    total, state = ising(10), oracle.random_state(rng, 10)
    exact = state.copy()
    nk.evolve(exact, total, 5.0, tol=1e-15)
    for tol in (1e-2, 1e-5, 1e-9):
        psi = state.copy()
        nk.evolve(psi, total, 5.0, tol=tol)
        assert 1e-4 * tol < np.linalg.norm(psi - exact) < tol


def test_long_times(rng):
    total, state = heisenberg(10), oracle.random_state(rng, 10)
    psi = state.copy()
    nk.evolve(psi, total, 1000.0)
    assert np.linalg.norm(psi - exponential(total, state, -1000j)) < 1e-9
    nk.evolve(psi, total, -1000.0)
    assert np.linalg.norm(psi - state) < 1e-9


def test_every_layout(rng):
    total = random_sum(rng, 5)
    state = oracle.random_state(rng, 5)
    expected = exponential(total, state, -0.7j)
    for view in layouts(rng, state):
        nk.evolve(view, total, 0.7)
        assert np.linalg.norm(view.reshape(-1) - expected) < 1e-11


@pytest.mark.parametrize("n", [2, 8, 13])
def test_batches_and_threads(n, dtype, rng):
    total = ising(n)
    states = np.array([[oracle.random_state(rng, n, dtype) for _ in range(5)] for _ in range(2)])
    expected = states.copy()
    for state in expected.reshape(10, -1):
        nk.evolve(state, total, 0.9, threads=1)
    for threads in (1, 2, 3):
        batch = states.copy()
        nk.evolve(batch, total, 0.9, batch=2, threads=threads)
        assert batch.tobytes() == expected.tobytes()
    cooled = states.copy()
    nk.evolve(cooled, total, 0.9, batch=2, imaginary=True)
    nk.evolve(states[1, 3], total, 0.9, imaginary=True)
    assert cooled[1, 3].tobytes() == states[1, 3].tobytes()
    empty = states[:0]
    nk.evolve(empty, total, 0.9, batch=2)


# Several times.


def test_an_array_of_observables_is_refused():
    """Its rows would be diagonals, where one matrix was meant."""
    x, matrix = nk.PauliSum({"XI": 1}), np.diag([1.0, 2, 3, 4])
    psi, rho = nk.zero_state(2), nk.density.zero_density(2)
    for call in (
        lambda: nk.evolve(psi, x, 1.0, observables=matrix),
        lambda: nk.quantum_jumps(psi, x, [], 1.0, observables=matrix, rng=1),
        lambda: nk.lindblad(rho, x, [], 1.0, observables=matrix),
    ):
        with pytest.raises(TypeError, match=r"use \[array\] for one observable, or list\(array\)"):
            call()
    assert np.array_equal(psi, nk.zero_state(2))
    assert np.array_equal(rho, nk.density.zero_density(2))
    assert nk.evolve(psi, x, 0.0, observables=[matrix]) == [1]


def test_observables_at_times(rng):
    total, state = heisenberg(6), oracle.random_state(rng, 6)
    times = [0.0, 0.4, 1.5, 1.1]
    observed = [total, "ZIIIII", np.arange(64), nk.PauliSum({"XXIIII": 1j})]
    psi = state.copy()
    values = nk.evolve(psi, total, times, observables=observed)
    assert values.shape == (4, 4)
    assert values.dtype == complex
    for t, row in zip(times, values, strict=True):
        at = exponential(total, state, -1j * t)
        expected = [nk.expectation(at, observable) for observable in observed]
        assert np.allclose(row, expected, rtol=0, atol=1e-10)
    assert np.linalg.norm(psi - exponential(total, state, -1.1j)) < 1e-12
    real = nk.evolve(psi, total, 0.5, observables=[total, "ZIIIII"])
    assert real.shape == (2,)
    assert real.dtype == float
    assert nk.evolve(psi, total, [0.5, 0.6], observables="ZIIIII").shape == (2,)
    assert isinstance(nk.evolve(psi, total, 0.5, observables=total), float)
    assert nk.evolve(psi, total, [], observables=total).shape == (0,)
    batch = np.array([psi, state, psi])
    values = nk.evolve(batch, total, [0.5, 0.6], observables=[total, "ZIIIII"], batch=1)
    assert values.shape == (2, 2, 3)
    assert np.allclose(values[:, 0, 1], total.expectation(state))


def test_a_callback_sees_and_may_change_the_state(rng):
    total, state = ising(5), oracle.random_state(rng, 5)
    psi, seen = state.copy(), []

    def callback(t, now):
        seen.append((t, now is psi, now.copy()))
        nk.x(now, 0)

    assert nk.evolve(psi, total, (0.5, 1.0), callback=callback) is None
    first = exponential(total, state, -0.5j)
    assert [each[:2] for each in seen] == [(0.5, True), (1.0, True)]
    assert np.linalg.norm(seen[0][2] - first) < 1e-11
    nk.x(first, 0)
    assert np.linalg.norm(seen[1][2] - exponential(total, first, -0.5j)) < 1e-11

    def fails(t, now):
        raise RuntimeError("the user's own")

    with pytest.raises(RuntimeError, match="own"):
        nk.evolve(psi, total, (0.5, 1.0), callback=fails)
    nk.x(psi, 0)  # nothing is left leased


# Matrices, diagonals, and Hamiltonians of time.


def test_matrices_and_diagonals_on_some_qubits(dtype, rng):
    n = 5
    state = oracle.random_state(rng, n, dtype)
    for k in (1, 2, 3, 5):
        qubits = rng.permutation(n).tolist()[:k]
        half = rng.normal(size=(2**k, 2**k)) + 1j * rng.normal(size=(2**k, 2**k))
        hermitian, costs = half + half.conj().T, rng.normal(size=2**k)
        for given, whole in ((hermitian, hermitian), (costs, np.diag(costs))):
            energies, basis = np.linalg.eigh(whole)
            for t, imaginary in ((0.7, False), (-2.0, False), (0.9, True), (-3.0, True)):
                factors = np.exp((-t if imaginary else -1j * t) * energies)
                expected = oracle.apply(
                    state.astype(complex), basis * factors @ basis.conj().T, qubits
                )
                expected /= np.linalg.norm(expected)
                for view in layouts(rng, state):
                    nk.evolve(view, given, t, qubits=qubits, imaginary=imaginary)
                    assert np.linalg.norm(view.reshape(-1) - expected) < 200 * np.finfo(dtype).eps


def test_matrices_at_times_in_batches_and_for_handles(rng):
    total = heisenberg(3)
    dense = oracle.pauli_sum(total, 3)
    times = [0.0, 0.5, 0.3]
    states = np.array([oracle.random_state(rng, 3) for _ in range(4)])
    others = states.copy()
    values = nk.evolve(states, dense, times, observables=["ZII", total], batch=1)
    expected = nk.evolve(others, total, times, observables=["ZII", total], batch=1)
    assert np.allclose(values, expected, rtol=0, atol=1e-12)
    assert np.allclose(states, others, rtol=0, atol=1e-12)
    nk.evolve(states, dense, 40.0, imaginary=True, batch=1)
    nk.evolve(others, total, 40.0, imaginary=True, batch=1)
    assert np.allclose(states, others, rtol=0, atol=1e-10)
    ket = nk.ket("010")
    nk.evolve(ket, np.arange(8), 0.5)
    assert abs(ket.state[2] - np.exp(-1j)) < 1e-15
    nk.evolve(ket, np.arange(8), 1e4, imaginary=True)
    assert abs(abs(ket.state[2]) - 1) < 1e-15


def sparse(matrix):
    return pytest.importorskip("scipy.sparse").csr_array(matrix)


def test_operators_of_scipy(dtype, rng):
    linalg = pytest.importorskip("scipy.sparse.linalg")
    total, state = random_sum(rng, 6), oracle.random_state(rng, 6, dtype)
    dense = oracle.pauli_sum(total, 6).astype(complex)
    product = linalg.LinearOperator((64, 64), matvec=lambda x: dense @ x, dtype=complex)
    for operator in (sparse(dense), product, total.linear_operator()):
        for t in (0.0, 0.01, -1.0, 6.0):
            expected = exponential(total, state, -1j * t)
            for view in layouts(rng, state):
                nk.evolve(view, operator, t)
                error = np.linalg.norm(view.reshape(-1) - expected)
                assert error < 4 * np.finfo(dtype).eps + 1e-11
    batch = np.array([[state, state[::-1]]] * 2)
    expected = exponential(total, batch, -0.5j)
    values = nk.evolve(batch, sparse(dense), 0.5, observables="ZIIIII", batch=2)
    assert values.shape == (2, 2)
    assert np.linalg.norm(batch - expected) < 16 * np.finfo(dtype).eps + 1e-11
    # A state in a small invariant space, and one without norm.
    ket, nothing = nk.ket("000000"), np.zeros(64, complex)
    costs = sparse(np.diag(np.arange(64.0) + 2))
    nk.evolve(ket, costs, 0.3)
    assert abs(ket.state[0] - np.exp(-0.6j)) < 1e-14
    nk.evolve(nothing, costs, 0.3)
    assert not nothing.any()


def by_small_steps(parts, state, start, stop, steps=4000):
    """The midpoint rule, and one step of Richardson's: of order 4."""
    matrices = [oracle.pauli_sum(total, total.num_qubits).astype(complex) for _, total in parts]

    def run(steps):
        psi, h = state.copy(), (stop - start) / steps
        for number in range(steps):
            t = start + (number + 0.5) * h
            matrix = sum(f(t) * m for (f, _), m in zip(parts, matrices, strict=True))
            energies, basis = np.linalg.eigh(matrix)
            psi = basis @ (np.exp(-1j * h * energies) * (basis.conj().T @ psi))
        return psi

    return (4 * run(2 * steps) - run(steps)) / 3


def test_hamiltonians_of_time(rng):
    parts = [
        (lambda t: np.cos(3 * t), chain(3, [("XX", 0.7)])),
        (lambda t: 1 + t * t, chain(3, [("YZ", 0.4)], [("Z", 0.5)])),
        (lambda t: 0.3, chain(3, [], [("Y", 1.0)])),
    ]
    state = oracle.random_state(rng, 3)
    exact = by_small_steps(parts, state, 0.0, 1.5, 1500)
    given = [*parts[:2], (0.3, parts[2][1])]
    for tol in (1e-4, 1e-6, 1e-9):
        psi = state.copy()
        nk.evolve(psi, given, 1.5, tol=tol)
        assert np.linalg.norm(psi - exact) < tol + 1e-9
    psi = state.copy()
    nk.evolve(psi, given, [0.4, 1.5])
    assert np.linalg.norm(psi - exact) < 2e-8
    nk.evolve(psi, [(lambda t, f=f: -f(1.5 - t), total) for f, total in parts], 1.5)
    assert np.linalg.norm(psi - state) < 3e-8


def test_a_hamiltonian_of_time_that_commutes_is_its_integral(rng):
    total = ising(4)
    states = np.array([oracle.random_state(rng, 4) for _ in range(3)]).astype(np.complex64)
    expected = exponential(total, states.astype(complex), -1j * np.sin(2.0))
    nk.evolve(states, [(np.cos, total)], 2.0, batch=1)
    assert np.linalg.norm(states - expected) < 1e-4
    fixed = oracle.random_state(rng, 4)
    other = fixed.copy()
    nk.evolve(fixed, [total, (2, ising(4))], 0.5)
    nk.evolve(other, 3 * total, 0.5)
    assert np.linalg.norm(fixed - other) < 1e-10


def test_ctrl_c_under_a_hamiltonian_of_time(rng):
    psi = oracle.random_state(rng, 12)
    before = psi.copy()

    def begun():
        return hits(lambda: nk.norm(psi[:2]), patience=0)

    def asked(t):
        begun.calls = begun.calls + 1 if hasattr(begun, "calls") else 1
        return np.cos(t)

    with interrupted(lambda: getattr(begun, "calls", 0) > 20) as notes:
        nk.evolve(psi, [(asked, heisenberg(12))], 100.0)
    assert psi.tobytes() == before.tobytes()
    assert all("the state is that of t = 0.0" in note for note in notes)


# Refusals.


NOISE = np.random.default_rng(1)


def noise(t):
    return 1e5 * NOISE.normal()


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"hamiltonian": object()}, TypeError, "'hamiltonian' is a object.*LinearOperator"),
        ({"hamiltonian": ["ZZI"]}, TypeError, "'hamiltonian' is a list.*LinearOperator"),
        ({"hamiltonian": np.triu(np.ones((8, 8)))}, ValueError, "not Hermitian.*by 1.0e"),
        ({"hamiltonian": np.full(8, 0.5j)}, ValueError, "not Hermitian.*by 1.0e"),
        ({"hamiltonian": np.eye(6)}, ValueError, r"shape \(6, 6\)"),
        ({"hamiltonian": np.eye(4)}, ValueError, "qubits"),
        ({"hamiltonian": np.full((8, 8), np.nan)}, ValueError, "NaN"),
        ({"hamiltonian": np.eye(8), "hermitian": False}, ValueError, "is for a PauliSum"),
        ({"hamiltonian": np.eye(2), "qubits": 3}, ValueError, "qubit 3"),
        ({"qubits": 1}, ValueError, "'qubits' is given with a PauliSum"),
        ({"hamiltonian": sparse(np.triu(np.ones((8, 8))))}, ValueError, "not Hermitian"),
        ({"hamiltonian": sparse(np.eye(8)), "imaginary": True}, ValueError, "'imaginary'"),
        ({"hamiltonian": sparse(np.eye(8)), "qubits": 1}, ValueError, "'qubits'"),
        ({"hamiltonian": sparse(np.eye(4))}, ValueError, r"shape \(4, 4\)"),
        ({"hamiltonian": [("ZZI", ising(3))]}, TypeError, "part 0 of 'hamiltonian'"),
        ({"hamiltonian": [(lambda t: 1j, ising(3))]}, TypeError, "gives 1j at t ="),
        ({"hamiltonian": [(lambda t: np.nan, ising(3))]}, ValueError, "gives nan at t ="),
        ({"hamiltonian": [(1.0, 1j * ising(3))]}, ValueError, "part 0.*not Hermitian"),
        ({"hamiltonian": [(1.0, ising(4))]}, ValueError, "4 qubits"),
        ({"hamiltonian": [(1.0, ising(3))], "imaginary": True}, ValueError, "'imaginary'"),
        ({"hamiltonian": [(1.0, ising(3))], "qubits": 1}, ValueError, "'qubits'"),
        ({"hamiltonian": [(noise, ising(3))]}, RuntimeError, "smooth"),
        ({"hamiltonian": ising(4)}, ValueError, "4 qubits"),
        ({"hamiltonian": 1j * ising(3)}, ValueError, r"not Hermitian.*by 2.0e0"),
        ({"t": 1j}, TypeError, "'t' has dtype complex128"),
        ({"t": [[1.0]]}, TypeError, "'t' has 2 axes"),
        ({"t": np.inf}, ValueError, "'t' holds a NaN or an infinity"),
        ({"t": [1.0, np.nan]}, ValueError, "'t' holds a NaN or an infinity"),
        ({"t": 1e9}, ValueError, "'t' is too long"),
        ({"t": [0.5, 1e9]}, ValueError, "'t' is too long"),  # before 0.5
        (
            {"hamiltonian": np.arange(8.0), "t": [0.5, 1e9], "imaginary": True},
            ValueError,
            "'t' is too long",
        ),
        ({"tol": 0.0}, ValueError, "'tol' is 0e0"),
        ({"tol": np.nan}, ValueError, "'tol' is NaN"),
        ({"tol": 1e-17}, ValueError, "rounding leaves about 2.2e-16"),
        ({"callback": 3}, TypeError, "'callback' is a int"),
        ({"observables": ["ZZ"]}, ValueError, "2 letters for 3 qubits"),
        ({"observables": [np.eye(4)]}, ValueError, "'observable' has shape"),
        ({"state": np.zeros(8, complex), "imaginary": True}, ValueError, "squared norm 0"),
        ({"state": np.zeros(8)}, TypeError, "dtype float64"),
        ({"state": np.zeros((8, 8), complex)}, ValueError, "shape"),
    ],
)
def test_what_cannot_be_is_refused(changes, error, text):
    psi = nk.basis_state(3, "010")
    arguments = {"state": psi, "hamiltonian": ising(3), "t": 0.5, **changes}
    before = arguments["state"].copy()
    with pytest.raises(error, match=text):
        nk.evolve(**arguments)
    assert arguments["state"].tobytes() == before.tobytes()


# Ctrl-C.


def test_ctrl_c_leaves_the_state_of_a_time(rng):
    total, psi = heisenberg(16), oracle.random_state(rng, 16)
    before = psi.copy()

    def begun():
        return hits(lambda: nk.norm(psi[:2]), patience=0)

    with interrupted(begun) as notes:
        nk.evolve(psi, total, [1e4])
    assert notes == [
        "numket stopped on the way from t = 0.0 to t = 10000.0; the state is that of t = 0.0"
    ]
    assert psi.tobytes() == before.tobytes()
    nk.x(psi, 0)


def test_ctrl_c_in_a_batch(rng):
    total, states = heisenberg(10), np.array([oracle.random_state(rng, 10)] * 2000)
    before = states.copy()

    def begun():
        return hits(lambda: nk.norm(states[-1, :2]), patience=0)

    with interrupted(begun) as notes:
        nk.evolve(states, total, 300.0, batch=1)
    assert notes[0].startswith("numket stopped on the way from t = 0.0 to t = 300.0; ")
    changed = (states != before).any(axis=1)
    done = int(changed.sum())
    assert not changed[done:].any()
    assert notes[0].endswith("is that of t = 0.0") or f"the first {done} of 2000" in notes[0]
