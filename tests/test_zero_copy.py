"""The state is the user's own buffer, before, during and after."""

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import peak

CALLS = {
    "h": lambda state, q: nk.h(state, q),
    "x": lambda state, q: nk.x(state, q),
    "rz": lambda state, q: nk.rz(state, 0.1, q),
    "u": lambda state, q: nk.u(state, 0.1, 0.2, 0.3, q),
    "cx": lambda state, q: nk.cx(state, q, q - 1 if q else 1),
    "swap": lambda state, q: nk.swap(state, q, q - 1 if q else 1),
    "rxx": lambda state, q: nk.rxx(state, 0.1, q, q - 1 if q else 1),
    "controlled": lambda state, q: nk.sx(state, q, controls=[2 if q != 2 else 3]),
    "apply": lambda state, q: nk.apply(state, np.eye(8)[::-1], [q, *({4, 5, 6} - {q})][:3]),
    "apply_diagonal": lambda state, q: nk.apply_diagonal(state, [1, 1j], [q]),
    "apply_permutation": lambda state, q: nk.apply_permutation(
        state, [1, 2, 3, 0], [q, q - 1 if q else 1]
    ),
    "ket": lambda state, q: nk.Ket(state).h(q) and None,
}


@pytest.mark.parametrize("name", CALLS)
def test_same_object_same_address_and_nothing_returned(name, dtype, rng):
    state = oracle.random_state(rng, 17, dtype)
    before = state.copy()
    header = id(state), state.ctypes.data, state.shape, state.strides, state.dtype, state.base
    assert CALLS[name](state, 7) is None
    after = id(state), state.ctypes.data, state.shape, state.strides, state.dtype, state.base
    assert header == after
    assert not np.array_equal(state, before)


@pytest.mark.parametrize("name", CALLS)
def test_no_allocation_of_the_size_of_a_state(name, rng):
    state = oracle.random_state(rng, 18)
    CALLS[name](state, 0)
    with peak() as most:
        for qubit in 0, 9, 17:
            CALLS[name](state, qubit)
    assert most() < 2**16


def test_readers_leave_state_and_memory_alone(rng):
    state = oracle.random_state(rng, 18)
    state.flags.writeable = False
    out, before = np.empty(4), state.tobytes()
    nk.norm(state)
    with peak() as most:
        nk.norm(state)
        nk.inner(state, state)
        nk.probabilities(state, (3, 9), out=out)
        nk.probabilities(state, (17, 0))
    assert most() < 2**16
    assert state.tobytes() == before


@pytest.mark.parametrize("tensor", [False, True], ids=["flat", "tensor"])
def test_peak_memory_does_not_grow_at_24_qubits(tensor, snippet):
    """The peak of the whole process, threads and all, as the kernel counts it."""
    growth = snippet(
        f"""
        import test_zero_copy

        def kib(field):
            with open("/proc/self/status") as status:
                return next(int(l.split()[1]) for l in status if l.startswith(field))

        state = np.zeros(2**24, complex)
        state[:] = 2**-12
        if {tensor}:
            state = np.moveaxis(state.reshape((2,) * 24), 3, 17)
        small = np.zeros(2**18, complex)
        for call in test_zero_copy.CALLS.values():  # imports, threads and their stacks
            call(small, 5)
        nk.norm(small)
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")  # the peak starts from here
        before = kib("VmRSS")
        for call in test_zero_copy.CALLS.values():
            for qubit in 0, 11, 23:
                call(state, qubit)
        nk.norm(state)
        nk.probabilities(state, [3, 20])
        print(max(kib("VmHWM"), kib("VmRSS")) - before)
        """
    )
    assert int(growth) < 1024
