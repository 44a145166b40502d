"""Trajectories and sweeps on the engines that people have: the same bits as in one process."""

import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

import numket as nk
import oracle
from helpers import PATIENCE, Draws
from helpers_executors import Inline, ansatz, assert_same_bits, chain, fails, noisy, table, weight
from numket import _executors

HERE = Path(__file__).parent


class Later(Executor):
    """Does nothing by itself."""

    def __init__(self):
        self.futures = []

    def submit(self, call, /, *args):
        self.futures.append(Future())
        if len(self.futures) == 1:
            self.futures[0].set_result(call(*args))
        return self.futures[-1]


@contextmanager
def loky():
    executor = get_reusable_executor(max_workers=2)
    yield executor
    executor.shutdown()


ENGINES = {
    "threads": lambda: ThreadPoolExecutor(3),
    "spawn": lambda: ProcessPoolExecutor(2, multiprocessing.get_context("spawn")),
    "forkserver": lambda: ProcessPoolExecutor(2, multiprocessing.get_context("forkserver")),
    "loky": loky,
}


@pytest.fixture(scope="module", params=ENGINES)
def executor(request):
    with ENGINES[request.param]() as made:
        yield made


def test_engines(executor):
    assert_same_bits(executor)


def test_fork_after_the_parent_has_used_its_threads(snippet):
    snippet(
        """
        import multiprocessing, warnings
        from concurrent.futures import ProcessPoolExecutor
        from helpers_executors import assert_same_bits
        warnings.simplefilter("ignore")  # from Python 3.12 on, of fork beside threads
        nk.h(nk.zero_state(18), 0, threads=2)
        with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as executor:
            assert_same_bits(executor)
        """
    )


DASK = """
    import warnings
    warnings.simplefilter("default")
    from dask.distributed import Client, LocalCluster
    from helpers_executors import assert_same_bits
    if __name__ == "__main__":
        with (
            LocalCluster(
                2, processes=PROCESSES, threads_per_worker=1, dashboard_address=':0'
            ) as cluster,
            Client(cluster) as client,
        ):
    """


@pytest.mark.parametrize("processes", [True, False])
def test_dask(processes, snippet):
    """Also arrays that came from one process to another, and so begin anywhere."""
    snippet(
        DASK.replace("PROCESSES", str(processes))
        + """
            assert_same_bits(client.get_executor())
            if PROCESSES:
                assert client.submit(nk.get_num_threads).result() == 1
                assert_same_bits(client.get_executor())
                for n in range(1, 12):
                    psi = oracle.random_state(np.random.default_rng(n), n)
                    assert client.submit(nk.norm, psi).result() == nk.norm(psi)
                    back = client.submit(nk.zero_state, n).result()
                    assert nk.Circuit(n).expectation("Z", qubits=0, state=back) == 1
                    back = np.require(back, requirements=["A", "W"])
                    nk.x(back, 0)
                    assert back[2 ** (n - 1)] == 1
        """.replace("PROCESSES", str(processes))
    )


def test_mpi4py(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from mpi4py.futures import MPIPoolExecutor\n"
        "from helpers_executors import assert_same_bits\n"
        "if __name__ == '__main__':\n"
        "    with MPIPoolExecutor() as executor:\n"
        "        assert_same_bits(executor)\n"
        "        print('the same')\n"
    )
    mpiexec = Path(sys.prefix, "bin", "mpiexec")
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    ended = subprocess.run(
        [mpiexec, "-n", "3", sys.executable, "-m", "mpi4py.futures", program],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.stdout.strip() == "the same", ended.stderr[-4000:]


def test_workers_of_joblib_have_the_threads_that_it_gives_them(snippet):
    snippet(
        """
        import joblib
        with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
            found = joblib.Parallel()(joblib.delayed(nk.get_num_threads)() for _ in range(4))
        assert found == [1] * 4
        """,
        NUMKET_NUM_THREADS="",
    )


def test_blocks_use_one_thread_unless_told_otherwise():
    seen = []

    def threads(state):
        seen.append(nk.get_num_threads())
        return 0

    for count in None, 1, 3:
        noisy().trajectories(nk.zero_state(4), threads, 2, [0.1], executor=Inline(), threads=count)
    assert seen == [1, 1, 1, 1, 3, 3]


@pytest.mark.parametrize("shots", [1, 2, 63, 64, 65, 1000])
@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.SFC64])
def test_blocks_draw_what_one_process_draws(shots, bits, dtype):
    """However many runs a block has; the generator then goes on as if it had drawn all."""
    circuit, psi = noisy(3), oracle.random_state(np.random.default_rng(1), 3, dtype)
    alone, same = np.random.Generator(bits(7)), np.random.Generator(bits(7))
    expected = circuit.trajectories(psi, chain(3), shots, [0.3], rng=alone)
    found = circuit.trajectories(psi, chain(3), shots, [0.3], rng=same, executor=Inline())
    assert found.mean == expected.mean
    assert found == expected or shots == 1
    assert alone.random() == same.random()


@pytest.mark.parametrize("n", [2, 9, 17])
@pytest.mark.parametrize("points", [0, 1, 2, 65, 130])
def test_sweeps_are_batches(n, points, rng):
    """In blocks of any size."""
    if n == 17:
        points = min(points, 3)
    circuit = nk.Circuit(n).ry(nk.Parameter("a"), range(n)).cx(0, 1).rx(nk.Parameter("b"), 1)
    rows = rng.uniform(-3, 3, (points, 2))
    values, slopes = circuit.gradient("Z" * n, rows, batch=1)
    for options in {}, {"progress": lambda *_: None}, {"executor": Inline()}, {"threads": 2}:
        found = circuit.sweep("Z" * n, rows, gradient=True, **options)
        assert np.array_equal(found[0], values)
        assert np.array_equal(found[1], slopes)
        found = circuit.sweep("Z" * n, rows, **options)
        assert np.array_equal(found, circuit.expectation("Z" * n, rows, batch=1))


def test_tables_of_any_shape(rng):
    circuit, points = ansatz(), rng.uniform(-3, 3, (2, 5, 3))
    expected = circuit.gradient(chain(), points.reshape(10, 3), batch=1)
    for params in points, dict(zip("abc", np.moveaxis(points, -1, 0), strict=True)):
        values, slopes = circuit.sweep(chain(), params, gradient=True, executor=Inline())
        assert np.array_equal(values, expected[0].reshape(2, 5))
        assert np.array_equal(slopes, expected[1].reshape(2, 5, 3))
    outer = circuit.sweep(chain(), {"a": [[0.1], [0.2]], "b": [1, 2, 3], "c": 0.5})
    assert outer.shape == (2, 3)
    assert outer[1, 2] == circuit.expectation(chain(), [0.2, 3, 0.5])
    one = circuit.sweep(chain(), [0.2, 3, 0.5], gradient=True)
    assert type(one[0]) is float
    assert one[0] == outer[1, 2]
    assert one[1].shape == (3,)
    assert circuit.sweep(chain(), np.zeros((0, 4, 3)), gradient=True)[1].shape == (0, 4, 3)
    assert circuit.sweep(chain(), np.zeros((0, 3)), executor=Inline()).shape == (0,)
    nothing = nk.Circuit(2).h(0)
    assert nothing.sweep("ZI", []) == nothing.expectation("ZI")
    assert nothing.sweep("ZI", np.zeros((4, 0)), executor=Inline()).shape == (4,)


def test_sweeps_from_a_state(rng, dtype):
    """Which is only read, wherever it lies."""
    psi, points = oracle.random_state(rng, 4, dtype), rng.uniform(-3, 3, (7, 3))
    raw = bytearray(psi.nbytes + 1)
    anywhere = np.frombuffer(raw, psi.dtype, psi.size, 1)
    anywhere[:] = psi
    anywhere.flags.writeable = False
    each = [ansatz().gradient("XX", row, (1, 3), state=psi) for row in points]
    values = [ansatz().expectation("XX", row, (1, 3), state=psi) for row in points]
    assert np.array_equal(ansatz().sweep("XX", points, (1, 3), state=psi), values)
    for state in psi, anywhere, psi.reshape((2,) * 4).copy(order="F"), nk.Ket(psi):
        for executor in None, Inline():
            found = ansatz().sweep(
                "XX", points, (1, 3), gradient=True, state=state, executor=executor
            )
            assert np.allclose(found[0], [value for value, _ in each], atol=1e-6)
            assert np.allclose(found[1], [slopes for _, slopes in each], atol=1e-6)


def test_sums_that_are_not_hermitian():
    total = 1j * chain()
    found = ansatz().sweep(total, table(), executor=Inline())
    assert found.dtype == np.complex128
    assert np.array_equal(found, ansatz().expectation(total, table(), batch=1))


def test_progress():
    for executor in None, Inline():
        for call in (
            lambda **options: ansatz().sweep("ZIII", table(100), **options),
            lambda **options: noisy().trajectories(nk.zero_state(4), "ZIII", 100, [0], **options),
        ):
            seen = []
            call(executor=executor, progress=lambda *both, to=seen: to.append(both))
            assert seen == sorted(seen)
            assert seen[-1] == (100, 100)
            assert len(seen) == (64 if executor or "sweep" in call.__code__.co_names else 1)
            call(executor=executor, progress=True)


def test_what_has_not_begun_is_cancelled():
    for call in (
        lambda **options: ansatz().sweep("ZIII", table(100), **options),
        lambda **options: noisy().trajectories(nk.zero_state(4), "ZIII", 100, [0], **options),
    ):
        executor = Later()
        with pytest.raises(ZeroDivisionError):
            call(executor=executor, progress=lambda *_: 1 / 0)
        assert len(executor.futures) == 64
        assert all(future.cancelled() for future in executor.futures[1:])


def test_errors_of_workers(executor):
    with pytest.raises(LookupError, match="of the observable"):
        noisy().trajectories(nk.zero_state(4), fails, 20, [0], executor=executor)
    with pytest.raises(ValueError, match="Hermitian"):
        nk.Circuit(1).ry(nk.Parameter("a"), 0).sweep(
            1j * nk.PauliSum({"Z": 1}), [[0.1], [0.2]], gradient=True, executor=executor
        )
    assert executor.submit(int).result(PATIENCE) == 0


def test_functions_that_cannot_be_sent():
    refused = pytest.raises(TypeError, match="'observable' is a function that cannot be sent")
    with ENGINES["spawn"]() as executor, refused:
        noisy().trajectories(nk.zero_state(4), lambda psi: 0, 20, [0], executor=executor)
    with loky() as executor:
        found = noisy().trajectories(nk.zero_state(4), lambda psi: 2, 20, [0], executor=executor)
    assert found == (2, 0, 20)


class InterpreterPoolExecutor(ThreadPoolExecutor):
    """As that of Python 3.14."""


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"observable": "Z"}, ValueError, "1 letters for 4 qubits"),
        ({"observable": weight}, TypeError, "'observable' is neither"),
        ({"params": [[0.1] * 2]}, ValueError, "'params' has shape"),
        ({"params": [[0.1, 0.2, np.nan]]}, ValueError, "finite"),
        ({"params": {"a": 1}}, KeyError, "no value"),
        ({"params": {"a": 1, "b": 2, "c": 3, "d": 4}}, KeyError, "has a value for"),
        ({"params": None}, TypeError, "'params' has dtype object"),
        ({"qubits": [0, 0]}, ValueError, "twice|repeat"),
        ({"qubits": [9]}, ValueError, "9"),
        ({"state": nk.zero_state(3)}, ValueError, "'state' has 3 qubits and the circuit has 4"),
        ({"state": np.zeros((2, 16), complex)}, ValueError, "'state' has shape"),
        ({"state": np.zeros(16)}, TypeError, "'state' has dtype float64"),
        ({"state": 5}, TypeError, "'state' is a int"),
        ({"executor": 5}, TypeError, "'executor' is a int"),
        ({"executor": InterpreterPoolExecutor()}, TypeError, "ProcessPoolExecutor"),
        ({"threads": 0}, ValueError, "'threads' is 0"),
        ({"progress": 5}, TypeError, "'progress' is a int"),
        ({"gradient": 5}, TypeError, "gradient"),
        ({"circuit": noisy(), "params": [[0]]}, ValueError, "'apply_kraus'.*trajectories"),
        ({"circuit": nk.Circuit(4).reset(1), "params": [[]]}, ValueError, "'reset'.*trajectories"),
    ],
)
def test_refusals_of_sweeps(change, error, words):
    given = {"circuit": ansatz(), "observable": chain(), "params": table(3)} | change
    with pytest.raises(error, match=f"(?s){words}"):
        given.pop("circuit").sweep(given.pop("observable"), given.pop("params"), **given)


def test_refusals_of_trajectories():
    with pytest.raises(TypeError, match="ProcessPoolExecutor"):
        noisy().trajectories(nk.zero_state(4), "ZIII", 2, [0], executor=InterpreterPoolExecutor())
    with pytest.raises(TypeError, match="'rng' is a Draws"):
        noisy().trajectories(
            nk.zero_state(4), "ZIII", 2, [0], rng=Draws(np.zeros(5)), executor=Inline()
        )
    with ThreadPoolExecutor(1) as ended:
        pass
    with pytest.raises(RuntimeError):
        ansatz().sweep(chain(), table(3), executor=ended)


def test_what_is_sent_stays_the_same():
    for value in noisy(), ansatz(), chain(), nk.Parameter("a") * 2 + 1:
        assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 1000, 10**12])
def test_blocks_cover_everything_once(count):
    blocks = _executors.ranges(count)
    assert len(blocks) == min(count, 64)
    assert [block.start for block in blocks[1:]] == [block.stop for block in blocks[:-1]]
    if count:
        assert (blocks[0].start, blocks[-1].stop) == (0, count)
        assert max(map(len, blocks)) - min(map(len, blocks)) <= 1
