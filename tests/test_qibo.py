"""Qibo's circuits on numket's backend, against Qibo's own NumPy engine."""

import inspect
import pickle
import tracemalloc
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle

qibo = pytest.importorskip("qibo")

from qibo import Circuit, callbacks, gates, hamiltonians, models  # noqa: E402
from qibo.backends import NumpyBackend, construct_backend  # noqa: E402
from qibo.gates.abstract import Gate, ParametrizedGate, SpecialGate  # noqa: E402
from qibo.parallel import parallel_execution  # noqa: E402
from qibo.symbols import X, Y, Z  # noqa: E402

from numket.qibo import NumketBackend, from_qibo  # noqa: E402

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


def test_no_gate_is_left_out():
    """A gate or channel that Qibo adds has to be added here."""
    special = {"M", "CallbackGate"}
    assert CLASSES.keys() - special <= QUBITS.keys() | CHANNELS.keys()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [name for name in QUBITS if name in CLASSES])
@pytest.mark.parametrize("density", [False, True], ids=["vector", "density"])
def test_every_gate(name, density, dtype, rng):
    for controls in range(1 if name in CONTROLLED else 3):
        k = QUBITS[name]
        for n in (k + controls, 5):
            places = [int(qubit) for qubit in rng.permutation(n)]
            gate = make(name, rng, places[:k])
            if controls:
                gate = gate.controlled_by(*places[k : k + controls])

            def build(gate=gate, n=n):
                circuit = Circuit(n, density_matrix=density)
                circuit.add(gate)
                return circuit

            state = random_density(rng, n, dtype) if density else oracle.random_state(rng, n, dtype)
            theirs, ours = both(build, dtype, initial_state=state.copy())
            assert ours.state().dtype == dtype
            close(ours.state(), theirs.state(), dtype)
            # And on its own, as channels and Hamiltonians apply gates.
            for backend in backends(dtype)[1:]:
                if name != "Barrier":
                    close(backend.apply_gate(gate, state.copy(), n), theirs.state(), dtype)


@st.composite
def circuits(draw):
    """(builder of a circuit, number of qubits, whether for density matrices)."""
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(3, 6))
    density = draw(st.booleans())
    unitaries = [name for name in QUBITS if name in CLASSES and name != "FusedGate"]
    names = [*unitaries, *(CHANNELS if density else ())]
    listed = draw(st.lists(st.sampled_from(names), max_size=12))
    measured = draw(st.booleans())
    width = draw(st.integers(0, 3))

    def build():
        rng = np.random.default_rng(seed)
        circuit = Circuit(n, density_matrix=density)
        for name in listed:
            places = [int(qubit) for qubit in rng.permutation(n)]
            if name in CHANNELS:
                circuit.add(channel(name, rng, places[: CHANNELS[name]]))
                continue
            gate = make(name, rng, places[: QUBITS[name]])
            if name not in CONTROLLED and rng.random() < 0.3 and QUBITS[name] < n:
                gate = gate.controlled_by(*places[QUBITS[name] :][:2])
            circuit.add(gate)
        if measured:
            circuit.add(gates.M(2, 0))
        return circuit.fuse(width) if width and not {*CHANNELS} & {*listed} else circuit

    return build, n, density


@settings(max_examples=120)
@given(circuits(), st.sampled_from(DTYPES), st.booleans())
def test_circuits(case, dtype, given_state):
    build, n, density = case
    options = {}
    if given_state:
        rng = np.random.default_rng(3)
        state = random_density(rng, n, dtype) if density else oracle.random_state(rng, n, dtype)
        options["initial_state"] = state
    before = {key: value.tobytes() for key, value in options.items()}
    theirs, ours = both(build, dtype, nshots=50, **options)
    assert type(ours) is type(theirs)
    close(ours.state(), theirs.state(), dtype, 4)
    assert {key: value.tobytes() for key, value in options.items()} == before
    close(ours.probabilities([1, 0]), theirs.probabilities([1, 0]), dtype, 4)
    if build().measurements and dtype == "complex128":
        assert drawn(ours) == drawn(theirs)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel(name, dtype, rng):
    for n in (2, 4):
        places = [int(qubit) for qubit in rng.permutation(n)]
        for _ in range(4):
            noise = channel(name, rng, places[: CHANNELS[name]])
            rho = random_density(rng, n, dtype)
            theirs, ours = backends(dtype)
            expected = noise.apply(theirs, rho.copy(), n)
            close(noise.apply(ours, rho.copy(), n), expected, dtype)
            close(
                ours.apply_channel(noise, rho.copy(), n),
                theirs.apply_channel(noise, rho.copy(), n),
                dtype,
            )

            def build(noise=noise, n=n):
                circuit = Circuit(n, density_matrix=True)
                circuit.add([gates.H(0), noise, gates.RY(1, 0.3), gates.Y(1)])
                return circuit

            results = both(build, dtype, initial_state=rho)
            close(results[1].state(), results[0].state(), dtype)


def test_channels_on_many_qubits(rng):
    """Beyond the size of one matrix they are done operator by operator."""
    places = [(0, 1), (2, 3), (4,)]
    noise = gates.KrausChannel(
        places, [np.sqrt(1 / 3) * unitary(rng, len(place)) for place in places]
    )
    rho = random_density(rng, 5)
    theirs, ours = backends()
    expected = theirs.apply_channel(noise, rho.copy(), 5)
    close(ours.apply_channel(noise, rho.copy(), 5), expected)

    def build():
        circuit = Circuit(5, density_matrix=True)
        circuit.add(noise)
        return circuit

    close(both(build, initial_state=rho)[1].state(), expected)


def walk(backend, n=3):
    """A circuit that measures on the way, and turns by what came out."""
    circuit = Circuit(n)
    circuit.add([gates.H(0), gates.RY(1, 0.9)])
    first = circuit.add(gates.M(1, 0, collapse=True))
    circuit.add(gates.RX(2, theta=np.pi * first.symbols[0] / 3 + 0.2))
    circuit.add(gates.CNOT(2, 1))
    second = circuit.add(gates.M(2, collapse=True))
    circuit.add(gates.RY(0, theta=1.1 * second.symbols[0]).controlled_by(1))
    circuit.add(gates.M(0, 1, 2))
    backend.set_seed(5)
    result = backend.execute_circuit(circuit, nshots=80)
    return result, first, second


@pytest.mark.parametrize("dtype", DTYPES)
def test_measurements_on_the_way(dtype):
    """With the same seed the same outcomes, of the measurements on the way too."""
    theirs, ours = (walk(backend) for backend in backends(dtype))
    assert type(ours[0]) is type(theirs[0])
    assert ours[0].frequencies() == theirs[0].frequencies()
    assert len(ours[0].frequencies()) > 3
    for mine, their in zip(ours, theirs, strict=True):
        assert np.array_equal(mine.samples(), their.samples())


def test_measurements_know_their_backend():
    """Measurements that do not collapse wait for the end of the queue."""
    circuit = Circuit(2)
    outcome = circuit.add(gates.M(0))
    circuit.add(gates.X(1))
    backend = NumketBackend()
    backend.execute_circuit(circuit, nshots=10)
    assert outcome.backend is backend


def test_a_measured_qubit_that_is_used_again():
    """Qibo makes such a measurement collapse."""

    def build():
        circuit = Circuit(2)
        circuit.add([gates.H(0), gates.M(0), gates.CNOT(0, 1), gates.H(0), gates.M(1)])
        return circuit

    theirs, ours = both(build, nshots=40)
    assert ours.frequencies() == theirs.frequencies()
    assert set(ours.frequencies()) == {"0", "1"}


def test_measurements_of_density_matrices():
    def build():
        circuit = Circuit(3, density_matrix=True)
        circuit.add([gates.H(0), gates.CNOT(0, 1), gates.PauliNoiseChannel(1, [("X", 0.2)])])
        first = circuit.add(gates.M(1, 2, collapse=True))
        circuit.add([gates.RX(2, theta=first.symbols[0]), gates.M(0, 2)])
        return circuit

    theirs, ours = both(build, nshots=30)
    close(ours.state(), theirs.state())
    assert drawn(ours) == drawn(theirs)


@pytest.mark.parametrize("dtype", DTYPES)
def test_collapse(dtype, rng):
    state = oracle.random_state(rng, 4, dtype)
    theirs, ours = backends(dtype)
    for qubits in ([1], [0, 3], [1, 2, 3]):
        for shot in range(2 ** len(qubits)):
            drawn = np.array([shot])
            expected = theirs.collapse_state(state, qubits, drawn, 4)
            mine = state.copy()
            got = ours.collapse_state(mine, qubits, drawn, 4)
            assert got is mine
            close(got, expected, dtype)
            close(ours.collapse_state(3 * state, qubits, drawn, 4), expected, dtype)
            raw = ours.collapse_state(state.copy(), qubits, drawn, 4, normalize=False)
            close(raw, theirs.collapse_state(state, qubits, drawn, 4, normalize=False), dtype)


def noisy():
    circuit = Circuit(3)
    circuit.add([gates.H(0), gates.CNOT(0, 1), gates.RY(2, 0.4)])
    circuit.add(gates.PauliNoiseChannel((0, 1), [("XY", 0.2), ("ZI", 0.3)]))
    circuit.add([gates.CNOT(1, 2), gates.DepolarizingChannel((2,), 0.3), gates.H(1)])
    circuit.add(gates.UnitaryChannel(0, [(0.3, np.array([[0, 1], [1, 0]]))]))
    circuit.add(gates.M(0, 1, 2, p0=0.1))
    return circuit


@pytest.mark.parametrize("dtype", DTYPES)
def test_noise_on_state_vectors(dtype):
    """Channels draw as Qibo's do: with the same seed the same samples."""
    theirs, ours = both(noisy, dtype, nshots=100)
    assert ours.frequencies() == theirs.frequencies()
    assert len(ours.frequencies()) > 4
    assert np.array_equal(ours.samples(), theirs.samples())


def test_noise_maps():
    """Circuits with noise after every gate, on density matrices."""

    def build():
        circuit = Circuit(3, density_matrix=True)
        circuit.add([gates.H(0), gates.CNOT(0, 1), gates.RZ(1, 0.7), gates.CZ(1, 2), gates.H(2)])
        circuit.add(gates.M(0, 2, p0=0.05, p1=0.1))
        return circuit.with_pauli_noise({q: [("X", 0.1), ("Z", 0.05)] for q in range(3)})

    theirs, ours = both(build)
    close(ours.state(), theirs.state())
    assert drawn(ours) == drawn(theirs)


@pytest.mark.parametrize("density", [False, True], ids=["vector", "density"])
def test_callbacks(density, rng):
    target = random_density(rng, 3) if density else oracle.random_state(rng, 3)
    histories = []
    for backend in backends():
        hamiltonian = hamiltonians.TFIM(3, h=0.5, backend=backend)
        seen = [
            callbacks.EntanglementEntropy([0]),
            callbacks.Norm(),
            callbacks.Overlap(target),
            callbacks.Energy(hamiltonian),
            callbacks.State(),
        ]
        circuit = Circuit(3, density_matrix=density)
        for gate in (gates.H(0), gates.CNOT(0, 1), gates.RY(2, 0.3), gates.CU3(2, 0, 1, 2, 3)):
            circuit.add([gate, *(gates.CallbackGate(callback) for callback in seen)])
        backend.execute_circuit(circuit)
        histories.append([np.array([np.asarray(x) for x in one.results]) for one in seen])
    for theirs, ours in zip(*histories, strict=True):
        assert len(ours) == 4
        close(ours, theirs)
    assert abs(histories[1][0][1] - 1) < 1e-12


def test_a_state_is_never_copied():
    """The circuit's own state is all of its size that is allocated on the way to the result."""
    n = 16
    circuit = Circuit(n)
    for qubit in range(n):
        circuit.add([gates.H(qubit), gates.U3(qubit, 0.1, 0.2, 0.3)])
        circuit.add(gates.CNOT(qubit, (qubit + 1) % n))
        circuit.add(gates.Unitary(np.eye(4), qubit, (qubit + 5) % n))
    circuit.add([gates.RX(3, 0.4).controlled_by(1, 2), gates.FanOut(0, 4, 9)])
    backend = NumketBackend()
    backend.execute_circuit(circuit)
    tracemalloc.start()
    result = backend.execute_circuit(circuit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.state().nbytes == 2**20
    assert peak < 1.1 * 2**20
    assert result.state() is result.state()
    assert circuit.final_state is result


@pytest.mark.parametrize("density", [False, True], ids=["vector", "density"])
def test_one_array_all_the_way(density, rng):
    """From the first gate to the result, across callbacks, noise and measurements."""

    class Where(callbacks.Callback):
        def apply(self, backend, state):
            self.append(state.__array_interface__["data"][0])

    where = Where()
    circuit = Circuit(4, density_matrix=density)
    for gate in (gates.H(0), gates.CNOT(0, 1)):
        circuit.add([gate, gates.CallbackGate(where)])
    if density:
        circuit.add([gates.DepolarizingChannel((0, 1), 0.1), gates.CallbackGate(where)])
        circuit.add([gates.AmplitudeDampingChannel(2, 0.1), gates.CallbackGate(where)])
        circuit.add([gates.ResetChannel(2, [0.1, 0.2]), gates.CallbackGate(where)])
    circuit.add([gates.iSWAP(1, 3), gates.M(0, 1)])
    result = NumketBackend().execute_circuit(circuit)
    assert {*where.results} == {result.state().__array_interface__["data"][0]}


def test_draws_and_collapses_are_in_place(rng):
    backend = NumketBackend()
    state = oracle.random_state(rng, 3)
    noise = gates.PauliNoiseChannel(1, [("X", 0.5), ("Y", 0.5)])
    assert noise.apply(backend, state, 3) is state
    assert gates.M(0, 2, collapse=True).apply(backend, state, 3) is state
    assert backend.apply_gate(gates.H(1), state, 3) is state


@pytest.mark.parametrize(
    "given", [float, np.float32, np.complex64, np.complex128, "frozen", ">c16"]
)
@pytest.mark.parametrize("repeated", [False, True])
def test_initial_states(given, repeated):
    """Of any dtype that Qibo takes; the user's own array stays as it is."""
    state = np.array([0.5, 0, 0, -0.5, 0, 0.5, 0.5, 0], complex if given == "frozen" else given)
    state.flags.writeable = given != "frozen"
    before = state.tobytes()

    def build():
        circuit = Circuit(3)
        circuit.add([gates.RX(0, 0.3), gates.CNOT(0, 2), gates.M(2, collapse=repeated)])
        circuit.add(gates.M(0, 1))
        return circuit

    theirs, ours = both(build, initial_state=state, nshots=20)
    if not repeated:
        assert ours.state().dtype == theirs.state().dtype
        close(ours.state(), theirs.state())
    assert drawn(ours) == drawn(theirs)
    assert state.tobytes() == before


@pytest.mark.parametrize("kind", [object, np.clongdouble])
@pytest.mark.parametrize("density", [False, True], ids=["vector", "density"])
def test_other_precisions_are_left_to_qibo(kind, density):
    def build():
        circuit = Circuit(2, density_matrix=density)
        circuit.add([gates.H(0), gates.CNOT(0, 1), gates.RY(1, 0.3)])
        if density:
            circuit.add([gates.DepolarizingChannel((0,), 0.1), gates.ResetChannel(1, [0.1, 0.2])])
            circuit.add(gates.PauliNoiseChannel(0, [("X", 0.2)]))
        return circuit

    state = np.array([0, 1, 0, 0], kind)
    theirs, ours = both(build, initial_state=np.outer(state, state) if density else state)
    assert ours.state().dtype == theirs.state().dtype == np.result_type(kind, complex)
    close(ours.state().astype(complex), theirs.state().astype(complex))


@pytest.mark.parametrize("given", [[1, 0], "0"], ids=str)
def test_refused_initial_states_are_those_of_qibo(given):
    for backend in backends():
        with pytest.raises(AttributeError, match="'dtype'"):
            backend.execute_circuit(Circuit(1), initial_state=given)


def test_initial_circuits_and_empty_ones(rng):
    first = Circuit(2)
    first.add(gates.H(0))
    theirs, ours = both(lambda: Circuit(2), initial_state=first)
    close(ours.state(), theirs.state())
    close(both(lambda: Circuit(2))[1].state(), [1, 0, 0, 0])
    state = oracle.random_state(rng, 2)
    close(both(lambda: Circuit(2), initial_state=state)[1].state(), state)


def test_apply_gate_on_arrays_that_cannot_be_changed(rng):
    theirs, ours = backends()
    frozen = oracle.random_state(rng, 2)
    frozen.flags.writeable = False
    for state in (frozen, frozen.real, np.eye(4) / 4):
        before = state.copy()
        got = ours.apply_gate(gates.CRX(0, 1, 0.3), state, 2)
        close(got, theirs.apply_gate(gates.CRX(0, 1, 0.3), state, 2))
        assert np.array_equal(state, before)
    strided = np.repeat(oracle.random_state(rng, 3), 2)[::-2]
    expected = theirs.apply_gate(gates.Y(1), strided, 3)
    assert ours.apply_gate(gates.Y(1), strided, 3) is strided
    close(strided, expected)


@pytest.mark.parametrize("dtype", [*DTYPES, "float64"])
def test_probabilities(dtype, rng):
    theirs, ours = backends("complex128" if dtype == "float64" else dtype)
    state = oracle.random_state(rng, 4).astype(dtype) if dtype != "float64" else rng.normal(size=16)
    rho = random_density(rng, 4, dtype) if dtype != "float64" else np.diag(rng.random(16))
    for qubits in ([0], [3, 1], (0, 1, 2, 3), [2, 0, 3], {1, 2}, range(4)):
        for array, density in ((state, False), (rho, True)):
            got = ours.calculate_probabilities(array, qubits, 4, density)
            expected = theirs.calculate_probabilities(array, qubits, 4, density)
            assert got.dtype == expected.dtype
            close(got, expected, dtype, 4)


def test_expectation_values(rng):
    form = 0.5 * X(0) * Y(2) - 1.5 * Z(1) * Z(2) + 2 * Y(1) + 3 + Z(0) * X(1) * Y(2)
    for density in (False, True):
        values = []
        for backend in backends():
            hamiltonian = hamiltonians.SymbolicHamiltonian(form, backend=backend)
            seeds = np.random.default_rng(2)
            circuit = Circuit(3, density_matrix=density)
            circuit.add([make("U3", seeds, [q]) for q in range(3)])
            circuit.add([make("CU3", seeds, [q, (q + 1) % 3]) for q in range(3)])
            if density:
                circuit.add(gates.DepolarizingChannel((1,), 0.2))
            values.append(hamiltonian.expectation(circuit))
            values.append(hamiltonian.dense.expectation(circuit))
            values.append(hamiltonian.expectation(circuit))  # of the result that it has now
        close(values, values[0], scale=10)
        assert all(isinstance(value, float) for value in values)


def test_observables_that_are_no_pauli_strings():
    theirs, ours = backends()
    circuit = Circuit(2)
    circuit.add([gates.RY(0, 0.4), gates.CNOT(0, 1)])
    result = theirs.execute_circuit(circuit)
    assert result is circuit.final_state
    arguments = (circuit, ["HZ"], [(0, 1)], [0.5], 2)
    expected = theirs.exp_value_observable_symbolic(*arguments)
    close(ours.exp_value_observable_symbolic(*arguments), expected)


def test_models():
    """Optimisers, time evolution and ready circuits give what they give on Qibo's engine."""
    found = []
    for backend in backends():
        hamiltonian = hamiltonians.XXZ(3, dense=False, backend=backend)
        circuit = Circuit(3)
        circuit.add([gates.RY(q, 0.0) for q in range(3)] + [gates.CZ(0, 1), gates.CZ(1, 2)])
        circuit.add([gates.RY(q, 0.0) for q in range(3)])
        start = np.linspace(0.1, 0.9, 6)
        best = models.VQE(circuit, hamiltonian).minimize(start, method="BFGS")[0]

        chain = hamiltonians.TFIM(3, h=0.7, dense=False, backend=backend)
        plus = np.full(8, 8**-0.5, complex)
        evolved = models.StateEvolution(chain, dt=0.1)(0.5, initial_state=plus)
        runge = models.StateEvolution(chain, dt=0.1, solver="rk4")(0.5, initial_state=plus)
        assert np.all(plus == plus[0])
        easy = hamiltonians.X(3, dense=False, backend=backend)
        adiabatic = models.AdiabaticEvolution(easy, chain, lambda t: t, dt=0.1)(
            0.5, initial_state=plus
        )
        qaoa = models.QAOA(chain)
        qaoa.set_parameters(np.array([0.1, 0.2, 0.3, 0.4]))
        fourier = backend.execute_circuit(models.QFT(4), initial_state=np.eye(16)[5]).state()
        found.append([best, evolved, runge, adiabatic, qaoa.execute(), fourier])
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@pytest.fixture
def restored():
    """The backend of the other tests comes back."""
    before = qibo.get_backend()
    yield
    qibo.backends._Global._backend = before


def test_the_one_line_to_change(restored):
    qibo.set_backend("numket.qibo")
    assert repr(qibo.get_backend()) == "numket.qibo (numpy)"
    circuit = Circuit(2)
    circuit.add([gates.H(0), gates.CNOT(0, 1), gates.M(0, 1)])
    assert set(circuit(nshots=50).frequencies()) == {"00", "11"}
    assert qibo.list_available_backends("numket-qibo", "numket.qibo") == {
        **qibo.list_available_backends(),
        "numket-qibo": False,
        "numket.qibo": {"numpy": True},
    }
    qibo.set_backend("numket.qibo", dtype="complex64")
    assert circuit.copy(deep=True)().state().dtype == np.complex64
    qibo.set_dtype("complex128")
    assert circuit.copy(deep=True)().state().dtype == np.complex128
    with pytest.raises(ValueError, match=r"'platform' is 'cupy'; .*: use 'numpy'"):
        qibo.set_backend("numket.qibo", platform="cupy")
    before = nk.get_num_threads()
    qibo.set_threads(1)
    assert (qibo.get_threads(), nk.get_num_threads()) == (1, 1)
    qibo.set_threads(before)
    qibo.set_device("/CPU:0")
    with pytest.raises(ValueError, match="not available"):
        qibo.set_device("/GPU:0")
    clifford = qibo.quantum_info.Clifford(circuit.copy(deep=True))
    assert set(clifford.frequencies()) == {"00", "11"}


def test_chosen_by_the_environment(snippet):
    code = """
        import qibo
        circuit = qibo.Circuit(1)
        circuit.add(qibo.gates.X(0))
        print(circuit().state().real, qibo.get_backend())
    """
    assert (
        snippet(code, QIBO_BACKEND="numket.qibo").splitlines()[-1] == "[0. 1.] numket.qibo (numpy)"
    )


def test_without_qibo(snippet):
    code = """
        import sys
        sys.modules["qibo"] = None
        try:
            import numket.qibo
        except ImportError as error:
            print(error)
    """
    assert snippet(code) == "numket.qibo needs Qibo: use pip install 'numket[qibo]'"


def test_real_backends_are_left_to_qibo(rng):
    state = rng.normal(size=8)

    def build():
        circuit = Circuit(3)
        circuit.add([gates.H(0), gates.X(1), gates.CNOT(0, 2), gates.SWAP(2, 1), gates.M(0, 1)])
        return circuit

    for options in ({}, {"initial_state": state / np.linalg.norm(state)}):
        theirs, ours = both(build, "float64", **options)
        assert ours.state().dtype == np.float64
        close(ours.state(), theirs.state(), np.float64)


def test_distributed_circuits_are_refused_as_qibo_does():
    circuit = Circuit(3, accelerators={"/GPU:0": 2})
    circuit.add(gates.H(0))
    for backend in backends():
        with pytest.raises(NotImplementedError, match="distributed"):
            backend.execute_circuit(circuit)


def test_what_qibo_refuses_is_refused():
    backend = NumketBackend()
    circuit = Circuit(2)
    circuit.add(gates.H(0))
    with pytest.raises(ValueError, match="shape"):
        backend.execute_circuit(circuit, initial_state=np.zeros(8, complex))
    circuit.add(gates.PauliNoiseChannel(0, [("X", 0.2)]))
    with pytest.raises(RuntimeError, match="noisy simulation"):
        backend.execute_circuit(circuit)
    damped = Circuit(1)
    damped.add(gates.AmplitudeDampingChannel(0, 0.2))
    with pytest.raises(NotImplementedError, match="statevector"):
        backend.execute_circuit(damped)
    broken = Circuit(1)
    broken.add(gates.RX(0, np.nan))
    with pytest.raises(ValueError, match=r"RX on qubits \(0,\): 'theta' holds a NaN"):
        backend.execute_circuit(broken)
    assert broken._final_state is None
    qibo.set_max_qubits(3)
    try:
        for refused in (lambda: backend.zero_state(4), lambda: backend.execute_circuit(Circuit(4))):
            with pytest.raises(ValueError, match="4 qubits"):
                refused()
    finally:
        qibo.set_max_qubits(-1)


def test_a_backend_is_made_again_from_its_name():
    """As Qibo does for tomography."""
    backend = NumketBackend()
    name, platform = str(backend).replace("(", "").replace(")", "").split(" ")
    assert type(construct_backend(name, platform=platform)) is NumketBackend


def test_backends_are_pickled():
    twin = pickle.loads(pickle.dumps(NumketBackend()))
    assert type(twin) is type(construct_backend("numket.qibo"))


def test_gates_of_others(rng):
    """A class that derives from a gate of Qibo's is what its matrix says."""

    class Twice(gates.RX):
        def matrix(self, backend=None):
            one = gates.RX(0, self.parameters[0]).matrix(backend)
            return one @ one

    class Doubles(gates.X):
        def apply(self, backend, state, nqubits):
            return 2 * state

    def build():
        circuit = Circuit(2)
        circuit.add([gates.H(0), Twice(0, 0.3), gates.CNOT(0, 1), Doubles(0), gates.T(1)])
        return circuit

    theirs, ours = both(build)
    close(ours.state(), theirs.state())


@pytest.mark.parametrize("name", ["RX", "CRZ", "U3", "RXX"])
@pytest.mark.parametrize("density", [False, True], ids=["vector", "density"])
def test_complex_angles(name, density, rng):
    """Qibo takes them, as the step of a derivative; they make matrices that are not unitary."""
    places = range(QUBITS[name])
    gate = CLASSES[name](*places, *[np.complex128(0.3 + 0.2j)] * ANGLES[name])

    def build():
        circuit = Circuit(3, density_matrix=density)
        circuit.add(gate)
        return circuit

    state = random_density(rng, 3) if density else oracle.random_state(rng, 3)
    theirs, ours = both(build, initial_state=state)
    close(ours.state(), theirs.state())


@pytest.mark.parametrize("angle", [1, np.float32(0.5), np.array(0.5), np.array([0.5]), True])
def test_kinds_of_angles(angle):
    def build():
        circuit = Circuit(1)
        circuit.add([gates.RX(0, angle), gates.GPI2(0, angle)])
        return circuit

    theirs, ours = both(build)
    close(ours.state(), theirs.state(), np.float32)


def test_circuits_in_parallel(rng):
    backend = NumketBackend()
    circuit = models.QFT(4)
    states = [oracle.random_state(rng, 4) for _ in range(6)]
    results = parallel_execution(circuit, states=states, processes=2, backend=backend)
    for state, result in zip(states, results, strict=True):
        expected = backends()[0].execute_circuit(models.QFT(4), initial_state=state)
        close(result.state(), expected.state())


def test_from_qibo(rng):
    circuit = Circuit(5)
    for name in QUBITS:
        if name in CLASSES:
            places = [int(qubit) for qubit in rng.permutation(5)]
            circuit.add(make(name, rng, places[: QUBITS[name]]))
    circuit.add([gates.RY(0, 0.3).controlled_by(2, 4), gates.M(0, 1)])
    taken = from_qibo(circuit)
    assert taken.num_qubits == 5
    state = oracle.random_state(rng, 5)
    expected = backends()[0].execute_circuit(circuit, initial_state=state).state()
    taken.run(state)
    close(state, expected, scale=4)


REFUSED = {
    "DepolarizingChannel": lambda: [gates.DepolarizingChannel((0,), 0.1)],
    "CallbackGate": lambda: [gates.CallbackGate(callbacks.Norm())],
    "M": lambda: [gates.M(0, collapse=True), gates.H(0)],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_unitary_circuit_is_not_converted(name):
    circuit = Circuit(1)
    circuit.add([gates.H(0), *REFUSED[name]()])
    with pytest.raises(ValueError, match=rf"gate 1 of 'circuit' is a {name}.*: execute"):
        from_qibo(circuit)


def test_what_is_no_circuit_is_not_converted():
    with pytest.raises(TypeError, match=r"'circuit' is a list; .*: use qibo\.Circuit"):
        from_qibo([gates.H(0)])


def test_turns_by_what_was_measured_are_not_converted():
    circuit = Circuit(2)
    outcome = circuit.add(gates.M(0, collapse=True))
    del circuit.queue[0]
    circuit.add(gates.RX(1, theta=outcome.symbols[0]))
    with pytest.raises(ValueError, match="gate 0 of 'circuit' is a RX"):
        from_qibo(circuit)
