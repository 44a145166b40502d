"""States in files: as in memory, in as little of it as is said, and never silently torn."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import numket as nk
import oracle
from helpers_mpi import brickwork, qft, random_circuit
from numket import _core, _tiles, files
from numket.bench.compare import workloads

SMALL = "8KiB"
"""Tiles of 2**8 amplitudes in complex128, of 2**9 in complex64."""


def saved(folder, state, name="psi.npy"):
    path = Path(folder) / name
    np.save(path, state)
    return path


@pytest.fixture(autouse=True)
def shared(tmp_path, monkeypatch):
    """Where tiles are during a test, after which none is left."""
    folder = _tiles.SHARED if _tiles.SHARED.exists() else tmp_path.parent
    with tempfile.TemporaryDirectory(dir=folder) as own:
        monkeypatch.setattr(_tiles, "SHARED", Path(own))
        yield Path(own)
        assert os.listdir(own) == []


def close(found, expected, operations):
    """Whether rounding explains the difference, of as many operations on states of norm 1."""
    eps = np.finfo(expected.dtype).eps
    return np.linalg.norm(found - expected) <= 4 * operations * eps * np.linalg.norm(expected)


@pytest.mark.parametrize("seed", range(12))
def test_random_circuits(seed, dtype, tmp_path):
    """Of all operations, with controls and parameters: as in memory."""
    rng = np.random.default_rng(seed)
    n = 9 + seed % 4
    circuit, values = random_circuit(rng, n, 40)
    expected = oracle.random_state(rng, n, dtype)
    path = saved(tmp_path, expected)
    circuit.run(expected, values)
    with nk.FileState(path, memory=SMALL) as state:
        done = state.run(circuit, values)
        size = expected.nbytes * done.passes
        assert (done.bytes_read, done.bytes_written) == (size, size)
        assert state.norm() == pytest.approx(np.linalg.norm(expected), rel=1e-6)
        for qubits in (0, [n - 1, 0, 4], list(range(7))):
            found = state.probabilities(qubits)
            assert abs(found - nk.probabilities(expected, qubits)).max() < 1e-6
    assert close(np.load(path), expected, len(circuit))
    assert sorted(os.listdir(tmp_path)) == [path.name]


def test_expectation(dtype, tmp_path, rng):
    """Of strings whose X and Y fit into a tile together, and of those that do not."""
    state = oracle.random_state(rng, 11, dtype)
    with nk.FileState(saved(tmp_path, state), memory=SMALL) as file:
        assert file.expectation("I" * 11) == pytest.approx(1, abs=1e-6)
        for count, kind in ((1, float), (60, float), (60, complex)):
            terms = {
                "".join(rng.choice(list("IIIIXYZZ"), 11)): rng.normal() + 1j * (kind is complex)
                for _ in range(count)
            }
            terms |= {"X" + "I" * 9 + "Y": 0.3, "Z" * 11: -0.7, "Z" + "I" * 10: 0.1}
            observable = nk.PauliSum(terms)
            found, expected = file.expectation(observable), observable.expectation(state)
            assert type(found) is kind
            assert abs(found - expected) < 200 * np.finfo(dtype).eps
        with pytest.raises(ValueError, match="X or Y on 11 qubits, and a tile has"):
            file.expectation("X" * 11)
        with pytest.raises(ValueError, match="'observable' has 3 qubits and the state has 11"):
            file.expectation("XYZ")
        with pytest.raises(TypeError, match="'observable' is a list"):
            file.expectation([1, 2])


@pytest.mark.parametrize("private", [False, True])
def test_bytes_are_those_of_the_kernel(private, tmp_path, monkeypatch):
    """One read and one write of the file in each pass, with tiles in shared memory or without."""
    if private:
        monkeypatch.setattr(_tiles, "SHARED", tmp_path / "missing")
    n, circuit = 18, brickwork(18, 6)
    expected = nk.zero_state(n)
    circuit.run(expected)

    def counted():
        lines = Path("/proc/self/io").read_text().splitlines()
        numbers = dict(line.split(": ") for line in lines)
        return np.array([int(numbers["rchar"]), int(numbers["wchar"])])

    with nk.FileState.zero_state(tmp_path / "psi", n, memory="1MiB") as state:
        plan = circuit.explain(memory="1MiB")
        before = counted()
        done = state.run(circuit)
        moved = counted() - before
        size = 16 << n
        assert plan.passes == done.passes > 1
        assert plan.bytes == done.bytes_read + done.bytes_written == 2 * size * done.passes
        assert abs(moved - size * done.passes).max() < 0.02 * size * done.passes
    found = np.fromfile(tmp_path / "psi", complex)
    assert close(found, expected, len(circuit))


def test_the_whole_state_in_memory(tmp_path, rng):
    """Then there is one tile."""
    state = oracle.random_state(rng, 8)
    path = saved(tmp_path, state)
    nk.h(state, 0)
    with nk.FileState(path) as file:
        assert file.run(nk.Circuit(8).h(0)).passes == 1
        assert repr(file).startswith(f"FileState({str(path)!r}, num_qubits=8, dtype=complex128")
    assert (np.load(path) == state).all()


def test_a_new_file(dtype, tmp_path):
    """NumPy reads it, and its amplitudes begin with a page."""
    nk.FileState.zero_state(tmp_path / "psi.npy", 9, dtype).close()
    found = np.load(tmp_path / "psi.npy")
    assert found.dtype == dtype
    assert (found == nk.zero_state(9)).all()
    assert np.load(tmp_path / "psi.npy", mmap_mode="r").offset == files.PAGE


def test_no_operations(tmp_path):
    with nk.FileState.zero_state(tmp_path / "psi", 10, memory=SMALL) as state:
        assert state.run(nk.Circuit(10)) == files.Run(0, 0, 0)
        assert not state.journal.exists()


def test_a_tensor_and_a_mapped_array(tmp_path, rng):
    """As arrays in files may be: also behind a header of another length, or in a part of a file."""
    expected = oracle.random_state(rng, 10)
    path = saved(tmp_path, expected.reshape((2,) * 10))
    circuit = brickwork(10, 3)
    circuit.run(expected)
    with nk.FileState(path, memory=SMALL) as state:
        state.run(circuit)
    assert close(np.load(path).reshape(-1), expected, len(circuit))

    both = np.memmap(tmp_path / "two", complex, "w+", 64, (2, 2**10))
    both[:] = [oracle.random_state(rng, 10), oracle.random_state(rng, 10)]
    first, second = both.copy()
    circuit.run(second)
    circuit.run(both[1], memory=SMALL)
    assert (both[0] == first).all()
    assert close(both[1], second, len(circuit))
    seen = []
    circuit.inverse().run(both[1], memory=SMALL, progress=lambda *told: seen.append(told))
    assert seen[-1] == (len(seen), len(seen))


def test_progress(tmp_path):
    with nk.FileState.zero_state(tmp_path / "psi", 12, memory=SMALL) as state:
        seen = []
        circuit = nk.Circuit(12).h(range(12))
        done = state.run(circuit, progress=lambda *told: seen.append(told))
        total = 16 * done.passes
        assert seen == [(number + 1, total) for number in range(total)]
        state.run(circuit, progress=True)


def test_explain():
    """Passes and bytes of the circuits of the study, beforehand."""
    for circuit, passes in ((brickwork(27), 4), (qft(27), 3), (qft(27)[:-13], 2)):
        plan = circuit.explain(memory="512MiB")
        assert (plan.local_qubits, plan.parts) == (24, 8)
        assert plan.passes <= passes
        assert plan.bytes == 2 * plan.passes * (16 << 27)
        text = str(plan)
        assert f"in 8 tiles of 24 qubits: {plan.passes} passes over the file" in text
        assert "pass 1" in text
        assert "to move at 1 GB/s" in text
        assert plan._repr_html_().count("pass ") >= plan.passes
        rows = set(range(27 - files.ROW_BITS[-1], 27))
        assert all(rows <= set(segment.local) for segment in plan.segments)


def test_parts_that_cannot_be():
    for circuit, given, match in (
        (nk.Circuit(0), {"memory": "1GB"}, "the circuit has no qubits; 'memory' needs one"),
        (nk.Circuit(0), {"ranks": 1}, "the circuit has no qubits; 'ranks' needs one"),
        (nk.Circuit(3), {"local_qubits": 0}, "'local_qubits' is 0; parts have qubits: use 1 to 3"),
        (nk.Circuit(3), {"local_qubits": 4}, "'local_qubits' is 4; parts have qubits: use 1 to 3"),
    ):
        with pytest.raises(ValueError, match=match):
            circuit.explain(**given)


def test_the_table_of_the_page():
    """Passes and sweeps, as docs/files.md has them."""
    page = (Path(__file__).parents[1] / "docs/files.md").read_text()
    rows = re.findall(r"^\| [^|]+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    found = []
    for make in workloads.WORKLOADS.values():
        row = []
        for n in (30, 34):
            circuit = make(n)
            row += [len(files.passes(circuit, n - 3)), len(circuit.explain().sweeps)]
        found.append(tuple(map(str, row)))
    assert sorted(rows) == sorted(found)
    assert [len(files.passes(workloads.qft(n)[: -(n // 2)], n - 3)) for n in (30, 34)] == [2, 2]


# Runs that are stopped.


def stopped_run(circuit, path, after, error=KeyboardInterrupt):
    """A run that its progress stops after some tiles."""

    def stop(done, total):
        if done == after:
            raise error

    with nk.FileState(path, memory=SMALL) as state, pytest.raises(error) as caught:
        state.run(circuit, progress=stop)
    return caught.value.__notes__


@pytest.mark.parametrize("after", [1, 3, 4, 6])
def test_resume(after, dtype, tmp_path, rng):
    circuit = nk.Circuit(11).h(range(11)).rx(nk.Parameter("a"), 3)
    expected = oracle.random_state(rng, 11, dtype)
    path = saved(tmp_path, expected)
    circuit = brickwork(11, 3)
    circuit.run(expected)
    notes = stopped_run(circuit, path, after)
    assert len(notes) == 1
    assert re.match(
        r"numket stopped in pass \d of \d, with \d of \d tiles? done; '.*journal'", notes[0]
    )
    with nk.FileState(path, memory="1MiB") as state:  # more memory changes nothing
        for call in (lambda: state.run(circuit), state.norm, lambda: state.probabilities(0)):
            with pytest.raises(ValueError, match=r"a run was stopped.*resume\(circuit, params\)"):
                call()
        with pytest.raises(ValueError, match=r"is not that of the run that was stopped"):
            state.resume(circuit.copy().x(0))
        rest = state.resume(circuit)
        assert not state.journal.exists()
        assert rest.bytes_written < expected.nbytes * len(circuit.segments(8, always=2).segments)
        assert state.norm() == pytest.approx(1, abs=1e-5)
    assert close(np.load(path), expected, len(circuit))


def test_resume_asks_for_the_same_values(tmp_path):
    circuit = nk.Circuit(10).ry(nk.Parameter("a"), range(10))
    path = saved(tmp_path, nk.zero_state(10))

    def stop(done, total):
        raise RuntimeError("enough")

    with nk.FileState(path, memory=SMALL) as state:
        with pytest.raises(RuntimeError, match="enough"):
            state.run(circuit, {"a": 0.5}, progress=stop)
        with pytest.raises(ValueError, match=r"'circuit' or 'params' is not that of the run"):
            state.resume(circuit, {"a": 0.6})
        state.resume(circuit, [0.5])
        assert state.probabilities(3) == pytest.approx(np.cos([0.25, 0.25 - np.pi / 2]) ** 2)
        with pytest.raises(ValueError, match=r"no run was stopped in .*: use run"):
            state.resume(circuit, {"a": 0.5})


def test_abandon(tmp_path):
    path = saved(tmp_path, nk.zero_state(10))
    stopped_run(nk.Circuit(10).h(range(10)), path, 1)
    with nk.FileState(path, memory=SMALL) as state:
        state.abandon()
        assert not state.journal.exists()
        assert state.norm() == pytest.approx(1)  # of a state that no circuit makes
        state.abandon()


def test_stopped_at_the_end(tmp_path):
    path, circuit = saved(tmp_path, nk.zero_state(10)), nk.Circuit(10).h(range(10))
    tiles = 4 * circuit.explain(memory=SMALL).passes
    [note] = stopped_run(circuit, path, tiles)
    assert note == "numket stopped after the last tile; the state is what the circuit makes"
    assert np.load(path) == pytest.approx(2.0**-5)


def test_nothing_written(tmp_path):
    """Ctrl-C before the first tile is written: the state is as it was."""
    path = saved(tmp_path, nk.zero_state(10))

    with nk.FileState(path, memory=SMALL) as state, pytest.MonkeyPatch.context() as patch:

        def refuse(*_):
            raise KeyboardInterrupt

        patch.setattr(files._Work, "_compute", refuse)
        with pytest.raises(KeyboardInterrupt) as caught:
            state.run(nk.Circuit(10).h(0))
        assert caught.value.__notes__ == [
            "numket stopped before anything was written; the state is as it was"
        ]
    assert (np.load(path) == nk.zero_state(10)).all()


PROGRAM = """
import os, signal, sys
sys.path[:0] = {tests!r}
from pathlib import Path
import numket as nk
from helpers_mpi import brickwork
from numket import _tiles

path, place, count, shared = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
_tiles.SHARED = Path(shared)
seen = 0

def before(module, name):
    real = getattr(module, name)
    def call(*args, **options):
        global seen
        seen += 1
        if seen == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **options)
    setattr(module, name, call)

before(*{{
    "write": (os, "pwritev"), "sync": (os, "fdatasync"), "journal": (os, "replace"),
    "noted": (os, "fsync"), "read": (os, "preadv"), "end": (Path, "unlink"),
}}[place])
with nk.FileState(path, memory="8KiB") as state:
    state.run(brickwork(10, 3), threads=1)
raise SystemExit("it was not killed")
"""


def killed(path, place, count, shared):
    """A process that ends in the middle of a run, without any last words."""
    tests = [str(Path(__file__).parent), str(Path(nk.__file__).parents[1])]
    program = PROGRAM.format(tests=tests)
    run = [sys.executable, "-c", program, str(path), place, str(count), str(shared)]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(
    ("place", "count"),
    [
        *(("write", 1), ("write", 7), ("write", 40), ("sync", 2), ("journal", 1), ("journal", 2)),
        *(("journal", 3), ("noted", 2), ("noted", 5), ("read", 9), ("end", 1), ("end", 2)),
    ],
)
def test_a_killed_process(place, count, shared, tmp_path, rng):
    """Wherever it was: nothing is lost, as tiles are in memory that outlives it."""
    circuit = brickwork(10, 3)
    expected = oracle.random_state(rng, 10)
    path = saved(tmp_path, expected)
    begun = expected.copy()
    circuit.run(expected)
    killed(path, place, count, shared)
    with nk.FileState(path, memory=SMALL) as state:
        if state.journal.exists():
            state.resume(circuit)
        else:  # at the very beginning
            assert (np.load(path) == begun).all()
            state.run(circuit)
    assert close(np.load(path), expected, len(circuit))
    assert os.listdir(tmp_path) == [path.name]


def test_ctrl_c(tmp_path, rng):
    """A signal, at any time: the run stops between two tiles, and another process goes on."""
    circuit = brickwork(14, 12)
    expected = oracle.random_state(rng, 14)
    path = saved(tmp_path, expected)
    circuit.run(expected)
    program = PROGRAM.format(tests=[str(Path(__file__).parent), str(Path(nk.__file__).parents[1])])
    program = program.partition("path, place")[0] + (
        "with nk.FileState(sys.argv[1], memory='32KiB') as state:\n"
        "    state.run(brickwork(14, 12), progress=lambda done, _: print(done, flush=True))\n"
    )
    run = [sys.executable, "-c", program, str(path)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(run, text=True, **pipes) as process:
        assert process.stdout.readline() == "1\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert re.search(r"KeyboardInterrupt\nnumket stopped in pass \d+ of \d+, with \d+ of 16", said)
    with nk.FileState(path, memory=SMALL) as state:
        state.resume(circuit)
    assert close(np.load(path), expected, len(circuit))


def test_a_killed_process_without_shared_memory(tmp_path, monkeypatch):
    """The tile that it was writing is named; where none was, the run goes on."""
    path = saved(tmp_path, nk.zero_state(10))
    monkeypatch.setattr(_tiles, "SHARED", tmp_path / "missing")
    killed(path, "write", 7, _tiles.SHARED)
    with nk.FileState(path, memory=SMALL) as state:
        with pytest.raises(ValueError, match=r"tile \d of pass \d was being written .* is lost"):
            state.resume(brickwork(10, 3))
        state.abandon()
    path = saved(tmp_path, nk.zero_state(10))
    killed(path, "journal", 4, _tiles.SHARED)
    with nk.FileState(path, memory=SMALL) as state:
        state.resume(brickwork(10, 3))
        assert state.norm() == pytest.approx(1)


@pytest.mark.parametrize("private", [False, True])
def test_a_full_disk(private, tmp_path, monkeypatch):
    """A write that fails is named, with its tile; with shared memory the run goes on later."""
    if private:
        monkeypatch.setattr(_tiles, "SHARED", tmp_path / "missing")
    path, circuit = saved(tmp_path, nk.zero_state(10)), brickwork(10, 3)
    real, left = os.pwritev, 6

    def full(file, parts, at):
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(28, "No space left on device")
        return real(file, parts, at)

    with nk.FileState(path, memory=SMALL) as state:
        monkeypatch.setattr(os, "pwritev", full)
        with pytest.raises(OSError, match=r"writing tile \d of 4 failed: No space left") as caught:
            state.run(circuit)
        assert caught.value.errno == 28
        note = caught.value.__notes__[0]
        assert ("is written in part, and lost" in note) == private
        monkeypatch.setattr(os, "pwritev", real)
        if private:
            with pytest.raises(ValueError, match="is lost"):
                state.resume(circuit)
            state.abandon()
            return
        state.resume(circuit)
    expected = nk.zero_state(10)
    circuit.run(expected)
    assert close(np.load(path), expected, len(circuit))


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(("name", "late"), [("fsync", True), ("replace", False), ("replace", True)])
def test_a_journal_that_is_not_written(name, late, kept, tmp_path, monkeypatch, rng):
    """Whichever time it fails, and after or before it is done: the error says what then holds."""
    if not kept:
        monkeypatch.setattr(_tiles, "SHARED", tmp_path / "missing")
    circuit, real = nk.Circuit(10).h([3, 9]).cx(0, 9), getattr(os, name)
    begun = oracle.random_state(rng, 10)
    expected = begun.copy()
    circuit.run(expected)
    notes = set()
    for count in range(1, 100):
        path, left = saved(tmp_path, begun), count

        def failing(*args):
            nonlocal left
            left -= 1
            if name == "replace" and (left or late):
                real(*args)
            if not left:
                raise OSError(28, "No space left on device")

        with nk.FileState(path, memory=SMALL) as state, monkeypatch.context() as patch:
            patch.setattr(os, name, failing)
            try:
                state.run(circuit)
                break
            except OSError as error:
                told, [note] = str(error), error.__notes__
            patch.undo()
            assert str(path) in told
            assert not state.journal.with_suffix(".journal.new").exists()
            notes.add(re.search("before|after|lost|resume", note)[0])
            if "after" in note:
                assert not state.journal.exists()
            elif "before" in note:
                assert (np.load(path) == begun).all()
                state.run(circuit)
            elif "lost" in note:
                with pytest.raises(ValueError, match="is lost"):
                    state.resume(circuit)
                state.abandon()
                continue
            else:
                state.resume(circuit)
        assert close(np.load(path), expected, len(circuit))
    assert notes >= {"before", "resume"} | (set() if kept else {"lost"})
    assert left > 0


def test_the_state_of_a_journal(tmp_path, rng):
    """A run goes on in no other state than that in which it was stopped."""
    circuit, states = nk.Circuit(10).h(range(10)), np.empty((2, 2**10), complex)
    states[:] = [oracle.random_state(rng, 10) for _ in states]
    path, expected = tmp_path / "two", states[0].copy()
    states.tofile(path)
    circuit.run(expected)
    both = np.memmap(path, complex, "r+", shape=states.shape)

    def stop(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        circuit.run(both[0], memory=SMALL, progress=stop)
    with nk.FileState(both[1], memory=SMALL) as state:
        for call in (state.norm, lambda: state.run(circuit)):
            with pytest.raises(ValueError, match="a run was stopped"):
                call()
        with pytest.raises(ValueError, match=r"is of a run in another state \(inode .* byte 0, "):
            state.resume(circuit)
    with nk.FileState(both[0], memory=SMALL) as state:
        state.resume(circuit)
    assert close(both[0], expected, len(circuit))
    assert (both[1] == states[1]).all()

    path = saved(tmp_path, nk.zero_state(10))
    stopped_run(circuit, path, 1)
    path.rename(tmp_path / "moved.npy")
    with pytest.raises(FileExistsError, match=r"of a run in an earlier file.*psi.npy.journal"):
        nk.FileState.zero_state(path, 10)
    saved(tmp_path, nk.zero_state(10))
    with nk.FileState(path, memory=SMALL) as state:
        with pytest.raises(ValueError, match="is of a run in another state"):
            state.resume(circuit)
        state.abandon()


def test_a_file_that_shrinks(tmp_path):
    path = saved(tmp_path, nk.zero_state(10))
    with nk.FileState(path, memory=SMALL) as state:
        os.truncate(path, 4096)
        with pytest.raises(
            OSError, match=r"reading tile \d of 4 failed: the file has become short"
        ):
            state.norm()


# Refusals.


def test_one_at_a_time(tmp_path):
    """Another process, or another object of this one, is refused until the first lets go."""
    path = saved(tmp_path, nk.zero_state(8))
    program = f"import numket as nk\nnk.FileState({str(path)!r})"
    with nk.FileState(path):
        with pytest.raises(nk.BufferInUseError, match="open in another FileState"):
            nk.FileState(path)
        root = str(Path(nk.__file__).parents[1])
        run = [sys.executable, "-c", f"import sys\nsys.path.insert(0, {root!r})\n{program}"]
        done = subprocess.run(run, capture_output=True, text=True)
        assert "BufferInUseError" in done.stderr
    state = nk.FileState(path)
    del state  # which lets go of the file
    nk.FileState(path).close()


def test_one_call_at_a_time(tmp_path):
    """While a run goes on, in this thread or another one, the state refuses everything else."""
    path, circuit = saved(tmp_path, nk.zero_state(10)), nk.Circuit(10).h(range(10))
    tried, expected = [], nk.zero_state(10)
    circuit.run(expected)
    state = nk.FileState(path, memory=SMALL)
    calls = (
        *(lambda: state.run(circuit), lambda: state.resume(circuit), state.abandon, state.close),
        *(state.norm, lambda: state.probabilities(0), lambda: state.expectation("Z" * 10)),
    )

    def try_all(done, total):
        for call in calls:
            for within in (call, lambda call=call: pool.submit(call).result()):
                with pytest.raises(nk.BufferInUseError, match="another call is at work"):
                    within()
                tried.append(call)

    with ThreadPoolExecutor(1) as pool:
        passes = state.run(circuit, progress=try_all).passes
    assert len(tried) == 2 * len(calls) * 4 * passes
    assert state.norm() == pytest.approx(1)
    state.close()
    assert close(np.load(path), expected, len(circuit))


def test_files_that_hold_no_state(tmp_path, rng):
    state = oracle.random_state(rng, 6)
    path = saved(tmp_path, state)
    os.truncate(path, path.stat().st_size - 16)
    with pytest.raises(
        ValueError, match=r"is shorter than its state: it has 1008 bytes .* take 1024"
    ):
        nk.FileState(path)
    raw = tmp_path / "raw"
    state.tofile(raw)
    for wrong, match in (
        ({"num_qubits": 7}, "is shorter than its state"),
        ({"num_qubits": 5}, "is longer than its state"),
        ({"num_qubits": 6, "dtype": "complex64"}, "is longer than its state"),
        ({"num_qubits": -1}, "-1"),
        ({"memory": 4000}, "'memory' is 4000 bytes; two tiles must fit"),
        ({"memory": "eight"}, "'memory' is 'eight'; it must be a number of bytes"),
        ({"memory": "8 GiX"}, "'memory' is '8 GiX'"),
        ({"memory": "9" * 400 + "GB"}, "'memory' is '999"),
    ):
        with pytest.raises(ValueError, match=match):
            nk.FileState(raw, **wrong)
    for wrong in ({"dtype": "float64"}, {"dtype": ">c16"}, {"memory": True}, {"memory": 1e9}):
        with pytest.raises(TypeError, match=f"'{next(iter(wrong))}' is"):
            nk.FileState(raw, **wrong)
    with pytest.raises(TypeError, match=r"the dtype of .* is float64"):
        nk.FileState(saved(tmp_path, state.real))
    with pytest.raises(ValueError, match=r"has shape \(2, 2\) in Fortran order"):
        nk.FileState(saved(tmp_path, np.asfortranarray(np.eye(2, dtype=complex))))
    with pytest.raises(ValueError, match=r"has shape \(6,\)"):
        nk.FileState(saved(tmp_path, state[:6]))
    with pytest.raises(FileNotFoundError):
        nk.FileState(tmp_path / "missing.npy")
    os.mkfifo(tmp_path / "fifo")
    for odd in (tmp_path / "fifo", tmp_path, "/dev/null"):
        with pytest.raises(OSError, match="no regular file"):
            nk.FileState(odd)
    for few in (state[:1], state[0]):
        with pytest.raises(ValueError, match="has no qubits"):
            nk.FileState(saved(tmp_path, few))
    with pytest.raises(ValueError, match="'num_qubits' is 0"):
        nk.FileState.zero_state(tmp_path / "none", 0)
    with pytest.raises(OSError, match=r"too large|No space"):
        nk.FileState.zero_state(tmp_path / "none", 62)
    with pytest.raises(FileExistsError):
        nk.FileState.zero_state(raw, 6)
    with pytest.raises(TypeError, match=r"'dtype' is complex64, and .* has complex128"):
        nk.FileState(saved(tmp_path, state), dtype="complex64")
    with pytest.raises(ValueError, match=r"'num_qubits' is 5, and the array in .* has 6"):
        nk.FileState(saved(tmp_path, state), num_qubits=5)


def test_arrays_that_change_no_file(tmp_path, rng):
    path = saved(tmp_path, oracle.random_state(rng, 6))
    circuit = nk.Circuit(6).h(0)
    for mode in ("r", "c"):
        with pytest.raises(ValueError, match=f"mode '{mode}', which does not change its file"):
            circuit.run(np.load(path, mmap_mode=mode), memory=SMALL)
    with pytest.raises(TypeError, match="'path' is an array in memory"):
        circuit.run(nk.zero_state(6), memory=SMALL)
    mapped = np.load(path, mmap_mode="r+")
    with pytest.raises(ValueError, match="2\\*\\*n amplitudes in C order"):
        circuit.run(mapped.reshape((2,) * 6).T, memory=SMALL)
    path.rename(tmp_path / "moved.npy")
    saved(tmp_path, nk.zero_state(6))
    with pytest.raises(ValueError, match=r"no longer at '.*psi.npy': open it anew"):
        circuit.run(mapped, memory=SMALL)
    assert (np.load(path) == nk.zero_state(6)).all()
    with pytest.raises(ValueError, match="'memory' is given with a batch"):
        circuit.run(mapped.reshape(1, -1), memory=SMALL, batch=1)


def test_a_file_that_may_not_be_written(tmp_path):
    path = saved(tmp_path, nk.zero_state(6))
    path.chmod(0o400)
    if os.access(path, os.W_OK):
        pytest.skip("this user may write everything")
    with pytest.raises(PermissionError):
        nk.FileState(path)


def test_circuits_that_are_refused(tmp_path):
    with nk.FileState.zero_state(tmp_path / "psi.npy", 10, memory=SMALL) as state:
        for circuit, match in (
            (nk.Circuit(9).h(0), "the state has 10 qubits and the circuit has 9"),
            (nk.Circuit(10).measure(0), "operation 0 of the circuit, 'measure'"),
            (
                nk.Circuit(10).apply_pauli("X" * 10),
                "'apply_pauli', mixes 8 qubits, and 6 have room",
            ),
        ):
            with pytest.raises(ValueError, match=match):
                state.run(circuit)
        with pytest.raises(KeyError):
            state.run(nk.Circuit(10).rx(nk.Parameter("a"), 0), {})
        with pytest.raises(TypeError, match="'circuit' is a str"):
            state.run("circuit")
        with pytest.raises(TypeError, match="'progress' is a int"):
            state.run(nk.Circuit(10), progress=3)
        with pytest.raises(ValueError, match="threads"):
            state.run(nk.Circuit(10).h(0), threads=0)
        with pytest.raises(ValueError, match="10"):
            state.probabilities(10)
        with pytest.raises(ValueError, match="twice"):
            state.probabilities([1, 1])
        assert not state.journal.exists()
        assert state.norm() == 1
    for call in (lambda: state.run(nk.Circuit(10)), state.norm, state.abandon):
        with pytest.raises(ValueError, match="is closed"):
            call()


def test_a_journal_that_is_none(tmp_path, shared):
    """Nor does one that was changed have anything removed but tiles, or anything overwritten."""
    path = saved(tmp_path, nk.zero_state(10))
    circuit = nk.Circuit(10).h(range(10))
    stopped_run(circuit, path, 1)
    told = json.loads((tmp_path / "psi.npy.journal").read_text())
    kept, other = path.read_bytes(), tmp_path / "other"
    other.write_text("precious")
    with nk.FileState(path, memory=SMALL) as state:
        for change in (
            {"circuit": 1}, {"tile": "1"}, {"segment": True}, {"held": 1}, {"tiles": str(other)},
            {"tiles": ""}, {"tile_bits": 8.0},
        ):  # fmt: skip
            state.journal.write_text(json.dumps(told | change))
            for call in (lambda: state.resume(circuit), state.abandon):
                with pytest.raises(ValueError, match="is no journal of a run"):
                    call()
        for change, match in (
            ({"tile": 4}, "is no journal of this run"),
            ({"segment": -1}, "is no journal of this run"),
            ({"tile_bits": 70}, "is no journal of this run"),
            ({"tile_bits": 0}, "is no journal of this run"),
            ({"tile_bits": 9}, "cut into other segments"),
            ({"held": True}, "is lost"),
        ):
            state.journal.write_text(json.dumps(told | change))
            with pytest.raises(ValueError, match=match):
                state.resume(circuit)
        (shared / Path(told["tiles"]).name).write_text("too short")
        with pytest.raises(ValueError, match="is lost"):
            state.resume(circuit)
        state.abandon()
    assert (path.read_bytes(), other.read_text()) == (kept, "precious")


def test_ctrl_c_while_tiles_are_made(tmp_path, monkeypatch):
    """Nothing is left of them."""

    def interrupted(*_):
        raise KeyboardInterrupt

    with nk.FileState.zero_state(tmp_path / "psi", 12, memory=SMALL) as state:
        monkeypatch.setattr(_tiles.mmap, "mmap", interrupted)
        with pytest.raises(KeyboardInterrupt) as caught:
            state.run(nk.Circuit(12).h(0))
        assert "before anything was written" in caught.value.__notes__[0]
        assert not state.journal.exists()


def test_no_room_for_the_tiles(tmp_path, monkeypatch):
    with nk.FileState.zero_state(tmp_path / "psi", 12, memory=SMALL) as state:
        monkeypatch.setattr(_core, "free_memory", lambda: 1000)
        with pytest.raises(MemoryError, match="the tiles need 8192 bytes, and 1000 are free"):
            state.run(nk.Circuit(12).h(0))
        with pytest.raises(MemoryError, match="ask for fewer qubits"):
            state.probabilities(range(12))


def test_a_disk_without_room(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        nk.FileState.zero_state(tmp_path / "psi.npy", 10)
    assert os.listdir(tmp_path) == []


def test_advice(tmp_path, monkeypatch):
    """A large state in a file is told of `memory`, where it does not fit into what is free."""
    mapped = np.load(saved(tmp_path, nk.zero_state(10)), mmap_mode="r+")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        files.advise(mapped)
        monkeypatch.setattr(_core, "free_memory", lambda: 10000)
        files.advise(np.zeros(10**6))
    with pytest.warns(RuntimeWarning, match=r"has 16 KiB, of which .* run\(state, memory="):
        files.advise(mapped.reshape((2,) * 10)[:])
