"""Batches: every state of an array of states at once, with angles and matrices that broadcast."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle
from numket import _core


@st.composite
def batches(draw, max_qubits=6):
    """A batch of states anywhere in memory: (states, number of batch axes, random numbers)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, max_qubits))
    lengths = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    flat = draw(st.booleans()) or n == 1
    shape = lengths + ((2**n,) if flat else (2,) * n)
    dtype = draw(st.sampled_from([np.complex128, np.complex64]))
    # Axes in any order, with gaps between and after them, forwards or backwards.
    order = draw(st.permutations(range(len(shape))))
    gaps = draw(st.lists(st.integers(1, 2), min_size=len(shape), max_size=len(shape)))
    signs = draw(st.lists(st.sampled_from([1, -1]), min_size=len(shape), max_size=len(shape)))
    whole = np.zeros([shape[axis] * gaps[axis] for axis in order], dtype)
    states = whole.transpose(np.argsort(order))[tuple(np.s_[::gap] for gap in gaps)]
    states = states[tuple(np.s_[::sign] for sign in signs)]
    assert states.shape == shape
    states[...] = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return states, len(lengths), rng


def some_shape(draw, shape):
    """A shape that broadcasts to `shape`."""
    kept = tuple(length if draw(st.booleans()) else 1 for length in shape)
    return kept[draw(st.integers(0, len(kept))) :]


def check(states, batch, call, matrix_of, qubits, controls=(), values=None):
    """`call` does to each state what `matrix_of(index)` says."""
    expected = np.array(states, np.clongdouble)
    for index in np.ndindex(states.shape[:batch]):
        one = np.ascontiguousarray(states[index])
        expected[index] = oracle.apply(one, matrix_of(index), qubits, controls, values)
    before = states.copy()
    call(states)
    oracle.assert_close(states, expected, terms=8)
    for threads in 1, 2:
        again = np.empty_like(states)
        again[...] = before
        call(again, threads=threads)
        oracle.assert_close(again, expected, terms=8)


@settings(max_examples=300)
@given(st.data())
def test_angles_broadcast_as_numpy_broadcasts(data):
    states, batch, rng = data.draw(batches())
    shape = states.shape[:batch]
    n = int(np.prod(states.shape[batch:])).bit_length() - 1
    qubits = rng.permutation(n).tolist()
    names = [name for name in oracle.GATES if oracle.num_qubits(name) <= n]
    name = data.draw(st.sampled_from(names))
    used = qubits[: oracle.num_qubits(name)]
    controls = qubits[len(used) :][: data.draw(st.integers(0, 2))]
    values = rng.integers(0, 2, len(controls)).tolist()
    count = oracle.num_params(name)
    angles = [rng.normal(size=some_shape(data.draw, shape)) * 4 for _ in range(count)]
    spread = [np.broadcast_to(angle, shape) for angle in angles]

    def call(target, **options):
        further = {"controls": controls, "control_values": values, "batch": batch}
        assert getattr(nk, name)(target, *angles, *used, **further, **options) is None

    def matrix_of(index):
        return oracle.gate(name, *(angle[index] for angle in spread))

    check(states, batch, call, matrix_of, used, controls, values)


@settings(max_examples=200)
@given(st.data())
def test_operators_broadcast_as_numpy_broadcasts(data):
    states, batch, rng = data.draw(batches(5))
    shape = states.shape[:batch]
    n = int(np.prod(states.shape[batch:])).bit_length() - 1
    k = data.draw(st.integers(1, n))
    size, qubits = 2**k, rng.permutation(n).tolist()
    used, controls = qubits[:k], qubits[k:][: data.draw(st.integers(0, 1))]
    leading = some_shape(data.draw, shape)
    kind = data.draw(st.sampled_from(["apply", "apply_diagonal", "apply_permutation"]))
    if kind == "apply":
        operator = oracle.random_unitary(rng, k) * rng.normal(size=(*leading, 1, 1))
        spread = np.broadcast_to(operator, (*shape, size, size))
        if data.draw(st.booleans()):
            operator = operator.reshape((*leading, *(2,) * (2 * k)))
    elif kind == "apply_diagonal":
        operator = np.exp(1j * rng.normal(size=(*leading, size)))
        diagonals = np.broadcast_to(operator, (*shape, size))
        spread = np.einsum("...i,ij->...ij", diagonals, np.eye(size))
    else:
        operator = rng.permutation(size)
        spread = np.broadcast_to(oracle.permutation_matrix(operator), (*shape, size, size))

    def call(target, **options):
        further = {"controls": controls, "batch": batch}
        assert getattr(nk, kind)(target, operator, used, **further, **options) is None

    check(states, batch, call, lambda index: spread[index], used, controls)


@settings(max_examples=300)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=3),
    st.lists(st.integers(0, 3), max_size=4),
)
def test_what_numpy_cannot_broadcast_is_refused(shape, angles):
    states = np.ones((*shape, 4), complex)
    try:
        fits = np.broadcast_shapes(tuple(shape), tuple(angles)) == tuple(shape)
    except ValueError:
        fits = False
    if fits:
        nk.rz(states, np.zeros(angles), 1, batch=len(shape))
    else:
        with pytest.raises(ValueError, match="'theta' has shape"):
            nk.rz(states, np.zeros(angles), 1, batch=len(shape))
    assert np.all(states == 1)


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 1000, 1023])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
def test_long_batches(n, count, dtype, rng):
    """On both sides of what is taken at once, and cut among threads."""
    states = (rng.normal(size=(count, 2**n)) + 1j * rng.normal(size=(count, 2**n))).astype(dtype)
    angles = rng.normal(size=count)
    for target in range(n):
        for name, params in (
            ("rx", [angles]),
            ("rz", [angles]),
            ("h", []),
            ("x", []),
            ("ry", [0.3]),
        ):
            before = states.copy()
            getattr(nk, name)(states, *params, target, batch=1, threads=2)
            one = before.copy()
            getattr(nk, name)(one, *params, target, batch=1, threads=1)
            assert np.array_equal(one, states)
            at = rng.integers(0, count, 3)
            for i in at:
                matrix = oracle.gate(name, *(np.broadcast_to(p, count)[i] for p in params))
                oracle.assert_close(states[i], oracle.apply(before[i], matrix, [target]))


@pytest.mark.parametrize("lanes", _core.config()["lanes_available"])
def test_bits_do_not_depend_on_where_threads_cut_the_batch(lanes, snippet):
    code = """
        rng = np.random.default_rng(5)
        for n, count in (1, 12801), (1, 6403), (2, 6401), (3, 6401), (5, 641):
            for dtype in np.complex128, np.complex64:
                states = rng.normal(size=(count, 2 * 2**n)).view(complex).astype(dtype)
                angles = rng.normal(size=count)
                matrices = np.stack([oracle.random_unitary(rng, 1) for _ in range(7)])
                matrices = matrices[np.arange(count) % 7]
                decay = [[[1, 0], [0, 0.8]], [[0, 0.6], [0, 0]]]
                for call in (
                    lambda s: nk.rx(s, angles, 0, batch=1),
                    lambda s: nk.u(s, angles, 0.1, angles, n - 1, batch=1),
                    lambda s: nk.rz(s, angles, 0, batch=1),
                    lambda s: nk.h(s, 0, batch=1),
                    lambda s: nk.pauli_rotation(s, angles, "Y", 0, batch=1),
                    lambda s: nk.apply(s, matrices, [0], batch=1),
                    # Threads that are forced share each of these states, which takes long.
                    lambda s: nk.apply_kraus(s[:641], decay, 0, rng=1, batch=1),
                ):
                    results = []
                    for threads in 1, 2, 3:
                        nk._core.force_threads(threads)
                        results.append(states.copy())
                        call(results[-1])
                    assert len({result.tobytes() for result in results}) == 1
        """
    snippet(code, NUMKET_SIMD=lanes)


@pytest.mark.parametrize("n", [14, 17])
def test_large_states_of_a_batch(n, dtype, rng):
    states = np.stack([oracle.random_state(rng, n, dtype) for _ in range(3)])
    angles = rng.normal(size=3)
    one, two = states.copy(), states.copy()
    nk.rx(one, angles, 2, batch=1, threads=1)
    nk.rx(two, angles, 2, batch=1, threads=2)
    assert np.array_equal(one, two)
    for state, before, angle in zip(one, states, angles, strict=True):
        nk.rx(before, angle, 2)
        oracle.assert_close(state, before, terms=4)


def test_a_batch_without_states(dtype):
    """There is nothing to do, and what does not fit is refused all the same."""
    for shape, batch, angles in ((0, 4), 1, (0,)), ((3, 0, 2, 2), 2, (1, 0)):
        states = np.zeros(shape, dtype)
        assert nk.rx(states, np.zeros(angles), 0, batch=batch) is None
        assert nk.norm(states, batch=batch).shape == shape[:batch]
        assert nk.probabilities(states, 0, batch=batch).shape == (*shape[:batch], 2)
        with pytest.raises(ValueError, match="'theta' has shape"):
            nk.rx(states, np.zeros(2), 0, batch=batch)


def test_angles_are_read_in_place_and_may_not_overlap_the_states(rng):
    states = np.ones((8, 4), complex)
    with pytest.raises(nk.BufferInUseError):
        nk.rx(states, states.real.reshape(-1)[:8].base.view(float).reshape(-1)[:8], 0, batch=1)
    assert np.all(states == 1)


def test_the_states_of_a_batch_are_one_array_to_a_ket():
    states = np.zeros((3, 4), complex)
    with pytest.raises(ValueError, match="'state'"):
        nk.Ket(states)


@pytest.mark.parametrize("number", [np.complex128, np.complex64, np.float64, np.float32])
@pytest.mark.parametrize(("n", "columns"), [(0, 5), (3, 1), (4, 16), (5, 37), (13, 18)])
def test_norms_of_columns_are_those_of_states_alone(n, columns, number, rng):
    parts = rng.normal(size=(2, 2**n, 2, columns))
    matrix = (parts[0] if np.dtype(number).kind == "f" else parts[0] + 1j * parts[1]).astype(number)
    matrix[:, 0, 0] *= 1e-30 if matrix.real.dtype == np.float32 else 1e-200
    whole = np.moveaxis(matrix, 0, -1)  # two rows of columns
    expected = np.array([[nk.norm(whole[i, j]) for j in range(columns)] for i in range(2)])
    assert nk.norm(whole, batch=2, threads=1).tobytes() == expected.tobytes()
    assert nk.norm(whole, batch=2, threads=3).tobytes() == expected.tobytes()
    assert np.allclose(expected, np.linalg.norm(matrix.astype(complex), axis=0), rtol=1e-6)
    tensor = whole.reshape((2, columns, *[2] * n))
    if n:
        flipped = np.flip(tensor, axis=-1)
        assert np.allclose(nk.norm(flipped, batch=2), expected, rtol=1e-12)
    assert nk.norm(tensor[:, ::-1], batch=2).tobytes() == expected[:, ::-1].tobytes()
