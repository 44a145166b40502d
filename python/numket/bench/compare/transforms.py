"""Fast Fourier transforms, beside the QFT: they are no simulators, and have no circuits."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

import numket as nk
from numket.bench.compare.ours import Contestant, Ready, Settings, in_place, zero
from numket.bench.compare.workloads import qft


def scipy_fft(circuit: nk.Circuit) -> Settings:
    """SciPy's transform, which is the QFT and no other circuit, in place as far as it can."""
    from scipy.fft import ifft

    _only_the_qft(circuit)
    state, threads = nk.zero_state(circuit.num_qubits), nk.get_num_threads()
    found = [state]

    def go_on() -> None:
        found[:] = [ifft(found[0], norm="ortho", overwrite_x=True, workers=threads)]

    return {"": _transform(found, go_on)}


def pyfftw(circuit: nk.Circuit) -> Settings:
    """FFTW's transform, which is the QFT and no other circuit: in place, and to another array."""
    from pyfftw import FFTW, empty_aligned

    _only_the_qft(circuit)
    size = 1 << circuit.num_qubits
    found = {}
    for setting in "in place", "to another array":
        state = empty_aligned(size, dtype="complex128")
        other = state if setting == "in place" else empty_aligned(size, dtype="complex128")
        plan = FFTW(
            *(state, other),
            direction="FFTW_BACKWARD",
            flags=("FFTW_MEASURE",),
            threads=nk.get_num_threads(),
            normalise_idft=False,
            ortho=True,
        )
        found[setting] = _transform([state], plan, [other])
    return found


def _only_the_qft(circuit: nk.Circuit) -> None:
    if circuit != qft(circuit.num_qubits):
        raise NotImplementedError("it has no circuits")


def _transform(
    start: list[NDArray[Any]],
    go_on: Callable[[], object],
    found: list[NDArray[Any]] | None = None,
) -> Ready:
    """One that starts from any state: also from |0...0>."""

    def load(state: NDArray[Any]) -> None:
        start[0][:] = state

    def reset() -> None:
        zero(start[0])

    return in_place(reset, go_on, lambda: (found or start)[0], load)


TRANSFORMS = {
    "scipy.fft": Contestant(scipy_fft, "scipy"),
    "pyfftw": Contestant(pyfftw, "pyfftw"),
}
