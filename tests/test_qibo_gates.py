"""Every gate and channel of Qibo on numket's backend, against Qibo's own NumPy engine."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle

pytest.importorskip("qibo")

from qibo import Circuit, gates
from qibo.gates.abstract import Gate
from qibo.quantum_info import entanglement_fidelity

from helpers_qibo import (
    ANGLES,
    CHANNELS,
    CLASSES,
    CONTROLLED,
    DTYPES,
    QUBITS,
    backends,
    both,
    channel,
    close,
    drawn,
    make,
    random_density,
    unitary,
)
from numket.qibo import NumketBackend
from numket.qibo import backend as backend_module
from numket.qibo.convert import steps


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


BY_MATRIX = {"FusedGate", "GeneralizedfSim", "GeneralizedRBS", "Multiplexor", "Unitary"}


@pytest.mark.parametrize("name", [n for n in QUBITS if n in CLASSES and n not in BY_MATRIX])
def test_standard_gates_need_no_matrix_of_qibo(name, rng, monkeypatch):
    places = range(QUBITS[name])
    each = [make(name, rng, places)]
    if name not in CONTROLLED:
        each.append(make(name, rng, places).controlled_by(3, 4))
    monkeypatch.setattr(Gate, "matrix", None)
    for gate in each:
        for step in steps(gate, None):
            step.conjugate().add_to(nk.Circuit(5))


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


@pytest.mark.parametrize("n", [2, 4])
def test_entanglement_fidelity(n):
    """Qibo applies a channel, and compares the result with the matrix that it gave."""
    noise = gates.DepolarizingChannel([0, 1], 0.5)
    theirs, ours = (entanglement_fidelity(noise, n, backend=backend) for backend in backends())
    assert theirs < 0.9
    close(ours, theirs)


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


def occupied(n, density):
    """A state of one excitation, spread by rotations under controls."""
    circuit = Circuit(n, density_matrix=density)
    circuit.add(gates.X(n - 1))
    for qubit in range(n - 1, 0, -1):
        angle = 2 * np.arccos(1 / np.sqrt(qubit + 1))
        circuit.add(gates.CNOT(qubit - 1, qubit))
        circuit.add(gates.CRY(qubit, qubit - 1, angle))
        circuit.add(gates.CNOT(qubit - 1, qubit))
    return circuit


@pytest.mark.parametrize("density", [False, True], ids=["vector", "density"])
def test_small_states_keep_exact_zeros(density):
    for n in (3, 4, 5):
        theirs, ours = both(lambda n=n: occupied(n, density))
        close(ours.state(), theirs.state())
        assert np.array_equal(ours.state() != 0, theirs.state() != 0)


@pytest.mark.parametrize("density", [False, True], ids=["vector", "density"])
def test_one_by_one_and_planned(density, monkeypatch):
    """Both ways of a run give the same, with noise, and repeated circuits take the planned one."""

    def build():
        circuit = occupied(4, density)
        if density:
            circuit.add([gates.DepolarizingChannel((0, 2), 0.1), gates.ResetChannel(1, [0.1, 0.2])])
        circuit.add([gates.iSWAP(0, 3), gates.Y(1), gates.U3(2, 0.1, 0.2, 0.3)])
        return circuit

    found = []
    for small in backend_module.SMALL, 0:
        monkeypatch.setattr(backend_module, "SMALL", small)
        [run] = NumketBackend()._plan(build())
        assert (run.steps is None) == (small == 0)
        found.append(NumketBackend().execute_circuit(build()).state())
    close(found[1], found[0])
    monkeypatch.undo()
    repeated = build()
    repeated.add([gates.M(0, collapse=True), gates.H(0)])
    runs = [one for one in NumketBackend()._plan(repeated) if hasattr(one, "steps")]
    assert len(runs) == 2
    assert all(run.steps is None for run in runs)
