"""Calls of every kind whose results `test_bits.py` compares bit by bit.

All numbers that go in are integers times a power of two, made here; calls that draw at random get a
seed. What other versions of NumPy, or other CPUs, may compute with other bits is left out:
eigenvalues and logarithms, sums and products of NumPy that round, angles above a million.
"""

from functools import cache, partial

import numpy as np

import numket as nk
from numket import _core, density

PRECISIONS = {"c128": np.complex128, "c64": np.complex64}
# Both sides of what fills a register, of a leaf of a sum, of a tile, of what threads are worth.
SIZES = {"small": (1, 2, 3, 4, 5, 11), "middle": (13,), "large": (17,)}
BATCHES = {
    "small": ((1, 9), (2, 7), (3, 3), (4, 67), (11, 3)),
    "middle": ((13, 2),),
    "large": ((11, 40),),
}
GATES = {gate["name"]: gate for gate in _core.GATES}


# Numbers


@cache
def words(count, seed):
    """Integers of 64 bits that look random: splitmix64, from a place of the seed's own."""
    place = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed << 32)
    place *= np.uint64(0x9E3779B97F4A7C15)
    place = (place ^ place >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    place = (place ^ place >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return place ^ place >> np.uint64(31)


@cache
def reals(shape, seed, bits=53):
    """Numbers of so many bits from -1 to 1."""
    count = int(np.prod(shape, dtype=int))
    integers = (words(count, seed) >> np.uint64(64 - bits)).astype(np.int64) - 2 ** (bits - 1)
    return (integers / 2 ** (bits - 1)).reshape(shape)


@cache
def complexes(shape, seed, dtype=np.complex128, bits=None):
    """The same for both parts, with all the bits of the precision if not told otherwise."""
    array = np.empty(shape, dtype)
    bits = bits or (53 if dtype == np.complex128 else 24)
    array.real, array.imag = reals(shape, 2 * seed, bits), reals(shape, 2 * seed + 1, bits)
    array.flags.writeable = False
    return array


@cache
def angles(shape, seed):
    """Up to 4, 128, 4096 or 131072, as the seed tells."""
    return reals(shape, seed) * 2 ** (seed % 4 * 5 + 2)


@cache
def order(count, seed):
    """The integers below `count`, shuffled."""
    return np.argsort(words(count, seed)).tolist()


@cache
def hermitian(k, seed, bits=30):
    """Sums of two numbers of 30 bits do not round."""
    matrix = complexes((2**k, 2**k), seed, bits=bits)
    return matrix + matrix.conj().T


@cache
def letters(k, seed):
    """A Pauli string, not of the identity alone."""
    return "XYZ"[seed % 3] + "".join("IXYZ"[word % 4] for word in words(k - 1, seed).tolist())


@cache
def pauli_sum(n, count, seed, factor=1):
    letter = words(count * n, seed) % np.uint64(4)
    strings = ["".join("IXYZ"[place] for place in row) for row in letter.reshape(count, n)]
    weights = reals(count, seed).tolist()
    return nk.PauliSum([(s, factor * weight) for s, weight in zip(strings, weights, strict=True)])


I, X, Y, Z = np.array(  # noqa: E741
    [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], np.complex128
)
FLIPS = np.array([0.75 * I, 0.5 * X, 0.25 * Y, 0.25 * Z, 0.25 * np.diag([1, 1j])])
DECAY = np.array(
    [np.diag([1, 0.75])] + [[[0, jump], [0, 0]] for jump in (0.5, 0.25, 0.25, 0.25)], np.complex128
)
PAIRS = np.array([np.kron(a, b) for a in DECAY for b in FLIPS])
"""Channels whose operators, and the products of these, are exact."""


# States


def flips(n):
    return tuple(slice(None, None, 1 - 2 * (q % 2)) for q in range(n))


# From a function that makes arrays of a shape.
LAYOUTS = {
    "flat": [lambda n, make: make(2**n)],
    "axes": [
        lambda n, make: make(*(2,) * n).T,
        lambda n, make: make(*(2,) * n).transpose(order(n, 3)),
    ],
    "holes": [
        lambda n, make: make(2**n, 3)[:, 1],
        lambda n, make: make(*(2,) * (n + 1)).swapaxes(0, n // 2)[1],
    ],
    "reversed": [
        lambda n, make: make(2**n)[::-1],
        lambda n, make: make(*(2,) * n)[flips(n)],
        lambda n, make: make(*(2,) * (n + 2)).T[..., 0, ::-1, 1][flips(n - 1)],
    ],
}
BATCH_LAYOUTS = [
    lambda count, n, dtype: np.zeros((count, 2**n), dtype),
    lambda count, n, dtype: np.zeros((2**n, count), dtype).T,
    lambda count, n, dtype: np.zeros((count, *(2,) * n, 2), dtype)[::-1, ..., 1],
]


def filled(array, n, seed):
    """A state or a batch, with numbers. From 3 qubits on, two of them are zeros with signs."""
    numbers = complexes(array.size, seed, array.dtype).reshape(-1, 2**n).copy()
    if n > 2:
        numbers[:, 1:3] = complex(-0.0, 0.0), complex(0.0, -0.0)
    array[...] = numbers.reshape(array.shape)
    return array


def states(layout, size, dtype):
    """States of each way to lie, with their numbers of qubits."""
    for n in SIZES[size]:
        for seed, lay in enumerate(LAYOUTS[layout]):
            yield filled(lay(n, lambda *shape: np.zeros(shape, dtype)), n, seed), n


def batches(size, dtype):
    """The same for batches; small ones share registers."""
    for n, count in BATCHES[size]:
        for seed, lay in enumerate(BATCH_LAYOUTS[: 1 if size == "large" else None]):
            yield filled(lay(count, n, dtype), n, seed), n


# Calls on a state of n qubits, or on a batch of them; each gives all that it returns and changes.


def of_gates(*names):
    """Gates of the table, with 0 to 2 controls, and in a batch with angles for each state."""

    def call(state, n, batch):
        for seed, name in enumerate(names * (1 + batch)):
            gate, places = GATES[name], order(n, seed)
            k, shape = len(gate["qubits"]), state.shape[: batch * (seed % 2)]
            if k > n:
                continue
            params = [angles(shape, 5 * seed + i) for i in range(len(gate["params"]))]
            options = controls(places[k:], seed) | {"batch": batch}
            getattr(nk, name)(state, *params, *places[:k], **options)
            yield state

    return call


def controls(places, seed):
    chosen = places[: seed % 3]
    return {"controls": chosen, "control_values": [word % 2 for word in chosen]}


def of_operators(function, operator, ks):
    """A function that takes an operator on k qubits, which is one for each state in half the calls
    on a batch."""

    def call(state, n, batch):
        for seed, k in enumerate(ks * 2):
            if k > n:
                continue
            places, lead = order(n, seed), state.shape[: batch * (seed % 2)]
            options = controls(places[k:], seed) | {"batch": batch}
            function(state, operator(k, seed, lead), places[:k], **options)
            yield state

    return call


def apply_pauli(state, n, batch):
    for seed in range(4):
        k, places = min(n, seed + 1), order(n, seed)
        options = controls(places[k:], seed) | {"batch": batch}
        nk.apply_pauli(state, letters(k, seed), places[:k], **options)
        yield state
    nk.apply_pauli(state, letters(n, 5), batch=batch)
    yield state


def pauli_rotation(state, n, batch):
    for seed in range(6):
        k, places = min(n, seed + 1), order(n, seed)
        theta = angles(state.shape[: batch * (seed % 2)], seed)
        options = controls(places[k:], seed) | {"batch": batch}
        nk.pauli_rotation(state, theta, letters(k, seed), places[:k], **options)
        yield state


def apply_kraus(state, n, batch):
    for seed, operators in enumerate((FLIPS, DECAY, PAIRS) * 2):
        k = 1 + (operators is PAIRS)
        if k <= n:
            yield nk.apply_kraus(state, operators, order(n, seed)[:k], rng=seed, batch=batch)
            yield state


def norm(state, n, batch):
    yield nk.norm(state, batch=batch)
    nk.normalize(state, batch=batch)
    yield state
    yield nk.norm(state, batch=batch)


def inner(state, n, batch):
    other = filled(np.zeros_like(state), n, 7)
    for ket in other, other[::-1]:
        yield nk.inner(state, ket, batch=batch)
        yield nk.fidelity(ket, state, batch=batch)


def some_qubits(n):
    """Some lists of qubits, from short to long."""
    return [order(n, k)[:k] for k in sorted({1, min(n, 2), min(n, 3), min(n, 8)})]


def probabilities(state, n, batch):
    yield nk.probabilities(state, batch=batch)
    for qubits in some_qubits(n):
        yield nk.probabilities(state, qubits, batch=batch)
    out = np.zeros((*state.shape[:batch], 2 ** (n - 1)))
    nk.probabilities(state, range(1, n), out=out, batch=batch)
    yield out


def of_pauli(function):
    def call(state, n, batch):
        for seed in range(3):
            k = min(n, 2 * seed + 1)
            qubits = order(n, seed)[:k]
            yield function(state, letters(k, seed), qubits=qubits, batch=batch)
        for count in 1, 4, 40:
            yield function(state, pauli_sum(n, count, count), batch=batch)
        if function is nk.expectation:
            yield function(state, pauli_sum(n, 5, 5, 1 + 0.5j), batch=batch)

    return call


def of_matrix(function):
    """The square of a matrix, of which a variance is made, may be computed with other bits on
    other CPUs: unless its numbers, and those of the state, are so short that it is exact."""

    def call(state, n, batch):
        bits = 30
        if function is nk.variance:
            bits = 3
            state[...] = complexes(state.shape, 1, state.dtype, bits)
        for seed, qubits in enumerate(some_qubits(n)[:3]):
            observable = hermitian(len(qubits), seed, bits)
            yield function(state, observable, qubits=qubits, batch=batch)

    return call


def of_diagonal(function):
    def call(state, n, batch):
        for seed, qubits in enumerate(some_qubits(n)):
            observable = reals(2 ** len(qubits), seed)
            yield function(state, observable, qubits=qubits, batch=batch)
        if n < 12:
            yield function(state, reals(2**n, 9), batch=batch)

    return call


def bloch_vectors(state, n, batch):
    yield nk.bloch_vectors(state, batch=batch)


def correlations(state, n, batch):
    yield nk.correlations(state, connected=True, batch=batch)
    if n < 12:
        yield nk.correlations(state, "X", batch=batch)


def reduced_density_matrix(state, n, batch):
    for qubits in some_qubits(n)[:3]:
        yield nk.reduced_density_matrix(state, qubits, batch=batch)
    if not batch:
        nk.normalize(state)
        # Logarithms of eigenvalues: without the last bits.
        yield round(nk.entanglement_entropy(state, order(n, 1)[: n // 2][:3]), 9)


def apply_sum(state, n, batch):
    if not batch:
        for count in 1, 4, 40:
            out = np.zeros_like(state)
            pauli_sum(n, count, count, 1 - 0.25j).apply(state, out)
            yield out


def sample(state, n, batch):
    yield nk.sample(state, 70, rng=1, batch=batch)
    for seed, qubits in enumerate(some_qubits(n)[:3]):
        yield nk.sample(state, 10 ** (seed + 1), qubits, rng=seed, batch=batch)
        yield str(nk.counts(state, 10 ** (5 * seed), qubits, rng=seed, batch=batch))
    if not batch:
        sampler = nk.Sampler(state, order(n, 4)[:5])
        yield sampler.sample(300, rng=2)
        yield str(sampler.counts(10**6, rng=3))


def measure(state, n, batch):
    before = state.copy()
    for seed, qubits in enumerate([0, n - 1, *some_qubits(n), None]):
        yield nk.measure(state, qubits, rng=seed, batch=batch)
        yield state
        state[...] = before


def reset(state, n, batch):
    before = state.copy()
    for seed, qubits in enumerate([0, n - 1, *some_qubits(n)]):
        nk.reset(state, qubits, rng=seed, batch=batch)
        yield state
        state[...] = before


def project(state, n, batch):
    before = state.copy()
    for seed, qubits in enumerate([[n - 1], *some_qubits(n)[:3]]):
        outcome = [(seed + place) % 2 for place in range(len(qubits))]
        yield nk.project(state, qubits, outcome, batch=batch)
        yield state
        state[...] = before


CALLS = {
    "dense gates": of_gates("y", "ry", "sx", "u", "rxx", "ch", "cu", "ecr"),
    "diagonal gates": of_gates("z", "t", "rz", "p", "cp", "rzz", "ccz"),
    "permuting gates": of_gates("x", "cx", "swap", "ccx", "cswap"),
    "apply": of_operators(
        nk.apply, lambda k, seed, lead: complexes((*lead, 2**k, 2**k), seed), (1, 2)
    ),
    "apply, wide": of_operators(
        nk.apply, lambda k, seed, lead: complexes((*lead, 2**k, 2**k), seed), (3, 4, 5)
    ),
    "apply_diagonal": of_operators(
        nk.apply_diagonal, lambda k, seed, lead: complexes((*lead, 2**k), seed), (1, 2, 3, 5)
    ),
    "apply_permutation": of_operators(
        nk.apply_permutation, lambda k, seed, lead: order(2**k, seed), (1, 2, 3, 5)
    ),
    "apply_pauli": apply_pauli,
    "pauli_rotation": pauli_rotation,
    "apply_kraus": apply_kraus,
    "norm": norm,
    "inner": inner,
    "probabilities": probabilities,
    "expectation of strings": of_pauli(nk.expectation),
    "expectation of matrices": of_matrix(nk.expectation),
    "expectation of diagonals": of_diagonal(nk.expectation),
    "variance of strings": of_pauli(nk.variance),
    "variance of matrices": of_matrix(nk.variance),
    "variance of diagonals": of_diagonal(nk.variance),
    "bloch_vectors": bloch_vectors,
    "correlations": correlations,
    "reduced_density_matrix": reduced_density_matrix,
    "PauliSum.apply": apply_sum,
    "sample": sample,
    "measure": measure,
    "reset": reset,
    "project": project,
}


# Circuits on n qubits; `angle(i)` is a number, or an expression of a parameter.


def all_gates(n, angle):
    circuit = nk.Circuit(n)
    for seed, gate in enumerate(GATES.values()):
        k, places = len(gate["qubits"]), order(n, seed)
        if k <= n:
            params = [angle(seed + i) for i in range(len(gate["params"]))]
            getattr(circuit, gate["name"])(*params, *places[:k], **controls(places[k:], seed))
    return circuit.gphase(angle(3)).gphase(angle(4), controls=[n - 1])


def brickwork(n, angle):
    circuit = nk.Circuit(n)
    for layer in range(4):
        for q in range(n):
            circuit.h(q).rz(angle(layer + q), q).rx(angle(layer + q + 1), q)
        for q in range(layer % 2, n - 1, 2):
            circuit.cx(q, q + 1)
    return circuit


def diagonals(n, angle):
    circuit = nk.Circuit(n)
    for q in range(n):
        circuit.h(q).rz(angle(q), q)
        for other in range(q):
            circuit.cp(angle(q + other), q, other)
        circuit.rzz(angle(q), q, (q + 1) % n) if n > 1 else circuit.t(q)
    return circuit.apply_diagonal(complexes(2 ** min(n, 4), 1), order(n, 1)[:4])


def operators(n, angle):
    circuit = nk.Circuit(n)
    for seed in range(10):
        k, places = min(n, seed % 5 + 1), order(n, seed)
        circuit.apply(complexes((2**k, 2**k), seed), places[:k], **controls(places[k:], seed))
        circuit.apply_diagonal(complexes(2**k, seed), places[-k:])
        circuit.apply_permutation(order(2**k, seed), places[:k]).rx(angle(seed), places[0])
        circuit.apply_pauli(letters(k, seed), places[:k], **controls(places[k:], seed + 1))
    return circuit


def rotations(n, angle):
    circuit = nk.Circuit(n)
    for seed in range(12):
        k, places = min(n, seed % 6 + 1), order(n, seed)
        options = controls(places[k:], seed // 4)
        circuit.pauli_rotation(angle(seed), letters(k, seed), places[:k], **options)
    return circuit


def steps(n, angle):
    """What needs random numbers, and conditions."""
    circuit = nk.Circuit(n)
    for q in range(min(n, 4)):
        circuit.ry(angle(q), q).cx(q, (q + 1) % n) if n > 1 else circuit.ry(angle(q), q)
        circuit.apply_kraus(DECAY, q).measure(q, q, readout_error=(0.125, 0.25))
        circuit.x(n - 1 - q, condition={q: 1}).apply_kraus(FLIPS, n - 1, condition={q: 0})
    if n > 1:
        circuit.apply_kraus(PAIRS, (n - 1, 0)).rx(angle(1), 1, condition={0: 1, 1: 0})
    return circuit.reset(0).h(0)


CIRCUITS = {
    function.__name__: function
    for function in (all_gates, brickwork, diagonals, operators, rotations, steps)
}
UNITARY = all_gates, brickwork, rotations
PARAMETERS = [nk.Parameter(f"p{i}") for i in range(5)]


def number(i):
    return float(angles((), i % 7))


def expression(i):
    return (i % 3 - 1.5) * PARAMETERS[i % 5] + 0.25 * i


def run(build):
    def call(state, n, batch):
        before = state.copy()
        for angle in number, expression:
            circuit = build(n, angle)
            for lead in dict.fromkeys([(), state.shape[:batch]]):
                values = angles((*lead, len(circuit.parameters)), 8)
                state[...] = before
                bits = circuit.run(state, values, batch=batch, rng=5)
                yield state
                if bits is not None:
                    yield bits
        # Tiles of zeros are left alone.
        state[...] = 0
        state[(*[slice(None)] * batch, *[0] * (state.ndim - batch))] = 1
        circuit.run(state, angles(len(circuit.parameters), 1), batch=batch, rng=6)
        yield state
        if build in UNITARY:
            circuit.inverse().run(state, angles(len(circuit.parameters), 2), batch=batch)
            yield state

    return call


def energies(build, size, dtype):
    """Expectation values after a circuit, and their derivatives."""
    for n in SIZES[size]:
        circuit = build(n, expression)
        observables = [pauli_sum(n, 6, 1), letters(n, 2), reals(2**n, 3)]
        start, values = complexes(2**n, 4, dtype), angles(len(circuit.parameters), 5)
        for observable in observables:
            yield circuit.expectation(observable, values, state=start)
            yield from circuit.gradient(observable, values)
            yield from circuit.gradient(observable, values, state=start)
        if n > 1:
            for observable in hermitian(2, 6), reals(4, 7):
                qubits = order(n, 8)[:2]
                yield circuit.expectation(observable, values, qubits=qubits)
                yield from circuit.gradient(observable, values, qubits=qubits, state=start)
        yield from circuit.vjp(observables, [0.5, -1.25, 3], values, state=start)
        batch = angles((3, len(circuit.parameters)), 6)
        yield circuit.expectation(observables[0], batch, batch=1)
        yield from circuit.gradient(observables[0], batch, batch=1)


def trajectories(n, dtype):
    start, total = filled(np.zeros(2**n, dtype), n, 1), pauli_sum(n, 3, 2)
    nk.normalize(start)
    for angle in number, expression:
        circuit = steps(n, angle)
        values = angles(len(circuit.parameters), 3)
        yield circuit.trajectories(start, total, 70, values, rng=7)
        yield circuit.trajectories(start, nk.norm, 3, values, rng=8)


# Density matrices, and the rest


def densities(n, dtype, bits=None):
    size = 2**n
    flat = np.zeros((size, size), dtype)
    for seed, rho in enumerate((flat, flat.T, np.zeros((2 * size, size, 2), dtype)[::2, ::-1, 1])):
        rho[...] = complexes((size, size), seed, dtype, bits)
        yield rho


def density_matrices(n, dtype):
    for rho in densities(n, dtype):
        for k in range(1, min(n, 3) + 1):
            density.apply(rho, complexes((2**k, 2**k), k), order(n, k)[:k])
            yield rho
        density.apply_channel(rho, DECAY, n - 1)
        yield rho
        density.apply_channel(rho, FLIPS, 0)
        yield rho
        if n > 1:
            density.apply_channel(rho, PAIRS, order(n, 5)[:2])
            yield rho
        for angle in number, expression:
            circuit = all_gates(n, angle)
            density.run(rho, circuit, angles(len(circuit.parameters), 4))
            yield rho
        for observable in letters(n, 1), pauli_sum(n, 7, 2), hermitian(n, 3), reals(2**n, 4):
            yield density.expectation(rho, observable)
    # Here NumPy multiplies and adds: numbers so short that it does not round.
    for rho in densities(n, dtype, bits=8):
        for k in range(1, n + 1):
            qubits = order(n, k)[:k]
            yield density.partial_trace(rho, qubits)
            yield density.expectation(rho, letters(k, k), qubits=qubits)
    yield density.from_state(complexes(2**n, 1, dtype, 8))
    yield density.purity(np.full((2**n, 2**n), 0.25, dtype))
    yield density.zero_density(n, dtype)


def channels():
    """Products with i have zeros whose signs are NumPy's: all become positive."""
    for p in 0, 0.3, 1:
        yield nk.channels.generalized_amplitude_damping(p, 0.4) + 0
        yield nk.channels.depolarizing(p, 2) + 0
        yield nk.channels.amplitude_damping(p) + 0
        yield nk.channels.bit_flip(p) + 0
        yield nk.channels.bit_phase_flip(p) + 0
        yield nk.channels.phase_damping(p) + 0
        yield nk.channels.phase_flip(p) + 0


def handles():
    yield nk.ket("0100").h(0).CNOT(0, 1).rx(0.3, 2).CPHASE(0.7, 3, 0).state
    yield nk.basis_state(3, "110")
    yield nk.zero_state(2, np.complex64)
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; U(pi/3, 0.1, -pi) q[1];'
    state = nk.zero_state(2)
    nk.Circuit.from_qasm(text).run(state)
    yield state


def on_states(call, layout, size, dtype):
    for state, n in states(layout, size, dtype):
        yield from call(state, n, 0)


def on_batches(call, size, dtype):
    for state, n in batches(size, dtype):
        yield from call(state, n, 1)


def of_precision():
    """The cases of a precision: a name, a function that gives results, and its arguments."""
    for name in GATES:
        for layout in "flat", "axes":
            yield f"gate {name}, {layout}", on_states, of_gates(*(name,) * 3), layout, "small"
    calls = CALLS | {f"run {name}": run(build) for name, build in CIRCUITS.items()}
    for name, call in calls.items():
        for layout in LAYOUTS:
            for size in ("small", "middle", "large")[: 3 if layout == "flat" else 2]:
                yield f"{name}, {layout}, {size}", on_states, call, layout, size
        for size in BATCHES if call is not apply_sum else ():
            yield f"{name}, batch, {size}", on_batches, call, size
    for build in UNITARY:
        for size in "small", "middle":
            yield f"gradient of {build.__name__}, {size}", energies, build, size
    for n in 2, 5, 11:
        yield f"trajectories, {n} qubits", trajectories, n
    for n in 1, 2, 4, 7:
        yield f"density matrices, {n} qubits", density_matrices, n


def cases():
    """All cases: a name, and a function that gives the results."""
    for precision, dtype in PRECISIONS.items():
        for name, function, *arguments in of_precision():
            yield f"{name}, {precision}", partial(function, *arguments, dtype)
    yield "channels", channels
    yield "handles", handles
