"""What is read, and the slow twins that every result is checked with."""

from collections.abc import Callable, Iterable
from itertools import groupby
from math import pi
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import numket as nk

State = NDArray[np.complex128]
Terms = dict[str, float]
"""Coefficients of Pauli strings, which have a letter for each qubit."""

STRINGS = 1000
"""Of the random sum, before equal ones are taken together."""
LAYERS = 10
"""Of the circuit that is differentiated: each has 2 n parameters, all together 400 on 20 qubits."""
SHIFTED = 4
"""Entries of a large gradient that are checked."""
ALL_SHIFTED = 6
"""Up to so many qubits, all entries are."""


def ansatz(n: int, angles: Iterable[Any], layers: int = LAYERS) -> nk.Circuit:
    """Brickwork: RY and RZ on all qubits, and CX on alternating neighbours."""
    circuit, angle = nk.Circuit(n), iter(angles)
    for layer in range(layers):
        for q in range(n):
            circuit.ry(next(angle), q).rz(next(angle), q)
        for q in range(layer % 2, n - 1, 2):
            circuit.cx(q, q + 1)
    return circuit


def tfim(n: int) -> Terms:
    """The energy of the transverse-field Ising chain: n - 1 ZZ, and n X."""

    def on(letters: str, q: int) -> str:
        return "I" * q + letters + "I" * (n - q - len(letters))

    return {on("ZZ", q): -1.0 for q in range(n - 1)} | {on("X", q): -0.7 for q in range(n)}


def strings(n: int) -> Terms:
    """A random sum, with letters drawn evenly and coefficients from a normal distribution."""
    random, terms = np.random.default_rng(5), Terms()
    for coefficient in random.normal(size=STRINGS):
        label = "".join(random.choice(list("IXYZ"), n))
        terms[label] = terms.get(label, 0.0) + float(coefficient)
    return terms


class Problem:
    """A task on some qubits: what contestants are given."""

    def __init__(self, task: str, n: int) -> None:
        self.n, self.shots = n, TASKS[task].shots
        self.terms = TASKS[task].terms(n)
        self.angles = np.random.default_rng(6).uniform(-pi, pi, 2 * n * LAYERS)

    @property
    def state(self) -> State:
        """A new state without symmetry, and no amplitude so small as to be denormal."""
        state = nk.zero_state(self.n)
        ansatz(self.n, np.random.default_rng(7).uniform(0.5, 2.5, 2 * self.n), layers=1).run(state)
        return np.asarray(state, dtype=np.complex128)


def probabilities(state: State) -> NDArray[np.float64]:
    """The twin of `numket.probabilities`."""
    return np.asarray(state.real**2 + state.imag**2)


def expectation(state: State, terms: Terms) -> float:
    """The sum of coefficients times <state|P|state>, with NumPy.

    Strings that flip the same qubits share the product of the state with the flipped one; on a
    qubit with Z or Y the halves are subtracted, on others added.
    """
    value = 0.0
    for flips, labels in groupby(sorted(terms, key=_flips), key=_flips):
        runs = [(flip, 2 ** len(list(run))) for flip, run in groupby(flips)]
        tensor = state.reshape([size for _, size in runs])
        flipped = tensor[tuple(slice(None, None, -1 if flip else 1) for flip, _ in runs)]
        product = (tensor.conj() * flipped).reshape(-1)
        for label in labels:
            rest = product
            for q, letter in enumerate(label):
                if letter in "ZY":
                    halves = rest.reshape(-1, 2, 2 ** (len(label) - 1 - q))
                    rest = (halves[:, 0] - halves[:, 1]).reshape(-1)
            value += terms[label] * float((rest.sum() * (-1j) ** label.count("Y")).real)
    return value


def _flips(label: str) -> tuple[bool, ...]:
    return tuple(letter in "XY" for letter in label)


def check_samples(found: NDArray[np.int64], problem: Problem) -> None:
    """Refuse samples whose counts, for five qubits, are six deviations from what is expected.

    For fewer qubits where there are few shots, so that each outcome has some.
    """
    shots, most = problem.shots, int(np.log2(problem.shots / 100))
    qubits = np.unique(np.linspace(0, problem.n - 1, min(5, most)).astype(int))
    if found.shape != (shots,) or found.min() < 0 or found.max() >= 2**problem.n:
        raise ValueError(f"these are not {shots} samples of {problem.n} qubits")
    others = tuple(set(range(problem.n)) - set(qubits.tolist()))
    exact = probabilities(problem.state).reshape((2,) * problem.n).sum(axis=others).reshape(-1)
    bits = found[:, None] >> (problem.n - 1 - qubits) & 1
    counts = np.bincount(bits @ (1 << np.arange(len(qubits))[::-1]), minlength=len(exact))
    deviations = abs(counts - shots * exact) / np.sqrt(shots * exact * (1 - exact))
    if not deviations.max() <= 6:
        raise ValueError(f"its counts are off by {deviations.max():.1f} standard deviations")


def check_probabilities(found: NDArray[np.float64], problem: Problem) -> None:
    """Refuse probabilities other than NumPy's, but for rounding."""
    wanted = probabilities(problem.state)
    if not np.allclose(found, wanted, rtol=1e-14, atol=0):
        raise ValueError(f"its probabilities are off by {abs(found - wanted).max():.1e}")


def check_value(found: float, problem: Problem) -> None:
    """Refuse a value that is not numket's, nor, on few qubits, NumPy's."""
    small = problem.n <= ALL_SHIFTED
    value = expectation if small else _expectation
    _near(found, value(problem.state, problem.terms), problem)


def check_gradient(found: NDArray[np.float64], problem: Problem) -> None:
    """Refuse a gradient other than by the parameter-shift rule: all of it, or some entries."""
    small = problem.n <= ALL_SHIFTED
    value, count = expectation if small else _expectation, len(problem.angles)
    entries = range(count) if small else np.linspace(0, count - 1, SHIFTED).astype(int)
    if found.shape != (count,):
        raise ValueError(f"its gradient has shape {found.shape}, not {(count,)}")
    for i in entries:
        values = []
        for shift in (pi / 2, -pi / 2):
            angles, state = problem.angles.copy(), nk.zero_state(problem.n)
            angles[i] += shift
            ansatz(problem.n, angles).run(state)
            values.append(value(state, problem.terms))
        _near(found[i], (values[0] - values[1]) / 2, problem)


def _expectation(state: Any, terms: Terms) -> float:
    return float(nk.PauliSum(terms).expectation(state, threads=1))


def _near(found: float, wanted: float, problem: Problem) -> None:
    allowed = 1e-10 * sum(map(abs, problem.terms.values()))
    if not abs(found - wanted) <= allowed:
        raise ValueError(f"{found} is not {wanted}, {allowed:.1e} is allowed")


class Task(NamedTuple):
    """One kind of reading."""

    kind: str
    """What contestants are asked for."""
    text: str
    sizes: tuple[int, ...]
    check: Callable[[Any, Problem], None]
    terms: Callable[[int], Terms] = lambda n: {}
    shots: int = 0


TASKS = {
    "sample": Task("sample", "1,000,000 shots", (20, 24), check_samples, shots=10**6),
    "few-shots": Task("sample", "1,000 shots", (4,), check_samples, shots=1000),
    "probabilities": Task("probabilities", "of all basis states", (24,), check_probabilities),
    "energy": Task("expectation", "of a TFIM chain: n - 1 ZZ, n X", (20, 22), check_value, tfim),
    "strings": Task(
        "expectation", f"of {STRINGS:,} random Pauli strings", (20,), check_value, strings
    ),
    "gradient": Task(
        "gradient",
        f"of the TFIM energy by {2 * LAYERS} n parameters, brickwork, adjoint",
        (20,),
        check_gradient,
        tfim,
    ),
}
