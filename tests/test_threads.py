"""Threads: others run meanwhile, one buffer serves one call at a time, limits are kept."""

import asyncio
import os
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import numket as nk
import oracle
from helpers import LONG, PATIENCE, N, hits, in_flight, in_threads, in_use, refused_import
from numket import threadpools


def test_other_threads_run_during_a_call(patient):
    """Nobody takes the interpreter from this thread: the counter counts where a gate lets it."""
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)

    state = nk.zero_state(24, np.complex64)
    thread = threading.Thread(target=count)
    thread.start()
    try:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            before = counted[0]
            nk.h(state, 0)
            if counted[0] > before:
                break
        else:
            pytest.fail("no other thread ran during a gate")
    finally:
        stop.set()
        thread.join()


SECOND_USES = {
    "the array itself": lambda state: nk.h(state, 0),
    "as a tensor": lambda state: nk.x(state.reshape((2,) * N), 3),
    "transposed": lambda state: nk.x(nk.little_endian(state), 3),
    "its beginning": lambda state: nk.z(state[:2], 0),
    "its end": lambda state: nk.z(state[-2:], 0),
    "one amplitude": lambda state: nk.norm(state[-1:]),
    "one amplitude without axes": lambda state: nk.norm(state[5, ...]),
    "shifted by half an amplitude": lambda state: nk.z(
        state.view(float)[1:9].view(np.complex128), 0
    ),
    "in the other precision": lambda state: nk.z(state.view(np.complex64)[3:5], 0),
    "through the buffer protocol": lambda state: nk.z(np.frombuffer(state.data, complex), 0),
    "through dlpack": lambda state: nk.z(np.from_dlpack(state), 0),
    "norm": nk.norm,
    "probabilities": lambda state: nk.probabilities(state, 0),
    "inner": lambda state: nk.inner(np.zeros(2**N, complex), state),
    "as a matrix": lambda state: nk.apply(np.ones(2, complex), state[:4].reshape(2, 2), 0),
    "as out": lambda state: nk.probabilities(np.ones(2, complex), out=state.view(float)[:2]),
    "ket": lambda state: nk.Ket(state).h(0),
}


@pytest.mark.parametrize("use", SECOND_USES)
def test_second_use_of_a_buffer_in_flight(use):
    state = nk.zero_state(N)
    with in_flight(state):
        assert hits(lambda: SECOND_USES[use](state))
    SECOND_USES[use](state)


def test_error_is_a_runtime_error_and_says_what_to_do():
    assert issubclass(nk.BufferInUseError, RuntimeError)
    state = nk.zero_state(10)
    with pytest.raises(nk.BufferInUseError, match=r"overlap.*wait"):
        nk.probabilities(state, out=state.view(float)[:1024])


def test_disjoint_parts_and_fields_of_one_buffer_are_independent():
    buffer = np.zeros(3 * 2**N // 2, complex)
    state = buffer[: 2**N]
    neighbours = [buffer[2**N : 2**N + 2], buffer[2**N : 2**N + 2**18], buffer[-(2**18) :]]
    with in_flight(state):
        # Between two hits of one call in flight the neighbours were free.
        for _ in range(5):
            assert hits(lambda: nk.z(state[:2], 0))
            for neighbour in neighbours:
                nk.h(neighbour, 0)
                nk.norm(neighbour)
    nk.z(state[:2], 0)


def test_calls_that_only_read_may_share():
    state = nk.zero_state(N)

    def read():
        for _ in range(5):
            assert nk.norm(state) == 1
            assert nk.inner(state, state) == 1

    in_threads(3, read)


class Subclass(np.ndarray):
    pass


WORKED_ON = {
    "the array itself": lambda state: state,
    "a tensor": lambda state: state.reshape((2,) * N),
    "a view of a view": lambda state: state[: 2 ** (N - 1)][::-1],
    "an array of a subclass": lambda state: state.view(Subclass)[...],
}


@pytest.mark.parametrize("view", WORKED_ON)
def test_memory_is_not_freed_during_a_call(view, patient):
    """Nobody takes the interpreter from this thread between seeing the call and resizing."""
    state = nk.zero_state(N, np.complex64).copy()
    with in_flight(WORKED_ON[view](state)):
        for _ in range(3):
            while not in_use(state):
                time.sleep(0)
            with pytest.raises(ValueError, match="cannot resize"):
                state.resize(2, refcheck=False)
    assert weakref.getweakrefcount(state) == 0
    state.resize(2, refcheck=False)


def test_a_view_keeps_the_memory_that_another_call_works_on(patient):
    """Where a view loses its base, the memory stays until the call has ended."""
    view = np.zeros((2, 2**N), np.complex64)[0]
    view[0] = 1
    gone = weakref.ref(view.base)
    thread = threading.Thread(target=lambda: nk.apply(view, LONG, range(7), threads=1))
    thread.start()
    while not in_use(view):
        time.sleep(0)
    other = np.zeros(4, np.complex64)
    view.__setstate__((1, other.shape, other.dtype, False, other.tobytes()))
    assert gone() is not None
    thread.join()
    assert gone() is None


@pytest.mark.parametrize("use", ["matrix", "diagonal", "observable", "out"])
def test_memory_of_other_arguments_is_not_freed_either(use, patient):
    size = {"matrix": 2**16, "diagonal": 2**20, "observable": 2**20, "out": 2**20}[use]
    given, state = (
        np.ones(size, float if use in ("observable", "out") else complex),
        nk.zero_state(20),
    )
    calls = {
        "matrix": lambda: nk.apply(state, given.reshape(256, 256), range(8)),
        "diagonal": lambda: nk.apply_diagonal(state, given, range(20)),
        "observable": lambda: nk.expectation(state, given),
        "out": lambda: nk.probabilities(state, out=given),
    }
    stop = threading.Event()

    def work():
        while not stop.is_set():
            calls[use]()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        while not hits(lambda: nk.p(given[:4].view(complex)[:2], 0.0, 0), patience=0):
            time.sleep(0)
        with pytest.raises(ValueError, match="cannot resize"):
            given.resize(2, refcheck=False)
    finally:
        stop.set()
        thread.join()


def test_many_threads_on_arrays_of_their_own(rng):
    states = [oracle.random_state(rng, n) for n in (3, 10, 14, 16, 17) for _ in range(4)]
    expected = [state.copy() for state in states]

    def series(state):
        n = state.size.bit_length() - 1
        for _ in range(3):
            for qubit in range(n):
                nk.h(state, qubit)
                nk.cx(state, qubit, (qubit + 1) % n)
                nk.rz(state, 0.1, qubit)

    with nk.threads(1):
        for state in expected:
            series(state)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(series, states))
    for state, alone in zip(states, expected, strict=True):
        assert state.tobytes() == alone.tobytes()


def test_a_worker_pool_of_the_users_own_keeps_an_array_whole(rng):
    """Threads that share an array lose no gate: each call is done wholly or refused."""
    state, done = nk.basis_state(16, 0), []

    def flip(_):
        while True:
            try:
                nk.x(state, 5)
            except nk.BufferInUseError:
                time.sleep(0)
            else:
                return done.append(1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(flip, range(201)))
    assert len(done) == 201
    assert state[1 << 10] == 1
    assert nk.norm(state) == 1


@pytest.fixture
def restored_limit():
    before = nk.get_num_threads()
    yield before
    nk.set_num_threads(before)


def test_limits(restored_limit):
    nk.set_num_threads(3)
    assert nk.get_num_threads() == 3
    with nk.threads(1):
        assert nk.get_num_threads() == 1
        with nk.threads(2):
            assert nk.get_num_threads() == 2
        assert nk.get_num_threads() == 1
    assert nk.get_num_threads() == 3
    with pytest.raises(KeyError), nk.threads(2):
        raise KeyError
    assert nk.get_num_threads() == 3


def test_limit_of_a_block_is_that_of_its_thread():
    seen = []
    with nk.threads(7):
        thread = threading.Thread(target=lambda: seen.append(nk.get_num_threads()))
        thread.start()
        thread.join()
    assert seen != [7]


def test_one_context_entered_again_restores_in_order(restored_limit):
    context = nk.threads(2)
    for _ in range(2):
        with context:
            assert nk.get_num_threads() == 2
    assert nk.get_num_threads() == restored_limit


@pytest.mark.parametrize("count", [0, -1, -(2**40)])
@pytest.mark.parametrize("setter", [nk.set_num_threads, nk.threads])
def test_counts_below_one(setter, count, restored_limit):
    with pytest.raises(ValueError, match=f"{count}.*at least 1"):
        setter(count)
    assert nk.get_num_threads() == restored_limit


@pytest.mark.parametrize("count", [1.5, "2", None])
@pytest.mark.parametrize("setter", [nk.set_num_threads, nk.threads])
def test_counts_that_are_none(setter, count, restored_limit):
    with pytest.raises(TypeError):
        setter(count)
    assert nk.get_num_threads() == restored_limit


@pytest.mark.parametrize("count", [1, 2, 5])
def test_environment(count, snippet):
    code = """
        state = nk.zero_state(17)
        nk.h(state, 0)
        tasks = len(__import__("os").listdir("/proc/self/task"))
        print(nk.get_num_threads(), tasks)
        """
    threads, tasks = snippet(code, NUMKET_NUM_THREADS=str(count), OPENBLAS_NUM_THREADS="1").split()
    assert int(threads) == count
    assert int(tasks) <= max(count, 2)


@pytest.mark.parametrize("value", [" 2 ", "2\n", "", "  "])
def test_environment_with_spaces(value, snippet):
    code = "print(nk.get_num_threads(), len(__import__('os').sched_getaffinity(0)))"
    threads, cpus = snippet(code, NUMKET_NUM_THREADS=value).split()
    assert threads == "2" if value.strip() else int(threads) <= int(cpus)


@pytest.mark.parametrize(
    ("numket", "openmp", "count", "by"),
    [
        ("", "3", 3, "OMP_NUM_THREADS"),
        ("2", "3", 2, "NUMKET_NUM_THREADS"),
        ("", " 4,2", 4, "OMP_NUM_THREADS"),
        ("", "", None, "the CPUs of the process"),
        ("", "0", None, "the CPUs of the process"),
        ("", "many", None, "the CPUs of the process"),
    ],
)
def test_environment_of_openmp(numket, openmp, count, by, snippet):
    """Its first number, where numket's own says nothing; what makes no sense is left alone."""
    code = """
        from numket import _core
        before = nk.get_num_threads()
        assert _core.config()["threads"] == before
        print(before, _core.config()["threads_by"], sep=";")
        with nk.threads(7):
            print(_core.config()["threads_by"])
        nk.set_num_threads(5)
        print(_core.config()["threads_by"])
        """
    found, *later = snippet(code, NUMKET_NUM_THREADS=numket, OMP_NUM_THREADS=openmp).splitlines()
    threads, said = found.split(";")
    assert said == by
    assert count is None or int(threads) == count
    assert later == ["numket.threads", "numket.set_num_threads"]


def test_threadpoolctl_sees_and_limits_the_threads(restored_limit):
    threadpools.register()
    threadpools.register()
    nk.set_num_threads(4)

    def seen():
        [pool] = (p for p in threadpool_info() if p["user_api"] == "numket")
        assert Path(pool["filepath"]).name == Path(nk._core.__file__).name
        assert pool["version"] == nk.__version__
        return pool["num_threads"]

    assert seen() == 4
    with threadpool_limits(1):
        assert seen() == nk.get_num_threads() == 1
    with threadpool_limits(1, user_api="blas"):
        assert seen() == 4
    assert seen() == nk.get_num_threads() == 4


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "99999999999999999999999"])
def test_environment_that_makes_no_sense(value):
    """It is refused at once, not at the first call that is large enough to use it."""
    said = refused_import(NUMKET_NUM_THREADS=value)
    assert "NUMKET_NUM_THREADS" in said
    assert value in said


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_the_default_follows_the_cpus_of_the_process(snippet):
    snippet(
        """
        import os, time
        cpus = os.sched_getaffinity(0)
        before = nk.get_num_threads()
        os.sched_setaffinity(0, {min(cpus)})
        while nk.get_num_threads() != 1:
            time.sleep(0.1)
        os.sched_setaffinity(0, cpus)
        while nk.get_num_threads() != before:
            time.sleep(0.1)
        """
    )


def test_each_task_has_its_own_limit():
    seen = []

    async def task(count, turns):
        with nk.threads(count):
            for _ in range(turns):
                await asyncio.sleep(0)
                seen.append((count, nk.get_num_threads()))

    async def both():
        before = nk.get_num_threads()
        await asyncio.gather(task(3, 2), task(5, 4), task(7, 3))
        assert nk.get_num_threads() == before

    asyncio.run(both())
    assert len(seen) == 9
    assert all(count == found for count, found in seen)


def test_threads_start_when_first_needed(snippet):
    """Importing, and small states, start no thread."""
    code = """
        import os
        print(len(os.listdir("/proc/self/task")))
        nk.h(nk.zero_state(4), 0)
        print(len(os.listdir("/proc/self/task")))
        """
    assert snippet(code, OPENBLAS_NUM_THREADS="1").split() == ["1", "1"]


FORK = """
    import os, signal, sys, threading, warnings
    from helpers import PATIENCE, N, hits, in_flight
    warnings.simplefilter("ignore")
    signal.alarm(PATIENCE)
    state = oracle.random_state(np.random.default_rng(1), 18)

    def series(state):
        for qubit in range(18):
            nk.h(state, qubit, threads=2)
            nk.cx(state, qubit, (qubit + 1) % 18, threads=3)
        return state

    def in_child(task):
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            signal.alarm(PATIENCE)
            try:
                os._exit(0 if task() else 1)
            except BaseException as error:
                print(error, flush=True)
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
    """


def test_fork_after_use(snippet):
    snippet(
        FORK
        + """
    expected = series(state.copy())
    same = lambda: np.array_equal(series(state.copy()), expected)
    in_child(same)
    in_child(lambda: (in_child(same), True)[1])
    assert same()
    """
    )


def test_fork_while_a_call_is_in_flight(snippet):
    """The child has no other thread, so nothing is in flight in it."""
    snippet(
        FORK
        + """
    busy = nk.zero_state(N)
    expected = series(state.copy())
    with in_flight(busy):
        assert hits(lambda: nk.z(busy[:2], 0))
        in_child(lambda: [nk.h(busy, 0)])
        in_child(lambda: np.array_equal(series(state.copy()), expected))
    """
    )


def test_multiprocessing_with_fork(snippet):
    snippet(
        FORK
        + """
    import multiprocessing
    expected = series(state.copy())
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for result in pool.map(series, [state] * 4):
            assert np.array_equal(result, expected)
    """
    )


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_workers_leave_the_callers_cpu_to_it_and_stay_where_the_process_may_run(snippet):
    snippet("""
        import os
        allowed = os.sched_getaffinity(0)
        state = nk.zero_state(16)
        for cpu in sorted(allowed)[:4]:
            os.sched_setaffinity(0, {cpu})  # the calling thread only
            for _ in range(3):
                nk.h(state, 0, threads=2)
        os.sched_setaffinity(0, allowed)
        for _ in range(50):
            nk.h(state, 0, threads=2)
        tasks = [int(task) for task in os.listdir("/proc/self/task")]
        name = lambda task: open(f"/proc/self/task/{task}/comm").read()
        [worker] = [task for task in tasks if name(task).startswith("numket")]
        places = os.sched_getaffinity(worker)
        assert places < allowed if len(allowed) > 1 else places == allowed
        assert len(places) == max(1, len(allowed) - 1)
    """)


def test_exit_while_a_call_is_in_flight(snippet):
    """The interpreter ends well although a daemon thread is at work."""
    snippet(
        """
        import contextlib, threading
        from helpers import LONG, N, hits
        state = nk.zero_state(N)
        def work():
            while True:
                with contextlib.suppress(nk.BufferInUseError):
                    nk.apply(state, LONG, range(7))
        threading.Thread(target=work, daemon=True).start()
        assert hits(lambda: nk.norm(state[:2]))
        """
    )
