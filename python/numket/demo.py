"""``numket demo``: the promise, shown."""

import sys
import threading
import time

import numpy as np

import numket as nk
from numket.bench.ghz import numket_ghz, numpy_ghz

QUBITS = 22


def _peak_mib() -> float:
    """The most memory this process has held so far, in MiB; NaN where nobody tells (Windows)."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


class _Counter(threading.Thread):
    """Another Python thread, counting until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.count = 0
        self.stop = False

    def run(self) -> None:
        while not self.stop:
            self.count += 1


def main(qubits: int = QUBITS) -> int:
    """Run the demonstration; about ten seconds at 22 qubits."""
    size = 2**qubits * 16 / 2**20
    print(f"numket {nk.__version__}: quantum gates in place on your own NumPy array\n")
    print(
        f"1. A plain NumPy array holds the state of {qubits} qubits: {2**qubits} complex numbers,"
    )
    print(f"   {size:.0f} MiB.  psi = np.zeros(2**{qubits}, dtype=np.complex128); psi[0] = 1\n")
    psi = np.zeros(2**qubits, dtype=np.complex128)
    psi[0] = 1
    psi[-1] = 0  # the first and the last page are there; touch the rest as well
    psi += 0
    before = psi
    address, memory = psi.ctypes.data, _peak_mib()

    print("2. Entangle all of them: nk.h(psi, 0), then nk.cx(psi, q, q + 1) for each next qubit.")
    numket_ghz(psi)
    grown = _peak_mib() - memory
    ends = abs(psi[0]) ** 2, abs(psi[-1]) ** 2
    print(f"   Now all zeros or all ones, one chance in two: {ends[0]:.6f} and {ends[1]:.6f}")
    print(f"   the same object:  {psi is before}")
    print(f"   the same address: {psi.ctypes.data == address} ({address:#x})")
    print(f"   memory grew by:   {grown:.1f} MiB (a copy would be {size:.0f} MiB)\n")

    counter = _Counter()
    counter.start()
    time.sleep(0.05)
    counted, start = counter.count, time.perf_counter()
    for _ in range(5):
        numket_ghz(psi)
    seconds = time.perf_counter() - start
    counted = counter.count - counted
    counter.stop = True
    counter.join()
    print(
        f"3. While numket worked for {seconds:.2f} s, another Python thread counted to {counted}:"
    )
    print("   the interpreter is released during the work.\n")

    print(
        "4. Against the usual NumPy idiom, np.tensordot and np.moveaxis, which copies at each gate"
    )
    print(f"   ({nk.get_num_threads()} threads, seconds for the whole state):\n")
    print("   qubits      NumPy     numket   factor")
    for n in (10, 16, qubits):
        state = nk.zero_state(n)
        start = time.perf_counter()
        slow = numpy_ghz(state)
        numpy_seconds = time.perf_counter() - start
        best = float("inf")
        for _ in range(5):
            state[:] = 0
            state[0] = 1
            start = time.perf_counter()
            numket_ghz(state)
            best = min(best, time.perf_counter() - start)
        if not np.allclose(slow, state):
            print("   the results differ: please report this")
            return 1
        factor = numpy_seconds / best
        print(f"   {n:6d}  {numpy_seconds:9.6f}  {best:9.6f}  {factor:7.1f}")
    print("\nSame result, same array. Next: numket info, numket run FILE.qasm, numket bench ghz")
    return 0
