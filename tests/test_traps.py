"""What is known to crash, hang or corrupt elsewhere: each trap in a process of its own, which must
live to its end and either refuse or do it right."""

import textwrap

import pytest

HEAD = """
import threading, warnings
warnings.simplefilter("ignore")
rng = np.random.default_rng(5)

def refused(call, *errors):
    try:
        call()
    except errors or (ValueError, TypeError):
        return
    raise AssertionError("accepted")
"""

# For traps that spring while another call is at work.
MEANWHILE = """
from helpers import LONG, N, hits, in_flight

def long_call(state, meanwhile):
    '''Changes the array's header while a call works on its memory; a view of all of it made
    before that and what it must hold after it.'''
    before, whole = state.copy(), state[:]
    matrix = np.eye(128)[rng.permutation(128)]
    thread = threading.Thread(target=nk.apply, args=(state, matrix, range(7)))
    first, expected = state[:2], (matrix @ before.reshape(128, -1)).reshape(-1)
    def probe():
        nk.norm(first)
        if not thread.is_alive():
            raise nk.BufferInUseError("overlap: too late")
    thread.start()
    assert hits(probe)
    meanwhile(state)
    thread.join()
    return whole, expected
"""

TRAPS = {
    "array and view of it shifted": """
        floats = np.zeros(2 * 2**N + 2)
        one, two = floats[:-2].view(complex), floats[1:-1].view(complex)
        with in_flight(one):
            assert hits(lambda: nk.z(two[:2], 0))
            assert hits(lambda: nk.norm(two[-2:]))
        nk.x(two, 0)
    """,
    "array and its real or imaginary part": """
        state = nk.zero_state(N)
        for part in state.real, state.imag:
            refused(lambda: nk.s(part, 0), TypeError)
            refused(lambda: nk.inner(state, part), TypeError)
        assert nk.inner(state.real, state.imag) == 0
        with in_flight(state):
            assert hits(lambda: nk.h(state.real, 0))
            assert hits(lambda: nk.norm(state.imag[:1]))
            assert hits(lambda: nk.probabilities(np.ones(1, complex), out=state.imag[:1]))
    """,
    "array and a view of one amplitude": """
        state = nk.zero_state(N)
        with in_flight(state):
            assert hits(lambda: nk.norm(state[0, ...]))
            assert hits(lambda: nk.norm(state[-1, ...]))
    """,
    "two views of one bytearray": """
        data = bytearray(16 * 2**N)
        one, two = np.frombuffer(data, complex), np.frombuffer(data, complex)
        with in_flight(one):
            assert hits(lambda: nk.z(two[:2], 0))
    """,
    "dlpack and array interface twins": """
        state = nk.zero_state(N)
        class Twin:
            __array_interface__ = state.__array_interface__
        for twin in np.from_dlpack(state), np.asarray(Twin()):
            with in_flight(state):
                assert hits(lambda: nk.z(twin[:2], 0))
    """,
    "a subclass that shrinks the other array when it is asked for its class": """
        import numpy.ma
        matrix, bras = np.eye(64, dtype=complex), []
        class Sly(np.ndarray):
            @property
            def __class__(self):
                matrix.resize((1, 1), refcheck=False)
                for bra in bras:
                    bra.resize(1, refcheck=False)
                return np.ma.MaskedArray
        state = nk.basis_state(12, 5).view(Sly)
        nk.apply(state, matrix, range(6))
        assert np.flatnonzero(np.asarray(state)).tolist() == [5]
        bras.append(np.ones(2**12, complex))
        assert nk.inner(bras[0], state) == 1
        out = np.zeros(2**12).view(Sly)
        assert nk.probabilities(state, out=out).sum() == 1
    """,
    "state and out overlap": """
        state = oracle.random_state(rng, 10)
        before = state.tobytes()
        for out in state.view(float)[:1024], state.view(float)[1:1025], state.view(float)[-1024:]:
            refused(lambda: nk.probabilities(state, out=out), ValueError, nk.BufferInUseError)
        assert state.tobytes() == before
    """,
    "bra and ket overlap": """
        state = oracle.random_state(rng, 10)
        assert abs(nk.inner(state, state) - 1) < 1e-15
        floats = np.zeros(2**11 + 1)
        floats[:] = rng.normal(size=2**11 + 1)
        one, two = floats[:-1].view(complex), floats[1:].view(complex)
        assert abs(nk.inner(one, two) - np.vdot(one, two)) < 1e-11
    """,
    "dtype changed during a call": """
        state = oracle.random_state(rng, N)
        def change(array):
            array.dtype = np.int64
        whole, expected = long_call(state, change)
        refused(lambda: nk.h(state, 0), TypeError)
        assert np.array_equal(whole, expected)
        nk.h(whole, 0)
    """,
    "shape changed during a call": """
        state = oracle.random_state(rng, N)
        def change(array):
            array.shape = (2,) * N
        whole, expected = long_call(state, change)
        assert np.array_equal(whole, expected)
        nk.h(state, 0)
    """,
    "strides changed during a call": """
        state = oracle.random_state(rng, N)
        def change(array):
            array.strides = (0,)
        whole, expected = long_call(state, change)
        refused(lambda: nk.h(state, 0), ValueError)
        assert np.array_equal(whole, expected)
        nk.h(whole, 0)
    """,
    "made read-only during a call": """
        state = oracle.random_state(rng, N)
        def change(array):
            array.flags.writeable = False
        whole, expected = long_call(state, change)
        assert np.array_equal(whole, expected)
        refused(lambda: nk.h(state, 0), ValueError)
        nk.h(whole, 0)
    """,
    "resized during a call": """
        state = oracle.random_state(rng, N)
        whole, expected = long_call(state, lambda a: refused(lambda: a.resize(4), ValueError))
        assert np.array_equal(state, expected)
    """,
    "last reference dropped during a call": """
        import gc
        done = []
        def work():
            state = nk.zero_state(N)
            nk.apply(state, LONG, range(7))
            done.append(1)
        def orphan():
            nk.apply(nk.zero_state(N), LONG, range(7))
            done.append(1)
        threads = [threading.Thread(target=task) for task in (work, orphan)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            gc.collect()
        assert len(done) == 2
    """,
    "a qubit that changes the array": """
        class Evil:
            def __index__(self):
                self.meanwhile()
                return 0
        def shrink():
            state.resize(2, refcheck=False)
        def grow():
            state.resize(2**22, refcheck=False)
        def turn():
            state.shape = (2,) * 20
        def recast():
            state.dtype = int
        def lock():
            state.flags.writeable = False
        def use():
            nk.h(state, 1)
        calls = [
            lambda q: nk.h(state, q),
            lambda q: nk.cx(state, q, 1),
            lambda q: nk.cx(state, 1, q),
            lambda q: nk.h(state, 1, controls=[q]),
            lambda q: nk.h(state, 1, controls=[3], control_values=[q]),
            lambda q: nk.apply(state, np.eye(4), [q, 1]),
            lambda q: nk.apply_diagonal(state, np.ones(4), (q, 1)),
            lambda q: nk.apply_permutation(state, range(4), [q, 1]),
            lambda q: nk.h(state, 1, threads=q),
            lambda q: nk.h(state, 1, batch=q),
            lambda q: nk.probabilities(state, [q]),
        ]
        for change in shrink, grow, turn, recast, lock, use:
            for call in calls:
                state = np.zeros(2**20, complex)
                evil = Evil()
                evil.meanwhile = change
                try:
                    call(evil)
                except (ValueError, TypeError, RuntimeError):
                    pass
                assert not state.any()
        nk.h(nk.zero_state(20), 0)
    """,
    "an angle that changes the array": """
        class Evil:
            def __float__(self):
                state.resize(2, refcheck=False)
                return 0.5
        for call in (
            lambda: nk.rx(state, Evil(), 3),
            lambda: nk.u(state, 0.1, Evil(), 0.2, 3),
            lambda: nk.rzz(state, Evil(), 3, 4),
        ):
            state = np.zeros(2**22, complex)
            try:
                call()
            except (ValueError, TypeError, RuntimeError):
                pass
            assert state.tolist() == [0, 0]
    """,
    "a matrix that changes the array": """
        class Evil:
            def __init__(self, value):
                self.value = value
            def __array__(self, dtype=None, copy=None):
                state.resize(2, refcheck=False)
                return np.asarray(self.value)
        for call in (
            lambda: nk.apply(state, Evil(np.eye(4)), [3, 4]),
            lambda: nk.apply_diagonal(state, Evil(np.ones(4)), [3, 4]),
            lambda: nk.apply_permutation(state, Evil([1, 0, 3, 2]), [3, 4]),
        ):
            state = np.zeros(2**22, complex)
            try:
                call()
            except (ValueError, TypeError, RuntimeError):
                pass
            assert state.tolist() == [0, 0]
    """,
    "a list of qubits that grows, shrinks or never ends": """
        import itertools
        state = np.zeros(8, complex)
        refused(lambda: nk.apply(state, np.eye(2), itertools.count()), ValueError)
        refused(lambda: nk.apply(state, np.eye(2), itertools.repeat(0)), ValueError)
        refused(lambda: nk.h(state, 0, controls=range(10**9)), ValueError)
        def broken():
            yield 0
            raise KeyError("mine")
        refused(lambda: nk.apply(state, np.eye(2), broken()), KeyError)
        refused(lambda: nk.h(state, 2, controls=broken()), KeyError)
        nk.apply(state, np.eye(2), iter([0]))
    """,
    "an error in the user's own object arrives": """
        class Broken:
            def __index__(self):
                raise ZeroDivisionError("mine")
            __float__ = __array__ = __iter__ = __index__
        state = np.zeros(8, complex)
        for call in (
            lambda: nk.h(state, Broken()),
            lambda: nk.rx(state, Broken(), 0),
            lambda: nk.apply(state, np.eye(2), Broken()),
            lambda: nk.h(state, 0, controls=[Broken()]),
            lambda: nk.h(state, 0, controls=Broken()),
            lambda: nk.apply(state, Broken(), 0),
        ):
            refused(call, ZeroDivisionError, TypeError)
        nk.h(state, 0)
    """,
    "zero strides": """
        from numpy.lib.stride_tricks import as_strided
        floats = np.zeros(64)
        one = as_strided(floats.view(complex), (4,), (0,))
        two = as_strided(floats[1:-1].view(complex), (4,), (0,))
        axes = as_strided(floats.view(complex), (2, 2, 2), (0, 16, 32))
        for state in one, two, axes:
            for call in (lambda: nk.h(state, 0), lambda: nk.norm(state),
                         lambda: nk.inner(one, two), lambda: nk.probabilities(state),
                         lambda: nk.Ket(state)):
                refused(call, ValueError)
        broadcast = np.broadcast_to(np.ones(1, complex), (4,))
        refused(lambda: nk.h(broadcast, 0), ValueError)
        refused(lambda: nk.norm(broadcast), ValueError)
        assert not floats.any()
    """,
    "overlapping elements": """
        from numpy.lib.stride_tricks import as_strided
        base = np.arange(64).astype(complex)
        before = base.tobytes()
        for shape, strides in (
            ((2, 2, 2), (16, 16, 32)), ((2, 2, 2), (16, 32, 48)), ((2, 2), (16, 16)),
            ((2, 2), (8, 16)), ((4,), (8,)), ((2, 2, 2), (64, 16, 16)), ((2,), (8,)),
            ((2, 2), (-16, 16)), ((2, 2, 2), (32, 16, -16)),
        ):
            state = as_strided(base[16:32], shape, strides)
            refused(lambda: nk.h(state, 0), ValueError)
            refused(lambda: nk.norm(state), ValueError)
        assert base.tobytes() == before
    """,
    "read-only": """
        state = np.ones(16, complex)
        state.flags.writeable = False
        for call in (lambda: nk.h(state, 0), lambda: nk.apply(state, np.eye(2), [0]),
                     lambda: nk.Ket(state), lambda: nk.x(state[:4], 0)):
            refused(call, ValueError)
        assert nk.norm(state) == 4
        assert (state == 1).all()
    """,
    "backed by bytes": """
        data = np.ones(4, complex).tobytes()
        state = np.frombuffer(data, complex)
        refused(lambda: nk.h(state, 0), ValueError)
        assert nk.norm(state) == 2
        assert data == np.ones(4, complex).tobytes()
    """,
    "misaligned": """
        raw = bytearray(16 * 8 + 16)
        for dtype, step in (complex, 8), (np.complex64, 4):
            for offset in range(16):
                state = np.ndarray(8, dtype, raw, offset)
                state[:] = range(8)
                if state.ctypes.data % step:
                    refused(lambda: nk.h(state, 0), ValueError)
                    assert nk.norm(state) == nk.norm(state.copy())
                    assert (state == range(8)).all()
                else:
                    expected = oracle.apply(state, oracle.gate("h"), [1])
                    nk.h(state, 1)
                    oracle.assert_close(state, expected)
    """,
    "packed records": """
        for fields in (
            [("a", "c16"), ("b", "f8")], [("b", "f8"), ("a", "c16")], [("b", "i1"), ("a", "c16")],
            [("b", "f4"), ("a", "c8")], [("a", "c8"), ("b", "c16")], [("b", "c16"), ("a", "c16")],
        ):
            record = np.zeros(8, fields)
            record["a"], record["b"] = range(8), 77
            expected = oracle.apply(record["a"], oracle.gate("h"), [1])
            try:
                nk.h(record["a"], 1)
            except ValueError:
                assert (record["a"] == range(8)).all()
            else:
                oracle.assert_close(record["a"], expected)
            assert (record["b"] == 77).all()
    """,
    "more than 32 dimensions": """
        for ndim in range(30, 65):
            for shape in ((1,) * (ndim - 3) + (2,) * 3, (2,) * 3 + (1,) * (ndim - 3)):
                state = oracle.random_state(rng, 3).reshape(shape)
                axis = shape.index(2)
                expected = oracle.apply(state, oracle.gate("cx"), [axis, axis + 2])
                nk.cx(state, axis, axis + 2)
                oracle.assert_close(state, expected)
                assert abs(nk.norm(state) - 1) < 1e-15
                refused(lambda: nk.h(state, ndim), ValueError)
        refused(lambda: nk.norm(np.broadcast_to(np.ones(1, complex), (2,) * 64)), ValueError)
        refused(lambda: nk.h(np.lib.stride_tricks.as_strided(np.ones(1, complex), (2,) * 62,
                             (0,) * 62), 0), ValueError)
    """,
    "empty arrays": """
        for shape in (0,), (0, 2), (2, 0), (2, 0, 2), (0,) * 40:
            state = np.zeros(shape, complex)
            for call in (lambda: nk.h(state, 0), lambda: nk.norm(state), lambda: nk.Ket(state),
                         lambda: nk.inner(state, state), lambda: nk.little_endian(state),
                         lambda: nk.probabilities(state)):
                refused(call, ValueError)
            refused(lambda: nk.apply(np.ones(2, complex), state, [0]), ValueError)
    """,
    "huge numbers": """
        state = nk.zero_state(3)
        for number in 2**31, 2**32, 2**63 - 1, 2**63, 2**64, 2**64 + 1, 2**1000:
            for sign in 1, -1:
                refused(lambda: nk.h(state, sign * number), ValueError)
                refused(lambda: nk.h(state, 0, controls=[sign * number]), ValueError)
                refused(lambda: nk.basis_state(3, sign * number), ValueError, OverflowError)
                refused(lambda: nk.h(state, 0, batch=sign * number), ValueError, OverflowError)
                refused(
                    lambda: nk.zero_state(sign * number), ValueError, OverflowError, MemoryError
                )
        nk.h(nk.zero_state(17), 0, threads=2)
    """,
    "too many threads asked for": """
        state = oracle.random_state(rng, 18)
        expected = state.copy()
        nk.h(expected, 3, threads=1)
        try:
            nk.h(state, 3, threads=10**6)
        except (ValueError, RuntimeError, MemoryError):
            nk.h(state, 3)
        assert np.array_equal(state, expected)
    """,
    "subclasses that lie": """
        class Liar(np.ndarray):
            shape = property(lambda self: (2,) * 30)
            dtype = property(lambda self: np.dtype(complex))
            def __array_finalize__(self, other):
                pass
            def __len__(self):
                return 2**30
            def reshape(self, *args):
                raise SystemError
        state = np.ones(4, complex).view(Liar)
        nk.h(state, 0)
        refused(lambda: nk.h(state, 2), ValueError)
        refused(lambda: nk.h(np.ones(4, int).view(Liar), 0), TypeError)
        class Pretender:
            __class__ = np.ndarray
            dtype, shape, ndim = np.dtype(complex), (4,), 1
        refused(lambda: nk.h(Pretender(), 0), TypeError)
    """,
    "a thread that ends while it holds a limit": """
        def work():
            nk.threads(1).__enter__()
            nk.h(nk.zero_state(17), 0)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        nk.threads(1).__exit__(None, None, None)
        assert nk.get_num_threads() >= 1
        nk.h(nk.zero_state(17), 0)
    """,
    "many arrays made and dropped": """
        views = []
        for i in range(200):
            state = nk.zero_state(12)
            views.append(state[:4])
            del state
        for view in views:
            assert view.tolist() == [1, 0, 0, 0]
            nk.x(view, 0)
    """,
}


@pytest.mark.parametrize("trap", TRAPS)
def test_trap(trap, snippet):
    body = textwrap.dedent(TRAPS[trap])
    busy = any(name in body for name in ("in_flight", "long_call", "LONG"))
    snippet(HEAD + (MEANWHILE if busy else "") + body)
