"""Numket's backend for Qibo: how it is chosen, its states, and what it refuses."""

import pickle
import tracemalloc

import numpy as np
import pytest

import numket as nk
import oracle

pytest.importorskip("qibo")

import qibo
from qibo import Circuit, callbacks, gates, hamiltonians, models
from qibo.backends import construct_backend
from qibo.parallel import parallel_execution
from qibo.quantum_info import Clifford, random_clifford

from helpers_qibo import backends, both, close, drawn, random_density
from numket.qibo import MetaBackend, NumketBackend


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
    assert repr(MetaBackend()) == "numket.qibo.MetaBackend()"
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


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6])
def test_random_cliffords(n, restored):
    """Of Qibo's stabilizers, which it runs on the engine that it finds in a backend's name."""
    backend = NumketBackend()
    table = random_clifford(n, return_circuit=False, seed=1, backend=backend).symplectic_matrix
    circuit = random_clifford(n, seed=1, backend=backend)
    assert np.array_equal(Clifford.from_circuit(circuit, platform="numpy").symplectic_matrix, table)
    qibo.set_backend("numket.qibo")
    assert np.array_equal(Clifford(circuit).symplectic_matrix, table)
    close(np.abs(random_clifford(n, seed=1).unitary(backend)), np.abs(circuit.unitary(backend)))


def test_random_integers():
    """One by itself is a number, as NumPy 2.4 wants to be set into arrays."""
    theirs, ours = backends()
    for low, high, size in ((5, None, None), (3, 9, None), (5, None, 3), (3, 9, (2, 2))):
        drawn = []
        for backend in theirs, ours:
            backend.set_seed(4)
            drawn.append(backend.random_integers(low, high, size))
        assert np.array_equal(drawn[0].reshape(drawn[1].shape), drawn[1])
        assert drawn[1].shape == (np.empty(size).shape if size else ())


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


def test_circuits_in_parallel(rng):
    backend = NumketBackend()
    circuit = models.QFT(4)
    states = [oracle.random_state(rng, 4) for _ in range(6)]
    results = parallel_execution(circuit, states=states, processes=2, backend=backend)
    for state, result in zip(states, results, strict=True):
        expected = backends()[0].execute_circuit(models.QFT(4), initial_state=state)
        close(result.state(), expected.state())
