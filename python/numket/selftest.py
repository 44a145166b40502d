"""``numket selftest``: whether this installation does what it promises, for bug reports.

Each kind of lanes that this CPU has is checked in a process of its own, against a textbook twin in
plain NumPy. Errors are in units of the machine epsilon of the precision, relative to the norm.
"""

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

import numket as nk
from numket import _core, info
from numket.demo import _peak_mib

ALLOWED = 8
"""The error of one operation, in epsilons: the kernels stay below 2, and the twin rounds too."""

PATIENCE = 60
"""Seconds in which what depends on the system must happen once: threads, signals."""

LIMIT = 900
"""Seconds after which a process is given up."""

Array = NDArray[Any]

# The textbook: the first listed qubit is the most significant bit of a matrix index.

PAULIS = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]).astype(complex),
}
_, X, _, Z = PAULIS.values()
HADAMARD = (X + Z) / np.sqrt(2)
SX = np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2
SWAP = np.eye(4, dtype=complex)[[0, 2, 1, 3]]


def string(letters: str) -> Array:
    """The matrix of a Pauli string.

    >>> string("XZ").real.astype(int).tolist()
    [[0, 0, 1, 0], [0, 0, 0, -1], [1, 0, 0, 0], [0, -1, 0, 0]]
    """
    return np.array(reduce(np.kron, [PAULIS[letter] for letter in letters]))


def rotation(theta: float, letters: str) -> Array:
    """exp(-i theta/2 P), as P squared is one."""
    pauli = string(letters)
    return math.cos(theta / 2) * np.eye(len(pauli)) - 1j * math.sin(theta / 2) * pauli


def phase(lam: float) -> Array:
    return np.diag([1, np.exp(1j * lam)])


def euler(theta: float, phi: float, lam: float) -> Array:
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array(
        [[c, -np.exp(1j * lam) * s], [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c]]
    )


def controlled(matrix: Array) -> Array:
    """Acts where the first listed qubit is 1."""
    size = len(matrix)
    full = np.eye(2 * size, dtype=complex)
    full[size:, size:] = matrix
    return full


GATES: dict[str, Callable[..., Array]] = {
    "x": lambda: X,
    "y": lambda: PAULIS["Y"],
    "z": lambda: Z,
    "h": lambda: HADAMARD,
    "s": lambda: phase(np.pi / 2),
    "sdg": lambda: phase(-np.pi / 2),
    "t": lambda: phase(np.pi / 4),
    "tdg": lambda: phase(-np.pi / 4),
    "sx": lambda: SX,
    "sxdg": lambda: SX.conj().T,
    "p": phase,
    "rx": lambda theta: rotation(theta, "X"),
    "ry": lambda theta: rotation(theta, "Y"),
    "rz": lambda theta: rotation(theta, "Z"),
    "u": euler,
    "cx": lambda: controlled(X),
    "cy": lambda: controlled(PAULIS["Y"]),
    "cz": lambda: controlled(Z),
    "ch": lambda: controlled(HADAMARD),
    "cp": lambda lam: controlled(phase(lam)),
    "crx": lambda theta: controlled(rotation(theta, "X")),
    "cry": lambda theta: controlled(rotation(theta, "Y")),
    "crz": lambda theta: controlled(rotation(theta, "Z")),
    "cu": lambda theta, phi, lam, gamma: controlled(np.exp(1j * gamma) * euler(theta, phi, lam)),
    "swap": lambda: SWAP,
    "iswap": lambda: SWAP @ np.diag([1, 1j, 1j, 1]),
    "rxx": lambda theta: rotation(theta, "XX"),
    "ryy": lambda theta: rotation(theta, "YY"),
    "rzz": lambda theta: rotation(theta, "ZZ"),
    "rzx": lambda theta: rotation(theta, "ZX"),
    "ecr": lambda: (string("XI") - string("YX")) / np.sqrt(2),
    "ccx": lambda: controlled(controlled(X)),
    "ccz": lambda: controlled(controlled(Z)),
    "cswap": lambda: controlled(SWAP),
}
"""What each gate of the table is."""

TABLE = {gate["name"]: gate for gate in _core.GATES}
"""What numket says about its gates."""


def twin(
    state: Array,
    matrix: ArrayLike,
    qubits: Sequence[int],
    controls: Sequence[int] = (),
    values: Sequence[int] | None = None,
) -> Array:
    """A new flat state: `matrix` on `qubits`, where the controls have their values.

    >>> twin(np.array([1, 0, 0, 0]), X, [1]).real.tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    n, k = state.size.bit_length() - 1, len(qubits)
    tensor = np.array(state, complex).reshape((2,) * n)
    gate = np.asarray(matrix, complex).reshape((2,) * (2 * k))
    after = np.moveaxis(np.tensordot(gate, tensor, (range(k, 2 * k), qubits)), range(k), qubits)
    place: list[int | slice] = [slice(None)] * n
    for control, value in zip(controls, values or [1] * len(controls), strict=True):
        place[control] = value
    tensor[tuple(place)] = after[tuple(place)]
    return tensor.reshape(-1)


class Failed(Exception):
    """A check that does not hold; the message says what was measured."""


def holds(fact: Any, said: str) -> None:
    """Raises Failed where the fact is none."""
    if not fact:
        raise Failed(said)


class Gauge:
    """Compares with the twin, in one precision, and keeps the largest error."""

    def __init__(self, dtype: type) -> None:
        self.dtype, self.worst, self.calls = np.dtype(dtype), 0.0, 0
        self.rng = np.random.default_rng(7)

    def state(self, n: int) -> Array:
        """A random state of norm 1."""
        psi = self.rng.normal(size=2**n) + 1j * self.rng.normal(size=2**n)
        made: Array = (psi / np.linalg.norm(psi)).astype(self.dtype)
        return made

    def unitary(self, k: int) -> Array:
        size = (2**k, 2**k)
        return np.linalg.qr(self.rng.normal(size=size) + 1j * self.rng.normal(size=size))[0]

    def angles(self, count: int) -> list[float]:
        return [float(angle) for angle in self.rng.uniform(-np.pi, np.pi, count)]

    def compare(
        self, what: str, actual: Any, expected: Any, steps: float = 1, reading: bool = False
    ) -> None:
        """The error per step is within the limit; readings are in double precision always."""
        actual, expected = np.asarray(actual).reshape(-1), np.asarray(expected).reshape(-1)
        epsilon = np.finfo(np.float64 if reading else self.dtype).eps
        size = np.linalg.norm(expected) or 1
        error = float(np.linalg.norm(actual - expected) / size / epsilon / steps)
        self.calls += 1
        if not error <= ALLOWED:
            wrong = f"off by {error:.3g} eps, {ALLOWED} are allowed"
            raise Failed(f"{self.dtype} {what}: {wrong}")
        self.worst = max(self.worst, error)


def in_both(check: Callable[[Gauge, bool], None]) -> Callable[[bool], str]:
    """The check in both precisions, and what came of it in words."""

    def both(quick: bool) -> str:
        gauges = [Gauge(dtype) for dtype in (np.complex128, np.complex64)]
        for gauge in gauges:
            check(gauge, quick)
        errors = ", ".join(f"{gauge.worst:.2f} eps in {gauge.dtype}" for gauge in gauges)
        return f"{errors}; {sum(gauge.calls for gauge in gauges)} comparisons"

    return both


def gates(gauge: Gauge, quick: bool) -> None:
    """Every gate, on all qubits of small states and on some of a large one, with controls."""
    large = gauge.state(17)
    for name, gate in TABLE.items():
        k = len(gate["qubits"])
        holds(name in GATES, f"the gate {name} is not in the textbook")
        for n in range(k, 6 if quick else 7):
            for i, qubits in enumerate(permutations(range(n), k)):
                one_gate(gauge, name, gauge.state(n), qubits, i % 3)
        for first in [0] if quick else [0, 7, 17 - k]:
            one_gate(gauge, name, large, tuple(range(first, first + k)), 0)


def one_gate(gauge: Gauge, name: str, before: Array, qubits: tuple[int, ...], count: int) -> None:
    n, params = before.size.bit_length() - 1, gauge.angles(len(TABLE[name]["params"]))
    others = [q for q in range(n) if q not in qubits]
    controls = gauge.rng.permutation(others)[:count].tolist()
    values = gauge.rng.integers(2, size=len(controls)).tolist()
    after = before.copy()
    getattr(nk, name)(after, *params, *qubits, controls=controls, control_values=values)
    given = ", ".join(f"{param:.3f}" for param in params)
    what = f"{name}({given}) on the qubits {[*qubits]} of {n}"
    if controls:
        what += f" where {controls} are {values}"
    gauge.compare(what, after, twin(before, GATES[name](*params), qubits, controls, values))


def operators(gauge: Gauge, quick: bool) -> None:
    """Matrices, diagonals, permutations and Pauli strings, with controls."""
    rng = gauge.rng
    for n in range(1, 5 if quick else 8):
        for k in range(1, n + 1):
            for count in range(3):
                order = rng.permutation(n).tolist()
                qubits, controls = order[:k], order[k : k + count]
                values = rng.integers(2, size=len(controls)).tolist()
                diagonal = np.exp(1j * rng.normal(size=2**k))
                permutation = rng.permutation(2**k)
                shuffle = np.eye(2**k)[:, permutation]
                letters = "".join(rng.choice(list("IXYZ"), k))
                [theta] = gauge.angles(1)
                matrix = gauge.unitary(k)
                for name, given, wanted in (
                    ("apply", (matrix, qubits), matrix),
                    ("apply_diagonal", (diagonal, qubits), np.diag(diagonal)),
                    ("apply_permutation", (permutation, qubits), shuffle),
                    ("apply_pauli", (letters, qubits), string(letters)),
                    ("pauli_rotation", (theta, letters, qubits), rotation(theta, letters)),
                ):
                    before = gauge.state(n)
                    after = before.copy()
                    getattr(nk, name)(after, *given, controls=controls, control_values=values)
                    what = f"{name} on the qubits {qubits} of {n} where {controls} are {values}"
                    expected = twin(before, wanted, qubits, controls, values)
                    gauge.compare(what, after, expected, max(1, 2 ** (k / 2 - 1)))


def untouched(quick: bool) -> str:
    """Amplitudes at which a control does not hold keep every bit, even if they are no numbers."""
    seen = 0
    for dtype in (np.complex128, np.complex64):
        gauge = Gauge(dtype)
        for n in range(2, 6 if quick else 8):
            for control in range(n):
                state = gauge.state(n).reshape((2,) * n)
                still = state[(slice(None),) * control + (0,)]
                still[...] = gauge.rng.choice([np.nan, np.inf, complex(-0.0, -0.0)], still.shape)
                before = still.tobytes()
                qubit = (control + 1) % n
                nk.apply(state, gauge.unitary(1), qubit, controls=[control])
                nk.rz(state, 0.3, qubit, controls=[control])
                nk.pauli_rotation(state, 0.3, "X", qubit, controls=[control])
                holds(
                    still.tobytes() == before,
                    f"{gauge.dtype}: where the control {control} of {n} qubits is 0, bits changed",
                )
                seen += still.size
    return f"{seen} amplitudes beside those that a control lets through kept every bit"


def random_circuit(gauge: Gauge, n: int, length: int) -> nk.Circuit:
    """Gates of the table with controls, matrices and Pauli rotations, in any order."""
    circuit, rng = nk.Circuit(n), gauge.rng
    for _ in range(length):
        order = rng.permutation(n).tolist()
        name = rng.choice([*TABLE, "apply", "pauli_rotation"])
        if name == "apply":
            circuit.apply(gauge.unitary(2), order[:2])
        elif name == "pauli_rotation":
            circuit.pauli_rotation(gauge.angles(1)[0], "XYZ", order[:3])
        else:
            k, angles = len(TABLE[name]["qubits"]), gauge.angles(len(TABLE[name]["params"]))
            controls = order[k : k + int(rng.integers(2))]
            getattr(circuit, name)(*angles, *order[:k], controls=controls)
    return circuit


def matrix_of(operation: Any) -> Array:
    """The textbook's matrix of an operation of `random_circuit`."""
    match operation.name:
        case "apply":
            return np.asarray(operation.params[0])
        case "pauli_rotation":
            return rotation(*operation.params)
        case name:
            return GATES[name](*operation.params)


def circuits(gauge: Gauge, quick: bool) -> None:
    """A circuit in one call against its gates one by one, and against the twin."""
    for n, length in ((4, 60), (10, 120), (14 if quick else 18, 60)):
        circuit = random_circuit(gauge, n, length)
        before = gauge.state(n)
        fused, single, expected = before.copy(), before.copy(), before
        circuit.run(fused)
        for operation in circuit:
            nk.apply(single, matrix_of(operation), operation.qubits, controls=operation.controls)
            if n <= 10:
                expected = twin(
                    expected, matrix_of(operation), operation.qubits, operation.controls
                )
        what = f"a circuit of {length} operations on {n} qubits"
        gauge.compare(f"{what}, against one by one", fused, single, length)
        if n <= 10:
            gauge.compare(f"{what}, against the twin", fused, expected, length)
        circuit.inverse().run(fused)
        gauge.compare(f"{what}, and its inverse", fused, before, 2 * length)


def readings(gauge: Gauge, quick: bool) -> None:
    """Norms, overlaps, probabilities, and expectation values of all kinds of observables."""
    for n in range(1, 7 if quick else 10):
        state, other = gauge.state(n), gauge.state(n)
        psi = state.astype(complex)
        gauge.compare(f"norm of {n} qubits", nk.norm(state), np.linalg.norm(psi), reading=True)
        overlap = np.vdot(other.astype(complex), psi)
        found = nk.inner(other, state) - overlap + 1  # relative to the norms
        gauge.compare(f"inner of {n} qubits", found, 1, reading=True)
        qubits = gauge.rng.permutation(n)[: (n + 1) // 2].tolist()
        tensor = np.moveaxis((abs(psi) ** 2).reshape((2,) * n), qubits, range(len(qubits)))
        wanted = tensor.reshape(2 ** len(qubits), -1).sum(1)
        what = f"probabilities of {qubits} of {n} qubits"
        gauge.compare(what, nk.probabilities(state, qubits), wanted, reading=True)
        terms = {"".join(gauge.rng.choice(list("IXYZ"), n)): gauge.rng.normal() for _ in range(12)}
        applied = sum(c * twin(psi, string(letters), range(n)) for letters, c in terms.items())
        mean = np.vdot(psi, applied).real
        size = sum(map(abs, terms.values()))
        chain = nk.PauliSum(terms)
        found = (nk.expectation(state, chain) - mean) / size + 1
        gauge.compare(f"expectation of 12 strings of {n} letters", found, 1, reading=True)
        spread = np.linalg.norm(applied - mean * psi) ** 2
        found = (nk.variance(state, chain) - spread) / size**2 + 1
        gauge.compare(f"variance of 12 strings of {n} letters", found, 1, 4, reading=True)


def gradients(gauge: Gauge, quick: bool) -> None:
    """Adjoint gradients against the rule of the parameter shift, done by the twin."""
    n = 4 if quick else 6
    turns = [("rx", "X"), ("ry", "Y"), ("rz", "Z"), ("rxx", "XX"), ("rzz", "ZZ"), ("rzx", "ZX")]
    places = [gauge.rng.permutation(n)[: len(letters)].tolist() for _, letters in turns]
    angles = gauge.angles(len(turns))
    circuit = nk.Circuit(n)
    for i, (name, _) in enumerate(turns):
        circuit.h(i % n).cx(i % n, (i + 1) % n)
        getattr(circuit, name)(nk.Parameter(f"a{i}"), *places[i])
    start = gauge.state(n)
    letters = "XYZ" + "Z" * (n - 3)

    def energy(angles: Sequence[float]) -> float:
        psi = start
        for i, (_, about) in enumerate(turns):
            psi = twin(psi, HADAMARD, [i % n])
            psi = twin(psi, X, [(i + 1) % n], [i % n])
            psi = twin(psi, rotation(angles[i], about), places[i])
        return float(np.vdot(psi, twin(psi, string(letters), range(n))).real)

    shifts = np.pi / 2 * np.eye(len(turns))
    wanted = [(energy(angles + shift) - energy(angles - shift)) / 2 for shift in shifts]
    value, found = circuit.gradient(letters, angles, state=start)
    gauge.compare("the value beside a gradient", value - energy(angles) + 1, 1, 3 * len(turns))
    error = np.append(1, np.subtract(found, wanted))  # relative to the norm of the observable
    gauge.compare("a gradient", error, np.eye(1, len(error)), 6 * len(turns))


KNOWN = [56, 46, 43, 59, 43, 13, 12, 57], 460101041546
"""The first shots of `sampling` for the seed 7, and how many of 10**12 have qubit 0 in 1: with any
lanes, on any number of threads."""


def sampling(quick: bool) -> str:
    """Known shots for a known seed, on any number of threads, and counts that fit."""
    n, shots = 6, 10_000 if quick else 1_000_000
    amplitudes = np.arange(2**n) * 2654435761 % 1009 - 504.0
    chances = amplitudes**2 / np.sum(amplitudes**2)
    furthest = 0.0
    for dtype in (np.complex128, np.complex64):
        state: Array = amplitudes.astype(dtype)
        for threads in 1, 2, 3:
            shown = nk.sample(state, 8, rng=7, threads=threads).tolist()
            ones = nk.counts(state, 10**12, 0, rng=7, threads=threads)["1"]
            holds(
                (shown, ones) == KNOWN,
                f"{np.dtype(dtype)} with {threads} threads: the seed 7 gives {shown} and {ones}, "
                f"not {KNOWN[0]} and {KNOWN[1]}",
            )
        drawn = np.bincount(nk.sample(state, shots, rng=7), minlength=2**n)
        counted = np.zeros(2**n)
        for label, count in nk.counts(state, shots, rng=7).items():
            counted[int(label, 2)] = count
        for name, counts in (("sample", drawn), ("counts", counted)):
            holds(counts.sum() == shots, f"{name}: {counts.sum()} shots instead of {shots}")
            off = abs(counts - shots * chances) / np.sqrt(shots * chances * (1 - chances) + 1)
            furthest = max(furthest, float(off.max()))
            holds(
                furthest < 6,
                f"{np.dtype(dtype)} {name}: a count is off by {furthest:.1f} standard deviations",
            )
    return (
        f"the seed 7 gives what it must; counts off by {furthest:.1f} standard deviations at most"
    )


def measuring(gauge: Gauge, quick: bool) -> None:
    """The state after a measurement, a projection and a reset, and conditions."""
    n = 5
    for qubit in range(n):
        for seed in range(2 if quick else 8):
            before = gauge.state(n)
            after = before.copy()
            one = nk.measure(after, qubit, rng=seed)
            half = twin(before, np.diag([1 - one, one]), [qubit])
            chance = np.sum(abs(half) ** 2) / np.sum(abs(before.astype(complex)) ** 2)
            wanted = half / np.sqrt(chance)
            gauge.compare(f"measure of qubit {qubit} of {n}", after, wanted, 2)
            after = before.copy()
            found = nk.project(after, qubit, one)
            gauge.compare(f"project of qubit {qubit} of {n}", after, wanted, 2)
            gauge.compare("the probability of an outcome", found, chance, reading=True)
            after = wanted.astype(gauge.dtype)
            nk.reset(after, qubit, rng=seed)
            wanted = twin(wanted, X, [qubit]) if one else wanted
            gauge.compare(f"reset of qubit {qubit} of {n}", after, wanted, 2)
    teleport = nk.Circuit(3).h(1).cx(1, 2).cx(0, 1).h(0).measure([0, 1])
    teleport.x(2, condition=1).z(2, condition=0)
    states: Array = np.zeros((64, 2, 2, 2), gauge.dtype)
    states[:, :, 0, 0] = psi = gauge.state(1)
    bits = teleport.run(states, batch=1, rng=7)
    found = states[np.arange(64), bits[:, 0], bits[:, 1]]
    gauge.compare("teleportation", found, np.tile(psi, 64), 6)


def batches(gauge: Gauge, quick: bool) -> None:
    """Many states in one call, with an angle and an operator for each."""
    n = 4
    for count in (1, 3, 8) if quick else (1, 2, 3, 7, 8, 9, 67):
        before = np.stack([gauge.state(n) for _ in range(count)])
        for name in ("rx", "rz", "u", "crx", "cp", "rxx", "rzz", "cu"):
            k = len(TABLE[name]["qubits"])
            qubits = gauge.rng.permutation(n)[:k].tolist()
            angles = gauge.rng.uniform(-np.pi, np.pi, (len(TABLE[name]["params"]), count))
            after = before.copy()
            getattr(nk, name)(after, *angles, *qubits, batch=1)
            wanted = [
                twin(psi, GATES[name](*a), qubits) for psi, a in zip(before, angles.T, strict=True)
            ]
            gauge.compare(f"{name} with an angle for each of {count} states", after, wanted)
        matrices = np.stack([gauge.unitary(2) for _ in range(count)])
        after = before.copy()
        nk.apply(after, matrices, (3, 1), batch=1)
        wanted = [twin(psi, m, (3, 1)) for psi, m in zip(before, matrices, strict=True)]
        gauge.compare(f"apply with a matrix for each of {count} states", after, wanted)
        circuit = nk.Circuit(n).h(0).rx(nk.Parameter("a"), 1).cx(0, 1)
        after, angles = before.copy(), gauge.rng.normal(size=count)
        circuit.run(after, {"a": angles}, batch=1)
        wanted = [
            twin(twin(twin(psi, HADAMARD, [0]), rotation(a, "X"), [1]), X, [1], [0])
            for psi, a in zip(before, angles, strict=True)
        ]
        gauge.compare(f"a circuit on {count} states", after, wanted, 3)


def layouts(gauge: Gauge, quick: bool) -> None:
    """States with axes in any order, with holes, and with negative strides; holes stay."""
    n = 5 if quick else 8
    turned = gauge.rng.permutation(n)
    kinds: dict[str, tuple[tuple[int, ...], Callable[[Array], Array]]] = {
        "flat": ((2**n,), lambda buffer: buffer),
        "in F order": ((2,) * n, lambda buffer: buffer.T),
        "with axes in another order": ((2,) * n, lambda buffer: buffer.transpose(turned)),
        "with axes of length 1": ((2, 1) + (2,) * (n - 1), lambda buffer: buffer),
        "backwards": ((2**n,), lambda buffer: buffer[::-1]),
        "every second amplitude": ((2 ** (n + 1),), lambda buffer: buffer[::2]),
        "a column": ((2**n, 3), lambda buffer: buffer[:, 1]),
        "half of a tensor": ((2,) * (n + 1), lambda buffer: buffer[:, 1]),
        "the other half, backwards": ((2,) * (n + 1), lambda buffer: buffer[..., ::-1, 0]),
    }
    for kind, (shape, view) in kinds.items():
        buffer, hole = np.full(shape, np.nan, gauge.dtype), np.ones(shape, bool)
        state = view(buffer)
        view(hole)[...] = False
        state[...] = gauge.state(n).reshape(state.shape)
        holes = buffer[hole].tobytes()
        axis = [i for i, length in enumerate(state.shape) if length > 1 or state.ndim == 1]
        for q in range(n):
            for name, qubits in (("h", [q]), ("rz", [q]), ("cx", [q, (q + 1) % n])):
                before = np.array(state).reshape(-1)
                params = gauge.angles(len(TABLE[name]["params"]))
                places = qubits if state.ndim == 1 else [axis[qubit] for qubit in qubits]
                getattr(nk, name)(state, *params, *places)
                wanted = twin(before, GATES[name](*params), qubits)
                gauge.compare(f"{name} on {qubits}, {kind}", state, wanted)
        holds(buffer[hole].tobytes() == holes, f"{gauge.dtype} {kind}: the holes have changed")


def long_circuit(n: int, layers: int) -> nk.Circuit:
    circuit = nk.Circuit(n)
    for _ in range(layers):
        for q in range(n):
            circuit.u(0.3, 0.2, 0.1, q).cx(q, (q + 1) % n)
    return circuit


def in_place(quick: bool) -> str:
    """The array stays what it is and where it is, and nothing of its size is allocated."""
    n = 21 if quick else 22
    circuit = long_circuit(n, 2)
    calls: dict[str, Callable[[Array, int], object]] = {
        "h": nk.h,
        "rz": lambda state, q: nk.rz(state, 0.1, q),
        "cx": lambda state, q: nk.cx(state, q, (q + 1) % 17),
        "apply": lambda state, q: nk.apply(state, np.eye(4)[::-1], (q, (q + 1) % 17)),
        "pauli_rotation": lambda state, q: nk.pauli_rotation(state, 0.1, "XY", (q, (q + 1) % 17)),
        "norm": lambda state, q: nk.norm(state) and None,
        "a circuit": lambda state, q: circuit.run(state) if state.size == 2**n else None,
    }
    states = [np.zeros(2**n, dtype) for dtype in (np.complex64, np.complex128)]
    for state in states:
        state += 1  # all pages are there now
        state *= 2 ** (-n / 2)
        small = np.zeros(2**17, state.dtype)
        small[0] = 1
        for call in calls.values():  # threads and their stacks
            call(small, 5)
    circuit.run(states[0])
    size, most, before = states[0].nbytes / 2**20, 0.0, _peak_mib()
    for state in states:
        for name, call in calls.items():
            header = state.ctypes.data, state.shape, state.strides
            tracemalloc.start()
            returned = [call(state, q) for q in (0, 8, 16)]
            traced = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
            what = f"{state.dtype} {name} on {n} qubits"
            holds(returned == [None] * 3, f"{what}: it returned something")
            here = state.ctypes.data, state.shape, state.strides
            holds(here == header, f"{what}: the array has another address, shape or strides")
            most = max(most, traced)
            holds(traced < size / 16, f"{what}: Python and NumPy allocated {traced:.1f} MiB")
    grown = _peak_mib() - before
    holds(not grown > size / 8, f"memory grew by {grown:.1f} MiB beside states of {size:.0f} MiB")
    memory = "?" if np.isnan(grown) else f"{grown:.1f}"
    return (
        f"the same addresses; allocated {most:.2f} MiB, grew by {memory} MiB, of {size:.0f} a state"
    )


def threads(quick: bool) -> str:
    """One, two and three threads give the same bits."""
    n, seen = 17, set()
    for dtype in (np.complex128, np.complex64):
        gauge = Gauge(dtype)
        start, circuit = gauge.state(n), random_circuit(gauge, n, 40)
        chain = nk.PauliSum([("XX", (q, q + 1), 0.1 * q) for q in range(n - 1)], num_qubits=n)
        results = []
        for count in 1, 2, 3:
            with nk.threads(count):
                state = start.copy()
                for q in range(n):
                    nk.h(state, q)
                    nk.rxx(state, 0.1, q, (q + 5) % n)
                    nk.cu(state, 0.1, 0.2, 0.3, 0.4, (q + 1) % n, q)
                circuit.run(state)
                drawn = nk.sample(state, 100, rng=7).tolist()
                found = [nk.norm(state), chain.expectation(state), drawn, state.tobytes()]
            results.append(found)
            seen.add(count)
        for count, found in enumerate(results[1:], 2):
            for name, one, many in zip(
                ("norm", "expectation", "sample", "the state"), results[0], found, strict=True
            ):
                holds(one == many, f"{gauge.dtype} {name}: {count} threads give other bits than 1")
    return f"the same bits with {', '.join(map(str, sorted(seen)))} threads on {n} qubits"


def others_run(quick: bool) -> str:
    """Other Python threads run during a call: nobody takes the interpreter from this one."""
    state, matrix = nk.zero_state(18), Gauge(np.complex128).unitary(6)
    counted, stop, interval = [0], threading.Event(), sys.getswitchinterval()

    def count() -> None:
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=count, daemon=True)
    thread.start()
    sys.setswitchinterval(1000)
    try:
        end = time.monotonic() + PATIENCE
        for call in range(1, 10**9):
            before = counted[0]
            nk.apply(state, matrix, range(6))
            if counted[0] > before:
                break
            holds(time.monotonic() < end, f"no other thread ran during {call} calls")
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        thread.join()
    return f"another Python thread ran during call {call}"


def interrupts(quick: bool) -> str:
    """Ctrl-C, sent until it is answered, stops a run; the state keeps its norm."""
    n = 20
    circuit, state = long_circuit(n, 40), nk.zero_state(n)
    armed, done, sent = threading.Event(), threading.Event(), [0.0]

    def answer(signum: int, frame: object) -> None:
        if armed.is_set():
            armed.clear()
            raise KeyboardInterrupt

    def send() -> None:
        while not done.wait(0.1):
            sent[0] = time.monotonic()
            signal.raise_signal(signal.SIGINT)

    old = signal.signal(signal.SIGINT, answer)
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    end, runs, note, seconds = time.monotonic() + PATIENCE, 0, "", 0.0
    try:
        while not note.startswith("numket stopped after") and time.monotonic() < end:
            runs += 1
            try:
                armed.set()
                circuit.run(state)
                armed.clear()
            except KeyboardInterrupt as error:
                seconds = time.monotonic() - sent[0]
                note = next(iter(getattr(error, "__notes__", [])), "")
    finally:
        done.set()
        sender.join()
        signal.signal(signal.SIGINT, old)
    holds(note.startswith("numket stopped after"), f"Ctrl-C did not stop any of {runs} runs")
    off = abs(nk.norm(state) - 1) / np.finfo(float).eps
    holds(off < ALLOWED * runs * len(circuit), f"the norm is off by {off:.3g} eps after Ctrl-C")
    stopped = note.partition(";")[0].removeprefix("numket ")
    return f"{stopped}, {1e3 * seconds:.0f} ms after the signal; norm off by {off:.0f} eps"


def refusals(quick: bool) -> str:
    """Bad input is refused, and every byte stays as it was."""
    state = Gauge(np.complex128).state(6)
    frozen, broken = state.copy(), np.diag([1, np.nan])
    frozen.flags.writeable = False
    circuit = nk.Circuit(6).h(0).rx(nk.Parameter("a"), 1)
    calls: dict[str, Callable[[], object]] = {
        "a qubit that is not there": lambda: nk.h(state, 6),
        "the same qubit twice": lambda: nk.swap(state, 2, 2),
        "a control on the target": lambda: nk.x(state, 1, controls=[1]),
        "a control value of 2": lambda: nk.x(state, 1, controls=[0], control_values=[2]),
        "an angle that is NaN": lambda: nk.rx(state, float("nan"), 0),
        "a matrix of the wrong size": lambda: nk.apply(state, np.eye(3), 0),
        "a matrix with NaN": lambda: nk.apply(state, broken, 0),
        "no permutation": lambda: nk.apply_permutation(state, [0, 0], 0),
        "a letter that is none": lambda: nk.apply_pauli(state, "XQ", (0, 1)),
        "an array that is read-only": lambda: nk.h(frozen, 0),
        "real numbers that would not stay real": lambda: nk.s(state.view(float), 0),
        "whole numbers": lambda: nk.h(state.view(int), 0),
        "a size that is no power of 2": lambda: nk.h(state[:48], 0),
        "elements that share memory": lambda: nk.h(np.broadcast_to(state[:1], (64,)), 0),
        "too few angles for a batch": lambda: nk.rx(state.reshape(8, 8), [0.1] * 3, 0, batch=1),
        "a parameter without a value": lambda: circuit.run(state),
        "a circuit of another size": lambda: circuit.run(state[:32], [0.1]),
    }
    before = state.tobytes()
    for what, call in calls.items():
        try:
            call()
        except (TypeError, ValueError, LookupError):
            pass
        else:
            raise Failed(f"{what}: this was not refused")
        holds(state.tobytes() == frozen.tobytes() == before, f"{what}: refused, but bytes changed")
    return f"{len(calls)} kinds of bad input, every byte as it was"


CHECKS: dict[str, Callable[[bool], str]] = {
    "in place": in_place,  # first: it looks at the peak of the process
    "gates": in_both(gates),
    "operators": in_both(operators),
    "controls": untouched,
    "circuits": in_both(circuits),
    "readings": in_both(readings),
    "gradients": in_both(gradients),
    "sampling": sampling,
    "measuring": in_both(measuring),
    "batches": in_both(batches),
    "layouts": in_both(layouts),
    "threads": threads,
    "other threads": others_run,
    "Ctrl-C": interrupts,
    "refusals": refusals,
}
"""Each tells what it measured, or raises."""


MARK = "result "
"""How the line of a result begins, among what else a process may say."""


class Result(NamedTuple):
    """What came of a check."""

    lanes: str
    check: str
    ok: bool
    measured: str
    seconds: float


def results(quick: bool) -> Iterator[Result]:
    """All checks in this process, one after the other, whatever comes of them."""
    lanes = _core.config()["lanes"]
    for name, check in CHECKS.items():
        start, ok = time.perf_counter(), False
        try:
            measured, ok = check(quick), True
        except Failed as failure:
            measured = str(failure)
        except Exception as error:
            line = traceback.extract_tb(error.__traceback__)[-1].lineno
            measured = f"{type(error).__name__}: {error} (line {line} of the check)"
        yield Result(lanes, name, ok, measured, round(time.perf_counter() - start, 3))


def in_a_process(lanes: str, quick: bool) -> Iterator[Result]:
    """All checks with these lanes; where the process ends early, that is what came of the next."""
    environment = {
        "NUMKET_SIMD": lanes,
        "PYTHONPATH": os.pathsep.join(sys.path),  # it finds the modules that this process has found
        "OPENBLAS_NUM_THREADS": "1",  # on a busy machine the twin's threads wait for each other
    }
    command = [sys.executable, "-P", "-m", "numket.selftest", *["--quick"] * quick]
    left, said = list(CHECKS), ""
    with subprocess.Popen(
        command,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        timer = threading.Timer(LIMIT, process.kill)
        timer.start()
        try:
            for line in process.stdout or ():
                if not line.startswith(MARK):
                    said = line.strip() or said
                    continue
                result = Result(*json.loads(line.removeprefix(MARK)))
                if result.lanes != lanes:
                    result = Result(lanes, result.check, False, f"done with {result.lanes}", 0.0)
                left.remove(result.check)
                yield result
            code = process.wait()
        finally:
            timer.cancel()
            process.kill()
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
    for number, name in enumerate(left):
        ended = f"the process ended {how} {said and f'({said})'}".rstrip()
        yield Result(lanes, name, False, f"not run, {ended}" if number else ended, 0.0)


def main(as_json: bool = False, quick: bool = False) -> int:
    """Check all lanes that this CPU has; 1 where something fails."""
    start, found = time.perf_counter(), []
    width = max(map(len, CHECKS))
    if not as_json:
        info.show_config()
        print(f"errors        for each operation, in machine epsilons; {ALLOWED} are allowed")
    for lanes in _core.config()["lanes_available"]:
        if not as_json:
            print(f"\nlanes {lanes}", flush=True)
        for result in in_a_process(lanes, quick):
            found.append(result)
            if not as_json:
                word = "ok" if result.ok else "FAILED"
                print(f"  {word:<6}  {result.check:<{width}}  {result.measured}", flush=True)
    seconds = time.perf_counter() - start
    failed = [result for result in found if not result.ok]
    if as_json:
        document = {
            "environment": info.environment(),
            "quick": quick,
            "checks": [result._asdict() for result in found],
            "ok": not failed,
            "seconds": round(seconds, 1),
        }
        print(json.dumps(document, indent=2))
    elif failed:
        print(f"\n{len(failed)} of {len(found)} checks FAILED: please report all of the above")
    else:
        print(f"\nall {len(found)} checks passed, after {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    for result in results("--quick" in sys.argv[1:]):
        print(MARK + json.dumps(result), flush=True)
