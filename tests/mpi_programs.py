"""What ranks do in tests/test_mpi.py: `python mpi_programs.py NAME`, under mpiexec."""

import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

import numket as nk
import numket.mpi
import oracle
from helpers_mpi import WORKLOADS, gate_by_gate, random_circuit, volume
from numket.mpi import exchange

COMM = MPI.COMM_WORLD
BITS = COMM.size.bit_length() - 1


def shared_out(whole, dtype=np.complex128):
    """The part of this rank, in an array of its own."""
    return whole.reshape(COMM.size, -1)[COMM.rank].astype(dtype)


def address(array):
    return array.__array_interface__["data"][0]


def runs():
    """Random circuits on arrays of all layouts: the amplitudes are those of one process."""
    for seed in range(24):
        rng = np.random.default_rng(seed)
        n = BITS + 3 + seed % 4
        dtype = (np.complex128, np.complex64)[seed % 8 == 7]
        circuit, values = random_circuit(rng, n, 30)
        expected = oracle.random_state(rng, n)
        local = shared_out(expected, dtype)
        if seed % 3 == 1:
            local = np.stack([local, local], axis=1)[::-1, 1][::-1]
        elif seed % 3 == 2:
            m = n - BITS
            local = (
                local.reshape((2,) * m).transpose(range(m)[::-1]).copy().transpose(range(m)[::-1])
            )
        circuit.run(expected, values)
        state = nk.mpi.DistributedState(local)
        before = address(local)
        done = state.run(circuit, values)
        scale = 30 * np.finfo(dtype).eps * np.linalg.norm(expected)
        assert abs(state.norm() - np.linalg.norm(expected)) < scale
        qubits = [int(q) for q in rng.permutation(n)[:3]]
        found = state.probabilities(qubits)
        assert np.allclose(found, nk.probabilities(expected, qubits), atol=scale)
        assert COMM.allgather(found.tobytes()) == [found.tobytes()] * COMM.size
        whole = state.gather(COMM.size - 1)
        assert (whole is None) == (COMM.rank != COMM.size - 1)
        if whole is not None:
            assert abs(whole - expected).max() < scale
        more = state.restore()
        assert state.restore() == (0, 0, 0)
        assert state.qubits == (tuple(range(BITS)), tuple(range(BITS, n)))
        assert abs(local.reshape(-1) - shared_out(expected)).max() < scale
        assert address(local) == before == address(state.local)
        assert done.bytes <= done.exchanges * local.size * local.itemsize
        assert more.exchanges <= 1 + BITS


def shared():
    """The same in memory that all ranks share: no bytes are sent, and qubits stay in order."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n = BITS + 3 + seed % 4
        circuit, values = random_circuit(rng, n, 30)
        state = nk.mpi.SharedState(n)
        assert state.norm() == 1
        expected = oracle.random_state(rng, n)
        if COMM.rank == 0:
            state.array.reshape(-1)[:] = expected
        circuit.run(expected, values)
        before = address(state.array)
        assert state.run(circuit, values).bytes == 0
        scale = 30 * np.finfo(float).eps * np.linalg.norm(expected)
        assert abs(state.array.reshape(-1) - expected).max() < scale
        assert abs(state.norm() - np.linalg.norm(expected)) < scale
        found = state.probabilities([n - 1, 0])
        assert np.allclose(found, nk.probabilities(expected, [n - 1, 0]), atol=scale)
        assert address(state.array) == before


def refusals():
    """What one rank refuses, all do, at once and with the same error."""
    last = COMM.rank == COMM.size - 1
    state = nk.mpi.zero_state(8)
    before = state.local.copy()
    good = nk.Circuit(8).h(range(8))
    cases = [
        (TypeError, "'circuit'", lambda: state.run(5 if last else good)),
        (ValueError, "8 qubits", lambda: state.run(nk.Circuit(7) if last else good)),
        (ValueError, "another than", lambda: state.run(nk.Circuit(8).x(0) if last else good)),
        (ValueError, "'measure'", lambda: state.run(nk.Circuit(8).measure(0) if last else good)),
        (KeyError, "no value", lambda: state.run(nk.Circuit(8).rx(nk.Parameter("a"), 0))),
        (ValueError, "'threads'|thread|at least 1", lambda: state.run(good, threads=1 - last)),
        (ValueError, "8|range", lambda: state.probabilities(8 if last else 0)),
        (TypeError, "'local'", lambda: nk.mpi.DistributedState([1] if last else state.local)),
        (
            ValueError,
            "'local' of rank",
            lambda: nk.mpi.DistributedState(nk.zero_state(3, (complex, np.complex64)[last])),
        ),
        (ValueError, "qubits", lambda: nk.mpi.SharedState(0)),
        (OSError, "none", lambda: nk.mpi.load("/none")),
    ]
    if BITS:
        wide = nk.Circuit(8).apply_pauli("X" * 8)
        cases.append((ValueError, "mixes 8 qubits", lambda: state.run(wide)))
    for error, words, call in cases:
        with pytest.raises(error, match=words):
            call()
    assert np.array_equal(state.local, before)
    assert state.run(good).segments > 0


def files():
    """One file for any number of ranks, as NumPy reads and writes it."""
    folder, n = Path(sys.argv[2]), 7
    whole = oracle.random_state(np.random.default_rng(3), n)
    state = nk.mpi.DistributedState(shared_out(whole))
    circuit = nk.Circuit(n).h(0).cx(0, n - 1).swap(1, 5).rx(0.3, 0).rx(0.4, 1)
    circuit.run(whole)
    state.run(circuit)
    state.save(folder / "psi.npy")
    found = np.load(folder / "psi.npy")
    assert found.shape == (2**n,)
    assert abs(found - whole).max() < 1e-15
    half = COMM.Split(COMM.rank < (COMM.size + 1) // 2)
    again = nk.mpi.load(folder / "psi.npy", comm=half)
    assert again.num_qubits == n
    gathered = again.gather()
    assert gathered is None or np.array_equal(gathered, found)
    COMM.Barrier()


def memory():
    """An exchange of whole arrays takes no more than 16 MiB, however large these are."""
    state = nk.mpi.zero_state(BITS + 22)
    tracemalloc.start()
    done = state.run(nk.Circuit(BITS + 22).h(0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done.exchanges == 1
    assert done.bytes == state.local.nbytes // 2
    assert peak < 16 * 2**20
    assert exchange.CHUNK == 2**21


def workloads():
    """Known circuits from |0...0>: the bytes are those that the plan tells."""
    for make in WORKLOADS.values():
        n = BITS + 6
        state, circuit, expected = nk.mpi.zero_state(n), make(n), nk.zero_state(n)
        circuit.run(expected)
        done = state.run(circuit)
        assert (done.exchanges, done.bytes / state.local.nbytes) == volume(circuit, BITS)
        assert done.bytes / state.local.nbytes <= gate_by_gate(circuit, BITS)
        found = state.gather()
        assert found is None or abs(found - expected).max() < 1e-14


def three():
    """A number of ranks that is no power of two."""
    for call in (
        lambda: nk.mpi.zero_state(8),
        lambda: nk.mpi.SharedState(8),
        lambda: nk.mpi.DistributedState(nk.zero_state(4)),
        lambda: nk.mpi.load("nothing.npy"),
    ):
        with pytest.raises(ValueError, match=r"3 ranks.*power of two"):
            call()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    print("done")
