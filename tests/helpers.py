"""What several tests do to the library, and what they do it with."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest

import numket as nk
import oracle

PATIENCE = 1800
"""Seconds after which a test gives up what hangs: far more than it takes on a busy machine."""


class Meddles:
    """An index that does something else first."""

    def __init__(self, value, action):
        self.value, self.action = value, action

    def __index__(self):
        self.action()
        return self.value


class Draws(np.random.Generator):
    """A generator that returns what it is told."""

    def __init__(self, drawn):
        super().__init__(np.random.PCG64(1))
        self.drawn = drawn

    def random(self, *args):
        return self.drawn


# Signals, threads and memory.


@contextmanager
def interrupted(begun=lambda: True):
    """The block is stopped by Ctrl-C once it has begun; gives a list of the notes of the error.

    Signals come 20 to 80 ms apart, in step with no call, and the first one that finds `begun()`
    true raises. No other does, unless that error is lost: Python drops what is raised while it
    calls a weak reference's callback, and tells `sys.unraisablehook`.
    """
    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no signals at a set time")
    notes, waiting, ended, hook = [], True, False, sys.unraisablehook

    def again():
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.02, 0.08))

    def answer(signum, frame):
        nonlocal waiting
        if not ended:
            again()
        if waiting and begun():
            waiting = False
            raise KeyboardInterrupt

    def lost(dropped):
        nonlocal waiting
        if dropped.exc_type is KeyboardInterrupt:
            waiting = True
        else:
            hook(dropped)

    old = signal.signal(signal.SIGALRM, answer)
    sys.unraisablehook = lost
    again()
    try:
        yield notes
        pytest.fail("the block ended before Ctrl-C was answered")
    except KeyboardInterrupt as error:
        notes.extend(getattr(error, "__notes__", []))
    finally:
        waiting, ended = False, True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
        sys.unraisablehook = hook


def refused_import(**environment):
    """What `import numket` says in a process with this environment, where it refuses."""
    done = subprocess.run(
        [sys.executable, "-c", "import numket"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    [said] = [line for line in done.stderr.splitlines() if line.startswith("ValueError")]
    return said


def in_threads(count, work):
    """Calls `work` on some threads at a time; what one raises is raised here."""
    errors = []

    def guarded():
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


N = 22
"""Qubits of a state on which a call takes long enough to be met by others."""

LONG = oracle.random_unitary(np.random.default_rng(0), 7)
"""A matrix that takes a while."""


@contextmanager
def in_flight(state):
    """Meanwhile another thread is at work on `state`, one long call after the other."""
    stop, errors = threading.Event(), []

    def work():
        while not stop.is_set():
            try:
                nk.apply(state, LONG, range(7), threads=1)
            except nk.BufferInUseError:
                time.sleep(0)
            except BaseException as error:
                errors.append(error)
                raise

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert not errors


def hits(call, patience=PATIENCE):
    """Whether `call` meets the call in flight; it is repeated until it does."""
    end = time.monotonic() + patience
    while True:
        try:
            call()
        except nk.BufferInUseError:
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(0.001)


def in_use(state):
    """Whether a call that changes `state` is in flight."""
    return hits(lambda: nk.norm(state.reshape(-1)[:2]), patience=0)


@contextmanager
def peak():
    """Gives a function that tells how many bytes Python and NumPy took in the block, at most."""
    tracemalloc.start()
    found = []
    try:
        yield lambda: found[0]
        found.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


# Circuits, states and channels.

GATES = list(oracle.GATES)
OTHERS = ["apply", "apply_diagonal", "apply_permutation", "apply_pauli", "pauli_rotation", "gphase"]


def add_random(rng, circuit, count):
    """Operations of every kind, with controls, on random qubits."""
    n = circuit.num_qubits
    for _ in range(count):
        name = str(rng.choice(GATES + OTHERS * 2))
        k = oracle.num_qubits(name) if name in GATES else int(rng.integers(1, min(n, 4) + 1))
        if k > n:
            continue
        order = rng.permutation(n).tolist()
        qubits, controls = order[:k], order[k : k + int(rng.integers(0, 3))]
        rest = {
            "controls": controls,
            "control_values": rng.integers(2, size=len(controls)).tolist(),
        }
        letters = "".join(rng.choice(list("IXYZ"), k))
        match name:
            case "gphase":
                circuit.gphase(rng.normal(), **rest)
            case "apply":
                circuit.apply(oracle.random_unitary(rng, k), qubits, **rest)
            case "apply_diagonal":
                circuit.apply_diagonal(np.exp(1j * rng.normal(size=2**k)), qubits, **rest)
            case "apply_permutation":
                circuit.apply_permutation(rng.permutation(2**k), qubits, **rest)
            case "apply_pauli":
                circuit.apply_pauli(letters, qubits, **rest)
            case "pauli_rotation":
                circuit.pauli_rotation(rng.normal(), letters, qubits, **rest)
            case _:
                angles = rng.choice([0, 2 * np.pi, *rng.normal(size=4)], oracle.num_params(name))
                getattr(circuit, name)(*angles, *qubits, **rest)
    return circuit


def one_by_one(circuit, state):
    """Does the operations of a circuit by the functions for single gates."""
    for name, params, qubits, controls, values, *_ in circuit:
        if name == "gphase":  # of which there is no function
            name, params = "pauli_rotation", (-2 * params[0], "")
        where = qubits if name in GATES else (qubits,)
        getattr(nk, name)(state, *params, *where, controls=controls, control_values=values)


def add_steps(rng, circuit, count):
    """Random operations, some of which measure, reset, or have conditions."""
    n = circuit.num_qubits
    measured = set()

    def condition():
        bits = rng.permutation(sorted(measured))[: int(rng.integers(0, 3))]
        return {int(bit): int(rng.integers(2)) for bit in bits}

    for _ in range(count):
        qubits = rng.permutation(n)[: int(rng.integers(1, min(n, 3) + 1))].tolist()
        match int(rng.integers(6)):
            case 0:
                bits = rng.permutation(6)[: len(qubits)].tolist()
                readout = rng.random(2) if rng.integers(2) else None
                circuit.measure(qubits, bits, readout_error=readout, condition=condition())
                measured.update(bits)
            case 1:
                circuit.reset(qubits, condition=condition())
            case 2:
                circuit.apply(
                    oracle.random_unitary(rng, len(qubits)), qubits, condition=condition()
                )
            case 3:
                circuit.pauli_rotation(rng.normal(), "XYZ"[: len(qubits)], qubits)
                circuit.apply_pauli("YZX"[: len(qubits)], qubits, condition=condition())
            case 4:
                circuit.u(*rng.normal(size=3), qubits[0], condition=condition())
                circuit.rx(rng.normal(), qubits[-1], condition=condition() or None)
            case _:
                add_random(rng, circuit, 3)
    return circuit


def long_circuit(n, layers):
    """A circuit of `layers` times 2n gates."""
    circuit = nk.Circuit(n)
    for _ in range(layers):
        for q in range(n):
            circuit.u(0.3, 0.2, 0.1, q).cx(q, (q + 1) % n)
    return circuit


def layouts(rng, state):
    """The same state in arrays of any layout."""
    n = len(state).bit_length() - 1
    yield state.copy()
    tensor = state.reshape((2,) * n)
    order = rng.permutation(n)
    yield tensor.transpose(order).copy("C").transpose(np.argsort(order))
    holes = np.zeros((len(state), 2), state.dtype)[:, 1]
    holes[...] = state
    yield holes
    yield state[::-1].copy()[::-1]
    yield np.zeros((2, *tensor.shape), state.dtype)[1].__iadd__(tensor)


def channel(rng, k, count):
    """Random Kraus operators: a slice of a random unitary."""
    size = 2**k
    isometry = oracle.random_unitary(rng, k + max(1, (count - 1).bit_length()))[:, :size]
    return isometry.reshape(-1, size, size)


def decay(gamma):
    """The Kraus operators of amplitude damping."""
    return np.array([[[1, 0], [0, np.sqrt(1 - gamma)]], [[0, np.sqrt(gamma)], [0, 0]]])
