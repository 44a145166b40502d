"""Who is compared: numket, NumPy, and other simulators.

For each kind of reading a contestant has a function that takes a problem and returns it ready to
run, once for each setting worth trying. States, sums and circuits are made beforehand, in the order
of qubits that gives every contestant the same amplitudes at the same places.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket.bench import _contest
from numket.bench.compare.ours import translated
from numket.bench.observe import tasks
from numket.bench.observe.tasks import Problem, Terms


def same(found: Any) -> Any:
    """The result of those who return what is asked for."""
    return found


class Ready(NamedTuple):
    """A contestant with its problem prepared."""

    run: Callable[[], Any]
    """What is timed."""
    result: Callable[[Any], Any] = same
    """What is asked for, from what the run returns."""
    units: Mapping[str, Callable[[], object]] = {}
    """What the run is compared with, in the same process."""
    clock: Callable[[Any], float] | None = None
    """The seconds by the contestant's own clock, from what the run returns."""


Settings = dict[str, Ready]
"""The ways to do it; the fastest counts."""


def numket_sample(problem: Problem) -> Settings:
    """A list of the shots; one read pass is that of the norm."""
    state, rng = problem.state, np.random.default_rng(1)
    run = partial(nk.sample, state, problem.shots, rng=rng)
    return {"": Ready(run, units={"read pass": partial(nk.norm, state)})}


def numket_probabilities(problem: Problem) -> Settings:
    """Into an array that is there; one write pass fills another by as many threads as numket's."""
    state, (out, other) = problem.state, np.zeros((2, 2**problem.n))
    parts = np.array_split(other, nk.get_num_threads())
    pool = ThreadPoolExecutor(len(parts))

    def passes() -> None:
        nk.norm(state)
        list(pool.map(lambda part: part.fill(0.5), parts))

    run = partial(nk.probabilities, state, out=out)
    return {"": Ready(run, lambda _: out, {"read pass and write pass": passes})}


def numket_expectation(problem: Problem) -> Settings:
    """A `PauliSum`; a sweep scales the state once in place."""
    state, observable = problem.state, nk.PauliSum(problem.terms)
    units = {"sweep in place": partial(_core.sweep_probe, state, 1)}
    return {"": Ready(partial(observable.expectation, state), units=units)}


def numket_gradient(problem: Problem) -> Settings:
    """`Circuit.gradient`, which gives the value too; a forward run leaves out the observable."""
    angles, state = problem.angles, nk.zero_state(problem.n)
    names = [nk.Parameter(f"t{i}") for i in range(len(angles))]
    circuit: Any = tasks.ansatz(problem.n, names)
    run = partial(circuit.gradient, nk.PauliSum(problem.terms), angles)
    units = {"forward run": partial(circuit.run, state, angles)}
    return {"": Ready(run, lambda found: found[1], units)}


def numpy_sample(problem: Problem) -> Settings:
    """`Generator.choice`, and what it does without its checks."""
    state, random, shots = problem.state, np.random.default_rng(1), problem.shots

    def choice() -> NDArray[np.int64]:
        chances = tasks.probabilities(state)
        return random.choice(len(chances), shots, p=chances / chances.sum())

    def search() -> NDArray[np.int64]:
        sums = np.cumsum(tasks.probabilities(state))
        return np.asarray(sums.searchsorted(random.random(shots) * sums[-1], side="right"))

    return {"choice": Ready(choice), "searchsorted": Ready(search)}


def numpy_probabilities(problem: Problem) -> Settings:
    """Squares of the parts."""
    return {"": Ready(partial(tasks.probabilities, problem.state))}


def numpy_expectation(problem: Problem) -> Settings:
    """The twin that others are checked with on few qubits."""
    return {"": Ready(partial(tasks.expectation, problem.state, problem.terms))}


def qulacs_sample(problem: Problem) -> Settings:
    """A list of Python's, as it returns nothing else."""
    return {"": Ready(partial(_qulacs_state(problem).sampling, problem.shots, 1), np.array)}


def qulacs_expectation(problem: Problem) -> Settings:
    """An `Observable`, on all threads and on one."""
    observable, state = _qulacs_observable(problem.n, problem.terms), _qulacs_state(problem)
    return {
        "all threads": Ready(partial(observable.get_expectation_value, state)),
        "one thread": Ready(partial(observable.get_expectation_value_single_thread, state)),
    }


def qulacs_gradient(problem: Problem) -> Settings:
    """`ParametricQuantumCircuit.backprop`; its rotations turn the other way."""
    from qulacs import ParametricQuantumCircuit

    made = ParametricQuantumCircuit(problem.n)
    gates = {
        "ry": lambda theta, q: made.add_parametric_RY_gate(q, -theta),
        "rz": lambda theta, q: made.add_parametric_RZ_gate(q, -theta),
        "cx": made.add_CNOT_gate,
    }
    list(translated(tasks.ansatz(problem.n, problem.angles), gates, flip=True))  # each adds a gate
    observable = _qulacs_observable(problem.n, problem.terms)
    return {"": Ready(partial(made.backprop, observable), lambda found: -np.array(found))}


def _qulacs_state(problem: Problem) -> Any:
    from qulacs import QuantumState

    state = QuantumState(problem.n)
    state.load(problem.state)
    return state


def _qulacs_observable(n: int, terms: Terms) -> Any:
    from qulacs import Observable

    made = Observable(n)
    for label, coefficient in terms.items():
        letters = [f"{c} {n - 1 - q}" for q, c in enumerate(label) if c != "I"]
        made.add_operator(coefficient, " ".join(letters))
    return made


def lightning_sample(problem: Problem) -> Settings:
    """The samples of its measurements in C++, which are bits, one in each uint64."""
    state, measurements = _lightning_state(problem)
    powers = 1 << np.arange(problem.n)[::-1]

    def run() -> NDArray[np.uint64]:
        assert state  # the measurements do not keep it alive
        return np.asarray(measurements.generate_samples(problem.n, problem.shots))

    return {"": Ready(run, lambda found: found.astype(np.int64) @ powers)}


def lightning_expectation(problem: Problem) -> Settings:
    """Its measurements in C++: of a `Hamiltonian`, and of its terms one by one."""
    state, measurements = _lightning_state(problem)
    terms = _lightning_terms(problem.terms)
    (hamiltonian,) = _lightning_hamiltonians(problem.terms, 1)

    def whole() -> float:
        assert state  # the measurements do not keep it alive
        return float(measurements.expval(hamiltonian))

    def one_by_one() -> float:
        assert state
        return float(sum(factor * measurements.expval(term) for factor, term in terms))

    return {"Hamiltonian": Ready(whole), "one by one": Ready(one_by_one)}


def lightning_gradient(problem: Problem) -> Settings:
    """Gates and `AdjointJacobian` in C++, without PennyLane above them.

    The observable is one, or split for its threads as by ``batch_obs=True``.
    """
    from pennylane_lightning.lightning_qubit_ops import StateVectorC128, algorithms

    state, jacobian = StateVectorC128(problem.n), algorithms.AdjointJacobianC128()
    gates = {
        "ry": lambda theta, q: ("RY", [theta], [q]),
        "rz": lambda theta, q: ("RZ", [theta], [q]),
        "cx": lambda control, target: ("CNOT", [], [control, target]),
    }
    circuit = tasks.ansatz(problem.n, problem.angles)
    names, angles, wires = zip(*translated(circuit, gates, flip=False), strict=True)
    empty: list[list[int]] = [[]] * len(names)
    operations = algorithms.create_ops_listC128(
        names,
        angles,
        wires,
        [False] * len(names),
        [np.zeros(0, complex)] * len(names),
        empty,
        empty,
    )
    calls = [
        partial(getattr(state, name), wire, False, angle)
        for name, angle, wire in zip(names, angles, wires, strict=True)
    ]
    count = len(problem.angles)

    def run(observables: Sequence[Any]) -> NDArray[np.float64]:
        state.resetStateVector()
        for call in calls:
            call()
        return np.asarray(jacobian(state, observables, operations, list(range(count))))

    def total(found: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(found.reshape(-1, count).sum(axis=0))

    return {
        setting: Ready(partial(run, _lightning_hamiltonians(problem.terms, parts)), total)
        for setting, parts in (("one observable", 1), ("batch_obs", nk.get_num_threads()))
    }


def _lightning_state(problem: Problem) -> tuple[Any, Any]:
    """A state, and the measurements of it, which do not keep it alive."""
    from pennylane_lightning.lightning_qubit_ops import MeasurementsC128, StateVectorC128

    state = StateVectorC128(problem.n)
    state.updateData(problem.state)
    return state, MeasurementsC128(state)


def _lightning_terms(terms: Terms) -> list[tuple[float, Any]]:
    from pennylane_lightning.lightning_qubit_ops.observables import NamedObsC128, TensorProdObsC128

    def made(label: str) -> Any:
        letters = [NamedObsC128(f"Pauli{c}", [q]) for q, c in enumerate(label) if c != "I"]
        if len(letters) > 1:
            return TensorProdObsC128(letters)
        return letters[0] if letters else NamedObsC128("Identity", [0])

    return [(coefficient, made(label)) for label, coefficient in terms.items()]


def _lightning_hamiltonians(terms: Terms, parts: int) -> list[Any]:
    from pennylane_lightning.lightning_qubit_ops.observables import HamiltonianC128

    made = _lightning_terms(terms)
    slices = [made[i::parts] for i in range(min(parts, len(made)))]
    return [HamiltonianC128(*map(list, zip(*part, strict=True))) for part in slices]


def qiskit_sample(problem: Problem) -> Settings:
    """`Statevector.sample_memory`, and that of Aer's, if it is installed."""
    from qiskit.quantum_info import Statevector

    found = {"Statevector": Statevector(problem.state)}
    with suppress(ImportError):
        from qiskit_aer.quantum_info import AerStatevector

        threads = nk.get_num_threads()
        found["Aer"] = AerStatevector(problem.state, max_parallel_threads=threads)
    return {
        setting: Ready(
            partial(state.sample_memory, problem.shots),
            lambda labels: np.array([int(label, 2) for label in labels]),
        )
        for setting, state in found.items()
    }


def qiskit_expectation(problem: Problem) -> Settings:
    """`Statevector.expectation_value` of a `SparsePauliOp`, and Aer, if it is installed.

    Aer has to be given the state in every run. What counts is the time that it reports for the
    simulation, without Qiskit's Python around it.
    """
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import SparsePauliOp, Statevector

    operator = SparsePauliOp.from_list(list(problem.terms.items()))
    state = Statevector(problem.state)
    found = {
        "Statevector": Ready(
            partial(state.expectation_value, operator), lambda value: complex(value).real
        )
    }
    with suppress(ImportError):
        from qiskit_aer import AerSimulator

        made = QuantumCircuit(problem.n)
        made.set_statevector(state)
        made.save_expectation_value(operator, range(problem.n))
        simulator = AerSimulator(
            method="statevector", max_parallel_threads=nk.get_num_threads(), fusion_enable=False
        )
        found["Aer"] = Ready(
            lambda: simulator.run(made, shots=1).result(),
            lambda result: float(result.data()["expectation_value"]),
            clock=lambda result: float(result.results[0].time_taken),
        )
    return found


class Contestant(NamedTuple):
    """Who takes part, in what."""

    package: str
    kinds: Mapping[str, Callable[[Problem], Settings]]


CONTESTANTS = {
    "numket": Contestant(
        "numket",
        {
            "sample": numket_sample,
            "probabilities": numket_probabilities,
            "expectation": numket_expectation,
            "gradient": numket_gradient,
        },
    ),
    "qulacs": Contestant(
        "qulacs",
        {
            "sample": qulacs_sample,
            "expectation": qulacs_expectation,
            "gradient": qulacs_gradient,
        },
    ),
    "lightning": Contestant(
        "pennylane-lightning",
        {
            "sample": lightning_sample,
            "expectation": lightning_expectation,
            "gradient": lightning_gradient,
        },
    ),
    "qiskit": Contestant("qiskit", {"sample": qiskit_sample, "expectation": qiskit_expectation}),
    "numpy": Contestant(
        "numpy",
        {
            "sample": numpy_sample,
            "probabilities": numpy_probabilities,
            "expectation": numpy_expectation,
        },
    ),
}
PEERS = {name: peer for name, peer in CONTESTANTS.items() if name != "numket"}


def chosen(names: Sequence[str] | None) -> dict[str, str]:
    """The versions of the peers with these names, or of all that are installed."""
    return _contest.chosen({name: peer.package for name, peer in PEERS.items()}, names)
