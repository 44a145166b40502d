"""A state is wherever the user has it: any order of axes, any part of any buffer, in place."""

from multiprocessing import shared_memory

import numpy as np
import pytest

import numket as nk
import oracle


def turned(state, order):
    """The same tensor, its axes in another order in memory."""
    tensor = state.reshape((2,) * (state.size.bit_length() - 1))
    return tensor.transpose(order).copy().transpose(np.argsort(order))


def in_place_of(state, view):
    """`state` written into a part of some larger array."""
    view[...] = state.reshape(view.shape)
    return view


def record(state, before, after):
    """`state` as one field of a packed record, between others of so many real numbers' size."""
    real = state.itemsize // 2
    fields = [
        ("before", f"V{before * real}"),
        ("state", state.dtype),
        ("after", f"V{after * real}"),
    ]
    return in_place_of(state, np.zeros(state.size, fields)["state"])


# Parts of arrays of 2**10 amplitudes that are one state of seven qubits each.
SLICES = {
    "every_second": np.s_[1:256:2],
    "every_fifth": np.s_[3:643:5],
    "reversed": np.s_[127::-1],
    "every_third_backwards": np.s_[383::-3],
}
CUTS = {
    "last_axes": np.s_[..., 0, 1, 0],
    "middle_axes": np.s_[:, 1, :, 0, :, :, 1],
    "first_axes": np.s_[0, 1, 1],
    "flips": np.s_[::-1, 0, :, ::-1, 1, :, :, ::-1, 0],
    "all_flipped": np.s_[::-1, ::-1, 0, 1, ::-1, ::-1, ::-1, ::-1, ::-1, 1],
    "flipped_and_dense": np.s_[0, 0, 0, ::-1, :, ::-1, ::-1, :, :, ::-1],
    "lengths_of_one": np.s_[1:, :, ::-1, 0, :, :, :, :, :1, ...],
}

TENSORS = {
    **{
        name: lambda state, rng, cut=cut: in_place_of(state, np.ones(2**10, state.dtype)[cut])
        for name, cut in SLICES.items()
    },
    "column": lambda state, rng: in_place_of(state, np.ones((128, 3), state.dtype)[:, 1]),
    "diagonal": lambda state, rng: in_place_of(
        state, np.einsum("abcdefgha->abcdefgh", np.ones((2,) * 9, state.dtype))[:, 0]
    ),
    "record_of_three_reals": lambda state, rng: record(state, 1, 0),
    "record_of_eight_reals": lambda state, rng: record(state, 3, 3),
    "flat": lambda state, rng: state,
    "c_order": lambda state, rng: turned(state, range(7)),
    "f_order": lambda state, rng: np.asfortranarray(turned(state, range(7))),
    "transposed": lambda state, rng: turned(state, range(7)).T,
    "moved": lambda state, rng: np.moveaxis(turned(state, range(7)), 5, 1),
    "swapped": lambda state, rng: turned(state, range(7)).swapaxes(0, 6),
    **{f"random{i}": lambda state, rng, i=i: turned(state, rng.permutation(7)) for i in range(6)},
    "part": lambda state, rng: inside(state, 3),
    "part_far": lambda state, rng: inside(state, 2**12 + 1),
    "part_turned": lambda state, rng: (
        inside(state, 5).reshape((2,) * 7).transpose(rng.permutation(7))
    ),
    "bytearray": lambda state, rng: np.frombuffer(bytearray(state.tobytes()), state.dtype),
    "row": lambda state, rng: np.stack([state] * 3)[1],
    "column_of_f_order": lambda state, rng: np.asfortranarray(np.stack([state] * 3, -1))[:, 1],
    "subclass": lambda state, rng: state.view(type("Mine", (np.ndarray,), {})),
}


def inside(state, offset):
    """`state` inside a longer buffer."""
    buffer = np.full(offset + state.size + 9, 7 + 7j, state.dtype)
    buffer[offset : offset + state.size] = state
    return buffer[offset : offset + state.size]


def some_gates(rng, n, qubits=None):
    """(function, arguments after the state, matrix, qubits, controls): one of each structure."""
    qubits = list(range(n)) if qubits is None else list(qubits)
    matrix = oracle.random_unitary(rng, 3)
    permutation, diagonal = rng.permutation(8), np.exp(1j * rng.normal(size=4))
    a, b, c, d = rng.permutation(qubits)[:4].tolist()
    yield nk.h, (a,), oracle.gate("h"), [a], [d]
    yield nk.x, (b,), oracle.gate("x"), [b], []
    yield nk.cx, (a, c), oracle.gate("cx"), [a, c], [b]
    yield nk.swap, (c, d), oracle.gate("swap"), [c, d], []
    yield nk.rz, (0.3, d), oracle.gate("rz", 0.3), [d], [a, c]
    yield nk.rxx, (0.4, b, a), oracle.gate("rxx", 0.4), [b, a], []
    yield nk.ccz, (c, b, d), oracle.gate("ccz"), [c, b, d], []
    yield nk.apply, (matrix, [d, a, b]), matrix, [d, a, b], [c]
    yield nk.apply_diagonal, (diagonal, [c, a]), np.diag(diagonal), [c, a], []
    yield nk.apply_permutation, (permutation, [a, d, b]), None, [a, d, b], [c]


def check(state, rng, qubits=None):
    for function, arguments, matrix, targets, controls in some_gates(rng, state.ndim, qubits):
        if matrix is None:
            matrix = oracle.permutation_matrix(arguments[0])
        expected = oracle.apply(state, matrix, targets, controls)
        assert function(state, *arguments, controls=controls) is None
        oracle.assert_close(state, expected, terms=8)


@pytest.mark.parametrize("name", CUTS)
def test_cuts_of_tensors(name, dtype, rng):
    whole = np.full((2,) * 10, 7 - 7j, dtype).transpose(rng.permutation(10))
    state = whole[CUTS[name]]
    qubits = [axis for axis, length in enumerate(state.shape) if length == 2]
    assert len(qubits) == 7
    state[...] = oracle.random_state(rng, 7, dtype).reshape(state.shape)
    for _ in range(3):
        check(state, rng, qubits)
    state[...] = 7 - 7j
    assert np.all(whole == 7 - 7j)


def test_more_than_32_dimensions(dtype, rng):
    state = oracle.random_state(rng, 7, dtype)
    shape = [1] * 57
    for _ in range(7):
        shape.insert(int(rng.integers(len(shape) + 1)), 2)
    order = rng.permutation(64)
    tensor = state.reshape(shape).transpose(order)
    check(tensor, rng, [int(axis) for axis in np.flatnonzero(np.array(tensor.shape) == 2)])


def test_strides_that_interleave(dtype, rng):
    # Amplitudes 0, 2, 3, 5 and as many 10 further: no stride is beyond the reach of the others.
    base = np.full(16, 7 + 7j, dtype)
    strides = [3 * base.itemsize, 10 * base.itemsize, 2 * base.itemsize]
    state = np.lib.stride_tricks.as_strided(base, (2, 2, 2), strides)
    state[...] = oracle.random_state(rng, 3, dtype).reshape(2, 2, 2)
    for a, b in (0, 1), (1, 2), (2, 0):
        matrix = oracle.random_unitary(rng, 2)
        expected = oracle.apply(state, matrix, [a, b])
        nk.apply(state, matrix, [a, b])
        oracle.assert_close(state, expected)
    assert np.all(base[[1, 4, 6, 7, 8, 9, 11, 14]] == 7 + 7j)


def test_columns_of_one_array_side_by_side(rng):
    """Arrays whose elements alternate share no memory, also as two arguments of a call."""
    both = oracle.random_state(rng, 8)
    even, odd = both[::2], both[1::2]
    expected = np.vdot(even, odd)
    assert nk.inner(even, odd) == pytest.approx(expected, abs=1e-15)
    out = np.zeros((128, 2))
    assert nk.probabilities(even, out=np.zeros(128)) == pytest.approx(abs(even) ** 2)
    with pytest.raises(ValueError, match="'out'"):
        nk.probabilities(even, out=out[:, 0])


@pytest.mark.parametrize("name", TENSORS)
def test_layout(name, dtype, rng):
    state = TENSORS[name](oracle.random_state(rng, 7, dtype), rng)
    for _ in range(3):
        check(state, rng, range(7))


@pytest.mark.parametrize("name", TENSORS)
def test_layouts_agree_with_the_flat_state(name, dtype, rng):
    flat = oracle.random_state(rng, 7, dtype)
    state = TENSORS[name](flat.copy(), rng)
    flat = np.array(state).reshape(-1)
    for function, arguments, _, _, controls in some_gates(rng, 7):
        function(state, *arguments, controls=controls)
        function(flat, *arguments, controls=controls)
    oracle.assert_close(np.array(state).reshape(-1), flat, terms=64)
    limit = float(20 * np.finfo(dtype).eps)
    assert nk.norm(state) == pytest.approx(nk.norm(flat), abs=limit)
    assert nk.probabilities(state) == pytest.approx(nk.probabilities(flat), abs=limit)
    assert nk.inner(state, turned(flat, range(7))) == pytest.approx(1, abs=limit)


@pytest.mark.parametrize("n", [15, 16])
def test_large_turned_tensors_on_all_threads(n, dtype, rng):
    before = turned(oracle.random_state(rng, n, dtype), rng.permutation(n))
    one, two = before.copy("K"), before.copy("K")
    assert one.strides == before.strides
    for function, arguments, _, _, controls in some_gates(rng, n):
        function(one, *arguments, controls=controls, threads=1)
        function(two, *arguments, controls=controls, threads=2)
    assert np.array_equal(one, two)
    check(one, rng)


@pytest.mark.parametrize(
    "shape",
    [
        (1, 2, 2, 2, 2),
        (2, 2, 2, 2, 1),
        (2, 1, 2, 1, 1, 2, 2, 2),
        (1,) * 28 + (2,) * 5,
        (1,) * 40 + (2,) * 5,
        (2,) * 5 + (1,) * 40,
        (1, 2) * 6 + (1,) * 30,
        (1,) * 59 + (2,) * 5,
    ],
    ids=lambda shape: f"{len(shape)}d",
)
def test_axes_of_length_one_count_and_stay_out_of_the_way(shape, dtype, rng):
    n = shape.count(2)
    qubits = [axis for axis, length in enumerate(shape) if length == 2]
    state = oracle.random_state(rng, n, dtype).reshape(shape)
    check(state, rng, qubits)
    order = rng.permutation(len(shape))
    check(state.transpose(order), rng, [int(np.flatnonzero(order == q)[0]) for q in qubits])
    assert nk.probabilities(state).shape == (2**n,)


def test_strides_of_axes_of_length_one_mean_nothing(dtype, rng):
    flat = oracle.random_state(rng, 4, dtype)
    size = flat.itemsize
    strides = (0, 8 * size, 3 * size, 4 * size, -size, 2 * size, size)
    check(np.lib.stride_tricks.as_strided(flat, (1, 2, 1, 2, 1, 2, 2), strides), rng, (1, 3, 5, 6))


@pytest.mark.parametrize("offset", [0, 1, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 10, 16])
def test_nothing_beside_the_state_is_touched(n, offset, dtype, rng):
    buffer = np.full(2**n + 32, 7 - 7j, dtype)
    state = buffer[offset : offset + 2**n]
    state[:] = oracle.random_state(rng, n, dtype)
    expected = state.copy()
    for target in range(n):
        for function in nk.h, nk.x, nk.t, nk.y:
            function(state, target, threads=2)
            function(expected, target, threads=2)
        matrix = oracle.random_unitary(rng, min(n, 5))
        for array in state, expected:
            nk.apply(array, matrix, range(min(n, 5)), threads=2)
    assert np.array_equal(state, expected)
    outside = np.delete(buffer, np.s_[offset : offset + 2**n])
    assert outside.tobytes() == np.full(32, 7 - 7j, dtype).tobytes()


@pytest.mark.parametrize("mode", ["r+", "w+", "c"])
def test_memmap(mode, dtype, rng, tmp_path):
    flat = oracle.random_state(rng, 6, dtype)
    flat.tofile(tmp_path / "state")
    state = np.memmap(tmp_path / "state", dtype, mode, shape=(64,))
    if mode == "w+":
        state[:] = flat
    check(state, rng, range(6))
    state.flush()
    on_disk = np.fromfile(tmp_path / "state", dtype)
    assert np.array_equal(on_disk, flat if mode == "c" else state)


def test_shared_memory(dtype, rng):
    memory = shared_memory.SharedMemory(create=True, size=64 * np.dtype(dtype).itemsize)
    try:
        state = np.ndarray(64, dtype, memory.buf)
        state[:] = oracle.random_state(rng, 6, dtype)
        check(state, rng, range(6))
        other = shared_memory.SharedMemory(memory.name)
        assert np.array_equal(np.ndarray(64, dtype, other.buf), state)
        other.close()
        del state
    finally:
        memory.close()
        memory.unlink()


@pytest.mark.parametrize("n", [2, 3, 5, 20])
def test_little_endian_is_the_transposed_tensor(n, dtype):
    state = nk.zero_state(n, dtype)
    view, expected = nk.little_endian(state), state.reshape((2,) * n).T
    assert view.shape == expected.shape
    assert view.strides == expected.strides
    assert view.ctypes.data == state.ctypes.data
    nk.x(view, 0)
    assert state[1] == 1
    nk.swap(view, 0, n - 1)
    assert state[2 ** (n - 1)] == 1


def test_little_endian_of_a_tensor_and_refusals(rng):
    tensor = oracle.random_state(rng, 4).reshape((2,) * 4)
    view = nk.little_endian(tensor)
    assert np.shares_memory(view, tensor)
    assert np.array_equal(view, tensor.T)
    with pytest.raises(ValueError, match="'state'"):
        nk.little_endian(np.zeros(3, complex))
    with pytest.raises(TypeError, match="'state'"):
        nk.little_endian([1, 0])


def test_little_endian_of_a_read_only_state(rng):
    state = oracle.random_state(rng, 3)
    state.flags.writeable = False
    assert not nk.little_endian(state).flags.writeable
