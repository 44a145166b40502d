"""Quantum jumps, against the dense Liouvillian, and against a textbook loop by NumPy."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import interrupted, layouts
from numket import _jumps
from test_lindblad import LOWER, dense, exponential, liouvillian, on, system

STILL = nk.PauliSum({"Z": 0.0}, num_qubits=1)


def exact(hamiltonian, matrices, psi, t):
    """The density matrix at a time."""
    start = np.outer(psi, psi.conj()).reshape(-1)
    total = liouvillian(dense(hamiltonian), matrices)
    return (exponential(t * total) @ start).reshape(len(psi), len(psi))


@pytest.mark.parametrize(("n", "rate"), [(1, 0.3), (1, 20.0), (2, 0.5), (3, 0.2)])
def test_means_are_those_of_the_liouvillian(n, rate, rng):
    hamiltonian, jumps, matrices = system(rng, n, rate)
    psi = oracle.random_state(rng, n)
    before = psi.tobytes()
    observables = ["Z" + "I" * (n - 1), "X" * n, hamiltonian]
    times = [0.0, 0.2 / rate, 1.0 / rate, 1.0 / rate + 0.5]
    found = nk.quantum_jumps(
        psi, hamiltonian, jumps, times, trajectories=1000, observables=observables, rng=5
    )
    assert psi.tobytes() == before
    assert found.mean.shape == found.standard_error.shape == (4, 3)
    assert found.shots == 1000
    for place, t in enumerate(times):
        rho = exact(hamiltonian, matrices, psi, t)
        for number, observable in enumerate(observables):
            if isinstance(observable, str):
                observable = nk.PauliSum({observable: 1.0})
            value = np.trace(dense(observable) @ rho).real
            # Five standard errors, of which there are nearly none at the beginning.
            distance = abs(found.mean[place, number] - value)
            assert distance < 5 * found.standard_error[place, number] + 1e-12


def by_hand(hamiltonian, matrices, psi, t, rng, resolution):
    """One trajectory as textbooks have it, in short steps up to where the norm meets its mark."""
    effective = dense(hamiltonian) - 0.5j * sum(m.conj().T @ m for m in matrices)
    mark, done, jumps = rng.random(), 0.0, []
    while True:
        grow = [exponential(-1j * effective * t / 2**k) for k in range(resolution)]
        for step, change in enumerate(grow):
            length = t / 2**step
            while done + length <= t and np.linalg.norm(change @ psi) ** 2 > mark:
                psi = change @ psi
                done += length
        if done >= t * (1 - 2.0 ** (2 - resolution)):
            return psi / np.linalg.norm(psi), jumps
        weights = np.array([np.linalg.norm(m @ psi) ** 2 for m in matrices])
        number = int(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum(), "right"))
        psi = matrices[number] @ psi
        psi, mark = psi / np.linalg.norm(psi), rng.random()
        jumps.append((done, number))


@pytest.mark.parametrize("seed", range(6))
def test_a_trajectory_is_that_of_the_textbook(seed, rng):
    hamiltonian, jumps, matrices = system(rng, 2, 0.6)
    start = oracle.random_state(rng, 2)
    seeds = np.random.default_rng(seed).integers(2**63, size=1)
    expected, jumped = by_hand(
        hamiltonian, matrices, start, 3.0, np.random.default_rng(seeds[0]), 40
    )
    psi = start.copy()
    assert nk.quantum_jumps(psi, hamiltonian, jumps, 3.0, rng=seed) is None
    # Each jump is found to 1e-10 of the time between jumps.
    assert np.linalg.norm(psi - expected) < 1e-8 * (1 + len(jumped))
    # Many times on the way to the same change little: marks are kept.
    psi = start.copy()
    nk.quantum_jumps(psi, hamiltonian, jumps, np.linspace(0, 3, 7), rng=seed)
    assert np.linalg.norm(psi - expected) < 1e-8 * (1 + len(jumped))


def test_the_times_of_decay_have_an_exponential_distribution():
    gamma, count = 0.7, 4000
    states = np.zeros((count, 2), complex)
    states[:, 1] = 1
    times = np.linspace(0, 6, 25)
    values = nk.quantum_jumps(
        states, STILL, [np.sqrt(gamma) * LOWER], times, batch=1, observables="Z", rng=11
    )
    assert values.shape == (25, count)
    assert np.all(abs(abs(values) - 1) < 1e-12)  # it has jumped, or not at all
    assert np.all(np.diff(values, axis=0) > -1e-12)  # and never back
    left = (values < 0).mean(axis=1)
    # The distribution function is off by 1.63 / sqrt(count) in one of a hundred (Kolmogorov).
    assert abs(left - np.exp(-gamma * times)).max() < 2 / np.sqrt(count)


def test_the_same_numbers_for_any_threads_and_company(dtype, rng):
    hamiltonian, jumps, _ = system(rng, 3, 0.4)
    psi = oracle.random_state(rng, 3, dtype)
    options = {"observables": ["ZII", "IXI"], "rng": 3, "trajectories": 20}
    one, two = (
        nk.quantum_jumps(psi, hamiltonian, jumps, [1.0, 3.0], threads=threads, **options)
        for threads in (1, 3)
    )
    assert one.mean.tobytes() == two.mean.tobytes()
    assert one.standard_error.tobytes() == two.standard_error.tobytes()
    # Each state of a batch goes its own way, that of its seed.
    batch = np.array([psi] * 20).reshape(4, 5, -1)
    values = nk.quantum_jumps(
        batch, hamiltonian, jumps, [1.0, 3.0], observables=["ZII", "IXI"], rng=3, batch=2
    )
    assert values.shape == (2, 2, 4, 5)
    flat = values.reshape(2, 2, 20)
    scale = 20 * np.finfo(dtype).eps
    assert np.allclose(one.mean, flat.mean(axis=-1), rtol=0, atol=scale)
    error = flat.std(axis=-1, ddof=1) / np.sqrt(20)
    assert np.allclose(one.standard_error, error, rtol=1e-6, atol=scale)
    few = np.array([psi] * 3)
    nk.quantum_jumps(few, hamiltonian, jumps, [1.0, 3.0], rng=3, batch=1)
    assert np.allclose(few, batch.reshape(20, -1)[:3], rtol=0, atol=scale)


def test_layouts_norms_and_handles(rng):
    hamiltonian, jumps, _ = system(rng, 3, 0.4)
    start = oracle.random_state(rng, 3)
    expected = start.copy()
    nk.quantum_jumps(expected, hamiltonian, jumps, 2.0, rng=9)
    for view in layouts(rng, start):
        nk.quantum_jumps(view, hamiltonian, jumps, 2.0, rng=9)
        assert np.linalg.norm(view.reshape(-1) - expected) < 1e-12
    longer = 3 * start
    value = nk.quantum_jumps(longer, hamiltonian, jumps, 2.0, rng=9, observables="ZII")
    assert np.linalg.norm(longer - 3 * expected) < 1e-12
    assert isinstance(value, float)
    assert abs(value - nk.expectation(longer, "ZII")) < 1e-12
    mean = nk.quantum_jumps(
        3 * start, hamiltonian, jumps, 2.0, rng=9, observables="ZII", trajectories=1
    )
    assert abs(mean.mean - value) < 1e-12
    assert np.isnan(mean.standard_error)
    ket = nk.Ket(start.copy())
    nk.quantum_jumps(ket, hamiltonian, jumps, 2.0, rng=9)
    assert np.linalg.norm(ket.state - expected) < 1e-12


def test_calls_go_on_with_one_generator():
    gamma, generator = 0.7, np.random.default_rng(4)
    jumps = [np.sqrt(gamma) * on(LOWER, q, 2) for q in range(2)]
    states = np.zeros((2000, 4), complex)
    states[:, 3] = 1
    for _ in range(4):
        nk.quantum_jumps(states, nk.PauliSum({"ZZ": 1.0}), jumps, 0.25, batch=1, rng=generator)
    left = abs(states[:, 3]) ** 2 > 0.5
    p = np.exp(-2 * gamma)
    assert abs(left.mean() - p) < 5 * np.sqrt(p * (1 - p) / 2000)


def test_dark_states_and_no_jumps(rng):
    dark = nk.zero_state(1)
    nk.quantum_jumps(dark, nk.PauliSum({"Z": 1.0}), [LOWER], 50.0, rng=1)
    assert np.allclose(abs(dark), [1, 0], rtol=0, atol=1e-12)
    hamiltonian, _, _ = system(rng, 3, 1.0)
    psi = oracle.random_state(rng, 3)
    other = psi.copy()
    nk.quantum_jumps(psi, hamiltonian, [], 2.0)
    nk.evolve(other, hamiltonian, 2.0)
    assert np.linalg.norm(psi - other) < 1e-11
    # Many jumps in one step: dephasing much faster than the time.
    fast = nk.quantum_jumps(
        np.array([1, 1]) / 2**0.5 + 0j,
        nk.PauliSum({"X": 0.1}),
        [(10 * np.diag([1.0, -1]), 0)],
        1.0,
        trajectories=100,
        observables="X",
        rng=0,
    )
    assert abs(fast.mean) < 5 * fast.standard_error


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"state": np.zeros(4)}, ValueError, "norm 0"),
        ({"state": np.ones(4) / 2}, TypeError, r"use state.astype\(complex\)"),
        ({"state": np.ones(3, complex)}, ValueError, "shape"),
        ({"state": [1, 0, 0, 0]}, TypeError, "'state' is a list"),
        ({"hamiltonian": np.eye(4)}, TypeError, "'hamiltonian' is a ndarray"),
        ({"hamiltonian": nk.PauliSum({"Z": 1.0})}, ValueError, "qubit"),
        ({"hamiltonian": 1j * nk.PauliSum({"ZZ": 1.0})}, ValueError, "not Hermitian"),
        ({"jumps": LOWER}, TypeError, r"use \[jump\]"),
        ({"jumps": [np.eye(2)]}, TypeError, "'jumps' holds"),
        ({"jumps": [(np.eye(2), 2)]}, ValueError, "qubit"),
        ({"t": -1.0}, ValueError, "'t' decreases"),
        ({"t": [1.0, 0.5]}, ValueError, "'t' decreases"),
        ({"t": [0.5, 1e9]}, ValueError, "'t' is too long"),  # before 0.5
        ({"t": [0.5, [1.0, 2.0]]}, TypeError, "'t' is "),
        ({"t": np.inf}, ValueError, "NaN or an infinity"),
        ({"t": 1j}, TypeError, "'t' is 1j"),
        ({"trajectories": 0, "observables": "ZZ"}, ValueError, "'trajectories' is 0"),
        ({"trajectories": 1.5, "observables": "ZZ"}, TypeError, "'trajectories'"),
        ({"trajectories": 5}, ValueError, "'observables' is missing"),
        ({"trajectories": 5, "observables": 1j * nk.PauliSum({"ZZ": 1})}, ValueError, "Hermitian"),
        ({"observables": ["Z"]}, ValueError, "letter"),
        ({"progress": True}, ValueError, "'progress'"),
        ({"rng": "seed"}, TypeError, "seed"),
        ({"tol": 0.0}, ValueError, "'tol'"),
    ],
)
def test_what_cannot_be_is_refused(changes, error, text):
    arguments = {
        "state": nk.basis_state(2, "11"),
        "hamiltonian": nk.PauliSum({"XX": 1.0}),
        "jumps": [on(LOWER, 1, 2)],
        "t": 1.0,
        "rng": 1,
        **changes,
    }
    before = bytes(np.asarray(arguments["state"]))
    with pytest.raises(error, match=text):
        nk.quantum_jumps(**arguments)
    assert bytes(np.asarray(arguments["state"])) == before
    if changes.keys() == {"state"} and np.ndim(changes["state"]) == 1:
        with pytest.raises(error, match=text):
            nk.quantum_jumps(**arguments, trajectories=3, observables="ZZ")


def test_a_state_that_cannot_be_written_to_is_only_read():
    psi = nk.basis_state(1, "1")
    psi.flags.writeable = False
    generator = np.random.default_rng(1)
    with pytest.raises(ValueError, match="read-only"):
        nk.quantum_jumps(psi, STILL, [LOWER], 1.0, rng=generator)
    assert generator.integers(9**9) == np.random.default_rng(1).integers(9**9)
    nk.quantum_jumps(psi, STILL, [LOWER], 1.0, trajectories=2, observables="Z")


def test_trajectories_run_in_the_precision_of_the_state(dtype, monkeypatch):
    found = []

    def seen(states, *args, real=_jumps._Going, **options):
        found.append(states.dtype)
        return real(states, *args, **options)

    monkeypatch.setattr(_jumps, "_Going", seen)
    psi = nk.basis_state(1, "1", dtype)
    nk.quantum_jumps(psi, STILL, [LOWER], 1.0, trajectories=2, observables="Z")
    assert found == [dtype]


def test_ctrl_c_between_two_calls_has_the_note_too(monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    psi = nk.basis_state(1, "1")
    monkeypatch.setattr(_jumps._Going, "advance", stopped)
    with pytest.raises(KeyboardInterrupt) as error:
        nk.quantum_jumps(psi, STILL, [LOWER], 1.0)
    assert "the state is that of t = 0.0" in error.value.__notes__[0]


def test_lindblad_says_where_kets_go():
    with pytest.raises(ValueError, match=r"nk\.quantum_jumps"):
        nk.lindblad(nk.zero_state(3), nk.PauliSum({"XXX": 1.0}), [], 1.0)


def test_progress_is_told():
    told = []
    psi = nk.basis_state(1, "1")
    options = {"observables": "Z", "rng": 1, "progress": lambda *pair: told.append(pair)}
    nk.quantum_jumps(psi, STILL, [LOWER], 1.0, trajectories=1500, **options)
    assert told == [(1024, 1500), (1500, 1500)]


def test_ctrl_c_leaves_the_state_of_a_time(rng):
    n = 12
    hamiltonian = nk.PauliSum([("XX", (q, q + 1), 1.0) for q in range(n - 1)], num_qubits=n)
    jumps = [on(LOWER, q, n) for q in range(n)]
    psi = oracle.random_state(rng, n)
    before = psi.copy()
    calls = []

    def begun():
        calls.append(1)
        return len(calls) > 1

    with interrupted(begun) as notes:
        while True:
            nk.quantum_jumps(psi, hamiltonian, jumps, [50.0], rng=1)
            psi[:] = before
    assert any("the state is that of t = " in note for note in notes)
    assert np.array_equal(psi, before)
