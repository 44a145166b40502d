"""Gates, channels and comparisons for the tests of Qibo."""

import inspect
from functools import cache

import numpy as np
import pytest

pytest.importorskip("qibo")

from qibo import gates
from qibo.backends import NumpyBackend
from qibo.gates.abstract import Gate, ParametrizedGate, SpecialGate

from numket.qibo import NumketBackend

DTYPES = ["complex128", "complex64"]
CLASSES = {
    name: kind
    for name, kind in vars(gates).items()
    if inspect.isclass(kind)
    and issubclass(kind, Gate)
    and kind not in (Gate, ParametrizedGate, SpecialGate, gates.Channel)
}
ANGLES = {
    **dict.fromkeys(["RX", "RY", "RZ", "GPI", "GPI2", "U1", "CRX", "CRY", "CRZ", "CU1"], 1),
    **dict.fromkeys(["RXX", "RYY", "RZZ", "RZX", "RXXYY", "GIVENS", "RBS", "DEUTSCH"], 1),
    **dict.fromkeys(["PRX", "U1q", "U2", "CU2", "fSim"], 2),
    **dict.fromkeys(["U3", "CU3", "MS"], 3),
}
QUBITS = {
    **dict.fromkeys(["H", "X", "Y", "Z", "SX", "SXDG", "S", "SDG", "T", "TDG", "I", "Align"], 1),
    **dict.fromkeys(["RX", "RY", "RZ", "PRX", "GPI", "GPI2", "U1", "U2", "U3", "U1q"], 1),
    **dict.fromkeys(["CH", "CNOT", "CY", "CZ", "CSX", "CSXDG", "CRX", "CRY", "CRZ"], 2),
    **dict.fromkeys(["CU1", "CU2", "CU3", "SWAP", "iSWAP", "SiSWAP", "SiSWAPDG", "FSWAP"], 2),
    **dict.fromkeys(["fSim", "SYC", "GeneralizedfSim", "RXX", "RYY", "RZZ", "RZX", "RXXYY"], 2),
    **dict.fromkeys(["MS", "GIVENS", "RBS", "ECR", "Unitary", "FusedGate", "Barrier"], 2),
    **dict.fromkeys(["TOFFOLI", "CCZ", "DEUTSCH", "FanOut", "GeneralizedRBS", "Multiplexor"], 3),
}
"""How many qubits a gate takes here; some could take others."""
CHANNELS = {
    "KrausChannel": 2,
    "UnitaryChannel": 2,
    "PauliNoiseChannel": 2,
    "DepolarizingChannel": 2,
    "ThermalRelaxationChannel": 1,
    "AmplitudeDampingChannel": 1,
    "PhaseDampingChannel": 1,
    "ReadoutErrorChannel": 2,
    "ResetChannel": 1,
}
CONTROLLED = {"CH", "CNOT", "CY", "CZ", "CSX", "CSXDG", "CRX", "CRY", "CRZ", "CU1", "CU2", "CU3"}
CONTROLLED |= {"TOFFOLI", "CCZ", "DEUTSCH", "FanOut", "FusedGate", "Barrier", "U1q"}
"""Gates that take no more controls, or for which Qibo fails to make them."""


def unitary(rng, k):
    matrix = rng.normal(size=(2, 2**k, 2**k))
    return np.linalg.qr(matrix[0] + 1j * matrix[1])[0]


def make(name, rng, qubits):
    """A gate of this class on these qubits, with random parameters."""
    kind = CLASSES[name]
    angles = list(rng.uniform(-7, 7, ANGLES.get(name, 0)))
    match name:
        case "Align":
            return kind(qubits[0], 3)
        case "Unitary":
            return kind(unitary(rng, len(qubits)), *qubits)
        case "GeneralizedfSim":
            return kind(*qubits, unitary(rng, 1), rng.uniform(-7, 7))
        case "GeneralizedRBS":
            return kind(qubits[:2], qubits[2:], *rng.uniform(-7, 7, 2))
        case "Multiplexor":
            axis = str(rng.choice(["y", "z"]))
            return kind(qubits[:2], qubits[2], rng.uniform(-7, 7, 4), axis)
        case "FusedGate":
            fused = kind(*qubits)
            for inner in ("H", "U3", "CNOT", "GPI2", "CU3"):
                fused.append(make(inner, rng, qubits[::-1][: QUBITS[inner]]))
            fused.append(gates.U3(qubits[0], *rng.uniform(-7, 7, 3)).controlled_by(qubits[1]))
            return fused
        case "MS":
            return kind(*qubits, *angles[:2], theta=rng.uniform(0, np.pi / 2))
    return kind(*qubits, *angles)


def channel(name, rng, qubits):
    """A channel of this class on these qubits, with random parameters."""
    kind = CLASSES[name]
    p = rng.uniform(0, 0.4, 3)
    match name:
        case "KrausChannel":
            # An isometry, cut into operators; one is on the first qubit alone.
            tall = np.linalg.qr(rng.normal(size=(12, 4)) + 1j * rng.normal(size=(12, 4)))[0]
            some = [np.sqrt(0.7) * part for part in np.split(tall, 3)]
            places = [tuple(qubits)] * 3 + [tuple(qubits[:1])]
            return kind(places, [*some, np.sqrt(0.3) * unitary(rng, 1)])
        case "UnitaryChannel":
            flip = gates.RX(qubits[0], 0.3).controlled_by(qubits[1])
            return kind([], [(p[0], gates.CNOT(*qubits)), (p[1], flip)])
        case "PauliNoiseChannel":
            return kind(tuple(qubits), [("XY", p[0]), ("ZI", p[1])])
        case "DepolarizingChannel":
            return kind(tuple(qubits), p[0])
        case "ThermalRelaxationChannel":
            t1, t2 = (1.0, 0.7) if rng.random() < 0.5 else (1.0, 1.4)
            return kind(*qubits, [t1, t2, 0.3, 0.2])
        case "ReadoutErrorChannel":
            stochastic = rng.random((4, 4))
            return kind(tuple(qubits), stochastic / stochastic.sum(axis=1, keepdims=True))
        case "ResetChannel":
            return kind(*qubits, list(p[:2]))
    return kind(*qubits, p[0])


@cache
def backends(dtype="complex128"):
    """Qibo's, and ours."""
    both = NumpyBackend(), NumketBackend()
    for backend in both:
        backend.set_dtype(dtype)
    return both


def both(build, dtype="complex128", **options):
    """What a circuit gives on either, each with a circuit of its own and the same seed."""
    results = []
    for backend in backends(dtype):
        backend.set_seed(7)
        results.append(backend.execute_circuit(build(), **options))
    return results


def drawn(result):
    """The frequencies, which are drawn when they are asked for."""
    result.backend.set_seed(11)
    return result.frequencies()


def close(got, expected, dtype="complex128", scale=1):
    """Both to within rounding, in the precision of the state."""
    np.testing.assert_allclose(got, expected, rtol=0, atol=scale * 100 * np.finfo(dtype).eps)


def random_density(rng, n, dtype="complex128"):
    root = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
    rho = root @ root.conj().T
    return (rho / np.trace(rho)).astype(dtype)
