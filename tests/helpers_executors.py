"""What the tests of executors have workers do, who import it from here, and one without workers."""

from concurrent.futures import Executor, Future

import numpy as np

import numket as nk
import oracle


class Inline(Executor):
    """Does everything at once, on the thread that asks."""

    def submit(self, call, /, *args):
        future = Future()
        try:
            future.set_result(call(*args))
        except BaseException as error:
            future.set_exception(error)
        return future


def weight(state):
    """The weight of all odd basis states."""
    return float(np.sum(np.abs(np.reshape(state, (-1, 2))[:, 1]) ** 2))


def fails(state):
    raise LookupError("of the observable")


def noisy(n=4):
    """A circuit with noise, a measurement and a parameter."""
    circuit = nk.Circuit(n).rx(nk.Parameter("a"), 0)
    for qubit in range(n):
        circuit.ry(0.3 + qubit, qubit).cx(qubit, (qubit + 1) % n)
        circuit.apply_kraus(nk.channels.amplitude_damping(0.2), qubit)
        circuit.apply_kraus(nk.channels.depolarizing(0.1, 2), (qubit, (qubit + 1) % n))
    return circuit.measure(0, readout_error=(0.1, 0.2)).x(1, condition=0)


def ansatz(n=4):
    """A circuit with three parameters."""
    a, b, c = (nk.Parameter(name) for name in "abc")
    circuit = nk.Circuit(n).h(range(n))
    for qubit in range(n - 1):
        circuit.rzz(2 * a, qubit, qubit + 1).rx(b - 0.1 * qubit, qubit)
    return circuit.pauli_rotation(c, "XYZ", (0, 1, 3))


def chain(n=4):
    """The Hamiltonian of a chain of spins."""
    total = nk.PauliSum([("ZZ", (q, q + 1), -1) for q in range(n - 1)], num_qubits=n)
    return total + nk.PauliSum([("X", q, -0.5) for q in range(n)], num_qubits=n)


def table(points=70):
    """Values for the parameters of the ansatz."""
    return np.random.default_rng(5).uniform(-3, 3, (points, 3))


def assert_same_bits(executor):
    """Trajectories and sweeps have the numbers that they have without an executor."""
    circuit, psi = noisy(), oracle.random_state(np.random.default_rng(3), 4)
    for observable in weight, chain(), "ZIXI":
        alone, same = np.random.default_rng(9), np.random.default_rng(9)
        expected = circuit.trajectories(psi, observable, 150, [0.3], rng=alone)
        found = circuit.trajectories(psi, observable, 150, [0.3], rng=same, executor=executor)
        assert found == expected
        assert alone.random() == same.random()

    points = table()
    values, slopes = ansatz().gradient(chain(), points, batch=1)
    expected = ansatz().expectation(chain(), points, batch=1)
    assert np.array_equal(ansatz().sweep(chain(), points, executor=executor), expected)
    found = ansatz().sweep(chain(), points, gradient=True, executor=executor)
    assert np.array_equal(found[0], values)
    assert np.array_equal(found[1], slopes)
