"""``numket bench dynamics``: evolution, ground states and open systems, against what else there is.

SciPy's `expm_multiply` and `eigsh` on CSR matrices, QuTiP's solvers, and a product formula as a
circuit of numket and of Qulacs.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import numket as nk
from numket.bench import _report

TIME = 1.0
"""Of the evolution; the couplings are 1."""

Call = Callable[[], Any]

Task = Callable[[nk.PauliSum, Any], dict[str, Call]]


def ising(qubits: int) -> nk.PauliSum:
    """A chain in a transverse field as strong as its coupling."""
    pairs = [("ZZ", (q, q + 1), -1.0) for q in range(qubits - 1)]
    return nk.PauliSum(pairs + [("X", q, -1.0) for q in range(qubits)], num_qubits=qubits)


def heisenberg(qubits: int) -> nk.PauliSum:
    """Heisenberg's chain."""
    terms = [(p + p, (q, q + 1), 1.0) for q in range(qubits - 1) for p in "XYZ"]
    return nk.PauliSum(terms, num_qubits=qubits)


MODELS = {"Ising": ising, "Heisenberg": heisenberg}


def matrix(total: nk.PauliSum) -> Any:
    """The sum as a sparse matrix of SciPy's, row by row."""
    sparse = import_module("scipy.sparse")
    size = 2**total.num_qubits
    index = np.arange(size)
    made = sparse.csr_matrix((size, size), dtype=np.complex128)
    for letters, factor in total:
        x, z = (int("".join("01"[c in some] for c in letters), 2) for some in ("XY", "YZ"))
        values = factor * 1j ** letters.count("Y") * (1.0 - 2.0 * (np.bitwise_count(index & z) % 2))
        made += sparse.csr_matrix((values, (index ^ x, index)), shape=(size, size))
    return made


def start(qubits: int) -> Any:
    """Spins up and down in turn."""
    return nk.basis_state(qubits, ("01" * qubits)[:qubits])


def evolutions(total: nk.PauliSum, csr: Any) -> dict[str, Call]:
    """What is timed for an evolution; each call returns the state that comes of it."""
    psi = start(total.num_qubits)

    def by_numket() -> Any:
        state = psi.copy()
        nk.evolve(state, total, TIME)
        return state

    linalg = import_module("scipy.sparse.linalg")
    exponent = -1j * TIME * csr
    calls: dict[str, Call] = {
        "numket.evolve": by_numket,
        "SciPy expm_multiply": partial(
            linalg.expm_multiply, exponent, psi, traceA=exponent.trace()
        ),
    }
    if find_spec("qutip") is not None:
        qutip = import_module("qutip")
        dims = [2] * total.num_qubits
        operator = qutip.Qobj(csr, dims=[dims, dims])
        ket = qutip.Qobj(psi.reshape(-1, 1), dims=[dims, [1] * total.num_qubits])
        options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 10**6, "progress_bar": ""}
        calls["QuTiP sesolve"] = lambda: (
            qutip.sesolve(operator, ket, [0, TIME], options=options).states[-1].full().reshape(-1)
        )
    circuit = nk.Circuit(total.num_qubits).trotter(total, TIME, STEPS)

    def by_circuit() -> Any:
        state = psi.copy()
        circuit.run(state)
        return state

    calls[f"numket trotter, {STEPS} steps"] = by_circuit
    if find_spec("qulacs") is not None:
        calls[f"Qulacs, {STEPS} steps"] = by_qulacs(total, psi)
    return calls


def by_qulacs(total: nk.PauliSum, psi: Any) -> Call:
    """The symmetric product formula, term by term, as a circuit of Qulacs."""
    qulacs, n = import_module("qulacs"), total.num_qubits
    circuit = qulacs.QuantumCircuit(n)
    terms = [
        # Its qubit 0 is the least significant bit; it turns by exp(i angle / 2 P).
        ([n - 1 - q for q in on], ["IXYZ".index(letters[q]) for q in on], -factor * TIME / STEPS)
        for letters, factor in total
        for on in [[q for q, letter in enumerate(letters) if letter != "I"]]
    ]
    for _ in range(STEPS):
        for rotation in (*terms, *reversed(terms)):
            circuit.add_multi_Pauli_rotation_gate(*rotation)
    state = qulacs.QuantumState(n)

    def run() -> Any:
        state.load(psi)
        circuit.update_quantum_state(state)
        return state.get_vector()

    return run


def ground_states(total: nk.PauliSum, csr: Any) -> dict[str, Call]:
    """What is timed for a ground state; each call returns it."""
    linalg = import_module("scipy.sparse.linalg")
    return {
        "numket.ground_state": lambda: nk.ground_state(total)[1],
        "SciPy eigsh": lambda: linalg.eigsh(csr, 1, which="SA")[1][:, 0],
    }


STEPS = 50
"""Of the product formula of order 2, whose error can be read off the last column."""

RATE = 0.1
"""Of the decay of each spin."""

TRAJECTORIES = 100
"""Over which means are taken."""


def decays(total: nk.PauliSum, csr: Any) -> dict[str, Call]:
    """What is timed for an open system, in which each spin decays; each call returns the matrix."""
    n = total.num_qubits
    sparse, linalg = import_module("scipy.sparse"), import_module("scipy.sparse.linalg")
    parts = (("X", 0.5 * RATE**0.5), ("Y", 0.5j * RATE**0.5))
    jumps = [nk.PauliSum([(p, q, c) for p, c in parts], num_qubits=n) for q in range(n)]
    before = nk.density.from_state(start(n))

    def by_numket() -> Any:
        rho = before.copy()
        nk.lindblad(rho, total, jumps, TIME)
        return rho

    eye = sparse.identity(2**n, format="csr")
    generator = -1j * (sparse.kron(csr, eye) - sparse.kron(eye, csr.T))
    matrices = [matrix(jump) for jump in jumps]
    for jump in matrices:
        rate = jump.conj().T @ jump
        generator = generator + sparse.kron(jump, jump.conj())
        generator = generator - 0.5 * (sparse.kron(rate, eye) + sparse.kron(eye, rate.T))
    exponent = (TIME * generator).tocsr()
    calls: dict[str, Call] = {
        "numket.lindblad": by_numket,
        "SciPy expm_multiply": lambda: linalg.expm_multiply(
            exponent, before.reshape(-1), traceA=exponent.trace()
        ).reshape(2**n, 2**n),
    }
    if find_spec("qutip") is not None:
        qutip = import_module("qutip")
        dims = [[2] * n, [2] * n]
        operators = [qutip.Qobj(each, dims=dims) for each in (csr, *matrices)]
        options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 10**6, "progress_bar": ""}
        calls["QuTiP mesolve"] = lambda: (
            qutip.mesolve(
                operators[0],
                qutip.Qobj(before, dims=dims),
                [0, TIME],
                operators[1:],
                options=options,
            )
            .states[-1]
            .full()
        )
    return calls


def jumps(total: nk.PauliSum, csr: Any) -> dict[str, Call]:
    """What is timed for trajectories of the same system; each call returns the mean of each Z."""
    n = total.num_qubits
    parts = (("X", 0.5 * RATE**0.5), ("Y", 0.5j * RATE**0.5))
    lowering = [nk.PauliSum([(p, q, c) for p, c in parts], num_qubits=n) for q in range(n)]
    spins = [nk.PauliSum([("Z", q, 1.0)], num_qubits=n) for q in range(n)]
    psi = start(n)
    options: dict[str, Any] = {"trajectories": TRAJECTORIES, "observables": spins, "rng": 1}
    calls: dict[str, Call] = {
        "numket.quantum_jumps": lambda: (
            nk.quantum_jumps(psi, total, lowering, TIME, **options).mean
        ),
    }
    if find_spec("qutip") is not None:
        qutip = import_module("qutip")
        dims = [[2] * n, [2] * n]
        ket = qutip.Qobj(psi.reshape(-1, 1), dims=[[2] * n, [1] * n])
        operators = [qutip.Qobj(each, dims=dims) for each in (csr, *map(matrix, lowering))]
        observed = [qutip.Qobj(matrix(each), dims=dims) for each in spins]
        settings = {"progress_bar": "", "nsteps": 10**6}
        calls["QuTiP mcsolve"] = lambda: np.array(
            qutip.mcsolve(
                operators[0],
                ket,
                [0, TIME],
                operators[1:],
                e_ops=observed,
                ntraj=TRAJECTORIES,
                seeds=1,
                options=settings,
            ).expect
        )[:, -1]
    return calls


def measure(
    model: str, qubits: int, repeats: int, slowest: float, tasks: tuple[Task, ...]
) -> list[dict[str, Any]]:
    """A row for each way; a way that takes longer than `slowest` seconds is called once."""
    total = MODELS[model](qubits)
    csr = matrix(total)
    rows = []
    for task in tasks:
        calls = task(total, csr)
        own, *_ = calls
        made: dict[str, Any] = {}

        def keep(name: str, call: Call, made: dict[str, Any] = made) -> None:
            made[name] = call()

        first = {name: _report.elapsed(partial(keep, name, call)) for name, call in calls.items()}
        again = {
            name: partial(_report.elapsed, call)
            for name, call in calls.items()
            if name == own or first[name] < slowest
        }
        times = {name: [seconds] for name, seconds in first.items()}
        times.update(_report.interleaved(again, repeats))
        base = median(times[own])
        rows += [
            {
                "case": f"{model}, {qubits} qubits: {name}",
                "median ms": 1e3 * median(found),
                "/numket": median(found) / base,
                "1 - overlap": 1 - overlap(made[own], made[name]),
            }
            for name, found in times.items()
        ]
    return rows


def overlap(first: Any, second: Any) -> float:
    """Of two states, or of two matrices."""
    both = np.linalg.norm(first) * np.linalg.norm(second)
    return float(abs(np.vdot(first, second)) / both)


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    record = _report.Record("dynamics", "case", "median ms", output, baseline)
    if find_spec("scipy") is None:
        raise ImportError("this benchmark needs SciPy: use pip install 'numket[scipy]'")
    sizes, repeats, slowest = ((6,), 2, 0.1) if quick else ((12, 14, 16, 18), 5, 5.0)
    open_sizes = (3,) if quick else (4, 6, 8)
    print(
        _report.header(
            f"Evolution for a time of {TIME:g}, ground states, and spins that decay, as density "
            f"matrices and as means of {TRAJECTORIES} trajectories; SciPy and QuTiP take one thread"
        )
    )
    for name in ("qutip", "qulacs"):
        if find_spec(name) is None:
            print(f"not installed: {name}")
    plans: list[tuple[int, tuple[Task, ...]]] = [
        *((n, (evolutions, ground_states)) for n in sizes),
        *((n, (decays, jumps)) for n in open_sizes),
    ]
    rows = [
        row
        for n, tasks in plans
        for model in MODELS
        for row in measure(model, n, repeats, slowest, tasks)
    ]
    columns = {"case": "<50", "median ms": ".2f", "/numket": ".2f", "1 - overlap": ".0e"}
    print(_report.table(rows, columns))
    return record.finish(rows)
