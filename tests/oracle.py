"""The slow textbook: every gate written out from its definition, in long double, by NumPy alone.

The first listed qubit is the most significant bit of a matrix index, and qubit `q` of a state is
axis `q` of `state.reshape((2,) * n)`.
"""

import numpy as np

I2 = np.eye(2, dtype=np.clongdouble)
X = np.array([[0, 1], [1, 0]], np.clongdouble)
Y = np.array([[0, -1j], [1j, 0]], np.clongdouble)
Z = np.array([[1, 0], [0, -1]], np.clongdouble)
SWAP = np.eye(4, dtype=np.clongdouble)[[0, 2, 1, 3]]
R = 1 / np.sqrt(np.longdouble(2))
SX = np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]], np.clongdouble) / 2
ISWAP = np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]], np.clongdouble)


def cis(angle):
    """e^{i angle}."""
    angle = np.longdouble(angle)
    return np.cos(angle) + 1j * np.sin(angle)


def phase(angle):
    return np.diag([1, cis(angle)])


def rotation(pauli, theta):
    """exp(-i theta/2 P), as P squared is one."""
    half = np.longdouble(theta) / 2
    return np.cos(half) * np.eye(len(pauli)) - 1j * np.sin(half) * pauli


def euler(theta, phi, lam):
    half, phi, lam = np.longdouble(theta) / 2, np.longdouble(phi), np.longdouble(lam)
    c, s = np.cos(half), np.sin(half)
    return np.array([[c, -cis(lam) * s], [cis(phi) * s, cis(phi) * cis(lam) * c]])


def controlled(matrix):
    """Acts where the first listed qubit is 1."""
    size = len(matrix)
    full = np.eye(2 * size, dtype=np.clongdouble)
    full[size:, size:] = matrix
    return full


def diagonal(*entries):
    return np.diag(np.array(entries, np.clongdouble))


GATES = {
    "x": lambda: X,
    "y": lambda: Y,
    "z": lambda: Z,
    "h": lambda: R * (X + Z),
    "s": lambda: diagonal(1, 1j),
    "sdg": lambda: diagonal(1, -1j),
    "t": lambda: diagonal(1, R * (1 + 1j)),
    "tdg": lambda: diagonal(1, R * (1 - 1j)),
    "sx": lambda: SX,
    "sxdg": lambda: SX.conj().T,
    "p": phase,
    "rx": lambda theta: rotation(X, theta),
    "ry": lambda theta: rotation(Y, theta),
    "rz": lambda theta: rotation(Z, theta),
    "u": euler,
    "cx": lambda: controlled(X),
    "cy": lambda: controlled(Y),
    "cz": lambda: controlled(Z),
    "ch": lambda: controlled(R * (X + Z)),
    "cp": lambda theta: controlled(phase(theta)),
    "crx": lambda theta: controlled(rotation(X, theta)),
    "cry": lambda theta: controlled(rotation(Y, theta)),
    "crz": lambda theta: controlled(rotation(Z, theta)),
    "cu": lambda theta, phi, lam, gamma: controlled(cis(gamma) * euler(theta, phi, lam)),
    "swap": lambda: SWAP,
    "iswap": lambda: ISWAP,
    "rxx": lambda theta: rotation(np.kron(X, X), theta),
    "ryy": lambda theta: rotation(np.kron(Y, Y), theta),
    "rzz": lambda theta: rotation(np.kron(Z, Z), theta),
    "rzx": lambda theta: rotation(np.kron(Z, X), theta),
    "ecr": lambda: R * (np.kron(X, I2) - np.kron(Y, X)),
    "ccx": lambda: controlled(controlled(X)),
    "ccz": lambda: controlled(controlled(Z)),
    "cswap": lambda: controlled(SWAP),
}


def gate(name, *params):
    """The matrix of the named gate."""
    return np.asarray(GATES[name](*params), np.clongdouble)


def num_params(name):
    return GATES[name].__code__.co_argcount


def num_qubits(name):
    return len(gate(name, *[0] * num_params(name))).bit_length() - 1


def apply(state, matrix, qubits, controls=(), control_values=None):
    """A new array of `state`'s shape, long double: `matrix` on `qubits` where the controls hold."""
    qubits, controls = list(qubits), list(controls)
    values = [1] * len(controls) if control_values is None else list(control_values)
    shape = np.shape(state)
    axes = (2,) * (shape[0].bit_length() - 1) if len(shape) == 1 else shape
    psi = np.array(state, np.clongdouble, order="C").reshape(axes)
    front = np.moveaxis(psi, controls + qubits, range(len(controls) + len(qubits)))
    block = front[(*(int(v) for v in values), ...)]
    matrix = np.asarray(matrix, np.clongdouble).reshape(2 ** len(qubits), -1)
    block[...] = (matrix @ block.reshape(len(matrix), -1)).reshape(block.shape)
    return psi.reshape(shape)


def operator(name, params):
    """The matrix of an operation of a circuit."""
    match name:
        case "apply":
            return params[0]
        case "apply_diagonal":
            return np.diag(params[0])
        case "apply_permutation":
            return permutation_matrix(params[0])
        case "gphase":
            return np.array([[cis(params[0])]])
        case "apply_pauli" | "pauli_rotation":
            product = np.eye(1, dtype=np.clongdouble)
            for letter in params[-1]:
                product = np.kron(product, {"I": I2, "X": X, "Y": Y, "Z": Z}[letter])
            return product if name == "apply_pauli" else rotation(product, params[0])
        case _:
            return gate(name, *params)


def pauli(letters):
    """The matrix of a Pauli string."""
    matrix = np.eye(1, dtype=np.clongdouble)
    for letter in letters:
        matrix = np.kron(matrix, {"I": I2, "X": X, "Y": Y, "Z": Z}[letter])
    return matrix


def pauli_sum(terms, n):
    """The matrix of a sum of Pauli strings, given as pairs of letters and coefficients."""
    matrix = np.zeros((2**n, 2**n), np.clongdouble)
    for letters, coefficient in terms:
        matrix += coefficient * pauli(letters)
    return matrix


def trajectory(operations, state, uniforms, num_bits):
    """The state and the classical bits after operations of a circuit.

    Each qubit that is measured or reset takes one of `uniforms`, and is 1 where that is below the
    probability of 1; a readout error takes another. A channel takes one, and applies the first
    operator whose cumulated probability is above it. The norm is kept. They are taken also where
    the condition does not hold, which is looked at once, before the operation.
    """
    uniforms, bits = iter(uniforms), [0] * num_bits
    for name, params, qubits, controls, values, into, condition in operations:
        holds = all(bits[bit] == value for bit, value in condition)
        if name == "apply_kraus":
            uniform = next(uniforms)
            if holds:
                after = [apply(state, kraus, qubits) for kraus in params[0]]
                weights = np.array([np.sum(abs(psi) ** 2) for psi in after])
                chosen = np.searchsorted(np.cumsum(weights), uniform * sum(weights), side="right")
                state = after[chosen] * np.sqrt(sum(weights) / weights[chosen])
            continue
        if name not in ("measure", "reset"):
            if holds:
                state = apply(state, operator(name, params), qubits, controls, values)
            continue
        for place, qubit in enumerate(qubits):
            uniform = next(uniforms)
            misread = next(uniforms) if name == "measure" and params else 1
            if not holds:
                continue
            halves = [apply(state, diagonal(1, 0), [qubit]), apply(state, diagonal(0, 1), [qubit])]
            weights = [np.sum(abs(half) ** 2) for half in halves]
            one = int(uniform < weights[1] / sum(weights))
            state = halves[one] * np.sqrt(sum(weights) / weights[one])
            if name == "reset" and one:
                state = apply(state, X, [qubit])
            elif name == "measure":
                bits[into[place]] = 1 - one if params and misread < params[one] else one
    return state, bits


def channel(rho, operators, qubits):
    """The density matrix after a channel: the sum of K rho K^dagger, in long double."""
    n = len(rho).bit_length() - 1
    columns = [n + qubit for qubit in qubits]
    flat = np.asarray(rho).reshape(-1)
    after = (apply(apply(flat, k, qubits), np.conj(k), columns) for k in operators)
    return sum(after).reshape(rho.shape)


def mixture(operations, rho, num_bits):
    """The density matrix for each value of the classical bits, whose traces are the probabilities,
    after operations of a circuit."""
    zero, one = diagonal(1, 0), diagonal(0, 1)
    known = {(0,) * num_bits: np.asarray(rho, np.clongdouble)}
    for name, params, qubits, controls, values, into, condition in operations:
        after = {}

        def add(bits, rho, after=after):
            after[bits] = after.get(bits, 0) + rho

        for bits, rho in known.items():
            if not all(bits[bit] == value for bit, value in condition):
                add(bits, rho)
            elif name == "measure":
                branches = [(list(bits), rho)]
                for qubit, bit in zip(qubits, into, strict=True):
                    old, branches = branches, []
                    for bits_, rho_ in old:
                        for value, projector in enumerate((zero, one)):
                            part = channel(rho_, [projector], [qubit])
                            wrong = params[value] if params else 0
                            for recorded in 0, 1:
                                weight = wrong if recorded != value else 1 - wrong
                                new = bits_.copy()
                                new[bit] = recorded
                                branches.append((new, weight * part))
                for new, part in branches:
                    add(tuple(new), part)
            elif name == "reset":
                for qubit in qubits:
                    rho = channel(rho, [zero, X @ one], [qubit])
                add(bits, rho)
            elif name == "apply_kraus":
                add(bits, channel(rho, params[0], qubits))
            else:
                full = operator(name, params)
                for value in reversed(values):
                    blocks = [full, np.eye(len(full))] if not value else [np.eye(len(full)), full]
                    full = np.kron(zero, blocks[0]) + np.kron(one, blocks[1])
                add(bits, channel(rho, [full], [*controls, *qubits]))
        known = after
    return known


def permutation_matrix(permutation):
    """new[permutation[i]] = old[i]."""
    size = len(permutation)
    matrix = np.zeros((size, size), np.clongdouble)
    matrix[permutation, np.arange(size)] = 1
    return matrix


def random_state(rng, n, dtype=np.complex128):
    """A flat random state of norm 1."""
    psi = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    return (psi / np.linalg.norm(psi)).astype(dtype)


def random_unitary(rng, k):
    size = 2**k
    q, r = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
    return q * (np.diag(r) / abs(np.diag(r)))


def tolerance(dtype, terms=4):
    """The error allowed relative to the norm: that of a gate, 4e-16 in double precision.

    Each amplitude is a sum of `terms` products; more of them than a gate has cost in proportion to
    the square root.
    """
    return 4e-16 * (np.finfo(dtype).eps / np.finfo(np.float64).eps) * max(1.0, (terms / 4) ** 0.5)


def distance(actual, expected):
    """The error relative to the norm, in long double."""
    actual, expected = np.asarray(actual, np.clongdouble), np.asarray(expected, np.clongdouble)
    assert actual.shape == expected.shape
    norm = np.sqrt(np.sum(abs(expected) ** 2))
    return float(np.sqrt(np.sum(abs(actual - expected) ** 2)) / (norm or 1))


def assert_close(actual, expected, terms=4):
    """`actual` is `expected` up to the tolerance of its own precision."""
    error, limit = distance(actual, expected), tolerance(actual.dtype, terms)
    assert error <= limit, f"error {error:.2e} above {limit:.2e}"
