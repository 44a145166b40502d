"""Readings and makers of states."""

import ctypes

import numpy as np
import pytest

import numket as nk
import oracle


def wide(state):
    return np.asarray(state, np.clongdouble)


def textbook(state, qubits=None):
    """The probabilities of the outcomes, in long double."""
    n = state.size.bit_length() - 1
    tensor = (abs(wide(state)) ** 2).reshape((2,) * n)
    qubits = range(n) if qubits is None else qubits
    k = len(qubits)
    return np.moveaxis(tensor, qubits, range(k)).reshape(2**k, -1).sum(-1)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 8, 13, 16, 18])
def test_norm_and_inner(n, dtype, rng):
    bra, ket = oracle.random_state(rng, n, dtype), oracle.random_state(rng, n, dtype)
    ket *= 3
    norm = nk.norm(ket)
    assert type(norm) is float
    assert abs(norm / np.sqrt(np.sum(abs(wide(ket)) ** 2)) - 1) < 2e-15
    inner = nk.inner(bra, ket)
    assert type(inner) is complex
    assert abs(inner - np.sum(wide(bra).conj() * wide(ket))) < 3e-15
    assert abs(nk.inner(ket, bra) - inner.conjugate()) < 3e-15
    assert nk.inner(ket, ket) == pytest.approx(norm**2, rel=3e-15)


@pytest.mark.parametrize("n", [1, 6, 14, 18])
def test_readings_have_the_same_bits_on_any_threads(n, dtype, rng):
    bra, ket = oracle.random_state(rng, n, dtype), oracle.random_state(rng, n, dtype)
    few = rng.permutation(n)[:3].tolist()
    for read in (
        lambda threads: nk.norm(ket, threads=threads),
        lambda threads: nk.inner(bra, ket, threads=threads),
        lambda threads: nk.probabilities(ket, threads=threads).tobytes(),
        lambda threads: nk.probabilities(ket, 0, threads=threads).tobytes(),
        lambda threads: nk.probabilities(ket, n - 1, threads=threads).tobytes(),
        lambda threads: nk.probabilities(ket, few, threads=threads).tobytes(),
        lambda threads: nk.probabilities(ket, (), threads=threads).tobytes(),
    ):
        assert len({read(threads) for threads in (1, 2, 3, 5, None)}) == 1


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_extreme_scales_of_inner(scale):
    small, large = np.full(4, 1 / scale, complex), np.full(4, scale, complex)
    assert nk.inner(small, large) == pytest.approx(4)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 10, 15, 18])
def test_probabilities(n, dtype, rng):
    state = oracle.random_state(rng, n, dtype)
    result = nk.probabilities(state)
    assert result.dtype == np.float64
    assert result.shape == (2**n,)
    assert abs(result - textbook(state)).max() < 3e-15
    for k in {0, 1, 2, n // 2, n}:
        qubits = rng.permutation(n)[:k].tolist()
        result = nk.probabilities(state, qubits)
        assert result.dtype == np.float64
        assert abs(result - textbook(state, qubits)).max() < 3e-15
        assert result.sum() == pytest.approx(nk.norm(state) ** 2, rel=1e-14)


@pytest.mark.parametrize("form", [tuple, list, np.array, iter])
def test_forms_of_qubits(form, rng):
    state = oracle.random_state(rng, 4)
    expected = textbook(state, [2, 0])
    assert abs(nk.probabilities(state, form([2, 0])) - expected).max() < 3e-15
    assert abs(nk.probabilities(state, 3) - textbook(state, [3])).max() < 3e-15


def test_readings_of_tensors(dtype, rng):
    for n in 3, 7, 12:
        tensor = oracle.random_state(rng, n, dtype).reshape((2,) * n)
        other = oracle.random_state(rng, n, dtype).reshape((2,) * n)
        for _ in range(4):
            turned = tensor.transpose(rng.permutation(n))
            bra = other.transpose(rng.permutation(n))
            assert abs(nk.probabilities(turned) - textbook(turned)).max() < 3e-15
            qubits = rng.permutation(n)[:3].tolist()
            assert abs(nk.probabilities(turned, qubits) - textbook(turned, qubits)).max() < 3e-15
            assert abs(nk.norm(turned) - np.linalg.norm(wide(turned).ravel())) < 1e-15
            expected = np.sum(wide(bra).conj() * wide(turned))
            assert abs(nk.inner(bra, turned) - expected) < 1e-15


def test_out_is_written_and_returned(dtype, rng):
    state = oracle.random_state(rng, 5, dtype)
    buffer = np.full(10, 7.0)
    out = buffer[3:7]
    assert nk.probabilities(state, (4, 1), out=out) is out
    assert abs(out - textbook(state, [4, 1])).max() < 3e-15
    assert (buffer[[0, 1, 2, 7, 8, 9]] == 7).all()
    assert nk.probabilities(state, out=(full := np.ones(32))) is full
    assert abs(full - textbook(state)).max() < 3e-15


def read_only():
    out = np.full(4, 7.0)
    out.flags.writeable = False
    return out


@pytest.mark.parametrize(
    ("out", "error"),
    [
        (np.full(8, 7.0), ValueError),
        (np.full(3, 7.0), ValueError),
        (np.full((2, 2), 7.0), ValueError),
        (np.full(4, 7, np.float32), (TypeError, ValueError)),
        (np.full(4, 7, complex), (TypeError, ValueError)),
        (np.full(4, 7, ">f8"), (TypeError, ValueError)),
        (np.full(4, 7), (TypeError, ValueError)),
        ([7.0] * 4, TypeError),
        (np.ma.ones(4), TypeError),
        (read_only(), ValueError),
    ],
)
def test_out_that_does_not_fit(out, error, rng):
    before = np.array(out)
    with pytest.raises(error, match="'out'"):
        nk.probabilities(oracle.random_state(rng, 3), (0, 1), out=out)
    assert np.array_equal(out, before)


def test_inner_of_states_that_do_not_match(rng):
    state = oracle.random_state(rng, 3)
    with pytest.raises(ValueError, match=r"3 qubits.* 2|2 qubits.* 3"):
        nk.inner(state, state[:4])
    with pytest.raises(TypeError, match="dtype"):
        nk.inner(state, state.astype(np.complex64))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_special_values_show(value):
    state = np.array([1, value], complex)
    assert not np.isfinite(nk.norm(state))
    assert not np.isfinite(nk.probabilities(state)[1])
    assert nk.probabilities(state)[0] == 1


def batches(rng, count, n, dtype):
    """The same states in batches of any layout, of shape (count, 2, ..., 2) or (count, 2**n)."""
    states = np.stack([oracle.random_state(rng, n, dtype) for _ in range(count)])
    tensor = states.reshape((count, *(2,) * n))
    order = 1 + rng.permutation(n)
    yield states
    yield tensor
    yield np.zeros((count, 3, 2**n), dtype)[:, 1].__iadd__(states)
    yield np.zeros((2**n, count), dtype).T.__iadd__(states)
    yield states[::-1, ::-1].copy()[::-1, ::-1]
    yield tensor.transpose(0, *order).copy().transpose(0, *(1 + np.argsort(order - 1)))


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize("n", [1, 3, 7])
def test_batches(count, n, dtype, rng):
    bras = (rng.normal(size=(count, 2**n)) / 2**n).astype(dtype) * (1 + 1j)
    few = rng.permutation(n)[:2].tolist()
    for kets in batches(rng, count, n, dtype) if count else [bras]:
        flat = wide(kets).reshape(count, 2**n)
        norms = nk.norm(kets, batch=1)
        assert norms.dtype == np.float64
        assert norms.shape == (count,)
        assert abs(norms - np.sqrt(np.sum(abs(flat) ** 2, axis=1))).max(initial=0) < 1e-15
        inners = nk.inner(bras, kets, batch=1)
        assert inners.dtype == np.complex128
        assert abs(inners - np.sum(wide(bras).conj() * flat, 1)).max(initial=0) < 1e-15
        for qubits in None, few, 0, ():
            found = nk.probabilities(kets, qubits, batch=1)
            listed = [qubits] if qubits == 0 else qubits
            assert found.dtype == np.float64
            assert found.shape == (count, 2 ** (n if qubits is None else np.size(qubits)))
            for state, one in zip(flat, found, strict=True):
                assert abs(one - textbook(state, listed)).max() < 1e-15
            out = np.full_like(found, 7)
            assert nk.probabilities(kets, qubits, out=out, batch=1) is out
            assert np.array_equal(out, found)


@pytest.mark.parametrize(("count", "n"), [(4000, 2), (300, 8), (3, 17)])
def test_each_state_of_a_batch_is_read_as_alone(count, n, dtype, rng):
    states = (rng.normal(size=(count, 2**n)) + 1j * rng.normal(size=(count, 2**n))).astype(dtype)
    other = (rng.normal(size=(count, 2**n)) + 1j * rng.normal(size=(count, 2**n))).astype(dtype)
    for read in (
        lambda *states, **options: nk.norm(states[0], **options),
        nk.inner,
        lambda *states, **options: nk.probabilities(states[0], 0, **options),
        lambda *states, **options: nk.probabilities(states[0], **options),
    ):
        expected = np.array([read(*pair) for pair in zip(states, other, strict=True)])
        for threads in 1, 2, 3, None:
            assert np.array_equal(read(states, other, batch=1, threads=threads), expected)


def test_several_batch_axes(rng):
    states = np.stack([oracle.random_state(rng, 2) for _ in range(12)]).reshape(3, 4, 2, 2)
    norms = nk.norm(states, batch=2)
    assert norms.shape == (3, 4)
    assert nk.probabilities(states, 1, batch=2).shape == (3, 4, 2)
    assert nk.inner(states[:, :1], states[:1], batch=2).shape == (3, 4)
    for i in range(3):
        for j in range(4):
            product = nk.inner(states[:, :1], states[:1], batch=2)[i, j]
            assert product == nk.inner(states[i, 0], states[0, j])
    with pytest.raises(ValueError, match=r"'bra' has shape \(3, 4\).*\(3, 3\).*broadcast"):
        nk.inner(states, states[:, :3], batch=2)
    for shape in (12, 2), (3, 4), (3, 4, 4), (24,):
        out = np.full(shape, 7.0)
        with pytest.raises(ValueError, match=r"'out' has shape.*\(3, 4, 2\)"):
            nk.probabilities(states, 1, out=out, batch=2)
        assert (out == 7).all()


@pytest.mark.parametrize("value", [5e-324, 1e-310, 1e-200, 1e-150, 1e150, 1e200, 1e308])
def test_extreme_scales(value):
    state = np.array([3, 0, 4j, 0]) / 5 * value
    before = wide(state)
    expected = float(np.sqrt(np.sum(abs(before) ** 2)))
    assert nk.norm(state) == pytest.approx(expected, rel=1e-15, abs=5e-324)
    nk.normalize(state)
    assert abs(wide(state) - before / np.sqrt(np.sum(abs(before) ** 2))).max() < 3e-16


@pytest.mark.parametrize("value", [1e-45, 1e-40, 1e-30, 1e30, 3e38])
def test_extreme_scales_in_single_precision(value):
    state = (np.ones(16) * value).astype(np.complex64)
    assert nk.norm(state) == pytest.approx(4 * float(np.float32(value)), rel=1e-15)
    nk.normalize(state)
    assert abs(state - 0.25).max() < 1e-7


@pytest.mark.parametrize("n", [0, 1, 5, 13, 17])
def test_normalize(n, dtype, rng):
    state = 3 * oracle.random_state(rng, n, dtype)
    expected = wide(state) / np.sqrt(np.sum(abs(wide(state)) ** 2))
    results = []
    for threads in 1, 2, 3:
        results.append(state.copy())
        assert nk.normalize(results[-1], threads=threads) is None
        assert abs(results[-1] - expected).max() < 4 * np.finfo(dtype).eps
    assert len({result.tobytes() for result in results}) == 1


def test_normalize_batches(dtype, rng):
    for count in 1, 7, 3000:
        for states in batches(rng, count, 3, dtype):
            states *= np.arange(1, count + 1).reshape(-1, *(1,) * (states.ndim - 1))
            expected = wide(states).reshape(count, -1)
            expected = expected / np.sqrt(np.sum(abs(expected) ** 2, axis=1, keepdims=True))
            nk.normalize(states, batch=1)
            assert abs(states.reshape(count, -1) - expected).max() < 4 * np.finfo(dtype).eps
    nk.normalize(np.zeros((0, 4), dtype), batch=1)


@pytest.mark.parametrize("value", [0, np.nan, np.inf])
def test_normalize_refuses_before_it_writes(value, dtype):
    for count in 1, 3000:
        states = np.full((count, 4), 2, dtype)
        states[-1] = 0
        states[-1, 1] = value
        before = states.tobytes()
        with pytest.raises(ValueError, match=r"'state'.*norm.*;"):
            nk.normalize(states, batch=1)
        with pytest.raises(ValueError, match=r"'state'.*norm.*;"):
            nk.normalize(states[-1])
        assert states.tobytes() == before


MAKERS = {
    "zero_state": nk.zero_state,
    "empty_state": nk.empty_state,
    "basis_state": lambda n, *dtype: nk.basis_state(n, 0, *dtype),
}


@pytest.mark.parametrize("n", [0, 1, 2, 7, 10, 11, 16, 17, 20])
@pytest.mark.parametrize("maker", MAKERS)
def test_made_states_are_plain_and_aligned(maker, n, dtype):
    for given in dtype, np.dtype(dtype), np.dtype(dtype).name:
        state = MAKERS[maker](n, given)
        assert type(state) is np.ndarray
        assert state.shape == (2**n,)
        assert state.dtype == dtype
        assert state.flags.c_contiguous
        assert state.flags.writeable
        assert state.ctypes.data % 64 == 0
        if maker != "empty_state":
            assert state[0] == 1
            assert not state[1:].any()


def test_default_is_double_precision():
    assert {maker(3).dtype for maker in MAKERS.values()} == {np.dtype(complex)}
    assert nk.zero_state(2, dtype=np.complex64).dtype == np.complex64
    assert nk.basis_state(2, 1, dtype=np.complex64).dtype == np.complex64
    assert nk.empty_state(2, dtype=np.complex64).dtype == np.complex64


def test_made_states_start_clean():
    """Memory used before is cleared."""
    for _ in range(5):
        state = nk.empty_state(16)
        state[:] = 7
        del state
        assert nk.zero_state(16).sum() == 1


def test_memory_of_a_made_state_lives_as_long_as_its_views():
    view = nk.zero_state(10)[:4]
    address = view.ctypes.data
    others = [nk.zero_state(10) for _ in range(20)]
    assert all(abs(other.ctypes.data - address) >= 64 for other in others)
    assert ctypes.c_double.from_address(address).value == 1


@pytest.mark.parametrize(
    "which",
    [6, np.int64(6), "110", [1, 1, 0], (1, 1, 0), np.array([1, 1, 0])],
    ids=repr,
)
def test_basis_state_by_index_and_by_bits(which, dtype):
    state = nk.basis_state(3, which, dtype)
    assert np.flatnonzero(state).tolist() == [6]
    assert state[6] == 1


def test_every_basis_state():
    for n in range(5):
        for i in range(2**n):
            label = format(i, f"0{n}b") if n else ""
            for which in i, label, [int(c) for c in label]:
                assert np.flatnonzero(nk.basis_state(n, which)).tolist() == [i]


@pytest.mark.parametrize(
    ("n", "which", "error"),
    [
        (3, 8, ValueError),
        (3, -1, ValueError),
        (3, 2**70, ValueError),
        (3, "11", ValueError),
        (3, "1111", ValueError),
        (3, "112", ValueError),
        (3, "1 0", ValueError),
        (3, "+10", ValueError),
        (3, "", ValueError),
        (3, "\uff1110", ValueError),
        (3, [1, 1], ValueError),
        (3, [1, 1, 2], ValueError),
        (3, [1, 1, -1], ValueError),
        (3, [10, 1], ValueError),
        (3, [[1, 1, 0]], (TypeError, ValueError)),
        (3, 1.0, TypeError),
        (3, [1.0, 0, 0], TypeError),
        (3, None, TypeError),
        (3, True, TypeError),
    ],
)
def test_basis_states_that_do_not_exist(n, which, error):
    with pytest.raises(error, match=r"[:;]"):
        nk.basis_state(n, which)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((-1,), ValueError, "'n' is -1"),
        ((1.0,), TypeError, "."),
        (("3",), TypeError, "."),
        ((None,), TypeError, "."),
        ((3, np.float16), TypeError, "float16.*complex128"),
        ((3, np.clongdouble), TypeError, "complex128"),
        ((3, ">c16"), TypeError, "byte order"),
        ((3, "what"), TypeError, "."),
        ((50,), MemoryError, "GiB.*GiB"),
        ((63,), MemoryError, "GiB"),
        ((100,), MemoryError, "GiB"),
        ((2**62,), (MemoryError, ValueError), "."),
    ],
    ids=repr,
)
def test_states_that_cannot_be_made(maker, arguments, error, words):
    with pytest.raises(error, match=words):
        MAKERS[maker](*arguments)
