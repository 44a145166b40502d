"""Any public call after any other, on any array, against the textbook.

The state is an array of one of four dtypes, alone or in a batch, somewhere in memory; what lies
beside it must not change. As a test it runs a short time. With the environment variable
NUMKET_EXAMPLES it runs as many programs, other ones each time, of up to 40 calls each.
"""

import os

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import numket as nk
import oracle
from helpers import add_random
from numket import compat

GATES = sorted(oracle.GATES)
DTYPES = ["complex128", "complex64", "float64", "float32"]
SEEDS = st.integers(0, 2**32 - 1)
THREADS = st.sampled_from([None, 1, 2, 3])
GUARD = 77
"""What lies beside a state."""


def placed(rng, values, batch):
    """`values`, of shape ``(states, 2**n)``, as an array somewhere in memory.

    And the whole memory, and where in it the array is.
    """
    states, size = values.shape
    n = size.bit_length() - 1
    shape = (states,) * batch + (2,) * n
    axes = len(shape)
    order, gap = rng.permutation(axes), rng.integers(1, 3, size=axes)
    # Larger axes in memory, of which every `gap`-th element is taken, some of them backwards.
    lengths = [shape[axis] * gap[axis] + int(rng.integers(0, 2)) for axis in range(axes)]
    memory = np.full([lengths[axis] for axis in order] + [1], GUARD, values.dtype)[..., 0]
    where = np.zeros(memory.shape, bool)
    steps = [-int(g) if rng.integers(0, 2) else int(g) for g in gap]

    def cut(array):
        array = array.transpose(np.argsort(order))
        for axis, (length, step) in enumerate(zip(shape, steps, strict=True)):
            last = (length - 1) * abs(step)
            part = range(0, last + 1, step) if step > 0 else range(last, -1, step)
            start, stop = part[0], part[-1] + (1 if step > 0 else -1)
            stop = None if stop < 0 else stop
            array = array[(slice(None),) * axis + (slice(start, stop, step),)]
        return array

    state, inside = cut(memory), cut(where)
    state[...] = values.reshape(shape)
    inside[...] = True
    return state, memory, where


def flat(rng, values, batch):
    """As :func:`placed`, without anything beside it."""
    shape = (values.shape[0],) * batch + (values.shape[1],)
    memory = values.reshape(shape).copy()
    return memory, memory, np.ones(shape, bool)


class Calls(RuleBasedStateMachine):
    """A state and what it should be."""

    @initialize(
        n=st.integers(1, 6),
        dtype=st.sampled_from(DTYPES),
        states=st.sampled_from([None, 1, 2, 3, 5]),
        seed=SEEDS,
    )
    def begin(self, n, dtype, states, seed):
        rng = np.random.default_rng(seed)
        self.n, self.dtype, self.batch = n, np.dtype(dtype), int(states is not None)
        self.real = self.dtype.kind == "f"
        size = (states or 1, 2**n)
        values = rng.normal(size=size) + (0 if self.real else 1j * rng.normal(size=size))
        values /= np.linalg.norm(values, axis=1, keepdims=True)
        self.place(rng, values.astype(dtype))

    # The state, and what surrounds it.

    def place(self, rng, values):
        make = flat if rng.integers(0, 3) == 0 else placed
        self.state, self.memory, self.where = make(rng, values, self.batch)

    @property
    def values(self):
        """The amplitudes, one row for each state."""
        return self.state.reshape(-1, 2**self.n)

    @property
    def options(self):
        return {"batch": self.batch}

    def compare(self, expected, terms=4):
        """The state is as expected, and nothing else has changed."""
        values, expected = self.values, np.asarray(expected)
        size = np.sqrt(np.sum(abs(expected) ** 2, axis=1))
        error = np.sqrt(np.sum(abs(values.astype(np.clongdouble) - expected) ** 2, axis=1))
        limit = oracle.tolerance(self.dtype, terms)
        assert np.all(error <= limit * np.maximum(size, 1)), (error, limit)
        assert np.all(self.memory[~self.where] == GUARD)
        # What follows starts from what is there, near 1.
        scale = np.sqrt(np.sum(abs(values) ** 2, axis=1, keepdims=True))
        self.state[...] = (values / scale).reshape(self.state.shape)

    def refused(self, call, *arguments, **options):
        """The call is refused, and every byte is as it was."""
        before = self.memory.tobytes()
        try:
            call(self.state, *arguments, **options)
        except (TypeError, ValueError):
            assert self.memory.tobytes() == before
        else:
            raise AssertionError(f"{call.__name__} was not refused")

    def each(self, change):
        """What becomes of each state by the textbook."""
        return np.array([change(row) for row in self.values.astype(np.clongdouble)])

    def does(self, call, arguments, matrix, qubits, rng, threads, controls=True, terms=None):
        """The call does what a matrix does on these qubits, wherever some controls hold."""
        others = [q for q in range(self.n) if q not in qubits]
        chosen = (
            rng.permutation(others)[: rng.integers(0, 3) if controls else 0].astype(int).tolist()
        )
        values = rng.integers(0, 2, size=len(chosen)).tolist()
        options = self.options | {"threads": threads}
        if chosen:
            options |= {"controls": chosen, "control_values": values}
        if self.real and np.any(np.imag(matrix)):
            self.refused(call, *arguments, **options)
            return
        expected = self.each(lambda row: oracle.apply(row, matrix, qubits, chosen, values))
        assert call(self.state, *arguments, **options) is None
        self.compare(expected, terms or 2 * len(matrix))

    def some(self, rng, most):
        """Some qubits, in any order."""
        return rng.permutation(self.n)[: rng.integers(1, min(self.n, most) + 1)].tolist()

    # Calls that change it.

    @rule(seed=SEEDS)
    def moves(self, seed):
        """The same state lies elsewhere from now on."""
        self.place(np.random.default_rng(seed), self.values.copy())

    @rule(name=st.sampled_from(GATES), seed=SEEDS, threads=THREADS)
    def gate(self, name, seed, threads):
        rng = np.random.default_rng(seed)
        k = oracle.num_qubits(name)
        if k > self.n:
            return
        qubits = rng.permutation(self.n)[:k].tolist()
        angles = rng.choice([0, np.pi / 2, *rng.normal(size=4)], oracle.num_params(name)).tolist()
        matrix = oracle.gate(name, *angles)
        if self.real and np.any(matrix.imag) != np.any(
            oracle.gate(name, *[0.3] * len(angles)).imag
        ):
            return  # whether a gate is real is told by its name, whatever the angles
        self.does(getattr(nk, name), (*angles, *qubits), matrix, qubits, rng, threads)

    @rule(kind=st.sampled_from(["dense", "diagonal", "permutation"]), seed=SEEDS, threads=THREADS)
    def operator(self, kind, seed, threads):
        rng = np.random.default_rng(seed)
        qubits = self.some(rng, 4)
        dim = 2 ** len(qubits)
        imaginary = 0 if rng.integers(0, 2) else 1j
        if kind == "dense":
            matrix = rng.normal(size=(dim, dim)) + imaginary * rng.normal(size=(dim, dim))
            matrix /= np.linalg.norm(matrix, 2)
            self.does(nk.apply, (matrix, qubits), matrix, qubits, rng, threads, terms=4 * dim)
        elif kind == "diagonal":
            diagonal = rng.normal(size=dim) + imaginary * rng.normal(size=dim)
            diagonal /= np.max(abs(diagonal))
            self.does(
                nk.apply_diagonal, (diagonal, qubits), np.diag(diagonal), qubits, rng, threads
            )
        else:
            order = rng.permutation(dim)
            matrix = oracle.permutation_matrix(order)
            self.does(nk.apply_permutation, (order, qubits), matrix, qubits, rng, threads)

    @rule(seed=SEEDS, threads=THREADS, turns=st.booleans())
    def pauli(self, seed, threads, turns):
        rng = np.random.default_rng(seed)
        qubits = self.some(rng, 5)
        letters = "".join(rng.choice(list("IXYZ"), len(qubits)))
        if not turns:
            call, arguments, matrix = nk.apply_pauli, (letters, qubits), oracle.pauli(letters)
        else:
            theta = rng.normal()
            matrix = oracle.operator("pauli_rotation", (theta, letters))
            call, arguments = nk.pauli_rotation, (theta, letters, qubits)
            if self.real and letters.count("Y") % 2 == 0:
                self.refused(call, *arguments, **self.options)
                return
        self.does(call, arguments, matrix, qubits, rng, threads)

    @precondition(lambda self: not self.real)
    @rule(seed=SEEDS, threads=THREADS, count=st.integers(0, 20), undo=st.booleans())
    def circuit(self, seed, threads, count, undo):
        rng = np.random.default_rng(seed)
        circuit = add_random(rng, nk.Circuit(self.n), count)
        expected = self.values.astype(np.clongdouble)
        if undo:
            circuit = circuit + circuit.inverse()
        else:
            for name, params, qubits, controls, values, *_ in circuit:
                matrix = oracle.operator(name, params)
                expected = [oracle.apply(row, matrix, qubits, controls, values) for row in expected]
        circuit.run(self.state, threads=threads, **self.options)
        self.compare(expected, 4 * (1 + 8 * len(circuit)) ** 2)

    @precondition(lambda self: not self.real)
    @rule(seed=SEEDS, threads=THREADS, count=st.integers(0, 20))
    def prepare(self, seed, threads, count):
        circuit = add_random(np.random.default_rng(seed), nk.Circuit(self.n), count)
        start = np.zeros(2**self.n, np.clongdouble)
        start[0] = 1
        for name, params, qubits, controls, values, *_ in circuit:
            start = oracle.apply(start, oracle.operator(name, params), qubits, controls, values)
        circuit.prepare(self.state, threads=threads, **self.options)
        self.compare(np.tile(start, (len(self.values), 1)), 4 * (1 + 8 * len(circuit)) ** 2)

    @rule(seed=SEEDS, threads=THREADS, call=st.sampled_from(["measure", "project", "reset"]))
    def collapse(self, seed, threads, call):
        rng = np.random.default_rng(seed)
        qubits = self.some(rng, 3)
        before = self.values.astype(np.clongdouble)
        options = self.options | {"threads": threads}
        weights = self.weights(before, qubits)
        if call == "project":
            # The most likely one of the first state; one that another has not got is refused.
            outcome = int(np.argmax(weights[0]))
            if np.any(weights[:, outcome] < 1e-3):
                return
            found = nk.project(self.state, qubits, outcome, **options)
            limit = 64 * np.finfo(self.dtype).eps
            assert np.all(abs(np.reshape(found, -1) - weights[:, outcome]) <= limit)
            outcomes = [outcome] * len(before)
        elif call == "measure":
            bits = nk.measure(self.state, qubits, rng=rng, **options)
            outcomes = np.reshape(bits, (len(before), -1)) @ (1 << np.arange(len(qubits))[::-1])
        else:
            nk.reset(self.state, qubits, rng=rng, **options)
            assert np.all(self.weights(self.values, qubits)[:, 1:] == 0)
            # Which outcome was drawn is told by the state alone.
            rest = [self.after_reset(row, qubits) for row in before]
            for row, known in zip(self.values, rest, strict=True):
                assert (
                    min(np.linalg.norm(row - psi) for psi in known) < 1e3 * np.finfo(self.dtype).eps
                )
            self.compare(self.values.astype(np.clongdouble))
            return
        expected = []
        for row, outcome in zip(before, outcomes, strict=True):
            kept = oracle.apply(row, np.diag(np.arange(2 ** len(qubits)) == outcome), qubits)
            assert np.linalg.norm(kept.astype(complex)) > 0
            expected.append(kept / np.sqrt(np.sum(abs(kept) ** 2)))
        self.compare(
            expected,
            4 / min(1, np.min(np.take_along_axis(weights, np.reshape(outcomes, (-1, 1)), 1))),
        )

    def after_reset(self, row, qubits):
        """What a reset may leave, for each outcome that can be drawn."""
        for outcome in range(2 ** len(qubits)):
            matrix = np.zeros((2 ** len(qubits),) * 2)
            matrix[0, outcome] = 1
            kept = oracle.apply(row, matrix, qubits)
            norm = np.sqrt(np.sum(abs(kept) ** 2))
            if norm > 0:
                yield (kept / norm).astype(complex)

    def weights(self, values, qubits):
        """The probabilities of what the qubits may be, one row for each state."""
        squared = abs(values.reshape(-1, *(2,) * self.n)) ** 2
        others = tuple(1 + q for q in range(self.n) if q not in qubits)
        left = [q for q in range(self.n) if q in qubits]
        return np.moveaxis(
            squared.sum(axis=others), [1 + left.index(q) for q in qubits], range(1, 1 + len(qubits))
        ).reshape(len(squared), -1)

    @precondition(lambda self: not self.real)
    @rule(seed=SEEDS, threads=THREADS)
    def kraus(self, seed, threads):
        rng = np.random.default_rng(seed)
        [qubit] = self.some(rng, 1)
        gamma = rng.uniform(0.2, 0.8)
        operators = np.array([[[1, 0], [0, np.sqrt(1 - gamma)]], [[0, np.sqrt(gamma)], [0, 0]]])
        before = self.values.astype(np.clongdouble)
        drawn = nk.apply_kraus(
            self.state, operators, [qubit], rng=rng, threads=threads, **self.options
        )
        expected, least = [], 1.0
        for row, number in zip(before, np.reshape(drawn, -1), strict=True):
            after = oracle.apply(row, operators[number], [qubit])
            norm = np.sqrt(np.sum(abs(after) ** 2))
            expected.append(after / norm)
            least = min(least, float(norm))
        self.compare(expected, 16 / least**2)

    @rule(threads=THREADS, factor=st.sampled_from([0.25, 1.0, 3.0]))
    def normalize(self, threads, factor):
        expected = self.values.astype(np.clongdouble)
        self.state *= self.dtype.type(factor)
        nk.normalize(self.state, threads=threads, **self.options)
        self.compare(expected / np.sqrt(np.sum(abs(expected) ** 2, axis=1, keepdims=True)), 16)

    # Calls that read it: the bytes stay as they are.

    def reads(self, found, expected, scale=1.0):
        found, expected = np.asarray(found), np.asarray(expected)
        limit = 64 * 2 ** (self.n / 2) * np.finfo(self.dtype).eps * scale
        assert np.all(abs(found.reshape(-1) - expected.reshape(-1)) <= limit), (found, expected)

    @rule(seed=SEEDS, threads=THREADS)
    def read(self, seed, threads):
        rng = np.random.default_rng(seed)
        options = self.options | {"threads": threads}
        before, values = self.memory.tobytes(), self.values.astype(np.clongdouble)
        qubits = self.some(rng, 4)
        terms = [
            ("".join(rng.choice(list("IXYZ"), self.n)), float(rng.normal()))
            for _ in range(rng.integers(1, 9))
        ]
        size = sum(abs(coefficient) for _, coefficient in terms)
        matrix = oracle.pauli_sum(terms, self.n)
        total = nk.PauliSum(terms)
        means = np.einsum("si,ij,sj->s", values.conj(), matrix, values).real
        squares = np.sum(abs(values @ matrix.T) ** 2, axis=1)
        self.reads(nk.norm(self.state, **options), np.sqrt(np.sum(abs(values) ** 2, axis=1)))
        self.reads(nk.probabilities(self.state, qubits, **options), self.weights(values, qubits))
        self.reads(nk.expectation(self.state, total, **options), means, size)
        self.reads(nk.variance(self.state, total, **options), squares - means**2, size**2)
        self.reads(nk.inner(self.state, self.state, **options), np.sum(abs(values) ** 2, axis=1))
        tensors = values.reshape(-1, *(2,) * self.n)
        front = np.moveaxis(tensors, [1 + q for q in qubits], range(1, 1 + len(qubits)))
        front = front.reshape(len(values), 2 ** len(qubits), -1)
        reduced = np.einsum("sia,sja->sij", front, front.conj())
        self.reads(nk.reduced_density_matrix(self.state, qubits, **options), reduced)
        letters = np.array([oracle.X, oracle.Y, oracle.Z])
        singles = np.moveaxis(
            [np.moveaxis(tensors, 1 + q, 1).reshape(len(values), 2, -1) for q in range(self.n)],
            1,
            0,
        )
        bloch = np.einsum("sqia,lij,sqja->sql", singles.conj(), letters, singles).real
        self.reads(nk.bloch_vectors(self.state, **options), bloch)
        assert self.memory.tobytes() == before

    @rule(seed=SEEDS, threads=THREADS, shots=st.integers(0, 50))
    def draw(self, seed, threads, shots):
        rng = np.random.default_rng(seed)
        before = self.memory.tobytes()
        qubits = self.some(rng, 4)
        weights = self.weights(self.values.astype(np.clongdouble), qubits)
        options = self.options | {"threads": threads}
        drawn = nk.sample(self.state, shots, qubits, rng=seed, **options)
        assert drawn.shape == (*self.state.shape[: self.batch], shots)
        for row, indices in zip(weights, drawn.reshape(len(weights), shots), strict=True):
            assert np.all(row[indices] > 0)
        again = nk.sample(self.state, shots, qubits, rng=seed, **self.options)
        assert np.array_equal(drawn, again)
        assert self.memory.tobytes() == before

    @rule(seed=SEEDS)
    def numpy(self, seed):
        """What `compat` makes of the tensor is what NumPy makes of it."""
        rng = np.random.default_rng(seed)
        qubits = self.some(rng, 3)
        k = len(qubits)
        matrix = rng.normal(size=(2,) * 2 * k)
        tensor = self.state.reshape(*self.state.shape[: self.batch], *(2,) * self.n)
        axes = [self.batch + q for q in qubits]
        found = compat.tensordot(matrix, tensor, (range(k, 2 * k), axes))
        expected = np.tensordot(matrix, tensor, (range(k, 2 * k), axes))
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype
        error = np.linalg.norm((found - expected).reshape(-1))
        assert error <= 64 * np.finfo(self.dtype).eps * np.linalg.norm(matrix) * np.sqrt(
            len(self.values)
        )

    # Calls that are refused.

    @rule(seed=SEEDS, kind=st.integers(0, 7))
    def refuse(self, seed, kind):
        rng = np.random.default_rng(seed)
        q = int(rng.integers(0, self.n))
        calls = [
            (nk.x, (self.n,)),
            (nk.x, (-1,)),
            (nk.cx, (q, q)),
            (nk.ry, (np.nan, q)),
            (nk.apply, (np.eye(4), [q])),
            (nk.apply, (np.full((2, 2), np.inf), [q])),
            (nk.apply_permutation, ([1, 1], [q])),
            (nk.apply_pauli, ("A", [q])),
        ]
        call, arguments = calls[kind]
        self.refused(call, *arguments, **self.options)


TestCalls = Calls.TestCase
count = int(os.environ.get("NUMKET_EXAMPLES", "0"))
TestCalls.settings = settings(
    max_examples=count or 50, stateful_step_count=40 if count else 20, derandomize=not count
)
